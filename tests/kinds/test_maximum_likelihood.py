"""Maximum likelihood: estimators against numeric maximisation, refusals, information against a sum over the support."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from derive.api import solve_problem
from derive.batch import Batch
from derive.choices import load
from derive.distributions import FAMILIES
from derive.errors import DeriveError
from derive.kinds._likelihood_given import SUPPORTS, model, written_family
from derive.numeric.evaluate import compile as compiled
from derive.numeric.value import value_of
from derive.read.problems import make, read_file
from derive.resources import problem_files
from derive.rules.likelihoods import LOGARITHM_APART, MOMENTS_APART, SUMS_APART
from derive.steps import Figure, Paragraph, Status
from derive.tree import Symbol, substitute
from derive.verify import verify_step
from derive.write.text import text


def solved(symbols=None, **keys):
    return solve_problem(make("maximum-likelihood", {"figure": False, **keys}, symbols))


def derived(**keys):
    """Without the verifier, where many numbers are tried."""
    return load("kinds", "maximum-likelihood").solve(make("maximum-likelihood", {"figure": False, **keys}, None))


def result(derivation, name):
    return next(r for r in derivation.results if r.name == name)


def shown(derivation, name):
    return text(result(derivation, name).value)


def value(derivation, name):
    found = result(derivation, name)
    return float(found.number) if found.number is not None else value_of(found.value)


def words(derivation):
    paragraphs = [p.text for p in derivation.parts if isinstance(p, Paragraph)]
    return " ".join("".join(t if isinstance(t, str) else text(t) for t in prose) for prose in paragraphs)


def rules(derivation):
    return {step.rule for step in derivation.all_steps()}


# --- estimators in letters ------------------------------------------------------------------------------

LETTERS = [
    (r"Bernoulli(p)", {"p": "x̄"}),
    (r"Bernoulli(\theta)", {"theta": "x̄"}),
    (r"binomial(n, p)", {"p": "x̄/n"}),
    (r"binomial(10, p)", {"p": "x̄/10"}),
    (r"geometric(p)", {"p": "1/x̄"}),
    (r"Poisson(\lambda)", {"lambda": "x̄"}),
    (r"exponential(\lambda)", {"lambda": "1/x̄"}),
    (r"normal(\mu, 2)", {"mu": "x̄"}),
    (r"normal(0, \sigma)", {"sigma": "√((Σ[i = 1..n] xᵢ²)/n)"}),
    (r"normal(\mu, \sigma)", {"mu": "x̄", "sigma": "√((Σ[i = 1..n] (xᵢ - x̄)²)/n)"}),
    (r"gamma(3, \beta)", {"beta": "3/x̄"}),
    (r"Laplace(\mu, b)", {"mu": "x̃", "b": "(Σ[i = 1..n] |xᵢ - x̃|)/n"}),
    (r"uniform(0, \theta)", {"theta": "max(x₁, …, xₙ)"}),
    (r"uniform(a, b)", {"a": "min(x₁, …, xₙ)", "b": "max(x₁, …, xₙ)"}),
]


@pytest.mark.parametrize(("distribution", "estimators"), LETTERS)
def test_the_estimators_of_the_families(distribution, estimators):
    done = derived(distribution=distribution, quality=False)
    for name, expected in estimators.items():
        assert shown(done, f"estimator of {name}") == expected


@pytest.mark.slow
@pytest.mark.parametrize("distribution", [row for row, _ in LETTERS if "Laplace" not in row])
def test_every_step_of_the_smooth_families_is_proved(distribution):
    done = solved(distribution=distribution)
    assert {s.verdict.status for s in done.all_steps()} == {Status.PROVED}


DENSITIES = [
    (r"f(x) = a x^{-a - 1}", "(1, inf)", {"a": "positive"}, {"a": "n/(Σ[i = 1..n] log(xᵢ))"}),
    (r"f(x) = \frac{x}{s^2} e^{-\frac{x^2}{2 s^2}}", "positive", {"s": "positive"},
     {"s": "√((Σ[i = 1..n] xᵢ²)/(2n))"}),
    (r"f(x) = \frac{1}{x s \sqrt{2\pi}} e^{-\frac{(\log(x)-m)^2}{2 s^2}}", "positive", {"m": "real", "s": "positive"},
     {"m": "(Σ[i = 1..n] log(xᵢ))/n", "s": "√((Σ[i = 1..n] (log(xᵢ) - m̂)²)/n)"}),
]


@pytest.mark.slow
@pytest.mark.parametrize(("density", "support", "symbols", "estimators"), DENSITIES)
def test_further_densities_given_by_formulas(density, support, symbols, estimators):
    done = solved(symbols, density=density, support=support)
    assert done.status() is Status.PROVED
    for name, expected in estimators.items():
        assert shown(done, f"estimator of {name}") == expected


@pytest.mark.parametrize("written", [r"normal(\mu, \sigma)", r"normal(\mu, \sigma^2)", r"gaussian(\mu, \sigma^{2})"])
def test_the_second_parameter_of_a_normal_distribution_may_be_its_variance(written):
    assert text(model(make("maximum-likelihood", {"distribution": written}, None)).density) == (
        "(1/(√(2π) σ)) e^(-(x - μ)²/(2σ²))")


def test_the_mean_of_counts_need_not_be_a_count():
    done = derived(density="p(k) = (1 - q) q^k", support="nonnegative integer", data=[0, 2, 3])
    assert value(done, "q from the data") == pytest.approx(5 / 8)


def test_a_density_given_by_its_formula():
    done = solved({"theta": "positive"}, density=r"f(x) = \theta x^{\theta - 1}", support="(0, 1)")
    assert shown(done, "estimator of theta") == "-n/(Σ[i = 1..n] log(xᵢ))"


# --- with data, against numeric maximisation --------------------------------------------------------------


def log_likelihood(distribution, data):
    """The log-likelihood of the data as a function of an array of the unknown parameters, from the table alone."""
    family, items = written_family(distribution)
    values = dict(zip((p.symbol for p in family.parameters), items, strict=True))
    unknown = [item for item in items if isinstance(item, Symbol)]
    density = compiled(substitute(family.formula, values), [Symbol("x"), *unknown])
    return lambda at: float(np.sum(np.log(density(np.array(data, dtype=float), *at)))), unknown


NUMERIC = [
    (r"Bernoulli(p)", [1, 0, 1, 1], [0.4]),
    (r"binomial(10, p)", [7, 5, 6], [0.4]),
    (r"geometric(p)", [3, 1, 4, 2], [0.4]),
    (r"Poisson(\lambda)", [3, 1, 4, 2, 0], [1.0]),
    (r"exponential(\lambda)", [1, 2, 4], [1.0]),
    (r"normal(\mu, 2)", [1, 2, 4], [1.0]),
    (r"normal(\mu, \sigma)", [1, 2, 4, 5], [1.0, 1.0]),
    (r"normal(1, \sigma)", [1, 2, 4, 5], [1.0]),
    (r"gamma(3, \beta)", [1, 2, 4, 5], [1.0]),
    (r"Laplace(\mu, b)", [1, 2, 7, 3, 12], [2.0, 1.0]),
]


@pytest.mark.parametrize(("distribution", "data", "start"), NUMERIC)
def test_the_numbers_are_those_of_a_numeric_maximum(distribution, data, start):
    done = derived(distribution=distribution, data=data, quality=False)
    function, unknown = log_likelihood(distribution, data)
    at = [value(done, f"{s.plain} from the data") for s in unknown]
    best = minimize(lambda p: -function(p), start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    assert at == pytest.approx(list(best.x), abs=1e-5)
    assert value(done, "largest log-likelihood") == pytest.approx(function(at), abs=1e-5)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=2, max_size=8).filter(any))
def test_the_rate_of_counts_is_their_mean(data):
    done = derived(distribution=r"Poisson(\lambda)", data=data, quality=False)
    assert value(done, "lambda from the data") == pytest.approx(np.mean(data))


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(-20, 20), min_size=2, max_size=8).filter(lambda d: len(set(d)) > 1))
def test_mean_and_deviation_are_those_of_the_sample(data):
    done = derived(distribution=r"normal(\mu, \sigma)", data=data, quality=False)
    assert value(done, "mu from the data") == pytest.approx(np.mean(data))
    assert value(done, "sigma from the data") == pytest.approx(np.std(data))


def test_many_data_are_not_written_out():
    data = list(range(1, 51))
    done = solved(distribution=r"exponential(\lambda)", data=data)
    assert value(done, "lambda from the data") == pytest.approx(50 / sum(data))
    assert "There are n = 50 data." in words(done)


def test_the_coin_as_cross_entropy_and_divergence():
    done = solved(distribution=r"Bernoulli(\theta)", data=[1, 0, 1, 1])
    theta = Symbol("theta")
    assert shown(done, "theta from the data") == "3/4"
    average = result(done, "average negative log-likelihood").value
    divergence = result(done, "divergence of the data from the model").value
    for t in (0.2, 0.525, 0.717):
        cross = -0.75 * math.log(t) - 0.25 * math.log(1 - t)
        assert value_of(average, {theta: t}) == pytest.approx(cross)
        entropy = -0.75 * math.log(0.75) - 0.25 * math.log(0.25)
        assert value_of(divergence, {theta: t}) == pytest.approx(cross - entropy)


def test_the_median_of_an_even_number_of_data():
    done = solved(distribution=r"Laplace(\mu, 1)", data=[1, 4, 9, 2])
    assert value(done, "mu from the data") == 3
    assert "smallest at the median" in rules(done)


def test_data_come_from_a_column(tmp_path):
    (tmp_path / "waits.csv").write_text("minutes,other\n0.5,ann\n1.5,bob\n4.0,cyd\n", encoding="utf-8")
    file = tmp_path / "p.toml"
    file.write_text('title = "t"\nkind = "maximum-likelihood"\n[given]\ndistribution = \'exponential(\\lambda)\'\n'
                    'data = {file = "waits.csv", column = "minutes"}\n', encoding="utf-8")
    (problem,) = read_file(file).problems
    assert value(solve_problem(problem), "lambda from the data") == pytest.approx(0.5)


# --- information and bias -------------------------------------------------------------------------------

INFORMATION = [
    (r"Bernoulli(p)", "p", "1/(p (1 - p))"),
    (r"binomial(n, p)", "p", "n/(p (1 - p))"),
    (r"geometric(p)", "p", "1/(p² (1 - p))"),
    (r"Poisson(\lambda)", "lambda", "1/λ"),
    (r"exponential(\lambda)", "lambda", "1/λ²"),
    (r"normal(\mu, \sigma)", "mu", "1/σ²"),
    (r"normal(\mu, \sigma)", "sigma", "2/σ²"),
    (r"gamma(3, \beta)", "beta", "3/β²"),
]


@pytest.mark.parametrize(("distribution", "name", "expected"), INFORMATION)
def test_the_information_is_the_one_of_the_textbooks(distribution, name, expected):
    assert shown(derived(distribution=distribution), f"Fisher information about {name}") == expected


@pytest.mark.slow
def test_efficient_estimators_reach_the_bound():
    for distribution in (r"Bernoulli(p)", r"Poisson(\lambda)", r"normal(\mu, 2)"):
        done = solved(distribution=distribution)
        assert "equal to the bound" in rules(done), distribution
        assert done.status() is Status.PROVED


@pytest.mark.parametrize("distribution", [r"exponential(\lambda)", r"geometric(p)"])
def test_a_convex_function_of_the_mean_is_biased_upwards(distribution):
    done = derived(distribution=distribution)
    assert "equal to the bound" not in rules(done)
    assert next(r for r in done.results if r.name.startswith("bias")).number == "positive"


def test_the_variance_estimator_is_too_small_by_its_factor():
    assert shown(derived(distribution=r"normal(\mu, \sigma)"), "mean of the estimator of sigma^2") == "((n - 1)/n) σ²"


def test_the_mean_of_the_variance_estimator_by_simulation():
    samples = np.random.default_rng(0).normal(0, 2, (200_000, 3))
    assert samples.var(axis=1).mean() == pytest.approx(2 / 3 * 4, rel=0.01)
    value_ = result(derived(distribution=r"normal(\mu, \sigma)"), "mean of the estimator of sigma^2").value
    assert value_of(value_, {Symbol("n"): 3, Symbol("sigma"): 2}) == pytest.approx(8 / 3)


def test_no_information_where_the_support_moves():
    done = solved(distribution=r"uniform(0, \theta)")
    assert not any("Fisher" in r.name for r in done.results)


# --- priors ---------------------------------------------------------------------------------------------

PRIORS = [
    (r"Bernoulli(\theta)", "beta(a, b)", "theta", [1, 1, 0], {"a": 2, "b": 3}, 3 / 6),
    (r"binomial(10, p)", "beta(a, b)", "p", [7, 5], {"a": 2, "b": 3}, 13 / 23),
    (r"geometric(p)", "beta(a, b)", "p", [2, 3], {"a": 2, "b": 3}, 3 / 8),
    (r"Poisson(\lambda)", "gamma(a, b)", "lambda", [2, 3], {"a": 2, "b": 3}, 6 / 5),
    (r"exponential(\lambda)", "gamma(a, b)", "lambda", [2, 3], {"a": 2, "b": 3}, 3 / 8),
    (r"normal(\mu, 2)", "normal(m, s)", "mu", [1, 2], {"m": 1, "s": 2}, (1 / 4 + 3 / 4) / (1 / 4 + 2 / 4)),
]


@pytest.mark.parametrize(("distribution", "prior", "name", "data", "letters", "expected"), PRIORS)
@pytest.mark.slow
def test_conjugate_priors(distribution, prior, name, data, letters, expected):
    done = solved(distribution=distribution, prior=prior)
    assert done.status() is Status.PROVED
    at = {Symbol(k): v for k, v in letters.items()} | {Symbol("x", accent="bar"): np.mean(data), Symbol("n"): len(data)}
    assert value_of(result(done, f"MAP estimator of {name}").value, at) == pytest.approx(expected)
    numbers = prior.replace("a", "A").replace("betA", "beta").replace("gAmma", "gamma").replace("normAl", "normal")
    numbers = numbers.replace("gAmmA", "gamma")
    for letter, number_ in {k.upper() if k == "a" else k: v for k, v in letters.items()}.items():
        head, _, inside = numbers.partition("(")
        numbers = f"{head}({inside.replace(letter, str(number_))}"
    assert value(solved(distribution=distribution, prior=numbers, data=data), f"{name} from the data") == (
        pytest.approx(expected))


def test_a_flat_prior_changes_nothing():
    done = solved(distribution=r"Bernoulli(\theta)", prior="beta(1, 1)", data=[1, 0, 1, 1])
    assert value(done, "theta from the data") == 0.75


def test_a_prior_gives_an_estimate_where_likelihood_alone_has_none():
    with pytest.raises(DeriveError, match="does not exist"):
        solved(distribution=r"Bernoulli(\theta)", data=[1, 1, 1])
    done = solved(distribution=r"Bernoulli(\theta)", prior="beta(2, 2)", data=[1, 1, 1])
    assert shown(done, "theta from the data") == "4/5"


# --- classes and regressions -------------------------------------------------------------------------------


def test_the_shares_of_classes():
    done = solved(distribution="categorical", counts=[5, 3, 2])
    assert [shown(done, f"p_{k} from the counts") for k in (1, 2, 3)] == ["1/2", "3/10", "1/5"]
    assert done.status() is Status.PROVED
    assert "only one term survives" in rules(done)


def test_classes_are_counted_in_data_and_may_be_missing():
    done = solved(distribution="categorical", data=[1, 3, 3, 1, 3])
    assert shown(done, "p_2 from the counts") == "0"
    assert value(done, "largest log-likelihood") == pytest.approx(2 * math.log(0.4) + 3 * math.log(0.6))


def test_a_newton_step_of_logistic_regression():
    x, y = np.array([0.0, 1, 2, 3]), np.array([0.0, 1, 0, 1])
    done = solved(distribution="logistic regression", inputs=[0, 1, 2, 3], data=[0, 1, 0, 1])
    design = np.column_stack([x, np.ones(4)])
    step = np.linalg.solve(design.T @ design / 4, design.T @ (y - 0.5))
    assert shown(done, "first Newton step") == "(0.8, -1.2)"
    assert step == pytest.approx([0.8, -1.2])
    best = minimize(lambda t: np.sum(np.logaddexp(0, design @ t) - y * (design @ t)), [0, 0])
    assert [value(done, f"{s} from the data") for s in "wb"] == pytest.approx(list(best.x), abs=1e-4)
    assert {s.verdict.status for s in done.all_steps()} == {Status.PROVED}


def test_a_newton_step_from_another_start_is_rounded():
    done = solved(distribution="logistic regression", inputs=[0, 1, 2, 3], data=[0, 1, 0, 1], start=[1, 0])
    assert value(done, "w from the data") == pytest.approx(0.908184, abs=1e-5)


def test_least_squares():
    x, y = [0, 1, 2, 3], [1, 1, 3, 4]
    done = solved(distribution="linear regression", inputs=x, data=y)
    slope, intercept = np.polyfit(x, y, 1)
    residuals = np.array(y) - slope * np.array(x) - intercept
    found = [value(done, f"{s} from the data") for s in ("w", "b", "sigma")]
    assert found == pytest.approx([slope, intercept, math.sqrt(np.mean(residuals**2))])
    assert done.status() is Status.PROVED


# --- refusals -------------------------------------------------------------------------------------------

POISSON = r"Poisson(\lambda)"
REFUSED = [
    ({}, "a distribution or a density"),
    ({"distribution": POISSON, "density": "f(x) = x"}, "one of them"),
    ({"distribution": "Poison"}, "no family of distributions"),
    ({"distribution": "normal(1)"}, "has 2 parameters, 1 are given"),
    ({"distribution": r"normal(\mu, -1)"}, "not in its domain: positive"),
    ({"distribution": "normal(0, 1)"}, "no parameter is left"),
    ({"distribution": r"Poisson(2 \lambda)"}, "a letter or a number"),
    ({"distribution": r"normal(\mu, \mu)"}, "the same letter"),
    ({"distribution": POISSON, "estimate": [r"\mu"]}, "μ is no parameter"),
    ({"distribution": "binomial(n, p)", "estimate": ["n"]}, "whole number"),
    ({"distribution": POISSON, "data": []}, "no numbers in the list"),
    ({"distribution": POISSON, "data": [1, -1]}, "item 2 is -1, outside the support"),
    ({"distribution": POISSON, "data": [1, "1/2"]}, "item 2 is 1/2, outside the support"),
    ({"distribution": POISSON, "data": ["a"]}, "item 1: expected a number"),
    ({"distribution": POISSON, "data": 3}, "expected a list of numbers"),
    ({"distribution": POISSON, "data": {"file": "a.csv"}}, "a file and a column"),
    ({"distribution": POISSON, "data": [0, 0]}, r"x̄ = \(Σ\[i = 1..n\] xᵢ\)/n = 0: the estimator does not exist"),
    ({"distribution": "Bernoulli(p)", "data": [0, 0]}, "does not exist"),
    ({"distribution": "Bernoulli(p)", "data": [0, 0], "prior": "beta(1, 1)"}, "the posterior density has no largest"),
    ({"distribution": "Bernoulli(p)", "data": [1, 2]}, "item 2 is 2, outside"),
    ({"distribution": "binomial(3, p)", "data": [1, 4]}, "item 2 is 4, outside"),
    ({"distribution": "binomial(3, p)", "data": [3, 3]}, "does not exist"),
    ({"distribution": "geometric(p)", "data": [1, 1]}, "does not exist"),
    ({"distribution": "exponential(r)", "data": [1, 0]}, "item 2 is 0, outside"),
    ({"distribution": r"normal(\mu, \sigma)", "data": [4]}, "with one data point"),
    ({"distribution": r"normal(\mu, \sigma)", "data": [4, 4]}, "does not exist"),
    ({"distribution": r"Laplace(\mu, b)", "data": [4, 4]}, "does not exist"),
    ({"distribution": "uniform(a, b)", "data": [4]}, "no length"),
    ({"distribution": r"uniform(0, \theta)", "data": [4, -1]}, "item 2 is -1, outside the interval"),
    ({"distribution": r"beta(\alpha, \beta)"}, "no solution by the laws"),
    ({"distribution": r"gamma(\alpha, \beta)", "estimate": [r"\alpha"]}, "no solution by the laws"),
    ({"distribution": r"gamma(\alpha, \beta)", "data": [2, 2]}, "all the same"),
    ({"distribution": r"gamma(\alpha, \beta)", "data": [2]}, "with one datum"),
    ({"distribution": r"gamma(\alpha, \beta)", "data": [2, 0]}, "item 2 is 0, outside"),
    ({"distribution": POISSON, "prior": "beta(2, 2)"}, "lives on"),
    ({"distribution": r"normal(\mu, \sigma)", "prior": "normal(0, 1)"}, "one parameter"),
    ({"distribution": POISSON, "prior": r"gamma(2, \lambda)"}, "used already"),
    ({"distribution": POISSON, "counts": [1, 2]}, "does not go with"),
    ({"distribution": "categorical", "prior": "beta(1, 1)"}, "does not go with"),
    ({"distribution": "categorical", "counts": [0, 0]}, "all counts are zero"),
    ({"distribution": "categorical", "counts": [1, -2]}, "item 2 is -2"),
    ({"distribution": "categorical", "counts": [1]}, "1 classes"),
    ({"distribution": "categorical", "data": [1, 0]}, "item 2 is 0"),
    ({"distribution": "logistic regression", "inputs": [1, 2], "data": [0, 2]}, "wants 0 or 1"),
    ({"distribution": "logistic regression", "inputs": [1, 2], "data": [1, 1]}, "one class"),
    ({"distribution": "logistic regression", "inputs": [1, 2, 3], "data": [0, 1, 1]}, "separates"),
    ({"distribution": "logistic regression", "inputs": [1, 2], "data": [0]}, "2 inputs and 1 data"),
    ({"distribution": "logistic regression", "data": [0]}, "inputs is missing"),
    ({"distribution": "linear regression", "inputs": [1, 1], "data": [0, 2]}, "no slope"),
    ({"distribution": "linear regression", "inputs": [1, 2], "data": [0, 2]}, "on a line"),
    ({"density": r"f(x) = \theta x", "support": "(0, 1)"}, "does not integrate to 1"),
    ({"density": r"f(x) = \theta x^{\theta - 1}", "support": "vector 3"}, "no domain of numbers"),
]


@pytest.mark.parametrize(("distribution", "data", "line"), [
    (r"Poisson(\lambda)", "[0, 0]", 6), (r"Poisson(\lambda)", "[1, -1]", 6), ("Zipf(s)", "[1]", 5),
    (r"Poisson(\lambda)", '{file = "none.csv", column = "x"}', 6), ("uniform(0, b)", "[4, -1]", 6),
])  # fmt: skip
def test_a_refusal_names_the_line_of_its_key(tmp_path, distribution, data, line):
    file = tmp_path / "p.toml"
    file.write_text(f"title = 't'\nkind = 'maximum-likelihood'\n\n[given]\ndistribution = '{distribution}'\n"
                    f"data = {data}\n", encoding="utf-8")
    told = []
    Batch(told.append).solve(file)
    assert [error.message.split(": ")[0] for error in told] == [f"{file}:{line}"]


@pytest.mark.parametrize(("keys", "message"), REFUSED)
def test_what_cannot_be_estimated_is_refused(keys, message):
    with pytest.raises(DeriveError, match=message):
        solved(**keys)


# --- the rows -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", {r.law: r for r in (*LOGARITHM_APART, *SUMS_APART, *MOMENTS_APART)}.values(),
                         ids=lambda r: r.law)
def test_every_rule_says_its_law_and_its_reason(rule):
    assert rule.name and " = " in rule.law and rule.reason.endswith(".")


def test_the_rows_taken_from_other_tables_are_there():
    assert [rule.name for rule in SUMS_APART].count("linearity") == 2
    assert {"linearity", "mean of a constant"} <= {rule.name for rule in MOMENTS_APART}
    taken = {rule.name for rule in LOGARITHM_APART}
    assert {"logarithm of a product", "logarithm of a power", "logarithm of a root"} <= taken


def test_every_family_has_a_support_that_holds_its_own_values():
    assert {f.support for f in FAMILIES.values()} <= SUPPORTS.keys()


def test_a_wrong_estimator_is_refuted():
    from derive.read.latex import read

    context = solved(distribution=r"exponential(\lambda)", quality=False).context
    score, wrong = read(r"\frac{n}{\lambda} - n \bar{x} = 0"), read(r"\lambda = \bar{x}")
    assert verify_step(score, wrong, "<=>", context).status is Status.REFUTED


@pytest.mark.parametrize("file", [f for f in problem_files() if "gallery/maximum-likelihood" in f])
@pytest.mark.slow
def test_the_shipped_problems(file):
    from derive.resources import problem_file

    for problem in read_file(problem_file(file)).problems:
        done = solve_problem(problem)
        assert done.status() in (Status.PROVED, Status.CHECKED)
        assert done.results


def test_the_log_likelihood_is_drawn():
    one = derived(distribution=r"Poisson(\lambda)", data=[1, 2], figure=True)
    two = derived(distribution=r"normal(\mu, \sigma)", data=[1, 2], figure=True)
    assert [p.drawing for p in one.parts if isinstance(p, Figure)] == ["function_plot"]
    assert [p.drawing for p in two.parts if isinstance(p, Figure)] == ["contour_path"]
