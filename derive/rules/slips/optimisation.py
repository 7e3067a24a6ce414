r"""The slips made in update rules, optima and equations.

Rows of :data:`derive.rules.slips.SLIPS`.
"""

from __future__ import annotations

from dataclasses import replace

from derive.rules.slips._rows import Slip, slip
from derive.steps import Level
from derive.tree import (
    ZERO,
    Call,
    Derivative,
    Gradient,
    GradientOf,
    Matrix,
    Negative,
    Node,
    Number,
    Optimum,
    Power,
    Product,
    Relation,
    Root,
    Sum,
    Symbol,
    Vector,
    contains,
    free_symbols,
    negated,
    numeric,
    times,
    total,
    walk,
)

_RATES = frozenset({"eta", "alpha", "gamma"})
_OPPOSITE = {"argmin": "argmax", "argmax": "argmin", "min": "max", "max": "min", "inf": "sup", "sup": "inf"}


def _is_rate(node: Node) -> bool:
    return isinstance(node, Number) or (isinstance(node, Symbol) and node.name in _RATES)


def _is_direction(node: Node) -> bool:
    """Whether something may be a gradient: it has components, or a sign of differentiation in it."""
    kinds = (Vector, Matrix, Gradient, GradientOf, Derivative)
    return any(isinstance(p, kinds) or (isinstance(p, Call) and p.order) for p in walk(node))


def _update(node: Node) -> tuple[Node, Node, Node] | None:
    """Where an update ``w - eta g`` starts, its learning rate and its gradient."""
    match node:
        case Sum((start, Negative(Product((rate, *rest))))) if _is_rate(rate):
            if isinstance(rate, Symbol) or _is_direction(times(rest)):
                return start, rate, times(rest)
    return None


def _ascent(node: Node) -> Node | None:
    found = _update(node)
    return None if found is None else Sum((found[0], Product((found[1], found[2]))))


def _rate_forgotten(node: Node) -> Node | None:
    found = _update(node)
    return None if found is None else Sum((found[0], Negative(found[2])))


def _opposite_optimum(node: Node) -> Node | None:
    return replace(node, operator=_OPPOSITE[node.operator]) if isinstance(node, Optimum) else None


def _negative_root_lost(node: Node) -> Node | None:
    match node:
        case Relation((Power(u, Number("2")), v), ("=",)) if free_symbols(u):
            return Relation((u, Root(v)), ("=",))
    return None


def _divided_by_unknown(node: Node) -> Node | None:
    match node:
        case Relation((Product((Symbol() as u, *rest)), other), ("=",)) if contains(times(rest), u):
            if numeric(other) == 0:
                return Relation((times(rest), ZERO), ("=",))
        case Relation((Power(Symbol() as u, Number("2")), Product((*front, last))), ("=",)) if last == u:
            return Relation((u, times(front)), ("=",))
    return None


def _sign_on_the_other_side(node: Node) -> Node | None:
    """``u + v = w`` becomes ``u = w + v``."""
    match node:
        case Relation((Sum((*front, last)), right), (sign,)):
            return Relation((total(front), total([right, last])), (sign,))
    return None


def _inequality_kept(node: Node) -> Node | None:
    match node:
        case Relation((Negative(u), v), ("<" | "<=" | ">" | ">=" as sign,)):
            return Relation((u, negated(v)), (sign,))
    return None


OPTIMISATION: tuple[Slip, ...] = (
    slip("ascent instead of descent", "gradient descent", r"w - \eta \nabla f = w + \eta \nabla f",
         "To get smaller, go against the gradient: the value of the function must fall.", _ascent),
    slip("learning rate forgotten", "gradient descent", r"w - \eta \nabla f = w - \nabla f",
         "The step is the learning rate times the gradient.", _rate_forgotten),
    slip("minimum and maximum of a problem confused", "optimum", r"\operatorname{argmin} f = \operatorname{argmax} f",
         "Maximising f is minimising -f; one of the two signs is missing.", _opposite_optimum, Level.ARGUMENT),
    slip("negative root lost", "square root of both sides", r"u^2 = v \iff u = \sqrt{v}",
         "A square has two roots: x^2 = 4 also has the solution -2.", _negative_root_lost),
    slip("divided by the unknown", "zero product", r"x u = 0 \iff u = 0",
         "The solution x = 0 is lost: dividing by x needs x to be different from 0.", _divided_by_unknown),
    slip("sign kept on the other side", "bring to the other side", r"u + v = w \iff u = w + v",
         "What is added on one side is subtracted on the other.", _sign_on_the_other_side),
    slip("inequality not turned round", "multiply an inequality", "-u < v = u < -v",
         "Multiplying by a negative number turns an inequality round: -1 < 2, but 1 > -2.", _inequality_kept),
)
