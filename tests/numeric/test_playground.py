"""Data sets of two classes, features, and the split."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import DeriveError, MathError
from derive.numeric.playground import DATA_SETS, Points, features, points, split, standard_of, unchanged
from derive.read.latex import read

SEEDS = st.integers(0, 2**32 - 1)


def drawn(name, count=200, noise=0.0, seed=1):
    return points(name, count, noise, np.random.default_rng(seed))


RULES = {
    "circle": lambda x, y: np.hypot(x, y) < 2.5,
    "xor": lambda x, y: x * y >= 0,
}


@pytest.mark.parametrize("name", RULES)
@given(seed=SEEDS)
@settings(max_examples=20)
def test_without_noise_the_labels_follow_the_rule(name, seed):
    made = drawn(name, seed=seed)
    assert np.array_equal(made.labels > 0, RULES[name](*made.places.T))


@pytest.mark.parametrize("name", DATA_SETS)
@given(count=st.integers(4, 99), noise=st.floats(0, 0.5), seed=SEEDS)
@settings(max_examples=20)
def test_so_many_points_with_labels_1_and_minus_1(name, count, noise, seed):
    made = drawn(name, count, noise, seed)
    assert made.places.shape == (count, 2)
    assert set(made.labels) <= {1.0, -1.0}
    again = drawn(name, count, noise, seed)
    assert np.array_equal(made.places, again.places) and np.array_equal(made.labels, again.labels)


def test_where_the_points_lie():
    ring = np.hypot(*drawn("circle", 2000).places.T)
    assert not np.any((ring > 2.5) & (ring < 3.5)) and ring.max() <= 5
    assert np.abs(drawn("xor", 2000).places).min() >= 0.3
    spiral = drawn("spiral", 1000)
    first, second = spiral.places[:500], spiral.places[500:]
    assert np.allclose(first, -second)
    cloud = drawn("gaussian", 20_000, 0.5)
    assert cloud.places[cloud.labels > 0].mean(axis=0) == pytest.approx([2, 2], abs=0.1)
    assert cloud.places[cloud.labels > 0].var(axis=0) == pytest.approx([4, 4], rel=0.05)


def test_noise_mixes_the_classes():
    made = drawn("circle", 2000, 0.5)
    inside = np.hypot(*made.places.T) < 2.5
    assert 0.05 < (inside != (made.labels > 0)).mean() < 0.6


@pytest.mark.parametrize(
    ("name", "count", "noise", "message"),
    [("moons", 100, 0, "no data set"), ("xor", 3, 0, "too few"), ("xor", 100, 0.6, "noise"), ("xor", 100, -1, "noise")],
)
def test_what_is_refused(name, count, noise, message):
    with pytest.raises(DeriveError, match=message):
        drawn(name, count, noise)


def test_features_are_formulas():
    places = np.array([[1.0, 2.0], [3.0, -1.0]])
    found = features([read("x_1"), read("x_1 x_2"), read("x_2^2"), read(r"\sin x_1"), read("1")], places)
    assert found == pytest.approx(np.array([[1, 2, 4, np.sin(1), 1], [3, -3, 1, np.sin(3), 1]]))
    with pytest.raises(MathError, match=r"feature 2 has no value at the point \(3, -1\)"):
        features([read("x_1"), read(r"\log x_2")], places)


def test_standardised_features_have_mean_0_and_deviation_1():
    values = np.random.default_rng(1).normal(3, 5, (50, 3))
    values[:, 2] = 7
    scaled = standard_of(values)(values)
    assert scaled.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-12)
    assert scaled.std(axis=0) == pytest.approx([1, 1, 0])
    assert np.array_equal(unchanged(3)(values), values)


@given(st.integers(4, 200), st.floats(0.3, 0.7), SEEDS)
def test_a_split_gives_every_point_once(count, share, seed):
    first, second = split(count, share, np.random.default_rng(seed))
    assert sorted([*first, *second]) == list(range(count))
    assert len(first) == round(share * count)


@pytest.mark.parametrize("share", [0, 0.01, 1, 1.5, -1])
def test_a_split_that_leaves_one_side_empty(share):
    with pytest.raises(DeriveError, match="split"):
        split(10, share, np.random.default_rng(1))


def test_some_of_the_points():
    made = Points(np.array([[1.0, 2], [3, 4]]), np.array([1.0, -1]))
    assert len(made.of(np.array([1]))) == 1 and made.of(np.array([1])).labels[0] == -1
