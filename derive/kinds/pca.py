r"""Principal component analysis: why the components are eigenvectors, and the analysis of points by hand.

The derivation with Lagrange multipliers is :mod:`derive.kinds._pca_lagrangian`; the points and their covariance are
:mod:`derive.kinds._pca_data`, the eigenvalues :mod:`derive.kinds._pca_eigen`, shares, projections and what they lose
:mod:`derive.kinds._pca_projection`; the experiment on scikit-learn's digits is :mod:`derive.kinds._pca_digits`.
"""

from __future__ import annotations

from derive.errors import DeriveError
from derive.goals import end_of
from derive.kinds._by_hand import SIGNIFICANT, rounding
from derive.kinds._by_hand import digits as digits_of
from derive.kinds._pca_data import DIVISORS, Data, given_data, products
from derive.kinds._pca_digits import digits, tried
from derive.kinds._pca_eigen import Axes, C, at, principal_axes
from derive.kinds._pca_lagrangian import context as letters
from derive.kinds._pca_lagrangian import covariance, lagrangian
from derive.kinds._pca_projection import LAMBDA, X, explained, projected, scores_of
from derive.kinds._shared import ROWS_GIVEN, listed
from derive.problem import Field, Problem
from derive.steps import (
    Chain,
    Context,
    Definition,
    Derivation,
    Figure,
    Formula,
    Heading,
    Paragraph,
    Part,
    Prose,
    Result,
    Step,
    Table,
)
from derive.tree import ONE, Negative, Node, Number, Product, Quotient, Relation, Sum, Symbol, Transpose, Vector, number
from derive.write.numbers import approximate

TITLE = "PCA"
SUMMARY = "principal component analysis: Lagrangian, eigenvalues, explained variance, projection, reconstruction"

FIELDS = (
    Field("points", "points", "the data, each point a list of numbers", example="[[1, 1], [2, 4], [3, 4]]"),
    Field("covariance", "points", "the covariance matrix row by row, in place of points", example="[[2, 1], [1, 2]]"),
    Field("components", "integer", "how many components are kept; one less than coordinates when nothing is said",
          least=1, most=12, example="1"),
    Field("divisor", "choice", "what the covariance is divided by", default=DIVISORS[0], choices=DIVISORS,
          example='"n - 1"'),
    Field("derivation", "boolean", "whether to derive, with Lagrange multipliers, that components are eigenvectors",
          default=True, example="true"),
    Field("digits", "numbers", "numbers of components for an experiment on scikit-learn's digits: the program, and its "
          "results where scikit-learn is installed", example="[2, 5, 10, 25, 50]"),
    Field("figure", "boolean", "whether to draw the points with the principal axes", default=True, example="true"),
)
STARTER = ("points",)

MEAN = Symbol("x", accent="bar")
SUM_MOST = 8  # points whose sum is written out

_ORDER = "from the largest eigenvalue to the smallest"
_UPRIGHT = "of length 1, its entry of largest absolute value (of equal ones the first) positive"
_ANY = "any perpendicular directions for an eigenvalue that there is several times"


def solve(problem: Problem) -> Derivation:
    """The derivation where it is asked for, then the analysis of the points, then the experiment.

    DeriveError for points without variance or with different numbers of coordinates, for a matrix that is no
    covariance matrix, for more components than coordinates, and where nothing is given and asked.
    """
    given = problem.given
    data, counts = given_data(given), tried(given["digits"])
    kept = _kept(given["components"], data)
    if data is None and not given["derivation"] and not counts:
        raise DeriveError("there are no points, and the derivation is not asked for",
                          "give points, a covariance matrix, or derivation = true")
    parts: list[Part] = []
    results: list[Result] = []
    context = Context({**(letters().domains if given["derivation"] else {}), **problem.domains})
    if given["derivation"]:
        parts += [Formula(covariance(given["divisor"]), "the covariance matrix"), *lagrangian(given["divisor"])]
        results.append(Result("condition for a component", _condition()))
    if data is not None:
        more, found = _analysed(data, kept, bool(given["figure"]))
        parts, results = parts + more, results + found
    more, found = digits(counts)
    return Derivation(problem.title, problem.kind, _given(data), _asked(data, bool(given["derivation"]), counts),
                      tuple(parts + more), tuple(results + found), context)


def _condition() -> Relation:
    w = Symbol("w")
    return Relation((Product((C, w)), Product((LAMBDA, w))), ("=",))


def _kept(asked: int | None, data: Data | None) -> int:
    """How many components are kept. DeriveError for more than there are coordinates."""
    if data is None:
        return 0
    if asked is not None and asked > data.width:
        raise DeriveError(f"components: {asked} components of points with {data.width} coordinates",
                          f"there are as many components as coordinates: at most {data.width}")
    return data.width - 1 if asked is None else asked


def _given(data: Data | None) -> tuple[Prose, ...]:
    if data is None:
        return ()
    if not data.points:
        return (("the covariance matrix ", Relation((C, data.matrix(data.covariance)), ("=",))),)
    if data.size > ROWS_GIVEN:
        return ((f"{data.size} points with {data.width} coordinates",),)
    return (("the points ", *listed([data.vector(p) for p in data.points])),)


def _asked(data: Data | None, derivation: bool, counts: tuple[int, ...]) -> tuple[Prose, ...]:
    asked: list[Prose] = [("the condition for a direction of largest variance",)] if derivation else []
    if data is not None:
        asked.append((f"the principal components {_ORDER}, each {_UPRIGHT}",))
        asked.append(("the share of the variance that each explains",))
    if data is not None and data.points:
        asked.append(("the projections of the points, and what they lose",))
    if counts:
        asked.append(("the accuracy on the digits over the number of components",))
    return tuple(asked)


# --- the analysis -----------------------------------------------------------------------------------


def _analysed(data: Data, kept: int, figure: bool) -> tuple[list[Part], list[Result]]:
    parts, results = _centred(data) if data.points else ([], [])
    axes = principal_axes(data, Context())
    parts += axes.parts
    if axes.repeated:
        parts.append(Paragraph((_REPEATED,), remark=True))
    results += _axis_results(axes)
    more, found = explained(data, axes.found)
    parts, results = parts + more, results + found
    if data.points:
        more, found = projected(data, axes.found, kept)
        parts, results = parts + more, results + found
        parts += [_figure(data, axes, kept)] if figure else []
    return parts, results


_REPEATED = ("Two eigenvalues are the same: every direction in the plane of their eigenvectors explains as much, so "
             "these components are one choice among many.")


def _centred(data: Data) -> tuple[list[Part], list[Result]]:
    """Mean, centred points, covariance matrix."""
    mean = data.vector(data.mean)
    parts: list[Part] = [Heading(("Centring",)), Paragraph(("The mean of the points is",)), _mean(data),
                         Paragraph(("It is subtracted from every point.",)), _table(data)]
    scatter, covariance = data.matrix(products(data.centred)), data.matrix(data.covariance)
    share = Quotient(ONE, number(data.divided_by))
    start = Product((share, Transpose(X), X))
    summed = Product((share, scatter))
    steps = [Step(start, summed, "matrix product", "Each entry is a sum of products of two columns.")]
    if data.divided_by > 1:
        steps.append(Step(summed, covariance, "scale", "Each entry is divided."))
    if data.decimals and digits_of(covariance) > SIGNIFICANT:
        steps.append(rounding(covariance))
    words: Prose = ("The centred points are the rows of ", X, ". The sums of products are divided by ",
                    f"{_divided(data)}:")
    where = (Definition(X, (), data.matrix(data.centred)),)
    parts += [Heading(("Covariance matrix",)), Paragraph(words), Chain(tuple(steps), C, where)]
    return parts, [Result("mean", mean.items, MEAN), Result("covariance matrix", covariance.rows, C)]


def _divided(data: Data) -> str:
    if data.divisor == "n":
        return f"n = {data.size}, which gives the covariance of these points themselves"
    return f"n − 1 = {data.divided_by}, which makes the estimate unbiased"


def _mean(data: Data) -> Chain:
    sums = data.vector(m * data.size for m in data.mean)
    points: Node = Sum(tuple(data.vector(p) for p in data.points)) if data.size <= SUM_MOST else sums
    start = Product((Quotient(ONE, Number(str(data.size))), points))
    steps = [Step(start, Product((start.factors[0], sums)), "add entry by entry", "The sum of the points.")]
    steps = steps if points != sums else []
    before = end_of(start, steps)
    return Chain((*steps, Step(before, data.vector(data.mean), "scale", "Each entry is divided.")), MEAN)


def _table(data: Data) -> Table:
    """The points and the centred points."""
    most = 24
    i = Symbol("i")
    header: tuple[Prose, ...] = ((i,), (Symbol("x", "i"),), (Sum((Symbol("x", "i"), Negative(MEAN))),))
    rows = [((str(k),), (data.vector(p),), (data.vector(c),))
            for k, (p, c) in enumerate(zip(data.points[:most], data.centred, strict=False), 1)]
    return Table(header, tuple(rows), ("The points and the centred points.",))


def _axis_results(axes: Axes) -> list[Result]:
    values = tuple(a.value for a in axes.found)
    names = tuple(at(LAMBDA, k) for k in range(1, len(values) + 1))
    results = [Result("eigenvalues", values, Vector(names), number=[a.number for a in axes.found], convention=_ORDER)]
    upright = _ANY if axes.repeated else _UPRIGHT
    for k, axis in enumerate(axes.found, 1):
        unit = axis.entries if axis.rational is not None else tuple(approximate(x) for x in axis.unit)
        results.append(Result(f"component {k}", unit, at(Symbol("u"), k), number=list(axis.unit), convention=upright))
    return results


# --- figure -----------------------------------------------------------------------------------------


def _figure(data: Data, axes: Axes, kept: int) -> Figure:
    from derive.figures.principal_axes import describe

    first = axes.found[:2]
    shown = {"variances": [a.number for a in first], "shares": [a.number / float(data.trace) for a in first]}
    drawn, caption = _in_the_plane(data, axes, kept) if data.width == 2 else _in_space(data, axes)
    return Figure("principal_axes", {**shown, **drawn}, (caption,), describe({**shown, **drawn}), "axes")


def _in_the_plane(data: Data, axes: Axes, kept: int) -> tuple[dict[str, object], str]:
    drawn = {"points": [[float(x) for x in p] for p in data.points], "mean": [float(x) for x in data.mean],
             "axes": [list(a.unit) for a in axes.found], "projections": kept == 1}
    also = "; thin lines lead to the projections" if kept == 1 else ""
    return drawn, ("The points, their mean, and the principal axes, as long as the standard deviations along "
                   f"them{also}.")


def _in_space(data: Data, axes: Axes) -> tuple[dict[str, object], str]:
    drawn = {"points": scores_of(data, axes.found)[:, :2].tolist(), "mean": [0.0, 0.0],
             "axes": [[1.0, 0.0], [0.0, 1.0]], "names": ["first component", "second component"]}
    return drawn, "The points in the plane of the first two components."


