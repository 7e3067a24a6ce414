"""Equations that hold together, some of them between vectors: each that follows is one of those known, letters put in.

``w = c x`` with ``w^T x = 1`` gives ``c x^T x = 1``. The vectors are compared without their entries, by the judges that
:func:`derive.verify.verify_step` hands in; equations between numbers with inner products as letters. What this does
not prove is tried for vectors of a few entries (:mod:`unrolled`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from derive.declarations import declaration
from derive.steps import Status, Verdict
from derive.tree import (
    Negative,
    Node,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Transpose,
    map_children,
    substitute,
    times,
)
from derive.verify.core import free_symbols, walk
from derive.verify.equality import weakest
from derive.verify.signals import Clock
from derive.verify.systems import is_zero_where, relations
from derive.verify.wording import nonzero

Domains = Mapping[Symbol, str]
Judge = Callable[[Node, Node], Verdict]


def together(
    before: Node, after: Node, equal: Judge, equivalent: Judge, domains: Domains, clock: Clock
) -> Verdict | None:
    """A proof that equations hold where others do, each from one of them, with what letters are equal to put in.

    ``equal`` judges equations, ``equivalent`` whether two say the same; they may be between vectors.
    """

    def by_products(first: Relation, second: Relation) -> Verdict:
        return _by_products(first, second, domains, clock)

    known, wanted = relations(before), relations(after)
    values = _values(known)
    put_in = [Relation(tuple(substitute(s, values) for s in r.sides), r.signs) for r in known]
    found = []
    for relation in wanted:
        sides = tuple(substitute(s, values) for s in relation.sides)
        given = (*known, *put_in)
        made = Relation(sides, ("=",))
        verdict = _SAME if relation in known else _from_one(made, given, equal, (equivalent, by_products))
        if verdict is None:
            return None
        found.append(verdict)
    return replace(weakest(found), method="equations")


_SAME = Verdict(Status.PROVED, "identical")


def _values(known: Sequence[Relation]) -> dict[Node, Node]:
    """What letters are equal to, where they stand alone: each in terms of letters without a value."""
    values: dict[Node, Node] = {}
    for relation in known:
        left, right = relation.sides
        right = substitute(right, values)
        if isinstance(left, Symbol) and left not in values and left not in free_symbols(right):
            values = {k: substitute(v, {left: right}) for k, v in values.items()} | {left: right}
    return values


def _from_one(
    wanted: Relation, known: Sequence[Relation], equal: Judge, judges: Sequence[Callable[[Relation, Relation], Verdict]]
) -> Verdict | None:
    """A proof of one equation: its sides are equal, or it is another one, up to how that is written."""
    found = equal(*wanted.sides)
    if found.status is Status.PROVED:
        return found
    for relation in known:
        for verdict in (_side_by_side(relation, wanted, equal), *(judge(relation, wanted) for judge in judges)):
            if verdict.status is Status.PROVED:
                return verdict
    return None


def _by_products(known: Relation, wanted: Relation, domains: Domains, clock: Clock) -> Verdict:
    """Whether an equation between numbers follows from another one, with inner products ``u^T v`` as letters."""
    letters: dict[Node, Symbol] = {}
    sides = [_with_letters(s, letters) for r in (known, wanted) for s in r.sides]
    vectors = {s for s, d in domains.items() if declaration(d).kind != "number"}
    if not any(free_symbols(s) & vectors for s in sides):
        first, second = (Sum((a, Negative(b))) for a, b in (sides[:2], sides[2:]))
        if is_zero_where(second, first, domains, clock):
            needed = (nonzero(p.denominator) for s in wanted.sides for p in walk(s) if isinstance(p, Quotient))
            return Verdict(Status.PROVED, "exact", condition=tuple(dict.fromkeys(needed)))
    return Verdict(Status.UNDECIDED)


def _with_letters(node: Node, letters: dict[Node, Symbol]) -> Node:
    match node:
        case Product((*rest, Transpose(Symbol() as u), Symbol() as v)):
            name = letters.setdefault(Product((Transpose(u), v)), Symbol("the product", str(len(letters))))
            return times([*(_with_letters(f, letters) for f in rest), name])
    return map_children(node, lambda c: _with_letters(c, letters))


def _side_by_side(first: Relation, second: Relation, equal: Judge) -> Verdict:
    return weakest([equal(a, b) for a, b in zip(first.sides, second.sides, strict=True)])
