r"""Identities: the left side led to the right side in steps, a false one refused with a counter-example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import Any

from derive.errors import DeriveError, LimitError, RefutedError
from derive.goals import Leg, common_form, end_of, meet, reach, shape, simplify
from derive.kinds._shared import context_of, leg_parts, stated
from derive.problem import Field, Problem
from derive.steps import (
    Chain,
    Context,
    Definition,
    Derivation,
    Figure,
    Heading,
    Level,
    Paragraph,
    Part,
    Prose,
    Result,
    Status,
    Step,
    Verdict,
)
from derive.tree import (
    TWO,
    ZERO,
    Call,
    Negative,
    Node,
    Product,
    Quotient,
    Relation,
    Sum,
    Vector,
    free_symbols,
    map_children,
    numeric,
    substitute,
    walk,
)
from derive.verify import verify_step
from derive.write.text import text

SUMMARY = "an identity shown in steps, or refuted by a counter-example"

FIELDS = (
    Field("statement", "formulas", "the identity, or several, each with as many equality signs as wanted", default=(),
          example=r"'\sigma(-x) = 1 - \sigma(x)'"),
    Field("left", "formula", "the left side, instead of a statement", example=r"'\tanh(x)'"),
    Field("right", "formula", "the right side", example=r"'2\sigma(2x) - 1'"),
    Field("to", "formulas", "forms to pass through after the last side, in this order", default=(),
          example=r"['\frac{e^{2x} - 1}{e^{2x} + 1}']"),
    Field("functions", "functions", "functions that the identity may use, by their definitions", default=(),
          example="['f(x) = x e^x']"),
    Field("symmetric", "function", "a function whose graph is to be shown symmetric about a point",
          example=r"'f(x) = \sigma(x)'"),
    Field("about", "number", "the first coordinate of that point", default=ZERO, example="0"),
    Field("figure", "boolean", "whether to draw the symmetric function", default=True, example="true"),
)


def solve(problem: Problem) -> Derivation:
    """Each identity as one derivation from its left to its right side, then the symmetry asked for.

    RefutedError with a counter-example for a false identity; DeriveError where no identity is given.
    """
    given = problem.given
    functions: tuple[Definition, ...] = given["functions"]
    statements = _statements(given)
    context = context_of(dict(problem.domains), *functions)
    parts: list[Part] = []
    results: list[Result] = []
    for statement in statements:
        if len(statements) > 1:
            parts.append(Heading((statement,)))
        parts += _shown(statement, functions, context)
        results.append(Result(f"identity {len(results) + 1}" if len(statements) > 1 else "identity", statement))
    if given["symmetric"] is not None:
        more, found = _centre(given["symmetric"], given["about"], statements, context)
        parts, results = parts + more, results + found
        if given["figure"]:
            parts += _figure(given["symmetric"], found)
    return Derivation(
        problem.title, problem.kind, tuple((stated(f),) for f in functions), _asked(statements, given), tuple(parts),
        tuple(results), context,
    )


# --- what is given ----------------------------------------------------------------------------------


def _statements(given: Mapping[str, Any]) -> tuple[Relation, ...]:
    """The equalities to be shown; the forms to pass through are further sides of the last."""
    found = [_equality(node) for node in given["statement"]]
    left, right = given["left"], given["right"]
    if (left is None) != (right is None) and not (left is not None and given["to"]):
        raise DeriveError("only one side of the identity is given", "give left = '…' and right = '…'")
    if left is not None:
        sides = (left,) if right is None else (left, right)
        found.append(Relation(sides, ("=",) * (len(sides) - 1)))
    if given["to"] and found:
        last = found.pop()
        found.append(Relation((*last.sides, *given["to"]), ("=",) * (len(last.signs) + len(given["to"]))))
    if not found and given["symmetric"] is None:
        raise DeriveError("there is no identity to show", r"write statement = '\sigma(-x) = 1 - \sigma(x)'")
    return tuple(found)


def _equality(node: Node) -> Relation:
    if isinstance(node, Relation) and set(node.signs) <= {"=", "==="}:
        return Relation(node.sides, ("=",) * len(node.signs))
    raise DeriveError(f"{text(node)} is not an identity", "an identity has two sides with = between them")


def _asked(statements: Sequence[Relation], given: Mapping[str, Any]) -> tuple[Prose, ...]:
    asked: list[Prose] = [("to show: ", statement) for statement in statements]
    if given["symmetric"] is not None:
        asked.append(("the centre of symmetry of the graph of ", given["symmetric"].body))
    return tuple(asked)


# --- showing an equality ----------------------------------------------------------------------------


def _shown(statement: Relation, functions: Sequence[Definition], context: Context) -> list[Part]:
    """The chain through all sides, after each equality has been tried at points."""
    conditions: list[str] = []
    for left, right in pairwise(statement.sides):
        conditions += _not_refuted(left, right, context).condition
    parts: list[Part] = []
    legs = [leg for pair in pairwise(statement.sides) for leg in _route(*pair, functions)]
    for leg in _joined(legs):
        parts += leg_parts(leg)
    if any(step.rule == _UNTOLD.rule for leg in legs for step in leg.steps):
        parts.append(Paragraph((_NO_ROUTE,), remark=True))
    if conditions:
        needs = ", ".join(dict.fromkeys(conditions))
        parts.append(Paragraph((f"This holds where both sides have a value: {needs}.",), remark=True))
    return parts


def _not_refuted(left: Node, right: Node, context: Context) -> Verdict:
    """The verifier's verdict on an equality. RefutedError, with the point and both values, when it is false."""
    verdict = verify_step(left, right, "=", context)
    if verdict.status is not Status.REFUTED:
        return verdict
    lines = [f"the identity {text(left)} = {text(right)} is false"]
    if verdict.witness is not None:
        at = ", ".join(f"{name} = {value}" for name, value in verdict.witness.point)
        lines.append(f"  at {at}:" if at else "  both sides have different values:")
        lines.append(f"  left side {verdict.witness.left}, right side {verdict.witness.right}")
    raise RefutedError("\n".join(lines), "a missing domain under [symbols]? Check signs and brackets")


def _route(left: Node, right: Node, functions: Sequence[Definition]) -> list[Leg]:
    """From one side to the other: definitions put in on both, then by the rules; else the equality in one step."""
    down, up = _opened(left, functions), _opened(right, functions)
    start, end = end_of(left, down), end_of(right, up)
    legs = _by_rules(start, end)
    back = [Step(s.after, s.before, s.rule, s.reason, level=s.level) for s in reversed(up)]
    return [*([Leg(down)] if down else []), *legs, *([Leg(back)] if back else [])]


def _by_rules(left: Node, right: Node) -> list[Leg]:
    if left == right:
        return []
    ways = [[leg for leg in legs if leg.steps] for legs in _ways(left, right)]
    if not ways:
        return [Leg([replace(_UNTOLD, before=left, after=right)])]
    return min(ways, key=lambda legs: sum(len(leg.steps) + _NAMING * len(leg.where) for leg in legs))


def _ways(left: Node, right: Node) -> list[list[Leg]]:
    """The routes that the goals find, each with its own strategy."""
    found = []
    for route in (reach, meet):
        with suppress(LimitError):
            found.append(route(left, right))
    return [legs for legs in found if legs is not None]


_NAMING = 3  # lines that a route with a new letter in it must save

_UNTOLD = Step(ZERO, ZERO, "equal", "No rule leads there in steps; the equality itself is verified.")
_NO_ROUTE = ("The laws that are built in do not lead from one side to the other in the step marked “equal”; what is "
             "known of that step is the verifier's own verdict.")


def _opened(node: Node, functions: Sequence[Definition]) -> list[Step]:
    """The step that puts in what the given functions are."""
    made = node
    for function in reversed(functions):
        made = _put_in(made, function)
    names = ", ".join(f.name.plain for f in functions if any(f.name.plain == n for n in _called(node)))
    return [] if made == node else [Step(node, made, f"definition of {names}", "The function is put in.")]


def _put_in(node: Node, function: Definition) -> Node:
    node = map_children(node, lambda child: _put_in(child, function))
    match node:
        case Call(name, args, 0) if name == function.name.plain and len(args) == len(function.parameters):
            return substitute(function.body, dict(zip(function.parameters, args, strict=True)))
    return node


def _called(node: Node) -> list[str]:
    return [n.name for n in walk(node) if isinstance(n, Call)]


def _joined(legs: Sequence[Leg]) -> list[Leg]:
    """Neighbouring stretches without namings of their own are one chain."""
    joined: list[Leg] = []
    for leg in legs:
        if joined and not leg.where and not joined[-1].where:
            joined[-1] = Leg([*joined[-1].steps, *leg.steps])
        else:
            joined.append(leg)
    return joined


# --- centre of symmetry -----------------------------------------------------------------------------


def _centre(
    function: Definition, about: Node, statements: Sequence[Relation], context: Context
) -> tuple[list[Part], list[Result]]:
    """The point halfway between the graph's points at ``a + t`` and ``a - t`` is always the same."""
    if len(function.parameters) != 1:
        raise DeriveError("the symmetric function must have one variable", "for instance symmetric = 'f(x) = x^3'")
    x = function.parameters[0]
    mirrored = Negative(x) if numeric(about) == 0 else Sum((Product((TWO, about)), Negative(x)))
    values = Sum((function.body, substitute(function.body, {x: mirrored})))
    constant, steps = _constant(values, statements)
    if free_symbols(constant) & {x}:
        raise DeriveError(f"the graph is not shown to be symmetric about a point above {text(about)}: "
                          f"{text(values)} depends on {x.plain}")
    _not_refuted(values, constant, context)
    parts: list[Part] = [Heading(("Centre of symmetry",))]
    if steps:
        parts += [Paragraph(("The values at ", x, " and at ", mirrored, " add up to a constant:")), Chain(tuple(steps))]
    middle = Vector((Quotient(Sum((x, mirrored)), TWO), Quotient(values, TWO)))
    halfway = Vector((middle.items[0], Quotient(constant, TWO)))
    put_in = Step(middle, halfway, "put in", "The sum of the values is known.", level=Level.ALGEBRA)
    chain = [put_in, *simplify(halfway)]
    centre = end_of(halfway, chain)
    assert isinstance(centre, Vector)
    parts += [
        Paragraph(("The point halfway between the points of the graph at ", x, " and at ", mirrored, " is",)),
        Chain(tuple(chain)),
        Paragraph(("It is the same for every ", x, ", so the graph is symmetric about ", centre, ".")),
    ]
    return parts, [Result("centre of symmetry", centre.items)]


def _constant(values: Sum, statements: Sequence[Relation]) -> tuple[Node, list[Step]]:
    """What the two values add up to: by a statement shown above, else worked out."""
    for statement in statements:
        for left, right in pairwise(statement.sides):
            if shape(left) == shape(values) and numeric(right) is not None:
                return right, []
    steps = common_form(values)
    return end_of(values, steps), steps


def _figure(function: Definition, found: Sequence[Result]) -> list[Part]:
    """The graph with its centre."""
    from derive.figures.function_plot import describe
    from derive.numeric.value import value_of

    x = function.parameters[0]
    if free_symbols(function.body) - {x} or not found:
        return []
    point = found[0].value
    assert isinstance(point, tuple)
    across, up = (value_of(c) for c in point if isinstance(c, Node))
    label = Call(function.name.plain, (x,))
    data = {"curves": [{"node": function.body, "label": label}], "variable": x, "range": None,
            "points": [{"x": across, "y": up, "label": "centre"}]}
    caption: Prose = ("The graph of ", function.body, " and its centre of symmetry ", Vector(tuple(point)), ".")  # type: ignore[arg-type]
    return [Figure("function_plot", data, caption, describe(data), "graph")]

