r"""The reverse sweep: the derivative of the output by every node, the output first, each a sum over the node's users.

In a small graph the adjoints are written ∂e/∂v and in stored values. Where that grows, or where a node reaches another
both directly and through a third one, so that ∂f/∂c on the edge is not ∂f/∂c of the whole, they get letters of their
own, \bar v, which the adjoints after them use: the work and the length of a line do not grow with the depth.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.engine import spliced
from derive.goals import end_of, simplify
from derive.kinds._by_hand import number_of
from derive.kinds._graph_edges import Edge, Edges, Locals, is_short, short
from derive.kinds._graph_given import Setup
from derive.kinds._graph_values import Numbers
from derive.kinds._partials import reduced
from derive.numeric.value import value_of
from derive.steps import Chain, Definition, Formula, Level, Part, Step
from derive.tree import (
    ONE,
    Derivative,
    Node,
    Product,
    Quotient,
    Relation,
    Symbol,
    free_symbols,
    numeric,
    size,
    substitute,
    times,
    total,
    walk,
)

WRITTEN = 60  # parts of an adjoint in stored values; longer ones are written with the adjoints before them
DEEP = 4  # formulas in one another; a derivative through more of them is proved edge by edge
CHAIN_RULE = "chain rule"
LOCAL = "put in the local derivatives"
_ACCENTS = ("bar", "tilde", "vec", "dot", "hat")


@dataclass(frozen=True)
class Adjoint:
    """The derivative of the output by one node: its name, and its value in stored values (and in other adjoints)."""

    of: Symbol
    name: Node
    value: Node


@dataclass
class Sweep:
    """A reverse sweep: ``parts`` tell it, ``adjoints`` and ``numbers`` are what came out."""

    setup: Setup
    edges: Edges
    bars: bool
    numbers: Numbers | None
    local: Locals
    parts: list[Part]
    adjoints: dict[Symbol, Adjoint]
    worked: dict[Symbol, Node]
    _precise: dict[Symbol, float] = field(default_factory=dict)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """Every node's formula."""
        return self.setup.graph.quantities

    def precise(self, symbol: Symbol) -> float | None:
        """A derivative in double precision where the written one is rounded."""
        if self.numbers is None or not self.numbers.rounded:
            return None
        if symbol not in self._precise:
            users = self.setup.graph.users[symbol]
            terms = [self._on_edge(symbol, user) * (self.precise(user) or 0.0) for user in users]
            self._precise[symbol] = 1.0 if symbol == self.setup.output else sum(terms)
        return self._precise[symbol]

    def _on_edge(self, start: Symbol, end: Symbol) -> float:
        assert self.numbers is not None
        value = self.edges[start, end].value
        return value_of(value, {s: self.numbers.precise(s) for s in free_symbols(value)})

    def written_out(self, symbol: Symbol) -> Node | None:
        """An adjoint in stored values only, with no other adjoint; None where that is long."""
        value = self.adjoints[symbol].value
        names: dict[Node, Node] = {a.name: a.value for a in self.adjoints.values() if isinstance(a.name, Symbol)}
        while free_symbols(value) & names.keys():
            value = substitute(value, names)
            if size(value) > WRITTEN:
                return None
        steps = simplify(value)
        return end_of(value, steps)


def is_deep(setup: Setup) -> bool:
    """Whether so many formulas stand in one another that the output is not looked at as one expression."""
    return max(setup.graph.depth.values()) > DEEP


def wants_bars(setup: Setup, edges: Edges) -> bool:
    """Whether adjoints need letters of their own: an edge whose name means something else, depth, or long products."""
    if any(not edge.apart for edge in edges.values()) or is_deep(setup):
        return True
    graph = setup.graph
    length = {setup.output: 1}
    for symbol in (*reversed(graph.formulas), *graph.inputs):
        if symbol != setup.output and symbol in setup.concerned:
            length[symbol] = sum(length[u] + size(edges[symbol, u].value) for u in graph.users[symbol])
    return max(length.values()) > WRITTEN


def sweep(setup: Setup, edges: Edges, bars: bool, numbers: Numbers | None, local: Locals) -> Sweep:
    """The sweep to all that depends on what it is asked for; with the numbers of the edges where there are some."""
    made = Sweep(setup, edges, bars, numbers, local, [], {}, {})
    graph = setup.graph
    _start(made)
    for symbol in (*reversed(graph.formulas), *graph.inputs):
        if symbol != setup.output and symbol in setup.concerned:
            _adjoint(made, symbol)
    return made


def adjoint_name(setup: Setup, symbol: Symbol, bars: bool) -> Node:
    """∂e/∂v, or v with a bar (with another accent where that is taken)."""
    if not bars:
        return Derivative(setup.output, symbol, 1, setup.round_d)
    return accented(symbol, "bar", frozenset(setup.graph.names))


def accented(symbol: Symbol, accent: str, taken: frozenset[Symbol]) -> Symbol:
    """The symbol with an accent that makes it a new name."""
    for mark in (accent, *_ACCENTS):
        made = Symbol(symbol.name, symbol.sub, symbol.sup, mark, symbol.font)
        if made not in taken:
            return made
    return Symbol("delta", sub=symbol.plain)


def shortened(node: Node) -> list[Step]:
    """Fractions over one denominator, where that cancels or halves the length: p - y, but not (p - y)/(p - p²)."""
    steps = reduced(node)
    if steps and any(isinstance(n, Quotient) for n in walk(steps[0].after)) and 2 * size(steps[0].after) > size(node):
        return []
    return steps


# --- one adjoint ------------------------------------------------------------------------------------


def _start(made: Sweep) -> None:
    output = made.setup.output
    name = adjoint_name(made.setup, output, made.bars)
    made.adjoints[output] = Adjoint(output, name, ONE)
    made.parts.append(Formula(Relation((name, ONE), ("=",))))
    made.worked[output] = ONE


def _adjoint(made: Sweep, symbol: Symbol) -> None:
    """One node's adjoint from those of its users, in letters and in numbers."""
    outgoing = [made.edges[symbol, user] for user in made.setup.graph.users[symbol]]
    name = adjoint_name(made.setup, symbol, made.bars)
    start, steps = _with_bars(made, outgoing) if made.bars else _with_round_d(made, name, outgoing)
    steps += simplify(end_of(start, steps))
    steps += shortened(end_of(start, steps))
    value = end_of(start, steps)
    made.adjoints[symbol] = Adjoint(symbol, name, value)
    where = _where_bars(made, outgoing) if made.bars else made.definitions
    if not steps:
        made.parts.append(Formula(Relation((name, start), ("=",))))
    _tell(made, symbol, Chain(tuple(steps), name if made.bars else None, where), outgoing)


def _with_round_d(made: Sweep, name: Node, outgoing: list[Edge]) -> tuple[Node, list[Step]]:
    """From the derivative's name to the local derivatives put in: where it starts, and the steps."""
    if [e.end for e in outgoing] == [made.setup.output]:
        edge = outgoing[0]
        return name, [Step(name, edge.value, "local derivative", "The output is computed from it directly.",
                     level=Level.CALCULUS)]
    named = total([_term(made.adjoints[e.end], e) for e in outgoing])
    put = spliced(total([times((made.adjoints[e.end].value, e.value)) for e in outgoing]))
    steps = [Step(name, named, CHAIN_RULE, _reason(outgoing), level=Level.CALCULUS),
             Step(named, put, LOCAL, _PUT, level=Level.ALGEBRA)]
    return name, steps if named != put else steps[:1]


def _term(adjoint: Adjoint, edge: Edge) -> Node:
    """The product for one user; the output's own derivative is 1 and not written."""
    if adjoint.of == edge.end and adjoint.value == ONE:
        return edge.factor
    return Product((adjoint.name, edge.factor))


def _with_bars(made: Sweep, outgoing: list[Edge]) -> tuple[Node, list[Step]]:
    """From the sum over the users to the local derivatives put in."""
    named = spliced(total([Product((made.adjoints[e.end].name, e.factor)) for e in outgoing]))
    ends = [made.adjoints[e.end] for e in outgoing]
    put = spliced(total([times((short(a.name, a.value), e.value)) for a, e in zip(ends, outgoing, strict=True)]))
    return named, [Step(named, put, LOCAL, _PUT, level=Level.ALGEBRA)] if named != put else []


def _where_bars(made: Sweep, outgoing: list[Edge]) -> tuple[Definition, ...]:
    """The users' formulas, and the adjoints that are put in by value."""
    users = [made.adjoints[e.end] for e in outgoing]
    known = [Definition(a.name, (), a.value) for a in users if isinstance(a.name, Symbol) and is_short(a.value)]
    return (*(e.definition for e in outgoing), *known)


_PUT = "The derivatives on the edges and the ones found before."


def _reason(outgoing: list[Edge]) -> str:
    if len(outgoing) == 1:
        return "It acts on the output through one node only."
    return f"It feeds {len(outgoing)} nodes: one term for each of them."


# --- numbers ----------------------------------------------------------------------------------------


def _tell(made: Sweep, symbol: Symbol, chain: Chain, outgoing: list[Edge]) -> None:
    """The chain in letters and its number: while nothing is rounded the numbers are put into the letters, else the
    adjoint's number is made of those before it and of those on the edges.
    """
    numbers, adjoint = made.numbers, made.adjoints[symbol]
    if numbers is None or numeric(adjoint.value) is not None:
        made.parts += [chain] if chain.steps else []
        made.worked[symbol] = adjoint.value
    elif not made.bars and not numbers.rounded:
        steps = numbers.steps(adjoint.value)
        made.worked[symbol] = end_of(adjoint.value, steps)
        inputs = tuple(Definition(s, (), v) for s, v in made.setup.values.items())
        made.parts.append(Chain((*chain.steps, *steps), None, (*chain.where, *inputs)))
    elif not made.bars and [e.end for e in outgoing] == [made.setup.output]:
        found = made.worked[symbol] = made.local[symbol, made.setup.output]
        sign = "=" if number_of(numbers.put_in(adjoint.value)) == numeric(found) else "~="
        step = Step(adjoint.value, found, "put in the numbers", "As on the edge.", sign, Level.ARITHMETIC)
        made.parts.append(Chain((step,), adjoint.name, numbers.where(adjoint.value)))
    else:
        made.parts += [*([chain] if chain.steps else []), _from_numbers(made, numbers, adjoint, outgoing)]


def _from_numbers(made: Sweep, numbers: Numbers, adjoint: Adjoint, outgoing: list[Edge]) -> Part:
    """The sum over the users in numbers."""
    pairs = [(made.worked[e.end], made.local[e.start, e.end], e.end == made.setup.output) for e in outgoing]
    put = total([local if first else Product((above, local)) for above, local, first in pairs])
    steps = numbers.worked(put)
    made.worked[adjoint.of] = end_of(put, steps)
    return Chain(tuple(steps), adjoint.name) if steps else Formula(Relation((adjoint.name, put), ("=",)))
