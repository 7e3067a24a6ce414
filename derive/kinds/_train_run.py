r"""One training from its configuration: data, split, features, start, and the loop; then what the network says.

Called by the kind ``train`` for each run. :func:`trained` is the only place where numbers are drawn: data, split, start
and order of the batches have generators of their own, so that changing one of them leaves the others as they are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from derive import progress
from derive.kinds._train_given import Configuration
from derive.kinds._train_network import Batch, batch_of
from derive.numeric import training
from derive.numeric.metrics import Counts, against_rest, confusion
from derive.numeric.playground import Array, Points, Standard, features, split, standard_of, unchanged
from derive.numeric.programs import Training
from derive.numeric.training import INITIALS, Course
from derive.tree import Node

GRID = 81  # values along each side of a picture
MARGIN = 0.08  # around the points, of their extent
DIGITS = 4  # of the numbers that a picture is given


@dataclass(frozen=True, eq=False)
class Run:
    """A training and what it was made with. ``train`` and ``test`` are places in ``configuration.points``."""

    configuration: Configuration
    batch: Batch
    course: Course
    train: NDArray[np.intp]
    test: NDArray[np.intp]
    standard: Standard

    def inputs(self, places: Array) -> Array:
        """What the network is given of some points, shape (n, features), or (n,) for one."""
        return as_column(self.standard(features(self.configuration.features, places)))

    def outputs(self, places: Array) -> Array:
        """The network's output less the threshold: positive where class 1 is predicted, shape (n,)."""
        return self._values(places, self.batch.output).reshape(-1) - self.configuration.threshold

    def sums(self, places: Array) -> Array:
        """The weighted sums of the first layer, shape (n, units)."""
        return self._values(places, self.batch.layers[0].sums).reshape(len(places), -1)

    def _values(self, places: Array, formula: Node) -> Array:
        arrays = {**self.course.parameters, self.batch.layered.inputs: self.inputs(places)}
        return self.batch.forward.values(arrays, formula)[0]

    @property
    def weights(self) -> tuple[Array, ...]:
        """The trained weights, a matrix a layer."""
        return tuple(self.course.parameters[s] for s in self.batch.weights)

    @property
    def biases(self) -> tuple[Array, ...]:
        """The trained biases, a vector a layer."""
        return tuple(self.course.parameters[s] for s in self.batch.biases)

    def counts(self, chosen: NDArray[np.intp]) -> Counts:
        """Right and wrong predictions of some points, class 1 the positive one."""
        points = self.configuration.points.of(chosen)
        predicted = self.outputs(points.places) > 0
        matrix = confusion((points.labels > 0).astype(int).tolist(), predicted.astype(int).tolist(), 2)
        return against_rest(matrix, 1)

    def wrong(self) -> int:
        """How many of all points are classified wrongly."""
        points = self.configuration.points
        return int(np.count_nonzero((self.outputs(points.places) > 0) != (points.labels > 0)))

    def kept(self) -> list[int]:
        """The features that the first layer still looks at, counted from 0."""
        return [k for k in range(len(self.configuration.features)) if np.any(self.weights[0][:, k])]

    def zeros(self) -> int:
        """How many weights are exactly zero."""
        return sum(int(np.count_nonzero(w == 0)) for w in self.weights)


def trained(configuration: Configuration, text: str, seconds: float = math.inf) -> Run:
    """Train for at most some seconds.

    MathError where a feature has no value; DeriveError for settings that make no sense.
    """
    generators = [np.random.default_rng([configuration.seed, k]) for k in range(1, 4)]
    points, batch = configuration.points, batch_of(configuration)
    train, test = split(len(points), configuration.split, generators[0])
    training.check(configuration.settings, len(train))
    raw = features(configuration.features, points.places)
    standard = standard_of(raw[train]) if configuration.standardise else unchanged(raw.shape[1])
    inputs, targets = as_column(standard(raw)), targets_of(configuration, points)
    start = dict(zip(batch.parameters, start_of(configuration, generators[1]), strict=True))
    names = batch.layered.inputs, batch.layered.target
    data, tested = (dict(zip(names, (inputs[k], targets[k]), strict=True)) for k in (train, test))
    steps = Training(batch.trainable, start, data, configuration.settings.batch or len(train))
    course = training.train(
        steps, sum(start[w].size for w in batch.weights), tested,
        replace(configuration.settings, seconds=seconds), generators[2],
        lambda done, total: progress.report(text, done, total),
    )
    if course.ended == "interrupted":
        progress.interrupt()
    return Run(configuration, batch, course, train, test, standard)


def as_column(values: Array) -> Array:
    """A matrix of one column as the vector that it is declared to be."""
    return values[:, 0] if values.shape[1] == 1 else values


def targets_of(configuration: Configuration, points: Points) -> Array:
    """The targets as the loss wants them, shape (n,)."""
    return np.where(points.labels > 0, 1.0, 0.0 if configuration.zero_one else -1.0)


def start_of(configuration: Configuration, generator: np.random.Generator) -> list[Array]:
    """Weights of all layers, then biases."""
    initial = INITIALS[configuration.start]
    weights = [initial.draw(generator, (units, fed)) for fed, units in pairwise(configuration.sizes)]
    return [*weights, *(np.full(units, initial.bias) for units in configuration.sizes[1:])]


# --- for pictures -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """An even grid over the points: ``low`` and ``high`` along both axes, ``places`` row by row."""

    x: list[float]
    y: list[float]
    places: Array

    def surface(self, values: Array) -> dict[str, object]:
        """The data of a surface from the values at ``places``."""
        size = math.isqrt(len(values))
        return {"x": self.x, "y": self.y, "values": rounded(values.reshape(size, size))}


def plane_of(points: Points, size: int = GRID) -> Plane:
    """A square grid around the points."""
    low, high = points.places.min(axis=0), points.places.max(axis=0)
    half = (0.5 + MARGIN) * float((high - low).max()) or 1.0
    centre = (low + high) / 2
    x, y = ([round(float(c - half), DIGITS), round(float(c + half), DIGITS)] for c in centre)
    columns, rows = np.meshgrid(np.linspace(x[0], x[1], size), np.linspace(y[0], y[1], size))
    return Plane(x, y, np.column_stack([columns.ravel(), rows.ravel()]))


def cloud_of(run: Run, most: int = 2_000) -> dict[str, object]:
    """The points for a picture, training points first; of very many only the first of each."""
    shares = [(chosen[:most], test) for chosen, test in ((run.train, False), (run.test, True))]
    points = run.configuration.points
    return {
        "places": [pair for chosen, _ in shares for pair in rounded(points.places[chosen])],
        "labels": [int(label) for chosen, _ in shares for label in points.labels[chosen]],
        "test": [test for chosen, test in shares for _ in chosen],
        "classes": list(run.configuration.classes),
    }


def rounded(values: Array) -> list[list[float]]:
    """Rows of numbers with few digits."""
    found: list[list[float]] = np.round(values, DIGITS).tolist()
    return found
