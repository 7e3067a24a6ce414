"""A function with its Taylor polynomials above, and how far each is from it below.

Data: ``function`` (a formula), ``polynomials`` (formulas, or entries with ``node`` and ``label``), ``variable`` (its
symbol), ``centre`` (a number), ``range`` (two numbers, or None: chosen around the centre), ``name`` of the function
("f").

The error's scale is logarithmic: at the centre it runs down towards 0 and is cut where floats end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.errors import DeriveError, MathError
from derive.figures import _data, _sampling, _scale, _style
from derive.figures._sampling import Curve, Function
from derive.numeric.evaluate import compile
from derive.tree import Node, Power, Symbol, contains, numeric, walk

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HALF_WIDTH = 3.0  # of a range that nobody gave
SMALLEST = 1e-16  # of the largest value: below it an error is rounding
DEEPEST = 1e-10  # of the largest error: a deeper dip at the centre is cut
ROOM = 0.6  # of the function's height, on both sides, for the polynomials before they leave


@dataclass(frozen=True, slots=True)
class _Plot:
    """What is to be shown, as numbers."""

    function: Curve
    polynomials: tuple[Curve, ...]
    errors: tuple[Curve, ...]
    labels: tuple[object, ...]
    centre: float
    x: tuple[float, float]


def degree(node: Node, variable: Symbol) -> int | None:
    """The highest whole power of anything with the variable; None when it is a formula that is not written so."""
    if not contains(node, variable):
        return 0
    powers = [numeric(n.exponent) for n in walk(node) if isinstance(n, Power) and contains(n.base, variable)]
    known = [int(p) for p in powers if p is not None and p.denominator == 1 and p > 0]
    return max(known, default=1) if len(known) == len(powers) else None


def _polynomial(entry: Any, variable: Symbol) -> tuple[Node, object]:
    """A polynomial and its label, by default T with its degree."""
    node, text = (entry, None) if isinstance(entry, Node) else (entry["node"], entry.get("label"))
    if text is None and (n := degree(node, variable)) is not None:
        text = f"$T_{{{n}}}$"
    return node, text


def _range(data: Mapping[str, object], function: Function, centre: float) -> tuple[float, float]:
    """The given range, or one around the centre, halved until the function has values in all of it."""
    if data.get("range") is not None:
        return _data.interval(data["range"])
    half = HALF_WIDTH
    for _ in range(4):
        if np.isfinite(function(np.linspace(centre - half, centre + half, 101))).all():
            break
        half *= 0.65
    return _data.interval((centre - half, centre + half))


def _error(function: Function, polynomial: Function) -> Function:
    return lambda x: np.asarray(np.abs(function(x) - polynomial(x)))


def _plot(data: Mapping[str, object]) -> _Plot:
    variable = _data.needed(data, "variable")
    (centre,) = _data.numbers([_data.needed(data, "centre")], "centre")
    rows = [_polynomial(entry, variable) for entry in _data.needed(data, "polynomials")]
    if not rows:
        raise DeriveError("a picture of the error needs at least one polynomial")
    function = _sampling.drawable(compile(_data.needed(data, "function"), [variable]))
    polynomials = [_sampling.drawable(compile(node, [variable])) for node, _ in rows]
    low, high = _range(data, function, centre)
    curve = _sampling.sample(function, low, high, [centre])
    if curve.empty:
        raise MathError(f"the function has no value between {low:g} and {high:g}: there is nothing to draw")
    return _Plot(
        curve,
        tuple(_sampling.sample(p, low, high, [centre]) for p in polynomials),
        tuple(_sampling.sample(_error(function, p), low, high, [centre]) for p in polynomials),
        tuple(text for _, text in rows),
        centre,
        (low, high),
    )


# --- drawing ----------------------------------------------------------------------------------------


def _labels(plot: _Plot) -> list[str]:
    return [_style.label(text, f"polynomial {i + 1}") for i, text in enumerate(plot.labels)]


def _height(plot: _Plot) -> tuple[float, float]:
    """The function's values with room for the polynomials, and no more of it than they use."""
    low, high = _data.padded(plot.function.low, plot.function.high)
    room = ROOM * (high - low)
    known = [c for c in plot.polynomials if not c.empty]
    lows, highs = [c.low for c in known], [c.high for c in known]
    return max(low - room, min([low, *lows])), min(high + room, max([high, *highs]))


def _draw_functions(axes: Axes, plot: _Plot, name: str) -> None:
    limits = _height(plot)
    axes.set_ylim(*limits)
    for i, (curve, text) in enumerate([(plot.function, name), *zip(plot.polynomials, _labels(plot), strict=True)]):
        axes.plot(
            curve.x, _sampling.clip(curve.y, *limits), label=text, color=_colour(i), linestyle=_style.DASHES[i % 7],
            linewidth=2.0 if i == 0 else 1.5, zorder=2.2 if i == 0 else 2.5,
        )  # fmt: skip
    index = int(np.searchsorted(plot.function.x, plot.centre))
    if index < len(plot.function.y) and np.isfinite(plot.function.y[index]):
        axes.plot(plot.centre, plot.function.y[index], "o", color="black", markersize=4, zorder=5)
    _scale.name(axes, "y", "value")


def _colour(i: int) -> str:
    """The function is black, the polynomials coloured."""
    return _style.BLACK if i == 0 else _style.COLOURS[(i - 1) % 5]


def _floor(plot: _Plot, largest: float) -> float:
    scale = max(abs(plot.function.low), abs(plot.function.high), largest)
    return max(SMALLEST * scale, DEEPEST * largest)


def _draw_errors(axes: Axes, plot: _Plot, name: str) -> None:
    known = np.concatenate([c.y[np.isfinite(c.y)] for c in plot.errors])
    shown = [c.high for c in plot.errors if not c.empty]
    largest, scale = max(shown, default=0.0), max(abs(plot.function.low), abs(plot.function.high))
    if largest <= SMALLEST * 10 * scale:
        axes.set_ylim(0, 1)
        axes.set_yticks([0.0])
        text = "no error to see: 0 up to rounding" if len(known) else "no error to show"
        axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", backgroundcolor="white")
    else:
        floor = _floor(plot, largest)
        inside = known[(known >= floor) & (known <= largest)]
        _scale.logarithmic(axes, "y", np.append(inside, largest))
        for i, curve in enumerate(plot.errors):
            # an error of 0 is drawn below the picture, so that the dip does not end in the air
            y = np.where(np.isnan(curve.y), np.nan, np.maximum(curve.y, floor * 1e-3))
            axes.plot(curve.x, y, color=_colour(i + 1), linestyle=_style.DASHES[(i + 1) % 7], linewidth=1.5)
    axes.set_ylabel(rf"error $|\,${name}$\, - \,T\,|$")


@np.errstate(all="ignore")
def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture.

    Errors: MathError when the function has no value in the range; DeriveError for data that cannot be drawn and for
    a path that cannot be written.
    """
    plot, variable = _plot(data), _data.needed(data, "variable")
    name = _style.name_label(data.get("name") or "f")
    with _style.page(path, describe(data), height=4.2) as figure:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(1.35, 1))
        _draw_functions(upper, plot, name)
        _draw_errors(lower, plot, name)
        for axes in (upper, lower):
            axes.axvline(plot.centre, color=_style.GUIDE, linewidth=0.7, linestyle=(0, (2, 2.5)), zorder=1)
        lower.set_xlim(*plot.x)
        lower.set_xlabel(_style.symbol_label(variable))
        _style.legend(figure, upper)


# --- words ------------------------------------------------------------------------------------------


def _worst(errors: Sequence[Curve], names: Sequence[str]) -> str:
    parts = [
        f"{name} up to {_data.number_text(curve.high)}"
        for name, curve in zip(names, errors, strict=True)
        if not curve.empty
    ]
    return f"; error of {', '.join(parts)}" if parts else ""


@np.errstate(all="ignore")
def describe(data: Mapping[str, object]) -> str:
    """The picture in words: the polynomials, the centre, the range and the largest errors."""
    plot = _plot(data)
    names = [_data.words(text, f"polynomial {i + 1}") for i, text in enumerate(plot.labels)]
    function = _data.words(data.get("name"), "f")
    return (
        f"Two plots {_data.range_text(*plot.x)}: {function} with {', '.join(names)} about "
        f"{_data.number_text(plot.centre)}, "
        f"and below their errors on a logarithmic scale{_worst(plot.errors, names)}."
    )
