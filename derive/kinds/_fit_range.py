r"""The values that a fitted model can take, whatever the input: between its limits, where it is monotone.

Called by the fit kind. It is said of models whose one input enters through one bounded function, ``\sigma(w x + b)``,
after which every quantity rises or falls with the one before: then the prediction runs between two limits. Of other
models nothing is said. A bounded function is a row of :data:`ENDS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from derive.goals import derivative, end_of, undifferentiated
from derive.kinds._fit_given import Model, Setup
from derive.kinds._fit_work import Work
from derive.kinds._shared import value_steps
from derive.limiting import at_infinity
from derive.numeric.value import value_of
from derive.steps import Chain, Heading, Paragraph, Part, Prose, Result, Table
from derive.tree import (
    ONE,
    ZERO,
    At,
    Call,
    Derivative,
    Negative,
    Node,
    Symbol,
    free_symbols,
    substitute,
)
from derive.write.numbers import approximate

ENDS: Mapping[str, tuple[Node, Node]] = {"sigma": (ZERO, ONE), "tanh": (Negative(ONE), ONE)}
"""The limits of a rising function at minus and plus infinity; it takes every value between them and no other."""

MONOTONE = {"sigma", "tanh", "arctan", "exp", "softplus", "arsinh", "erf", "Phi"}
"""Functions that rise everywhere."""


@dataclass(frozen=True)
class Reach:
    """How the input enters: the quantity, its bounded function; the prediction as a formula in that quantity."""

    through: Symbol
    function: str
    body: Node


def reach(given: Setup, model: Model) -> Reach | None:
    """The bounded quantity through which the input acts; None where the model is not of this form."""
    inputs = [s for s in given.inputs if s in free_symbols(model.body)]
    users = model.graph.users[inputs[0]] if len(inputs) == 1 else ()
    if len(users) != 1:
        return None
    formulas, through = model.graph.formulas, users[0]
    match formulas[through]:
        case Call(name, (argument,), 0) if name in ENDS and _affine(argument, inputs[0]):
            pass
        case _:
            return None
    body: Node = model.name
    for quantity in reversed(model.graph.quantities):
        if quantity.name in free_symbols(body) and quantity.name != through:
            body = substitute(body, {quantity.name: quantity.body})
    return Reach(through, name, body) if _runs_one_way(model, through) else None


def _affine(node: Node, variable: Symbol) -> bool:
    """Whether the derivative by a variable does not depend on it, and is not zero for every parameter."""
    start = Derivative(node, variable, 1, True)
    end = end_of(start, derivative(start))
    return end != ZERO and variable not in free_symbols(end) and not undifferentiated(end)


def _runs_one_way(model: Model, through: Symbol) -> bool:
    """Whether each quantity after the bounded one rises or falls everywhere with the one before it."""
    current = through
    while current != model.name:
        users = [u for u in model.graph.users[current] if u != model.loss]
        if len(users) != 1:
            return False
        body = model.graph.formulas[users[0]]
        inner = body.args[0] if isinstance(body, Call) and body.name in MONOTONE and len(body.args) == 1 else body
        if not _affine(inner, current):
            return False
        current = users[0]
    return True


# --- told -------------------------------------------------------------------------------------------


def range_parts(given: Setup, one: Work, shown: set[str]) -> tuple[list[Part], list[Result]]:
    """The limits in letters, derived, and their numbers at each minimum; nothing for models of another form.

    ``shown`` are the bounded functions whose limits have been derived before.
    """
    found = reach(given, one.model)
    if found is None:
        return [], []
    of_function = [] if found.function in shown else _limits(found.function)
    if of_function is None:
        return [], []
    shown.add(found.function)
    chains, ends = _at_ends(found)
    title = f"Values of the {one.model.title} model" if one.model.title else "Values of the model"
    parts: list[Part] = [Heading((title,)), Paragraph(_words(one.model, found)), *of_function, *chains]
    results = [Result("range of the prediction", tuple(ends), shown=False)]
    rows: list[tuple[Prose, ...]] = []
    target = given.arrays[given.target]
    for place in one.places:
        at = {s: float(x) for s, x in zip(one.model.parameters, place.point, strict=True)}
        low, high = sorted(value_of(e, {s: at[s] for s in one.model.parameters if s in free_symbols(e)}) for e in ends)
        outside = float(np.mean((target < low) | (target > high)))
        rows.append(((place.letter,), (approximate(low, 6),), (approximate(high, 6),), (f"{100 * outside:.1f} %",)))
        results.append(Result(f"{place.letter}: range of the prediction",
                              (approximate(low, 9), approximate(high, 9)), shown=False, number=[low, high]))
    if rows:
        caption: Prose = ("Between which values the prediction stays, whatever the input, and in how many rows ",
                          given.target, f" lies outside; it runs from {target.min():.4g} to {target.max():.4g}.")
        parts.append(Table((("",), ("above",), ("below",), (given.target, " outside")), tuple(rows), caption))
    return parts, results


def _words(model: Model, found: Reach) -> Prose:
    low, high = ENDS[found.function]
    return ("As the input runs through all numbers, ", found.through, " takes every value between ", low, " and ", high,
            " and no other. ", model.name, _ALL_THE_WAY)


_ALL_THE_WAY = (" rises or falls with it all the way, so it stays between its values at these ends, which it does not "
                "reach:")


def _limits(function: str) -> list[Part] | None:
    """The limits of a bounded function, derived; None where that does not succeed."""
    variable, parts = Symbol("u"), list[Part]()
    for sign, value in zip((-1, 1), ENDS[function], strict=True):
        steps = at_infinity(Call(function, (variable,)), variable, sign)
        if steps is None or steps[-1].after != value:
            return None
        parts.append(Chain(tuple(steps)))
    return parts


def _at_ends(found: Reach) -> tuple[list[Part], list[Node]]:
    """The prediction at both ends of the bounded quantity."""
    parts, ends = list[Part](), list[Node]()
    for value in ENDS[found.function]:
        steps = value_steps(found.body, [(found.through, value)])
        ends.append(end_of(At(found.body, ((found.through, value),)), steps))
        parts.append(Chain(tuple(steps)))
    return parts, ends
