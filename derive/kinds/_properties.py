"""What can be found out about a function of one variable, each with its derivation: a row and a function.

Each function takes a :class:`Subject` and gives :class:`Found`: the parts that derive it, the results, the points to
mark in the figure. What the rules do not reach is said so in the text. Called by the ``derivative`` kind; a new
property is a row in :data:`PROPERTIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from derive.errors import MathError
from derive.goals import derivative, end_of, reach, simplify
from derive.kinds._shared import applied, derivative_of, leg_parts, value_steps
from derive.limiting import at_infinity
from derive.numeric.value import value_of
from derive.solving import Solved, UnsolvedError, solve_for_zero
from derive.steps import Chain, Definition, Heading, Level, Paragraph, Part, Prose, Result, Step
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
    substitute,
)


@dataclass(slots=True)
class Subject:
    """The function, its variable, and its derivatives as far as they are derived."""

    function: Definition
    variable: Symbol
    forms: list[Node]

    def derivative(self, order: int) -> list[Part]:
        """Make the derivative of an order available; the chain that derives it when it is new."""
        parts: list[Part] = []
        while len(self.forms) <= order:
            start = derivative_of(self.forms[-1], self.variable)
            steps = derivative(start)
            self.forms.append(end_of(start, steps))
            parts.append(Chain(tuple(steps), applied(self.function, len(self.forms) - 1)))
        return parts

    def value(self, order: int, point: Node) -> list[Part]:
        """The chain for a derivative's value at a point."""
        steps = value_steps(self.forms[order], [(self.variable, point)])
        return [Chain(tuple(steps), Call(self.function.name.plain, (point,), order))]

    def at(self, order: int, x: float) -> float:
        """A derivative's value as a number."""
        return value_of(self.forms[order], {self.variable: x})


@dataclass(slots=True)
class Found:
    """Parts, results and marks of a property."""

    parts: list[Part] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    marks: list[object] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Property:
    """``title`` is how the question reads; ``find`` answers it."""

    title: str
    find: Callable[[Subject], Found]


def properties(
    function: Definition, variable: Symbol, asked: Sequence[str], forms: Sequence[Node]
) -> tuple[list[Part], list[Result], list[object]]:
    """The properties asked for, in the order asked."""
    subject = Subject(function, variable, list(forms[:2]))
    all_found = Found()
    for name in asked:
        row = PROPERTIES[name]
        found = row.find(subject)
        all_found.parts += [Heading((row.title[0].upper() + row.title[1:],)), *found.parts]
        all_found.results += found.results
        all_found.marks += found.marks
    return all_found.parts, all_found.results, all_found.marks


def _solved(node: Node, variable: Symbol) -> tuple[Solved | None, list[Part]]:
    try:
        solved = solve_for_zero(node, variable)
    except UnsolvedError as error:
        text = f"This equation is not solved by the laws that are built in ({error.message}), so nothing is claimed."
        return None, [Paragraph((text,))]
    parts: list[Part] = []
    lines = [*solved.opening, *(solved.branches[0] if len(solved.branches) == 1 else [])]
    if lines:
        parts.append(Chain(tuple(lines)))
    if len(solved.branches) > 1:
        parts += [Chain(tuple(branch)) for branch in solved.branches if branch]
    return solved, parts


def _extrema(subject: Subject) -> Found:
    found = Found(subject.derivative(1))
    first = applied(subject.function, 1)
    found.parts.append(Paragraph(("At an extremum inside the domain ", Relation((first, ZERO), ("=",)), ".")))
    solved, parts = _solved(subject.forms[1], subject.variable)
    found.parts += parts
    if solved is not None and not solved.solutions:
        found.parts.append(Paragraph(("There is no solution, so there is no extremum.",)))
    if solved is not None and solved.solutions:
        found.parts += subject.derivative(2)
    for x in solved.solutions if solved else ():
        _judge(subject, x, found)
    return found


def _judge(subject: Subject, x: Node, found: Found) -> None:
    """Maximum, minimum or neither at a zero of the derivative, by the second derivative."""
    found.parts += subject.value(2, x)
    curvature = subject.at(2, value_of(x))
    kind = "maximum" if curvature < -1e-12 else "minimum" if curvature > 1e-12 else ""
    if not kind:
        kind = _by_sign_change(subject, value_of(x))
        why = f"The second derivative vanishes; by the sign of the first on both sides this is a {kind}."
    else:
        why = f"The second derivative is {'negative' if kind == 'maximum' else 'positive'} there: a {kind}."
    found.parts.append(Paragraph((why,)))
    found.parts += subject.value(0, x)
    if kind in ("maximum", "minimum"):
        value = end_of(subject.forms[0], value_steps(subject.forms[0], [(subject.variable, x)]))
        name = applied(subject.function)
        found.results.append(Result(f"location of the {kind}", x, _place(subject, kind[:3])))
        found.results.append(Result(f"{kind} of {subject.function.name.plain}", value, _at(subject, x)))
        found.marks.append({"x": value_of(x), "y": value_of(value), "label": kind, "curve": name})


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
    solved, parts = _solved(subject.forms[2], subject.variable)
    found.parts += parts
    points = [x for x in (solved.solutions if solved else ()) if _changes_sign(subject, value_of(x))]
    if not points:
        if solved is not None:
            found.parts.append(Paragraph(("It changes its sign nowhere, so there is no inflection point.",)))
        return found
    place: Node = points[0] if len(points) == 1 else Set(tuple(points))
    sign = "=" if len(points) == 1 else "in"
    found.parts.append(Paragraph(("The second derivative changes its sign at ",
                                  Relation((subject.variable, place), (sign,)), ".")))
    name = "inflection point" + ("s" if len(points) > 1 else "")
    found.results.append(Result(name, tuple(points) if len(points) > 1 else points[0], _place(subject, "inf")))
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
    """Positive everywhere, where the function is never zero and positive at a point."""
    body = subject.forms[0]
    try:
        zeros = solve_for_zero(body, subject.variable).solutions
    except UnsolvedError:
        return Found([Paragraph(("The laws that are built in do not decide where the function is zero.",))])
    if zeros:
        place = Relation((subject.variable, zeros[0] if len(zeros) == 1 else Set(zeros)),
                         ("=" if len(zeros) == 1 else "in",))
        return Found([Paragraph(("The function is zero at ", place, "."))])
    relation = ">" if value_of(body, {subject.variable: 0.5}) > 0 else "<"
    step = Step(body, ZERO, "sign", "Every factor keeps its sign and none is zero.", relation, Level.ARGUMENT)
    return Found([Chain((step,), applied(subject.function))])


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
    legs = reach(end_of(start, steps), body)
    for leg in legs or []:
        proof += leg.steps
    if legs is None:
        proof.append(Step(end_of(start, steps), body, "equal", "The equality itself is verified."))
    upper, lower = at_infinity(primitive, x, 1), at_infinity(primitive, x, -1)
    parts: list[Part] = [Paragraph(("An antiderivative is ", primitive, ", as its derivative shows:")),
                         Chain(tuple(proof))]
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


def _monotonicity(subject: Subject) -> Found:
    found = Found(subject.derivative(1))
    try:
        zeros = solve_for_zero(subject.forms[1], subject.variable).solutions
    except UnsolvedError:
        found.parts.append(Paragraph(("The laws that are built in do not decide where the derivative is zero.",)))
        return found
    if zeros:
        place = zeros[0] if len(zeros) == 1 else Set(zeros)
        found.parts.append(Paragraph(("The derivative is zero at ",
                                      Relation((subject.variable, place), ("=" if len(zeros) == 1 else "in",)),
                                      "; between these points the function is monotonic.")))
        return found
    rising = subject.at(1, 0.5) > 0
    step = Step(subject.forms[1], ZERO, "sign", "Every factor keeps its sign and none is zero.",
                ">" if rising else "<", Level.ARGUMENT)
    found.parts += [Chain((step,), applied(subject.function, 1)),
                    Paragraph((f"The function is strictly {'increasing' if rising else 'decreasing'}.",))]
    return found


PROPERTIES: dict[str, Property] = {
    "extrema": Property("maxima and minima", _extrema),
    "inflection": Property("inflection points", _inflection),
    "symmetry": Property("symmetry", _symmetry),
    "limits": Property("limits at infinity", _limits),
    "sign": Property("sign", _sign),
    "monotonicity": Property("monotonicity", _monotonicity),
    "integral": Property("integral over the real line", _integral),
}
