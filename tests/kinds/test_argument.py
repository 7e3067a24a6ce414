"""Arguments: every line has its rule and its verdict, a wrong line its counter-example."""

import pytest

from derive.api import solve_problem
from derive.errors import DeriveError, RefutedError
from derive.kinds._argument_lines import UNTOLD
from derive.read.problems import make
from derive.steps import Paragraph, Status
from derive.write.text import text

SYMBOLS = {"p": "density", "q": "density", "p^*": "density", r"\hat{p}": "empirical density", "H": "function"}
DIVERGENCE = r"\arg\min_\theta \mathrm{KL}(p^*(x) \| p(x | \theta))"
LIKELIHOOD = r"\arg\max_\theta \prod_{i=1}^n p(x_i | \theta)"


def solved(claim, symbols=SYMBOLS, **given):
    return solve_problem(make("argument", {"claim": claim, **given}, symbols))


def words(derivation):
    paragraphs = [p.text for p in derivation.parts if isinstance(p, Paragraph)]
    return " ".join("".join(t if isinstance(t, str) else text(t) for t in prose) for prose in paragraphs)


def test_least_divergence_is_maximum_likelihood():
    derivation = solved(rf"{DIVERGENCE} \approx {LIKELIHOOD}")
    verdicts = {s.rule: s.verdict.status for s in derivation.steps()}
    assert verdicts.pop("law of large numbers") is Status.ASSUMED
    assert set(verdicts.values()) == {Status.PROVED}
    assert text(derivation.results[0].value).count("≈") == 1


def test_each_rule_is_explained_once():
    told = words(solved(rf"{DIVERGENCE} \approx {LIKELIHOOD}"))
    assert told.count("Increasing function. ") == 1
    assert "It needs: the x_i are independent samples of p*." in told


@pytest.mark.parametrize(
    "claim",
    [
        r"\arg\max_\theta p(\theta | x) = \arg\max_\theta \log p(x | \theta)",
        r"\log(p(x) + q(x)) = \log p(x) + \log q(x)",
        r"\arg\min_\theta (\theta^2 - 2\theta) = \arg\min_\theta \theta^2",
        r"\mathrm{KL}(p \| q) = \mathrm{KL}(q \| p)",
        r"E_{x \sim p}[x^2] = E_{x \sim p}[x]^2",
        rf"{LIKELIHOOD} = \arg\min_\theta \sum_{{i=1}}^n \log p(x_i | \theta)",
    ],
)
def test_a_line_that_does_not_follow_is_refuted_with_a_model(claim):
    with pytest.raises(RefutedError, match="line 2 does not follow from line 1"):
        solved(claim)


def test_the_wrong_line_of_several_is_named():
    with pytest.raises(RefutedError, match="line 3 does not follow from line 2"):
        solved(r"\mathrm{KL}(p \| q) = E_{x \sim p}[\log p(x)] - E_{x \sim p}[\log q(x)] = H(p, q) + H(p)")


def test_a_line_that_no_rule_reaches_is_verified_as_a_whole():
    derivation = solved(r"E_{x \sim p}[(x + 1)^3] = E_{x \sim p}[x^3 + 3 x^2 + 3 x + 1]")
    assert [s.rule for s in derivation.steps()] == [UNTOLD]
    assert derivation.status() is Status.PROVED
    assert "The rules do not lead" in words(derivation)


def test_only_the_allowed_rules_are_used():
    claim = r"\arg\max_\theta p(\theta) = \arg\max_\theta \log p(\theta)"
    assert [s.rule for s in solved(claim, rules=["increasing function"]).steps()] == ["increasing function"]
    assert [s.rule for s in solved(claim, rules="sign flipped").steps()] == [UNTOLD]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"claim": r"E_{x \sim p}[x]"}, "is not a chain of lines"),
        ({"claim": "x > 1"}, "is not a chain of lines"),
        ({"claim": r"1 \le 2 \ge 1"}, "do not add up to a statement"),
        ({"claim": "1 = 1", "rules": ["increasing"]}, "there is no rule 'increasing'"),
        ({"claim": "1 = 1", "rules": []}, "there is no rule"),
    ],
)
def test_what_does_not_fit_is_refused(given, message):
    with pytest.raises(DeriveError, match=message):
        solved(**given)
