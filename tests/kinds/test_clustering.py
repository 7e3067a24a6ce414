"""Clustering: k-means step by step, ties, EM against a plain loop, the bound, pictures, refusals."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive.api import equal, solve_problem
from derive.errors import DeriveError
from derive.kinds import clustering
from derive.kinds._clustering_means import DECLARED, MEAN, walked
from derive.kinds._clustering_mixture import DECLARED as LETTERS
from derive.kinds._clustering_mixture import INEQUALITY, run, started
from derive.read.problems import make
from derive.steps import Figure, Paragraph, Status, Table
from derive.write.text import text

SIX = [[1, 1], [2, 1], [1, 3], [5, 4], [6, 6], [7, 5]]
LINE = [-2, -1, 0, 3, 4, 5]
EM = {"method": "EM", "points": LINE, "centres": [-1, 1], "variances": [1, 1]}


def solved(**fields):
    return solve_problem(make("clustering", {"figure": False, **fields}))


def quick(**fields):
    """Without the verifier."""
    return clustering.solve(make("clustering", {"figure": False, **fields}))


def result(derivation, name):
    return next(r for r in derivation.results if r.name == name)


def words(derivation):
    told = [item for p in derivation.parts if isinstance(p, Paragraph) for item in p.text]
    return " ".join(item for item in told if isinstance(item, str))


# --- k-means ------------------------------------------------------------------------------------------


def test_six_points_in_two_clusters():
    derivation = solved(points=SIX, centres=[[1, 1], [2, 1]])
    assert derivation.status() is Status.PROVED
    assert [[text(x) for x in c] for c in result(derivation, "centres").value] == [["4/3", "5/3"], ["6", "5"]]
    assert [text(k) for k in result(derivation, "clusters").value] == ["1", "1", "1", "2", "2", "2"]
    assert text(result(derivation, "sum of squares").value) == "22/3"
    assert result(derivation, "sums of squares").number == [104, 14, 22 / 3]


def test_the_sum_of_squares_falls_and_every_fall_is_proved():
    derivation = solved(points=SIX, centres=[[1, 1], [2, 1]])
    falls = [s for s in derivation.steps() if s.rule == "smaller than before"]
    assert [text(s.before) for s in falls] == ["30", "14", "22/3"]
    assert all(s.verdict.status is Status.PROVED for s in falls)


def test_each_step_has_a_table_of_squared_distances():
    tables = [p for p in quick(points=SIX, clusters=2).parts if isinstance(p, Table)]
    assert [len(t.rows) for t in tables] == [6, 6, 6, 3]
    assert [text(cell[0]) for cell in tables[0].rows[3][2:4]] == ["25", "18"]


def test_a_tie_goes_to_the_lower_number_and_is_said():
    derivation = quick(points=[1, 2, 3, 4, 8, 9, 10, 16], centres=[1, 3, 10])
    assert "Point 2 is as near to two centres" in words(derivation)
    assert "as near" not in words(quick(points=SIX, centres=[[1, 1], [2, 1]]))


def test_the_first_different_points_are_the_start():
    same = [quick(points=[[1, 1], [1, 1], *SIX[1:]], **start) for start in
            ({"clusters": 2}, {}, {"centres": [[1, 1], [2, 1]]})]
    assert len({tuple(map(text, result(d, "clusters").value)) for d in same}) == 1


def test_too_few_steps_are_said():
    derivation = solved(points=SIX, clusters=2, steps=1)
    assert derivation.status() is Status.PROVED
    assert "may still change" in words(derivation)


def test_one_cluster_has_the_mean():
    assert [text(x) for x in result(solved(points=SIX, clusters=1), "centres").value[0]] == ["11/3", "10/3"]


def test_many_points_are_told_by_tables():
    derivation = solved(points=[[k % 7, (3 * k) % 11] for k in range(30)], clusters=3, steps=20)
    assert derivation.status() is Status.PROVED


SMALL = st.integers(-20, 20)


@given(st.lists(st.tuples(SMALL, SMALL), min_size=3, max_size=12, unique=True), st.integers(2, 3))
@settings(max_examples=60, deadline=None)
def test_no_half_step_makes_the_sum_of_squares_larger(points, clusters):
    exact = tuple(tuple(map(Fraction, p)) for p in points)
    try:
        walk = walked(exact, exact[:clusters], 20, decimals=False)
    except DeriveError as error:
        assume("empty" not in error.message)
        raise
    sums = [walk.squares(t, later) for t in range(len(walk.centres) - 1) for later in (0, 1)]
    assert all(b <= a for a, b in pairwise(sums))
    if walk.settled:
        places = np.array(points, dtype=float)
        for k, centre in enumerate(walk.centres[-1]):
            assert np.allclose(places[np.array(walk.assigned[-1]) == k].mean(axis=0), [float(x) for x in centre])


def test_no_centre_is_better_than_the_mean():
    start = r"\sum_{i=1}^n \|x_i - c\|^2"
    right = r"\sum_{i=1}^n \|x_i - \bar{x}\|^2 + n \|\bar{x} - c\|^2"
    wrong = r"\sum_{i=1}^n \|x_i - \bar{x}\|^2 + \|\bar{x} - c\|^2"
    known = {"declare": DECLARED, "define": rf"\bar{{x}} = {MEAN}"}
    assert equal(start, right, **known).status is Status.PROVED
    assert equal(start, wrong, **known).status is Status.REFUTED


# --- EM -------------------------------------------------------------------------------------------------


def plain(data, weights, means, variances, steps):
    """EM without any rounding: parameters and the log-likelihoods."""
    x, w, m, v = (np.array(a, dtype=float) for a in (data, weights, means, variances))
    logs = []
    for _ in range(steps + 1):
        g = w / np.sqrt(2 * math.pi * v) * np.exp(-((x[:, None] - m) ** 2) / (2 * v))
        logs.append(np.log(g.sum(axis=1)).sum())
        r = g / g.sum(axis=1, keepdims=True)
        last = (w, m, v)
        n = r.sum(axis=0)
        w, m = n / len(x), (r * x[:, None]).sum(axis=0) / n
        v = (r * (x[:, None] - m) ** 2).sum(axis=0) / n
    return last, logs


def test_two_gaussians_and_every_step_is_proved():
    derivation = solved(**EM)
    assert derivation.status() is Status.PROVED
    (w, m, v), logs = plain(LINE, [0.5, 0.5], [-1, 1], [1, 1], 2)
    for name, expected in (("weights", w), ("means", m), ("variances", v)):
        assert np.allclose(result(derivation, name).number, expected, atol=2e-5)
    assert np.allclose(result(derivation, "log-likelihoods").number, logs, atol=1e-4)
    assert any(s.rule == "the bound is below" for s in derivation.steps())


@given(st.lists(st.integers(-9, 9), min_size=4, max_size=9), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_the_bound_lies_between_the_log_likelihoods(data, steps):
    assume(len(set(data)) > 2)
    exact = tuple(map(Fraction, data))
    try:
        course = run(started(exact, (min(exact), max(exact)), None, None), steps)
    except DeriveError as error:
        assume("variance" not in error.message)
        raise
    for t, bound in enumerate(course.bounds):
        assert course.logs[t + 1] >= bound - 1e-4
        assert bound >= course.logs[t] - 1e-4


def test_means_far_from_the_data_do_no_harm():
    derivation = solved(method="EM", points=[0, 1, 2, 3], centres=[-47, 50], variances=[1, 1])
    assert derivation.status() is Status.PROVED


def test_a_variance_that_is_written_with_a_power_of_ten_is_not_zero():
    derivation = solved(**{**EM, "points": ["0", "0.001", "1", "1.001"], "centres": [0, 1], "variances": ["0.01"] * 2})
    assert result(derivation, "variances").number == pytest.approx([2.5e-7, 2.5e-7])
    assert derivation.status() is Status.PROVED


def test_steps_that_no_longer_change_anything_are_said():
    derivation = solved(**{**EM, "points": [-1, 1, 9, 11], "centres": [0, 10]}, steps=3)
    assert derivation.status() is Status.PROVED
    assert "no longer changes" in words(derivation) or any(s.rule == "the M-step" for s in derivation.steps())


def test_the_gap_of_the_bound_is_a_divergence():
    assert equal(*INEQUALITY, declare=LETTERS).status is Status.PROVED
    assert equal(INEQUALITY[0], "0", declare=LETTERS).status is Status.REFUTED


# --- pictures and refusals ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"points": SIX, "clusters": 2}, "3 around (6, 5)"), ({"points": [1, 2, 9], "clusters": 2}, "1 around (9)"),
     (EM, "densities of a mixture")],
)
def test_pictures(fields, said):
    figure = next(p for p in quick(**{**fields, "figure": True}).parts if isinstance(p, Figure))
    assert figure.drawing == "clusters"
    assert said in figure.alt


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"points": [[1, 1]]}, "nothing to part"),
        ({"points": []}, "nothing to part"),
        ({"points": [[1, 1], [1, 1]]}, "all points are equal"),
        ({"points": [[1, 1], [2, 2]], "clusters": 3}, "3 clusters of 2 different points"),
        ({"points": [[1, 1], [2, 2], [1, 1]], "centres": [[0, 0], [1, 1], [2, 2]]}, "3 clusters of 2 different"),
        ({"points": SIX, "clusters": 3, "centres": [[1, 1], [2, 2]]}, "2 centres for 3 clusters"),
        ({"points": SIX, "centres": [[1, 1], [1, 1]]}, "centres 1 and 2 are the same"),
        ({"points": SIX, "centres": [[1, 1], [2]]}, "centres: point 2 has 1 coordinates"),
        ({"points": SIX, "centres": [[1], [2]]}, "centre 1 has 1 coordinates and the points have 2"),
        ({"points": SIX, "centres": [[1, 1], [100, 100]]}, "step 1 no point is nearest to centre 2"),
        ({"points": SIX, "variances": [1, 1]}, "k-means has none"),
        ({**EM, "points": SIX, "centres": [[1, 1], [2, 1]]}, "EM is written out for numbers"),
        ({**EM, "centres": [1, 2, 3], "variances": None}, "two Gaussians, not 3"),
        ({**EM, "variances": [1, 0]}, "variance 2 is 0"),
        ({**EM, "variances": [1, -1]}, "variance 2 is -1"),
        ({**EM, "variances": [1]}, "1 numbers for 2 components"),
        ({**EM, "weights": [0.5, 0.6]}, "add up to 11/10"),
        ({**EM, "weights": [0, 1]}, "not positive"),
        ({**EM, "points": [0, 10, 11], "centres": [0, 10], "variances": [0.01, 1]}, "of component 1 becomes zero"),
        ({**EM, "centres": [900, 1000]}, "component 2 is responsible for no point"),
        ({**EM, "points": [5, 5, 5]}, "all points are equal"),
        ({**EM, "points": list(range(13))}, "13 data are too many"),
    ],
)  # fmt: skip
def test_data_that_cannot_be_clustered(fields, message):
    with pytest.raises(DeriveError, match=message) as caught:
        quick(**{k: v for k, v in fields.items() if v is not None})
    assert caught.value.hint
