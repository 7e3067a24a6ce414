"""Shares such as precision and recall row by row, for instance after each epoch, as curves.

Data: ``curves``, each with ``name`` (a text) and ``values`` (shares from 0 to 1; one that is not finite is a gap), all
of one length; ``rows``, what a row is called ("epoch"). Rows count from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from derive.errors import DeriveError
from derive.figures import _data, _style

HEIGHT = 2.9


def _curves(data: Mapping[str, object]) -> list[tuple[str, _data.Array]]:
    given: Any = _data.needed(data, "curves")
    curves = [(str(c.get("name") or ""), np.array(_data.numbers(c.get("values") or (), "shares"))) for c in given]
    if not curves or not len(curves[0][1]):
        raise DeriveError("the picture of the measures has no values to show")
    if len({len(values) for _, values in curves}) > 1:
        raise DeriveError("the curves of the picture have different numbers of values")
    if any(((values < 0) | (values > 1)).any() for _, values in curves):
        raise DeriveError("a share lies between 0 and 1")
    return curves


@np.errstate(all="ignore")
def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data without values and for a path that cannot be written."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    curves = _curves(data)
    rows = np.arange(1, len(curves[0][1]) + 1)
    with _style.page(path, describe(data), height=HEIGHT) as figure:
        axes = figure.add_subplot()
        for k, (name, values) in enumerate(curves):
            axes.plot(rows, np.where(_data.drawable(values), values, np.nan), label=_style.plain_text(name),
                      color=_style.COLOURS[k % len(_style.COLOURS)], linestyle=_style.DASHES[k % len(_style.DASHES)],
                      marker=_style.MARKERS[k % len(_style.MARKERS)], markersize=4, linewidth=1.3)
        axes.set_xlim(*_data.padded(1, max(2, len(rows)), 0.03))
        axes.set_ylim(-0.03, 1.03)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=10, integer=True))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
        axes.set_xlabel(_style.plain_text(str(data.get("rows") or "row")))
        _style.legend(figure, axes)


def _words(name: str, values: _data.Array) -> str:
    known = values[np.isfinite(values)]
    if not len(known):
        return f"{name} has no value"
    return f"{name} from {100 * known.min():.3g} % to {100 * known.max():.3g} %"


def describe(data: Mapping[str, object]) -> str:
    """The picture in words: the range of every curve."""
    curves = _curves(data)
    told = ", ".join(_words(*curve) for curve in curves)
    return f"Line plot over {len(curves[0][1])} rows ({_data.words(data.get('rows'), 'row')}): {told}."
