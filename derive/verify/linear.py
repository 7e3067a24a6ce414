"""Whether linear inequalities contradict each other, by Fourier-Motzkin elimination over the rational numbers.

The unknowns are monomials, taken as independent: a contradiction is certain, its absence says nothing. Called by
:mod:`signs` with the few facts of a case, such as ``a > b``, ``b > c`` and ``c >= a``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from fractions import Fraction
from math import gcd

Row = tuple[dict[Hashable, int], int, bool]
"""``sum of coefficient * unknown + constant``, which is > 0 when strict, else >= 0."""

_ROWS = 60  # beyond, no contradiction is looked for


def contradictory(rows: Iterable[Row]) -> bool:
    """Whether no numbers satisfy all the inequalities."""
    left = list(rows)
    while True:
        if any(not c and (constant < 0 or (constant == 0 and strict)) for c, constant, strict in left):
            return True
        left = _used([row for row in left if row[0]])
        if not left or len(left) > _ROWS:
            return False
        left = _eliminated(left, _cheapest(left))


def _used(rows: list[Row]) -> list[Row]:
    """The rows without those that hold an unknown of one sign only: that can always be made large enough."""
    while True:
        signs: dict[Hashable, set[bool]] = {}
        for coefficients, _, _ in rows:
            for unknown, c in coefficients.items():
                signs.setdefault(unknown, set()).add(c > 0)
        kept = [row for row in rows if all(len(signs[unknown]) == 2 for unknown in row[0])]
        if len(kept) == len(rows):
            return kept
        rows = kept


def _cheapest(rows: list[Row]) -> Hashable:
    """The unknown whose elimination leaves the fewest rows."""
    counts: dict[Hashable, list[int]] = {}
    for coefficients, _, _ in rows:
        for unknown, c in coefficients.items():
            counts.setdefault(unknown, [0, 0])[c > 0] += 1
    return min(counts, key=lambda unknown: counts[unknown][0] * counts[unknown][1])


def _eliminated(rows: list[Row], unknown: Hashable) -> list[Row]:
    above = [row for row in rows if row[0].get(unknown, 0) > 0]
    below = [row for row in rows if row[0].get(unknown, 0) < 0]
    rest = [row for row in rows if unknown not in row[0]]
    return rest + [_combined(p, n, unknown) for p in above for n in below]


def _combined(p: Row, n: Row, unknown: Hashable) -> Row:
    """The positive combination of two rows in which the unknown drops out."""
    up, down = -n[0][unknown], p[0][unknown]
    sums = {k: up * p[0].get(k, 0) + down * n[0].get(k, 0) for k in {*p[0], *n[0]}}
    coefficients = {k: c for k, c in sums.items() if c}
    constant = up * p[1] + down * n[1]
    common = gcd(constant, *coefficients.values()) or 1
    return {k: c // common for k, c in coefficients.items()}, constant // common, p[2] or n[2]


def bounds(
    unknown: Hashable, low: Fraction | None, high: Fraction | None, open_low: bool, open_high: bool
) -> list[Row]:
    """``low <= unknown <= high`` as rows."""
    rows: list[Row] = []
    if low is not None:
        rows.append(({unknown: low.denominator}, -low.numerator, open_low))
    if high is not None:
        rows.append(({unknown: -high.denominator}, high.numerator, open_high))
    return rows
