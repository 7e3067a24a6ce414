"""Entropies: of tables against SciPy, joint tables with their identities, assigned probabilities, families."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from derive.errors import DeriveError
from derive.kinds import entropy
from derive.numeric.value import value_of
from derive.read.problems import make
from derive.steps import Status
from derive.tree import INFINITY, Expectation, walk
from derive.verify import verify


def solved(**given_):
    return entropy.solve(make("entropy", given_))


def value(derivation, name):
    return value_of(next(r.value for r in derivation.results if r.name == name))


@pytest.mark.parametrize(("given_", "name", "expected"), [
    ({"p": ["1/2", "1/4", "1/4"]}, "H(p) in bits", 1.5),
    ({"p": ["1/2", "1/4", "1/4"]}, "perplexity", 2**1.5),
    ({"p": [1, 0]}, "H(p) in nats", 0),
    ({"p": ["1/10"] * 10}, "H(p) in base 10", 1),
    ({"p": ["1/2", "1/2"], "q": ["1/4", "3/4"]}, "H(p, q) in nats", -(math.log(1 / 4) + math.log(3 / 4)) / 2),
    ({"p": ["1/2", "1/2"], "q": ["1/4", "3/4"]}, "KL(p || q) in nats", math.log(4 / 3) / 2),
    ({"assigned": [0.5, 0.25]}, "cross-entropy in bits", 1.5),
    ({"assigned": [0.5, 0.125]}, "perplexity", 4),
    ({"p": "normal(0, 2)"}, "H(p) in nats", stats.norm(0, 2).entropy()),
    ({"p": "gamma(2.5, 0.5)"}, "H(p) in nats", stats.gamma(2.5, scale=2).entropy()),
    ({"p": "beta(2, 3)"}, "H(p) in nats", stats.beta(2, 3).entropy()),
    ({"p": "Laplace(1, 3)"}, "H(p) in nats", stats.laplace(1, 3).entropy()),
    ({"p": "uniform(0, 0.5)"}, "H(p) in nats", -math.log(2)),
    ({"p": "geometric(0.25)"}, "H(p) in nats", stats.geom(0.25).entropy()),
    ({"p": "exponential(2)", "q": "exponential(3)"}, "H(p, q) in nats", 1.5 - math.log(3)),
])  # fmt: skip
def test_the_value(given_, name, expected):
    assert value(solved(**given_), name) == pytest.approx(float(expected), abs=1e-9)


def test_a_zero_under_the_model_makes_the_cross_entropy_infinite():
    derivation = solved(p=["1/2", "1/2"], q=[1, 0])
    assert next(r.value for r in derivation.results if r.name == "H(p, q) in nats") == INFINITY


JOINT = [["1/8", "1/16", "1/32", "1/32"], ["1/16", "1/8", "1/32", "1/32"], ["1/16"] * 4, ["1/4", 0, 0, 0]]


@pytest.mark.parametrize(("name", "bits"), [
    ("H(X)", 2), ("H(Y)", 7 / 4), ("H(X, Y)", 27 / 8), ("H(Y | X)", 11 / 8), ("H(X | Y)", 13 / 8), ("I(X; Y)", 3 / 8),
])
def test_a_joint_table(name, bits):
    assert value(solved(joint=JOINT), f"{name} in bits") == bits


def test_every_step_is_proved():
    assert verify(solved(joint=[["1/2", "1/8"], ["1/8", "1/4"]])).status() is Status.PROVED
    assert verify(solved(p=["1/2", "1/4", "1/4"], q=["1/3", "1/3", "1/3"])).status() is Status.PROVED


def test_independent_quantities_have_no_mutual_information():
    derivation = solved(joint=[["1/3", "1/6"], ["1/3", "1/6"]])
    assert value(derivation, "I(X; Y) in nats") == 0
    assert "are independent" in str(derivation.parts)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=2, max_size=3))
def test_identities_of_random_joint_tables(weights):
    whole = sum(map(sum, weights))
    if not whole:
        return
    derivation = solved(joint=[[f"{w}/{whole}" for w in row] for row in weights])
    h = {n: value(derivation, f"{n} in nats") for n in ("H(X)", "H(Y)", "H(X, Y)", "H(Y | X)", "H(X | Y)", "I(X; Y)")}
    assert h["H(X, Y)"] == pytest.approx(h["H(X)"] + h["H(Y | X)"], abs=1e-9)
    assert h["I(X; Y)"] == pytest.approx(h["H(X)"] + h["H(Y)"] - h["H(X, Y)"], abs=1e-9)
    assert h["I(X; Y)"] >= -1e-12
    assert h["H(X, Y)"] == pytest.approx(stats.entropy([w for row in weights for w in row]), abs=1e-9)


def test_what_was_thought_impossible_costs_infinitely_much():
    derivation = solved(assigned=[0.5, 0])
    assert [(r.name, r.value) for r in derivation.results] == [("cross-entropy in nats", INFINITY)]


@pytest.mark.parametrize(("given_", "words"), [
    ({}, "one of the three"),
    ({"p": ["1/2", "1/2"], "assigned": [0.5]}, "one of the three"),
    ({"p": [0.33, 0.33, 0.33]}, "sum to 0.99, not to 1"),
    ({"joint": [["1/2", "1/2"], ["1/2"]]}, "different lengths"),
    ({"joint": [["1/2", "1/4"], ["1/8", "1/4"]]}, "sum to 1.125"),
    ({"joint": [["1/2", "1/2"]], "rows": ["a", "b"]}, "2 names for 1 rows"),
    ({"assigned": [1.5]}, "above one"),
])  # fmt: skip
def test_bad_input_is_refused_with_a_reason(given_, words):
    with pytest.raises(DeriveError) as refused:
        solved(**given_)
    assert words in str(refused.value)


@pytest.mark.parametrize(("given_", "key"), [
    ({"p": [0.33, 0.33, 0.33]}, "p"),
    ({"joint": [["1/2", "1/4"], ["1/8", "1/4"]]}, "joint"),
    ({"assigned": [1.5]}, "assigned"),
    ({"p": "Poisson(2)", "q": "normal(0, 1)"}, "q"),
    ({"joint": [["1/2", "1/2"]], "rows": "a"}, "rows"),
])  # fmt: skip
def test_a_refusal_says_which_field_it_is_about(given_, key):
    with pytest.raises(DeriveError) as refused:
        solved(**given_)
    assert refused.value.key == key


def test_the_entropy_of_counts_keeps_the_mean_without_closed_form():
    derivation = verify(solved(p="Poisson(2)"))
    assert derivation.status() is Status.PROVED
    found = {r.name: r for r in derivation.results}
    assert any(isinstance(n, Expectation) for n in walk(found["H(p) in nats"].value))
    assert found["H(p) in nats"].number == pytest.approx(stats.poisson(2).entropy(), rel=1e-9)
    assert found["H(p) in bits"].number == pytest.approx(stats.poisson(2).entropy() / math.log(2), rel=1e-9)


def test_the_divergence_of_two_counts_has_a_closed_form_though_their_entropies_have_none():
    derivation = verify(solved(p="Poisson(2)", q="Poisson(3)"))
    assert derivation.status() is Status.PROVED
    assert value(derivation, "KL(p || q) in nats") == pytest.approx(2 * math.log(2 / 3) + 1)
