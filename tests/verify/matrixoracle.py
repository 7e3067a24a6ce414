"""Random statements about whole matrices, and a second opinion that shares nothing with the verifier: NumPy.

``expression`` draws a well-shaped expression, ``same`` rewrites one without changing its value, ``mutated`` makes one
slip; ``agree`` evaluates two at random matrices in double precision.
"""

from __future__ import annotations

from random import Random

import numpy as np
from numpy.typing import NDArray

from derive.tree import (
    ONE,
    TWO,
    Call,
    Entrywise,
    Inner,
    Negative,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    Transpose,
    children,
    part_at,
    replace_at,
)

Array = NDArray[np.float64]
Shape = tuple[str, str]

DECLARED = {
    "A": "matrix m x n", "B": "matrix n x m", "M": "matrix n x n", "C": "invertible matrix n",
    "D": "invertible matrix n", "S": "symmetric matrix n", "P": "positive definite matrix n",
    "x": "vector n", "y": "vector n", "u": "vector m", "t": "real",
}  # fmt: skip
DOMAINS = {Symbol(k): v for k, v in DECLARED.items()}
SHAPES: dict[str, Shape] = {
    "A": ("m", "n"), "B": ("n", "m"), "M": ("n", "n"), "C": ("n", "n"), "D": ("n", "n"), "S": ("n", "n"),
    "P": ("n", "n"), "x": ("n", "1"), "y": ("n", "1"), "u": ("m", "1"), "t": ("1", "1"),
}  # fmt: skip


# --- values -----------------------------------------------------------------------------------------------


def letters(seed: int) -> dict[Symbol, Array]:
    """Random matrices with the declared properties; the sizes change with the seed."""
    random = np.random.default_rng(seed)
    size = {"m": 2 + seed % 2, "n": 3 - seed % 2 + seed // 4, "1": 1}
    found = {Symbol(k): random.normal(size=(size[r], size[c])) for k, (r, c) in SHAPES.items()}
    found[Symbol("S")] = found[Symbol("S")] + found[Symbol("S")].T
    found[Symbol("P")] = found[Symbol("P")].T @ found[Symbol("P")] + np.eye(size["n"])
    return found


def value(node: Node, at: dict[Symbol, Array]) -> Array:
    """The value; a number is 1×1."""
    match node:
        case Number():
            return np.array([[float(node.value)]])
        case Symbol():
            return at[node]
        case Sum(terms):
            return np.sum([value(t, at) for t in terms], axis=0)  # type: ignore[no-any-return]
        case Negative(u):
            return -value(u, at)
        case Product(factors):
            result = value(factors[0], at)
            for factor in factors[1:]:
                other = value(factor, at)
                result = result * other if 1 in (result.size, other.size) else result @ other
            return result
        case Quotient(top, bottom):
            return value(top, at) / value(bottom, at)
        case Transpose(u):
            return value(u, at).T
        case Power(Norm(u), _):
            return np.array([[np.sum(value(u, at) ** 2)]])
        case Power(u, Negative()):
            return np.linalg.inv(value(u, at))
        case Inner(u, v):
            return np.array([[np.sum(value(u, at) * value(v, at))]])
        case Entrywise((u, v)):
            return value(u, at) * value(v, at)
        case Call("tr", (u,)):
            return np.array([[np.trace(value(u, at))]])
        case Call("diag", (u,)):
            return np.diag(value(u, at)[:, 0])
    raise NotImplementedError(node)


def agree(a: Node, b: Node, places: int = 6) -> bool:
    """Whether two expressions have the same values at random matrices."""
    for seed in range(places):
        at = letters(seed)
        u, v = value(a, at), value(b, at)
        if u.shape != v.shape or not np.allclose(u, v, rtol=1e-7, atol=1e-7 * (1 + np.abs(u).max())):
            return False
    return True


# --- random expressions -----------------------------------------------------------------------------------


def expression(random: Random, shape: Shape, depth: int) -> Node:
    """A random expression of a shape."""
    straight = [Symbol(k) for k, s in SHAPES.items() if s == shape]
    turned = [Transpose(Symbol(k)) for k, s in SHAPES.items() if s == shape[::-1] and s != shape]
    if depth <= 0 or random.random() < 0.1:
        return random.choice([*straight, *turned] or [Product((Symbol("A"), Symbol("B")))])  # m×m
    if shape == ("1", "1"):
        return _number(random, depth)
    kind = random.randint(0, 6)
    if kind <= 1:
        other = expression(random, shape, depth - 1)
        return Sum((expression(random, shape, depth - 1), random.choice([other, Negative(other)])))
    if kind <= 3:
        middle = random.choice(["m", "n", "n"])
        left, right = (shape[0], middle), (middle, shape[1])
        return Product((expression(random, left, depth - 1), expression(random, right, depth - 1)))
    if kind == 4:
        return Transpose(expression(random, shape[::-1], depth - 1))
    if kind == 5 and shape == ("n", "n"):
        return random.choice([_inverse(random), Call("diag", (expression(random, ("n", "1"), depth - 1),))])
    if kind == 6 and "1" in shape:
        return Entrywise((expression(random, shape, depth - 1), expression(random, shape, depth - 1)))
    scale = random.choice([TWO, Symbol("t"), expression(random, ("1", "1"), depth - 1)])
    return Product((scale, expression(random, shape, depth - 1)))


def _inverse(random: Random) -> Node:
    names = random.sample(["C", "D", "P"], random.randint(1, 2))
    inside: Node = Product(tuple(Symbol(n) for n in names)) if len(names) > 1 else Symbol(names[0])
    return Power(inside, Negative(ONE))


def _number(random: Random, depth: int) -> Node:
    side = random.choice(["m", "n"])
    match random.randint(0, 3):
        case 0:
            return Call("tr", (expression(random, (side, side), depth - 1),))
        case 1:
            return Inner(expression(random, (side, "1"), depth - 1), expression(random, (side, "1"), depth - 1))
        case 2:
            return Power(Norm(expression(random, (side, "1"), depth - 1)), TWO)
    return Product((expression(random, ("1", side), depth - 1), expression(random, (side, "1"), depth - 1)))


def same(node: Node, random: Random, times: int) -> Node:
    """The expression rewritten without changing its value."""
    for _ in range(times):
        path = random.choice(list(_paths(node)))
        new = _rewritten(part_at(node, path), random)
        if new is not None:
            node = replace_at(node, path, new)
    return node


def _paths(node: Node) -> list[tuple[int, ...]]:
    below = [(k, *rest) for k, c in enumerate(children(node)) for rest in _paths(c)]
    return [(), *below] if not isinstance(node, Power) else [()]


def _rewritten(node: Node, random: Random) -> Node | None:
    match node:
        case Transpose(Product(factors)):
            return Product(tuple(Transpose(f) for f in reversed(factors)))
        case Transpose(Sum(terms)):
            return Sum(tuple(Transpose(t) for t in terms))
        case Transpose(Transpose(u)):
            return u
        case Transpose(Symbol("S" | "P") as u):
            return u
        case Symbol("S" | "P"):
            return Transpose(node)
        case Sum(terms):
            return Sum(tuple(random.sample(terms, len(terms))))
        case Product((u, Sum(terms))):
            return Sum(tuple(Product((u, t)) for t in terms))
        case Product((Sum(terms), v)):
            return Sum(tuple(Product((t, v)) for t in terms))
        case Call("tr", (Product((u, v)),)):
            return Call("tr", (Product((v, u)),))
        case Call("tr", (u,)):
            return Call("tr", (Transpose(u),))
        case Power(Product((u, v)), exponent):
            return Product((Power(v, exponent), Power(u, exponent)))
        case Power(Norm(u), _):
            return Product((Transpose(u), u))
        case Inner(u, v):
            return random.choice([Product((Transpose(v), u)), Inner(v, u)])
        case Entrywise((u, v)):
            return Entrywise((v, u))
        case Call("diag", (u,)):
            return Transpose(node)
    return None


def mutated(node: Node, random: Random) -> Node:
    """The expression with one slip in it; of the same shape wherever square matrices are exchanged."""
    for _ in range(50):
        path = random.choice(list(_paths(node)))
        new = _slip(part_at(node, path), random)
        if new is not None:
            return replace_at(node, path, new)
    return Product((TWO, node))


def _slip(node: Node, random: Random) -> Node | None:
    square = ("M", "C", "D")
    match node:
        case Symbol(name) if name in square:
            return Transpose(node) if random.random() < 0.6 else Symbol(random.choice([n for n in square if n != name]))
        case Transpose(Symbol(name) as u) if name in square:
            return u
        case Transpose(Product((u, v))) if {_square(u), _square(v)} == {True}:
            return Product((Transpose(u), Transpose(v)))
        case Product((u, v)) if {_square(u), _square(v)} == {True}:
            return Product((v, u))
        case Power(Product((u, v)), exponent):
            return Product((Power(u, exponent), Power(v, exponent)))
        case Sum((u, Negative(v))):
            return Sum((u, v))
        case Sum((u, v)):
            return Sum((u, Negative(v)))
        case Number("2"):
            return Number("3")
        case Symbol("x"):
            return Symbol("y")
    return None


def _square(node: Node) -> bool:
    return isinstance(node, Symbol) and node.name in ("M", "C", "D", "S", "P")
