"""Principal components: the derivation, axes against NumPy, what is lost, the sheet's scores, the digits, refusals."""

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive.api import equal, solve_problem
from derive.errors import DeriveError
from derive.kinds import _pca_digits, pca, summary
from derive.kinds._pca_data import inner
from derive.kinds._pca_eigen import eigenvectors
from derive.kinds._pca_lagrangian import DECLARED, lagrangian
from derive.numeric.value import value_of
from derive.read.latex import read
from derive.read.problems import make
from derive.steps import Chain, Figure, Listing, Paragraph, Status
from derive.tree import ZERO
from derive.write.text import text

FIVE = [[1, 2], [2, 1], [3, 3], [4, 5], [5, 4]]
SPACE = [[2, 0, 0], [-2, 0, 0], [0, 2, 1], [0, -2, -1], [1, 1, 2], [-1, -1, -2]]
SCORES = {"test score": [0.85170374, 0.85584535, 0.84466667, 0.8551546, 0.85071268],
          "fit time": [90.03111982, 91.35583448, 90.8130126, 89.75264072, 90.35468793]}


def solved(**fields):
    return solve_problem(make("pca", {"figure": False, "derivation": False, **fields}))


def quick(**fields):
    """Without the verifier."""
    return pca.solve(make("pca", {"figure": False, "derivation": False, **fields}))


def result(derivation, name):
    return next(r for r in derivation.results if r.name == name)


def texts(derivation, name):
    value = result(derivation, name).value
    return [text(v) for v in value] if isinstance(value, tuple) else text(value)


# --- the derivation -----------------------------------------------------------------------------------


def test_the_lagrangian_leads_to_eigenvectors_and_every_line_is_proved():
    derivation = solve_problem(make("pca", {"points": FIVE, "figure": False}))
    assert derivation.status() is Status.PROVED
    assert texts(derivation, "condition for a component") == "C w = λ w"
    ends = [text(s.after) for s in derivation.steps()]
    assert {"2C w - 2λ w", "C w = λ w", "wᵀ C w", "2C w - 2λ w - μ v", "tr(C) - (2 - wᵀ w) wᵀ C w"} <= set(ends)


@pytest.mark.parametrize(("divisor", "shown"), [("n - 1", "(1/(n - 1))"), ("n", "(1/n)")])
def test_the_divisor_stands_in_the_derivation(divisor, shown):
    chain = next(p for p in lagrangian(divisor) if isinstance(p, Chain))
    assert text(chain.steps[0].before).startswith(shown)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"\nabla_w (w^\top C w - \lambda (w^\top w - 1))", r"C w - \lambda w"),
        (r"\nabla_w (w^\top C w - \lambda (w^\top w - 1) - \mu v^\top w)", r"2 C w - 2 \lambda w - \mu w"),
        (r"w^\top C w - \lambda", r"w^\top (C w - \lambda w) - \lambda (w^\top w - 1)"),
        (r"\frac{1}{n} \sum_{i=1}^n (w^\top (x_i - \bar{x}))^2",
         r"w^\top (\frac{1}{n} \sum_{i=1}^n x_i x_i^\top) w"),
    ],
)
def test_false_lines_of_the_derivation_are_refuted(before, after):
    assert equal(before, after, declare=DECLARED).status is Status.REFUTED


def test_the_derivation_alone():
    derivation = pca.solve(make("pca", {}))
    assert [r.name for r in derivation.results] == ["condition for a component"]


# --- worked examples ----------------------------------------------------------------------------------


def test_five_points():
    derivation = solved(points=FIVE)
    assert derivation.status() is Status.PROVED
    assert texts(derivation, "eigenvalues") == ["9/2", "1/2"]
    assert texts(derivation, "component 1") == ["√(2)/2", "√(2)/2"]
    assert texts(derivation, "reconstruction error") == "1/2"
    assert result(derivation, "explained variance ratio").number == [0.9, 0.1]


@pytest.mark.parametrize(
    ("covariance", "values"),
    [
        ([[2, 1, 0], [1, 2, 1], [0, 1, 2]], ["2 + √(2)", "2", "2 - √(2)"]),
        ([[3, 1, 1], [1, 3, 1], [1, 1, 3]], ["5", "2", "2"]),
        ([[2, 1], [1, 3]], ["5/2 + √(5)/2", "5/2 - √(5)/2"]),
        ([[4, 0], [0, 1]], ["4", "1"]),
        ([[1, 1], [1, 1]], ["2", "0"]),
        ([["1.5", "0.5"], ["0.5", "1.5"]], ["2", "1"]),
    ],
)
def test_exact_eigenvalues_of_a_covariance_matrix(covariance, values):
    derivation = solved(covariance=covariance)
    assert derivation.status() is Status.PROVED
    numbers = result(derivation, "eigenvalues").number
    shown = [_value(v) for v in values]
    assert np.allclose(numbers, shown, rtol=1e-9, atol=1e-9)


def _value(written):
    return value_of(read(written.replace("√(", r"\sqrt{").replace(")", "}")))


def test_equal_eigenvalues_are_said_and_their_vectors_perpendicular():
    derivation = quick(covariance=[[3, 1, 1], [1, 3, 1], [1, 1, 3]])
    vectors = [result(derivation, f"component {k}").number for k in (1, 2, 3)]
    assert np.allclose(np.array(vectors) @ np.array(vectors).T, np.eye(3))
    assert any("the same" in p.text[0] for p in derivation.parts if isinstance(p, Paragraph) and p.remark)


def test_without_an_exact_form_each_pair_is_proved_by_its_residual():
    derivation = solved(points=SPACE, divisor="n")
    assert derivation.status() is Status.PROVED
    assert [s.relation for s in derivation.steps() if s.rule == "residual"] == ["<"] * 3
    assert np.allclose(result(derivation, "eigenvalues").number, [3.3081147, 1.4050220, 0.2868633])


@pytest.mark.parametrize(("covariance", "component", "zeros"), [
    ([[2, 1, 0], [1, 2, 1], [0, 1, 2]], 2, [1]),
    ([["0.000000002", "0.000000001", 0], ["0.000000001", "0.000000002", "0.000000001"],
      [0, "0.000000001", "0.000000002"]], 2, [1]),
])  # fmt: skip
def test_a_component_that_is_rounding_is_zero(covariance, component, zeros):
    derivation = solved(covariance=covariance)
    entries = result(derivation, f"component {component}").value
    assert [k for k, entry in enumerate(entries) if entry == ZERO] == zeros
    assert derivation.status() is Status.PROVED and len([s for s in derivation.steps() if s.rule == "residual"]) == 3


def test_a_small_component_that_is_none_stays():
    entries = result(solved(covariance=[[2, "0.000001", 0], ["0.000001", 1, 1], [0, 1, 3]]), "component 1").value
    assert all(entry != ZERO for entry in entries)


def test_the_divisor_n_gives_the_variance_of_the_points_themselves():
    assert texts(quick(points=FIVE, divisor="n"), "eigenvalues") == ["18/5", "2/5"]


@pytest.mark.parametrize("fields", [
    {"points": [[1, 2], [2, 4], [3, 6]]},  # all on a line: the variance left out is zero
    {"points": [[1, 5, 2], [2, 5, 1], [4, 5, 3]], "components": 2},  # a coordinate that is always the same
    {"covariance": [[4, 1, 0], [1, 3, 1], [0, 1, 2]]},  # a residual that is exactly zero
    {"covariance": [[2, 0, 0], [0, 2, 0], [0, 0, 1]]},
])  # fmt: skip
def test_singular_and_repeated_eigenvalues_leave_nothing_undecided(fields):
    assert solved(derivation=False, **fields).status() is Status.PROVED


def test_all_components_lose_nothing():
    assert texts(solved(points=FIVE, components=2), "reconstruction error") == "0"


def test_the_picture_shows_the_axes():
    figure = next(p for p in quick(points=FIVE, figure=True).parts if isinstance(p, Figure))
    assert figure.drawing == "principal_axes"
    assert "90.0 %" in figure.alt


# --- laws -----------------------------------------------------------------------------------------------

SMALL = st.integers(-9, 9)


@given(st.integers(2, 4).flatmap(lambda d: st.lists(st.lists(SMALL, min_size=d, max_size=d), min_size=2, max_size=7)))
@settings(max_examples=15, deadline=None)
def test_the_axes_are_those_of_numpy_and_the_error_is_what_is_left(points):
    assume(len({tuple(p) for p in points}) > 1)
    derivation = quick(points=points)
    values = result(derivation, "eigenvalues").number
    expected = np.linalg.eigvalsh(np.cov(np.array(points, dtype=float).T))[::-1]
    assert np.allclose(values, expected, atol=1e-8 * max(expected))
    scores = np.array(result(derivation, "scores").number)
    centred = np.array(points) - np.mean(points, axis=0)
    lost = (np.sum(centred**2) - np.sum(scores**2)) / (len(points) - 1)
    assert np.isclose(result(derivation, "reconstruction error").number, lost, atol=1e-7 * max(expected))


@given(st.lists(st.lists(SMALL, min_size=3, max_size=3), min_size=3, max_size=3))
@settings(max_examples=30, deadline=None)
def test_rational_eigenvectors_solve_the_equation(rows):
    matrix = tuple(tuple(Fraction(rows[max(i, j)][min(i, j)]) for j in range(3)) for i in range(3))
    found = [v for value in range(-12, 13) for v in eigenvectors(matrix, Fraction(value))]
    for i, u in enumerate(found):
        image = [inner(row, u) for row in matrix]
        assert all(image[j] * u[k] == image[k] * u[j] for j in range(3) for k in range(3))
        assert all(inner(u, v) == 0 for v in found[:i])


# --- the sheet's scores -------------------------------------------------------------------------------


def test_the_scores_of_the_sheet():
    derivation = solve_problem(make("summary", {"data": {k: list(map(str, v)) for k, v in SCORES.items()}}))
    assert derivation.status() is Status.PROVED
    for name, values in SCORES.items():
        assert np.isclose(result(derivation, f"mean of {name}").number, np.mean(values), rtol=1e-12)
        deviation = result(derivation, f"standard deviation of {name}").number
        assert np.isclose(deviation, np.std(values, ddof=1), rtol=1e-9)


def test_many_numbers_are_not_written_out_one_by_one():
    derivation = solve_problem(make("summary", {"data": {"x": list(range(40))}}))
    assert derivation.status() is Status.PROVED
    assert result(derivation, "mean of x").number == 19.5
    assert result(derivation, "median of x").number == 19.5
    assert all(len(text(s.after)) < 200 for s in derivation.steps())


@pytest.mark.parametrize(
    ("data", "message"),
    [({}, "no columns"), ({"score": [1]}, "one number has no standard deviation"),
     ({"score": []}, "no numbers have no standard deviation"), ({"score": [1, "a"]}, "score: a is no number"),
     ({"score": [1, r"\sqrt{2}"]}, "is no number")],
)
def test_columns_that_cannot_be_summed_up(data, message):
    with pytest.raises(DeriveError, match=message):
        summary.solve(make("summary", {"data": data}))


# --- the digits -----------------------------------------------------------------------------------------


def test_the_program_stands_in_the_document_and_is_only_run_where_it_can_be(monkeypatch):
    monkeypatch.setattr(_pca_digits, "_installed", lambda: False)
    derivation = quick(digits=[2, 10])
    listing = next(p for p in derivation.parts if isinstance(p, Listing))
    assert "for k in (2, 10):" in listing.code
    assert any("not installed" in p.text[0] for p in derivation.parts if isinstance(p, Paragraph))
    assert not any(isinstance(p, Figure) for p in derivation.parts)


def test_what_the_program_prints_becomes_a_table_and_a_picture(monkeypatch):
    monkeypatch.setattr(_pca_digits, "_installed", lambda: True)
    printed = "2 0.285 0.58 0.02 0.1\n10 0.738 0.89 0.01 0.2\n"
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: subprocess.CompletedProcess(a, 0, printed, ""))
    derivation = quick(digits=[2, 10])
    assert result(derivation, "accuracy by number of components").number == [0.58, 0.89]
    assert any(isinstance(p, Figure) and p.drawing == "fit_plot" for p in derivation.parts)


def test_a_program_that_fails_is_said(monkeypatch):
    monkeypatch.setattr(_pca_digits, "_installed", lambda: True)
    monkeypatch.setattr(_pca_digits, "program", lambda counts: "raise SystemExit(3)")
    assert any("ended with an error" in p.text[0] for p in quick(digits=[2]).parts if isinstance(p, Paragraph))


@pytest.mark.slow
def test_accuracy_over_the_number_of_components():
    pytest.importorskip("sklearn")
    done = subprocess.run([sys.executable, "-c", _pca_digits.program((2, 10, 25))], capture_output=True, text=True,
                          check=True, timeout=120)
    rows = np.array([[float(x) for x in line.split()] for line in done.stdout.splitlines()])
    assert list(rows[:, 0]) == [2, 10, 25]
    assert np.allclose(rows[:, 1], [0.285, 0.738, 0.918], atol=0.02)
    assert rows[0, 2] < 0.7 < 0.85 < rows[1, 2] < rows[2, 2]


# --- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"points": [[1, 2]]}, "one point has no variance"),
        ({"points": []}, "no points have no variance"),
        ({"points": [[1, 2], [1, 2], [1, 2]]}, "all points are equal"),
        ({"points": [[1, 2], [1]]}, "point 2 has 1 coordinates and point 1 has 2"),
        ({"points": [1, 2, 3]}, "with one coordinate"),
        ({"points": [[1, r"\sqrt{2}"], [1, 3]]}, "point 1: .* is no fraction"),
        ({"points": [[0] * 7, [1] * 7]}, "7 coordinates are too many"),
        ({"points": FIVE, "components": 3}, "3 components of points with 2 coordinates"),
        ({"points": FIVE, "covariance": [[1, 0], [0, 1]]}, "both given"),
        ({"covariance": [[1, 0]]}, "not square"),
        ({"covariance": [[1, 2], [3, 1]]}, "row 2, column 1"),
        ({"covariance": [[1, 2], [2, 1]]}, "negative eigenvalue -1"),
        ({"covariance": [[0, 0], [0, 0]]}, "all entries are zero"),
        ({"digits": [0]}, "0 is no number of components"),
        ({"digits": [65]}, "65 is no number of components"),
        ({"digits": [2.5]}, "2.5 is no number of components"),
        ({"digits": list(range(1, 14))}, "13 numbers of components are too many"),
        ({}, "no points"),
    ],
)
def test_data_that_cannot_be_analysed(fields, message):
    with pytest.raises(DeriveError, match=message) as caught:
        quick(**fields)
    assert caught.value.hint
