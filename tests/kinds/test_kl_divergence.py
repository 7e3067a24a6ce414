"""Divergences: tables with their zero rules, units, directions; families by derivation against numbers; refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import dblquad, quad

from derive.errors import DeriveError
from derive.kinds import kl_divergence
from derive.numeric.value import value_of
from derive.read.problems import make
from derive.steps import Figure, Status, Table
from derive.tree import INFINITY, Expectation, Symbol, free_symbols, walk
from derive.verify import verify
from derive.write.text import text


def solved(**given_):
    symbols = given_.pop("symbols", {})
    return kl_divergence.solve(make("kl-divergence", given_, symbols=symbols))


def results(derivation):
    return {r.name: r.value for r in derivation.results}


def value(derivation, name="KL(p || q) in nats"):
    return value_of(results(derivation)[name])


# --- tables -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "expected"), [
    ("KL(p || q) in nats", math.log(4 / 3) / 2),
    ("KL(p || q) in bits", math.log2(4 / 3) / 2),
    ("KL(p || q) in base 10", math.log10(4 / 3) / 2),
    ("KL(q || p) in nats", 0.75 * math.log(3) - math.log(2)),
    ("contribution of 1 to KL(p || q)", math.log(2) / 2),
    ("contribution of 2 to KL(p || q)", math.log(2 / 3) / 2),
])  # fmt: skip
def test_a_table_in_every_unit_and_direction(name, expected):
    assert value(solved(p=["1/2", "1/2"], q=["1/4", "3/4"]), name) == pytest.approx(expected, rel=1e-12)


def test_every_step_of_a_table_is_proved():
    assert verify(solved(p=["1/2", "1/3", "1/6"], q=["1/4", "1/4", "1/2"])).status() is Status.PROVED


def test_an_outcome_of_probability_zero_adds_nothing():
    derivation = solved(p=[0, 1], q=["1/4", "3/4"], directions="first")
    assert value(derivation) == pytest.approx(math.log(4 / 3))
    assert verify(derivation).status() is Status.PROVED


def test_a_zero_under_the_second_makes_it_infinite():
    derivation = solved(p=["1/2", "1/2"], q=[1, 0])
    assert results(derivation)["KL(p || q) in nats"] == INFINITY
    assert value(derivation, "KL(q || p) in nats") == pytest.approx(math.log(2))


def test_both_zero_is_no_infinity():
    assert value(solved(p=["1/2", "1/2", 0], q=["1/4", "3/4", 0])) == pytest.approx(math.log(4 / 3) / 2)


def test_a_mirrored_pair_has_the_same_value_in_both_directions():
    derivation = solved(p=["1/4", "3/4"], q=["3/4", "1/4"])
    found = results(derivation)
    assert found["KL(p || q) in nats"] == found["KL(q || p) in nats"]
    assert "same value" in str(derivation.parts)


def test_with_letters_the_equality_is_proved():
    derivation = verify(solved(p=["a", "1 - a"], q=["1 - a", "a"], symbols={"a": "(0, 1)"}))
    assert derivation.status() is Status.PROVED
    assert "same value" in str(derivation.parts)


def test_equal_tables_have_divergence_zero():
    assert value(solved(p=["1/3", "2/3"], q=["1/3", "2/3"])) == 0


def test_the_least_divergence_from_data():
    derivation = solved(p={"data": [1, 0, 1, 1]}, q=r"Bernoulli(\theta)", minimise=r"\theta")
    found = results(derivation)
    assert value_of(found["location of the minimum"]) == 0.75
    assert value_of(found["minimum of D"]) == 0
    at = value_of(found["KL(p || q) in nats"], {Symbol("theta"): 0.525})
    assert at == pytest.approx(0.10704273641095059)
    assert verify(derivation).status() is Status.PROVED


def test_a_table_of_contributions_and_a_figure():
    parts = solved(p=["1/2", "1/2"], q=["1/4", "3/4"], outcomes=["heads", "tails"]).parts
    assert any(isinstance(p, Table) and p.rows[0][0] == ("heads",) for p in parts)
    assert any(isinstance(p, Figure) for p in parts)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(1, 30), min_size=2, max_size=5), st.data())
def test_random_tables_against_scipy(weights, data):
    others = data.draw(st.lists(st.integers(1, 30), min_size=len(weights), max_size=len(weights)))
    p, q = ([f"{w}/{sum(ws)}" for w in ws] for ws in (weights, others))
    found = value(solved(p=p, q=q, directions="first"))
    assert found == pytest.approx(stats.entropy(weights, others), abs=1e-9)


# --- families -----------------------------------------------------------------------------------------

FAMILIES = [
    ("normal(0.5, 1.5)", "normal(-1, 2)", stats.norm(0.5, 1.5), stats.norm(-1, 2)),
    ("exponential(2)", "exponential(0.7)", stats.expon(scale=1 / 2), stats.expon(scale=1 / 0.7)),
    ("Laplace(1, 2)", "Laplace(-1, 0.5)", stats.laplace(1, 2), stats.laplace(-1, 0.5)),
    ("normal(1, 2)", "Laplace(0, 3)", stats.norm(1, 2), stats.laplace(0, 3)),
    ("gamma(2.5, 1.5)", "gamma(1.2, 0.8)", stats.gamma(2.5, scale=1 / 1.5), stats.gamma(1.2, scale=1 / 0.8)),
    ("exponential(2)", "gamma(3, 1)", stats.expon(scale=1 / 2), stats.gamma(3, scale=1)),
    ("beta(2.5, 1.5)", "beta(1.2, 3)", stats.beta(2.5, 1.5), stats.beta(1.2, 3)),
    ("uniform(0, 1)", "uniform(-1, 4)", stats.uniform(0, 1), stats.uniform(-1, 5)),
    ("uniform(-1, 2)", "normal(0, 1)", stats.uniform(-1, 3), stats.norm(0, 1)),
]


@pytest.mark.parametrize(("p", "q", "first", "second"), FAMILIES, ids=[f"{p} {q}" for p, q, *_ in FAMILIES])
def test_densities_against_quadrature(p, q, first, second):
    low, high = first.ppf(1e-13), first.ppf(1 - 1e-13)
    kinks = [x for x in (-1, 0, 1) if low < x < high]
    expected, _ = quad(
        lambda x: first.pdf(x) * (first.logpdf(x) - second.logpdf(x)), low, high, points=kinks, limit=200
    )
    assert value(solved(p=p, q=q, directions="first")) == pytest.approx(expected, abs=1e-7)


MASSES = [
    ("Bernoulli(0.3)", "Bernoulli(0.6)", stats.bernoulli(0.3), stats.bernoulli(0.6)),
    ("Poisson(2)", "Poisson(3.5)", stats.poisson(2), stats.poisson(3.5)),
    ("geometric(0.3)", "geometric(0.6)", stats.geom(0.3), stats.geom(0.6)),
    ("binomial(5, 0.3)", "binomial(5, 0.6)", stats.binom(5, 0.3), stats.binom(5, 0.6)),
]


@pytest.mark.parametrize(("p", "q", "first", "second"), MASSES, ids=[f"{p} {q}" for p, q, *_ in MASSES])
def test_masses_against_summation(p, q, first, second):
    places = [k for k in range(120) if first.pmf(k) > 0]
    expected = sum(first.pmf(k) * (first.logpmf(k) - second.logpmf(k)) for k in places)
    assert value(solved(p=p, q=q, directions="first")) == pytest.approx(expected, abs=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("p", "q"), [
    (r"normal(\mu_1, \sigma_1)", r"normal(\mu_2, \sigma_2)"),
    (r"exponential(\lambda_1)", r"exponential(\lambda_2)"),
    (r"Poisson(\lambda_1)", r"Poisson(\lambda_2)"),
    (r"exponential(\lambda)", r"gamma(\alpha, \beta)"),
    (r"normal(\mu, \sigma)", "Laplace(m, b)"),
    ("Laplace(m, b)", r"normal(\mu, \sigma)"),
    ("geometric(a)", "geometric(b)"),
    (r"gamma(\alpha_1, \beta_1)", r"gamma(\alpha_2, \beta_2)"),
    (r"beta(\alpha_1, \beta_1)", r"beta(\alpha_2, \beta_2)"),
    (r"Laplace(\mu_1, b_1)", r"Laplace(\mu_2, b_2)"),
    ("binomial(n, a)", "binomial(n, b)"),
])  # fmt: skip
def test_with_letters_all_is_proved(p, q):
    derivation = verify(solved(p=p, q=q))
    assert derivation.status() is Status.PROVED


@pytest.mark.parametrize(("p", "q"), [
    ("uniform(0, 3)", "uniform(0, 1)"),
    ("normal(0, 1)", "exponential(1)"),
    ("exponential(1)", "uniform(0, 9)"),
    ("Poisson(1)", "binomial(4, 0.5)"),
    ("gamma(2, 1)", "beta(1, 2)"),
])  # fmt: skip
def test_a_support_outside_is_infinite(p, q):
    assert results(solved(p=p, q=q, directions="first"))["KL(p || q) in nats"] == INFINITY


def test_ends_that_are_letters_make_a_condition():
    derivation = solved(p="uniform(a, b)", q="uniform(c, d)", directions="first")
    assert free_symbols(results(derivation)["KL(p || q) in nats"])
    assert "otherwise the divergence is infinite" in str(derivation.parts)


# --- multivariate normal distributions ------------------------------------------------------------------

PLANE = ({"mean": [1, 0], "covariance": [[2, 1], [1, 2]]}, {"mean": [0, 2], "covariance": [[1, 0], [0, 4]]})
LETTERS = {r"\mu_1": "vector k", r"\mu_2": "vector k", r"\Sigma_1": "positive definite matrix k x k",
           r"\Sigma_2": "positive definite matrix k x k"}


def normal(mean, covariance):
    return {"mean": mean, "covariance": covariance}


def closed_form(p, q):
    """The divergence of two multivariate normal distributions by NumPy."""
    (u, s), (m, c) = (([float(x) for x in t["mean"]], np.array(t["covariance"], dtype=float)) for t in (p, q))
    gap = np.subtract(u, m)
    traced = np.trace(np.linalg.solve(c, s)) + gap @ np.linalg.solve(c, gap) - len(u)
    return (traced + np.linalg.slogdet(c)[1] - np.linalg.slogdet(s)[1]) / 2


def test_two_normals_in_the_plane_exactly():
    derivation = solved(p=PLANE[0], q=PLANE[1])
    assert value(derivation) == pytest.approx(5 / 4 + math.log(4 / 3) / 2, rel=1e-14)
    assert value(derivation, "KL(q || p) in bits") == pytest.approx((3 - math.log(4 / 3) / 2) / math.log(2), rel=1e-14)
    assert value(derivation, "KL(p || q) in base 10") == pytest.approx(value(derivation) / math.log(10))
    assert "not symmetric" in str(derivation.parts)


@pytest.mark.slow
def test_two_normals_in_the_plane_against_integration():
    first, second = (stats.multivariate_normal(t["mean"], t["covariance"]) for t in PLANE)
    expected, _ = dblquad(
        lambda y, x: first.pdf([x, y]) * (first.logpdf([x, y]) - second.logpdf([x, y])), -11, 13, -12, 12, epsabs=1e-6
    )
    assert value(solved(p=PLANE[0], q=PLANE[1], directions="first")) == pytest.approx(expected, abs=1e-5)


@settings(deadline=None, max_examples=8)
@given(st.integers(2, 4), st.integers(0, 2**32 - 1))
def test_random_normals_against_numpy(side, seed):
    random = np.random.default_rng(seed)
    both = []
    for _ in range(2):
        root = random.integers(-3, 4, (side, side))
        both.append(normal(random.integers(-4, 5, side).tolist(), (root @ root.T + np.eye(side, dtype=int)).tolist()))
    derivation = solved(p=both[0], q=both[1])
    assert value(derivation) == pytest.approx(closed_form(*both), rel=1e-9, abs=1e-12)
    assert value(derivation, "KL(q || p) in nats") == pytest.approx(closed_form(*both[::-1]), rel=1e-9, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("given_", [
    {"p": PLANE[0], "q": PLANE[1]},
    {"p": PLANE[0], "q": PLANE[0]},
    {"p": normal([1, 0], [[2, 1], [1, 2]]), "q": normal([0, 0], [[2, 1], [1, 2]])},
    {"p": normal(["1/2", 0], [["1/2", 0], [0, 1]]), "q": normal([0, 0], [[1, 0], [0, "1/2"]])},
    {"p": normal([1, 0, 2], [[2, 1, 0], [1, 2, 0], [0, 0, 3]]), "q": normal([0] * 3, np.eye(3, dtype=int).tolist())},
    {"p": r"normal(\mu_1, \Sigma_1)", "q": r"normal(\mu_2, \Sigma_2)", "symbols": LETTERS},
    {"p": r"normal(\mu_1, \Sigma_1)", "q": r"normal(\mu_2, \Sigma_1)", "symbols": LETTERS},
    {"p": r"normal(\mu_1, \Sigma_1)", "q": r"normal(\mu_1, \Sigma_2)", "symbols": LETTERS},
    {"p": r"normal(\mu_1, \Sigma_1)", "q": r"normal(\mu_1, \Sigma_1)", "symbols": LETTERS},
], ids=["plane", "same", "shifted", "only logs cancel", "space", "letters", "one covariance", "one mean",
        "one law"])  # fmt: skip
def test_every_step_of_multivariate_normals_is_proved(given_):
    assert verify(solved(**given_)).status() is Status.PROVED


def test_one_covariance_leaves_the_distance_of_the_means():
    derivation = solved(p=r"normal(\mu_1, \Sigma_1)", q=r"normal(\mu_2, \Sigma_1)", symbols=LETTERS)
    assert "det" not in str(results(derivation)["KL(p || q) in nats"])
    assert "both directions agree" in str(derivation.parts)


def test_the_same_normal_twice_has_divergence_zero():
    assert value(solved(p=PLANE[0], q=PLANE[0])) == 0


@pytest.mark.parametrize(("given_", "words"), [
    ({"p": normal([0, 0], [[1, 2], [0, 1]]), "q": PLANE[1]}, "p: covariance: not symmetric, row 2 column 1 is 0"),
    ({"p": PLANE[0], "q": normal([0, 0], [[1, 2], [2, 1]])}, "q: covariance: not positive definite"),
    ({"p": PLANE[0], "q": normal([0, 0], [[1, 1], [1, 1]])}, "first 2 rows and columns is 0"),
    ({"p": normal([0, 0, 0], [[1, 0], [0, 1]]), "q": PLANE[1]}, "do not fit a mean of 3 entries"),
    ({"p": normal([0, 0], [[1, 0], [0]]), "q": PLANE[1]}, "2 rows of 1 and 2 entries"),
    ({"p": PLANE[0], "q": normal([0] * 3, np.eye(3, dtype=int).tolist())}, "the dimensions 2 and 3 differ"),
    ({"p": normal([0], [[1]]), "q": PLANE[1]}, "2 to 4 are worked out"),
    ({"p": normal([0, 0], []), "q": PLANE[1]}, "expected a list of rows, found none"),
    ({"p": normal([], []), "q": PLANE[1]}, "p: mean: the list is empty"),
    ({"p": normal([0, "a"], [[1, 0], [0, 1]]), "q": PLANE[1]}, "p: mean:"),
    ({"p": normal(0, [[1, 0], [0, 1]]), "q": PLANE[1]}, "p: mean: expected a list of numbers"),
    ({"p": normal([0, 0], 1), "q": PLANE[1]}, "p: covariance: expected a list of rows"),
    ({"p": {"mean": [0, 0]}, "q": PLANE[1]}, "mean and covariance are needed"),
    ({"p": PLANE[0], "q": "normal(0, 1)"}, "one is given with numbers"),
    ({"p": PLANE[0], "q": PLANE[1], "minimise": "t"}, "not derived here"),
    ({"p": r"normal(\mu_1, \Sigma_1)", "q": "normal(a, b)", "symbols": LETTERS}, "not declared as a vector"),
    ({"p": r"normal(\mu_1, \Sigma_1)", "q": ["1/2", "1/2"], "symbols": LETTERS}, "q: expected a multivariate normal"),
    ({"p": r"normal(\mu_1, \Sigma_1)", "q": r"Laplace(\mu_2, \Sigma_2)", "symbols": LETTERS}, "only normal"),
    ({"p": r"normal(\mu_1, \Sigma_1)", "q": r"normal(\mu_2, \Sigma_2)",
      "symbols": {**LETTERS, r"\Sigma_2": "matrix k x k"}}, "must be positive definite"),
    ({"p": r"normal(\mu_1, \Sigma_1)", "q": r"normal(\mu_2, \Sigma_2)",
      "symbols": {**LETTERS, r"\mu_2": "vector n"}}, "sizes must agree"),
    ({"p": r"normal(\mu_1, \Sigma_1)", "q": r"normal(\mu_2, \Sigma_2)",
      "symbols": {**LETTERS, r"\mu_2": "vector 3"}}, "for any size"),
    ({"p": r"normal(\mu_1, \Sigma_1)", "q": r"normal(\mu_2, \Sigma_2)",
      "symbols": {letter: words.replace("k", "p") for letter, words in LETTERS.items()}}, "p stands for two things"),
    ({"p": PLANE[0], "q": PLANE[1], "names": ["k", "q"]}, "k stands for two things"),
    ({"p": r"normal(\mu_1, \Sigma_1)", "q": r"normal(m, C)", "symbols": {
        **LETTERS, "m": "vector n", "C": "positive definite matrix n x n"}}, "the dimensions k and n differ"),
])  # fmt: skip
def test_normals_that_do_not_fit_are_refused(given_, words):
    with pytest.raises(DeriveError) as refused:
        solved(**given_)
    assert words in f"{refused.value} {refused.value.hint}"


# --- refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given_", "words"), [
    ({"p": ["1/2", "1/3"], "q": ["1/2", "1/2"]}, "p: the probabilities sum to 5/6, not to 1"),
    ({"p": ["1/2", "1/2"], "q": ["-1/2", "3/2"]}, "q: item 1 is -1/2, which is negative"),
    ({"p": ["1/2", "1/2"], "q": ["3/2", "-1/2"]}, "q: item 1 is 3/2, which is above one"),
    ({"p": ["1/2", "1/2"], "q": ["1/3", "1/3", "1/3"]}, "p has 2 outcomes and q has 3"),
    ({"p": [], "q": []}, "no probabilities"),
    ({"p": ["a", "a"], "q": ["1/2", "1/2"]}, "sum to 2a"),
    ({"p": "normal(0, -1)", "q": "normal(0, 1)"}, "not in its domain"),
    ({"p": "Poisson(2)", "q": "normal(0, 1)"}, "masses"),
    ({"p": "uniform(2, 1)", "q": "normal(0, 1)"}, "lower end"),
    ({"p": "zeta(2)", "q": "Poisson(1)"}, "no family"),
    ({"p": ["1/2", "1/2"], "q": "normal(0, 1)"}, "has a density"),
    ({"p": "normal(x, 1)", "q": "normal(0, 1)"}, "called x"),
    ({"p": ["1/2", "1/2"], "q": ["1/4", "3/4"], "minimise": "t"}, "does not occur"),
    ({"p": ["1/2", "1/2"], "q": ["1/4", "3/4"], "outcomes": ["one"]}, "names of outcomes"),
    ({"p": 3, "q": ["1/4", "3/4"]}, "expected a list of probabilities"),
])  # fmt: skip
def test_bad_input_is_refused_with_a_reason(given_, words):
    with pytest.raises(DeriveError) as refused:
        solved(**given_)
    assert words in str(refused.value)


@pytest.mark.parametrize(("given_", "key"), [
    ({"p": ["1/2", "1/3"], "q": ["1/2", "1/2"]}, "p"),
    ({"p": ["1/2", "1/2"], "q": ["-1/2", "3/2"]}, "q"),
    ({"p": ["1/2", "1/2"], "q": ["1/3", "1/3", "1/3"]}, "q"),
    ({"p": "normal(0, -1)", "q": "normal(0, 1)"}, "p"),
    ({"p": "Poisson(2)", "q": "normal(0, 1)"}, "q"),
    ({"p": "normal(0, 1)", "q": "uniform(2, 1)"}, "q"),
    ({"p": "normal(0, 1)", "q": "zeta(2)"}, "q"),
    ({"p": ["1/2", "1/2"], "q": "normal(0, 1)"}, "q"),
    ({"p": ["1/2", "1/2"], "q": ["1/4", "3/4"], "minimise": "t"}, "minimise"),
    ({"p": ["1/2", "1/2"], "q": ["1/4", "3/4"], "outcomes": ["one"]}, "outcomes"),
    ({"p": ["1/2", "1/2"], "q": ["1/4", "3/4"], "names": ["p"]}, "names"),
])  # fmt: skip
def test_a_refusal_says_which_field_it_is_about(given_, key):
    with pytest.raises(DeriveError) as refused:
        solved(**given_)
    assert refused.value.key == key


# --- means without closed form --------------------------------------------------------------------------


OPEN = [
    ("geometric(0.5)", "Poisson(1)", stats.geom(0.5), stats.poisson(1)),
    ("binomial(5, 0.3)", "Poisson(2)", stats.binom(5, 0.3), stats.poisson(2)),
    ("Bernoulli(0.3)", "Poisson(1)", stats.bernoulli(0.3), stats.poisson(1)),
    ("gamma(2, 1)", "Laplace(1, 2)", stats.gamma(2), stats.laplace(1, 2)),
    ("exponential(2)", "Laplace(0, 2)", stats.expon(scale=0.5), stats.laplace(0, 2)),
    ("uniform(0, 1)", "beta(2, 3)", stats.uniform(0, 1), stats.beta(2, 3)),
]


@pytest.mark.slow
@pytest.mark.parametrize(("p", "q", "first", "second"), OPEN, ids=[f"{row[0]} {row[1]}" for row in OPEN])
def test_a_mean_without_closed_form_stays_in_the_result(p, q, first, second):
    derivation = verify(solved(p=p, q=q, directions="first"))
    assert derivation.status() is Status.PROVED
    result = next(r for r in derivation.results if r.name.endswith("in nats"))
    assert any(isinstance(n, Expectation) for n in walk(result.value))
    if hasattr(first, "pmf"):
        expected = sum(first.pmf(k) * (first.logpmf(k) - second.logpmf(k)) for k in range(200) if first.pmf(k) > 0)
    else:
        ends = first.ppf(1e-15), first.ppf(1 - 1e-15)
        expected = first.expect(lambda x: first.logpdf(x) - second.logpdf(x), lb=ends[0], ub=ends[1], limit=300)
    assert result.number == pytest.approx(expected, rel=1e-6)
    assert any(s.relation == "~=" for s in derivation.steps())


def test_a_mean_without_closed_form_stays_with_letters_too():
    derivation = verify(solved(p="geometric(a)", q=r"Poisson(\lambda)", directions="first"))
    assert derivation.status() is Status.PROVED
    (result,) = [r for r in derivation.results if r.shown]
    assert result.number is None
    assert any(isinstance(n, Expectation) for n in walk(result.value))


def test_the_mean_of_a_logarithm_between_two_ends_has_a_closed_form():
    derivation = verify(solved(p="uniform(1, 2)", q="gamma(2, 3)", directions="first"))
    assert derivation.status() is Status.PROVED
    assert not any(isinstance(n, Expectation) for r in derivation.results for n in walk(r.value))
    expected = stats.uniform(1, 1).expect(lambda x: -stats.gamma(2, scale=1 / 3).logpdf(x))
    assert value_of(derivation.results[0].value) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("p", "q", "written"), [
    ("gamma(2, 3)", "gamma(3, 1)", "log(2) + 3 log(3) - digamma(2) - 4/3"),
    ("beta(1, 1)", "beta(2, 2)", "2 digamma(2) - log(6) - 2 digamma(1)"),
    ("geometric(1/2)", "Poisson(2)", "𝔼_(x ∼ p)[log(x!)] - 4 log(2) + 2"),
])  # fmt: skip
def test_numbers_are_worked_out_and_multiples_of_a_logarithm_are_one(p, q, written):
    assert text(results(solved(p=p, q=q, directions="first"))["KL(p || q) in nats"]) == written


@pytest.mark.parametrize(("p", "q", "letter", "place"), [
    ("Poisson(3)", "Poisson(m)", "m", "3"),
    ("Laplace(0, 1)", "normal(0, s)", "s", "√(2)"),
    ("exponential(a)", "exponential(b)", "b", "a"),
])  # fmt: skip
def test_the_least_divergence_of_a_family(p, q, letter, place):
    derivation = verify(solved(p=p, q=q, minimise=letter))
    assert derivation.status() is Status.PROVED
    assert text(results(derivation)["location of the minimum"]) == place


def test_a_letter_to_minimise_over_that_does_not_occur_is_refused():
    with pytest.raises(DeriveError, match="z does not occur") as refused:
        solved(p="normal(2, 1)", q="normal(m, 2)", minimise="z")
    assert refused.value.key == "minimise"
