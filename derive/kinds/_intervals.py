"""The sign of a function or a derivative, interval by interval.

Between its zeros and the points without a value a continuous function keeps its sign. What may jump elsewhere is
not claimed. Called by :mod:`derive.kinds._properties` for sign and monotonicity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import pairwise

from derive.declarations import declaration
from derive.errors import MathError
from derive.kinds._shared import applied
from derive.kinds._subject import Found, Subject, solved_for_zero
from derive.numeric.value import value_of
from derive.solving import UnsolvedError, never_zero, solve_for_zero
from derive.steps import Chain, Level, Paragraph, Prose, Step, Table
from derive.tree import (
    INFINITY,
    ZERO,
    Call,
    Cases,
    Negative,
    Node,
    Power,
    Quotient,
    Relation,
    Root,
    Symbol,
    Vector,
    free_symbols,
    number,
    numeric,
    walk,
)


def on_intervals(subject: Subject, order: int, words: tuple[str, str], begin: str) -> Found:
    """The sign of a derivative between its zeros and the points where it has no value.

    Between two such points a continuous function keeps its sign, which is read off at one point in between.
    """
    form, x = subject.forms[order], subject.variable
    if free_symbols(form) - {x}:
        return Found([Paragraph(("The sign depends on the letters, so nothing is claimed.",))])
    zeros, parts = solved_for_zero(form, subject)
    breaks = None if zeros is None or _has_jumps(form) else _without_value(subject)
    if zeros is None or breaks is None:
        return Found([*parts, Paragraph(("So the sign is not decided here.",))])
    points = sorted(dict.fromkeys([*zeros.solutions, *breaks]), key=value_of)
    if not points and subject.domain == "real":
        positive = value_of(form, {x: 0.5}) > 0
        step = Step(form, ZERO, "sign", "It is continuous and never zero, and has this sign at a point.",
                    ">" if positive else "<", Level.ARGUMENT)
        chain = Chain((step,), applied(subject.function, order))
        return Found([*parts, chain, Paragraph((f"{begin} {words[0] if positive else words[1]} everywhere.",))])
    header: tuple[Prose, ...] = (("interval",), (begin.lower(),))
    body = tuple(((interval,), (words[0 if sign > 0 else 1],)) for interval, sign in _pieces(subject, order, points))
    return Found([*parts, Table(header, body, ("Between these points a continuous function keeps its sign.",))])


def _has_jumps(form: Node) -> bool:
    """Whether a function occurs whose points without a value are not found by denominators and logarithms."""
    return any(isinstance(n, Cases) or (isinstance(n, Call) and n.name in _JUMPING) for n in walk(form))


_JUMPING = frozenset(
    {"tan", "cot", "sec", "csc", "sign", "relu", "lrelu", "arcosh", "artanh", "arcsin", "arccos", "logit"}
)


def _without_value(subject: Subject) -> list[Node] | None:
    """The ends of the intervals on which the function has values, inside the domain; None when not found."""
    ends: list[Node] = []
    for node in walk(Vector(tuple(subject.forms[:2]))):
        match node:
            case Quotient(_, below):
                needed = below
            case Power(base, exponent) if (n := numeric(exponent)) is not None and (n < 0 or n.denominator > 1):
                needed = base
            case Call("log" | "ln", (argument, *_)):
                needed = argument
            case Root(radicand):
                needed = radicand
            case _:
                continue
        if subject.variable not in free_symbols(needed) or never_zero(needed, subject.variable):
            continue
        try:
            ends += solve_for_zero(needed, subject.variable, subject.domain).solutions
        except UnsolvedError:
            return None
    return list(dict.fromkeys(ends))


def _pieces(subject: Subject, order: int, points: Sequence[Node]) -> Iterator[tuple[Node, float]]:
    """The open intervals between the points on which the function has values, with the form's sign there."""
    low, high = ends_of(subject.domain)
    for left, right in pairwise([low, *points, high]):
        middle = _middle(left, right)
        with suppress(MathError):
            subject.at(0, middle)
            yield _between(subject.variable, left, right), subject.at(order, middle)


def ends_of(domain: str) -> tuple[Node, Node]:
    """The ends of a domain, as nodes."""
    declared = declaration(domain)
    low = Negative(INFINITY) if declared.low is None else number(declared.low)
    return low, INFINITY if declared.high is None else number(declared.high)


def _between(x: Symbol, left: Node, right: Node) -> Node:
    sides = [*([left] if left != Negative(INFINITY) else []), x, *([right] if right != INFINITY else [])]
    return Relation(tuple(sides), ("<",) * (len(sides) - 1)) if len(sides) > 1 else x


def _middle(left: Node, right: Node) -> float:
    """A number between two ends, one of which may be infinite."""
    if left == Negative(INFINITY):
        return 0.5 if right == INFINITY else value_of(right) - 1.0
    return value_of(left) + 1.0 if right == INFINITY else (value_of(left) + value_of(right)) / 2
