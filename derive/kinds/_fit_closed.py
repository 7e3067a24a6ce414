r"""Least squares in closed form, where the model is linear in its parameters: the normal equations beside the fit.

Called by the fit kind. The columns of the matrix X are the derivatives of the prediction by the parameters; where none
of them holds a parameter and the loss is a squared error, :math:`X^\top X w = X^\top y` has the exact answer.
Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2009), section 3.2.
"""

from __future__ import annotations

import numpy as np

from derive.goals import derivative, end_of, simple, undifferentiated
from derive.kinds._fit_given import Model, Setup
from derive.kinds._fit_run import Array
from derive.kinds._fit_work import Work
from derive.numeric.evaluate import compile as compiled
from derive.steps import Formula, Heading, Paragraph, Part, Prose, Result, Table
from derive.tree import (
    ZERO,
    Derivative,
    Node,
    Product,
    Relation,
    Symbol,
    Transpose,
    Vector,
    free_symbols,
    substitute,
)
from derive.write.numbers import approximate

SQUARED = {"squared error", "mean squared error", "half squared error"}
SINGULAR = 1e-12  # a smallest singular value so small against the largest: no single answer


def is_linear(given: Setup, model: Model) -> bool:
    """Whether the fit is a linear least-squares problem."""
    return given.loss.name in SQUARED and design(model) is not None


def design(model: Model) -> tuple[tuple[Node, ...], Node] | None:
    """The prediction's derivatives by the parameters, and what is left without these; None where it is not linear."""
    own = set(model.parameters)
    columns: list[Node] = []
    for parameter in model.parameters:
        start = Derivative(model.body, parameter, 1, True)
        value = end_of(start, derivative(start))
        if undifferentiated(value) or own & free_symbols(value):
            return None
        columns.append(value)
    return tuple(columns), simple(substitute(model.body, dict.fromkeys(own, ZERO)))


def closed_parts(given: Setup, one: Work) -> tuple[list[Part], list[Result]]:
    """The normal equations, their solution, and how far the fit is from it; nothing for other models and losses."""
    found = design(one.model)
    if found is None:
        return [], []
    columns, rest = found
    matrix = np.column_stack([_values(given, node) for node in columns])
    wanted = given.arrays[given.target] - _values(given, rest)
    found_w, _, rank, singular = np.linalg.lstsq(matrix, wanted, rcond=None)
    solution: Array = np.asarray(found_w, dtype=float)
    if rank < len(columns) or singular[-1] < SINGULAR * singular[0]:
        return [Paragraph((_SINGULAR,), remark=True)], []
    loss = one.objective.loss(solution)
    w, x, y = Symbol("w"), Symbol("X"), given.target
    normal = Relation((Product((Transpose(x), x, w)), Product((Transpose(x), y))), ("=",))
    words: Prose = (_LINEAR, one.model.name, " by the parameters, ", Vector(columns), ", are the columns of a matrix ",
                    x, " with a row for each point; the gradient is zero where")
    parts: list[Part] = [Heading(("In closed form",)), Paragraph(words), Formula(normal), _table(one, solution)]
    named = ", ".join(s.plain for s in one.model.parameters)
    results = [Result(f"closed form: {named}", tuple(approximate(float(v), 9) for v in solution), shown=False,
                      number=[float(v) for v in solution]),
               Result("closed form: loss", approximate(loss, 9), shown=False, number=loss)]
    return parts, results


_LINEAR = ("The model is linear in its parameters and the loss is a square, so the minimum has a closed form. The "
           "derivatives of ")
_SINGULAR = ("The model is linear in its parameters, but the columns of its derivatives depend on one another: more "
             "than one choice of parameters has the smallest loss.")


def _values(given: Setup, node: Node) -> Array:
    """A formula in the data in each row."""
    used = [s for s in given.arrays if s in free_symbols(node)]
    return np.array(np.broadcast_to(compiled(node, used)(*(given.arrays[s] for s in used)), (given.count,)))


def _table(one: Work, solution: Array) -> Part:
    """The closed form beside the runs' ends."""
    header: tuple[Prose, ...] = (("",), *((s,) for s in one.model.parameters))
    rows: list[tuple[Prose, ...]] = [(("closed form",), *((approximate(float(v), 9),) for v in solution))]
    rows += [((f"fit from {_point(run.start)}",), *((approximate(float(v), 9),) for v in run.point))
             for run in one.runs if np.isfinite(run.point).all()]
    return Table(header, tuple(rows), ("The solution of these equations and what the runs reached.",))


def _point(start: tuple[float, ...]) -> str:
    return f"({', '.join(f'{x:g}' for x in start)})"
