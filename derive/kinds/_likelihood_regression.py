r"""Linear and logistic regression as maximum likelihood: which of the derivations a problem asks for.

Called by the kind ``maximum-likelihood`` for ``distribution = "linear regression"`` and ``"logistic regression"``. With
one input it is a line with slope and intercept; with several inputs, or where ``X`` is declared as a matrix, the design
matrix stands for all of them.
"""

from __future__ import annotations

from derive.kinds._likelihood_design import is_wanted
from derive.kinds._likelihood_least_squares import least_squares
from derive.kinds._likelihood_line import line
from derive.kinds._likelihood_logistic import one_input
from derive.kinds._likelihood_reweighted import several_inputs
from derive.problem import Problem
from derive.steps import Derivation

LINEAR, LOGISTIC = "linear regression", "logistic regression"


def linear(problem: Problem) -> Derivation:
    """A regression with normal errors."""
    return least_squares(problem) if is_wanted(problem) else line(problem)


def logistic(problem: Problem) -> Derivation:
    """A regression of two classes."""
    return several_inputs(problem) if is_wanted(problem) else one_input(problem)
