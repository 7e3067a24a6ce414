r"""From one line of an argument to the next: a search for named rules that lead there.

An argument's lines are given; what has to be found is by which rules each follows from the one before. From both
lines every single application of a rule is tried (:mod:`derive.rules.arguments`, each also read from right to left
because one side searches backwards), nearest expressions first, until the two searches meet; reordered terms and
factors count as the same. What is found is steps like all others: the verifier knows nothing of the search and judges
every one of them. Called by the kinds ``argument`` and ``inequality``.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from derive.goals import shape
from derive.limits import ARGUMENT_STATES
from derive.rules import Rule
from derive.rules.arguments import ARGUMENTS, MAKES
from derive.steps import Level, Step
from derive.tree import (
    Expectation,
    Negative,
    Node,
    Optimum,
    Path,
    Product,
    Sum,
    children,
    part_at,
    replace_at,
    size,
    walk,
)

REVERSED = {"=": "=", "~=": "~=", "<=": ">=", ">=": "<="}
_ALLOWED = {"=": ("=",), "~=": ("=", "~="), "<=": ("=", "<="), ">=": ("=", ">=")}
"""The relations that a chain may use whose ends are to stand in a relation."""

REORDERED = "reorder"
ROOM = 12  # parts by which a line may outgrow twice the longer of the two that it stands between


def route(start: Node, goal: Node, relation: str = "=", table: Sequence[Rule] = ARGUMENTS) -> list[Step] | None:
    """The steps that lead from one line to another by single rules, or None where none are found.

    ``relation`` is what stands between the lines. At most :data:`derive.limits.ARGUMENT_STATES` expressions are looked
    at. The last step ends exactly as the goal is written.
    """
    allowed = _ALLOWED[relation]
    table = _useful(table, start, goal)
    ahead = _Side(start, goal, table, allowed)
    back = _Side(goal, start, table, tuple(REVERSED[r] for r in allowed))
    for _ in range(ARGUMENT_STATES // 2):
        for side, other in ((ahead, back), (back, ahead)):
            met = side.advance(other)
            if met is not None:
                return _joined(ahead.to(met), back.to(met), start, goal)
        if not ahead.waiting and not back.waiting:
            return None
    return None


def _useful(table: Sequence[Rule], start: Node, goal: Node) -> Sequence[Rule]:
    """The rules without those that make what stands in neither line."""
    kinds = {type(n) for line in (start, goal) for n in walk(line)}
    return [rule for rule in table if rule.name not in MAKES or MAKES[rule.name] in kinds]


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
            steps.append(Step(start, there, REORDERED, "Terms and factors may change places.",
                              level=Level.ARITHMETIC))
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


def applications(node: Node, table: Iterable[Rule], allowed: Sequence[str]) -> Iterator[Step]:
    """Every single application of a rule anywhere in an expression, as a step, where its relation is allowed."""
    places = list(_places(node))
    for rule in table:
        for path, part, sign in places:
            relation = _relation(rule, path, sign)
            if relation not in allowed:
                continue
            made = rule.apply(part)
            if made is not None and made != part:
                yield Step(node, _replaced(node, path, made), rule.name, rule.reason, relation, rule.level)


def _replaced(node: Node, path: Path, new: Node) -> Node:
    """The tree with a part replaced; a sum that comes to stand in a sum joins it, others keep their brackets."""
    parent = part_at(node, path[:-1]) if path else new
    tree = replace_at(node, path, new)
    if path and isinstance(parent, Sum | Product) and type(parent) is type(new):
        items = children(parent)
        joined = (*items[: path[-1]], *children(new), *items[path[-1] + 1 :])
        return replace_at(node, path[:-1], type(parent)(joined))
    return tree


def _relation(rule: Rule, path: Path, sign: str) -> str:
    """What stands between the whole lines when a rule is applied to a part with the given place."""
    if rule.relation == "=":
        return "="
    if rule.relation == "~=":
        return "~="
    return {"+": rule.relation, "-": REVERSED[rule.relation]}.get(sign, "")


def _places(node: Node, path: Path = (), sign: str = "+") -> Iterator[tuple[Path, Node, str]]:
    """Every part with its path, and whether the whole grows with it (+), falls with it (-), or neither (empty)."""
    yield path, node, sign
    inner = {Sum: sign, Expectation: sign, Negative: {"+": "-", "-": "+"}.get(sign, "")}.get(type(node), "")
    for i, child in enumerate(children(node)):
        yield from _places(child, (*path, i), inner)


@dataclass(order=True)
class _Waiting:
    rank: float
    turn: int
    node: Node = field(compare=False)


class _Side:
    """One of the two searches: what was reached from its start, and by which step."""

    def __init__(self, start: Node, aim: Node, table: Sequence[Rule], allowed: Sequence[str]) -> None:
        self.start, self.table, self.allowed = start, table, allowed
        self.reached: dict[object, Step | None] = {shape(start): None}
        self.depth: dict[object, int] = {shape(start): 0}
        self.aim = _features(aim)
        self.longest = ROOM + 2 * max(size(start), size(aim))
        self.turns = count()
        self.waiting = [_Waiting(0, next(self.turns), start)]

    def advance(self, other: _Side) -> object | None:
        """Look at the most promising expression; the key of one that the other side knows too."""
        if not self.waiting:
            return None
        node = heapq.heappop(self.waiting).node
        key = shape(node)
        if key in other.reached:
            return key
        for step in applications(node, self.table, self.allowed):
            made = shape(step.after)
            if made in self.reached or size(step.after) > self.longest:
                continue
            self.reached[made], self.depth[made] = step, self.depth[key] + 1
            if made in other.reached:
                return made
            heapq.heappush(self.waiting, _Waiting(self._rank(step.after, made), next(self.turns), step.after))
        return None

    def _rank(self, node: Node, key: object) -> float:
        """Short ways and expressions that have much in common with the aim come first."""
        own = _features(node)
        return self.depth[key] + len(own ^ self.aim) / 4

    def to(self, key: object) -> list[Step]:
        """The steps from the start to what was reached."""
        steps: list[Step] = []
        step = self.reached[key]
        while step is not None:
            steps.append(step)
            step = self.reached[shape(step.before)]
        return steps[::-1]


def _features(node: Node) -> frozenset[object]:
    """What an expression is made of, to tell how far apart two are."""
    return frozenset((type(n).__name__, getattr(n, "name", getattr(n, "operator", "")), len(children(n)))
                     for n in walk(node)) | ({node.operator} if isinstance(node, Optimum) else set())
