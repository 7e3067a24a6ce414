"""Diagrams in inches: the size of texts, and labels on lines where they cover least.

Called by the pictures of graphs and networks, whose axes have an inch as their unit, so that a text's size is known
before anything is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from derive.figures import _style
from derive.tree import Node, Number, numeric, walk

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DIGITS = 4  # of a decimal in a picture; more stand in the text
LINE = 0.185  # inches: a line of text
PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8)
"""Where along a line its label may stand, best first."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, low, right and high."""


@contextmanager
def sheet(path: Path, alt: str, width: float, height: float, scale: float = 1.0) -> Iterator[Axes]:
    """Axes over a whole picture, one unit an inch (times ``scale``); saved as :func:`derive.figures._style.page`."""
    with _style.page(path, alt, height=height * scale, width=width * scale) as figure:
        figure.set_layout_engine("none")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, width)
        axes.set_ylim(0, height)
        axes.axis("off")
        yield axes


# --- texts ------------------------------------------------------------------------------------------


def inches(text: str) -> float:
    """The width of a text at the usual size."""
    return max((_style._width(line) or 60.0) for line in text.split("\n")) / 72


def math(node: Node, widest: float) -> str:
    """A formula as a label, long decimals shortened; nothing where it cannot be set or is too wide."""
    number = numeric(node)
    if number is not None and _digits(node) > DIGITS:
        return f"${_style.number_label(float(number), DIGITS).strip('$')}$"
    text = _style.math_text(node)
    return text.replace(r"\dfrac", r"\frac") if text and inches(text) <= widest else ""


def _digits(node: Node) -> int:
    return max((len(n.text.replace(".", "").lstrip("0")) for n in walk(node) if isinstance(n, Number)), default=0)


# --- labels on lines --------------------------------------------------------------------------------


@dataclass
class Room:
    """What is drawn already: boxes that no label may cover, and all lines as points along them."""

    taken: list[Box] = field(default_factory=list)
    lines: list[list[Point]] = field(default_factory=list)

    def label(self, axes: Axes, k: int, text: str, size: float, color: str, places: Sequence[float] = PLACES) -> None:
        """Write a label on the k-th line, where it covers least; ``places`` are shares of its length, best first."""
        line = self.lines[k]
        share = size / _style.FONT
        wide, high = inches(text) / 2 * share + 0.02, (0.09 if "frac" not in text else 0.17) * share
        best: tuple[float, Box, Point] | None = None
        for rank, at in enumerate(places):
            x, y = line[round(at * (len(line) - 1))]
            box = (x - wide, y - high, x + wide, y + high)
            cost = 0.05 * rank + 10 * sum(overlap(box, other) for other in self.taken)
            cost += sum(touches(box, other) for i, other in enumerate(self.lines) if i != k)
            if best is None or cost < best[0]:
                best = cost, box, (x, y)
        assert best is not None
        self.taken.append(best[1])
        axes.text(*best[2], text, ha="center", va="center", fontsize=size, zorder=5, color=color,
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.7})


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes share a point inside."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def touches(box: Box, line: Sequence[Point]) -> bool:
    """Whether a line runs through a box."""
    return any(box[0] <= x <= box[2] and box[1] <= y <= box[3] for x, y in line)
