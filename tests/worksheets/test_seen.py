"""Remarks on draws that nobody sees: words about other numbers, and numbers that stand nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from derive.read.fields import Spelled
from derive.worksheets import seen
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
    assert remarks(table, A, mode=mode) == []


def test_a_number_that_changes_nothing_is_never_missed() -> None:
    table = {"kind": "derivative", "given": {"function": "f(x) = a x", "figure": False}}
    assert remarks(table, Draw("a", "choice", [1, -1])) == []  # it is not written: x, -x
