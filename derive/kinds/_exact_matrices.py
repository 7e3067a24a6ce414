"""Matrices of exact numbers: from the tree to flint and back, for products, inverses and null spaces.

Called by the kinds that calculate with matrices of numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm

from flint import fmpq, fmpq_mat

from derive.kinds._by_hand import written
from derive.tree import Matrix, Node, Vector, numeric


def of_rows(rows: Iterable[Iterable[Fraction]]) -> fmpq_mat:
    """A matrix of fractions, shape (n, d), for flint."""
    return fmpq_mat([[fmpq(x.numerator, x.denominator) for x in row] for row in rows])


def exact_matrix(matrix: Matrix) -> fmpq_mat:
    """A matrix of written numbers for flint."""
    return of_rows([numeric(entry) or Fraction(0) for entry in row] for row in matrix.rows)


def as_fraction(value: fmpq) -> Fraction:
    """A number of flint."""
    return Fraction(int(value.p), int(value.q))


def as_rows(value: fmpq_mat) -> tuple[tuple[Fraction, ...], ...]:
    """A matrix of flint as rows of fractions."""
    return tuple(tuple(map(as_fraction, row)) for row in value.tolist())


def as_matrix(value: fmpq_mat, decimals: bool = False) -> Matrix:
    """A matrix of flint as one of the tree; with ``decimals`` where they end, else fractions."""
    return Matrix(tuple(tuple(written(entry, decimals) for entry in row) for row in as_rows(value)))


def as_column(values: Iterable[Node]) -> Matrix:
    """Numbers below one another, as a matrix with one column."""
    return Matrix(tuple((value,) for value in values))


def as_vector(values: Iterable[Fraction], decimals: bool = False) -> Vector:
    """Fractions as coordinates."""
    return Vector(tuple(written(value, decimals) for value in values))


def null_vector(rows: Sequence[Sequence[Fraction]]) -> tuple[Fraction, ...] | None:
    """A vector other than 0 that the matrix takes to 0, in whole numbers; None where the columns are independent."""
    reduced, rank = of_rows(rows).rref()
    width = reduced.ncols()
    if rank == width:
        return None
    leading = _leading(as_rows(reduced), rank)
    free = next(j for j in range(width) if j not in leading)
    found = [Fraction(0)] * width
    found[free] = Fraction(1)
    for row, j in zip(as_rows(reduced), leading, strict=False):
        found[j] = -row[free]
    scale = lcm(*(value.denominator for value in found))
    return tuple(value * scale for value in found)


def solution(rows: Sequence[Sequence[Fraction]], right: Sequence[Fraction]) -> tuple[Fraction, ...] | None:
    """One solution of the linear equations, with free unknowns 0; None where there is none."""
    width = len(rows[0])
    reduced, rank = of_rows([*row, value] for row, value in zip(rows, right, strict=True)).rref()
    made = as_rows(reduced)
    leading = _leading(made, rank)
    if width in leading:
        return None
    found = [Fraction(0)] * width
    for row, j in zip(made, leading, strict=False):
        found[j] = row[width]
    return tuple(found)


def _leading(rows: Sequence[Sequence[Fraction]], rank: int) -> list[int]:
    """The columns of the leading ones of a reduced matrix."""
    return [next(j for j, value in enumerate(row) if value) for row in rows[:rank]]

