r"""Fits: the gradient of a loss derived, then handed to ``scipy.optimize.minimize``, from several starts.

What is given is checked in :mod:`derive.kinds._fit_given`; the gradient is derived in :mod:`derive.kinds._fit_gradient`
and run in :mod:`derive.kinds._fit_run`; :mod:`derive.kinds._fit_minima` tells minima apart; what came out is told in
:mod:`derive.kinds._fit_told`, the values that a fitted model can take in :mod:`derive.kinds._fit_range`.
"""

from __future__ import annotations

from derive.backward import Backward
from derive.kinds import _fit_gradient as gradient
from derive.kinds import _fit_told as told
from derive.kinds._fit_closed import is_linear
from derive.kinds._fit_given import FIELDS as FIELDS
from derive.kinds._fit_given import Model, Setup, setup
from derive.kinds._fit_work import Work, work
from derive.listings._cells import columns
from derive.listings._scipy import write
from derive.problem import Problem
from derive.steps import Context, Derivation, Heading, Listing, Part, Program, Prose, Result

SUMMARY = "a model fitted to data with the derived gradient, from several starts; the minima told apart"

STARTER = ("model", "data", "starts")


def solve(problem: Problem) -> Derivation:
    """The gradient derived, the runs, the minima, what to notice, figures.

    DeriveError for what cannot be used (:func:`derive.kinds._fit_given.setup`); MathError where no run can begin.
    """
    given = setup(problem)
    parts: list[Part] = told.data_parts(given)
    results: list[Result] = []
    made = {id(model): gradient.derived(model) for model in given.models}
    for model in given.models:
        parts += _derivation(given, model, made[id(model)])
        results += gradient.gradient_results(model, made[id(model)], told.prefix(model))
    parts += gradient.mean_parts(given, given.models[0])
    data = _data(given)
    programs = [part for model in given.models for part in _program(given, model, made[id(model)], bool(data))]
    parts += [*(data if programs else []), *programs]
    works: list[Work] = work(given, [made[id(model)] for model in given.models])
    for one in works:
        one.linear = is_linear(given, one.model)
    more, found = told.outcome(given, works)
    return Derivation(
        problem.title, problem.kind, told.stated(given), _asked(given), (*parts, *more), (*results, *found),
        Context(dict(problem.domains)),
    )


def _derivation(given: Setup, model: Model, made: Backward) -> list[Part]:
    words = f"Gradient for one point: {model.title}" if model.title else "Gradient for one point"
    return [Heading((words,)), *told.model_parts(given, model), *gradient.gradient_parts(made),
            *gradient.written_out(model, made)]


def _data(given: Setup) -> list[Part]:
    """The data for whoever runs the programs."""
    code = columns({column.name: column.values.tolist() for column in given.columns})
    return [] if code is None else [Program(code, (f"The {given.data_words}, for the programs below:",))]


def _program(given: Setup, model: Model, made: Backward, runs: bool) -> list[Part]:
    """The formulas as a program, where all of them have NumPy code; ``runs`` when the data stand before it."""
    start = (*model.starts, *model.drawn)[0]
    code = write(made, [c.name for c in given.columns], start, given.asked.method)
    title = f"The fit of the {model.title} model" if model.title else "The fit"
    return [] if code is None else [Listing(code, (f"{title} as a program.",), runs=runs)]


def _asked(given: Setup) -> tuple[Prose, ...]:
    several = "s" if len(given.models) > 1 else ""
    return (("the gradient of the loss",), (f"the parameters of the model{several} that make the loss smallest",))
