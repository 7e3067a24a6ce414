"""Whether two expressions are equal: proof, then points, then what can still be said; first answer wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from derive.steps import Status, Verdict, Witness
from derive.tree import INFINITY, Limit, Matrix, Negative, Node, Symbol
from derive.verify.approach import approach, infinite_limit
from derive.verify.balls import has_unknowns
from derive.verify.cases import Proof, proof
from derive.verify.conditions import conditions, zero_text
from derive.verify.convert import Converter, sign_of
from derive.verify.core import free_symbols, walk
from derive.verify.field import Element
from derive.verify.quadrature import quadrature, unbounded
from derive.verify.refute import DIGITS, Points
from derive.verify.signals import Clock, Undecidable, Undefined
from derive.verify.worker import opinion

_SANITY = 2  # points at which a proof is held against numbers
_SANITY_OF_CASES = 8  # the same for a proof by cases
_CONSTANT_DIGITS = 60
_INFINITE: dict[Node, int] = {INFINITY: 1, Negative(INFINITY): -1}
_ENOUGH = 8  # agreeing points without which nothing is claimed

Domains = Mapping[Symbol, str]

_ORDER = (Status.REFUTED, Status.UNDECIDED, Status.ASSUMED, Status.CHECKED, Status.PROVED)


def equality(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict:
    """The verdict on ``a = b`` for expressions in the core language, matrices entry by entry."""
    if a == b:
        return Verdict(Status.PROVED, "identical")
    if isinstance(a, Matrix) or isinstance(b, Matrix):
        return _matrices(a, b, domains, clock)
    return scalars(a, b, domains, clock)


def _matrices(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict:
    first, second = rows_of(a), rows_of(b)
    if (len(first), len(first[0])) != (len(second), len(second[0])):
        shapes = [f"{len(rows)}×{len(rows[0])}" for rows in (first, second)]
        return Verdict(Status.REFUTED, "shapes", f"{shapes[0]} against {shapes[1]}")
    pairs = [(x, y) for r, s in zip(first, second, strict=True) for x, y in zip(r, s, strict=True)]
    return weakest([equality(x, y, domains, clock) for x, y in pairs])


def rows_of(node: Node) -> tuple[tuple[Node, ...], ...]:
    """The entries of a matrix; a scalar is its own only entry."""
    return node.rows if isinstance(node, Matrix) else ((node,),)


def weakest(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict on several statements together: the weakest, with the conditions of all."""
    every = list(verdicts)
    worst = min(every, key=lambda v: _ORDER.index(v.status))
    if worst.method == "identical":
        worst = next((v for v in every if v.method != "identical"), worst)
    needed = tuple(dict.fromkeys(c for v in every for c in v.condition))
    return replace(worst, condition=needed)


def scalars(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict:
    """The verdict on the equality of two numbers."""
    reason = ""
    try:
        verdict = _infinite(a, b, domains, clock) or _exact(a, b, domains, clock)
        if verdict is not None:
            return verdict
    except (Undecidable, RecursionError) as outcome:
        reason = str(outcome) if isinstance(outcome, Undecidable) else "nested too deeply"
    try:
        return _by_points(a, b, domains, clock, reason)
    except (Undecidable, RecursionError) as outcome:
        return Verdict(Status.UNDECIDED, detail=str(outcome) if isinstance(outcome, Undecidable) else reason)


def _infinite(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict | None:
    """The verdict where one side is infinity and the other a limit."""
    for limit, end in ((a, b), (b, a)):
        if end in _INFINITE and isinstance(limit, Limit):
            return infinite_limit(limit, _INFINITE[end], domains, clock)
    return None


def _exact(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict | None:
    found = proof(a, b, domains, clock)
    if found is None:
        return None
    clash = _clash(found, a, b, domains, clock)
    if clash is not None:
        return clash
    needed = (*conditions(a, b, domains, clock), *(zero_text(n) for n in found.except_where))
    method = "exact" if found.cells == 1 else "exact, by cases"
    return Verdict(Status.PROVED, method, condition=tuple(dict.fromkeys(needed)))


def _clash(found: Proof, a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict | None:
    """What speaks against a proof: numbers that differ, or that there is no point where both sides have values.

    Where the proof leaves boundaries between cases open, numbers that differ there are a counter-example.
    """
    enough = 10**6 if found.except_where else _SANITY if found.cells == 1 else _SANITY_OF_CASES
    try:
        trial = Points(a, b, domains, clock).trial(_overlap, enough=enough)
    except (Undecidable, Undefined):
        return None  # no numbers for this: the proof stands alone
    if trial.witness is not None and found.except_where:
        return _refuted(a, b, trial.witness)
    if trial.witness is not None:
        return Verdict(Status.UNDECIDED, detail="proof and numbers disagree")
    return None if trial.agreeing else Verdict(Status.UNDECIDED, detail="outside the domain")


def _overlap(a: Any, b: Any) -> bool:
    return bool(a.overlaps(b))


def _by_points(a: Node, b: Node, domains: Domains, clock: Clock, reason: str) -> Verdict:
    if any(isinstance(p, Limit) for n in (a, b) for p in walk(n)):
        return _limits(a, b, domains, clock)
    if unbounded(a) or unbounded(b):
        return quadrature(a, b, clock)
    trial = Points(a, b, domains, clock).trial()
    if trial.witness is not None:
        return _refuted(a, b, trial.witness)
    if not trial.agreeing:
        return Verdict(Status.UNDECIDED, detail=reason or "outside the domain")
    if not (free_symbols(a) | free_symbols(b)):
        return Verdict(Status.CHECKED, "number balls", f"agrees to {DIGITS} digits")
    if trial.agreeing < _ENOUGH:
        return Verdict(Status.UNDECIDED, "number balls", f"agrees at only {trial.agreeing} points")
    detail = f"agrees at {trial.agreeing} points to {DIGITS} digits"
    method = "number balls and SymPy" if opinion(a, b, domains, clock.left()) else "number balls"
    return Verdict(Status.CHECKED, method, detail)


def _limits(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict:
    """Limits that are not proved equal: certainly different, or only tried on the way to them."""
    try:
        if proof(a, b, domains, clock, _differs, closed=False) is not None:
            return Verdict(Status.REFUTED, "exact", "the limit is another")
    except Undecidable:
        pass
    return approach(a, b, domains, clock)


def _differs(converter: Converter, difference: Element) -> bool:
    return sign_of(converter, difference)[1]


def _refuted(a: Node, b: Node, witness: Witness) -> Verdict:
    if has_unknowns(a, b):
        return Verdict(Status.UNDECIDED, "number balls", "differs for some choices of the unknown functions")
    return Verdict(Status.REFUTED, "number balls", witness=witness)
