"""What a derivation runs towards: no derivatives left, a simple form, a named form.

Strategies over the tables of :mod:`derive.rules`, called by kinds. Each takes an expression and gives the
steps that lead from it; the last step's ``after`` (or the expression itself) is where they arrive. There
is no search: an order of phases, each of which ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache

from derive.engine import REMEMBERED, Book, Event, Table, book_of, once, phase_by, run
from derive.errors import LimitError
from derive.functions import FUNCTIONS
from derive.pattern import build, pattern
from derive.rules import algebra, forms, rational
from derive.rules.calculus import CALCULUS
from derive.steps import Definition, Level, Step
from derive.tree import (
    ONE,
    Call,
    Derivative,
    E,
    Node,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
    Vector,
    children,
    free_symbols,
    kinds,
    substitute,
    walk,
)


def end_of(node: Node, steps: list[Step]) -> Node:
    """Where steps that start at ``node`` arrive."""
    return steps[-1].after if steps else node


# --- differentiating and simplifying ----------------------------------------------------------------


def differentiate(node: Node) -> list[Step]:
    """Steps until no derivative is left that a rule can take.

    A line applies at most two laws, each wherever it fits; what needs no further differentiation comes last,
    together.
    """
    return list(_differentiated(node))


@lru_cache(maxsize=REMEMBERED)
def _differentiated(node: Node) -> tuple[Step, ...]:
    return tuple(run(node, [lambda n: once(n, CALCULUS, _two_laws)]))


def _two_laws(events: list[Event]) -> list[Event]:
    opening = [e for e in events if Derivative in kinds(e[2])]
    if not opening:
        return events
    names = list(dict.fromkeys(rule.name for _, rule, _ in opening))[:2]
    return [e for e in opening if e[1].name in names]


PLAIN: tuple[Table, ...] = (algebra.SUBSTITUTION, algebra.ARITHMETIC, algebra.SUMS, algebra.VECTORS)
SIMPLE: tuple[Table, ...] = (*PLAIN, algebra.FACTORING, algebra.EXPAND_SHORTER)


def through(node: Node, tables: Iterable[Table]) -> list[Step]:
    """Steps that apply the first table that fits, again and again, until none does."""
    return list(_through(node, tuple(map(book_of, tables))))


@lru_cache(maxsize=REMEMBERED)
def _through(node: Node, books: tuple[Book, ...]) -> tuple[Step, ...]:
    moves = [lambda n, book=book: phase_by(n, book) for book in books]
    return tuple(condensed(run(node, moves)))


def condensed(steps: list[Step]) -> list[Step]:
    """Neighbouring steps of mere arithmetic told as one line, with what they consist of inside."""
    lines: list[Step] = []
    for step in steps:
        if lines and step.level == lines[-1].level == Level.ARITHMETIC and step.rule != SUBSTITUTE:
            last = lines[-1]
            fine = (*(last.steps or (last,)), *(step.steps or (step,)))
            name = last.rule if step.rule in last.rule else "simplify"
            lines[-1] = Step(last.before, step.after, name, "Numbers, signs and zeros.", level=last.level, steps=fine)
        else:
            lines.append(step)
    return lines


SUBSTITUTE = algebra.SUBSTITUTION[0].name


def simplify(node: Node) -> list[Step]:
    """Steps to a simple form: numbers multiplied, powers combined, like terms collected, factors cancelled."""
    return through(node, SIMPLE)


def derivative(node: Node) -> list[Step]:
    """Differentiate, then simplify."""
    steps = differentiate(node)
    return steps + simplify(end_of(node, steps))


def undifferentiated(node: Node) -> bool:
    """Whether a derivative is left that no rule could take."""
    return Derivative in kinds(node)


def simple(node: Node) -> Node:
    """The simple form itself, where the steps to it are not told."""
    return end_of(node, simplify(node))


# --- reaching a form --------------------------------------------------------------------------------


def shape(node: Node) -> object:
    """What two expressions share that differ only in the order of terms and factors."""
    parts = [shape(c) for c in children(node)]
    if isinstance(node, (Sum, Product)):
        return type(node).__name__, tuple(sorted(map(repr, parts)))
    return (type(node).__name__, tuple(parts), tuple(getattr(node, mark, "") for mark in _MARKS)) if parts else node


_MARKS = ("name", "order", "operator", "sign", "signs", "side", "partial")
"""What tells nodes of one type apart besides their parts."""


def _arrive(steps: list[Step], start: Node, target: Node) -> list[Step] | None:
    """The steps, ending exactly as the target is written, when they end at a reordering of it."""
    end = end_of(start, steps)
    if end == target:
        return steps
    if shape(end) != shape(target):
        return None
    if steps:
        return [*steps[:-1], replace(steps[-1], after=target, steps=())]
    return [Step(end, target, "reorder", "Terms and factors may change places.", level=Level.ARITHMETIC)]


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of a route: its steps, and the naming that holds along it with what follows from that."""

    steps: list[Step]
    where: tuple[Definition, ...] = ()
    solved: Step | None = None


_ROUTES: tuple[tuple[Table, ...], ...] = (
    (),
    SIMPLE,
    (*PLAIN, algebra.EXPAND),
    (*SIMPLE, forms.COMMON_DENOMINATOR),
)


def reach(node: Node, target: Node) -> list[Leg] | None:
    """Steps from an expression to a target form written by a person, or None when the rules do not lead there.

    Tried in order: the target is a reordering of the expression or of its simple, multiplied-out or factored
    form; the expression in terms of the functions that the target names; both sides brought to one form.
    """
    for steps in _attempts(node):
        arrived = _arrive(steps, node, target)
        if arrived is not None:
            return [Leg(arrived)]
    return _reach_in_terms(node, target) or meet(node, target)


def _attempts(node: Node) -> Iterator[list[Step]]:
    for tables in _ROUTES:
        with suppress(LimitError):
            yield through(node, tables)
    factored = once(node, forms.FACTORS)
    yield [factored] if factored else []


def _reach_in_terms(node: Node, target: Node) -> list[Leg] | None:
    written_parts = set(walk(node))
    for call in calls_in(target):
        written = None if call in written_parts else in_terms_of(node, call)
        if written is not None:
            leg = Leg(written.steps, (written.naming,), written.solved)
            rest = reach(written.value, target)
            if rest is not None:
                return [leg, *(r for r in rest if r.steps)]
    return None


def calls_in(node: Node) -> list[Call]:
    """The calls of functions that have a definition, each once."""
    found = [n for n in walk(node) if isinstance(n, Call) and n.name in FUNCTIONS and FUNCTIONS[n.name].definition]
    return list(dict.fromkeys(found))


# --- both sides to a common form --------------------------------------------------------------------

_COMMON: tuple[Table, ...] = (
    forms.DEFINITIONS,
    algebra.ARITHMETIC,
    algebra.SUMS,
    forms.TRIGONOMETRY,
    forms.COMMON_DENOMINATOR,
    forms.LOGARITHMS,
    algebra.EXPAND,
)


def common_form(node: Node) -> list[Step]:
    """Steps to the form in which equal expressions are equal as written: definitions out, one fraction, reduced."""
    steps = through(node, _COMMON)
    last = once(end_of(node, steps), forms.LOWEST_TERMS)
    if last is not None:
        steps.append(last)
        steps.extend(through(last.after, (algebra.ARITHMETIC, algebra.SUMS)))
    return steps


def reversed_steps(steps: list[Step]) -> list[Step]:
    """The same steps read backwards; an equation holds in both directions, a law's name often does not."""
    return [_backwards(step) for step in reversed(steps)]


def _backwards(step: Step) -> Step:
    names = dict.fromkeys(_BACKWARDS.get(name, name) for name in step.rule.split(", "))
    finer = tuple(reversed_steps(list(step.steps)))
    return replace(step, before=step.after, after=step.before, rule=", ".join(names), steps=finer)


_BACKWARDS = {
    "zero term": "add and subtract the same",
    "add the numbers": "add and subtract the same",
    "collect like terms": "split a term",
    "multiply out numbers and signs": "rewrite the factors",
    "combine powers": "split a power",
    "cancel common factors": "extend the fraction",
    "common denominator": "split the fraction",
    "reduce to lowest terms": "extend the fraction",
    "multiply out": "factor",
    "multiply out and collect": "factor",
    "factor out": "multiply out",
    "simplify": "rewrite",
}
"""What a law is called when it is read from right to left."""


def meet(node: Node, target: Node) -> list[Leg] | None:
    """Down from the left side and up to the right side, meeting at the first form both pass through."""
    try:
        left, right = common_form(node), common_form(target)
    except LimitError:
        return None
    down = [node, *(s.after for s in left)]
    up = [target, *(s.after for s in right)]
    shapes = {shape(form): i for i, form in reversed(list(enumerate(up)))}
    for i, form in enumerate(down):
        j = shapes.get(shape(form))
        if j is not None:
            climb = reversed_steps(right[:j])
            if i == 0 and climb:  # terms that change places are no line of their own
                return [Leg([replace(climb[0], before=node, steps=()), *climb[1:]])]
            joined = _arrive(left[:i], node, up[j])
            return None if joined is None else [Leg([*joined, *climb])]
    return None


# --- in terms of a function's value -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InTerms:
    """An expression written with the value of a function: the naming, its consequence, and the steps.

    ``naming`` is ``s = sigma(x)``; ``solved`` the step that says what the exponential is in ``s``; ``steps`` lead
    from the expression to ``value``, in which the function stands again instead of its letter.
    """

    naming: Definition
    solved: Step
    steps: list[Step]
    value: Node


def in_terms_of(node: Node, call: Call) -> InTerms | None:
    """Write an expression with the value of a function, or None when its definition cannot be solved.

    The definition is solved for the exponential (or root, or power) in it: with ``s = sigma(x)``,
    ``e^{-x} = (1 - s)/s``. That is substituted, the result simplified, and the function put back.
    """
    letter = free_letter(Vector((node, call)), Symbol({"tanh": "t"}.get(call.name, "s")))
    definition = simple(build(pattern(FUNCTIONS[call.name].definition), {"u": call.args[0]}))
    solution = rational.solve_for_power(letter, definition)
    if solution is None:
        return None
    solution = _turned(solution, node)
    title = FUNCTIONS[call.name].title
    solved = Step(solution.unknown, solution.value, f"definition of the {title}", "Solved for the unknown in it.")
    steps = _put_in(node, solution, call, letter) or _put_in_reduced(node, solution, call, letter)
    if steps is None:
        return None
    steps += through(end_of(node, steps), (*SIMPLE, forms.COMMON_DENOMINATOR))
    end = end_of(node, steps)
    back = substitute(end, {letter: call})
    steps.append(Step(end, back, "put back", f"The letter stands for the {title}."))
    return InTerms(Definition(letter, (), call), solved, steps, back)


def _turned(solution: rational.Solution, node: Node) -> rational.Solution:
    """Solved for ``e^x`` rather than ``e^{-x}`` where the expression has only that."""
    try:
        wanted = rational.atoms(node).steps.get(solution.base)
    except LimitError:
        return solution
    if wanted is None or wanted * solution.exponent > 0:
        return solution
    return rational.Solution(solution.base, -solution.exponent, simple(Quotient(ONE, solution.value)))


def _put_in(node: Node, solution: rational.Solution, call: Call, letter: Symbol) -> list[Step] | None:
    """The step that replaces the unknown, when nothing of it is left afterwards."""
    put_in = substitute(rational.put_in(node, solution), {call: letter})
    if put_in == node or free_symbols(call) & _outside(put_in):
        return None
    title = FUNCTIONS[call.name].title
    return [Step(node, put_in, "put in", f"With the letter for the value of the {title}.")]


def _put_in_reduced(node: Node, solution: rational.Solution, call: Call, letter: Symbol) -> list[Step] | None:
    """The same after bringing the expression to lowest terms, in which the unknown's powers show."""
    reduced = once(node, forms.LOWEST_TERMS)
    if reduced is None:
        return None
    rest = _put_in(reduced.after, solution, call, letter)
    return None if rest is None else [reduced, *rest]


def _outside(node: Node) -> frozenset[Symbol]:
    """The symbols on which an expression depends through exponentials, roots and functions."""
    inner = [n for n in walk(node) if isinstance(n, (Call, Root)) or (isinstance(n, Power) and n.base == E)]
    return frozenset().union(*map(free_symbols, inner)) if inner else frozenset()


def free_letter(node: Node, preferred: Symbol) -> Symbol:
    """A letter that does not occur in an expression, the preferred one where it is free."""
    taken = {s.name for s in free_symbols(node)} | {n.name for n in walk(node) if isinstance(n, Call)}
    return Symbol(next(c for c in (preferred.name, *"stpqrvwmzabcdghijklno") if c not in taken))
