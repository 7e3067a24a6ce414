r"""A 1-D convolution as a matrix product: ``y = T x + b 1`` forward, ``T^\top \delta`` backward, shown equal.

``T`` has a row for each output with the weights where that output's window lies, zero elsewhere; with stride 1 it is
a Toeplitz matrix (constant along its diagonals). The rows of ``X`` are the windows themselves, so ``X^\top \delta`` is
the gradient by the kernel; the windows of the upstream gradient, zeros around and between, times the kernel turned
round are the gradient by the input. Called by :mod:`derive.kinds.convolution`.
"""

from __future__ import annotations

from derive.goals import end_of, through
from derive.kinds._convolution_entries import Written
from derive.kinds._convolution_given import DELTA, LOSS, B, Convolution, W, X, Y
from derive.limits import MATRIX_SIDE
from derive.networks import many
from derive.rules.algebra import PRODUCTS, SUMS, VECTORS
from derive.rules.indices import member
from derive.steps import Chain, Formula, Heading, Level, Paragraph, Part, Prose, Step
from derive.tree import ONE, ZERO, Derivative, Matrix, Node, Product, Relation, Symbol, Transpose, Vector, total

T, WINDOWS, UPSTREAM, TURNED = Symbol("T"), Symbol("X"), Symbol("D"), Symbol("v")


def as_matrix(given: Convolution, written: Written, backward: bool) -> list[Part]:
    """The matrix and the products with it; nothing where it is too wide for a page."""
    (axis,) = given.axes
    if max(axis.size, axis.out) > MATRIX_SIDE:
        return []
    matrix = Matrix(tuple(tuple(_weight(given, i, j) for j in range(axis.size)) for i in range(axis.out)))
    ones = Matrix(tuple((ONE,) for _ in range(axis.out)))
    bias = [Product((B, Symbol("1", font="bold")))] if given.has_bias else []
    parts: list[Part] = [Heading(("As a matrix product",)), Paragraph((_rows(given),)),
                         Formula(Relation((T, matrix), ("=",)))]
    forward = total([Product((matrix, _column(X, axis.size))), *([Product((B, ones))] if bias else [])])
    column = Matrix(tuple((member(Y, (i,)),) for i in range(axis.out)))
    parts.append(_shown(total([Product((T, X)), *bias]), forward, column, "the outputs above", written))
    if not backward:
        return parts
    windows = Matrix(tuple(tuple(given.x((axis.position(i, k),)) for k in range(axis.kernel)) for i in range(axis.out)))
    parts.append(Paragraph(("The transposed matrix takes the upstream gradient back to the input.",)))
    parts.append(_back(T, matrix, X, axis.size, written))
    parts.append(Paragraph(("With the windows as the rows of a matrix ", WINDOWS, " the output is ",
                            total([Product((WINDOWS, W)), *bias]), ", and the same holds for the kernel.")))
    parts.append(Formula(Relation((WINDOWS, windows), ("=",))))
    parts.append(_back(WINDOWS, windows, W, axis.kernel, written))
    return [*parts, *_as_correlation(given, written)]


def _as_correlation(given: Convolution, written: Written) -> list[Part]:
    """The gradient by the input as a cross-correlation of the upstream gradient with the kernel turned round."""
    (axis,) = given.axes
    first = axis.before - axis.dilation * (axis.kernel - 1)
    rows = [[_spread(given, first + j + axis.dilation * t) for t in range(axis.kernel)] for j in range(axis.size)]
    names = [member(W, (k,)) for k in range(axis.kernel)]
    turned = names if given.flip else names[::-1]
    windows, column = Matrix(tuple(map(tuple, rows))), Matrix(tuple((s,) for s in turned))
    gaps = f", {many(axis.stride - 1, 'zero')} between its entries" if axis.stride > 1 else ""
    told = ("The gradient by the input is itself a cross-correlation: of the upstream gradient, with zeros around "
            f"it{gaps}, and the kernel {'as it stands' if given.flip else 'turned round'}, ")
    words: Prose = (told, Relation((TURNED, Vector(tuple(turned))), ("=",)), ". The rows of ", UPSTREAM,
                    " are the windows of the first.")
    wanted = Matrix(tuple((Derivative(LOSS, member(X, (j,)), 1, True),) for j in range(axis.size)))
    return [Paragraph(words), _shown(Product((UPSTREAM, TURNED)), Product((windows, column)), wanted,
                                     "the gradients above", written)]


def _spread(given: Convolution, place: int) -> Node:
    """An entry of the upstream gradient with as many zeros between as the stride leaves out, and zeros around it."""
    (axis,) = given.axes
    i, rest = divmod(place, axis.stride)
    return member(DELTA, (i,)) if rest == 0 and 0 <= i < axis.out else ZERO


def _weight(given: Convolution, i: int, j: int) -> Node:
    (axis,) = given.axes
    taps = [k for k in range(axis.kernel) if axis.position(i, k) == j]
    return member(W, (taps[0],)) if taps else ZERO


def _rows(given: Convolution) -> str:
    constant = ("It is constant along its diagonals: a Toeplitz matrix." if given.axes[0].stride == 1 else
                "From row to row the weights move on by the stride.")
    return f"A convolution is linear in the input. Row i of its matrix has the weights where window i lies. {constant}"


def _column(base: Symbol, size: int) -> Matrix:
    return Matrix(tuple((member(base, (k,)),) for k in range(size)))


def _back(name: Symbol, matrix: Matrix, base: Symbol, size: int, written: Written) -> Chain:
    """The transposed matrix times the upstream gradient, and the gradient it is."""
    start = Product((Transpose(matrix), _column(DELTA, len(matrix.rows))))
    wanted = Matrix(tuple((Derivative(LOSS, member(base, (k,)), 1, True),) for k in range(size)))
    return _shown(Product((Transpose(name), DELTA)), start, wanted, "the gradients above", written)


def _shown(left: Node, start: Node, wanted: Node, why: str, written: Written) -> Chain:
    """Rows times columns, and that the result is what was found before."""
    steps = through(start, (VECTORS, PRODUCTS, SUMS))
    last = Step(end_of(start, steps), wanted, why, "Entry by entry the same.", level=Level.ALGEBRA)
    return Chain((*steps, last), left, written.meaning)


