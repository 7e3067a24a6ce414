"""What several kinds say in the same way: names of derivatives, values at points, chains with their naming."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from derive.errors import LimitError, MathError
from derive.goals import InTerms, Leg, end_of, reach, simplify, through
from derive.numeric.value import value_of
from derive.rules import algebra
from derive.steps import Chain, Context, Definition, Paragraph, Part, Prose, Step
from derive.tree import (
    At,
    Call,
    Derivative,
    Node,
    Quotient,
    Relation,
    Symbol,
    free_symbols,
    substitute,
    walk,
)


def applied(definition: Definition, order: int = 0) -> Call:
    """``f(x)``, or ``f''(x)`` for order 2, as the left side of a chain."""
    return Call(definition.name.plain, definition.parameters, order)


def stated(definition: Definition) -> Relation:
    """``f(x) = ...`` as a formula."""
    left: Node = applied(definition) if definition.parameters else definition.name
    return Relation((left, definition.body), ("=",))


def context_of(problem_domains: dict[Symbol, str], *definitions: Definition) -> Context:
    """The context of a derivation: the declared domains and the given definitions."""
    return Context(problem_domains, definitions)


ROWS_GIVEN = 30
"""Rows of data that an exercise shows, in its list of what is given or in a table (:attr:`Table.given`)."""


def listed(values: Sequence[Node]) -> Prose:
    """``a, b and c`` as running text."""
    words: list[str | Node] = []
    for i, value in enumerate(values):
        words += [" and " if i == len(values) - 1 else ", "] if i else []
        words.append(value)
    return tuple(words)


def leg_parts(leg: Leg | InTerms, left: Node | None = None) -> list[Part]:
    """A stretch of a route as parts: the naming and what follows from it, then the chain."""
    if isinstance(leg, InTerms):
        leg = Leg(leg.steps, (leg.naming,), leg.solved)
    parts: list[Part] = []
    for naming in leg.where:
        if leg.solved is not None:
            text: Prose = ("Write ", Relation((naming.name, naming.body), ("=",)), ". Solving its definition gives")
            parts += [Paragraph(text), Chain((leg.solved,), where=leg.where)]
    parts.append(Chain(tuple(leg.steps), left, leg.where))
    return parts


def route(node: Node, target: Node) -> list[Leg]:
    """The legs that lead to a target form; one step that says so where no rules lead there in steps."""
    with suppress(LimitError):
        legs = reach(node, target)
        if legs is not None:
            return legs
    return [Leg([Step(node, target, "equal", "No rule leads there in steps; the equality itself is verified.")])]


def value_steps(body: Node, point: Sequence[tuple[Symbol, Node]]) -> list[Step]:
    """From an expression to its value at a point: put in, multiply, add.

    MathError where the expression has no value there.
    """
    defined_at(body, point)
    start = At(body, tuple(point))
    steps = through(start, (algebra.SUBSTITUTION,))
    return steps + simplify(end_of(start, steps))


def defined_at(body: Node, point: Sequence[tuple[Symbol, Node]]) -> None:
    """MathError when an expression has no finite value at a point; with letters left, when it divides by zero."""
    from derive.write.text import text

    there = substitute(body, dict(point))
    try:
        if free_symbols(there):
            _no_zero_divisor(there)
        else:
            value_of(there)
    except (MathError, ZeroDivisionError, ValueError, OverflowError) as error:
        where = ", ".join(f"{text(s)} = {text(v)}" for s, v in point)
        raise MathError(f"{text(body)} has no value{f' at {where}' if where else ''}: {error}") from error


def _no_zero_divisor(node: Node) -> None:
    """MathError when a denominator without letters is zero."""
    for part in walk(node):
        if isinstance(part, Quotient) and not free_symbols(part.denominator) and value_of(part.denominator) == 0:
            raise MathError("a denominator is zero there")


def derivative_of(body: Node, variable: Symbol, order: int = 1) -> Derivative:
    """``d/dx`` of an expression, with round d where other letters occur in it."""
    others = free_symbols(body) - {variable}
    return Derivative(body, variable, order, partial=bool(others))
