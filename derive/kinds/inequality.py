r"""Inequalities with the case of equality: a chain by named rules, then when its ends are equal, in both directions.

The chain is that of an argument (:mod:`derive.kinds._argument_lines`). For each rule that gives something up the case
in which it gives up nothing is said (:data:`derive.rules.arguments.EQUALITY`). That the condition is sufficient is
derived: it is put into both ends, and these are shown equal. That it is necessary follows from the cases of the rules,
where they say so.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.arguing import route
from derive.errors import DeriveError, RefutedError
from derive.kinds._argument_instance import INSTANCE, instance_of, told
from derive.kinds._argument_lines import RULES, between, given_chain, given_rules, overall, reasons, untold
from derive.kinds._shared import context_of
from derive.problem import Field, Problem
from derive.rules.arguments import EQUALITY
from derive.steps import Chain, Context, Derivation, Heading, Level, Paragraph, Part, Prose, Result, Status, Step
from derive.tree import Call, Indexed, Node, Relation, Symbol, map_children, substitute
from derive.verify import verify_step
from derive.write.text import text

SUMMARY = "an inequality by named rules, with the case of equality argued in both directions"

FIELDS = (
    Field("claim", "formulas", "the inequality as a chain of lines with =, ≤ or ≥ between them", required=True,
          example=r"'-\mathrm{KL}(p \| q) \le 0'"),
    Field("equality", "formula", "the condition under which both ends are equal", example="'q(x) = p(x)'"),
    RULES,
    INSTANCE,
)


def solve(problem: Problem) -> Derivation:
    """Each claim, then the case of equality.

    RefutedError for a line that does not follow; DeriveError where the claim is no inequality, or where the condition
    is no equation.
    """
    given = problem.given
    context = context_of(dict(problem.domains))
    table = given_rules(given["rules"])
    parts: list[Part] = []
    results: list[Result] = []
    used: list[Step] = []
    claims = [_inequality(node) for node in given["claim"]]
    for claim in claims:
        steps = [step for k in range(len(claim.signs)) for step in between(claim, k, table, context)]
        used += steps
        parts += [Chain(tuple(steps)), *untold(steps)]
        name = f"inequality {len(results) + 1}" if len(claims) > 1 else "inequality"
        results.append(Result(name, _ends(claim)))
    parts += reasons(used)
    if given["equality"] is not None:
        more, sure = _equality(claims, used, _condition(given["equality"]), context)
        parts += more
        results += [Result("equality exactly where", given["equality"])] if sure else []
    if given["instance"] is not None:
        parts += told(claims, instance_of(given["instance"], problem.domains))
    asked: tuple[Prose, ...] = tuple(("to show: ", _ends(claim)) for claim in claims)
    if given["equality"] is not None:
        asked = (*asked, ("the case of equality",))
    return Derivation(problem.title, problem.kind, (), asked, tuple(parts), tuple(results), context)


def _inequality(node: Node) -> Relation:
    claim = given_chain(node)
    if overall(claim.signs) not in ("<=", ">="):
        raise DeriveError(f"{text(node)} is no inequality", 'write ≤ or ≥ in it; equalities are of the kind "argument"')
    return claim


def _ends(claim: Relation) -> Relation:
    return Relation((claim.sides[0], claim.sides[-1]), (overall(claim.signs),))


def _condition(node: Node) -> Relation:
    match node:
        case Relation((Call() | Symbol() | Indexed(), _), ("=",)):
            return node
    raise DeriveError(f"equality: {text(node)} is no equation for a density or a letter", "write 'q(x) = p(x)'")


# --- the case of equality ---------------------------------------------------------------------------


def _equality(
    claims: Sequence[Relation], used: Sequence[Step], condition: Relation, context: Context
) -> tuple[list[Part], bool]:
    """Sufficient: put in. Necessary: where each rule gives up nothing. And whether both are known."""
    parts: list[Part] = [Heading(("When are both ends equal?",))]
    found = [_sufficient(claim, condition, context) for claim in claims]
    parts += [part for more, _ in found for part in more]
    losses = [s for s in used if s.relation in ("<=", ">=")]
    told = [(s, EQUALITY[s.rule]) for s in losses if s.rule in EQUALITY]
    for step, case in told:
        parts.append(Paragraph((f"Conversely, in the line by {step.rule} there is equality only where {case}.",)))
    sure = all(known for _, known in found)
    necessary = bool(told) and len(told) == len(losses)
    if not sure:
        parts.append(Paragraph(("That the condition suffices is not shown.",), remark=True))
    elif necessary:
        parts.append(Paragraph(("So both ends are equal exactly where ", condition, ".")))
    else:
        parts.append(Paragraph(("That the condition is necessary is not shown.",), remark=True))
    return parts, sure and necessary


def _sufficient(claim: Relation, condition: Relation, context: Context) -> tuple[list[Part], bool]:
    """With the condition put in, the first end becomes the last; and whether that is known."""
    first, last = (_put_in(end, condition) for end in (claim.sides[0], claim.sides[-1]))
    told: Prose = ("If ", condition, ", then")
    verdict = verify_step(first, last, "=", context)
    if verdict.status is Status.REFUTED:
        ends = text(Relation((first, last), ("=",)))
        raise RefutedError(f"the condition {text(condition)} does not suffice: {ends} is false")
    steps = route(first, last)
    if steps is None:
        steps = [Step(first, last, "condition put in", "Both ends with the condition put in.", level=Level.ARGUMENT)]
    sure = verdict.status is Status.PROVED or len(steps) > 1
    return [Paragraph(told), Chain(tuple(steps))] if steps else [Paragraph((*told, " both ends are the same."))], sure


def _put_in(node: Node, condition: Relation) -> Node:
    """A letter replaced by its value, a density by another one, under its name too."""
    old, new = condition.sides
    if isinstance(old, Call) and isinstance(new, Call):
        return _renamed(node, old.name, new.name)
    return substitute(node, {old: new})


def _renamed(node: Node, old: str, new: str) -> Node:
    node = map_children(node, lambda part: _renamed(part, old, new))
    match node:
        case Call(name, args, order) if name == old:
            return Call(new, args, order)
        case Symbol() if node.plain == old:
            return Symbol(new)
    return node
