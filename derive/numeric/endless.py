"""The numeric value of an expression with infinite sums and integrals in it, by mpmath.

Adding up until the terms are small, and double-exponential quadrature cut at kinks: good to some 15 digits and without
an error bound, which the verifier finds by itself. Called by the kinds about distributions, for means that have no
closed form. A function that such an expression may contain is a row of :data:`FUNCTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from derive.errors import MathError
from derive.tree import (
    INFINITY,
    Call,
    Constant,
    Integral,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    SumOver,
    Symbol,
    contains,
    walk,
)

_DIGITS = 25
_TERMS = 20_000
_SMALL = 4  # terms in a row that are small

FUNCTIONS: Mapping[str, str] = {
    "exp": "exp", "log": "log", "abs": "fabs", "sin": "sin", "cos": "cos", "erf": "erf", "gammafunction": "gamma",
    "digamma": "digamma", "factorial": "factorial", "binom": "binomial",
}  # fmt: skip
"""The functions, and what mpmath calls them."""


def endless_value(node: Node) -> float:
    """The value of an expression without letters. MathError where it has none or is not understood."""
    import mpmath

    with mpmath.workdps(_DIGITS):
        try:
            value = _Working(mpmath).value(node, {})
            if not mpmath.isfinite(value) or mpmath.im(value):
                raise MathError("the value is not a finite number")
            return float(mpmath.re(value))
        except (ValueError, ZeroDivisionError, OverflowError) as error:
            raise MathError(f"the value is not a finite number: {error}") from error


class _Working:
    """Evaluation of trees with mpmath's numbers."""

    def __init__(self, mpmath: Any) -> None:
        self.mpmath = mpmath

    def value(self, node: Node, at: Mapping[Symbol, Any]) -> Any:
        """The value where some letters have numbers."""
        mp = self.mpmath
        match node:
            case Number():
                return mp.mpf(node.value.numerator) / node.value.denominator
            case Symbol() if node in at:
                return at[node]
            case Constant("e"):
                return mp.e
            case Constant("pi"):
                return mp.pi
            case Sum(terms):
                return mp.fsum(self.value(t, at) for t in terms)
            case Product(factors):
                return mp.fprod(self.value(f, at) for f in factors)
            case Negative(operand):
                return -self.value(operand, at)
            case Quotient(top, bottom):
                return self.value(top, at) / self.value(bottom, at)
            case Power(base, exponent):
                return self.value(base, at) ** self.value(exponent, at)
            case Root(radicand, degree):
                return mp.root(self.value(radicand, at), int(self.value(degree, at)))
            case Call("log", (Call("factorial", (u,), 0),), 0):
                return mp.loggamma(self.value(u, at) + 1)
            case Call(name, args, 0) if name in FUNCTIONS:
                return getattr(mp, FUNCTIONS[name])(*(self.value(a, at) for a in args))
            case SumOver(body, index, lower, upper, None) if lower is not None and upper is not None:
                return self._sum(body, index, int(self.value(lower, at)), self._end(upper, at), at)
            case Integral(body, variable, lower, upper) if lower is not None and upper is not None:
                return self._integral(body, variable, [self._end(lower, at), self._end(upper, at)], at)
        raise MathError("an expression without a number")

    def _end(self, node: Node, at: Mapping[Symbol, Any]) -> Any:
        if node == INFINITY:
            return self.mpmath.inf
        return -self.mpmath.inf if node == Negative(INFINITY) else self.value(node, at)

    def _sum(self, body: Node, index: Symbol, first: int, last: Any, at: Mapping[Symbol, Any]) -> Any:
        mp, total, before, small = self.mpmath, self.mpmath.mpf(0), self.mpmath.mpf(0), 0
        tiny = mp.mpf(10) ** -_DIGITS
        for k in range(first, first + _TERMS):
            if k > last:
                return total
            term = self.value(body, {**at, index: mp.mpf(k)})
            total += term
            small = small + 1 if term and abs(term) <= abs(before) and abs(term) <= tiny * (1 + abs(total)) else 0
            if small == _SMALL:
                return total
            before = term
        raise MathError("the sum does not converge fast enough")

    def _integral(self, body: Node, variable: Symbol, ends: list[Any], at: Mapping[Symbol, Any]) -> Any:
        places = {k for n in walk(body) if (k := self._kink(n, variable, at)) is not None and ends[0] < k < ends[1]}
        function: Callable[[Any], Any] = lambda x: self.value(body, {**at, variable: x})  # noqa: E731
        return self.mpmath.quad(function, [ends[0], *sorted(places), ends[1]])

    def _kink(self, node: Node, variable: Symbol, at: Mapping[Symbol, Any]) -> Any:
        """The zero of what stands in an absolute value, taken as linear in the variable."""
        if not (isinstance(node, Call) and node.name == "abs" and contains(node, variable)):
            return None
        low, high = (self.value(node.args[0], {**at, variable: self.mpmath.mpf(k)}) for k in (0, 1))
        return None if low == high else low / (low - high)
