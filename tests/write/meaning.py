"""A number for every written expression, by which two readings of it are compared.

Sums, products and signs are computed; whatever else there is stands for a smooth function of its parts that nothing
else stands for (:func:`mix`). Trees with the same number at an accidental choice of constants mean the same, up to
the order in which a sum or a product is computed. The printers are not asked: :func:`of_tree` reads the tree, the
modules beside it read what was printed.
"""

from __future__ import annotations

import math
from functools import lru_cache
from zlib import crc32

from derive import tree as t
from derive.tree import Node, Symbol


@lru_cache(maxsize=4096)
def _constant(name: str) -> float:
    return 0.5 + crc32(name.encode()) / 2**31


def mix(name: str, *parts: float) -> float:
    """A number that depends on a name and on each part at its place, smoothly, so that rounding does no harm."""
    inside = sum(_constant(f"{name} {i}") * part / (1 + abs(part)) for i, part in enumerate(parts))
    return 1.5 + math.sin(_constant(f"{name} of {len(parts)}") * 3 + inside)


def symbol(name: str, sub: str = "", sup: str = "", accent: str = "", font: str = "") -> float:
    """The number of a name with its marks."""
    return mix("|".join((name, sub, sup, accent, font)))


def of_tree(node: Node) -> float:
    """The number of a tree. TypeError for a node that is not known here."""
    many = of_trees
    match node:
        case t.Number():
            return float(node.value)
        case t.Constant(name):
            return symbol(name)
        case Symbol(name, sub, sup, accent, font):
            return symbol(name, sub, sup, accent, font)
        case t.Indexed(base, indices):
            return mix(f"member of {base.name}{base.sup}", *many(indices))
        case t.Sum(terms):
            return math.fsum(many(terms))
        case t.Product(factors):
            return math.prod(many(factors))
        case t.Negative(operand):
            return -of_tree(operand)
        case t.Quotient(top, bottom):
            return mix("quotient", of_tree(top), of_tree(bottom))
        case t.Power(base, t.Vector(sides)):
            return mix("shape", of_tree(base), *many(sides))
        case t.Power(base, exponent):
            return mix("power", of_tree(base), of_tree(exponent))
        case t.Root(radicand, degree):
            return mix("root", of_tree(radicand), of_tree(degree))
        case t.Call(name, args, order):
            return mix(f"{name} {order}", *many(args))
        case t.Gradient(name, args):
            return mix(f"nabla {name}", *many(args))
    return _calculus(node)


def of_trees(nodes: tuple[Node, ...]) -> list[float]:
    """The numbers of several trees."""
    return [of_tree(node) for node in nodes]


def _calculus(node: Node) -> float:
    match node:
        case t.Derivative(body, variable, order, partial):
            return mix(f"derivative {order} {partial}", of_tree(body), of_tree(variable))
        case t.GradientOf(body, variables, order):
            return mix(f"gradient {order}", of_tree(body), *of_trees(variables))
        case t.At(body, where):
            return mix("at", of_tree(body), *(mix("relation =", of_tree(s), of_tree(v)) for s, v in where))
        case t.Integral(body, variable, lower, upper):
            return mix("integral", of_tree(body), of_tree(variable), _bound(lower), _bound(upper))
        case t.SumOver(body, index, lower, upper, where):
            return mix("sum", of_tree(body), _bound(upper), *_below(index, lower, where))
        case t.ProductOver(body, index, lower, upper, where):
            return mix("product", of_tree(body), _bound(upper), *_below(index, lower, where))
        case t.Limit(body, variable, point, side):
            return mix(f"limit {side}", of_tree(body), of_tree(variable), of_tree(point))
        case t.Optimum(operator, body, variables, where):
            below = of_trees(variables) if where is None else [of_tree(where)]
            return mix(operator, of_tree(body), *below)
    return _probability(node)


def _bound(node: Node | None) -> float:
    return 0.0 if node is None else of_tree(node)


def _below(index: Symbol, lower: Node | None, where: Node | None) -> list[float]:
    start = [] if lower is None else [mix("relation =", of_tree(index), of_tree(lower))]
    return start + ([] if where is None else [of_tree(where)]) or [of_tree(index)]


def _probability(node: Node) -> float:
    match node:
        case t.Given(items, given, sign):
            return mix(f"given {sign}", mix("list", *of_trees(items)), mix("list", *of_trees(given)))
        case t.Expectation(operator, args, over):
            return mix(f"expectation {operator}", mix("list", *of_trees(args)), *of_trees(over))
        case t.Norm(operand, order):
            return mix("norm", of_tree(operand), *([] if order is None else [of_tree(order)]))
        case t.Inner(left, right):
            return mix("inner", of_tree(left), of_tree(right))
        case t.Entrywise(factors):
            return mix("entrywise", *of_trees(factors))
        case t.Component(operand, indices):
            return mix("component", of_tree(operand), *of_trees(indices))
        case t.Interval(lower, upper, left_open, right_open):
            return mix(f"interval {left_open} {right_open}", of_tree(lower), of_tree(upper))
        case t.Dots():
            return mix("dots")
        case t.Hole(width, label):
            return mix(f"gap {width} {label}")
    return _collection(node)


def _collection(node: Node) -> float:
    match node:
        case t.Matrix(rows):
            return mix(f"matrix {len(rows)}", *(value for row in rows for value in of_trees(row)))
        case t.Vector(items):
            return mix("vector", *of_trees(items))
        case t.Set(items):
            return mix("set", *of_trees(items))
        case t.Transpose(operand):
            return mix("transpose", of_tree(operand))
        case t.Cases(branches):
            return mix("cases", *(mix("case", of_tree(v), 0.0 if c is None else of_tree(c)) for v, c in branches))
        case t.Relation(sides, signs):
            return mix(f"relation {' '.join(signs)}", *of_trees(sides))
        case t.Statements(items, sign):
            return mix(f"statements {sign}", *of_trees(items))
    raise TypeError(type(node).__name__)
