"""Exact arithmetic: rational functions with integer coefficients over generators, and the zero test.

An :class:`Element` is a quotient of two python-flint polynomials. A generator is a :class:`Kernel`: a symbol,
or something that behaves like one (the exponential of a monomial, the logarithm of an irreducible factor, a
root with its relation). Kernels are made by :mod:`derive.verify.kernels`; this module knows only that some are
algebraic: ``kernel**degree`` equals a polynomial and is replaced by it. An element whose numerator reduces to
the zero polynomial is zero: that is the proof the verifier gives. A non-zero numerator proves nothing.

The ring is made with room for a fixed number of generators; when they are used up, or a kernel is needed in a
finer unit (``exp(x/6)`` after ``exp(x/2)``), :class:`~derive.verify.signals.Restart` is raised and the caller
begins again with a field that knows.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb, gcd
from typing import Any, NamedTuple

from flint import Ordering, fmpz_mpoly_ctx

from derive.limits import EXPANSION_TERMS, VALUE_BITS
from derive.tree import Symbol
from derive.verify.signals import Clock, Restart, TooLarge, Undefined

Poly = Any
"""A ``flint.fmpz_mpoly`` of the field's ring."""

_WORK = 200 * EXPANSION_TERMS  # products of terms in one multiplication: below 50 ms
_GCD_WORK = 40_000  # product of the lengths of two polynomials whose common factor is looked for
_MULTIPLE = 12  # multiples of ``1/d`` that are kept as such; beyond, the multiple itself becomes the unit
_EXPONENT = 2**31  # of a generator: python-flint finds no common factors of polynomials with longer ones
_FACTOR_WORK = 6_000  # length times degree of a polynomial that is factored


class Element(NamedTuple):
    """A quotient of polynomials; the denominator is not zero and has a positive leading coefficient."""

    top: Poly
    bottom: Poly


@dataclass(frozen=True, slots=True)
class Kernel:
    """What a generator stands for: its kind, its arguments, its unit q (``exp(q u)``), and what it depends on."""

    kind: str
    inner: tuple[Element, ...] = ()
    unit: Fraction = Fraction(1)
    data: Any = None
    symbols: frozenset[Symbol] = frozenset()


@dataclass(slots=True)
class Needs:
    """What a field must provide, learnt from attempts that failed: room for generators, units of kernels."""

    room: int = 12
    units: dict[Hashable, Fraction] = field(default_factory=dict)


class Field:
    """The generators of one statement, and exact arithmetic over them."""

    def __init__(self, needs: Needs, clock: Clock) -> None:
        self.needs, self.clock = needs, clock
        self.ring = fmpz_mpoly_ctx.get([f"g{i}" for i in range(needs.room)], Ordering.lex)
        self.generators = self.ring.gens()
        self.kernels: list[Kernel] = []
        self.places: dict[Hashable, int] = {}
        self.relations: dict[int, tuple[int, Poly]] = {}
        self.unit = self.ring.constant(1)
        self.nought = self.ring.constant(0)
        self.zero = Element(self.nought, self.unit)
        self.one = Element(self.unit, self.unit)

    # --- elements ---------------------------------------------------------------------------------

    def number(self, value: Fraction | int) -> Element:
        """A rational number."""
        value = Fraction(value)
        return Element(self.ring.constant(value.numerator), self.ring.constant(value.denominator))

    def polynomial(self, poly: Poly) -> Element:
        """A polynomial as an element."""
        return Element(poly, self.unit)

    def generator(self, kernel: Kernel, key: Hashable) -> Element:
        """The generator for a kernel; the same key always gives the same one."""
        return Element(self.generators[self.place(kernel, key)], self.unit)

    def place(self, kernel: Kernel, key: Hashable) -> int:
        """The number of a kernel's generator, which is made when the key is new."""
        if key not in self.places:
            if len(self.kernels) == self.needs.room:
                self.needs.room *= 2
                raise Restart
            self.places[key] = len(self.kernels)
            self.kernels.append(kernel)
        return self.places[key]

    def relate(self, place: int, degree: int, poly: Poly) -> None:
        """Declare that the generator to the power ``degree`` equals ``poly``."""
        self.relations[place] = (degree, poly)

    def unit_of(self, key: Hashable, q: Fraction) -> Fraction:
        """The unit of a kernel, of which ``q`` is a whole multiple; asks for a new attempt to make it finer."""
        known = self.needs.units.get(key)
        if known is None:
            known = Fraction(1, q.denominator) if abs(q.numerator) <= _MULTIPLE else abs(q)
            self.needs.units[key] = known
        if (q / known).denominator != 1:
            below = known.denominator * q.denominator // gcd(known.denominator, q.denominator)
            self.needs.units[key] = Fraction(gcd(int(known * below), int(q * below)), below)
            raise Restart
        if abs(q / known) > _EXPONENT:
            raise TooLarge("too large")
        return known

    # --- arithmetic -------------------------------------------------------------------------------

    def fraction(self, top: Poly, bottom: Poly) -> Element:
        """``top/bottom`` in lowest terms. Undefined when the denominator is zero."""
        top = self.reduced(top)
        if not bottom.is_one():
            bottom = self.reduced(bottom)
            if bottom.is_zero():
                raise Undefined
        if top.is_zero():
            return self.zero
        if bottom.is_one():
            return Element(top, bottom)
        return _lowest(top, bottom)

    def plus(self, a: Element, b: Element) -> Element:
        """``a + b``."""
        if a.bottom == b.bottom:
            return self.fraction(a.top + b.top, a.bottom)
        top = self.product(a.top, b.bottom) + self.product(b.top, a.bottom)
        return self.fraction(top, self.product(a.bottom, b.bottom))

    def minus(self, a: Element, b: Element) -> Element:
        """``a - b``."""
        return self.plus(a, Element(-b.top, b.bottom))

    def times(self, a: Element, b: Element) -> Element:
        """``a b``."""
        return self.fraction(self.product(a.top, b.top), self.product(a.bottom, b.bottom))

    def over(self, a: Element, b: Element) -> Element:
        """``a/b``. Undefined when b is zero."""
        return self.fraction(self.product(a.top, b.bottom), self.product(a.bottom, b.top))

    def power(self, a: Element, n: int) -> Element:
        """``a^n`` for a whole number n. Undefined for zero to a negative power."""
        if n < 0:
            return self.power(self.over(self.one, a), -n)
        return self.fraction(self.raised(a.top, n), self.raised(a.bottom, n))

    def scaled(self, a: Element, q: Fraction | int) -> Element:
        """A rational multiple."""
        q = Fraction(q)
        return self.fraction(a.top * q.numerator, a.bottom * q.denominator)

    def product(self, p: Poly, q: Poly) -> Poly:
        """The product of two polynomials, within the limits."""
        if q.is_one():
            return p
        if p.is_one():
            return q
        self.clock.check()
        if len(p) * len(q) > _WORK:
            raise TooLarge("too large")
        return _bounded(p * q)

    def raised(self, p: Poly, n: int) -> Poly:
        """A power of a polynomial, within the limits."""
        terms = len(p)
        if n <= 1 or terms == 0:
            return p**n
        if terms > 1 and (n > EXPANSION_TERMS or comb(n + terms - 1, n) > 4 * EXPANSION_TERMS):
            raise TooLarge("too large")
        if n * _bits(p) > VALUE_BITS * 2:
            raise TooLarge("too large")
        return _bounded(p**n)

    def reduced(self, p: Poly) -> Poly:
        """The polynomial with every algebraic generator below its degree."""
        if not self.relations or p.is_constant():
            return p
        again = True
        while again:
            again = False
            degrees = p.degrees()
            for place, (degree, value) in self.relations.items():
                if degrees[place] >= degree:
                    p, again = self._lowered(p, place, degree, value), True
                    break
        return p

    def _lowered(self, p: Poly, place: int, degree: int, value: Poly) -> Poly:
        groups: dict[int, dict[tuple[int, ...], Any]] = {}
        for powers, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
            times, rest = divmod(powers[place], degree)
            groups.setdefault(times, {})[(*powers[:place], rest, *powers[place + 1 :])] = coefficient
        parts = [self.product(self.ring.from_dict(g), self.raised(value, k)) for k, g in groups.items()]
        return _bounded(sum(parts, self.nought))

    # --- questions --------------------------------------------------------------------------------

    def rational(self, a: Element) -> Fraction | None:
        """The value of an element without generators."""
        if a.top.is_constant() and a.bottom.is_constant():
            return Fraction(int(a.top.leading_coefficient() if len(a.top) else 0), int(a.bottom.leading_coefficient()))
        return None

    def factors(self, p: Poly) -> tuple[int, list[tuple[Poly, int]]]:
        """The integer content with its sign, and the irreducible factors with a canonical sign."""
        if len(p) * (p.total_degree() + 1) > _FACTOR_WORK or _bits(p) > VALUE_BITS:
            raise TooLarge("too large")
        self.clock.check()
        try:
            content, found = p.factor()
        except OverflowError:  # python-flint sorts the factors by coefficients that must fit a machine integer
            raise TooLarge("too large") from None
        content, parts = int(content), []
        for part, times in found:
            if part.leading_coefficient() < 0:
                part, content = -part, content * (-1) ** int(times)
            parts.append((part, int(times)))
        return content, sorted(parts, key=lambda f: order(f[0])) if len(parts) > 1 else parts

    def used(self, *polys: Poly) -> list[int]:
        """The numbers of the generators that occur."""
        found = {i for p in polys if not p.is_constant() for i, d in enumerate(p.degrees()) if d > 0}
        return sorted(found)

    def symbols(self, *elements: Element) -> frozenset[Symbol]:
        """The symbols that elements depend on, through kernels too."""
        places = self.used(*(p for e in elements for p in e))
        return frozenset().union(*(self.kernels[i].symbols for i in places))

    def canonical(self, a: Element) -> Element:
        """The element with square roots and sines cleared from the denominator, so that equal ones look equal."""
        for _ in range(len(self.relations)):
            degrees = a.bottom.degrees()
            place = next((i for i, (n, _) in self.relations.items() if degrees[i] == 1 and n == 2), None)
            if place is None or a.bottom.is_constant():
                break
            mirrored = self.mirrored(a.bottom, place)
            a = self.fraction(self.product(a.top, mirrored), self.product(a.bottom, mirrored))
        return a

    def mirrored(self, p: Poly, place: int) -> Poly:
        """The polynomial with a generator's sign changed."""
        pairs = zip(p.monoms(), p.coeffs(), strict=True)
        return self.ring.from_dict({m: -c if m[place] % 2 else c for m, c in pairs})


class Key:
    """A polynomial of one field as a key of dictionaries: python-flint's have no hash, and their text leaks memory."""

    __slots__ = ("hash", "poly")

    def __init__(self, poly: Poly) -> None:
        self.poly = poly
        self.hash = hash((len(poly), poly.total_degree(), int(poly.leading_coefficient()))) if len(poly) else 0

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and bool(self.poly == other.poly)


def identity(*elements: Element) -> tuple[Key | None, ...]:
    """What is the same for the same elements of one field."""
    return tuple(None if p.is_one() else Key(p) for e in elements for p in e)


def key_of(*elements: Element) -> str:
    """A text that is the same for the same elements, and for those of another field with as many generators."""
    return "|".join(f"{_text(e.top)}/{_text(e.bottom)}" for e in elements)


def _text(p: Poly) -> str:
    """Coefficients and exponents; not ``str(p)``, which leaks."""
    if p.is_one():
        return "1"
    terms = zip(p.monoms(), p.coeffs(), strict=True)
    return "+".join(f"{c}*" + ".".join(f"{i}^{n}" for i, n in enumerate(powers) if n) for powers, c in terms)


def order(p: Poly) -> tuple[object, ...]:
    """By what polynomials are sorted where their order must always be the same."""
    return int(p.total_degree()), len(p), [tuple(map(int, m)) for m in p.monoms()], [int(c) for c in p.coeffs()]


def _lowest(top: Poly, bottom: Poly) -> Element:
    if len(top) * len(bottom) <= _GCD_WORK:
        common = top.gcd(bottom)
        if not common.is_one() and not common.is_zero():  # zero is python-flint's "not found"
            top, bottom = top / common, bottom / common
    if bottom.leading_coefficient() < 0:
        top, bottom = -top, -bottom
    return Element(top, bottom)


def _bits(p: Poly) -> int:
    return max((int(c).bit_length() - 1 for c in p.coeffs()), default=0)


def _bounded(p: Poly) -> Poly:
    if len(p) > 4 * EXPANSION_TERMS or _bits(p) > VALUE_BITS * 2:
        raise TooLarge("too large")
    return p
