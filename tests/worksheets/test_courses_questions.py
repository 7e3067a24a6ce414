"""What a course system judges: numbers with what is accepted, choices, orders, and what a person reads."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive import api
from derive.documents._tree import Statement
from derive.steps import Result
from derive.tree import (
    Call,
    E,
    Hole,
    Matrix,
    Negative,
    Node,
    Number,
    Quotient,
    Relation,
    Root,
    Sum,
    Symbol,
    Vector,
    walk,
)
from derive.tree import number as written
from derive.worksheets import placing
from derive.worksheets.courses._questions import (
    Choice,
    Manual,
    Numbers,
    Order,
    asked,
    number,
    numeral,
    unique,
    value,
)
from derive.worksheets.model import Exercise, Mistake, Source, Student
from derive.worksheets.modes._visible import holes_in
from derive.write.text import text
from tests.worksheets.courses import PROBLEMS, exercises, only, paper, questions

X = Symbol("x")
HALF = Quotient(Number("1"), Number("2"))


def only_part(gap_answer, mistakes=(), written_in="blank"):
    sheet, papers = only(written_in)
    ((student, (made,)),) = papers
    gap = replace(made.gaps[0], answer=gap_answer, mistakes=mistakes, choices=(), right=(), shown={}, offered=True)
    (part,) = asked(sheet, student, Exercise(made.variant, made.mode, made.page, (gap,))).parts
    return part


def mistake(node):
    return Mistake(node, "slip", "It slipped.")


@pytest.mark.parametrize(("answer", "accepted", "refused"), [
    ("3", ["3", "3.0", "3.000"], ["3.01", "2.999", "-3"]),
    ("-12", ["-12"], ["12", "-12.1"]),
    ("0", ["0", "0.0", "-0"], ["0.001", "1"]),
    ("1/3", ["0.333", "0.3333333", "0.3328334"], ["0.33", "0.334", "0.3"]),
    ("2/3", ["0.667", "0.6667"], ["0.67", "0.66", "0.666"]),
    ("0.5", ["0.5", "0.50", "0.5004"], ["0.459", "0.46", "0.51", "1"]),
    ("0.25", ["0.25", "0.2504"], ["0.3", "0.255", "0.251"]),
    ("2.5", ["2.5", "2.504"], ["2.6", "2.51", "3"]),
    ("13.4366", ["13.4", "13.44", "13.4366"], ["13", "13.5", "13.3"]),
    ("1234.5", ["1230", "1234.5", "1239"], ["1200", "1240"]),
    ("0.0012345", ["0.00123", "0.0012345"], ["0.0012", "0.00124"]),
    ("0.9996", ["1.00", "0.9996", "1"], ["0.99", "1.01"]),
])  # fmt: skip
def test_what_is_accepted_for_a_number(answer, accepted, refused):
    one = number(Fraction(answer))
    assert [a for a in accepted if not one.accepts(Fraction(a))] == []
    assert [r for r in refused if one.accepts(Fraction(r))] == []


@settings(max_examples=60)
@given(st.fractions(min_value=-10**6, max_value=10**6, max_denominator=10**6))
def test_three_significant_digits_are_enough_and_two_units_less_are_not(exact):
    assume(exact.denominator != 1)
    rounded = Decimal(f"{Decimal(exact.numerator) / Decimal(exact.denominator):.2e}")
    unit = Fraction(10) ** (rounded.adjusted() - 2)
    one = number(exact)
    assert one.accepts(Fraction(rounded))
    assert one.accepts(exact)
    few = exact * 10 ** max(0, 2 - rounded.adjusted())
    if few.denominator != 1:  # more than three digits
        assert not one.accepts(exact + unit) and not one.accepts(exact - unit)


@given(st.integers(-10**9, 10**9))
def test_whole_numbers_must_be_met(whole):
    one = number(Fraction(whole))
    assert one.accepts(Fraction(whole)) and one.tolerance == "0"
    assert not one.accepts(Fraction(whole) + Fraction(1, 10**6))


@given(st.fractions(max_denominator=10**9))
def test_a_decimal_reads_back_as_the_number(exact):
    assert abs(Fraction(numeral(exact)) - exact) <= abs(exact) * Fraction(1, 10**14)
    low, high = number(exact).bounds
    assert Fraction(low) <= number(exact).low <= exact <= number(exact).high <= Fraction(high)


def test_a_wrong_answer_that_lies_near_is_refused():
    part = only_part(Number("0.5"), (mistake(Number("0.5004")),))
    (one,) = part.judged.cells
    ((wrong, why),) = part.judged.wrong
    assert one.accepts(Fraction("0.5")) and one.accepts(Fraction("0.5002")) and not one.accepts(Fraction("0.5004"))
    assert wrong.accepts(Fraction("0.5004")) and not wrong.accepts(Fraction("0.5"))
    assert why == "Slip. It slipped."


@pytest.mark.parametrize(("node", "expected"), [
    (Number("3"), Fraction(3)), (Negative(HALF), Fraction(-1, 2)), (Root(Number("4")), Fraction(2)),
    (Relation((HALF, Number("0.5")), ("=",)), Fraction(1, 2)), (Relation((E, Number("2.718")), ("~=",)), None),
    (X, None), (Sum((X, Number("1"))), None), (Vector((X,)), None), (Relation((X, HALF), ("=",)), None),
    (Relation((Number("1"), Number("2")), ("<",)), None),
])  # fmt: skip
def test_the_value_of_an_answer(node, expected):
    found = value(node)
    if node == Relation((E, Number("2.718")), ("~=",)):
        assert float(found) == pytest.approx(2.718281828)
    else:
        assert found == expected


@pytest.mark.parametrize(("node", "shape"), [
    (Number("3"), (1, 1)), (Vector((Number("1"), HALF)), (1, 2)), (Matrix(((Number("1"),), (HALF,))), (2, 1)),
    (Matrix(((Number("1"), E), (HALF, Number("0")))), (2, 2)),
])  # fmt: skip
def test_numbers_and_entries(node, shape):
    part = only_part(node)
    assert (len(part.judged.rows), len(part.judged.rows[0])) == shape
    assert sum(part.shares) == part.gap.points and len(set(part.shares)) == 1


def test_a_formula_is_a_choice_among_its_mistakes_or_read_by_a_person():
    right, wrong = Sum((X, Number("1"))), Negative(X)
    part = only_part(right, (mistake(wrong),))
    assert sorted(map(str, part.judged.items)) == sorted(map(str, ((right,), (wrong,))))
    assert part.judged.items[part.judged.right[0]] == (right,)
    assert part.judged.reasons == {1 - part.judged.right[0]: "Slip. It slipped."}
    assert only_part(right).judged == Manual((right,))
    assert isinstance(only_part(Vector((X, Number("1")))).judged, Manual)


def test_a_line_with_mistakes_is_a_choice_although_it_has_a_value():
    line, wrong = Sum((Number("2"), E)), Sum((Number("3"), E))
    assert isinstance(only_part(line, (mistake(wrong),)).judged, Choice)
    assert isinstance(only_part(line).judged, Numbers)


def test_a_mistake_that_stands_on_the_page_is_no_distractor():
    sheet, papers = only("spot-the-error")
    (question,) = questions(sheet, papers)
    first, second = question.parts
    assert isinstance(first.judged, Choice) and isinstance(second.judged, Manual)
    told = str(second.prompt) + str(question.paper)
    assert str(second.gap.question[0]) not in told  # it says which line is wrong


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_mode_becomes_parts(problem):
    sheet, papers = paper((problem,))
    kinds = {q.exercise.mode: {type(part.judged) for part in q.parts} for q in questions(sheet, papers)}
    assert kinds["worked"] == set()
    assert kinds["order-the-steps"] == {Order}
    assert kinds["choice"] == kinds["true-false"] == {Choice}
    assert Choice in kinds["spot-the-error"]
    assert Numbers in kinds["blank"]


def test_the_parts_are_the_gaps_and_share_the_points():
    sheet, papers = paper()
    for question in questions(sheet, papers):
        assert [part.gap for part in question.parts] == list(question.exercise.gaps)
        if question.parts:
            assert sum(sum(part.shares) for part in question.parts) == question.exercise.points


def test_a_choice_has_one_right_answer_and_says_what_is_wrong_with_others():
    sheet, papers = paper()
    for question in questions(sheet, papers):
        for part in question.parts:
            if isinstance(part.judged, Choice):
                assert len(part.judged.right) == 1 and len(part.judged.items) >= 2
                if question.exercise.mode != "spot-the-error":  # there the reason says what is wrong in the line
                    assert part.judged.right[0] not in part.judged.reasons


def test_the_place_of_the_right_formula_is_drawn_and_stays():
    sheet, papers = only("fading", PROBLEMS[0])
    ((_, (made,)),) = papers
    places = []
    for k in range(12):
        student = Student(str(k))
        found = [part.judged.right for part in asked(sheet, student, made).parts if isinstance(part.judged, Choice)]
        assert found == [p.judged.right for p in asked(sheet, student, made).parts if isinstance(p.judged, Choice)]
        places += found
    assert len(set(places)) > 1


def test_a_question_shows_no_answer():
    sheet, papers = paper()
    for question in questions(sheet, papers):
        holes = {hole.label for hole in holes_in(question.paper.blocks)}
        for part in question.parts:
            if part.gap.label in holes:
                assert part.gap.answer not in part.prompt


def test_what_a_gap_asks_tells_no_answer_of_another():
    sheet, ((student, (made,)),) = only("blank")
    point, slope = Vector((Number("3"), Number("8"))), Symbol("slope")
    gaps = (replace(made.gaps[0], label="1", answer=point, question=(Symbol("z"),), mistakes=()),
            replace(made.gaps[0], label="2", answer=Number("5"), question=(Call("L", point.items),), mistakes=()),
            replace(made.gaps[0], label="3", answer=slope, question=("nature of (3, 8)",),
                    mistakes=(mistake(Negative(slope)),), offered=True))
    parts = asked(sheet, student, Exercise(made.variant, "blank", replace(made.page, blocks=()), gaps)).parts
    assert [type(part.judged) for part in parts] == [Numbers, Numbers, Choice]
    assert not any("8" in text(piece) if isinstance(piece, Node) else "8" in piece for p in parts for piece in p.prompt)
    assert [hole.label for part in parts for piece in part.prompt if isinstance(piece, Node)
            for hole in walk(piece) if isinstance(hole, Hole)] == ["1", "1"]


def test_names_are_unique_readable_and_plain():
    students = [Student(name) for name in ("1001", "1-001", "1 001", "<b>", "مثال", "x" * 300, "X" * 300)]
    names = [unique(item, 1, student) for item in ("jacobian", "a/b", "") for student in students]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(len(name) <= 90 and name.replace("-", "").isalnum() and name.isascii() for name in names)
    assert unique("jacobian", 1, students[0]).startswith("jacobian-1001-")
    assert unique("jacobian", 2, students[0]) != unique("jacobian", 1, students[0])


def test_everything_is_in_the_language_of_the_sheet():
    sheet, papers = paper(language="de")
    found = {question.exercise.mode: question for question in questions(sheet, papers)}
    assert [item for part in found["true-false"].parts for item in part.judged.items][:2] == [("wahr",), ("falsch",)]
    assert "Zeile 1" in str(found["spot-the-error"].parts[0].judged.items)
    assert "Fill" not in str(found["fading"].paper.blocks)


@pytest.mark.parametrize(("answer", "tolerance"), [
    ("0.7", "0.0005"), ("0.5", "0.0005"), ("0.25", "0.0005"), ("12.5", "0.05"), ("0.982014", "0.0005"), ("3", "0"),
    ("99.9", "0.05"), ("0.05", "0.00005"),
])
def test_the_tolerance_is_half_a_unit_of_the_third_digit(answer, tolerance):
    assert number(Fraction(answer)).tolerance == tolerance


@pytest.mark.parametrize(("answer", "accepted", "refused"), [
    (Number("1.00000"), ["1", "0.99999989", "1.004"], ["0.99", "1.01"]),
    (Negative(Number("2.00000")), ["-2", "-1.999"], ["2", "-1.99"]),
    (Number("0.00000"), ["0", "0.0000001"], ["0.1"]),
    (Number("1"), ["1"], ["0.999"]),
])
def test_a_whole_number_by_rounding_is_met_nearly(answer, accepted, refused):
    for node in (answer, Vector((answer, Number("7")))):
        one = only_part(node).judged.cells[0]
        assert [one.accepts(Fraction(given_)) for given_ in [*accepted, *refused]] == (
            [True] * len(accepted) + [False] * len(refused))


# --- conventions ------------------------------------------------------------------------------------------

UPRIGHT = "of length 1, the largest entry positive"


def posed(said, *results, answer):
    """The kinds of the parts of an exercise that poses its problem with these words and asks for these results."""
    sheet, ((student, (made,)),) = only("blank")
    variant = replace(made.variant, derivation=replace(made.variant.derivation, results=results))
    shown = replace(made.page, statements=(Statement("Find", ((said,),)),))
    gaps = tuple(replace(made.gaps[0], label=str(k), answer=answer(r), mistakes=(mistake(Number("9")),),
                         question=(r.label,) if r.label is not None else (r.name,))
                 for k, r in enumerate(results, 1))
    return [type(part.judged) for part in asked(sheet, student, Exercise(variant, "blank", shown, gaps)).parts]


@pytest.mark.parametrize(("said", "convention", "expected"), [
    ("the component", "", Numbers),
    ("the component", UPRIGHT, Manual),
    (f"the component, {UPRIGHT}", UPRIGHT, Numbers),
    ("the number of steps", "how often the points are assigned", Manual),
])
def test_what_is_right_by_a_convention_is_judged_where_that_is_said(said, convention, expected):
    for label in (X, None):
        result = Result("component", (Number("0"), Number("1")), label, convention=convention)
        assert posed(said, result, answer=lambda r: Vector(r.value)) == [expected]


def test_two_gaps_of_one_name_are_read_by_a_person():
    two = (Result("location of the minimum", Number("-1"), X), Result("location of the minimum", Number("1"), X))
    assert posed("the minima", *two, answer=lambda r: r.value) == [Manual, Manual]
    other = (two[0], Result("location of the maximum", Number("1"), X))
    assert posed("the extrema", *other, answer=lambda r: r.value) == [Numbers, Numbers]


def derived(kind, **given_):
    table = {"title": "A problem", "kind": kind, "given": {**given_, "figure": False}}
    return api.derived(placing.problem_with(Source(table), {}))


CONVENTIONS = {
    "pca": {"covariance": [[3, -2], [-2, 5]]},
    "gradient": {"function": "f(x, y) = x^2 + x y + 3 y^2", "stationary": True},
    "clustering": {"points": [0, 1, 4, 5], "clusters": 2, "centres": [0, 4]},
}


@pytest.mark.parametrize(("kind", "names"), [
    ("pca", {"eigenvalues", "component 1", "component 2"}), ("gradient", {"eigenvalues of the Hessian at (0, 0)"}),
    ("clustering", {"clusters", "steps"}),
])
def test_kinds_say_their_conventions_in_what_is_asked(kind, names):
    derivation = derived(kind, **CONVENTIONS[kind])
    told = " ".join(part for item in derivation.asked for part in item if isinstance(part, str))
    conventions = {r.name: r.convention for r in derivation.results if r.convention}
    assert conventions.keys() == names and all(convention in told for convention in conventions.values())


def test_directions_of_a_double_eigenvalue_are_never_judged():
    derivation = derived("pca", covariance=[[2, 0], [0, 2]])
    told = " ".join(part for item in derivation.asked for part in item if isinstance(part, str))
    components = [r.convention for r in derivation.results if r.name.startswith("component")]
    assert len(components) == 2 and not any(convention in told for convention in components)


def test_a_third_is_accepted_as_a_decimal():
    assert number(value(written(Fraction(1, 3)))).tolerance == "0.0005"


def test_there_are_exercises_of_all_modes():
    assert {made.mode for made in exercises()} == {
        "blank", "worked", "fading", "spot-the-error", "order-the-steps", "choice", "true-false",
    }
