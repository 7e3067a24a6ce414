"""What a step of a derivation does, found again from its two sides, so that it can be done to another expression.

A step says by name which law made it; :func:`move` finds the phase of the engine that leads from one side to the
other. Mistakes (:mod:`derive.worksheets.mistakes`) are carried on with it: who makes a slip in one line works the next
lines out as everybody does. A new move is a row of :data:`MOVES`; the first that fits is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from derive import goals
from derive.engine import Table, once, phase
from derive.errors import DeriveError
from derive.kinds._by_hand import worked
from derive.kinds._operations import LINES
from derive.rules import algebra, arguments, calculus, forms, indices, likelihoods
from derive.steps import Context, Definition, Step
from derive.tree import At, Call, Derivative, Node, free_symbols, map_children, substitute, walk

Move = Callable[[Node], Node | None]
"""Expression in, expression out; None where the move does nothing."""


@dataclass(frozen=True, slots=True)
class Known:
    """A move, and when it is worth trying: for which laws, by their names in a step, and from what expression."""

    apply: Move
    laws: frozenset[str]
    fits: Callable[[Node], bool] = lambda node: True

    def may_be(self, step: Step) -> bool:
        """Whether a step may have been this move."""
        return not self.laws.isdisjoint(step.rule.split(", ")) and self.fits(step.before)


def _first(lines: Callable[[Node], list[Step]]) -> Move:
    def apply(node: Node) -> Node | None:
        steps = lines(node)
        return steps[0].after if steps else None

    return apply


def _last(lines: Callable[[Node], list[Step]]) -> Move:
    def apply(node: Node) -> Node | None:
        steps = lines(node)
        return steps[-1].after if steps else None

    return apply


def _everywhere(table: Table) -> Move:
    def apply(node: Node) -> Node | None:
        step = phase(node, table)
        return None if step is None else step.after

    return apply


def _outside(table: Table) -> Move:
    def apply(node: Node) -> Node | None:
        step = once(node, table)
        return None if step is None else step.after

    return apply


def _plain(node: Node) -> list[Step]:
    return goals.through(node, goals.PLAIN)


def _laws(*tables: Table) -> frozenset[str]:
    """The ideas that the names of rules name."""
    return frozenset(idea for table in tables for rule in table for idea in rule.name.split(", "))


def _has_derivative(node: Node) -> bool:
    return any(isinstance(part, Derivative) for part in walk(node))


def _has_no_letters(node: Node) -> bool:
    return not free_symbols(node)


_WORK = frozenset({"simplify", "work out the numbers", "work out the brackets"}).union(*LINES)
"""What lines of arithmetic are called that put several laws together."""

_BY_HAND = _WORK | {
    "scale", "add entry by entry", "subtract entry by entry", "matrix product", "round", "as decimals", "rank",
}  # fmt: skip


def _tables() -> Iterator[Known]:
    for table in goals.SIMPLE:
        yield Known(_everywhere(table), _laws(table) | _WORK)
    for table in (algebra.EXPAND, forms.DEFINITIONS, forms.COMMON_DENOMINATOR, forms.LOGARITHMS, forms.TRIGONOMETRY,
                  likelihoods.LOGARITHM_APART, likelihoods.SUMS_APART, likelihoods.MOMENTS_APART, indices.WRITING_OUT):
        yield Known(_everywhere(table), _laws(table))
    for table in (algebra.DETERMINANTS, forms.LOWEST_TERMS, forms.FACTORS, arguments.LINEARITY, arguments.LOGS,
                  arguments.TIDY):
        yield Known(_outside(table), _laws(table))


MOVES: tuple[Known, ...] = (
    Known(_first(goals.differentiate), _laws(calculus.CALCULUS), _has_derivative),
    *_tables(),
    Known(_first(goals.simplify), _laws(*goals.SIMPLE) | _WORK),
    Known(_last(_plain), _WORK),
    Known(_last(goals.simplify), _WORK),
    Known(_last(worked), _BY_HAND, _has_no_letters),
)
"""From what most steps do to what few do."""

_NONE = (DeriveError, ArithmeticError, LookupError, TypeError, ValueError)
"""What a move may raise on an expression that it was not made for; then it leads nowhere."""


def move(step: Step, context: Context) -> Move | None:
    """The first move that leads from one side of a step to the other; None where there is none."""
    return next((m for m in _moves(step, context) if done(m, step.before) == step.after), None)


def done(chosen: Move, node: Node) -> Node | None:
    """What a move makes of an expression; None where it makes nothing of it."""
    try:
        return chosen(node)
    except _NONE:
        return None


def _moves(step: Step, context: Context) -> Iterator[Move]:
    if step.rule.startswith(_PUTTING_IN):
        yield _definitions_put_in(context.definitions)
    if step.rule in _BY_HAND and _has_no_letters(step.before):
        yield _line_by_hand(step.rule)
    yield from (known.apply for known in MOVES if known.may_be(step))


def _line_by_hand(rule: str) -> Move:
    """The first line of working out numbers, where it is one of that name or of one that its numbers may give it."""
    names = next((group for group in LINES if rule in group), {rule})

    def apply(node: Node) -> Node | None:
        steps = worked(node)
        return steps[0].after if steps and steps[0].rule in names else None

    return apply


_PUTTING_IN = ("put", "substitute", "definition", "stored")
"""How the names of steps begin that put in what a name stands for."""


def _definitions_put_in(definitions: tuple[Definition, ...]) -> Move:
    """A defined function where it is called, and a defined name, replaced by what it stands for."""
    functions = {d.name.plain: d for d in definitions if d.parameters}
    values: dict[Node, Node] = {d.name: d.body for d in definitions if not d.parameters}

    def put_in(node: Node) -> Node:
        node = map_children(node, put_in)
        match node:
            case Call(name, args, 0) if name in functions and len(args) == len(functions[name].parameters):
                definition = functions[name]
                return substitute(definition.body, dict(zip(definition.parameters, args, strict=True)))
        return node

    def apply(node: Node) -> Node | None:
        made = substitute(put_in(node), values) if not isinstance(node, At) else None
        return None if made == node else made

    return apply
