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
from derive.tree import Call, Derivative, Node, Symbol

Action = Callable[[Node], Node | None]
"""Tree in, tree out; None means that the rule does not apply, and is the one contract."""

Heading = type[Node] | tuple[type[Node], object]
"""The type of a node, or with it the name of the function called; for a derivative, what is differentiated."""

_HEADINGS: dict[Action, frozenset[Heading]] = {}
_WITHIN: dict[Action, frozenset[type[Node]]] = {}


def heading(node: Node) -> Heading:
    """What tells of most rules at once that they do not apply to a node."""
    match node:
        case Call(name):
            return Call, name
        case Derivative(Call(name)):
            return Derivative, name
        case Derivative(body):
            return Derivative, type(body)
    return type(node)


def on(*headings: Heading, within: tuple[type[Node], ...] = ()) -> Callable[[Action], Action]:
    """Marks what a rule does as applying to nodes with these headings only, so that it is not tried on any other.

    ``within`` are types of which one has to occur in such a node.
    """
    def marked(apply: Action) -> Action:
        _HEADINGS[apply], _WITHIN[apply] = frozenset(headings), frozenset(within)
        return apply

    return marked


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

    @property
    def headings(self) -> frozenset[Heading]:
        """The headings of the nodes to which the rule can apply; none where that is not told."""
        if not self.left:
            return _HEADINGS.get(self.apply, frozenset())
        left = pattern(self.left)
        of_any = isinstance(left, Derivative) and isinstance(left.body, Symbol)
        return frozenset({Derivative if of_any else heading(left)})

    def concerns(self, head: Heading) -> bool:
        """Whether the rule may apply to nodes with this heading."""
        told = self.headings
        return not told or head in told or _kind(head) in told

    @property
    def kinds(self) -> frozenset[type[Node]]:
        """The types of the nodes to which the rule can apply; none where that is not told."""
        return frozenset(map(_kind, self.headings))

    @property
    def within(self) -> frozenset[type[Node]]:
        """The types of which one has to occur in such a node; none where that is not told."""
        return _WITHIN.get(self.apply, frozenset())


def _kind(head: Heading) -> type[Node]:
    return head[0] if isinstance(head, tuple) else head


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
