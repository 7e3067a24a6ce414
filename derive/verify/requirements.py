"""What an expression needs to have a value: arguments that must be positive, nonnegative, or not zero.

A statement is judged where both its sides have values, so these may be used as facts in its proof; those that
only one side needs become the verdict's conditions (:mod:`conditions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, IntEnum
from typing import NamedTuple

from derive.tree import (
    Call,
    Cases,
    Constant,
    E,
    Integral,
    Limit,
    Negative,
    Node,
    Number,
    Power,
    Product,
    ProductOver,
    Quotient,
    Root,
    Sum,
    SumOver,
    Symbol,
    numeric,
)
from derive.verify.core import DerivativeAt, number_value, parts, put_in, walk


class Need(Enum):
    """What must hold of an argument."""

    POSITIVE = ">"
    NONNEGATIVE = ">="
    NONZERO = "!="


class Requirement(NamedTuple):
    """An argument and what must hold of it."""

    node: Node
    need: Need


def requirements(node: Node, whole: frozenset[Symbol] = frozenset()) -> list[Requirement]:
    """The needs of an expression, inner ones first; ``whole`` are the symbols that take whole values only.

    Nothing is taken from inside cases, which may not be reached, nor from under a bound variable.
    """
    found: list[Requirement] = []
    _collect(node, whole, found)
    return found


def _collect(node: Node, whole: frozenset[Symbol], found: list[Requirement]) -> None:
    kind = type(node)
    if kind in _WITHOUT:
        return
    if isinstance(node, DerivativeAt):
        _collect(node.point, whole, found)
        for node_, need in requirements(node.body, whole):
            found.append(Requirement(put_in(node_, {node.variable: node.point}), _OPEN.get(need, need)))
        return
    for child in parts(node):
        _collect(child, whole, found)
    if kind in _WITH:
        own = _own(node, whole)
        if own is not None and not isinstance(own.node, Number):
            found.append(own)


_WITHOUT = frozenset({Cases, SumOver, ProductOver, Limit, Integral, Symbol, Number, Constant})
_WITH = frozenset({Call, Quotient, Root, Power})


_OPEN = {Need.NONNEGATIVE: Need.POSITIVE}
"""A function has a derivative only inside its domain."""


def _own(node: Node, whole: frozenset[Symbol]) -> Requirement | None:
    match node:
        case Call("log", (u, *_)):
            return Requirement(u, Need.POSITIVE)
        case Call("arcsin", (u,)):
            return Requirement(Sum((Number("1"), Negative(Power(u, Number("2"))))), Need.NONNEGATIVE)
        case Quotient(_, u) if _has_symbols(u):
            return Requirement(u, Need.NONZERO)
        case Root(u, degree):
            value = numeric(degree)
            even = value is not None and value.denominator == 1 and value % 2 == 0
            return Requirement(u, Need.NONNEGATIVE) if even else None
        case Power(base, exponent) if base != E and _has_symbols(base):
            return _of_power(base, exponent, whole)
    return None


def _of_power(base: Node, exponent: Node, whole: frozenset[Symbol]) -> Requirement | None:
    n = numeric(exponent)
    if n is None:
        symbols = _symbols(exponent)
        return None if symbols and symbols <= whole else Requirement(base, Need.POSITIVE)
    if n.denominator != 1:
        return Requirement(base, Need.NONNEGATIVE if n > 0 else Need.POSITIVE)
    return Requirement(base, Need.NONZERO) if n < 0 else None


def _has_symbols(node: Node) -> bool:
    if isinstance(node, Symbol):
        return True
    return any(_has_symbols(part) for part in parts(node))


def _symbols(node: Node) -> frozenset[Symbol]:
    """All symbols, bound ones too."""
    return frozenset(p for p in walk(node) if isinstance(p, Symbol))


# --- needs that are met at first sight ------------------------------------------------------------------


class Sight(IntEnum):
    """What the written form alone tells of a sign."""

    UNKNOWN = 0
    NONNEGATIVE = 1
    POSITIVE = 2


def open_needs(needed: Iterable[Requirement], domains: Mapping[Symbol, str]) -> list[Requirement]:
    """The needs that are not met at first sight, such as that of ``1/(1 + e^x)``, each once."""
    each = {(id(r.node), r.need): r for r in needed}
    return [r for r in each.values() if at_sight(r.node, domains) < _ENOUGH[r.need]]


_ENOUGH = {Need.POSITIVE: Sight.POSITIVE, Need.NONZERO: Sight.POSITIVE, Need.NONNEGATIVE: Sight.NONNEGATIVE}


def at_sight(node: Node, domains: Mapping[Symbol, str]) -> Sight:
    """What the written form alone tells of the sign: sums and products of positive things are positive."""
    match node:
        case Number():
            return Sight.POSITIVE if number_value(node.text) else Sight.NONNEGATIVE
        case Constant(name):
            return Sight.POSITIVE if name in ("e", "pi") else Sight.UNKNOWN
        case Symbol():
            return _of_domain(domains.get(node, ""))
        case Power(base, exponent):
            return _power_at_sight(base, exponent, domains)
        case Sum(terms):
            seen = [at_sight(t, domains) for t in terms]
            return max(seen) if min(seen) else Sight.UNKNOWN
        case Product(factors):
            return min(at_sight(f, domains) for f in factors)
        case Quotient(top, bottom):
            return at_sight(top, domains) if at_sight(bottom, domains) is Sight.POSITIVE else Sight.UNKNOWN
        case Root(radicand):
            return Sight.POSITIVE if at_sight(radicand, domains) is Sight.POSITIVE else Sight.UNKNOWN
    return Sight.UNKNOWN


def _of_domain(domain: str) -> Sight:
    if domain.startswith("positive"):
        return Sight.POSITIVE
    return Sight.NONNEGATIVE if domain == "nonnegative" else Sight.UNKNOWN


def _power_at_sight(base: Node, exponent: Node, domains: Mapping[Symbol, str]) -> Sight:
    seen = at_sight(base, domains)
    if seen is Sight.POSITIVE:
        return seen
    n = numeric(exponent)
    even = n is not None and n > 0 and n.denominator == 1 and n % 2 == 0
    return Sight.NONNEGATIVE if even else Sight.UNKNOWN
