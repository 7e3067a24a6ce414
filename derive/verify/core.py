"""The verifier's small language: what is left of a written expression once everything defined is put in.

:func:`derive.verify.meaning.unfold` makes it; :mod:`convert` (exact) and :mod:`balls` (numeric) read it. Beside
the plain nodes of :mod:`derive.tree` it has four of its own, and these conventions:

* functions are the primitives listed in :data:`PRIMITIVES`, or unknown ones; every defined name is gone;
* every bound variable is a fresh symbol that occurs nowhere else, so substitution cannot capture anything;
* there is no ``At`` and no ``Gradient``; matrices are written out entry by entry (:mod:`matrices`);
* there is no ``Expectation``: it is a sum of the values times a :class:`Density` (:mod:`laws`);
* a sum without bounds runs over a set: ``where`` is ``Relation((index, set), ("in",))``, the set a fresh symbol
  (:func:`set_of`) or the written one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import Any, cast

from derive.tree import (
    Call,
    Constant,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Statements,
    Sum,
    Symbol,
    bound_symbols,
    children,
    map_children,
    number,
    substitute,
    whole,
)

PRIMITIVES = frozenset(
    ["exp", "log", "sin", "cos", "arcsin", "arctan", "erf", "gammafunction", "digamma",
     "trigamma", "abs", "max", "min", "det", "rank", "factorial", "floor",
     "ceil"]
)
"""The functions that the evaluators know by themselves."""

_FRESH = "#"


@dataclass(frozen=True, slots=True)
class DerivativeAt(Node):
    """The n-th derivative of ``body`` with respect to ``variable``, which is bound, taken at ``point``."""

    body: Node
    variable: Symbol
    order: int
    point: Node


@dataclass(frozen=True, slots=True)
class Bracket(Node):
    """Iverson's bracket: 1 where ``operand sign 0`` holds, else 0. The sign is ``=`` or ``>``."""

    operand: Node
    sign: str


@dataclass(frozen=True, slots=True)
class Density(Node):
    """The value of a law's density (or mass) at the values of some of its random quantities, the slots.

    Each slot has a name and the set of its values. The slots that are not named are summed out. ``params`` are
    parameters: the law is another one for each of their values.
    """

    name: str
    slots: tuple[tuple[str, Symbol], ...]
    values: tuple[Node, ...]
    params: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Provided(Node):
    """``body`` where the condition holds, and no value where it does not."""

    body: Node
    condition: Relation


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
    """The node and every part below it, level by level; a part that is shared, as unfolding leaves it, once."""
    found, seen = [node], {id(node)}
    for current in found:
        if type(current) not in _LEAVES:
            for part in parts(current):
                if id(part) not in seen:
                    seen.add(id(part))
                    found.append(part)
    return found


def put_in(node: Node, values: Mapping[Symbol, Node]) -> Node:
    """The expression with values for symbols; parts that are shared stay shared and are looked at once."""
    known: dict[int, Node] = {}
    every = cast("Mapping[Node, Node]", values)

    def visited(part: Node) -> Node:
        kind = type(part)
        if kind is Symbol:
            return every.get(part, part)
        if kind in _LEAVES:
            return part
        found = known.get(id(part))
        if found is None:
            captured = kind not in _PARTS and not bound_symbols(part).isdisjoint(values)
            found = substitute(part, every) if captured else map_children(part, visited)
            known[id(part)] = found
        return found

    return visited(node)


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


_SET = _FRESH + "set"
_INDICES = frozenset(_FRESH + mark for mark in ("i", "pi", "wi"))
_INTEGRATED = ("t", "pt")
POSITIVE, UNIT = "p", "u"
"""What is added to the mark of a variable of integration that is positive, or between 0 and 1."""
_BOUND = _INDICES | {_FRESH + mark for mark in ("v", "pv", "wv", "m")}
_BOUND |= {_FRESH + mark + within for mark in _INTEGRATED for within in ("", POSITIVE, UNIT)}


def set_of(name: str) -> Symbol:
    """The unnamed set that an index without bounds, or a random quantity, ranges over."""
    return Symbol(_SET, sub=name)


DISCRETE, CONTINUOUS, UNNAMED, UNSTATED = "d:", "c:", "v:", "u:"
"""How the name of a set of values begins: summed over, integrated over, neither, and of a law that is not stated."""
INDICES, RESTRICTED = "i:", "r:"
"""How the name of a set of indices begins, and of a declared domain that an optimum is looked for in."""


def is_set(node: Node) -> bool:
    """Whether the node is such a set."""
    return isinstance(node, Symbol) and node.name == _SET


def is_index(symbol: Symbol) -> bool:
    """Whether the symbol is the renamed index of a sum, which takes whole values."""
    return symbol.name in _INDICES


def is_bound(symbol: Symbol) -> bool:
    """Whether the symbol is the renamed index of a sum or the variable of an integral."""
    return symbol.name in _BOUND


def space(node: Node | None) -> tuple[Symbol, Node] | None:
    """The index and the set of ``index in set``."""
    match node:
        case Relation((Symbol() as index, found), ("in",)):
            return index, found
    return None


def is_opaque(node: Node) -> bool:
    """Whether the node applies a function of which nothing is known."""
    return isinstance(node, Call) and node.name not in PRIMITIVES


def binomial(n: Node, k: Node) -> Node:
    """The binomial coefficient by factorials."""
    rest = Call("factorial", (Sum((n, Negative(k))),))
    return Quotient(Call("factorial", (n,)), Product((Call("factorial", (k,)), rest)))


def bound_domain(symbol: Symbol) -> str:
    """The open range of a renamed variable of integration, which its mark tells: a domain as one declares it."""
    return _WITHIN.get(within(symbol), "real")


def within(symbol: Symbol) -> str:
    """The letter that tells the range of a renamed variable of integration; empty where nothing is known of it."""
    marked = symbol.name.removeprefix(_FRESH)
    return marked[-1:] if marked[:-1] in _INTEGRATED else ""


_WITHIN = {POSITIVE: "positive", UNIT: "(0, 1)"}


def quotient(top: Node, bottom: Node) -> Node:
    """``top/bottom``, without a denominator 1."""
    return top if bottom == Number("1") else Quotient(top, bottom)


def counted(index: Node) -> Node:
    """An index of numbers worked out: ``x_{2 + 1}`` is the name ``x_3``. What has letters is left as it is."""
    match index:
        case Sum(parts) | Product(parts):
            values = [whole(counted(p)) for p in parts]
            known = [v for v in values if v is not None]
            if len(known) == len(values):
                return number(sum(known) if isinstance(index, Sum) else prod(known))
        case Negative(operand):
            value = whole(counted(operand))
            return index if value is None else number(-value)
    return index


def member(base: Symbol, indices: Sequence[Node]) -> Symbol | None:
    """The name of a member of a family whose indices are written whole numbers; None for another."""
    numbers = [whole(i) for i in indices]
    if base.sub or any(n is None for n in numbers):
        return None
    return Symbol(base.name, ",".join(map(str, numbers)), base.sup, base.accent, base.font)


def stem(symbol: Symbol) -> Symbol | None:
    """The family that a symbol such as ``x_1`` is a member of, by its name; None for a name without a number."""
    if not all(label.removeprefix("-").isdigit() for label in symbol.sub.split(",")):
        return None
    return Symbol(symbol.name, "", symbol.sup, symbol.accent, symbol.font)


def restrictions(where: Node | None) -> list[Relation]:
    """The relations that restrict an index, without the set that it runs over."""
    if where is None:
        return []
    items = where.items if isinstance(where, Statements) else (where,)
    return [r for r in items if isinstance(r, Relation) and space(r) is None]


def set_over(where: Node | None) -> Node | None:
    """The set that an index without bounds runs over."""
    items = where.items if isinstance(where, Statements) else (where,)
    return next((found[1] for r in items if (found := space(r)) is not None), None)
