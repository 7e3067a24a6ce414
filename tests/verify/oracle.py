"""A second opinion that shares nothing with the verifier: mpmath at 60 digits, and random expressions.

``value`` evaluates a written expression at a point; ``expression`` draws one; ``same`` rewrites an expression
without changing its value; ``mutated`` changes one part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from mpmath import mp

from derive.tree import (
    ONE,
    TWO,
    Call,
    Constant,
    E,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
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
}


class NoValueError(Exception):
    """The expression has no real value here."""


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
