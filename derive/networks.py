r"""A layered network as a value: units, weights, biases, activations, and a name for every quantity in it.

Forward passes and backpropagation are kinds over this one value. It knows only the tree and the table of functions:
what a unit computes is asked of a :class:`Layer` as formulas in names, the numbers behind the names stand in
``Network.values``, and :meth:`Network.graph` gives the whole as named quantities for :mod:`derive.graph`.

Three ways to make one: :func:`from_matrices` (a matrix a layer, a row a unit, a column an input), :func:`from_edges`
(from, to, weight) and :func:`from_sizes` (letters everywhere). All refuse, naming the layer, what does not fit. An
entry that is a letter keeps its name; any other entry is named after its place, w_{12}^{(1)} from input 2 to unit 1
of layer 1, and its formula goes into ``values``. An activation is a function of :mod:`derive.functions`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from derive.errors import DeriveError, LimitError, about
from derive.functions import FUNCTIONS, SPELLINGS
from derive.graph import Graph, graph
from derive.limits import NETWORK_WEIGHTS
from derive.steps import Definition
from derive.tree import Call, E, Node, Power, Product, Quotient, Symbol, total

SOFTMAX = "softmax"
IDENTITY = ""
"""The activation of a linear unit: its output is its weighted sum, under one name."""

_NOT_ENTRYWISE = {"det", "rank", "tr", "vec", "factorial", "floor", "ceil", "indicator"}
ACTIVATIONS: dict[str, str] = {
    **{s.lstrip("\\").casefold(): name for s, name in SPELLINGS.items()
       if FUNCTIONS[name].arity == 1 and name not in _NOT_ENTRYWISE},
    **dict.fromkeys(("identity", "linear", "none", "id"), IDENTITY),
    "softmax": SOFTMAX, "logistic": "sigma",
}  # fmt: skip
"""What people write for an activation, in small letters, and the function it is."""
_GAPS = str.maketrans(dict.fromkeys(" -_"))

Rows = Sequence[Sequence[Node]]
Names = tuple[Symbol, ...]


@dataclass(frozen=True)
class Layer:
    """Units side by side. ``weights`` has a row a unit and a column an input; None where no edge is.

    ``sums`` are the pre-activations; ``outputs`` the same names for linear units. ``biases`` is empty when there are
    none. ``activation`` is a key of :data:`derive.functions.FUNCTIONS`, or :data:`IDENTITY`.
    """

    inputs: tuple[Symbol, ...]
    weights: tuple[tuple[Symbol | None, ...], ...]
    biases: tuple[Symbol, ...]
    activation: str
    sums: tuple[Symbol, ...]
    outputs: tuple[Symbol, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Units and inputs."""
        return len(self.sums), len(self.inputs)

    @property
    def is_linear(self) -> bool:
        """Whether its outputs are its weighted sums."""
        return self.activation == IDENTITY

    def weighted(self, unit: int) -> Node:
        """The weighted sum of a unit, counted from 0: ``w_{11} x_1 + w_{12} x_2 + b_1``."""
        terms: list[Node] = [Product((w, x)) for w, x in zip(self.weights[unit], self.inputs, strict=True) if w]
        return total([*terms, *self.biases[unit : unit + 1]])

    def activated(self, unit: int) -> Node:
        """The output of a unit in its pre-activations: ``h(z_1)``; a softmax written with exponentials."""
        if self.activation == SOFTMAX:
            return Quotient(Power(E, self.sums[unit]), total([Power(E, s) for s in self.sums]))
        return self.sums[unit] if self.is_linear else Call(self.activation, (self.sums[unit],))

    def quantities(self) -> tuple[Definition, ...]:
        """All sums, then all outputs that have names of their own."""
        units = range(len(self.sums))
        sums = tuple(Definition(self.sums[j], (), self.weighted(j)) for j in units)
        return sums if self.is_linear else (
            *sums, *(Definition(self.outputs[j], (), self.activated(j)) for j in units)
        )  # fmt: skip

    def used_weights(self) -> tuple[Symbol, ...]:
        """The weights, row by row; one that stands at several edges as often."""
        return tuple(w for row in self.weights for w in row if w is not None)


@dataclass(frozen=True)
class Network:
    """Layers one after another. ``values`` holds what is known of inputs, weights and biases."""

    inputs: tuple[Symbol, ...]
    layers: tuple[Layer, ...]
    values: Mapping[Symbol, Node] = field(default_factory=dict)

    @property
    def outputs(self) -> tuple[Symbol, ...]:
        """The outputs of the last layer."""
        return self.layers[-1].outputs

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of inputs, then of units in each layer."""
        return (len(self.inputs), *(len(layer.sums) for layer in self.layers))

    @cached_property
    def weights(self) -> tuple[Symbol, ...]:
        """Every weight once, layer by layer."""
        return tuple(dict.fromkeys(w for layer in self.layers for w in layer.used_weights()))

    @cached_property
    def biases(self) -> tuple[Symbol, ...]:
        """Every bias once, layer by layer."""
        return tuple(dict.fromkeys(b for layer in self.layers for b in layer.biases))

    @property
    def parameters(self) -> tuple[Symbol, ...]:
        """Weights and biases."""
        return tuple(dict.fromkeys((*self.weights, *self.biases)))

    @cached_property
    def quantities(self) -> tuple[Definition, ...]:
        """What every unit computes, in order, in names."""
        return tuple(q for layer in self.layers for q in layer.quantities())

    @property
    def known(self) -> tuple[Definition, ...]:
        """The values as definitions, for the verifier."""
        return tuple(Definition(name, (), value) for name, value in self.values.items())

    def graph(self, *further: Definition) -> Graph:
        """The network as named quantities, with further ones (a loss) behind it."""
        return graph((*self.quantities, *further))


def activation_named(text: str) -> str:
    """The function that a word means. DeriveError, with the known ones, for another word."""
    from derive.read.fields import nearest

    word = text.strip().lstrip("\\").casefold()
    name = ACTIVATIONS.get(word) or ACTIVATIONS.get(word.translate(_GAPS))
    if name is None:
        known = "sigmoid, tanh, ReLU, LeakyReLU, ELU, softplus, swish, GELU, softmax, identity"
        hint = nearest(text, (a for a in ACTIVATIONS if len(a) > 2)) or f"known are {known}"
        raise DeriveError(f'there is no activation "{text}"', hint)
    return name


# --- names ------------------------------------------------------------------------------------------


_X, _W, _B = Symbol("x"), Symbol("w"), Symbol("b")


@dataclass(frozen=True)
class Letters:
    """How quantities without a name of their own are named.

    ``sums`` and ``outputs`` are a symbol a layer, without the unit's index; by default z and h, in the last layer o
    (under a softmax; else z) and p (a softmax) or y with a hat.
    """

    inputs: Symbol = _X
    weights: Symbol = _W
    biases: Symbol = _B
    sums: tuple[Symbol, ...] = ()
    outputs: tuple[Symbol, ...] = ()

    def place(self, letter: Symbol, layer: int, layers: int, *indices: int, alone: bool = False) -> Symbol:
        """A letter with its layer above, where there are several, and its indices below, unless it is alone."""
        sub = "" if alone else ("," if max(indices, default=0) > 9 else "").join(map(str, indices))
        sub = sub or letter.sub
        return Symbol(letter.name, sub, f"({layer})" if layers > 1 else letter.sup, letter.accent, letter.font)

    def units(self, activations: Sequence[str], counts: Sequence[int]) -> list[tuple[Names, Names]]:
        """Pre-activations and outputs of each layer; a letter that stands in several layers gets the layer above."""
        letters = [self._of_layer(activations, k) for k in range(len(activations))]
        uses = Counter(letter for pair in letters for letter in dict.fromkeys(pair))

        def named(letter: Symbol, layer: int) -> Names:
            return _counted(letter, counts[layer], f"({layer + 1})" if uses[letter] > 1 else letter.sup)

        return [(named(sums, k), named(outputs, k)) for k, (sums, outputs) in enumerate(letters)]

    def _of_layer(self, activations: Sequence[str], layer: int) -> tuple[Symbol, Symbol]:
        activation, last = activations[layer], layer == len(activations) - 1
        sums = self.sums[layer] if self.sums else None
        outputs = self.outputs[layer] if self.outputs else None
        if activation == IDENTITY:
            linear = outputs or sums or _output_letter(activation, last)
            return linear, linear
        softmax = last and activation == SOFTMAX
        return sums or Symbol("o" if softmax else "z"), outputs or _output_letter(activation, last)


def _output_letter(activation: str, last: bool) -> Symbol:
    if not last:
        return Symbol("h")
    return Symbol("p") if activation == SOFTMAX else Symbol("y", accent="hat")


def _counted(letter: Symbol, count: int, sup: str) -> Names:
    subs = [str(j) for j in range(1, count + 1)] if count > 1 else [letter.sub]
    return tuple(Symbol(letter.name, sub, sup, letter.accent, letter.font) for sub in subs)


# --- from matrices ----------------------------------------------------------------------------------


def from_matrices(
    inputs: Sequence[Node],
    weights: Sequence[Rows],
    biases: Sequence[Sequence[Node]] = (),
    activations: Sequence[str] = (),
    letters: Letters | None = None,
    most: int = NETWORK_WEIGHTS,
) -> Network:
    """A network of full layers. ``biases`` has an entry a layer, empty for a layer without; none: none anywhere.

    DeriveError, naming the layer and both shapes, where these do not fit; LimitError for more than ``most`` weights.
    """
    letters = letters or Letters()
    activations = _activations(activations, len(weights))
    shapes = [_shape(rows, layer) for layer, rows in enumerate(weights, 1)]
    _fitting(len(inputs), shapes)
    _not_too_large((units * columns for units, columns in shapes), most)
    biases = _biases(biases, shapes)
    maker = _Maker(letters, len(weights))
    units = letters.units(activations, [len(rows) for rows in weights])
    fed = first = maker.inputs(inputs)
    layers: list[Layer] = []
    for layer, (rows, own) in enumerate(zip(weights, biases, strict=True), 1):
        sums, outputs = units[layer - 1]
        named = tuple(
            tuple(maker.named(entry, letters.weights, layer, j, k) for k, entry in enumerate(row, 1))
            for j, row in enumerate(rows, 1)
        )
        shifts = tuple(maker.named(entry, letters.biases, layer, j) for j, entry in enumerate(own, 1))
        layers.append(Layer(fed, named, shifts, activations[layer - 1], sums, outputs))
        fed = outputs
    return _distinct(Network(first, tuple(layers), maker.values))


class _Maker:
    """Gives entries their names and remembers their values."""

    def __init__(self, letters: Letters, layers: int) -> None:
        self.letters, self.layers = letters, layers
        self.values: dict[Symbol, Node] = {}

    def inputs(self, given: Sequence[Node]) -> tuple[Symbol, ...]:
        alone = len(given) == 1
        names = (self.letters.place(self.letters.inputs, 1, 1, k, alone=alone) for k in range(1, len(given) + 1))
        return tuple(self._kept(entry, name) for entry, name in zip(given, names, strict=True))

    def named(self, entry: Node, letter: Symbol, layer: int, *indices: int) -> Symbol:
        return self._kept(entry, self.letters.place(letter, layer, self.layers, *indices))

    def _kept(self, entry: Node, name: Symbol) -> Symbol:
        if isinstance(entry, Symbol):
            return entry
        self.values[name] = entry
        return name


@about("activations")
def _activations(given: Sequence[str], layers: int) -> tuple[str, ...]:
    """An activation a layer; none at all: linear units."""
    if not layers:
        raise DeriveError("the network has no layers", "give a matrix of weights for each layer")
    if given and len(given) != layers:
        raise DeriveError(
            f"{many(len(given), 'activation')} for {many(layers, 'layer')}",
            "give one for each layer, 'identity' for a linear one",
        )
    return tuple(activation_named(text) for text in given) or (IDENTITY,) * layers


def _shape(rows: Rows, layer: int) -> tuple[int, int]:
    """Rows and columns of a matrix."""
    if not rows or not rows[0]:
        hint = "write a row for each unit, a column for each input"
        raise DeriveError(f"layer {layer}: its matrix of weights is empty", hint)
    wrong = next((j for j, row in enumerate(rows, 1) if len(row) != len(rows[0])), None)
    if wrong is not None:
        raise DeriveError(
            f"layer {layer}: row {wrong} of its matrix has {many(len(rows[wrong - 1]), 'weight')}, row 1 has "
            f"{len(rows[0])}", "a row for each unit, with a weight for each input",
        )
    return len(rows), len(rows[0])


def _fitting(inputs: int, shapes: Sequence[tuple[int, int]]) -> None:
    """Each layer takes as many inputs as there come."""
    coming, source = inputs, f"the network has {many(inputs, 'input')}"
    for layer, (units, columns) in enumerate(shapes, 1):
        if columns != coming:
            turned = "; this matrix seems to be written with a column for each unit" if units == coming else ""
            raise DeriveError(
                f"layer {layer}: its matrix is {units}×{columns}, so it takes {many(columns, 'input')}, but {source}",
                f"rows are units, columns are inputs{turned}",
            )
        coming, source = units, f"layer {layer} has {many(units, 'unit')} (its matrix is {units}×{columns})"


@about("biases")
def _biases(given: Sequence[Sequence[Node]], shapes: Sequence[tuple[int, int]]) -> list[Sequence[Node]]:
    if given and len(given) != len(shapes):
        raise DeriveError(
            f"biases for {many(len(given), 'layer')}, weights for {len(shapes)}", "give [] for a layer without biases"
        )
    for layer, (own, (units, columns)) in enumerate(zip(given, shapes, strict=False), 1):
        if own and len(own) != units:
            raise DeriveError(
                f"layer {layer}: {many(len(own), 'bias')} for {many(units, 'unit')}; "
                f"its matrix is {units}×{columns}",
                "give one bias for each unit, or [] for none",
            )
    return list(given) or [()] * len(shapes)


def _not_too_large(counts: Iterable[int], most: int = NETWORK_WEIGHTS) -> None:
    if (count := sum(counts)) > most:
        raise LimitError(f"a network with {count:,} weights is too large to write out: at most {most:,}",
                         'take fewer units, or for backpropagation form = "matrix"')


def many(count: int, word: str) -> str:
    """A number of things in words: ``1 weight``, ``2 biases``."""
    plural = {"bias": "biases"}.get(word, f"{word}s")
    return f"{count} {word if count == 1 else plural}"


def _distinct(net: Network) -> Network:
    """The network, unless one letter names two of its quantities."""
    units = [q.name for q in net.quantities]
    counts = Counter([*net.inputs, *net.parameters, *units])
    twice = next((s for s, count in counts.items() if count > 1), None)
    if twice is not None:
        raise DeriveError(f"{twice.plain} names two quantities of the network", "rename an input, a weight or a unit")
    return net


# --- from sizes -------------------------------------------------------------------------------------


def from_sizes(
    sizes: Sequence[int], activations: Sequence[str] = (), biases: bool = True, letters: Letters | None = None,
    most: int = NETWORK_WEIGHTS,
) -> Network:
    """A network of letters: the number of inputs, then of units in each layer. Errors as in :func:`from_matrices`."""
    if len(sizes) < 2 or min(sizes) < 1:
        raise DeriveError("a network needs inputs and at least one layer of units", "for instance sizes = [2, 3, 1]")
    letters, layers = letters or Letters(), len(sizes) - 1
    _not_too_large((a * b for a, b in pairwise(sizes)), most)
    weights = [
        [[letters.place(letters.weights, layer, layers, j, k) for k in range(1, fed + 1)] for j in range(1, units + 1)]
        for layer, (fed, units) in enumerate(pairwise(sizes), 1)
    ]
    shifts = [[letters.place(letters.biases, layer, layers, j) for j in range(1, units + 1)]
              for layer, units in enumerate(sizes[1:], 1)] if biases else []
    inputs = [letters.place(letters.inputs, 1, 1, k, alone=sizes[0] == 1) for k in range(1, sizes[0] + 1)]
    return from_matrices(inputs, weights, shifts, activations, letters, most)


# --- from edges -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Edge:
    """A connection: from an input or a unit to a unit, with its weight as a formula."""

    start: Symbol
    end: Symbol
    weight: Node


def from_edges(
    inputs: Sequence[Symbol],
    edges: Sequence[Edge],
    biases: Mapping[Symbol, Node] | None = None,
    activations: Sequence[str] = (),
    values: Mapping[Symbol, Node] | None = None,
    letters: Letters | None = None,
) -> Network:
    """A network drawn by its edges; a unit is named by its output, and the layers are found from who feeds whom.

    ``values`` are those of the inputs. DeriveError for an edge that occurs twice, leads into an input, leaves a unit
    that nothing feeds, closes a cycle, or skips a layer.
    """
    letters, biases = letters or Letters(), biases or {}
    _not_too_large([len(edges)])
    ranks = _ranked(inputs, edges)
    columns = [[u for u, r in ranks.items() if r == rank] for rank in range(max(ranks.values(), default=0) + 1)]
    activations = _activations(activations, len(columns) - 1)
    if unknown := next((u for u in biases if not ranks.get(u)), None):
        raise DeriveError(f"a bias is given for {unknown.plain}, which is no unit", "biases belong to units")
    maker = _Maker(letters, len(columns) - 1)
    maker.values.update(values or {})
    layers = [_of_edges(maker, columns, k, edges, biases, activations) for k in range(1, len(columns))]
    return _distinct(Network(tuple(columns[0]), tuple(layers), maker.values))


def _of_edges(
    maker: _Maker, columns: Sequence[Sequence[Symbol]], layer: int, edges: Sequence[Edge],
    biases: Mapping[Symbol, Node], activations: tuple[str, ...],
) -> Layer:
    fed, units = tuple(columns[layer - 1]), tuple(columns[layer])
    weights: list[list[Symbol | None]] = [[None] * len(fed) for _ in units]
    for edge in edges:
        if edge.end in units:
            j, k = units.index(edge.end), fed.index(edge.start)
            weights[j][k] = maker.named(edge.weight, maker.letters.weights, layer, j + 1, k + 1)
    own = [unit in biases for unit in units]
    if any(own) and not all(own):
        without = units[own.index(False)].plain
        raise DeriveError(f"layer {layer}: {without} has no bias, other units of the layer have one",
                          "give a bias for each unit of a layer, 0 for none")
    given = [u for u in units if u in biases]
    shifts = tuple(maker.named(biases[u], maker.letters.biases, layer, j) for j, u in enumerate(given, 1))
    activation = activations[layer - 1]
    sums, _ = maker.letters.units(activations, [len(c) for c in columns[1:]])[layer - 1]
    return Layer(fed, tuple(map(tuple, weights)), shifts, activation, units if activation == IDENTITY else sums, units)


def _ranked(inputs: Sequence[Symbol], edges: Sequence[Edge]) -> dict[Symbol, int]:
    """The layer of each name: 0 for inputs."""
    if not edges:
        raise DeriveError("the network has no edges", "give each one as [from, to, weight]")
    seen: set[tuple[Symbol, Symbol]] = set()
    for edge in edges:
        if edge.end in inputs:
            raise DeriveError(f"an edge leads from {edge.start.plain} into the input {edge.end.plain}")
        if (edge.start, edge.end) in seen:
            raise DeriveError(f"two edges lead from {edge.start.plain} to {edge.end.plain}", "add up their weights")
        seen.add((edge.start, edge.end))
    units = tuple(dict.fromkeys(e.end for e in edges))
    for e in edges:
        if e.start not in inputs and e.start not in units:
            raise DeriveError(f"nothing leads into {e.start.plain}, which is no input", "add it to the inputs")
    order = graph([Definition(u, (), total([e.start for e in edges if e.end == u])) for u in units])
    ranks = dict.fromkeys(inputs, 0) | {u: order.depth[u] for u in units}
    for e in edges:
        if ranks[e.end] != ranks[e.start] + 1:
            raise DeriveError(
                f"the edge from {e.start.plain} to {e.end.plain} skips a layer: {e.start.plain} is in layer "
                f"{ranks[e.start]}, {e.end.plain} in layer {ranks[e.end]}",
                "a layered network is fed layer by layer; write it as a computational graph instead",
            )
    return ranks
