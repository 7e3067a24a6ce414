"""Pictures as PDF files: a page whose paths and texts are written straight into its stream.

:mod:`._canvas` draws on a :class:`PdfPage`. Texts stay texts: they can be searched, and their fonts are embedded, cut
to what is shown (:mod:`._fonts`). How a text is written is remembered for all pictures, and so are the fonts, which
differ little between the pictures of a class. Equal pictures give equal bytes. The file itself is written by pikepdf;
what is written here are the operators of ISO 32000-1. Matplotlib's own backend took three times as long.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from typing import Any

from derive.figures import _fonts, _letters
from derive.figures._canvas import TILE, Fill, Page, Pen, hatching, rgba
from derive.figures._data import Array
from derive.figures._outlines import UNIT, Signs, shade, units, written

_SIGNS = Signs("%d %d m\n", "%d %d l\n", "%d %d %d %d %d %d c\n", "h\n")
_CAPS, _JOINS = {"butt": 0, "round": 1, "projecting": 2}, {"miter": 0, "round": 1, "bevel": 2}
_ENDS = {(True, True): "B", (True, False): "f", (False, True): "S"}  # filled, stroked
_ROWS = 100  # a map of characters has at most so many in a part

Used = tuple[str, int, str]
"""A sign that stands in a picture: the file of its font, its number there, what it says."""


@dataclass
class PdfPage(Page):
    """A page as the operators of its stream, and the resources that these name."""

    parts: list[str] = field(default_factory=list)
    used: dict[Used, None] = field(default_factory=dict)
    shades: dict[tuple[Decimal, Decimal], str] = field(default_factory=dict)  # names of states of transparency
    patterns: dict[tuple[Any, Any, str], str] = field(default_factory=dict)

    def path(self, points: Array, codes: Any, fill: Fill | None, pen: Pen, crisp: bool = False) -> None:
        """As :meth:`Page.path`."""
        inside = rgba(fill.colour, fill.alpha) if fill else (0.0, 0.0, 0.0, 0.0)
        edge = rgba(pen.colour, pen.alpha)
        end = _ENDS.get((inside[3] > 0, pen.width > 0 and edge[3] > 0))
        outline = written(points, codes, _SIGNS) if end else ""
        if not outline:
            return
        paint = _fill(inside)
        if fill and fill.hatch:
            name = self.patterns.setdefault((inside, edge, fill.hatch), f"P{len(self.patterns)}")
            paint = f"/Pattern cs /{name} scn "
        self._put(f"{self._state(inside[3], edge[3])}{paint}{_stroke(pen, edge)}\n{outline}{end}\n")

    def text(self, x: float, y: float, text: str, size: float, angle: float, colour: Any) -> None:
        """As :meth:`Page.text`."""
        line, used, outlined = _text(text, size)
        shade = rgba(colour)
        turned = "0 1 -1 0" if angle else "1 0 0 1"
        self.used.update(dict.fromkeys(used))
        self._put(f"{self._state(shade[3], shade[3])}{_fill(shade)}{turned} {units(x)} {units(y)} cm\n{line}{outlined}")

    def _put(self, drawn: str) -> None:
        clip = ""
        if self.clip is not None:
            left, low, right, high = map(units, self.clip)
            clip = f"{left} {low} {right - left} {high - low} re W n "
        self.parts.append(f"q {clip}{drawn}Q\n")

    def _state(self, inside: float, edge: float) -> str:
        """How transparent what follows is; of what is not painted it does not matter."""
        inside, edge = inside or 1.0, edge or 1.0
        if inside == edge == 1.0:
            return ""
        state = Decimal(shade(inside)), Decimal(shade(edge))
        return f"/{self.shades.setdefault(state, f'S{len(self.shades)}')} gs "


@lru_cache(maxsize=512)
def _fill(colour: tuple[float, float, float, float]) -> str:
    return f"{' '.join(map(shade, colour[:3]))} rg " if colour[3] else ""


@lru_cache(maxsize=512)
def _stroke(pen: Pen, colour: tuple[float, float, float, float]) -> str:
    if not pen.width or not colour[3]:
        return ""
    dash = f"[{' '.join(str(units(part * pen.width)) for part in pen.dash)}] 0 d " if pen.dash else ""
    shape = f"{units(pen.width)} w {_CAPS[pen.cap]} J {_JOINS[pen.join]} j "
    return f"{' '.join(map(shade, colour[:3]))} RG {shape}{dash}"


# --- texts ------------------------------------------------------------------------------------------


@lru_cache(maxsize=2048)
def _text(text: str, size: float) -> tuple[str, tuple[Used, ...], str]:
    """A text from the origin, the signs that are used for it, and what is drawn: bars, signs without such a font."""
    line = _letters.setting(text)
    lettered = [g for g in line.glyphs if _fonts.metrics(g.file) is not None]
    drawn = [f"{units(x * size)} {units(y * size)} {units(w * size)} {units(h * size)} re f\n"
             for x, y, w, h in line.bars]
    for glyph in line.glyphs:
        if _fonts.metrics(glyph.file) is None:
            points, codes = _letters.outline(glyph.file, glyph.index)
            outline = written((points * glyph.size + (glyph.x, glyph.y)) * size, codes, _SIGNS)
            drawn.append(f"{outline}f\n" if outline else "")
    used = tuple(dict.fromkeys((g.file, g.index, g.says) for g in lettered))
    return f"BT\n{''.join(_runs(lettered, size))}ET\n" if lettered else "", used, "".join(drawn)


def _runs(glyphs: Sequence[_letters.Glyph], size: float) -> Iterator[str]:
    """The signs of one font on one base line together, in their places."""
    before = 0, 0
    for (file, share, y), found in groupby(glyphs, lambda g: (g.file, g.size, g.y)):
        run = list(found)
        start = units(run[0].x * size), units(y * size)
        parts, end = [], run[0].x
        for glyph in run:
            lacks = round((glyph.x - end) / share * 1000)
            parts.append(f"> {-lacks} <" if lacks else "")
            parts.append(f"{glyph.index:04x}")
            end += (lacks + _advance(file, glyph.index)) * share / 1000
        moved = f"{start[0] - before[0]} {start[1] - before[1]} Td"
        yield f"/{_font_name(file)} {units(size * share)} Tf {moved} [<{''.join(parts)}>] TJ\n"
        before = start


def _advance(file: str, index: int) -> int:
    """The width of a sign in thousandths of an em, as the file says it."""
    return round(_letters.advance(file, index) * 1000)


@lru_cache(maxsize=64)
def _font_name(file: str) -> str:
    from matplotlib.font_manager import get_font

    return re.sub(r"[^A-Za-z0-9-]", "", get_font(file).postscript_name) or "Font"


# --- the file ---------------------------------------------------------------------------------------


def file(page: PdfPage, width: float, height: float, told: Mapping[str, str]) -> bytes:
    """The file of a page of so many points; ``told`` is what stands in the information about it."""
    from pikepdf import Dictionary, Name, ObjectStreamMode, Pdf

    buffer = BytesIO()
    with Pdf.new() as pdf:
        pdf.add_blank_page(page_size=(width, height))
        sheet = pdf.pages[0].obj
        sheet.Contents = pdf.make_stream(f"{_SMALL}{''.join(page.parts)}".encode("ascii"))
        sheet.Group = Dictionary(Type=Name.Group, S=Name.Transparency, CS=Name.DeviceRGB)
        resources = {
            "Font": {name: _font(pdf, *found) for name, found in _fonts_used(page.used)},
            "Pattern": {name: _pattern(pdf, *key) for key, name in page.patterns.items()},
            "ExtGState": {name: Dictionary(ca=inside, CA=edge) for (inside, edge), name in page.shades.items()},
        }
        sheet.Resources = Dictionary({f"/{kind}": _named(found) for kind, found in resources.items() if found})
        for key, words in told.items():
            pdf.docinfo[f"/{key}"] = words
        pdf.save(buffer, min_version="1.4", deterministic_id=True, object_stream_mode=ObjectStreamMode.disable)
    return buffer.getvalue()


_SMALL = f"{1 / UNIT:g} 0 0 {1 / UNIT:g} 0 0 cm\n"  # the units of all coordinates that follow


def _named(found: Mapping[str, Any]) -> Any:
    from pikepdf import Dictionary

    return Dictionary({f"/{name}": value for name, value in found.items()})


def _pattern(pdf: Any, inside: Any, edge: Any, hatch: str) -> Any:
    from pikepdf import Dictionary, Name

    return pdf.make_stream(
        _tile(inside, edge, hatch), Type=Name.Pattern, PatternType=1, PaintType=1, TilingType=1,
        BBox=[0, 0, TILE, TILE], XStep=TILE, YStep=TILE, Resources=Dictionary(),
    )


@lru_cache(maxsize=64)
def _tile(inside: Any, edge: Any, hatch: str) -> bytes:
    """What a pattern repeats: the lines of a hatch on their ground."""
    points, codes, width = hatching(hatch)
    ground = f"{_fill(inside)}0 0 {units(TILE)} {units(TILE)} re f\n" if inside[3] else ""
    colour = " ".join(map(shade, edge[:3]))
    lines = f"{colour} RG {colour} rg {units(width)} w\n{written(points, codes, _SIGNS)}B\n"
    return f"{_SMALL}{ground}{lines}".encode("ascii")


# --- fonts ------------------------------------------------------------------------------------------


def _fonts_used(used: Mapping[Used, None]) -> Iterator[tuple[str, tuple[str, frozenset[tuple[int, str]]]]]:
    """The fonts of a picture by name, each with the signs that it is to hold and what these say."""
    for name in sorted({file for file, _, _ in used}, key=_font_name):
        signs = {index: says for file, index, says in used if file == name}
        wanted = _fonts.rounded(name, frozenset(signs))
        says = {**_fonts.numbers(name), **signs}
        yield _font_name(name), (name, frozenset((index, says[index]) for index in wanted))


@dataclass(frozen=True)
class _Packed:
    """A font that has been cut: its name, the packed streams of its file and of what its signs say, their widths.

    The widths are the text of an array, which is read faster than one is built.
    """

    name: str
    file: bytes
    length: int
    says: bytes
    widths: bytes


def _font(pdf: Any, file: str, signs: frozenset[tuple[int, str]]) -> Any:
    from pikepdf import Dictionary, Name, Object, String

    packed, told = _packed(file, signs), _fonts.metrics(file)
    assert told is not None  # other fonts are drawn
    name = Name(f"/{packed.name}")
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=name, Flags=4, FontBBox=list(told.box), ItalicAngle=told.slant,
        Ascent=told.above, Descent=told.below, CapHeight=told.above, StemV=80,
        FontFile2=pdf.make_stream(packed.file, Filter=Name.FlateDecode, Length1=packed.length),
    )
    inner = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=name, CIDToGIDMap=Name.Identity, DW=0,
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        W=Object.parse(packed.widths),
    )
    return pdf.make_indirect(Dictionary(
        Type=Name.Font, Subtype=Name.Type0, BaseFont=name, Encoding=Name("/Identity-H"),
        DescendantFonts=[pdf.make_indirect(inner)],
        ToUnicode=pdf.make_stream(packed.says, Filter=Name.FlateDecode),
    ))


@lru_cache(maxsize=128)
def _packed(file: str, signs: frozenset[tuple[int, str]]) -> _Packed:
    ordered = sorted(signs)
    tag = hashlib.sha256(repr(ordered).encode()).digest()[:6]
    name = "".join(chr(ord("A") + byte % 26) for byte in tag) + f"+{_font_name(file)}"
    data = _fonts.cut(file, [index for index, _ in ordered])
    says = zlib.compress(_map(ordered).encode("ascii"))
    widths = " ".join(f"{index} [{_advance(file, index)}]" for index, _ in ordered)
    return _Packed(name, zlib.compress(data), len(data), says, f"[{widths}]".encode("ascii"))


def _map(signs: Sequence[tuple[int, str]]) -> str:
    """What the signs of a font say, for whoever searches or copies the text."""
    rows = [f"<{index:04x}> <{says.encode('utf-16-be').hex()}>" for index, says in signs]
    parts = [rows[k : k + _ROWS] for k in range(0, len(rows), _ROWS)]
    listed = "".join(f"{len(part)} beginbfchar\n{chr(10).join(part)}\nendbfchar\n" for part in parts)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n"
        f"/CMapType 2 def\n1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n{listed}endcmap\n"
        "CMapName currentdict /CMap defineresource pop\nend\nend\n"
    )
