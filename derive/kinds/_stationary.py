"""Stationary points of a function of several variables: where its gradient vanishes, and what lies there.

The equations are solved in steps where :mod:`derive.kinds._systems` can; else SymPy proposes points, in a process
that is stopped in time, and each is shown to be one by putting it into the gradient. What is not shown is said: points
are counted only where it is shown that there are no others. A point outside the declared domains, or at which function
or gradient have no value, is left out with a sentence.
Called by the ``gradient`` kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from derive.bounded import run_bounded
from derive.errors import LimitError, MathError
from derive.goals import end_of, simple
from derive.kinds._curvature import Curvature, curvature
from derive.kinds._partials import (
    Point,
    at_point,
    called,
    column,
    coordinates_of,
    is_zero,
    spoken,
    value_at,
    value_part,
)
from derive.kinds._shared import defined_at
from derive.kinds._systems import MOST_POINTS, solve_system
from derive.numeric.value import value_of
from derive.solving import UnsolvedError, inside
from derive.steps import Chain, Context, Definition, Formula, Heading, Paragraph, Part, Prose, Result, Status, Step
from derive.tree import ZERO, Gradient, Matrix, Node, Relation, Symbol, Vector, free_symbols
from derive.verify import verify_step

ASCENDING = "from the smallest to the largest"  # how the eigenvalues of a Hessian are listed
_ANY_ORDER = "in any order"

PROPOSAL_SECONDS = 5.0  # what a proposal of SymPy may take; without one the points are not found


@dataclass(frozen=True, slots=True)
class Subject:
    """A function with its derived gradient and Hessian; ``hessian_name`` is how the Hessian is written."""

    function: Definition
    variables: tuple[Symbol, ...]
    gradient: Matrix
    hessian: Matrix
    hessian_name: Symbol
    context: Context

    @property
    def name(self) -> str:
        """The function's name in :class:`~derive.tree.Call`."""
        return self.function.name.plain


@dataclass(slots=True)
class Stationary:
    """Parts, results, and the points with numbers as coordinates, each with its nature."""

    parts: list[Part] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    points: list[tuple[Point, str]] = field(default_factory=list)


def stationary(subject: Subject) -> Stationary:
    """Find the stationary points and judge each."""
    zeros = column([ZERO] * len(subject.variables))
    left = Gradient(subject.name, subject.variables)
    found = Stationary([
        Heading(("Stationary points",)),
        Paragraph(("A point is stationary where the gradient is zero:",)),
        Formula(Relation((left, subject.gradient, zeros), ("=", "="))),
    ])
    candidates, complete = _points(subject, found)
    allowed = [p for p in candidates if _is_inside(subject, p, found)]
    points = [p for p in allowed if _has_values(subject, p, found) and _is_stationary(subject, p, found)]
    found.parts += _summary(points, subject.variables, complete, bool(candidates))
    if complete and not points:
        found.results.append(Result("number of stationary points", ZERO, shown=False))
    for point in points:
        _judge(subject, point, found)
    if points:
        found.results.insert(0, _result(points, subject.variables, complete))
    return found


def _summary(points: Sequence[Point], variables: Sequence[Symbol], complete: bool, some: bool) -> list[Part]:
    """How many points there are, where that is known, else which were found; ``some``: whether any was in question."""
    curves = [p for p in points if _free(p, variables)]
    words: list[str | Node] = []
    if complete and not points:
        words = [_NOWHERE if not some else "None of these points is left: there is no stationary point."]
    elif not points:
        words = ["None of these points is left: no stationary point was found."] if some else []
    elif not complete:
        words = ["Found: ", *_enumerated(points), "."]
    elif len(points) > 1 and not curves:
        words = [f"There are {_count(len(points))} stationary points."]
    parts: list[Part] = [Paragraph(tuple(words))] if words else []
    return parts + [Paragraph(_curve(p, variables)) for p in curves]


_NOWHERE = "The gradient is zero nowhere: there is no stationary point."


def _free(point: Point, variables: Sequence[Symbol]) -> list[Symbol]:
    """The variables that are left in a point, so that they may have any value for which it is real."""
    return [v for v in variables if any(v in free_symbols(c) for c in point)]


def _curve(point: Point, variables: Sequence[Symbol]) -> Prose:
    """That a point with a free variable in it is a whole curve (with more of them, a surface) of points."""
    free = _free(point, variables)
    what = "a curve" if len(free) == 1 else "a whole family"
    return (coordinates_of(point), f" is {what} of stationary points: ", *_joined(free),
            " may have any value for which its coordinates are real.")


def _enumerated(points: Sequence[Point]) -> Prose:
    return _joined([coordinates_of(p) for p in points])


def _joined(nodes: Sequence[Node]) -> Prose:
    words: list[str | Node] = []
    for i, node in enumerate(nodes):
        words += [" and " if i == len(nodes) - 1 else ", "] if i else []
        words.append(node)
    return tuple(words)


def _count(number: int) -> str:
    words = ("two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[number - 2] if number - 2 < len(words) else str(number)


def _result(points: Sequence[Point], variables: tuple[Symbol, ...], complete: bool) -> Result:
    written = tuple(coordinates_of(p) for p in points)
    found = "" if complete else " found"
    if len(points) == 1:
        return Result(f"stationary point{found}", written[0], coordinates_of(variables))
    return Result(f"stationary points{found}", written, convention=_ANY_ORDER)


def _points(subject: Subject, found: Stationary) -> tuple[list[Point], bool]:
    """The solutions of the system, in steps or proposed, and whether it is shown that there are no others."""
    nodes = [row[0] for row in subject.gradient.rows]
    try:
        solved = solve_system(nodes, subject.variables, subject.context)
    except (UnsolvedError, LimitError) as error:
        return _proposed(subject, str(error), found), False
    found.parts += solved.parts
    return solved.points, True


# --- points that do not count -------------------------------------------------------------------------


def _is_inside(subject: Subject, point: Point, found: Stationary) -> bool:
    """Whether a point is not certainly outside the declared domains; one that is, is told."""
    for variable, value in zip(subject.variables, point, strict=True):
        domain = subject.context.domains.get(variable, "real")
        if value != variable and _is_outside(value, domain, subject.context):
            words: Prose = (coordinates_of(point), " is left out: ", variable, f" is declared {_declared(domain)}.")
            found.parts.append(Paragraph(words))
            return False
    return True


def _declared(domain: str) -> str:
    return f"to lie in {domain}" if domain.startswith(("(", "[")) else f"as {domain}"


def _is_outside(value: Node, domain: str, context: Context) -> bool:
    """Whether a coordinate certainly lies outside a domain; with letters in it, by the signs that are proved."""
    if not free_symbols(value):
        return not inside(domain, value_of(value))
    wrong = {"positive": "<=", "positive integer": "<=", "nonnegative": "<"}.get(domain)
    return wrong is not None and verify_step(value, ZERO, wrong, context).status is Status.PROVED


def _has_values(subject: Subject, point: Point, found: Stationary) -> bool:
    """Whether function and gradient have values at a point; one at which they have none is told."""
    where = at_point(subject.variables, point)
    slopes = [row[0] for row in subject.gradient.rows]
    for what, nodes in (("function", [subject.function.body]), ("gradient", slopes)):
        try:
            for node in nodes:
                defined_at(node, where)
        except MathError:
            words = f" the {what} has no value, so this is no stationary point."
            found.parts.append(Paragraph(("At ", coordinates_of(point), words)))
            return False
    return True


# --- proposals ----------------------------------------------------------------------------------------


def _proposed(subject: Subject, why: str, found: Stationary) -> list[Point]:
    nodes = tuple(row[0] for row in subject.gradient.rows)
    points = run_bounded(_ask_sympy, nodes, subject.variables, seconds=PROPOSAL_SECONDS) or []
    if not points:
        found.parts.append(Paragraph((_NOTHING.format(why),)))
        return []
    found.parts.append(Paragraph((_PROPOSED.format(why),)))
    return [tuple(simple(c) for c in p) for p in points[:MOST_POINTS]]


_UNSOLVED = "The laws that are built in do not solve these equations ({}). "
_NOTHING = _UNSOLVED + "The algebra system proposes no solution either, so nothing is claimed."
_PROPOSED = _UNSOLVED + ("The algebra system proposes solutions, which are verified by putting them into the gradient; "
                         "that there are no others is not shown.")


def _ask_sympy(nodes: tuple[Node, ...], variables: tuple[Symbol, ...]) -> list[Point]:
    """Real solutions that SymPy finds; runs in a process of its own."""
    import sympy

    from derive.write.sympy import from_sympy, identifier, to_sympy

    letters = set(variables).union(*map(free_symbols, nodes))
    names = {identifier(v): v for v in letters}
    real = {to_sympy(v): sympy.Symbol(identifier(v), real=True) for v in letters}
    symbols = [to_sympy(v) for v in variables]
    equations = [to_sympy(n).subs(real) for n in nodes]
    found = sympy.solve(equations, [real[s] for s in symbols], dict=True)
    points = []
    for solution in found:
        values = [solution.get(real[s], real[s]) for s in symbols]
        if all(v.is_real is not False for v in values):
            points.append(tuple(from_sympy(v, names) for v in values))
    return points


def _is_stationary(subject: Subject, point: Point, found: Stationary) -> bool:
    """Put the point into the gradient and show that it gives zero."""
    steps = value_at(subject.gradient, at_point(subject.variables, point))
    end = end_of(subject.gradient, steps)
    zeros = column([ZERO] * len(point))
    if end != zeros:
        if not all(is_zero(row[0], subject.context) for row in end.rows):  # type: ignore[attr-defined]
            return False
        steps.append(Step(end, zeros, "equal", "Each entry is zero."))
    found.parts.append(Chain(tuple(steps), Gradient(subject.name, point)))
    return True


def _judge(subject: Subject, point: Point, found: Stationary) -> None:
    """The Hessian at a stationary point, its eigenvalues or minors, and what follows."""
    found.parts.append(Heading(("Nature of the point ", coordinates_of(point))))
    name: Node = subject.hessian_name
    matrix = subject.hessian
    if free_symbols(matrix) & set(subject.variables):
        name = called(subject.hessian_name.plain, point)
        try:
            part, value = value_part(name, matrix, at_point(subject.variables, point))
        except MathError:
            found.parts.append(Paragraph((_NO_HESSIAN,)))
            found.results.append(Result(f"nature of {spoken(point)}", None, number="not decided by the Hessian"))
            return
        assert isinstance(value, Matrix)
        matrix = value
        found.parts.append(part)
    judged = curvature(matrix, name, subject.context)
    found.parts += judged.parts
    _conclude(subject, point, judged, name, found)


def _conclude(subject: Subject, point: Point, judged: Curvature, name: Node, found: Stationary) -> None:
    constant = not free_symbols(subject.hessian) & set(subject.variables)
    words, nature = _meaning(judged, constant, len(point))
    opening: Prose = ("The Hessian ", name, f" is {judged.definite}: ") if judged.definite else ()
    found.parts.append(Paragraph((*opening, words)))
    spot = spoken(point)
    if judged.eigenvalues and len(point) > 1:
        found.results.append(Result(f"eigenvalues of the Hessian at {spot}", Vector(judged.eigenvalues),
                                    convention=ASCENDING))
    found.results.append(Result(f"nature of {spot}", None, number=nature))
    found.points.append((point, judged.nature.removesuffix(" point")))
    if not any(free_symbols(c) & set(subject.variables) for c in point):
        left = called(subject.name, point)
        part, value = value_part(left, subject.function.body, at_point(subject.variables, point))
        found.parts.append(part)
        found.results.append(Result(f"{subject.name}{spot}", value, left))


def _meaning(judged: Curvature, constant: bool, dimension: int) -> tuple[str, str]:
    """What the Hessian says in words, and the nature of the point."""
    curves = _CURVES.get(judged.definite, "") if dimension > 1 else _BENDS.get(judged.definite, "")
    nature = judged.nature
    if nature == "saddle point":
        return f"{curves} This is a saddle point, neither a minimum nor a maximum.", nature
    if nature and constant:
        shape = "convex" if nature == "minimum" else "concave"
        words = f"{curves} {_EVERYWHERE} strictly {shape}, and this is its only {nature}, a global one."
        return words, f"global {nature}"
    if nature:
        return f"{curves} This is a strict local {nature}.", f"local {nature}"
    if judged.semidefinite and constant:
        return f"No eigenvalue is negative. {_EVERYWHERE} convex: every stationary point is a global minimum.", \
            "global minimum"
    return _UNDECIDED, "not decided by the Hessian"


_NO_HESSIAN = "The Hessian has no value here, so it does not decide what kind of point this is."
_CURVES = {
    "positive definite": "the function curves upwards in every direction.",
    "negative definite": "the function curves downwards in every direction.",
    "indefinite": "the function curves upwards in some directions and downwards in others.",
}
_BENDS = {"positive definite": "the curve bends upwards.", "negative definite": "the curve bends downwards."}
_EVERYWHERE = "Since the Hessian is the same everywhere, the function is"
_UNDECIDED = ("The signs of the eigenvalues do not decide whether this is a minimum, a maximum or a saddle point: the "
              "second derivatives are not enough here.")
