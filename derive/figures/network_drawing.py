"""A layered network: units as circles with their values, weights on the edges, biases below the units.

``data``: ``units``, a list a layer (the inputs first) of units with ``name`` (a symbol) and optionally ``value`` (an
expression) and ``above`` (a formula that stands above the unit, its derivative for instance); ``weights``, for each
layer behind the inputs a row a unit with an entry an input (an expression, or nothing where no edge is); ``biases``, a
list a layer, empty for none; ``titles``, a text a layer. Edges with negative weights are dashed. Between large layers
only the edges are drawn, without their weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.figures import _data, _drawn, _style
from derive.figures._drawn import Point, Room
from derive.tree import Node, free_symbols, numeric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BIAS = 0.2  # inches below a unit
RADIUS = 0.29  # inches
ROW = 0.82  # inches between units
ABOVE = 0.19  # inches above a unit that has a formula there
WIDEST = 6.2
WIDE = 1.3  # inches; a wider formula above a unit is left to the text
TITLE = 0.3  # inches above the units
MARGIN = 0.1
LABELLED = 42  # edges between two layers that still get their weights
SHARES = 40  # points along an edge that a label may stand at

Units = Sequence[Sequence[Mapping[str, Any]]]


def _columns(data: Mapping[str, object]) -> tuple[list[float], float, float]:
    """The place of each layer, the width and the height of the picture."""
    units: Units = _data.needed(data, "units")
    counts = [len(layer) for layer in units]
    gaps = [0.95 + 0.13 * max(a, b) for a, b in pairwise(counts)]
    titles: Any = data.get("titles") or [""]
    outside = max(_drawn.inches(titles[-1]) / 2 - RADIUS, *(_outside(unit) for unit in units[-1]), 0.0)
    spare = WIDEST - 2 * MARGIN - 2 * RADIUS - outside
    share = min(1.0, spare / sum(gaps)) if gaps else 1.0
    places = [MARGIN + RADIUS + 0.1]
    for gap in gaps:
        places.append(places[-1] + gap * share)
    biases: Any = data.get("biases") or ()
    low = BIAS if any(biases) else 0.0
    height = (max(counts) - 1) * _row(units) + 2 * RADIUS + TITLE + 2 * MARGIN + low + _above(units)
    return places, places[-1] + RADIUS + outside + MARGIN + 0.1, height


def _above(units: Units) -> float:
    """The room above a unit."""
    return ABOVE if any(unit.get("above") is not None for layer in units for unit in layer) else 0.0


def _row(units: Units) -> float:
    """The distance between the units of a layer."""
    return ROW + _above(units)


def _outside(unit: Mapping[str, Any]) -> float:
    """The room that a value of the last layer needs beside its circle."""
    text = _beside(unit)
    return _drawn.inches(text) + 0.1 if text else 0.0


def _beside(unit: Mapping[str, Any]) -> str:
    """The value of a unit of the last layer that is no plain number; it stands beside the circle."""
    value = unit.get("value")
    if not isinstance(value, Node) or numeric(value) is not None or free_symbols(value):
        return ""
    text = _drawn.math(value, 1.2)
    return f"$= {text[1:]}".replace(r"\frac", r"\dfrac", 1) if text else ""


def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    places, width, height = _columns(data)
    units: Units = _data.needed(data, "units")
    row = _row(units)
    middle = height - TITLE - MARGIN - _above(units) - RADIUS - (max(map(len, units)) - 1) / 2 * row
    centres = [[(x, middle + ((len(layer) - 1) / 2 - i) * row) for i in range(len(layer))]
               for x, layer in zip(places, units, strict=True)]
    with _drawn.sheet(path, describe(data), width, height) as axes:
        _titles(axes, data, places, height)
        room = Room([(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for layer in centres for x, y in layer])
        _edges(axes, data, centres, room)
        biases: Any = data.get("biases") or [[]] * (len(units) - 1)
        for k, layer in enumerate(units):
            for j, unit in enumerate(layer):
                own = biases[k - 1][j] if k and biases[k - 1] else None
                _unit(axes, centres[k][j], unit, own, k == len(units) - 1)


def _titles(axes: Axes, data: Mapping[str, object], places: Sequence[float], height: float) -> None:
    titles: Any = data.get("titles") or [""] * len(places)
    for x, title in zip(places, titles, strict=True):
        axes.text(x, height - MARGIN - 0.06, title, ha="center", va="center", fontsize=_style.FONT - 0.5, color="0.35")


def _edges(axes: Axes, data: Mapping[str, object], centres: Sequence[Sequence[Point]], room: Room) -> None:
    """All lines first, then the labels, gap by gap: a label avoids the lines of its own gap."""
    weights: Any = _data.needed(data, "weights")
    for k, rows in enumerate(weights):
        found: list[Node] = []
        room.lines = []
        for j, row in enumerate(rows):
            for i, weight in enumerate(row):
                if weight is not None:
                    found.append(weight)
                    room.lines.append(_line(axes, centres[k][i], centres[k + 1][j], weight))
        if len(found) > LABELLED:
            continue
        size = _style.FONT - (1.0 if len(found) <= 16 else 2.0)
        for n, weight in enumerate(found):
            if text := _drawn.math(weight, 0.9):
                room.label(axes, n, text, size, "black", _SHARES)


_SHARES = tuple(sorted((k / SHARES for k in range(4, SHARES - 4)), key=lambda s: abs(s - 0.4)))


def _line(axes: Axes, start: Point, end: Point, weight: Node) -> list[Point]:
    """Draw an edge from circle to circle; the points along it."""
    (ax, ay), (bx, by) = start, end
    length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
    cut = RADIUS / length
    points = [(ax + (bx - ax) * t, ay + (by - ay) * t)
              for t in (cut + (1 - 2 * cut) * k / SHARES for k in range(SHARES + 1))]
    value = numeric(weight)
    style = (0, (4, 2)) if value is not None and value < 0 else "solid"
    colour = "0.8" if value == 0 else _style.VERMILLION if value is not None and value < 0 else "0.45"
    axes.plot([points[0][0], points[-1][0]], [points[0][1], points[-1][1]], color=colour, linestyle=style,
              linewidth=0.8, zorder=1)
    return points


def _unit(axes: Axes, centre: Point, unit: Mapping[str, Any], bias: object, last: bool) -> None:
    """A circle with the name, and below it the value where there is one."""
    from matplotlib.patches import Circle

    from derive.write.latex import latex

    x, y = centre
    axes.add_patch(Circle(centre, RADIUS, facecolor="#EAF3FA", edgecolor=_style.BLUE, linewidth=0.9, zorder=3))
    value = unit.get("value")
    inside = _drawn.math(value, 2 * RADIUS) if isinstance(value, Node) and not (last and _beside(unit)) else ""
    shift = 0.09 if inside else 0.0
    axes.text(x, y + shift, f"${latex(unit['name'])}$", ha="center", va="center", fontsize=_style.FONT, zorder=4)
    if inside:
        size = _style.FONT * min(1.0, (2 * RADIUS - 0.08) / _drawn.inches(inside))
        axes.text(x, y - 0.1, inside, ha="center", va="center", fontsize=size, zorder=4)
    elif last and (text := _beside(unit)):
        axes.text(x + RADIUS + 0.06, y, text, ha="left", va="center", fontsize=_style.FONT, zorder=4)
    above = unit.get("above")
    if isinstance(above, Node) and (text := _drawn.math(above, WIDE)):
        axes.text(x, y + RADIUS + 0.11, text, ha="center", va="center", fontsize=_style.FONT - 1.5,
                  color=_style.VERMILLION, zorder=6, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4})
    if isinstance(bias, Node) and (text := _drawn.math(bias, 0.9)):
        axes.text(x, y - RADIUS - 0.1, f"bias {text}", ha="center", va="center", fontsize=_style.FONT - 1.5,
                  color="0.3", zorder=6, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4})


# --- words ------------------------------------------------------------------------------------------


def _told(unit: Mapping[str, Any]) -> str:
    from derive.write.text import text

    value = unit.get("value")
    above = unit.get("above")
    told = f" (above it {text(above)})" if isinstance(above, Node) else ""
    return text(unit["name"]) + (f" = {text(value)}" if isinstance(value, Node) else "") + told


def describe(data: Mapping[str, object]) -> str:
    """The picture in words: the units of each layer with their values, then the weights unit by unit."""
    from derive.write.text import text

    units, weights, titles = (_data.needed(data, key) for key in ("units", "weights", "titles"))
    words = []
    for title, layer in zip(titles, units, strict=True):
        words.append(f"{title}: {', '.join(map(_told, layer))}")
    lines = []
    for k, rows in enumerate(weights):
        for j, row in enumerate(rows):
            shown = ", ".join(text(w) if w is not None else "none" for w in row)
            lines.append(f"into {text(units[k + 1][j]['name'])}: {shown}")
    return f"Network drawing. {'. '.join(words)}. Weights {'; '.join(lines)}."
