r"""What backpropagation leaves behind: the forward quantities, the adjoints, the gradients, all as named formulas.

The kinds that derive gradients make a :class:`Backward` (number by number: :mod:`derive.kinds._backward_scalar`, with
vectors and matrices: :mod:`derive.kinds._backward_matrix`) and print its steps; fitting and training hand it to
:mod:`derive.numeric.programs`, which runs exactly these formulas. Nothing is nested: every formula is written in
stored quantities and in adjoints found before it, so its length does not grow with the depth.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from derive.graph import Graph
from derive.steps import Definition, Step
from derive.tree import Node, Symbol


@dataclass(frozen=True)
class Found:
    r"""The derivative of the output by one quantity.

    ``name`` is what is derived, ``\partial L/\partial w_1`` or ``\nabla_{W} L``; ``letter`` the symbol under which it
    is used again, ``\delta_1``, or None; ``value`` its formula in stored quantities and earlier letters; ``steps`` lead
    from ``name`` to ``value``.
    """

    of: Symbol
    name: Node
    letter: Symbol | None
    value: Node
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Backward:
    """A graph with the derivatives of its output, the output's neighbours first.

    ``domains`` declare the vectors and matrices among the names, as :class:`derive.steps.Context` wants them; scalars
    need none. ``asked`` are the quantities whose gradients are wanted, in order.
    """

    graph: Graph
    output: Symbol
    found: tuple[Found, ...]
    asked: tuple[Symbol, ...]
    domains: Mapping[Symbol, str] = field(default_factory=dict)

    @property
    def by(self) -> Mapping[Symbol, Found]:
        """What was found, by the quantity."""
        return {f.of: f for f in self.found}

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """For the verifier: every quantity's formula, and for every letter the derivative that it stands for."""
        letters = (Definition(f.letter, (), f.name) for f in self.found if f.letter is not None)
        return (*self.graph.quantities, *letters)

    @property
    def program(self) -> tuple[Definition, ...]:
        """For a computer: every quantity's formula, then every letter's, in the order in which they can be computed."""
        letters = (Definition(f.letter, (), f.value) for f in self.found if f.letter is not None)
        return (*self.graph.quantities, *letters)

    @property
    def gradients(self) -> Mapping[Symbol, Node]:
        """The formulas of the gradients that were asked for, to be computed after the program."""
        return {symbol: self.by[symbol].value for symbol in self.asked}
