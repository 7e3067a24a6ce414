"""Which wrong answers nobody would tick, because one sees at a glance that they are out of range.

Called by modes that show wrong answers. A share of a whole lies from 0 to 1, and what is built of numbers without a
minus is not below 0; slips lead out of these ranges all the same. Nor does a fraction stand where decimals are asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from math import inf

from derive.tree import (
    Call,
    Constant,
    Negative,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    entries,
    free_symbols,
    numeric,
    unsigned,
)
from derive.worksheets.mistakes import value_at
from derive.worksheets.model import Mistake

_SHARES = re.compile(r"probabilit|accuracy|precision|recall|specificity|impurity|gini|ratio|share|F1")
_POSITIVE = frozenset({"exp", "sigma", "softmax", "abs", "relu"})
_ROUNDED = 1e-9


def plausible(found: Iterable[Mistake], right: Node, lines: Sequence[Node], name: str = "") -> tuple[Mistake, ...]:
    """The mistakes that may be right for all that one sees.

    ``lines`` are what the right answer is worked out of, ``name`` is what it is called.
    """
    values = None if free_symbols(right) else value_at(right)
    if values is None:
        return tuple(found)
    least = 0.0 if min(values) >= 0 and any(map(_is_positive, lines)) else -inf
    most = inf
    if min(values) >= 0 and max(values) <= 1 and (_SHARES.search(name) or any(map(_is_share, lines))):
        least, most = 0.0, 1.0
    decimal = _is_decimal(right)
    return tuple(m for m in found if _lies(m.wrong, least, most) and (not decimal or _is_written_out(m.wrong)))


def _is_decimal(node: Node) -> bool:
    """Whether a number with a point is among the numbers that an answer consists of."""
    return any(isinstance(part, Number) and "." in part.text for part in _numbers(node))


def _is_written_out(node: Node) -> bool:
    """Whether nothing is left to be worked out in an answer: who writes 0.25 writes no fraction elsewhere."""
    return all(isinstance(part, Number) for part in _numbers(node))


def _numbers(node: Node) -> Iterator[Node]:
    """The entries of an answer, without their signs."""
    for part in entries(node) or (node,):
        yield unsigned(part)


def _lies(wrong: Node, least: float, most: float) -> bool:
    """Whether an answer lies in a range, as far as it is a number, or numbers."""
    values = None if free_symbols(wrong) else value_at(wrong)
    return values is None or all(least - _ROUNDED <= value <= most + _ROUNDED for value in values)


def _is_positive(node: Node) -> bool:
    """Whether one sees that an expression is nowhere below 0: no minus in it that is not under an even power."""
    match node:
        case Sum(parts) | Product(parts):
            return all(map(_is_positive, parts))
        case Quotient(numerator, denominator):
            return _is_positive(numerator) and _is_positive(denominator)
        case Power(base, exponent):
            power = numeric(exponent)
            return (power is not None and power % 2 == 0) or _is_positive(base)
        case Root() | Constant() | Norm():
            return True
        case Call(name=name, order=order):
            return name in _POSITIVE and not order
    value = numeric(node)
    return value is not None and value >= 0


def _is_share(node: Node) -> bool:
    """Whether an expression is a part divided by a whole that consists of it and more, all added."""
    match node:
        case Quotient(part, Sum(whole)) if not any(isinstance(term, Negative) for term in whole):
            parts = list(part.terms) if isinstance(part, Sum) else [part]
            return all(parts.count(term) <= whole.count(term) for term in parts)
    return False
