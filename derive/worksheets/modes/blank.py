"""The problem alone, with room to write as much as its solution takes, and one gap for each result that is asked for.

No figure, table or line of the solution is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Any

from derive.documents._tree import Block, Room, Row, Rows, Text
from derive.limits import MISTAKES_IN_EXERCISE, MISTAKES_TRIED
from derive.problem import Field
from derive.steps import Prose
from derive.worksheets._words import words, worth
from derive.worksheets.model import Exercise, Gap, Variant
from derive.worksheets.modes._hints import HINTS, hints, said
from derive.worksheets.modes._lines import filled, page
from derive.worksheets.modes._points import shares
from derive.worksheets.modes._results import Asked, asked
from derive.worksheets.modes._rooms import MOST, hole, lines

SUMMARY = "the problem, and room to write"

FIELDS = (
    Field("lines", "integer", "how many lines of room; without it, as many as the solution takes", least=0, most=MOST,
          example="12"),
    Field("mistakes", "integer", "how many wrong answers the key foresees for each gap, from slips anywhere in the "
          "derivation; where nothing is said, only those of writing the answer down", least=0, most=6, example="3"),
    HINTS,
)


def exercise(variant: Variant, options: Mapping[str, Any], random: Random) -> Exercise:
    """The problem of a variant as it is posed; each result in its result box is a gap."""
    given = filled(options, FIELDS)
    derivation = variant.derivation
    results = asked(derivation) or [Asked(derivation.title, None, None)]
    points = shares(variant.item.points, [1] * len(results))
    each = max(1, min(MISTAKES_TRIED, MISTAKES_IN_EXERCISE // len(results)))
    gaps = tuple(
        _gap(result, str(k), part, given["hints"], given["mistakes"], each)
        for k, (result, part) in enumerate(zip(results, points, strict=True), 1)
    )
    blocks: list[Block] = [Room(given["lines"] or lines(derivation), (words("work"),))]
    for result, gap in zip(results, gaps, strict=True):
        blocks += _answer(result, gap)
    return Exercise(variant, "blank", page(derivation, blocks), gaps)


def _gap(result: Asked, label: str, points: Fraction, level: int, most: int | None, tried: int) -> Gap:
    given: tuple[Prose, ...] = ()
    if result.first is not None:
        start = result.first.after
        given = (*hints(result.first, level)[:2], (start,) if start != result.value else ())[:level]
    wrong = result.miswritten(points) if most is None else result.mistakes(points, most, tried) if most else ()
    return Gap(label, result.value, points, result.question, hints=given, mistakes=wrong, offered=most is not None)


def _answer(result: Asked, gap: Gap) -> list[Block]:
    """The line for one answer; what is to be shown has none, only what it is worth."""
    told = worth(gap.points)
    made: list[Block] = []
    if gap.answer is None:
        made.append(Text((f"({gap.label}) {result.name} ", told)))
    elif result.label is not None:
        made.append(Rows((Row(result.label, "=", hole(gap.answer, gap.label), told),)))
    else:
        made.append(Text((f"{result.name}: ", hole(gap.answer, gap.label), " ", told)))
    if gap.hints:
        first: Prose = (words("hint", label=gap.label), *gap.hints[0])
        made.append(Text((*first, *((". ", *said(gap.label, gap.hints)[1:]) if len(gap.hints) > 1 else ()))))
    return made
