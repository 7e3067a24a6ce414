"""The pictures of a fit: the fitted curves over the data, the loss after each iteration, the loss surface.

Called by the fit kind; what is drawn is computed here as numbers, for the pictures know nothing of models.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from derive.kinds._fit_given import Setup
from derive.kinds._fit_minima import MINIMUM, SADDLE, Place
from derive.kinds._fit_run import Array, objective_of, subsampled
from derive.kinds._fit_work import Work
from derive.steps import Figure, Part, Prose
from derive.tree import Node, free_symbols, substitute
from derive.write.numbers import approximate

DOTS = 500  # data in the picture
GRID = 61  # points along a side of the loss surface
SURFACE_ROWS = 1_000  # rows of data that its losses are means over
ROOM = 0.35  # around what is marked, of its extent
CURVES = 4
DIGITS = 9


def figures(given: Setup, works: Sequence[Work]) -> list[Part]:
    """Curves where there is one input, courses where there was more than one step, a surface for each that has one."""
    parts = [*_curves(given, works), *_courses(works)]
    for one in works:
        parts += _surface(given, one)
    return parts


def _titled(one: Work, word: str) -> str:
    return f"{one.model.title}, {word}" if one.model.title else word


def _point(values: Array | Sequence[float]) -> str:
    inside = ", ".join(f"{float(x):.3g}" for x in values)
    return f"({inside})" if len(values) > 1 else inside


# --- curves -----------------------------------------------------------------------------------------


def _curves(given: Setup, works: Sequence[Work]) -> list[Part]:
    """The models with the parameters of their minima, over a sample of the data."""
    if len(given.inputs) != 1:
        return []
    from derive.figures.fit_plot import describe

    x = given.inputs[0]
    shown = [(one, place) for one in works for place in _drawn(one)]
    if not shown:
        return []
    columns = subsampled(given.arrays, DOTS)
    several = {id(one): sum(o is one for o, _ in shown) > 1 for one, _ in shown}
    rows = [{"node": _fitted(one, place),
             "label": _titled(one, place.letter) if several[id(one)] else one.model.title or "fit"}
            for one, place in shown[:CURVES]]
    truth = given.truth if given.truth is not None and free_symbols(given.truth) <= {x} else None
    data = {"points": np.column_stack([columns[x], columns[given.target]]).tolist(), "of": given.count, "curves": rows,
            "truth": truth, "variable": x, "target": given.target.plain}
    truly = ", the formula behind the data (broad and grey)" if truth is not None else ""
    caption: Prose = (f"The fitted models{truly} and a sample of the data.",)
    return [Figure("fit_plot", data, caption, describe(data), "fits")]


def _drawn(one: Work) -> list[Place]:
    """The lowest point, and the local minimum above it that most runs ended at."""
    lowest = one.places[:1]
    others = [p for p in one.places[1:] if p.nature == MINIMUM and not p.copy]
    others.sort(key=lambda p: -(len(p.given) + p.drawn))
    return lowest + others[:1]


def _fitted(one: Work, place: Place) -> Node:
    """The model's formula with numbers for its parameters."""
    numbers: dict[Node, Node] = {
        s: approximate(float(v), DIGITS) for s, v in zip(one.model.parameters, place.point, strict=True)
    }
    return substitute(one.model.body, numbers)


# --- courses ----------------------------------------------------------------------------------------


def _courses(works: Sequence[Work]) -> list[Part]:
    """The loss after each iteration of the runs from given starts."""
    from derive.figures.cost_curve import describe

    courses: dict[str, list[float]] = {}
    for one in works:
        for run in one.runs[:CURVES]:
            if len(run.course) > 1:
                courses[_titled(one, f"from {_point(run.start)}")] = [float(c) for c in run.course]
    if not courses:
        return []
    data: dict[str, object] = {"costs": courses if len(courses) > 1 else next(iter(courses.values())), "name": "L"}
    return [Figure("cost_curve", data, ("The loss after each iteration.",), describe(data), "courses")]


# --- the surface ------------------------------------------------------------------------------------


def _surface(given: Setup, one: Work) -> list[Part]:
    """The loss over the plane of two parameters, or over the plane through two minima and a start."""
    if len(one.model.parameters) < 2 or not one.places:
        return []
    plane = _of_parameters(one) if len(one.model.parameters) == 2 else _through(one)
    if plane is None:
        return []
    from derive.figures.loss_surface import describe

    xs, ys = plane.axes()
    part = objective_of(one.made, subsampled(given.arrays, SURFACE_ROWS))
    with np.errstate(all="ignore"):
        values = [[part.loss(plane.at(x, y)) for x in xs] for y in ys]
    data = {"x": xs.tolist(), "y": ys.tolist(), "values": values, "marks": plane.marks(), "names": plane.names,
            "name": "L"}
    rows = f" (mean over {part.samples:,} rows)" if part.samples < given.count else ""
    title = f" of the {one.model.title} model" if one.model.title else ""
    return [Figure("loss_surface", data, (f"The loss{title}{rows} {plane.words}.",), describe(data), "surface")]


class _Plane:
    """A plane of parameters: ``origin + x first + y second``, with places and starts in it."""

    def __init__(self, origin: Array, first: Array, second: Array, names: Sequence[object], words: str) -> None:
        self.origin, self.first, self.second = origin, first, second
        self.names, self.words = list(names), words
        self.shown: list[tuple[float, float, str, str]] = []

    def at(self, x: float, y: float) -> Array:
        """The parameters at a point of the plane."""
        return np.asarray(self.origin + x * self.first + y * self.second)

    def mark(self, point: Array, label: str, kind: str) -> None:
        """Mark a point that lies in the plane."""
        basis = np.column_stack([self.first, self.second])
        x, y = np.linalg.lstsq(basis, np.asarray(point) - self.origin, rcond=None)[0]
        self.shown.append((float(x), float(y), label, kind))

    def marks(self) -> list[dict[str, object]]:
        """What is marked."""
        return [{"x": x, "y": y, "label": label, "kind": kind} for x, y, label, kind in self.shown]

    def axes(self) -> tuple[Array, Array]:
        """The grid's coordinates: around what is marked."""
        points = np.array([s[:2] for s in self.shown])
        low, high = points.min(axis=0), points.max(axis=0)
        extent = np.maximum(high - low, 0.35 * max(float((high - low).max()), 1e-9))
        extent = np.where(extent < 1e-6, 2.0, extent)
        middle, half = (low + high) / 2, extent * (0.5 + ROOM)
        return tuple(np.linspace(m - h, m + h, GRID) for m, h in zip(middle, half, strict=True))  # type: ignore[return-value]


def _kind(place: Place) -> str:
    return {MINIMUM: "minimum", SADDLE: "saddle"}.get(place.nature, place.nature)


def _of_parameters(one: Work) -> _Plane:
    """The plane of both parameters, with all places and the starts of runs."""
    plane = _Plane(np.zeros(2), np.array([1.0, 0.0]), np.array([0.0, 1.0]), one.model.parameters, "over its parameters")
    for place in one.places[:4]:
        plane.mark(place.point, place.letter, _kind(place))
    for run in one.runs[:3]:
        if not any(np.allclose(run.start, p.point) for p in one.places):
            plane.mark(np.array(run.start), "start", "start")
    return plane


def _through(one: Work) -> _Plane | None:
    """The plane through the lowest two minima and the first start that is not on their line."""
    minima = [p for p in one.places if p.nature == MINIMUM][:2]
    if len(minima) < 2:
        return None
    first, second = minima
    way = second.point - first.point
    third = next((np.array(r.start) for r in one.runs if _off(np.array(r.start) - first.point, way)), None)
    if third is None:
        return None
    across = third - first.point
    across = across - way * float(across @ way) / float(way @ way)
    across *= float(np.linalg.norm(way) / np.linalg.norm(across))
    words = (f"over the plane through the minima {first.letter} and {second.letter} and the start "
             f"{_point(third)}; the unit is their distance")
    names = (f"from {first.letter} (0) to {second.letter} (1)", "across")
    plane = _Plane(first.point, way, across, names, words)
    for place in minima:
        plane.mark(place.point, place.letter, "minimum")
    plane.mark(third, "start", "start")
    return plane


def _off(vector: Array, way: Array) -> bool:
    """Whether a vector has a part that is not along another."""
    rest = vector - way * float(vector @ way) / float(way @ way)
    return bool(np.linalg.norm(rest) > 0.05 * np.linalg.norm(way))
