r"""Gradient descent and its relatives by hand: gradient, update rule, one block a step, table, convergence.

Methods are rows of :mod:`derive.kinds._methods`; what is given is checked in :mod:`derive.kinds._descent_given`; the
steps are written out by :mod:`derive.kinds._iterations`; the remark on convergence is
:mod:`derive.kinds._convergence`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from derive import limits
from derive.errors import DeriveError, MathError
from derive.goals import end_of, through
from derive.kinds._convergence import Case, discuss, rows_of, second_derivatives
from derive.kinds._descent_given import SHOWN_MOST, Setup, StepSize, setup
from derive.kinds._descent_table import course, shown_rows, table
from derive.kinds._iterations import Slope, Walk, checked_start, traces
from derive.kinds._methods import RECIPES, Names, names_of, point_value
from derive.kinds._partials import Partial, exceptions, partial_by, plain_name
from derive.kinds._shared import context_of, stated
from derive.listings._cells import descent
from derive.problem import Field, Problem
from derive.rules import algebra
from derive.steps import (
    Chain,
    Context,
    Derivation,
    Figure,
    Formula,
    Heading,
    Level,
    Paragraph,
    Part,
    Program,
    Prose,
    Result,
    Step,
)
from derive.tree import Call, Gradient, Node, Relation, Symbol, Vector, free_symbols, size
from derive.write.numbers import approximate

if TYPE_CHECKING:
    from derive.numeric.optimisers import Trace

SUMMARY = "gradient descent by hand, step by step, with momentum, Adam, Newton and others"

FIELDS = (
    Field("function", "function", "the cost to minimise", required=True,
          example=r"'C(\theta_1, \theta_2) = 2\theta_1^2 + 3\theta_1\theta_2'"),
    Field("start", "any", 'the start, one number for each variable, or {birthday = "05-16"} for the digits of the day',
          required=True, example="[1, 9]"),
    Field("method", "choice", "the method", default="plain", choices=tuple(RECIPES), example='"plain"'),
    Field("step_size", "any", "a number, a list with one for each step, or a formula in the step's number t",
          example="0.1"),
    Field("steps", "integer", "how many steps are made", default=3, least=1, most=limits.STEPS_MAXIMUM, example="3"),
    Field("show", "integer", f"how many of them are written out; all up to {limits.STEPS_SHOWN} when nothing is said",
          least=1, most=SHOWN_MOST, example="3"),
    Field("beta", "number", "momentum, nesterov: how much of the velocity stays", example="0.9"),
    Field("rho", "number", "rmsprop: how much of the mean square stays", example="0.9"),
    Field("beta1", "number", "adam: how much of the mean gradient stays", example="0.9"),
    Field("beta2", "number", "adam: how much of the mean square stays", example="0.999"),
    Field("epsilon", "number", "adam: what keeps the denominator from zero", example="'10^{-8}'"),
    Field("delta", "number", "adagrad, rmsprop: what keeps the denominator from zero", example="'10^{-7}'"),
    Field("convergence", "boolean", "whether to discuss the convergence with the Hessian", default=True,
          example="true"),
    Field("figure", "boolean", "whether to draw the path and the costs", default=True, example="true"),
)
STARTER = ("function", "start", "step_size")


def solve(problem: Problem) -> Derivation:
    """The derivation: gradient, rule, steps, table, convergence, figures.

    ProblemError for values of ``[given]`` that cannot be used; DeriveError for a function that no rule
    differentiates; MathError where the cost or its gradient does not exist at the start.
    """
    given = setup(problem)
    names = names_of(given)
    gradient_parts, partials, results = _gradient(given)
    if given.letters:
        return _in_letters(problem, given, names, (gradient_parts, partials, results))
    second = second_derivatives(partials, given.variables)
    slope = Slope(tuple(partials), rows_of(second, len(partials)))
    checked_start(given, slope)
    trace, exact = traces(given, slope)
    walk = _walked(given, slope, names, trace)
    parts = [*gradient_parts, *_rule(walk), *walk.parts, *_stopped(given, trace, results),
             *table(given, trace, exact), *_program(given, slope, trace)]
    case = Case(given, slope, names, trace, Context(dict(problem.domains)))
    if problem.given["convergence"]:
        discuss(case, second)
    parts += _figures(given, names, trace, case.points) if problem.given["figure"] else []
    parts += case.parts
    results += [*course(given, names, trace, exact), *case.results]
    return Derivation(
        problem.title, problem.kind, _given(given, names), _asked(given), tuple(parts), tuple(results),
        context_of(dict(problem.domains), given.function, *walk.definitions),
    )


def _in_letters(
    problem: Problem, given: Setup, names: Names, gradient: tuple[list[Part], list[Partial], list[Result]]
) -> Derivation:
    """Gradient and rule of a cost with further letters: without their values no step can be calculated.

    DeriveError where the rule uses one of these letters for something else.
    """
    parts, partials, results = gradient
    rule = _rule(Walk(given, Slope(tuple(partials), ()), names))
    used = {s for part in rule if isinstance(part, Formula) for s in free_symbols(part.node)}
    if both := [s.plain for s in given.letters if s in used]:
        raise DeriveError(f"{', '.join(both)} has no value, and the method uses the same letter",
                          "make it a variable of the function, or put a number in its place")
    letters = [w for s in given.letters for w in (", ", s)][1:]
    verb = "has" if len(given.letters) == 1 else "have"
    words = (f" {verb} no value, so no step can be calculated. Put numbers in the place of such letters, or make them "
             "variables of the function.")
    remark = Paragraph((*letters, words), remark=True)
    stopped = Result("stopped", None, number=f"step 0: {', '.join(s.plain for s in given.letters)} {verb} no value")
    return Derivation(
        problem.title, problem.kind, _given(given, names), _asked(given), (*parts, *rule, remark),
        (*results, stopped), context_of(dict(problem.domains), given.function),
    )


# --- what is given and asked ------------------------------------------------------------------------


def _given(given: Setup, names: Names) -> tuple[Prose, ...]:
    start: Prose = ("start ", Relation((_at_zero(names), point_value(names, given.start)), ("=",)))
    if given.birthday:
        start = (*start, f", the digits of day {given.birthday} of the birthday")
    items: list[Prose] = [(stated(given.function),), start]
    if given.step is not None:
        items.append(_step_words(given, names))
    items += [("parameter ", Relation((names[key], value), ("=",))) for key, value in given.parameters.items()]
    return tuple(items)


def _at_zero(names: Names) -> Symbol:
    from derive.kinds._methods import at

    return at(names["point"], 0)


def _step_words(given: Setup, names: Names) -> Prose:
    step, rate = given.step, names["rate"]
    assert step is not None
    if step.fixed is not None:
        return ("step size ", Relation((rate, step.fixed), ("=",)))
    if step.formula is not None:
        label = Symbol(rate.name, step.counter.plain)
        return ("step size ", Relation((label, step.formula), ("=",)), " in step ", step.counter)
    words: list[str | Node] = ["step sizes "]
    for i, alpha in enumerate(step.listed[: given.steps]):
        words += [", "] if i else []
        words.append(Relation((Symbol(rate.name, str(i + 1)), alpha), ("=",)))
    return tuple(words)


def _asked(given: Setup) -> tuple[Prose, ...]:
    name, several = given.function.name.plain, given.several
    slope: Node = Gradient(name, given.variables) if several else Call(name, given.variables, 1)
    count = f"{given.steps:,} step{'s' * (given.steps > 1)}"
    return (("the gradient " if several else "the derivative ", slope),
            (f"{count} of {RECIPES[given.method].title}",))


# --- the gradient -----------------------------------------------------------------------------------


def _gradient(given: Setup) -> tuple[list[Part], list[Partial], list[Result]]:
    """The partial derivatives, one chain each, and the gradient made of them."""
    function, name = given.function, given.function.name.plain
    partials = [_tidied(partial_by(function, v, given.several)) for v in given.variables]
    results = [Result(plain_name(p.name), p.value, p.name, shown=False) for p in partials]
    if not given.several:
        left: Node = Call(name, given.variables, 1)
        parts: list[Part] = [Heading(("Derivative",)), Chain(partials[0].steps, left), *exceptions(partials)]
        return parts, partials, [*results, Result("gradient", partials[0].value, left)]
    left = Gradient(name, given.variables)
    entries, values = Vector(tuple(p.name for p in partials)), Vector(tuple(p.value for p in partials))
    together = Step(left, entries, "definition of the gradient", "Its entries are the partial derivatives.",
                    level=Level.ALGEBRA)
    put = Step(entries, values, "put in the partial derivatives", "Entry by entry.", level=Level.ALGEBRA)
    parts = [
        Heading(("Gradient",)), Paragraph((_MEANING,)), *(p.chain for p in partials), *exceptions(partials),
        Paragraph(("Together they are the gradient:",)), Chain((together, put)),
    ]
    return parts, partials, [*results, Result("gradient", tuple(p.value for p in partials), left)]


def _tidied(partial: Partial) -> Partial:
    """The partial derivative multiplied out, where that is shorter."""
    more = through(partial.value, (algebra.EXPAND, algebra.ARITHMETIC, algebra.SUMS))
    end = end_of(partial.value, more)
    return Partial(partial.name, (*partial.steps, *more), end) if size(end) < size(partial.value) else partial


_MEANING = ("The gradient is made of the partial derivatives: in each of them the other variables are held fixed and "
            "count as constants. It points in the direction in which the function rises most steeply, and its length "
            "is the slope in that direction. Gradient descent looks for a minimum by going the other way, again and "
            "again.")


# --- the rule and the steps -------------------------------------------------------------------------


def _rule(walk: Walk) -> list[Part]:
    """The method's formulas, with the names that they use."""
    recipe, names, given = walk.recipe, walk.names, walk.setup
    parts: list[Part] = [Heading((f"Update rule of {recipe.title}",)), Paragraph((recipe.idea,))]
    if given.several and names["point"].name not in {v.name for v in given.variables}:
        parts.append(Paragraph(("The point is written ", Relation((names["point"], Vector(given.variables)), ("=",)),
                                ".")))
    parts += walk.rules()
    if recipe.remark:
        parts.append(Paragraph((recipe.remark,), remark=True))
    return parts


def _walked(given: Setup, slope: Slope, names: Names, trace: Trace) -> Walk:
    """The start and the steps that are written out; the walk ends where the numbers do."""
    walk = Walk(given, slope, names)
    walk.parts.append(Heading(("Start",)))
    walk.start()
    for t in range(1, min(given.shown, trace.steps) + 1):
        try:
            walk.step(t, trace.step_sizes[t - 1])
        except MathError as error:
            raise MathError(f"step {t} cannot be written out: {error.message}", error.hint) from error
    return walk


def _stopped(given: Setup, trace: Trace, results: list[Result]) -> list[Part]:
    """What is said where the iteration ended before all steps were made."""
    if trace.stopped is None:
        return []
    stop = trace.stopped
    value = trace.points[-1] if stop.what == "gradient" else stop.value
    where = ", ".join(f"{float(x):.6g}" for x in value)
    subject = _STOPPED.get(stop.what, "the step starts from")
    text = f"{stop.reason}; {subject} ({where})" if given.several else f"{stop.reason}; {subject} {where}"
    results.append(Result("stopped", None, number=f"step {stop.step}: {text}"))
    words: list[str | Node] = [f"The iteration stops at step {stop.step} of {given.steps:,}: {text}."]
    if stop.what == "gradient":
        slope = "gradient" if given.several else "derivative"
        words += [" At ", _place(given, value), f" there is no {slope}, so no further step can be made."]
    return [Paragraph(tuple(words), remark=True)]


def _place(given: Setup, value: Any) -> Node:
    """``x = 0`` or ``(x, y) = (1, 0)``, in decimals."""
    left, right = (tuple(given.variables), tuple(approximate(float(x)) for x in value))
    return Relation((Vector(left), Vector(right)) if given.several else (left[0], right[0]), ("=",))


_STOPPED = {"point": "the new point is", "gradient": "the point is"}


# --- the iteration as a program ---------------------------------------------------------------------


def _program(given: Setup, slope: Slope, trace: Trace) -> list[Part]:
    """The iteration as a program that prints the table, where all of its formulas have NumPy code."""
    variables = given.variables
    functions: dict[str, Any] = {
        "cost": (variables, given.function.body), "gradient": (variables, slope.gradient),
        **({"hessian": (variables, slope.hessian)} if given.method == "newton" else {}),
    }
    rows = shown_rows(trace.steps, given.shown)
    code = descent(given.method, functions, given.start, given.parameters, _step_size(given.step), rows)
    return [] if code is None else [Program(code, ("The same iteration as a program:",))]


def _step_size(step: StepSize | None) -> tuple[Symbol, tuple[Node, ...]] | None:
    """The counter and the step size as one formula in it, or as one number a step; None where the method finds it."""
    if step is None:
        return None
    one = step.formula if step.formula is not None else step.fixed
    return step.counter, step.listed if one is None else (one,)


# --- figures ----------------------------------------------------------------------------------------

PATH_POINTS = 2_000  # a longer path is thinned: more points than a line on paper shows
PATH_FIRST = 50  # steps that are always kept
PATH_REST = 250  # points of the rest of a thinned path, evenly along the way


def _figures(
    given: Setup, names: Names, trace: Trace, points: Sequence[tuple[tuple[float, ...], str]]
) -> list[Part]:
    path = [[float(x) for x in trace.points[i]] for i in _kept(trace.points)]
    figures: list[Part] = []
    if len(given.variables) == 2:
        figures.append(_contour(given, names, path, points, trace))
    elif len(given.variables) == 1:
        figures.append(_curve(given, path, points))
    return [*figures, _costs(given, trace)] if trace.steps else figures


def _kept(points: Any) -> list[int]:
    """Which points of a path are drawn, shape (n+1, d): all of a short one; else the first ones, then by distance.

    Points at even distances along the way keep the shape of a curve, which points at even numbers of steps do not.
    """
    import numpy as np

    count = len(points)
    if count <= PATH_POINTS:
        return list(range(count))
    rest = np.asarray(points[PATH_FIRST:], dtype=float)
    with np.errstate(all="ignore"):
        way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(rest, axis=0), axis=1))])
    marks = np.linspace(0, way[-1], PATH_REST) if np.isfinite(way[-1]) else way[:: -(-len(way) // PATH_REST)]
    chosen = PATH_FIRST + np.searchsorted(way, marks).clip(0, len(way) - 1)
    return sorted({*range(PATH_FIRST + 1), *map(int, chosen), count - 1})


def _contour(
    given: Setup, names: Names, path: Sequence[Sequence[float]], points: Sequence[tuple[tuple[float, ...], str]],
    trace: Trace,
) -> Figure:
    from derive.figures.contour_path import describe

    kinds = {"saddle point": "saddle"}
    marks = [[*point, kinds.get(nature, nature)] for point, nature in points if nature]
    data = {"function": given.function.body, "variables": given.variables, "path": path,
            "name": given.function.name.plain, "stationary": marks, "steps": trace.steps}
    thinned = f", {trace.steps:,} steps drawn through {len(path)} of its points" * (len(path) <= trace.steps)
    caption: Prose = ("Level lines of ", given.function.name, f" and the path of the iteration{thinned}.")
    return Figure("contour_path", data, caption, describe({**data, "path": trace.points.tolist()}), "path")


def _curve(
    given: Setup, path: Sequence[Sequence[float]], points: Sequence[tuple[tuple[float, ...], str]]
) -> Figure:
    from derive.figures.function_plot import describe
    from derive.numeric.evaluate import compile as compiled

    values = compiled(given.function.body, given.variables)
    some = path[: limits.STEPS_SHOWN + 1]
    marks = [{"x": x, "y": float(values(x)), "label": str(i)} for i, (x,) in enumerate(some)]
    marks += [{"x": x, "y": float(values(x)), "label": nature} for (x,), nature in points]
    name = Call(given.function.name.plain, given.variables)
    data = {"curves": [{"node": given.function.body, "label": name}], "variable": given.variables[0], "range": None,
            "points": marks}
    caption: Prose = ("The graph of ", name, " and the points of the iteration, numbered by the step.")
    return Figure("function_plot", data, caption, describe(data), "path")


def _costs(given: Setup, trace: Trace) -> Figure:
    from derive.figures.cost_curve import describe

    costs = [float(c) for c in trace.costs] if trace.costs is not None else []
    data = {"costs": costs, "name": given.function.name.plain}
    return Figure("cost_curve", data, ("The cost after each step.",), describe(data), "costs")
