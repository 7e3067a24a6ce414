r"""Whether an expression is a number, a vector or a matrix, as far as declarations and signs tell.

Called where notation depends on it: bars are a determinant around a matrix, an absolute value around a number. A
declared whole with a capital letter counts as a matrix, with a small one as a vector.
"""

from __future__ import annotations

from derive.read.names import Names
from derive.tree import Matrix, Negative, Node, Power, Product, Sum, Symbol, Transpose, Vector

NUMBER, VECTOR, ROW, MATRIX = "", "vector", "row", "matrix"


def shape(node: Node, names: Names) -> str:
    """``matrix``, ``vector``, ``row`` or nothing for a number and for what is not known."""
    match node:
        case Symbol():
            return _named(node, names)
        case Matrix():
            return MATRIX
        case Vector():
            return VECTOR
        case Transpose(operand):
            return _TURNED[shape(operand, names)]
        case Negative(operand) | Power(operand, _):
            return shape(operand, names)
        case Sum(terms):
            return next(filter(None, (shape(term, names) for term in terms)), NUMBER)
        case Product(factors):
            return _multiplied([shape(factor, names) for factor in factors])
    return NUMBER


def _named(name: Symbol, names: Names) -> str:
    declared = name.plain in names.matrices
    if not declared and (name.font != "bold" or names.declares(name.plain)):
        return NUMBER
    return MATRIX if name.name[0].isupper() else VECTOR


_TURNED = {NUMBER: NUMBER, VECTOR: ROW, ROW: VECTOR, MATRIX: MATRIX}
_TIMES = {
    (MATRIX, VECTOR): VECTOR, (ROW, MATRIX): ROW, (ROW, VECTOR): NUMBER, (VECTOR, ROW): MATRIX,
    (MATRIX, MATRIX): MATRIX,
}  # fmt: skip


def _multiplied(shapes: list[str]) -> str:
    found = NUMBER
    for other in filter(None, shapes):
        found = _TIMES.get((found, other), NUMBER) if found else other
    return found
