"""The written expression as Typst mathematics.

:func:`typst` is called for every formula of a document that the embedded compiler sets. The table is
:class:`Typst`; the rule is in ``_walk.py``. Traps that the table keeps clear of: two letters together are one
name there, ``/`` makes a fraction, a name followed at once by a bracket is a call, a number must not begin with a
point, a script takes one token unless bracketed (its brackets are not printed), and a prime behind a subscript
belongs to that.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import ClassVar

from derive.functions import FUNCTIONS
from derive.tree import Node, from_plain
from derive.write._names import GREEK, NameTable
from derive.write._walk import Printer, called_names

OPERATORS = frozenset({
    "arccos", "arcsin", "arctan", "cos", "cosh", "cot", "coth", "csc", "det", "exp", "ln", "log", "max", "min", "sec",
    "sin", "sinh", "tan", "tanh", "tr",
})  # fmt: skip
"""Functions whose upright name Typst knows."""

_ACCENTS = {"hat": "hat", "bar": "macron", "tilde": "tilde", "vec": "arrow", "dot": "dot"}


def _call(name: str, content: str) -> str:
    return f"{name}({content})"


def _bold(text: str) -> str:
    """Upright for Latin letters, slanted for Greek ones, as in TeX."""
    return f"bold({text})" if text in {sign for sign, _ in GREEK.values()} else f"upright(bold({text}))"


def _scripted(base: str, sub: str, sup: str) -> str:
    return base + (f"_({sub})" if sub else "") + (f"^({sup})" if sup else "")


def _primed(base: str, primes: str) -> str:
    """Primes; on what has a subscript as a superscript, for right behind it they would stand in the subscript."""
    return _scripted(base, "", " ".join(["prime"] * len(primes))) if "_(" in base else base + primes


_NAMES = NameTable(
    letter=str,
    between_letters=" ",
    greek=lambda name: GREEK[name][0],
    word=lambda name: f'upright("{name}")',
    accents={accent: partial(_call, sign) for accent, sign in _ACCENTS.items()},
    fonts={"bold": _bold, **{font: partial(_call, sign) for font, sign in
                             (("cal", "cal"), ("bb", "bb"), ("rm", "upright"))}},
    scripted=_scripted,
    primed=_primed,
)  # fmt: skip
_FUNCTION_NAMES = replace(_NAMES, word=lambda name: f'op("{name}")')
"""As other names, but a word has an operator's spacing."""

_CONSTANTS = {"e": "e", "pi": "pi", "infinity": "infinity"}
_SIGNS = {
    "=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "~=": "approx", "=>": "=>",
    "<=>": "<=>", ":=": ":=", "===": "equiv", "in": "in", "propto": "prop", "->": "->", "~": "tilde.op",
    "<<": "<<", ">>": ">>", "subset": "subset.eq",
}  # fmt: skip


_FENCES = {
    "abs": "abs(%s)", "braces": "{%s}", "norm": "norm(%s)", "inner": "lr(⟨%s⟩)", "floor": "floor(%s)",
    "ceil": "ceil(%s)", "square": "[%s]",
}  # fmt: skip


class Typst(Printer):
    """Typst's way of writing each node."""

    names = _NAMES
    constants = _CONSTANTS
    signs = _SIGNS
    dot = " dot "
    bare_matrix = True
    fraction = "frac(%s, %s)"
    fences = tall_fences = _FENCES
    nabla = "nabla "
    d = "d "
    round_d = "partial "
    between_differentials = " thin "
    between_limits = " thin"
    derivative = "%s thin [%s]"
    bar = "lr(%s |)_(%s)"
    sum_sign = "sum"
    product_sign = "product"
    integral_sign = "integral"
    limit_sign = "lim"
    tends_to = " -> "
    differential = " thin d %s"
    matrix = 'mat(delim: "[", %s)'
    matrix_row = "; "
    matrix_cell = ", "
    transposed = "top"
    cases = "cases(%s)"
    case_row = ", "
    case = '%s & quad "if" %s'
    otherwise = '%s & quad "otherwise"'
    given: ClassVar = {"|": " mid(|) ", ";": r"\; ", "||": " thin parallel thin "}
    expectations: ClassVar = {"E": "bb(E)", "P": "bb(P)", "Var": 'op("Var")', "Cov": 'op("Cov")'}
    optima: ClassVar = {
        "argmin": 'op("arg min", limits: #true)', "argmax": 'op("arg max", limits: #true)',
        **{name: name for name in ("min", "max", "inf", "sup")},
    }  # fmt: skip
    entrywise = " dot.o "
    times = " times "
    dots = "dots.h"
    centred_dots = "dots.c"
    vertical_dots = "dots.v"
    diagonal_dots = "dots.down"
    factorial = "%s !"  # without the space the sign belongs to the index before it
    statements: ClassVar = {",": r"\, quad ", "and": ' " and " ', "or": ' " or " '}
    binomial = "binom(%s, %s)"
    indicator = "upright(bold(1))"

    def number(self, text: str) -> str:
        """A number as it was spelled; one that begins with a point in quotes, which keep it together."""
        return text if text[0] != "." else f'"{text}"'

    def known(self, name: str) -> str:
        """A name that Typst knows, a Greek letter, or any other name as an operator."""
        if name in OPERATORS:
            return name
        if "_" in name:
            return self.names.symbol(from_plain(name))
        return GREEK[name][0] if name in GREEK else f'op("{"abs" if name == "abs" else FUNCTIONS[name].text}")'

    def function(self, name: str) -> str:
        """A word as an operator."""
        return self.known(name) if name in FUNCTIONS else _FUNCTION_NAMES.symbol(from_plain(name))

    def applied(self, arguments: str) -> str:
        """A space keeps Typst from parsing the arguments as those of a call."""
        return f" {arguments}"

    def subscript(self, text: str) -> str:
        """A subscript in brackets that are not printed."""
        return f"_({text})"

    def superscript(self, text: str) -> str:
        """A superscript in brackets that are not printed."""
        return f"^({text})"

    def interval(self, left: str, inside: str, right: str, tall: bool) -> str:
        """Brackets that grow; with a backslash they need not match."""
        return rf"lr(\{left}{inside}\{right})"

    def primed(self, sign: str, order: int) -> str:
        """Primes, or the order in brackets."""
        return _primed(sign, self.prime * order) if order <= 3 else super().primed(sign, order)

    def gap(self, width: int, label: str) -> str:
        """An underlined box, which is higher than a letter."""
        line = f"underline(#box(width: {width}em, height: 1.4em))"
        return f'limits({line})_("{label}")' if label else line

    def root(self, radicand: str, degree: str) -> str:
        """A call with the degree first."""
        return f"root({degree}, {radicand})" if degree else f"sqrt({radicand})"


def typst(node: Node, functions: frozenset[str] = frozenset()) -> str:
    """A node as Typst mathematics, without dollars: ``frac(1, 1 + e^(-x))``.

    ValueError when a name is not letters only or a label holds anything but letters, digits and ``,.()[]*+-'``.
    """
    return _printer(functions | called_names(node)).write(node)


@lru_cache(maxsize=64)
def _printer(functions: frozenset[str]) -> Typst:
    """One printer for the same functions: it remembers what it has written."""
    return Typst(functions)
