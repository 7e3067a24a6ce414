"""Applying tables of rules: match, apply, record. Names no rule and decides nothing about mathematics.

A *phase* applies one table wherever it fits and gives one :class:`~derive.steps.Step` whose finer steps are the
single applications. :mod:`derive.goals` puts phases in an order that leads somewhere; kinds call that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from derive import limits
from derive.errors import LimitError
from derive.pattern import pattern
from derive.rules import Rule
from derive.steps import Level, Step
from derive.tree import (
    Call,
    Constant,
    Derivative,
    Node,
    Number,
    Path,
    Product,
    Sum,
    Symbol,
    children,
    map_children,
    replace_at,
)

Table = tuple[Rule, ...]
Event = tuple[Path, Rule, Node]
"""One application: where, which rule, and what stands there afterwards."""


REMEMBERED = 4_096  # steps; a few megabytes

_INDEX: dict[tuple[int, object], Table] = {}
"""The rules of a table worth trying on a node of a heading; tables are constants, so their identity is their key."""


def _heading(node: Node) -> object:
    """The type of a node, with the name of the function that is called or differentiated."""
    match node:
        case Call(name):
            return Call, name
        case Derivative(Call(name)):
            return Derivative, name
    return type(node)


def _candidates(node: Node, table: Table) -> Table:
    key = (id(table), _heading(node))
    if key not in _INDEX:
        _INDEX[key] = tuple(rule for rule in table if not rule.left or _fits(pattern(rule.left), key[1]))
    return _INDEX[key]


def _fits(left: Node, heading: object) -> bool:
    return _heading(left) == heading or (isinstance(left, Derivative) and _is_letter(left.body) and _differs(heading))


def _is_letter(node: Node) -> bool:
    return isinstance(node, Symbol)


def _differs(heading: object) -> bool:
    return heading is Derivative or (isinstance(heading, tuple) and heading[0] is Derivative)


def apply_at(node: Node, table: Table) -> tuple[Rule, Node] | None:
    """The first rule of the table that applies to the node itself."""
    for rule in _candidates(node, table):
        made = rule.apply(node)
        if made is not None and made != node:
            return rule, made
    return None


def outermost(node: Node, table: Table, path: Path = ()) -> list[Event]:
    """Every outermost, leftmost place where a rule applies; nothing inside such a place is looked at."""
    if isinstance(node, _LEAVES):
        return []
    found = apply_at(node, table)
    if found is not None:
        return [(path, *found)]
    return [event for i, child in enumerate(children(node)) for event in outermost(child, table, (*path, i))]


def innermost(node: Node, table: Table) -> tuple[Node, list[Event]]:
    """Apply a table from the inside out until nothing changes; the result and what was done, in order."""
    events: list[Event] = []
    return _innermost(node, table, (), events), events


_LEAVES = (Number, Constant, Symbol)
"""No rule applies to a leaf, so none is tried there."""


def _innermost(node: Node, table: Table, path: Path, events: list[Event]) -> Node:
    if isinstance(node, _LEAVES):
        return node
    parts = children(node)
    done = [_innermost(part, table, (*path, i), events) for i, part in enumerate(parts)]
    if any(new is not old for new, old in zip(done, parts, strict=True)):
        following = iter(done)
        node = map_children(node, lambda _: next(following))
    found = apply_at(node, table)
    if found is None:
        return node
    if len(events) >= limits.EXPANSION_TERMS:
        raise LimitError("the expression needs more simplifying steps than the limit allows")
    rule, made = found
    events.append((path, rule, made))
    return _innermost(made, table, path, events)


def spliced(node: Node) -> Node:
    """The same with a product standing directly in a product, or a sum in a sum, written without its brackets."""
    if isinstance(node, _LEAVES):
        return node
    node = map_children(node, spliced)
    match node:
        case Product(factors) if any(isinstance(f, Product) for f in factors):
            return Product(tuple(g for f in factors for g in (f.factors if isinstance(f, Product) else (f,))))
        case Sum(terms) if any(isinstance(t, Sum) for t in terms):
            return Sum(tuple(u for t in terms for u in (t.terms if isinstance(t, Sum) else (t,))))
    return node


def as_step(before: Node, events: Sequence[Event], name: str = "", reason: str = "") -> Step | None:
    """One step made of the applications, which become its finer steps; None when there are none."""
    fine: list[Step] = []
    tree = current = before
    for path, rule, made in events:
        tree = replace_at(tree, path, made)
        after = spliced(tree)
        if after != current:
            fine.append(Step(current, after, rule.name, rule.reason, level=rule.level))
        current = after
    if current == before:
        return None
    rules = [rule for _, rule, _ in events]
    level = max((rule.level for rule in rules), default=Level.ARITHMETIC)
    title, why = (name, reason) if name else _titled(rules)
    return Step(before, current, title, why, level=level, steps=tuple(fine) if len(fine) > 1 else ())


def _titled(rules: Iterable[Rule]) -> tuple[str, str]:
    """The names of the largest ideas applied, each once; "simplify" where they are many and only algebra."""
    rules = list(rules)
    largest = max((rule.level for rule in rules), default=Level.ARITHMETIC)
    reasons = {rule.name: rule.reason for rule in rules if rule.level == largest}
    if len(reasons) > 2 and largest < Level.CALCULUS:
        return "simplify", "; ".join(reasons)
    ideas = [idea for name in reasons for idea in name.split(", ")]
    last = dict.fromkeys(reversed(ideas))  # an idea that several rules share is named once, after what is special
    return ", ".join(reversed(last)), " ".join(reasons.values())


def phase(node: Node, table: Table, name: str = "", reason: str = "") -> Step | None:
    """Apply a table from the inside out as one step; None when it changes nothing.

    Steps are remembered: in one derivation and in those of a whole class the same expressions come again and again.
    """
    return _phase(node, _Kept(table), name, reason)


class _Kept:
    """A table as a key: it is the same when it is the very one, and nothing of its rules has to be hashed."""

    __slots__ = ("table",)

    def __init__(self, table: Table) -> None:
        self.table = table

    def __hash__(self) -> int:
        return id(self.table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.table is self.table


@lru_cache(maxsize=REMEMBERED)
def _phase(node: Node, kept: _Kept, name: str, reason: str) -> Step | None:
    _, events = innermost(node, kept.table)
    return as_step(node, events, name, reason)


def once(node: Node, table: Table, keep: Callable[[list[Event]], list[Event]] = lambda events: events) -> Step | None:
    """Apply a table at the outermost places only, once, as one step; ``keep`` chooses among the places."""
    return as_step(node, keep(list(_outermost(node, _Kept(table)))))


@lru_cache(maxsize=REMEMBERED)
def _outermost(node: Node, kept: _Kept) -> tuple[Event, ...]:
    return tuple(outermost(node, kept.table))


def run(node: Node, moves: Sequence[Callable[[Node], Step | None]], most: int = 200) -> list[Step]:
    """Take the first move that changes something, again and again, until none does.

    LimitError when that does not end within ``most`` steps.
    """
    steps: list[Step] = []
    while len(steps) < most:
        step = next((s for s in (move(node) for move in moves) if s is not None), None)
        if step is None:
            return steps
        steps.append(step)
        node = step.after
    raise LimitError(f"the derivation did not end within {most} lines")
