"""What the kind ``split`` is given, checked: a small table of features and the classes of its rows.

Called by the kind. Numbers are exact fractions; texts are categories, compared by being equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from derive import limits
from derive.errors import DeriveError, LimitError
from derive.networks import many
from derive.read import fields
from derive.read.columns import read_columns
from derive.read.fields import Spelled, nearest, type_name
from derive.tree import Node, decimal, number, numeric

ROWS_MOST = 500
FEATURES_MOST = 20
CLASSES_MOST = 8

Cell = Fraction | str


@dataclass(frozen=True, slots=True)
class Data:
    """Features by their names, each with a value for each row; the class of each row; the classes in order.

    ``file`` is the name of the file that they were read from, if any.
    """

    features: Mapping[str, tuple[Cell, ...]]
    target: str
    classes: tuple[str, ...]
    labels: tuple[int, ...]
    file: str = ""

    def __len__(self) -> int:
        return len(self.labels)

    def counts(self, rows: tuple[int, ...]) -> tuple[int, ...]:
        """How many of some rows are of each class."""
        return tuple(sum(1 for r in rows if self.labels[r] == k) for k in range(len(self.classes)))


def given_data(given: Mapping[str, Any], file: str) -> Data:
    """The checked table.

    DeriveError for a table without the target or without features, for columns of different lengths, for values that
    are neither numbers nor texts; LimitError for more rows, features or classes than can be written out.
    """
    columns = _columns(given["data"], file)
    target = given["target"]
    if target not in columns:
        raise DeriveError(f'target: the data have no column "{target}"',
                          nearest(target, columns) or f"the columns are {', '.join(columns)}")
    sizes = {name: len(values) for name, values in columns.items()}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{size} of {name}" for name, size in sizes.items())
        raise DeriveError(f"data: the columns have different lengths: {told}", "each row has all values")
    labels = [name_of(v) for v in columns[target]]
    classes = tuple(dict.fromkeys(sorted(labels)))
    features = {name: values for name, values in columns.items() if name != target}
    _check(features, classes, len(labels))
    return Data(features, target, classes, tuple(classes.index(label) for label in labels), _file_of(given["data"]))


def _check(features: Mapping[str, tuple[Cell, ...]], classes: tuple[str, ...], rows: int) -> None:
    if not features:
        raise DeriveError("data: there is no column besides the target", "x = [1, 2, 3], for instance")
    if len(classes) < 2:
        raise DeriveError(f'data: all rows are of one class, "{classes[0]}": there is nothing to split')
    for what, size, most in (("row", rows, ROWS_MOST), ("feature", len(features), FEATURES_MOST),
                             ("classes", len(classes), CLASSES_MOST)):
        if size > most:
            raise LimitError(f"{size} {what if what == 'classes' else what + 's'} are too many to be written out: "
                             f"at most {most}")
    for name, values in features.items():
        if len({isinstance(v, str) for v in values}) > 1:
            raise DeriveError(f"data: {name} has both numbers and texts", "a feature is the one or the other")


def _columns(table: Any, file: str) -> dict[str, tuple[Cell, ...]]:
    if not isinstance(table, Mapping) or not table:
        raise DeriveError("data: expected a table with a list of values for each column",
                          "data = {x = [1, 2, 3, 4], class = ['a', 'a', 'b', 'b']}")
    if name := _file_of(table):
        read = read_columns(Path(name) if Path(name).is_absolute() else Path(file).parent / name)
        return {n: tuple(Fraction(repr(v)) for v in values) for n, values in zip(read.names, read.values, strict=True)}
    return {str(name): _column(str(name), values) for name, values in table.items()}


def _file_of(table: Mapping[str, Any]) -> str:
    """The file that a table names instead of columns; empty where it has columns."""
    return str(table["file"]) if len(table) == 1 and isinstance(table.get("file"), str) else ""


def _column(name: str, values: Any) -> tuple[Cell, ...]:
    if not isinstance(values, list) or not values:
        raise DeriveError(f"data: {name}: expected a list of values", f"{name} = [1, 2.5, 4]")
    if len(values) > limits.TABLE_BYTES // 8:
        raise LimitError(f"data: {name}: {len(values)} values are too many: at most {ROWS_MOST}")
    return tuple(_cell(v, f"data: {name}: row {k}") for k, v in enumerate(values, 1))


def _cell(value: Any, where: str) -> Cell:
    if isinstance(value, str) and not isinstance(value, Spelled):
        if not value.strip():
            raise DeriveError(f"{where}: the value is missing", "leave out the row, or fill in a value")
        return value
    if isinstance(value, bool) or not isinstance(value, int | Spelled | float):
        raise DeriveError(f"{where}: expected a number or a text, found {type_name(value)}")
    return numeric(fields.number(value)) or Fraction(0)


def name_of(value: Cell) -> str:
    """A value as text: the name of a class, a category, a number."""
    from derive.write.text import text

    return value if isinstance(value, str) else text(node_of(value))


def node_of(value: Fraction) -> Node:
    """A number as a decimal where that ends, else as a fraction."""
    return decimal(value) or number(value)


def words(data: Data) -> str:
    """The table in words."""
    rows = many(len(data), "row") + (f" of the file {Path(data.file).name}" if data.file else "")
    return f"{rows} with {many(len(data.features), 'feature')} and {len(data.classes)} classes"
