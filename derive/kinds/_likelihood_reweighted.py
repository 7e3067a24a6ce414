r"""Logistic regression with a design matrix: score, Hessian, Newton's step as reweighted least squares; with numbers.

Called by the kind ``maximum-likelihood`` for several inputs. The numbers are those of :mod:`_likelihood_newton`.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2nd ed., 2009), section 4.4.1.
"""

from __future__ import annotations

from derive.errors import DeriveError
from derive.kinds._likelihood_design import ELL, Design, Sides, W, X, Y, finished, given_design, shown_data, sides
from derive.kinds._likelihood_given import equals
from derive.kinds._likelihood_matrices import by_laws, chained
from derive.kinds._likelihood_newton import Classes, check_targets, newton, separating, start_of, with_start
from derive.problem import Problem
from derive.steps import Chain, Definition, Derivation, Formula, Heading, Level, Paragraph, Part, Prose, Result, Step
from derive.tree import ZERO, Call, GradientOf, Symbol, Vector
from derive.write.text import text

_H, _S, _R, _Z, _V = (Symbol(name) for name in "hsrzv")
_BOTH = r"y^\top \log(\sigma(X w)) + (\mathbf{1} - y)^\top \log(\mathbf{1} - \sigma(X w))"
_SHORT = r"y^\top X w - \mathbf{1}^\top \log(\mathbf{1} + e^{X w})"
_SCORE = r"X^\top (y - \sigma(X w))"
_HESSIAN = r"-X^\top \operatorname{diag}(\sigma(X w) \odot (\mathbf{1} - \sigma(X w))) X"
DOMAINS = (("h", "n"), ("s", "n"), ("r", "n"), ("z", "n"), ("v", "d"))


def several_inputs(problem: Problem) -> Derivation:
    """Score, Hessian and Newton's step in letters; with data the steps.

    DeriveError for targets other than 0 and 1, for columns that depend on one another, and for separated classes.
    """
    letters = sides(problem)
    design = given_design(problem)
    parts: list[Part] = []
    score, hessian = letters.put(_SCORE), letters.put(_HESSIAN)
    results = [Result("score", score, GradientOf(ELL, (W,))), Result("Hessian", hessian, GradientOf(ELL, (W,), 2))]
    _likelihood(letters, parts)
    _score(letters, parts)
    _curvature(letters, parts)
    _step(letters, parts, results)
    model: Prose = ("logistic regression: the entries of ", Y, " are independent, each 1 with the probability in ",
                    equals(_H, letters.put(r"\sigma(X w)")))
    domains = letters.domains(problem, *DOMAINS)
    if design is None:
        return finished(problem, model, design, (parts, results), domains)
    _check(design)
    start = start_of(problem.given["start"], design.unknown)
    classes = Classes(design.rows, design.values, start, design.unknown, design.inputs.nodes, design.headings)
    parts += [Heading(("The data",)), *shown_data(design)]
    newton(classes, parts, results, problem.given["figure"])
    return with_start(finished(problem, model, design, (parts, results), domains), classes)


def _check(design: Design) -> None:
    """DeriveError for data that have no estimate, or more than one."""
    check_targets(design.targets)
    weights = separating(design.rows, design.values)
    if weights is not None:
        shown = text(Vector(tuple(map(design.write, weights))))
        raise DeriveError(f"data: the classes are separated: with w = {shown} no datum of class 1 has a negative X w, "
                          "and none of class 0 a positive one. The estimator does not exist, because the likelihood "
                          "grows in this direction without end", "give data whose classes overlap, or add a penalty")
    if design.dependent is not None:
        shown = text(design.vector(design.dependent))
        raise DeriveError(f"inputs: the columns of X depend on one another: X v = 0 for v = {shown}, so the weights "
                          "are not determined", "leave out an input that the others determine"
                          + (" (or intercept = false)" if design.intercept else ""))


def _likelihood(letters: Sides, parts: list[Part]) -> None:
    put = letters.put
    parts += [
        Paragraph(("A row of the matrix ", X, (" holds the inputs of a datum. A datum is 1 with the probability in "),
                   equals(_H, put(r"\sigma(X w)")), (" and else 0, so the logarithm of its probability is that of the "
                   "first for 1 and that of the second for 0. Added up over independent data, with a column "),
                   put(r"\mathbf{1}"), " of ones, the log-likelihood is")),
        chained(put(_BOTH), [(put(_SHORT), "logarithm of the sigmoid",
                              "log σ(z) = z - log(1 + eᶻ) and log(1 - σ(z)) = -log(1 + eᶻ), in each entry.")],
                Call(ELL.plain, (W,))),
    ]


def _score(letters: Sides, parts: list[Part]) -> None:
    put = letters.put
    parts += [
        Heading(("The score",)),
        by_laws(put(_SHORT), W, letters.shapes, put(_SCORE), "The quotient is the sigmoid.", GradientOf(ELL, (W,))),
        Paragraph(("It is zero where the residuals ", put("y - h"), " are orthogonal to every column of ", X, (". The "
                   "unknowns stand inside the sigmoid, so there is no closed form; the second derivatives lead to "
                   "Newton's method."))),
    ]


def _curvature(letters: Sides, parts: list[Part]) -> None:
    put = letters.put
    square = put(r"\|r \odot (X v)\|_2^2")
    parts += [
        Heading(("The Hessian",)),
        chained(GradientOf(put(_SCORE), (W,)),
                [(put(_HESSIAN), "derivative of the sigmoid", "σ' = σ (1 - σ) in each entry, then the inner map.")],
                GradientOf(ELL, (W,), 2), level=Level.CALCULUS),
        Paragraph(("The weights ", equals(_S, put(r"h \odot (\mathbf{1} - h)")), " are positive. With their roots ", _R,
                   ", ", equals(_S, put(r"r \odot r")), ", for every vector ", _V)),
        Chain((Step(put(r"v^\top X^\top \operatorname{diag}(r \odot r) X v"), square, "squared norm",
                    "Each entry of X v is multiplied by its root."),
               Step(square, ZERO, "sign", "A sum of squares.", ">=", Level.ARGUMENT))),
        Paragraph(("It is zero only where ", equals(put("X v"), ZERO), (", which for independent columns is only "),
                   equals(_V, ZERO), (". So the Hessian is negative definite, the log-likelihood strictly concave, and "
                   "a zero of the score is where it is largest."))),
    ]


def _step(letters: Sides, parts: list[Part], results: list[Result]) -> None:
    put = letters.put
    inverse = r"(X^\top \operatorname{diag}(s) X)^{-1} X^\top"
    start = put(rf"w + {inverse} (y - h)")
    weighted = put(rf"{inverse} \operatorname{{diag}}(s) (X w + \frac{{y - h}}{{s}})")
    named = put(rf"{inverse} \operatorname{{diag}}(s) z")
    working = Definition(_Z, (), put(r"X w + \frac{y - h}{s}"))
    new = Symbol("w", "", "new")
    parts += [
        Heading(("Newton's step",)),
        Paragraph((("Newton's method goes to the maximum of the quadratic function with the same gradient and Hessian: "
                    "minus the inverse of the Hessian times the score is added,"),)),
        chained(start, [(weighted, "put together", "The matrix that is inverted times w is added to the score."),
                        (named, "working targets", "They get a letter.")], new, working),
        Paragraph((("This is the solution of a least-squares problem with the weights "), _S, " and the targets ", _Z,
                   ", which change from step to step: iteratively reweighted least squares.")),
        Formula(equals(put(r"X^\top \operatorname{diag}(s) X w"), put(r"X^\top \operatorname{diag}(s) z")),
                "normal equations with weights"),
    ]
    results.append(Result("Newton's step", start, new))
