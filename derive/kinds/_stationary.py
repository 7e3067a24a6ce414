"""Stationary points of a function of several variables: where its gradient vanishes, and what lies there.

The equations are solved in steps where :mod:`derive.kinds._systems` can; else SymPy proposes points, in a process
that is stopped in time, and each is shown to be one by putting it into the gradient. What is not shown is said.
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
from derive.kinds._systems import MOST_POINTS, solve_system
from derive.solving import UnsolvedError
from derive.steps import Chain, Context, Definition, Formula, Heading, Paragraph, Part, Prose, Result, Step
from derive.tree import ZERO, Gradient, Matrix, Node, Relation, Symbol, Vector, free_symbols

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
    points = _points(subject, found)
    points = [p for p in points if _is_stationary(subject, p, found)]
    if len(points) > 1:
        found.parts.append(Paragraph((f"There are {_count(len(points))} stationary points.",)))
    for point in points:
        _judge(subject, point, found)
    if points:
        found.results.insert(0, _result(points, subject.variables))
    return found


def _count(number: int) -> str:
    words = ("two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[number - 2] if number - 2 < len(words) else str(number)


def _result(points: Sequence[Point], variables: tuple[Symbol, ...]) -> Result:
    written = tuple(coordinates_of(p) for p in points)
    label = coordinates_of(variables)
    if len(points) == 1:
        return Result("stationary point", written[0], label)
    return Result("stationary points", written)


def _points(subject: Subject, found: Stationary) -> list[Point]:
    """The solutions of the system, in steps or proposed."""
    nodes = [row[0] for row in subject.gradient.rows]
    try:
        solved = solve_system(nodes, subject.variables, subject.context)
    except (UnsolvedError, LimitError) as error:
        return _proposed(subject, str(error), found)
    found.parts += solved.parts
    if not solved.points:
        found.parts.append(Paragraph(("The gradient is zero nowhere: there is no stationary point.",)))
        found.results.append(Result("number of stationary points", ZERO, shown=False))
    return solved.points


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
    try:
        steps = value_at(subject.gradient, at_point(subject.variables, point))
    except MathError:
        found.parts.append(Paragraph(("At ", coordinates_of(point), " the gradient has no value.")))
        return False
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
        part, value = value_part(name, matrix, at_point(subject.variables, point))
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
        found.results.append(Result(f"eigenvalues of the Hessian at {spot}", Vector(judged.eigenvalues)))
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


_CURVES = {
    "positive definite": "the function curves upwards in every direction.",
    "negative definite": "the function curves downwards in every direction.",
    "indefinite": "the function curves upwards in some directions and downwards in others.",
}
_BENDS = {"positive definite": "the curve bends upwards.", "negative definite": "the curve bends downwards."}
_EVERYWHERE = "Since the Hessian is the same everywhere, the function is"
_UNDECIDED = ("The signs of the eigenvalues do not decide whether this is a minimum, a maximum or a saddle point: the "
              "second derivatives are not enough here.")
