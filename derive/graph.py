"""A computation as named quantities, each with a formula in the ones before it.

``c = a + b, d = b + 1, e = c d`` is a :class:`Graph`: its inputs are the letters without a formula, its last quantity
the output. Computational graphs, forward passes and backpropagation are kinds over this one value: they ask it who
feeds whom, in what order, and along which paths; the formulas themselves are differentiated and evaluated by the
engine. The module knows only the tree. :func:`graph` checks what people write, :func:`split` makes the quantities of
one expression.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from derive.errors import DeriveError, LimitError
from derive.limits import GRAPH_PATHS
from derive.steps import Definition
from derive.tree import Constant, Negative, Node, Number, Symbol, children, free_symbols, map_children

Path = tuple[Symbol, ...]
"""Quantities from one to another, each an argument of the next."""


@dataclass(frozen=True)
class Graph:
    """Quantities with formulas, in an order in which each uses only inputs and quantities before it."""

    quantities: tuple[Definition, ...]

    @cached_property
    def formulas(self) -> dict[Symbol, Node]:
        """The formula of each quantity that has one."""
        return {q.name: q.body for q in self.quantities}

    @cached_property
    def inputs(self) -> tuple[Symbol, ...]:
        """The letters without a formula, in the order in which they first occur."""
        used = (s for q in self.quantities for s in _in_order(q.body))
        return tuple(dict.fromkeys(s for s in used if s not in self.formulas))

    @property
    def output(self) -> Symbol:
        """The last quantity."""
        return self.quantities[-1].name

    @property
    def names(self) -> tuple[Symbol, ...]:
        """Inputs, then quantities."""
        return (*self.inputs, *self.formulas)

    @cached_property
    def arguments(self) -> dict[Symbol, tuple[Symbol, ...]]:
        """What each quantity is computed from, in the order in which its formula names it."""
        return {q.name: tuple(dict.fromkeys(_in_order(q.body))) for q in self.quantities}

    @cached_property
    def users(self) -> dict[Symbol, tuple[Symbol, ...]]:
        """The quantities whose formulas name each input or quantity; more than one is a fan-out."""
        found: dict[Symbol, list[Symbol]] = {name: [] for name in self.names}
        for name, arguments in self.arguments.items():
            for argument in arguments:
                found[argument].append(name)
        return {name: tuple(users) for name, users in found.items()}

    @cached_property
    def depth(self) -> dict[Symbol, int]:
        """The length of the longest path that leads to each name; inputs have depth 0. The layers of a drawing."""
        found = dict.fromkeys(self.inputs, 0)
        for name, arguments in self.arguments.items():
            found[name] = 1 + max((found[a] for a in arguments), default=0)
        return found

    def reaching(self, target: Symbol) -> frozenset[Symbol]:
        """The names on which a quantity depends, itself among them."""
        found = {target}
        for name in reversed(self.formulas):
            if name in found:
                found.update(self.arguments[name])
        return frozenset(found)

    def paths(self, start: Symbol, target: Symbol) -> list[Path]:
        """Every path from one name to another. LimitError for more than :data:`derive.limits.GRAPH_PATHS`."""
        useful = self.reaching(target)
        found: list[Path] = []
        for path in self._walk((start,), target, useful):
            found.append(path)
            if len(found) > GRAPH_PATHS:
                raise LimitError(f"more than {GRAPH_PATHS} paths lead from {start.plain} to {target.plain}")
        return found

    def _walk(self, path: Path, target: Symbol, useful: frozenset[Symbol]) -> Iterator[Path]:
        if path[-1] == target:
            yield path
            return
        for user in self.users[path[-1]]:
            if user in useful:
                yield from self._walk((*path, user), target, useful)


def _in_order(node: Node) -> Iterator[Symbol]:
    """The free symbols of a formula in the order in which they are written."""
    free = free_symbols(node)
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, Symbol) and current in free:
            yield current
        stack.extend(reversed(children(current)))


def graph(quantities: Sequence[Definition]) -> Graph:
    """The quantities as a graph, put in order where they are not.

    DeriveError for no quantity, for a name with two formulas or with parameters, and for a cycle, naming it.
    """
    if not quantities:
        raise DeriveError("the graph has no nodes", "give each one as a formula, 'c = a + b'")
    formulas: dict[Symbol, Definition] = {}
    for quantity in quantities:
        if quantity.parameters:
            raise DeriveError(f"the node {quantity.name.plain} has parameters", f"write {quantity.name.plain} = …")
        if quantity.name in formulas:
            raise DeriveError(f"the node {quantity.name.plain} is defined twice", "each node has one formula")
        formulas[quantity.name] = quantity
    return Graph(tuple(formulas[name] for name in _ordered(formulas)))


def _ordered(formulas: dict[Symbol, Definition]) -> list[Symbol]:
    """As given where each quantity uses only earlier ones, else sorted."""
    needs = {name: [s for s in _in_order(q.body) if s in formulas] for name, q in formulas.items()}
    seen: set[Symbol] = set()
    for name, before in needs.items():
        if not seen.issuperset(before):
            break
        seen.add(name)
    else:
        return list(formulas)
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        cycle = " → ".join(s.plain for s in error.args[1])
        raise DeriveError(f"the nodes form a cycle: {cycle}", "a node uses only inputs and earlier nodes") from error


# --- one expression ------------------------------------------------------------------------------------


def split(expression: Node, output: Symbol, taken: frozenset[Symbol] = frozenset()) -> Graph:
    """The graph of one expression: every operation a quantity, equal subexpressions shared.

    Inner quantities are named v_1, v_2, …, skipping names that occur; the whole is ``output``. Numbers, constants and
    signs stay inside the operation that uses them.
    """
    splitter = _Splitter(free_symbols(expression) | taken | {output})
    top = splitter.operation(expression)
    return Graph((*splitter.quantities(), Definition(output, (), top)))


class _Splitter:
    def __init__(self, taken: frozenset[Symbol]) -> None:
        self.taken = taken
        self.named: dict[Node, Symbol] = {}

    def quantities(self) -> Iterator[Definition]:
        return (Definition(name, (), formula) for formula, name in self.named.items())

    def operation(self, node: Node) -> Node:
        """The outermost operation of an expression, its operands named."""
        return map_children(node, self._operand)

    def _operand(self, node: Node) -> Node:
        if isinstance(node, (Symbol, Number, Constant)) or not free_symbols(node):
            return node
        if isinstance(node, Negative):
            return Negative(self._operand(node.operand))
        formula = self.operation(node)
        if formula not in self.named:
            self.named[formula] = self._name()
        return self.named[formula]

    def _name(self) -> Symbol:
        k = len(self.named) + 1
        while Symbol("v", str(k)) in self.taken or Symbol("v", str(k)) in self.named.values():
            k += 1
        return Symbol("v", str(k))
