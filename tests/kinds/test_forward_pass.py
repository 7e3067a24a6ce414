"""Forward passes: the sheet's question, values against NumPy, softmax at any size, classes, counts, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.api import solve_problem
from derive.errors import DeriveError
from derive.kinds import forward_pass
from derive.read.problems import make
from derive.steps import Figure, Paragraph, Status
from derive.tree import numeric
from derive.write.text import text

SHEET = {
    "inputs": [3, 1, -1], "weights": [[[2, 1, -2], [-1, -3, 5]], [[6, -1], [2, 8]]], "activations": ["ReLU", "softmax"],
}


def solved(**given):
    return solve_problem(make("forward-pass", {"figure": False, **given}))


def quick(**given):
    """Without the verifier."""
    return forward_pass.solve(make("forward-pass", {"figure": False, **given}))


def result(derivation, name):
    return next(r for r in derivation.results if r.name == name)


def shown(derivation, name):
    value = result(derivation, name).value
    return [text(v) for v in value] if isinstance(value, tuple) else text(value)


def floats(derivation, name):
    found = result(derivation, name)
    numbers = found.number if found.number is not None else [float(numeric(v)) for v in np.atleast_1d(found.value)]
    return list(np.atleast_1d(numbers))


def rules(derivation):
    return [s.rule for s in derivation.all_steps()]


# --- the sheet ---------------------------------------------------------------------------------------


def test_the_sheet_question():
    derivation = solved(**SHEET)
    assert derivation.status() is Status.PROVED
    names = ("sums of layer 1", "outputs of layer 1", "logits", "softmax")
    assert [shown(derivation, n) for n in names] == [
        ["9", "-11"], ["9", "0"], ["54", "18"], ["1/(1 + e⁻³⁶)", "1/(1 + e³⁶)"],
    ]  # fmt: skip
    assert result(derivation, "predicted class").number == "class 1 (output 1)"
    counts = ("weights", "biases", "parameters", "parameters if every unit had a bias")
    assert [shown(derivation, n) for n in counts] == ["10", "0", "10", "14"]


def test_every_unit_is_written_out_substituted_evaluated_and_activated():
    chain, activated = list(solved(**SHEET).chains())[:2]
    assert text(chain.steps[0].before) == "w₁₁⁽¹⁾ x₁ + w₁₂⁽¹⁾ x₂ + w₁₃⁽¹⁾ x₃"
    assert [text(s.after) for s in chain.steps] == ["2·3 + 1·1 + (-2)·(-1)", "6 + 1 + 2", "9"]
    assert [(text(s.after), s.rule) for s in activated.steps] == [
        ("ReLU(9)", "substitute"), ("9", "rectifier of a number"),
    ]  # fmt: skip


def test_a_probability_near_one_is_not_rounded_to_one():
    derivation = quick(**SHEET)
    shifted = [c for c in derivation.chains() if any(s.rule == "subtract the largest logit" for s in c.steps)]
    ends = [text(c.steps[-1].after) for c in shifted]
    assert ends == ["1/(1 + e⁻³⁶)", "2.31952·10⁻¹⁶"]


def test_small_logits_need_no_shift():
    assert "subtract the largest logit" not in rules(quick(**{**SHEET, "inputs": ["0.1", 0, 0]}))


# --- values ------------------------------------------------------------------------------------------

FUNCTIONS = {
    "identity": lambda z: z, "ReLU": lambda z: np.maximum(z, 0), "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)), "LeakyReLU": lambda z: np.where(z > 0, z, 0.01 * z),
    "softplus": lambda z: np.log1p(np.exp(z)), "ELU": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "softmax": lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(),
}


@pytest.mark.parametrize("hidden", [f for f in FUNCTIONS if f != "softmax"])
@pytest.mark.parametrize("output", ["identity", "softmax", "sigmoid"])
def test_the_outputs_are_those_of_numpy_and_every_step_is_proved(hidden, output):
    first, second = np.array([[0.4, -0.2], [-0.3, 0.8]]), np.array([[1, -0.5], [0.25, 2]])
    shift, x = np.array([0.1, -0.2]), np.array([0.5, 1.5])
    derivation = solved(
        inputs=["0.5", "1.5"], weights=[[["0.4", "-0.2"], ["-0.3", "0.8"]], [[1, "-0.5"], ["0.25", 2]]],
        biases=[["0.1", "-0.2"], []], activations=[hidden, output],
    )
    expected = FUNCTIONS[output](second @ FUNCTIONS[hidden](first @ x + shift))
    assert floats(derivation, "softmax" if output == "softmax" else "outputs") == pytest.approx(expected.tolist())
    assert derivation.status() is Status.PROVED


@settings(max_examples=20)
@given(st.lists(st.integers(-60, 60), min_size=2, max_size=4))
def test_softmax_at_any_size(logits):
    derivation = quick(inputs=[1], weights=[[[z] for z in logits]], activations=["softmax"])
    from derive.numeric.value import value_of

    found = [value_of(v) for v in result(derivation, "softmax").value]
    exact = [1 / math.fsum(math.exp(other - z) for other in logits) for z in logits]
    assert found == pytest.approx(exact, rel=1e-5, abs=0)
    best = logits.index(max(logits)) + 1
    assert result(derivation, "predicted class").number == f"class {best} (output {best})"


def test_letters_stay_letters():
    derivation = solved(sizes=[2, 2, 1], activations=["sigmoid", "identity"])
    assert {r.name for r in derivation.results} == {"weights", "biases", "parameters"}
    half = solved(inputs=["x_1", "x_2"], weights=[[[2, 1], [0, -1]], [[1, 1]]], activations=["tanh", "identity"])
    assert [text(c.steps[-1].after) for c in half.chains()][:2] == ["2x₁ + x₂", "-x₂"]
    assert half.status() is Status.PROVED


def test_letters_with_values():
    weights = [[["w_1", "w_3"], ["w_2", "w_4"]], [["w_5", "w_6"]]]
    derivation = solved(
        inputs={"X_1": 1, "X_2": -2}, weights=weights, activations=["identity", "sigmoid"],
        values={f"w_{k}": f"0.{k}" for k in range(1, 7)},
    )
    assert floats(derivation, "outputs") == pytest.approx([1 / (1 + math.exp(0.61))])
    assert result(derivation, "predicted class").number == "class 0"
    assert derivation.status() is Status.PROVED


def test_a_network_by_edges():
    edges = [["x_1", "h_1", 2], ["x_2", "h_1", -1], ["x_2", "h_2", 3], ["h_1", "y", 1], ["h_2", "y", "0.5"]]
    derivation = solved(edges=edges, inputs=[1, 2], biases={"y": 1}, activations=["ReLU", "identity"])
    assert shown(derivation, "outputs") == "4"
    assert [shown(derivation, n) for n in ("weights", "biases", "parameters")] == ["5", "1", "6"]


# --- classes -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("x", "spoken"), [(2, "class 1"), (-2, "class 0"), (0, "class 0")])
def test_one_sigmoid_unit_decides_between_two_classes(x, spoken):
    derivation = quick(inputs=[x], weights=[[[1]]], activations=["sigmoid"])
    assert result(derivation, "predicted class").number == spoken


def words(derivation):
    found = [p.text for p in derivation.parts if isinstance(p, Paragraph)]
    return ["".join(part if isinstance(part, str) else text(part) for part in prose) for prose in found]


FIRST = "of classes with equal probability the first"


@pytest.mark.parametrize(("given", "told", "predicted"), [
    ({"inputs": [1, 1, 0], "weights": [[[0, 0, 1], [1, 0, 0], [0, 1, 0]]], "activations": ["softmax"],
      "classes": ["cow", "cat", "dog"]},
     "The logits o₂ and o₃ are equal: a tie, which goes to the class with the lower number. The network predicts cat.",
     "cat (output 2)"),
    ({"inputs": [1], "weights": [[[1], [1]], [[1, 0], [0, 1]]], "activations": ["tanh", "softmax"]},
     ("The logits o₁ and o₂ are equal in the digits above: a tie, which goes to the class with the lower number. "
      "The network predicts class 1."), "class 1 (output 1)"),
    ({"inputs": [0], "weights": [[[1]]], "activations": ["sigmoid"]},
     ("The output is more than one half exactly where the weighted sum is positive. Here z is zero, a tie, which goes "
      "to the class with the lower number, so the network predicts class 0."), "class 0"),
])  # fmt: skip
def test_a_tie_is_told_and_asked_for_with_its_convention(given, told, predicted):
    derivation = solved(**given)
    assert told in words(derivation) and derivation.status() is Status.PROVED
    found = result(derivation, "predicted class")
    assert (found.number, found.convention) == (predicted, FIRST)
    assert (f"the predicted class ({FIRST})",) in derivation.asked


def test_without_a_tie_no_convention_is_needed():
    derivation = quick(**SHEET)
    assert not result(derivation, "predicted class").convention and ("the predicted class",) in derivation.asked
    assert not any("tie" in told.split() for told in words(derivation))


def test_equal_logits_below_the_largest_are_no_tie():
    derivation = quick(inputs=[1], weights=[[[1], [2], [1]]], activations=["softmax"])
    assert result(derivation, "predicted class").number == "class 2 (output 2)"
    assert not result(derivation, "predicted class").convention


def test_classes_have_names():
    named = quick(**SHEET, classes=["cat", "dog"])
    assert result(named, "predicted class").number == "cat (output 1)"
    assert any("predicts cat" in str(p.text) for p in named.parts if isinstance(p, Paragraph))


def test_a_network_without_probabilities_predicts_no_class():
    derivation = quick(inputs=[1], weights=[[[1], [2]]])
    assert not any(r.name == "predicted class" for r in derivation.results)


# --- the figure --------------------------------------------------------------------------------------


def test_the_figure_has_every_unit_and_weight():
    derivation = solve_problem(make("forward-pass", SHEET))
    (figure,) = [p for p in derivation.parts if isinstance(p, Figure)]
    assert [[text(u["value"]) for u in layer] for layer in figure.data["units"]] == [
        ["3", "1", "-1"], ["9", "0"], ["1/(1 + e⁻³⁶)", "1/(1 + e³⁶)"],
    ]  # fmt: skip
    assert [[text(w) for w in row] for row in figure.data["weights"][1]] == [["6", "-1"], ["2", "8"]]
    assert "into h₂: -1, -3, 5" in figure.alt


# --- refusals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "one of the three"),
        ({"weights": [[[1]]], "sizes": [1, 1]}, "one of the three"),
        ({"inputs": [1, 2], "weights": [[[1, 2]], [[1, 2]]]}, "layer 2: its matrix is 1×2"),
        ({"inputs": [1], "weights": [[1, 2]]}, "row 1 of layer 1: expected a list"),
        ({"inputs": [1], "weights": [[["1 +"]]]}, "weights of layer 1"),
        ({"inputs": [1], "weights": [[["a = 1"]]]}, "found a relation"),
        ({"inputs": [1], "weights": [[[1]]], "activations": [1]}, "activations: expected words"),
        ({"inputs": [1], "weights": [[[1]]], "activations": ["sigmoidd"]}, "no activation"),
        ({"inputs": [1], "weights": [[["q_1"]]], "values": {"q_2": 1}}, "given for q_2, which is no input"),
        ({"inputs": [1], "weights": [[[1]]], "values": [1]}, "values: expected a table"),
        ({"inputs": [1], "weights": [[[1], [2]]], "classes": ["a", "b", "c"], "activations": ["softmax"]},
         "3 names for 2 classes"),
        ({"edges": [["x", "h"]]}, "edge 1 has 2 entries"),
        ({"edges": [["x", "h", 1]], "biases": [1]}, "give a table of units"),
        ({"edges": [["x", "h", 1], ["y", "h", 1]], "inputs": [1]}, "1 input for x, y"),
        ({"sizes": ["a", 2]}, "sizes: expected whole numbers"),
        ({"sizes": [2, 1], "biases": [[1]]}, "say true or false"),
        ({"inputs": [1], "weights": [[[1]]], "sums": ["z", "o"]}, "sums: 2 letters for 1 layer"),
    ],
)  # fmt: skip
def test_what_is_no_network_is_refused(given, said):
    with pytest.raises(DeriveError, match=said):
        quick(**given)
