r"""Columns of numbers summed up: mean, standard deviation, standard error, as formula, with numbers, as value.

For results of a cross-validation, repeated measurements, times of runs. Each column is told on its own; the variance is
divided by n − 1, which makes it the unbiased estimate from a sample.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from derive.errors import DeriveError, LimitError
from derive.goals import end_of
from derive.kinds._by_hand import EXACT_DIGITS, Style, digits, has_decimals, number_of, rounding, worked, written
from derive.kinds._shared import context_of, listed
from derive.problem import Field, Problem
from derive.steps import Chain, Definition, Derivation, Heading, Level, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import (
    ONE,
    TWO,
    Indexed,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    SumOver,
    Symbol,
    Vector,
    number,
    substitute,
)
from derive.write.numbers import approximate
from derive.write.text import text

SUMMARY = "mean, standard deviation and standard error of columns of numbers"

FIELDS = (
    Field("data", "formula_table", "the columns: a name and a list of numbers for each", required=True,
          example="{score = [0.81, 0.79, 0.86]}"),
)
STARTER = ("data",)

X, INDEX, N = Symbol("x"), Symbol("i"), Symbol("n")
MEAN, DEVIATION, ERROR = Symbol("x", accent="bar"), Symbol("s"), Symbol("SE", font="rm")
WRITTEN = 12  # numbers that are written out one by one
NUMBERS_MOST = 1_000  # numbers in a column
ITEM = Indexed(X, (INDEX,))
SQUARE = Power(Sum((ITEM, Negative(MEAN))), TWO)


def solve(problem: Problem) -> Derivation:
    """Each column on its own, then a table of all. DeriveError for a column with fewer than two numbers."""
    parts: list[Part] = []
    results: list[Result] = []
    columns = {name: _numbers(name, nodes) for name, nodes in _given(problem.given["data"]).items()}
    rows: list[tuple[Prose, ...]] = []
    for name, column in columns.items():
        more, found = _column(name, column)
        parts += [Heading((_capital(name),)), *more]
        results += found
        rows.append(((name,), *((approximate(float(value)),) for value in _values(column))))
    header: tuple[Prose, ...] = (("",), ("mean",), ("standard deviation",), ("standard error",), ("least",),
                                 ("median",), ("largest",))
    parts.append(Table(header, tuple(rows), ("Summary.",)))
    given = tuple(_told(name, column) for name, column in columns.items())
    return Derivation(problem.title, problem.kind, given, (("mean and standard deviation",),), tuple(parts),
                      tuple(results), context_of(dict(problem.domains)))


def _given(data: Mapping[str, Any]) -> Mapping[str, Sequence[Node]]:
    if not data:
        raise DeriveError("data: there are no columns", "score = [0.81, 0.79, 0.86]")
    return data


def _numbers(name: str, nodes: Sequence[Node]) -> tuple[Node, ...]:
    """The numbers of a column. DeriveError for letters in them, for fewer than two, for more than there is room for."""
    for node in nodes:
        if isinstance(node, Relation) or not _is_number(node):
            raise DeriveError(f"data: {name}: {text(node)} is no number", "give fractions or decimals")
    if len(nodes) < 2:
        count = "one number has" if nodes else "no numbers have"
        raise DeriveError(f"data: {name}: {count} no standard deviation: it is divided by n − 1",
                          "give at least two numbers")
    if len(nodes) > NUMBERS_MOST:
        raise LimitError(f"data: {name}: {len(nodes):,} numbers are too many: at most {NUMBERS_MOST:,}",
                         "take some of them")
    return tuple(nodes)


def _is_number(node: Node) -> bool:
    try:
        return isinstance(number_of(node), Fraction)
    except DeriveError:
        return False


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _told(name: str, column: Sequence[Node]) -> Prose:
    if len(column) > WRITTEN:
        return (f"{name}: {len(column)} numbers",)
    return (f"{name}: ", *listed(column))


def _exactly(column: Sequence[Node]) -> list[Fraction]:
    return [Fraction(number_of(node)) for node in column]


def _values(column: Sequence[Node]) -> tuple[float | Fraction, ...]:
    """Mean, standard deviation, standard error, least, median, largest."""
    values = sorted(_exactly(column))
    count = len(values)
    mean = sum(values, Fraction(0)) / count
    deviation = math.sqrt(sum(((v - mean) ** 2 for v in values), Fraction(0)) / (count - 1))
    median = (values[(count - 1) // 2] + values[count // 2]) / 2
    return mean, deviation, deviation / math.sqrt(count), values[0], median, values[-1]


# --- one column -------------------------------------------------------------------------------------


def _column(name: str, column: tuple[Node, ...]) -> tuple[list[Part], list[Result]]:
    """Mean, deviation and error of a column, each as formula, with numbers, as value."""
    style = Style(decimals=has_decimals(column))
    where = (Definition(X, (), Vector(column)), Definition(N, (), Number(str(len(column)))))
    mean, deviation, error, least, median, most = _values(column)
    centre = _short(Fraction(mean), style)
    parts: list[Part] = [
        Paragraph(("The mean is the sum of the numbers divided by how many there are:",)),
        Chain(_steps(Product((Quotient(ONE, N), _sum(ITEM))), column, centre, style), MEAN, where),
        Paragraph(("The standard deviation is the root of the squared distances from the mean, divided by ",
                   Relation((Sum((N, Negative(ONE))), number(len(column) - 1)), ("=",)), ":")),
    ]
    inside = Product((Quotient(ONE, Sum((N, Negative(ONE)))), _sum(SQUARE)))
    with_mean = (*where, Definition(MEAN, (), centre))
    parts.append(Chain(_steps(Root(inside), column, centre, style), DEVIATION, with_mean))
    shown = approximate(float(deviation))
    spread = (Definition(DEVIATION, (), shown), where[1])
    start = Quotient(DEVIATION, Root(N))
    put = Step(start, Quotient(shown, Root(Number(str(len(column))))), "put in the numbers", level=Level.ALGEBRA)
    parts += [Paragraph(("and the standard error of the mean is",)),
              Chain((put, rounding(put.after, 4)), ERROR, spread)]
    values = {"mean": mean, "standard deviation": deviation, "standard error": error}
    results = [Result(f"{what} of {name}", approximate(float(v), 10 if what == "mean" else 6), number=float(v))
               for what, v in values.items()]
    rest = {"least": least, "median": median, "largest": most}
    return parts, results + [Result(f"{what} of {name}", approximate(float(v), 10), shown=False, number=float(v))
                             for what, v in rest.items()]


def _sum(body: Node) -> SumOver:
    return SumOver(body, INDEX, ONE, N)


def _short(value: Fraction, style: Style) -> Node:
    """An exact number where it is short, else rounded so far that what follows does not notice."""
    made = written(value, style.decimals)
    return made if digits(made) <= EXACT_DIGITS else approximate(value, EXACT_DIGITS)


def _steps(start: Node, column: Sequence[Node], centre: Node, style: Style) -> tuple[Step, ...]:
    """The formula with the numbers put in, then its value; with many numbers only the value."""
    if len(column) > WRITTEN:
        return (rounding(_put_in(start, column, centre)),)
    put = Step(start, _put_in(start, column, centre), "put in the numbers", level=Level.ALGEBRA)
    steps = [put, *worked(put.after, style)]
    end = end_of(start, steps)
    return tuple(steps) if digits(end) <= EXACT_DIGITS else (*steps, rounding(end))


def _put_in(node: Node, column: Sequence[Node], centre: Node) -> Node:
    """The formula with its sum over the numbers written out."""
    sums: dict[Node, Node] = {
        part: Sum(tuple(substitute(part.body, {ITEM: x, MEAN: centre}) for x in column))
        for part in (_sum(ITEM), _sum(SQUARE))}
    return substitute(substitute(node, sums), {N: Number(str(len(column)))})

