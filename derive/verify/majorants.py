r"""How large an expression is far out: rigorous bounds ``c x^p e^{-r x}`` of ``|f(x)|`` for all x from some number on.

:class:`Majorants` finds them part by part, from above and from below; :func:`tail_integral` and :func:`tail_sum` bound
what an integral or a sum to infinity lacks when it is cut. Called by :mod:`enclosures`. What is no such expression is
Undecidable; a bound that would hold further out only, too, and the caller may try there.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from flint import arb

from derive.tree import (
    Call,
    E,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
    contains,
    times,
    whole,
)
from derive.verify.balls import Evaluation
from derive.verify.signals import Undecidable

Ball = Any
"""An ``arb``."""

_BOUNDED = {"sin": 1, "cos": 1, "erf": 1, "arctan": 2}
_DEGREE = 12  # of a polynomial in an exponent
_ROOT = 8  # n in ``log x <= n x^(1/n)``


class Size(NamedTuple):
    """``factor x^power e^(-rate x)``."""

    factor: Ball
    power: Ball
    rate: Ball

    def times(self, other: Size) -> Size:
        """The product."""
        return Size(self.factor * other.factor, self.power + other.power, self.rate + other.rate)

    def over(self, other: Size) -> Size:
        """The quotient."""
        return Size(self.factor / other.factor, self.power - other.power, self.rate - other.rate)

    def raised(self, n: Ball) -> Size:
        """A power."""
        return Size(self.factor**n, self.power * n, self.rate * n)

    def at(self, x: Ball) -> Ball:
        """The value at one place."""
        return self.factor * x**self.power * (-self.rate * x).exp()

    def falls_from(self, x: Ball) -> bool:
        """Whether it falls, or stays, from some place on."""
        return bool(self.rate >= 0 and self.power <= self.rate * x)


_X = Size(arb(1), arb(1), arb(0))


def tail_integral(size: Size, start: Ball) -> Ball:
    """An upper bound of the integral from ``start``, where it converges."""
    factor, power, rate = size
    if rate > 0:
        falling = rate if power <= 0 else rate - power / start
        if falling > 0:
            return size.at(start) / falling
    elif rate >= 0 and power < -1:
        return factor * start ** (power + 1) / (-1 - power)
    raise Undecidable("no bound for the tail of an integral")


def tail_sum(size: Size, last: Ball) -> Ball:
    """An upper bound of the sum over the whole numbers behind ``last``."""
    if not size.falls_from(last):
        raise Undecidable("no bound for the tail of a sum")
    return tail_integral(size, last)


class Majorants:
    """Bounds for expressions in one variable, from ``start`` on, which is at least 1."""

    def __init__(self, evaluation: Evaluation, variable: Symbol, start: Ball) -> None:
        self.evaluation, self.variable, self.start = evaluation, variable, start

    def _fixed(self, node: Node) -> Ball:
        return self.evaluation.value(node)

    # --- from above -----------------------------------------------------------------------------------------

    def upper(self, node: Node) -> Size:
        """A bound of the absolute value from above."""
        if not contains(node, self.variable):
            return Size(abs(self._fixed(node)), arb(0), arb(0))
        match node:
            case Symbol():
                return _X
            case Sum(terms):
                return self._sum([self.upper(t) for t in terms])
            case Product(factors):
                result = self.upper(factors[0])
                for factor in factors[1:]:
                    result = result.times(self.upper(factor))
                return result
            case Negative(u) | Call("abs", (u,), 0):
                return self.upper(u)
            case Quotient(u, v):
                return self.upper(u).over(self.lower(v))
            case Power(base, exponent):
                return self._power(base, exponent)
            case Root(u, Number() as degree):
                return self.upper(u).raised(1 / self._fixed(degree))
            case Call("exp", (u,), 0):
                return self._exponential(u)
            case Call("log", (Call("factorial", (u,), 0),), 0) if u == self.variable:
                return Size(arb(1), arb(2), arb(0))  # log(x!) <= x log(x) <= x^2
            case Call("log", (u,), 0):
                return self._logarithm(u)
            case Call(name, _, 0) if name in _BOUNDED:
                return Size(arb(_BOUNDED[name]), arb(0), arb(0))
        raise Undecidable("no bound far out")

    @staticmethod
    def _sum(sizes: list[Size]) -> Size:
        """The largest power and the slowest fall, for x is at least 1."""
        power, rate, factor = sizes[0].power, sizes[0].rate, sizes[0].factor
        for size in sizes[1:]:
            power, rate, factor = power.max(size.power), rate.min(size.rate), factor + size.factor
        return Size(factor, power, rate)

    def _power(self, base: Node, exponent: Node) -> Size:
        if base == E:
            return self._exponential(exponent)
        if not contains(base, self.variable):
            return self._exponential(times([exponent, Call("log", (Call("abs", (base,)),))]))
        if contains(exponent, self.variable):
            raise Undecidable("no bound far out")
        n = self._fixed(exponent)
        if n >= 0:
            return self.upper(base).raised(n)
        if n <= 0:
            return Size(arb(1), arb(0), arb(0)).over(self.lower(base).raised(-n))
        raise Undecidable("no bound far out")

    def _exponential(self, u: Node) -> Size:
        constant, rate = self._exponent(u, 1)
        return Size(constant.exp(), arb(0), rate)

    def _logarithm(self, u: Node) -> Size:
        """``|log u|`` between two bounds of u; ``log x`` is at most ``n x^(1/n)``."""
        ends = self.lower(u), self.upper(u)
        constant = sum((abs(e.factor.log()) for e in ends), arb(0))
        logarithm = sum((abs(e.power) for e in ends), arb(0)) * _ROOT
        linear = sum((abs(e.rate) for e in ends), arb(0))
        power = arb(0) if linear.is_zero() and logarithm.is_zero() else arb(1)
        return Size(constant + logarithm + linear, power if not linear.is_zero() else power / _ROOT, arb(0))

    # --- from below -----------------------------------------------------------------------------------------

    def lower(self, node: Node) -> Size:
        """A positive bound of the absolute value from below."""
        if not contains(node, self.variable):
            value = abs(self._fixed(node))
            if not value > 0:
                raise Undecidable("no bound far out")
            return Size(value, arb(0), arb(0))
        match node:
            case Symbol():
                return _X
            case Sum(terms):
                return self._dominant(terms)
            case Product(factors):
                result = self.lower(factors[0])
                for factor in factors[1:]:
                    result = result.times(self.lower(factor))
                return result
            case Negative(u) | Call("abs", (u,), 0):
                return self.lower(u)
            case Quotient(u, v):
                return self.lower(u).over(self.upper(v))
            case Power(base, exponent) if base == E:
                constant, rate = self._exponent(exponent, -1)
                return Size((-constant).exp(), arb(0), -rate)
            case Power(base, exponent) if not contains(base, self.variable):
                constant, rate = self._exponent(times([exponent, Call("log", (base,))]), -1)
                return Size((-constant).exp(), arb(0), -rate)
            case Power(base, exponent) if not contains(exponent, self.variable) and self._fixed(exponent) > 0:
                return self.lower(base).raised(self._fixed(exponent))
            case Root(u, Number() as degree):
                return self.lower(u).raised(1 / self._fixed(degree))
            case Call("factorial", (u,), 0) if u == self.variable:
                return Size(arb(1), arb(0), 1 - self.start.log())  # x! >= (x/e)^x
        raise Undecidable("no bound far out")

    def _dominant(self, terms: tuple[Node, ...]) -> Size:
        """The term that grows fastest, less what the others may take away from it."""
        pairs = [(t, size) for t in terms if not (size := self.upper(t)).factor.is_zero()]
        sizes = [size for _, size in pairs]
        first = max(range(len(pairs)), key=lambda k: (-float(sizes[k].rate.mid()), float(sizes[k].power.mid())))
        most = self.lower(pairs[first][0])
        lost = arb(0)
        for k, size in enumerate(sizes):
            if k == first:
                continue
            ratio = size.over(most)
            if not ratio.falls_from(self.start):
                raise Undecidable("no bound far out")
            lost += ratio.at(self.start)
        if not lost < 1:
            raise Undecidable("no bound far out")
        return Size(most.factor * (1 - lost), most.power, most.rate)

    # --- exponents --------------------------------------------------------------------------------------------

    def _exponent(self, u: Node, sign: int) -> tuple[Ball, Ball]:
        """d and r with ``sign u <= d - r x``."""
        polynomial = [arb(0)]
        bounded = arb(0)
        for term in u.terms if isinstance(u, Sum) else (u,):
            try:
                polynomial = _added(polynomial, [c * sign for c in self.coefficients(term)])
            except Undecidable:
                size = self.upper(term)
                if not size.falls_from(self.start):
                    raise
                bounded += size.at(self.start)
        if any(not c <= 0 for c in polynomial[2:]):
            raise Undecidable("no bound far out")
        slope = sum((c * self.start**k for k, c in enumerate(polynomial[1:])), arb(0))
        return polynomial[0] + bounded, -slope

    def coefficients(self, u: Node) -> list[Ball]:
        """The coefficients of a polynomial in the variable, lowest first; ``|v|`` by the sign of v far out."""
        if not contains(u, self.variable):
            return [self._fixed(u)]
        match u:
            case Symbol():
                return [arb(0), arb(1)]
            case Sum(terms):
                result = [arb(0)]
                for term in terms:
                    result = _added(result, self.coefficients(term))
                return result
            case Negative(v):
                return [-c for c in self.coefficients(v)]
            case Product(factors):
                result = [arb(1)]
                for factor in factors:
                    result = _multiplied(result, self.coefficients(factor))
                return result
            case Quotient(v, w) if not contains(w, self.variable):
                below = self._fixed(w)
                return [c / below for c in self.coefficients(v)]
            case Power(base, Number() as exponent) if (n := whole(exponent)) is not None and 0 < n <= _DEGREE:
                result = [arb(1)]
                for _ in range(n):
                    result = _multiplied(result, self.coefficients(base))
                return result
            case Call("abs", (v,), 0):
                return self._absolute(self.coefficients(v))
        raise Undecidable("no bound far out")

    def _absolute(self, v: list[Ball]) -> list[Ball]:
        if len(v) == 2:
            value = v[0] + v[1] * self.start
            if v[1] > 0 and value > 0:
                return v
            if v[1] < 0 and value < 0:
                return [-c for c in v]
        raise Undecidable("no bound far out")


def _added(p: list[Ball], q: list[Ball]) -> list[Ball]:
    n = max(len(p), len(q))
    p, q = (c + [arb(0)] * (n - len(c)) for c in (p, q))
    return [a + b for a, b in zip(p, q, strict=True)]


def _multiplied(p: list[Ball], q: list[Ball]) -> list[Ball]:
    result = [arb(0)] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            result[i + j] += a * b
    if len(result) > _DEGREE + 1:
        raise Undecidable("no bound far out")
    return result
