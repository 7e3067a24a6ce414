r"""Both parameters of a gamma distribution: the rate in terms of the shape, and an equation for the shape alone.

Called by the kind ``maximum-likelihood`` for ``'gamma(\alpha, \beta)'`` with two letters. The equation for the shape
has one solution and no closed form; with data Newton's method finds it.

Source: Minka, Estimating a Gamma distribution (2002), for the start of Newton's method.
"""

from __future__ import annotations

import math

import numpy as np

from derive.errors import DeriveError
from derive.goals import end_of
from derive.kinds._by_hand import rounded, worked
from derive.kinds._likelihood_given import equals, exactly, model, stated_data, written_family
from derive.kinds._likelihood_information import information, information_matrix
from derive.kinds._likelihood_log import LOG_LIKELIHOOD, Work, started
from derive.kinds._likelihood_matrices import template
from derive.kinds._likelihood_numbers import SHOWN
from derive.kinds._likelihood_stage import estimated, maximise, put_in_estimate, score
from derive.problem import Problem
from derive.solving import equivalent
from derive.steps import (
    Chain,
    Definition,
    Derivation,
    Figure,
    Formula,
    Heading,
    Level,
    Paragraph,
    Prose,
    Result,
    Step,
    Table,
)
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Derivative,
    Negative,
    Node,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    number,
    total,
)
from derive.write.numbers import approximate
from derive.write.text import text

NAME = "gamma"
NEWTON_MOST = 30
DRAWN_MOST = 60  # the largest shape of a picture: the gamma function of a number from 171 on is no float
DIGITS = 12  # of the shape that is put into its equation
_S = Symbol("s")


def has_two_letters(problem: Problem) -> bool:
    """Whether it is a gamma distribution with shape and rate to estimate."""
    try:
        family, items = written_family(problem.given["distribution"] or "")
    except DeriveError:
        return False  # the message for it is that of the families
    letters = {item for item in items if isinstance(item, Symbol)}
    asked = set(problem.given["estimate"]) or letters
    return family.name == NAME and len(letters) == 2 and asked == letters


def shape_and_rate(problem: Problem) -> Derivation:
    """The estimators as far as they have a closed form, the information matrix, and the numbers.

    DeriveError for data that are all the same.
    """
    found = model(problem)
    shape, rate = found.unknown
    work = started(found)
    work.add(Heading(("The estimator of ", rate)))
    work.estimates[rate] = maximise(work, rate)
    put_in_estimate(work, rate, work.estimates[rate])
    _shape(work, shape)
    work.results.append(Result(f"estimator of {rate.plain}", Quotient(estimated(shape), found.mean), estimated(rate)))
    if problem.given["quality"]:
        about = {letter: information(work, letter) for letter in (shape, rate)}
        information_matrix(work, {letter: value for letter, value in about.items() if value is not None})
    if found.data is not None:
        at = _with_data(work, shape, rate)
        if problem.given["figure"] and at[0] < DRAWN_MOST:
            work.add(_picture(work, shape, rate, at))
    given: list[Prose] = [(f"{found.title}: ", equals(Call("f", (found.variable,)), found.density))]
    if found.data is not None:
        given.append(stated_data("data", found.data, found.words))
    asked: Prose = ("the maximum-likelihood estimators of ", shape, " and ", rate)
    return Derivation(problem.title, problem.kind, tuple(given), (asked,), tuple(work.parts), tuple(work.results),
                      work.context)


def _equation(work: Work, shape: Symbol) -> tuple[Node, Node]:
    """The side with the shape, and what the data give for it."""
    model_ = work.model
    left = template(r"\log(a) - \digamma(a)", {Symbol("a"): shape})
    logs = model_.over(Call("log", (model_.member,)))
    right = template("l - m", {Symbol("l"): Call("log", (model_.mean,)), Symbol("m"): Quotient(logs, model_.size)})
    return left, right


def _shape(work: Work, shape: Symbol) -> None:
    """The score of the shape, its zero as an equation, and why that has one solution."""
    work.add(Heading(("The estimator of ", shape)), Paragraph(("Its derivative, the score, is",)))
    slope = score(work, shape)
    left, right = _equation(work, shape)
    sums = tuple(d for d in work.statistics if d.name != work.model.mean)
    named = template("l - m", {Symbol("l"): Call("log", (work.model.mean,)), Symbol("m"): Quotient(
        sums[0].name, work.model.size)})
    curve = template(r"\frac{1}{a} - \operatorname{trigamma}(a)", {Symbol("a"): shape})
    work.domains[_S] = "positive"
    work.add(
        Paragraph(("It is zero where",)),
        Chain((equivalent(equals(slope, ZERO), equals(left, named), "isolate", "Divided by the number of data."),)),
        Paragraph(("On the right stands the logarithm of the mean less the mean of the logarithms of the data, ",
                   equals(_S, right), (". By Jensen's inequality it is positive, unless all data are the same. The "
                   "left side falls from infinity to 0 as "), shape, " grows:")),
        Chain((Step(Derivative(left, shape), curve, "derivative term by term",
                    "The digamma function has the derivative trigamma.", level=Level.CALCULUS),
               Step(curve, ZERO, "sign", "The trigamma function is larger than the reciprocal.", "<",
                    Level.ARGUMENT))),
        Paragraph(("So exactly one ", shape, (" solves the equation, and the slope of the log-likelihood is positive "
                   "below it and negative above: the log-likelihood is largest there. There is no closed form."))),
    )
    work.results.append(Result(f"equation for {shape.plain}", Relation((left, right), ("=",))))


# --- with data --------------------------------------------------------------------------------------


def _with_data(work: Work, shape: Symbol, rate: Symbol) -> tuple[float, float]:
    """Newton's method for the shape, then the rate; both. DeriveError for data that are all the same."""
    from scipy.special import digamma, gammaln, polygamma

    data = work.model.data
    assert data is not None
    x = np.array([float(exactly(item)) for item in data])
    if len(set(map(exactly, data))) == 1:
        many = "one datum" if len(data) == 1 else "data that are all the same"
        raise DeriveError(f"data: with {many} the estimator does not exist: the likelihood grows with the shape "
                          "without end", "give at least two different numbers")
    mean, gap = float(x.mean()), float(np.log(x.mean()) - np.log(x).mean())
    at = (3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    rows: list[tuple[Prose, ...]] = []
    for k in range(NEWTON_MOST):
        error = float(np.log(at) - digamma(at)) - gap
        rows.append(((str(k),), (approximate(at),), (approximate(error, 3),)))
        if abs(error) < 1e-13 * max(1.0, gap):
            break
        at -= error / float(1 / at - polygamma(1, at))
    _told_numbers(work, shape, (mean, gap, at), rows)
    values = at, at / mean
    for letter, value in zip((shape, rate), values, strict=True):
        work.results.append(Result(f"{letter.plain} from the data", approximate(value), estimated(letter),
                                   number=value))
    likelihood = float(np.sum(at * np.log(values[1]) - gammaln(at) + (at - 1) * np.log(x) - values[1] * x))
    name = Call(LOG_LIKELIHOOD.plain, (estimated(shape), estimated(rate)))
    work.results.append(Result("largest log-likelihood", approximate(likelihood), name, number=likelihood))
    return values


def _picture(work: Work, shape: Symbol, rate: Symbol, at: tuple[float, float]) -> Figure:
    """Level lines of the log-likelihood in shape and rate."""
    data = work.model.data
    assert data is not None
    x = [float(exactly(item)) for item in data]
    function = template(r"n (a \log(b) - \log(\Gamma(a)) + (a - 1) l - b m)", {
        Symbol("n"): number(len(x)), Symbol("a"): shape, Symbol("b"): rate,
        Symbol("l"): approximate(sum(map(math.log, x)) / len(x), DIGITS), Symbol("m"): approximate(
            sum(x) / len(x), DIGITS)})
    drawn = {"function": function, "variables": (shape, rate), "path": [], "name": text(LOG_LIKELIHOOD),
             "stationary": [(*at, "maximum")]}
    caption: Prose = ("The log-likelihood of the data and its maximum at ",
                      equals(estimated(shape), approximate(at[0])), " and ",
                      equals(estimated(rate), approximate(at[1])), ".")
    return Figure("contour_path", drawn, caption, "Level lines of the log-likelihood with its maximum marked.",
                  "log-likelihood")


def _told_numbers(
    work: Work, shape: Symbol, found: tuple[float, float, float], rows: list[tuple[Prose, ...]],
) -> None:
    mean, gap, at = found
    model_, data = work.model, work.model.data
    assert data is not None
    left, _ = _equation(work, shape)
    short = approximate(at, DIGITS)
    assert isinstance(left, Sum)
    error = Sum((*left.terms, Negative(_S)))
    work.add(Heading(("With the data",)))
    if len(data) <= SHOWN:
        start = Quotient(total(data), number(len(data)))
        steps = worked(start)
        sums = total([Call("log", (item,)) for item in data])
        logs = template("l - m", {Symbol("l"): Call("log", (end_of(start, steps),)), Symbol("m"): Product(
            (Quotient(ONE, number(len(data))), sums))})
        work.add(Chain(tuple(steps), model_.mean), Chain(tuple(worked(logs)), _S))
    else:
        work.add(Formula(Relation((model_.mean, approximate(mean)), ("~=",))),
                 Formula(Relation((_S, approximate(gap)), ("~=",))))
    work.add(
        Paragraph(("Newton's method for ", equals(error, ZERO), " settles quickly:")),
        Table((("step",), (shape,), (error,)), tuple(rows), ("Newton's method, in floating point.",)),
        Paragraph(("Put in,",)),
        Chain((Step(left, rounded(template(r"\log(a) - \digamma(a)", {Symbol("a"): short})), "put in and round",
                    "To 6 significant digits.", "~=", Level.ARITHMETIC),), None, (Definition(shape, (), short),)),
    )

