r"""The laws by which the gradient of a loss passes from a vector or a matrix to what it was computed from.

Let ``u`` be the gradient of a number ``L`` by ``v = f(a, b)``, of the shape of ``v``. A law says what ``L``'s gradient
by each part of ``f`` is: with ``v = A B`` it is ``u B^\top`` by ``A`` and ``A^\top u`` by ``B``. Stated by itself it is
the gradient of ``\langle u, f \rangle`` with ``u`` held fixed (the product of a vector with the Jacobian; Petersen and
Pedersen, The Matrix Cookbook, 2012; Goodfellow, Bengio and Courville, Deep Learning, 2016, section 6.5).

:data:`LAWS` has a row a law, in the order they are tried; ``apply`` takes the formula, ``u`` and the shapes, and gives
the parts with their gradients, or None where the law is about another formula or shape. :func:`pulled_back` applies
them from the outside in until it arrives at a letter. A new law is a row with its statement; a test holds every row
against the verifier and against differences. A new function acting on entries needs no row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeGuard

from derive.functions import FUNCTIONS
from derive.pattern import build, pattern
from derive.rules.functions import DERIVATIVES
from derive.rules.shapes import NUMBER, ONES, UNIT, Shapes
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    E,
    Entrywise,
    Indexed,
    Inner,
    Negative,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    depends_on,
    map_children,
    number,
    numeric,
    total,
    walk,
)

Parts = list[tuple[Node, Node]]
"""Parts of a formula, each with the gradient by it."""
Apply = Callable[[Node, Node, Shapes], Parts | None]


@dataclass(frozen=True, slots=True)
class Law:
    """A law. ``statements`` are its equations in LaTeX, for letters of the shapes in ``declare``.

    ``reason`` explains it in a sentence; ``when`` is a condition in words on the shapes.
    """

    name: str
    statements: tuple[str, ...]
    declare: tuple[str, ...]
    reason: str
    apply: Apply
    when: str = ""


# --- makers that know shapes --------------------------------------------------------------------------


def multiplied(shapes: Shapes, *factors: Node) -> Node:
    """The matrix product in this order, without ones; minus signs and written numbers come to the front."""
    sign, numbers, kept = False, list[Node](), list[Node]()
    several = len(factors) > 1 and not all(map(shapes.is_number, factors))
    for factor in factors:
        while isinstance(factor, Negative):
            sign, factor = not sign, factor.operand
        plain = factor.factors if isinstance(factor, Product) and not several else (factor,)
        for part in _flattened(factor, shapes) if several else plain:
            if part != ONE:
                (numbers if isinstance(part, Number) or (several and _leads(part, shapes)) else kept).append(part)
    kept = _joined(numbers) + kept
    made = Product(tuple(kept)) if len(kept) > 1 else kept[0] if kept else ONE
    return Negative(made) if sign else made


def _joined(numbers: list[Node]) -> list[Node]:
    """``2`` and ``1/d`` as ``2/d``."""
    match numbers:
        case [Number() as top, Quotient(one, Symbol() as bottom), *rest] if one == ONE:
            return [Quotient(top, bottom), *rest]
    return numbers


def _flattened(node: Node, shapes: Shapes) -> tuple[Node, ...]:
    """The factors of a factor: ``u/c`` is ``1/c`` and ``u``; a number made of vectors stays in brackets."""
    match node:
        case Product(factors) if not shapes.is_number(node) or all(map(shapes.is_number, factors)):
            return factors
        case Quotient(top, bottom) if shapes.is_number(bottom) and not shapes.is_number(top):
            return Quotient(ONE, bottom), top
    return (node,)


def _leads(node: Node, shapes: Shapes) -> bool:
    """Whether a factor is a number that is no letter: it stands in front."""
    return not isinstance(node, Symbol | Transpose) and shapes.is_number(node)


def entrywise(shapes: Shapes, *factors: Node) -> Node:
    """The product entry by entry; numbers come to the front, multiplied as usual."""
    sign, numbers, arrays = False, list[Node](), list[Node]()
    for factor in factors:
        while isinstance(factor, Negative):
            sign, factor = not sign, factor.operand
        if shapes.is_number(factor):
            numbers.append(factor)
        elif _leading_number(factor, shapes) and len(split := _numbers_first(factor, shapes)) == 2:
            numbers.append(split[0])
            arrays.append(split[1])
        else:
            arrays += factor.factors if isinstance(factor, Entrywise) else (factor,)
    made = multiplied(shapes, *numbers, *([Entrywise(tuple(arrays))] if len(arrays) > 1 else arrays))
    return Negative(made) if sign else made


def _leading_number(node: Node, shapes: Shapes) -> TypeGuard[Product]:
    return isinstance(node, Product) and shapes.is_number(node.factors[0])


def _numbers_first(node: Product, shapes: Shapes) -> tuple[Node, ...]:
    """The numbers in a product, and the rest, where both are there."""
    numbers = [f for f in node.factors if shapes.is_number(f)]
    rest = [f for f in node.factors if not shapes.is_number(f)]
    return (multiplied(shapes, *numbers), multiplied(shapes, *rest)) if numbers and rest else (node,)


def transposed(node: Node, shapes: Shapes) -> Node:
    """The transpose, done as far as it can be."""
    match node:
        case Transpose(operand):
            return operand
        case Negative(operand):
            return Negative(transposed(operand, shapes))
        case Product(factors):
            return multiplied(shapes, *(transposed(f, shapes) for f in reversed(factors)))
    return node if shapes.is_number(node) else Transpose(node)


def contracted(a: Node, b: Node, shapes: Shapes) -> Node:
    """The inner product of two expressions of one shape: ``a b``, ``a^T b``, ``1^T (A ⊙ B) 1``."""
    shape = shapes.of(a) if shapes.of(a) != NUMBER else shapes.of(b)
    if shape == NUMBER:
        return multiplied(shapes, a, b)
    if shape[1] == 1:
        left, right = _spread(a, shape, shapes), _spread(b, shape, shapes)
        left, right = (right, left) if right == ONES else (left, right)
        return multiplied(shapes, transposed(left, shapes), right)
    return multiplied(shapes, Transpose(ONES), entrywise(shapes, a, b), ONES)


def _spread(node: Node, shape: tuple[object, object], shapes: Shapes) -> Node:
    """A number that stands for all entries, as a column of them."""
    return multiplied(shapes, node, ONES) if shapes.is_number(node) and shape[1] == 1 else node


def _added(u: Node, shapes: Shapes) -> Node:
    """The sum of all entries."""
    rows, columns = shapes.of(u)
    left = () if rows == 1 else (Transpose(ONES),)
    right = () if columns == 1 else (ONES,)
    return multiplied(shapes, *left, u, *right)


# --- sums and products ----------------------------------------------------------------------------------


def _affine(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Sum((Product((w, x)) as mapped, b)) if shapes.of(x)[1] == 1 and shapes.of(b) == shapes.of(mapped):
            if NUMBER in (shapes.of(w), shapes.of(x)) or isinstance(w, Transpose):
                return None
            back = multiplied(shapes, transposed(w, shapes), u)
            return [(w, multiplied(shapes, u, transposed(x, shapes))), (x, back), (b, u)]
    return None


def _affine_batch(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Sum((Product((x, Transpose(w))), Product((ones, Transpose(b))))) if ones == ONES:
            turned = transposed(u, shapes)
            return [(x, multiplied(shapes, u, w)), (w, multiplied(shapes, turned, x)),
                    (b, multiplied(shapes, turned, ONES))]
    return None


def _sum(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    if not isinstance(node, Sum):
        return None
    whole = shapes.of(node)
    return [(term, _added(u, shapes) if shapes.of(term) == NUMBER != whole else u) for term in node.terms]


def _minus(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    return [(node.operand, multiplied(shapes, Negative(u)))] if isinstance(node, Negative) else None


def _numbers(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    """All factors are numbers."""
    if not isinstance(node, Product) or not all(map(shapes.is_number, node.factors)):
        return None
    every = node.factors
    return [(f, multiplied(shapes, u, *every[:i], *every[i + 1 :])) for i, f in enumerate(every)]


def _multiple(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    if not isinstance(node, Product) or len(split := _numbers_first(node, shapes)) != 2:
        return None
    c, rest = split
    return [(c, contracted(u, rest, shapes)), (rest, multiplied(shapes, c, u))]


def _inner(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Inner(a, b):
            pass
        case Product((Transpose(a), b)) if shapes.of(node) == NUMBER and not shapes.is_number(b):
            pass
        case _:
            return None
    if a == b:
        return [(a, multiplied(shapes, TWO, u, a))]
    return [(a, multiplied(shapes, u, b)), (b, multiplied(shapes, u, a))]


def _product(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    if not isinstance(node, Product):
        return None
    parts: Parts = []
    for i, factor in enumerate(node.factors):
        left = [transposed(f, shapes) for f in reversed(node.factors[:i])]
        right = [transposed(f, shapes) for f in reversed(node.factors[i + 1 :])]
        parts.append((factor, multiplied(shapes, *left, u, *right)))
    return parts


def _transpose(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    return [(node.operand, transposed(u, shapes))] if isinstance(node, Transpose) else None


def _hadamard(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    if not isinstance(node, Entrywise):
        return None
    every = node.factors
    return [(f, _reduced(entrywise(shapes, u, *every[:i], *every[i + 1 :]), f, node, shapes))
            for i, f in enumerate(every)]


def _reduced(gradient: Node, part: Node, whole: Node, shapes: Shapes) -> Node:
    """The gradient by a number that stood for all entries: the sum of the entries' gradients."""
    return _added(gradient, shapes) if shapes.of(part) == NUMBER != shapes.of(whole) else gradient


def _trace(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Call("tr", (Product(factors),)):
            parts: Parts = []
            for i, factor in enumerate(factors):
                rest = multiplied(shapes, *factors[i + 1 :], *factors[:i])
                parts.append((factor, multiplied(shapes, u, transposed(rest, shapes))))
            return parts
        case Call("tr", (a,)) if _is_square(a, shapes):
            return [(a, multiplied(shapes, u, UNIT))]
    return None


# --- quotients, powers, norms ---------------------------------------------------------------------------


def _by_number(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Quotient(top, bottom) if shapes.is_number(bottom):
            column = shapes.of(top)[1] == 1 and not shapes.is_number(top)
            inner = Product((transposed(u, shapes), node)) if column else contracted(u, node, shapes)
            slope = Negative(Quotient(inner, bottom))
            return [(top, divided(u, bottom, shapes)), (bottom, slope)]
    return None


def divided(u: Node, by: Node, shapes: Shapes) -> Node:
    """``u/c`` for a letter or a number, ``(1/c) u`` for anything longer."""
    match u:
        case Negative(operand):
            return Negative(divided(operand, by, shapes))
        case Quotient(top, bottom):
            return Quotient(top, multiplied(shapes, bottom, by))
        case Symbol() | Indexed():
            return Quotient(u, by)
    return Quotient(ONE, by) if u == ONE else multiplied(shapes, Quotient(ONE, by), u)


def _quotient(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Quotient(top, bottom):
            above = _over(u, bottom, shapes)
            below = multiplied(shapes, Negative(_over(entrywise(shapes, u, node), bottom, shapes)))
            return [(top, _reduced(above, top, node, shapes)), (bottom, below)]
    return None


def _squared_norm(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Power(Norm(x, order), exponent) if exponent == TWO and _is_euclidean(order):
            return [(x, multiplied(shapes, TWO, u, x))]
    return None


def _norm(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Norm(x, order) if _is_euclidean(order):
            return [(x, multiplied(shapes, Quotient(u, node), x))]
        case Norm(x, order) if order == ONE and not shapes.is_number(x) and shapes.of(x)[1] == 1:
            return [(x, multiplied(shapes, u, Call("sign", (x,))))]
    return None


def _is_euclidean(order: Node | None) -> bool:
    return order is None or order == TWO or order == Symbol("F")


def _over(u: Node, z: Node, shapes: Shapes) -> Node:
    """``u/z`` entry by entry, with signs and numbers in front."""
    match u:
        case Negative(operand):
            return Negative(_over(operand, z, shapes))
        case Product() if len(split := _numbers_first(u, shapes)) == 2:
            return multiplied(shapes, split[0], Quotient(split[1], z))
    if shapes.is_number(u) and u != ONE and not shapes.is_number(z):
        return multiplied(shapes, u, Quotient(ONE, z))
    return Quotient(u, z)


def _logarithm(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Call("ln" | "log", (z,), 0):
            return [(z, _over(u, z, shapes))]
    return None


def _absolute(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Call("abs", (z,), 0):
            return [(z, entrywise(shapes, u, Call("sign", (z,))))]
    return None


def _root(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Root(x, degree) if degree == TWO:
            return [(x, Quotient(u, multiplied(shapes, TWO, node)))]
    return None


def _power(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    """A power of a number; of a vector it is written ``x ⊙ x``."""
    match node:
        case Power(base, exponent) if base == E:
            return [(exponent, entrywise(shapes, u, node))]
        case Power(base, exponent) if shapes.is_number(base) and (n := numeric(exponent)) is not None:
            lowered = base if n == TWO.value else Power(base, number(n - 1))
            return [(base, multiplied(shapes, exponent, lowered, u))]
    return None


def _matrix_power(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    """``A^3`` is ``A A A``."""
    match node:
        case Power(base, exponent) if _is_square(base, shapes) and (n := numeric(exponent)) is not None:
            whole = n.denominator == 1 and 2 <= n <= _LARGEST_POWER
            return [(Product((base,) * int(n)), u)] if whole else None
    return None


_LARGEST_POWER = 6


def _is_square(node: Node, shapes: Shapes) -> bool:
    rows, columns = shapes.of(node)
    return rows == columns != 1 and rows is not None


def _inverse(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Power(base, exponent) if _is_square(base, shapes) and numeric(exponent) == -1:
            turned = transposed(node, shapes)
            return [(base, multiplied(shapes, Negative(turned), u, turned))]
    return None


def _determinant(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Call("det", (a,)) if _is_square(a, shapes):
            return [(a, multiplied(shapes, u, node, Transpose(Power(a, number(-1)))))]
    return None


# --- functions ------------------------------------------------------------------------------------------


def _softmax(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Call("softmax", (z,)) if shapes.of(z)[1] == 1 and z not in (ONES,):
            inner = multiplied(shapes, Transpose(node), u)
            return [(z, entrywise(shapes, node, Sum((u, multiplied(shapes, Negative(inner), ONES)))))]
    return None


def _softmax_rows(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Call("softmax", (z,)):
            rows = multiplied(shapes, entrywise(shapes, node, u), ONES, Transpose(ONES))
            return [(z, entrywise(shapes, node, Sum((u, multiplied(shapes, Negative(rows))))))]
    return None


def _log_sum_exp(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Call("logsumexp", (z,)) if shapes.of(z)[1] == 1:
            return [(z, multiplied(shapes, u, Call("softmax", (z,))))]
    return None


def _diagonal(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Call("diag", (v,)) if shapes.of(v)[1] == 1:
            return [(v, Call("diag", (u,)))]
    return None


def _maximum(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Call("max", (zero, v), 0) if zero == ZERO:
            return [(v, entrywise(shapes, u, Call("relu", (v,), 1)))]
    return None


_NOT_ENTRYWISE = frozenset({"softmax", "logsumexp", "diag", "tr", "det", "rank", "vec", "max", "min"})


def _function(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    match node:
        case Call(name, (z,), order) if name not in _NOT_ENTRYWISE and name in FUNCTIONS:
            return [(z, entrywise(shapes, u, Call(name, (z,), order + 1)))]
    return None


# --- sums over entries ----------------------------------------------------------------------------------


def _over_entries(node: Node, u: Node, shapes: Shapes) -> Parts | None:
    whole = of_entries(node, shapes)
    return None if whole is None else [(whole, u)]


def of_entries(node: Node, shapes: Shapes) -> Node | None:
    """``\\sum_i \\sum_j f(X_{ij}, Y_{ij})`` as the matrix whose entries are added, ``f(X, Y)``; a number for none."""
    indices: list[Symbol] = []
    body = node
    while isinstance(body, SumOver):
        if body.where is not None or body.lower != ONE or body.index in indices:
            return None
        indices.append(body.index)
        body = body.body
    letters = {n for n in walk(body) if isinstance(n, Indexed)}
    if not letters or not all(_counts(letter, indices, shapes) for letter in letters):
        return None
    return _whole(body, shapes)


def _counts(letter: Indexed, indices: list[Symbol], shapes: Shapes) -> bool:
    """Whether a member is the entry at just these indices of a letter with as many sides."""
    rows, columns = shapes.names.get(letter.base, NUMBER)
    sides = 1 if columns == 1 and len(letter.indices) == 1 else 2
    return (rows, columns) != NUMBER and list(letter.indices) == indices and len(indices) == sides


def _whole(node: Node, shapes: Shapes) -> Node:
    """An expression in entries as one in the letters they are entries of."""
    if isinstance(node, Indexed):
        return node.base
    made = map_children(node, lambda part: _whole(part, shapes))
    match made:
        case Product(factors):
            return entrywise(shapes, *factors)
        case Power(base, exponent) if exponent == TWO and not shapes.is_number(base):
            return Entrywise((base, base))
    return made


# --- the table ------------------------------------------------------------------------------------------

_VECTORS = ("W: matrix m x d", "x: vector d", "b: vector m", "u: vector m", "z: vector m", "v: vector m", "c: real",
            "t: real")
_MATRICES = ("A: matrix n x k", "B: matrix k x m", "U: matrix n x m", "Z: matrix n x m", "c: real", "t: real",
             "V: matrix n x m")
_SQUARE = ("M: invertible matrix m x m", "R: matrix m x m", "t: real")
_BATCH = ("X: matrix n x d", "W: matrix m x d", "b: vector m", "U: matrix n x m")


def _grad(by: str, body: str, value: str) -> str:
    return rf"\nabla_{by} \langle {body} \rangle = {value}"


_JACOBIAN = (r"(\operatorname{diag}(\operatorname{softmax}(z)) - \operatorname{softmax}(z) "
             r"\operatorname{softmax}(z)^\top) u "
             r"= \operatorname{softmax}(z) \odot (u - (\operatorname{softmax}(z)^\top u) \mathbf{1})")

LAWS: tuple[Law, ...] = (
    Law("affine map", (_grad("x", "u, W x + b", r"W^\top u"), _grad("W", "u, W x + b", r"u x^\top"),
                       _grad("b", "u, W x + b", "u")), _VECTORS,
        "Through W x + b the gradient comes back by the transposed matrix; that of the matrix is u times the "
        "transposed input.", _affine, "x and b are vectors"),
    Law("affine map of a batch",
        (_grad("X", r"U, X W^\top + \mathbf{1} b^\top", "U W"),
         _grad("W", r"U, X W^\top + \mathbf{1} b^\top", r"U^\top X"),
         _grad("b", r"U, X W^\top + \mathbf{1} b^\top", r"U^\top \mathbf{1}")), _BATCH,
        "Row by row this is the affine map; over the samples the gradients add up.", _affine_batch,
        "the rows of X are samples"),
    Law("sum", (_grad("z", "u, z + v", "u"),), _VECTORS,
        "Each term gets the gradient of the sum.", _sum),
    Law("minus sign", (_grad("z", "u, -z", "-u"),), _VECTORS, "A minus sign is a constant factor.", _minus),
    Law("sum over entries",
        (r"\nabla_Z (\sum_{i=1}^{n} \sum_{j=1}^{m} Z_{ij} V_{ij}) = V", r"\nabla_z (\sum_{i=1}^{m} z_i v_i) = v"),
        (*_MATRICES, "z: vector m", "v: vector m"),
        "Each entry stands in one term of the sum.", _over_entries, "the sum runs over all entries"),
    Law("product of numbers", (r"\frac{\partial}{\partial c} (t c) = t",), _VECTORS,
        "The other factors are held fixed.", _numbers, "all factors are numbers"),
    Law("multiple", (_grad("z", "u, c z", "c u"), r"\frac{\partial}{\partial c} (u^\top (c z)) = u^\top z"), _VECTORS,
        "A number stays; its own derivative is an inner product.", _multiple, "c is a number"),
    Law("inner product", (r"\nabla_z (t z^\top v) = t v", r"\nabla_Z (t \langle Z, V \rangle) = t V"),
        (*_VECTORS, *_MATRICES), "The gradient by one of the two vectors is the other.", _inner,
        "two vectors of one length"),
    Law("product", (_grad("A", "U, A B", r"U B^\top"), _grad("B", "U, A B", r"A^\top U")), _MATRICES,
        "What stands before or behind a factor comes back transposed on its side.", _product),
    Law("transpose", (r"\nabla_Z \langle V^\top, Z^\top \rangle = V",), _MATRICES,
        "The gradient is transposed too.", _transpose),
    Law("product entry by entry",
        (_grad("z", r"u, z \odot v", r"u \odot v"), _grad("Z", r"U, Z \odot V", r"U \odot V")),
        (*_VECTORS, *_MATRICES), "Entry by entry the other factor is held fixed.", _hadamard),
    Law("trace",
        (r"\nabla_A (t \operatorname{tr}(A B V^\top)) = t V B^\top",
         r"\nabla_M (t \operatorname{tr}(M)) = t \mathbf{I}"),
        (*_MATRICES, "M: matrix m x m"), "Under the trace factors may be turned round in a circle.", _trace,
        "the trace of a square matrix"),
    Law("quotient by a number", (_grad("z", r"u, \frac{z}{c}", r"\frac{u}{c}"),
                                 r"\frac{\partial}{\partial c} (u^\top \frac{z}{c}) = -\frac{u^\top \frac{z}{c}}{c}"),
        _VECTORS, "Dividing by a number multiplies by its reciprocal.", _by_number, "c is a number"),
    Law("quotient entry by entry", (_grad("z", r"u, \frac{z}{v}", r"\frac{u}{v}"),
                                    _grad("v", r"u, \frac{z}{v}", r"-\frac{u \odot \frac{z}{v}}{v}")), _VECTORS,
        "The quotient rule in each entry.", _quotient, "numerator and denominator have one shape"),
    Law("squared norm", (r"\nabla_z (t \|z\|_2^2) = 2 t z", r"\nabla_Z (t \|Z\|_F^2) = 2 t Z"),
        (*_VECTORS, *_MATRICES), "The squared norm is the sum of the squared entries.", _squared_norm),
    Law("norm", (r"\nabla_z (t \|z\|_2) = \frac{t}{\|z\|_2} z",), _VECTORS,
        "The gradient of the length is the unit vector.", _norm, "z is not 0"),
    Law("square root", (r"\frac{\partial}{\partial c} (t \sqrt{c}) = \frac{t}{2 \sqrt{c}}",), _VECTORS,
        "A root is a power with exponent one half.", _root, "c > 0"),
    Law("power", (r"\frac{\partial}{\partial c} (t c^3) = 3 c^2 t",), _VECTORS,
        "The exponent comes down and is lowered by one.", _power, "c is a number"),
    Law("power of a matrix", (r"\nabla_M \langle R, M^2 \rangle = R M^\top + M^\top R",), _SQUARE,
        "A power is a product.", _matrix_power, "M is square"),
    Law("inverse", (r"\nabla_M \langle R, M^{-1} \rangle = -(M^{-1})^\top R (M^{-1})^\top",), _SQUARE,
        "From M times its inverse being constant.", _inverse, "M is invertible"),
    Law("determinant", (r"\nabla_M (t \det(M)) = t \det(M) (M^{-1})^\top",), _SQUARE,
        "Jacobi's formula.", _determinant, "M is invertible"),
    Law("softmax", (_grad("z", r"u, \operatorname{softmax}(z)",
                          r"\operatorname{softmax}(z) \odot (u - (\operatorname{softmax}(z)^\top u) \mathbf{1})"),
                    _JACOBIAN), _VECTORS,
        "The Jacobian of s = softmax(z) is diag(s) - s sᵀ, which is symmetric.", _softmax, "z is a vector"),
    Law("softmax of each row",
        (_grad("Z", r"U, \operatorname{softmax}(Z)",
               r"\operatorname{softmax}(Z) \odot "
               r"(U - (\operatorname{softmax}(Z) \odot U) \mathbf{1} \mathbf{1}^\top)"),), _MATRICES,
        "The softmax of a vector in each row; (P ⊙ U) 1 holds the rows' inner products.", _softmax_rows,
        "Z is a matrix, a row a sample"),
    Law("logarithm of the sum of exponentials",
        (r"\nabla_z (t \operatorname{logsumexp}(z)) = t \operatorname{softmax}(z)",), _VECTORS,
        "Each exponential over their sum.", _log_sum_exp, "z is a vector"),
    Law("diagonal matrix", (r"\nabla_z \langle M, \operatorname{diag}(z) \rangle = \operatorname{diag}(M)",),
        (*_VECTORS, "M: matrix m x m"), "Only the diagonal depends on z.", _diagonal, "z is a vector"),
    Law("maximum with 0", (r"\frac{\partial}{\partial c} (t \max(0, c)) = t \operatorname{ReLU}'(c)",), _VECTORS,
        "The larger of 0 and v is ReLU(v).", _maximum),
    Law("logarithm",
        (_grad("z", r"u, \ln(z)", r"\frac{u}{z}"), r"\frac{\partial}{\partial c} (t \ln(c)) = \frac{t}{c}"),
        _VECTORS, "The derivative of the logarithm is the reciprocal, in each entry.", _logarithm),
    Law("absolute value", (r"\nabla_z (\sum_{i=1}^{m} |z_i|) = \operatorname{sign}(z)",
                           r"\nabla_Z (\sum_{i=1}^{n} \sum_{j=1}^{m} |Z_{ij}|) = \operatorname{sign}(Z)"),
        (*_VECTORS, *_MATRICES), "The slope is the sign, in each entry.", _absolute, "no entry is 0"),
    Law("function of each entry", (_grad("z", r"u, \sigma(z)", r"u \odot \sigma'(z)"),
                                   _grad("Z", r"U, \tanh(Z)", r"U \odot \tanh'(Z)")), (*_VECTORS, *_MATRICES),
        "Each entry by the derivative of the function there.", _function),
)  # fmt: skip
"""The laws, in the order they are tried."""


# --- applying them --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pulled:
    """What the laws gave: the gradient's terms, one for each place of the variable, and the laws used, in order."""

    terms: tuple[Node, ...]
    laws: tuple[Law, ...]

    @property
    def value(self) -> Node:
        """The sum of the terms."""
        return total([t for term in self.terms for t in (term.terms if isinstance(term, Sum) else (term,))])


def law_for(node: Node, u: Node, shapes: Shapes) -> tuple[Law, Parts] | None:
    """The first law about a formula, and what it gives."""
    for law in LAWS:
        parts = law.apply(node, u, shapes)
        if parts is not None:
            return law, parts
    return None


def pulled_back(body: Node, u: Node, by: Symbol, shapes: Shapes) -> Pulled | None:
    """The gradient by a letter in a formula, given the gradient ``u`` by the formula; None where no law applies.

    The shapes are those of the letters of both.
    """
    terms: list[Node] = []
    laws: dict[str, Law] = {}
    for term, used in _walk(body, u, by, shapes):
        if term is None:
            return None
        terms.append(term)
        laws |= {law.name: law for law in used}
    return Pulled(tuple(terms), tuple(laws.values()))


def _walk(node: Node, u: Node, by: Symbol, shapes: Shapes) -> Iterator[tuple[Node | None, tuple[Law, ...]]]:
    if node == by:
        yield u, ()
        return
    found = law_for(node, u, shapes)
    if found is None:
        yield None, ()
        return
    law, parts = found
    for part, gradient in parts:
        if depends_on(part, by):
            for term, used in _walk(part, gradient, by, shapes):
                yield term, (law, *used)


def stored(node: Node, shapes: Shapes, names: dict[Node, Symbol]) -> Node:
    r"""The derivatives of functions in it written out in stored outputs: ``\sigma'(z)`` as ``h ⊙ (1 - h)``.

    ``names`` says which letter stands for a formula, ``\sigma(z)`` for h. A function with cases keeps its prime.
    """
    match node:
        case Call(name, (z,), 1) if name in DERIVATIVES and "cases" not in DERIVATIVES[name].derivative:
            slope = _STORED.get(name) or DERIVATIVES[name].derivative
            whole = build(pattern(slope), {"u": z, "v": names.get(Call(name, (z,)), Call(name, (z,)))})
            return _entries(whole, shapes, names)
    made = map_children(node, lambda part: stored(part, shapes, names))
    match made:
        case Entrywise(factors) if made != node:
            return entrywise(shapes, *factors)
        case Product(factors) if made != node and shapes.is_number(made):
            return multiplied(shapes, *factors)
    return made


_STORED = {"sigma": "v (1 - v)", "tanh": "1 - v v", "exp": "v"}
"""Derivatives in ``v = f(u)``."""


def _entries(node: Node, shapes: Shapes, names: dict[Node, Symbol]) -> Node:
    """A formula for numbers, written for all entries of a vector or a matrix."""
    if node in names:
        return names[node]
    if isinstance(node, Symbol):
        return node
    made = map_children(node, lambda part: _entries(part, shapes, names))
    match made:
        case Product(factors) if not shapes.is_number(Sum(factors)):
            return entrywise(shapes, *factors)
        case Power(base, exponent) if exponent == TWO and not shapes.is_number(base):
            return Entrywise((base, base))
    return made
