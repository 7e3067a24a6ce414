"""What a Jacobian means: a small square with its grid, its image under a map of the plane, and the linear image.

Data: ``map`` (two formulas), ``variables`` (their two symbols), ``point`` (two numbers), and where wanted ``size``
(half the side of the square), ``names`` (two formulas or texts for the axes of the image), ``jacobian`` (four
numbers in two rows; differences of the map when missing).

On the left stands the square around the point, on the right its image as curves and, dashed, the parallelogram that
the Jacobian makes of it, whose area is |det J| times as large. The two arrows are the columns of the Jacobian.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from derive.errors import DeriveError, MathError
from derive.figures import _data, _scale, _style
from derive.figures._axes import Axes
from derive.figures._data import Array
from derive.numeric.evaluate import compile

LINES = 5  # lines of the grid in each direction
SAMPLES = 41  # points along a line
SIZE = 0.5  # half the side of the square, unless the map has no values there
HALVINGS = 30
FLAT = 1e-9  # a determinant so small against its two products is rounding
DIFFERENCE = 1e-5  # of the point's size: a central difference is then right to about ten digits


@dataclass(frozen=True, slots=True)
class _Map:
    """The map at a point: ``lines`` (k, 2, n) of the square's grid, ``images`` and ``linear`` of the same shape."""

    point: Array
    image: Array
    jacobian: Array
    size: float
    lines: Array
    images: Array
    linear: Array

    @property
    def determinant(self) -> float:
        """How many times larger an area becomes, negative where the orientation turns."""
        (a, b), (c, d) = self.jacobian
        return float(a * d - b * c) if abs(a * d - b * c) > FLAT * (abs(a * d) + abs(b * c)) else 0.0


def _grid(centre: Array, size: float) -> Array:
    """The lines of the square's grid: those along the first coordinate, then those along the second."""
    along, across = np.linspace(-size, size, SAMPLES), np.linspace(-size, size, LINES)
    rows = [np.array([along, np.full(SAMPLES, c)]) for c in across]
    columns = [np.array([np.full(SAMPLES, c), along]) for c in across]
    return np.array([*rows, *columns]) + centre[:, None]


def _differences(function: Any, point: Array) -> Array:
    """The Jacobian by central differences."""
    step = DIFFERENCE * max(1.0, float(np.abs(point).max()))
    columns = [(function(*(point + h)) - function(*(point - h))) / (2 * step) for h in np.eye(2) * step]
    return np.array(columns).T


def _size(function: Any, point: Array, given: object) -> float:
    """Half the side of a square on which the map has values."""
    (size,) = _data.numbers([given], "size") if given is not None else (SIZE,)
    if not (math.isfinite(size) and size > 0):
        raise DeriveError("the size of the square must be positive")
    for _ in range(HALVINGS):
        if _data.drawable(function(*np.moveaxis(_grid(point, size), 1, 0))).all():
            return size
        size /= 2
    raise MathError(f"the map has no value around {_data.point_text(list(point))}: there is nothing to draw")


def _map(data: Mapping[str, object]) -> _Map:
    formulas, variables = tuple(_data.needed(data, "map")), tuple(_data.needed(data, "variables"))
    if len(formulas) != 2 or len(variables) != 2:
        raise DeriveError("the picture of a map needs two formulas in two variables")
    parts = [compile(formula, variables) for formula in formulas]

    def function(x: Any, y: Any) -> Array:
        return np.array([part(x, y) for part in parts])

    point = np.array(_data.numbers(_data.needed(data, "point"), "point"))
    if point.shape != (2,) or not _data.drawable(point).all():
        raise DeriveError("the picture of a map needs a point with two coordinates")
    size = _size(function, point, data.get("size"))
    lines, image = _grid(point, size), function(*point)
    given = data.get("jacobian")
    jacobian = _differences(function, point) if given is None else _data.points(given, "Jacobian")
    if not _data.drawable(jacobian).all():
        raise MathError(f"the map has no derivative at {_data.point_text(list(point))}")
    images = np.moveaxis(function(lines[:, 0], lines[:, 1]), 0, 1)
    linear = np.einsum("ij,kjn->kin", jacobian, lines - point[:, None]) + image[:, None]
    return _Map(point, image, jacobian, size, lines, images, linear)


# --- drawing ----------------------------------------------------------------------------------------


def _draw_lines(axes: Axes, lines: Array, label: str | None, dashed: bool) -> None:
    """The grid: one colour for each direction, strong at the rim; dashed and orange for the linear image."""
    for i, line in enumerate(lines):
        rim = i % LINES in (0, LINES - 1)
        colour = _style.VERMILLION if dashed else _style.BLUE
        axes.plot(
            line[0], line[1], color=colour, linewidth=1.5 if rim else 0.7, linestyle=(0, (4, 2)) if dashed else "solid",
            label=label if i == 0 else None, zorder=2.6 if dashed else 2.5, alpha=1 if rim else 0.8,
        )  # fmt: skip


def _arrow(axes: Axes, start: Array, step: Array, colour: str) -> None:
    axes.arrow(start, start + step, colour, 10, width=1.6)


def _frame(axes: Axes, *parts: Array) -> None:
    """Limits around everything, with equal units."""
    every = np.concatenate([np.moveaxis(p, 1, 0).reshape(2, -1) for p in parts], axis=1)
    low, high = every.min(axis=1), every.max(axis=1)
    axes.set_xlim(*_data.padded(low[0], high[0], 0.1))
    axes.set_ylim(*_data.padded(low[1], high[1], 0.1))
    if max(high - low) <= 4 * min(high - low):
        axes.set_aspect("equal", adjustable="box")


def _names(data: Mapping[str, object]) -> tuple[str, str]:
    names: Any = data.get("names") or (None, None)
    formulas: Any = data["map"]
    first, second = (
        _style.name_label(name) if name else _style.label(formula, fallback, widest=130)
        for name, formula, fallback in zip(names, formulas, ("first component", "second component"), strict=True)
    )
    return first, second


@np.errstate(all="ignore")
def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture.

    Errors: MathError when the map has no value around the point; DeriveError for data that cannot be drawn and for
    a path that cannot be written.
    """
    scene, variables = _map(data), tuple(_data.needed(data, "variables"))
    with _style.sheet(path, describe(data), height=2.9) as figure:
        left, right = figure.subplots(1, 2)
        _draw_lines(left, scene.lines, None, dashed=False)
        _draw_lines(right, scene.images, "image of the square", dashed=False)
        _draw_lines(right, scene.linear, r"linear image, $J$", dashed=True)
        for axes, start, matrix in ((left, scene.point, np.eye(2)), (right, scene.image, scene.jacobian)):
            for column, colour in zip(matrix.T, (_style.BLACK, _style.GREEN), strict=True):
                _arrow(axes, start, column * scene.size, colour)
            axes.plot(start[0], start[1], "o", color="black", markersize=4, zorder=5)
        _frame(left, scene.lines)
        _frame(right, scene.images, scene.linear)
        for axes, texts in ((left, map(_style.symbol_label, variables)), (right, _names(data))):
            for which, text in zip("xy", texts, strict=True):
                _scale.name(axes, which, text)
        left.set_title(f"square around {_style.point_label(list(scene.point))}")
        right.set_title(rf"area times $|\,\det J\,| \approx$ {_style.number_label(abs(scene.determinant), 3)}")
        _style.legend(figure, right)


@np.errstate(all="ignore")
def describe(data: Mapping[str, object]) -> str:
    """The picture in words: the point, its image, and the area factor."""
    scene = _map(data)
    side = _data.number_text(2 * scene.size)
    return (
        f"Left, a grid on a square of side {side} around {_data.point_text(list(scene.point))}; right, its image "
        f"under the map around {_data.point_text(list(scene.image))} with the parallelogram of the linear map, whose "
        f"area is {_data.number_text(abs(scene.determinant))} times that of the square."
    )
