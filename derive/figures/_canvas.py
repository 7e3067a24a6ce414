"""A page of paths and texts, drawn straight with Matplotlib's renderers for PDF, SVG and PNG.

Matplotlib's own figures spend most of their time on artists that ask each other for their sizes: 150 to 500 ms a
picture. :mod:`._axes` knows where everything stands and puts paths and texts here; what is drawn, how texts and
formulas are set, and the files themselves are the renderers'. All lengths are points of print, from the lower left.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import numpy as np

from derive.figures import _fonts
from derive.figures._data import Array

Box = tuple[float, float, float, float]
"""Left, low, right and high."""

SCRATCH = 72.0  # units of a renderer to an inch, but for pictures made of dots


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


@cache
def text_paths() -> Any:
    """Matplotlib's setter of texts; one for all pictures, which remembers the formulas it has set."""
    from matplotlib.textpath import TextToPath

    return TextToPath()


@cache
def font(size: float) -> Any:
    """The font of all pictures in some size."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(family=["STIXGeneral"], size=size, math_fontfamily="stix")


def _is_formula(text: str) -> bool:
    return text.count("$") - text.count(r"\$") >= 2


def _shown(text: str) -> str:
    """What a renderer is to be given; dollar signs are escaped in running text too."""
    return text if _is_formula(text) else text.replace(r"\$", "$")


@lru_cache(maxsize=4096)
def extent(text: str, size: float) -> tuple[float, float, float]:
    """Width, height above the base line and depth below it of a line of text; at least those of "lp"."""
    width, height, depth = text_paths().get_text_width_height_descent(_shown(text), font(size), _is_formula(text))
    if text == "lp":
        return width, height - depth, depth
    _, least_height, least_depth = extent("lp", size)
    return width, max(height - depth, least_height), max(depth, least_depth)


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


@dataclass(slots=True)
class Page:
    """A page that is being drawn by a renderer, ``scale`` of whose units are a point."""

    renderer: Any
    scale: float = 1.0
    clip: Box | None = None
    _transform: Any = field(init=False)

    def __post_init__(self) -> None:
        from matplotlib.transforms import Affine2D

        self._transform = Affine2D().scale(self.scale)

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

    def path(self, path: Any, fill: Fill | None, pen: Pen, transform: Any = None, crisp: bool = False) -> None:
        """A Matplotlib path; ``crisp`` areas leave no seams between them."""
        context = self._context(pen, fill.hatch if fill else "", crisp)
        whole = self._transform if transform is None else transform + self._transform
        self.renderer.draw_path(context, path, whole, rgba(fill.colour, fill.alpha) if fill else None)
        context.restore()

    def line(self, points: Array, pen: Pen) -> None:
        """A line through points (n, 2); points that are not finite interrupt it."""
        from matplotlib.path import Path

        self.path(Path(points), None, pen)

    def area(self, points: Array, fill: Fill, pen: Pen = NO_PEN) -> None:
        """A polygon with corners (n, 2)."""
        from matplotlib.path import Path

        self.path(Path(points, closed=False), fill, pen)

    def rectangle(self, box: Box, fill: Fill | None, pen: Pen) -> None:
        """A rectangle."""
        from matplotlib.path import Path

        left, low, right, high = box
        corners = [(left, low), (right, low), (right, high), (left, high), (left, low)]
        self.path(Path(corners, closed=True), fill, pen)

    def markers(self, points: Array, shape: str, size: float, fill: Fill, pen: Pen) -> None:
        """A mark at each point (n, 2), ``size`` wide, by Matplotlib's letter for its shape."""
        from matplotlib.transforms import Affine2D

        outline, own, join, cap = _marker(shape)
        pen = Pen(pen.colour, pen.width, pen.dash, pen.alpha, cap, join)
        for x, y in points[np.isfinite(points).all(axis=1)]:
            self.path(outline, fill, pen, own + Affine2D().scale(size).translate(x, y))

    def text(self, x: float, y: float, text: str, size: float, angle: float, colour: Any) -> None:
        """A line of text from the beginning of its base line."""
        context = self._context(Pen(colour))
        down = self.renderer.flipy()
        y = self.renderer.height - y * self.scale if down else y * self.scale
        self.renderer.draw_text(context, x * self.scale, y, _shown(text), font(size), angle, _is_formula(text))
        context.restore()

    def text_outline(self, x: float, y: float, text: str, size: float, pen: Pen) -> None:
        """The outlines of a line of text."""
        from matplotlib.path import Path
        from matplotlib.transforms import Affine2D

        setter = text_paths()
        vertices, codes = setter.get_text_path(font(size), _shown(text), ismath=_is_formula(text))
        transform = Affine2D().scale(size / setter.FONT_SCALE).translate(x, y)
        self.path(Path(vertices, codes), None, pen, transform)


@lru_cache(maxsize=64)
def _marker(shape: str) -> tuple[Any, Any, Any, Any]:
    from matplotlib.markers import MarkerStyle

    style = MarkerStyle(shape)
    return style.get_path(), style.get_transform(), style.get_joinstyle(), style.get_capstyle()


# --- files ------------------------------------------------------------------------------------------

Draw = Callable[[Page], None]


def rendered(suffix: str, width: float, height: float, draw: Draw, metadata: dict[str, Any], dots: float) -> bytes:
    """The file of a page of so many inches; ``dots`` per inch are those of a PNG. The look must be set."""
    return _FORMATS[suffix](width, height, draw, metadata, dots)


def _pdf(width: float, height: float, draw: Draw, metadata: dict[str, Any], dots: float) -> bytes:
    from matplotlib.backends.backend_pdf import PdfFile, RendererPdf

    buffer = io.BytesIO()
    with _fonts.remembered():
        file = PdfFile(buffer, metadata=metadata)  # type: ignore[no-untyped-call]
        file.newPage(width, height)  # type: ignore[no-untyped-call]
        renderer = RendererPdf(file, SCRATCH, height, width)  # type: ignore[no-untyped-call]
        renderer._text2path = text_paths()
        draw(Page(renderer))
        renderer.finalize()  # type: ignore[no-untyped-call]
        file.finalize()  # type: ignore[no-untyped-call]
        content = buffer.getvalue()
        file.close()  # type: ignore[no-untyped-call]
    return content


def _svg(width: float, height: float, draw: Draw, metadata: dict[str, Any], dots: float) -> bytes:
    from matplotlib.backends.backend_svg import RendererSVG

    buffer = io.StringIO()
    size = width * SCRATCH, height * SCRATCH
    renderer = RendererSVG(*size, buffer, image_dpi=SCRATCH, metadata=metadata)  # type: ignore[no-untyped-call]
    renderer._text2path = text_paths()
    draw(Page(renderer))
    renderer.finalize()  # type: ignore[no-untyped-call]
    return buffer.getvalue().encode()


def _png(width: float, height: float, draw: Draw, metadata: dict[str, Any], dots: float) -> bytes:
    from matplotlib.backends.backend_agg import RendererAgg
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    renderer = RendererAgg(round(width * dots), round(height * dots), dots)  # type: ignore[no-untyped-call]
    page = Page(renderer, dots / 72)
    page.rectangle((0, 0, width * 72, height * 72), Fill("white"), NO_PEN)
    draw(page)
    told, buffer = PngInfo(), io.BytesIO()
    for key, words in metadata.items():
        told.add_itxt(key, words)
    dotted: Any = renderer
    Image.fromarray(np.asarray(dotted.buffer_rgba())).save(buffer, "png", pnginfo=told, dpi=(dots, dots))
    return buffer.getvalue()


_FORMATS: dict[str, Callable[[float, float, Draw, dict[str, Any], float], bytes]] = {
    "pdf": _pdf, "svg": _svg, "png": _png,
}


def joined(parts: Sequence[Box]) -> Box:
    """The smallest box around boxes."""
    lefts, lows, rights, highs = zip(*parts, strict=True)
    return min(lefts), min(lows), max(rights), max(highs)
