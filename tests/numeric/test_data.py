"""Columns of data from distributions, formulas and lists."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import limits
from derive.errors import DeriveError, LimitError
from derive.numeric.data import DISTRIBUTIONS, columns, source
from derive.write.text import text


def made(n=None, seed=1, generator="default", **given):
    return {c.name.plain: c.values for c in columns(given, n, source(generator, seed))}


def test_the_legacy_generator_is_numpys_global_one():
    x = np.random.RandomState(3).normal(size=4)
    assert np.array_equal(made(4, 3, "legacy", x="normal")["x"], x)


def test_the_default_generator_is_numpys_new_one():
    assert np.array_equal(made(4, 3, x="uniform(-1, 1)")["x"], np.random.default_rng(3).uniform(-1, 1, 4))


EXAMPLES = {
    "normal": ("normal(2, 1/2)", 2, 0.25), "uniform": ("uniform(-1, 3)", 1, 16 / 12),
    "exponential": ("exponential(2)", 2, 4), "laplace": ("laplace(1, 2)", 1, 8),
    "bernoulli": ("bernoulli(0.25)", 0.25, 0.1875), "poisson": ("poisson(3)", 3, 3),
    "whole": ("whole(1, 6)", 3.5, 35 / 12),
    "grid": ("grid(0, 1)", 0.5, 1 / 12),
}  # fmt: skip


def test_every_distribution_has_an_example():
    assert EXAMPLES.keys() == DISTRIBUTIONS.keys()


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("generator", ["default", "legacy"])
def test_mean_and_variance(name, generator):
    word, mean, variance = EXAMPLES[name]
    x = made(20_000, 5, generator, x=word)["x"]
    assert x.mean() == pytest.approx(mean, abs=6 * math.sqrt(variance / len(x)))
    assert x.var() == pytest.approx(variance, rel=0.15)


def test_a_formula_uses_the_columns_before_it():
    data = made(50, x="normal", u="normal(0, 0.1)", y=r"2x + 1 + u", c=r"bernoulli(\sigma(100 x))")
    assert np.allclose(data["y"], 2 * data["x"] + 1 + data["u"])
    assert set(data["c"]) == {0.0, 1.0}
    assert np.mean((data["x"] > 0) == (data["c"] == 1)) > 0.9


def test_lists_constants_and_numbers_in_formulas():
    data = made(x=[1, 2, 4], k=2, y="k x^2")
    assert data["y"].tolist() == [2, 8, 32]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 50))
def test_a_seed_fixes_every_column(seed, n):
    first, second = (made(n, seed, x="normal", y="x + 1", z="uniform(0, 2)") for _ in range(2))
    assert all(np.array_equal(first[name], second[name]) for name in "xyz")
    assert all(len(first[name]) == n for name in "xyz")


def test_a_column_tells_where_it_comes_from():
    x, y = columns({"x": "normal(0, 2)", "y": "x^2"}, 3, source("default", 1))
    told = ["".join(p if isinstance(p, str) else text(p) for p in c.origin) for c in (x, y)]
    assert told == ["x: normal distribution with mean 0 and deviation 2", "y = x²"]


REFUSED = [
    ({"x": "nromal"}, 'no distribution "nromal"'),
    ({"x": "normal(0, -1)"}, "deviation is not negative"),
    ({"x": "uniform(2, 1)"}, "low is not above high"),
    ({"x": "bernoulli(2)"}, "p is a probability"),
    ({"x": "bernoulli"}, "needs its parameter p"),
    ({"x": "normal(0, 1, 2)"}, "takes 2 parameters, 3 are given"),
    ({"y": "x", "x": "normal"}, "x is no column before it"),
    ({"x": "normal", "y": r"\ln(x)"}, "no finite value in row"),
    ({"x": "normal", "y": "y = x"}, "found a relation"),
    ({"x": [1, 2]}, "x has 2 numbers, n is 5"),
    ({"x": [1, 2, 3, 4, "a"]}, "x: expected a number"),
    ({"e": "normal"}, "e is the number"),
    ({"x": "normal", "x_": "normal"}, "x_"),
]


@pytest.mark.parametrize(("given", "message"), REFUSED)
def test_what_cannot_be_made_is_refused_with_the_column(given, message):
    with pytest.raises(DeriveError, match=message):
        made(5, **given)


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(DeriveError, match="y has 1 numbers, x has 2"):
        made(x=[1, 2], y=[1])


def test_the_number_of_rows_is_needed_and_bounded():
    with pytest.raises(DeriveError, match="how many rows"):
        made(x="normal")
    with pytest.raises(DeriveError, match="no rows"):
        made(0, x="normal")
    with pytest.raises(LimitError, match="too many"):
        made(limits.DATA_ROWS + 1, x="normal")


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(DeriveError, match="seed"):
        source("default", seed)


def test_an_unknown_generator_is_refused():
    with pytest.raises(DeriveError, match="mersenne"):
        source("mersenne", 1)
