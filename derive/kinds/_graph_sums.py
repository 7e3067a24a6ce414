"""The other ways to the same derivatives: the sum over all paths, forward mode, the whole formula at once.

Called by the computational-graph kind after the reverse sweep, whose results these confirm.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from derive.engine import spliced
from derive.errors import LimitError
from derive.goals import derivative, end_of, shape, simplify, undifferentiated
from derive.graph import Path
from derive.kinds._graph_edges import Edges, Locals, is_short, short
from derive.kinds._graph_given import Setup
from derive.kinds._graph_reverse import Sweep, accented, is_deep, shortened
from derive.kinds._graph_values import Numbers
from derive.kinds._partials import plain_name
from derive.numeric.value import value_of
from derive.steps import Chain, Definition, Formula, Heading, Level, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import (
    ONE,
    Call,
    Derivative,
    Node,
    Product,
    Relation,
    Symbol,
    children,
    free_symbols,
    size,
    substitute,
    times,
    total,
    walk,
)
from derive.write.numbers import approximate
from derive.write.text import text

AT_ONCE = 60  # parts of the whole formula; a longer one is not differentiated in one go
NESTED = 2  # functions inside one another in it: the derivative of nested layers is long, and nobody needs it
STEP = 1e-5  # of a central difference, whose error is of the order of its square
APART = 2  # inputs by which the whole is differentiated line by line; for more, each is one line
LONGER = 6  # parts by which a result in the inputs may be longer than in stored values
SUMMED = 90  # parts of a sum over paths that is written as one line

# --- paths ------------------------------------------------------------------------------------------


def paths(swept: Sweep, local: Locals) -> list[Part]:
    """Every path from the asked names to the output with its product, and the sums where there are several."""
    setup = swept.setup
    try:
        found = {s: setup.graph.paths(s, setup.output) for s in setup.by}
    except LimitError as error:
        words = f"The paths are not listed: {error.message}. The sweep needs one product for each edge, "
        return [Heading(("Paths",)), Paragraph((words + f"{len(swept.edges)} in all.",))]
    header: tuple[Prose, ...] = (("from",), ("path",), ("product of the edges",), *([("number",)] * bool(local)))
    rows = [_row(swept, local, path) for listed in found.values() for path in listed]
    words = "A derivative is the sum, over all paths to the output, of the product of the derivatives on their edges."
    parts: list[Part] = [Heading(("Paths",)), Paragraph((words,)),
                         Table(header, tuple(rows), ("All paths to the output.",))]
    for symbol, listed in found.items():
        if len(listed) > 1 and not is_deep(setup):
            parts += _summed(swept, local, symbol, listed)
    return parts


def _row(swept: Sweep, local: Locals, path: Path) -> tuple[Prose, ...]:
    """One path: where it starts, its nodes, the product, the number."""
    pairs = list(pairwise(path))
    product = spliced(times([swept.edges[pair].value for pair in reversed(pairs)]))
    row: tuple[Prose, ...] = ((path[0],), (Relation(path, ("->",) * len(pairs)),) if pairs else ("itself",), (product,))
    if not local:
        return row
    assert swept.numbers is not None
    put = times([local[pair] for pair in reversed(pairs)])
    return (*row, (end_of(put, swept.numbers.worked(put)),))


def _summed(swept: Sweep, local: Locals, symbol: Symbol, listed: Sequence[Path]) -> list[Part]:
    """The sum over the paths, in numbers where these are exact, else up to the result of the sweep in letters."""
    name = Derivative(swept.setup.output, symbol, 1, swept.setup.round_d)
    edges = [[swept.edges[pair] for pair in reversed(list(pairwise(path)))] for path in listed]
    named = total([times([e.factor for e in row]) for row in edges])
    if size(named) > SUMMED:
        return []
    steps = [Step(name, named, "sum over the paths", f"{len(listed)} paths lead to the output.", level=Level.CALCULUS)]
    numbers, result = swept.numbers, swept.written_out(symbol)
    if numbers is not None and not numbers.rounded:
        put = total([times([local[e.start, e.end] for e in row]) for row in edges])
        steps += [Step(named, put, "put in the numbers", "Those on the edges.", level=Level.ARITHMETIC)]
        inputs = tuple(Definition(s, (), v) for s, v in swept.setup.values.items())
        return [Chain((*steps, *numbers.worked(put)), None, (*swept.definitions, *inputs))]
    put = spliced(total([times([e.value for e in row]) for row in edges]))
    if result is None or size(put) > SUMMED:
        return []
    if put != named:
        steps.append(Step(named, put, "put in the local derivatives", "Those on the edges.", level=Level.ALGEBRA))
    return [Chain((*steps, *arrived(put, result)), None, swept.definitions)]


def arrived(node: Node, target: Node) -> list[Step]:
    """Steps from an expression to one that is known to be equal: simplified, else in one step that says so."""
    steps = simplify(node)
    steps += shortened(end_of(node, steps))
    end = end_of(node, steps)
    if end == target:
        return steps
    if shape(end) == shape(target):
        return [*steps, Step(end, target, "reorder", "Terms and factors may change places.", level=Level.ARITHMETIC)]
    return [*steps, Step(end, target, "equal", "The same in another form; the equality itself is verified.")]


# --- forward mode -----------------------------------------------------------------------------------


def forward_mode(setup: Setup, edges: Edges, numbers: Numbers | None) -> tuple[list[Part], list[Result]]:
    """A pass for each asked name: how fast every node changes with it."""
    words = ("From the inputs to the output: beside its value, each node gets its derivative by one input, with a dot: "
             "the sum, over its arguments, of the derivative on the edge times theirs. A pass serves one input.")
    parts: list[Part] = [Heading(("Forward mode",)), Paragraph((words,))]
    results: list[Result] = []
    for seed in setup.by:
        more, found = _pass(setup, edges, numbers, seed)
        parts, results = parts + more, results + found
    return parts, results


def _pass(
    setup: Setup, edges: Edges, numbers: Numbers | None, seed: Symbol
) -> tuple[list[Part], list[Result]]:
    graph = setup.graph
    taken = frozenset(graph.names)
    tangents: dict[Symbol, tuple[Symbol, Node]] = {seed: (accented(seed, "dot", taken), ONE)}
    worked = None
    if numbers is not None:
        worked = numbers.copy()
        worked.keep(tangents[seed][0], ONE, ONE, ())
    parts: list[Part] = [Paragraph(("By ", seed, ":")), Formula(Relation(tangents[seed], ("=",)))]
    for q in graph.quantities:
        incoming = [edges[a, q.name] for a in graph.arguments[q.name] if a in tangents]
        if not incoming or q.name == seed:
            continue
        name = accented(q.name, "dot", taken)
        named = spliced(total([Product((e.factor, tangents[e.start][0])) for e in incoming]))
        put = spliced(total([_product(e.value, short(*tangents[e.start])) for e in incoming]))
        known = tuple(Definition(*_defined(*tangents[e.start])) for e in incoming if is_short(tangents[e.start][1]))
        steps = [Step(named, put, "put in the local derivatives", "Those on the edges.", level=Level.ALGEBRA)]
        steps = steps + simplify(put) if named != put else simplify(put)
        value = end_of(named, steps)
        tangents[q.name] = name, value
        where = (q, *known)
        parts.append(Chain(tuple(steps), name, where) if steps else Formula(Relation((name, named), ("=",))))
        if worked is not None and free_symbols(value):
            parts.append(worked.derive(name, value))
        elif worked is not None:
            worked.keep(name, value, value, ())
    name, value = tangents[setup.output]
    label = Derivative(setup.output, seed, 1, setup.round_d)
    results = [] if worked is None else [numeric_result(setup, seed, worked.values[name], worked.precise(name))]
    closed = _unfolded(value, tangents)
    return parts, [*([Result(plain_name(label), closed, label)] if closed is not None else []), *results]


def _product(*factors: Node) -> Node:
    """A product without its ones."""
    return times([f for f in factors if f != ONE])


def _defined(name: Symbol, value: Node) -> tuple[Symbol, tuple[Symbol, ...], Node]:
    return name, (), value


def _unfolded(value: Node, tangents: dict[Symbol, tuple[Symbol, Node]]) -> Node | None:
    """A tangent in stored values only; None where that is long."""
    names: dict[Node, Node] = dict(tangents.values())
    while free_symbols(value) & names.keys():
        value = substitute(value, names)
        if size(value) > AT_ONCE:
            return None
    return end_of(value, simplify(value))


def numeric_result(
    setup: Setup, symbol: Symbol, value: Node, precise: float | None, shown: bool = True
) -> Result:
    """The number of a derivative at the given values of the inputs."""
    label = Derivative(setup.output, symbol, 1, setup.round_d)
    point = f"({', '.join(map(text, setup.values.values()))})"
    return Result(f"{plain_name(label)} at {point}", value, label, shown, precise)


# --- the whole at once ------------------------------------------------------------------------------


def at_once(swept: Sweep) -> tuple[list[Part], dict[Symbol, Node]]:
    """The output with every formula put in, differentiated by the rules, beside the result of the sweep.

    Also the derivatives in the inputs alone, where they are about as short as in stored values. A long formula is not
    written out: with numbers, central differences are compared instead.
    """
    setup = swept.setup
    whole, by = closed_form(setup), [s for s in setup.by if s in setup.graph.inputs]
    if not by:
        return [], {}
    if whole is None or _nested(whole) > NESTED or is_deep(setup):
        return _differences(swept, by), {}
    body = setup.graph.formulas[setup.output]
    parts: list[Part] = [Heading(("The same without the graph",)),
                         Paragraph(("Every formula is put into the next one, and the whole is differentiated.",))]
    if whole != body:
        step = Step(body, whole, "put in the nodes", "Each node is replaced by its formula.")
        parts.append(Chain((step,), setup.output, swept.definitions))
    closed: dict[Symbol, Node] = {}
    for symbol in by:
        start = Derivative(whole, symbol, 1, setup.round_d)
        steps = derivative(start)
        direct = end_of(start, steps)
        if undifferentiated(direct):
            continue
        if len(by) > APART:
            steps = [Step(start, direct, "differentiate", "By the rules, one after the other.", level=Level.CALCULUS,
                          steps=tuple(steps))]
        parts += _compared(swept, symbol, steps, direct)
        stored = swept.written_out(symbol)
        if stored is not None and size(direct) <= size(stored) + LONGER and _is_algebraic(direct):
            closed[symbol] = direct
    return parts, closed


def _nested(node: Node) -> int:
    """How many functions stand inside one another."""
    return isinstance(node, Call) + max(map(_nested, children(node)), default=0)


def _differences(swept: Sweep, by: Sequence[Symbol]) -> list[Part]:
    """A check by numbers of what is too long to be written as one formula; nothing without numbers."""
    if swept.numbers is None:
        return []
    setup = swept.setup
    words: Prose = ("Written as one formula the output is long. Instead its change is compared: ", setup.output,
                    f" at values {STEP:g} above and below, divided by the distance.")
    header: tuple[Prose, ...] = (("by",), ("reverse sweep",), ("central difference",))
    rows: list[tuple[Prose, ...]] = []
    for symbol in by:
        high, low = (_output_at(swept, symbol, step) for step in (STEP, -STEP))
        rows.append(((symbol,), (swept.worked[symbol],), (approximate((high - low) / (2 * STEP), 5),)))
    return [Heading(("The same by differences",)), Paragraph(words),
            Table(header, tuple(rows), ("Derivatives of the sweep and central differences.",))]


def _output_at(swept: Sweep, symbol: Symbol, step: float) -> float:
    """The output in double precision with one input changed."""
    values = {s: value_of(v) + step * (s == symbol) for s, v in swept.setup.values.items()}
    for q in swept.setup.graph.quantities:
        values[q.name] = value_of(q.body, values)
    return values[swept.setup.output]


def _is_algebraic(node: Node) -> bool:
    """Whether no function is applied in an expression, so that stored values shorten nothing much."""
    return not any(isinstance(n, Call) for n in walk(node))


def closed_form(setup: Setup) -> Node | None:
    """The output in the inputs alone; None where that is long."""
    values: dict[Node, Node] = {}
    for q in setup.graph.quantities:
        values[q.name] = substitute(q.body, values)
        if size(values[q.name]) > AT_ONCE:
            return None
    return spliced(values[setup.output])


def _compared(swept: Sweep, symbol: Symbol, steps: Sequence[Step], direct: Node) -> list[Part]:
    """The derivative of the whole by one input, and that the sweep's result is the same."""
    setup = swept.setup
    name = Derivative(setup.output, symbol, 1, setup.round_d)
    parts: list[Part] = [Chain(tuple(steps), name, swept.definitions)]
    stored = swept.written_out(symbol)
    if stored is None:
        return parts
    if stored == direct:
        return [*parts, Paragraph(("This is what the sweep gave.",))]
    put = _in_inputs(setup, stored)
    first = [Step(stored, put, "put in the nodes", "Each node is replaced by its formula.")] if put != stored else []
    return [*parts, Paragraph(("The sweep gave the same:",)),
            Chain((*first, *arrived(put, direct)), None, swept.definitions)]


def _in_inputs(setup: Setup, node: Node) -> Node:
    formulas: dict[Node, Node] = {q.name: q.body for q in setup.graph.quantities}
    while free_symbols(node) & setup.graph.formulas.keys():
        node = spliced(substitute(node, formulas))
    return node
