"""Points of two classes in the plane and the values of a unit over it: what the pictures of classifiers share.

A surface is ``{"x": [low, high], "y": [low, high], "values": rows}``, rows from low to high ``y``; it changes its sign
on the boundary. Points are ``{"places": pairs, "labels": numbers, "test": truth values, "classes": names of both}``, a
label above 0 the first class. Classes differ in marker and in lightness, so that a grey copy tells them apart; test
points are hollow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from derive.errors import DeriveError
from derive.figures import _data, _style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHADES = ("#fdeadb", "#fef6ef", "#cde1f0", "#a6c9e5")
"""Areas where the value is far below 0, below 0, above 0, far above 0; all of the last two are darker in grey."""

SMALL = 6.0  # points of such a size have thin edges, or none
MARKS = ((_style.BLUE, "o"), (_style.VERMILLION, "^"))
"""Colour and marker of the first and of the second class."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Values on an even grid: ``values`` has shape (rows, columns)."""

    x: tuple[float, float]
    y: tuple[float, float]
    values: _data.Array

    @property
    def grid(self) -> tuple[_data.Array, _data.Array]:
        """The coordinates of columns and rows."""
        rows, columns = self.values.shape
        return np.linspace(*self.x, columns), np.linspace(*self.y, rows)


def surface(data: Any) -> Surface:
    """A surface from the data of a picture. DeriveError where it is none."""
    try:
        values = np.array(data["values"], dtype=float)
        x, y = (_data.interval(data[side]) for side in "xy")
    except (TypeError, KeyError, ValueError):
        raise DeriveError("a surface needs ranges x and y, and rows of values") from None
    if values.ndim != 2 or min(values.shape) < 2:
        raise DeriveError("a surface needs at least two rows of at least two values")
    return Surface(x, y, values)


@dataclass(frozen=True, slots=True, eq=False)
class Cloud:
    """``places`` (n, 2), ``labels`` (n,), ``test`` (n,)."""

    places: _data.Array
    labels: _data.Array
    test: NDArray[np.bool_]
    classes: tuple[str, str] = ("class 1", "class 2")

    def __len__(self) -> int:
        return len(self.labels)


def cloud(data: Any) -> Cloud:
    """Points from the data of a picture; none is no points."""
    data = data or {}
    places = _data.points(data.get("places"), "points")
    labels = np.array(_data.numbers(data.get("labels") or (), "labels"))
    test = np.array(data.get("test") or [False] * len(labels), dtype=bool)
    if not len(places) == len(labels) == len(test):
        raise DeriveError(f"{len(places)} points with {len(labels)} labels and {len(test)} marks of test points")
    first, second = data.get("classes") or ("class 1", "class 2")
    return Cloud(places, labels, test, (str(first), str(second)))


def shade(axes: Axes, shown: Surface) -> None:
    """Light areas on both sides of the boundary."""
    top = float(np.nanmax(np.abs(shown.values), initial=0.0)) or 1.0
    levels = [-top * 1.01, -top / 2, 0, top / 2, top * 1.01]
    axes.contourf(*shown.grid, shown.values, levels=levels, colors=SHADES)


def boundary(axes: Axes, shown: Surface, **line: Any) -> bool:
    """The line on which the value is 0; whether there is one."""
    values = shown.values
    if not (np.nanmin(values) < 0 < np.nanmax(values)):
        return False
    given: Any = {"colors": "black", "linewidths": 1.4, "linestyles": "solid"} | line
    axes.contour(*shown.grid, values, levels=[0], **given)
    return True


def dots(axes: Axes, shown: Cloud, size: float = 12.0, named: bool = False) -> None:
    """The points: filled for training, hollow for testing; with ``named``, a legend entry for each."""
    for above, name, (colour, marker) in zip((True, False), shown.classes, MARKS, strict=True):
        for test in (False, True):
            chosen = ((shown.labels > 0) == above) & (shown.test == test)
            if not chosen.any():
                continue
            axes.scatter(
                shown.places[chosen, 0], shown.places[chosen, 1], s=size, marker=marker, zorder=3,
                linewidths=(0.7 if test else 0.3) if size > SMALL else (0.45 if test else 0),
                facecolors="white" if test else colour, edgecolors=colour if test else "white",
                label=f"{_style.plain_text(name)}, {'test' if test else 'training'}" if named else None,
            )  # fmt: skip


def legend(figure: Figure, axes: Axes) -> None:
    """A legend of the points above the picture, a column for each class."""
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside upper center", ncols=2, handlelength=0.8)


def frame(axes: Axes, shown: Surface, names: Mapping[str, object] | None = None) -> None:
    """Limits, equal units, and the names of the coordinates."""
    axes.set_xlim(*shown.x)
    axes.set_ylim(*shown.y)
    axes.set_aspect("equal", adjustable="box")
    axes.grid(False)
    if names is not None:
        axes.set_xlabel(_style.name_label(names["x"]))
        axes.set_ylabel(_style.name_label(names["y"]))

