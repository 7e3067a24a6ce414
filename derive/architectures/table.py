r"""The layer types: one class each, all that is known about it.

A class says how the layer is called and what options it takes, what shape it makes of a shape, how many trained and
untrained numbers it holds, how many multiplications it does, and its code in Keras, PyTorch and NumPy. Shapes are
without the batch axis, channels last: ``(H, W, C)`` for pictures, ``(L, C)`` for sequences, ``(n,)`` for vectors. A new
layer type is a class listed in :data:`TYPES`; nothing else has to know of it.

Counts follow the documentation of Keras 3 (``keras.layers``) and PyTorch 2 (``torch.nn``): a convolution over ``A``
places makes :math:`\lfloor (A + 2p - D(K - 1) - 1)/S \rfloor + 1` (Dumoulin and Visin, A guide to convolution
arithmetic for deep learning, 2016), with padding "same" :math:`\lceil A/S \rceil`.
"""

# ruff: noqa: D102 - what each method does is said once, in Layer
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from derive.architectures.activations import ACTIVATIONS
from derive.architectures.counts import Count, count, given, value_of
from derive.architectures.options import CONVERTERS, Option, near
from derive.architectures.python import call, lone, size_text, tuple_text
from derive.errors import DeriveError
from derive.tree import Node, number, times, whole
from derive.write.text import text

Shape = tuple[Node, ...]

CHANNELS_FIRST, CHANNELS_LAST, ANY_LAYOUT = "first", "last", ""


@dataclass(frozen=True, slots=True)
class Torch:
    """PyTorch's side of a layer: the module that is constructed, or none, and what is done in ``forward``.

    ``call`` has ``{m}`` for the module and ``{x}`` for its input; ``{dim}`` is the axis of the channels.
    ``layout`` is where the layer wants the channels of inputs with places.
    """

    module: str = ""
    call: str = "{m}({x})"
    layout: str = ANY_LAYOUT


@dataclass(frozen=True, slots=True)
class NumPy:
    """NumPy's side: arrays as (letter, how it is made) in Keras's order, and the expression in ``{x}`` and these."""

    arrays: tuple[tuple[str, str], ...] = ()
    expression: str = "{x}"
    helpers: tuple[str, ...] = ()


class Layer:
    """A layer with its options converted. DeriveError for an option it has not, or a value that does not fit."""

    type: ClassVar[str]
    spellings: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[tuple[Option, ...]] = ()
    ranks: ClassVar[tuple[int, ...]] = (1, 2, 3)
    ranks_words: ClassVar[str] = ""

    def __init__(self, given_options: Mapping[str, Any]) -> None:
        keys = {spelling: o for o in self.options for spelling in (o.key, *o.spellings)}
        self.values: dict[str, Any] = {o.key: o.default for o in self.options}
        for key, value in given_options.items():
            if key not in keys:
                known = ", ".join(o.key for o in self.options) or "none"
                raise DeriveError(f'{self.type} has no option "{key}"', near(key, keys) or f"its options: {known}")
            option = keys[key]
            try:
                self.values[option.key] = CONVERTERS[option.type](value)
            except DeriveError as error:
                raise DeriveError(f"{key}: {error.message}", error.hint) from error
        for option in self.options:
            if option.required and self.values[option.key] is None:
                hint = f"such as {option.key} = {_EXAMPLES[option.type]}"
                raise DeriveError(f'{self.type} needs "{option.key}"', hint)

    @property
    def activation(self) -> str:
        """The activation built into the layer; ``linear`` for none."""
        return str(self.values.get("activation") or "linear")

    # --- what the layer does to a shape ----------------------------------------------------------------

    def output(self, shape: Shape) -> tuple[Count, ...]:
        """The size of each axis of the output. DeriveError where the shape does not fit."""
        return tuple(map(given, shape))

    def trained(self, shape: Shape) -> Count | None:
        """How many numbers training changes."""
        return None

    def untrained(self, shape: Shape) -> Count | None:
        """How many numbers the layer holds that training does not change by gradients."""
        return None

    def work(self, shape: Shape, outputs: Shape) -> Count | None:
        """How many multiply-adds one input takes; only products with weights are counted."""
        return None

    def check_rank(self, shape: Shape) -> None:
        """DeriveError for an input with the wrong number of axes."""
        if len(shape) not in self.ranks:
            earlier = "put it before the layers that flatten or pool everything, or change the network's input"
            hint = "add Flatten or a global pooling layer before it" if self.ranks == (1,) else earlier
            raise DeriveError(f"{self.type} takes {self.ranks_words}", hint)

    # --- its code --------------------------------------------------------------------------------------

    def keras(self, shape: Shape) -> tuple[str, ...]:
        """Keras expressions that make the layer."""
        raise NotImplementedError

    def torch(self, shape: Shape) -> Torch:
        """PyTorch's module and call. DeriveError where PyTorch has no such layer."""
        raise NotImplementedError

    def numpy(self, shape: Shape) -> NumPy:
        """NumPy's arrays and expression."""
        raise NotImplementedError


_EXAMPLES = {"size": "64", "sizes": "3", "rate": "0.5", "activation": '"relu"'}
_ACTIVATION = Option("activation", "activation")
_BIAS = Option("bias", "flag", True, spellings=("use_bias",))


def _keras_activation(layer: Layer) -> str | None:
    return None if layer.activation == "linear" else ACTIVATIONS[layer.activation].keras


def _product(nodes: Sequence[Node]) -> Node:
    return value_of(times(list(nodes)))


# --- dense ------------------------------------------------------------------------------------------


class Dense(Layer):
    """Every output from every input: ``W x + b``, on the last axis."""

    type = "Dense"
    spellings = ("Linear", "Fully connected")
    options = (Option("units", "size", required=True, spellings=("out_features",)), _ACTIVATION, _BIAS)

    def output(self, shape: Shape) -> tuple[Count, ...]:
        return (*map(given, shape[:-1]), given(self.values["units"]))

    def trained(self, shape: Shape) -> Count:
        bias = " + n_{out}" if self.values["bias"] else ""
        return count("a weight for each pair" + ", a bias for each output" * bool(bias), "n_{in} n_{out}" + bias,
                     n_in=shape[-1], n_out=self.values["units"])

    def work(self, shape: Shape, outputs: Shape) -> Count:
        if len(shape) == 1:
            return count("one for each weight", "n_{in} n_{out}", n_in=shape[-1], n_out=outputs[-1])
        return count("one for each weight and place", "A n_{in} n_{out}", A=_product(shape[:-1]), n_in=shape[-1],
                     n_out=outputs[-1])

    def keras(self, shape: Shape) -> tuple[str, ...]:
        bias = None if self.values["bias"] else "False"
        return (call("layers.Dense", size_text(self.values["units"]), activation=_keras_activation(self),
                     use_bias=bias),)

    def torch(self, shape: Shape) -> Torch:
        bias = None if self.values["bias"] else "False"
        sizes = size_text(shape[-1]), size_text(self.values["units"])
        return Torch(call("nn.Linear", *sizes, bias=bias), layout=CHANNELS_LAST)

    def numpy(self, shape: Shape) -> NumPy:
        n_in, n_out = size_text(shape[-1]), size_text(self.values["units"])
        weight = ("W", f"weights({n_in}, {n_out}, fan_in={n_in})")
        if not self.values["bias"]:
            return NumPy((weight,), "{x} @ {W}", ("weights",))
        return NumPy((weight, ("b", f"np.zeros({n_out})")), "{x} @ {W} + {b}", ("weights",))


# --- convolution and pooling ------------------------------------------------------------------------

_AXES = {1: ("L",), 2: ("H", "W")}
_PLACES = {1: "sequences, (L, C)", 2: "pictures, (H, W, C)"}


@dataclass(frozen=True, slots=True)
class Window:
    """How a window moves along one axis: its size, stride, dilation, and the zeros put before and after."""

    kernel: int
    stride: int
    dilation: int
    padding: str | int

    @property
    def reach(self) -> int:
        """How many places the window covers from its first to its last."""
        return self.dilation * (self.kernel - 1) + 1

    def pads(self, size: Node) -> tuple[int, int]:
        """The zeros before and after. DeriveError where they depend on a letter."""
        if isinstance(self.padding, int):
            return self.padding, self.padding
        if self.padding == "valid":
            return 0, 0
        if self.stride == 1:
            total = self.reach - 1
        elif (amount := whole(size)) is not None:
            total = max((-(-amount // self.stride) - 1) * self.stride + self.reach - amount, 0)
        else:
            raise DeriveError(f'with padding "same" and a stride the zeros depend on {text(size)}')
        return total // 2, total - total // 2

    def extent(self, axis: str, size: Node, index: str) -> Count:
        """How many places the output has along an axis; ``index`` marks letters that differ from axis to axis."""
        letters = {axis: size, f"K{index}": number(self.kernel), f"S{index}": number(self.stride),
                   f"D{index}": number(self.dilation)}
        kernel, stride, dilation = (f"{c}_{{{index[1:]}}}" if index else c for c in "KSD")
        if self.padding == "same":
            if self.stride == 1:
                return Count(size, law='padding "same" keeps the size')
            return count('padding "same"', rf"\lceil\frac{{{axis}}}{{{stride}}}\rceil", **letters)
        room, law = axis, "places of the window"
        if isinstance(self.padding, int):
            room, law = f"{axis} + 2 P", "places of the window with zeros around"
            letters["P"] = number(self.padding)
        span = f"({kernel} - 1) {dilation}"
        if self.stride == 1:
            return count(law, f"{room} - {kernel} + 1" if self.dilation == 1 else f"{room} - {span}", **letters)
        free = f"{room} - {kernel}" if self.dilation == 1 else f"{room} - {span} - 1"
        return count(law, rf"\lfloor\frac{{{free}}}{{{stride}}}\rfloor + 1", **letters)


class _Moving(Layer):
    """What convolutions and pooling have in common: a window that moves along ``axes`` axes."""

    axes: ClassVar[int]
    window: ClassVar[str]

    def __init__(self, given_options: Mapping[str, Any]) -> None:
        super().__init__(given_options)
        kernel = self._each(self.window)
        strides = self._each("strides") if self.values["strides"] else self._default_strides(kernel)
        dilation = self._each("dilation") if "dilation" in self.values else (1,) * self.axes
        padding = self.values["padding"]
        if padding == "same" and max(strides) > 1 and max(dilation) > 1:
            raise DeriveError("strides and dilation cannot both be above 1 with padding \"same\"")
        self.windows = tuple(Window(k, s, d, padding) for k, s, d in zip(kernel, strides, dilation, strict=True))

    def _default_strides(self, kernel: tuple[int, ...]) -> tuple[int, ...]:
        return (1,) * self.axes

    def _each(self, key: str) -> tuple[int, ...]:
        """The value of an option for each axis."""
        found: tuple[int, ...] = self.values[key]
        if len(found) not in (1, self.axes):
            raise DeriveError(f"{key}: {self.type} has {self.axes} axes, but {len(found)} numbers are given")
        return found * self.axes if len(found) == 1 else found

    def _extents(self, shape: Shape) -> tuple[Count, ...]:
        same = len(set(self.windows)) == 1
        names = _AXES[self.axes]
        found = tuple(w.extent(a, n, "" if same else f"_{a}")
                      for w, a, n in zip(self.windows, names, shape, strict=False))
        for window, size, made in zip(self.windows, shape, found, strict=False):
            amount = whole(made.value)
            if amount is not None and amount < 1:
                raise DeriveError(f"its output would have {amount} places: a window over {window.reach} places does "
                                  f"not fit into {text(size)}", 'make the window smaller, or use padding = "same"')
        return found

    def _numbers(self, name: str) -> list[int]:
        return [getattr(w, name) for w in self.windows]

    def _option(self, name: str, default: object = 1) -> str | None:
        values = self._numbers(name)
        return None if set(values) == {default} else lone(values)

    def _pads(self, shape: Shape) -> list[tuple[int, int]]:
        return [w.pads(n) for w, n in zip(self.windows, shape, strict=False)]

    def _torch_padded(self, shape: Shape, fill: str = "") -> str:
        """``F.pad`` around ``{x}`` with the zeros of padding "same", the last axis first, as PyTorch wants it."""
        flat = [p for pair in reversed(self._pads(shape)) for p in pair]
        value = f", value={fill}" if fill else ""
        return f"F.pad({{x}}, {tuple_text(flat)}{value})" if any(flat) else "{x}"


class _Conv(_Moving):
    window = "kernel_size"
    options = (
        Option("filters", "size", required=True, spellings=("out_channels",)),
        Option("kernel_size", "sizes", required=True, spellings=("kernel",)),
        Option("strides", "sizes", spellings=("stride",)),
        Option("padding", "padding", "valid"),
        Option("dilation", "sizes", (1,), spellings=("dilation_rate",)),
        Option("groups", "size", number(1)),
        _ACTIVATION,
        _BIAS,
    )

    def __init__(self, given_options: Mapping[str, Any]) -> None:
        super().__init__(given_options)
        groups = whole(self.values["groups"])
        if groups is None:
            raise DeriveError("groups: expected a whole number")
        self.groups = groups

    def output(self, shape: Shape) -> tuple[Count, ...]:
        for channels, what in ((shape[-1], "input channels"), (self.values["filters"], "filters")):
            amount = whole(channels)
            if amount is not None and amount % self.groups:
                raise DeriveError(f"{amount} {what} cannot be divided into {self.groups} groups",
                                  "groups divides the number of input channels and that of filters")
        return (*self._extents(shape), given(self.values["filters"]))

    def _kernel(self) -> tuple[str, dict[str, int]]:
        """The number of places in the window as a formula, with its letters."""
        sizes = self._numbers("kernel")
        if len(set(sizes)) == 1:
            return ("K" if self.axes == 1 else "K^2"), {"K": sizes[0]}
        names = _AXES[self.axes]
        return " ".join(f"K_{a}" for a in names), {f"K_{a}": k for a, k in zip(names, sizes, strict=True)}

    def _weights(self, shape: Shape) -> tuple[str, dict[str, Node | int]]:
        kernel, letters = self._kernel()
        channels = "C_{in}" if self.groups == 1 else r"\frac{C_{in}}{G}"
        return f"{kernel} {channels} C_{{out}}", {
            **letters, "C_in": shape[-1], "C_out": self.values["filters"], "G": self.groups,
        }

    def trained(self, shape: Shape) -> Count:
        latex, letters = self._weights(shape)
        bias = " + C_{out}" if self.values["bias"] else ""
        return count("a kernel for each filter" + ", a bias for each filter" * bool(bias), latex + bias, **letters)

    def work(self, shape: Shape, outputs: Shape) -> Count:
        latex, letters = self._weights(shape)
        places = [f"{a}_{{out}}" for a in _AXES[self.axes]]
        sizes = {f"{a}_out": n for a, n in zip(_AXES[self.axes], outputs, strict=False)}
        return count("one for each weight and place", " ".join([*places, latex]), **{**letters, **sizes})

    def keras(self, shape: Shape) -> tuple[str, ...]:
        padding = self.values["padding"]
        made = call(
            f"layers.{self.type}", size_text(self.values["filters"]), lone(self._numbers("kernel")),
            strides=self._option("stride"), padding='"same"' if padding == "same" else None,
            dilation_rate=self._option("dilation"), groups=str(self.groups) if self.groups > 1 else None,
            activation=_keras_activation(self), use_bias=None if self.values["bias"] else "False",
        )
        return (f"layers.ZeroPadding{self.axes}D({padding})", made) if isinstance(padding, int) else (made,)

    def torch(self, shape: Shape) -> Torch:
        padding = self.values["padding"]
        simple = padding != "same" or set(self._numbers("stride")) == {1}
        said = {"same": '"same"', "valid": None}.get(str(padding), str(padding)) if simple else None
        module = call(
            f"nn.Conv{self.axes}d", size_text(shape[-1]), size_text(self.values["filters"]),
            lone(self._numbers("kernel")), stride=self._option("stride"), padding=said,
            dilation=self._option("dilation"), groups=str(self.groups) if self.groups > 1 else None,
            bias=None if self.values["bias"] else "False",
        )
        inner = "{x}" if simple else self._torch_padded(shape)
        return Torch(module, f"{{m}}({inner})", CHANNELS_FIRST)

    def numpy(self, shape: Shape) -> NumPy:
        c_in = size_text(shape[-1]) + (f" // {self.groups}" if self.groups > 1 else "")
        c_out, kernel = size_text(self.values["filters"]), ", ".join(map(str, self._numbers("kernel")))
        fan = " * ".join([*map(str, self._numbers("kernel")), c_in])
        arrays = [("W", f"weights({kernel}, {c_in}, {c_out}, fan_in={fan})")]
        options = [tuple_text(self._numbers("stride")), tuple_text(self._numbers("dilation")),
                   tuple_text(self._pads(shape))] + [str(self.groups)] * (self.groups > 1)
        expression = f"convolve({{x}}, {{W}}, {', '.join(options)})"
        if self.values["bias"]:
            arrays.append(("b", f"np.zeros({c_out})"))
            expression += " + {b}"
        return NumPy(tuple(arrays), expression, ("weights", "windows", "convolve"))


class Conv1D(_Conv):
    """A window that slides along a sequence."""

    type, axes, ranks, ranks_words = "Conv1D", 1, (2,), _PLACES[1]


class Conv2D(_Conv):
    """A window that slides over a picture."""

    type, axes, ranks, ranks_words = "Conv2D", 2, (3,), _PLACES[2]


class _Pooling(_Moving):
    window = "pool_size"
    options = (
        Option("pool_size", "sizes", (2,), spellings=("size", "kernel_size")),
        Option("strides", "sizes", spellings=("stride",)),
        Option("padding", "padding", "valid"),
    )
    reduce: ClassVar[tuple[str, str, str, str]]  # PyTorch's name, NumPy's function, its padding value, PyTorch's

    def __init__(self, given_options: Mapping[str, Any]) -> None:
        super().__init__(given_options)
        if isinstance(self.values["padding"], int):
            raise DeriveError('padding: pooling takes "same" or "valid"')

    def _default_strides(self, kernel: tuple[int, ...]) -> tuple[int, ...]:
        return kernel

    def output(self, shape: Shape) -> tuple[Count, ...]:
        return (*self._extents(shape), given(shape[-1]))

    def _stride(self) -> str | None:
        strides = self._numbers("stride")
        return None if strides == self._numbers("kernel") else lone(strides)

    def keras(self, shape: Shape) -> tuple[str, ...]:
        padding = '"same"' if self.values["padding"] == "same" else None
        return (call(f"layers.{self.type}", lone(self._numbers("kernel")), strides=self._stride(), padding=padding),)

    def torch(self, shape: Shape) -> Torch:
        name, _, _, fill = self.reduce
        inner = self._torch_padded(shape, fill)
        if not fill and inner != "{x}":
            raise DeriveError(f'PyTorch has no {self.type} with padding "same" that leaves the zeros out of the mean')
        module = call(f"nn.{name}Pool{self.axes}d", lone(self._numbers("kernel")), stride=self._stride())
        return Torch(module, f"{{m}}({inner})", CHANNELS_FIRST)

    def numpy(self, shape: Shape) -> NumPy:
        _, function, fill, _ = self.reduce
        options = (tuple_text(self._numbers("kernel")), tuple_text(self._numbers("stride")),
                   tuple_text(self._pads(shape)), function, fill)
        return NumPy((), f"pool({{x}}, {', '.join(options)})", ("windows", "pool"))


_MAXIMUM = ("Max", "np.max", "-np.inf", 'float("-inf")')
_MEAN = ("Avg", "np.nanmean", "np.nan", "")


class MaxPooling1D(_Pooling):
    """The largest value of each window."""

    type, spellings = "MaxPooling1D", ("MaxPool1D",)
    axes, ranks, ranks_words, reduce = 1, (2,), _PLACES[1], _MAXIMUM


class MaxPooling2D(_Pooling):
    """The largest value of each window."""

    type, spellings = "MaxPooling2D", ("MaxPool2D",)
    axes, ranks, ranks_words, reduce = 2, (3,), _PLACES[2], _MAXIMUM


class AveragePooling1D(_Pooling):
    """The mean of each window."""

    type, spellings = "AveragePooling1D", ("AvgPool1D",)
    axes, ranks, ranks_words, reduce = 1, (2,), _PLACES[1], _MEAN


class AveragePooling2D(_Pooling):
    """The mean of each window."""

    type, spellings = "AveragePooling2D", ("AvgPool2D",)
    axes, ranks, ranks_words, reduce = 2, (3,), _PLACES[2], _MEAN


class _Global(Layer):
    """One number for each channel, over all places."""

    axes: ClassVar[int]
    reduce: ClassVar[tuple[str, str]]  # PyTorch's and NumPy's method

    def output(self, shape: Shape) -> tuple[Count, ...]:
        return (given(shape[-1]),)

    def keras(self, shape: Shape) -> tuple[str, ...]:
        return (f"layers.{self.type}()",)

    def torch(self, shape: Shape) -> Torch:
        return Torch("", f"{{x}}.{self.reduce[0]}(dim={tuple_text(range(2, 2 + self.axes))})", CHANNELS_FIRST)

    def numpy(self, shape: Shape) -> NumPy:
        return NumPy((), f"{{x}}.{self.reduce[1]}(axis={tuple_text(range(1, 1 + self.axes))})")


class GlobalMaxPooling1D(_Global):
    """The largest value of each channel."""

    type, spellings = "GlobalMaxPooling1D", ("GlobalMaxPool1D",)
    axes, ranks, ranks_words, reduce = 1, (2,), _PLACES[1], ("amax", "max")


class GlobalMaxPooling2D(_Global):
    """The largest value of each channel."""

    type, spellings = "GlobalMaxPooling2D", ("GlobalMaxPool2D",)
    axes, ranks, ranks_words, reduce = 2, (3,), _PLACES[2], ("amax", "max")


class GlobalAveragePooling1D(_Global):
    """The mean of each channel."""

    type, spellings = "GlobalAveragePooling1D", ("GlobalAvgPool1D",)
    axes, ranks, ranks_words, reduce = 1, (2,), _PLACES[1], ("mean", "mean")


class GlobalAveragePooling2D(_Global):
    """The mean of each channel."""

    type, spellings = "GlobalAveragePooling2D", ("GlobalAvgPool2D",)
    axes, ranks, ranks_words, reduce = 2, (3,), _PLACES[2], ("mean", "mean")


# --- shapes and steps without weights ---------------------------------------------------------------


class Flatten(Layer):
    """All entries in one row."""

    type = "Flatten"

    def output(self, shape: Shape) -> tuple[Count, ...]:
        if len(shape) == 1:
            return (given(shape[0]),)
        names = (*_AXES[len(shape) - 1], "C")
        return (count("all entries in one row", " ".join(names), **dict(zip(names, shape, strict=True))),)

    def keras(self, shape: Shape) -> tuple[str, ...]:
        return ("layers.Flatten()",)

    def torch(self, shape: Shape) -> Torch:
        return Torch("", "{x}.flatten(1)")

    def numpy(self, shape: Shape) -> NumPy:
        return NumPy((), "{x}.reshape(len({x}), -1)")


class Dropout(Layer):
    """In training, entries are set to zero with a probability; afterwards nothing is changed."""

    type = "Dropout"
    options = (Option("rate", "rate", required=True, spellings=("p",)),)

    def keras(self, shape: Shape) -> tuple[str, ...]:
        return (f"layers.Dropout({self.values['rate']})",)

    def torch(self, shape: Shape) -> Torch:
        return Torch(f"nn.Dropout({self.values['rate']})")

    def numpy(self, shape: Shape) -> NumPy:
        return NumPy()


class Activate(Layer):
    """An activation as a layer of its own."""

    type = "Activation"
    options = (Option("activation", "activation", required=True, spellings=("function",)),)

    def keras(self, shape: Shape) -> tuple[str, ...]:
        return (f"layers.Activation({ACTIVATIONS[self.activation].keras})",)

    def torch(self, shape: Shape) -> Torch:
        return Torch("", "{x}")

    def numpy(self, shape: Shape) -> NumPy:
        return NumPy()


# --- normalisation and embedding --------------------------------------------------------------------


class _Normalisation(Layer):
    def trained(self, shape: Shape) -> Count:
        return count("a scale and a shift for each channel", "2 C", C=shape[-1])


class BatchNormalization(_Normalisation):
    """Each channel minus its mean, divided by its deviation, scaled and shifted; moving means are kept."""

    type, spellings = "BatchNormalization", ("BatchNorm", "BatchNorm1d", "BatchNorm2d")
    options = (Option("epsilon", "positive", "0.001"), Option("momentum", "rate", "0.99"))

    def untrained(self, shape: Shape) -> Count:
        return count("a moving mean and a moving variance for each channel", "2 C", C=shape[-1])

    def keras(self, shape: Shape) -> tuple[str, ...]:
        changed = {o.key: str(self.values[o.key]) for o in self.options if self.values[o.key] != o.default}
        return (call("layers.BatchNormalization", **changed),)

    def torch(self, shape: Shape) -> Torch:
        kept = f"{1 - float(self.values['momentum']):.6g}"
        axes = 2 if len(shape) == 3 else 1
        options = {"eps": str(self.values["epsilon"]), "momentum": kept}
        return Torch(call(f"nn.BatchNorm{axes}d", size_text(shape[-1]), **options), layout=CHANNELS_FIRST)

    def numpy(self, shape: Shape) -> NumPy:
        n = size_text(shape[-1])
        arrays = (("gamma", f"np.ones({n})"), ("beta", f"np.zeros({n})"), ("mean", f"np.zeros({n})"),
                  ("var", f"np.ones({n})"))
        scale = f"np.sqrt({{var}} + {self.values['epsilon']})"
        return NumPy(arrays, f"({{x}} - {{mean}}) / {scale} * {{gamma}} + {{beta}}")


class LayerNormalization(_Normalisation):
    """Each input minus the mean of its channels, divided by their deviation, scaled and shifted."""

    type, spellings = "LayerNormalization", ("LayerNorm",)
    options = (Option("epsilon", "positive", "0.001"),)

    def keras(self, shape: Shape) -> tuple[str, ...]:
        epsilon = str(self.values["epsilon"])
        return (call("layers.LayerNormalization", epsilon=None if epsilon == "0.001" else epsilon),)

    def torch(self, shape: Shape) -> Torch:
        epsilon = str(self.values["epsilon"])
        return Torch(call("nn.LayerNorm", size_text(shape[-1]), eps=epsilon), layout=CHANNELS_LAST)

    def numpy(self, shape: Shape) -> NumPy:
        n = size_text(shape[-1])
        arrays = (("gamma", f"np.ones({n})"), ("beta", f"np.zeros({n})"))
        return NumPy(arrays, f"normalise({{x}}, {self.values['epsilon']}) * {{gamma}} + {{beta}}", ("normalise",))


class Embedding(Layer):
    """A row of a table for each whole number of the input."""

    type = "Embedding"
    ranks, ranks_words = (1,), "whole numbers in a row, (L,)"
    options = (
        Option("words", "size", required=True, spellings=("input_dim", "num_embeddings", "vocabulary")),
        Option("width", "size", required=True, spellings=("output_dim", "embedding_dim", "units")),
    )

    def output(self, shape: Shape) -> tuple[Count, ...]:
        return (*map(given, shape), given(self.values["width"]))

    def trained(self, shape: Shape) -> Count:
        return count("a row for each word", "V C", V=self.values["words"], C=self.values["width"])

    def _sizes(self) -> tuple[str, str]:
        return size_text(self.values["words"]), size_text(self.values["width"])

    def keras(self, shape: Shape) -> tuple[str, ...]:
        return (call("layers.Embedding", *self._sizes()),)

    def torch(self, shape: Shape) -> Torch:
        return Torch(call("nn.Embedding", *self._sizes()))

    def numpy(self, shape: Shape) -> NumPy:
        words, width = self._sizes()
        return NumPy((("E", f"weights({words}, {width}, fan_in={width})"),), "{E}[{x}]", ("weights",))


TYPES: tuple[type[Layer], ...] = (
    Dense, Conv1D, Conv2D, MaxPooling1D, MaxPooling2D, AveragePooling1D, AveragePooling2D, GlobalMaxPooling1D,
    GlobalMaxPooling2D, GlobalAveragePooling1D, GlobalAveragePooling2D, Flatten, Dropout, Activate, BatchNormalization,
    LayerNormalization, Embedding,
)
"""Every layer type."""

SPELLINGS: dict[str, type[Layer]] = {
    spelling.casefold(): kind for kind in TYPES for spelling in (kind.type, *kind.spellings)
}
"""What people write, in small letters, and the type it means."""
