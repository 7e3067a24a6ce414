"""Where each unit of a network changes its sign in the plane of the inputs, and where the output does.

Data: ``units``, each with ``name`` (a symbol) and ``surface``, the values of its weighted sum; ``output``, a unit of
the same form; ``points`` as :mod:`derive.figures._plane` says; ``names`` of the coordinates. A panel for each unit with
its boundary and the side on which it is positive, and a last one with the boundaries of all units and of the output.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.errors import DeriveError
from derive.figures import _data, _plane, _style
from derive.figures.decision_boundary import NAMES, columns_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANEL = 0.24  # inches of title above each panel
LEGEND = 0.45
COLUMNS = 3

Unit = tuple[object, _plane.Surface]


def _unit(data: Any) -> Unit:
    return data.get("name") or "z", _plane.surface(_data.needed(data, "surface"))


def _units(data: Mapping[str, object]) -> tuple[list[Unit], Unit]:
    given: Any = _data.needed(data, "units")
    if not given:
        raise DeriveError("the picture of the neurons has no units")
    return [_unit(item) for item in given], _unit(_data.needed(data, "output"))


def _bare(axes: Axes, surface: _plane.Surface, title: str) -> None:
    _plane.frame(axes, surface)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title, fontsize=_style.FONT)


@np.errstate(all="ignore")
def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    units, (name, output) = _units(data)
    points = _plane.cloud(data.get("points"))
    count = len(units) + 1
    columns = columns_of(max(count, 2), COLUMNS)
    rows = math.ceil(count / columns)
    with _style.page(path, describe(data), height=rows * (_style.WIDTH / columns + PANEL) + LEGEND) as figure:
        for k, (unit, surface) in enumerate(units):
            axes = figure.add_subplot(rows, columns, k + 1)
            _plane.shade(axes, surface)
            _plane.dots(axes, points, 4, named=k == 0)
            _plane.boundary(axes, surface, colors=_style.COLOURS[k % 7], linestyles=[_style.DASHES[k % 7]])
            _bare(axes, surface, f"{_style.name_label(unit)} = 0")
            if k == 0:
                _plane.legend(figure, axes)
        axes = figure.add_subplot(rows, columns, count)
        _plane.shade(axes, output)
        for k, (_, surface) in enumerate(units):
            _plane.boundary(axes, surface, colors=_style.COLOURS[k % 7], linestyles=[_style.DASHES[k % 7]],
                            linewidths=1.0)
        _plane.boundary(axes, output, linewidths=2.2)
        _bare(axes, output, f"all, and {_style.name_label(name)}")


def _words(name: object, surface: _plane.Surface) -> str:
    share = 100 * float((surface.values > 0).mean())
    return f"{_data.words(name, 'z')} is positive on {share:.0f} % of the plane"


@np.errstate(all="ignore")
def describe(data: Mapping[str, object]) -> str:
    """The picture in words: on how much of the plane each unit is positive."""
    units, output = _units(data)
    first, second = (_data.words(n, "x") for n in (data.get("names") or NAMES))  # type: ignore[attr-defined]
    parts = "; ".join(_words(*unit) for unit in [*units, output])
    return f"Boundaries of {len(units)} unit{'s' * (len(units) > 1)} in the plane of {first} and {second}: {parts}."
