"""The value of a tree in floats, by the plain meaning of each node: what printers are held against."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping

from derive import tree as t
from derive.tree import Node, Symbol

_GELU = math.sqrt(2 / math.pi)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


FUNCTIONS = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "exp": math.exp,
    "arctan": math.atan,
    "arsinh": math.asinh,
    "sinh": math.sinh,
    "tanh": math.tanh,
    "erf": math.erf,
    "abs": abs,
    "max": max,
    "min": min,
    "log": math.log,
    "sigma": _logistic,
    "softplus": lambda x: math.log(1 + math.exp(x)),
    "swish": lambda x: x * _logistic(x),
    "relu": lambda x: max(0.0, x),
    "Phi": lambda x: (1 + math.erf(x / math.sqrt(2))) / 2,
    "gelu": lambda x: x * (1 + math.erf(x / math.sqrt(2))) / 2,
}
_SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def evaluate(node: Node, at: Mapping[Symbol, float]) -> float:
    """The real value of a tree at a point. ValueError, OverflowError or ZeroDivisionError where it has none."""

    def value(part: Node) -> float:
        return evaluate(part, at)

    match node:
        case t.Number():
            return float(node.value)
        case t.Constant(name):
            return {"e": math.e, "pi": math.pi}[name]
        case Symbol():
            return at[node]
        case t.Sum(terms):
            return math.fsum(map(value, terms))
        case t.Product(factors):
            return math.prod(map(value, factors))
        case t.Negative(operand):
            return -value(operand)
        case t.Quotient(top, bottom):
            return value(top) / value(bottom)
        case t.Power(base, exponent):
            return math.pow(value(base), value(exponent))
        case t.Root(radicand, degree):
            inner = value(radicand)
            if inner < 0:
                raise ValueError("an even root of a negative number")
            return math.pow(inner, 1 / value(degree))
        case t.Call(name, args, 0):
            return FUNCTIONS[name](*map(value, args))
        case t.Cases(branches):
            for branch, condition in branches:
                if condition is None or holds(condition, at):
                    return value(branch)
            raise ValueError("no case holds")
    raise TypeError(type(node).__name__)


def holds(condition: Node, at: Mapping[Symbol, float]) -> bool:
    """Whether a relation between values holds."""
    assert isinstance(condition, t.Relation)
    values = [evaluate(s, at) for s in condition.sides]
    return all(_SIGNS[s](a, b) for a, s, b in zip(values, condition.signs, values[1:], strict=False))
