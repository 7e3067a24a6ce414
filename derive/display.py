"""How a derivation shows itself in a notebook: as text, and as LaTeX that MathJax sets.

:mod:`derive.api` calls :func:`install` once; :class:`derive.steps.Derivation` finds the writers in
:data:`derive.steps.DISPLAYS`. A further form is a row there.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.documents._tree import Block, Row, Rows, Section, Text, page, sign_text
from derive.errors import RefutedError
from derive.steps import DISPLAYS, Derivation, Prose
from derive.tree import Node
from derive.write.latex import Latex
from derive.write.latex import latex as in_latex
from derive.write.text import text as in_text


def install() -> None:
    """Let derivations show themselves."""
    DISPLAYS.update({"text/plain": plain, "text/latex": latex})


def plain(derivation: Derivation) -> str:
    """The derivation in Unicode, line by line; what is wrong where a step is refuted."""
    return _told(derivation, _plain_block, "\n")


def latex(derivation: Derivation) -> str:
    """The derivation as displays with their reasons and the words between; tables and figures are left out."""
    return _told(derivation, _latex_block, "\n\n")


def snippet(derivation: Derivation, detail: str = "normal") -> str:
    """The displays alone, to be put into a LaTeX document that loads amsmath. RefutedError as for documents."""
    return "\n\n".join(_latex_block(block) for block in page(derivation, detail).blocks if isinstance(block, Rows))


def _told(derivation: Derivation, told: Callable[[Block], str], between: str) -> str:
    try:
        shown = page(derivation)
    except RefutedError as error:
        return str(error)
    summary = [shown.summary.text] if shown.summary else []
    return between.join([shown.title, *(text for text in map(told, shown.blocks) if text), *summary])


def _words(prose: Prose, formula: Callable[[Node], str]) -> str:
    return "".join(formula(part) if isinstance(part, Node) else part for part in prose)


def _plain_block(block: Block) -> str:
    match block:
        case Section(words) | Text(words):
            return _words(words, in_text)
        case Rows(rows):
            return "\n".join(_plain_row(row) for row in rows)
    return ""


def _plain_row(row: Row) -> str:
    left = in_text(row.left) if row.left is not None else "  "
    reason = f"    ({_words(row.why, in_text)})" if row.why else ""
    return f"{left} {sign_text(row.sign)} {in_text(row.right)}{reason}"


def _latex_block(block: Block) -> str:
    match block:
        case Section(words) | Text(words):
            return _words(words, lambda node: f"${in_latex(node)}$")
        case Rows(rows):
            body = " \\\\\n".join(map(_latex_row, rows))
            return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"
    return ""


def _latex_row(row: Row) -> str:
    left = in_latex(row.left) if row.left is not None else ""
    sign = Latex.signs[row.sign] if row.sign else ""
    reason = "".join(_in_margin(part) for part in row.why)
    return f"{left} &{sign} {in_latex(row.right)}" + (f" && {reason}" if reason else "")


def _in_margin(part: str | Node) -> str:
    if isinstance(part, Node):
        return in_latex(part)
    return rf"\text{{{''.join(c for c in part if c not in _SIGNS_OF_TEX)}}}"


_SIGNS_OF_TEX = "\\{}$&#%_^~"
