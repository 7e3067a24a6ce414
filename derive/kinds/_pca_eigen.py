r"""Eigenvalues and eigenvectors of a covariance matrix in steps, exact wherever a person could give them exactly.

With two coordinates the characteristic polynomial is solved by :mod:`derive.kinds._curvature`; with three a rational
root is split off; else they are found numerically, and the residual of each pair is verified to be small, which for a
symmetric matrix bounds the error of the eigenvalue (Parlett, The Symmetric Eigenvalue Problem, theorem 4.5.1). Called
by the kind ``pca``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from derive.goals import simple
from derive.kinds._by_hand import SIGNIFICANT, digits, rounded, worked
from derive.kinds._curvature import LAMBDA, curvature, less
from derive.kinds._determinants import determinant
from derive.kinds._partials import column, plainer
from derive.kinds._pca_data import Data, Exact, inner
from derive.kinds._shared import listed
from derive.kinds._systems import solution_set
from derive.numeric.exact import exact
from derive.numeric.value import value_of
from derive.solving import equivalent
from derive.steps import Chain, Context, Formula, Heading, Level, Paragraph, Part, Step
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Matrix,
    Negative,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    Symbol,
    Vector,
    number,
    numeric,
    total,
)
from derive.write.numbers import approximate

C = Symbol("C")
DIGITS_MOST = 6  # of a number in an eigenvalue with a root, to work with it exactly


@dataclass(frozen=True, slots=True)
class Axis:
    """A principal axis: the eigenvalue, and the direction.

    ``value`` is exact or rounded, ``exact`` its fraction where it is one. ``direction`` is an exact eigenvector of any
    length where there is one, ``rational`` the same as fractions; ``unit`` has length 1, in floats.
    """

    value: Node
    number: float
    exact: Fraction | None
    direction: tuple[Node, ...] | None
    rational: Exact | None
    unit: tuple[float, ...]

    @property
    def entries(self) -> tuple[Node, ...]:
        """The unit vector: exact where its direction is made of fractions, else decimals."""
        if self.rational is None:
            return tuple(approximate(x, 9) for x in self.unit)
        length = sum((x * x for x in self.rational), Fraction(0))
        assert self.direction is not None
        return tuple(simple(Quotient(x, Root(number(length)))) for x in self.direction)


@dataclass(slots=True)
class Axes:
    """The axes, largest eigenvalue first, and how they are found."""

    parts: list[Part] = field(default_factory=list)
    found: list[Axis] = field(default_factory=list)

    @property
    def repeated(self) -> bool:
        """Whether two eigenvalues are the same, so that their directions are not determined."""
        return any(abs(a.number - b.number) <= 1e-12 * self.found[0].number
                   for a, b in zip(self.found, self.found[1:], strict=False))


def principal_axes(data: Data, context: Context) -> Axes:
    """All axes of the data, with the steps to them."""
    axes = Axes([Heading(("Eigenvalues",))])
    values = _eigenvalues(data, context, axes.parts)
    if values is None or any(exact(v, {}) is None and digits(v) > DIGITS_MOST for v in values):
        _numeric(data, axes)
        return axes
    axes.parts += [Heading(("Eigenvectors",)), Paragraph((_DIRECTIONS,))]
    for value, directions in _directions(data, values):
        for direction in directions:
            axes.found.append(_axis(value, direction))
            axes.parts += _vector_parts(data, axes.found[-1], len(axes.found))
    return axes


_DIRECTIONS = ("An eigenvector is a solution other than zero of (C − λI) v = 0. It may have any length and either "
               "sign: the component is the one of length 1 whose largest entry is positive.")


# --- eigenvalues ------------------------------------------------------------------------------------


def _eigenvalues(data: Data, context: Context, parts: list[Part]) -> list[Node] | None:
    """The different eigenvalues, exact, largest first, told; None where they have no short exact form."""
    matrix = data.matrix(data.covariance)
    if data.width == 2 or _diagonal(data.covariance):
        found = curvature(matrix, C, context)
        parts += found.parts
        return list(dict.fromkeys(sorted(found.eigenvalues, key=value_of, reverse=True)))
    return _of_three(data, matrix, parts) if data.width == 3 else None


def _diagonal(rows: Sequence[Exact]) -> bool:
    return not any(x for i, row in enumerate(rows) for j, x in enumerate(row) if i != j)


def _of_three(data: Data, matrix: Matrix, parts: list[Part]) -> list[Node] | None:
    """By the characteristic polynomial and a rational root of it; the polynomial is told in any case."""
    trace, minors, last = _coefficients(data, matrix, parts)
    start = Call("det", (_shifted(matrix, LAMBDA),))
    cubic = _polynomial([Fraction(1), -trace, minors, -last], data)
    parts += [
        Paragraph(("The eigenvalues are the roots of the characteristic polynomial, whose coefficients these are:",)),
    ]
    equation = equivalent(Relation((start, ZERO), ("=",)), Relation((cubic, ZERO), ("=",)),
                          "characteristic polynomial",
                          "Trace, sum of the principal minors and determinant are its coefficients.")
    root = _rational_root(data)
    if root is None:
        parts.append(Chain((equation,)))
        return None
    linear, square = Fraction(root - trace), root * root - trace * root + minors
    factors = Product((_minus_root(root, data), _polynomial([Fraction(1), linear, square], data)))
    split = equivalent(equation.after, Relation((factors, ZERO), ("=",)), "split off a root",
                       "The root is found by trying.")
    inside = linear * linear - 4 * square
    others = [plainer(Quotient(Sum((number(-linear), sign(Root(number(inside))))), TWO)) for sign in _SIGNS]
    values = list(dict.fromkeys(sorted([data.written(root), *(_as_written(o, data) for o in others)], key=value_of)))
    solved = equivalent(split.after, solution_set(LAMBDA, values), "quadratic formula",
                        "For the second factor; the first gives the root that was split off.")
    parts.append(Chain((equation, split, solved)))
    return values[::-1] if all(exact(v, {}) is not None for v in values) else None


def _lift(node: Node) -> Node:
    return node


_SIGNS = (Negative, _lift)


def _as_written(node: Node, data: Data) -> Node:
    value = exact(node, {})
    return node if value is None else data.written(value)


def _coefficients(data: Data, matrix: Matrix, parts: list[Part]) -> tuple[Fraction, Fraction, Fraction]:
    rows = matrix.rows
    pairs = [(0, 1), (0, 2), (1, 2)]
    minors = [Matrix(tuple(tuple(rows[i][j] for j in pair) for i in pair)) for pair in pairs]
    values = [_exact(determinant(m)[1]) for m in minors]
    steps = [Step(total([Call("det", (m,)) for m in minors]), total([data.written(v) for v in values]),
                  "two by two determinants", "Each is main diagonal minus the other one.")]
    steps += worked(steps[-1].after)
    whole, value = determinant(matrix)
    trace = worked(total([rows[i][i] for i in range(3)]))
    parts += [
        Chain(tuple(trace), Call("tr", (C,))),
        Paragraph(("The principal minors of two rows are the determinants without one row and its column:",)),
        Chain(tuple(steps)), Chain(tuple(whole), Call("det", (C,))),
    ]
    return data.trace, sum(values, Fraction(0)), _exact(value)


def _exact(node: Node) -> Fraction:
    value = exact(node, {})
    assert value is not None
    return value


def _shifted(matrix: Matrix, value: Node) -> Matrix:
    """The matrix minus a number on the diagonal."""
    return Matrix(tuple(
        tuple(less(entry, value) if i == j else entry for j, entry in enumerate(row))
        for i, row in enumerate(matrix.rows)))


def _polynomial(coefficients: Sequence[Fraction], data: Data) -> Node:
    """A polynomial in the unknown, highest power first."""
    terms: list[Node] = []
    for power, c in zip(range(len(coefficients) - 1, -1, -1), coefficients, strict=True):
        if c == 0:
            continue
        unknown = [] if power == 0 else [LAMBDA] if power == 1 else [Power(LAMBDA, number(power))]
        factors = [*([data.written(abs(c))] if abs(c) != 1 or not unknown else []), *unknown]
        term: Node = Product(tuple(factors)) if len(factors) > 1 else factors[0]
        terms.append(Negative(term) if c < 0 else term)
    return total(terms)


def _minus_root(root: Fraction, data: Data) -> Node:
    return LAMBDA if root == 0 else Sum((LAMBDA, Negative(data.written(root))))


def _rational_root(data: Data) -> Fraction | None:
    """A rational eigenvalue: with integer entries it is an integer, so only the nearest ones need be tried."""
    scale = math.lcm(*(x.denominator for row in data.covariance for x in row))
    whole = [[int(x * scale) for x in row] for row in data.covariance]
    for value in np.linalg.eigvalsh(np.array(whole, dtype=float)):
        tried = round(float(value))
        if _determinant([[x - tried * (i == j) for j, x in enumerate(row)] for i, row in enumerate(whole)]) == 0:
            return Fraction(tried, scale)
    return None


def _determinant(m: Sequence[Sequence[int]]) -> int:
    (a, b, c), (d, e, f), (g, h, i) = m
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


# --- exact eigenvectors -----------------------------------------------------------------------------


def _directions(data: Data, values: Sequence[Node]) -> list[tuple[Node, list[tuple[Node, ...]]]]:
    """Perpendicular eigenvectors for each eigenvalue."""
    found: list[tuple[Node, list[tuple[Node, ...]]]] = []
    for value in values:
        known = exact(value, {})
        if known is None:
            (a, b), _ = data.covariance
            first = (data.written(b), plainer(Sum((value, Negative(data.written(a))))))
            found.append((value, [_upright(first)]))
        else:
            found.append((value, [tuple(map(number, v)) for v in eigenvectors(data.covariance, known)]))
    return found


def eigenvectors(matrix: Sequence[Exact], value: Fraction) -> list[Exact]:
    """Perpendicular eigenvectors of whole numbers without a common factor, the largest entry positive."""
    made: list[Exact] = []
    for vector in _null_space([[x - value * (i == j) for j, x in enumerate(row)] for i, row in enumerate(matrix)]):
        for other in made:
            share = inner(vector, other) / inner(other, other)
            vector = tuple(x - share * y for x, y in zip(vector, other, strict=True))
        made.append(_whole(vector))
    return made


def _whole(vector: Exact) -> Exact:
    scale = math.lcm(*(x.denominator for x in vector))
    shared = math.gcd(*(int(x * scale) for x in vector))
    largest = max(vector, key=abs)
    return tuple(x * scale / shared * (-1 if largest < 0 else 1) for x in vector)


def _null_space(rows: list[list[Fraction]]) -> list[Exact]:
    """A basis of the solutions of a homogeneous system, by Gauss and Jordan."""
    width, rows = len(rows[0]), [list(r) for r in rows]
    pivots: list[int] = []
    for j in range(width):
        k = len(pivots)
        lead = next((i for i in range(k, len(rows)) if rows[i][j]), None)
        if lead is None:
            continue
        rows[k], rows[lead] = rows[lead], rows[k]
        rows[k] = [x / rows[k][j] for x in rows[k]]
        for i, row in enumerate(rows):
            if i != k and row[j]:
                rows[i] = [x - row[j] * y for x, y in zip(row, rows[k], strict=True)]
        pivots.append(j)
    free = [j for j in range(width) if j not in pivots]
    return [tuple(Fraction(j == f) if j not in pivots else -rows[pivots.index(j)][f] for j in range(width))
            for f in free]


def _upright(direction: tuple[Node, ...]) -> tuple[Node, ...]:
    """The direction with its largest entry positive."""
    largest = max((value_of(x) for x in direction), key=abs)
    return direction if largest > 0 else tuple(plainer(Negative(x)) for x in direction)


def _axis(value: Node, direction: tuple[Node, ...]) -> Axis:
    floats = [value_of(x) for x in direction]
    length = math.hypot(*floats)
    known = [exact(x, {}) for x in direction]
    rational = tuple(x for x in known if x is not None)
    return Axis(value, value_of(value), exact(value, {}), direction,
                rational if len(rational) == len(known) else None, tuple(x / length for x in floats))


def _vector_parts(data: Data, axis: Axis, k: int) -> list[Part]:
    """The system, its solution checked, and the vector of length 1."""
    assert axis.direction is not None
    matrix, v = data.matrix(data.covariance), column(axis.direction)
    unknown = column(Symbol("v", str(i)) for i in range(1, data.width + 1))
    reduced = Matrix(tuple(tuple(plainer(x) for x in row) for row in _shifted(matrix, axis.value).rows))
    system = Relation((Product((reduced, unknown)), column([ZERO] * data.width)), ("=",))
    image = column(plainer(total([Product((c, x)) for c, x in zip(row, axis.direction, strict=True)]))
                   for row in matrix.rows)
    check = Chain((
        Step(Product((matrix, v)), image, "matrix product", "Row times column.", level=Level.ARITHMETIC),
        Step(image, Product((axis.value, v)), "factor out", "The eigenvalue is in front of the vector."),
    ))
    return [
        Paragraph(("For ", Relation((at(LAMBDA, k), axis.value), ("=",)), " the system is",)), Formula(system),
        Paragraph(("A solution is the vector ", Vector(axis.direction), ", for",)), check,
        Paragraph(("and with length 1 it is the component",)), Chain(tuple(_normalised(axis, v)), at(Symbol("u"), k)),
    ]


def _normalised(axis: Axis, v: Matrix) -> list[Step]:
    squares = Sum(tuple(Power(x, TWO) for x in (axis.direction or ())))
    start = Product((Quotient(ONE, Root(squares)), v))
    if axis.rational is None:
        return [rounding_to(start, column(approximate(x, SIGNIFICANT) for x in axis.unit))]
    root = simple(Root(number(inner(axis.rational, axis.rational))))
    steps = [Step(start, Product((Quotient(ONE, root), v)), "work out the root", "The length of the vector.",
                  level=Level.ARITHMETIC)]
    if (known := numeric(root)) is not None:
        end = column(number(x / known) for x in axis.rational)
        return [*steps, Step(steps[-1].after, end, "scale", "Each entry is multiplied.", level=Level.ARITHMETIC)]
    return [*steps, rounding_to(steps[-1].after, column(approximate(x, SIGNIFICANT) for x in axis.unit))]


def rounding_to(before: Node, after: Node) -> Step:
    """The line that ends in decimals which were computed elsewhere; the verifier holds them against the line."""
    return Step(before, after, "round", f"To {SIGNIFICANT} significant digits.", "~=", Level.ARITHMETIC)


def at(symbol: Symbol, k: int) -> Symbol:
    """The symbol with a number below it."""
    return Symbol(symbol.name, str(k))


# --- decimals ---------------------------------------------------------------------------------------


def _numeric(data: Data, axes: Axes) -> None:
    """Eigenvalues and vectors in decimals, each pair with its residual."""
    values, vectors = np.linalg.eigh(data.array)
    order = np.argsort(values)[::-1]
    for k, value in zip(order, _without_noise(np.maximum(values[order], 0)), strict=True):
        unit = vectors[:, k] * (1 if vectors[np.argmax(np.abs(vectors[:, k])), k] > 0 else -1)
        axes.found.append(Axis(approximate(value, 9), value, None, None, None, _without_noise(unit)))
    shown = [approximate(a.number, SIGNIFICANT) for a in axes.found]
    axes.parts += [
        Paragraph(("The eigenvalues have no short exact form. In decimals they are ", *listed(shown), ".")),
        Heading(("Eigenvectors",)), Paragraph((_RESIDUALS,)),
    ]
    for k, axis in enumerate(axes.found, 1):
        axes.parts += _residual(data, axis, k)


NOISE = 1e-12  # of the largest number beside it: what eigenvalues in floating point are not known to


def _without_noise(numbers: Sequence[float] | NDArray[np.float64]) -> tuple[float, ...]:
    """Numbers that were computed together; what is only the rounding of the others is 0."""
    largest = max(map(abs, numbers))
    return tuple(0.0 if abs(x) <= NOISE * largest else float(x) for x in numbers)


_RESIDUALS = ("The vectors have length 1, to nine digits. Multiplied by the matrix, each of them is nearly a multiple "
              "of itself. The matrix is symmetric, so an eigenvalue lies no farther from the number in front than the "
              "length of the difference.")


def _residual(data: Data, axis: Axis, k: int) -> list[Part]:
    u, written = at(Symbol("u"), k), column(axis.entries)
    floats = np.array([value_of(x) for x in axis.entries])
    error = float(np.linalg.norm(data.array @ floats - value_of(axis.value) * floats))
    bound = 2 * math.floor(-math.log10(max(error, 1e-12)))
    apart = Sum((Product((data.matrix(data.covariance), written)), Negative(Product((axis.value, written)))))
    step = Step(Power(Norm(apart), TWO), Power(Number("10"), number(-bound)), "residual",
                "Worked out with the decimals above.", "<", Level.ARITHMETIC)
    return [Formula(Relation((u, rounded(written)), ("~=",))), Chain((step,))]

