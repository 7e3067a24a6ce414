"""What a line is called that works numbers out: multiply, divide, work out the powers, subtract.

The engine's laws about products do all of it in one phase; a person says which operation there was. Called by
:mod:`derive.kinds._by_hand`; a new operation is a case of :func:`operation` and a row of the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable

from derive.engine import Event
from derive.rules import algebra
from derive.tree import Negative, Node, Power, Product, Quotient, Root, Sum, kinds, numeric, unsigned

_MULTIPLY, _DIVIDE, _BOTH = "multiply", "divide", "multiply and divide"
_REDUCE, _EXTEND = "reduce the fraction", "write with whole numbers"
_POWERS, _ROOT, _WORK = "work out the powers", "work out the root", "work out"

_REASONS = {
    _MULTIPLY: "Products, powers and signs are worked out.",
    _DIVIDE: "Each fraction is worked out; by a fraction one divides by multiplying with it turned upside down.",
    _BOTH: "Products, fractions, powers and signs are worked out.",
    _REDUCE: "Above and below are divided by what both share.",
    _EXTEND: "Above and below are multiplied until both are whole, and divided by what both share.",
    _POWERS: "A power is a product of equal factors.",
    _ROOT: "The number with that power is taken.",
    "signs": "Minus signs are brought to the front; two of them make a plus.",
    _WORK: "Powers, products, fractions and functions of numbers are worked out.",
}
"""What the lines are called that work out everything but sums, and why they hold."""

SUMS = {False: ("add", "The numbers are added."), True: ("subtract", "The numbers are subtracted.")}
"""The same of sums, by whether numbers are only taken off others."""

_LAWS = {rule.name: rule.reason for rule in algebra.ARITHMETIC}
_OF_PRODUCTS = frozenset({"zero factor", "cancel common factors", "combine powers", "multiply out numbers and signs"})

LINES = (frozenset({*_REASONS, *_LAWS}), frozenset(name for name, _ in SUMS.values()))
"""What the lines may be called that work out everything but sums, and those that work out sums: with other numbers the
same line may have another name of its group."""


def operation(part: Node, event: Event) -> str:
    """What an application of a law does to numbers: the law's own name, where it is none of products."""
    _, rule, made = event
    if rule.name not in _OF_PRODUCTS:
        return rule.name
    match unsigned(part):
        case Quotient(top, bottom):
            if not isinstance(unsigned(made), Quotient) or Quotient in kinds(top) | kinds(bottom):
                return _DIVIDE
            values = [v for v in (numeric(top), numeric(bottom)) if v is not None]
            return _EXTEND if any(v.denominator != 1 for v in values) else _REDUCE
        case Power():
            return _POWERS
        case Root():
            return _ROOT
        case Product():
            return _MULTIPLY
    return "signs"


def called(operations: Iterable[str]) -> tuple[str, str]:
    """The name of a line and its reason, from what is done in it; signs are no idea of their own beside others."""
    found = dict.fromkeys(operations)
    names = [name for name in found if name != "signs"] or ["signs"]
    if _MULTIPLY in names:
        names = [name for name in names if name != _POWERS]
    if len(names) > 1:
        names = list(dict.fromkeys(_DIVIDE if name in (_REDUCE, _EXTEND) else name for name in names))
    name = names[0] if len(names) == 1 else _BOTH if set(names) == {_MULTIPLY, _DIVIDE} else _WORK
    return name, _REASONS.get(name) or _LAWS[name]


def is_difference(node: Sum) -> bool:
    """Whether numbers are only taken off the first one."""
    return all(isinstance(term, Negative) for term in node.terms[1:]) and not isinstance(node.terms[0], Negative)
