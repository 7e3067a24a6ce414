r"""Computational graphs: forward values, the derivative on every edge, the reverse sweep, paths, and a check.

What is given is checked in :mod:`derive.kinds._graph_given`; the numbers are put in by
:mod:`derive.kinds._graph_values`; :mod:`derive.kinds._graph_edges` derives the local derivatives,
:mod:`derive.kinds._graph_reverse` sweeps back, :mod:`derive.kinds._graph_sums` lists the paths, sweeps forward and
differentiates the whole at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derive.errors import about
from derive.kinds._graph_edges import Edges, Locals, edge_parts, edges
from derive.kinds._graph_given import Setup, setup
from derive.kinds._graph_reverse import Sweep, sweep, wants_bars
from derive.kinds._graph_sums import at_once, forward_mode, numeric_result, paths
from derive.kinds._graph_values import Numbers
from derive.kinds._partials import plain_name
from derive.problem import Field, Problem
from derive.steps import Context, Derivation, Figure, Heading, Paragraph, Part, Prose, Result, Table
from derive.tree import Derivative, Node, Relation, Symbol

SUMMARY = "computational graph: values, local derivatives, reverse and forward mode, paths"

FIELDS = (
    Field("nodes", "formulas", "the nodes, each a formula in inputs and other nodes", default=(),
          example="['c = a + b', 'd = b + 1', 'g = c d']"),
    Field("expression", "function", "one formula instead of the nodes; it is split into its operations",
          example=r"'g(a, b) = (a + b)(b + 1)'"),
    Field("values", "any", "a number for each input; none for letters only", example="{a = 2, b = 1}"),
    Field("output", "symbol", "the node that is differentiated; the last one when not given", example="'g'"),
    Field("by", "symbols", "the inputs or nodes by which it is differentiated; all inputs when not given", default=(),
          example="['a', 'b']"),
    Field("mode", "choice", "in which direction the derivatives are accumulated", default="reverse",
          choices=("reverse", "forward", "both"), example='"both"'),
    Field("notation", "choice", "how the derivative of the output by a node is written; by default as the graph asks",
          choices=("derivative", "bar"), example='"bar"'),
    Field("paths", "boolean", "whether to list the paths with their products", default=True, example="true"),
    Field("check", "boolean", "whether to differentiate the whole formula at once too", default=True, example="true"),
    Field("figure", "boolean", "whether to draw the graph", default=True, example="true"),
)
STARTER = ("nodes", "values")


def solve(problem: Problem) -> Derivation:
    """Forward values, local derivatives, the sweeps, the paths and the check.

    DeriveError for what is no graph (see :func:`derive.kinds._graph_given.setup`); MathError, naming the node, where
    a value or a derivative does not exist.
    """
    given = setup(problem.given)
    numbers = Numbers(given.values) if given.values else None
    parts = _described(given)
    with about("values"):
        if numbers is not None:
            parts += _forward(given, numbers)
        results = _values(given, numbers)
    with about("nodes"):
        made = edges(given.graph, given.concerned, given.round_d)
    with about("values"):
        more, local = _local(made, numbers)
    parts += more
    results += _edge_results(made, local)
    notation = problem.given["notation"]
    bars = wants_bars(given, made) if notation is None else notation == "bar"
    mode = problem.given["mode"]
    if mode in ("reverse", "both"):
        swept = sweep(given, made, bars, numbers, local)
        parts += _reverse(swept)
        if problem.given["figure"]:
            parts.append(_figure(given, made, numbers, local, swept))
        if problem.given["paths"]:
            parts += paths(swept, local)
        more, closed = at_once(swept) if problem.given["check"] else ([], {})
        parts += more
        results += _adjoint_results(swept, closed)
    if mode in ("forward", "both"):
        more, found = forward_mode(given, made, numbers)
        parts += more
        results += found if mode == "forward" else []
        if problem.given["figure"] and mode == "forward":
            parts.append(_figure(given, made, numbers, local, None))
    return Derivation(problem.title, problem.kind, _given(given), _asked(given, mode), tuple(parts), tuple(results),
                      Context(dict(problem.domains)))


# --- what is given and asked ------------------------------------------------------------------------


def _given(given: Setup) -> tuple[Prose, ...]:
    formulas: tuple[Prose, ...] = tuple((Relation((q.name, q.body), ("=",)),) for q in given.graph.quantities)
    values: tuple[Prose, ...] = tuple((Relation((s, v), ("=",)),) for s, v in given.values.items())
    return (*formulas, *values)


def _asked(given: Setup, mode: str) -> tuple[Prose, ...]:
    names = [Derivative(given.output, s, 1, given.round_d) for s in given.by]
    listed: list[str | Node] = []
    for i, name in enumerate(names):
        listed += [" and " if i == len(names) - 1 else ", "] if i else []
        listed.append(name)
    words = {"reverse": "in reverse mode", "forward": "in forward mode", "both": "in reverse and in forward mode"}
    first: tuple[Prose, ...] = (("the values of all nodes",),) if given.values else ()
    return (*first, ("the derivatives ", *listed, f" {words[mode]}"))


def _described(given: Setup) -> list[Part]:
    """The nodes in order, with what each is computed from and what uses it."""
    graph = given.graph
    intro = "The expression is split into its operations; each is a node with a name. " if given.is_split else ""
    header: tuple[Prose, ...] = (("node",), ("formula",), ("is used by",))
    rows: list[tuple[Prose, ...]] = [((s,), ("input",), _names(graph.users[s])) for s in graph.inputs]
    rows += [((q.name,), (q.body,), _names(graph.users[q.name])) for q in graph.quantities]
    shared = [s for s in graph.names if len(graph.users[s]) > 1]
    words: list[str | Node] = [intro + "Each node is computed from inputs and from nodes before it."]
    if shared:
        words += [" More than one node uses ", *_names(shared), ": there the derivatives of several paths are added."]
    return [Heading(("The graph",)), Paragraph(tuple(words)), Table(header, tuple(rows), ("The nodes in order.",))]


def _names(symbols: Sequence[Symbol]) -> Prose:
    words: list[str | Node] = []
    for i, symbol in enumerate(symbols):
        words += [" and " if i == len(symbols) - 1 else ", "] if i else []
        words.append(symbol)
    return tuple(words) or ("the result",)


# --- the passes -------------------------------------------------------------------------------------


def _forward(given: Setup, numbers: Numbers) -> list[Part]:
    """The value of each node, from the inputs to the output."""
    parts: list[Part] = [Heading(("Forward: the values",))]
    parts += [numbers.derive(q.name, q.body) for q in given.graph.quantities]
    return parts + numbers.note()


def _local(made: Edges, numbers: Numbers | None) -> tuple[list[Part], Locals]:
    """The derivative on each edge, and its number."""
    parts: list[Part] = [Heading(("Local derivatives",)), Paragraph((_LOCAL,))]
    found: Locals = {}
    was = numbers is not None and numbers.rounded
    for key, edge in made.items():
        more, value = edge_parts(edge, numbers)
        parts += more
        if value is not None:
            found[key] = value
    return [*parts, *_two_ways(made), *(numbers.note(was) if numbers is not None else [])], found


def _two_ways(made: Edges) -> list[Part]:
    """A remark where a node reaches another directly and through a third one."""
    edge = next((e for e in made.values() if not e.apart), None)
    if edge is None:
        return []
    words: Prose = (edge.end, " depends on ", edge.start, _TWO_WAYS, edge.name, " would mean both ways together.")
    return [Paragraph(words, remark=True)]


_TWO_WAYS = (" directly and through another of its arguments. On the edge that argument is held fixed; in the sums "
             "such an edge is written by its value, for the name ")


_LOCAL = ("On the edge from an argument to a node stands the derivative of the node's formula by that argument; the "
          "other arguments are held fixed.")


def _reverse(swept: Sweep) -> list[Part]:
    output = swept.setup.output
    words: list[str | Node] = ["From the output back to the inputs: the derivative of ", output, _BACK]
    if swept.bars:
        name = swept.adjoints[output].name
        words += [" The letter ", name, " stands for the derivative of ", output, " by ", output,
                  " itself, and so on for every node; each is computed once and used by all before it."]
    return [Heading(("Reverse sweep",)), Paragraph(tuple(words)), *swept.parts]


_BACK = " by a node is the sum, over the nodes that use it, of their derivative times that on the edge."


# --- results ----------------------------------------------------------------------------------------


def _values(given: Setup, numbers: Numbers | None) -> list[Result]:
    if numbers is None:
        return []
    return [Result(q.name.plain, numbers.values[q.name], q.name, q.name == given.output,
                   numbers.precise(q.name) if numbers.rounded else None) for q in given.graph.quantities]


def _edge_results(made: Edges, local: Locals) -> list[Result]:
    return [Result(f"{plain_name(e.name)} on the edge", local.get(key, e.value), e.name, shown=False)
            for key, e in made.items()]


def _adjoint_results(swept: Sweep, closed: Mapping[Symbol, Node]) -> list[Result]:
    """The derivatives asked for, in stored values, in the inputs, in numbers; those by other nodes are not shown."""
    results: list[Result] = []
    given = swept.setup
    for symbol in (*given.by, *(s for s in given.graph.formulas if s not in (*given.by, given.output))):
        if symbol not in swept.adjoints:
            continue
        label, asked = Derivative(given.output, symbol, 1, given.round_d), symbol in given.by
        written = swept.written_out(symbol) or swept.adjoints[symbol].value
        if symbol in closed:
            results.append(Result(plain_name(label), closed[symbol], label, shown=asked))
        if written != closed.get(symbol):
            more = " in stored values" if symbol in closed else ""
            results.append(Result(plain_name(label) + more, written, label, shown=asked and not more))
        if given.values:
            results.append(numeric_result(given, symbol, swept.worked[symbol], swept.precise(symbol), asked))
    return results


# --- figure -----------------------------------------------------------------------------------------


def _figure(
    given: Setup, made: Edges, numbers: Numbers | None, local: Locals, swept: Sweep | None,
) -> Figure:
    from derive.figures.graph_drawing import describe

    nodes = [
        {"name": s, "formula": given.graph.formulas.get(s), "value": numbers.values[s] if numbers else None,
         "adjoint": _under(swept, s)}
        for s in given.graph.names
    ]
    lines = [{"from": a, "to": q, "label": _on(made, local, (a, q))}
             for q, arguments in given.graph.arguments.items() for a in arguments]
    data = {"nodes": nodes, "edges": lines, "output": given.output}
    words: list[str | Node] = ["The graph. On the edges stand the local derivatives"]
    if numbers:
        words.append(", in the nodes the values")
    if swept is not None:
        words += [", below them the derivatives of ", given.output, " by the nodes"]
    return Figure("graph_drawing", data, (*words, "."), describe(data), "graph")


def _under(swept: Sweep | None, symbol: Symbol) -> Node | None:
    """What stands below a node: its adjoint, as a number where there are numbers."""
    if swept is None or symbol not in swept.adjoints:
        return None
    return swept.worked[symbol] if swept.numbers is not None else swept.adjoints[symbol].value


def _on(made: Edges, local: Locals, ends: tuple[Symbol, Symbol]) -> Node | None:
    """What stands on an edge: its derivative, as a number where there are numbers."""
    return local.get(ends, made[ends].value) if ends in made else None
