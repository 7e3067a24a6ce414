r"""A layered network with its loss as a graph of vectors and matrices, a weighted sum and an output a layer.

Called by :mod:`derive.kinds._backprop_matrix` and by training. For one sample a layer is ``z = W h + b`` and
``h = f(z)`` with columns; for a batch ``Z = H W^T + 1 b^T`` and ``H = f(Z)``, a row a sample, and the loss is the mean
over the n samples, so that 1/n stands in it and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.declarations import declaration
from derive.engine import spliced
from derive.errors import DeriveError
from derive.graph import Graph
from derive.kinds._backprop_loss import adds_up
from derive.losses import BATCH, UNIT, VECTOR, Loss, written
from derive.networks import SOFTMAX, Layer, Network
from derive.rules.shapes import ONES, Shape, domain_of
from derive.steps import Definition
from derive.tree import (
    ONE,
    TWO,
    Call,
    Indexed,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    total,
)

MATRIX, BATCHES = "matrix", "batch"
SAMPLES = Symbol("n")
_I, _J = Symbol("i"), Symbol("j")


@dataclass(frozen=True)
class Names:
    """What a layer's parts are called. ``sums`` and ``outputs`` are one name for linear units."""

    weights: Symbol
    biases: Symbol | None
    inputs: Symbol
    sums: Symbol
    outputs: Symbol
    adjoint: Symbol
    activation: str
    units: int
    fed: int


@dataclass(frozen=True)
class Layered:
    """A network with its loss: what :func:`derive.kinds._backward_matrix.backward` is called with.

    ``ones`` are targets whose entries (rows) add up to 1. ``terms`` are the data loss and the penalty where there is
    one.
    """

    graph: Graph
    domains: Mapping[Symbol, str]
    output: Symbol
    by: tuple[Symbol, ...]
    letters: Mapping[Symbol, Symbol]
    ones: tuple[Symbol, ...]
    layers: tuple[Names, ...]
    inputs: Symbol
    target: Symbol
    form: str
    terms: tuple[Symbol, ...] = ()

    @property
    def any_width(self) -> dict[Symbol, str]:
        """The declarations with letters for the widths, under which the same steps hold for every width.

        A width of 1 stays, that of the last layer too, for the loss counts to it. A proof for letters does not become
        dearer with the width.
        """
        batch, below = self.form == BATCHES, _width(self.layers[0].fed, 0)
        found = {self.inputs: _column_of(below, batch)}
        for k, names in enumerate(self.layers, 1):
            width = str(names.units) if k == len(self.layers) else _width(names.units, k)
            shape = _column_of(width, batch)
            found |= {names.weights: f"matrix {width} x {below}", names.sums: shape, names.outputs: shape}
            found |= {names.adjoint: shape} | ({} if names.biases is None else {names.biases: f"vector {width}"})
            below = width
        return found


def _width(units: int, layer: int) -> str:
    return "1" if units == 1 else f"m_{layer}"


def _column_of(width: str, batch: bool) -> str:
    """The declaration of a layer's output."""
    if width == "1":
        return "vector n" if batch else "real"
    return f"matrix n x {width}" if batch else f"vector {width}"


def layered(
    net: Network, loss: Loss, form: str, l1: Node | None = None, l2: Node | None = None, output: Symbol | None = None
) -> Layered:
    """The graph of a network in the form ``matrix`` (one sample) or ``batch``.

    ``l1`` and ``l2`` are the strengths of the penalties l1 |W|_1 and (l2/2) |W|^2 on the weights. DeriveError for a
    layer with missing edges or shared weights, and for a loss that does not belong to the last activation or form.
    """
    _full(net)
    _fitting(loss, net.layers[-1])
    batch = form == BATCHES
    names = _named(net, batch)
    domains: dict[Symbol, str] = {names[0].inputs: domain_of(_rows(len(net.inputs), batch))}
    quantities: list[Definition] = []
    for layer in names:
        quantities += _layer(layer, batch)
        domains |= _declared(layer, batch)
    last = names[-1]
    target = Symbol("Y" if batch and last.units > 1 else "y")
    domains[target] = _target_domain(last.units, batch, adds_up(loss))
    output = output or Symbol("L")
    if loss.logits and last.outputs != last.sums:
        quantities = [q for q in quantities if q.name != last.outputs]
    body = spliced(_loss(loss, last, target, batch))
    terms: tuple[Symbol, ...] = ()
    if l1 is not None or l2 is not None:
        terms = Symbol("E"), Symbol("R")
        quantities += [Definition(terms[0], (), body), Definition(terms[1], (), _penalty(names, l1, l2))]
        body = Sum(terms)
    quantities.append(Definition(output, (), body))
    by = tuple(s for layer in names for s in (layer.weights, layer.biases) if s is not None)
    letters = {layer.sums: layer.adjoint for layer in names}
    ones = (target,) if adds_up(loss) else ()
    return Layered(Graph(tuple(quantities)), domains, output, by, letters, ones, names, names[0].inputs, target, form,
                   terms)


# --- what does not fit ----------------------------------------------------------------------------------


def _full(net: Network) -> None:
    seen: set[Symbol] = set()
    for k, layer in enumerate(net.layers, 1):
        if any(w is None for row in layer.weights for w in row):
            raise DeriveError(f"layer {k} has no edge from some input to some unit, so it is no whole matrix",
                              'give a matrix with zeros there, or form = "scalar"')
        used = (*layer.used_weights(), *layer.biases)
        if len(set(used)) < len(used) or not seen.isdisjoint(used):
            raise DeriveError(f"layer {k} shares a weight, so its gradient is not that of a whole matrix",
                              'use form = "scalar"')
        seen.update(used)


def _fitting(loss: Loss, last: Layer) -> None:
    if not loss.activations or last.activation in loss.activations:
        return
    spoken = {"sigma": "a sigmoid", "softmax": "a softmax", "": "a linear output"}
    wanted = " or ".join(spoken[a] for a in loss.activations)
    raise DeriveError(f"{loss.title} needs {wanted} at the end, but the last activation is "
                      f"{last.activation or 'the identity'}",
                      "choose the activation that belongs to the loss, or a loss for this one")


# --- names and shapes -----------------------------------------------------------------------------------


def _named(net: Network, batch: bool) -> tuple[Names, ...]:
    """The names of every layer; the layer stands above where there are several."""
    found: list[Names] = []
    count = len(net.layers)
    fed, width = Symbol("X" if batch else "x"), len(net.inputs)
    for k, layer in enumerate(net.layers, 1):
        units = len(layer.sums)
        tall = batch and units > 1
        sup = f"({k})" if count > 1 else ""
        outputs = _outputs(layer, k == count, tall, sup)
        sums = outputs if layer.is_linear else Symbol("Z" if tall else "z", sup=sup)
        found.append(Names(
            Symbol("W", sup=sup), Symbol("b", sup=sup) if layer.biases else None, fed, sums, outputs,
            Symbol("Delta" if tall else "delta", sup=sup), layer.activation, units, width,
        ))
        fed, width = outputs, units
    return tuple(found)


def _outputs(layer: Layer, last: bool, tall: bool, sup: str) -> Symbol:
    if not last:
        return Symbol("H" if tall else "h", sup=sup)
    if layer.activation == SOFTMAX:
        return Symbol("P" if tall else "p")
    return Symbol("Y" if tall else "y", accent="hat")


def _rows(width: int, batch: bool) -> Shape:
    return ("n", width) if batch else (width, 1)


def _declared(layer: Names, batch: bool) -> dict[Symbol, str]:
    shape = domain_of(_rows(layer.units, batch))
    found = {layer.weights: f"matrix {layer.units} x {layer.fed}", layer.sums: shape, layer.outputs: shape}
    return found if layer.biases is None else {**found, layer.biases: f"vector {layer.units}"}


def _target_domain(units: int, batch: bool, probabilities: bool) -> str:
    """The declaration of the target, as probabilities where these add up to 1."""
    plain = domain_of(_rows(units, batch))
    if not probabilities:
        return plain
    try:
        declaration(f"probability {plain}")
    except DeriveError:
        return plain
    return f"probability {plain}"


# --- formulas -------------------------------------------------------------------------------------------


def _layer(layer: Names, batch: bool) -> list[Definition]:
    if batch:
        product = Product((layer.inputs, Transpose(layer.weights)))
        shift: Node | None = None if layer.biases is None else Product((ONES, Transpose(layer.biases)))
    else:
        product, shift = Product((layer.weights, layer.inputs)), layer.biases
    found = [Definition(layer.sums, (), product if shift is None else Sum((product, shift)))]
    if layer.outputs != layer.sums:
        found.append(Definition(layer.outputs, (), Call(layer.activation, (layer.sums,))))
    return found


def _loss(loss: Loss, last: Names, target: Symbol, batch: bool) -> Node:
    prediction = last.sums if loss.logits else last.outputs
    own: dict[str, Node] = {"prediction": prediction, "target": target, "units": Number(str(last.units))}
    if not batch:
        return written(loss, UNIT if last.units == 1 else VECTOR, own)
    if last.units > 1:
        return written(loss, BATCH, {**own, "samples": SAMPLES})
    one = written(loss, UNIT, {"prediction": Indexed(prediction, (_I,)), "target": Indexed(target, (_I,))})
    return Product((Quotient(ONE, SAMPLES), SumOver(one, _I, ONE, SAMPLES)))


def _penalty(layers: tuple[Names, ...], l1: Node | None, l2: Node | None) -> Node:
    terms: list[Node] = []
    if l1 is not None:
        terms.append(Product((l1, total([_absolute(layer) for layer in layers]))))
    if l2 is not None:
        squares = total([Power(Norm(layer.weights, Symbol("F")), TWO) for layer in layers])
        terms.append(Product((Quotient(l2, TWO), squares)))
    return total(terms)


def _absolute(layer: Names) -> Node:
    """The sum of the absolute values of a layer's weights."""
    entry = Call("abs", (Indexed(layer.weights, (_I, _J)),))
    rows = Number(str(layer.units))
    return SumOver(SumOver(entry, _J, ONE, Number(str(layer.fed))), _I, ONE, rows)
