"""The walk every notation shares: what is bracketed, where a product needs its dot, where a minus is a minus.

:class:`Printer` maps a node to a :class:`Piece`: text and how loosely it binds. A place demands a level; a piece
of a lower level is bracketed there. A notation (``latex.py``, ``typst.py``, ``text.py``) subclasses it: the
class attributes are its table, its methods the few things that are no template. A new kind of node is one method
here, one line in :data:`_ROWS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any, ClassVar

from derive import tree as t
from derive.functions import FUNCTIONS
from derive.tree import Node, Symbol
from derive.write._names import NameTable, from_plain


class Level(IntEnum):
    """How tightly a written form binds, loosest first."""

    IMPLICATION = 0
    RELATION = 1
    CASES = 2
    SUM = 3  # also a leading minus
    OPEN = 4  # a sum over an index, a limit, an integral: takes in all that follows
    PRODUCT = 5
    FACTOR = 6  # may stand in a product, but not below an exponent
    ATOM = 7


@dataclass(frozen=True, slots=True)
class Piece:
    """A written part. ``tall`` when it is higher than a line, so that its brackets must grow."""

    text: str
    level: Level = Level.ATOM
    tall: bool = False


POWER_INSIDE = frozenset({"sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "log", "ln"})
r"""Functions whose power is written before the bracket: ``\sin^{2}(x)``."""

_NUMERAL = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+")

APPLICABLE = frozenset({"f", "g", "h", "sigma", "Phi"})
"""Symbols that readers take for functions when a bracket follows."""


class Printer:
    """A notation. The attributes are its table: templates with ``%s`` for the parts in the order named."""

    names: ClassVar[NameTable]
    constants: ClassVar[Mapping[str, str]]
    signs: ClassVar[Mapping[str, str]]
    plus: ClassVar[str] = " + "
    minus: ClassVar[str] = " - "
    negative: ClassVar[str] = "-"
    dot: ClassVar[str]
    space: ClassVar[str] = " "
    comma: ClassVar[str] = ", "
    bracket: ClassVar[str] = "(%s)"
    tall_bracket: ClassVar[str] = "(%s)"
    fraction: ClassVar[str]  # numerator, denominator
    fraction_level: ClassVar[Level] = Level.FACTOR
    fraction_slot: ClassVar[Level] = Level.IMPLICATION  # what a numerator must be to go without brackets
    absolute: ClassVar[str]
    braces: ClassVar[str]
    tall_braces: ClassVar[str]
    bare_matrix: ClassVar[bool] = False  # whether a function's only matrix needs no round brackets
    prime: ClassVar[str] = "'"
    nabla: ClassVar[str]
    d: ClassVar[str]
    round_d: ClassVar[str]
    after_order: ClassVar[str] = " "  # between the order of a derivative and what is derived
    between_differentials: ClassVar[str]
    derivative: ClassVar[str]  # the operator, the body
    bar: ClassVar[str]  # body, where
    sum_sign: ClassVar[str]
    product_sign: ClassVar[str]
    integral_sign: ClassVar[str]
    limit_sign: ClassVar[str]
    tends_to: ClassVar[str]
    differential: ClassVar[str]  # what follows an integrand; the variable
    matrix: ClassVar[str]
    matrix_row: ClassVar[str]
    matrix_cell: ClassVar[str]
    matrix_line: ClassVar[str] = "%s"
    transposed: ClassVar[str]  # what stands as the exponent
    cases: ClassVar[str]
    case_row: ClassVar[str]
    case: ClassVar[str]  # value, condition
    otherwise: ClassVar[str]
    # --- what is no template ----------------------------------------------------------------------

    def number(self, text: str) -> str:
        """A number as it was spelled."""
        return text

    def known(self, name: str) -> str:
        """The sign of a known function."""
        raise NotImplementedError

    def subscript(self, text: str) -> str:
        """A subscript, to be put after what it marks."""
        raise NotImplementedError

    def superscript(self, text: str) -> str:
        """A superscript, to be put after what it marks."""
        raise NotImplementedError

    def root(self, radicand: str, degree: str) -> str:
        """A root; the degree is empty for a square root."""
        raise NotImplementedError

    def beside(self, left: Node, right: Node) -> str:
        """What stands between two factors that need no dot."""
        return self.space

    # --- the rule ----------------------------------------------------------------------------------

    def write(self, node: Node) -> str:
        """The node as text."""
        return self.piece(node).text

    def piece(self, node: Node) -> Piece:
        """The node as a piece; TypeError for a node no row is for."""
        row = _ROWS.get(type(node))
        if row is None:
            raise TypeError(f"nothing prints a {type(node).__name__}")
        return row(self, node)

    def fit(self, node: Node, level: Level) -> Piece:
        """The node in a place that demands a level: bracketed when it binds more loosely."""
        piece = self.piece(node)
        if piece.level >= level:
            return piece
        return self.called(node, bare=False) if isinstance(node, t.Call) else self.bracketed(piece)

    def bracketed(self, piece: Piece) -> Piece:
        """A piece in round brackets."""
        template = self.tall_bracket if piece.tall else self.bracket
        return Piece(template % piece.text, Level.ATOM, piece.tall)

    def listed(self, nodes: Iterable[Node]) -> Piece:
        """Nodes with commas between, in round brackets."""
        return self.bracketed(self._commas(nodes))

    def _commas(self, nodes: Iterable[Node]) -> Piece:
        pieces = [self.fit(n, Level.CASES) for n in nodes]
        return Piece(self.comma.join(p.text for p in pieces), tall=any(p.tall for p in pieces))

    # --- names and numbers --------------------------------------------------------------------------

    def _number(self, node: t.Number) -> Piece:
        if not _NUMERAL.fullmatch(node.text):
            raise ValueError(f"not a number: {node.text!r}")
        return Piece(self.number(node.text))

    def _constant(self, node: t.Constant) -> Piece:
        if node.name not in self.constants:
            raise ValueError(f"not a constant: {node.name!r}")
        return Piece(self.constants[node.name])

    def _symbol(self, node: Symbol) -> Piece:
        return Piece(self.names.symbol(node), Level.FACTOR if node.sup else Level.ATOM)

    def _indexed(self, node: t.Indexed) -> Piece:
        index = ",".join(self.write(i) for i in node.indices)
        return Piece(self.names.symbol(node.base, index), Level.FACTOR if node.base.sup else Level.ATOM)

    # --- arithmetic -----------------------------------------------------------------------------------

    def _sum(self, node: t.Sum) -> Piece:
        text, tall = "", False
        for term in node.terms:
            minus = isinstance(term, t.Negative)
            piece = self.fit(term.operand if isinstance(term, t.Negative) else term, Level.OPEN)
            sign = self.minus if minus else self.plus
            text += (sign if text else self.negative if minus else "") + piece.text
            tall = tall or piece.tall
        return Piece(text, Level.SUM, tall)

    def _negative(self, node: t.Negative) -> Piece:
        piece = self.fit(node.operand, Level.OPEN)
        return Piece(self.negative + piece.text, Level.SUM, piece.tall)

    def _product(self, node: t.Product) -> Piece:
        text, tall = "", False
        for i, factor in enumerate(node.factors):
            open_end = i == len(node.factors) - 1 and isinstance(factor, _OPEN)
            piece = self.fit(factor, Level.OPEN if open_end else Level.FACTOR)
            if i:
                before = node.factors[i - 1]
                text += self.dot if self.needs_dot(before, factor, piece.text) else self.beside(before, factor)
            text, tall = text + piece.text, tall or piece.tall
        return Piece(text, Level.PRODUCT, tall)

    def needs_dot(self, left: Node, right: Node, written: str) -> bool:
        """Whether two factors side by side would be misread: as one number, as a difference, as a call."""
        if written[0].isdigit() or written[0] in '."':
            return True
        if isinstance(right, t.Negative):
            return True
        if isinstance(left, t.Derivative) and isinstance(right, t.At):
            return True  # the bar would seem to belong to the derivative
        if isinstance(right, t.Quotient) and isinstance(_first(right), t.Number) and _is_numeral(left):
            return True
        return self.opens(written) and _may_apply(_last(left), right)

    def opens(self, written: str) -> bool:
        """Whether a text begins with a round bracket."""
        return written.startswith("(")

    def _quotient(self, node: t.Quotient) -> Piece:
        top, bottom = (self.fit(n, self.fraction_slot).text for n in (node.numerator, node.denominator))
        return Piece(self.fraction % (top, bottom), self.fraction_level, True)

    def _power(self, node: t.Power) -> Piece:
        base, exponent = node.base, node.exponent
        if isinstance(base, t.Call) and _power_goes_inside(base, exponent):
            return replace(self.called(base, self.superscript(self.write(exponent))), level=Level.FACTOR)
        below, above = self.fit(base, Level.ATOM), self.piece(exponent)
        return Piece(below.text + self.superscript(above.text), Level.FACTOR, below.tall or above.tall or _tower(node))

    def _root(self, node: t.Root) -> Piece:
        inner = self.piece(node.radicand)
        degree = "" if node.degree == t.TWO else self.write(node.degree)
        return Piece(self.root(inner.text, degree), Level.FACTOR, inner.tall)

    # --- functions ------------------------------------------------------------------------------------

    def _call(self, node: t.Call) -> Piece:
        if node.name == "abs" and len(node.args) == 1 and not node.order:
            inner = self.piece(node.args[0])
            return Piece(self.absolute % inner.text, tall=inner.tall)
        return self.called(node)

    def called(self, node: t.Call, script: str = "", bare: bool = True) -> Piece:
        """A function applied, with primes and a script between its sign and its bracket.

        A matrix that is the only argument needs no round brackets, unless more could seem to belong to it.
        """
        sign, args = self.function(node.name), list(node.args)
        if node.name == "log" and len(args) == 2:
            sign += self.subscript(self.write(args.pop()))
        plain = bare and self.bare_matrix and not script and not node.order
        if plain and len(args) == 1 and isinstance(args[0], t.Matrix):
            inner = self.piece(args[0])
            return Piece(f"{sign} {inner.text}", Level.OPEN, inner.tall)
        listed = self.listed(args)
        return Piece(sign + self.primes(node.order) + script + self.applied(listed.text), tall=listed.tall)

    def applied(self, arguments: str) -> str:
        """The bracketed arguments as they follow a function's sign."""
        return arguments

    def function(self, name: str) -> str:
        """The sign of a function, known or declared. ValueError when it is no name."""
        return self.known(name) if name in FUNCTIONS else self.names.symbol(from_plain(name))

    def primes(self, order: int) -> str:
        """Primes for the first three derivatives, then the order in brackets."""
        return self.prime * order if order <= 3 else self.superscript(f"({order})")

    def _gradient(self, node: t.Gradient) -> Piece:
        listed = self.listed(node.args) if node.args else Piece("")
        arguments = self.applied(listed.text) if node.args else ""
        return Piece(self.nabla + self.function(node.name) + arguments, Level.FACTOR, listed.tall)

    # --- calculus -------------------------------------------------------------------------------------

    def _derivative(self, node: t.Derivative) -> Piece:
        sign = self.round_d if node.partial else self.d
        operators, body = _merged(node)
        below = self.between_differentials.join(sign + self.write(_to_power(d.variable, d.order)) for d in operators)
        order = sum(d.order for d in operators)
        above = sign.rstrip() + self.superscript(str(order)) + self.after_order if order > 1 else sign
        if isinstance(body, Symbol):
            return Piece(self.fraction % (above + self.write(body), below), self.fraction_level, True)
        operator = self.fraction % (above.rstrip(), below)
        return Piece(self.derivative % (operator, self.write(body)), Level.FACTOR, True)

    def _at(self, node: t.At) -> Piece:
        where = self.comma.join(self.write(t.Relation(pair, ("=",))) for pair in node.where)
        body = self.fit(node.body, Level.PRODUCT)
        return Piece(self.bar % (body.text, where), min(body.level, Level.FACTOR), True)

    def _integral(self, node: t.Integral) -> Piece:
        sign = self.limits(self.integral_sign, self._text(node.lower), self._text(node.upper))
        text = f"{sign} {self.fit(node.body, Level.OPEN).text}{self.differential % self.write(node.variable)}"
        return Piece(text, Level.OPEN, True)

    def _sum_over(self, node: t.SumOver) -> Piece:
        return self._over(node, self.sum_sign)

    def _product_over(self, node: t.ProductOver) -> Piece:
        return self._over(node, self.product_sign)

    def _over(self, node: t.SumOver | t.ProductOver, sign: str) -> Piece:
        start = node.index if node.lower is None else t.Relation((node.index, node.lower), ("=",))
        sign = self.limits(sign, self.write(start), self._text(node.upper))
        return Piece(f"{sign} {self.fit(node.body, Level.OPEN).text}", Level.OPEN, True)

    def _limit(self, node: t.Limit) -> Piece:
        point = self.fit(node.point, Level.ATOM) if node.side else self.piece(node.point)
        side = self.superscript(node.side) if node.side in ("+", "-") else ""
        sign = self.limits(self.limit_sign, f"{self.write(node.variable)}{self.tends_to}{point.text}{side}", "")
        return Piece(f"{sign} {self.fit(node.body, Level.OPEN).text}", Level.OPEN, True)

    def limits(self, sign: str, lower: str, upper: str) -> str:
        """A large sign with what stands below and above it, either of them possibly empty."""
        return sign + (self.subscript(lower) if lower else "") + (self.superscript(upper) if upper else "")

    def _text(self, node: Node | None) -> str:
        return "" if node is None else self.write(node)

    # --- tables ---------------------------------------------------------------------------------------

    def _matrix(self, node: t.Matrix) -> Piece:
        lines = [self.matrix_line % self.matrix_cell.join(map(self._cell, row)) for row in node.rows]
        return Piece(self.matrix % self.matrix_row.join(lines), tall=True)

    def _cell(self, node: Node) -> str:
        """An entry of a matrix; documents give tall ones more room."""
        return self.write(node)

    def _vector(self, node: t.Vector) -> Piece:
        return self.listed(node.items)

    def _set(self, node: t.Set) -> Piece:
        inner = self._commas(node.items)
        return Piece((self.tall_braces if inner.tall else self.braces) % inner.text, tall=inner.tall)

    def _transpose(self, node: t.Transpose) -> Piece:
        inner = self.fit(node.operand, Level.ATOM)
        return Piece(inner.text + self.transposed, Level.FACTOR, inner.tall)

    def _cases(self, node: t.Cases) -> Piece:
        rows = [self._case(value, condition) for value, condition in node.branches]
        return Piece(self.cases % self.case_row.join(rows), Level.CASES, True)

    def _case(self, value: Node, condition: Node | None) -> str:
        if condition is None:
            return self.otherwise % self.write(value)
        return self.case % (self.write(value), self.write(condition))

    def _relation(self, node: t.Relation) -> Piece:
        if not self.signs.keys() >= set(node.signs):
            raise ValueError(f"not a relation: {node.signs!r}")
        level = Level.IMPLICATION if _IMPLICATIONS.issuperset(node.signs) else Level.RELATION
        sides = [self.fit(s, Level(level + 1)) for s in node.sides]
        text = sides[0].text + "".join(
            f" {self.signs[sign]} {side.text}" for sign, side in zip(node.signs, sides[1:], strict=True)
        )
        return Piece(text, level, any(s.tall for s in sides))


def _first(node: Node) -> Node:
    """What stands leftmost in a written node."""
    match node:
        case t.Product() | t.Sum() | t.Quotient() | t.Power() | t.Transpose():
            return _first(t.children(node)[0])
    return node


def _last(node: Node) -> Node:
    """What a bracket after the node would seem to belong to."""
    match node:
        case t.Power(base, _):
            return _last(base)
        case t.Transpose(operand):
            return _last(operand)
        case t.Indexed(base, _):
            return base
        case t.Product(factors):
            return _last(factors[-1])
    return node


def _is_numeral(node: Node) -> bool:
    """Whether a node is written with digits only."""
    return all(isinstance(n, (t.Number, t.Quotient, t.Power)) for n in t.walk(node))


def _may_apply(left: Node, right: Node) -> bool:
    """Whether ``left`` followed by a bracket would be read as a function of it."""
    match left:
        case Symbol(name) if name in APPLICABLE:
            return True
        case t.Gradient(args=()) | t.Derivative(body=Symbol()):
            return True
    return isinstance(_last(right), t.Vector) and not isinstance(left, t.Number)


def _power_goes_inside(base: t.Call, exponent: Node) -> bool:
    r"""``\sin^{2}(x)``, but never ``\sin^{-1}(x)``, which people read as the inverse function."""
    return base.name in POWER_INSIDE and len(base.args) == 1 and not base.order and isinstance(exponent, t.Number)


def _tower(node: t.Power) -> bool:
    """Whether an exponent has an exponent."""
    return any(isinstance(n, t.Power) for n in t.walk(node.exponent))


def _to_power(variable: Node, order: int) -> Node:
    return variable if order == 1 else t.Power(variable, t.Number(str(order)))


def _merged(node: t.Derivative) -> tuple[list[t.Derivative], Node]:
    """The partial derivatives by different variables that are written as one operator, and what they act on."""
    found, body = [node], node.body
    while node.partial and isinstance(body, t.Derivative) and body.partial:
        if body.variable in {d.variable for d in found}:
            break
        found.append(body)
        body = body.body
    return found, body


_IMPLICATIONS = frozenset({"=>", "<=>"})
_OPEN = (t.SumOver, t.ProductOver, t.Integral, t.Limit)

_ROWS: dict[type[Node], Callable[[Printer, Any], Piece]] = {
    t.Number: Printer._number,
    t.Constant: Printer._constant,
    t.Symbol: Printer._symbol,
    t.Indexed: Printer._indexed,
    t.Sum: Printer._sum,
    t.Product: Printer._product,
    t.Quotient: Printer._quotient,
    t.Negative: Printer._negative,
    t.Power: Printer._power,
    t.Root: Printer._root,
    t.Call: Printer._call,
    t.Gradient: Printer._gradient,
    t.Derivative: Printer._derivative,
    t.At: Printer._at,
    t.Integral: Printer._integral,
    t.SumOver: Printer._sum_over,
    t.ProductOver: Printer._product_over,
    t.Limit: Printer._limit,
    t.Matrix: Printer._matrix,
    t.Vector: Printer._vector,
    t.Set: Printer._set,
    t.Transpose: Printer._transpose,
    t.Cases: Printer._cases,
    t.Relation: Printer._relation,
}
