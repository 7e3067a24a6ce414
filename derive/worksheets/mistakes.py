"""The wrong answers that people really give to a step, each verified to be wrong.

A slip of the table :data:`derive.rules.slips.SLIPS` is made somewhere in the expression that a step starts from, and
the step is then worked out as it is in the derivation; or it is made while the right answer is written down. What comes
out is kept when the verifier refutes it against the expression before: what is right after all, or not decided, is
never shown as a mistake. Modes call :func:`mistakes` for gaps and distractors, :func:`carried` and
:func:`wrong_results` for chains that go on from a wrong line. To make a further mistake possible, add a slip to its
table; slips of writing down (:data:`WRITING`) are tried on the right answer too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import islice, pairwise
from math import isclose
from zlib import crc32

from derive import goals
from derive.engine import spliced
from derive.errors import DeriveError
from derive.limits import MISTAKE_PARTS, MISTAKES_KEPT, MISTAKES_REMEMBERED, MISTAKES_TRIED
from derive.numeric.value import value_of
from derive.rules.slips import Slip, slipped
from derive.steps import Chain, Context, Definition, Level, Status, Step
from derive.tree import (
    Derivative,
    GradientOf,
    Indexed,
    Integral,
    Limit,
    Matrix,
    Negative,
    Node,
    Number,
    Optimum,
    Path,
    ProductOver,
    SumOver,
    Symbol,
    Vector,
    free_symbols,
    map_children,
    part_at,
    replace_at,
    size,
    substitute,
    walk,
)
from derive.verify import verify_step
from derive.verify.memory import concerning
from derive.worksheets._moves import Move, done, move
from derive.worksheets._writing import WRITING, about_digits, is_unit, miswritten, without_trifles
from derive.worksheets.model import Mistake
from derive.write.numbers import approximate

_GROWTH = 3  # times the size of the right answer; longer is seen to be wrong at a glance
_SHORT = 12  # nodes that any answer may have


def mistakes(
    step: Step, context: Context, points: Fraction = Fraction(1), most: int = MISTAKES_KEPT,
    tried: int = MISTAKES_TRIED,
) -> tuple[Mistake, ...]:
    """Wrong answers to a step, best first: refuted by the verifier, no two of the same value, at most ``most``.

    ``context`` is that of the chain. ``points`` is what the answer is worth: a slip of arithmetic or of writing costs
    half of it, a wrong law all. At most ``tried`` candidates are worked out; what is found does not depend on time.
    """
    if not most or step.relation == ":=" or max(size(step.before), size(step.after)) > MISTAKE_PARTS:
        return ()
    known = concerning(step.before, step.after, context)
    plain = Step(step.before, step.after, step.rule, "", step.relation)
    found = _found(plain, tuple(known.domains.items()), known.definitions, most, tried)
    return tuple(Mistake(wrong, slip.name, slip.reason, lost(slip, points)) for slip, wrong in found)


@lru_cache(maxsize=MISTAKES_REMEMBERED)
def _found(
    step: Step, domains: tuple[tuple[Symbol, str], ...], definitions: tuple[Definition, ...], most: int, tried: int,
) -> tuple[tuple[Slip, Node], ...]:
    """The slips with the answers that they lead to; remembered, for many people get the same step."""
    context = Context(dict(domains), definitions)
    values = _Values(context, step.after)
    kept: list[tuple[Slip, Node]] = []
    for slip, wrong in islice(_candidates(step, context), tried):
        if not values.is_new(wrong) or not is_wrong(step, wrong, context):
            continue
        if values.differs(wrong, [other for _, other in kept]):
            kept.append((slip, wrong))
        if len(kept) == most:
            break
    return tuple(kept)


def writing_mistakes(
    right: Node, context: Context, points: Fraction = Fraction(1), most: int = MISTAKES_KEPT,
) -> tuple[Mistake, ...]:
    """Mistakes in writing an answer down, by one evaluation each: cheap enough for every answer of everybody."""
    return tuple(Mistake(wrong, slip.name, slip.reason, lost(slip, points))
                 for slip, wrong in miswritten(right, context, most))


NEAR = 0.01  # of a number: what differs less might be the right answer, rounded


def best(found: Sequence[Mistake], most: int, right: Node) -> tuple[Mistake, ...]:
    """The mistakes that are shown beside the right answer: those against laws first, none that is nearly right.

    A number that was rounded too early, or is wrong in its third digit, nobody can tell by looking at it.
    """
    fair = [m for m in found if m.slip != "rounded too early" and not _is_near(m.wrong, right)]
    return tuple(sorted(fair, key=lambda mistake: about_digits(mistake.slip))[:most])


def _is_near(wrong: Node, right: Node) -> bool:
    """Whether two expressions without letters have values that are nearly the same."""
    if free_symbols(wrong) or free_symbols(right):
        return False
    a, b = value_at(wrong), value_at(right)
    if a is None or b is None or len(a) != len(b):
        return False
    return all(isclose(x, y, rel_tol=NEAR) for x, y in zip(a, b, strict=True))


def lost(slip: Slip, points: Fraction) -> Fraction:
    """The points that a slip costs of an answer: all for a wrong law, half, in whole points where it goes, else."""
    if slip.level >= Level.CALCULUS or (slip.name not in WRITING and slip.level != Level.ARITHMETIC):
        return points
    half = points / 2
    whole = Fraction(-(-half.numerator // half.denominator))
    return whole if whole <= points else half


def is_wrong(step: Step, wrong: Node, context: Context) -> bool:
    """Whether the verifier refutes an answer to a step."""
    return _status(step.before, wrong, step.relation, context) is Status.REFUTED


def _status(before: Node, after: Node, relation: str, context: Context) -> Status:
    """What the verifier says; of an expression that a slip made so odd that it cannot be read, nothing is known."""
    try:
        return verify_step(before, after, relation, context).status
    except (AttributeError, TypeError, ValueError, LookupError, ArithmeticError):
        return Status.UNDECIDED


class _Values:
    """Which expressions are known to differ in value: those that do at one point, and else what the verifier says."""

    def __init__(self, context: Context, right: Node) -> None:
        self.context = context
        self.named = frozenset(definition.name for definition in context.definitions)
        self.seen: list[tuple[float, ...]] = []
        self.is_new(right)
        self.seen += [tuple(-x for x in value) for value in self.seen if is_unit(value)]

    def is_new(self, node: Node) -> bool:
        """Whether a value at one point is another than that of the right answer and of all that were asked about.

        True for what has no value there; what has the same value there is not worth a proof.
        """
        value = value_at(node)
        if value is None:
            return True
        if any(_same(value, other) for other in self.seen):
            return False
        self.seen.append(value)
        return True

    def differs(self, node: Node, others: Iterable[Node]) -> bool:
        """Whether an expression has another value than others: at the point where no name is defined, or verified."""
        certain = value_at(node) is not None and not free_symbols(node) & self.named
        for other in others:
            if certain and value_at(other) is not None and not free_symbols(other) & self.named:
                continue  # is_new has compared them
            if _status(other, node, "=", self.context) is not Status.REFUTED:
                return False
        return True


_NO_VALUE = (DeriveError, ArithmeticError, LookupError, TypeError, ValueError, NotImplementedError)


def value_at(node: Node) -> tuple[float, ...] | None:
    """The value at a point that is the same for all, entry by entry; None for what has none, as a relation."""
    match node:
        case Vector(items):
            parts: tuple[Node, ...] = items
        case Matrix(rows):
            parts = tuple(entry for row in rows for entry in row)
        case _:
            parts = (node,)
    try:
        return tuple(value_of(part, {s: _coordinate(s) for s in free_symbols(part)}) for part in parts)
    except _NO_VALUE:
        return None


def _coordinate(symbol: Symbol) -> float:
    """A number between 0.2 and 0.9 that belongs to a letter, so that nothing is special about the point."""
    return 0.2 + 0.7 * (crc32(symbol.plain.encode()) % 9_973) / 9_973


def _same(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return len(a) == len(b) and all(isclose(x, y, rel_tol=1e-7, abs_tol=1e-12) for x, y in zip(a, b, strict=True))


# --- what somebody would write ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Manner:
    """How a step works: its move where one was found, and whether that takes all derivatives.

    ``tidy``, ``simple``, ``spliced`` and ``plain`` say what form its answer has: numbers worked out, simplified as far
    as it goes, no sum directly in a sum, no factor or denominator 1.
    """

    chosen: Move | None
    opened: bool
    tidy: bool
    simple: bool
    spliced: bool
    plain: bool

    def put(self, node: Node, path: Path, made: Node) -> Node:
        """The expression with a part replaced, written as the right answer is: without brackets that add nothing."""
        whole = replace_at(node, path, made)
        return spliced(whole) if self.spliced else whole

    def clean(self, node: Node) -> Node:
        """An answer without ones that nobody writes, where the right one has none either."""
        return without_trifles(node) if self.plain else _without_double_minus(node)


def _manner(step: Step, context: Context) -> _Manner:
    tidy = goals.end_of(step.after, _plain(step.after)) == step.after
    chosen = move(step, context)
    opened = chosen is not None and not goals.undifferentiated(step.after)
    simple = chosen is None and tidy and done(goals.simple, step.after) == step.after
    plain = without_trifles(step.after) == step.after
    return _Manner(chosen, opened, tidy, simple, spliced(step.after) == step.after, plain)


def _candidates(step: Step, context: Context) -> Iterator[tuple[Slip, Node]]:
    """Slips with the answers that they lead to, each written answer once, never the right one."""
    manner = _manner(step, context)
    seen = {step.after, step.before}
    shape = goals.shape(step.after)
    longest = max(_SHORT, _GROWTH * size(step.after))
    letters = free_symbols(step.after) if manner.chosen is None else None
    for slip, path, before in _ranked(step):
        wrong = _worked_out(slip, path, step, manner) if before else _written(slip, path, step, manner)
        wrong = _rounded(wrong, step) if wrong is not None else None
        if wrong is None or wrong in seen or goals.shape(wrong) == shape or size(wrong) > longest:
            continue
        if not all(map(_binds_letters, walk(wrong))):
            continue
        seen.add(wrong)
        if letters is not None and not free_symbols(wrong) <= letters:
            continue  # nobody keeps letters that the step has just got rid of
        if not (goals.undifferentiated(wrong) and not goals.undifferentiated(step.after)):
            yield slip, wrong


def _rounded(wrong: Node, step: Step) -> Node:
    """The answer to a step that rounds, with no number longer than those of the right answer."""
    digits = max((_digits(part) for part in walk(step.after) if isinstance(part, Number)), default=0)
    if step.relation != "~=" or not digits:
        return wrong

    def shorter(node: Node) -> Node:
        if isinstance(node, Number) and _digits(node) > digits:
            return approximate(Fraction(node.text), digits)
        return map_children(node, shorter)

    return shorter(wrong)


def _digits(written: Number) -> int:
    """The significant digits of a number."""
    return len(written.text.replace(".", "").lstrip("0"))


def _binds_letters(node: Node) -> bool:
    """Whether what a sign binds still is a letter: a slip in the name of a variable makes no formula."""
    match node:
        case Derivative(variable=bound):
            return isinstance(bound, Symbol | Indexed)
        case GradientOf(variables=several) | Optimum(variables=several):
            return all(isinstance(bound, Symbol | Indexed) for bound in several)
        case Integral(variable=bound) | Limit(variable=bound) | SumOver(index=bound) | ProductOver(index=bound):
            return isinstance(bound, Symbol)
    return True


def _ranked(step: Step) -> Iterator[tuple[Slip, Path, bool]]:
    """Slips in the law of this step first, then those in what it starts from, then those in writing the answer down.

    Each slip has its turn before any has its second.
    """
    before = [(slip, path, True) for slip, path, _ in slipped(step.before)]
    before.sort(key=lambda found: not _is_about(found[0], step))
    seen: set[str] = set()
    again: list[tuple[Slip, Path, bool]] = []
    for part in (before, _writing(step.after)):
        for found in part:
            if found[0].name in seen:
                again.append(found)
            else:
                seen.add(found[0].name)
                yield found
    yield from again


def _writing(right: Node) -> Iterator[tuple[Slip, Path, bool]]:
    """The slips that can be made in writing the right answer down."""
    return ((slip, path, False) for slip, path, _ in slipped(right) if slip.name in WRITING)


def _worked_out(slip: Slip, path: Path, step: Step, manner: _Manner) -> Node | None:
    """The answer of somebody who makes a slip in one part and goes on as the step does.

    Where the engine cannot go on, only a slip in the very law of the step leads to an answer, or one that simplifying
    brings into the form of the right answer.
    """
    made = slip.apply(part_at(step.before, path))
    if made is None:
        return None
    part = _smooth(made, manner)
    whole = manner.put(step.before, path, part)
    if manner.chosen is not None:
        if _is_about(slip, step) and not _is_differentiated(step.before, path):
            return _tidied(_beside(part, path, step, manner.chosen), manner)
        return _tidied(done(manner.chosen, whole) or whole, manner)
    if manner.simple:
        return done(goals.simple, whole)
    return _tidied(whole, manner) if _is_about(slip, step) else None


_PART = Symbol("part", sup="()", font="rm")
"""Stands for what a slip has made while the rest is worked out; no formula of a person has a name of that kind."""


def _beside(part: Node, path: Path, step: Step, chosen: Move) -> Node:
    """The step done to everything but one part, to which a wrong law has been applied in its place."""
    rest = replace_at(step.before, path, _PART)
    return substitute(done(chosen, rest) or rest, {_PART: part})


def _is_differentiated(node: Node, path: Path) -> bool:
    """Whether a part stands below a sign of differentiation."""
    return any(isinstance(part_at(node, path[:k]), Derivative | GradientOf) for k in range(len(path)))


def _is_about(slip: Slip, step: Step) -> bool:
    """Whether a slip distorts the law that a step applies."""
    return not set(step.rule.split(", ")).isdisjoint(slip.distorts.split(", "))


def _written(slip: Slip, path: Path, step: Step, manner: _Manner) -> Node | None:
    made = slip.apply(part_at(step.after, path))
    return None if made is None else _tidied(manner.put(step.after, path, made), manner)


def _smooth(made: Node, manner: _Manner) -> Node:
    """What a slip made, with the derivatives taken where the step takes them, and its numbers worked out."""
    if manner.opened:
        made = done(lambda node: goals.end_of(node, goals.differentiate(node)), made) or made
    return done(lambda node: goals.end_of(node, _plain(node)), made) or made


def _tidied(node: Node, manner: _Manner) -> Node:
    return manner.clean(_smooth(node, manner) if manner.tidy else node)


def _without_double_minus(node: Node) -> Node:
    """``-(-u)`` at the front as ``u``: nobody writes two signs there."""
    return node.operand.operand if isinstance(node, Negative) and isinstance(node.operand, Negative) else node


def _plain(node: Node) -> list[Step]:
    return goals.through(node, goals.PLAIN)


# --- going on from a wrong line ---------------------------------------------------------------------------


def carried(steps: Sequence[Step], wrong: Node, context: Context) -> list[Step]:
    """The steps as somebody writes them who starts from a wrong line; fewer where the engine cannot repeat one.

    Every one of them is right as a step, proved or checked by the verifier.
    """
    lines: list[Step] = []
    current = wrong
    for step in steps:
        chosen = move(step, context)
        after = None if chosen is None else done(chosen, current)
        if after is None or after == current:
            break
        if _status(current, after, step.relation, context) not in (Status.PROVED, Status.CHECKED):
            break
        lines.append(replace(step, before=current, after=after, verdict=None, steps=()))
        current = after
    return lines


def wrong_results(
    chain: Chain, context: Context, points: Fraction = Fraction(1), most: int = MISTAKES_KEPT,
    tried: int = MISTAKES_TRIED,
) -> tuple[Mistake, ...]:
    """Wrong values of what a chain of equations derives: slips in its steps, carried on to its end."""
    steps = tuple(replace(step, reason="", verdict=None, steps=()) for step in chain.steps)
    return _results(steps, tuple(context.domains.items()), context.definitions, points, most, tried)


RESULTS_REMEMBERED = 256  # chains whose wrong results are remembered in a process; problems may be the same for all


@lru_cache(maxsize=RESULTS_REMEMBERED)
def _results(
    steps: tuple[Step, ...], domains: tuple[tuple[Symbol, str], ...], definitions: tuple[Definition, ...],
    points: Fraction, most: int, tried: int,
) -> tuple[Mistake, ...]:
    context = Context(dict(domains), definitions)
    whole = replace(steps[-1], before=steps[0].before)
    if any(step.relation != "=" for step in steps) or not _is_joined(steps):
        return mistakes(steps[-1], context, points, most, tried)
    values = _Values(context, whole.after)
    kept: list[Mistake] = []
    for mistake, verified in islice(_carried_to_the_end(steps, context, points, most, tried), tried):
        if len(kept) == most:
            break
        wrong = mistake.wrong
        if not values.is_new(wrong) or not (verified or is_wrong(whole, wrong, context)):
            continue
        if values.differs(wrong, [m.wrong for m in kept]):
            kept.append(mistake)
    return tuple(kept)


def _is_joined(steps: Sequence[Step]) -> bool:
    return all(a.after == b.before for a, b in pairwise(steps))


def _carried_to_the_end(
    steps: Sequence[Step], context: Context, points: Fraction, most: int, tried: int,
) -> Iterator[tuple[Mistake, bool]]:
    """The best mistakes of some steps, those with the largest ideas first and the last one, that reach the last line.

    With each whether it was verified to be wrong; what was carried on has to be verified again.
    """
    last = len(steps) - 1
    least = min(Level.CALCULUS, max((step.level for step in steps[:last]), default=Level.CALCULUS))
    ideas = sorted((k for k in range(last) if steps[k].level >= least), reverse=True)[:_IDEAS]
    for k in (*ideas, last):
        rest = steps[k + 1 :]
        for mistake in mistakes(steps[k], context, points, 1 if rest else most, tried):
            lines = carried(rest, mistake.wrong, context)
            if len(lines) == len(rest):
                yield (replace(mistake, wrong=lines[-1].after), False) if lines else (mistake, True)


_IDEAS = 2  # steps before the last one of which mistakes are carried on to the end
