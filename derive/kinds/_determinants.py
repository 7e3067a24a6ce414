"""Determinants in steps: two by two, expanded along a row, by elimination for numbers, zero for dependent rows.

Called by the kinds that have square matrices. Each way gives steps that lead from ``det`` of the matrix to its value.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from itertools import permutations
from math import gcd

from derive.engine import once, run
from derive.errors import LimitError
from derive.goals import end_of, simple, simplify, through
from derive.kinds._partials import is_zero
from derive.rules import algebra, forms
from derive.rules.monomials import Monomial, build, join, split, terms_of
from derive.steps import Context, Level, Step
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Matrix,
    Negative,
    Node,
    Product,
    Quotient,
    Sum,
    Symbol,
    free_symbols,
    size,
    times,
    total,
    unsigned,
)

MOST_PRODUCTS = 12  # products of a determinant that is expanded by hand
_LONG = 25  # parts of an expression that may be shorter as a product
_EXPANDED = (algebra.ARITHMETIC, algebra.SUMS, algebra.EXPAND)


def determinant(matrix: Matrix) -> tuple[list[Step], Node]:
    """The steps from a determinant to its value, and the value. LimitError for a large one with letters in it."""
    start = Call("det", (matrix,))
    if len(matrix.rows) > 3 and not free_symbols(matrix):
        steps = _eliminated(matrix)
    elif len(matrix.rows) > 3 and _products(matrix) > MOST_PRODUCTS:
        raise LimitError(f"a determinant with {len(matrix.rows)} rows of expressions is too long to expand by hand")
    else:
        steps = run(start, [lambda node: once(node, algebra.DETERMINANTS)])
    steps += simplify(end_of(start, steps))
    return steps, end_of(start, steps)


def _products(matrix: Matrix) -> int:
    """How many products of the expanded determinant are not zero at sight."""
    if len(matrix.rows) > 6:
        return MOST_PRODUCTS + 1
    places = permutations(range(len(matrix.rows)))
    return sum(all(row[j] != ZERO for row, j in zip(matrix.rows, place, strict=True)) for place in places)


# --- the shortest form ------------------------------------------------------------------------------


def tidy_determinant(matrix: Matrix) -> tuple[list[Step], Node]:
    """The steps from a determinant to the shortest of its simple, multiplied-out and factored forms."""
    steps, value = determinant(matrix)
    ways = [steps]
    with suppress(LimitError):
        more = through(value, _EXPANDED)
        ways.append([*steps, *more, *simplify(end_of(value, more))])
    start = steps[0].before
    steps = min(ways, key=lambda way: _weight(end_of(start, way)))
    return _factored(steps, end_of(start, steps))


def _weight(node: Node) -> int:
    """The length of an expression; brackets inside a sum count double."""
    terms = node.terms if isinstance(node, Sum) else ()
    bare = [unsigned(t) for t in terms]
    return size(node) + 2 * sum(isinstance(f, Sum) for t in bare if isinstance(t, Product) for f in t.factors)


def _factored(steps: list[Step], value: Node) -> tuple[list[Step], Node]:
    """A long sum as a product, and numbers taken out of the brackets, where that is shorter."""
    if size(value) > _LONG and (step := once(value, forms.FACTORS)) and size(step.after) < size(value):
        steps, value = [*steps, step], step.after
    made = _without_common_numbers(value)
    if size(made) != size(value):
        steps = [*steps, Step(value, made, "factor out", "A number common to all terms of a bracket.")]
        value = made
    return steps, value


def _without_common_numbers(node: Node) -> Node:
    """A product whose brackets have no common number left: ``7 (1 - x)`` for ``(7 - 7 x)``."""
    if not isinstance(node, Product):
        return node
    made = Monomial()
    for factor in node.factors:
        terms = [split(t) for t in terms_of(factor)]
        whole = isinstance(factor, Sum) and all(t.coefficient.denominator == 1 for t in terms)
        shared = Fraction(gcd(*(int(t.coefficient) for t in terms))) if whole else Fraction(1)
        reduced = join([build(t.times(Monomial(shared), -1)) for t in terms]) if shared != 1 else factor
        made = made.times(split(reduced)).times(Monomial(shared))
    return build(made)


# --- dependent rows ---------------------------------------------------------------------------------


def vanishing_sums(matrix: Matrix, context: Context, ones: tuple[Symbol, ...] = ()) -> list[list[Step]]:
    """That the rows add up to zero, column by column; nothing when they do not.

    ``ones`` are symbols that are known to add up to one.
    """
    columns = [total(column) for column in zip(*matrix.rows, strict=True)]
    if len(columns) < 2 or not all(is_zero(column, context) for column in columns):
        return []
    return [_vanishing(column, ones) for column in columns]


def _vanishing(start: Node, ones: tuple[Symbol, ...]) -> list[Step]:
    """The steps from a sum that is zero to zero."""
    steps = simplify(start)
    end = end_of(start, steps)
    if end != ZERO and (step := once(end, forms.FACTORS if ones else forms.LOWEST_TERMS)):
        steps.append(step)
        end = step.after
    if end != ZERO:
        steps.append(Step(end, ZERO, *(_BY_THE_SUM if ones else ("equal", "The sum is zero."))))
    return steps


_BY_THE_SUM = ("the components add up to one", "One minus their sum is zero.")


# --- elimination ------------------------------------------------------------------------------------


def _eliminated(matrix: Matrix) -> list[Step]:
    """Multiples of a row are subtracted from those below until the matrix is triangular."""
    steps: list[Step] = []
    factors: list[Node] = []
    rows = matrix.rows
    current: Node = Call("det", (matrix,))
    for k in range(len(rows)):
        pivot = next((i for i in range(k, len(rows)) if rows[i][k] != ZERO), None)
        if pivot is None:
            steps.append(Step(current, ZERO, "no pivot", "A column is zero on and below the diagonal."))
            return steps
        if pivot != k:
            rows = _swapped(rows, k, pivot)
            factors.append(Negative(ONE))
            current = _told(steps, current, factors, rows, "exchange two rows", "The sign of the determinant changes.")
        lower = _cleared(rows, k)
        if lower != rows:
            rows = lower
            current = _told(steps, current, factors, rows, "eliminate",
                            "A multiple of a row added to another does not change the determinant.")
    diagonal = times([*factors, *(rows[k][k] for k in range(len(rows)))])
    steps.append(Step(current, diagonal, "triangular determinant", "It is the product of its diagonal."))
    return steps


def _told(
    steps: list[Step], before: Node, factors: list[Node], rows: tuple[tuple[Node, ...], ...], rule: str, reason: str
) -> Node:
    after = times([*factors, Call("det", (Matrix(rows),))])
    steps.append(Step(before, after, rule, reason, level=Level.ALGEBRA))
    return after


def _swapped(rows: tuple[tuple[Node, ...], ...], i: int, j: int) -> tuple[tuple[Node, ...], ...]:
    made = list(rows)
    made[i], made[j] = made[j], made[i]
    return tuple(made)


def _cleared(rows: tuple[tuple[Node, ...], ...], k: int) -> tuple[tuple[Node, ...], ...]:
    """The rows below row ``k`` with a zero in column ``k``."""
    made = list(rows[: k + 1])
    for row in rows[k + 1 :]:
        if row[k] == ZERO:
            made.append(row)
            continue
        factor = simple(Quotient(row[k], rows[k][k]))
        pairs = zip(row, rows[k], strict=True)
        changed = [simple(Sum((a, Negative(Product((factor, b)))))) for a, b in pairs]
        made.append((*changed[:k], ZERO, *changed[k + 1 :]))
    return tuple(made)

