"""Whether an iteration converges, and why: what the Hessian says about the cost and about the step size.

The Hessian is derived, its eigenvalues too where that is done by hand; with them come the nature of the stationary
point, the largest stable step size ``2/lambda_max`` and the factors ``1 - alpha lambda`` (Goodfellow et al. 2016,
section 4.3.1; Boyd and Vandenberghe 2004, section 9.3; Polyak 1964 for momentum). What holds for quadratic costs only
is said of quadratic costs only. Called by the gradient-descent kind.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from derive.errors import LimitError, MathError
from derive.goals import end_of, simplify
from derive.kinds._by_hand import Style, is_worked, number_of, rounding, worked
from derive.kinds._curvature import Curvature, curvature
from derive.kinds._descent_given import Setup
from derive.kinds._iterations import Slope
from derive.kinds._methods import Names
from derive.kinds._partials import Partial, assembled, at_point, plain_name, second_by, value_at
from derive.kinds._shared import listed
from derive.kinds._systems import solve_system
from derive.numeric.value import value_of
from derive.solving import UnsolvedError
from derive.steps import Chain, Context, Formula, Heading, Paragraph, Part, Prose, Result
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Derivative,
    Matrix,
    Negative,
    Node,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Vector,
    free_symbols,
)
from derive.write.numbers import approximate

if TYPE_CHECKING:
    from derive.numeric.optimisers import Trace

CHAINS = 6  # second derivatives that are derived on the page
MINORS = 4  # with more variables the determinants of Sylvester's criterion fill pages
LINES = 8  # a longer derivation of a second derivative is left out
POINTS = 3  # stationary points that are discussed
LISTED = 5  # steps that are listed one by one

Second = dict[tuple[int, int], Partial]
"""The second partial derivatives on and above the diagonal, by row and column."""


Marks = list[tuple[tuple[float, ...], str]]
"""Stationary points as numbers, each with its nature."""


@dataclass(slots=True)
class Case:
    """An iteration under discussion: what it is, and what has been said (``parts``, ``results``, ``points``)."""

    setup: Setup
    slope: Slope
    names: Names
    trace: Trace
    context: Context
    parts: list[Part] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    points: Marks = field(default_factory=list)

    @property
    def several(self) -> bool:
        """Whether there is more than one variable."""
        return self.names.several

    @property
    def fixed(self) -> Node | None:
        """The step size where it is the same always."""
        return self.setup.step.fixed if self.setup.step is not None else None

    @property
    def star(self) -> Symbol:
        """The letter of a stationary point."""
        return replace(self.names["point"], sup="*")

    def remark(self, *words: str | Node) -> None:
        """Say something that is set apart."""
        self.parts.append(Paragraph(words, remark=True))

    def say(self, *words: str | Node) -> None:
        """Say something."""
        self.parts.append(Paragraph(words))

    def number(self, name: str, value: float) -> None:
        """Give a number as a result."""
        self.results.append(Result(name, None, shown=False, number=value))

    def point(self, coordinates: tuple[Node, ...]) -> Node:
        """Coordinates as a value."""
        return Vector(coordinates) if self.several else coordinates[0]


# --- the Hessian ------------------------------------------------------------------------------------


def second_derivatives(partials: Sequence[Partial], variables: Sequence[Symbol]) -> Second:
    """The second partial derivatives on and above the diagonal, derived."""
    n = range(len(variables))
    return {(i, j): second_by(partials[j], variables[i]) for i in n for j in n if i <= j}


def rows_of(second: Second, side: int) -> tuple[tuple[Node, ...], ...]:
    """The rows of the Hessian, by symmetry."""
    return tuple(tuple(second[min(i, j), max(i, j)].value for j in range(side)) for i in range(side))


def hessian_parts(
    second: Second, slope: Slope, names: Names
) -> tuple[list[Part], Result]:
    """The chains of the second derivatives and the matrix made of them; with one variable, the second derivative."""
    side = len(slope.partials)
    if side == 1:
        only = second[0, 0]
        left = Call(names.cost.plain, names.variables, 2)
        return [Chain(only.steps, left)], Result("Hessian", ((only.value,),), left, shown=False)
    matrix = Matrix(slope.hessian)
    entries = Matrix(tuple(tuple(_name(second, i, j) for j in range(side)) for i in range(side)))
    parts: list[Part] = [p.chain for p in second.values()] if _is_short(second, slope) else [Paragraph((_LONG,))]
    parts.append(Chain((assembled(entries, matrix, "Hessian"),), names["hessian"]))
    words = ("It is symmetric, because the order of the two differentiations does not matter (Schwarz's theorem).",)
    return [*parts, Paragraph(words)], Result("Hessian", slope.hessian, names["hessian"], shown=False)


_LONG = "The second derivatives are found in the same way as the first ones. They are the entries of the Hessian:"


def _is_short(second: Second, slope: Slope) -> bool:
    """Whether the second derivatives are worth their space: few and short, or those of a quadratic cost."""
    return len(second) <= CHAINS and (slope.is_constant or all(len(p.steps) <= LINES for p in second.values()))


def _name(second: Second, i: int, j: int) -> Node:
    if i <= j:
        return second[i, j].name
    upper = second[j, i].name
    assert isinstance(upper.body, Derivative)
    return Derivative(Derivative(upper.body.body, upper.variable, 1, True), upper.body.variable, 1, True)


# --- the section ------------------------------------------------------------------------------------


def discuss(case: Case, second: Second) -> None:
    """Hessian, stationary point and its nature, and what the eigenvalues mean for this iteration."""
    parts, result = hessian_parts(second, case.slope, case.names)
    what = "Hessian" if case.several else "Second derivative"
    case.parts += [Heading((f"{what} and convergence",)), *parts]
    case.results += [result, *(Result(plain_name(p.name), p.value, p.name, shown=False) for p in second.values())]
    if case.slope.is_constant:
        _quadratic(case)
    else:
        _general(case)


def _quadratic(case: Case) -> None:
    name: Node = case.names["hessian"] if case.several else Call(case.names.cost.plain, case.names.variables, 2)
    judged = curvature(Matrix(case.slope.hessian), name, case.context)
    case.parts += judged.parts if len(case.slope.hessian) <= MINORS else []
    eigenvalues = _eigenvalues(case, judged)
    point = _only_stationary(case, judged)
    _nature(case, eigenvalues, point)
    if case.setup.method in _RATES and all(_numbers(eigenvalues)):
        _RATES[case.setup.method](case, eigenvalues)
    elif case.setup.method == "plain" and max(_numbers(eigenvalues)) > 0:
        _largest_step(case, eigenvalues, "The cost falls with every step for step sizes below")
    _course(case, eigenvalues)


def _eigenvalues(case: Case, judged: Curvature) -> tuple[Node, ...]:
    """The eigenvalues, exact where they were derived, else as rounded numbers; the same one twice counts twice."""
    values: tuple[Node, ...] = judged.eigenvalues
    rows = case.slope.hessian
    if len(values) == 1 and len(rows) == 2:
        values = (values[0], values[0])
    if not values:
        numbers = _without_noise(_numeric_eigenvalues([[value_of(e) for e in row] for row in rows]))
        values = tuple(approximate(v) for v in numbers)
        case.say("The eigenvalues of ", case.names["hessian"], ", found by numbers, are ", *listed(values), ".")
    case.results.append(Result("Hessian eigenvalues", values, shown=False))
    return values


def _numeric_eigenvalues(rows: list[list[float]]) -> list[float]:
    import numpy as np

    return [float(v) for v in np.linalg.eigvalsh(np.array(rows))]


def _without_noise(values: list[float]) -> list[float]:
    """Eigenvalues that are zero but for rounding, as zeros."""
    return [v if abs(v) > 1e-12 * max(map(abs, values)) else 0.0 for v in values]


# --- stationary points --------------------------------------------------------------------------------


def _stationary_points(case: Case) -> list[tuple[Node, ...]]:
    """Where the gradient is zero, solved in steps; nothing where the laws do not lead there."""
    try:
        solved = solve_system(case.slope.gradient, case.setup.variables, case.context)
    except (UnsolvedError, LimitError):
        return []
    points = solved.points
    if len(points) > POINTS or any(free_symbols(c) for point in points for c in point):
        return []
    case.say("A point is stationary where ", *_zero_gradient(case), ".")
    case.parts += solved.parts
    slope = "gradient" if case.several else "derivative"
    if points:
        case.say(f"So the {slope} is zero at ", *listed([_is_at(case, p) for p in points]), " and nowhere else.")
    else:
        case.say(f"So the {slope} is zero nowhere: there is no stationary point.")
    return points


def _zero_gradient(case: Case) -> Prose:
    return listed([Relation((slope, ZERO), ("=",)) for slope in case.slope.gradient])


def _is_at(case: Case, point: tuple[Node, ...]) -> Node:
    return Relation((case.star, case.point(point)), ("=",))


def _only_stationary(case: Case, judged: Curvature) -> Node | None:
    """The stationary point of a quadratic cost, where there is exactly one."""
    points = _stationary_points(case)
    if len(points) != 1:
        return None
    case.points.append((tuple(value_of(c) for c in points[0]), judged.nature))
    node = case.point(points[0])
    case.results.append(Result("stationary point", node, case.star))
    return node


# --- quadratic costs ----------------------------------------------------------------------------------


def _numbers(eigenvalues: Sequence[Node]) -> list[float]:
    return [value_of(v) for v in eigenvalues]


def _nature(case: Case, eigenvalues: Sequence[Node], point: Node | None) -> None:
    """What the signs of the eigenvalues of a constant Hessian say of the cost as a whole."""
    cost, low, high = case.names.cost, min(_numbers(eigenvalues)), max(_numbers(eigenvalues))
    where: Node = Relation((case.star, point), ("=",)) if point is not None else case.star
    if low == high == 0:
        case.remark(cost, " is linear: the gradient is the same everywhere, and so are the steps that it makes.")
    elif low > 0:
        why = "All eigenvalues are positive" if case.several else "The second derivative is positive everywhere"
        case.remark(why, ": ", cost, " is strictly convex, and ", where, " is its only minimum.")
    elif high < 0:
        case.remark(cost, " curves downwards everywhere: ", where, " is a maximum, and ", cost,
                    " is unbounded below. There is no minimum to converge to.")
    elif low < 0 < high:
        case.remark("There are eigenvalues of both signs: ", where, " is a saddle point. In the direction of an "
                    "eigenvector with negative eigenvalue ", cost, " is unbounded below, so the iteration cannot "
                    "converge to a minimum: there is none.")
    elif low < 0:
        case.remark("A negative eigenvalue: ", cost, " is unbounded below. There is no minimum to converge to.")
    else:
        case.remark("No eigenvalue is negative, but one is zero: ", cost, " is convex, and in the direction of that "
                    "eigenvector it is not curved, so there is no single minimum.")


def _value(case: Case, start: Node, left: Symbol | None = None) -> Chain | Formula:
    """A chain to the value, or to the simple form and then to decimals; a formula where there is nothing to do."""
    exact = isinstance(number_of(start), Fraction)
    steps = worked(start, Style(case.setup.decimals)) if exact else simplify(start)
    end = end_of(start, steps)
    if not is_worked(end):
        steps.append(rounding(end))
    if steps:
        return Chain(tuple(steps), left)
    return Formula(Relation((left, start), ("=",)) if left is not None else start)


def _plain_rate(case: Case, eigenvalues: Sequence[Node]) -> None:
    """How a step of gradient descent acts in the direction of each eigenvector, and the largest stable step size."""
    rate, letter, largest = case.names["rate"], case.names["eigenvalue"], max(eigenvalues, key=value_of)
    factor = Sum((ONE, Negative(Product((rate, letter)))))
    if case.several:
        case.say("In the direction of an eigenvector with eigenvalue ", letter,
                 ", a step multiplies the distance from ", case.star, " by ", factor, ".")
    else:
        case.say("With ", Relation((letter, eigenvalues[0]), ("=",)),
                 " for the second derivative, a step multiplies the distance from ", case.star, " by ", factor, ".")
    if value_of(largest) > 0:
        _largest_step(case, eigenvalues, _CONVERGES if min(_numbers(eigenvalues)) > 0 else _FALLS)
    if case.fixed is not None:
        _factors(case, case.fixed, eigenvalues)


def _largest_step(case: Case, eigenvalues: Sequence[Node], words: str) -> None:
    """The step size up to which the cost falls: 2 over the largest eigenvalue."""
    largest = max(eigenvalues, key=value_of)
    case.say(words)
    case.parts.append(_value(case, Quotient(TWO, largest), _bound(case)))
    case.number("largest stable step size", 2 / value_of(largest))


_CONVERGES = ("The iteration converges from every start exactly when all these factors are smaller than 1 in size, "
              "that is, for step sizes below")
_FALLS = ("Where the cost curves upwards, such a factor is smaller than 1 in size for step sizes below the following, "
          "and then the cost falls with every step:")


def _bound(case: Case) -> Symbol:
    return Symbol(case.names["rate"].name, "max")


def _factors(case: Case, rate: Node, eigenvalues: Sequence[Node]) -> None:
    """The factors for the given step size, and what the largest of them means."""
    case.say("For ", Relation((case.names["rate"], rate), ("=",)), " the sizes of the factors are")
    for value in dict.fromkeys(eigenvalues):
        start = Call("abs", (Sum((ONE, Negative(Product((rate, value))))),))
        case.parts.append(_value(case, start) if isinstance(number_of(start), Fraction) else Chain((rounding(start),)))
    sizes = [abs(1 - float(number_of(rate)) * v) for v in _numbers(eigenvalues)]
    largest, convex = max(sizes), min(_numbers(eigenvalues)) > 0
    case.number("contraction factor", largest)
    if convex and math.isclose(largest, 1):
        case.remark("The largest is 1: in that direction the iteration jumps from side to side and comes no nearer.")
    elif convex and largest < 1:
        case.remark("All are smaller than 1: the iteration converges, and every step multiplies the distance from ",
                    case.star, " by at most ", approximate(largest), ".")
    elif convex:
        case.remark("The largest is ", approximate(largest), ", more than 1: the step size is too large. The iteration "
                    "diverges unless the start has no part in that direction.")
    elif min(_numbers(eigenvalues)) < 0:
        case.remark("In a direction with negative eigenvalue the factor is larger than 1 for every step size: there "
                    "the distance from ", case.star, " grows without bound.")


def _momentum_rate(case: Case, eigenvalues: Sequence[Node]) -> None:
    """Stability of the heavy ball and of Nesterov's method, by the recurrence in the direction of each eigenvector."""
    numbers = _numbers(eigenvalues)
    if case.fixed is None or min(numbers) <= 0:
        return
    rate, beta = float(number_of(case.fixed)), float(number_of(case.setup.parameters["beta"]))
    heavy, b = case.setup.method == "momentum", case.names["beta"]
    largest = Symbol(case.names["eigenvalue"].name, "max")
    top, below = Product((TWO, Sum((ONE, b)))), Sum((ONE, Product((TWO, b))))
    bound = Quotient(top, largest if heavy else Product((below, largest)))
    limit = (2 + 2 * beta) / (1 if heavy else 1 + 2 * beta) / max(numbers)
    radius = max(_radius(rate * v, beta, heavy) for v in numbers)
    case.number("contraction factor", radius)
    case.number("largest stable step size", limit)
    case.remark("On a quadratic cost this method is stable for step sizes below ", bound, ", here ", approximate(limit),
                ". In the long run a step multiplies the distance from ", case.star, " by about ", approximate(radius),
                ": it converges." if radius < 1 else ": it does not converge.")


def _radius(product: float, beta: float, heavy: bool) -> float:
    """The larger root, in size, of the method's recurrence in a direction where ``alpha lambda = product``."""
    if heavy:
        linear, constant = 1 + beta - product, beta
    else:
        linear, constant = (1 + beta) * (1 - product), beta * (1 - product)
    inside = linear * linear - 4 * constant
    return math.sqrt(constant) if inside < 0 else (abs(linear) + math.sqrt(inside)) / 2


def _newton_rate(case: Case, eigenvalues: Sequence[Node]) -> None:
    if case.fixed == ONE and all(_numbers(eigenvalues)):
        case.remark("The cost is its own quadratic approximation: one step of Newton's method leads to ", case.star,
                    " from every start, whether that is a minimum or not.")


def _line_rate(case: Case, eigenvalues: Sequence[Node]) -> None:
    numbers = _numbers(eigenvalues)
    if min(numbers) <= 0 or not case.several:
        return
    smallest, largest = min(eigenvalues, key=value_of), max(eigenvalues, key=value_of)
    ratio = (max(numbers) - min(numbers)) / (max(numbers) + min(numbers))
    case.number("contraction factor", ratio)
    case.say("With exact line search each step multiplies the cost above its minimum by at most the square of the "
             "quotient of difference and sum of the largest and the smallest eigenvalue (Kantorovich's inequality):")
    case.parts.append(_value(case, Quotient(Sum((largest, Negative(smallest))), Sum((largest, smallest)))))
    if ratio > 0.5:
        case.remark("The more the eigenvalues differ, the longer the bowl, and the slower the way, which turns by a "
                    "right angle at every step.")


_RATES = {
    "plain": _plain_rate,
    "momentum": _momentum_rate,
    "nesterov": _momentum_rate,
    "newton": _newton_rate,
    "line-search": _line_rate,
}
"""What the eigenvalues of a quadratic cost mean for a method."""


# --- how the cost ran -----------------------------------------------------------------------------------


def _course(case: Case, eigenvalues: Sequence[Node] = ()) -> None:
    """Whether the cost rose, and why."""
    if not case.trace.steps:
        return
    if _is_at_rest(case.trace):
        case.remark(f"The start is stationary: the {'gradient' if case.several else 'derivative'} is zero there, so "
                    "nothing moves.")
        return
    rises = _rises(case.trace)
    words: list[str | Node] = [_how(rises, case.trace)]
    if case.setup.method == "plain" and case.fixed is not None and any(_numbers(eigenvalues)):
        words += _why(case, case.fixed, max(_numbers(eigenvalues)), rises)
    elif rises and case.setup.method in ("momentum", "nesterov"):
        words.append(" With momentum that need not be a failure: the velocity carries the point past the lowest place.")
    case.remark(*words)


def _is_at_rest(trace: Trace) -> bool:
    """Whether the gradient is zero at the start and the point stays there."""
    return not trace.gradients[0].any() and bool((trace.points == trace.points[0]).all())


def _rises(trace: Trace) -> list[int]:
    """The steps in which the cost rose, beyond rounding."""
    return [t for t, (a, b) in enumerate(pairwise(_costs(trace)), 1) if b > a + 1e-12 * max(abs(a), abs(b))]


def _costs(trace: Trace) -> list[float]:
    return [float(c) for c in trace.costs] if trace.costs is not None else []


def _how(rises: list[int], trace: Trace) -> str:
    steps = trace.steps
    if all(b < a for a, b in pairwise(_costs(trace))):
        return "The cost fell in every step." if steps > 1 else "The cost fell."
    if not rises:
        return "The cost rose in no step." if steps > 1 else "The cost did not rise."
    if len(rises) == steps:
        return "The cost rose in every step." if steps > 1 else "The cost rose."
    if len(rises) > LISTED:
        return f"The cost rose in {len(rises)} of {steps} steps."
    return f"The cost rose in step{'s' * (len(rises) > 1)} {', '.join(map(str, rises))} of {steps}."


def _why(case: Case, rate: Node, curved: float, rises: list[int]) -> list[str | Node]:
    """The reason, by the largest eigenvalue."""
    value, relation = float(number_of(rate)), Relation((case.names["rate"], rate), ("=",))
    if curved <= 0:
        return [] if rises else [" It falls for every step size, because it curves upwards in no direction."]
    if rises and value > 2 / curved:
        return [" The reason is the step size: ", relation, " is larger than ", _bound(case), _PAST]
    if not rises and value < 2 / curved:
        return [" The step size ", relation, " is smaller than ", _bound(case), "."]
    return []


_PAST = (", so that a step goes past the lowest place in the direction of strongest curvature and ends higher up on "
         "the other side.")


# --- costs that are not quadratic -----------------------------------------------------------------------


def _general(case: Case) -> None:
    """The stationary points where they can be solved for, and the curvature at the last point."""
    points = _stationary_points(case)
    for point in points:
        _judge(case, point)
    if points:
        nodes = tuple(case.point(p) for p in points)
        one = len(points) == 1
        case.results.append(Result("stationary point" if one else "stationary points", nodes[0] if one else nodes,
                                   case.star if one else None, convention="" if one else "in any order"))
    _at_the_end(case)
    _course(case)


def _judge(case: Case, point: tuple[Node, ...]) -> None:
    """The Hessian at a stationary point and the nature of the point."""
    body: Node = Matrix(case.slope.hessian) if case.several else case.slope.hessian[0][0]
    left = Call(case.names.cost.plain, point, 2) if not case.several else Call(case.names["hessian"].plain, point)
    try:
        steps = value_at(body, at_point(case.setup.variables, point))
        case.points.append((tuple(value_of(c) for c in point), ""))
    except MathError:
        return
    end = end_of(body, steps)
    case.parts.append(Chain(tuple(steps), left))
    judged = curvature(end if isinstance(end, Matrix) else Matrix(((end,),)), left, case.context)
    case.parts += judged.parts if case.several else []
    case.points[-1] = (case.points[-1][0], judged.nature)
    if judged.nature:
        local = "" if judged.nature == "saddle point" else "local "
        case.say("so ", _is_at(case, point), f" is a {local}{judged.nature}.")
    else:
        case.say("which does not decide the nature of ", case.point(point), ".")


def _at_the_end(case: Case) -> None:
    """The eigenvalues of the Hessian at the last point, by numbers, and what they mean for the step size there."""
    from derive.numeric.evaluate import compile as compiled

    if case.trace.stopped is not None and case.trace.stopped.what == "gradient":
        return  # where there is no gradient there is no curvature either
    last = [float(x) for x in case.trace.points[-1]]
    rows = compiled(Matrix(case.slope.hessian), case.setup.variables)(*last).reshape(len(last), len(last))
    if not all(math.isfinite(float(v)) for v in rows.ravel()):
        return
    values = _without_noise(_numeric_eigenvalues(rows.tolist()))
    nodes = tuple(approximate(v) for v in values)
    case.results.append(Result("Hessian eigenvalues at the last iterate", nodes, shown=False, number=values))
    what = "the eigenvalues of the Hessian are about " if case.several else "the second derivative is about "
    words: list[str | Node] = ["At the last iterate ", what, *listed(nodes), "."]
    if min(values) > 0:
        words.append(f" The cost curves upwards there{' in every direction' * case.several}.")
        if case.setup.method == "plain":
            words += [" Near the last iterate, as far as the curvature stays like this, step sizes up to ",
                      approximate(2 / max(values)),
                      " are stable, 2 over the largest." if case.several else " are stable, 2 over it."]
    elif min(values) < 0:
        words.append(f" The cost does not curve upwards there{' in every direction' * case.several}.")
    case.remark(*words)
