"""The verifier's small language: what is left of a written expression once everything defined is put in.

:func:`derive.verify.meaning.unfold` makes it; :mod:`convert` (exact) and :mod:`balls` (numeric) read it. Beside
the plain nodes of :mod:`derive.tree` it has one of its own, and these conventions:

* functions are the primitives listed in :data:`PRIMITIVES`, or unknown ones; every defined name is gone;
* every bound variable is a fresh symbol that occurs nowhere else, so substitution cannot capture anything;
* there is no ``At`` and no ``Gradient``; matrices are written out entry by entry (:mod:`matrices`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from derive.tree import Call, Node, Number, Quotient, Symbol, numeric

PRIMITIVES = frozenset("exp log sin cos arcsin arctan erf abs max min det rank".split())
"""The functions that the evaluators know by themselves."""

_FRESH = "#"


@dataclass(frozen=True, slots=True)
class DerivativeAt(Node):
    """The n-th derivative of ``body`` with respect to ``variable``, which is bound, taken at ``point``."""

    body: Node
    variable: Symbol
    order: int
    point: Node


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


def distinct(nodes: Iterator[Node]) -> list[Node]:
    """The nodes in order of first appearance, each once."""
    return list(dict.fromkeys(nodes))
