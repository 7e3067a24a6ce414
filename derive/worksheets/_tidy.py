"""A number in the place of a letter, and the expression around it as a person writes it.

Called by :mod:`derive.worksheets.placing`. Only what the number touches is rewritten, from the inside out; the value is
kept, and so is the order in which terms and factors were written. How a node is tidied is a row of :data:`_TIDY`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from math import gcd, isqrt, prod
from typing import Any

from derive import limits
from derive.errors import MathError
from derive.tree import (
    ONE,
    ZERO,
    Derivative,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
    bound_symbols,
    decimal,
    map_children,
    negated,
    number,
    numeric,
    substitute,
    times,
    total,
    unsigned,
    walk,
    whole,
)

POWER_MOST = 10_000  # larger powers are left as they are written: 7^9

Letters = Mapping[Symbol, Node]


def placed(node: Node, letters: Letters) -> Node:
    """The expression with a number, vector or matrix in the place of each letter, tidied where one went in.

    A letter that is bound (the index of a sum) is not the drawn one and stays. MathError where a denominator
    becomes zero.
    """
    if isinstance(node, Symbol):
        return letters.get(node, node)
    if not letters.keys().isdisjoint(bound_symbols(node)) or _is_by(node, letters):
        return substitute(node, dict[Node, Node](letters.items()))
    made = map_children(node, lambda part: placed(part, letters))
    return made if made is node else tidied(made)


def _is_by(node: Node, letters: Letters) -> bool:
    """Whether this is a derivative by a drawn letter, which is then one at a point."""
    return isinstance(node, Derivative) and node.variable in letters


def tidied(node: Node) -> Node:
    """A node whose parts are tidy, written as a person writes it."""
    row = _TIDY.get(type(node))
    return node if row is None else row(node)


# --- the rows ---------------------------------------------------------------------------------------


def _spelled(value: Fraction, parts: Iterable[Node]) -> Node:
    """A number as a decimal where it came of one and its decimals end, else as a whole number or a fraction."""
    decimals = any(isinstance(n, Number) and "." in n.text for part in parts for n in walk(part))
    return (decimal(value) if decimals else None) or number(value)


def _negative(node: Negative) -> Node:
    return ZERO if numeric(node.operand) == 0 else negated(node.operand)


def _product(node: Product) -> Node:
    sign = 1
    factors: list[Node] = []
    for factor in node.factors:
        if isinstance(factor, Negative):
            sign, factor = -sign, factor.operand
        factors.append(factor)
    made = times(_multiplied(factors))
    return made if sign > 0 or made == ZERO else Negative(made)


def _multiplied(factors: list[Node]) -> list[Node]:
    """The factors with their numbers multiplied and put in front; 0 takes all away, 1 goes."""
    numbers = [factor for factor in factors if numeric(factor) is not None]
    if not numbers:
        return factors
    value = prod((numeric(n) or Fraction(0) for n in numbers), start=Fraction(1))
    if value == 0:
        return [ZERO]
    rest = [factor for factor in factors if numeric(factor) is None]
    if value == 1:
        return rest
    return [numbers[0] if len(numbers) == 1 else _spelled(value, numbers), *rest]


def _sum(node: Sum) -> Node:
    numbers = {i: value for i, term in enumerate(node.terms) if (value := numeric(term)) is not None}
    if not numbers:
        return node
    value, last = sum(numbers.values(), Fraction(0)), max(numbers)
    constant = node.terms[last] if len(numbers) == 1 else _spelled(value, [node.terms[i] for i in numbers])
    kept = [constant if i == last else t for i, t in enumerate(node.terms) if i == last or i not in numbers]
    return total([t for t in kept if t is not constant] if value == 0 else kept)


def _quotient(node: Quotient) -> Node:
    top, bottom = node.numerator, node.denominator
    if isinstance(top, Negative) or isinstance(bottom, Negative):
        sign = -1 if isinstance(top, Negative) is not isinstance(bottom, Negative) else 1
        inner = _quotient(Quotient(unsigned(top), unsigned(bottom)))
        return inner if sign > 0 else _negative(Negative(inner))
    above, below = numeric(top), numeric(bottom)
    if below == 0:
        raise MathError("a denominator is zero")
    if below == 1 or above == 0:
        return top
    if below is None:
        return node
    if above is not None:
        return _spelled(above / below, (top, bottom))
    return _cancelled(top, below, node)


def _cancelled(top: Node, below: Fraction, node: Quotient) -> Node:
    """``4x / 6`` as ``2x / 3``, where both are whole numbers."""
    match top:
        case Product((Number() as coefficient, *rest)) if (above := whole(coefficient)) and below.denominator == 1:
            share = gcd(above, int(below))
            if share > 1:
                lowered = times(_multiplied([number(above // share), *rest]))
                return _quotient(Quotient(lowered, number(below / share)))
    return node


def _power(node: Power) -> Node:
    base, exponent = numeric(node.base), whole(node.exponent)
    if exponent == 1:
        return node.base
    if exponent == 0 and base != 0:
        return ONE
    if base == 1:
        return ONE
    if base is None or exponent is None or exponent < 0 or (base == 0 and exponent == 0):
        return node
    if exponent > limits.DERIVATIVE_ORDER or max(abs(base.numerator), base.denominator) ** exponent > POWER_MOST:
        return node
    return _spelled(base**exponent, (node.base,))


def _root(node: Root) -> Node:
    value = numeric(node.radicand)
    if value is None or value < 0 or numeric(node.degree) != 2:
        return node
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    exact = Fraction(top, bottom) if bottom else Fraction(0)
    return _spelled(exact, (node.radicand,)) if exact * exact == value else node


_TIDY: dict[type[Node], Callable[[Any], Node]] = {
    Negative: _negative,
    Product: _product,
    Sum: _sum,
    Quotient: _quotient,
    Power: _power,
    Root: _root,
}
