"""Definite integrals as generators with linearity, and the closed forms of a few terms by the fundamental theorem.

An integral is split term by term, what does not depend on the variable goes in front. A term that is a power of the
variable, times the exponential of something linear or quadratic in it, is integrated: by parts down to the integral
of the exponential itself, which for ``e^{-a t^2 + b t}``, a > 0, is ``sqrt(pi/a)/2 e^{b^2/(4 a)} erf(sqrt(a) (t -
b/(2 a)))``. Other terms are those of :mod:`normalising`. Infinite ends are taken only where the sign that makes the
integral converge is certain, or may be assumed. Before all that an integral is cut at the kinks of its integrand
(:mod:`kinks`).
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from typing import NamedTuple

from derive.tree import INFINITY, Negative, Node, Symbol, substitute
from derive.verify import known
from derive.verify.bound import Bound, provisional
from derive.verify.core import POSITIVE, UNIT, fresh, within
from derive.verify.field import Element, Kernel, Poly, key_of
from derive.verify.kinks import pieces
from derive.verify.normalising import integral
from derive.verify.signals import Undecidable, Undefined
from derive.verify.trees import tree

_DEGREE = 12  # of a power that is integrated by parts


class Range(NamedTuple):
    """From ``lower`` to ``upper``; ``infinite`` tells of each whether it is infinity."""

    lower: Element
    upper: Element
    infinite: tuple[bool, bool]


class _Term(NamedTuple):
    """``t^degree e^exponent``; the exponent's coefficients of 1, t, t^2."""

    degree: int
    exponent: tuple[Element, Element, Element]


class Integrals(Bound):
    """Integrals over one field."""

    def over(self, body: Node, variable: Symbol, lower: Node, upper: Node) -> Element:
        """An integral of a tree."""
        if lower == INFINITY or upper == Negative(INFINITY):
            raise Undecidable("an integral from infinity")
        infinite = lower == Negative(INFINITY), upper == INFINITY
        range_ = Range(self._end(lower), self._end(upper), infinite)
        name = provisional(body, "pt" + self._within(range_))
        inner = self.convert(substitute(body, {variable: name}))
        return self.linear(inner, name, range_)

    def _within(self, range_: Range) -> str:
        """What the mark of the variable tells of its range."""
        ends = [e for e, infinite in zip(range_[:2], range_.infinite, strict=True) if not infinite]
        if range_.infinite[0] or not all(map(self._nowhere_negative, ends)):
            return ""
        unit = range_.lower == self.field.zero and range_.upper == self.field.one
        return UNIT if unit else POSITIVE

    def _nowhere_negative(self, e: Element) -> bool:
        signs = self.kernels.signs
        return e.top.is_zero() or signs.sign(e.top)[0] * signs.sign(e.bottom)[0] > 0

    def _end(self, end: Node) -> Element:
        if end == INFINITY:
            return self.field.generator(Kernel("opaque", data=INFINITY), ("opaque", "infinity"))
        if end == Negative(INFINITY):
            return self.field.scaled(self._end(INFINITY), -1)
        return self.convert(end)

    def linear(self, body: Element, name: Symbol, range_: Range) -> Element:
        """An integral split term by term."""
        field, result = self.field, self.field.zero
        outside, inside = self.divided(body.bottom, (name,))
        for powers, coefficient in zip(body.top.monoms(), body.top.coeffs(), strict=True):
            front, rest = self.separated(powers, (name,))
            value = self._term(field.fraction(rest, inside), name, range_)
            result = field.plus(result, field.times(field.fraction(front * coefficient, outside), value))
        return result

    def _term(self, member: Element, name: Symbol, range_: Range) -> Element:
        if any(kernel.kind == "abs" for kernel in self.field.kernels):
            ends = [node if infinite else tree(self.field, e) for node, e, infinite in
                    zip((Negative(INFINITY), INFINITY), range_[:2], range_.infinite, strict=True)]
            parts = pieces(self, tree(self.field, member), name, *ends)
            if parts:
                return reduce(self.field.plus, [self.over(p.body, name, p.lower, p.upper) for p in parts])
        try:
            found = self._closed(member, name, range_)
        except Undefined:
            found = None
        return self._generator(member, name, range_) if found is None else found

    def _generator(self, body: Element, name: Symbol, range_: Range) -> Element:
        letter = fresh(self.height(body), "t" + within(name))
        if letter != name:
            body = self.renamed(body, {name: letter})
        field = self.field
        symbols = field.symbols(range_.lower, range_.upper) | (field.symbols(body) - {letter})
        inner = (range_.lower, range_.upper, field.canonical(body))
        return field.generator(Kernel("integral", inner, data=letter, symbols=symbols), ("integral", key_of(*inner)))

    # --- closed forms -----------------------------------------------------------------------------------

    def _closed(self, member: Element, name: Symbol, range_: Range) -> Element | None:
        found = self._elementary(member, name, range_)
        if found is None:
            found = integral(self, member, name, range_)
        return known.integral(self, member, name, range_) if found is None else found

    def _elementary(self, member: Element, name: Symbol, range_: Range) -> Element | None:
        place = self.field.used(self.convert(name).top)[0]
        powers = self.powers(member, (name,))
        if powers is None:
            return None
        degree = powers.pop(place, 0)
        if degree < 0:
            return None if powers else self._quotient(1 + degree, range_)
        found = self._recognised(degree, powers, name, place)
        if found is None:
            return None
        _, slope, square = found.exponent
        if not square.top.is_zero():
            return self._bell(found, range_)
        if not slope.top.is_zero():
            return self._exponential(found, range_)
        return None if any(range_.infinite) else self._power(found.degree + 1, range_)

    def _power(self, n: int, range_: Range) -> Element:
        """The integral of ``t^{n-1}``, n not zero."""
        field = self.field
        difference = field.minus(field.power(range_.upper, n), field.power(range_.lower, n))
        return field.over(difference, field.number(n))

    def _recognised(self, degree: int, powers: dict[int, int], name: Symbol, place: int) -> _Term | None:
        field, exponent = self.field, self.field.zero
        for i, n in powers.items():
            kernel = field.kernels[i]
            if kernel.kind != "exp":
                return None
            exponent = field.plus(exponent, field.scaled(kernel.inner[0], kernel.unit * n))
        coefficients = self.quadratic(exponent, name, place)
        return None if coefficients is None or degree > _DEGREE else _Term(degree, coefficients)

    def quadratic(self, u: Element, name: Symbol, place: int) -> tuple[Element, Element, Element] | None:
        """The coefficients of a polynomial of degree 2 in the variable."""
        field = self.field
        if self.depends(u.bottom, (name,)) or int(u.top.degrees()[place]) > 2:
            return None
        parts: list[Poly] = [field.nought] * 3
        for powers, coefficient in zip(u.top.monoms(), u.top.coeffs(), strict=True):
            rest = (*powers[:place], 0, *powers[place + 1 :])
            parts[int(powers[place])] = parts[int(powers[place])] + field.ring.from_dict({rest: coefficient})
        if any(self.depends(p, (name,)) for p in parts):
            return None
        a, b, c = (field.fraction(p, u.bottom) for p in parts)
        return a, b, c

    def _quotient(self, n: int, range_: Range) -> Element | None:
        """The integral of ``t^{n-1}`` over a range without zero."""
        field = self.field
        ends = [e for e, is_infinite in zip(range_[:2], range_.infinite, strict=True) if not is_infinite]
        signs = {self.certain_sign(e) for e in ends}
        if signs not in ({1}, {-1}) or range_.infinite[0]:
            return None
        if range_.infinite[1]:
            return None if n == 0 or signs == {-1} else field.scaled(field.power(range_.lower, n), Fraction(-1, n))
        return self._power(n, range_) if n else self.kernels.log(field.over(range_.upper, range_.lower))

    # --- exponentials -----------------------------------------------------------------------------------

    def _exp(self, term: _Term, at: Element) -> Element:
        field = self.field
        constant, slope, square = term.exponent
        u = field.plus(constant, field.times(at, field.plus(slope, field.times(at, square))))
        return self.kernels.exp(u)

    def _exponential(self, term: _Term, range_: Range) -> Element | None:
        """``t^k e^{c t + d}`` is the derivative of ``Q e^{c t + d}`` with ``Q' + c Q = t^k``."""
        field, slope = self.field, term.exponent[1]
        for is_infinite, wanted in zip(range_.infinite, (1, -1), strict=True):
            if is_infinite and not self.is_positive(field.scaled(slope, wanted)):
                return None
        coefficients = [field.over(field.one, slope)]
        for j in range(term.degree, 0, -1):
            coefficients.append(field.over(field.scaled(coefficients[-1], -j), slope))

        def primitive(at: Element) -> Element:
            value = field.zero
            for c in coefficients:
                value = field.plus(field.times(value, at), c)
            return field.times(value, self._exp(term, at))

        return self._difference(primitive, range_)

    def _difference(self, primitive: object, range_: Range) -> Element:
        """The difference at the ends, where a function that vanishes at infinity is zero."""
        assert callable(primitive)
        ends = [self.field.zero if infinite else primitive(e)
                for e, infinite in zip(range_[:2], range_.infinite, strict=True)]
        return self.field.minus(ends[1], ends[0])

    def _bell(self, term: _Term, range_: Range) -> Element | None:
        """``t^k e^{-a t^2 + b t + d}``, a > 0: by parts, down to the error function."""
        field = self.field
        constant, slope, square = term.exponent
        a = field.scaled(square, -1)
        if not self.is_positive(a):
            return None
        half = field.over(field.one, field.scaled(a, 2))

        def edge(power: int) -> Element:
            def value(at: Element) -> Element:
                return field.times(field.power(at, power), self._exp(term, at))

            return self._difference(value, range_)

        found = [self._bell_itself(a, slope, constant, range_)]
        for k in range(1, term.degree + 1):
            value = field.minus(field.times(slope, found[k - 1]), edge(k - 1))
            if k > 1:
                value = field.plus(value, field.scaled(found[k - 2], k - 1))
            found.append(field.times(half, value))
        return found[term.degree]

    def _bell_itself(self, a: Element, b: Element, d: Element, range_: Range) -> Element:
        field, kernels = self.field, self.kernels
        root = kernels.power(a, Fraction(1, 2))
        centre = field.over(b, field.scaled(a, 2))
        height = kernels.exp(field.plus(d, field.over(field.times(b, b), field.scaled(a, 4))))
        front = field.over(field.times(kernels.power(kernels.pi(), Fraction(1, 2)), height), field.scaled(root, 2))
        values = []
        for end, infinite, sign in zip(range_[:2], range_.infinite, (-1, 1), strict=True):
            inside = None if infinite else field.times(root, field.minus(end, centre))
            values.append(field.number(sign) if inside is None else kernels.erf(inside))
        return field.times(front, field.minus(values[1], values[0]))

    # --- derivatives ------------------------------------------------------------------------------------

    def derivative(self, kernel: Kernel, x: Symbol) -> Element:
        """Under the integral sign, and the bounds by Leibniz' rule."""
        field, (lower, upper, body) = self.field, kernel.inner
        ends = [tree(field, e) for e in (lower, upper)]
        infinite = ends[0] == Negative(INFINITY), ends[1] == INFINITY
        inside = self.linear(self.differentiate(body, x), kernel.data, Range(lower, upper, infinite))
        edges = field.minus(self._moving(kernel, upper, x), self._moving(kernel, lower, x))
        return field.plus(inside, edges)

    def _moving(self, kernel: Kernel, end: Element, x: Symbol) -> Element:
        speed = self.differentiate(end, x)
        if speed.top.is_zero():
            return speed
        return self.field.times(speed, self.put_in(kernel.inner[2], kernel.data, end))
