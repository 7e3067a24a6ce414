"""A network as NumPy code: parameters in Keras's order, the forward pass, and for dense networks the gradients.

The gradients are those that backpropagation derives: the factor of each activation is the derivative that the rules
find, in stored values (:mod:`derive.listings._slopes`), and the layer after it hands back ``delta @ W.T``. Dropout does
nothing outside training and is left out.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.architectures.activations import ACTIVATIONS, HELPERS
from derive.architectures.network import Network, Place
from derive.architectures.table import NumPy
from derive.architectures.training import Training
from derive.listings import _slopes
from derive.listings._parts import commented, letters, shape_comment, wrapped
from derive.listings._slopes import Slope

TITLE = "NumPy"


def write(network: Network, training: Training) -> str:
    """The program with ``parameters``, ``forward`` and, where there are only dense layers, ``gradients``."""
    codes = [place.layer.numpy(place.shape) for place in network.places]
    arrays = [line for place, code in zip(network.places, codes, strict=True) for line in _arrays(network, place, code)]
    names = [n for place, code in zip(network.places, codes, strict=True) for n in _names(network, place, code)]
    head = ["import numpy as np", "", "rng = np.random.default_rng(0)", *letters(network)]
    parts = ["\n".join(head), *_helpers(network, codes, slopes_used(network, training))]
    parts.append("\n".join([*arrays, wrapped("parameters = [", list(dict.fromkeys(names)), "]")]))
    parts.append(_forward(network, codes))
    if has_gradients(network, training):
        parts.append(_gradients(network, training, list(dict.fromkeys(names))))
    return "\n\n\n".join(parts) + "\n"


# --- helpers ----------------------------------------------------------------------------------------

_LAYER_HELPERS = {
    "weights": "def weights(*shape, fan_in):\n    return rng.normal(0, 1 / np.sqrt(fan_in), shape)",
    "normalise": "def normalise(x, epsilon):\n    x = x - x.mean(axis=-1, keepdims=True)\n"
                 "    return x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + epsilon)",
    "windows": '''def windows(x, kernel, strides, dilation):
    """Every window of x: (n, *places, channels, *kernel)."""
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation)]
    axes = tuple(range(1, 1 + len(kernel)))
    view = np.lib.stride_tricks.sliding_window_view(x, reach, axis=axes)
    places = [slice(None, None, s) for s in strides]
    inside = [slice(None, None, d) for d in dilation]
    return view[(slice(None), *places, slice(None), *inside)]''',
    "convolve": '''def convolve(x, kernel, strides, dilation, pads, groups=1):
    """Kernels (*kernel, C_in / groups, C_out) over x, zeros around it."""
    n = len(strides)
    x = np.pad(x, ((0, 0), *pads, (0, 0)))
    seen = windows(x, kernel.shape[:n], strides, dilation)
    parts = np.split(seen, groups, n + 1), np.split(kernel, groups, -1)
    axes = (range(n + 1, 2 * n + 2), (n, *range(n)))
    made = [np.tensordot(a, b, axes) for a, b in zip(*parts)]
    return np.concatenate(made, -1)''',
    "pool": '''def pool(x, size, strides, pads, reduce, fill):
    """The largest value or mean of every window; fill does not count."""
    x = np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=fill)
    seen = windows(x, size, strides, (1,) * len(size))
    return reduce(seen, axis=tuple(range(-len(size), 0)))''',
}


def _helpers(network: Network, codes: list[NumPy], slopes: Mapping[str, Slope]) -> list[str]:
    """The functions that the layers, the activations and their slopes use, each once."""
    asked = [h for code in codes for h in code.helpers]
    asked += [ACTIVATIONS[p.layer.activation].helper for p in network.places]
    asked += [h for slope in slopes.values() for h in slope.helpers]
    known = {**_LAYER_HELPERS, **HELPERS, **_slopes.HELPERS}
    own = [slope.program for slope in slopes.values() if slope.program]
    return [*(known[name] for name in dict.fromkeys(asked) if name), *own]


# --- parameters and forward pass --------------------------------------------------------------------


def _number(network: Network, place: Place) -> int:
    """The number of a layer among those applied; a layer applied again keeps its own."""
    return next(i for i, p in enumerate(network.once, 1) if p.name == place.name)


def _name(network: Network, place: Place, letter: str) -> str:
    return f"{letter}{_number(network, place)}"


def _names(network: Network, place: Place, code: NumPy) -> list[str]:
    return [_name(network, place, letter) for letter, _ in code.arrays]


def _arrays(network: Network, place: Place, code: NumPy) -> list[str]:
    if place.again:
        return []
    return [f"{_name(network, place, letter)} = {made}" for letter, made in code.arrays]


def _expression(network: Network, place: Place, code: NumPy, x: str) -> str:
    names = {letter: _name(network, place, letter) for letter, _ in code.arrays}
    return ACTIVATIONS[place.layer.activation].numpy.format(code.expression.format(x=x, **names))


def _forward(network: Network, codes: list[NumPy]) -> str:
    lines = ["def forward(x):"]
    for place, code in zip(network.places, codes, strict=True):
        made = _expression(network, place, code, "x")
        if made != "x":
            lines.append(commented(f"    x = {made}", shape_comment(place)))
    return "\n".join([*lines, "    return x"])


# --- gradients --------------------------------------------------------------------------------------


def has_gradients(network: Network, training: Training) -> bool:
    """Whether the gradients can be written: dense layers only, factors for each entry, a last layer that fits."""
    if any(len(p.shape) > 1 or p.layer.type not in _PASSED for p in network.places):
        return False
    fits = not training.loss.pairs or _activations(network)[-1] == training.loss.pairs
    return fits and all(a == "linear" or _slopes.slope(a) for a in _differentiated(network, training))


def slopes_used(network: Network, training: Training) -> dict[str, Slope]:
    """The slopes in the gradients, by the name of the activation; none where there are no gradients."""
    if not has_gradients(network, training):
        return {}
    found = {a: _slopes.slope(a) for a in _differentiated(network, training)}
    return {name: slope for name, slope in found.items() if slope is not None}


def _activations(network: Network) -> list[str]:
    return [p.layer.activation for p in network.places if p.layer.type in ("Dense", "Activation")] or ["linear"]


def _differentiated(network: Network, training: Training) -> list[str]:
    """The activations whose slopes are factors; the last one's cancels in a loss that goes with it."""
    every = _activations(network)
    return every[:-1] if training.loss.pairs else every


_PASSED = ("Dense", "Activation", "Dropout", "Flatten")


def _gradients(network: Network, training: Training, names: list[str]) -> str:
    lines = ["def gradients(x, y):", '    """The gradient of the mean loss by each of the parameters."""']
    live = [p for p in network.places if p.layer.type == "Dense" or p.layer.activation != "linear"]
    for i, place in enumerate(live, 1):
        lines += _stored(network, place, i, "x" if i == 1 else f"h{i - 1}")
    lines += _start(live, training)
    done: set[str] = set()
    for i in range(len(live), 0, -1):
        lines += _back(network, live, i, done)
    lines.append(f"    {wrapped('return [', [f'd{n}' for n in names], ']')}")
    step = "def step(x, y, rate):\n    for p, g in zip(parameters, gradients(x, y)):\n        p -= rate * g"
    return "\n".join(line for line in lines if line.strip()) + "\n\n\n" + step


def _stored(network: Network, place: Place, i: int, before: str) -> list[str]:
    """The output of a layer; its pre-activation too where the slope is written with that."""
    code, slope = place.layer.numpy(place.shape), _slopes.slope(place.layer.activation)
    if slope is None or not slope.needs_argument:
        return [f"    h{i} = {_expression(network, place, code, before)}"]
    names = {letter: _name(network, place, letter) for letter, _ in code.arrays}
    activation = ACTIVATIONS[place.layer.activation].numpy
    return [f"    z{i} = {code.expression.format(x=before, **names)}", f"    h{i} = {activation.format(f'z{i}')}"]


def _start(live: list[Place], training: Training) -> list[str]:
    """The gradient by the last pre-activation."""
    last = len(live)
    delta = training.loss.delta.format(h=f"h{last}")
    slope = "" if training.loss.pairs else _slope(live[-1], last)
    return [commented(f"    delta = {delta}{slope}", training.loss.words)]


def _slope(place: Place, i: int) -> str:
    """The factor of an activation, with the names of its stored values; nothing for the identity."""
    slope = _slopes.slope(place.layer.activation)
    return f" * {slope.numpy(f'z{i}', f'h{i}')}" if slope is not None else ""


def _back(network: Network, live: list[Place], i: int, done: set[str]) -> list[str]:
    """From the gradient by a layer's pre-activation to its parameters, and on to the layer before it."""
    place, before = live[i - 1], "x" if i == 1 else f"h{i - 1}"
    lines: list[str] = []
    if place.layer.type == "Dense":
        weight = _name(network, place, "W")
        sign = "+=" if weight in done else "="
        lines.append(f"    d{weight} {sign} {before}.T @ delta")
        if place.layer.values["bias"]:
            lines.append(f"    d{_name(network, place, 'b')} {sign} delta.sum(axis=0)")
        done.add(weight)
        if i > 1:
            lines.append(f"    delta = delta @ {weight}.T{_slope(live[i - 2], i - 1)}")
    elif i > 1:
        slope = _slope(live[i - 2], i - 1)
        lines += [f"    delta = delta{slope}"] if slope else []
    return lines
