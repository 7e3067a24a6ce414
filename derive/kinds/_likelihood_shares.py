r"""Fisher information about the probabilities of classes, and the covariance of their estimates, which is its inverse.

Called by :mod:`_likelihood_classes`. The probabilities add up to 1, so all but the last are free: they are a vector
``t``, and ``q`` is the last one.

Source: Lehmann and Casella, Theory of Point Estimation (2nd ed., 1998), section 2.6 and example 6.6.
"""

from __future__ import annotations

from derive.distributions import read_formula
from derive.kinds._likelihood_given import equals
from derive.kinds._likelihood_matrices import chained
from derive.rules.shapes import UNIT
from derive.steps import Definition, Formula, Heading, Level, Paragraph, Part, Result
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Derivative,
    Dots,
    Indexed,
    Negative,
    Node,
    Product,
    Quotient,
    Sum,
    Symbol,
    Vector,
)

THETA, LAST, REST = Symbol("theta"), Symbol("q"), Symbol("r")
U, V = Symbol("u"), Symbol("v")
_ELL = Symbol("ell")
DOMAINS = {THETA: "vector m", LAST: "positive", REST: "real", U: "(0, 1)", V: "(0, 1)", Symbol("s"): "positive",
           Symbol("a"): "real", Symbol("b"): "real", Symbol("m"): "positive integer"}

_LOG_MASS = r"a \log(u) + b \log(v) + r \log(s - u - v)"
_SCORE = r"\frac{a}{u} - \frac{r}{s - u - v}"
_TWICE = r"-\frac{a}{u^2} - \frac{r}{(s - u - v)^2}"
_MIXED = r"-\frac{r}{(s - u - v)^2}"
_INFORMATION = r"\operatorname{diag}(\frac{1}{\theta}) + \frac{1}{q} \mathbf{1} \mathbf{1}^\top"
_COVARIANCE = r"\operatorname{diag}(\theta) - \theta \theta^\top"
_put = read_formula


def information_of_shares(classes: Symbol, size: Symbol, parts: list[Part], results: list[Result]) -> None:
    """The information matrix of one observation, its inverse, and that the shares of the classes reach the bound."""
    bound = Product((Quotient(ONE, size), _put(_COVARIANCE)))
    own = Call("I", (THETA,))
    _derivatives(parts)
    _matrix(classes, own, parts)
    parts += [
        Paragraph(("By the Cramér–Rao inequality the covariance matrix of an unbiased estimator from ", size,
                   " observations exceeds ", bound, (" by a positive semidefinite matrix. The shares are "
                   "unbiased, since the mean of a count is "), size, (" times its probability. The covariance matrix "
                   "of which class one observation is of is "), _put(_COVARIANCE), ", that of the shares the ", size,
                   "-th part of it. They reach the bound: the estimators are efficient.")),
    ]
    results += [
        Result("Fisher information matrix", _put(_INFORMATION), own, shown=False),
        Result("Cramér–Rao bound", bound, shown=False),
        Result("bias of the estimators", ZERO, shown=False),
    ]


def _derivatives(parts: list[Part]) -> None:
    """The second derivatives of the logarithm of one observation's probability, by two of the free probabilities."""
    by_u = Derivative(_ELL, U, 1, True)
    parts += [
        Heading(("Fisher information",)),
        Paragraph(("The last probability ", LAST, " is what the others leave of 1, so they are free. Let ", U, " and ",
                   V, " be two of them, ", Symbol("s"), " what the further ones leave of 1, and ", Symbol("a"), ", ",
                   Symbol("b"), " and ", REST, (" be 1 where one observation is of the one, the other and the last "
                   "class, else 0. The logarithm of its probability has the derivatives"))),
        chained(Derivative(_put(_LOG_MASS), U, 1, True),
                [(_put(_SCORE), "derivative term by term", "By the chain rule in the last.")], by_u,
                level=Level.CALCULUS),
        chained(Derivative(_put(_SCORE), U, 1, True), [(_put(_TWICE), "derivative term by term", "Of reciprocals.")],
                Derivative(_ELL, U, 2, True), level=Level.CALCULUS),
        chained(Derivative(_put(_SCORE), V, 1, True), [(_put(_MIXED), "chain rule", "Only the last term.")],
                Derivative(by_u, V, 1, True), level=Level.CALCULUS),
        Paragraph(("The mean of ", Symbol("a"), " is ", U, ", that of ", REST, " is ", equals(LAST, _put("s - u - v")),
                   ". So minus the means of the second derivatives are")),
        chained(_put(r"\frac{u}{u^2} + \frac{q}{q^2}"), [(_put(r"\frac{1}{u} + \frac{1}{q}"), "cancel", "In both.")]),
        chained(_put(r"\frac{q}{q^2}"), [(_put(r"\frac{1}{q}"), "cancel", "One factor is left.")]),
    ]


def _matrix(classes: Symbol, own: Node, parts: list[Part]) -> None:
    first, last = Indexed(Symbol("p"), (ONE,)), Indexed(Symbol("p"), (Sum((classes, Negative(ONE))),))
    rest = Definition(LAST, (), _put(r"1 - \mathbf{1}^\top \theta"))
    parts += [
        Paragraph(("on the diagonal and beside it. With ", equals(THETA, Vector((first, Dots(), last))),
                   (" and a column of ones the information matrix about them is"))),
        Formula(equals(own, _put(_INFORMATION))),
        Paragraph(("Its inverse is ", _put(_COVARIANCE), ", for the product of both is the unit matrix:")),
        chained(Product((_put(_INFORMATION), _put(_COVARIANCE))),
                [(UNIT, "inverse matrix", "What is left over cancels, by the meaning of q.")], None, rest),
    ]
