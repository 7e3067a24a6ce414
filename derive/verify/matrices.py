"""Vectors and matrices written out: every operation on them done entry by entry.

:func:`written_out` takes an unfolded expression to a scalar expression or to one explicit ``Matrix`` of scalar
expressions, so that the two evaluators need to know only scalars. A vector, however written, is a column.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.limits import MATRIX_SIDE
from derive.tree import (
    INFINITY,
    ONE,
    TWO,
    ZERO,
    Call,
    Cases,
    Component,
    E,
    Entrywise,
    Inner,
    Matrix,
    Negative,
    Node,
    Norm,
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
    kinds,
    map_children,
    times,
    total,
    whole,
)
from derive.verify.core import DerivativeAt
from derive.verify.signals import TooLarge, Undecidable

Rows = tuple[tuple[Node, ...], ...]


def written_out(node: Node) -> Node:
    """The expression without any operation on vectors or matrices but ``det`` and ``rank`` of explicit ones."""
    if kinds(node).isdisjoint((Matrix, Vector)):
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
        case Norm(operand, order):
            return _norm(written_out(operand), order)
        case Inner(left, right):
            return _inner(written_out(left), written_out(right))
        case Entrywise(factors):
            return _entrywise([written_out(f) for f in factors])
        case Component(operand, indices):
            return _component(written_out(operand), indices)
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


def mapped(matrix: Matrix, function: Callable[[Node], Node]) -> Matrix:
    """A function of every entry."""
    return Matrix(tuple(tuple(function(e) for e in row) for row in matrix.rows))


def _each(node: Node, function: Callable[[Node], Node]) -> Node:
    return mapped(node, function) if isinstance(node, Matrix) else function(node)


def _sum(terms: list[Node]) -> Node:
    matrices = [t for t in terms if isinstance(t, Matrix)]
    if not matrices:
        return total(terms)
    shape = matrices[0].shape
    if any(m.shape != shape for m in matrices):
        raise Undecidable("a sum of things of different shapes")
    if len(matrices) != len(terms):
        return _with_numbers(terms, shape)
    columns = range(shape[1])
    return Matrix(tuple(tuple(total([m.rows[i][j] for m in matrices]) for j in columns) for i in range(shape[0])))


def _with_numbers(terms: list[Node], shape: tuple[int, int]) -> Node:
    """A number is added to every entry; to a square matrix it may be meant for the diagonal."""
    if shape == (1, 1):
        return total([t.rows[0][0] if isinstance(t, Matrix) else t for t in terms])
    if 1 not in shape and shape[0] == shape[1]:
        raise Undecidable("a number added to a square matrix")
    rows, columns = map(range, shape)
    return Matrix(tuple(
        tuple(total([t.rows[i][j] if isinstance(t, Matrix) else t for t in terms]) for j in columns) for i in rows
    ))  # fmt: skip


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
    if base == E:
        raised = written_out(exponent)
        if isinstance(raised, Matrix) and 1 not in raised.shape:
            raise Undecidable("a matrix as an exponent")
        return _each(raised, lambda e: Power(E, e))
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
    if matrix is None or len(args) != 1:
        return _at_every_entry(node, name, args)
    square = matrix.shape[0] == matrix.shape[1]
    if name in ("det", "abs") and square:
        return Call("det", (matrix,))
    rule = _OF_MATRICES.get(name)
    if rule is not None:
        return rule(matrix)
    if 1 in matrix.shape or name not in _MATRIX_FUNCTIONS:
        return _each(matrix, lambda e: Call(name, (e,), node.order))
    raise Undecidable(f"{name} of a matrix")


def _at_every_entry(node: Call, name: str, args: tuple[Node, ...]) -> Node:
    """``max(0, x)`` of a vector; a number goes with every entry."""
    larger = [a for a in args if isinstance(a, Matrix)]
    if not larger:
        return Call(name, args, node.order)
    if name not in ("max", "min") or any(m.shape != larger[0].shape for m in larger):
        raise Undecidable(f"{name} of matrices")
    height, width = larger[0].shape
    return Matrix(
        tuple(
            tuple(Call(name, tuple(a.rows[i][j] if isinstance(a, Matrix) else a for a in args)) for j in range(width))
            for i in range(height)
        )
    )


def _flat(m: Matrix) -> tuple[Node, ...]:
    return tuple(e for row in m.rows for e in row)


def _length(m: Matrix) -> Node:
    return Root(total([Power(e, TWO) for e in _flat(m)]))


def _norm(value: Node, order: Node | None) -> Node:
    """The length of a vector (orders 1, 2 and infinity) or Frobenius's of a matrix."""
    if not isinstance(value, Matrix):
        return Call("abs", (value,))
    vector = 1 in value.shape
    if order in (None, Symbol("F")) or (vector and order == TWO):
        return _length(value)
    sizes: list[Node] = [Call("abs", (e,)) for e in _flat(value)]
    if vector and order == ONE:
        return total(sizes)
    if vector and order == INFINITY:
        return Call("max", tuple(sizes)) if len(sizes) > 1 else sizes[0]
    raise Undecidable("a norm of this order")


def _inner(left: Node, right: Node) -> Node:
    if not isinstance(left, Matrix) or not isinstance(right, Matrix):
        return times([_scalar(left), _scalar(right)])
    if left.shape != right.shape:
        raise Undecidable("an inner product of things of different shapes")
    return _dot(_flat(left), _flat(right))


def _entrywise(factors: list[Node]) -> Node:
    matrices = [f for f in factors if isinstance(f, Matrix)]
    if len(matrices) < len(factors):
        return _product(factors)
    if len({m.shape for m in matrices}) != 1:
        raise Undecidable("an entry by entry product of things of different shapes")
    height, width = matrices[0].shape
    return Matrix(tuple(tuple(times([m.rows[i][j] for m in matrices]) for j in range(width)) for i in range(height)))


def _component(value: Node, indices: tuple[Node, ...]) -> Node:
    places = [n for n in map(whole, indices) if n is not None]
    if not isinstance(value, Matrix) or len(places) != len(indices):
        raise Undecidable("an entry whose place is no number")
    rows = (_flat(value),) if len(places) == 1 else value.rows
    i, j = places if len(places) == 2 else (1, *places)
    if not (1 <= i <= len(rows) and 1 <= j <= len(rows[0])):
        raise Undecidable("an entry beyond the last one")
    return rows[i - 1][j - 1]


def _trace(m: Matrix) -> Node:
    if m.shape[0] != m.shape[1]:
        raise Undecidable("the trace of a matrix that is not square")
    return total([m.rows[i][i] for i in range(m.shape[0])])


def _diagonal(m: Matrix) -> Node:
    """A vector is put on a diagonal, a square matrix gives its own."""
    if m.shape[1] == 1:
        entries = _flat(m)
        return Matrix(tuple(tuple(e if i == j else ZERO for j in range(len(entries))) for i, e in enumerate(entries)))
    if m.shape[0] != m.shape[1]:
        raise Undecidable("the diagonal of a matrix that is not square")
    return Matrix(tuple((m.rows[i][i],) for i in range(m.shape[0])))


def _shares(m: Matrix) -> Node:
    """Softmax; of a matrix, that of every row."""
    if m.shape[1] == 1:
        return Matrix(tuple((s,) for s in _row_shares(_flat(m))))
    return Matrix(tuple(_row_shares(row) for row in m.rows))


def _row_shares(row: tuple[Node, ...]) -> tuple[Node, ...]:
    powers: list[Node] = [Power(E, e) for e in row]
    return tuple(Quotient(p, total(powers)) for p in powers)


def _size(m: Matrix) -> Node:
    if 1 not in m.shape:
        raise Undecidable("bars around a matrix that is not square")
    return _length(m)


_OF_MATRICES: dict[str, Callable[[Matrix], Node]] = {
    "abs": _size,
    "tr": _trace,
    "rank": lambda m: Call("rank", (m,)),
    "diag": _diagonal,
    "softmax": _shares,
    "logsumexp": lambda m: Call("log", (total([Power(E, e) for e in _flat(m)]),)),
    "vec": lambda m: Matrix(tuple((row[j],) for j in range(m.shape[1]) for row in m.rows)),
    "max": lambda m: Call("max", _flat(m)),
    "min": lambda m: Call("min", _flat(m)),
}
"""Functions of one vector or matrix as a whole; every other one acts on the entries of a vector."""

_MATRIX_FUNCTIONS = frozenset({"exp", "log", "ln", "sin", "cos", "det"})
"""Functions that mean something else for a matrix than for its entries."""


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
