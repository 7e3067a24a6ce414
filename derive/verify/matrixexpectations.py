"""Expectations in index notation: linear, so that only what is random stays inside.

``E[A x] = A E[x]`` is ``sum_j A_{ij} E[x_j]``. In every term the factors that hold a random letter become one factor,
the expectation of their product with all indices apart; ``E[x_i x_j]`` is symmetric. Which letters are random is
written below the sign, or they are those that occur in expectations only. Nothing is assumed about their distribution.
Called by :mod:`matrixalgebra`.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.tree import Node, Symbol, drawn
from derive.verify.contractions import FORMAL, Factor, Head, Mono, Networks, Poly, Scalar, frozen
from derive.verify.matrixcalculus import closed, opened
from derive.verify.shapes import Reading
from derive.verify.signals import Undecidable

if TYPE_CHECKING:
    from derive.verify.matrixalgebra import Algebra


def random_letters(reading: Reading, over: tuple[Node, ...]) -> frozenset[Symbol]:
    """The letters an expectation is taken over. Undecidable where there are none."""
    found = frozenset(drawn(over)) & frozenset(reading.letters) or reading.random
    if not found:
        raise Undecidable("what is random in an expectation")
    return found


def expected(algebra: Algebra, p: Poly, random: frozenset[Symbol]) -> Poly:
    """The expectation of a sum of terms."""
    net = algebra.net
    result: Poly = {}
    for mono, c in p.items():
        result = net.plus(result, net.scaled(_of_term(net, _networks_opened(net, mono, random), random), c))
    return result


def _networks_opened(net: Networks, mono: Mono, random: frozenset[Symbol]) -> Mono:
    """The term with its random closed networks written as factors again."""
    scalars, factors = dict(mono[0]), list(mono[1])
    for key, n in mono[0]:
        inside = net.scalars[key].factors
        if inside and _holds(net, inside, random):
            if n < 0:
                raise Undecidable("the expectation of a quotient")
            del scalars[key]
            for _ in range(n):
                shift = 1 + max((i for _, slots in factors for i in slots), default=0)
                factors += [(k, tuple(i + max(shift, 0) if i >= 0 else i for i in slots)) for k, slots in inside]
    return tuple(sorted(scalars.items())), tuple(factors)


def _of_term(net: Networks, mono: Mono, random: frozenset[Symbol]) -> Poly:
    scalars, factors, sides = opened(net, mono)
    inside = sorted(f for f in factors if _holds(net, [f], random))
    numbers = {k: n for k, n in scalars if _is_random(net, net.scalars[k], random)}
    outside = [f for f in factors if f not in inside]
    rest = net.term(Fraction(1), {k: n for k, n in scalars if k not in numbers}, outside)
    if not inside and not numbers:
        return closed(net, rest, sides)
    return closed(net, net.times(rest, _mean(net, inside, numbers)), sides)


def _mean(net: Networks, factors: list[Factor], numbers: dict[str, int]) -> Poly:
    """One factor, or one scalar, for the expectation of a product."""
    slots = [i for _, own in factors for i in own]
    if len(slots) > len(FORMAL):
        raise Undecidable("a moment of so high an order")
    names = iter(FORMAL)
    inner = net.term(Fraction(1), numbers, [(key, tuple(next(names) for _ in own)) for key, own in factors])
    key = net.interned("E", frozen(inner))
    if not slots:
        return net.scalar(Scalar(key, "expectation", inner=inner))
    sides = tuple(side for k, _ in factors for side in net.heads[k].sides)
    symmetric = len(slots) == 2 and net.renamed(inner, {-1: -2, -2: -1}) == inner
    return net.entry(net.head(Head(key, "expectation", sides, symmetric, inner=inner)), *slots)


def _holds(net: Networks, factors: Iterable[Factor], random: frozenset[Symbol]) -> bool:
    """Whether a factor holds a random letter, perhaps within a function or an inverse."""
    for key, _ in factors:
        head = net.heads[key]
        if head.kind == "letter" and head.letter in random:
            return True
        inner = head.applied.inner if head.applied is not None else head.inner
        if head.kind in ("function", "inverse") and _in_poly(net, inner, random):
            return True
    return False


def _in_poly(net: Networks, p: Poly, random: frozenset[Symbol]) -> bool:
    return any(_holds(net, m[1], random) or any(_is_random(net, net.scalars[k], random) for k, _ in m[0]) for m in p)


def _is_random(net: Networks, scalar: Scalar, random: frozenset[Symbol]) -> bool:
    if scalar.kind == "symbol":
        return scalar.node in random
    if scalar.kind == "network":
        return _holds(net, scalar.factors, random)
    inner = scalar.applied.inner if scalar.applied is not None else scalar.inner
    return scalar.kind != "expectation" and _in_poly(net, inner, random)
