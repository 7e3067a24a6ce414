"""Hints by level: the name of the rule, what it states, how the answer begins.

A hint that has nothing to tell is left out: a statement that only repeats the name, a beginning that would be all.
Modes that show the answer among others take no more than :data:`UNTOLD` levels.
"""

from __future__ import annotations

import re
from functools import cache

from derive.documents._tree import Block, Text
from derive.errors import DeriveError
from derive.pattern import pattern
from derive.problem import Field
from derive.rules import Rule, algebra, arguments, bounds, calculus, forms, indices, interchange, likelihoods
from derive.steps import Prose, Step
from derive.tree import Dots, Matrix, Negative, Node, Relation, Sum, Vector
from derive.worksheets._words import words

HINTS = Field(
    "hints", "integer", "how much help: 0 none, 1 the rule's name, 2 what it states, 3 how the answer begins",
    default=0, example="1", most=3,
)  # fmt: skip

_TABLES = (
    calculus.CALCULUS, algebra.ALGEBRA, forms.FORMS, arguments.ARGUMENTS, bounds.INEQUALITIES, indices.DIFFERENTIATION,
    interchange.INTERCHANGE, likelihoods.LOGARITHM_APART,
)


UNTOLD = 2  # levels of hints that say nothing of the answer itself


def hints(step: Step, level: int) -> tuple[Prose, ...]:
    """The hints to a step up to a level: its rule, the statement of the rule, how the answer begins."""
    found: list[Prose] = [(step.rule,), _statement(step), _beginning(step.after)]
    return tuple(found[:level])


def said(label: str, given: tuple[Prose, ...], named: bool = True, begins: str = "begins") -> list[Block]:
    """The hints for the page: the rule's name and its statement, and below them how the answer begins, which is long.

    ``named`` says that the name stands beside the gap already, ``begins`` what the last hint is called: the beginning
    of the answer, or where to start from.
    """
    rule, statement, beginning = (*given, (), (), ())[:3]
    parts = [part for part in (() if named else rule, statement) if part]
    prose = [piece for k, part in enumerate(parts) for piece in ((". ",) if k else ()) + tuple(part)]
    called = words("hint", label=label)
    found: list[Block] = [Text((called, *prose))] if prose else []
    return [*found, Text((*(() if prose else (called,)), words(begins), *beginning))] if beginning else found


def _statement(step: Step) -> Prose:
    """The laws that a step's name names, as formulas where they are patterns; else the sentence that explains it.

    A name that several laws have says nothing by itself, and a sentence that says no more than the name is left out.
    """
    names = step.rule.split(", ")
    laws = [law for name in names if (law := _laws().get(name)) is not None]
    if not laws or not _homonyms().isdisjoint(names):
        return () if _bare(step.reason) <= _bare(step.rule) else (step.reason,)
    parts = dict.fromkeys(reason.rstrip(".") if node is None else node for node, reason in laws)
    prose: list[str | Node] = []
    for part in parts:
        both = prose and isinstance(part, Node) and isinstance(prose[-1], Node)
        prose += [words("; ") if both else ". ", part] if prose else [part]
    return (*prose, ".")


def _bare(sentence: str) -> set[str]:
    """The words of a sentence."""
    return set(re.findall(r"[^\W_]+", sentence.casefold()))


def _beginning(answer: Node) -> Prose:
    """The first term or entry of an answer, with dots for the others; nothing where that would be all of it."""
    match answer:
        case Sum((first, second, *_)):
            return (Sum((first, Negative(Dots()) if isinstance(second, Negative) else Dots())),)
        case Vector((first, _, *_)):
            return (Vector((first, Dots())),)
        case Matrix((row, _, *_)) if len(row) == 1:
            return (Matrix((row, (Dots(),))),)
        case Matrix(((first, _, *_), *others)):
            dots = (Dots(), Dots())
            return (Matrix(((first, Dots()), *([dots] if others else []))),)
    return ()


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
