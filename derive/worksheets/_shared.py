"""The files for a whole class: the answers of all, the tables for grading, and what course systems import.

When everybody's worksheets are there ``making.py`` has :func:`part` called for each of :func:`names`, by other
processes, which write into a folder from where it takes what is whole. The exercises of all are read one person at a
time. A new document for all is a row of :data:`DOCUMENTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from derive import choices, files
from derive.documents._tree import Document
from derive.worksheets import _person, keys
from derive.worksheets._papers import KeptPapers, Papers
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


def part(task: Task, papers: KeptPapers, place: Path, name: str) -> list[str]:
    """Write the files of one of :func:`names` into a folder; their paths in it."""
    with files.unsaved():  # saved when they are taken
        return [path.relative_to(place).as_posix() for path in _written(task, papers, place, name)]


def _written(task: Task, papers: KeptPapers, place: Path, name: str) -> list[Path]:
    if name == GRADING:
        return [files.write_text(place / GRADING, keys.grading_csv(task.sheet, papers.outlines()))]
    if name in DOCUMENTS:
        shown = DOCUMENTS[name](task.sheet, papers.outlines())
        return _person.written(shown, place, name, task.formats, task.options)
    course = name.removeprefix(COURSE)
    written: list[Path] = choices.load(COURSES, course).write(task.sheet, papers, place, course)
    return written
