"""MathML as the signs that are seen, read with ElementTree. Rows (``mrow``) are not seen and have no effect."""

from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from tests.write.reading import OPTIMA, MisreadError, Token, Tokens

_SPACE = "{http://www.w3.org/1998/Math/MathML}"
_ACCENTS = {"^": "hat", "¯": "bar", "~": "tilde", "→": "vec", "˙": "dot"}
_FONTS = {"BOLD": "bold", "SCRIPT": "cal", "DOUBLE-STRUCK": "bb"}
_NAMES = {"LAMDA": "LAMBDA"}
_BRACKETS = {"(": "open", "[": "open", "{": "open", "⟨": "open", "⌊": "open", "⌈": "open",
             ")": "close", "]": "close", "}": "close", "⟩": "close", "⌋": "close", "⌉": "close"}  # fmt: skip
_HIDDEN = {"\u2061": Token("apply"), "\u2062": Token("times")}
_PRIMES = {"″": "′′", "‴": "′′′"}


def tokens(text: str) -> Tokens:
    """The signs of a ``math`` element. ParseError when it is no XML, MisreadError for an element that is not known."""
    root = ET.fromstring(text)
    if root.tag != f"{_SPACE}math":
        raise MisreadError(root.tag)
    return _row(list(root))


def _row(elements: list[ET.Element]) -> Tokens:
    return tuple(token for element in elements for token in _element(element))


def _element(element: ET.Element) -> Iterator[Token]:
    tag, inside = element.tag.removeprefix(_SPACE), list(element)
    match tag:
        case "mrow":
            yield from _fenced(inside)
        case "mn" | "mi" | "mo" | "mtext":
            yield from _leaf(tag, element)
        case "mfrac":
            yield Token("binomial" if element.get("linethickness") == "0" else "fraction", "", _parts(inside))
        case "msqrt":
            yield Token("root", "", (_row(inside), None))
        case "mroot":
            yield Token("root", "", _parts(inside))
        case "msub" | "msup" | "msubsup" | "munder" | "mover" | "munderover":
            yield from _scripted(tag, element, inside)
        case "mtable":
            yield Token("table", "", tuple(tuple(_row(list(cell)) for cell in row) for row in inside))
        case "mspace":
            return
        case _:
            raise MisreadError(f"the element {tag}")


def _parts(elements: list[ET.Element]) -> tuple[Tokens, ...]:
    return tuple(_row([element]) for element in elements)


def _fenced(inside: list[ET.Element]) -> Iterator[Token]:
    """A row; one that ends with a bar that was not opened is evaluated at what stands behind the bar."""
    written = _row(inside)
    if inside and inside[-1].get("form") == "postfix" and inside[0].get("form") != "prefix" and inside[-1].text == "|":
        yield from (Token("open", "at"), *written[:-1], Token("close", "at"))
    elif len(inside) == 3 and inside[1].get("linethickness") == "0":
        yield written[1]  # its round brackets belong to it
    elif len(written) == 2 and written[0].text == "{" and written[1].kind == "table":
        yield Token("cases", "", written[1].parts)
    else:
        yield from written


def _leaf(tag: str, element: ET.Element) -> Iterator[Token]:
    text = element.text or ""
    form = element.get("form", "")
    if tag == "mtext":
        yield Token("words", text.strip().strip("\u00a0"))
    elif tag == "mn":
        plain = unicodedata.normalize("NFKC", text)
        yield Token("number", plain, font="" if plain == text else "bold")
    elif tag == "mi":
        yield _name(text, element.get("mathvariant") == "normal")
    elif text in _HIDDEN:
        yield _HIDDEN[text]
    elif text == "\u2063":
        return
    elif text in "|‖" and form:
        yield Token("open" if form == "prefix" else "close", text)
    elif text in _BRACKETS:
        yield Token(_BRACKETS[text], text)
    elif text in "∑∏∫" or text.replace("\u00a0", "") in (*OPTIMA, "lim"):
        yield Token("big", text.replace("\u00a0", ""))
    elif text == "∇":
        yield Token("name", text)
    else:
        yield Token("sign", _PRIMES.get(text, text.replace("−", "-")))


def _name(text: str, upright: bool) -> Token:
    if len(text) > 1:
        return Token("name", text)
    if text in "⋯⋮⋱…":
        return Token("dots")
    plain = unicodedata.normalize("NFKC", text)
    words = unicodedata.name(text).replace("DOUBLE-STRUCK", "DOUBLE-STRUCK ").split()
    font = next((_FONTS[word] for word in words if word in _FONTS), "") if plain != text else ""
    if not plain.isascii() and "GREEK" in unicodedata.name(plain):
        letter = unicodedata.name(plain).split()[-1]
        letter = _NAMES.get(letter, letter)
        return Token("name", letter.title() if plain.isupper() else letter.lower(), font=font)
    plain = {"∞": "infinity"}.get(plain, plain)
    return Token("name", plain, font=font or ("rm" if upright else ""))


def _scripted(tag: str, element: ET.Element, inside: list[ET.Element]) -> Iterator[Token]:
    base, *scripts = inside
    if tag == "mover" and element.get("accent") == "true":
        (name,) = _element(base)
        yield Token("name", name.text, (), _ACCENTS[scripts[0].text or ""], name.font)
        return
    parts = _parts(scripts)
    if len(parts) != (2 if tag in ("msubsup", "munderover") else 1):
        raise MisreadError(f"{tag} with {len(parts)} scripts")
    yield from _element(base)
    above_only = tag in ("msup", "mover")
    yield Token("script", "", (None, *parts) if above_only else (*parts, None) if len(parts) == 1 else parts)
