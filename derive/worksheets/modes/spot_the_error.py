"""One line of a chain is wrong, by a slip that people make; which, and what should stand there?

The wrong line is verified to be wrong. Lines after it go on from it as far as the engine can do to the wrong line what
the step did to the right one, and there the derivation ends; only where too few lines were left do the others stay as
they are, so the question is for the *first* wrong line. Wrong lines that can be carried on to the end are taken first,
those that only move digits last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from derive.documents._tree import Block, Room, Row, Rows, Text
from derive.errors import DeriveError
from derive.problem import Field
from derive.steps import Derivation, Step
from derive.tree import Hole, Node, contains, number
from derive.worksheets._chance import one_of, shuffled
from derive.worksheets._words import words, worth
from derive.worksheets._writing import DIGITS
from derive.worksheets.mistakes import best, mistakes
from derive.worksheets.model import Exercise, Gap, Mistake, Variant
from derive.worksheets.modes._chains import Stretch, carried_on, stretches, where
from derive.worksheets.modes._hints import HINTS, UNTOLD, hints, said
from derive.worksheets.modes._lines import DETAIL, filled, page, question_page
from derive.worksheets.modes._plausible import plausible
from derive.worksheets.modes._points import shares
from derive.worksheets.modes._visible import counted, page_texts, tells

SUMMARY = "one line is wrong: which, and what should stand there?"

FIELDS = (
    Field("lines", "integer", "at least so many lines to look at", default=3, least=2, most=12),
    Field("correct", "boolean", "whether the right line is asked for as well", default=True),
    HINTS,
    DETAIL,
)

_PASSED_OVER = 2  # wrong lines before one is taken that cannot be carried on; more, and all people had the same line
_DIGITS_PASSED_OVER = 6  # wrong lines that only move digits
_WRONG = 3  # wrong lines for a step of which one is taken
_NUMBER = 4  # em for the number of a line
_ROOM = 3  # lines to say what is wrong


@dataclass(frozen=True, slots=True)
class _Error:
    """A stretch with one wrong line: which of its steps, the mistake, and the lines as they are shown.

    ``whole`` says that all lines of the derivation are there, ``joined`` that each but the wrong one follows.
    """

    stretch: Stretch
    place: int
    mistake: Mistake
    steps: tuple[Step, ...]
    whole: bool
    joined: bool = True


def exercise(variant: Variant, options: Mapping[str, Any], random: Random) -> Exercise:
    """A chain of a variant's derivation with one wrong line. DeriveError where no slip can be made in any."""
    given = filled(options, FIELDS)
    derivation = variant.derivation
    found = _found(derivation, given, random)
    if found is None:
        raise DeriveError(f"{variant.problem.title}: no slip can be made in any chain of {given['lines']} lines",
                          "take another mode for this problem, or fewer lines")
    parts = shares(variant.item.points, [1, 1] if given["correct"] else [1])
    step = found.stretch.steps[found.place]
    told = replace(found.mistake, lost=parts[0])
    lines = tuple((words("line", number=k),) for k in range(1, len(found.steps) + 1))
    gaps = [Gap("1", number(found.place + 1), parts[0], (words("spot one"),), step.rule,
                hints(step, min(given["hints"], UNTOLD)), choices=lines, right=(found.place,),
                shown={found.place: told}, step=step)]
    blocks: list[Block] = [Text((words("spot"), worth(parts[0]))), Rows(tuple(_rows(found)))]
    if told_where := where(replace(found.stretch, steps=found.steps), derivation, step.after):
        blocks.append(Text(told_where))
    blocks.append(Text((words("line", number=""), Hole(_NUMBER, "1"))))
    blocks += said("1", gaps[0].hints)
    if given["correct"]:
        question = (words("correct"),)
        gaps.append(Gap("2", step.after, parts[1], (words("correction", number=found.place + 1),), step.rule,
                        mistakes=(replace(told, lost=parts[1]),), step=step))
        blocks.append(Room(_ROOM, (*question, worth(parts[1]))))
    return Exercise(variant, "spot-the-error", question_page(derivation, blocks), tuple(gaps))


def _found(derivation: Derivation, given: Mapping[str, Any], random: Random) -> _Error | None:
    """A wrong line by chance; one that is more than digits, and soon one whose consequences the engine can draw."""
    posed = page_texts(page(derivation, ()))
    places = [
        (stretch, k) for stretch in stretches(derivation, given["detail"], given["lines"])
        for k, step in enumerate(stretch.steps) if not counted(step.after, posed)
    ]
    cut_short: list[_Error] = []
    broken: list[_Error] = []
    digits: list[_Error] = []
    for stretch, k in shuffled(random, places):
        step = stretch.steps[k]
        found = mistakes(step, stretch.context)
        wrong = best(plausible(found, step.after, [s.before for s in stretch.steps[: k + 1]]), _WRONG, step.after)
        if not wrong:
            continue
        mistake = one_of(random, [m for m in wrong if m.slip not in DIGITS] or wrong)
        made = _made(stretch, k, mistake, given["lines"])
        if made is None:
            continue
        only_digits = mistake.slip in DIGITS
        if made.whole and not only_digits:
            return made
        (broken if not made.joined else digits if only_digits else cut_short).append(made)
        if len(cut_short) == _PASSED_OVER or len(digits) == _DIGITS_PASSED_OVER:
            break
    return next(iter([*cut_short, *digits, *broken]), None)


def _made(stretch: Stretch, place: int, mistake: Mistake, least: int) -> _Error | None:
    """The stretch with a wrong line, of at least so many lines; None where the right line would still be read in it."""
    steps, step = stretch.steps, stretch.steps[place]
    slip = replace(step, after=mistake.wrong, verdict=None, steps=())
    shown = (*steps[:place], slip, *carried_on(steps[place + 1 :], mistake.wrong, stretch.context))
    whole = len(shown) == len(steps)
    joined = whole or len(shown) >= least
    if not joined:
        shown = (*shown, *(replace(s, verdict=None, steps=()) for s in steps[len(shown) :]))
    afters = [s.after for s in shown]
    told = any(contains(after, step.after) for after in afters) if tells(step.after) else step.after in afters
    if told or step.after == steps[0].before:
        return None
    return _Error(stretch, place, mistake, shown, whole, joined)


def _rows(found: _Error) -> list[Row]:
    """The lines, numbered where the reasons stand; the first says what they start from."""
    first = found.steps[0]
    left: Node | None = found.stretch.chain.left
    same = found.stretch.steps[0] == found.stretch.chain.steps[0]
    rows = [Row(left, "=", first.before)] if same and left is not None and left != first.before else []
    for k, step in enumerate(found.steps, 1):
        start = first.before if k == 1 and not rows else None
        rows.append(Row(start, step.relation, step.after, f"({k}) {step.rule}"))
    return rows
