r"""The EM algorithm for a mixture of two Gaussians in one dimension, by hand.

E-step: responsibilities, with the numbers of the mixture written down. M-step: new weights, means and variances from
the responsibilities written down. After every step the bound of Dempster, Laird and Rubin (1977) stands between the new
and the old log-likelihood, in numbers. Every line starts from numbers that are on the page, so rounding never adds up
unseen. Called by the kind ``clustering``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from derive.errors import DeriveError
from derive.kinds._by_hand import SIGNIFICANT, number_of, written
from derive.kinds._shared import listed
from derive.questions import names
from derive.read.latex import read
from derive.steps import (
    Chain,
    Definition,
    Formula,
    Heading,
    Level,
    Paragraph,
    Part,
    Prose,
    Result,
    Step,
    Table,
)
from derive.tree import (
    PI,
    TWO,
    Call,
    E,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    Symbol,
    Vector,
    number,
    total,
)
from derive.write.numbers import approximate
from derive.write.text import text

PLACES = 6  # decimals of a responsibility
LOG_DIGITS = 8  # digits of a log-likelihood
SMALLEST = Fraction(1, 10**9)  # of the variance of all data: a smaller variance counts as zero
DATA_MOST = 12  # data that are written out
TWO_ONLY = 2

X, LOGLIK, BOUND = Symbol("x"), Symbol("ell"), Symbol("F", font="cal")
INEQUALITY = (r"\log(a + b) - \left(r \log\frac{a}{r} + (1 - r) \log\frac{b}{1 - r}\right)",
              r"r \log\frac{r}{a / (a + b)} + (1 - r) \log\frac{1 - r}{b / (a + b)}")
DECLARED = ("a: positive", "b: positive", "r: (0, 1)")


@dataclass(frozen=True, slots=True)
class Mixture:
    """Weights, means and variances, as written."""

    weights: tuple[Fraction, ...]
    means: tuple[Fraction, ...]
    variances: tuple[Fraction, ...]


@dataclass
class Course:
    """``data`` (n), a mixture before each step and after the last; after each step the responsibilities (n, 2)."""

    data: tuple[Fraction, ...]
    mixtures: list[Mixture]
    responsibilities: list[NDArray[np.float64]] = field(default_factory=list)
    logs: list[float] = field(default_factory=list)
    bounds: list[float] = field(default_factory=list)

    def rows(self, t: int) -> list[tuple[Fraction, Fraction, Fraction]]:
        """Weight, mean and variance of each component before step t; of the last mixture for -1."""
        m = self.mixtures[t]
        return list(zip(m.weights, m.means, m.variances, strict=True))


# --- the start --------------------------------------------------------------------------------------


def started(
    data: tuple[Fraction, ...], means: tuple[Fraction, ...], variances: Sequence[Node] | None,
    weights: Sequence[Node] | None,
) -> Course:
    """The data and the mixture at the start. DeriveError for parameters out of their domains."""
    if len(means) != TWO_ONLY:
        raise DeriveError(f"clusters: EM is written out for two Gaussians, not {len(means)}", "clusters = 2")
    if len(data) > DATA_MOST:
        raise DeriveError(f"points: {len(data)} data are too many to write the steps of EM out",
                          f"give at most {DATA_MOST}")
    spread = _spread(data)
    start = Mixture(
        _list(weights, "weights") if weights is not None else (Fraction(1, 2), Fraction(1, 2)), means,
        _list(variances, "variances") if variances is not None else (_rounded(spread),) * TWO_ONLY,
    )
    for k, variance in enumerate(start.variances, 1):
        if variance <= 0:
            raise DeriveError(f"variances: variance {k} is {text(number(variance))}, and a Gaussian needs a positive "
                              "one", "a density of variance zero would be a single point")
    if any(w <= 0 for w in start.weights):
        raise DeriveError("weights: a weight is not positive", "a component without weight never gets any")
    if sum(start.weights) != 1:
        raise DeriveError(f"weights: they add up to {text(number(sum(start.weights, Fraction(0))))}, not to 1",
                          "give the share of each component")
    return Course(data, [start])


def _list(nodes: Sequence[Node], what: str) -> tuple[Fraction, ...]:
    values = tuple(Fraction(number_of(node)) for node in nodes)
    if len(values) != TWO_ONLY:
        raise DeriveError(f"{what}: {len(values)} numbers for {TWO_ONLY} components", "give one for each component")
    return values


def _spread(data: Sequence[Fraction]) -> Fraction:
    mean = sum(data, Fraction(0)) / len(data)
    return sum(((x - mean) ** 2 for x in data), Fraction(0)) / len(data)


def _rounded(value: Fraction | float) -> Fraction:
    """The number as it is written, to :data:`SIGNIFICANT` digits."""
    return Fraction(number_of(approximate(value, SIGNIFICANT)))


# --- the numbers ------------------------------------------------------------------------------------


def run(course: Course, steps: int) -> Course:
    """That many steps of EM. DeriveError where a variance becomes zero or a component loses all points."""
    course.logs.append(_log_likelihood(course, course.mixtures[0]))
    least = SMALLEST * _spread(course.data)
    for t in range(1, steps + 1):
        shares = _shares(course)
        course.responsibilities.append(shares)
        made = _maximised(course, shares, least, t)
        course.mixtures.append(made)
        course.logs.append(_log_likelihood(course, made))
        course.bounds.append(_bound(course, shares, made))
    return course


def _logarithms(course: Course, mixture: Mixture) -> NDArray[np.float64]:
    """The logarithm of each component's weight times its density at the data, shape (n, 2); never an underflow."""
    data = np.array([float(x) for x in course.data])[:, None]
    w, m, v = (np.array(row, dtype=float) for row in (mixture.weights, mixture.means, mixture.variances))
    logarithms: NDArray[np.float64] = np.log(w) - np.log(2 * math.pi * v) / 2 - (data - m) ** 2 / (2 * v)
    return logarithms


def _shares(course: Course) -> NDArray[np.float64]:
    """The responsibilities to :data:`PLACES` decimals; each row adds up to one."""
    logarithms = _logarithms(course, course.mixtures[-1])
    first = np.round(np.exp(logarithms[:, 0] - np.logaddexp(logarithms[:, 0], logarithms[:, 1])), PLACES)
    return np.stack([first, np.round(1 - first, PLACES)], axis=1)


def _exact(share: float) -> Fraction:
    return Fraction(f"{share:.{PLACES}f}")


def _maximised(course: Course, shares: NDArray[np.float64], least: Fraction, t: int) -> Mixture:
    rows = []
    for k in range(TWO_ONLY):
        r = [_exact(float(s)) for s in shares[:, k]]
        size = sum(r, Fraction(0))
        if size == 0:
            raise DeriveError(f"clustering: in step {t} component {k + 1} is responsible for no point",
                              "start with other means or variances")
        mean = _rounded(sum((a * x for a, x in zip(r, course.data, strict=True)), Fraction(0)) / size)
        variance = sum((a * (x - mean) ** 2 for a, x in zip(r, course.data, strict=True)), Fraction(0)) / size
        if variance <= least:
            raise DeriveError(f"clustering: in step {t} the variance of component {k + 1} becomes zero: it has shrunk "
                              "to a single point, and the likelihood has no bound", "start with other means, or with a "
                              "larger variance")
        rows.append((_rounded(size / len(course.data)), mean, _rounded(variance)))
    weights, means, variances = zip(*rows, strict=True)
    return Mixture(weights, means, variances)


def _log_likelihood(course: Course, mixture: Mixture) -> float:
    return float(np.logaddexp(*_logarithms(course, mixture).T).sum())


def _bound(course: Course, shares: NDArray[np.float64], mixture: Mixture) -> float:
    kept = shares > 0
    return float((shares[kept] * (_logarithms(course, mixture)[kept] - np.log(shares[kept]))).sum())


# --- telling ----------------------------------------------------------------------------------------


def stated(course: Course) -> tuple[Prose, ...]:
    """The variances and weights at the start."""
    start = course.mixtures[0]
    rows = (("variances", start.variances), ("weights", start.weights))
    return tuple((f"the {name} at the start ", *listed([_node(v) for v in values])) for name, values in rows)


def told(course: Course) -> tuple[list[Part], list[Result]]:
    """Start, steps, bound, and the course of the log-likelihood."""
    parts: list[Part] = [*_argument(), Heading(("Start",)), *_state(course, 0), *_likelihood(course, 0)]
    for t in range(len(course.responsibilities)):
        parts += [*_expectation(course, t), *_maximisation(course, t), *_state(course, t + 1),
                  *_likelihood(course, t + 1), *_not_smaller(course, t)]
    return [*parts, _table(course)], _results(course)


def _argument() -> list[Part]:
    """The bound for one point, as an identity with a divergence in it."""
    words = names(declare=DECLARED)
    before, after = (read(line, words) for line in INEQUALITY)
    a, b, r = Symbol("a"), Symbol("b"), Symbol("r")
    step = Step(before, after, "collect the logarithms", "The shares r and 1 − r add up to one.", level=Level.ARGUMENT)
    return [
        Heading(("The bound",)),
        Paragraph(("Let ", a, " and ", b, " be the weighted densities of the components at a point, and ", r, _DIFFER)),
        Chain((step,)),
        Paragraph((_DIVERGENCE, Relation((r, Quotient(a, Sum((a, b)))), ("=",)), _TOUCHES)),
    ]


_DIFFER = (" any number between 0 and 1. The logarithm of the point's likelihood and the evidence lower bound differ "
           "by")
_DIVERGENCE = ("which is the Kullback–Leibler divergence of the shares from the responsibilities. It is never negative "
               "and zero only where ")
_TOUCHES = (". So the E-step, which takes the responsibilities, makes the bound touch the log-likelihood; the M-step "
            "makes the bound as large as possible; and the log-likelihood is above it.")


def _body(row: tuple[Fraction, Fraction, Fraction]) -> Node:
    """A weight times the density of a Gaussian."""
    w, m, v = row
    apart = X if m == 0 else Sum((X, Negative(_node(m)) if m > 0 else _node(-m)))
    return Product((Quotient(_node(w), Root(Product((TWO, PI, _node(v))))),
                    Power(E, Negative(Quotient(Power(apart, TWO), Product((TWO, _node(v))))))))


def _node(value: Fraction) -> Node:
    return written(value, decimals=True)


def _density(k: int) -> Symbol:
    return Symbol("g", str(k + 1))


def _densities(course: Course, t: int) -> tuple[Definition, ...]:
    """The weighted densities before step t as functions of x."""
    return tuple(Definition(_density(k), (X,), _body(row)) for k, row in enumerate(course.rows(t)))


def _state(course: Course, t: int) -> list[Part]:
    rows = course.rows(t)
    marks = (Symbol("pi"), Symbol("mu"), Symbol("sigma"))
    facts: list[str | Node] = []
    for k, row in enumerate(rows):
        for symbol, value in zip(marks, row, strict=True):
            name: Node = Symbol(symbol.name, str(k + 1))
            name = Power(name, TWO) if symbol.name == "sigma" else name
            facts += [", " if facts else "", Relation((name, _node(value)), ("=",))]
    words = "The weights, means and variances are " if t == 0 else "So the new parameters are "
    densities: list[Part] = [Formula(Relation((Call(_density(k).plain, (X,)), d.body), ("=",)))
                             for k, d in enumerate(_densities(course, t))]
    return [Paragraph((words, *facts, ", and the weighted densities are",)), *densities]


def _likelihood(course: Course, t: int) -> list[Part]:
    terms: list[Node] = [Call("log", (Sum(tuple(Call(_density(k).plain, (_node(x),)) for k in range(TWO_ONLY))),))
                         for x in course.data]
    step = Step(total(terms), _log_node(course.logs[t]), "round", f"To {LOG_DIGITS} significant digits.", "~=",
                Level.ARITHMETIC)
    return [Paragraph(("The log-likelihood is",)),
            Chain((step,), Symbol(LOGLIK.name, "", f"({t})"), _densities(course, t))]


def _log_node(value: float) -> Node:
    return approximate(value, LOG_DIGITS)


def _expectation(course: Course, t: int) -> list[Part]:
    """The responsibilities of the first component at all points, and the table."""
    ratio = Quotient(Call("g_1", (X,)), Sum((Call("g_1", (X,)), Call("g_2", (X,)))))
    share = Definition(Symbol("r"), (X,), ratio)
    shares = course.responsibilities[t]
    step = Step(Vector(tuple(Call("r", (_node(x),)) for x in course.data)), Vector(tuple(map(_share, shares[:, 0]))),
                "round", f"To {PLACES} decimals.", "~=", Level.ARITHMETIC)
    return [
        Heading((f"Step {t + 1}: E-step",)),
        Paragraph(("The responsibility of the first component for a point is ",
                   Relation((Call("r", (X,)), ratio), ("=",)), "; the rest is that of the second one:")),
        Chain((step,), None, (*_densities(course, t), share)), _shares_table(course, t),
    ]


def _share(value: float) -> Node:
    return Number(f"{value:.{PLACES}f}")


def _shares_table(course: Course, t: int) -> Table:
    weighted = np.exp(_logarithms(course, course.mixtures[t]))
    header: tuple[Prose, ...] = ((Symbol("i"),), (Symbol("x", "i"),), (Call("g_1", (Symbol("x", "i"),)),),
                                 (Call("g_2", (Symbol("x", "i"),)),), (Symbol("r", "i,1"),), (Symbol("r", "i,2"),))
    rows: list[tuple[Prose, ...]] = [
        ((str(i),), (_node(x),), *((approximate(float(g), 4),) for g in weighted[i - 1]),
         *((_share(float(s)),) for s in course.responsibilities[t][i - 1]))
        for i, x in enumerate(course.data, 1)]
    return Table(header, tuple(rows), (f"Step {t + 1}: weighted densities and responsibilities.",))


def _maximisation(course: Course, t: int) -> list[Part]:
    parts: list[Part] = [Heading((f"Step {t + 1}: M-step",)), Paragraph((_M_STEP,))]
    for k, (w, m, v) in enumerate(course.rows(t + 1)):
        shares: list[Node] = [_share(float(s)) for s in course.responsibilities[t][:, k]]
        size = sum((_exact(float(s)) for s in course.responsibilities[t][:, k]), Fraction(0))
        n, label = _node(size), str(k + 1)
        moved: list[Node] = [Product((r, _node(x))) if x >= 0 else Negative(Product((r, _node(-x))))
                             for r, x in zip(shares, course.data, strict=True)]
        apart: list[Node] = [Product((r, Power(Sum((_node(x), Negative(_node(m)) if m >= 0 else _node(-m))), TWO)))
                             for r, x in zip(shares, course.data, strict=True)]
        parts += [
            Chain((Step(total(shares), n, "add", level=Level.ARITHMETIC),), Symbol("N", label)),
            Chain((_to(Quotient(n, number(len(course.data))), w),), Symbol("pi", label)),
            Chain((_to(Quotient(total(moved), n), m),), Symbol("mu", label)),
            Chain((_to(Quotient(total(apart), n), v),), Power(Symbol("sigma", label), TWO)),
        ]
    return parts


_M_STEP = ("Each component gets the sum of its responsibilities as its number of points; its weight is the share of "
           "that, its mean and variance are those of the points, each counted as much as the component is responsible "
           "for it.")


def _to(before: Node, value: Fraction) -> Step:
    exact = _value(before) == value
    return Step(before, _node(value), "divide" if exact else "round",
                "" if exact else f"To {SIGNIFICANT} significant digits.", "=" if exact else "~=", Level.ARITHMETIC)


def _value(node: Node) -> Fraction | float:
    return number_of(node)


def _not_smaller(course: Course, t: int) -> list[Part]:
    """New log-likelihood ≥ bound with the old shares ≥ old log-likelihood, in numbers."""
    shares = course.responsibilities[t]
    terms: list[Node] = [_bound_term(k, x, float(s)) for x, row in zip(course.data, shares, strict=True)
                         for k, s in enumerate(row) if s > 0]
    bound = _log_node(course.bounds[t])
    step = Step(total(terms), bound, "round", f"To {LOG_DIGITS} significant digits.", "~=", Level.ARITHMETIC)
    new, old = _log_node(course.logs[t + 1]), _log_node(course.logs[t])
    parts: list[Part] = [
        Paragraph(("The bound, with the responsibilities of this step and the new densities, is",)),
        Chain((step,), Symbol(BOUND.name, "", f"({t + 1})", font=BOUND.font), _densities(course, t + 1)),
    ]
    values = [_value(node) for node in (new, bound, old)]
    if not values[0] >= values[1] >= values[2]:
        return [*parts, Paragraph((_CONVERGED,), remark=True)]
    chain = (Step(new, bound, "the bound is below", "As for every point.", ">=", Level.ARITHMETIC),
             Step(bound, old, "the M-step", "It makes the bound as large as possible.", ">=", Level.ARITHMETIC))
    return [*parts, Paragraph(("It lies between the new log-likelihood and the old one:",)), Chain(chain)]


def _bound_term(k: int, x: Fraction, share: float) -> Node:
    """A share times the logarithm of the weighted density over the share."""
    return Product((_share(share), Call("log", (Quotient(Call(_density(k).plain, (_node(x),)), _share(share)),))))


_CONVERGED = ("The log-likelihood no longer changes by more than the rounding of the parameters, so it is at a "
              "maximum to that accuracy.")


def _table(course: Course) -> Table:
    header: tuple[Prose, ...] = (("step",), *((Symbol(name, k),) for k in ("1", "2") for name in ("pi", "mu")),
                                 (Power(Symbol("sigma", "1"), TWO),), (Power(Symbol("sigma", "2"), TWO),),
                                 ("bound",), ("log-likelihood",))
    rows: list[tuple[Prose, ...]] = []
    for t in range(len(course.mixtures)):
        (w1, m1, v1), (w2, m2, v2) = course.rows(t)
        cells = [(approximate(x, 5),) for x in (w1, m1, w2, m2, v1, v2)]
        rows.append(((str(t),), *cells, ("",) if t == 0 else (approximate(course.bounds[t - 1], 6),),
                     (approximate(course.logs[t], 6),)))
    return Table(header, tuple(rows), ("Parameters and log-likelihood after each step.",))


def _results(course: Course) -> list[Result]:
    last = course.mixtures[-1]
    made = [Result(name, tuple(map(_node, values)), number=[float(v) for v in values])
            for name, values in (("weights", last.weights), ("means", last.means), ("variances", last.variances))]
    return [*made, Result("log-likelihood", _log_node(course.logs[-1]), number=course.logs[-1]),
            Result("log-likelihoods", None, shown=False, number=list(course.logs)),
            Result("bounds", None, shown=False, number=list(course.bounds)),
            Result("responsibilities", None, shown=False, number=course.responsibilities[-1].tolist())]
