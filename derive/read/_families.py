"""One family, one spelling: no formula has both ``x_1`` as a label and ``x_i`` as an index.

Called by :mod:`derive.read.latex` with a tree in which a member of a family or dots were met: what stands beside dots,
``x_1 + ... + x_n``, is a family too. A label of the same name whose parts are numbers or letters becomes an index; a
name that is bound somewhere stays a name.
"""

from __future__ import annotations

from dataclasses import replace

from derive.tree import (
    At,
    Dots,
    GradientOf,
    Indexed,
    Integral,
    Limit,
    Node,
    Number,
    Optimum,
    ProductOver,
    SumOver,
    Symbol,
    bound_symbols,
    children,
    map_children,
    unsigned,
    walk,
)


def settled(node: Node) -> Node:
    """The tree with labels of families made indices."""
    families: dict[Symbol, int] = {}
    members: dict[tuple[Symbol, str], Node] = {}
    names: set[Symbol] = set()
    dotted = False
    for part in walk(node):
        if isinstance(part, Indexed):
            families[part.base] = len(part.indices)
            members[part.base, _spelled(part)] = part
        elif isinstance(part, (SumOver, ProductOver, Optimum, Integral, Limit, At, GradientOf)):
            names |= bound_symbols(part)
        elif isinstance(part, Dots):
            dotted = True
    if dotted:
        _add_beside_dots(node, families)
    if not families:
        return node
    return _with_indices(node, families, members, frozenset(names))


def _add_beside_dots(node: Node, families: dict[Symbol, int]) -> None:
    """The names that stand with their labels on both sides of dots, or on one side of them."""
    for part in walk(node):
        members = children(part)
        if any(isinstance(member, Dots) for member in members):
            for member in members:
                label = unsigned(member)
                if isinstance(label, Symbol) and (indices := as_indices(label.sub)):
                    families.setdefault(replace(label, sub=""), len(indices))


def _spelled(member: Indexed) -> str:
    """The label that a member would have: ``w,I`` for the index ``w_I``."""
    return ",".join(part.plain.replace("_", ",") if isinstance(part, Symbol) else "?" for part in member.indices)


Members = dict[tuple[Symbol, str], Node]


def _with_indices(node: Node, families: dict[Symbol, int], members: Members, names: frozenset[Symbol]) -> Node:
    def replaced(part: Node) -> Node:
        if isinstance(part, Symbol):
            same = members.get((replace(part, sub=""), part.sub)) if part.sub else None
            if same is not None and part not in names:
                return same
            return _member(part, families) if (part.sub or part.sup) and part not in names else part
        if isinstance(part, Indexed):
            indices = tuple(map(replaced, part.indices))
            return part if indices == part.indices else Indexed(part.base, indices)
        return map_children(part, replaced)

    return replaced(node)


def _member(label: Symbol, families: dict[Symbol, int]) -> Node:
    """A label as a member of its family, where it has as many parts as the others."""
    above = Symbol(label.name, "", label.sup[:1] + label.sup[-1:], label.accent, label.font)
    if above.sup in ("()", "[]") and above in families:
        indices = (*as_indices(label.sup[1:-1]), *as_indices(label.sub))
        return Indexed(above, indices) if len(indices) == families[above] else label
    family = replace(label, sub="")
    if family not in families:
        return label
    letters = ",".join(label.sub) if families[family] == len(label.sub) > 1 else label.sub
    indices = as_indices(letters)
    if len(indices) == 2 and families[family] == 1 and isinstance(indices[0], Symbol):  # v_{w_1}
        first, rest = label.sub.split(",")
        return Indexed(family, (Symbol(first, rest),))
    return Indexed(family, indices) if len(indices) == families[family] else label


def as_indices(label: str) -> tuple[Node, ...]:
    """A label whose parts are numbers or single letters as indices; nothing for any other."""
    found = [_index(part) for part in label.split(",")]
    return () if None in found else tuple(index for index in found if index is not None)


def _index(part: str) -> Node | None:
    if part.isdigit():
        return Number(part)
    return Symbol(part) if len(part) == 1 and part.isalpha() else None
