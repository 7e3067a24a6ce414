"""A convolution as grids: the kernel laid on the input, and the output that it gives there.

``data``: ``input``, ``kernel`` and ``output`` map places (tuples of indices, channels first) to expressions; ``place``
is the output that is shown, without its channel; ``windows`` for each axis the positions that the kernel covers there;
``padding`` for each axis how many zeros stand before and after; ``channels`` whether there are channels. Covered cells
are shaded and have their weight in the corner; padding is dashed. With channels, all inputs stand below each other,
then the kernels of each output channel, then the outputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.figures import _data, _drawn, _style
from derive.tree import ZERO, Node

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CELL = 0.46  # inches
GAP = 0.5  # inches between columns of grids
BETWEEN = 0.3  # inches between grids in a column
TITLE = 0.3
MARGIN = 0.12
WIDEST = 6.0

Place = tuple[int, ...]
Cells = Mapping[tuple[int, int], Node]


@dataclass(frozen=True, slots=True)
class _Grid:
    """One array of two axes: ``cells`` by row and column from ``first``, and which cells are marked, with what."""

    cells: Cells
    rows: range
    columns: range
    marked: Mapping[tuple[int, int], Node | None]
    title: str = ""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches."""
        return len(self.columns) * CELL, len(self.rows) * CELL + (TITLE if self.title else 0)


def _flat(place: Place) -> tuple[int, int]:
    """Row and column; a single axis is a row."""
    return (0, place[0]) if len(place) == 1 else (place[0], place[1])


def _blocks(values: Mapping[Place, Node], leading: int) -> dict[Place, dict[tuple[int, int], Node]]:
    """The arrays of two axes in one with channels, by the channels."""
    blocks: dict[Place, dict[tuple[int, int], Node]] = {}
    for place, value in values.items():
        blocks.setdefault(place[:leading], {})[_flat(place[leading:])] = value
    return blocks


def _range(cells: Cells, axis: int, before: int = 0, after: int = 0) -> range:
    return range(-before, max(p[axis] for p in cells) + 1 + after)


def _columns(data: Mapping[str, object]) -> list[list[_Grid]]:
    """The grids of the input, of the kernel, of the output, each a column."""
    channels = bool(data.get("channels"))
    windows: Any = _data.needed(data, "windows")
    padding: Any = data.get("padding") or [(0, 0)] * len(windows)
    place: Any = _data.needed(data, "place")
    inputs: Any = _data.needed(data, "input")
    kernels: Any = _data.needed(data, "kernel")
    outputs: Any = _data.needed(data, "output")
    images, taps = _blocks(inputs, int(channels)), _blocks(kernels, 2 * int(channels))
    made = _blocks(outputs, int(channels))
    rows, columns = ([0], windows[0]) if len(windows) == 1 else windows
    pads = [(0, 0), padding[0]] if len(windows) == 1 else list(padding)

    def image(k: int, channel: Place, cells: Cells) -> _Grid:
        over = taps[(0, *channel)] if channels else taps[()]
        marked = {(r, c): over[i, j] for i, r in enumerate(rows) for j, c in enumerate(columns)}
        title = f"input, channel {channel[0]}" if channels else "input"
        return _Grid(cells, _range(cells, 0, *pads[0]), _range(cells, 1, *pads[1]), marked, title)

    first = [image(k, channel, cells) for k, (channel, cells) in enumerate(images.items())]
    second = [_Grid(cells, _range(cells, 0), _range(cells, 1), {},
                    f"kernel {c[0]}, channel {c[1]}" if channels else "kernel") for c, cells in taps.items()]
    shown = _flat(tuple(place))
    third = [_Grid(cells, _range(cells, 0), _range(cells, 1), {shown: None} if not channels or c == (0,) else {},
                   f"output, channel {c[0]}" if channels else "output") for c, cells in made.items()]
    return [first, second, third]


def _across(data: Mapping[str, object]) -> bool:
    """Whether the grids stand side by side; a single axis has them below each other."""
    windows: Any = _data.needed(data, "windows")
    return len(windows) > 1 or bool(data.get("channels"))


def _placed(data: Mapping[str, object]) -> tuple[list[tuple[_Grid, float, float]], float, float]:
    """Each grid with its left and its top, counted downwards, and the width and height of the whole."""
    columns = _columns(data) if _across(data) else [[g for column in _columns(data) for g in column]]
    heights = [sum(g.size[1] for g in column) + BETWEEN * (len(column) - 1) for column in columns]
    placed: list[tuple[_Grid, float, float]] = []
    left = MARGIN
    for column, height in zip(columns, heights, strict=True):
        top = MARGIN + (max(heights) - height) / 2
        wide = max(max(g.size[0], _drawn.inches(g.title)) for g in column)
        for grid in column:
            placed.append((grid, left + (wide - grid.size[0]) / 2, top))
            top += grid.size[1] + BETWEEN
        left += wide + GAP
    return placed, left - GAP + MARGIN, max(heights) + 2 * MARGIN


def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    placed, width, height = _placed(data)
    with _drawn.sheet(path, describe(data), width, height, min(1.0, WIDEST / width)) as axes:
        for grid, left, top in placed:
            _draw_grid(axes, grid, left, height - top)


def _draw_grid(axes: Axes, grid: _Grid, left: float, top: float) -> None:
    if grid.title:
        axes.text(left + grid.size[0] / 2, top - TITLE / 2 + 0.02, grid.title, ha="center", va="center",
                  fontsize=_style.FONT - 0.5, color="0.35")
        top -= TITLE
    for i, row in enumerate(grid.rows):
        for j, column in enumerate(grid.columns):
            _cell(axes, grid, (row, column), left + j * CELL, top - (i + 1) * CELL)


def _cell(axes: Axes, grid: _Grid, place: tuple[int, int], x: float, y: float) -> None:
    """A square with its value; shaded where it is marked, with the weight in its corner, dashed where it is padding."""
    from matplotlib.patches import Rectangle

    padding = place not in grid.cells
    marked = place in grid.marked
    axes.add_patch(Rectangle((x, y), CELL, CELL, facecolor="#FBE3D6" if marked else "white",
                             edgecolor="0.6" if padding else "0.3", linewidth=0.6 if padding else 0.8,
                             linestyle=(0, (2, 2)) if padding else "solid", zorder=1 if padding else 2))
    weight = grid.marked.get(place)
    value = grid.cells.get(place, ZERO)
    shift = 0.06 if weight is not None else 0.0
    if text := _fitting(value, CELL - 0.06):
        size = _style.FONT * min(1.0, (CELL - 0.1) / _drawn.inches(text))
        axes.text(x + CELL / 2 - shift, y + CELL / 2 + shift, text, ha="center", va="center", fontsize=size,
                  color="0.5" if padding else "black", zorder=4)
    if weight is not None and (text := _fitting(weight, CELL)):
        axes.text(x + CELL - 0.03, y + 0.035, text, ha="right", va="bottom", fontsize=_style.FONT - 2,
                  color=_style.VERMILLION, zorder=4)


def _fitting(value: Node, widest: float) -> str:
    return _drawn.math(value, 2.2 * widest)


# --- words ------------------------------------------------------------------------------------------


def _told(grid: _Grid) -> Iterator[str]:
    from derive.write.text import text

    for row in grid.rows:
        yield " ".join(text(grid.cells[row, c]) for c in grid.columns if (row, c) in grid.cells)


def describe(data: Mapping[str, object]) -> str:
    """The picture in words: each grid row by row, then which output is shown."""
    grids: Sequence[_Grid] = [g for column in _columns(data) for g in column]
    told = "; ".join(f"{g.title} {' / '.join(r for r in _told(g) if r)}" for g in grids)
    place: Any = data["place"]
    return f"Convolution as grids: {told}; the kernel is shown at output {', '.join(map(str, place))}."
