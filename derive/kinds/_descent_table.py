"""The table of an iteration and its numbers as results: iterates, gradients, costs.

Exact numbers stand in the table as long as they are short; beside fractions stands a column of decimals. Called by the
gradient-descent kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from derive.kinds._by_hand import SIGNIFICANT, digits, written
from derive.kinds._descent_given import Setup
from derive.kinds._methods import Names, at
from derive.numeric.exact import bits
from derive.steps import Part, Prose, Result, Table, Value
from derive.tree import Call, Derivative, Gradient, Node, Quotient, Relation, Symbol, Vector, walk
from derive.write.numbers import approximate

if TYPE_CHECKING:
    from derive.numeric.optimisers import Trace

ROWS = 12  # rows of a table that shows every step
CELL_DIGITS = 8  # an exact number with more is rounded in the table
ROUNDED = 5  # digits of a rounded number in the table
WIDE = 4  # with more variables only norm and cost are shown
RESULT_DIGITS = 60  # an exact number with more is given in decimals
EXACT_BITS = 512  # a longer exact number is taken from the iteration with floats
RESULT_ROWS = 1_001  # iterates in the results; more belong into a program

Number_ = Fraction | float


class Numbers:
    """The numbers of an iteration: exact where the exact iteration reached, else floats."""

    def __init__(self, given: Setup, trace: Trace, exact: Trace | None) -> None:
        self.given, self.trace, self.exact = given, trace, exact
        self.steps = trace.steps

    def point(self, t: int) -> list[Number_]:
        """The point after step t."""
        return self._row(t, "points")

    def gradient(self, t: int) -> list[Number_]:
        """The gradient there."""
        return self._row(t, "gradients")

    def cost(self, t: int) -> Number_:
        """The cost there."""
        if self._is_exact(t) and self.exact is not None and self.exact.costs is not None:
            cost = self.exact.costs[t]
            if cost is not None and _is_short(cost):
                return Fraction(cost)
        return float(self.trace.costs[t]) if self.trace.costs is not None else math.nan

    def _is_exact(self, t: int) -> bool:
        return self.exact is not None and t <= self.exact.steps

    def _row(self, t: int, what: str) -> list[Number_]:
        if self._is_exact(t):
            row = getattr(self.exact, what)[t]
            if all(isinstance(x, Fraction) and _is_short(x) for x in row):
                return list(row)
        return [float(x) for x in getattr(self.trace, what)[t]]


def _is_short(value: Fraction) -> bool:
    """Whether an exact number is within the range of floats and not longer than anybody reads."""
    return bits(value) <= EXACT_BITS


def node_of(value: Number_, decimals: bool) -> Node:
    """A number as an expression: exact where it is and has not too many digits."""
    node = written(value, decimals)
    if isinstance(value, Fraction) and digits(node) <= RESULT_DIGITS:
        return node
    return approximate(value, 15) if math.isfinite(float(value)) else node


# --- the table --------------------------------------------------------------------------------------


def shown_rows(steps: int, shown: int) -> list[int]:
    """Which steps a table shows: all of a short iteration; else those written out, then ever fewer, and the last."""
    if steps <= ROWS:
        return list(range(steps + 1))
    rows = list(range(min(shown, ROWS) + 1))
    mark = 1
    while mark <= steps:
        rows += [m for m in (mark, 2 * mark, 5 * mark) if rows[-1] < m < steps]
        mark *= 10
    return [*rows, steps]


def table(given: Setup, trace: Trace, exact: Trace | None) -> list[Part]:
    """The table: step, point, gradient, its length, cost; with fractions, a second one in decimals."""
    numbers = Numbers(given, trace, exact)
    rows = shown_rows(numbers.steps, given.shown)
    columns = _columns(given, numbers)
    if not any(_has_fraction(column, rows, given.decimals) for column in columns):
        return [_table(columns, rows, lambda v: _cell(v, given.decimals), "The iteration step by step.")]
    exactly, few = _exact_part(columns, rows, given.decimals)
    decimals = _table(columns, rows, _decimal, "The iteration step by step, in decimals.")
    if len(few) < 2:
        return [decimals]
    caption = "The iteration step by step, exactly." if few == rows else _SHORT
    return [_table(exactly, few, lambda v: _cell(v, given.decimals), caption), decimals]


_SHORT = "The steps whose numbers are short, exactly."


def _exact_part(
    columns: Sequence[_Column], rows: Sequence[int], decimals: bool
) -> tuple[list[_Column], list[int]]:
    """The rows with exact points and gradients, and the columns in which all their numbers are exact and short."""
    def is_exact(column: _Column, t: int) -> bool:
        return not _is_long(column.value(t), decimals)

    few = [t for t in rows if all(is_exact(column, t) for column in columns if column.decisive)]
    return [c for c in columns if not c.irrational and all(is_exact(c, t) for t in few)], few


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: what stands above it and its number after each step.

    ``irrational`` ones have no exact form; ``decisive`` ones are points and gradients, which make a row exact.
    """

    head: Prose
    value: Callable[[int], Number_]
    irrational: bool = False
    decisive: bool = False


def _columns(given: Setup, numbers: Numbers) -> list[_Column]:
    name, columns = given.function.name, list[_Column]()
    if len(given.variables) <= WIDE:
        columns += [_Column((v,), partial(_entry, numbers.point, k), decisive=True)
                    for k, v in enumerate(given.variables)]
        columns += [_Column((_slope(given, v),), partial(_entry, numbers.gradient, k), decisive=True)
                    for k, v in enumerate(given.variables)]
    if given.several:
        columns.append(_Column((Call("abs", (Gradient(name.plain),)),), partial(_length, numbers), irrational=True))
    return [*columns, _Column((name,), numbers.cost)]


def _slope(given: Setup, variable: Symbol) -> Node:
    if given.several:
        return Derivative(given.function.name, variable, 1, True)
    return Call(given.function.name.plain, (variable,), 1)


def _entry(row: Callable[[int], list[Number_]], k: int, t: int) -> Number_:
    return row(t)[k]


def _length(numbers: Numbers, t: int) -> Number_:
    """The Euclidean length of the gradient, exact where it is a whole number."""
    length = math.hypot(*map(float, numbers.gradient(t)))
    squares = [Fraction(x) ** 2 for x in numbers.gradient(t) if isinstance(x, Fraction)]
    whole = length.is_integer() and len(squares) == len(numbers.gradient(t)) and sum(squares) == Fraction(length) ** 2
    return Fraction(length) if whole else length


def _table(columns: Sequence[_Column], rows: Sequence[int], cell: Callable[[Number_], Prose], caption: str) -> Table:
    body = tuple(((str(t),), *(cell(column.value(t)) for column in columns)) for t in rows)
    return Table((("step",), *(column.head for column in columns)), body, (caption,))


def _has_fraction(column: _Column, rows: Sequence[int], decimals: bool) -> bool:
    cells = [part for t in rows for part in _cell(column.value(t), decimals)]
    return any(isinstance(n, Quotient) for part in cells if isinstance(part, Node) for n in walk(part))


def _cell(value: Number_, decimals: bool) -> Prose:
    return _decimal(value) if _is_long(value, decimals) else (written(value, decimals),)


def _is_long(value: Number_, decimals: bool) -> bool:
    return isinstance(value, float) or digits(written(value, decimals)) > CELL_DIGITS


def _decimal(value: Number_) -> Prose:
    if math.isnan(float(value)):
        return ("none",)
    return (approximate(value, ROUNDED),) if math.isfinite(float(value)) else ("not finite",)


# --- results ----------------------------------------------------------------------------------------


def course(given: Setup, names: Names, trace: Trace, exact: Trace | None) -> list[Result]:
    """Iterates, gradients and costs as results, and the last ones for the box."""
    numbers = Numbers(given, trace, exact)
    last = numbers.steps
    count = min(last, RESULT_ROWS - 1) + 1
    point, decimals = names["point"], given.decimals
    final = numbers.point(last)
    label = at(point, last)
    end: Value = tuple(node_of(x, decimals) for x in final) if given.several else node_of(final[0], decimals)
    return [
        _listed("iterates", [numbers.point(t) for t in range(count)], decimals),
        _listed("gradients", [numbers.gradient(t) for t in range(min(count, last) or 1)], decimals),
        _costs(numbers, count, decimals),
        *_final("last iterate", end, final, label),
        *_final("last cost", node_of(numbers.cost(last), decimals), [numbers.cost(last)],
                Call(given.function.name.plain, (label,))),
    ]


def _listed(name: str, rows: Sequence[Sequence[Number_]], decimals: bool) -> Result:
    """A table of numbers; the exact ones as values, all of them as floats."""
    exact = [row for row in rows if all(isinstance(x, Fraction) for x in row)]
    shown = rows if len(rows) <= ROWS + 1 else exact[: ROWS + 1] or rows[: ROWS + 1]
    value = tuple(tuple(node_of(x, decimals) for x in row) for row in shown)
    return Result(name, value, shown=False, number=[[float(x) for x in row] for row in rows])


def _costs(numbers: Numbers, count: int, decimals: bool) -> Result:
    costs = [numbers.cost(t) for t in range(count)]
    value = tuple(node_of(c, decimals) for c in costs[: ROWS + 1])
    return Result("costs", value, shown=False, number=[float(c) for c in costs])


def _final(name: str, value: Value, numbers: Sequence[Number_], label: Node) -> list[Result]:
    """A quantity of the last step; beside one that is long or not exact, a rounded one stands in the box."""
    if all(isinstance(x, Fraction) and digits(written(x, True)) <= 2 * CELL_DIGITS for x in numbers):
        return [Result(name, value, label)]
    nodes = tuple(approximate(x, SIGNIFICANT) for x in numbers)
    shown = Relation((label, Vector(nodes) if isinstance(value, tuple) else nodes[0]), ("~=",))
    return [Result(name, value, label, shown=False, number=_floats(numbers, value)), Result(f"{name}, rounded", shown)]


def _floats(numbers: Sequence[Number_], value: Value) -> object:
    return [float(x) for x in numbers] if isinstance(value, tuple) else float(numbers[0])
