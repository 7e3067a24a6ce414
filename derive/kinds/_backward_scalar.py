r"""The reverse sweep through named quantities, number by number: one adjoint for every weighted sum, reused.

Called by the backpropagation kind, by fits and by training for networks given unit by unit. ``backward`` starts at the
output; an adjoint is the sum over the users of a quantity. Those of the weighted sums get the letter δ, and everything
before is written with it; those of a unit's output are put into the one of its sum and get no line of their own. So
every line is as long as a unit has inputs and users, whatever the depth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from derive.backward import Backward, Found
from derive.engine import spliced
from derive.errors import DeriveError
from derive.goals import PLAIN, end_of, simplify, through
from derive.graph import Graph
from derive.kinds._backprop_locals import is_fraction, local_derivatives, one_fraction
from derive.kinds._graph_edges import Edge, Edges
from derive.kinds._graph_reverse import CHAIN_RULE, LOCAL, shortened
from derive.rules import algebra
from derive.rules.monomials import Monomial, build, join, split, terms_of
from derive.steps import Level, Step
from derive.tree import (
    ONE,
    Derivative,
    Negative,
    Node,
    Product,
    Symbol,
    free_symbols,
    map_children,
    numeric,
    size,
    substitute,
    times,
    total,
    unsigned,
    walk,
)

SHORT = 16  # parts of an adjoint that is put in by its value; a longer one that is used twice gets a letter
LETTERS = ("delta", "epsilon", "eta", "zeta")
ADD_UP = "the targets add up to 1"
LIKEWISE = "in the same way"


def backward(
    graph: Graph, output: Symbol, by: Sequence[Symbol], letters: Mapping[Symbol, Symbol] | None = None,
    ones: Sequence[Symbol] = (),
) -> Backward:
    """The derivatives of ``output`` by the names in ``by``, the output's neighbours first.

    ``letters`` name the adjoints of some quantities; by default those computed from inputs directly, as weighted sums
    are, get a δ with their own indices. ``ones`` are inputs that are known to add up to 1, the targets of a softmax.
    DeriveError for a name that the output does not depend on, and where no rule differentiates a formula.
    """
    return with_edges(graph, output, by, letters, ones)[0]


def with_edges(
    graph: Graph, output: Symbol, by: Sequence[Symbol], letters: Mapping[Symbol, Symbol] | None = None,
    ones: Sequence[Symbol] = (),
) -> tuple[Backward, Edges]:
    """What :func:`backward` finds, and the local derivatives that it is made of."""
    reaching = graph.reaching(output)
    if missing := [s for s in by if s not in reaching or s == output]:
        raise DeriveError(f"{output.plain} does not depend on {missing[0].plain}")
    wanted = frozenset(by)
    useful = frozenset(s for s in graph.names if s in reaching and not wanted.isdisjoint(graph.reaching(s)))
    round_d = len(graph.inputs) > 1
    edges = {ends: e for ends, e in local_derivatives(graph, useful, round_d).items() if ends[1] in reaching}
    named = letters if letters is not None else _deltas(graph, output, edges)
    made = _Sweep(graph, output, tuple(by), useful, edges, named, round_d, tuple(ones))
    for symbol in _outside_in(graph, output, useful):
        if not made.is_inner(symbol):
            made.add(symbol)
    return Backward(graph, output, tuple(made.found.values()), tuple(dict.fromkeys(by))), edges


def _outside_in(graph: Graph, output: Symbol, useful: frozenset[Symbol]) -> list[Symbol]:
    """The names by their longest way to the output; at the same distance inputs first, in the order of the graph."""
    height = {output: 0}
    for name in (*reversed(graph.formulas), *graph.inputs):
        if name in useful and name != output:
            height[name] = 1 + max(height[u] for u in graph.users[name] if u in height)
    place = {name: (name in graph.formulas, k) for k, name in enumerate(graph.names)}
    return sorted((s for s in height if s != output), key=lambda s: (height[s], place[s]))


# --- letters ----------------------------------------------------------------------------------------


def _deltas(graph: Graph, output: Symbol, edges: Edges) -> dict[Symbol, Symbol]:
    """A δ for every quantity in whose formula an input stands, but for the terms of the output."""
    used, inputs = {start for start, _ in edges}, set(graph.inputs)
    sums = [q.name for q in graph.quantities if q.name in used and inputs.intersection(graph.arguments[q.name])
            and not _is_term(graph, output, edges, q.name)]
    return delta_letters(graph, sums)


def _is_term(graph: Graph, output: Symbol, edges: Edges, name: Symbol) -> bool:
    """Whether the output is a sum with the quantity as a term, so that its adjoint is a number."""
    return graph.users[name] == (output,) and numeric(edges[name, output].value) is not None


def delta_letters(graph: Graph, sums: Sequence[Symbol]) -> dict[Symbol, Symbol]:
    """δ with the marks of each name; where two would be the same, with the layer above or the name below."""
    taken = {s.name for s in graph.names}
    letter = next((c for c in LETTERS if c not in taken), "Delta")
    layer = {d: k for k, d in enumerate(sorted({graph.depth[s] for s in sums}), 1)}

    def own(s: Symbol) -> Symbol:
        return Symbol(letter, s.sub, s.sup)

    def layered(s: Symbol) -> Symbol:
        return Symbol(letter, s.sub, f"({layer[graph.depth[s]]})")

    def spelled(s: Symbol) -> Symbol:
        return Symbol(letter, "".join(c for c in s.plain if c.isalnum()))

    for make in (own, layered):
        made = {s: make(s) for s in sums}
        if max(Counter(made.values()).values(), default=1) == 1:
            return made
    return {s: spelled(s) for s in sums}


# --- the sweep --------------------------------------------------------------------------------------


@dataclass
class _Sweep:
    graph: Graph
    output: Symbol
    asked: tuple[Symbol, ...]
    useful: frozenset[Symbol]
    edges: Edges
    letters: Mapping[Symbol, Symbol]
    round_d: bool
    ones: tuple[Symbol, ...]
    found: dict[Symbol, Found] = field(default_factory=dict)

    def name(self, symbol: Symbol) -> Derivative:
        """∂L/∂v."""
        return Derivative(self.output, symbol, 1, self.round_d)

    def outgoing(self, symbol: Symbol) -> list[Edge]:
        """The edges to the users that count."""
        return [self.edges[symbol, u] for u in self.graph.users[symbol] if (symbol, u) in self.edges]

    def is_inner(self, symbol: Symbol) -> bool:
        """Whether a quantity is a step inside one other adjoint: a unit's output between its sum and its users."""
        if symbol in self.letters or symbol in self.asked or symbol not in self.graph.formulas:
            return False
        used = [a for a in self.graph.arguments[symbol] if a in self.useful]
        return len(used) == 1 and self.output not in self.graph.users[symbol]

    def add(self, symbol: Symbol) -> None:
        """The adjoint of one name from those of its users."""
        name, outgoing = self.name(symbol), self.outgoing(symbol)
        steps = self._direct(name, outgoing[0]) if self._is_direct(outgoing) else self._by_chain_rule(name, outgoing)
        value = end_of(name, steps)
        letter = self.letters.get(symbol) if numeric(value) is None else None
        if letter is None and symbol in self.graph.formulas and size(value) > SHORT and self._uses(symbol) > 1:
            letter = Symbol("delta", "".join(c for c in symbol.plain if c.isalnum()))
        self.found[symbol] = Found(symbol, name, letter, value, tuple(steps))

    def _uses(self, symbol: Symbol) -> int:
        return sum(1 for a in self.graph.arguments[symbol] if a in self.useful)

    def _is_direct(self, outgoing: list[Edge]) -> bool:
        return [e.end for e in outgoing] == [self.output]

    def _direct(self, name: Node, edge: Edge) -> list[Step]:
        """The derivative of the output's own formula."""
        start = edge.steps[0].before
        if len(edge.steps) == 1:
            only = edge.steps[0]
            steps = [Step(name, only.after, only.rule, only.reason, level=Level.CALCULUS)]
        else:
            steps = [Step(name, start, "put in the formula", "The output is computed from it directly."), *edge.steps]
            if self._likewise(edge):
                steps = [Step(name, edge.value, LIKEWISE, level=Level.CALCULUS, steps=tuple(steps))]
        return steps + one_fraction(end_of(name, steps))

    def _likewise(self, edge: Edge) -> bool:
        """Whether the output has been differentiated by another name before, by the same rules."""
        start, rules = edge.steps[0].before, _rules(edge.steps)
        assert isinstance(start, Derivative)
        return any(isinstance(before := f.steps[0].after, Derivative) and before.body == start.body
                   and rules <= _rules(f.steps) for f in self.found.values() if len(f.steps) > 1)

    def _by_chain_rule(self, name: Node, outgoing: list[Edge]) -> list[Step]:
        named = self._over_users(outgoing)
        steps = [Step(name, named, CHAIN_RULE, _reason(outgoing), level=Level.CALCULUS)]
        known: dict[Node, Node] = {e.name: e.value for e in outgoing if e.apart}
        inner = [e.end for e in outgoing if self._is_open(e.end)]
        while inner:
            further = {u: self.outgoing(u) for u in dict.fromkeys(inner)}
            opened = spliced(substitute(named, {self.name(u): self._over_users(e) for u, e in further.items()}))
            several = max(further.values(), key=len)
            steps.append(Step(named, opened, CHAIN_RULE, _reason(several), level=Level.CALCULUS))
            known |= {e.name: e.value for es in further.values() for e in es if e.apart}
            inner = [e.end for es in further.values() for e in es if self._is_open(e.end)]
            named = opened
        known |= {f.name: f.value for f in self.found.values() if f.letter is None}
        put = _tidy(substitute(named, known))
        if put != named:
            steps.append(Step(named, put, LOCAL, _PUT, level=Level.ALGEBRA))
        return steps + self._simple(put)

    def _is_open(self, symbol: Symbol) -> bool:
        return symbol != self.output and symbol not in self.found

    def _over_users(self, outgoing: list[Edge]) -> Node:
        """The sum over the users of their adjoint times the local derivative."""
        return spliced(total([self._term(e) for e in outgoing]))

    def _term(self, edge: Edge) -> Node:
        if edge.end == self.output:
            return edge.factor
        found = self.found.get(edge.end)
        adjoint = self.name(edge.end) if found is None or found.letter is None else found.letter
        return Product((adjoint, edge.factor))

    def _simple(self, node: Node) -> list[Step]:
        return simpler(node, self.ones)


def simpler(node: Node, ones: Sequence[Symbol] = ()) -> list[Step]:
    """Numbers, fractions and brackets simplified where that shortens; else the factors stay in their order."""
    steps = simplify(node)
    if any(is_fraction(part) for part in walk(node)):
        steps += shortened(end_of(node, steps))
    steps += _added_up(end_of(node, steps), ones)
    return steps if size(end_of(node, steps)) < size(node) else []


_PUT = "The local derivatives and what was found before."


def _rules(steps: Iterable[Step]) -> set[str]:
    """The names of the rules of some lines, those of one line taken apart."""
    return {rule for step in steps for rule in step.rule.split(", ")}


def _reason(outgoing: list[Edge]) -> str:
    if len(outgoing) == 1:
        return "It acts on the output through one quantity only."
    return f"It feeds {len(outgoing)} quantities: one term for each of them."


def _tidy(node: Node) -> Node:
    """Products without their ones, minus signs in front, sums and products without inner brackets."""
    return spliced(_without_ones(spliced(node)))


def _without_ones(node: Node) -> Node:
    node = map_children(node, _without_ones)
    if not isinstance(node, Product):
        return node
    negative = sum(isinstance(f, Negative) for f in node.factors) % 2
    kept = [unsigned(f) for f in node.factors]
    made = times([f for f in kept if f != ONE])
    return Negative(made) if negative else made


# --- forms ------------------------------------------------------------------------------------------


def _added_up(node: Node, ones: Sequence[Symbol]) -> list[Step]:
    """p y_1 + p y_2 - y_1 as p (y_1 + y_2) - y_1, and the bracket as 1."""
    if len(ones) < 2 or not set(ones) <= free_symbols(node):
        return []
    expanded = through(node, (*PLAIN, algebra.EXPAND))
    terms = [split(t) for t in terms_of(end_of(node, expanded))]
    common = _common(terms, ones)
    if common is None:
        return []
    shared = {(common.coefficient, common.times(Monomial(powers={y: _EXPONENT})).key()) for y in ones}
    rest = [build(t) for t in terms if (t.coefficient, t.key()) not in shared]
    bracket = Product((build(common), total(list(ones))))
    collected = total([bracket, *rest])
    after = join([build(common), *rest])
    return [*expanded, Step(end_of(node, expanded), collected, "factor out", "The sum of the targets."),
            Step(collected, after, ADD_UP, "They are probabilities.")]


_EXPONENT = split(Symbol("u")).powers[Symbol("u")]


def _common(terms: Sequence[Monomial], ones: Sequence[Symbol]) -> Monomial | None:
    """What stands before every one of the targets; None where nothing does."""
    known = {(t.coefficient, t.key()) for t in terms}
    for term in terms:
        if term.powers.get(ones[0]) == 1:
            rest = term.times(Monomial(powers={ones[0]: _EXPONENT}), -1)
            wanted = {(rest.coefficient, rest.times(Monomial(powers={y: _EXPONENT})).key()) for y in ones}
            if rest.powers and wanted <= known:
                return rest
    return None
