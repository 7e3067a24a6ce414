"""Limits of elements of the field, exactly.

A limit at a point or at infinity becomes one at h = 0 (``x = a + h``, ``x = 1/h``). Exponentials that grow beyond
every power of 1/h are taken off first: of a quotient of polynomials in such an exponential only the leading terms
count. The logarithm of h gets a letter, for every power of h outweighs it. What is left is continuous at h = 0, or
a quotient 0/0 to which l'Hopital's rule applies. Anything else (oscillation, an unknown function) is undecidable.
Used by :mod:`convert`, and by :mod:`approach` for limits that are infinite.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.tree import (
    INFINITY,
    ONE,
    PI,
    TWO,
    Call,
    Cases,
    Constant,
    E,
    Negative,
    Node,
    Number,
    Power,
    Quotient,
    Sum,
    Symbol,
    substitute,
)
from derive.verify.core import fresh, walk
from derive.verify.field import Element, Kernel, Poly
from derive.verify.intervals import POSITIVE, Interval
from derive.verify.signals import Undecidable, Undefined
from derive.verify.trees import kernel_tree, tree

if TYPE_CHECKING:
    from derive.verify.convert import Converter

_ROUNDS = 8  # exponentials taken off, and times that a quotient 0/0 is differentiated
_LOGARITHM = fresh(0, "l")  # stands for log h
_TINY = "e"  # the mark of letters for 1 - erf u, u growing
_LETTERS = (_LOGARITHM.name, fresh(0, _TINY).name)
_END: dict[str, Node] = {"erf": ONE, "arctan": Quotient(PI, TWO)}  # what the functions tend to
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
        self.element = self._with_letters(moved)

    def value(self) -> Element:
        """The limit."""
        try:
            return self._limit_of(self.element)
        except Undecidable:
            settled = self._settled(self.element)
            if settled is None:
                raise
            return settled

    def _settled(self, element: Element) -> Element | None:
        """The limit where exponentials such as ``(1 + h)^{1/h}`` have one and all else is continuous at h = 0."""
        put_in: dict[Node, Node] = {}
        for kernel in self._kernels(element):
            if kernel.kind == "exp" and self._is_singular(kernel):
                try:
                    end = self._limit_of(self.field.scaled(kernel.inner[0], kernel.unit))
                except Undecidable:
                    return None
                put_in[kernel_tree(self.field, kernel)] = Power(E, tree(self.field, end))
        if not put_in:
            return None
        top, bottom = (self._settled_end(poly, put_in) for poly in element)  # each by itself: nothing may cancel
        return None if bottom.top.is_zero() else self.field.over(top, bottom)

    def _settled_end(self, poly: Poly, put_in: dict[Node, Node]) -> Element:
        written = self.converter.element(substitute(tree(self.field, self.field.polynomial(poly)), put_in))
        if not self._end(written.bottom).top.is_zero():
            return self.field.over(self._end(written.top), self._end(written.bottom))
        raise Undecidable(_BEYOND)

    def _limit_of(self, element: Element) -> Element:
        result = self._beyond_logarithms(self._at_zero(self._tamed(element)))
        if any(s.name in _LETTERS for s in self.field.symbols(result)):
            raise Undecidable(_BEYOND)
        return result

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

    # --- letters for what has no value at h = 0 ------------------------------------------------------------

    def _with_letters(self, element: Element) -> Element:
        """The element in which ``log h``, and arctan and erf far out, are written so that h may go to zero.

        Every power of h outweighs ``log h``, so it is a letter while h goes to zero. ``arctan u`` is a quarter turn
        less ``arctan 1/u``; ``erf u`` is 1 less a letter that vanishes faster than every power of h.
        """
        put_in: dict[Node, Node] = {}
        for kernel in self._kernels(element):
            if (written := self._rewritten(kernel)) is not None:
                put_in[kernel_tree(self.field, kernel)] = written
        return self.converter.element(substitute(tree(self.field, element), put_in)) if put_in else element

    def _kernels(self, element: Element) -> Iterator[Kernel]:
        """The generators that depend on h, those within others first."""
        for place in self.field.used(*element):
            kernel = self.field.kernels[place]
            if self.h in kernel.symbols:
                for inner in kernel.inner:
                    yield from self._kernels(inner)
                yield kernel

    def _rewritten(self, kernel: Kernel) -> Node | None:
        if kernel.kind == "log" and kernel.inner[0].top == self.field.generators[self.place]:
            self._limit_letter(_LOGARITHM, Interval(None, Fraction(0)))
            return _LOGARITHM
        if kernel.kind == "log":
            return self._logarithm_of_growing(kernel.inner[0])
        if kernel.kind not in ("arctan", "erf") or not self._end(kernel.inner[0].bottom).top.is_zero():
            return None
        inverse = self.field.over(self.field.one, kernel.inner[0])
        if not self._limit_of(inverse).top.is_zero():
            return None
        tiny = fresh(len(self.field.kernels), _TINY)
        self._limit_letter(tiny, POSITIVE)
        rest: Node = tiny if kernel.kind == "erf" else Call("arctan", (tree(self.field, inverse),))
        if self.converter.signs.of(kernel.inner[0]) < 0:
            return Sum((Negative(_END[kernel.kind]), rest if kernel.kind == "erf" else Negative(rest)))
        return Sum((_END[kernel.kind], Negative(rest)))

    def _logarithm_of_growing(self, inner: Element) -> Node | None:
        """``log(1 + e^{1/h})`` as ``1/h`` and a letter for ``log(1 + e^{-1/h})``, which vanishes beyond every power.

        Of a polynomial in the exponential that grows fastest, the leading term is taken out.
        """
        try:
            found = self._fastest(inner)
            if found is None or not found[1]:
                return None
            place, kernel = found[0], self.field.kernels[found[0]]
            (degree, _), leading = self._leading_in(inner, place, True)
            if self._fastest(leading) is not None or self._at_zero(leading).top.is_zero():
                return None
        except Undecidable:
            return None
        exponent = self.field.scaled(kernel.inner[0], kernel.unit * degree)
        tiny = fresh(len(self.field.kernels), _TINY)
        self.converter.symbol(tiny)
        return Sum((tree(self.field, exponent), Call("log", (Call("abs", (tree(self.field, leading),)),)), tiny))

    def _limit_letter(self, letter: Symbol, within: Interval) -> None:
        place = self.field.used(self.converter.symbol(letter).top)[0]
        self.converter.signs.ranges[place] = within

    def _beyond_logarithms(self, element: Element) -> Element:
        """The limit of an element in which that letter is left, as ``log h`` falls below every bound."""
        places = [i for i in self.field.used(*element) if _LOGARITHM in self.field.kernels[i].symbols]
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
            if isinstance(kernel.data, Symbol) and kernel.data.name == fresh(0, _TINY).name:
                found.append((0, place, False))
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
        if orders.count(order) > 1 or (0 in orders and len(orders) > 1):
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
