"""Numbers worked out the way a person writes them: multiply, then add, and round where the digits get too many.

:func:`worked` takes an expression without letters (a number, coordinates, a matrix, or vectors put together) to its
value in lines. A line is one phase of the engine; what has no short exact value ends in a decimal with the relation
``~=``, which the verifier holds against the exact value. Called by the kinds that iterate.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from derive.engine import Table, apply_at, once, phase, run
from derive.errors import LimitError
from derive.numeric.exact import exact
from derive.numeric.value import value_of
from derive.rules import Rule, algebra
from derive.steps import Level, Step
from derive.tree import (
    Matrix,
    Negative,
    Node,
    Number,
    Quotient,
    Sum,
    Vector,
    decimal,
    map_children,
    number,
    numeric,
    part_at,
    walk,
)
from derive.write.numbers import approximate

SIGNIFICANT = 6  # digits of a rounded number
EXACT_DIGITS = 16  # an exact number with more digits is rounded
ROUNDED_DIGITS = 10  # the same where the numbers that go in are rounded already


def _rows(*names: str) -> Table:
    return tuple(rule for rule in algebra.VECTORS if rule.name in names)


_MATRIX_PRODUCT = _rows("matrix product")
_SCALE = _rows("multiply by a number")
_ENTRIES = _rows("add entry by entry")


def _scale(node: Node) -> Step | None:
    """``0.1 (31, 3)`` becomes ``(3.1, 0.3)`` in one line."""
    opened = once(node, _SCALE, lambda events: [e for e in events if not isinstance(part_at(node, e[0]), Negative)])
    if opened is None:
        return None
    multiplied = phase(opened.after, algebra.ARITHMETIC)
    if multiplied is None:
        return opened
    return Step(node, multiplied.after, "scale", "Each entry is multiplied.", level=Level.ARITHMETIC,
                steps=(opened, multiplied))


def _entry_by_entry(node: Node) -> Step | None:
    """``(1, 9) - (31, 3)`` becomes ``(1 - 31, 9 - 3)``."""
    step = once(node, _ENTRIES)
    if step is None:
        return None
    subtracted = any(isinstance(t, Negative) for n in walk(node) if isinstance(n, Sum) for t in n.terms)
    return replace(step, rule="subtract entry by entry" if subtracted else "add entry by entry")


def _sum_of_numbers(node: Node) -> Node | None:
    if not isinstance(node, Sum) or any(numeric(term) is None for term in node.terms):
        return None
    found = apply_at(node, algebra.SUMS)
    return None if found is None else found[1]


_NUMBERS = (Rule("add", "2 + 3 = 5", "Brackets and sums of numbers are worked out.", _sum_of_numbers, Level.ARITHMETIC),)

_MOVES = (
    lambda node: once(node, _MATRIX_PRODUCT),
    _scale,
    _entry_by_entry,
    lambda node: phase(node, _NUMBERS),
    lambda node: phase(node, algebra.ARITHMETIC, "multiply", "Products, powers and signs are worked out."),
    lambda node: phase(node, algebra.SUMS, "add", "The numbers are added."),
)


def parts_of(node: Node) -> tuple[Node, ...]:
    """The entries of coordinates or of a matrix, row by row; anything else is its own only part."""
    match node:
        case Vector(items):
            return items
        case Matrix(rows):
            return tuple(entry for row in rows for entry in row)
    return (node,)


def digits(node: Node) -> int:
    """How many digits the longest number in an expression has, zeros in front not counted."""
    lengths = (len(n.text.replace(".", "").lstrip("0")) for n in walk(node) if isinstance(n, Number))
    return max(lengths, default=0)


def is_worked(node: Node) -> bool:
    """Whether every entry is a written number."""
    return all(numeric(part) is not None for part in parts_of(node))


def number_of(node: Node) -> Fraction | float:
    """The value of an expression without letters: exact where it is rational. MathError where there is none."""
    value = exact(node, {})
    return value_of(node) if value is None else value


def numbers_of(node: Node) -> list[Fraction | float]:
    """The values of the entries."""
    return [number_of(part) for part in parts_of(node)]


def rounded(node: Node, significant: int = SIGNIFICANT) -> Node:
    """The value as decimals, entry by entry. MathError where an entry has none."""
    if isinstance(node, Vector | Matrix):
        return map_children(node, lambda part: rounded(part, significant))
    return approximate(number_of(node), significant)


def rounding(node: Node, significant: int = SIGNIFICANT) -> Step:
    """The line that ends in rounded decimals."""
    return Step(node, rounded(node, significant), "round", f"To {significant} significant digits.", "~=",
                Level.ARITHMETIC)


def worked(node: Node, already_rounded: bool = False, fractions: bool = True) -> list[Step]:
    """Lines from an expression without letters to its value; none where it is a number already.

    The value is exact as long as the numbers on the way are short; otherwise the last line rounds to
    :data:`SIGNIFICANT` digits. ``already_rounded`` says that the numbers in it are rounded themselves, so that
    long ones mean nothing; without ``fractions``, decimals that do not end are rounded too. MathError where the
    expression has no value.
    """
    most = ROUNDED_DIGITS if already_rounded else EXACT_DIGITS
    lines: list[Step] = []
    for step in _lines(node):
        if digits(step.after) > most:
            break
        lines.append(step)
    end = lines[-1].after if lines else node
    numbers_of(end)
    tidy = is_worked(end) and (fractions or not any(isinstance(n, Quotient) for n in walk(end)))
    if not tidy or (already_rounded and digits(end) > SIGNIFICANT):
        step = rounding(end)
        lines += [step] if step.after != end else []
    return lines


def _lines(node: Node) -> list[Step]:
    try:
        return run(node, _MOVES)
    except LimitError:
        return []


def is_rounded(steps: Iterable[Step]) -> bool:
    """Whether a line of these rounds."""
    return any(step.relation == "~=" for step in steps)


def written(value: Fraction | float, decimals: bool) -> Node:
    """A number as it is written: a decimal where decimals are used and it ends, else a fraction; a float rounded."""
    if isinstance(value, float):
        return approximate(value, 12)
    return (decimal(value) if decimals else None) or number(value)


def has_decimals(nodes: Iterable[Node]) -> bool:
    """Whether a number in the expressions is written with a point."""
    return any(isinstance(n, Number) and "." in n.text for node in nodes for n in walk(node))
