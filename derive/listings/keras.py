"""A network as Keras 3 code: ``Sequential`` where each layer is applied once, else the functional interface."""

from __future__ import annotations

from derive.architectures.network import Network, Place
from derive.architectures.python import size_text, tuple_text
from derive.architectures.training import OPTIMIZERS, Training
from derive.listings._parts import commented, letters, shape_comment

TITLE = "Keras"


def write(network: Network, training: Training) -> str:
    """The program that makes ``model``; with ``train`` where an optimiser is given."""
    model = _sequential(network) if network.plain else _functional(network)
    lines = ["import keras", "from keras import layers", "", *_and_blank(letters(network)), *model, *_train(training)]
    return "\n".join(lines) + "\n"


def _and_blank(lines: list[str]) -> list[str]:
    return [*lines, ""] if lines else []


def _input(network: Network) -> str:
    return f"keras.Input(shape={tuple_text([size_text(n) for n in network.shape])})"


def _sequential(network: Network) -> list[str]:
    rows = [line for place in network.places for line in _row(place)]
    return ["model = keras.Sequential([", f"    {_input(network)},", *rows, "])"]


def _row(place: Place) -> list[str]:
    *before, last = _named(place)
    return [*(f"    {code}," for code in before), commented(f"    {last},", shape_comment(place))]


def _named(place: Place) -> list[str]:
    """The constructors of a layer, the last with the name that was given to it."""
    *before, last = place.layer.keras(place.shape)
    if place.declared.named:
        joint = "" if last.endswith("()") else ", "
        last = f'{last[:-1]}{joint}name="{place.name}")'
    return [*before, last]


def _functional(network: Network) -> list[str]:
    """Layers first, then their application; a layer that is never applied is no part of the model."""
    made = [f"{place.name} = {_named(place)[-1]}" for place in network.once]
    unused = [f"{p.name} = {_named(p)[-1]}  # never applied: has no weights" for p in network.unused]
    calls = [line for place in network.places for line in _call(place)]
    return [*made, *unused, "", f"x = inputs = {_input(network)}", *calls, "model = keras.Model(inputs, x)"]


def _call(place: Place) -> list[str]:
    before = [f"x = {code}(x)" for code in place.layer.keras(place.shape)[:-1]]
    comment = shape_comment(place) + (", the same weights again" if place.again else "")
    return [*before, commented(f"x = {place.name}(x)", comment)]


def _train(training: Training) -> list[str]:
    if not training.optimizer:
        return []
    name = OPTIMIZERS[training.optimizer][0]
    return [
        "", "", "def train(x, y):",
        f"    optimizer = {name}(learning_rate={training.rate})",
        f"    model.compile(optimizer=optimizer, loss={training.loss.keras})",
        f"    model.fit(x, y, batch_size={training.batch}, epochs={training.epochs})",
    ]
