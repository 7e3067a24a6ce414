"""What questions about one formula say besides it: letters are explained, and no answer is given away."""

import re
from itertools import pairwise

import pytest

from derive.documents._tree import Grid, Rows, Text
from derive.errors import DeriveError
from derive.read.latex import read
from derive.read.names import Names
from derive.steps import Context, Definition, Status, Step
from derive.tree import Call, Number, Quotient, Relation, Symbol, numeric, walk
from derive.verify import verify_step
from derive.worksheets.model import Mistake
from derive.worksheets.modes._chains import carried_on, defining, in_words, is_conversion
from derive.worksheets.modes._letters import letters
from derive.worksheets.modes._plausible import plausible
from derive.worksheets.modes._visible import decimals, formulas, hidden, page_texts, told_otherwise
from derive.write.text import text
from tests.worksheets.exercises import exercise, solved

MEANS = """
[[problem]]
title = "Two clusters"
kind = "clustering"
given = {points = [[6, 2], [6, 4], [5, 1], [3, 4]], clusters = 2}
"""
EM = """
[[problem]]
title = "EM by hand"
kind = "clustering"
given = {points = [8, 3, 4, 0], clusters = 2, centres = [0, 4], variances = [1, 1], method = "EM", steps = 1}
"""
LAYERS = """
[[problem]]
title = "How many parameters?"
kind = "layers"
given = {input = [28, 28, 1], layers = [{type = "Conv2D", filters = 8, kernel_size = 3}, \
{type = "MaxPooling2D", pool_size = 2}, {type = "Flatten"}, {type = "Dense", units = 10, activation = "softmax"}]}
"""
METRICS = """
[[problem]]
title = "Fraud"
kind = "metrics"
given = {confusion = [[26, 37], [9, 12]], classes = ["fraud", "no"], measures = ["accuracy", "precision", "F1"]}
"""
DESCENT = """
[[problem]]
title = "Descent"
kind = "gradient-descent"
given = {function = "C(x, y) = 2x^2 + y^2", start = [1, 2], step_size = 0.1, beta = 0.5, method = "momentum", \
steps = 2, figure = false}
"""
TREE = """
[[problem]]
title = "A tree"
kind = "split"
given = {data = {x = [1, 2, 3, 4, 5, 6], class = ["a", "a", "a", "b", "b", "b"]}, target = "class"}
"""
POISSON = """
[[problem]]
title = "Calls"
kind = "maximum-likelihood"
given = {distribution = "Poisson", data = [6, 6, 1, 2, 5]}
"""
COVARIANCE = """
[[problem]]
title = "Components"
kind = "pca"
given = {covariance = [[3, 0], [0, 1]]}
"""
BACKPROPAGATION, KL, JACOBIAN = "s3-p1i-backpropagation", "kl-divergence-two-coins", "s0-p3-2-jacobian"

SEEDS = range(3)
SLOW = pytest.mark.slow


def formula(written):
    return read(written, Names(functions=frozenset({"f", "g"}), labels=True))


def words(prose):
    return "".join(part if isinstance(part, str) else text(part) for part in prose)


def definitions_in(made):
    """What stands after ``where`` on a page, as pairs of a name and what it is."""
    lines = [block.prose for block in made.page.blocks if isinstance(block, Text) and block.prose[:1] == ("where ",)]
    return [node.sides for line in lines for node in formulas(line) if isinstance(node, Relation)]


def told_in(made):
    """The same in text."""
    return [tuple(map(text, sides)) for sides in definitions_in(made)]


def many(mode, problem, **options):
    return [exercise(mode, problem, seed, **options) for seed in SEEDS]


# --- choice -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("problem", [
    MEANS, EM, LAYERS, DESCENT, TREE, pytest.param(BACKPROPAGATION, marks=SLOW),
])  # fmt: skip
def test_no_definition_under_a_question_about_a_result_gives_a_part_of_it_away(problem):
    derivation = solved(problem)[1]
    known = letters(derivation)
    for made in many("choice", problem, about="result", questions=2):
        shown = [node for gap in made.gaps for prose in (gap.question, *gap.choices) for node in formulas(prose)]
        letters_shown = {text(part).partition("(")[0] for node in shown for part in walk(node)}
        for name, body in told_in(made):
            assert name.partition("(")[0] in letters_shown
            assert not any(numeric(node) is not None and text(node) == body for node in known.found)


def test_iterates_on_the_way_are_not_told():
    told = [name for made in many("choice", DESCENT, about="result", questions=3) for name, _ in told_in(made)]
    assert not {"θ⁽¹⁾", "θ⁽²⁾", "v⁽¹⁾", "v⁽²⁾"} & set(told)


def test_a_question_about_a_step_says_what_one_needs_for_it():
    made = exercise("choice", LAYERS, 0, about="step", questions=4)
    assert told_in(made)


@pytest.mark.parametrize(("problem", "question"), [
    (MEANS, "What is J (sum of squares)?"), (LAYERS, "What is P (total parameters)?"),
    (POISSON, "What is J(λ) (average negative log-likelihood)?"), (JACOBIAN, "What is det(J)?"),
    (METRICS, "What is F₁?"), (METRICS, "What is accuracy?"), (KL, "What is KL(p ‖ q) in nats?"),
])  # fmt: skip
def test_results_are_asked_for_in_words_where_the_exercise_does_not_have_the_letter(problem, question):
    asked = {words(gap.question) for seed in range(4)
             for gap in exercise("choice", problem, seed, about="result", questions=3).gaps}
    assert question in asked


def test_a_letter_without_words_is_not_asked_for():
    asked = {words(gap.question) for problem in (MEANS, LAYERS, TREE, POISSON)
             for made in many("choice", problem, about="result", questions=4) for gap in made.gaps}
    assert not asked & {"What is J?", "What is P?", "What is G?", "What is H?", "What is J(λ)?", "What is I(λ)?"}


def test_a_label_that_holds_an_answer_is_said_in_words():
    asked = {words(gap.question) for made in many("choice", POISSON, about="result", questions=5) for gap in made.gaps}
    assert not any("ℓ(4)" in line for line in asked)


@pytest.mark.slow
def test_no_question_says_the_answer_to_another():
    for made in many("choice", "gradient-quadratic-bowl", questions=5):
        for a in made.gaps:
            for b in made.gaps:
                assert a is b or text(a.answer) not in {text(node) for node in formulas(b.question)}


@pytest.mark.parametrize("problem", [pytest.param(COVARIANCE, marks=SLOW), METRICS, TREE])
def test_writing_a_fraction_as_a_decimal_is_no_question(problem):
    try:
        found = many("choice", problem, about="step")
    except DeriveError as refused:
        assert refused.hint
        return
    assert not any(is_conversion(gap.step) for made in found for gap in made.gaps)


# --- true or false ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("problem", [MEANS, EM, LAYERS, TREE, DESCENT, POISSON, METRICS])
def test_statements_have_letters_that_the_exercise_explains(problem):
    known = letters(solved(problem)[1])
    for made in many("true-false", problem, statements=5):
        heads = [head for head, _ in definitions_in(made)]
        told = {head.name if isinstance(head, Call) else head.plain for head in heads}
        for gap in made.gaps:
            left, *rest = gap.question[0].sides
            stated = rest if len(gap.question) > 1 else (left, *rest)  # words say what the left side is
            assert all(known.strange(side) <= told for side in stated), words(gap.question)


@pytest.mark.parametrize(("problem", "never"), [
    (EM, r"[ℓℱN][₁₂]?⁽?|g₁.*0\.25"), (MEANS, r"D⁽|c₁⁽"), (LAYERS, r"M[ₒₚ]|^A "),
])  # fmt: skip
def test_names_of_the_solution_are_not_stated(problem, never):
    stated = [text(gap.question[0]) for made in many("true-false", problem, statements=6) for gap in made.gaps]
    told = [name for made in many("true-false", problem, statements=6) for name, _ in told_in(made)]
    assert not any(re.match(never, line) and line.split(" ")[0] not in told for line in stated), stated


def test_an_entropy_is_stated_with_what_says_its_unit():
    found = [made for made in many("true-false", TREE, statements=4)
             if any(text(gap.question[0]).startswith("H =") for gap in made.gaps)]
    assert found
    for made in found:
        assert any(name == "H" and "log₂" in body for name, body in told_in(made))


@pytest.mark.parametrize("problem", [
    LAYERS, TREE, pytest.param("convolution-stride-and-padding", marks=SLOW),
    pytest.param("vote-different-experts", marks=SLOW),
])
def test_no_letter_is_told_twice(problem):
    for made in many("true-false", problem, statements=6):
        names = [name for name, _ in told_in(made)]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("mode", ["true-false", "choice"])
def test_no_wrong_share_is_larger_than_the_whole(mode):
    wrong = [mistake.wrong for made in many(mode, METRICS) for gap in made.gaps for mistake in gap.mistakes]
    wrong = [node.sides[-1] if isinstance(node, Relation) else node for node in wrong]
    assert wrong and all(0 <= value <= 1 for node in wrong if (value := numeric(node)) is not None)


@pytest.mark.parametrize(("right", "line", "name", "wrong", "kept"), [
    ("13610", "80 + 13530", "", "-13450", False), ("13610", "80 + 13530", "", "80", True),
    ("-6", "2 - 8", "", "6", True), ("-6", "2 - 8", "", "-10", True),
    ("0.94", "e^{-0.06}", "", "-1.06", False), ("4", "(1 - 3)^2", "", "-4", False),
    ("2/5", "2/(2 + 3)", "", "5/2", False), ("2/5", "2/(2 + 3)", "", "3/5", True),
    ("2/5", "4/10", "", "5/2", True), ("2/5", "4/10", "accuracy", "5/2", False),
    ("1/2", "f(0)", "f'(0)", "3/2", True), ("3/2", "3/2", "explained variance ratio", "5/2", True),
    ("0.25", "1/4", "", "25/100", False), ("0.25", "1/4", "", "0.5", True), ("1/4", "3/12", "", "0.5", True),
    ("2x", "x + x", "", "-2x", True),
])  # fmt: skip
def test_wrong_answers_are_in_the_range_that_one_sees(right, line, name, wrong, kept):
    mistake = Mistake(formula(wrong), "a slip", "A reason.")
    assert bool(plausible([mistake], formula(right), [formula(line)], name)) == kept


# --- letters ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("problem", "written", "strange"), [
    (MEANS, "J", {"J"}), (MEANS, "n + x", set()), (BACKPROPAGATION, "w_1", set()),
    (DESCENT, "x + y", set()), (DESCENT, r"\theta^{(2)}", set()), (POISSON, r"\hat\lambda", set()),
    (POISSON, r"\lambda", set()), (LAYERS, "P_1 + P_4", {"P_1", "P_4"}), (TREE, "H - H_3", {"H", "H_3"}),
])  # fmt: skip
def test_letters_of_the_solution_are_strange(problem, written, strange):
    assert letters(solved(problem)[1]).strange(formula(written)) == strange


def test_a_letter_that_is_told_is_not_strange():
    known = letters(solved(LAYERS)[1])
    told = [Definition(Symbol("P", "1"), (), Number("80"))]
    assert known.strange(formula("P_1 + P_4"), told) == {"P_4"}
    assert known.gives_away(told[0])
    assert not known.gives_away(Definition(Symbol("K"), (), Number("3")))


def test_each_name_is_told_once():
    x, two, three = Symbol("x"), Number("2"), Number("3")
    assert words(in_words([Definition(x, (), two), Definition(x, (), three)])) == "where x = 2."
    assert in_words([]) == ()


def test_only_what_is_in_the_formulas_is_told():
    x, y = Symbol("x"), Symbol("y")
    context = Context({}, (Definition(x, (), Number("2")), Definition(y, (), Number("3"))))
    assert [d.name for d in defining(context, [x], set())] == [x]
    assert defining(context, [x], {"x"}) == [] and defining(context, [x], set(), {"2"}) == []


# --- spot the error ---------------------------------------------------------------------------------------


def conversion(before, after, rule="as a decimal", relation="="):
    return Step(formula(before), formula(after), rule, relation=relation)


@pytest.mark.parametrize(("step", "wrong", "line", "relation"), [
    (conversion("1/3", "0.333333", relation="~="), "3/2", "1.5", "="),
    (conversion("1/10", "0.1"), "-1/10", "-0.1", "="),
    (conversion("3/8", "0.375"), "1/3", "0.333333", "~="),
    (conversion(r"\log(2)", "0.693147", "round", "~="), r"\log(3)", "1.09861", "~="),
    (conversion("1/3", "0.33333333", relation="~="), "2/3", "0.66666667", "~="),
])  # fmt: skip
def test_decimals_are_carried_on_from_a_wrong_line(step, wrong, line, relation):
    (found,) = carried_on([step], formula(wrong), Context())
    assert (text(found.after), found.relation) == (line, relation)


@pytest.mark.parametrize(("step", "wrong"), [
    (conversion("1/2", "0.5"), "2"),  # is written out already
    (conversion("1/2", "0.5"), "x/2"), (conversion("1/2", "0.5", "compare"), "1/3"),
])  # fmt: skip
def test_nothing_is_carried_on_that_cannot_be(step, wrong):
    assert carried_on([step], formula(wrong), Context()) == []


@pytest.mark.parametrize("problem", [METRICS, TREE, KL, "taylor-log"])
def test_every_line_after_the_wrong_one_follows_from_it(problem):
    context = solved(problem)[1].context
    for made in many("spot-the-error", problem):
        rows = next(block for block in made.page.blocks if isinstance(block, Rows)).rows
        place = made.gaps[0].right[0]
        lines = [row for row in rows if row.reason][place:]
        for a, b in pairwise(lines):
            assert verify_step(a.right, b.right, b.sign, context).status in (Status.PROVED, Status.CHECKED)


@pytest.mark.slow
def test_the_right_line_is_read_nowhere():
    for made in many("spot-the-error", "identity-log-odds"):
        assert not any(text(made.gaps[1].answer) in line for _, lines in page_texts(made.page) for line in lines)


# --- fading -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "found"), [
    (conversion("4/9", "0.444444", relation="~="), True),
    (conversion("(1/2, 1/4)", "(0.5, 0.25)", "as decimals"), True),
    (conversion("1 + 4/9", "1.44444", "round", "~="), False), (conversion("2/4", "1/2", "lowest terms"), False),
])  # fmt: skip
def test_what_only_writes_a_number_otherwise(step, found):
    assert is_conversion(step) == found


@pytest.mark.parametrize(("answer", "shown", "cells", "found"), [
    ("4/9", ["0.4444"], (), True), ("4/9", ["0.44"], (), False), ("0.444444", ["0.444444", "0.4444"], (), True),
    ("0.444444", ["0.444444", "0.444444"], (), False),  # the same digits are hidden with it
    ("(0.25125, 0.5)", ["(0.25125, 0.5)", "0.25125 + 0.5"], (), False),  # 0.5 may be anything
    ("(0.25125, 0.51234)", ["(0.25125, 0.51234)", "0.25125 + 0.51234"], (), True),
    ("(0.25125, 0.51234)", ["(0.25125, 0.51234)", "0.25125"], (), False),
    ("(0.000335, 0.000006)", ["(0.000335, 0.000006)", "0.000335"], ("0.000006",), True),
    ("(0.000335, 0.000006)", ["(0.000335, 0.000006)", "0.000335"], (), False),
    ("12", ["12.0", "12"], (), False), ("x/2", ["0.500"], (), False),
    (r"(1/8) \log(1/2) + (5/8) \log(5/4)", [], ("(1/8) log(1/2)", "(5/8) log(5/4)"), True),
    (r"(1/8) \log(1/2) + (5/8) \log(5/4)", [], ("(1/8) log(1/2)",), False), ("a + b", [], ("a", "b"), False),
])  # fmt: skip
def test_what_is_read_off_beside_it(answer, shown, cells, found):
    assert told_otherwise(formula(answer), decimals(shown), cells) == found


def test_a_cell_with_the_number_rounded_otherwise_is_hidden_with_it():
    table = Grid((("a",),), ((("0.4444",), (Number("0.444"),), (Number("0.44"),), ("-0.4444",), ("0.4445",)),), (), 1)
    gap = Symbol("gap")
    for answer in (Number("0.444444"), Quotient(Number("4"), Number("9"))):
        row = hidden(table, answer, gap).rows[0]
        assert row == ((gap,), (gap,), (Number("0.44"),), ("-0.4444",), ("0.4445",))


@pytest.mark.parametrize("problem", [METRICS, TREE, EM, KL, "entropy-loaded-die"])
def test_points_are_not_spent_on_conversions(problem):
    for made in many("fading", problem):
        assert not any(is_conversion(gap.step) for gap in made.gaps)


def test_a_vector_whose_entries_stand_in_a_table_is_no_gap():
    for made in many("fading", EM):
        assert not any(text(gap.answer).startswith("(") for gap in made.gaps)


def test_a_finished_value_is_not_the_start_of_a_gap():
    for made in many("fading", POISSON):
        assert not any(gap.step.rule == "equal to the bound" for gap in made.gaps)


def test_all_steps_are_gaps_where_all_are_wanted():
    made = exercise("fading", METRICS, share=Number("1"))
    assert any(is_conversion(gap.step) for gap in made.gaps)
