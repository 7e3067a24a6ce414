"""Pictures with axes, laid out in one go: what :mod:`matplotlib.figure` does for them in a tenth of its time.

:class:`Figure` and :class:`Axes` take the calls of Matplotlib's classes that these pictures make, by the same names, so
that the helpers beside this file (scales, places of labels) serve both. Everything stands where Matplotlib's
constrained layout would put it: the sizes of all texts are known, so margins are sums. Drawing is :mod:`._canvas`'s.
A picture that needs more of Matplotlib than is here uses ``_style.page``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from derive.figures import _canvas, _letters
from derive.figures._canvas import NO_PEN, Box, Fill, Page, Pen, Text
from derive.figures._data import Array

MARGIN = 3.0  # points between what is drawn and the edge of the page, and between neighbours
TICK = 3.5  # length of a tick, and from there to its label
APART = 6.0  # between the numbers of a horizontal axis, at least
PAD = 4.0  # from the numbers of an axis to its name
START: Box = (30.0, 25.0, 35.0, 20.0)  # margins to begin with, before texts are known
SMALL, USUAL, LARGE = 8.0, 9.0, 9.5
SPINE, GRID = Pen(width=0.7, cap="projecting", join="miter"), Pen("0.9", 0.6, cap="projecting")
TICK_PEN = Pen(width=0.8)
MINUS = "\N{MINUS SIGN}"


# --- axes -------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Axis:
    """One direction of axes: its limits, how values become places, where its ticks stand and what they are called."""

    low: float = 0.0
    high: float = 1.0
    forward: Callable[[Array], Array] = np.asarray
    locator: Any = None
    formatter: Any = None
    label: str = ""
    numbered: bool = True
    grid: bool = True
    known: dict[Any, tuple[list[float], list[str]]] = field(default_factory=dict)  # ticks that were asked for

    def set_major_locator(self, locator: Any) -> None:
        """As Matplotlib's; what the locator has in ``tick_values`` is used."""
        self.locator = locator

    def set_major_formatter(self, formatter: Any) -> None:
        """As Matplotlib's."""
        self.formatter = formatter

    def set_minor_locator(self, locator: Any) -> None:
        """There are no minor ticks."""

    def set_minor_formatter(self, formatter: Any) -> None:
        """There are no minor ticks."""

    def set_label_text(self, text: str) -> None:
        """The axis's name."""
        self.label = text

    def share(self, values: Any) -> Array:
        """Where values stand between the limits, from 0 to 1."""
        low, high = self.forward(np.array([self.low, self.high]))
        share: Array = (self.forward(np.asarray(values, dtype=float)) - low) / (high - low)
        return share

    def ticks(self, length: float, room: float, side_by_side: bool) -> tuple[list[float], list[str]]:
        """The ticks between the limits, and their labels; ``length`` is the axis's, ``room`` what a label needs.

        Of labels that stand ``side_by_side`` there are as many as do not touch.
        """
        asked = self.low, self.high, self.forward, self.locator, self.formatter, length, room, side_by_side
        if asked not in self.known:
            self.known[asked] = self._ticks(length, room, side_by_side)
        return self.known[asked]

    def _ticks(self, length: float, room: float, side_by_side: bool) -> tuple[list[float], list[str]]:
        from matplotlib.ticker import MaxNLocator

        if self.locator is not None:
            return self._labelled(self.locator)
        for count in range(min(max(int(length // room), 1), 9), 0, -1):
            ticks, labels = self._labelled(MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]))
            if not side_by_side or not self._crowded(ticks, labels, length):
                break
        while side_by_side and self._crowded(ticks, labels, length):
            ticks, labels = ticks[::2], labels[::2]
        return ticks, labels

    def _crowded(self, ticks: Sequence[float], labels: Sequence[str], length: float) -> bool:
        """Whether labels side by side along an axis of this length touch."""
        widest = max((_letters.extent(label, SMALL)[0] for label in labels), default=0.0) + APART
        return len(ticks) > 2 and widest > length * float(np.diff(self.share(ticks)).min())

    def _labelled(self, locator: Any) -> tuple[list[float], list[str]]:
        found = [float(t) for t in locator.tick_values(self.low, self.high)]
        slack = 1e-10 * (self.high - self.low)
        kept = [(i, t) for i, t in enumerate(found) if self.low - slack <= t <= self.high + slack]
        shown = [t for _, t in kept]
        if self.formatter is None:
            return shown, _decimals(shown)
        return shown, [str(self.formatter(t, i)) for i, t in kept]


def _decimals(ticks: Sequence[float]) -> list[str]:
    """Evenly spaced numbers with the fewest decimals that tell all of them."""
    if not ticks:
        return []
    largest = max(map(abs, ticks)) or 1.0
    digits = 0
    while digits < 15 and any(abs(round(t, digits) - t) > 1e-9 * largest for t in ticks):
        digits += 1
    return [f"{round(t, digits) + 0.0:.{digits}f}".replace("-", MINUS) for t in ticks]


Mark = tuple[str, float, Fill, Pen]
"""The shape, size, filling and outline of a marker."""

Painter = Callable[["Axes", Page], None]


@dataclass(slots=True)
class Handle:
    """What a legend shows beside a name: a line, a mark, or an area."""

    label: str
    pen: Pen | None = None
    marker: Mark | None = None
    area: tuple[Fill, Pen] | None = None


@dataclass(slots=True)
class Axes:
    """A rectangle with scales. ``box`` is where it stands on the page, known after the layout."""

    figure: Figure
    row: int = 0
    column: int = 0
    x: Axis = field(default_factory=Axis)
    y: Axis = field(default_factory=Axis)
    box: Box = (0.0, 0.0, 1.0, 1.0)
    bar_beside: Bar | None = None
    equal: bool = False
    ground: Any = None
    title: tuple[str, str] = ("", "center")
    own_legend: Legend | None = None
    handles: list[Handle] = field(default_factory=list)
    painters: list[tuple[float, bool, Painter]] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    # names that Matplotlib has for the same

    @property
    def xaxis(self) -> Axis:
        """The horizontal axis."""
        return self.x

    @property
    def yaxis(self) -> Axis:
        """The vertical axis."""
        return self.y

    def set_xlim(self, low: float, high: float) -> None:
        """Limits of the horizontal axis."""
        self.x.low, self.x.high = float(low), float(high)

    def set_ylim(self, low: float, high: float) -> None:
        """Limits of the vertical axis."""
        self.y.low, self.y.high = float(low), float(high)

    def get_xlim(self) -> tuple[float, float]:
        """Limits of the horizontal axis."""
        return self.x.low, self.x.high

    def get_ylim(self) -> tuple[float, float]:
        """Limits of the vertical axis."""
        return self.y.low, self.y.high

    def set_xscale(self, kind: str, functions: Any = None) -> None:
        """``log``, or ``function`` with a function and its inverse."""
        self.x.forward = functions[0] if functions else np.log10

    def set_yscale(self, kind: str, functions: Any = None) -> None:
        """``log``, or ``function`` with a function and its inverse."""
        self.y.forward = functions[0] if functions else np.log10

    def set_xlabel(self, text: str) -> None:
        """The name of the horizontal axis."""
        self.x.label = text

    def set_ylabel(self, text: str) -> None:
        """The name of the vertical axis."""
        self.y.label = text

    def set_xticks(self, places: Sequence[float], labels: Sequence[str]) -> None:
        """Ticks of the horizontal axis, and what they are called."""
        from matplotlib.ticker import FixedFormatter, FixedLocator

        self.x.locator, self.x.formatter = FixedLocator(list(places)), FixedFormatter(list(labels))

    def set_title(self, text: str, loc: str = "center") -> None:
        """Words above the axes, at their ``left`` or ``center``."""
        self.title = text, loc

    def legend(self, columns: int = 2) -> None:
        """A legend of its own, above the axes."""
        self.own_legend = Legend(self.handles, columns) if self.handles else None

    def set_facecolor(self, colour: Any) -> None:
        """What is behind everything."""
        self.ground = colour

    def set_aspect(self, aspect: str, adjustable: str = "box") -> None:
        """Units of both axes equally long: the box becomes smaller."""
        self.equal = aspect == "equal"

    def grid(self, visible: bool = True, axis: str = "both") -> None:
        """Whether there are grid lines."""
        if axis in ("both", "x"):
            self.x.grid = visible
        if axis in ("both", "y"):
            self.y.grid = visible

    def get_legend_handles_labels(self) -> tuple[list[Handle], list[str]]:
        """What a legend shows."""
        return self.handles, [handle.label for handle in self.handles]

    # --- places ---------------------------------------------------------------------------------------

    @property
    def transData(self) -> _Places:  # noqa: N802 - the helpers know it by Matplotlib's name
        """Places of data on the page."""
        return _Places(self)

    def get_window_extent(self) -> _Extent:
        """Where the axes stand."""
        return _Extent(*self.box)

    def places(self, points: Any) -> Array:
        """Where points (n, 2) stand on the page; points without a place are not finite."""
        points = np.asarray(points, dtype=float).reshape(-1, 2)
        left, low, right, high = self.box
        with np.errstate(all="ignore"):
            x, y = self.x.share(points[:, 0]), self.y.share(points[:, 1])
        return np.column_stack([left + (right - left) * x, low + (high - low) * y])

    # --- what is drawn ----------------------------------------------------------------------------------

    def paint(self, order: float, painter: Painter, clipped: bool = True) -> None:
        """Have something drawn; a higher ``order`` is drawn later."""
        self.painters.append((order, clipped, painter))

    def plot(self, x: Any, y: Any, shape: str = "", **look: Any) -> None:
        """A line through points, marks at them, or both; the keywords are Matplotlib's."""
        points = np.column_stack([np.atleast_1d(np.asarray(side, dtype=float)) for side in (x, y)])
        colour, order = look.get("color", "black"), look.get("zorder", 2.0)
        width, alpha = look.get("linewidth", 1.6), look.get("alpha", 1.0)
        style = look.get("linestyle", "none" if shape else "solid")
        dash = _dash(style)
        pen = None if style == "none" else Pen(colour, width, dash, alpha, "butt" if dash else "projecting")
        shape = look.get("marker", shape)
        mark = (shape, look.get("markersize", 5.0), Fill(colour),
                Pen(look.get("markeredgecolor", colour), look.get("markeredgewidth", 1.0))) if shape else None
        halo, every = look.get("halo", 0.0), look.get("markevery")
        if pen is not None:
            self.paint(order, lambda axes, page: _stroke(page, axes.places(points), pen, halo))
        if mark is not None:
            marked = points if every is None else points[every]
            self.paint(order, lambda axes, page: _marks(page, axes.places(marked), mark, halo))
        if look.get("label"):
            self.handles.append(Handle(look["label"], pen, mark))

    def fill_between(self, x: Array, y: Array, where: Any, colour: Any, alpha: float) -> None:
        """The area between a curve and 0, where it is asked for."""
        fill, base = Fill(colour, alpha), 0.0
        wanted = np.asarray(where) & np.isfinite(y)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], wanted, [False]])))
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            xs, ys = x[first:end], y[first:end]
            corners = np.column_stack([[xs[0], *xs, xs[-1]], [base, *ys, base]])
            self.paint(1.0, lambda axes, page, corners=corners: page.area(axes.places(corners), fill))  # type: ignore[misc]

    def bar(self, places: Array, heights: Array, width: float, **look: Any) -> None:
        """Bars from 0; ``color`` is one colour or one for each. Of a height that is not finite there is none."""
        colours = look["color"] if isinstance(look["color"], list) else [look["color"]] * len(places)
        edge = look.get("edgecolor", "none")
        pen = Pen(edge, 0.0 if edge == "none" else look.get("linewidth", 1.0), join="miter")
        fills = [Fill(colour, hatch=look.get("hatch", "")) for colour in colours]
        for place, height, fill in zip(places, heights, fills, strict=True):
            if math.isfinite(height):
                corners = [(place - width / 2, 0.0), (place + width / 2, height)]
                self.paint(1.0, lambda axes, page, corners=corners, fill=fill: page.rectangle(  # type: ignore[misc]
                    _box(axes.places(corners)), fill, pen))
        if look.get("label"):
            self.handles.append(Handle(look["label"], area=(fills[0], pen)))

    def axhline(self, y: float, **look: Any) -> None:
        """A line from side to side."""
        pen = Pen(look.get("color", "black"), look.get("linewidth", 1.6), _dash(look.get("linestyle", "solid")))
        def painter(axes: Axes, page: Page) -> None:
            left, _, right, _ = axes.box
            height = axes.places([[axes.x.low, y]])[0, 1]
            page.line(np.array([[left, height], [right, height]]), pen)

        self.paint(look.get("zorder", 2.0), painter)

    def axvline(self, x: float, **look: Any) -> None:
        """A line from bottom to top."""
        pen = Pen(look.get("color", "black"), look.get("linewidth", 1.6), _dash(look.get("linestyle", "solid")))

        def painter(axes: Axes, page: Page) -> None:
            _, low, _, high = axes.box
            along = axes.places([[x, axes.y.low]])[0, 0]
            page.line(np.array([[along, low], [along, high]]), pen)

        self.paint(look.get("zorder", 2.0), painter)

    def axvspan(self, low: float, high: float, fill: Fill, pen: Pen, words: str) -> None:
        """An area from bottom to top, with words along it."""
        def painter(axes: Axes, page: Page) -> None:
            (left, _), (right, _) = axes.places([[low, axes.y.low], [high, axes.y.low]])
            page.rectangle((left, axes.box[1], right, axes.box[3]), fill, pen)

        def label(axes: Axes, page: Page) -> None:
            (x, _), middle = axes.places([[(low + high) / 2, axes.y.low]])[0], (axes.box[1] + axes.box[3]) / 2
            Text(x, middle, words, SMALL, "center", "middle", upright=True, ground="white").draw(page)

        self.paint(1.0, painter)
        self.paint(3.0, label, clipped=False)

    def arrow(
        self, start: Array, end: Array, colour: Any, scale: float, short: float = 0.0, width: float = 0.0,
    ) -> None:
        """A line (where it has a ``width``) whose filled head of 0.4 ``scale`` ends ``short`` points before its end."""
        def painter(axes: Axes, page: Page) -> None:
            first, last = axes.places([start, end])
            along = (last - first) / (math.hypot(*(last - first)) or 1.0)
            across = np.array([-along[1], along[0]])
            tip = last - along * (short + width)
            back = tip - along * 0.4 * scale
            if width:
                page.line(np.array([first, back]), Pen(colour, width))
            page.area(np.array([tip, back + across * 0.2 * scale, back - across * 0.2 * scale, tip]), Fill(colour),
                      Pen(colour, width, join="miter"))

        self.paint(4.0, painter, clipped=False)

    def annotate(self, text: str, point: tuple[float, float], **look: Any) -> Any:
        """A text beside a point, or a thin line to one: what :mod:`._placing` asks for, after the layout."""
        x, y = self.places([point])[0]
        if "arrowprops" in look:
            dx, dy = look["xytext"]
            self._leader(np.array([x + dx, y + dy]), np.array([x, y]), look["arrowprops"], look["zorder"])
            return None
        note = Note(Text(x, y, text, look["fontsize"], "center", "center"), self, x, y)
        self.texts.append(note.text)
        return note

    def _leader(self, start: Array, end: Array, look: Any, order: float) -> None:
        pen = Pen(look["color"], look["linewidth"])
        away = end - start
        end = start + away * max(0.0, 1 - look["shrinkB"] / (math.hypot(*away) or 1.0))
        self.paint(order, lambda axes, page: page.line(np.array([start, end]), pen), clipped=False)

    # --- contours ---------------------------------------------------------------------------------------

    def contours(self, x: Array, y: Array, values: Any, steps: Sequence[float], colours: Any, line: Pen) -> None:
        """Areas between level lines, one colour below each level and one above the last, and the lines."""
        from contourpy import FillType, LineType, contour_generator

        generator: Any = contour_generator(
            x, y, values, line_type=LineType.ChunkCombinedCode, fill_type=FillType.ChunkCombinedCode,
        )

        def painter(axes: Axes, page: Page) -> None:
            for low, colour in zip([-math.inf, *steps], colours, strict=True):  # what is higher covers it
                (points,), (codes,) = generator.filled(low, math.inf)
                if points is not None:
                    page.path(axes.places(points), codes, Fill(colour), NO_PEN, crisp=True)
            found = [generator.lines(level) for level in steps]
            lines = [(points, codes) for (points,), (codes,) in found if points is not None]
            if lines:
                points, codes = (np.concatenate(parts) for parts in zip(*lines, strict=True))
                page.path(axes.places(points), codes, None, line)

        self.paint(1.0, painter)


def _stroke(page: Page, points: Array, pen: Pen, halo: float) -> None:
    if halo:
        page.line(points, Pen("white", halo))
    page.line(points, pen)


def _marks(page: Page, points: Array, mark: Mark, halo: float) -> None:
    if halo:
        page.markers(points, mark[0], mark[1], Fill("white"), Pen("white", halo))
    page.markers(points, *mark)


def _dash(style: Any) -> tuple[float, ...]:
    return () if isinstance(style, str) else tuple(style[1])


def _box(points: Array) -> Box:
    (left, low), (right, high) = points.min(axis=0), points.max(axis=0)
    return left, low, right, high


@dataclass(frozen=True, slots=True)
class _Places:
    """Matplotlib's name for what turns data into places on the page."""

    axes: Axes

    def transform(self, points: Any) -> Array:
        """Places of one point or of several."""
        found = self.axes.places(points)
        return found if np.ndim(points) > 1 else found[0]


@dataclass(frozen=True, slots=True)
class _Extent:
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """From low to high."""
        return self.y1 - self.y0


@dataclass(slots=True)
class Note:
    """A text beside a point, which may still be moved or taken away."""

    text: Text
    axes: Axes
    x: float
    y: float

    def get_window_extent(self, renderer: Any = None) -> _Extent:
        """What the text takes."""
        return _Extent(*self.text.box)

    def remove(self) -> None:
        """Take it away."""
        self.axes.texts.remove(self.text)

    def set_halo(self, width: float) -> None:
        """A white outline, for a text over other things."""
        self.text.halo = width

    def set_position(self, offset: tuple[float, float]) -> None:
        """Move it so many points from its point."""
        self.text.x, self.text.y = self.x + offset[0], self.y + offset[1]


# --- the bar beside level lines -----------------------------------------------------------------------


@dataclass(slots=True)
class Bar:
    """The colours between levels, as a bar at the right of axes, and the levels' labels."""

    colours: Sequence[Any]
    labels: Sequence[str]
    title: str

    GAP, THIN, TIP, SIZE = 7.0, 28.0, 0.05, 7.0

    def width(self, height: float) -> float:
        """What it takes beside axes of some height."""
        widest = max((_letters.extent(label, self.SIZE)[0] for label in self.labels), default=0.0)
        title = _letters.extent(self.title, USUAL)[0]
        thick = height / self.THIN
        return self.GAP + max(thick + 2.0 + TICK + widest, title)

    @property
    def above(self) -> float:
        """What its title takes above it."""
        _, height, depth = _letters.extent(self.title, USUAL)
        return 6.0 + height + depth

    def draw(self, page: Page, beside: Box) -> list[Text]:
        """Draw it beside axes; returns its texts, which are still to be drawn."""
        left, low, high = beside[2] + self.GAP, beside[1], beside[3]
        right = left + (high - low) / self.THIN
        tip = self.TIP * (high - low) / (1 + 2 * self.TIP)
        inner = np.linspace(low + tip, high - tip, len(self.labels))
        middle = (left + right) / 2
        ends = [low, *inner, high]
        for k, ((bottom, top), colour) in enumerate(zip(pairwise(ends), self.colours, strict=True)):
            corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
            if k == 0:
                corners = [(middle, bottom), (right, top), (left, top)]
            elif k == len(self.labels):
                corners = [(left, bottom), (right, bottom), (middle, top)]
            page.area(np.array([*corners, corners[0]]), Fill(colour), Pen(colour, 0.2))
        first, last = inner[0], inner[-1]
        rim = [(left, first), (middle, low), (right, first), (right, last), (middle, high), (left, last)]
        page.line(np.array([*rim, rim[0]]), Pen(width=0.7, join="miter"))
        for place in inner:
            page.line(np.array([(right, place), (right + 2, place)]), TICK_PEN)
        numbers = [
            Text(right + 2 + TICK, place, label, self.SIZE, up="center")
            for place, label in zip(inner, self.labels, strict=True)
        ]
        return [*numbers, Text(left, high + 6, self.title, USUAL)]


@dataclass(slots=True)
class Legend:
    """Names beside samples of what they name, column by column; ``sample`` is a sample's length in letters."""

    handles: Sequence[Handle]
    columns: int
    sample: float = 2.6

    INSIDE, APART, BETWEEN, BESIDE = 0.4 * USUAL, 2.0 * USUAL, 0.5 * USUAL, 0.8 * USUAL

    @property
    def _line(self) -> float:
        return max(sum(_letters.extent(handle.label, USUAL)[1:]) for handle in self.handles)

    @property
    def height(self) -> float:
        """All its lines, and room above and below them."""
        rows = -(-len(self.handles) // self.columns)
        return rows * self._line + (rows - 1) * self.BETWEEN + 2 * self.INSIDE

    def draw(self, page: Page, middle: float, top: float) -> None:
        """Draw it below ``top``."""
        line, sample = self._line, self.sample * USUAL
        parts = np.array_split(np.arange(len(self.handles)), min(self.columns, len(self.handles)))
        widths = [
            sample + self.BESIDE + max(_letters.extent(self.handles[i].label, USUAL)[0] for i in part) for part in parts
        ]
        left = middle - (sum(widths) + self.APART * (len(parts) - 1)) / 2
        for part, width in zip(parts, widths, strict=True):
            for k, i in enumerate(part):
                base = top - self.INSIDE - k * (line + self.BETWEEN) - line + _letters.extent("lp", USUAL)[2]
                self._draw_sample(page, self.handles[i], left, base)
                Text(left + sample + self.BESIDE, base, self.handles[i].label, USUAL).draw(page)
            left += width + self.APART

    def _draw_sample(self, page: Page, handle: Handle, left: float, base: float) -> None:
        right, middle = left + self.sample * USUAL, base + 0.245 * USUAL
        if handle.area is not None:
            page.rectangle((left, base, right, base + 0.7 * USUAL), *handle.area)
        if handle.pen is not None:
            page.line(np.array([(left, middle), (right, middle)]), handle.pen)
        if handle.marker is not None:
            page.markers(np.array([((left + right) / 2, middle)]), *handle.marker)


# --- figures ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class Figure:
    """A picture of ``width`` x ``height`` inches: axes in rows and columns, and a legend above them.

    ``heights`` are the shares of the rows. Axes of one column share their horizontal axis where ``shared`` says so.
    """

    width: float
    height: float
    axes: list[Axes] = field(default_factory=list)
    heights: Sequence[float] = (1.0,)
    columns: int = 1
    shared: bool = False
    above: Legend | None = None
    dpi: float = 72.0
    settled: bool = False

    def add_subplot(self) -> Axes:
        """The only axes of a figure."""
        return self.subplots(1, 1)[0]

    def subplots(
        self, rows: int, columns: int, height_ratios: Sequence[float] | None = None, sharex: bool = False,
    ) -> list[Axes]:
        """Axes in rows and columns, row by row."""
        self.heights, self.columns, self.shared = height_ratios or (1.0,) * rows, columns, sharex
        self.axes = [Axes(self, row, column) for row in range(rows) for column in range(columns)]
        if sharex:
            for axes in self.axes:
                axes.x = self.axes[(rows - 1) * columns + axes.column].x
        self._place([[START] * columns for _ in range(rows)])
        return self.axes

    def legend(self, handles: list[Handle], labels: list[str], loc: str, ncols: int, handlelength: float) -> None:
        """A legend above everything, in columns."""
        self.above = Legend(handles, ncols, handlelength)

    # --- where everything stands --------------------------------------------------------------------------

    def settle(self) -> None:
        """Give all axes their places."""
        columns = self.columns
        for _ in range(2):  # the ticks depend on the places, and the places on the widths of their labels
            margins = [self._margin(axes) for axes in self.axes]
            self._place([margins[k : k + columns] for k in range(0, len(margins), columns)])
        for axes in self.axes:
            if axes.equal:
                axes.box = _equal(axes, axes.box)
        self.settled = True

    def _place(self, margins: Sequence[Sequence[Box]]) -> None:
        for axes, box in zip(self.axes, self._boxes(margins), strict=True):
            axes.box = box

    def _margin(self, axes: Axes) -> Box:
        """What axes need at their left, below, right and above for their texts."""
        _, low, _, high = axes.box
        texts = [text.box for text in self._frame_texts(axes)]
        left, bottom, right, top = _canvas.joined([*texts, axes.box])
        beside = axes.bar_beside.width(high - low) if axes.bar_beside else 0.0
        above = axes.bar_beside.above if axes.bar_beside else 0.0
        above = max(above, axes.own_legend.height if axes.own_legend else 0.0)
        return (
            axes.box[0] - left + MARGIN, axes.box[1] - bottom + MARGIN,
            max(right - axes.box[2], beside) + MARGIN, max(top - axes.box[3], above) + MARGIN,
        )

    def _boxes(self, margins: Sequence[Sequence[Box]]) -> list[Box]:
        """The places of all axes, whose margins are given by rows: inner sides of one row or column are aligned."""
        rows, columns = len(margins), self.columns
        lefts = [max(margins[r][c][0] for r in range(rows)) for c in range(columns)]
        rights = [max(margins[r][c][2] for r in range(rows)) for c in range(columns)]
        lows = [max(margins[r][c][1] for c in range(columns)) for r in range(rows)]
        highs = [max(margins[r][c][3] for c in range(columns)) for r in range(rows)]
        wide = (self.width * 72 - sum(lefts) - sum(rights)) / columns
        upper = self.height * 72 - (self.above.height + 2 * MARGIN if self.above else 0.0)
        room = upper - sum(lows) - sum(highs)
        tall = [room * share / sum(self.heights) for share in self.heights]
        boxes, top = [], upper
        for r in range(rows):
            top -= highs[r]
            left = 0.0
            for c in range(columns):
                left += lefts[c]
                boxes.append((left, top - tall[r], left + wide, top))
                left += wide + rights[c]
            top -= tall[r] + lows[r]
        return boxes

    def _frame_texts(self, axes: Axes) -> list[Text]:
        """Numbers, names and title of axes."""
        left, low, right, high = axes.box
        numbers, beside = self.numbers(axes)
        texts = [*numbers, *beside]
        if axes.x.label and not self._hidden(axes):
            under = min((text.box[1] for text in numbers), default=low)
            texts.append(Text((left + right) / 2, under - PAD, axes.x.label, LARGE, "center", "top"))
        if axes.y.label:
            edge = min((text.box[0] for text in beside), default=left)
            depth = _letters.extent(axes.y.label, LARGE)[2]
            texts.append(Text(edge - PAD - depth, (low + high) / 2, axes.y.label, LARGE, "center", upright=True))
        if axes.title[0]:
            x = left if axes.title[1] == "left" else (left + right) / 2
            texts.append(Text(x, high + 6, axes.title[0], USUAL, axes.title[1]))
        return texts

    def numbers(self, axes: Axes) -> tuple[list[Text], list[Text]]:
        """The labels of the ticks of both axes."""
        left, low, _, _ = axes.box
        across = [] if self._hidden(axes) else [
            Text(x, low - 2 * TICK, label, SMALL, "center", "top") for x, label in _across(axes)
        ]
        return across, [Text(left - 2 * TICK, y, label, SMALL, "right", "center") for y, label in _up(axes)]

    def _hidden(self, axes: Axes) -> bool:
        """Whether the numbers of the horizontal axis stand below other axes."""
        return self.shared and axes.row < len(self.heights) - 1

    # --- drawing ------------------------------------------------------------------------------------------

    def draw(self, page: Page) -> None:
        """Draw everything."""
        if not self.settled:
            self.settle()
        for axes in self.axes:
            self._draw_axes(page, axes)
        if self.above:
            self.above.draw(page, self.width * 36, self.height * 72 - MARGIN)

    def _draw_axes(self, page: Page, axes: Axes) -> None:
        left, low, right, high = axes.box
        if axes.ground is not None:
            page.rectangle(axes.box, Fill(axes.ground), NO_PEN)
        self._draw_grid(page, axes)
        for order in sorted({2.5, *(order for order, _, _ in axes.painters)}):
            if order == 2.5:
                page.line(np.array([(left, low), (right, low)]), SPINE)
                page.line(np.array([(left, low), (left, high)]), SPINE)
            for place, clipped, painter in axes.painters:
                if place == order:
                    page.clip = axes.box if clipped else None
                    painter(axes, page)
                    page.clip = None
        texts = self._frame_texts(axes)
        if axes.bar_beside is not None:
            texts += axes.bar_beside.draw(page, axes.box)
        if axes.own_legend is not None:
            axes.own_legend.draw(page, (left + right) / 2, high + axes.own_legend.height)
        for text in [*texts, *axes.texts]:
            text.draw(page)

    def _draw_grid(self, page: Page, axes: Axes) -> None:
        """Ticks outside and lines inside."""
        left, low, right, high = axes.box
        for x, _ in _across(axes):
            if axes.x.grid:
                page.line(np.array([(x, low), (x, high)]), GRID)
            page.line(np.array([(x, low - TICK), (x, low)]), TICK_PEN)
        for y, _ in _up(axes):
            if axes.y.grid:
                page.line(np.array([(left, y), (right, y)]), GRID)
            page.line(np.array([(left - TICK, y), (left, y)]), TICK_PEN)


def _across(axes: Axes) -> list[tuple[float, str]]:
    """Where the ticks of the horizontal axis stand, and their labels."""
    left, _, right, _ = axes.box
    ticks, labels = axes.x.ticks(right - left, 3 * SMALL, side_by_side=True)
    return list(zip(left + (right - left) * axes.x.share(ticks), labels, strict=True))


def _up(axes: Axes) -> list[tuple[float, str]]:
    """Where the ticks of the vertical axis stand, and their labels."""
    _, low, _, high = axes.box
    ticks, labels = axes.y.ticks(high - low, 2 * SMALL, side_by_side=False)
    return list(zip(low + (high - low) * axes.y.share(ticks), labels, strict=True))


def _equal(axes: Axes, box: Box) -> Box:
    """The largest box inside in which units are equally long, in its middle."""
    left, low, right, high = box
    unit = min((right - left) / (axes.x.high - axes.x.low), (high - low) / (axes.y.high - axes.y.low))
    wide, tall = unit * (axes.x.high - axes.x.low) / 2, unit * (axes.y.high - axes.y.low) / 2
    x, y = (left + right) / 2, (low + high) / 2
    return x - wide, y - tall, x + wide, y + tall
