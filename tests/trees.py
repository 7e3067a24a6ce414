"""Random written expressions, for every test that needs some.

``expressions()`` is a hypothesis strategy, ``random_tree(random.Random(seed))`` the same generator for long runs.
Both grow the tree by picking from lists, so the generator is written once; a new kind of node is a function in
``_SCALAR`` or ``_DISPLAYED``. All trees keep the conventions of ``derive.tree``, and name only what :data:`FUNCTIONS`,
:data:`FAMILIES`, :data:`DENSITIES` and :data:`MATRICES` declare.
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
SIGNS = (
    "=", "<=", "~=", "!=", "->", ":=", "in", "===", "propto", "<", ">=", ">", "<<", ">>", "subset",
)  # fmt: skip
FUNCTIONS = frozenset({"C", "f", "sigma"})
FAMILIES = frozenset({"r", "z", "z_sup"})
DENSITIES = frozenset({"p", "q"})
MATRICES = frozenset({"A"})
P, Q = Symbol("p"), Symbol("q")
REALS = Symbol("R", font="bb")
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


def _beside(g: Grower, depth: int) -> Node:
    """A name that could be a function's before something that stands in brackets."""
    name = g.pick((Symbol("f"), Symbol("sigma"), Symbol("MLE"), t.Gradient("C"), Power(Symbol("f"), Number("2"))))
    return Product((name, g.pick((_sum, _vector, _matrix))(g, depth)))


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
    name = g.pick(UNARY)
    if name == "abs" and g.full:  # the bars of a number: around a vector they are refused
        return Call(name, (Grower(g.pick, full=False).grow(depth),))
    return Call(name, (g.argument(depth),))


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
    body = g.grow(depth)
    return kind(body, _fresh(body), Number("1"), g.pick((Symbol("n"), Number("9"))))


def _fresh(body: Node, letters: str = "kuv") -> Symbol:
    """A letter that is not bound within: one that is bound twice could be misread."""
    bound = {symbol for node in t.walk(body) for symbol in t.bound_symbols(node)}
    return next((s for s in map(Symbol, letters) if s not in bound), Symbol("c"))


def _integral(g: Grower, depth: int) -> Node:
    upper = g.pick((Symbol("a"), Number("3"), t.INFINITY, Sum((Symbol("a"), Number("1")))))
    limits = g.pick(((None, None), (Number("0"), upper), (Symbol("Omega"), None)))
    return t.Integral(g.grow(depth), Symbol("x"), *limits)


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


# --- probability, optima, vectors, and functions with signs of their own ---------------------------------


def _density(g: Grower, depth: int) -> Node:
    given = t.Given((g.argument(depth),), (Symbol("theta", "1"), Symbol("y"))[: g.pick((1, 2))], g.pick(("|", ";")))
    return Call(g.pick(("p", "q")), (given,))


def _divergence(g: Grower, depth: int) -> Node:
    sides = (P, Q) if g.pick((True, False)) else (Call("q", (Symbol("x"),)), _density(g, 1))
    return Call(g.pick(("KL", "D_KL")), (t.Given(sides[:1], sides[1:], "||"),))


def _expectation(g: Grower, depth: int) -> Node:
    over = g.pick(((), (Symbol("x"),), (Relation((Symbol("x"), P), ("~",)),),
                   (Relation((Symbol("x"), P), ("~",)), Relation((Symbol("y"), _density(g, 1)), ("~",)))))  # fmt: skip
    inner = g.argument(depth)
    args = g.pick(((inner,), (inner,), (t.Given((inner,), (Symbol("y"),)),)))
    return t.Expectation(g.pick(("E", "E", "Var")), args, over)


def _covariance(g: Grower, depth: int) -> Node:
    return t.Expectation("Cov", (g.argument(depth), g.argument(1)))


def _probability(g: Grower, depth: int) -> Node:
    event = Relation((g.grow(depth), g.grow(1)), (g.pick(("=", ">", "<=")),))
    return t.Expectation("P", g.pick(((event,), (t.Given((event,), (Relation((Symbol("y"), t.ONE), ("=",)),)),))))


def _optimum(g: Grower, depth: int) -> Node:
    body = g.argument(depth)
    w, h = _fresh(body, "wab"), _fresh(body, "hlm")
    variables, where = g.pick((
        ((w,), None), ((w, Symbol("x")), None), ((w,), Relation((w, Symbol("Theta")), ("in",))),
        ((h,), Relation((t.ONE, h, Symbol("n")), ("<=", "<="))),
    ))  # fmt: skip
    return t.Optimum(g.pick(("argmin", "argmax", "min", "max", "sup", "inf")), body, variables, where)


def _norm(g: Grower, depth: int) -> Node:
    return t.Norm(g.grow(depth), g.pick((None, Number("2"), Number("1"), t.INFINITY, Symbol("F"))))


def _inner(g: Grower, depth: int) -> Node:
    return t.Inner(g.grow(depth), g.grow(min(depth, 2)))


def _entrywise(g: Grower, depth: int) -> Node:
    return t.Entrywise(g.several(depth))


def _component(g: Grower, depth: int) -> Node:
    operand = Call("softmax", (g.argument(depth),)) if g.pick((True, False)) else Product((Symbol("A"), g.grow(depth)))
    return t.Component(operand, g.pick(((Symbol("j"),), (Number("2"),), (Symbol("j"), Symbol("k")))))


def _gradient_of(g: Grower, depth: int) -> Node:
    variables = g.pick(((Symbol("w"),), (Symbol("w"), Symbol("a")), (Symbol("theta", "1"),)))
    return t.GradientOf(g.grow(depth), variables, g.pick((1, 1, 2)))


def _restricted(g: Grower, depth: int) -> Node:
    kind, body = g.pick((t.SumOver, t.ProductOver)), g.grow(depth)
    k = _fresh(body)
    where = g.pick((Relation((k, Symbol("A")), ("in",)), Relation((k, Symbol("j")), ("!=",)),
                    Relation((k, Symbol("j")), ("<",))))  # fmt: skip
    return kind(body, k, where=where)


def _by_member(g: Grower, depth: int) -> Node:
    member = t.Indexed(Symbol("r"), (Symbol("j"),))
    return t.Derivative(g.pick((Symbol("C"), t.Indexed(Symbol("r"), (Symbol("k"),)))), member, 1, True)


def _above(g: Grower, depth: int) -> Node:
    return t.Indexed(Symbol("z", sup="()"), (Symbol("j"), Symbol("k"))[: g.pick((1, 2))])


def _counting(g: Grower, depth: int) -> Node:
    name = g.pick(("factorial", "binom", "floor", "ceil"))
    return Call(name, (g.argument(depth), g.grow(1))[: 2 if name == "binom" else 1])


def _indicator(g: Grower, depth: int) -> Node:
    return Call("indicator", (Relation((g.grow(depth), g.grow(1)), (g.pick(("=", ">", "!=")),)),))


def _dotted(g: Grower, depth: int) -> Node:
    first, last = (t.Indexed(Symbol("r"), (n,)) for n in (Number("1"), Symbol("n")))
    return g.pick((t.Sum, t.Product))((first, t.Dots(), last))


_SCALAR = (
    _sum, _product, _negative, _quotient, _power, _exponential, _root, _unary, _several, _logarithm, _cases,
)  # fmt: skip
_DISPLAYED = (
    _beside, _primed, _declared, _gradient, _derivative, _at, _over, _integral, _limit, _matrix, _vector, _transpose,
    _indexed, _density, _divergence, _expectation, _covariance, _probability, _optimum, _norm, _inner, _entrywise,
    _component, _gradient_of, _restricted, _by_member, _above, _counting, _indicator, _dotted,
)  # fmt: skip


def relation(g: Grower, depth: int) -> Node:
    """An expression, or now and then a chain of relations, several chains, or something that lies in a set."""
    if not g.full or g.pick((True, True, True, False)):
        return g.grow(depth)
    chain = _chain(g, depth, SIGNS)
    match g.pick(("chain", "chain", "chain", "implication", "statements", "element")):
        case "implication":
            return Relation((chain, _chain(g, depth, SIGNS)), (g.pick(("=>", "<=>")),))
        case "statements":
            return t.Statements((chain, _chain(g, depth, SIGNS)), g.pick((",", "and", "or")))
        case "element":
            return Relation((g.grow(1), _set(g)), ("in",))
    return chain


def _set(g: Grower) -> Node:
    interval = t.Interval(g.grow(1), g.grow(2), g.pick((True, False)), g.pick((True, False)))
    shape = t.Vector((Symbol("m"), Symbol("n")))
    dotted = t.Set((Number("1"), t.Dots(), Symbol("n")))
    n = Symbol("n")
    return g.pick((interval, interval, Power(interval, n), Power(REALS, shape), Power(REALS, n), dotted))


def _chain(g: Grower, depth: int, signs: Sequence[str]) -> Node:
    first, *others = g.several(depth)
    last = t.Set(g.several(1)) if g.pick((False, False, True)) else None
    picked = [g.pick(signs) for _ in others]
    # two coordinates behind an element sign would be an interval
    pairs = zip(picked, others, strict=True)
    sides = (g.leaf() if sign == "in" and _has_coordinates(side) else side for sign, side in pairs)
    chain = Relation((first, *sides), tuple(picked))
    return Relation((*chain.sides, last), (*chain.signs, "in")) if last else chain


def _has_coordinates(node: Node) -> bool:
    return any(isinstance(n, t.Vector) for n in t.walk(node))


def random_tree(source: random.Random, depth: int = 4, full: bool = True) -> Node:
    """A random tree for long runs without shrinking."""
    return relation(Grower(source.choice, full), source.randint(1, depth))


@st.composite
def expressions(draw: st.DrawFn, depth: int = 4, full: bool = True) -> Node:
    """Random trees of at most ``depth`` levels or so; with ``full=False`` only those that have a real value."""
    return relation(Grower(lambda options: draw(st.sampled_from(options)), full), draw(st.integers(1, depth)))
