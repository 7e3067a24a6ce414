"""Hints by level: the name of the rule, what it states, the first line of the answer."""

from __future__ import annotations

from functools import cache

from derive.documents._tree import Block, Text
from derive.errors import DeriveError
from derive.pattern import pattern
from derive.problem import Field
from derive.rules import Rule, algebra, arguments, bounds, calculus, forms, indices, interchange, likelihoods
from derive.steps import Prose, Step
from derive.tree import Node, Relation
from derive.worksheets._words import words
from derive.write.text import text

HINTS = Field(
    "hints", "integer", "how much help: 0 none, 1 the rule's name, 2 what it states, 3 how the answer begins",
    default=0, example="1", most=3,
)  # fmt: skip

_TABLES = (
    calculus.CALCULUS, algebra.ALGEBRA, forms.FORMS, arguments.ARGUMENTS, bounds.INEQUALITIES, indices.DIFFERENTIATION,
    interchange.INTERCHANGE, likelihoods.LOGARITHM_APART,
)


def hints(step: Step, level: int) -> tuple[Prose, ...]:
    """The hints to a step up to a level: its rule, the statement of the rule, the first line of working it out."""
    found: list[Prose] = [(step.rule,), _statement(step), _beginning(step)]
    return tuple(found[:level])


def said(label: str, given: tuple[Prose, ...], named: bool = True) -> list[Block]:
    """The hints for the page: the rule's name and its statement, and below them how the answer begins, which is long.

    ``named`` says that the name stands beside the gap already.
    """
    rule, statement, beginning = (*given, (), (), ())[:3]
    parts = [part for part in (() if named else rule, statement) if part]
    prose = [piece for k, part in enumerate(parts) for piece in ((". ",) if k else ()) + tuple(part)]
    found: list[Block] = [Text((words("hint", label=label), *prose))] if prose else []
    return [*found, Text((words("begins"), *beginning))] if beginning else found


def _statement(step: Step) -> Prose:
    """The laws that a step's name names, as formulas where they are patterns; else the sentence that explains it.

    A name that several laws have says nothing by itself.
    """
    names = step.rule.split(", ")
    laws = [law for name in names if (law := _laws().get(name)) is not None]
    if not laws or not _homonyms().isdisjoint(names):
        return (step.reason or step.rule,)
    prose: list[str | Node] = []
    for k, (node, reason) in enumerate(laws):
        prose += ["; "] if k else []
        prose += [node] if node is not None else [reason.rstrip(".")]
    return (*prose, ".")


def _beginning(step: Step) -> Prose:
    """The first of the finer lines that a step consists of; nothing where it is one stroke or would be the answer."""
    if len(step.steps) < 2 or text(step.steps[0].after) == text(step.after):
        return ()
    return (step.steps[0].after,)


@cache
def _laws() -> dict[str, tuple[Node | None, str]]:
    """By the name of a rule, and by the last idea in it, its law as a formula if it is one, and its sentence."""
    found: dict[str, tuple[Node | None, str]] = {}
    for table in _TABLES:
        for rule in table:
            found.setdefault(rule.name, (_law(rule), rule.reason))
            found.setdefault(rule.name.split(", ")[0], found[rule.name])
    return found


@cache
def _homonyms() -> frozenset[str]:
    """Names of several laws: linearity of sums and of means, the addition formulas of sine and cosine."""
    laws: dict[str, set[str]] = {}
    for table in _TABLES:
        for rule in table:
            laws.setdefault(rule.name, set()).add(rule.law.replace(r"\ln", r"\log"))
    return frozenset(name for name, several in laws.items() if len(several) > 1)


def _law(rule: Rule) -> Node | None:
    left, sign, right = rule.law.partition(" = ")
    if not (rule.left and sign):
        return None
    try:
        return Relation((pattern(left), pattern(right)), ("=",))
    except DeriveError:
        return None
