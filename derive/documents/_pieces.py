r"""Writing the lines of :mod:`derive.documents._layout` in a notation.

Each format takes its :class:`Notation`: the printer of its formulas, and how it writes what the printers do not
know: a bracket that closes on another line, a sign at which a line begins, something fitted into a room. A new
notation is a subclass with those few methods.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from derive.documents._layout import Close, Head, Line, Open, Piece, Sign, Stack, Tail, Whole
from derive.documents._widths import FRACTION, height
from derive.tree import (
    ZERO,
    At,
    Call,
    Derivative,
    Expectation,
    Indexed,
    Integral,
    Node,
    Product,
    Quotient,
    Relation,
    Symbol,
)
from derive.write._walk import Printer
from derive.write.latex import Latex
from derive.write.text import Text
from derive.write.typst import Typst


class Notation:
    """How pieces are written; ``plain`` are the arithmetic signs, a relation's are the printer's.

    ``bracketed_body`` is how the printer sets what a derivative acts on.
    """

    plain: ClassVar[Mapping[str, str]]
    bracketed_body: ClassVar[str] = "[%s]"

    def __init__(self, printer: Printer) -> None:
        self.printer = printer

    def line(self, line: Line, continued: bool = False) -> str:
        """One line of a formula; one that continues a row may begin with a sign between two parts."""
        if len(line) == 1 and isinstance(line[0], Whole) and not line[0].room:
            return self.printer.write(line[0].node).strip()
        written = [self.placed(line, i, continued) for i in range(len(line))]
        return "".join(written).strip()

    def whole(self, node: Node) -> str:
        """An unbroken formula."""
        return self.line((Whole(node),))

    def placed(self, line: Line, i: int, continued: bool) -> str:
        """The piece at a place: a minus at the beginning is a sign, a bracket needs no dot before it."""
        piece = line[i]
        if i == 0 and isinstance(piece, Sign):
            return self.leading(piece) if continued else self.printer.negative
        if isinstance(piece, Sign) and piece.text in "+-" and isinstance(line[i - 1], Open):
            return self.printer.negative
        if piece == Sign("*") and i + 1 < len(line) and isinstance(line[i + 1], Open) and _ends_plainly(line[i - 1]):
            return self.printer.space
        if piece == Sign("*") and i + 1 < len(line) and _opened_fraction(line[i + 1]) and _needs_no_dot(line[i - 1]):
            return self.printer.space
        return self.piece(piece)

    def leading(self, piece: Sign) -> str:
        """The sign that a continued row begins with."""
        return self.piece(piece)

    def piece(self, piece: Piece) -> str:
        """Any piece."""
        match piece:
            case Whole(node, room):
                return self.fitted(self.printer.write(node), room) if room else self.printer.write(node)
            case Sign(sign):
                return self.sign(sign)
            case Open(bracket, height):
                return self.bracket(bracket, height, True)
            case Close(bracket, height, exponent):
                raised = self.printer.superscript(self.printer.write(exponent)) if exponent is not None else ""
                return self.bracket(bracket, height, False) + raised
            case Head(node):
                return self.head(node)
            case Tail(node):
                return self.tail(node)
            case Stack(top, bottom):
                return self.stack(self._part(top), self._part(bottom))

    def _part(self, lines: tuple[Line, ...]) -> list[str]:
        return [self.line(line, i > 0) for i, line in enumerate(lines)]

    def sign(self, sign: str) -> str:
        """An arithmetic sign or that of a relation, with its spaces."""
        return self.plain[sign] if sign in self.plain else f" {self.printer.signs[sign]} "

    def head(self, node: Node) -> str:
        """What the printer writes before the body of an operator, found by giving it the body 0."""
        if isinstance(node, Call):
            return self.printer.function(node.name) + self.printer.primes(node.order)
        empty: Any = node
        blank = replace(empty, args=(ZERO,)) if isinstance(node, Expectation) else replace(empty, body=ZERO)
        written = self.printer.write(blank)
        return written.removesuffix(self._after_head(node))

    def _after_head(self, node: Node) -> str:
        match node:
            case Derivative():
                return self.bracketed_body % "0"
            case Expectation(operator):
                return "[0]" if operator == "E" else "(0)"
            case Integral(variable=variable):
                return "0" + self.printer.differential % self.printer.write(variable)
        return "0"

    def tail(self, node: Node) -> str:
        """The differential of an integral, the bar of an evaluation."""
        if isinstance(node, Integral):
            return self.printer.differential % self.printer.write(node.variable)
        where = node.where if isinstance(node, At) else ()
        return self.bar(self.printer.comma.join(self.printer.write(Relation(pair, ("=",))) for pair in where))

    def fitted(self, written: str, room: float) -> str:
        """A formula made smaller where it is wider than its room in em."""
        raise NotImplementedError

    def bracket(self, bracket: str, height: int, opening: bool) -> str:
        """One bracket of a pair, of a fixed size."""
        raise NotImplementedError

    def bar(self, where: str) -> str:
        """The bar of an evaluation, with what stands below it."""
        raise NotImplementedError

    def stack(self, top: list[str], bottom: list[str]) -> str:
        """A fraction whose parts have several lines."""
        raise NotImplementedError


def _opened_fraction(piece: Piece) -> bool:
    """Whether it is a fraction in several lines or one made smaller."""
    smaller = isinstance(piece, Whole) and piece.room > 0 and isinstance(piece.node, Quotient)
    return smaller or isinstance(piece, Stack)


def _needs_no_dot(piece: Piece) -> bool:
    """Whether a fraction may follow as it follows a coefficient: ``-y`` does, another fraction does not."""
    return isinstance(piece, Close) or (isinstance(piece, Whole) and height(piece.node) < FRACTION)


def _ends_plainly(piece: Piece) -> bool:
    """Whether a bracket may follow without being taken for the argument of a function."""
    match piece:
        case Whole(Product(factors), _):
            return not isinstance(factors[-1], (Symbol, Indexed))
        case Whole(node, _):
            return not isinstance(node, (Symbol, Indexed))
    return isinstance(piece, Close)


class FractionsApart(Printer):
    """Fractions side by side have a dot between them."""

    def beside(self, left: Node, right: Node) -> str:
        """What stands between two factors."""
        if isinstance(left, Quotient) and isinstance(right, Quotient):
            return self.dot
        return super().beside(left, right)


class _PageLatex(FractionsApart, Latex):
    """LaTeX with room: fractions in a matrix at full size, a dot between two fractions."""

    def _cell(self, node: Node) -> str:
        written = self.write(node)
        return rf"\displaystyle {written} \tallcell" if height(node) >= FRACTION else written


class _PageTypst(FractionsApart, Typst):
    """Typst with room, as :class:`_PageLatex`; the operator of a derivative always at full size."""

    derivative = "display(%s) [%s]"

    def _cell(self, node: Node) -> str:
        return f"display({super()._cell(node)})" if height(node) >= FRACTION else super()._cell(node)


_OPERATOR = re.compile(
    r"\\frac(\{(?:d|\\partial)(?:\^\{\d+\})?\}\{(?:[^{}]|\{[^{}]*\})*\})(?=\\left\[|\[|\\[bB]igg?l\[)"
)


class TexNotation(Notation):
    """LaTeX."""

    plain: ClassVar[Mapping[str, str]] = {"+": " + ", "-": " - ", "*": r" \cdot ", "/": "/", ",": ", "}
    bracketed_body = r"\left[%s\right]"
    sizes = (("", ""), (r"\bigl", r"\bigr"), (r"\biggl", r"\biggr"), (r"\Biggl", r"\Biggr"))

    def __init__(self) -> None:
        super().__init__(_PageLatex())

    def line(self, line: Line, continued: bool = False) -> str:
        """One line; the operators of derivatives in it are set at full size even within a fraction."""
        written = super().line(line, continued)
        return _OPERATOR.sub(r"\\dfrac\1", written) if "[" in written else written

    def leading(self, piece: Sign) -> str:
        """An empty group keeps a sign at the start of a line a binary one."""
        return "{}" + self.piece(piece)

    def fitted(self, written: str, room: float) -> str:
        return rf"\fitto{{{room:.1f}em}}{{{written}}}"

    def bracket(self, bracket: str, height: int, opening: bool) -> str:
        return self.sizes[height][0 if opening else 1] + (f"\\{bracket}" if bracket in "{}" else bracket)

    def bar(self, where: str) -> str:
        return rf"\Bigr|_{{{where}}}"

    def stack(self, top: list[str], bottom: list[str]) -> str:
        return rf"\frac{{{_aligned(top)}}}{{{_aligned(bottom)}}}"


def _aligned(lines: list[str]) -> str:
    if len(lines) == 1:
        return lines[0]
    inner = r" \\ &\quad ".join(lines)
    return rf"\begin{{aligned}}&{inner}\end{{aligned}}"


class TypstNotation(Notation):
    """Typst."""

    plain: ClassVar[Mapping[str, str]] = {"+": " + ", "-": " - ", "*": " dot ", "/": r" \/ ", ",": r"\, "}
    sizes = ("1.05em", "1.25em", "2.3em", "3em")

    def __init__(self) -> None:
        super().__init__(_PageTypst())

    def leading(self, piece: Sign) -> str:
        """An empty text keeps a sign at the start of a line a binary one."""
        return '"" ' + self.piece(piece)

    def piece(self, piece: Piece) -> str:
        """Spaces keep Typst from reading two pieces as one name."""
        return f" {super().piece(piece)} "

    def fitted(self, written: str, room: float) -> str:
        return f'#fitto({room:.1f}em, math.equation(alt: "", $display({written})$))'

    def bracket(self, bracket: str, height: int, opening: bool) -> str:
        sign = "bar.v" if bracket == "|" else f"\\{bracket}"
        return f"stretch({sign}, size: #{self.sizes[height]})"

    def bar(self, where: str) -> str:
        return f"stretch(bar.v, size: #2em)_({where})"

    def stack(self, top: list[str], bottom: list[str]) -> str:
        return f"frac({_typst_lines(top)}, {_typst_lines(bottom)})"


def _typst_lines(lines: list[str]) -> str:
    if len(lines) == 1:
        return lines[0]
    return r" \ ".join(f"& display({'' if i == 0 else 'quad '}{line})" for i, line in enumerate(lines))


class TextNotation(Notation):
    """One line of Unicode."""

    plain: ClassVar[Mapping[str, str]] = {"+": " + ", "-": " - ", "*": " · ", "/": " / ", ",": ", "}

    def __init__(self) -> None:
        super().__init__(Text())

    def fitted(self, written: str, room: float) -> str:
        return written

    def bracket(self, bracket: str, height: int, opening: bool) -> str:
        return bracket

    def bar(self, where: str) -> str:
        return f"|_({where})"

    def stack(self, top: list[str], bottom: list[str]) -> str:
        return f"({' '.join(top)})/({' '.join(bottom)})"
