"""Statements about the derivation, to tick where they are true.

True ones are results and steps of the derivation; false ones are the same with what a slip makes of them, refuted by
the verifier. Statements say something (:class:`_Worth`): a quantity by its name with what is found for it, or a law
that turns one formula into another; bare arithmetic is stated only where there is nothing else. Slips that break a law
are preferred to those of digits. How many are false is drawn, at least one of each; the key says what went wrong in
each false one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from fractions import Fraction
from random import Random
from typing import Any

from derive.documents._tree import Block, Choices, Text, head
from derive.errors import DeriveError
from derive.limits import MISTAKES_IN_EXERCISE
from derive.problem import Field
from derive.steps import Context, Definition, Derivation, Level, Step
from derive.tree import Node, Relation, Symbol, free_symbols, numeric, walk
from derive.worksheets._chance import between, one_of, shuffled
from derive.worksheets._words import words, worth
from derive.worksheets._writing import about_digits
from derive.worksheets.mistakes import best, mistakes
from derive.worksheets.model import Exercise, Gap, Mistake, Variant
from derive.worksheets.modes._chains import Stretch, defining, in_words, stretches
from derive.worksheets.modes._hints import HINTS, UNTOLD, hints, said
from derive.worksheets.modes._labels import PREPOSITIONS, beside, posed
from derive.worksheets.modes._letters import Letters, letters
from derive.worksheets.modes._lines import filled, question_page
from derive.worksheets.modes._plausible import plausible
from derive.worksheets.modes._points import shares
from derive.worksheets.modes._results import Asked, asked
from derive.worksheets.modes._visible import printed
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
_POSSIBLE = 4  # subjects for each statement that are thought of
_LOOKED_AT = 3  # subjects for each false statement, before a slip of digits is taken


class _Worth(IntEnum):
    """How much a statement says; those that say most are taken first."""

    IDEA = 0
    """A quantity by its name with what it comes to, or the first line that a law makes of it."""
    LINE = 1
    """A line in between that has letters, by the name of what is derived."""
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
    besides: str = ""

    def mistakes(self, points: Fraction, tried: int, known: Letters) -> tuple[Mistake, ...]:
        """Wrong right sides that may be right for all that one sees, in letters that are explained."""
        if self.result is not None:
            found = self.result.mistakes(points, _WRONG, tried)
        else:
            found = mistakes(self.step, self.context, points, _WRONG, tried)
        lines = [step.before for step in self.stretch.steps]
        likely = plausible(found, self.right, lines, self.result.name if self.result is not None else "")
        told = self.told(known, self.right)
        clear = [m for m in likely if not known.strange(m.wrong, told) and set(self.told(known, m.wrong)) <= set(told)]
        return best(clear, _WRONG, self.right)

    def told(self, known: Letters, right: Node) -> list[Definition]:
        """The definitions of the letters in the statement that tell nothing that is to be found.

        A name that the solution introduces is told as it begins, so that one knows in which unit it is measured.
        """
        begun = self._begun(known)
        used = [self.stated(right), *(definition.body for definition in begun)]
        found = [*begun, *defining(self.context, used, known.said, {printed(self.step.after)})]
        return [definition for definition in found if not known.gives_away(definition) or definition in begun]

    def _begun(self, known: Letters) -> list[Definition]:
        """What the name of a result stands for, where that is a formula in letters that can be told."""
        if self.result is None or not isinstance(self.left, Symbol) or not known.strange(self.left):
            return []
        start = self.stretch.steps[0].before
        inner = defining(self.context, [start], known.said)
        closed = not free_symbols(start) or self.left in free_symbols(start)
        if closed or known.strange(start, inner) or any(map(known.gives_away, inner)):
            return []
        return [Definition(self.left, (), start)]

    def strange(self, known: Letters) -> frozenset[str]:
        """The names in it that nothing explains; a result is explained by its words."""
        if not (known.strange(self.right) or (known.strange(self.left) and not self.besides)):
            return frozenset()
        told = self.told(known, self.right)
        left = frozenset() if self.besides else known.strange(self.left, told)
        return left | known.strange(self.right, told)

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
    known = letters(derivation)
    subjects = _consistent(_ordered(list(_subjects(derivation, known)), random), known, _POSSIBLE * count)
    if len(subjects) < LEAST:
        raise DeriveError(f"{variant.problem.title}: there are too few steps to make statements of",
                          "take another mode for this problem")
    count = min(count, len(subjects))
    wanted = between(random, 1, count - 1) if given["false"] is None else min(given["false"], count)
    chosen = _chosen(subjects, count, wanted, variant.item.points, known, random)
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
    told = [definition for subject, _ in chosen for definition in subject.told(known, subject.right)]
    blocks += [Text(in_words(told))] if told else []
    blocks += [block for gap in gaps for block in said(gap.label, gap.hints, named=False)]
    return Exercise(variant, "true-false", question_page(derivation, blocks), gaps)


def _subjects(derivation: Derivation, known: Letters) -> Iterator[_Subject]:
    """Steps and results that can be stated in a line and by themselves, each once, none that the problem says."""
    seen: set[str] = set()
    for subject in _all_subjects(derivation, posed(known.page)):
        found = _by_itself(subject, known)
        if found is None or found.left == found.right or numeric(found.left) is not None:
            continue
        words_of_it = printed(found.stated(found.right))
        short = sum(1 for _ in walk(found.stated(found.right))) <= _LONGEST
        if short and words_of_it not in seen and words_of_it not in known.said:
            seen.add(words_of_it)
            yield found


def _by_itself(subject: _Subject, known: Letters) -> _Subject | None:
    """The subject with nothing in it that only the solution explains; None where that cannot be.

    A name of the solution gives way to the first line of what it stands for that needs no such name.
    """
    if not subject.strange(known):
        return subject
    if subject.step not in subject.stretch.steps:
        return None
    steps = subject.stretch.steps[: subject.stretch.steps.index(subject.step) + 1]
    for k, step in enumerate(steps):
        sign = _sign(steps[k:])
        whole = replace(subject, left=step.before, sign=sign, besides="")
        if sign and not whole.strange(known):
            return replace(whole, worth=_Worth.LINE if free_symbols(step.before) else _Worth.NUMBERS)
    return None


def _all_subjects(derivation: Derivation, known: frozenset[Node]) -> Iterator[_Subject]:
    """Results, then what the chains come to, then their lines; what stands for itself has its name on the left."""
    for result in asked(derivation):
        if result.label is not None and result.value is not None and result.chain is not None:
            steps = result.chain.steps
            whole = Stretch(steps, result.chain, result.context)
            sign = _sign(steps) or "="
            besides = beside(result.name, result.label)
            if besides.partition(" ")[0] not in PREPOSITIONS and result.label in known:
                besides = ""  # the problem says what it is
            yield _Subject(
                result.label, sign, result.value, steps[-1], result.context, whole, _Worth.IDEA, result, besides
            )
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


def _consistent(subjects: Iterable[_Subject], known: Letters, most: int) -> list[_Subject]:
    """The first subjects but for those in which a letter means something else than in one before."""
    meanings: dict[Node, Node] = {}
    kept: list[_Subject] = []
    for subject in subjects:
        told = {head(definition): definition.body for definition in subject.told(known, subject.right)}
        if all(meanings.get(name, body) == body for name, body in told.items()):
            meanings |= told
            kept.append(subject)
        if len(kept) == most:
            break
    return kept


def _chosen(
    subjects: list[_Subject], count: int, wanted: int, points: Fraction, known: Letters, random: Random,
) -> list[tuple[_Subject, Mistake | None]]:
    """So many subjects, the wanted number of them with a mistake where so many can be found.

    A mistake against a law is looked for a little longer; no more are looked at than make a few statements.
    """
    each = max(2, MISTAKES_IN_EXERCISE // max(1, 2 * wanted))
    found: dict[Node, tuple[int, int, Mistake]] = {}
    for k, subject in enumerate(subjects if wanted else ()):
        wrong = () if subject.about in found else subject.mistakes(points, each, known)
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
    besides = (f" ({subject.besides})",) if subject.besides else ()
    return Gap(
        label, None if wrong is None else subject.stated(subject.right), points, (stated, *besides), subject.step.rule,
        hints(subject.step, min(level, UNTOLD)), (told,) if told is not None else (),
        ((words("true"),), (words("false"),)), (0 if wrong is None else 1,), {0: told} if told is not None else {},
        subject.step,
    )
