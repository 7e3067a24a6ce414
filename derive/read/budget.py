"""Measuring a tree against :mod:`derive.limits` before anything recursive touches it."""

from __future__ import annotations

from derive import limits
from derive.errors import LimitError
from derive.tree import Call, Matrix, Node, Number, Power, Symbol, children, numeric, walk


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
        _measure(current)
        stack.extend((child, level + 1) for child in children(current))
    return node


def _measure(node: Node) -> None:
    match node:
        case Number(text) if len(text) > limits.NUMBER_DIGITS:
            raise LimitError(f"a number has {len(text)} digits; at most {limits.NUMBER_DIGITS} are read")
        case Power(base, exponent) if _without_letters(base) and _huge(exponent):
            raise LimitError(f"a number is raised to more than {limits.NUMBER_EXPONENT}: too large to write out")
        case Matrix(rows) if max(len(rows), len(rows[0])) > limits.MATRIX_SIDE:
            raise LimitError(f"a matrix has more than {limits.MATRIX_SIDE} rows or columns")


def _without_letters(node: Node) -> bool:
    return not any(isinstance(n, (Symbol, Call)) for n in walk(node))


def _huge(exponent: Node) -> bool:
    value = numeric(exponent)
    if value is not None:
        return abs(value) > limits.NUMBER_EXPONENT
    return any(isinstance(n, Power) and numeric(n.base) is not None for n in walk(exponent)) and _tower(exponent)


def _tower(node: Node) -> bool:
    """Whether numeric powers stand in each other's exponents so that the value explodes."""
    match node:
        case Power(base, exponent) if (b := numeric(base)) is not None and abs(b) > 1:
            e = numeric(exponent)
            return _huge(exponent) if e is None else abs(b) ** min(abs(e), 64) > limits.NUMBER_EXPONENT
    return any(_tower(child) for child in children(node))
