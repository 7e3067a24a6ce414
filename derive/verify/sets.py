"""The unnamed sets that indices without bounds and random quantities run over: which of them are the same.

:class:`~derive.verify.meaning.Meaning` gives each such sum a set of its own and tells here which are joined: an index
runs over the places of every family that it is an index of, a random letter over the values of every law that it is a
quantity of, the same letter over the same set. :meth:`Sets.settled` then writes one set for all that were joined, and
the bounds where the places of a family are bounded elsewhere in the statement; a free letter that must be a member is
put under a condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derive.tree import Indexed, Node, Optimum, ProductOver, Relation, Statements, SumOver, Symbol, map_children
from derive.verify.core import (
    CONTINUOUS,
    DISCRETE,
    INDICES,
    UNNAMED,
    UNSTATED,
    Density,
    Provided,
    free_symbols,
    is_fresh,
    is_set,
    restrictions,
    set_of,
    set_over,
    walk,
)
from derive.verify.signals import Undecidable

_ORDER = (INDICES, CONTINUOUS, DISCRETE, UNSTATED, UNNAMED)
_LETTER = "l:"

Bounds = tuple[Node, Node]


def places(base: Symbol, k: int) -> Symbol:
    """The set of indices at the k-th place of a family."""
    return set_of(f"{INDICES}{base.plain}:{k}")


def of_letter(letter: Symbol) -> Symbol:
    """The set that a letter runs over."""
    return set_of(f"{_LETTER}{letter.plain}")


def used_at(body: Node, index: Symbol) -> Iterator[Symbol]:
    """The sets that a letter runs over by how it is used."""
    for part in walk(body):
        if isinstance(part, Indexed):
            yield from (places(part.base, k) for k, i in enumerate(part.indices) if i == index)
        elif isinstance(part, Density):
            pairs = zip(part.slots, part.values, strict=True)
            yield from (own for (_, own), value in pairs if value == index)


class Sets:
    """The sets of one statement."""

    def __init__(self) -> None:
        self.parents: dict[Symbol, Symbol] = {}
        self.bounds: dict[Symbol, list[Bounds]] = {}
        self.same: tuple[str, ...] = ()

    def root(self, found: Symbol) -> Symbol:
        """The set that stands for all that it is joined with."""
        while found in self.parents:
            found = self.parents[found]
        return found

    def join(self, sets: Iterable[Symbol]) -> Symbol:
        """One set for several."""
        roots = list(dict.fromkeys(self.root(s) for s in sets))
        first = min(roots, key=_rank)
        for other in roots:
            if other == first:
                continue
            if {_prefix(first), _prefix(other)} == {CONTINUOUS, DISCRETE}:
                raise Undecidable("both a sum and an integral over the values of one quantity")
            self.parents[other] = first
            self.bounds[first] = self.bounds.pop(first, []) + self.bounds.pop(other, [])
        return first

    def bounded(self, sets: Iterable[Symbol], lower: Node, upper: Node) -> None:
        """The places of a family are bounded somewhere in the statement."""
        for found in sets:
            if _prefix(found) == INDICES:
                self.bounds.setdefault(self.root(found), []).append((lower, upper))

    def settled(self, sides: list[Node]) -> list[Node]:
        """The sides with one name for each set, and conditions for free letters."""
        self._join_the_rest(sides)
        written = [self._written(side) for side in sides]
        summed = {set_over(p.where) for n in written for p in walk(n) if isinstance(p, (SumOver, ProductOver))}
        return [self._placed(side, summed) for side in written]

    def _join_the_rest(self, sides: list[Node]) -> None:
        """Letters of which nothing but the sign is seen run over the same set as the others."""
        sums = [p for n in sides for p in walk(n) if isinstance(p, (SumOver, ProductOver))]
        found = [set_over(p.where) for p in sums if p.lower is None]
        used = {self.root(s) for s in found if isinstance(s, Symbol) and is_set(s)}
        alone = sorted((s for s in used if _prefix(s) == _LETTER), key=lambda s: s.sub)
        others = [s for s in used if _prefix(s) == INDICES]
        if alone and len(others) <= 1 and len(alone) + len(others) > 1:
            self.same = tuple(s.sub[2:] for s in alone)
            self.join([*others, *alone])

    def _bounds_of(self, found: Node | None) -> Bounds | None:
        if not (isinstance(found, Symbol) and is_set(found)):
            return None
        known = list(dict.fromkeys(self.bounds.get(self.root(found), ())))
        return known[0] if len(known) == 1 else None

    def _written(self, node: Node) -> Node:
        match node:
            case SumOver(body, index, None, None, where) | ProductOver(body, index, None, None, where):
                if (bounds := self._bounds_of(set_over(where))) is not None:
                    rest = restrictions(where)
                    left = None if not rest else rest[0] if len(rest) == 1 else Statements(tuple(rest), "and")
                    return type(node)(self._written(body), index, bounds[0], bounds[1], left)
            case Optimum("min" | "max" | "inf" | "sup" as operator, body, (index,), where) if not restrictions(where):
                if (bounds := self._bounds_of(set_over(where))) is not None:
                    within = Relation((bounds[0], index, bounds[1]), ("<=", "<="))
                    return Optimum(operator, self._written(body), (index,), within)
            case Symbol() if is_set(node):
                return self.root(node)
        return map_children(node, self._written)

    def _placed(self, side: Node, summed: set[Node | None]) -> Node:
        """A side under the condition that its free letters are members of the sets they are used in."""
        if isinstance(side, Relation):
            return Relation(tuple(self._placed(s, summed) for s in side.sides), side.signs)
        free = free_symbols(side)
        pairs: dict[tuple[Symbol, Symbol], None] = {}
        for part in walk(side):
            if isinstance(part, Density):
                values = zip(part.values, part.slots, strict=True)
                pairs.update({(v, own): None for v, (_, own) in values if isinstance(v, Symbol) and v in free})
            elif isinstance(part, Indexed):
                rows = ((i, self.root(places(part.base, k))) for k, i in enumerate(part.indices))
                pairs.update({(i, s): None for i, s in rows if isinstance(i, Symbol) and i in free and s in summed})
        for letter, own in pairs:
            if not is_fresh(letter):
                side = Provided(side, Relation((letter, own), ("in",)))
        return side


def _prefix(found: Symbol) -> str:
    return found.sub[:2]


def _rank(found: Symbol) -> tuple[int, str]:
    prefix = _prefix(found)
    return (_ORDER.index(prefix) if prefix in _ORDER else len(_ORDER), found.sub)
