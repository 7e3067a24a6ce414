"""The laws of norms and inner products, recognised as themselves: Cauchy–Schwarz, the triangle inequality, and which
norm of a vector is at most which.

Rows of the table of :mod:`convexity`: each says of the smaller and the larger side whether they are of its form, and
that what it is about is declared as vectors. The triangle inequality holds for every norm.

Source: Horn and Johnson, Matrix Analysis (2013), sections 5.1 to 5.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from derive.declarations import declaration
from derive.steps import Context
from derive.tree import (
    INFINITY,
    ONE,
    TWO,
    Call,
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
    Symbol,
    Transpose,
    unsigned,
)

_ORDERS: tuple[Node | None, ...] = (None, ONE, TWO, INFINITY, Symbol("F"))


def _schwarz(small: Node, large: Node, context: Context) -> bool:
    """``|x^T y| <= ||x|| ||y||``, without the bars, and both squared."""
    match small, large:
        case Power(inner, exponent), Product((Power(Norm() as a, two), Power(Norm() as b, same))):
            if not exponent == two == same == TWO:
                return False
            small, large = inner, Product((a, b))
        case Power(inner, exponent), Power(Product() as lengths, two) if exponent == two == TWO:
            small, large = inner, lengths
    match small.args[0] if isinstance(small, Call) and small.name == "abs" else small:
        case Inner(x, y):
            pass
        case Product((Transpose(x), *rest)) if rest:
            y = rest[0] if len(rest) == 1 else Product(tuple(rest))
        case _:
            return False
    pairs = [(Norm(x, a), Norm(y, b)) for a, b in _DUAL]
    known = any(large in (Product(pair), Product(pair[::-1])) for pair in pairs)
    squared = x == y and large in (Power(Norm(x), TWO), Power(Norm(x, TWO), TWO))
    return (known or squared) and _is_vector(x, context) and _is_vector(y, context)


_EUCLIDEAN: tuple[Node | None, ...] = (None, TWO)
_DUAL = [*((a, b) for a in _EUCLIDEAN for b in _EUCLIDEAN), (ONE, INFINITY), (INFINITY, ONE)]
"""The norms of two vectors whose product bounds the inner product; for 1 and infinity it is Hölder's inequality."""


def _of_product(small: Node, large: Node, context: Context) -> bool:
    """``||A x|| <= ||A||_F ||x||``."""
    match small:
        case Norm(Product((Symbol() as a, x)), order) if order in _EUCLIDEAN and _is_vector(x, context):
            lengths = Norm(a, Symbol("F")), Norm(x, order)
            return large in (Product(lengths), Product(lengths[::-1])) and _kind(a, context) == "matrix"
    return False


def _triangle(small: Node, large: Node, context: Context) -> bool:
    """``||x + y|| <= ||x|| + ||y||`` and ``| ||x|| - ||y|| | <= ||x - y||``."""
    match small, large:
        case Norm(Sum(terms), order), Sum(lengths) if order in _ORDERS:
            fits = sorted(map(repr, lengths)) == sorted(repr(Norm(unsigned(t), order)) for t in terms)
            return fits and _are_alike(terms, context)
        case Sum((Norm(x, order), Negative(Norm(y, same)))), Norm(Sum((u, v)), other):
            fits = order == same == other and order in _ORDERS and [x, y] == [u, unsigned(v)]
            return fits and _are_alike((u, v), context)
        case Call("abs", (Sum((Norm(), Negative(Norm()))) as difference,), 0), Norm():
            return _triangle(difference, large, context)
    return False


def _are_alike(terms: Iterable[Node], context: Context) -> bool:
    """Whether all terms are vectors, or all are matrices by name: a number beside them would be added to each entry."""
    every = [unsigned(t) for t in terms]
    return all(_is_vector(t, context) for t in every) or all(_kind(t, context) == "matrix" for t in every)


def _kind(node: Node, context: Context) -> str:
    return declaration(context.domains.get(node, "real")).kind if isinstance(node, Symbol) else ""


def _smaller_norm(small: Node, large: Node, context: Context) -> bool:
    """``max |x_i| <= ||x||_2 <= ||x||_1``, and the other way round with the root of the length, or the length."""
    factor, norm = (ONE, large) if isinstance(large, Norm) else _split(large)
    match small, norm:
        case Norm(Symbol() as x, a), Norm(same, b) if x == same and a in _RANKS and b in _RANKS:
            length = _length(x, context)
        case _:
            return False
    if length is None:
        return False
    if factor == ONE:
        return _RANKS[a] <= _RANKS[b]
    steps = _RANKS[a] - _RANKS[b]
    return (factor in (Root(length, TWO), Power(length, Quotient(ONE, TWO))) and steps <= 1) or factor == length


_RANKS: Mapping[Node | None, int] = {INFINITY: 0, None: 1, TWO: 1, ONE: 2}
"""How the norms of a vector follow each other; ``sqrt n`` times one is at least the next."""


def _split(node: Node) -> tuple[Node, Node]:
    match node:
        case Product((factor, Norm() as norm)) | Product((Norm() as norm, factor)):
            return factor, norm
    return ONE, node


def _length(x: Symbol, context: Context) -> Node | None:
    said = declaration(context.domains.get(x, "real"))
    if said.kind != "vector" or len(said.shape) != 1:
        return None
    (side,) = said.shape
    return Number(side) if side.isdigit() else Symbol(*side.split("_", 1))


def _is_vector(node: Node, context: Context) -> bool:
    """Whether something is declared as a vector, or made of vectors by sums, numbers in front and matrices."""
    match node:
        case Symbol():
            return _kind(node, context) == "vector"
        case Negative(u):
            return _is_vector(u, context)
        case Sum(terms):
            return all(_is_vector(t, context) for t in terms)
        case Product((*front, last)):
            return _is_vector(last, context) and all(isinstance(f, (Symbol, Number)) and not _is_vector(f, context)
                                                     for f in front)
    return False


NORM_LAWS: Mapping[str, Callable[[Node, Node, Context], bool]] = {
    "Cauchy–Schwarz inequality of vectors": _schwarz,
    "triangle inequality": _triangle,
    "norm of a product": _of_product,
    "norms of a vector": _smaller_norm,
}
