r"""A convolution written out for its sizes: every output, every gradient, in names and then in numbers.

:class:`Written` goes through the entries of one array after the other; each chain starts from the sum of
:class:`~derive.kinds._convolution_formula.Notation` with the entry's indices put in. The verifier is told what the
loss is: the given one, or the sum of all outputs, each times its upstream gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from derive.engine import once, phase, run
from derive.errors import DeriveError
from derive.goals import derivative, end_of, undifferentiated
from derive.kinds._convolution_formula import Notation
from derive.kinds._convolution_given import DELTA, LOSS, Convolution, Place, W, X, Y
from derive.kinds._graph_values import Numbers
from derive.rules.algebra import PRODUCTS, SUMS
from derive.rules.indices import WRITING_OUT, member
from derive.steps import Chain, Definition, Formula, Level, Part, Step
from derive.tree import ZERO, Derivative, Node, Product, Relation, Symbol, number, total

_FORMULA = "the formula above"
_WORKED_OUT = (*PRODUCTS, *SUMS)


@dataclass
class Written:
    """The entries found so far: ``numbers`` remembers their values, ``formulas`` their sums in names."""

    given: Convolution
    numbers: Numbers
    formulas: dict[Symbol, Node] = field(default_factory=dict)
    found: dict[Symbol, Node] = field(default_factory=dict)

    @property
    def _sums(self) -> Notation:
        return Notation(self.given, general=False)

    # forward

    def output(self, place: Place) -> list[Part]:
        """One output: the sum, its terms, the numbers."""
        first, spatial = self._split(place, self.given.outputs)
        name = member(Y, place)
        sums = self._sums.output(first, spatial)
        written = _write_out(sums)
        self.formulas[name] = end_of(sums, written)
        return self._chain(name, name, sums, written)

    def _split(self, place: Place, channels: int | None) -> tuple[Node | None, tuple[Node, ...]]:
        """The channel, where there are any, and the indices along the axes."""
        indices = tuple(number(i) for i in place)
        return (None, indices) if channels is None else (indices[0], indices[1:])

    # upstream

    def upstream(self, place: Place) -> list[Part]:
        """The upstream gradient of one output where a loss is given. DeriveError where no rule differentiates it."""
        if self.given.loss is None:
            return []
        name, output = member(DELTA, place), member(Y, place)
        start = Derivative(self.given.loss, output, 1, True)
        steps = derivative(start)
        end = end_of(start, steps)
        if undifferentiated(end):
            raise DeriveError(f"the loss cannot be differentiated by {output.plain}")
        self.formulas[name] = end
        more = self.numbers.steps(end)
        where = self.numbers.where(end)
        self.numbers.keep(name, end_of(end, more), end, more)
        return [Chain((*steps, *more), Derivative(LOSS, output, 1, True), where)]

    # backward

    def weight(self, place: Place) -> list[Part]:
        """The gradient by one weight."""
        channels = self.given.channels is not None
        indices = tuple(number(i) for i in place)
        output, channel = (indices[0], indices[1]) if channels else (None, None)
        return self._gradient(member(W, place), self._sums.by_weight(output, channel, indices[2 if channels else 0 :]))

    def bias(self, name: Symbol, output: int) -> list[Part]:
        """The gradient by one bias."""
        return self._gradient(name, self._sums.by_bias(None if self.given.outputs is None else number(output)))

    def input(self, place: Place) -> list[Part]:
        """The gradient by one input."""
        channel, spatial = self._split(place, self.given.channels)
        return self._gradient(member(X, place), self._sums.by_input(channel, spatial))

    def _gradient(self, variable: Symbol, sums: Node) -> list[Part]:
        """From the derivative of the loss to the sum, its terms, the numbers."""
        name = Derivative(LOSS, variable, 1, True)
        terms = end_of(sums, _write_out(sums))
        first = Step(name, terms, _FORMULA, "The indices are put in, the sum is written out.", level=Level.CALCULUS)
        return self._chain(variable, name, name, [first], self.meaning)

    @property
    def loss(self) -> Node:
        """The given loss, or the sum of all outputs, each times its upstream gradient."""
        if self.given.loss is not None:
            return self.given.loss
        return total([Product((member(DELTA, p), member(Y, p))) for p in self.given.output_places])

    @property
    def meaning(self) -> tuple[Definition, ...]:
        """For the verifier: what each output, the loss and, where a loss is given, its derivatives are, in names."""
        names = [member(base, p) for base in (Y, DELTA) for p in self.given.output_places]
        return (*(Definition(s, (), self.formulas[s]) for s in names if s in self.formulas),
                Definition(LOSS, (), self.loss))

    def _chain(
        self, key: Symbol, left: Node, start: Node, steps: list[Step], where: Sequence[Definition] = ()
    ) -> list[Part]:
        """Terms in names, then the numbers; what comes out is remembered."""
        written = end_of(start, steps)
        more = self.numbers.steps(written) if written != ZERO else []
        known = self.numbers.where(written)
        self.found[key] = end_of(written, more)
        if key == left:
            self.numbers.keep(key, self.found[key], written, more)
        if not steps and not more:
            return [Formula(Relation((left, written), ("=",)))]
        if where and self.numbers.rounded:  # from here on a letter is its rounded number, no longer its formula
            return [Chain(tuple(steps), left, tuple(where)), *([Chain(tuple(more), left, known)] if more else [])]
        named = {d.name for d in where}
        return [Chain((*steps, *more), left, (*where, *(d for d in known if d.name not in named)))]


def _write_out(sums: Node) -> list[Step]:
    """The sum with all its terms, outermost first, as one step."""
    fine = run(sums, [lambda n: once(n, WRITING_OUT), lambda n: phase(n, _WORKED_OUT)])
    if not fine:
        return []
    return [Step(sums, fine[-1].after, WRITING_OUT[0].name, WRITING_OUT[0].reason, steps=tuple(fine[1:] and fine))]
