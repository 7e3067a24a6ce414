"""Small matrices of whole numbers with wanted properties, drawn by chance.

Called by the draw of that name. Candidates are drawn with what their properties make certain (symmetry, a positive
diagonal, whole eigenvalues by ``Q Λ Q⁻¹`` with a whole matrix ``Q`` of determinant 1, those of a large symmetric matrix
by smaller ones) and kept when they have the rest. A new property is a row of :data:`PROPERTIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from derive.errors import DeriveError
from derive.worksheets._chance import below, between, several_below, shuffled

Matrix = tuple[tuple[int, ...], ...]
TRIES = 5_000  # candidates; of symmetric 3 x 3 matrices about one in forty has whole eigenvalues
LARGE = 4  # rows of a matrix that is not found by chance alone: of symmetric 4 x 4 hardly any has whole eigenvalues
REFLECTIONS = 4  # tries for each row to mix the parts of such a matrix


@dataclass(frozen=True, slots=True)
class Wanted:
    """The size of a matrix, the range of its entries, what it is to be, and the range of nice eigenvalues."""

    rows: int
    columns: int
    low: int
    high: int
    properties: frozenset[str] = frozenset()
    eigenvalues: tuple[int, int] | None = None

    @property
    def symmetric(self) -> bool:
        """Whether it is its own transpose."""
        return bool(self.properties & {"symmetric", "positive definite"})


    @property
    def nice(self) -> bool:
        """Whether its eigenvalues are whole numbers."""
        return "nice eigenvalues" in self.properties


def draw(random: Random, wanted: Wanted) -> Matrix:
    """A matrix as wanted. DeriveError where none was found among :data:`TRIES`."""
    found = _search(random, wanted)
    if found is None:
        what = " and ".join(sorted(wanted.properties))
        raise DeriveError(f"no {wanted.rows} x {wanted.columns} matrix with entries from {wanted.low} to {wanted.high} "
                          f"was found with: {what}", "widen the range of the entries, or ask for less")
    return found


def _search(random: Random, wanted: Wanted) -> Matrix | None:
    candidate: Callable[[Random, Wanted], Matrix | None] = _any
    if wanted.nice and not wanted.symmetric:
        candidate = _similar
    elif wanted.nice and wanted.rows >= LARGE and wanted.low <= 0 <= wanted.high:
        candidate = _in_blocks
    for _ in range(TRIES):
        found = candidate(random, wanted)
        if found is None:
            return None
        if all(PROPERTIES[name](found, wanted) for name in wanted.properties):
            return found
    return None


# --- candidates -------------------------------------------------------------------------------------


def _any(random: Random, wanted: Wanted) -> Matrix:
    """Entries of the range; of a positive definite matrix the diagonal is positive."""
    least = max(1, wanted.low) if "positive definite" in wanted.properties else wanted.low
    rows = [[0] * wanted.columns for _ in range(wanted.rows)]
    for i in range(wanted.rows):
        for j in range(wanted.columns):
            if wanted.symmetric and j < i:
                rows[i][j] = rows[j][i]
            else:
                rows[i][j] = between(random, least if i == j else wanted.low, wanted.high)
    return tuple(map(tuple, rows))


def _similar(random: Random, wanted: Wanted) -> Matrix:
    """``Q Λ Q⁻¹``: a diagonal matrix, and again and again a row added to another and its column subtracted.

    Of what is done to a large one, that is left out which would lead further out of the range of the entries: it would
    not come back.
    """
    size, (low, high) = wanted.rows, wanted.eigenvalues or (wanted.low, wanted.high)
    rows = [[between(random, low, high) if i == j else 0 for j in range(size)] for i in range(size)]
    for _ in range(size * (size - 1)):
        i, j = below(random, size), below(random, size - 1)
        j += j >= i
        sign = 1 - 2 * below(random, 2)
        made = [list(row) for row in rows]
        made[i] = [x + sign * y for x, y in zip(rows[i], rows[j], strict=True)]
        for row in made:
            row[j] -= sign * row[i]
        if size < LARGE or _excess(made, wanted) <= _excess(rows, wanted):
            rows = made
    return tuple(map(tuple, rows))


def _excess(rows: Sequence[Sequence[int]], wanted: Wanted) -> int:
    """How far the entries lie outside of their range, all together."""
    return sum(max(wanted.low - x, x - wanted.high, 0) for row in rows for x in row)


def _in_blocks(random: Random, wanted: Wanted) -> Matrix | None:
    """A symmetric matrix made of smaller ones of its kind, mixed; None where there are no such smaller ones.

    Eigenvalues are kept by numbering the rows and columns anew, and by a reflection ``H A H`` with
    ``H = I - 2 v vᵀ / vᵀv`` where ``v`` has three or four entries ``1`` or ``-1``: of those the ones that leave whole
    numbers.
    """
    size = wanted.rows
    order, rows, start = shuffled(random, range(size)), [[0] * size for _ in range(size)], 0
    while start < size:
        part = 1 if (size - start) % 2 else 2  # larger ones are searched long
        block = _search(random, replace(wanted, rows=part, columns=part))
        if block is None:
            return None
        for i, row in enumerate(block):
            for j, entry in enumerate(row):
                rows[order[start + i]][order[start + j]] = entry
        start += part
    for _ in range(REFLECTIONS * size):
        places = several_below(random, 3 + below(random, 2), size)
        made = _reflected(rows, {k: 1 - 2 * below(random, 2) for k in places})
        if made is not None and not _excess(made, wanted):
            rows = made
    return tuple(map(tuple, rows))


def _reflected(rows: list[list[int]], v: dict[int, int]) -> list[list[int]] | None:
    """``H A H`` for a symmetric matrix and the entries of ``v``; None where it does not have whole entries."""
    size, length = len(rows), len(v)
    image = [sum(row[k] * sign for k, sign in v.items()) for row in rows]
    whole = sum(image[k] * sign for k, sign in v.items())
    made = [[0] * size for _ in range(size)]
    for i in range(size):
        for j in range(size):
            a, b = v.get(i, 0), v.get(j, 0)
            change, rest = divmod(4 * whole * a * b - 2 * length * (a * image[j] + b * image[i]), length**2)
            if rest:
                return None
            made[i][j] = rows[i][j] + change
    return made


# --- properties -------------------------------------------------------------------------------------


def determinant(matrix: Sequence[Sequence[int]]) -> int:
    """The determinant of a square matrix of whole numbers, by elimination without fractions (Bareiss)."""
    rows, sign, before = [list(row) for row in matrix], 1, 1
    for k in range(len(rows) - 1):
        swap = next((i for i in range(k, len(rows)) if rows[i][k]), None)
        if swap is None:
            return 0
        if swap != k:
            rows[k], rows[swap], sign = rows[swap], rows[k], -sign
        for i in range(k + 1, len(rows)):
            for j in range(k + 1, len(rows)):
                rows[i][j] = (rows[i][j] * rows[k][k] - rows[i][k] * rows[k][j]) // before
        before = rows[k][k]
    return sign * rows[-1][-1]


def characteristic(matrix: Matrix) -> list[int]:
    """The coefficients of ``det(λ I - A)``, the highest first (Faddeev and LeVerrier)."""
    size = len(matrix)
    coefficients, power = [1], [[0] * size for _ in range(size)]
    for k in range(1, size + 1):
        for i in range(size):
            power[i][i] += coefficients[-1]
        power = [[sum(x * y for x, y in zip(row, column, strict=True)) for column in zip(*power, strict=True)]
                 for row in matrix]
        coefficients.append(-sum(power[i][i] for i in range(size)) // k)
    return coefficients


def whole_eigenvalues(matrix: Matrix) -> list[int] | None:
    """All eigenvalues, as often as they count, in order; None where one is not a whole number."""
    rest, found = characteristic(matrix), []
    reach = max(sum(map(abs, row)) for row in matrix)  # no eigenvalue is larger (Gershgorin)
    for root in range(-reach, reach + 1):
        while len(rest) > 1 and not (divided := _divided(rest, root))[-1]:
            rest = divided[:-1]
            found.append(root)
    return found if len(rest) == 1 else None


def _divided(coefficients: list[int], root: int) -> list[int]:
    """A polynomial divided by ``λ - root`` (Horner); the last number is the rest."""
    made = [coefficients[0]]
    for c in coefficients[1:]:
        made.append(c + root * made[-1])
    return made


def _is_invertible(matrix: Matrix, wanted: Wanted) -> bool:
    return determinant(matrix) != 0


def _is_symmetric(matrix: Matrix, wanted: Wanted) -> bool:
    return matrix == tuple(zip(*matrix, strict=True))


def _is_positive_definite(matrix: Matrix, wanted: Wanted) -> bool:
    """By Sylvester: the determinants of the upper left parts are positive."""
    corners = ([row[:k] for row in matrix[:k]] for k in range(1, len(matrix) + 1))
    return _is_symmetric(matrix, wanted) and all(determinant(corner) > 0 for corner in corners)


def _is_nice(matrix: Matrix, wanted: Wanted) -> bool:
    """Whole eigenvalues of the wanted range, entries of the range, and not diagonal, where they could be read off."""
    off = [x for i, row in enumerate(matrix) for j, x in enumerate(row) if i != j]
    if (off and not any(off)) or not all(wanted.low <= x <= wanted.high for row in matrix for x in row):
        return False
    found = whole_eigenvalues(matrix)
    low, high = wanted.eigenvalues or (min(found or [0]), max(found or [0]))
    return found is not None and all(low <= value <= high for value in found)


PROPERTIES: dict[str, Callable[[Matrix, Wanted], bool]] = {
    "invertible": _is_invertible,
    "symmetric": _is_symmetric,
    "positive definite": _is_positive_definite,
    "nice eigenvalues": _is_nice,
}
"""What a drawn matrix may be asked to be; all of them are properties of square matrices."""
