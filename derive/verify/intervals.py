"""Exact intervals with rational or infinite ends: what is known of the range of a generator or a polynomial."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import NamedTuple

Bound = Fraction | None
"""An end of an interval; None is infinity."""


class Interval(NamedTuple):
    """All numbers from ``low`` to ``high``; None is no bound. ``open_low`` excludes the end itself."""

    low: Bound = None
    high: Bound = None
    open_low: bool = True
    open_high: bool = True

    @property
    def sign(self) -> int:
        """+1 when no member is negative, -1 when none is positive, else 0; both only for zero itself: +1."""
        if self.low is not None and self.low >= 0:
            return 1
        return -1 if self.high is not None and self.high <= 0 else 0

    @property
    def excludes_zero(self) -> bool:
        """Whether zero is no member."""
        if self.low is not None and (self.low > 0 or (self.low == 0 and self.open_low)):
            return True
        return self.high is not None and (self.high < 0 or (self.high == 0 and self.open_high))

    def plus(self, other: Interval) -> Interval:
        """The range of a sum of independent members."""
        low = None if self.low is None or other.low is None else self.low + other.low
        high = None if self.high is None or other.high is None else self.high + other.high
        return Interval(low, high, self.open_low or other.open_low, self.open_high or other.open_high)

    def times(self, other: Interval) -> Interval:
        """The range of a product of independent members; openness is claimed only where it is certain."""
        if self == other == ANY:
            return ANY
        ends = [_end(a, b) for a, b in product(_ends(self), _ends(other))]
        low, high = min(v for v, _ in ends), max(v for v, _ in ends)
        open_low = all(o for v, o in ends if v == low) and (low != 0 or self._no_zero_in(other))
        open_high = all(o for v, o in ends if v == high) and (high != 0 or self._no_zero_in(other))
        return Interval(_finite(low), _finite(high), open_low, open_high)

    def _no_zero_in(self, other: Interval) -> bool:
        return self.excludes_zero and other.excludes_zero

    def power(self, n: int) -> Interval:
        """The range of the n-th power, n > 0."""
        result = self
        for _ in range(min(n, 2 if n % 2 == 0 else 3) - 1):
            result = result.times(self)
        if n % 2 == 0:
            strict = self.excludes_zero
            low = result.low if self.sign and n == 2 else Fraction(0)
            return Interval(low, _grown(self, n), strict if low == 0 else result.open_low, False)
        if n <= 3:
            return result
        return Interval(Fraction(0) if self.sign > 0 else None, Fraction(0) if self.sign < 0 else None,
                        self.excludes_zero, self.excludes_zero)

    def scaled(self, factor: Fraction) -> Interval:
        """The range of a rational multiple, which is not zero."""
        return self.times(Interval(factor, factor, False, False))

    def meet(self, other: Interval) -> Interval:
        """The members of both."""
        low, open_low = max((self.low, self.open_low), (other.low, other.open_low), key=_low_key)
        high, open_high = min((self.high, not self.open_high), (other.high, not other.open_high), key=_high_key)
        return Interval(low, high, open_low, not open_high)

    @property
    def empty(self) -> bool:
        """Whether there is no member."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.open_low or self.open_high))


_INFINITE = float("inf")
_End = tuple[Fraction | float, bool]


def _ends(interval: Interval) -> tuple[_End, _End]:
    low: Fraction | float = -_INFINITE if interval.low is None else interval.low
    high: Fraction | float = _INFINITE if interval.high is None else interval.high
    return (low, interval.open_low), (high, interval.open_high)


def _end(a: _End, b: _End) -> _End:
    if a[0] == 0 or b[0] == 0:
        closed_zero = (a[0] == 0 and not a[1]) or (b[0] == 0 and not b[1])
        return Fraction(0), not closed_zero
    return _times(a[0], b[0]), a[1] or b[1]


def _times(a: Fraction | float, b: Fraction | float) -> Fraction | float:
    if isinstance(a, float) or isinstance(b, float):
        return _INFINITE if (a > 0) == (b > 0) else -_INFINITE
    return a * b


def _finite(value: Fraction | float) -> Bound:
    return None if isinstance(value, float) else value


def _grown(interval: Interval, n: int) -> Bound:
    if interval.low is None or interval.high is None or n > 8:
        return None
    return max(abs(interval.low), abs(interval.high)) ** int(n)


def _low_key(end: tuple[Bound, bool]) -> tuple[float | Fraction, bool]:
    return (-_INFINITE if end[0] is None else end[0], end[1])


def _high_key(end: tuple[Bound, bool]) -> tuple[float | Fraction, bool]:
    return (_INFINITE if end[0] is None else end[0], end[1])


ANY = Interval()
POSITIVE = Interval(Fraction(0))
NONNEGATIVE = Interval(Fraction(0), None, False)
UNIT = Interval(Fraction(-1), Fraction(1), False, False)
FROM_ONE = Interval(Fraction(1), None, False)
