"""Distributions side by side, and below them what each place adds to a divergence.

Data, for tables: ``bars`` (a list of probabilities for each distribution), ``labels`` (a formula or a text for each),
``outcomes`` (their names), ``terms`` (what each outcome adds; may be missing). For densities: ``curves`` (each with
``node`` and ``label``), ``variable``, ``range`` (two numbers), ``integrand`` (with ``node`` and ``label``; may be
missing). ``sum`` is how the terms are called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from derive.errors import DeriveError
from derive.figures import _data, _scale, _style
from derive.figures._axes import Axes
from derive.numeric.evaluate import compile

POINTS = 601
NAMED_MOST = 16  # outcomes with a name below each
SIGNS = 72  # of the names of outcomes that have room side by side
WIDE = 0.8  # of the room between two outcomes that their bars take


# --- data ---------------------------------------------------------------------------------------------


def _bars(data: Mapping[str, object]) -> _data.Array:
    """The probabilities, one row for each distribution. DeriveError for rows of different lengths."""
    rows: Any = _data.needed(data, "bars")
    found = [_data.numbers(row, "probabilities") for row in rows]
    outcomes: Any = _data.needed(data, "outcomes")
    if not found or not found[0] or any(len(row) != len(outcomes) for row in found):
        raise DeriveError("every distribution of a picture needs a probability for each outcome")
    return np.array(found)


def _curves(data: Mapping[str, object]) -> tuple[_data.Array, list[_data.Array], _data.Array | None]:
    """The places, each density there, and the integrand."""
    low, high = _data.interval(_data.needed(data, "range"))
    x = np.linspace(low, high, POINTS)
    variable = _data.needed(data, "variable")

    def values(entry: Any) -> _data.Array:
        found = np.broadcast_to(np.asarray(compile(entry["node"], [variable])(x), dtype=float), x.shape)
        return np.where(_data.drawable(found), found, np.nan)

    entries: Any = _data.needed(data, "curves")
    below = data.get("integrand")
    return x, [values(entry) for entry in entries], None if below is None else values(below)


# --- drawing ------------------------------------------------------------------------------------------


@np.errstate(all="ignore")
def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    below = data.get("terms") is not None or data.get("integrand") is not None
    with _style.sheet(path, describe(data), height=3.9 if below else 2.8) as figure:
        upper, *others = figure.subplots(2, 1, (3, 2), sharex=True) if below else figure.subplots(1, 1)
        lower = others[0] if others else None
        (_draw_bars if "bars" in data else _draw_curves)(data, upper, lower)
        _style.legend(figure, upper)


def _draw_bars(data: Mapping[str, object], upper: Axes, lower: Axes | None) -> None:
    bars = _bars(data)
    labels: Any = data.get("labels") or [None] * len(bars)
    width = WIDE / len(bars)
    places: _data.Array = np.arange(bars.shape[1], dtype=float)
    for i, row in enumerate(bars):
        shift = (i - (len(bars) - 1) / 2) * width
        upper.bar(places + shift, row, width, color=_style.COLOURS[i], label=_style.label(labels[i], f"{i + 1}"),
                  hatch=("", "///")[i % 2], edgecolor="white", linewidth=0.4)
    upper.set_xlim(*_data.padded(-WIDE / 2, float(places[-1]) + WIDE / 2, 0.05))
    upper.set_ylim(0, 1.08 * float(bars.max() or 1))
    _scale.name(upper, "y", "probability")
    axes = upper
    if lower is not None:
        terms: Any = data.get("terms")
        values = np.array(_data.numbers(terms, "terms"))
        _signed_bars(lower, places, np.where(np.isfinite(values), values, np.nan))
        _scale.name(lower, "y", _style.label(data.get("sum"), "term"))
        axes = lower
    _outcomes(axes, data, len(places))


def _signed_bars(axes: Axes, places: _data.Array, values: _data.Array) -> None:
    colours = [_style.GREEN if v >= 0 else _style.PURPLE for v in values]
    axes.bar(places, values, WIDE / 2, color=colours)
    known = np.append(values[np.isfinite(values)], 0.0)
    low, high = _data.padded(float(known.min()), float(known.max()), 0.05)
    axes.set_ylim(low if known.min() < 0 else 0.0, high if known.max() > 0 else max(0.0, -0.05 * low))
    axes.axhline(0, color=_style.GUIDE, linewidth=0.7)


def _outcomes(axes: Axes, data: Mapping[str, object], count: int) -> None:
    names: Any = data.get("outcomes")
    longest = max(len(str(name)) for name in names)
    step = max(-(-count // NAMED_MOST), -(-count * (longest + 2) // SIGNS))
    shown = range(0, count, step)
    axes.set_xticks(list(shown), [_style.plain_text(str(names[k])) for k in shown])
    axes.set_xlabel("outcome")
    axes.grid(visible=False, axis="x")


def _draw_curves(data: Mapping[str, object], upper: Axes, lower: Axes | None) -> None:
    x, curves, integrand = _curves(data)
    entries: Any = data["curves"]
    for i, values in enumerate(curves):
        upper.plot(x, values, color=_style.COLOURS[i], linestyle=_style.DASHES[i],
                   label=_style.label(entries[i].get("label"), f"density {i + 1}"))
    upper.set_xlim(x[0], x[-1])
    upper.set_ylim(0, 1.08 * _highest(curves))
    _scale.name(upper, "y", "density")
    axes = upper
    if lower is not None and integrand is not None:
        known = np.append(integrand[np.isfinite(integrand)], 0.0)
        lower.set_ylim(*_data.padded(float(known.min()), float(known.max()), 0.05))
        lower.plot(x, integrand, color="black", linewidth=1.0)
        lower.fill_between(x, integrand, integrand >= 0, _style.GREEN, alpha=0.45)
        lower.fill_between(x, integrand, integrand < 0, _style.PURPLE, alpha=0.45)
        lower.axhline(0, color=_style.GUIDE, linewidth=0.7)
        entry: Any = data["integrand"]
        _scale.name(lower, "y", _style.label(entry.get("label"), "integrand"))
        axes = lower
    axes.set_xlabel(_style.symbol_label(_data.needed(data, "variable")))


def _highest(curves: Sequence[_data.Array]) -> float:
    """The largest value, without the steep ends of a density that grows without bound."""
    known = np.concatenate([c[np.isfinite(c)] for c in curves])
    if not len(known):
        return 1.0
    return float(min(known.max(), 4 * np.quantile(known, 0.95) or known.max()))


# --- words --------------------------------------------------------------------------------------------


@np.errstate(all="ignore")
def describe(data: Mapping[str, object]) -> str:
    """The picture in words."""
    if "bars" in data:
        return _of_bars(data)
    x, curves, integrand = _curves(data)
    entries: Any = data["curves"]
    peaks = [
        f"{_data.words(entry.get('label'), f'density {i + 1}')} is largest at "
        f"{_data.number_text(float(x[np.nanargmax(values)]))}"
        for i, (entry, values) in enumerate(zip(entries, curves, strict=True)) if np.isfinite(values).any()
    ]
    text = f"Densities {_data.range_text(x[0], x[-1])}: {'; '.join(peaks)}"
    if integrand is not None and np.isfinite(integrand).any():
        text += (f". Below, the integrand {_data.range_text(float(np.nanmin(integrand)), float(np.nanmax(integrand)))}")
    return text + "."


def _of_bars(data: Mapping[str, object]) -> str:
    bars = _bars(data)
    labels: Any = data.get("labels") or [None] * len(bars)
    outcomes: Any = data["outcomes"]
    parts = []
    for i, row in enumerate(bars):
        first = int(np.argmax(row))
        parts.append(f"{_data.words(labels[i], f'distribution {i + 1}')} is largest at {outcomes[first]} "
                     f"({_data.number_text(float(row[first]))})")
    text = f"Bars of the probabilities of {len(outcomes)} outcomes: {'; '.join(parts)}"
    if data.get("terms") is not None:
        terms = np.array(_data.numbers(data["terms"], "terms"))
        text += f". Below, what each adds; {int(np.sum(terms < 0))} of these are negative"
    return text + "."
