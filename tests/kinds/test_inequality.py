"""Inequalities: the chain, the case of equality, refusals."""

import pytest

from derive.api import solve_problem
from derive.errors import DeriveError, RefutedError
from derive.read.problems import make
from derive.steps import Paragraph, Status, Table
from derive.write.text import text

DENSITIES = {"p": "density", "q": "density", "r": "density"}
GIBBS = r"-\mathrm{KL}(p \| q) \le E_{x \sim p}[\frac{q(x)}{p(x)} - 1] = 0"


def solved(claim, **given):
    return solve_problem(make("inequality", {"claim": claim, **given}, DENSITIES))


def words(derivation):
    paragraphs = [p.text for p in derivation.parts if isinstance(p, Paragraph)]
    return " ".join("".join(t if isinstance(t, str) else text(t) for t in prose) for prose in paragraphs)


def test_gibbs_inequality_is_proved_line_by_line():
    derivation = solved(GIBBS)
    assert derivation.status() is Status.PROVED
    assert "logarithm below its tangent" in {s.rule for s in derivation.steps()}


def test_equality_is_argued_both_ways():
    derivation = solved(GIBBS, equality="q(x) = p(x)")
    told = words(derivation)
    assert "If q(x) = p(x), then" in told
    assert "there is equality only where the argument of the logarithm is 1" in told
    assert "both ends are equal exactly where q(x) = p(x)" in told
    assert derivation.status() is Status.PROVED


def test_jensen_turns_round_behind_a_minus_sign():
    derivation = solved(r"\mathrm{KL}(p \| q) \ge -\log E_{x \sim p}[\frac{q(x)}{p(x)}] = 0")
    assert [s.relation for s in derivation.steps() if s.rule == "Jensen's inequality"] == [">="]
    assert derivation.status() is Status.PROVED


@pytest.mark.parametrize(
    ("claim", "error", "message"),
    [
        (r"-\mathrm{KL}(p \| q) \ge 0", RefutedError, "line 2 does not follow from line 1"),
        (r"E_{x \sim p}[\log q(x)] \ge \log E_{x \sim p}[q(x)]", RefutedError, "does not follow"),
        (r"\mathrm{KL}(p \| p) = 0", DeriveError, "is no inequality"),
        (r"\mathrm{KL}(p \| q)", DeriveError, "is not a chain of lines"),
        (r"\mathrm{KL}(p \| q) \ge 0 \le 1", DeriveError, "do not add up to a statement"),
    ],
)
def test_what_does_not_follow_is_refused(claim, error, message):
    with pytest.raises(error, match=message):
        solved(claim)


def test_a_condition_that_is_no_equation_is_refused():
    with pytest.raises(DeriveError, match="no equation for a density"):
        solved(GIBBS, equality="q(x) + p(x) = 1")


def test_a_condition_that_does_not_suffice_is_not_said_to():
    derivation = solved(GIBBS, equality="q(x) = r(x)")
    assert derivation.status() is Status.UNDECIDED
    assert "That the condition suffices is not shown" in words(derivation)
    assert "exactly where" not in words(derivation)
    assert "equality exactly where" not in {r.name for r in derivation.results}


def test_a_condition_under_which_the_ends_differ_is_refuted():
    with pytest.raises(RefutedError, match="does not suffice"):
        solved(r"(t - 1)^2 \ge 0", equality="t = 2")


def test_the_entropy_is_largest_for_equal_probabilities():
    claim = (r"-\sum_{k=1}^K p_k \log p_k = \sum_{k=1}^K p_k \log\frac{1}{p_k}"
             r"\le \log \sum_{k=1}^K p_k \frac{1}{p_k} = \log \sum_{k=1}^K 1 = \log K")
    given = {"claim": claim, "equality": r"p_k = \frac{1}{K}", "instance": {"p": ["1/2", "1/4", "1/4"], "K": 3}}
    derivation = solve_problem(make("inequality", given, {"p": "probability vector K"}))
    assert derivation.status() is Status.PROVED
    assert "equality exactly where" in {r.name for r in derivation.results}
    (table,) = (part for part in derivation.parts if isinstance(part, Table))
    assert ["".join(t if isinstance(t, str) else text(t) for t in row[1]) for row in table.rows] == [
        "1.03972", "1.03972", "1.09861", "1.09861", "1.09861"]


@pytest.mark.parametrize(
    ("claim", "rule"),
    [
        (r"(\sum_{i=1}^n a_i b_i)^2 \le (\sum_{i=1}^n a_i^2) (\sum_{i=1}^n b_i^2)", "Cauchy–Schwarz inequality"),
        (r"E_{x \sim p}[(x - a)^2] \ge 0", "square"),
        (r"|E_{x \sim p}[x]| \le E_{x \sim p}[|x|]", "Jensen's inequality"),
        (r"e^{E_{x \sim p}[x]} \le E_{x \sim p}[e^x]", "Jensen's inequality"),
    ],
)
def test_a_named_inequality_is_one_proved_step(claim, rule):
    derivation = solved(claim)
    assert [s.rule for s in derivation.steps()] == [rule]
    assert derivation.status() is Status.PROVED
