r"""The local derivatives of a network's quantities, written with what the forward pass stores.

Called by :mod:`derive.kinds._backward_scalar`. The derivative of h = σ(z) by z is h (1 - h): nothing is computed twice.
:data:`IN_VALUES` has a row for each activation whose derivative is shorter in its value; a new one is a row. Where a
function has a kink its derivative is written with the value that programs take there, and :data:`KINKS` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derive.engine import once
from derive.goals import PLAIN, end_of, through
from derive.graph import Graph
from derive.kinds._graph_edges import STORED, Edge, Edges, edges
from derive.pattern import build, pattern
from derive.rules import algebra, forms
from derive.steps import Definition, Level, Step
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Cases,
    Derivative,
    E,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    free_symbols,
    map_children,
    size,
    substitute,
    times,
    unsigned,
    walk,
)

IN_VALUES: Mapping[str, str] = {
    "sigma": r"v (1 - v)",
    "tanh": r"1 - v^2",
    "exp": r"v",
    "tan": r"1 + v^2",
    "swish": r"v + \sigma(u) (1 - v)",
    "elu": r"\begin{cases} 1 & u > 0 \\ v + 1 & u \le 0 \end{cases}",
}
"""The derivative of v = f(u) by u, in v."""

KINKS: Mapping[str, str] = {"relu": "0", "lrelu": "0.01", "max": "0", "min": "0", "abs": "0"}
"""Functions with a kink, and the value that is put in for the derivative there."""


def local_derivatives(graph: Graph, concerned: frozenset[Symbol], round_d: bool) -> Edges:
    """The derivative on every edge from the names that concern us, in stored values.

    DeriveError where no rule differentiates a formula.
    """
    stored = _stored(graph)
    return {ends: _in_stored(graph, edge, stored) for ends, edge in edges(graph, concerned, round_d).items()}


def softmax_of(formula: Node) -> tuple[Symbol, tuple[Symbol, ...]] | None:
    """The own sum and all sums of a softmax written with exponentials; None for another formula."""
    match formula:
        case Quotient(Power(base, Symbol() as own), Sum(terms)) if base == E:
            sums = tuple(t.exponent for t in terms if isinstance(t, Power) and t.base == E)
            names = tuple(s for s in sums if isinstance(s, Symbol))
            return (own, names) if len(names) == len(terms) and own in names else None
    return None


def _stored(graph: Graph) -> dict[Node, Node]:
    """The functions that the forward pass has computed, with the names of their values."""
    return {q.body: q.name for q in graph.quantities
            if isinstance(q.body, Call) or (isinstance(q.body, Power) and q.body.base == E) or softmax_of(q.body)}


def _in_stored(graph: Graph, edge: Edge, stored: Mapping[Node, Node]) -> Edge:
    """The edge with its derivative brought to stored values."""
    formula = graph.formulas[edge.end]
    softmax = softmax_of(formula)
    if softmax is not None:
        return _of_softmax(edge, *softmax, stored)
    written = [s for s in edge.steps if s.rule != STORED]
    value = written[-1].after if written else edge.value
    closed = _closed(value)
    if closed != value:
        written = _with_convention(written, closed)
    else:
        written += one_fraction(closed)
        closed = written[-1].after if written else closed
    target = _target(formula, edge, stored, closed)
    if target != closed:
        reason = "What the forward pass has computed is put in."
        written.append(Step(closed, target, STORED, reason, level=Level.ALGEBRA))
    return replace(edge, value=target, steps=tuple(written))


def _with_convention(steps: list[Step], closed: Node) -> list[Step]:
    """The steps to a derivative by cases, the last of them to the form that has a value at the kink too."""
    while len(steps) > 1 and not any(isinstance(n, Derivative) for n in walk(steps[-1].before)):
        steps = steps[:-1]
    last = steps[-1]
    return [*steps[:-1], Step(last.before, closed, last.rule, _CONVENTION, level=last.level)]


_CONVENTION = "Left and right of the kink; at the kink itself the value is a convention."


def _target(formula: Node, edge: Edge, stored: Mapping[Node, Node], value: Node) -> Node:
    match formula:
        case Call(name, (argument,), 0) if name in IN_VALUES and argument == edge.start:
            made = build(pattern(IN_VALUES[name]), {"u": argument, "v": edge.end})
            return substitute(made, stored)
    return substitute(value, stored)


def _closed(node: Node) -> Node:
    """Derivatives by cases with a value at the kink too: the one of the second case, the factor 0 as an indicator."""
    node = map_children(node, _closed)
    match node:
        case Cases(((first, Relation() as above), (second, Relation(_, (("<" | ">"),)) as below))):
            if second == ZERO:
                return _where(first, above)
            if first == ZERO:
                return _where(second, below)
            return Cases(((first, above), (second, None)))
    return node


def _where(value: Node, condition: Relation) -> Node:
    """A value that is only there where a condition holds."""
    indicator = Call("indicator", (condition,))
    match value:
        case Negative(operand):
            return Negative(times([f for f in (operand, indicator) if f != ONE]))
    return times([f for f in (value, indicator) if f != ONE])


# --- fractions -------------------------------------------------------------------------------------------


def one_fraction(node: Node) -> list[Step]:
    """Several fractions with letters below as one, its numerator multiplied out: (p - y)/(p (1 - p))."""
    if not isinstance(node, Sum) or sum(is_fraction(t) for t in node.terms) < 2:
        return []
    step = once(node, forms.COMMON_DENOMINATOR)
    if step is None or not isinstance(step.after, Quotient):
        return []
    fraction = step.after
    top = end_of(fraction.numerator, through(fraction.numerator, (*PLAIN, algebra.EXPAND)))
    short = Quotient(top, fraction.denominator)
    if size(short) > size(node):
        return []
    return [step, Step(fraction, short, "multiply out", "In the numerator.")] if short != fraction else [step]


def is_fraction(term: Node) -> bool:
    inner = unsigned(term)
    return isinstance(inner, Quotient) and bool(free_symbols(inner.denominator))


# --- softmax ----------------------------------------------------------------------------------------


def _of_softmax(edge: Edge, own: Symbol, sums: tuple[Symbol, ...], stored: Mapping[Node, Node]) -> Edge:
    r"""∂p_k/∂z_j = p_k ([k = j] - p_j), from the quotient rule."""
    below = Sum(tuple(Power(E, s) for s in sums))
    top, by = Power(E, own), Power(E, edge.start)
    same = own == edge.start
    start = Derivative(Quotient(top, below), edge.start, 1, edge.name.partial)
    first: Node = Product((top, below)) if same else ZERO
    ruled = Quotient(Sum((first, Negative(Product((top, by))))) if same else Negative(Product((top, by))),
                     Power(below, TWO))
    whole, other = Quotient(top, below), Quotient(by, below)
    apart: Node = Sum((whole, Negative(Power(whole, TWO)))) if same else Negative(Product((whole, other)))
    named = substitute(apart, stored)
    steps = [Step(start, ruled, "quotient rule", "The denominator depends on every sum.", level=Level.CALCULUS),
             Step(ruled, apart, "split the fraction", "Each exponential gets its own denominator.")]
    if named != apart:
        steps.append(Step(apart, named, STORED, "The fractions are the outputs of the softmax."))
    p = stored.get(whole)
    if same and p is not None:
        factored = Product((p, Sum((ONE, Negative(p)))))
        steps.append(Step(named, factored, "factor", "The output stands in both terms.", level=Level.ARITHMETIC))
        named = factored
    return replace(edge, value=named, steps=tuple(steps))


def known_kinks(graph: Graph) -> list[tuple[Definition, str]]:
    """The quantities whose formula applies a function with a kink, and that function."""
    return [(q, call.name) for q in graph.quantities
            for call in dict.fromkeys(n for n in walk(q.body) if isinstance(n, Call) and n.name in KINKS)]
