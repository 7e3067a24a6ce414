r"""Inputs and targets of a regression with one input: what is given, and the letters and shapes of both derivations.

Called by :mod:`_likelihood_line` and :mod:`_likelihood_logistic`.
"""

from __future__ import annotations

from derive.errors import DeriveError
from derive.kinds._likelihood_given import INDEX, exactly, origin, read_data, stated_data
from derive.problem import Problem
from derive.steps import (
    Context,
    Derivation,
    Part,
    Prose,
    Result,
)
from derive.tree import (
    ONE,
    Derivative,
    Indexed,
    Negative,
    Node,
    Product,
    Sum,
    SumOver,
    Symbol,
)

X, Y, W, B, SIGMA, SIZE = Symbol("x"), Symbol("y"), Symbol("w"), Symbol("b"), Symbol("sigma"), Symbol("n")
X_BAR, Y_BAR = Symbol("x", accent="bar"), Symbol("y", accent="bar")
X_I, Y_I = Indexed(X, (INDEX,)), Indexed(Y, (INDEX,))
ELL = Symbol("ell")
Z_I = Sum((Product((W, X_I)), B))
SHOWN = 12
DOMAINS = {SIZE: "positive integer", SIGMA: "positive"}


def over(body: Node) -> SumOver:
    """The sum over the data."""
    return SumOver(body, INDEX, ONE, SIZE)


def minus(a: Node, b: Node) -> Sum:
    """``a - b``."""
    return Sum((a, Negative(b)))


def given_pairs(problem: Problem) -> tuple[tuple[Node, ...], tuple[Node, ...]] | None:
    """Inputs and targets. DeriveError for one without the other, and for lists of different lengths."""
    inputs, _ = read_data(problem.given["inputs"], problem.file, "inputs")
    targets, _ = read_data(problem.given["data"], problem.file)
    if inputs is None and targets is None:
        return None
    if inputs is None or targets is None:
        missing = "inputs" if inputs is None else "data"
        raise DeriveError(f"a regression with numbers needs both inputs and data, and {missing} is missing",
                          "inputs = [0, 1, 2] and data = [0, 0, 1], for instance")
    if len(inputs) != len(targets):
        raise DeriveError(f"inputs: {len(inputs)} inputs and {len(targets)} data", "give one datum for each input")
    if len(set(map(exactly, inputs))) < 2:
        raise DeriveError("inputs: all inputs are the same, so no slope can be estimated", "give different inputs")
    return inputs, targets


def finished(
    problem: Problem, model: Prose, pairs: tuple[tuple[Node, ...], tuple[Node, ...]] | None, parts: list[Part],
    results: list[Result], context: Context,
) -> Derivation:
    """The derivation with what was given and asked."""
    given: list[Prose] = [model]
    if pairs is not None:
        given += [stated_data(key, values, origin(problem.given[key]))
                  for key, values in zip(("inputs", "data"), pairs, strict=True)]
    asked: Prose = ("the maximum-likelihood estimators of ", W, " and ", B)
    return Derivation(problem.title, problem.kind, tuple(given), (asked,), tuple(parts), tuple(results), context)


def partial(variable: Symbol, second: Symbol | None = None) -> Derivative:
    """The derivative of the log-likelihood by a letter, or by two."""
    first = Derivative(ELL, variable, 1, True)
    if second is None:
        return first
    return Derivative(ELL, variable, 2, True) if second == variable else Derivative(first, second, 1, True)
