"""A loss over a plane of parameters as level lines, with the minima marked; the colours are logarithmic.

Data: ``x`` and ``y`` (the coordinates of the grid), ``values`` (a row for each y, a number for each x), ``marks``
(entries with ``x``, ``y``, ``label`` and ``kind``: "minimum", "saddle", "start" or anything else), ``paths`` (lists of
points, the ways of runs), ``names`` (what the two axes show: a formula or text each), ``name`` of the loss ("L").
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.errors import DeriveError
from derive.figures import _data, _placing, _scale, _style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEVELS = 14  # level lines
DECADES = 1.0  # a loss over more powers of ten has levels that are even on a logarithmic scale
DEEPEST = 8.0  # powers of ten below the largest loss that have levels of their own
MARKERS = {"minimum": ("v", _style.BLUE), "saddle": ("X", _style.PURPLE), "start": ("o", "white")}
"""The marker and colour of a kind of point."""


@dataclass(frozen=True, slots=True)
class _Mark:
    x: float
    y: float
    label: object
    kind: str


@dataclass(frozen=True, slots=True)
class _Scene:
    """The grid with its values, those that cannot be drawn NaN, and what is marked on it."""

    x: _data.Array
    y: _data.Array
    values: _data.Array
    marks: tuple[_Mark, ...]
    paths: tuple[_data.Array, ...]


def _scene(data: Mapping[str, object]) -> _Scene:
    x, y = (np.array(_data.numbers(_data.needed(data, key), key)) for key in "xy")
    rows = [_data.numbers(row, "values") for row in _data.needed(data, "values")]
    if len(x) < 2 or len(y) < 2 or len(rows) != len(y) or any(len(row) != len(x) for row in rows):
        raise DeriveError("a loss surface needs a row of values for each y, with a number for each x")
    values = np.array(rows)
    values = np.where(_data.drawable(values), values, np.nan)
    entries: Any = data.get("marks") or ()
    marks = tuple(_mark(entry) for entry in entries)
    ways: Any = data.get("paths") or ()
    return _Scene(x, y, values, marks, tuple(_data.points(way, "paths") for way in ways))


def _mark(entry: Mapping[str, object]) -> _Mark:
    x, y = _data.numbers((entry.get("x"), entry.get("y")), "marks")
    return _Mark(x, y, entry.get("label"), str(entry.get("kind", "")))


def levels(values: _data.Array) -> list[float]:
    """Levels with few digits, even on a logarithmic scale where the loss is positive and spans powers of ten."""
    known = values[np.isfinite(values)]
    if not len(known) or known.max() - known.min() <= 1e-12 * np.abs(known).max():
        return []
    low, high = float(known.min()), float(known.max())
    if low >= 0 and high > 0 and (low == 0 or math.log10(high / low) > DECADES):
        bottom = max(low, high * 10.0**-DEEPEST)
        marks = np.geomspace(bottom, high, LEVELS + 2)[1:-1]
    else:
        marks = np.linspace(low, high, LEVELS + 2)[1:-1]
    return sorted({float(f"{m:.2g}") for m in marks} - {low, high})


def _colours(count: int) -> _data.Array:
    """Shades that keep their order in grey, dark where the loss is low; shape (count, 4)."""
    import matplotlib as mpl

    base = np.asarray(mpl.colormaps["cividis"](np.linspace(0.05, 1, count)))
    base[:, :3] = 0.65 * base[:, :3] + 0.35
    return base


def _contours(figure: Figure, axes: Axes, scene: _Scene, name: str) -> None:
    values = np.ma.masked_invalid(scene.values)
    if values.mask.any():
        axes.set_facecolor("0.93")
        axes.fill_between([], [], facecolor="0.93", edgecolor="0.7", linewidth=0.5, label=f"no value of {name}")
    steps = levels(scene.values)
    if not steps:
        if not values.mask.all():
            axes.set_title(f"{name} = {_style.number_label(float(values.mean()))} everywhere", loc="left")
        return
    areas = axes.contourf(scene.x, scene.y, values, levels=steps, colors=_colours(len(steps) + 1), extend="both")
    axes.contour(scene.x, scene.y, values, levels=steps, colors="0.3", linewidths=0.4, linestyles="solid")
    bar = figure.colorbar(areas, ax=axes, ticks=steps, fraction=0.06, pad=0.02, aspect=28)
    base, labels = _scale.distinct(steps)
    bar.ax.set_yticklabels(labels)
    bar.ax.tick_params(labelsize=_style.FONT - 2, length=2)
    bar.ax.set_title(_scale.less(name, base), loc="left", pad=6)


@np.errstate(all="ignore")
def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    scene, name = _scene(data), _style.name_label(data.get("name") or "L")
    names: Any = data.get("names") or ("x", "y")
    with _style.page(path, describe(data), height=3.7) as figure:
        axes = figure.add_subplot()
        axes.grid(False)
        axes.set_xlim(float(scene.x.min()), float(scene.x.max()))
        axes.set_ylim(float(scene.y.min()), float(scene.y.max()))
        _contours(figure, axes, scene, name)
        for way in scene.paths:
            axes.plot(*way.T, color=_style.VERMILLION, linewidth=1.0, marker=".", markersize=3, zorder=3)
        for mark in scene.marks:
            marker, colour = MARKERS.get(mark.kind, ("P", _style.ORANGE))
            edge = "black" if mark.kind == "start" else "white"
            axes.plot(mark.x, mark.y, marker, color=colour, markersize=8, markeredgecolor=edge, zorder=5)
        for which, label in zip("xy", names, strict=True):
            _scale.name(axes, which, _style.label(label, str(label) if isinstance(label, str) else which))
        _style.legend(figure, axes, handle=1.2)
        _style.settle(figure)
        _placing.place(figure, axes, _texts(scene.marks), np.vstack([np.empty((0, 2)), *scene.paths]))


def _texts(marks: Sequence[_Mark]) -> list[tuple[float, float, str]]:
    return [(m.x, m.y, _style.label(m.label, m.kind)) for m in marks if m.label]


@np.errstate(all="ignore")
def describe(data: Mapping[str, object]) -> str:
    """The picture in words: the range of the loss, and what is marked."""
    scene = _scene(data)
    known = scene.values[np.isfinite(scene.values)]
    text = f"Level lines of {_data.words(data.get('name'), 'L')} over a plane of parameters"
    text += f", {_data.range_text(float(known.min()), float(known.max()))}" if len(known) else ", which has no value"
    marks = [f"{_data.words(m.label, m.kind)} ({m.kind})" if m.label and m.kind else _data.words(m.label, m.kind)
             for m in scene.marks]
    return f"{text}; marked: {', '.join(marks)}." if marks else f"{text}."
