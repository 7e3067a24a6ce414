r"""Integrals that theorems give: Euler's two, of powers and of their products with logarithms, by their conditions.

:mod:`integrals` asks :func:`integral` for one term of an integrand, which is taken apart into a :class:`Shape`; the
first row of :data:`ROWS` that fits the range and the shape gives the value. A row also says what must be positive for
the integral to converge: where a sign is not certain, the caller decides whether it may be assumed. A new row is a
:class:`Row`; the tests hold each against quadrature to 20 digits at random parameters.

Source: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 6.1.1, 6.2.1, 6.3.1 and 6.4.1; logarithms are
derivatives by the exponents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import factorial
from typing import TYPE_CHECKING

from derive.tree import Symbol
from derive.verify.field import Element, Kernel, Poly
from derive.verify.kernels import Kernels

if TYPE_CHECKING:
    from derive.verify.integrals import Integrals, Range

_LOGS = 2  # factors log(t) and log(1 - t) together, where derivatives of the beta function are needed


@dataclass(frozen=True, slots=True)
class Shape:
    """``sign t^power |1 - t|^rest log(t)^logs log|1 - t|^rest_logs e^(constant + slope t + square t^2)``, t positive.

    The sign is the one between 0 and 1; where it is -1, it is another beyond 1.
    """

    power: Element
    rest: Element
    logs: int
    rest_logs: int
    constant: Element
    slope: Element
    square: Element
    sign: int


@dataclass(frozen=True, slots=True)
class Row:
    """Which ranges and shapes it fits, what must be positive, and the value without the sign and ``e^constant``."""

    fits: Callable[[Kernels, Range, Shape], bool]
    needs: Callable[[Kernels, Range, Shape], list[Element]]
    value: Callable[[Kernels, Range, Shape], Element]


def integral(integrals: Integrals, member: Element, name: Symbol, range_: Range) -> Element | None:
    """The integral of one term over a range of positive numbers; None where no row gives it."""
    kernels = integrals.kernels
    found = shape(integrals, member, name)
    row = None if found is None else next((r for r in ROWS if r.fits(kernels, range_, found)), None)
    if found is None or row is None:
        return None
    if not all(integrals.is_positive(e) for e in row.needs(kernels, range_, found)):
        return None
    front = kernels.field.scaled(kernels.exp(found.constant), found.sign)
    return kernels.field.times(front, row.value(kernels, range_, found))


# --- taking a term apart -------------------------------------------------------------------------------------


class _OtherError(Exception):
    """The term has another factor."""


def shape(integrals: Integrals, member: Element, name: Symbol) -> Shape | None:
    """The parts of a term that is one product; None for another term."""
    try:
        return _Parts(integrals, name).of(member)
    except _OtherError:
        return None


class _Parts:
    """The exponents of one term, as they are found factor by factor."""

    def __init__(self, integrals: Integrals, name: Symbol) -> None:
        self.bound, self.field, self.name = integrals, integrals.field, name
        self.letter = integrals.convert(name).top
        self.others = self.letter - self.field.unit, self.field.unit - self.letter
        self.powers = [self.field.zero] * 2
        self.logs = [0] * 2
        self.exponents = [self.field.zero] * 3
        self.sign = 1

    def of(self, member: Element) -> Shape:
        """The shape of a term."""
        for poly, direction in ((member.top, 1), (member.bottom, -1)):
            for part, times in self._factors(poly):
                self._factor(part, times * direction)
        if min(self.logs) < 0:
            raise _OtherError
        (power, rest), (logs, rest_logs), (constant, slope, square) = self.powers, self.logs, self.exponents
        return Shape(power, rest, logs, rest_logs, constant, slope, square, self.sign)

    def _factors(self, poly: Poly) -> Iterator[tuple[Poly, int]]:
        """The factors with the letter; what has none is an error of the caller."""
        if poly.is_constant():
            return
        if len(poly) == 1:
            for place, times in enumerate(poly.degrees()):
                if times:
                    yield self.field.generators[place], int(times)
            return
        yield from self.field.factors(poly)[1]

    def _factor(self, part: Poly, times: int) -> None:
        if part == self.letter:
            self.powers[0] = self.field.plus(self.powers[0], self.field.number(times))
        elif part in self.others:
            if times % 2 and part == self.others[0]:
                self.sign = -self.sign
            self.powers[1] = self.field.plus(self.powers[1], self.field.number(times))
        elif len(part) == 1 and part.total_degree() == 1:
            self._kernel(self.field.kernels[self.field.used(part)[0]], times)
        else:
            raise _OtherError

    def _kernel(self, kernel: Kernel, times: int) -> None:
        match kernel.kind:
            case "exp":
                self._exponential(self.field.scaled(kernel.inner[0], kernel.unit * times))
            case "log" if (place := self._place(kernel.inner[0])) is not None:
                self.logs[place] += times
            case "root" if (place := self._place(kernel.inner[0])) is not None:
                self.powers[place] = self.field.plus(self.powers[place], self.field.number(kernel.unit * times))
            case _:
                raise _OtherError

    def _place(self, inner: Element) -> int | None:
        """0 for the letter itself, 1 for its distance from one."""
        if not inner.bottom.is_one():
            return None
        return 0 if inner.top == self.letter else 1 if inner.top in self.others else None

    def _exponential(self, u: Element) -> None:
        """An exponent that is a polynomial of degree 2 in the letter, plus multiples of both logarithms."""
        if self.bound.depends(u.bottom, (self.name,)):
            raise _OtherError
        for powers, coefficient in zip(u.top.monoms(), u.top.coeffs(), strict=True):
            front, rest = self.bound.separated(powers, (self.name,))
            factor = self.field.fraction(front * coefficient, u.bottom)
            self._add(rest, factor)

    def _add(self, rest: Poly, factor: Element) -> None:
        for degree, power in enumerate((self.field.unit, self.letter, self.letter**2)):
            if rest == power:
                self.exponents[degree] = self.field.plus(self.exponents[degree], factor)
                return
        if rest.total_degree() == 1:
            kernel = self.field.kernels[self.field.used(rest)[0]]
            place = self._place(kernel.inner[0]) if kernel.kind == "log" else None
            if place is not None:
                self.powers[place] = self.field.plus(self.powers[place], factor)
                return
        raise _OtherError


# --- the rows ------------------------------------------------------------------------------------------------


def _above(kernels: Kernels, power: Element) -> Element:
    return kernels.field.plus(power, kernels.field.one)


def _is_zero(*elements: Element) -> bool:
    return all(e.top.is_zero() for e in elements)


def _from_zero(range_: Range) -> bool:
    return not range_.infinite[0] and _is_zero(range_.lower)


def _power_of(kernels: Kernels, base: Element, exponent: Element) -> Element:
    """``base^exponent`` for a positive base."""
    value = kernels.field.rational(exponent)
    if value is not None and value.denominator == 1:
        return kernels.field.power(base, int(value))
    return kernels.exp(kernels.field.times(exponent, kernels.log(base)))


def _is_plain(found: Shape) -> bool:
    """Whether neither ``1 - t`` nor a bell occurs."""
    return _is_zero(found.rest, found.square) and not found.rest_logs and found.sign > 0


def _is_gamma(kernels: Kernels, range_: Range, found: Shape) -> bool:
    exponential = _is_plain(found) and not _is_zero(found.slope)
    return exponential and _from_zero(range_) and range_.infinite[1] and found.logs <= _LOGS


def _gamma_needs(kernels: Kernels, range_: Range, found: Shape) -> list[Element]:
    return [kernels.field.scaled(found.slope, -1), _above(kernels, found.power)]


def _gamma(kernels: Kernels, range_: Range, found: Shape) -> Element:
    """``G(s)/b^s``, and its derivatives by s."""
    field, s, b = kernels.field, _above(kernels, found.power), kernels.field.scaled(found.slope, -1)
    value = field.over(kernels.gamma(s), _power_of(kernels, b, s))
    if not found.logs:
        return value
    first = field.minus(kernels.digamma(s), kernels.log(b))
    second = field.plus(field.times(first, first), kernels.trigamma(s)) if found.logs == _LOGS else first
    return field.times(value, second)


def _is_beta(kernels: Kernels, range_: Range, found: Shape) -> bool:
    unit = _from_zero(range_) and not range_.infinite[1] and range_.upper == kernels.field.one
    return unit and _is_zero(found.slope, found.square) and found.logs + found.rest_logs <= _LOGS


def _beta_needs(kernels: Kernels, range_: Range, found: Shape) -> list[Element]:
    return [_above(kernels, found.power), _above(kernels, found.rest)]


def _beta(kernels: Kernels, range_: Range, found: Shape) -> Element:
    """``G(s) G(t)/G(s + t)``, and its derivatives by s and t."""
    field, s, t = kernels.field, _above(kernels, found.power), _above(kernels, found.rest)
    both = field.plus(s, t)
    value = field.over(field.times(kernels.gamma(s), kernels.gamma(t)), kernels.gamma(both))
    if not found.logs + found.rest_logs:
        return value
    slopes = [field.minus(kernels.digamma(e), kernels.digamma(both)) for e in (s, t)]
    asked = [s] * found.logs + [t] * found.rest_logs
    factor = field.one
    for place in [0] * found.logs + [1] * found.rest_logs:
        factor = field.times(factor, slopes[place])
    if len(asked) == _LOGS:
        factor = field.minus(factor, kernels.trigamma(both))
        if found.logs != found.rest_logs:
            factor = field.plus(factor, kernels.trigamma(asked[0]))
    return field.times(value, factor)


def _is_power(kernels: Kernels, range_: Range, found: Shape) -> bool:
    power = _is_plain(found) and _is_zero(found.slope)
    return power and not range_.infinite[0] and not _is_zero(_above(kernels, found.power))


def _power_needs(kernels: Kernels, range_: Range, found: Shape) -> list[Element]:
    """Towards zero the exponent must be above -1, towards infinity below; else it may be either, but certainly one."""
    field, s = kernels.field, _above(kernels, found.power)
    below = field.scaled(s, -1)
    needed = [s] if _from_zero(range_) else [range_.lower]
    if range_.infinite[1]:
        return [*needed, below]
    if not _from_zero(range_):
        needed.append(s if kernels.signs.sign(s.top)[0] * kernels.signs.sign(s.bottom)[0] > 0 else below)
    return [*needed, range_.upper]


def _power(kernels: Kernels, range_: Range, found: Shape) -> Element:
    """``t^s (log(t)^j/s - j log(t)^(j - 1)/s^2 + ...)`` at both ends, zero at zero and at infinity."""
    field, s = kernels.field, _above(kernels, found.power)

    def primitive(at: Element) -> Element:
        log = kernels.log(at) if found.logs else field.one
        inside = field.zero
        for k in range(found.logs + 1):
            factor = Fraction((-1) ** k * factorial(found.logs), factorial(found.logs - k))
            term = field.over(field.power(log, found.logs - k), field.power(s, k + 1))
            inside = field.plus(inside, field.scaled(term, factor))
        return field.times(_power_of(kernels, at, s), inside)

    upper = field.zero if range_.infinite[1] else primitive(range_.upper)
    return upper if _from_zero(range_) else field.minus(upper, primitive(range_.lower))


ROWS = (
    Row(_is_gamma, _gamma_needs, _gamma),
    Row(_is_beta, _beta_needs, _beta),
    Row(_is_power, _power_needs, _power),
)
"""Euler's integrals of the second and of the first kind, and the integral of a power."""
