"""Chains of a derivation as questions of their own: which can stand alone, and what has to be said with them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from derive.documents._tree import head as head_of
from derive.documents._tree import shown_steps
from derive.steps import Chain, Context, Definition, Derivation, Prose, Status, Step
from derive.tree import Call, Matrix, Node, Number, Relation, Symbol, Vector, entries, free_symbols, numeric, walk
from derive.verify import verify_step
from derive.worksheets._words import words
from derive.worksheets.mistakes import carried, value_at
from derive.worksheets.modes._lines import page
from derive.worksheets.modes._visible import alone, printed
from derive.write.numbers import approximate


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive steps that follow on each other, the chain they are from, and its context."""

    steps: tuple[Step, ...]
    chain: Chain
    context: Context


def stretches(derivation: Derivation, detail: str = "normal", least: int = 1) -> list[Stretch]:
    """The chains as they are shown, cut where a step does not go on from the one before; at least so many steps."""
    found: list[Stretch] = []
    for chain in derivation.chains():
        context = derivation.context.including(*chain.where)
        runs = _runs(shown_steps(chain.steps, detail))
        found += [Stretch(tuple(run), chain, context) for run in runs if len(run) >= least]
    return found


def _runs(steps: Sequence[Step]) -> Iterator[list[Step]]:
    run: list[Step] = []
    for step in steps:
        if run and run[-1].after != step.before:
            yield run
            run = []
        run.append(step)
    if run:
        yield run


def where(stretch: Stretch, derivation: Derivation, *answers: Node) -> Prose:
    """The names in a stretch that the problem does not explain, as ``where a = 1, b = 2.``; nothing if there are none.

    A definition that says what a line says, or an answer, is left out.
    """
    said = alone(page(derivation, ()))
    used = [stretch.steps[0].before, *(step.after for step in stretch.steps)]
    return in_words(defining(stretch.context, used, said, {printed(node) for node in (*used[1:], *answers)}))


def defining(
    context: Context, used: Iterable[Node], said: Container[str], lines: Container[str] = (),
) -> list[Definition]:
    """The definitions of the names in formulas, each name once.

    Left out is what the problem says (``said``) and what comes to one of ``lines``, both as printed formulas.
    """
    nodes = list(used)
    called = {part.name for node in nodes for part in walk(node) if isinstance(part, Call)}
    names = frozenset().union(*map(free_symbols, nodes)) | called
    found: list[Definition] = []
    if not names:
        return found
    for definition in {d.name: d for d in context.definitions}.values():
        named: Symbol | str = definition.name.plain if definition.parameters else definition.name
        if named in names and printed(head_of(definition)) not in said and printed(definition.body) not in lines:
            found.append(definition)
    return found


def in_words(definitions: Iterable[Definition]) -> Prose:
    """``where a = 1, b = 2.``, each name once; nothing without definitions."""
    prose: list[str | Node] = []
    firsts: dict[Node, Definition] = {}
    for definition in definitions:
        firsts.setdefault(head_of(definition), definition)
    for definition in firsts.values():
        prose += [", " if prose else words("where"), Relation((head_of(definition), definition.body), ("=",))]
    return (*prose, ".") if prose else ()


_DIGITS = 6  # of a decimal, where the right one has no more
_CONVERSIONS = frozenset({"as a decimal", "as decimals", "round"})


def is_conversion(step: Step) -> bool:
    """Whether a step only writes a finished number, or finished numbers, another way."""
    parts = entries(step.before) or (step.before,)
    return step.rule in _CONVERSIONS and all(numeric(part) is not None for part in parts)


def carried_on(steps: Sequence[Step], wrong: Node, context: Context) -> list[Step]:
    """The steps as somebody writes them who starts from a wrong line, as far as each can be done to it.

    Decimals are written with as many digits as the right ones have.
    """
    lines: list[Step] = []
    while len(lines) < len(steps):
        current = lines[-1].after if lines else wrong
        found = carried(steps[len(lines) :], current, context) or _as_decimals(steps[len(lines)], current, context)
        if not found:
            break
        lines += found
    return lines


def _as_decimals(step: Step, before: Node, context: Context) -> list[Step]:
    """A step that rounds, done to another number; nothing where it is none, or where the number is written out."""
    values = value_at(before) if step.rule in _CONVERSIONS and not free_symbols(before) else None
    if values is None or isinstance(before, Vector | Matrix):
        return []
    exact = numeric(before)
    digits = (len(part.text.replace(".", "").lstrip("0")) for part in walk(step.after) if isinstance(part, Number))
    after = approximate(values[0] if exact is None else exact, max(_DIGITS, *digits, 0))
    relation = "~=" if exact is None or numeric(after) != exact else "="
    known = after != before and verify_step(before, after, relation, context).status in (Status.PROVED, Status.CHECKED)
    return [replace(step, before=before, after=after, relation=relation, verdict=None, steps=())] if known else []
