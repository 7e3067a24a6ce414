"""Tables of rules, one subject a file: calculus, functions, algebra, slips.

A rule is a row: a name people know, the law as a textbook prints it, the sentence that explains it. The
engine applies rules and knows none of them; the rule that makes a step is the thing that is checked. To
add one, add a row to a table (``law`` for a pattern, ``Rule`` with a function where the law is an
algorithm); the tests that walk all tables then check that it is sound, named and explained. Order in a
table is the order tried.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive.pattern import build, match, pattern
from derive.steps import Level
from derive.tree import Derivative, Node

Action = Callable[[Node], Node | None]
"""Tree in, tree out; None means that the rule does not apply, and is the one contract."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A named law and what it does to an expression.

    ``law`` is LaTeX to print (``D(u)`` for a derivative); ``reason`` one sentence; ``when`` a condition in
    words that the law needs beyond both sides being defined. ``wrong`` marks a slip that people make. ``left``
    is the pattern of a rule made by :func:`law`, by which the engine finds the rules worth trying. ``kink`` says
    in words where a rule of differentiation does not hold although both sides are defined. ``relation`` stands
    between what the rule is applied to and what it makes.
    """

    name: str
    law: str
    reason: str
    apply: Action
    level: Level = Level.ALGEBRA
    when: str = ""
    wrong: bool = False
    left: str = ""
    kink: str = ""
    relation: str = "="


def law(
    name: str, left: str, right: str, reason: str, level: Level = Level.CALCULUS, when: str = "", *, wrong: bool = False
) -> Rule:
    """A rule whose law is a pattern: ``left`` and ``right`` are LaTeX with the letters of :mod:`derive.pattern`."""

    def apply(node: Node) -> Node | None:
        found = match(pattern(left), node)
        if found is None:
            return None
        return build(pattern(right), found, node if isinstance(node, Derivative) else None)

    return Rule(name, f"{left} = {right}", reason, apply, level, when, wrong, left)
