"""Minimisers, least values, and the relations that are no equations."""

import pytest

from derive.read.latex import Names, read
from derive.steps import Context
from derive.tree import (
    INFINITY,
    ONE,
    TWO,
    ZERO,
    Call,
    Interval,
    Negative,
    Number,
    Power,
    Quotient,
    Relation,
    Set,
    Statements,
    Symbol,
)
from derive.verify import verify_statement, verify_step
from tests.verify.statements import verdict

NAMES = Names(
    functions=frozenset({"f", "g", "f_theta"}),
    indexed=frozenset({"x", "y", "z"}),
    densities=frozenset({"p", "q", "q_theta"}),
)
SQUARES = r"\sum_{i=1}^n(y_i-wx_i)^2"

SAME = [
    (r"\arg\min_\theta f(\theta)", r"\arg\min_\theta(2f(\theta)+3)"),
    (r"\arg\min_\theta f(\theta)", r"\arg\max_\theta(-f(\theta))"),
    (r"\arg\min_\theta f(\theta)", r"\arg\min_t f(t)"),
    (r"\arg\min_\theta e^{f(\theta)}", r"\arg\min_\theta f(\theta)"),
    (r"\arg\min_\theta f(\theta)^3", r"\arg\min_\theta f(\theta)"),
    (r"\arg\min_\theta\sqrt{f(\theta)}", r"\arg\min_\theta f(\theta)"),
    (r"\arg\min_\theta|f(\theta)|", r"\arg\min_\theta f(\theta)^2"),
    (r"\arg\min_\theta(f(\theta)+g(x))", r"\arg\min_\theta f(\theta)"),
    (r"\arg\max_\theta\prod_{i=1}^n p(x_i\mid\theta)", r"\arg\max_\theta\sum_{i=1}^n\log p(x_i\mid\theta)"),
    (r"\arg\max_\theta\prod_{i=1}^n p(x_i\mid\theta)", r"\arg\min_\theta-\frac1n\sum_{i=1}^n\log p(x_i\mid\theta)"),
    (r"\arg\max_\theta p(\theta\mid x)", r"\arg\max_\theta p(x\mid\theta)p(\theta)"),
    (r"\arg\max_\theta p(\theta\mid x)", r"\arg\max_\theta[\log p(x\mid\theta)+\log p(\theta)]"),
    (rf"\arg\min_w{SQUARES}", rf"\arg\min_w\frac{{1}}{{2n}}{SQUARES}"),
    (rf"\arg\min_w{SQUARES}", rf"\arg\max_w e^{{-\frac12{SQUARES}}}"),
    (rf"\arg\min_w{SQUARES}", r"\arg\min_w\sum_{i=1}^n(w^2x_i^2-2wx_iy_i)"),
    (r"\arg\min_{w,b}\sum_{i=1}^n(wx_i+b-y_i)^2", r"\arg\min_{w,b}\frac1n\sum_{i=1}^n(y_i-wx_i-b)^2"),
    (r"\arg\max_i z_i", r"\arg\max_i e^{z_i}"),
    (r"\arg\max_i z_i", r"\arg\max_i\frac{e^{z_i}}{\sum_j e^{z_j}}"),
    (r"\arg\min_\theta\mathrm{KL}(p\|q_\theta)", r"\arg\max_\theta\mathbb{E}_{x\sim p}[\log q_\theta(x)]"),
    (r"\arg\min_\theta\mathrm{KL}(p(x)\|q(x;\theta))", r"\arg\min_\theta-\sum_x p(x)\log q(x;\theta)"),
    (r"\arg\min_\theta\sum_{i=1}^n(y_i-f_\theta(x_i))^2", r"\arg\min_\theta\frac1n\sum_{i=1}^n(y_i-f_\theta(x_i))^2"),
    (r"\arg\min_\theta(\theta-3)^2", "3"),
    (r"\arg\min_\theta(\theta^2+4\theta)", "-2"),
]
VALUES = [
    (r"\min_\theta[f(\theta)+c]", r"\min_\theta f(\theta)+c"),
    (r"\min_\theta 2f(\theta)", r"2\min_\theta f(\theta)"),
    (r"\max_\theta(-f(\theta))", r"-\min_\theta f(\theta)"),
    (r"\max_i(z_i+c)", r"\max_j z_j+c"),
    (r"\max_{1\le i\le 3}z_i", r"\max(z_1,z_2,z_3)"),
    (r"\min_{i\in\{1,2\}}z_i", r"\min(z_1,z_2)"),
    (r"\min_\theta[(\theta-3)^2+1]", "1"),
    (r"\max_\theta[2a\theta-\theta^2]", "a^2"),
]


@pytest.mark.parametrize(("before", "after"), SAME + VALUES)
def test_proved(before, after):
    found = verdict(before, "=", after, names=NAMES)
    assert found.status == "proved", found


DIFFERENT = [
    (r"\arg\min_\theta f(\theta)", r"\arg\max_\theta f(\theta)"),
    (r"\arg\min_\theta f(\theta)", r"\arg\min_\theta f(\theta)^2"),
    (r"\arg\min_\theta f(\theta)", r"\arg\min_\theta(f(\theta)+g(\theta))"),
    (r"\arg\min_\theta f(\theta)", r"\arg\min_\theta-2f(\theta)"),
    (r"\arg\min_\theta\lambda f(\theta)", r"\arg\min_\theta f(\theta)"),
    (r"\arg\max_\theta\prod_{i=1}^n p(x_i\mid\theta)", r"\arg\min_\theta\sum_{i=1}^n\log p(x_i\mid\theta)"),
    (r"\arg\max_\theta\prod_{i=1}^n p(x_i\mid\theta)", r"\arg\max_\theta\sum_{i=1}^n p(x_i\mid\theta)"),
    (r"\arg\max_\theta p(\theta\mid x)", r"\arg\max_\theta p(x\mid\theta)"),
    (r"\arg\max_\theta p(\theta\mid x)", r"\arg\max_\theta p(x\mid\theta)\log p(\theta)"),
    (rf"\arg\min_w{SQUARES}", rf"\arg\min_w({SQUARES}+w^2)"),
    (rf"\arg\min_w{SQUARES}", r"\arg\min_w\sum_{i=1}^n|y_i-wx_i|"),
    (rf"\arg\min_w{SQUARES}", r"\arg\min_w\sum_{i=1}^n(y_i+wx_i)^2"),
    (r"\arg\max_i z_i", r"\arg\min_i z_i"),
    (r"\arg\max_i z_i", r"\arg\max_i z_i^2"),
    (r"\arg\max_i z_i", r"\arg\max_i e^{-z_i}"),
    (r"\arg\min_\theta\mathrm{KL}(p\|q_\theta)", r"\arg\min_\theta\mathbb{E}_{x\sim p}[\log q_\theta(x)]"),
    (r"\arg\min_\theta\mathrm{KL}(p\|q_\theta)", r"\arg\min_\theta\mathrm{KL}(q_\theta\|p)"),
    (r"\arg\min_\theta\sum_{i=1}^n(y_i-f_\theta(x_i))^2", r"\arg\max_\theta\sum_{i=1}^n(y_i-f_\theta(x_i))^2"),
    (r"\arg\min_\theta(\theta-3)^2", "-3"),
    (r"\arg\min_\theta(\theta-3)^2", "9"),
    (r"\min_\theta[(\theta-3)^2+1]", "0"),
    (r"\max_i(az_i)", r"a\max_i z_i"),
    (r"\max_i z_i", r"\sum_i z_i"),
    (r"\max_{1\le i\le 3}z_i", r"\max(z_1,z_2)"),
]


@pytest.mark.parametrize(("before", "after"), DIFFERENT)
def test_refuted(before, after):
    found = verdict(before, "=", after, names=NAMES)
    assert found.status == "refuted", found
    assert found.witness is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"\arg\min_\theta\log f(\theta)", r"\arg\min_\theta f(\theta)"),
        (r"\arg\max_\theta\prod_{i=1}^n p(x_i\mid\theta)", r"\arg\max_\theta\sum_{i=1}^n\log p(x_i\mid\theta)"),
    ],
)
def test_a_logarithm_needs_positive_values(before, after):
    found = verdict(before, "=", after, names=NAMES)
    assert found.status == "proved"
    assert any(c.endswith("> 0") for c in found.condition)


@pytest.mark.parametrize(
    ("before", "after", "domains"),
    [
        (r"\arg\min_\theta\theta^2", r"\arg\min_\theta(\theta^2+\theta^4-\theta^3)", ""),  # true, not for finite sets
        (r"\min_\theta(\theta-3)^2", "0", "theta: [0, 1]"),
        (r"\min_\theta f(\theta)", r"\arg\min_\theta f(\theta)", ""),
        (r"\arg\min_\theta\log(1+e^{-\theta})+\theta^2", r"\arg\min_\theta\theta^2", ""),
    ],
)
def test_never_wrong(before, after, domains):
    found = verdict(before, "=", after, domains, names=NAMES)
    assert found.status in ("undecided", "refuted"), found
    if r"\theta^4" in before + after or domains:
        assert found.status == "undecided"


@pytest.mark.parametrize(
    ("before", "relation", "after", "status"),
    [
        (r"\max_i z_i", ">=", r"\min_i z_i", "checked"),
        (r"\max_i z_i", "<=", r"\log\sum_i e^{z_i}", "checked"),
        (r"\max_i z_i", ">=", r"\log\sum_i e^{z_i}", "refuted"),
        (r"p(\theta\mid x)", "propto", r"p(x\mid\theta)p(\theta)", "proved"),
        (r"p(\theta\mid x)", "propto", r"p(x,\theta)", "proved"),
        (r"p(\theta\mid x)", "propto", r"p(x\mid\theta)", "refuted"),
        ("x^2", "propto", "3x^2", "proved"),
        ("x^2", "propto", "ax^2", "undecided"),
        ("x", "~", "p", "assumed"),
        ("2", "<<", "1", "refuted"),
        ("0.001", "<<", "1", "undecided"),
        ("x", "->", "0", "undecided"),
        ("3", "in", r"\{1,2,3\}", "proved"),
        ("4", "in", r"\{1,2,3\}", "refuted"),
        (r"\sqrt{4}", "in", r"\{1,2,3\}", "proved"),
        (r"\frac12", "in", r"\mathbb{Z}", "refuted"),
        ("x", "in", r"\mathbb{R}", "proved"),
        (r"\mathbb{N}", "subset", r"\mathbb{R}", "proved"),
        (r"\mathbb{R}", "subset", r"\mathbb{Q}", "refuted"),
        (r"\{1,2\}", "subset", r"\{1,2,3\}", "proved"),
        (r"\{1,4\}", "subset", r"\{1,2,3\}", "refuted"),
        (r"\sigma(x)", "in", "(0,1)", "proved"),
        (r"\sigma(x)", "in", r"(0,\frac12)", "refuted"),
    ],
)
def test_relations(before, relation, after, status):
    found = verdict(before, relation, after, names=NAMES)
    assert found.status == status, found


X = Symbol("x")


@pytest.mark.parametrize(
    ("value", "interval", "status"),
    [
        (ONE, Interval(ZERO, ONE), "proved"),
        (ONE, Interval(ZERO, ONE, False, True), "refuted"),
        (ZERO, Interval(ZERO, ONE, True), "refuted"),
        (Power(X, TWO), Interval(ZERO, INFINITY, False, True), "proved"),
        (Power(X, TWO), Interval(ZERO, INFINITY, True, True), "refuted"),
        (Call("sin", (X,)), Interval(Negative(ONE), ONE), "proved"),
        (X, Interval(Negative(INFINITY), INFINITY, True, True), "proved"),
        (Quotient(ONE, Number("3")), Interval(ZERO, ONE), "proved"),
    ],
)
def test_members_of_intervals(value, interval, status):
    assert verify_step(value, interval, "in", Context()).status == status


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        (Relation((ONE, ONE, TWO), ("=", "<")), "proved"),
        (Relation((ONE, TWO, TWO), ("<", "<")), "refuted"),
        (Relation((ONE, TWO, Number("900")), ("<", "<<")), "undecided"),
        (Statements((Relation((ONE, TWO), ("<",)), Relation((ONE, Set((ONE,))), ("in",)))), "proved"),
        (Statements((Relation((ONE, TWO), ("<",)), Relation((TWO, ONE), ("<",)))), "refuted"),
        (Statements((Relation((TWO, ONE), ("<",)), Relation((ONE, TWO), ("<",))), "or"), "proved"),
        (Statements((Relation((TWO, ONE), ("<",)), Relation((X, TWO), ("<",))), "or"), "undecided"),
        (X, "undecided"),
    ],
)
def test_whole_statements(statement, status):
    assert verify_statement(statement, Context()).status == status


def test_a_chain_of_bounds_is_read_and_judged():
    node = read(r"0\le\sigma(x)\le 1", NAMES)
    assert verify_statement(node, Context()).status == "proved"


COUNTS = "k: positive; m: positive"


@pytest.mark.parametrize(
    ("before", "after", "domains", "status"),
    [
        (r"\arg\min_\theta(\theta-3)^2", "3", "theta: [0, 1]", "refuted"),
        (r"\arg\min_\theta(\theta-3)^2", "1", "theta: [0, 1]", "undecided"),  # true: the end of the domain
        (r"\arg\max_\theta\theta^3(1-\theta)^2", r"\frac{3}{5}", "theta: (0, 1)", "proved"),
        (r"\arg\max_\theta\theta^3(1-\theta)^2", r"\frac{2}{5}", "theta: (0, 1)", "refuted"),
        (r"\arg\max_\theta\theta^3(1-\theta)^2", "0", "theta: (0, 1)", "refuted"),
        (r"\arg\max_\theta\theta^k(1-\theta)^m", r"\frac{k}{k+m}", f"theta: (0, 1); {COUNTS}", "proved"),
        (r"\arg\max_\theta\theta^k(1-\theta)^m", r"\frac{m}{k+m}", f"theta: (0, 1); {COUNTS}", "refuted"),
        (r"\arg\max_\theta(k\log\theta-m\theta)", r"\frac{k}{m}", f"theta: positive; {COUNTS}", "proved"),
        (r"\arg\max_\theta(k\log\theta-m\theta)", r"\frac{m}{k}", f"theta: positive; {COUNTS}", "refuted"),
        (r"\arg\min_x(x^{-2}+x)", r"\sqrt[3]{2}", "x: positive", "proved"),
        (r"\arg\min_x(x^{-2}+x)", r"\sqrt[3]{2}", "x: real", "refuted"),  # it falls without end below zero
        (r"\arg\min_x x", "0", "x: positive", "refuted"),
    ],
)
def test_minimisers_in_an_interval(before, after, domains, status):
    assert verdict(before, "=", after, domains).status == status


VECTORS = (
    "X: matrix n x d; A: positive definite matrix d x d; S: positive definite matrix n; c: positive; "
    "w: vector d; y: vector n; b: vector d; v: vector d"
)
RIDGE = r"\|Xw-y\|^2+c\|w\|^2"


@pytest.mark.parametrize(
    ("before", "after", "condition"),
    [
        (rf"\arg\min_w({RIDGE})", r"(X^TX+cI)^{-1}X^Ty", ()),
        (rf"\arg\min_w({RIDGE})", r"X^T(XX^T+cI)^{-1}y", ()),
        (r"\arg\min_w(\|Xw-y\|^2+cw^Tw)", r"(X^TX+cI)^{-1}X^Ty", ()),
        (
            r"\arg\min_w(\frac{1}{2n}\|Xw-y\|^2+\frac{c}{2}\|w\|^2)", r"(X^TX+ncI)^{-1}X^Ty",
            ("Xᵀ X + n c I is invertible",),
        ),
        (r"\arg\min_w\|Xw-y\|^2", r"(X^TX)^{-1}X^Ty", ("Xᵀ X is invertible",)),
        (r"\arg\max_w(-\|Xw-y\|^2)", r"(X^TX)^{-1}X^Ty", ("Xᵀ X is invertible",)),
        (r"\arg\min_w(Xw-y)^TS(Xw-y)", r"(X^TSX)^{-1}X^TSy", ("Xᵀ S X is invertible",)),
        (r"\arg\min_w(\frac{1}{2}w^TAw-b^Tw)", r"A^{-1}b", ()),
        (r"\arg\max_w(b^Tw-\frac{1}{2}w^TAw)", r"A^{-1}b", ()),
        (r"\arg\min_w(\|w-v\|^2+c\|w\|^2)", r"\frac{v}{1+c}", ("1 + c ≠ 0",)),
        (r"\arg\min_w\|w-v\|^2", "v", ()),
    ],
)
def test_minimisers_over_vectors_are_proved(before, after, condition):
    found = verdict(before, "=", after, VECTORS)
    assert found.status == "proved", found
    assert found.method == "convex, no slope"
    assert tuple(map(str, found.condition)) == condition


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (rf"\arg\min_w({RIDGE})", r"(X^TX-cI)^{-1}X^Ty"),
        (rf"\arg\min_w({RIDGE})", r"(X^TX+2cI)^{-1}X^Ty"),
        (rf"\arg\min_w({RIDGE})", r"(X^TX)^{-1}X^Ty"),
        (rf"\arg\max_w({RIDGE})", r"(X^TX+cI)^{-1}X^Ty"),  # there is none
        (r"\arg\min_w(\|Xw-y\|^2-c\|w\|^2)", r"(X^TX-cI)^{-1}X^Ty"),  # not convex
        (r"\arg\min_w(\|Xw-y\|^2+c\|w\|_1)", r"(X^TX)^{-1}X^Ty"),
        (r"\arg\min_w\|Xw-y\|^2", r"-(X^TX)^{-1}X^Ty"),
        (r"\arg\min_w(\frac{1}{2}w^TAw-b^Tw)", r"-A^{-1}b"),
        (r"\arg\min_w(b^Tw-\frac{1}{2}w^TAw)", r"A^{-1}b"),
        (r"\arg\min_w\|w-v\|^2", "-v"),
    ],
)
def test_other_vectors_are_refuted(before, after):
    found = verdict(before, "=", after, VECTORS)
    assert found.status == "refuted", found
    assert found.witness is not None


def test_a_function_that_is_not_known_to_be_convex_has_no_proved_minimiser():
    assert verdict(r"\arg\min_w(w^TAw+g(w))", "=", "0", VECTORS, names=NAMES).status == "undecided"


@pytest.mark.parametrize(
    ("matrix", "condition"),
    [
        ("X^TX+cI", ()),
        ("XX^T+cI", ()),
        ("A+X^TX", ()),
        ("X^TSX+A", ()),
        ("X^TX", ("Xᵀ X is invertible",)),
        ("X^TX-cI", ("Xᵀ X - c I is invertible",)),
        ("A-cI", ("A - c I is invertible",)),
        ("X^TX+bb^T", ("Xᵀ X + b bᵀ is invertible",)),
    ],
)
def test_positive_definite_matrices_have_an_inverse(matrix, condition):
    found = verdict(f"2({matrix})^{{-1}}({matrix})", "=", "2I", VECTORS)
    assert found.status == "proved", found
    assert tuple(map(str, found.condition)) == condition


@pytest.mark.parametrize(
    ("before", "after", "domains", "status", "condition"),
    [
        (r"\arg\min_\mu\sum_{i=1}^n(x_i-\mu)^2", r"\bar{x}", "", "proved", ("x̄ = (Σ[i = 1..n] xᵢ)/n",)),
        (r"\arg\min_\mu\sum_{i=1}^n(x_i-\mu)^2", r"2\bar{x}", "", "refuted", ()),
        (r"\arg\min_\mu\sum_{i=1}^n(x_i-\mu)^2", r"\frac1n\sum_{i=1}^nx_i", "", "proved", ()),
        (rf"\arg\min_w{SQUARES}", r"\frac{\sum_{i=1}^nx_iy_i}{\sum_{i=1}^nx_i^2}", "", "proved",
         ("Σ[i = 1..n] xᵢ² ≠ 0",)),
        (rf"\arg\min_w{SQUARES}", r"\frac{\sum_{i=1}^nx_iy_i}{\sum_{i=1}^ny_i^2}", "", "refuted", ()),
        (r"\arg\max_x[xe^{-x}]", "1", "", "proved", ()),
        (r"\arg\max_x[x^2e^{-x}]", "2", "x: positive", "proved", ()),
        (r"\arg\max_x[x^2e^{-x}]", "2", "", "refuted", ()),  # it grows without end to the left
        (r"\arg\min_xx^4", "0", "", "proved", ()),
        (r"\arg\min_xx^3", "0", "", "refuted", ()),
        (r"\arg\min_w[a^2w^2-2bw]", r"\frac{b}{a^2}", "", "proved", ("a ≠ 0",)),
        (r"\arg\min_w[aw^2-2bw]", r"\frac{b}{a}", "", "refuted", ()),  # a may be negative
        (r"\arg\min_x\sin(x)", r"-\frac{\pi}{2}", "", "undecided", ()),  # one of many
        (r"\arg\min_w0w^2", "1", "", "undecided", ()),
    ],
)
def test_minimisers_of_one_letter(before, after, domains, status, condition):
    found = verdict(before, "=", after, domains, names=NAMES)
    assert found.status == status, found
    assert status != "proved" or tuple(map(str, found.condition)) == condition
