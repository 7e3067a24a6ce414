"""Curves of functions with poles, jumps, kinks and edges of their domain, as points to draw.

A curve is sampled evenly; where two neighbours differ by much, or one of them has no value, the interval between
them is bisected. What stays apart however near the neighbours come is a pole or a jump, and the curve is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive import limits
from derive.figures import _data

Array = NDArray[np.float64]
Function = Callable[..., Array]

ROUNDS = 44  # bisections: from a pixel to the distance of neighbouring floats
STEEP = 0.03  # of the visible height between neighbours: look closer
CLIPPED = 6.0  # a range so many times that of the middle 90 % is cut
KEPT = 0.35  # of the middle range, on each side of it, when cut


@dataclass(frozen=True, slots=True)
class Curve:
    """A sampled curve: NaN breaks it. ``low`` and ``high`` are the values worth showing (NaN when there are none)."""

    x: Array
    y: Array
    low: float
    high: float

    @property
    def empty(self) -> bool:
        """Whether the function has no value in the range."""
        return not np.isfinite(self.low)


def drawable(function: Function) -> Function:
    """The function with NaN where its value is too large to draw."""

    def limited(x: Array) -> Array:
        y = function(x)
        return np.where(_data.drawable(y), y, np.nan)

    return limited


def visible(y: Array) -> tuple[float, float]:
    """The range of values worth showing: all of it, without the spikes at a pole."""
    finite = y[np.isfinite(y)]
    if not len(finite):
        return np.nan, np.nan
    low, high = float(finite.min()), float(finite.max())
    inner_low, inner_high = np.quantile(finite, [0.05, 0.95])
    inner = float(inner_high - inner_low)
    if inner <= 0 or high - low <= CLIPPED * inner:
        return low, high
    return max(low, float(inner_low) - KEPT * inner), min(high, float(inner_high) + KEPT * inner)


def connected(y: Array) -> NDArray[np.bool_]:
    """Which samples belong to a curve: x^x has values at whole negative numbers, but no curve there."""
    known = np.isfinite(y)
    beside = np.zeros_like(known)
    beside[1:] |= known[:-1]
    beside[:-1] |= known[1:]
    return np.asarray(known & beside)


def _bisect(function: Function, a: Array, b: Array) -> tuple[Array, Array, Array, Array, Array]:
    """The left ends of narrow intervals around a jump, the values at both ends, and all points looked at."""
    fa, fb = function(a), function(b)
    seen_x, seen_y = [], []
    for _ in range(ROUNDS):
        middle = (a + b) / 2
        value = function(middle)
        seen_x.append(middle)
        seen_y.append(value)
        right = _gap(value, fb) > _gap(fa, value)
        a, fa = np.where(right, middle, a), np.where(right, value, fa)
        b, fb = np.where(right, b, middle), np.where(right, fb, value)
    return a, fa, fb, np.concatenate(seen_x), np.concatenate(seen_y)


def _gap(left: Array, right: Array) -> Array:
    """How far two values are apart; infinitely where exactly one exists, not at all where neither does."""
    known_left, known_right = np.isfinite(left), np.isfinite(right)
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.abs(left - right)
    return np.where(known_left & known_right, distance, np.where(known_left ^ known_right, np.inf, 0.0))


def sample(function: Function, low: float, high: float, exactly: Sequence[float] = ()) -> Curve:
    """A curve over [low, high], with samples at the points ``exactly`` as well."""
    x = np.linspace(low, high, limits.PLOT_POINTS + 1)
    y = function(x)
    bottom, top = visible(y[connected(y)])
    inside = [p for p in exactly if low <= p <= high]
    x = np.union1d(x, np.array(inside, dtype=float))
    y = function(x)
    gaps = _gap(y[:-1], y[1:])
    steep = np.flatnonzero(gaps > STEEP * (top - bottom))
    if not len(steep) or not top > bottom:
        return Curve(x, np.where(np.isfinite(y), y, np.nan), bottom, top)
    a, fa, fb, more_x, more_y = _bisect(function, x[steep], x[steep + 1])
    broken = ~(_gap(fa, fb) < 0.5 * np.minimum(gaps[steep], 1e300))
    xs = np.concatenate([x, more_x, a[broken]])
    ys = np.concatenate([y, more_y, np.full(int(broken.sum()), np.nan)])
    # a break stands after the left end of its interval, before the right one
    order = np.lexsort((np.concatenate([np.zeros(len(x) + len(more_x)), np.ones(int(broken.sum()))]), xs))
    xs, ys = xs[order], ys[order]
    return Curve(xs, np.where(np.isfinite(ys), ys, np.nan), bottom, top)


def clip(y: Array, low: float, high: float) -> Array:
    """Values held within ten heights of the picture, so that no backend meets coordinates it cannot draw."""
    room = 10 * (high - low)
    return np.asarray(np.clip(y, low - room, high + room))
