"""Bounds on one number put together: what two domains have in common, and which declaration holds it.

Called by :mod:`derive.read.conditions` alone.
"""

from __future__ import annotations

from fractions import Fraction

from derive.declarations import Declaration, declaration


def meet(a: Declaration, b: Declaration) -> Declaration | None:
    """The numbers that both allow, as far as bounds go; None when there are none."""
    low, open_low = max(_lower(a), _lower(b))
    high, open_high = min(_upper(a), _upper(b))
    found = Declaration(
        "", low=None if low == -_FAR else low, open_low=bool(open_low), high=None if high == _FAR else high,
        open_high=not open_high, whole=a.whole or b.whole, nonzero=a.nonzero or b.nonzero,
    )  # fmt: skip
    return None if is_empty(found) else found


_FAR = Fraction(10**100)


def _lower(d: Declaration) -> tuple[Fraction, bool]:
    return (-_FAR if d.low is None else d.low), d.open_low


def _upper(d: Declaration) -> tuple[Fraction, bool]:
    return (_FAR if d.high is None else d.high), not d.open_high


def is_empty(d: Declaration) -> bool:
    """Whether no number lies between the bounds."""
    if d.low is None or d.high is None:
        return False
    if d.whole:
        first = -(-d.low // 1) + (d.open_low and d.low.denominator == 1)
        last = d.high // 1 - (d.open_high and d.high.denominator == 1)
        return first > last or (d.nonzero and first == last == 0)
    only = d.low == d.high and not (d.open_low or d.open_high)
    return d.low > d.high or (d.low == d.high and not only) or (only and d.nonzero and d.low == 0)


def widened(d: Declaration) -> tuple[Declaration, bool]:
    """The narrowest domain that can be declared and contains these numbers, and whether it is no wider."""
    if d.whole:
        return _whole(d)
    if d.low is None and d.high is None:
        return declaration("nonzero" if d.nonzero else "real"), True
    open_low, open_high = d.open_low or (d.nonzero and d.low == 0), d.open_high or (d.nonzero and d.high == 0)
    named = _HALF_LINES.get((d.low, d.high, open_low if d.high is None else open_high))
    if named:
        return declaration(named), True
    opening, closing = "[("[open_low], "])"[open_high]
    low, high = "-inf" if d.low is None else d.low, "inf" if d.high is None else d.high
    inside = d.nonzero and (d.low is None or d.low < 0) and (d.high is None or d.high > 0)
    return declaration(f"{opening}{low}, {high}{closing}"), not inside


_HALF_LINES: dict[tuple[Fraction | None, Fraction | None, bool], str] = {
    (Fraction(0), None, True): "positive", (Fraction(0), None, False): "nonnegative",
    (None, Fraction(0), True): "negative", (None, Fraction(0), False): "nonpositive",
}  # fmt: skip


def _whole(d: Declaration) -> tuple[Declaration, bool]:
    first = None if d.low is None else -(-d.low // 1) + (d.open_low and d.low.denominator == 1)
    first = 1 if first == 0 and d.nonzero else first
    if first is None or first < 0:
        return declaration("integer"), d.low is None and d.high is None and not d.nonzero
    return declaration("nonnegative integer" if first == 0 else "positive integer"), first <= 1 and d.high is None
