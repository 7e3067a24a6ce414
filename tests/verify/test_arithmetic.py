"""Equations that fractions decide, and what is left to the judges."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.read.latex import read
from derive.steps import Context, Status
from derive.tree import At, Node, Number, Power, Symbol, Vector, number
from derive.verify import verify_step
from derive.verify.arithmetic import sums_up

X, Y = Symbol("x"), Symbol("y")
POINT = At(read("4x + 3y^2"), ((X, number(2)), (Y, number(-1))))

SUMS = [
    ("4 \\cdot 1 + 3 \\cdot 9", "31"), ("0.1", r"\frac{1}{10}"), ("-(2)^2", "-4"), ("(-2)^2", "4"), ("2^{-1}", "0.5"),
    (r"\frac{1}{3} + \frac{1}{6}", r"\frac{1}{2}"), ("0.1 (31, 3)", "(3.1, 0.3)"), ("(1, 9) - (31, 3)", "(-30, 6)"),
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix} \cdot 2", r"\begin{pmatrix} 2 & 4 \\ 6 & 8 \end{pmatrix}"),
    (r"(1, 2)", r"\begin{pmatrix} 1 \\ 2 \end{pmatrix}"), (r"\frac{(2, 4)}{2}", "(1, 2)"), (POINT, "11"),
]
OTHERS = [
    ("1 + 1", "3"), ("x", "x + 0"), (r"\sqrt{4}", "2"), (r"\frac{1}{0}", r"\frac{1}{0}"), ("0^0", "1"), ("0^{-1}", "0"),
    ("2^{1/2}", r"\sqrt{2}"), ("(1, 2)", "(1, 2, 3)"), ("(1, 2) + 1", "(2, 3)"), ("(1, 2) (1, 2)", "5"),
    (Power(Number("7"), Number("9999")), "x"), ("e", "e + 0"), (At(read("x + z"), ((X, number(1)),)), "1 + z"),
]


def node(written: str | Node) -> Node:
    return read(written) if isinstance(written, str) else written


@pytest.mark.parametrize(("before", "after"), SUMS)
def test_what_fractions_decide(before: str | Node, after: str) -> None:
    found = sums_up(node(before), node(after))
    assert found is not None and (found.status, found.method, found.condition) == (Status.PROVED, "exact", ())
    assert verify_step(node(before), node(after), "=", Context()) == found


@pytest.mark.parametrize(("before", "after"), OTHERS)
def test_what_they_do_not(before: str | Node, after: str) -> None:
    assert sums_up(node(before), node(after)) is None


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
    if sums_up(a, b) is not None:
        wrapped = (Vector((a, Symbol("z"))), Vector((b, Symbol("z"))))  # no arithmetic any more
        assert sums_up(*wrapped) is None
        assert verify_step(*wrapped, "=", Context()).status is Status.PROVED


def test_numbers_keep_their_meaning_whatever_is_declared() -> None:
    assert sums_up(Number("2"), Number("2.0")) is not None
