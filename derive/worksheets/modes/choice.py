"""One right answer among wrong ones that slips lead to: about the result of the problem, or about a step.

All answers differ in value, and each wrong one is refuted by the verifier. Where the right one stands is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from derive.documents._tree import Block, Choices, Row, Rows, Text
from derive.errors import DeriveError
from derive.limits import MISTAKES_TRIED
from derive.problem import Field
from derive.steps import Derivation, Prose, Step
from derive.tree import Hole, Node
from derive.worksheets._chance import shuffled
from derive.worksheets._words import words, worth
from derive.worksheets.mistakes import best, mistakes
from derive.worksheets.model import Exercise, Gap, Mistake, Variant
from derive.worksheets.modes._chains import Stretch, stretches, where
from derive.worksheets.modes._hints import HINTS, hints, said
from derive.worksheets.modes._lines import filled, page
from derive.worksheets.modes._points import shares
from derive.worksheets.modes._results import Asked, asked
from derive.worksheets.modes._visible import counted, page_texts

SUMMARY = "one right answer among the results of slips"

LEAST = 2
FEW = 2  # wrong answers that a question has, where there is one with as many
_SPARE = 4  # questions with fewer that are passed over

FIELDS = (
    Field("choices", "integer", "at most so many answers to choose from", default=4, least=LEAST, most=8),
    Field("questions", "integer", "how many questions", default=1, least=1, most=10),
    Field("about", "choice", "what is asked about: results first, results only, or steps only", default="any",
          choices=("any", "result", "step")),
    HINTS,
)


@dataclass(frozen=True, slots=True)
class _Question:
    """A question: what it asks, the line below it (for a step), the right answer, and where it comes from."""

    prose: Prose
    shown: Row | None
    answer: Node
    step: Step
    stretch: Stretch
    result: Asked | None = None

    def mistakes(self, points: Fraction, most: int) -> tuple[Mistake, ...]:
        if self.result is not None:
            found = self.result.mistakes(points, most + 1, MISTAKES_TRIED)
        else:
            found = mistakes(self.step, self.stretch.context, points, most + 1, MISTAKES_TRIED)
        return best(found, most, self.answer)


def exercise(variant: Variant, options: Mapping[str, Any], random: Random) -> Exercise:
    """Questions about a variant with answers to choose from. DeriveError where no wrong answers can be found."""
    given = filled(options, FIELDS)
    derivation = variant.derivation
    chosen = _chosen(_questions(derivation, given["about"], random), given["questions"], given["choices"] - 1)
    if not chosen:
        raise DeriveError(f"{variant.problem.title}: there are no wrong answers to choose from",
                          "take another mode for this problem, or ask about something else")
    parts = shares(variant.item.points, [1] * len(chosen))
    gaps: list[Gap] = []
    blocks: list[Block] = []
    for k, ((question, wrong), points) in enumerate(zip(chosen, parts, strict=True), 1):
        gap = _gap(str(k), question, wrong, points, given["hints"], random)
        gaps.append(gap)
        number = f"({k}) " if len(chosen) > 1 else ""
        blocks.append(Text((number, *question.prose, words("choice"), worth(points))))
        blocks += [Rows((question.shown,))] if question.shown is not None else []
        blocks.append(Choices(gap.choices))
        if told := where(question.stretch, derivation, *(m.wrong for m in wrong)):
            blocks.append(Text(told))
        if gap.hints:
            blocks.append(Text((words("hint", label=gap.label), *gap.hints[0], ". ", *said("", gap.hints)[1:])))
    return Exercise(variant, "choice", page(derivation, blocks), tuple(gaps))


def _chosen(
    questions: Iterator[_Question], count: int, most: int,
) -> list[tuple[_Question, tuple[Mistake, ...]]]:
    """The first questions with wrong answers; those with a single one only where there are too few others."""
    chosen: list[tuple[_Question, tuple[Mistake, ...]]] = []
    spare: list[tuple[_Question, tuple[Mistake, ...]]] = []
    for question in questions:
        wrong = question.mistakes(Fraction(1), most)
        if len(wrong) >= min(most, FEW):
            chosen.append((question, wrong))
        elif wrong:
            spare.append((question, wrong))
        if len(chosen) == count or len(chosen) + len(spare) >= count + _SPARE:
            break
    return [*chosen, *spare][:count]


def _questions(derivation: Derivation, about: str, random: Random) -> Iterator[_Question]:
    """Results, then steps, each in an order by chance; nothing that the problem itself says."""
    posed = page_texts(page(derivation, ()))
    results = [q for q in _about_results(derivation) if not counted(q.answer, posed)]
    steps = [q for q in _about_steps(derivation) if not counted(q.answer, posed)]
    yield from shuffled(random, results) if about != "step" else ()
    yield from shuffled(random, steps) if about != "result" else ()


def _about_results(derivation: Derivation) -> Iterator[_Question]:
    for result in asked(derivation):
        if result.value is not None and result.chain is not None:
            stretch = Stretch(result.chain.steps, result.chain, result.context)
            step = result.first or stretch.steps[0]
            named: Prose = (f"{result.name} = ?",)
            prose = (words("what is"), result.label, "?") if result.label is not None else named
            yield _Question(prose, None, result.value, step, stretch, result)


def _about_steps(derivation: Derivation) -> Iterator[_Question]:
    for stretch in stretches(derivation):
        for step in stretch.steps:
            if step.relation != ":=":
                alone = Stretch((step,), stretch.chain, stretch.context)
                prose: Prose = (words("what follows"),)
                yield _Question(prose, Row(step.before, step.relation, Hole()), step.after, step, alone)


def _gap(
    label: str, question: _Question, wrong: tuple[Mistake, ...], points: Fraction, level: int, random: Random,
) -> Gap:
    """The answers in an order by chance."""
    answers: list[Mistake | None] = shuffled(random, [None, *wrong])
    choices = tuple((question.answer if m is None else m.wrong,) for m in answers)
    shown = {k: Mistake(m.wrong, m.slip, m.reason, points) for k, m in enumerate(answers) if m is not None}
    return Gap(label, question.answer, points, question.prose, question.step.rule, hints(question.step, level),
               tuple(shown.values()), choices, (answers.index(None),), shown, question.step)
