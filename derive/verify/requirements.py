"""What an expression needs to have a value: arguments that must be positive, nonnegative, or not zero.

A statement is judged where both its sides have values, so these may be used as facts in its proof; those that
only one side needs become the verdict's conditions (:mod:`conditions`).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from derive.tree import (
    Call,
    Cases,
    E,
    Integral,
    Limit,
    Negative,
    Node,
    Number,
    Power,
    ProductOver,
    Quotient,
    Root,
    Sum,
    SumOver,
    Symbol,
    numeric,
    substitute,
)
from derive.verify.core import DerivativeAt, parts, walk


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
    return list(dict.fromkeys(_needs(node, whole)))


def _needs(node: Node, whole: frozenset[Symbol]) -> Iterator[Requirement]:
    match node:
        case Cases() | SumOver() | ProductOver() | Limit() | Integral():
            return
        case DerivativeAt(body, variable, _, point):
            yield from _needs(point, whole)
            for need in _needs(body, whole):
                yield Requirement(substitute(need.node, {variable: point}), _OPEN.get(need.need, need.need))
            return
    for child in parts(node):
        yield from _needs(child, whole)
    found = _own(node, whole)
    if found is not None and not isinstance(found.node, Number):
        yield found


_OPEN = {Need.NONNEGATIVE: Need.POSITIVE}
"""A function has a derivative only inside its domain."""


def _own(node: Node, whole: frozenset[Symbol]) -> Requirement | None:
    match node:
        case Call("log", (u, *_)):
            return Requirement(u, Need.POSITIVE)
        case Call("arcsin", (u,)):
            return Requirement(Sum((Number("1"), Negative(Power(u, Number("2"))))), Need.NONNEGATIVE)
        case Quotient(_, u) if _symbols(u):
            return Requirement(u, Need.NONZERO)
        case Root(u, degree):
            value = numeric(degree)
            even = value is not None and value.denominator == 1 and value % 2 == 0
            return Requirement(u, Need.NONNEGATIVE) if even else None
        case Power(base, exponent) if base != E and _symbols(base):
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


def _symbols(node: Node) -> frozenset[Symbol]:
    """All symbols, bound ones too."""
    return frozenset(p for p in walk(node) if isinstance(p, Symbol))
