"""Paths as text, for files whose pages are text: the same walk for PDF and for SVG, which differ in their signs.

Coordinates are whole numbers, hundredths of a point: they are short, quick to write, and finer than any printer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from derive.figures._data import Array

UNIT = 100  # to a point
FAR = 20_000.0  # points from the page; what is farther away cannot be told apart on it
MOVE, LINE, CURVE3, CURVE4, CLOSE = 1, 2, 3, 4, 79
"""Matplotlib's codes of paths."""


@dataclass(frozen=True, slots=True)
class Signs:
    """How a file writes that a path moves, goes on along a line or a curve, and is closed."""

    move: str
    line: str
    curve: str
    close: str


def units(length: float) -> int:
    """A length in points as a whole number of units."""
    return round(length * UNIT)


def written(points: Array, codes: Any, signs: Signs) -> str:
    """A path through points (n, 2) in points of print; without codes a line, which the points that are none interrupt.

    Codes are Matplotlib's: of curves the points that pull them come before their ends.
    """
    if codes is None:
        if len(points) <= SHORT:
            return _short_line(points.tolist(), signs)
        points, codes = _line(points)
    kinds = np.asarray(codes)
    places = _rounded(points)
    if ((kinds == CURVE3) | (kinds == CURVE4)).any():
        return _curves(places.astype(np.int64).tolist(), kinds.tolist(), signs)
    places, kinds = _thinned(places, kinds)
    shapes = {MOVE: signs.move, LINE: signs.line, CLOSE: signs.close}
    numbered = places[kinds != CLOSE].astype(np.int64)
    return "".join(map(shapes.__getitem__, kinds.tolist())) % tuple(numbered.ravel().tolist())


SHORT = 8  # points of a line that are faster written one by one


def _rounded(points: Array) -> Array:
    if not np.isfinite(points).all():
        points = np.nan_to_num(points)
    places: Array = np.rint(points.clip(-FAR, FAR) * UNIT)
    return places


def _short_line(points: list[list[float]], signs: Signs) -> str:
    parts, sign = [], signs.move
    for x, y in points:
        if math.isfinite(x) and math.isfinite(y):
            parts.append(sign % (units(min(max(x, -FAR), FAR)), units(min(max(y, -FAR), FAR))))
            sign = signs.line
        else:
            sign = signs.move
    return "".join(parts)


def _line(points: Array) -> tuple[Array, Any]:
    """The points of a line that are some, with the codes of a path."""
    finite: Any = np.isfinite(points).all(axis=1)
    codes = np.full(len(points), LINE)
    codes[0] = MOVE
    codes[1:][~finite[:-1]] = MOVE
    return points[finite], codes[finite]


NEAR = 2.0  # units: a point so near the line between its neighbours is not needed
PASSES = 4  # every other point may be left out in each: the line moves by a tenth of a point at most


def _thinned(places: Array, codes: Any) -> tuple[Array, Any]:
    """A path of lines without points that do not change it: level lines have one wherever they cross a grid.

    Places are taken as complex numbers: a way times the conjugate of another says how far it goes along that (times
    its length, the real part) and how far away from it.
    """
    ways = np.ascontiguousarray(places).view(complex)[:, 0]
    for _ in range(PASSES):
        if len(codes) <= SHORT:
            break
        before = ways[:-2:2]
        here, after = ways[1:-1:2] - before, ways[2::2] - before
        along, length = here * after.conj(), (after * after.conj()).real
        needless = (np.abs(along.imag) <= NEAR * np.sqrt(length)) & (along.real >= 0)
        needless &= (here * here.conj()).real <= length
        lines = codes == LINE
        needless &= lines[1:-1:2] & lines[2::2]
        kept = np.ones(len(codes), dtype=bool)
        kept[1:-1:2] = ~needless
        ways, codes = ways[kept], codes[kept]
        if len(kept) - len(codes) < len(kept) // 10:
            break
    return ways.view(float).reshape(-1, 2), codes


def _curves(found: list[list[int]], codes: list[int], signs: Signs) -> str:
    """A path with curves; one with a single point that pulls it is written with two."""
    parts: list[str] = []
    place, last = 0, [0, 0]
    while place < len(codes):
        match codes[place]:
            case 79:  # CLOSE
                parts.append(signs.close)
                place += 1
                continue
            case 1:  # MOVE
                parts.append(signs.move % tuple(found[place]))
            case 2:  # LINE
                parts.append(signs.line % tuple(found[place]))
            case 3:  # CURVE3
                (a, b), (c, d), (e, f) = last, found[place], found[place + 1]
                pulls = (a + 2 * (c - a) / 3, b + 2 * (d - b) / 3, e + 2 * (c - e) / 3, f + 2 * (d - f) / 3)
                parts.append(signs.curve % (*map(round, pulls), e, f))
                place += 1
            case _:
                parts.append(signs.curve % (*found[place], *found[place + 1], *found[place + 2]))
                place += 2
        last = found[place]
        place += 1
    return "".join(parts)


@lru_cache(maxsize=512)
def shade(part: float) -> str:
    """A share from 0 to 1 in at most three digits."""
    return f"{part:.3f}".rstrip("0").rstrip(".") or "0"
