"""Integrals of what has kinks: cut where ``|u|``, or the larger of two, changes from one formula to the other.

Called by :mod:`integrals` with the tree of an integrand. An argument that is linear in the variable of integration
vanishes at one place; the places are put in order by their signs in the present case, which may ask for more cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cmp_to_key
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from derive.tree import INFINITY, Call, Negative, Node, Sum, Symbol, contains, map_children, substitute
from derive.verify.bound import provisional
from derive.verify.core import is_fresh, parts
from derive.verify.field import Element
from derive.verify.signals import Undecidable
from derive.verify.trees import tree

if TYPE_CHECKING:
    from derive.verify.integrals import Integrals

_FAR = (INFINITY, Negative(INFINITY))
_MOST = 4  # kinks of one integrand


class Kink(NamedTuple):
    """Where a switch vanishes, and the sign of it beyond that place."""

    place: Element
    slope: int


class Piece(NamedTuple):
    """A part of the range, and the integrand on it."""

    lower: Node
    upper: Node
    body: Node


def pieces(integrals: Integrals, body: Node, variable: Symbol, lower: Node, upper: Node) -> list[Piece]:
    """The parts of an integral between which its integrand has kinks; none where it has no kinks that can be found."""
    kinks = _kinks(integrals, body, variable)
    if not kinks or len(kinks) > _MOST:
        return []
    order = _Order(integrals, lower, upper)
    if order.is_turned():
        return [Piece(p.upper, p.lower, p.body) for p in pieces(integrals, body, variable, upper, lower)]
    inside = [kink.place for kink in kinks.values() if order.is_inside(kink.place)]
    cuts: list[Element] = []
    for place in sorted(inside, key=cmp_to_key(order.compared)):
        if not cuts or order.compared(cuts[-1], place):
            cuts.append(place)
    ends: list[tuple[Node, Element | None]] = [(lower, order.lower)]
    ends += [(tree(integrals.field, place), place) for place in cuts]
    found = []
    for (low, start), (high, _) in pairwise([*ends, (upper, None)]):
        signs = {u: kink.slope if start is not None and order.compared(kink.place, start) <= 0 else -kink.slope
                 for u, kink in kinks.items()}
        found.append(Piece(low, high, _on_one_side(body, signs)))
    return found


class _Order:
    """The order of places and of the ends of the range, an end at infinity being None."""

    def __init__(self, integrals: Integrals, lower: Node, upper: Node) -> None:
        self.field, self.signs = integrals.field, integrals.kernels.signs
        self.lower = None if lower in _FAR else integrals.convert(lower)
        self.upper = None if upper in _FAR else integrals.convert(upper)

    def compared(self, a: Element, b: Element) -> int:
        """-1, 0 or 1, in this case of signs."""
        difference = self.field.minus(a, b)
        return 0 if difference.top.is_zero() else self.signs.of(difference)

    def is_turned(self) -> bool:
        """Whether the lower end is above the upper one."""
        return self.lower is not None and self.upper is not None and self.compared(self.lower, self.upper) > 0

    def is_inside(self, place: Element) -> bool:
        """Whether a place is between the ends."""
        above = self.lower is None or self.compared(place, self.lower) > 0
        return above and (self.upper is None or self.compared(place, self.upper) < 0)


def _kinks(integrals: Integrals, body: Node, variable: Symbol) -> dict[Node, Kink]:
    found: dict[Node, Kink] = {}
    for switch in dict.fromkeys(u for u in _switches(body) if contains(u, variable)):
        kink = _kink(integrals, switch, variable)
        if kink is not None:
            found[switch] = kink
    return found


def _switches(node: Node) -> Iterator[Node]:
    """What decides between two formulas; the ``|u|`` in ``log|u|`` does not."""
    match node:
        case Call("log", (Call("abs", (u,), 0),), 0):
            yield from _switches(u)
            return
        case Call("abs", (u,), 0):
            yield u
        case Call("max" | "min", (u, v), 0):
            yield Sum((u, Negative(v)))
    for part in parts(node):
        yield from _switches(part)


def _kink(integrals: Integrals, switch: Node, variable: Symbol) -> Kink | None:
    """The kink of a switch that is linear in the variable; None for another one."""
    field, name = integrals.field, provisional(switch, "pt")
    try:
        u = integrals.convert(substitute(switch, {variable: name}))
    except Undecidable:
        return None
    place = field.used(integrals.convert(name).top)[0]
    if integrals.depends(u.bottom, (name,)) or int(u.top.degrees()[place]) != 1:
        return None
    slope = u.top.derivative(place)
    rest = u.top - slope * field.generators[place]
    free = field.polynomial(slope), field.polynomial(rest)
    if name in field.symbols(*free) or any(map(is_fresh, field.symbols(*free, field.polynomial(u.bottom)))):
        return None
    return Kink(field.fraction(-rest, slope), integrals.kernels.signs.of(field.fraction(slope, u.bottom)))


def _on_one_side(node: Node, signs: Mapping[Node, int]) -> Node:
    """The integrand where every switch has a known sign."""
    node_ = map_children(node, lambda child: _on_one_side(child, signs))
    match node:
        case Call("abs", (u,), 0) if u in signs:
            return u if signs[u] > 0 else Negative(u)
        case Call("max" | "min" as name, (u, v), 0) if (switch := Sum((u, Negative(v)))) in signs:
            return u if (signs[switch] > 0) == (name == "max") else v
    return node_
