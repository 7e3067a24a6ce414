"""The laws of convex functions are recognised as themselves, and nothing else is."""

import pytest

import derive
from derive.steps import Status

DECLARED = ["p: density", "q: density", "w: probability vector K",
            "s: probability vector K", "v: vector K", "u: positive", "H: function"]
NAMES = {"Jensen's inequality", "tangent of a concave function", "a square is not negative",
         "Cauchy–Schwarz inequality", "Gibbs' inequality", "entropy is largest for equal probabilities"}

PROVED = [
    (r"E_{x \sim p}[\log q(x)]", "<=", r"\log E_{x \sim p}[q(x)]"),
    (r"\ln E_{x \sim p}[x^2]", ">=", r"E_{x \sim p}[\ln x^2]"),
    (r"-E_{x \sim p}[\log q(x)]", ">=", r"-\log E_{x \sim p}[q(x)]"),
    (r"E_{x \sim p}[x]^2", "<=", r"E_{x \sim p}[x^2]"),
    (r"e^{E_{x \sim p}[x]}", "<=", r"E_{x \sim p}[e^x]"),
    (r"|E_{x \sim p}[x]|", "<=", r"E_{x \sim p}[|x|]"),
    (r"\log t", "<=", "t - 1"),
    ("t - 1", ">=", r"\ln t"),
    (r"E_{x \sim p}[\log q(x)]", "<=", "E_{x \\sim p}[q(x) - 1]"),
    (r"-\log t", ">=", "-(t - 1)"),
    (r"\sum_{k=1}^K w_k \log u_k", "<=", r"\log \sum_{k=1}^K w_k u_k"),
    (r"\sum_{k=1}^K w_k \log\frac{1}{w_k}", "<=", r"\log \sum_{k=1}^K w_k \frac{1}{w_k}"),
    (r"\sum_z q(z) \log\frac{p(z)}{q(z)}", "<=", r"\log \sum_z q(z) \frac{p(z)}{q(z)}"),
    (r"\int q(z) \log p(z) dz", "<=", r"\log \int q(z) p(z) dz"),
    (r"\log(\frac1n \sum_{i=1}^n u_i)", ">=", r"\frac1n \sum_{i=1}^n \log u_i"),
    (r"\frac{\sum_{i=1}^n u_i^2}{n}", ">=", r"(\frac{\sum_{i=1}^n u_i}{n})^2"),
    (r"-\sum_{k=1}^K w_k \log w_k", "<=", r"\log K"),
    (r"E_{x \sim p}[(x - a)^2]", ">=", "0"),
    (r"(\sum_{i=1}^n a_i b_i)^2", "<=", r"(\sum_{i=1}^n a_i^2) (\sum_{i=1}^n b_i^2)"),
    (r"E_{x \sim p}[x q(x)]^2", "<=", r"E_{x \sim p}[x^2] E_{x \sim p}[q(x)^2]"),
    (r"KL(p \| q)", ">=", "0"),
    ("-H(p)", ">=", "-H(p, q)"),
    (r"E_{x \sim p}[\log q(x)]", "<=", r"E_{x \sim p}[\log p(x)]"),
    (r"E_{x \sim p}[\log\frac{p(x)}{q(x)}]", ">=", "0"),
    (r"E_{x \sim q}[\log\frac{p(x)}{q(x)}]", "<=", "0"),
    (r"\int p(x) (\log p(x) - \log q(x)) dx", ">=", "0"),
    (r"\sum_{k=1}^K w_k \log s_k", "<=", r"\sum_{k=1}^K w_k \log w_k"),
    (r"\log \sum_z p(x, z)", ">=", r"\sum_z q(z) \log\frac{p(x, z)}{q(z)}"),
    (r"a + KL(q(z) \| p(z | x))", ">=", "a"),
    (r"a - KL(q \| p)", "<=", "a"),
]

FALSE = [
    (r"E_{x \sim p}[\log q(x)]", ">=", r"E_{x \sim p}[\log p(x)]"),
    (r"E_{x \sim q}[\log\frac{p(x)}{q(x)}]", ">=", "0"),
    (r"\sum_x p(x) \log\frac{p(x)}{q(x)}", "<=", "0"),
    (r"\log \sum_z p(x, z)", "<=", r"\sum_z q(z) \log\frac{p(x, z)}{q(z)}"),
    (r"a + KL(q \| p)", "<=", "a"),
    (r"E_{x \sim p}[\log q(x)]", ">=", r"\log E_{x \sim p}[q(x)]"),
    (r"E_{x \sim p}[x]^2", ">=", r"E_{x \sim p}[x^2]"),
    (r"E_{x \sim p}[\log q(x)]", "=", r"\log E_{x \sim p}[q(x)]"),
]

NOT_JENSEN = [
    (r"KL(q(z) \| p(x, z))", ">=", "0"),  # a joint density is none of z alone
    (r"\sum_{k=1}^K w_k \log v_k", "<=", r"\sum_{k=1}^K w_k \log w_k"),
    (r"\log \sum_z p(x, z)", ">=", r"\sum_z q(z) \log\frac{p(x, z)}{q(z)^2}"),
    (r"E_{x \sim p}[\log q(x)]", "<=", r"\log E_{x \sim q}[q(x)]"),
    (r"E_{x \sim p}[\log q(x)]", "<=", r"\log E_{x \sim p}[p(x)]"),
    (r"\log t", "<=", "t - 2 + 0.9"),
    (r"E_{x \sim p}[\log q(x)]", "<=", r"E_{x \sim q}[q(x) - 1]"),
    (r"E_{x \sim p}[x^3]", ">=", r"E_{x \sim p}[x]^3"),
    (r"E_{x \sim p}[\log q(x)]", "<", r"\log E_{x \sim p}[q(x)]"),
    (r"E_{x \sim p}[x]^2", "<=", r"E_{x \sim p}[e^x]"),
    (r"\operatorname{softplus}(E_{x \sim p}[x])", "<=", r"E_{x \sim p}[|x|]"),
    (r"\sum_z q(z) \log p(z)", "<=", r"\log \sum_z p(z) p(z)"),
    (r"\sum_z z^2 \log p(z)", "<=", r"\log \sum_z z^2 p(z)"),
    (r"\sum_{k=1}^K v_k \log u_k", "<=", r"\log \sum_{k=1}^K v_k u_k"),
    (r"\sum_{k=1}^M w_k \log u_k", "<=", r"\log \sum_{k=1}^M w_k u_k"),
    (r"\frac1m \sum_{i=1}^n \log u_i", "<=", r"\log(\frac1m \sum_{i=1}^n u_i)"),
    (r"-\sum_{k=1}^K w_k \log w_k", "<=", r"\log M"),
    (r"-\sum_{k=1}^K v_k \log v_k", "<=", r"\log K"),
    (r"(\sum_{i=1}^n a_i b_i)^2", "<=", r"(\sum_{i=1}^n a_i^2) (\sum_{i=1}^n b_i)"),
    (r"E_{x \sim p}[(x - a)^3]", ">=", "0"),
    ("H(q)", "<=", "H(p, q)"),
]


@pytest.mark.parametrize(("left", "sign", "right"), PROVED)
def test_what_convexity_says_is_proved(left, sign, right):
    assert derive.equal(left, right, declare=DECLARED, relation=sign).status is Status.PROVED


@pytest.mark.parametrize(("left", "sign", "right"), FALSE)
def test_what_is_turned_round_is_refuted(left, sign, right):
    assert derive.equal(left, right, declare=DECLARED, relation=sign).status is Status.REFUTED


@pytest.mark.parametrize(("left", "sign", "right"), NOT_JENSEN)
def test_what_only_looks_like_it_is_not_taken_for_it(left, sign, right):
    verdict = derive.equal(left, right, declare=DECLARED, relation=sign)
    assert verdict.status is not Status.PROVED
    assert verdict.method not in NAMES
