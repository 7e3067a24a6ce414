"""A person's numbers: they depend on seed, item and person alone, hold the conditions, and stand in the problem."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive import braced, limits
from derive.braced import valued
from derive.documents._tree import page
from derive.errors import DeriveError, MathError
from derive.numeric.exact import exact
from derive.problem import Field, Problem
from derive.read.latex import read
from derive.steps import Definition, Value
from derive.tree import Matrix, Node, Symbol, free_symbols, number
from derive.worksheets import drawing, draws, placing
from derive.worksheets._tidy import placed
from derive.worksheets.drawing import DrawError, chance, variant
from derive.worksheets.draws import Drawn
from derive.worksheets.model import Condition, Draw, Item, Source, Student, Worksheet
from derive.write.text import text

COINS = Source({"kind": "kl-divergence", "title": "Coins", "given": {}})
COIN_DRAWS = (Draw("p", "distribution", {"distribution": 2, "denominator": 8}),
              Draw("q", "distribution", {"distribution": 2, "denominator": 6}))


def item(source: Source = COINS, draws: tuple[Draw, ...] = COIN_DRAWS, *conditions: str, id: str = "coins") -> Item:
    return Item(id, source, draws=draws, conditions=tuple(Condition(f"c{k}", c) for k, c in enumerate(conditions, 1)))


def sheet(*items: Item, seed: str = "seed") -> Worksheet:
    return Worksheet("A sheet", seed, items)


def shown(values: Mapping[str, Value]) -> dict[str, str]:
    return {name: placing.said(Drawn(value, None)) for name, value in values.items()}


# --- chance ------------------------------------------------------------------------------------------------


def test_chance_is_the_same_everywhere_and_always() -> None:
    random = chance(sheet(seed="ml-2026"), replace(item(), version=2), Student("1001"))
    assert [int(random.random() * 1000) for _ in range(4)] == [625, 358, 508, 946]


@pytest.mark.parametrize(("seed", "id", "version", "student", "purpose"), [
    ("seed2", "coins", 1, "1", ""), ("seed", "coins1", 1, "1", ""), ("seed", "coins", 11, "1", ""),
    ("seed", "coins", 2, "1", ""), ("seed", "coins", 1, "11", ""), ("seedc", "oins", 1, "1", ""),
    ("seed", "coin", 1, "s1", ""), ("seed", "coins", 1, "1", "mode"), ("seed", "coins1", 1, "", ""),
])
def test_everything_that_chance_depends_on(seed: str, id: str, version: int, student: str, purpose: str) -> None:
    other = chance(sheet(seed=seed), replace(item(id=id), version=version), Student(student), purpose)
    assert other.random() != chance(sheet(), item(), Student("1")).random()


def test_names_and_other_columns_change_no_numbers() -> None:
    named = Student("1", "A. Example", {"id": "1", "town": "Nowhere"})
    assert chance(sheet(), item(), named).random() == chance(sheet(), item(), Student("1")).random()


def test_other_items_and_other_people_change_nobodys_numbers() -> None:
    alone, person = item(), Student("7")
    before = variant(sheet(alone), alone, person)
    others = [variant(sheet(item(id="new"), alone), one, Student(str(k))) for k in (1, 2) for one in (item(id="new"),)]
    after = variant(sheet(item(id="new"), alone), alone, person)
    assert before == after
    assert any(other.values != before.values for other in others)


def test_recorded_values() -> None:
    found = [shown(variant(sheet(), item(), Student(str(k))).values) for k in (1, 2)]
    assert found == [{"p": "(1/8, 7/8)", "q": "(1/2, 1/2)"}, {"p": "(7/8, 1/8)", "q": "(5/6, 1/6)"}]


def test_a_new_version_draws_new_numbers() -> None:
    old, new = (chance(sheet(), replace(item(), version=v), Student("1")).random() for v in (1, 2))
    assert old != new


# --- conditions --------------------------------------------------------------------------------------------


def test_conditions_hold_of_what_is_drawn() -> None:
    wanted = item(COINS, COIN_DRAWS, "p_1 < q_1 and 2 p_1 != q_1", "at most 3 digits", "every step is proved")
    for k in range(2):
        found = variant(sheet(), wanted, Student(str(k)))
        [p, _], [q, _] = (exact_values(found.values[name]) for name in "pq")
        assert p < q and 2 * p != q
        assert found.derivation.status() == "proved"


def exact_values(value: Value) -> list[Fraction]:
    assert isinstance(value, tuple)
    found = [exact(part, {}) for part in value if isinstance(part, Node)]
    return [x for x in found if x is not None]


def test_the_condition_that_fails_most_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WORKSHEET_TRIES", 100)
    with pytest.raises(DrawError) as caught:
        variant(sheet(), item(COINS, COIN_DRAWS, "p_1 != 1/8", "p_1 > 1"), Student("7"))
    message = str(caught.value)
    assert 'coins: no numbers were found: the condition "c2" (p_1 > 1) failed in ' in message
    assert f"of {limits.WORKSHEET_TRIES} draws; c1 " in message


def test_relations_are_tried_before_anything_is_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    def solve(problem: Problem, seconds: float | None) -> None:
        raise AssertionError("solved")

    monkeypatch.setattr(limits, "WORKSHEET_TRIES", 100)
    monkeypatch.setattr(drawing.api, "derived", solve)
    with pytest.raises(DrawError, match="c2"):
        variant(sheet(), item(COINS, COIN_DRAWS, "cost falls", "p_1 > 1"), Student("7"))


def test_no_more_draws_are_solved_than_the_bound_says(monkeypatch: pytest.MonkeyPatch) -> None:
    solved = []

    def solve(problem: Problem, seconds: float | None) -> None:
        solved.append(problem)
        raise MathError(f"no solution here: {len(solved) % 2}")

    monkeypatch.setattr(drawing.api, "derived", solve)
    many = (Draw("p", "distribution", {"distribution": 2, "denominator": 997}), COIN_DRAWS[1])
    with pytest.raises(DrawError, match=r"could be solved with no draw \(no solution here"):
        variant(sheet(), item(COINS, many), Student("7"))
    assert len(solved) == limits.WORKSHEET_SOLVED


def test_a_reason_that_does_not_change_is_told_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    solved = []

    def solve(problem: Problem, seconds: float | None) -> None:
        solved.append(problem)
        raise MathError("no solution here")

    monkeypatch.setattr(drawing.api, "derived", solve)
    with pytest.raises(DrawError, match="no solution here"):
        variant(sheet(), item(), Student("7"))
    assert len(solved) == limits.WORKSHEET_ALIKE


def test_a_draw_that_came_before_is_not_solved_again(monkeypatch: pytest.MonkeyPatch) -> None:
    solved = []

    def solve(problem: Problem, seconds: float | None) -> None:
        solved.append(problem)
        raise MathError("no solution here")

    monkeypatch.setattr(drawing.api, "derived", solve)
    monkeypatch.setattr(limits, "WORKSHEET_TRIES", 100)
    few = tuple(replace(draw, options={"distribution": 2, "denominator": 3}) for draw in COIN_DRAWS)
    with pytest.raises(DrawError, match="with no draw"):
        variant(sheet(), item(COINS, few), Student("7"))
    assert len(solved) == 4


def test_a_draw_that_came_before_is_not_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = []
    real = drawing.holds
    monkeypatch.setattr(drawing, "holds", lambda test, case: judged.append(test) or real(test, case))
    few = tuple(replace(draw, options={"distribution": 2, "denominator": 3}) for draw in COIN_DRAWS)
    with pytest.raises(DrawError, match="failed in every draw"):
        variant(sheet(), item(COINS, few, "p_1 > 1"), Student("7"))
    assert len(judged) == 4


FAIR = {"kind": "kl-divergence", "given": {"p": ["1/2", "1/2"], "q": ["1/4", "3/4"]}}
UNFAIR = {"kind": "kl-divergence", "given": {"p": ["1/2", "1/3"], "q": ["1/4", "3/4"]}}
PARABOLA = {"kind": "derivative", "given": {"function": "f(x) = x^2 / (a - 3)", "figure": False}}
WEIGHT = (Draw("a", "column", "weight"),)


@pytest.mark.parametrize(("table", "draws", "wanted", "says", "hint"), [
    (UNFAIR, (), "", "coins: the problem could not be solved: p: the probabilities sum to 5/6, not to 1", "divide"),
    (FAIR, (), "at most 1 digits", 'the condition "c1" (at most 1 digits) does not hold', "nothing is drawn: change"),
    (FAIR, (), "cost falls", 'the condition "c1" (cost falls) cannot be judged: the answer has no result "costs"', ""),
    (PARABOLA, WEIGHT, "", "the problem could not be solved for a = 3: a denominator is zero", "the roster"),
    (PARABOLA, WEIGHT, "a > 4", 'the condition "c1" (a > 4) does not hold for a = 3', "the roster"),
])
def test_where_nothing_is_left_to_chance_there_is_one_try_and_no_word_of_draws(
    table: dict[str, Any], draws: tuple[Draw, ...], wanted: str, says: str, hint: str
) -> None:
    source, person = Source(table), Student("7", "", {"weight": "3"})
    assert variant(sheet(), item(Source(FAIR), ()), person).tries == 1
    with pytest.raises(DrawError) as caught:
        variant(sheet(), item(source, draws, *([wanted] if wanted else [])), person)
    assert says in caught.value.message and hint in caught.value.hint
    assert not any(word in str(caught.value) for word in ("the only draw", "ranges", "no numbers were found"))
    assert caught.value.cause == ("" if draws else f"coins: {'c1' if wanted else ''}")


def test_a_condition_may_have_any_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WORKSHEET_TRIES", 20)
    with pytest.raises(DrawError, match=r'the condition "solving" \(p_1 > 1\) failed in every draw'):
        variant(sheet(), replace(item(), conditions=(Condition("solving", "p_1 > 1"),)), Student("7"))


def test_a_cell_that_cannot_be_used_is_told_at_once() -> None:
    source = Source({"kind": "derivative", "given": {"function": "f(x) = a x^2", "figure": False}})
    with pytest.raises(DrawError, match='coins: the roster has no column "weight"') as caught:
        variant(sheet(), item(source, (Draw("a", "column", "weight"),)), Student("7", "", {"wieght": "3"}))
    assert "wieght" in caught.value.hint


def test_a_missing_result_is_the_reason() -> None:
    with pytest.raises(DrawError, match='no result "costs"'):
        variant(sheet(), item(COINS, COIN_DRAWS, "cost falls"), Student("7"))


# --- places ------------------------------------------------------------------------------------------------

DESCENT: dict[str, Any] = {
    "kind": "gradient-descent", "title": "From {start}", "text": "a is {a}; {b} and {} stay",
    "given": {"function": r"C(x, y) = a x^2 + b x y - c", "start": [1, 1], "step_size": "1/a", "steps": 2},
}


def problem(table: dict[str, Any], symbols: dict[str, str] | None = None, **values: Any) -> Problem:
    drawn = {name.replace("__", "."): Drawn(valued(raw), raw) for name, raw in values.items()}
    return placing.problem_with(Source(table, symbols or {}, "file.toml", 3), drawn)


def test_keys_letters_and_words() -> None:
    made = problem(DESCENT, a=4, c=-2, start=[1, 6], step_size="1/8", b="1/2")
    assert text(made.given["function"].body) == "4x² + (1/2) x y + 2"
    assert made.given["start"] == [1, 6] and made.given["step_size"] == "1/8"
    assert (made.title, made.text) == ("From (1, 6)", "a is 4; 1/2 and {} stay")


def test_letters_in_what_the_kind_reads_itself() -> None:
    assert problem(DESCENT, a=4, b=1, c=0).given["step_size"] == r"\frac{1}{4}"
    coins = {"kind": "kl-divergence", "given": {"p": ["a", "1 - a"], "q": ["1/2", "1/2"]}}
    assert problem(coins, a="1/4").given["p"] == [r"\frac{1}{4}", r"\frac{3}{4}"]
    family = {"kind": "kl-divergence", "given": {"p": r"Normal(a, a^2)", "q": "Normal(0, 1)"}}
    assert problem(family, a=-3).given["p"] == "Normal((-3), (-3)^2)"
    jacobian = {"kind": "jacobian", "given": {"functions": ["u(x) = a x"], "at": [["a"]]}}
    assert problem(jacobian, a=3).given["at"] == ((number(3),),)


def test_a_bare_formula_is_a_function_of_the_other_letters() -> None:
    table = {"kind": "derivative", "given": {"function": "a x^2 + b", "figure": False}}
    made = problem(table, a=2, b=3).given["function"]
    assert made.parameters == (Symbol("x"),) and text(made.body) == "2x² + 3"


def test_the_declaration_of_a_letter_goes_with_it() -> None:
    table = {"kind": "derivative", "given": {"function": "f(x) = a x"}, "symbols": {"a": "positive", "x": "positive"}}
    assert problem(table, {"z": "real"}, a=2).domains == {Symbol("z"): "real", Symbol("x"): "positive"}
    with pytest.raises(DeriveError, match="a = -2 was drawn, but a is declared positive"):
        problem(table, a=-2)


def test_values_inside_tables_and_lists() -> None:
    table = {"kind": "computational-graph", "given": {"expression": "x y", "values": {"x": 1}}}
    assert problem(table, values__x=5, values__y=2).given["values"] == {"x": 5, "y": 2}
    assert table["given"] == {"expression": "x y", "values": {"x": 1}}
    coins = {"kind": "kl-divergence", "given": {"p": ["1/2", "1/2"], "q": {"data": [1, 0, 1]}}}
    assert problem(coins, q__data__0=0).given["q"] == {"data": [0, 0, 1]}


def test_a_matrix_in_the_place_of_a_letter() -> None:
    table = {"kind": "expression", "given": {"expression": "A x"}, "symbols": {"A": "matrix 2 x 2", "x": "vector 2"}}
    assert text(problem(table, A=[[1, 2], [3, 4]]).given["expression"]) == "[[1, 2], [3, 4]] x"


@pytest.mark.parametrize(("values", "says", "hint"), [
    ({"z": 1}, '"z" is neither a key of [given] nor a letter', "letters are a, b, c"),
    ({"strat": [1, 2]}, '"strat" is neither', 'did you mean "start"'),
    ({"x": 1}, "x is drawn, but function has it as a variable", "constant"),
    ({"start__q": 1}, "leads nowhere: [given] has no start.q", "a list by numbers"),
    ({"start__7": 1}, "leads nowhere", "a list by numbers"),
    ({"method": "palin"}, "'palin' is not one of", "plain"),
    ({"steps": "1/2"}, "expected a whole number", ""),
])
def test_what_has_no_place(values: dict[str, Any], says: str, hint: str) -> None:
    with pytest.raises(DeriveError) as caught:
        problem(DESCENT, **values)
    assert says in str(caught.value) and hint in caught.value.hint


@pytest.mark.parametrize("word", ["k+", r"\frac{1}{a", "__import__('os').system('x')", r"\input{x}"])
def test_words_that_are_no_formula_take_no_letters_place(word: str) -> None:
    table = {"kind": "derivative", "given": {"function": "f(x) = a x^2", "figure": False}}
    with pytest.raises(placing.PlaceError, match="which is drawn for it, is no formula") as caught:
        problem(table, a=word)
    assert caught.value.name == "a"
    method = {**DESCENT, "text": "By {method}", "given": {**DESCENT["given"], "method": "plain"}}
    assert problem(method, method="momentum", a=1, b=1, c=1).text == "By momentum"


@pytest.mark.parametrize(("raw", "says"), [("red", "red"), ("k+", "k+"), (r"\sqrt{2}", "√(2)"), ("1/2", "1/2")])
def test_words_in_words(raw: str, says: str) -> None:
    assert placing.said(Drawn(valued(raw), raw)) == says


MATRIX = Draw("confusion", "matrix", {"matrix": [2, 2], "entries": [10, 40]})
MEASURES = {"kind": "metrics", "text": "Of {confusion}, two by two.", "title": "About {confusion}",
            "given": {"positive": "yes", "classes": ["yes", "no"], "figure": False}}


def test_a_drawn_matrix_is_a_formula_in_the_text() -> None:
    made = draws.drawn(MATRIX, Random(3), Student("1"))
    matrix = Matrix(made.value)  # type: ignore[arg-type]
    words = placing.problem_with(Source(MEASURES), {"confusion": made})
    assert words.text == f"Of {text(matrix)}, two by two." and words.title == f"About {text(matrix)}"
    again = pickle.loads(pickle.dumps(words.text))
    assert words.text.prose == again.prose == ("Of ", matrix, ", two by two.")  # type: ignore[attr-defined]
    found = variant(sheet(), item(Source(MEASURES), (MATRIX,)), Student("1"))
    [(task,)] = [statement.items for statement in page(found.derivation).statements if statement.label == "Task"]
    assert [type(part) for part in task] == [str, Matrix, str]


@pytest.mark.parametrize(("raw", "says"), [
    ([[1, 2], [3, 4]], "At ((1, 2), (3, 4))."), ([[1, 2]], "At (1, 2)."), ([1, 2], "At (1, 2)."),
])
def test_points_in_the_text_are_words(raw: Any, says: str) -> None:
    made = braced.filled("At {points}.", lambda name: placing.said(Drawn(valued(raw), raw)))
    assert made == says and type(made) is str


def test_a_variable_that_is_drawn() -> None:
    table = {"kind": "derivative", "given": {"function": "a x^2", "variable": "a"}}
    with pytest.raises(placing.PlaceError, match="needs it as a letter"):
        problem(table, a=2)


# --- as a person writes it ---------------------------------------------------------------------------------

TIDY = [
    ("a x", 1, "x"), ("a x", 0, "0"), ("a x", -1, "-x"), ("a x", 3, "3x"), ("2 a x", 3, "6x"), ("x + a", -3, "x - 3"),
    ("x - a", -3, "x + 3"), ("x + a y", 0, "x"), ("a y + x", 0, "x"), ("x + a y", -1, "x - y"),
    ("x - a y", -2, "x + 2y"),
    ("x^a", 1, "x"), ("x^a", 0, "1"), ("x^a", 2, "x²"), ("a^2 x", -3, "9x"), ("a^2", 3, "9"), ("e^{a x}", 0, "1"),
    ("e^{a x}", 1, "e^x"), ("e^{a x}", -2, "e^(-2x)"), ("x / a", 1, "x"), ("x / a", -2, "-x/2"), ("a / x", -3, "-3/x"),
    ("a / x", 0, "0"), ("a / 4", 2, "1/2"), ("a x / 4", 6, "(3x)/2"), (r"\sqrt{a} x", 9, "3x"), ("1 - a", "1/4", "3/4"),
    ("a x", "1/2", "(1/2) x"), ("a x", "-1/2", "-(1/2) x"), ("0.1 a", 3, "0.3"), ("x + a + 1", 2, "x + 3"),
    ("x + a - 2", 2, "x"), ("a - 2", 2, "0"), ("-a x", -2, "2x"), ("-(a)", 0, "0"), (r"\log(a x)", 1, "log(x)"),
    ("(x + a)^2", -1, "(x - 1)²"), ("a (x + 1)", 1, "x + 1"), ("x a", 3, "3x"), ("x y", 3, "x y"),
    (r"\sum_{a=1}^{3} a x", 2, "Σ[a = 1..3] a x"), ("2 + 3 x", 5, "2 + 3x"), ("7^a", 3, "343"), ("7^a", 9, "7⁹"),
    ("x + 0 y", 1, "x + 0y"), ("(x - a)(x + a)", 2, "(x - 2) (x + 2)"),
]


@pytest.mark.parametrize(("formula", "value", "expected"), TIDY)
def test_tidy(formula: str, value: Any, expected: str) -> None:
    drawn = valued(value)
    assert isinstance(drawn, Node)
    assert text(placed(read(formula), {Symbol("a"): drawn})) == expected


def test_an_expression_without_the_letter_is_the_same_object() -> None:
    node = read("1 x + 0 y + x^1")
    assert placed(node, {Symbol("a"): number(2)}) is node


def test_a_denominator_that_becomes_zero() -> None:
    with pytest.raises(MathError, match="denominator is zero"):
        placed(read("x / (a - 2)"), {Symbol("a"): number(2)})


def _formulas() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["a", "b", "x", "2", "0", "1", "0.5", r"\frac{3}{4}"])
    return st.recursive(leaves, lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} + {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} - {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) ({p[1]})"),
        st.tuples(inner, inner).map(lambda p: rf"\frac{{{p[0]}}}{{{p[1]}}}"),
        st.tuples(inner, st.sampled_from(["0", "1", "2", "3", "a"])).map(lambda p: f"({p[0]})^{{{p[1]}}}"),
        inner.map(lambda p: f"(-{p})"), inner.map(lambda p: rf"\sqrt{{{p}}}"),
    ), max_leaves=8)


NUMBERS = st.fractions(-4, 4, max_denominator=4)


@settings(max_examples=40)
@given(_formulas(), NUMBERS, NUMBERS, st.fractions(-3, 3, max_denominator=7))
def test_tidying_keeps_the_value(formula: str, a: Fraction, b: Fraction, x: Fraction) -> None:
    node = read(formula)
    letters = {Symbol("a"): number(a), Symbol("b"): number(b)}
    try:
        before = exact(node, {Symbol("a"): a, Symbol("b"): b, Symbol("x"): x})
    except DeriveError:
        assume(False)
    after = placed(node, letters)
    assert not free_symbols(after) & letters.keys()
    assert exact(after, {Symbol("x"): x}) == before


@settings(max_examples=40)
@given(_formulas(), NUMBERS)
def test_nothing_untidy_is_left(formula: str, a: Fraction) -> None:
    try:
        shown_ = text(placed(read(formula), {s: number(a) for s in free_symbols(read(formula))}))
    except DeriveError:
        assume(False)
    assert "+ -" not in shown_ and "- -" not in shown_ and "^1" not in shown_.replace("^(1", "")


def test_definitions_are_values_too() -> None:
    made = problem(DESCENT, a=1, b=1, c=1).given["function"]
    assert isinstance(made, Definition) and made.parameters == (Symbol("x"), Symbol("y"))


def test_a_letter_that_has_a_value_is_drawn_there() -> None:
    table = {"kind": "computational-graph", "given": {"expression": "f(x, y) = x y", "values": {"x": 2, "y": 5}}}
    with pytest.raises(placing.PlaceError) as caught:
        placing.problem_with(Source(table), {"x": Drawn(number(3), 3)})
    assert '"values.x" = ' in caught.value.hint
    made = placing.problem_with(Source(table), {"values.x": Drawn(number(3), 3)})
    assert "3" in str(made.given["values"])


@pytest.mark.parametrize(("before", "drawn", "after"), [
    ([1, 1], [[2, 5]], [2, 5]), ([[1, 1]], [[2, 5]], [[2, 5]]), ([1, 1], [[2, 5], [3, 4]], [[2, 5], [3, 4]]),
    ([1, 1], [2, 5], [2, 5]),
])
def test_one_point_is_its_coordinates_where_the_problem_has_these(before: list, drawn: list, after: list) -> None:
    row = Field("start", "any", "the start")
    assert placing._fitting(Drawn(valued(drawn), drawn), row, False, before) == after


CLUSTERS = Source({"title": "EM", "kind": "clustering", "given": {
    "points": [0, 1, 4, 5], "clusters": 2, "centres": [0, 4], "variances": [1, 1], "method": "EM", "steps": 1}})
SLOPES = Source({"title": "Slopes", "kind": "gradient", "given": {"function": "f(x, y) = x^2 + y", "figure": False}})


@pytest.mark.parametrize(("source", "draw", "shape"), [
    (CLUSTERS, Draw("points", "points", {"points": 4, "in": [0, 9]}), (4, 1)),
    (CLUSTERS, Draw("points", "points", {"points": 4, "in": [[0, 9]]}), (4, 1)),
    (SLOPES, Draw("at", "points", {"points": 2, "in": [[0, 9], [0, 9]]}), (2, 2)),
    (SLOPES, Draw("at", "permutation", {"permutation": 2}), (1, 2)),
    (SLOPES, Draw("at", "birthday", {"birthday": "born"}), (1, 2)),
])
def test_plain_numbers_are_as_many_points_and_coordinates_are_one(
    source: Source, draw: Draw, shape: tuple[int, int],
) -> None:
    value = draws.drawn(draw, Random(1), Student("1", columns={"born": "1990-03-27"}))
    found = placing.problem_with(source, {draw.name: value}).given[draw.name]
    assert (len(found), len(found[0])) == shape


def test_drawn_numbers_for_a_list_of_numbers_stay_one() -> None:
    data = Source({"title": "Waiting", "kind": "maximum-likelihood", "given": {
        "distribution": "Exponential(\\lambda)", "data": [1, 2]}})
    value = draws.drawn(Draw("data", "points", {"points": 3, "in": [1, 9]}), Random(1), Student(""))
    assert len(placing.problem_with(data, {"data": value}).given["data"]) == 3


def test_an_answer_is_judged_before_it_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    verified = []
    real = drawing.api.verified
    monkeypatch.setattr(drawing.api, "verified", lambda made, seconds: verified.append(made) or real(made, seconds))
    found = variant(sheet(), item(COINS, COIN_DRAWS, "at most 4 digits and every step is proved"), Student("7"))
    assert len(verified) == 1 and found.derivation.verdicts()["proved"] > 0
    with pytest.raises(DrawError, match="in every draw"):
        variant(sheet(), item(COINS, COIN_DRAWS, "at least 900 steps"), Student("7"))
    assert len(verified) == 1


def test_the_message_is_the_same_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WORKSHEET_TRIES", 50)
    told = set()
    for name in ("7", "8"):
        with pytest.raises(DrawError) as caught:
            variant(sheet(), item(COINS, COIN_DRAWS, "p_1 > 1"), Student(name))
        told.add(str(caught.value))
    assert len(told) == 1
