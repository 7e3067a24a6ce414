"""Limits of elements of the field, exactly.

A limit at a point or at infinity becomes one at h = 0 (``x = a + h``, ``x = 1/h``). Exponentials that grow beyond
every power of 1/h are taken off first: of a quotient of polynomials in such an exponential only the leading terms
count. The logarithm of h gets a letter, for every power of h outweighs it. What is left is continuous at h = 0, or
a quotient 0/0 to which l'Hopital's rule applies. Anything else (oscillation, an unknown function) is undecidable.
Used by :mod:`convert`, and by :mod:`approach` for limits that are infinite.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from derive.tree import INFINITY, Call, Cases, Constant, Negative, Node, Number, Quotient, Sum, Symbol, substitute
from derive.verify.core import fresh, walk
from derive.verify.field import Element, Kernel, Poly
from derive.verify.intervals import POSITIVE, Interval
from derive.verify.signals import Undecidable, Undefined
from derive.verify.trees import tree

if TYPE_CHECKING:
    from derive.verify.convert import Converter

_ROUNDS = 8  # exponentials taken off, and times that a quotient 0/0 is differentiated
_LETTER = fresh(0, "l")  # stands for log h
_BEYOND = "the limit is not found by continuity"


class Asymptotics:
    """What an expression tends to as h goes to zero, from above when the limit is one-sided."""

    def __init__(self, converter: Converter, body: Node, variable: Symbol, point: Node, side: str) -> None:
        self.converter, self.field = converter, converter.field
        if any(isinstance(p, Cases) for p in walk(body)):
            raise Undecidable("a limit of cases")
        self.h = converter.infinitesimal()
        self.place = self.field.used(converter.symbol(self.h).top)[0]
        if side or point in (INFINITY, Negative(INFINITY)):
            converter.signs.ranges[self.place] = POSITIVE
        moved = converter.element(substitute(body, {variable: _approach(point, side, self.h)}))
        self.element = self._with_letter(moved)

    def value(self) -> Element:
        """The limit."""
        return self._limit_of(self.element)

    def _limit_of(self, element: Element) -> Element:
        return self._beyond_logarithms(self._at_zero(self._tamed(element)))

    def _at_zero(self, element: Element) -> Element:
        for _ in range(_ROUNDS):
            top, bottom = self._end(element.top), self._end(element.bottom)
            if not bottom.top.is_zero():
                return self.field.over(top, bottom)
            if not top.top.is_zero():
                break
            element = self.field.over(*(self.converter.derivative(self.field.polynomial(p), self.h) for p in element))
        raise Undecidable(_BEYOND)

    def infinite(self) -> int:
        """The sign with which the expression grows beyond every bound as h falls to zero; 0 when it does not."""
        if self.element.top.is_zero():
            return 0
        if not self._limit_of(self.field.over(self.field.one, self.element)).top.is_zero():
            return 0
        leading = self._leading(self.element)
        return self._sign_near(leading.top) * self._sign_near(leading.bottom)

    def _sign_near(self, poly: Poly) -> int:
        """The sign for small positive h: that of the first derivative which does not vanish."""
        element = self.field.polynomial(poly)
        for _ in range(_ROUNDS):
            value = self._end(element.top)
            if not value.top.is_zero():
                return self.converter.signs.of(value)
            element = self.converter.derivative(element, self.h)
        raise Undecidable(_BEYOND)

    def _end(self, poly: Poly) -> Element:
        try:
            return self.converter.at_zero(self.field.polynomial(poly), self.h)
        except Undefined as outcome:
            raise Undecidable(_BEYOND) from outcome

    # --- the logarithm, which grows slower than every power --------------------------------------------------

    def _with_letter(self, element: Element) -> Element:
        """The element with a letter for ``log h``: all powers of h outweigh it, so h may go to zero first."""
        logarithm = Call("log", (Call("abs", (self.h,)),))
        written = tree(self.field, element)
        put_in = substitute(written, {logarithm: _LETTER})
        if put_in == written:
            return element
        letter = self.converter.symbol(_LETTER)
        self.converter.signs.ranges[self.field.used(letter.top)[0]] = Interval(None, Fraction(0))
        return self.converter.element(put_in)

    def _beyond_logarithms(self, element: Element) -> Element:
        """The limit of an element in which that letter is left, as ``log h`` falls below every bound."""
        places = [i for i in self.field.used(*element) if _LETTER in self.field.kernels[i].symbols]
        if not places:
            return element
        if self.field.kernels[places[0]].kind != "symbol" or len(places) > 1:
            raise Undecidable(_BEYOND)
        degrees, leading = self._leading_in(element, places[0], True)
        if degrees[0] > degrees[1]:
            raise Undecidable("the expression grows beyond every bound")
        return self.field.zero if degrees[0] < degrees[1] else leading

    # --- exponentials that grow beyond every power --------------------------------------------------------

    def _tamed(self, element: Element) -> Element:
        """An element with the same limit and without such exponentials. Undecidable when it grows with them."""
        for _ in range(_ROUNDS):
            found = self._fastest(element)
            if found is None:
                return element
            degrees, leading = self._leading_in(element, *found)
            if degrees[0] < degrees[1]:
                return self.field.zero
            if degrees[0] > degrees[1]:
                raise Undecidable("the expression grows beyond every bound")
            element = leading
        raise Undecidable(_BEYOND)

    def _leading(self, element: Element) -> Element:
        """The element without the exponentials, which are positive: it has the same sign for small h."""
        while (found := self._fastest(element)) is not None:
            element = self._leading_in(element, *found)[1]
        return element

    def _leading_in(self, element: Element, place: int, grows: bool) -> tuple[list[int], Element]:
        """The degrees of top and bottom in a generator that grows (or vanishes), and the leading terms' quotient."""
        degrees, parts = [], []
        for poly in element:
            by_degree: dict[int, dict[tuple[int, ...], object]] = {}
            for powers, c in zip(poly.monoms(), poly.coeffs(), strict=True):
                rest = (*powers[:place], 0, *powers[place + 1 :])
                by_degree.setdefault(int(powers[place]), {})[rest] = c
            first = max(by_degree) if grows else min(by_degree)
            degrees.append(first if grows else -first)
            parts.append(self.field.ring.from_dict(by_degree[first]))
        return degrees, self.field.fraction(parts[0], parts[1])

    def _fastest(self, element: Element) -> tuple[int, bool] | None:
        """The generator that grows (True) or vanishes (False) fastest beyond every power; None when there is none."""
        found: list[tuple[int, int, bool]] = []
        for place in self.field.used(element.top, element.bottom):
            kernel = self.field.kernels[place]
            if self.h not in kernel.symbols or place == self.place:
                continue
            if kernel.kind == "exp" and self._is_singular(kernel):
                order, sign = self._order(kernel)
                found.append((order, place, sign > 0))
            elif kernel.kind in ("call", "parity"):
                raise Undecidable("a limit of an unknown function")
            else:
                self._end(self.field.generators[place])  # refuses what has no value at h = 0
        if not found:
            return None
        orders = [order for order, _, _ in found]
        order, place, grows = max(found)
        if orders.count(order) > 1:
            raise Undecidable("exponentials that grow equally fast")
        return place, grows

    def _is_singular(self, kernel: Kernel) -> bool:
        return bool(self._end(kernel.inner[0].bottom).top.is_zero())

    def _order(self, kernel: Kernel) -> tuple[int, int]:
        """Of ``exp(c/h^k)``: k and the sign of c."""
        atom = kernel.inner[0]
        order = int(atom.bottom.degrees()[self.place])
        rest = self.field.over(atom, self.field.power(self.converter.symbol(self.h), -order))
        if self.h in self.field.symbols(rest):
            raise Undecidable(_BEYOND)
        return order, self.converter.signs.of(rest)


def _approach(point: Node, side: str, h: Symbol) -> Node:
    match point:
        case Constant("infinity"):
            return Quotient(Number("1"), h)
        case Negative(Constant("infinity")):
            return Negative(Quotient(Number("1"), h))
    return Sum((point, Negative(h) if side == "-" else h))
