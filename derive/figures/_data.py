"""What pictures are given, as numbers, and numbers as words: nothing here needs Matplotlib.

The descriptions of pictures are made with these functions alone, so that a derivation without pictures does not wait
for the import of a plotting library.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.errors import DeriveError
from derive.tree import Node

Array = NDArray[np.float64]

HUGE = 1e240  # Matplotlib's own limits are 1e250; larger numbers count as infinite
DRAWN = 2_000  # points of a line; more only make files large
WORDS = 60  # characters of a formula in a description


# --- numbers to draw --------------------------------------------------------------------------------


def needed(data: Mapping[str, object], key: str) -> Any:
    """A value that the picture cannot do without. DeriveError when it is missing."""
    if key not in data or data[key] is None:
        raise DeriveError(f"the picture's data have no '{key}'")
    return data[key]


def numbers(values: object, what: str) -> list[float]:
    """A list of floats from JSON numbers or fractions. DeriveError for anything else."""
    try:
        return [_float(v) for v in values]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise DeriveError(f"a picture needs a list of numbers as its {what}") from None


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def points(values: object, what: str) -> Array:
    """An array of shape (n, 2) from a list of pairs. DeriveError for anything else."""
    rows = [numbers(row, what) for row in values or ()]  # type: ignore[attr-defined]
    if any(len(row) != 2 for row in rows):
        raise DeriveError(f"every point of the {what} needs two coordinates")
    return np.array(rows, dtype=float).reshape(-1, 2)


def changes(values: Array) -> Array:
    """The differences of neighbouring values, those within rounding taken as none."""
    change = np.diff(values)
    size = np.maximum(np.abs(values[1:]), np.abs(values[:-1]))
    still: Array = np.where(np.abs(change) <= 1e-12 * size, 0.0, change)
    return still


def drawable(values: Array) -> NDArray[np.bool_]:
    """Which numbers can be drawn: those that exist and are below :data:`HUGE`."""
    return np.abs(values) < HUGE  # False for NaN


def interval(values: object) -> tuple[float, float]:
    """A range that was asked for. DeriveError unless it leads from a smaller to a larger number."""
    ends = numbers(values, "range")
    if len(ends) != 2 or not drawable(np.array(ends)).all() or not ends[0] < ends[1]:
        shown = " to ".join(map(number_text, ends))
        raise DeriveError(f"a picture needs a range from a smaller to a larger number, not {shown}")
    return ends[0], ends[1]


def thinned(length: int) -> NDArray[np.intp]:
    """Which of so many points to draw: all of them, or evenly chosen ones with both ends."""
    return np.unique(np.linspace(0, length - 1, min(length, DRAWN)).round().astype(np.intp))


def padded(low: float, high: float, share: float = 0.06) -> tuple[float, float]:
    """An interval with a margin on both sides; a single value gets an interval around it."""
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        room = 0.5 * max(abs(low), abs(high)) or 1.0
        return low - room, high + room
    return low - share * (high - low), high + share * (high - low)


# --- words ------------------------------------------------------------------------------------------


def words(item: object, fallback: str) -> str:
    """A formula or a text for a description, on one line; ``fallback`` where it is missing or long."""
    if isinstance(item, Node):
        from derive.write.text import text

        line = text(item)
        return line if len(line) <= WORDS else fallback
    return re.sub(r"[$\\{}]", "", str(item)) if item else fallback


def number_text(value: float) -> str:
    """A number for a description: at most six digits."""
    return f"{value + 0.0:.6g}"  # adding 0 takes the sign from -0


def range_text(first: float, last: float) -> str:
    """Two ends for a description, with as many digits as tell them apart."""
    digits = next((d for d in range(6, 17) if f"{first:.{d}g}" != f"{last:.{d}g}"), 6)
    return f"from {first:.{digits}g} to {last:.{digits}g}"


def point_text(point: Sequence[float]) -> str:
    """A point for a description."""
    return f"({', '.join(map(number_text, point))})"
