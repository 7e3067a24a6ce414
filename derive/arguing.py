r"""From one line of an argument to the next: a search for named rules that lead there.

An argument's lines are given; what has to be found is by which rules each follows from the one before. From both
lines every single application of a rule is tried (:mod:`derive.rules.arguments`, each also read from right to left
because one side searches backwards), nearest expressions first, until the two searches meet; reordered terms and
factors count as the same. What is found is steps like all others: the verifier knows nothing of the search and judges
every one of them. Lines that are statements, ``g(x) = c``, are joined by ⇒ and ⇔. Called by the kinds ``argument``
and ``inequality``.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from time import thread_time

from derive.limits import ARGUMENT_SECONDS, ARGUMENT_STATES
from derive.rules import Rule
from derive.rules.arguments import ARGUMENTS, NEEDS
from derive.steps import Level, Step
from derive.tree import (
    Expectation,
    Negative,
    Node,
    Path,
    Product,
    Relation,
    Statements,
    Sum,
    children,
    part_at,
    replace_at,
    walk,
)

ARROWS = {"=>": "⇒", "<=>": "⇔"}
"""What may stand between lines that are statements, and how it is shown."""
REVERSED = {"=": "=", "~=": "~=", "<=": ">=", ">=": "<=", "<=>": "<=>", "=>": "<=="}
_ALLOWED = {
    "=": ("=",), "~=": ("=", "~="), "<=": ("=", "<="), ">=": ("=", ">="), "<=>": ("<=>",), "=>": ("<=>", "=>"),
}  # fmt: skip
"""The relations that a chain may use whose ends are to stand in a relation."""

_MARKS = ("name", "order", "operator", "sign", "signs", "side", "partial")
"""What tells nodes of one type apart besides their parts."""

REORDERED = "reorder"
ROOM = 12  # parts by which a line may outgrow twice the longer of the two that it stands between


def route(start: Node, goal: Node, relation: str = "=", table: Sequence[Rule] = ARGUMENTS) -> list[Step] | None:
    """The steps that lead from one line to another by single rules, or None where none are found.

    ``relation`` is what stands between the lines. At most :data:`derive.limits.ARGUMENT_STATES` expressions are looked
    at, for at most :data:`derive.limits.ARGUMENT_SECONDS`. The last step ends exactly as the goal is written.
    """
    allowed = _ALLOWED[relation]
    known = _Known(_useful(table, start, goal))
    ahead = _Side(start, goal, known, allowed)
    back = _Side(goal, start, known, tuple(REVERSED[r] for r in allowed))
    end = thread_time() + ARGUMENT_SECONDS
    for _ in range(ARGUMENT_STATES // 2):
        if thread_time() > end:
            return None
        for side, other in ((ahead, back), (back, ahead)):
            met = side.advance(other)
            if met is not None:
                return _joined(ahead.to(met), back.to(met), start, goal)
        if not ahead.waiting and not back.waiting:
            return None
    return None


def _useful(table: Sequence[Rule], start: Node, goal: Node) -> Sequence[Rule]:
    """The rules without those that make what stands in neither line."""
    parts = [n for line in (start, goal) for n in walk(line)]
    wanted = ((rule, NEEDS.get(rule.name) or NEEDS.get(rule.law)) for rule in table)
    return [rule for rule, need in wanted if need is None or any(map(need, parts))]


def _joined(forth: list[Step], back: list[Step], start: Node, goal: Node) -> list[Step]:
    """Both halves as one chain; where they meet in another order of terms the line takes the later half's order."""
    turned = [Step(s.after, s.before, s.rule, s.reason, REVERSED[s.relation], s.level) for s in reversed(back)]
    steps: list[Step] = list(forth)
    here = steps[-1].after if steps else start
    there = turned[0].before if turned else goal
    if here != there:
        if steps:
            last = steps.pop()
            steps.append(Step(last.before, there, last.rule, last.reason, last.relation, last.level))
        else:
            sign = "<=>" if isinstance(start, Relation | Statements) else "="
            steps.append(Step(start, there, REORDERED, "Terms and factors may change places.", sign, Level.ARITHMETIC))
    return _told(steps + turned)


def _told(steps: Sequence[Step]) -> list[Step]:
    """Lines of mere arithmetic told together with the rule behind them, or before them where none follows."""
    lines: list[Step] = []
    open_: list[Step] = []
    for step in steps:
        open_.append(step)
        if step.level > Level.ARITHMETIC:
            lines.append(_as_one(open_, step))
            open_ = []
    if not open_:
        return lines
    return [*lines[:-1], _as_one([lines[-1], *open_], lines[-1])] if lines else open_


def _as_one(steps: Sequence[Step], by: Step) -> Step:
    """Steps as one line, by the rule of one of them; they stand inside it."""
    fine = tuple(inner for step in steps for inner in (step.steps or (step,)))
    return by if len(fine) == 1 else replace(by, before=steps[0].before, after=steps[-1].after, steps=fine)


def applications(node: Node, table: Sequence[Rule], allowed: Sequence[str]) -> Iterator[Step]:
    """Every single application of a rule anywhere in an expression, as a step, where its relation is allowed."""
    return _applications(node, _Known(table), allowed)


def _applications(node: Node, known: _Known, allowed: Sequence[str]) -> Iterator[Step]:
    for path, part, sign in _places(node):
        for rule, made in known.made_of(part):
            relation = _relation(rule, path, sign, isinstance(node, Relation | Statements))
            if relation in allowed:
                yield Step(node, _replaced(node, path, made), rule.name, rule.reason, relation, rule.level)


class _Known:
    """What is known of expressions; they share most of their parts, so everything is told by part and kept.

    Parts are told apart by their place in memory, and kept so that no other one takes it.
    """

    def __init__(self, table: Sequence[Rule]) -> None:
        self.table = table
        self.kept: dict[int, Node] = {}
        self.applied: dict[int, list[tuple[Rule, Node]]] = {}
        self.keys: dict[int, int] = {}
        self.sizes: dict[int, int] = {}
        self.features: dict[int, frozenset[object]] = {}
        self.numbers: dict[object, int] = {}

    def made_of(self, part: Node) -> list[tuple[Rule, Node]]:
        """What each rule makes of the part."""
        found = self.applied.get(id(part))
        if found is None:
            made = ((rule, rule.apply(part)) for rule in self.table)
            found = [(rule, new) for rule, new in made if new is not None and new != part]
            self.kept[id(part)] = part
            self.applied[id(part)] = found
        return found

    def key(self, node: Node) -> int:
        """A number that expressions share that differ only in the order of terms and factors."""
        found = self.keys.get(id(node))
        if found is None:
            self._look_at(node)
            found = self.keys[id(node)]
        return found

    def _look_at(self, node: Node) -> None:
        parts = children(node)
        keys = [self.key(part) for part in parts]
        if isinstance(node, Sum | Product):
            keys.sort()
        said: object = (type(node), tuple(keys), *(getattr(node, mark, "") for mark in _MARKS)) if parts else node
        mark = (type(node).__name__, getattr(node, "name", getattr(node, "operator", "")), len(parts))
        self.kept[id(node)] = node
        self.keys[id(node)] = self.numbers.setdefault(said, len(self.numbers))
        self.sizes[id(node)] = 1 + sum(self.sizes[id(part)] for part in parts)
        self.features[id(node)] = frozenset({mark}).union(*(self.features[id(part)] for part in parts))

    def size(self, node: Node) -> int:
        """How many parts it has."""
        self.key(node)
        return self.sizes[id(node)]

    def made_from(self, node: Node) -> frozenset[object]:
        """What an expression is made of, to tell how far apart two are."""
        self.key(node)
        return self.features[id(node)]


def _replaced(node: Node, path: Path, new: Node) -> Node:
    """The tree with a part replaced; a sum that comes to stand in a sum joins it, others keep their brackets."""
    parent = part_at(node, path[:-1]) if path else new
    tree = replace_at(node, path, new)
    if path and isinstance(parent, Sum | Product) and type(parent) is type(new):
        items = children(parent)
        joined = (*items[: path[-1]], *children(new), *items[path[-1] + 1 :])
        return replace_at(node, path[:-1], type(parent)(joined))
    return tree


def _relation(rule: Rule, path: Path, sign: str, stated: bool) -> str:
    """What stands between the whole lines, or ``stated`` lines, when a rule is applied to a part with that place."""
    if rule.relation == "=":
        return "<=>" if stated else "="
    if rule.relation == "~=":
        return "~="
    return {"+": rule.relation, "-": REVERSED[rule.relation]}.get(sign, "")


def _places(node: Node, path: Path = (), sign: str = "+") -> Iterator[tuple[Path, Node, str]]:
    """Every part with its path, and whether the whole grows with it (+), falls with it (-), or neither (empty)."""
    yield path, node, sign
    turned = {"+": "-", "-": "+"}.get(sign, "")
    inner = {Sum: sign, Expectation: sign, Statements: sign, Negative: turned}.get(type(node), "")
    for i, child in enumerate(children(node)):
        yield from _places(child, (*path, i), inner)


@dataclass(order=True)
class _Waiting:
    rank: float
    turn: int
    node: Node = field(compare=False)


class _Side:
    """One of the two searches: what was reached from its start, and by which step."""

    def __init__(self, start: Node, aim: Node, known: _Known, allowed: Sequence[str]) -> None:
        self.start, self.known, self.allowed = start, known, allowed
        self.reached: dict[int, Step | None] = {known.key(start): None}
        self.depth: dict[int, int] = {known.key(start): 0}
        self.aim = known.made_from(aim)
        self.longest = ROOM + 2 * max(known.size(start), known.size(aim))
        self.turns = count()
        self.waiting = [_Waiting(0, next(self.turns), start)]

    def advance(self, other: _Side) -> int | None:
        """Look at the most promising expression; the key of one that the other side knows too."""
        if not self.waiting:
            return None
        node = heapq.heappop(self.waiting).node
        key = self.known.key(node)
        if key in other.reached:
            return key
        for step in _applications(node, self.known, self.allowed):
            made = self.known.key(step.after)
            if made in self.reached or self.known.size(step.after) > self.longest:
                continue
            self.reached[made], self.depth[made] = step, self.depth[key] + 1
            if made in other.reached:
                return made
            rank = self._rank(step.after, made)
            heapq.heappush(self.waiting, _Waiting(rank, next(self.turns), step.after))
        return None

    def _rank(self, node: Node, key: int) -> float:
        """Short ways and expressions that have much in common with the aim come first."""
        return self.depth[key] + len(self.known.made_from(node) ^ self.aim) / 4

    def to(self, key: int) -> list[Step]:
        """The steps from the start to what was reached."""
        steps: list[Step] = []
        step = self.reached[key]
        while step is not None:
            steps.append(step)
            step = self.reached[self.known.key(step.before)]
        return steps[::-1]
