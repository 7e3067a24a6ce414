r"""Rigorous enclosures of infinite sums and improper integrals: cut, enclosed up to the cut, the rest bounded.

:class:`Endless` is an :class:`~derive.verify.balls.Evaluation` that has values for them. An integral to infinity is
worked out by ``acb.integral`` up to a number that grows until the bound of the rest (:mod:`majorants`) is small. At
an end where the integrand has no value, the distance from the end is written ``s e^(1 - y)``, y to infinity; ``|u|`` is
taken apart where u vanishes. Called by :mod:`rounding` and :mod:`quadrature`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from flint import acb, arb, ctx

from derive.tree import (
    INFINITY,
    ONE,
    TWO,
    ZERO,
    Call,
    E,
    Integral,
    Negative,
    Node,
    Power,
    Product,
    ProductOver,
    Quotient,
    Sum,
    SumOver,
    Symbol,
    contains,
    kinds,
    map_children,
    substitute,
)
from derive.verify.balls import Evaluation
from derive.verify.complexballs import Integrand
from derive.verify.core import fresh, walk
from derive.verify.majorants import Majorants, Size, tail_integral, tail_sum
from derive.verify.signals import Unclear, Undecidable, Undefined

Ball = Any
"""An ``arb``."""

_EVALUATIONS = 3_000  # of an integrand between two cuts
_DOUBLINGS = 40
_FIRST = 8  # where an integral is cut first
_LAST = (16, 64, 256, 1024, 4096)  # where a sum is cut
_FAR = {INFINITY, Negative(INFINITY)}


def is_endless(node: Node) -> bool:
    """Whether an integral or an infinite sum occurs."""
    found = kinds(node)
    return Integral in found or (
        SumOver in found and any(isinstance(p, SumOver) and p.upper == INFINITY for p in walk(node)))


class Endless(Evaluation):
    """Evaluation of infinite sums and improper integrals, too."""

    def _value(self, node: Node) -> Any:
        match node:
            case SumOver(body, index, lower, upper, None) if upper == INFINITY and lower is not None:
                return self._series(body, index, self._whole(self.value(lower)))
            case Integral(body, variable, lower, upper) if lower is not None and upper is not None:
                if self.orders:
                    raise Undecidable("this integral has no number here")
                return self._improper(body, variable, lower, upper)
        return super()._value(node)

    # --- sums -------------------------------------------------------------------------------------------------

    def _series(self, body: Node, index: Symbol, first: int) -> Ball:
        """The terms up to a cut, and the bound of the rest."""
        total, start, reason = arb(0), first, Undecidable("no bound for the tail of a sum")
        for last in (first + k for k in _LAST):
            for k in range(start, last + 1):
                total += self._inner(index, arb(k), ()).value(body)
            start = last + 1
            try:
                rest = tail_sum(Majorants(self, index, arb(last)).upper(body), arb(last))
            except Undecidable as outcome:
                reason = outcome
                continue
            if _is_small(rest, total) or last == first + _LAST[-1]:
                return total + arb(0, rest.upper())
        raise reason

    # --- integrals --------------------------------------------------------------------------------------------

    def _improper(self, body: Node, variable: Symbol, lower: Node, upper: Node) -> Ball:
        body = self._with_values(body, variable)
        singular = [self._is_singular(body, variable, end) for end in (lower, upper)]
        if not any(singular) and not {lower, upper} & _FAR:
            return self._between(body, variable, self.value(lower), self.value(upper))
        middle = _middle(lower, upper)
        result = arb(0)
        for end, sign, bad in ((upper, 1, singular[1]), (lower, -1, singular[0])):
            if end in _FAR:
                result += self._far(_moved(body, variable, middle, sign), variable)
            elif bad:
                result += self._far(_turned(body, variable, end, middle, sign), variable)
            else:
                ends = [self.value(n) for n in (middle, end)]
                result += self._between(body, variable, *(ends if sign > 0 else reversed(ends)))
        return result

    def _with_values(self, body: Node, variable: Symbol) -> Node:
        """The integrand with letters for what does not depend on the variable, whose values are bound."""
        def replaced(node: Node) -> Node:
            if isinstance(node, Symbol) or contains(node, variable):
                return map_children(node, replaced)
            if not any(isinstance(p, Call | SumOver | ProductOver | Integral) for p in walk(node)):
                return node
            letter = fresh(len(self.bindings), "c")
            self.bindings[letter] = self.value(node)
            return letter

        return replaced(body)

    def _is_singular(self, body: Node, variable: Symbol, end: Node) -> bool:
        """Whether the integrand has no value at a finite end."""
        if end in _FAR:
            return False
        try:
            self._inner(variable, self.value(end), ()).value(body)
        except (Undefined, Unclear):
            return True
        smooth = _with_signs(body, {u: 1 for n in walk(body) for u in _absolute(n)})
        return not self._integrand(smooth, variable)(acb(self.value(end)), False).is_finite()

    def _integrand(self, body: Node, variable: Symbol) -> Integrand:
        return Integrand(body, variable, self.bindings, self.clock)

    def _far(self, body: Node, variable: Symbol) -> Ball:
        """The integral from 1 to infinity; of what falls like a power, after the logarithm of the variable."""
        size = self._size(body, variable, arb(_FIRST))
        if size is not None and size.rate.is_zero():
            power = Power(E, Sum((variable, Negative(ONE))))
            body = Product((substitute(body, {variable: power}), power))
        cut, rest = self._cut(body, variable)
        total, start = arb(0), arb(1)
        for k in range(cut + 1):
            end = arb(_FIRST * 2**k)
            total += self._between(body, variable, start, end)
            start = end
        return total + arb(0, rest.upper())

    def _cut(self, body: Node, variable: Symbol) -> tuple[int, Ball]:
        """How often the first cut is doubled, and the bound of the rest behind it: a small one where there is one."""
        found: tuple[int, Ball] | None = None
        for k in range(_DOUBLINGS):
            rest = self._rest(body, variable, arb(_FIRST * 2**k))
            if rest is not None and (found is None or rest < found[1]):
                found = k, rest
            if rest is not None and _is_small(rest, arb(0)):
                break
        if found is None:
            raise Undecidable("no bound for the tail of an integral")
        return found

    def _rest(self, body: Node, variable: Symbol, start: Ball) -> Ball | None:
        """A bound of the integral from a number on, where there is one."""
        try:
            return tail_integral(Majorants(self, variable, start).upper(body), start)
        except Undecidable:
            return None

    def _size(self, body: Node, variable: Symbol, start: Ball) -> Size | None:
        try:
            return Majorants(self, variable, start).upper(body)
        except Undecidable:
            return None

    def _between(self, body: Node, variable: Symbol, low: Ball, high: Ball) -> Ball:
        """The integral between numbers, cut where absolute values have their kinks."""
        if high < low:
            return -self._between(body, variable, high, low)
        total = arb(0)
        for a, b, piece in self._pieces(body, variable, low, high):
            function = self._integrand(piece, variable)
            value = acb.integral(function, acb(a), acb(b), eval_limit=_EVALUATIONS, abs_tol=_tolerance())
            if function.refusal is not None:
                raise function.refusal
            if not value.is_finite():
                raise Undecidable("quadrature does not converge")
            total += value.real
        return total

    def _pieces(self, body: Node, variable: Symbol, low: Ball, high: Ball) -> Iterator[tuple[Ball, Ball, Node]]:
        kinks = {u: self._kink(u, variable) for n in walk(body) for u in _absolute(n) if contains(u, variable)}
        inside = []
        for place, _ in kinks.values():
            if place > low and place < high:
                inside.append(place)
            elif not (place <= low or place >= high):
                raise Unclear
        inside.sort(key=lambda place: float(place.mid()))
        for a, b in pairwise([low, *inside, high]):
            middle = (a.mid() + b.mid()) / 2
            signs = {u: slope if middle > place else -slope for u, (place, slope) in kinks.items()}
            yield a, b, _with_signs(body, signs)

    def _kink(self, u: Node, variable: Symbol) -> tuple[Ball, int]:
        """Where something linear vanishes, and its sign beyond."""
        found = Majorants(self, variable, arb(1)).coefficients(u)
        if len(found) != 2 or found[1].contains(0):
            raise Undecidable("this integrand has no number here")
        return -found[0] / found[1], 1 if found[1] > 0 else -1


def _tolerance() -> Ball:
    """What an enclosure need not be better than."""
    return arb(2) ** (-ctx.prec)


def _is_small(rest: Ball, total: Ball) -> bool:
    return bool(rest < arb(2) ** (8 - ctx.prec) * (1 + abs(total)))


def _absolute(node: Node) -> tuple[Node, ...]:
    return node.args if isinstance(node, Call) and node.name == "abs" else ()


def _with_signs(node: Node, signs: dict[Node, int]) -> Node:
    match node:
        case Call("abs", (u,)) if u in signs:
            return u if signs[u] > 0 else Negative(u)
    return map_children(node, lambda child: _with_signs(child, signs))


def _middle(lower: Node, upper: Node) -> Node:
    """A number between the ends."""
    if lower in _FAR:
        return Sum((ONE, Negative(ONE))) if upper in _FAR else Sum((upper, Negative(ONE)))
    return Sum((lower, ONE)) if upper in _FAR else Quotient(Sum((lower, upper)), TWO)


def _moved(body: Node, variable: Symbol, middle: Node, sign: int) -> Node:
    """The integrand at ``middle + sign (y - 1)``."""
    place = Sum((middle, variable, Negative(ONE))) if sign > 0 else Sum((middle, ONE, Negative(variable)))
    return substitute(body, {variable: place})


def _turned(body: Node, variable: Symbol, end: Node, middle: Node, sign: int) -> Node:
    """The integrand at the distance ``s e^(1 - y)`` from an end, times what that changes the integral by."""
    width = Sum((end, Negative(middle))) if sign > 0 else Sum((middle, Negative(end)))
    distance: Node = Product((width, Power(E, Sum((ONE, Negative(variable))))))
    near: dict[Node, Node] = {}
    for node in walk(body):  # the distance itself, as ``1 - x`` below 1
        if isinstance(node, Sum) and sign > 0 and set(node.terms) == {end, Negative(variable)}:
            near[node] = distance
    at_zero = sign < 0 and end == ZERO
    place: Node = distance if at_zero else Sum((end, Negative(distance))) if sign > 0 else Sum((end, distance))
    body = _exchanged(body, near, variable, place)
    return Product((body, distance))


def _exchanged(node: Node, near: dict[Node, Node], variable: Symbol, place: Node) -> Node:
    if node in near:
        return near[node]
    if node == variable:
        return place
    return map_children(node, lambda child: _exchanged(child, near, variable, place))
