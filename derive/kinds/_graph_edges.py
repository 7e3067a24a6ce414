r"""The local derivative on every edge of a computational graph, by the rules, written with stored values.

An edge leads from an argument to the quantity that is computed from it; its derivative is that of the quantity's
formula with all other arguments held fixed, whatever these depend on. Where the derivative contains the formula itself
the quantity's name is put there: h (1 - h) for the derivative of h = σ(z).
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.errors import DeriveError, MathError
from derive.goals import derivative, end_of, undifferentiated
from derive.graph import Graph
from derive.kinds._graph_values import Numbers
from derive.steps import Chain, Definition, Level, Part, Step
from derive.tree import Derivative, Node, Number, Symbol, free_symbols, numeric, substitute, unsigned
from derive.write.text import text

STORED = "stored value"


@dataclass(frozen=True)
class Edge:
    """From ``start`` to ``end``: the derivative's name, what it is in stored values, and the steps to that.

    ``apart`` is False where the end depends on the start along another path too, so that the name alone would mean
    the derivative along both.
    """

    start: Symbol
    end: Symbol
    name: Derivative
    value: Node
    steps: tuple[Step, ...]
    definition: Definition
    apart: bool

    @property
    def factor(self) -> Node:
        """What stands for the edge in a product: its name, or the value where the name is ambiguous."""
        return self.name if self.apart else self.value

    @property
    def chain(self) -> Chain:
        """The derivation; the arguments are variables in it, the quantity's own name stands for its formula."""
        left = self.name if self.apart else None
        return Chain(self.steps, left, (self.definition,))


Ends = tuple[Symbol, Symbol]
Edges = dict[Ends, Edge]
Locals = dict[Ends, Node]
"""The numbers on the edges."""


def edges(graph: Graph, concerned: frozenset[Symbol], round_d: bool) -> Edges:
    """The edges from the names that concern us, in the order of the quantities and of the arguments in their formulas.

    DeriveError where no rule differentiates a formula.
    """
    return {
        (argument, q.name): _edge(graph, q, argument, round_d)
        for q in graph.quantities for argument in graph.arguments[q.name] if argument in concerned
    }  # fmt: skip


def _edge(graph: Graph, quantity: Definition, argument: Symbol, round_d: bool) -> Edge:
    start = Derivative(quantity.body, argument, 1, round_d)
    steps = _told(start, derivative(start))
    value = end_of(start, steps)
    if undifferentiated(value):
        raise DeriveError(f"no rule differentiates a part of {quantity.name.plain} = {text(quantity.body)}",
                          "write the part with known functions")
    stored = substitute(value, {quantity.body: quantity.name})
    if stored != value:
        reason = "The formula in it is the quantity itself, which is known from the forward pass."
        steps.append(Step(value, stored, STORED, reason, level=Level.ALGEBRA))
    name = Derivative(quantity.name, argument, 1, round_d)
    others = (a for a in graph.arguments[quantity.name] if a != argument)
    apart = not any(argument in graph.reaching(other) for other in others)
    return Edge(argument, quantity.name, name, stored, tuple(steps), quantity, apart)


def _told(start: Derivative, steps: list[Step]) -> list[Step]:
    """Many lines to a number or a letter as one, with what they consist of inside: nobody writes out D(a + b) = 1."""
    end = end_of(start, steps)
    if len(steps) < 2 or not isinstance(end, Number | Symbol):
        return steps
    return [Step(start, end, steps[0].rule, steps[0].reason, level=Level.CALCULUS, steps=tuple(steps))]


def short(name: Node, value: Node) -> Node:
    """What stands for a derivative in the next one: a number or a letter for itself, anything else its name."""
    return value if is_short(value) else name


def is_short(node: Node) -> bool:
    """Whether an expression is a number or a letter, up to its sign."""
    return isinstance(unsigned(node), Number | Symbol)


def edge_parts(edge: Edge, numbers: Numbers | None) -> tuple[list[Part], Node | None]:
    """The chain to the derivative on an edge and on to its number where there are numbers; and the number.

    A rounded value of the quantity itself stands on a chain of its own: there its name stands for the number, not for
    the formula. MathError, naming the derivative, where it has no value.
    """
    if numbers is None or numeric(edge.value) is not None:
        return [edge.chain], edge.value if numbers is not None else None
    try:
        steps = numbers.steps(edge.value)
    except MathError as error:
        kink = "the function has a kink there; choose other values" if "case" in error.message else error.hint
        raise MathError(f"{text(edge.name)} has no value: {error.message}", kink) from error
    found, where = end_of(edge.value, steps), numbers.where(edge.value)
    if edge.apart and not (numbers.rounded and edge.end in free_symbols(edge.value)):
        return [Chain((*edge.steps, *steps), edge.name, (edge.definition, *where))], found
    left = edge.name if edge.apart else edge.steps[0].before
    return [edge.chain, Chain(tuple(steps), left, where)], found
