r"""A convolution in index notation: the formula of an output, the gradients derived by rules, for any sizes.

:class:`Notation` writes sums with letters for the sizes (``general``) or with the numbers of a
:class:`~derive.kinds._convolution_given.Convolution`; :func:`gradients` derives the three gradients with letters. The
loss in them is the sum of all outputs, each times its upstream gradient: by the chain rule every loss with these
upstream gradients has the same gradients.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.engine import Table, once, phase, run
from derive.goals import end_of
from derive.kinds._convolution_given import DELTA, LOSS, B, Convolution, W, X, Y
from derive.rules import algebra
from derive.rules.calculus import CALCULUS
from derive.rules.indices import DIFFERENTIATION, EMPTY, member, whole
from derive.rules.monomials import terms_of
from derive.steps import Chain, Definition, Level, Step
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Derivative,
    Indexed,
    Negative,
    Node,
    Product,
    Relation,
    SumOver,
    Symbol,
    number,
    numeric,
    times,
    total,
)

OUTPUT_CHANNEL, CHANNEL, OTHER_OUTPUT, OTHER_CHANNEL = Symbol("o"), Symbol("c"), Symbol("a"), Symbol("g")


@dataclass(frozen=True)
class Notation:
    """How a convolution is written in index notation.

    ``general``: with letters for its sizes, else with their numbers. Without ``bounds`` the sums run over all places.
    """

    given: Convolution
    general: bool = True
    bounds: bool = True

    # letters and sizes

    @property
    def _flat(self) -> bool:
        return len(self.given.axes) == 1

    @property
    def places(self) -> tuple[Symbol, ...]:
        """The indices of an output along the axes."""
        return (Symbol("i"),) if self._flat else (Symbol("i"), Symbol("j"))

    @property
    def taps(self) -> tuple[Symbol, ...]:
        """The indices of a weight that are summed over."""
        return (Symbol("k"),) if self._flat else (Symbol("k"), Symbol("l"))

    @property
    def fixed_taps(self) -> tuple[Symbol, ...]:
        """The indices of the weight by which is differentiated."""
        return (Symbol("l"),) if self._flat else (Symbol("u"), Symbol("v"))

    @property
    def fixed_inputs(self) -> tuple[Symbol, ...]:
        """The indices of the input by which is differentiated."""
        return (Symbol("j"),) if self._flat else (Symbol("u"), Symbol("v"))

    def size(self, letter: str, axis: int, value: int) -> Node:
        """A length as its letter, ``K`` or ``K_1``, or as its number."""
        if not self.general:
            return number(value)
        return Symbol(letter) if self._flat else Symbol(letter, str(axis + 1))

    def amount(self, letter: str, axis: int, numbers: tuple[int, ...]) -> Node:
        """Stride, dilation or padding along an axis: its letter, one for all axes where it is the same for all."""
        if not self.general:
            return number(numbers[axis])
        return Symbol(letter) if len(set(numbers)) == 1 else Symbol(letter, str(axis + 1))

    def channels(self, letter: Symbol) -> Node:
        """How many channels there are on the side that the letter counts."""
        size = self.given.outputs if letter == OUTPUT_CHANNEL else self.given.channels
        assert size is not None
        return Symbol("O" if letter == OUTPUT_CHANNEL else "C") if self.general else number(size)

    # parts of the formulas

    def position(self, axis: int, place: Node, tap: Node) -> Node:
        """``s i + d k - p``, without the parts that change nothing."""
        axes = self.given.axes
        strides, dilations = tuple(a.stride for a in axes), tuple(a.dilation for a in axes)
        padding = tuple(a.before for a in axes)
        if self.given.flip:
            tap = total([*terms_of(_last(self.size("K", axis, axes[axis].kernel))), Negative(tap)])
        moved = place if set(strides) == {1} else times([self.amount("s", axis, strides), place])
        spread = tap if set(dilations) == {1} else times([self.amount("d", axis, dilations), tap])
        terms = [moved, *terms_of(spread)]
        return total([*terms, Negative(self.amount("p", axis, padding))] if any(padding) else terms)

    def x(self, channel: Node | None, positions: tuple[Node, ...]) -> Node:
        """A member of the input."""
        return Indexed(X, (*_some(channel), *positions))

    def w(self, output: Node | None, channel: Node | None, taps: tuple[Node, ...]) -> Indexed:
        """A member of the kernel."""
        return Indexed(W, (*_some(output), *_some(channel), *taps))

    def bias(self, output: Node | None) -> Node:
        """The bias of an output channel, by its name where the channel is a number."""
        if output is None:
            return B
        known = whole(output)
        return Indexed(B, (output,)) if known is None else member(B, (known,))

    def delta(self, output: Node | None, places: tuple[Node, ...]) -> Node:
        """The upstream gradient of an output."""
        return Indexed(DELTA, (*_some(output), *places))

    def y(self, output: Node | None, places: tuple[Node, ...]) -> Indexed:
        """A member of the output."""
        return Indexed(Y, (*_some(output), *places))

    @property
    def output_channel(self) -> Symbol | None:
        """The letter that counts the output channels."""
        return None if self.given.outputs is None else OUTPUT_CHANNEL

    @property
    def channel(self) -> Symbol | None:
        """The letter that counts the input channels."""
        return None if self.given.channels is None else CHANNEL

    def _over(self, body: Node, letter: Symbol, size: Node) -> Node:
        return SumOver(body, letter, ZERO, _last(size)) if self.bounds else SumOver(body, letter)

    def over_taps(self, body: Node) -> Node:
        """The sum over all weights of a window."""
        for axis, letter in reversed(list(enumerate(self.taps))):
            body = self._over(body, letter, self.size("K", axis, self.given.axes[axis].kernel))
        return body

    def over_channels(self, body: Node, letter: Symbol | None) -> Node:
        """The sum over channels, where there are any."""
        return body if letter is None else self._over(body, letter, self.channels(letter))

    def over_places(self, body: Node) -> Node:
        """The sum over all places of the output."""
        for axis, letter in reversed(list(enumerate(self.places))):
            body = self._over(body, letter, self.size("m", axis, self.given.axes[axis].out))
        return body

    # formulas

    def output(self, output: Node | None, places: tuple[Node, ...]) -> Node:
        """An output: the bias and the sum of the window's inputs, each times its weight."""
        window = Product((self.w(output, self.channel, self.taps),
                          self.x(self.channel, self._window(places, self.taps))))
        summed = self.over_channels(self.over_taps(window), self.channel)
        return total([summed, self.bias(output)] if self.given.has_bias else [summed])

    def _window(self, places: tuple[Node, ...], taps: tuple[Node, ...]) -> tuple[Node, ...]:
        return tuple(self.position(axis, i, k) for axis, (i, k) in enumerate(zip(places, taps, strict=True)))

    def weighted_outputs(self) -> Node:
        """The sum of all outputs, each times its upstream gradient."""
        term = Product((self.delta(self.output_channel, self.places), self.output(self.output_channel, self.places)))
        return self.over_channels(self.over_places(term), self.output_channel)

    def by_weight(self, output: Node | None, channel: Node | None, taps: tuple[Node, ...]) -> Node:
        """The gradient by a weight: the cross-correlation of the input with the upstream gradient."""
        return self.over_places(Product((self.delta(output, self.places),
                                         self.x(channel, self._window(self.places, taps)))))

    def by_bias(self, output: Node | None) -> Node:
        """The gradient by a bias."""
        return self.over_places(self.delta(output, self.places))

    def by_input(self, channel: Node | None, inputs: tuple[Node, ...]) -> Node:
        """The gradient by an input: every weight that met it, times the upstream gradient there."""
        met = [Call("indicator", (Relation((position, j), ("=",)),))
               for position, j in zip(self._window(self.places, self.taps), inputs, strict=True)]
        inner = self.over_taps(Product((self.w(self.output_channel, channel, self.taps), *met)))
        body = Product((self.delta(self.output_channel, self.places), inner))
        return self.over_channels(self.over_places(body), self.output_channel)


def _some(index: Node | None) -> tuple[Node, ...]:
    return () if index is None else (index,)


def _last(size: Node) -> Node:
    """``K - 1``, worked out for a number."""
    value = numeric(size)
    return number(value - 1) if value is not None else total([size, Negative(ONE)])


# --- deriving ---------------------------------------------------------------------------------------

_TABLE: Table = (*DIFFERENTIATION, *CALCULUS)
_WORKED_OUT: Table = (*algebra.PRODUCTS, *algebra.SUMS, *EMPTY)


@dataclass(frozen=True)
class Derived:
    """The gradient by one family, in index notation: the local derivative, then the chain rule over the outputs."""

    of: str
    local: Chain
    whole: Chain


def gradients(given: Convolution) -> list[Derived]:
    """The gradients by a weight, by a bias and by an input, for any sizes; the sums run over all places."""
    letters = Notation(given, bounds=False)
    loss = Definition(LOSS, (), letters.weighted_outputs())
    other = None if given.outputs is None else OTHER_OUTPUT
    channel = None if given.channels is None else OTHER_CHANNEL
    weight, bias = letters.w(other, channel, letters.fixed_taps), letters.bias(other)
    made = [_derived("weights", letters, weight, other, loss)]
    if given.has_bias:
        made.append(_derived("bias", letters, bias, other, loss))
    inputs = letters.x(channel, letters.fixed_inputs)
    return [*made, _derived("inputs", letters, inputs, letters.output_channel, loss)]


def _derived(of: str, letters: Notation, variable: Node, output: Node | None, loss: Definition) -> Derived:
    """By one variable, which the outputs of the channel ``output`` depend on."""
    assert isinstance(variable, Symbol | Indexed)
    body = Derivative(letters.output(output, letters.places), variable, 1, True)
    steps = run(body, [lambda n: once(n, _TABLE), lambda n: phase(n, _WORKED_OUT)])
    local = end_of(body, steps)
    factors = [letters.delta(output, letters.places), *([] if local == ONE else [local])]
    after = letters.over_places(times(factors))
    if output == OUTPUT_CHANNEL:
        after = letters.over_channels(after, OUTPUT_CHANNEL)
    start = Derivative(LOSS, variable, 1, True)
    step = Step(start, after, "chain rule", _CHAIN_RULE, level=Level.CALCULUS)
    return Derived(of, Chain(tuple(steps), Derivative(letters.y(output, letters.places), variable, 1, True)),
                   Chain((step,), where=(loss,)))


_CHAIN_RULE = "Each output passes its upstream gradient on, times its local derivative."
