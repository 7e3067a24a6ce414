"""Points of the plane with their principal axes, and thin lines to their projections on the first axis.

Data: ``points`` (pairs), ``mean`` (a pair), ``axes`` (unit vectors, pairs), ``variances`` (a number for each axis),
``shares`` (of the whole variance), ``projections`` (whether they are drawn), ``names`` of both coordinates (symbols or
texts; ``x_1`` and ``x_2``). An axis is drawn as an arrow as long as its standard deviation, on a line through the mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.errors import DeriveError
from derive.figures import _data, _style
from derive.tree import Symbol

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEIGHT = 3.9  # inches
NUMBERED = 12  # points that carry their number; more would cover one another
NAMES = (Symbol("x", "1"), Symbol("x", "2"))


@dataclass(frozen=True, slots=True)
class _Plot:
    points: _data.Array
    mean: _data.Array
    axes: _data.Array
    deviations: _data.Array
    projections: bool

    @property
    def feet(self) -> _data.Array:
        """The projections of the points on the first axis, shape (n, 2)."""
        first = self.axes[0]
        return self.mean + np.outer((self.points - self.mean) @ first, first)


def _plot(data: Mapping[str, object]) -> _Plot:
    points = _data.points(_data.needed(data, "points"), "points")
    axes = _data.points(_data.needed(data, "axes"), "axes")
    mean = _data.points([_data.needed(data, "mean")], "mean")[0]
    variances = np.array(_data.numbers(_data.needed(data, "variances"), "variances"))
    if not len(points) or not len(axes):
        raise DeriveError("the picture of principal axes has no points or no axes")
    if len(variances) != len(axes):
        raise DeriveError(f"{len(axes)} axes with {len(variances)} variances")
    return _Plot(points, mean, axes, np.sqrt(np.maximum(variances, 0.0)), bool(data.get("projections")))


def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    plot = _plot(data)
    with _style.page(path, describe(data), height=HEIGHT) as figure:
        axes = figure.add_subplot()
        axes.set_aspect("equal", adjustable="datalim")
        _draw_axes(axes, plot)
        if plot.projections:
            _draw_projections(axes, plot)
        axes.plot(*plot.points.T, "o", color=_style.BLACK, markersize=4, label="points", zorder=3)
        if len(plot.points) <= NUMBERED:
            for k, point in enumerate(plot.points, 1):
                axes.annotate(str(k), point, (4, 3), textcoords="offset points", fontsize=_style.FONT - 1.5)
        axes.plot(*plot.mean, marker="P", color=_style.ORANGE, markersize=7, linestyle="none", label="mean", zorder=4)
        axes.margins(0.12)
        names: Any = data.get("names") or NAMES
        axes.set_xlabel(_style.name_label(names[0]))
        axes.set_ylabel(_style.name_label(names[1]))
        _style.legend(figure, axes, handle=1.8)


def _draw_axes(axes: Axes, plot: _Plot) -> None:
    ranks = ("first", "second")
    for k, (axis, length) in enumerate(zip(plot.axes, plot.deviations, strict=True)):
        colour = _style.COLOURS[k]
        mean, other = tuple(plot.mean.tolist()), tuple((plot.mean + axis).tolist())
        axes.axline(mean, other, color=colour, linewidth=0.7, linestyle=_style.DASHES[k], alpha=0.7)
        if length > 0:
            arrow = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", tuple((plot.mean + length * axis).tolist()), mean, zorder=3.5, arrowprops=arrow)
        axes.plot([], [], color=colour, linewidth=1.8, linestyle=_style.DASHES[k], label=f"{ranks[k]} axis")


def _draw_projections(axes: Axes, plot: _Plot) -> None:
    for point, foot in zip(plot.points, plot.feet, strict=True):
        axes.plot(*np.array([point, foot]).T, color=_style.GUIDE, linewidth=0.8, zorder=2)
    axes.plot(*plot.feet.T, "o", markerfacecolor="white", markeredgecolor=_style.BLUE, markersize=4,
              label="projections", zorder=3)


def describe(data: Mapping[str, object]) -> str:
    """The picture in words: how many points, the axes, what they explain."""
    plot = _plot(data)
    shares = _data.numbers(data.get("shares") or (), "shares")
    mean = _data.point_text(plot.mean.tolist())
    words = f"Plot of {len(plot.points)} points with their mean {mean} and principal axes"
    told = " and ".join(_data.point_text(axis.tolist()) for axis in plot.axes)
    explained = f", which explain {' and '.join(f'{100 * s:.1f} %' for s in shares)} of the variance" if shares else ""
    also = ", with the projections of the points on the first axis" if plot.projections else ""
    return f"{words} in the directions {told}{explained}{also}."
