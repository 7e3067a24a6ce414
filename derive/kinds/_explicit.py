r"""Formulas of vectors and matrices with numbers in them, written out entry by entry.

``W x + b`` with numbers becomes one matrix whose entries are ``2·1 + 3·(-1) + 0.5``: the line between putting in and
working out. Called by the kinds that calculate with matrices of numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce
from operator import ge, gt, le, lt

from derive.engine import spliced
from derive.errors import DeriveError
from derive.pattern import build, pattern
from derive.rules.functions import DERIVATIVES
from derive.rules.shapes import ONES
from derive.tree import (
    TWO,
    Call,
    Cases,
    E,
    Entrywise,
    Indexed,
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
    Transpose,
    Vector,
    children,
    map_children,
    number,
    numeric,
    substitute,
    times,
    total,
    unsigned,
    walk,
    whole,
)
from derive.write.text import text

Rows = tuple[tuple[Node, ...], ...]


def explicit(node: Node) -> Node:
    """One matrix of expressions in numbers, or one such expression where it has a single entry.

    DeriveError for an operation that is not written out.
    """
    rows = _rows(node)
    return spliced(rows[0][0]) if _is_number(rows) else spliced(Matrix(rows))


def with_all_entries(node: Node) -> Node:
    """The same with what is meant entry by entry written so: ``1 - [a; b]`` as ``[1; 1] - [a; b]``.

    Also slopes, ``f'([a; b])`` as ``[f'(a); f'(b)]``, and sums over the entries of a matrix term by term.
    """
    if (summed := _over_entries(node)) is not None:
        return summed
    made = map_children(node, with_all_entries)
    match made:
        case Sum(terms) if (like := next((t for t in terms if isinstance(t, Matrix) and t.shape != (1, 1)), None)):
            return Sum(tuple(_in_every_entry(t, like) for t in terms))
        case Sum(terms) if (inner := _negated_matrix(terms)) is not None:
            return Sum(tuple(_in_every_entry(t, inner) for t in terms))
        case Call(_, (Matrix(),), 1):
            return Matrix(_rows(made))
    return made


def _over_entries(node: Node) -> Node | None:
    """A sum over the entries of a matrix of numbers, written out; the entry itself for given indices."""
    match node:
        case SumOver(body, index, lower, upper, None) if lower is not None and upper is not None:
            low, high = whole(lower), whole(upper)
            if low is None or high is None or not any(_entry(n) for n in walk(body)):
                return None
            terms = [with_all_entries(substitute(body, {index: number(k)})) for k in range(low, high + 1)]
            return spliced(total(terms))
        case Indexed() if (found := _entry(node)) is not None:
            rows, at = found[0].rows, [whole(i) for i in found[1]]
            if len(at) == 2 and at[0] is not None and at[1] is not None:
                return rows[at[0] - 1][at[1] - 1]
    return None


def _entry(node: Node) -> tuple[Matrix, tuple[Node, ...]] | None:
    """The matrix and the indices of an entry in which numbers have been put in for the matrix."""
    base: Node | None = node.base if isinstance(node, Indexed) else None
    return (base, node.indices) if isinstance(node, Indexed) and isinstance(base, Matrix) else None


def _negated_matrix(terms: tuple[Node, ...]) -> Matrix | None:
    found = (t.operand for t in terms if isinstance(t, Negative))
    return next((m for m in found if isinstance(m, Matrix) and m.shape != (1, 1)), None)


def _in_every_entry(term: Node, like: Matrix) -> Node:
    inner = unsigned(term)
    if numeric(inner) is None:
        return term
    rows, columns = like.shape
    made = Matrix(((inner,) * columns,) * rows)
    return Negative(made) if isinstance(term, Negative) else made


def _is_number(rows: Rows) -> bool:
    return len(rows) == 1 and len(rows[0]) == 1


def _rows(node: Node) -> Rows:
    match node:
        case Matrix(rows):
            return rows
        case Vector(items):
            return tuple((item,) for item in items)
        case Sum(terms):
            return _each([_rows(t) for t in terms], total)
        case Entrywise(factors):
            return _each([_rows(f) for f in factors], times)
        case Negative(operand):
            return _each([_rows(operand)], lambda parts: Negative(parts[0]))
        case Quotient(top, bottom):
            return _each([_rows(top), _rows(bottom)], lambda parts: Quotient(parts[0], parts[1]))
        case Root(radicand, degree):
            return _each([_rows(radicand)], lambda parts: Root(parts[0], degree))
        case Transpose(operand):
            return tuple(zip(*_rows(operand), strict=True))
        case Product(factors):
            return _product(factors)
        case Power(Norm(operand), exponent) if exponent == TWO:
            return ((total([Power(entry, TWO) for row in _rows(operand) for entry in row]),),)
        case Call():
            return _called(node)
    return ((node,),)


def _each(parts: list[Rows], join: Callable[[list[Node]], Node]) -> Rows:
    """The same done in every entry; a number stands for all entries."""
    shape = next((p for p in parts if not _is_number(p)), parts[0])
    return tuple(
        tuple(join([p[0][0] if _is_number(p) else p[i][j] for p in parts]) for j in range(len(shape[0])))
        for i in range(len(shape))
    )


def _product(factors: tuple[Node, ...]) -> Rows:
    known = [f for f in factors if f not in (ONES, Transpose(ONES))]
    if len(known) < len(factors):
        return _with_ones(factors)
    return reduce(_times, map(_rows, known))


def _with_ones(factors: tuple[Node, ...]) -> Rows:
    """Rows or columns added up; ones on the outside of a product only."""
    match factors:
        case (*rest, last) if last == ONES and rest:
            rows = _product(tuple(rest))
            return tuple((total(row),) for row in rows)
        case (first, *rest) if first == Transpose(ONES) and rest:
            rows = _product(tuple(rest))
            return (tuple(total(column) for column in zip(*rows, strict=True)),)
    raise DeriveError("a product with a column of ones between two factors is not written out")


def _times(left: Rows, right: Rows) -> Rows:
    if _is_number(left) or _is_number(right):
        return _each([left, right], times)
    columns = tuple(zip(*right, strict=True))
    return tuple(
        tuple(total([Product((a, b)) for a, b in zip(row, column, strict=True)]) for column in columns) for row in left
    )


def _called(node: Call) -> Rows:
    match node:
        case Call("softmax", (z,)):
            powers = _each([_rows(z)], lambda parts: Power(E, parts[0]))
            below = total([p for row in powers for p in row])
            return _each([powers], lambda parts: Quotient(parts[0], below))
        case Call("logsumexp", (z,)):
            powers = _each([_rows(z)], lambda parts: Power(E, parts[0]))
            return ((Call("ln", (total([p for row in powers for p in row]),)),),)
        case Call(name, (z,), order):
            return _each([_rows(z)], lambda parts: Call(name, (parts[0],), order))
    raise DeriveError(f"{text(node)} is not written out entry by entry")


def slopes(node: Node) -> Node:
    """The same with the slopes of functions with cases at numbers: ``ReLU'(5)`` is 1; on a kink that on the left.

    The sign of a number is such a slope too, that of the absolute value; for 0 programs take 0.
    """
    match node:
        case Call("sign", (at,), 0) if (value := numeric(at)) is not None:
            return number((value > 0) - (value < 0))
        case Call(name, (at,), 1) if name in DERIVATIVES and numeric(at) is not None:
            slope = _slope(name, at)
            return _branch(slope.branches) if isinstance(slope, Cases) else slope
    return map_children(node, slopes)


def on_kink(node: Node) -> bool:
    """Whether slopes are taken at a number where a function has none: ``ReLU'(0)``, or the sign of 0."""
    match node:
        case Call("sign", (at,), 0):
            return numeric(at) == 0
        case Call(name, (at,), 1) if name in DERIVATIVES and numeric(at) is not None:
            slope = _slope(name, at)
            return isinstance(slope, Cases) and not any(when is None or _holds(when) for _, when in slope.branches)
    return any(on_kink(part) for part in children(node))


def _slope(name: str, at: Node) -> Node:
    return build(pattern(DERIVATIVES[name].derivative), {"u": at})


def _branch(branches: tuple[tuple[Node, Node | None], ...]) -> Node:
    """The first value whose condition holds for the numbers in it; else the last."""
    return next((value for value, when in branches if when is None or _holds(when)), branches[-1][0])


def _holds(condition: Node) -> bool:
    match condition:
        case Relation((a, b), (sign,)):
            left, right = numeric(a), numeric(b)
            return left is not None and right is not None and _SIGNS[sign](left, right)
    return False


_SIGNS: dict[str, Callable[[Fraction, Fraction], bool]] = {">": gt, "<": lt, ">=": ge, "<=": le}
