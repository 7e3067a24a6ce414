"""Backpropagation: the sheets' questions, every activation and loss against differences, δ, update, check, refusals."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.api import solve_problem
from derive.backward import Backward
from derive.errors import DeriveError, LimitError, MathError
from derive.graph import graph
from derive.kinds import backpropagation
from derive.kinds._backprop_given import setup
from derive.kinds._backprop_numbers import Forward
from derive.kinds._backward_scalar import backward
from derive.losses import LOSSES
from derive.numeric.value import value_of
from derive.read.latex import Names, read
from derive.read.problems import make
from derive.steps import Chain, Definition, Figure, Paragraph, Status, Table
from derive.tree import Node, Symbol, free_symbols, size
from derive.verify import verify
from derive.write.text import text

CHAIN = {"expression": r"\hat{y} = w_2 \sigma(w_1 \sigma(w_0 x))"}
ONES = {"w_0": 1, "w_1": 1, "w_2": 1, "x": 1}
NEURON = {"nodes": ["z = w x + b", r"\hat{y} = \sigma(z)"]}
STEP = 1e-5


def quick(**given):
    """Without the verifier."""
    return backpropagation.solve(make("backpropagation", {"figure": False, **given}))


def solved(**given):
    return solve_problem(make("backpropagation", {"figure": False, **given}))


def result(derivation, name):
    return next(r for r in derivation.results if r.name == name)


def shown(derivation, name):
    return text(result(derivation, name).value)


def prose(words):
    return "".join(w if isinstance(w, str) else text(w) for w in words)


def remarks(derivation):
    return [prose(p.text) for p in derivation.parts if isinstance(p, Paragraph) and p.remark]


def table(derivation, caption):
    return next([[prose(cell) for cell in row] for row in p.rows] for p in derivation.parts
                if isinstance(p, Table) and caption in prose(p.caption))


# --- the sheets ----------------------------------------------------------------------------------------


def test_the_chain_of_two_sigmoid_layers():
    derivation = solved(**CHAIN)
    assert {s: shown(derivation, f"dhat_y/d{s}") for s in ("w_2", "w_1", "w_0")} == {
        "w_2": "h₂", "w_1": "w₂ h₂·(1 - h₂) h₁", "w_0": "w₂ h₂·(1 - h₂) w₁ h₁·(1 - h₁) x",
    }  # fmt: skip
    assert derivation.status() is Status.PROVED


def test_its_gradient_in_numbers():
    found = result(quick(**CHAIN, values=ONES), "gradient in numbers")
    h1 = 1 / (1 + math.exp(-1))
    h2 = 1 / (1 + math.exp(-h1))
    expected = [h2 * (1 - h2) * h1 * (1 - h1), h2 * (1 - h2) * h1, h2]
    assert found.number == pytest.approx(expected, rel=1e-12)
    assert [value_of(v) for v in found.value] == pytest.approx(expected, rel=1e-5)


def test_what_the_derivatives_depend_on_is_read_off_the_formulas():
    assert table(quick(**CHAIN), "What occurs") == [
        ["w₂", "3", "none", "h₂"], ["w₁", "2", "w₂", "h₂ and h₁"], ["w₀", "1", "w₂ and w₁", "h₂, h₁ and x"],
    ]  # fmt: skip


def test_a_weight_of_two_layers_is_not_said_to_depend_on_later_ones_only():
    derivation = quick(nodes=[r"h_1 = \tanh(w x_1)", r"h_2 = \tanh(w x_2 + u h_1)", "L = h_2^2"])
    told = " ".join(prose(p.text) for p in derivation.parts if isinstance(p, Paragraph))
    assert "depends only on outputs and weights of layers" in told
    assert shown(derivation, "dL/dw") == "2h₂·(1 - h₂²) (u x₁ (1 - h₁²) + x₂)"


def test_cross_entropy_behind_a_sigmoid_cancels_to_the_error():
    derivation = solved(**NEURON, loss="binary cross-entropy", letter="E")
    assert shown(derivation, "dE/dhat_y") == "(ŷ - y)/(ŷ (1 - ŷ))"
    assert [shown(derivation, f"dE/d{s}") for s in ("z", "w", "b")] == ["ŷ - y", "(ŷ - y) x", "ŷ - y"]
    assert derivation.status() is Status.PROVED
    rules = [s.rule for s in derivation.all_steps()]
    assert "cancel common factors" in rules  # derived, not asserted


# --- δ -------------------------------------------------------------------------------------------------


def scalar(nodes: list[str], by: str) -> Backward:
    definitions = []
    for node in nodes:
        left, body = read(node, Names(labels=True)).sides
        definitions.append(Definition(left, (), body))
    made = graph(definitions)
    return backward(made, made.output, [read(s, Names(labels=True)) for s in by.split()])


def test_every_weighted_sum_has_its_letter_and_it_is_used_again():
    made = scalar(["z_1 = v x", r"h = \tanh(z_1)", "z_2 = w h + b", "L = (z_2 - y)^2"], "v w b")
    assert [text(f.letter) for f in made.found if f.letter] == ["δ₂", "δ₁"]
    assert {text(f.of): text(f.value) for f in made.found} == {
        "z₂": "2 (z₂ - y)", "w": "δ₂ h", "b": "δ₂", "z₁": "δ₂ w (1 - h²)", "v": "δ₁ x",
    }  # fmt: skip


def test_letters_that_would_be_the_same_get_their_layer():
    made = scalar(["z_1 = v x", r"h = \tanh(z_1)", "o_1 = w h", "L = (o_1 - y)^2"], "v w")
    assert {text(f.letter) for f in made.found if f.letter} == {"δ₁⁽¹⁾", "δ₁⁽²⁾"}


def test_a_letter_that_is_taken_is_not_used_for_an_adjoint():
    made = scalar([r"z = w \delta", "L = (z - y)^2"], "w")
    assert [f.letter for f in made.found if f.letter] == [Symbol("epsilon")]


def test_a_fan_out_is_a_sum_over_the_users():
    made = scalar(["z = w x", r"h = \tanh(z)", "a = u h", "b = v h", "L = (a - y)^2 + (b - t)^2"], "w u v")
    assert text(made.by[Symbol("z")].value).count("δ") == 2


def test_a_name_on_which_nothing_depends_is_refused():
    with pytest.raises(DeriveError, match="L does not depend on q"):
        scalar(["L = w x"], "q")


# --- against differences -------------------------------------------------------------------------------

ACTIVATIONS = ["sigmoid", "tanh", "relu", "lrelu", "elu", "softplus", "swish", "gelu", "gelutanh", "identity"]
NETWORK = {"inputs": ["0.7", "-0.4"], "weights": [[["0.5", "-0.3"], ["-0.8", "0.6"]], [["1.1", "0.9"]]],
           "biases": [["0.1", "-0.2"], ["0.05"]]}
OUTPUTS = {"binary cross-entropy": ("sigmoid", 1), "binary cross-entropy with logits": ("sigmoid", 0),
           "hinge": ("identity", -1)}
SEVERAL = {"categorical cross-entropy": "softmax", "categorical cross-entropy with logits": "softmax"}


def differences(given_):
    """The derivatives by every parameter, by central differences of the forward formulas."""
    made = setup(make("backpropagation", given_).given)
    run, point = Forward(made), {s: value_of(v) for s, v in made.values.items()}
    return [(run({**point, s: point[s] + STEP}) - run({**point, s: point[s] - STEP})) / (2 * STEP) for s in made.by]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation(activation):
    case = {**NETWORK, "activations": [activation, "identity"], "loss": "half squared error", "target": "0.3"}
    found = result(quick(**case, check=False), "gradient in numbers").number
    assert found == pytest.approx(differences(case), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss(loss):
    if loss in SEVERAL:
        case = {"inputs": [1, "-0.5"], "weights": [[["0.2", "0.1"], ["-0.3", "0.4"], ["0.5", "0.6"]]],
                "activations": [SEVERAL[loss]], "loss": loss, "target": [0, 0, 1]}
    else:
        output, target = OUTPUTS.get(loss, ("identity", "0.3"))
        case = {**NETWORK, "activations": ["tanh", output], "loss": loss, "target": target}
    found = result(quick(**case, check=False), "gradient in numbers").number
    assert found == pytest.approx(differences(case), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("penalty", [{"l1": "0.1"}, {"l2": "0.2"}, {"l1": r"\lambda", "l2": r"\mu"}], ids=str)
def test_penalties_are_of_weights_and_not_of_biases(penalty):
    letters = {v: "0.3" for v in penalty.values() if v.startswith("\\")}
    case = {**NEURON, "loss": "squared error", "target": 1, **penalty,
            "values": {"x": 2, "w": "-0.5", "b": "0.25", **letters}}
    derivation = quick(**case, check=False)
    found = {s: result(derivation, f"dL/d{s} in numbers").number for s in ("b", "w")}
    made = setup(make("backpropagation", case).given)
    assert [found[s.plain] for s in made.by] == pytest.approx(differences(case), rel=1e-6)
    assert shown(derivation, "dL/db") == "2 (ŷ - y) ŷ (1 - ŷ)"


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softplus", "gelu"])
def test_a_network_is_proved_line_by_line(activation):
    derivation = solved(sizes=[2, 2, 1], activations=[activation, "identity"], loss="half squared error")
    assert derivation.status() is Status.PROVED


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["sigmoid", "tanh", "softplus", "swish", "elu"]), min_size=1, max_size=3),
       st.lists(st.integers(1, 3), min_size=4, max_size=4), st.integers(0, 10**6))
def test_any_network_has_the_derivatives_of_its_differences(activations, sizes, seed):
    sizes = [*sizes[: len(activations)], 1]
    draws = np.random.default_rng(seed)
    weights = [[[f"{w:.2f}" for w in draws.normal(size=a)] for _ in range(b)]
               for a, b in pairwise(sizes)]
    case = {"inputs": [f"{x:.2f}" for x in draws.normal(size=sizes[0])], "weights": weights,
            "activations": activations, "loss": "half squared error", "target": "0.5"}
    derivation = quick(**case, check=False)
    made = setup(make("backpropagation", case).given)
    found = [next(r.number for r in derivation.results if r.label == b.name and r.name.endswith("in numbers"))
             for b in (backward(made.graph, made.output, made.by).by[s] for s in made.by)]
    assert found == pytest.approx(differences(case), rel=1e-5, abs=1e-8)


# --- softmax -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [pytest.param("categorical cross-entropy", marks=pytest.mark.slow),
                                  "categorical cross-entropy with logits"])
def test_softmax_and_cross_entropy_give_the_probability_minus_the_target(loss):
    derivation = solved(sizes=[1, 2], activations=["softmax"], biases=False, loss=loss)
    assert [shown(derivation, f"dL/do_{k}") for k in (1, 2)] == ["p₁ - y₁", "p₂ - y₂"]
    assert derivation.status() is Status.PROVED


@pytest.mark.slow
def test_that_shortcut_needs_targets_that_add_up_to_one():
    derivation = solved(sizes=[1, 2], activations=["softmax"], loss="categorical cross-entropy")
    lines = [s for s in derivation.all_steps() if s.rule == "the targets add up to 1"]
    assert len(lines) == 2
    without = verify(derivation.__class__(**{**{f: getattr(derivation, f) for f in derivation.__slots__},
                                             "context": derivation.context.__class__({}, tuple(
                                                 d for d in derivation.context.definitions
                                                 if d.name != Symbol("y", "2")))}))
    wrong = [s.verdict.status for s in without.all_steps() if s.rule == "the targets add up to 1"]
    assert Status.PROVED not in wrong


# --- numbers -------------------------------------------------------------------------------------------


def test_one_update_of_every_parameter():
    derivation = quick(**NEURON, loss="half squared error", target=1, learning_rate="0.5",
                       values={"x": 2, "w": 0, "b": 0})
    slope = (0.5 - 1) * 0.25
    assert value_of(result(derivation, "w after the step").value) == pytest.approx(-0.5 * slope * 2)
    assert value_of(result(derivation, "b after the step").value) == pytest.approx(-0.5 * slope)
    z = -0.5 * slope * 2 * 2 - 0.5 * slope
    assert result(derivation, "L after the step").number == pytest.approx((1 / (1 + math.exp(-z)) - 1) ** 2 / 2)
    assert "L falls from" in prose([p for p in derivation.parts if isinstance(p, Paragraph)][-2].text)


def test_exact_numbers_stay_exact():
    derivation = quick(nodes=[r"h = \operatorname{ReLU}(w x)", r"\hat{y} = v h"], loss="squared error", target=1,
                       values={"x": "1/3", "w": 2, "v": "3/2"})
    assert shown(derivation, "dL/dv in numbers") == "0" and shown(derivation, "value of L") == "0"
    derivation = quick(nodes=[r"\hat{y} = w x"], loss="squared error", target=1, values={"x": "1/3", "w": 2})
    assert shown(derivation, "dL/dw in numbers") == "-2/9"


def test_the_check_agrees_and_says_so():
    rows = table(quick(**NEURON, loss="bce", target=1, values={"x": 1, "w": "0.5", "b": 0}), "Gradient check")
    assert [row[-1] for row in rows] == ["agrees", "agrees"]


def test_a_derivative_lost_in_the_rounding_of_the_difference_is_said_to_be_so():
    case = {"inputs": [1], "weights": [[[1]]] * 10, "activations": ["sigmoid"] * 10, "loss": "half squared error",
            "target": 0}
    derivation = quick(**case)
    assert table(derivation, "10 of 10 agree")[0][-1] == "rounding"
    assert any("rounding error of its own" in r for r in remarks(derivation))


@pytest.mark.parametrize(("case", "where"), [
    ({"nodes": [r"h = \operatorname{ReLU}(w x - 1)", r"\hat{y} = v h"], "loss": "squared error", "target": 1,
      "values": {"x": 1, "w": 1, "v": 2}}, "z = 0"),
    ({"nodes": [r"\hat{y} = w x"], "loss": "hinge", "target": 1, "values": {"x": 2, "w": "0.5"}}, "1 - y ŷ = 0"),
    ({"nodes": [r"\hat{y} = w x + b"], "loss": "squared error", "l1": "0.1", "target": 1,
      "values": {"x": 2, "w": 0, "b": 0}}, "w = 0"),
])  # fmt: skip
def test_a_kink_is_said(case, where):
    derivation = quick(**case)
    assert any("On a kink" in r and where in r for r in remarks(derivation))
    assert "kink between" in [row[-1] for row in table(derivation, "Gradient check")]


def test_away_from_a_kink_nothing_is_said_of_the_numbers():
    derivation = quick(nodes=[r"h = \operatorname{ReLU}(w x)"], values={"x": 1, "w": 2})
    assert not any("On a kink" in r for r in remarks(derivation))


# --- size ----------------------------------------------------------------------------------------------


def layers(depth):
    return {"nodes": [rf"h_{{{k}}} = \sigma(w_{{{k}}} {'x' if k == 1 else f'h_{{{k - 1}}}'})"
                      for k in range(1, depth + 1)], "loss": "half squared error"}


def longest(derivation):
    chains = [c for c in derivation.parts if isinstance(c, Chain)]
    return max(size(s.after) for c in chains for s in c.steps)


def test_no_line_grows_with_the_depth():
    assert longest(quick(**layers(20))) == longest(quick(**layers(10)))


def test_a_deep_chain_says_that_its_gradient_vanishes():
    derivation = quick(**layers(10))
    told = " ".join(prose(p.text) for p in derivation.parts if isinstance(p, Paragraph))
    assert "vanishing gradient" in told and "(1/4)¹⁰" in told
    assert "vanishing" not in " ".join(prose(p.text) for p in quick(**layers(2)).parts if isinstance(p, Paragraph))


@pytest.mark.parametrize("nodes", [
    [r"h_1 = \sigma(w_1 x)", r"h_2 = \sigma(w_2 h_1)", r"h_3 = \sigma(w_3 h_2 + v h_1)"],  # two ways back
    [rf"h_{k} = \sigma(5 w_{k} {'x' if k == 1 else f'h_{k - 1}'})" for k in (1, 2, 3)],  # a factor of 5 a layer
    [r"h_1 = \sigma(w_1 x)", r"a = \tanh(w_2 h_1)", r"h_2 = \sigma(w_3 a)", r"h_3 = \sigma(w_4 h_2)"],
])
def test_the_bound_is_not_claimed_where_it_does_not_hold(nodes):
    derivation = quick(nodes=nodes, loss="half squared error")
    assert "vanishing" not in " ".join(prose(p.text) for p in derivation.parts if isinstance(p, Paragraph))


def test_a_fraction_made_of_rounded_numbers_is_rounded():
    derivation = quick(inputs=[1, "1/3"], weights=[[["1/2", "-2/3"], [1, "3/4"]]], activations=["softmax"],
                       loss="categorical cross-entropy", target=[0, 1])
    values = [shown(derivation, r.name) for r in derivation.results if r.name.endswith("in numbers") and r.shown]
    assert values and not any("/" in v for v in values)


def test_only_what_is_done_by_the_same_rules_is_done_in_the_same_way():
    chains = [c for c in quick(expression=r"f(x) = a \ln(1 + (b x)^2)").parts if isinstance(c, Chain)]
    assert not any(s.rule == "in the same way" for c in chains for s in c.steps)
    chains = [c for c in quick(sizes=[1, 2], activations=["softmax"], loss="ce").parts if isinstance(c, Chain)]
    assert any(s.rule == "in the same way" for c in chains for s in c.steps)


@pytest.mark.parametrize(("body", "role"), [
    (r"f = w x + b", "weighted sum, layer 1"), (r"f = w x^2 + v x y", "weighted sum, layer 1"),
    (r"f = a \ln(1 + (b x)^2)", "formula, layer 1"),
])
def test_only_a_weighted_sum_is_called_one(body, role):
    assert table(quick(nodes=[body]), "stored")[0][-1] == role


def test_a_loss_that_does_not_change_stays():
    derivation = quick(inputs=[1, 1], weights=[[[1, -1]]], activations=["ReLU"], loss="half squared error", target=1,
                       learning_rate=1)
    assert any("L stays at 0.5" in prose(p.text) for p in derivation.parts if isinstance(p, Paragraph))


def test_both_penalties_on_many_weights_are_proved():
    derivation = solved(sizes=[2, 2, 2], activations=["sigmoid", "identity"], loss="mse", l1=r"\mu", l2=r"\lambda",
                        biases=False, by=["w_{11}^{(1)}"])
    assert derivation.status() is Status.PROVED


@pytest.mark.slow
def test_ten_layers_are_proved():
    assert solved(**layers(10)).status() is Status.PROVED


def test_results_of_a_deep_network_are_written_with_letters_that_are_given_too():
    derivation = quick(**layers(10))
    inside = {s for r in derivation.results if r.shown and isinstance(r.value, Node) for s in free_symbols(r.value)}
    given_ = {r.label for r in derivation.results if r.shown}
    assert {s for s in inside if s.name == "delta"} <= given_


# --- forms of input ------------------------------------------------------------------------------------


def test_a_network_and_its_formulas_give_the_same():
    net = quick(weights=[[["u", "v"]]], inputs=["x_1", "x_2"], biases=[["b"]], activations=["tanh"],
                loss="squared error")
    formulas = quick(nodes=[r"\hat{y} = \tanh(u x_1 + v x_2 + b)"], loss="squared error")
    assert {s: shown(net, f"dL/d{s}") for s in "uvb"} == {s: shown(formulas, f"dL/d{s}") for s in "uvb"}


def test_a_loss_may_be_a_formula():
    derivation = quick(**NEURON, loss=r"E = \frac{1}{2} (\hat{y} - y)^2")
    assert shown(derivation, "dE/db") == "(ŷ - y) ŷ (1 - ŷ)"


def test_only_what_was_asked_for_is_derived():
    derivation = quick(**CHAIN, by=["w_1"])
    assert [r.name for r in derivation.results if r.shown] == ["dhat_y/dw_1"]


def test_a_parameter_is_named_with_its_layer_above():
    derivation = quick(sizes=[1, 2, 1], activations=["tanh", "tanh"], loss="mse", by=["w_{21}^{(1)}"])
    assert [text(r.label) for r in derivation.results if r.shown] == ["∂L/∂w₂₁⁽¹⁾"]


def test_a_figure_is_drawn_where_it_fits():
    drawn = [p.drawing for p in quick(**CHAIN, figure=True).parts if isinstance(p, Figure)]
    assert drawn == ["graph_drawing"]
    net = quick(sizes=[2, 2, 1], activations=["tanh", "sigmoid"], loss="bce", figure=True)
    assert [p.drawing for p in net.parts if isinstance(p, Figure)] == ["network_drawing"]
    assert not [p for p in quick(**layers(30), figure=True).parts if isinstance(p, Figure)]


# --- refusals ------------------------------------------------------------------------------------------

TWO = {"inputs": [1, 2], "weights": [[[1, 2], [3, 4]], [[1, 1]]], "activations": ["sigmoid", "sigmoid"]}
REFUSED = [
    ({}, "a network is given by nodes"),
    ({"nodes": ["z = w x"], "sizes": [1, 1]}, "a network is given by nodes"),
    ({**NEURON, "loss": "hinge"}, "needs a linear output at the end, but the last activation is a sigmoid"),
    ({"nodes": ["p = w x"], "loss": "hinge", "target": 0, "values": {"w": 1, "x": 1}}, "wants 1 or -1"),
    ({**NEURON, "loss": "huber"}, 'there is no loss "huber"'),
    ({**NEURON, "loss": "bce", "target": 2, "values": {"x": 1, "w": 1, "b": 0}}, "wants 0 or 1"),
    ({**NEURON, "loss": "bce", "target": 1, "values": {"x": 1, "w": 1}}, "no value is given for b"),
    ({**NEURON, "loss": "bce", "target": 1, "values": {"x": 1, "w": 1, "b": 0, "q": 1}}, "q, which does not occur"),
    ({**NEURON, "loss": "bce", "target": [1, 0]}, "2 targets for 1 output"),
    ({**NEURON, "target": 1}, "a target is given and no loss"),
    ({**NEURON, "loss": "bce", "by": ["v"]}, "L does not depend on v"),
    ({**NEURON, "loss": "bce", "by": "w"}, "by: expected a list of names"),
    ({**NEURON, "loss": "bce", "by": ["L"]}, "L is what is differentiated"),
    ({**NEURON, "loss": "bce", "letter": "z"}, "names the loss and another quantity"),
    ({**NEURON, "loss": "bce", "l2": "w"}, "is a quantity of the network"),
    ({**NEURON, "loss": "bce", "l1": "-1/2"}, "expected a number that is not negative"),
    ({**NEURON, "l2": "0.1"}, "there is none"),
    ({**NEURON, "loss": "bce", "learning_rate": "0.1"}, "an update needs numbers"),
    ({"nodes": ["a = w b", "b = a"]}, "the nodes form a cycle: a → b → a"),
    ({"nodes": ["a = w x", "a = 2 w x"]}, "defined twice"),
    ({"nodes": ["w x"]}, "is no node"),
    ({**TWO, "loss": "bce", "target": 1, "weights": [[[1, 2], [3, 4]], [[1, 1, 1]]]},
     "layer 2: its matrix is 1×3, so it takes 3 inputs, but layer 1 has 2 units"),
    ({**TWO, "loss": "bce", "target": 1, "activations": ["sigmoid", "sigmoidd"]}, 'no activation "sigmoidd"'),
    ({**TWO, "loss": "bce", "target": "x_1"}, "x_1 is a target and a quantity of the network"),
    ({"sizes": [2, 2]}, "2 outputs and no loss"),
    ({"sizes": [2, 3], "activations": ["softmax"], "loss": "cross-entropy", "target": 2}, "1 target for 3 outputs"),
    ({"inputs": [1], "weights": [[[1], [2]]], "activations": ["softmax"], "loss": "cross-entropy", "target": [1, 1]},
     "the target does not fit"),
    ({"sizes": [1, 1], "loss": "cross-entropy"}, "needs a softmax"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "message"), REFUSED, ids=[m for _, m in REFUSED])
def test_what_does_not_fit_is_refused_with_the_reason(case, message):
    with pytest.raises(DeriveError, match=None) as refused:
        quick(**case)
    assert message in str(refused.value)


def test_a_network_too_large_to_be_written_out_is_refused():
    with pytest.raises(LimitError, match="are too many to be written out number by number"):
        quick(sizes=[30, 10, 5], loss="squared error")


def test_a_saturated_output_has_no_cross_entropy_and_the_way_out_is_named():
    with pytest.raises(MathError, match="the prediction is 0 or 1 to six digits") as refused:
        quick(**NEURON, loss="bce", target=0, values={"x": 1, "w": 100, "b": 0})
    assert "with logits" in refused.value.hint
    derivation = quick(**NEURON, loss="bce with logits", target=0, values={"x": 1, "w": 100, "b": 0})
    assert result(derivation, "dL/dw in numbers").number == pytest.approx(1)


def test_numbers_of_a_batch_are_refused_with_what_to_do():
    with pytest.raises(DeriveError, match="derived in letters") as refused:
        quick(inputs=[[1, 2], [3, 4]], weights=[[[1, 2]]], activations=["sigmoid"], loss="bce", form="batch")
    assert "sizes" in (refused.value.hint or "")
