"""Rigorous Taylor arithmetic: number balls with infinitesimals, so that derivatives are those of the function.

A :class:`Jet` is a polynomial in infinitesimals, one for each derivative being taken, cut off at that
derivative's order; its coefficients are python-flint balls. A function is applied by composing its Taylor
series (from ``arb_series``, a rigorous enclosure) with the nilpotent part. Mixed partials and derivatives
inside derivatives are several infinitesimals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb, arb_series

Ball = Any
"""A ``flint.arb``."""
Powers = tuple[int, ...]


class Jet:
    """A ball plus an infinitesimal part; ``orders`` bounds the power of each infinitesimal."""

    __slots__ = ("orders", "parts")

    def __init__(self, parts: dict[Powers, Ball], orders: Powers) -> None:
        self.parts, self.orders = parts, orders

    @property
    def value(self) -> Ball:
        """The part without infinitesimals."""
        return self.parts.get((0,) * len(self.orders), arb(0))

    def __add__(self, other: Jet) -> Jet:
        parts = dict(self.parts)
        for powers, c in other.parts.items():
            parts[powers] = parts[powers] + c if powers in parts else c
        return Jet(parts, self.orders)

    def __neg__(self) -> Jet:
        return Jet({powers: -c for powers, c in self.parts.items()}, self.orders)

    def __mul__(self, other: Jet) -> Jet:
        parts: dict[Powers, Ball] = {}
        for p, c in self.parts.items():
            for q, d in other.parts.items():
                powers = tuple([i + j for i, j in zip(p, q, strict=True)])
                if all(n <= limit for n, limit in zip(powers, self.orders, strict=True)):
                    parts[powers] = parts[powers] + c * d if powers in parts else c * d
        return Jet(parts, self.orders)

    def apply(self, function: Callable[[Any], Any]) -> Jet:
        """The function, given on ``arb_series``, of this jet."""
        degree = sum(self.orders)
        series = function(arb_series([self.value, 1], prec=degree + 1))
        coefficients = [series[k] for k in range(degree + 1)]
        rest = Jet({p: c for p, c in self.parts.items() if any(p)}, self.orders)
        result = self.constant(coefficients[-1])
        for c in reversed(coefficients[:-1]):
            result = result * rest + self.constant(c)
        return result

    def constant(self, value: Ball) -> Jet:
        """A ball among the same infinitesimals."""
        return Jet({(0,) * len(self.orders): value}, self.orders)

    def widened(self, orders: Powers) -> Jet:
        """The same jet where further infinitesimals have been opened."""
        more = (0,) * (len(orders) - len(self.orders))
        return Jet({p + more: c for p, c in self.parts.items()}, orders) if more else self

    def coefficient(self, n: int) -> Jet:
        """What stands before the n-th power of the last infinitesimal, which is gone in the result."""
        return Jet({p[:-1]: c for p, c in self.parts.items() if p[-1] == n}, self.orders[:-1])
