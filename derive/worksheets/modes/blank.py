"""The problem alone, with room to write as much as its solution takes, and one gap for each result that is asked for.

No figure, table or line of the solution is shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

from derive.documents._tree import Block, Room, Row, Rows, Text
from derive.limits import MISTAKES_IN_EXERCISE, MISTAKES_KEPT, MISTAKES_TRIED
from derive.problem import Field
from derive.steps import Prose
from derive.tree import Hole
from derive.worksheets._words import points_text, words, worth
from derive.worksheets.model import Exercise, Gap, Mistake, Variant
from derive.worksheets.modes._hints import HINTS, UNTOLD, hints, said
from derive.worksheets.modes._labels import Kept, beside, posed, without, worded
from derive.worksheets.modes._lines import filled, page
from derive.worksheets.modes._points import shares
from derive.worksheets.modes._results import Asked, asked
from derive.worksheets.modes._rooms import MOST, hole, lines

SUMMARY = "the problem, and room to write"

WORDY = 12  # em of room for an answer in words
TOLD = 12  # mistakes in laws that a key tells of one exercise without being asked; nobody reads a longer table

FIELDS = (
    Field("lines", "integer", "how many lines of room; without it, as many as the solution takes", least=0, most=MOST,
          example="12"),
    Field("mistakes", "integer", "how many wrong answers the key foresees for each gap, from slips anywhere in the "
          "derivation; where nothing is said, up to three, or, where numbers are drawn, those of writing the answer "
          "down, which take no time", least=0, most=6, example="3"),
    HINTS,
)


def exercise(variant: Variant, options: Mapping[str, Any], random: Random) -> Exercise:
    """The problem of a variant as it is posed; each result in its result box is a gap."""
    given = filled(options, FIELDS)
    derivation = variant.derivation
    results = asked(derivation) or [Asked(derivation.title, None, None)]
    points = shares(variant.item.points, [1] * len(results))
    each = max(1, min(MISTAKES_TRIED, MISTAKES_IN_EXERCISE // len(results)))
    unasked = 0 if variant.item.draws else max(1, min(MISTAKES_KEPT, TOLD // len(results)))
    gaps = tuple(
        _gap(result, str(k), part, given["hints"], _foreseen(result, part, given["mistakes"], unasked, each),
             given["mistakes"] is not None)
        for k, (result, part) in enumerate(zip(results, points, strict=True), 1)
    )
    blocks: list[Block] = [Room(given["lines"] or lines(derivation), (words("work"),))]
    known = posed(page(derivation, ()))
    holes = [(g.answer, hole(g.answer, g.label)) for g in gaps if g.answer is not None and g.answer not in known]
    worded_results = {result.name for result in derivation.results if isinstance(result.number, str)}
    for result, gap in zip(results, gaps, strict=True):
        kept = [(answer, other) for answer, other in holes if other.label != gap.label and result.label not in known]
        blocks += _answer(result, gap, kept, result.name in worded_results)
    return Exercise(variant, "blank", page(derivation, blocks), gaps)


def _foreseen(result: Asked, points: Fraction, most: int | None, unasked: int, tried: int) -> tuple[Mistake, ...]:
    """The wrong answers that the key tells; where nothing is said of them, ``unasked`` of those that break laws.

    These take 10 ms for each gap, longer than deriving many an answer, and are told unasked only where everybody has
    the same problem: there they are worked out once for all.
    """
    if most is not None:
        return result.mistakes(points, most, tried) if most else ()
    laws = result.mistakes(points, unasked, tried) if unasked else ()
    return laws or result.miswritten(points)


def _gap(
    result: Asked, label: str, points: Fraction, level: int, wrong: tuple[Mistake, ...], offered: bool,
) -> Gap:
    given: tuple[Prose, ...] = ()
    if result.first is not None:
        start = result.first.after
        given = (*hints(result.first, UNTOLD), (start,) if start != result.value else ())[:level]
    return Gap(label, result.value, points, result.question, hints=given, mistakes=wrong, offered=offered)


def _answer(result: Asked, gap: Gap, kept: Sequence[Kept], in_words: bool) -> list[Block]:
    """The line for one answer, and its hints."""
    made = [_line(result, gap, kept, in_words)]
    return [*made, *said(gap.label, gap.hints, named=False, begins="starts")]


def _line(result: Asked, gap: Gap, kept: Sequence[Kept], in_words: bool) -> Block:
    """A name and a gap; what is to be shown has its place in the room above, and here only what it is worth."""
    name = worded(result.name, kept)
    if gap.answer is None and not in_words:
        return Text((f"({gap.label}) ", *name, " ", worth(gap.points)))
    room = Hole(WORDY, gap.label) if gap.answer is None else hole(gap.answer, gap.label)
    if result.label is None or gap.answer is None:
        return Text((*name, words(": "), room, " ", worth(gap.points)))
    return Rows((Row(without(result.label, kept), "=", room, _worth(beside(result.name, result.label), gap, kept)),))


def _worth(said: str, gap: Gap, kept: Sequence[Kept]) -> str:
    """What a gap is worth, after words that its label does not say, if they tell no answer."""
    tells = any(isinstance(part, Hole) for part in worded(said, kept))
    return worth(gap.points) if tells or not said else words("rule worth", rule=said, points=points_text(gap.points))
