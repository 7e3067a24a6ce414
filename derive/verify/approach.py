"""Limits that are infinite, exactly, and limits that exact methods do not give, by values close to the point.

Values near a point never prove a limit and never disprove one, so their verdict is at best "checked".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from derive.declarations import declaration
from derive.steps import Status, Verdict, Witness
from derive.tree import (
    INFINITY,
    Call,
    Limit,
    Negative,
    Node,
    Sum,
    Symbol,
    free_symbols,
    map_children,
    number,
    substitute,
    walk,
)
from derive.verify.asymptotics import Asymptotics, sides_of
from derive.verify.balls import precision
from derive.verify.cases import proof, room
from derive.verify.convert import Converter, sign_of
from derive.verify.field import Element, Field, Needs, Poly
from derive.verify.refute import Points
from derive.verify.signals import Clock, Restart, Split, Unclear, Undecidable, Undefined
from derive.verify.trees import tree

_BITS = 1024
_EXPONENTS = (12, 24, 48)  # distances 2^-12, 2^-24, 2^-48
_ATTEMPTS = 12
_PLACES = 4  # points for the other symbols
_AWAY = (Fraction(1), Fraction(11, 7), Fraction(23, 13))  # times the distance: no grid holds all of these places
_WAVES = frozenset({"sin", "cos", "tan", "cot", "sec", "csc"})
_HALF_PERIOD = 3.0  # less than pi: an argument that goes on by more takes a wave to its other side


def approach(a: Node, b: Node, domains: Mapping[Symbol, str], clock: Clock) -> Verdict:
    """The verdict on ``a = b`` where limits occur, from values on the way to them."""
    reached = 0
    for k, point in enumerate(Points(a, b, domains, clock).points(_PLACES)):
        if _swings(a, b, domains, clock, k, point):
            return Verdict(Status.UNDECIDED, "approach", "it goes up and down all the way to the point")
        gaps = [_gap(a, b, domains, clock, k, point, n) for n in _EXPONENTS]
        if None in gaps:
            continue
        if not _shrinks([g for g in gaps if g is not None]):
            return Verdict(Status.UNDECIDED, "approach", "the values do not seem to tend there")
        reached += 1
    if not reached:
        return Verdict(Status.UNDECIDED, "approach", "no values near the point")
    return Verdict(Status.CHECKED, "approach", f"values within 2^-{_EXPONENTS[-1]} of the point tend there")


def other_value(a: Node, b: Node, domains: Mapping[Symbol, str], clock: Clock) -> Witness | None:
    """A point at which the exact values of the limits make the sides differ, and at which the limits exist."""
    sides = [_with_values(side, domains, clock) for side in (a, b)]
    points = Points(sides[0], sides[1], domains, clock)
    if Limit in points.survey.kinds or points.survey.has_opaque:
        return None
    for k, point in enumerate(points.points(_PLACES)):
        trial = points.at(k, point)
        gap = None if trial.witness is None else _gap(a, b, domains, clock, k, point, _EXPONENTS[0])
        if gap is not None and gap > 1e-6:  # close to the point both sides have values, which differ as well
            return trial.witness
    return None


def _with_values(node: Node, domains: Mapping[Symbol, str], clock: Clock) -> Node:
    """The expression with the value put in for every limit that has one in one case of signs."""
    if not isinstance(node, Limit):
        return map_children(node, lambda c: _with_values(c, domains, clock))
    needs = Needs(room(node))
    for _ in range(_ATTEMPTS):
        field = Field(needs, clock)
        try:
            return tree(field, Converter(field, domains).element(node))
        except Restart:
            clock.check()
        except (Split, Undefined, Undecidable):
            break
    return node


def infinite_limit(limit: Limit, sign: int, domains: Mapping[Symbol, str], clock: Clock) -> Verdict:
    """The verdict on a limit being plus (sign 1) or minus infinity."""
    if not isinstance(_with_values(limit, domains, clock), Limit):
        return Verdict(Status.REFUTED, "exact", "the limit is a number")
    found = _signs(limit, domains, clock)
    if found == {sign}:
        return Verdict(Status.PROVED, "exact")
    if not found:
        return Verdict(Status.UNDECIDED, detail="outside the domain")
    told = "the limit is another" if sign not in found else "the limits from both sides differ"
    return Verdict(Status.REFUTED, "exact", told)


def has_two_ends(limit: Limit, domains: Mapping[Symbol, str], clock: Clock) -> bool:
    """Whether the limits from both sides certainly differ."""
    if limit.side or len(sides_of(limit.point, "")) == 1:
        return False
    above, below = (replace(limit, side=side) for side in ("+", "-"))
    try:
        return proof(above, below, domains, clock, differs, closed=False) is not None
    except Undecidable:
        return False


def differs(converter: Converter, difference: Element) -> bool:
    """The goal of sides that are different everywhere."""
    return sign_of(converter, difference)[1]


def is_infinite(limit: Limit, domains: Mapping[Symbol, str], clock: Clock) -> bool:
    """Whether a limit is certainly plus or minus infinity; from both sides the same or not."""
    try:
        return _signs(limit, domains, clock) <= {1, -1}
    except Undecidable:
        return False


def _signs(limit: Limit, domains: Mapping[Symbol, str], clock: Clock) -> set[int]:
    """The signs of infinity that the limits from each side have, 0 for one that is none."""
    found = [_infinite(limit, side, domains, clock) for side in sides_of(limit.point, limit.side)]
    return {sign for sign in found if sign is not None}


def _infinite(limit: Limit, side: str, domains: Mapping[Symbol, str], clock: Clock) -> int | None:
    """The sign of infinity from one side, None where the expression has no values there."""
    needs = Needs(room(limit))
    for _ in range(_ATTEMPTS):
        try:
            converter = Converter(Field(needs, clock), domains)
            close = Asymptotics(converter, limit.body, limit.variable, limit.point, side)
            found = close.infinite() if close.has_values() else None
            if any(_may_vanish(converter, poly, domains) for poly in converter.signs.jumps.values()):
                raise Undecidable("the limit depends on signs")
            return found
        except Restart:
            clock.check()
        except (Split, Undefined) as outcome:
            raise Undecidable("the limit depends on signs") from outcome
    raise Undecidable("the generators do not settle")


def _may_vanish(converter: Converter, poly: Poly, domains: Mapping[Symbol, str]) -> bool:
    """Whether a polynomial is anything but a letter that is declared not to be zero."""
    kernel = converter.kernels.single(converter.field.polynomial(poly))
    if kernel is None or not isinstance(kernel.data, Symbol):
        return True
    return declaration(domains.get(kernel.data, "real")).allows(0)


def _shrinks(gaps: list[float]) -> bool:
    return gaps[-1] < 1e-6 and all(b <= a / 2 or b < 1e-12 for a, b in pairwise(gaps))


def _swings(
    a: Node, b: Node, domains: Mapping[Symbol, str], clock: Clock, k: int, point: dict[Symbol, Fraction]
) -> bool:
    """Whether a wave in a limit goes on through its periods: values on the way say nothing of those between them."""
    arguments = {
        replace(limit, body=wave.args[0]) for side in (a, b) for limit in walk(side) if isinstance(limit, Limit)
        for wave in walk(limit.body)
        if isinstance(wave, Call) and wave.name in _WAVES and limit.variable in free_symbols(wave)
    }
    first, last = Fraction(1, 2 ** _EXPONENTS[0]), Fraction(1, 2 ** _EXPONENTS[-1])
    moves = [_apart(_near(limit, sign * first), _near(limit, sign * last), domains, clock, k, point)
             for limit in arguments for sign in (1, -1)]
    return any(move is not None and move > _HALF_PERIOD for move in moves)


def _apart(
    a: Node, b: Node, domains: Mapping[Symbol, str], clock: Clock, k: int, point: dict[Symbol, Fraction]
) -> float | None:
    """How far apart two expressions are at a point; None without values."""
    pair = Points(a, b, domains, clock)
    try:
        with precision(_BITS):
            here = pair.evaluation(point, k)
            return abs(float(here.value(a) - here.value(b)))
    except (Undefined, Unclear, OverflowError):
        return None


def _gap(
    a: Node, b: Node, domains: Mapping[Symbol, str], clock: Clock, k: int, point: dict[Symbol, Fraction], n: int
) -> float | None:
    """How far apart the sides are about 2^-n from the point, the most of both directions; None without values."""
    distances = [sign * away * Fraction(1, 2**n) for sign in (1, -1) for away in _AWAY]
    gaps = [_apart(_near(a, distance), _near(b, distance), domains, clock, k, point) for distance in distances]
    return max((gap for gap in gaps if gap is not None), default=None)


def _near(node: Node, distance: Fraction) -> Node:
    """The expression with every limit replaced by its body close to the point."""
    if not isinstance(node, Limit):
        return map_children(node, lambda c: _near(c, distance))
    if node.side:
        distance = abs(distance) if node.side == "+" else -abs(distance)
    if node.point == INFINITY:
        place: Node = number(1 / abs(distance))
    elif node.point == Negative(INFINITY):
        place = number(-1 / abs(distance))
    else:
        place = Sum((node.point, number(distance)))
    return _near(substitute(node.body, {node.variable: place}), distance)


