"""Rosters: a CSV file to the people who get a sheet, or what is wrong with it and in which line.

Called by the commands of worksheets. The first line names the columns; the sheet says which of them is the id and which
make up the name. Everything in a cell is text and nothing else. A row that cannot be used is an error with its line,
and the others are used. Where semicolons stand between the cells, as a spreadsheet saves them whose decimals have a
comma, such numbers are read in the columns that are drawn as numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from derive import limits
from derive.errors import DeriveError, LimitError, ProblemError
from derive.read.columns import Cells, read_cells
from derive.read.fields import nearest
from derive.worksheets.draws import DRAWS, settings, with_point
from derive.worksheets.model import Student, Worksheet

PURPOSE = "save the roster as CSV in UTF-8: a line of column names, then a line for each person"


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of a roster in its order, and an error for each row that could not be used."""

    students: tuple[Student, ...]
    errors: tuple[ProblemError, ...] = ()


def read_roster(path: Path, sheet: Worksheet) -> Roster:
    """The people in a CSV file, by the columns that the sheet names.

    DeriveError for a file that cannot be used as a whole: missing, not UTF-8, empty, without a column that the sheet
    or one of its draws names, with two columns of one name.
    """
    try:
        cells = read_cells(path, PURPOSE)
    except LimitError:
        raise
    except DeriveError as error:
        raise DeriveError(error.message, PURPOSE) from error
    return roster_of(cells, sheet)


def roster_of(cells: Cells, sheet: Worksheet) -> Roster:
    """The people in the cells of a roster; errors as :func:`read_roster`."""
    names = _columns(cells, sheet)
    if len(cells.rows) > limits.ROSTER_ROWS:
        raise ProblemError(cells.file, 0, f"{len(cells.rows):,} people are too many: at most {limits.ROSTER_ROWS:,}")
    commas = _Commas(cells, names, sheet)
    students: dict[str, Student] = {}
    lines: dict[str, int] = {}
    errors = []
    for line, row in cells.rows:
        try:
            student = commas.read(_student(row, line, names, sheet, cells.file), line)
            if student.id in students:
                message = f'the id "{student.id}" stands in line {lines[student.id]} too'
                raise ProblemError(cells.file, line, message, "each person has an id of their own; the first is used")
        except ProblemError as error:
            errors.append(error)
            continue
        students[student.id], lines[student.id] = student, line
    return Roster(tuple(students.values()), tuple(errors))


def _columns(cells: Cells, sheet: Worksheet) -> tuple[str, ...]:
    """The names of the columns. ProblemError where one that is needed is missing, or one is there twice."""
    names = cells.names
    if names is None:
        raise ProblemError(cells.file, 1, "the first line has a number where the names of the columns belong", PURPOSE)
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise ProblemError(cells.file, 1, f'the column "{twice[0]}" is there twice', "give one another name")
    for wanted in (sheet.id_column, *sheet.name_columns):
        if wanted not in names:
            known = f"its columns are {', '.join(map(repr, names))}"
            hint = nearest(wanted, names)
            message = f'the roster has no column "{wanted}"; {known}'
            raise ProblemError(cells.file, 1, message, hint or f"say which in the sheet: {_EXAMPLE}")
    for item in sheet.items:
        for draw in item.draws:
            if DRAWS[draw.kind].personal and (wanted := settings(draw)[draw.kind]) not in names:
                message = f'{draw.name}: the roster {cells.file} has no column "{wanted}"'
                hint = nearest(wanted, names) or f"its columns are {', '.join(names)}"
                raise ProblemError(sheet.file, draw.line, message, hint)
    return names


class _Commas:
    """Decimal commas in the columns of numbers of a roster with semicolons; elsewhere everything stays as it is."""

    def __init__(self, cells: Cells, names: Sequence[str], sheet: Worksheet) -> None:
        drawn = [draw for item in sheet.items for draw in item.draws if DRAWS[draw.kind].reads_number]
        wanted = {settings(draw)[draw.kind] for draw in drawn} if cells.separator == ";" else set()
        self.file = cells.file
        self.columns = {name: "".join(row[k] for _, row in cells.rows if k < len(row))
                        for k, name in enumerate(names) if name in wanted}

    def read(self, student: Student, line: int) -> Student:
        """The person with points in these columns. ProblemError where a sign may be that of thousands."""
        if not self.columns:
            return student
        found = dict(student.columns)
        for name, all_cells in self.columns.items():
            cell = found[name].strip()
            if _THOUSANDS.fullmatch(cell) and "," in all_cells and "." in all_cells:
                message = f'the column "{name}" has {cell!r}, and both commas and points: which of them is the decimal?'
                raise ProblemError(self.file, line, message, "write the decimals of the column with one of them, and "
                                   "nothing between the thousands")
            found[name] = with_point(cell)
        return replace(student, columns=found)


_THOUSANDS = re.compile(r"[-−]?[1-9]\d{0,2}[.,]\d{3}")  # or decimals

_EXAMPLE = '[roster] id = "…", name = "…" or ["…", "…"]'


def _student(row: Sequence[str], line: int, names: Sequence[str], sheet: Worksheet, file: str) -> Student:
    if not any(row[len(names) :]):  # what spreadsheets leave behind the last column
        row = row[: len(names)]
    if len(row) != len(names):
        message = f"{'1 cell' if len(row) == 1 else f'{len(row)} cells'} for {len(names)} columns"
        hint = f"the columns are {', '.join(names)}; a cell with a separator in it stands in double quotes"
        raise ProblemError(file, line, message, hint)
    columns = dict(zip(names, row, strict=True))
    id_ = columns[sheet.id_column]
    if not id_:
        raise ProblemError(file, line, f"the id is missing (column {sheet.id_column!r})", "fill it in")
    name = " ".join(words for column in sheet.name_columns if (words := " ".join(columns[column].split())))
    return Student(id_, name, columns)


def anonymous(count: int) -> tuple[Student, ...]:
    """So many people without names: 001, 002, …, 999, 1000. The third of ten is also the third of ten thousand."""
    return tuple(Student(f"{number:03}") for number in range(1, count + 1))
