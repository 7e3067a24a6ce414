"""Maximum likelihood with vectors: normal distributions of vectors, regressions with several inputs, information."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import polygamma
from scipy.stats import gamma

from derive.api import solve_problem
from derive.choices import load
from derive.distributions import read_formula
from derive.errors import DeriveError
from derive.kinds._exact_matrices import null_vector, solution
from derive.kinds._likelihood_newton import separating
from derive.numeric.value import value_of
from derive.read.problems import make, read_file
from derive.steps import Chain, Figure, Status
from derive.tree import Matrix, Node, Symbol, Vector, free_symbols
from derive.verify import verify_step
from derive.write.text import text

NORMAL, LINEAR, LOGISTIC = "multivariate normal", "linear regression", "logistic regression"
LETTERS = {r"\mu": "vector k", r"\Sigma": "positive definite matrix k x k"}


def solved(symbols=None, **keys):
    return solve_problem(make("maximum-likelihood", {"figure": False, **keys}, symbols))


def derived(symbols=None, **keys):
    """Without the verifier, where many numbers are tried."""
    return load("kinds", "maximum-likelihood").solve(make("maximum-likelihood", {"figure": False, **keys}, symbols))


def value(derivation, name):
    """A result as floats: a number, a list, or rows."""
    found = next(r for r in derivation.results if r.name == name)
    return found.number if found.number is not None else numbers(found.value)


def numbers(node):
    match node:
        case Vector(items):
            return [numbers(item) for item in items]
        case Matrix(rows):
            return [[numbers(item) for item in row] for row in rows]
        case Node():
            return value_of(node)
    raise AssertionError(node)


def shown(derivation, name):
    return text(next(r for r in derivation.results if r.name == name).value)


def all_proved(derivation):
    return {s.verdict.status for s in derivation.all_steps()} == {Status.PROVED}


def rules(derivation):
    return {step.rule for step in derivation.all_steps()}


# --- the multivariate normal distribution ---------------------------------------------------------------


@pytest.mark.parametrize(("symbols", "distribution"), [(None, NORMAL), (LETTERS, r"normal(\mu, \Sigma)")])
def test_the_estimators_in_letters_are_proved_for_any_dimension(symbols, distribution):
    done = solved(symbols, distribution=distribution)
    assert all_proved(done)
    assert shown(done, "estimator of mu") == "x̄"
    assert shown(done, "estimator of Sigma") == "(1/n) Σ[i = 1..n] (xᵢ - x̄) (xᵢ - x̄)ᵀ"
    assert shown(done, "mean of the estimator of Sigma") == "((n - 1)/n) Σ"
    assert shown(done, "Fisher information about mu") == "Σ⁻¹"
    assert {"gradients by vectors and matrices", "trace of a number", "derivative of an inverse"} <= rules(done)


def test_other_letters_may_be_used():
    done = solved({"t": "vector n", "S": "positive definite matrix n x n"}, distribution="normal(t, S)")
    assert all_proved(done)
    assert shown(done, "estimator of S") == "(1/m) Σ[i = 1..m] (xᵢ - x̄) (xᵢ - x̄)ᵀ"


def log_likelihood(points, mean, covariance):
    gaps = points - mean
    forms = np.einsum("ij,jk,ik->", gaps, np.linalg.inv(covariance), gaps)
    n, k = points.shape
    return -n * k / 2 * np.log(2 * np.pi) - n / 2 * np.log(np.linalg.det(covariance)) - forms / 2


@settings(max_examples=8, deadline=None)
@given(st.integers(2, 4).flatmap(lambda k: st.lists(st.tuples(*[st.integers(-9, 9)] * k), min_size=k + 1, max_size=9)))
def test_mean_and_covariance_are_those_of_the_points(points):
    array = np.array(points, dtype=float)
    covariance = np.cov(array.T, bias=True)
    assume(np.linalg.det(covariance) > 1e-6)
    done = derived(distribution=NORMAL, data=points, quality=False)
    assert value(done, "mu from the data") == pytest.approx(array.mean(axis=0))
    assert np.array(value(done, "Sigma from the data")) == pytest.approx(covariance)
    assert np.array(value(done, "precision from the data")) == pytest.approx(np.linalg.inv(covariance), rel=1e-4)
    assert value(done, "largest log-likelihood") == pytest.approx(
        log_likelihood(array, array.mean(axis=0), covariance))


def test_no_other_mean_or_covariance_is_more_likely():
    points = np.array([[1, 2], [2, 1], [3, 4], [4, 3], [5, 5.0]])
    done = solved(distribution=NORMAL, data=points.astype(int).tolist())
    assert all_proved(done)
    best = value(done, "largest log-likelihood")
    random = np.random.default_rng(0)
    for _ in range(50):
        mean = np.array(value(done, "mu from the data")) + random.normal(0, 0.1, 2)
        root = np.linalg.cholesky(value(done, "Sigma from the data")) + random.normal(0, 0.1, (2, 2))
        assert log_likelihood(points, mean, root @ root.T) < best


def test_the_covariance_estimator_by_simulation():
    root = np.linalg.cholesky([[2, 1], [1, 3]])
    samples = np.random.default_rng(0).normal(size=(100_000, 4, 2)) @ root.T
    gaps = samples - samples.mean(axis=1, keepdims=True)
    assert np.einsum("aij,aik->jk", gaps, gaps) / 4 / 100_000 == pytest.approx(
        np.array([[2, 1], [1, 3]]) * 3 / 4, rel=0.02)


def test_points_come_from_columns_and_are_drawn(tmp_path):
    (tmp_path / "flowers.csv").write_text("name,length,width\n1,0.5,1\n2,1.5,2\n3,4.0,1\n", encoding="utf-8")
    file = tmp_path / "p.toml"
    file.write_text('title = "t"\nkind = "maximum-likelihood"\n[given]\ndistribution = "multivariate normal"\n'
                    'data = {file = "flowers.csv", columns = ["length", "width"]}\n', encoding="utf-8")
    (problem,) = read_file(file).problems
    done = solve_problem(problem)
    assert value(done, "mu from the data") == pytest.approx([2, 4 / 3])
    assert [p.drawing for p in done.parts if isinstance(p, Figure)] == ["normal_ellipses"]


def test_many_points_are_not_written_out():
    random = np.random.default_rng(1)
    done = solved(distribution=NORMAL, data=random.integers(0, 9, (40, 3)).tolist(), quality=False)
    assert done.status() is Status.PROVED
    assert "Sigma from the data" in {r.name for r in done.results}
    assert not any(isinstance(p, Figure) for p in done.parts)


def test_a_wrong_covariance_is_refuted():
    context = solved(LETTERS, distribution=r"normal(\mu, \Sigma)", quality=False).context
    wrong = read_formula(r"\frac{n}{2} \Lambda^{-1} - S")
    right = read_formula(r"\nabla_\Lambda (\frac{n}{2} \log(\det \Lambda) - \frac{1}{2} \operatorname{tr}(\Lambda S))")
    assert verify_step(right, wrong, "=", context).status is Status.REFUTED


# --- regressions with several inputs ----------------------------------------------------------------------


@pytest.mark.parametrize("sides", ["n x d", "m x p"])
def test_least_squares_with_a_design_matrix_is_proved(sides):
    done = solved({"X": f"matrix {sides}"}, distribution=LINEAR)
    assert all_proved(done)
    assert shown(done, "estimator of w") == "(Xᵀ X)⁻¹ Xᵀ y"
    assert shown(done, "covariance of the estimator of w") == "σ²·(Xᵀ X)⁻¹"
    rows, columns = sides.split(" x ")
    assert shown(done, "mean of the sum of squared residuals") == f"({rows} - {columns}) σ²"
    conditions = {c for s in done.all_steps() for c in s.verdict.condition}
    assert conditions == {"Xᵀ X is invertible"}


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5), st.integers(-9, 9)), min_size=4, max_size=9),
       st.booleans())
def test_the_weights_are_those_of_least_squares(data, intercept):
    x, y = np.array(data, dtype=float)[:, :2], np.array(data, dtype=float)[:, 2]
    design = np.column_stack([np.ones(len(y)), x]) if intercept else x
    weights, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
    residuals = y - design @ weights
    assume(rank == design.shape[1] and residuals @ residuals > 1e-9)
    done = derived(distribution=LINEAR, inputs=[list(row[:2]) for row in data], data=[row[2] for row in data],
                   intercept=intercept, quality=False)
    assert value(done, "w from the data") == pytest.approx(weights, abs=1e-9)
    assert value(done, "sigma from the data") == pytest.approx(np.sqrt(np.mean(residuals**2)), rel=1e-5)


def test_the_numbers_of_a_design_are_proved():
    done = solved(distribution=LINEAR, inputs=[[0, 0], [1, 0], [0, 1], [1, 1], [2, 1]], data=[1, 3, 2, 5, 6])
    assert all_proved(done)
    assert shown(done, "w from the data") == "(1, 2, 4/3)"
    assert shown(done, "sigma from the data") == "√(2/15)"


def test_long_numbers_are_rounded_and_still_proved():
    random = np.random.default_rng(2)
    done = solved(distribution=LINEAR, inputs=random.normal(0, 1, (15, 2)).round(3).tolist(),
                  data=random.normal(0, 1, 15).round(3).tolist(), quality=False)
    assert all_proved(done)
    assert "~=" in {s.relation for s in done.all_steps()}


def test_dependent_columns_are_an_answer():
    done = solved(distribution=LINEAR, inputs=[[0, 0], [1, 2], [2, 4], [3, 6]], data=[1, 3, 2, 5])
    assert all_proved(done)
    assert "w from the data" not in {r.name for r in done.results}
    direction = np.array(value(done, "direction without influence"))
    design = np.array([[1, 0, 0], [1, 1, 2], [1, 2, 4], [1, 3, 6]])
    assert np.abs(direction).max() > 0 and design @ direction == pytest.approx(0)
    some = np.array(value(done, "one of the weights of largest likelihood"))
    assert design.T @ design @ some == pytest.approx(design.T @ [1, 3, 2, 5])


def test_inputs_come_from_columns(tmp_path):
    (tmp_path / "rents.csv").write_text("area,rooms,rent\n30,1,4\n50,2,7\n80,3,9\n60,3,8\n", encoding="utf-8")
    file = tmp_path / "p.toml"
    file.write_text('title = "t"\nkind = "maximum-likelihood"\n[given]\ndistribution = "linear regression"\n'
                    'inputs = {file = "rents.csv", columns = ["area", "rooms"]}\n'
                    'data = {file = "rents.csv", column = "rent"}\nquality = false\n', encoding="utf-8")
    (problem,) = read_file(file).problems
    design, y = np.array([[1, 30, 1], [1, 50, 2], [1, 80, 3], [1, 60, 3]]), np.array([4, 7, 9, 8])
    assert value(solve_problem(problem), "w from the data") == pytest.approx(np.linalg.lstsq(design, y, rcond=None)[0])


def test_one_column_without_intercept():
    done = solved(distribution=LINEAR, inputs=[[1], [2], [4]], data=[1, 2, 3], intercept=False)
    assert value(done, "w from the data") == pytest.approx([17 / 21])


def test_logistic_regression_with_a_design_matrix_is_proved():
    done = solved({"X": "matrix n x d"}, distribution=LOGISTIC)
    assert all_proved(done)
    assert shown(done, "score") == "Xᵀ (y - σ(X w))"
    assert shown(done, "Hessian") == "-Xᵀ diag(σ(X w) ⊙ (𝟏 - σ(X w))) X"


ROWS, CLASSES = [[0, 0], [1, 0], [0, 1], [1, 1], [2, 1], [1, 2]], [0, 1, 0, 1, 0, 1]


@pytest.mark.parametrize("start", [(), (1, 0, "1/2")])
def test_reweighted_least_squares_reaches_the_maximum(start):
    done = solved(distribution=LOGISTIC, inputs=ROWS, data=CLASSES, start=list(start))
    assert all_proved(done)
    design = np.column_stack([np.ones(6), ROWS])
    best = minimize(lambda w: np.sum(np.logaddexp(0, design @ w) - np.array(CLASSES) * (design @ w)), np.zeros(3))
    assert [value(done, f"w_{k} from the data") for k in range(3)] == pytest.approx(list(best.x), abs=1e-4)
    assert value(done, "largest log-likelihood") == pytest.approx(-best.fun, abs=1e-6)


def test_the_first_step_from_zero_is_exact():
    done = solved(distribution=LOGISTIC, inputs=ROWS, data=CLASSES)
    design = np.column_stack([np.ones(6), ROWS])
    step = np.linalg.solve(design.T @ design / 4, design.T @ (np.array(CLASSES) - 0.5))
    assert shown(done, "first Newton step") == "(-10/11, 6/11, 6/11)"
    assert value(done, "first Newton step") == pytest.approx(list(step))
    assert any(isinstance(p, Chain) and p.steps[0].reason.startswith("The step put into") for p in done.parts)


# --- what separates classes, and what vanishes --------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4), st.booleans()), min_size=2, max_size=8))
def test_separating_weights_separate(data):
    rows = [(Fraction(1), Fraction(a), Fraction(b)) for a, b, _ in data]
    targets = [Fraction(c) for _, _, c in data]
    weights = separating(rows, targets)
    if weights is None:
        design, y = np.array(rows, dtype=float), np.array(targets, dtype=float)
        far = minimize(lambda w: np.sum(np.logaddexp(0, design @ w) - y * (design @ w)), np.zeros(3))
        assert np.abs(far.x).max() < 200 or np.linalg.matrix_rank(design) < 3
    else:
        sums = [(2 * y - 1) * sum(w * x for w, x in zip(weights, row, strict=True)) for row, y in
                zip(rows, targets, strict=True)]
        assert min(sums) >= 0 and max(sums) > 0


@settings(max_examples=20, deadline=None)
@given(st.lists(st.lists(st.fractions(-3, 3, max_denominator=3), min_size=3, max_size=3), min_size=1, max_size=4))
def test_null_vectors_and_solutions_by_their_definition(rows):
    found = null_vector(rows)
    rank = np.linalg.matrix_rank(np.array(rows, dtype=float))
    assert (found is None) == (rank == 3)
    if found is not None:
        assert any(found) and all(v.denominator == 1 for v in found)
        assert all(sum(a * v for a, v in zip(row, found, strict=True)) == 0 for row in rows)
    right = [sum(row) for row in rows]
    some = solution(rows, right)
    assert some is not None
    assert all(sum(a * v for a, v in zip(row, some, strict=True)) == b for row, b in zip(rows, right, strict=True))


def test_equations_without_a_solution():
    assert solution([[Fraction(1)], [Fraction(1)]], [Fraction(1), Fraction(2)]) is None


# --- information matrices -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("distribution", "matrix", "bound"), [
    (r"normal(\mu, \sigma)", "[[1/σ², 0], [0, 2/σ²]]", "[[σ²/n, 0], [0, σ²/(2n)]]"),
    (r"normal(\mu, \sqrt{v})", "[[1/v, 0], [0, 1/(2v²)]]", "[[v/n, 0], [0, (2v²)/n]]"),
])
def test_the_information_matrix_about_mean_and_spread(distribution, matrix, bound):
    done = derived(distribution=distribution)
    assert (shown(done, "Fisher information matrix"), shown(done, "Cramér–Rao bound for both")) == (matrix, bound)


@pytest.mark.slow
def test_the_information_matrix_is_proved():
    assert all_proved(solved(distribution=r"normal(\mu, \sqrt{v})"))


def test_the_information_matrix_by_the_covariance_of_the_score():
    random = np.random.default_rng(0)
    x = random.normal(1, np.sqrt(3), 400_000)
    scores = np.array([(x - 1) / 3, ((x - 1) ** 2 - 3) / (2 * 9)])
    found = next(r for r in derived(distribution=r"normal(\mu, \sqrt{v})").results
                 if r.name == "Fisher information matrix").value
    expected = [[value_of(e, {Symbol("v"): 3}) for e in row] for row in found.rows]
    assert np.cov(scores) == pytest.approx(np.array(expected), abs=0.003)


def test_a_variance_as_parameter():
    done = solved(distribution=r"normal(\mu, \sqrt{v})", data=[4, 7, 6, 3, 5], quality=False)
    assert shown(done, "estimator of v") == "(Σ[i = 1..n] (xᵢ - x̄)²)/n"
    assert shown(done, "v from the data") == "2"


def test_shape_and_rate_of_a_gamma_distribution():
    done = derived(distribution=r"gamma(\alpha, \beta)")
    assert shown(done, "equation for alpha") == "log(α) - digamma(α) = log(x̄) - (Σ[i = 1..n] log(xᵢ))/n"
    assert shown(done, "estimator of beta") == "α̂/x̄"
    found = next(r for r in done.results if r.name == "Fisher information matrix").value
    bound = next(r for r in done.results if r.name == "Cramér–Rao bound for both").value
    at = {Symbol("alpha"): 2.5, Symbol("beta"): 3.0, Symbol("n"): 7}
    matrices = [np.array([[value_of(e, {s: v for s, v in at.items() if s in free_symbols(e)}) for e in row]
                          for row in m.rows]) for m in (found, bound)]
    assert matrices[0] == pytest.approx(np.array([[polygamma(1, 2.5), -1 / 3], [-1 / 3, 2.5 / 9]]))
    assert matrices[1] == pytest.approx(np.linalg.inv(7 * matrices[0]))


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=20).filter(lambda d: len(set(d)) > 1))
def test_the_shape_is_that_of_a_numeric_maximum(data):
    done = derived(distribution=r"gamma(\alpha, \beta)", data=data, quality=False)
    shape, _, scale = gamma.fit(data, floc=0)
    assert value(done, "alpha from the data") == pytest.approx(shape, rel=1e-5)
    assert value(done, "beta from the data") == pytest.approx(1 / scale, rel=1e-5)
    assert value(done, "largest log-likelihood") == pytest.approx(gamma.logpdf(data, shape, 0, scale).sum())


def test_the_steps_for_a_gamma_distribution():
    done = solved(distribution=r"gamma(\alpha, \beta)", data=[1, 2, 3, 5], quality=False)
    assert all_proved(done)


def test_the_shares_of_classes_reach_the_bound():
    done = solved(distribution="categorical")
    assert all_proved(done)
    assert shown(done, "Fisher information matrix") == "diag(1/θ) + (1/q)·𝟏·𝟏ᵀ"
    p = np.array([0.2, 0.3])
    information = np.diag(1 / p) + 1 / 0.5
    assert np.linalg.inv(information) == pytest.approx(np.diag(p) - np.outer(p, p))


# --- refusals -----------------------------------------------------------------------------------------------

REFUSED = [
    ({"distribution": NORMAL, "data": [[1, 2]]}, "one point alone has no spread"),
    ({"distribution": NORMAL, "data": [[1, 2], [3, 5]]}, "2 points in 2 dimensions lie in one line"),
    ({"distribution": NORMAL, "data": [[1, 2], [2, 4], [3, 6]]}, "the 3 points lie in one line"),
    ({"distribution": NORMAL, "data": [[1, 2, 0], [2, 4, 1], [3, 6, 0], [0, 0, 5]]}, "lie in one plane"),
    ({"distribution": NORMAL, "data": [1, 2, 3]}, "points with two coordinates"),
    ({"distribution": NORMAL, "data": []}, "points with two coordinates"),
    ({"distribution": NORMAL, "data": [[1, 2], [3]]}, "point 2 has 1 number, point 1 has 2"),
    ({"distribution": NORMAL, "data": [[1, 2, 3, 4, 5]]}, "5 numbers in a point"),
    ({"distribution": NORMAL, "data": [[1, 2], 3]}, "point 2: expected a list of numbers"),
    ({"distribution": NORMAL, "data": [[1, "a"]]}, "point 1: item 2: expected a number"),
    ({"distribution": NORMAL, "data": {"file": "x.csv", "columns": []}}, "a file and columns"),
    ({"distribution": NORMAL, "estimate": [r"\mu"]}, "estimated together"),
    ({"distribution": NORMAL, "prior": "normal(0, 1)"}, "does not go with"),
    ({"distribution": r"multivariate normal(\mu, 1)"}, "letters of their own"),
    ({"distribution": r"normal(\mu, \sqrt{2 v})"}, "the square root of one"),
    ({"distribution": r"Poisson(\sqrt{v})"}, "a parameter is a letter|the rate is"),
    ({"distribution": LINEAR, "inputs": [[1, 2], [2, 3]], "data": [1, 3]}, "without error"),
    ({"distribution": LINEAR, "inputs": [[1, 2], [2, 3]], "data": [1, 3, 4]}, "2 rows of inputs and 3 data"),
    ({"distribution": LINEAR, "inputs": [[1, 2], [2, 3]]}, "data is missing"),
    ({"distribution": LINEAR, "inputs": [[1, 2, 3, 4]] * 3, "data": [1, 2, 4]}, "5 weights"),
    ({"distribution": LOGISTIC, "inputs": ROWS, "data": [0, 1, 0, 1, 0, 2]}, "item 6 is 2"),
    ({"distribution": LOGISTIC, "inputs": ROWS, "data": [1] * 6}, "one class"),
    ({"distribution": LOGISTIC, "inputs": ROWS, "data": [0, 0, 0, 1, 1, 1]}, "the classes are separated"),
    ({"distribution": LOGISTIC, "inputs": ROWS, "data": [0, 1, 0, 0, 1, 1]}, "the classes are separated"),
    ({"distribution": LOGISTIC, "inputs": [[0, 0], [1, 2], [0, 0], [1, 2]], "data": [1, 1, 0, 0]}, "depend on one"),
    ({"distribution": LOGISTIC, "inputs": ROWS, "data": CLASSES, "start": [1]}, "start: 1 numbers"),
    ({"distribution": LOGISTIC, "inputs": ROWS, "data": CLASSES, "start": [50, 1, 2]}, "near to 0 or 1|runs away"),
]


@pytest.mark.parametrize(("keys", "message"), REFUSED)
def test_what_cannot_be_estimated_is_refused(keys, message):
    with pytest.raises(DeriveError, match=message):
        derived(**keys)


@pytest.mark.parametrize(("symbols", "distribution", "message"), [
    ({"m": "vector k"}, "normal(m, C)", "C is not declared as a matrix"),
    ({"m": "vector k", "C": "symmetric matrix k x k"}, "normal(m, C)", "must be positive definite"),
    ({"m": "vector d", "C": "positive definite matrix k x k"}, "normal(m, C)", "the sizes d and k differ"),
    ({"m": "vector 2", "C": "positive definite matrix 2 x 2"}, "normal(m, C)", "a letter for its size"),
    ({"m": "vector k"}, "Poisson(m)", "only normal distributions"),
    ({"X": "matrix 3 x 2"}, LINEAR, "X is declared as a matrix 3 x 2"),
    ({"X": "matrix n x n"}, LOGISTIC, "X is declared as a matrix n x n"),
])
def test_letters_must_be_declared_as_they_are_used(symbols, distribution, message):
    with pytest.raises(DeriveError, match=message):
        derived(symbols, distribution=distribution)
