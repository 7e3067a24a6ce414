"""A second opinion that shares nothing with the verifier: mpmath at 60 digits, and random expressions.

``value`` evaluates a written expression at a point, :class:`Numbers` any expression with definitions, sums,
derivatives and matrices in it; ``expression`` draws one; ``same`` rewrites an expression without changing its value;
``mutated`` changes one part of it.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any

from mpmath import mp

from derive.steps import Definition
from derive.tree import (
    INFINITY,
    ONE,
    TWO,
    At,
    Call,
    Cases,
    Constant,
    Derivative,
    E,
    Gradient,
    Indexed,
    Integral,
    Limit,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    ProductOver,
    Quotient,
    Root,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
    children,
    part_at,
    replace_at,
)

X, Y = Symbol("x"), Symbol("y")
SMALL = [Number(str(n)) for n in range(1, 6)]

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": mp.exp,
    "sin": mp.sin,
    "cos": mp.cos,
    "arctan": mp.atan,
    "erf": mp.erf,
    "abs": abs,
    "max": max,
    "min": min,
    "tanh": mp.tanh,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "sigma": lambda u: 1 / (1 + mp.exp(-u)),
    "softplus": lambda u: mp.log(1 + mp.exp(u)),
    "relu": lambda u: max(mp.mpf(0), u),
    "swish": lambda u: u / (1 + mp.exp(-u)),
    "gelu": lambda u: u / 2 * (1 + mp.erf(u / mp.sqrt(2))),
    "Phi": lambda u: (1 + mp.erf(u / mp.sqrt(2))) / 2,
    "elu": lambda u: u if u > 0 else mp.exp(u) - 1,
    "lrelu": lambda u: u if u > 0 else u / 100,
    "sign": lambda u: _nonzero(u) / abs(u),
    "tan": lambda u: mp.sin(u) / _nonzero(mp.cos(u)),
    "cot": lambda u: mp.cos(u) / _nonzero(mp.sin(u)),
    "sec": lambda u: 1 / _nonzero(mp.cos(u)),
    "csc": lambda u: 1 / _nonzero(mp.sin(u)),
    "coth": lambda u: mp.cosh(u) / _nonzero(mp.sinh(u)),
    "arsinh": mp.asinh,
    "arcsin": lambda u: mp.asin(_real(abs(u) <= 1, u)),
    "arccos": lambda u: mp.acos(_real(abs(u) <= 1, u)),
    "artanh": lambda u: mp.atanh(_real(abs(u) < 1, u)),
    "arcosh": lambda u: mp.acosh(_real(u >= 1, u)),
    "logit": lambda u: mp.log(_real(0 < u < 1, u) / (1 - u)),
}


class NoValueError(Exception):
    """The expression has no real value here."""


def _real(condition: Any, u: Any) -> Any:
    if not condition:
        raise NoValueError
    return u


def _nonzero(u: Any) -> Any:
    return _real(abs(u) > mp.mpf(10) ** (20 - mp.dps), u)


def value(node: Node, at: Mapping[Symbol, Any]) -> Any:
    """The value at a point, in mpmath's current precision."""
    match node:
        case Number():
            return mp.mpf(node.value.numerator) / node.value.denominator
        case Symbol():
            return at[node]
        case Constant(name):
            return {"e": mp.e, "pi": mp.pi}[name] + mp.mpf(0)
        case Sum(terms):
            return mp.fsum(value(t, at) for t in terms)
        case Product(factors):
            return mp.fprod(value(f, at) for f in factors)
        case Negative(u):
            return -value(u, at)
        case Quotient(u, v):
            bottom = value(v, at)
            if abs(bottom) < mp.mpf(10) ** -40:
                raise NoValueError
            return value(u, at) / bottom
        case Power(u, v):
            return _power(value(u, at), value(v, at), v)
        case Root(u):
            inside = value(u, at)
            if inside < 0:
                raise NoValueError
            return mp.sqrt(inside)
        case Call("log", (u,)):
            inside = value(u, at)
            if inside <= 0:
                raise NoValueError
            return mp.log(inside)
        case Call(name, args):
            return FUNCTIONS[name](*(value(a, at) for a in args))
    raise NotImplementedError(node)


def _power(base: Any, exponent: Any, written: Node) -> Any:
    if isinstance(written, Number) and written.value.denominator == 1:
        return base ** int(written.value)
    if base <= 0:
        raise NoValueError
    return base**exponent


def agree(a: Node, b: Node, places: int = 12) -> bool | None:
    """Whether two expressions agree at points where both have values; None when there are too few."""
    random, seen = Random(7), 0
    with mp.workdps(60):
        for k in range(places * 3):
            scale = (1, 3, 10)[k % 3]
            at = {s: mp.mpf(random.randint(-64 * scale, 64 * scale)) / 64 for s in (X, Y)}
            try:
                u, v = value(a, at), value(b, at)
            except (NoValueError, OverflowError, ZeroDivisionError):
                continue
            if abs(u - v) > mp.mpf(10) ** -40 * max(1, abs(u), abs(v)):
                return False
            seen += 1
    return True if seen >= 3 else None


# --- expressions with definitions, sums, derivatives, matrices ------------------------------------


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip


class Numbers:
    """The values of written expressions at one point: numbers, or matrices as lists of rows.

    ``at`` gives the symbols' values, ``family`` those of members of indexed families. A function of which nothing is
    known is a smooth one made from its name. Derivatives and limits are differences in high precision.
    """

    def __init__(self, at: Mapping[Symbol, Any], definitions: Iterable[Definition] = (), seed: int = 0) -> None:
        self.at, self.seed = dict(at), seed
        self.values = {d.name: d.body for d in definitions if not d.parameters}
        self.functions = {d.name.plain: d for d in definitions if d.parameters}

    def value(self, node: Node) -> Any:
        """The value; NoValueError where there is no real one."""
        found = getattr(self, f"_{type(node).__name__.lower()}", None)
        return found(node) if found is not None else value(self._plain(node), self.at)

    def _plain(self, node: Node) -> Node:
        raise NotImplementedError(node)

    def _with(self, symbol: Symbol, number: Any) -> Numbers:
        inner = Numbers({**self.at, symbol: number}, (), self.seed)
        inner.values = {name: body for name, body in self.values.items() if name != symbol}
        inner.functions = self.functions
        return inner

    def _number(self, node: Number) -> Any:
        return mp.mpf(node.value.numerator) / node.value.denominator

    def _constant(self, node: Constant) -> Any:
        return {"e": mp.e, "pi": mp.pi}[node.name] + mp.mpf(0)

    def _symbol(self, node: Symbol) -> Any:
        if node in self.values:
            return self.value(self.values[node])
        if node.plain in self.functions:
            function = self.functions[node.plain]
            return self.value(function.body)
        return self.at[node]

    def _indexed(self, node: Indexed) -> Any:
        indices = [int(self.value(i)) for i in node.indices]
        return mp.mpf(Random(f"{self.seed} {node.base.plain} {indices}").randint(1, 640)) / 128

    def _sum(self, node: Sum) -> Any:
        return functools.reduce(_added, map(self.value, node.terms))

    def _product(self, node: Product) -> Any:
        return functools.reduce(_multiplied, map(self.value, node.factors))

    def _negative(self, node: Negative) -> Any:
        return _multiplied(mp.mpf(-1), self.value(node.operand))

    def _quotient(self, node: Quotient) -> Any:
        return self.value(node.numerator) / _nonzero(self.value(node.denominator))

    def _power(self, node: Power) -> Any:
        base, exponent = self.value(node.base), self.value(node.exponent)
        if isinstance(base, list):
            m = mp.matrix(base) ** int(exponent)
            return [[m[i, j] for j in range(m.cols)] for i in range(m.rows)]
        if exponent == int(exponent):
            return base ** int(exponent) if exponent >= 0 else 1 / _nonzero(base) ** -int(exponent)
        if base == 0 and exponent > 0:
            return base
        return _real(base > 0, base) ** exponent

    def _root(self, node: Root) -> Any:
        u, n = self.value(node.radicand), int(self.value(node.degree))
        return -mp.root(-u, n) if n % 2 and u < 0 else mp.root(_real(u >= 0, u), n)

    def _call(self, node: Call) -> Any:
        if node.name == "det":
            return mp.det(mp.matrix(self.value(node.args[0])))
        args = [self.value(a) for a in node.args]
        if node.order:
            return self._slope(lambda u: self._applied(node.name, [u]), args[0], node.order)
        return self._applied(node.name, args)

    def _applied(self, name: str, args: list[Any]) -> Any:
        if name in self.functions:
            inner = self
            for parameter, number in zip(self.functions[name].parameters, args, strict=True):
                inner = inner._with(parameter, number)
            return inner.value(self.functions[name].body)
        if name in ("log", "ln"):
            logs = [mp.log(_real(u > 0, u)) for u in args]
            return logs[0] if len(logs) == 1 else logs[0] / _nonzero(logs[1])
        if name in FUNCTIONS:
            return FUNCTIONS[name](*args)
        speeds = [Random(f"{name} {k}").random() + 1 for k in range(len(args))]
        return mp.sin(1 + sum(s * u for s, u in zip(speeds, args, strict=True))) + sum(args) ** 2

    def _slope(self, function: Callable[[Any], Any], point: Any, order: int) -> Any:
        return mp.diff(function, point, order)

    def _derivative(self, node: Derivative) -> Any:
        x = node.variable
        return self._slope(lambda u: self._with(x, u).value(node.body), self.at[x], node.order)

    def _at(self, node: At) -> Any:
        inner = self
        for symbol, point in node.where:
            inner = inner._with(symbol, self.value(point))
        return inner.value(node.body)

    def _gradient(self, node: Gradient) -> Any:
        function = self.functions[node.name]
        points = [self.value(a) for a in node.args]

        def along(k: int, u: Any) -> Any:
            return self._applied(node.name, [*points[:k], u, *points[k + 1 :]])

        return [[self._slope(functools.partial(along, k), points[k], 1)] for k in range(len(function.parameters))]

    def _cases(self, node: Cases) -> Any:
        for branch, condition in node.branches:
            if condition is None or self._holds(condition):
                return self.value(branch)
        raise NoValueError

    def _holds(self, node: Node) -> bool:
        values = [self.value(s) for s in node.sides]
        return all(COMPARISONS[sign](u, v) for u, v, sign in zip(values, values[1:], node.signs, strict=False))

    def _sumover(self, node: SumOver) -> Any:
        return mp.fsum(self._terms(node))

    def _productover(self, node: ProductOver) -> Any:
        return mp.fprod(self._terms(node))

    def _terms(self, node: SumOver | ProductOver) -> list[Any]:
        first, last = int(self.value(node.lower)), int(self.value(node.upper))
        return [self._with(node.index, mp.mpf(k)).value(node.body) for k in range(first, last + 1)]

    def _integral(self, node: Integral) -> Any:
        ends = [self.value(node.lower), self.value(node.upper)]
        return mp.quad(lambda u: self._with(node.variable, u).value(node.body), ends)

    def _limit(self, node: Limit) -> Any:
        tiny = mp.mpf(10) ** -25
        if node.point == INFINITY:
            return self._with(node.variable, mp.mpf(10) ** 12).value(node.body)
        side = -1 if node.side == "-" else 1
        return self._with(node.variable, self.value(node.point) + side * tiny).value(node.body)

    def _matrix(self, node: Matrix) -> Any:
        return [[self.value(e) for e in row] for row in node.rows]

    def _vector(self, node: Vector) -> Any:
        return [[self.value(e)] for e in node.items]

    def _transpose(self, node: Transpose) -> Any:
        return [list(column) for column in zip(*self.value(node.operand), strict=True)]


def _added(u: Any, v: Any) -> Any:
    if isinstance(u, list):
        return [[a + b for a, b in zip(r, s, strict=True)] for r, s in zip(u, v, strict=True)]
    return u + v


def _multiplied(u: Any, v: Any) -> Any:
    if isinstance(u, list) and isinstance(v, list):
        columns = list(zip(*v, strict=True))
        found = [[mp.fsum(a * b for a, b in zip(row, c, strict=True)) for c in columns] for row in u]
        return found[0][0] if len(found) == len(found[0]) == 1 else found
    if isinstance(v, list):
        u, v = v, u
    return [[e * v for e in row] for row in u] if isinstance(u, list) else u * v


def apart(a: Any, b: Any) -> tuple[Any, Any]:
    """How far two values are apart, and the same relative to the larger one; of matrices the farthest entries."""
    if isinstance(a, list) != isinstance(b, list):
        return mp.inf, mp.inf
    if isinstance(a, list):
        if [len(r) for r in a] != [len(r) for r in b]:
            return mp.inf, mp.inf
        found = [apart(x, y) for r, s in zip(a, b, strict=True) for x, y in zip(r, s, strict=True)]
        return max(gap for gap, _ in found), max(ratio for _, ratio in found)
    gap = abs(a - b)
    return gap, gap / max(abs(a), abs(b), mp.mpf(10) ** -mp.dps)


# --- random expressions --------------------------------------------------------------------------


def expression(random: Random, depth: int) -> Node:
    """A random expression in x and y."""
    if depth <= 0 or random.random() < 0.15:
        return random.choice([X, X, Y, *SMALL, Number("0.5")])
    u = expression(random, depth - 1)
    match random.randint(0, 9):
        case 0 | 1 | 2:
            v = expression(random, depth - 1)
            return Sum((u, random.choice([v, Negative(v)])))
        case 3 | 4:
            return Product((u, expression(random, depth - 1)))
        case 5:
            return Quotient(u, expression(random, depth - 1))
        case 6:
            return Power(u, random.choice([TWO, Number("3")]))
        case 7:
            return Power(E, u) if random.random() < 0.6 else Root(Sum((Power(u, TWO), ONE)))
        case 8:
            return Call("log", (Sum((ONE, Power(u, TWO))),)) if random.random() < 0.4 else Call("log", (u,))
    name = random.choice(["sin", "cos", "tanh", "sigma", "abs", "max", "arctan", "softplus", "relu", "swish"])
    return Call(name, (u, expression(random, depth - 1)) if name == "max" else (u,))


Rewrite = Callable[[Node, Random], Node | None]


def _commuted(node: Node, random: Random) -> Node | None:
    match node:
        case Sum(parts) | Product(parts):
            return type(node)(tuple(random.sample(parts, len(parts))))
    return None


def _distributed(node: Node, random: Random) -> Node | None:
    match node:
        case Product((u, Sum(terms))):
            return Sum(tuple(Product((u, t)) for t in terms))
        case Power(Sum((u, v)), Number("2")):
            return Sum((Power(u, TWO), Product((TWO, u, v)), Power(v, TWO)))
    return None


def _unfolded(node: Node, random: Random) -> Node | None:
    match node:
        case Call("sigma", (u,)):
            return Quotient(Power(E, u), Sum((ONE, Power(E, u))))
        case Call("tanh", (u,)):
            return Sum((Product((TWO, Call("sigma", (Product((TWO, u)),)))), Negative(ONE)))
        case Call("softplus", (u,)):
            return Sum((u, Call("log", (Sum((ONE, Power(E, Negative(u)))),))))
        case Call("relu", (u,)):
            return Quotient(Sum((u, Call("abs", (u,)))), TWO)
        case Call("abs", (u,)):
            return random.choice([Call("max", (u, Negative(u))), Root(Power(u, TWO))])
        case Call("max", (u, v)):
            return Quotient(Sum((u, v, Call("abs", (Sum((u, Negative(v))),)))), TWO)
        case Call("swish", (u,)):
            return Product((u, Call("sigma", (u,))))
        case Call("sin", (u,)):
            half = Quotient(u, TWO)
            return Product((TWO, Call("sin", (half,)), Call("cos", (half,))))
        case Call("cos", (u,)):
            return Sum((ONE, Negative(Product((TWO, Power(Call("sin", (Quotient(u, TWO),)), TWO))))))
        case Power(Constant("e"), Sum((u, v))):
            return Product((Power(E, u), Power(E, v)))
        case Call("log", (Power(Constant("e"), u),)):
            return u
    return None


def _padded(node: Node, random: Random) -> Node | None:
    u = random.choice([X, Y, Sum((Power(X, TWO), ONE)), Power(E, X)])
    match random.randint(0, 3):
        case 0:
            return Sum((node, u, Negative(u)))
        case 1:
            return Quotient(Product((node, Sum((Power(u, TWO), ONE)))), Sum((Power(u, TWO), ONE)))
        case 2:
            return Product((node, Sum((Power(Call("sin", (u,)), TWO), Power(Call("cos", (u,)), TWO)))))
    return Negative(Negative(node)) if not isinstance(node, Number) else None


_REWRITES: list[Rewrite] = [_commuted, _distributed, _unfolded, _unfolded, _unfolded, _padded]


def _paths(node: Node) -> list[tuple[int, ...]]:
    return [(), *((k, *rest) for k, c in enumerate(children(node)) for rest in _paths(c))]


def same(node: Node, random: Random, times: int) -> Node:
    """The expression rewritten without changing its value anywhere."""
    for _ in range(times):
        path = random.choice(_paths(node))
        new = random.choice(_REWRITES)(part_at(node, path), random)
        if new is not None and not _is_exponent(node, path):
            node = replace_at(node, path, new)
    return node


def _is_exponent(node: Node, path: tuple[int, ...]) -> bool:
    """Whether the part is the exponent of a power, which decides where it has values."""
    below = [part_at(node, path[:k]) for k in range(len(path))]
    return any(isinstance(p, Power) and path[k] == 1 and p.base != E for k, p in enumerate(below)) or any(
        isinstance(p, Root) and path[k] == 1 for k, p in enumerate(below)
    )


def mutated(node: Node, random: Random) -> Node:
    """The expression with one slip in it."""
    for _ in range(50):
        path = random.choice(_paths(node))
        new = _slip(part_at(node, path), random)
        if new is not None and not _is_exponent(node, path):
            return replace_at(node, path, new)
    return Sum((node, ONE))


def _slip(node: Node, random: Random) -> Node | None:
    match node:
        case Number():
            return Number(str(node.value.numerator + 1))
        case Negative(u):
            return u
        case Sum(terms):
            return Sum((Negative(terms[0]) if not isinstance(terms[0], Negative) else terms[0].operand, *terms[1:]))
        case Product(factors):
            return factors[0]
        case Symbol():
            return Y if node == X else X
        case Call("sin", args):
            return Call("cos", args)
        case Call("max", args):
            return Call("min", args)
        case Call("abs", args):
            return args[0]
        case Call("tanh", args):
            return Call("sigma", args)
    return None
