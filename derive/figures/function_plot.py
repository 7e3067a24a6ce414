"""Curves of functions of one variable, with points that matter marked and named.

Data: ``curves`` (entries with ``node``, a formula, and ``label``, a formula or text; of a derivative also ``of``, the
function it is the derivative of, where that has no value nothing is drawn), ``variable`` (its symbol),
``range`` (two numbers, or None: chosen around the marked points and where the functions have values), ``points``
(entries with ``x``, ``y`` and ``label``), ``horizontal`` and ``vertical`` (positions of asymptotes and other guide
lines), ``units`` (a table from "x" and "y" to a unit), ``name`` (of the vertical axis where there are several curves).
Instead of ``curves`` there may be ``panels``: tables of these keys that are drawn side by side, each with its own
scale; what they leave out they share.

A curve is broken at poles and jumps and cut where it leaves the picture; a function without values in part of the
range is drawn in the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from derive.errors import DeriveError, MathError
from derive.figures import _data, _placing, _sampling, _scale, _style
from derive.figures._axes import Axes, Figure
from derive.figures._sampling import Curve, Function
from derive.numeric.evaluate import compile
from derive.tree import Symbol

FEW = 6  # more marked points are a sequence: less room beside it, and no crowded labels
RANGE = (-5.0, 5.0)  # without any marked point
EMPTY = 0.08  # of the width may be left empty where no function has a value
FLATTENED = 20.0  # a height so many times that of the inner half of the range is too much
NARROWINGS = 2
WIDER = (1.0, 10.0, 100.0)  # ranges tried, in multiples of the first, until a function has a value


@dataclass(frozen=True, slots=True)
class _Marked:
    """A point to mark; its label is a formula, a text or nothing."""

    x: float
    y: float
    label: object


@dataclass(frozen=True, slots=True)
class _Plot:
    """What is to be shown, as numbers."""

    curves: tuple[Curve, ...]
    labels: tuple[object, ...]
    points: tuple[_Marked, ...]
    x: tuple[float, float]
    y: tuple[float, float]


def _marked(data: Mapping[str, object]) -> tuple[_Marked, ...]:
    entries: Any = data.get("points") or ()
    found = []
    for entry in entries:
        x, y = _data.numbers((entry.get("x"), entry.get("y")), "points")
        if _data.drawable(np.array([x, y])).all():
            found.append(_Marked(x, y, entry.get("label")))
    return tuple(found)


def _guides(data: Mapping[str, object], key: str) -> list[float]:
    return [v for v in _data.numbers(data.get(key) or (), f"{key} lines") if abs(v) < _data.HUGE]


def _first_range(points: Sequence[_Marked], vertical: Sequence[float], widest: float) -> tuple[float, float]:
    """A range around what is marked; around a single place ``widest`` to both sides, unless its number is large."""
    marks = [*(p.x for p in points), *vertical]
    if not marks:
        return RANGE
    low, high = min(marks), max(marks)
    share = 0.75 if len(points) <= FEW else 0.25
    room = share * (high - low) or max(widest, abs(low) if abs(low) > 2 * widest else 0.0)
    return low - room, high + room


def _trimmed(functions: Sequence[Function], low: float, high: float) -> tuple[float, float] | None:
    """The range without the ends where no function has a value; None when there is no value at all."""
    x = np.linspace(low, high, 801)
    known = np.flatnonzero(np.any([_sampling.connected(f(x)) for f in functions], axis=0))
    if not len(known):
        return None
    first, last = x[known[0]], x[known[-1]]
    room = EMPTY * (last - first)
    return max(low, float(first - room)), min(high, float(last + room))


def _height(functions: Sequence[Function], low: float, high: float) -> float:
    """How far the values worth showing reach."""
    x = np.linspace(low, high, 201)
    ends = [end for f in functions for end in _sampling.visible(f(x)) if np.isfinite(end)]
    return max(ends) - min(ends) if ends else 0.0


def _narrowed(functions: Sequence[Function], centre: float, half: float) -> tuple[float, float] | None:
    """The trimmed range around what is marked, halved where its outer part would press the inner one flat."""
    trimmed = _trimmed(functions, centre - half, centre + half)
    for _ in range(NARROWINGS):
        half /= 2
        near = _trimmed(functions, centre - half, centre + half)
        if trimmed is None or near is None or _height(functions, *trimmed) <= FLATTENED * _height(functions, *near):
            break
        trimmed = near
    return trimmed


def _range(data: Mapping[str, object], functions: Sequence[Function], points: Sequence[_Marked]) -> tuple[float, float]:
    given = data.get("range")
    if given is not None:
        return _data.interval(given)
    widest = 5.0 if _guides(data, "horizontal") else 4.0  # an asymptote wants more of the curve to be seen
    low, high = _first_range(points, _guides(data, "vertical"), widest)
    for factor in WIDER:
        centre, half = (low + high) / 2, factor * (high - low) / 2
        trimmed = _narrowed(functions, centre, half) if points else _trimmed(functions, centre - half, centre + half)
        if trimmed and trimmed[0] < trimmed[1]:
            return trimmed
    raise MathError("the functions have no value anywhere near 0: there is nothing to draw")


def _function(row: Mapping[str, Any], variable: Symbol) -> Function:
    function = _sampling.drawable(compile(_data.needed(row, "node"), [variable]))
    if row.get("of") is None:
        return function
    whole = compile(row["of"], [variable])
    return lambda x: np.where(np.isfinite(whole(x)), function(x), np.nan)


def _plot(data: Mapping[str, object]) -> _Plot:
    rows, variable = _data.needed(data, "curves"), _data.needed(data, "variable")
    functions = [_function(row, variable) for row in rows]
    if not functions:
        raise DeriveError("a plot of functions needs at least one curve")
    points = _marked(data)
    low, high = _range(data, functions, points)
    points = tuple(p for p in points if low <= p.x <= high)
    exactly = [p.x for p in points]
    curves = tuple(_sampling.sample(f, low, high, exactly) for f in functions)
    if all(curve.empty for curve in curves):
        raise MathError(f"the functions have no value between {low:g} and {high:g}: there is nothing to draw")
    values = [v for c in curves if not c.empty for v in (c.low, c.high)]
    values += [p.y for p in points] + _guides(data, "horizontal")
    return _Plot(curves, tuple(row.get("label") for row in rows), points, (low, high), _data.padded(*_ends(values)))


def _ends(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)


# --- drawing ----------------------------------------------------------------------------------------


def _cross(axes: Axes) -> None:
    """The lines x = 0 and y = 0, where they are in the picture."""
    low, high = axes.get_xlim()
    if low < 0 < high:
        axes.axvline(0, color=_style.GUIDE, linewidth=0.6, zorder=1)
    low, high = axes.get_ylim()
    if low < 0 < high:
        axes.axhline(0, color=_style.GUIDE, linewidth=0.6, zorder=1)


def _draw_guides(axes: Axes, data: Mapping[str, object]) -> None:
    look: dict[str, Any] = {"color": "0.35", "linestyle": (0, (2, 2.5)), "linewidth": 0.9, "zorder": 1.5}
    for y in _guides(data, "horizontal"):
        axes.axhline(y, **look)
    for x in _guides(data, "vertical"):
        axes.axvline(x, **look)


def draw_curve(axes: Any, curve: Curve, label: str | None, i: int, limits: tuple[float, float]) -> None:
    """One curve in the i-th colour and dash; a lone value between gaps is a dot."""
    style = {"color": _style.COLOURS[i % 7], "linestyle": _style.DASHES[i % 7]}
    axes.plot(curve.x, _sampling.clip(curve.y, *limits), label=label, zorder=2.5, **style)


def _labelled(figure: Figure, axes: Axes, points: Sequence[_Marked]) -> Sequence[_Marked]:
    """All of few points; of many, such as those of an iteration, the ones that are not crowded."""
    if len(points) <= FEW:
        return points
    return [points[i] for i in _placing.apart(figure, axes, np.array([(p.x, p.y) for p in points]))]


def _point_texts(points: Sequence[_Marked]) -> list[tuple[float, float, str]]:
    return [(p.x, p.y, _style.label(p.label, _style.point_label((p.x, p.y)))) for p in points]


def _obstacles(plot: _Plot) -> _data.Array:
    """Points along the curves, evenly enough that no label can slip between two of them."""
    parts = [np.empty((0, 2))]
    for curve in plot.curves:
        known = np.isfinite(curve.y)
        x, y = curve.x[known], curve.y[known]
        parts.append(np.column_stack([x, np.clip(y, *plot.y)]))
    return np.vstack(parts)


@np.errstate(all="ignore")
def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture.

    Errors: MathError when no curve has a value in the range; DeriveError for data that cannot be drawn and for a
    path that cannot be written.
    """
    panels = _panels(data)
    plots = [_plot(panel) for panel in panels]
    with _style.sheet(path, describe(data)) as figure:
        row = figure.subplots(1, len(panels))
        for axes, panel, plot in zip(row, panels, plots, strict=True):
            if not _draw_panel(axes, panel, plot):
                continue
            if len(panels) == 1:
                _style.legend(figure, axes)
            else:
                axes.legend()
        figure.settle()
        for axes, plot in zip(row, plots, strict=True):
            _placing.place(figure, axes, _point_texts(_labelled(figure, axes, plot.points)), _obstacles(plot))


def _panels(data: Mapping[str, object]) -> list[Mapping[str, object]]:
    """The plots of a picture: one, unless it has panels."""
    panels: Any = data.get("panels")
    return [data] if panels is None else [{**data, **panel} for panel in panels]


def _draw_panel(axes: Axes, data: Mapping[str, object], plot: _Plot) -> bool:
    """The curves, points and names of one plot; whether its curves need a legend."""
    units: Any = data.get("units") or {}
    axes.set_xlim(*plot.x)
    axes.set_ylim(*plot.y)
    _cross(axes)
    _draw_guides(axes, data)
    labels = [_style.label(text, f"curve {i + 1}") for i, text in enumerate(plot.labels)]
    for i, curve in enumerate(plot.curves):
        draw_curve(axes, curve, labels[i], i, plot.y)
    for point in plot.points:
        axes.plot(point.x, point.y, "o", color="black", markersize=4, markeredgecolor="white", zorder=5)
    _scale.name(axes, "x", _style.symbol_label(_data.needed(data, "variable"), units.get("x")))
    single = len(labels) == 1 and _style.short(labels[0])
    name = labels[0] if single else _style.label(data.get("name"), "value")
    _scale.name(axes, "y", _style.with_unit(name, units.get("y")))
    return not single


# --- words ------------------------------------------------------------------------------------------


@np.errstate(all="ignore")
def describe(data: Mapping[str, object]) -> str:
    """The picture in words: the curves, the range, the marked points and the guide lines."""
    return " ".join(_described(panel) for panel in _panels(data))


def _described(data: Mapping[str, object]) -> str:
    plot, variable = _plot(data), _data.needed(data, "variable")
    names = [_data.words(text, f"curve {i + 1}") for i, text in enumerate(plot.labels)]
    text = f"Plot of {_listed(names)} for {_data.words(variable, variable.plain)} {_data.range_text(*plot.x)}"
    marks = [_data.point_text((p.x, p.y)) for p in plot.points]
    text += f"; marked: {', '.join(marks)}" if marks else ""
    for key, way in (("horizontal", "horizontal line at"), ("vertical", "vertical line at")):
        text += "".join(f"; {way} {_data.number_text(v)}" for v in _guides(data, key))
    return text + "."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
