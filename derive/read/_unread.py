r"""Commands that people write and that have no node: each is refused with what to write instead.

A row of :data:`UNREAD` goes when the construct is read.
"""

from __future__ import annotations

from derive.read._parser import Parser
from derive.tree import Node

UNREAD: dict[str, tuple[str, str]] = {
    r"\otimes": ("tensor products are not read", ""),
    r"\mid": ("this bar stands in a function's brackets only", "for an absolute value write |x|"),
    r"\pm": ("two values at once are not read", "write the two formulas"),
    r"\mp": ("two values at once are not read", "write the two formulas"),
    r"\over": ("\\over is not read", "write \\frac{…}{…}"),
    r"\atop": ("\\atop is not read", ""),
    r"\choose": ("\\choose is not read", "write \\binom{n}{k}"),
    r"\oint": ("contour integrals are not read", ""),
    r"\not": ("crossed-out signs are not read", "write \\ne"),
    r"\notin": ("\\notin is not read", ""),
    r"\cup": ("unions are not read", ""),
    r"\cap": ("intersections are not read", ""),
    r"\setminus": ("differences of sets are not read", ""),
    r"\overset": ("\\overset is read around a relation sign only", ""),
    r"\stackrel": ("\\stackrel is read around a relation sign only", ""),
    r"\supset": ("\\supset is not read", "write \\subset, the smaller set first"),
    r"\mapsto": ("\\mapsto is not read", "write f(x) = …"),
    r"\emptyset": ("the empty set is not read", ""),
    r"\forall": ("quantifiers are not read", ""),
    r"\exists": ("quantifiers are not read", ""),
}


def refuse(p: Parser) -> Node:
    """The refusal of a row."""
    problem, hint = UNREAD[p.token.key]
    raise p.fail(problem, hint)
