r"""Squared error against cross-entropy for a sigmoid output: gradients, their ratio, saturation, convexity.

Both losses are functions of the logit z for a label y. The gradients are derived for the letter y; limits, values and
the second derivatives for the given label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derive.errors import DeriveError, about
from derive.goals import derivative, end_of, simple
from derive.kinds._partials import sign_of
from derive.kinds._shared import applied, context_of, derivative_of, leg_parts, route, stated, value_steps
from derive.limiting import at_infinity
from derive.numeric.value import value_of
from derive.problem import Field, Problem
from derive.steps import (
    Chain,
    Definition,
    Derivation,
    Figure,
    Heading,
    Level,
    Paragraph,
    Part,
    Result,
    Step,
)
from derive.tree import (
    INFINITY,
    ONE,
    ZERO,
    Call,
    Limit,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    free_symbols,
    substitute,
)

SUMMARY = "squared error and cross-entropy of a sigmoid output compared"

FIELDS = (
    Field("label", "number", "the label for limits, values and the figure: 0 or 1", default=ONE, example="1"),
    Field("at", "numbers", "logits at which the gradients are compared", default=(Number("-5"),), example="[-5]"),
    Field("figure", "boolean", "whether to draw losses and gradients", default=True, example="true"),
)

Z, Y = Symbol("z"), Symbol("y")
SIGMOID = Call("sigma", (Z,))
REST = Sum((ONE, Negative(SIGMOID)))
SLOPE = Product((SIGMOID, REST))
ERROR = Sum((SIGMOID, Negative(Y)))


@dataclass(frozen=True, slots=True)
class _Loss:
    """A loss as a function of the logit, and the form in which its gradient is wanted."""

    title: str
    function: Definition
    gradient: Node


SQUARED = _Loss(
    "squared error",
    Definition(Symbol("S"), (Z,), Quotient(Power(ERROR, Number("2")), Number("2"))),
    Product((ERROR, SIGMOID, REST)),
)
ENTROPY = _Loss(
    "cross-entropy",
    Definition(Symbol("H"), (Z,), Sum((
        Negative(Product((Y, Call("ln", (SIGMOID,))))),
        Negative(Product((Sum((ONE, Negative(Y))), Call("ln", (REST,))))),
    ))),
    ERROR,
)
LOSSES = (SQUARED, ENTROPY)


def solve(problem: Problem) -> Derivation:
    """Gradients, their ratio, their limits and values, the second derivatives. DeriveError for a label but 0 and 1."""
    label: Node = problem.given["label"]
    if free_symbols(label) or value_of(label) not in (0, 1):
        with about("label"):
            raise DeriveError("the label must be 0 or 1", "write label = 1")
    parts: list[Part] = []
    results: list[Result] = []
    for section in (_gradients, _ratio, _saturation, _values, _curvatures):
        more, found = section(label, problem.given["at"])
        parts += more
        results += found
    if problem.given["figure"]:
        parts.append(_figure(label))
    return Derivation(
        problem.title, problem.kind, tuple((f"the {x.title} ", stated(x.function)) for x in LOSSES),
        (("gradients, saturation and convexity, for the label ", Relation((Y, label), ("=",))),),
        tuple(parts), tuple(results), context_of(dict(problem.domains)),
    )


Section = tuple[list[Part], list[Result]]


def _derived(start: Node, target: Node, left: Node) -> list[Part]:
    """A derivative taken and brought to the wanted form."""
    steps = derivative(start)
    end = end_of(start, steps)
    parts: list[Part] = [Chain(tuple(steps), left)]
    if end != target:
        parts += [p for leg in route(end, target) for p in leg_parts(leg)]
    return parts


def _gradients(label: Node, points: Sequence[Node]) -> Section:
    parts: list[Part] = [Heading(("Gradients",))]
    results = []
    for loss in LOSSES:
        left = applied(loss.function, 1)
        parts += _derived(derivative_of(loss.function.body, Z), loss.gradient, left)
        results.append(Result(f"gradient of the {loss.title}", loss.gradient, left))
        name = f"gradient of the {loss.title} for the label"
        results.append(Result(name, _for(loss.gradient, label), left, shown=False))
    return parts, results


def _for(node: Node, label: Node) -> Node:
    return simple(substitute(node, {Y: label}))


def _ratio(label: Node, points: Sequence[Node]) -> Section:
    start = Quotient(SQUARED.gradient, ENTROPY.gradient)
    left = Quotient(applied(SQUARED.function, 1), applied(ENTROPY.function, 1))
    text = "The squared error's gradient carries the sigmoid's slope as a further factor; it is at most a quarter."
    legs = [p for leg in route(start, SLOPE) for p in leg_parts(leg, left)]
    return [Heading(("Ratio of the gradients",)), *legs, Paragraph((text,))], [Result("ratio", SLOPE, left)]


def _saturation(label: Node, points: Sequence[Node]) -> Section:
    parts: list[Part] = [Heading(("Saturation for ", Relation((Y, label), ("=",))))]
    results = []
    for loss in LOSSES:
        for sign, end in ((-1, Negative(INFINITY)), (1, INFINITY)):
            steps = at_infinity(_for(loss.gradient, label), Z, sign)
            if steps is None:
                continue
            parts.append(Chain(tuple(steps)))
            name = f"limit of the gradient of the {loss.title} at {'+' if sign > 0 else '-'}infinity"
            results.append(Result(name, steps[-1].after, Limit(applied(loss.function, 1), Z, end), shown=False))
    text = ("Where the prediction is wrong with confidence, the gradient of the squared error tends to zero and "
            "learning stalls; that of the cross-entropy does not.")
    return [*parts, Paragraph((text,))], results


def _values(label: Node, points: Sequence[Node]) -> Section:
    parts: list[Part] = [Heading(("Values",))] if points else []
    results = []
    for point in points:
        steps = value_steps(SLOPE, [(Z, point)])
        left = Quotient(*(Call(x.function.name.plain, (point,), 1) for x in LOSSES))
        parts.append(Chain(tuple(steps), left))
        results.append(Result("ratio at a point", end_of(SLOPE, steps), left))
    return parts, results


def _curvatures(label: Node, points: Sequence[Node]) -> Section:
    """Positive everywhere for the cross-entropy; of both signs for the squared error, shown at two points."""
    parts: list[Part] = [Heading(("Convexity",))]
    left = applied(ENTROPY.function, 2)
    parts += _derived(derivative_of(ENTROPY.gradient, Z), SLOPE, left)
    positive = Step(SLOPE, ZERO, "product of positives", "The sigmoid lies between 0 and 1.", ">", Level.ARGUMENT)
    parts += [Chain((positive,), left), Paragraph(("So the cross-entropy is convex in the logit.",))]
    gradient = _for(SQUARED.gradient, label)
    start = derivative_of(gradient, Z)
    steps = derivative(start)
    second, left = end_of(start, steps), applied(SQUARED.function, 2)
    parts.append(Chain(tuple(steps), left))
    signs = set()
    for point in (Number("2"), Negative(Number("2"))):
        there = value_steps(second, [(Z, point)])
        value = end_of(second, there)
        sign = sign_of(value, context_of({}))
        signs.add(sign)
        if sign:
            there.append(Step(value, ZERO, "sign of a number", "", "<" if sign < 0 else ">"))
        parts.append(Chain(tuple(there), Call(SQUARED.function.name.plain, (point,), 2)))
    if signs == {1, -1}:
        parts.append(Paragraph(("It has both signs, so the squared error is not convex in the logit.",)))
    return parts, [Result("second derivative of the cross-entropy", SLOPE, applied(ENTROPY.function, 2))]


def _figure(label: Node) -> Figure:
    from derive.figures.function_plot import describe

    curves = [
        [{"node": substitute(node, {Y: label}), "label": applied(loss.function, order)}
         for loss, node in zip(LOSSES, nodes, strict=True)]
        for order, nodes in enumerate(([x.function.body for x in LOSSES], [x.gradient for x in LOSSES]))
    ]
    panels = [{"curves": rows, "name": name} for rows, name in zip(curves, ("loss", "gradient"), strict=True)]
    data = {"panels": panels, "variable": Z, "range": [-6.0, 6.0], "points": []}
    caption = ("Both losses (left) and their gradients (right) against the logit, for ", Relation((Y, label), ("=",)),
               ".")
    return Figure("function_plot", data, caption, describe(data), "losses")
