"""What a problem asks for: its results, each with the chain that derives it and the answers that slips lead to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from derive.documents._tree import as_node
from derive.limits import MISTAKES_KEPT
from derive.steps import Chain, Context, Derivation, Prose, Step
from derive.tree import Node, Relation
from derive.worksheets.mistakes import writing_mistakes, wrong_results
from derive.worksheets.model import Mistake

MISWRITTEN_KEPT = 2  # mistakes in writing a result down that a key tells


@dataclass(frozen=True, slots=True)
class Asked:
    """A result by its name, how that is set, its value (none for a statement to be shown), and its chain.

    ``first`` is the step with which the derivation of the label begins, which may be in a chain before.
    """

    name: str
    label: Node | None
    value: Node | None
    chain: Chain | None = None
    context: Context = field(default_factory=Context)

    first: Step | None = None

    @property
    def question(self) -> Prose:
        """The name as it is put in a sentence."""
        return (self.label,) if self.label is not None else (self.name,)

    def mistakes(self, points: Fraction, most: int = MISTAKES_KEPT, tried: int = 24) -> tuple[Mistake, ...]:
        """Wrong values that slips in the chain lead to, verified to be wrong."""
        if self.chain is None:
            return ()
        return self._fair(wrong_results(self.chain, self.context, points, most, tried))

    def miswritten(self, points: Fraction) -> tuple[Mistake, ...]:
        """Wrong values that come of writing the right one down wrongly; these cost no time worth speaking of."""
        if self.value is None:
            return ()
        return self._fair(writing_mistakes(self.value, self.context, points, MISWRITTEN_KEPT))

    def _fair(self, found: tuple[Mistake, ...]) -> tuple[Mistake, ...]:
        """Without what is no mistake here: the eigenvalues of a matrix may be told in any order."""
        ordered = "eigenvalue" not in self.name.casefold()
        return tuple(mistake for mistake in found if ordered or mistake.slip != "entries swapped")


def asked(derivation: Derivation) -> list[Asked]:
    """The results in the result box; those that are words, and statements to be shown, have no value."""
    found: list[Asked] = []
    chains = [chain for chain in derivation.chains() if chain.steps]
    reached: dict[Node, list[tuple[Chain, int]]] = {}
    for line in chains:
        for k, step in enumerate(line.steps, 1):
            reached.setdefault(step.after, []).append((line, k))
    for result in derivation.results:
        if not result.shown:
            continue
        value = as_node(result.value)
        if isinstance(value, Relation):
            value = None
        chain = _chain(reached.get(value, ()), result.label) if value is not None else None
        inside = derivation.context.including(*chain.where) if chain is not None else derivation.context
        found.append(Asked(result.name, result.label, value, chain, inside, _first(chains, result.label, chain)))
    return found


def _first(chains: Sequence[Chain], label: Node | None, chain: Chain | None) -> Step | None:
    named = (c for c in chains if _is_about(c, label))
    first = next(named, chain)
    return first.steps[0] if first is not None else None


def _is_about(chain: Chain, label: Node | None) -> bool:
    return label is not None and label in (chain.left, chain.steps[0].before)


def _chain(reached: Sequence[tuple[Chain, int]], label: Node | None) -> Chain | None:
    """The first chain up to the step that arrives at a value, one that is about the label where there is one.

    ``reached`` are the chains that arrive there, each with the number of its steps up to that.
    """
    if not reached:
        return None
    chain, length = next((found for found in reached if _is_about(found[0], label)), reached[0])
    return replace(chain, steps=chain.steps[:length])
