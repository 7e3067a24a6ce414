"""Remarks on worksheets: words about other numbers, numbers that stand nowhere, what is not derived or not asked."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from derive import api
from derive.read.fields import Spelled
from derive.steps import Chain, Step
from derive.tree import Number, Symbol
from derive.worksheets import placing, seen
from derive.worksheets.model import Draw, Item, Source, Student, Worksheet

PEOPLE = [Student(str(k)) for k in range(3)]


def remarks(table: dict[str, Any], *draws: Draw, mode: str = "blank") -> list[str]:
    return seen.remarks(Worksheet("A sheet", "seed", (Item("it", Source(table), draws=draws, mode=mode),)), PEOPLE)


def gradient(words: str, at: list[Any], **more: Any) -> dict[str, Any]:
    return {"kind": "gradient", "text": words, "given": {"function": "f(x, y) = a x^2 + y^2", "at": at, "figure": False,
                                                         **more}}


AT = Draw("at", "points", {"points": 1, "in": [[3, 5], [6, 9]]})
A = Draw("a", "integers", [2, 9])


@pytest.mark.parametrize("words", ["Find it at (1, 1).", "Find it at (1,1), please.", "( 1 , 1 )"])
def test_words_about_the_old_point_are_told(words: str) -> None:
    (remark,) = remarks(gradient(words, [[1, 1]]), AT, A)
    assert "the value of at" in remark and "{at}" in remark


@pytest.mark.parametrize("words", ["", "Find it.", "Find it at {at}.", "Find it at (1, 10).", "Of 1 and 1."])
def test_other_words_are_not(words: str) -> None:
    assert remarks(gradient(words, [[1, 1]]), AT, A) == []


@pytest.mark.parametrize(("words", "told"), [
    ("Do three steps.", True), ("Do 3 steps.", True), ("Do {steps} steps.", False), ("Do 13 steps.", False),
    ("Do some steps.", False),
])
def test_numbers_in_words(words: str, told: bool) -> None:
    table = {"kind": "gradient-descent", "text": words,
             "given": {"function": "f(x) = x^2", "start": 1, "step_size": "0.1", "steps": 3, "figure": False}}
    found = [remark for remark in remarks(table, Draw("steps", "integers", [4, 6])) if "was the value" in remark]
    assert bool(found) is told


@pytest.mark.parametrize(("words", "told"), [
    ("Use steps of size 0.25.", True), ("Use 10.25 and 0.255.", False), ("Use {step_size}, not 0.25.", False),
])
def test_decimals_in_words(words: str, told: bool) -> None:
    table = {"kind": "gradient-descent", "text": words,
             "given": {"function": "f(x) = x^2", "start": 1, "step_size": Spelled("0.25"), "steps": 3, "figure": False}}
    draw = Draw("step_size", "decimals", {"decimals": ["0.1", "0.2"], "places": 2})
    assert any("was the value" in remark for remark in remarks(table, draw)) is told


def test_a_number_that_stands_nowhere_is_told() -> None:
    table = {"kind": "gradient-descent", "text": "Go down.",
             "given": {"function": "f(x) = x^2", "start": 1, "step_size": "0.1", "steps": 2, "figure": False}}
    draw = Draw("show", "integers", [7, 9])
    assert any("what is drawn for show stands nowhere" in remark for remark in remarks(table, draw))
    assert remarks({**table, "text": "Go down and show {show} rows."}, draw) == []


@pytest.mark.parametrize("function", ["f(x) = a x", "f(x) = x^a", "f(x) = e^{-a x}", r"f(x) = \frac{x}{a}"])
@pytest.mark.parametrize("mode", ["blank", "worked"])
def test_a_number_in_a_formula_is_seen(function: str, mode: str) -> None:
    table = {"kind": "derivative", "given": {"function": function, "figure": False}}
    assert [remark for remark in remarks(table, A, mode=mode) if "worked example" not in remark] == []


def test_a_number_that_changes_nothing_is_never_missed() -> None:
    table = {"kind": "derivative", "given": {"function": "f(x) = a x", "figure": False}}
    assert remarks(table, Draw("a", "choice", [1, -1])) == []  # it is not written: x, -x


# --- what is not derived, and what is not asked -----------------------------------------------------------


def claim(*lines: str, **more: Any) -> dict[str, Any]:
    return {"kind": "inequality", "symbols": {"a": "positive", "b": "positive"}, "given": {"claim": [*lines], **more}}


UNDERIVED = [
    (claim(r"\sqrt{a b} \le \frac{a + b}{2}"), True),
    (claim(r"\sqrt{a b} \le \frac{a + b}{2}", equality="a = b"), True),
    ({"kind": "derivative", "given": {"function": "f(x) = x^2", "figure": False}}, False),
    ({"kind": "identity", "given": {"left": "(a + b)^2", "right": "a^2 + 2 a b + b^2"}}, False),
]


@pytest.mark.parametrize(("table", "told"), UNDERIVED)
@pytest.mark.parametrize("mode", ["blank", "worked"])
def test_a_solution_without_steps_of_its_own_is_told(table: dict[str, Any], told: bool, mode: str) -> None:
    found = [remark for remark in remarks(table, mode=mode) if "no steps of its own" in remark]
    assert [remark.startswith("it: ") and "√(a b) ≤ (a + b)/2" in remark for remark in found] == [True] * told


NUMBERS = Step(Number("1"), Number("1"), "equal")
LETTERS = Step(Symbol("a"), Symbol("b"), "equal")


@pytest.mark.parametrize(("steps", "only"), [
    ((LETTERS,), True), ((NUMBERS,), False), ((LETTERS, Step(Symbol("b"), Number("1"), "substitute")), False),
    ((), False), ((Step(Symbol("a"), Symbol("b"), "follows", relation="<="), LETTERS), True),
])
def test_what_is_only_stated(steps: tuple[Step, ...], only: bool) -> None:
    assert seen._is_only_stated(Chain(steps)) is only


@pytest.mark.parametrize(("mode", "points", "told"), [
    ("worked", 5, "whose 5 points cannot be earned: leave `points` out"), ("worked", 1, "whose 1 point cannot"),
    ("worked", 0, ""), ("blank", 5, ""),
])
def test_points_of_what_is_not_asked_are_told(mode: str, points: int, told: str) -> None:
    item = Item("it", Source({"kind": "derivative", "given": {"function": "x^2", "figure": False}}), Fraction(points),
                mode=mode)
    found = seen.remarks(Worksheet("A sheet", "seed", (item,)), PEOPLE)
    assert [told in remark for remark in found] == [True] * bool(told)


def test_that_two_results_are_the_same_is_no_statement_without_steps() -> None:
    table = {"kind": "kl-divergence", "given": {"p": ["a", "1 - a"], "q": ["1 - a", "a"]}, "symbols": {"a": "(0, 1)"}}
    derivation = api.derived(placing.problem_with(Source(table), {}))
    assert any(map(seen._is_only_stated, derivation.chains()))
    assert [remark for remark in remarks(table) if "no steps of its own" in remark] == []
