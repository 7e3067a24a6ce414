"""One person's worksheet: from the person to the bytes of all files, in whatever process has time for it.

Called by ``making.py`` through a pool or a cluster. Nothing is written here but scratch files that are gone at the
end: what a process makes that is killed is lost as a whole. What everybody's answers key, grading table and import
files need of a person is packed (``_papers.py``) and kept in the folder, so that they are never all in memory.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from derive import choices, files
from derive.documents import _widths, pdf
from derive.documents._many import Source, many_pdfs
from derive.documents._remarks import Remark, remarked
from derive.documents._tree import Document, Options, as_node
from derive.errors import DeriveError
from derive.files import OutputError
from derive.steps import Derivation, Status, Value
from derive.tree import Node, Number, children
from derive.worksheets import drawing, keys
from derive.worksheets._digests import engine
from derive.worksheets._manifest import KEY, Record
from derive.worksheets._papers import packed
from derive.worksheets.model import Exercise, Item, Student, Worksheet
from derive.write.text import text

UNDECIDED = 3
REMEMBERED = 4_096  # parts of formulas whose sizes are remembered
PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Task:
    """What is made for every person. Without formats nothing is written, only drawn, derived and verified.

    With ``accept`` a worksheet is made even when a step is undecided. ``engine`` is the derive that is to do it.
    """

    sheet: Worksheet
    formats: tuple[str, ...] = ()
    key: bool = True
    accept: bool = False
    options: Options = field(default_factory=Options)
    engine: str = ""

    def outputs(self) -> tuple[str, ...]:
        """What comes of the task, as the manifest says it."""
        return tuple(name + end for end in (("", KEY) if self.key else ("",)) for name in self.formats)


@dataclass(frozen=True, slots=True)
class Person:
    """Who gets a worksheet, what the names of the files begin with, and the hash of all they are made from."""

    student: Student
    stem: str
    content: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What came of a person: the line for the manifest, the bytes of the files by their paths, the packed papers.

    ``remarks`` are on how the documents were made.
    """

    record: Record
    files: Mapping[str, bytes]
    papers: bytes = b""
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class NoRoom:
    """In place of worksheets: scratch files could not be written, which would be the same for everybody."""

    message: str


def made_elsewhere(task: Task, people: Sequence[Person]) -> list[Made] | NoRoom:
    """The same as :func:`made`, in a process that may have another derive, which is refused, and several threads."""
    if task.engine != engine():
        raise DeriveError("a worker of the cluster runs another version of derive, or of what it stands on",
                          "install the same versions everywhere")
    with _ALONE:
        return made(task, people)


_ALONE = Lock()  # the libraries that draw figures are not made for several threads


def made(task: Task, people: Sequence[Person]) -> list[Made] | NoRoom:
    """The worksheets of some people. What goes wrong with one of them is in the record, and the others are made."""
    try:
        with scratch() as place:
            begun = [_begun(task, person, place) for person in people]
            _set(task, begun)
            return [made.whole() for made in begun]
    except OutputError as error:
        return NoRoom(error.message)
    except OSError as error:
        return NoRoom(f"{error.filename or tempfile.gettempdir()}: {error.strerror or error}")


@dataclass(slots=True)
class _Begun:
    """A worksheet that is being made: its line, its files so far, and the sources of the PDFs that are to be set."""

    record: Record
    files: dict[str, bytes] = field(default_factory=dict)
    papers: bytes = b""
    sources: dict[str, Source] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()

    def whole(self) -> Made:
        return Made(self.record, {}) if self.record.error else Made(self.record, self.files, self.papers, self.remarks)


def _begun(task: Task, person: Person, place: Path) -> _Begun:
    student = person.student
    record = Record(student.id, person.stem, person.content, student.name, dict(student.columns))
    begun = _Begun(record)
    try:
        exercises = tuple(_exercise(task.sheet, item, student) for item in task.sheet.items)
        begun.record = _described(record, task, exercises)
        _release(exercises, task.accept)
        with remarked() as found:
            _document_files(task, person, exercises, place, begun)
        begun.remarks = tuple(found)
    except OutputError:
        raise
    except DeriveError as error:
        begun.record = failed(begun.record, error)
    return begun


def _set(task: Task, people: Sequence[_Begun]) -> None:
    """Set the PDFs of some people together, which is quicker."""
    waiting = [(begun, name, source) for begun in people if not begun.record.error
               for name, source in begun.sources.items()]
    if not waiting:
        return
    results = many_pdfs([source for _, _, source in waiting])
    for (begun, name, _), result in zip(waiting, results, strict=True):
        if isinstance(result, DeriveError):
            begun.record = failed(begun.record, result)
        else:
            begun.files[name] = result


def failed(record: Record, error: DeriveError) -> Record:
    """The record of someone for whom there is no worksheet."""
    return replace(record, error=str(error), cause=getattr(error, "cause", ""), exit_code=error.exit_code)


def _exercise(sheet: Worksheet, item: Item, student: Student) -> Exercise:
    try:
        variant = drawing.variant(sheet, item, student)
        mode = choices.load("worksheets.modes", item.mode)
        made: Exercise = mode.exercise(variant, item.options, drawing.chance(sheet, item, student, "mode"))
    except DeriveError as error:
        if not error.message.startswith(item.id):
            error.message = f"{item.id}: {error.message}"
        raise
    return made


# --- what is verified ----------------------------------------------------------------------------


class UndecidedError(DeriveError):
    """A step could not be decided, so that the worksheet is not handed out."""

    exit_code = UNDECIDED


class FalseStepError(DeriveError):
    """A step is false, so that the worksheet is not handed out."""

    exit_code = 1


def _release(exercises: Sequence[Exercise], accept: bool) -> None:
    """Refuse what is not verified. A false step is never accepted: no document shows one."""
    for exercise in exercises:
        name, counts = exercise.variant.item.id, verdicts(exercise.variant.derivation)
        if wrong := counts[Status.REFUTED.value]:
            raise FalseStepError(f"{name}: {_steps(wrong)} refuted", "derive solve shows which, on the same problem")
        if (open_ := counts[Status.UNDECIDED.value]) and not accept:
            raise UndecidedError(f"{name}: {_steps(open_)} not decided", "with --accept it is handed out, marked")


def _steps(number: int) -> str:
    return "1 step is" if number == 1 else f"{number} steps are"


def verdicts(derivation: Derivation) -> Counter[str]:
    """How many steps carry each verdict; a step without one is as good as undecided."""
    counts = Counter(derivation.verdicts())
    counts[Status.UNDECIDED.value] += sum(step.verdict is None for step in derivation.all_steps())
    return counts


# --- what is told of it --------------------------------------------------------------------------


def _described(record: Record, task: Task, exercises: Sequence[Exercise]) -> Record:
    items = [exercise.variant.item for exercise in exercises]
    total: Counter[str] = Counter()
    for exercise in exercises:
        total.update(verdicts(exercise.variant.derivation))
    return replace(
        record,
        seeds=tuple(f"{task.sheet.seed}/{item.id}/{item.version}/{record.student}" for item in items),
        items=tuple(map(measured, exercises)),
        verdicts={s.value: total[s.value] for s in Status if total[s.value]},
    )


def measured(exercise: Exercise) -> dict[str, Any]:
    """An exercise in figures: what was drawn and at which try, and how much work the derivation is.

    ``operations`` are those in the lines of the derivation, ``digits`` those of its longest number, ``widest`` is its
    longest line in em.
    """
    variant = exercise.variant
    shown = list(variant.derivation.steps())
    lines = dict.fromkeys(node for step in shown for node in (step.before, step.after))  # most stand there twice
    sizes = [_size(node) for node in lines]
    operations = dict(zip(lines, (size[0] for size in sizes), strict=True))
    return {
        "id": variant.item.id, "mode": exercise.mode, "points": str(exercise.points), "tries": variant.tries,
        "values": {name: _text(value) for name, value in variant.values.items()},
        "gaps": len(exercise.gaps),
        "steps": sum(1 for _ in variant.derivation.all_steps()),
        "operations": sum(operations[step.after] for step in shown),
        "digits": max((size[1] for size in sizes), default=0),
        "widest": round(max((_widths.width(node, 0) for node in lines), default=0.0)),
    }


def _text(value: Value) -> str:
    node = as_node(value)
    return "" if node is None else text(node)


@lru_cache(maxsize=REMEMBERED)
def _size(node: Node) -> tuple[int, int]:
    """The operations in a formula, and the digits of its longest number; a line shares most parts with the next."""
    if isinstance(node, Number):
        return 0, sum(map(str.isdigit, node.text))
    inner = [_size(part) for part in children(node)]
    if not inner:
        return 0, 0
    return max(1, len(inner) - 1) + sum(size[0] for size in inner), max(size[1] for size in inner)


# --- the files -----------------------------------------------------------------------------------


def _document_files(
    task: Task, person: Person, exercises: Sequence[Exercise], place: Path, begun: _Begun,
) -> None:
    """The files of a person and the sources of the PDFs, by their paths in the folder."""
    if not task.formats:
        return
    shown = [(person.stem, keys.paper_document(task.sheet, person.student, exercises))]
    if task.key:
        shown.append((person.stem + KEY, keys.key_document(task.sheet, person.student, exercises)))
    for stem, document in shown:
        paths = written(document, place, stem, [name for name in task.formats if name != PDF], task.options)
        begun.files |= {path.relative_to(place).as_posix(): path.read_bytes() for path in paths}
        if PDF in task.formats:
            begun.sources[stem + pdf.SUFFIX] = pdf.source(document, place, stem, task.options)
    begun.papers = packed((person.student, tuple(exercises)), person.content)
    begun.record = replace(begun.record, outputs=task.outputs())


def written(document: Document, place: Path, stem: str, formats: Sequence[str], options: Options) -> list[Path]:
    """Write a document in some formats into a folder; the paths of the files, figures included."""
    found: list[Path] = []
    for name in formats:
        paths = choices.load("documents", name).write_document(document, place, stem, options)
        found += paths[:1] if name == PDF else paths  # not the source that TeX took
    return found


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for files that are gone at the end."""
    with tempfile.TemporaryDirectory(prefix="derive-") as name, files.unsaved():
        yield Path(name)
