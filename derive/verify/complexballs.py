"""Integrands for ``acb.integral``: the evaluation of :mod:`balls` on complex balls, analytic functions only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flint import acb, arb

from derive.tree import Call, Constant, E, Negative, Node, Number, Power, Product, Quotient, Root, Sum, Symbol, numeric
from derive.verify.signals import Clock, Undecidable

Complex = Any
"""A ``flint.acb``."""

_NOWHERE = acb(arb.nan())


class Integrand:
    """The function of a complex ball and the flag "must be analytic" that ``acb.integral`` wants.

    Nothing may be raised inside the integration: what should be is kept in ``refusal``, for after it.
    """

    def __init__(
        self, body: Node, variable: Symbol, bindings: Mapping[Symbol, Any], clock: Clock | None
    ) -> None:
        self.body, self.variable, self.clock = body, variable, clock
        self.at = {s: acb(v) for s, v in bindings.items()}
        self.refusal: Undecidable | None = None

    def __call__(self, z: Complex, analytic: bool) -> Complex:
        """The value, or a ball that is nowhere finite."""
        if self.refusal is not None:
            return _NOWHERE
        try:
            if self.clock is not None:
                self.clock.check()
            return _value(self.body, {**self.at, self.variable: z}, analytic)
        except Undecidable as refusal:
            self.refusal = refusal
            return _NOWHERE


def _value(node: Node, at: Mapping[Symbol, Complex], analytic: bool) -> Complex:
    def value(part: Node) -> Complex:
        return _value(part, at, analytic)

    match node:
        case Number():
            return acb(node.value.numerator) / acb(node.value.denominator)
        case Symbol() if node in at:
            return at[node]
        case Constant("e"):
            return acb(1).exp()
        case Constant("pi"):
            return acb.pi()
        case Sum(terms):
            return sum((value(t) for t in terms), acb(0))
        case Product(factors):
            result = acb(1)
            for factor in factors:
                result = result * value(factor)
            return result
        case Negative(operand):
            return -value(operand)
        case Quotient(top, bottom):
            return value(top) / value(bottom)
        case Power(base, exponent):
            return _power(base, exponent, value, analytic)
        case Root(radicand, Number("2")):
            return value(radicand).sqrt(analytic=analytic)
        case Call(name, (argument,), 0) if name in _ENTIRE:
            return getattr(value(argument), _ENTIRE[name])()
        case Call("log", (argument,), 0):
            return value(argument).log(analytic=analytic)
    raise Undecidable("this integrand has no number here")


_ENTIRE = {"exp": "exp", "sin": "sin", "cos": "cos", "erf": "erf"}


def _power(base: Node, exponent: Node, value: Callable[[Node], Complex], analytic: bool) -> Complex:
    if base == E:
        return value(exponent).exp()
    n = numeric(exponent)
    if n is not None and n.denominator == 1:
        return value(base) ** int(n)
    power = value(exponent)
    if power.imag.is_zero() and power.real.is_exact() and power.real.is_integer():
        return value(base) ** int(power.real.unique_fmpz())
    return (power * value(base).log(analytic=analytic)).exp()
