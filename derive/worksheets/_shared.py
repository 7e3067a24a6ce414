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

WHOLE = ("errors",)
"""Those that grow little with the class. The others have a row for each person, and a file for each group of people."""

GROUP = 100  # people in one of these: setting the answers of 1,000 at once takes 1.3 GB


def names(key: bool, courses: Sequence[str], people: int) -> list[str]:
    """What is made for a class of so many, one by one."""
    documents = [name for kind in DOCUMENTS for name in ([kind] if kind in WHOLE else _numbered(kind, people))]
    return [*(documents if key else ()), *([GRADING] if key else ()), *(COURSE + course for course in courses)]


def _numbered(kind: str, people: int) -> list[str]:
    """``answers``, ``answers-2`` and so on, one for each group."""
    return [kind, *(f"{kind}-{number}" for number in range(2, _groups(people) + 1))]


def _groups(people: int) -> int:
    return max(1, -(-people // GROUP))


def kind(name: str) -> str:
    """Which of :data:`DOCUMENTS` a name is of."""
    return name.partition("-")[0]


def _group(papers: KeptPapers, name: str) -> KeptPapers:
    """The people of a document, in groups of about the same size."""
    if name in WHOLE:
        return papers
    count, place = _groups(len(papers)), int(name.partition("-")[2] or 1)
    return papers.part(len(papers) * (place - 1) // count, len(papers) * place // count)


def part(task: Task, papers: KeptPapers, place: Path, name: str) -> list[str]:
    """Write the files of one of :func:`names` into a folder; their paths in it."""
    with files.unsaved():  # saved when they are taken
        return [path.relative_to(place).as_posix() for path in _written(task, papers, place, name)]


def _written(task: Task, papers: KeptPapers, place: Path, name: str) -> list[Path]:
    if name == GRADING:
        return [files.write_text(place / GRADING, keys.grading_csv(task.sheet, papers.outlines()))]
    if kind(name) in DOCUMENTS:
        shown = DOCUMENTS[kind(name)](task.sheet, _group(papers.outlines(), name))
        return _person.written(shown, place, name, task.formats, task.options)
    course = name.removeprefix(COURSE)
    written: list[Path] = choices.load(COURSES, course).write(task.sheet, papers, place, course)
    return written
