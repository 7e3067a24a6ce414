r"""The slips made with sums and products over an index.

Rows of :data:`derive.rules.slips.SLIPS`.
"""

from __future__ import annotations

from dataclasses import replace

from derive.rules import Action
from derive.rules.slips._rows import (
    Slip,
    slip,
    without,
)
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Component,
    E,
    Indexed,
    Negative,
    Node,
    Number,
    Power,
    Product,
    ProductOver,
    Quotient,
    Sum,
    SumOver,
    depends_on,
    number,
    numeric,
    times,
)


def _sum_of_constant(kind: type[SumOver] | type[ProductOver]) -> Action:
    def apply(node: Node) -> Node | None:
        return node.body if isinstance(node, kind) and not depends_on(node.body, node.index) else None

    return apply


def _power_of_sum(node: Node) -> Node | None:
    match node:
        case Power(SumOver(body) as over, exponent):
            return replace(over, body=Power(body, exponent))
    return None


def _sum_of_powers(node: Node) -> Node | None:
    match node:
        case SumOver(Power(base, Number() as exponent), index) if depends_on(base, index):
            return Power(replace(node, body=base), exponent)
    return None


def _sum_of_products(node: Node) -> Node | None:
    match node:
        case SumOver(Product(factors), index) if sum(depends_on(f, index) for f in factors) > 1:
            return Product(tuple(replace(node, body=f) if depends_on(f, index) else f for f in factors))
    return None


def _factor_out_of_product(node: Node) -> Node | None:
    match node:
        case ProductOver(Product(factors), index):
            fixed = [f for f in factors if not depends_on(f, index)]
            rest = [f for f in factors if depends_on(f, index)]
            return Product((*fixed, replace(node, body=times(rest)))) if fixed and rest else None
    return None


def _log_of_sum_over(node: Node) -> Node | None:
    match node:
        case Call("log" | "ln" as name, (SumOver(body) as over,), 0):
            return replace(over, body=Call(name, (body,)))
    return None


def _exponential_of_sum_over(node: Node) -> Node | None:
    match node:
        case Power(base, SumOver(body) as over) if base == E:
            return replace(over, body=Power(E, body))
    return None


def _shifted(node: Node, by: int) -> Node:
    value = numeric(node)
    return number(value + by) if value is not None else Sum((node, Negative(ONE) if by < 0 else ONE))


def _ends_early(node: Node) -> Node | None:
    match node:
        case SumOver(upper=upper) | ProductOver(upper=upper) if upper is not None and node.lower is not None:
            return replace(node, upper=_shifted(upper, -1))
    return None


def _starts_late(node: Node) -> Node | None:
    """At 1 in place of 0, or at 0 in place of 1."""
    match node:
        case SumOver(lower=Number("0" | "1") as lower) | ProductOver(lower=Number("0" | "1") as lower):
            return replace(node, lower=ONE if lower == ZERO else ZERO)
    return None


def _index_swapped(node: Node) -> Node | None:
    match node:
        case Indexed(base, (i, j)) if i != j:
            return Indexed(base, (j, i))
        case Component(operand, (i, j)) if i != j:
            return Component(operand, (j, i))
    return None


def _one_over_n_lost(node: Node) -> Node | None:
    match node:
        case Quotient(SumOver() as over, bottom) if numeric(bottom) is None:
            return over
        case Product(factors) if any(isinstance(f, SumOver) for f in factors):
            place = next((k for k, f in enumerate(factors) if _is_reciprocal(f)), None)
            return None if place is None else times(without(factors, place))
    return None


def _is_reciprocal(node: Node) -> bool:
    return isinstance(node, Quotient) and node.numerator == ONE


SUMS: tuple[Slip, ...] = (
    slip("sum of a constant as one of it", "sum of a constant", r"\sum_{i=1}^{n} c = c",
         "The constant is added n times: the sum is n c.", _sum_of_constant(SumOver)),
    slip("product of a constant as one of it", "product of a constant", r"\prod_{i=1}^{n} c = c",
         "The constant is multiplied n times: the product is c^n.", _sum_of_constant(ProductOver)),
    slip("square of a sum as a sum of squares", "square of a sum", r"(\sum_i x_i)^2 = \sum_i x_i^2",
         "The mixed products are missing: (1 + 1)^2 is 4, not 2.", _power_of_sum),
    slip("sum of squares as a square of the sum", "square of a sum", r"\sum_i x_i^2 = (\sum_i x_i)^2",
         "First square, then add: 1 and -1 give 2, not 0.", _sum_of_powers),
    slip("sum of products as a product of sums", "sum of products", r"\sum_i x_i y_i = \sum_i x_i \sum_i y_i",
         "The right side also multiplies terms with different index.", _sum_of_products),
    slip("factor taken once out of a product", "product of a constant",
         r"\prod_{i=1}^{n} c x_i = c \prod_{i=1}^{n} x_i",
         "Each of the n factors has it: it comes out as c^n.", _factor_out_of_product),
    slip("logarithm of a sum as a sum of logarithms", "logarithm of a product", r"\log \sum_i x_i = \sum_i \log x_i",
         "That holds for a product: a logarithm does not go into a sum.", _log_of_sum_over),
    slip("exponential of a sum as a sum of exponentials", "combine powers", r"e^{\sum_i x_i} = \sum_i e^{x_i}",
         "A sum in the exponent becomes a product of exponentials.", _exponential_of_sum_over),
    slip("sum ends one term early", "bounds of a sum", r"\sum_{i=1}^{n} u = \sum_{i=1}^{n-1} u",
         "Count the terms: from 1 to n there are n.", _ends_early),
    slip("sum starts at the wrong index", "bounds of a sum", r"\sum_{i=1}^{n} u = \sum_{i=0}^{n} u",
         "Count the terms, and look at the first one.", _starts_late),
    slip("indices swapped", "index notation", "A_{i,j} = A_{j,i}",
         "The first index is the row, the second the column.",
         _index_swapped),
    slip("one over n lost", "mean", r"\frac{1}{n} \sum_i x_i = \sum_i x_i",
         "A mean is divided by the number of terms: for equal values it is that value.", _one_over_n_lost),
)
