r"""Named inequalities: Jensen's in its instances, Cauchy and Schwarz's, squares that are not negative.

Part of the table of :mod:`derive.rules.arguments`, whose conventions hold here. A row says what it is applied to, what
stands on the other side and the relation between them; :data:`EQUALITY` says in words when there is equality.

Sources: Hardy, Littlewood and Pólya, Inequalities (2nd ed., 1952), theorems 7, 9 and 86; Cover and Thomas, Elements of
Information Theory (2nd ed., 2006), theorem 2.6.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derive.rules import Rule
from derive.steps import Level
from derive.tree import (
    ONE,
    TWO,
    ZERO,
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
    SumOver,
    free_symbols,
    times,
)

LOGARITHMS = frozenset({"log", "ln"})
JENSEN = "Jensen's inequality"


def _concave(node: Node) -> Node | None:
    match node:
        case Expectation("E", (Call(name, (body,), 0),), over) if name in LOGARITHMS:
            return Call(name, (Expectation("E", (body,), over),))
    return None


def _weighted(node: Node) -> Node | None:
    """Σ_k w_k log u_k, and (1/n) Σ_i log u_i."""
    match node:
        case SumOver(Product((*weights, Call(name, (u,), 0))), index, lower, upper, None) if name in LOGARITHMS:
            if weights and all(index in free_symbols(w) for w in weights):
                return Call(name, (SumOver(times([*weights, u]), index, lower, upper),))
        case Product((Quotient() as share, SumOver(Call(name, (u,), 0), index, lower, upper, None) as found)) if (
            name in LOGARITHMS and lower == ONE and share == Quotient(ONE, found.upper or ZERO)
        ):
            return Call(name, (Product((share, replace(found, body=u))),))
    return None


def _convex(node: Node) -> Node | None:
    """The mean of a square, an absolute value or a power of e."""
    match node:
        case Expectation("E", (Power(base, exponent),), over) if base == E:
            return Power(E, Expectation("E", (exponent,), over))
        case Expectation("E", (Power(base, exponent),), over) if exponent == TWO:
            return Power(Expectation("E", (base,), over), TWO)
        case Expectation("E", (Call("abs" | "exp" as name, (body,), 0),), over) if not isinstance(body, Given):
            return Call(name, (Expectation("E", (body,), over),))
    return None


def _schwarz(node: Node) -> Node | None:
    """(Σ a b)² and (E[a b])²."""
    match node:
        case Power(SumOver(Product((a, b)), index, lower, upper, None), exponent) if exponent == TWO:
            return Product(tuple(SumOver(Power(u, TWO), index, lower, upper) for u in (a, b)))
        case Power(Expectation("E", (Product((a, b)),), over), exponent) if exponent == TWO:
            return Product(tuple(Expectation("E", (Power(u, TWO),), over) for u in (a, b)))
    return None


def _not_negative(node: Node) -> Node | None:
    """A square, and a mean or a sum of squares."""
    match node:
        case Power(_, exponent) if exponent == TWO:
            return ZERO
        case Expectation("E", (Power(_, exponent),), _) | SumOver(Power(_, exponent)) if exponent == TWO:
            return ZERO
    return None


def _below_tangent(node: Node) -> Node | None:
    match node:
        case Call(name, (body,), 0) if name in LOGARITHMS:
            return Sum((body, Negative(ONE)))
        case Expectation("E", (Call(name, (body,), 0),), over) if name in LOGARITHMS:
            return Expectation("E", (Sum((body, Negative(ONE))),), over)
    return None


INEQUALITIES: tuple[Rule, ...] = (
    Rule(JENSEN, r"\mathbb{E}[\log u] \le \log \mathbb{E}[u]",
         "The logarithm is concave; there is equality where u is the same almost everywhere.", _concave, Level.ARGUMENT,
         "u > 0", relation="<="),
    Rule(JENSEN, r"\sum_k w_k \log u_k \le \log \sum_k w_k u_k",
         "The logarithm is concave, and the weights are those of a mean.", _weighted, Level.ARGUMENT,
         "wₖ ≥ 0 with the sum 1, and uₖ > 0", relation="<="),
    Rule(JENSEN, r"\mathbb{E}[u^2] \ge \mathbb{E}[u]^2",
         "A convex function (square, absolute value, power of e) of the mean is at most its mean.",
         _convex, Level.ARGUMENT, "u has a mean", relation=">="),
    Rule("Cauchy–Schwarz inequality", r"(\sum_i a_i b_i)^2 \le \sum_i a_i^2 \sum_i b_i^2",
         "The square of an inner product is at most the product of the squared lengths.", _schwarz, Level.ARGUMENT,
         relation="<="),
    Rule("square", r"u^2 \ge 0", "A square is not negative, nor is a sum or a mean of squares.", _not_negative,
         Level.ARGUMENT, "u is real", relation=">="),
    Rule("logarithm below its tangent", r"\log u \le u - 1",
         "The logarithm lies below its tangent at 1, and touches it only there.", _below_tangent, Level.ARGUMENT,
         "u > 0", relation="<="),
)
"""The rows, in the order tried."""

EQUALITY: Mapping[str, str] = {
    JENSEN: "the argument of the function is the same almost everywhere",
    "Cauchy–Schwarz inequality": "one of the two is a multiple of the other",
    "square": "what is squared is zero",
    "logarithm below its tangent": "the argument of the logarithm is 1 almost everywhere",
}
"""Where the rules that are inequalities are equalities, in words."""
