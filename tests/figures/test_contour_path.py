import math

import numpy as np
import pytest

from derive.figures import contour_path, cost_curve, error_plot, function_plot
from derive.figures.contour_path import _roundest, _scene, levels
from derive.figures.error_plot import degree
from derive.read.latex import read
from derive.tree import Symbol

X, Y = Symbol("x"), Symbol("y")
COST = read("2x^2 + 3xy")
BY_HAND = [[1, 9], [-30, 6], [72, 96], [-504, -120]]


def _data(path, stationary=((0, 0, "saddle"),)):
    return {"function": COST, "variables": [X, Y], "path": path, "name": "C", "stationary": stationary}


def test_the_description_says_where_the_path_leads_and_how_the_cost_runs():
    assert contour_path.describe(_data(BY_HAND)) == (
        "Contour plot of C; path from (1, 9) to (-504, -120) in 3 steps; the cost rises at each step; "
        "saddle point at (0, 0)."
    )
    back = contour_path.describe(_data(BY_HAND[::-1], ()))
    assert back.endswith("in 3 steps; the cost falls at each step.")
    assert "rises at 1 of 2 steps" in contour_path.describe(_data([[1, 1], [2, 2], [0, 0]]))
    assert contour_path.describe(_data([[1, 1]], ())) == "Contour plot of C; the start (1, 1)."
    lost = contour_path.describe(_data([[1, 1], [math.nan, 1], [1, 1]]))
    assert "not finite or too large to draw (2 points left out)" in lost


@pytest.mark.parametrize(
    "path", [BY_HAND, [[0, 0]], [[1, 1], [1, 1]], [[1e-9, 0], [2e-9, 0]], [[1e9, 5], [1e9 + 1, 5]], [[0, 1e-300]]]
)
def test_every_point_of_the_path_is_in_the_picture(path):
    scene = _scene(_data(path))
    points = np.array(path, dtype=float)
    assert (scene.x.low < points[:, 0]).all() and (points[:, 0] < scene.x.high).all()
    assert (scene.y.low < points[:, 1]).all() and (points[:, 1] < scene.y.high).all()


def test_a_path_that_grows_beyond_all_bounds_is_shown_logarithmically():
    assert _scene(_data(BY_HAND)).linear
    growing = [[(-5.0) ** k, 3 * 5.0**k] for k in range(9)]
    assert not _scene(_data(growing)).linear
    assert _scene(_data(growing[::-1])).linear  # it converges


def test_a_stationary_point_far_away_does_not_hide_the_path():
    assert _scene(_data([[1, 9], [4, 6]])).stationary
    assert not _scene(_data([[100, 900], [101, 901]])).stationary


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(0.9, 1.3, 1), (-1, 2, 0), (118, 123, 120), (-0.052, -0.047, -0.05)]
)
def test_levels_are_round(low, high, expected):
    assert _roundest(low, high) == pytest.approx(expected)


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1, 1e9, 1e200])
def test_levels_rise_and_divide_the_values(scale):
    values = scale * np.linspace(-1, 3, 500) ** 3
    found = levels(values)
    assert 6 <= len(found) <= 12
    assert (np.diff(found) > 0).all()
    assert values.min() < found[0] and found[-1] < values.max()
    shares = np.diff([np.mean(values < level) for level in found])
    assert shares.max() < 0.2


def test_there_are_no_levels_of_a_constant_or_of_nothing():
    assert levels(np.full(9, 3.0)) == []
    assert levels(np.full(9, np.nan)) == []
    assert len(levels(np.maximum(0, np.linspace(-5, 1, 100)))) >= 4


def test_other_descriptions():
    assert cost_curve.describe({"costs": [29, 1260, 31104], "name": "C"}) == (
        "Line plot of C per step, from 29 to 31104 in 2 steps; it rises at each step."
    )
    curve = {"node": read(r"\sigma(x)"), "label": read(r"\sigma(x)")}
    point = {"x": 0, "y": 0.5, "label": None}
    data = {"curves": [curve], "variable": X, "range": [-2, 2], "points": [point], "horizontal": [1]}
    panels = {"variable": X, "panels": [data, data]}
    assert function_plot.describe(panels) == " ".join([function_plot.describe(data)] * 2)
    assert function_plot.describe(data) == (
        "Plot of σ(x) for x from -2 to 2; marked: (0, 0.5); horizontal line at 1."
    )
    data = {"function": read("x^2"), "polynomials": [read("2x - 1")], "variable": X, "centre": 1, "range": [0, 3]}
    assert error_plot.describe(data) == (
        "Two plots from 0 to 3: f with T_1 about 1, and below their errors on a logarithmic scale; "
        "error of T_1 up to 4."
    )


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("3", 0), ("2x", 1), ("x^2 + x", 2), (r"1 - \frac{(x - 1)^4}{24}", 4), ("x^{-1}", None), ("x^y", None)],
)
def test_the_degree_of_a_polynomial_as_it_is_written(formula, expected):
    assert degree(read(formula), X) == expected


def test_a_range_is_chosen_around_what_is_marked():
    def chosen(*points, **more):
        curve = {"node": read(more.pop("formula", r"\sin x")), "label": "f"}
        marks = [{"x": x, "y": 0, "label": None} for x in points]
        return function_plot._plot({"curves": [curve], "variable": X, "points": marks, **more}).x

    assert chosen() == (-5, 5)
    assert chosen(0) == (-4, 4)
    assert chosen(0, horizontal=[1]) == (-5, 5)
    assert chosen(-1, 1) == (-2.5, 2.5)
    assert chosen(100) == (0, 200)
    low, high = chosen(1, formula=r"\log x")
    assert -0.5 < low < 0 and high == 5
    function, slope = {"node": read(r"\log x")}, {"node": read(r"\frac{1}{x}"), "of": read(r"\log x")}
    data = {"variable": X, "points": [{"x": 1, "y": 0}]}
    assert function_plot._plot({"curves": [function, slope], **data}).x[0] > -0.5  # no derivative without a function
    del slope["of"]
    assert function_plot._plot({"curves": [function, slope], **data}).x[0] < -2
    low, high = chosen(1, formula="x^x")  # has values at -1, -2, ..., too
    assert -0.5 < low < 0 and high < 5


@pytest.mark.parametrize(
    ("costs", "logarithmic"),
    [
        ([29, 1260, 31104, 689472], True),
        ([62, -33.3, -67.4, -95.1], False),
        ([100 * 0.97**k - 1 for k in range(500)], False),
        ([(-3.0) ** k for k in range(20)], True),
        ([1e-9, 1.0], False),
        ([5.0, 5.0, 5.0], False),
        ([-1.0, -10.0, -1e5], True),
    ],
)
def test_a_logarithmic_scale_is_for_many_powers_of_ten(costs, logarithmic):
    assert cost_curve._logarithmic(np.array(costs, dtype=float), None) is logarithmic
    assert cost_curve._logarithmic(np.array(costs, dtype=float), not logarithmic) is not logarithmic
