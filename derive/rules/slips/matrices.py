r"""The slips made with vectors and matrices: order, transposes, determinants, shapes.

Rows of :data:`derive.rules.slips.SLIPS`.
"""

from __future__ import annotations

from derive.rules.slips._rows import (
    Slip,
    U,
    all_matrices,
    first,
    is_matrix,
    signed,
    slip,
    spread,
)
from derive.steps import Level
from derive.tree import (
    TWO,
    Call,
    GradientOf,
    Matrix,
    Negative,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Sum,
    Transpose,
    walk,
)


def _power_of_product(node: Node) -> Node | None:
    """``(A B)^{-1} = A^{-1} B^{-1}``."""
    match node:
        case Power(Product(factors), Negative(Number("1")) as exponent) if all(map(is_matrix, factors)):
            return Product(tuple(Power(f, exponent) for f in factors))
    return None


def _inverse_of_sum(node: Node) -> Node | None:
    match node:
        case Power(Sum(terms) as base, Negative(Number("1")) as exponent) if all_matrices(base):
            return Sum(tuple(signed(lambda t: Power(t, exponent), t) for t in terms))
    return None


def _outer_for_inner(node: Node) -> Node | None:
    """``X X^T`` where ``X^T X`` stands, and the other way round."""
    if not isinstance(node, Product):
        return None
    for i, (u, v) in enumerate(zip(node.factors, node.factors[1:], strict=False)):
        if Transpose(v) == u or Transpose(u) == v:
            return Product((*node.factors[:i], v, u, *node.factors[i + 2 :]))
    return None


def _order_swapped(node: Node) -> Node | None:
    match node:
        case Product((*front, u, v)) if is_matrix(u) and is_matrix(v) and u != v:
            return None if Transpose(v) == u or Transpose(u) == v else Product((*front, v, u))
    return None


def _transpose_lost(node: Node) -> Node | None:
    return node.operand if isinstance(node, Transpose) else None


def _determinant_of_multiple(node: Node) -> Node | None:
    match node:
        case Call("det", (Product((u, v)),), 0) if is_matrix(v) and not is_matrix(u):
            return Product((u, Call("det", (v,))))
    return None


def _determinant_with_plus(node: Node) -> Node | None:
    match node:
        case Call("det", (Matrix(((a, b), (c, d))),), 0):
            return Sum((Product((a, d)), Product((b, c))))
    return None


def _entry_by_entry(node: Node) -> Node | None:
    match node:
        case Product((Matrix(rows) as u, Matrix(others) as v)) if u.shape == v.shape:
            pairs = (zip(r, s, strict=True) for r, s in zip(rows, others, strict=True))
            return Matrix(tuple(tuple(Product(p) for p in pair) for pair in pairs))
    return None


def _rows_for_columns(node: Node) -> Node | None:
    match node:
        case Matrix(rows) if min(node.shape) > 1:
            return Matrix(tuple(zip(*rows, strict=True)))
    return None


def _quadratic_form(node: Node) -> Node | None:
    match node:
        case GradientOf(Product((Transpose(u), a, v)), (x,), 1) if u == v == x and a != x:
            return Product((TWO, a, x))
    return None


def _design_transpose_lost(node: Node) -> Node | None:
    match node:
        case GradientOf(Power(Norm(residual), Number("2")), (w,), 1):
            products = (part.factors for part in walk(residual) if isinstance(part, Product))
            factor = next((factors[0] for factors in products if factors[1:] == (w,)), None)
            return None if factor is None else Product((TWO, factor, residual))
    return None


def _square_of_norm_lost(node: Node) -> Node | None:
    match node:
        case Power(Norm() as norm, Number("2")):
            return norm
    return None


MATRICES: tuple[Slip, ...] = (
    slip("transposed product in the old order", "transpose of a product", r"(A B)^\top = A^\top B^\top",
         "Transposing turns the order round: the shapes of the two factors no longer fit.",
         spread(Transpose(U), Product)),
    slip("inverse of a product in the old order", "inverse of a product", "(A B)^{-1} = A^{-1} B^{-1}",
         "What was done last is undone first, so the order turns round.", _power_of_product),
    slip("inverse of a sum term by term", "inverse", "(A + B)^{-1} = A^{-1} + B^{-1}",
         "An inverse is no sum: with A = B = I the left side is I/2, the right one 2I.", _inverse_of_sum),
    slip("determinant of a sum as a sum", "determinant of a product", r"\det(A + B) = \det(A) + \det(B)",
         "Determinants go with products: det(I + I) is 2^n, not 2.", spread(Call("det", (U,)), Sum)),
    slip("one factor out of a determinant", "determinant of a multiple", r"\det(c A) = c \det(A)",
         "Each of the n rows has the factor c: det(2 I) is 2^n.", _determinant_of_multiple),
    slip("determinant with a plus", "determinant", r"\det\begin{bmatrix} a & b \\ c & d \end{bmatrix} = a d + b c",
         "The second product is subtracted: equal rows must give 0.", _determinant_with_plus),
    slip("trace of a product as a product", "trace",
         r"\operatorname{tr}(A B) = \operatorname{tr}(A) \operatorname{tr}(B)",
         "The trace goes with sums: tr(I I) is n, not n^2.", spread(Call("tr", (U,)), Product, all_matrices)),
    slip("order of the Gram matrix swapped", "matrix product", r"X^\top X = X X^\top",
         "One is features by features, the other samples by samples: look at the shapes.", _outer_for_inner),
    slip("order of a matrix product swapped", "matrix product", "A B = B A",
         "Matrices do not commute: look at the shapes, or try two 2 by 2 matrices.", _order_swapped),
    slip("transpose lost", "transpose", r"A^\top = A", "Rows and columns are swapped; look at the shape.",
         _transpose_lost),
    slip("matrix product entry by entry", "matrix product", r"A B = A \odot B",
         "An entry of the product is a row times a column.", _entry_by_entry),
    slip("rows and columns swapped", "Jacobian", "J = J^T",
         "One row for each component, one column for each variable: look at the shape.", _rows_for_columns,
         Level.CALCULUS),
    slip("matrix of a quadratic form taken for symmetric", "gradient of a quadratic form",
         r"\nabla_x x^\top A x = 2 A x", "It is (A + A^T) x; 2Ax only where A is symmetric.", _quadratic_form,
         Level.CALCULUS),
    slip("transpose lost in the gradient of least squares", "gradient of least squares",
         r"\nabla_w \|X w - y\|^2 = 2 X (X w - y)",
         "The inner derivative is X transposed: only then do the shapes fit.",
         _design_transpose_lost, Level.CALCULUS),
    slip("norm of a sum as a sum", "triangle inequality", r"\|u + v\| = \|u\| + \|v\|",
         "In general the left side is smaller: with v = -u it is 0.",
         first(spread(Norm(U), Sum), spread(Norm(U, TWO), Sum), spread(Call("abs", (U,)), Sum))),
    slip("square of the norm lost", "norm", r"\|u\|^2 = \|u\|",
         "The norm has a root, its square has none: a vector of length 3 has square 9.", _square_of_norm_lost),
)
