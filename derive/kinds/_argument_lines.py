r"""The lines of an argument as steps: what the kinds ``argument`` and ``inequality`` share.

:func:`given_rules` and :func:`given_chain` read the fields; :func:`between` finds the steps from one line to the next;
:func:`reasons` says why each rule may be used.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.arguing import ARROWS, REVERSED, route
from derive.declarations import Declaration, declaration
from derive.errors import DeriveError, RefutedError
from derive.problem import Field
from derive.rules import Rule
from derive.rules.arguments import ARGUMENTS, knowing, named
from derive.rules.conclusions import EXPRESSIONS, Conclusion, conclusion
from derive.steps import Context, Heading, Level, Paragraph, Part, Prose, Status, Step, Witness
from derive.tree import Node, Relation, Statements
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
    """A claim as lines with relations between them. DeriveError for anything else.

    Lines that are statements, with ⇒ or ⇔ between them, may say several things: the commas between two arrows belong
    to one line.
    """
    node = _regrouped(node)
    if isinstance(node, Relation) and (set(node.signs) <= set(ARROWS) or set(node.signs) <= set(REVERSED) - {*ARROWS}):
        return node
    raise DeriveError(f"{text(node)} is not a chain of lines", "write the lines with =, ≈, ≤ or ≥ between them, "
                      "statements with ⇒ or ⇔")


def _regrouped(node: Node) -> Node:
    """``a => b, c => d`` as lines of one chain, where it was read as ``a => b`` and ``c => d``."""
    if not isinstance(node, Statements) or node.sign == "or":
        return node
    lines: list[list[Node]] = [[]]
    signs: list[str] = []
    for item in node.items:
        match item:
            case Relation(sides, arrows) if set(arrows) <= set(ARROWS):
                lines[-1].append(sides[0])
                lines += [[side] for side in sides[1:]]
                signs += arrows
            case _:
                lines[-1].append(item)
    made = tuple(Statements(tuple(line)) if len(line) > 1 else line[0] for line in lines)
    return Relation(made, tuple(signs)) if signs else node


def overall(signs: Sequence[str]) -> str:
    """What stands between the first line and the last. DeriveError where the signs point both ways."""
    if set(signs) <= set(ARROWS):
        return "=>" if "=>" in signs else "<=>"
    strict = [s for s in dict.fromkeys(signs) if s != "="]
    if {"<=", ">="} <= set(strict) or len(strict) > 1:
        raise DeriveError(f"the signs {' and '.join(strict)} in one chain do not add up to a statement",
                          "make two claims of it")
    return strict[0] if strict else "="


def first_to_last(claim: Relation) -> Prose:
    """The claim without the lines in between."""
    first, last = claim.sides[0], claim.sides[-1]
    if isinstance(first, Statements) or isinstance(last, Statements):
        return (first, " implies " if overall(claim.signs) == "=>" else " is equivalent to ", last)
    return (Relation((first, last), (overall(claim.signs),)),)


def result(claim: Relation) -> Node:
    """What a claim says in the end: the relation of its ends, of statements the last."""
    if overall(claim.signs) in ARROWS:
        return claim.sides[-1]
    return Relation((claim.sides[0], claim.sides[-1]), (overall(claim.signs),))


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
    steps = route(before, after, sign, knowing(table, negative, after))
    if steps is not None:
        return steps
    if (found := conclusion(before, after)) is not None:
        return [Step(before, after, found.name, found.reason, sign, Level.ALGEBRA)]
    return [Step(before, after, UNTOLD, "No rules lead there; the line itself is verified.", sign, Level.ARGUMENT)]


def _is_negative(said: Declaration) -> bool:
    return said.kind == "number" and said.high is not None and (said.high < 0 or (said.high == 0 and said.open_high))


def _failing(before: Node, after: Node, sign: str, k: int, detail: str, witness: object) -> str:
    if sign in ARROWS:
        said = f"{text(before)} {ARROWS[sign]} {text(after)}"
    else:
        said = text(Relation((before, after), (sign,)))
    lines = [f"line {k + 2} does not follow from line {k + 1}: {said} is false"]
    if isinstance(witness, Witness):
        at = ", ".join(f"{name} = {value}" for name, value in witness.point)
        lines += [f"  with {at}:" if at else "  both sides differ:", f"  left {witness.left}, right {witness.right}"]
    elif detail:
        lines.append(f"  {detail}")
    return "\n".join(lines)


def reasons(steps: Sequence[Step]) -> list[Part]:
    """Why each rule may be used and what it asks for, once a rule; a rule's different laws are told together."""
    known: tuple[Rule | Conclusion, ...] = (*(rule for rule in ARGUMENTS if rule.level >= Level.ALGEBRA), *EXPRESSIONS)
    rules = {(rule.name, rule.reason): rule for rule in known}
    used: dict[str, list[Rule | Conclusion]] = {}
    for step in _finest(steps):
        rule = rules.get((step.rule, step.reason))
        if rule is not None and rule.reason not in [r.reason for r in used.setdefault(rule.name, [])]:
            used[rule.name].append(rule)
    return [Heading(("Why each rule may be used",)), *map(_reason, used.values())] if used else []


def _finest(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield from _finest(step.steps) if step.steps else (step,)


def _reason(rules: Sequence[Rule | Conclusion]) -> Paragraph:
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
