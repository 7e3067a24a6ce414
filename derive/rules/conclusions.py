"""How one line leads to the next where no single rule does: equations solved and put together, a variable changed.

Between such lines there is no single place that a rule rewrites, so a row says by the shape of both lines what was
done; that it is right is the verifier's verdict. Called by the kinds of arguments where no rule of
:mod:`derive.rules.arguments` leads there. A new row is a name, a sentence and a test of two statements; the first that
fits names the step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from derive.tree import (
    Call,
    Derivative,
    Expectation,
    GradientOf,
    Indexed,
    Integral,
    Negative,
    Node,
    Optimum,
    Power,
    Product,
    Quotient,
    Relation,
    Statements,
    SumOver,
    Symbol,
    entries,
    free_symbols,
    walk,
)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A name, the sentence that explains it, and whether two lines are of its kind."""

    name: str
    reason: str
    fits: Callable[[Node, Node], bool]
    when: str = ""


def conclusion(before: Node, after: Node) -> Conclusion | None:
    """How the second line is had from the first; None for lines of which no row says so."""
    stated = isinstance(before, Relation | Statements), isinstance(after, Relation | Statements)
    if stated == (False, False):
        return next((row for row in EXPRESSIONS if row.fits(before, after)), None)
    if not _is_plain(before) or not _is_plain(after):
        return None
    return next(row for row in CONCLUSIONS if row.fits(before, after))


def _equations(node: Node) -> Iterator[Relation]:
    items = node.items if isinstance(node, Statements) else (node,)
    yield from (item for item in items if isinstance(item, Relation) and set(item.signs) == {"="})


def _is_plain(node: Node) -> bool:
    """Whether a line is nothing but equations between numbers, vectors and derivatives."""
    count = len(node.items) if isinstance(node, Statements) else 1
    return len(list(_equations(node))) == count and not any(isinstance(p, Optimum | Expectation) for p in walk(node))


def _has_derivatives(node: Node) -> bool:
    return any(isinstance(p, Derivative | GradientOf) for p in walk(node))


def _derived(before: Node, after: Node) -> bool:
    return _has_derivatives(before) and not _has_derivatives(after)


def _solved(node: Node) -> frozenset[Node]:
    """The letters and members that stand alone on the left of an equation."""
    found: set[Node] = set()
    for equation in _equations(node):
        alone = entries(equation.sides[0]) or (equation.sides[0],)
        names = [n for n in alone if isinstance(n, Symbol | Indexed)]
        bases = {n.base if isinstance(n, Indexed) else n for n in names}
        if len(names) == len(alone) and bases.isdisjoint(free_symbols(equation.sides[-1])):
            found |= set(names)
    return frozenset(found)


def _isolated(before: Node, after: Node) -> bool:
    return bool(_solved(after) - _solved(before))


def _put_together(before: Node, after: Node) -> bool:
    return bool(_solved(before))


def _integral(node: Node) -> Integral | None:
    """The only definite integral of an expression, with nothing but factors around it."""
    match node:
        case Integral(lower=Node(), upper=Node()):
            return node
        case Negative(operand) | Quotient(operand, _):
            return _integral(operand)
        case Product(factors):
            found = [i for i in map(_integral, factors) if i is not None]
            return found[0] if len(found) == 1 else None
    return None


def _changed(before: Node, after: Node) -> bool:
    """Whether one integrand has a function or power of u where the other has it of a longer expression."""
    first, second = _integral(before), _integral(after)
    if first is None or second is None:
        return False
    return _composed(first, second) or _composed(second, first)


def _composed(first: Integral, second: Integral) -> bool:
    outer = {(p.name, p.order) for p in walk(second.body) if isinstance(p, Call) and second.variable in p.args}
    inner = {(p.name, p.order) for p in walk(first.body) if isinstance(p, Call) and _holds(p.args, first.variable)}
    powers = any(isinstance(p, Power) and p.exponent == second.variable for p in walk(second.body))
    held = any(isinstance(p, Power) and _holds((p.exponent,), first.variable) for p in walk(first.body))
    return bool(outer & inner) or (powers and held)


def _by_limit(before: Node, after: Node) -> bool:
    """Whether an integral with a moving limit is differentiated."""
    match before:
        case Derivative(Integral(_, _, Node() as lower, Node() as upper), Symbol() as letter, 1):
            moves = letter in free_symbols(lower) | free_symbols(upper)
            return moves and not any(isinstance(p, Integral) for p in walk(after))
    return False


def _worked_out(before: Node, after: Node) -> bool:
    """Whether derivatives of known functions are taken, within whatever stands around them."""
    bodies = [p.body for p in walk(before) if isinstance(p, Derivative)]
    plain = not any(isinstance(p, Integral | Expectation | SumOver | GradientOf) for b in bodies for p in walk(b))
    return bool(bodies) and plain and _derived(before, after)


def _holds(args: tuple[Node, ...], variable: Symbol) -> bool:
    """Whether an argument uses the variable and is not just it."""
    return any(a != variable and variable in free_symbols(a) for a in args)


TAKEN = "The derivatives are taken term by term."

EXPRESSIONS: tuple[Conclusion, ...] = (
    Conclusion("change of variable",
               "With u = g(x) there is du = g'(x) dx and the limits go with the variable; where g is decreasing they "
               "come out turned round, and the absolute value of the derivative turns them back.", _changed,
               "g is increasing or decreasing and has a derivative between the limits"),
    Conclusion("derivative by a limit",
               "The derivative by the upper limit is the integrand there, times the derivative of the limit; by the "
               "lower one minus that.", _by_limit, "the integrand is continuous at the limit"),
    Conclusion("derivatives", TAKEN, _worked_out),
)  # fmt: skip
"""The rows for lines that are expressions, in the order tried."""

CONCLUSIONS: tuple[Conclusion, ...] = (
    Conclusion("derivatives", TAKEN, _derived),
    Conclusion("solve", "The equations are solved for the letters on the left.", _isolated),
    Conclusion("put in", "What a letter is equal to is put in for it in the other equations.", _put_together),
    Conclusion("same equations", "The equations are written in another way.", lambda before, after: True),
)
"""The rows for lines that are statements, in the order tried."""
