r"""Sums of powers over factorials: the exponential series and the binomial theorem, times a polynomial in the index.

Called by :mod:`series` for a term with factorials. With Stirling's numbers S of the second kind, ``sum_i i^m r^i/i! =
e^r sum_j S(m, j) r^j`` and ``sum_i i^m r^i/(i! (n - i)!) = 1/n! sum_j S(m, j) n (n-1)...(n-j+1) r^j (1 + r)^(n - j)``,
both from i = 0: what stands in factorials is taken off by differentiating ``e^r`` and ``(1 + r)^n`` by r.

Source: Graham, Knuth and Patashnik, Concrete Mathematics (2nd ed., 1994), 6.10 and 5.12.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial
from typing import TYPE_CHECKING

from derive.tree import Symbol
from derive.verify.counting import factorial as factorial_of
from derive.verify.field import Element, Poly

if TYPE_CHECKING:
    from derive.verify.sums import Sums

_DEGREE = 12  # of a power of the index
_ENDS = 12  # terms that a sum lacks


@dataclass(frozen=True, slots=True)
class Term:
    """``sum of coefficients[m] i^m``, times ``first r^(i - 1)``, over ``i!`` and, where there is a top, ``(top - i)!``.
    """

    coefficients: dict[int, Element]
    ratio: Element
    first: Element
    top: Element | None


def partitions(n: int, k: int) -> int:
    """Stirling's number of the second kind: the partitions of n things into k classes."""
    return int(sum(Fraction((-1) ** (k - j) * comb(k, j) * j**n) for j in range(k + 1))) // factorial(k)


def factorial_sum(sums: Sums, member: Element, name: Symbol, upper: Element | None) -> Element | None:
    """The sum of a term with factorials for the index from 1 to ``upper`` (None: to infinity); None for another term.
    """
    term = _term(sums, member, name)
    if term is None or (term.top is None) != (upper is None):
        return None
    return _exponential(sums, term) if upper is None else _binomial(sums, term, upper)


# --- taking a term apart -------------------------------------------------------------------------------------


def _term(sums: Sums, member: Element, name: Symbol) -> Term | None:
    field, index = sums.field, sums.element(name)
    top: Element | None = None
    rest, found = member, False
    for place in field.used(member.bottom):
        kernel = field.kernels[place]
        if kernel.kind != "factorial" or name not in kernel.symbols:
            continue
        if kernel.inner[0] == index and not found:
            found = True
        elif top is None and name not in field.symbols(field.plus(kernel.inner[0], index)):
            top = field.plus(kernel.inner[0], index)
        else:
            return None
        rest = field.times(rest, field.polynomial(field.generators[place]))
    if not found:
        return None
    if top is not None:
        top, rest = _widened(sums, rest, index, top)
    return _with_ratio(sums, rest, name, top)


def _widened(sums: Sums, rest: Element, index: Element, top: Element) -> tuple[Element, Element]:
    """``1/((n - i)! (n - i + 1))`` as ``1/(n + 1 - i)!``, as long as there is such a factor."""
    field = sums.field
    for _ in range(_ENDS):
        wider = field.plus(top, field.one)
        product = field.times(rest, field.minus(wider, index))
        if len(product.bottom) >= len(rest.bottom) and product.bottom.total_degree() >= rest.bottom.total_degree():
            break
        top, rest = wider, product
    return top, rest


def _with_ratio(sums: Sums, rest: Element, name: Symbol, top: Element | None) -> Term | None:
    """The polynomial and the geometric part of what is left."""
    field = sums.field
    place = field.used(sums.element(name).top)[0]
    if sums.depends(rest.bottom, (name,)) and len(rest.bottom) != 1:
        return None
    groups: dict[int, Element] = {}
    geometric: Element | None = None
    for powers, coefficient in zip(rest.top.monoms(), rest.top.coeffs(), strict=True):
        degree = int(powers[place])
        monomial = field.ring.from_dict({(*powers[:place], 0, *powers[place + 1 :]): coefficient})
        front, inside = _split(sums, field.fraction(monomial, rest.bottom), name)
        if geometric is None:
            geometric = inside
        if inside != geometric or degree > _DEGREE:
            return None
        groups[degree] = field.plus(groups.get(degree, field.zero), front)
    assert geometric is not None
    index = sums.element(name)
    ratio = field.over(sums.put_in(geometric, name, field.plus(index, field.one)), geometric)
    if name in field.symbols(ratio):
        return None
    return Term(groups, ratio, sums.put_in(geometric, name, field.one), top)


def _split(sums: Sums, element: Element, name: Symbol) -> tuple[Element, Element]:
    """A quotient of monomials as what is free of the name, times the rest."""
    field = sums.field
    parts: list[tuple[Poly, Poly]] = []
    for poly in element:
        (powers,), (coefficient,) = poly.monoms(), poly.coeffs()
        front, rest = sums.separated(powers, (name,))
        parts.append((front * coefficient, rest))
    (above, inside), (below, under) = parts
    return field.fraction(above, below), field.fraction(inside, under)


# --- the two theorems ----------------------------------------------------------------------------------------


def _exponential(sums: Sums, term: Term) -> Element | None:
    field = sums.field
    front = field.over(sums.kernels.exp(term.ratio), term.ratio)
    total = field.zero
    for m, coefficient in term.coefficients.items():
        inside = field.zero
        for j in range(m + 1):
            inside = field.plus(inside, field.scaled(field.power(term.ratio, j), partitions(m, j)))
        value = field.times(front, inside)
        if m == 0:  # from i = 0
            value = field.minus(value, field.over(field.one, term.ratio))
        total = field.plus(total, field.times(coefficient, value))
    return field.times(term.first, total)


def _binomial(sums: Sums, term: Term, upper: Element) -> Element | None:
    field, kernels, n = sums.field, sums.kernels, term.top
    assert n is not None
    beyond = field.rational(field.minus(upper, n))
    above = field.plus(field.one, term.ratio)
    if beyond is None or beyond.denominator != 1 or beyond < -_ENDS or sums.certain_sign(above) <= 0:
        return None
    power = kernels.symbolic_power(above, n, True)
    total = field.zero
    for m, coefficient in term.coefficients.items():
        value = field.zero
        for j in range(m + 1):
            falling = field.number(partitions(m, j))
            for k in range(j):
                falling = field.times(falling, field.minus(n, field.number(k)))
            part = field.over(field.power(term.ratio, j), field.power(above, j))
            value = field.plus(value, field.times(falling, part))
        value = field.times(value, power)
        if m == 0:  # from i = 0
            value = field.minus(value, field.one)
        total = field.plus(total, field.times(coefficient, value))
    total = field.over(total, factorial_of(kernels, n))
    for k in range(int(-beyond)):
        total = field.minus(total, _last(sums, term, n, k))
    return field.over(field.times(term.first, total), term.ratio)


def _last(sums: Sums, term: Term, n: Element, k: int) -> Element:
    """The term at ``i = n - k``, without what stands before the sum."""
    field = sums.field
    place = field.minus(n, field.number(k))
    value = field.zero
    for m, coefficient in term.coefficients.items():
        value = field.plus(value, field.times(coefficient, field.power(place, m)))
    value = field.times(value, sums.kernels.symbolic_power(term.ratio, place, True))
    return field.over(field.scaled(value, Fraction(1, factorial(k))), factorial_of(sums.kernels, place))
