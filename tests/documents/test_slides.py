"""Slides: everything is on a frame, no frame holds too much, and what is uncovered when."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import files
from derive.documents import _engines, _frames, html, pdf, tex
from derive.documents._frames import FittedGrid, FittedPicture, Frame, Lines, frames
from derive.documents._layout import PAPER, line_width
from derive.documents._rows import AlignedLine, Rooms, aligned
from derive.documents._template import TemplateMistakeError, checked, look
from derive.documents._tree import (
    Code,
    Grid,
    Options,
    Outcome,
    Page,
    Picture,
    Room,
    Row,
    Rows,
    Section,
    Statement,
    Text,
    document,
    page,
)
from derive.errors import DeriveError
from derive.steps import Derivation, Figure, Status
from derive.tree import Node, Symbol
from tests.documents.samples import ALL, X, Y, add, descent, eq, frac, long_rows, monomial, mul, n, sigmoid, worksheet

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
needs_poppler = pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="pdfinfo is not installed")
SLIDES = Options(style="slides")
ROOMS = look("tex", SLIDES).rooms
Make = Callable[[], Derivation]


def pages_of_samples() -> list[Page]:
    return [*(page(make()) for make in ALL), *worksheet().pages]


def shown(found: Sequence[Frame], kind: type) -> Iterator[object]:
    return (block for frame in found for block in frame.blocks if isinstance(block, kind))


def lines_on(found: Sequence[Frame]) -> list[AlignedLine]:
    return [line for block in shown(found, Lines) for line in block.lines[block.carried :]]  # type: ignore[attr-defined]


def lines_of(pages: Page, rooms: Rooms) -> list[AlignedLine]:
    chains = [block.rows for block in pages.blocks if isinstance(block, Rows)]
    return [line for rows in chains for line in aligned(rows, rooms.formula)[0]]


# --- everything is there -------------------------------------------------------------------------------


def test_both_engines_and_the_handout_have_the_same_room() -> None:
    styles = [look(kind, replace(SLIDES, style=style)).rooms for kind in ("tex", "typ")
              for style in ("slides", "slides-handout")]
    assert set(styles) == {ROOMS} and ROOMS.height > 0
    assert look("html", SLIDES).rooms.height == look("tex", Options()).rooms.height == 0


@pytest.mark.parametrize("i", range(len(pages_of_samples())))
def test_every_line_and_block_is_on_a_frame(i: int) -> None:
    whole = pages_of_samples()[i]
    found = frames(whole, ROOMS)
    assert lines_on(found) == lines_of(whole, ROOMS)
    for kind in (Text, Room):
        assert list(shown(found, kind)) == [block for block in whole.blocks if isinstance(block, kind)]
    cells = [row for block in shown(found, FittedGrid) for row in block.grid.rows]  # type: ignore[attr-defined]
    assert len(cells) >= sum(len(block.rows) for block in whole.blocks if isinstance(block, Grid))
    pictures = [block.picture for block in shown(found, FittedPicture)]  # type: ignore[attr-defined]
    assert pictures == [block for block in whole.blocks if isinstance(block, Picture)]
    listed = [line for block in shown(found, Code) for line in block.lines]  # type: ignore[attr-defined]
    assert listed == [line for block in whole.blocks if isinstance(block, Code) for line in block.lines]
    items = [item for frame in found for s in frame.statements for item in s.items]
    assert items == [item for s in whole.statements for item in s.items]
    results = [row for frame in found if frame.outcome for row in frame.outcome.rows]
    assert results == list(whole.outcome.rows if whole.outcome else ())
    assert [frame.summary for frame in found[:-1]] == [None] * (len(found) - 1)
    assert found[-1].summary == whole.summary


@pytest.mark.parametrize("i", range(len(pages_of_samples())))
def test_no_line_is_wider_than_its_frame(i: int) -> None:
    for line in lines_on(frames(pages_of_samples()[i], ROOMS)):
        assert line_width(line.right, PAPER) <= ROOMS.formula


def test_every_heading_opens_a_frame() -> None:
    whole = page(sigmoid())
    titles = [block.text for block in whole.blocks if isinstance(block, Section)]
    found = frames(whole, ROOMS)
    assert titles and [frame.title for frame in found if frame.opens and frame.title != (whole.title,)] == titles
    assert all(not (frame.opens and frame.continued) for frame in found)


# --- what a frame holds ---------------------------------------------------------------------------------


def test_a_chain_goes_on_with_the_line_it_comes_from() -> None:
    values = [frac(monomial(i), add(X, n(i))) for i in range(2, 12)]
    rows = (Row(Y, "=", values[0]), *(Row(None, "=", value, "a rule", Status.PROVED) for value in values[1:]))
    found = frames(Page("A chain", (), (Rows(rows),), None, None), ROOMS)
    assert len(found) > 2
    for before, after in pairwise(found):
        (old,), (new,) = before.blocks, after.blocks
        assert isinstance(old, Lines) and isinstance(new, Lines) and new.carried == 1
        assert (new.lines[0].left, new.lines[0].right) == (lines_on(found)[0].left, old.lines[-1].right)
        assert not new.lines[0].why and new.lines[0].mark is None
        assert after.continued


@pytest.mark.parametrize("above", range(8))
def test_neither_the_first_nor_the_last_line_of_a_chain_is_alone(above: int) -> None:
    """Wherever on the frame the chain begins; and a line is only said again where one went before it."""
    filling = Rows(tuple(Row(None, "", frac(monomial(i), X)) for i in range(above)))
    rows = (Row(Y, "=", frac(X, Y)), *(Row(None, "=", frac(monomial(i), Y)) for i in range(2, 5)))
    blocks = ((filling,) if above else ()) + (Rows(rows),)
    found = frames(Page("A chain", (), blocks, None, None), ROOMS)
    parts = [block for block in shown(found, Lines) if block.lines[0].left]  # type: ignore[attr-defined]
    assert sum(len(part.lines) - part.carried for part in parts) == 4  # type: ignore[attr-defined]
    assert all(len(part.lines) - part.carried > 1 for part in parts)  # type: ignore[attr-defined]


@pytest.mark.parametrize("signs", [("=", "<="), ("<=", "="), ("=", "~=")])
def test_what_is_not_one_relation_is_not_said_to_be_one(signs: tuple[str, str]) -> None:
    """From ``y = a``, ``<= b`` follows no ``y = b``: the left side is not repeated."""
    rows = (Row(Y, signs[0], X), *(Row(None, signs[i % 2], frac(X, n(i + 1))) for i in range(1, 12)))
    _, second, *_ = frames(Page("A chain", (), (Rows(rows),), None, None), ROOMS)
    (block,) = second.blocks
    assert isinstance(block, Lines) and block.carried == 1 and block.lines[0].left == ()


def test_a_row_that_is_higher_than_a_frame_is_divided() -> None:
    long = add(*(mul(monomial(i), Symbol(f"x_{i}")) for i in range(400)))
    whole = Page("Long", (), (Rows((Row(Y, "=", long, "expand", Status.PROVED),)),), None, None)
    found = frames(whole, ROOMS)
    assert len(found) > 1 and lines_on(found) == lines_of(whole, ROOMS)
    assert all(frame.slides == 1 for frame in found)


def test_a_long_table_is_divided_between_its_rows() -> None:
    rows = tuple(((n(i),), (n(i * i),)) for i in range(60))
    found = frames(Page("T", (), (Grid((("i",), ("square",)), rows, ("Squares.",), 1),), None, None), ROOMS)
    parts = list(shown(found, FittedGrid))
    assert [row for part in parts for row in part.grid.rows] == list(rows)  # type: ignore[attr-defined]
    assert [part.part for part in parts] == list(range(len(parts))) and len(parts) > 3  # type: ignore[attr-defined]


def test_a_sentence_stays_with_what_it_leads_to() -> None:
    tall = tuple(Rows((Row(None, "", eq(Y, frac(monomial(i), X))),)) for i in range(3, 7))
    found = frames(Page("P", (), (*tall, Text(("it follows that",)), Rows((Row(None, "", frac(X, Y)),))), None, None),
                   ROOMS)
    assert not any(isinstance(frame.blocks[-1], Text) for frame in found)


def test_a_picture_has_the_room_that_the_text_leaves() -> None:
    picture = Picture(Figure("function_plot", {}, ("f",), "a plot"), 1)
    alone, *_ = shown(frames(Page("P", (), (picture,), None, None), ROOMS), FittedPicture)
    beside, *_ = shown(frames(Page("P", (), (Text(("The graph.",)), picture), None, None), ROOMS), FittedPicture)
    assert 0.6 * ROOMS.height < beside.room < alone.room <= ROOMS.height  # type: ignore[attr-defined]


def test_a_problem_without_anything_has_a_frame() -> None:
    assert [(frame.title, frame.slides) for frame in frames(Page("Empty", (), (), None, None), ROOMS)] == [
        (("Empty",), 1)]


# --- what is uncovered when --------------------------------------------------------------------------------


def test_lines_are_uncovered_one_after_the_other() -> None:
    line = aligned((Row(Y, "=", X),), ROOMS.formula)[0]
    rest = aligned((Row(None, "=", X),), ROOMS.formula)[0]
    two = (*(replace(part, ends=False) for part in rest), *rest)
    frame = Frame(("T",), blocks=(
        Text(("We have",)), Lines((*line, *rest, *two)), Text(("Done.",)), Lines((*line, *rest), carried=1),
    ), outcome=Outcome(()))
    assert frame.seen() == [(1,), (1, 2, 3, 3), (4,), (5, 6)]
    assert frame.slides == 7


def test_what_was_on_the_frame_before_is_there_at_once() -> None:
    line = aligned((Row(Y, "=", X),), ROOMS.formula)[0]
    assert Frame(("T",), blocks=(Lines((*line, *line), carried=1),)).seen() == [(1, 2)]


def test_what_is_given_is_there_at_once_and_the_result_comes_last() -> None:
    statements = (Statement("Given", (("a",), ("b",))),)
    assert Frame(("T",), statements).slides == 1
    assert Frame(("T",), statements, outcome=Outcome(())).slides == 2


LEFT: tuple[Node | None, ...] = (None, None, X, frac(X, Y))
OTHERS = (Text(("Then",)), Text(("It is so.",), remark=True), Section(("Next",)), Room(3))
ROW = st.tuples(st.integers(0, 3), st.sampled_from(["=", "<=", "~="]), st.integers(1, 12), st.integers(0, 20))


def row(left: int, sign: str, terms: int, words: int) -> Row:
    """A row whose right side has so many terms over ``x + 1``, and whose reason so many words."""
    return Row(LEFT[left], sign, frac(add(*(monomial(j) for j in range(terms))), add(X, n(1))), "so " * words)


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.one_of(st.integers(0, 3), st.lists(ROW, min_size=1, max_size=6)), max_size=4))
def test_frames_of_any_chains(made: list[int | list[tuple[int, str, int, int]]]) -> None:
    blocks = (OTHERS[b] if isinstance(b, int) else Rows(tuple(row(*r) for r in b)) for b in made)
    whole = Page("P", (), tuple(blocks), None, None)
    found = frames(whole, ROOMS)
    assert lines_on(found) == lines_of(whole, ROOMS)
    for frame in found:
        seen = [at for block in frame.seen() for at in block]
        assert not frame.blocks or (seen == sorted(seen) and set(seen) == set(range(1, frame.slides + 1)))
        things = [thing for block in frame.blocks for thing in _frames._things(block, ROOMS)]
        assert len(things) == 1 or _frames._height(things) <= ROOMS.height


# --- both engines ------------------------------------------------------------------------------------------


def said(path: Path) -> tuple[str, int]:
    """The title of a PDF and how many pages it has."""
    shown = subprocess.run(["pdfinfo", str(path)], capture_output=True, check=True, timeout=30).stdout.decode()
    title, number = re.search(r"Title:\s+(.*)", shown), re.search(r"Pages:\s+(\d+)", shown)
    assert title is not None and number is not None
    return title[1], int(number[1])


def expected(sheet: Sequence[Derivation], overlays: bool) -> int:
    found = [frame for p in document("S", sheet).pages for frame in frames(p, ROOMS)]
    return 1 + sum(frame.slides if overlays else 1 for frame in found)


@needs_poppler
@pytest.mark.slow
@pytest.mark.parametrize("style", ["slides", "slides-handout"])
@pytest.mark.parametrize("engine", [pytest.param("tex", marks=needs_tex), "typst"])
def test_a_page_for_every_slide(engine: str, style: str, tmp_path: Path) -> None:
    sheet = [sigmoid(), descent(), long_rows()]
    made = pdf.write("S", sheet, tmp_path, "s", Options(engine=engine, style=style))
    assert said(made[0]) == ("S", expected(sheet, style == "slides"))


@needs_tex
@pytest.mark.slow
@pytest.mark.parametrize("make", ALL)
def test_tex_sets_slides_without_complaint(make: Make, tmp_path: Path) -> None:
    options = replace(SLIDES, author="E. Noether", course="50 % & more", date="2026-11-21", footer="#1 \\input{x}")
    written, *figures = tex.write("S", [make()], tmp_path, "s", options)
    place = tmp_path / "run"
    for figure in figures:
        files.write_bytes(place / figure.relative_to(tmp_path), figure.read_bytes())
    files.make_folder(place)
    _, log, _ = _engines.run_once(place, written.read_text(encoding="utf-8"))
    assert [float(size) for size in re.findall(r"Overfull \\[hv]box \(([\d.]+)pt", log) if float(size) > 5] == []
    high = [float(size) for size in re.findall(r"derive: a frame is ([\d.]+)pt", log)]
    assert all(size < 186 / 0.8 for size in high)


@pytest.mark.parametrize("kind", ["tex", pytest.param("typst", marks=pytest.mark.slow)])
def test_words_on_slides_are_only_words(kind: str, tmp_path: Path) -> None:
    hostile = r"\input{/etc/passwd} #eval(\"1\") 100 % $x$ & ((( 1 )))"
    sheet = [replace(descent(), title=hostile)]
    if kind == "tex":
        text = tex.write(hostile, sheet, tmp_path, "s", SLIDES)[0].read_text(encoding="utf-8")
        assert r"\input{/etc" not in text and r"\textbackslash" in text
    else:
        made = pdf.write(hostile, sheet, tmp_path, "s", replace(SLIDES, engine="typst"))
        assert made[0].read_bytes().startswith(b"%PDF")


def test_what_has_no_slides_shows_the_document(tmp_path: Path) -> None:
    as_slides, plain = (html.write("S", [sigmoid()], tmp_path, style, Options(style=style))[0].read_bytes()
                        for style in ("slides", "article"))
    assert as_slides == plain


@pytest.mark.parametrize(("style", "hint"), [("slide", "slides"), ("Slides", "slides")])
def test_a_style_that_is_nearly_slides(style: str, hint: str) -> None:
    with pytest.raises(DeriveError, match=f"there is no style '{style}'") as error:
        checked(Options(style=style))
    assert hint in str(error.value.hint)


def test_slides_of_ones_own(tmp_path: Path) -> None:
    """A style is slides as soon as it says how high a frame is; a block that ours has not is named with its line."""
    own = files.make_folder(tmp_path / "own")
    files.write_text(own / "wide.tex.j2", '((= frame: 30em =))\n((= line: 60em =))\n((* extends "slides.tex.j2" *))\n')
    assert look("tex", Options(style="wide", template=own)).rooms == Rooms(60, 30)
    files.write_text(own / "bad.tex.j2", '((* extends "slides.tex.j2" *))\n((* block overlay *))((* endblock *))\n')
    with pytest.raises(TemplateMistakeError, match=r"bad.tex.j2:2: there is no block 'overlay'") as error:
        look("tex", Options(style="bad", template=own))
    assert "overlays" in str(error.value.hint)
