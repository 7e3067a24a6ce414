"""Vectors and matrices written out: every operation on them done entry by entry.

:func:`written_out` takes an unfolded expression to a scalar expression or to one explicit ``Matrix`` of scalar
expressions, so that the two evaluators need to know only scalars. A vector, however written, is a column.
"""

from __future__ import annotations

from derive.limits import MATRIX_SIDE
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Cases,
    Matrix,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
    map_children,
    times,
    total,
)
from derive.verify.core import DerivativeAt, walk, whole
from derive.verify.signals import TooLarge, Undecidable

Rows = tuple[tuple[Node, ...], ...]


def written_out(node: Node) -> Node:
    """The expression without any operation on vectors or matrices but ``det`` and ``rank`` of explicit ones."""
    if not any(isinstance(p, (Matrix, Vector)) for p in walk(node)):
        return node
    return _scalar_or_matrix(node)


def _scalar_or_matrix(node: Node) -> Node:
    match node:
        case Vector(items):
            return _matrix(tuple((written_out(i),) for i in items))
        case Matrix(rows):
            return _matrix(tuple(tuple(_scalar(e) for e in row) for row in rows))
        case Sum(terms):
            return _sum([written_out(t) for t in terms])
        case Product(factors):
            return _product([written_out(f) for f in factors])
        case Negative(operand):
            return _each(written_out(operand), Negative)
        case Quotient(top, bottom):
            divisor = _scalar(bottom)
            return _each(written_out(top), lambda e: Quotient(e, divisor))
        case Power(base, exponent):
            return _power(written_out(base), exponent)
        case Transpose(operand):
            return _transposed(written_out(operand))
        case Call(name, args):
            return _call(node, name, tuple(written_out(a) for a in args))
        case DerivativeAt(body, variable, order, point):
            return _derivative(written_out(body), variable, order, written_out(point))
        case SumOver(body, index, lower, upper):
            return _each(written_out(body), lambda e: SumOver(e, index, lower, upper))
        case Cases(branches):
            return _cases(branches)
        case Relation():
            return map_children(node, written_out)
    return map_children(node, _scalar)


def _scalar(node: Node) -> Node:
    value = written_out(node)
    if isinstance(value, Matrix):
        if value.shape != (1, 1):
            raise Undecidable("a matrix where a number is expected")
        return value.rows[0][0]
    return value


def _matrix(rows: Rows) -> Matrix:
    if max(len(rows), len(rows[0])) > MATRIX_SIDE:
        raise TooLarge("too large")
    if len({len(row) for row in rows}) != 1:
        raise Undecidable("the rows of a matrix differ in length")
    return Matrix(rows)


def _each(node: Node, function: object) -> Node:
    assert callable(function)
    if isinstance(node, Matrix):
        return Matrix(tuple(tuple(function(e) for e in row) for row in node.rows))
    return function(node)  # type: ignore[no-any-return]


def _sum(terms: list[Node]) -> Node:
    matrices = [t for t in terms if isinstance(t, Matrix)]
    if not matrices:
        return total(terms)
    shape = matrices[0].shape
    if len(matrices) != len(terms) or any(m.shape != shape for m in matrices):
        raise Undecidable("a sum of things of different shapes")
    columns = range(shape[1])
    return Matrix(tuple(tuple(total([m.rows[i][j] for m in matrices]) for j in columns) for i in range(shape[0])))


def _product(factors: list[Node]) -> Node:
    scalars = [f for f in factors if not isinstance(f, Matrix)]
    matrices = [f for f in factors if isinstance(f, Matrix)]
    if not matrices:
        return times(scalars)
    result = matrices[0]
    for other in matrices[1:]:
        result = _multiplied(result, other)
    factor = times(scalars)
    return _each(result, lambda e: times([factor, e])) if scalars else result


def _multiplied(a: Matrix, b: Matrix) -> Matrix:
    if a.shape == (1, 1):
        return Matrix(tuple(tuple(_mul(a.rows[0][0], e) for e in row) for row in b.rows))
    if b.shape == (1, 1):
        return _multiplied(b, a)
    if a.shape[1] != b.shape[0]:
        raise Undecidable(f"a product of {a.shape[0]}×{a.shape[1]} with {b.shape[0]}×{b.shape[1]}")
    columns = tuple(zip(*b.rows, strict=True))
    return Matrix(tuple(tuple(_dot(row, column) for column in columns) for row in a.rows))


def _dot(row: tuple[Node, ...], column: tuple[Node, ...]) -> Node:
    terms = [_mul(x, y) for x, y in zip(row, column, strict=True)]
    return total([t for t in terms if t != ZERO] or [ZERO])


def _mul(x: Node, y: Node) -> Node:
    if ZERO in (x, y):
        return ZERO
    return y if x == ONE else x if y == ONE else times([x, y])


def _transposed(node: Node) -> Node:
    return Matrix(tuple(zip(*node.rows, strict=True))) if isinstance(node, Matrix) else node


def _power(base: Node, exponent: Node) -> Node:
    if not isinstance(base, Matrix):
        return Power(base, _scalar(exponent))
    n = whole(exponent)
    if n is None or base.shape[0] != base.shape[1] or abs(n) > MATRIX_SIDE:
        raise Undecidable("a power of a matrix that is not a small whole number")
    if n < 0:
        base, n = _inverse(base), -n
    result = _identity(base.shape[0])
    for _ in range(n):
        result = _multiplied(base, result)
    return result


def _identity(side: int) -> Matrix:
    return Matrix(tuple(tuple(ONE if i == j else ZERO for j in range(side)) for i in range(side)))


def _inverse(m: Matrix) -> Matrix:
    """Cramer's rule: the transposed matrix of signed minors over the determinant."""
    side = m.shape[0]
    determinant = Call("det", (m,))
    if side == 1:
        return Matrix(((Quotient(ONE, m.rows[0][0]),),))
    return Matrix(
        tuple(tuple(Quotient(_signed_minor(m, j, i), determinant) for j in range(side)) for i in range(side))
    )


def _signed_minor(m: Matrix, i: int, j: int) -> Node:
    rows = tuple(row[:j] + row[j + 1 :] for k, row in enumerate(m.rows) if k != i)
    minor: Node = rows[0][0] if len(rows) == 1 else Call("det", (Matrix(rows),))
    return Negative(minor) if (i + j) % 2 else minor


def _call(node: Call, name: str, args: tuple[Node, ...]) -> Node:
    matrix = args[0] if args and isinstance(args[0], Matrix) else None
    if matrix is None:
        return Call(name, args, node.order)
    square = matrix.shape[0] == matrix.shape[1]
    if name in ("det", "abs") and square:
        return Call("det", (matrix,))
    if name == "abs" and 1 in matrix.shape:
        return Root(total([Power(e, TWO) for row in matrix.rows for e in row]))
    if name == "tr" and square:
        return total([matrix.rows[i][i] for i in range(matrix.shape[0])])
    if name == "rank":
        return Call("rank", (matrix,))
    raise Undecidable(f"{name} of a matrix")


def _derivative(body: Node, variable: Symbol, order: int, point: Node) -> Node:
    if isinstance(point, Matrix):
        raise Undecidable("a derivative at a matrix")
    return _each(body, lambda e: DerivativeAt(e, variable, order, point))


def _cases(branches: tuple[tuple[Node, Node | None], ...]) -> Node:
    values = [written_out(v) for v, _ in branches]
    conditions = [None if c is None else written_out(c) for _, c in branches]
    shapes = {v.shape if isinstance(v, Matrix) else None for v in values}
    if len(shapes) != 1:
        raise Undecidable("cases of different shapes")
    if shapes == {None}:
        return Cases(tuple(zip(values, conditions, strict=True)))
    matrices = [v for v in values if isinstance(v, Matrix)]
    height, width = matrices[0].shape
    return Matrix(
        tuple(
            tuple(
                Cases(tuple((m.rows[i][j], c) for m, c in zip(matrices, conditions, strict=True)))
                for j in range(width)
            )
            for i in range(height)
        )
    )
