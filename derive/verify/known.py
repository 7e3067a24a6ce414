r"""Integrals that elementary antiderivatives give, with the conditions under which their ends may be infinite.

:mod:`integrals` asks :func:`integral` for one term, after its own antiderivatives and :mod:`normalising`: one over a
quadratic without zeros, an exponential times a sine or cosine (also under a bell over the whole line), a power times
the exponential of another power from zero to infinity, a power of something linear, and the derivative of a logistic
function. A row of :data:`ROWS` gives the value or None; where a sign is not certain, the caller decides whether it may
be assumed. The tests hold each row against quadrature to 20 digits at random parameters.

Source: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 3.3.16, 4.3.136, 4.3.137, 6.1.1 and 7.4.6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from derive.tree import Symbol
from derive.verify.field import Element, Kernel, Poly

if TYPE_CHECKING:
    from derive.verify.integrals import Integrals, Range

_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class _Task:
    """One term, the variable with its place among the generators, and the range."""

    integrals: Integrals
    member: Element
    name: Symbol
    place: int
    range: Range

    def ends(self, primitive: Callable[[Element], Element], far: tuple[Element, Element]) -> Element:
        """The difference of an antiderivative at the ends; ``far`` are its limits at minus and plus infinity."""
        values = [at if infinite else primitive(end)
                  for end, infinite, at in zip(self.range[:2], self.range.infinite, far, strict=True)]
        return self.integrals.field.minus(values[1], values[0])

    def linear(self, u: Element) -> tuple[Element, Element, Element] | None:
        """The coefficients of 1, t and t^2."""
        return self.integrals.quadratic(u, self.name, self.place)

    def powers(self) -> dict[int, int] | None:
        """The powers of the generators with the variable, where the term is one product of them."""
        return self.integrals.powers(self.member, (self.name,))

    def exponent(self, kernel: Kernel, times: int) -> Element:
        """What stands in the exponent of a power of an exponential."""
        return self.integrals.field.scaled(kernel.inner[0], kernel.unit * times)


def integral(integrals: Integrals, member: Element, name: Symbol, range_: Range) -> Element | None:
    """The integral of one term; None where no row gives it."""
    place = integrals.field.used(integrals.convert(name).top)[0]
    task = _Task(integrals, member, name, place, range_)
    return next((value for row in ROWS if (value := row(task)) is not None), None)


# --- one over a quadratic --------------------------------------------------------------------------------------


def _arctangent(task: _Task) -> Element | None:
    """``1/(a t^2 + b t + c)`` with ``4 a c > b^2``: ``2/r arctan((2 a t + b)/r)``, r the root of the difference."""
    integrals, field, kernels = task.integrals, task.integrals.field, task.integrals.kernels
    if integrals.depends(task.member.top, (task.name,)):
        return None
    found = task.linear(field.polynomial(task.member.bottom))
    if found is None or found[2].top.is_zero():
        return None
    c, b, a = found
    left = field.minus(field.scaled(field.times(a, c), 4), field.times(b, b))
    sign = integrals.certain_sign(a)
    if not sign or not integrals.is_positive(left):
        return None
    root = kernels.power(left, _HALF)

    def primitive(t: Element) -> Element:
        inside = field.over(field.plus(field.scaled(field.times(a, t), 2), b), root)
        return field.over(field.scaled(kernels.arctan(inside), 2), root)

    far = field.over(field.scaled(kernels.pi(), sign), root)
    return field.times(field.polynomial(task.member.top), task.ends(primitive, (field.scaled(far, -1), far)))


# --- waves -----------------------------------------------------------------------------------------------------


class _Wave(NamedTuple):
    """``e^(constant + slope t + square t^2)`` times the sine or cosine of ``speed t``."""

    constant: Element
    slope: Element
    square: Element
    speed: Element
    is_sine: bool


def _read_wave(task: _Task) -> _Wave | None:
    field, powers = task.integrals.field, task.powers()
    exponent, angle, is_sine = field.zero, None, False
    for place, times in (powers or {}).items():
        kernel = field.kernels[place]
        if kernel.kind == "exp":
            exponent = field.plus(exponent, task.exponent(kernel, times))
        elif kernel.kind in ("sin", "cos") and times == 1 and angle is None:
            angle, is_sine = field.scaled(kernel.inner[0], kernel.unit), kernel.kind == "sin"
        else:
            return None
    inside, turning = task.linear(exponent), None if angle is None else task.linear(angle)
    if inside is None or turning is None or not turning[0].top.is_zero() or not turning[2].top.is_zero():
        return None
    return _Wave(*inside, turning[1], is_sine)


def _wave(task: _Task) -> Element | None:
    """``e^(s t) cos(w t)``: ``e^(s t) (s cos(w t) + w sin(w t))/(s^2 + w^2)``; under a bell over the whole line."""
    found = _read_wave(task)
    if found is None:
        return None
    return _damped(task, found) if found.square.top.is_zero() else _under_a_bell(task, found)


def _damped(task: _Task, found: _Wave) -> Element | None:
    integrals, field, kernels = task.integrals, task.integrals.field, task.integrals.kernels
    s, w = found.slope, found.speed
    for infinite, sign in zip(task.range.infinite, (1, -1), strict=True):
        if infinite and not integrals.is_positive(field.scaled(s, sign)):
            return None
    size = field.plus(field.times(s, s), field.times(w, w))
    if size.top.is_zero() or (_has_whole(integrals, size) and not integrals.is_positive(size)):
        return None

    def primitive(t: Element) -> Element:
        sine, cosine = kernels.sin(field.times(w, t)), kernels.cos(field.times(w, t))
        turned = (field.minus(field.times(s, sine), field.times(w, cosine)) if found.is_sine else
                  field.plus(field.times(s, cosine), field.times(w, sine)))
        front = kernels.exp(field.plus(found.constant, field.times(s, t)))
        return field.over(field.times(front, turned), size)

    return task.ends(primitive, (field.zero, field.zero))


def _has_whole(integrals: Integrals, element: Element) -> bool:
    """Whether letters for whole numbers occur: what holds beside a value of theirs says nothing of that value."""
    field = integrals.field
    return any(integrals.kernels.is_whole(field.polynomial(field.generators[place])) for place in field.used(*element))


def _under_a_bell(task: _Task, found: _Wave) -> Element | None:
    """``sqrt(pi/a) e^((b^2 - w^2)/(4 a)) cos(w b/(2 a))``, the mean of the wave where ``e^(-a t^2 + b t)`` is."""
    integrals, field, kernels = task.integrals, task.integrals.field, task.integrals.kernels
    a, b, w = field.scaled(found.square, -1), found.slope, found.speed
    if not all(task.range.infinite) or not integrals.is_positive(a):
        return None
    squares = field.minus(field.times(b, b), field.times(w, w))
    height = kernels.exp(field.plus(found.constant, field.over(squares, field.scaled(a, 4))))
    angle = field.over(field.times(w, b), field.scaled(a, 2))
    wave = kernels.sin(angle) if found.is_sine else kernels.cos(angle)
    root = kernels.power(field.over(kernels.pi(), a), _HALF)
    return field.times(field.times(root, height), wave)


# --- powers ----------------------------------------------------------------------------------------------------


def _stretched(task: _Task) -> Element | None:
    """``t^(s - 1) e^(-b t^k)`` from zero to infinity: ``G(s/k)/(k b^(s/k))``, all of s, b and k positive."""
    integrals, field, kernels = task.integrals, task.integrals.field, task.integrals.kernels
    if task.range.infinite != (False, True) or not task.range.lower.top.is_zero():
        return None
    s, found = field.one, None
    for place, times in (task.powers() or {}).items():
        kernel = field.kernels[place]
        if place != task.place and kernel.kind == "exp" and found is None and (part := _of_power(task, kernel, times)):
            found = part
        elif (power := _power_of_letter(task, place, times)) is not None:
            s = field.plus(s, power)
        else:
            return None
    if found is None:
        return None
    b, k = found
    if not all(map(integrals.is_positive, (k, b, s))):
        return None
    q = field.over(s, k)
    below = field.times(k, kernels.exp(field.times(q, kernels.log(b))))
    return field.over(kernels.gamma(q), below)


def _of_power(task: _Task, kernel: Kernel, times: int) -> tuple[Element, Element] | None:
    """b and k of ``e^(-b t^k)``, k no logarithm's factor."""
    integrals, field = task.integrals, task.integrals.field
    u = task.exponent(kernel, times)
    if len(u.top) != 1:
        return None
    front, rest = integrals.separated(tuple(map(int, u.top.degrees())), (task.name,))
    front, rest = front * u.top.leading_coefficient(), field.polynomial(rest)
    below, inside = integrals.divided(u.bottom, (task.name,))
    degrees = zip(rest.top.degrees(), field.polynomial(inside).top.degrees(), strict=True)
    if len(inside) != 1:
        return None
    k = field.zero
    for place, (above, under) in enumerate(degrees):
        if above or under:
            power = _power_of_letter(task, place, int(above) - int(under))
            if power is None:
                return None
            k = field.plus(k, power)
    return field.scaled(field.fraction(front, below), -1), k


def _power_of_letter(task: _Task, place: int, times: int) -> Element | None:
    """The exponent where a power of a generator is a power of the positive letter."""
    field = task.integrals.field
    if place == task.place:
        return field.number(times)
    kernel = field.kernels[place]
    letter = field.generators[task.place]
    if kernel.kind == "root" and kernel.inner[0] == field.polynomial(letter):
        return field.number(kernel.unit * times)
    if kernel.kind == "exp":
        return _times_logarithm(task, task.exponent(kernel, times), letter)
    return None


def _times_logarithm(task: _Task, u: Element, base: Poly) -> Element | None:
    """c, where an exponent is c times the logarithm of a polynomial; c is free of the variable."""
    integrals, field = task.integrals, task.integrals.field
    if len(u.top) != 1 or integrals.depends(u.bottom, (task.name,)):
        return None
    front, rest = integrals.separated(tuple(map(int, u.top.degrees())), (task.name,))
    places = field.used(rest)
    if rest.total_degree() != 1 or field.kernels[places[0]].kind != "log":
        return None
    if field.kernels[places[0]].inner[0] != field.polynomial(base):
        return None
    return field.fraction(front * u.top.leading_coefficient(), u.bottom)


def _of_linear(task: _Task) -> Element | None:
    """``(a t + b)^q`` where that is positive: ``(a t + b)^(q + 1)/(a (q + 1))``, the logarithm for q = -1."""
    integrals, field, kernels = task.integrals, task.integrals.field, task.integrals.kernels
    read = _linear_power(task)
    if read is None:
        return None
    base, q = read
    b, a, _ = task.linear(field.polynomial(base)) or (field.zero,) * 3
    if not integrals.certain_sign(a):
        return None
    def at(t: Element) -> Element:
        return field.plus(field.times(a, t), b)

    for end, infinite in zip(task.range[:2], task.range.infinite, strict=True):
        if not infinite and not integrals.is_positive(at(end)):
            return None
    s = field.plus(q, field.one)
    if task.range.infinite[0] or (task.range.infinite[1] and not integrals.is_positive(a)):
        return None
    if s.top.is_zero():
        return None if task.range.infinite[1] else field.over(
            field.minus(kernels.log(at(task.range.upper)), kernels.log(at(task.range.lower))), a)
    if task.range.infinite[1] and not integrals.is_positive(field.scaled(s, -1)):
        return None
    if not integrals.certain_sign(s):
        return None

    def primitive(t: Element) -> Element:
        return field.over(kernels.exp(field.times(s, kernels.log(at(t)))), field.times(a, s))

    return task.ends(primitive, (field.zero, field.zero))


def _linear_power(task: _Task) -> tuple[Poly, Element] | None:
    """The base and the exponent of a power of something linear, whose factors may be written apart."""
    integrals, field, member = task.integrals, task.integrals.field, task.member
    base, q = None, field.zero
    for poly, sign in ((member.top, 1), (member.bottom, -1)):
        for part, times in ([] if poly.is_constant() else field.factors(poly)[1]):
            if not integrals.depends(part, (task.name,)):
                return None
            kernel = field.kernels[field.used(part)[0]] if len(part) == 1 and part.total_degree() == 1 else None
            inner, power = part, field.number(times * sign)
            if kernel is not None and kernel.kind == "root":
                inner, power = kernel.inner[0].top, field.number(kernel.unit * times * sign)
            elif kernel is not None and kernel.kind == "exp":
                logarithm = _logarithm_in(task, kernel)
                factor = None if logarithm is None else _times_logarithm(
                    task, task.exponent(kernel, times * sign), logarithm)
                if logarithm is None or factor is None:
                    return None
                inner, power = logarithm, factor
            if base is not None and inner != base:
                return None
            base, q = inner, field.plus(q, power)
    found = None if base is None else task.linear(field.polynomial(base))
    if base is None or found is None or found[1].top.is_zero() or not found[2].top.is_zero():
        return None
    return base, q


def _logarithm_in(task: _Task, kernel: Kernel) -> Poly | None:
    """Of which polynomial an exponent has the logarithm."""
    field = task.integrals.field
    kernels = [field.kernels[i] for i in field.used(kernel.inner[0].top)]
    found = [k.inner[0] for k in kernels if k.kind == "log" and task.name in k.symbols]
    return found[0].top if len(found) == 1 and found[0].bottom.is_one() else None


# --- logistic functions ----------------------------------------------------------------------------------------


def _logistic(task: _Task) -> Element | None:
    """``E/(a + b E)^n`` with ``E = e^(c t)``, n > 1: ``-1/(b c (n - 1) (a + b E)^(n - 1))``, a and b positive.

    ``E^(n - 1)/(a + b E)^n`` is the same with 1/E for E.
    """
    integrals, field = task.integrals, task.integrals.field
    places = [i for i in field.used(*task.member) if task.name in field.kernels[i].symbols]
    if len(places) != 1 or field.kernels[places[0]].kind != "exp":
        return None
    factors = field.factors(task.member.bottom)[1]
    kernel, place = field.kernels[places[0]], places[0]
    inside = task.linear(field.scaled(kernel.inner[0], kernel.unit))
    if len(factors) != 1 or factors[0][1] < 2 or factors[0][0].degrees()[place] != 1 or inside is None:
        return None
    base, n = factors[0]
    if not inside[0].top.is_zero() or not inside[2].top.is_zero() or len(task.member.top) != 1:
        return None
    c, (a, b) = inside[1], _in_generator(field.polynomial(base), task, place)
    match int(task.member.top.degrees()[place]):
        case 1:
            pass
        case power if power == n - 1:
            c, a, b = field.scaled(c, -1), b, a
        case _:
            return None
    sign = integrals.certain_sign(c)
    if not sign or integrals.certain_sign(a) != 1 or integrals.certain_sign(b) != 1:
        return None
    front = field.over(field.number(-1), field.scaled(field.times(b, c), n - 1))

    def primitive(t: Element) -> Element:
        value = field.plus(a, field.times(b, integrals.kernels.exp(field.times(c, t))))
        return field.over(front, field.power(value, n - 1))

    ends = field.over(front, field.power(a, n - 1)), field.zero
    return task.ends(primitive, ends if sign > 0 else ends[::-1])


def _in_generator(u: Element, task: _Task, place: int) -> tuple[Element, Element]:
    """The coefficients of 1 and E of something linear in the generator E."""
    field = task.integrals.field
    parts = [field.nought, field.nought]
    for powers, coefficient in zip(u.top.monoms(), u.top.coeffs(), strict=True):
        rest = (*powers[:place], 0, *powers[place + 1 :])
        parts[int(powers[place])] = parts[int(powers[place])] + field.ring.from_dict({rest: coefficient})
    return field.polynomial(parts[0]), field.polynomial(parts[1])


ROWS: tuple[Callable[[_Task], Element | None], ...] = (_arctangent, _wave, _stretched, _of_linear, _logistic)
"""The integrals, each by what the term has to be."""
