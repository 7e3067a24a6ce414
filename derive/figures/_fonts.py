"""Fonts in PDFs, cut to size once: pictures of a class show the same letters, and cutting a font takes 15 to 50 ms.

Matplotlib cuts every font of every PDF anew. Inside :func:`remembered` its two functions for that are replaced by ones
that remember. A font in which a digit is needed gets all digits and signs of numbers, so that pictures that differ in
their numbers share their fonts; which signs a file holds depends on the picture alone. Where an installed Matplotlib
has other functions than expected, nothing is replaced.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from io import BytesIO
from typing import Any

NUMBERS = "0123456789.,()-\N{MINUS SIGN}"


@contextmanager
def remembered() -> Iterator[None]:
    """PDFs that are written in this block share the fonts that have been cut for others."""
    from matplotlib.backends import _backend_pdf_ps as functions

    originals = _originals()
    if originals is None:
        yield
        return
    functions.get_glyphs_subset, functions.font_as_file = _subset, _file
    try:
        yield
    finally:
        functions.get_glyphs_subset, functions.font_as_file = originals


@cache
def _originals() -> tuple[Any, Any] | None:
    """Matplotlib's functions that cut a font and write it; None where they are not as they are known."""
    from matplotlib.backends import _backend_pdf_ps as functions

    found = [getattr(functions, name, None) for name in ("get_glyphs_subset", "font_as_file")]
    arguments = [list(inspect.signature(one).parameters) if one else None for one in found]
    if arguments != [["fontfile", "glyphs"], ["font"]] or not hasattr(functions, "SubsetResults"):
        return None
    return found[0], found[1]


@contextmanager
def _subset(fontfile: Any, glyphs: Any) -> Iterator[Any]:
    from matplotlib.backends import _backend_pdf_ps as functions

    data, places = _cut(fontfile, _rounded(fontfile, frozenset(glyphs)))
    yield functions.SubsetResults(data, places)


def _file(font: Any) -> BytesIO:
    return BytesIO(font)


def _rounded(fontfile: Any, glyphs: frozenset[int]) -> frozenset[int]:
    numbers = _numbers(fontfile)
    return glyphs | numbers if glyphs & numbers else glyphs


@lru_cache(maxsize=32)
def _numbers(fontfile: Any) -> frozenset[int]:
    from matplotlib.font_manager import get_font

    font = get_font(fontfile)
    return frozenset(font.get_char_index(ord(sign)) for sign in NUMBERS) - {0}


@lru_cache(maxsize=256)
def _cut(fontfile: Any, glyphs: frozenset[int]) -> tuple[bytes, Any]:
    """The file of a font with these signs only, and the places that they have in it."""
    originals = _originals()
    assert originals is not None
    cut, written = originals
    with cut(fontfile, set(glyphs)) as subset:
        return written(subset.font).getvalue(), subset.glyph_index_map
