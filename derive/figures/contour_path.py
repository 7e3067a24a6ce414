"""Level lines of a function of two variables, with the path of an iteration across them.

Data: ``function`` (a formula), ``variables`` (its two symbols), ``path`` (points theta_0, theta_1, ...), ``name`` of
the function ("C"), ``stationary`` (entries x, y, kind; kinds "minimum", "maximum", "saddle"), ``steps``, how many steps
the path stands for (one fewer than its points when missing: a thinned path has fewer). The path may be empty.

A path whose steps grow beyond all bounds is shown on axes that are logarithmic on both sides of 0, so that its
beginning can be seen; else the axes are linear, and have equal units where that leaves a picture that can be read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from derive.errors import DeriveError
from derive.figures import _data, _placing, _scale, _style
from derive.figures._axes import Axes, Bar, Figure, Handle
from derive.figures._canvas import Fill, Pen
from derive.numeric.evaluate import compile
from derive.tree import Node, Symbol

GRID = 121  # samples along each axis
LEVELS = 12  # level lines, before rounding joins some
MARKED = 60  # a longer path is a line without markers
DOTS = 5.0  # points of print between the dots of a path
ARROWS = 25  # a longer path shows its direction by its ends
GROWTH = 60.0  # the last steps this many times longer than the first: the axes become logarithmic
NEAR = 4.0  # a stationary point that would widen the picture more than this is left outside
EQUAL = 2.5  # sides whose lengths differ less than this get equal units
NARROW = 50.0  # a side so many times shorter than the other counts as none
BOX = 1.3  # width of the axes by their height
STATIONARY = {
    "minimum": ("v", "minimum", "minima"),
    "maximum": ("^", "maximum", "maxima"),
    "saddle": ("X", "saddle point", "saddle points"),
}
"""The marker of a kind of stationary point, its name, and that of several."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """What is to be shown, as numbers: the path up to its first point that is not finite, and the axes."""

    path: _data.Array
    lost: int
    steps: int
    stationary: tuple[tuple[float, float, str], ...]
    x: _scale.Scale
    y: _scale.Scale

    @property
    def linear(self) -> bool:
        return not self.x.threshold and not self.y.threshold


def _path(data: Mapping[str, object]) -> tuple[_data.Array, int]:
    """The beginning of the path that can be drawn, and how many points follow it."""
    path = _data.points(data.get("path"), "path")
    finite = _data.drawable(path).all(axis=1)
    length = len(path) if finite.all() else int(np.argmin(finite))
    return path[:length], len(path) - length


def _steps(data: Mapping[str, object], path: _data.Array, lost: int) -> int:
    """How many steps the path stands for; of one that is not drawn to its end, those that are drawn."""
    given: Any = data.get("steps")
    return len(path) - 1 if given is None or lost else int(given)


def _stationary(data: Mapping[str, object]) -> list[tuple[float, float, str]]:
    found = []
    for entry in data.get("stationary") or ():  # type: ignore[attr-defined]
        x, y, *kind = entry
        x, y = _data.numbers((x, y), "stationary points")
        if _data.drawable(np.array([x, y])).all():
            found.append((x, y, str(kind[0]) if kind else "stationary"))
    return found


def _box(points: _data.Array) -> tuple[_data.Array, _data.Array]:
    return points.min(axis=0), points.max(axis=0)


def _within(path: _data.Array, stationary: Sequence[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """The stationary points that do not shrink the path too much."""
    if not len(path):
        return list(stationary)
    low, high = _box(path)
    room = NEAR * float((high - low).max())
    if not room:
        return list(stationary)
    centre = (low + high) / 2
    return [p for p in stationary if np.abs(np.array(p[:2]) - centre).max() <= room]


def _diverges(path: _data.Array) -> bool:
    """Whether the steps grow so much that a linear picture would show the last ones only."""
    lengths = np.hypot(*np.diff(path, axis=0).T) if len(path) > 2 else np.zeros(1)
    lengths = lengths[lengths > 0]
    return len(lengths) > 2 and bool(lengths[-2:].max() > GROWTH * lengths[:2].max())


def _scene(data: Mapping[str, object]) -> _Scene:
    path, lost = _path(data)
    steps = _steps(data, path, lost)
    stationary = _within(path, _stationary(data))
    every = np.vstack([path, np.array([p[:2] for p in stationary], dtype=float).reshape(-1, 2)])
    if not len(every):
        return _Scene(path, lost, steps, (), _scale.Scale(-5, 5), _scale.Scale(-5, 5))
    if _diverges(path):
        first = np.abs(path[:2]).max() or float(np.abs(path[path != 0]).min())
        x, y = (_scale.symmetric_scale(every[:, i], float(first)) for i in (0, 1))
    else:
        x, y = _linear(every)
    return _Scene(path, lost, steps, tuple(stationary), x, y)


def _linear(points: _data.Array) -> tuple[_scale.Scale, _scale.Scale]:
    """Limits with a margin; equal units where the sides are alike, and room beside a path that has no width."""
    low, high = points.min(axis=0), points.max(axis=0)
    largest = float(np.abs(points).max())
    # a coordinate so much larger than its change cannot be told apart by floats
    extent = np.maximum(high - low, 1e-12 * largest)
    widest = float(extent.max()) if extent.max() > 1e-12 * largest else max(2.0, largest)
    half = np.where(extent < widest / NARROW, widest / EQUAL, extent) * 0.64
    if half.max() <= EQUAL * half.min():
        half = np.array([max(half[0], BOX * half[1]), max(half[1], half[0] / BOX)])
    x, y = (_scale.Scale(float(c - h), float(c + h)) for c, h in zip((low + high) / 2, half, strict=True))
    return x, y


# --- levels -----------------------------------------------------------------------------------------


def _roundest(low: float, high: float) -> float:
    """The number with the fewest digits between two numbers, near their middle."""
    if low <= 0 <= high:
        return 0.0
    step = 10.0 ** math.ceil(math.log10(max(abs(low), abs(high))))
    while True:
        for part in (step, step / 2, step / 5):
            nearest = round((low + high) / 2 / part) * part
            if low <= nearest <= high:
                return nearest
        step /= 10


def levels(values: _data.Array) -> list[float]:
    """Levels for the lines: they divide the picture evenly, whatever the range; none for a constant function."""
    known = values[np.isfinite(values)]
    if not len(known) or known.max() - known.min() <= 1e-13 * np.abs(known).max():
        return []
    marks = np.quantile(known, np.linspace(0, 1, LEVELS + 2))
    # a level that takes up much of the picture, such as the flat side of a ReLU, is several quantiles
    marks = marks[np.append(True, np.diff(marks) > 1e-13 * np.maximum(np.abs(marks[1:]), np.abs(marks[:-1])))]
    if len(marks) < 6:
        marks = np.linspace(known.min(), known.max(), LEVELS + 2)
    below, above = marks[1:-1] - 0.3 * np.diff(marks)[:-1], marks[1:-1] + 0.3 * np.diff(marks)[1:]
    return [_roundest(float(a), float(b)) for a, b in zip(below, above, strict=True)]


@cache
def _colours(count: int) -> list[tuple[float, ...]]:
    """So many light shades of cividis, which keep their order in grey, for the areas between the lines."""
    from matplotlib import colormaps

    base = np.asarray(colormaps["cividis"](np.linspace(0.2, 1, count)))
    base[:, :3] = 0.42 * base[:, :3] + 0.58
    return [tuple(colour) for colour in base.tolist()]


def _contours(axes: Axes, scene: _Scene, function: Callable[..., _data.Array], name: str) -> None:
    x, y = np.meshgrid(scene.x.grid(GRID), scene.y.grid(GRID))
    values = function(x, y)
    values = np.ma.masked_where(~_data.drawable(values), values)
    if values.mask.any():
        axes.set_facecolor("0.93")
        axes.handles.append(Handle(f"no value of {name}", area=(Fill("0.93"), Pen("0.7", 0.5))))
    steps = levels(values.filled(np.nan))
    if not steps:
        if not values.mask.all():
            axes.set_title(f"{name} = {_style.number_label(float(values.mean()))} everywhere", loc="left")
        return
    colours = _colours(len(steps) + 1)
    axes.contours(x, y, values, steps, colours, Pen("0.45", 0.5))
    base, labels = _scale.distinct(steps)
    axes.bar_beside = Bar(colours, labels, _scale.less(name, base))


# --- the path ---------------------------------------------------------------------------------------


def _arrows(axes: Axes, path: _data.Array) -> None:
    """An arrow for each step that is long enough on the page to carry one."""
    far = np.hypot(*np.diff(axes.places(path), axis=0).T)
    for i in np.flatnonzero(far > 14):
        axes.arrow(path[i], path[i + 1], _style.VERMILLION, 13, short=3)


def _draw_path(figure: Figure, axes: Axes, path: _data.Array, count: int) -> None:
    if not len(path):
        return
    shown = path[_data.thinned(len(path))]
    marked = _placing.apart(figure, axes, path, DOTS) if len(path) <= MARKED else []
    axes.plot(
        shown[:, 0], shown[:, 1], color=_style.VERMILLION, linewidth=1.4, halo=2.8, zorder=3,
        marker="o", markevery=marked, markersize=3.6, markeredgecolor="white", markeredgewidth=0.5,
    )  # fmt: skip
    ends: dict[str, Any] = {"markeredgecolor": "black", "markeredgewidth": 0.9, "linestyle": "none", "zorder": 5}
    axes.plot(path[0, 0], path[0, 1], "o", color="white", markersize=6, label="start", **ends)
    if len(path) > 1:
        text = f"after {count} step{'s' * (count > 1)}"
        axes.plot(path[-1, 0], path[-1, 1], "s", color=_style.VERMILLION, markersize=5.5, label=text, **ends)


def _named(kind: str) -> tuple[str, str, str]:
    kind = kind.removesuffix(" point")
    return STATIONARY.get(kind, ("P", f"{kind} point", f"{kind} points"))


def _draw_stationary(axes: Axes, stationary: Sequence[tuple[float, float, str]]) -> None:
    for kind in dict.fromkeys(kind for _, _, kind in stationary):
        marker, one, several = _named(kind)
        xs, ys = zip(*[(x, y) for x, y, k in stationary if k == kind], strict=True)
        text = several if len(xs) > 1 else f"{one} {_style.point_label((xs[0], ys[0]))}"
        axes.plot(
            xs, ys, marker, color=_style.BLUE, markersize=8, markeredgecolor="white", linestyle="none", zorder=5,
            label=text,
        )  # fmt: skip


def _obstacles(scene: _Scene) -> _data.Array:
    """Points along the path and the marks, which labels should not cover."""
    parts = [np.linspace(a, b, 40) for a, b in zip(scene.path[:-1], scene.path[1:], strict=True)][:200]
    marks = [np.array([p[:2] for p in scene.stationary], dtype=float).reshape(-1, 2)]
    return np.vstack([*parts, *marks])


def _number(figure: Figure, axes: Axes, scene: _Scene) -> None:
    """The step numbers beside the points, as many as there is room for; those of a long path at its ends only."""
    count = len(scene.path)
    if count < 2:
        return
    shown = _placing.apart(figure, axes, scene.path) if count <= MARKED else [0, count - 1]
    places = [(*scene.path[i], str(scene.steps if i == count - 1 else i)) for i in shown]
    _placing.place(figure, axes, places, _obstacles(scene), optional=count > 12)


def _name(axes: Axes, which: str, label: str, scene: _Scene) -> None:
    if (scene.x if which == "x" else scene.y).threshold:
        (axes.set_xlabel if which == "x" else axes.set_ylabel)(label)
    else:
        _scale.name(axes, which, label)


@np.errstate(all="ignore")
def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    function, variables = _data.needed(data, "function"), tuple(_data.needed(data, "variables"))
    if len(variables) != 2:
        raise DeriveError(f"level lines need a function of two variables, not {len(variables)}")
    scene, name = _scene(data), _style.name_label(data.get("name") or "C")
    with _style.sheet(path, describe(data), height=3.9) as figure:
        axes = figure.add_subplot()
        axes.grid(False)
        scene.x.apply(axes, "x")
        scene.y.apply(axes, "y")
        _contours(axes, scene, compile(function, variables), name)
        _draw_path(figure, axes, scene.path, scene.steps)
        _draw_stationary(axes, scene.stationary)
        for which, variable in zip("xy", variables, strict=True):
            _name(axes, which, _style.symbol_label(variable), scene)
        width, height = scene.x.high - scene.x.low, scene.y.high - scene.y.low
        if scene.linear and math.isclose(width, BOX * height, rel_tol=1e-3):
            axes.set_aspect("equal", adjustable="box")
        _style.legend(figure, axes, handle=1.2)
        figure.settle()
        if len(scene.path) <= ARROWS:
            _arrows(axes, scene.path)
        _number(figure, axes, scene)


# --- words ------------------------------------------------------------------------------------------


def _trend(function: Node, variables: Sequence[Symbol], path: _data.Array) -> str:
    costs = compile(function, variables)(*path.T)
    change = _data.changes(costs)
    if not np.isfinite(change).all():
        return ""
    if (change > 0).all():
        return "; the cost rises at each step"
    if (change < 0).all():
        return "; the cost falls at each step"
    risen = int((change > 0).sum())
    return f"; the cost rises at {risen} of {len(change)} steps" if risen else "; the cost never rises"


@np.errstate(all="ignore")
def describe(data: Mapping[str, object]) -> str:
    """The picture in words: the path's ends, whether the cost rises, and the stationary points."""
    function, variables = _data.needed(data, "function"), tuple(_data.needed(data, "variables"))
    path, lost = _path(data)
    text = f"Contour plot of {_data.words(data.get('name'), 'C')}"
    if len(path) > 1:
        steps = f"{len(path) - 1} step{'s' * (len(path) > 2)}"
        text += f"; path from {_data.point_text(path[0])} to {_data.point_text(path[-1])} in {steps}"
        text += _trend(function, variables, path)
    elif len(path):
        text += f"; the start {_data.point_text(path[0])}"
    if lost:
        text += f"; after that the path is not finite or too large to draw ({lost} point{'s' * (lost > 1)} left out)"
    for x, y, kind in _stationary(data):
        text += f"; {_named(kind)[1]} at {_data.point_text((x, y))}"
    return text + "."
