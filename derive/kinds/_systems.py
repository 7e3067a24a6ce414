"""Where several expressions vanish together, in steps: substitution, as it is done by hand.

:func:`solve_system` takes the components of a gradient. An equation in one unknown is solved by
:mod:`derive.solving`; else one that is linear in an unknown is solved for it and put into the others; else one that
is a product is split into cases. Each ends with fewer unknowns or smaller equations. What these laws do not reach
raises :class:`~derive.solving.UnsolvedError`; nothing is guessed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

from derive.engine import once
from derive.errors import LimitError
from derive.goals import end_of, simple, simplify, through
from derive.kinds._partials import Point, reduced, sign_of
from derive.rules import algebra, forms, rational
from derive.rules.monomials import is_exponential, split
from derive.solving import Solved, UnsolvedError, never_zero, solve_for_zero
from derive.steps import Chain, Context, Level, Paragraph, Part, Step
from derive.tree import (
    ZERO,
    At,
    Negative,
    Node,
    Quotient,
    Relation,
    Set,
    Symbol,
    free_symbols,
    size,
    times,
    walk,
)

MOST_POINTS = 16  # more stationary points than anybody discusses by hand
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(slots=True)
class Solutions:
    """How the system is solved, and the points; a variable left in a point may have any value."""

    parts: list[Part] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Equation:
    """``node = 0``, with the words for which one it is."""

    node: Node
    name: str

    @property
    def relation(self) -> Relation:
        return Relation((self.node, ZERO), ("=",))


def solve_system(nodes: Sequence[Node], variables: Sequence[Symbol], context: Context) -> Solutions:
    """Every real point at which all expressions are zero; ``context`` holds the domains of further letters.

    UnsolvedError when the laws of this module do not lead there.
    """
    names = [f"the {o} equation" for o in _ORDINALS] if len(nodes) > 1 else ["the equation"]
    if len(nodes) > len(names):
        raise UnsolvedError(f"{len(nodes)} equations are too many to solve by substitution")
    solver = _Solver(tuple(variables), context)
    solver.solve([_Equation(n, name) for n, name in zip(nodes, names, strict=False)], {}, {})
    return solver.found


@dataclass(slots=True)
class _Solver:
    """The state of a solution: ``known`` maps an unknown to what it is, ``choices`` to its possible values."""

    variables: tuple[Symbol, ...]
    context: Context
    found: Solutions = field(default_factory=Solutions)

    def solve(
        self, equations: list[_Equation], known: dict[Symbol, Node], choices: dict[Symbol, tuple[Node, ...]]
    ) -> None:
        """Go on until no equation is left; each case ends in points or in a contradiction."""
        open_ = [e for e in equations if e.node != ZERO]
        if wrong := next((e for e in open_ if not self.unknowns(e.node)), None):
            self.tell("Then ", wrong.name, " would say ", wrong.relation, ", which is impossible: no solution here.")
            return
        if not open_:
            self.finish(known, choices)
            return
        open_ = [self.without_positive(e) for e in open_]
        for move in (self.in_one_unknown, self.linear, self.cases):
            if move(open_, known, choices):
                return
        raise UnsolvedError("the equations are not linear in any unknown")

    def unknowns(self, node: Node) -> list[Symbol]:
        """The variables in an expression, in their order."""
        free = free_symbols(node)
        return [v for v in self.variables if v in free]

    def tell(self, *words: str | Node) -> None:
        self.found.parts.append(Paragraph(words))

    # --- moves ------------------------------------------------------------------------------------

    def in_one_unknown(
        self, equations: list[_Equation], known: dict[Symbol, Node], choices: dict[Symbol, tuple[Node, ...]]
    ) -> bool:
        """Solve an equation in which only one unknown is left."""
        single = sorted((e for e in equations if len(self.unknowns(e.node)) == 1), key=lambda e: size(e.node))
        for equation in single:
            unknown = self.unknowns(equation.node)[0]
            if free_symbols(equation.node) - {unknown}:
                continue
            try:
                solved = solve_for_zero(equation.node, unknown)
            except UnsolvedError:
                continue
            parts = told(solved, unknown)
            if parts:
                self.tell(equation.name[0].upper() + equation.name[1:], " contains only one unknown:")
            self.found.parts += parts
            rest = [e for e in equations if e is not equation]
            self.with_values(unknown, solved.solutions, rest, known, choices)
            return True
        return False

    def with_values(
        self, unknown: Symbol, values: tuple[Node, ...], rest: list[_Equation], known: dict[Symbol, Node],
        choices: dict[Symbol, tuple[Node, ...]],
    ) -> None:
        """Go on with each value of an unknown; in one go where nothing else depends on it."""
        if not values:
            self.tell("It has no real solution.")
        elif not any(unknown in free_symbols(e.node) for e in rest):
            self.solve(rest, known, {**choices, unknown: values})
        else:
            for value in values:
                if len(values) > 1:
                    self.tell("Case ", Relation((unknown, value), ("=",)), ":")
                self.solve(self.put_in(unknown, value, rest), {**known, unknown: value}, choices)

    def linear(
        self, equations: list[_Equation], known: dict[Symbol, Node], choices: dict[Symbol, tuple[Node, ...]]
    ) -> bool:
        """Solve an equation for an unknown with a number before it, and put that into the others."""
        options = [(e, v, s) for e in equations for v in self.unknowns(e.node) if (s := self.isolated(e.node, v))]
        if not options:
            return False
        equation, unknown, value = min(options, key=lambda option: (_has_fraction(option[2]), size(option[2])))
        self.tell(equation.name[0].upper() + equation.name[1:], " is solved for ", unknown, ":")
        answer = Relation((unknown, value), ("=",))
        step = Step(equation.relation, answer, "solve for the unknown", "It occurs linearly.", "<=>", Level.ALGEBRA)
        self.found.parts.append(Chain((step,)))
        rest = self.put_in(unknown, value, [e for e in equations if e is not equation])
        self.solve(rest, {**known, unknown: value}, choices)
        return True

    def isolated(self, node: Node, unknown: Symbol) -> Node | None:
        """What the unknown is where the expression vanishes, when its factor there is a number that is not zero."""
        try:
            found = rational.coefficients(node, unknown)
        except LimitError:
            return None
        if found is None or found[0] != unknown or found[1] != 1 or set(found[2]) - {0, 1} or 1 not in found[2]:
            return None
        slope, rest = found[2][1], found[2].get(0, ZERO)
        if self.unknowns(slope) or sign_of(slope, self.context) in (None, 0):
            return None
        return _tidied(Negative(Quotient(rest, slope)))

    def cases(
        self, equations: list[_Equation], known: dict[Symbol, Node], choices: dict[Symbol, tuple[Node, ...]]
    ) -> bool:
        """A product is zero where one of its factors is."""
        for equation in sorted(equations, key=lambda e: size(e.node)):
            factors = _vanishing(equation.node, self.variables)
            if len(factors) < 2:
                continue
            self.tell("In ", equation.name, " the product ", times(factors), " is zero where one of its factors is.")
            rest = [e for e in equations if e is not equation]
            for factor in factors:
                self.tell("Case ", Relation((factor, ZERO), ("=",)), ":")
                self.solve([_Equation(factor, "this equation"), *rest], known, choices)
            return True
        return False

    def without_positive(self, equation: _Equation) -> _Equation:
        """The equation divided by what is never zero, such as an exponential."""
        factors = _vanishing(equation.node, self.variables)
        if not _divisible(equation.node, self.variables):
            return equation
        shorter = _Equation(times(factors), equation.name)
        step = Step(equation.relation, shorter.relation, "divide by what is never zero", "Exponentials are positive.",
                    "<=>", Level.ALGEBRA)
        self.found.parts.append(Chain((step,)))
        return shorter

    def put_in(self, unknown: Symbol, value: Node, equations: list[_Equation]) -> list[_Equation]:
        """The other equations with the unknown replaced, each replacement shown."""
        made = []
        for equation in equations:
            if unknown in free_symbols(equation.node):
                self.tell("Put into ", equation.name, ":")
                start = At(equation.node, ((unknown, value),))
                steps = _substituted(start)
                self.found.parts.append(Chain(tuple(steps)))
                equation = _Equation(end_of(start, steps), equation.name)
            made.append(equation)
        return made

    # --- the end ----------------------------------------------------------------------------------

    def finish(self, known: dict[Symbol, Node], choices: dict[Symbol, tuple[Node, ...]]) -> None:
        """The points: every combination of the chosen values, put back into what was solved before."""
        for values in product(*choices.values()):
            point = {**known, **dict(zip(choices, values, strict=True))}
            for _ in self.variables:
                point = {s: self.put_back(s, v, point) for s, v in point.items()}
            self.add(tuple(point.get(v, v) for v in self.variables))

    def put_back(self, unknown: Symbol, value: Node, point: dict[Symbol, Node]) -> Node:
        """What an unknown is once the unknowns in it are known."""
        where = tuple((s, point[s]) for s in self.unknowns(value) if s in point and not self.unknowns(point[s]))
        if not where:
            return value
        start = At(value, where)
        steps = _substituted(start)
        self.found.parts.append(Chain(tuple(steps), unknown))
        return end_of(start, steps)

    def add(self, point: Point) -> None:
        if point not in self.found.points:
            self.found.points.append(point)
        if len(self.found.points) > MOST_POINTS:
            raise UnsolvedError(f"there are more than {MOST_POINTS} solutions")


def told(solved: Solved, unknown: Symbol) -> list[Part]:
    """The solution of one equation as parts: one chain where there is one branch, else all solutions at the end."""
    lines = [*solved.opening, *(solved.branches[0] if len(solved.branches) == 1 else [])]
    parts: list[Part] = [Chain(tuple(lines))] if lines else []
    if len(solved.branches) > 1:
        parts.append(Paragraph(("A product is zero where one of its factors is.",)))
        parts += [Chain(tuple(branch)) for branch in solved.branches if branch]
        if solved.solutions:
            parts.append(Paragraph(("The real solutions are ", solution_set(unknown, solved.solutions), ".")))
    return parts


def solution_set(unknown: Node, values: Sequence[Node]) -> Relation:
    """``x = 1``, or ``x in {0, 1}``."""
    if len(values) == 1:
        return Relation((unknown, values[0]), ("=",))
    return Relation((unknown, Set(tuple(values))), ("in",))


def _has_fraction(node: Node) -> bool:
    """Whether something with letters in it stands below a fraction bar."""
    return any(isinstance(n, Quotient) and free_symbols(n.denominator) for n in walk(node))


def _tidied(node: Node) -> Node:
    """The simple form, or the factored one where that is no longer."""
    made = simple(node)
    step = once(made, forms.FACTORS)
    return step.after if step is not None and size(step.after) <= size(made) else made


def _substituted(start: At) -> list[Step]:
    steps = through(start, (algebra.SUBSTITUTION,))
    steps += simplify(end_of(start, steps))
    steps += reduced(end_of(start, steps))
    end = end_of(start, steps)
    shorter = through(end, _EXPANDED)
    return steps + shorter if shorter and size(end_of(end, shorter)) < size(end) else steps


_EXPANDED = (algebra.ARITHMETIC, algebra.SUMS, algebra.EXPAND)


def _vanishing(node: Node, variables: Sequence[Symbol]) -> list[Node]:
    """The different factors of an expression's numerator that can be zero."""
    unknown = [b for b in _factors(node) if free_symbols(b) & set(variables)]
    return [b for b in unknown if not any(never_zero(b, v) for v in variables)] or [node]


def _factors(node: Node) -> list[Node]:
    """The different factors of an expression's numerator, exponentials also where they are inverted."""
    try:
        step = once(node, forms.FACTORS)
    except LimitError:
        return [node]
    monomial = split(step.after if step else node)
    return [b for b, e in monomial.powers.items() if is_exponential(b) or not (isinstance(e, Fraction) and e < 0)]


def _divisible(node: Node, variables: Sequence[Symbol]) -> bool:
    """Whether an expression has a factor with unknowns in it that is never zero."""
    return any(free_symbols(b) & set(variables) and any(never_zero(b, v) for v in variables) for b in _factors(node))
