"""Where two expressions differ: equal parts in equal places make equal wholes.

A step of a derivation changes one part of a long line. :func:`differences` finds the smallest parts that were
exchanged, so that only these need the exact zero test: ``C[u] = C[v]`` follows from ``u = v``. The converse does not
hold, so nothing is concluded when the parts are not equal. Called by :func:`derive.verify.verify_step`.
"""

from __future__ import annotations

from collections import Counter

from derive.tree import (
    At,
    Call,
    Cases,
    Derivative,
    Gradient,
    Indexed,
    Integral,
    Limit,
    Matrix,
    Node,
    Product,
    ProductOver,
    Relation,
    Sum,
    SumOver,
    children,
    times,
    total,
)

Pair = tuple[Node, Node]

_CLOSED = (At, Cases, Derivative, Indexed, Integral, Limit, ProductOver, Relation, SumOver)
"""Nodes whose parts are not looked into: they bind a variable or hold on a part of the domain only."""
_MOST = 8


def differences(a: Node, b: Node) -> list[Pair] | None:
    """The exchanged parts, or None when that is the whole expression or too many places."""
    pairs = _differences(a, b)
    return None if len(pairs) > _MOST or pairs == [(a, b)] else pairs


def _differences(a: Node, b: Node) -> list[Pair]:
    if a == b:
        return []
    if isinstance(a, Sum) and isinstance(b, Sum):
        return _among(a, b)
    if isinstance(a, Product) and isinstance(b, Product):
        return _between(a, b)
    ours, theirs = children(a), children(b)
    if not _alike(a, b) or len(ours) != len(theirs) or not ours:
        return [(a, b)]
    return [pair for x, y in zip(ours, theirs, strict=True) for pair in _differences(x, y)]


def _alike(a: Node, b: Node) -> bool:
    """Whether the two are the same operation on perhaps different parts."""
    if type(a) is not type(b) or isinstance(a, _CLOSED):
        return False
    match a, b:
        case (Call(x, _, m), Call(y, _, n)):
            return (x, m) == (y, n)
        case (Gradient(), Gradient()):
            return a == b
        case (Matrix(rows), Matrix(others)):
            return [len(r) for r in rows] == [len(r) for r in others]
    return True


def _among(a: Sum, b: Sum) -> list[Pair]:
    """Terms that stand on both sides drop out; the others are compared in order or as a whole."""
    common = Counter(a.terms) & Counter(b.terms)
    left, right = _without(a.terms, common), _without(b.terms, common)
    return _in_order(left, right) or [(total(left), total(right))]


def _between(a: Product, b: Product) -> list[Pair]:
    """Factors in front and behind that stand on both sides drop out; none in between, for matrices do not commute."""
    left, right = list(a.factors), list(b.factors)
    while left and right and left[0] == right[0]:
        del left[0], right[0]
    while left and right and left[-1] == right[-1]:
        del left[-1], right[-1]
    return _in_order(left, right) or [(times(left), times(right))]


def _in_order(left: list[Node], right: list[Node]) -> list[Pair]:
    """The differences of parts in equal places; nothing where these are not alike."""
    if len(left) != len(right) or not all(_alike(x, y) for x, y in zip(left, right, strict=True)):
        return []
    return [pair for x, y in zip(left, right, strict=True) for pair in _differences(x, y)]


def _without(parts: tuple[Node, ...], common: Counter[Node]) -> list[Node]:
    """The parts that are left when each common one is taken away as often as it is common."""
    rest = Counter(common)
    kept = []
    for part in parts:
        if rest[part]:
            rest[part] -= 1
        else:
            kept.append(part)
    return kept
