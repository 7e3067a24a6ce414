r"""The slips made with expectations, variances, divergences and conditions.

Rows of :data:`derive.rules.slips.SLIPS`.
"""

from __future__ import annotations

from derive.rules.slips._rows import (
    Slip,
    signed,
    slip,
)
from derive.steps import Level
from derive.tree import (
    TWO,
    Call,
    E,
    Expectation,
    Given,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    free_symbols,
    times,
)


def _expectation_of_product(node: Node) -> Node | None:
    match node:
        case Expectation("E", (Product(factors),), over):
            return Product(tuple(Expectation("E", (f,), over) for f in factors))
    return None


def _expectation_into_function(node: Node) -> Node | None:
    match node:
        case Expectation("E", (Call(name, (u,), 0),), over):
            return Call(name, (Expectation("E", (u,), over),))
        case Expectation("E", (Power(base, exponent),), over):
            inside, outside = (exponent, base) if base == E else (base, exponent)
            mean = Expectation("E", (inside,), over)
            return Power(E, mean) if outside == E else Power(mean, exponent)
        case Expectation("E", (Quotient(top, bottom),), over):
            return Quotient(*(Expectation("E", (u,), over) if free_symbols(u) else u for u in (top, bottom)))
    return None


def _variance_of_multiple(node: Node) -> Node | None:
    match node:
        case Expectation("Var", (Product((first, *rest)),), over) if rest:
            return Product((first, Expectation("Var", (times(rest),), over)))
    return None


def _variance_of_sum(node: Node) -> Node | None:
    match node:
        case Expectation("Var", (Sum(terms),), over):
            return Sum(tuple(signed(lambda t: Expectation("Var", (t,), over), t) for t in terms))
    return None


def _variance_without_mean(node: Node) -> Node | None:
    match node:
        case Expectation("Var", (u,), over) if not isinstance(u, Given):
            return Expectation("E", (Power(u, TWO),), over)
    return None


def _variance_backwards(node: Node) -> Node | None:
    match node:
        case Expectation("Var", (u,), over) if not isinstance(u, Given):
            square, mean = Expectation("E", (Power(u, TWO),), over), Expectation("E", (u,), over)
            return Sum((Power(mean, TWO), Negative(square)))
    return None


def _divergence_swapped(node: Node) -> Node | None:
    match node:
        case Call(name, (Given(items, given, "||"),)):
            return Call(name, (Given(given, items, "||"),))
    return None


def _condition_swapped(node: Node) -> Node | None:
    match node:
        case Call(name, (Given(items, given, "|"),)):
            return Call(name, (Given(given, items, "|"),))
        case Expectation("P", (Given(items, given, "|"),), over):
            return Expectation("P", (Given(given, items, "|"),), over)
    return None


PROBABILITY: tuple[Slip, ...] = (
    slip("expectation of a product as a product", "covariance", "E[X Y] = E[X] E[Y]",
         "That needs uncorrelated quantities: with Y = X it would say that the variance is 0.",
         _expectation_of_product, Level.ARGUMENT),
    slip("expectation taken inside a function", "Jensen's inequality", "E[f(X)] = f(E[X])",
         "Only linear functions let the expectation in: for X = 1 or -1 the mean square is 1, the squared mean 0.",
         _expectation_into_function, Level.ARGUMENT),
    slip("variance of a multiple without the square", "variance of a multiple",
         r"\mathrm{Var}(a X) = a \mathrm{Var}(X)",
         "The factor comes out squared: the variance of -X is not negative.", _variance_of_multiple, Level.ARGUMENT),
    slip("covariance forgotten", "variance of a sum", r"\mathrm{Var}(X + Y) = \mathrm{Var}(X) + \mathrm{Var}(Y)",
         "Twice the covariance is missing: Var(X + X) is 4 Var(X), not 2.", _variance_of_sum, Level.ARGUMENT),
    slip("square of the mean forgotten", "variance", r"\mathrm{Var}(X) = E[X^2]",
         "The squared mean is subtracted: a constant has variance 0.", _variance_without_mean, Level.ARGUMENT),
    slip("terms of the variance swapped", "variance", r"\mathrm{Var}(X) = E[X]^2 - E[X^2]",
         "The mean of the square comes first: a variance is never negative.", _variance_backwards, Level.ARGUMENT),
    slip("arguments of the divergence swapped", "Kullback-Leibler divergence",
         r"\mathrm{KL}(p \| q) = \mathrm{KL}(q \| p)",
         "It is not symmetric: the expectation is taken under the first one.", _divergence_swapped, Level.ARGUMENT),
    slip("condition and event swapped", "Bayes' theorem", r"p(x \mid y) = p(y \mid x)",
         "The two differ by the factor p(y)/p(x).", _condition_swapped, Level.ARGUMENT),
)
