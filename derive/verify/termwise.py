"""Sums over the same index that are equal term by term, where a term needs cases of signs: ``d/dm sum_i |x_i - m|``.

The normal form of sums (:mod:`sums`) has no cases for each value of an index. Here the derivative and factors of a sum
go inside, the members at the index become letters, and the terms are compared as expressions of their own. Called by
:func:`derive.verify.verify_step` where nothing else gives a proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from derive.steps import Status, Verdict
from derive.tree import (
    ONE,
    Call,
    Indexed,
    Negative,
    Node,
    Product,
    Quotient,
    SumOver,
    Symbol,
    map_children,
    substitute,
    times,
)
from derive.verify.core import DerivativeAt, Provided, free_symbols, walk
from derive.verify.equality import equality
from derive.verify.signals import Clock, Undecidable

_INDEX = Symbol("i", sup="*")
_KINKS = frozenset({"abs", "max", "min"})
SMOOTH = "every term has a derivative there"
"""What a derivative taken inside a sum needs where its terms have kinks."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A sum by its term at the index :data:`_INDEX` and its bounds; ``kinks`` where a term with kinks is derived."""

    body: Node
    lower: Node | None
    upper: Node | None
    kinks: bool = False

    def around(self, body: Node, kinks: bool = False) -> Terms:
        """The same sum of another term."""
        return replace(self, body=body, kinks=self.kinks or kinks)


def termwise(a: Node, b: Node, domains: Mapping[Symbol, str], clock: Clock) -> Verdict | None:
    """A proof of ``a = b`` term by term, or None."""
    first, second = _terms(a), _terms(b)
    if first is None or second is None or (first.lower, first.upper) != (second.lower, second.upper):
        return None
    names: dict[Symbol, Symbol] = {}
    sides = [_with_letters(t.body, names) for t in (first, second)]
    if any(base in free_symbols(side) for side in sides for base in names):
        return None
    known = {letter: domains[base] for base, letter in names.items() if base in domains}
    whole = {_INDEX: "positive integer" if first.lower == ONE else "integer"}
    try:
        found = equality(sides[0], sides[1], {**domains, **known, **whole}, clock)
    except Undecidable:
        return None
    if found.status is not Status.PROVED or any("*" in c for c in found.condition):
        return None
    smooth = (SMOOTH,) if first.kinks or second.kinks else ()
    return Verdict(Status.PROVED, "term by term", condition=(*found.condition, *smooth))


def _terms(node: Node) -> Terms | None:
    """A sum, with the factors, the sign and the derivative around it inside."""
    match node:
        case SumOver(body, index, lower, upper, None) if lower is not None and upper is not None:
            return Terms(substitute(body, {index: _INDEX}), lower, upper)
        case Provided(body):
            return _terms(body)
        case Negative(operand):
            inner = _terms(operand)
            return None if inner is None else inner.around(Negative(inner.body))
        case Quotient(top, bottom):
            inner = _terms(top)
            return None if inner is None else inner.around(Quotient(inner.body, bottom))
        case Product(factors):
            sums = [f for f in factors if _terms(f) is not None]
            inner = _terms(sums[0]) if len(sums) == 1 else None
            rest = [f for f in factors if not sums or f is not sums[0]]
            return None if inner is None else inner.around(times([*rest, inner.body]))
        case DerivativeAt(body, variable, order, point):
            inner = _terms(body)
            if inner is None or {variable} & _in_bounds(inner):
                return None
            kinks = any(isinstance(p, Call) and p.name in _KINKS for p in walk(inner.body))
            return inner.around(DerivativeAt(inner.body, variable, order, point), kinks)
    return None


def _in_bounds(terms: Terms) -> frozenset[Symbol]:
    """The letters in the bounds of a sum, also fresh ones."""
    bounds = (n for n in (terms.lower, terms.upper) if n is not None)
    return frozenset(p for n in bounds for p in walk(n) if isinstance(p, Symbol))


def _with_letters(node: Node, names: dict[Symbol, Symbol]) -> Node:
    """Members at the index as letters that are shown like them."""
    match node:
        case Indexed(base, (place,)) if place == _INDEX:
            return names.setdefault(base, replace(base, sub="i"))
    return map_children(node, lambda c: _with_letters(c, names))
