"""Points of the plane with a mean and the ellipses of a normal distribution around it.

Data: ``points`` (pairs), ``mean`` (a pair), ``covariance`` (two rows of two numbers, positive definite), ``distances``
(Mahalanobis distances of the ellipses from the mean, 1 and 2 when not given), ``names`` of both coordinates (symbols or
texts; ``x_1`` and ``x_2``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from derive.errors import DeriveError
from derive.figures import _data, _style
from derive.tree import Symbol

HEIGHT = 3.9  # inches
NUMBERED = 12  # points that carry their number; more would cover one another
NAMES = (Symbol("x", "1"), Symbol("x", "2"))
DISTANCES = (1.0, 2.0)


@dataclass(frozen=True, slots=True)
class _Plot:
    points: _data.Array
    mean: _data.Array
    covariance: _data.Array
    distances: tuple[float, ...]

    def ellipse(self, distance: float) -> _data.Array:
        """The points at a Mahalanobis distance from the mean, shape (2, n)."""
        angles = np.linspace(0, 2 * np.pi, 181)
        circle = np.array([np.cos(angles), np.sin(angles)])
        made: _data.Array = self.mean[:, None] + distance * np.linalg.cholesky(self.covariance) @ circle
        return made


def _plot(data: Mapping[str, object]) -> _Plot:
    points = _data.points(_data.needed(data, "points"), "points")
    mean = _data.points([_data.needed(data, "mean")], "mean")[0]
    covariance = _data.points(_data.needed(data, "covariance"), "covariance")
    distances = tuple(_data.numbers(data.get("distances") or DISTANCES, "distances"))
    if not len(points):
        raise DeriveError("the picture of a normal distribution has no points")
    if covariance.shape != (2, 2) or not np.allclose(covariance, covariance.T) or np.linalg.eigvalsh(
            covariance)[0] <= 0:
        raise DeriveError("the covariance in a picture is a positive definite matrix of two rows")
    return _Plot(points, mean, covariance, distances)


def draw(data: Mapping[str, object], path: Path) -> None:
    """Write the picture. DeriveError for data that cannot be drawn and for a path that cannot be written."""
    plot = _plot(data)
    with _style.page(path, describe(data), height=HEIGHT) as figure:
        axes = figure.add_subplot()
        axes.set_aspect("equal", adjustable="datalim")
        for k, distance in enumerate(plot.distances):
            axes.plot(*plot.ellipse(distance), color=_style.COLOURS[k], linestyle=_style.DASHES[k], linewidth=1.3,
                      label=f"distance {_data.number_text(distance)}", zorder=2)
        axes.plot(*plot.points.T, "o", color=_style.BLACK, markersize=4, label="points", zorder=3)
        if len(plot.points) <= NUMBERED:
            for k, point in enumerate(plot.points, 1):
                axes.annotate(str(k), point, (4, 3), textcoords="offset points", fontsize=_style.FONT - 1.5)
        axes.plot(*plot.mean, marker="P", color=_style.ORANGE, markersize=7, linestyle="none", label="mean", zorder=4)
        axes.margins(0.08)
        names: Any = data.get("names") or NAMES
        axes.set_xlabel(_style.name_label(names[0]))
        axes.set_ylabel(_style.name_label(names[1]))
        _style.legend(figure, axes, handle=1.8)


def describe(data: Mapping[str, object]) -> str:
    """The picture in words: how many points, the mean, the covariance."""
    plot = _plot(data)
    rows = " and ".join(_data.point_text(row.tolist()) for row in plot.covariance)
    far = " and ".join(_data.number_text(d) for d in plot.distances)
    mean = _data.point_text(plot.mean.tolist())
    return (f"Plot of {len(plot.points)} points with the mean {mean} and the ellipses at the distances {far} of "
            f"the normal distribution whose covariance has the rows {rows}.")
