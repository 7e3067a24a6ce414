"""How a network is trained, as far as listings and counts need it: loss, optimiser, batches, epochs.

A new loss is a row of :data:`LOSSES`, a new optimiser one of :data:`OPTIMIZERS`.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.architectures.network import Network


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss: its name in Keras, the expression in PyTorch, the activation whose slope it cancels.

    ``torch`` is written with ``{p}`` for predictions and ``{y}`` for targets. ``delta`` is the gradient by the last
    pre-activation where the activation is ``pairs``, else by the output, averaged over the batch; ``h`` is the output.
    """

    name: str
    keras: str
    torch: str
    pairs: str
    delta: str
    words: str


LOSSES = {
    row.name: row
    for row in (
        Loss("binary cross-entropy", '"binary_crossentropy"', "F.binary_cross_entropy({p}, {y})", "sigmoid",
             "({h} - y) / y.size", "sigmoid and cross-entropy"),
        Loss("categorical cross-entropy", '"categorical_crossentropy"',
             "-({y} * torch.log({p})).sum(dim=1).mean()", "softmax", "({h} - y) / len(y)",
             "softmax and cross-entropy"),
        Loss("mean squared error", '"mean_squared_error"', "F.mse_loss({p}, {y})", "",
             "2 * ({h} - y) / y.size", "squared error"),
    )
}
"""The losses by name."""

OPTIMIZERS = {
    "sgd": ("keras.optimizers.SGD", "torch.optim.SGD", "0.01"),
    "adam": ("keras.optimizers.Adam", "torch.optim.Adam", "0.001"),
    "rmsprop": ("keras.optimizers.RMSprop", "torch.optim.RMSprop", "0.001"),
}
"""Optimisers: Keras's and PyTorch's name, the customary learning rate."""


@dataclass(frozen=True, slots=True)
class Training:
    """The loss, and the optimiser with its learning rate (as spelled), batch size and epochs where they are given."""

    loss: Loss
    optimizer: str = ""
    rate: str = ""
    batch: int = 32
    epochs: int = 1


def loss_of(network: Network, name: str | None) -> Loss:
    """The loss that was named, else the one that goes with the last activation."""
    if name is not None:
        return LOSSES[name]
    last = network.places[-1].layer.activation
    return next((row for row in LOSSES.values() if row.pairs == last), LOSSES["mean squared error"])
