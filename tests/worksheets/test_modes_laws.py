"""What holds for every mode and every problem: points add up, nothing is told, the same chance gives the same."""

from fractions import Fraction
from functools import cache

import pytest

from derive import choices
from derive.documents._tree import Cell, Choices, Picture, Row, Rows
from derive.errors import DeriveError
from derive.steps import Status
from derive.tree import Hole, walk
from derive.verify import verify_step
from derive.worksheets.modes._visible import counted, nodes_of, page_texts, tells
from derive.write.text import text
from tests.worksheets.exercises import PROBLEMS, QUICK, exercise, solved

MODES = choices.names("worksheets.modes")
OPTIONS = {
    "fading": {"blanks": 4, "hints": 2, "cells": 1}, "blank": {"hints": 1, "mistakes": 2},
    "choice": {"questions": 2, "hints": 1}, "true-false": {}, "spot-the-error": {"hints": 1},
    "order-the-steps": {"hints": 3},
}  # fmt: skip


@cache
def made(mode, name, seed=0, points=Fraction(6)):
    try:
        return exercise(mode, name, seed, points, **OPTIONS.get(mode, {}))
    except DeriveError as error:
        assert name in error.message or solved(name)[0].title in error.message
        assert error.hint
        return None


def cases(modes):
    marks = {name: () if name in QUICK else (pytest.mark.slow,) for name in PROBLEMS}
    return [pytest.param(mode, name, id=f"{mode}-{name}", marks=marks[name]) for mode in modes for name in PROBLEMS]


ALL = cases(MODES)
SHOWN = cases([mode for mode in MODES if mode != "worked"])


def test_all_modes_say_what_they_are():
    assert set(MODES) == {"blank", "worked", "fading", "spot-the-error", "order-the-steps", "choice", "true-false"}
    for mode in MODES:
        module = choices.load("worksheets.modes", mode)
        assert module.SUMMARY and all(field.about for field in module.FIELDS)
        assert len({field.key for field in module.FIELDS}) == len(module.FIELDS)


@pytest.mark.slow
def test_every_mode_finds_something_to_ask_in_almost_every_problem():
    missing = [(mode, name) for mode in MODES for name in PROBLEMS if made(mode, name) is None]
    assert len(missing) <= 2, missing


@pytest.mark.parametrize(("mode", "name"), ALL)
def test_points_add_up_and_labels_differ(mode, name):
    found = made(mode, name)
    if found is None:
        return
    asks = getattr(choices.load("worksheets.modes", mode), "ASKS", True)
    assert found.mode == mode and found.points == (6 if asks else 0) and bool(found.gaps) == asks
    assert sum(gap.points for gap in found.gaps) == found.points
    assert all(gap.points > 0 for gap in found.gaps)
    labels = [gap.label for gap in found.gaps]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(("mode", "name"), ALL)
def test_no_mark_no_verification_no_program_on_the_page(mode, name):
    found = made(mode, name)
    if found is None:
        return
    page = found.page
    assert page.summary is None
    rows = [row for block in page.blocks if isinstance(block, Rows) for row in block.rows]
    rows += [row for row in (page.outcome.rows if page.outcome else ()) if isinstance(row, Row)]
    assert all(row.mark is None and row.finer == () for row in rows)
    boxes = [block for block in page.blocks if isinstance(block, Choices)]
    assert all(block.ticked == frozenset() and block.numbers == () for block in boxes)
    if mode != "worked":
        assert page.outcome is None
        assert not any(isinstance(block, Cell) for block in page.blocks)


@pytest.mark.parametrize(("mode", "name"), SHOWN)
def test_no_answer_stands_on_the_page(mode, name):
    for seed in range(2):
        found = made(mode, name, seed)
        if found is None:
            return
        texts = page_texts(found.page)
        texts = texts[1:] if mode == "blank" else texts  # the problem is as it is
        for gap in found.gaps:
            if gap.answer is None or (gap.choices and mode != "spot-the-error"):
                continue
            if mode in ("blank", "spot-the-error") and not tells(gap.answer):
                continue  # the number 2 stands everywhere
            assert counted(gap.answer, texts) == 0, (gap.label, text(gap.answer))


@pytest.mark.parametrize(("mode", "name"), SHOWN)
def test_every_mistake_is_wrong_and_no_two_are_the_same(mode, name):
    found = made(mode, name)
    if found is None:
        return
    context = found.variant.derivation.context
    for gap in found.gaps:
        wrong = [mistake.wrong for mistake in (*gap.mistakes, *gap.shown.values())]
        for mistake in (*gap.mistakes, *gap.shown.values()):
            assert mistake.slip and mistake.reason.endswith(".")
            assert 0 <= mistake.lost <= gap.points
            if gap.step is not None and gap.step.after == gap.answer:
                chains = [c for c in found.variant.derivation.chains() if gap.step in c.steps]
                inside = context.including(*(chains[0].where if chains else ()))
                verdict = verify_step(gap.step.before, mistake.wrong, gap.step.relation, inside)
                assert verdict.status is Status.REFUTED
        printed = {text(node) for node in wrong}
        assert gap.answer is None or text(gap.answer) not in printed
        assert len({text(m.wrong) for m in gap.mistakes}) == len(gap.mistakes)


@pytest.mark.parametrize(("mode", "name"), ALL)
def test_the_same_chance_gives_the_same_exercise(mode, name):
    first = made(mode, name)
    if first is None:
        return
    again = exercise(mode, name, **OPTIONS.get(mode, {}))
    assert first == again


@pytest.mark.parametrize("mode", ["fading", "spot-the-error", "order-the-steps", "choice", "true-false"])
def test_other_chance_gives_other_exercises(mode):
    pages = [made(mode, "s3-p1i-backpropagation", seed).page for seed in range(4)]
    assert any(page != pages[0] for page in pages)


@pytest.mark.parametrize(("mode", "name"), ALL)
def test_every_gap_of_a_formula_is_on_the_page_and_no_other(mode, name):
    found = made(mode, name)
    if found is None or mode not in ("blank", "fading"):
        return
    holes = {part.label for block in found.page.blocks for node in nodes_of(block) for part in walk(node)
             if isinstance(part, Hole)}
    formulas = {gap.label for gap in found.gaps if gap.answer is not None}
    assert formulas <= holes <= {gap.label for gap in found.gaps}  # answers in words have a line, too


@pytest.mark.parametrize("name", QUICK)
def test_a_blank_page_has_nothing_of_the_solution(name):
    page = made("blank", name).page
    assert not any(isinstance(block, Picture) for block in page.blocks)
    lines = {text(step.after) for step in solved(name)[1].steps() if tells(step.after)}
    written = {text(node) for block in page.blocks for node in nodes_of(block)}
    assert not lines & written
