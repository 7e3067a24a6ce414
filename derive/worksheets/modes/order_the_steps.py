"""The lines of a chain out of order, each with a box for its number.

Lines whose order is not certain are left out: those that differ only in the order of terms, and those that a step
leads to which could as well be read backwards (reordered, added and subtracted, extended). The lines that stay are a
coarser derivation, right as before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from derive import goals
from derive.documents._rows import statement_room
from derive.documents._tree import Block, Choices, Row, Rows, Text, sign_text
from derive.documents._widths import width
from derive.errors import DeriveError
from derive.problem import Field
from derive.steps import Prose, Step
from derive.worksheets._chance import below, one_of, shuffled
from derive.worksheets._words import words, worth
from derive.worksheets.model import Exercise, Gap, Variant
from derive.worksheets.modes._chains import Stretch, stretches, where
from derive.worksheets.modes._hints import HINTS
from derive.worksheets.modes._lines import DETAIL, filled, question_page

SUMMARY = "the lines of a derivation, to be put in order"

LEAST = 3

FIELDS = (
    Field("lines", "integer", "at most so many lines to put in order", default=6, least=LEAST, most=12),
    HINTS,
    DETAIL,
)

_BOTH_WAYS = frozenset({
    "reorder", "rewrite", "rewrite the factors", "add and subtract the same", "split a term", "split a power",
    "extend the fraction", "split the fraction", "terms cancel", "open the bracket", "equal",
})  # fmt: skip
"""Rules that are as natural from right to left: nothing says which line comes first."""


def exercise(variant: Variant, options: Mapping[str, Any], random: Random) -> Exercise:
    """A chain of a variant's derivation, shuffled. DeriveError where none has lines enough in a certain order."""
    given = filled(options, FIELDS)
    derivation = variant.derivation
    usable = [(stretch, kept) for stretch in stretches(derivation, given["detail"], LEAST)
              if len(kept := _in_certain_order(stretch)) >= LEAST]
    if not usable:
        raise DeriveError(f"{variant.problem.title}: no chain has {LEAST} lines in a certain order",
                          "take another mode for this problem")
    stretch, steps = one_of(random, usable)
    if len(steps) > given["lines"]:
        first = below(random, len(steps) - given["lines"] + 1)
        steps = steps[first : first + given["lines"]]
    items, right = _shuffled(_lines(steps), random)
    points = variant.item.points
    gap = Gap("1", None, points, (words("order"),), hints=_hints(steps, given["hints"]), choices=items, right=right)
    blocks: list[Block] = [Text((words("order"), worth(points))), Text((words("order start"),)),
                           Rows((Row(None, "", steps[0].before),)), Choices(items, numbered=True)]
    if told := where(stretch, derivation):
        blocks.append(Text(told))
    blocks += [Text(hint) for hint in gap.hints if hint]
    return Exercise(variant, "order-the-steps", question_page(derivation, blocks), (gap,))


def _in_certain_order(stretch: Stretch) -> list[Step]:
    """The steps whose lines have one place only: none written like another, none that is as natural backwards."""
    shapes = [goals.shape(stretch.steps[0].before)]
    kept: list[Step] = []
    for step in stretch.steps:
        shape = goals.shape(step.after)
        if step.rule not in _BOTH_WAYS and shape not in shapes:
            kept.append(step)
            shapes.append(shape)
    return kept


def _lines(steps: Sequence[Step]) -> list[Prose]:
    """The lines as they are shown, with their signs; without where one is so long that its sign would stand alone."""
    long = any(statement_room(("= ", step.after)) < width(step.after) for step in steps)
    if long and all(step.relation == "=" for step in steps):
        return [(step.after,) for step in steps]
    return [(f"{sign_text(step.relation)} ", step.after) for step in steps]


def _shuffled(lines: list[Prose], random: Random) -> tuple[tuple[Prose, ...], tuple[int, ...]]:
    """The lines in another order than the right one, and at which places they stand, from first to last."""
    order = list(range(len(lines)))
    while order == sorted(order):
        order = shuffled(random, order)
    return tuple(lines[k] for k in order), tuple(order.index(k) for k in range(len(lines)))


def _hints(steps: list[Step], level: int) -> tuple[Prose, ...]:
    """The rules in their order, what the first of them says, and the line that comes first."""
    rules = "; ".join(step.rule for step in steps)
    found: list[Prose] = [(words("rules", rules=rules),), (steps[0].reason,),
                          (words("starts"), steps[0].after)]
    return tuple(found[:level])

