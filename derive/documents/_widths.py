"""How wide a formula will be on the page, estimated from its tree, in em of the running text.

Long rows are broken, and tables shrunk, by these figures; the same estimate serves TeX and Typst, because
both set Computer Modern. The widths are those of the font's metrics (cmmi10, cmr10, cmsy10), rounded up: a row
estimated a little too wide is broken early, one estimated too narrow would run into the margin. A new kind
of node needs a row in :data:`_ROWS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from derive.documents import _escape
from derive.functions import FUNCTIONS
from derive.tree import (
    TWO,
    At,
    Call,
    Cases,
    Component,
    Constant,
    Derivative,
    Dots,
    Entrywise,
    Expectation,
    Given,
    Gradient,
    GradientOf,
    Hole,
    Indexed,
    Inner,
    Integral,
    Interval,
    Limit,
    Matrix,
    Negative,
    Node,
    Norm,
    Number,
    Optimum,
    Power,
    Product,
    ProductOver,
    Quotient,
    Relation,
    Root,
    Set,
    Statements,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
    children,
    unsigned,
)
from derive.write._names import GREEK

SCALE = (1.0, 1.0, 0.74, 0.56)
"""The size of display, text, script and second script style."""

DIGIT, POINT, COMMA = 0.5, 0.278, 0.445
PLUS, TIMES, RELATION = 1.223, 0.723, 1.334
SIGN = 0.778
FENCES = (0.79, 0.92, 1.2, 1.5)
"""Both brackets around something flat, with an exponent, with a fraction, with a fraction of fractions."""

_LETTERS = {
    **dict.fromkeys("ijlt", 0.38), **dict.fromkeys("m", 0.88), "w": 0.73, **dict.fromkeys("abcdegknopqrsuvxyz", 0.53),
    "f": 0.58, "h": 0.58, "x": 0.58, "k": 0.55, "n": 0.6, "u": 0.58,
    **dict.fromkeys("IJS", 0.63), **dict.fromkeys("MW", 1.08), **dict.fromkeys("ABCDEFGHKLNOPQRTUVXYZ", 0.83),
}
_WIDE_GREEK = {"alpha": 0.64, "lambda": 0.59, "mu": 0.61, "pi": 0.61, "omega": 0.64, "chi": 0.63, "psi": 0.69,
               "phi": 0.6, "varphi": 0.66, "Omega": 0.73, "Theta": 0.78, "Phi": 0.73, "Psi": 0.78, "Delta": 0.84,
               "Gamma": 0.63, "Lambda": 0.7, "Sigma": 0.73, "Pi": 0.75, "Xi": 0.67, "Upsilon": 0.78}
_GREEK = frozenset(GREEK)


def width(node: Node, style: int = 0) -> float:
    """The width in em; ``style`` is 0 for a displayed formula, 1 in running text, 2 and 3 for scripts."""
    return _inner(node, min(style, 3))


REMEMBERED = 8192
"""Widths and heights that are kept in mind: the steps of a derivation have most of their parts in common."""

_WIDTHS: dict[tuple[int, int], tuple[Node, float]] = {}  # with the node, so that no other gets its id
_HEIGHTS: dict[int, tuple[Node, int]] = {}


_NARROW, _MEDIUM, _BROAD = frozenset(",.;:'!il|"), frozenset("fjrst()[]- "), frozenset("mwMW—")


def text_width(words: str, scale: float = 1.0) -> float:
    """The width in em of running text (cmr10)."""
    return scale * _unscaled(words, _ALL_LETTERS.get())


_ALL_LETTERS: ContextVar[bool] = ContextVar("_ALL_LETTERS", default=False)


@contextmanager
def all_letters() -> Iterator[None]:
    """Within it words are as wide as Typst sets them: letters that TeX spells out are letters there."""
    token = _ALL_LETTERS.set(True)
    try:
        yield
    finally:
        _ALL_LETTERS.reset(token)


@lru_cache(maxsize=4096)
def _unscaled(words: str, letters: bool) -> float:
    return sum(_FOREIGN if letters and _escape.only_typst(c) else _character(c) for c in words)


@cache
def _character(c: str) -> float:
    if c in _NARROW:
        return 0.285
    if c in _MEDIUM:
        return 0.395
    if c in _BROAD:
        return 0.9
    if told := _escape.spelled_out(c):
        return TYPEWRITER * len(told)
    return 0.77 if c.isupper() else 0.53


TYPEWRITER = 0.525  # a character of cmtt10
_FOREIGN = 0.62  # a letter that New Computer Modern lacks, in the font that Typst takes for it

FRACTION = 2  # the height of a fraction


def height(node: Node) -> int:
    """How tall brackets around it must be: 0 flat, 1 an exponent, 2 a fraction, 3 two fractions or a matrix."""
    known = _HEIGHTS.get(id(node))
    if known is not None:
        return known[1]
    found = _tallness(node)
    if len(_HEIGHTS) >= REMEMBERED:
        _HEIGHTS.clear()
    _HEIGHTS[id(node)] = node, found
    return found


def _tallness(node: Node) -> int:
    match node:
        case Number() | Constant() | Symbol():
            return 0
        case Quotient(top, bottom):
            return 3 if max(height(top), height(bottom)) >= 2 else 2
        case Power(base, _):
            return max(1, height(base))
        case Matrix() | Cases():
            return 3
        case Hole():
            return FRACTION
        case Integral() | SumOver() | ProductOver() | Derivative() | Optimum() | Call("binom"):
            return max(2, *map(height, children(node)))
    return max(map(height, children(node)), default=0)


@cache
def name_width(name: str) -> float:
    """A letter, a Greek letter by its name, or a word set upright."""
    if len(name) == 1:
        return _LETTERS.get(name, 0.6)
    if name in _GREEK:
        return _WIDE_GREEK.get(name, 0.58)
    return text_width(name, 1.05)


def _space(em: float, style: int) -> float:
    return em if style < 2 else 0.0


def _spaced(sign: float, space: float, style: int) -> float:
    return sign * SCALE[style] + _space(2 * space, style)


def _plus(style: int) -> float:
    return _spaced(0.778, 0.223, style)


def _relation(style: int) -> float:
    return _spaced(0.778, 0.278, style)


def _fenced(node: Node, style: int) -> float:
    return _inner(node, style) + FENCES[height(node)] * SCALE[style]


def _list(nodes: Iterable[Node], style: int) -> float:
    widths = [_inner(n, style) for n in nodes]
    return sum(widths) + max(0, len(widths) - 1) * (0.278 * SCALE[style] + _space(0.167, style))


def _inner(node: Node, style: int) -> float:
    key = id(node), style
    known = _WIDTHS.get(key)
    if known is not None:
        return known[1]
    found = _estimated(node, style)
    if len(_WIDTHS) >= REMEMBERED:
        _WIDTHS.clear()
    _WIDTHS[key] = node, found
    return found


def _estimated(node: Node, style: int) -> float:
    """By :data:`_ROWS`. TypeError for a node that has no row."""
    row = _ROWS.get(type(node))
    if row is None:
        raise TypeError(f"nothing estimates the width of a {type(node).__name__}")
    return row(node, style)


# --- one kind of node after the other ---------------------------------------------------------------------


def _number(node: Number, style: int) -> float:
    points = node.text.count(".")
    return SCALE[style] * (DIGIT * (len(node.text) - points) + POINT * points)


_CONSTANTS = {"e": 0.47, "pi": 0.61, "infinity": 1.0}


def _constant(node: Constant, style: int) -> float:
    return SCALE[style] * _CONSTANTS.get(node.name, 0.6)


def _indexed(node: Indexed, style: int) -> float:
    return _symbol(node.base, style) + _list(node.indices, _below(style)) + 0.06


def _negative(node: Negative, style: int) -> float:
    return SIGN * SCALE[style] + _operand(node.operand, style, _NEGATED)


def _quotient(node: Quotient, style: int) -> float:
    inner = min(style + 1, 3)
    return max(_inner(node.numerator, inner), _inner(node.denominator, inner)) + 0.26


def _root(node: Root, style: int) -> float:
    sign = 1.05 if height(node.radicand) > 1 else 0.84
    return sign * SCALE[style] + _inner(node.radicand, style) + (0.2 if node.degree != TWO else 0.0)


def _transpose(node: Transpose, style: int) -> float:
    return _operand(node.operand, style, _COMPOUND) + 0.75 * SCALE[_below(style)]


def _vector(node: Vector, style: int) -> float:
    return _list(node.items, style) + FENCES[max(map(height, node.items))] * SCALE[style]


def _set(node: Set, style: int) -> float:
    return _list(node.items, style) + (FENCES[max(map(height, node.items), default=0)] + 0.25) * SCALE[style]


def _relations(node: Relation, style: int) -> float:
    return sum([_inner(s, style) for s in node.sides]) + (len(node.sides) - 1) * (_relation(style) + 0.25)


def _gradient(node: Gradient, style: int) -> float:
    name = name_width(node.name.split("_")[0]) * SCALE[style]
    return 0.84 * SCALE[style] + name + (_fence_list(node.args, style) if node.args else 0.0)


def _derivative(node: Derivative, style: int) -> float:
    head = _derivative_head(node.variable, node.order, style)
    if not isinstance(node.body, (Symbol, Indexed)):
        return head + _fenced(node.body, style)
    inner = min(style + 1, 3)
    return max(head, head - _inner(node.variable, inner) + _inner(node.body, inner))


def _at(node: At, style: int) -> float:
    below = _below(style)
    conditions = sum([_inner(s, below) + _inner(v, below) + 0.85 * SCALE[below] for s, v in node.where])
    commas = 0.3 * (len(node.where) - 1) * SCALE[below]
    return _operand(node.body, style, (*_NEGATED, At)) + 0.4 * SCALE[style] + conditions + commas


def _limit(node: Limit, style: int) -> float:
    under = _list((node.variable, node.point), _below(style)) + 1.1 * SCALE[_below(style)]
    operator = max(1.4, under) if style == 0 else 1.4 * SCALE[style] + under
    return operator + 0.2 + _operand(node.body, style, (Sum, Negative, Quotient))


def _gradient_of(node: GradientOf, style: int) -> float:
    scripts = max(_scripts(node.variables, style), 0.35 if node.order > 1 else 0.0)
    body = _operand(node.body, style, (Sum, Negative, Product, Entrywise, Relation))
    return 0.84 * SCALE[style] + scripts + 0.1 + body


def _optimum(node: Optimum, style: int) -> float:
    return _optimum_sign(node, style) + 0.2 + _operand(node.body, style, (Sum, Negative, Relation))


def _expectation(node: Expectation, style: int) -> float:
    return _expectation_sign(node.operator, node.over, style) + _fence_list(node.args, style)


def _given(node: Given, style: int) -> float:
    return _list(node.items, style) + _list(node.given, style) + (0.45 if node.sign == ";" else 0.9) * SCALE[style]


def _norm(node: Norm, style: int) -> float:
    order = _inner(node.order, _below(style)) + 0.06 if node.order else 0.0
    return _inner(node.operand, style) + 1.1 * SCALE[style] + order


def _pair(left: Node, right: Node, style: int) -> float:
    return _list((left, right), style) + FENCES[max(height(left), height(right))] * SCALE[style]


def _component(node: Component, style: int) -> float:
    bare = isinstance(node.operand, (Call, Vector))
    return (_inner if bare else _fenced)(node.operand, style) + _scripts(node.indices, style)


def _entrywise(node: Entrywise, style: int) -> float:
    return sum([_factor(f, style) for f in node.factors]) + (len(node.factors) - 1) * _plus(style)


def _hole(node: Hole, style: int) -> float:
    return max(node.width, text_width(node.label, SCALE[_below(style)])) + 0.1


def _statements(node: Statements, style: int) -> float:
    between = (len(node.items) - 1) * (1.3 if node.sign == "," else 2.4) * SCALE[style]
    return sum([_inner(n, style) for n in node.items]) + between


_OPEN = (Integral, SumOver, ProductOver, Limit, Cases, Relation, Optimum, GradientOf)
"""What takes in all that follows, and so stands in brackets within anything else."""

_NEGATED = (*_OPEN, Sum, Negative)
_MULTIPLIED = (*_NEGATED, Product, Entrywise)
"""What stands in brackets after a minus, and as a factor."""


def _below(style: int) -> int:
    return 2 if style < 2 else 3


def _scripts(nodes: tuple[Node, ...], style: int) -> float:
    return _list(nodes, _below(style)) + 0.06 if nodes else 0.0


def _fence_list(nodes: tuple[Node, ...], style: int) -> float:
    return _list(nodes, style) + FENCES[max(map(height, nodes), default=0)] * SCALE[style]


_COMPOUND = (
    Sum, Product, Negative, Quotient, Power, Call, Derivative, Integral, SumOver, ProductOver, Limit, Relation,
    Entrywise, Optimum, GradientOf,
)  # fmt: skip


def _operand(node: Node, style: int, bracketed: tuple[type[Node], ...]) -> float:
    return _fenced(node, style) if isinstance(node, bracketed) else _inner(node, style)


def _power(node: Power, style: int) -> float:
    """The exponent stands above a subscript, not beside it."""
    base, exponent = node.base, node.exponent
    if isinstance(base, Symbol) and base.sub and not base.sup:
        bare = name_width(base.name) * SCALE[style] + 0.1
        return max(_symbol(base, style), bare + _inner(exponent, _below(style)))
    if isinstance(exponent, Vector):
        return _inner(base, style) + _list(exponent.items, _below(style)) + 0.5 * SCALE[_below(style)]
    return _operand(base, style, _COMPOUND) + _inner(exponent, _below(style)) + 0.08


def _symbol(node: Symbol, style: int) -> float:
    width = name_width(node.name) * (1.15 if node.font else 1.0) * SCALE[style]
    if not node.sub and not node.sup:
        return width
    labels = max(_label_width(node.sub), _label_width(node.sup)) * SCALE[_below(style)]
    return width + (labels * 1.1 + 0.06)


@cache
def _label_width(label: str) -> float:
    return name_width(label) if label in _GREEK else text_width(label)


def _sum(node: Sum, style: int) -> float:
    terms = node.terms
    parts = [_operand(unsigned(t), style, (Sum, Negative)) for t in terms]
    lead = SIGN * SCALE[style] if isinstance(terms[0], Negative) else 0.0
    return lead + sum(parts) + (len(terms) - 1) * _plus(style)


def _product(node: Product, style: int) -> float:
    total = _factor(node.factors[0], style)
    for before, after in pairwise(node.factors):
        total += between(before, after, style) + _factor(after, style)
    return total


def between(before: Node, after: Node, style: int = 0) -> float:
    """The gap between two factors: a dot before a digit, a thin space beside a function, else nearly nothing."""
    if starts_with_number(after) or isinstance(after, Negative):
        return _spaced(0.278, 0.223, style)
    if isinstance(after, Sum) and isinstance(before, (Symbol, Indexed)):
        return _spaced(0.278, 0.223, style)
    return _space(0.17, style) if isinstance(before, Call) or isinstance(after, Call) else 0.02


def starts_with_number(node: Node) -> bool:
    """Whether a digit is the first thing written."""
    match node:
        case Number():
            return True
        case Power(base, _):
            return starts_with_number(base)
        case Product(factors):
            return starts_with_number(factors[0])
    return False


def _factor(node: Node, style: int) -> float:
    return _operand(node, style, _MULTIPLIED)


def _call(node: Call, style: int) -> float:
    name, args, order = node.name, node.args, node.order
    if name in _SPECIAL and not order:
        return _special(name, args, style)
    if name == "log" and len(args) > 1:
        return _name(name, order, style) + _inner(args[1], _below(style)) + _fence_list(args[:1], style)
    return _name(name, order, style) + _fence_list(args, style)


_SPECIAL = {"abs": 0.7, "floor": 1.0, "ceil": 1.0, "factorial": 0.3, "indicator": 0.6, "binom": 1.6}
"""Functions with signs of their own, and how wide these are."""


def _special(name: str, args: tuple[Node, ...], style: int) -> float:
    sign = _SPECIAL[name] * SCALE[style]
    match name:
        case "binom":
            return sign + max(_inner(n, min(style + 1, 3)) for n in args)
        case "indicator":
            return sign + _fence_list(args, style)
        case "factorial":
            return sign + _operand(args[0], style, _COMPOUND)
    return sign + _inner(args[0], style)


def _name(name: str, order: int, style: int) -> float:
    """A function's sign with its primes, and the thin space before its bracket."""
    row = FUNCTIONS.get(name)
    shown = row.text if row is not None else name.split("_")[0]
    label = 0.5 if row is None and "_" in name else 0.0
    return (name_width(shown) + 0.3 * order + label) * SCALE[style] + 0.17


def head_width(node: Node) -> float:
    """What stands before the bracketed body of a displayed operator or function."""
    match node:
        case Call(name, _, order):
            return _name(name, order, 0)
        case Derivative(_, variable, order, _):
            return _derivative_head(variable, order, 0)
        case Integral(body=body) | SumOver(body=body) | ProductOver(body=body) | Limit(body=body):
            return _inner(node, 0) - _operand(body, 0, (Sum,))
        case Optimum():
            return _optimum_sign(node, 0) + 0.2
        case GradientOf(_, variables):
            return 0.84 + _scripts(variables, 0) + 0.1
        case Expectation(operator, _, over):
            return _expectation_sign(operator, over, 0)
    return 0.0


def _derivative_head(variable: Node, order: int, style: int) -> float:
    inner = style + 1 if style < 3 else 3
    return 0.6 * SCALE[inner] + _inner(variable, inner) + (0.45 * SCALE[inner] if order > 1 else 0.0) + 0.45


def _integral(node: Integral, style: int) -> float:
    limits = [_inner(n, _below(style)) for n in (node.lower, node.upper) if n is not None]
    sign = (0.95 if style == 0 else 0.6) * SCALE[style]
    return sign + max(limits, default=0.0) + 0.35 + _operand(node.body, style, (Sum,)) + _symbol(
        node.variable, style) + 0.7 * SCALE[style]


def _big_operator(node: SumOver | ProductOver, style: int) -> float:
    small = _below(style)
    lower = 0.0 if node.where and not node.lower else _symbol(node.index, small)
    lower += (0.8 * SCALE[small] + _inner(node.lower, small)) if node.lower else 0.0
    lower += _inner(node.where, small) if node.where else 0.0
    upper = _inner(node.upper, small) if node.upper else 0.0
    sign = (1.45 if style == 0 else 1.06) * SCALE[style]
    operator = max(sign, lower, upper) if style == 0 else sign + max(lower, upper)
    return operator + 0.2 + _operand(node.body, style, (Sum,))


def _optimum_sign(node: Optimum, style: int) -> float:
    sign = text_width(node.operator) * SCALE[style] + (0.17 if node.operator.startswith("arg") else 0.0)
    below = _inner(node.where, _below(style)) if node.where else _list(node.variables, _below(style))
    return max(sign, below) if style == 0 else sign + below


def _expectation_sign(operator: str, over: tuple[Node, ...], style: int) -> float:
    sign = text_width(operator) if len(operator) > 1 else 0.67
    return sign * SCALE[style] + _scripts(over, style)


def _matrix(node: Matrix, _: int) -> float:
    columns = [max([_inner(row[j], 0) for row in node.rows]) for j in range(len(node.rows[0]))]
    return sum(columns) + 0.92 * (len(columns) - 1) + 1.75


def _cases(node: Cases, _: int) -> float:
    values = max([_inner(value, 1) for value, _ in node.branches])
    conditions = max([_inner(c, 1) if c is not None else 4.5 for _, c in node.branches])
    return 0.9 + values + 1.0 + conditions + 1.5


_ROWS: dict[type[Node], Callable[[Any, int], float]] = {
    Number: _number,
    Constant: _constant,
    Symbol: _symbol,
    Indexed: _indexed,
    Sum: _sum,
    Product: _product,
    Negative: _negative,
    Quotient: _quotient,
    Power: _power,
    Root: _root,
    Transpose: _transpose,
    Vector: _vector,
    Set: _set,
    Relation: _relations,
    Call: _call,
    Gradient: _gradient,
    Derivative: _derivative,
    At: _at,
    Integral: _integral,
    SumOver: _big_operator,
    ProductOver: _big_operator,
    Limit: _limit,
    Matrix: _matrix,
    Cases: _cases,
    GradientOf: _gradient_of,
    Optimum: _optimum,
    Expectation: _expectation,
    Given: _given,
    Norm: _norm,
    Inner: lambda node, style: _pair(node.left, node.right, style),
    Interval: lambda node, style: _pair(node.lower, node.upper, style),
    Component: _component,
    Entrywise: _entrywise,
    Dots: lambda _, style: 1.3 * SCALE[style],
    Hole: _hole,
    Statements: _statements,
}
