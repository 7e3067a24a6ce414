"""Points in clusters with the paths of their centres, or points on a line below the densities of a mixture.

Data: ``points`` (pairs); ``line``, whether they lie on a line (their second coordinates are then ignored). For centres
``assigned`` (the number of each point's cluster, from 0) and ``paths`` (for each centre its places, pairs). For a
mixture ``shares`` (for each point a number for each of two components) and ``densities`` (at the start and at the end,
for each component weight, mean, variance). ``names``: of the coordinates, as in the other pictures of the plane.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.errors import DeriveError
from derive.figures import _data, _style
from derive.tree import Symbol

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEIGHT = 3.7  # inches
FLAT = 1.5  # the same for points on a line
NUMBERED = 12  # points that carry their number
NAMES = (Symbol("x", "1"), Symbol("x", "2"))
REACH = 2.5  # standard deviations that are shown beside the outermost means


@dataclass(frozen=True, slots=True)
class _Plot:
    points: _data.Array
    assigned: tuple[int, ...]
    paths: tuple[_data.Array, ...]
    shares: _data.Array
    densities: tuple[_data.Array, ...]
    line: bool


def _plot(data: Mapping[str, object]) -> _Plot:
    points = _data.points(_data.needed(data, "points"), "points")
    paths: Any = data.get("paths") or ()
    made = tuple(_data.points(path, "path of a centre") for path in paths)
    assigned = tuple(int(k) for k in _data.numbers(data.get("assigned") or (), "clusters"))
    shares = np.array(data.get("shares") or np.zeros((0, 2)), dtype=float)
    given: Any = data.get("densities") or ()
    densities = tuple(np.array(rows, dtype=float) for rows in given)
    if not len(points):
        raise DeriveError("the picture of clusters has no points")
    if not made and not densities:
        raise DeriveError("the picture of clusters has neither centres nor densities")
    if made and (len(assigned) != len(points) or any(not 0 <= k < len(made) for k in assigned)):
        raise DeriveError(f"{len(points)} points with {len(assigned)} clusters and {len(made)} centres")
    if densities and (shares.shape != (len(points), 2) or any(rows.shape != (2, 3) for rows in densities)):
        raise DeriveError("a mixture needs two shares for each point, and weight, mean and variance of two components")
    return _Plot(points, assigned, made, shares, densities, bool(data.get("line")))


def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    plot = _plot(data)
    names: Any = data.get("names") or NAMES
    low = plot.line and not plot.densities
    with _style.page(path, describe(data), height=FLAT if low else HEIGHT - 0.9 * bool(plot.densities)) as figure:
        axes = figure.add_subplot()
        if plot.densities:
            _draw_mixture(axes, plot)
        else:
            _draw_clusters(axes, plot)
            axes.margins(0.1)
        axes.set_xlabel(_style.name_label(Symbol("x") if plot.line else names[0]))
        if low:
            axes.set_yticks([])
            axes.set_ylim(-1, 1)
        elif not plot.densities:
            axes.set_aspect("equal", adjustable="datalim")
            axes.set_ylabel(_style.name_label(names[1]))
        _style.legend(figure, axes, handle=1.6)


def _draw_clusters(axes: Axes, plot: _Plot) -> None:
    for k, path in enumerate(plot.paths):
        colour, marker = _style.COLOURS[k], _style.MARKERS[k]
        own = plot.points[[n == k for n in plot.assigned]]
        axes.plot(*own.T, marker, color=colour, markersize=5, linestyle="none", label=f"cluster {k + 1}", zorder=3)
        axes.plot(*path.T, color=colour, linewidth=1.0, linestyle=_style.DASHES[1], zorder=2)
        axes.plot(*path[0], marker, markerfacecolor="white", markeredgecolor=colour, markersize=10, zorder=2.5)
        axes.plot(*path[-1], "X", color=colour, markeredgecolor="black", markeredgewidth=0.7, markersize=9, zorder=4)
    axes.plot([], [], "X", color="white", markeredgecolor="black", markersize=8, linestyle="none", label="last centre")
    if len(plot.points) <= NUMBERED:
        for i, point in enumerate(plot.points, 1):
            axes.annotate(str(i), point, (4, 4), textcoords="offset points", fontsize=_style.FONT - 1.5)


def _draw_mixture(axes: Axes, plot: _Plot) -> None:
    from matplotlib.colors import to_rgb

    x = np.linspace(*_range(plot), 400)
    first, last = plot.densities[0], plot.densities[-1]
    axes.plot(x, np.sum([_values(row, x) for row in first], axis=0), color=_style.GUIDE, linestyle=_style.DASHES[1],
              linewidth=1.2, label="start")
    for k, row in enumerate(last):
        axes.plot(x, _values(row, x), color=_style.COLOURS[k], linestyle=_style.DASHES[2 * k],
                  label=f"component {k + 1}")
    axes.plot(x, np.sum([_values(row, x) for row in last], axis=0), color=_style.BLACK, linewidth=0.9, label="sum")
    colours = np.array([to_rgb(_style.COLOURS[k]) for k in (0, 1)])
    axes.scatter(plot.points[:, 0], np.zeros(len(plot.points)), s=34, c=plot.shares @ colours / plot.shares.sum(
        axis=1, keepdims=True), edgecolors="black", linewidths=0.6, zorder=4, clip_on=False)
    axes.set_xlim(x[0], x[-1])
    axes.set_ylim(bottom=0)


def _values(row: Sequence[float] | _data.Array, x: _data.Array) -> _data.Array:
    """A weight times the density of a Gaussian."""
    weight, mean, variance = row
    values: _data.Array = weight / np.sqrt(2 * np.pi * variance) * np.exp(-((x - mean) ** 2) / (2 * variance))
    return values


def _range(plot: _Plot) -> tuple[float, float]:
    last = plot.densities[-1]
    reach = REACH * np.sqrt(last[:, 2])
    return (min(float(plot.points[:, 0].min()), float((last[:, 1] - reach).min())),
            max(float(plot.points[:, 0].max()), float((last[:, 1] + reach).max())))


def describe(data: Mapping[str, object]) -> str:
    """The picture in words: how many points, the clusters with their centres, or the components."""
    plot = _plot(data)
    if plot.densities:
        parts = [f"weight {_data.number_text(float(w))} around {_data.number_text(float(m))} with variance "
                 f"{_data.number_text(float(v))}" for w, m, v in plot.densities[-1]]
        return f"Plot of {len(plot.points)} points on a line and the densities of a mixture: {'; '.join(parts)}."
    width = 1 if plot.line else 2
    parts = [f"{plot.assigned.count(k)} around {_data.point_text(path[-1][:width].tolist())}"
             for k, path in enumerate(plot.paths)]
    clusters = f"{len(plot.paths)} clusters, {', '.join(parts)}"
    return f"Plot of {len(plot.points)} points in {clusters}, with the paths of the centres."
