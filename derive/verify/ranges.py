"""The range of a generator: of a symbol by its declared domain, of a function by that of its argument.

Called by :mod:`signs` for each generator once in a case; :mod:`convert` says for which domains. A new kind of
generator whose values are bounded is a case of :func:`_of_function`; without one nothing is known of its sign.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from derive.declarations import declaration
from derive.errors import DeriveError
from derive.tree import Symbol
from derive.verify.balls import enclose, rational
from derive.verify.core import bound_domain, stem
from derive.verify.field import Element, Field, Kernel, Poly
from derive.verify.intervals import ANY, FROM_ONE, NONNEGATIVE, POSITIVE, UNIT, Interval
from derive.verify.signals import Unclear, Undecidable
from derive.verify.signs import Signs
from derive.verify.trees import kernel_tree

_TERMS = 12  # of an argument whose range is looked for
_BELOW_ONE = Interval(Fraction(0), Fraction(1), True, False)
_QUARTER_TURN = Interval(Fraction(-8, 5), Fraction(8, 5))


def ranges(field: Field, domains: Mapping[Symbol, str]) -> Callable[[Signs, int], Interval]:
    """The range of each generator of a field, given what a case knows of the others."""
    return lambda signs, place: _range(field, domains, signs, field.kernels[place])


def _range(field: Field, domains: Mapping[Symbol, str], signs: Signs, kernel: Kernel) -> Interval:
    if kernel.kind in ("symbol", "indexed"):
        declared = domains.get(kernel.data) or domains.get(stem(kernel.data) or kernel.data)
        return domain_interval(declared or bound_domain(kernel.data))
    if not kernel.symbols and kernel.kind != "opaque":
        try:
            return Interval(*enclose(kernel_tree(field, kernel)), False, False)
        except Unclear:
            return ANY
    return _of_function(field, signs, kernel)


def domain_interval(domain: str) -> Interval:
    """The range that a declared domain gives a symbol. Undecidable for what is no number."""
    try:
        declared = declaration(domain)
    except DeriveError as error:
        raise Undecidable(error.message) from None
    if declared.kind != "number":
        raise Undecidable(f"a {declared.kind} where a number is expected")
    return Interval(declared.low, declared.high, declared.open_low, declared.open_high)


def _of_function(field: Field, signs: Signs, kernel: Kernel) -> Interval:
    match kernel.kind:
        case "exp":
            return {1: FROM_ONE, -1: _BELOW_ONE, 0: POSITIVE}[_sign(signs, kernel.inner[0])]
        case "log":
            return _of_logarithm(field, signs, kernel.inner[0].top)
        case "root":
            return POSITIVE if signs.sign(kernel.inner[0].top)[1] else NONNEGATIVE
        case "sin" | "cos":
            return _of_angle(kernel.kind, _argument(signs, kernel))
        case "erf":
            return UNIT.meet(_half(_sign(signs, kernel.inner[0])))
        case "gammafunction" | "trigamma":
            return POSITIVE if _sign(signs, kernel.inner[0]) == 1 else ANY
        case "arcsin" | "arctan":
            return _QUARTER_TURN.meet(_half(_sign(signs, kernel.inner[0])))
        case "abs" | "density":
            return NONNEGATIVE
        case "bracket":
            return Interval(Fraction(0), Fraction(1), False, False)
        case "factorial" | "size":
            return FROM_ONE
        case "sum" | "product":
            return _of_repeated(signs, kernel)
    return ANY


def _of_repeated(signs: Signs, kernel: Kernel) -> Interval:
    """The range of a sum or product of terms of one sign; sets have members, a sum that was cut may have none."""
    body = kernel.inner[2]
    above, strict = signs.sign(body.top)
    rows = kernel.data if kernel.kind == "sum" else (kernel.data,)
    uppers = zip((kernel.inner[1], *kernel.inner[3:]), rows, strict=True)
    counts = [_sign_strict(signs, e) for e, (_, space) in uppers if space is None]
    if above * signs.sign(body.bottom)[0] <= 0 or any(sign <= 0 for sign, _ in counts):
        return ANY
    never_empty = kernel.kind == "product" or all(certain for _, certain in counts)
    return POSITIVE if strict and never_empty else NONNEGATIVE


def _sign_strict(signs: Signs, element: Element) -> tuple[int, bool]:
    (above, strict), (below, _) = signs.sign(element.top), signs.sign(element.bottom)
    return above * below, strict


def _of_logarithm(field: Field, signs: Signs, poly: Poly) -> Interval:
    """The range of ``log|p|``, where the sign of p is certain: by the sign of ``|p| - 1``."""
    own, _ = signs.sign(poly)
    if not own:
        return ANY
    sign, strict = signs.sign(poly * own - field.unit)
    half = _half(sign)
    return half._replace(open_low=sign > 0 and strict) if sign > 0 else half._replace(open_high=strict or not sign)


def _sign(signs: Signs, element: Element) -> int:
    return signs.sign(element.top)[0] * signs.sign(element.bottom)[0]


def _half(sign: int) -> Interval:
    """All numbers of a sign, zero among them."""
    return {1: NONNEGATIVE, -1: Interval(None, Fraction(0), True, False), 0: ANY}[sign]


# --- sine and cosine -------------------------------------------------------------------------------------


def _argument(signs: Signs, kernel: Kernel) -> Interval:
    """The range of ``q u`` below a sine or cosine."""
    top, bottom = kernel.inner[0]
    if not bottom.is_constant() or len(top) > _TERMS:
        return ANY
    return signs.interval(top).scaled(kernel.unit / int(bottom.leading_coefficient()))


def _of_angle(name: str, angle: Interval) -> Interval:
    """The range of the sine or cosine of a bounded angle: its values at the ends, and 1 and -1 where reached."""
    if angle.low is None or angle.high is None or angle.high - angle.low > 6:
        return UNIT
    low, high = (arb(fmpq(e.numerator, e.denominator)) for e in (angle.low, angle.high))
    ends = [getattr(e, name)() for e in (low, high)]
    least, most = (_reaches(low, high, name, top) for top in (False, True))
    bottom = Fraction(-1) if least else min(rational(e.lower()) for e in ends)
    top = Fraction(1) if most else max(rational(e.upper()) for e in ends)
    return UNIT.meet(Interval(bottom, top, False, False))


def _reaches(low: Any, high: Any, name: str, top: bool) -> bool:
    """Whether the angles may hold one at which the function is 1 (``top``) or -1."""
    first = (arb(0) if top else arb.pi()) if name == "cos" else (arb.pi() / 2 if top else -arb.pi() / 2)
    turns = [first + 2 * arb.pi() * k for k in range(-_turns(low) - 1, _turns(high) + 2)]
    return any(not (turn < low or turn > high) for turn in turns)


def _turns(end: Any) -> int:
    return int(abs(float(end)) / 6) + 1


