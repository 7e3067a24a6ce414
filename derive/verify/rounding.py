"""Written decimals: ``x ≈ 0.333`` is right when x is within half a unit of the last written place."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from derive.steps import Status, Verdict, Witness
from derive.tree import Matrix, Negative, Node, Number, Power, Product, numeric
from derive.verify.balls import ball, has_unknowns, precision
from derive.verify.core import free_symbols
from derive.verify.enclosures import Endless, is_endless
from derive.verify.equality import rows_of, weakest
from derive.verify.refute import decimal
from derive.verify.signals import Clock, Unclear, Undecidable, Undefined

_BITS = (64, 256, 1024, 4096)
_BITS_ENDLESS = (64, 128)  # for infinite sums and integrals, whose enclosures are slow
_LARGEST_EXPONENT = 400  # of a power of ten in a written number


def rounding(exact: Node, written: Node, clock: Clock) -> Verdict:
    """The verdict on ``exact ≈ written``, entry by entry for vectors and matrices."""
    if isinstance(exact, Matrix) or isinstance(written, Matrix):
        first, second = rows_of(exact), rows_of(written)
        if [len(r) for r in first] != [len(r) for r in second]:
            return Verdict(Status.REFUTED, "shapes", "different shapes")
        pairs = [(x, y) for r, s in zip(first, second, strict=True) for x, y in zip(r, s, strict=True)]
        return weakest([rounding(x, y, clock) for x, y in pairs])
    if exact == written:
        return Verdict(Status.PROVED, "identical")
    if has_unknowns(exact, written):
        return Verdict(Status.UNDECIDED, "rounding", "unknown functions")
    if free_symbols(exact) | free_symbols(written):
        return Verdict(Status.UNDECIDED, "rounding", "an approximation that is no rounding")
    try:
        return _rounded(exact, written, clock)
    except Undecidable as outcome:
        return Verdict(Status.UNDECIDED, "rounding", str(outcome))
    except Undefined:
        return Verdict(Status.UNDECIDED, "rounding", "outside the domain")


def _rounded(exact: Node, written: Node, clock: Clock) -> Verdict:
    unit = last_place(written)
    if unit is None:
        return _within_written_digits(exact, written, clock)
    half = unit / 2
    for bits in _BITS_ENDLESS if is_endless(exact) else _BITS:
        with precision(bits):
            try:
                value, shown = (Endless({}, clock=clock).value(n) for n in (exact, written))
            except Unclear:
                continue
            gap = abs(value - shown)
            if gap <= ball(half):
                return Verdict(Status.PROVED, "rounding", f"within half a unit of the last place, {float(half):g}")
            if gap > ball(half):
                apart = f"more than {float(half):g} apart"
                return Verdict(Status.REFUTED, "rounding", apart, witness=_values(value, shown))
    return _on_the_boundary(exact, written, half, clock)


def _on_the_boundary(exact: Node, written: Node, half: Fraction, clock: Clock) -> Verdict:
    """Exactly half a unit away, as 0.125 ≈ 0.13: rounded either way is right."""
    value, shown = _decimal(exact), _decimal(written)
    if value is not None and shown is not None and abs(value - shown) == half:
        return Verdict(Status.PROVED, "rounding", f"within half a unit of the last place, {float(half):g}")
    return Verdict(Status.UNDECIDED, "rounding", "too close to half a unit to tell")


def _decimal(node: Node) -> Fraction | None:
    """The value of a written number, also with a power of ten behind it."""
    match node:
        case Negative(operand):
            inner = _decimal(operand)
            return None if inner is None else -inner
        case Product((mantissa, Power(Number("10"), exponent))):
            power, value = numeric(exponent), numeric(mantissa)
            if power is None or value is None or power.denominator != 1 or abs(power) > _LARGEST_EXPONENT:
                return None
            return value * Fraction(10) ** int(power)
    return numeric(node)


def _values(value: Any, shown: Any) -> Witness:
    return Witness((), decimal(value, 12), decimal(shown, 12))


def last_place(node: Node) -> Fraction | None:
    """One unit of the last written place of a decimal: of 0.330 a thousandth; None for another expression."""
    match node:
        case Number(text):
            return Fraction(1, 10 ** len(text.partition(".")[2]))
        case Negative(operand):
            return last_place(operand)
        case Product((Number() as mantissa, Power(Number("10"), exponent))):
            power, unit = numeric(exponent), last_place(mantissa)
            known = power is not None and power.denominator == 1 and abs(power) <= _LARGEST_EXPONENT
            if known and power is not None and unit is not None:
                return unit * Fraction(10) ** int(power)
    return None


def _within_written_digits(exact: Node, written: Node, clock: Clock) -> Verdict:
    """A formula with rounded numbers in it: the exact value must be one that the written digits allow."""
    with precision(128):
        try:
            value = Endless({}, clock=clock).value(exact)
            allowed = _Loose({}, clock=clock).value(written)
        except Unclear:
            return Verdict(Status.UNDECIDED, "rounding", "the written digits do not tell")
        if not value.overlaps(allowed):
            return Verdict(Status.REFUTED, "rounding", "outside what the written digits allow",
                           witness=_values(value, allowed))
    return Verdict(Status.CHECKED, "rounding", "within what the written digits allow")


class _Loose(Endless):
    """Evaluation in which every number with a decimal point is known only to half a unit of its last place."""

    def _value(self, node: Node) -> Any:
        if isinstance(node, Number) and "." in node.text:
            unit = last_place(node)
            assert unit is not None
            half = unit / 2
            return ball(node.value - half).union(ball(node.value + half))
        return super()._value(node)
