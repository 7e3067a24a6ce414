r"""Words made safe for a notation, character by character.

Titles, names, captions and reasons come from people. Nothing of them is passed through: each character is
written by a table, by its accents, or, when TeX's fonts do not have it, by its code point. Greek letters and
mathematical signs in running text become formulas. A new character is a row of :data:`_MATH` or :data:`_TEXT`.
"""

from __future__ import annotations

import re
import unicodedata
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


def tex(words: str) -> str:
    """Running text as LaTeX that prints exactly those words and does nothing else."""
    return "".join(_tex_character(c) for c in _clean(words))


def tex_code(line: str) -> str:
    """A line of a program as LaTeX in a typewriter font: every blank kept, straight quotes, no ligatures."""
    return "".join(_CODE[c] if c in _CODE else _tex_character(c) for c in _clean(line))


_CODE = {
    " ": r"\ ", '"': r"{\char34}", "'": r"\textquotesingle{}", "`": r"\textasciigrave{}", "-": "-{}", ",": ",{}",
    "<": r"{\char60}", ">": r"{\char62}", "|": r"{\char124}", "_": r"{\char95}", "\\": r"{\char92}",
}


def _clean(words: str) -> str:
    """Composed characters, any white space as one blank, no control characters."""
    composed = unicodedata.normalize("NFC", words)
    spaced = "".join(" " if c.isspace() and c not in "\u00a0\u2009\u202f" else c for c in composed)
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))


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
        accent = _ACCENTS.get(marks[0], "") if len(marks) == 1 else ""
        return rf"{accent}{{{base}}}" if accent else base
    plain = unicodedata.normalize("NFKD", c)
    if plain != c and all(p.isascii() or p in _MATH for p in plain):
        return "".join(_tex_character(p) for p in plain)
    return rf"\texttt{{{_code_point(c)}}}"


def _code_point(c: str) -> str:
    return f"[U+{ord(c):04X}]"


def typst(words: str) -> str:
    """Running text as a Typst string in code, ended so that what follows is markup again."""
    return f"#{typst_words(words)};"


def typst_words(words: str) -> str:
    """A Typst string literal of running text, with the quotes that TeX would set."""
    return typst_string(words.replace("'", "’").replace('"', "”"))


def typst_string(words: str) -> str:
    """A Typst string literal."""
    shown = "".join(_code_point(c) if _code_point(c) in _tex_character(c) else c for c in _clean(words))
    inner = shown.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def html(words: str) -> str:
    """Running text for an HTML page, also inside an attribute in double quotes."""
    return escape(_clean(words))


def html_code(line: str) -> str:
    """A line of a program for an HTML page, every blank kept."""
    return escape("".join(c for c in line if c.isprintable()))


_MARKDOWN = {**{c: f"\\{c}" for c in r"\`*_{}[]#|$~^@"}, "<": "&lt;", ">": "&gt;", "&": "&amp;"}
_LIST = re.compile(r"^(\s*)([-+])|^(\s*\d+)([.)])")
"""What would begin a list: a dash, a plus, a number with a point."""


def markdown(words: str) -> str:
    """Running text as Markdown that shows exactly those words, for GitHub and for pandoc."""
    escaped = "".join(_MARKDOWN.get(c, c) for c in _clean(words))
    return _LIST.sub(lambda found: rf"{found[1] or found[3] or ''}\{found[2] or found[4]}", escaped)


def in_formula(words: str) -> str:
    r"""Words for ``\text`` in a formula of a page, where nothing can be escaped: signs of TeX in their wide form."""
    return "".join(chr(ord(c) + _WIDE) if c in r"\{}$&#%_^~<|*`" else c for c in _clean(words))


_WIDE = ord("＄") - ord("$")


def plain(words: str) -> str:
    """The words in ASCII as far as they have such a form: Greek letters by name, accents dropped."""
    names = {character: f" {name} " for name, (_, character) in GREEK.items()}
    spelled = "".join(names.get(c, c) for c in _clean(words))
    ascii_only = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return " ".join(ascii_only.split())
