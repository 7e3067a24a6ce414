r"""The rows of the walk for gradients, optima, expectations, norms, products of vectors, and functions with own signs.

A row takes the printer and the node and returns a :class:`~derive.write._piece.Piece`; ``_walk.py`` collects
:data:`ROWS`. A function that is not written as a name and a bracket (``n!``, ``\lfloor x \rfloor``) is a row of
:data:`CALLS`, which takes the printer and the arguments and returns None where they do not suit that form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from derive import tree as t
from derive.tree import Node
from derive.write._piece import Level, Piece

if TYPE_CHECKING:
    from derive.write._walk import Printer

OPEN = (t.SumOver, t.ProductOver, t.Integral, t.Limit, t.Optimum, t.GradientOf)
"""What takes in all that follows, so that it may end a product but not stand inside one."""


# --- operators that take in what follows -------------------------------------------------------------


def reaches(term: Node, others: Sequence[Node]) -> bool:
    r"""Whether a term could seem to take in those after it: ``\max_w f(w) + g(w)`` has two readings.

    An argument that minimises is so seldom added to anything that one would always take in what follows.
    """
    if others and _ends_in_argument(term):
        return True
    bound = {symbol.name for symbol in _bound_at_the_end(term)} if others else set()
    return bool(bound) and any(n.name in bound for other in others for n in t.walk(other) if isinstance(n, t.Symbol))


def _ends_in_argument(term: Node) -> bool:
    match term:
        case t.Optimum(operator="argmin" | "argmax"):
            return True
        case t.Product(factors):
            return _ends_in_argument(factors[-1])
        case t.GradientOf(body=body) | t.SumOver(body=body) | t.ProductOver(body=body) | t.Limit(body=body):
            return _ends_in_argument(body)
        case t.Optimum(body=body):
            return _ends_in_argument(body)
    return False


def _bound_at_the_end(term: Node) -> frozenset[t.Symbol]:
    """The symbols bound by the operators that take in the end of a term."""
    match term:
        case t.Product(factors):
            return _bound_at_the_end(factors[-1])
        case t.Integral(body=body) | t.GradientOf(body=body):
            return _bound_at_the_end(body)
        case t.SumOver(body=body) | t.ProductOver(body=body) | t.Limit(body=body) | t.Optimum(body=body):
            return t.bound_symbols(term) | _bound_at_the_end(body)
    return frozenset()


def _gradient_of(p: Printer, node: t.GradientOf) -> Piece:
    by = p.comma.join(map(p.write, node.variables))
    sign = p.scripted(p.nabla.rstrip(), by, p.number(str(node.order)) if node.order > 1 else "")
    body = p.piece(node.body)
    body = body if _reached(node.body) else p.bracketed(body)
    return Piece(f"{sign}{p.before_body}{body.text}", Level.OPEN, body.tall)


def _reached(body: Node) -> bool:
    """Whether it is clear without brackets that a gradient is taken of all of it: of ``f(x)``, but not ``f(x)^2``."""
    match body:
        case t.Symbol(sup="") | t.Indexed(base=t.Symbol(sup="")) | t.Number() | t.Constant() | t.Quotient() | t.Root():
            return True
        case t.Norm() | t.Inner() | t.Expectation() | t.SumOver() | t.ProductOver():
            return True
        case t.Power(t.Symbol(sup="") | t.Norm(), exponent):
            return not isinstance(exponent, t.Vector)
        case t.Call(name):
            return name not in ("factorial", "indicator") and not any(isinstance(n, t.Matrix) for n in body.args)
    return False


def _optimum(p: Printer, node: t.Optimum) -> Piece:
    if node.operator not in p.optima:
        raise ValueError(f"not an optimum: {node.operator!r}")
    named = t.free_symbols(node.where) if node.where is not None else frozenset()
    below = [s for s in node.variables if s not in named] + [n for n in (node.where,) if n is not None]
    sign = p.limits(p.optima[node.operator], p.comma.join(map(p.write, below)))
    return p.taking(sign + p.apart(node), node.body, Level.OPEN)


# --- probability --------------------------------------------------------------------------------------


def _given(p: Printer, node: t.Given) -> Piece:
    if node.sign not in p.given:
        raise ValueError(f"not a bar: {node.sign!r}")
    items, given = p.commas(node.items, Level.RELATION), p.commas(node.given, Level.RELATION)
    return Piece(items.text + p.given[node.sign] + given.text, Level.STATEMENTS, items.tall or given.tall)


def _expectation(p: Printer, node: t.Expectation) -> Piece:
    if node.operator not in p.expectations:
        raise ValueError(f"not an expectation: {node.operator!r}")
    sign = p.scripted(p.expectations[node.operator], p.comma.join(map(p.write, node.over)))
    inner = p.commas(node.args, Level.RELATION)
    listed = p.fenced("square", inner) if node.operator == "E" else p.bracketed(inner)
    return Piece(sign + p.applied(listed.text), tall=listed.tall)


# --- vectors and matrices -----------------------------------------------------------------------------


def _norm(p: Printer, node: t.Norm) -> Piece:
    fenced = p.fenced("norm", p.piece(node.operand))
    return fenced if node.order is None else Piece(p.scripted(fenced.text, p.write(node.order)), tall=fenced.tall)


def _inner(p: Printer, node: t.Inner) -> Piece:
    return p.fenced("inner", p.commas((node.left, node.right)))


def _entrywise(p: Printer, node: t.Entrywise) -> Piece:
    pieces = [p.member(n, Level.FACTOR) for n in node.factors]
    return Piece(p.entrywise.join(n.text for n in pieces), Level.PRODUCT, any(n.tall for n in pieces))


def _component(p: Printer, node: t.Component) -> Piece:
    bare = isinstance(node.operand, t.Vector) or (
        isinstance(node.operand, t.Call) and not node.operand.order and node.operand.name not in CALLS
    )
    whole = p.fit(node.operand, Level.ATOM) if bare else p.bracketed(p.piece(node.operand))
    written = p.scripted(whole.text, p.names.comma.join(map(p.write, node.indices)))
    return Piece(written, Level.ATOM if isinstance(node.operand, t.Call) else Level.FACTOR, whole.tall)


def _interval(p: Printer, node: t.Interval) -> Piece:
    inner = p.commas((node.lower, node.upper))
    left, right = "(" if node.left_open else "[", ")" if node.right_open else "]"
    return Piece(p.interval(left, inner.text, right, inner.tall), tall=inner.tall)


# --- lists --------------------------------------------------------------------------------------------


def _dots(p: Printer, node: t.Dots) -> Piece:
    return Piece(p.dots)


_GAP_LABEL = re.compile(r"[A-Za-z0-9 .,:()\[\]*+'-]*")


def _hole(p: Printer, node: t.Hole) -> Piece:
    if not 0 < node.width <= WIDEST_GAP or not _GAP_LABEL.fullmatch(node.label):
        raise ValueError(f"not a gap: {node!r}")
    return Piece(p.gap(node.width, node.label.strip()), tall=True)


WIDEST_GAP = 1000  # em; no page is so wide


def matrix_dots(p: Printer, node: t.Matrix) -> Mapping[tuple[int, int], str]:
    """The dots of a matrix by their place: centred in a row with entries, else vertical or diagonal."""
    def only_dots(nodes: tuple[Node, ...]) -> bool:
        return all(isinstance(n, t.Dots) for n in nodes)

    columns = list(map(only_dots, zip(*node.rows, strict=True)))
    return {
        (i, j): (p.diagonal_dots if columns[j] else p.vertical_dots) if only_dots(row) else p.centred_dots
        for i, row in enumerate(node.rows) for j, entry in enumerate(row) if isinstance(entry, t.Dots)
    }  # fmt: skip


def _statements(p: Printer, node: t.Statements) -> Piece:
    if node.sign not in p.statements:
        raise ValueError(f"not a sign between statements: {node.sign!r}")
    pieces = [p.fit(n, Level.RELATION) for n in node.items]
    return Piece(p.statements[node.sign].join(n.text for n in pieces), Level.STATEMENTS, any(n.tall for n in pieces))


# --- functions with signs of their own -----------------------------------------------------------------


def _fence(fence: str) -> Callable[[Printer, tuple[Node, ...]], Piece | None]:
    def row(p: Printer, args: tuple[Node, ...]) -> Piece | None:
        return p.fenced(fence, p.piece(args[0])) if len(args) == 1 else None

    return row


def _factorial(p: Printer, args: tuple[Node, ...]) -> Piece | None:
    if len(args) != 1:
        return None
    inner = p.fit(args[0], Level.ATOM)
    return Piece(p.factorial % inner.text, Level.FACTOR, inner.tall)


def _binomial(p: Printer, args: tuple[Node, ...]) -> Piece | None:
    if len(args) != 2 or not p.binomial:
        return None
    return Piece(p.binomial % tuple(map(p.write, args)), tall=True)


def _indicator(p: Printer, args: tuple[Node, ...]) -> Piece | None:
    if len(args) != 1:
        return None
    fenced = p.fenced("square", p.piece(args[0]))
    return Piece(p.indicator + p.applied(fenced.text), tall=fenced.tall)


CALLS: Mapping[str, Callable[[Printer, tuple[Node, ...]], Piece | None]] = {
    "abs": _fence("abs"),
    "floor": _fence("floor"),
    "ceil": _fence("ceil"),
    "factorial": _factorial,
    "binom": _binomial,
    "indicator": _indicator,
}

ROWS: Mapping[type[Node], Callable[[Printer, Any], Piece]] = {
    t.GradientOf: _gradient_of,
    t.Optimum: _optimum,
    t.Given: _given,
    t.Expectation: _expectation,
    t.Norm: _norm,
    t.Inner: _inner,
    t.Entrywise: _entrywise,
    t.Component: _component,
    t.Interval: _interval,
    t.Dots: _dots,
    t.Hole: _hole,
    t.Statements: _statements,
}
