"""MathML for the lines of a page: a notation as those of ``_pieces.py``.

The HTML format writes its aligned derivations with :class:`MathNotation`. A line is a sequence of elements, to be put
into one ``math``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from derive.documents._layout import Close, Piece, Whole
from derive.documents._pieces import FractionsApart, Notation
from derive.documents._widths import FRACTION, height, width
from derive.tree import Call, Derivative, Expectation, Integral, Node
from derive.write.mathml import APPLY, MathML

_SPACE = '<mspace width="1em"/>'
_LEFT = '<mtr><mtd style="text-align: left">'


class _PageMathML(FractionsApart, MathML):
    """MathML with room: fractions in a matrix at full size, a dot between two fractions."""

    def _cell(self, node: Node) -> str:
        written = self.write(node)
        return f'<mstyle displaystyle="true">{written}</mstyle>' if height(node) >= FRACTION else written


class MathNotation(Notation):
    """Presentation MathML; what may turn out too wide for a line is left as it is, for a page can be scrolled."""

    plain: ClassVar[Mapping[str, str]] = {
        "+": '<mo form="infix">+</mo>', "-": '<mo form="infix">−</mo>', "*": '<mo form="infix">⋅</mo>',
        "/": "<mo>/</mo>", ",": "<mo>,</mo>",
    }
    sizes = ("1em", "1.3em", "2.3em", "3em")
    raised = ("0.7em", "0.85em", "1.4em", "1.75em")

    def __init__(self) -> None:
        super().__init__(_PageMathML())

    def piece(self, piece: Piece) -> str:
        """What must fit is set smaller; an exponent stands at the height of its bracket, which would not grow in it."""
        match piece:
            case Whole(node, room) if 0 < room < width(node):
                return f'<mstyle mathsize="{room / width(node):.0%}">{self.printer.write(node)}</mstyle>'
            case Close(bracket, tall, Node() as exponent):
                base = f'<mspace height="{self.raised[tall]}"/>'
                return f"{self.bracket(bracket, tall, False)}<msup>{base}{self.printer.write(exponent)}</msup>"
        return super().piece(piece)

    def head(self, node: Node) -> str:
        """The written operator without its empty body, wherever that stands inside the elements."""
        if isinstance(node, Call):
            return self.printer.primed(self.printer.function(node.name), node.order) + APPLY
        before, _, after = super().head(node).rpartition(self._after_head(node))
        return before + after

    def _after_head(self, node: Node) -> str:
        zero = self.printer.number("0")
        match node:
            case Integral(variable=variable):
                return zero + self.printer.differential % self.printer.write(variable)
            case Derivative():
                return (self.printer.derivative % ("", zero)).removeprefix(APPLY)
            case Expectation(operator):
                square = operator == "E"
                return self.printer.fences["square"] % zero if square else self.printer.bracket % zero
        return zero

    def fitted(self, written: str, room: float) -> str:
        return written

    def bracket(self, bracket: str, height: int, opening: bool) -> str:
        form = "prefix" if opening else "postfix"
        size = self.sizes[height]
        return f'<mo form="{form}" fence="true" stretchy="true" minsize="{size}" maxsize="{size}">{bracket}</mo>'

    def bar(self, where: str) -> str:
        bar = '<mo form="postfix" fence="true" stretchy="true" minsize="2em" maxsize="2em">|</mo>'
        return f"<msub>{bar}<mrow>{where}</mrow></msub>"

    def stack(self, top: list[str], bottom: list[str]) -> str:
        return f"<mfrac>{_lines(top)}{_lines(bottom)}</mfrac>"


def _lines(lines: list[str]) -> str:
    """Lines below each other, those after the first a little to the right."""
    if len(lines) == 1:
        return f"<mrow>{lines[0]}</mrow>"
    rows = [f"{_LEFT}{_SPACE * (i > 0)}{line}</mtd></mtr>" for i, line in enumerate(lines)]
    return f'<mtable displaystyle="true">{"".join(rows)}</mtable>'
