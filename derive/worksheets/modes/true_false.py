"""Statements about the derivation, to tick where they are true.

True ones are steps and results of the derivation; false ones are the same with what a slip makes of them, refuted by
the verifier. How many are false is drawn, at least one of each; the key says what went wrong in each false one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

from derive.documents._tree import Block, Choices, Text
from derive.errors import DeriveError
from derive.limits import MISTAKES_IN_EXERCISE
from derive.problem import Field
from derive.steps import Context, Derivation, Step
from derive.tree import Node, Relation, walk
from derive.worksheets._chance import between, one_of, shuffled
from derive.worksheets._words import words, worth
from derive.worksheets.mistakes import mistakes
from derive.worksheets.model import Exercise, Gap, Mistake, Variant
from derive.worksheets.modes._chains import Stretch, stretches, where
from derive.worksheets.modes._hints import HINTS, hints, said
from derive.worksheets.modes._lines import filled, page, question_page
from derive.worksheets.modes._points import shares
from derive.worksheets.modes._results import Asked, asked
from derive.worksheets.modes._visible import formulas, page_texts
from derive.write.text import text

SUMMARY = "statements: which are true?"

LEAST = 2

FIELDS = (
    Field("statements", "integer", "how many statements", default=4, least=LEAST, most=12),
    Field("false", "integer", "how many of them are false; drawn by chance where nothing is said", least=0, most=12),
    HINTS,
)

_LONGEST = 60  # nodes of a statement; a longer one fits no line


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a statement is about: an equation of the derivation, the step that it is or ends with, and its context."""

    left: Node
    sign: str
    right: Node
    step: Step
    context: Context
    stretch: Stretch
    result: Asked | None = None

    def mistakes(self, points: Fraction, tried: int) -> tuple[Mistake, ...]:
        if self.result is not None:
            return self.result.mistakes(points, 2, tried)
        return mistakes(self.step, self.context, points, 2, tried)

    def stated(self, right: Node) -> Relation:
        return Relation((self.left, right), (self.sign,))


def exercise(variant: Variant, options: Mapping[str, Any], random: Random) -> Exercise:
    """True and false statements about a variant. DeriveError where there are not enough to state."""
    given = filled(options, FIELDS)
    derivation = variant.derivation
    count = given["statements"]
    subjects = shuffled(random, list(_subjects(derivation)))
    if len(subjects) < LEAST:
        raise DeriveError(f"{variant.problem.title}: there are too few steps to make statements of",
                          "take another mode for this problem")
    count = min(count, len(subjects))
    wanted = between(random, 1, count - 1) if given["false"] is None else min(given["false"], count)
    chosen = _chosen(subjects, count, wanted, variant.item.points, random)
    if wanted and not any(wrong for _, wrong in chosen):
        raise DeriveError(f"{variant.problem.title}: no false statement was found",
                          "take another mode for this problem")
    chosen = shuffled(random, chosen)
    parts = shares(variant.item.points, [1] * len(chosen))
    gaps = tuple(
        _gap(chr(ord("a") + k), subject, wrong, points, given["hints"])
        for k, ((subject, wrong), points) in enumerate(zip(chosen, parts, strict=True))
    )
    blocks: list[Block] = [
        Text((words("statements"), worth(variant.item.points))), Choices(tuple(g.question for g in gaps)),
    ]
    blocks += [Text(told) for told in _explained(derivation, chosen)]
    blocks += [Text(help_) for gap in gaps if (help_ := said(gap.label, gap.hints))]
    return Exercise(variant, "true-false", question_page(derivation, blocks), gaps)


def _subjects(derivation: Derivation) -> Iterator[_Subject]:
    """Steps and results that can be stated in a line, each once, none that the problem itself says."""
    posed = {line for alone, _ in page_texts(page(derivation, ())) for line in alone}
    seen: set[str] = set()
    for subject in _all_subjects(derivation):
        words_of_it = text(subject.stated(subject.right))
        short = sum(1 for _ in walk(subject.stated(subject.right))) <= _LONGEST
        if short and subject.left != subject.right and words_of_it not in seen | posed:
            seen.add(words_of_it)
            yield subject


def _all_subjects(derivation: Derivation) -> Iterator[_Subject]:
    for result in asked(derivation):
        if result.label is not None and result.value is not None and result.chain is not None:
            steps = result.chain.steps
            whole = Stretch(steps, result.chain, result.context)
            yield _Subject(result.label, "=", result.value, steps[-1], result.context, whole, result)
    for stretch in stretches(derivation):
        for step in stretch.steps:
            if step.relation != ":=":
                yield _Subject(step.before, step.relation, step.after, step, stretch.context, stretch)


def _chosen(
    subjects: list[_Subject], count: int, wanted: int, points: Fraction, random: Random,
) -> list[tuple[_Subject, Mistake | None]]:
    """So many subjects, the wanted number of them with a mistake where so many can be found."""
    each = max(2, MISTAKES_IN_EXERCISE // max(1, 2 * wanted))
    false: list[tuple[_Subject, Mistake | None]] = []
    true: list[tuple[_Subject, Mistake | None]] = []
    for k, subject in enumerate(subjects):
        if len(false) == wanted or k >= 4 * count:
            true += [(other, None) for other in subjects[k:]]
            break
        wrong = subject.mistakes(points, each)
        if wrong:
            false.append((subject, one_of(random, wrong)))
        else:
            true.append((subject, None))
    return [*false, *true[: count - len(false)]]


def _gap(label: str, subject: _Subject, wrong: Mistake | None, points: Fraction, level: int) -> Gap:
    stated = subject.stated(subject.right if wrong is None else wrong.wrong)
    told = None if wrong is None else replace(wrong, lost=points)
    return Gap(
        label, None if wrong is None else subject.stated(subject.right), points, (stated,), subject.step.rule,
        hints(subject.step, level), (told,) if told is not None else (),
        ((words("true"),), (words("false"),)), (0 if wrong is None else 1,), {0: told} if told is not None else {},
        subject.step,
    )


def _explained(derivation: Derivation, chosen: list[tuple[_Subject, Mistake | None]]) -> list[tuple[str | Node, ...]]:
    """What the names in the statements stand for, each said once."""
    stated = [subject.stated(subject.right if wrong is None else wrong.wrong) for subject, wrong in chosen]
    said_already: set[str] = set()
    found: list[tuple[str | Node, ...]] = []
    for (subject, _), statement in zip(chosen, stated, strict=True):
        alone = replace(subject.stretch, steps=(subject.step,))
        told = where(alone, derivation, statement)
        new = [node for node in formulas(told) if text(node) not in said_already]
        said_already |= {text(node) for node in new}
        if new:
            found.append(_listed(new))
    return found


def _listed(nodes: list[Node]) -> tuple[str | Node, ...]:
    prose: list[str | Node] = []
    for k, node in enumerate(nodes):
        prose += [", " if k else words("where"), node]
    return (*prose, ".")

