r"""Partial derivatives, as gradients, Hessians and Jacobians tell them: names, chains, matrices of them, values.

Called by the kinds that differentiate by several variables. A derivative's name, ``\frac{\partial C}{\partial x}``,
is a :class:`~derive.tree.Derivative` of the function's symbol: with the function in the context, the verifier
knows what it stands for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from derive.engine import once
from derive.errors import DeriveError, LimitError
from derive.goals import derivative, end_of, simple, simplify, through, undifferentiated
from derive.kinds._shared import defined_at
from derive.numeric.value import value_of
from derive.rules import algebra, forms
from derive.rules.calculus import CALCULUS
from derive.steps import Chain, Context, Definition, Formula, Level, Paragraph, Part, Prose, Status, Step
from derive.tree import (
    ZERO,
    At,
    Call,
    Derivative,
    Matrix,
    Node,
    Relation,
    Symbol,
    Vector,
    free_symbols,
    size,
    substitute,
)
from derive.verify import verify_step
from derive.write.text import text

Point = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Partial:
    """A derived partial derivative: how it is written (``name``), the steps, and what it is."""

    name: Derivative
    steps: tuple[Step, ...]
    value: Node

    @property
    def chain(self) -> Chain:
        """The derivation, with the derivative's name on the left."""
        return Chain(self.steps, self.name)


def partial_by(function: Definition, variable: Symbol, several: bool = True) -> Partial:
    """The first derivative of a function by one of its variables, derived.

    DeriveError when no rule differentiates a part of it.
    """
    return _derived(Derivative(function.name, variable, 1, several), function.body, variable)


def second_by(first: Partial, variable: Symbol) -> Partial:
    """The derivative of a derived one by a further variable, or the same again."""
    name = first.name
    if name.variable == variable:
        return _derived(Derivative(name.body, variable, 2, name.partial), first.value, variable)
    return _derived(Derivative(name, variable, 1, True), first.value, variable)


def _derived(name: Derivative, body: Node, variable: Symbol) -> Partial:
    start = Derivative(body, variable, 1, name.partial)
    steps = derivative(start)
    value = end_of(start, steps)
    if undifferentiated(value):
        raise DeriveError(f"no rule differentiates a part of {text(body)}", "write the part with known functions")
    return Partial(name, tuple(steps), value)


def plain_name(name: Derivative) -> str:
    """``dC/dtheta_1``, ``d2C/dx^2``, ``d2C/dy dx``: a derivative's name on one line."""
    match name:
        case Derivative(Derivative(Symbol() as body, first), second):
            return f"d2{body.plain}/d{second.plain} d{first.plain}"
        case Derivative(Symbol() as body, variable, 1):
            return f"d{body.plain}/d{variable.plain}"
        case Derivative(Symbol() as body, variable, order):
            return f"d{order}{body.plain}/d{variable.plain}^{order}"
    return text(name)


def column(nodes: Iterable[Node]) -> Matrix:
    """A column vector."""
    return Matrix(tuple((node,) for node in nodes))


def assembled(names: Matrix, values: Matrix, what: str) -> Step:
    """The step from a matrix of derivatives' names to what they are."""
    return Step(names, values, "put in the partial derivatives", f"Entry by entry, this is the {what}.",
                level=Level.ALGEBRA)


# --- values -----------------------------------------------------------------------------------------


def at_point(variables: Sequence[Symbol], point: Point) -> list[tuple[Symbol, Node]]:
    """The variables with their values. DeriveError when there are not as many values as variables."""
    if len(variables) != len(point):
        names = ", ".join(map(text, variables))
        raise DeriveError(
            f"a point with {len(point)} coordinate{'s' if len(point) != 1 else ''} for {len(variables)} variables",
            f"give one number for each of {names}",
        )
    return list(zip(variables, point, strict=True))


def value_at(body: Node, where: Sequence[tuple[Symbol, Node]]) -> list[Step]:
    """From an expression, vector or matrix to its value at a point: put in, multiply, add.

    MathError where an entry has no value.
    """
    for entry in _entries(body):
        if not free_symbols(substitute(entry, dict(where))):
            defined_at(entry, where)
    start = At(body, tuple(where))
    steps = through(start, (algebra.SUBSTITUTION,))
    steps += simplify(end_of(start, steps))
    return steps + reduced(end_of(start, steps))


def reduced(node: Node) -> list[Step]:
    """Fractions with letters in them over one denominator, where that is shorter."""
    try:
        step = once(node, forms.LOWEST_TERMS) if free_symbols(node) else None
    except LimitError:
        return []
    return [step] if step is not None and size(step.after) < size(node) else []


def _entries(body: Node) -> list[Node]:
    return [entry for row in body.rows for entry in row] if isinstance(body, Matrix) else [body]


def called(name: str, point: Point) -> Call:
    """``C(1, 9)``."""
    return Call(name, point)


def coordinates_of(point: Point) -> Node:
    """A point as it is written: one number, or coordinates."""
    return point[0] if len(point) == 1 else Vector(point)


def spoken(point: Point) -> str:
    """``(1, 9)`` in a result's name, also for one coordinate."""
    return f"({', '.join(map(text, point))})"


def points_of(variables: Sequence[Symbol], points: Sequence[Point]) -> Prose:
    """``(x, y) = (1, 1), (0, 0)`` in running text, each with its comma."""
    words: list[str | Node] = []
    for i, point in enumerate(points):
        words += [" and " if i == len(points) - 1 else ", "] if i else []
        words.append(Relation((coordinates_of(tuple(variables)), coordinates_of(point)), ("=",)))
    return tuple(words)


def sign_of(node: Node, context: Context) -> int | None:
    """The sign of a number, or of an expression whose sign the declared domains fix; None where it is open."""
    made = simple(node)
    if not free_symbols(made):
        return 0 if is_zero(made, context) else 1 if value_of(made) > 0 else -1
    for relation, sign in ((">", 1), ("<", -1)):
        if verify_step(made, ZERO, relation, context).status is Status.PROVED:
            return sign
    return 0 if is_zero(made, context) else None


def is_zero(node: Node, context: Context) -> bool:
    """Whether an expression is certainly zero: by its written form, else by the verifier."""
    if node == ZERO:
        return True
    if not free_symbols(node) and abs(value_of(node)) > _TINY:
        return False
    return verify_step(node, ZERO, "=", context).status is Status.PROVED


_TINY = 1e-9  # a smaller value may be a zero that rounding hides


def plainer(node: Node) -> Node:
    """The simple form, with brackets multiplied out where that makes it shorter: ``2 - sqrt(13)``."""
    made = simple(node)
    return min((made, end_of(made, through(made, _EXPANDED))), key=size)


def value_part(left: Node, body: Node, where: Sequence[tuple[Symbol, Node]]) -> tuple[Part, Node]:
    """The chain for a value at a point, and the value; what does not depend on the point is only stated."""
    if not free_symbols(body) & {s for s, _ in where}:
        return Formula(Relation((left, body), ("=",))), body
    steps = value_at(body, where)
    return Chain(tuple(steps), left), end_of(body, steps)


_EXPANDED = (algebra.ARITHMETIC, algebra.SUMS, algebra.EXPAND)

# --- remarks ----------------------------------------------------------------------------------------

_KINKS = {rule.name: rule.kink for rule in CALCULUS if rule.kink}
_KINK = ("The {} does not hold {}: there the function has a kink and no partial derivative. Programs use a subgradient "
         "there, by convention the value 0.")


def exceptions(partials: Iterable[Partial]) -> list[Part]:
    """A remark where a rule that was used has points at which it does not hold."""
    used = dict.fromkeys(f.rule for p in partials for s in p.steps for f in (s.steps or (s,)))
    return [Paragraph((_KINK.format(name, _KINKS[name]),), remark=True) for name in used if name in _KINKS]
