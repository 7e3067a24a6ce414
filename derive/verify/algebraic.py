"""Whether a constant made of roots and of sines of fractions of pi is zero: decided, by a bound from its conjugates.

Such a number is a quotient U/L of algebraic integers. If all conjugates of U have absolute value at most u, those
of L at most l, and both lie in a number field of degree D, then U/L is zero or at least ``1/(u^(D-1) l)`` in
absolute value, for the norm of U is a whole number (the bound BFMSS; Burnikel, Funke, Mehlhorn, Schirra and
Schmitt, "A separation bound for real algebraic expressions", ESA 2001). A number ball smaller than that, around
zero, proves zero; one that excludes zero proves the contrary. Called by :mod:`vanishing` and :mod:`equality`.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from flint import arb, fmpz

from derive.tree import (
    PI,
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
    numeric,
)
from derive.verify.balls import Evaluation, precision
from derive.verify.core import number_value
from derive.verify.signals import Clock, Unclear, Undecidable, Undefined

_BITS = 60_000  # of the largest bound that is used: an evaluation then takes some 20 ms
_ORDER = 400  # of a root of unity
_START = 128
_MARGIN = 64


class NotAlgebraicError(Exception):
    """The expression is not of this kind, or its bound is too large."""


Size = tuple[float, float]
"""Binary logarithms of u and l."""


def is_zero(node: Node, clock: Clock) -> bool | None:
    """Whether a constant expression is zero; None where this cannot tell."""
    try:
        bound = _Bound()
        top, bottom = bound.size(node)
        bits = int((bound.degree - 1) * top + bottom) + 2
        return _decided(node, bits, clock) if bits <= _BITS else None
    except (NotAlgebraicError, Undecidable, Undefined):
        return None


def _decided(node: Node, bits: int, clock: Clock) -> bool | None:
    """Balls of growing precision, until they exclude zero or lie within ``2^-bits`` of it."""
    digits = _START
    while digits <= 4 * (bits + _MARGIN):
        clock.check()
        with precision(digits):
            try:
                value = Evaluation({}, clock=clock).value(node)
            except Unclear:
                value = None
            if value is not None and not value.contains(0):
                return False
            if value is not None and value.abs_upper() < arb(2) ** -bits:
                return True
        digits *= 2
    return None


class _Bound:
    """The size of an expression; the roots and angles that are met on the way determine the degree."""

    def __init__(self) -> None:
        self.radicals: dict[Node, int] = {}
        self.order = 1

    @property
    def degree(self) -> int:
        """A bound on the degree of a field that holds all parts."""
        result = int(fmpz(self.order).euler_phi())
        for degree in self.radicals.values():
            result *= degree
        return result

    def size(self, node: Node) -> Size:
        """Bounds on the conjugates of numerator and denominator."""
        match node:
            case Number(text):
                value = number_value(text)
                return _log(value.numerator), _log(value.denominator)
            case Negative(u) | Call("abs", (u,)):
                return self.size(u)
            case Sum(terms):
                return self._sum([self.size(t) for t in terms])
            case Product(factors):
                sizes = [self.size(f) for f in factors]
                return sum(u for u, _ in sizes), sum(v for _, v in sizes)
            case Quotient(top, bottom):
                (a, b), (c, d) = self.size(top), self.size(bottom)
                return a + d, b + c
            case Power(base, exponent):
                return self._power(base, numeric(exponent))
            case Root(radicand, degree):
                n = numeric(degree)
                return self._power(radicand, None if not n else 1 / n)
            case Call("sin" | "cos", (angle,)):
                return self._angle(angle)
            case Call("max" | "min", args):
                sizes = [self.size(a) for a in args]
                return max(u for u, _ in sizes), max(v for _, v in sizes)
        raise NotAlgebraicError

    @staticmethod
    def _sum(sizes: list[Size]) -> Size:
        bottom = sum(v for _, v in sizes)
        largest = max(u + bottom - v for u, v in sizes)
        return largest + _log(len(sizes)), bottom

    def _power(self, base: Node, q: Fraction | None) -> Size:
        if q is None:
            raise NotAlgebraicError
        top, bottom = self.size(base)
        if q < 0:
            q, top, bottom = -q, bottom, top
        if q.denominator > 1:
            n = q.denominator
            self.radicals[base] = lcm(self.radicals.get(base, 1), n)
            top = (top + (n - 1) * bottom) / n
        return top * q.numerator, bottom * q.numerator

    def _angle(self, angle: Node) -> Size:
        """``2 cos(2 pi a/b)`` is an algebraic integer whose conjugates are at most 2."""
        part = _part_of_pi(angle)
        if part is None:
            raise NotAlgebraicError
        self.order = lcm(self.order, 4, (part / 2).denominator)
        if self.order > _ORDER:
            raise NotAlgebraicError
        return 1.0, 1.0


def _log(n: int) -> float:
    return float(abs(n).bit_length())


def _part_of_pi(angle: Node) -> Fraction | None:
    """The rational number q for an angle ``q pi``; None for another."""
    match angle:
        case Constant("pi"):
            return Fraction(1)
        case Number(text):
            return Fraction(0) if not number_value(text) else None
        case Negative(u):
            part = _part_of_pi(u)
            return None if part is None else -part
        case Quotient(top, bottom):
            part, below = _part_of_pi(top), numeric(bottom)
            return None if part is None or not below else part / below
        case Product(factors) if PI in factors:
            place = factors.index(PI)
            return _product([numeric(f) for f in (*factors[:place], *factors[place + 1 :])])
        case Product((front, rest)):
            part, q = _part_of_pi(rest), numeric(front)
            return None if part is None or q is None else part * q
        case Sum(terms):
            parts = [_part_of_pi(t) for t in terms]
            return None if None in parts else sum((p for p in parts if p is not None), Fraction(0))
    return None


def _product(values: list[Fraction | None]) -> Fraction | None:
    result = Fraction(1)
    for value in values:
        if value is None:
            return None
        result *= value
    return result
