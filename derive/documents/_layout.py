"""Breaking a long row where a person would break it.

:func:`broken` turns an expression into lines, each a tuple of pieces that a format knows how to write: whole
expressions, signs at which a line may begin, and the brackets that had to be opened by hand because their
inside runs over several lines. Breaks come before a sign of a relation, else before + and - at the top of a
sum, else before a factor of a product, else inside brackets; what has no such place (a wide matrix) is one
piece with the room it must be fitted into. The same lines serve every format: a :class:`Measure` says how
wide things are there, in em on paper and in characters in a terminal. A new node whose inside can be broken
needs a row in :meth:`_Breaker.lines`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from derive.documents import _widths
from derive.tree import (
    At,
    Call,
    Cases,
    Derivative,
    Entrywise,
    Expectation,
    Given,
    GradientOf,
    Integral,
    Limit,
    Matrix,
    Negative,
    Node,
    Number,
    Optimum,
    Power,
    Product,
    ProductOver,
    Quotient,
    Relation,
    Set,
    Statements,
    Sum,
    SumOver,
    Vector,
)
from derive.write._operators import CALLS, OPEN


@dataclass(frozen=True, slots=True)
class Whole:
    """An expression written by the format's printer; ``room`` is what it must be shrunk into, 0 when it fits."""

    node: Node
    room: float = 0.0


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign between pieces: ``+ - * / ,`` or that of a relation; a line may begin with it."""

    text: str


@dataclass(frozen=True, slots=True)
class Open:
    """An opening bracket ``( [ { |`` as tall as ``height`` asks."""

    bracket: str
    height: int


@dataclass(frozen=True, slots=True)
class Close:
    """A closing bracket ``) ] } |``, with an exponent when a power was opened."""

    bracket: str
    height: int
    exponent: Node | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before the body of a derivative, an integral, a sum or a function: ``d/dx``, ``log``."""

    node: Node


@dataclass(frozen=True, slots=True)
class Tail:
    """What stands after the body: the ``dx`` of an integral, the bar of an evaluation."""

    node: Node


@dataclass(frozen=True, slots=True)
class Stack:
    """A fraction whose numerator or denominator takes several lines."""

    top: tuple[Line, ...]
    bottom: tuple[Line, ...]


Piece = Whole | Sign | Open | Close | Head | Tail | Stack
Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """Widths in one notation: of an expression, of a sign with its spaces, of one bracket of a height.

    ``inline`` says that fractions are written in one line with a slash. Nothing narrower than ``atom`` is broken.
    """

    node: Callable[[Node], float]
    sign: Callable[[str], float]
    bracket: Callable[[int], float]
    head: Callable[[Node], float]
    inline: bool = False
    atom: float = 5.0


_SIGNS = {"+": _widths.PLUS, "-": _widths.PLUS, "*": _widths.TIMES, ",": _widths.COMMA}


def _paper_sign(sign: str) -> float:
    return _SIGNS.get(sign, _widths.RELATION)


PAPER = Measure(_widths.width, _paper_sign, lambda height: _widths.FENCES[height] / 2 + 0.1, _widths.head_width)

RUNNING = replace(PAPER, node=lambda node: _widths.width(node, 1))
"""Formulas in running text, where the limits of sums stand beside their signs."""


def broken(node: Node, first: float, rest: float, measure: Measure = PAPER) -> tuple[Line, ...]:
    """The expression as lines: the first at most ``first`` wide, the others ``rest``."""
    if measure.node(node) <= max(first, measure.atom):
        return ((Whole(node),),)
    breaker = _Breaker(measure)
    lines = breaker.lines(node, first, rest)
    if len(lines) > 1 and line_width(lines[-1], measure) < SHORT * rest:
        lines = _balanced(breaker, node, lines, first, rest)
    return tuple(tuple(line) for line in lines)


SHORT = 0.45  # of the room: a last line shorter than this makes the others shorter too
BESIDE = 0.35  # of the room: factors narrower than this stay beside a fraction in several lines
SMALLEST = 0.83  # a fraction is made smaller down to this before its parts take several lines
_NARROWER = (0.93, 0.86, 0.79, 0.72, 0.65)


def _balanced(
    breaker: _Breaker, node: Node, lines: list[list[Piece]], first: float, rest: float,
) -> list[list[Piece]]:
    """The narrowest setting in as many lines, so that no crumb is left for the last one."""
    for share in _NARROWER:
        narrower = breaker.lines(node, share * first, share * rest)
        if len(narrower) > len(lines) or any(isinstance(p, Whole) and p.room for line in narrower for p in line):
            break
        lines = narrower
    return lines


def line_width(line: Sequence[Piece], measure: Measure = PAPER) -> float:
    """How wide a line is."""
    return sum(_piece_width(piece, measure) for piece in line)


def _piece_width(piece: Piece, measure: Measure) -> float:
    match piece:
        case Whole(node, room):
            return min(measure.node(node), room) if room else measure.node(node)
        case Sign(text):
            return measure.sign(text)
        case Open(_, height):
            return measure.bracket(height)
        case Close(_, height, exponent):
            return measure.bracket(height) + (measure.node(exponent) if exponent is not None else 0.0)
        case Head(node):
            return measure.head(node)
        case Tail():
            return 3 * measure.bracket(0)
        case Stack(top, bottom):
            return max(line_width(line, measure) for line in (*top, *bottom)) + measure.bracket(0)


@dataclass(frozen=True, slots=True)
class _Item:
    """A part of a sum, a product or a relation: the sign before it, and whether it needs brackets.

    A ``factor`` that fits is left without them: :func:`_joined_factors` makes products of such neighbours.
    """

    sign: str
    node: Node
    bracketed: bool = False
    factor: bool = False


class _Breaker:
    """The lines of one expression in one measure."""

    def __init__(self, measure: Measure) -> None:
        self.measure = replace(measure, node=cache(measure.node))  # the same parts are asked for again and again

    def lines(self, node: Node, first: float, rest: float) -> list[list[Piece]]:
        """At least one line; each within its room where the expression has a place to break."""
        if self.measure.node(node) <= max(first, self.measure.atom):
            return [[Whole(node)]]
        match node:
            case Relation(sides, signs):
                items = [_Item(s, n) for s, n in zip(("", *signs), sides, strict=True)]
                return self.fill(items, first, rest)
            case Sum(terms):
                return self.fill([_term(t, i == 0) for i, t in enumerate(terms)], first, rest)
            case Product(factors):
                items = [_factor(f, i == 0, i == len(factors) - 1) for i, f in enumerate(factors)]
                if self.measure.inline:  # what follows a slash would seem to stand below it
                    items[:-1] = [replace(i, bracketed=i.bracketed or isinstance(i.node, Quotient)) for i in items[:-1]]
                return _joined(self.fill(items, first, rest))
            case Negative(operand):
                return self.fill([_Item("-", operand, isinstance(operand, (Sum, Negative)))], first, rest)
            case Matrix(rows) if self.measure.inline:
                return self.matrix(rows, first, rest)
            case Statements(items, ","):
                return self.fill([_Item("," if i else "", n) for i, n in enumerate(items)], first, rest)
            case Vector(items):
                return self.fenced("(", ")", [_Item("," if i else "", n) for i, n in enumerate(items)], first, rest)
            case Set(items) if items:
                return self.fenced("{", "}", [_Item("," if i else "", n) for i, n in enumerate(items)], first, rest)
        return self.construct(node, first, rest)

    def construct(self, node: Node, first: float, rest: float) -> list[list[Piece]]:
        """What is opened by hand: an operator or a power with something long in brackets, a fraction."""
        match node:
            case Call("abs", (arg,), 0):
                return self.fenced("|", "|", [_Item("", arg)], first, rest)
            case Call(args=args) if args and not _special_call(node):
                items = [_Item("," if i else "", n) for i, n in enumerate(args)]
                return self.headed(node, "(", ")", items, first, rest)
            case Derivative(body=body):
                return self.headed(node, "[", "]", [_Item("", body)], first, rest)
            case SumOver(body=body) | ProductOver(body=body) | Limit(body=body) | Optimum(body=body):
                return self.headed(node, "(", ")", [_Item("", body)], first, rest)
            case GradientOf(body=body):
                return self.headed(node, "(", ")", [_Item("", body)], first, rest)
            case Expectation(operator, args) if not any(isinstance(arg, Given) for arg in args):
                items = [_Item("," if i else "", n) for i, n in enumerate(args)]
                left, right = ("[", "]") if operator == "E" else ("(", ")")
                return self.headed(node, left, right, items, first, rest)
            case Integral(body=body):
                return self.tailed(self.headed(node, "(", ")", [_Item("", body)], first, rest), Tail(node))
            case At(body=body):
                return self.tailed(self.fenced("[", "]", [_Item("", body)], first, rest), Tail(node))
            case Power(base, exponent) if isinstance(base, (Sum, Product)):
                return self.fenced("(", ")", [_Item("", base)], first, rest, exponent)
            case Quotient(top, bottom):
                return self.fraction(top, bottom, first, rest)
            case Number(text) if self.measure.node(node) > rest:
                return self.digits(text, first, rest)
        return [[Whole(node, max(first, self.measure.atom))]]

    # --- filling lines ---------------------------------------------------------------------------------

    def fill(self, items: Sequence[_Item], first: float, rest: float) -> list[list[Piece]]:
        """Put items on lines one after another; one too wide for any line is broken itself."""
        lines: list[list[Piece]] = [[]]
        room = first
        for i, item in enumerate(items):
            pieces: list[list[Piece]] = []
            need = self.item_width(item)
            fits_alone = need <= rest and not self.beside(item, room, rest)
            if lines[-1] and need > room and (fits_alone or room < self.least(item) * rest):
                lines.append([])
                room = rest
            elif lines[-1] and need > room:
                pieces = self.item_lines(item, room - self.reserve(items[i:], rest), rest)
                if self.fits_badly(pieces[0], room, rest):
                    pieces = []
                    lines.append([])
                    room = rest
            pieces = pieces or self.item_lines(item, room - self.reserve(items[i:], rest), rest)
            if item.sign == "," and not lines[-1] and len(lines) > 1:
                lines[-2].append(pieces[0].pop(0))
            lines[-1] += pieces[0]
            lines += pieces[1:]
            room = (room if len(pieces) == 1 else rest) - line_width(pieces[-1], self.measure)
        return lines

    def item_width(self, item: _Item) -> float:
        fenced = item.bracketed or (item.factor and isinstance(item.node, OPEN))  # as a product is measured
        fence = 2 * self.measure.bracket(_widths.height(item.node)) if fenced else 0.0
        sign = self.measure.sign(item.sign) if item.sign else 0.0
        return sign + fence + self.measure.node(item.node)

    def least(self, item: _Item) -> float:
        """The share of a line that must be left for an item too wide for any line to begin there."""
        return 1 - BESIDE if item.sign in ("+", "-") else 1 / 3

    def beside(self, item: _Item, room: float, rest: float) -> bool:
        """Whether it is a fraction after a short coefficient, which had better be made smaller than moved."""
        fraction = item.factor and isinstance(item.node, Quotient) and not self.measure.inline
        return fraction and room >= (1 - BESIDE) * rest

    def reserve(self, items: Sequence[_Item], rest: float) -> float:
        """What a fraction that is too wide leaves to the factors after it, so that they can stand beside it."""
        if self.measure.inline or not items[0].factor or not isinstance(items[0].node, Quotient):
            return 0.0
        after = sum(map(self.item_width, items[1:]))
        return after if after < BESIDE * rest else 0.0

    def fits_badly(self, start: Sequence[Piece], room: float, rest: float) -> bool:
        """Whether the first line of something broken is too wide for its room, or had to be shrunk or stacked.

        A fraction in several lines may stand where it is when there is much room: after a short coefficient, say.
        """
        rigid = [piece for piece in start if isinstance(piece, Stack) or (isinstance(piece, Whole) and piece.room)]
        beside = room >= (1 - BESIDE) * rest and all(isinstance(p, Stack) or _is_fraction(p) for p in rigid)
        return bool(rigid and not beside) or line_width(start, self.measure) > room

    def item_lines(self, item: _Item, first: float, rest: float) -> list[list[Piece]]:
        room = first - (self.measure.sign(item.sign) if item.sign else 0.0)
        if item.factor and self.item_width(item) <= first:
            lines: list[list[Piece]] = [[Whole(item.node)]]
        elif item.bracketed:
            lines = self.fenced("(", ")", [_Item("", item.node)], room, rest)
        else:
            lines = self.lines(item.node, room, rest)
        if item.sign:
            lines[0].insert(0, Sign(item.sign))
        return lines

    def fenced(
        self, left: str, right: str, items: Sequence[_Item], first: float, rest: float, exponent: Node | None = None,
    ) -> list[list[Piece]]:
        """Items between brackets opened and closed by hand."""
        tall = max(_widths.height(item.node) for item in items)
        edge = self.measure.bracket(tall)
        last = edge + (self.measure.node(exponent) if exponent is not None else 0.0)
        inner = self.fill(items, first - edge - last, rest - last)
        inner[0].insert(0, Open(left, tall))
        inner[-1].append(Close(right, tall, exponent))
        return inner

    def matrix(self, rows: Sequence[Sequence[Node]], first: float, rest: float) -> list[list[Piece]]:
        """A matrix written in a line: each row in its brackets on a line of its own."""
        edge = self.measure.bracket(0)
        lines: list[list[Piece]] = []
        for i, row in enumerate(rows):
            items = [_Item("," if j else "", n) for j, n in enumerate(row)]
            lines += self.fenced("[", "]", items, (rest if i else first) - 2 * edge, rest - 2 * edge)
            lines[-1] += [Sign(",")] if i < len(rows) - 1 else []
        lines[0].insert(0, Open("[", 0))
        lines[-1].append(Close("]", 0))
        return lines

    def headed(
        self, node: Node, left: str, right: str, items: Sequence[_Item], first: float, rest: float,
    ) -> list[list[Piece]]:
        """An operator, then its body in brackets."""
        lines = self.fenced(left, right, items, first - self.measure.head(node), rest)
        lines[0].insert(0, Head(node))
        return lines

    def tailed(self, lines: list[list[Piece]], tail: Tail) -> list[list[Piece]]:
        lines[-1].append(tail)
        return lines

    def fraction(self, top: Node, bottom: Node, first: float, rest: float) -> list[list[Piece]]:
        """A wide fraction: in one line at its slash, or with its long part on several lines."""
        if self.measure.inline:
            return self.fill([_Item("", top, _compound(top)), _Item("/", bottom, _compound(bottom))], first, rest)
        room = min(max(first, 2.0), rest) - self.measure.bracket(0)
        if SMALLEST * self.measure.node(Quotient(top, bottom)) <= room:
            return [[Whole(Quotient(top, bottom), room)]]
        parts = [tuple(tuple(line) for line in self.lines(part, room, room)) for part in (top, bottom)]
        return [[Stack(parts[0], parts[1])]]

    def digits(self, text: str, first: float, rest: float) -> list[list[Piece]]:
        """A number with more digits than a line holds."""
        each = max(1, int(min(first, rest) / self.measure.node(Number("0"))))
        return [[Whole(Number(text[i : i + each]))] for i in range(0, len(text), each)]


def _is_fraction(piece: Piece) -> bool:
    return isinstance(piece, Whole) and isinstance(piece.node, Quotient)


def _special_call(node: Node) -> bool:
    """Calls that are not written as a name and commas in brackets: the logarithm to a base, ``n!``, ``p(x | y)``."""
    if not isinstance(node, Call):
        return False
    logarithm = node.name == "log" and len(node.args) == 2
    return node.name == "det" or node.name in CALLS or logarithm or any(isinstance(n, Given) for n in node.args)


def _compound(node: Node) -> bool:
    return isinstance(node, (Sum, Product, Negative, Quotient, Relation))


def _term(term: Node, first: bool) -> _Item:
    if isinstance(term, Negative):
        return _Item("-", term.operand, isinstance(term.operand, (Sum, Negative)))
    return _Item("" if first else "+", term, isinstance(term, Sum))


_BRACKETED_FACTORS = (Sum, Negative, Relation, Product, Entrywise, Cases)


def _factor(factor: Node, first: bool, last: bool) -> _Item:
    """A factor in brackets as the printer would put it; what takes in all that follows needs none at the end."""
    bracketed = isinstance(factor, _BRACKETED_FACTORS) or (not last and isinstance(factor, OPEN))
    return _Item("" if first else "*", factor, bracketed, True)


def _joined(lines: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """The lines of a product, with the factors of each joined; a bracket may be open where a line begins."""
    depth = 0
    joined: list[list[Piece]] = []
    for i, line in enumerate(lines):
        joined.append(_joined_factors(line, depth, i == len(lines) - 1))
        depth += sum(isinstance(piece, Open) - isinstance(piece, Close) for piece in line)
    return joined


def _joined_factors(line: Sequence[Piece], depth: int, last: bool) -> list[Piece]:
    """Neighbouring whole factors of one line, the last or not, become one product again, which the printer sets.

    What stands inside brackets opened by hand is not this product's and stays as it is.
    """
    joined: list[Piece] = []
    run: list[Node] = []
    dot: list[Piece] = []
    for piece in line:
        depth += isinstance(piece, Open) - isinstance(piece, Close)
        if depth == 0 and isinstance(piece, Whole) and not piece.room:
            run.append(piece.node)
            dot = []
        elif depth == 0 and run and not dot and piece == Sign("*"):
            dot = [piece]
        else:
            joined += [*_product(run, False), *dot, piece]
            run, dot = [], []
    return [*joined, *_product(run, last)]


def _product(factors: Sequence[Node], last: bool) -> list[Piece]:
    """Whole factors side by side; more of them follow unless they are the last."""
    match factors:
        case []:
            return []
        case [single]:
            return _fenced(single) if _factor(single, True, last).bracketed else [Whole(single)]
        case [*before, open_end] if not last and isinstance(open_end, OPEN):
            return [*_product(before, False), Sign("*"), *_fenced(open_end)]
    return [Whole(Product(tuple(factors)))]


def _fenced(node: Node) -> list[Piece]:
    tall = _widths.height(node)
    return [Open("(", tall), Whole(node), Close(")", tall)]
