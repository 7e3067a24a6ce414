r"""The lines of an argument as steps: what the kinds ``argument`` and ``inequality`` share.

:func:`given_rules` and :func:`given_chain` read the fields; :func:`between` finds the steps from one line to the next;
:func:`reasons` says why each rule may be used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.arguing import REVERSED, route
from derive.declarations import Declaration, declaration
from derive.errors import DeriveError, RefutedError
from derive.problem import Field
from derive.rules import Rule
from derive.rules.arguments import ARGUMENTS, knowing, named
from derive.steps import Context, Heading, Level, Paragraph, Part, Status, Step, Witness
from derive.tree import Node, Relation
from derive.verify import verify_step
from derive.write.text import text

RULES = Field("rules", "any", "names of the rules that may be used; all when not given",
              example='["increasing function"]')
UNTOLD = "follows"


# --- what is given ----------------------------------------------------------------------------------


def given_rules(given: object) -> Sequence[Rule]:
    """The rules with the names in the field :data:`RULES`. DeriveError for a name that there is not."""
    if given is None:
        return ARGUMENTS
    names = [given] if isinstance(given, str) else list(given) if isinstance(given, list | tuple) else []
    known = {rule.name.casefold() for rule in ARGUMENTS}
    wrong = next((n for n in names if not isinstance(n, str) or n.casefold() not in known), None)
    if wrong is not None or not names:
        raise DeriveError(f"rules: there is no rule {wrong!r}", f"known are {', '.join(sorted(known))}")
    return named(names)


def given_chain(node: Node) -> Relation:
    """A claim as lines with relations between them. DeriveError for anything else."""
    if isinstance(node, Relation) and set(node.signs) <= set(REVERSED):
        return node
    raise DeriveError(f"{text(node)} is not a chain of lines", "write the lines with =, ≈, ≤ or ≥ between them")


def overall(signs: Sequence[str]) -> str:
    """What stands between the first line and the last. DeriveError where the signs point both ways."""
    strict = [s for s in dict.fromkeys(signs) if s != "="]
    if {"<=", ">="} <= set(strict) or len(strict) > 1:
        raise DeriveError(f"the signs {' and '.join(strict)} in one chain do not add up to a statement",
                          "make two claims of it")
    return strict[0] if strict else "="


# --- one line after another -------------------------------------------------------------------------


def between(claim: Relation, k: int, table: Sequence[Rule], context: Context) -> list[Step]:
    """The steps from a line to the next; one step without a rule where no rules lead there.

    RefutedError, with a model in which it fails, for a line that does not follow.
    """
    before, after, sign = claim.sides[k], claim.sides[k + 1], claim.signs[k]
    verdict = verify_step(before, after, sign, context)
    if verdict.status is Status.REFUTED:
        raise RefutedError(_failing(before, after, sign, k, verdict.detail, verdict.witness), "which rule was meant?")
    negative = {s for s, domain in context.domains.items() if _is_negative(declaration(domain))}
    steps = route(before, after, sign, knowing(table, negative))
    if steps is not None:
        return steps
    return [Step(before, after, UNTOLD, "No rules lead there; the line itself is verified.", sign, Level.ARGUMENT)]


def _is_negative(said: Declaration) -> bool:
    return said.kind == "number" and said.high is not None and (said.high < 0 or (said.high == 0 and said.open_high))


def _failing(before: Node, after: Node, sign: str, k: int, detail: str, witness: object) -> str:
    lines = [f"line {k + 2} does not follow from line {k + 1}: {text(Relation((before, after), (sign,)))} is false"]
    if isinstance(witness, Witness):
        at = ", ".join(f"{name} = {value}" for name, value in witness.point)
        lines += [f"  with {at}:" if at else "  both sides differ:", f"  left {witness.left}, right {witness.right}"]
    elif detail:
        lines.append(f"  {detail}")
    return "\n".join(lines)


def reasons(steps: Sequence[Step]) -> list[Part]:
    """Why each rule may be used and what it asks for, once a rule; a rule's different laws are told together."""
    rules = {(rule.name, rule.reason): rule for rule in ARGUMENTS if rule.level >= Level.ALGEBRA}
    used: dict[str, list[Rule]] = {}
    for step in _finest(steps):
        rule = rules.get((step.rule, step.reason))
        if rule is not None and rule.reason not in [r.reason for r in used.setdefault(rule.name, [])]:
            used[rule.name].append(rule)
    return [Heading(("Why each rule may be used",)), *map(_reason, used.values())] if used else []


def _finest(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield from _finest(step.steps) if step.steps else (step,)


def _reason(rules: Sequence[Rule]) -> Paragraph:
    name = rules[0].name
    why = " ".join(rule.reason for rule in rules)
    needed = "; ".join(dict.fromkeys(rule.when for rule in rules if rule.when))
    return Paragraph((f"{name[0].upper()}{name[1:]}. {why}" + (f" It needs: {needed}." if needed else ""),))


def untold(steps: Sequence[Step]) -> list[Part]:
    """A remark where a line follows by no rule."""
    if all(step.rule != UNTOLD for step in steps):
        return []
    words = "The rules do not lead to a line marked “follows”; what is known of it is the verifier's own verdict."
    return [Paragraph((words,), remark=True)]
