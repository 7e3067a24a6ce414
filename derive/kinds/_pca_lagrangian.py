r"""Why principal components are eigenvectors: the derivation with Lagrange multipliers, for data of any size.

The lines are rows, written as on paper; each of them is a step that the verifier proves for vectors and matrices of
every size. Called by the kind ``pca``. A new argument is a row of :data:`ARGUMENTS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derive.problem import Field
from derive.questions import names
from derive.read.conditions import conditions
from derive.read.fields import Reading, formula
from derive.steps import Chain, Context, Definition, Heading, Level, Paragraph, Part, Prose, Step
from derive.tree import Node, Relation, Symbol

DECLARED = ("C: symmetric matrix d x d", "w: vector d", "v: vector d", "x: vector d", r"\bar{x}: vector d",
            "lambda: real", "lambda_1: real", "mu: real", "n: positive integer")
"""What the letters of the derivation are: ``x_i`` the data, ``v`` the first component, ``w`` the one looked for."""

CENTRED = r"(x_i - \bar{x})"
COVARIANCE = rf"\frac{{1}}{{DIVISOR}} \sum_{{i=1}}^n {CENTRED} {CENTRED}^\top"
FIRST = r"w^\top C w - \lambda (w^\top w - 1)"
SECOND = r"w^\top C w - \lambda (w^\top w - 1) - \mu v^\top w"


@dataclass(frozen=True, slots=True)
class Line:
    """What follows on the right of ``relation``, by which rule and why."""

    after: str
    rule: str
    reason: str
    relation: str = "="


@dataclass(frozen=True, slots=True)
class Argument:
    """A chain from ``start`` through its lines, with the words before and after it; ``$...$`` in words is a formula.

    ``left`` is the name of what is derived, ``covariance`` says that C is the covariance matrix in it.
    """

    words: str
    start: str
    lines: tuple[Line, ...]
    then: str = ""
    left: str = ""
    heading: str = ""
    covariance: bool = False


ARGUMENTS = (
    Argument(
        r"A direction is a vector $w$ of length 1. The projections $w^\top x_i$ of the data on it have the mean "
        r"$w^\top \bar{x}$, and their variance is a quadratic form of the covariance matrix $C$:",
        r"\frac{1}{DIVISOR} \sum_{i=1}^n (w^\top x_i - w^\top \bar{x})^2",
        (
            Line(rf"\frac{{1}}{{DIVISOR}} \sum_{{i=1}}^n (w^\top {CENTRED})^2", "factor out", "Both terms have w in "
                 "front."),
            Line(rf"\frac{{1}}{{DIVISOR}} \sum_{{i=1}}^n w^\top {CENTRED} {CENTRED}^\top w", "write the square out",
                 "A number is its own transpose."),
            Line(rf"w^\top ({COVARIANCE}) w", "linearity of the sum", "The direction does not depend on i."),
            Line(r"w^\top C w", "definition of the covariance matrix", "The bracket is C."),
        ),
        heading="Variance along a direction", covariance=True,
    ),
    Argument(
        r"The first component is the direction of largest variance: $w^\top C w$ is made as large as possible under "
        rf"the condition $w^\top w = 1$. With a Lagrange multiplier $\lambda$ that is a stationary point of ${FIRST}$. "
        r"The gradient by $w$ is",
        rf"\nabla_w ({FIRST})",
        (
            Line(r"\nabla_w (w^\top C w) - \lambda \nabla_w (w^\top w)", "linearity of the gradient",
                 "The multiplier is a constant."),
            Line(r"(C + C^\top) w - 2 \lambda w", "gradient of a quadratic form",
                 "Both places of w contribute once."),
            Line(r"2 C w - 2 \lambda w", "symmetric matrix", "C equals its transpose."),
        ),
        heading="Lagrange multiplier",
    ),
    Argument(
        "It vanishes exactly for eigenvectors of the covariance matrix:",
        r"2 C w - 2 \lambda w = 0",
        (Line(r"C w = \lambda w", "divide by 2", "And the second term goes to the other side.", "<=>"),),
    ),
    Argument(
        "The derivative by the multiplier gives the condition back:",
        rf"\frac{{\partial}}{{\partial \lambda}} ({FIRST})",
        (Line(r"1 - w^\top w", "derivative by the multiplier", "It occurs only in front of the condition."),),
    ),
    Argument(
        "The variance along an eigenvector is its eigenvalue, because their difference consists of what vanishes:",
        r"w^\top C w - \lambda",
        (Line(r"w^\top (C w - \lambda w) + \lambda (w^\top w - 1)", "add and subtract",
              "The term in the middle is written twice."),),
        r"Both brackets are zero, so $w^\top C w = \lambda$. The largest variance therefore belongs to the largest "
        "eigenvalue: the first principal component is its eigenvector.",
    ),
    Argument(
        r"Let $v$ be the first component, so that $C v = \lambda_1 v$ and $v^\top v = 1$. The second one has the "
        r"largest variance among the directions with $v^\top w = 0$, which is a condition more and a multiplier more, "
        r"$\mu$. The gradient is",
        rf"\nabla_w ({SECOND})",
        (
            Line(r"\nabla_w (w^\top C w) - \lambda \nabla_w (w^\top w) - \mu \nabla_w (v^\top w)",
                 "linearity of the gradient", "The multipliers are constants."),
            Line(r"2 C w - 2 \lambda w - \mu v", "gradient of each term", "The last one is linear in w."),
        ),
        heading="The second component",
    ),
    Argument(
        r"Multiplied by $v^\top$ it shows what $\mu$ is:",
        r"v^\top (2 C w - 2 \lambda w - \mu v)",
        (
            Line(r"2 v^\top C w - 2 \lambda v^\top w - \mu v^\top v", "multiply out", "Term by term."),
            Line(r"2 (C v)^\top w - 2 \lambda v^\top w - \mu v^\top v", "symmetric matrix", "C equals its transpose."),
            Line(r"2 (C v - \lambda_1 v)^\top w + 2 (\lambda_1 - \lambda) v^\top w - \mu v^\top v", "add and subtract",
                 "The eigenvalue of v comes in."),
        ),
        r"At a stationary point this is zero. The first bracket is zero, $v^\top w = 0$ and $v^\top v = 1$, so "
        r"$\mu = 0$, and again $C w = \lambda w$: the second component is the eigenvector with the second largest "
        "eigenvalue, and so on.",
    ),
    Argument(
        r"When each point is replaced by its projection on $w$, the mean squared distance is what the projections do "
        "not explain:",
        rf"\frac{{1}}{{DIVISOR}} \sum_{{i=1}}^n \|x_i - \bar{{x}} - (w^\top {CENTRED}) w\|^2",
        (Line(r"\operatorname{tr}(C) - (2 - w^\top w) w^\top C w", "multiply out",
              "Squares and products are collected; the squared lengths add up to the trace."),),
        r"With $w^\top w = 1$ this is $\operatorname{tr}(C) - w^\top C w$. The trace is the sum of all eigenvalues, so "
        r"the error is the sum of the eigenvalues that are left out, and a component explains the share "
        r"$\frac{\lambda_k}{\operatorname{tr}(C)}$ of the variance.",
        heading="What is lost", covariance=True,
    ),
)


def _read(text: str, divisor: str) -> Node:
    reading = Reading(Field("", "formula", ""), names(declare=DECLARED))
    node: Node = formula(text.replace("DIVISOR", divisor), reading)
    return node


def context() -> Context:
    """What the letters of the derivation are."""
    return Context(conditions(list(DECLARED)).declared.domains())


def lagrangian(divisor: str) -> list[Part]:
    """The derivation; ``divisor`` is ``n - 1`` or ``n``, by what the covariance is divided."""
    return [part for argument in ARGUMENTS for part in _told(argument, divisor)]


def covariance(divisor: str) -> Relation:
    """The definition of the covariance matrix."""
    return Relation((Symbol("C"), _read(COVARIANCE, divisor)), ("=",))


def _told(argument: Argument, divisor: str) -> list[Part]:
    parts: list[Part] = [Heading((argument.heading,))] if argument.heading else []
    where = (Definition(Symbol("C"), (), _read(COVARIANCE, divisor)),) if argument.covariance else ()
    parts += [Paragraph(_prose(argument.words, divisor)), Chain(_steps(argument, divisor), None, where)]
    return [*parts, Paragraph(_prose(argument.then, divisor))] if argument.then else parts


def _steps(argument: Argument, divisor: str) -> tuple[Step, ...]:
    ends = [_read(text, divisor) for text in (argument.start, *(line.after for line in argument.lines))]
    return tuple(
        Step(before, after, line.rule, line.reason, line.relation, Level.CALCULUS)
        for before, after, line in zip(ends, ends[1:], argument.lines, strict=False)
    )


def _prose(words: str, divisor: str) -> Prose:
    """Text with formulas between dollar signs."""
    pieces: Sequence[str] = words.split("$")
    return tuple(_read(piece, divisor) if i % 2 else piece for i, piece in enumerate(pieces) if piece)
