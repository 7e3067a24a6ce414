"""The written expression as Typst mathematics.

:func:`typst` is called for every formula of a document that the embedded compiler sets. The table is
:class:`Typst`; the rule is in ``_walk.py``. Traps that the table keeps clear of: two letters together are one
name there, ``/`` makes a fraction, a name followed at once by a bracket is a call, a number must not begin with a
point, and a script takes one token unless bracketed (its brackets are not printed).
"""

from __future__ import annotations

from functools import partial

from derive.functions import FUNCTIONS
from derive.tree import Node
from derive.write._names import GREEK, NameTable
from derive.write._walk import Printer

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


_CONSTANTS = {"e": "e", "pi": "pi", "infinity": "infinity"}
_SIGNS = {
    "=": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "~=": "approx", "=>": "=>",
    "<=>": "<=>", ":=": ":=", "===": "equiv", "in": "in", "propto": "prop", "->": "->",
}  # fmt: skip


class Typst(Printer):
    """Typst's way of writing each node."""

    names = NameTable(
        letter=str,
        between_letters=" ",
        greek=lambda name: GREEK[name][0],
        word=lambda name: f'upright("{name}")',
        accents={accent: partial(_call, sign) for accent, sign in _ACCENTS.items()},
        fonts={"bold": _bold, **{font: partial(_call, sign) for font, sign in
                                 (("cal", "cal"), ("bb", "bb"), ("rm", "upright"))}},
        sub=lambda text: f"_({text})",
        sup=lambda text: f"^({text})",
    )  # fmt: skip
    constants = _CONSTANTS
    signs = _SIGNS
    dot = " dot "
    bare_matrix = True
    fraction = "frac(%s, %s)"
    absolute = "abs(%s)"
    braces = tall_braces = "{%s}"
    nabla = "nabla "
    d = "d "
    round_d = "partial "
    between_differentials = " thin "
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
    transposed = "^top"
    cases = "cases(%s)"
    case_row = ", "
    case = '%s & quad "if" %s'
    otherwise = '%s & quad "otherwise"'

    def number(self, text: str) -> str:
        """A number as it was spelled; one that begins with a point in quotes, which keep it together."""
        return text if text[0] != "." else f'"{text}"'

    def known(self, name: str) -> str:
        """A name that Typst knows, a Greek letter, or any other name as an operator."""
        if name in OPERATORS:
            return name
        return GREEK[name][0] if name in GREEK else f'op("{"abs" if name == "abs" else FUNCTIONS[name].text}")'

    def applied(self, arguments: str) -> str:
        """A space keeps Typst from parsing the arguments as those of a call."""
        return f" {arguments}"

    def subscript(self, text: str) -> str:
        """A subscript in brackets that are not printed."""
        return f"_({text})"

    def superscript(self, text: str) -> str:
        """A superscript in brackets that are not printed."""
        return f"^({text})"

    def root(self, radicand: str, degree: str) -> str:
        """A call with the degree first."""
        return f"root({degree}, {radicand})" if degree else f"sqrt({radicand})"


_TYPST = Typst()


def typst(node: Node) -> str:
    """A node as Typst mathematics, without dollars: ``frac(1, 1 + e^(-x))``.

    ValueError when a name is not letters only or a label holds anything but letters, digits and ``,.()[]*+-'``.
    """
    return _TYPST.write(node)
