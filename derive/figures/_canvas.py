"""A page of paths and texts: what pictures are drawn on, and the files that it becomes.

Matplotlib's own figures spend most of their time on artists that ask each other for their sizes: 150 to 500 ms a
picture. :mod:`._axes` knows where everything stands and puts paths and texts here. A PDF and an SVG are written
straight from them (``_pdf.py``, ``_svg.py``), the dots of a PNG are set by Matplotlib's renderer; how texts and
formulas are set is Matplotlib's everywhere. All lengths are points of print, from the lower left. Another kind of file
is a page with :meth:`Page.path` and :meth:`Page.text`, and a row of :data:`_FORMATS`.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from derive.figures._data import Array
from derive.figures._letters import extent, font, is_formula, outlines, shown

Box = tuple[float, float, float, float]
"""Left, low, right and high."""

@dataclass(frozen=True, slots=True)
class Pen:
    """How an outline is drawn: ``dash`` in multiples of the width; a ``width`` of 0 draws none."""

    colour: Any = "black"
    width: float = 1.0
    dash: tuple[float, ...] = ()
    alpha: float = 1.0
    cap: Any = "butt"
    join: Any = "round"


@dataclass(frozen=True, slots=True)
class Fill:
    """How an area is filled; lines of a ``hatch`` have the colour of the pen."""

    colour: Any
    alpha: float = 1.0
    hatch: str = ""


NO_PEN = Pen(width=0.0)


@lru_cache(maxsize=512)
def rgba(colour: Any, alpha: float = 1.0) -> tuple[float, float, float, float]:
    """A colour as four numbers."""
    from matplotlib.colors import to_rgba

    red, green, blue, own = to_rgba(colour)
    return (red, green, blue, own * alpha)


# --- texts ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Text:
    """A line of text whose anchor is at (x, y): ``across`` left, center or right, ``up`` top, center or base."""

    x: float
    y: float
    text: str
    size: float
    across: str = "left"
    up: str = "base"
    colour: Any = "black"
    upright: bool = False  # along a vertical axis, from below
    halo: float = 0.0
    ground: Any = None

    @property
    def box(self) -> Box:
        """What the text takes on the page."""
        x, y = self._base()
        width, height, depth = extent(self.text, self.size)
        if self.upright:
            return (x - height, y, x + depth, y + width)
        return (x, y - depth, x + width, y + height)

    def _base(self) -> tuple[float, float]:
        """Where the base line begins."""
        width, height, depth = extent(self.text, self.size)
        along = {"left": 0.0, "center": -width / 2, "right": -width}[self.across]
        over = {"base": 0.0, "top": -height, "center": (depth - height) / 2, "middle": -height / 2, "bottom": depth}
        return (self.x - over[self.up], self.y + along) if self.upright else (self.x + along, self.y + over[self.up])

    def draw(self, page: Page) -> None:
        """Draw it, on its ground and in its halo where it has them."""
        x, y = self._base()
        angle = 90.0 if self.upright else 0.0
        if self.ground is not None:
            left, low, right, high = self.box
            page.rectangle((left - 1.5, low - 1.5, right + 1.5, high + 1.5), Fill(self.ground), NO_PEN)
        if self.halo:
            page.text_outline(x, y, self.text, self.size, Pen("white", self.halo))
        page.text(x, y, self.text, self.size, angle, self.colour)


# --- a page -----------------------------------------------------------------------------------------


@dataclass
class Page(ABC):
    """A page that is being drawn on; outside of ``clip``, where there is one, nothing is seen."""

    clip: Box | None = None

    @abstractmethod
    def path(self, points: Array, codes: Any, fill: Fill | None, pen: Pen, crisp: bool = False) -> None:
        """A path through points (n, 2) with the codes of one of Matplotlib's; ``crisp`` areas leave no seams.

        Without codes it is one line; points that are not finite interrupt it.
        """

    @abstractmethod
    def text(self, x: float, y: float, text: str, size: float, angle: float, colour: Any) -> None:
        """A line of text from the beginning of its base line, turned by 0 or by 90 degrees."""

    def line(self, points: Array, pen: Pen) -> None:
        """A line through points (n, 2); points that are not finite interrupt it."""
        self.path(points, None, None, pen)

    def area(self, points: Array, fill: Fill, pen: Pen = NO_PEN) -> None:
        """A polygon with corners (n, 2)."""
        self.path(points, None, fill, pen)

    def rectangle(self, box: Box, fill: Fill | None, pen: Pen) -> None:
        """A rectangle."""
        left, low, right, high = box
        corners = np.array([(left, low), (right, low), (right, high), (left, high), (left, low)])
        self.path(corners, _AROUND, fill, pen)

    def markers(self, points: Array, shape: str, size: float, fill: Fill, pen: Pen) -> None:
        """A mark at each point (n, 2), ``size`` wide, by Matplotlib's letter for its shape."""
        outline, codes, join, cap = _marker(shape)
        pen = Pen(pen.colour, pen.width, pen.dash, pen.alpha, cap, join)
        for place in points[np.isfinite(points).all(axis=1)]:
            self.path(outline * size + place, codes, fill, pen)

    def text_outline(self, x: float, y: float, text: str, size: float, pen: Pen) -> None:
        """The outlines of a line of text."""
        points, codes = outlines(text)
        self.path(points * size + (x, y), codes, None, pen)


_AROUND = (1, 2, 2, 2, 79)  # the codes of a rectangle


@lru_cache(maxsize=64)
def _marker(shape: str) -> tuple[Array, Any, Any, Any]:
    """The outline of a mark of size 1, and how its corners and ends are drawn."""
    from matplotlib.markers import MarkerStyle

    style: Any = MarkerStyle(shape)
    path = style.get_path()
    points: Array = style.get_transform().transform(path.vertices)
    codes = [1, *[2] * (len(points) - 1)] if path.codes is None else path.codes.tolist()
    return points, codes, style.get_joinstyle(), style.get_capstyle()


TILE = 72.0  # points: the side of a square that a hatch repeats


@lru_cache(maxsize=16)
def hatching(hatch: str) -> tuple[Array, Any, float]:
    """The lines of a hatch in a square of :data:`TILE`: points, codes, and how wide they are."""
    from matplotlib import rcParamsDefault
    from matplotlib.path import Path

    path: Any = Path.hatch(hatch)
    return path.vertices * TILE, path.codes, float(rcParamsDefault["hatch.linewidth"])


@dataclass
class _DotsPage(Page):
    """A page of dots that Matplotlib's renderer sets, ``scale`` of them to a point."""

    renderer: Any = None
    scale: float = 1.0

    def _context(self, pen: Pen, hatch: str = "", crisp: bool = False) -> Any:
        from matplotlib.transforms import Bbox

        context = self.renderer.new_gc()
        context.set_linewidth(pen.width)
        context.set_foreground(rgba(pen.colour, pen.alpha), isRGBA=True)
        context.set_capstyle(pen.cap)
        context.set_joinstyle(pen.join)
        if crisp:
            context.set_antialiased(False)
        if pen.dash:
            context.set_dashes(0, [d * pen.width for d in pen.dash])
        if hatch:
            context.set_hatch(hatch)
            context.set_hatch_color(rgba(pen.colour, pen.alpha))
        if self.clip is not None:
            left, low, right, high = (side * self.scale for side in self.clip)
            context.set_clip_rectangle(Bbox([[left, low], [right, high]]))
        return context

    def path(self, points: Array, codes: Any, fill: Fill | None, pen: Pen, crisp: bool = False) -> None:
        """As :meth:`Page.path`."""
        from matplotlib.path import Path
        from matplotlib.transforms import Affine2D

        context = self._context(pen, fill.hatch if fill else "", crisp)
        colour = rgba(fill.colour, fill.alpha) if fill else None
        self.renderer.draw_path(context, Path(points, codes), Affine2D().scale(self.scale), colour)
        context.restore()

    def text(self, x: float, y: float, text: str, size: float, angle: float, colour: Any) -> None:
        """As :meth:`Page.text`."""
        context = self._context(Pen(colour))
        x, y = x * self.scale, self.renderer.height - y * self.scale
        self.renderer.draw_text(context, x, y, shown(text), font(size), angle, is_formula(text))
        context.restore()


# --- files ------------------------------------------------------------------------------------------

Draw = Callable[[Page], None]


def rendered(suffix: str, width: float, height: float, draw: Draw, alt: str, dots: float) -> bytes:
    """The file of a page of so many inches, described by ``alt``; ``dots`` per inch are those of a PNG.

    The look must be set.
    """
    return _FORMATS[suffix](width, height, draw, alt, dots)


def _pdf(width: float, height: float, draw: Draw, alt: str, dots: float) -> bytes:
    from derive.figures import _pdf

    page = _pdf.PdfPage()
    draw(page)
    return _pdf.file(page, 72 * width, 72 * height, {"Creator": "derive", "Subject": alt})


def _svg(width: float, height: float, draw: Draw, alt: str, dots: float) -> bytes:
    from derive.figures import _svg

    page = _svg.SvgPage()
    draw(page)
    return _svg.file(page, 72 * width, 72 * height, alt)


def _png(width: float, height: float, draw: Draw, alt: str, dots: float) -> bytes:
    from matplotlib.backends.backend_agg import RendererAgg
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    renderer = RendererAgg(round(width * dots), round(height * dots), dots)  # type: ignore[no-untyped-call]
    page = _DotsPage(renderer=renderer, scale=dots / 72)
    page.rectangle((0, 0, width * 72, height * 72), Fill("white"), NO_PEN)
    draw(page)
    told, buffer = PngInfo(), io.BytesIO()
    told.add_itxt("Description", alt)
    dotted: Any = renderer
    Image.fromarray(np.asarray(dotted.buffer_rgba())).save(buffer, "png", pnginfo=told, dpi=(dots, dots))
    return buffer.getvalue()


_FORMATS: dict[str, Callable[[float, float, Draw, str, float], bytes]] = {"pdf": _pdf, "svg": _svg, "png": _png}


def joined(parts: Sequence[Box]) -> Box:
    """The smallest box around boxes."""
    lefts, lows, rights, highs = zip(*parts, strict=True)
    return min(lefts), min(lows), max(rights), max(highs)
