r"""Backpropagation: the derivatives of a loss by every weight, in stored values, the output layer first.

What is given is read by :mod:`derive.kinds._backprop_given`. The scalar form, every weight by itself, is derived by
:mod:`derive.kinds._backward_scalar` and told by :mod:`derive.kinds._backprop_told`; numbers, the update and the
gradient check are in :mod:`derive.kinds._backprop_numbers`. The matrix and the batch form are
:mod:`derive.kinds._backprop_matrix`.
"""

from __future__ import annotations

from dataclasses import replace

from derive.errors import DeriveError
from derive.functions import FUNCTIONS
from derive.kinds._backprop_given import Setup, names, network_of, setup
from derive.kinds._backprop_numbers import Worked, asked_step, stated_rate, stepped
from derive.kinds._backprop_told import Told, dependence, forward, local_parts, stored_parts, sweep_parts, vanishing
from derive.kinds._backward_scalar import with_edges
from derive.kinds._network_given import FIELDS as NETWORK_FIELDS
from derive.kinds._partials import plain_name
from derive.kinds._shared import listed
from derive.limits import MATRIX_WEIGHTS
from derive.listings._cells import sweep
from derive.losses import loss_named
from derive.networks import Network, many
from derive.numeric.exact import exact
from derive.problem import Field, Problem
from derive.steps import Context, Derivation, Figure, Part, Program, Prose, Result
from derive.tree import ONE, Derivative, Node, Relation, Symbol, Vector, decimal, free_symbols, numeric, total
from derive.write.numbers import approximate

SUMMARY = "backpropagation: every derivative in stored outputs, with numbers, an update and a gradient check"

FIELDS = (
    Field("nodes", "formulas", "the network as formulas, one for each unit or layer", default=(),
          example=r"['z = w x + b', '\hat{y} = \sigma(z)']"),
    Field("expression", "function", "one formula instead; its activations are taken apart",
          example=r"'\hat{y} = w_2 \sigma(w_1 \sigma(w_0 x))'"),
    *NETWORK_FIELDS,
    Field("loss", "text", "a loss by its name, or a formula in outputs and targets; none: the output is differentiated",
          example='"squared error"'),
    Field("letter", "symbol", "the letter of the loss; L when not given", example="'E'"),
    Field("target", "any", "what the output should be: a number or a letter, a list for several outputs", example="1"),
    Field("l1", "any", "the strength of a penalty on the sum of the absolute weights, a number or a letter",
          example="0.01"),
    Field("l2", "any", "the strength of a penalty on half the sum of the squared weights, a number or a letter",
          example=r"'\lambda'"),
    Field("by", "any", "the parameters; all weights and biases when not given", default=(), example="['w_1']"),
    Field("form", "choice", "every weight by itself, a matrix a layer, or a batch of samples", default="scalar",
          choices=("scalar", "matrix", "batch"), example='"matrix"'),
    Field("learning_rate", "number", "the learning rate of one update of every parameter", example="0.1"),
    Field("forms", "formulas", "matrix form of nodes: other forms of what is found, to be shown equal", default=(),
          example=r"['\nabla_W L = \delta h^\top']"),
    Field("check", "boolean", "whether to compare with central differences", default=True, example="true"),
    Field("figure", "boolean", "whether to draw the network", default=True, example="true"),
)
STARTER = ("nodes", "loss")


def solve(problem: Problem) -> Derivation:
    """The derivatives by every parameter, and with numbers their values, an update and a check.

    DeriveError for what is no network or does not fit (:func:`derive.kinds._backprop_given.setup`); MathError, naming
    the quantity, where a value does not exist.
    """
    problem = replace(problem, given={**problem.given, "by": names(problem.given["by"])})
    if problem.given["form"] != "scalar" or _has_matrices(problem):
        return _in_matrices(problem)
    given = setup(problem.given)
    made, edges = with_edges(given.graph, given.output, given.by, ones=given.ones)
    told = Told(given, made)
    worked = Worked(given, made) if given.values else None
    parts: list[Part] = worked.forward() if worked is not None else forward(given)
    parts += local_parts(given, edges)
    parts += sweep_parts(told)
    parts += stored_parts(told)
    parts += dependence(given, told)
    parts += vanishing(given, told)
    results = _symbolic(given, told)
    if worked is not None:
        parts += worked.backward()
        results += _numeric(given, worked)
        rate = problem.given["learning_rate"]
        if rate is not None:
            more, new, after = worked.update(rate)
            parts += more
            results += [Result(f"{s.plain} after the step", v, stepped(s)) for s, v in new.items()]
            results.append(Result(f"{given.output.plain} after the step", None, given.output, False, after))
        if problem.given["check"]:
            parts += worked.check()
        code = sweep(made, given.values)
        parts += [Program(code, ("The same numbers by a program:",))] if code is not None else []
    elif problem.given["learning_rate"] is not None:
        raise DeriveError("an update needs numbers", "give values, or leave out the learning rate")
    if problem.given["figure"]:
        parts += _figures(given, told, worked)
    context = Context(dict(problem.domains), (*made.definitions, *given.known))
    rate = problem.given["learning_rate"]
    return Derivation(problem.title, problem.kind, (*_given(given), *stated_rate(rate)),
                      (*_asked(given), *asked_step(rate)), tuple(parts), tuple(results), context)


def _has_matrices(problem: Problem) -> bool:
    """Whether a formula is given in which a declared vector or matrix stands."""
    shaped = {s for s, domain in problem.domains.items() if domain.split()[:1] in (["vector"], ["matrix"])}
    return any(shaped & free_symbols(node) for node in problem.given["nodes"])


def _in_matrices(problem: Problem) -> Derivation:
    """The matrix or the batch form."""
    from derive.kinds._backprop_matrix import solve_matrix

    form = problem.given["form"] if problem.given["form"] != "scalar" else "matrix"
    if form == "batch" and any(isinstance(x, list | tuple) for x in problem.given["inputs"] or ()):
        raise DeriveError("inputs: the batch form is derived in letters and takes no numbers",
                          'name the inputs, or give sizes; for the numbers of one sample take form = "matrix"')
    net = None if problem.given["nodes"] else network_of(problem.given, MATRIX_WEIGHTS)[0]
    loss = loss_named(problem.given["loss"]) if problem.given["loss"] is not None and net is not None else None
    return solve_matrix(problem, net, loss, form)


# --- what is given and asked ------------------------------------------------------------------------


def _given(given: Setup) -> tuple[Prose, ...]:
    last = {given.output, *given.terms} if given.targets else set()
    loss = [Relation((q.name, q.body), ("=",)) for q in given.graph.quantities if q.name in last]
    network = [Relation((q.name, q.body), ("=",)) for q in given.graph.quantities if q.name not in last]
    rows: list[Prose] = [("the network ", *listed(network))]
    if given.net is not None and len(network) > WRITTEN:
        rows = [(_layers(given.net),)]
    if loss:
        title = given.loss.title if given.loss is not None else "loss"
        rows.append((f"the {title} ".replace("the half", "half"), *listed(loss)))
    if given.known:
        rows.append(("targets that add up to 1, ", Relation((total(given.ones), ONE), ("=",))))
    if given.values:
        rows.append(("the numbers ", *listed([Relation((s, v), ("=",)) for s, v in given.values.items()])))
    return tuple(rows)


WRITTEN = 12  # formulas of a network that stand in the list of what is given


def _layers(net: Network) -> str:
    """The layers in words: ``a network with 2 inputs, then 3 units (sigmoid) and 1 unit (identity)``."""
    units = [f"{many(len(layer.sums), 'unit')} ({_spoken(layer.activation)})" for layer in net.layers]
    return f"a network with {many(len(net.inputs), 'input')} and {many(len(units), 'layer')}: {', then '.join(units)}"


def _spoken(activation: str) -> str:
    if activation in ("", "sigma"):
        return "sigmoid" if activation else "linear"
    return FUNCTIONS[activation].text if activation in FUNCTIONS else activation


def _asked(given: Setup) -> tuple[Prose, ...]:
    several = len(given.graph.inputs) > 1
    names = [Derivative(given.output, s, 1, several) for s in given.by]
    what = "the derivative " if len(names) == 1 else "the derivatives "
    return ((what, *listed(names), f" in stored values{' and in numbers' if given.values else ''}"),)


# --- results ----------------------------------------------------------------------------------------


def _symbolic(given: Setup, told: Told) -> list[Result]:
    """The derivatives in stored values, with δ, in inputs and parameters, and all of them as a gradient."""
    made, results = told.made, list[Result]()
    stored: dict[Symbol, Node] = {}
    closed: dict[Symbol, Node] = {}
    for found in sorted(made.found, key=lambda f: f.of not in made.asked):
        name, asked = plain_name(_named(found.name)), found.of in made.asked
        unfolded = told.unfolded(found)
        shown = unfolded if unfolded is not None and told.is_short else found.value
        if found.letter is not None and not told.is_short:
            results.append(Result(found.letter.plain, found.value, found.letter))
        results.append(Result(name, shown, found.name, shown=asked))
        if shown != found.value:
            results.append(Result(f"{name} with delta", found.value, found.name, shown=False))
        inner = told.closed(found)
        if inner is not None and inner != unfolded:
            results.append(Result(f"{name} in inputs and weights", inner, found.name, shown=False))
        if unfolded is not None:
            stored[found.of] = unfolded
        if inner is not None:
            closed[found.of] = inner
    label = Vector(tuple(made.by[s].name for s in made.asked))
    for name, values in (("gradient", stored), ("gradient in inputs and weights", closed)):
        if len(made.asked) > 1 and all(s in values for s in made.asked):
            results.append(Result(name, tuple(values[s] for s in made.asked), label, shown=False))
    return results


def _named(node: Node) -> Derivative:
    assert isinstance(node, Derivative)
    return node


def _numeric(given: Setup, worked: Worked) -> list[Result]:
    """The values of the output and of the derivatives."""
    made, numbers = worked.made, worked.numbers
    results = [Result(f"value of {s.plain}", numbers.values[s], s, s == given.output, numbers.precise(s))
               for s in dict.fromkeys((*given.predictions, given.output))]
    for found in made.found:
        name = plain_name(_named(found.name))
        results.append(Result(f"{name} in numbers", _decimal(worked.values[found.of]), found.name,
                              found.of in made.asked, worked.precise(found.of)))
    label = Vector(tuple(made.by[s].name for s in made.asked))
    if len(made.asked) > 1:
        results.append(Result("gradient in numbers", tuple(worked.values[s] for s in made.asked), label, False,
                              [worked.precise(s) for s in made.asked]))
    return results


def _decimal(value: Node) -> Node:
    """A number with a power of ten as one decimal, as it stands in a list of results."""
    exact_ = exact(value, {})
    return (decimal(exact_) if numeric(value) is None and exact_ is not None else None) or value


# --- figures ----------------------------------------------------------------------------------------


def _figures(given: Setup, told: Told, worked: Worked | None) -> list[Part]:
    """A layered network with δ above its units; another graph with the derivatives below its nodes."""
    if given.net is not None:
        return _network(given, given.net, told, worked) if max(given.net.sizes) <= TALLEST else []
    graph = given.graph
    if len(graph.names) > DRAWN:
        return []
    from derive.figures.graph_drawing import describe

    found = told.made.by
    nodes = [{"name": s, "formula": None, "value": worked.numbers.values[s] if worked is not None else None,
              "adjoint": _under(told, worked, s) if s in found else None} for s in graph.names]
    edges = [{"from": a, "to": q, "label": None} for q, arguments in graph.arguments.items() for a in arguments]
    data = {"nodes": nodes, "edges": edges, "output": given.output}
    words: Prose = ("The network as a graph", ", with its values in the nodes" if worked is not None else "",
                    " and the derivatives of ", given.output, " below them.")
    return [Figure("graph_drawing", data, words, describe(data), "graph")]


DRAWN = 26  # names of a graph that is drawn
TALLEST = 8  # units of a layer that is drawn
LONGEST = 5  # layers of a network that is drawn


def _under(told: Told, worked: Worked | None, symbol: Symbol) -> Node:
    return worked.values[symbol] if worked is not None else told.made.by[symbol].value


def _network(given: Setup, net: Network, told: Told, worked: Worked | None) -> list[Part]:
    """The layers side by side."""
    if len(net.layers) > LONGEST:
        return []
    from derive.figures.network_drawing import describe

    columns = [(net.inputs, net.inputs), *((layer.outputs, layer.sums) for layer in net.layers)]
    units = [[{"name": s, "value": worked.numbers.values[s] if worked is not None else None,
               "above": _above(told, worked, z)} for s, z in zip(*column, strict=True)] for column in columns]
    shown = given.values
    weights = [[[None if w is None else shown.get(w, w) for w in row] for row in layer.weights] for layer in net.layers]
    biases = [[shown.get(b, b) for b in layer.biases] for layer in net.layers]
    data = {"units": units, "weights": weights, "biases": biases,
            "titles": ["inputs", *(_spoken(layer.activation) for layer in net.layers)]}
    known = "values in the circles, " if worked is not None else ""
    words: Prose = (f"The network: {known}weights on the edges, above each unit the derivative of ", given.output,
                    " by its weighted sum.")
    return [Figure("network_drawing", data, words, describe(data), "network")]


def _above(told: Told, worked: Worked | None, symbol: Symbol) -> Node | None:
    """δ of a unit, with its number where there is one."""
    found = told.made.by.get(symbol)
    if found is None or found.letter is None:
        return None
    if worked is None:
        return found.letter
    return Relation((found.letter, approximate(worked.precise(symbol), 4)), ("=",))

