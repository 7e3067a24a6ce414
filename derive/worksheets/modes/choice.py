"""One right answer among wrong ones that slips lead to: about the result of the problem, or about a step.

All answers differ in value, and each wrong one is refuted by the verifier. Where the right one stands is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from derive.documents._tree import Block, Choices, Row, Rows, Text
from derive.errors import DeriveError
from derive.limits import MISTAKES_TRIED
from derive.problem import Field
from derive.steps import Definition, Derivation, Prose, Step
from derive.tree import Hole, Node
from derive.worksheets._chance import shuffled
from derive.worksheets._words import Said, words, worth
from derive.worksheets.mistakes import best, mistakes
from derive.worksheets.model import Exercise, Gap, Mistake, Variant
from derive.worksheets.modes._chains import Stretch, defining, in_words, is_conversion, stretches
from derive.worksheets.modes._hints import HINTS, UNTOLD, hints, said
from derive.worksheets.modes._labels import PREPOSITIONS, beside, posed, without, worded
from derive.worksheets.modes._letters import Letters, letters
from derive.worksheets.modes._lines import filled, page
from derive.worksheets.modes._plausible import plausible
from derive.worksheets.modes._points import shares
from derive.worksheets.modes._results import Asked, asked
from derive.worksheets.modes._visible import counted, formulas, page_texts, printed

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

    def mistakes(self, points: Fraction, most: int, known: Letters) -> tuple[Mistake, ...]:
        """Wrong answers that may be right for all that one sees, in letters that are explained."""
        if self.result is not None:
            found = self.result.mistakes(points, most + 1, MISTAKES_TRIED)
        else:
            found = mistakes(self.step, self.stretch.context, points, most + 1, MISTAKES_TRIED)
        name = self.result.name if self.result is not None else ""
        likely = plausible(found, self.answer, [step.before for step in self.stretch.steps], name)
        clear = [m for m in likely if not known.strange(m.wrong, self.told(known, m.wrong))]
        return best(clear, most, self.answer)

    def told(self, known: Letters, *wrong: Node) -> list[Definition]:
        """The definitions of letters in the question and its answers.

        About a step those that one needs for it; about a result none that works out a part of it.
        """
        if self.shown is not None:
            used = (*self._formulas, *wrong)
            return defining(self.stretch.context, used, known.said, {printed(self.answer)})
        found = defining(self.stretch.context, (*self._formulas, *wrong), known.said)
        return [definition for definition in found if not known.gives_away(definition)]

    @property
    def _formulas(self) -> Iterator[Node]:
        yield from formulas(self.prose)
        yield self.answer
        if self.shown is not None and self.shown.left is not None:
            yield self.shown.left

    def is_clear(self, known: Letters) -> bool:
        """Whether the exercise explains the letters of the question and its answer, or the question does."""
        told = self.told(known)
        asked_for = () if self.result is not None and _says_more(self.prose) else formulas(self.prose)
        shown = () if self.shown is None or self.shown.left is None else (self.shown.left,)
        return not any(known.strange(node, told) for node in (*asked_for, *shown, self.answer))

    def tells(self, answer: Node) -> bool:
        """Whether the question says an answer that another one asks for."""
        if self.result is None:
            return self.shown is not None and self.shown.left == answer
        kept = [(answer, Hole())]
        label = self.result.label
        in_label = label is not None and without(label, kept) != label
        return in_label or any(isinstance(part, Hole) for part in worded(self.result.name, kept))


def exercise(variant: Variant, options: Mapping[str, Any], random: Random) -> Exercise:
    """Questions about a variant with answers to choose from. DeriveError where no wrong answers can be found."""
    given = filled(options, FIELDS)
    derivation = variant.derivation
    known = letters(derivation)
    questions = _questions(derivation, given["about"], known, random)
    chosen = _chosen(questions, given["questions"], given["choices"] - 1, known)
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
        if told := in_words(question.told(known, *(m.wrong for m in wrong))):
            blocks.append(Text(told))
        blocks += said(gap.label, gap.hints, named=False)
    return Exercise(variant, "choice", page(derivation, blocks), tuple(gaps))


def _chosen(
    questions: Iterator[_Question], count: int, most: int, known: Letters,
) -> list[tuple[_Question, tuple[Mistake, ...]]]:
    """The first questions with wrong answers; those with a single one only where there are too few others.

    No question says the answer to another.
    """
    chosen: list[tuple[_Question, tuple[Mistake, ...]]] = []
    spare: list[tuple[_Question, tuple[Mistake, ...]]] = []
    for question in questions:
        others = [other for other, _ in (*chosen, *spare)]
        if any(other.tells(question.answer) or question.tells(other.answer) for other in others):
            continue
        wrong = question.mistakes(Fraction(1), most, known)
        if len(wrong) >= min(most, FEW):
            chosen.append((question, wrong))
        elif wrong:
            spare.append((question, wrong))
        if len(chosen) == count or len(chosen) + len(spare) >= count + _SPARE:
            break
    return [*chosen, *spare][:count]


def _questions(derivation: Derivation, about: str, known: Letters, random: Random) -> Iterator[_Question]:
    """Results, then steps, each in an order by chance; nothing that the problem itself says."""
    posed_texts = page_texts(known.page)
    found = {"result": _about_results(derivation, posed(known.page)), "step": _about_steps(derivation)}
    for subject, possible in found.items():
        if about in ("any", subject):
            clear = (q for q in possible if not counted(q.answer, posed_texts) and q.is_clear(known))
            yield from shuffled(random, list(clear))


def _about_results(derivation: Derivation, known: frozenset[Node]) -> Iterator[_Question]:
    results = asked(derivation)
    for result in results:
        if result.value is not None and result.chain is not None:
            stretch = Stretch(result.chain.steps, result.chain, result.context)
            step = result.first or stretch.steps[0]
            others = [r.value for r in results if r.value is not None and r is not result and r.value not in known]
            yield _Question(_called(result, known, others), None, result.value, step, stretch, result)


def _called(result: Asked, known: frozenset[Node], others: Sequence[Node]) -> Prose:
    """The question for a result: by its label, with the words that are needed besides; in words where these tell more.

    A label that holds another result, as ``ℓ(4)`` does, is said in words.
    """
    if result.label is None:
        return (f"{result.name} = ?",)
    said_besides = beside(result.name, result.label)
    if said_besides.partition(" ")[0] in PREPOSITIONS:
        return (words("what is"), result.label, f" {said_besides}", words("?"))
    if said_besides and without(result.label, [(other, Hole()) for other in others]) != result.label:
        return (f"{said_besides} = ?",)
    if said_besides and result.label not in known:
        return (words("what is"), result.label, f" ({said_besides})", words("?"))
    return (words("what is"), result.label, words("?"))


def _says_more(prose: Prose) -> bool:
    """Whether a question has words for what it asks."""
    return any(isinstance(part, str) and not isinstance(part, Said) for part in prose)


def _about_steps(derivation: Derivation) -> Iterator[_Question]:
    """Steps that take some work; to write a fraction as a decimal is none."""
    for stretch in stretches(derivation):
        for step in stretch.steps:
            if step.relation != ":=" and not is_conversion(step):
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
    return Gap(label, question.answer, points, question.prose, question.step.rule,
               hints(question.step, min(level, UNTOLD)), tuple(shown.values()), choices, (answers.index(None),), shown,
               question.step)
