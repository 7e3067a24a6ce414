r"""True/false and choice questions: verdict and reason for each item, and formulas that the program itself decides.

An item's ``claims`` are the item written in formulas: the program proves or refutes them, with a counter-example, and
what comes out must agree with the answer given. Its ``facts`` are formulas that the reason rests on; they are steps
like all others. What is a matter of words has the author's reason and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derive.errors import DeriveError, RefutedError, about
from derive.kinds._shared import context_of
from derive.problem import Field, Problem
from derive.read.fields import type_name
from derive.steps import (
    Chain,
    Context,
    Derivation,
    Formula,
    Heading,
    Level,
    Paragraph,
    Part,
    Prose,
    Result,
    Status,
    Step,
    Table,
    Verdict,
)
from derive.tree import Node, Relation, number
from derive.verify import verify_statement
from derive.write.text import text

SUMMARY = "true/false and choice questions, with reasons, and claims that are proved or refuted"

FIELDS = (
    Field("items", "any", "the items: text, answer (true, false or the letter of an option), reason, options if any",
          required=True, example="[{text = 'The sigmoid is never 0.', answer = true, reason = 'It is positive.'}]"),
    Field("claims", "formula_table", "items in formulas, by their number: the program decides them", default={},
          example=r"{1 = '\sigma(x) > 0'}"),
    Field("facts", "formula_table", "formulas that the reason of an item rests on, by its number", default={},
          example=r"{1 = 'e^{-x} > 0'}"),
    Field("given_answers", "any", "answers of somebody, to be marked", example="[true]"),
)


@dataclass(frozen=True)
class _Item:
    """A statement or a question. ``options`` is empty for a statement, whose ``answer`` is then true or false."""

    text: str
    answer: bool | str
    reason: str
    options: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """The right answer in one word."""
        return self.answer if isinstance(self.answer, str) else "true" if self.answer else "false"

    @property
    def spoken(self) -> str:
        """The answer at the beginning of a sentence."""
        return f"Answer {self.answer}" if isinstance(self.answer, str) else self.verdict.capitalize()


def solve(problem: Problem) -> Derivation:
    """Item by item.

    DeriveError for an item that is not complete; RefutedError where the program's verdict on a claim contradicts the
    answer, or a fact is false.
    """
    given = problem.given
    with about("items"):
        items = [_item(entry, k) for k, entry in enumerate(_listed(given["items"]), 1)]
    context = context_of(dict(problem.domains))
    claims, facts = (_by_number(given[key], len(items), key) for key in ("claims", "facts"))
    parts: list[Part] = []
    for k, item in enumerate(items, 1):
        parts += _told(item, k, claims.get(k, ()), facts.get(k, ()), context)
    more, marks = _marked(items, given["given_answers"])
    asked: Prose = ("for each item the answer and its reason",)
    return Derivation(problem.title, problem.kind, (), (asked,), (*parts, *more), (*_results(items), *marks), context)


# --- what is given ----------------------------------------------------------------------------------


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise DeriveError("items: expected a list of tables",
                          "items = [{text = '…', answer = true, reason = '…'}], or [[problem.given.items]]")
    return value


def _item(entry: Any, k: int) -> _Item:
    if not isinstance(entry, Mapping):
        raise DeriveError(f"item {k}: expected a table with text, answer and reason, found {type_name(entry)}")
    unknown = sorted(entry.keys() - {"text", "answer", "reason", "options"})
    if unknown:
        raise DeriveError(f'item {k}: "{unknown[0]}" is not known here', "an item has text, answer, reason, options")
    for key in ("text", "reason"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise DeriveError(f"item {k}: its {key} is missing", f"{key} = '…'")
    options = entry.get("options", [])
    if not isinstance(options, list) or not all(isinstance(o, str) for o in options):
        raise DeriveError(f"item {k}: options: expected a list of texts")
    return _Item(entry["text"], _answer(entry.get("answer"), len(options), k), entry["reason"], tuple(options))


def _answer(value: Any, options: int, k: int) -> bool | str:
    """True or false of a statement, the letter of an option of a question."""
    if not options:
        if isinstance(value, bool):
            return value
        raise DeriveError(f"item {k}: its answer must be true or false", "answer = false; or give options")
    letters = LETTERS[:options]
    if isinstance(value, str) and len(value) == 1 and value.lower() in letters:
        return value.lower()
    raise DeriveError(f"item {k}: its answer must be one of the letters {letters[0]} to {letters[-1]}", 'answer = "b"')


LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _by_number(given: Mapping[str, tuple[Node, ...]], count: int, key: str) -> dict[int, tuple[Node, ...]]:
    for name in given:
        if not (name.isdecimal() and 1 <= int(name) <= count):
            raise DeriveError(f"{key}: there is no item {name}", f"the items are numbered 1 to {count}")
    return {int(name): formulas for name, formulas in given.items()}


# --- one item ---------------------------------------------------------------------------------------


def _told(item: _Item, k: int, claims: Sequence[Node], facts: Sequence[Node], context: Context) -> list[Part]:
    parts: list[Part] = [Heading((f"Item {k}: {item.verdict}",)), Paragraph((item.text,))]
    parts += [Paragraph((f"{letter}) {option}",)) for letter, option in zip(LETTERS, item.options, strict=False)]
    verdicts = [verify_statement(claim, context) for claim in claims]
    _agreeing(item, k, claims, verdicts)
    for claim, verdict in zip(claims, verdicts, strict=True):
        parts += _decided(claim, verdict)
    parts.append(Paragraph((f"{item.spoken}: {item.reason}",)))
    for fact in facts:
        verdict = verify_statement(fact, context)
        if verdict.status is Status.REFUTED:
            raise RefutedError(f"item {k}: the fact {text(fact)} is false{_where(verdict)}", "the reason rests on it")
        parts += _as_steps(fact, "what the reason rests on")
    return parts


def _agreeing(item: _Item, k: int, claims: Sequence[Node], verdicts: Sequence[Verdict]) -> None:
    """The program's verdict on the claims and the answer given say the same, where there is a verdict."""
    if not claims or isinstance(item.answer, str):
        return
    refuted = next((c for c, v in zip(claims, verdicts, strict=True) if v.status is Status.REFUTED), None)
    if item.answer and refuted is not None:
        verdict = verdicts[list(claims).index(refuted)]
        raise RefutedError(f"item {k} is said to be true, but {text(refuted)} is false{_where(verdict)}")
    if not item.answer and all(v.status is Status.PROVED for v in verdicts):
        raise RefutedError(f"item {k} is said to be false, but {text(claims[0])} is proved")


def _decided(claim: Node, verdict: Verdict) -> list[Part]:
    """A claim with what the program found out about it."""
    if verdict.status is Status.REFUTED:
        return [Paragraph(("As a formula: ", claim, f". This is false{_where(verdict)}.",))]
    return [Paragraph(("As a formula:",)), *_as_steps(claim, "the claim")]


def _as_steps(statement: Node, rule: str) -> list[Part]:
    """A relation as a chain of steps, judged like any other; another statement as it stands."""
    if not isinstance(statement, Relation):
        return [Formula(statement)]
    pairs = zip(statement.sides, statement.sides[1:], statement.signs, strict=False)
    return [Chain(tuple(Step(a, b, rule, "", sign, Level.ARGUMENT) for a, b, sign in pairs))]


def _where(verdict: Verdict) -> str:
    """The counter-example in words."""
    if verdict.witness is None:
        return f": {verdict.detail}" if verdict.detail else ""
    at = ", ".join(f"{name} = {value}" for name, value in verdict.witness.point)
    values = f"the left side is {verdict.witness.left}, the right side {verdict.witness.right}"
    return f": at {at} {values}" if at else f": {values}"


# --- all items --------------------------------------------------------------------------------------


def _results(items: Sequence[_Item]) -> list[Result]:
    found = [Result(f"item {k}", None, number=item.verdict) for k, item in enumerate(items, 1)]
    if all(isinstance(item.answer, bool) for item in items):
        wrong = ", ".join(str(k) for k, item in enumerate(items, 1) if item.answer is False)
        found.append(Result("false statements", None, number=wrong or "none"))
    return found


def _marked(items: Sequence[_Item], given: Any) -> tuple[list[Part], list[Result]]:
    """Somebody's answers beside the right ones."""
    if given is None:
        return [], []
    if not isinstance(given, list) or len(given) != len(items):
        raise DeriveError(f"given_answers: expected {len(items)} answers, one for each item")
    said = [_answer(value, len(item.options), k) for k, (value, item) in enumerate(zip(given, items, strict=True), 1)]
    marks = [answer == item.answer for answer, item in zip(said, items, strict=True)]
    header: tuple[Prose, ...] = (("item",), ("answer",), ("right answer",), ("mark",))
    rows = tuple(((str(k),), (_word(answer),), (item.verdict,), ("right" if mark else "wrong",))
                 for k, (answer, item, mark) in enumerate(zip(said, items, marks, strict=True), 1))
    words = f"{sum(marks)} of {len(marks)} answers are right."
    table = Table(header, rows, ("The answers given and the right ones.",))
    return [Heading(("The answers given",)), table, Paragraph((words,))], [
        Result("number of correct answers", number(sum(marks)))
    ]


def _word(answer: bool | str) -> str:
    return answer if isinstance(answer, str) else str(answer).lower()
