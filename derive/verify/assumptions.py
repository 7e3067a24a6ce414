"""What a verdict takes for granted beside the domains: indices in range, letters that are constants.

The unfolded sides carry conditions (:class:`~derive.verify.core.Provided`); a verdict that is not a refutation lists
those that a person would have to check. Called by :func:`derive.verify.verify_step`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from derive.declarations import declaration
from derive.steps import Context, Status, Verdict
from derive.tree import (
    Call,
    Derivative,
    Expectation,
    Given,
    GradientOf,
    Integral,
    Negative,
    Node,
    Optimum,
    Relation,
    Set,
    SumOver,
    Symbol,
    kinds,
    number,
    numeric,
    walk,
)
from derive.verify.core import Density, Provided
from derive.verify.core import walk as core_walk
from derive.verify.indices import is_condition_on_letters
from derive.verify.laws import OF_LAWS
from derive.verify.wording import letter_of, said

_OF_THE_WHOLE = (Expectation, Given, Optimum)


def is_one_whole(*nodes: Node) -> bool:
    """Whether what the parts of a statement mean depends on the rest of it: laws, sets of indices, optima."""
    return any(not kinds(n).isdisjoint(_OF_THE_WHOLE) for n in nodes) or any(
        isinstance(p, SumOver) and (p.lower is None or p.where is not None)
        for n in nodes if SumOver in kinds(n)
        for p in walk(n)
    )


def assuming(verdict: Verdict, sides: Sequence[Node], others: Sequence[str], context: Context) -> Verdict:
    """The verdict with what it takes for granted among its conditions."""
    if verdict.status not in (Status.PROVED, Status.CHECKED):
        return verdict
    taken = list(dict.fromkeys(t for side in sides for t in _ranges(side, context)))
    if verdict.status is Status.CHECKED:
        taken += _supports(sides)
    taken += others
    return replace(verdict, condition=(*verdict.condition, *taken)) if taken else verdict


def may_be_stated(before: Node, after: Node, densities: Collection[str]) -> bool:
    """Whether an equation may say what a law is like, ``E[X] = 0``, ``d/dw log p(x; w) = 0``: one mean, probability,
    density or derivative of them on one side, nothing of laws on the other."""
    free = [not _has_law(n, densities) for n in (before, after)]
    if free[0] == free[1]:
        return False
    law, formula = (after, before) if free[0] else (before, after)
    if any(isinstance(p, (SumOver, Integral)) for p in walk(formula)):
        return False
    while isinstance(law, Negative) or (isinstance(law, Call) and law.name == "log"):
        law = law.operand if isinstance(law, Negative) else law.args[0]
    return isinstance(law, (Expectation, Derivative, GradientOf)) or (
        isinstance(law, Call) and (law.name in densities or isinstance(law.args[0], (Given, Relation)))
    )


def _has_law(node: Node, densities: Collection[str]) -> bool:
    return any(
        isinstance(p, (Expectation, Given)) or (isinstance(p, Call) and (p.name in densities or p.name in OF_LAWS))
        for p in walk(node)
    )


def _supports(sides: Sequence[Node]) -> Iterator[str]:
    """The values of random quantities that the finite models were made with, where the statement names several."""
    found: dict[str, set[Fraction]] = {}
    for part in (p for side in sides for p in core_walk(side)):
        if isinstance(part, Density):
            for value, (name, _) in zip(part.values, part.slots, strict=True):
                if (known := numeric(value)) is not None:
                    found.setdefault(part.name if name.isdigit() else name, set()).add(known)
    for name, values in found.items():
        if len(values) > 1:
            yield said(Relation((letter_of(name), Set(tuple(map(number, sorted(values))))), ("in",)))


def _ranges(side: Node, context: Context) -> Iterator[str]:
    for part in core_walk(side) if Provided in kinds(side) else ():
        if not isinstance(part, Provided) or not is_condition_on_letters(part.condition):
            continue
        if not _is_clear(part.condition, context):
            yield said(part.condition)


def _is_clear(condition: Relation, context: Context) -> bool:
    """Whether numbers alone, or the declared domain of a letter, meet a condition."""
    return all(_holds(a, b, context) for a, b in pairwise(condition.sides))


def _holds(a: Node, b: Node, context: Context) -> bool:
    """Whether ``a <= b`` is clear at first sight."""
    if a == b:
        return True
    values = [numeric(n) for n in (a, b)]
    if values[0] is not None and values[1] is not None:
        return values[0] <= values[1]
    if values[0] is not None and isinstance(b, Symbol):
        text = context.domains.get(b, "positive integer")
        low = declaration(text).low
        return low is not None and low >= values[0]
    return False
