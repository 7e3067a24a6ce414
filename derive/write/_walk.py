"""The walk every notation shares: what is bracketed, where a product needs its dot, where a minus is a minus.

:class:`Printer` maps a node to a :class:`Piece`: text and how loosely it binds. A place demands a level; a piece
of a lower level is bracketed there. A notation (``latex.py``, ``typst.py``, ``text.py``) subclasses it: the
class attributes are its table, its methods the few things that are no template. A new kind of node is one method
here or one function in ``_operators.py``, and one line in :data:`_ROWS`.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from derive import tree as t
from derive.functions import FUNCTIONS
from derive.tree import Node, Symbol, from_plain
from derive.write import _operators as operators
from derive.write._names import GREEK, NameTable
from derive.write._piece import Level, Piece

POWER_INSIDE = frozenset({"sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "log", "ln"})
r"""Functions whose power is written before the bracket: ``\sin^{2}(x)``."""

_NUMERAL = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+")

APPLICABLE = frozenset({"f", "g", "h", "sigma", "Phi", "E", "P", "1"})
"""Symbols that readers take for functions when a bracket follows, besides those whose name is a word."""


_FUNCTION_LETTERS = frozenset(string.ascii_uppercase) | {"p", "q"} | {name for name in GREEK if name[0].isupper()}
"""Letters that readers take for functions when a bracket around anything but a sum follows."""


REMEMBERED = 4096  # parts that a printer keeps in mind


_WITH_LIMITS = (t.SumOver, t.ProductOver, t.Limit, t.Optimum)


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
    fences: ClassVar[Mapping[str, str]]  # abs, braces, norm, inner, floor, ceil, square: what stands inside
    tall_fences: ClassVar[Mapping[str, str]]
    bare_matrix: ClassVar[bool] = False  # whether a function's only matrix needs no round brackets
    prime: ClassVar[str] = "'"
    nabla: ClassVar[str]
    before_body: ClassVar[str] = " "  # between a large sign and what it takes in
    between_limits: ClassVar[str] = ""  # before that, where what stands below both signs would touch
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
    given: ClassVar[Mapping[str, str]]  # the sign of a Given
    expectations: ClassVar[Mapping[str, str]]
    optima: ClassVar[Mapping[str, str]]
    entrywise: ClassVar[str]
    times: ClassVar[str]  # between the sides of a shape
    dots: ClassVar[str]  # in a list
    centred_dots: ClassVar[str]  # between signs
    vertical_dots: ClassVar[str]
    diagonal_dots: ClassVar[str]
    statements: ClassVar[Mapping[str, str]]  # what stands between two statements, by the sign
    factorial: ClassVar[str] = "%s!"
    binomial: ClassVar[str]
    indicator: ClassVar[str]  # the sign before the bracket

    def __init__(self, functions: frozenset[str] = frozenset()) -> None:
        """``functions`` are declared ones, whose bare name before a bracket would be read as a call."""
        self.functions = functions
        self._symbols: dict[Symbol, str] = {}
        self._known: dict[Node, Piece] = {}  # the steps of a derivation have most of their parts in common

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

    def scripted(self, base: str, sub: str = "", sup: str = "") -> str:
        """What was written with scripts, either of them possibly empty."""
        return base + (self.subscript(sub) if sub else "") + (self.superscript(sup) if sup else "")

    def interval(self, left: str, inside: str, right: str, tall: bool) -> str:
        """What stands between two brackets that need not match."""
        raise NotImplementedError

    def root(self, radicand: str, degree: str) -> str:
        """A root; the degree is empty for a square root."""
        raise NotImplementedError

    def gap(self, width: int, label: str) -> str:
        """A line to write on, so many em wide, with its label, possibly empty, below or within it."""
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
        known = self._known.get(node)
        if known is not None:
            return known
        row = _ROWS.get(type(node))
        if row is None:
            raise TypeError(f"nothing prints a {type(node).__name__}")
        piece = row(self, node)
        if len(self._known) >= REMEMBERED:
            self._known.clear()
            self._symbols.clear()
        self._known[node] = piece
        return piece

    def fit(self, node: Node, level: Level) -> Piece:
        """The node in a place that demands a level: bracketed when it binds more loosely."""
        piece = self.piece(node)
        if piece.level >= level:
            return piece
        if isinstance(node, t.Call) and piece.level == Level.OPEN:  # of a lone matrix
            return self.called(node, bare=False)
        return self.bracketed(piece)

    def member(self, node: Node, level: Level) -> Piece:
        """A part of a sum, a product or a chain, where dots stand in the middle of the line."""
        return Piece(self.centred_dots) if isinstance(node, t.Dots) else self.fit(node, level)

    def bracketed(self, piece: Piece) -> Piece:
        """A piece in round brackets."""
        template = self.tall_bracket if piece.tall else self.bracket
        return Piece(template % piece.text, Level.ATOM, piece.tall)

    def fenced(self, fence: str, piece: Piece) -> Piece:
        """A piece in a pair of other signs."""
        return Piece((self.tall_fences if piece.tall else self.fences)[fence] % piece.text, Level.ATOM, piece.tall)

    def listed(self, nodes: Iterable[Node]) -> Piece:
        """Nodes with commas between, in round brackets."""
        return self.bracketed(self.commas(nodes))

    def commas(self, nodes: Iterable[Node], level: Level = Level.CASES) -> Piece:
        """Nodes with commas between; a bar between them needs no brackets."""
        pieces = [self.piece(n) if isinstance(n, t.Given) else self.fit(n, level) for n in nodes]
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
        written = self._symbols.get(node)
        if written is None:
            written = self._symbols[node] = self.names.symbol(node)
        return Piece(written, Level.FACTOR if node.sup else Level.ATOM)

    def _indexed(self, node: t.Indexed) -> Piece:
        written = self.names.symbol(node.base, list(map(self.write, node.indices)))
        return Piece(written, Level.FACTOR if node.base.sup else Level.ATOM)

    # --- arithmetic -----------------------------------------------------------------------------------

    def _sum(self, node: t.Sum) -> Piece:
        text, tall = "", False
        for i, term in enumerate(node.terms):
            minus = isinstance(term, t.Negative)
            bare = term.operand if isinstance(term, t.Negative) else term
            reaches = operators.reaches(bare, node.terms[i + 1 :])
            piece = self.bracketed(self.piece(bare)) if reaches else self.member(bare, Level.OPEN)
            sign = self.minus if minus else self.plus
            text += (sign if text else self.negative if minus else "") + piece.text
            tall = tall or piece.tall
        return Piece(text, Level.SUM, tall)

    def _negative(self, node: t.Negative) -> Piece:
        piece = self.member(node.operand, Level.OPEN)
        return Piece(self.negative + piece.text, Level.SUM, piece.tall)

    def _product(self, node: t.Product) -> Piece:
        text, tall = "", False
        for i, factor in enumerate(node.factors):
            open_end = i == len(node.factors) - 1 and isinstance(factor, _OPEN)
            piece = self.member(factor, Level.OPEN if open_end else Level.FACTOR)
            if i:
                before = node.factors[i - 1]
                text += self.dot if self.needs_dot(before, factor, piece.text) else self.beside(before, factor)
            text, tall = text + piece.text, tall or piece.tall
        return Piece(text, Level.PRODUCT, tall)

    def needs_dot(self, left: Node, right: Node, written: str) -> bool:
        """Whether two factors side by side would be misread: as one number, as a difference, as a call."""
        if self.first(written).isdigit() or self.first(written) in '."':
            return True
        if isinstance(right, t.Negative):
            return True
        if _names_by_word(_last(left)) or _names_by_word(_first(right)):
            return True  # 2TP, or TPTN where words stand close
        if isinstance(left, t.Derivative) and isinstance(right, t.At):
            return True  # the bar would seem to belong to the derivative
        if isinstance(right, t.Quotient) and isinstance(_first(right), t.Number) and _is_numeral(left):
            return True
        bracket = self.opens(written) or (self.bare_matrix and isinstance(_first(right), t.Matrix))
        return bracket and (
            self._may_apply(_last(left), right) or self._holds_functions(left) or _looks_applied(left, right)
        )

    def first(self, written: str) -> str:
        """The first character that is seen of a text."""
        return written[0]

    def opens(self, written: str) -> bool:
        """Whether a text begins with a round bracket."""
        return self.first(written) == "("

    def _may_apply(self, left: Node, right: Node) -> bool:
        """Whether ``left`` followed by a bracket would be read as a function of it."""
        match left:
            case Symbol() if self._names_function(left):
                return True
            case t.Indexed(base) if self._names_function(base):
                return True
            case t.Gradient(args=()) | t.Derivative(body=Symbol() | t.Indexed()):
                return True
        return isinstance(_last(right), t.Vector) and not isinstance(left, t.Number)

    def _holds_functions(self, left: Node) -> bool:
        """Whether ``left`` stands in brackets and names a declared function: ``(f + g)`` could be applied."""
        if not self.functions or not isinstance(left, _BRACKETED):
            return False
        return any(n.plain in self.functions for n in t.walk(left) if isinstance(n, Symbol))

    def _names_function(self, symbol: Symbol) -> bool:
        return symbol.name in APPLICABLE or symbol.plain in self.functions or _is_word(symbol.name)

    def _quotient(self, node: t.Quotient) -> Piece:
        top, bottom = (self.fit(n, self.fraction_slot).text for n in (node.numerator, node.denominator))
        return self.over(top, bottom)

    def over(self, top: str, bottom: str) -> Piece:
        """A fraction of what was written."""
        return Piece(self.fraction % (top, bottom), self.fraction_level, True)

    def _power(self, node: t.Power) -> Piece:
        base, exponent = node.base, node.exponent
        if isinstance(base, t.Call) and _power_goes_inside(base, exponent):
            return replace(self.called(base, self.write(exponent)), level=Level.FACTOR)
        below, above = self.fit(base, Level.ATOM), self._exponent(base, exponent)
        text = self.scripted(below.text, sup=above.text)
        return Piece(text, Level.FACTOR, below.tall or above.tall or _tower(node))

    def _exponent(self, base: Node, exponent: Node) -> Piece:
        """An exponent; of a set of numbers also the shape of a matrix."""
        if isinstance(exponent, t.Vector) and _is_set(base):
            return Piece(self.times.join(self.fit(n, Level.FACTOR).text for n in exponent.items))
        return self.piece(exponent)

    def _root(self, node: t.Root) -> Piece:
        inner = self.piece(node.radicand)
        degree = "" if node.degree == t.TWO else self.write(node.degree)
        return Piece(self.root(inner.text, degree), Level.FACTOR, inner.tall)

    # --- functions ------------------------------------------------------------------------------------

    def _call(self, node: t.Call) -> Piece:
        special = operators.CALLS.get(node.name) if not node.order else None
        found = special(self, node.args) if special is not None else None
        return found if found is not None else self.called(node)

    def called(self, node: t.Call, script: str = "", bare: bool = True) -> Piece:
        """A function applied, with primes and a script between its sign and its bracket.

        A matrix that is the only argument needs no round brackets, unless more could seem to belong to it.
        """
        sign, args = self.function(node.name), list(node.args)
        if node.name == "log" and len(args) == 2:
            sign = self.scripted(sign, self.write(args.pop()))
        plain = bare and self.bare_matrix and not script and not node.order
        if plain and len(args) == 1 and isinstance(args[0], t.Matrix):
            inner = self.piece(args[0])
            return Piece(f"{sign} {inner.text}", Level.OPEN, inner.tall)
        listed = self.listed(args)
        sign = self.scripted(self.primed(sign, node.order), sup=script)
        return Piece(sign + self.applied(listed.text), tall=listed.tall)

    def applied(self, arguments: str) -> str:
        """The bracketed arguments as they follow a function's sign."""
        return arguments

    def function(self, name: str) -> str:
        """The sign of a function, known or declared. ValueError when it is no name."""
        return self.known(name) if name in FUNCTIONS else self.names.symbol(from_plain(name))

    def primed(self, sign: str, order: int) -> str:
        """The sign of a function with its primes."""
        return sign + self.primes(order)

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
        above = self.scripted(sign.rstrip(), sup=self.number(str(order))) + self.after_order if order > 1 else sign
        if isinstance(body, (Symbol, t.Indexed)):
            return self.over(above + self.write(body), below)
        operator = self.over(above.rstrip(), below).text
        return Piece(self.derivative % (operator, self.write(body)), Level.FACTOR, True)

    def _at(self, node: t.At) -> Piece:
        where = self.comma.join(self.write(t.Relation(pair, ("=",))) for pair in node.where)
        body = self.fit(node.body, Level.PRODUCT)
        return Piece(self.bar % (body.text, where), min(body.level, Level.FACTOR), True)

    def _integral(self, node: t.Integral) -> Piece:
        sign = self.limits(self.integral_sign, self._text(node.lower), self._text(node.upper))
        return self.taking(sign, node.body, Level.OPEN, self.differential % self.write(node.variable))

    def taking(self, sign: str, body: Node, level: Level, after: str = "", tall: bool = True) -> Piece:
        """A large sign before what it takes in, as far as ``level`` binds."""
        inner = self.fit(body, level)
        return Piece(f"{sign}{self.before_body}{inner.text}{after}", Level.OPEN, tall or inner.tall)

    def _sum_over(self, node: t.SumOver) -> Piece:
        return self._over(node, self.sum_sign)

    def _product_over(self, node: t.ProductOver) -> Piece:
        return self._over(node, self.product_sign)

    def _over(self, node: t.SumOver | t.ProductOver, sign: str) -> Piece:
        bare = node.index if node.where is None else None
        start = bare if node.lower is None else t.Relation((node.index, node.lower), ("=",))
        sign = self.limits(sign, self._text(start), self._text(node.upper), self._text(node.where))
        return self.taking(sign + self.apart(node), node.body, Level.OPEN)

    def apart(self, node: t.SumOver | t.ProductOver | t.Optimum) -> str:
        """Room after a sign with a restriction below it, which is wider than the sign, before another with limits."""
        return self.between_limits if node.where is not None and isinstance(node.body, _WITH_LIMITS) else ""

    def _limit(self, node: t.Limit) -> Piece:
        point = self.fit(node.point, Level.ATOM) if node.side else self.piece(node.point)
        to = self.scripted(point.text, sup=self.names.mark(node.side)) if node.side in ("+", "-") else point.text
        sign = self.limits(self.limit_sign, f"{self.write(node.variable)}{self.tends_to}{to}")
        return self.taking(sign, node.body, Level.OPEN)

    def limits(self, sign: str, lower: str, upper: str = "", where: str = "") -> str:
        """A large sign with what stands below and above it, each possibly empty; a restriction stands below."""
        return self.scripted(sign, self.comma.join(part for part in (lower, where) if part), upper)

    def _text(self, node: Node | None) -> str:
        return "" if node is None else self.write(node)

    # --- tables ---------------------------------------------------------------------------------------

    def _matrix(self, node: t.Matrix) -> Piece:
        dots = operators.matrix_dots(self, node)
        rows = [[dots.get((i, j)) or self._cell(n) for j, n in enumerate(row)] for i, row in enumerate(node.rows)]
        lines = [self.matrix_line % self.matrix_cell.join(row) for row in rows]
        return Piece(self.matrix % self.matrix_row.join(lines), tall=True)

    def _cell(self, node: Node) -> str:
        """An entry of a matrix; documents give tall ones more room."""
        return self.write(node)

    def _vector(self, node: t.Vector) -> Piece:
        return self.listed(node.items)

    def _set(self, node: t.Set) -> Piece:
        return self.fenced("braces", self.commas(node.items))

    def _transpose(self, node: t.Transpose) -> Piece:
        inner = self.fit(node.operand, Level.ATOM)
        return Piece(self.scripted(inner.text, sup=self.transposed), Level.FACTOR, inner.tall)

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
        sides = [self.member(s, Level(level + 1)) for s in node.sides]
        text = sides[0].text + "".join(
            f" {self.signs[sign]} {side.text}" for sign, side in zip(node.signs, sides[1:], strict=True)
        )
        return Piece(text, level, any(s.tall for s in sides))


def _first(node: Node) -> Node:
    """What stands leftmost in a written node."""
    match node:
        case t.Product() | t.Sum() | t.Quotient() | t.Power() | t.Transpose() | t.Entrywise():
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
        case t.Entrywise(factors):
            return _last(factors[-1])
        case t.Product(factors):
            return _last(factors[-1])
    return node


def _is_numeral(node: Node) -> bool:
    """Whether a node is written with digits only."""
    return all(isinstance(n, (t.Number, t.Quotient, t.Power)) for n in t.walk(node))


def _looks_applied(left: Node, right: Node) -> bool:
    """Whether ``A (x y)`` would stand there, which is read as a value of A; of ``A (x + y)`` nobody thinks so."""
    name = left.factors[-1] if isinstance(left, t.Product) else left
    inside = right.base if isinstance(right, t.Power) else right
    if isinstance(inside, t.Sum):
        return False
    return isinstance(name, t.Indexed) or (isinstance(name, Symbol) and name.name in _FUNCTION_LETTERS)


def _names_by_word(node: Node) -> bool:
    """Whether a name stands there that is a whole word."""
    return isinstance(node, Symbol) and _is_word(node.name)


def _is_word(name: str) -> bool:
    """Whether a name is set upright because it is longer than a letter."""
    return len(name) > 1 and name not in GREEK


def _is_set(base: Node) -> bool:
    """Whether a node is a set whose exponent may be a shape: the reals, an interval, a list of values."""
    return isinstance(base, (t.Set, t.Interval)) or (isinstance(base, Symbol) and base.font == "bb")


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
_OPEN = operators.OPEN
_BRACKETED = (t.Sum, t.Product, t.Negative, t.Vector, t.Entrywise, t.Cases, t.Relation, t.At, *_OPEN)
"""What stands in brackets as a factor."""

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
    **operators.ROWS,
}


def called_names(node: Node) -> frozenset[str]:
    """The declared functions that are applied somewhere in a tree."""
    known = _CALLED.get(id(node))
    if known is not None:
        return known[1]
    if isinstance(node, (t.Number, t.Constant, Symbol)):
        return _NONE
    names = _NONE.union(*map(called_names, t.children(node)))
    if isinstance(node, (t.Call, t.Gradient)) and node.name not in FUNCTIONS:
        names |= {node.name}
    if len(_CALLED) >= REMEMBERED:
        _CALLED.clear()
    _CALLED[id(node)] = node, names  # with the node, so that no other gets its id
    return names


_NONE: frozenset[str] = frozenset()
_CALLED: dict[int, tuple[Node, frozenset[str]]] = {}
