r"""The slips made with decimals.

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
    Node,
    Number,
    Quotient,
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


NUMBERS: tuple[Slip, ...] = (
    slip("decimal point moved", "decimal", "0.25 = 2.5", "Estimate the size: the result is ten times too large.",
         _point_moved, Level.ARITHMETIC),
    slip("rounded too early", "round", "0.25 = 0.3",
         "Round at the end: the error of an early rounding grows with every operation.", _rounded_early,
         Level.ARITHMETIC),
    slip("denominator written as a decimal", "decimal", r"\frac{1}{4} = 0.4",
         "Divide: 1/4 is 0.25, for four of it make 1.", _halves_as_tenths, Level.ARITHMETIC),
)
