"""Columns of a table: which are numbers, how their decimals line up, how wide they are.

LaTeX, Typst and the terminal all take their tables from here. Digits have one width in every font that is
used, so a number column is set flush right once each number is padded on its right to the same number of places.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from derive.documents import _widths
from derive.documents._languages import Word
from derive.documents._tree import Grid
from derive.errors import DeriveError
from derive.steps import Prose
from derive.tree import Negative, Node, Number, free_symbols
from derive.write.numbers import approximate

_NUMBER = re.compile(r"[-−+]?\d+(\.\d+)?")
GAP = 1.1  # between two columns, in em


@dataclass(frozen=True, slots=True)
class Column:
    """How a column is set: ``right`` (numbers) or ``left``; ``places`` is its most decimals; its width in em."""

    right: bool
    places: int
    width: float


def columns(grid: Grid) -> tuple[Column, ...]:
    """The columns of a table, from what stands in them."""
    return tuple(_column(head, [row[i] for row in grid.rows]) for i, head in enumerate(grid.header))


def _column(head: Prose, cells: Sequence[Prose]) -> Column:
    texts = [number_text(cell) for cell in cells]
    numbers = [t for t in texts if t is not None]
    places = max((_places(t) for t in numbers), default=0)
    filled = sum(map(bool, cells))
    right = filled > 0 and 2 * len(numbers) >= filled
    widths = [prose_width(c) + (_padding_width(t, places) if right else 0) for c, t in zip(cells, texts, strict=True)]
    return Column(right, places, max([prose_width(head), *widths]))


def number_text(cell: Prose) -> str | None:
    """The spelling of a cell that is nothing but a decimal number, else None."""
    match cell:
        case (Number(text),):
            return text
        case (Negative(Number(text)),):
            return f"-{text}"
        case (str(text),) if _NUMBER.fullmatch(text.strip()):
            return text.strip()
    return None


def _places(text: str) -> int:
    return len(text.partition(".")[2])


def padding(text: str | None, places: int) -> str:
    """The digits (as zeros, with the point if need be) that a number, by its spelling, lacks to the column's places."""
    if text is None or not places:
        return ""
    missing = places - _places(text)
    return ("" if "." in text else ".") + "0" * missing


def _padding_width(text: str | None, places: int) -> float:
    return sum(_widths.POINT if c == "." else _widths.DIGIT for c in padding(text, places))


def prose_width(prose: Prose) -> float:
    """The width in em of running text with formulas."""
    return sum(_widths.width(p, 1) if isinstance(p, Node) else _widths.text_width(p) for p in prose)


def total_width(found: Sequence[Column], size: float = 1.0) -> float:
    """The width in em of a whole table set smaller by ``size``; the gaps stay."""
    return size * sum(c.width for c in found) + GAP * max(0, len(found) - 1)


SIZES = (1.0, 0.92, 0.82, 0.73)
"""Font sizes a wide table is tried at: normal, small, footnotesize, scriptsize."""


Part = tuple[Grid, tuple[Column, ...]]
"""A table with its columns."""


def fitted(grid: Grid, room: float) -> tuple[tuple[Part, ...], int]:
    """The table in parts that fit, and the index into :data:`SIZES`.

    One too wide is set smaller, then with decimals for its widest values, then split by columns.
    """
    whole = columns(grid)
    if (size := _size(whole, room)) is not None:
        return ((grid, whole),), size
    rounded = with_decimals(grid, prose_width, room / len(grid.header))
    shorter = columns(rounded)
    if (size := _size(shorter, room)) is not None:
        return ((rounded, shorter),), size
    return tuple((_selected(grid, group), tuple(whole[i] for i in group)) for group in _groups(whole, room)), 2


def _size(found: Sequence[Column], room: float) -> int | None:
    """The index into :data:`SIZES` of the largest size at which columns fit; None where they are too wide at all."""
    return next((i for i, size in enumerate(SIZES) if total_width(found, size) <= room), None)


def with_decimals(grid: Grid, measure: Callable[[Prose], float], widest: float) -> Grid:
    """The table with decimals in each column that holds a value wider than ``widest``, as its caption then says.

    A cell that has a variable, or no value, stays as it is.
    """
    wide = [max((measure(row[i]) for row in grid.rows), default=0.0) > widest for i in range(len(grid.header))]
    rows = tuple(
        tuple(_decimals(cell) if broad else cell for cell, broad in zip(row, wide, strict=True)) for row in grid.rows
    )
    if rows == grid.rows:
        return grid
    return replace(grid, rows=rows, caption=_noted(grid.caption))


def _noted(caption: Prose) -> Prose:
    """A caption with the remark that decimals are rounded, which is a sentence of its own."""
    ended = not caption or str(caption[-1]).endswith((".", "?", "!"))
    return (*caption, *(() if ended else (".",)), Word("rounded"))


def _decimals(cell: Prose) -> Prose:
    """The cell of a formula without variables as a rounded number."""
    match cell:
        case (Node() as value,) if number_text(cell) is None and not free_symbols(value):
            pass
        case _:
            return cell
    from derive.numeric.value import value_of  # NumPy is not needed for most pages

    try:
        return (approximate(value_of(value)),)
    except (DeriveError, ArithmeticError, ValueError, TypeError, KeyError):
        return cell


def _groups(found: Sequence[Column], room: float) -> list[list[int]]:
    """Columns that fit side by side, each group beginning with the first column, which names the rows."""
    groups: list[list[int]] = [[0]]
    for i in range(1, len(found)):
        together = [found[j] for j in (*groups[-1], i)]
        if len(groups[-1]) > 1 and total_width(together, SIZES[2]) > room:
            groups.append([0])
        groups[-1].append(i)
    return groups


def _selected(grid: Grid, group: Sequence[int]) -> Grid:
    def pick(row: Sequence[Prose]) -> tuple[Prose, ...]:
        return tuple(row[i] for i in group)

    return replace(grid, header=pick(grid.header), rows=tuple(pick(row) for row in grid.rows))
