"""Random instances of laws: the letters of a pattern filled with random functions, constants, numbers and shapes.

``instances(rule)`` gives expressions on which a rule may act: its own left side where the law is a pattern, the left
side of its printed law, and the templates listed here by the rule's name for laws about any number of things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from derive.errors import DeriveError
from derive.functions import FUNCTIONS
from derive.pattern import pattern
from derive.rules import Rule
from derive.tree import (
    Call,
    Derivative,
    Matrix,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    Sum,
    Symbol,
    Transpose,
    Vector,
    substitute,
    walk,
)

X = Symbol("x")

_FUNCTIONS = """
x; 2 x; -x; x + 1; x^2; x^2 + 1; \\frac{x}{2} + a; \\sin(x); \\cos(2 x); e^x; e^{-x}; a x; a x + b; x y
\\frac{1}{x^2 + 1}
\\sqrt{x^2 + 3}; \\log(x^2 + 2); \\sigma(x); \\tanh(x); x^3 - x; \\arctan(x); x e^{-x^2}; \\frac{x}{y^2 + 1}; x \\sin(x)
"""
_CONSTANTS = "3; a; -a; a^2 + 1; \\frac{1}{2}; 0.5; \\sin(a); a b; e^a; 2 b"
_NUMBERS = "2; 3; 5; 0.5; \\frac{2}{3}; -2; 10"
_UNIT = r"\frac{1}{x^2 + 2}; \frac{x}{x^2 + 2}; \frac{1}{2} \sigma(x); \frac{1}{3} + \frac{1}{4} \sin(x)"
_SMALL = {**dict.fromkeys(("arcsin", "arccos", "artanh", "logit"), _UNIT), "arcosh": r"x^2 + 2; e^{x^2} + 1"}
"""Arguments of functions that have values in an interval only."""


def _read(texts: str) -> list[Node]:
    return [pattern(text) for line in texts.strip().splitlines() for text in line.split("; ")]


def function(random: Random, depth: int = 1) -> Node:
    """A random function of x, sometimes with other letters in it."""
    if depth == 0:
        return random.choice(_read(_FUNCTIONS))
    u, v = (function(random, depth - 1) for _ in range(2))
    match random.randint(0, 5):
        case 0:
            return Sum((u, random.choice((v, Negative(v)))))
        case 1:
            return Product((u, v))
        case 2:
            return substitute(u, {X: v})
    return u


def _letters(random: Random) -> dict[str, Callable[[], Node]]:
    return {
        **dict.fromkeys("uvwz", lambda: function(random)),
        "c": lambda: random.choice(_read(_CONSTANTS)),
        **dict.fromkeys("nm", lambda: random.choice(_read(_NUMBERS))),
    }


def filled(template: Node, random: Random) -> Node:
    """A template with each of its letters replaced by the same random thing wherever it stands."""
    makers = _letters(random)
    names = {s for s in walk(template) if isinstance(s, Symbol) and s.name in makers and not s.sub}
    return substitute(template, {s: makers[s.name]() for s in sorted(names, key=repr)})


def matrix(random: Random, rows: int, columns: int) -> Matrix:
    """A matrix of small random expressions."""
    leaves = _read("x; y; 2; a; -3; x + y; 0; 1; 0.5; x^2")
    return Matrix(tuple(tuple(random.choice(leaves) for _ in range(columns)) for _ in range(rows)))


def _sides(random: Random) -> tuple[int, int, int]:
    return random.randint(1, 3), random.randint(2, 3), random.randint(1, 3)


def _vector(random: Random) -> Vector:
    return Vector(tuple(function(random, 0) for _ in range(random.randint(2, 4))))


def _alike(random: Random) -> tuple[Node, Node]:
    """Two vectors or two matrices of one shape."""
    rows, columns, _ = _sides(random)
    if random.random() < 0.5:
        return matrix(random, rows, columns), matrix(random, rows, columns)
    one = _vector(random)
    return one, Vector(tuple(function(random, 0) for _ in one.items))


def _square(random: Random) -> Node:
    side = random.randint(1, 4)
    return Call("det", (matrix(random, side, side),))


def _product(random: Random) -> Node:
    rows, inner, columns = _sides(random)
    return Product((matrix(random, rows, inner), matrix(random, inner, columns)))


def _scaled(random: Random) -> Node:
    one, _ = _alike(random)
    return random.choice((Product((function(random, 0), one)), Quotient(one, Number("3")), Negative(one)))


def _added(random: Random) -> Node:
    one, other = _alike(random)
    return Sum((one, random.choice((other, Negative(other)))))


Maker = Callable[[Random], Node]
_MADE: dict[str, Maker] = {
    "vector rule": lambda random: Derivative(random.choice(_alike(random)), X),
    "multiply by a number": _scaled,
    "add entry by entry": _added,
    "matrix product": _product,
    "transpose": lambda random: Transpose(matrix(random, *_sides(random)[:2])),
    "determinant": _square,
}
_TEMPLATES: dict[str, str] = {
    "higher derivative": r"\frac{d^2}{dx^2} u",
    "constant rule": "D(c); D(c + b)",
    "linear term": r"D(c x); D(-x); D(x c b); D(\frac{x}{c}); D(-2 c x)",
    "sum rule": "D(u + v); D(u - v + w)",
    "constant factor rule": r"D(c u); D(c u b v); D(\frac{u}{c}); D(\frac{c u}{v}); D(2 u)",
    "product rule": "D(u v); D(u v w)",
    "reciprocal rule": r"D(\frac{1}{v}); D(\frac{c}{v})",
    "power rule": "D(x^c); D(x^n); D(x^3)",
    "power rule, chain rule": "D(u^c); D(u^n); D(u^2)",
    "exponential, chain rule": "D(e^u); D(2^u); D((a + 2)^u)",
    "root, chain rule": r"D(\sqrt{u}); D(\sqrt{u^2 + 1}); D(\sqrt[3]{u}); D(\sqrt{x})",
    "logarithm to a base, chain rule": r"D(\log_2(u)); D(\log_{10}(u)); D(\log_c(u))",
    "logarithmic differentiation": "D(u^v); D(x^x); D((u^2 + 1)^v)",
    "maximum of several": r"D(\max(u, v, w)); D(\min(u, v, w, z))",
    "maximum rule": r"D(\max(u, v)); D(\min(u, v)); D(\max(0, u))",
    "cases rule": r"D(\begin{cases} u & v > 0 \\ w & v \le 0 \end{cases}); "
                  r"D(\begin{cases} u & x > 1 \\ v & x < 0 \\ w & \text{otherwise} \end{cases})",
    "zero factor": r"0 \cdot u; u \cdot 0 v",
    "cancel common factors": r"\frac{u w}{v w}; \frac{u^3 w}{u^2 v}; \frac{w}{w v}; \frac{x u}{x}",
    "combine powers": r"u^2 u^3; e^u e^v; u u; x^n x^2; x^2 u x",
    "multiply out numbers and signs": r"2 \cdot 3 u; (-u) (-v); -(-u); \frac{6 u}{4}; (2 x)^3; \frac{u / v}{w}",
    "rationalise the denominator": r"\frac{u}{\sqrt{2}}; \frac{1}{\sqrt{3}}; \frac{u}{v \sqrt{5}}",
    "zero term": "u + 0; 0 - u; u + 0 + v",
    "add the numbers": r"2 + 3; u + 2 - 5; 1 + v + \frac{1}{2}; 0.5 + 0.25",
    "collect like terms": "2 u + 3 u; u - u; u + v - 3 u; x + x + x; -(u - v); u v + v u",
    "Pythagorean identity": r"\sin(u)^2 + \cos(u)^2; 3 \cos(u)^2 + v + 3 \sin(u)^2",
    "hyperbolic identity": r"\cosh(u)^2 - \sinh(u)^2; 2 \cosh(u)^2 + v - 2 \sinh(u)^2",
    "absolute value of a number": r"\left|-3\right|; \left|n\right|",
    "maximum of numbers": r"\max(2, 3); \max(n, m, 1)",
    "minimum of numbers": r"\min(2, 3); \min(n, m, 1)",
    "rectifier of a number": r"\operatorname{ReLU}(-3); \operatorname{ReLU}(n)",
    "sign of a number": r"\operatorname{sign}(-3); \operatorname{sign}(n)",
    "round down": r"\lfloor n \rfloor; \lfloor -2.5 \rfloor",
    "round up": r"\lceil n \rceil; \lceil -2.5 \rceil",
    "odd function": r"\sin(-u); \tanh(-u); \arctan(-u); \operatorname{erf}(-u); \sinh(-u); \tan(-u)",
    "even function": r"\cos(-u); \cosh(-u); \left|-u\right|",
    "choose the case": r"\begin{cases} u & 2 > 1 \\ v & 2 \le 1 \end{cases}; "
                       r"\begin{cases} u & n > m \\ v & \text{otherwise} \end{cases}",
    "substitute": r"\left. u \right|_{x = 3}; \left. u v \right|_{x = a}; \left. u \right|_{x = 2, y = a}",
    "factor out": r"u e^w + v e^w; \frac{x u + x v}{x}; u \sin(x) + v \sin(x); e^{-x} - 2 e^{-2 x}",
    "multiply out and collect": "x (x + c) - x^2; (x + 1)^2 - 1 - 2 x; u (x + 1) - u x; (x + c) (x - c) + c^2",
    "multiply out": "u (v + w); (u + v) (w + z); (u + v)^2; (x - y)^3; -(u + v) w",
    "maximum by absolute value": r"\max(u, v); \min(u, v)",
    "tangent": r"\tan(u)",
    "logarithm of a product": r"\log(u v); \log(x y a); \ln(u v)",
    "take an exponential out of the logarithm": r"\log(e^u + v); \log(1 + e^x); \log(e^x + e^{-x}); \log(1 + e^{2 x})",
    "common denominator": r"\frac{u}{v} + w; \frac{1}{u} + \frac{1}{v}; \frac{x}{y} - \frac{y}{x^2}; "
                          r"\frac{1}{2} u + \frac{1}{3}",
    "reduce to lowest terms": r"\frac{u w}{v w}; \frac{x^2 - 1}{x - 1}; \frac{1}{x} + \frac{1}{y}; "
                              r"\frac{1}{1 + e^{-x}} - 1",
    "factor": r"x^2 - 2 x + 1; u w + v w; \frac{x^2 - 1}{x^2 + x}; e^{2 x} - 1",
}


def _of_function(name: str) -> list[Node]:
    """The function in a derivative and alone, with arguments for which it has a value."""
    inside = _read(_SMALL[name]) if name in _SMALL else _read("u; x; 2 x; x^2 + 1; u + v")
    arguments = [u for u in inside if not isinstance(u, Quotient) or name in _SMALL]
    return [made for u in arguments for made in (Derivative(Call(name, (u,)), X), Call(name, (u,)))]


def _law(rule: Rule) -> list[Node]:
    """The left side of a law as it is printed, where that can be read."""
    try:
        return [pattern(rule.left or rule.law.partition(" = ")[0])]
    except DeriveError:
        return []


def templates(rule: Rule) -> list[Node]:
    """Expressions with letters in them on which the rule may act."""
    named = _read(_TEMPLATES[rule.name]) if rule.name in _TEMPLATES else []
    called = [name for name, f in FUNCTIONS.items() if f.title == rule.name.partition(", chain rule")[0]]
    called += [name for name, f in FUNCTIONS.items() if rule.name == f"definition of the {f.title}"]
    found = [*named, *(node for name in called for node in _of_function(name)), *_law(rule)]
    return sorted(found, key=lambda node: rule.apply(node) is None)  # with letters as symbols, most apply already


def instances(rule: Rule, random: Random, count: int) -> Iterator[tuple[Node, Node]]:
    """Random expressions on which the rule acts, with what it makes of them."""
    found = templates(rule)
    maker = _MADE.get(rule.name)
    for k in range(count):
        node = maker(random) if maker and (k % 2 == 0 or not found) else filled(found[k % len(found)], random)
        made = rule.apply(node)
        if made is not None and made != node:
            yield node, made
