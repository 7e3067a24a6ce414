"""Optima under equations: ``v = argmin f`` over ``g(v) = c`` beside the equations of Lagrange's multipliers.

For a differentiable f on an open domain the least value under the constraint can only be taken where multipliers exist
with ``grad f = sum of multipliers times grad g`` and ``g = c``; that needs gradients of the constraints that are
independent there, unless the constraints are linear. Where f is strictly convex, the domain is a box and the
constraints are linear, such a point is the only optimum; else ``=>`` says nothing where there is no optimum. So ``=>``
asks that the equations follow from the multipliers' ones (:func:`systems.follows`; the statement's own may be chosen),
``<=`` that these follow from them and that f is strictly convex, ``<=>`` both. What is false is refuted by an enclosed
point: the optimum, at which the equations fail whatever their multipliers are, or a solution of theirs that is none.

Families of numbers and vectors whose length is a letter are written out with 2 and 3 members, and a proof for
these is a check.

Called by :func:`derive.verify.verify_step`. Source: Boyd and Vandenberghe, Convex Optimization (2004), sections 4.2.3
and 5.5.3; Nocedal and Wright, Numerical Optimization (2nd ed., 2006), theorem 12.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import permutations, product

from derive.declarations import declaration
from derive.steps import Context, Status, Verdict, Witness
from derive.tree import (
    ZERO,
    Call,
    Negative,
    Node,
    Optimum,
    Product,
    Relation,
    Symbol,
    Vector,
    entries,
    number,
    substitute,
    times,
    total,
    walk,
)
from derive.verify.core import free_symbols
from derive.verify.domains import ordered
from derive.verify.equality import weakest
from derive.verify.inequality import inequality
from derive.verify.meaning import Meaning
from derive.verify.separable import EXISTS, separable
from derive.verify.signals import Clock
from derive.verify.systems import (
    System,
    as_scalar,
    derivative,
    eliminated,
    exception,
    follows,
    is_system,
    reduced,
    system,
    with_partials,
)
from derive.verify.unrolled import SIZES, checked, families, unrolled, with_indices
from derive.verify.vectorial import vectorial
from derive.verify.wording import said

Domains = Mapping[Symbol, str]
Judge = Callable[[Node, Node], Verdict]
Judges = Callable[[Context], tuple[Judge, Judge]]
ARGUMENTS = frozenset({"argmin", "argmax"})
_SCALES = (Fraction(1), Fraction(-1), Fraction(2), Fraction(-2), Fraction(1, 2), Fraction(-1, 2))
"""By what an author's multiplier may differ from the one of ``grad f - m grad g``."""
_VARIABLES = 4  # of a function whose convexity is looked at, unless its mixed derivatives are zero
_MULTIPLIERS = 3
_KINKS = frozenset({"abs", "sign", "max", "min", "relu", "floor", "ceil"})


def optimal_point(node: Node) -> tuple[tuple[Symbol, ...], Optimum] | None:
    """The letters and the optimum of ``v = argmin f``, in either order."""
    match node:
        case Relation((a, b), ("=",)):
            for point, optimum in ((a, b), (b, a)):
                if isinstance(optimum, Optimum) and optimum.operator in ARGUMENTS and optimum.variables:
                    named = entries(point) or (point,)
                    if set(named) == set(optimum.variables) and len(named) == len(optimum.variables):
                        return optimum.variables, optimum
    return None


def as_statements(before: Node, after: Node) -> tuple[Node, Node] | None:
    """``argmin f = u`` over several letters or under a condition as ``v = argmin f`` and ``v = u``; None for others."""
    for optimum, value in ((before, after), (after, before)):
        match optimum, value:
            case (Optimum(operator, _, letters, where), _) if operator in ARGUMENTS and not isinstance(value, Optimum):
                if (where is None and len(letters) < 2) or not free_symbols(value).isdisjoint(letters):
                    return None
                point = letters[0] if len(letters) == 1 else Vector(letters)
                return Relation((point, optimum), ("=",)), Relation((point, value), ("=",))
    return None


@dataclass(frozen=True, slots=True)
class Constrained:
    """Minimise ``objective`` over ``letters`` where every expression of ``constraints`` is zero."""

    letters: tuple[Symbol, ...]
    objective: Node
    constraints: System
    domains: Domains

    @property
    def multipliers(self) -> tuple[Symbol, ...]:
        """One for every constraint."""
        return tuple(Symbol("mu", str(k), "*") for k in range(len(self.constraints)))

    def stationary(self, clock: Clock) -> System:
        """The equations of the multipliers and the constraints."""
        made = []
        for letter in self.letters:
            pulls = [
                Negative(Product((m, derivative(g, letter))))
                for m, g in zip(self.multipliers, self.constraints, strict=True)
            ]
            made.append(reduced(total([derivative(self.objective, letter), *pulls]), self.domains, clock))
        return [*made, *self.constraints]


def constrained(
    before: Node, after: Node, relation: str, context: Context, clock: Clock, judges: Judges
) -> Verdict:
    """The verdict on a statement one of whose sides says that letters are an optimum.

    ``judges`` gives, for a context, what judges equations and what judges whether equations say the same.
    """
    found = optimal_point(before) or optimal_point(after)
    if found is None or not _has_members(*found, context):
        return _constrained(before, after, relation, context, clock)
    before, after = with_indices((before, after), context)
    onward, back, other = _ways(before, after, relation)
    if is_system(other):
        same = judges(context)[1]
        general = separable(found[1], other, onward, back, context, clock, same, _SCALES) or vectorial(
            found[1], other, onward, back, context, clock, judges, _SCALES
        )
        if general is not None:
            return general
    verdicts = []
    for size in SIZES:
        instance = unrolled((before, after), size, context)
        if instance is None:
            return Verdict(Status.UNDECIDED, detail="how many members there are is not said")
        (first, second), written = instance
        verdicts.append(_constrained(first, second, relation, written, clock))
        if verdicts[-1].status is Status.REFUTED:
            return verdicts[-1]
    return checked(verdicts)


def _has_members(letters: tuple[Symbol, ...], optimum: Optimum, context: Context) -> bool:
    """Whether the optimum is over a family or a vector."""
    vectors = {s for s in letters if declaration(context.domains.get(s, "real")).kind == "vector"}
    return bool((families(optimum.body) | vectors) & set(letters))


def _ways(before: Node, after: Node, relation: str) -> tuple[bool, bool, Node]:
    """Whether the optimum is to satisfy the equations, whether these are to suffice, and the equations."""
    swapped = optimal_point(before) is None
    return relation == "<=>" or not swapped, relation == "<=>" or swapped, before if swapped else after


def _constrained(before: Node, after: Node, relation: str, context: Context, clock: Clock) -> Verdict:
    onward, back, other = _ways(before, after, relation)
    said = after if other is before else before
    found = optimal_point(said)
    if found is None or not is_system(other):
        return Verdict(Status.UNDECIDED, detail="no method for this optimum")
    meaning = Meaning(context, clock)
    meaning.note(before, after)
    problem = _problem(*found, meaning)
    if isinstance(problem, str):
        return Verdict(Status.UNDECIDED, detail=problem)
    with meaning.blocking(*problem.letters):
        equations = system(meaning.unfold(with_partials(other)))
    names = free_symbols(said)
    own = [s for s in ordered(free_symbols(other)) if s not in names]
    return judged(problem, equations, own, onward, back, clock)


def _problem(letters: tuple[Symbol, ...], optimum: Optimum, meaning: Meaning) -> Constrained | str:
    """The problem in the core language, or why there is no method for it."""
    domains = meaning.context.domains
    for letter in letters:
        said = declaration(domains.get(letter, "real"))
        if said.kind != "number" or said.whole:
            return f"{letter.plain} is no real number"
        if (said.low is not None and not said.open_low) or (said.high is not None and not said.open_high):
            return "the optimum may lie at an end of the domain"
    if optimum.where is not None and not is_system(optimum.where):
        return "the constraint is no equation"
    with meaning.blocking(*letters):
        body = as_scalar(meaning.unfold(optimum.body))
        constraints = [] if optimum.where is None else system(meaning.unfold(with_partials(optimum.where)))
    objective = body if optimum.operator == "argmin" else Negative(body)
    if any(isinstance(p, Call) and p.name in _KINKS for n in (objective, *constraints) for p in walk(n)):
        return "the function has kinks"
    if len(constraints) > _MULTIPLIERS:
        return "too many constraints"
    return Constrained(letters, objective, constraints, domains)


def judged(
    problem: Constrained, equations: System, own: Sequence[Symbol], onward: bool, back: bool, clock: Clock
) -> Verdict:
    """The verdict on "the optimum satisfies the equations" (onward), "what satisfies them is the optimum" (back).

    ``own`` are the letters of the equations that the problem does not know: their multipliers.
    """
    stationary = problem.stationary(clock)
    linear = _has_linear_constraints(problem, clock)
    unique = linear and _is_strictly_convex(problem, clock)
    verdicts = []
    if onward:
        verdicts.append(_necessary(problem, stationary, equations, own, linear, unique, clock))
    if back:
        verdicts.append(_sufficient(problem, stationary, equations, own, unique, clock))
    return next((v for v in verdicts if v.status is Status.REFUTED), weakest(verdicts))


# --- the optimum satisfies the equations --------------------------------------------------------------------------


def _necessary(
    problem: Constrained, stationary: System, equations: System, own: Sequence[Symbol], linear: bool, unique: bool,
    clock: Clock,
) -> Verdict:  # fmt: skip
    found = _implied(problem, stationary, equations, own, clock)
    if found is not None:
        needed = () if linear else _regular(problem, clock)
        needed += () if unique else (EXISTS,)
        return replace(found, method="Lagrange multipliers", condition=(*found.condition, *needed))
    if unique:
        unknowns = (*problem.letters, *problem.multipliers)
        witness = exception(stationary, equations, problem.domains, clock, own, unknowns)
        if witness is not None:
            return _refuted("the optimum does not satisfy the equations", witness, problem)
    return Verdict(Status.UNDECIDED, "Lagrange multipliers", "the equations are not shown to hold at the optimum")


def _implied(
    problem: Constrained, stationary: System, equations: System, own: Sequence[Symbol], clock: Clock
) -> Verdict | None:
    """A proof that the multipliers' equations imply the author's, whose letters may be multiples of theirs."""
    for renamed in _renamings(problem, stationary, own):
        clock.check()
        chosen = own if renamed is stationary else ()
        if (found := follows(renamed, equations, problem.domains, clock, chosen)) is not None:
            return found
    return None


def _renamings(problem: Constrained, stationary: System, own: Sequence[Symbol]) -> Iterator[System]:
    """The multipliers' equations with the author's letters in them, then as they are."""
    count = len(problem.multipliers)
    if len(own) == count:
        for scales in product(_SCALES[:2], repeat=count):
            yield from _renamed(problem, stationary, own, scales)
    yield stationary
    if len(own) == count == 1:
        for scale in _SCALES[2:]:
            yield from _renamed(problem, stationary, own, (scale,))


def _renamed(
    problem: Constrained, stationary: System, own: Sequence[Symbol], scales: Sequence[Fraction]
) -> Iterator[System]:
    for order in permutations(own):
        values: dict[Node, Node] = {
            m: times([number(s), letter]) for m, s, letter in zip(problem.multipliers, scales, order, strict=True)
        }
        yield [substitute(e, values) for e in stationary]


def _regular(problem: Constrained, clock: Clock) -> tuple[str, ...]:
    """What the constraints need so that there are multipliers: nothing where that is shown for one constraint."""
    if len(problem.constraints) == 1:
        (constraint,) = problem.constraints
        slopes = [derivative(constraint, letter) for letter in problem.letters]
        found = eliminated(slopes, problem.letters, problem.domains, clock)
        there = found.put_in(constraint)
        if inequality(there, ZERO, "!=", problem.domains, clock).status is Status.PROVED:
            return ()
        return (said("the gradient of ", constraint, " is not zero there"),)
    return ("the gradients of the constraints are linearly independent there",)


# --- what satisfies the equations is the optimum ------------------------------------------------------------------


def _sufficient(
    problem: Constrained, stationary: System, equations: System, own: Sequence[Symbol], unique: bool, clock: Clock
) -> Verdict:
    found = None
    for renamed in _renamings(problem, stationary, own):
        clock.check()
        chosen = problem.multipliers if renamed is stationary else ()
        found = found or follows(equations, renamed, problem.domains, clock, chosen)
    if found is None:
        witness = exception(equations, stationary, problem.domains, clock, problem.multipliers)
        if witness is not None:
            return _refuted("the equations hold where there is no optimum", witness, problem)
        return Verdict(Status.UNDECIDED, "Lagrange multipliers", "that the equations suffice is not shown")
    if not unique:
        why = "that every solution is an optimum is not shown: the function is not shown to be strictly convex"
        return Verdict(Status.UNDECIDED, "Lagrange multipliers", why)
    return replace(found, method="strictly convex, linear constraints")


def _has_linear_constraints(problem: Constrained, clock: Clock) -> bool:
    """Whether all second derivatives of the constraints are zero."""
    pairs = product(problem.letters, repeat=2)
    return all(
        reduced(derivative(reduced(derivative(g, a), problem.domains, clock), b), problem.domains, clock) == ZERO
        for a, b in pairs for g in problem.constraints
    )  # fmt: skip


def _is_strictly_convex(problem: Constrained, clock: Clock) -> bool:
    """Whether the leading minors of the Hessian are positive on the domain, which must be a box."""
    domains, letters = problem.domains, problem.letters
    if any(declaration(domains.get(s, "real")).nonzero for s in letters):
        return False
    slopes = {s: reduced(derivative(problem.objective, s), domains, clock) for s in letters}
    hessian = [[reduced(derivative(slopes[a], b), domains, clock) for b in letters] for a in letters]
    plain = all(hessian[i][j] == ZERO for i in range(len(letters)) for j in range(len(letters)) if i != j)
    if plain:
        minors = [hessian[i][i] for i in range(len(letters))]
    elif len(letters) <= _VARIABLES:
        minors = [_determinant([row[:n] for row in hessian[:n]]) for n in range(1, len(letters) + 1)]
    else:
        return False
    return all(inequality(m, ZERO, ">", domains, clock).status is Status.PROVED for m in minors)


def _determinant(rows: list[list[Node]]) -> Node:
    """Expanded by the first row."""
    if len(rows) == 1:
        return rows[0][0]
    parts: list[Node] = []
    for k, entry in enumerate(rows[0]):
        if entry != ZERO:
            term = Product((entry, _determinant([row[:k] + row[k + 1 :] for row in rows[1:]])))
            parts.append(Negative(term) if k % 2 else term)
    return total(parts)


def _refuted(why: str, witness: Witness, problem: Constrained) -> Verdict:
    point = tuple((n, v) for n, v in witness.point if n not in {m.plain for m in problem.multipliers})
    return Verdict(Status.REFUTED, "Lagrange multipliers", why, witness=replace(witness, point=point))

