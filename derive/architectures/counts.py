"""A count with its formula: letters, what they stand for here, and the value that the rules make of both.

Layer types return these; the ``layers`` kind prints them as derivations. Formulas are written in LaTeX and read once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from derive.goals import end_of, through
from derive.read.latex import read
from derive.rules import algebra
from derive.steps import Definition, Step
from derive.tree import Node, Symbol, free_symbols, number, substitute


@dataclass(frozen=True)
class Count:
    """A quantity: its formula in letters, the value of each letter, the name of the law.

    A count without letters is a value that needs no derivation. ``value`` is exact and simple.
    """

    formula: Node
    letters: tuple[tuple[Symbol, Node], ...] = ()
    law: str = ""

    @cached_property
    def substituted(self) -> Node:
        """The formula with the values put in."""
        return substitute(self.formula, dict(self.letters))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """From the formula to its value: put in, evaluate."""
        put = [Step(self.formula, self.substituted, "put in")] if self.letters else []
        return (*put, *evaluated(self.substituted))

    @property
    def value(self) -> Node:
        """What the formula amounts to."""
        return end_of(self.substituted, list(self.steps))

    @property
    def where(self) -> tuple[Definition, ...]:
        """The letters as definitions, for a chain."""
        return tuple(Definition(letter, (), value) for letter, value in self.letters)


def evaluated(node: Node) -> list[Step]:
    """Steps that calculate: numbers multiplied, added, rounded; letters multiplied out and collected."""
    return through(node, (algebra.ARITHMETIC, algebra.SUMS, algebra.EXPAND, algebra.ARITHMETIC, algebra.SUMS))


def value_of(node: Node) -> Node:
    """The simple form of a count, where the steps are not told."""
    return end_of(node, evaluated(node))


@cache
def formula(latex: str) -> Node:
    """A formula of the layer tables."""
    return read(latex)


def count(law: str, latex: str, **letters: Node | int) -> Count:
    """A count by its law; the keyword ``C_in`` gives the letter ``C_{in}`` its value.

    A letter that is also one of the values' own letters is written with a tilde, so that the two stay apart.
    """
    body = formula(latex)
    values = {_letter(name): number(v) if isinstance(v, int) else v for name, v in letters.items()}
    taken = frozenset().union(*map(free_symbols, values.values())) if values else frozenset()
    renamed = {s: Symbol(s.name, s.sub, accent="tilde") if s in taken else s for s in values}
    pairs = tuple((renamed[s], v) for s, v in values.items() if s in free_symbols(body))
    return Count(substitute(body, _nodes(renamed)), pairs, law)


def _nodes(pairs: Mapping[Symbol, Symbol]) -> dict[Node, Node]:
    return {a: b for a, b in pairs.items() if a != b}


def _letter(name: str) -> Symbol:
    stem, _, sub = name.partition("_")
    return Symbol(stem, sub)


def given(value: Node) -> Count:
    """A count that is known without a formula."""
    return Count(value)
