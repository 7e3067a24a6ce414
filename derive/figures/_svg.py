"""Pictures as SVG files: elements written straight, each sign of a text outlined once and used where it stands.

:mod:`._canvas` draws on an :class:`SvgPage`. Whoever shows the file needs no fonts. All lengths are in the units of
:mod:`._outlines`; a group around everything turns them into points, and upwards. Equal pictures give equal bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from typing import Any

from derive.figures import _letters
from derive.figures._canvas import TILE, Box, Fill, Page, Pen, hatching, rgba
from derive.figures._data import Array
from derive.figures._outlines import UNIT, Signs, shade, units, written

_SIGNS = Signs("M%d %d", "L%d %d", "C%d %d %d %d %d %d", "z")
_CAPS = {"butt": "", "round": ' stroke-linecap="round"', "projecting": ' stroke-linecap="square"'}
_JOINS = {"miter": "", "round": ' stroke-linejoin="round"', "bevel": ' stroke-linejoin="bevel"'}
_SIZE = 1000  # a sign's outline is written for an em of so many units


@dataclass
class SvgPage(Page):
    """A page as elements, and the definitions that these refer to by their ids."""

    parts: list[str] = field(default_factory=list)
    signs: dict[tuple[str, int], str] = field(default_factory=dict)
    clips: dict[Box, str] = field(default_factory=dict)
    patterns: dict[tuple[Any, Any, str], str] = field(default_factory=dict)

    def path(self, points: Array, codes: Any, fill: Fill | None, pen: Pen, crisp: bool = False) -> None:
        """As :meth:`Page.path`."""
        inside = rgba(fill.colour, fill.alpha) if fill else (0.0, 0.0, 0.0, 0.0)
        edge = rgba(pen.colour, pen.alpha)
        stroke = _stroke(pen, edge)
        if not stroke and not inside[3]:
            return
        paint = _fill(inside)
        if fill and fill.hatch:
            name = self.patterns.setdefault((inside, edge, fill.hatch), f"h{len(self.patterns)}")
            paint = f' fill="url(#{name})"'
        seams = ' shape-rendering="crispEdges"' if crisp else ""
        outline = written(points, codes, _SIGNS)
        if outline:
            self.parts.append(f'<path d="{outline}"{paint}{stroke}{seams}{self._clip()}/>\n')

    def text(self, x: float, y: float, text: str, size: float, angle: float, colour: Any) -> None:
        """As :meth:`Page.text`."""
        line = _letters.setting(text)
        inner = [
            f'<use href="#{self._sign(g.file, g.index)}" transform="translate({units(g.x * size)} {units(g.y * size)})'
            f' scale({_scale(g.size * size)})"/>' for g in line.glyphs if _outline(g.file, g.index)
        ]
        inner += [f'<path d="M{units(x * size)} {units(y * size)}h{units(w * size)}v{units(h * size)}'
                  f'h{-units(w * size)}z"/>' for x, y, w, h in line.bars]
        if not inner:
            return
        turned = f" rotate({angle:g})" if angle else ""
        self.parts.append(f'<g transform="translate({units(x)} {units(y)}){turned}"{_fill(rgba(colour))}{self._clip()}>'
                          f'{"".join(inner)}</g>\n')

    def _sign(self, file: str, index: int) -> str:
        return self.signs.setdefault((file, index), f"g{len(self.signs)}")

    def _clip(self) -> str:
        if self.clip is None:
            return ""
        return f' clip-path="url(#{self.clips.setdefault(self.clip, f"c{len(self.clips)}")})"'


def _scale(size: float) -> str:
    return f"{size * UNIT / _SIZE:.4g}"


@lru_cache(maxsize=2048)
def _outline(file: str, index: int) -> str:
    points, codes = _letters.outline(file, index)
    return written(points * (_SIZE / UNIT), codes, _SIGNS)


@lru_cache(maxsize=512)
def _colour(colour: tuple[float, float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in colour[:3])


@lru_cache(maxsize=512)
def _fill(colour: tuple[float, float, float, float]) -> str:
    if not colour[3]:
        return ' fill="none"'
    black = colour == (0.0, 0.0, 0.0, 1.0)
    return ("" if black else f' fill="{_colour(colour)}"') + _opacity("fill", colour[3])


@lru_cache(maxsize=512)
def _stroke(pen: Pen, colour: tuple[float, float, float, float]) -> str:
    if not pen.width or not colour[3]:
        return ""
    dash = f' stroke-dasharray="{" ".join(str(units(part * pen.width)) for part in pen.dash)}"' if pen.dash else ""
    shape = f' stroke-width="{units(pen.width)}"{_CAPS[pen.cap]}{_JOINS[pen.join]}{dash}'
    return f' stroke="{_colour(colour)}"{_opacity("stroke", colour[3])}{shape}'


def _opacity(what: str, share: float) -> str:
    return f' {what}-opacity="{shade(share)}"' if share < 1 else ""


# --- the file ---------------------------------------------------------------------------------------


def file(page: SvgPage, width: float, height: float, alt: str) -> bytes:
    """The file of a page of so many points, with words for somebody who cannot see it."""
    defined = [f'<path id="{name}" d="{_outline(*sign)}"/>\n' for sign, name in page.signs.items()]
    defined += [f'<clipPath id="{name}"><path d="{_rectangle(*box)}"/></clipPath>\n'
                for box, name in page.clips.items()]
    defined += [_pattern(name, *key) for key, name in page.patterns.items()]
    seen = "".join(c if c.isprintable() else " " for c in alt)
    told = f"<desc>{escape(seen, quote=False)}</desc>\n" if seen else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}pt" height="{height:g}pt" '
        f'viewBox="0 0 {width:g} {height:g}" version="1.1">\n{told}<defs>\n{"".join(defined)}</defs>\n'
        f'<g transform="matrix({1 / UNIT:g} 0 0 {-1 / UNIT:g} 0 {height:g})">\n{"".join(page.parts)}</g>\n</svg>\n'
    ).encode()


def _rectangle(left: float, low: float, right: float, high: float) -> str:
    x, y = units(left), units(low)
    return f"M{x} {y}H{units(right)}V{units(high)}H{x}z"


def _pattern(name: str, inside: Any, edge: Any, hatch: str) -> str:
    points, codes, width = hatching(hatch)
    side = units(TILE)
    colour = _colour(edge)
    ground = f'<path d="{_rectangle(0, 0, TILE, TILE)}"{_fill(inside)}/>' if inside[3] else ""
    painted = f'fill="{colour}" stroke="{colour}" stroke-width="{units(width)}"'
    lines = f'<path d="{written(points, codes, _SIGNS)}" {painted}/>'
    return (f'<pattern id="{name}" patternUnits="userSpaceOnUse" x="0" y="0" width="{side}" height="{side}">'
            f"{ground}{lines}</pattern>\n")
