"""Texts and formulas of pictures: how large they are, and which signs of which fonts stand where in them.

Matplotlib's fonts and its mathtext do the work, once for each text: what they find is remembered for one size and
serves all sizes and all files. :func:`extent` is for layouts, :func:`setting` for files that hold the fonts or the
outlines of the signs (``_pdf.py``, ``_svg.py``). The look of ``_style.py`` must be set.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from derive.figures._data import Array

EM = 100.0  # the size in which Matplotlib is asked, for all sizes that are wanted
_DOTS = 72  # to an inch: a dot is a point


@cache
def font(size: float) -> Any:
    """The font of all pictures in some size."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(family=["STIXGeneral"], size=size, math_fontfamily="stix")


def is_formula(text: str) -> bool:
    """Whether mathematics stands in a text: something between two dollar signs."""
    return text.count("$") - text.count(r"\$") >= 2


def shown(text: str) -> str:
    """What Matplotlib is to be given; dollar signs are escaped in running text too."""
    return text if is_formula(text) else text.replace(r"\$", "$")


@lru_cache(maxsize=4096)
def extent(text: str, size: float) -> tuple[float, float, float]:
    """Width, height above the base line and depth below it of a line of text; at least those of "lp"."""
    width, height, depth = (size / EM * length for length in _extent(text))
    if text == "lp":
        return width, height - depth, depth
    _, least_height, least_depth = extent("lp", size)
    return width, max(height - depth, least_height), max(depth, least_depth)


def _extent(text: str) -> tuple[float, float, float]:
    """Width, whole height and depth of a line of text of size :data:`EM`."""
    if is_formula(text):
        found = formula(text)
        return float(found.width), float(found.height), float(found.depth)
    from matplotlib.ft2font import LoadFlags

    face = _face(_file())
    face.set_text(shown(text), 0.0, flags=LoadFlags.NO_HINTING)
    width, height = face.get_width_height()
    return width / 64, height / 64, face.get_descent() / 64


def formula_width(text: str, size: float) -> float:
    """The width of a formula in whole points. ValueError for what mathtext cannot set."""
    return math.ceil(round(size / EM * float(formula(text).width), 2))


@lru_cache(maxsize=1024)
def formula(text: str) -> Any:
    """What Matplotlib's mathtext makes of a text with formulas, of size :data:`EM`. ValueError where it cannot set it.

    Its ``parse`` also asks the renderer of dots for a setting that only dots need, and importing that takes longer
    than many a picture; where the function behind it is the one that is known, this is called.
    """
    from matplotlib.ft2font import LoadFlags
    from matplotlib.mathtext import MathTextParser

    parser: Any = MathTextParser("path")
    behind = getattr(parser, "_parse_cached", None)
    if behind is None or list(inspect.signature(behind).parameters) != _BEHIND:
        return parser.parse(text, dpi=_DOTS, prop=font(EM))
    return behind(text, _DOTS, font(EM), True, LoadFlags.NO_HINTING)


_BEHIND = ["s", "dpi", "prop", "antialiased", "load_glyph_flags"]


@dataclass(frozen=True, slots=True)
class Glyph:
    """A sign by its number in the font of a file: what it says, its size, and where its base line begins, in em."""

    file: str
    index: int
    says: str
    size: float
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Setting:
    """A line of text of size 1 from the origin: its signs, and the bars of its fractions and roots (x, y, w, h)."""

    glyphs: tuple[Glyph, ...]
    bars: tuple[tuple[float, float, float, float], ...] = ()


@lru_cache(maxsize=1024)
def setting(text: str) -> Setting:
    """What stands where in a line of text."""
    if is_formula(text):
        found = formula(text)
        bars = tuple((float(x) / EM, float(y) / EM, float(w) / EM, float(h) / EM) for x, y, w, h in found.rects)
        return Setting(tuple(map(_in_formula, found.glyphs)), bars)
    return Setting(tuple(_in_text(shown(text))))


def _in_formula(found: Any) -> Glyph:
    """A sign as mathtext places it: its font, size, code and place; with its number in Matplotlib from 3.11 on."""
    face, size, code, *number, x, y = found
    index = number[0] if number else face.get_char_index(code)
    return Glyph(face.fname, int(index), chr(code), float(size) / EM, float(x) / EM, float(y) / EM)


def _in_text(text: str) -> Iterator[Glyph]:
    from matplotlib import _text_helpers

    for item in _text_helpers.layout(text, _face(_file())):
        found: Any = item
        index = getattr(found, "glyph_index", None)
        number = found.glyph_idx if index is None else index  # until Matplotlib 3.10
        yield Glyph(found.ft_object.fname, int(number), str(found.char), 1.0, float(found.x) / EM, 0.0)


@cache
def _file() -> str:
    from matplotlib.font_manager import findfont

    return str(findfont(font(EM)))


def _face(file: str) -> Any:
    """Matplotlib's font in a file, at the size in which it is asked."""
    from matplotlib.font_manager import get_font

    face = get_font(file)
    face.set_size(EM, _DOTS)
    return face


def _loaded(file: str, index: int) -> tuple[Any, Any]:
    """A font with a sign of it loaded as it was designed, and the sign."""
    from matplotlib.ft2font import LoadFlags

    face = _face(file)
    return face, face.load_glyph(index, flags=LoadFlags.NO_HINTING)


@lru_cache(maxsize=4096)
def advance(file: str, index: int) -> float:
    """How far the sign after it stands, in em."""
    return float(_loaded(file, index)[1].linearHoriAdvance) / 65536 / EM


@lru_cache(maxsize=2048)
def outline(file: str, index: int) -> tuple[Array, Array]:
    """The outline of a sign of size 1: its points (n, 2) and the codes of a Matplotlib path."""
    points, codes = _loaded(file, index)[0].get_path()
    return np.asarray(points, dtype=float) / EM, np.asarray(codes)


@lru_cache(maxsize=1024)
def outlines(text: str) -> tuple[Array, Array]:
    """The outlines of a whole line of text of size 1."""
    line = setting(text)
    found = [(outline(g.file, g.index), g) for g in line.glyphs]
    points = [path[0] * g.size + (g.x, g.y) for path, g in found]
    points += [np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]) for x, y, w, h in line.bars]
    codes = [path[1] for path, _ in found] + [np.array([1, 2, 2, 2, 79])] * len(line.bars)
    return np.concatenate([np.empty((0, 2)), *points]), np.concatenate([np.empty(0, dtype=int), *codes])
