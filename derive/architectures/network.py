"""A network read from a definition: layers with names, the order in which they are applied, the shape at each place.

:func:`network` takes the values of a problem file and refuses, naming the layer, what cannot be used: an unknown type
or activation, an option that does not fit, a shape that does not fit into a layer with where it comes from. A layer may
be applied more than once (its weights are shared) or not at all (then it must say what it takes: ``inputs``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from derive.architectures.counts import Count, value_of
from derive.architectures.options import near, size
from derive.architectures.table import SPELLINGS, TYPES, Layer, Shape
from derive.errors import DeriveError
from derive.tree import Node, Symbol, Vector, free_symbols, number, total, whole
from derive.write.text import text

LAYERS_MOST = 200  # a table of more rows is no homework
AXES_MOST = 3


@dataclass(frozen=True)
class Declared:
    """A layer of the definition: its name, its type with options, the shape it takes when that is said."""

    name: str
    layer: Layer
    inputs: Shape | None = None
    named: bool = False


@dataclass(frozen=True)
class Place:
    """A layer where it is applied: the shapes before and after it, and whether it was applied before."""

    declared: Declared
    shape: Shape
    output: tuple[Count, ...]
    again: bool = False

    @property
    def layer(self) -> Layer:
        """The layer itself."""
        return self.declared.layer

    @property
    def name(self) -> str:
        """Its name."""
        return self.declared.name

    @cached_property
    def outputs(self) -> Shape:
        """The shape after it."""
        return tuple(c.value for c in self.output)

    @cached_property
    def trained(self) -> Count | None:
        """Its trained numbers."""
        return self.layer.trained(self.shape)

    @cached_property
    def untrained(self) -> Count | None:
        """Its numbers that are not trained."""
        return self.layer.untrained(self.shape)

    @cached_property
    def work(self) -> Count | None:
        """Its multiply-adds."""
        return self.layer.work(self.shape, self.outputs)

    def parameters(self) -> Node:
        """All its numbers."""
        return value_of(total([c.value for c in (self.trained, self.untrained) if c is not None]))


@dataclass(frozen=True)
class Network:
    """Places in the order of application, and the layers that are declared and never applied, each at its own input.

    ``mark`` is the accent on the letters of its counts, where there is more than one network.
    """

    name: str
    shape: Shape
    places: tuple[Place, ...]
    unused: tuple[Place, ...] = ()
    mark: str = ""

    @property
    def once(self) -> tuple[Place, ...]:
        """Each applied layer at its first place: shared weights count once."""
        return tuple(p for p in self.places if not p.again)

    @property
    def plain(self) -> bool:
        """Whether every layer is applied exactly once."""
        return not self.unused and len(self.once) == len(self.places)

    @cached_property
    def letters(self) -> tuple[Symbol, ...]:
        """The letters that stand for sizes, in the order in which they occur."""
        found: dict[Symbol, None] = {}
        for node in self._sizes():
            found.update(dict.fromkeys(sorted(free_symbols(node), key=lambda s: s.plain)))
        return tuple(found)

    def _sizes(self) -> Iterator[Node]:
        yield from self.shape
        for place in (*self.places, *self.unused):
            yield from (value for value in place.layer.values.values() if isinstance(value, Node))
            yield from (*place.shape, *place.outputs)

    @property
    def outputs(self) -> Shape:
        """The shape of the network's output."""
        return self.places[-1].outputs


def shape_text(shape: Sequence[Node]) -> str:
    """``(28, 28, 1)``."""
    inside = ", ".join(map(text, shape))
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def shape_node(shape: Sequence[Node]) -> Node:
    """A shape as a formula."""
    return shape[0] if len(shape) == 1 else Vector(tuple(shape))


def network(name: str, shape: Any, layers: Any, forward: Any = None, names: Sequence[str] = ()) -> Network:
    """The network of a definition; ``names`` are used for layers without one. DeriveError names what does not fit."""
    start = input_shape(shape)
    declared = _declared(layers, names)
    order = _order(declared, forward)
    places: list[Place] = []
    first: dict[str, Place] = {}
    current, source = start, "the network's input"
    for one in order:
        place = _placed(one, current, source, first.get(one.name))
        first.setdefault(one.name, place)
        places.append(place)
        current, source = place.outputs, f"the layer {one.name}"
    unused = tuple(_apart(one) for one in declared if one.name not in first)
    return Network(name, start, tuple(places), unused)


def input_shape(value: Any) -> Shape:
    """The shape of one input, without the batch. DeriveError where it is none."""
    items = value if isinstance(value, list) else [value]
    if not 1 <= len(items) <= AXES_MOST:
        raise DeriveError(f"the input has {len(items)} axes: expected 1 to {AXES_MOST}, without the batch",
                          "such as 784, [28, 28, 1] or ['d']")
    try:
        return tuple(size(item) for item in items)
    except DeriveError as error:
        raise DeriveError(f"input: {error.message}", error.hint) from error


# --- layers -----------------------------------------------------------------------------------------


def _declared(layers: Any, names: Sequence[str]) -> list[Declared]:
    if not isinstance(layers, list) or not layers or not all(isinstance(one, Mapping) for one in layers):
        raise DeriveError("layers: expected a list of tables", 'layers = [{type = "Dense", units = 64}, …]')
    if len(layers) > LAYERS_MOST:
        raise DeriveError(f"{len(layers)} layers are too many: at most {LAYERS_MOST}")
    found: list[Declared] = []
    taken: dict[str, int] = {}
    for i, one in enumerate(layers, 1):
        kind = _type(one.get("type"), i)
        default = names[i - 1] if len(names) == len(layers) else _numbered(kind, taken)
        found.append(_layer(one, kind, default, i))
    seen = [one.name for one in found]
    if repeated := next((n for n in seen if seen.count(n) > 1), None):
        raise DeriveError(f'two layers have the name "{repeated}"', "give each layer its own name")
    return found


def _type(value: Any, i: int) -> type[Layer]:
    if not isinstance(value, str):
        raise DeriveError(f'layer {i} has no type', f"types: {', '.join(t.type for t in TYPES)}")
    kind = SPELLINGS.get(value.strip().casefold())
    if kind is None:
        known = [t.type for t in TYPES]
        hint = near(value, known) or f"types: {', '.join(known)}"
        raise DeriveError(f'layer {i}: there is no layer type "{value}"', hint)
    return kind


def _numbered(kind: type[Layer], taken: dict[str, int]) -> str:
    """The name that Keras gives: ``dense``, ``dense_1``."""
    stem = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[DG])(?=[A-Z][a-z])", "_", kind.type).lower()
    k = taken.get(stem, 0)
    taken[stem] = k + 1
    return f"{stem}_{k}" if k else stem


_NAME = re.compile(r"[A-Za-z]\w*")


def _layer(table: Mapping[str, Any], kind: type[Layer], default: str, i: int) -> Declared:
    name = table.get("name", default)
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > 40:
        raise DeriveError(f"layer {i}: {name!r} is no name for a layer", "letters, digits and _, as in hidden_1")
    options = {k: v for k, v in table.items() if k not in ("type", "name", "inputs")}
    try:
        inputs = input_shape(table["inputs"]) if "inputs" in table else None
        return Declared(name, kind(options), inputs, "name" in table)
    except DeriveError as error:
        raise DeriveError(f"layer {i}, {name} ({kind.type}): {error.message}", error.hint) from error


def _order(declared: Sequence[Declared], forward: Any) -> list[Declared]:
    if forward is None:
        return list(declared)
    by_name = {one.name: one for one in declared}
    if not isinstance(forward, list) or not forward or not all(isinstance(n, str) for n in forward):
        raise DeriveError("forward: expected the names of layers in the order in which they are applied")
    if len(forward) > LAYERS_MOST:
        raise DeriveError(f"forward: {len(forward)} layers are too many: at most {LAYERS_MOST}")
    for n in forward:
        if n not in by_name:
            raise DeriveError(f'forward: there is no layer "{n}"', near(n, by_name) or f"layers: {', '.join(by_name)}")
    return [by_name[n] for n in forward]


# --- shapes -----------------------------------------------------------------------------------------


def _placed(one: Declared, shape: Shape, source: str, before: Place | None) -> Place:
    """The layer applied to a shape. DeriveError names the layer, both shapes and where each comes from."""
    if before is not None and before.shape != shape:
        taken, found = _both(before.shape, shape)
        raise DeriveError(
            f"the layer {one.name} takes {taken}, as where it is first applied, but {source} gives {found}",
            "a layer that is applied again needs an input of the same shape")
    if one.inputs is not None and one.inputs != shape:
        taken, found = _both(one.inputs, shape)
        raise DeriveError(f"the layer {one.name} takes {taken}, as its definition says, but {source} gives {found}",
                          f"change inputs of {one.name}, or the layer before it")
    return Place(one, shape, _output(one, shape, source), before is not None)


def _both(wanted: Shape, found: Shape) -> tuple[str, str]:
    return f"inputs of shape {shape_text(wanted)}", shape_text(found)


def _output(one: Declared, shape: Shape, source: str) -> tuple[Count, ...]:
    try:
        one.layer.check_rank(shape)
        output = one.layer.output(shape)
    except DeriveError as error:
        raise DeriveError(f"the layer {one.name} does not fit: {error.message}; {source} gives {shape_text(shape)}",
                          error.hint) from error
    for made in output:
        amount = whole(made.value)
        if amount is not None and amount < 1:
            raise DeriveError(f"the layer {one.name} would have an output of {amount} places")
    return output


def _apart(one: Declared) -> Place:
    """A layer that is never applied, at the input that its definition names."""
    if one.inputs is None and (one.layer.trained((number(1),)) if 1 in one.layer.ranks else True):
        raise DeriveError(f"the layer {one.name} is never applied, so the shape of its input is not known",
                          f"say it: inputs = 64 in {one.name}, or add {one.name} to forward")
    shape = one.inputs or (number(1),)
    return Place(one, shape, _output(one, shape, "its definition"))
