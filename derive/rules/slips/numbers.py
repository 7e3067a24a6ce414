r"""The slips made with numbers: decimals, the wrong operation, coefficients and entries that get lost or change places.

Rows of :data:`derive.rules.slips.SLIPS`.
"""

from __future__ import annotations

from fractions import Fraction

from derive.rules.slips._rows import (
    Slip,
    slip,
)
from derive.steps import Level
from derive.tree import (
    Call,
    E,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Vector,
    numeric,
    times,
    total,
)


def _point_moved(node: Node) -> Node | None:
    """``0.25`` as ``2.5``."""
    if not isinstance(node, Number) or "." not in node.text or not node.value:
        return None
    whole, _, places = node.text.partition(".")
    moved, rest = (whole + places[:1]).lstrip("0") or "0", places[1:]
    return Number(f"{moved}.{rest}" if rest else moved)


def _rounded_early(node: Node) -> Node | None:
    """A number with two places or more rounded to one."""
    if not isinstance(node, Number) or len(node.text.partition(".")[2]) < 2:
        return None
    tenths = round(node.value * 10)
    rounded = Number(f"{tenths // 10}.{tenths % 10}")
    return rounded if rounded.value != node.value else None


def _halves_as_tenths(node: Node) -> Node | None:
    """``1/4`` as ``0.4``: the digits of the denominator behind the point."""
    match node:
        case Quotient(Number("1"), Number(text) as bottom) if text.isdigit() and bottom.value > 1:
            return None if Fraction(f"0.{text}") == 1 / bottom.value else Number(f"0.{text}")
    return None


def _added(node: Node) -> Node | None:
    """``3 * 9 u`` as ``(3 + 9) u``."""
    match node:
        case Product((u, v, *rest)) if numeric(u) is not None and numeric(v) is not None:
            return times([Sum((u, v)), *rest])
    return None


def _multiplied(node: Node) -> Node | None:
    """``3 + 9`` as ``3 * 9``."""
    match node:
        case Sum((u, v)) if not isinstance(v, Negative) and numeric(u) is not None and numeric(v) is not None:
            return Product((u, v))
    return None


def _power_as_product(node: Node) -> Node | None:
    """``u^3`` as ``3 u``."""
    match node:
        case Power(base, Number() as exponent) if base != E:
            return Product((exponent, base))
    return None


def _difference_turned_round(node: Node) -> Node | None:
    match node:
        case Sum((u, Negative(v))):
            return Sum((v, Negative(u)))
    return None


def _term_lost(node: Node) -> Node | None:
    """The last of several terms."""
    match node:
        case Sum((*front, _)):
            return total(front)
    return None


def _coefficient_lost(node: Node) -> Node | None:
    match node:
        case Product((Number(), *rest)):
            return times(rest)
    return None


def _entries_swapped(node: Node) -> Node | None:
    match node:
        case Vector((u, v)):
            return Vector((v, u))
        case Call(name, (u, v), 0):
            return Call(name, (v, u))
    return None


NUMBERS: tuple[Slip, ...] = (
    slip("decimal point moved", "decimal", "0.25 = 2.5", "Estimate the size: the result is ten times too large.",
         _point_moved, Level.ARITHMETIC),
    slip("rounded too early", "round", "0.25 = 0.3",
         "Round at the end: the error of an early rounding grows with every operation.", _rounded_early,
         Level.ARITHMETIC),
    slip("denominator written as a decimal", "decimal", r"\frac{1}{4} = 0.4",
         "Divide: 1/4 is 0.25, for four of it make 1.", _halves_as_tenths, Level.ARITHMETIC),
    slip("exponent taken as a factor", "power", "u^3 = 3 u",
         "A power is the base multiplied with itself: 5^2 is 25, not 10.", _power_as_product, Level.ARITHMETIC),
    slip("added instead of multiplied", "product", r"3 \cdot 4 = 3 + 4",
         "Numbers side by side or with a dot are multiplied: 3 times 4 is 12, not 7.", _added, Level.ARITHMETIC),
    slip("multiplied instead of added", "sum", r"3 + 4 = 3 \cdot 4",
         "A plus between the numbers adds them: 3 + 4 is 7, not 12.", _multiplied, Level.ARITHMETIC),
    slip("difference the wrong way round", "difference", "u - v = v - u",
         "What stands behind the minus sign is taken away: 2 - 5 is -3, not 3.", _difference_turned_round,
         Level.ARITHMETIC),
    slip("coefficient lost", "coefficient", "3 u = u", "The number in front of the letters was not written down again.",
         _coefficient_lost, Level.ARITHMETIC),
    slip("term lost", "sum", "u + v = u", "Count the terms: one of them did not come along to the next line.",
         _term_lost, Level.ARITHMETIC),
    slip("entries swapped", "coordinates", "(u, v) = (v, u)",
         "The order of coordinates matters: each belongs to its own variable.", _entries_swapped, Level.ARITHMETIC),
)
