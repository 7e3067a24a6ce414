"""What is printed: a person's sheet, the key to it, and the tables with which a class is graded.

``making.py`` calls these with exercises; no mode is known here. Every function gives a document of
:mod:`derive.documents._tree`, whose figures, tables and listings are numbered through all of its pages. Those for a
class walk over the papers (pairs of a person and the exercises) one by one and keep only the rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

from derive.documents._table import prose_width
from derive.documents._tree import (
    Block,
    Choices,
    Document,
    Grid,
    Page,
    Room,
    Row,
    Rows,
    Section,
    Text,
    page,
    renumbered,
)
from derive.documents._widths import FRACTION, height
from derive.steps import Prose
from derive.tree import Node
from derive.worksheets._prose import with_formulas
from derive.worksheets._words import amount, points_text, translated, words
from derive.worksheets.model import Exercise, Gap, Mistake, Student, Worksheet
from derive.worksheets.modes._lines import sheet as lines_of

Papers = Iterable[tuple[Student, Sequence[Exercise]]]

TO_FILL = "____"  # for the points that somebody gets

CELL = 16.0  # em that the formulas in a row of a table may take; wider and taller ones are set as lines of their own


# --- for one person ---------------------------------------------------------------------------------------


def paper_document(sheet: Worksheet, student: Student, exercises: Sequence[Exercise]) -> Document:
    """A person's sheet: who it is for, and the problems with what they are worth."""
    pages = tuple(replace(e.page, title=_titled(e)) for e in exercises)
    return _finished(Document(sheet.title, pages, _front(sheet, student, exercises)), sheet)


def key_document(sheet: Worksheet, student: Student, exercises: Sequence[Exercise]) -> Document:
    """The key to a person's sheet: the answers, the mistakes to expect, and the whole verified solution."""
    pages = tuple(map(_key_page, exercises))
    return _finished(Document(words("key", title=sheet.title), pages, _front(sheet, student, exercises)), sheet)


def _finished(shown: Document, sheet: Worksheet) -> Document:
    """The document with everything counted through, in the worksheet's language."""
    return translated(renumbered(shown), sheet.language)


def _front(sheet: Worksheet, student: Student, exercises: Sequence[Exercise]) -> tuple[tuple[str, str], ...]:
    """The head of a sheet, with what it is worth in all; without a name there is a line to write it on."""
    total = sum((exercise.points for exercise in exercises), Fraction(0))
    worth = (("points", f"{TO_FILL} / {amount(total)}"),) if total else ()
    return (("name", student.name), ("number", student.id), *worth, *sheet.front)


def _titled(exercise: Exercise) -> str:
    """The heading of an exercise; one for nothing but reading is worth no points and says none."""
    if not exercise.points:
        return exercise.page.title
    return words("titled", title=exercise.page.title, points=points_text(exercise.points))


def _key_page(exercise: Exercise) -> Page:
    """Answers and mistakes first, as whoever grades looks for them, then the derivation with its verdicts."""
    solution = page(exercise.variant.derivation)
    asked: list[Block] = list(_asked(exercise))
    found = _answers([_Entry((), gap, exercise) for gap in exercise.gaps])
    answers: list[Block] = [Section((words("Answers"),)), *found] if exercise.gaps else []
    wrong = error_blocks(exercise)
    errors: list[Block] = [Section((words("Mistakes"),)), *wrong] if wrong else []
    rest: list[Block] = [Section((words("Solution"),))] if exercise.gaps else []
    blocks = (*asked, *answers, *errors, *rest, *_labelled(exercise, solution))
    return replace(solution, title=_titled(exercise), blocks=blocks)


def _asked(exercise: Exercise) -> Iterator[Block]:
    """The question as the sheet puts it where it cannot be seen in the solution: with what is to be ticked."""
    if not any(gap.choices for gap in exercise.gaps):
        return
    for block in exercise.page.blocks:
        if isinstance(block, Choices):
            yield _ticked(block, exercise.gaps)
        elif not isinstance(block, Room):
            yield block


def _ticked(block: Choices, gaps: Sequence[Gap]) -> Choices:
    """Choices with the right ones ticked, or numbered."""
    for gap in gaps:
        if gap.choices == block.items:
            if block.numbered:
                return replace(block, numbers=tuple(gap.right.index(k) + 1 for k in range(len(block.items))))
            return replace(block, ticked=frozenset(gap.right))
    right = {k for k, gap in enumerate(gaps) if gap.question == block.items[k] and gap.right == (0,)}
    return replace(block, ticked=frozenset(right))


def _labelled(exercise: Exercise, solution: Page) -> list[Block]:
    """The blocks of the solution, with the label of a gap beside the line that was asked for."""
    blocks = list(solution.blocks)
    labels = {(g.step.before, g.step.after): g.label for g in exercise.gaps if g.step is not None and not g.choices}
    for line in lines_of(exercise.variant.derivation).lines if labels else ():
        block = blocks[line.block]
        label = labels.get((line.step.before, line.step.after))
        if label is not None and isinstance(block, Rows):
            row = block.rows[line.row]
            told = replace(row, reason=f"{row.reason} [{label}]")
            blocks[line.block] = Rows((*block.rows[: line.row], told, *block.rows[line.row + 1 :]))
    return blocks


# --- answers ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """A gap to answer: the cells that say whose it is in a table, the gap, its exercise; ``who`` it belongs to."""

    cells: tuple[str, ...]
    gap: Gap
    exercise: Exercise
    who: str = ""

    @property
    def answer(self) -> Prose:
        return answer(self.gap, self.exercise)


def answer(gap: Gap, exercise: Exercise) -> Prose:
    """The right answer to a gap in a line: letters for choices, the order for lines, else the formula."""
    if gap.choices and len(gap.right) > 1:
        return (", ".join(_letter(k) for k in gap.right),)
    if gap.choices and len(gap.right) == 1:
        right = gap.choices[gap.right[0]]
        if all(isinstance(part, str) for choice in gap.choices for part in choice):
            if gap.answer is None or not gap.mistakes:
                return right
            return words("right is", answer=right[0]), gap.answer
        return (f"{_letter(gap.right[0])}) ", *right)
    if gap.answer is not None:
        return (gap.answer,)
    told = next((r.number for r in exercise.variant.derivation.results if (r.name,) == gap.question), None)
    return (str(told),) if isinstance(told, str) else (words("see the solution"),)


def _letter(place: int) -> str:
    """The letter that formats print before a choice."""
    return chr(ord("a") + place)


def _answers(entries: Sequence[_Entry], heads: Sequence[str] = ()) -> list[Block]:
    """A table of the answers that fit into cells; the others each on a line of its own."""
    small, large = _parted(entries, lambda entry: _fits(entry.answer))
    rows = tuple(
        (*_once(entry, above), (entry.gap.label,), entry.answer, (amount(entry.gap.points),))
        for above, entry in zip((None, *small), small, strict=False)
    )
    header = tuple((words(head),) for head in (*heads, "gap", "answer", "points"))
    blocks: list[Block] = [Grid(header, rows, (words("Answers"),), 0)] if rows else []
    for entry in large:
        told = words("answer line", who=entry.who, gap=entry.gap.label, points=points_text(entry.gap.points))
        blocks.append(_line(entry.answer, told))
    return blocks


def _once(entry: _Entry, above: _Entry | None) -> tuple[Prose, ...]:
    """Whom a row belongs to, left blank below a row of the same person."""
    same = above is not None and above.cells == entry.cells
    return tuple(() if same else (cell,) for cell in entry.cells)


def _fits(*cells: Prose) -> bool:
    """Whether formulas fit side by side into a row of a table."""
    flat = all(height(part) <= FRACTION for cell in cells for part in cell if isinstance(part, Node))
    return flat and sum(map(prose_width, cells)) <= CELL * len(cells)


_T = TypeVar("_T")


def _parted(values: Iterable[_T], small: Callable[[_T], bool]) -> tuple[list[_T], list[_T]]:
    """The values that are small, and the others, in their order."""
    parts: tuple[list[_T], list[_T]] = [], []
    for value in values:
        parts[not small(value)].append(value)
    return parts


def _line(prose: Prose, said: str) -> Block:
    """A formula, or words with formulas, with what is said of it."""
    match prose:
        case (Node() as formula,):
            return Rows((Row(None, "", formula, said),))
    return Text((said, words(": "), *prose))


# --- mistakes ---------------------------------------------------------------------------------------------


def error_blocks(exercise: Exercise) -> list[Block]:
    """The mistakes that were foreseen: what is written in place of what, the slip, what it costs, how to see it."""
    found = [_Foreseen(gap.label, mistake, _right(gap)) for gap in exercise.gaps for mistake in _foreseen(gap)]
    return _error_rows("gap", found)


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """A row of a table of mistakes: where, or on how many sheets, the mistake, and what should stand in its place."""

    cell: str
    mistake: Mistake
    right: Prose


def _foreseen(gap: Gap) -> list[Mistake]:
    """The mistakes at a gap; where a line is to be found, that is told at the gap for what should stand there."""
    return [] if gap.shown and not gap.mistakes else list(gap.mistakes or gap.shown.values())


def _error_rows(head: str, found: Sequence[_Foreseen]) -> list[Block]:
    """A table of the mistakes that fit into one, the others on lines of their own, then how to see each slip."""
    small, large = _parted(found, lambda row: _fits((row.mistake.wrong,), row.right))
    rows = tuple(
        ((row.cell,), (row.mistake.slip,), (row.mistake.wrong,), row.right, (_minus(row.mistake),)) for row in small
    )
    header = tuple((words(name),) for name in (head, "slip", "written", "in place of", "points"))
    blocks: list[Block] = [Grid(header, rows, (words("Mistakes"),), 0)] if rows else []
    for row in large:
        told = words("mistake line", cell=row.cell, slip=row.mistake.slip, points=_minus(row.mistake))
        blocks.append(_line((row.mistake.wrong,), told))
    return [*blocks, *_reasons(row.mistake for row in found)]


def _right(gap: Gap) -> Prose:
    """What should stand where a mistake was made."""
    if gap.step is not None and gap.choices and all(isinstance(p, str) for choice in gap.choices for p in choice):
        return (gap.step.after,)
    return (gap.answer,) if gap.answer is not None else ()


def _minus(mistake: Mistake) -> str:
    return f"−{amount(mistake.lost)}"


def _reasons(mistakes: Iterable[Mistake]) -> list[Block]:
    """How each slip is seen, said once."""
    reasons = {mistake.slip: mistake.reason for mistake in mistakes}
    return [Text((f"{slip[:1].upper()}{slip[1:]}. ", *with_formulas(reason))) for slip, reason in reasons.items()]


# --- for a class ------------------------------------------------------------------------------------------


def answers_document(sheet: Worksheet, papers: Papers) -> Document:
    """The short key for all: a page for each problem, and on it a row for every gap of every person."""
    entries: dict[str, list[_Entry]] = {item.id: [] for item in sheet.items}
    titles: dict[str, str] = {}
    for student, exercises in papers:
        for exercise in exercises:
            item = exercise.variant.item.id
            titles.setdefault(item, _titled(exercise))
            entries.setdefault(item, []).extend(
                _Entry((student.id, student.name), gap, exercise, student.id) for gap in exercise.gaps
            )
    pages = tuple(
        _page(titles[item], _answers(found, ("number", "name"))) for item, found in entries.items() if found
    )
    return _finished(Document(words("answers", title=sheet.title), pages, sheet.front), sheet)


def grading_table(sheet: Worksheet, papers: Papers) -> Document:
    """Tables to fill in, one for each problem: a row for each person, a column for each gap and for their sum."""
    rows: dict[str, list[tuple[Student, tuple[Fraction, ...]]]] = {item.id: [] for item in sheet.items}
    titles: dict[str, str] = {}
    for student, exercises in papers:
        for exercise in exercises:
            item = exercise.variant.item.id
            titles.setdefault(item, _titled(exercise))
            worth = tuple(gap.points for gap in exercise.gaps)
            if any(worth):
                rows.setdefault(item, []).append((student, worth))
    pages = tuple(_page(titles[item], [_grading(found)]) for item, found in rows.items() if found)
    return _finished(Document(words("grading", title=sheet.title), pages, sheet.front), sheet)


def _grading(rows: Sequence[tuple[Student, Sequence[Fraction]]]) -> Grid:
    """What a gap is worth stands in the head where it is worth the same for all, else in its cell."""
    count = max(len(worth) for _, worth in rows)
    same = [{worth[k] for _, worth in rows if k < len(worth)} for k in range(count)]
    heads = [_head(k, worths) for k, worths in enumerate(same, 1)]
    header: tuple[Prose, ...] = ((words("number"),), (words("name"),), *((head,) for head in heads), (words("sum"),))
    cells = tuple(
        ((student.id,), (student.name,), *(_cell(worth, k, len(same[k]) > 1) for k in range(count)), ())
        for student, worth in rows
    )
    return Grid(header, cells, (words("Points given"),), 0)


def _head(place: int, worths: set[Fraction]) -> str:
    return words("gap of", gap=place, count=amount(*worths)) if len(worths) == 1 else f"({place})"


def _cell(worth: Sequence[Fraction], k: int, told: bool) -> Prose:
    if k >= len(worth):
        return ("–",)
    return (words("of", count=amount(worth[k])),) if told else ()


def grading_csv(sheet: Worksheet, papers: Papers) -> str:
    """The same as text for a spreadsheet: a row for each gap of each person, with an empty cell for the points.

    The points of a person's rows add up to those of the sheet.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "name", "problem", "gap", "rule", "points", "given"])
    for student, exercises in papers:
        for exercise in exercises:
            for gap in exercise.gaps:
                item = exercise.variant.item.id
                cells = (student.id, student.name, item, gap.label, gap.rule, amount(gap.points))
                writer.writerow([*map(inert, cells), ""])
    return out.getvalue()


def inert(words: str) -> str:
    """Words that no spreadsheet takes for a formula."""
    return f"'{words}" if words[:1] in ("=", "+", "-", "@", "\t", "\r") else words


def error_table(sheet: Worksheet, papers: Papers) -> Document:
    """The mistakes to expect in a class: every slip of a problem once, with on how many sheets, and an example."""
    found: dict[str, dict[str, tuple[_Foreseen, set[str]]]] = {item.id: {} for item in sheet.items}
    titles: dict[str, str] = {}
    for student, exercises in papers:
        for exercise in exercises:
            slips = found.setdefault(exercise.variant.item.id, {})
            titles.setdefault(exercise.variant.item.id, _titled(exercise))
            for gap in exercise.gaps:
                for mistake in _foreseen(gap):
                    row = slips.setdefault(mistake.slip, (_Foreseen("", mistake, _right(gap)), set()))
                    row[1].add(student.id)
    pages = tuple(_page(titles[item], _by_number(slips.values())) for item, slips in found.items() if slips)
    return _finished(Document(words("errors", title=sheet.title), pages, sheet.front), sheet)


def _by_number(slips: Iterable[tuple[_Foreseen, set[str]]]) -> list[Block]:
    """The slips of most sheets first."""
    order = sorted(slips, key=lambda row: -len(row[1]))
    return _error_rows("sheets", [replace(row, cell=str(len(sheets))) for row, sheets in order])


def _page(title: str, blocks: Sequence[Block]) -> Page:
    return Page(title, (), tuple(blocks), None, None)
