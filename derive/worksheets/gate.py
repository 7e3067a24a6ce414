"""The release gate: every variant of a worksheet drawn, derived and verified before anybody is handed one.

``derive worksheet check`` calls :func:`check`. It says who would have none and why, how many draws the conditions
refused, who has the same numbers as somebody else, how alike the variants are in length and difficulty, which is the
worst page, and what was verified, and remarks on draws that nobody sees. Nothing is written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from statistics import median_low

from derive import progress
from derive.files import OutputError
from derive.pool import Done
from derive.worksheets import _digests, making, seen
from derive.worksheets._manifest import Record
from derive.worksheets._person import NoRoom, Person, Task, failed
from derive.worksheets.making import Failure, Order, Outlook, Report
from derive.worksheets.model import Student, Worksheet

MEASURES = {"steps": "steps", "operations": "opera-\ntions", "digits": "longest\nnumber", "widest": "longest\nline, em"}
"""What is told of each item, by the key of the manifest: how it is headed."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The least, the median and the most of a measure over a class."""

    least: int
    median: int
    most: int


@dataclass(slots=True)
class ItemCheck:
    """One item over all variants: how many draws there were for how many people, and the spread of each measure."""

    id: str
    mode: str
    tries: int = 0
    variants: int = 0
    spreads: dict[str, Spread] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        """Draws that did not satisfy the conditions."""
        return self.tries - self.variants


@dataclass(slots=True)
class Check:
    """What the gate found. ``report`` has the failures and the verdicts; ``same`` are groups of ids with equal numbers.

    ``worst`` says for steps and for the longest line who has most, of which item, and how much. ``remarks`` are what a
    person should look at (:mod:`derive.worksheets.seen`).
    """

    report: Report
    checked: int = 0
    items: list[ItemCheck] = field(default_factory=list)
    same: list[list[str]] = field(default_factory=list)
    drawn: bool = True
    worst: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def exit_code(self) -> int:
        """0 when the worksheet can be handed out."""
        return self.report.exit_code()


def sample(sheet: Worksheet, students: Sequence[Student], size: int | None) -> list[Student]:
    """So many of the students, the same ones each time, in their order; all of them without a size."""
    if size is None or size >= len(students):
        return list(students)
    chosen = sorted(students, key=lambda student: _digests.digest(sheet.seed, student.id))[:size]
    ids = {student.id for student in chosen}
    return [student for student in students if student.id in ids]


def check(sheet: Worksheet, students: Sequence[Student], order: Order, rows: Sequence[Exception] = ()) -> Check:
    """Draw, derive and verify the variants of some students. Of the order, ``accept`` and who works matter."""
    making.refuse_twins(students)
    report = Report(sheet, accepted=order.accept)
    report.rows = [str(row) for row in rows]
    report.remarks = making.unset_names(sheet, students, order.options)
    task = Task(sheet, accept=order.accept, options=order.options, engine=_digests.engine())
    records = _records(task, students, order, report)
    found = [records[student.id] for student in students if student.id in records]
    passed = [student for student in students if student.id in records]
    return Check(
        report, len(students) - report.untried, _items(sheet, found), _same(found),
        any(item.draws for item in sheet.items), _worst(found), seen.remarks(sheet, passed),
    )


def _records(task: Task, students: Sequence[Student], order: Order, report: Report) -> dict[str, Record]:
    """What is known of each person who could be given a worksheet; the others are failures of the report."""
    people = {student.id: Person(student, student.id) for student in students}
    found: dict[str, Record] = {}
    failures: dict[str, Failure] = {}
    outlook = Outlook(task.sheet)
    progress.report("variants", 0, len(people))
    with closing(making.results(task, [[person] for person in people.values()], order)) as waiting:
        for number, done in enumerate(waiting if people else (), 1):
            record = _record(done)
            outlook.saw(record)
            report.verdicts.update(record.verdicts)
            if record.items:
                found[record.student] = record
            if record.error:
                student = people[record.student].student
                failures[record.student] = Failure(student, record.error, record.exit_code, record.cause)
            else:
                report.made.append(record.student)
            progress.report("variants", number, len(people))
            if outlook.is_hopeless():
                break
    report.untried = len(people) - len(report.made) - len(failures)
    made = set(report.made)
    report.made = [name for name in people if name in made]
    report.failures = [failures[name] for name in people if name in failures]
    return found


def _record(done: Done) -> Record:
    """What came of a person."""
    if isinstance(done.value, NoRoom):
        raise OutputError(done.value.message)
    if done.error is not None:
        return failed(Record(done.argument[0].student.id, "", ""), done.error)
    record: Record = done.value[0].record
    return record


def _items(sheet: Worksheet, records: Sequence[Record]) -> list[ItemCheck]:
    found = []
    for i, item in enumerate(sheet.items):
        rows = [record.items[i] for record in records]
        told = ItemCheck(item.id, item.mode, sum(int(row["tries"]) for row in rows), len(rows))
        if rows:
            told.spreads = {name: _spread([int(row[name]) for row in rows]) for name in MEASURES}
        found.append(told)
    return found


def _spread(values: Sequence[int]) -> Spread:
    return Spread(min(values), median_low(values), max(values))


def _same(records: Sequence[Record]) -> list[list[str]]:
    """The people whose numbers are all the same."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for record in records:
        groups[_digests.digest([item["values"] for item in record.items])].append(record.student)
    return [group for group in groups.values() if len(group) > 1]


def _worst(records: Sequence[Record]) -> dict[str, tuple[str, str, int]]:
    """Who has most steps and who the longest line, in which item."""
    found: dict[str, tuple[str, str, int]] = {}
    for name in ("steps", "widest"):
        every = [(int(item[name]), record, item) for record in records for item in record.items]
        if every:
            size, record, item = max(every, key=lambda row: row[0])
            found[name] = (record.student, str(item["id"]), size)
    return found

