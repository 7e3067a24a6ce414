"""What a classifier decides at each place of the plane, with the points that it was trained and tested with.

Data: ``panels``, each with ``surface`` and ``points`` (as :mod:`derive.figures._plane` says), ``title`` (a text, empty
for none) and ``wrong``, how many of the points are on the wrong side (for the description); ``names``, the names of
both coordinates (symbols; ``x_1`` and ``x_2``). One panel is drawn large, several side by side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from derive.errors import DeriveError
from derive.figures import _data, _plane, _style
from derive.tree import Symbol

LARGE = 3.7  # inches: the height of a picture with one panel
TITLE = 0.22  # inches above each of several panels
LEGEND = 0.55
COLUMNS = 4

NAMES = (Symbol("x", "1"), Symbol("x", "2"))


def _panels(data: Mapping[str, object]) -> list[tuple[str, _plane.Surface, _plane.Cloud]]:
    panels: Any = _data.needed(data, "panels")
    if not panels:
        raise DeriveError("the picture of the decisions has no panels")
    return [(str(p.get("title") or ""), _plane.surface(_data.needed(p, "surface")), _plane.cloud(p.get("points")))
            for p in panels]


def _names(data: Mapping[str, object]) -> dict[str, object]:
    given: Any = data.get("names") or NAMES
    return dict(zip("xy", given, strict=True))


def columns_of(count: int, most: int = COLUMNS) -> int:
    """How many panels stand side by side, at most so many."""
    return math.ceil(count / math.ceil(count / most))


@np.errstate(all="ignore")
def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    panels, names = _panels(data), _names(data)
    columns = columns_of(len(panels))
    rows = math.ceil(len(panels) / columns)
    titled = any(title for title, _, _ in panels)
    height = LARGE if len(panels) == 1 else rows * (_style.WIDTH / columns + TITLE * titled) + LEGEND
    with _style.page(path, describe(data), height=height) as figure:
        for k, (title, surface, points) in enumerate(panels):
            axes = figure.add_subplot(rows, columns, k + 1)
            _plane.shade(axes, surface)
            _plane.boundary(axes, surface)
            _plane.dots(axes, points, 13 if len(panels) == 1 else 4, named=k == 0)
            _plane.frame(axes, surface, names if len(panels) == 1 else None)
            if len(panels) > 1:
                axes.set_xticks([])
                axes.set_yticks([])
            axes.set_title(_style.plain_text(title) if title else "", fontsize=_style.FONT - (len(panels) > 1))
            if k == 0:
                _plane.legend(figure, axes)


def _words(title: str, surface: _plane.Surface, points: _plane.Cloud, wrong: object) -> str:
    share = float((surface.values > 0).mean())
    text = f"{title}: " if title else ""
    text += f"{points.classes[0]} is predicted on {100 * share:.0f} % of the plane"
    if wrong is not None:
        text += f"; {wrong} of {len(points)} points lie on the wrong side"
    return text


@np.errstate(all="ignore")
def describe(data: Mapping[str, object]) -> str:
    """The picture in words: how much of the plane each class gets, how many points lie on the wrong side."""
    first, second = (_data.words(name, "x") for name in _names(data).values())
    given: Any = data["panels"]
    parts = [_words(*panel, own.get("wrong")) for panel, own in zip(_panels(data), given, strict=True)]
    return f"Decision boundary in the plane of {first} and {second}: {'. '.join(parts)}."
