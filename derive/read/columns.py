"""A CSV file: named columns of numbers, or of words, or a refusal that says in which line and column.

Called by the kinds that take measured data or classes, and for rosters. The first line may name the columns; without
it they are called ``column 1`` and so on. The separator is a comma, a semicolon or a tab, whichever the first line has
most of.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from derive import limits
from derive.errors import DeriveError, LimitError

SEPARATORS = ",;\t"
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})
"""What people write where a value is missing, in small letters."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file by their names, in order, all of one length."""

    file: str
    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]

    def __len__(self) -> int:
        return len(self.values[0]) if self.values else 0

    def column(self, name: str) -> tuple[float, ...]:
        """One column. DeriveError, with the known ones, for a name that the file does not have."""
        if name not in self.names:
            raise DeriveError(f'{self.file} has no column "{name}"', f"its columns are {', '.join(self.names)}")
        return self.values[self.names.index(name)]


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a file as they are written, without blanks around them, each row with the number of its line.

    ``names`` are the cells of the first line where that names the columns, else None. ``separator`` stood between them.
    """

    file: str
    names: tuple[str, ...] | None
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    separator: str = ","

    def column(self, name: str) -> tuple[str, ...]:
        """One column of words. DeriveError, with the known ones, for a name that the file does not have."""
        names = self.names or _numbered(self.rows[0][1])
        if name not in names:
            raise DeriveError(f'{self.file} has no column "{name}"', f"its columns are {', '.join(names)}")
        return tuple(_complete(row, line, names, self.file)[names.index(name)] for line, row in self.rows)


def read_columns(path: Path, wanted: Sequence[str] = ()) -> Columns:
    """The columns of a CSV file of numbers; where some are wanted, these only, and the others may be words.

    DeriveError, naming line and column, for what is missing or no number, for lines of different lengths, for a wanted
    column that the file does not have, and for a file that cannot be read; LimitError for one larger than
    ``limits.TABLE_BYTES``.
    """
    cells = read_cells(path)
    return _wanted(cells, wanted) if wanted else _columns(cells)


def columns_of(text: str, file: str = "the data") -> Columns:
    """The columns of CSV text; errors as :func:`read_columns`."""
    return _columns(cells_of(text, file))


def read_cells(path: Path, purpose: str = "a CSV file has values with commas between them") -> Cells:
    """The cells of a CSV file of any words; errors as :func:`read_columns`, but for what is no number."""
    try:
        if path.stat().st_size > limits.TABLE_BYTES:
            raise LimitError(f"{path} is larger than {limits.TABLE_BYTES:,} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DeriveError(f"{path}: {error.strerror or error}", "name a file relative to the problem file") from error
    except UnicodeDecodeError as error:
        raise DeriveError(f"{path} is no text in UTF-8", purpose) from error
    return cells_of(text, str(path))


def cells_of(text: str, file: str = "the data") -> Cells:
    """The cells of CSV text. DeriveError when there is no line but that of the names."""
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    rows = [(reader.line_num, tuple(cell.strip() for cell in row)) for row in reader if any(map(str.strip, row))]
    if not rows:
        raise DeriveError(f"{file} has no data", "write a line of column names, then a line for each sample")
    names = _names(rows[0][1])
    if names is not None:
        rows = rows[1:]
    if not rows:
        raise DeriveError(f"{file} has column names and no data", "write a line for each sample below them")
    return Cells(file, names, tuple(rows), separator)


def _columns(cells: Cells) -> Columns:
    names = cells.names or _numbered(cells.rows[0][1])
    return Columns(cells.file, names,
                   tuple(zip(*(_numbers(row, line, names, cells.file) for line, row in cells.rows), strict=True)))


def _wanted(cells: Cells, wanted: Sequence[str]) -> Columns:
    columns = []
    for name in wanted:
        column = zip(cells.column(name), cells.rows, strict=True)
        columns.append(tuple(_cell(cell, line, name, cells.file) for cell, (line, _) in column))
    return Columns(cells.file, tuple(wanted), tuple(columns))


def _names(cells: Sequence[str]) -> tuple[str, ...] | None:
    """The first line's cells, unless one of them is a number."""
    return None if any(_number(cell) is not None for cell in cells) else tuple(cells)


def _numbered(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"column {k}" for k in range(1, len(cells) + 1))


def _number(cell: str) -> float | None:
    with suppress(ValueError):
        value = float(cell)
        return value if math.isfinite(value) and "_" not in cell else None
    return None


def _complete(row: Sequence[str], line: int, names: Sequence[str], file: str) -> Sequence[str]:
    """A row with a cell for each column. DeriveError for any other."""
    if len(row) != len(names):
        raise DeriveError(f"{file}:{line}: {len(row)} values for {len(names)} columns ({', '.join(names)})",
                          "each line has one value for each column")
    return row


def _numbers(row: Sequence[str], line: int, names: Sequence[str], file: str) -> tuple[float, ...]:
    complete = _complete(row, line, names, file)
    return tuple(_cell(cell, line, name, file) for cell, name in zip(complete, names, strict=True))


def _cell(cell: str, line: int, name: str, file: str) -> float:
    value = _number(cell)
    if value is not None:
        return value
    if cell.casefold() in MISSING:
        raise DeriveError(f"{file}:{line}: the value of {name} is missing",
                          "leave out the line, or fill in a value: a missing value is not guessed")
    raise DeriveError(f'{file}:{line}: {name} is "{cell[:40]}", which is no number',
                      "decimals have a point, 0.5; classes are numbers too, 0 and 1")
