r"""What is written below an operator that binds names: ``i=1``, ``i,j``, ``x \in X``, ``j \ne i``, ``i : y_i = 1``.

Shared by sums, products, optima and expectations. :func:`below` reads one subscript into names with their lower bounds
and a relation that restricts them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.read._parser import Parser
from derive.read._symbols import NAMES, is_constant, variable
from derive.tree import Node, Relation, Set, Symbol


@dataclass(slots=True)
class Range:
    """The names that are bound, their lower bounds where given, and what restricts them."""

    names: list[Symbol] = field(default_factory=list)
    lowers: list[Node | None] = field(default_factory=list)
    where: Node | None = None

    def add(self, name: Symbol, lower: Node | None = None) -> None:
        self.names.append(name)
        self.lowers.append(lower)


def below(p: Parser) -> Range:
    """A subscript; the parser stands on what follows ``_``."""
    found = Range()
    if p.token.key != "{":
        found.add(variable(p))
        return found

    def read() -> None:
        p.take()
        while not found.names or p.token.key == ",":
            p.accept(",")
            _part(p, found)
            if found.where is not None:
                break

    p.enclosed(read)
    if p.token.key != "}":
        raise p.fail(f"expected an index such as i = 1, found {p.found()}")
    p.take()
    if len(found.names) > 1 and found.lowers[-1] is not None:  # i,j=1
        found.lowers = [found.lowers[-1] if lower is None else lower for lower in found.lowers]
    return found


def _part(p: Parser, found: Range) -> None:
    """``i``, ``i = 1`` or a condition."""
    start, at = p.token, p.at
    if p.token.key in NAMES:
        name = variable(p)
        if p.token.key in (",", "}"):
            found.add(name)
            return
        if p.token.key == "=" and not found.names.count(name):
            p.take()
            _lower(p, found, name)
            return
        if p.accept(":"):
            found.add(name)
            found.where = _restriction(p, found)
            return
    p.go(at)
    found.where = _restriction(p, found)
    if not found.names:
        _bound_by(p, found)
    elif p.token.key == ",":
        raise p.fail("a second condition below the sign is not read", token=start)


def _lower(p: Parser, found: Range, name: Symbol) -> None:
    r"""``i = 1``; ``i = 1, \dots, n`` is membership of a set, ``t = 1 : T`` is refused by what follows."""
    lower = p.expression()
    if not (p.token.key == "," and p.key() == r"\dots"):
        found.add(name, lower)
        return
    members = [lower]
    while p.accept(","):
        members.append(p.expression())
    found.add(name)
    found.where = Relation((name, Set(tuple(members))), ("in",))


def _restriction(p: Parser, found: Range) -> Node:
    """A condition, in which the names before it are bound."""
    start = p.token
    p.bound += [name.name for name in found.names]
    condition = p.relation()
    del p.bound[len(p.bound) - len(found.names) :]
    if not isinstance(condition, Relation):
        raise p.fail("expected an index such as i = 1, or a condition on it", token=start)
    return condition


def _bound_by(p: Parser, found: Range) -> None:
    r"""The name that a condition binds: its first side that is a free name, ``i`` in ``1 \le i < j``."""
    assert isinstance(found.where, Relation)
    member = "in" in found.where.signs
    for side in found.where.sides[:1] if member else found.where.sides:
        if isinstance(side, Symbol) and (member or side.name not in p.bound) and not is_constant(p, side):
            found.add(side)
            return
