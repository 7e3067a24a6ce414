"""Slips of writing an answer down, and sentences with formulas in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.read.latex import read
from derive.rules.slips import SLIPS
from derive.steps import Context, Definition, Status
from derive.tree import ONE, Call, Node, Sum, Symbol, number
from derive.verify import verify_step
from derive.worksheets._prose import with_formulas
from derive.worksheets._writing import DIGITS, WRITING, miswritten, without_trifles
from derive.worksheets.mistakes import best, writing_mistakes
from derive.worksheets.model import Mistake
from derive.write.text import text

X, THETA = Symbol("x"), Symbol(r"\theta")


def wrong(right: str, context: Context | None = None, most: int = 9) -> dict[str, str]:
    return {slip.name: text(node) for slip, node in miswritten(read(right), context or Context(), most)}


@pytest.mark.parametrize(("right", "slip", "written"), [
    ("-2y", "minus sign lost", "2y"), ("3x + y - 1", "minus sign lost", "3x + y + 1"),
    ("3x + y - 1", "coefficient lost", "x + y - 1"), ("3x + y - 1", "term lost", "3x + y"),
    ("(1, 2)", "entries swapped", "(2, 1)"), (r"\log(3) - 4", "term lost", "log(3)"),
    (r"\ln(3) - 4", "term lost", "ln(3)"),
    (r"\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}", "rows and columns swapped", "[[1, 3], [2, 4]]"),
])
def test_what_is_written(right: str, slip: str, written: str) -> None:
    assert wrong(right)[slip] == written


@pytest.mark.parametrize("right", ["7", "x", "0", r"(\frac{\sqrt 2}{2}, \frac{\sqrt 2}{2})", "x = 2"])
def test_where_nothing_is_mistaken(right: str) -> None:
    assert not set(wrong(right)) - DIGITS


def test_of_an_unknown_function_nothing_is_known() -> None:
    assert miswritten(Sum((Call("g", (X,)), ONE)), Context(), 3) == ()


def test_the_opposite_of_a_unit_vector_is_no_mistake() -> None:
    found = wrong(r"(\frac{\sqrt 2}{2}, -\frac{\sqrt 2}{2})")
    assert found["minus sign lost"] == "(√(2)/2, √(2)/2)"
    assert "entries swapped" not in found  # the same direction
    assert wrong("(1, -2)")["entries swapped"] == "(-2, 1)"


def test_digits_are_told_only_where_there_is_nothing_else() -> None:
    assert set(wrong("0.25")) == {"decimal point moved"}
    assert not set(wrong("0.25 - x")) & DIGITS


def test_domains_and_definitions_are_kept() -> None:
    inside = Context({THETA: "(0, 1)"})
    assert "minus sign lost" in wrong(r"\ln(1 - \theta)", inside)  # has no value at every real number
    defined = Context({}, (Definition(Symbol("s"), (), read("x - x")),))
    assert wrong("-s", defined) == {}  # -0 is 0
    assert wrong("-s")["minus sign lost"] == "s"
    assert wrong("2 v", Context({Symbol("v"): "vector"})) == {}


@settings(max_examples=30, deadline=None)
@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 9))
def test_every_one_is_refuted_by_the_verifier(a: int, b: int, c: int) -> None:
    right = read(f"\\frac{{({a}) x^2 - ({b})}}{{{c}}} + ({b}) x")
    for _, node in miswritten(right, Context(), 6):
        assert verify_step(right, node, "=", Context()).status is Status.REFUTED


def test_what_they_cost() -> None:
    found = writing_mistakes(read("3x - 1"), Context(), number(4).value)
    assert found and all(0 < mistake.lost <= 4 for mistake in found)
    assert {mistake.slip for mistake in found} <= WRITING <= {slip.name for slip in SLIPS}


@pytest.mark.parametrize(("before", "after"), [
    (r"\frac{x}{1}", "x"), (r"1 \cdot x", "x"), (r"(2 x) y", "2x y"), (r"1 \cdot 1", "1"), ("x + 1", "x + 1"),
])
def test_trifles(before: str, after: str) -> None:
    assert text(without_trifles(read(before))) == after


def test_what_is_shown_to_choose_from() -> None:
    made = [Mistake(X, name, "") for name in ("decimal point moved", "rounded too early", "term lost", "sum rule lost")]
    assert [mistake.slip for mistake in best(made, 2, X)] == ["sum rule lost", "term lost"]


@pytest.mark.parametrize(("right", "wrong", "shown_"), [
    (r"\frac{612}{625}", r"\frac{4851}{4955}", False), (r"\frac{612}{625}", r"\frac{625}{612}", True),
    ("8 + 2 e", "8 - 2 e", True), ("x", "1.001 x", True), ("(1, 2)", "(1.001, 2)", False), ("(1, 2)", "(2, 1)", True),
])
def test_what_is_nearly_right_is_not_shown(right: str, wrong: str, shown_: bool) -> None:
    assert bool(best([Mistake(read(wrong), "term lost", "")], 1, read(right))) is shown_


# --- sentences ---------------------------------------------------------------------------------------------


def shown(words: str) -> str:
    return "".join(f"[{text(part)}]" if isinstance(part, Node) else part for part in with_formulas(words))


@pytest.mark.parametrize(("words", "expected"), [
    ("x^2 has derivative 2x, not 2x^2.", "[x²] has derivative [2x], not [2x²]."),
    ("Roots go with products: the root of 9 + 16 is 5.", "Roots go with products: the root of [9 + 16] is 5."),
    ("a negative base: (1 + 1)^2 is 4, not 2.", "a negative base: [(1 + 1)²] is 4, not 2."),
    ("A minus sign was dropped from one line to the next.", "A minus sign was dropped from one line to the next."),
    ("log(1 + 1) is not 0.", "[log(1 + 1)] is not 0."), ("A and I go.", "A and I go."), ("", ""),
    ("It is symmetric (as sin(x)/x is) here.", "It is symmetric (as [sin(x)/x] is) here."),
])
def test_formulas_in_sentences(words: str, expected: str) -> None:
    assert shown(words) == expected


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_no_word_of_a_reason_is_lost(slip: object) -> None:
    """The words between the formulas are those of the sentence, in their order."""
    reason = slip.reason  # type: ignore[attr-defined]
    rest = reason
    for part in with_formulas(reason):
        if isinstance(part, str):
            assert part in rest
            rest = rest[rest.index(part) + len(part):]


def test_nothing_hostile_is_read() -> None:
    assert shown(r"\input{x} and \write18{y}") == r"\input{x} and \write18{y}"
