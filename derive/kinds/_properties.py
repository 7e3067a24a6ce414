"""What can be found out about a function of one variable, each with its derivation: a row and a function.

Each function takes a :class:`Subject` and gives :class:`Found`: the parts that derive it, the results, the points to
mark in the figure. What the rules do not reach is said so in the text. Called by the ``derivative`` kind; a new
property is a row in :data:`PROPERTIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from derive.errors import DeriveError, MathError
from derive.goals import derivative, end_of, reach, simplify
from derive.kinds._intervals import ends_of, on_intervals
from derive.kinds._partials import sign_of
from derive.kinds._shared import applied, derivative_of, leg_parts, value_steps
from derive.kinds._subject import Found, Subject, solved_for_zero
from derive.limiting import at_infinity
from derive.numeric.value import value_of
from derive.solving import UnsolvedError, solve_for_zero
from derive.steps import Chain, Context, Definition, Heading, Level, Paragraph, Part, Prose, Result, Step
from derive.tree import (
    INFINITY,
    ZERO,
    Call,
    Integral,
    Limit,
    Negative,
    Node,
    Number,
    Product,
    Relation,
    Set,
    Sum,
    Symbol,
    Vector,
    free_symbols,
    substitute,
    walk,
)


@dataclass(frozen=True, slots=True)
class Property:
    """``title`` is how the question reads; ``find`` answers it."""

    title: str
    find: Callable[[Subject], Found]


def properties(
    function: Definition, variable: Symbol, asked: Sequence[str], forms: Sequence[Node],
    domains: Mapping[Symbol, str],
) -> tuple[list[Part], list[Result], list[object]]:
    """The properties asked for, in the order asked."""
    subject = Subject(function, variable, list(forms[:2]), domains)
    all_found = Found()
    for name in asked:
        row = PROPERTIES[name]
        found = _found(row, subject)
        all_found.parts += [Heading((row.title[0].upper() + row.title[1:],)), *found.parts]
        all_found.results += found.results
        all_found.marks += found.marks
    return all_found.parts, all_found.results, all_found.marks


def _found(row: Property, subject: Subject) -> Found:
    """What a property's function finds; where it meets points without a value, that is said instead."""
    try:
        return row.find(subject)
    except (MathError, DeriveError) as error:
        return Found([Paragraph((f"This is not decided here: {error.message}.",))])


def _extrema(subject: Subject) -> Found:
    found = Found(subject.derivative(1))
    first = applied(subject.function, 1)
    found.parts.append(Paragraph((
        "At an extremum inside the domain at which the function is differentiable, ",
        Relation((first, ZERO), ("=",)), ".",
    )))
    solved, parts = solved_for_zero(subject.forms[1], subject)
    found.parts += parts
    if solved is not None and not solved.solutions:
        found.parts.append(Paragraph(("There is no solution, so there is no extremum of that kind.",)))
    if solved is not None and solved.solutions:
        found.parts += subject.derivative(2)
    for x in solved.solutions if solved else ():
        _judge(subject, x, found)
    _at_kinks(subject, found)
    return found


def _at_kinks(subject: Subject, found: Found) -> None:
    """Where the function has kinks: an extremum when the slopes on both sides have different signs."""
    for x in _kinks(subject):
        place, mark = Relation((subject.variable, x), ("=",)), value_of(x)
        left, right = subject.at(1, mark - 1e-4), subject.at(1, mark + 1e-4)
        if left * right >= 0:
            continue
        kind = "minimum" if left < 0 else "maximum"
        text = f", the function is not differentiable; its slope changes its sign there: a {kind}."
        found.parts += [Paragraph(("At the kink ", place, text)), *subject.value(0, x)]
        value = end_of(subject.forms[0], value_steps(subject.forms[0], [(subject.variable, x)]))
        found.results += [
            Result(f"location of the {kind}", x, _place(subject, kind[:3])),
            Result(f"{kind} of {subject.function.name.plain}", value, _at(subject, x)),
        ]
        found.marks.append({"x": mark, "y": value_of(value), "label": kind})


def _kinks(subject: Subject) -> list[Node]:
    """The zeros of what stands in absolute values, maxima and rectifiers, as far as they are found."""
    switches: list[Node] = []
    for node in walk(subject.forms[0]):
        match node:
            case Call("abs" | "relu" | "lrelu", (inside,)):
                switches.append(inside)
            case Call("max" | "min", (a, b)):
                switches.append(Sum((a, Negative(b))))
    points: list[Node] = []
    for switch in switches:
        with suppress(UnsolvedError, MathError):
            points += solve_for_zero(switch, subject.variable, subject.domain).solutions
    return sorted(dict.fromkeys(p for p in points if not free_symbols(p)), key=value_of)


def _judge(subject: Subject, x: Node, found: Found) -> None:
    """Maximum, minimum or neither at a zero of the derivative, by the second derivative."""
    found.parts += subject.value(2, x)
    curvature = end_of(subject.forms[2], value_steps(subject.forms[2], [(subject.variable, x)]))
    sign = sign_of(curvature, Context(subject.domains))
    kind = {1: "minimum", -1: "maximum"}.get(sign, "") if sign is not None else ""
    if kind:
        why = f"The second derivative is {'negative' if kind == 'maximum' else 'positive'} there: a {kind}."
    elif sign is None or free_symbols(x):
        why = "What this is depends on the letters: a minimum where that is positive, a maximum where it is negative."
    else:
        kind = _by_sign_change(subject, value_of(x))
        why = f"The second derivative vanishes; by the sign of the first on both sides this is a {kind}."
    found.parts += [Paragraph((why,)), *subject.value(0, x)]
    value = end_of(subject.forms[0], value_steps(subject.forms[0], [(subject.variable, x)]))
    if kind != "saddle point":
        name = kind or "stationary point"
        found.results.append(Result(f"location of the {name}", x, _place(subject, name[:3])))
        found.results.append(Result(f"{kind or 'value'} of {subject.function.name.plain}", value, _at(subject, x)))
    if kind in ("maximum", "minimum") and not free_symbols(value) | free_symbols(x):
        found.marks.append({"x": value_of(x), "y": value_of(value), "label": kind})


def _place(subject: Subject, label: str) -> Symbol:
    """``x_max``: the variable with a label for what is found there."""
    return Symbol(subject.variable.name, label, subject.variable.sup, subject.variable.accent, subject.variable.font)


def _at(subject: Subject, x: Node) -> Call:
    return Call(subject.function.name.plain, (x,))


def _by_sign_change(subject: Subject, x: float) -> str:
    left, right = subject.at(1, x - 1e-3), subject.at(1, x + 1e-3)
    if left < 0 < right:
        return "minimum"
    return "maximum" if right < 0 < left else "saddle point"


def _inflection(subject: Subject) -> Found:
    found = Found(subject.derivative(2))
    second = applied(subject.function, 2)
    found.parts.append(Paragraph(("The curve bends the other way where ", second, " changes its sign; there ",
                                  Relation((second, ZERO), ("=",)), ".")))
    solved, parts = solved_for_zero(subject.forms[2], subject)
    found.parts += parts
    points = [x for x in (solved.solutions if solved else ()) if _changes_sign(subject, value_of(x))]
    if not points:
        if solved is not None:
            text = "There is no zero at which it changes its sign, so there is no inflection point."
            found.parts.append(Paragraph((text,)))
        return found
    place: Node = points[0] if len(points) == 1 else Set(tuple(points))
    sign = "=" if len(points) == 1 else "in"
    found.parts.append(Paragraph(("The second derivative changes its sign at ",
                                  Relation((subject.variable, place), (sign,)), ".")))
    name = "inflection point" + ("s" if len(points) > 1 else "")
    one = len(points) == 1
    found.results.append(Result(name, points[0] if one else tuple(points), _place(subject, "inf"),
                                convention="" if one else "in any order"))
    found.marks += [{"x": value_of(p), "y": subject.at(0, value_of(p)), "label": "inflection"} for p in points]
    return found


def _changes_sign(subject: Subject, x: float) -> bool:
    step = 1e-3 * max(1.0, abs(x))
    return subject.at(2, x - step) * subject.at(2, x + step) < 0


def _symmetry(subject: Subject) -> Found:
    """Even, odd, or symmetric about a point on the axis: what holds at sample points is then derived."""
    body, x = subject.forms[0], subject.variable
    mirrored = substitute(body, {x: Negative(x)})
    centre = end_of(body, simplify(substitute(body, {x: ZERO})))
    for start, target, left, text, result in (
        (mirrored, body, _mirrored(subject),
         ("The function is even: its graph is symmetric about the vertical axis.",), None),
        (mirrored, Negative(body), _mirrored(subject),
         ("The function is odd: its graph is symmetric about the origin.",), None),
        (Sum((mirrored, body)), end_of(centre, simplify(Product((Number("2"), centre)))),
         Sum((_mirrored(subject), applied(subject.function))),
         ("The graph is symmetric about the point ", Vector((ZERO, centre)), "."), Vector((ZERO, centre))),
    ):
        if _agree(start, target, x):
            return _symmetric(start, target, left, text, result)
    return Found([Paragraph(("The graph is symmetric neither about the vertical axis nor about a point on it.",))])


def _mirrored(subject: Subject) -> Call:
    return Call(subject.function.name.plain, (Negative(subject.variable),))


def _agree(a: Node, b: Node, x: Symbol) -> bool:
    for point in (0.37, 1.21, 2.9):
        try:
            left, right = value_of(a, {x: point}), value_of(b, {x: point})
        except MathError:
            return False
        if abs(left - right) > 1e-9 * max(1.0, abs(left)):
            return False
    return True


def _has_values(primitive: Node, subject: Subject) -> bool:
    """Whether an antiderivative has values at points of the domain, on both sides of zero where that belongs to it."""
    low, high = (value_of(e) if e not in (INFINITY, Negative(INFINITY)) else 3.0 * s
                 for e, s in zip(ends_of(subject.domain), (-1, 1), strict=True))
    for k in range(1, 8):
        x = low + (high - low) * k / 8.3
        try:
            value_of(subject.forms[0], {subject.variable: x})
        except MathError:
            continue
        try:
            value_of(primitive, {subject.variable: x})
        except MathError:
            return False
    return True


def _symmetric(start: Node, target: Node, left: Node, text: Prose, centre: Node | None) -> Found:
    legs = reach(start, target)
    parts: list[Part] = []
    for i, leg in enumerate(legs or []):
        parts += leg_parts(leg, left if i == 0 else None)
    if legs is None:
        step = Step(start, target, "equal", "No rule leads there in steps; the equality itself is verified.")
        parts.append(Chain((step,), left))
    parts.append(Paragraph(text))
    results = [] if centre is None else [Result("centre of symmetry", centre.items)]  # type: ignore[attr-defined]
    return Found(parts, results)


def _limits(subject: Subject) -> Found:
    found = Found()
    for sign in (1, -1):
        steps = at_infinity(subject.forms[0], subject.variable, sign)
        point: Node = INFINITY if sign > 0 else Negative(INFINITY)
        if steps is None:
            limit = Limit(applied(subject.function), subject.variable, point)
            found.parts.append(Paragraph(("The laws that are built in do not lead to ", limit, ".")))
            continue
        found.parts.append(Chain(tuple(steps)))
        name = f"limit at {'+' if sign > 0 else '-'}infinity"
        label = Limit(applied(subject.function), subject.variable, point)
        found.results.append(Result(name, steps[-1].after, label))
    return found


def _sign(subject: Subject) -> Found:
    return on_intervals(subject, 0, ("positive", "negative"), "The function is")


def _monotonicity(subject: Subject) -> Found:
    found = Found(subject.derivative(1))
    rest = on_intervals(subject, 1, ("strictly increasing", "strictly decreasing"), "The function is")
    return Found([*found.parts, *rest.parts], rest.results, rest.marks)


def _integral(subject: Subject) -> Found:
    """The integral over all real numbers: an antiderivative, proved by differentiating it, and its limits."""
    from derive.integrating import antiderivative

    x, body = subject.variable, subject.forms[0]
    primitive = antiderivative(body, x)
    if primitive is None:
        return Found([Paragraph(("No antiderivative was found, so nothing is claimed.",))])
    start = derivative_of(primitive, x)
    steps = derivative(start)
    proof = [*steps]
    if not _has_values(primitive, subject):
        return Found([Paragraph(("The antiderivative that was proposed has no values on the domain.",))])
    legs = reach(end_of(start, steps), body)
    plain = legs is not None and not any(leg.where for leg in legs)
    for leg in (legs or []) if plain else []:
        proof += leg.steps
    if not plain and end_of(start, proof) != body:
        proof.append(Step(end_of(start, steps), body, "equal", "The equality itself is verified."))
    upper, lower = at_infinity(primitive, x, 1), at_infinity(primitive, x, -1)
    claim: Prose = ("Its derivative shows that an antiderivative is ", primitive, ".")
    parts: list[Part] = [Paragraph(claim), Chain(tuple(proof))]
    if upper is None or lower is None:
        return Found([*parts, Paragraph(("Its limits are not derived by the laws that are built in.",))])
    whole = Integral(body, x, Negative(INFINITY), INFINITY)
    top, bottom = upper[-1].after, lower[-1].after
    difference = Sum((top, Negative(bottom)))
    value = end_of(difference, simplify(difference))
    parts += [Chain(tuple(upper)), Chain(tuple(lower))]
    parts.append(Chain((
        Step(whole, difference, "fundamental theorem", "The antiderivative at the ends.", level=Level.CALCULUS),
        *simplify(difference),
    )))
    return Found(parts, [Result("integral over R", value, whole)])


PROPERTIES: dict[str, Property] = {
    "extrema": Property("maxima and minima", _extrema),
    "inflection": Property("inflection points", _inflection),
    "symmetry": Property("symmetry", _symmetry),
    "limits": Property("limits at infinity", _limits),
    "sign": Property("sign", _sign),
    "monotonicity": Property("monotonicity", _monotonicity),
    "integral": Property("integral over the real line", _integral),
}
