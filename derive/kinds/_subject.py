"""The function whose properties are asked, what is found out, and where something about it is zero.

Shared by the files of properties: :mod:`derive.kinds._properties` and :mod:`derive.kinds._intervals`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from derive.goals import derivative, end_of
from derive.kinds._shared import applied, derivative_of, value_steps
from derive.kinds._systems import solution_set
from derive.numeric.value import value_of
from derive.solving import Solved, UnsolvedError, solve_for_zero
from derive.steps import Chain, Definition, Paragraph, Part, Result
from derive.tree import Call, Node, Symbol


@dataclass(slots=True)
class Subject:
    """The function, its variable, and its derivatives as far as they are derived."""

    function: Definition
    variable: Symbol
    forms: list[Node]
    domains: Mapping[Symbol, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The domain of the variable."""
        return self.domains.get(self.variable, "real")

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


def solved_for_zero(node: Node, subject: Subject) -> tuple[Solved | None, list[Part]]:
    variable = subject.variable
    try:
        solved = solve_for_zero(node, variable, subject.domain)
    except UnsolvedError as error:
        text = f"This equation is not solved by the laws that are built in ({error.message}), so nothing is claimed."
        return None, [Paragraph((text,))]
    if solved.dropped and not solved.solutions:
        return solved, [dropped(solved, variable)]
    parts: list[Part] = []
    lines = [*solved.opening, *(solved.branches[0] if len(solved.branches) == 1 else [])]
    if lines:
        parts.append(Chain(tuple(lines)))
    if len(solved.branches) > 1:
        parts += [Chain(tuple(branch)) for branch in solved.branches if branch]
    if solved.dropped:
        parts.append(dropped(solved, variable))
    return solved, parts


def dropped(solved: Solved, variable: Symbol) -> Paragraph:
    place = solution_set(variable, solved.dropped)
    return Paragraph(("Where ", place, ", the expression has no value or the domain has ended: no solution.",))
