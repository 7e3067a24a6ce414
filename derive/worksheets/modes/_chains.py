"""Chains of a derivation as questions of their own: which can stand alone, and what has to be said with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from derive.documents._tree import head as head_of
from derive.documents._tree import shown_steps
from derive.steps import Chain, Context, Derivation, Prose, Step
from derive.tree import Call, Node, Relation, Symbol, free_symbols, walk
from derive.worksheets._words import words
from derive.worksheets.modes._lines import page
from derive.worksheets.modes._visible import page_texts
from derive.write.text import text


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive steps that follow on each other, the chain they are from, and its context."""

    steps: tuple[Step, ...]
    chain: Chain
    context: Context

    @property
    def explained(self) -> frozenset[Symbol]:
        """The names that :func:`where` can explain."""
        return frozenset(definition.name for definition in self.context.definitions)


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


def where(stretch: Stretch, derivation: Derivation, *others: Node) -> Prose:
    """The names in a stretch that the problem does not explain, as ``where a = 1, b = 2.``; nothing if there are none.

    ``others`` are formulas that stand on the page besides. A definition that says what a line says is left out.
    """
    said = {line for alone, _ in page_texts(page(derivation, ())) for line in alone}
    lines = {text(step.after) for step in stretch.steps}
    used = [stretch.steps[0].before, *(step.after for step in stretch.steps), *others]
    names = frozenset().union(*map(free_symbols, used)) | {n.name for u in used for n in walk(u) if isinstance(n, Call)}
    prose: list[str | Node] = []
    for definition in {d.name: d for d in stretch.context.definitions}.values():
        named: Symbol | str = definition.name.plain if definition.parameters else definition.name
        head = head_of(definition)
        if named not in names or text(head) in said or text(definition.body) in lines:
            continue
        prose += [", " if prose else words("where"), Relation((head, definition.body), ("=",))]
    return (*prose, ".") if prose else ()
