"""The coefficients of a model that a network amounts to."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.api import solve_problem
from derive.errors import DeriveError
from derive.numeric.value import value_of
from derive.read.problems import make
from derive.steps import Status, Table
from derive.tree import Symbol
from derive.write.text import text

HIDDEN = ["z_1 = w_1 X_1 + w_3 X_2", "z_2 = w_2 X_1 + w_4 X_2"]
LINE = r"\beta_1 X_1 + \beta_2 X_2"


OUTPUT = r"\hat{y} = w_5 z_1 + w_6 z_2"


def solved(units, model=LINE, variables=("X_1", "X_2"), **more):
    given = {"units": list(units), "model": model, "variables": list(variables), **more}
    return solve_problem(make("coefficients", given))


def values(derivation):
    return {r.name: r.value for r in derivation.results}


NETWORKS = [
    ([*HIDDEN, r"\hat{y} = w_5 z_1 + w_6 z_2"], LINE, {"β₁": "w₁ w₅ + w₂ w₆", "β₂": "w₃ w₅ + w₄ w₆"}),
    ([*HIDDEN, r"\hat{y} = \sigma(w_5 z_1 + w_6 z_2)"], rf"\sigma({LINE})",
     {"β₁": "w₁ w₅ + w₂ w₆", "β₂": "w₃ w₅ + w₄ w₆"}),
    (["z = a X_1 + b", "y = c z + d"], r"\beta_0 + \beta_1 X_1 + \beta_2 X_2",
     {"β₀": "b c + d", "β₁": "a c", "β₂": "0"}),
    (["y = X_1 - X_2"], LINE, {"β₁": "1", "β₂": "-1"}),
]


@pytest.mark.parametrize(("units", "model", "expected"), NETWORKS)
def test_coefficients(units, model, expected):
    derivation = solved(units, model)
    found = {text(r.label): text(r.value) for r in derivation.results if r.shown}
    assert found == expected
    assert derivation.status() is Status.PROVED


WRONG = [
    (["z = \\sigma(w_1 X_1)", "y = w_2 z"], LINE, "z = σ"),
    (["z = X_1 X_2", "y = z"], LINE, "not linear"),
    (["y = \\sigma(w_1 X_1)"], LINE, "no activation"),
    (["y = w_1 X_1"], rf"\sigma({LINE})", "no activation"),
    (["y = w_1 X_1 + b"], LINE, "constant term b"),
    (["y = w_1 X_1"], r"\beta X_1 + \beta X_2", "coefficient of its own"),
    (["z = X_2", "y = z + X_1"], r"\beta_1 X_1", "nothing of the kind"),
    (["y = y + X_1"], LINE, "defined by it"),
    (["y + X_1"], LINE, "does not define"),
    ([], LINE, "no units"),
]


@pytest.mark.parametrize(("units", "model", "message"), WRONG)
def test_refused(units, model, message):
    with pytest.raises(DeriveError) as caught:
        solved(units, model)
    assert message in str(caught.value)


def searched(units, model=LINE, words=("linear", "sigmoid")):
    derivation = solved(units, model, activations=list(words))
    rows = next(p for p in derivation.parts if isinstance(p, Table)).rows
    count = len(units)
    verdicts = {tuple(cell[0] for cell in row[:count]): row[count][0] for row in rows}
    assert len(verdicts) == len(words) ** count
    assert derivation.status() is Status.PROVED
    return derivation, [words for words, verdict in verdicts.items() if verdict == "yes"]


SEARCHES = [
    ([*HIDDEN, OUTPUT], LINE, [("linear", "linear", "linear")]),
    ([*HIDDEN, OUTPUT], rf"\sigma({LINE})", [("linear", "linear", "sigmoid")]),
    ([*HIDDEN, r"\hat{y} = w_5 (z_1 - z_2)"], LINE, [("linear", "linear", "linear")]),
    (["y = a X_1 + b"], LINE, []),
    (["z = c", "y = z + a X_1"], rf"\beta_0 + {LINE}", [("linear", "linear"), ("sigmoid", "linear")]),
]


@pytest.mark.parametrize(("units", "model", "expected"), SEARCHES)
def test_the_assignments_of_activations_that_fit(units, model, expected):
    derivation, found = searched(units, model)
    assert found == expected
    named = [[text(word) for word in r.value.items] for r in derivation.results if r.name.startswith("assignment")]
    assert named == [list(words) for words in expected]
    assert bool(expected) == any(text(r.label).startswith("β") for r in derivation.results)


REFUSED_SEARCHES = [
    ([*HIDDEN, r"\hat{y} = \sigma(w_5 z_1 + w_6 z_2)"], LINE, "an activation already"),
    ([*HIDDEN, OUTPUT], rf"\tanh({LINE})", "linear and logistic regression only"),
    ([*(f"z_{k} = w_{k} X_1" for k in range(1, 8)), "y = z_1"], LINE, "at most 64"),
]


@pytest.mark.parametrize(("units", "model", "message"), REFUSED_SEARCHES)
def test_a_search_is_refused(units, model, message):
    with pytest.raises(DeriveError) as caught:
        searched(units, model)
    assert message in str(caught.value)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=8, max_size=8))
def test_the_model_has_the_networks_values(numbers):
    derivation = solved([*HIDDEN, OUTPUT])
    point = {Symbol("w", str(k)): float(n) for k, n in enumerate(numbers[:6], 1)}
    inputs = [float(n) for n in numbers[6:]]
    by_label = {text(r.label): r.value for r in derivation.results}
    network = value_of(by_label["ŷ"], {**point, Symbol("X", "1"): inputs[0], Symbol("X", "2"): inputs[1]})
    model = sum(value_of(by_label[name], point) * x for name, x in zip(("β₁", "β₂"), inputs, strict=True))
    assert network == pytest.approx(model)
