"""Equations between numbers that fractions decide: ``0.1 (31, 3) = (3.1, 0.3)``, ``4x + 3y`` at ``x = 1, y = 9``.

Called by :func:`derive.verify.verify_step` before anything else: half of the statements of a worked iteration are of
this kind, no declaration and no definition has a say in them, and one walk over both sides settles them. What is not
so, holds letters, or has no value here is left to the judges, which also say where an equation fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from derive import limits
from derive.steps import Status, Verdict
from derive.tree import At, Matrix, Negative, Node, Number, Power, Product, Quotient, Sum, Symbol, Vector

Rows = tuple[tuple[Fraction, ...], ...]
Value = Fraction | Rows
Values = Mapping[Symbol, Fraction]


class _NotPlainError(Exception):
    """Something that is no arithmetic with fractions."""


def sums_up(before: Node, after: Node) -> Verdict | None:
    """The proof that two numbers, vectors or matrices of numbers are equal; None where they are not, or are not so."""
    try:
        equal = _value(before, {}) == _value(after, {})
    except (_NotPlainError, ZeroDivisionError, RecursionError):
        return None
    return Verdict(Status.PROVED, "exact") if equal else None


def _value(node: Node, values: Values) -> Value:
    match node:
        case Number():
            return node.value
        case Symbol():
            return _known(node, values)
        case Negative(operand):
            return _scaled(Fraction(-1), _value(operand, values))
        case Sum(terms):
            return _sum([_value(term, values) for term in terms])
        case Product(factors):
            return _product([_value(factor, values) for factor in factors])
        case Quotient(top, bottom):
            return _scaled(1 / _number(bottom, values), _value(top, values))
        case Power(base, exponent):
            return _power(_number(base, values), _number(exponent, values))
        case Vector(items):
            return tuple((_number(item, values),) for item in items)
        case Matrix(rows):
            return tuple(tuple(_number(entry, values) for entry in row) for row in rows)
        case At(body, where):
            return _value(body, {**values, **{symbol: _number(value, values) for symbol, value in where}})
    raise _NotPlainError


def _known(symbol: Symbol, values: Values) -> Fraction:
    if symbol not in values:
        raise _NotPlainError
    return values[symbol]


def _number(node: Node, values: Values) -> Fraction:
    value = _value(node, values)
    if isinstance(value, Fraction):
        return value
    raise _NotPlainError


def _sum(terms: list[Value]) -> Value:
    total = terms[0]
    for term in terms[1:]:
        total = _added(total, term)
    return total


def _added(a: Value, b: Value) -> Value:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a + b
    if isinstance(a, Fraction) or isinstance(b, Fraction) or _shape(a) != _shape(b):
        raise _NotPlainError
    return tuple(tuple(x + y for x, y in zip(r, s, strict=True)) for r, s in zip(a, b, strict=True))


def _shape(rows: Rows) -> tuple[int, int]:
    return len(rows), len(rows[0])


def _product(factors: list[Value]) -> Value:
    made = factors[0]
    for factor in factors[1:]:
        if isinstance(made, Fraction):
            made = _scaled(made, factor)
        elif isinstance(factor, Fraction):
            made = _scaled(factor, made)
        else:
            raise _NotPlainError  # what a product of two vectors is, depends on how it is written
    return made


def _scaled(by: Fraction, value: Value) -> Value:
    if isinstance(value, Fraction):
        return by * value
    return tuple(tuple(by * x for x in row) for row in value)


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    size = max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(exponent)
    if exponent.denominator != 1 or size > limits.VALUE_BITS or (base == 0 and exponent <= 0):
        raise _NotPlainError
    return base ** int(exponent)
