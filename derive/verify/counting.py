"""Factorials and whole parts over a field.

``(n + c)!`` is ``n!`` times the numbers between, so that quotients of factorials are rational functions;
``floor(u + c) = floor(u) + c`` for a whole number c, and a u that takes whole values only is its own whole part.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial as exact_factorial

from derive.limits import FACTORIAL
from derive.verify.field import Element
from derive.verify.kernels import Kernels
from derive.verify.signals import TooLarge, Undefined

_STEPS = 12  # factors between two factorials


def factorial(kernels: Kernels, n: Element) -> Element:
    """``n!``. Undefined for a number that is negative or not whole."""
    field, value = kernels.field, kernels.field.rational(n)
    if value is not None:
        if value < 0 or value.denominator != 1:
            raise Undefined
        if value > FACTORIAL:
            raise TooLarge("too large")
        return field.number(exact_factorial(int(value)))
    shift = int(n.top[(0,) * field.needs.room]) if n.bottom.is_one() else 0
    if abs(shift) > _STEPS:
        raise TooLarge("too large")
    rest = field.minus(n, field.number(shift))
    result = kernels.make("factorial", field.canonical(rest))
    for k in range(1, shift + 1):
        result = field.times(result, field.plus(rest, field.number(k)))
    for k in range(-shift):
        result = field.over(result, field.minus(rest, field.number(k)))
    return result


def floor(kernels: Kernels, u: Element, is_whole: Callable[[Element], bool]) -> Element:
    """The largest whole number that is at most u; ``is_whole`` says of an element that it takes whole values only."""
    field = kernels.field
    u = field.canonical(u)
    if not u.bottom.is_constant():
        return kernels.make("floor", u)
    below = int(u.bottom.leading_coefficient())
    whole, rest = field.nought, field.nought
    for powers, coefficient in zip(u.top.monoms(), u.top.coeffs(), strict=True):
        monomial = field.ring.from_dict({powers: 1})
        if int(coefficient) % below == 0 and is_whole(field.polynomial(monomial)):
            whole = whole + monomial * (int(coefficient) // below)
        else:
            rest = rest + monomial * int(coefficient)
    left = field.fraction(rest, u.bottom)
    return field.plus(field.polynomial(whole), _floor_of_rest(kernels, left))


def _floor_of_rest(kernels: Kernels, u: Element) -> Element:
    """The same where no whole term is left but perhaps a number: between 0 and 1 after its whole part is taken off."""
    field, value = kernels.field, kernels.field.rational(u)
    if value is not None:
        return field.number(value.numerator // value.denominator)
    constant = field.fraction(field.ring.constant(u.top[(0,) * field.needs.room]), u.bottom)
    number = field.rational(constant)
    assert number is not None
    shift = field.number(number.numerator // number.denominator)
    return field.plus(kernels.make("floor", field.minus(u, shift)), shift)
