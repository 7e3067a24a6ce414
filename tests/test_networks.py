"""Networks as values: names, formulas, counts, and what does not fit together."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import DeriveError, LimitError
from derive.networks import (
    ACTIVATIONS,
    Edge,
    Layer,
    Letters,
    Network,
    activation_named,
    from_edges,
    from_matrices,
    from_sizes,
)
from derive.numeric.evaluate import compile as compiled
from derive.tree import Number, Symbol, number
from derive.write.text import text


def _numbers(rows):
    return [[number(x) for x in row] for row in rows]


def _symbol(name):
    letter, _, sub = name.partition("_")
    return Symbol(letter, sub)


def _edges(*edges):
    return [Edge(_symbol(a), _symbol(b), number(w) if isinstance(w, int) else _symbol(w)) for a, b, w in edges]


def _formulas(net):
    return [f"{text(q.name)} = {text(q.body)}" for q in net.quantities]


def test_a_network_by_its_matrices():
    net = from_matrices(
        [number(3), number(1)], [_numbers([[2, 1], [-1, 5]]), _numbers([[6, -1], [2, 8]])], (), ["ReLU", "softmax"]
    )
    assert _formulas(net) == [
        "z₁ = w₁₁⁽¹⁾ x₁ + w₁₂⁽¹⁾ x₂", "z₂ = w₂₁⁽¹⁾ x₁ + w₂₂⁽¹⁾ x₂", "h₁ = ReLU(z₁)", "h₂ = ReLU(z₂)",
        "o₁ = w₁₁⁽²⁾ h₁ + w₁₂⁽²⁾ h₂", "o₂ = w₂₁⁽²⁾ h₁ + w₂₂⁽²⁾ h₂",
        "p₁ = e^(o₁)/(e^(o₁) + e^(o₂))", "p₂ = e^(o₂)/(e^(o₁) + e^(o₂))",
    ]  # fmt: skip
    assert net.sizes == (2, 2, 2) and len(net.weights) == 8 and not net.biases
    assert all(s in net.values for s in (*net.inputs, *net.parameters))
    assert net.values[Symbol("w", "12", "(1)")] == Number("1")
    assert net.graph().output == Symbol("p", "2")


def test_a_linear_unit_has_one_name_and_letters_are_marked_only_where_they_recur():
    net = from_sizes([1, 2, 2, 1], ["tanh", "identity", "sigmoid"])
    assert [text(s) for layer in net.layers for s in layer.outputs] == ["h₁⁽¹⁾", "h₂⁽¹⁾", "h₁⁽²⁾", "h₂⁽²⁾", "ŷ"]
    assert net.layers[1].sums == net.layers[1].outputs
    assert text(net.layers[0].weighted(0)) == "w₁₁⁽¹⁾ x + b₁⁽¹⁾"
    assert text(net.layers[2].sums[0]) == "z⁽³⁾"


def test_one_layer_has_no_marks():
    net = from_sizes([2, 1], ["sigmoid"], biases=False)
    assert _formulas(net) == ["z = w₁₁ x₁ + w₁₂ x₂", "ŷ = σ(z)"]


def test_letters_can_be_chosen():
    letters = Letters(sums=(Symbol("a"), Symbol("a")), outputs=(Symbol("g"), Symbol("y")))
    net = from_sizes([2, 2, 1], ["sigmoid", "identity"], letters=letters)
    names = [text(s) for layer in net.layers for s in (*layer.sums, *layer.outputs)]
    assert names == ["a₁", "a₂", "g₁", "g₂", "y", "y"]


def test_a_network_by_its_edges():
    edges = _edges(("x_1", "h_1", "w_1"), ("x_2", "h_1", 2), ("x_2", "h_2", 3), ("h_1", "y", 4), ("h_2", "y", -1))
    net = from_edges([_symbol("x_1"), _symbol("x_2")], edges, {_symbol("y"): number(7)}, ["ReLU", "identity"])
    assert _formulas(net) == [
        "z₁ = w₁ x₁ + w₁₂⁽¹⁾ x₂", "z₂ = w₂₂⁽¹⁾ x₂", "h₁ = ReLU(z₁)", "h₂ = ReLU(z₂)",
        "y = w₁₁⁽²⁾ h₁ + w₁₂⁽²⁾ h₂ + b₁⁽²⁾",
    ]  # fmt: skip
    assert net.layers[0].weights[1][0] is None
    assert len(net.weights) == 5 and len(net.biases) == 1 and net.weights[0] not in net.values


def test_a_shared_weight_is_one_parameter():
    edges = _edges(("x_1", "h_1", "w"), ("x_2", "h_2", "w"), ("h_1", "y", 1), ("h_2", "y", 1))
    net = from_edges([_symbol("x_1"), _symbol("x_2")], edges, activations=["tanh", "identity"])
    assert len(net.weights) == 3 and len(net.layers[0].used_weights()) == 2


@given(st.lists(st.integers(1, 4), min_size=2, max_size=4), st.booleans())
def test_counts(sizes, biases):
    net = from_sizes(sizes, ["tanh"] * (len(sizes) - 1), biases)
    pairs = list(pairwise(sizes))
    assert len(net.weights) == sum(a * b for a, b in pairs)
    assert len(net.biases) == biases * sum(sizes[1:])
    assert net.sizes == tuple(sizes)
    names = [q.name for q in net.quantities]
    assert len(set(names) | set(net.parameters) | set(net.inputs)) == len(names) + len(net.parameters) + sizes[0]


@given(st.data())
def test_the_formulas_are_matrix_products(data):
    sizes = data.draw(st.lists(st.integers(1, 3), min_size=3, max_size=3))
    entry = st.integers(-3, 3)
    matrices = [data.draw(st.lists(st.lists(entry, min_size=a, max_size=a), min_size=b, max_size=b))
                for a, b in pairwise(sizes)]
    x = data.draw(st.lists(entry, min_size=sizes[0], max_size=sizes[0]))
    net = from_matrices([number(v) for v in x], [_numbers(m) for m in matrices], (), ["tanh", "identity"])
    known = {s: float(compiled(v, ())()) for s, v in net.values.items()}
    for q in net.quantities:
        known[q.name] = float(compiled(q.body, list(known))(*known.values()))
    expected = np.array(matrices[1]) @ np.tanh(np.array(matrices[0]) @ np.array(x))
    assert [known[s] for s in net.outputs] == pytest.approx(expected.tolist())


@pytest.mark.parametrize(
    ("word", "name"),
    [("ReLU", "relu"), ("sigmoid", "sigma"), ("logistic", "sigma"), ("linear", ""), ("Identity", ""), ("tanh", "tanh"),
     (r"\tanh", "tanh"), ("LeakyReLU", "lrelu"), ("leaky_relu", "lrelu"), ("leaky ReLU", "lrelu"),
     ("SiLU", "swish"), ("Softmax", "softmax")],
)  # fmt: skip
def test_what_people_call_an_activation(word, name):
    assert activation_named(word) == name


@pytest.mark.parametrize("word", ["reluu", "", "det", "floor", "log"])
def test_what_is_no_activation(word):
    assert word not in ACTIVATIONS
    with pytest.raises(DeriveError, match="there is no activation"):
        activation_named(word)


ONE = number(1)


@pytest.mark.parametrize(
    ("make", "kind", "said"),
    [
        (lambda: from_matrices([ONE], []), DeriveError, "no layers"),
        (lambda: from_matrices([ONE] * 2, [[[ONE, ONE]], [[ONE, ONE]]]), DeriveError,
         r"layer 2: its matrix is 1×2, so it takes 2 inputs, but layer 1 has 1 unit \(its matrix is 1×2\)"),
        (lambda: from_matrices([ONE] * 3, [[[ONE]]]), DeriveError,
         "layer 1: its matrix is 1×1, so it takes 1 input, but the network has 3 inputs"),
        (lambda: from_matrices([ONE] * 3, [[[ONE, ONE]] * 3]), DeriveError, "column for each unit"),
        (lambda: from_matrices([ONE] * 2, [[[ONE, ONE], [ONE]]]), DeriveError,
         "layer 1: row 2 of its matrix has 1 weight"),
        (lambda: from_matrices([ONE], [[[]]]), DeriveError, "layer 1: its matrix of weights is empty"),
        (lambda: from_matrices([ONE], [[[ONE]]], [[ONE, ONE]]), DeriveError, "layer 1: 2 biases for 1 unit"),
        (lambda: from_matrices([ONE], [[[ONE]]], [[ONE], [ONE]]), DeriveError, "biases for 2 layers, weights for 1"),
        (lambda: from_matrices([ONE], [[[ONE]]], (), ["tanh", "tanh"]), DeriveError, "2 activations for 1 layer"),
        (lambda: from_matrices([Symbol("x")] * 2, [[[ONE, ONE]]]), DeriveError, "x names two quantities"),
        (lambda: from_sizes([3]), DeriveError, "needs inputs and at least one layer"),
        (lambda: from_sizes([30, 30]), LimitError, "900 weights is too large"),
        (lambda: from_edges([], []), DeriveError, "no edges"),
        (lambda: from_edges([_symbol("x")], _edges(("h", "x", 1))), DeriveError, "into the input x"),
        (lambda: from_edges([_symbol("x")], _edges(("x", "h", 1), ("x", "h", 2))), DeriveError,
         "two edges lead from x to h"),
        (lambda: from_edges([_symbol("x")], _edges(("x", "h", 1), ("g", "h", 2))), DeriveError, "nothing leads into g"),
        (lambda: from_edges([_symbol("x")], _edges(("g", "h", 1), ("h", "g", 2))), DeriveError, "cycle"),
        (lambda: from_edges([_symbol("x")], _edges(("x", "h", 1), ("h", "y", 1), ("x", "y", 2))), DeriveError,
         "from x to y skips a layer: x is in layer 0, y in layer 2"),
        (lambda: from_edges([_symbol("x")], _edges(("x", "h", 1)), {_symbol("q"): ONE}), DeriveError,
         "q, which is no unit"),
        (lambda: from_edges([_symbol("x")], _edges(("x", "g", 1), ("x", "h", 1)), {_symbol("g"): ONE}), DeriveError,
         "layer 1: h has no bias"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(make, kind, said):
    with pytest.raises(kind, match=said):
        make()


def test_the_hint_on_a_transposed_matrix():
    with pytest.raises(DeriveError) as caught:
        from_matrices([ONE] * 3, [_numbers([[1, 2], [3, 4], [5, 6]])])
    assert "written with a column for each unit" in caught.value.hint


def test_networks_are_values():
    layer = Layer((Symbol("x"),), ((Symbol("w"),),), (), "tanh", (Symbol("z"),), (Symbol("h"),))
    assert Network((Symbol("x"),), (layer,)) == Network((Symbol("x"),), (layer,))
