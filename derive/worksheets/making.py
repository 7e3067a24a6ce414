"""Worksheets for a whole class: everybody's files, the key for all, the grading table, what course systems import.

``derive worksheet make`` calls :func:`make`. Each person is a job (``_person.py``) for a pool of processes on this
machine or for a cluster; this process alone writes, a person at a time, first the files and then the line of the
manifest, and keeps nobody in memory. What is for the whole class is made at the end, from what was kept of each person.
A person for whom it goes wrong is a line of the report; the others are done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from derive import choices, files, limits, pool, progress
from derive.batch import FAILURES, exit_code
from derive.documents import pdf
from derive.documents._figures import FOLDER as FIGURES
from derive.documents._remarks import Remark, Unset, instead, listed
from derive.documents._template import checked
from derive.documents._tree import Options
from derive.errors import DeriveError, RefutedError
from derive.files import OutputError
from derive.pool import Done
from derive.steps import Status
from derive.worksheets import _digests, _person, keys
from derive.worksheets._manifest import CLASS, KEY, Asked, Manifest, Record, claimed, opened
from derive.worksheets._manifest import NAME as MANIFEST
from derive.worksheets._names import stems
from derive.worksheets._papers import KeptPapers, kept, papers_name
from derive.worksheets._person import UNDECIDED, Made, NoRoom, Person, Task
from derive.worksheets.draws import DRAWS
from derive.worksheets.model import Student, Worksheet

NAME = 200  # characters of the name of a file; longer words of a problem name none
TOGETHER = 20  # people's documents in one run of TeX; more gain little, and are lost together
PROGRESS = "worksheets"
HOPELESS = 6
"""When nobody has a worksheet, and the first ones all have none for the same reason, the others are not tried."""
GO_ON = "the same command with --resume goes on where it ended"


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: formats, the key of each person, course systems, and how it is to be done.

    ``workers`` are the processes (None: one a core, 0: none but this one), ``scheduler`` is the address of a Dask
    scheduler whose workers do it instead. ``resume`` makes only what is missing or changed. With ``accept`` worksheets
    with undecided steps are handed out.
    """

    formats: tuple[str, ...] = ("tex",)
    key: bool = True
    courses: tuple[str, ...] = ()
    options: Options = field(default_factory=Options)
    workers: int | None = None
    scheduler: str = ""
    resume: bool = False
    accept: bool = False
    seconds: float = limits.STUDENT_SECONDS


class Failure(NamedTuple):
    """Somebody without a worksheet, and why: in words, as an exit code, and the cause that others may share."""

    student: Student
    reason: str
    exit_code: int
    cause: str = ""


@dataclass(slots=True)
class Report:
    """What came of a run, without anything that grows with a person's pages.

    ``made`` are the ids of those whose worksheets were made, ``kept`` of those for whom nothing was to do,
    ``failures`` are those who have none. ``untried`` is how many were not tried any more, because the first ones all
    failed for the same reason. ``rows`` are mistakes of the roster, ``foreign`` are files in the folder that are not
    ours, ``left`` those of people who are no longer on the roster. ``remarks`` are sentences on what was
    made, as far as it is not as it was asked for.
    """

    sheet: Worksheet
    folder: Path | None = None
    made: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    untried: int = 0
    rows: list[str] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    files: int = 0
    shared: list[Path] = field(default_factory=list)
    unmade: list[DeriveError] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    accepted: bool = False

    def exit_code(self) -> int:
        """What the command ends with: a false step, someone without a worksheet, an undecided step."""
        codes = {failure.exit_code for failure in self.failures}
        if RefutedError.exit_code in codes:
            return RefutedError.exit_code
        if codes == {UNDECIDED} and not self.rows:
            return UNDECIDED
        if self.failures or self.rows:
            return FAILURES if self.made or self.kept else max(codes, default=DeriveError.exit_code)
        if self.unmade:
            return self.unmade[0].exit_code
        present = [name for name, count in self.verdicts.items() if count]
        return 0 if self.accepted and exit_code(present) == UNDECIDED else exit_code(present)


class Outlook:
    """Whether there is hope for those who come next, after what came of the others.

    There is none when the first ones all were left without numbers for one reason that has nothing to do with who they
    are, such as a condition that never holds. A search to its bound for each of a class is long, and the sheet has to
    be changed whatever comes of it.
    """

    def __init__(self, sheet: Worksheet) -> None:
        self.personal = any(DRAWS[draw.kind].personal for item in sheet.items for draw in item.draws)
        self.causes: list[str] = []
        self.hope = False

    def saw(self, record: Record) -> None:
        """Take note of what came of a person."""
        cause = record.cause or ("" if self.personal else record.error)
        if cause and not record.items:
            self.causes.append(cause)
        else:
            self.hope = True

    def is_hopeless(self) -> bool:
        """Whether the others need not be tried."""
        return not self.hope and len(self.causes) >= HOPELESS and len(set(self.causes)) == 1


def make(
    sheet: Worksheet, students: Sequence[Student], folder: Path, order: Order, rows: Iterable[Exception] = (),
) -> Report:
    """Make the worksheets of a class in a folder. ``rows`` are the mistakes of its roster, for the report.

    Raises :class:`DeriveError` when two students have one id, when the folder is another's or in use, and
    :class:`OutputError` when it cannot be written or the disk is full; what was made until then stays and is known.
    """
    refuse_twins(students)
    order = _possible(order)
    with opened(folder, _sheet_name(sheet)) as manifest:
        run = _Run(sheet, students, manifest, order)
        run.report.rows = [str(row) for row in rows]
        try:
            return run.make()
        except OutputError as error:
            raise OutputError(error.message, f"make room or choose another folder; {GO_ON}") from error


def _possible(order: Order) -> Order:
    """The order with the engine that makes the PDFs. What is missing for it is told before there is a folder."""
    options = checked(order.options)
    for name in order.formats:
        getattr(choices.load("documents", name), "require", _nothing)(options)
    if _person.PDF in order.formats:
        options = pdf.settled(options)
    return replace(order, options=options)


def _nothing(options: Options) -> None:
    """What most formats require."""


def issue(sheet: Worksheet, who: Student | str, folder: Path, order: Order) -> Report:
    """Make one person's worksheet again, as the others in the folder were made. Of the order, who works matters.

    By an id alone the person is taken from the folder's manifest. Raises as :func:`make`, and :class:`DeriveError` when
    there are no worksheets in the folder.
    """
    if not (folder / MANIFEST).exists():
        raise DeriveError(f"there are no worksheets in {folder}", "make them with derive worksheet make")
    with opened(folder, _sheet_name(sheet)) as manifest:
        student = who if isinstance(who, Student) else _known(manifest, who)
        people = {name: _student(record) for name, record in manifest.records.items()} | {student.id: student}
        run = _Run(sheet, list(people.values()), manifest, _possible(_as_before(manifest, sheet, order)))
        return run.make(only=student.id)


def _as_before(manifest: Manifest, sheet: Worksheet, order: Order) -> Order:
    """The order with what was asked for when the folder was filled."""
    said = Asked.read(manifest.head.settings)
    if said is None:
        message = f"{manifest.path} does not say how these worksheets were made"
        raise DeriveError(message, "make them with derive worksheet make")
    options = Options(said.detail, said.engine, sheet.language, sheet.style, template=said.template)
    return replace(order, formats=said.formats, key=said.key, courses=said.courses, options=options, resume=True)


def _known(manifest: Manifest, name: str) -> Student:
    record = manifest.records.get(name)
    if record is None:
        raise DeriveError(f"{manifest.path} knows nobody with the id {name}", "give the roster with --roster FILE")
    return _student(record)


def _student(record: Record) -> Student:
    return Student(record.student, record.name, record.columns)


def _template(options: Options) -> str:
    """The hash of a person's own templates, where there are some."""
    return _digests.folder_digest(options.template) if options.template else ""


def _together(number: int) -> int:
    """How many people's PDFs are set by one run: about twenty, in groups that occupy two or four workers evenly."""
    return max(1, -(-number // (4 * -(-number // (4 * TOGETHER)))))


def _data_files(sheet: Worksheet) -> list[str]:
    """The hashes of the files that the problems name, such as tables of data."""
    places = [(Path(item.source.file).parent, item.source.table) for item in sheet.items]
    paths = [place / word for place, table in places for word in _words(table) if "\n" not in word and len(word) < NAME]
    return [_digests.file_digest(path) for path in paths if path.is_file()]


def _words(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping() | list() | tuple():
            for inner in value.values() if isinstance(value, Mapping) else value:
                yield from _words(inner)


def _sheet_name(sheet: Worksheet) -> str:
    return Path(sheet.file).name or sheet.title


def refuse_twins(students: Iterable[Student]) -> None:
    """Raise :class:`DeriveError` when two students have the same id."""
    counts = Counter(student.id for student in students)
    if twins := [name for name, count in counts.items() if count > 1]:
        raise DeriveError(f"several students have the id {', '.join(twins[:5])}", "ids must differ")


# --- what is told of it --------------------------------------------------------------------------


def told(remarks: Iterable[tuple[Student, Iterable[Remark]]]) -> list[str]:
    """What is to be told of the documents of some people, each thing once; of letters, whose they are."""
    every: dict[str, None] = {}
    people: dict[str, None] = {}
    letters: dict[str, str] = {}
    for student, said in remarks:
        found = {letter: shown for remark in said if isinstance(remark, Unset) for letter, shown in remark.letters}
        every |= {remark: None for remark in said if isinstance(remark, str)}
        if found:
            letters |= found
            people[f"{student.id} {student.name}".rstrip() + f" ({listed(list(found))})"] = None
    if letters:
        every[f"the fonts do not have letters for {listed(list(people))}; they are {instead(letters)}"] = None
    return list(every)


def unset_names(sheet: Worksheet, students: Iterable[Student], options: Options) -> list[str]:
    """The same of PDFs with nothing but the heads of the sheets, before any are made."""
    heads = ((student, keys.paper_document(sheet, student, ())) for student in students)
    return told((student, (Unset(student.id, pdf.letters_missing(head, options)),)) for student, head in heads)


# --- a run ---------------------------------------------------------------------------------------


class _Run:
    """One run over a class, in a folder that is ours."""

    def __init__(self, sheet: Worksheet, students: Sequence[Student], manifest: Manifest, order: Order) -> None:
        self.sheet, self.manifest, self.order = sheet, manifest, order
        self.folder = manifest.folder
        options = order.options
        self.task = Task(sheet, order.formats, order.key, order.accept, options, _digests.engine())
        self.base = _digests.digest(sheet, _data_files(sheet), options, _template(options), self.task.engine)
        names = stems([student.id for student in students])
        self.people = {s.id: Person(s, names[s.id], self._content(s, names[s.id])) for s in students}
        self.old = dict(manifest.records)
        self.report = Report(sheet, self.folder, accepted=order.accept)
        self.remarks: dict[str, tuple[Remark, ...]] = {}
        self.outlook = Outlook(sheet)

    def _content(self, student: Student, stem: str) -> str:
        return _digests.digest(self.base, student, stem)

    def make(self, only: str = "") -> Report:
        """Everybody's files, or one person's, and then those for all."""
        _refuse_other_class(self.manifest)
        blocked = self._blocked()
        free = [person for name, person in self.people.items() if name not in blocked and only in ("", name)]
        todo = self._wanted(free)
        self._begin(blocked)
        for name, reason in blocked.items():
            if only in ("", name):
                self._failed(self.people[name], DeriveError(reason, "move it away"))
        self._work(todo)
        self._share()
        self._end()
        return self.report

    def _wanted(self, people: Sequence[Person]) -> list[Sequence[Person]]:
        """The groups in which worksheets are made; when going on, without those in which nothing is to do."""
        size = _together(len(people)) if self._is_set_together() else 1
        groups = [people[i : i + size] for i in range(0, len(people), size)]
        todo: list[Sequence[Person]] = []
        for group in groups:
            if self.order.resume and all(map(self._fresh, group)):
                for person in group:
                    self._kept(person)
            else:
                todo.append(group)
        return todo

    def _is_set_together(self) -> bool:
        """Whether PDFs are set by TeX, many in one run. Their bytes then depend on who is in the group."""
        return _person.PDF in self.order.formats and pdf.engine(self.order.options) == "tex"

    def _fresh(self, person: Person) -> bool:
        """Whether a person has all that is asked for, unchanged."""
        record = self.old.get(person.student.id)
        return (
            record is not None and not record.error and record.content == person.content
            and (self.order.accept or not record.verdicts.get(Status.UNDECIDED))
            and set(self.task.outputs()) <= set(record.outputs) and self.manifest.holds(record.files)
            and kept(self.folder, record)
        )

    def _kept(self, person: Person) -> None:
        record = self.old[person.student.id]
        self.report.kept.append(person.student.id)
        self.outlook.saw(record)
        self.report.verdicts.update(record.verdicts)
        self.report.files += len(record.files)

    # --- the folder ------------------------------------------------------------------------------

    def _blocked(self) -> dict[str, str]:
        """The people in the way of whose files there are those of somebody else, with a message each."""
        by_stem = {person.stem: name for name, person in self.people.items()}
        found: dict[str, str] = {}
        for path in self.manifest.foreign():
            for stem in _stems_of(path):
                if stem in by_stem and claimed(path, frozenset({stem})):
                    found[by_stem[stem]] = f"{self.folder / path} is in the way: it was not made by derive"
        return found

    def _begin(self, blocked: Mapping[str, str]) -> None:
        ours = [person.stem for name, person in self.people.items() if name not in blocked]
        stems_ = sorted({*ours, *self.manifest.head.stems})
        order, options = self.order, self.order.options
        asked = Asked(order.formats, order.key, order.courses, options.engine, options.detail, options.template)
        head = replace(self.manifest.head, settings=asked.written(), stems=tuple(stems_))
        self.manifest.begin(head, self.old.values())
        self.manifest.tidy()

    def _end(self) -> None:
        """Manifest and report in the order of the roster, so that equal runs leave equal manifests."""
        place = {name: k for k, name in enumerate(self.people)}
        self.report.made.sort(key=place.__getitem__)
        self.report.failures.sort(key=lambda failure: place[failure[0].id])
        records = self.manifest.records
        gone = sorted(name for name in records if name not in self.people)
        self.report.left = gone
        self.report.remarks = told((self.people[name].student, self.remarks[name]) for name in self.people
                                   if name in self.remarks)
        self.manifest.begin(self.manifest.head, [records[name] for name in (*self.people, *gone) if name in records])
        self.report.foreign = self.manifest.foreign()

    # --- everybody -------------------------------------------------------------------------------

    def _work(self, groups: Sequence[Sequence[Person]]) -> None:
        """Make and write while there is hope; groups that no worker survives are made again one by one."""
        total, before = sum(map(len, groups)), len(self.report.failures)
        alone: list[Sequence[Person]] = []
        progress.report(PROGRESS, 0, total)
        for part in (groups, alone):
            for done in self._results(part):
                if done.lost and len(done.argument) > 1:
                    alone += [[person] for person in done.argument]
                else:
                    self._take(done)
                progress.report(PROGRESS, len(self.report.made) + len(self.report.failures) - before, total)
        self.report.untried = total - len(self.report.made) - len(self.report.failures) + before

    def _results(self, groups: Sequence[Sequence[Person]]) -> Iterator[Done]:
        """What comes of groups of people, until there is no hope for the others."""
        if not groups or self.outlook.is_hopeless():
            return
        with closing(results(self.task, groups, self.order)) as waiting:
            for done in waiting:
                yield done
                if self.outlook.is_hopeless():
                    return

    def _take(self, done: Done) -> None:
        people: Sequence[Person] = done.argument
        if isinstance(done.value, NoRoom):
            raise OutputError(done.value.message)
        if done.error is not None:
            for person in people:
                self.outlook.saw(self._failed(person, done.error))
        else:
            for person, made in zip(people, done.value, strict=True):
                self.outlook.saw(made.record)
                self._write(person, made)

    def _failed(self, person: Person, error: DeriveError) -> Record:
        student = person.student
        record = Record(student.id, person.stem, person.content, student.name, dict(student.columns))
        failed = _person.failed(record, error)
        self._write(person, Made(failed, {}))
        return failed

    def _write(self, person: Person, made: Made) -> None:
        """First the files, then the line that says that they are there."""
        record = made.record
        with files.unsaved():  # the hashes tell when some did not outlive a power failure
            if made.papers:
                files.write_bytes(self.folder / papers_name(person.stem), made.papers)
            for name, data in made.files.items():
                files.write_bytes(self.folder / name, data)
        hashes = {name: _digests.bytes_digest(data) for name, data in made.files.items()}
        old = self.old.get(record.student)
        if old is not None and old.content == record.content:  # other formats of the same
            hashes = {**old.files, **hashes}
            record = replace(record, outputs=tuple({*old.outputs, *record.outputs}))
        elif old is not None:
            self._remove(old.files, hashes)
        self.manifest.add(replace(record, files=dict(sorted(hashes.items())), outputs=tuple(sorted(record.outputs))))
        if made.remarks:
            self.remarks[record.student] = made.remarks
        self._count(person, record, len(made.files))

    def _count(self, person: Person, record: Record, number: int) -> None:
        self.report.verdicts.update(record.verdicts)
        if record.error:
            self.report.failures.append(Failure(person.student, record.error, record.exit_code, record.cause))
        else:
            self.report.made.append(record.student)
            self.report.files += number

    def _remove(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        """Files made before that nobody has touched: what stands in them no longer holds."""
        for name, hashed in old.items():
            path = self.folder / name
            if name not in new and _digests.file_digest(path) == hashed:
                with suppress(OSError):
                    path.unlink()

    # --- for all ---------------------------------------------------------------------------------

    def _share(self) -> None:
        """The key for all, the tables and the files for course systems; not again when nothing has changed."""
        records = [self.manifest.records[n] for n in self.people if n in self.manifest.records]
        done = [record for record in records if not record.error]
        head, order = self.manifest.head, self.order
        people = _digests.digest([(r.student, r.content) for r in done])
        content = _digests.digest(people, self.task.outputs(), order.courses)
        if order.resume and head.content == content and head.files and self.manifest.holds(head.files):
            self.report.shared = [self.folder / name for name in head.files]
        elif done and order.formats:
            names = self._shared(KeptPapers(self.folder, [(record.stem, record.content) for record in done]))
            self.report.shared = [self.folder / name for name in names]
            if head.people == people:  # other formats of the same
                names = {n: hashed for n, hashed in head.files.items() if self.manifest.holds({n: hashed})} | names
            else:
                self._remove(head.files, names)
            content = "" if self.report.unmade else content
            self.manifest.head = replace(head, files=names, people=people, content=content)

    def _shared(self, papers: KeptPapers) -> dict[str, str]:
        """Make and write what is for all; the hashes by the paths in the folder."""
        from derive.worksheets import _shared

        wanted = _shared.names(self.order.key, self.order.courses, len(papers))
        found: dict[str, dict[str, str]] = {}
        progress.report("for the class", 0, len(wanted))
        with self.manifest.unfinished() as place:
            work, workers = partial(_shared.part, self.task, papers, place), _workers(self.order, len(wanted))
            for done in pool.finished(work, wanted, workers, modules=modules(self.task.formats)):
                if done.error is not None:
                    self.report.unmade.append(done.error)
                    continue
                found[done.argument] = dict(self._taken(place, done.value))
                progress.report("for the class", len(found), len(wanted))
        return {name: hashed for part in wanted for name, hashed in found.get(part, {}).items()}

    def _taken(self, place: Path, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Put finished files among those for the class; their paths in our folder, and their hashes."""
        for name in names:
            path = files.move(place / name, self.folder / CLASS / name)
            yield f"{CLASS}/{name}", _digests.file_digest(path)


def results(task: Task, groups: Sequence[Sequence[Person]], order: Order) -> Generator[Done, None, None]:
    """The results of groups of people as they are finished, on this machine or on a cluster; closing it stops them."""
    seconds = order.seconds * max(map(len, groups), default=1)
    if order.scheduler:
        from derive.worksheets import _cluster

        elsewhere = partial(_person.made_elsewhere, task)
        yield from _cluster.finished(elsewhere, groups, order.scheduler, seconds=seconds)
        return
    tries = pool.TRIES if max(map(len, groups), default=1) == 1 else 1  # groups are made again one by one
    yield from pool.finished(
        partial(_person.made, task), groups, _workers(order, len(groups)), seconds=seconds, tries=tries,
        modules=modules(task.formats, task.sheet),
    )


def _workers(order: Order, jobs: int) -> int | None:
    """No more processes than jobs."""
    return order.workers if order.workers == 0 else min(order.workers or pool.cores(), jobs)


def modules(formats: Sequence[str], sheet: Worksheet | None = None) -> list[str]:
    """What every worker needs, so that it is imported once; what a sheet's problems need too, where it is known."""
    items = sheet.items if sheet else ()
    chosen = [
        ("documents", formats), ("kinds", sorted({str(item.source.table.get("kind", "")) for item in items})),
        ("worksheets.modes", sorted({item.mode for item in items})),
    ]
    named = [f"derive.{folder}.{name.replace('-', '_')}" for folder, wanted in chosen for name in wanted
             if name in choices.names(folder)]
    return ["derive.worksheets._person", *(["derive.figures._ready"] if formats else ()), *named]


def _refuse_other_class(manifest: Manifest) -> None:
    """The files for all are ours, or there are none yet."""
    place = manifest.folder / CLASS
    if not manifest.path.exists() and place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise DeriveError(f"{place} is there and was not made by derive", "choose another folder with -o DIR")


def _stems_of(path: str) -> list[str]:
    """The stems that a file may belong to."""
    first = Path(path).name.partition(".")[0]
    if path.startswith(f"{FIGURES}/"):
        words = first.split("-")
        starts = ["-".join(words[:i]) for i in range(1, len(words))]
    else:
        starts = [first]
    return [*starts, *(start.removesuffix(KEY) for start in starts)]
