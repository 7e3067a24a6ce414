"""The laws of convex functions are recognised as themselves, and nothing else is."""

import pytest

import derive
from derive.steps import Status
from derive.verify.convexity import METHOD, TANGENT

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
]

FALSE = [
    (r"E_{x \sim p}[\log q(x)]", ">=", r"\log E_{x \sim p}[q(x)]"),
    (r"E_{x \sim p}[x]^2", ">=", r"E_{x \sim p}[x^2]"),
    (r"E_{x \sim p}[\log q(x)]", "=", r"\log E_{x \sim p}[q(x)]"),
]

NOT_JENSEN = [
    (r"E_{x \sim p}[\log q(x)]", "<=", r"\log E_{x \sim q}[q(x)]"),
    (r"E_{x \sim p}[\log q(x)]", "<=", r"\log E_{x \sim p}[p(x)]"),
    (r"\log t", "<=", "t - 2 + 0.9"),
    (r"E_{x \sim p}[\log q(x)]", "<=", r"E_{x \sim q}[q(x) - 1]"),
    (r"E_{x \sim p}[x^3]", ">=", r"E_{x \sim p}[x]^3"),
    (r"E_{x \sim p}[\log q(x)]", "<", r"\log E_{x \sim p}[q(x)]"),
]


@pytest.mark.parametrize(("left", "sign", "right"), PROVED)
def test_what_convexity_says_is_proved(left, sign, right):
    assert derive.equal(left, right, declare=["p: density", "q: density"], relation=sign).status is Status.PROVED


@pytest.mark.parametrize(("left", "sign", "right"), FALSE)
def test_what_is_turned_round_is_refuted(left, sign, right):
    assert derive.equal(left, right, declare=["p: density", "q: density"], relation=sign).status is Status.REFUTED


@pytest.mark.parametrize(("left", "sign", "right"), NOT_JENSEN)
def test_what_only_looks_like_it_is_not_taken_for_it(left, sign, right):
    verdict = derive.equal(left, right, declare=["p: density", "q: density"], relation=sign)
    assert verdict.status is not Status.PROVED
    assert verdict.method not in (METHOD, TANGENT)
