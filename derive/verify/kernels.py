"""Normal forms of exponentials, logarithms, powers, roots and trigonometric functions over a field.

Each function takes elements and gives an element, making generators for what is left after the laws are used:

* ``exp(sum q m)`` is the product of ``exp(m/N)^(q N)`` over monomials m, one unit 1/N for each m;
* ``log u`` (u > 0) is the sum of ``log|f|`` over the irreducible factors of u, whole numbers into primes;
* ``u^q`` (u >= 0) is the product of ``(|f|^(1/N))^(q N)``, whole powers taken out;
* ``sin`` and ``cos`` of a sum are expanded by the addition formulas, ``sin^2`` becomes ``1 - cos^2``;
* what has no law (erf, an unknown f) is a generator for each canonical argument, odd functions by sign.

Signs are asked of :class:`~derive.verify.signs.Signs`, which may request a split into cases. A new primitive
function needs a row in :data:`FUNCTIONS` here, one in :mod:`differential`, and one in :mod:`balls`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from flint import fmpz

from derive.verify.field import Element, Field, Kernel, Poly, identity, key_of, order
from derive.verify.signals import TooLarge, Undefined
from derive.verify.signs import Signs

_TURNS = 64  # multiples of one angle that are expanded
_ROOT = 64  # the highest root that is a generator
_RECURRENCES = 32  # steps between two values of the gamma function
_FACTOR_BITS = 128  # whole numbers that are split into primes


class Kernels:
    """The laws over one field, in one case of signs; ``log_of_product`` takes the logarithm of an indexed product."""

    def __init__(self, field: Field, signs: Signs, log_of_product: Callable[[Kernel], Element]) -> None:
        self.field, self.signs = field, signs
        self.log_of_product = log_of_product
        self.is_whole: Callable[[Element], bool] = lambda element: False
        """Whether an element takes whole values only; the converter, which knows the domains, puts this in."""

    # --- parts of an argument -----------------------------------------------------------------------

    def terms(self, u: Element) -> Iterator[tuple[Fraction, Element]]:
        """The argument as rational multiples of canonical monomials: ``(q, m)`` with ``u = sum q m``."""
        u = self.field.canonical(u)
        content, bottom = _primitive(u.bottom)
        pieces: list[tuple[Poly, Poly]] = [(u.top, bottom)]
        if not bottom.is_constant() and len(bottom) > 1:
            whole, rest = divmod(u.top, bottom)
            pieces = [(whole, self.field.unit), (rest, bottom)]
        for top, under in pieces:
            for powers, c in zip(top.monoms(), top.coeffs(), strict=True):
                monomial = self.field.ring.from_dict({powers: 1})
                yield Fraction(int(c), content), self.field.fraction(monomial, under)

    def single(self, atom: Element) -> Kernel | None:
        """The kernel that a monomial consists of, if it is just one."""
        if atom.bottom.is_one() and len(atom.top) == 1 and atom.top.total_degree() == 1:
            return self.field.kernels[self.field.used(atom.top)[0]]
        return None

    def make(self, kind: str, *inner: Element, unit: Fraction = Fraction(1), data: object = None) -> Element:
        """The generator of a kind with canonical arguments."""
        key = (kind, identity(*inner), unit, data)
        return self.field.generator(Kernel(kind, inner, unit, data, self.field.symbols(*inner)), key)

    # --- exponential, logarithm, powers ---------------------------------------------------------------

    def exp(self, u: Element) -> Element:
        """``e^u``."""
        field, result = self.field, self.field.one
        for q, atom in self.terms(u):
            kernel = self.single(atom)
            if kernel is not None and kernel.kind == "log":
                result = field.times(result, self.absolute_power(kernel.inner[0].top, q))
                continue
            unit = field.unit_of(("exp", key_of(atom)), q)
            result = field.times(result, field.power(self.make("exp", atom, unit=unit), int(q / unit)))
        return result

    def log(self, u: Element) -> Element:
        """``log u`` where u is positive; the caller sees to it that it is."""
        if u.top.is_zero():
            raise Undefined
        if self.field.rational(u) is not None and u.top.leading_coefficient() < 0:
            raise Undefined
        u = self.field.canonical(u)
        return self.field.minus(self._log_absolute(u.top), self._log_absolute(u.bottom))

    def log_absolute(self, u: Element) -> Element:
        """``log|u|``."""
        u = self.field.canonical(u)
        return self.field.minus(self._log_absolute(u.top), self._log_absolute(u.bottom))

    def _log_absolute(self, p: Poly) -> Element:
        content, parts = self.field.factors(p)
        result = self.field.zero
        for prime, times in _primes(abs(content)):
            result = self.field.plus(result, self.field.scaled(self._log_number(prime), times))
        for part, times in parts:
            result = self.field.plus(result, self.field.scaled(self.log_factor(part), times))
        return result

    def _log_number(self, n: int) -> Element:
        return self.make("log", self.field.number(n))

    def log_factor(self, f: Poly) -> Element:
        """``log|f|`` of an irreducible polynomial."""
        kernel = self.single(Element(f, self.field.unit))
        if kernel is not None:
            match kernel.kind:
                case "exp":
                    return self.field.scaled(kernel.inner[0], kernel.unit)
                case "root":
                    return self.field.scaled(self._log_absolute(kernel.inner[0].top), kernel.unit)
                case "parity":
                    return self.field.zero
                case "abs":
                    return self._log_absolute(kernel.inner[0].top)
                case "product":
                    return self.log_of_product(kernel)
        conjugate = self._conjugate(f)
        if conjugate is not None and order(conjugate) < order(f):
            norm = self._log_absolute(self.field.reduced(f * conjugate))
            return self.field.minus(norm, self.make("log", Element(conjugate, self.field.unit)))
        return self.make("log", Element(f, self.field.unit))

    def _conjugate(self, f: Poly) -> Poly | None:
        """``a - b r`` for ``a + b r`` with a square root or a sine r, with a canonical sign."""
        degrees = f.degrees()
        for place, (degree, _) in self.field.relations.items():
            if degree == 2 and degrees[place] == 1 and len(f) > 1:
                other = self.field.mirrored(f, place)
                return -other if other.leading_coefficient() < 0 else other
        return None

    def absolute_factor(self, f: Poly) -> Element:
        """``|f|`` of an irreducible polynomial, by its sign in this case."""
        return self.field.polynomial(f * self.signs.decided(f))

    def absolute_power(self, f: Poly, q: Fraction) -> Element:
        """``|f|^q`` for an irreducible polynomial or a prime number."""
        if q.denominator == 1 and q % 2 == 0:
            return self.field.power(self.field.polynomial(f), int(q))
        kernel = self.single(Element(f, self.field.unit))
        if kernel is not None and kernel.kind == "exp":
            return self.exp(self.field.scaled(kernel.inner[0], q * kernel.unit))
        if kernel is not None and kernel.kind == "root" and q.denominator != 1:
            return self._root_power(kernel.inner[0].top, q * kernel.unit)
        absolute = self.field.polynomial(f) if f.is_constant() else self.absolute_factor(f)
        if q.denominator == 1:
            return self.field.power(absolute, int(q))
        return self._root_power(absolute.top, q)

    def _root_power(self, radicand: Poly, q: Fraction) -> Element:
        """``radicand^q`` where the radicand is nowhere negative: a power of its N-th root."""
        inner = Element(radicand, self.field.unit)
        unit = Fraction(1, self.field.unit_of(("root", key_of(inner)), Fraction(1, q.denominator)).denominator)
        if unit.denominator > _ROOT:
            raise TooLarge("too large")
        root = self.make("root", inner, unit=unit)
        self.field.relate(self.field.used(root.top)[0], unit.denominator, radicand)
        return self.field.power(root, int(q / unit))

    def power(self, u: Element, q: Fraction) -> Element:
        """``u^q`` for a rational q that is not whole and u >= 0 (the caller sees to it)."""
        value = self.field.rational(u)
        if u.top.is_zero():
            if q < 0:
                raise Undefined
            return u
        if value is not None and value < 0:
            raise Undefined
        u = self.field.canonical(u)
        content, parts = self.field.factors(u.top)
        under, below = self.field.factors(u.bottom)
        result = self.field.one
        for number, sign in ((content, 1), (under, -1)):
            for prime, times in _primes(abs(number)):
                factor = self.absolute_power(self.field.ring.constant(prime), sign * times * q)
                result = self.field.times(result, factor)
        every = parts + [(f, -times) for f, times in below]
        return self.field.times(result, self._factors_power(every, 1 if content > 0 else -1, q))

    def _factors_power(self, parts: list[tuple[Poly, int]], sign: int, q: Fraction) -> Element:
        """``|prod f^m|^q``; odd factors of unknown sign stay together, for only their product is known positive."""
        unknown, group, result = [], self.field.unit, self.field.one
        for f, times in parts:
            if times % 2:
                found = self.signs.likely(f)
                sign *= found or 1
                if not found:
                    unknown.append(f)
                    group = group * f
        if unknown:
            result = self._root_power(group * sign, q)
        for f, times in parts:
            rest = times - 1 if f in unknown else times
            if rest:
                result = self.field.times(result, self.absolute_power(f, rest * q))
        return result

    def odd_root(self, u: Element, n: int) -> Element:
        """The real n-th root for odd n, negative for negative u."""
        if u.top.is_zero():
            return u
        sign = self.signs.of(u)
        return self.field.scaled(self.power(self.field.scaled(u, sign), Fraction(1, n)), sign)

    def absolute(self, u: Element) -> Element:
        """``|u|``."""
        return u if u.top.is_zero() else self.field.scaled(u, self.signs.of(u))

    def symbolic_power(self, u: Element, v: Element, whole: bool) -> Element:
        """``u^v`` for an exponent that is no number; ``whole`` says that it takes whole values only."""
        if u.top.is_zero():
            if self.signs.of(v) < 0:
                raise Undefined
            return u
        sign = self.signs.of(u) if whole else 1
        size = self.exp(self.field.times(v, self.log(self.field.scaled(u, sign))))
        return self.field.times(self._parity(v), size) if sign < 0 else size

    def _parity(self, v: Element) -> Element:
        """``(-1)^v`` for a polynomial v with whole coefficients in whole symbols."""
        result = self.field.one
        for q, atom in self.terms(v):
            if int(q) % 2 == 0:
                continue
            if atom == self.field.one:
                result = self.field.scaled(result, -1)
                continue
            sign = self.make("parity", atom)
            self.field.relate(self.field.used(sign.top)[0], 2, self.field.unit)
            result = self.field.times(result, sign)
        return result

    # --- trigonometric ----------------------------------------------------------------------------------

    def sin(self, u: Element) -> Element:
        """``sin u``."""
        return self._sin_cos(u)[0]

    def cos(self, u: Element) -> Element:
        """``cos u``."""
        return self._sin_cos(u)[1]

    def _sin_cos(self, u: Element) -> tuple[Element, Element]:
        sine, cosine = self.field.zero, self.field.one
        for q, atom in self.terms(u):
            s, c = self._turned(q, atom)
            sine, cosine = self._added((sine, cosine), (s, c))
        return sine, cosine

    def _added(self, a: tuple[Element, Element], b: tuple[Element, Element]) -> tuple[Element, Element]:
        f = self.field
        sine = f.plus(f.times(a[0], b[1]), f.times(a[1], b[0]))
        return sine, f.minus(f.times(a[1], b[1]), f.times(a[0], b[0]))

    def _turned(self, q: Fraction, atom: Element) -> tuple[Element, Element]:
        """Sine and cosine of ``q m``: the |k|-fold of the angle in its unit."""
        kernel = self.single(atom)
        exact = self._of_pi(q) if kernel is not None and kernel.kind == "pi" else self._of_half_turns(q, atom)
        if exact is not None:
            return exact
        if kernel is not None and kernel.kind in ("arcsin", "arctan") and q.denominator == 1:
            base, turns = self._of_inverse(kernel), int(q)
        else:
            unit = self.field.unit_of(("angle", key_of(atom)), q)
            base, turns = self._angle(atom, unit), int(q / unit)
        if abs(turns) > _TURNS:
            raise TooLarge("too large")
        result = (self.field.zero, self.field.one)
        for _ in range(abs(turns)):
            result = self._added(result, base)
        return (self.field.scaled(result[0], -1), result[1]) if turns < 0 else result

    def _angle(self, atom: Element, unit: Fraction) -> tuple[Element, Element]:
        cosine = self.make("cos", atom, unit=unit)
        sine = self.make("sin", atom, unit=unit)
        self.field.relate(self.field.used(sine.top)[0], 2, self.field.unit - cosine.top**2)
        return sine, cosine

    def _of_inverse(self, kernel: Kernel) -> tuple[Element, Element]:
        """Sine and cosine of arcsin u and of arctan u."""
        f, u = self.field, kernel.inner[0]
        square = f.times(u, u)
        if kernel.kind == "arcsin":
            return u, self.power(f.minus(f.one, square), Fraction(1, 2))
        hypotenuse = self.power(f.plus(f.one, square), Fraction(1, 2))
        return f.over(u, hypotenuse), f.over(f.one, hypotenuse)

    def _of_pi(self, q: Fraction) -> tuple[Element, Element] | None:
        """Exact values at rational multiples of pi with denominator 1, 2, 3, 4, 6 (Abramowitz and Stegun 4.3)."""
        if q.denominator not in (1, 2, 3, 4, 6):
            return None
        twelfths = int(q * 12) % 24
        return self._sine_twelfth(twelfths), self._sine_twelfth((twelfths + 6) % 24)

    def _of_half_turns(self, q: Fraction, atom: Element) -> tuple[Element, Element] | None:
        """``sin(n pi) = 0`` and ``cos(n pi) = (-1)^n`` for whole n."""
        if q.denominator != 1 or not atom.bottom.is_one():
            return None
        pi = self.field.places.get(("pi", (), Fraction(1), None))
        if pi is None or atom.top.degrees()[pi] != 1:
            return None
        times = self.field.polynomial(atom.top.derivative(pi) * int(q))
        return (self.field.zero, self._parity(times)) if self.is_whole(times) else None

    def _sine_twelfth(self, k: int) -> Element:
        if k > 12:
            return self.field.scaled(self._sine_twelfth(k - 12), -1)
        doubled_square = {0: 0, 2: 1, 3: 2, 4: 3, 6: 4}[min(k, 12 - k)]
        quarter = self.field.number(Fraction(doubled_square, 4))
        return self.power(quarter, Fraction(1, 2))

    # --- functions without laws ---------------------------------------------------------------------------

    def odd(self, name: str, u: Element) -> Element:
        """A function with ``f(-u) = -f(u)``, ``f(0) = 0``: one generator for both signs of the argument."""
        u = self.field.canonical(u)
        if u.top.is_zero():
            return u
        if u.top.leading_coefficient() < 0:
            return self.field.scaled(self.make(name, self.field.scaled(u, -1)), -1)
        return self.make(name, u)

    def erf(self, u: Element) -> Element:
        """The error function."""
        return self.odd("erf", u)

    def gamma(self, u: Element) -> Element:
        """The gamma function: ``G(u + 1) = u G(u)``, with its values at whole numbers and halves."""
        steps, rest = self._shifted(u)
        value = self.field.rational(rest)
        if value == 0:
            if steps <= 0:
                raise Undefined
            steps, rest = steps - 1, self.field.one
        if value == 0:
            result = self.field.one
        elif value == Fraction(1, 2):
            result = self.power(self.pi(), Fraction(1, 2))
        else:
            result = self.make("gammafunction", self.field.canonical(rest))
        for factor in self._between(rest, steps):
            result = self.field.times(result, factor) if steps > 0 else self.field.over(result, factor)
        return result

    def digamma(self, u: Element) -> Element:
        """The logarithmic derivative of the gamma function: ``d(u + 1) = d(u) + 1/u``."""
        return self._recurring("digamma", u, 1)

    def trigamma(self, u: Element) -> Element:
        """Its derivative: ``t(u + 1) = t(u) - 1/u^2``."""
        return self._recurring("trigamma", u, 2)

    def _recurring(self, name: str, u: Element, power: int) -> Element:
        steps, rest = self._shifted(u)
        if self.field.rational(rest) == 0:
            if steps <= 0:
                raise Undefined
            steps, rest = steps - 1, self.field.one
        result = self.make(name, self.field.canonical(rest))
        sign = (1 if steps > 0 else -1) * (1 if power == 1 else -1)
        for factor in self._between(rest, steps):
            result = self.field.plus(result, self.field.scaled(self.field.power(factor, -power), sign))
        return result

    def _shifted(self, u: Element) -> tuple[int, Element]:
        """How many times one was added to the rest, whose constant term is from 0 up to 1."""
        field, u = self.field, self.field.canonical(u)
        if not u.bottom.is_constant():
            return 0, u
        constant = Fraction(int(u.top[(0,) * field.needs.room]), int(u.bottom.leading_coefficient()))
        steps = constant.numerator // constant.denominator
        if abs(steps) > _RECURRENCES:
            raise TooLarge("too large")
        return steps, field.minus(u, field.number(steps))

    def _between(self, rest: Element, steps: int) -> list[Element]:
        """The arguments at which the recurrence is used."""
        return [self.field.plus(rest, self.field.number(k)) for k in (range(steps) if steps > 0 else range(steps, 0))]

    def arcsin(self, u: Element) -> Element:
        """The principal inverse sine, with its exact values."""
        return self._inverse("arcsin", u, {(0, 1): 0, (1, 4): 2, (1, 2): 3, (3, 4): 4, (1, 1): 6})

    def arctan(self, u: Element) -> Element:
        """The principal inverse tangent, with its exact values."""
        return self._inverse("arctan", u, {(0, 1): 0, (1, 3): 2, (1, 1): 3, (3, 1): 4})

    def _inverse(self, name: str, u: Element, twelfths: dict[tuple[int, int], int]) -> Element:
        """Inverse trigonometric functions by the square of the argument at the exact values."""
        if self.field.symbols(u):
            return self.odd(name, u)
        square = self.field.rational(self.field.times(u, u))
        found = None if square is None else twelfths.get((square.numerator, square.denominator))
        if found is None:
            return self.odd(name, u)
        sign = self.signs.of(u) if found else 1
        return self.field.scaled(self.pi(), Fraction(found * sign, 12))

    def pi(self) -> Element:
        """The number pi."""
        return self.make("pi")

    def unknown(self, name: str, orders: tuple[int, ...], arguments: list[Element]) -> Element:
        """A function of which nothing is known, or a partial derivative of it."""
        return self.make("call", *map(self.field.canonical, arguments), data=(name, orders))

    # --- comparisons ----------------------------------------------------------------------------------------

    def largest(self, items: list[Element], sign: int) -> Element:
        """The maximum (sign 1) or minimum (sign -1)."""
        best = items[0]
        for other in items[1:]:
            difference = self.field.minus(other, best)
            if not difference.top.is_zero() and self.signs.of(difference) == sign:
                best = other
        return best


FUNCTIONS: dict[str, Callable[[Kernels, Element], Element]] = {
    "exp": Kernels.exp,
    "log": Kernels.log,
    "sin": Kernels.sin,
    "cos": Kernels.cos,
    "arcsin": Kernels.arcsin,
    "arctan": Kernels.arctan,
    "erf": Kernels.erf,
    "gammafunction": Kernels.gamma,
    "digamma": Kernels.digamma,
    "trigamma": Kernels.trigamma,
    "abs": Kernels.absolute,
}
"""The primitive functions of one argument."""


def _primitive(p: Poly) -> tuple[int, Poly]:
    """The positive integer content of a polynomial and the rest."""
    content = 0
    for c in p.coeffs():
        content = int(fmpz(content).gcd(c))
    return content, p / content if content != 1 else p


def _primes(n: int) -> list[tuple[int, int]]:
    if n <= 1:
        return []
    if n.bit_length() > _FACTOR_BITS:
        return [(n, 1)]
    return [(int(prime), int(times)) for prime, times in fmpz(n).factor()]
