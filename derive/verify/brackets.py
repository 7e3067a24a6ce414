"""Iverson's brackets as generators: ``[u = 0]`` and ``[u > 0]``, with values 0 and 1.

They stand for Kronecker's delta, for the condition of a sum (``j != i``, ``i < j``), for indicators, and for cases
that depend on a bound name. ``[u >= 0] = [u > 0] + [u = 0]`` and ``[-u > 0] = 1 - [u > 0] - [u = 0]``, so that each
is written with generators of one direction; where u takes whole values only, ``[u + 1 > 0] = [u > 0] + [u = 0]``.
A power of a bracket is the bracket, and the even powers of a generator ``|u|`` are those of u: :meth:`tidy`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from derive.tree import Node, Relation, Symbol
from derive.verify.field import Element, Field, Kernel, Poly, key_of
from derive.verify.signals import Undecidable
from derive.verify.signs import Signs

if TYPE_CHECKING:
    from derive.verify.convert import Converter

_STEPS = 8  # whole numbers between two thresholds that are told apart
_WORLDS = 6  # free brackets whose values are tried


class Brackets:
    """Brackets over one field; ``whole`` says which symbols take whole values only."""

    def __init__(self, field: Field, signs: Signs, whole: Callable[[Symbol], bool]) -> None:
        self.field, self.signs, self.whole = field, signs, whole

    def of(self, relation: Node, convert: Callable[[Node], Element]) -> Element:
        """The bracket of a comparison or a chain of them, as an element."""
        if not isinstance(relation, Relation):
            raise Undecidable("a condition that is no comparison")
        result = self.field.one
        for (a, b), sign in zip(pairwise(relation.sides), relation.signs, strict=True):
            difference = self.field.minus(convert(a), convert(b))
            result = self.field.times(result, self.compared(difference, sign))
        return self.tidy(result)

    def compared(self, u: Element, sign: str) -> Element:
        """``[u sign 0]``."""
        field = self.field
        match sign:
            case "=":
                return self.zero(u)
            case "!=":
                return field.minus(field.one, self.zero(u))
            case ">":
                return self.positive(u)
            case "<":
                return self.positive(field.scaled(u, -1))
            case ">=":
                return field.minus(field.one, self.positive(field.scaled(u, -1)))
            case "<=":
                return field.minus(field.one, self.positive(u))
        raise Undecidable(f"a condition with {sign}")

    def zero(self, u: Element) -> Element:
        """``[u = 0]``."""
        field = self.field
        value = field.rational(u)
        if value is not None:
            return field.one if value == 0 else field.zero
        if self.signs.sign(u.top)[1]:
            return field.zero
        poly = _primitive(u.top)
        return self._made(-poly if poly.leading_coefficient() < 0 else poly, "=")

    def positive(self, u: Element) -> Element:
        """``[u > 0]``."""
        field = self.field
        value = field.rational(u)
        if value is not None:
            return field.one if value > 0 else field.zero
        poly = _primitive(field.product(u.top, u.bottom))
        sign, strict = self.signs.sign(poly)
        if sign and (strict or sign < 0):
            return field.one if sign > 0 else field.zero
        if self._is_whole(poly):
            return self._whole_positive(poly)
        return self._directed(poly)

    def _directed(self, poly: Poly) -> Element:
        """``[p > 0]`` by a generator whose leading coefficient is positive."""
        field = self.field
        if poly.leading_coefficient() > 0:
            return self._made(poly, ">")
        other = field.plus(self._made(-poly, ">"), self._made(-poly, "="))
        return field.minus(field.one, other)

    def _whole_positive(self, poly: Poly) -> Element:
        """``[w + c > 0]`` for whole w: ``[w > 0]``, and the numbers between the thresholds one by one."""
        field = self.field
        shift = int(poly[(0,) * self.field.needs.room]) if len(poly) else 0
        if not shift or abs(shift) > _STEPS:
            return self._directed(poly)
        rest = poly - shift
        result = self._directed(rest)
        between = range(-shift + 1, 1) if shift > 0 else range(1, -shift + 1)
        for m in between:
            step = self.zero(Element(rest - m, field.unit))
            result = field.plus(result, step) if shift > 0 else field.minus(result, step)
        return result

    def _made(self, poly: Poly, sign: str) -> Element:
        inner = Element(poly, self.field.unit)
        kernel = Kernel("bracket", (inner,), data=sign, symbols=self.field.symbols(inner))
        return self.field.generator(kernel, ("bracket", sign, key_of(inner)))

    def _is_whole(self, poly: Poly) -> bool:
        kernels = [self.field.kernels[i] for i in self.field.used(poly)]
        return all(k.kind == "symbol" and self.whole(k.data) for k in kernels)

    # --- powers -----------------------------------------------------------------------------------------

    def tidy(self, element: Element) -> Element:
        """The element with every bracket of its numerator at most to the first power, ``|u|`` likewise."""
        top = element.top
        places = [i for i in self.field.used(top) if self.field.kernels[i].kind in ("bracket", "abs")]
        degrees = top.degrees()
        again = [i for i in places if degrees[i] > 1]
        brackets = [i for i in places if self.field.kernels[i].kind == "bracket"]
        if not again and len(brackets) < 2:
            return element
        result = self.field.nought
        for powers, coefficient in zip(top.monoms(), top.coeffs(), strict=True):
            result = result + self._tidied(list(map(int, powers)), places) * coefficient
        return self.field.fraction(result, element.bottom)

    def _tidied(self, powers: list[int], places: list[int]) -> Poly:
        factor = self.field.unit
        for i in places:
            kernel = self.field.kernels[i]
            if kernel.kind == "bracket":
                powers[i] = min(powers[i], 1)
            elif powers[i] > 1:
                factor = factor * kernel.inner[0].top ** (powers[i] - powers[i] % 2)
                powers[i] %= 2
        return self.field.nought if self._excluded(powers, places) else factor * self.field.ring.from_dict(
            {tuple(powers): 1}
        )

    def _excluded(self, powers: list[int], places: list[int]) -> bool:
        """Whether a product holds ``[u = 0]`` and ``[u > 0]``."""
        held = [self.field.kernels[i] for i in places if powers[i] and self.field.kernels[i].kind == "bracket"]
        texts = {(key_of(*k.inner), k.data) for k in held}
        return any((text, ">") in texts for text, sign in texts if sign == "=")


def in_every_world(
    converter: Converter, element: Element, is_zero: Callable[[Element], bool], depth: int = 0
) -> bool:
    """Whether an element is zero whichever of its free brackets are 1; where ``[u = 0]`` is, u is solved."""
    field = converter.field
    place = next((i for i in field.used(element.top) if field.kernels[i].kind == "bracket"), None)
    if place is None:
        return is_zero(element)
    if depth > _WORLDS:
        return False
    kernel = field.kernels[place]
    worlds = [field.fraction(_with(field, element.top, place, value), field.unit) for value in (0, 1)]
    if kernel.data == "=":
        worlds[1] = _solved(converter, kernel.inner[0], worlds[1])
    return all(in_every_world(converter, world, is_zero, depth + 1) for world in worlds)


def _with(field: Field, p: Poly, place: int, value: int) -> Poly:
    """A polynomial with a number for a generator."""
    result: dict[tuple[int, ...], int] = {}
    for powers, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
        if not powers[place] or value:
            rest = (*map(int, powers[:place]), 0, *map(int, powers[place + 1 :]))
            result[rest] = result.get(rest, 0) + int(coefficient)
    return field.ring.from_dict(result)


def _solved(converter: Converter, u: Element, element: Element) -> Element:
    """An element where u is zero, with the value put in for a symbol that u is linear in."""
    field = converter.field
    for place in field.used(u.top):
        kernel = field.kernels[place]
        slope = u.top.derivative(place)
        if kernel.kind == "symbol" and slope.is_constant() and abs(int(slope.leading_coefficient())) == 1:
            rest = u.top - slope * field.generators[place]
            value = field.fraction(-rest * slope, field.unit)
            return converter.sums.put_in(element, kernel.data, value)
    return element


def _primitive(p: Poly) -> Poly:
    """The polynomial over its content, a positive whole number."""
    content = Fraction(0)
    for c in p.coeffs():
        content = Fraction(_gcd(int(content), abs(int(c))))
    return p / int(content) if content > 1 else p


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a
