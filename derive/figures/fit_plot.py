"""Fitted curves over data of one input: a sample of the points, the truth where it is known, a curve for each fit.

Data: ``points`` (pairs x, y: a sample of the data), ``of`` (how many there are in all), ``curves`` (entries with
``node``, a formula without parameters, and ``label``), ``truth`` (a formula, or nothing), ``variable`` (its symbol),
``target`` (what the vertical axis shows), ``range`` (two numbers; that of the points when missing).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.errors import DeriveError
from derive.figures import _data, _sampling, _scale, _style
from derive.figures._sampling import Curve
from derive.figures.function_plot import draw_curve
from derive.numeric.evaluate import compile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOTS = 800  # points that are drawn; more are a cloud without shape
SPIKE = 3.0  # a curve is shown up to so many heights of the points above and below them


@dataclass(frozen=True, slots=True)
class _Plot:
    """What is to be shown, as numbers."""

    points: _data.Array
    count: int
    curves: tuple[Curve, ...]
    labels: tuple[object, ...]
    truth: Curve | None
    x: tuple[float, float]
    y: tuple[float, float]


def _plot(data: Mapping[str, object]) -> _Plot:
    points = _data.points(data.get("points"), "points")
    points = points[_data.drawable(points).all(axis=1)]
    rows: Any = data.get("curves") or ()
    if not len(points) and not rows:
        raise DeriveError("the picture of a fit has neither points nor curves")
    variable, given = _data.needed(data, "variable"), data.get("range")
    if given is not None:
        low, high = _data.interval(given)
    elif len(points):
        low, high = _data.padded(float(points[:, 0].min()), float(points[:, 0].max()), 0.03)
    else:
        low, high = -5.0, 5.0
    curves = tuple(_curve(_data.needed(row, "node"), variable, low, high) for row in rows)
    truth = _curve(data["truth"], variable, low, high) if data.get("truth") is not None else None
    count: Any = data.get("of")
    shown = points[_thinned(len(points))]
    height = _height(points, [*curves, *([truth] if truth else [])])
    return _Plot(shown, len(points) if count is None else int(count), curves,
                 tuple(row.get("label") for row in rows), truth, (low, high), height)


def _curve(node: Any, variable: Any, low: float, high: float) -> Curve:
    return _sampling.sample(_sampling.drawable(compile(node, [variable])), low, high)


def _thinned(length: int) -> Any:
    """Which points are drawn: all of few; of many as many as make a picture, evenly."""
    return np.unique(np.linspace(0, length - 1, min(length, DOTS)).round().astype(int)) if length else slice(0, 0)


def _height(points: _data.Array, curves: Sequence[Curve]) -> tuple[float, float]:
    """The values shown: all points, and the curves as far as they do not run away from the points."""
    ends = [v for c in curves if not c.empty for v in (c.low, c.high)]
    if len(points):
        low, high = float(points[:, 1].min()), float(points[:, 1].max())
        room = SPIKE * (high - low) or 1.0
        ends = [low, high, *(min(max(v, low - room), high + room) for v in ends)]
    return _data.padded(min(ends), max(ends)) if ends else (0.0, 1.0)


@np.errstate(all="ignore")
def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    plot = _plot(data)
    with _style.page(path, describe(data)) as figure:
        axes = figure.add_subplot()
        axes.set_xlim(*plot.x)
        axes.set_ylim(*plot.y)
        _draw_points(axes, plot)
        if plot.truth is not None:
            y = _sampling.clip(plot.truth.y, *plot.y)
            axes.plot(plot.truth.x, y, color="0.72", linewidth=4.5, solid_capstyle="round", label="truth", zorder=2.2)
        for i, (curve, label) in enumerate(zip(plot.curves, plot.labels, strict=True)):
            draw_curve(axes, curve, _style.label(label, f"fit {i + 1}"), i, plot.y)
        variable = _data.needed(data, "variable")
        _scale.name(axes, "x", _style.symbol_label(variable))
        _scale.name(axes, "y", _style.name_label(data.get("target") or "y"))
        _style.legend(figure, axes)


def _draw_points(axes: Axes, plot: _Plot) -> None:
    if not len(plot.points):
        return
    label = "data" if plot.count <= len(plot.points) else f"{len(plot.points)} of {plot.count:,} data"
    small = len(plot.points) > 60
    axes.plot(*plot.points.T, "o", color="0.45" if small else "black", markersize=2.0 if small else 4.0,
              alpha=0.55 if small else 0.9, markeredgewidth=0, label=label, zorder=2.0)


@np.errstate(all="ignore")
def describe(data: Mapping[str, object]) -> str:
    """The picture in words: the points, the curves, the range."""
    plot, variable = _plot(data), _data.needed(data, "variable")
    names = [_data.words(label, f"fit {i + 1}") for i, label in enumerate(plot.labels)]
    names += ["the truth"] if plot.truth is not None else []
    parts = [f"{plot.count:,} data point{'s' * (plot.count != 1)}"] if len(plot.points) else []
    parts += [f"the curves of {', '.join(names)}"] if names else []
    span = _data.range_text(*plot.x)
    return f"Plot of {' and '.join(parts)} for {_data.words(variable, variable.plain)} {span}."
