"""How the points of an exercise are shared out, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from derive.steps import Level, Step

_UNITS = (Fraction(1), Fraction(1, 2), Fraction(1, 4), Fraction(1, 10), Fraction(1, 100))


def shares(points: Fraction, weights: Sequence[int]) -> list[Fraction]:
    """The points in as many parts as there are weights, about in their proportion; the parts add up exactly.

    Parts are whole points where that gives every part something, else halves, quarters, tenths or hundredths; where not
    even these reach, equal fractions.
    """
    if not weights:
        return []
    unit = next((u for u in _UNITS if (points / u).denominator == 1 and points / u >= len(weights)), None)
    if unit is None:
        return [points / len(weights)] * len(weights)
    rest = int(points / unit) - len(weights)  # every part has one unit
    ideal = [Fraction(rest * weight, sum(weights)) for weight in weights]
    parts = [int(share) for share in ideal]
    largest = sorted(range(len(parts)), key=lambda k: (parts[k] - ideal[k], k))
    for k in largest[: rest - sum(parts)]:
        parts[k] += 1
    return [(part + 1) * unit for part in parts]


def weight(step: Step) -> int:
    """What a step counts when points are shared out: a law of calculus or an argument twice as much as arithmetic."""
    return 2 if step.level >= Level.CALCULUS else 1
