"""Whether two expressions are equal: proof, then points, then what can still be said; first answer wins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from derive.steps import Status, Verdict, Witness
from derive.tree import INFINITY, Integral, Limit, Matrix, Negative, Node, Sum, SumOver, Symbol
from derive.verify.algebraic import is_zero
from derive.verify.approach import approach, differs, has_two_ends, infinite_limit, is_infinite, other_value
from derive.verify.balls import Evaluation, precision
from derive.verify.cases import Proof, Zero, proof, proof_where_convergent
from derive.verify.conditions import conditions
from derive.verify.models import has_dimension, needs_density, states_a_law
from derive.verify.quadrature import closed, numeric_only, quadrature
from derive.verify.refute import DIGITS, Points, apart, decimal, overlap
from derive.verify.signals import Clock, Undecidable, Undefined
from derive.verify.survey import Survey
from derive.verify.wording import nonzero, positive
from derive.verify.worker import opinion

_SANITY = 2  # points that are tried before a proof, and at which it is held against numbers
_SANITY_OF_CASES = 8  # the same for a proof by cases
_CONSTANT_DIGITS = 60
_FOR_SAMPLES = 14  # points, and those at switches, that an argument of continuity may use
_FINEST = (1024, 20_000)  # bits for differences that are known not to be zero
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
    try:
        points = Points(a, b, domains, clock)
        found = _infinite(a, b, domains, clock) or _at_first_sight(points)
    except (Undecidable, RecursionError) as outcome:
        return Verdict(Status.UNDECIDED, detail=_reason(outcome))
    if found is not None:
        return found
    reason = ""
    try:
        verdict = _exact(points, domains, clock)
        if verdict is not None:
            return verdict
    except (Undecidable, RecursionError) as outcome:
        reason = _reason(outcome)
    try:
        return _by_points(points, domains, clock, reason)
    except (Undecidable, RecursionError) as outcome:
        return Verdict(Status.UNDECIDED, detail=reason if isinstance(outcome, RecursionError) else str(outcome))


def _reason(outcome: Exception) -> str:
    return str(outcome) if isinstance(outcome, Undecidable) else "nested too deeply"


def _at_first_sight(points: Points) -> Verdict | None:
    """A counter-example among the first points: most false statements need no more."""
    try:
        trial = points.first(_SANITY)
    except (Undecidable, Undefined):
        return None
    return None if trial.witness is None else _refuted(points, trial.witness)


def _infinite(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict | None:
    """The verdict where one side is infinity and the other a limit."""
    for limit, end in ((a, b), (b, a)):
        if isinstance(limit, Limit) and end in _INFINITE:
            return infinite_limit(limit, _INFINITE[end], domains, clock)
    return None


def _exact(points: Points, domains: Domains, clock: Clock) -> Verdict | None:
    """A proof by the exact zero test, or the certainty that rational functions differ."""
    a, b = points.a, points.b
    goal = Zero(lambda: points.points(_FOR_SAMPLES))
    found = _proof(points, domains, clock, goal)
    if found is None:
        return _different(points) if goal.never else None
    clash = _clash(found, points)
    if clash is not None:
        return clash
    needed = (*conditions(a, b, domains, clock, found.assumed), *map(nonzero, found.except_where))
    method = "exact" if found.cells == 1 else "exact, by cases"
    return Verdict(Status.PROVED, method, condition=tuple(dict.fromkeys(needed)))


def _proof(points: Points, domains: Domains, clock: Clock, goal: Zero) -> Proof | None:
    """A proof, if need be only for where integrals and infinite sums converge."""
    a, b = points.a, points.b
    if not any(map(_may_diverge, points.survey.nodes if points.survey.kinds & {Integral, SumOver} else ())):
        return proof(a, b, domains, clock, goal)
    try:
        if (found := proof(a, b, domains, clock, goal)) is not None or goal.never:
            return found
        return proof_where_convergent(a, b, domains, clock, goal)
    except Undecidable:
        return proof_where_convergent(a, b, domains, clock, goal)


def _may_diverge(node: Node) -> bool:
    """Whether it is an integral between bounds or an infinite sum."""
    match node:
        case Integral(lower=lower):
            return lower is not None
        case SumOver(upper=upper):
            return upper == INFINITY
    return False


def _clash(found: Proof, points: Points) -> Verdict | None:
    """What speaks against a proof: numbers that differ, or that there is no point where both sides have values.

    Where the proof leaves boundaries between cases open, numbers that differ there are a counter-example.
    """
    enough = 10**6 if found.except_where else _SANITY if found.cells == 1 else _SANITY_OF_CASES
    if points.agreed >= enough:
        return None
    try:
        trial = points.trial(overlap, enough=enough)
    except (Undecidable, Undefined):
        return None  # no numbers for this: the proof stands alone
    if trial.witness is not None and found.except_where:
        return _refuted(points, trial.witness)
    if trial.witness is not None:
        return Verdict(Status.UNDECIDED, detail="proof and numbers disagree")
    return None if trial.agreeing else Verdict(Status.UNDECIDED, detail="outside the domain")


def _different(points: Points) -> Verdict | None:
    """A counter-example to the equality of different rational functions, however close they are."""
    trial = points.trial(apart, bits=_FINEST)
    return None if trial.witness is None else _refuted(points, trial.witness)


def _by_points(points: Points, domains: Domains, clock: Clock, reason: str) -> Verdict:
    a, b = points.a, points.b
    if Limit in points.survey.kinds:
        return _limits(a, b, domains, clock)
    if numeric_only(a) or numeric_only(b):
        return _by_quadrature(a, b, domains, clock)
    constant = not points.symbols and not points.survey.families and not points.models
    if constant and (found := _algebraic(a, b, clock)) is not None:
        return found
    trial = points.trial()
    if trial.witness is not None:
        return _refuted(points, trial.witness)
    if not trial.agreeing:
        return Verdict(Status.UNDECIDED, detail=reason or "outside the domain")
    if constant:
        return Verdict(Status.CHECKED, "number balls", f"agrees to {DIGITS} digits")
    if trial.agreeing < _ENOUGH:
        return Verdict(Status.UNDECIDED, "number balls", f"agrees at only {trial.agreeing} points")
    if points.models.laws and has_dimension(a, b):
        return Verdict(Status.UNDECIDED, "finite models", "holds for finitely many values, may fail for densities")
    if points.models:
        return Verdict(Status.CHECKED, points.method, f"agrees on {trial.agreeing} of them to {DIGITS} digits")
    detail = f"agrees at {trial.agreeing} points to {DIGITS} digits"
    method = "number balls and SymPy" if opinion(a, b, domains, clock.left()) else "number balls"
    return Verdict(Status.CHECKED, method, detail)


def _by_quadrature(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict:
    """The verdict by points where infinite sums and integrals have closed forms, else by working them out there."""
    first, second, assumed = closed(a, b, domains, clock)
    if numeric_only(first) or numeric_only(second):
        return quadrature(a, b, domains, clock)
    within = {**domains, **dict.fromkeys(assumed, "positive")}
    found = _by_points(Points(first, second, within, clock), within, clock, "")
    if found.status is Status.REFUTED:
        return found
    return replace(found, condition=(*map(positive, assumed), *found.condition))


def _algebraic(a: Node, b: Node, clock: Clock) -> Verdict | None:
    """The verdict on numbers made of roots and of sines of fractions of pi."""
    found = is_zero(Sum((a, Negative(b))), clock)
    if found is None:
        return None
    if found:
        return Verdict(Status.PROVED, "algebraic numbers")
    with precision(_FINEST[-1]):
        values = [decimal(Evaluation({}, clock=clock).value(n), _CONSTANT_DIGITS) for n in (a, b)]
    return Verdict(Status.REFUTED, "algebraic numbers", witness=Witness((), *values))


def _limits(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict:
    """Limits that are not proved equal: certainly different, or only tried on the way to them."""
    try:
        if proof(a, b, domains, clock, differs, closed=False) is not None:
            return Verdict(Status.REFUTED, "exact", "the limit is another")
    except Undecidable:
        pass
    for limit, other in ((a, b), (b, a)):
        if isinstance(limit, Limit) and Limit not in Survey((other,)).kinds and is_infinite(
            limit, domains, clock
        ):
            return Verdict(Status.REFUTED, "exact", "the limit is infinite")
        if isinstance(limit, Limit) and Limit not in Survey((other,)).kinds and has_two_ends(limit, domains, clock):
            return Verdict(Status.REFUTED, "exact", "the limits from both sides differ")
    witness = other_value(a, b, domains, clock)
    if witness is not None:
        return Verdict(Status.REFUTED, "exact", "the limit is another", witness=witness)
    return approach(a, b, domains, clock)


def _refuted(points: Points, witness: Witness) -> Verdict:
    if points.survey.has_opaque:
        return Verdict(Status.UNDECIDED, "number balls", "differs for some choices of the unknown functions")
    if points.models.laws and states_a_law(points.a, points.b):
        return Verdict(Status.UNDECIDED, "finite models", "whether the law is this one is not said")
    if points.models.laws and needs_density(points.a, points.b):
        return Verdict(Status.UNDECIDED, "finite models", "fails for finitely many values, may hold for densities")
    return Verdict(Status.REFUTED, points.method, witness=witness)
