"""Axes whose numbers are near or far apart: limits, ticks and tick labels that stay readable.

:func:`linear`, :func:`logarithmic` and :func:`symmetric` set up one axis for the values it has to show.
:class:`Scale` converts between coordinates and the position along an axis, for grids that are even on the page.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from derive.figures import _data, _style
from derive.figures._data import Array

Axes = Any  # Matplotlib's, or those of :mod:`._axes`

TICKS = 7  # labels along an axis
LATE = 1e-3  # an axis whose length is so small against its numbers shows differences
SMALL, LARGE = 1e-3, 1e5  # an axis up to such numbers has powers of ten at its ticks
LONG = 3.5  # an axis with a tick beyond 10^3.5 shows all large ticks as powers
ZERO_DECADES = 16  # a value this many powers of ten below the largest counts as 0 on a logarithmic axis


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high``; linear where ``threshold`` is 0, else logarithmic on both sides of 0.

    The position is ``arsinh(x/threshold)``: like x inside the threshold, like log |x| outside, and smooth.
    """

    low: float
    high: float
    threshold: float = 0.0

    def forward(self, x: Array) -> Array:
        """Positions along the axis, up to a linear map."""
        return np.arcsinh(np.asarray(x, dtype=float) / self.threshold) if self.threshold else np.asarray(x, dtype=float)

    def inverse(self, position: Array) -> Array:
        """The values at positions."""
        return np.sinh(position) * self.threshold if self.threshold else np.asarray(position, dtype=float)

    def grid(self, n: int) -> Array:
        """``n`` values that are evenly spaced on the page."""
        low, high = self.forward(np.array([self.low, self.high]))
        return self.inverse(np.linspace(low, high, n))

    def ticks(self) -> list[float]:
        """Zero and powers of ten, as many as are readable, inside the limits."""
        top = math.log10(max(abs(self.low), abs(self.high)) / self.threshold)
        sides = (self.low < -self.threshold) + (self.high > self.threshold)
        stride = max(1, math.ceil(top * max(1, sides) / TICKS))
        sizes = [self.threshold * 10.0**k for k in range(stride - 1, math.floor(top) + 1, stride)]
        return [t for t in (*(-s for s in reversed(sizes)), 0.0, *sizes) if self.low <= t <= self.high]

    def apply(self, axes: Axes, which: Literal["x", "y"]) -> None:
        """Give an axis this scale."""
        (axes.set_xlim if which == "x" else axes.set_ylim)(self.low, self.high)
        if self.threshold:
            (axes.set_xscale if which == "x" else axes.set_yscale)("function", functions=(self.forward, self.inverse))
            (axes.set_xlim if which == "x" else axes.set_ylim)(self.low, self.high)
            _fix(axes, which, self.ticks())


def _fix(axes: Axes, which: Literal["x", "y"], ticks: Sequence[float]) -> None:
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullFormatter, NullLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(FixedLocator(list(ticks)))
    long = max((abs(math.log10(abs(t))) for t in ticks if t), default=0) > LONG
    axis.set_major_formatter(FixedFormatter([_power_label(t) if long else _style.number_label(t) for t in ticks]))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def _power_label(value: float) -> str:
    """10, 100, then powers of ten as such: one style along an axis that has many."""
    exponent = math.log10(abs(value)) if value else 0.0
    if abs(exponent) < 2.5 or not math.isclose(exponent, round(exponent), abs_tol=1e-9):
        return _style.number_label(value)
    return rf"${'-' if value < 0 else ''}10^{{{round(exponent)}}}$"


def distinct(values: Sequence[float]) -> tuple[float, list[str]]:
    """Labels that tell the values apart, and the number that they are counted from: 0, or one near all of them."""
    for digits in (3, 4, 5):
        labels = [_style.number_label(v, digits) for v in values]
        if len(set(labels)) == len(values):
            return 0.0, labels
    base = _middle(min(values), max(values))
    return base, [_style.number_label(v - base, 3) for v in values]


def less(label: str, base: float) -> str:
    """The label of what is counted from ``base``: ``C - 2``."""
    if not base:
        return label
    return f"{label} ${'-' if base > 0 else '+'}$ {_style.number_label(abs(base), 15)}"


def _middle(low: float, high: float) -> float:
    """The roundest number from ``low`` to ``high``."""
    digits = next(d for d in range(1, 18) if low <= float(f"{(low + high) / 2:.{d}g}") <= high or d == 17)
    return float(f"{(low + high) / 2:.{digits}g}")


def name(axes: Axes, which: str, label: str) -> None:
    """Name a linear axis whose limits are set, and see to its numbers.

    Numbers that differ late are counted from a near one, which then stands in the label; very large and very small
    ones are written with powers of ten.
    """
    from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator

    axis, limits = (axes.xaxis, axes.get_xlim()) if which == "x" else (axes.yaxis, axes.get_ylim())
    low, high = min(limits), max(limits)
    largest = max(abs(low), abs(high))
    base = _middle(low, high) if high - low < LATE * largest else 0.0
    if base or not SMALL <= largest < LARGE:
        marks = MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(low - base, high - base)
        ticks = [float(t) for t in marks if low <= base + t <= high]
        axis.set_major_locator(FixedLocator([base + t for t in ticks]))
        axis.set_major_formatter(FixedFormatter([_style.number_label(t) for t in ticks]))
    axis.set_label_text(less(label, base))


def linear(axes: Axes, which: Literal["x", "y"], values: Array, share: float = 0.06) -> Scale:
    """A linear axis that shows all values with a margin."""
    scale = Scale(*_data.padded(float(values.min()), float(values.max()), share))
    scale.apply(axes, which)
    return scale


def symmetric(axes: Axes, which: Literal["x", "y"], values: Array) -> Scale:
    """A logarithmic axis in both directions from 0, for values of both signs and many magnitudes."""
    scale = symmetric_scale(values)
    scale.apply(axes, which)
    return scale


def symmetric_scale(values: Array, threshold: float | None = None) -> Scale:
    """Limits and threshold for :func:`symmetric`: the smallest magnitude that matters is still told from 0."""
    size = np.abs(values[values != 0])
    largest = float(size.max()) if len(size) else 1.0
    if threshold is None:
        threshold = max(float(size.min()) if len(size) else 1.0, largest * 10.0**-ZERO_DECADES)
    threshold = 10.0 ** math.floor(math.log10(threshold))
    bare = Scale(float(values.min()), float(values.max()), threshold)
    low, high = bare.forward(np.array([bare.low, bare.high]))
    low, high = _data.padded(float(low), float(high))
    ends = bare.inverse(np.array([low, high]))
    return Scale(float(ends[0]), float(ends[1]), threshold)


def logarithmic(axes: Axes, which: Literal["x", "y"], values: Array) -> None:
    """A logarithmic axis for positive values; ticks at powers of ten, or at 1, 2, 5 within few of them."""
    low, high = _data.padded(math.log10(values.min()), math.log10(values.max()))
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    (axes.set_xlim if which == "x" else axes.set_ylim)(10.0**low, 10.0**high)
    _fix(axes, which, _log_ticks(low, high))


def _log_ticks(low: float, high: float) -> list[float]:
    stride = max(1, math.ceil((high - low) / TICKS))
    powers = range(math.ceil(low), math.floor(high) + 1)
    if len(powers) >= 3:
        first = -(-powers.start // stride) * stride
        return [10.0**k for k in range(first, powers.stop, stride)]
    fine = [m * 10.0**k for k in range(math.floor(low), math.ceil(high) + 1) for m in (1, 2, 5)]
    return [t for t in fine if low <= math.log10(t) <= high]
