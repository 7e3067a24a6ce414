"""Arguments: every line has its rule and its verdict, a wrong line its counter-example."""

import pytest

from derive.api import solve_problem
from derive.errors import DeriveError, RefutedError
from derive.kinds._argument_lines import UNTOLD
from derive.read.problems import make
from derive.steps import Paragraph, Status, Table
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
    assert "It needs: the xᵢ are independent samples of p*." in told


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
        ({"claim": "x = 1, y = 2"}, "is not a chain of lines"),
        ({"claim": r"x = 1 \implies 2 x = 2", "instance": {"x": 1}}, "not into statements"),
        ({"claim": "1 = 1", "rules": ["increasing"]}, "there is no rule 'increasing'"),
        ({"claim": "1 = 1", "rules": []}, "there is no rule"),
    ],
)
def test_what_does_not_fit_is_refused(given, message):
    with pytest.raises(DeriveError, match=message):
        solved(**given)


# --- numbers put in -----------------------------------------------------------------------------------------

COIN = {"x": [1, 0, 1, 1], r"p(x | \theta)": r"\theta^x (1 - \theta)^{1 - x}", r"\theta": ["1/4", "1/2", "3/4"]}


def tables(derivation):
    return [part for part in derivation.parts if isinstance(part, Table)]


def cells(table):
    return [["".join(t if isinstance(t, str) else text(t) for t in prose) for prose in row] for row in table.rows]


def test_an_instance_shows_the_same_candidate_in_every_line():
    derivation = solved(rf"{DIVERGENCE} \approx {LIKELIHOOD}", instance={**COIN, "p^*": ["1/4", "3/4"]})
    (table,) = tables(derivation)
    assert [row[-1] for row in cells(table)] == ["argmin 3/4", "argmax 3/4"]
    assert cells(table)[1][1:4] == ["3/256", "1/16", "27/256"]
    assert "the best is the same in all of them" in table.caption[0]


def test_the_empirical_density_follows_from_the_data():
    claim = r"\mathrm{KL}(\hat{p}(x) \| p(x | \theta)) = H(\hat{p}(x), p(x | \theta)) - H(\hat{p}(x))"
    (table,) = tables(solved(claim, instance=COIN))
    assert cells(table)[0][1:] == cells(table)[1][1:] == ["0.549306", "0.130812", "0"]


@pytest.mark.parametrize(
    ("claim", "instance", "message"),
    [
        (r"E_{x \sim p}[2 x] = 2 E_{x \sim p}[x]", {"p": ["1/2", "1/4"]}, "p is no distribution"),
        (r"E_{x \sim p}[2 x] = 2 E_{x \sim p}[x]", {"p": ["3/2", "-1/2"]}, "p is no distribution"),
        (r"E_{x \sim p}[2 x] = 2 E_{x \sim p}[x]", {"p": ["1"], "support": [0, 1]}, "1 probabilities, the support 2"),
        (r"E_{x \sim p}[2 x] = 2 E_{x \sim p}[x]", {"q": ["1"]}, "is not given"),
        (r"E_{x \sim p}[2 x] = 2 E_{x \sim p}[x]", {"p": "1"}, "expected a list of numbers"),
        (r"E_{x \sim p}[2 x] = 2 E_{x \sim p}[x]", {"p": ["a"]}, "a is no number"),
        (r"E_{x \sim p}[2 x] = 2 E_{x \sim p}[x]", [1], "expected a table"),
        (rf"{LIKELIHOOD} = \arg\max_\theta \sum_{{i=1}}^n \log p(x_i | \theta)",
         {k: v for k, v in COIN.items() if "theta" not in k or "p" in k}, "no candidates for theta"),
        (rf"{LIKELIHOOD} = \arg\max_\theta \sum_{{i=1}}^n \log p(x_i | \theta)",
         {k: v for k, v in COIN.items() if k != "x"}, "are not given"),
        (r"\log t^2 = 2 \log t", {"t": 0}, "has no value with these numbers"),
    ],
)  # fmt: skip
def test_an_instance_that_does_not_fit_is_refused(claim, instance, message):
    with pytest.raises(DeriveError, match=message):
        solved(claim, {**SYMBOLS, "t": "nonnegative"}, instance=instance)


# --- wrong arguments, one for each condition of a rule ----------------------------------------------------------

WRONG = {
    "log of a sum": r"\log(p(x) + q(x)) = \log p(x) + \log q(x)",
    "dropped term with θ": r"\arg\max_\theta (2 \theta - \theta^2) = \arg\max_\theta (-\theta^2)",
    "dropped factor with θ": r"\arg\max_\theta p(x | \theta) p(\theta) = \arg\max_\theta p(\theta)",
    "negative factor kept": r"\arg\max_\theta c p(\theta) = \arg\max_\theta p(\theta)",
    "sign not flipped": r"\arg\min_\theta (-\log p(\theta)) = \arg\min_\theta \log p(\theta)",
    "square not increasing": r"\arg\max_\theta \log p(\theta) = \arg\max_\theta (\log p(\theta))^2",
    "one over": r"\arg\max_\theta \frac{1}{p(\theta)} = \arg\max_\theta p(\theta)",
    "log without positive sign": r"\log\frac{p(x)}{q(x)} = \log p(x) + \log q(x)",
    "power of the logarithm": r"\log p(x)^2 = (\log p(x))^2",
    "mean of a product": r"E_{x \sim p}[x \cdot x] = E_{x \sim p}[x] E_{x \sim p}[x]",
    "mean of a logarithm": r"E_{x \sim p}[\log q(x)] = \log E_{x \sim p}[q(x)]",
    "other law": r"\mathrm{KL}(p \| q) = E_{x \sim q}[\log\frac{p(x)}{q(x)}]",
    "entropy for cross-entropy": r"\mathrm{KL}(p \| q) = H(p) - H(p, q)",
    "Bayes without prior": r"p(\theta | x) = \frac{p(x | \theta)}{p(x)}",
    "Bayes turned round": r"p(\theta | x) = p(x | \theta)",
    "joint of dependent": r"p(x, z) = p(x) p(z)",
    "sum over the condition": r"\sum_y p(x | y) = p(x)",
    "law depends on θ": r"\frac{d}{d\theta} E_{x \sim p(x | \theta)}[x \theta] = E_{x \sim p(x | \theta)}[x]",
    "limits not changed": r"\int_0^1 e^{2 x} dx = \frac{1}{2} \int_0^1 e^u du",
    "constant in the least value": r"\min_t (t^2 + 1) = \min_t t^2",
}


@pytest.mark.parametrize("why", WRONG)
def test_a_wrong_argument_is_refuted(why):
    with pytest.raises(RefutedError) as caught:
        solved(WRONG[why], {**SYMBOLS, "c": "negative"})
    assert "line 2 does not follow from line 1" in caught.value.message
    assert "left" in caught.value.message


def test_a_negative_letter_turns_the_optimum():
    derivation = solved(r"\arg\max_\theta c p(\theta) = \arg\min_\theta p(\theta)", {**SYMBOLS, "c": "negative"})
    assert [s.rule for s in derivation.steps()] == ["negative factor"]
    assert derivation.status() is Status.PROVED


@pytest.mark.parametrize(
    ("claim", "rules"),
    [
        (r"\nabla_\theta \log \prod_{i=1}^n p(x_i | \theta) = \sum_{i=1}^n \nabla_\theta \log p(x_i | \theta)",
         ["logarithm of a product", "interchange"]),
        (r"\log p(\theta | x) = \log p(x | \theta) + \log p(\theta) - \log p(x)",
         ["Bayes' rule", "logarithm of a quotient", "logarithm of a product"]),
        (r"E_{y \sim p(y)}[E_{x \sim p(x | y)}[x]] = \sum_x p(x) x", ["tower rule", "mean as a sum"]),
        (r"\arg\min_\theta \frac{1}{p(\theta)} = \arg\max_\theta \log p(\theta)",
         ["decreasing function", "increasing function"]),
        (r"\int_{-\infty}^{\infty} e^{-(x - a)^2} dx = \int_{-\infty}^{\infty} e^{-u^2} du", ["change of variable"]),
    ],
)  # fmt: skip
def test_the_rules_of_an_argument_are_found_and_proved(claim, rules):
    derivation = solved(claim)
    assert [s.rule for s in derivation.steps()] == rules
    assert derivation.status() is Status.PROVED


# --- lines that are statements ------------------------------------------------------------------------------------

NEAREST = r"(x, y) = \arg\min_{x, y : x + y = 1} (x^2 + y^2)"


def test_an_optimum_under_an_equation_is_found_with_a_multiplier():
    claim = rf"""{NEAREST} \iff \nabla_{{x, y}} (x^2 + y^2 - \mu (x + y - 1)) = 0, \ x + y = 1
      \iff (2 x - \mu, 2 y - \mu) = (0, 0), \ x + y = 1 \implies (x, y) = (\frac12, \frac12)"""
    derivation = solved(claim)
    assert [(s.rule, s.relation) for s in derivation.steps()] == [
        ("Lagrange multiplier", "<=>"), ("derivatives", "<=>"), ("solve", "=>")]
    assert derivation.status() is Status.PROVED
    assert text(derivation.results[0].value) == "(x, y) = (1/2, 1/2)"
    assert "It needs: f is strictly convex" in words(derivation)


def test_only_what_is_necessary_is_said_where_the_function_is_not_convex():
    claim = r"""(x, y) = \arg\max_{x, y : x^2 + y^2 = 1} x y
      \implies \nabla_{x, y, \lambda} (x y - \lambda (x^2 + y^2 - 1)) = 0"""
    derivation = solved(claim)
    assert [(s.rule, s.relation) for s in derivation.steps()] == [("Lagrange multiplier", "=>")]
    assert derivation.status() is Status.PROVED
    assert "the gradient of g is not zero" in words(derivation)


def test_commas_between_two_arrows_belong_to_one_line():
    derivation = solved(r"x + y = 3, \ x - y = 1 \iff x = 2, \ y = 1 \implies x y = 2")
    assert [text(s.after) for s in derivation.steps()] == ["x = 2, y = 1", "x y = 2"]
    assert derivation.status() is Status.PROVED


@pytest.mark.parametrize(
    "claim",
    [
        rf"{NEAREST} \iff \nabla_{{x, y}} (x^2 + y^2 - \lambda (x + y - 1)) = 0",
        rf"{NEAREST} \implies \nabla_{{x, y}} (x^2 + y^2) = 0, \ x + y = 1",
        rf"{NEAREST} \implies (x, y) = (0, 1)",
        r"x + y = 3, \ x - y = 1 \implies x = 1",
        r"\int_0^2 x e^{x^2} dx = \int_0^4 e^u du",
    ],
)
def test_a_wrong_statement_is_refuted_with_the_point(claim):
    with pytest.raises(RefutedError, match="line 2 does not follow from line 1"):
        solved(claim)


@pytest.mark.parametrize(
    ("claim", "rules"),
    [
        (r"\int_0^2 2 x e^{x^2} dx = \int_0^4 e^u du", ["change of variable"]),
        (r"\int_0^1 h(-\log u) du = \int_0^{\infty} h(t) e^{-t} dt", ["change of variable"]),
        (r"E_{x \sim N(\mu, \sigma^2)}[h(x)] = E_{z \sim N(0, 1)}[h(\mu + \sigma z)]", ["reparametrisation"]),
        (r"\frac{d}{dt} \int_0^{t^2} h(x) dx = 2 t h(t^2)", ["derivative by a limit"]),
    ],
)
def test_a_variable_is_changed(claim, rules):
    derivation = solved(claim, {"h": "function", r"\sigma": "positive"})
    assert [s.rule for s in derivation.steps()] == rules
    assert derivation.status() is Status.PROVED
    assert "It needs: " in words(derivation)
