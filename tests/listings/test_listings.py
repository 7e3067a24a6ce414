"""Listings are programs: they run, count as the table does, and all frameworks compute the same outputs."""

from __future__ import annotations

import os
import warnings
from importlib.util import find_spec

import numpy as np
import pytest

from derive import choices
from derive.architectures.activations import ACTIVATIONS, HELPERS
from derive.architectures.network import network
from derive.architectures.table import SPELLINGS, TYPES
from derive.architectures.training import LOSSES, Training, loss_of
from derive.errors import DeriveError
from derive.listings import _slopes
from derive.steps import Context
from derive.tree import numeric
from derive.verify import verify_step

RNG = np.random.default_rng(7)


def layer(kind, **options):
    return {"type": kind, **options}


DENSE = {
    "sigmoid": ([5], [layer("Dense", units=4, activation="tanh"), layer("Dense", units=1, activation="sigmoid")]),
    "softmax": ([5], [layer("Dense", units=6, activation="relu"), layer("Dropout", rate=0), layer("Dense", units=3),
                      layer("Activation", activation="softmax")]),
    "regression": ([3], [layer("Dense", units=4, activation="elu"), layer("Dense", units=4, activation="softplus"),
                         layer("Dense", units=4, activation="leaky_relu", bias=False), layer("Dense", units=2)]),
    "swish and gelu": ([4], [layer("Dense", units=5, activation="swish"), layer("Activation", activation="gelu"),
                             layer("Dense", units=2, activation="gelu")]),
    "tanh out": ([3], [layer("Dense", units=2, activation="sigmoid"), layer("Dense", units=2, activation="tanh")]),
}
OTHERS = {
    "batch norm": ([4], [layer("Dense", units=3), layer("BatchNormalization"), layer("Activation", activation="relu"),
                         layer("LayerNormalization"), layer("Dense", units=2)]),
    "pictures": ([9, 8, 2], [
        layer("Conv2D", filters=4, kernel_size=3, padding="same", activation="relu"), layer("BatchNormalization"),
        layer("MaxPooling2D"), layer("Conv2D", filters=6, kernel_size=[2, 3], groups=2), layer("Flatten"),
        layer("Dense", units=3, activation="softmax")]),
    "strides": ([11, 10, 1], [
        layer("Conv2D", filters=3, kernel_size=4, strides=3, padding="same"),
        layer("Conv2D", filters=2, kernel_size=2, dilation=2, padding=1, use_bias=False),
        layer("MaxPooling2D", pool_size=3, strides=1, padding="same"), layer("GlobalAveragePooling2D"),
        layer("Dense", units=2)]),
    "averages": ([9, 9, 1], [
        layer("AveragePooling2D", pool_size=2, strides=1), layer("LayerNormalization"),
        layer("AveragePooling2D"), layer("GlobalMaxPooling2D")]),
    "sequence": ([12, 3], [
        layer("Conv1D", filters=4, kernel_size=3, activation="relu"), layer("MaxPooling1D"), layer("AveragePooling1D"),
        layer("Dense", units=5), layer("Activation", activation="softmax"), layer("GlobalMaxPooling1D")]),
    "same sequence": ([7, 2], [
        layer("Conv1D", filters=3, kernel_size=2, strides=2, padding="same"), layer("Activation", activation="softmax"),
        layer("GlobalAveragePooling1D")]),
    "same pooling": ([7, 2], [layer("MaxPooling1D", padding="same"), layer("Flatten"), layer("Dense", units=2)]),
    "words": ([6], [
        layer("Embedding", words=20, width=4), layer("Conv1D", filters=3, kernel_size=3, activation="tanh"),
        layer("GlobalMaxPooling1D"), layer("Dense", units=1, activation="sigmoid")]),
}
NETWORKS = {**DENSE, **OTHERS}


def made(name):
    shape, layers = NETWORKS[name]
    return network("", shape, layers)


def training(net, loss=None):
    return Training(loss_of(net, loss))


def run(framework, net, how=None):
    """The names that a listing defines."""
    code = choices.load("listings", framework).write(net, how or training(net))
    names: dict = {"__name__": "listing"}
    exec(compile(code, framework, "exec"), names)
    return names


def randomised(names):
    """NumPy's parameters with values that tell them apart; variances stay positive."""
    for array in names["parameters"]:
        array[...] = RNG.uniform(0.5, 1.5, array.shape) if array.ndim == 1 else RNG.normal(size=array.shape) / 2
    return names


def inputs(net):
    shape = tuple(int(numeric(n)) for n in net.shape)
    if net.places[0].layer.type == "Embedding":
        return RNG.integers(0, 20, (5, *shape))
    return RNG.normal(size=(5, *shape))


def counted(net):
    return sum(int(numeric(p.parameters())) for p in net.once)


def test_every_layer_type_is_in_a_listing():
    used = {SPELLINGS[one["type"].casefold()] for _, layers in NETWORKS.values() for one in layers}
    assert used == set(TYPES)


@pytest.mark.parametrize("name", NETWORKS)
def test_numpy_has_the_shapes_and_counts_of_the_table(name):
    net = made(name)
    names = run("numpy", net)
    assert sum(p.size for p in names["parameters"]) == counted(net)
    out = names["forward"](inputs(net))
    assert out.shape == (5, *(int(numeric(n)) for n in net.outputs))


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("framework", ["keras", "pytorch", "numpy"])
def test_listings_are_python_with_short_lines(framework, name):
    code = choices.load("listings", framework).write(made(name), Training(LOSSES["mean squared error"], "adam", "0.1"))
    compile(code, framework, "exec")
    assert max(map(len, code.splitlines())) <= 76


def loss_value(loss, p, y):
    match loss.name:
        case "binary cross-entropy":
            return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
        case "categorical cross-entropy":
            return -(y * np.log(p)).sum(axis=1).mean()
    return ((p - y) ** 2).mean()


def targets(loss, shape):
    if loss.name == "categorical cross-entropy":
        return np.eye(shape[1])[RNG.integers(0, shape[1], shape[0])]
    return RNG.integers(0, 2, shape).astype(float) if loss.name.startswith("binary") else RNG.normal(size=shape)


SHARED = network("", [3], [layer("Dense", name="a", units=4, activation="tanh"),
                           layer("Dense", name="b", units=4, activation="tanh"), layer("Dense", name="c", units=2)],
                 ["a", "b", "b", "c"])


@pytest.mark.parametrize("net", [*map(made, DENSE), SHARED], ids=[*DENSE, "shared"])
def test_gradients_agree_with_central_differences(net):
    names = randomised(run("numpy", net))
    loss, x, h = training(net).loss, inputs(net), 1e-6
    y = targets(loss, names["forward"](x).shape)
    for array, slope in zip(names["parameters"], names["gradients"](x, y), strict=True):
        assert slope.shape == array.shape
        for place in list(np.ndindex(array.shape))[:6]:
            ends = []
            for sign in (1, -1):
                array[place] += sign * h
                ends.append(loss_value(loss, names["forward"](x), y))
                array[place] -= sign * h
            assert slope[place] == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_slopes_are_derived_in_proved_steps(activation):
    found = _slopes.slope(activation)
    if activation in ("linear", "softmax"):
        assert found is None
        return
    for step in found.steps:
        assert verify_step(step.before, step.after, step.relation, Context({}, found.chain.where)).status == "proved"
    z = np.array([-2.0, -0.3, 0.4, 1.7])
    names = {"np": np, "z": z}
    for helper in (*HELPERS.values(), *_slopes.HELPERS.values(), found.program):
        exec(helper, names)
    function = ACTIVATIONS[activation].numpy
    names["h"] = eval(function.format("z"), names)
    ends = [eval(function.format(f"(z {sign} 1e-6)"), names) for sign in "+-"]
    assert np.allclose(eval(found.numpy("z", "h"), names), (ends[0] - ends[1]) / 2e-6, atol=1e-8)


def test_a_step_lowers_the_loss():
    names = randomised(run("numpy", made("sigmoid")))
    x = inputs(made("sigmoid"))
    loss, y = LOSSES["binary cross-entropy"], np.array([[0.0], [1], [1], [0], [1]])
    before = loss_value(loss, names["forward"](x), y)
    names["step"](x, y, 0.1)
    assert loss_value(loss, names["forward"](x), y) < before


@pytest.mark.parametrize("name", OTHERS)
def test_no_gradients_where_they_are_not_derived(name):
    assert "gradients" not in run("numpy", made(name))


def test_no_gradient_of_a_loss_that_does_not_fit_the_last_layer():
    net = made("tanh out")
    assert "gradients" not in run("numpy", net, training(net, "binary cross-entropy"))


def test_pytorch_says_what_it_has_not():
    net = network("", [7, 2], [layer("AveragePooling1D", padding="same")])
    with pytest.raises(DeriveError, match="leaves the zeros out"):
        choices.load("listings", "pytorch").write(net, training(net))


# --- beside the frameworks themselves ---------------------------------------------------------------

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed")
BACKEND = next((b for b in ("jax", "torch", "tensorflow") if find_spec(b)), None)
needs_keras = pytest.mark.skipif(find_spec("keras") is None or BACKEND is None,
                                 reason="Keras with a backend is not installed")


def compared(name):
    net = made(name)
    return net, randomised(run("numpy", net)), inputs(net)


@needs_keras
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NETWORKS)
def test_keras_counts_and_computes_the_same(name):
    os.environ.setdefault("KERAS_BACKEND", BACKEND)
    net, names, x = compared(name)
    model = run("keras", net)["model"]
    assert model.count_params() == counted(net)
    trained = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    assert trained == sum(int(numeric(p.trained.value)) for p in net.once if p.trained is not None)
    model.set_weights(names["parameters"])
    assert np.asarray(model(x)) == pytest.approx(names["forward"](x), rel=1e-3, abs=1e-4)


def into_torch(net, names, model):
    """NumPy's parameters in PyTorch's order of axes; after Flatten the channels come first there."""
    import torch

    from derive.listings.numpy import _number

    def put(target, array):
        with torch.no_grad():
            target.copy_(torch.as_tensor(np.ascontiguousarray(array)))

    flat = None
    for place in net.once:
        arrays = {k: names[f"{k}{_number(net, place)}"] for k, _ in place.layer.numpy(place.shape).arrays}
        if place.layer.type == "Flatten" and len(place.shape) > 1:
            flat = [int(numeric(n)) for n in place.shape]
        if not arrays:
            continue
        module = getattr(model, place.name)
        if "W" in arrays:
            w = arrays["W"]
            if flat is not None:
                w = np.moveaxis(w.reshape(*flat, -1), -2, 0).reshape(w.shape)
                flat = None
            put(module.weight, np.moveaxis(w, (-1, -2), (0, 1)))
        for ours, theirs in {"b": "bias", "gamma": "weight", "beta": "bias", "mean": "running_mean",
                             "var": "running_var", "E": "weight"}.items():
            if ours in arrays:
                put(getattr(module, theirs), arrays[ours])


@needs_torch
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NETWORKS)
def test_pytorch_counts_and_computes_the_same(name):
    import torch

    from derive.listings.pytorch import input_layout

    net, names, x = compared(name)
    model = run("pytorch", net)["model"].double().eval()
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    assert trained == sum(int(numeric(p.trained.value)) for p in net.once if p.trained is not None)
    into_torch(net, names, model)
    given = torch.as_tensor(np.moveaxis(x, -1, 1) if input_layout(net) == "first" else x)
    out = model(given).detach().numpy()
    expected = names["forward"](x)
    if out.ndim > 2 and out.shape != expected.shape:
        out = np.moveaxis(out, 1, -1)
    assert out == pytest.approx(expected, rel=1e-8, abs=1e-10)


@needs_torch
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("net", [*map(made, DENSE), SHARED], ids=[*DENSE, "shared"])
def test_gradients_agree_with_autograd(net):
    import torch

    names = randomised(run("numpy", net))
    loss, x = training(net).loss, inputs(net)
    y = targets(loss, names["forward"](x).shape)
    model = run("pytorch", net)["model"].double()
    into_torch(net, names, model)
    p, t = model(torch.as_tensor(x)), torch.as_tensor(y)
    eval(loss.torch.format(p="p", y="t"), {"p": p, "t": t, "torch": torch, "F": torch.nn.functional}).backward()
    theirs = [g.grad.numpy() for g in model.parameters()]
    ours = names["gradients"](x, y)
    for a, b in zip(ours, theirs, strict=True):
        assert a == pytest.approx(b.T, rel=1e-8, abs=1e-12)


@needs_torch
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_layer_that_is_never_applied_gets_no_gradient():
    import torch

    layers = [layer("Dense", name="a", units=4), layer("Dense", name="spare", inputs=4, units=4),
              layer("Dense", name="c", units=1)]
    model = run("pytorch", network("", [3], layers, ["a", "c"]))["model"]
    model(torch.ones(2, 3)).sum().backward()
    assert model.spare.weight.grad is None
    assert model.a.weight.grad is not None


@needs_torch
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_training_loop_runs():
    import torch

    net = made("sigmoid")
    names = run("pytorch", net, Training(loss_of(net, None), "adam", "0.01", 4, 2))
    before = [p.detach().clone() for p in names["model"].parameters()]
    names["train"](torch.randn(10, 5), torch.ones(10, 1))
    assert any((a != b).any() for a, b in zip(before, names["model"].parameters(), strict=True))


@needs_keras
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_keras_training_runs():
    os.environ.setdefault("KERAS_BACKEND", BACKEND)
    net = made("sigmoid")
    names = run("keras", net, Training(loss_of(net, None), "adam", "0.01", 4, 1))
    before = [np.array(w) for w in names["model"].get_weights()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names["train"](RNG.normal(size=(10, 5)), np.ones((10, 1)))
    assert any((a != b).any() for a, b in zip(before, names["model"].get_weights(), strict=True))
