"""Definite integrals by the fundamental theorem, with an antiderivative that the derivation itself has shown.

A derivation that differentiates F and finds f offers F as an antiderivative of f. Here that is proved once more:
``F' = f`` on the open range of integration, F has values everywhere on it, and its limits at both ends exist. Then
the integral is the difference of the limits (also an improper one), and the statement is judged with that put in.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derive.steps import Status
from derive.tree import (
    INFINITY,
    ZERO,
    Call,
    Constant,
    Derivative,
    Integral,
    Limit,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
    kinds,
    map_children,
    numeric,
    substitute,
)
from derive.verify.cases import proof
from derive.verify.core import DerivativeAt, fresh, walk
from derive.verify.inequality import inequality
from derive.verify.requirements import open_needs, requirements
from derive.verify.signals import Clock, Undecidable

Hint = tuple[Node, Symbol]
"""A function and its variable; both are unfolded like the statement."""

_MOST = 20  # antiderivatives that are tried
_LETTER = Symbol("the variable of integration")  # a free symbol that nobody can write
_SMOOTH = frozenset({"exp", "log", "sin", "cos", "arctan", "arcsin", "erf"})
_ARITHMETIC = (Number, Constant, Symbol, Sum, Product, Quotient, Negative, Power, Root)


def hints(nodes: list[Node]) -> list[Hint]:
    """The functions whose first derivative is one of these expressions."""
    found = [
        (n.body, n.variable)
        for n in nodes
        if isinstance(n, Derivative) and n.order == 1 and isinstance(n.variable, Symbol)
    ]
    return list(dict.fromkeys(found))[:_MOST]


def has_integral(node: Node) -> bool:
    """Whether a definite integral occurs."""
    return Integral in kinds(node) and any(isinstance(p, Integral) and p.lower is not None for p in walk(node))


def integrated(node: Node, known: list[Hint], domains: Mapping[Symbol, str], clock: Clock) -> Node:
    """The expression with every definite integral replaced that an antiderivative is known of."""
    if isinstance(node, Integral) and node.lower is not None and node.upper is not None:
        for function, variable in known:
            primitive = substitute(function, {variable: node.variable})
            if _is_antiderivative(primitive, node, domains, clock):
                upper = Limit(primitive, node.variable, node.upper, "-")
                lower = Limit(primitive, node.variable, node.lower, "+")
                return Sum((_sided(upper), Negative(_sided(lower))))
        return node
    return map_children(node, lambda c: integrated(c, known, domains, clock))


def _sided(limit: Limit) -> Limit:
    """A limit at infinity has no side."""
    infinite = limit.point in (INFINITY, Negative(INFINITY))
    return Limit(limit.body, limit.variable, limit.point) if infinite else limit


def _is_antiderivative(primitive: Node, integral: Integral, domains: Mapping[Symbol, str], clock: Clock) -> bool:
    """Whether ``F' = f``, and F has a value and a derivative everywhere on the open range."""
    range_ = _range(integral)
    if range_ is None or not _is_smooth_where_defined(primitive):
        return False
    within, bound = {**domains, _LETTER: range_}, fresh(0, "d")
    slope = DerivativeAt(substitute(primitive, {integral.variable: bound}), bound, 1, _LETTER)
    try:
        found = proof(slope, substitute(integral.body, {integral.variable: _LETTER}), within, clock)
        return found is not None and not found.except_where and _has_values(slope, within, clock)
    except Undecidable:
        return False


def _is_smooth_where_defined(node: Node) -> bool:
    """Whether it is built by arithmetic, powers, roots and smooth functions only."""
    return all(isinstance(p, _ARITHMETIC) or (isinstance(p, Call) and p.name in _SMOOTH) for p in walk(node))


def _has_values(node: Node, within: Mapping[Symbol, str], clock: Clock) -> bool:
    """Whether all that an expression needs holds throughout the domain."""
    needs = open_needs(requirements(node), within)
    return all(inequality(r.node, ZERO, r.need.value, within, clock).status is Status.PROVED for r in needs)


def _range(integral: Integral) -> str | None:
    """The open range of integration as a domain; None when its ends are no numbers in order."""
    low, high = _end(integral.lower), _end(integral.upper)
    if low is None or high is None or not low < high:
        return None
    return f"({low}, {high})"


def _end(node: Node | None) -> Fraction | float | None:
    if node == INFINITY:
        return float("inf")
    if node == Negative(INFINITY):
        return float("-inf")
    return None if node is None else numeric(node)
