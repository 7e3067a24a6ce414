"""The data of a principal component analysis, exactly: points, mean, centred points, covariance matrix.

Everything is a fraction; :meth:`Data.written` writes one the way the problem writes its numbers. What is given is
checked here. Called by the kind ``pca`` and its parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.errors import DeriveError, LimitError
from derive.kinds._by_hand import has_decimals, number_of, written
from derive.tree import Matrix, Node, Vector
from derive.write.text import text

Exact = tuple[Fraction, ...]

COORDINATES_MOST = 6  # wider matrices of decimals do not fit beside one another
POINTS_MOST = 200  # points whose numbers are worked out exactly
DIVISORS = ("n - 1", "n")


@dataclass(frozen=True)
class Data:
    """``points`` has n rows of d numbers; ``covariance`` is d x d. Without points only the covariance is known."""

    points: tuple[Exact, ...]
    covariance: tuple[Exact, ...]
    divisor: str
    decimals: bool

    @property
    def size(self) -> int:
        """How many points there are."""
        return len(self.points)

    @property
    def width(self) -> int:
        """How many coordinates a point has."""
        return len(self.covariance)

    @property
    def divided_by(self) -> int:
        """The number that the sums of squares are divided by."""
        return self.size - 1 if self.divisor == "n - 1" else self.size

    @cached_property
    def mean(self) -> Exact:
        """The mean of the points."""
        return mean_of(self.points)

    @cached_property
    def centred(self) -> tuple[Exact, ...]:
        """The points minus their mean."""
        return centred(self.points)

    @property
    def trace(self) -> Fraction:
        """The whole variance."""
        return sum((row[i] for i, row in enumerate(self.covariance)), Fraction(0))

    @property
    def array(self) -> NDArray[np.float64]:
        """The covariance matrix as floats, shape (d, d)."""
        return np.array([[float(x) for x in row] for row in self.covariance])

    def written(self, value: Fraction) -> Node:
        """A number: a decimal where the data are decimals and it ends, else a fraction."""
        return written(value, self.decimals)

    def vector(self, values: Iterable[Fraction]) -> Vector:
        """Coordinates side by side."""
        return Vector(tuple(map(self.written, values)))

    def matrix(self, rows: Iterable[Iterable[Fraction]]) -> Matrix:
        """A matrix of numbers."""
        return Matrix(tuple(tuple(map(self.written, row)) for row in rows))


def mean_of(points: Sequence[Exact]) -> Exact:
    """The mean, coordinate by coordinate."""
    return tuple(sum(column, Fraction(0)) / len(points) for column in zip(*points, strict=True))


def centred(points: Sequence[Exact]) -> tuple[Exact, ...]:
    """The points minus their mean."""
    mean = mean_of(points)
    return tuple(tuple(x - m for x, m in zip(point, mean, strict=True)) for point in points)


def products(rows: Sequence[Exact]) -> tuple[Exact, ...]:
    """The sums of products of the columns: the transpose times the matrix."""
    columns = list(zip(*rows, strict=True))
    return tuple(tuple(inner(a, b) for b in columns) for a in columns)


def inner(u: Sequence[Fraction], v: Sequence[Fraction]) -> Fraction:
    """The inner product."""
    return sum((x * y for x, y in zip(u, v, strict=True)), Fraction(0))


# --- what is given ----------------------------------------------------------------------------------


def exact_points(given: Sequence[Sequence[Node]], key: str = "points") -> tuple[Exact, ...]:
    """The points of a key as fractions.

    DeriveError for one with other coordinates than the first, and for irrational numbers.
    """
    if len(given) > POINTS_MOST:
        raise LimitError(f"{key}: {len(given)} points are too many to work out by hand: at most {POINTS_MOST}",
                         "take some of them")
    points = tuple(_exact_point(point, f"{key}: point {k}") for k, point in enumerate(given, 1))
    width = len(points[0]) if points else 0
    for k, point in enumerate(points, 1):
        if len(point) != width:
            raise DeriveError(f"{key}: point {k} has {len(point)} coordinates and point 1 has {width}",
                              "every point has a number for each coordinate")
    return points


def _exact_point(point: Sequence[Node], where: str) -> Exact:
    return tuple(_fraction(value, where) for value in point)


def _fraction(node: Node, where: str) -> Fraction:
    value = number_of(node)
    if isinstance(value, float):
        raise DeriveError(f"{where}: {text(node)} is no fraction", "write it as a decimal, to as many digits as needed")
    return value


def given_data(given: Any) -> Data | None:
    """What the fields say; None where only the derivation is asked for.

    DeriveError for too few points, for equal points, for a matrix that is no covariance matrix.
    """
    if given["points"] is not None and given["covariance"] is not None:
        raise DeriveError("points and covariance are both given", "give the points, or the covariance matrix of them")
    if given["points"] is not None:
        return _from_points(exact_points(given["points"]), given["divisor"], has_decimals(
            node for point in given["points"] for node in point))
    return None if given["covariance"] is None else _from_covariance(given["covariance"])


def _from_points(points: tuple[Exact, ...], divisor: str, decimals: bool) -> Data:
    if len(points) < 2:
        count = "one point has" if points else "no points have"
        raise DeriveError(f"points: {count} no variance", "give at least two different points")
    _width(len(points[0]), "points")
    if len(set(points)) == 1:
        raise DeriveError("points: all points are equal, so there is no variance and no direction in which it is "
                          "largest", "give at least two different points")
    scatter = products(centred(points))
    size = len(points) - 1 if divisor == DIVISORS[0] else len(points)
    return Data(points, tuple(tuple(entry / size for entry in row) for row in scatter), divisor, decimals)


def _from_covariance(rows: Sequence[Sequence[Node]]) -> Data:
    matrix = tuple(tuple(_fraction(x, f"covariance: row {i}") for x in row) for i, row in enumerate(rows, 1))
    if any(len(row) != len(matrix) for row in matrix):
        raise DeriveError("covariance: the matrix is not square", "give a row of numbers for each coordinate")
    _width(len(matrix), "covariance")
    for i, row in enumerate(matrix):
        for j, entry in enumerate(row[:i]):
            if entry != matrix[j][i]:
                raise DeriveError(f"covariance: the entries in row {i + 1}, column {j + 1} and in row {j + 1}, column "
                                  f"{i + 1} differ", "a covariance matrix is symmetric")
    _positive(matrix)
    return Data((), matrix, DIVISORS[0], has_decimals(x for row in rows for x in row))


def _width(width: int, field: str) -> None:
    if width < 2:
        raise DeriveError(f"{field}: with one coordinate there is only one direction",
                          "give points with two or more coordinates")
    if width > COORDINATES_MOST:
        raise LimitError(f"{field}: {width} coordinates are too many to write down: at most {COORDINATES_MOST}",
                         "take some of them")


def _positive(matrix: tuple[Exact, ...]) -> None:
    """DeriveError for a matrix with a negative eigenvalue, and for zero."""
    if not any(any(row) for row in matrix):
        raise DeriveError("covariance: all entries are zero, so there is no variance", "give another matrix")
    floats = np.array([[float(x) for x in row] for row in matrix])
    least = float(np.linalg.eigvalsh(floats)[0])
    if least < -1e-9 * float(np.abs(floats).max()):
        raise DeriveError(f"covariance: the matrix has the negative eigenvalue {least:.6g}, and a variance is never "
                          "negative", "check the signs: no covariance is larger than the root of both variances")
