r"""The gradients of a convolution against central differences, computed by NumPy from the definition.

The forward pass here shares nothing with the derivation: pad, take sliding windows, multiply, add. Called by
:mod:`derive.kinds.convolution`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from derive.kinds._convolution_entries import Written
from derive.kinds._convolution_given import DELTA, Convolution, Place, W, X, Y
from derive.numeric.evaluate import compile
from derive.numeric.value import value_of
from derive.rules.indices import member
from derive.steps import Heading, Paragraph, Part, Prose, Table
from derive.tree import Symbol, free_symbols
from derive.write.numbers import approximate

Array = Any
STEP = 1e-5  # of the entry's size: a central difference is then right to about ten digits
PLACES = 9  # decimals of a difference; those after them are rounding
AGREES = 1e-6  # relative error, below 1 absolute

_WORDS = ("Each entry is moved a little up and down; the change of the loss, divided by the change of the entry, must "
          "be the derivative. The loss is computed from the definition, without the formulas above.")


def gradient_check(given: Convolution, written: Written) -> list[Part]:
    """A table of derived gradients and central differences; nothing where there are letters left."""
    known = {**given.values, **written.numbers.values}
    outputs_ = set(_names(Y, given.output_places))
    if any(free_symbols(n) for n in known.values()) or (given.loss is not None and free_symbols(given.loss) - outputs_):
        return []
    names = [*_names(X, given.input_places), *_names(W, given.kernel_places), *given.biases]
    upstream = _names(DELTA, given.output_places)
    if any(s not in known for s in names) or (given.loss is None and any(s not in known for s in upstream)):
        return []
    values = {s: value_of(known[s]) for s in (*names, *(upstream if given.loss is None else []))}
    loss = _loss(given, [values.get(s, 0.0) for s in upstream])
    header: tuple[Prose, ...] = (("by",), ("derived",), ("central difference",), ("relative error",))
    rows: list[tuple[Prose, ...]] = []
    agree = 0
    for name in (*_names(W, given.kernel_places), *given.biases, *_names(X, given.input_places)):
        difference = _difference(given, loss, values, name)
        exact = value_of(written.found[name])
        error = abs(exact - difference) / max(abs(exact), abs(difference), 1.0)
        agree += error <= AGREES
        rows.append(((name,), (approximate(exact),), (approximate(round(difference, PLACES)),),
                     (approximate(error, 1),)))
    caption = f"Gradient check: {agree} of {len(rows)} agree."
    return [Heading(("Gradient check",)), Paragraph((_WORDS,)), Table(header, tuple(rows), (caption,))]


def _names(base: Symbol, places: list[Place]) -> list[Symbol]:
    return [member(base, p) for p in places]


def _loss(given: Convolution, upstream: list[float]) -> Callable[[Array], float]:
    """The loss as a function of the outputs in order."""
    if given.loss is None:
        return lambda outputs: float(np.dot(upstream, outputs))
    run = compile(given.loss, tuple(_names(Y, given.output_places)))
    return lambda outputs: float(run(*outputs))


def _difference(given: Convolution, loss: Callable[[Array], float], values: Mapping[Symbol, float],
                name: Symbol) -> float:
    step = STEP * max(1.0, abs(values[name]))
    up, down = (loss(outputs(given, {**values, name: values[name] + sign * step})) for sign in (1, -1))
    return (up - down) / (2 * step)


def outputs(given: Convolution, values: Mapping[Symbol, float]) -> Array:
    """The outputs of a convolution in order, from its definition, as floats."""
    axes = given.axes
    image = _array(X, given.input_places, values).reshape(given.channels or 1, *(a.size for a in axes))
    kernel = _array(W, given.kernel_places, values).reshape(given.outputs or 1, given.channels or 1,
                                                            *(a.kernel for a in axes))
    padded = np.pad(image, [(0, 0), *((a.before, a.after) for a in axes)])
    which = tuple(range(1, len(axes) + 1))
    windows = np.lib.stride_tricks.sliding_window_view(padded, tuple(a.span for a in axes), which)
    for number, axis in enumerate(axes):
        moved = [slice(None)] * windows.ndim
        moved[1 + number] = slice(None, None, axis.stride)
        moved[1 + len(axes) + number] = slice(None, None, axis.dilation)
        windows = windows[tuple(moved)]
    if given.flip:
        kernel = np.flip(kernel, axis=tuple(range(2, kernel.ndim)))
    letters, taps = "ij"[: len(axes)], "kl"[: len(axes)]
    made = np.einsum(f"c{letters}{taps},oc{taps}->o{letters}", windows, kernel)
    shifts = np.array([values[b] for b in given.biases] or [0.0] * (given.outputs or 1))
    return (made + shifts.reshape(-1, *[1] * len(axes))).ravel()


def _array(base: Symbol, places: list[Place], values: Mapping[Symbol, float]) -> Array:
    return np.array([values[s] for s in _names(base, places)])
