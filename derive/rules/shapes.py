r"""How many rows and columns the parts of a formula have, by the declared shapes of its letters.

A vector is a column, a number is 1×1. A side is a number or a letter; None is a side that only the rest of the formula
fixes: that of a column of ones, ``\mathbf{1}``. Asked by :mod:`derive.rules.matrices` for the side conditions of its
laws and by the kinds that differentiate by vectors and matrices. The verifier has shapes of its own.

A new kind of node is a case of :meth:`Shapes.of`; what does not fit raises :class:`ShapesError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from derive.declarations import declaration
from derive.errors import DeriveError
from derive.tree import (
    Call,
    Derivative,
    Entrywise,
    GradientOf,
    Inner,
    Matrix,
    Negative,
    Node,
    Norm,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
)

Side = int | str | None
Shape = tuple[Side, Side]
NUMBER: Shape = (1, 1)
ONES = Symbol("1", font="bold")
"""A column of ones, as long as it must be."""
UNIT = Symbol("I", font="bold")
"""The unit matrix, as large as it must be."""
_ZEROS = Symbol("0", font="bold")
_TO_NUMBER = frozenset({"tr", "det", "logsumexp", "rank"})


class ShapesError(DeriveError):
    """Two parts that do not fit; ``parts`` are these, ``shapes`` their shapes."""

    def __init__(self, what: str, parts: tuple[Node, Node], shapes: tuple[Shape, Shape]) -> None:
        super().__init__(f"{what} of a {spoken(shapes[0])} and a {spoken(shapes[1])}", "the shapes do not fit")
        self.what, self.parts, self.shapes = what, parts, shapes


def spoken(shape: Shape) -> str:
    """``number``, ``vector of length 3``, ``matrix n×d``."""
    rows, columns = shape
    if shape == NUMBER:
        return "number"
    if columns == 1:
        return f"vector of length {rows or '?'}"
    return f"matrix {rows or '?'}×{columns or '?'}"


def shape_of(domain: str) -> Shape | None:
    """The shape that a declaration gives; None for a vector or matrix without its sides. DeriveError for no domain."""
    said = declaration(domain)
    if said.kind not in ("vector", "matrix"):
        return NUMBER
    sides: list[Side] = [int(s) if s.isdecimal() else s for s in said.shape]
    return (sides[0], sides[1] if len(sides) > 1 else 1) if sides else None


def domain_of(shape: Shape) -> str:
    """The declaration of a shape: ``real``, ``vector n``, ``matrix 4 x 3``."""
    rows, columns = shape
    if shape == NUMBER:
        return "real"
    return f"vector {rows}" if columns == 1 else f"matrix {rows} x {columns}"


@dataclass(frozen=True)
class Shapes:
    """The shapes of letters; a letter without one is a number."""

    names: Mapping[Symbol, Shape]

    def of(self, node: Node) -> Shape:
        """The shape of an expression. :class:`ShapesError` where its parts do not fit."""
        match node:
            case Symbol() if node == UNIT:
                return None, None
            case Symbol():
                return (None, 1) if node in (ONES, _ZEROS) else self.names.get(node, NUMBER)
            case Negative(operand) | Power(operand, _) | Root(operand, _):
                return self.of(operand) if not isinstance(node, Power) else self._power(node)
            case Sum(terms) | Entrywise(terms):
                return self._alike(terms, "the sum" if isinstance(node, Sum) else "the product entry by entry")
            case Product(factors):
                return self._product(factors)
            case Quotient(top, bottom):
                return self._alike((top, bottom), "the quotient entry by entry")
            case Transpose(operand):
                rows, columns = self.of(operand)
                return columns, rows
            case Call(name, args):
                return self._call(name, args)
            case Vector(items):
                return len(items), 1
            case Matrix():
                return node.shape
            case Derivative(variable=variable) if isinstance(variable, Symbol):
                return self.names.get(variable, NUMBER)
            case GradientOf(variables=(variable,), order=1):
                return self.names.get(variable, NUMBER)
            case Inner(left, right):
                self._alike((left, right), "the inner product")
                return NUMBER
            case Norm() | SumOver():
                return NUMBER
        return NUMBER

    def is_number(self, node: Node) -> bool:
        """Whether an expression is a number."""
        return self.of(node) == NUMBER

    def _power(self, node: Power) -> Shape:
        exponent = self.of(node.exponent)
        return exponent if exponent != NUMBER else self.of(node.base)

    def _alike(self, parts: Iterable[Node], what: str) -> Shape:
        """The common shape; a number stands for all entries."""
        found, first = NUMBER, None
        for part in parts:
            shape = self.of(part)
            if shape == NUMBER:
                continue
            if first is None:
                found, first = shape, part
                continue
            joined = _joined(found, shape)
            if joined is None:
                raise ShapesError(what, (first, part), (found, shape))
            found = joined
        return found

    def _product(self, factors: tuple[Node, ...]) -> Shape:
        found, first = NUMBER, factors[0]
        for factor in factors:
            shape = self.of(factor)
            if NUMBER in (found, shape):
                found, first = (shape if found == NUMBER else found), factor
            elif _fits(found[1], shape[0]):
                found, first = (found[0], shape[1]), factor
            else:
                raise ShapesError("the product", (first, factor), (found, shape))
        return found

    def _call(self, name: str, args: tuple[Node, ...]) -> Shape:
        if name in _TO_NUMBER:
            return NUMBER
        if name == "diag" and len(args) == 1:
            rows, columns = self.of(args[0])
            return (rows, rows) if columns == 1 else (rows, 1)
        return self._alike(args, f"the function {name}")


def _fits(a: Side, b: Side) -> bool:
    return a is None or b is None or a == b


def _joined(a: Shape, b: Shape) -> Shape | None:
    """Two shapes that are one, each known side from whichever knows it."""
    if not (_fits(a[0], b[0]) and _fits(a[1], b[1])):
        return None
    return (b[0] if a[0] is None else a[0]), (b[1] if a[1] is None else a[1])

