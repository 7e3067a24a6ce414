"""Closed forms of sums of one term over an index: polynomials, geometric terms, quotients by linear factors.

:func:`closed_form` is called by :mod:`sums` for a term that depends on the index. Each form solves the difference
equation ``T(i+1) - T(i) = term``, which together with the first value is the induction that proves it: by Faulhaber's
recursion for powers of the index, by undetermined coefficients for a power times a geometric term. Terms with
factorials are those of :mod:`factorials`. A quotient by
linear factors becomes partial fractions, whose sums telescope once shifted by :func:`offset`.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import comb
from typing import TYPE_CHECKING

from derive.tree import Symbol
from derive.verify.factorials import factorial_sum
from derive.verify.field import Element, Kernel, Poly
from derive.verify.signals import Undefined

if TYPE_CHECKING:
    from derive.verify.sums import Sums

_DEGREE = 12  # of a power of the index
_GEOMETRIC = frozenset({"exp", "parity"})
_SHIFTED = frozenset({"indexed", "call"})


def closed_form(sums: Sums, member: Element, name: Symbol, upper: Element | None) -> Element | None:
    """The sum of ``member`` for the index from 1 to ``upper`` (None: to infinity), or None where no form is known."""
    field = sums.field
    place = field.used(sums.element(name).top)[0]
    if any(field.kernels[i].kind == "factorial" for i in field.used(member.bottom)):
        found = factorial_sum(sums, member, name, upper)
        if found is not None:
            return found
    powers = sums.powers(member, (name,))
    if powers is None:
        return None if upper is None else _partial_fractions(sums, member, name, place, upper)
    degree = powers.pop(place, 0)
    if degree > _DEGREE or degree < 0:
        return None
    if not powers:
        return None if upper is None else _power_sum(sums, degree, upper)
    if all(field.kernels[i].kind in _GEOMETRIC for i in powers):
        front = field.over(member, field.polynomial(field.generators[place] ** degree))
        return _geometric(sums, front, degree, name, upper)
    return None


# --- powers ----------------------------------------------------------------------------------------------


def _power_sum(sums: Sums, k: int, n: Element) -> Element:
    """``1^k + ... + n^k``: (k+1) S_k = (n+1)^{k+1} - 1 - sum over j < k of C(k+1, j) S_j."""
    field = sums.field
    above = field.plus(n, field.one)
    found: list[Element] = []
    for d in range(k + 1):
        total = field.minus(field.power(above, d + 1), field.one)
        for j, lower in enumerate(found):
            total = field.minus(total, field.scaled(lower, comb(d + 1, j)))
        found.append(field.over(total, field.number(d + 1)))
    return found[k]


# --- geometric terms -------------------------------------------------------------------------------------


def _geometric(sums: Sums, g: Element, k: int, name: Symbol, upper: Element | None) -> Element | None:
    """The sum of ``i^k g(i)`` where ``g(i+1) = r g(i)``."""
    field = sums.field
    i = sums.element(name)
    ratio = field.canonical(field.over(sums.put_in(g, name, field.plus(i, field.one)), g))
    if name in field.symbols(ratio) or ratio == field.one:
        return None
    if upper is None and not _is_below_one(sums, ratio):
        return None
    whole = field.times(_antidifference(sums, ratio, k, i), g)
    first = sums.put_in(whole, name, field.one)
    if upper is None:
        return field.scaled(first, -1)
    return field.minus(sums.put_in(whole, name, field.plus(upper, field.one)), first)


def _antidifference(sums: Sums, r: Element, k: int, i: Element) -> Element:
    """The polynomial Q with ``r Q(i+1) - Q(i) = i^k``."""
    field = sums.field
    slope = field.minus(r, field.one)
    coefficients: dict[int, Element] = {}
    for j in range(k, -1, -1):
        rest = field.one if j == k else field.zero
        for m in range(j + 1, k + 1):
            rest = field.minus(rest, field.times(field.scaled(r, comb(m, j)), coefficients[m]))
        coefficients[j] = field.over(rest, slope)
    result = field.zero
    for j, c in coefficients.items():
        result = field.plus(result, field.times(c, field.power(i, j)))
    return result


def _is_below_one(sums: Sums, r: Element) -> bool:
    """Whether ``|r| < 1`` is certain."""
    field = sums.field
    return sums.is_positive(field.minus(field.one, r)) and sums.is_positive(field.plus(field.one, r))


# --- quotients -------------------------------------------------------------------------------------------


def _partial_fractions(sums: Sums, member: Element, name: Symbol, place: int, upper: Element) -> Element | None:
    """``1/(i (i+1))`` as ``1/i - 1/(i+1)``, and a polynomial taken off a single quotient."""
    from derive.verify.sums import Binder

    field = sums.field
    beside = [i for i in field.used(member.top) if i != place and name in field.kernels[i].symbols]
    if beside or not sums.depends(member.bottom, (name,)):
        return None
    outside, inside = sums.divided(member.bottom, (name,))
    parts = _fractions(sums, member.top, inside, name, place)
    if parts is None:
        return None
    binder, total = Binder(name, upper), field.zero
    for part in parts:
        total = field.plus(total, sums.linear((binder,), part))
    return field.over(total, field.polynomial(outside))


def _fractions(sums: Sums, top: Poly, bottom: Poly, name: Symbol, place: int) -> list[Element] | None:
    """A quotient as a polynomial and one fraction for each linear factor below; None when there is nothing to do."""
    field = sums.field
    factors = field.factors(bottom)[1]
    roots = [_root(sums, f, place) for f, times in factors if times == 1]
    if len(roots) < len(factors) or (len(factors) == 1 and int(top.degrees()[place]) < 1):
        return None
    rest, parts = field.fraction(top, bottom), []
    for (f, _), root in zip(factors, roots, strict=True):
        if root is None:
            return None
        others = field.over(field.polynomial(bottom), field.polynomial(f))
        try:
            residue = field.over(sums.put_in(field.polynomial(top), name, root), sums.put_in(others, name, root))
        except Undefined:
            return None
        parts.append(field.over(residue, field.polynomial(f)))
        rest = field.minus(rest, parts[-1])
    return [rest, *parts]


def _root(sums: Sums, factor: Poly, place: int) -> Element | None:
    """The zero of a factor that is linear in the index, free of it otherwise."""
    field = sums.field
    if int(factor.degrees()[place]) != 1:
        return None
    slope = factor.derivative(place)
    rest = factor - slope * field.generators[place]
    name = field.kernels[place].data
    if sums.depends(slope, (name,)) or sums.depends(rest, (name,)):
        return None
    return field.fraction(-rest, slope)


# --- shifts ----------------------------------------------------------------------------------------------


def offset(sums: Sums, member: Element, name: Symbol) -> int:
    """The least c of all ``i + c`` that a term applies a family, a function or a quotient to; 0 when there is none."""
    field = sums.field
    own = sums.element(name)
    moved = [field.minus(e, own) for e in _arguments(sums, member) if name in field.symbols(e)]
    found = [c for e in moved if name not in field.symbols(e) and (c := _constant(sums, e)) is not None]
    place = field.used(own.top)[0]
    if not member.bottom.is_constant():
        roots = (_root(sums, f, place) for f, _ in field.factors(member.bottom)[1] if sums.depends(f, (name,)))
        values = [field.rational(r) for r in roots if r is not None]
        found += [-int(v) for v in values if v is not None and v.denominator == 1]
    return min(found, default=0)


def _arguments(sums: Sums, element: Element) -> Iterator[Element]:
    for i in sums.field.used(*element):
        kernel: Kernel = sums.field.kernels[i]
        for inner in kernel.inner:
            if kernel.kind in _SHIFTED:
                yield inner
            yield from _arguments(sums, inner)


def _constant(sums: Sums, element: Element) -> int | None:
    """The constant term of a polynomial."""
    if not element.bottom.is_one():
        return None
    return int(element.top[(0,) * sums.field.needs.room])
