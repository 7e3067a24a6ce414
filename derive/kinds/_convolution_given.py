r"""What a convolution is given: input, kernel, bias, stride, padding, dilation; checked and made into one value.

:func:`setup` reads ``[given]`` of kind ``convolution``. Everything is indexed from 0, as programs do; a position along
an axis is ``s i + d k - p``. Shapes: without channels the input has one or two axes and the kernel as many; with
channels the input is (channels, ...) and the kernel (outputs, channels, ...).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from derive.errors import DeriveError, LimitError
from derive.kinds._network_given import entry
from derive.limits import NETWORK_WEIGHTS
from derive.networks import many
from derive.read.fields import Spelled, type_name
from derive.rules.indices import member
from derive.tree import ZERO, Node, Symbol, free_symbols

Place = tuple[int, ...]
"""The indices of an entry, channels first."""

X, W, B, Y, DELTA, LOSS = Symbol("x"), Symbol("w"), Symbol("b"), Symbol("y"), Symbol("delta"), Symbol("L")
_LETTERS = frozenset("xwbyLnmKCOijkluvagspdTXD") | {"delta"}
"""Names that the derivation uses itself, whatever their labels."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One spatial axis: its lengths and how the kernel moves along it. ``before`` and ``after`` are zeros added."""

    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int
    flip: bool

    @property
    def span(self) -> int:
        """How many places the kernel covers, gaps included."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def out(self) -> int:
        """How many outputs there are (Dumoulin and Visin, A guide to convolution arithmetic, 2016)."""
        return (self.size + self.before + self.after - self.span) // self.stride + 1

    def offset(self, k: int) -> int:
        """How far behind the first place of a window the k-th weight looks."""
        return self.dilation * (self.kernel - 1 - k if self.flip else k)

    def position(self, i: int, k: int) -> int:
        """The input that weight k meets in output i; outside 0 .. size-1 it is padding."""
        return self.stride * i + self.offset(k) - self.before

    def output(self, j: int, k: int) -> int | None:
        """The output in which weight k meets input j, or None where it never does."""
        i, rest = divmod(j + self.before - self.offset(k), self.stride)
        return i if rest == 0 and 0 <= i < self.out else None


@dataclass(frozen=True)
class Convolution:
    """A convolution with its numbers.

    ``channels`` and ``outputs`` are None where the arrays have no such axes. ``values`` has a number or a letter for
    each entry that was given; ``upstream`` says whether the gradient by the outputs was given, ``loss`` is a formula in
    the outputs instead.
    """

    axes: tuple[Axis, ...]
    channels: int | None
    outputs: int | None
    has_bias: bool
    flip: bool
    values: Mapping[Symbol, Node] = field(default_factory=dict)
    upstream: bool = False
    loss: Node | None = None

    # shapes, as ranges of indices

    @property
    def input_places(self) -> list[Place]:
        """The indices of all inputs, row by row."""
        return _places(self.channels, [a.size for a in self.axes])

    @property
    def kernel_places(self) -> list[Place]:
        """The indices of all weights."""
        sizes = [a.kernel for a in self.axes]
        return _places(self.outputs, [*([] if self.channels is None else [self.channels]), *sizes])

    @property
    def output_places(self) -> list[Place]:
        """The indices of all outputs."""
        return _places(self.outputs, [a.out for a in self.axes])

    @property
    def biases(self) -> list[Symbol]:
        """The names of the biases: one, or one for each output channel."""
        if not self.has_bias:
            return []
        return [B] if self.outputs is None else [member(B, (o,)) for o in range(self.outputs)]

    # what stands where

    def x(self, place: Place) -> Node:
        """The name of an input, zero in the padding."""
        spatial = place if self.channels is None else place[1:]
        inside = all(0 <= j < axis.size for j, axis in zip(spatial, self.axes, strict=True))
        return member(X, place) if inside else ZERO

    @property
    def padding(self) -> Iterator[Symbol]:
        """The names of the places in the padding that a window reaches."""
        reached = {
            (*channel, *(a.position(i, k) for a, i, k in zip(self.axes, out, kernel, strict=True)))
            for out in product(*(range(a.out) for a in self.axes))
            for kernel in product(*(range(a.kernel) for a in self.axes))
            for channel in ([()] if self.channels is None else [(c,) for c in range(self.channels)])
        }
        return (member(X, place) for place in sorted(reached) if self.x(place) == ZERO)


def _places(first: int | None, sizes: Sequence[int]) -> list[Place]:
    return list(product(*(range(n) for n in ([] if first is None else [first]) + list(sizes))))


# --- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Array:
    """An array of a problem file: its shape and its entries by their indices; without entries, letters."""

    shape: Place
    entries: Mapping[Place, Node]


def setup(given: Mapping[str, Any]) -> Convolution:
    """The convolution. DeriveError, naming the key and both shapes, for what is missing or does not fit."""
    image = _array(given, "input", "the input has one or two axes, and one more in front for channels")
    kernel = _array(given, "kernel", "the kernel has as many axes as the input")
    dimension, channels, outputs = _kinds(image.shape, kernel.shape)
    axes = _axes(given, image.shape[-dimension:], kernel.shape[-dimension:])
    made = Convolution(axes, channels, outputs, given["bias"] is not None, given["flip"])
    _small(made)
    values = {member(X, p): v for p, v in image.entries.items()} | {member(W, p): v for p, v in kernel.entries.items()}
    values |= _biases(given["bias"], made) | _upstream(given, made)
    _no_clash(values)
    _of_outputs(given["loss"], made)
    return Convolution(axes, channels, outputs, made.has_bias, given["flip"], values,
                       given["upstream"] is not None, given["loss"])


def _array(given: Mapping[str, Any], key: str, about: str) -> Array:
    """An array by its entries, or by its size alone. DeriveError where both or neither are given."""
    size = given[f"{key}_size"]
    if (given[key] is None) == (size is None):
        raise DeriveError(f"{key}: give either its entries or its size ({key}_size)", about)
    if size is None:
        return array(given[key], key)
    sizes = tuple(size) if isinstance(size, list | tuple) else (size,)
    if not sizes or not all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in sizes):
        raise DeriveError(f"{key}_size: expected whole numbers above zero", f"{key}_size = [3, 3]")
    return Array(sizes, {})


def array(value: Any, key: str) -> Array:
    """Nested lists of numbers or letters. DeriveError, with the place, where rows are of unequal length."""
    entries: dict[Place, Node] = {}
    shape = _shape(value)

    def read(part: Any, place: Place) -> None:
        if len(place) == len(shape):
            if isinstance(part, list | tuple):
                raise DeriveError(f"{key}: a list stands at {_spoken(place)} where the others have a number")
            entries[place] = entry(part, f"{key} at {_spoken(place)}")
            return
        if not isinstance(part, list | tuple):
            raise DeriveError(f"{key}: {type_name(part)} stands at {_spoken(place)} where the others have a row")
        if len(part) != shape[len(place)]:
            raise DeriveError(f"{key}: row {_spoken(place)} has {len(part)} entries, the first one "
                              f"{shape[len(place)]}", "all rows are equally long")
        for i, inner in enumerate(part):
            read(inner, (*place, i))

    if not shape or 0 in shape:
        raise DeriveError(f"{key}: expected a list of numbers or letters, or a list of rows, found {type_name(value)}"
                          if not shape else f"{key}: an empty list", f"{key} = [1, 0, 2]")
    read(value, ())
    return Array(shape, entries)


def _shape(value: Any) -> Place:
    if not isinstance(value, list | tuple):
        return ()
    return (len(value), *(_shape(value[0]) if value else ()))


def _spoken(place: Place) -> str:
    return f"({', '.join(map(str, place))})" if len(place) != 1 else str(place[0])


def spoken_shape(shape: Sequence[int]) -> str:
    """A shape for a person: ``3 x 4``."""
    return " x ".join(map(str, shape))


def _kinds(image: Place, kernel: Place) -> tuple[int, int | None, int | None]:
    """Spatial axes, channels and output channels. DeriveError, with both shapes, where they do not fit."""
    if len(image) == len(kernel) and len(image) in (1, 2):
        return len(image), None, None
    if len(image) in (2, 3) and len(kernel) == len(image) + 1:
        if kernel[1] != image[0]:
            raise DeriveError(f"the input has {image[0]} channels (its shape is {spoken_shape(image)}), the kernel is "
                              f"made for {kernel[1]} (its shape is {spoken_shape(kernel)})",
                              "the kernel's second axis is the input's first")
        return len(image) - 1, image[0], kernel[0]
    raise DeriveError(f"an input of shape {spoken_shape(image)} and a kernel of shape {spoken_shape(kernel)} do not "
                      "fit together", "without channels both have one or two axes; with channels the input is "
                      "(channels, ...) and the kernel (outputs, channels, ...)")


def _axes(given: Mapping[str, Any], sizes: Place, kernels: Place) -> tuple[Axis, ...]:
    strides = _each(given["stride"], "stride", len(sizes), 1)
    dilations = _each(given["dilation"], "dilation", len(sizes), 1)
    paddings = _paddings(given["padding"], sizes, kernels, strides, dilations)
    axes = tuple(Axis(n, k, s, d, *p, given["flip"])
                 for n, k, s, d, p in zip(sizes, kernels, strides, dilations, paddings, strict=True))
    for number, axis in enumerate(axes, 1):
        padded = axis.size + axis.before + axis.after
        if axis.span > padded:
            along = f" along axis {number}" if len(axes) > 1 else ""
            gaps = f" (with its gaps {axis.span} long)" if axis.dilation > 1 else ""
            room = f"{axis.size} + {axis.before} + {axis.after} = {padded}{along}"
            raise DeriveError(f"the kernel of length {axis.kernel}{gaps} is longer than the padded input, {room}",
                              "pad more, or take a smaller kernel")
    return axes


def _each(value: Any, key: str, count: int, least: int) -> list[int]:
    """A whole number for each axis. DeriveError for others."""
    listed = list(value) if isinstance(value, list | tuple) else [value] * count
    if len(listed) != count:
        raise DeriveError(f"{key}: {many(len(listed), 'number')} for {count} {'axis' if count == 1 else 'axes'}",
                          "give one number, or one for each axis")
    for item in listed:
        if not isinstance(item, int) or isinstance(item, bool) or item < least:
            shown = item if isinstance(item, int | Spelled) else type_name(item)
            raise DeriveError(f"{key}: expected a whole number, {least} or more, found {shown}")
    return listed


def _paddings(value: Any, sizes: Place, kernels: Place, strides: Sequence[int],
              dilations: Sequence[int]) -> list[tuple[int, int]]:
    """Zeros before and after each axis; ``same`` makes the output ceil(n/s) long, the odd one after (TensorFlow)."""
    match value:
        case "valid":
            return [(0, 0)] * len(sizes)
        case "same":
            totals = [max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
                      for n, k, s, d in zip(sizes, kernels, strides, dilations, strict=True)]
            return [(t // 2, t - t // 2) for t in totals]
        case str() if not isinstance(value, Spelled):
            raise DeriveError(f'padding: "{value}" is not known', 'a whole number, "same" or "valid"')
    return [(p, p) for p in _each(value, "padding", len(sizes), 0)]


def _small(made: Convolution) -> None:
    products = len(made.output_places) * len(made.kernel_places) // (made.outputs or 1)
    if products > NETWORK_WEIGHTS:
        raise LimitError(f"the convolution has {products} products, more than the {NETWORK_WEIGHTS} that are written "
                         "out", "take a smaller input; the formulas are the same")


def _biases(value: Any, made: Convolution) -> dict[Symbol, Node]:
    if value is None:
        return {}
    listed = list(value) if isinstance(value, list | tuple) else [value]
    if len(listed) != len(made.biases):
        raise DeriveError(f"bias: {many(len(listed), 'number')} for {many(len(made.biases), 'output channel')}",
                          "give one bias for each output channel")
    read = {name: entry(item, "bias") for name, item in zip(made.biases, listed, strict=True)}
    return {name: node for name, node in read.items() if node != name}


def _upstream(given: Mapping[str, Any], made: Convolution) -> dict[Symbol, Node]:
    if given["upstream"] is None:
        return {}
    if given["loss"] is not None:
        raise DeriveError("upstream and loss are both given", "the loss says what the upstream gradient is")
    found = array(given["upstream"], "upstream")
    wanted = (*([] if made.outputs is None else [made.outputs]), *(a.out for a in made.axes))
    if found.shape != wanted:
        raise DeriveError(f"upstream has the shape {spoken_shape(found.shape)}, the output {spoken_shape(wanted)}",
                          "there is one number for each output")
    return {member(DELTA, p): v for p, v in found.entries.items()}


def _no_clash(values: Mapping[Symbol, Node]) -> None:
    """DeriveError where a letter of an entry is one that the derivation uses for something else."""
    for name, node in values.items():
        for symbol in free_symbols(node):
            if symbol.name in _LETTERS and symbol != name:
                raise DeriveError(f"the letter {symbol.plain} in the entry {name.plain} has a meaning of its own here",
                                  "take another letter, such as c_1, f, h, q, r, t or z")


def _of_outputs(loss: Node | None, made: Convolution) -> None:
    """DeriveError for a loss that depends on no output, on one that is not there, or on inputs and weights directly."""
    if loss is None:
        return
    outputs = {member(Y, p) for p in made.output_places}
    used = free_symbols(loss)
    known = f"the outputs are {', '.join(member(Y, p).plain for p in made.output_places)}"
    if not used & outputs:
        raise DeriveError("the loss depends on no output", known)
    for symbol in sorted(used - outputs, key=lambda s: s.plain):
        if symbol.name in _LETTERS:
            raise DeriveError(f"the loss depends on {symbol.plain}, which is no output", known)
