"""Conditions: relations between drawn numbers, phrases about answers, what joins them, and what is neither."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.problem import Problem
from derive.read.latex import read
from derive.steps import Chain, Derivation, Result, Status, Step, Value, Verdict
from derive.tree import ONE, ZERO, Number, number
from derive.worksheets.conditions import Case, MissingError, condition, foreign, holds

X = Number("7")


def value(written: Any) -> Value:
    """A value written as text, or as lists of texts and numbers."""
    if isinstance(written, list):
        return tuple(value(part) for part in written)
    return read(written) if isinstance(written, str) else number(written)


def case(results: dict[str, Any] | None = None, steps: int = 0, status: Status = Status.PROVED, **drawn: Any) -> Case:
    step = Step(ONE, ONE, "some rule", verdict=Verdict(status))
    made = tuple(Result(name, value(written)) for name, written in (results or {}).items())
    derivation = Derivation("", "", (), (), (Chain((step,) * steps),), made)
    problem = Problem("", "", {"function": value(drawn.pop("problem", "1"))})
    return Case({name: value(written) for name, written in drawn.items()}, problem, derivation)


# --- relations between drawn numbers -----------------------------------------------------------------------

RELATIONS = [
    ("a != b", {"a": 1, "b": 2}, True), ("a != b", {"a": 2, "b": 2}, False), ("a ≠ b", {"a": 2, "b": 2}, False),
    ("a^2 + b^2 <= 10", {"a": 1, "b": 3}, True), ("a^2 + b^2 <= 10", {"a": 2, "b": 3}, False),
    ("a b > 0", {"a": -1, "b": -2}, True), ("a b > 0", {"a": -1, "b": 2}, False),
    ("a == 1/3", {"a": "1/3"}, True), ("a = 0.1", {"a": "0.10"}, True), ("0 < a < b", {"a": 1, "b": 2}, True),
    ("0 < a < b", {"a": 2, "b": 2}, False), (r"a \ne 0", {"a": 0}, False), ("a ≥ 2", {"a": 2}, True),
    ("start_1 != start_2", {"start": [1, 6]}, True), ("start_1 != start_2", {"start": [1, 1]}, False),
    ("A_{1,2} = A_{2,1}", {"A": [[1, 2], [2, 3]]}, True), ("A_{1,2} = A_{2,1}", {"A": [[1, 2], [3, 3]]}, False),
    (r"\sqrt{a} < 2", {"a": 3}, True), (r"\sqrt{a} < 2", {"a": 5}, False), ("e^a > 1", {"a": 1}, True),
    (r"\theta_1 > 0", {r"\theta_1": 1}, True), ("|a| > 2", {"a": -3}, True), ("1/a > 0", {"a": 0}, False),
]


@pytest.mark.parametrize(("text", "drawn", "expected"), RELATIONS)
def test_relations(text: str, drawn: dict[str, Any], expected: bool) -> None:
    made = {name: value(written) for name, written in drawn.items()}
    test = condition(text, made)
    assert test.early
    assert holds(test, Case(made)) is expected


@given(st.integers(-20, 20), st.integers(-20, 20), st.integers(1, 9))
def test_relations_are_exact(p: int, q: int, r: int) -> None:
    drawn = {"a": number(p), "b": number(q), "c": number(r)}
    assert holds(condition("a / c < b", drawn), Case(drawn)) is (p < q * r)
    assert holds(condition("3 a c = b", drawn), Case(drawn)) is (3 * p * r == q)


def test_letters_that_are_not_drawn_are_named() -> None:
    drawn = {"a": ONE, "start": (ONE, ZERO)}
    assert foreign(condition("a d > start_3", drawn), drawn) == ["d", "start_3"]
    assert foreign(condition("a > start_2", drawn), drawn) == []


# --- phrases -----------------------------------------------------------------------------------------------

PHRASES = [
    ("all iterates are integers", {"iterates": [[1, 9], [-30, 6]]}, True),
    ("all iterates are integers", {"iterates": [[1, 9], ["1/2", 6]]}, False),
    ("all iterates are integers", {"iterates": [[1, r"\sqrt{2}"]]}, False),
    ("all iterates are integers or have at most 2 decimals", {"iterates": [["0.25", -3]]}, True),
    ("all iterates are integers or have at most 2 decimals", {"iterates": [["0.125", -3]]}, False),
    ("all iterates are integers or have at most 2 decimals", {"iterates": ["1/3"]}, False),
    ("all costs have at most 1 decimals", {"costs": ["1/2", 3]}, True),
    ("the last cost is an integer", {"last cost": 4}, True),
    ("result det J(1, 1) is an integer", {"det J(1, 1)": 4}, True),
    ("det J(1, 1) is an integer", {"det J(1, 1)": "8 + 2 e"}, False),
    ("det J is not zero", {"det J": 0}, False), ("det J is not zero", {"det J": "e - 1"}, True),
    ("det J is positive", {"det J": "1 - e"}, False), ("det J is negative", {"det J": "1 - e"}, True),
    ("KL is rational", {"KL": r"\frac12 \log 2"}, False), ("all shares are rational", {"shares": ["1/2", "0.3"]}, True),
    ("at most 3 digits", {"a": 999, "b": ["1/12"]}, True), ("at most 3 digits", {"a": 1000}, False),
    ("at most 3 digits", {"a": "1/1000"}, False), ("at most 3 digits", {"a": "0.25"}, True),
    ("at most 3 digits", {"a": r"2 \log 1234"}, False),
    ("iterates have at most 2 digits", {"iterates": [99]}, None),
    ("all iterates have at most 2 digits", {"iterates": [99]}, True),
    ("a has at most 2 digits", {"a": 100, "b": 1000}, False),
    ("cost falls", {"costs": [3, 2, 1]}, True), ("The cost falls", {"costs": [3, 2, 2]}, False),
    ("distinct eigenvalues", {"Hessian eigenvalues": ["2 - \\sqrt{13}", "2 + \\sqrt{13}"]}, True),
    ("distinct eigenvalues", {"eigenvalues": [3, 3]}, False),
    ("distinct eigenvalues", {"eigenvalues": [r"\sqrt{4}", 2]}, False),
    ("all roots are distinct", {"roots": [1, 2]}, True),
    ("no division by zero", {"a": "1/2"}, True), ("no division by zero", {"a": "x / (1 - 1)"}, False),
]


@pytest.mark.parametrize(("text", "results", "expected"), PHRASES)
def test_phrases(text: str, results: dict[str, Any], expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(DeriveError):
            condition(text)
        return
    test = condition(text)
    assert not test.early
    assert holds(test, case(results)) is expected


@pytest.mark.parametrize(("text", "steps", "status", "expected"), [
    ("at most 3 steps", 3, Status.PROVED, True), ("at most 3 steps", 4, Status.PROVED, False),
    ("at least 3 steps", 2, Status.PROVED, False), ("every step is proved", 2, Status.PROVED, True),
    ("every step is proved", 2, Status.CHECKED, False), ("every step is proved", 1, Status.UNDECIDED, False),
])
def test_phrases_about_steps(text: str, steps: int, status: Status, expected: bool) -> None:
    assert holds(condition(text), case(steps=steps, status=status)) is expected


def test_a_denominator_of_the_problem() -> None:
    assert not holds(condition("no division by zero"), case(problem="x + 1/(2 - 2)"))
    assert not holds(condition("no division by zero"), case(problem="0^{-1}"))
    assert holds(condition("no division by zero"), case(problem="x^{-1}"))


@pytest.mark.parametrize(("text", "results", "says"), [
    ("all iterate are integers", {"iterates": [1]}, 'did you mean "iterates"'),
    ("all z are integers", {"iterates": [1], "costs": [2]}, "iterates, costs"),
    ("distinct eigenvalues", {"costs": [1]}, "no eigenvalues"),
    ("cost falls", {"iterates": [1]}, "no result"),
    ("gradient is positive", {"gradient": ["x"]}, "a formula with the letters x"),
])
def test_results_that_the_answer_does_not_have(text: str, results: dict[str, Any], says: str) -> None:
    with pytest.raises(MissingError) as caught:
        holds(condition(text), case(results))
    assert says in str(caught.value)


# --- joined ------------------------------------------------------------------------------------------------

JOINED = [
    ("a > 0 and b > 0", True, {"a": 1, "b": 1}, True), ("a > 0 and b > 0", True, {"a": 1, "b": 0}, False),
    ("a > 0 or b > 0", True, {"a": 0, "b": 1}, True), ("a > 0 or b > 0", True, {"a": 0, "b": 0}, False),
    ("a > 0 or b > 0 and a = b", True, {"a": 1, "b": 0}, True),
    ("a > 0 and b > 0 or a = b", True, {"a": 0, "b": 0}, True),
    ("a > 0 and all costs are integers", False, {"a": 1}, True),
    ("a > 0 and all costs are integers or have at most 2 decimals", False, {"a": 1}, True),
    ("all costs are integers or have at most 2 decimals and a > 0", False, {"a": 0}, False),
    ("a > 0 or cost falls", False, {"a": 0}, False), ("a = 0 or cost falls", False, {"a": 0}, True),
]


@pytest.mark.parametrize(("text", "early", "drawn", "expected"), JOINED)
def test_joined(text: str, early: bool, drawn: dict[str, Any], expected: bool) -> None:
    made = case({"costs": [1, 2]}, **drawn)
    test = condition(text, made.values)
    assert test.early is early
    assert holds(test, made) is expected


def test_the_parts_of_an_and_are_told_apart_by_what_they_need() -> None:
    test = condition("a > 0 and cost falls", {"a": ONE})
    assert [part.early for part in test.parts] == [True, False]


# --- neither -----------------------------------------------------------------------------------------------

UNKNOWN = [
    ("all iterates are whole", "all {name} are integers"), ("cost fals", 'did you mean "cost falls"'),
    ("", "no condition"), ("a >", "no relation"), ("a = b = ", "no relation"), (r"a \in b", "no condition"),
    ("every step is", "every step is proved"), ("a > 0 and", "no relation"), ("gcd(a, b) = 1", "no relation"),
    ("a > 0 and nonsense", "no relation"), ("__import__('os')", "no condition"),
    (" and ".join(["a > 0"] * 40), "40 conditions are too many in one"),
]


@pytest.mark.parametrize(("text", "says"), UNKNOWN)
def test_what_is_no_condition(text: str, says: str) -> None:
    with pytest.raises(DeriveError) as caught:
        condition(text, {"a": ONE, "b": ONE})
    assert says in str(caught.value)


def test_what_is_drawn_stands_in_the_name_of_a_result() -> None:
    test = condition("det J{at} is not zero")
    assert holds(test, case({"det J(1, -2)": 3}, at=[[1, -2]]))
    assert not holds(test, case({"det J(2, 5)": 0}, at=[2, 5]))
    with pytest.raises(MissingError, match=r"det J\(2, 5\)"):
        holds(test, case({"det J(1, 1)": 3}, at=[2, 5]))


def test_a_formula_is_no_number() -> None:
    with pytest.raises(MissingError) as caught:
        holds(condition("det J has at most 2 decimals"), case({"det J": ["x", "y"], "det J(1, 1)": 2}))
    assert "the letters x, y" in caught.value.message and "det J(1, 1)" in caught.value.hint


def test_eigenvalues_of_something() -> None:
    assert holds(condition("distinct eigenvalues"), case({"eigenvalues of the Hessian at (0, 0)": [1, 2]}))
