"""What each mode does of its own, and what it refuses."""

import re
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive import choices, goals
from derive.documents._languages import Word
from derive.documents._tree import Choices, Grid, Picture, Room, Rows, Text
from derive.errors import DeriveError
from derive.steps import Level, Status, Step
from derive.tree import (
    ZERO,
    Call,
    Derivative,
    Gradient,
    Hole,
    Matrix,
    Negative,
    Number,
    Product,
    Sum,
    Symbol,
    Vector,
    free_symbols,
    number,
    walk,
)
from derive.verify import verify_step
from derive.worksheets._words import points_text
from derive.worksheets._writing import DIGITS, WRITING
from derive.worksheets.model import Draw
from derive.worksheets.modes import blank
from derive.worksheets.modes._hints import hints, said
from derive.worksheets.modes._points import shares
from derive.worksheets.modes._visible import counted, hidden, mentions, page_texts, tells
from derive.write.text import text
from tests.worksheets.exercises import exercise, solved, variant

JACOBIAN, KL, TAYLOR = "s0-p3-2-jacobian", "kl-divergence-two-coins", "taylor-log"


# --- points -----------------------------------------------------------------------------------------------


@given(st.fractions(0, 100, max_denominator=12), st.lists(st.integers(1, 3), min_size=1, max_size=20))
def test_shares_add_up_exactly(points, weights):
    parts = shares(points, weights)
    assert sum(parts) == points and len(parts) == len(weights)
    assert all(part > 0 for part in parts) == (points > 0)


@pytest.mark.parametrize(("points", "weights", "parts"), [
    (6, [1, 1, 1], [2, 2, 2]), (6, [1, 1, 1, 1], [2, 2, 1, 1]), (3, [2, 1], [2, 1]), (1, [1, 1], ["1/2", "1/2"]),
    (1, [1] * 3, ["1/2", "1/4", "1/4"]), (1, [1] * 12, ["9/100"] * 4 + ["2/25"] * 8),
    (0, [1, 1], [0, 0]), (4, [2, 1, 1], [2, 1, 1]), (6, [], []),
])  # fmt: skip
def test_points_are_shared_out(points, weights, parts):
    found = shares(Fraction(points), weights)
    assert found == [Fraction(part) for part in parts]


@pytest.mark.parametrize(("points", "words"), [
    (Fraction(1), "1\u00a0point"), (Fraction(5, 2), "2.5\u00a0points"), (Fraction(6, 7), "6/7\u00a0points"),
    (Fraction(0), "0\u00a0points"),
])  # fmt: skip
def test_points_in_words(points, words):
    assert points_text(points) == words


# --- fading -----------------------------------------------------------------------------------------------


def rows_of(page):
    return [row for block in page.blocks if isinstance(block, Rows) for row in block.rows]


def test_chosen_steps_are_gaps():
    found = exercise("fading", JACOBIAN, steps=(Number("2"), Number("4")))
    steps = list(solved(JACOBIAN)[1].steps())
    assert [gap.step for gap in found.gaps] == [steps[1], steps[3]]
    assert [gap.answer for gap in found.gaps] == [steps[1].after, steps[3].after]
    blank = [row for row in rows_of(found.page) if isinstance(row.right, Hole)]
    assert all("point" in row.reason for row in blank[:2])


def test_a_row_that_is_a_gap_keeps_its_left_side_and_relation():
    found = exercise("fading", KL, share=Number("1"))
    before = solved(KL)[1]
    signs = {step.relation for step in before.steps()}
    assert {row.sign for row in rows_of(found.page) if isinstance(row.right, Hole)} == signs
    assert len(found.gaps) > 5


def test_a_share_of_nothing_is_the_worked_example():
    found = exercise("fading", JACOBIAN, share=Number("0"))
    assert found.gaps == ()
    assert not any(isinstance(part, Hole) for row in rows_of(found.page) for part in walk(row.right))
    assert any(isinstance(block, Picture) for block in found.page.blocks)


def test_all_steps_of_a_level():
    found = exercise("fading", JACOBIAN, level="calculus")
    wanted = [step for step in solved(JACOBIAN)[1].steps() if step.level == Level.CALCULUS]
    assert [gap.step for gap in found.gaps] == wanted


@pytest.mark.parametrize("count", [1, 3, 6])
def test_so_many_blanks(count):
    assert len(exercise("fading", JACOBIAN, blanks=count).gaps) == count


@pytest.mark.parametrize("seed", range(4))
def test_drawn_gaps_do_not_follow_on_each_other_where_there_are_others(seed):
    steps = list(solved(JACOBIAN)[1].steps())
    places = sorted(steps.index(gap.step) for gap in exercise("fading", JACOBIAN, seed, blanks=3).gaps)
    assert not any(b == a + 1 and steps[a].after == steps[b].before for a, b in pairwise(places))


def test_cells_of_tables():
    found = exercise("fading", TAYLOR, blanks=1, cells=2)
    grids = [block for block in found.page.blocks if isinstance(block, Grid)]
    empty = [part for grid in grids for row in grid.rows for cell in row for part in cell if isinstance(part, Hole)]
    assert {hole.label for hole in empty} >= {gap.label for gap in found.gaps if gap.step is None}
    assert sum(gap.step is None for gap in found.gaps) == 2


def test_reasons_say_the_rule_only_with_hints():
    without = exercise("fading", JACOBIAN, steps=(Number("2"),), hints=0)
    first = exercise("fading", JACOBIAN, steps=(Number("2"),), hints=1)
    blank = next(row for row in rows_of(without.page) if isinstance(row.right, Hole))
    assert blank.reason == "(6\u00a0points)"
    blank = next(row for row in rows_of(first.page) if isinstance(row.right, Hole))
    assert blank.reason == "power rule, constant rule (6\u00a0points)"


def test_a_repeated_answer_is_a_gap_with_the_same_label():
    steps = list(solved(JACOBIAN)[1].steps())
    last = next(k for k, step in enumerate(steps, 1) if text(step.after) == "2y + e^x")
    found = exercise("fading", JACOBIAN, steps=(number(last),))
    holes = [part for row in rows_of(found.page) for part in walk(row.right) if isinstance(part, Hole)]
    assert len(holes) > 1 and {hole.label for hole in holes} == {"1"}
    assert counted(found.gaps[0].answer, page_texts(found.page)) == 0


def test_figures_that_show_an_answer_are_left_out():
    found = exercise("fading", JACOBIAN, steps=(Number("1"),))
    assert not any(isinstance(block, Picture) for block in found.page.blocks)


@pytest.mark.parametrize(("options", "words"), [
    ({"steps": (Number("99"),)}, "no step 99"), ({"steps": (Number("0"),)}, "no step 0"),
    ({"share": Number("2")}, "share"),
])  # fmt: skip
def test_what_cannot_be_a_gap_is_refused(options, words):
    with pytest.raises(DeriveError, match=words) as refused:
        exercise("fading", JACOBIAN, **options)
    assert refused.value.hint


def test_a_level_without_steps_is_refused():
    with pytest.raises(DeriveError, match="level argument") as refused:
        exercise("fading", "forward-pass-logistic-output", level="argument")
    assert "arithmetic" in refused.value.hint


def test_a_step_that_the_problem_says_is_refused():
    steps = list(solved("identity-log-odds")[1].steps())
    last = next(k for k, step in enumerate(steps, 1) if text(step.after) == "x")
    with pytest.raises(DeriveError, match="says its answer"):
        exercise("fading", "identity-log-odds", steps=(number(last),))


# --- what can be read -------------------------------------------------------------------------------------

X, Y = Symbol("x"), Symbol("y")
MINUS_2Y = Negative(Product((Number("2"), Y)))
GAP = Hole(6, "1")


def test_which_answers_tell():
    assert not tells(Number("2")) and not tells(X) and not tells(Negative(Number("12")))
    assert tells(MINUS_2Y) and tells(Number("1260")) and tells(Vector((X, MINUS_2Y)))


def test_hiding_leaves_other_formulas_alone():
    shown = Text(("so ", MINUS_2Y, " and ", X, " with -2y or −2y in words"))
    assert hidden(shown, MINUS_2Y, GAP).prose[1] == GAP
    assert hidden(shown, X, GAP).prose == ("so ", MINUS_2Y, " and ", GAP, " with -2y or −2y in words")


def test_hiding_in_words():
    shown = hidden(Text(("the cost is 1260, not 12605 or 1260.5",)), Number("1260"), GAP)
    assert shown.prose == ("the cost is ", GAP, ", not 12605 or 1260.5")


def test_a_figure_mentions_what_it_draws():
    figure = next(block for block in exercise("worked", JACOBIAN).page.blocks if isinstance(block, Picture))
    assert not mentions(figure, [Number("987654")])
    assert mentions(figure, [Number("1")]) or mentions(figure, [Vector((Number("1"), Number("1")))])


# --- spot the error ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", [JACOBIAN, TAYLOR])
def test_exactly_one_line_is_wrong(name, seed):
    found = exercise("spot-the-error", name, seed)
    rows = next(block for block in found.page.blocks if isinstance(block, Rows)).rows
    context = solved(name)[1].context
    lines = [row for row in rows if row.reason]
    start = rows[0].right if not rows[0].reason else rows[0].left
    befores = [start, *(row.right for row in lines)]
    right = [
        verify_step(before, row.right, row.sign, context).status in (Status.PROVED, Status.CHECKED)
        for before, row in zip(befores, lines, strict=False)
    ]
    place = found.gaps[0].right[0]
    assert right.index(False) == place
    assert found.gaps[0].choices[place] == (f"line {place + 1}",)
    assert found.gaps[0].shown[place].wrong == lines[place].right
    assert found.gaps[1].answer != lines[place].right


def test_the_correction_can_be_left_out():
    found = exercise("spot-the-error", JACOBIAN, correct=False)
    assert len(found.gaps) == 1 and not any(isinstance(block, Room) for block in found.page.blocks)


def test_too_many_lines_are_refused():
    with pytest.raises(DeriveError, match="12 lines"):
        exercise("spot-the-error", KL, lines=12)


# --- order the steps --------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_lines_are_never_in_the_right_order_and_can_be_put_into_it(seed):
    found = exercise("order-the-steps", TAYLOR, seed)
    gap = found.gaps[0]
    box = next(block for block in found.page.blocks if isinstance(block, Choices))
    assert box.numbered and box.items == gap.choices
    assert sorted(gap.right) == list(range(len(gap.choices))) and list(gap.right) != sorted(gap.right)
    afters = [step.after for step in solved(TAYLOR)[1].steps()]
    lines = [gap.choices[k][-1] for k in gap.right]
    places = [afters.index(line) for line in lines]
    assert places == sorted(places)
    shapes = [repr(goals.shape(line)) for line in lines]
    assert len(set(shapes)) == len(shapes)


def test_a_problem_without_a_long_chain_is_refused():
    with pytest.raises(DeriveError, match="order"):
        exercise("order-the-steps", "inequality-variance-not-negative")


def test_not_everybody_has_the_same_wrong_line():
    found = [exercise("spot-the-error", "product-of-three", seed).gaps for seed in range(8)]
    slips = [(line.right, right.mistakes[0].slip) for line, right in found]
    assert len(set(slips)) >= 4 and len({line for line, _ in slips}) >= 2
    assert not {slip for _, slip in slips} & DIGITS


# --- true or false, choice --------------------------------------------------------------------------------


def started(name, gap):
    """The context of a statement, and what its left side stands for: the first line of the chain it is the name of."""
    derivation = solved(name)[1]
    left = gap.question[0].sides[0]
    for chain in derivation.chains():
        if gap.step in chain.steps:
            return derivation.context.including(*chain.where), chain.steps[0].before if left == chain.left else left
    return derivation.context, left


@pytest.mark.parametrize("name", [KL, JACOBIAN, "s3-p1i-backpropagation", "gradient-quadratic-bowl"])
@pytest.mark.parametrize("seed", range(3))
def test_statements_are_as_the_key_says(name, seed):
    found = exercise("true-false", name, seed)
    assert {(0,), (1,)} == {gap.right for gap in found.gaps}
    judged = 0
    for gap in found.gaps:
        statement = gap.question[0]
        context, left = started(name, gap)
        verdict = verify_step(left, statement.sides[1], statement.signs[0], context).status
        if verdict is not Status.UNDECIDED:  # the name of a result is nothing that can be judged
            judged += 1
            assert (verdict is Status.REFUTED) == (gap.right == (1,))
        assert bool(gap.mistakes) == (gap.right == (1,))
    assert judged


@pytest.mark.parametrize("name", [KL, JACOBIAN, "s3-p1i-backpropagation", "gradient-quadratic-bowl", "taylor-log"])
@pytest.mark.parametrize("seed", range(4))
def test_statements_say_something(name, seed):
    """Each has a name or letters on its left side, and no two are about the same quantity."""
    lefts = [gap.question[0].sides[0] for gap in exercise("true-false", name, seed).gaps]
    assert len(set(lefts)) == len(lefts)
    assert all(free_symbols(left) or any(isinstance(p, Call | Gradient | Derivative) for p in walk(left))
               for left in lefts)


def test_a_slip_of_digits_is_stated_only_where_there_is_no_other():
    found = [gap for seed in range(6) for gap in exercise("true-false", JACOBIAN, seed).gaps]
    assert not {mistake.slip for gap in found for mistake in gap.mistakes} & DIGITS


def test_a_rounded_value_is_stated_as_such():
    gaps = [gap for seed in range(6) for gap in exercise("true-false", "s3-p1i-backpropagation", seed).gaps]
    rounded = [gap for gap in gaps if gap.step is not None and gap.step.relation == "~="]
    assert rounded and all(gap.question[0].signs == ("~=",) for gap in rounded)
    digits = [len(n.text.lstrip("0.").replace(".", "")) for gap in rounded for n in walk(gap.question[0])
              if isinstance(n, Number)]
    assert max(digits) <= 6


def test_how_many_are_false_can_be_said():
    found = exercise("true-false", JACOBIAN, statements=5, false=2)
    assert sorted(gap.right for gap in found.gaps) == [(0,), (0,), (0,), (1,), (1,)]


@pytest.mark.parametrize("about", ["result", "step"])
def test_choices_differ_and_one_is_right(about):
    for seed in range(3):
        gap = exercise("choice", JACOBIAN, seed, about=about, choices=4).gaps[0]
        (right,) = gap.right
        assert gap.choices[right] == (gap.answer,)
        assert set(gap.shown) == set(range(len(gap.choices))) - {right}
        assert all(gap.choices[k] == (mistake.wrong,) for k, mistake in gap.shown.items())
        assert len({text(choice[0]) for choice in gap.choices}) == len(gap.choices) <= 4


def test_the_right_place_is_drawn():
    assert len({exercise("choice", JACOBIAN, seed, about="result").gaps[0].right for seed in range(8)}) > 1


def test_a_question_has_several_wrong_answers_where_there_is_one():
    for seed in range(4):
        assert len(exercise("choice", "pca-five-points", seed).gaps[0].choices) >= 3


def test_long_lines_to_put_in_order_have_no_sign():
    found = exercise("order-the-steps", "argument-bias-and-variance")
    items = next(block for block in found.page.blocks if isinstance(block, Choices)).items
    assert len(items) >= 3 and all(len(item) == 1 for item in items)
    short = exercise("order-the-steps", "taylor-log")
    assert all(item[0] in ("= ", "≈ ") for item in short.gaps[0].choices)


# --- blank, hints -----------------------------------------------------------------------------------------


def test_a_hint_is_about_the_law_that_was_used():
    cosine = Step(X, X, "addition formula", "The cosine of a sum.")
    assert hints(cosine, 2)[1] == ("The cosine of a sum.",)  # not the formula of the sine
    assert hints(Step(X, X, "linearity", "Of means."), 2)[1] == ("Of means.",)
    assert any(not isinstance(part, str) for part in hints(Step(X, X, "quotient rule", "In words."), 2)[1])


def test_a_result_in_words_has_no_hint_of_another_one():
    gaps = exercise("blank", "pca-five-points", hints=2).gaps
    told = {gap.question: gap.hints for gap in gaps if isinstance(gap.question[0], str)}
    assert told and not any("factor" in str(found) for found in told.values())


def test_blank_foresees_mistakes_in_writing_without_being_asked():
    drawn = variant(JACOBIAN)
    drawn = replace(drawn, item=replace(drawn.item, draws=(Draw("at", "choice", [[1, 1]]),)))
    gaps = choices.load("worksheets.modes", "blank").exercise(drawn, {}, Random(0)).gaps
    told = [mistake for gap in gaps for mistake in gap.mistakes]
    assert told and {mistake.slip for mistake in told} <= WRITING
    assert not any(gap.offered for gap in gaps)


@pytest.mark.parametrize(("name", "slip"), [
    (JACOBIAN, "added instead of multiplied"), ("tanh-derivative", "term cancelled as if it were a factor"),
    ("maximum-likelihood-coin", "fractions added across"), ("s3-p1i-backpropagation", "added instead of multiplied"),
    (KL, "quotient of logarithms as a difference"),
])  # fmt: skip
def test_blank_foresees_mistakes_in_laws_where_everybody_has_the_same(name, slip):
    gaps = exercise("blank", name).gaps
    assert slip in {mistake.slip for gap in gaps for mistake in gap.mistakes} - WRITING
    assert not any(gap.offered for gap in gaps)
    for gap in gaps:
        assert all(mistake.wrong != gap.answer and mistake.lost <= gap.points for mistake in gap.mistakes)
        assert len(gap.mistakes) == len({mistake.wrong for mistake in gap.mistakes}) <= 3
    assert sum(len(gap.mistakes) for gap in gaps) <= max(blank.TOLD, len(gaps)) + 2  # two of writing where none of laws


def test_blank_foresees_nothing_where_none_is_wanted():
    assert not any(gap.mistakes for gap in exercise("blank", JACOBIAN, mistakes=0).gaps)
    asked = [gap for gap in exercise("blank", JACOBIAN, mistakes=2).gaps if gap.mistakes]
    assert asked and all(gap.offered for gap in asked)


def test_the_order_of_eigenvalues_is_no_mistake():
    for options in ({}, {"mistakes": 6}):
        gaps = exercise("blank", "pca-five-points", **options).gaps
        slips = {str(gap.question): {mistake.slip for mistake in gap.mistakes} for gap in gaps}
        assert not any("entries swapped" in found for words, found in slips.items() if "lambda" in words)


def test_blank_has_room_and_a_line_for_each_result():
    found = exercise("blank", KL)
    room = next(block for block in found.page.blocks if isinstance(block, Room))
    assert room.lines >= 4
    shown = [result for result in solved(KL)[1].results if result.shown]
    assert len(found.gaps) == len(shown)


def test_the_room_can_be_said():
    found = exercise("blank", KL, lines=9)
    assert [block.lines for block in found.page.blocks if isinstance(block, Room)] == [9]


def test_a_longer_solution_gets_more_room():
    pages = [exercise("blank", name).page for name in ("product-of-three", JACOBIAN)]
    rooms = [block.lines for page in pages for block in page.blocks if isinstance(block, Room)]
    assert rooms[0] < rooms[1]


def test_what_is_to_be_shown_has_no_answer():
    found = exercise("blank", "identity-log-odds")
    assert [gap.answer for gap in found.gaps] == [None, None]


def test_hints_by_level():
    step = next(step for step in solved("product-of-three")[1].steps() if step.rule == "product rule")
    assert hints(step, 0) == ()
    assert hints(step, 1) == (("product rule",),)
    name, law, _ = hints(step, 3)
    assert name == ("product rule",) and any(not isinstance(part, str) or "factor" in part for part in law)


def test_a_hint_never_is_the_answer():
    for step in solved("product-of-three")[1].steps():
        begins = hints(step, 3)[2]
        assert begins == () or text(begins[0]) != text(step.after)


TWO = Number("2")
BEGINNINGS = [
    (Sum((ZERO, Product((TWO, X)))), "0 + ⋯"), (Sum((X, Negative(TWO))), "x - ⋯"), (Vector((TWO, X)), "(2, …)"),
    (Matrix(((X,), (TWO,))), "[[x], [⋮]]"), (Matrix(((X, TWO),)), "[[x, ⋯]]"), (TWO, ""), (Product((TWO, X)), ""),
]


@pytest.mark.parametrize(("answer", "begins"), BEGINNINGS)
def test_the_last_hint_is_how_the_answer_begins(answer, begins):
    finer = Step(X, Sum((X, X)), "first")
    found = hints(Step(X, answer, "rule", steps=(finer, Step(finer.after, answer, "second"))), 3)[2]
    assert "".join(map(text, found)) == begins


@pytest.mark.parametrize(("rule", "reason", "told"), [
    ("divide", "", False), ("places of the window", "Places of the window.", False), ("root", "The root.", True),
    ("power rule, constant rule", "Both.", True),
])
def test_a_hint_does_not_repeat_the_name_beside_the_gap(rule, reason, told):
    assert bool(hints(Step(X, X, rule, reason), 2)[1]) == told


def test_explanations_of_two_rules_are_two_sentences():
    prose = hints(Step(X, X, "constant rule, power rule"), 2)[1]
    told = "".join(part if isinstance(part, str) else text(part) for part in prose)
    assert ". " in told and not re.search(r"; [A-Z][a-z]", told) and told.endswith(".")
    again = hints(Step(X, X, "constant rule, constant rule"), 2)[1]
    assert again == hints(Step(X, X, "constant rule"), 2)[1]


def test_a_hint_stands_below_what_belongs_to_its_line():
    for seed in range(6):
        blocks = exercise("fading", "s3-p1i-backpropagation", seed, blanks=6, hints=3).page.blocks
        for above, block in pairwise(blocks):
            explains = isinstance(block, Text) and isinstance(block.prose[0], Word) and block.prose[0].key == "where"
            assert not (explains and isinstance(above, Text))


def test_hints_of_two_gaps_are_told_apart():
    [block] = said("3", (("rule",), (), (X,)))
    prose = block.prose
    assert prose[0] == "Hint for (3): " and prose[-1] == X


@pytest.mark.parametrize("mode", ["choice", "true-false", "spot-the-error"])
def test_no_hint_begins_an_answer_that_is_shown(mode):
    for seed in range(4):
        assert all(len(gap.hints) <= 2 for gap in exercise(mode, "product-of-three", seed, hints=3).gaps)


def test_chance_is_only_what_is_given():
    state = Random(1).getstate()
    import random

    random.seed(5)
    before = random.getstate()
    exercise("fading", KL, 3)
    assert random.getstate() == before and state
