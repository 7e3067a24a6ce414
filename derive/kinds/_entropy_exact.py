r"""Exact sums of logarithms, and the units that they are told in.

A sum ``c_1 log(r_1) + ...`` with rational numbers is collected by the primes in the ratios, which makes equal sums
equal, and written as one logarithm where that is short: ``log(2)/2 + log(2/3)/2 = log(4/3)/2``. A quantity in nats
divided by ``log b`` is the same in base b; nats, bits and base 10 are always told side by side. Called by the kinds
``kl-divergence`` and ``entropy``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm, prod

from flint import fmpz

from derive.errors import MathError
from derive.goals import simple
from derive.kinds._by_hand import rounded
from derive.numeric.value import value_of
from derive.rules.monomials import join
from derive.steps import Chain, Level, Prose, Result, Step
from derive.tree import (
    INFINITY,
    ZERO,
    Call,
    Negative,
    Node,
    Product,
    Quotient,
    free_symbols,
    negated,
    number,
    numeric,
    total,
)
from derive.write.numbers import approximate

SHORT = 10_000  # a larger numerator or denominator is not put into one logarithm
TERMS_MOST = 6  # of a sum of logarithms of primes that is told
_FACTORED_BITS = 64

Powers = Mapping[int, Fraction]
"""A sum of logarithms of primes: the prime and what stands before its logarithm."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of information: its name, the base of its logarithm (None: e), and words for it."""

    name: str
    base: int | None
    words: str


UNITS = (
    Unit("nats", None, "natural logarithm"),
    Unit("bits", 2, "logarithm to base 2"),
    Unit("base 10", 10, "logarithm to base 10"),
)
"""The units in which every quantity is told."""

BASES = tuple(unit.name for unit in UNITS)


def powers_of(terms: Iterable[tuple[Fraction, Fraction]]) -> dict[int, Fraction]:
    """The sum of ``c log(r)`` by primes; zeros are left out."""
    found: dict[int, Fraction] = {}
    for coefficient, ratio in terms:
        for whole, sign in ((ratio.numerator, 1), (ratio.denominator, -1)):
            for prime, times in _primes(whole):
                found[prime] = found.get(prime, Fraction(0)) + sign * times * coefficient
    return {prime: c for prime, c in sorted(found.items()) if c}


def _primes(n: int) -> list[tuple[int, int]]:
    if n == 1:
        return []
    if n.bit_length() > _FACTORED_BITS:
        return [(n, 1)]
    return [(int(prime), int(times)) for prime, times in fmpz(n).factor()]


def written(powers: Powers, base: int | None = None) -> Node | None:
    """The sum as short as it gets; None where it stays long."""
    if not powers:
        return ZERO
    pure = _rational(powers, base)
    if pure is not None:
        return number(pure)
    if base is not None and base in powers:
        rest = {p: c for p, c in powers.items() if p != base}
        own, others = number(powers[base]), written(rest, base)
        return None if others is None else join([others, own] if powers[base] < 0 else [own, others])
    below = lcm(*(c.denominator for c in powers.values()))
    common = gcd(*(int(c * below) for c in powers.values()))
    top = prod((p ** int(c * below / common) for p, c in powers.items() if c > 0), start=1)
    bottom = prod((p ** int(-c * below / common) for p, c in powers.items() if c < 0), start=1)
    if max(top, bottom) < SHORT:
        ratio, front = Fraction(top, bottom), Fraction(common, below)
        return multiple(front, ratio, base) if ratio > 1 else negated(multiple(front, 1 / ratio, base))
    if len(powers) > TERMS_MOST:
        return None
    ordered = sorted(powers.items(), key=lambda item: (item[1] < 0, item[0]))
    return total([multiple(c, Fraction(p), base) for p, c in ordered])


def _rational(powers: Powers, base: int | None) -> Fraction | None:
    """The value where the base is made of the same primes in the same proportion."""
    if base is None:
        return None
    own = dict(_primes(base))
    shares = {c / own[p] if p in own else None for p, c in powers.items()}
    return shares.pop() if len(shares) == 1 and set(own) == set(powers) else None


def multiple(coefficient: Fraction, ratio: Fraction, base: int | None = None) -> Node:
    """``c log(r)``."""
    return scaled(coefficient, Call("log", (number(ratio),) if base is None else (number(ratio), number(base))))


def scaled(coefficient: Fraction, log: Node) -> Node:
    """A number times a logarithm."""
    size = abs(coefficient)
    if size == 1:
        node: Node = log
    else:
        node = Product((number(size), log))
    return Negative(node) if coefficient < 0 else node


def quotient_of(node: Node) -> tuple[Fraction, Fraction] | None:
    """``c`` and ``r`` of a term ``c log(r)`` whose numbers are rational."""
    match node:
        case Product((front, Call("log", (inside,), 0))):
            first, second = numeric(front), numeric(simple(inside))
            return None if first is None or second is None or second <= 0 else (first, second)
        case Call("log", (inside,), 0):
            value = numeric(simple(inside))
            return None if value is None or value <= 0 else (Fraction(1), value)
        case Quotient(top, bottom) if (below := numeric(bottom)):
            found = quotient_of(top)
            return None if found is None else (found[0] / below, found[1])
        case Negative(operand):
            found = quotient_of(operand)
            return None if found is None else (-found[0], found[1])
    return None


def collected(node: Node, terms: Iterable[Node]) -> list[Step]:
    """The step from a sum of terms ``c log(r)`` to its short form; none where that is not known or the same."""
    numbers = [quotient_of(term) for term in terms]
    if any(n is None for n in numbers):
        return []
    short = written(powers_of(n for n in numbers if n is not None))
    if short is None or short == node:
        return []
    return [Step(node, short, "logarithm laws", "Sums, differences and multiples of logarithms become one logarithm.",
                 level=Level.ALGEBRA)]


def in_unit(
    value: Node, powers: Powers | None, unit: Unit, in_nats: float | None = None
) -> tuple[Node, list[Step]]:
    """A quantity in nats told in a unit: the exact value there, and the steps to it and on to its decimal.

    ``in_nats`` is the number where it cannot be worked out from the value alone.
    """
    found = None if in_nats is None else in_nats / math.log(unit.base or math.e)
    if unit.base is None:
        return value, rounding_of(value, found)
    base = number(unit.base)
    start: Node = Quotient(value, Call("log", (base,)))
    exact = written(powers, unit.base) if powers is not None else None
    steps: list[Step] = []
    if value == ZERO:
        exact = ZERO
    if exact is not None:
        steps.append(Step(start, exact, "change of base", "A logarithm to a base is the natural one over that of the "
                                                           "base.", level=Level.ALGEBRA))
    end = start if exact is None else exact
    return end, [*steps, *rounding_of(end, found)]


def rounding_of(node: Node, found: float | None = None) -> list[Step]:
    """The step to a decimal, ``found`` being the number where the expression does not give it; none with letters."""
    if found is None and (free_symbols(node) or numeric(node) is not None or node == INFINITY):
        return []
    try:
        decimal = rounded(node) if found is None else approximate(found)
        return [Step(node, decimal, "round", "To 6 significant digits.", "~=", Level.ARITHMETIC)]
    except MathError:
        return []


@dataclass(frozen=True)
class Quantity:
    """A quantity in nats: how it is written, its words, its exact value, its sum by primes where that is known.

    Where the value has a mean without closed form in it, and no letters, ``number`` is what it comes to.
    """

    label: Node
    name: str
    value: Node
    powers: Powers | None = None
    number: float | None = None

    @property
    def is_number(self) -> bool:
        """Whether the value is finite and has no letters."""
        return self.number is not None or not (free_symbols(self.value) or self.value == INFINITY)

    @property
    def in_nats(self) -> float:
        """The number itself."""
        return value_of(self.value) if self.number is None else self.number

    @cached_property
    def told(self) -> tuple[list[Chain], dict[str, tuple[Node, Node | None]]]:
        """The chains to the other units, and for each unit the exact value and the decimal."""
        chains: list[Chain] = []
        rows: dict[str, tuple[Node, Node | None]] = {}
        for unit in UNITS:
            if self.value == INFINITY:
                rows[unit.name] = INFINITY, None
                continue
            exact, steps = in_unit(self.value, self.powers, unit, self.number)
            if steps and unit.base is not None:
                chains.append(Chain(tuple(steps), self.label_in(unit)))
            rows[unit.name] = exact, steps[-1].after if steps and steps[-1].relation == "~=" else None
        return chains, rows

    def results(self, base: str) -> list[Result]:
        """The quantity in each unit, the one that was asked for first; with letters or infinite, in nats alone."""
        _, rows = self.told
        return [
            Result(f"{self.name} in {unit.name}", rows[unit.name][0], self.label_in(unit), number=self._number_in(unit))
            for unit in (*(u for u in UNITS if u.name == base), *(u for u in UNITS if u.name != base))
            if unit.base is None or self.is_number
        ]

    def _number_in(self, unit: Unit) -> float | None:
        return None if self.number is None else self.number / math.log(unit.base or math.e)

    def label_in(self, unit: Unit) -> Node:
        """How the quantity is written in a unit: divided by the logarithm of the base."""
        if unit.base is None:
            return self.label
        return Quotient(self.label, Call("log", (number(unit.base),)))


def decimal_of(node: Node) -> Node | None:
    """A number's decimal where the number is not one that is written out."""
    steps = rounding_of(node)
    return steps[-1].after if steps else None


def prose_of(exact: Node, decimal: Node | None) -> Prose:
    """``log(4/3)/2 ≈ 0.143841`` in a table."""
    return (exact,) if decimal is None else (exact, " ≈ ", decimal)


