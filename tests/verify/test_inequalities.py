"""Inequalities in letters: by the least value in one letter, by signs, by the mean value theorem; and what is false."""

from __future__ import annotations

import random

import pytest
from mpmath import mp

from derive.read.latex import Names, read
from derive.steps import Status
from derive.tree import Symbol
from tests.verify.oracle import Numbers
from tests.verify.statements import verdict

PROVED = [
    # the slope changes its sign at one place
    (r"x\log x", ">=", r"-\frac{1}{e}", "x: positive"),
    (r"xe^{-x}", "<=", r"\frac{1}{e}", ""),
    (r"x^2e^{-x}", "<=", r"\frac{4}{e^2}", "x: positive"),
    (r"\log x", "<=", r"\frac{x}{e}", "x: positive"),
    (r"\sqrt{x}", ">=", r"\log x", "x: positive"),
    (r"\log x", "<", r"\sqrt{x}", "x: positive"),
    (r"\log(1+x)", ">=", r"\frac{x}{1+x}", "x: (-1, inf)"),
    (r"x\log\frac{x}{y}", ">=", "x-y", "x: positive; y: positive"),
    (r"xy", "<=", r"e^x+y\log y-y", "y: positive"),
    (r"p^p(1-p)^{1-p}", ">=", r"\frac{1}{2}", "p: (0, 1)"),
    # one letter after the other
    (r"\frac{1}{2}(s^2+m^2-1-\log s^2)", ">=", "0", "s: positive"),
    (r"\log\frac{t}{s}+\frac{s^2+(m-n)^2}{2t^2}-\frac{1}{2}", ">=", "0", "s: positive; t: positive"),
    # from an end of the interval
    (r"\sin x", "<=", "x", "x: positive"),
    (r"\sin x", "<", "x", "x: positive"),
    (r"\sin x", ">=", r"x-\frac{x^3}{6}", "x: positive"),
    (r"\tanh x", "<=", "x", "x: positive"),
    (r"\log(1+x)", ">=", r"\frac{2x}{2+x}", "x: positive"),
    (r"\log(1+\frac{1}{x})", ">=", r"\frac{1}{1+x}", "x: positive"),
    (r"-\log(1-p)", "<=", r"\frac{p}{1-p}", "p: (0, 1)"),
    (r"e^x", ">=", r"1+x+\frac{x^2}{2}", "x: positive"),
    # by logarithms or exponentials of both sides
    (r"\cosh x", "<=", "e^{x^2/2}", ""),
    (r"1-p+pe^t", "<=", "e^{tp+t^2/8}", "p: (0, 1)"),
    (r"pe^{t(1-p)}+(1-p)e^{-tp}", "<=", "e^{t^2/8}", "p: (0, 1)"),
    (r"\log(1+e^x)", ">", "x", ""),
    (r"\log(e^a+e^b)", ">=", r"\max(a,b)", ""),
    (r"\log(e^a+e^b)", "<=", r"\max(a,b)+\log 2", ""),
    (r"\frac{1}{2}\log x+\frac{1}{2}\log y", "<=", r"\log\frac{x+y}{2}", "x: positive; y: positive"),
    # one by one
    ("e^{-z}", ">=", r"\max(0,1-z)", ""),
    (r"\min(x,y)", "<=", r"\sqrt{xy}", "x: positive; y: positive"),
    (r"|\tanh x|", "<=", "1", ""),
    # the mean value theorem
    (r"|\sigma(x)-\sigma(y)|", "<=", r"\frac{1}{4}|x-y|", ""),
    (r"|\log(1+e^x)-\log(1+e^y)|", "<=", "|x-y|", ""),
    (r"|x-y|", ">=", r"|\arctan(y)-\arctan(x)|", ""),
    (r"|x^2-y^2|", "<=", "2|x-y|", "x: (0, 1); y: (0, 1)"),
    (r"|\cos(wx)-\cos(wy)|", "<=", "|w||x-y|", ""),
]


@pytest.mark.parametrize(("left", "sign", "right", "domains"), PROVED)
def test_proved(left: str, sign: str, right: str, domains: str) -> None:
    assert verdict(left, sign, right, domains).status is Status.PROVED


@pytest.mark.parametrize(("left", "sign", "right", "domains"), PROVED)
@mp.workdps(40)
def test_proved_ones_hold_at_random_points(left: str, sign: str, right: str, domains: str) -> None:
    declared = dict(part.strip().split(": ") for part in domains.split(";") if part)
    drawn = random.Random(left)
    for _ in range(20):
        point = {Symbol(name): mp.mpf(_member(declared.get(name, "real"), drawn)) for name in "abmnpstwxyz"}
        values = [Numbers(point).value(read(side, Names())) for side in (left, right)]
        gap = values[1] - values[0] if sign in ("<", "<=") else values[0] - values[1]
        assert gap > -mp.mpf(10) ** -25


def _member(domain: str, drawn: random.Random) -> float:
    low, high = {"real": (-4, 4), "positive": (0.01, 9), "(0, 1)": (0.01, 0.99), "(-1, inf)": (-0.99, 9)}[domain]
    return drawn.uniform(low, high)


FALSE = [
    (r"x\log x", ">=", r"-\frac{36}{100}", "x: positive"),
    (r"xe^{-x}", "<=", r"\frac{36}{100}", ""),
    (r"\log x", "<=", r"\frac{x}{e}-\frac{1}{100}", "x: positive"),
    (r"\log(1+x)", ">", r"\frac{x}{1+x}", "x: (-1, inf)"),  # equal at 0
    (r"\sin x", "<=", "x", ""),
    (r"\tanh x", "<=", "x", ""),
    (r"\sin x", "<=", r"\frac{99}{100}x", "x: positive"),
    (r"e^x", ">=", r"1+x+\frac{x^2}{2}", ""),
    (r"\log(1+x)", "<=", r"x-\frac{x^2}{2}", "x: positive"),
    (r"\log(1+\frac{1}{x})", "<=", r"\frac{1}{1+x}", "x: positive"),
    (r"xy", "<=", r"e^x+y\log y-2y", "y: positive"),
    (r"\log(1+e^x)", "<=", "x", ""),
    (r"\log(1+e^x)", "<=", r"\log 2+\frac{x}{2}", ""),
    (r"\log(e^a+e^b)", "<=", r"\max(a,b)", ""),
    (r"\frac{1}{2}\log x+\frac{1}{2}\log y", ">=", r"\log\frac{x+y}{2}", "x: positive; y: positive"),
    (r"|\sigma(x)-\sigma(y)|", "<=", r"\frac{1}{5}|x-y|", ""),
    (r"|x^2-y^2|", "<=", "|x-y|", ""),
    (r"|\log x-\log y|", "<=", "|x-y|", "x: positive; y: positive"),
    (r"x\log\frac{x}{y}", ">=", "y-x", "x: positive; y: positive"),
    (r"\frac{1}{x}+x", ">=", "2", ""),  # a pole within
    (r"2\sqrt{x}", ">=", "x+1", "x: positive"),
]


@pytest.mark.parametrize(("left", "sign", "right", "domains"), FALSE)
def test_refuted(left: str, sign: str, right: str, domains: str) -> None:
    found = verdict(left, sign, right, domains)
    assert found.status is Status.REFUTED
    assert found.witness is not None


@pytest.mark.parametrize(("left", "sign", "right", "domains"), [
    (r"\log x", "<", r"\frac{x}{e}", "x: positive"),  # equal at e
    (r"|f(x)-f(y)|", "<=", "|x-y|", ""),  # nothing is known of f
    (r"|\sigma(x)-\sigma(y)|", "<=", r"\frac{1}{4}|x-y|", "x: positive"),  # letters of two domains
    (r"x\sigma(x)", ">=", r"-\frac{3}{10}", ""),  # the place of the least value has no short name
])
def test_not_proved(left: str, sign: str, right: str, domains: str) -> None:
    assert verdict(left, sign, right, domains).status is not Status.PROVED


@pytest.mark.parametrize(("left", "sign", "right", "domains", "status"), [
    (r"\max_kz_k", "<=", r"\log\sum_{k=1}^Ke^{z_k}", "", "checked"),
    (r"\max_iz_i", "<=", r"\log\sum_{k=1}^Ke^{z_k}", "z: vector K", "checked"),
    (r"\log\sum_{k=1}^Ke^{z_k}", "<=", r"\max_kz_k+\log K", "z: vector K", "checked"),
    (r"\max_iz_i", ">=", r"\frac{1}{n}\sum_{i=1}^nz_i", "", "checked"),
    (r"\max_{1\le i\le n}z_i", "<=", r"\log\sum_ke^{z_k}", "", "checked"),
    (r"\max_iz_i", "<=", r"\frac{1}{n}\sum_{i=1}^nz_i", "", "refuted"),
    (r"\min_iz_i", ">=", r"\frac{1}{n}\sum_{i=1}^nz_i", "z: vector n", "refuted"),
    (r"\max_{1\le i\le n}z_i", ">=", r"\log\sum_ke^{z_k}", "", "refuted"),
])
def test_the_index_of_an_optimum_has_the_bounds_of_its_family(
    left: str, sign: str, right: str, domains: str, status: str
) -> None:
    assert verdict(left, sign, right, domains, names=Names(indexed=frozenset({"z"}))).status == status


VECTORS = (
    "x: vector n; y: vector n; v: vector m; a: vector 3; A: matrix n x m; B: matrix n x m; p: probability vector K"
)
LAWS = [
    (r"|x^Ty|", "<=", r"\|x\|\|y\|", "Cauchy–Schwarz inequality of vectors"),
    (r"\|y\|_2\|x\|_2", ">=", r"\langle x,y\rangle", "Cauchy–Schwarz inequality of vectors"),
    (r"(x^Ty)^2", "<=", r"\|x\|^2\|y\|^2", "Cauchy–Schwarz inequality of vectors"),
    (r"|x^TAv|", "<=", r"\|x\|\|Av\|", "Cauchy–Schwarz inequality of vectors"),
    (r"|x^Ty|", "<=", r"\|x\|_1\|y\|_\infty", "Cauchy–Schwarz inequality of vectors"),
    (r"\|x-y\|", "<=", r"\|x\|+\|y\|", "triangle inequality"),
    (r"\|A+B\|_F", "<=", r"\|B\|_F+\|A\|_F", "triangle inequality"),
    (r"|\|x\|_1-\|y\|_1|", "<=", r"\|x+y\|_1", "triangle inequality"),
    (r"\|Av\|", "<=", r"\|A\|_F\|v\|", "norm of a product"),
    (r"\|x\|_\infty", "<=", r"\|x\|", "norms of a vector"),
    (r"\|x\|_1", "<=", r"\sqrt{n}\|x\|_2", "norms of a vector"),
    (r"\|x\|_1", "<=", r"n\|x\|_\infty", "norms of a vector"),
    (r"\sqrt{3}\|a\|_\infty", ">=", r"\|a\|", "norms of a vector"),
    (r"-\sum_{k=1}^Kp_k\log p_k", ">=", "0", "entropy is not negative"),
    (r"1-\sum_{k=1}^Kp_k^2", "<=", r"1-\frac{1}{K}", "squares of probabilities"),
    (r"\sum_{k=1}^Kp_k^2", "<=", "1", "squares of probabilities"),
]


@pytest.mark.parametrize(("left", "sign", "right", "law"), LAWS)
def test_laws_of_vectors(left: str, sign: str, right: str, law: str) -> None:
    found = verdict(left, sign, right, VECTORS)
    assert (found.status, found.method) == (Status.PROVED, law)


@pytest.mark.parametrize(("left", "sign", "right", "_law"), LAWS)
def test_laws_agree_with_small_matrices(left: str, sign: str, right: str, _law: str) -> None:
    """What a law proves is not refuted by numbers when it is written so that no law recognises it."""
    assert verdict(f"{left}+2", sign, f"2+{right}+0", VECTORS).status in (Status.PROVED, Status.CHECKED)


@pytest.mark.parametrize(("left", "sign", "right"), [
    (r"|x^Ty|", ">=", r"\|x\|\|y\|"),
    (r"|x^Ty|", "<=", r"\|x\|_\infty\|y\|_\infty"),
    (r"x^Ty", "<=", r"\|x\|\|x\|"),
    (r"\|x-y\|", "<=", r"\|x\|-\|y\|"),
    (r"\|x+1\|", "<=", r"\|x\|+\|1\|"),  # 1 is added to every entry
    (r"\|x\|", "<=", r"\|x\|_\infty"),
    (r"\|x\|_1", "<=", r"\sqrt{n}\|x\|_\infty"),
    (r"\|a\|", "<=", r"\sqrt{2}\|a\|_\infty"),
    (r"\|Av\|", ">=", r"\|A\|_F\|v\|"),
    (r"\sum_{k=1}^Kp_k\log p_k", ">=", "0"),
    (r"\sum_{k=1}^Kp_k^2", ">=", "1"),
    (r"\sum_{k=1}^nx_k^2", ">=", r"\frac{1}{n}"),
])
def test_other_laws_of_vectors_are_refuted(left: str, sign: str, right: str) -> None:
    found = verdict(left, sign, right, VECTORS)
    assert found.status is Status.REFUTED
    assert found.witness is not None
