r"""Maximum likelihood: likelihood, log-likelihood, score, its zero, the second-order check, the estimator; with data.

The families are those of :mod:`derive.distributions`; a density of one's own is a formula. See the modules
``_likelihood_*`` beside this one for the single parts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from derive.errors import DeriveError
from derive.kinds import _likelihood_classes as classes_of
from derive.kinds import _likelihood_multivariate as vectors
from derive.kinds import _likelihood_regression as regression
from derive.kinds import _likelihood_shape as shape
from derive.kinds._likelihood_given import equals, model, stated_data
from derive.kinds._likelihood_kinks import argued, ends_with_data
from derive.kinds._likelihood_log import Work, started
from derive.kinds._likelihood_numbers import picture, with_data
from derive.kinds._likelihood_prior import Prior, given_prior, posterior_with_data, with_prior
from derive.kinds._likelihood_quality import quality
from derive.kinds._likelihood_stage import assumed, in_turn, told_results
from derive.kinds._shared import listed
from derive.problem import Field, Problem
from derive.steps import Derivation, Prose
from derive.tree import Call, Node

SUMMARY = "maximum-likelihood estimators with score, second-order check, Fisher information and bias; MAP; regression"

FIELDS = (
    Field("distribution", "text", "the family, with letters or numbers for its parameters",
          example=r"'Poisson(\lambda)'"),
    Field("density", "function", "or the density (mass) as a formula", example=r"'f(x) = \theta x^{\theta - 1}'"),
    Field("support", "text", "where that density is positive: a domain", default="real", example='"(0, 1)"'),
    Field("estimate", "symbols", "the parameters to estimate; all that are letters when not given", default=(),
          example=r"['\mu']"),
    Field("data", "any", "the numbers (or points) observed, or a column (or columns) of a CSV file",
          example="[1, 0, 1, 1]"),
    Field("prior", "text", "a prior density of the parameter: its posterior is made largest instead",
          example="'beta(2, 2)'"),
    Field("quality", "boolean", "whether to derive Fisher information and bias", default=True, example="false"),
    Field("counts", "any", "for a categorical distribution: how often each class was seen", example="[5, 3, 2]"),
    Field("inputs", "any", "for a regression: the inputs that belong to the data; rows of several, or columns of a CSV "
                           "file", example="[0, 1, 2, 3]"),
    Field("intercept", "boolean", "for several inputs: whether a column of ones stands in front of them",
          default=True, example="false"),
    Field("start", "numbers", "for a logistic regression: slope and intercept, or the weights, to start from",
          default=(), example="[0, 0]"),
    Field("figure", "boolean", "whether to draw the log-likelihood", default=True, example="true"),
)


SPECIAL: Mapping[str, Callable[[Problem], Derivation]] = {
    classes_of.NAME: classes_of.classes, regression.LINEAR: regression.linear, regression.LOGISTIC: regression.logistic,
    vectors.NAME: vectors.multivariate, shape.NAME: shape.shape_and_rate,
}
"""Distributions that are not one row of a table: their derivation is told elsewhere."""


def solve(problem: Problem) -> Derivation:
    """The estimators."""
    kind = _only_fitting(problem)
    if kind in SPECIAL:
        return SPECIAL[kind](problem)
    found = model(problem)
    prior = None if problem.given["prior"] is None else given_prior(found, problem.given["prior"])
    work = started(found, prior is not None)
    if prior is not None:
        with_prior(work, prior)
    body = work.body
    in_turn(work, argued(work))
    if found.family is not None and found.family.name == "uniform":
        if found.data is not None:
            ends_with_data(work, problem.given["figure"])
        return _derivation(problem, work, prior)
    if prior is None:
        assumed(work)
    told_results(work)
    if problem.given["quality"] and prior is None:
        quality(work)
    numbers = with_data(work, body)
    if numbers is not None and prior is not None:
        posterior_with_data(numbers, prior)
    if numbers is not None and problem.given["figure"]:
        drawn = picture(numbers, body)
        work.parts += [] if drawn is None else [drawn]
    return _derivation(problem, work, prior)


def _only_fitting(problem: Problem) -> str:
    """Which of the distributions it is. DeriveError for a key that says nothing about it."""
    name = (problem.given["distribution"] or "").strip()
    kind = _kind(problem, name)
    for key, kinds in BELONGS.items():
        given = problem.given[key]
        if kind not in kinds and given not in (None, ()):
            raise DeriveError(f"{key}: does not go with {name or 'a density'}",
                              f"it is for: {', '.join(f'distribution = {k!r}' if k in SPECIAL else k for k in kinds)}")
    return kind


def _kind(problem: Problem, name: str) -> str:
    """The distribution that is told elsewhere, or a family (or density) of one or two numbers."""
    if vectors.is_multivariate(problem):
        return vectors.NAME
    if problem.given["prior"] is None and shape.has_two_letters(problem):
        return shape.NAME
    return name.casefold() if name.casefold() in SPECIAL else "family"


BELONGS: Mapping[str, tuple[str, ...]] = {
    "counts": (classes_of.NAME,), "inputs": (regression.LINEAR, regression.LOGISTIC), "start": (regression.LOGISTIC,),
    "prior": ("family",), "estimate": ("family", vectors.NAME, shape.NAME), "density": ("family",),
}
"""Which keys go with which distributions."""


def _derivation(problem: Problem, work: Work, prior: Prior | None) -> Derivation:
    """What was given and asked, and the parts told."""
    model = work.model
    given: list[Prose] = [(f"{model.title}: ", equals(_density_name(work), model.density))]
    if prior is not None:
        given.append((f"prior: {prior.family.title} ", equals(Call("pi", (prior.variable,)), prior.density)))
    if model.data is not None:
        given.append(stated_data("data", model.data, model.words))
    what = "maximum-likelihood" if work.what == "log-likelihood" else "maximum-a-posteriori"
    asked: Prose = (f"the {what} estimator of ", *listed(model.unknown))
    return Derivation(
        problem.title, problem.kind, tuple(given), (asked,), tuple(work.parts), tuple(work.results), work.context,
    )


def _density_name(work: Work) -> Node:
    return Call("f", (work.model.variable,))
