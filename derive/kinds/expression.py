r"""An expression worked out: the derivatives in it taken, simplified, brought to an asked form, put to a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.errors import DeriveError
from derive.goals import derivative, end_of, in_terms_of, simplify, undifferentiated
from derive.kinds._shared import context_of, defined_at, leg_parts, route, value_steps
from derive.problem import Field, Problem
from derive.steps import Chain, Derivation, Heading, Part, Prose, Result
from derive.tree import Call, Integral, Limit, Matrix, Node, Relation, Symbol, Vector, free_symbols, walk
from derive.write.text import text

SUMMARY = "an expression simplified, or brought to an asked form"

FIELDS = (
    Field("expression", "formula", "the expression; derivatives in it are taken", required=True,
          example=r"'\frac{x^2 - 1}{x - 1} + 2x'"),
    Field("to", "formula", "the form in which it is wanted", example="'3x + 1'"),
    Field("in_terms_of", "formulas", "functions in which it is to be written", default=(), example=r"['\sigma(x)']"),
    Field("at", "formulas", "values of letters, for the value of the expression", default=(), example="['x = 2']"),
)


def solve(problem: Problem) -> Derivation:
    """One chain to the simple form, then the asked form and the value at the given point.

    DeriveError where no rule differentiates a part, or the asked form cannot be reached with the asked functions.
    """
    given = problem.given
    start: Node = given["expression"]
    steps = derivative(start) if undifferentiated(start) else simplify(start)
    node = end_of(start, steps)
    if undifferentiated(node):
        raise DeriveError("no rule differentiates a part of this expression", "write the part with known functions")
    if any(isinstance(n, (Limit, Integral)) for n in walk(node)):
        hint = 'limits at infinity and integrals over the line are properties of the kind "derivative"'
        raise DeriveError("limits and integrals in an expression are not worked out", hint)
    if not free_symbols(node) and not isinstance(node, (Matrix, Vector, Relation)):
        defined_at(node, ())
    parts: list[Part] = [Chain(tuple(steps))] if steps else []
    node, more = _asked_form(node, given)
    results = [Result("result", node)]
    if point := _point(given["at"]):
        value = value_steps(node, point)
        more += [Heading(("Value",)), Chain(tuple(value))]
        results.append(Result("value", end_of(node, value)))
    return Derivation(
        problem.title, problem.kind, ((start,),), _asked(given), (*parts, *more), tuple(results),
        context_of(dict(problem.domains)),
    )


def _asked(given: Mapping[str, Any]) -> tuple[Prose, ...]:
    form: Prose = ("the form ", given["to"]) if given["to"] is not None else ("a simple form",)
    values: list[Prose] = [("the value at ", equation) for equation in given["at"]]
    return (form, *values)


def _asked_form(node: Node, given: Mapping[str, Any]) -> tuple[Node, list[Part]]:
    """The expression with the asked functions and in the target form, and the parts that lead there."""
    parts: list[Part] = []
    for call in given["in_terms_of"]:
        written = in_terms_of(node, call) if isinstance(call, Call) else None
        if written is None:
            raise DeriveError(f"the expression cannot be written with {text(call)} alone")
        parts += leg_parts(written)
        node = written.value
    target: Node | None = given["to"]
    if target is None or target == node:
        return node, parts
    return target, parts + [part for leg in route(node, target) for part in leg_parts(leg)]


def _point(equations: tuple[Node, ...]) -> list[tuple[Symbol, Node]]:
    """``x = 2, y = 1`` as pairs."""
    point: list[tuple[Symbol, Node]] = []
    for equation in equations:
        match equation:
            case Relation((Symbol() as symbol, value), ("=",)):
                point.append((symbol, value))
            case _:
                raise DeriveError(f"{text(equation)} does not give a letter its value", "write 'x = 2'")
    return point
