"""Between worked and blank: chosen or sampled steps are gaps to fill in, and cells of tables if wanted.

A line that is a gap keeps its left side and its relation. Its answer stands nowhere else on the page: steps whose
answer does not are taken first when steps are sampled, and where it does, it is a gap there as well, with the same
label and no points of its own. Steps come last that only write a finished number otherwise, and those whose answer is
read off a table or the line below. A step whose answer stands in the problem itself is never a gap. Figures and program
text stay on the page where no gap comes before them and they show no answer (in words, in what they draw, or as a
number); programs to run, which would print the answers, the result box and the verification are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

from derive.documents._languages import Word
from derive.documents._tree import Block, Cell, Code, Grid, Picture, Text
from derive.errors import DeriveError
from derive.limits import MISTAKES_IN_EXERCISE, MISTAKES_KEPT, MISTAKES_TRIED
from derive.problem import Field
from derive.steps import Level, Prose
from derive.tree import Hole, Node, Number, Relation, entries, numeric, whole
from derive.worksheets._chance import shuffled
from derive.worksheets._words import points_text, words, worth
from derive.worksheets.mistakes import mistakes
from derive.worksheets.model import Exercise, Gap, Variant
from derive.worksheets.modes._chains import is_conversion
from derive.worksheets.modes._hints import HINTS, hints, said
from derive.worksheets.modes._lines import DETAIL, Line, filled, page, row_at, sheet, with_row
from derive.worksheets.modes._points import shares, weight
from derive.worksheets.modes._rooms import hole
from derive.worksheets.modes._visible import (
    counted,
    decimals,
    hidden,
    mentions,
    met,
    page_texts,
    printed,
    texts_of,
    told_otherwise,
)

SUMMARY = "some steps are gaps to fill in"

BLANKS = 3  # where nothing is said

FIELDS = (
    Field("steps", "numbers", "the steps that are gaps, counted from 1 as they are shown", default=(),
          example="[2, 4]"),
    Field("blanks", "integer", f"how many steps, drawn by chance, are gaps ({BLANKS} where nothing is said)",
          least=1, most=200),
    Field("level", "choice", "all steps of this level are gaps", choices=tuple(level.name.lower() for level in Level)),
    Field("share", "number", "the share of the steps that are gaps, from 0 (worked) to 1 (blank)", example="0.5"),
    Field("cells", "integer", "how many numbers in tables are gaps besides", default=0, most=100),
    Field("mistakes", "integer", "how many wrong answers the key foresees for each gap", default=MISTAKES_KEPT, most=6),
    HINTS,
    DETAIL,
)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place for a gap: a line, or a cell of a table (its block, row and column), and what belongs there."""

    answer: Node
    block: int
    row: int
    line: Line | None = None
    column: int = 0

    @property
    def weight(self) -> int:
        return 1 if self.line is None else weight(self.line.step)

    def is_beside(self, other: _Spot) -> bool:
        """Whether two lines follow on each other: with both as gaps there is nothing to start from."""
        return self.block == other.block and self.line is not None and abs(self.row - other.row) == 1


def exercise(variant: Variant, options: Mapping[str, Any], random: Random) -> Exercise:
    """The derivation of a variant with gaps. DeriveError where no step, or not that step, can be one."""
    given = filled(options, FIELDS)
    derivation = variant.derivation
    shown = sheet(derivation, given["detail"])
    posed = page_texts(page(derivation, ()))
    possible = [_Spot(line.step.after, line.block, line.row, line) for line in shown.lines]
    free = [spot for spot in possible if _may_be_gap(spot, posed)]
    chosen = _chosen(given, possible, free, shown.blocks, random, variant.problem.title)
    cells = [spot for spot in _cells(shown.blocks) if _may_be_gap(spot, posed)]
    chosen += _sampled(cells, given["cells"], shown.blocks, random, [spot.answer for spot in chosen])
    spots = sorted(_distinct(chosen), key=lambda spot: (spot.block, spot.row, spot.column))
    gaps = _gaps(spots, variant.item.points, given["hints"], given["mistakes"])
    blocks = _blanked(list(shown.blocks), spots, gaps, given["hints"])
    return Exercise(variant, "fading", page(derivation, blocks), tuple(gaps))


def _may_be_gap(spot: _Spot, posed: list[tuple[list[str], list[str]]]) -> bool:
    """Whether a place asks for something that the problem does not say; a name for what comes next is no answer."""
    return not counted(spot.answer, posed) and not isinstance(spot.answer, Hole)


# --- which steps ------------------------------------------------------------------------------------------


def _chosen(
    given: Mapping[str, Any], possible: list[_Spot], free: list[_Spot], blocks: Sequence[Block], random: Random,
    title: str,
) -> list[_Spot]:
    """The steps that the options ask for: by number, by level, a share of all, or so many."""
    if not free:
        raise DeriveError(f"{title}: no step can be a gap", "take another mode for this problem")
    if given["steps"]:
        return [_numbered(place, possible, free, title) for place in given["steps"]]
    if given["level"] is not None:
        wanted = [s for s in free if s.line is not None and s.line.step.level.name.lower() == given["level"]]
        if not wanted:
            raise DeriveError(f"{title}: no step of the level {given['level']} can be a gap", _levels(free))
        return wanted
    count = given["blanks"] or BLANKS
    if given["share"] is not None:
        count = _count(given["share"], len(free))
    return _sampled(free, count, blocks, random, [])


def _numbered(place: Node, possible: list[_Spot], free: list[_Spot], title: str) -> _Spot:
    number = whole(place)
    if number is None or not 1 <= number <= len(possible):
        said_number = place.text if isinstance(place, Number) else "that"
        raise DeriveError(f"{title}: there is no step {said_number}", f"the steps are 1 to {len(possible)}")
    spot = possible[number - 1]
    if spot not in free:
        hint = f"steps that can be: {', '.join(str(k) for k, s in enumerate(possible, 1) if s in free)}"
        raise DeriveError(f"{title}: step {number} cannot be a gap: the problem itself says its answer", hint)
    return spot


def _levels(free: Iterable[_Spot]) -> str:
    levels = dict.fromkeys(spot.line.step.level.name.lower() for spot in free if spot.line is not None)
    return f"there are steps of {', '.join(levels)}"


def _count(share: Node, steps: int) -> int:
    value = numeric(share)
    if value is None or not 0 <= value <= 1:
        raise DeriveError("share: from 0 (worked) to 1 (all steps are gaps)", "for instance share = 0.5")
    return round(value * steps)


def _sampled(
    spots: list[_Spot], count: int, blocks: Sequence[Block], random: Random, taken: list[Node],
) -> list[_Spot]:
    """So many places by chance, those first whose answer stands nowhere else; one below the other only if need be."""
    if not count:
        return []
    texts = texts_of(blocks)
    pointless = _Pointless(spots, blocks, texts)
    mixed = [(pointless.rank(spot), *_seen(spot, texts), spot) for spot in shuffled(random, spots)]
    mixed.sort(key=lambda found: found[:-1])
    chosen: list[_Spot] = []
    for apart in (True, False):
        for rank, *_, spot in mixed:
            answers = [*taken, *(other.answer for other in chosen)]
            later = apart and (rank > 0 or any(spot.is_beside(other) for other in chosen))
            if len(chosen) == count or spot.answer in answers or later:
                continue
            if _can_be_hidden(spot, blocks, texts):
                chosen.append(spot)
    return chosen


class _Pointless:
    """Which steps leave nothing to be found: these are gaps only where there are too few others."""

    def __init__(
        self, spots: Iterable[_Spot], blocks: Sequence[Block], texts: Sequence[tuple[list[str], list[str]]],
    ) -> None:
        between = [lines for block, (_, lines) in zip(blocks, texts, strict=True) if not isinstance(block, Grid)]
        tables = [pair for block, pair in zip(blocks, texts, strict=True) if isinstance(block, Grid)]
        self.between = decimals(line for lines in between for line in lines)
        self.everywhere = self.between + decimals(line for _, lines in tables for line in lines)
        self.cells = {part for alone, lines in tables for part in (*alone, *lines)}
        self.ends = {(spot.line.chain.left, spot.line.chain.steps[-1].after): spot.block
                     for spot in spots if spot.line is not None and spot.line.chain.left is not None}

    def rank(self, spot: _Spot) -> int:
        """0 for a step that somebody has to know; 1 where one reads it off; 2 where what it starts from is finished.

        What a table shows of a single number is hidden with it; of the entries of a vector it is not.
        """
        if spot.line is None:
            return 0
        step, chain = spot.line.step, spot.line.chain
        end = self.ends.get((chain.left, step.before), spot.block) if chain.left is not None else spot.block
        if is_conversion(step) or numeric(step.before) is not None or end != spot.block:
            return 2
        shown = self.between if entries(spot.answer) is None else self.everywhere
        return int(told_otherwise(spot.answer, shown, self.cells))


def _can_be_hidden(spot: _Spot, blocks: Sequence[Block], texts: list[tuple[list[str], list[str]]]) -> bool:
    """Whether an answer is gone from the page with gaps in its place; in a longer formula it may not be a part."""
    empty = Hole()
    for k, block in enumerate(blocks):
        if isinstance(block, Picture | Code | Cell) or not counted(spot.answer, [texts[k]]):
            continue
        if counted(spot.answer, texts_of([hidden(block, spot.answer, empty)])):
            return False
    return True


def _seen(spot: _Spot, texts: list[tuple[list[str], list[str]]]) -> tuple[int, int]:
    """How visible an answer is: whether it stands elsewhere; of a number in a table also how often it is met."""
    return min(2, counted(spot.answer, texts)), met(spot.answer, texts) if spot.line is None else 0


def _cells(blocks: Sequence[Block]) -> Iterator[_Spot]:
    """The numbers in tables of the solution, but for the first row and column, which say what is counted."""
    for b, block in enumerate(blocks):
        if isinstance(block, Grid) and not block.given:
            for r, row in enumerate(block.rows[1:], 1):
                for c, cell in enumerate(row[1:], 1):
                    answer = _number_in(cell)
                    if answer is not None:
                        yield _Spot(answer, b, r, None, c)


def _number_in(cell: Prose) -> Node | None:
    match cell:
        case (Node() as node,) if numeric(node) is not None or isinstance(node, Relation):
            return node
        case (str() as words,) if words.replace(".", "", 1).isdecimal() and words.isascii() and words[0] != ".":
            return Number(words)
    return None


def _distinct(spots: Iterable[_Spot]) -> list[_Spot]:
    return list({(spot.block, spot.row, spot.column): spot for spot in spots}.values())


# --- the page ---------------------------------------------------------------------------------------------


def _gaps(spots: Sequence[_Spot], points: Fraction, level: int, most: int) -> list[Gap]:
    each = max(1, min(MISTAKES_TRIED, MISTAKES_IN_EXERCISE // max(1, len(spots))))
    parts = shares(points, [spot.weight for spot in spots])
    return [_gap(spot, str(k), p, level, most, each) for k, (spot, p) in enumerate(zip(spots, parts, strict=True), 1)]


def _gap(spot: _Spot, label: str, points: Fraction, level: int, most: int, tried: int) -> Gap:
    if spot.line is None:
        return Gap(label, spot.answer, points)
    step = spot.line.step
    wrong = mistakes(step, spot.line.context, points, most, tried)
    return Gap(label, spot.answer, points, (step.before,), step.rule, hints(step, level), wrong, step=step)


def _blanked(blocks: list[Block], spots: Sequence[_Spot], gaps: Sequence[Gap], level: int) -> list[Block]:
    answers = [spot.answer for spot in spots]
    first = min((spot.block for spot in spots), default=len(blocks))
    holes = [hole(spot.answer, gap.label) for spot, gap in zip(spots, gaps, strict=True)]
    for spot, gap, empty in zip(spots, gaps, holes, strict=True):
        _put_gap(blocks, spot, gap, empty, level)
    texts = texts_of(blocks)
    for empty, answer in sorted(zip(holes, answers, strict=True), key=lambda pair: -len(printed(pair[1]))):
        for k, block in enumerate(blocks):
            if isinstance(block, Grid) or counted(answer, [texts[k]]):
                blocks[k] = hidden(block, answer, empty)
    made: list[Block] = [Text((words("gaps"),))] if spots else []
    waiting: list[Block] = []  # hints: they stand below what belongs to their line
    for k, block in enumerate(blocks):
        if isinstance(block, Cell) or (isinstance(block, Picture | Code) and (k > first or mentions(block, answers))):
            continue
        if not _explains(block):
            made += waiting
            waiting = []
        made.append(block)
        for spot, gap in zip(spots, gaps, strict=True):
            if spot.block == k:  # a hint that says another answer is left out
                waiting += [help_ for help_ in said(gap.label, gap.hints)
                            if not any(counted(a, texts_of([help_])) for a in answers)]
    return made + waiting


def _explains(block: Block) -> bool:
    """Whether a block goes on with the sentence of the formula above it: ``where a = 1``."""
    match block:
        case Text((Word() as word, *_)):
            return word.key == "where"
    return False


def _put_gap(blocks: list[Block], spot: _Spot, gap: Gap, empty: Hole, level: int) -> None:
    if spot.line is not None:
        row = row_at(blocks, spot.line)
        rule_worth = words("rule worth", rule=row.reason, points=points_text(gap.points))
        reason = rule_worth if level else worth(gap.points)
        with_row(blocks, spot.line, replace(row, right=empty, reason=reason, needs=()))
        return
    block = blocks[spot.block]
    assert isinstance(block, Grid)
    row_of_cells = block.rows[spot.row]
    cells = (*row_of_cells[: spot.column], (empty,), *row_of_cells[spot.column + 1 :])
    blocks[spot.block] = replace(block, rows=(*block.rows[: spot.row], cells, *block.rows[spot.row + 1 :]))


