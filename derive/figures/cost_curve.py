"""Cost after each step of an iteration.

Data: ``costs``, the numbers C(theta_0), C(theta_1), ..., or a table from the name of a method to such a list;
``name``, what the vertical axis shows (a text or a formula; "C"); ``log``, whether its scale is logarithmic (chosen
from the numbers when missing; symmetric about 0 where some are not positive).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from derive.errors import DeriveError
from derive.figures import _data, _scale, _style
from derive.figures._axes import Axes
from derive.figures._canvas import Fill, Pen

DECADES = 3.0  # costs over more powers of ten than this are shown on a logarithmic scale
MARKED = 40  # more points are a line without markers


def _costs(values: object) -> _data.Array:
    """The costs, NaN where they are not finite or too large to draw."""
    costs = np.array(_data.numbers(values, "costs"))
    return np.where(_data.drawable(costs), costs, np.nan)


def _series(data: Mapping[str, object]) -> dict[str, _data.Array]:
    costs = _data.needed(data, "costs")
    table = costs if isinstance(costs, Mapping) else {"": costs}
    series = {str(name): _costs(values) for name, values in table.items()}
    if not series or not all(len(values) for values in series.values()):
        raise DeriveError("the picture of the costs has no costs to show")
    return series


def _logarithmic(values: _data.Array, asked: object) -> bool:
    """Whether the costs span so many powers of ten that a linear scale would show few steps only.

    Costs that change their sign come near 0 in passing, so there it is the ordinary cost that counts, not the least.
    """
    if asked is not None:
        return bool(asked)
    known = values[np.isfinite(values) & (values != 0)]
    if len(known) < 3:
        return False
    size = np.abs(known)
    usual = size.min() if known.min() > 0 or known.max() < 0 else np.median(size)
    return bool(np.log10(size.max()) - np.log10(usual) > DECADES)


def _scales(axes: Axes, values: _data.Array, asked: object, name: str) -> None:
    from matplotlib.ticker import MaxNLocator, NullLocator

    axes.set_ylabel(name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    known = values[np.isfinite(values)]
    if not len(known):
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_locator(NullLocator())
    elif not _logarithmic(values, asked):
        _scale.linear(axes, "y", known)
        _scale.name(axes, "y", name)
    elif known.min() > 0:
        _scale.logarithmic(axes, "y", known)
    else:
        _scale.symmetric(axes, "y", known)


def _line(axes: Axes, i: int, name: str, values: _data.Array) -> None:
    steps, shown = np.arange(len(values)), _data.thinned(len(values))
    axes.plot(
        shown,
        np.where(np.isfinite(values), values, np.nan)[shown],
        color=_style.COLOURS[i % 7],
        linestyle=_style.DASHES[i % 7],
        marker=_style.MARKERS[i % 7] if len(values) <= MARKED else "",
        label=_style.plain_text(name) if name else None,
    )
    missing = np.flatnonzero(~np.isfinite(values))
    if len(missing):
        first, last = float(missing[0]), float(steps[-1])
        axes.axvspan(first - 0.5, last + 0.5, Fill("0.92", hatch="///"), Pen("0.8", 0.0), "no finite cost")


@np.errstate(all="ignore")
def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data without costs and for a path that cannot be written."""
    series = _series(data)
    with _style.sheet(path, describe(data), height=2.7) as figure:
        axes = figure.add_subplot()
        name = _style.name_label(data.get("name") or "C")
        _scales(axes, np.concatenate(list(series.values())), data.get("log"), name)
        for i, (name, values) in enumerate(series.items()):
            _line(axes, i, name, values)
        longest = max(map(len, series.values()))
        axes.set_xlim(*(_data.padded(0, longest - 1, 0.03) if longest > 1 else (-0.7, 1.7)))
        axes.set_xlabel("step")
        _style.legend(figure, axes)


def _course(values: _data.Array) -> str:
    """How a cost runs: its ends and whether it ever turns."""
    known = values[np.isfinite(values)]
    if not len(known):
        return "no cost is finite"
    change = _data.changes(known)
    kinds = [(change < 0, "falls"), (change > 0, "rises"), (change == 0, "stays the same")]
    verb = next((word for holds, word in kinds if len(change) and holds.all()), "")
    turn = f"it {verb} at each step" if verb else f"it rises at {int((change > 0).sum())} steps"
    tail = f"; not finite from step {len(known)} on" if len(known) < len(values) else ""
    if len(known) == 1:
        return f"one value, {_data.number_text(known[0])}{tail}"
    steps = f"{len(known) - 1} step{'s' * (len(known) > 2)}"
    return f"{_data.range_text(known[0], known[-1])} in {steps}; {turn}{tail}"


@np.errstate(all="ignore")
def describe(data: Mapping[str, object]) -> str:
    """The picture in words."""
    name = _data.words(data.get("name"), "C")
    parts = [f"{label}: {_course(values)}" if label else _course(values) for label, values in _series(data).items()]
    return f"Line plot of {name} per step, {'. '.join(parts)}."
