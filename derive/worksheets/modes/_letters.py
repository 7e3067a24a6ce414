"""Which letters of a formula a student can know: those of the exercise, and what has to be said of the others.

Modes that ask about one formula of a derivation call it: the formula leaves the page that explains its letters. A
letter that the solution introduces (the name of a line, the label of a result) means nothing by itself; a letter of a
law that holds for every value, as in ``log(a b) = log a + log b``, needs no word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from derive.documents._tree import Page
from derive.documents._tree import head as head_of
from derive.functions import FUNCTIONS
from derive.steps import Chain, Definition, Derivation
from derive.tree import Call, Gradient, Node, Symbol, free_symbols, walk
from derive.worksheets.modes._labels import beside
from derive.worksheets.modes._lines import page
from derive.worksheets.modes._visible import alone, formulas, nodes_of, tells
from derive.write._names import GREEK

_WORD = 3  # letters from which on a name is a word, and says what it means
_INDICES = frozenset("ijkl")


@dataclass(frozen=True, slots=True)
class Letters:
    """What an exercise says (``posed`` letters, ``names``, formulas ``said`` by themselves) and what only its solution.

    A result that is called by its letters alone, as ``F1`` and ``J`` are, is known by that name in the field.
    ``own`` are the names of the solution; ``found`` is what the student is to find: what the chains of the derivation
    are about and come to.
    """

    page: Page
    posed: frozenset[Symbol]
    names: frozenset[str]
    said: frozenset[str]
    own: frozenset[str]
    found: frozenset[Node]

    def strange(self, node: Node, told: Iterable[Definition] = ()) -> frozenset[str]:
        """The names in a formula that only the solution explains, but for those that are told with it."""
        heads = {definition.name.plain for definition in told}
        symbols = frozenset(symbol.plain for symbol in free_symbols(node) if not self._is_known(symbol))
        return (symbols | {*_called(node)}) & self.own - self.names - heads

    def _is_known(self, symbol: Symbol) -> bool:
        """Whether a letter is one of the exercise, or one of those with a mark: an entry, an estimate, an iterate."""
        if symbol in self.posed or _is_word(symbol):
            return True
        counts = all(c.isdigit() or c in _INDICES for c in symbol.sub.replace(",", ""))
        return counts and any(
            other.name == symbol.name and other.font == symbol.font and other.sub in ("", symbol.sub)
            for other in self.posed
        )

    def gives_away(self, definition: Definition) -> bool:
        """Whether a definition says what the student is to find: a value that the derivation works out."""
        if head_of(definition) in self.found:
            return True
        return any(part in self.found and tells(part) and not free_symbols(part) for part in walk(definition.body))


def letters(derivation: Derivation) -> Letters:
    """The letters of an exercise about a derivation."""
    shown = page(derivation, ())
    items = [item for statement in shown.statements for item in statement.items]
    nodes = [node for item in items for node in formulas(item)]
    nodes += [node for block in shown.blocks for node in nodes_of(block)]
    symbols = {part for node in nodes for part in walk(node) if isinstance(part, Symbol)}
    called = {name for node in nodes for name in _called(node)} | {symbol.plain for symbol in symbols}
    called |= {name for result in derivation.results if result.label is not None
               and not beside(result.name, result.label) for name in _names_in(result.label)}
    chains = [chain for chain in derivation.chains() if chain.steps]
    own = {name for node in _names(derivation, chains) for name in _names_in(node)}
    found = {node for chain in chains for node in (chain.left, *(s.after for s in chain.steps)) if node is not None}
    own -= _INDICES
    return Letters(shown, frozenset(symbols), frozenset(called), alone(shown), frozenset(own), frozenset(found))


def _is_word(symbol: Symbol) -> bool:
    """Whether a name is a word: ``accuracy`` says what it is, ``theta`` does not."""
    return len(symbol.name) >= _WORD and not (symbol.sub or symbol.sup) and symbol.name not in GREEK


def _names(derivation: Derivation, chains: Iterable[Chain]) -> Iterator[Node]:
    """What the solution has names for."""
    yield from (chain.left for chain in chains if chain.left is not None)
    yield from (result.label for result in derivation.results if result.label is not None)
    for chain in chains:
        yield from (definition.name for definition in chain.where if not definition.parameters)
        yield from (Call(d.name.plain, d.parameters) for d in chain.where if d.parameters)


def _names_in(node: Node) -> Iterator[str]:
    yield from (symbol.plain for symbol in free_symbols(node))
    yield from _called(node)


def _called(node: Node) -> Iterator[str]:
    """The functions in a formula that have no fixed meaning."""
    return (part.name for part in walk(node) if isinstance(part, Call | Gradient) and part.name not in FUNCTIONS)
