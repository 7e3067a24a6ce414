"""The verifier: is a step of a derivation true?

It sees what stands before and after, the relation between them, the declared domains and definitions, and
nothing of the rules. Layers of rising cost, first answer wins: identical trees; number balls at two points, which
refute most of what is false (:mod:`balls`, :mod:`refute`); the exact zero test over a differential field
(:mod:`field`, :mod:`kernels`, :mod:`differential`, by cases of signs in :mod:`cases`) and arguments beyond it
(:mod:`vanishing`, :mod:`algebraic`); number balls at all points; SymPy's opinion in a bounded process
(:mod:`worker`). Sums over an index have a normal form (:mod:`sums`); expectations are sums over laws (:mod:`laws`),
refuted on finite models (:mod:`models`); minimisers are compared in :mod:`optima`, other relations are judged in
:mod:`relations`. Whatever exceeds a limit is "too large" or "too slow", never "wrong".

A statement is judged where both its sides have values in real numbers. What it needs beyond the declared
domain is listed in the verdict's conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made  # "field" is a module of this package

from derive.declarations import EMPIRICAL, declaration
from derive.errors import DeriveError
from derive.limits import CHECK_SECONDS
from derive.steps import Chain, Context, Derivation, Part, Status, Step, Verdict
from derive.tree import ONE, ZERO, Node, Optimum, Relation, Statements, Symbol, kinds
from derive.verify.abstract import (
    by_entries,
    concerns,
    decided_by_entries,
    entries_of,
    has_only_entries,
    has_shares,
    judged,
    numbers_of,
)
from derive.verify.antiderivatives import Hint, has_integral, hints, integrated
from derive.verify.arithmetic import Arithmetic, sums_up
from derive.verify.assumptions import assuming, is_one_whole, may_be_stated
from derive.verify.averages import empirical, large_numbers
from derive.verify.chainrule import through_names
from derive.verify.conditions import conditions
from derive.verify.congruence import differences
from derive.verify.convexity import by_convexity
from derive.verify.domains import with_counts
from derive.verify.equality import equality, weakest
from derive.verify.equations import implication
from derive.verify.inequality import SIGNS, inequality
from derive.verify.labels import labelled
from derive.verify.largesides import for_this_length, with_letters
from derive.verify.matrices import written_out
from derive.verify.meaning import Meaning, has_abstract_matrices
from derive.verify.means import means
from derive.verify.memory import remembered
from derive.verify.multipliers import as_statements, constrained, optimal_point
from derive.verify.openindices import for_each_member, with_members
from derive.verify.optima import concerns_minimisers, optimum, with_least_values
from derive.verify.plain import is_plain
from derive.verify.relations import RELATIONS
from derive.verify.rounding import rounding
from derive.verify.signals import Clock, Undecidable
from derive.verify.substitution import by_substitution
from derive.verify.systems import implied, is_plural, is_system, system, with_partials
from derive.verify.termwise import termwise
from derive.verify.together import together
from derive.verify.unrolled import SIZES, checked, in_general, unrolled, with_indices
from derive.verify.vectorminima import vector_minimiser
from derive.verify.wording import said

__all__ = ["equal", "verify", "verify_statement", "verify_step"]

_MARGIN = 0.25  # seconds: what happens between two looks at the clock
_FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
Judge = Callable[[Node, Node, Context, Clock], Verdict]
_Statement = Callable[[Node, Node], Verdict]

_JUDGES: dict[str, Judge] = {
    "=": lambda a, b, context, clock: equality(a, b, context.domains, clock),
    "===": lambda a, b, context, clock: equality(a, b, context.domains, clock),
    "~=": lambda a, b, context, clock: rounding(a, b, clock),
    "=>": lambda a, b, context, clock: implication(a, b, False, context.domains, clock),
    "<=>": lambda a, b, context, clock: implication(a, b, True, context.domains, clock),
    ":=": lambda a, b, context, clock: Verdict(Status.ASSUMED, "stated"),
}
"""How each relation of a step is judged; inequalities are added below."""


def _inequality(sign: str) -> Judge:
    return lambda a, b, context, clock: inequality(a, b, sign, context.domains, clock)


_REFLEXIVE = frozenset({"=", "===", "~=", "<=", ">=", "=>", "<=>"})
"""Relations in which everything stands to itself."""
_IMPLICATIONS = frozenset({"=>", "<=>"})
_JUDGES |= {sign: _inequality(sign) for sign in SIGNS}


def _other(judge: Callable[[Node, Node, Mapping[Symbol, str], Clock], Verdict]) -> Judge:
    return lambda a, b, context, clock: judge(a, b, context.domains, clock)


_JUDGES |= {sign: _other(judge) for sign, judge in RELATIONS.items()}


def equal(a: Node, b: Node, context: Context) -> Verdict:
    """Whether two expressions are equal wherever both have values in the declared domain."""
    return verify_step(a, b, "=", context)


def verify_step(before: Node, after: Node, relation: str, context: Context) -> Verdict:
    """The verdict on one statement ``before relation after``; never an exception."""
    return sums_up(before, after, relation, context) or _by_judges(before, after, relation, context)


def _by_judges(before: Node, after: Node, relation: str, context: Context) -> Verdict:
    clock = Clock(CHECK_SECONDS - _MARGIN)
    before, after = with_members(before, after, context)
    found = for_each_member(before, after, context, lambda a, b: _for_every_length(a, b, relation, context, clock))
    return found or _for_every_length(before, after, relation, context, clock)


def _for_every_length(before: Node, after: Node, relation: str, context: Context, clock: Clock) -> Verdict:
    general = with_letters(context)
    if general is None:
        return _judged(before, after, relation, context, clock)
    return for_this_length(_judged(before, after, relation, general, clock))


def verify_statement(node: Node, context: Context) -> Verdict:
    """The verdict on a whole statement: a relation, each link of a chain, several statements side by side.

    Of alternatives (``or``) one has to be proved. An expression that states nothing is undecided.
    """
    match node:
        case Relation(sides, signs):
            links = zip(sides, sides[1:], signs, strict=False)
            return _together([verify_step(a, b, sign, context) for a, b, sign in links])
        case Statements(items, "or"):
            verdicts = [verify_statement(item, context) for item in items]
            proved = next((v for v in verdicts if v.status is Status.PROVED), None)
            return proved or Verdict(Status.UNDECIDED, detail="none of the alternatives is proved")
        case Statements(items):
            return _together([verify_statement(item, context) for item in items])
    return Verdict(Status.UNDECIDED, detail="an expression states nothing")


def _together(verdicts: list[Verdict]) -> Verdict:
    return next((v for v in verdicts if v.status is Status.REFUTED), weakest(verdicts))


_GENERAL = {EMPIRICAL: "density"}


def _equal_in(context: Context, clock: Clock) -> Callable[[Node, Node], Verdict]:
    return lambda a, b: _judged(a, b, "=", context, clock)


def _judges_in(context: Context, clock: Clock) -> tuple[_Statement, _Statement]:
    """What judges equations, and whether two of them say the same."""
    return _equal_in(context, clock), lambda a, b: _judged(a, b, "<=>", context, clock)


def _judged(before: Node, after: Node, relation: str, context: Context, clock: Clock) -> Verdict:
    if relation == ":=":
        return Verdict(Status.ASSUMED, "stated")
    if before == after and relation in _REFLEXIVE:
        return Verdict(Status.PROVED, "identical")
    if relation == "~=" and (found := large_numbers(before, after, _equal_in(context, clock))) is not None:
        return found
    if relation == "=" and EMPIRICAL in context.domains.values():
        plain = replace(context, domains={s: _GENERAL.get(d, d) for s, d in context.domains.items()})
        found = empirical(before, after, context.domains, _equal_in(plain, clock))
        if found is not None:
            return found
    if (found := by_convexity(before, after, relation, context)) is not None:
        return found
    judge = _JUDGES.get(relation)
    if judge is None:
        return Verdict(Status.UNDECIDED, detail=f"no method for the relation {relation}")
    if relation == "=" and isinstance(before, Relation) and isinstance(after, Relation):
        judge = _JUDGES["<=>"]
    several = isinstance(before, Statements) or isinstance(after, Statements)
    if several:
        together = _of_several(before, after, relation, context, clock)
        if together.status is not Status.UNDECIDED or relation not in _IMPLICATIONS:
            return together
    try:
        if relation in _PLAIN and is_plain(before, after, context):
            return _PLAIN[relation](before, after, context, clock)
        if relation == "=" and (found := through_names(before, after, context, clock.half(), _equation)) is not None:
            return found
        if (found := _by_means(before, after, relation, context, clock.half())) is not None:
            return found
        before, after = labelled(before, after, but=[d.name for d in context.definitions])
        if relation in ("=", "===") and concerns_minimisers(before, after):
            return _minimisers(before, after, context, clock)
        if relation in _IMPLICATIONS and (optimal_point(before) or optimal_point(after)):
            return constrained(before, after, relation, context, clock, lambda c: _judges_in(c, clock.half()))
        if several and any(declaration(d).kind in ("vector", "matrix") for d in context.domains.values()):
            return _of_vectors(before, after, relation, context, clock)
        if concerns(before, after, context):
            if not has_only_entries(before, after, context):
                return judged(before, after, relation, context, clock)
            if (certain := decided_by_entries(before, after, relation, context, clock.half())) is not None:
                return certain
            if has_shares(before, after, context):
                return _of_shares(before, after, relation, context, clock)
            context = replace(context, domains=numbers_of(context.domains))
        if relation in _IMPLICATIONS and (is_plural(before) or is_plural(after)):
            found = _of_systems(before, after, relation, context, clock.half())
            if several or found.status in (Status.PROVED, Status.REFUTED):
                return found
        apart = relation == "=" and not is_one_whole(before, after, *(d.body for d in context.definitions))
        if apart and (found := _by_parts(before, after, context, clock.half())) is not None:
            return found
        meaning = Meaning(context, clock)
        meaning.note(before, after)
        sides = [written_out(side) for side in meaning.settled([meaning.unfold(side) for side in (before, after)])]
        if Optimum in kinds(before) | kinds(after):
            sides = [with_least_values(side, context.domains, clock) for side in sides]
        if sides[0] == sides[1] and relation in _REFLEXIVE:
            return assuming(Verdict(Status.PROVED, "identical"), sides, meaning.taken(), context)
        if any(has_abstract_matrices(side) for side in sides):
            return Verdict(Status.UNDECIDED, detail="vectors and matrices without their entries")
        counted = replace(context, domains=with_counts(context.domains, *sides))
        found = _by_substitution(sides, relation, counted, clock) or judge(sides[0], sides[1], counted, clock)
        if relation == "=" and found.status in (Status.CHECKED, Status.UNDECIDED):
            found = termwise(sides[0], sides[1], counted.domains, clock) or found
        by_models = relation in ("=", "===") and (found.status, found.method) == (Status.REFUTED, "finite models")
        stated = by_models and may_be_stated(before, after, meaning.laws.names)
        if stated and not _is_fixed(sides, judge, counted, clock):
            return Verdict(Status.UNDECIDED, "finite models", "whether the law is like this is not said")
        return assuming(found, sides, meaning.taken(), context)
    except Undecidable as outcome:
        return Verdict(Status.UNDECIDED, detail=str(outcome))
    except DeriveError as error:  # a domain that is not known
        return Verdict(Status.UNDECIDED, detail=error.message)
    except RecursionError:
        return Verdict(Status.UNDECIDED, detail="nested too deeply")


def _of_shares(before: Node, after: Node, relation: str, context: Context, clock: Clock) -> Verdict:
    """The verdict on entries of probabilities: a proof for any numbers from 0 to 1, else by models."""
    found = _judged(before, after, relation, replace(context, domains=entries_of(context.domains)), clock)
    return found if found.status is Status.PROVED else by_entries(before, after, relation, context, clock)


def _by_substitution(sides: list[Node], relation: str, context: Context, clock: Clock) -> Verdict | None:
    try:
        return by_substitution(sides[0], sides[1], context.domains, clock.half()) if relation == "=" else None
    except Undecidable:
        return None


def _equation(before: Node, after: Node, context: Context, clock: Clock) -> Verdict:
    return _judged(before, after, "=", context, clock)


def _plain(before: Node, after: Node, context: Context, clock: Clock) -> Verdict:
    """The verdict on the equality of two numbers."""
    if (found := _by_parts(before, after, context, clock.half())) is not None:
        return found
    meaning = Meaning(context, clock)
    meaning.note(before, after)
    return equality(meaning.unfold(before), meaning.unfold(after), context.domains, clock)


def _plain_rounding(before: Node, after: Node, context: Context, clock: Clock) -> Verdict:
    """The verdict on a number and its decimal."""
    meaning = Meaning(context, clock)
    meaning.note(before, after)
    return rounding(meaning.unfold(before), meaning.unfold(after), clock)


_PLAIN: dict[str, Judge] = {"=": _plain, "~=": _plain_rounding}
"""How statements about numbers only are judged."""


def _of_several(before: Node, after: Node, relation: str, context: Context, clock: Clock) -> Verdict:
    """Statements side by side on both sides, one by one."""
    match before, after:
        case (Statements(first, x), Statements(second, y)) if len(first) == len(second) and x == y:
            found = weakest([_judged(a, b, relation, context, clock) for a, b in zip(first, second, strict=True)])
            if found.status is Status.PROVED or relation not in _IMPLICATIONS:
                return found
    return Verdict(Status.UNDECIDED, detail="several statements at once")


def _of_systems(before: Node, after: Node, relation: str, context: Context, clock: Clock) -> Verdict:
    """The verdict on equations that hold together; those about families are tried with few members as well."""
    if not is_system(before) or not is_system(after):
        return Verdict(Status.UNDECIDED, detail="one side is no equation")
    before, after = with_indices((before, after), context)
    general = _implied(before, after, relation, context, clock.half())
    if general.status is not Status.UNDECIDED:
        return general
    return _of_instances(before, after, relation, context, clock) or general


def _of_vectors(before: Node, after: Node, relation: str, context: Context, clock: Clock) -> Verdict:
    """The verdict on equations between vectors that hold together: one by one, with letters put in."""
    if not is_system(before) or not is_system(after):
        return Verdict(Status.UNDECIDED, detail="one side is no equation")
    equal, equivalent = _judges_in(context, clock.half())
    ways = [(before, after), (after, before)] if relation == "<=>" else [(before, after)]
    proofs = [together(a, b, equal, equivalent, context.domains, clock.half()) for a, b in ways]
    found = [v for v in proofs if v is not None]
    if len(found) == len(ways):
        return weakest(found)
    return _of_instances(before, after, relation, context, clock) or Verdict(
        Status.UNDECIDED, "equations", "the equations are not shown to follow"
    )


def _of_instances(before: Node, after: Node, relation: str, context: Context, clock: Clock) -> Verdict | None:
    """The verdict by families, vectors and matrices with few members; None where there are none."""
    instances = filter(None, (unrolled((before, after), size, context) for size in SIZES))
    found = [_implied(sides[0], sides[1], relation, written, clock) for sides, written in instances]
    return next((v for v in found if v.status is Status.REFUTED), checked(found)) if found else None


def _implied(before: Node, after: Node, relation: str, context: Context, clock: Clock) -> Verdict:
    ways = [(before, after), (after, before)] if relation == "<=>" else [(before, after)]
    meaning = Meaning(context, clock)
    meaning.note(before, after)
    sides = [[system(meaning.unfold(with_partials(s))) for s in in_general(*way)] for way in ways]
    domains = with_counts(context.domains, *(e for pair in sides for side in pair for e in side))
    return implied([(a, b) for a, b in sides], domains, clock)


def _by_means(before: Node, after: Node, relation: str, context: Context, clock: Clock) -> Verdict | None:
    """The verdict where a barred letter may be the mean of its family; None where there is none.

    Where it is undecided of the mean, what is false of other numbers is not refuted.
    """
    defined = means(context, before, after)
    if not defined:
        return None
    found = _judged(before, after, relation, context.including(*defined), clock)
    if found.status is Status.UNDECIDED:
        letters = dict.fromkeys((d.name for d in defined), "real")
        of_any = _judged(before, after, relation, replace(context, domains={**context.domains, **letters}), clock)
        return found if of_any.status is Status.REFUTED else of_any
    if found.status is Status.REFUTED:
        return found
    taken = tuple(said(Relation((d.name, d.body), ("=",))) for d in defined)
    return replace(found, condition=(*found.condition, *taken))


def _is_fixed(sides: Sequence[Node], judge: Judge, context: Context, clock: Clock) -> bool:
    """Whether one side is 0 or 1 for every law, so that no law is like the other side says."""
    return any(judge(side, value, context, clock).status is Status.PROVED for side in sides for value in (ZERO, ONE)
               if side != value)


def _minimisers(before: Node, after: Node, context: Context, clock: Clock) -> Verdict:
    if (stated := as_statements(before, after)) is not None:
        return constrained(*stated, "<=>", context, clock, lambda c: _judges_in(c, clock.half()))
    found = vector_minimiser(before, after, context, lambda a, b, sign: _judged(a, b, sign, context, clock.half()))
    if found is not None:
        return found
    meaning = Meaning(context, clock)
    meaning.note(before, after)
    return optimum(before, after, meaning, clock, lambda f, g: _judged(f, g, "=", context, clock))


def _by_parts(before: Node, after: Node, context: Context, clock: Clock) -> Verdict | None:
    """A proof that the exchanged parts are equal; what the whole statement needs is asked of the whole."""
    pairs = differences(before, after)
    if not pairs:
        return None
    verdicts = []
    for a, b in pairs:
        verdict = _judged(a, b, "=", context, clock)
        if verdict.status is not Status.PROVED or (verdict.condition and verdict.method != "exact"):
            return None
        verdicts.append(verdict)
    found = weakest(verdicts)
    return replace(found, condition=_needs(before, after, context, clock)) if found.condition else found


def _needs(before: Node, after: Node, context: Context, clock: Clock) -> tuple[str, ...]:
    """The conditions under which both sides have values, where the domain does not already say so."""
    meaning = Meaning(context, clock)
    a, b = (written_out(meaning.unfold(side)) for side in (before, after))
    return conditions(a, b, context.domains, clock)


def verify(derivation: Derivation) -> Derivation:
    """The derivation with a verdict in every step and every finer step.

    A chain's own definitions hold in its steps. A step is proved by its finer steps when these are equations
    that lead from its left side to its right side, each one proved; else by itself.
    """
    known = _Known(hints([step.before for step in derivation.all_steps()]))
    parts = tuple(
        _chain(part, derivation.context, known, k) if isinstance(part, Chain) else part
        for k, part in enumerate(derivation.parts)
    )
    return replace(derivation, parts=parts)


@dataclass(slots=True)
class _Known:
    """What one derivation has shown so far: antiderivatives, and the verdicts on statements by their scope."""

    antiderivatives: list[Hint]
    verdicts: dict[tuple[int, Node, Node, str], Verdict] = made(default_factory=dict)
    arithmetic: Arithmetic = made(default_factory=Arithmetic)

    def verdict(self, step: Step, context: Context, scope: int) -> Verdict:
        """The verdict on a step, each statement judged once."""
        key = (scope, step.before, step.after, step.relation)
        verdict = self.verdicts.get(key)
        if verdict is None:
            verdict = self.verdicts[key] = self._judged(step, context)
        return verdict

    def _judged(self, step: Step, context: Context) -> Verdict:
        """The verdict, also where the verifier itself fails: a derivation is not lost by a step that is not decided."""
        try:
            statement = step.before, step.after, step.relation
            certain = self.arithmetic.decided(*statement, context) or _by_antiderivatives(
                step, context, self.antiderivatives)
            return certain or remembered(*statement, context, lambda known: _by_judges(*statement, known))
        except _FAILURES as error:
            return Verdict(Status.UNDECIDED, detail=f"the verifier failed: {type(error).__name__}: {error}")


def _by_antiderivatives(step: Step, context: Context, known: list[Hint]) -> Verdict | None:
    """A proof by the fundamental theorem, where the derivation has shown an antiderivative."""
    if step.relation != "=" or not known or not (has_integral(step.before) or has_integral(step.after)):
        return None
    clock = Clock(CHECK_SECONDS)
    meaning = Meaning(context, clock)
    try:
        offered = [(meaning.unfold(function), variable) for function, variable in known]
        sides = [integrated(meaning.unfold(n), offered, context.domains, clock) for n in (step.before, step.after)]
        found = equality(written_out(sides[0]), written_out(sides[1]), context.domains, clock)
    except (Undecidable, RecursionError):
        return None
    return replace(found, method="fundamental theorem") if found.status is Status.PROVED else None


def _chain(chain: Chain, context: Context, known: _Known, k: int) -> Part:
    if chain.where:
        context = context.including(*chain.where)
    scope = k if chain.where else -1
    return replace(chain, steps=tuple(_step(step, context, known, scope) for step in chain.steps))


def _step(step: Step, context: Context, known: _Known, scope: int) -> Step:
    finer = tuple(_step(s, context, known, scope) for s in step.steps)
    if _leads_through(step, finer):
        found = weakest([s.verdict for s in finer if s.verdict is not None])
        verdict = replace(found, method="by its finer steps", detail="")
    else:
        verdict = known.verdict(step, context, scope)
    return replace(step, verdict=verdict, steps=finer)


def _leads_through(step: Step, finer: tuple[Step, ...]) -> bool:
    """Whether proved equations lead from the step's left side to its right side without a gap."""
    if step.relation != "=" or not finer:
        return False
    if any(s.relation != "=" or s.verdict is None or s.verdict.status is not Status.PROVED for s in finer):
        return False
    ends = [step.before, *(s.after for s in finer)]
    return ends[-1] == step.after and all(s.before == end for s, end in zip(finer, ends, strict=False))
