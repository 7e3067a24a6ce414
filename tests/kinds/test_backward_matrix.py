"""The reverse sweep over vectors and matrices: against differences in NumPy, proved, and linear in the depth."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.backward import Backward
from derive.errors import DeriveError
from derive.graph import graph
from derive.kinds._backprop_network import BATCHES, MATRIX, layered
from derive.kinds._backward_matrix import backward, shapes_in, with_upstream
from derive.losses import loss_named
from derive.networks import from_edges, from_sizes
from derive.read.declared import Declared, stated
from derive.read.latex import Names, read
from derive.steps import Context, Definition, Status
from derive.tree import Symbol, size
from derive.verify import verify_step
from derive.write.text import text
from tests.rules.arrays import ONES, differences, value

N = 3


def made(sizes, activations, loss, form, **more) -> Backward:
    net = layered(from_sizes(sizes, activations), loss_named(loss), form, **more)
    return backward(net.graph, net.domains, net.output, net.by, net.letters, net.ones)


def of_nodes(nodes, declare, by=(), upstream=None, output=None) -> Backward:
    declared = Declared()
    for line in declare:
        name, _, says = line.partition(": ")
        declared.add(stated(name, says))
    names = declared.names(Names(labels=True))
    quantities = []
    for node in nodes:
        name, body = read(node, names).sides
        quantities.append(Definition(name, (), body))
    whole, domains = graph(quantities), declared.domains()
    last = whole.output if output is None else read(output, names)
    if upstream is not None:
        whole, domains = with_upstream(whole, domains, last, Symbol(upstream), Symbol("L"))
        last = Symbol("L")
    return backward(whole, domains, last, [read(b, names) for b in by])


def unproved(back: Backward) -> list[str]:
    context = Context(back.domains, back.definitions)
    steps = [s for f in back.found for s in f.steps]
    verdicts = [(s, verify_step(s.before, s.after, s.relation, context)) for s in steps]
    return [f"{text(s.before)} = {text(s.after)}: {v}" for s, v in verdicts if v.status is not Status.PROVED]


def formulas(back: Backward) -> dict[str, str]:
    return {f.of.plain: text(f.value) for f in back.found}


# --- against differences --------------------------------------------------------------------------------


def check(back: Backward, values: Mapping[Symbol, np.ndarray]) -> None:
    """Every gradient that was found against differences of the loss, computed forward."""
    known = dict(values)
    for definition in back.program:
        known[definition.name] = value(definition.body, known)
    for symbol in back.asked:
        written = back.graph.formulas

        def loss(node, at, written=written):
            run = dict(at)
            for name, body in written.items():
                run[name] = value(body, run)
            return run[node]

        numeric = _differences(loss, back.output, values, symbol)
        exact = np.broadcast_to(value(back.gradients[symbol], known), numeric.shape)
        np.testing.assert_allclose(exact, numeric, rtol=1e-4, atol=1e-6)  # differences of saturated logs are coarse


def _differences(loss, output, values, by, h=1e-6):
    found = np.zeros_like(values[by])
    for i in np.ndindex(*found.shape):
        ends = []
        for step in (h, -h):
            moved = values[by].copy()
            moved[i] += step
            ends.append(loss(output, {**values, by: moved})[0, 0])
        found[i] = (ends[0] - ends[1]) / (2 * h)
    return found


def random_values(back: Backward, seed: int, sides: Mapping[str, int] | None = None) -> dict[Symbol, np.ndarray]:
    sides = sides or {}
    rng = np.random.default_rng(seed)
    shapes = shapes_in(back.graph, back.domains)
    found = {Symbol(name): np.array([[float(length)]]) for name, length in sides.items()}
    for symbol in back.graph.inputs:
        if symbol in found or symbol == ONES:
            continue
        rows, columns = (sides.get(s, s) for s in shapes.of(symbol))
        found[symbol] = rng.normal(size=(rows, columns))
    return found


LOSSES = [
    ("sigmoid", "binary cross-entropy"), ("softmax", "categorical cross-entropy"), ("identity", "squared error"),
    ("tanh", "mean squared error"), ("sigmoid", "half squared error"), ("identity", "bce with logits"),
]  # fmt: skip


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.sampled_from(["sigmoid", "tanh", "relu", "softplus", "identity"]),
    st.sampled_from(LOSSES),
    st.sampled_from([MATRIX, BATCHES]),
    st.integers(2, 3),
)
def test_random_networks_agree_with_differences(widths, hidden, last, form, outputs):
    sizes = [*widths, outputs]
    if len(sizes) < 2:
        sizes = [2, *sizes]
    back = made(sizes, [hidden] * (len(sizes) - 2) + [last[0]], last[1], form)
    values = random_values(back, 5, {"n": N})
    target = Symbol("Y" if form == BATCHES else "y")
    axis = 1 if form == BATCHES else 0
    raw = np.abs(values[target]) + 0.1
    values[target] = raw / raw.sum(axis=axis, keepdims=True)
    check(back, values)


@pytest.mark.parametrize("form", [MATRIX, BATCHES])
def test_penalties_agree_with_differences(form):
    back = made([2, 3, 2], ["tanh", "identity"], "mse", form, l1=Symbol("alpha"), l2=Symbol("lambda"))
    check(back, random_values(back, 3, {"n": N}))


@pytest.mark.parametrize("form", [MATRIX, BATCHES])
def test_one_output_agrees_with_differences(form):
    back = made([2, 3, 1], ["sigmoid", "sigmoid"], "bce", form)
    values = random_values(back, 4, {"n": N})
    values[Symbol("y")] = np.ones_like(values[Symbol("y")])
    check(back, values)


GRAPHS = {
    "attention": (
        [r"S = \frac{1}{\sqrt{d}} Q K^\top", r"P = \operatorname{softmax}(S)", "O = P V"],
        ["Q: matrix n x d", "K: matrix k x d", "V: matrix k x m"], ["Q", "K", "V"], "U",
    ),
    "layer norm": (
        [r"\mu = \frac{1}{d} \mathbf{1}^\top x", r"c = x - \mu \mathbf{1}", r"v = \frac{1}{d} c^\top c",
         r"s = \sqrt{v + 1}", r"\hat{x} = \frac{c}{s}", r"y = \gamma \odot \hat{x} + \beta"],
        ["x: vector d", r"\gamma: vector d", r"\beta: vector d"], ["x", r"\gamma", r"\beta"], "u",
    ),
    "recurrent": (
        ["z_1 = W h_0 + R x_1 + b", r"h_1 = \tanh(z_1)", "z_2 = W h_1 + R x_2 + b", r"h_2 = \tanh(z_2)",
         r"L = \frac{1}{2} \|h_2 - y\|_2^2"],
        ["W: matrix m x m", "R: matrix m x d", "h_0: vector m", "x_1: vector d", "x_2: vector d", "b: vector m",
         "y: vector m"], ["W", "R", "b", "h_0"], None,
    ),
    "regression": (
        [r"r = X w - y", r"L = \frac{1}{2 n} r^\top r"], ["X: matrix n x d", "w: vector d", "y: vector n"],
        ["w", "X"], None,
    ),
    "bilinear": (["q = x^\\top A x", "L = q^2"], ["A: matrix d x d", "x: vector d"], ["x", "A"], None),
    "gate": ([r"g = \sigma(a)", r"h = g \odot b + (1 - g) \odot c"],
             ["a: vector d", "b: vector d", "c: vector d"], ["a", "b", "c"], "u"),
    "quotient": ([r"q = \frac{a}{b}", r"L = \|q\|_2"], ["a: vector d", "b: vector d"], ["a", "b"], None),
}  # fmt: skip


@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_agree_with_differences(name):
    nodes, declare, by, upstream = GRAPHS[name]
    back = of_nodes(nodes, declare, by, upstream)
    check(back, random_values(back, 2, {"n": N, "d": 2, "m": 4, "k": 5}))


@pytest.mark.slow
@pytest.mark.parametrize("name", GRAPHS)
def test_graphs_are_proved(name):
    nodes, declare, by, upstream = GRAPHS[name]
    assert not unproved(of_nodes(nodes, declare, by, upstream))


@pytest.mark.slow
@pytest.mark.parametrize("form", [MATRIX, BATCHES])
@pytest.mark.parametrize(("last", "loss"), LOSSES)
def test_networks_are_proved(last, loss, form):
    assert not unproved(made([2, 3, 2], ["tanh", last], loss, form))


# --- what is written ------------------------------------------------------------------------------------


def test_a_classifier_in_stored_outputs():
    found = formulas(made([4, 8, 8, 3], ["sigmoid", "relu", "softmax"], "ce", MATRIX))
    assert found["z_sup_3"] == "p - y"
    assert found["z_sup_2"] == "((W⁽³⁾)ᵀ δ⁽³⁾) ⊙ ReLU'(z⁽²⁾)"
    assert found["z_sup_1"] == "((W⁽²⁾)ᵀ δ⁽²⁾) ⊙ h⁽¹⁾ ⊙ (1 - h⁽¹⁾)"
    assert found["W_sup_2"] == "δ⁽²⁾ (h⁽¹⁾)ᵀ"
    assert found["b_sup_1"] == "δ⁽¹⁾"


def test_a_batch_has_its_mean_once():
    found = formulas(made([3, 4, 2], ["sigmoid", "sigmoid"], "bce", BATCHES))
    assert found["Z_sup_2"] == "(Ŷ - Y)/n"
    assert found["Z_sup_1"] == "(Δ⁽²⁾ W⁽²⁾) ⊙ H⁽¹⁾ ⊙ (1 - H⁽¹⁾)"
    assert found["W_sup_1"] == "(Δ⁽¹⁾)ᵀ X"
    assert found["b_sup_1"] == "(Δ⁽¹⁾)ᵀ·𝟏"


def test_without_probabilities_the_sum_of_the_targets_stays():
    nodes = [r"p = \operatorname{softmax}(z)", r"L = -y^\top \ln(p)"]
    plain = of_nodes(nodes, ["z: vector k", "y: vector k"], ["z"])
    assert formulas(plain)["z"] != "p - y"
    assert formulas(of_nodes(nodes, ["z: vector k", "y: probability vector k"], ["z"]))["z"] == "p - y"


def test_a_gradient_that_is_needed_again_gets_a_letter():
    back = of_nodes(*GRAPHS["attention"])
    letters = {f.of.plain: f.letter for f in back.found}
    assert letters["S"] == Symbol("S", accent="bar")
    assert letters["Q"] is None


@pytest.mark.parametrize("form", [MATRIX, BATCHES])
def test_no_formula_grows_with_the_depth(form):
    def longest(depth):
        back = made([3] * depth + [2], ["sigmoid"] * (depth - 1) + ["identity"], "mse", form)
        return max(size(f.value) for f in back.found)

    assert longest(3) == longest(24)


def test_upstream_gives_the_letter_itself():
    back = of_nodes([r"y = \tanh(x)"], ["x: vector d"], ["x"], "u")
    assert formulas(back)["x"] == "u ⊙ (1 - y ⊙ y)"


# --- what is refused ------------------------------------------------------------------------------------

REFUSED = [
    (["z = W x"], ["W: matrix m x d", "x: vector m"], ["W"], "u", ["matrix m×d", "vector of length m", "z"]),
    (["z = x + y"], ["x: vector m", "y: vector d"], ["x"], "u", ["vector of length m", "vector of length d"]),
    (["z = W x"], ["W: matrix m x d", "x: vector d"], ["W"], None, ["z", "vector of length m", "number"]),
    (["z = W x"], ["W: matrix m x d", "x: vector d", "z: vector d"], ["W"], "u", ["declared", "vector of length d"]),
    (["z = W x"], ["W: matrix", "x: vector d"], ["W"], "u", ["without its sides"]),
    ([r"L = \operatorname{rank}(A)"], ["A: matrix n x n"], ["A"], None, ["no law", "L"]),
    (["s = x^2"], ["x: vector n"], ["x"], "u", ["no law", "s", "x ⊙ x"]),
    (["L = x^\\top x"], ["x: vector d", "y: vector d"], ["y"], None, ["does not depend on y"]),
]


@pytest.mark.parametrize(("nodes", "declare", "by", "upstream", "words"), REFUSED)
def test_what_does_not_fit_is_said(nodes, declare, by, upstream, words):
    with pytest.raises(DeriveError) as error:
        of_nodes(nodes, declare, by, upstream)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_network_with_missing_edges_has_no_matrix():
    from derive.networks import Edge

    x, y = Symbol("x", "1"), Symbol("x", "2")
    edges = [Edge(x, Symbol("h", "1"), Symbol("a")), Edge(y, Symbol("h", "2"), Symbol("b")),
             Edge(Symbol("h", "1"), Symbol("o"), Symbol("c")), Edge(Symbol("h", "2"), Symbol("o"), Symbol("d"))]
    net = from_edges([x, y], edges)
    with pytest.raises(DeriveError, match="layer 1"):
        layered(net, loss_named("mse"), MATRIX)


def test_a_loss_needs_its_activation():
    with pytest.raises(DeriveError, match="softmax"):
        layered(from_sizes([2, 3], ["tanh"]), loss_named("ce"), MATRIX)


def test_differences_of_the_helper_are_differences():
    x = Symbol("x")
    assert differences(read("x^2", Names()), {x: np.array([[3.0]])}, x)[0, 0] == pytest.approx(6)
