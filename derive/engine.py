"""Applying tables of rules: match, apply, record. Names no rule and decides nothing about mathematics.

A *phase* applies one table wherever it fits and gives one :class:`~derive.steps.Step` whose finer steps are the
single applications. :mod:`derive.goals` puts phases in an order that leads somewhere; kinds call that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from operator import is_

from derive import limits
from derive.errors import LimitError
from derive.rules import Heading, Rule, heading
from derive.steps import Level, Step
from derive.tree import (
    Constant,
    Node,
    Number,
    Path,
    Product,
    Sum,
    Symbol,
    children,
    kinds,
    map_children,
    replace_at,
    with_children,
)

Table = tuple[Rule, ...]
Event = tuple[Path, Rule, Node]
"""One application: where, which rule, and what stands there afterwards."""
Kinds = frozenset[type[Node]]

REMEMBERED = 4_096  # steps, and expressions that a table leaves as they are; a few megabytes
TABLES = 256  # with a book; about a hundred are constants


class Book:
    """What is known of a table: the rules worth trying by the heading of a node, and the nodes that it leaves alone.

    Nothing of the rules has to be hashed: a book stands for the very table that it keeps.
    """

    __slots__ = ("needed", "rules", "settled", "table")

    def __init__(self, table: Table) -> None:
        self.table = table
        self.rules: dict[Heading, Sequence[tuple[Rule, Kinds]]] = {}
        self.settled: set[Node] = set()
        told = zip(*((rule.kinds, rule.within) for rule in table), strict=True)
        self.needed = [frozenset[type[Node]]().union(*each) for each in told if all(each)]

    def is_done(self, node: Node) -> bool:
        """Whether it is known already that no rule applies to a node, nor to any of its parts."""
        found = kinds(node)
        return any(map(found.isdisjoint, self.needed)) or node in self.settled

    def settle(self, node: Node) -> None:
        """Remember that no rule applies to a node, nor to any of its parts."""
        if len(self.settled) >= REMEMBERED:
            self.settled.clear()
        self.settled.add(node)

    def candidates(self, node: Node) -> Sequence[tuple[Rule, Kinds]]:
        """The rules worth trying on a node, and the types of which one has to occur in it."""
        head = heading(node)
        found = self.rules.get(head)
        if found is None:
            found = self.rules[head] = [(rule, rule.within) for rule in self.table if rule.concerns(head)]
        return found


_BOOKS: dict[int, Book] = {}
"""The books by the identity of their tables, which they keep alive; few tables are no constants."""


def book_of(table: Table) -> Book:
    """What is known of a table."""
    found = _BOOKS.get(id(table))
    if found is None:
        if len(_BOOKS) >= TABLES:
            del _BOOKS[next(iter(_BOOKS))]
        found = _BOOKS[id(table)] = Book(table)
    return found


_FLAT = Book(())
"""The book of no rules: the expressions that :func:`spliced` leaves as they are."""


def apply_at(node: Node, table: Table) -> tuple[Rule, Node] | None:
    """The first rule of the table that applies to the node itself."""
    return _applied(node, book_of(table))


def _applied(node: Node, book: Book) -> tuple[Rule, Node] | None:
    for rule, within in book.candidates(node):
        if within and kinds(node).isdisjoint(within):
            continue
        made = rule.apply(node)
        if made is not None and made != node:
            return rule, made
    return None


def outermost(node: Node, table: Table) -> list[Event]:
    """Every outermost, leftmost place where a rule applies; nothing inside such a place is looked at."""
    return _outermost(node, book_of(table), ())


def _outermost(node: Node, book: Book, path: Path) -> list[Event]:
    if isinstance(node, _LEAVES) or book.is_done(node):
        return []
    found = _applied(node, book)
    if found is not None:
        return [(path, *found)]
    events = [event for i, child in enumerate(children(node)) for event in _outermost(child, book, (*path, i))]
    if not events:
        book.settle(node)
    return events


def innermost(node: Node, table: Table) -> tuple[Node, list[Event]]:
    """Apply a table from the inside out until nothing changes; the result and what was done, in order."""
    events: list[Event] = []
    return _innermost(node, book_of(table), (), events), events


_LEAVES = (Number, Constant, Symbol)
"""No rule applies to a leaf, so none is tried there."""


def _innermost(node: Node, book: Book, path: Path, events: list[Event]) -> Node:
    if isinstance(node, _LEAVES) or book.is_done(node):
        return node
    parts = children(node)
    done = [_innermost(part, book, (*path, i), events) for i, part in enumerate(parts)]
    if not all(map(is_, done, parts)):
        node = with_children(node, done)
    found = _applied(node, book)
    if found is None:
        book.settle(node)
        return node
    if len(events) >= limits.EXPANSION_TERMS:
        raise LimitError("the expression needs more simplifying steps than the limit allows")
    rule, made = found
    events.append((path, rule, made))
    return _innermost(made, book, path, events)


def spliced(node: Node) -> Node:
    """The same with a product standing directly in a product, or a sum in a sum, written without its brackets."""
    if isinstance(node, _LEAVES) or kinds(node).isdisjoint(_SPLICED) or node in _FLAT.settled:
        return node
    flat = _spliced(map_children(node, spliced))
    if flat is node:
        _FLAT.settle(node)
    return flat


_SPLICED = frozenset({Product, Sum})


def _spliced(node: Node) -> Node:
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
    return phase_by(node, book_of(table), name, reason)


def phase_by(node: Node, book: Book, name: str = "", reason: str = "") -> Step | None:
    """The same by the book of a table."""
    return None if book.is_done(node) else _phase(node, book, name, reason)


@lru_cache(maxsize=REMEMBERED)
def _phase(node: Node, book: Book, name: str, reason: str) -> Step | None:
    events: list[Event] = []
    _innermost(node, book, (), events)
    return as_step(node, events, name, reason)


def once(node: Node, table: Table, keep: Callable[[list[Event]], list[Event]] = lambda events: events) -> Step | None:
    """Apply a table at the outermost places only, once, as one step; ``keep`` chooses among the places."""
    book = book_of(table)
    return None if book.is_done(node) else as_step(node, keep(list(_places(node, book))))


@lru_cache(maxsize=REMEMBERED)
def _places(node: Node, book: Book) -> tuple[Event, ...]:
    return tuple(_outermost(node, book, ()))


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
