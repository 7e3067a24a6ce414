"""What a fit is told as: the data, the runs, the minima, what to notice, and the numbers as results.

Called by the fit kind with what :mod:`derive.kinds._fit_work` computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from derive.kinds._fit_closed import closed_parts
from derive.kinds._fit_figures import figures
from derive.kinds._fit_given import FINITE, Model, Setup
from derive.kinds._fit_minima import MINIMUM, NOT_STATIONARY, PLATEAU, SADDLE, Place
from derive.kinds._fit_range import range_parts
from derive.kinds._fit_run import Array, Run, central_differences
from derive.kinds._fit_work import Work
from derive.kinds._shared import ROWS_GIVEN, listed
from derive.kinds._shared import stated as equation
from derive.networks import many
from derive.steps import Formula, Heading, Paragraph, Part, Prose, Result, Table
from derive.tree import ZERO, Derivative, Node, Relation, Symbol, Vector
from derive.write.numbers import approximate

SHORT, LONG, PRECISE = 4, 9, 15  # digits in tables of runs, of minima, and of results
PLACES_SHOWN = 8
NOTHING = 1e-16  # a loss so small against that of the best constant is 0 but for rounding


def prefix(model: Model) -> str:
    """What stands before the names of a model's results."""
    return f"{model.title}: " if model.title else ""


# --- what is given ----------------------------------------------------------------------------------


def stated(given: Setup) -> tuple[Prose, ...]:
    """Models, data, loss and method, a line each."""
    models = [(f"{m.title}: " if m.title else "model ", Relation((m.name, m.body), ("=",))) for m in given.models]
    loss = (f"loss: the {given.loss.title}, its mean over the data",)
    how = (f"method {given.asked.method} of scipy.optimize.minimize, with the derived gradient (jac=True)",)
    columns: list[Prose] = [tuple(c.origin) for c in given.columns if c.origin != ("listed",)]
    starts = [start for m in given.models for start in _starts(m)]
    return (*models, (f"data: {given.data_words}",), *columns, loss, how, *starts)


def _starts(model: Model) -> list[Prose]:
    """Where the runs of a model begin; of starts that are drawn how many they are."""
    of = f" of {model.title}" if model.title else ""
    said: list[Prose] = []
    if model.starts:
        points = [vector(start, PRECISE) for start in model.starts]
        said.append((f"the run{of} starts at " if len(points) == 1 else f"the runs{of} start at ", _point_name(model),
                     " = ", *listed(points)))
    if model.drawn:
        said.append((f"{many(len(model.drawn), 'start')}{of} drawn at random",))
    return said


def data_parts(given: Setup) -> list[Part]:
    """The rows, where they are listed and few; of the columns smallest, mean, deviation, largest."""
    header: tuple[Prose, ...] = (("column",), ("least",), ("mean",), ("deviation",), ("largest",))
    rows = [((c.name,), *_cells(_summary(c.values))) for c in given.columns]
    return [Heading(("The data",)), *_listed(given), Table(header, tuple(rows), (f"The {given.data_words}.",))]


def _listed(given: Setup) -> list[Part]:
    """The listed columns where an exercise can show them; of what is drawn, read or computed it says how."""
    columns = [c for c in given.columns if c.origin == ("listed",)]
    if not columns or given.count > ROWS_GIVEN:
        return []
    header: tuple[Prose, ...] = (("row",), *((c.name,) for c in columns))
    values = zip(*(c.values for c in columns), strict=True)
    rows = tuple(((str(k),), *_cells(row, PRECISE)) for k, row in enumerate(values, 1))
    return [Table(header, rows, ("The data.",), given=True)]


def _summary(values: Array) -> list[float]:
    """Least, mean, deviation, largest; what is 0 but for rounding is 0."""
    found = [float(f(values)) for f in (np.min, np.mean, np.std, np.max)]
    size = max(map(abs, found))
    return [0.0 if abs(v) <= _ROUNDING * size else v for v in found]


_ROUNDING = 1e-13


def _cells(values: Sequence[float], digits: int = SHORT) -> tuple[Prose, ...]:
    return tuple((_number(float(v), digits),) for v in values)


def _number(value: float, digits: int = SHORT) -> Node | str:
    return approximate(value, digits) if np.isfinite(value) else "none"


def model_parts(given: Setup, model: Model) -> list[Part]:
    """The named quantities of a model."""
    words = "The quantities of one point, in order; the derivatives are written in them and in what was found before."
    return [Paragraph((words,)), *(Formula(equation(q)) for q in model.graph.quantities)]


# --- what came out ----------------------------------------------------------------------------------


def outcome(given: Setup, works: Sequence[Work]) -> tuple[list[Part], list[Result]]:
    """Everything after the gradient: runs and minima of each model, what to notice, figures; and the results."""
    constant, parts, results = best_constant(given), list[Part](), list[Result]()
    shown: set[str] = set()
    for one in works:
        if not one.begun:
            continue
        parts += _runs(given, one) + _compared(one) + _places(one, constant)
        results += _run_results(one) + _place_results(one, constant, _loss_letter(works, one))
        more, found = range_parts(given, one, shown)
        parts += more
        if one.linear:
            more, further = closed_parts(given, one)
            parts += more
            found += further
        results += [Result(f"{prefix(one.model)}{r.name}", r.value, r.label, r.shown, r.number) for r in found]
        if one.interrupted:
            parts.append(Paragraph((_INTERRUPTED,), remark=True))
            results.append(Result("interrupted", None, shown=False, number=one.model.title or "fit"))
    if constant is not None:
        name = f"loss of the best constant, the variance of {given.target.plain}"
        results.append(Result(name, approximate(constant, PRECISE), shown=False, number=constant))
    parts += _notice(given, works, constant)
    return parts + (figures(given, works) if given.figure else []), results


_INTERRUPTED = "The run was interrupted; what was reached until then is shown."


def best_constant(given: Setup) -> float | None:
    """The loss of the best constant prediction where that is the mean: the variance, or half of it."""
    share = {"squared error": 1.0, "mean squared error": 1.0, "half squared error": 0.5}.get(given.loss.name)
    return None if share is None else share * float(given.arrays[given.target].var())


# --- runs -------------------------------------------------------------------------------------------


def vector(values: Sequence[float] | Array, digits: int = SHORT) -> Node:
    """A point as it is written; one number without brackets."""
    nodes = tuple(approximate(float(v), digits) for v in values)
    return nodes[0] if len(nodes) == 1 else Vector(nodes)


def _point_name(model: Model) -> Node:
    return model.parameters[0] if len(model.parameters) == 1 else Vector(model.parameters)


def _runs(given: Setup, one: Work) -> list[Part]:
    """The table of the given starts, and what the drawn ones came to."""
    title = f"Fits: {one.model.title}" if one.model.title else "Fits"
    parts: list[Part] = [Heading((title,))]
    parts += _checked(one)
    if one.runs:
        header: tuple[Prose, ...] = (("start",), ("loss",), (_point_name(one.model),), ("steps",),
                                     ("gradient",), ("at",))
        rows = tuple(_row(one, run) for run in one.runs)
        caption = f"{given.asked.method} with the derived gradient on all {one.objective.samples:,} rows. {_CALLS}"
        parts.append(Table(header, rows, (caption,)))
        parts += [_remark(run) for run in one.runs if not run.finished]
    if one.drawn:
        parts.append(Paragraph((_drawn_words(one),)))
    return parts


_CALLS = ("In brackets stands how often loss and gradient were computed, which is done together; under “gradient” its "
          "largest entry where the run ended, under “at” the point of the table below that is there.")


def _checked(one: Work) -> list[Part]:
    """The derived gradient beside central differences of the loss, at a point without anything special."""
    point = np.array(one.model.starts[0] if one.model.starts else one.model.drawn[0]) + _ASIDE
    with np.errstate(all="ignore"):
        gradient, differences = one.objective.loss_and_gradient(point)[1], central_differences(one.objective, point)
    if not (np.isfinite(gradient).all() and np.isfinite(differences).all()):
        return []
    by = [Derivative(Symbol("L"), s, 1, len(point) > 1) for s in one.model.parameters]
    header: tuple[Prose, ...] = (("",), *((name,) for name in by))
    rows = (("derived",), *_cells(gradient.tolist(), 6)), (("central differences",), *_cells(differences.tolist(), 6))
    return [Table(header, rows, ("A check of the derived gradient at ", vector(point), "."))]


_ASIDE = 0.5


def _row(one: Work, run: Run) -> tuple[Prose, ...]:
    place = next((p for p in one.places if run in p.given), None)
    return ((vector(run.start),), (_number(run.loss, 5),), (vector(run.point),),
            (f"{run.iterations} ({run.losses})",), (_number(run.largest, 2),), (place.letter if place else "",))


def _remark(run: Run) -> Part:
    return Paragraph(("The run from ", vector(run.start), f" did not end by itself: {run.ended}."), remark=True)


def _drawn_words(one: Work) -> str:
    starts = f"{one.drawn} more starts were drawn"
    where = f"on {one.rows:,} of the rows" if one.rows < one.objective.samples else "on all rows"
    words = f"{starts} and tried {where}; each point that they led to was then refined on all rows by Newton's method."
    if one.failed:
        words += f" {one.failed} of them did not end at a point where the gradient is zero."
    return words


def _compared(one: Work) -> list[Part]:
    """The same start with the minimiser's own finite differences."""
    if not one.compared or not one.runs:
        return []
    run, derived = one.compared[0], one.runs[0]
    header: tuple[Prose, ...] = (("gradient",), ("loss",), (_point_name(one.model),), ("steps",), ("evaluations",))
    rows = tuple(
        ((name,), (_number(r.loss, 6),), (vector(r.point),), (str(r.iterations),), (str(r.losses),))
        for name, r in (("derived", derived), (FINITE, run))
    )
    return [Table(header, rows, ("The run from ", vector(run.start), _WITH_BOTH))]


_WITH_BOTH = (" with the derived gradient, and with finite differences of the loss, as the method takes them when it "
              "is given no gradient.")


def _run_results(one: Work) -> list[Result]:
    results: list[Result] = []
    for run, how in (*((r, "") for r in one.runs), *((r, f" by {FINITE}") for r in one.compared)):
        at = f"{prefix(one.model)}from ({', '.join(f'{x:g}' for x in run.start)}){how}"
        if np.isfinite(run.loss):
            results += [_scalar(f"{at}: loss", run.loss), _weights(f"{at}: {_names(one)}", run.point)]
        results += [Result(f"{at}: iterations", None, shown=False, number=run.iterations),
                    Result(f"{at}: evaluations", None, shown=False, number=run.losses),
                    Result(f"{at}: gradient evaluations", None, shown=False, number=run.gradients)]
        if not run.finished:
            results.append(Result(f"{at}: ended", None, shown=False, number=run.ended))
    return results


def _names(one: Work) -> str:
    return ", ".join(s.plain for s in one.model.parameters)


def _scalar(name: str, value: float, label: Node | None = None, shown: bool = False) -> Result:
    return Result(name, approximate(value, LONG), label, shown, value)


def _weights(name: str, point: Array, label: Node | None = None, shown: bool = False) -> Result:
    return Result(name, tuple(approximate(float(x), LONG) for x in point), label, shown, [float(x) for x in point])


# --- minima -----------------------------------------------------------------------------------------


def _places(one: Work, constant: float | None) -> list[Part]:
    """The table of the points at which runs ended."""
    if not one.places:
        return []
    header: tuple[Prose, ...] = (("",), ("loss",), (_point_name(one.model),), (Symbol("lambda", "min"),),
                                 (Symbol("lambda", "max"),), ("",))
    rows = tuple(_place_row(one, place, constant) for place in one.places[:PLACES_SHOWN])
    more = len(one.places) - PLACES_SHOWN
    ends = (Symbol("lambda", "min"), " and ", Symbol("lambda", "max"))
    left = f" {more} more are left out." if more > 0 else ""
    caption: Prose = ("Where runs ended, refined by Newton's method, the lowest first; ", *ends, _HESSIAN + left)
    sure = is_exact(one.places[0], constant) or one.linear
    return [Table(header, rows, caption), *_led(one), *_lowest_words(one, sure)]


_HESSIAN = " are the least and the largest eigenvalue of the Hessian there."


def _place_row(one: Work, place: Place, constant: float | None) -> tuple[Prose, ...]:
    lowest = place is one.places[0] and place.nature == MINIMUM
    nature = f"copy of {place.copy}" if place.copy else "lowest found" if lowest else place.nature
    loss = ZERO if is_exact(place, constant) else _number(place.loss, 5)
    ends = (place.eigenvalues[0], place.eigenvalues[-1])
    return ((place.letter,), (loss,), (vector(place.point, 6),), *_cells(ends, 3), (nature,))


def _led(one: Work) -> list[Part]:
    """Where the drawn starts led."""
    led = [f"{p.drawn} to {p.letter}" for p in one.places if p.drawn]
    if not led:
        return []
    listed = ", ".join(led[:-1]) + (" and " if len(led) > 1 else "") + led[-1]
    return [Paragraph((f"Of the drawn starts, {listed}.",))]


def _lowest_words(one: Work, sure: bool) -> list[Part]:
    """What the natures mean; of the lowest, unless it is surely that, that it is the lowest found and no more."""
    lowest = one.places[0]
    words: list[str | Node] = []
    if any(p.copy for p in one.places):
        words.append("A copy has the same loss, and the same weights in another order or with other signs. ")
    if any(p.nature == PLATEAU for p in one.places):
        words.append("On a plateau an eigenvalue is zero: the loss does not change in that direction, or has its "
                     "lowest value only at infinity. ")
    if any(p.nature == SADDLE for p in one.places):
        words.append("At a saddle point an eigenvalue is negative: the loss falls in that direction, and the method "
                     "stopped only because the gradient is zero there. ")
    if any(p.nature == NOT_STATIONARY for p in one.places):
        words.append("Where a run ended before the gradient was zero and Newton's method led no further, the point is "
                     "not stationary. ")
    if lowest.nature == MINIMUM and not sure:
        words.append(f"{lowest.letter} is the lowest point found from these starts; other starts could find a lower "
                     "one.")
    return [Paragraph(tuple(words), remark=True)] if words else []


def _loss_letter(works: Sequence[Work], one: Work) -> Symbol:
    """L, with the number of the model where there are several."""
    return Symbol("L", str(works.index(one) + 1)) if len(works) > 1 else Symbol("L")


def _place_results(one: Work, constant: float | None, letter: Symbol) -> list[Result]:
    results: list[Result] = []
    for place in one.places[:PLACES_SHOWN]:
        lowest = place is one.places[0]
        what = "lowest found" if lowest and place.nature == MINIMUM else place.nature
        name = f"{prefix(one.model)}{place.letter}, {what}"
        loss = _scalar(f"{name}: loss", place.loss, letter, lowest)
        results += [replace(loss, value=ZERO) if is_exact(place, constant) else loss,
                    _weights(f"{name}: {_names(one)}", place.point, _point_name(one.model), lowest)]
        if np.isfinite(place.eigenvalues).all():
            results.append(_weights(f"{name}: eigenvalues of the Hessian", place.eigenvalues))
    return results


# --- what to notice ---------------------------------------------------------------------------------


def _notice(given: Setup, works: Sequence[Work], constant: float | None) -> list[Part]:
    """What a person should see in the numbers."""
    words: list[Part] = []
    for one in works:
        words += _about(given, one, constant)
    words += _between(works, constant)
    if constant is not None:
        text = f" has the loss {constant:.6g}, the variance of " if given.loss.name != "half squared error" else (
            f" has the loss {constant:.6g}, half the variance of ")
        words.append(Paragraph(("The best constant, the mean of ", given.target, ",", text, given.target,
                                ": what a model without inputs reaches.")))
    return [Heading(("What to notice",)), *words] if words else []


def _about(given: Setup, one: Work, constant: float | None) -> list[Part]:
    """What is to be said of one model's minima."""
    if not one.places:
        return []
    lowest, which = one.places[0], f"the {one.model.title} model" if one.model.title else "the model"
    parts: list[Part] = []
    if is_exact(lowest, constant):
        there = Relation((_point_name(one.model), vector(lowest.point)), ("=",))
        parts.append(Paragraph(("With ", there, f" {which}{_EXACT}")))
    higher = [p for p in one.places if p.nature == MINIMUM and not p.copy and p.loss > lowest.loss * (1 + 1e-6) + 1e-12]
    parts += [_trap(place, lowest, which) for place in higher[:2]]
    worse = [p.letter for p in higher if constant is not None and p.loss > constant]
    if worse:
        verb = "is" if len(worse) == 1 else "are"
        parts.append(Paragraph((f"{' and '.join(worse)} {verb} worse than the best constant.",)))
    return parts


_EXACT = " has the loss 0 but for rounding: the formula behind the data is in it, and no weights do better."


def _trap(place: Place, lowest: Place, which: str) -> Part:
    """A local minimum that is not the lowest, and who ended there."""
    ratio = place.loss / lowest.loss if lowest.loss > 0 else np.inf
    times = f", {ratio:.3g} times that of {lowest.letter}" if ratio < 1e6 else ""
    words: list[str | Node] = []
    for k, run in enumerate(place.given):
        last = " and " if k == len(place.given) - 1 else ", "
        words += [last if k else "The run from " if len(place.given) == 1 else "The runs from ", vector(run.start)]
    words.append({0: "Drawn starts led to ", 1: " ends at "}.get(len(place.given), " end at "))
    words.append(f"{place.letter}, a local minimum of {which} with the loss {place.loss:.6g}{times}.{_DOWNHILL}")
    return Paragraph(tuple(words))


_DOWNHILL = " No method that only goes downhill leaves it; only another start finds the lower one."


def is_exact(place: Place, constant: float | None) -> bool:
    """Whether a loss is zero but for rounding."""
    return constant is not None and place.loss <= NOTHING * constant


def _between(works: Sequence[Work], constant: float | None) -> list[Part]:
    """Several models: which is lower, and that more parameters need not fit better."""
    known = [one for one in works if one.places]
    if len(known) < 2:
        return []
    ranked = sorted(known, key=lambda one: one.places[0].loss)
    best, worst = ranked[0], ranked[-1]
    losses = [f"{one.model.title} {_loss_words(one.places[0], constant)}" for one in ranked]
    text = f"The lowest losses found: {', '.join(losses)}."
    if len(worst.model.parameters) > len(best.model.parameters):
        text += f" The {worst.model.title} model has more parameters and fits worse{_MORE}"
    return [Paragraph((text,))]


_MORE = (", as far as these starts tell: more parameters help only where the larger model can give every function that "
         "the smaller one gives.")


def _loss_words(place: Place, constant: float | None) -> str:
    return "0 (but for rounding)" if is_exact(place, constant) else f"{place.loss:.6g}"
