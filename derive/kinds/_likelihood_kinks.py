r"""Maxima that no score equation finds: at a kink of the log-likelihood, or at the end of what the data allow.

Called by the kind ``maximum-likelihood``. The centre of a Laplace distribution is the median of the data: the slope of
the sum of distances counts the data on both sides. The ends of a uniform distribution are the least and the largest
datum: the likelihood grows as the interval shrinks, until a datum would fall outside.
"""

from __future__ import annotations

from derive.arguing import route
from derive.errors import DeriveError
from derive.kinds._by_hand import worked
from derive.kinds._likelihood_given import Model, equals, exactly
from derive.kinds._likelihood_log import Work, called
from derive.kinds._likelihood_stage import derived, estimated, put_in_estimate, score_name
from derive.numeric.value import value_of
from derive.steps import Chain, Definition, Figure, Formula, Heading, Level, Paragraph, Result, Step
from derive.tree import (
    ZERO,
    Call,
    Cases,
    Dots,
    Indexed,
    Negative,
    Node,
    Number,
    Optimum,
    Power,
    Relation,
    Sum,
    Symbol,
    numeric,
    substitute,
)
from derive.write.text import text

WIDTH = Symbol("w")


def argued(work: Work) -> list[Symbol]:
    """The parameters that need such an argument are estimated; those that are left are given back."""
    family = work.model.family
    left = list(work.model.unknown)
    if family is None or family.name not in ("Laplace", "uniform"):
        return left
    if family.name == "uniform":
        _ends(work)
        return []
    centre = work.model.parameters[0]
    if centre not in left:
        return left
    assert isinstance(centre, Symbol)
    _median(work, centre)
    left.remove(centre)
    return left


# --- the median -------------------------------------------------------------------------------------


def _median(work: Work, centre: Symbol) -> None:
    """The centre of a Laplace distribution."""
    model = work.model
    distance = model.over(Call("abs", (Sum((model.member, Negative(centre))),)))
    start, goal = Optimum("argmax", work.body, (centre,)), Optimum("argmin", distance, (centre,))
    steps = route(start, goal) or [
        Step(start, goal, "constant term, positive factor, sign flipped", "The other terms do not depend on it.",
             level=Level.ARGUMENT)]
    slope = derived(work, distance, centre)
    work.median = Symbol(model.variable.name, accent="tilde")
    work.estimates[centre] = work.median
    work.domains[work.median] = "real"
    letters = f"{text(centre)}"
    work.add(
        Heading(("The estimator of ", centre)),
        Paragraph(("Only one term depends on ", centre, ", so the sum of the distances is to be smallest:")),
        Chain(tuple(steps)),
        Paragraph(("The distances have kinks at the data, where there is no derivative. Anywhere else",)),
        Chain(tuple(slope)),
        Paragraph((
            "Every sign is 1 for a datum above ", centre, (" and -1 for one below. So the slope is the number of data "
            f"below {letters} minus the number above: negative while more data lie above, positive as soon as more lie "
            "below. The sum falls up to the median of the data and rises after it, and the median "), work.median,
            (" is where it is smallest. With an even number of data it is constant between the two in the middle, and "
            "their mean is taken."))),
        Formula(equals(estimated(centre), work.median), "median of the data"),
    )
    rest = [s for s in model.unknown if s != centre]
    if rest:
        put_in_estimate(work, centre, work.median)


# --- the ends of a uniform distribution -------------------------------------------------------------


def _ends(work: Work) -> None:
    """The likelihood grows as the interval shrinks, so the ends go to the outermost data."""
    model = work.model
    low, high = model.parameters
    inside = _relation(model)
    work.add(
        Heading(("Where the likelihood is not zero",)),
        Paragraph(("The density is zero outside the interval, so this holds as long as ", inside, " for all ",
                   model.member, "; for any other parameters the likelihood is zero.")),
    )
    work.domains[WIDTH] = "positive"
    if numeric(low) == 0 and isinstance(high, Symbol):
        work.domains[high] = "positive"
    for end, way, least in ((low, 1, True), (high, -1, False)):
        if end in model.unknown:
            assert isinstance(end, Symbol)
            _one_end(work, end, way, least)
    ends = [text(e) for e in (low, high) if e in model.unknown]
    work.add(Paragraph(((f"The derivative is zero nowhere: there is no score equation to solve. The largest likelihood "
                        f"belongs to the shortest interval that holds all data, so {' and '.join(ends)} "
                        f"{'go' if len(ends) > 1 else 'goes'} as far as the data allow:"),)))
    for variable, estimate in work.estimates.items():
        work.add(Formula(equals(estimated(variable), estimate)))
        work.results.append(Result(f"estimator of {variable.plain}", estimate, estimated(variable)))


def _apart(work: Work) -> tuple[Definition, ...]:
    """That the upper end lies above the lower one, by a positive length."""
    low, high = work.model.parameters
    if numeric(low) == 0 and isinstance(high, Symbol):
        return ()
    if isinstance(high, Symbol):
        return (Definition(high, (), Sum((low, WIDTH))),)
    assert isinstance(low, Symbol)
    return (Definition(low, (), Sum((high, Negative(WIDTH)))),)


def _jump(work: Work, at: Node) -> Figure | None:
    """The likelihood of one end: zero until all data are inside, then falling."""
    model = work.model
    assert model.data is not None
    low, high = model.parameters
    (end,) = model.unknown
    other, upper = (low, True) if end == high else (high, False)
    if numeric(other) is None:
        return None
    place, size = value_of(at), len(model.data)
    reach = abs(place - value_of(other))
    body = Power(Sum((high, Negative(low))), Negative(Number(str(size))))
    inside = Relation((end, at), (">=" if upper else "<=",))
    curve = Cases(((body, inside), (ZERO, None)))
    span = [place - reach / 2, place + reach] if upper else [place - reach, place + reach / 2]
    mark = equals(estimated(end), at)
    top = reach**-size
    data = {"curves": [{"node": curve, "label": called(Symbol("L"), (end,))}], "variable": end, "range": span,
            "points": [{"x": place, "y": top, "label": mark}]}
    caption = ("The likelihood: zero where a datum is outside, and falling with the length of the interval.",)
    return Figure("function_plot", data, caption, "The likelihood with its jump marked.", "likelihood")


def _relation(model: Model) -> Relation:
    low, high = model.parameters
    return Relation((low, model.member, high), ("<=", "<="))


def _one_end(work: Work, end: Symbol, way: int, least: bool) -> None:
    """The sign of the derivative by one end, and the outermost datum there."""
    steps = derived(work, work.body, end)
    last = steps[-1].after
    sign = Step(last, ZERO, "sign", "The interval has a positive length.", ">" if way > 0 else "<", Level.ARGUMENT)
    work.add(Chain(tuple(steps), score_name(work, end)), Paragraph(("which has a sign on the whole domain:",)),
             Chain((sign,), None, _apart(work)))
    first, final = Symbol(work.model.variable.name, "1"), Indexed(work.model.variable, (work.model.size,))
    work.estimates[end] = Call("min" if least else "max", (first, Dots(), final))


def ends_with_data(work: Work, figure: bool) -> None:
    """The outermost data, and the log-likelihood there.

    DeriveError for data outside a known end, and where the shortest interval has no length.
    """
    model, data = work.model, work.model.data
    assert data is not None
    low, high = model.parameters
    for k, item in enumerate(data, 1):
        for end, sign in ((low, 1), (high, -1)):
            known = numeric(end)
            if known is not None and sign * (exactly(item) - known) < 0:
                raise DeriveError(f"data: item {k} is {text(item)}, outside the interval, which ends at {text(end)}",
                                  "leave it out, or give another end")
    chosen = {low: min(data, key=exactly), high: max(data, key=exactly)}
    values: dict[Node, Node] = {e: chosen[e] for e in chosen if e in model.unknown}
    ends = [numeric(values.get(e, e)) for e in (low, high)]
    if ends[0] is not None and ends[0] == ends[1]:
        raise DeriveError("data: the shortest interval that holds all data has no length: the estimator does not exist",
                          "give at least two different numbers")
    work.add(Heading(("With the data",)))
    for end, value in values.items():
        assert isinstance(end, Symbol)
        start = Call("min" if end == low else "max", tuple(data))
        step = Step(start, value, "outermost datum", "The data in order.", level=Level.ARITHMETIC)
        work.add(Chain((step,), estimated(end)))
        work.results.append(Result(f"{end.plain} from the data", value, estimated(end)))
    body = substitute(work.body, {model.size: Number(str(len(data)))})
    there = substitute(body, values)
    if ends[0] is not None and ends[1] is not None:
        lines = worked(there)
        left = called(work.name, [values[s] for s in model.unknown])  # type: ignore[misc]
        work.add(Paragraph(("The largest value of the log-likelihood is",)), Chain(tuple(lines), left))
        work.results.append(Result("largest log-likelihood", there, left, number=value_of(there)))
    drawn = _jump(work, next(iter(values.values()))) if figure and len(values) == 1 else None
    work.parts += [] if drawn is None else [drawn]


