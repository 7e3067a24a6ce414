"""What occurs in the two sides of a statement, found in one walk; and how large an expression is as a tree.

Unfolding shares parts (the ``u`` in ``(e^u - e^{-u})/(e^u + e^{-u})`` is one object), so an expression may be far
larger as a tree than in memory. The walks here visit every object once. Used by :mod:`refute`, :mod:`equality` and
:mod:`cases`, which ask the same things of a statement again and again.
"""

from __future__ import annotations

from collections.abc import Iterable

from derive.limits import PARTS
from derive.tree import Call, Indexed, Node, Symbol
from derive.verify.core import is_opaque, parts
from derive.verify.signals import TooLarge

_LARGEST = 10 * PARTS  # nodes of one side when written as a tree: some 20 ms for every walk over it


class Measure:
    """The sizes of expressions as trees; parts that were measured before are not walked again."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Node, int]] = {}

    def check(self, node: Node) -> Node:
        """The expression itself. TooLarge when nobody should walk over it."""
        if self.size(node) > _LARGEST:
            raise TooLarge("too large")
        return node

    def size(self, node: Node) -> int:
        """How many nodes the expression has as a tree."""
        found = self.known.get(id(node))
        if found is None:
            found = node, 1 + sum(self.size(part) for part in parts(node))
            self.known[id(node)] = found
        return found[1]


class Survey:
    """The kinds of nodes in some expressions, their symbols, and which symbols only name an indexed family."""

    __slots__ = ("families", "has_opaque", "kinds", "nodes", "symbols")

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = _distinct(nodes)
        self.kinds = {type(n) for n in self.nodes}
        families = {n.base for n in self.nodes if isinstance(n, Indexed)} if Indexed in self.kinds else set()
        alone = {n for n in self.nodes if isinstance(n, Symbol)}
        self.symbols = frozenset(s for s in alone if not s.name.startswith("#"))
        self.families = frozenset(families - alone)
        self.has_opaque = Call in self.kinds and any(is_opaque(n) for n in self.nodes)


def _distinct(nodes: Iterable[Node]) -> list[Node]:
    """Every object below some nodes, once; of an indexed family the indices and not the name."""
    found = list(nodes)
    seen = {id(n) for n in found}
    for node in found:
        for part in node.indices if isinstance(node, Indexed) else parts(node):
            if id(part) not in seen:
                seen.add(id(part))
                found.append(part)
    return found
