"""The written expression on one line of Unicode, for the terminal: ``θ₁² + e^(-x)``, ``(a + b)/(2 c)``.

:func:`text` is called for every formula that is shown in a terminal or a message. The table is :class:`Text`;
the rule is in ``_walk.py``. Brackets stand wherever a reader of a line could doubt what belongs together.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache, partial
from typing import ClassVar

from derive.functions import FUNCTIONS
from derive.tree import At, Constant, E, Indexed, Node, Number, Power, Relation, Symbol
from derive.write._names import ALPHABETS, GREEK, NameTable, lettered
from derive.write._piece import Level, Piece
from derive.write._walk import Printer, called_names

_SUPERSCRIPTS = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_SUBSCRIPTS = str.maketrans("0123456789+-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ")
_COMBINING = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "vec": "\u20d7", "dot": "\u0307"}
_LONGEST_EXPONENT = 4  # characters of a number that is still read well when raised


def _small(text: str, table: dict[int, int]) -> str:
    """The text in small characters, or nothing when one of them does not exist."""
    packed = text.replace(" ", "")
    return packed.translate(table) if all(ord(c) in table for c in packed) else ""


def _scripted(mark: str, text: str) -> str:
    """A script on the line, in brackets unless it is one word, one number or one bracket."""
    bare = len(text) == 1 or text.isalpha() or text.isdigit() or _is_one_bracket(text)
    return f"{mark}{text}" if bare else f"{mark}({text})"


def _is_one_bracket(text: str) -> bool:
    """Whether the bracket that opens at the start closes at the end: not so for ``(a) (b)``."""
    depth = 0
    for i, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if depth == 0:
            return i > 0 and i == len(text) - 1
    return False


def _subscript(text: str) -> str:
    return _small(text, _SUBSCRIPTS) or _scripted("_", text)


def _superscript(text: str) -> str:
    return _small(text, _SUPERSCRIPTS) or _scripted("^", text)


def _accented(accent: str, text: str) -> str:
    if len(text) > 1:
        return f"{accent}({text})"
    return unicodedata.normalize("NFC", text + _COMBINING[accent])


def _styled(font: str, text: str) -> str:
    """The letter of a mathematical alphabet; a word as it is."""
    return text if len(text) > 1 else lettered(font, text)


def _fonts() -> dict[str, Callable[[str], str]]:
    return {**{font: partial(_styled, font) for font in ALPHABETS}, "rm": str}


_CONSTANTS = {"e": "e", "pi": "π", "infinity": "∞"}
_SIGNS = {
    "=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥", "~=": "≈", "=>": "⇒", "<=>": "⇔",
    ":=": ":=", "===": "≡", "in": "∈", "propto": "∝", "->": "→", "~": "∼", "<<": "≪", ">>": "≫", "subset": "⊆",
}  # fmt: skip


_FENCES = {
    "abs": "|%s|", "braces": "{%s}", "norm": "‖%s‖", "inner": "⟨%s⟩", "floor": "⌊%s⌋", "ceil": "⌈%s⌉", "square": "[%s]",
}


class Text(Printer):
    """The way of each node on a line."""

    names = NameTable(
        letter=str,
        between_letters="",
        greek=lambda name: GREEK[name][1],
        word=str,
        accents={accent: partial(_accented, accent) for accent in _COMBINING},
        fonts=_fonts(),
        scripted=lambda base, sub, sup: base + (_subscript(sub) if sub else "") + (_superscript(sup) if sup else ""),
    )
    constants = _CONSTANTS
    signs = _SIGNS
    dot = "·"
    fraction = "%s/%s"
    fraction_level = Level.PRODUCT
    fraction_slot = Level.FACTOR
    fences = tall_fences = _FENCES
    nabla = "∇"
    d = "d"
    round_d = "∂"
    after_order = ""
    between_differentials = ""
    derivative = "%s[%s]"
    bar = "%s|_(%s)"
    sum_sign = "Σ"
    product_sign = "Π"
    integral_sign = "∫"
    limit_sign = "lim"
    tends_to = "→"
    differential = " d%s"
    matrix = "[%s]"
    matrix_line = "[%s]"
    matrix_row = ", "
    matrix_cell = ", "
    transposed = "ᵀ"
    cases = "{%s}"
    case_row = "; "
    case = "%s if %s"
    otherwise = "%s otherwise"
    given: ClassVar = {"|": " | ", ";": "; ", "||": " ‖ "}
    expectations: ClassVar = {"E": "𝔼", "P": "ℙ", "Var": "Var", "Cov": "Cov"}
    optima: ClassVar = {name: name for name in ("argmin", "argmax", "min", "max", "inf", "sup")}
    entrywise = " ⊙ "
    times = "×"
    dots = "…"
    centred_dots = "⋯"
    vertical_dots = "⋮"
    diagonal_dots = "⋱"
    statements: ClassVar = {",": ", ", "and": " and ", "or": " or "}
    binomial = ""
    indicator = "𝟙"

    def piece(self, node: Node) -> Piece:
        """As in any notation; what is evaluated stands in brackets where the bar would take only its end."""
        written = super().piece(node)
        if not isinstance(node, At):
            return written
        body = self.fit(node.body, Level.FACTOR)
        body = self.bracketed(body) if body.text.endswith("|") else body
        where = self.comma.join(self.write(Relation(pair, ("=",))) for pair in node.where)
        return Piece(self.bar % (body.text, where), Level.FACTOR, True)

    def known(self, name: str) -> str:
        """The text of the table of functions; of the absolute value, whose text is its bars, its name."""
        return "abs" if name == "abs" else FUNCTIONS[name].text

    def subscript(self, text: str) -> str:
        """Small digits and letters, or ``_(…)``."""
        return _subscript(text)

    def superscript(self, text: str) -> str:
        """Small digits for a short number, else ``^x`` or ``^(…)``."""
        if text == self.transposed:
            return text
        short = text in ("+", "-") or (text.lstrip("-").isdecimal() and len(text) <= _LONGEST_EXPONENT)
        return _superscript(text) if short else _scripted("^", text)

    def limits(self, sign: str, lower: str, upper: str = "", where: str = "") -> str:
        """``Σ[i = 1..n]``: small letters above and below are hard to read on a line."""
        inside = ", ".join(part for part in (f"{lower}..{upper}" if upper else lower, where) if part)
        return f"{sign}[{inside}]" if inside else sign

    def interval(self, left: str, inside: str, right: str, tall: bool) -> str:
        """As in a text."""
        return f"{left}{inside}{right}"

    def gap(self, width: int, label: str) -> str:
        """``____``, or ``__a__`` with its label in the middle: a sign for each em."""
        return label.center(max(width, len(label) + 4), "_")

    def root(self, radicand: str, degree: str) -> str:
        """``√(x)``, ``³√(x)``."""
        return f"{_superscript(degree) if degree else ''}√({radicand})"

    def beside(self, left: Node, right: Node) -> str:
        """A number stands close to a letter: ``2x``; all else has a space, but ``2·e^x``: ``2e`` begins a float."""
        core = right.base if isinstance(right, Power) else right
        if isinstance(left, Number) and isinstance(right, Power) and core == E:
            return self.dot
        return "" if isinstance(left, Number) and isinstance(core, (Symbol, Constant, Indexed)) else " "


def text(node: Node, functions: frozenset[str] = frozenset()) -> str:
    """A node as one line of Unicode: ``√(x)/(1 + e^(-x))``. ValueError as in :func:`derive.write.latex.latex`."""
    return _printer(functions | called_names(node)).write(node)


@lru_cache(maxsize=64)
def _printer(functions: frozenset[str]) -> Text:
    """One printer for the same functions: it remembers what it has written."""
    return Text(functions)
