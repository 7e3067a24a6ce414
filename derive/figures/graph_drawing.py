"""A computational graph in layers: values in the nodes, derivatives on the edges, adjoints below the nodes.

``data``: ``nodes``, in an order in which each comes after those it is computed from, each with ``name`` (a symbol) and
optionally ``formula``, ``value`` and ``adjoint`` (expressions); ``edges``, each with ``from``, ``to`` and a ``label``
(an expression or nothing); ``output``, the symbol whose derivatives the adjoints are. Inputs stand just before the
first node that uses them, every other node in the layer that its longest path from an input gives. Edges that pass a
layer are led between its nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.figures import _data, _drawn, _layers, _style
from derive.figures._drawn import LINE, Box, Point, Room
from derive.tree import Node, Symbol

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDEST, HIGHEST = 6.2, 8.4  # inches of a page
SMALLEST = 0.85  # of its natural size; below that the layers stand one below the other
PAD = 0.09  # inches between a box and its text
GAP = 0.56  # inches between layers at least
ROOM = 0.3  # inches that an edge is longer than its label
APART = 0.24  # inches between the nodes of a layer
MARGIN = 0.08
FORMULA = 1.25  # inches; a longer formula stands in the text only
ON_EDGE = 1.0  # inches; a longer label is left to the text


@dataclass
class _Item:
    """A node: its texts, and where its box is once the layout is made."""

    name: Symbol
    lines: list[str]
    under: str
    width: float
    centre: Point = (0.0, 0.0)

    @property
    def height(self) -> float:
        return LINE * len(self.lines) + PAD

    @property
    def box(self) -> Box:
        (x, y), w, h = self.centre, self.width / 2, self.height / 2
        return x - w, y - h, x + w, y + h


@dataclass
class _Scene:
    items: dict[Symbol, _Item]
    layout: _layers.Layout
    across: bool  # layers side by side, not one below the other
    width: float
    height: float
    scale: float = 1.0
    room: Room = field(default_factory=Room)


# --- texts ------------------------------------------------------------------------------------------


def _item(node: Mapping[str, Any], output: Symbol) -> _Item:
    from derive.write.latex import latex

    name, formula, value, adjoint = (node.get(k) for k in ("name", "formula", "value", "adjoint"))
    assert isinstance(name, Symbol)
    first = f"${latex(name)}$"
    if isinstance(formula, Node) and (body := _drawn.math(formula, FORMULA)):
        first = f"{first[:-1]} = {body[1:]}"
    lines = [first]
    if isinstance(value, Node):
        lines.append(_drawn.math(value, FORMULA) or _style.plain_text("…"))
    under = ""
    if isinstance(adjoint, Node):
        label = rf"\partial {latex(output)}/\partial {latex(name)}"
        body = _drawn.math(adjoint, FORMULA)
        under = f"${label} = {body[1:]}" if body else f"${label}$"
    width = max(0.34, *(_drawn.inches(line) for line in lines)) + 2 * PAD
    return _Item(name, lines, under, width)


# --- layout -----------------------------------------------------------------------------------------


def _scene(data: Mapping[str, object]) -> _Scene:
    nodes, edges = _data.needed(data, "nodes"), _data.needed(data, "edges")
    items = {n["name"]: _item(n, _data.needed(data, "output")) for n in nodes}
    layout = _layers.layout(list(items), [(e["from"], e["to"]) for e in edges])
    widest = max((_drawn.inches(text) for e in edges if (text := _on_edge(e))), default=0.0)
    side = _arranged(items, layout, max(GAP, widest + ROOM), across=True)
    if side.scale >= SMALLEST:
        return side
    below = _arranged(items, layout, GAP, across=False)
    return min((side, below), key=lambda s: -s.scale)


def _on_edge(edge: Mapping[str, Any]) -> str:
    """The text of an edge; nothing where it has none or a long one."""
    label = edge.get("label")
    return _drawn.math(label, ON_EDGE) if isinstance(label, Node) else ""


def _arranged(items: Mapping[Symbol, _Item], layout: _layers.Layout, gap: float, across: bool) -> _Scene:
    """Boxes placed in inches, layers side by side or one below the other."""
    made = {name: _Item(i.name, i.lines, i.under, i.width) for name, i in items.items()}
    extents = {name: _extent(i, across) for name, i in made.items()}
    along = [max(extents[n][0] for n in layer if n in extents) for layer in layout.layers]
    widest = max(extents[n][1] for n in extents)
    slot = widest + APART
    length = sum(along) + gap * (len(along) - 1) + 2 * MARGIN
    breadth = slot * layout.breadth + 2 * MARGIN - APART
    start = MARGIN
    for k, layer in enumerate(layout.layers):
        middle = start + along[k] / 2
        for name in layer:
            place = MARGIN + widest / 2 + slot * layout.places[name]
            if name in made:
                drop = (made[name].height + LINE if made[name].under else made[name].height) / 2
                lift = drop - made[name].height / 2
                made[name].centre = (middle, breadth - place + lift) if across else (place, length - middle + lift)
            else:
                layout.points[name] = (middle, breadth - place) if across else (place, length - middle)
        start += along[k] + gap
    width, height = (length, breadth) if across else (breadth, length)
    return _Scene(made, layout, across, width, height, min(1.0, WIDEST / width, HIGHEST / height))


def _extent(item: _Item, across: bool) -> Point:
    """The room that a node takes along the layers' direction, and across it."""
    high = item.height + (LINE if item.under else 0.0)
    wide = max(item.width, _drawn.inches(item.under) if item.under else 0.0)
    return (wide, high) if across else (high, wide)


# --- drawing ----------------------------------------------------------------------------------------


def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    scene = _scene(data)
    with _drawn.sheet(path, describe(data), scene.width, scene.height, scene.scale) as axes:
        for item in scene.items.values():
            _box(axes, scene, item)
        edges: Any = _data.needed(data, "edges")
        routes = [_route(scene, e["from"], e["to"]) for e in edges]
        scene.room.lines = [_samples(r, scene.across) for r in routes]
        for route in routes:
            _line(axes, route, scene)
        for k, edge in enumerate(edges):
            if text := _on_edge(edge):
                scene.room.label(axes, k, text, (_style.FONT - 0.5) * scene.scale, _style.GREEN)


def _box(axes: Axes, scene: _Scene, item: _Item) -> None:
    from matplotlib.patches import FancyBboxPatch

    left, low, right, high = item.box
    is_input = not scene.layout.arguments[item.name]
    axes.add_patch(FancyBboxPatch(
        (left, low), right - left, high - low, boxstyle=f"round,pad=0,rounding_size={0.09}", linewidth=0.9,
        edgecolor=_style.BLUE if not is_input else "0.45", facecolor="white" if is_input else "#EAF3FA", zorder=3,
    ))  # fmt: skip
    size = _style.FONT * scene.scale
    for k, line in enumerate(item.lines):
        y = high - PAD / 2 - LINE * (k + 0.5)
        axes.text(item.centre[0], y, line, ha="center", va="center_baseline", fontsize=size, zorder=4)
    scene.room.taken.append(item.box)
    if item.under:
        wide = _drawn.inches(item.under) / 2
        axes.text(item.centre[0], low - LINE * 0.55, item.under, ha="center", va="center", fontsize=size - 0.5,
                  color=_style.VERMILLION, zorder=6,
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})
        scene.room.taken.append((item.centre[0] - wide, low - LINE, item.centre[0] + wide, low))


def _route(scene: _Scene, start: Symbol, end: Symbol) -> list[Point]:
    """The points of an edge: from the side of one box, between the nodes of the layers it passes, to the other."""
    a, b = scene.items[start], scene.items[end]
    inner = [scene.layout.points[d] for d in scene.layout.dummies[start, end]]
    return [_port(scene, a, end, True), *inner, _port(scene, b, start, False)]


def _port(scene: _Scene, item: _Item, other: Symbol, leaving: bool) -> Point:
    """Where an edge meets a box: edges that meet the same side are spread over it in the order they come."""
    layout, (x, y) = scene.layout, item.centre
    others = layout.users[item.name] if leaving else layout.arguments[item.name]
    ordered = sorted(others, key=lambda o: layout.next_place(item.name, o, leaving))
    offset = ordered.index(other) - (len(ordered) - 1) / 2
    if scene.across:
        step = min(0.14, (item.height - 0.08) / max(1, len(ordered)))
        return x + (item.width if leaving else -item.width) / 2, y - offset * step
    step = min(0.2, (item.width - 0.1) / max(1, len(ordered)))
    below = LINE * 1.1 if leaving and item.under else 0.0
    return x + offset * step, y + (-item.height / 2 - below if leaving else item.height / 2)


def _curve(route: Sequence[Point], across: bool) -> list[tuple[Point, Point, Point, Point]]:
    """Cubic pieces through the points, leaving and arriving along the layers' direction; one straight piece alone."""
    if len(route) == 2:
        (ax, ay), (bx, by) = route
        third = ((bx - ax) / 3, (by - ay) / 3)
        return [(route[0], (ax + third[0], ay + third[1]), (bx - third[0], by - third[1]), route[1])]
    pieces = []
    for a, b in pairwise(route):
        reach = 0.45 * ((b[0] - a[0]) if across else (b[1] - a[1]))
        first = (a[0] + reach, a[1]) if across else (a[0], a[1] + reach)
        second = (b[0] - reach, b[1]) if across else (b[0], b[1] - reach)
        pieces.append((a, first, second, b))
    return pieces


def _samples(route: Sequence[Point], across: bool) -> list[Point]:
    """Points along an edge, evenly in its parameter."""
    return [_bezier(piece, t / 16) for piece in _curve(route, across) for t in range(17)]


def _bezier(piece: tuple[Point, Point, Point, Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    x, y = (sum(w * p[i] for w, p in zip(weights, piece, strict=True)) for i in (0, 1))
    return x, y


def _line(axes: Axes, route: Sequence[Point], scene: _Scene) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path as Curve

    pieces = _curve(route, scene.across)
    vertices = [pieces[0][0], *(point for piece in pieces for point in piece[1:])]
    codes = [Curve.MOVETO, *[Curve.CURVE4] * (len(vertices) - 1)]
    axes.add_patch(FancyArrowPatch(
        path=Curve(vertices, codes), arrowstyle="-|>", mutation_scale=9 * scene.scale, linewidth=0.9, color="0.25",
        zorder=2, shrinkA=0, shrinkB=0,
    ))  # fmt: skip


# --- words ------------------------------------------------------------------------------------------


def describe(data: Mapping[str, object]) -> str:
    """The picture in words: every node with its value and adjoint, every edge with its derivative."""
    from derive.write.text import text

    nodes, edges, output = (_data.needed(data, key) for key in ("nodes", "edges", "output"))
    words = []
    for node in nodes:
        shown = text(node["name"])
        if isinstance(node.get("value"), Node):
            shown += f" = {text(node['value'])}"
        if isinstance(node.get("adjoint"), Node):
            shown += f", derivative of {text(output)} by it {text(node['adjoint'])}"
        words.append(shown)
    ends = [(f"{text(e['from'])} to {text(e['to'])}", e.get("label")) for e in edges]
    lines = [f"{line}: {text(label)}" if isinstance(label, Node) else line for line, label in ends]
    return f"Computational graph. Nodes: {'; '.join(words)}. Edges with local derivatives: {', '.join(lines)}."
