r"""The written expression as LaTeX, for the inside of a formula.

:func:`latex` is called for every formula of a ``.tex`` file, for labels of figures and for JSON. It uses only
commands of ``amsmath`` and ``amssymb``. The table is :class:`Latex`; the rule is in ``_walk.py``. What is printed
reads back to the same tree with ``derive.read.latex``.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import ClassVar

from derive.functions import FUNCTIONS
from derive.tree import Node
from derive.write._names import GREEK, NameTable
from derive.write._walk import Printer, called_names


def _command(name: str, content: str) -> str:
    return rf"\{name}{{{content}}}"


def _bold(text: str) -> str:
    return _command("boldsymbol" if text.startswith("\\") and text[1:] in GREEK else "mathbf", text)


def _upright(text: str) -> str:
    return text if text.startswith(r"\mathrm") else _command("mathrm", text)


def _scripted(base: str, sub: str, sup: str) -> str:
    return base + (f"_{{{sub}}}" if sub else "") + (f"^{{{sup}}}" if sup else "")


_CONSTANTS = {"e": "e", "pi": r"\pi", "infinity": r"\infty"}
_SIGNS = {
    "=": "=", "!=": r"\ne", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "~=": r"\approx",
    "=>": r"\Rightarrow", "<=>": r"\Leftrightarrow", ":=": ":=", "===": r"\equiv", "in": r"\in",
    "propto": r"\propto", "->": r"\to", "~": r"\sim", "<<": r"\ll", ">>": r"\gg", "subset": r"\subseteq",
}  # fmt: skip


_FENCES = {
    "abs": r"\left|%s\right|", "braces": r"\{%s\}", "norm": r"\lVert %s \rVert", "inner": r"\langle %s \rangle",
    "floor": r"\lfloor %s \rfloor", "ceil": r"\lceil %s \rceil", "square": "[%s]",
}  # fmt: skip
_TALL_FENCES = {
    "abs": r"\left|%s\right|", "braces": r"\left\{%s\right\}", "norm": r"\left\lVert %s \right\rVert",
    "inner": r"\left\langle %s \right\rangle", "floor": r"\left\lfloor %s \right\rfloor",
    "ceil": r"\left\lceil %s \right\rceil", "square": r"\left[%s\right]",
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
        scripted=_scripted,
    )
    constants = _CONSTANTS
    signs = _SIGNS
    dot = r" \cdot "
    bare_matrix = True
    tall_bracket = r"\left(%s\right)"
    fraction = r"\frac{%s}{%s}"
    fences = _FENCES
    tall_fences = _TALL_FENCES
    nabla = r"\nabla "
    d = "d"
    round_d = r"\partial "
    between_differentials = r"\,"
    derivative = r"%s\left[%s\right]"
    bar = r"\left. %s \right|_{%s}"
    sum_sign = r"\sum"
    product_sign = r"\prod"
    integral_sign = r"\int"
    between_limits = r" \,"
    limit_sign = r"\lim"
    tends_to = r" \to "
    differential = r" \,d%s"
    matrix = r"\begin{bmatrix} %s \end{bmatrix}"
    matrix_row = r" \\ "
    matrix_cell = " & "
    transposed = r"\top"
    cases = r"\begin{cases} %s \end{cases}"
    case_row = r" \\ "
    case = r"%s & \text{if } %s"
    otherwise = r"%s & \text{otherwise}"
    given: ClassVar = {"|": r" \mid ", ";": "; ", "||": r" \,\|\, "}
    expectations: ClassVar = {
        "E": r"\mathbb{E}", "P": r"\mathbb{P}", "Var": r"\operatorname{Var}", "Cov": r"\operatorname{Cov}",
    }  # fmt: skip
    optima: ClassVar = {
        "argmin": r"\operatorname*{arg\,min}", "argmax": r"\operatorname*{arg\,max}",
        **{name: rf"\{name}" for name in ("min", "max", "inf", "sup")},
    }  # fmt: skip
    entrywise = r" \odot "
    times = r" \times "
    dots = r"\ldots"
    centred_dots = r"\cdots"
    vertical_dots = r"\vdots"
    diagonal_dots = r"\ddots"
    statements: ClassVar = {",": r", \quad ", "and": r" \text{ and } ", "or": r" \text{ or } "}
    binomial = r"\binom{%s}{%s}"
    indicator = r"\mathbf{1}"

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

    def gap(self, width: int, label: str) -> str:
        """A line with room above it, made of what MathJax and KaTeX know too."""
        line = rf"\underline{{\rule{{0pt}}{{1.4em}}\hspace{{{width}em}}}}"
        letters = "mathrm" if label.isdigit() else "text"  # \text sets its words in four sizes, each with new fonts
        return rf"\underset{{\{letters}{{{label}}}}}{{{line}}}" if label else line

    def interval(self, left: str, inside: str, right: str, tall: bool) -> str:
        """Growing brackets where what is inside grows."""
        return rf"\left{left}{inside}\right{right}" if tall else f"{left}{inside}{right}"

    def opens(self, written: str) -> bool:
        """A bracket may be a growing one."""
        return written.startswith(("(", r"\left("))


def latex(node: Node, functions: frozenset[str] = frozenset()) -> str:
    r"""A node as LaTeX mathematics, without dollars: ``\frac{1}{1 + e^{-x}}``.

    ValueError when a name is not letters only or a label holds anything but letters, digits and ``,.()[]*+-'``.
    """
    return _printer(functions | called_names(node)).write(node)


@lru_cache(maxsize=64)
def _printer(functions: frozenset[str]) -> Latex:
    """One printer for the same functions: it remembers what it has written."""
    return Latex(functions)
