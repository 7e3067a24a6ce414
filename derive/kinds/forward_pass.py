r"""Forward passes: every unit's weighted sum written out, substituted, evaluated and activated; class, parameters.

The network is :mod:`derive.networks`; what is given is read by :mod:`derive.kinds._network_given`; numbers are put in
by :mod:`derive.kinds._graph_values`, a softmax by :mod:`derive.kinds._network_softmax`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from derive.functions import FUNCTIONS
from derive.kinds._by_hand import number_of, worked
from derive.kinds._graph_values import Numbers
from derive.kinds._network_given import FIELDS as NETWORK_FIELDS
from derive.kinds._network_given import given_classes, given_network
from derive.kinds._network_softmax import softmax
from derive.kinds._shared import listed
from derive.networks import IDENTITY, SOFTMAX, Layer, Network, many
from derive.problem import Field, Problem
from derive.steps import Chain, Context, Derivation, Figure, Heading, Level, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import ZERO, Matrix, Node, Product, Relation, Symbol, Vector, number, total

SUMMARY = "forward pass of a small network: every unit by hand, softmax, class, number of parameters"

FIELDS = (
    *NETWORK_FIELDS,
    Field("classes", "any", "the names of the classes, one for each output", example="['cat', 'dog']"),
    Field("figure", "boolean", "whether to draw the network", default=True, example="true"),
)
STARTER = ("inputs", "weights", "activations")


def solve(problem: Problem) -> Derivation:
    """Layer by layer, then the class and the parameters.

    DeriveError for a network that does not fit together; MathError where a unit has no value.
    """
    net = given_network(problem.given)
    numbers = Numbers(net.values)
    parts: list[Part] = []
    results: list[Result] = []
    for k, layer in enumerate(net.layers, 1):
        more, found = _layer(net, layer, k, numbers)
        parts += more
        results += found
    parts += numbers.note()
    if problem.given["figure"]:
        parts.append(_figure(net, numbers))
    more, found = _class(net, numbers, given_classes(problem.given["classes"], len(net.outputs)))
    parts, results = parts + more, results + found
    more, found = _parameters(net)
    context = Context(dict(problem.domains), numbers.exact)
    told = tuple(_without(part, context) for part in parts + more)
    asked = _asked(net, results)
    return Derivation(problem.title, problem.kind, _given(net), asked, told, tuple(results + found), context)


def _without(part: Part, context: Context) -> Part:
    """A chain without the definitions that hold everywhere; what was rounded stays with it."""
    if not isinstance(part, Chain):
        return part
    return replace(part, where=tuple(d for d in part.where if d not in context.definitions))


# --- what is given and asked ------------------------------------------------------------------------


def _given(net: Network) -> tuple[Prose, ...]:
    rows: list[Prose] = []
    inputs = Vector(net.inputs) if len(net.inputs) > 1 else net.inputs[0]
    if all(s in net.values for s in net.inputs):
        known = tuple(net.values[s] for s in net.inputs)
        rows.append(("the inputs ", Relation((inputs, Vector(known) if len(known) > 1 else known[0]), ("=",))))
    else:
        rows.append(("the inputs ", inputs))
    for k, layer in enumerate(net.layers, 1):
        matrix = Matrix(tuple(tuple(_shown(net, w) for w in row) for row in layer.weights))
        words: list[str | Node] = [f"layer {k}: ", Relation((_named("W", k, net), matrix), ("=",))]
        if layer.biases:
            own = tuple(_shown(net, b) for b in layer.biases)
            words += [", ", Relation((_named("b", k, net), Vector(own) if len(own) > 1 else own[0]), ("=",))]
        rows.append((*words, f", {_activation(layer)}"))
    return tuple(rows)


def _shown(net: Network, symbol: Symbol | None) -> Node:
    return ZERO if symbol is None else net.values.get(symbol, symbol)


def _named(letter: str, layer: int, net: Network) -> Symbol:
    return Symbol(letter, sup=f"({layer})" if len(net.layers) > 1 else "")


def _activation(layer: Layer) -> str:
    row = FUNCTIONS.get(layer.activation)
    return _SPOKEN.get(layer.activation) or (row.text if row is not None else layer.activation)


_SPOKEN = {IDENTITY: "linear", "sigma": "sigmoid", "Phi": "normal distribution function", "abs": "absolute value"}


def _asked(net: Network, results: Sequence[Result]) -> tuple[Prose, ...]:
    """What is asked; of the class also by which convention it is the only one, where others are as probable."""
    convention = next((f" ({r.convention})" for r in results if r.convention), "")
    classes: tuple[Prose, ...] = ((f"the predicted class{convention}",),) if _classifies(net) else ()
    outputs = Vector(net.outputs) if len(net.outputs) > 1 else net.outputs[0]
    return (("the outputs ", outputs), *classes, ("the number of weights, biases and parameters",))


# --- layers -----------------------------------------------------------------------------------------


def _layer(net: Network, layer: Layer, k: int, numbers: Numbers) -> tuple[list[Part], list[Result]]:
    """The sums and the outputs of one layer."""
    last = k == len(net.layers)
    place = "output layer" if last else f"hidden layer {k}" if len(net.layers) > 2 else "hidden layer"
    parts: list[Part] = [Heading((f"{place[0].upper()}{place[1:]} ({_activation(layer)})",))]
    results: list[Result] = []
    if layer.activation == SOFTMAX:
        parts += [numbers.derive(layer.sums[j], layer.weighted(j)) for j in range(len(layer.sums))]
        results += _vector("logits" if last else f"sums of layer {k}", layer.sums, numbers)
        parts.append(Paragraph((_SOFTMAX,)))
        if all(s in numbers.values for s in layer.sums):
            more, _ = softmax(layer, numbers)
            parts += more
        else:
            parts += [numbers.derive(layer.outputs[j], layer.activated(j)) for j in range(len(layer.sums))]
        return parts, [*results, *_vector("softmax" if last else f"outputs of layer {k}", layer.outputs, numbers)]
    for j in range(len(layer.sums)):
        parts.append(numbers.derive(layer.sums[j], layer.weighted(j)))
        if not layer.is_linear:
            parts.append(numbers.derive(layer.outputs[j], layer.activated(j)))
    if not layer.is_linear:
        results += _vector(f"sums of layer {k}", layer.sums, numbers)
    return parts, [*results, *_vector("outputs" if last else f"outputs of layer {k}", layer.outputs, numbers)]


_SOFTMAX = ("One softmax over all logits makes them probabilities: each exponential is divided by the sum of all of "
            "them, so the outputs add up to 1.")


def _vector(name: str, symbols: tuple[Symbol, ...], numbers: Numbers) -> list[Result]:
    """The values of some units side by side; nothing where one has none."""
    if any(s not in numbers.values for s in symbols):
        return []
    values = tuple(numbers.values[s] for s in symbols)
    exact = [numbers.precise(s) for s in symbols] if numbers.rounded else None
    if len(symbols) == 1:
        return [Result(name, values[0], symbols[0], number=exact[0] if exact else None)]
    return [Result(name, values, Vector(symbols), number=exact)]


# --- the class --------------------------------------------------------------------------------------


def _classifies(net: Network) -> bool:
    """Whether the outputs are probabilities of classes: a softmax, or one logistic unit."""
    last = net.layers[-1]
    return last.activation == SOFTMAX or (last.activation == "sigma" and len(last.outputs) == 1)


def _class(net: Network, numbers: Numbers, names: Sequence[str]) -> tuple[list[Part], list[Result]]:
    """The class with the largest probability, and why; nothing for other networks and without numbers."""
    last = net.layers[-1]
    if not _classifies(net) or any(s not in numbers.values for s in last.sums):
        return [], []
    values = [number_of(numbers.values[s]) for s in last.sums]
    if len(values) == 1:
        return _of_two(last, values[0], names)
    best = values.index(max(values))
    tied = [s for s, v in zip(last.sums, values, strict=True) if v == values[best]]
    spoken = names[best] if names else f"class {best + 1}"
    steps = [Step(last.sums[best], last.sums[k], "compare the logits", relation=">" if v < values[best] else "=",
                  level=Level.ARITHMETIC) for k, v in enumerate(values) if k != best]
    chains = [Chain((step,), None, numbers.where(*last.sums)) for step in steps]
    words = "The exponential function is increasing, so the largest logit has the largest probability."
    told: Prose = (f"The network predicts {spoken}.",)
    if len(tied) > 1:
        rounded = set(tied) - {definition.name for definition in numbers.exact}
        told = ("The logits ", *listed(tied), f" are equal{' in the digits above' if rounded else ''}: {_TIE}. ", *told)
    parts: list[Part] = [Heading(("Predicted class",)), Paragraph((words,)), *chains, Paragraph(told)]
    return parts, [_predicted(f"{spoken} (output {best + 1})", len(tied) > 1)]


_TIE = "a tie, which goes to the class with the lower number"
_FIRST = "of classes with equal probability the first"


def _predicted(number: str, tied: bool) -> Result:
    return Result("predicted class", None, number=number, convention=_FIRST if tied else "")


def _of_two(last: Layer, value: Fraction | float, names: Sequence[str]) -> tuple[list[Part], list[Result]]:
    """The class of a single logistic unit: 1 where its sum is positive."""
    best = int(value > 0)
    spoken = names[best] if names else f"class {best}"
    sign = "positive" if best else "negative" if value else f"zero, {_TIE}"
    words: Prose = ("The output is more than one half exactly where the weighted sum is positive. Here ", last.sums[0],
                    f" is {sign}, so the network predicts {spoken}.")
    return [Heading(("Predicted class",)), Paragraph(words)], [_predicted(spoken, value == 0)]


# --- parameters -------------------------------------------------------------------------------------


def _parameters(net: Network) -> tuple[list[Part], list[Result]]:
    """The number of weights and biases, layer by layer and in all."""
    full = all(w is not None for layer in net.layers for row in layer.weights for w in row)
    full = full and len(net.weights) == sum(len(layer.used_weights()) for layer in net.layers)
    header: tuple[Prose, ...] = (("layer",), ("inputs",), ("units",), ("weights",), ("biases",))
    rows = [tuple((str(n),) for n in (k, *reversed(layer.shape), len(set(layer.used_weights())), len(layer.biases)))
            for k, layer in enumerate(net.layers, 1)]
    parts: list[Part] = [Heading(("Parameters",)), Table(header, tuple(rows), ("Weights and biases of each layer.",))]
    if full:
        count = total([Product((number(fed), number(units))) for units, fed in (la.shape for la in net.layers)])
        parts.append(Chain(tuple(worked(count)), Symbol("weights", font="rm")))
    weights, biases, units = len(net.weights), len(net.biases), sum(net.sizes[1:])
    counted = f"{many(weights, 'weight')} and {many(biases, 'bias') if biases else 'no biases'}"
    words = f"There are {counted}, {many(weights + biases, 'parameter')} in all."
    if not biases:
        each = "the unit" if units == 1 else f"each of the {units} units"
        words += f" With a bias for {each} there would be {many(weights + units, 'parameter')}."
    parts.append(Paragraph((words,)))
    results = [Result("weights", number(weights)), Result("biases", number(biases)),
               Result("parameters", number(weights + biases))]
    if not biases:
        results.append(Result("parameters if every unit had a bias", number(weights + units)))
    return parts, results


# --- figure -----------------------------------------------------------------------------------------


def _figure(net: Network, numbers: Numbers) -> Figure:
    from derive.figures.network_drawing import describe

    columns = [net.inputs, *(layer.outputs for layer in net.layers)]
    units = [[{"name": s, "value": numbers.values.get(s)} for s in column] for column in columns]
    edges = [[[None if w is None else _shown(net, w) for w in row] for row in layer.weights] for layer in net.layers]
    biases = [[_shown(net, b) for b in layer.biases] for layer in net.layers]
    data = {"units": units, "weights": edges, "biases": biases,
            "titles": ["inputs", *(_activation(layer) for layer in net.layers)]}
    known = "values in the circles, " if numbers.values else ""
    return Figure("network_drawing", data, (f"The network: {known}weights on the edges.",), describe(data), "network")
