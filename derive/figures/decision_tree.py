"""A decision tree: a test in each inner node, a class in each leaf, the rows of each class below them.

Data: ``tree``, nested tables, each with ``counts`` (rows of each class), ``impurity`` (a text) and either ``test`` (a
text) with ``yes`` and ``no`` (tables) or ``class`` (a text); ``classes``, their names. Rows for which the test holds go
left. A node's colour is that of its most frequent class, fainter where classes are mixed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.errors import DeriveError
from derive.figures import _data, _drawn, _style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDEST = 6.2  # inches of a page
LINE = 0.17
PAD = 0.1
APART = 0.16  # inches between leaves
DROP = 0.42  # inches between levels
MARGIN = 0.06
TEXT_MOST = 26  # characters of a line


@dataclass
class _Box:
    """A node with its lines, the centre of its box and its size in inches."""

    lines: list[str]
    colour: str
    width: float
    level: int
    x: float = 0.0
    children: tuple[_Box, ...] = ()

    @property
    def height(self) -> float:
        return LINE * len(self.lines) + PAD

    def walk(self) -> Iterator[_Box]:
        """This box and those below."""
        yield self
        for child in self.children:
            yield from child.walk()


def _short(text: object) -> str:
    line = str(text)
    return _style.plain_text(line if len(line) <= TEXT_MOST else f"{line[: TEXT_MOST - 1]}…")


def _counts(table: Mapping[str, Any]) -> list[int]:
    counts = [int(c) for c in _data.needed(table, "counts")]
    if not counts or sum(counts) <= 0:
        raise DeriveError("a node of the drawn tree has no rows")
    return counts


def _box(table: Mapping[str, Any], level: int = 0) -> _Box:
    counts = _counts(table)
    first = table.get("test") or table.get("class")
    if not first:
        raise DeriveError("a node of the drawn tree has neither a test nor a class")
    lines = [_short(first), " + ".join(f"{c:,}" for c in counts), _short(table.get("impurity") or "")]
    lines = [line for line in lines if line]
    children = (_box(table["yes"], level + 1), _box(table["no"], level + 1)) if table.get("test") else ()
    width = max(_drawn.inches(line) for line in lines) + 2 * PAD
    return _Box(lines, _shade(counts), width, level, children=children)


def _shade(counts: list[int]) -> str:
    """The colour of the most frequent class, mixed with white by how many rows are of others."""
    k = max(range(len(counts)), key=lambda i: counts[i])
    share = 0.12 + 0.4 * (counts[k] / sum(counts) - 1 / len(counts)) / (1 - 1 / max(2, len(counts)))
    colour = _style.COLOURS[k % len(_style.COLOURS)].lstrip("#")
    parts = [int(colour[i : i + 2], 16) for i in (0, 2, 4)]
    return "#" + "".join(f"{round(255 - share * (255 - p)):02X}" for p in parts)


def _place(box: _Box, left: float) -> float:
    """Leaves from left to right, each inner node in the middle of what is below it; the right end."""
    if not box.children:
        box.x = left + box.width / 2
        return left + box.width
    end = left
    for k, child in enumerate(box.children):
        end = _place(child, end + (APART if k else 0))
    box.x = (box.children[0].x + box.children[-1].x) / 2
    start = box.x - box.width / 2
    if start < left:  # a node wider than what is below it
        for below in box.walk():
            below.x += left - start
        end += left - start
    return max(end, box.x + box.width / 2)


def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    root = _box(_data.needed(data, "tree"))
    width = _place(root, MARGIN) + MARGIN
    boxes = list(root.walk())
    levels = [max(b.height for b in boxes if b.level == k) for k in range(max(b.level for b in boxes) + 1)]
    height = sum(levels) + DROP * (len(levels) - 1) + 2 * MARGIN
    middles = [height - MARGIN - sum(levels[:k]) - DROP * k - levels[k] / 2 for k in range(len(levels))]
    scale = min(1.0, WIDEST / width)
    with _drawn.sheet(path, describe(data), max(width, 0.8), height, scale) as axes:
        for box in boxes:
            _draw_box(axes, box, middles[box.level], scale)
            for child, answer in zip(box.children, ("yes", "no"), strict=False):
                _edge(axes, (box.x, middles[box.level] - box.height / 2),
                      (child.x, middles[child.level] + child.height / 2), answer, scale)


def _draw_box(axes: Axes, box: _Box, y: float, scale: float) -> None:
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(FancyBboxPatch(
        (box.x - box.width / 2, y - box.height / 2), box.width, box.height, boxstyle="round,pad=0,rounding_size=0.06",
        linewidth=0.9, edgecolor="0.35" if box.children else _style.BLACK, facecolor=box.colour, zorder=3,
    ))  # fmt: skip
    for k, line in enumerate(box.lines):
        axes.text(box.x, y + box.height / 2 - PAD / 2 - LINE * (k + 0.5), line, ha="center", va="center_baseline",
                  fontsize=_style.FONT * scale, zorder=4)


def _edge(axes: Axes, start: tuple[float, float], end: tuple[float, float], answer: str, scale: float) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": "0.3", "linewidth": 0.9, "shrinkA": 0,
                                              "shrinkB": 0}, zorder=2)
    axes.text((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, answer, ha="center", va="center",
              fontsize=(_style.FONT - 1) * scale, color=_style.GREEN, zorder=5,
              bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})


def describe(data: Mapping[str, object]) -> str:
    """The picture in words: every path from the root to a leaf, with its class and its rows."""
    classes = ", ".join(map(str, _data.needed(data, "classes")))
    paths = "; ".join(_paths(_data.needed(data, "tree"), []))
    return f"Decision tree with rows of {classes} in each node. {paths}."


def _paths(table: Mapping[str, Any], so_far: list[str]) -> Iterator[str]:
    if not table.get("test"):
        where = " and ".join(so_far) or "everywhere"
        yield f"{where}: {table.get('class')} ({' + '.join(map(str, _counts(table)))})"
        return
    yield from _paths(table["yes"], [*so_far, str(table["test"])])
    yield from _paths(table["no"], [*so_far, f"not {table['test']}"])
