r"""Newton's method for a logistic regression with numbers: one step worked out, the others in a table.

Called by :mod:`_likelihood_logistic` and :mod:`_likelihood_reweighted`. Where the start is 0 every probability is one
half and the first step is exact; else numbers are rounded. Classes that a plane separates have no estimate, which is
shown by weights that separate them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from derive.errors import DeriveError
from derive.kinds._by_hand import number_of
from derive.kinds._exact_matrices import as_column, as_rows, of_rows
from derive.kinds._likelihood_given import INDEX, equals, exactly
from derive.kinds._likelihood_stage import estimated
from derive.kinds._pca_data import inner
from derive.steps import Chain, Derivation, Figure, Formula, Heading, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Matrix,
    Negative,
    Node,
    Product,
    Sum,
    Symbol,
    Vector,
    decimal,
    number,
    total,
)
from derive.write.numbers import approximate
from derive.write.text import text

Array = NDArray[np.float64]
Value = Fraction | float

ELL = Symbol("ell")
SHOWN = 12
NEWTON_MOST = 25
SETTLED = 1e-10
DENOMINATORS = (1, 4, 20, 1000, 10**6)


@dataclass(frozen=True)
class Classes:
    """What the method works on: ``rows`` n times d fractions, ``targets`` n of 0 and 1, ``start`` d numbers.

    ``unknown`` are the names of the d weights; ``inputs`` are the numbers to show for each datum, ``headings`` their
    names.
    """

    rows: tuple[tuple[Fraction, ...], ...]
    targets: tuple[Fraction, ...]
    start: tuple[Node, ...]
    unknown: tuple[Symbol, ...]
    inputs: tuple[tuple[Node, ...], ...]
    headings: tuple[Node, ...]

    @property
    def size(self) -> int:
        """How many weights there are."""
        return len(self.unknown)

    @property
    def arrays(self) -> tuple[Array, Array]:
        """Rows and targets as floats, shapes (n, d) and (n,)."""
        return np.array(self.rows, dtype=float), np.array(self.targets, dtype=float)


# --- data without an estimate -------------------------------------------------------------------------


def check_targets(targets: Sequence[Node]) -> None:
    """DeriveError for targets other than 0 and 1, and for data of one class."""
    for k, item in enumerate(targets, 1):
        if exactly(item) not in (0, 1):
            raise DeriveError(f"data: item {k} is {text(item)}, and a logistic regression wants 0 or 1")
    if len(set(map(exactly, targets))) < 2:
        raise DeriveError("data: all data are of one class: the estimator does not exist, because the likelihood "
                          "has no largest value", "give data of both classes")


def separating(rows: Sequence[Sequence[Fraction]], targets: Sequence[Fraction]) -> tuple[Fraction, ...] | None:
    """Weights that separate the classes, checked exactly; None where none are found.

    With these weights no datum of class 1 has a negative sum, none of class 0 a positive one, and not all sums are
    zero. Then a multiple of them can always be added to make the likelihood larger (Albert and Anderson, On the
    existence of maximum likelihood estimates in logistic regression models, 1984).
    """
    from scipy.optimize import linprog

    signed = [tuple((2 * y - 1) * x for x in row) for row, y in zip(rows, targets, strict=True)]
    floats = np.array(signed, dtype=float)
    floats /= max(1.0, float(np.abs(floats).max()))
    found = linprog(-floats.sum(axis=0), A_ub=-floats, b_ub=np.zeros(len(signed)), bounds=(-1, 1))
    if found.x is None or -found.fun < SETTLED:
        return None
    for most in DENOMINATORS:
        weights = tuple(Fraction(float(w)).limit_denominator(most) for w in found.x)
        sums = [inner(row, weights) for row in signed]
        if min(sums) >= 0 and max(sums) > 0:
            return weights
    return None


# --- one step -----------------------------------------------------------------------------------------


def newton(classes: Classes, parts: list[Part], results: list[Result], figure: bool) -> None:
    """One step in a table with numbers, the rest in a table of iterations.

    DeriveError where the method does not settle.
    """
    h = _probabilities(classes)
    weights: list[Value] = [p * (1 - p) for p in h]
    residuals: list[Value] = [y - p for y, p in zip(classes.targets, h, strict=True)]
    _table(classes, h, residuals, weights, parts)
    d = range(classes.size)
    g = [sum(r * row[j] for r, row in zip(residuals, classes.rows, strict=True)) for j in d]
    m = [[sum(s * row[i] * row[j] for s, row in zip(weights, classes.rows, strict=True)) for j in d] for i in d]
    step = _solved(m, g)
    gradient, matrix = Vector(tuple(map(shown, g))), Matrix(tuple(tuple(map(shown, row)) for row in m))
    direction, minus_h, solution = Symbol("d"), Symbol("M"), Vector(tuple(map(shown, step)))
    parts += [
        Paragraph((("The score there, and minus the matrix of second derivatives (the sums over the data of the "
                    "weights with the products of two inputs, 1 for the intercept), are"),)),
        Formula(equals(Symbol("g"), gradient)), Formula(equals(minus_h, matrix)),
        Paragraph(("Newton's step solves ", equals(Product((minus_h, direction)), Symbol("g")), ":")),
        Formula(equals(direction, solution)),
    ]
    if all(isinstance(value, Fraction | int) for value in (*g, *(x for row in m for x in row))):
        check = Step(Product((matrix, as_column(solution.items))), as_column(gradient.items), "matrix product",
                     "The step put into the equations.")
        parts += [Paragraph(("for",)), Chain((check,))]
    after = Vector(tuple(shown(number_of(s) + e) for s, e in zip(classes.start, step, strict=True)))
    parts.append(Paragraph(("so the first step leads to ", equals(Vector(classes.unknown), after), ".")))
    results += [Result("first Newton step", solution, direction),
                Result("after the first step", after, Vector(classes.unknown))]
    _iterations(classes, parts, results, figure)


def _probabilities(classes: Classes) -> list[Value]:
    """The probabilities at the start; one half exactly where the sum is zero."""
    start = [number_of(s) for s in classes.start]
    sums = [sum(w * x for w, x in zip(start, row, strict=True)) for row in classes.rows]
    return [Fraction(1, 2) if z == 0 else _sigmoid(float(z)) for z in sums]


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z > 0 else math.exp(z) / (1 + math.exp(z))


def _solved(m: Sequence[Sequence[Value]], g: Sequence[Value]) -> list[Value]:
    """The solution of the equations, exact where they are."""
    if all(isinstance(v, Fraction | int) for v in (*g, *(x for row in m for x in row))):
        exact = [[Fraction(x) for x in row] for row in m]
        made = of_rows(exact).solve(of_rows([Fraction(v)] for v in g))
        return [row[0] for row in as_rows(made)]
    try:
        return list(np.linalg.solve(np.array(m, dtype=float), np.array(g, dtype=float)).tolist())
    except np.linalg.LinAlgError:
        raise DeriveError("start: all probabilities there are so near to 0 or 1 that Newton's step has no value",
                          f"start = {[0] * len(g)}") from None


def shown(value: Value) -> Node:
    """Exact where it is, else six digits."""
    if isinstance(value, float):
        return approximate(value)
    ended = decimal(Fraction(value))
    return ended if ended is not None and len(text(ended)) < 9 else number(value)


def _table(
    classes: Classes, h: Sequence[Value], residuals: Sequence[Value], weights: Sequence[Value], parts: list[Part],
) -> None:
    parts.append(Heading(("One Newton step with the data",)))
    if len(h) > SHOWN:
        return
    y, p = Symbol("y", "i"), Symbol("h", "i")
    columns = (*classes.headings, y, p, Sum((y, Negative(p))), Product((p, Sum((ONE, Negative(p))))))
    header: tuple[Prose, ...] = ((INDEX,), *((column,) for column in columns))
    rows: list[tuple[Prose, ...]] = [
        ((str(k),), *((x,) for x in inputs), (number(t),), *((shown(v),) for v in numbers))
        for k, (inputs, t, *numbers) in enumerate(
            zip(classes.inputs, classes.targets, h, residuals, weights, strict=True), 1)
    ]
    parts.append(Table(header, tuple(rows), ("Probabilities, residuals and weights at the start.",)))


# --- to the end ---------------------------------------------------------------------------------------


def _iterations(classes: Classes, parts: list[Part], results: list[Result], figure: bool) -> None:
    """Newton's method to the end, in floating point. DeriveError where it does not settle."""
    from scipy.special import expit

    x, y = classes.arrays
    point = np.array([float(number_of(s)) for s in classes.start])
    back = f"start = {[0] * classes.size}"
    rows: list[tuple[Prose, ...]] = []
    for k in range(NEWTON_MOST):
        z = x @ point
        h = expit(z)
        likelihood = float(y @ z - np.sum(np.logaddexp(0, z)))
        slope = x.T @ (y - h)
        rows.append(((str(k),), *((approximate(float(v)),) for v in (*point, likelihood)),
                     (approximate(float(np.linalg.norm(slope)), 3),)))
        if np.linalg.norm(slope) < SETTLED:
            break
        point = _moved(x, h, slope, point, back)
    else:
        raise DeriveError("Newton's method does not settle from this start", back)
    header: tuple[Prose, ...] = (("step",), *((w,) for w in classes.unknown), (ELL,), (Call("abs", (Symbol("g"),)),))
    parts += [
        Paragraph(("Repeated, with weights computed anew each time, the steps settle after ", str(len(rows) - 1), ":")),
        Table(header, tuple(rows), ("Newton's method (iteratively reweighted least squares), in floating point.",)),
    ]
    results += [Result(f"{w.plain} from the data", approximate(float(v)), estimated(w), number=float(v))
                for w, v in zip(classes.unknown, point, strict=True)]
    results.append(Result("largest log-likelihood", approximate(likelihood),
                          Call(ELL.plain, tuple(map(estimated, classes.unknown))), number=likelihood))
    if figure and classes.size == 2:
        parts.append(_contours(classes, point))


def _moved(x: Array, h: Array, slope: Array, point: Array, back: str) -> Array:
    """The next point. DeriveError where there is none."""
    with np.errstate(all="ignore"):
        try:
            moved: Array = point + np.linalg.solve(x.T @ (x * (h * (1 - h))[:, None]), slope)
        except np.linalg.LinAlgError:
            moved = np.full_like(point, np.nan)
    if not np.isfinite(moved).all():
        raise DeriveError("Newton's method runs away from this start", back)
    return moved


def _contours(classes: Classes, point: Array) -> Figure:
    """Level lines of the log-likelihood in two weights."""
    terms: list[Node] = []
    for row, y in zip(classes.rows, classes.targets, strict=True):
        z = total([w if x == 1 else Product((number(x), w)) for x, w in zip(row, classes.unknown, strict=True) if x])
        terms.append(Call("log", (Call("sigma", (z if y else Negative(z),)),)))
    at = [float(v) for v in point]
    data = {"function": total(terms), "variables": classes.unknown, "path": [], "name": text(ELL),
            "stationary": [(*at, "maximum")]}
    caption: Prose = ("The log-likelihood and its maximum at ",
                      equals(Vector(classes.unknown), Vector(tuple(approximate(v) for v in at))), ".")
    return Figure("contour_path", data, caption, "Level lines of the log-likelihood with its maximum marked.",
                  "log-likelihood")


def with_start(derivation: Derivation, classes: Classes) -> Derivation:
    """The derivation with the start of the method among what is given."""
    start: Prose = ("the start of Newton's method ", equals(Vector(classes.unknown), Vector(classes.start)))
    return replace(derivation, given=(*derivation.given, start))


def start_of(given: Sequence[Node], unknown: Sequence[Symbol]) -> tuple[Node, ...]:
    """The numbers to start from, 0 where none are given. DeriveError for another number of them."""
    if not given:
        return (ZERO,) * len(unknown)
    if len(given) != len(unknown):
        names = ", ".join(map(text, unknown))
        raise DeriveError(f"start: {len(given)} numbers", f"give {len(unknown)}, for {names}, such as "
                          f"{[0] * len(unknown)}")
    return tuple(given)
