"""Training and test loss after each epoch of a training, or of several side by side.

Data: ``panels``, each with ``train`` and ``test`` (lists of numbers, the first before any step), ``title`` (a text,
empty for none), ``chosen`` (the epoch whose parameters were kept, where it is not the last); ``name`` of the loss
("L"). A loss over several powers of ten is drawn on a logarithmic scale, the same for all panels.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from derive.errors import DeriveError
from derive.figures import _data, _scale, _style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DECADES = 2.0  # losses over more powers of ten are shown on a logarithmic scale
FLOOR = 1e-6  # a loss below is drawn as this on a logarithmic scale: it is 0 to whoever looks
COLUMNS = 4
HEIGHT = 2.7
LINES = (("train", "training", _style.BLUE, "solid"), ("test", "test", _style.VERMILLION, (0, (4, 1.6))))


@dataclass(frozen=True, slots=True, eq=False)
class _Panel:
    title: str
    losses: Mapping[str, _data.Array]
    chosen: int | None


def _panels(data: Mapping[str, object]) -> list[_Panel]:
    panels: Any = _data.needed(data, "panels")
    found = [_Panel(str(p.get("title") or ""), {key: _losses(p, key) for key, *_ in LINES}, p.get("chosen"))
             for p in panels]
    if not found or not all(len(panel.losses["train"]) for panel in found):
        raise DeriveError("the picture of the losses has no losses to show")
    return found


def _losses(panel: Mapping[str, object], key: str) -> _data.Array:
    values = np.array(_data.numbers(panel.get(key) or (), f"{key} losses"))
    return np.where(_data.drawable(values), values, np.nan)


def _every(panels: list[_Panel]) -> _data.Array:
    return np.concatenate([values for panel in panels for values in panel.losses.values()])


def _logarithmic(values: _data.Array) -> bool:
    known = values[np.isfinite(values)]
    return bool(len(known) > 2 and known.min() >= 0 and known.max() > max(known.min(), FLOOR) * 10**DECADES)


@np.errstate(all="ignore")
def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data without losses and for a path that cannot be written."""
    panels = _panels(data)
    columns = min(len(panels), COLUMNS)
    columns = math.ceil(len(panels) / math.ceil(len(panels) / columns))
    rows = math.ceil(len(panels) / columns)
    every = _every(panels)
    logarithmic = _logarithmic(every)
    known = np.maximum(every[np.isfinite(every)], FLOOR) if logarithmic else every[np.isfinite(every)]
    height = HEIGHT if len(panels) == 1 else 1.75 * rows + 0.4
    with _style.page(path, describe(data), height=height) as figure:
        shared = None
        for k, panel in enumerate(panels):
            axes = figure.add_subplot(rows, columns, k + 1, sharey=shared)
            shared = shared or axes
            if k == 0 and len(known):
                (_scale.logarithmic if logarithmic else _scale.linear)(axes, "y", known)
            _draw_panel(axes, panel, logarithmic, many=len(panels) > 1)
            if k % columns:
                axes.tick_params(labelleft=False)
            else:
                axes.set_ylabel(_style.name_label(data.get("name") or "L"))
            if k >= len(panels) - columns:
                axes.set_xlabel("epoch")
            if k == 0:
                _style.legend(figure, axes)


def _draw_panel(axes: Axes, panel: _Panel, logarithmic: bool, many: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    for key, name, colour, dash in LINES:
        values = panel.losses[key]
        shown = _data.thinned(len(values))
        drawn = np.maximum(values, FLOOR) if logarithmic else values
        axes.plot(shown, drawn[shown], color=colour, linestyle=dash, linewidth=1.3, label=name,
                  marker="o" if len(values) == 1 else "")
    last = len(panel.losses["train"]) - 1
    if panel.chosen is not None and panel.chosen != last:
        axes.axvline(panel.chosen, color=_style.GUIDE, linewidth=0.9, linestyle=(0, (2, 2)), label="epoch that is kept")
    axes.set_xlim(*(_data.padded(0, last, 0.02) if last else (-0.7, 1.7)))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=3 if many else 8, integer=True, steps=[1, 2, 5, 10]))
    if panel.title:
        axes.set_title(_style.plain_text(panel.title), fontsize=_style.FONT - many)


def _words(panel: _Panel) -> str:
    text = f"{panel.title}: " if panel.title else ""
    parts = []
    for key, name, *_ in LINES:
        known = panel.losses[key][np.isfinite(panel.losses[key])]
        if len(known):
            parts.append(f"{name} loss {_data.range_text(known[0], known[-1])}")
    return f"{text}{' and '.join(parts)} in {len(panel.losses['train']) - 1} epochs"


@np.errstate(all="ignore")
def describe(data: Mapping[str, object]) -> str:
    """The picture in words: both losses at the beginning and at the end."""
    return f"Line plot of {_data.words(data.get('name'), 'L')} per epoch, {'. '.join(map(_words, _panels(data)))}."
