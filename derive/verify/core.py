"""The verifier's small language: what is left of a written expression once everything defined is put in.

:func:`derive.verify.meaning.unfold` makes it; :mod:`convert` (exact) and :mod:`balls` (numeric) read it. Beside
the plain nodes of :mod:`derive.tree` it has one of its own, and these conventions:

* functions are the primitives listed in :data:`PRIMITIVES`, or unknown ones; every defined name is gone;
* every bound variable is a fresh symbol that occurs nowhere else, so substitution cannot capture anything;
* there is no ``At`` and no ``Gradient``; matrices are written out entry by entry (:mod:`matrices`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from derive.tree import (
    Call,
    Constant,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
    children,
    numeric,
)

PRIMITIVES = frozenset(["exp", "log", "sin", "cos", "arcsin", "arctan", "erf", "abs", "max", "min", "det", "rank"])
"""The functions that the evaluators know by themselves."""

_FRESH = "#"


@dataclass(frozen=True, slots=True)
class DerivativeAt(Node):
    """The n-th derivative of ``body`` with respect to ``variable``, which is bound, taken at ``point``."""

    body: Node
    variable: Symbol
    order: int
    point: Node


_LEAVES = frozenset({Number, Symbol, Constant})
_PARTS: dict[type[Node], Callable[[Any], tuple[Node, ...]]] = {
    Sum: lambda n: n.terms,
    Product: lambda n: n.factors,
    Quotient: lambda n: (n.numerator, n.denominator),
    Negative: lambda n: (n.operand,),
    Power: lambda n: (n.base, n.exponent),
    Root: lambda n: (n.radicand, n.degree),
    Call: lambda n: n.args,
}


def parts(node: Node) -> tuple[Node, ...]:
    """The parts directly below a node; what :func:`derive.tree.children` gives, faster for the common nodes."""
    kind = type(node)
    if kind in _LEAVES:
        return ()
    row = _PARTS.get(kind)
    return children(node) if row is None else row(node)


def walk(node: Node) -> list[Node]:
    """The node and every part below it, level by level."""
    found = [node]
    for current in found:
        if type(current) not in _LEAVES:
            found.extend(parts(current))
    return found


def free_symbols(node: Node) -> frozenset[Symbol]:
    """The symbols that are not bound: here every bound one is fresh, so these are the written ones."""
    found = {p for p in walk(node) if isinstance(p, Symbol)}
    return frozenset(s for s in found if not s.name.startswith(_FRESH))


@lru_cache(maxsize=4096)
def number_value(text: str) -> Fraction:
    """The exact value of a written number."""
    return Fraction(text)


def fresh(number: int, mark: str = "") -> Symbol:
    """A symbol that nobody can write."""
    return Symbol(_FRESH + mark, sub=str(number))


def is_fresh(symbol: Symbol) -> bool:
    """Whether the symbol was made here."""
    return symbol.name.startswith(_FRESH)


def whole(node: Node) -> int | None:
    """The value of a written whole number, or None."""
    value = numeric(node)
    return int(value) if value is not None and value.denominator == 1 else None


def is_opaque(node: Node) -> bool:
    """Whether the node applies a function of which nothing is known."""
    return isinstance(node, Call) and node.name not in PRIMITIVES


def quotient(top: Node, bottom: Node) -> Node:
    """``top/bottom``, without a denominator 1."""
    return top if bottom == Number("1") else Quotient(top, bottom)
