"""Trying a statement at points: a rigorous counter-example, or agreement that is no proof.

Both sides are enclosed in number balls with 64, then 160, then 1,024 bits, until the balls are disjoint (the
sides differ there: a counter-example) or overlap within 30 digits (they agree there). At the first points they
must overlap with 1,024 bits as well, for sides such as tanh 60 and tanh 90 share their first 51 digits. Points
where a side has no value are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from typing import Any

from flint import arb

from derive.declarations import declaration
from derive.steps import Witness
from derive.tree import Node, Symbol
from derive.verify.balls import Evaluation, precision
from derive.verify.core import free_symbols
from derive.verify.domains import (
    Point,
    counted,
    family_member,
    ordered,
    points,
    rough_points,
    switches,
    whole_symbols,
)
from derive.verify.models import Model, Models
from derive.verify.signals import Clock, Unclear, Undecidable, Undefined
from derive.verify.survey import Survey

_BITS = (64, 160, 1024)
_DEEP = 2  # points at which 1,024 bits are used in any case
_POINTS = 14
_SWITCHES = 6
DIGITS = 30


@dataclass(slots=True)
class Trial:
    """What the points say: a counter-example, or at how many points the sides agree."""

    agreeing: int = 0
    witness: Witness | None = None
    skipped: int = 0
    digits: int = DIGITS
    reasons: list[str] = field(default_factory=list)


Members = dict[tuple[Symbol, tuple[int, ...]], Fraction]
"""The values of members of indexed families, by family and index."""
Judge = Callable[[Any, Any], bool | None]
"""True: the relation holds for these balls; False: it certainly does not; None: more digits are needed."""


def agree(a: Any, b: Any) -> bool | None:
    """Whether two balls show the same number to 30 digits."""
    if not a.overlaps(b):
        return False
    size = arb(1) + a.abs_upper()
    return True if (a - b).abs_upper() <= size * arb(10) ** (-DIGITS) else None


def overlap(a: Any, b: Any) -> bool:
    """Whether two balls may be the same number."""
    return bool(a.overlaps(b))


def apart(a: Any, b: Any) -> bool | None:
    """False when two balls are certainly not the same number; nothing else is claimed."""
    return None if a.overlaps(b) else False


def _exact(a: Any, b: Any) -> bool:
    return bool(a.is_exact() and b.is_exact())


class Points:
    """The points for one statement, and both its sides at them."""

    def __init__(self, a: Node, b: Node, domains: Mapping[Symbol, str], clock: Clock) -> None:
        self.a, self.b, self.clock = a, b, clock
        self.survey = Survey((a, b))
        self.domains = counted(domains, self.survey)
        self.symbols = ordered(self.survey.symbols)
        self.whole = whole_symbols(self.domains)
        self.agreed = 0
        self.models = Models(self.survey.nodes, self.domains)
        self.method = "finite models" if self.models.laws else "finite sets" if self.models.sets else "number balls"

    def first(self, count: int) -> Trial:
        """Try the statement at so many points with few bits; how many agree is kept in ``agreed``."""
        result = Trial()
        for k, point in enumerate(self._drawn(count)):
            self._try(k, point, overlap, result, _BITS[:1])
            if result.witness is not None:
                break
        self.agreed = result.agreeing
        return result

    def trial(
        self, judge: Judge = agree, enough: int = 10**6, bits: tuple[int, ...] = _BITS
    ) -> Trial:
        """Try the statement; the first counter-example ends it."""
        result = Trial()
        for k, point in enumerate(self.points(_POINTS)):
            self.clock.check()
            self._try(k, point, judge, result, bits)
            if result.witness is not None or result.agreeing >= enough:
                break
        return result

    def at(self, k: int, point: Point, judge: Judge = agree) -> Trial:
        """Try the statement at one point, in the k-th model where it needs one."""
        result = Trial()
        self._try(k, point, judge, result, _BITS)
        return result

    def points(self, count: int) -> Iterator[Point]:
        """Points of the domain, and points on the missing side of every switch."""
        base = []
        for point in self._drawn(count):
            base.append(point)
            yield point
        yield from rough_points(self.symbols, self.domains)
        if self.symbols:
            found = (self._beyond(s, base) for s in switches(self.survey)[:_SWITCHES])
            yield from chain.from_iterable(found)

    def _drawn(self, count: int) -> Iterator[Point]:
        """Points of the domain; with nothing but families and laws, whose values differ each time, empty ones."""
        if self.symbols or not (self.models or self.survey.families):
            return points(self.symbols, self.domains, count)
        return ({} for _ in range(count))

    def _try(self, k: int, point: Point, judge: Judge, result: Trial, precisions: tuple[int, ...]) -> None:
        deep = judge is agree and k < _DEEP
        members: Members = {}
        model = self.models.model(k) if self.models else None
        if model is not None:
            point = model.place(point)
        for bits in precisions:
            if deep and bits == _BITS[1]:
                continue
            with precision(bits):
                try:
                    here = self.evaluation(point, k, members)
                    left, right = here.value(self.a), here.value(self.b)
                    verdict = judge(left, right)
                except Undefined:
                    break
                except Unclear:
                    continue
                if verdict is False:
                    result.witness = witness(point, members, left, right, model)
                    return
                if verdict and not (deep and bits < _BITS[-1] and not _exact(left, right)):
                    result.agreeing += 1
                    return
        result.skipped += 1

    def evaluation(
        self, point: Point, k: int = 0, members: Members | None = None, value: Fraction | None = None
    ) -> Evaluation:
        """The values at a point; the members of indexed families that are used are noted in ``members``.

        With ``value`` all of these are that number.
        """

        model = self.models.model(k) if self.models else None

        def member(base: Symbol, indices: tuple[int, ...]) -> Fraction:
            found = value
            if found is None and model is not None:
                found = model.family(base, indices)
            if found is None:
                found = family_member(self.domains, k, base, indices)
                if self.models.laws and k % 2 and base not in self.domains:
                    found = abs(found)  # a table of values whose logarithm exists
            if members is not None:
                members[base, indices] = found
            return found

        return Evaluation(point, member, self.whole, self.clock, model)

    # --- switches -----------------------------------------------------------------------------------------

    def _beyond(self, switch: Node, base: list[Point]) -> Iterator[Point]:
        """Points close to where a switch changes its sign, on both sides and in between."""
        for symbol in sorted(free_symbols(switch) & set(self.symbols), key=lambda s: s.plain):
            for point in base[:2]:
                root = self._root(switch, point, symbol)
                if root is not None:
                    yield from self._around(point, symbol, root)

    def _value(self, switch: Node, point: Point) -> float | None:
        try:
            with precision(64):
                return float(self.evaluation(point).value(switch))
        except (Undefined, Unclear, Undecidable, OverflowError):
            return None

    def _root(self, switch: Node, point: Point, symbol: Symbol) -> Fraction | None:
        """Where the switch would vanish if it were linear in the symbol."""
        here = self._value(switch, point)
        there = self._value(switch, {**point, symbol: point[symbol] + 1})
        if here is None or there is None or here == there or abs(here) > 1e12:
            return None
        return point[symbol] - Fraction(here / (there - here)).limit_denominator(64)

    def _around(self, point: Point, symbol: Symbol, root: Fraction) -> Iterator[Point]:
        declared = declaration(self.domains.get(symbol, "real"))
        for step in (0, 1, -1, Fraction(1, 8), Fraction(-1, 8)):
            value = Fraction(round((root + step) * 64), 64)
            if symbol in self.whole:
                value = Fraction(round(value))
            if declared.allows(value):
                yield {**point, symbol: value}


def witness(point: Point, members: Members, left: Any, right: Any, model: Model | None = None) -> Witness:
    """The counter-example as short decimals, with as many digits as it takes to see the difference."""
    for digits in (6, 12, 24, 60):
        texts = decimal(left, digits), decimal(right, digits)
        if texts[0] != texts[1]:
            break
    shown = [(symbol.plain, decimal_text(value)) for symbol, value in point.items()]
    shown += [(f"{s.plain}_{','.join(map(str, i))}", decimal_text(value)) for (s, i), value in sorted(
        members.items(), key=lambda item: (item[0][0].plain, item[0][1]))]
    shown += model.shown() if model is not None else ()
    return Witness(tuple(shown), *texts)


def decimal_text(value: Fraction) -> str:
    """A rational number as a short decimal, or as a fraction where no short decimal is exact."""
    if value.denominator == 1:
        return str(value.numerator)
    short = f"{float(value):.6g}"
    return short if Fraction(short) == value or value.denominator <= 64 else f"{value.numerator}/{value.denominator}"


def decimal(value: Any, digits: int) -> str:
    """The middle of a ball to so many significant digits, without trailing zeros; 0 when it may be that."""
    if value.contains(0):
        return "0"
    text = str(value.mid().str(digits, radius=False))
    mantissa, mark, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + mark + exponent
