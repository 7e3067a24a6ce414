r"""Words made safe for a notation, character by character.

Titles, names, captions and reasons come from people. Nothing of them is passed through: each character is
written by a table, by its accents, or, when TeX's fonts do not have it, by its code point. Greek letters and
mathematical signs in running text become formulas. A new character is a row of :data:`_MATH` or :data:`_TEXT`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from html import escape

from derive.write._names import GREEK

_TEXT = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': "''", "`": r"\textasciigrave{}", "–": "--", "—": "---", "‘": "`", "’": "'",
    "“": "``", "”": "''", "„": ",,", "…": r"\dots{}", "§": r"\S{}", "©": r"\textcopyright{}", "ß": r"\ss{}",
    "æ": r"\ae{}", "Æ": r"\AE{}", "ø": r"\o{}", "Ø": r"\O{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ł": r"\l{}",
    "Ł": r"\L{}", "ı": r"\i{}", "\u00a0": "~", "\u2009": r"\,", "\u202f": r"\,", "\u2011": "-", "\u2010": "-",
}
_MATH = {
    "−": "-", "·": r"\cdot", "×": r"\times", "÷": r"\div", "±": r"\pm", "∓": r"\mp", "≤": r"\le", "≥": r"\ge",
    "≠": r"\ne", "≈": r"\approx", "≡": r"\equiv", "∝": r"\propto", "∞": r"\infty", "√": r"\surd", "∂": r"\partial",
    "∇": r"\nabla", "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "∈": r"\in", "∉": r"\notin", "⊂": r"\subset",
    "∪": r"\cup", "∩": r"\cap", "→": r"\to", "←": r"\leftarrow", "↔": r"\leftrightarrow", "↦": r"\mapsto",
    "⇒": r"\Rightarrow", "⇔": r"\Leftrightarrow", "∀": r"\forall", "∃": r"\exists", "¬": r"\neg", "∧": r"\wedge",
    "∨": r"\vee", "⊤": r"\top", "⊥": r"\perp", "⊙": r"\odot", "∘": r"\circ", "°": r"{}^\circ", "′": "'", "″": "''",
    "½": r"\tfrac{1}{2}", "¼": r"\tfrac{1}{4}", "¾": r"\tfrac{3}{4}", "‖": r"\|", "∣": r"\mid", "⟨": r"\langle",
    "⟩": r"\rangle", "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}",
    "ℂ": r"\mathbb{C}", "𝔼": r"\mathbb{E}", "µ": r"\mu", "✓": r"\checkmark", "∎": r"\blacksquare", "⋅": r"\cdot",
    **{character: rf"\{name}" for name, (_, character) in GREEK.items()},
}
_ACCENTS = {
    "\u0300": r"\`", "\u0301": r"\'", "\u0302": r"\^", "\u0303": r"\~", "\u0304": r"\=", "\u0306": r"\u",
    "\u0307": r"\.", "\u0308": r"\"", "\u030a": r"\r", "\u030b": r"\H", "\u030c": r"\v", "\u0327": r"\c",
    "\u0331": r"\b", "\u0323": r"\d",
}
_SCRIPTS = {
    **{chr(0x2080 + i): ("_", str(i)) for i in range(10)},
    **{chr(0x2070 + i): ("^", str(i)) for i in (0, *range(4, 10))},
    "¹": ("^", "1"), "²": ("^", "2"), "³": ("^", "3"), "⁺": ("^", "+"), "⁻": ("^", "-"), "ⁿ": ("^", "n"),
    "ᵀ": ("^", r"\top"), "₊": ("_", "+"), "₋": ("_", "-"), "ᵢ": ("_", "i"), "ₙ": ("_", "n"), "ₜ": ("_", "t"),
}


@lru_cache(maxsize=4096)
def tex(words: str) -> str:
    """Running text as LaTeX that prints exactly those words and does nothing else."""
    return words if _HARMLESS.fullmatch(words) else "".join(_tex_character(c) for c in _clean(_quoted(words)))


_HARMLESS = re.compile(r"[A-Za-z0-9 .,:;!?()\[\]+=*'/-]*")  # what TeX prints as it is


_OPENING = re.compile(r"""(?:^|(?<=[\s(\[/-]))"(?![\s.,:;!?)\]]|$)|(?<=\s)"$""")


def _quoted(words: str) -> str:
    """Straight quotes as a printer sets them: one that begins a word, or stands before a formula, opens."""
    return _OPENING.sub("“", words).replace('"', "”")


def tex_code(line: str) -> str:
    """A line of a program as LaTeX in a typewriter font: every blank kept, straight quotes, no ligatures."""
    return "".join(_CODE[c] if c in _CODE else _tex_character(c) for c in _clean(line))


_CODE = {
    " ": r"\ ", '"': r"{\char34}", "'": r"\textquotesingle{}", "`": r"\textasciigrave{}", "-": "-{}", ",": ",{}",
    "<": r"{\char60}", ">": r"{\char62}", "|": r"{\char124}", "_": r"{\char95}", "\\": r"{\char92}",
}


def _clean(words: str, joiners: str = "") -> str:
    """Composed characters, any white space as one blank, no control characters but the joiners that are named."""
    if words.isascii() and words.isprintable():
        return words
    composed = unicodedata.normalize("NFC", words)
    spaced = "".join(" " if c.isspace() and c not in "\u00a0\u2009\u202f" else c for c in composed)
    return "".join(c for c in spaced if c in joiners or unicodedata.category(c) not in _UNSEEN)


_UNSEEN = ("Cc", "Cf", "Cs", "Co")
"""Control characters, those that turn the text that follows around, and what is no character."""

_JOINERS = "\u200c\u200d"  # without them some scripts are misspelled
_VARIANTS = range(0xFE00, 0xFE10)  # say only which of two looks a sign has


@cache
def _tex_character(c: str) -> str:
    if c in _TEXT:
        return _TEXT[c]
    if c.isascii():
        return c
    if c in _MATH:
        return rf"\ensuremath{{{_MATH[c]}}}"
    if c in _SCRIPTS:
        mark, script = _SCRIPTS[c]
        return rf"\ensuremath{{{{}}{mark}{{{script}}}}}"
    return _accented(c)


def _accented(c: str) -> str:
    """A letter with an accent, another form of plain letters, or the code point of what TeX cannot set."""
    base, *marks = list(unicodedata.normalize("NFD", c))
    if base in _MATH and not marks:
        return rf"\ensuremath{{{_MATH[base]}}}"
    if base.isascii() and base.isalpha() and marks:
        return _under(marks, base)
    plain = unicodedata.normalize("NFKD", c)
    if plain != c and all(p.isascii() or p in _MATH for p in plain):
        return "".join(_tex_character(p) for p in plain)
    return rf"\texttt{{{_told(c)}}}\allowbreak{{}}" if ord(c) not in _VARIANTS else ""


def _under(marks: list[str], base: str) -> str:
    """A letter below its accents, the first innermost; one that TeX does not have is left out."""
    for mark in marks:
        base = rf"{_ACCENTS[mark]}{{{base}}}" if mark in _ACCENTS else base
    return base


@cache
def spelled_out(c: str) -> str:
    """What pdfTeX prints in a typewriter font for a character that it has no glyph for; nothing for all others."""
    return _told(c) if not c.isascii() and _tex_character(c).startswith(r"\texttt") else ""


@cache
def tex_instead(c: str) -> str:
    """What TeX prints for a character that it does not have, which may be a letter without its accent; else nothing."""
    base, *marks = list(unicodedata.normalize("NFD", c))
    kept = [mark for mark in marks if mark in _ACCENTS]
    if base.isascii() and base.isalpha() and len(kept) < len(marks):
        return unicodedata.normalize("NFC", "".join([base, *kept]))
    return spelled_out(c)


def typst_instead(c: str) -> str:
    """What Typst prints for a character that its own fonts do not have; nothing for all others."""
    shown = _typst_character(c)
    return "" if shown == c else shown


def foreign(words: Iterable[str]) -> list[str]:
    """The characters of some words that are not of ASCII, each once, in order."""
    return list(dict.fromkeys(c for part in words if not part.isascii() for c in _clean(part) if not c.isascii()))


def _told(c: str) -> str:
    """What stands for a character that there is no glyph for: the name of a picture, the code point of a letter."""
    name = unicodedata.name(c, "") if unicodedata.category(c) in ("So", "Sk") else ""
    return f"[{name.lower()}]" if name else f"[U+{ord(c):04X}]"


def typst(words: str) -> str:
    """Running text as a Typst string in code, ended so that what follows is markup again."""
    return f"#{typst_words(words)};"


def typst_words(words: str) -> str:
    """A Typst string literal of running text, with the quotes that TeX would set."""
    return typst_string(_quoted(words).replace("'", "’"))


def typst_string(words: str) -> str:
    """A Typst string literal."""
    shown = "".join(map(_typst_character, _clean(words, _JOINERS)))
    inner = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


_TYPST_SCRIPTS = (
    range(0xA0, 0x2B0), range(0x370, 0x500), range(0x531, 0x58B), range(0x591, 0x5F5), range(0x621, 0x63B),
    range(0x640, 0x656), range(0x660, 0x66E), range(0x6F0, 0x6FA), range(0x900, 0x980), range(0x10D0, 0x1100),
    range(0x1E00, 0x2000), tuple(map(ord, "\u060c\u061b\u061f\u067e\u0686\u0698\u06a9\u06af\u06be\u06cc\u200c\u200d")),
)
"""What Typst's own fonts have beyond TeX's: Latin and phonetic letters, Greek, Cyrillic, Armenian, Hebrew, Arabic,
Devanagari, Georgian, Latin and Greek with more accents, and the letters and joiners of Persian."""


@cache
def _typst_character(c: str) -> str:
    """The character, or what stands for it where Typst's own fonts do not have it."""
    code = ord(c)
    if c.isascii() or any(code in script for script in _TYPST_SCRIPTS):
        return c
    if code in _VARIANTS:
        return ""
    return _told(c) if _told(c) in _tex_character(c) else c


def only_typst(words: str) -> bool:
    """Whether there are letters in the words that Typst's fonts have and TeX's do not."""
    return not words.isascii() and any(tex_instead(c) and not typst_instead(c) for c in foreign((words,)))


def html(words: str) -> str:
    """Running text for an HTML page, also inside an attribute in double quotes."""
    return escape(_clean(words, _JOINERS))


def html_code(line: str) -> str:
    """A line of a program for an HTML page, every blank kept."""
    return escape("".join(c for c in line if c.isprintable()))


def visible(words: str) -> str:
    """Words for a terminal or a text file: no control character, and none that turns the text that follows around."""
    if words.isascii() and words.isprintable():
        return words
    return "".join(c for c in words if c in " \n\t" or c in _JOINERS or unicodedata.category(c) not in _UNSEEN)


_MARKDOWN = {**{c: f"\\{c}" for c in r"\`*_{}[]#|$~^@"}, "<": "&lt;", ">": "&gt;", "&": "&amp;"}
_LIST = re.compile(r"^(\s*)([-+])|^(\s*\d+)([.)])")
"""What would begin a list: a dash, a plus, a number with a point."""


def markdown(words: str) -> str:
    """Running text as Markdown that shows exactly those words, for GitHub and for pandoc."""
    escaped = "".join(_MARKDOWN.get(c, c) for c in _clean(words, _JOINERS))
    return _LIST.sub(lambda found: rf"{found[1] or found[3] or ''}\{found[2] or found[4]}", escaped)


def in_formula(words: str) -> str:
    r"""Words for ``\text`` in a formula of a page, where nothing can be escaped: signs of TeX in their wide form."""
    return "".join(chr(ord(c) + _WIDE) if c in r"\{}$&#%_^~<|*`" else c for c in _clean(words))


_WIDE = ord("＄") - ord("$")


def ascii_words(words: str) -> str:
    """Words for bookmarks, the PDF's title and alternative texts: letters, digits and harmless marks only."""
    return "".join(c if c.isalnum() or c in " .,:;!?()+-=*/'" else " " for c in plain(words)).strip()


_SPELLED = {character: f" {name} " for name, (_, character) in GREEK.items()}


def plain(words: str) -> str:
    """The words in ASCII as far as they have such a form: Greek letters by name, accents dropped."""
    if words.isascii() and words.isprintable():
        return " ".join(words.split())
    spelled = "".join(_SPELLED.get(c, c) for c in _clean(words))
    ascii_only = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return " ".join(ascii_only.split())
