"""Sums and products over an index: proofs with symbolic bounds, closed forms, derivatives by members, and slips."""

import pytest

from derive.read.latex import Names
from tests.verify.statements import verdict

NAMES = Names(functions=frozenset({"f", "g"}), indexed=frozenset({"x", "y", "z", "w", "a", "b", "u"}))

SOFTMAX = r"\frac{e^{z_i}}{\sum_k e^{z_k}}"

LINEAR = [
    (r"\sum_{i=1}^n c", "nc"),
    (r"\sum_{i=1}^n(x_i+y_i)", r"\sum_{i=1}^n x_i+\sum_{j=1}^n y_j"),
    (r"\sum_{i=1}^n 3x_i", r"3\sum_{k=1}^n x_k"),
    (r"\sum_{i=0}^{n-1}x_{i+1}", r"\sum_{i=1}^n x_i"),
    (r"\sum_{i=2}^{n+1}x_{i-1}", r"\sum_{i=1}^n x_i"),
    (r"\sum_{i=1}^n x_i", r"x_1+\sum_{i=2}^n x_i"),
    (r"\sum_{i=1}^{n+1}x_i", r"x_{n+1}+\sum_{i=1}^n x_i"),
    (r"\sum_{i=1}^n x_i-\sum_{i=1}^{n-1}x_i", r"x_n"),
    (r"\sum_{i=m}^n a_i", r"a_m+\sum_{i=m+1}^n a_i"),
    (r"\sum_{i=1}^n(a_{i+1}-a_i)", r"a_{n+1}-a_1"),
    (r"\sum_{i=1}^n a_{n+1-i}", r"\sum_{i=1}^n a_i"),
    (r"\sum_{i=1}^n\sum_{j=1}^m a_{ij}", r"\sum_{j=1}^m\sum_{i=1}^n a_{ij}"),
    (r"\sum_{i=1}^n\sum_{j=1}^i a_{ij}", r"\sum_{j=1}^n\sum_{i=j}^n a_{ij}"),
    (r"\sum_{i=1}^n x_i(\sum_{j=1}^n x_jy_i)", r"(\sum_{i=1}^n x_i)(\sum_{i=1}^n x_iy_i)"),
    (r"(\sum_{i=1}^n x_i)^2", r"\sum_{i=1}^n\sum_{j=1}^n x_ix_j"),
    (r"\sum_i(x_i+c)-\sum_j c", r"\sum_k x_k"),
    (r"\sum_i\sum_j x_iy_j", r"(\sum_i x_i)(\sum_j y_j)"),
    (r"\sum_{x\in X}(f(x)+g(x))", r"\sum_{t\in X}f(t)+\sum_{x\in X}g(x)"),
    (r"\sum_{i\in\{1,\dots,n\}}x_i", r"\sum_{i=1}^n x_i"),
    (r"\sum_{i\in\{1,3\}}x_i", "x_1+x_3"),
    (r"\sum_{i=1}^n|x_i|", r"\sum_{k=1}^n|-x_k|"),
    (r"\sum_{i=1}^n\max(0,x_i)", r"\frac{1}{2}\sum_{i=1}^n(x_i+|x_i|)"),
]
RESTRICTED = [
    (r"\sum_{j\ne i}x_j", r"\sum_j x_j-x_i"),
    (r"\sum_{i<j}x_ix_j", r"\frac12((\sum_i x_i)^2-\sum_i x_i^2)"),
    (r"(\sum_i x_i)^2", r"\sum_i x_i^2+\sum_{i\ne j}x_ix_j"),
    (r"(\sum_{i=1}^n x_i)^2", r"\sum_{i=1}^n x_i^2+2\sum_{1\le i<j\le n}x_ix_j"),
    (r"(\sum_{i=1}^n x_i)^2", r"\sum_{i=1}^n x_i^2+2\sum_{i=1}^n\sum_{j=1}^{i-1}x_ix_j"),
    (r"\sum_{j=1}^n\delta_{ij}x_j", "x_i"),
    (r"\delta_{ij}^2", r"\delta_{ij}"),
    (r"\delta_{ij}x_i", r"\delta_{ij}x_j"),
]
CLOSED = [
    (r"\sum_{i=1}^n i", r"\frac{n(n+1)}{2}"),
    (r"\sum_{i=1}^n i^2", r"\frac{n(n+1)(2n+1)}{6}"),
    (r"\sum_{i=1}^n i^3", r"(\sum_{i=1}^n i)^2"),
    (r"\sum_{i=1}^n(2i-1)", "n^2"),
    (r"\sum_{i=0}^{n-1}r^i", r"\frac{1-r^n}{1-r}"),
    (r"\sum_{i=1}^n\frac{1}{i(i+1)}", r"\frac{n}{n+1}"),
    (r"\sum_{i=1}^n i\cdot 2^i", r"(n-1)2^{n+1}+2"),
    (r"n!", "n(n-1)!"),
    (r"\binom{n}{k}", r"\frac{n}{k}\binom{n-1}{k-1}"),
    (r"\binom{n}{k}", r"\binom{n-1}{k-1}+\binom{n-1}{k}"),
    (r"\prod_{i=1}^n\frac{i+1}{i}", "n+1"),
    (r"\prod_{i=1}^n(2x_i)", r"2^n\prod_{i=1}^n x_i"),
    (r"\prod_{i=1}^n e^{x_i}", r"e^{\sum_{i=1}^n x_i}"),
    (r"\prod_{i=1}^{n+1}x_i", r"x_{n+1}\prod_{i=1}^n x_i"),
    (r"\prod_{i=1}^n i", "n!"),
    (r"\lfloor x+3\rfloor", r"\lfloor x\rfloor+3"),
    (r"\lceil x\rceil", r"-\lfloor-x\rfloor"),
]
DERIVATIVES = [
    (r"\frac{\partial}{\partial x_k}\sum_{i=1}^n x_i^2", "2x_k"),
    (r"\frac{\partial}{\partial x_1}\sum_{i=1}^n x_i^2", "2x_1"),
    (r"\frac{\partial}{\partial z_j}\log\sum_{k=1}^K e^{z_k}", r"\frac{e^{z_j}}{\sum_{k=1}^K e^{z_k}}"),
    (r"\frac{\partial}{\partial z_j}\frac{e^{z_i}}{\sum_k e^{z_k}}",
     r"\frac{e^{z_i}}{\sum_k e^{z_k}}(\delta_{ij}-\frac{e^{z_j}}{\sum_k e^{z_k}})"),
    (r"\frac{\partial}{\partial z_j}\frac{e^{z_i}}{\sum_k e^{z_k}}",
     r"\begin{cases}s_i(1-s_i)&i=j\\-s_is_j&i\ne j\end{cases}".replace("s_i", SOFTMAX).replace(
         "s_j", SOFTMAX.replace("z_i", "z_j"))),
    (r"\frac{\partial}{\partial w_j}\sum_{i=1}^n(y_i-\sum_{j=1}^m w_jx_{ij})^2",
     r"-2\sum_{i=1}^n(y_i-\sum_{k=1}^m w_kx_{ik})x_{ij}"),
    (r"\frac{\partial}{\partial z_j}(-\sum_{k=1}^K y_k\log\frac{e^{z_k}}{\sum_{l=1}^K e^{z_l}})",
     r"\frac{e^{z_j}}{\sum_{k=1}^K e^{z_k}}\sum_{k=1}^K y_k-y_j"),
    (r"\frac{\partial}{\partial x_k}\prod_{i=1}^n x_i", r"\frac{1}{x_k}\prod_{i=1}^n x_i"),
]  # fmt: skip
MEANS = [
    (r"\sum_{i=1}^n(x_i-\bar{x})", "0"),
    (r"\frac{1}{n}\sum_{i=1}^n(x_i-\bar{x})^2", r"\frac1n\sum_{i=1}^n x_i^2-\bar{x}^2"),
    (r"\sum_{i=1}^n(x_i-\bar x)(y_i-\bar y)", r"\sum_{i=1}^n x_iy_i-n\bar x\bar y"),
]
INTEGRALS = [
    (r"\int_0^1 x^2\,dx", r"\frac13"),
    (r"\int_{-\infty}^{\infty}e^{-x^2}\,dx", r"\sqrt{\pi}"),
    (r"\int_{0}^{\infty}x^3e^{-x}\,dx", "6"),
    (r"\int_{-\infty}^{x}\frac{1}{\sqrt{2\pi}}e^{-t^2/2}\,dt", r"\Phi(x)"),
    (r"\int_0^1 xe^{x}\,dx", "1"),
    (r"\int_1^\infty\frac{1}{x^2}\,dx", "1"),
    (r"\int_\Omega(f(x)+2g(x))\,dx", r"\int_\Omega f(x)\,dx+2\int_\Omega g(x)\,dx"),
]


@pytest.mark.parametrize(
    ("before", "after"), LINEAR + RESTRICTED + CLOSED + DERIVATIVES + MEANS + INTEGRALS
)
def test_proved(before, after):
    found = verdict(before, "=", after, names=NAMES)
    assert found.status == "proved", found


@pytest.mark.parametrize(
    ("before", "after", "domains"),
    [
        (r"\log\prod_{i=1}^n x_i", r"\sum_{i=1}^n\log(x_i)", "x: positive"),
        (r"\sum_{i=0}^\infty r^i", r"\frac{1}{1-r}", "r: (0, 1)"),
        (r"\sum_{i=1}^\infty ir^i", r"\frac{r}{(1-r)^2}", "r: (0, 1)"),
        (r"\int_{-\infty}^\infty e^{-\frac{x^2}{2s^2}}\,dx", r"s\sqrt{2\pi}", "s: positive"),
        (r"\int_{-\infty}^\infty x^2e^{-\frac{(x-m)^2}{2s^2}}\,dx", r"s\sqrt{2\pi}(s^2+m^2)", "s: positive"),
        (r"\int_0^\infty axe^{-ax}\,dx", r"\frac1a", "a: positive"),
        (r"\lfloor n+\frac12\rfloor", "n", "n: integer"),
    ],
)
def test_proved_in_the_declared_domain(before, after, domains):
    found = verdict(before, "=", after, domains, names=NAMES)
    assert found.status == "proved", found


@pytest.mark.parametrize(
    ("before", "after", "conditions"),
    [
        (r"\frac{\partial}{\partial x_k}\sum_{i=1}^n x_i^2", "2x_k", ("1 ≤ k ≤ n",)),
        (r"\sum_{j=1,j\ne i}^n x_j", r"\sum_{j=1}^n x_j-x_i", ("1 ≤ i ≤ n",)),
        (r"\sum_{i=1}^n(x_i-\bar{x})", "0", ("x̄ = (Σ[i = 1..n] xᵢ)/n",)),
        (r"\frac{\partial}{\partial x_1}\sum_{i=1}^n x_i", "1", ()),
        (r"\sum_{i=1}^n c", "nc", ()),
    ],
)
def test_what_is_taken_for_granted_is_said(before, after, conditions):
    found = verdict(before, "=", after, names=NAMES)
    assert found.status == "proved"
    assert found.condition == conditions


FALSE = [
    (r"\sum_{i=1}^n c", "c"),
    (r"\sum_{i=1}^n x_iy_i", r"\sum_{i=1}^n x_i\sum_{i=1}^n y_i"),
    (r"\sum_{i=1}^n x_i^2", r"(\sum_{i=1}^n x_i)^2"),
    (r"\sum_{i=0}^n c", "nc"),
    (r"\sum_{i=1}^n x_i", r"\sum_{i=0}^{n}x_{i+1}"),
    (r"\sum_{i=1}^n x_i", r"\sum_{i=1}^{n}x_{i+1}"),
    (r"\sum_{i=1}^n x_i", r"x_1+\sum_{i=1}^n x_i"),
    (r"\sum_{i=1}^n(a_{i+1}-a_i)", r"a_n-a_1"),
    (r"\sum_{i=1}^n i", r"\frac{n(n-1)}{2}"),
    (r"\sum_{i=1}^n i^2", r"\frac{n(n+1)(2n+1)}{3}"),
    (r"\sum_{i=0}^{n}r^i", r"\frac{1-r^n}{1-r}"),
    (r"\sum_{i=1}^n\sum_{j=1}^m a_{ij}", r"\sum_{i=1}^m\sum_{j=1}^n a_{ij}"),
    (r"\sum_{i=1}^n\sum_{j=1}^i a_{ij}", r"\sum_{j=1}^n\sum_{i=1}^j a_{ij}"),
    (r"\sum_i(x_i+c)", r"\sum_i x_i+c"),
    (r"\sum_{j\ne i}x_j", r"\sum_j x_j"),
    (r"\sum_{i<j}x_ix_j", r"(\sum_i x_i)^2-\sum_i x_i^2"),
    (r"(\sum_i x_i)^2", r"\sum_i x_i^2+\sum_{i<j}x_ix_j"),
    (r"\prod_{i=1}^n(2x_i)", r"2\prod_{i=1}^n x_i"),
    (r"\prod_{i=1}^n e^{x_i}", r"\sum_{i=1}^n e^{x_i}"),
    (r"\prod_{i=1}^n x_i^2", r"\sum_{i=1}^n 2x_i"),
    (r"\log\sum_{i=1}^n e^{x_i}", r"\sum_{i=1}^n x_i"),
    ("n!", "(n-1)!"),
    (r"\binom{n}{k}", r"\binom{n}{k-1}"),
    (r"\binom{n}{k}", r"\frac{n!}{k!}"),
    (r"\lfloor x+y\rfloor", r"\lfloor x\rfloor+\lfloor y\rfloor"),
    (r"\lceil x\rceil", r"\lfloor x\rfloor+1"),
    (r"\frac{\partial}{\partial x_k}\sum_{i=1}^n x_i^2", r"2\sum_{i=1}^n x_i"),
    (r"\frac{\partial}{\partial x_k}\sum_{i=1}^n x_i^2", "x_k"),
    (r"\frac{\partial}{\partial x_k}\sum_{i=1}^n x_i^2", "0"),
    (r"\frac{\partial}{\partial z_j}\frac{e^{z_i}}{\sum_k e^{z_k}}",
     r"\frac{e^{z_i}}{\sum_k e^{z_k}}(1-\frac{e^{z_j}}{\sum_k e^{z_k}})"),
    (r"\frac{\partial}{\partial z_j}\frac{e^{z_i}}{\sum_k e^{z_k}}",
     r"-\frac{e^{z_i}e^{z_j}}{(\sum_k e^{z_k})^2}"),
    (r"\frac{\partial}{\partial w_j}\sum_{i=1}^n(y_i-\sum_{j=1}^m w_jx_{ij})^2",
     r"2\sum_{i=1}^n(y_i-\sum_{k=1}^m w_kx_{ik})x_{ij}"),
    (r"\frac{\partial}{\partial w_j}\sum_{i=1}^n(y_i-\sum_{j=1}^m w_jx_{ij})^2",
     r"-2\sum_{i=1}^n(y_i-\sum_{k=1}^m w_kx_{ik})"),
    (r"\frac{\partial}{\partial z_j}(-\sum_{k=1}^K y_k\log\frac{e^{z_k}}{\sum_{l=1}^K e^{z_l}})",
     r"\frac{e^{z_j}}{\sum_{k=1}^K e^{z_k}}-y_j"),
    (r"\frac{1}{n}\sum_{i=1}^n(x_i-\bar{x})^2", r"\frac1n\sum_{i=1}^n x_i^2-n\bar{x}^2"),
    (r"\sum_{i=1}^n(x_i-\bar x)(y_i-\bar y)", r"\sum_{i=1}^n x_iy_i-\bar x\bar y"),
    (r"\int_{-\infty}^{\infty}e^{-x^2}\,dx", r"\sqrt{2\pi}"),
    (r"\int_0^\infty xe^{-2x}\,dx", r"\frac12"),
    (r"\sum_{i=1}^n\delta_{ij}x_i", r"\sum_{i=1}^n x_i"),
    (r"\delta_{ij}", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), FALSE)
def test_refuted(before, after):
    found = verdict(before, "=", after, names=NAMES)
    assert found.status == "refuted", found
    assert found.witness is not None
    assert found.witness.left != found.witness.right


@pytest.mark.parametrize(
    ("before", "after", "domains"),
    [
        (r"\int_{-\infty}^\infty e^{-\frac{x^2}{2s^2}}\,dx", r"s\sqrt{\pi}", "s: positive"),
        (r"\int_0^\infty axe^{-ax}\,dx", "a", "a: positive"),
        (r"\log\prod_{i=1}^n x_i", r"\prod_{i=1}^n\log(x_i)", "x: positive"),
        (r"\sum_{i=0}^\infty r^i", r"\frac{r}{1-r}", "r: (0, 1)"),
    ],
)
def test_not_proved_in_the_declared_domain(before, after, domains):
    assert verdict(before, "=", after, domains, names=NAMES).status in ("refuted", "undecided")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (r"x_1+\dots+x_n", r"\sum_{i=1}^n x_i", "ellipsis"),
        (r"\sum_{i=1}^n f(i)", r"\sum_{i=1}^n g(i)", "unknown functions"),
    ],
)
def test_undecided_with_the_reason(before, after, reason):
    found = verdict(before, "=", after, names=NAMES)
    assert found.status == "undecided"
    assert reason in found.detail


def test_letters_of_which_only_the_sign_is_seen_run_over_the_same_set():
    found = verdict(r"\sum_i(x_i+c)", "=", r"\sum_k x_k+\sum_j c", names=NAMES)
    assert found.status == "proved"
    assert found.condition == ("j over the same set as the other indices",)
    assert verdict(r"\sum_i(x_i+c)", "=", r"\sum_k x_k+2\sum_j c", names=NAMES).status == "refuted"


def test_an_index_that_is_out_of_range_is_no_counter_example():
    found = verdict(r"\sum_{j=1,j\ne i}^n x_j^2", "=", r"\sum_{j=1}^n x_j^2-x_i^2", names=NAMES)
    assert found.status == "proved"
    assert verdict(r"\sum_{j=1,j\ne i}^n x_j^2", "=", r"\sum_{j=1}^n x_j^2-x_i", names=NAMES).status == "refuted"
