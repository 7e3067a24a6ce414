r"""Arguments: lines that follow from one another by named rules, under argmin, expectations, sums over data.

The lines are those of a chain of relations; the rules between them are found by :mod:`derive.arguing`. Every step is
judged by the verifier like any other, so a wrong line ends with a counter-example and not with a proof.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.arguing import REVERSED, route
from derive.errors import DeriveError, RefutedError
from derive.kinds._shared import context_of
from derive.problem import Field, Problem
from derive.rules import Rule
from derive.rules.arguments import ARGUMENTS, named
from derive.steps import Chain, Context, Derivation, Heading, Level, Paragraph, Part, Result, Status, Step
from derive.tree import Node, Relation
from derive.verify import verify_step
from derive.write.text import text

SUMMARY = "an argument, line by line, with the rule and the condition of every line"

FIELDS = (
    Field("claim", "formulas", "the claim as a chain: first line, lines in between if wanted, last line", required=True,
          example=r"'\arg\max_\theta p(\theta | x) = \arg\max_\theta (\log p(x | \theta) + \log p(\theta))'"),
    Field("rules", "any", "names of the rules that may be used; all when not given", example='["increasing function"]'),
)


def solve(problem: Problem) -> Derivation:
    """Each claim as one derivation from its first line to its last.

    RefutedError, with a model in which it fails, for a line that does not follow; DeriveError for a claim that is no
    chain, and for names of rules that there are not.
    """
    context = context_of(dict(problem.domains))
    table = _allowed(problem.given["rules"])
    claims = [_chain(node) for node in problem.given["claim"]]
    parts: list[Part] = []
    results: list[Result] = []
    for claim in claims:
        steps = [step for k in range(len(claim.signs)) for step in _between(claim, k, table, context)]
        parts.append(Chain(tuple(steps)))
        parts += _reasons(steps)
        parts += _untold(steps)
        name = f"claim {len(results) + 1}" if len(claims) > 1 else "claim"
        results.append(Result(name, Relation((claim.sides[0], claim.sides[-1]), (_overall(claim.signs),))))
    asked = tuple(("to show: ", Relation((c.sides[0], c.sides[-1]), (_overall(c.signs),))) for c in claims)
    return Derivation(problem.title, problem.kind, (), asked, tuple(parts), tuple(results), context)


# --- what is given ----------------------------------------------------------------------------------


def _allowed(given: object) -> Sequence[Rule]:
    if given is None:
        return ARGUMENTS
    names = [given] if isinstance(given, str) else list(given) if isinstance(given, list | tuple) else []
    known = {rule.name.casefold() for rule in ARGUMENTS}
    wrong = next((n for n in names if not isinstance(n, str) or n.casefold() not in known), None)
    if wrong is not None or not names:
        raise DeriveError(f"rules: there is no rule {wrong!r}", f"known are {', '.join(sorted(known))}")
    return named(names)


def _chain(node: Node) -> Relation:
    if isinstance(node, Relation) and set(node.signs) <= set(REVERSED):
        return node
    raise DeriveError(f"{text(node)} is not a chain of lines", "write the lines with =, ≈, ≤ or ≥ between them")


def _overall(signs: Sequence[str]) -> str:
    """What stands between the first line and the last. DeriveError where the signs point both ways."""
    strict = [s for s in dict.fromkeys(signs) if s != "="]
    if {"<=", ">="} <= set(strict) or len(strict) > 1:
        raise DeriveError(f"the signs {' and '.join(strict)} in one chain do not add up to a statement",
                          "make two claims of it")
    return strict[0] if strict else "="


# --- one line after another -------------------------------------------------------------------------


def _between(claim: Relation, k: int, table: Sequence[Rule], context: Context) -> list[Step]:
    """The steps from a line to the next; one step without a rule where no rules lead there."""
    before, after, sign = claim.sides[k], claim.sides[k + 1], claim.signs[k]
    steps = route(before, after, sign, table)
    if steps is not None:
        return steps
    verdict = verify_step(before, after, sign, context)
    if verdict.status is Status.REFUTED:
        raise RefutedError(_failing(before, after, sign, k, verdict.detail, verdict.witness), "which rule was meant?")
    return [Step(before, after, UNTOLD, "No rules lead there; the line itself is verified.", sign, Level.ARGUMENT)]


UNTOLD = "follows"


def _failing(before: Node, after: Node, sign: str, k: int, detail: str, witness: object) -> str:
    from derive.steps import Witness

    lines = [f"line {k + 2} does not follow from line {k + 1}: {text(Relation((before, after), (sign,)))} is false"]
    if isinstance(witness, Witness):
        at = ", ".join(f"{name} = {value}" for name, value in witness.point)
        lines += [f"  with {at}:" if at else "  both sides differ:", f"  left {witness.left}, right {witness.right}"]
    elif detail:
        lines.append(f"  {detail}")
    return "\n".join(lines)


def _reasons(steps: Sequence[Step]) -> list[Part]:
    """Why each rule may be used and what it asks for, once a rule."""
    rules = {rule.name: rule for rule in ARGUMENTS if rule.level >= Level.ALGEBRA}
    used = [rules[name] for name in dict.fromkeys(s.rule for s in steps) if name in rules]
    return [Heading(("Why each rule may be used",)), *map(_reason, used)] if used else []


def _reason(rule: Rule) -> Paragraph:
    needed = f" It needs: {rule.when}." if rule.when else ""
    return Paragraph((f"{rule.name[0].upper()}{rule.name[1:]}. {rule.reason}{needed}",))


def _untold(steps: Sequence[Step]) -> list[Part]:
    if all(step.rule != UNTOLD for step in steps):
        return []
    words = "The rules do not lead to a line marked “follows”; what is known of it is the verifier's own verdict."
    return [Paragraph((words,), remark=True)]
