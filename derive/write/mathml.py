"""The written expression as presentation MathML, for pages.

:func:`mathml` is called for every formula of an HTML page. The table is :class:`MathML`; the rule is in ``_walk.py``.
Every piece is exactly one element, so that it can be an argument of any other. Factors have an invisible times
between them and functions an invisible application, by which what is meant can be read without guessing; letters of
other alphabets are characters of their own, because browsers know no ``mathvariant`` but ``normal``. What is
printed keeps to MathML Core.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import ClassVar
from xml.sax.saxutils import escape, quoteattr

from derive.functions import FUNCTIONS
from derive.tree import Call, Node, Power, from_plain
from derive.write._names import ALPHABETS, GREEK, NameTable, lettered
from derive.write._piece import Piece
from derive.write._walk import Printer, called_names
from derive.write.text import text

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
APPLY, TIMES, COMMA = "<mo>&#x2061;</mo>", "<mo>&#x2062;</mo>", "<mo>&#x2063;</mo>"
"""The invisible operators: function application, times, and the comma between indices."""

_TAG = re.compile(r"<(/?)[a-z]+[^>]*?(/?)>")
_UNSEEN = re.compile(r"(?:<(?:mrow|m[no]|msup|msub|msubsup)[^>]*>)*")
_THIN = '<mspace width="0.1667em"/>'
_PRIMES = {1: "′", 2: "″", 3: "‴"}


def _name(content: str) -> str:
    return f"<mi>{content}</mi>"


def _upright(content: str) -> str:
    return f'<mi mathvariant="normal">{content}</mi>' if len(content) == 1 else _name(content)


def _sign(content: str) -> str:
    return f"<mo>{escape(content)}</mo>"


def _greek(name: str) -> str:
    """Capital Greek letters stand upright, as in TeX."""
    return (_upright if name[0].isupper() else _name)(GREEK[name][1])


def _content(element: str) -> str:
    return element[element.index(">") + 1 : element.rindex("<")]


def _in_alphabet(font: str, element: str) -> str:
    return _name("".join(lettered(font, letter) for letter in _content(element)))


def _accented(accent: str, element: str) -> str:
    return f'<mover accent="true">{element}<mo stretchy="false">{accent}</mo></mover>'


def _one(written: str) -> str:
    """What was written as one element: in a row unless it is one already."""
    depth = 0
    for tag in _TAG.finditer(written):
        depth += 0 if tag[2] else -1 if tag[1] else 1
        if depth == 0:
            return written if tag.end() == len(written) else f"<mrow>{written}</mrow>"
    return f"<mrow>{written}</mrow>"


def _scripted(base: str, sub: str, sup: str) -> str:
    """Scripts as one element; a superscript on what has a subscript stands above that, not behind it."""
    base, sub, sup = _one(base), _one(sub) if sub else "", _one(sup) if sup else ""
    if sub and sup:
        return f"<msubsup>{base}{sub}{sup}</msubsup>"
    if sup and base.startswith("<msub>"):
        return f"<msubsup>{base[len('<msub>') : -len('</msub>')]}{sup}</msubsup>"
    kind = "msub" if sub else "msup"
    return f"<{kind}>{base}{sub}{sup}</{kind}>" if sub or sup else base


def _mark(mark: str) -> str:
    """The digits and the marks of a label."""
    return f"<mn>{mark}</mn>" if mark.isdigit() else f'<mo stretchy="false">{mark.replace("-", "−")}</mo>'


def _between(left: str, right: str, tall: bool) -> str:
    """A pair of brackets; those around a line do not stretch, which browsers set with gaps."""
    stretchy = "true" if tall else "false"
    return (
        f'<mrow><mo form="prefix" fence="true" stretchy="{stretchy}">{left}</mo>%s'
        f'<mo form="postfix" fence="true" stretchy="{stretchy}">{right}</mo></mrow>'
    )


def _limiting(sign: str) -> str:
    """A word that takes limits below it where there is room, and beside it in running text."""
    return f'<mo movablelimits="true" lspace="0em" rspace="0.1667em">{sign}</mo>'


_FONTS: dict[str, Callable[[str], str]] = {
    **{font: partial(_in_alphabet, font) for font in ALPHABETS}, "rm": lambda element: _upright(_content(element)),
}  # fmt: skip
_ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~", "vec": "→", "dot": "˙"}
_SIGNS = {
    "=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥", "~=": "≈", "=>": "⇒", "<=>": "⇔",
    ":=": "≔", "===": "≡", "in": "∈", "propto": "∝", "->": "→", "~": "∼", "<<": "≪", ">>": "≫", "subset": "⊆",
}  # fmt: skip
_PAIRS = {"abs": "||", "braces": "{}", "norm": "‖‖", "inner": "⟨⟩", "floor": "⌊⌋", "ceil": "⌈⌉", "square": "[]"}
_CELL = '<mtd style="text-align: left">'
_DOTS = {"low": "…", "centred": "⋯", "vertical": "⋮", "diagonal": "⋱"}


class MathML(Printer):
    """MathML's way of writing each node."""

    names = NameTable(
        letter=_name,
        between_letters=COMMA,
        greek=_greek,
        word=_name,
        accents={name: partial(_accented, accent) for name, accent in _ACCENTS.items()},
        fonts=_FONTS,
        scripted=_scripted,
        primed=lambda written, primes: _scripted(written, "", _sign(_PRIMES.get(len(primes), primes))),
        mark=_mark,
        comma="<mo>,</mo>",
    )
    constants: ClassVar = {"e": "<mi>e</mi>", "pi": "<mi>π</mi>", "infinity": "<mi>∞</mi>"}
    signs: ClassVar = {name: _sign(sign) for name, sign in _SIGNS.items()}
    plus = "<mo>+</mo>"
    minus = negative = "<mo>−</mo>"
    dot = "<mo>⋅</mo>"
    space = TIMES
    comma = "<mo>,</mo>"
    bracket = _between("(", ")", False)
    tall_bracket = _between("(", ")", True)
    bare_matrix = True
    fraction = "<mfrac>%s%s</mfrac>"
    fences: ClassVar = {name: _between(pair[0], pair[1], False) for name, pair in _PAIRS.items()}
    tall_fences: ClassVar = {name: _between(pair[0], pair[1], True) for name, pair in _PAIRS.items()}
    nabla = '<mo rspace="0">∇</mo>'
    before_body = ""
    d = "<mi>d</mi>"
    round_d = "<mi>∂</mi>"
    after_order = ""
    between_differentials = '<mspace width="0.1667em"/>'
    derivative = f"%s{APPLY}<mrow><mo>[</mo>%s<mo>]</mo></mrow>"
    bar = '<msub><mrow>%s<mo form="postfix" fence="true" stretchy="true">|</mo></mrow><mrow>%s</mrow></msub>'
    sum_sign = "<mo>∑</mo>"
    product_sign = "<mo>∏</mo>"
    integral_sign = "<mo>∫</mo>"
    limit_sign = _limiting("lim")
    tends_to = "<mo>→</mo>"
    differential = '<mspace width="0.1667em"/><mrow><mi>d</mi>%s</mrow>'
    matrix = "<mrow><mo>[</mo><mtable>%s</mtable><mo>]</mo></mrow>"
    matrix_row = ""
    matrix_line = "<mtr><mtd>%s</mtd></mtr>"
    matrix_cell = "</mtd><mtd>"
    transposed = "<mo>⊤</mo>"
    cases = '<mrow><mo form="prefix" fence="true" stretchy="true">{</mo><mtable>%s</mtable></mrow>'
    case_row = ""
    case = f"<mtr>{_CELL}%s</mtd>{_CELL}<mtext>if&#xA0;</mtext>%s</mtd></mtr>"
    otherwise = f"<mtr>{_CELL}%s</mtd>{_CELL}<mtext>otherwise</mtext></mtd></mtr>"
    given: ClassVar = {"|": "<mo>∣</mo>", ";": "<mo>;</mo>", "||": "<mo>∥</mo>"}
    expectations: ClassVar = {"E": "<mi>𝔼</mi>", "P": "<mi>ℙ</mi>", "Var": "<mi>Var</mi>", "Cov": "<mi>Cov</mi>"}
    optima: ClassVar = {
        "argmin": _limiting("arg&#xA0;min"), "argmax": _limiting("arg&#xA0;max"),
        **{name: _limiting(name) for name in ("min", "max", "inf", "sup")},
    }  # fmt: skip
    entrywise = "<mo>⊙</mo>"
    times = "<mo>×</mo>"
    dots, centred_dots, vertical_dots, diagonal_dots = map(_name, _DOTS.values())
    statements: ClassVar = {
        ",": '<mo>,</mo><mspace width="1em"/>',
        **{word: f"<mtext>&#xA0;{word}&#xA0;</mtext>" for word in ("and", "or")},
    }  # fmt: skip
    factorial = "<mrow>%s<mo>!</mo></mrow>"
    binomial = '<mrow><mo>(</mo><mfrac linethickness="0">%s%s</mfrac><mo>)</mo></mrow>'
    indicator = "<mn>𝟏</mn>"

    def piece(self, node: Node) -> Piece:
        """As in any notation, as one element."""
        piece = super().piece(node)
        return Piece(_one(piece.text), piece.level, piece.tall)

    def number(self, text: str) -> str:
        """A number as it was spelled."""
        return f"<mn>{text}</mn>"

    def known(self, name: str) -> str:
        """The text of the table of functions; of the absolute value, whose text is its bars, its name."""
        if "_" in name:
            return self.names.symbol(from_plain(name))
        return _name("abs" if name == "abs" else escape(FUNCTIONS[name].text))

    def applied(self, arguments: str) -> str:
        """An application that is not seen."""
        return APPLY + arguments

    def scripted(self, base: str, sub: str = "", sup: str = "") -> str:
        """One element with its scripts."""
        return _scripted(base, sub, sup)

    def beside(self, left: Node, right: Node) -> str:
        """A thin space before a function whose name is a word, as TeX sets it: ``y ln(x)``."""
        core = right.base if isinstance(right, Power) else right
        name = FUNCTIONS[core.name].text if isinstance(core, Call) and core.name in FUNCTIONS else ""
        return super().beside(left, right) + (_THIN if len(name) > 1 and name.isalpha() else "")

    def primed(self, sign: str, order: int) -> str:
        """Primes as one sign, or the order in brackets."""
        if order > len(_PRIMES):
            return _scripted(sign, "", self.bracket % self.number(str(order)))
        return _scripted(sign, "", _sign(_PRIMES[order])) if order else sign

    def root(self, radicand: str, degree: str) -> str:
        """A root with its degree behind what stands in it."""
        return f"<mroot>{radicand}{degree}</mroot>" if degree else f"<msqrt>{radicand}</msqrt>"

    def gap(self, width: int, label: str) -> str:
        """Underlines, which are seen where no style is known; the fonts of browsers take two or three to an em."""
        line = f'<mrow><mspace height="1.4em"/><mtext>{"_" * round(2.5 * width)}</mtext></mrow>'
        return f"<munder>{line}<mtext>{label}</mtext></munder>" if label else line

    def over(self, top: str, bottom: str) -> Piece:
        """A fraction of two elements."""
        return super().over(_one(top), _one(bottom))

    def interval(self, left: str, inside: str, right: str, tall: bool) -> str:
        """Brackets that grow, and need not match."""
        return _between(left, right, tall) % inside

    def limits(self, sign: str, lower: str, upper: str = "", where: str = "") -> str:
        """Beside an integral sign, below and above any other."""
        below = self.comma.join(part for part in (lower, where) if part)
        if sign == self.integral_sign:
            return _scripted(sign, below, upper)
        parts = "".join(_one(part) for part in (below, upper) if part)
        kind = "munderover" if below and upper else "munder" if below else "mover"
        return f"<{kind}>{sign}{parts}</{kind}>" if parts else sign

    def first(self, written: str) -> str:
        """The first character that is seen."""
        return written[_UNSEEN.match(written).end()]  # type: ignore[union-attr]  # it matches the empty text


def mathml(node: Node, display: bool = False) -> str:
    """A node as a complete ``math`` element with its Unicode text for whoever cannot show it.

    ValueError when a name is not letters only or a label holds anything but letters, digits and ``,.()[]*+-'``.
    """
    block = ' display="block"' if display else ""
    inside = _printer(called_names(node)).write(node)
    return f'<math xmlns="{NAMESPACE}"{block} alttext={quoteattr(text(node))}>{inside}</math>'


@lru_cache(maxsize=64)
def _printer(functions: frozenset[str]) -> MathML:
    """One printer for the same functions: it remembers what it has written."""
    return MathML(functions)
