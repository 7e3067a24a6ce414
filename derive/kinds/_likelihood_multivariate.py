r"""The multivariate normal distribution: mean vector and covariance matrix as maximum-likelihood estimators.

Called by the kind ``maximum-likelihood`` for ``distribution = 'normal(\mu, \Sigma)'`` with letters declared as a vector
and a positive definite matrix, and for ``'multivariate normal'``. The gradients follow from the laws of
:mod:`derive.rules.matrices`; the numbers are in :mod:`_likelihood_scatter`.

Source: Mardia, Kent and Bibby, Multivariate Analysis (1979), section 4.2.2; for the concavity in the inverse
covariance Boyd and Vandenberghe, Convex Optimization (2004), section 7.1.1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from derive.declarations import declaration
from derive.distributions import X, read_formula
from derive.errors import DeriveError
from derive.kinds._likelihood_given import equals, stated_data, written_family
from derive.kinds._likelihood_matrices import by_laws, chained, template
from derive.kinds._likelihood_points import Rows, are_rows, read_rows
from derive.kinds._likelihood_scatter import with_points
from derive.kinds._likelihood_stage import estimated
from derive.problem import Problem
from derive.rules.shapes import Shapes
from derive.solving import equivalent
from derive.steps import (
    Chain,
    Context,
    Definition,
    Derivation,
    Formula,
    Heading,
    Level,
    Paragraph,
    Part,
    Prose,
    Result,
    Step,
)
from derive.tree import (
    ZERO,
    Call,
    Derivative,
    Dots,
    Expectation,
    GradientOf,
    Indexed,
    Node,
    Product,
    ProductOver,
    Symbol,
    Transpose,
    Vector,
    substitute,
)
from derive.write.text import text

NAME = "multivariate normal"
_WRITTEN = re.compile(r"\s*multivariate\s+normal\s*(\(.*\))?\s*", re.DOTALL)
_ELL, _RANDOM, _BAR = Symbol("ell"), Symbol("X"), Symbol("x", accent="bar")
_INDEX = Symbol("i")
_KINDS = (("vector", "vector k"), ("matrix", "positive definite matrix k x k"))


@dataclass(frozen=True)
class Letters:
    """Mean, covariance, dimension and size of the sample; and the letters that the derivation adds."""

    mean: Symbol
    covariance: Symbol
    side: Symbol
    size: Symbol
    precision: Symbol
    scatter: Symbol
    direction: Symbol
    root: Symbol
    step: Symbol

    def put(self, latex: str) -> Node:
        """A template in m, C, k, n, P, S, V, B, t with these letters."""
        names: tuple[tuple[str, Node], ...] = (
            ("m", self.mean), ("C", self.covariance), ("k", self.side), ("n", self.size), ("P", self.precision),
                 ("S", self.scatter), ("V", self.direction), ("B", self.root), ("t", self.step),
        )
        return template(latex, {Symbol(name): letter for name, letter in names})

    @property
    def domains(self) -> dict[Symbol, str]:
        """What the letters are."""
        side = text(self.side)
        definite, symmetric = f"positive definite matrix {side} x {side}", f"symmetric matrix {side} x {side}"
        vectors = dict.fromkeys((self.mean, X, _BAR, _RANDOM, estimated(self.mean)), f"vector {side}")
        matrices = dict.fromkeys((self.covariance, self.precision, self.scatter, estimated(self.covariance)), definite)
        return {**vectors, **matrices, self.direction: symmetric, self.root: symmetric, self.step: "real",
                self.side: "positive integer", self.size: "positive integer"}

    @property
    def shapes(self) -> Shapes:
        """The shapes of the letters, for the laws of gradients."""
        side = text(self.side)
        vectors, matrices = (self.mean, X, _BAR), (self.covariance, self.precision, self.scatter)
        return Shapes({**dict.fromkeys(vectors, (side, 1)), **dict.fromkeys(matrices, (side, side))})

    @property
    def average(self) -> Definition:
        """What the mean of the data is."""
        return Definition(_BAR, (), self.put(r"\frac{1}{n} \sum_{i=1}^{n} x_i"))

    @property
    def spread(self) -> Definition:
        """What the scatter matrix is."""
        return Definition(self.scatter, (), self.put(r"\sum_{i=1}^{n} (x_i - \bar{x}) (x_i - \bar{x})^\top"))


@dataclass
class _Told:
    letters: Letters
    parts: list[Part] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    def add(self, *parts: Part) -> None:
        self.parts += parts


# --- what is given ----------------------------------------------------------------------------------


def is_multivariate(problem: Problem) -> bool:
    """Whether the distribution is of vectors: by its name, or because a parameter is declared a vector or a matrix."""
    written = problem.given["distribution"]
    if written is None:
        return False
    if _WRITTEN.fullmatch(written):
        return True
    try:
        _, items = written_family(written)
    except DeriveError:
        return False  # the message for it is that of the families
    kinds = {declaration(problem.domains.get(item, "real")).kind for item in items if isinstance(item, Symbol)}
    return bool(kinds & {"vector", "matrix"})


def _letters(problem: Problem) -> Letters:
    """The letters. DeriveError for another family, and for letters that are not declared as they must be."""
    written = problem.given["distribution"]
    found = _WRITTEN.fullmatch(written)
    if found is None:
        family, items = written_family(written)
        if family.name != "normal":
            raise DeriveError(f"of vectors only normal distributions are known, not the {family.title}")
    else:
        _, items = written_family("normal" + (found[1] or r"(\mu, \Sigma)"))
    letters = [item for item in items if isinstance(item, Symbol)]
    if len(letters) < 2 or letters[0] == letters[1] or X in letters:
        raise DeriveError("both parameters of a multivariate normal distribution are letters of their own",
                          r"'normal(\mu, \Sigma)'")
    side = _side(problem, letters, named=found is not None)
    taken = {*letters, side, X, _RANDOM}

    def free(names: str) -> Symbol:
        chosen = next(symbol for name in names.split() if (symbol := Symbol(name)) not in taken)
        taken.add(chosen)
        return chosen

    return Letters(letters[0], letters[1], side, free("n m N"), free("Lambda P K"), free("S Q T"), free("V U W"),
                   free("B R G"), free("t s h"))


def _side(problem: Problem, letters: list[Symbol], named: bool) -> Symbol:
    """The letter of the dimension. DeriveError for letters with other declarations."""
    sides: set[str] = set()
    for item, (kind, example) in zip(letters, _KINDS, strict=True):
        said = problem.domains.get(item)
        if said is None and named:
            continue
        shaped = declaration(said or "real")
        if shaped.kind != kind or not shaped.shape or shaped.shape[0].isdigit():
            raise DeriveError(f"distribution: {text(item)} is not declared as a {kind} with a letter for its size",
                              f'in [symbols]: {text(item)} = "{example}"')
        if kind == "matrix" and "positive definite" not in shaped.properties:
            raise DeriveError(f"distribution: the covariance {text(item)} must be positive definite",
                              f'in [symbols]: {text(item)} = "{example}"')
        sides |= set(shaped.shape)
    if len(sides) > 1:
        raise DeriveError(f"distribution: the sizes {' and '.join(sorted(sides))} differ",
                          "the covariance has a row for each coordinate of the mean")
    side = read_formula(sides.pop()) if sides else Symbol("k")
    assert isinstance(side, Symbol)
    return side


def _points(problem: Problem) -> Rows | None:
    given = problem.given["data"]
    if given is None:
        return None
    if not are_rows(given):
        raise DeriveError("data: a multivariate normal distribution is about points with two coordinates or more",
                          'data = [[1, 2], [0, 3]], or {file = "data.csv", columns = ["a", "b"]}')
    return read_rows(given, problem.file, "data", "point", narrowest=2)


# --- the derivation ---------------------------------------------------------------------------------

_DENSITY = (r"(2 \pi)^{-\frac{k}{2}} (\det C)^{-\frac{1}{2}} e^{-\frac{1}{2} (x_i - m)^\top C^{-1} (x_i - m)}")
_LOG_DENSITY = r"-\frac{k}{2} \log(2 \pi) - \frac{1}{2} \log(\det C) - \frac{1}{2} (x_i - m)^\top C^{-1} (x_i - m)"
_FORM = r"(x_i - m)^\top C^{-1} (x_i - m)"
_CONSTANT = r"-\frac{n k}{2} \log(2 \pi)"
_AT_MEAN = rf"{_CONSTANT} - \frac{{n}}{{2}} \log(\det C) - \frac{{1}}{{2}} \operatorname{{tr}}(C^{{-1}} S)"
_PROFILE = r"\frac{n}{2} \log(\det P) - \frac{1}{2} \operatorname{tr}(P S)"


def multivariate(problem: Problem) -> Derivation:
    """Both estimators in letters, their quality, then the numbers.

    DeriveError for letters that are not declared, one parameter alone, and points whose scatter matrix is singular.
    """
    letters = _letters(problem)
    if problem.given["estimate"] and set(problem.given["estimate"]) != {letters.mean, letters.covariance}:
        raise DeriveError("estimate: mean and covariance of a multivariate normal distribution are estimated together",
                          "leave it out")
    points = _points(problem)
    told = _Told(letters)
    _likelihood(told)
    _mean(told)
    _covariance(told)
    _concave(told)
    _results(told)
    if problem.given["quality"]:
        _information(told)
        _bias(told)
    context = Context({**letters.domains, **problem.domains})
    given: list[Prose] = [("multivariate normal distribution of vectors with ", letters.side, " entries, mean ",
                           letters.mean, " and positive definite covariance ", letters.covariance)]
    if points is not None:
        with_points(points, letters, told.parts, told.results, problem.given["figure"])
        given.append(stated_data("data", points.vectors, points.words))
    asked: Prose = ("the maximum-likelihood estimators of ", letters.mean, " and ", letters.covariance)
    return Derivation(problem.title, problem.kind, tuple(given), (asked,), tuple(told.parts), tuple(told.results),
                      context)


def _likelihood(told: _Told) -> None:
    put = told.letters.put
    both = (told.letters.mean, told.letters.covariance)
    density = put(_DENSITY)
    first, last = Symbol("x", "1"), Indexed(X, (told.letters.size,))
    apart, whole = put(rf"\sum_{{i=1}}^{{n}} ({_LOG_DENSITY})"), put(
        rf"{_CONSTANT} - \frac{{n}}{{2}} \log(\det C) - \frac{{1}}{{2}} \sum_{{i=1}}^{{n}} {_FORM}")
    start = substitute(put(r"\sum_{i=1}^{n} \log(y)"), {Symbol("y"): density})
    told.add(
        Paragraph(("The data ", Vector((first, Dots(), last)), (" are independent, so their joint density is the "
                   "product of the single ones. As a function of what is not known it is the likelihood:"))),
        Formula(equals(Call("L", both), ProductOver(density, _INDEX, put("1"), told.letters.size))),
        Paragraph((("Its logarithm is largest at the same place. The logarithm of the product is the sum of the "
                    "logarithms:"),)),
        chained(start, [
            (apart, "laws of logarithms", "Of a product, of powers, and of an exponential."),
            (whole, "linearity of the sum", "What does not depend on i is added n times."),
        ], Call("ell", both)),
    )


def _mean(told: _Told) -> None:
    letters, put = told.letters, told.letters.put
    single = put(r"-\frac{1}{2} (x - m)^\top C^{-1} (x - m)")
    slope = put(r"C^{-1} (x - m)")
    total_ = put(r"\sum_{i=1}^{n} C^{-1} (x_i - m)")
    short = put(r"n C^{-1} (\bar{x} - m)")
    told.add(
        Heading(("The estimator of ", letters.mean)),
        Paragraph(("Only the last term depends on ", letters.mean, ". For one datum its gradient is")),
        by_laws(single, letters.mean, letters.shapes, slope, "Σ, and so its inverse, is symmetric."
                .replace("Σ", text(letters.covariance))),
        Paragraph(("so for all of them, with the mean ", _BAR, " of the data,")),
        chained(total_, [(short, "mean of the data", "The sum of the data is n times their mean.")],
                GradientOf(_ELL, (letters.mean,)), letters.average),
        Paragraph(("At a maximum it is zero. The covariance is invertible, so",)),
        Chain((equivalent(equals(short, ZERO), equals(letters.mean, _BAR), "multiply by the covariance",
                          "An invertible matrix takes only 0 to 0."),)),
        Paragraph(("The Hessian is",)),
        chained(GradientOf(put(r"n C^{-1} (\bar{x} - m)"), (letters.mean,)),
                [(put(r"-n C^{-1}"), "linear map", "Only one term depends on it.")],
                GradientOf(_ELL, (letters.mean,), 2), level=Level.CALCULUS),
        Paragraph((("It is negative definite, since the inverse of a positive definite matrix is positive definite. "
                    "The log-likelihood is strictly concave in "), letters.mean, ", and its largest value is at ",
                   equals(estimated(letters.mean), _BAR), ", whatever ", letters.covariance, " is.")),
    )


def _covariance(told: _Told) -> None:
    letters, put = told.letters, told.letters.put
    forms = put(r"\sum_{i=1}^{n} (x_i - \bar{x})^\top C^{-1} (x_i - \bar{x})")
    traces = put(r"\sum_{i=1}^{n} \operatorname{tr}(C^{-1} (x_i - \bar{x}) (x_i - \bar{x})^\top)")
    whole = put(r"\operatorname{tr}(C^{-1} \sum_{i=1}^{n} (x_i - \bar{x}) (x_i - \bar{x})^\top)")
    named = put(r"\operatorname{tr}(C^{-1} S)")
    slope = put(r"\frac{n}{2} P^{-1} - \frac{1}{2} S")
    inverse = equals(put("P^{-1}"), put(r"\frac{1}{n} S"))
    precision = Definition(letters.precision, (), put("C^{-1}"))
    told.add(
        Heading(("The estimator of ", letters.covariance)),
        Paragraph(("With ", _BAR, (" put in, the last sum is a trace: a number is its own trace, and factors under a "
                                   "trace may be turned round in a circle."))),
        chained(forms, [
            (traces, "trace of a number", "The row in front goes to the end."),
            (whole, "linearity of the trace", "The sum of the traces is the trace of the sum."),
            (named, "name for the scatter matrix", "A matrix of the data alone."),
        ], None, letters.spread),
        Paragraph(("In the inverse ", equals(letters.precision, put("C^{-1}")), ", the precision matrix, with ",
                   equals(put(r"\log(\det C)"), put(r"-\log(\det P)")), ", the log-likelihood is")),
        chained(put(_AT_MEAN), [(put(rf"{_CONSTANT} + {_PROFILE}"), "put in",
                                 "The determinant of an inverse is the reciprocal.")],
                Call("ell", (_BAR, letters.covariance)), precision),
        Paragraph(("By the laws for gradients by matrices",)),
        by_laws(put(_PROFILE), letters.precision, letters.shapes, slope, "Both matrices are symmetric."),
        Paragraph(("It is zero where",)),
        Chain((equivalent(equals(slope, ZERO), inverse, "isolate", "Solved for the inverse."),)),
        Paragraph(("and the inverse of ", letters.precision, " is ", letters.covariance, ":")),
        Formula(equals(estimated(letters.covariance), put(r"\frac{1}{n} S"))),
        Paragraph(("This uses that ", letters.scatter, (" is positive definite. It is so as soon as the data do not "
                   "all lie in a hyperplane, for which at least "), put("k + 1"), (" of them are needed; else the "
                   "likelihood has no largest value.")), remark=True),
    )


_JACOBI = "The derivative of log det is the trace of the inverse times the derivative."


def _concave(told: _Told) -> None:
    letters, put = told.letters, told.letters.put
    line = template(_PROFILE.replace("P S", "(P + t V) S").replace(r"\det P", r"\det(P + t V)"), {})
    line = substitute(line, {Symbol("P"): letters.precision, Symbol("S"): letters.scatter, Symbol("V"):
                             letters.direction, Symbol("t"): letters.step, Symbol("n"): letters.size})
    first = put(r"\frac{n}{2} \operatorname{tr}((P + t V)^{-1} V) - \frac{1}{2} \operatorname{tr}(V S)")
    second = put(r"-\frac{n}{2} \operatorname{tr}((P + t V)^{-1} V (P + t V)^{-1} V)")
    root = Definition(letters.root, (), put(r"(P + t V)^{-1}"))
    square = put(r"\operatorname{tr}(B B V B B V)")
    norm = put(r"\|B V B\|_F^2")
    variable = letters.step
    told.add(
        Heading(("Why this is a maximum",)),
        Paragraph(("Along a line ", put("P + t V"), ", with a symmetric matrix ", letters.direction, (", through "
                   "positive definite matrices the derivatives by "), variable, " are")),
        chained(Derivative(line, variable), [(first, "Jacobi's formula", _JACOBI)], level=Level.CALCULUS),
        chained(Derivative(first, variable),
                [(second, "derivative of an inverse", "The other trace does not depend on it.")], level=Level.CALCULUS),
        Paragraph(("The inverse is positive definite, so it has a symmetric root ", letters.root, ", ",
                   equals(root.body, put("B B")), ", and the trace is a sum of squares:")),
        Chain((Step(square, norm, "trace of a square", "Factors under a trace turned round in a circle."),
               Step(norm, ZERO, "sign", "A sum of squares.", ">=", Level.ARGUMENT)),
              put(r"\operatorname{tr}((P + t V)^{-1} V (P + t V)^{-1} V)")),
        Paragraph(("It is zero only for ", equals(letters.direction, ZERO), (", because the root is invertible. So the "
                   "log-likelihood is strictly concave in "), letters.precision, (", and the only zero of its gradient "
                   "is where it is largest. With the mean it was largest for every covariance, so this is the largest "
                   "value of all."))),
    )


def _results(told: _Told) -> None:
    letters = told.letters
    shown = letters.put(r"\frac{1}{n} \sum_{i=1}^{n} (x_i - \bar{x}) (x_i - \bar{x})^\top")
    told.results += [
        Result(f"estimator of {letters.mean.plain}", _BAR, estimated(letters.mean)),
        Result(f"estimator of {letters.covariance.plain}", shown, estimated(letters.covariance)),
    ]


# --- quality ----------------------------------------------------------------------------------------


def _mean_of(body: Node) -> Expectation:
    return Expectation("E", (body,))


def _moments(letters: Letters) -> tuple[Definition, Definition]:
    """Mean and covariance of one random vector of the distribution."""
    return (Definition(letters.mean, (), _mean_of(_RANDOM)),
            Definition(letters.covariance, (), _mean_of(letters.put(r"(X - m) (X - m)^\top"))))


def _information(told: _Told) -> None:
    """The information matrix about the mean, by the mean of the score's square; the estimator reaches the bound."""
    letters, put = told.letters, told.letters.put
    outer = put(r"C^{-1} (X - m) (X - m)^\top C^{-1}")
    bound = put(r"\frac{1}{n} C")
    own = Call("I", (letters.mean,))
    told.add(
        Heading(("Fisher information about ", letters.mean)),
        Paragraph(("For one random vector ", _RANDOM, " of the distribution the score is ", put("C^{-1} (X - m)"),
                   ". The information matrix is the mean of its product with itself:")),
        chained(_mean_of(outer), [
            (put("C^{-1} C C^{-1}"), "linearity", "Constant matrices come out; what is left is the covariance."),
            (put("C^{-1}"), "inverse matrix", "A matrix times its inverse is the unit matrix."),
        ], own, *_moments(letters)),
        Paragraph((("It is also minus the Hessian found above for one datum. By the Cramér–Rao inequality the "
                    "covariance of an unbiased estimator from "), letters.size, (" data is at least the inverse of the "
                    "whole information, in the sense that the difference is positive semidefinite:"))),
        chained(put(r"(n C^{-1})^{-1}"), [(bound, "inverse of a multiple", "Both factors are inverted.")]),
        Paragraph(("By linearity ", equals(_mean_of(_BAR), letters.mean), (": the estimator is unbiased. The "
                   "covariances of independent vectors add up, so that of "), _BAR, " is ", bound,
                   ". It reaches the bound: the estimator is efficient.")),
    )
    told.results += [
        Result(f"Fisher information about {letters.mean.plain}", put("C^{-1}"), own, shown=False),
        Result(f"Cramér–Rao bound for {letters.mean.plain}", bound, shown=False),
        Result(f"bias of the estimator of {letters.mean.plain}", ZERO, shown=False),
    ]


def _bias(told: _Told) -> None:
    """The mean of the estimator of the covariance."""
    letters, put = told.letters, told.letters.put
    opened = put(r"\sum_{i=1}^{n} x_i x_i^\top - n \bar{x} \bar{x}^\top")
    second, average = put(r"C + m m^\top"), put(r"\frac{1}{n} C + m m^\top")
    start = put(r"\frac{1}{n} (n (C + m m^\top) - n (\frac{1}{n} C + m m^\top))")
    end = put(r"\frac{n - 1}{n} C")
    capital = Symbol("X", accent="bar")
    name = _mean_of(estimated(letters.covariance))
    told.add(
        Heading(("Bias of the estimator of ", letters.covariance)),
        Paragraph(("Multiplied out, the scatter matrix is",)),
        chained(letters.spread.body, [(opened, "multiply out", "The deviations from the mean add up to zero.")],
                letters.scatter, letters.average),
        Paragraph(("One random vector has the second moment",)),
        chained(_mean_of(put(r"X X^\top")),
                [(second, "second moment", "The covariance and the product of the mean with itself.")], None,
                *_moments(letters)),
        Paragraph(("and their mean ", capital, ", whose covariance is ", put(r"\frac{1}{n} C"), ", has")),
        Formula(equals(_mean_of(Product((capital, Transpose(capital)))), average)),
        Paragraph(("So the mean of the estimator is",)),
        chained(start, [(end, "collect", "The products of the mean cancel.")], name),
        Paragraph(("It is too small by the factor ", put(r"\frac{n - 1}{n}"), "; divided by ", put("n - 1"),
                   " instead of ", letters.size, " the scatter matrix gives an unbiased estimator.")),
    )
    told.results.append(Result(f"mean of the estimator of {letters.covariance.plain}", end, name, shown=False))
