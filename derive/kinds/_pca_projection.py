r"""What the components of the data are good for: shares of the variance, projections, reconstructions, what is lost.

Called by the kind ``pca`` after the axes are found.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from derive.goals import end_of
from derive.kinds._by_hand import SIGNIFICANT, digits, rounding, worked
from derive.kinds._partials import column, plainer
from derive.kinds._pca_data import Data, inner
from derive.kinds._pca_eigen import Axis, C, at, rounding_to
from derive.numeric.value import value_of
from derive.steps import Chain, Definition, Formula, Heading, Level, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import (
    ONE,
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
    Sum,
    Symbol,
    Transpose,
    Vector,
    decimal,
    number,
    numeric,
    total,
)
from derive.write.numbers import approximate

LAMBDA, U_, U, X, Z = Symbol("lambda"), Symbol("u"), Symbol("U"), Symbol("X"), Symbol("Z")
MATRIX_MOST = 12  # points whose projections are written as one matrix
ROWS_MOST = 24  # points in a table


# --- shares of the variance -------------------------------------------------------------------------


def explained(data: Data, axes: Sequence[Axis]) -> tuple[list[Part], list[Result]]:
    """The share of each component in the whole variance, and the sums of the shares."""
    whole = data.written(data.trace)
    parts: list[Part] = [
        Heading(("Explained variance",)),
        Paragraph(("The whole variance is the trace, ", Relation((Call("tr", (C,)), whole), ("=",)),
                   ", which is the sum of the eigenvalues. The share of a component is",)),
    ]
    shares: list[Node] = []
    for k, axis in enumerate(axes, 1):
        start = Quotient(axis.value, whole)
        steps = _share(start, axis)
        left = Quotient(at(LAMBDA, k), Call("tr", (C,)))
        parts.append(Chain(tuple(steps), left))
        shares.append(end_of(start, steps))
    floats = [a.number / float(data.trace) for a in axes]
    sums = [float(x) for x in np.cumsum(floats)]
    header: tuple[Prose, ...] = (("component",), ("eigenvalue",), ("share",), ("sum of shares",))
    rows = [((str(k),), (approximate(a.number),), (approximate(f, 4),), (approximate(min(s, 1.0), 4),))
            for k, (a, f, s) in enumerate(zip(axes, floats, sums, strict=True), 1)]
    parts.append(Table(header, tuple(rows), ("Variance by component.",)))
    results = [Result("explained variance ratio", tuple(shares), number=floats),
               Result("sum of explained variance ratios", None, shown=False, number=sums)]
    return parts, results


def _share(start: Quotient, axis: Axis) -> list[Step]:
    """From the quotient to a decimal."""
    if axis.exact is None:
        return [rounding(start)]
    steps = worked(start)
    end = end_of(start, steps)
    if not isinstance(end, Quotient):
        return steps or [rounding(start)]
    shown = decimal(numeric(end) or Fraction(0))
    if shown is not None and digits(shown) <= SIGNIFICANT:
        return [*steps, Step(end, shown, "as a decimal", "The division ends.", level=Level.ARITHMETIC)]
    return [*steps, rounding(end)]


# --- projections ------------------------------------------------------------------------------------


def projected(data: Data, axes: Sequence[Axis], kept: int) -> tuple[list[Part], list[Result]]:
    """The coordinates of the points along the kept axes, the points put together from them again, and the error."""
    scores = scores_of(data, axes)[:, :kept]
    parts: list[Part] = [Heading(("Projection",)), Paragraph(_coordinates(kept))]
    if data.size <= MATRIX_MOST:
        matrix = kept_axes(axes, kept)
        where = (Definition(X, (), data.matrix(data.centred)), Definition(U, (), matrix))
        after = Matrix(tuple(tuple(approximate(float(s), SIGNIFICANT) for s in row) for row in scores))
        parts += [Formula(Relation((U, matrix), ("=" if _is_exact(axes, kept) else "~=",))),
                  Chain((rounding_to(Product((X, U)), _settled(data, axes, kept, after)),), Z, where)]
    more, results = _reconstructed(data, axes, kept, scores)
    results.insert(0, Result("scores", None, shown=False, number=scores.tolist()))
    return parts + more, results


def _coordinates(kept: int) -> Prose:
    if kept == 1:
        first = "The coordinate of a point along the first component is the inner product of the centred point with "
        return (first, at(U_, 1), ". With ", Relation((U, at(U_, 1)), ("=",)), " all of them are the column")
    several = (f"The coordinates of a point along the first {kept} components are the inner products of the centred "
               "point with them. With the components as columns of ")
    return (several, U, " all of them are the rows of")


def _is_exact(axes: Sequence[Axis], kept: int) -> bool:
    return all(a.rational is not None for a in axes[:kept])


def kept_axes(axes: Sequence[Axis], kept: int) -> Matrix:
    """The first components as columns, d x q."""
    return Matrix(tuple(zip(*(axis.entries for axis in axes[:kept]), strict=True)))


def _settled(data: Data, axes: Sequence[Axis], kept: int, after: Matrix) -> Matrix:
    """The rounded scores; with decimals in the axes, those of the product that is written."""
    if _is_exact(axes, kept):
        return after
    columns = np.array([[value_of(x) for x in axis.entries] for axis in axes[:kept]]).T
    made = floats(data) @ columns
    return Matrix(tuple(tuple(approximate(float(s), SIGNIFICANT) for s in row) for row in made))


def floats(data: Data) -> NDArray[np.float64]:
    """The centred points as floats, shape (n, d)."""
    return np.array([[float(x) for x in row] for row in data.centred])


def scores_of(data: Data, axes: Sequence[Axis]) -> NDArray[np.float64]:
    """The coordinates of all points along all axes, shape (n, d)."""
    made: NDArray[np.float64] = floats(data) @ np.array([axis.unit for axis in axes]).T
    made[np.abs(made) < 1e-12 * max(1.0, float(np.abs(made).max()))] = 0.0
    return made


# --- reconstruction ---------------------------------------------------------------------------------


def _reconstructed(
    data: Data, axes: Sequence[Axis], kept: int, scores: NDArray[np.float64]
) -> tuple[list[Part], list[Result]]:
    parts: list[Part] = [Heading(("Reconstruction",)), Paragraph((_AGAIN,)), Formula(_rule(kept)),
                         _table(data, axes, kept, scores)]
    error = sum(a.number for a in axes[kept:])
    if data.size <= MATRIX_MOST:
        parts += _error(data, axes, kept)
    return parts, [Result("reconstruction error", _left_out(axes, kept), number=error)]


_AGAIN = ("Put together again from these coordinates, a point is the mean plus the components, each as long as its "
          "coordinate says:")


def _rule(kept: int) -> Relation:
    hat, z = Symbol("x", "i", accent="hat"), [Symbol("z", f"i,{k}") for k in range(1, kept + 1)]
    terms = [Product((z[k - 1], Symbol("u", str(k)))) for k in range(1, kept + 1)]
    return Relation((hat, Sum((Symbol("x", accent="bar"), *terms))), ("=",))


def _table(data: Data, axes: Sequence[Axis], kept: int, scores: NDArray[np.float64]) -> Table:
    """Point, coordinates, reconstruction, squared distance."""
    header: tuple[Prose, ...] = ((Symbol("i"),), (Symbol("x", "i"),),
                                 *((Symbol("z", f"i,{k}"),) for k in range(1, kept + 1)),
                                 (Symbol("x", "i", accent="hat"),), ("squared distance",))
    rows: list[tuple[Prose, ...]] = []
    for i in range(min(data.size, ROWS_MOST)):
        again, lost = _again(data, axes, kept, i)
        coordinates = ((approximate(float(s), 4),) for s in scores[i])
        rows.append(((str(i + 1),), (data.vector(data.points[i]),), *coordinates, (again,), (lost,)))
    rest = f" The first {ROWS_MOST} of {data.size} points." if data.size > ROWS_MOST else ""
    return Table(header, tuple(rows), (f"Projections and reconstructions.{rest}",))


def _again(data: Data, axes: Sequence[Axis], kept: int, i: int) -> tuple[Node, Node]:
    """A point put together again and its squared distance to the point, exact where the axes are."""
    centred = data.centred[i]
    if not _is_exact(axes, kept):
        made = np.array([float(m) for m in data.mean])
        made = made + scores_of(data, axes)[i, :kept] @ np.array([a.unit for a in axes[:kept]])
        lost = float(np.sum((made - np.array([float(x) for x in data.points[i]])) ** 2))
        return Vector(tuple(approximate(float(x), 4) for x in made)), approximate(lost, 6)
    parts = [_part(centred, a.rational) for a in axes[:kept] if a.rational is not None]
    again = [m + sum((p[j] for p in parts), Fraction(0)) for j, m in enumerate(data.mean)]
    lost_exact = sum(((x - y) ** 2 for x, y in zip(data.points[i], again, strict=True)), Fraction(0))
    return data.vector(again), data.written(lost_exact)


def _part(point: Sequence[Fraction], axis: Sequence[Fraction]) -> list[Fraction]:
    """The part of a centred point along an axis of any length."""
    share = inner(point, axis) / inner(axis, axis)
    return [share * u for u in axis]


def _left_out(axes: Sequence[Axis], kept: int) -> Node:
    """The sum of the eigenvalues that belong to no kept component: exact where they are."""
    return plainer(total([a.value for a in axes[kept:]]))


def _error(data: Data, axes: Sequence[Axis], kept: int) -> list[Part]:
    """The mean squared distance, and that it is the sum of the eigenvalues that are left out."""
    parts = _error_exactly(data, axes, kept) if all(a.direction for a in axes) else _error_in_decimals(data, axes, kept)
    if kept == len(axes):
        return [*parts, Paragraph(("With all components nothing is lost.",))]
    names = total([at(LAMBDA, k) for k in range(kept + 1, len(axes) + 1)])
    several = len(axes) - kept > 1
    told = "These are the eigenvalues that are left out, " if several else "This is the eigenvalue left out, "
    left = _left_out(axes, kept)
    shown = Relation((names, left), ("=",)) if axes[-1].direction else Relation(
        (names, approximate(sum(a.number for a in axes[kept:]), 4)), ("~=",))
    return [*parts, Paragraph((told, shown, "."))]


def _error_exactly(data: Data, axes: Sequence[Axis], kept: int) -> list[Part]:
    """With the matrix that projects, which has no roots where the eigenvalues are fractions."""
    projector, left = Symbol("P"), _left_out(axes, kept)
    where = (Definition(X, (), data.matrix(data.centred)), Definition(projector, (), _projector(axes, kept)))
    words: Prose = ("The matrix ", Relation((projector, Product((U, Transpose(U)))), ("=",)),
                    " projects a centred point on the components. The squared distances, divided by ",
                    number(data.divided_by), " as the variances are, add up to",)
    steps = [Step(_lost(data), left, "sum of squares", "Worked out with the numbers above.", level=Level.ARITHMETIC)]
    steps += [] if numeric(left) is not None else [rounding(left)]
    return [Paragraph(words), Chain(tuple(steps), None, where)]


def _error_in_decimals(data: Data, axes: Sequence[Axis], kept: int) -> list[Part]:
    """With the distances of the table."""
    lost = total([_again(data, axes, kept, i)[1] for i in range(data.size)])
    words: Prose = ("The squared distances of the table, divided by ", number(data.divided_by),
                    " as the variances are, add up to",)
    start = Product((Quotient(ONE, number(data.divided_by)), lost))
    return [Paragraph(words), Chain((rounding(start, 4),))]


def _lost(data: Data) -> Node:
    inside = Sum((X, Negative(Product((X, Symbol("P"))))))
    return Product((Quotient(ONE, number(data.divided_by)), Power(Norm(inside, Symbol("F")), Number("2"))))


def _projector(axes: Sequence[Axis], kept: int) -> Node:
    """The sum of v v^T / v^T v over the kept axes, without roots where the vectors have none."""
    terms: list[Node] = []
    for axis in axes[:kept]:
        assert axis.direction is not None
        v = column(axis.direction)
        length = total([Power(x, Number("2")) for x in axis.direction])
        terms.append(Product((Quotient(ONE, length), v, Transpose(v))))
    return total(terms)
