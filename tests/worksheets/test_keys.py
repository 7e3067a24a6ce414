"""Sheets, keys and tables for a class, as documents and as text."""

import csv
import io
from dataclasses import replace
from fractions import Fraction

import pytest

from derive.documents._tree import Choices, Grid, Picture, Row, Rows, Section, Text
from derive.steps import Status
from derive.tree import Number, walk
from derive.worksheets import keys
from derive.worksheets._prose import with_formulas
from derive.worksheets.model import Student, Worksheet
from derive.write.text import text
from tests.worksheets.exercises import exercise

MODES = ("blank", "fading", "spot-the-error", "order-the-steps", "true-false", "choice")
ADA, EVE = Student("4711", "Ada Lovelace"), Student("0815", "=cmd|'/c calc'!A1")


def sheet_of(exercises):
    items = tuple(e.variant.item for e in exercises)
    return Worksheet("Sheet 3", "seed", items, front=(("course", "Machine Learning"), ("date", "2026-11-21")))


def exercises(name="s0-p3-2-jacobian", seed=0):
    """One exercise of each mode, as items of their own."""
    made = [exercise(mode, name, seed, **({"mistakes": 2} if mode == "blank" else {})) for mode in MODES]
    return [replace(e, variant=replace(e.variant, item=replace(e.variant.item, id=e.mode))) for e in made]


@pytest.fixture(scope="module")
def papers():
    first, second = exercises(), exercises(seed=1)
    return sheet_of(first), [(ADA, first), (EVE, second)]


def words_of(blocks):
    for block in blocks:
        match block:
            case Text(prose) | Section(prose):
                yield from (part if isinstance(part, str) else text(part) for part in prose)
            case Grid(header, rows, caption):
                for prose in (*header, *(cell for row in rows for cell in row), caption):
                    yield from (part if isinstance(part, str) else text(part) for part in prose)
            case Rows(rows):
                for row in rows:
                    yield text(row.right)
                    yield row.reason
            case Choices(items):
                yield from (part if isinstance(part, str) else text(part) for item in items for part in item)


def test_a_paper_says_whose_it_is_and_what_it_is_worth(papers):
    sheet, [(student, made), _] = papers
    shown = keys.paper_document(sheet, student, made)
    assert shown.title == "Sheet 3"
    assert shown.front == (("name", "Ada Lovelace"), ("number", "4711"), ("points", "____ / 36"), *sheet.front)
    assert all(page.title.endswith(" (6\u00a0points)") for page in shown.pages)
    assert all(page.summary is None for page in shown.pages)


def test_no_answer_of_a_key_is_on_the_paper(papers):
    sheet, [(student, made), _] = papers
    for exercise_, page in zip(made, keys.paper_document(sheet, student, made).pages, strict=True):
        assert page.blocks == exercise_.page.blocks or any(isinstance(b, Grid | Picture) for b in page.blocks)
        for block in page.blocks:
            assert not isinstance(block, Choices) or (not block.ticked and not block.numbers)


@pytest.mark.parametrize("make", ["paper_document", "key_document"])
def test_tables_and_figures_are_counted_through_all_pages(papers, make):
    sheet, [(student, made), _] = papers
    blocks = [block for page in getattr(keys, make)(sheet, student, made).pages for block in page.blocks]
    for kind in (Grid, Picture):
        numbers = [block.number for block in blocks if isinstance(block, kind)]
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_key_has_every_answer_every_mistake_and_the_verified_solution(papers):
    sheet, [(student, made), _] = papers
    shown = keys.key_document(sheet, student, made)
    for exercise_, page in zip(made, shown.pages, strict=True):
        said = list(words_of(page.blocks))
        for gap in exercise_.gaps:
            if gap.answer is not None and not gap.choices:
                assert text(gap.answer) in said
            for mistake in gap.mistakes:
                assert any(mistake.slip in word for word in said)
                parts = [part if isinstance(part, str) else text(part) for part in with_formulas(mistake.reason)]
                assert all(any(part in word for word in said) for part in parts)
        marks = [row.mark for block in page.blocks if isinstance(block, Rows) for row in block.rows]
        assert Status.PROVED in marks and Status.REFUTED not in marks
        assert page.summary is not None and page.outcome is not None


def test_a_key_ticks_and_numbers_what_is_right(papers):
    sheet, [(student, made), _] = papers
    shown = keys.key_document(sheet, student, made)
    boxes = {e.mode: next((b for b in page.blocks if isinstance(b, Choices)), None)
             for e, page in zip(made, shown.pages, strict=True)}
    gaps = {e.mode: e.gaps for e in made}
    assert boxes["choice"].ticked == frozenset(gaps["choice"][0].right)
    right = gaps["order-the-steps"][0].right
    assert [boxes["order-the-steps"].numbers[place] for place in right] == list(range(1, len(right) + 1))
    assert boxes["true-false"].ticked == {k for k, gap in enumerate(gaps["true-false"]) if gap.right == (0,)}
    assert boxes["blank"] is None


def test_the_line_of_a_gap_is_labelled_in_the_solution(papers):
    sheet, [(student, made), _] = papers
    fading = next(e for e in made if e.mode == "fading")
    page = keys.key_document(sheet, student, [fading]).pages[0]
    for gap in fading.gaps:
        assert any(isinstance(b, Rows) and any(r.right == gap.answer and r.reason.endswith(f"[{gap.label}]")
                                               for r in b.rows) for b in page.blocks)


def test_answers_for_all_have_a_row_for_every_gap(papers):
    sheet, both = papers
    shown = keys.answers_document(sheet, both)
    assert len(shown.pages) == len(sheet.items)
    for item, page in zip(sheet.items, shown.pages, strict=True):
        said = " ".join(words_of(page.blocks))
        assert "4711" in said and "0815" in said
        count = sum(len(e.gaps) for _, made in both for e in made if e.variant.item == item)
        rows = sum(len(b.rows) for b in page.blocks if isinstance(b, Grid))
        lines = sum(isinstance(b, Rows | Text) for b in page.blocks)
        assert rows + lines == count


def test_every_row_of_the_answers_can_be_told_whose_it_is(papers):
    """Also where the first answer is a matrix, which does not stand in the table: the jacobian's."""
    sheet, both = papers
    for page in keys.answers_document(sheet, both).pages:
        for grid in (block for block in page.blocks if isinstance(block, Grid)):
            whose = [(number, name) for number, name, *_ in grid.rows if number or name]
            assert whose and grid.rows[0][0] and grid.rows[0][1]
            assert whose in ([((s.id,), (s.name,)) for s, _ in some] for some in (both, both[:1], both[1:]))


def test_papers_may_come_one_by_one(papers):
    sheet, both = papers
    assert keys.answers_document(sheet, iter(both)) == keys.answers_document(sheet, both)
    assert keys.grading_table(sheet, iter(both)) == keys.grading_table(sheet, both)
    assert keys.error_table(sheet, iter(both)) == keys.error_table(sheet, both)


def test_every_table_has_a_caption_and_reasons_have_formulas(papers):
    sheet, both = papers
    for make in (keys.grading_table, keys.answers_document, keys.error_table):
        blocks = [block for page in make(sheet, both).pages for block in page.blocks]
        assert all(block.caption for block in blocks if isinstance(block, Grid))
    told = [block.prose for page in keys.error_table(sheet, both).pages for block in page.blocks
            if isinstance(block, Text)]
    assert any(not isinstance(part, str) for prose in told for part in prose[1:])


def test_what_is_worth_nothing_is_not_graded(papers):
    sheet, both = papers
    example = exercise("worked", "product-of-three", points=Fraction(0))
    more = [(student, [*made, example]) for student, made in both]
    assert keys.grading_table(sheet, more) == keys.grading_table(sheet, both)

def test_what_asks_for_nothing_has_no_points_that_could_be_reached(papers):
    sheet, both = papers
    paid = exercise("worked", "product-of-three", points=Fraction(2))
    assert paid.points == 0
    more = [(student, [*made, paid]) for student, made in both]
    assert keys.grading_table(sheet, more) == keys.grading_table(sheet, both)
    assert keys.grading_csv(sheet, more) == keys.grading_csv(sheet, both)
    shown = keys.paper_document(sheet, ADA, more[0][1])
    assert ("points", "____ / 36") in shown.front and "point" not in shown.pages[-1].title
    assert "points" not in dict(keys.paper_document(sheet, ADA, [paid]).front)


def test_the_grading_table_has_a_cell_for_every_gap(papers):
    sheet, both = papers
    for item, page in zip(sheet.items, keys.grading_table(sheet, both).pages, strict=True):
        grid = page.blocks[0]
        assert [row[0] for row in grid.rows] == [("4711",), ("0815",)]
        most = max(len(e.gaps) for _, made in both for e in made if e.variant.item == item)
        assert len(grid.header) == most + 3 and all(len(row) == len(grid.header) for row in grid.rows)


def test_the_grading_text_adds_up_and_no_spreadsheet_executes_it(papers):
    sheet, both = papers
    rows = list(csv.DictReader(io.StringIO(keys.grading_csv(sheet, both))))
    assert len(rows) == sum(len(e.gaps) for _, made in both for e in made)
    for student, made in both:
        total = sum(float(row["points"]) for row in rows if row["id"] == student.id)
        assert total == 6 * len(made)
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    assert rows[-1]["name"] == "'=cmd|'/c calc'!A1"


def test_the_error_table_says_what_was_written_in_place_of_what():
    made = exercise("fading", "s0-p3-2-jacobian", steps=(Number("6"),))
    (gap,) = made.gaps
    assert text(gap.answer) == "-2y"
    grid = next(block for block in keys.error_blocks(made) if isinstance(block, Grid))
    rows = [["".join(p if isinstance(p, str) else text(p) for p in cell) for cell in row] for row in grid.rows]
    assert ["1", "difference the wrong way round", "2y", "-2y", "−3"] in rows


def test_mistakes_of_a_class_are_counted(papers):
    sheet, both = papers
    blank = next(k for k, item in enumerate(sheet.items) if item.mode == "blank")
    page = keys.error_table(sheet, both).pages[blank]
    slips = [row[1][0] for block in page.blocks if isinstance(block, Grid) for row in block.rows]
    assert len(set(slips)) == len(slips)
    counts = [row[0] for block in page.blocks if isinstance(block, Grid) for row in block.rows]
    assert ("2",) in counts and counts == sorted(counts, reverse=True)


def test_a_worked_example_has_a_key_without_answers():
    made = exercise("worked", "kl-divergence-two-coins")
    page = keys.key_document(sheet_of([made]), ADA, [made]).pages[0]
    assert not any(isinstance(b, Section) and b.text == ("Answers",) for b in page.blocks)
    assert keys.error_blocks(made) == []


def test_long_and_tall_answers_leave_the_table():
    made = exercise("blank", "s0-p3-2-jacobian")
    page = keys.key_document(sheet_of([made]), ADA, [made]).pages[0]
    grid = next(block for block in page.blocks if isinstance(block, Grid))
    cells = [part for row in grid.rows for cell in row for part in cell if not isinstance(part, str)]
    assert all(type(part).__name__ != "Matrix" for cell in cells for part in walk(cell))
    assert any(isinstance(b, Rows) and any(isinstance(r, Row) and r.reason.strip().startswith("(1)") for r in b.rows)
               for b in page.blocks)
