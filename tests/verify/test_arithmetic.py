"""Statements that arithmetic with fractions and polynomials decides, and what is left to the judges."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.read.latex import read
from derive.steps import Context, Definition, Status
from derive.tree import At, Call, Derivative, Gradient, Negative, Node, Number, Power, Product, Symbol, number
from derive.verify import _by_judges, verify_step
from derive.verify.arithmetic import Arithmetic, sums_up

X, Y = Symbol("x"), Symbol("y")
POINT = At(read("4x + 3y^2"), ((X, number(2)), (Y, number(-1))))

SUMS = [
    ("4 \\cdot 1 + 3 \\cdot 9", "31"), ("0.1", r"\frac{1}{10}"), ("-(2)^2", "-4"), ("(-2)^2", "4"), ("2^{-1}", "0.5"),
    (r"\frac{1}{3} + \frac{1}{6}", r"\frac{1}{2}"), ("0.1 (31, 3)", "(3.1, 0.3)"), ("(1, 9) - (31, 3)", "(-30, 6)"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \cdot 2", r"\begin{pmatrix} 2 & 4 \\ 6 & 8 \end{pmatrix}"),
    (r"(1, 2)", r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"), (r"\frac{(2, 4)}{2}", "(1, 2)"), (POINT, "11"),
]
OTHERS = [
    ("1 + 1", "3"), ("x", "x"), ("x", "x + y"), (r"\sqrt{4}", "2"), (r"\frac{1}{0}", r"\frac{1}{0}"),
    ("0^0", "1"), ("0^{-1}", "0"),
    ("2^{1/2}", r"\sqrt{2}"), ("(1, 2)", "(1, 2, 3)"), ("(1, 2) + 1", "(2, 3)"), ("(1, 2) (1, 2)", "5"),
    (Power(Number("7"), Number("9999")), "x"), ("x^{-1} x", "1"), ("x^0", "1"), (r"\frac{x}{x}", "1"),
    ("x_i", "x_i + 0"), (r"\log(-1)", "0"), (r"\log(x)", r"\log(x) + 0"),
    (Call("g", (X,)), Call("g", (read("x + 0"),))),
    (r"\begin{vmatrix} 1 & 2 \end{vmatrix}", "0"), (Derivative(Y, X), "0"), (Power(read("x + y"), Number("9999")), "x"),
    (Symbol("v", font="bold"), "x"),
    (r"\log_2(3)", r"\log_3(2)"), (r"\log_1(3)", "3"), (r"\frac{\log(3)}{\log(1)}", "0"), (r"\log_{-2}(4)", "2"),
    (r"\frac{\log(3) + \log(5)}{\log(2)}", r"\log_3(15)"), (r"\frac{2\log(3)}{\log(1)}", r"\log_1(9)"),
    (r"\log_x(4)", r"2\log_x(2)"), (r"\operatorname{rank}\begin{pmatrix} 2 & 4 \\ x & 8 \end{pmatrix}", "2"),
    (r"\operatorname{rank}\begin{pmatrix} e & 2 \\ e^2 & 2 e \end{pmatrix}", "2"),
    (r"\operatorname{rank}\begin{pmatrix} e & 2 \\ \log(2) & 1 \end{pmatrix}", "2"),
]
LETTERS = Context({X: "real"}, (
    Definition(Symbol("C"), (X, Y), read("2x^2 + x y - y^3 + e^{2x}")), Definition(Symbol("a"), (), read("(3, -1)")),
    Definition(Symbol("h"), (), read("2x")), Definition(Symbol("f"), (Y,), read("x y")),
    Definition(Symbol("D"), (X, Y), read("3x^2 - x y")), Definition(Symbol("s"), (), read("s + 1")),
))
C, D, POINTS = Symbol("C"), Symbol("D"), Symbol("a")
POLYNOMIALS: list[tuple[str | Node, str | Node]] = [
    ("(x + y)^2", "x^2 + 2 x y + y^2"), ("e^{x} e^0", "e^x"), ("h + 1", "2x + 1"), (Call("f", (number(2),)), "2x"),
    (Derivative(read("3x^2 + x y"), X), "6x + y"), (Derivative(read("e^{x^2}"), X), "2x e^{x^2}"),
    (Derivative(C, X, partial=True), "4x + y + 2e^{2x}"), (Derivative(Derivative(C, X), Y), "1"),
    (Gradient("D", (POINTS,)), "(19, -3)"), (Gradient("D", (Y, X)), "(6y - x, -y)"),
    (Gradient("C", (number(0), number(1))), "(3, -3)"), (Call("D", (POINTS,)), "30"),
    (At(Derivative(C, X), ((X, number(0)), (Y, X))), "x + 2"),
    (Product((number(2), Gradient("D", (POINTS,)))), "(38, -6)"),
    (r"\det \begin{pmatrix} x & 2 \\ 3 & x \end{pmatrix}", "x^2 - 6"), (r"\log(12)", r"2\log(2) + \log(3)"),
    (r"\log \frac{4}{9}", r"2\log(2) - 2\log(3)"),
    (r"\frac{3\log(5) - \log(3)}{\log(10)}", r"3\log_{10}(5) - \log_{10}(3)"),
    (r"\frac{\log(2) + \log(3)}{\log(2)}", r"1 + \log_2(3)"),
    (r"\frac{\log(2) + \log(5)}{\log(10)} + \frac{2 \log(3)}{\log(2)}", r"1 + \log_2(9)"),
    (r"\operatorname{rank}\begin{pmatrix} 2 & 4 \\ 16 + e & 8 \end{pmatrix}", "2"),
]
UNREAD: list[tuple[str | Node, str | Node]] = [
    (At(Call("f", (number(2),)), ((X, number(3)),)), "2x"), (At(Call("f", (number(2),)), ((X, number(3)),)), "6"),
    (Derivative(Symbol("h"), X), "0"), (Derivative(read("h + y"), X), "0"),
    (Derivative(read("h^2"), Symbol("h")), "2h"),
    (Derivative(Call("f", (number(2),)), X), "2"), ("s", "s + 1"), (Call("D", (number(1),)), "2"),
    (Gradient("q", (number(1),)), "0"),
]
EQUATIONS = [("2x - 4 = 0", "x = 2"), ("x^2 = 2x - 1", "3 x^2 - 6x + 3 = 0")]


def node(written: str | Node) -> Node:
    return read(written) if isinstance(written, str) else written


@pytest.mark.parametrize(("before", "after"), SUMS)
def test_what_fractions_decide(before: str | Node, after: str) -> None:
    found = sums_up(node(before), node(after), "=", Context())
    assert found is not None and (found.status, found.method, found.condition) == (Status.PROVED, "exact", ())
    assert verify_step(node(before), node(after), "=", Context()) == found


@pytest.mark.parametrize(("before", "after"), OTHERS)
def test_what_they_do_not(before: str | Node, after: str) -> None:
    assert sums_up(node(before), node(after), "=", Context()) is None


@pytest.mark.parametrize(("before", "after"), POLYNOMIALS)
def test_what_polynomials_decide(before: str | Node, after: str | Node) -> None:
    a, b = node(before), node(after)
    found = sums_up(a, b, "=", LETTERS)
    assert found is not None and (found.status, found.condition) == (Status.PROVED, ())
    assert sums_up(a, Negative(b), "=", LETTERS) is None
    assert _by_judges(a, b, "=", LETTERS).status is Status.PROVED


@pytest.mark.parametrize(("before", "after"), UNREAD)
def test_names_that_mean_two_things_are_not_read(before: str | Node, after: str | Node) -> None:
    assert sums_up(node(before), node(after), "=", LETTERS) is None


@pytest.mark.parametrize("declared", ["vector 3", "matrix 2 x 2", "integer", "density"])
def test_letters_that_are_no_real_numbers_are_not_read(declared: str) -> None:
    assert sums_up(node("x + x"), node("2x"), "=", Context({X: declared})) is None


@pytest.mark.parametrize(("before", "after"), EQUATIONS)
def test_multiples_of_an_equation(before: str, after: str) -> None:
    for relation in ("=>", "<=>"):
        found = sums_up(node(before), node(after), relation, Context())
        assert found is not None and found.status is Status.PROVED
        assert _by_judges(node(before), node(after), relation, Context()).status is Status.PROVED


@pytest.mark.parametrize(("before", "after"), [
    ("x = 1", "x = 2"), ("x = x", "y = 0"), ("x = 1", "x^2 = 1"), ("x", "2x"),
])
def test_what_is_no_multiple(before: str, after: str) -> None:
    assert sums_up(node(before), node(after), "<=>", Context()) is None


def decided(arithmetic: Arithmetic, before: str | Node, after: str | Node, context: Context) -> bool:
    return arithmetic.decided(node(before), node(after), "=", context) is not None


def test_the_statements_of_a_derivation_are_decided_as_each_by_itself() -> None:
    every: list[tuple[str | Node, str | Node]]
    every = [*SUMS, *OTHERS, *POLYNOMIALS, *UNREAD, *reversed(POLYNOMIALS), *OTHERS]  # type: ignore[list-item]
    for context in (LETTERS, Context()):
        arithmetic = Arithmetic()
        for before, after in every:
            alone = sums_up(node(before), node(after), "=", context) is not None
            assert decided(arithmetic, before, after, context) == alone, (before, after)


def test_more_letters_than_one_statement_has_room_for() -> None:
    arithmetic, context = Arithmetic(), Context()
    for a, b in pairwise("abcdfghjkmnpqrsuvwxyz"):
        assert decided(arithmetic, f"({a} + {b})^2", f"{a}^2 + 2 {a} {b} + {b}^2", context)
    many = " + ".join("abcdfghjkmnpqrs")
    assert not decided(arithmetic, many, f"0 + {many}", context)
    assert decided(arithmetic, "a + a", "2a", context)


def test_what_is_defined_counts_and_not_what_was_said_before() -> None:
    arithmetic = Arithmetic()
    for value in ("3", "4"):
        assert decided(arithmetic, "x + 1", f"{value} + 1", Context({}, (Definition(X, (), read(value)),)))
        assert not decided(arithmetic, "x + 1", "6", Context({}, (Definition(X, (), read(value)),)))


def test_a_false_sum_is_refuted_by_the_judge() -> None:
    assert verify_step(node("1 + 1"), node("3"), "=", Context()).status is Status.REFUTED


def numbers() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(["0", "1", "2", "7", "0.5", "1.25"])
    return st.recursive(leaves, lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} + {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]} - {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) ({p[1]})"),
        st.tuples(inner, inner).map(lambda p: rf"\frac{{{p[0]}}}{{{p[1]}}}"),
        st.tuples(inner, st.sampled_from(["0", "1", "2", "-1"])).map(lambda p: f"({p[0]})^{{{p[1]}}}"),
        inner.map(lambda p: f"(-{p})"),
    ), max_leaves=6)


@settings(max_examples=40)
@given(numbers(), numbers())
def test_the_judges_never_disagree(before: str, after: str) -> None:
    a, b = read(before), read(after)
    if sums_up(a, b, "=", Context()) is not None:
        assert _by_judges(a, b, "=", Context()).status is Status.PROVED


def test_numbers_keep_their_meaning_whatever_is_declared() -> None:
    assert sums_up(Number("2"), Number("2.0"), "=", Context({X: "vector 3"})) is not None
