"""What a computational graph is given: nodes as formulas or one expression, values, the output; checked, in order.

Called by the computational-graph kind. ``e`` is Euler's number to the reader of formulas; where a node has that name,
it is the node.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from derive.errors import DeriveError, LimitError, about
from derive.graph import Graph, graph, split
from derive.limits import GRAPH_NODES
from derive.read import fields
from derive.read.fields import nearest
from derive.steps import Definition
from derive.tree import Call, E, Node, Power, Relation, Symbol, substitute, walk
from derive.write.text import text

EULER = Symbol("e")


@dataclass(frozen=True)
class Setup:
    """A graph that ends in ``output``, the names to differentiate by, and the values of its inputs (none: letters)."""

    graph: Graph
    output: Symbol
    by: tuple[Symbol, ...]
    values: Mapping[Symbol, Node]
    is_split: bool

    @cached_property
    def concerned(self) -> frozenset[Symbol]:
        """The names that depend on one of those to differentiate by, or are one."""
        wanted = frozenset(self.by)
        return frozenset(s for s in self.graph.names if not wanted.isdisjoint(self.graph.reaching(s)))

    @property
    def round_d(self) -> bool:
        """Whether derivatives are partial ones."""
        return len(self.graph.inputs) > 1


def setup(given: Mapping[str, Any]) -> Setup:
    """The checked graph.

    DeriveError for no graph or two, a cycle, a name defined twice, an unknown output, and values that are missing or
    belong to nothing. LimitError for too many nodes.
    """
    nodes, expression = given["nodes"], given["expression"]
    if bool(nodes) == (expression is not None):
        raise DeriveError("a graph is given either by its nodes or by one expression",
                          "nodes = ['c = a + b', 'd = b + 1', 'g = c d'] or expression = 'g = (a + b)(b + 1)'")
    with about("nodes"):
        made = graph(_definitions(nodes)) if nodes else split(expression.body, expression.name)
    if len(made.names) > GRAPH_NODES:
        raise LimitError(f"a graph with {len(made.names)} nodes is too large: at most {GRAPH_NODES}")
    with about("output"):
        output = _output(made, given["output"], nodes)
    useful = made.reaching(output)
    made = Graph(tuple(q for q in made.quantities if q.name in useful))
    if not made.inputs:
        raise DeriveError(f"{output.plain} depends on no input", "use letters without a formula in the nodes")
    with about("by"):
        by = _by(made, given["by"])
    with about("values"):
        return Setup(made, output, by, _values(made, given["values"]), not nodes)


# --- nodes ------------------------------------------------------------------------------------------


def _definitions(nodes: Sequence[Node]) -> list[Definition]:
    """The equations as definitions, the letter e taken for the node of that name."""
    pairs = [sides(node) for node in nodes]
    if all(name != EULER for name, _ in pairs):
        return [Definition(name, (), body) for name, body in pairs]
    for name, body in pairs:
        if any(isinstance(n, Power) and n.base == E for n in walk(body)):
            raise DeriveError(f"e is a node, and a power of e stands in the formula of {name.plain}",
                              r"write \exp(…) for the exponential function, or give the node another name")
    return [Definition(name, (), substitute(body, {E: EULER})) for name, body in pairs]


def sides(node: Node) -> tuple[Symbol, Node]:
    """The name and the formula of one equation."""
    match node:
        case Relation((Symbol() as name, body), ("=",)):
            return name, body
        case Relation((left, body), ("=",)) if left == E:
            return EULER, body
        case Relation((Call(name), _), ("=",)):
            raise DeriveError(f"the node {name} has parameters", f"write {name} = …")
        case Relation((left, _), ("=",)):
            raise DeriveError(f"a node is named by one letter, not by {text(left)}", "for instance 'c = a + b'")
    raise DeriveError(f"{text(node)} is no node: it has no name", "write each node as an equation, 'c = a + b'")


def _output(made: Graph, asked: Symbol | None, nodes: Sequence[Node]) -> Symbol:
    """The node asked for; else the last written one that no other node uses."""
    if asked is not None:
        if asked not in made.formulas:
            kind = "an input" if asked in made.inputs else "no node"
            hint = nearest(asked.plain, (s.plain for s in made.formulas)) or f"nodes are {_listed(made.formulas)}"
            raise DeriveError(f"the output {asked.plain} is {kind} of the graph", hint)
        return asked
    written = [sides(node)[0] for node in nodes] or list(made.formulas)
    return next(name for name in reversed(written) if not made.users[name])


def _by(made: Graph, asked: Sequence[Symbol]) -> tuple[Symbol, ...]:
    """The names to differentiate by: those asked for, else all inputs."""
    for symbol in asked:
        if symbol not in made.names:
            raise DeriveError(f"the output does not depend on {symbol.plain}", f"names are {_listed(made.names)}")
    return tuple(dict.fromkeys(asked)) or made.inputs


def _listed(names: Iterable[Symbol]) -> str:
    return ", ".join(s.plain for s in names)


# --- values -----------------------------------------------------------------------------------------


def _values(made: Graph, given: Any) -> dict[Symbol, Node]:
    """The value of each input, in the order of the inputs; nothing where none is given."""
    if not given:
        return {}
    if not isinstance(given, Mapping):
        raise DeriveError("values: expected a table of inputs and their numbers", "values = {a = 2, b = 1}")
    found = {_name(key): value_given(key, value) for key, value in given.items()}
    for name in found:
        if name in made.formulas:
            raise DeriveError(f"{name.plain} has a value and a formula", "give values of inputs only")
        if name not in made.inputs:
            hint = nearest(name.plain, (s.plain for s in made.inputs)) or f"inputs are {_listed(made.inputs)}"
            raise DeriveError(f"a value is given for {name.plain}, which is no input", hint)
    if missing := [s for s in made.inputs if s not in found]:
        raise DeriveError(f"no value is given for {_listed(missing)}", "give a number for each input, or for none")
    return {s: found[s] for s in made.inputs}


def _name(key: str) -> Symbol:
    return EULER if key == "e" else fields.symbol(key)


def value_given(key: str, value: Any) -> Node:
    """The number of a name in ``values``. DeriveError, with the name, for anything else."""
    try:
        return fields.number(value)
    except DeriveError as error:
        raise DeriveError(f"values: {key}: {error.message}", error.hint) from error
