"""What takes a second when the first picture is drawn, done by importing this.

A process that workers are forked from imports it (``modules`` of :func:`derive.pool.finished`): the libraries that
draw, their grammar of formulas, and the fonts of numbers and letters. Nobody else needs it.
"""

from __future__ import annotations

import importlib

from derive.figures import _canvas, _style
from derive.figures._axes import Figure

LIBRARIES = ("contourpy", "matplotlib.ticker")


def _drawn() -> None:
    """Draw a picture that nobody sees."""
    figure = Figure(2.0, 2.0)
    axes = figure.add_subplot()
    axes.set_xlabel(r"$\theta_1$")
    axes.set_ylabel("step")
    axes.plot([0, 1], [0, 1])
    with _style.look():
        for suffix in ("pdf", "svg"):
            _canvas.rendered(suffix, 2.0, 2.0, figure.draw, "", _style.DOTS)


for library in LIBRARIES:
    importlib.import_module(library)
_drawn()
