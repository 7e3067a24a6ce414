"""The files for a whole class: the answers of all, the tables for grading, and what course systems import.

When everybody's worksheets are there ``making.py`` has :func:`part` called for each of :func:`names`, by other
processes. The exercises of all are read one person at a time. A new document for all is a row of :data:`DOCUMENTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from derive import choices
from derive.documents._tree import Document
from derive.worksheets import _person, keys
from derive.worksheets._papers import Papers
from derive.worksheets._person import Task
from derive.worksheets.model import Worksheet

COURSES = "worksheets.courses"
COURSE = "for "  # before the name of a course system, which may be that of a document
GRADING = "grading.csv"

DOCUMENTS: dict[str, Callable[[Worksheet, Sequence[Papers]], Document]] = {
    "answers": keys.answers_document,
    "grading": keys.grading_table,
    "errors": keys.error_table,
}
"""The documents for all, by the names of their files."""


def names(key: bool, courses: Sequence[str]) -> list[str]:
    """What is made for a class, one by one."""
    return [*(DOCUMENTS if key else ()), *([GRADING] if key else ()), *(COURSE + course for course in courses)]


def part(task: Task, papers: Sequence[Papers], name: str) -> dict[str, bytes]:
    """The files of one of :func:`names`, by their paths in the folder for the class."""
    if name == GRADING:
        return {GRADING: keys.grading_csv(task.sheet, papers).encode()}
    if name in DOCUMENTS:
        return _person.written(DOCUMENTS[name](task.sheet, papers), task.formats, name, task.options)
    course = name.removeprefix(COURSE)
    with _person.scratch() as place:
        written = choices.load(COURSES, course).write(task.sheet, papers, Path(place), course)
        return {path.relative_to(place).as_posix(): path.read_bytes() for path in written}
