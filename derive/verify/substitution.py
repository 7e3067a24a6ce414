"""Change of variable in an integral: ``int_a^b f(g(x)) g'(x) dx = int_{g(a)}^{g(b)} f(u) du``, also with unknown f.

Both sides are an integral with a factor. The map g is one of the parts of one integrand; the statement is proved where
the image of the limits are the other side's limits (turned round with the sign), the integrands agree with ``u = g(x)``
and ``du = g'(x) dx``, and g is strictly increasing or decreasing with a derivative everywhere in between, or the
limits are finite and the other integrand has values everywhere.

Where both sides have a function of which nothing is known, at ``g(x)`` and at u, the statement says that the rest of
the integrands are the same densities: it is refuted by a point at which they differ, or by limits that do not go with
the map, for there is a function that is zero everywhere else. Called by :func:`derive.verify.verify_step`.

Source: Apostol, Mathematical Analysis (2nd ed., 1974), theorem 7.36; Billingsley, Probability and Measure (3rd ed.,
1995), section 16 (change of variable, densities).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from derive.steps import Status, Verdict, Witness
from derive.tree import (
    INFINITY,
    ONE,
    ZERO,
    Call,
    E,
    Integral,
    Limit,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Symbol,
    map_children,
    numeric,
    size,
    substitute,
    times,
)
from derive.verify.core import DerivativeAt, free_symbols, is_opaque, walk
from derive.verify.domains import whole_symbols
from derive.verify.equality import equality
from derive.verify.inequality import inequality
from derive.verify.requirements import Need, open_needs, requirements
from derive.verify.signals import Clock, Undecidable
from derive.verify.systems import derivative, reduced
from derive.verify.wording import node_text

Domains = Mapping[Symbol, str]
METHOD = "change of variable"
_MAPS = 12  # parts of an integrand that are tried as the map
_LARGEST = 40  # parts of a map
_ENDS = {INFINITY, Negative(INFINITY)}
_SIGNS = {Need.POSITIVE: ">", Need.NONNEGATIVE: ">=", Need.NONZERO: "!="}
_LETTER, _VALUE, _OUTER = Symbol("x", sup="*"), Symbol("y", sup="*"), Symbol("z", sup="*")


@dataclass(frozen=True, slots=True)
class Scaled:
    """An integral over a letter between limits, with the factor before it inside."""

    body: Node
    letter: Symbol
    lower: Node
    upper: Node

    def named(self, letter: Symbol) -> Scaled:
        """The same over another letter."""
        return Scaled(substitute(self.body, {self.letter: letter}), letter, self.lower, self.upper)


@dataclass(frozen=True, slots=True)
class Change:
    """The map from the letter of one integral to that of the other; ``sign`` -1 where the limits are turned round."""

    map: Node
    slope: Node
    sign: int
    monotonic: bool


def by_substitution(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict | None:
    """A proof or refutation of ``a = b`` by a change of variable; None where that decides nothing.

    Derivatives at the same point are equal where what is differentiated is the same everywhere.
    """
    match a, b:
        case (DerivativeAt(f, x, n, point), DerivativeAt(g, y, m, where)) if (n, point) == (m, where):
            known = {**domains, _OUTER: domains.get(point, "real") if isinstance(point, Symbol) else "real"}
            inner = by_substitution(substitute(f, {x: _OUTER}), substitute(g, {y: _OUTER}), known, clock)
            return inner if inner is not None and inner.status is Status.PROVED else None
    first, second = scaled(a), scaled(b)
    if first is None or second is None:
        return None
    found = None
    for source, target in ((first, second), (second, first)):
        judge = _Judge(source.named(_LETTER), target.named(_VALUE), domains, clock)
        for candidate in judge.maps():
            clock.check()
            verdict = judge.verdict(candidate)
            if verdict is not None and verdict.status is Status.PROVED:
                return verdict
            found = found or verdict
    return found


def scaled(node: Node) -> Scaled | None:
    """A definite integral with the factors around it; None for anything else."""
    match node:
        case Integral(body, letter, Node() as lower, Node() as upper):
            return Scaled(body, letter, lower, upper)
        case Negative(operand):
            inner = scaled(operand)
            return None if inner is None else replace(inner, body=Negative(inner.body))
        case Quotient(top, bottom):
            inner = scaled(top)
            return None if inner is None else replace(inner, body=Quotient(inner.body, bottom))
        case Product(factors):
            integrals = [f for f in factors if scaled(f) is not None]
            if len(integrals) == 1:
                inner = scaled(integrals[0])
                rest = [f for f in factors if f is not integrals[0]]
                return None if inner is None else replace(inner, body=times([*rest, inner.body]))
    return None


class _Judge:
    """One integral as the source, whose letter is mapped to that of the target."""

    def __init__(self, source: Scaled, target: Scaled, domains: Domains, clock: Clock) -> None:
        self.source, self.target, self.clock = source, target, clock
        self.domains = {**domains, _LETTER: self._between(source, domains), _VALUE: self._between(target, domains)}

    def _between(self, integral: Scaled, domains: Domains) -> str:
        """What is known of the letter between the limits."""
        low, high = (None if end in _ENDS else numeric(end) for end in (integral.lower, integral.upper))
        if low is not None and high is not None and low < high:
            return f"({low}, {high})"
        ends = [e for e in (integral.lower, integral.upper) if e not in _ENDS]
        if not ends:
            return "real"
        if Negative(INFINITY) not in (integral.lower, integral.upper) and all(self._is(e, ">=", domains) for e in ends):
            return "positive"
        if INFINITY not in (integral.lower, integral.upper) and all(self._is(e, "<=", domains) for e in ends):
            return "negative"
        return "real"

    def _is(self, node: Node, sign: str, domains: Domains) -> bool:
        return inequality(node, ZERO, sign, domains, self.clock).status is Status.PROVED

    # --- the map ----------------------------------------------------------------------------------------

    def maps(self) -> Iterator[Change]:
        """The parts of the source's integrand that may be the map, with the target's limits as image, or others."""
        parts = dict.fromkeys(p for p in walk(self.source.body) if self._may_be(p))
        for part in sorted(parts, key=size)[:_MAPS]:
            slope = reduced(derivative(part, _LETTER), self.domains, self.clock)
            if slope == ZERO or not self._has_values(part) or not self._has_values(slope):
                continue
            monotonic = any(self._is(slope, sign, self.domains) for sign in (">", "<"))
            yield Change(part, slope, self._orientation(part), monotonic)

    def _may_be(self, part: Node) -> bool:
        return (
            part != _LETTER and _LETTER in free_symbols(part) and size(part) <= _LARGEST
            and not any(isinstance(p, Integral) for p in walk(part))
        )  # fmt: skip

    def _has_values(self, node: Node) -> bool:
        needed = open_needs(requirements(node, whole_symbols(self.domains)), self.domains)
        return all(self._is(r.node, _SIGNS[r.need], self.domains) for r in needed)

    def _orientation(self, part: Node) -> int:
        """1 where the limits go to the other's, -1 where to the other's turned round, 0 elsewhere."""
        ends = self.target.lower, self.target.upper
        for sign, wanted in ((1, ends), (-1, ends[::-1])):
            if all(self._goes_to(part, k, end).status is Status.PROVED for k, end in enumerate(wanted)):
                return sign
        return 0

    def _goes_to(self, part: Node, k: int, wanted: Node) -> Verdict:
        """Whether the map takes a limit of the source (the lower one, 0, or the upper one, 1) to a value."""
        end = (self.source.lower, self.source.upper)[k]
        if end not in _ENDS and wanted not in _ENDS:
            there = substitute(part, {_LETTER: end})
            try:
                found = equality(there, wanted, self.domains, self.clock)
            except Undecidable:
                return Verdict(Status.UNDECIDED)
            if found.status is not Status.UNDECIDED:
                return found
        side = "" if end in _ENDS else "+-"[k]
        limit = Limit(part, _LETTER, end, side)
        if wanted in _ENDS and self._is(part, "<=" if wanted == INFINITY else ">=", self.domains):
            return Verdict(Status.REFUTED, METHOD, "the map is bounded on this side")
        return equality(limit, wanted, self.domains, self.clock)

    # --- the verdict -----------------------------------------------------------------------------------

    def verdict(self, change: Change) -> Verdict | None:
        """Proved or refuted with this map, or None."""
        image = times([substitute(self.target.body, {_VALUE: change.map}), change.slope])
        if change.sign:
            found = self._same(self.source.body, _signed(image, change.sign))
            if found.status is Status.PROVED and (change.monotonic or self._is_smooth()):
                return Verdict(Status.PROVED, METHOD, condition=_visible(found.condition))
        return self._refuted(change) if change.monotonic else None

    def _same(self, a: Node, b: Node) -> Verdict:
        return equality(a, b, self.domains, self.clock)

    def _is_smooth(self) -> bool:
        """Whether the limits are finite and the target's integrand has values for every number."""
        finite = {self.source.lower, self.source.upper}.isdisjoint(_ENDS)
        anywhere = {**self.domains, _VALUE: "real"}
        return finite and not open_needs(requirements(self.target.body, whole_symbols(anywhere)), anywhere)

    def _refuted(self, change: Change) -> Verdict | None:
        """A counter-example where an unknown function stands at g(x) on one side and at u on the other."""
        for name in sorted(_applied(self.source.body, change.map) & _applied(self.target.body, _VALUE)):
            mine, other = (_density(body, name, at) for body, at in (
                (self.source.body, change.map), (self.target.body, _VALUE)))
            if mine is None or other is None:
                continue
            if change.sign == 0:
                return self._wrong_limits(change, (mine, other))
            image = times([substitute(other, {_VALUE: change.map}), change.slope])
            found = self._same(_with_instances(mine), _with_instances(_signed(image, change.sign)))
            if found.status is Status.REFUTED and found.witness is not None:
                shown = tuple((n.replace("_sup_star", ""), v) for n, v in found.witness.point)
                why = f"fails for some functions {name}, whose factors do not go over into one another"
                return Verdict(Status.REFUTED, METHOD, why, witness=replace(found.witness, point=shown))
        return None

    def _wrong_limits(self, change: Change, densities: tuple[Node, Node]) -> Verdict | None:
        ends = self.target.lower, self.target.upper
        ways = [[self._goes_to(change.map, k, e) for k, e in enumerate(wanted)] for wanted in (ends, ends[::-1])]
        wrong = [next((v for v in way if v.status is Status.REFUTED), None) for way in ways]
        if None in wrong:
            return None
        if any(self._same(_with_instances(d), ZERO).status is not Status.REFUTED for d in densities):
            return None
        return Verdict(Status.REFUTED, METHOD, "the limits do not go with the variable", witness=self._limits(change))

    def _limits(self, change: Change) -> Witness:
        """The map with the limits of both integrals."""
        named = node_text(substitute(change.map, {_LETTER: Symbol("x")}))
        ends = [f"from {node_text(i.lower)} to {node_text(i.upper)}" for i in (self.source, self.target)]
        return Witness((), f"{named} with x {ends[0]}", ends[1])


def _applied(node: Node, at: Node) -> set[str]:
    """The unknown functions that are applied to something."""
    return {p.name for p in walk(node) if isinstance(p, Call) and is_opaque(p) and p.args == (at,)}


def _visible(conditions: tuple[str, ...]) -> tuple[str, ...]:
    """The conditions on letters of the statement; those on the letter of the integral hold between the limits."""
    return tuple(c for c in conditions if "*" not in c)


def _signed(node: Node, sign: int) -> Node:
    return node if sign > 0 else Negative(node)


def _density(body: Node, name: str, at: Node) -> Node | None:
    """What stands beside the only ``name(at)`` as a factor of an integrand."""
    applied = Call(name, (at,))
    calls = [p for p in walk(body) if isinstance(p, Call) and p.name == name]
    if any(c != applied for c in calls):
        return None
    return _factor(body, applied)


def _factor(node: Node, factor: Node) -> Node | None:
    """``node/factor`` where it is written as a factor once."""
    if node == factor:
        return ONE
    match node:
        case Negative(operand):
            inner = _factor(operand, factor)
            return None if inner is None else Negative(inner)
        case Quotient(top, bottom) if factor not in walk(bottom):
            inner = _factor(top, factor)
            return None if inner is None else Quotient(inner, bottom)
        case Product(factors):
            places = [k for k, f in enumerate(factors) if factor in walk(f)]
            if len(places) == 1 and (inner := _factor(factors[places[0]], factor)) is not None:
                return times([*factors[: places[0]], inner, *factors[places[0] + 1 :]])
    return None


def _with_instances(node: Node) -> Node:
    """The expression with ``e^{-t^2}`` for every unknown function of one argument."""
    if is_opaque(node) and isinstance(node, Call) and len(node.args) == 1 and not node.order:
        return Power(E, Negative(Power(_with_instances(node.args[0]), Number("2"))))
    return map_children(node, _with_instances)

