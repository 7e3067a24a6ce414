r"""A configuration's network over a whole batch, its derived backpropagation, and that as a program to train.

The named matrices are those of :mod:`derive.kinds._backprop_network`, the gradients those of
:mod:`derive.kinds._backward_matrix`; what trains is exactly their formulas, run by :mod:`derive.numeric.programs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from derive import limits
from derive.backward import Backward
from derive.kinds._backprop_network import BATCHES, Layered, Names, layered
from derive.kinds._backward_matrix import backward
from derive.kinds._train_given import Configuration
from derive.networks import from_sizes
from derive.numeric.programs import Network
from derive.tree import Node, Symbol


@dataclass(frozen=True)
class Batch:
    """A network over a batch: ``layered`` its named matrices with the loss."""

    layered: Layered

    @property
    def layers(self) -> tuple[Names, ...]:
        """The names of each layer's parts."""
        return self.layered.layers

    @property
    def weights(self) -> tuple[Symbol, ...]:
        """The matrix of each layer."""
        return tuple(layer.weights for layer in self.layers)

    @property
    def biases(self) -> tuple[Symbol, ...]:
        """The vector of biases of each layer."""
        return tuple(layer.biases for layer in self.layers if layer.biases is not None)

    @property
    def parameters(self) -> tuple[Symbol, ...]:
        """All weights, then all biases."""
        return (*self.weights, *self.biases)

    @property
    def output(self) -> Node:
        """What decides: the output of the last layer, or its sums where the loss is one of the logits."""
        last = self.layers[-1]
        return last.outputs if last.outputs in self.layered.graph.formulas else last.sums

    @cached_property
    def backward(self) -> Backward:
        """The derived gradients by all parameters."""
        made = self.layered
        return backward(made.graph, made.domains, made.output, self.parameters, made.letters)

    @cached_property
    def trainable(self) -> Network:
        """The derived formulas as a program."""
        found = self.backward
        return Network(found.program, found.gradients, found.domains, found.output)

    @cached_property
    def forward(self) -> Network:
        """The formulas up to the output, for predictions."""
        made = self.layered
        known = [q for q in made.graph.quantities if q.name != made.output]
        return Network(known, {}, made.domains, self.output)


def batch_of(configuration: Configuration) -> Batch:
    """The named matrices of a configuration's network, its loss last. LimitError for too many weights."""
    words = [name or "identity" for name in configuration.activations]
    net = from_sizes(configuration.sizes, words, most=limits.TRAINING_WEIGHTS)
    return Batch(layered(net, configuration.loss, BATCHES))

