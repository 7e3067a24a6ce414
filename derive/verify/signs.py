"""What is known about signs: of generators from their declared domains, of polynomials by exact arguments.

A polynomial's sign is found, in this order: as a fact of the present case, from the ranges of its generators
(:mod:`intervals`), from the real roots of a polynomial in one generator, from the discriminant of one that is
quadratic in a generator, and because the other sign would contradict the facts (:mod:`linear`). Nothing here
samples. "Positive" means nowhere negative; ``strict`` adds that it does not vanish.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as made
from fractions import Fraction
from typing import Any

from flint import arb, fmpq, fmpz_poly

from derive.verify.field import Element, Field, Kernel, Key, Poly
from derive.verify.intervals import ANY, Interval
from derive.verify.linear import Row, bounds, contradictory
from derive.verify.signals import Infeasible, Split

_TERMS = 60  # longer polynomials are not looked at term by term
_DEGREE = 40  # of a polynomial whose real roots are isolated
_FACTS = 12  # beyond, they are not combined
_LETTERS = 4  # generators of a polynomial whose values at the ends of a range are looked at
_DEPTH = 2  # how often a discriminant's sign is found by a discriminant


@dataclass(slots=True)
class Signs:
    """The signs of one case: ``known`` are the facts, ``ranges`` narrow the generators'.

    ``closure`` knows the same of the closed case: what is split on may also be zero there.
    """

    field: Field
    range_of: Callable[[Signs, int], Interval]
    closure: Signs | None = None
    known: dict[Key, tuple[int, bool]] = made(default_factory=dict)
    facts: list[tuple[Poly, int]] = made(default_factory=list)
    ranges: dict[int, Interval] = made(default_factory=dict)
    narrowed: dict[int, Interval] = made(default_factory=dict)
    jumps: dict[Key, Poly] = made(default_factory=dict)
    at_zero: Callable[[Poly], Element | None] | None = None

    def range(self, place: int) -> Interval:
        """The range of a generator in this case."""
        if place not in self.ranges:
            self.ranges[place] = ANY  # while it is looked for, nothing is known of it
            self.ranges[place] = self.range_of(self, place).meet(self.narrowed.get(place, ANY))
        return self.ranges[place]

    # --- facts --------------------------------------------------------------------------------------

    def learn(self, poly: Poly, sign: int, strict: bool = True, split: bool = False) -> None:
        """Add a fact, with ``split`` one that a case is made of. Infeasible when it contradicts what is known."""
        if self.closure is not None:
            self.closure.learn(poly, sign, strict and not split)
        self._add(poly, sign, strict)

    def _add(self, poly: Poly, sign: int, strict: bool) -> None:
        if poly.leading_coefficient() < 0:
            poly, sign = -poly, -sign
        found, certain = self.sign(poly)
        if found == -sign:
            raise Infeasible
        if found and (certain or not strict):
            return
        self.known[Key(poly)] = sign, strict
        self.facts.append((poly, sign))
        self._narrow(poly, sign, strict)

    def check_facts(self) -> None:
        """Infeasible when one fact contradicts the others."""
        for poly, sign in self.facts:
            if self._derived(poly, 0)[0] == -sign:
                raise Infeasible
        if len(self.facts) > 1 and contradictory(self._rows([p for p, _ in self.facts])):
            raise Infeasible

    def _narrow(self, poly: Poly, sign: int, strict: bool) -> None:
        """A fact about ``a g + b`` bounds the generator g, and through it others."""
        self.ranges = {place: known for place, known in self.ranges.items() if self._is_free(place)}
        places = self.field.used(poly)
        if len(places) != 1 or poly.total_degree() != 1:
            return
        place = places[0]
        slope, offset = univariate(poly, place)[::-1] if len(poly) == 2 else (int(poly.leading_coefficient()), 0)
        root = Fraction(-offset, slope)
        above = (slope > 0) == (sign > 0)
        half = Interval(root, None, strict) if above else Interval(None, root, True, strict)
        narrowed = self.range(place).meet(half)
        if narrowed.empty:
            raise Infeasible
        self.narrowed[place] = self.ranges[place] = narrowed
        kernel = self.field.kernels[place]
        if kernel.kind == "exp" and (root >= 1 if above else root <= 1):
            self._learn_exponent(kernel.inner[0], 1 if above else -1, strict or root != 1)

    def _learn_exponent(self, exponent: Element, sign: int, strict: bool) -> None:
        """``e^u > 1`` says that u is positive."""
        below = self.sign(exponent.bottom)
        if all(below) and not exponent.top.is_constant():
            self._add(exponent.top, sign * below[0], strict)

    def _is_free(self, place: int) -> bool:
        """Whether a generator's range depends on nothing else."""
        return self.field.kernels[place].kind in ("symbol", "indexed") or place in self.narrowed

    # --- questions ----------------------------------------------------------------------------------

    def sign(self, poly: Poly, depth: int = 0) -> tuple[int, bool]:
        """The sign (+1, -1, or 0 for unknown) and whether it is strict."""
        if poly.is_zero():
            return 1, False
        if poly.leading_coefficient() < 0:
            sign, strict = self.sign(-poly, depth)
            return -sign, strict
        if poly.is_constant():
            return 1, True
        known = self.known.get(Key(poly), (0, False)) if self.known else (0, False)
        derived = self._derived(poly, depth)
        return known if known[1] or not derived[0] else derived

    def _derived(self, poly: Poly, depth: int) -> tuple[int, bool]:
        if len(poly) > _TERMS:
            return 0, False
        if (strict := self._positive_terms(poly)) is not None:
            return 1, strict
        interval = self.interval(poly)
        if interval.sign:
            return interval.sign, interval.excludes_zero
        places = self.field.used(poly)
        if len(places) == 1:
            return self._by_roots(poly, places[0])
        if len(places) <= _LETTERS and (found := self._by_ends(poly, places, depth))[0]:
            return found
        if depth >= _DEPTH:
            return 0, False
        if (found := self._by_bounds(poly, places, depth))[0]:
            return found
        found = self._by_discriminant(poly, places, depth)
        if not found[0]:
            found = self._by_square(poly, depth)
        if not found[0]:
            found = self._by_other_side(poly, depth)
        return found if found[0] else self._by_facts(poly)

    def _by_ends(self, poly: Poly, places: list[int], depth: int) -> tuple[int, bool]:
        """A polynomial that is linear in a generator with a bounded range lies between its values at the ends.

        With one end only it has the sign that its value there and its slope share.
        """
        degrees = poly.degrees()
        for place in places:
            within = self.range(place)
            if degrees[place] != 1 or (within.low is None and within.high is None):
                continue
            rest, slope, _ = _coefficients(self.field, poly, place)
            ends = [e for e in (within.low, within.high) if e is not None]
            values = [self.sign(rest * e.denominator + slope * e.numerator, depth) for e in ends]
            if len(ends) == 1:
                up, strict = self.sign(slope, depth)
                values.append((up if within.high is None else -up, strict))
            (first, sure), (second, certain) = values
            if not first or first != second:
                continue
            if len(ends) == 2:
                left = sure or (within.open_low and certain)
                return first, left and (certain or (within.open_high and sure))
            open_end = within.open_low if within.high is None else within.open_high
            return first, sure or (open_end and certain)
        return 0, False

    def _by_bounds(self, poly: Poly, places: list[int], depth: int) -> tuple[int, bool]:
        """A polynomial that is linear in a generator which lies between two others: one sign at both is its sign."""
        degrees = poly.degrees()
        for place in places:
            if degrees[place] != 1 or (ends := self._between(self.field.kernels[place])) is None:
                continue
            if not all(self.sign(e.bottom) == (1, True) for e in ends):
                continue
            rest, slope, _ = _coefficients(self.field, poly, place)
            product = self.field.product
            values = [product(rest, e.bottom) + product(slope, e.top) for e in ends]
            (first, sure), (second, certain) = (self.sign(value, depth + 1) for value in values)
            if first and first == second:
                return first, sure or certain
        return 0, False

    def _between(self, kernel: Kernel) -> tuple[Element, Element] | None:
        """Bounds of the derivatives of log Gamma at positive arguments u, never reached.

        Source: Alzer, On some inequalities for the gamma and psi functions, Mathematics of Computation 66 (1997).
        """
        if kernel.kind not in ("digamma", "trigamma"):
            return None
        (p, q), field = kernel.inner[0], self.field
        if self.sign(p) != (1, True) or self.sign(q) != (1, True):
            return None
        if kernel.kind == "trigamma":  # 1/u + 1/(2 u^2), and 1/(6 u^3) more
            return (field.fraction(2 * p * q + q * q, 2 * p * p),
                    field.fraction(6 * p * p * q + 3 * p * q * q + q**3, 6 * p**3))
        logs = (i for i, k in enumerate(field.kernels) if k.kind == "log" and k.inner[0] == kernel.inner[0])
        place = next(logs, None)
        if place is None:
            return None
        log = field.generators[place]  # log u - 1/u and log u - 1/(2 u)
        return field.fraction(log * p - q, p), field.fraction(2 * log * p - q, 2 * p)

    def _by_other_side(self, poly: Poly, depth: int) -> tuple[int, bool]:
        """With ``1 - sin^2`` for ``cos^2``: ``2 + 2 sin - cos^2`` is ``(1 + sin)^2``."""
        for place, (degree, value) in self.field.relations.items():
            others = self.field.used(value)
            if degree != 2 or len(others) != 1 or value.degrees()[others[0]] != 2 or not poly.degrees()[others[0]]:
                continue
            written = self._exchanged(poly, place, others[0])
            if written is not None and len(self.field.used(written)) == 1:
                return self._by_roots(written, place)
        return 0, False

    def _exchanged(self, poly: Poly, sine: int, cosine: int) -> Poly | None:
        """The polynomial with ``1 - sin^2`` for ``cos^2``; None where an odd power of the cosine occurs."""
        result = self.field.nought
        square = self.field.unit - self.field.generators[sine] ** 2
        for powers, c in zip(poly.monoms(), poly.coeffs(), strict=True):
            half, odd = divmod(int(powers[cosine]), 2)
            if odd or half > _DEGREE:
                return None
            rest = self.field.ring.from_dict({(*powers[:cosine], 0, *powers[cosine + 1 :]): c})
            result = result + rest * square**half
        return result

    def _by_facts(self, poly: Poly) -> tuple[int, bool]:
        """The sign whose contrary contradicts the facts of this case and the ranges of the generators."""
        if len(self.facts) > _FACTS or not self._is_bounded(poly):
            return 0, False
        rows = self._rows([*(p for p, _ in self.facts), poly])
        for sign in (1, -1):
            if contradictory([*rows, _row(poly, -sign, True)]):
                return sign, contradictory([*rows, _row(poly, -sign, False)])
        return 0, False

    def _is_bounded(self, poly: Poly) -> bool:
        """Whether every monomial occurs in a fact or is a generator with a bounded range."""
        found = {powers for p, _ in self.facts for powers in p.monoms()}
        return all(powers in found or sum(powers) <= 1 for powers in poly.monoms())

    def _rows(self, polys: list[Poly]) -> list[Row]:
        """The facts and the ranges of the generators that occur in some polynomials, as inequalities."""
        rows = [_row(p, sign, self.known[Key(p)][1]) for p, sign in self.facts]
        unit = [0] * len(self.field.generators)
        for place in self.field.used(*polys):
            monomial = (*unit[:place], 1, *unit[place + 1 :])
            rows += bounds(monomial, *self.range(place))
        return rows

    def _positive_terms(self, poly: Poly) -> bool | None:
        """Whether a sum of products of nonnegative generators is strictly positive; None for another polynomial."""
        if any(c < 0 for c in poly.coeffs()):
            return None
        ranges = {place: self.range(place) for place in self.field.used(poly)}
        if any(r.sign <= 0 for r in ranges.values()):
            return None
        zeros = [place for place, r in ranges.items() if not r.excludes_zero]
        return not zeros or any(not any(powers[place] for place in zeros) for powers in poly.monoms())

    def interval(self, poly: Poly) -> Interval:
        """A range that holds all values of a polynomial."""
        result = Interval(Fraction(0), Fraction(0), False, False)
        for powers, coefficient in zip(poly.monoms(), poly.coeffs(), strict=True):
            term = Interval(Fraction(int(coefficient)), Fraction(int(coefficient)), False, False)
            for place, power in enumerate(powers):
                if power:
                    term = term.times(self.range(place).power(int(power)))
            result = result.plus(term)
            if result == ANY:
                return ANY
        return result

    def _by_roots(self, poly: Poly, place: int) -> tuple[int, bool]:
        """A polynomial in one generator has one sign where it has no root."""
        if poly.total_degree() > _DEGREE:
            return 0, False
        coefficients = univariate(poly, place)
        within = self.range(place)
        inside = [times for root, times in real_roots(coefficients) if not outside(root, within)]
        if any(times % 2 for times in inside):
            return 0, False
        value = _value(coefficients, _inside(within, coefficients))
        return (0, False) if value == 0 else (1 if value > 0 else -1, not inside)

    def _by_discriminant(self, poly: Poly, places: list[int], depth: int) -> tuple[int, bool]:
        """``a g^2 + b g + c`` has the sign of a where ``b^2 - 4 a c`` is negative."""
        degrees = poly.degrees()
        for place in places:
            if degrees[place] != 2:
                continue
            c, b, a = _coefficients(self.field, poly, place)
            sign, strict = self.sign(a, depth + 1)
            if not (sign and strict):
                continue
            below, certain = self.sign(self.field.reduced(b * b - 4 * a * c), depth + 1)
            if below < 0:
                return sign, certain
        return 0, False

    def _by_square(self, poly: Poly, depth: int) -> tuple[int, bool]:
        larger, strict = self.dominant(poly, depth)
        if larger is None:
            return 0, False
        sign, certain = self.sign(larger, depth + 1)
        return sign, strict and certain

    def dominant(self, poly: Poly, depth: int = 0) -> tuple[Poly | None, bool]:
        """Of ``a + b r`` with a square root r: a or b, whichever decides the sign, and whether strictly.

        It is b where ``b^2 r^2 - a^2`` is positive and a where it is negative.
        """
        degrees = poly.degrees()
        for place in self.field.used(poly):
            degree, square = self.field.relations.get(place, (0, None))
            if degree != 2 or degrees[place] != 1 or self.range(place).sign <= 0:
                continue
            a, b, _ = _coefficients(self.field, poly, place)
            larger, strict = self.sign(self.field.reduced(b * b * square - a * a), depth + 1)
            if larger:
                return (b if larger > 0 else a), strict
        return None, False

    # --- decisions ----------------------------------------------------------------------------------

    def decided(self, poly: Poly, jump: bool = False) -> int:
        """The sign of an irreducible polynomial in this case, or the request to split on it.

        With ``jump`` the value of the expression may jump where the polynomial vanishes; unless it cannot
        vanish, that boundary is noted for a check of its own.
        """
        sign, _ = self.sign(poly)
        if not sign and self.at_zero is not None:
            sign = self._at_limit(poly)
        if not sign:
            raise Split(poly)
        if jump:
            self.note_jump(poly)
        return sign

    def note_jump(self, poly: Poly) -> None:
        """Note a boundary for a check of its own, unless the polynomial cannot vanish."""
        if self._may_vanish(poly):
            self.jumps[Key(poly)] = poly

    def _may_vanish(self, poly: Poly) -> bool:
        """Whether a polynomial may be zero in the closed case."""
        return self.closure is None or not self.closure.sign(poly)[1]

    def likely(self, poly: Poly) -> int:
        """The sign of an irreducible polynomial, or 0."""
        try:
            return self.decided(poly)
        except Split:
            return 0

    def _at_limit(self, poly: Poly) -> int:
        """The sign at h = 0 of a polynomial with infinitesimals h, where it does not vanish there."""
        assert self.at_zero is not None
        near = self.at_zero(poly)
        return 0 if near is None or near.top.is_zero() else self.of(near)

    def of(self, element: Element, jump: bool = False) -> int:
        """The sign of an element that is not zero, factor by factor."""
        result = 1
        for poly in element:
            quick, _ = self.sign(poly)
            if quick and not (jump and self._may_vanish(poly)):
                result *= quick
                continue
            content, parts = self.field.factors(poly)
            result *= -1 if content < 0 else 1
            for part, times in parts:
                if times % 2 or jump:
                    sign = self.decided(part, jump)
                    result *= sign if times % 2 else 1
        return result


def _row(poly: Poly, sign: int, strict: bool) -> Row:
    """``sign * poly > 0`` (or >= 0), its monomials as unknowns."""
    found = {powers: sign * int(c) for powers, c in zip(poly.monoms(), poly.coeffs(), strict=True)}
    constant = found.pop((0,) * len(poly.degrees()), 0)
    return dict(found.items()), constant, strict


def univariate(poly: Poly, place: int) -> list[int]:
    """The coefficients, lowest first, of a polynomial in one generator."""
    found = {powers[place]: int(c) for powers, c in zip(poly.monoms(), poly.coeffs(), strict=True)}
    return [found.get(k, 0) for k in range(max(found) + 1)]


def _coefficients(field_: Field, poly: Poly, place: int) -> list[Poly]:
    groups: dict[int, dict[tuple[int, ...], object]] = {0: {}, 1: {}, 2: {}}
    for powers, c in zip(poly.monoms(), poly.coeffs(), strict=True):
        groups[powers[place]][(*powers[:place], 0, *powers[place + 1 :])] = c
    return [field_.ring.from_dict(groups[k]) for k in range(3)]


def real_roots(coefficients: list[int]) -> list[tuple[Any, int]]:
    """The real roots of a polynomial with whole coefficients (lowest first), as balls with multiplicities."""
    found = fmpz_poly(coefficients).complex_roots()
    return [(arb(root.real), int(times)) for root, times in found if root.imag.is_zero()]


def outside(root: Any, within: Interval) -> bool:
    """Whether a root (a real ball) is certainly no member of the interval."""
    low, high = _ball(within.low), _ball(within.high)
    below = low is not None and (root < low or (within.open_low and _same(root, low)))
    above = high is not None and (root > high or (within.open_high and _same(root, high)))
    return bool(below or above)


def _ball(end: Fraction | None) -> Any:
    return None if end is None else arb(fmpq(end.numerator, end.denominator))


def _same(root: Any, end: Any) -> bool:
    """Whether two balls are the same number for certain: both exact and equal."""
    return bool(root.is_exact() and end.is_exact() and root == end)


def _inside(within: Interval, coefficients: list[int]) -> Fraction:
    """A member of the interval that is no root, if one of a few serves."""
    low, high = within.low, within.high
    if low is None:
        candidates = [Fraction(k, 7) if high is None else high - 1 - Fraction(k, 7) for k in range(50)]
    elif high is None:
        candidates = [low + 1 + Fraction(k, 7) for k in range(50)]
    else:
        candidates = [low + (high - low) * Fraction(k + 1, 51) for k in range(50)]
    return next((x for x in candidates if _value(coefficients, x)), candidates[0])


def _value(coefficients: list[int], x: Fraction) -> Fraction:
    result = Fraction(0)
    for c in reversed(coefficients):
        result = result * x + c
    return result
