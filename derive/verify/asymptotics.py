"""Limits of elements of the field, exactly.

A limit at a point or at infinity becomes one at h = 0 (``x = a + h``, ``x = 1/h``). Exponentials that grow beyond
every power of 1/h are taken off first: of a quotient of polynomials in such an exponential only the leading terms
count. The logarithm of h gets a letter, for every power of h outweighs it. What is left is continuous at h = 0, or
a quotient 0/0 to which l'Hopital's rule applies. What oscillates between bounds, ``sin 1/h`` or ``(-1)^{1/h}``, is a
letter too: where the expression is a polynomial in such letters and all their coefficients vanish in the limit, the
rest tends to the limit. Anything else (another oscillation, an unknown function) is undecidable.
Used by :mod:`convert`, and by :mod:`approach` for limits that are infinite.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from math import floor, lcm
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
    free_symbols,
    number,
    numeric,
    substitute,
)
from derive.verify.core import fresh, walk
from derive.verify.field import Element, Kernel, Poly, key_of
from derive.verify.intervals import POSITIVE, Interval
from derive.verify.requirements import Need, requirements
from derive.verify.signals import Split, Undecidable, Undefined
from derive.verify.trees import kernel_tree, tree

if TYPE_CHECKING:
    from derive.verify.convert import Converter

_ROUNDS = 8  # exponentials taken off, and times that a quotient 0/0 is differentiated
_LOGARITHM = fresh(0, "l")  # stands for log h
_TINY = "e"  # the mark of letters for 1 - erf u, u growing
_BOUNDED = "b"  # the mark of letters for what stays between -1 and 1
_LETTERS = (_LOGARITHM.name, fresh(0, _TINY).name)
_END: dict[str, Node] = {"erf": ONE, "arctan": Quotient(PI, TWO)}  # what the functions tend to
_NEVER_NEGATIVE = frozenset({"root", "exp"})
_CONTINUOUS = frozenset({"symbol", "exp", "log", "root", "abs", "sin", "cos", "arcsin", "arctan", "erf",
                         "gammafunction", "digamma", "trigamma"})  # fmt: skip
"""Functions that do not jump where they and their arguments have values."""
_WITHIN_ONE = Interval(Fraction(-1), Fraction(1), False, False)
_ENTIRE = frozenset({"symbol", "exp", "abs", "sin", "cos", "arctan", "erf", "pi"})
"""Functions that have values everywhere and jump nowhere."""
_BEYOND = "the limit is not found by continuity"


def sides_of(point: Node, side: str) -> list[str]:
    """The sides from which a point is approached: the given one, the only one of infinity, or both."""
    return [side] if side or point in (INFINITY, Negative(INFINITY)) else ["+", "-"]


class Asymptotics:
    """What an expression tends to as h falls to zero."""

    def __init__(self, converter: Converter, body: Node, variable: Symbol, point: Node, side: str) -> None:
        self.converter, self.field = converter, converter.field
        if any(isinstance(p, Cases) for p in walk(body)):
            raise Undecidable("a limit of cases")
        self.h = converter.infinitesimal()
        self.place = self.field.used(converter.symbol(self.h).top)[0]
        converter.signs.ranges[self.place] = POSITIVE
        self.moved = substitute(self._without_signs(body, variable), {variable: _approach(point, side, self.h)})
        element = converter.element(self.moved)
        if (power := self._power(element)) is not None:
            self.moved = substitute(self.moved, {self.h: Power(self.h, power)})
            element = converter.element(self.moved)
        self.element = self._with_letters(element)

    def _power(self, element: Element) -> Node | None:
        """The power of h to take for h: it leaves no roots of h, and no power of it with a letter.

        That ``h^c`` takes the place of h needs that nothing else but ``log h`` depends on h.
        """
        uses = list(self._uses(element))
        others = {use for use in uses if use is None or isinstance(use, int)}
        exponents = {key_of(use): use for use in uses if isinstance(use, Element)}
        if not exponents:
            degree = lcm(*(use for use in uses if isinstance(use, int)))
            return number(Fraction(degree)) if degree > 1 else None
        if others or len(exponents) > 1:
            return None
        (exponent,) = exponents.values()
        size = self.field.scaled(exponent, self._sign_of(exponent))
        return Quotient(ONE, tree(self.field, size))

    def _uses(self, element: Element) -> Iterator[int | Element | None]:
        """How h is used: the degree of a root of it, the c of ``h^c``, None for anything else but a logarithm."""
        for place in self.field.used(*element):
            kernel = self.field.kernels[place]
            if self.h not in kernel.symbols or self._is_logarithm(kernel):
                continue
            if kernel.kind == "root" and self._is_h(kernel.inner[0]):
                yield kernel.unit.denominator
            elif (exponent := self._exponent(kernel)) is not None:
                yield exponent
            elif kernel.inner:
                for inner in kernel.inner:
                    yield from self._uses(inner)
            else:
                yield None

    def _is_h(self, element: Element) -> bool:
        return bool(element.top == self.field.generators[self.place] and element.bottom.is_one())

    def _is_logarithm(self, kernel: Kernel) -> bool:
        return kernel.kind == "log" and self._is_h(kernel.inner[0])

    def _exponent(self, kernel: Kernel) -> Element | None:
        """The c of ``e^{c log h}``."""
        if kernel.kind != "exp":
            return None
        for place in self.field.used(kernel.inner[0].top):
            if self._is_logarithm(self.field.kernels[place]):
                logarithm = self.field.polynomial(self.field.generators[place])
                exponent = self.field.scaled(self.field.over(kernel.inner[0], logarithm), kernel.unit)
                return None if self.h in self.field.symbols(exponent) else exponent
        return None

    def has_values(self) -> bool:
        """Whether nothing that has to be positive is certainly negative for small h."""
        return not any(r.need is not Need.NONZERO and self._is_negative(r.node) for r in requirements(self.moved))

    def _is_negative(self, node: Node) -> bool:
        try:
            element = self._with_letters(self.converter.element(node))
            return not self._bounded_in(element) and self._sign_close(self._leading(element)) < 0
        except (Undecidable, Split):
            return False

    def value(self) -> Element:
        """The limit."""
        still, *oscillating = self._apart(self.element)
        if not all(self._value_of(part).top.is_zero() for part in oscillating):
            raise Undecidable("what oscillates does not vanish")
        return self._value_of(still)

    def _value_of(self, element: Element) -> Element:
        try:
            return self._limit_of(element)
        except Undecidable:
            settled = self._settled(element)
            if settled is None:
                raise
            return settled

    # --- what oscillates between bounds --------------------------------------------------------------------

    def _without_signs(self, body: Node, variable: Symbol) -> Node:
        """The expression with a letter for ``(-1)^n``, which is 1 or -1 wherever it has a value."""
        signs = {part for part in walk(body) if isinstance(part, Power) and numeric(part.base) == -1
                 and free_symbols(part.exponent) == {variable}}
        put_in: dict[Node, Node] = {}
        for part in sorted(signs, key=repr):
            put_in[part] = self._bounded_letter()
        return substitute(body, put_in) if put_in else body

    def _bounded_letter(self) -> Symbol:
        letter = fresh(len(self.field.kernels), _BOUNDED)  # another one for a limit within this limit
        self._limit_letter(letter, _WITHIN_ONE)
        return letter

    def _bounded_in(self, element: Element) -> list[int]:
        """The places of the letters for what stays between bounds; Undecidable where one stands in a function."""
        found = []
        for place in self.field.used(*element):
            kernel = self.field.kernels[place]
            if any(s.name == fresh(0, _BOUNDED).name for s in kernel.symbols):
                if kernel.kind != "symbol":
                    raise Undecidable("a function of what oscillates")
                found.append(place)
        return found

    def _apart(self, element: Element) -> list[Element]:
        """What is without those letters, and the coefficients of their products; Undecidable below the bar.

        The element is the sum of the coefficients times products that stay between -1 and 1: where each coefficient
        vanishes in the limit, so does that product, whatever the letters do on the way and however they depend on
        each other.
        """
        places = self._bounded_in(element)
        if not places:
            return [element]
        if not set(places).isdisjoint(self.field.used(element.bottom)):
            raise Undecidable("a denominator that oscillates")
        parts: dict[tuple[int, ...], dict[tuple[int, ...], object]] = {(0,) * len(places): {}}
        for powers, c in zip(element.top.monoms(), element.top.coeffs(), strict=True):
            rest = tuple(0 if i in places else n for i, n in enumerate(powers))
            parts.setdefault(tuple(int(powers[i]) for i in places), {})[rest] = c
        return [self.field.fraction(self.field.ring.from_dict(part), element.bottom) for part in parts.values()]

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
                self._note_zeros(bottom.top)
                return self.field.over(top, bottom)
            if not top.top.is_zero():
                break
            element = self.field.over(*(self.converter.derivative(self.field.polynomial(p), self.h) for p in element))
        raise Undecidable(_BEYOND)

    def infinite(self) -> int:
        """The sign with which the expression grows beyond every bound as h falls to zero; 0 when it does not."""
        if self.element.top.is_zero():
            return 0
        if self._bounded_in(self.element):
            raise Undecidable("an expression that oscillates")
        with suppress(Undecidable):
            self._limit_of(self.element)
            return 0
        if not self._limit_of(self.field.over(self.field.one, self.element)).top.is_zero():
            return 0
        return self._sign_close(self._leading(self.element))

    def _sign_close(self, element: Element) -> int:
        """The sign of an element for small positive h."""
        sign = 1
        for poly in element:
            content, parts = self.field.factors(poly)
            sign *= -1 if content < 0 else 1
            for part, times in parts:
                sign *= self._sign_near(part) if times % 2 else 1
        return sign

    def _sign_near(self, poly: Poly) -> int:
        """The sign for small positive h: that of the first derivative which does not vanish."""
        kernel = self.converter.kernels.single(self.field.polynomial(poly))
        if kernel is not None and kernel.kind in _NEVER_NEGATIVE:
            return 1
        element = self.field.polynomial(poly)
        for _ in range(_ROUNDS):
            value = self._end(element.top)
            if not value.top.is_zero():
                return self._sign_far(value)
            element = self.converter.derivative(element, self.h)
        raise Undecidable(_BEYOND)

    def _sign_far(self, element: Element) -> int:
        """The sign of what is left at h = 0, the letter for ``log h`` falling below every bound."""
        places = [i for i in self.field.used(*element) if _LOGARITHM in self.field.kernels[i].symbols]
        if not places:
            return self._sign_of(element)
        if self.field.kernels[places[0]].kind != "symbol" or len(places) > 1:
            raise Undecidable(_BEYOND)
        degrees, leading = self._leading_in(element, places[0], True)
        odd = (degrees[0] + degrees[1]) % 2
        return self._sign_of(leading) * (-1 if odd else 1)

    def _end(self, poly: Poly) -> Element:
        try:
            return self.converter.at_zero(self.field.polynomial(poly), self.h)
        except Undefined as outcome:
            raise Undecidable(_BEYOND) from outcome

    # --- letters for what has no value at h = 0 ------------------------------------------------------------

    def _with_letters(self, element: Element) -> Element:
        """The element in which ``log h``, and arctan and erf far out, are written so that h may go to zero.

        Every power of h outweighs ``log h``, so it is a letter while h goes to zero. ``arctan u`` is a quarter turn
        less ``arctan 1/u``; ``erf u`` is 1 less a letter that vanishes faster than every power of h. A sine far out is
        a letter between -1 and 1.
        """
        put_in: dict[Node, Node] = {}
        direct = [self.field.kernels[place] for place in self.field.used(*element)]
        for kernel in self._kernels(element):
            if kernel.kind in ("sin", "cos") and self._is_singular(kernel):
                if not any(kernel is own for own in direct):  # within an integral it need not be one number
                    raise Undecidable("a function of what oscillates")
                put_in[kernel_tree(self.field, kernel)] = self._bounded_letter()
            elif (written := self._rewritten(kernel)) is not None:
                put_in[kernel_tree(self.field, kernel)] = written
            elif not self._is_continuous(kernel):
                raise Undecidable("a limit of what may jump")
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
        if self._is_logarithm(kernel):
            self._limit_letter(_LOGARITHM, Interval(None, Fraction(0)))
            return _LOGARITHM
        if kernel.kind == "log":
            return self._logarithm_of_growing(kernel.inner[0])
        if kernel.kind == "floor":
            return self._whole_part(kernel.inner[0])
        if kernel.kind not in ("arctan", "erf") or not self._end(kernel.inner[0].bottom).top.is_zero():
            return None
        inverse = self.field.over(self.field.one, kernel.inner[0])
        if not self._limit_of(inverse).top.is_zero():
            return None
        tiny = fresh(len(self.field.kernels), _TINY)
        self._limit_letter(tiny, POSITIVE)
        rest: Node = tiny if kernel.kind == "erf" else Call("arctan", (tree(self.field, inverse),))
        if self._sign_of(kernel.inner[0]) < 0:
            return Sum((Negative(_END[kernel.kind]), rest if kernel.kind == "erf" else Negative(rest)))
        return Sum((_END[kernel.kind], Negative(rest)))

    def _is_continuous(self, kernel: Kernel) -> bool:
        """Whether a generator tends to its value at h = 0, should it have one there.

        A sum has to have as many terms for every h, none of them without end. The value of an integral need not be
        the limit of integrals, as that of ``h/(h^2 + x^2)`` shows: its integrand has to be continuous everywhere.
        """
        match kernel.kind:
            case "sum" | "product":
                uppers = (kernel.inner[1], *kernel.inner[3:])
                return not any(self.h in self.field.symbols(u) or self._has(u, "opaque") for u in uppers)
            case "integral":
                *ends, body = kernel.inner
                return not any(self._has(end, "opaque") for end in ends) and self._is_entire(body)
        return kernel.kind in _CONTINUOUS

    def _has(self, element: Element, kind: str) -> bool:
        return any(self.field.kernels[place].kind == kind for place in self.field.used(*element))

    def _is_entire(self, element: Element) -> bool:
        """Whether an element has a value for all values of its symbols, and jumps nowhere."""
        kernels = [self.field.kernels[place] for place in self.field.used(element.top)]
        return bool(element.bottom.is_constant()) and all(
            kernel.kind in _ENTIRE and all(map(self._is_entire, kernel.inner)) for kernel in kernels)

    def _whole_part(self, inner: Element) -> Node:
        """The whole part close to h = 0: below a whole number that is approached from below."""
        end = self.field.rational(self._limit_of(inner))
        if end is None:
            raise Undecidable(_BEYOND)
        rest = self.field.minus(inner, self.field.number(end))
        if end.denominator > 1 or rest.top.is_zero():
            return number(Fraction(floor(end)))
        return number(end if self._sign_close(rest) > 0 else end - 1)

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

    def _sign_of(self, element: Element) -> int:
        """The sign, where what it is the sign of may vanish noted."""
        for poly in element:
            self._note_zeros(poly)
        return self.converter.signs.of(element)

    def _note_zeros(self, poly: Poly) -> None:
        """Where the leading term of a denominator vanishes the limit may be another: that is to be looked at."""
        for part, _ in self.field.factors(poly)[1]:
            symbols = self.field.symbols(self.field.polynomial(part))
            if self.h not in symbols and not any(s.name in _LETTERS for s in symbols):
                self.converter.signs.note_jump(part)

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
            if poly is element.bottom:
                self._note_zeros(self.field.ring.from_dict(by_degree[first]))
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
        return order, self._sign_of(rest)


def _approach(point: Node, side: str, h: Symbol) -> Node:
    match point:
        case Constant("infinity"):
            return Quotient(Number("1"), h)
        case Negative(Constant("infinity")):
            return Negative(Quotient(Number("1"), h))
    return Sum((point, Negative(h) if side == "-" else h))
