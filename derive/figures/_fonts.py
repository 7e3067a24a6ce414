"""Fonts in PDFs, cut by fontTools to the signs that a picture shows.

Cutting takes 15 to 50 ms, and pictures of a class show the same signs, so that what was cut is remembered. The numbers
of the signs stay, so that a text says the same in every cut of a font. A font in which a digit is needed gets all
digits and signs of numbers: pictures that differ in their numbers share their fonts, and which signs a file holds
depends on the picture alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

NUMBERS = "0123456789.,()-\N{MINUS SIGN}"

_KEPT = frozenset({"cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"})  # ISO 32000, 9.9


@dataclass(frozen=True)
class Metrics:
    """What a PDF tells of a font, in thousandths of an em: what holds every sign, and how far signs rise and fall."""

    box: tuple[int, ...]
    above: int
    below: int
    slant: float


@lru_cache(maxsize=32)
def metrics(file: str) -> Metrics | None:
    """The metrics of the font in a file; None where its outlines are not TrueType's."""
    from fontTools.ttLib import TTFont, TTLibError

    with Path(file).open("rb") as stream:
        try:
            font = TTFont(stream, lazy=True)
            if "glyf" not in font:
                return None
            head, lines, em = font["head"], font["hhea"], font["head"].unitsPerEm
            slant = font["post"].italicAngle if "post" in font else 0.0
        except TTLibError:
            return None
    box = tuple(1000 * side // em for side in (head.xMin, head.yMin, head.xMax, head.yMax))
    return Metrics(box, 1000 * lines.ascent // em, 1000 * lines.descent // em, slant)


def cut(file: str, wanted: Iterable[int]) -> bytes:
    """The font in a file with the outlines of these signs only; the others up to the last of them are empty.

    The cutter of fontTools knows everything that a font may hold and needs as long to be imported as to cut; a PDF
    takes outlines and widths.
    """
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.tables._g_l_y_f import Glyph

    buffer = BytesIO()
    with TTFont(file, lazy=True, recalcBBoxes=False, recalcTimestamp=False) as font:
        signs = [f"{index}" for index in range(font["maxp"].numGlyphs)]  # no PDF asks for their names
        font.setGlyphOrder(signs)
        outlines, widths = font["glyf"], font["hmtx"].metrics
        kept = _with_parts(outlines, signs, wanted)
        left = signs[: max(kept) + 1]
        for name in left:
            if int(name) not in kept:
                outlines.glyphs[name], widths[name] = Glyph(), (0, 0)
        font.setGlyphOrder(left)
        outlines.setGlyphOrder(left)
        for name in set(font.keys()) - _KEPT - {"GlyphOrder"}:
            del font[name]
        font.save(buffer, reorderTables=False)
    return buffer.getvalue()


def _with_parts(outlines: Any, signs: Sequence[str], wanted: Iterable[int]) -> set[int]:
    """The sign for what is missing, the wanted ones, and those of which they are put together."""
    kept, waiting = set(), {0, *wanted}
    while waiting:
        kept |= waiting
        parts = {int(name) for index in waiting for name in outlines[signs[index]].getComponentNames(outlines)}
        waiting = parts - kept
    return kept


def rounded(file: str, indices: frozenset[int]) -> frozenset[int]:
    """The signs of a font, and with one of a number all of those."""
    found = numbers(file).keys()
    return indices | found if indices & found else indices


@lru_cache(maxsize=32)
def numbers(file: str) -> Mapping[int, str]:
    """The signs of numbers by their numbers in a font."""
    from matplotlib.font_manager import get_font

    face = get_font(file)
    found = {face.get_char_index(ord(sign)): sign for sign in NUMBERS}
    return {index: sign for index, sign in found.items() if index}
