"""The table of an iteration and its numbers as results: iterates, gradients, costs.

Exact numbers stand in the table as long as they are short; beside fractions stands a column of decimals. Called by the
gradient-descent kind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from derive.kinds._by_hand import digits, written
from derive.kinds._descent_given import Setup
from derive.kinds._iterations import Walk
from derive.kinds._methods import Names, at
from derive.steps import Part, Prose, Result, Table, Value
from derive.tree import Call, Derivative, Gradient, Node, Number, Quotient, Vector, walk
from derive.write.numbers import approximate

if TYPE_CHECKING:
    from derive.numeric.optimisers import Trace

ROWS = 12  # rows of a table that shows every step
CELL_DIGITS = 10  # an exact number with more is rounded in the table
ROUNDED = 5  # digits of a rounded number in the table
WIDE = 4  # with more variables only norm and cost are shown
RESULT_DIGITS = 60  # an exact number with more is given in decimals
RESULT_ROWS = 10_001  # iterates in the results; more belong into a program

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
            if cost is not None:
                return Fraction(cost)
        return float(self.trace.costs[t]) if self.trace.costs is not None else math.nan

    def _is_exact(self, t: int) -> bool:
        return self.exact is not None and t <= self.exact.steps

    def _row(self, t: int, what: str) -> list[Number_]:
        if self._is_exact(t):
            row = getattr(self.exact, what)[t]
            if all(isinstance(x, Fraction) for x in row):
                return list(row)
        return [float(x) for x in getattr(self.trace, what)[t]]


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


def table(given: Setup, names: Names, trace: Trace, exact: Trace | None, walked: Walk) -> list[Part]:
    """The table: step, point, gradient, its length, cost."""
    numbers = Numbers(given, trace, exact)
    rows = shown_rows(numbers.steps, given.shown)
    columns = [_Column(("step",), [(str(t),) for t in rows])]
    if len(given.variables) <= WIDE:
        columns += _coordinates(given, numbers, rows)
    columns.append(_lengths(given, names, numbers, rows))
    columns += _with_decimals((given.function.name,), [numbers.cost(t) for t in rows], given.decimals)
    cells = tuple(tuple(column.cells[i] for column in columns) for i in range(len(rows)))
    return [Table(tuple(column.head for column in columns), cells, _caption(given, columns))]


class _Column:
    def __init__(self, head: Prose, cells: Sequence[Prose], is_rounded: bool = False) -> None:
        self.head, self.cells, self.is_rounded = head, cells, is_rounded


def _coordinates(given: Setup, numbers: Numbers, rows: Sequence[int]) -> list[_Column]:
    columns: list[_Column] = []
    for k, variable in enumerate(given.variables):
        columns += _with_decimals((variable,), [numbers.point(t)[k] for t in rows], given.decimals)
    for k, variable in enumerate(given.variables):
        head: Node = Derivative(given.function.name, variable, 1, True)
        if not given.several:
            head = Call(given.function.name.plain, (variable,), 1)
        values = [numbers.gradient(t)[k] for t in rows]
        columns.append(_Column((head,), [_cell(v, given.decimals) for v in values], _rounds(values, given.decimals)))
    return columns


def _with_decimals(head: Prose, values: Sequence[Number_], decimals: bool) -> list[_Column]:
    """A column, and where it has fractions in it one of decimals beside it."""
    cells = [_cell(v, decimals) for v in values]
    columns = [_Column(head, cells, _rounds(values, decimals))]
    if any(isinstance(part, Quotient) for cell in cells for part in cell) or any(_is_fraction(cell) for cell in cells):
        columns.append(_Column((*head, " ≈"), [(_decimal(v),) for v in values]))
    return columns


def _is_fraction(cell: Prose) -> bool:
    return any(isinstance(n, Quotient) for part in cell if isinstance(part, Node) for n in walk(part))


def _cell(value: Number_, decimals: bool) -> Prose:
    if not _is_long(value, decimals):
        return (written(value, decimals),)
    return (_decimal(value),)


def _is_long(value: Number_, decimals: bool) -> bool:
    return isinstance(value, float) or digits(written(value, decimals)) > CELL_DIGITS


def _rounds(values: Sequence[Number_], decimals: bool) -> bool:
    return any(_is_long(v, decimals) for v in values)


def _decimal(value: Number_) -> Node | str:
    return approximate(value, ROUNDED) if math.isfinite(float(value)) else "not finite"


def _lengths(given: Setup, names: Names, numbers: Numbers, rows: Sequence[int]) -> _Column:
    slope: Node = Gradient(given.function.name.plain) if given.several else Call(
        given.function.name.plain, given.variables, 1)
    lengths = [math.hypot(*map(float, numbers.gradient(t))) for t in rows]
    return _Column((Call("abs", (slope,)),), [(_decimal(v),) for v in lengths], True)


def _caption(given: Setup, columns: Sequence[_Column]) -> Prose:
    text = "The iteration step by step"
    if not given.several:
        return (f"{text}.",)
    return (f"{text}; the last but one column is the length of the gradient" if False else f"{text}.",)


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
    results = [
        _listed("iterates", [numbers.point(t) for t in range(count)], decimals),
        _listed("gradients", [numbers.gradient(t) for t in range(min(count, last) or 1)], decimals),
        _costs(numbers, count, decimals),
        _final("last iterate", end, final, label),
        _final("last cost", node_of(numbers.cost(last), decimals), [numbers.cost(last)],
               Call(given.function.name.plain, (label,))),
    ]
    return [r for r in results if r is not None]


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


def _final(name: str, value: Value, numbers: Sequence[Number_], label: Node) -> Result:
    short = all(isinstance(x, Fraction) and digits(written(x, True)) <= 2 * CELL_DIGITS for x in numbers)
    if not short:
        nodes = tuple(approximate(x, 6) for x in numbers)
        value = nodes if isinstance(value, tuple) else nodes[0]
    return Result(name, value, label, number=None if short else [float(x) for x in numbers])


__all__ = ["Any", "Number", "Numbers", "Vector", "course", "table"]
