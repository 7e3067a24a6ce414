"""Inequalities that hold at random points and fail at special ones, and those that convexity proves."""

import pytest

from tests.verify.statements import verdict

COINS = r"p\log\frac{p}{q}+(1-p)\log\frac{1-p}{1-q}"
COIN = r"-p\log(p)-(1-p)\log(1-p)"
BOTH = "p: (0, 1); q: (0, 1)"


@pytest.mark.parametrize(
    ("before", "relation", "after", "domains"),
    [
        ("xy+(1-x)(1-y)", ">", "0", "x: [0, 1]; y: [0, 1]"),  # a corner
        ("x+y-xy", "<", "1", "x: [0, 1]; y: [0, 1]"),
        ("x+y", "<", "1.9", "x: [0, 1]; y: [0, 1]"),
        ("xyz", ">", "0", "x: nonnegative; y: nonnegative; z: nonnegative"),
        ("x(1-x)", "<", r"\frac{1}{4}", "x: [0, 1]"),  # the middle
        (COIN, "<", r"\log(2)", "p: (0, 1)"),
        (COINS, ">", "0", BOTH),  # two letters are equal
        (COINS, ">=", "2.05(p-q)^2", BOTH),
        (r"a\log\frac{a}{b}-a+b", ">", "0", "a: positive; b: positive"),
        ("(x-0.123)^2", ">", "0", ""),  # downhill
        (r"\sigma(x)(1-\sigma(x))", "<=", "0.24999", ""),
        (r"\cos(x)+\sin(x)", "<=", "1.4", ""),
        (r"\sigma(x)", "<", "0.9999999", ""),  # far out
        (r"\tanh(x)", "<", "0.999999", ""),
        ("|x|", "<", "10^5", ""),
        (r"\sum_{i=1}^n x_i^2", ">", "0", "n: positive integer; x_i: real"),  # all members are 0
        (r"\sum_{i=1}^n (x_i-\frac{1}{n}\sum_{j=1}^n x_j)^2", ">", "0", "n: positive integer; x_i: real"),
        (r"\|x\|", ">", "0", "x: vector n"),
        (r"x^\top A x", ">", "0", "x: vector n; A: positive definite matrix n x n"),
        (r"\mathrm{KL}(p\|q)", "<=", "1", "p: density; q: density"),  # probabilities far apart
        (r"\operatorname{Var}(X)", "<", "100", ""),  # values far apart
        (r"\mathbb{E}[X]", "<", "100", ""),
        (r"\operatorname{Cov}(X, Y)", "<=", r"\operatorname{Var}(X) \operatorname{Var}(Y)", ""),  # close ones
    ],
)
def test_fails_at_a_special_point(before, relation, after, domains):
    found = verdict(before, relation, after, domains)
    assert found.status == "refuted", found
    assert found.witness is not None


@pytest.mark.parametrize(
    ("before", "relation", "after", "domains"),
    [
        (r"\sin(x)", "<", "1", ""),
        (r"x\log(x)", ">", "-e^{-1}", "x: positive"),
        ("(x^2-2)^2", ">", "0", ""),
    ],
)
def test_what_is_false_at_an_irrational_place_only_is_not_called_checked(before, relation, after, domains):
    assert verdict(before, relation, after, domains).status == "undecided"


@pytest.mark.parametrize(
    ("before", "relation", "after", "domains"),
    [
        ("e^x", ">=", "1+x", ""),
        ("e^x", ">", "x", ""),
        (r"x+\frac{1}{x}", ">=", "2", "x: positive"),
        (COIN, "<=", r"\log(2)", "p: (0, 1)"),
        (COIN, "<", "0.7", "p: (0, 1)"),
        (COINS, ">=", "0", BOTH),
        (COINS, ">=", "2(p-q)^2", BOTH),  # Pinsker's inequality
        (r"\log\frac{t}{s}+\frac{s^2}{2t^2}", ">=", r"\frac{1}{2}", "s: positive; t: positive"),
        ("xy+(1-x)(1-y)", ">=", "0", "x: [0, 1]; y: [0, 1]"),
    ],
)
def test_proved_by_the_least_value(before, relation, after, domains):
    assert verdict(before, relation, after, domains).status == "proved"


@pytest.mark.parametrize(
    ("before", "after", "domains"),
    [
        (r"\frac{1}{x^2}+x", "1", ""),  # convex on both sides of a pole, and falls without end behind it
        ("x^2-4|x-1|", "0", ""),  # a kink
        (r"2x-3\sqrt[3]{x^2}", "-1", ""),  # a cusp
        ("x^3-3x+2", "0", ""),  # no slope at 1, and not convex
        ("n^2-3n+2.1", "0", "n: real"),
    ],
)
def test_no_least_value_where_it_is_not_convex_or_has_poles(before, after, domains):
    assert verdict(before, ">=", after, domains).status == "refuted"


@pytest.mark.parametrize(
    ("before", "relation", "after", "status"),
    [
        (r"\operatorname{trigamma}(a)", ">", r"\frac{1}{a}", "proved"),
        (r"a\operatorname{trigamma}(a)-1", ">", "0", "proved"),
        (r"\operatorname{trigamma}(a)", ">", r"\frac{1}{a}+\frac{1}{2a^2}", "proved"),
        (r"\operatorname{trigamma}(a)", ">", r"\frac{1}{a}+\frac{1}{a^2}", "refuted"),
        (r"\operatorname{trigamma}(a)", "<", r"\frac{1}{a}", "refuted"),
        (r"\operatorname{digamma}(a)", "<", r"\log(a)", "proved"),
        (r"\operatorname{digamma}(a)", ">", r"\log(a)-\frac{1}{a}", "proved"),
        (r"\operatorname{digamma}(a)", "<", r"\log(a)-\frac{1}{a}", "refuted"),
    ],
)
def test_derivatives_of_the_logarithm_of_gamma_have_bounds(before, relation, after, status):
    assert verdict(before, relation, after, "a: positive").status == status
