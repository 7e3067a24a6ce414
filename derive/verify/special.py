"""Points at which an inequality that holds at random ones may still fail.

Where a difference has its least value a random point hardly ever is: at a corner or in the middle of the domain, where
two letters are equal, far out, or where a search downhill leads. Called by :mod:`inequality` for what holds at the
points of :mod:`refute`. A strict inequality fails also where both sides are equal, which balls cannot tell; so the
sides at such a point go to the exact test of :mod:`equality`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice, pairwise, product

from derive.declarations import Declaration, declaration
from derive.steps import Status, Witness
from derive.tree import Node, Symbol, number
from derive.verify.balls import precision
from derive.verify.core import put_in
from derive.verify.domains import Point, points
from derive.verify.equality import equality
from derive.verify.models import STEEP
from derive.verify.refute import Judge, Members, Points, witness
from derive.verify.signals import Clock, Unclear, Undecidable, Undefined

_LETTERS = 6  # of a statement whose corners are looked at
_CORNERS = 64
_SAME = tuple(Fraction(n, d) for n, d in ((0, 1), (1, 1), (-1, 1), (1, 2), (2, 1), (-1, 2), (1, 4), (3, 1)))
_FAR = (Fraction(50), Fraction(1000), Fraction(10**6))
_TINY = Fraction(1, 10**6)
_SPREAD, _STEP = 40, Fraction(3, 4)  # parts of a domain, and how far apart points are where it has no two ends
_TOUCHING = 1e-9  # of the difference at the start
_MARGIN = Fraction(1, 1000)
_ROUNDS = 30  # of a search downhill, each with a step twice as small for those that find nothing better
_STARTS = 3
_SHORT = (1, 2, 3, 4, 6, 12, 1000)  # denominators of the numbers near the end of a search
_EXACT = 6  # points at which both sides are compared exactly
_BITS = (64, 160, 1024)
_MODELS = range(STEEP, STEEP + 12)


def failing(tried: Points, judge: Judge, sign: str, clock: Clock) -> Witness | None:
    """A counter-example to ``a sign b`` at one of the special points; None where there is none among them.

    Undecidable for a strict inequality whose sides come so close within the domain that they may be equal.
    """
    if tried.models:
        return _in_models(tried, judge, clock)
    if len(tried.symbols) > _LETTERS or tried.survey.has_opaque:
        return None
    if tried.survey.families:
        return _with_equal_members(tried, judge, clock)
    strict, close = sign in ("<", ">", "!="), 0
    for point in _candidates(tried, sign):
        clock.check()
        found, undecided = _judged(tried, point, judge)
        if found is not None:
            return found
        if strict and undecided and close < _EXACT:
            close += 1
            if (found := _equal_at(tried, point, clock)) is not None:
                return found
    if strict and _may_touch(tried, sign):
        raise Undecidable("the sides come so close that they may be equal somewhere")
    return None


def _may_touch(tried: Points, sign: str) -> bool:
    """Whether a way downhill ends inside the domain where hardly any difference is left."""
    declared = {s: declaration(tried.domains.get(s, "real")) for s in tried.symbols}
    way = 1 if sign == ">" else -1
    for start in islice(points(tried.symbols, tried.domains, _STARTS), _STARTS):
        end = next(_downhill(tried, declared, start, way), start)
        first, last = (_difference(tried, p, way) for p in (start, end))
        inside = all(_is_inside(declared[s], v) for s, v in end.items())
        if inside and first is not None and last is not None and last < _TOUCHING * min(first, 1):
            return True
    return False


def _is_inside(declared: Declaration, value: Fraction) -> bool:
    low, high = declared.low, declared.high
    return (low is None or value > low + _MARGIN) and (high is None or value < high - _MARGIN)


def _in_models(tried: Points, judge: Judge, clock: Clock) -> Witness | None:
    drawn = list(points(tried.symbols, tried.domains, len(_MODELS)))
    for k in _MODELS:
        clock.check()
        trial = tried.at(k, drawn[(k - _MODELS.start) % len(drawn)], judge)
        if trial.witness is not None:
            return trial.witness
    return None


def _with_equal_members(tried: Points, judge: Judge, clock: Clock) -> Witness | None:
    """A counter-example in which all members of a family are the same number."""
    declared = [declaration(tried.domains.get(s, "real")) for s in tried.survey.families]
    for value, point in product(_SAME, points(tried.symbols, tried.domains, _STARTS)):
        clock.check()
        if all(d.allows(value) for d in declared):
            found, _ = _judged(tried, point, judge, value)
            if found is not None:
                return found
    return None


def _judged(
    tried: Points, point: Point, judge: Judge, member: Fraction | None = None
) -> tuple[Witness | None, bool]:
    """A counter-example at a point; and whether the sides could not be told apart there."""
    members: Members = {}
    for bits in _BITS:
        with precision(bits):
            try:
                here = tried.evaluation(point, members=members, value=member)
                left, right = here.value(tried.a), here.value(tried.b)
                verdict = judge(left, right)
            except Undefined:
                return None, False
            except Unclear:
                continue
            if verdict is not None:
                return (None if verdict else witness(point, members, left, right)), False
    return None, True


def _equal_at(tried: Points, point: Point, clock: Clock) -> Witness | None:
    values: Mapping[Symbol, Node] = {s: number(v) for s, v in point.items()}
    a, b = put_in(tried.a, values), put_in(tried.b, values)
    if equality(a, b, {}, clock).status is not Status.PROVED:
        return None
    try:
        with precision(_BITS[1]):
            here = tried.evaluation(point)
            return witness(point, {}, here.value(tried.a), here.value(tried.a))
    except (Undefined, Unclear):
        return None


# --- candidates -----------------------------------------------------------------------------------------------


def _candidates(tried: Points, sign: str) -> Iterator[Point]:
    """Points of the domain, each once."""
    declared = {s: declaration(tried.domains.get(s, "real")) for s in tried.symbols}
    seen: set[tuple[Fraction, ...]] = set()
    for point in _places(tried, declared, sign):
        key = tuple(point[s] for s in tried.symbols)
        if key not in seen and all(declared[s].allows(v) for s, v in point.items()):
            seen.add(key)
            yield point


def _places(tried: Points, declared: Mapping[Symbol, Declaration], sign: str) -> Iterator[Point]:
    symbols = tried.symbols
    base = list(islice(points(symbols, tried.domains, _STARTS), _STARTS))
    for value in (*_SAME, *(m for d in declared.values() if (m := _middle(d)) is not None)):
        yield dict.fromkeys(symbols, value)
    ends = product(*(_ends(declared[s]) for s in symbols))
    for corner in islice(ends, _CORNERS):
        yield dict(zip(symbols, corner, strict=True))
    for point in base:
        for first, second in pairwise(symbols):
            yield {**point, first: point[second]}
            yield {**point, second: point[first]}
        for s in symbols:
            for far in _far(declared[s]):
                yield {**point, s: far}
    if len(symbols) == 1:
        spread = [{symbols[0]: v} for v in _spread(declared[symbols[0]])]
        yield from spread
        base += _lowest(tried, spread, sign)
    for point in base:
        yield from _downhill(tried, declared, point, 1 if sign in (">", ">=") else -1)


def _lowest(tried: Points, spread: list[Point], sign: str) -> list[Point]:
    """The point at which the difference is least, if any has one."""
    way = 1 if sign in (">", ">=") else -1
    found = [(difference, k) for k, p in enumerate(spread) if (difference := _difference(tried, p, way)) is not None]
    return [spread[min(found)[1]]] if found else []


def _spread(declared: Declaration) -> Iterator[Fraction]:
    """Members all over a domain; of one without ends, those near the end that it has, or near 0."""
    low, high = declared.low, declared.high
    if low is not None and high is not None and not declared.whole:
        yield from (low + (high - low) * Fraction(k, _SPREAD) for k in range(1, _SPREAD))
    elif low is None or high is None:
        start = next((end for end in (low, high) if end is not None), Fraction(0))
        steps = (k if declared.whole else k * _STEP for k in range(1, _SPREAD))
        yield from (start + way * step for step in steps for way in (1, -1))


def _middle(declared: Declaration) -> Fraction | None:
    return None if declared.low is None or declared.high is None else (declared.low + declared.high) / 2


def _ends(declared: Declaration) -> list[Fraction]:
    """The ends of a domain, moved inside where they are open; its middle where it has no ends."""
    low, high = declared.low, declared.high
    inside = 1 if declared.whole else _TINY
    found = [] if low is None else [low + inside if declared.open_low else low]
    found += [] if high is None else [high - inside if declared.open_high else high]
    return found or [Fraction(0)]


def _far(declared: Declaration) -> Iterator[Fraction]:
    for size in _FAR:
        if declared.high is None:
            yield (declared.low or Fraction(0)) + size
        if declared.low is None:
            yield (declared.high or Fraction(0)) - size


# --- downhill -------------------------------------------------------------------------------------------------


def _downhill(tried: Points, declared: Mapping[Symbol, Declaration], start: Point, sign: int) -> Iterator[Point]:
    """Where the difference grows less and less, letter by letter; then points with short numbers close to there."""
    point, least = start, _difference(tried, start, sign)
    if least is None:
        return
    steps = {s: _first_step(declared[s]) for s in tried.symbols}
    for _ in range(_ROUNDS):
        better = _stepped(tried, declared, (point, least), steps, sign)
        if better is None:
            steps = {s: step / 2 for s, step in steps.items()}
        else:
            point, least = better
    yield point
    for d in _SHORT:
        yield {s: Fraction(round(v * d), d) for s, v in point.items()}


def _first_step(declared: Declaration) -> Fraction:
    if declared.whole:
        return Fraction(4)
    return Fraction(1, 4) if declared.low is None or declared.high is None else (declared.high - declared.low) / 4


def _stepped(
    tried: Points, declared: Mapping[Symbol, Declaration], here: tuple[Point, float],
    steps: Mapping[Symbol, Fraction], sign: int,
) -> tuple[Point, float] | None:
    """A better point, one step along each letter that has one."""
    point, least = here
    for s in tried.symbols:
        for step in (steps[s], -steps[s]):
            there = {**point, s: Fraction(round(point[s] + step)) if declared[s].whole else point[s] + step}
            value = _difference(tried, there, sign) if declared[s].allows(there[s]) else None
            if value is not None and value < least:
                point, least = there, value
                break
    return None if point is here[0] else (point, least)


def _difference(tried: Points, point: Point, sign: int) -> float | None:
    """``sign (a - b)`` at a point."""
    try:
        with precision(_BITS[0]):
            here = tried.evaluation(point)
            return sign * float(here.value(tried.a) - here.value(tried.b))
    except (Undefined, Unclear, Undecidable, OverflowError):
        return None

