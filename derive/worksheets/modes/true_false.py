"""Statements about the derivation, to tick where they are true.

True ones are results and steps of the derivation; false ones are the same with what a slip makes of them, refuted by
the verifier. Statements say something (:class:`_Worth`): a quantity by its name with what is found for it, or a law
that turns one formula into another; bare arithmetic is stated only where there is nothing else. Slips that break a law
are preferred to those of digits. How many are false is drawn, at least one of each; the key says what went wrong in
each false one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from fractions import Fraction
from random import Random
from typing import Any

from derive.documents._tree import Block, Choices, Text
from derive.errors import DeriveError
from derive.limits import MISTAKES_IN_EXERCISE
from derive.problem import Field
from derive.steps import Context, Derivation, Level, Step
from derive.tree import Node, Relation, Symbol, free_symbols, walk
from derive.worksheets._chance import between, one_of, shuffled
from derive.worksheets._words import words, worth
from derive.worksheets._writing import about_digits
from derive.worksheets.mistakes import best, mistakes
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
_WRONG = 3  # wrong answers to a subject of which one is stated
_LOOKED_AT = 3  # subjects for each false statement, before a slip of digits is taken


class _Worth(IntEnum):
    """How much a statement says; those that say most are taken first."""

    IDEA = 0
    """A quantity by its name with what it comes to, or the first line that a law makes of it."""
    LINE = 1
    """A line in between that has letters, by the name of what is derived; whatever has letters that nobody explains."""
    NUMBERS = 2
    """Numbers put in, and arithmetic."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a statement is about: an equation of the derivation, the step that it is or ends with, and its context."""

    left: Node
    sign: str
    right: Node
    step: Step
    context: Context
    stretch: Stretch
    worth: _Worth
    result: Asked | None = None

    def mistakes(self, points: Fraction, tried: int) -> tuple[Mistake, ...]:
        if self.result is not None:
            return best(self.result.mistakes(points, _WRONG, tried), _WRONG, self.right)
        return best(mistakes(self.step, self.context, points, _WRONG, tried), _WRONG, self.right)

    @property
    def about(self) -> Node:
        """The quantity; two statements about the same one would tell of each other."""
        return self.stretch.chain.left or self.left

    def stated(self, right: Node) -> Relation:
        return Relation((self.left, right), (self.sign,))


def exercise(variant: Variant, options: Mapping[str, Any], random: Random) -> Exercise:
    """True and false statements about a variant. DeriveError where there are not enough to state."""
    given = filled(options, FIELDS)
    derivation = variant.derivation
    count = given["statements"]
    subjects = _ordered(list(_subjects(derivation)), random)
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
    blocks += [Text(told)] if (told := _explained(derivation, chosen)) else []
    blocks += [Text(help_) for gap in gaps if (help_ := said(gap.label, gap.hints))]
    return Exercise(variant, "true-false", question_page(derivation, blocks), gaps)


def _subjects(derivation: Derivation) -> Iterator[_Subject]:
    """Steps and results that can be stated in a line, each once, none that the problem itself says."""
    posed = {line for alone, _ in page_texts(page(derivation, ())) for line in alone}
    known = _explained_letters(derivation)
    seen: set[str] = set()
    for subject in _all_subjects(derivation):
        if not free_symbols(subject.stated(subject.right)) <= known | subject.stretch.explained:
            subject = replace(subject, worth=max(subject.worth, _Worth.LINE))
        words_of_it = text(subject.stated(subject.right))
        short = sum(1 for _ in walk(subject.stated(subject.right))) <= _LONGEST
        if short and subject.left != subject.right and words_of_it not in seen | posed:
            seen.add(words_of_it)
            yield subject


def _explained_letters(derivation: Derivation) -> frozenset[Symbol]:
    """The letters that the problem or what it asks for has, and those that are declared."""
    prose = [part for items in (derivation.given, derivation.asked) for item in items for part in item]
    labels = [result.label for result in derivation.results if result.label is not None]
    nodes = [part for part in (*prose, *labels) if isinstance(part, Node)]
    letters = {part for node in nodes for part in walk(node) if isinstance(part, Symbol)}
    return frozenset(letters) | derivation.context.domains.keys()


def _all_subjects(derivation: Derivation) -> Iterator[_Subject]:
    """Results, then what the chains come to, then their lines; what stands for itself has its name on the left."""
    for result in asked(derivation):
        if result.label is not None and result.value is not None and result.chain is not None:
            steps = result.chain.steps
            whole = Stretch(steps, result.chain, result.context)
            sign = _sign(steps) or "="
            yield _Subject(result.label, sign, result.value, steps[-1], result.context, whole, _Worth.IDEA, result)
    every = [(stretch, _named(stretch)) for stretch in stretches(derivation)]
    for stretch, name in every:
        if name is not None and (sign := _sign(stretch.steps)):
            last = stretch.steps[-1]
            chain = replace(stretch.chain, steps=stretch.steps)
            ending = Asked(text(name), name, last.after, chain, stretch.context, stretch.steps[0])
            yield _Subject(name, sign, last.after, last, stretch.context, stretch, _Worth.IDEA, ending)
    for stretch, name in every:
        for k, step in enumerate(stretch.steps):
            if step.relation != ":=":
                yield _about_line(stretch, k, step, name)


def _named(stretch: Stretch) -> Node | None:
    """What a stretch derives, where it is the beginning of its chain."""
    chain = stretch.chain
    return chain.left if stretch.steps[0].before == chain.steps[0].before else None


def _sign(steps: Sequence[Step]) -> str:
    """How the first side of joined steps is related to the last one; empty where their signs say nothing together."""
    signs = {step.relation for step in steps}
    if signs <= {"=", "~="}:
        return "~=" if "~=" in signs else "="
    return steps[-1].relation if {step.relation for step in steps[:-1]} <= {"="} else ""


def _about_line(stretch: Stretch, k: int, step: Step, name: Node | None) -> _Subject:
    """A line: a law with both its sides, a later line with the name of what is derived."""
    has_letters = bool(free_symbols(step.before))
    idea = step.level >= Level.CALCULUS or (step.level >= Level.ALGEBRA and has_letters)
    sign = _sign(stretch.steps[: k + 1])
    if name is None or not sign or (k == 0 and idea):
        worth = _Worth.IDEA if idea else _Worth.LINE if has_letters and step.after != step.before else _Worth.NUMBERS
        return _Subject(step.before, step.relation, step.after, step, stretch.context, stretch, worth)
    worth = _Worth.LINE if idea or free_symbols(step.after) else _Worth.NUMBERS
    return _Subject(name, sign, step.after, step, stretch.context, stretch, worth)


# --- which are stated -------------------------------------------------------------------------------------


def _ordered(subjects: list[_Subject], random: Random) -> list[_Subject]:
    """By chance, those that say most first, and of these first one of each quantity: two would tell of each other."""
    seen: set[Node] = set()
    first: list[_Subject] = []
    again: list[_Subject] = []
    for subject in sorted(shuffled(random, subjects), key=lambda subject: subject.worth):
        (again if subject.about in seen else first).append(subject)
        seen.add(subject.about)
    return [*first, *again]


def _chosen(
    subjects: list[_Subject], count: int, wanted: int, points: Fraction, random: Random,
) -> list[tuple[_Subject, Mistake | None]]:
    """So many subjects, the wanted number of them with a mistake where so many can be found.

    A mistake against a law is looked for a little longer; no more are looked at than make a few statements.
    """
    each = max(2, MISTAKES_IN_EXERCISE // max(1, 2 * wanted))
    found: dict[Node, tuple[int, int, Mistake]] = {}
    for k, subject in enumerate(subjects[: 4 * count] if wanted else ()):
        wrong = () if subject.about in found else subject.mistakes(points, each)
        best_ = min((about_digits(m.slip) for m in wrong), default=0)
        if wrong:
            mistake = one_of(random, [m for m in wrong if about_digits(m.slip) == best_])
            found[subject.about] = (best_, k, mistake)
        enough = k + 1 >= _LOOKED_AT * wanted and len(found) >= wanted
        if enough or sum(digits == 0 for digits, _, _ in found.values()) == wanted:
            break
    false = {k: mistake for _, k, mistake in sorted(found.values(), key=lambda row: row[:2])[:wanted]}
    taken = {subjects[k].about for k in false}
    rest = sorted((k for k in range(len(subjects)) if k not in false), key=lambda k: subjects[k].about in taken)
    return [(subjects[k], false.get(k)) for k in (*false, *rest[: count - len(false)])]


def _gap(label: str, subject: _Subject, wrong: Mistake | None, points: Fraction, level: int) -> Gap:
    stated = subject.stated(subject.right if wrong is None else wrong.wrong)
    told = None if wrong is None else replace(wrong, lost=points)
    return Gap(
        label, None if wrong is None else subject.stated(subject.right), points, (stated,), subject.step.rule,
        hints(subject.step, level), (told,) if told is not None else (),
        ((words("true"),), (words("false"),)), (0 if wrong is None else 1,), {0: told} if told is not None else {},
        subject.step,
    )


def _explained(derivation: Derivation, chosen: list[tuple[_Subject, Mistake | None]]) -> tuple[str | Node, ...]:
    """What the names in the statements stand for, each said once."""
    found: dict[str, Node] = {}
    for subject, wrong in chosen:
        alone = replace(subject.stretch, steps=(subject.step,))
        told = where(alone, derivation, subject.stated(subject.right if wrong is None else wrong.wrong))
        for node in formulas(told):
            found.setdefault(text(node), node)
    return _listed(list(found.values())) if found else ()


def _listed(nodes: list[Node]) -> tuple[str | Node, ...]:
    prose: list[str | Node] = []
    for k, node in enumerate(nodes):
        prose += [", " if k else words("where"), node]
    return (*prose, ".")

