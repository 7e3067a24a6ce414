r"""The written expression as LaTeX, for the inside of a formula.

:func:`latex` is called for every formula of a ``.tex`` file, for labels of figures and for JSON. It uses only
commands of ``amsmath`` and ``amssymb``. The table is :class:`Latex`; the rule is in ``_walk.py``. What is printed
reads back to the same tree with ``derive.read.latex``.
"""

from __future__ import annotations

from functools import partial

from derive.functions import FUNCTIONS
from derive.tree import Node
from derive.write._names import GREEK, NameTable
from derive.write._walk import Printer


def _command(name: str, content: str) -> str:
    return rf"\{name}{{{content}}}"


def _bold(text: str) -> str:
    return _command("boldsymbol" if text.startswith("\\") and text[1:] in GREEK else "mathbf", text)


def _upright(text: str) -> str:
    return text if text.startswith(r"\mathrm") else _command("mathrm", text)


_CONSTANTS = {"e": "e", "pi": r"\pi", "infinity": r"\infty"}
_SIGNS = {
    "=": "=", "!=": r"\ne", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "~=": r"\approx",
    "=>": r"\Rightarrow", "<=>": r"\Leftrightarrow", ":=": ":=", "===": r"\equiv", "in": r"\in",
    "propto": r"\propto", "->": r"\to",
}  # fmt: skip


class Latex(Printer):
    """LaTeX's way of writing each node."""

    names = NameTable(
        letter=str,
        between_letters="",
        greek=lambda name: rf"\{name}",
        word=partial(_command, "mathrm"),
        accents={accent: partial(_command, accent) for accent in ("hat", "bar", "tilde", "vec", "dot")},
        fonts={"bold": _bold, "cal": partial(_command, "mathcal"), "bb": partial(_command, "mathbb"), "rm": _upright},
        sub=lambda text: f"_{{{text}}}",
        sup=lambda text: f"^{{{text}}}",
    )
    constants = _CONSTANTS
    signs = _SIGNS
    dot = r" \cdot "
    bare_matrix = True
    tall_bracket = r"\left(%s\right)"
    fraction = r"\frac{%s}{%s}"
    absolute = r"\left|%s\right|"
    braces = r"\{%s\}"
    tall_braces = r"\left\{%s\right\}"
    nabla = r"\nabla "
    d = "d"
    round_d = r"\partial "
    between_differentials = r"\,"
    derivative = r"%s\left[%s\right]"
    bar = r"\left. %s \right|_{%s}"
    sum_sign = r"\sum"
    product_sign = r"\prod"
    integral_sign = r"\int"
    limit_sign = r"\lim"
    tends_to = r" \to "
    differential = r" \,d%s"
    matrix = r"\begin{bmatrix} %s \end{bmatrix}"
    matrix_row = r" \\ "
    matrix_cell = " & "
    transposed = r"^{\top}"
    cases = r"\begin{cases} %s \end{cases}"
    case_row = r" \\ "
    case = r"%s & \text{if } %s"
    otherwise = r"%s & \text{otherwise}"

    def known(self, name: str) -> str:
        """The sign of the table of functions; of the absolute value, whose sign is its bars, its name."""
        return r"\operatorname{abs}" if name == "abs" else FUNCTIONS[name].latex

    def subscript(self, text: str) -> str:
        """A subscript in braces."""
        return f"_{{{text}}}"

    def superscript(self, text: str) -> str:
        """A superscript in braces."""
        return f"^{{{text}}}"

    def root(self, radicand: str, degree: str) -> str:
        """A root sign with its degree in square brackets."""
        return rf"\sqrt[{degree}]{{{radicand}}}" if degree else rf"\sqrt{{{radicand}}}"

    def opens(self, written: str) -> bool:
        """A bracket may be a growing one."""
        return written.startswith(("(", r"\left("))


_LATEX = Latex()


def latex(node: Node) -> str:
    r"""A node as LaTeX mathematics, without dollars: ``\frac{1}{1 + e^{-x}}``.

    ValueError when a name is not letters only or a label holds anything but letters, digits and ``,.()[]*+-'``.
    """
    return _LATEX.write(node)
