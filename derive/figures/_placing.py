"""Labels beside points, where they cover neither each other nor what is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from derive.figures import _style
from derive.figures._data import Array
from derive.figures._style import FONT

Axes = Any  # Matplotlib's, or those of :mod:`._axes`
Figure = Any

GAP = 5.0  # points of print between a point and its label
APART = 11.0  # points of print between labelled members of a sequence
FAR = 9.0  # points of print between a point and its label that ask for a line
CANDIDATES = [
    (radius * math.cos(angle), radius * math.sin(angle))
    for radius in (1.0, 1.8, 2.8)
    for angle in (math.pi * k / 4 for k in (1, 3, 7, 5, 2, 6, 0, 4))
]
"""Where a label may stand beside its point: eight directions, best first, nearest first."""


Box = tuple[float, float, float, float]
"""Left, low, right and high, in pixels."""


@dataclass(slots=True)
class _Room:
    """Where labels may go: ``inside`` the axes, not over the boxes ``taken``, better not over points ``blocked``."""

    inside: Any
    blocked: Array
    gap: float
    taken: list[Box] = field(default_factory=list)


def apart(figure: Figure, axes: Axes, sequence: Array, distance: float = APART) -> list[int]:
    """Which points of a sequence (n, 2) to mark without a crowd: both ends, then those in order, ``distance`` apart."""
    places, last = axes.transData.transform(sequence) * 72 / figure.dpi, len(sequence) - 1
    kept = sorted({0, last})
    for i in range(1, last):
        if all(math.dist(places[i], places[j]) > distance for j in kept):
            kept.append(i)
    return kept


def place(
    figure: Figure,
    axes: Axes,
    places: Sequence[tuple[float, float, str]],
    obstacles: Array,
    *,
    optional: bool = False,
    size: float = FONT - 1,
) -> None:
    """Write labels beside points where they cover neither each other nor the obstacles, inside the axes.

    ``obstacles`` are points (n, 2) in data coordinates, such as the samples of a curve. An ``optional`` label is
    left out where there is no room. The figure must be settled (:func:`derive.figures._style.settle`).
    """
    marked = np.array([[x, y] for x, y, _ in places], dtype=float).reshape(-1, 2)
    blocked = axes.transData.transform(np.vstack([obstacles.reshape(-1, 2), marked]))
    room = _Room(axes.get_window_extent(), blocked, GAP * figure.dpi / 72)
    for place in places:
        _write(figure, axes, place, room, optional, size)


def _write(
    figure: Figure, axes: Axes, place: tuple[float, float, str], room: _Room, optional: bool, size: float
) -> None:
    """One label at its best spot; offsets are in points of print, so that every resolution shows the same."""
    x, y, text = place
    style: dict[str, Any] = {"fontsize": size, "ha": "center", "va": "center", "zorder": 6}
    artist = axes.annotate(text, (x, y), xytext=(0, 0), textcoords="offset points", **style)
    extent = artist.get_window_extent()
    cx, cy = axes.transData.transform((x, y))
    spot = _spot(cx, cy, extent.width, extent.height, room)
    if spot is None or (optional and spot[2] > 0):
        artist.remove()
        return
    dx, dy, covered = spot
    if covered:
        _style.halo(artist, 2.5)
    artist.set_position((dx * 72 / figure.dpi, dy * 72 / figure.dpi))
    _leader(axes, (x, y), _box(dx, dy, extent.width, extent.height), figure.dpi)
    room.taken.append(_box(cx + dx, cy + dy, extent.width, extent.height))


def _leader(axes: Axes, point: tuple[float, float], box: Box, dpi: float) -> None:
    """A thin line from a label that stands away from its point; ``box`` is relative to the point, in pixels."""
    near = (min(max(0.0, box[0]), box[2]) * 72 / dpi, min(max(0.0, box[1]), box[3]) * 72 / dpi)
    if math.hypot(*near) > FAR:
        line = {"arrowstyle": "-", "color": "0.35", "linewidth": 0.5, "shrinkA": 0, "shrinkB": 3}
        axes.annotate("", point, xytext=near, textcoords="offset points", arrowprops=line, zorder=5.5)


def _box(x: float, y: float, width: float, height: float) -> Box:
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _spot(cx: float, cy: float, width: float, height: float, room: _Room) -> tuple[float, float, int] | None:
    """The offset of the best candidate and how many obstacles it covers; None when no label fits at all."""
    best: tuple[float, float, int] | None = None
    for ux, uy in CANDIDATES:
        dx, dy = ux * (room.gap + width / 2), uy * (room.gap + height / 2)
        box = _box(cx + dx, cy + dy, width, height)
        if not _within(box, room.inside) or any(_overlap(box, other) for other in room.taken):
            continue
        count = _covered(box, room.blocked)
        if best is None or count < best[2]:
            best = (dx, dy, count)
        if not count:
            break
    return best


def _within(box: Box, inside: Any) -> bool:
    return bool(inside.x0 <= box[0] and box[2] <= inside.x1 and inside.y0 <= box[1] and box[3] <= inside.y1)


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]


def _covered(box: Box, points: Array) -> int:
    x, y = points.T
    return int(((x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])).sum())
