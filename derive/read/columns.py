"""A CSV file of numbers: named columns, or a refusal that says in which line and column.

Called by the kinds that take measured data. The first line may name the columns; without it they are called
``column 1`` and so on. The separator is a comma, a semicolon or a tab, whichever the first line has most of.
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


def read_columns(path: Path) -> Columns:
    """The columns of a CSV file.

    DeriveError, naming line and column, for what is missing or no number, for lines of different lengths, and for a
    file that cannot be read; LimitError for one larger than ``limits.TABLE_BYTES``.
    """
    try:
        if path.stat().st_size > limits.TABLE_BYTES:
            raise LimitError(f"{path} is larger than {limits.TABLE_BYTES:,} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DeriveError(f"{path}: {error.strerror or error}", "name a file relative to the problem file") from error
    except UnicodeDecodeError as error:
        raise DeriveError(f"{path} is no text in UTF-8", "a CSV file has numbers with commas between them") from error
    return columns_of(text, str(path))


def columns_of(text: str, file: str = "the data") -> Columns:
    """The columns of CSV text; errors as :func:`read_columns`."""
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True)
    rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    if not rows:
        raise DeriveError(f"{file} has no data", "write a line of column names, then a line for each sample")
    names = _names(rows[0][1])
    if names is not None:
        rows = rows[1:]
    names = names or tuple(f"column {k}" for k in range(1, len(rows[0][1]) + 1))
    if not rows:
        raise DeriveError(f"{file} has column names and no data", "write a line for each sample below them")
    return Columns(file, names, tuple(zip(*(_numbers(row, line, names, file) for line, row in rows), strict=True)))


def _names(cells: Sequence[str]) -> tuple[str, ...] | None:
    """The first line's cells, unless one of them is a number."""
    stripped = tuple(cell.strip() for cell in cells)
    return None if any(_number(cell) is not None for cell in stripped) else stripped


def _number(cell: str) -> float | None:
    with suppress(ValueError):
        value = float(cell)
        return value if math.isfinite(value) and "_" not in cell else None
    return None


def _numbers(row: Sequence[str], line: int, names: Sequence[str], file: str) -> tuple[float, ...]:
    if len(row) != len(names):
        raise DeriveError(f"{file}:{line}: {len(row)} values for {len(names)} columns ({', '.join(names)})",
                          "each line has one value for each column")
    return tuple(_cell(cell.strip(), line, name, file) for cell, name in zip(row, names, strict=True))


def _cell(cell: str, line: int, name: str, file: str) -> float:
    value = _number(cell)
    if value is not None:
        return value
    if cell.casefold() in MISSING:
        raise DeriveError(f"{file}:{line}: the value of {name} is missing",
                          "leave out the line, or fill in a value: a missing value is not guessed")
    raise DeriveError(f'{file}:{line}: {name} is "{cell[:40]}", which is no number',
                      "decimals have a point, 0.5; classes are numbers too, 0 and 1")
