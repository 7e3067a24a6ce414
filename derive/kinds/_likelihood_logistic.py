r"""Logistic regression with one input and an intercept: score, second derivatives, Newton's method with numbers.

Called by the kind ``maximum-likelihood``. The score has no zero in closed form, so one Newton step (iteratively
reweighted least squares) is worked out with numbers and the rest is a table.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2nd ed., 2009), section 4.4.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from derive.errors import DeriveError
from derive.goals import through
from derive.kinds._likelihood_given import INDEX, equals, exactly
from derive.kinds._likelihood_newton import Classes, check_targets, newton, start_of, with_start
from derive.kinds._likelihood_pairs import (
    DOMAINS,
    ELL,
    SIZE,
    X_I,
    Y_I,
    Z_I,
    B,
    W,
    X,
    finished,
    given_pairs,
    minus,
    over,
    partial,
)
from derive.problem import Problem
from derive.rules.likelihoods import LOGARITHM_APART
from derive.steps import (
    Chain,
    Context,
    Derivation,
    Heading,
    Level,
    Paragraph,
    Part,
    Prose,
    Result,
    Step,
)
from derive.tree import (
    ONE,
    TWO,
    Call,
    Derivative,
    Negative,
    Node,
    Power,
    Product,
    ProductOver,
    Sum,
    Symbol,
)

H_I = Call("sigma", (Z_I,))


def one_input(problem: Problem) -> Derivation:
    """Score and second derivatives in letters; with data Newton's method.

    DeriveError for data that are not 0 or 1, and for classes that a threshold separates: then the likelihood grows
    without a largest value.
    """
    context = Context(dict(DOMAINS) | dict(problem.domains))
    pairs = given_pairs(problem)
    parts: list[Part] = []
    _logistic_likelihood(parts)
    _logistic_score(parts)
    results = [
        Result("score for w", over(Product((minus(Y_I, H_I), X_I))), partial(W)),
        Result("score for b", over(minus(Y_I, H_I)), partial(B)),
    ]
    model: Prose = ("logistic regression: ", Y_I, " is 1 with the probability ", H_I)
    if pairs is None:
        return finished(problem, model, pairs, parts, results, context)
    _check_classes(*pairs)
    classes = _with_numbers(problem, pairs)
    newton(classes, parts, results, problem.given["figure"])
    return with_start(finished(problem, model, pairs, parts, results, context), classes)


def _logistic_likelihood(parts: list[Part]) -> None:
    single = Product((Power(H_I, Y_I), Power(minus(ONE, H_I), minus(ONE, Y_I))))
    body = Call("log", (ProductOver(single, INDEX, ONE, SIZE),))
    steps = through(body, (LOGARITHM_APART,))
    parts += [
        Paragraph(("A datum ", Y_I, " is 1 with the probability ", equals(Symbol("h", "i"), H_I), (" and else 0, "
                   "so its probability is the first factor below for 1 and the second for 0. The log-likelihood of "
                   "independent data is"),)),
        Chain(tuple(steps), Call(ELL.plain, (W, B))),
    ]


def _log_likelihood() -> Node:
    success = Product((Y_I, Call("log", (H_I,))))
    return over(Sum((success, Product((minus(ONE, Y_I), Call("log", (minus(ONE, H_I),)))))))


def _logistic_score(parts: list[Part]) -> None:
    z, y = Symbol("z"), Symbol("y")
    sigma = Call("sigma", (z,))
    one = Sum((Product((y, Call("log", (sigma,)))), Product((minus(ONE, y), Call("log", (minus(ONE, sigma),))))))
    middle = minus(Product((y, minus(ONE, sigma))), Product((minus(ONE, y), sigma)))
    slope_h = Product((sigma, minus(ONE, sigma)))
    reason = "The derivative of log σ is 1 - σ, that of log(1 - σ) is -σ."
    parts += [
        Heading(("The score",)),
        Paragraph(("For one datum, as a function of ", equals(z, Sum((Product((W, X)), B))), ":")),
        Chain((Step(Derivative(one, z, 1, True), middle, "derivative of the logarithms", reason, level=Level.CALCULUS),
               Step(middle, minus(y, sigma), "multiply out and collect", "The products cancel."))),
        Paragraph(("By the chain rule the derivative by ", W, " has the factor ", X_I, " besides:")),
    ]
    for variable, factor in ((W, X_I), (B, None)):
        rest: Node = minus(Y_I, H_I)
        body = over(rest if factor is None else Product((rest, factor)))
        parts.append(Chain((Step(Derivative(_log_likelihood(), variable, 1, True), body, "chain rule, derivative under "
                                 "the sum", "Each term by its own.", level=Level.CALCULUS),), partial(variable)))
    parts += [
        Paragraph((("Both are to be zero: the residuals add up to zero, also when they are weighted with the inputs. "
                   "The unknowns stand inside the sigmoid, so there is no closed form; the second derivatives lead to "
                   "Newton's method. They follow from"),)),
        Chain((Step(Derivative(sigma, z), slope_h, "derivative of the sigmoid", "The sigmoid's own law.",
                    level=Level.CALCULUS),)),
        Paragraph(("and are",)),
    ]
    weight = Product((H_I, minus(ONE, H_I)))
    entries: tuple[tuple[Symbol, Symbol, Node | None], ...] = (
        (W, W, Power(X_I, TWO)), (W, B, X_I), (B, B, None))
    for first, second, by in entries:
        slope = over(Product((minus(Y_I, H_I), X_I)) if first == W else minus(Y_I, H_I))
        items = [H_I, minus(ONE, H_I), *([by] if by is not None else [])]
        value = Negative(over(Product(tuple(items))))
        parts.append(Chain((Step(Derivative(slope, second, 1, True), value, "chain rule, derivative under the sum",
                                 "Each term by its own.", level=Level.CALCULUS),), partial(first, second)))
    parts.append(Paragraph((
        "Every weight ", weight, (" is positive, so minus the matrix of these is a sum of squares with such weights: "
        "the log-likelihood is concave, and a zero of the score is where it is largest."))))


def _check_classes(inputs: Sequence[Node], targets: Sequence[Node]) -> None:
    """DeriveError for targets other than 0 and 1, and for separated classes."""
    check_targets(targets)
    low, high = ([exactly(x) for x, y in zip(inputs, targets, strict=True) if exactly(y) == c] for c in (0, 1))
    if max(low) <= min(high) or max(high) <= min(low):
        raise DeriveError("data: a threshold of the input separates the two classes: the estimator does not exist, "
                          "because the likelihood grows with the slope without end",
                          "give data whose classes overlap, or add a penalty")


def _with_numbers(problem: Problem, pairs: tuple[tuple[Node, ...], tuple[Node, ...]]) -> Classes:
    """The data and the start of Newton's method; the second input is the 1 of the intercept."""
    inputs, targets = pairs
    return Classes(
        tuple((exactly(x), Fraction(1)) for x in inputs), tuple(map(exactly, targets)),
        start_of(problem.given["start"], (W, B)), (W, B), tuple((x,) for x in inputs), (Symbol("x", "i"),),
    )
