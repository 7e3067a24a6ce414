"""Rows of exact numbers as a likelihood is given them: points of the plane or of space, rows of a design matrix.

Called by the parts of the kind ``maximum-likelihood`` that have several numbers for each datum. Rows are lists in the
problem or columns of a CSV file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from derive.errors import DeriveError, LimitError
from derive.kinds._by_hand import has_decimals
from derive.kinds._likelihood_given import data_item, exactly
from derive.read.columns import read_columns
from derive.read.fields import Spelled, type_name
from derive.tree import Node, Vector

POINTS_MOST = 200
WIDTH_MOST = 4  # coordinates, or inputs; larger matrices of numbers do not fit a page


@dataclass(frozen=True)
class Rows:
    """``nodes`` has n rows of d numbers as they were written; ``words`` say which file they come from."""

    nodes: tuple[tuple[Node, ...], ...]
    words: str = ""

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.nodes)

    @property
    def width(self) -> int:
        """How many numbers a row has."""
        return len(self.nodes[0])

    @cached_property
    def exact(self) -> tuple[tuple[Fraction, ...], ...]:
        """The numbers, shape (n, d)."""
        return tuple(tuple(map(exactly, row)) for row in self.nodes)

    @property
    def vectors(self) -> tuple[Vector, ...]:
        """The rows as coordinates."""
        return tuple(Vector(row) for row in self.nodes)

    @property
    def decimals(self) -> bool:
        """Whether a number is written with a point."""
        return has_decimals(node for row in self.nodes for node in row)


def are_rows(given: Any) -> bool:
    """Whether a value is a list of lists, or several columns of a file."""
    if isinstance(given, Mapping):
        return "columns" in given
    return isinstance(given, list | tuple) and any(isinstance(item, list | tuple) for item in given)


def read_rows(given: Any, file: str, key: str, thing: str, narrowest: int = 1) -> Rows:
    """The rows. DeriveError for what is no list of rows of one length, LimitError for more than fit a page.

    ``key`` is the field and ``thing`` what a row is called, such as ``point``. ``narrowest`` is how many numbers a row
    has at least.
    """
    words = ""
    if isinstance(given, Mapping):
        given, words = _columns(given, file, key)
    if not isinstance(given, list | tuple):
        raise DeriveError(f"{key}: expected a list of {thing}s, found {type_name(given)}", f"{key} = [[1, 2], [0, 3]]")
    if not given:
        raise DeriveError(f"{key}: there is no {thing} in the list", f"{key} = [[1, 2], [0, 3]]")
    if len(given) > POINTS_MOST:
        raise LimitError(f"{key}: {len(given):,} {thing}s are too many to work out by hand: at most {POINTS_MOST}",
                         "take some of them")
    rows = tuple(_row(row, k, key, thing) for k, row in enumerate(given, 1))
    for k, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise DeriveError(f"{key}: {thing} {k} has {_counted(len(row))}, {thing} 1 has {len(rows[0])}",
                              "give every one as many numbers")
    if not narrowest <= len(rows[0]) <= WIDTH_MOST:
        raise DeriveError(f"{key}: {_counted(len(rows[0]))} in a {thing}",
                          f"{narrowest} to {WIDTH_MOST} are worked out")
    return Rows(rows, words)


def _counted(many: int) -> str:
    return "1 number" if many == 1 else f"{many} numbers"


def _row(row: Any, k: int, key: str, thing: str) -> tuple[Node, ...]:
    if not isinstance(row, list | tuple):
        raise DeriveError(f"{key}: {thing} {k}: expected a list of numbers, found {type_name(row)}",
                          f"{key} = [[1, 2], [0, 3]]")
    return tuple(data_item(item, j, f"{key}: {thing} {k}") for j, item in enumerate(row, 1))


def _columns(given: Mapping[str, Any], file: str, key: str) -> tuple[list[list[Spelled]], str]:
    names = given.get("columns")
    fits = set(given) == {"file", "columns"} and isinstance(given["file"], str) and isinstance(names, list | tuple)
    if not fits or not names or not all(isinstance(name, str) for name in names):
        raise DeriveError(f"{key}: a table has a file and columns", f'{key} = {{file = "data.csv", '
                          'columns = ["a", "b"]}')
    path = Path(given["file"])
    table = read_columns(path if path.is_absolute() else Path(file).parent / path, names)
    columns = [table.column(name) for name in names]
    quoted = " and ".join(f"“{name}”" for name in names)
    return [[Spelled(repr(v)) for v in row] for row in zip(*columns, strict=True)], f"{quoted} of {path.name}"
