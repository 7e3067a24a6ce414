"""Whether an element of the field is zero although its numerator is no zero polynomial.

The field's generators are not all independent: ``sqrt(3 + 2 sqrt 2)`` is ``1 + sqrt 2``, and ``arctan x + arctan 1/x``
is constant. :func:`vanishes` is asked by :mod:`cases` once per case, for a difference that numbers do not tell from
zero, and looks at each irreducible factor of the numerator:

* ``p + q r^k`` with an n-th root r of R is zero where ``(-p)^n = q^n R^k`` and p, q have opposite signs;
* a sum of rational multiples of logarithms is zero where its exponential is 1;
* a sum with inverse trigonometric functions is zero where the sine of its N-fold is zero (so that it can only be
  a multiple of pi/N), it is continuous on a convex domain, and it is closer to zero than that at one point;
* a constant made of roots and sines of fractions of pi by its conjugates (:mod:`algebraic`).

A new argument is a function here and an entry of :data:`_ARGUMENTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import lcm

from flint import arb

from derive.tree import Node, Symbol
from derive.verify.algebraic import is_zero
from derive.verify.balls import Evaluation, precision
from derive.verify.convert import Converter
from derive.verify.core import is_fresh
from derive.verify.domains import whole_symbols
from derive.verify.field import Element, Kernel, Poly
from derive.verify.signals import Split, TooLarge, Unclear, Undecidable, Undefined
from derive.verify.signs import univariate
from derive.verify.trees import tree

Points = Callable[[], Iterator[dict[Symbol, Fraction]]]
"""Points of the declared domain."""

_BITS = 128
_TRIED = 40  # points looked at for one inside the case
_TERMS = 200  # of a numerator that is looked at
_MULTIPLE = 64  # the largest N
_DEGREE = 12  # of a root that is taken away
_DEPTH = 3  # arguments within arguments
_INVERSE = frozenset({"arcsin", "arctan"})
_SMOOTH = frozenset({"symbol", "pi", "exp", "sin", "cos", "erf"})
_ASKED = frozenset({"root", "log", "sin", "cos", *_INVERSE})


def vanishes(converter: Converter, element: Element, points: Points, depth: int = 0) -> bool:
    """Whether the element is certainly zero at all points of this case. Split where that depends on a sign."""
    top = element.top
    if top.is_zero():
        return True
    field = converter.field
    if depth > _DEPTH or len(top) > _TERMS or not any(field.kernels[i].kind in _ASKED for i in field.used(top)):
        return False
    try:
        factors = [f for f, _ in field.factors(top)[1]]
    except TooLarge:
        return False
    return any(argument(converter, f, points, depth) for f in factors for argument in _ARGUMENTS)


def _constant(converter: Converter, factor: Poly, points: Points, depth: int) -> bool:
    field = converter.field
    if field.symbols(field.polynomial(factor)):
        return False
    return is_zero(tree(field, field.polynomial(factor)), field.clock) is True


# --- roots -----------------------------------------------------------------------------------------------


def _conjugate(converter: Converter, factor: Poly, points: Points, depth: int) -> bool:
    """``p + q r^k = 0`` from ``(-p)^n = q^n R^k`` and, for even n, the signs of p and q; the root r is positive."""
    field = converter.field
    degrees = factor.degrees()
    for place, (degree, radicand) in field.relations.items():
        if not degrees[place] or field.kernels[place].kind != "root" or degree > _DEGREE:
            continue
        parts = _by_degree(converter, factor, place)
        if len(parts) != 2 or 0 not in parts:
            continue
        rest, (power, slope) = parts[0], max(parts.items())
        left = field.raised(-rest, degree)
        right = field.product(field.raised(slope, degree), field.raised(radicand, power))
        if not vanishes(converter, field.polynomial(field.reduced(left - right)), points, depth + 1):
            continue
        if degree % 2 or _sign(converter, rest) * _sign(converter, slope) < 0:
            return True
    return False


def _by_degree(converter: Converter, poly: Poly, place: int) -> dict[int, Poly]:
    """The coefficients of the powers of one generator."""
    groups: dict[int, dict[tuple[int, ...], object]] = {}
    for powers, c in zip(poly.monoms(), poly.coeffs(), strict=True):
        groups.setdefault(int(powers[place]), {})[(*powers[:place], 0, *powers[place + 1 :])] = c
    return {power: converter.field.ring.from_dict(group) for power, group in groups.items()}


def _sign(converter: Converter, poly: Poly) -> int:
    """The sign, where zero counts as either; Split where it is not known."""
    found, _ = converter.signs.sign(poly)
    return found or converter.signs.of(converter.field.polynomial(poly))


# --- logarithms ------------------------------------------------------------------------------------------


def _exponential(converter: Converter, factor: Poly, points: Points, depth: int) -> bool:
    """A sum of multiples of logarithms is zero where the product of the powers is 1."""
    field = converter.field
    used = field.used(factor)
    if factor.total_degree() != 1 or any(field.kernels[i].kind != "log" for i in used):
        return False
    if not all(_positive(converter, field.kernels[i].inner[0]) for i in used):
        return False
    product = converter.kernels.exp(field.polynomial(factor))
    return vanishes(converter, field.minus(product, field.one), points, depth + 1)


def _positive(converter: Converter, element: Element) -> bool:
    """Whether an element is certainly not zero: the logarithm of its absolute value exists."""
    return all(converter.signs.sign(p)[1] for p in element)


# --- inverse trigonometric functions ---------------------------------------------------------------------


def _turn(converter: Converter, factor: Poly, points: Points, depth: int) -> bool:
    """A continuous sum that can only be a multiple of ``pi/N`` is zero if it is closer to zero somewhere."""
    field = converter.field
    used = field.used(factor)
    inverse = [i for i in used if field.kernels[i].kind in _INVERSE]
    if not inverse or any(factor.degrees()[i] != 1 for i in inverse) or not _is_convex(converter):
        return False
    multiple = _multiple(converter, factor, inverse)
    if multiple is None or not all(_is_continuous(converter, field.kernels[i]) for i in used):
        return False
    scaled = field.scaled(field.polynomial(factor), Fraction(1, multiple))
    if not vanishes(converter, converter.kernels.sin(scaled), points, depth + 1):
        return False
    return _is_small_somewhere(converter, tree(field, scaled), points)


def _multiple(converter: Converter, factor: Poly, inverse: list[int]) -> int | None:
    """The common divisor of the whole coefficients of the inverse functions; None where one is no number."""
    result = 0
    for place in inverse:
        slope = factor.derivative(place)
        if not slope.is_constant() or abs(int(slope.leading_coefficient())) > _MULTIPLE:
            return None
        result = _gcd(result, int(slope.leading_coefficient()))
    return result


def _gcd(a: int, b: int) -> int:
    return abs(a * b) // lcm(a, b) if a and b else abs(a or b)


def _is_small_somewhere(converter: Converter, node: Node, points: Points) -> bool:
    """Whether the value is less than half a turn in size at a point of this case."""
    facts = [(tree(converter.field, Element(p, converter.field.unit)), sign) for p, sign in converter.signs.facts]
    for _, point in zip(range(_TRIED), points(), strict=False):
        converter.field.clock.check()
        with precision(_BITS):
            try:
                here = Evaluation(point, clock=converter.field.clock)
                if all(here.value(fact) * sign > 0 for fact, sign in facts):
                    return bool(abs(here.value(node)) < arb.pi() / 2)
            except (Unclear, Undefined, Undecidable):
                continue
    return False


def _is_convex(converter: Converter) -> bool:
    """Whether this case is a convex part of the domain, all symbols real: then it is connected."""
    field = converter.field
    whole = whole_symbols(converter.domains)
    symbols = {k.data for k in field.kernels if k.kind == "symbol"}
    if symbols & whole or any(is_fresh(s) for s in symbols):
        return False
    return all(_cuts_convex(converter, poly * sign) for poly, sign in converter.signs.facts)


def _cuts_convex(converter: Converter, poly: Poly) -> bool:
    """Whether ``poly > 0`` is a convex set: for a linear polynomial, and for a quadratic one that opens downwards."""
    field = converter.field
    places = field.used(poly)
    if any(field.kernels[i].kind != "symbol" for i in places):
        return not field.symbols(field.polynomial(poly))
    if poly.total_degree() <= 1:
        return True
    return len(places) == 1 and poly.total_degree() == 2 and univariate(poly, places[0])[2] < 0


def _is_continuous(converter: Converter, kernel: Kernel) -> bool:
    """Whether a generator has values and is continuous throughout this case."""
    field, signs = converter.field, converter.signs
    if not all(_is_convex_without(converter, e.bottom) for e in kernel.inner):
        return False
    inner = [field.kernels[i] for e in kernel.inner for i in field.used(*e)]
    if not all(_is_continuous(converter, k) for k in inner):
        return False
    match kernel.kind:
        case "log":
            return signs.sign(kernel.inner[0].top)[1]
        case "root":
            return signs.sign(kernel.inner[0].top)[0] > 0
        case "arctan":
            return True
        case "arcsin":
            u = kernel.inner[0]
            return signs.sign(field.minus(field.one, field.times(u, u)).top)[0] > 0
    return kernel.kind in _SMOOTH


def _is_convex_without(converter: Converter, bottom: Poly) -> bool:
    """Whether a denominator is zero on a flat face of this case at most. Split where its sign is not known."""
    for part, _ in converter.field.factors(bottom)[1]:
        sign, strict = converter.signs.sign(part)
        if not sign:
            raise Split(part)
        if not strict and not (part.total_degree() <= 1 and _cuts_convex(converter, part)):
            return False
    return True


_ARGUMENTS = (_conjugate, _exponential, _turn, _constant)
