r"""What the tables of slips are written with: the row, the two makers of rows, and steps that many slips share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive.pattern import build, match, pattern
from derive.rules import Action, Rule, law
from derive.steps import Level
from derive.tree import (
    ONE,
    Derivative,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    Transpose,
    Vector,
    children,
    numeric,
)


@dataclass(frozen=True, slots=True)
class Slip(Rule):
    """A wrong rule. ``law`` is the false law; ``distorts`` names the right rule; ``reason`` says how to see the error.

    ``apply`` gives what the slip makes of a part, or None where it cannot be made.
    """

    distorts: str = ""


def wrong_law(name: str, distorts: str, left: str, right: str, reason: str, level: Level = Level.ALGEBRA) -> Slip:
    """A slip whose law is a pattern."""
    rule = law(name, left, right, reason, level, wrong=True)
    return Slip(name, rule.law, reason, rule.apply, level, wrong=True, left=left, distorts=distorts)


def slip(name: str, distorts: str, shown: str, reason: str, apply: Action, level: Level = Level.ALGEBRA) -> Slip:
    """A slip whose law is a function."""
    return Slip(name, shown, reason, apply, level, wrong=True, distorts=distorts)


U = Symbol("u")
MINUS_ONE = Negative(ONE)


def signed(make: Callable[[Node], Node], part: Node) -> Node:
    """``make`` applied to what stands behind a minus sign, which stays outside."""
    return Negative(make(part.operand)) if isinstance(part, Negative) else make(part)


def spread(
    template: Node | str, kind: type[Sum] | type[Product], fits: Callable[[Node], bool] = lambda _: True
) -> Action:
    """``f(u + v) = f(u) + f(v)`` for the ``f`` of the template; with products in place of sums for ``Product``."""

    def apply(node: Node) -> Node | None:
        wanted = pattern(template) if isinstance(template, str) else template
        found = match(wanted, node)
        if found is None or not (isinstance(found["u"], kind) and fits(found["u"])):
            return None
        like = node if isinstance(node, Derivative) else None
        return kind(tuple(signed(lambda p: build(wanted, {**found, "u": p}, like), p) for p in children(found["u"])))

    return apply


def first(*actions: Action) -> Action:
    """The first of several actions that applies."""
    return lambda node: next((made for action in actions if (made := action(node)) is not None), None)


def even(exponent: Node) -> bool:
    """Whether an exponent is a written even number."""
    value = numeric(exponent)
    return value is not None and value.denominator == 1 and value % 2 == 0


def is_matrix(node: Node) -> bool:
    """Whether a part is a matrix or vector by how it is written: entries, bold, or a capital letter."""
    match node:
        case Matrix() | Vector() | Transpose():
            return True
        case Symbol(name, font=font):
            return font == "bold" or (len(name) == 1 and name.isupper())
        case Product(parts) | Sum(parts):
            return any(map(is_matrix, parts))
        case Negative(operand) | Power(operand, Negative(Number("1"))):
            return is_matrix(operand)
    return False


def all_matrices(node: Node) -> bool:
    """Whether every part directly below looks like a matrix."""
    return all(is_matrix(part) for part in children(node))


def without(parts: tuple[Node, ...], place: int) -> tuple[Node, ...]:
    """All but the one at a place."""
    return parts[:place] + parts[place + 1 :]
