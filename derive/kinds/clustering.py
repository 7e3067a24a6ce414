r"""Clustering by hand: k-means in any dimension, and the EM algorithm for a mixture of Gaussians in one.

The steps of k-means are :mod:`derive.kinds._clustering_means`, those of EM :mod:`derive.kinds._clustering_mixture`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from derive.errors import DeriveError
from derive.kinds import _clustering_means, _clustering_mixture
from derive.kinds._by_hand import has_decimals
from derive.kinds._clustering_means import Walk, walked
from derive.kinds._clustering_mixture import Course, run
from derive.kinds._pca_data import Exact, exact_points
from derive.kinds._shared import ROWS_GIVEN, listed
from derive.networks import many
from derive.problem import Field, Problem
from derive.read.conditions import conditions
from derive.steps import Context, Derivation, Figure, Prose
from derive.tree import Symbol

SUMMARY = "k-means and EM for a mixture of Gaussians by hand: every step in a table, the objective never worse"

METHODS = ("k-means", "EM")
STEPS = {"k-means": 10, "EM": 2}
MOST = 6  # clusters

FIELDS = (
    Field("points", "points", "the data: numbers, or points as lists of numbers", required=True,
          example="[[1, 1], [2, 1], [4, 3], [5, 4]]"),
    Field("method", "choice", "the algorithm; EM for a mixture of Gaussians takes numbers", default=METHODS[0],
          choices=METHODS, example='"k-means"'),
    Field("clusters", "integer", "how many clusters; the first different points are the centres at the start", least=1,
          most=MOST, example="2"),
    Field("centres", "points", "the centres (EM: the means) at the start", example="[[1, 1], [2, 1]]"),
    Field("variances", "numbers", "EM: the variances at the start; that of all data when nothing is said",
          example="[1, 1]"),
    Field("weights", "numbers", "EM: the weights at the start; all the same when nothing is said",
          example="['1/2', '1/2']"),
    Field("steps", "integer", "how many steps at most; k-means stops when nothing changes (10), EM makes two", least=1,
          most=20, example="10"),
    Field("figure", "boolean", "whether to draw the points and the paths of the centres, or the densities",
          default=True, example="true"),
)
STARTER = ("points", "clusters")


def solve(problem: Problem) -> Derivation:
    """The steps of the chosen algorithm.

    DeriveError for too few or equal points, for more clusters than different points, for centres that do not fit the
    points, for a cluster that becomes empty, and for a variance that becomes zero.
    """
    given = problem.given
    points = exact_points(given["points"])
    centres = _centres(given, points)
    module = _clustering_means if given["method"] == "k-means" else _clustering_mixture
    steps = given["steps"] or STEPS[given["method"]]
    decimals = has_decimals(node for p in given["points"] for node in p)
    if given["method"] == "k-means":
        _only_for_mixtures(given)
        walk = walked(points, centres, steps, decimals)
        parts, results = _clustering_means.told(walk)
        parts += [_paths(walk)] if given["figure"] and len(points[0]) <= 2 else []
        more: tuple[Prose, ...] = ()
        asked: tuple[Prose, ...] = (_clustering_means.ASKED,)
    else:
        course = run(_mixture(given, points, centres), steps)
        parts, results = _clustering_mixture.told(course)
        parts += [_densities(course)] if given["figure"] else []
        more = _clustering_mixture.stated(course)
        asked = ((f"the weights, means and variances after {many(steps, 'step')} of EM, and the log-likelihood",),)
    shown: Prose = ("the points ", *listed(_points(points, decimals)))
    told: Prose = shown if len(points) <= ROWS_GIVEN else (f"{len(points)} points",)
    start: Prose = (f"the {'centres' if given['method'] == METHODS[0] else 'means'} at the start ",
                    *listed(_points(centres, decimals)))
    return Derivation(problem.title, problem.kind, (told, start, *more), asked, tuple(parts), tuple(results),
                      _letters(module.DECLARED, problem.domains))


def _letters(declared: Sequence[str], domains: Mapping[Symbol, str]) -> Context:
    """What the letters of a method's argument are, besides what the problem declares."""
    return Context({**conditions(list(declared)).declared.domains(), **domains})


def _points(points: tuple[Exact, ...], decimals: bool) -> list[Any]:
    walk = Walk(points, decimals)
    return [walk.place(p) for p in points]


def _only_for_mixtures(given: Mapping[str, Any]) -> None:
    for field in ("variances", "weights"):
        if given[field] is not None:
            raise DeriveError(f"{field}: k-means has none", 'leave it out, or take method = "EM"')


# --- the start --------------------------------------------------------------------------------------


def _centres(given: Mapping[str, Any], points: tuple[Exact, ...]) -> tuple[Exact, ...]:
    """The centres at the start. DeriveError where they do not fit the points or one another."""
    if len(points) < 2:
        raise DeriveError("points: there is nothing to part", "give at least two points")
    different = list(dict.fromkeys(points))
    if len(different) == 1:
        raise DeriveError("points: all points are equal, so there is only one cluster",
                          "give at least two different points")
    told = given["centres"]
    centres = tuple(different[: given["clusters"] or 2]) if told is None else exact_points(told, "centres")
    count = given["clusters"] or len(centres)
    if count > len(different):
        raise DeriveError(f"clusters: {count} clusters of {len(different)} different points",
                          "every cluster needs a point of its own: take fewer")
    if len(centres) != count:
        raise DeriveError(f"centres: {len(centres)} centres for {count} clusters", "leave out one of the two fields")
    if len(centres) > MOST:
        raise DeriveError(f"centres: {len(centres)} clusters are too many to write down", f"take at most {MOST}")
    _fitting(centres, points)
    return centres


def _fitting(centres: tuple[Exact, ...], points: tuple[Exact, ...]) -> None:
    for k, c in enumerate(centres, 1):
        if len(c) != len(points[0]):
            raise DeriveError(f"centres: centre {k} has {len(c)} coordinates and the points have {len(points[0])}",
                              "a centre is a point like the others")
        if c in centres[: k - 1]:
            raise DeriveError(f"centres: centres {centres.index(c) + 1} and {k} are the same",
                              "they would have the same points: start with different centres")


def _mixture(given: Mapping[str, Any], points: tuple[Exact, ...], centres: tuple[Exact, ...]) -> Course:
    if len(points[0]) != 1:
        raise DeriveError(f"points: EM is written out for numbers, and the points have {len(points[0])} coordinates",
                          'take one coordinate, or method = "k-means"')
    data = tuple(p[0] for p in points)
    means = tuple(c[0] for c in centres)
    return _clustering_mixture.started(data, means, given["variances"], given["weights"])


# --- figures ----------------------------------------------------------------------------------------


def _paths(walk: Walk) -> Figure:
    from derive.figures.clusters import describe

    flat = len(walk.points[0]) == 1
    places = [[*map(float, p), *([0.0] if flat else [])] for p in walk.points]
    paths = [[[*map(float, c[k]), *([0.0] if flat else [])] for c in walk.centres] for k in range(len(walk.centres[0]))]
    data = {"points": places, "assigned": list(walk.assigned[-1]), "paths": paths, "line": flat}
    caption: Prose = ("The points in their clusters, and the paths of the centres from the start (hollow) to the end.",)
    return Figure("clusters", data, caption, describe(data), "clusters")


def _densities(course: Course) -> Figure:
    from derive.figures.clusters import describe

    data = {"points": [[float(x), 0.0] for x in course.data], "line": True,
            "shares": course.responsibilities[-1].tolist(),
            "densities": [[list(map(float, row)) for row in course.rows(t)] for t in (0, -1)]}
    caption = ("The weighted densities at the end (dashed: their sum at the start); each point has the shades of its "
               "responsibilities.")
    return Figure("clusters", data, (caption,), describe(data), "mixture")

