"""A network as PyTorch code: a module with explicit sizes, channels first, and a training loop.

PyTorch wants ``(n, C, H, W)`` where Keras has ``(n, H, W, C)``. The listing follows the layers: it moves the axis where
the next layer wants it elsewhere, and an input with places is taken as its first such layer wants it.
"""

from __future__ import annotations

from derive.architectures.activations import ACTIVATIONS
from derive.architectures.network import Network, Place
from derive.architectures.table import CHANNELS_FIRST, CHANNELS_LAST, Torch
from derive.architectures.training import OPTIMIZERS, Training
from derive.listings._parts import commented, folded, letters
from derive.tree import Node
from derive.write.text import text

TITLE = "PyTorch"


def write(network: Network, training: Training) -> str:
    """The program that makes ``model``; with ``train`` where an optimiser is given."""
    modules = [*map(_module, network.once), *map(_module, network.unused)]
    body = [folded(f"        self.{m}") for m in modules if m]
    forward = _forward(network)
    made = [
        "class Network(nn.Module):", "    def __init__(self):", "        super().__init__()", *body, "",
        "    def forward(self, x):", *forward, "        return x", "", "", "model = Network()",
    ]
    lines = [*_letters(network), *made, *_train(training)]
    return "\n".join([*_imports("\n".join(lines)), "", *lines]) + "\n"


def _imports(code: str) -> list[str]:
    functional = ["from torch.nn import functional as F"] if "F." in code else []
    return ["import torch", "from torch import nn", *functional]


def _letters(network: Network) -> list[str]:
    found = letters(network)
    return [*found, "", ""] if found else [""]


_TAKEN = frozenset((
    "forward", "train", "eval", "type", "float", "half", "double", "to", "apply", "parameters", "modules", "children",
    "buffers", "cpu", "cuda", "state_dict", "training",
))


def attribute(name: str) -> str:
    """The name of a layer as an attribute that a module does not have already."""
    return f"{name}_" if name in _TAKEN else name


def _module(place: Place) -> str:
    module = place.layer.torch(place.shape).module
    return f"{attribute(place.name)} = {module}" if module else ""


def input_layout(network: Network) -> str:
    """Where the channels of the network's input stand: ``first`` or ``last``, or nothing for vectors."""
    if len(network.shape) == 1:
        return ""
    wanted = (p.layer.torch(p.shape).layout for p in network.places if len(p.shape) > 1)
    return next((layout for layout in wanted if layout), CHANNELS_LAST)


def _forward(network: Network) -> list[str]:
    lines: list[str] = []
    layout = input_layout(network)
    for place in network.places:
        code = place.layer.torch(place.shape)
        if len(place.shape) > 1 and code.layout and code.layout != layout:
            lines.append(f"        x = x.movedim{'(-1, 1)' if code.layout == CHANNELS_FIRST else '(1, -1)'}")
            layout = code.layout
        layout = layout if len(place.outputs) > 1 else ""
        if len(place.shape) == 1 and len(place.outputs) > 1:
            layout = CHANNELS_LAST
        expression = _expression(place, code, layout)
        if expression != "x":
            lines.append(commented(f"        x = {expression}", _comment(place, layout)))
    return lines


def _expression(place: Place, code: Torch, layout: str) -> str:
    made = code.call.replace("{m}", f"self.{attribute(place.name)}").replace("{x}", "x")
    template = ACTIVATIONS[place.layer.activation].torch
    return template.format(made, dim=1 if layout == CHANNELS_FIRST else -1)


def _comment(place: Place, layout: str) -> str:
    shape: tuple[Node, ...] = place.outputs
    if layout == CHANNELS_FIRST:
        shape = (shape[-1], *shape[:-1])
    return f"({', '.join(map(text, shape))}{',' * (len(shape) == 1)})" + ", the same weights again" * place.again


def _train(training: Training) -> list[str]:
    if not training.optimizer:
        return []
    name = OPTIMIZERS[training.optimizer][1]
    loss = training.loss.torch.format(p="model(x[batch])", y="y[batch]")
    return [
        "", "", "def train(x, y):",
        f"    optimizer = {name}(model.parameters(), lr={training.rate})",
        f"    for epoch in range({training.epochs}):",
        f"        for batch in torch.randperm(len(x)).split({training.batch}):",
        "            optimizer.zero_grad()",
        f"            loss = {loss}",
        "            loss.backward()",
        "            optimizer.step()",
    ]
