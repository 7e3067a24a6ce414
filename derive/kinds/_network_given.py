"""What a network is given in a problem file: matrices or edges, biases, activations, inputs; made into one value.

:data:`FIELDS` are the rows that every kind over :mod:`derive.networks` takes; :func:`given_network` reads them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from derive.errors import DeriveError, about
from derive.limits import NETWORK_WEIGHTS
from derive.networks import Edge, Letters, Network, from_edges, from_matrices, from_sizes, many
from derive.numeric.value import value_of
from derive.problem import Field
from derive.read import fields
from derive.read.fields import Spelled, type_name
from derive.read.latex import Names, read
from derive.tree import Node, Relation, Symbol, free_symbols

FIELDS = (
    Field("inputs", "any", "the inputs: numbers, names, or a table of names and numbers", example="[3, 1, -1]"),
    Field("weights", "any", "a matrix for each layer: a row for each unit, a column for each input; numbers or letters",
          example="[[[2, 1, -2], [-1, -3, 5]], [[6, -1], [2, 8]]]"),
    Field("edges", "any", "instead of matrices, the edges: from, to, weight",
          example="[['x_1', 'h_1', 2], ['x_2', 'h_1', 'w_2'], ['h_1', 'y', 0.5]]"),
    Field("sizes", "any", "instead of both, how many inputs and units in each layer; the weights are letters",
          example="[2, 3, 1]"),
    Field("biases", "any", "a list of biases for each layer, [] for none; with edges a table; with sizes true or false",
          example="[[0.5, -1], [0]]"),
    Field("activations", "any", "an activation for each layer: sigmoid, tanh, ReLU, softmax, identity and others",
          example="['ReLU', 'softmax']"),
    Field("sums", "symbols", "the letters of the weighted sums, one for each layer", default=(), example="['z', 'o']"),
    Field("outputs", "symbols", "the letters of the units' outputs, one for each layer", default=(),
          example="['h', 'p']"),
    Field("values", "any", "numbers for letters among inputs, weights and biases", example="{w_1 = 0.5, x_1 = 2}"),
)


def given_network(given: Mapping[str, Any], most: int = NETWORK_WEIGHTS) -> Network:
    """The network. DeriveError for what is missing, given twice, or does not fit (:mod:`derive.networks`).

    LimitError for more than ``most`` weights; those given by edges are always written out one by one.
    """
    sources = [key for key in ("weights", "edges", "sizes") if given[key]]
    if len(sources) != 1:
        raise DeriveError("a network is given by its weights, by its edges or by its sizes: one of the three",
                          "weights = [[[2, 1], [0, 3]], [[1, -1]]] has a matrix for each layer, a row for each unit")
    with about("activations"):
        activations = [_text(a) for a in _listed(given["activations"] or [], "activations")]
    with about(sources[0]):
        made = {"weights": _by_matrices, "edges": _by_edges, "sizes": _by_sizes}[sources[0]](given, activations, most)
    with about("values"):
        return _with_values(made, given["values"])


def _by_matrices(given: Mapping[str, Any], activations: Sequence[str], most: int) -> Network:
    weights = [[[entry(cell, f"weights of layer {k}") for cell in _listed(row, f"row {j} of layer {k}", _MATRICES)]
                for j, row in enumerate(_listed(matrix, f"the weights of layer {k}", _MATRICES), 1)]
               for k, matrix in enumerate(_listed(given["weights"], "weights", _MATRICES), 1)]
    with about("biases"):
        biases = [[entry(cell, f"biases of layer {k}") for cell in _listed(own, f"the biases of layer {k}", _BIASES)]
                  for k, own in enumerate(_listed(given["biases"] or [], "biases", _BIASES), 1)]
    letters = _letters(given, len(weights))
    with about("inputs"):
        names, values = _inputs(given["inputs"], len(weights[0][0]) if weights and weights[0] else 0, letters)
    made = from_matrices(names, weights, biases, activations, letters, most)
    return replace(made, values={**values, **made.values})


def _by_edges(given: Mapping[str, Any], activations: Sequence[str], most: int) -> Network:
    edges = [_edge(item, k) for k, item in enumerate(_listed(given["edges"], "edges"), 1)]
    ends = {e.end for e in edges}
    starts = tuple(dict.fromkeys(e.start for e in edges if e.start not in ends))
    names, values = _inputs(given["inputs"], len(starts), Letters(), starts)
    biases = given["biases"] or {}
    if not isinstance(biases, Mapping):
        raise DeriveError("biases: with edges, give a table of units and their biases", "biases = {h_1 = 0.5, y = 0}")
    shifts = {name(key): entry(value, f"the bias of {key}") for key, value in biases.items()}
    return from_edges(names, edges, shifts, activations, values, _letters(given, len(activations)))


def _by_sizes(given: Mapping[str, Any], activations: Sequence[str], most: int) -> Network:
    sizes = _listed(given["sizes"], "sizes")
    if not all(isinstance(size, int) and not isinstance(size, bool) for size in sizes):
        raise DeriveError("sizes: expected whole numbers", "sizes = [2, 3, 1]: inputs, then units in each layer")
    biases = given["biases"] if given["biases"] is not None else True
    if not isinstance(biases, bool):
        raise DeriveError("biases: with sizes, say true or false", "their letters are made by the program")
    made = from_sizes(sizes, activations, biases, _letters(given, len(sizes) - 1), most)
    _, values = _inputs(given["inputs"], sizes[0], Letters(), made.inputs)
    return replace(made, values=values)


# --- parts ------------------------------------------------------------------------------------------


def _inputs(
    given: Any, count: int, letters: Letters, known: tuple[Symbol, ...] = ()
) -> tuple[list[Symbol], dict[Symbol, Node]]:
    """The names of the inputs and their values; without any, letters."""
    default = known or tuple(letters.place(letters.inputs, 1, 1, k, alone=count == 1) for k in range(1, count + 1))
    if given is None:
        return list(default), {}
    if isinstance(given, Mapping):
        values = {name(key): entry(value, f"the input {key}") for key, value in given.items()}
        return list(values), values
    items = [entry(value, "inputs") for value in _listed(given, "inputs")]
    if all(isinstance(item, Symbol) for item in items):
        return [item for item in items if isinstance(item, Symbol)], {}
    if known and len(items) != len(known):
        names_ = ", ".join(s.plain for s in known)
        raise DeriveError(f"{many(len(items), 'input')} for {names_}", "give one number for each")
    names = list(known) or [letters.place(letters.inputs, 1, 1, k, alone=len(items) == 1)
                            for k in range(1, len(items) + 1)]
    pairs = list(zip(names, items, strict=True))
    return [v if isinstance(v, Symbol) else n for n, v in pairs], {n: v for n, v in pairs if not isinstance(v, Symbol)}


def _with_values(made: Network, given: Any) -> Network:
    """The network with numbers for its letters. DeriveError for a name that it does not have."""
    if not given:
        return made
    if not isinstance(given, Mapping):
        raise DeriveError("values: expected a table of names and numbers", "values = {w_1 = 0.5}")
    values = dict(made.values)
    for key, value in given.items():
        symbol = name(key)
        if symbol not in (*made.inputs, *made.parameters):
            near = fields.nearest(symbol.plain, (s.plain for s in (*made.inputs, *made.parameters)))
            raise DeriveError(f"a value is given for {symbol.plain}, which is no input, weight or bias",
                              near or "inputs are " + ", ".join(s.plain for s in made.inputs))
        values[symbol] = fields.number(value)
    return replace(made, values=values)


def _letters(given: Mapping[str, Any], layers: int) -> Letters:
    for key in ("sums", "outputs"):
        if given[key] and len(given[key]) != layers:
            counted = f"{many(len(given[key]), 'letter')} for {many(layers, 'layer')}"
            raise DeriveError(f"{key}: {counted}", "give one letter for each layer")
    return Letters(sums=tuple(given["sums"]), outputs=tuple(given["outputs"]))


_MATRICES = "a network has a matrix for each layer: [[[2, 1], [0, 3]], [[1, -1]]]"
_BIASES = "biases are a list for each layer: [[0.5, -1], [0]]"


def _edge(item: Any, k: int) -> Edge:
    parts = _listed(item, f"edge {k}")
    if len(parts) != 3:
        raise DeriveError(f"edge {k} has {len(parts)} entries", "an edge is [from, to, weight]: ['x_1', 'h_1', 2]")
    return Edge(name(parts[0]), name(parts[1]), entry(parts[2], f"the weight of edge {k}"))


def name(value: Any) -> Symbol:
    r"""A name, with labels above as in w^{(1)}_{12}. DeriveError for anything else."""
    if isinstance(value, str) and not isinstance(value, Spelled):
        try:
            return fields.symbol(value)
        except DeriveError:
            node = read(value, Names(labels=True))
            if isinstance(node, Symbol):
                return node
    raise DeriveError(f"expected a name such as 'x_1', found {value!r}")


def entry(value: Any, where: str) -> Node:
    """A number, a letter or a formula. DeriveError, saying where, for anything else and for what has no value."""
    try:
        if isinstance(value, str) and not isinstance(value, Spelled):
            node = read(value, Names(labels=True))
            if isinstance(node, Relation):
                raise DeriveError("expected a number or a letter, found a relation")
            if not free_symbols(node):
                value_of(node)
            return node
        return fields.number(value)
    except DeriveError as error:
        raise DeriveError(f"{where}: {error.message}", error.hint) from error


def _listed(value: Any, what: str, hint: str = "") -> list[Any]:
    if not isinstance(value, list | tuple):
        raise DeriveError(f"{what}: expected a list, found {type_name(value)}", hint)
    return list(value)


def _text(value: Any, what: str = "activations") -> str:
    if not isinstance(value, str) or isinstance(value, Spelled):
        raise DeriveError(f"{what}: expected words in quotes, found {type_name(value)}")
    return value


@about("classes")
def given_classes(given: Any, outputs: int) -> list[str]:
    """The names of the classes; nothing where none are given. DeriveError unless there is one for each output."""
    names = [_text(item, "classes") for item in _listed(given or [], "classes")]
    wanted = max(outputs, 2)
    if names and len(names) != wanted:
        raise DeriveError(f"classes: {len(names)} names for {wanted} classes", "give one name for each output, or none")
    return names
