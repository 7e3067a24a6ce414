"""Exact rational values of expressions: the numbers that a person computes by hand.

:func:`exact` evaluates a tree with fractions; :func:`function` makes the callable that an exact iteration of
``derive.numeric.optimisers`` is driven by. A function with rational values somewhere is a row of :data:`VALUES`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from derive import limits
from derive.errors import DeriveError, LimitError, MathError
from derive.numeric.evaluate import plain
from derive.tree import (
    Call,
    Cases,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    Symbol,
    entries,
    free_symbols,
)

Values = Mapping[Symbol, Fraction]
Exact = Fraction | list[Fraction] | list[list[Fraction]]
HALF = Fraction(1, 2)


def _leaky(u: Fraction) -> Fraction:
    return u if u > 0 else u / 100


def _sign(u: Fraction) -> Fraction:
    if not u:
        raise MathError("the sign of 0 does not exist")
    return u / abs(u)


EVERYWHERE: dict[str, Callable[..., Fraction]] = {
    "abs": abs,
    "max": max,
    "min": min,
    "relu": lambda u: max(Fraction(0), u),
    "lrelu": _leaky,
    "sign": _sign,
}
"""Functions that are rational at every rational point."""

_VALUES: dict[str, dict[int | Fraction, int | Fraction]] = {
    "exp": {0: 1},
    "ln": {1: 0},
    "sin": {0: 0},
    "cos": {0: 1},
    "tan": {0: 0},
    "sec": {0: 1},
    "arcsin": {0: 0},
    "arccos": {1: 0},
    "arctan": {0: 0},
    "sinh": {0: 0},
    "cosh": {0: 1},
    "tanh": {0: 0},
    "arsinh": {0: 0},
    "arcosh": {1: 0},
    "artanh": {0: 0},
    "erf": {0: 0},
    "sigma": {0: HALF},
    "Phi": {0: HALF},
    "swish": {0: 0},
    "gelu": {0: 0},
    "gelutanh": {0: 0},
    "logit": {HALF: 0},
}
VALUES = {name: {Fraction(u): Fraction(v) for u, v in row.items()} for name, row in _VALUES.items()}
"""The rational points of other functions where the value is rational too."""


def _bounded(value: Fraction) -> Fraction:
    if bits(value) > limits.VALUE_BITS:
        raise LimitError(f"an exact number has more than {limits.VALUE_BITS} binary digits")
    return value


def bits(value: Fraction) -> int:
    """The binary digits of the longer of numerator and denominator."""
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _divide(top: Fraction, bottom: Fraction) -> Fraction:
    if not bottom:
        raise MathError("division by zero")
    return top / bottom


def _whole_root(value: int, degree: int) -> int | None:
    """The exact integer root of a non-negative integer, by Newton's iteration from above; None if there is none."""
    if degree == 2:
        root = math.isqrt(value)
    else:
        root = 1 << -(-value.bit_length() // degree)
        while root and (better := ((degree - 1) * root + value // root ** (degree - 1)) // degree) < root:
            root = better
    return root if root**degree == value else None


def _root(value: Fraction, degree: int) -> Fraction | None:
    """The real root, or None when it is irrational. MathError for an even root of a negative number."""
    if value < 0 and degree % 2 == 0:
        raise MathError(f"a root of even degree of the negative number {value} is not real")
    top, bottom = _whole_root(abs(value.numerator), degree), _whole_root(value.denominator, degree)
    if top is None or bottom is None:
        return None
    return Fraction(-top if value < 0 else top, bottom)


def _whole_power(base: Fraction, exponent: int) -> Fraction:
    if not base and exponent < 0:
        raise MathError("division by zero: a negative power of 0")
    if abs(base) not in (0, 1) and (bits(base) - 1) * abs(exponent) > limits.VALUE_BITS:
        raise LimitError(f"a power with the exponent {exponent} has more than {limits.VALUE_BITS} binary digits")
    return base**exponent


def _power(base: Fraction, exponent: Fraction) -> Fraction | None:
    if exponent.denominator == 1:
        return _whole_power(base, int(exponent))
    if base < 0:
        raise MathError(f"the power {exponent} of the negative number {base} is not real")
    if exponent.denominator > limits.NUMBER_EXPONENT:
        return None
    root = _root(base, exponent.denominator)
    return None if root is None else _whole_power(root, exponent.numerator)


def _log(u: Fraction, base: Fraction | None = None) -> Fraction | None:
    """A logarithm that is a whole number; the natural one only of 1."""
    if u <= 0 or (base is not None and (base <= 0 or base == 1)):
        raise MathError(f"the logarithm of {u} does not exist" if u <= 0 else f"no logarithm has the base {base}")
    if u == 1:
        return Fraction(0)
    if base is None:
        return None
    guess = round(_logarithm(u) / _logarithm(base))
    return Fraction(guess) if abs(guess) <= limits.VALUE_BITS and base**guess == u else None


def _logarithm(u: Fraction) -> float:
    return math.log(u.numerator) - math.log(u.denominator)


def _call(name: str, args: list[Fraction]) -> Fraction | None:
    if name in EVERYWHERE:
        return Fraction(EVERYWHERE[name](*args))
    if name in ("log", "ln"):
        return _log(*args)
    return VALUES.get(name, {}).get(args[0])


COMPARISONS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _holds(condition: Node | None, values: Values) -> bool | None:
    """Whether a comparison holds; None when a side is not rational."""
    if condition is None:
        return True
    if not isinstance(condition, Relation) or not set(condition.signs) <= set(COMPARISONS):
        raise DeriveError("the condition of a case must be a comparison")
    sides = [_value(side, values) for side in condition.sides]
    known = [side for side in sides if side is not None]
    if len(known) < len(sides):
        return None
    pairs = zip(condition.signs, known, known[1:], strict=False)
    return all(COMPARISONS[sign](a, b) for sign, a, b in pairs)


def _cases(node: Cases, values: Values) -> Fraction | None:
    for value, condition in node.branches:
        holds = _holds(condition, values)
        if holds is None:
            return None
        if holds:
            return _value(value, values)
    raise MathError("no case holds at this point")


def _all(nodes: Sequence[Node], values: Values) -> list[Fraction] | None:
    found = [_value(node, values) for node in nodes]
    known = [v for v in found if v is not None]
    return known if len(known) == len(found) else None


def _product(factors: Sequence[Node], values: Values) -> Fraction | None:
    """A product; a factor 0 makes it 0 even where another factor is irrational."""
    found = [_value(factor, values) for factor in factors]
    if any(v == 0 for v in found):
        return Fraction(0)
    known = [v for v in found if v is not None]
    return math.prod(known, start=Fraction(1)) if len(known) == len(found) else None


def _pair(first: Node, second: Node, values: Values, operation: Callable[..., Fraction | None]) -> Fraction | None:
    both = _all((first, second), values)
    return None if both is None else operation(*both)


def _power_of(base: Node, exponent: Node, values: Values) -> Fraction | None:
    """``u^n``; ``u^0`` is 1 even where ``u`` is irrational, such as e."""
    power, under = _value(exponent, values), _value(base, values)
    if power == 0 and under is None:
        return Fraction(1)
    return None if power is None or under is None else _power(under, power)


def _root_of(radicand: Node, degree: Node, values: Values) -> Fraction | None:
    both = _all((radicand, degree), values)
    if both is None or both[1].denominator != 1 or not 0 < both[1] <= limits.NUMBER_EXPONENT:
        return None
    return _root(both[0], int(both[1]))


def _value(node: Node, values: Values) -> Fraction | None:
    result = _unbounded(node, values)
    return None if result is None else _bounded(result)


def _unbounded(node: Node, values: Values) -> Fraction | None:
    match node:
        case Number():
            return node.value
        case Symbol():
            return values[node]
        case Sum(terms):
            parts = _all(terms, values)
            return None if parts is None else sum(parts, Fraction(0))
        case Product(factors):
            return _product(factors, values)
        case Quotient(top, bottom):
            return _quotient(top, bottom, values)
        case Negative(operand):
            inner = _value(operand, values)
            return None if inner is None else -inner
        case Power(base, exponent):
            return _power_of(base, exponent, values)
        case Root(radicand, degree):
            return _root_of(radicand, degree, values)
        case Call(name, args, 0):
            found = _all(args, values)
            return None if found is None else _call(name, found)
        case Cases():
            return _cases(node, values)
    return None


def _quotient(top: Node, bottom: Node, values: Values) -> Fraction | None:
    """A fraction; its denominator is looked at first, for no numerator saves a division by zero."""
    below, above = _value(bottom, values), _value(top, values)
    if below == 0:
        raise MathError("division by zero")
    if above == 0 and below is None:
        return Fraction(0)
    return None if below is None or above is None else _divide(above, below)


def _known(node: Node, values: Values) -> Node:
    node = plain(node)
    missing = sorted(s.plain for s in free_symbols(node) - set(values))
    if missing:
        raise DeriveError(f"{', '.join(missing)} has no value")
    return node


def exact(node: Node, values: Values) -> Fraction | None:
    """The exact value of an expression at a rational point, or None when it is not a rational number.

    Roots, logarithms and the functions of :data:`VALUES` are evaluated where their value is rational. The power
    ``0^0`` is 1.

    Errors: MathError for a division by zero and for what is not real (a logarithm of 0 or below, an even root of a
    negative number); LimitError when a number gets longer than ``limits.VALUE_BITS``; DeriveError for a symbol
    without a value.
    """
    return _value(_known(node, values), values)


def function(node: Node, variables: Sequence[Symbol]) -> Callable[..., Exact]:
    """The exact counterpart of :func:`derive.numeric.evaluate.compile`: a function of fractions, one for each variable.

    Its value is a fraction, a list of them for a vector, a list of rows for a matrix. It raises MathError at a point
    where the value does not exist or is not rational; otherwise as :func:`exact`.
    """
    node = _known(node, dict.fromkeys(variables, Fraction(0)))

    def at(part: Node, values: Values) -> Fraction:
        value = _value(part, values)
        if value is None:
            where = ", ".join(f"{s.plain} = {v}" for s, v in values.items())
            raise MathError(f"the value at {where} is not a rational number")
        return value

    def evaluated(*arguments: Fraction) -> Exact:
        values = dict(zip(variables, map(Fraction, arguments), strict=True))
        items = entries(node)
        if items is not None:
            return [at(part, values) for part in items]
        if isinstance(node, Matrix):
            return [[at(part, values) for part in row] for row in node.rows]
        return at(node, values)

    return evaluated
