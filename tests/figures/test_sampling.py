import math

import numpy as np
import pytest

from derive.figures._sampling import clip, sample, visible
from derive.numeric.evaluate import compile
from derive.read.latex import read
from derive.tree import Symbol

X = Symbol("x")


def _curve(formula, low, high, exactly=()):
    return sample(compile(read(formula), [X]), low, high, exactly)


def _breaks(curve):
    """Where the curve is interrupted between two of its points."""
    known = np.flatnonzero(np.isfinite(curve.y))
    gaps = np.flatnonzero(np.diff(known) > 1)
    return [(curve.x[known[g]] + curve.x[known[g + 1]]) / 2 for g in gaps]


@pytest.mark.parametrize(
    ("formula", "where"),
    [
        (r"\frac{1}{x}", [0]),
        (r"\frac{1}{x - 0.3}", [0.3]),
        (r"\tan x", [-math.pi / 2, math.pi / 2]),
        (r"\frac{x}{\left|x\right|}", [0]),
        (r"\begin{cases} 0 & x < 1/3 \\ 1 & x \ge 1/3 \end{cases}", [1 / 3]),
        (r"\frac{1}{x^2 - 1}", [-1, 1]),
        (r"\sqrt{x^2 - 1}", [0]),
    ],
)
def test_a_curve_is_broken_at_poles_jumps_and_gaps(formula, where):
    assert _breaks(_curve(formula, -3, 3.0001)) == pytest.approx(where, abs=1e-6)


@pytest.mark.parametrize(
    "formula", ["x^3", r"\left|x\right|", r"\max(0, x)", r"\sqrt[3]{x}", r"\tanh(200x)", "e^{x^2}", r"\sin(30x)", "2"]
)
def test_a_continuous_curve_is_whole(formula):
    curve = _curve(formula, -3, 3.0001)
    assert np.isfinite(curve.y).all()
    assert (np.diff(curve.x) >= 0).all()


def test_a_jump_reaches_both_of_its_ends():
    curve = _curve(r"\begin{cases} 0 & x < 1/3 \\ 1 & x \ge 1/3 \end{cases}", -1, 1)
    zeros, ones = curve.x[curve.y == 0], curve.x[curve.y == 1]
    assert 0 < ones.min() - zeros.max() < 1e-12


def test_a_curve_reaches_the_edge_of_its_domain():
    curve = _curve(r"\sqrt{x}", -1, 1.01)
    assert 0 <= curve.x[np.isfinite(curve.y)].min() < 1e-12
    assert (curve.low, curve.high) == pytest.approx((0, 1), abs=0.1)


def test_what_is_shown_leaves_spikes_out_and_keeps_ordinary_curves_whole():
    assert visible(np.linspace(-3, 3, 100)) == (-3, 3)
    low, high = _curve(r"\frac{1}{x}", -5, 5).low, _curve(r"\frac{1}{x}", -5, 5).high
    assert -10 < low < -1 and 1 < high < 10
    assert _curve("e^{x}", -5, 5).high == pytest.approx(math.exp(5))
    assert np.isnan(visible(np.array([np.nan, np.inf]))).all()


def test_points_that_matter_are_sampled_exactly():
    curve = _curve(r"\left|x\right|", -1, 1.3, [0.0, 0.7, 9.0])
    assert {0.0, 0.7} <= set(curve.x)
    assert curve.x.max() == 1.3


def test_a_function_without_values_is_an_empty_curve():
    assert _curve(r"\log(-1 - x^2)", -1, 1).empty
    assert not _curve("x", -1, 1).empty


def test_huge_values_are_held_near_the_picture():
    assert clip(np.array([-1e300, 0.5, 1e300]), 0, 1).tolist() == [-10, 0.5, 11]
