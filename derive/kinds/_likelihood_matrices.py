"""What the likelihoods with vectors and matrices tell in the same way: templates, chains, gradients by the laws.

Called by the parts of the kind ``maximum-likelihood`` about multivariate normal distributions and about regressions
with a design matrix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from derive.distributions import read_formula
from derive.errors import MathError
from derive.kinds._by_hand import digits, written
from derive.rules.matrices import pulled_back
from derive.rules.shapes import Shapes
from derive.steps import Chain, Definition, Level, Step
from derive.tree import ONE, GradientOf, Node, Number, Symbol, substitute
from derive.write.numbers import approximate
from derive.write.text import text


def tabled(value: Fraction, decimals: bool = False) -> str | Node:
    """A number in a table, where a fraction stands in one line; one with many digits is rounded."""
    made = written(value, decimals)
    if digits(made) > TABLED:
        return approximate(value)
    if isinstance(made, Number) or value.denominator == 1:
        return made
    return f"{'−' if value < 0 else ''}{abs(value)}"


TABLED = 6  # digits of a number in a table
Line = tuple[Node, str, str]
"""Where a step leads, its rule and its reason."""


def template(latex: str, names: Mapping[Node, Node]) -> Node:
    """A formula with other letters put in for its own."""
    return substitute(read_formula(latex), names)


def chained(
    start: Node, lines: Sequence[Line], left: Node | None = None, *where: Definition, level: Level = Level.ALGEBRA,
) -> Chain:
    """A chain of equalities from an expression."""
    steps: list[Step] = []
    for after, rule, reason in lines:
        steps.append(Step(start, after, rule, reason, level=level))
        start = after
    return Chain(tuple(steps), left, where)


def by_laws(body: Node, by: Symbol, shapes: Shapes, tidy: Node, reason: str, left: Node | None = None) -> Chain:
    """The gradient of a number by a vector or a matrix: by the laws of :mod:`derive.rules.matrices`, then collected.

    ``tidy`` is the form that is wanted; ``reason`` says what is used on the way to it. MathError where no law applies.
    """
    found = pulled_back(body, ONE, by, shapes)
    if found is None:
        raise MathError(f"no law gives the gradient of {text(body)} by {text(by)}")
    names = ", ".join(law.name for law in found.laws)
    start = GradientOf(body, (by,))
    lines: list[Line] = [(found.value, "gradients by vectors and matrices", f"The laws of: {names}.")]
    if found.value != tidy:
        lines.append((tidy, "collect", reason))
    return chained(start, lines, left, level=Level.CALCULUS)
