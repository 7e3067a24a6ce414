r"""Points put into the estimators of a multivariate normal distribution: mean, scatter matrix, covariance, exactly.

Called by :mod:`_likelihood_multivariate`. Points that lie in a line or a hyperplane have a singular scatter matrix and
are refused: then the likelihood has no largest value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from derive.errors import DeriveError
from derive.goals import end_of
from derive.kinds._by_hand import EXACT, Style, digits, rounded, rounding, worked, written
from derive.kinds._determinants import determinant
from derive.kinds._exact_matrices import as_fraction, as_matrix, as_vector, of_rows
from derive.kinds._likelihood_given import equals
from derive.kinds._likelihood_matrices import TABLED, template
from derive.kinds._likelihood_points import Rows
from derive.kinds._likelihood_stage import estimated
from derive.kinds._pca_data import centred, mean_of, products
from derive.numeric.value import value_of
from derive.steps import Chain, Definition, Figure, Formula, Heading, Level, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import (
    Call,
    Matrix,
    Node,
    Power,
    Product,
    Quotient,
    Symbol,
    number,
    numeric,
    total,
    walk,
)

if TYPE_CHECKING:
    from derive.kinds._likelihood_multivariate import Letters

SHOWN = 12  # points that are written out one by one
INVERSE_DIGITS = 6  # of the longest number in an inverse that is worth writing exactly
SUMMED = 8  # products that are written in a line


@dataclass(frozen=True)
class _Sample:
    """The numbers that everything is made of, as fractions."""

    points: Rows
    letters: Letters

    @cached_property
    def mean(self) -> tuple[Fraction, ...]:
        return mean_of(self.points.exact)

    @cached_property
    def deviations(self) -> tuple[tuple[Fraction, ...], ...]:
        return centred(self.points.exact)

    @cached_property
    def scatter(self) -> tuple[tuple[Fraction, ...], ...]:
        return products(self.deviations)

    @property
    def covariance(self) -> Matrix:
        size = self.points.size
        return self.matrix(tuple(tuple(x / size for x in row) for row in self.scatter))

    @property
    def style(self) -> Style:
        return Style(decimals=True) if self.points.decimals else EXACT

    def write(self, value: Fraction) -> Node:
        return written(value, self.points.decimals)

    def matrix(self, rows: Sequence[Sequence[Fraction]]) -> Matrix:
        return Matrix(tuple(tuple(map(self.write, row)) for row in rows))

    @property
    def size(self) -> Node:
        return number(self.points.size)


def with_points(
    points: Rows, letters: Letters, parts: list[Part], results: list[Result], figure: bool,
) -> None:
    """The estimates with their steps, the largest log-likelihood, and for points of the plane a picture.

    DeriveError where the scatter matrix is singular.
    """
    sample = _Sample(points, letters)
    _regular(sample)
    parts += [Heading(("With the data",)), Paragraph(_announced(sample)), *_averaged(sample), *_deviations(sample)]
    parts += [*_scattered(sample), *_estimated(sample, results), *_inverted(sample, results)]
    parts += _largest(sample, results)
    if figure and points.width == 2:
        parts.append(_picture(sample))


def _regular(sample: _Sample) -> None:
    """DeriveError for a singular scatter matrix, with what is missing."""
    n, k = sample.points.size, sample.points.width
    if of_rows(sample.scatter).det() != 0:
        return
    if n == 1:
        raise DeriveError("data: one point alone has no spread: the estimate of the covariance would be 0, and the "
                          "likelihood has no largest value", f"give at least {k + 1} points")
    where = {2: "line", 3: "plane"}.get(k, "hyperplane")
    why = f"{n} points in {k} dimensions" if n <= k else f"the {n} points"
    raise DeriveError(f"data: {why} lie in one {where}, so the scatter matrix is singular: the estimator of the "
                      "covariance does not exist, because the likelihood has no largest value",
                      f"give at least {k + 1} points that are not in one {where}")


def _announced(sample: _Sample) -> Prose:
    letters, width = sample.letters, number(sample.points.width)
    return ("There are ", equals(letters.size, sample.size), " points with ", equals(letters.side, width),
            " coordinates.")


def _averaged(sample: _Sample) -> list[Part]:
    points = sample.points
    end = as_vector(sample.mean, points.decimals)
    bar = Symbol("x", accent="bar")
    if points.size > SUMMED:
        return [Paragraph(("Their mean, coordinate by coordinate, is",)), Formula(equals(bar, end))]
    start = Product((Quotient(number(1), sample.size), total(points.vectors)))
    steps = _exactly(sample, start, end)
    return [Paragraph(("Their mean is",)), Chain(tuple(steps), bar)]


def _exactly(sample: _Sample, start: Node, end: Node) -> list[Step]:
    """The lines to an exact value; a single one where they would round or end in another spelling."""
    steps = worked(start, sample.style)
    if steps and end_of(start, steps) == end:
        return steps
    return [Step(start, end, "work out the numbers", "Exactly.", level=Level.ARITHMETIC)]


def _deviations(sample: _Sample) -> list[Part]:
    if sample.points.size > SHOWN:
        return []
    x = Symbol("x", "i")
    header: tuple[Prose, ...] = ((Symbol("i"),), (x,), (template("a - b", {Symbol("a"): x, Symbol("b"):
                                                                  Symbol("x", accent="bar")}),))
    rows = [((str(i),), (vector,), (_in_a_row(sample, gap),))
            for i, (vector, gap) in enumerate(zip(sample.points.vectors, sample.deviations, strict=True), 1)]
    return [Table(header, tuple(rows), ("The points and their deviations from the mean.",))]


def _in_a_row(sample: _Sample, gap: Sequence[Fraction]) -> str | Node:
    """Coordinates in a table: exact where no fraction or long number is among them, else rounded."""
    exact = as_vector(gap, sample.points.decimals)
    if digits(exact) > TABLED or any(isinstance(part, Quotient) for part in walk(exact)):
        return rounded(exact)
    return exact


def _scattered(sample: _Sample) -> list[Part]:
    """The entries of the scatter matrix, each a sum over the points."""
    letter = sample.letters.scatter
    parts: list[Part] = [Paragraph((("The entries of the scatter matrix are the sums of the products of two "
                                     "coordinates of the deviations:"),))]
    width = sample.points.width
    if sample.points.size <= SUMMED:
        for i in range(width):
            for j in range(i, width):
                terms = [_product(sample, gap[i], gap[j]) for gap in sample.deviations]
                step = Step(total(terms), sample.write(sample.scatter[i][j]), "work out the numbers", "Exactly.",
                            level=Level.ARITHMETIC)
                parts.append(Chain((step,), Symbol(letter.name, f"{i + 1}{j + 1}")))
        parts.append(Paragraph(("so",)))
    return [*parts, Formula(equals(letter, sample.matrix(sample.scatter)))]


def _product(sample: _Sample, a: Fraction, b: Fraction) -> Node:
    return Power(sample.write(a), number(2)) if a == b else Product((sample.write(a), sample.write(b)))


def _estimated(sample: _Sample, results: list[Result]) -> list[Part]:
    letters = sample.letters
    start = Product((Quotient(number(1), sample.size), sample.matrix(sample.scatter)))
    steps = _exactly(sample, start, sample.covariance)
    bar = as_vector(sample.mean, sample.points.decimals)
    results += [
        Result(f"{letters.mean.plain} from the data", bar, estimated(letters.mean)),
        Result(f"{letters.covariance.plain} from the data", sample.covariance, estimated(letters.covariance)),
    ]
    return [Paragraph(("and the estimates are ", equals(estimated(letters.mean), bar), " and")),
            Chain(tuple(steps), estimated(letters.covariance))]


def _inverted(sample: _Sample, results: list[Result]) -> list[Part]:
    """Determinant and inverse of the estimate."""
    hat = estimated(sample.letters.covariance)
    steps, _ = determinant(sample.covariance)
    inverse = of_rows([numeric(x) or Fraction(0) for x in row] for row in sample.covariance.rows).inv()
    shown = as_matrix(inverse)
    start = Power(sample.covariance, number(-1))
    step = Step(start, shown, "inverse matrix", "The product of both is the unit matrix.")
    if digits(shown) > INVERSE_DIGITS:
        step = replace(step, after=rounded(shown), relation="~=")
    results.append(Result("precision from the data", step.after, Power(hat, number(-1)), shown=False))
    return [
        Paragraph(("Its determinant is positive, and its inverse is the estimate of the precision matrix:",)),
        Chain(tuple(steps), Call("det", (hat,))),
        Chain((step,), Power(hat, number(-1))),
    ]


_LARGEST = r"-\frac{n k}{2} \log(2 \pi) - \frac{n}{2} \log(\det C) - \frac{1}{2} \operatorname{tr}(C^{-1} S)"
_SHORT = r"-\frac{n k}{2} \log(2 \pi) - \frac{n}{2} \log(\det C) - \frac{n k}{2}"


def _largest(sample: _Sample, results: list[Result]) -> list[Part]:
    """The log-likelihood at its maximum: in letters, where the trace is n k, then the number."""
    letters = sample.letters
    hat = estimated(letters.covariance)
    names: dict[Node, Node] = {Symbol("C"): hat, Symbol("n"): letters.size, Symbol("k"): letters.side,
                               Symbol("S"): letters.scatter}
    start, end = template(_LARGEST, names), template(_SHORT, names)
    scatter = Definition(letters.scatter, (), template("n C", names))
    left = Call("ell", (estimated(letters.mean), hat))
    determinant_ = as_fraction(of_rows(sample.scatter).det()) / sample.points.size**sample.points.width
    values: dict[Node, Node] = {letters.size: sample.size, letters.side: number(sample.points.width)}
    inside = template(r"-\frac{n k}{2} \log(2 \pi) - \frac{n}{2} \log(D) - \frac{n k}{2}", {
        Symbol("D"): sample.write(determinant_), Symbol("n"): values[letters.size], Symbol("k"): values[letters.side]})
    lines = worked(inside, sample.style)
    last = lines[-1] if lines else rounding(inside)
    if last.relation != "~=":
        lines.append(rounding(end_of(inside, lines)))
    value = value_of(inside)
    results.append(Result("largest log-likelihood", lines[-1].before, left, number=value))
    return [
        Paragraph(("With ", equals(letters.scatter, scatter.body), " the trace is ", letters.size, (" times that of "
                   "the unit matrix, so the largest value of the log-likelihood is"))),
        Chain((Step(start, end, "trace of the unit matrix", "As many ones as there are dimensions."),), left,
              (scatter,)),
        Paragraph(("with the numbers",)), Chain(tuple(lines), left),
    ]


def _picture(sample: _Sample) -> Figure:
    letters = sample.letters
    data = {
        "points": [[float(x) for x in row] for row in sample.points.exact],
        "mean": [float(x) for x in sample.mean],
        "covariance": [[float(x) / sample.points.size for x in row] for row in sample.scatter],
    }
    caption: Prose = ("The data, their mean ", estimated(letters.mean), (" and the ellipses of the estimated "
                      "distribution on which the Mahalanobis distance from the mean is 1 and 2."))
    return Figure("normal_ellipses", data, caption, "The points with the mean and two ellipses around it.", "estimate")
