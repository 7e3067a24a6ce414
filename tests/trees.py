"""Random written expressions, for every test that needs some.

``expressions()`` is a hypothesis strategy, ``random_tree(random.Random(seed))`` the same generator for long runs.
Both grow the tree by picking from lists, so the generator is written once; a new kind of node is a function in
``_SCALAR`` or ``_DISPLAYED``. All trees keep the conventions of ``derive.tree``.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from derive import tree as t
from derive.tree import Call, Negative, Node, Number, Power, Product, Quotient, Relation, Root, Sum, Symbol

Pick = Callable[[Sequence[Any]], Any]

SYMBOLS = tuple(
    Symbol(*marks)
    for marks in (
        ("x",), ("y",), ("a",), ("theta", "1"), ("theta", "2"), ("eta",), ("w",), ("f",), ("sigma",), ("lambda",),
    )
)  # fmt: skip
MARKED = tuple(
    Symbol(*marks)
    for marks in (
        ("y", "", "", "hat"), ("x", "", "(0)"), ("w", "i,j", "[2]"), ("mu", "", "", "bar"), ("w", "", "", "", "bold"),
        ("theta", "1", "", "", "bold"), ("MLE",), ("x", "max"), ("theta", "", "*"),
    )
)  # fmt: skip
NUMBERS = tuple(map(Number, ("2", "1", "0", "3", "10", "0.5", ".25", "0.10")))
UNARY = (
    "sin", "cos", "tan", "exp", "log", "sigma", "tanh", "softplus", "swish", "relu", "Phi", "gelu", "arctan", "arsinh",
    "sinh", "abs", "erf",
)  # fmt: skip
SIGNS = ("=", "<=", "~=", "!=", "->", ":=", "in", "===", "propto", "<", ">=", ">")
PRIMED = ("sigma", "tanh", "f")
VARIABLES = (Symbol("x"), Symbol("y"), Symbol("theta", "1"))


class Grower:
    """Grows trees by picks; ``full`` also grows what has no value (derivatives, sums over an index, matrices)."""

    def __init__(self, pick: Pick, full: bool) -> None:
        self.pick, self.full = pick, full

    def leaf(self) -> Node:
        kind = self.pick(("symbol", "number", "symbol", "number", "constant", "marked"))
        if kind == "constant":
            return self.pick((t.PI, t.E))
        return self.pick({"symbol": SYMBOLS, "number": NUMBERS, "marked": MARKED if self.full else SYMBOLS}[kind])

    def grow(self, depth: int) -> Node:
        if depth <= 1:
            return self.leaf()
        kinds = _SCALAR + (_DISPLAYED if self.full else ())
        return self.pick(kinds)(self, depth - 1)

    def several(self, depth: int) -> tuple[Node, ...]:
        return tuple(self.grow(depth) for _ in range(self.pick((2, 2, 2, 3))))

    def argument(self, depth: int) -> Node:
        """What stands alone in a function's bracket: coordinates there would be its arguments."""
        node = self.grow(depth)
        return self.leaf() if isinstance(node, (t.Vector, t.Matrix)) else node


def _sum(g: Grower, depth: int) -> Node:
    terms = g.several(depth)
    return Sum(tuple(Negative(n) if g.pick((False, False, True)) else n for n in terms))


def _product(g: Grower, depth: int) -> Node:
    return Product(g.several(depth))


def _negative(g: Grower, depth: int) -> Node:
    return Negative(g.grow(depth))


def _quotient(g: Grower, depth: int) -> Node:
    return Quotient(g.grow(depth), g.grow(depth))


def _power(g: Grower, depth: int) -> Node:
    exponent = g.pick((Number("2"), Number("3"), Negative(Number("1")), Quotient(Number("1"), Number("2")), None))
    return Power(g.grow(depth), exponent or g.argument(min(depth, 2)))


def _exponential(g: Grower, depth: int) -> Node:
    return Power(t.E, g.argument(depth))


def _root(g: Grower, depth: int) -> Node:
    return Root(g.grow(depth), g.pick((Number("2"), Number("2"), Number("3"))))


def _unary(g: Grower, depth: int) -> Node:
    return Call(g.pick(UNARY), (g.argument(depth),))


def _several(g: Grower, depth: int) -> Node:
    return Call(g.pick(("max", "min")), g.several(depth))


def _logarithm(g: Grower, depth: int) -> Node:
    return Call("log", (g.argument(depth), g.pick((Number("2"), Number("10"), Symbol("a")))))


def _cases(g: Grower, depth: int) -> Node:
    condition = Relation((g.grow(1), g.grow(1)), (g.pick((">", "<=", "<", ">=")),))
    other = g.pick((None, Relation((Symbol("x"), Number("2")), ("<",))))
    return t.Cases(((g.grow(depth), condition), (g.grow(depth), other)))


def _primed(g: Grower, depth: int) -> Node:
    name = g.pick(PRIMED)
    return Call(name, (g.argument(depth),), g.pick((1, 2, 3, 4)))


def _declared(g: Grower, depth: int) -> Node:
    return Call("C", (g.grow(depth), g.grow(depth)))


def _gradient(g: Grower, depth: int) -> Node:
    return t.Gradient("C", g.pick(((), (g.grow(depth), g.grow(1)))))


def _derivative(g: Grower, depth: int) -> Node:
    body = g.pick((None, None, Symbol("C"))) or g.grow(depth)
    return t.Derivative(body, g.pick(VARIABLES), g.pick((1, 1, 2)), g.pick((False, True)))


def _at(g: Grower, depth: int) -> Node:
    where = ((Symbol("x"), g.grow(1)), (Symbol("y"), g.grow(1)))
    return t.At(g.grow(depth), where[: g.pick((1, 2))])


def _over(g: Grower, depth: int) -> Node:
    kind = g.pick((t.SumOver, t.ProductOver))
    return kind(g.grow(depth), Symbol("k"), Number("1"), g.pick((Symbol("n"), Number("9"))))


def _integral(g: Grower, depth: int) -> Node:
    return t.Integral(g.grow(depth), Symbol("x"), *g.pick(((None, None), (Number("0"), g.grow(1)))))


def _limit(g: Grower, depth: int) -> Node:
    point = g.pick((Number("0"), t.INFINITY, Negative(t.INFINITY)))
    return t.Limit(g.grow(depth), Symbol("x"), point, g.pick(("", "+", "-")) if point == Number("0") else "")


def _matrix(g: Grower, depth: int) -> Node:
    rows, columns = g.pick(((2, 2), (2, 1), (1, 3)))
    return t.Matrix(tuple(tuple(g.grow(depth) for _ in range(columns)) for _ in range(rows)))


def _indexed(g: Grower, depth: int) -> Node:
    indices = (Sum((Symbol("t"), Negative(Number("1")))), Symbol("j"), Number("3"))
    return t.Indexed(Symbol("r"), (g.pick(indices), g.pick(indices))[: g.pick((1, 2))])


def _vector(g: Grower, depth: int) -> Node:
    return t.Vector(g.several(depth))


def _transpose(g: Grower, depth: int) -> Node:
    return t.Transpose(g.pick((Symbol("A"), None)) or g.grow(depth))


_SCALAR = (
    _sum, _product, _negative, _quotient, _power, _exponential, _root, _unary, _several, _logarithm, _cases,
)  # fmt: skip
_DISPLAYED = (
    _primed, _declared, _gradient, _derivative, _at, _over, _integral, _limit, _matrix, _vector, _transpose,
    _indexed,
)  # fmt: skip


def relation(g: Grower, depth: int) -> Node:
    """An expression, or now and then a chain of relations."""
    if not g.full or g.pick((True, True, True, False)):
        return g.grow(depth)
    chain = _chain(g, depth, SIGNS)
    return Relation((chain, _chain(g, depth, SIGNS)), (g.pick(("=>", "<=>")),)) if g.pick((False, True)) else chain


def _chain(g: Grower, depth: int, signs: Sequence[str]) -> Node:
    sides = g.several(depth)
    last = t.Set(g.several(1)) if g.pick((False, False, True)) else None
    chain = Relation(sides, tuple(g.pick(signs) for _ in sides[1:]))
    return Relation((*chain.sides, last), (*chain.signs, "in")) if last else chain


def random_tree(source: random.Random, depth: int = 4, full: bool = True) -> Node:
    """A random tree for long runs without shrinking."""
    return relation(Grower(source.choice, full), source.randint(1, depth))


@st.composite
def expressions(draw: st.DrawFn, depth: int = 4, full: bool = True) -> Node:
    """Random trees of at most ``depth`` levels or so; with ``full=False`` only those that have a real value."""
    return relation(Grower(lambda options: draw(st.sampled_from(options)), full), draw(st.integers(1, depth)))
