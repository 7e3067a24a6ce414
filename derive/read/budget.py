"""Measuring a tree against :mod:`derive.limits` before anything recursive or exact touches it.

Called by :mod:`derive.read.latex` with every tree it made. Sizes are estimated in floating point, so that measuring
``9^{9^{9^9}}`` costs nothing. A new bound is a case of :func:`_measure`.
"""

from __future__ import annotations

import math

from derive import limits
from derive.errors import LimitError
from derive.tree import (
    Call,
    Constant,
    Derivative,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    children,
)


def check(node: Node) -> Node:
    """The tree itself when it is within bounds; LimitError naming what is too large otherwise."""
    count = 0
    stack = [(node, 1)]
    while stack:
        current, level = stack.pop()
        count += 1
        if count > limits.PARTS:
            raise LimitError(f"the formula has more than {limits.PARTS} parts")
        if level > 2 * limits.NESTING:
            raise LimitError(f"the formula is nested more than {2 * limits.NESTING} levels deep")
        if type(current) in _MEASURED:
            _measure(current)
        stack.extend([(child, level + 1) for child in children(current)])
    return node


_MEASURED = frozenset({Number, Power, Root, Matrix, Call, Derivative})


def _measure(node: Node) -> None:
    match node:
        case Number(text) if len(text) > limits.NUMBER_DIGITS:
            raise LimitError(f"a number has {len(text)} digits; at most {limits.NUMBER_DIGITS} are read")
        case Power(Constant(), _):
            return  # a transcendental base is never multiplied out
        case Power(_, exponent) | Root(_, exponent) if abs(_value(exponent)) > limits.NUMBER_EXPONENT:
            raise LimitError(f"an exponent is larger than {limits.NUMBER_EXPONENT}: too large to write out")
        case Power(base, exponent) if abs(_bits(base) * _value(exponent)) > limits.VALUE_BITS:
            raise LimitError(f"a number has more than {limits.VALUE_BITS} bits: too large to write out")
        case Call("factorial", (argument,)) if _value(argument) > limits.FACTORIAL:
            raise LimitError(f"a factorial of more than {limits.FACTORIAL} is too large to write out")
        case Call("binom", (upper, _)) if _value(upper) > limits.NUMBER_EXPONENT:
            raise LimitError(f"a binomial coefficient of more than {limits.NUMBER_EXPONENT} is too large to write out")
        case Matrix(rows) if max(len(rows), len(rows[0])) > limits.MATRIX_SIDE:
            raise LimitError(f"a matrix has more than {limits.MATRIX_SIDE} rows or columns")
        case Call(order=order) | Derivative(order=order) if order > limits.DERIVATIVE_ORDER:
            raise LimitError(f"a derivative of higher order than {limits.DERIVATIVE_ORDER} is not taken")


def _bits(node: Node) -> float:
    """The binary logarithm of a written number's size; 0 for what has no number."""
    match node:
        case Power(base, exponent):
            return _bits(base) * _value(exponent)
        case Number(text):
            size = float(text)
            return math.log2(size) if 0 < size < math.inf else 4.0 * len(text)
    size = abs(_value(node))
    return math.log2(size) if 0 < size < math.inf else 0.0


def _value(node: Node) -> float:
    """Roughly the value of an exact number, infinite when too large; nan for all else, which is never written out."""
    try:
        return _evaluated(node)
    except OverflowError:
        return math.inf
    except (ArithmeticError, ValueError):  # a division by zero, a factorial of a negative number
        return math.nan


def _evaluated(node: Node) -> float:
    match node:
        case Number(text):
            return float(text)
        case Negative(operand):
            return -_value(operand)
        case Sum(terms):
            return sum(map(_value, terms))
        case Product(factors):
            return math.prod(map(_value, factors))
        case Quotient(top, bottom):
            return _value(top) / _value(bottom)
        case Power(base, exponent):
            return _real(_value(base) ** _value(exponent))
        case Root(radicand, degree):
            return _real(_value(radicand) ** (1 / _value(degree)))
        case Call("abs" | "max" | "min", args, 0):
            return max(abs(_value(arg)) for arg in args)
        case Call("floor" | "ceil", (arg,), 0):
            return _value(arg)
        case Call("factorial", (arg,), 0):
            return math.gamma(_value(arg) + 1)
        case Call("binom", (upper, lower), 0):
            n, k = _value(upper), _value(lower)
            return math.exp(math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1))
    return math.nan


def _real(value: complex) -> float:
    return math.nan if isinstance(value, complex) else value
