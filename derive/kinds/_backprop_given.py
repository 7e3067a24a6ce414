r"""What backpropagation is given: a network or a chain of formulas, its loss, targets, penalties, numbers; checked.

Called by the backpropagation kind. Whatever the spelling, it ends as a :class:`Setup`: a graph of named quantities
whose last one is differentiated, in which every weighted sum has a name of its own (z for what stands in an
activation), and the roles of its inputs: data, targets, weights, biases.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from derive.engine import spliced
from derive.errors import DeriveError, LimitError
from derive.functions import FUNCTIONS
from derive.graph import Graph, graph
from derive.kinds._backprop_locals import softmax_of
from derive.kinds._backprop_loss import adds_up, check_targets, of_outputs
from derive.kinds._graph_given import sides, value_given
from derive.kinds._network_given import entry, given_network, name
from derive.limits import BACKPROPAGATION_NODES, NETWORK_WEIGHTS
from derive.losses import Loss, loss_named
from derive.networks import ACTIVATIONS, IDENTITY, SOFTMAX, Network, many
from derive.read import fields
from derive.read.fields import nearest, type_name
from derive.read.latex import Names, read
from derive.steps import Definition
from derive.tree import (
    ONE,
    TWO,
    Call,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Vector,
    free_symbols,
    map_children,
    numeric,
    total,
)

DATA = ("x", "X", "y", "Y", "t")
"""Letters that are data where nothing is said: inputs and targets. All others are parameters."""
_INSIDE = frozenset(ACTIVATIONS.values()) - {IDENTITY, SOFTMAX, "exp", "log", "ln", "abs", "sign", "erf", "logit"}
"""Functions whose argument is a weighted sum and gets a name."""


@dataclass(frozen=True)
class Setup:
    """A graph with one number at its end.

    ``predictions`` are the network's outputs, ``data`` its inputs, ``targets`` what they should be; ``terms`` the
    quantities that are added up to the output where there is a penalty (loss, penalty). ``values`` has a number for
    every input of the graph, or is empty.
    """

    graph: Graph
    output: Symbol
    by: tuple[Symbol, ...]
    data: tuple[Symbol, ...]
    predictions: tuple[Symbol, ...]
    targets: tuple[Symbol, ...]
    terms: tuple[Symbol, ...]
    values: Mapping[Symbol, Node]
    loss: Loss | None
    net: Network | None

    @cached_property
    def ones(self) -> tuple[Symbol, ...]:
        """The targets, where they add up to 1."""
        return self.targets if self.loss is not None and adds_up(self.loss) else ()

    @property
    def known(self) -> tuple[Definition, ...]:
        """What is known of the targets: the last one where they add up to 1."""
        if len(self.ones) < 2:
            return ()
        *others, last = self.ones
        return (Definition(last, (), Sum((ONE, *(Negative(y) for y in others)))),)

    @cached_property
    def layer(self) -> dict[Symbol, int]:
        """The layer of every name: the weighted sums on the longest way to it; a parameter's is that of its first sum.

        Nothing for the loss and for what is not on the way to an output of the network.
        """
        inner = frozenset().union(*(self.graph.reaching(p) for p in self.predictions))
        parameters = frozenset(self.parameters)
        found: dict[Symbol, int] = {}
        for name_, arguments in self.graph.arguments.items():
            if name_ in inner:
                below = max((found[a] for a in arguments if a in found), default=0)
                found[name_] = below + (not parameters.isdisjoint(arguments))
        first: dict[Symbol, int] = {}
        for name_, arguments in self.graph.arguments.items():
            for a in arguments:
                if a in self.graph.inputs and name_ in found and a in inner:
                    first[a] = min(first.get(a, found[name_]), found[name_])
        return found | {s: k if s in parameters else 0 for s, k in first.items()}

    @cached_property
    def parameters(self) -> tuple[Symbol, ...]:
        """The inputs of the network that are neither data nor targets."""
        inner = frozenset().union(*(self.graph.reaching(p) for p in self.predictions))
        given = {*self.data, *self.targets}
        found = tuple(s for s in self.graph.inputs if s in inner and s not in given)
        return self.net.parameters if self.net is not None else fields.parameters(Vector(found)) if found else ()


def setup(given: Mapping[str, Any]) -> Setup:
    """The checked graph.

    DeriveError for no network or two, a cycle, a loss or a target that does not fit, unknown names, missing values;
    LimitError for too many quantities.
    """
    made = [key for key in ("nodes", "expression", "weights", "edges", "sizes") if given[key]]
    if not made or (len(made) > 1 and {"nodes", "expression"} & set(made)):
        raise DeriveError("a network is given by nodes, by one expression, or by weights, edges or sizes",
                          r"nodes = ['z = w x + b', '\hat{y} = \sigma(z)'] or sizes = [2, 2, 1] with activations")
    start = _of_formulas(given) if made[0] in ("nodes", "expression") else _of_network(given)
    made_ = _with_loss(start, given)
    if len(made_.graph.names) > BACKPROPAGATION_NODES:
        raise LimitError(f"{len(made_.graph.names)} quantities are too many to be written out number by number: "
                         f"at most {BACKPROPAGATION_NODES}", 'form = "matrix" writes a line for each layer')
    return made_


# --- the network ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Start:
    """A network without its loss: quantities, outputs, their sums, the data, what is known."""

    quantities: tuple[Definition, ...]
    outputs: tuple[Symbol, ...]
    sums: tuple[Symbol, ...]
    activation: str | None
    data: tuple[Symbol, ...]
    values: Mapping[Symbol, Node]
    net: Network | None = None


def network_of(given: Mapping[str, Any], most: int = NETWORK_WEIGHTS) -> tuple[Network, dict[Symbol, Node]]:
    """The network, and the numbers among ``values`` that belong to targets and penalties. DeriveError as in it."""
    values = given["values"] or {}
    if not isinstance(values, Mapping):
        raise DeriveError("values: expected a table of names and numbers", "values = {w_1 = 0.5}")
    bare = given_network({**given, "values": None}, most)
    own = {*bare.inputs, *bare.parameters}
    net = given_network({**given, "values": {k: v for k, v in values.items() if name(k) in own}}, most)
    rest = {name(k): value_given(k, v) for k, v in values.items() if name(k) not in own}
    return net, rest


def _of_network(given: Mapping[str, Any]) -> _Start:
    net, rest = network_of(given)
    last = net.layers[-1]
    return _Start(net.quantities, net.outputs, last.sums, last.activation, net.inputs, {**net.values, **rest}, net)


def _of_formulas(given: Mapping[str, Any]) -> _Start:
    if given["nodes"]:
        definitions = [Definition(left, (), body) for left, body in map(sides, given["nodes"])]
    else:
        definition = given["expression"]
        definitions = [Definition(definition.name, (), definition.body)]
    made = graph(_named_sums(definitions))
    ends = tuple(q for q in made.formulas if not made.users[q])
    asked = given["inputs"]
    listed = list(asked) if isinstance(asked, Mapping | list | tuple) else [] if asked is None else [asked]
    data = tuple(name(x) for x in listed) or tuple(s for s in made.inputs if s.name in DATA and not s.accent)
    values = {**(asked if isinstance(asked, Mapping) else {}), **_table(given["values"])}
    body = made.formulas[ends[0]] if len(ends) == 1 else None
    sums = body.args if isinstance(body, Call) and body.name == "sigma" and isinstance(body.args[0], Symbol) else ends
    softmax = softmax_of(made.formulas[ends[0]])
    if softmax is not None and len(softmax[1]) == len(ends):
        sums = softmax[1]
    activation = body.name if isinstance(body, Call) and body.name in _INSIDE else None
    return _Start(made.quantities, ends, tuple(s for s in sums if isinstance(s, Symbol)), activation, data,
                  {name(k): value_given(k, v) for k, v in values.items()})


def _table(values: Any) -> Mapping[str, Any]:
    if values is None or isinstance(values, Mapping):
        return values or {}
    raise DeriveError("values: expected a table of names and numbers", "values = {w_1 = 0.5}")


def _named_sums(definitions: Sequence[Definition]) -> list[Definition]:
    """The formulas with a name for every weighted sum that stands inside an activation, and for inner activations."""
    taken = {d.name for d in definitions} | {s for d in definitions for s in free_symbols(d.body)}
    namer = _Namer(taken)
    for d in definitions:
        namer.formula(d)
    return namer.made


class _Namer:
    """Takes activations apart, the inner ones first: σ(w_1 σ(w_0 x)) is σ(z_2) with z_2 = w_1 h_1, h_1 = σ(z_1), …"""

    def __init__(self, taken: set[Symbol]) -> None:
        self.taken, self.made = taken, list[Definition]()

    def formula(self, definition: Definition) -> None:
        """Add a formula and what it is made of."""
        body = map_children(definition.body, self._inside)
        match body:
            case Call(called, (argument,), 0) if called in _INSIDE and not isinstance(argument, Symbol):
                body = Call(called, (self._sum(argument, definition.name),))
        self.made.append(Definition(definition.name, (), body))

    def _inside(self, node: Node) -> Node:
        node = map_children(node, self._inside)
        match node:
            case Call(called, (argument,), 0) if called in _INSIDE:
                number = self._free("h")
                if not isinstance(argument, Symbol):
                    argument = self._sum(argument, number)
                self._add(number, Call(called, (argument,)))
                return number
        return node

    def _sum(self, argument: Node, like: Symbol) -> Symbol:
        """A name for a sum, with the marks of the unit that it belongs to."""
        alike = (Symbol(letter, like.sub, like.sup) for letter in ("z", "a", "s", "u"))
        found = next((s for s in alike if s not in self.taken), None) or self._free("z")
        self._add(found, argument)
        return found

    def _free(self, letter: str) -> Symbol:
        k = 1
        while Symbol(letter, str(k)) in self.taken:
            k += 1
        return Symbol(letter, str(k))

    def _add(self, symbol: Symbol, body: Node) -> None:
        self.taken.add(symbol)
        self.made.append(Definition(symbol, (), body))


# --- the loss ---------------------------------------------------------------------------------------


def _with_loss(start: _Start, given: Mapping[str, Any]) -> Setup:
    loss, formula = _loss(given)
    values = dict(start.values)
    if loss is None and formula is None:
        if len(start.outputs) != 1:
            raise DeriveError(f"the network has {len(start.outputs)} outputs and no loss: nothing is one number",
                              'give loss = "squared error" and a target, or a network with one output')
        if given["target"] is not None:
            raise DeriveError("a target is given and no loss", 'loss = "squared error"')
        return _with_penalty(start, given, start.quantities, start.outputs[0], (), values, None)
    named, body = formula if formula is not None else (None, None)
    output = given["letter"] or named or Symbol("L")
    targets = _targets(start, given["target"], loss, body, values)
    if loss is not None:
        _fitting(loss, start)
        body = of_outputs(loss, start.sums if loss.logits else start.outputs, targets)
        if all(y in values for y in targets):
            check_targets(loss, [values[y] for y in targets])
    assert body is not None
    _free_name(output, start, targets)
    quantities = (*start.quantities, Definition(output, (), spliced(body)))
    return _with_penalty(start, given, quantities, output, targets, values, loss)


def _loss(given: Mapping[str, Any]) -> tuple[Loss | None, tuple[Symbol | None, Node] | None]:
    """A row, or a formula with the letter on its left side."""
    text = given["loss"]
    if text is None:
        return None, None
    if not set(text) & set("\\^=(){}+") and not any(c.isdigit() for c in text):
        return loss_named(text), None
    node = read(text, Names(labels=True))
    match node:
        case Relation((Symbol() as left, body), ("=",)):
            return None, (left, body)
        case Relation():
            raise DeriveError("the loss is a relation, not a formula", "write E = … with one letter on the left")
    return None, (None, node)


def _targets(
    start: _Start, given: Any, loss: Loss | None, body: Node | None, values: dict[Symbol, Node]
) -> tuple[Symbol, ...]:
    """The names of the targets; numbers go into ``values``."""
    known = {s for d in start.quantities for s in (d.name, *free_symbols(d.body))}
    if loss is None:
        assert body is not None
        free = sorted(free_symbols(body) - known, key=lambda s: s.plain)
        if given is None:
            return tuple(s for s in free if s.name in DATA)
        wanted = tuple(s for s in free if s.name in DATA) or tuple(free)
    else:
        letter = next(s for s in (Symbol("y"), Symbol("t"), Symbol("T")) if all(
            (k.name, k.accent) != (s.name, "") for k in known))
        count = len(start.sums if loss.logits else start.outputs)
        wanted = (letter,) if count == 1 else tuple(Symbol(letter.name, str(k)) for k in range(1, count + 1))
        if given is None:
            return wanted
    items = list(given) if isinstance(given, list | tuple) else [given]
    if len(items) != len(wanted):
        raise DeriveError(f"{many(len(items), 'target')} for {many(len(wanted), 'output')}",
                          f"give a number or a letter for each of {', '.join(s.plain for s in wanted)}")
    found = []
    for symbol, item in zip(wanted, items, strict=True):
        made = entry(item, "target")
        if isinstance(made, Symbol):
            if made in known:
                raise DeriveError(f"{made.plain} is a target and a quantity of the network", "rename one of the two")
            found.append(made)
        else:
            values[symbol] = made
            found.append(symbol)
    return tuple(found)


def _fitting(loss: Loss, start: _Start) -> None:
    """DeriveError for a loss that is not made for the last activation."""
    if start.activation is None or not loss.activations or start.activation in loss.activations:
        return
    spoken = {"sigma": "a sigmoid", "": "the identity"}.get(start.activation) or (
        FUNCTIONS[start.activation].text if start.activation in FUNCTIONS else start.activation)
    wanted = " or ".join({"sigma": "a sigmoid", "softmax": "a softmax", "": "a linear output"}[a]
                         for a in loss.activations)
    raise DeriveError(f"{loss.title} needs {wanted} at the end, but the last activation is {spoken}",
                      "choose the activation that belongs to the loss, or a loss for this one")


def _free_name(output: Symbol, start: _Start, targets: Iterable[Symbol]) -> None:
    names = {s for d in start.quantities for s in (d.name, *free_symbols(d.body))} | set(targets)
    if output in names:
        raise DeriveError(f"{output.plain} names the loss and another quantity", "letter = 'E' names the loss E")


def _with_penalty(
    start: _Start, given: Mapping[str, Any], quantities: tuple[Definition, ...], output: Symbol,
    targets: tuple[Symbol, ...], values: dict[Symbol, Node], loss: Loss | None,
) -> Setup:
    """The setup, with the penalty on the weights added to the loss where one is asked for."""
    whole = graph(quantities)
    plain = Setup(whole, output, (), start.data, start.outputs, targets, (), {}, loss, start.net)
    strengths = [(key, _strength(given, key, whole)) for key in ("l1", "l2") if given[key] is not None]
    terms: tuple[Symbol, ...] = ()
    if strengths:
        weights = _weights(plain)
        taken = set(whole.names)
        data_part, penalty = (next(s for s in options if s not in taken and s != output)
                              for options in ((Symbol("E"), Symbol("C"), Symbol("D")),
                                              (Symbol("R"), Symbol("P"), Symbol("Q"))))
        terms = data_part, penalty
        renamed = [Definition(data_part if q.name == output else q.name, (), q.body) for q in whole.quantities]
        if not targets:
            raise DeriveError("a penalty is added to a loss, and there is none", 'loss = "squared error"')
        size = total([_penalty(key, strength, weights) for key, strength in strengths])
        whole = graph([*renamed, Definition(penalty, (), size), Definition(output, (), Sum(terms))])
    return _finished(start, given, whole, output, targets, terms, values, loss)


def names(given: Any) -> tuple[Symbol, ...]:
    """The parameters in ``by``, labels above allowed: w_{12}^{(1)}. DeriveError for what is no list of names."""
    if not isinstance(given, list | tuple):
        raise DeriveError(f"by: expected a list of names, found {type_name(given)}", "by = ['w_1', 'b']")
    return tuple(s if isinstance(s, Symbol) else name(s) for s in given)


def _strength(given: Mapping[str, Any], key: str, whole: Graph) -> Node:
    """A number or a letter of its own."""
    made = entry(given[key], key)
    if made in whole.names:
        raise DeriveError(f"{key}: {given[key]} is a quantity of the network", r"l2 = '\lambda' is a letter of its own")
    if isinstance(made, Symbol) or ((value := numeric(made)) is not None and value >= 0):
        return made
    raise DeriveError(f"{key}: expected a number that is not negative or a letter, found {given[key]}", "l2 = 0.01")


def _weights(made: Setup) -> list[Symbol]:
    """The parameters but for biases: those that stand alone as a term of a sum."""
    if made.net is not None:
        return list(made.net.weights)
    alone = {t for q in made.graph.quantities if isinstance(q.body, Sum) for t in q.body.terms}
    return [s for s in made.parameters if s not in alone]


def _penalty(key: str, strength: Node, weights: Sequence[Symbol]) -> Node:
    if key == "l1":
        return Product((strength, total([Call("abs", (w,)) for w in weights])))
    return Product((Quotient(strength, TWO), total([Power(w, TWO) for w in weights])))


def _finished(
    start: _Start, given: Mapping[str, Any], whole: Graph, output: Symbol, targets: tuple[Symbol, ...],
    terms: tuple[Symbol, ...], values: dict[Symbol, Node], loss: Loss | None,
) -> Setup:
    kept = frozenset().union(*(whole.reaching(s) for s in (output, *start.outputs)))
    whole = Graph(tuple(q for q in whole.quantities if q.name in kept))
    plain = Setup(whole, output, (), start.data, start.outputs, targets, terms, {}, loss, start.net)
    by = tuple(dict.fromkeys(names(given["by"]))) or plain.parameters
    reaching = whole.reaching(output)
    for symbol in by:
        if symbol == output:
            raise DeriveError(f"{output.plain} is what is differentiated", "by names parameters")
        if symbol not in reaching:
            hint = nearest(symbol.plain, (s.plain for s in reaching))
            raise DeriveError(f"{output.plain} does not depend on {symbol.plain}",
                              hint or f"parameters are {', '.join(s.plain for s in plain.parameters)}")
    if not by:
        raise DeriveError("there is no parameter to differentiate by", "by = ['w'] names them")
    order = {s: k for k, s in enumerate((*start.data, *plain.parameters))}
    known = _checked(whole, values)
    known = {s: known[s] for s in sorted(known, key=lambda s: order.get(s, len(order)))}
    return Setup(whole, output, by, start.data, start.outputs, targets, terms, known, loss, start.net)


def _checked(whole: Graph, values: Mapping[Symbol, Node]) -> dict[Symbol, Node]:
    """A number for every input, in their order; nothing where none is known."""
    for symbol in values:
        if symbol in whole.formulas:
            raise DeriveError(f"{symbol.plain} has a value and a formula", "give values of inputs and parameters only")
        if symbol not in whole.inputs:
            hint = nearest(symbol.plain, (s.plain for s in whole.inputs))
            raise DeriveError(f"a value is given for {symbol.plain}, which does not occur",
                              hint or f"known are {', '.join(s.plain for s in whole.inputs)}")
    if not values:
        return {}
    if missing := [s.plain for s in whole.inputs if s not in values]:
        raise DeriveError(f"no value is given for {', '.join(missing)}",
                          "give a number for each input, parameter and target, or for none")
    for symbol in whole.inputs:
        if free_symbols(values[symbol]):
            raise DeriveError(f"the value of {symbol.plain} has letters in it", "give numbers")
    return {s: values[s] for s in whole.inputs}
