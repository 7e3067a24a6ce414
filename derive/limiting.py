"""Limits at infinity in steps, for expressions in exponentials or powers of the variable.

The variable is replaced by a quantity that tends to zero (``t = e^{-x}`` or ``t = 1/x``), the fraction is brought to
lowest terms, and the value at ``t = 0`` is taken. What is not of this form is said not to be derived. Called by
kinds.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

from derive.errors import LimitError, MathError
from derive.goals import end_of, free_letter, simplify, through
from derive.numeric.value import value_of
from derive.rules import algebra, forms, rational
from derive.rules.rational import Solution
from derive.steps import Level, Step
from derive.tree import (
    INFINITY,
    ONE,
    ZERO,
    E,
    Limit,
    Negative,
    Node,
    Power,
    Quotient,
    Symbol,
    free_symbols,
    numeric,
    substitute,
    walk,
)


def at_infinity(node: Node, variable: Symbol, sign: int) -> list[Step] | None:
    """The steps from the limit as the variable tends to plus or minus infinity to its value; None when not derived."""
    point: Node = INFINITY if sign > 0 else Negative(INFINITY)
    start = Limit(node, variable, point)
    opened = _inside(start, through(node, (forms.DEFINITIONS, algebra.ARITHMETIC, algebra.SUMS)))
    body = _body(end_of(start, opened))
    letter = free_letter(node, Symbol("t"))
    small = _small(body, variable, letter, sign)
    if small is None or variable in free_symbols(put := rational.put_in(body, small)):
        return None
    turned = Limit(put, letter, ZERO, "-" if small.base == variable and sign < 0 else "+")
    text = "With a letter for what tends to zero."
    steps = [*opened, Step(end_of(start, opened), turned, "substitute in the limit", text, level=Level.CALCULUS)]
    reduced = _lowest(turned)
    if reduced is not None and not _has_value(turned):
        steps.append(reduced)
        turned = reduced.after  # type: ignore[assignment]
    value = substitute(turned.body, {letter: ZERO})
    ended = simplify(value)
    if _has_pole(value, ended):
        return None
    steps.append(Step(turned, value, "continuous at 0", "The limit is the value.", level=Level.CALCULUS))
    return steps + ended


def _inside(start: Limit, steps: list[Step]) -> list[Step]:
    """Steps on the body as steps on the limit."""

    def around(body: Node) -> Node:
        return Limit(body, start.variable, start.point)

    return [Step(around(s.before), around(s.after), s.rule, s.reason, level=s.level) for s in steps]


def _body(node: Node) -> Node:
    return node.body if isinstance(node, Limit) else node


def _small(body: Node, variable: Symbol, letter: Symbol, sign: int) -> Solution | None:
    """What tends to zero: an exponential when the variable stands in exponents only, one over it when in none."""
    try:
        containing = [b for b in rational.atoms(body).steps if variable in free_symbols(b)]
    except LimitError:
        return None
    if containing == [variable]:
        return Solution(variable, Fraction(1), Quotient(ONE, letter))
    if containing == [Power(E, variable)]:
        return Solution(containing[0], Fraction(-sign), letter)
    return None


def _lowest(limit: Limit) -> Step | None:
    try:
        body = rational.lowest_terms(limit.body)
    except LimitError:
        return None
    if body == limit.body:
        return None
    after = Limit(body, limit.variable, limit.point, limit.side)
    return Step(limit, after, "reduce to lowest terms", "Factors that tend to zero cancel.")


def _has_value(limit: Limit) -> bool:
    """Whether the expression can simply be evaluated where the limit is taken."""
    value = substitute(limit.body, {limit.variable: limit.point})
    divisors = [n.denominator for n in walk(value) if isinstance(n, Quotient)]
    divisors += [n.base for n in walk(value) if isinstance(n, Power) and (numeric(n.exponent) or 0) < 0]
    with suppress(MathError, ZeroDivisionError):
        return value_of(value) is not None and all(value_of(d) != 0 for d in divisors)
    return False


def _has_pole(value: Node, steps: list[Step]) -> bool:
    end = end_of(value, steps)
    return any(isinstance(n, Quotient) and n.denominator == ZERO for n in walk(end))
