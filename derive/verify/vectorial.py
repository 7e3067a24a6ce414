"""Optima over a vector of any length under one equation, beside ``grad f - m grad g = 0`` and the constraint.

The equations are compared as vectors (:mod:`abstract` through ``equivalent`` and ``equal``), so that the proof holds
for every length. A function is strictly convex here where ``f(u) + f(v) - 2 f((u + v)/2)`` is a positive number times
the squared distance of u and v; a constraint is linear where its gradient is the same everywhere. Called by
:mod:`multipliers`, whose argument this is without coordinates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from derive.declarations import declaration
from derive.steps import Context, Status, Verdict
from derive.tree import (
    TWO,
    ZERO,
    GradientOf,
    Negative,
    Node,
    Optimum,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Transpose,
    free_symbols,
    number,
    numeric,
    substitute,
    times,
)
from derive.verify.meaning import Meaning
from derive.verify.separable import EXISTS
from derive.verify.signals import Clock, Undecidable
from derive.verify.systems import as_scalar, derivative, reduced, relations
from derive.verify.unrolled import unrolled
from derive.verify.wording import said

Judge = Callable[[Node, Node], Verdict]
_HERE, _THERE = Symbol("u", sup="*"), Symbol("v", sup="*")


def vectorial(
    optimum: Optimum, other: Node, onward: bool, back: bool, context: Context, clock: Clock,
    judges: Callable[[Context], tuple[Judge, Judge]], scales: Sequence[Fraction],
) -> Verdict | None:  # fmt: skip
    """A proof that the optimum satisfies the equations (onward) and that what satisfies them is the optimum (back).

    None where the variable is no vector, the equations are others, or nothing is shown. ``judges`` gives, for a
    context, what judges equations and what judges whether equations say the same.
    """
    match optimum:
        case Optimum(operator, body, (variable,), Relation((left, right), ("=",)) as constraint):
            statements = relations(other)
        case _:
            return None
    domain = context.domains.get(variable, "")
    multiplier = free_symbols(other) - free_symbols(optimum) - {variable}
    if declaration(domain or "real").kind != "vector" or len(statements) != 2 or len(multiplier) != 1:
        return None
    within = replace(context, domains={**context.domains, _HERE: domain, _THERE: domain})
    equal, equivalent = judges(within)
    excess = left if right == ZERO else Sum((left, Negative(right)))
    linear = _is_same_slope(excess, variable, equal)
    objective = body if operator == "argmin" else Negative(body)
    unique = linear and _is_strictly_convex(objective, variable, within, clock, equal)
    if back and not unique:
        return None
    regular = linear or _is_regular(left, right, variable, equal)
    needed: list[str] = [] if regular else [said("the gradient of ", left, " is not zero there")]
    needed += [] if unique else [EXISTS]
    for scale in scales:
        pull = times([number(scale), *multiplier, excess])
        stationary = Relation((GradientOf(Sum((objective, Negative(pull))), (variable,)), ZERO), ("=",))
        for mine, rest in (statements, statements[::-1]):
            found = equivalent(mine, stationary)
            if found.status is Status.PROVED and equivalent(rest, constraint).status is Status.PROVED:
                method = "Lagrange multipliers" if onward else "strictly convex, linear constraints"
                return replace(found, method=method, detail="", condition=(*found.condition, *needed))
    return None


def _is_same_slope(node: Node, variable: Symbol, equal: Judge) -> bool:
    """Whether the gradient is the same at any two points."""
    slopes = [GradientOf(substitute(node, {variable: point}), (point,)) for point in (_HERE, _THERE)]
    return equal(slopes[0], slopes[1]).status is Status.PROVED


def _is_regular(left: Node, right: Node, variable: Symbol, equal: Judge) -> bool:
    """Whether the gradient vanishes nowhere on ``left = right``: of a quadratic form only where the form is zero."""
    if not numeric(right):
        return False
    here = substitute(left, {variable: _HERE})
    along = Product((Transpose(_HERE), GradientOf(here, (_HERE,))))
    return equal(along, Product((TWO, here))).status is Status.PROVED


def _is_strictly_convex(node: Node, variable: Symbol, context: Context, clock: Clock, equal: Judge) -> bool:
    curvature = _curvature(node, variable, context, clock)
    if curvature is None or curvature <= 0:
        return False
    middle = Product((Quotient(number(1), TWO), Sum((_HERE, _THERE))))
    ends = [substitute(node, {variable: point}) for point in (_HERE, _THERE, middle)]
    gap = Sum((_HERE, Negative(_THERE)))
    above = Sum((ends[0], ends[1], Negative(Product((TWO, ends[2])))))
    below = Product((number(curvature / 4), Transpose(gap), gap))
    return equal(above, below).status is Status.PROVED


def _curvature(node: Node, variable: Symbol, context: Context, clock: Clock) -> Fraction | None:
    """The second derivative for vectors of length 1, where it is a number."""
    instance = unrolled([node, variable], 1, context)
    if instance is None:
        return None
    (body, _), written = instance
    letter = Symbol(variable.name, "1", variable.sup, variable.accent, variable.font)
    meaning = Meaning(written, clock)
    try:
        unfolded = as_scalar(meaning.unfold(body))
    except Undecidable:
        return None
    twice = reduced(derivative(derivative(unfolded, letter), letter), written.domains, clock)
    return numeric(twice)
