"""A confusion matrix as a heat map: how often each true class was predicted to be each class.

Data: ``counts``, a row for each true class with a count for each predicted one; ``classes``, their names. A cell's
shade is its share of its row, so that rare classes are seen as well as frequent ones; the count stands in the cell,
with the share below it where there is room.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from derive.errors import DeriveError
from derive.figures import _data, _drawn, _style
from derive.figures._data import Array

CELL = 0.72  # inches of a cell, where there are few classes
ROOM = 1.35  # inches for the scale and what the axes are called
SHARES_MOST = 6  # classes; with more there is no room for shares
DARK = 0.55  # of a row; on a darker cell the text is white
NAME_MOST = 16  # characters of a name


def _counts(data: Mapping[str, object]) -> tuple[Array, list[str]]:
    counts = np.array(_data.needed(data, "counts"), dtype=float)
    names = [str(name) for name in _data.needed(data, "classes")]
    if counts.ndim != 2 or counts.shape != (len(names), len(names)) or not len(names):
        raise DeriveError("the picture of a confusion matrix needs as many rows and columns as classes")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise DeriveError("the picture of a confusion matrix needs counts")
    return counts, names


def _shares(counts: Array) -> Array:
    """Each count by the sum of its row; 0 in an empty row."""
    sums = counts.sum(axis=1, keepdims=True)
    shares: Array = np.divide(counts, sums, out=np.zeros_like(counts), where=sums > 0)
    return shares


def _short(name: str) -> str:
    return _style.plain_text(name if len(name) <= NAME_MOST else f"{name[: NAME_MOST - 1]}…")


def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    counts, names = _counts(data)
    shares, size = _shares(counts), len(names)
    side = min(CELL * size, _style.WIDTH - ROOM)
    below = 0.5 + (max(map(_inches, names)) if _crowded(names) else 0.2)
    with _style.page(path, describe(data), height=side + below, width=side + ROOM + max(map(_inches, names))) as figure:
        axes = figure.add_subplot()
        picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="equal")
        axes.grid(False)
        axes.tick_params(length=0)
        axes.set_xticks(range(size), [_short(n) for n in names], rotation=90 if _crowded(names) else 0)
        axes.set_yticks(range(size), [_short(n) for n in names])
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")
        font = _style.FONT + 1 if size <= SHARES_MOST else max(4.5, _style.FONT * SHARES_MOST / size + 1)
        for (row, column), count in np.ndenumerate(counts):
            text = f"{count:,.0f}"
            if size <= SHARES_MOST:
                text += f"\n{100 * shares[row, column]:.1f} %"
            axes.text(column, row, text, ha="center", va="center", fontsize=font,
                      color="white" if shares[row, column] > DARK else "black")
        bar = figure.colorbar(picture, ax=axes, fraction=0.046, pad=0.04)
        bar.set_label("share of the true class")
        bar.outline.set_linewidth(0.5)


def _crowded(names: list[str]) -> bool:
    """Whether the names do not fit side by side below their columns."""
    return max(map(_inches, names)) > 0.9 * min(CELL, (_style.WIDTH - ROOM) / len(names))


def _inches(name: str) -> float:
    """The width of a name beside a row."""
    return _drawn.inches(_short(name))


def describe(data: Mapping[str, object]) -> str:
    """The picture in words: for each true class how many there are and how many are found; the largest confusion."""
    counts, names = _counts(data)
    rows = [f"{name}: {int(row[k]):,} of {int(row.sum()):,} right"
            for k, (name, row) in enumerate(zip(names, counts, strict=True))]
    wrong = counts - np.diag(np.diag(counts))
    text = f"Confusion matrix as a heat map. {'; '.join(rows)}."
    if not wrong.any():
        return f"{text} Nothing is confused."
    true, told = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return f"{text} Most often {names[true]} is taken for {names[told]}: {int(wrong[true, told]):,} times."
