"""Iterative minimisation: the update rules of the textbooks, each a small frozen dataclass.

:func:`run` drives a :class:`Method` from a start with a gradient (and, for Newton's method, a Hessian) and returns
every iterate as a :class:`Trace`. The same rule runs with floats, from :func:`derive.numeric.evaluate.compile`, and,
where it needs only the four operations, with exact fractions, from :func:`derive.numeric.exact.function`: vectors
are then NumPy arrays that hold :class:`~fractions.Fraction`. The gradient-descent kind calls this module.

A new method is a dataclass with the fields and methods of :class:`Method`, listed in :data:`METHODS`.

Throughout, theta is the point, g = grad C(theta), alpha_t the step size of step t, and steps count from t = 1:
theta_t comes from theta_{t-1}. Products, quotients and roots of vectors are elementwise. GBC is Goodfellow, Bengio
and Courville, Deep Learning, MIT Press 2016, chapter 8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from derive import limits
from derive.errors import DeriveError, LimitError, MathError
from derive.numeric.evaluate import compile
from derive.numeric.exact import bits
from derive.numeric.exact import exact as exact_value
from derive.tree import Node, Symbol

Vector = NDArray[Any]
"""Shape (d,): float64, or object holding fractions."""

Scalar = int | float | Fraction
State = dict[str, Vector]


# --- step sizes -------------------------------------------------------------------------------------


class Schedule(Protocol):
    """The step size alpha_t of step t = 1, 2, ...."""

    def at(self, t: int) -> Scalar:
        """alpha_t."""


@dataclass(frozen=True, slots=True)
class FixedStep:
    """The same step size always."""

    size: Scalar

    def at(self, t: int) -> Scalar:
        """The fixed step size."""
        return self.size


@dataclass(frozen=True, slots=True)
class ListedSteps:
    """One step size for each step; DeriveError when the list is too short."""

    sizes: tuple[Scalar, ...]

    def at(self, t: int) -> Scalar:
        """The t-th entry."""
        if t > len(self.sizes):
            raise DeriveError(f"step {t} has no step size: {len(self.sizes)} are given")
        return self.sizes[t - 1]


@dataclass(frozen=True, slots=True)
class FormulaStep:
    """A formula in the step number, such as ``1/t``; exact where its value is rational."""

    formula: Node
    variable: Symbol

    def at(self, t: int) -> Scalar:
        """The value of the formula at t = 1, 2, .... MathError where it has none."""
        value = exact_value(self.formula, {self.variable: Fraction(t)})
        if value is not None:
            return value
        number = float(_compiled(self.formula, self.variable)(t))
        if not np.isfinite(number):
            raise MathError(f"the step size of step {t} does not exist")
        return number


@lru_cache(maxsize=16)
def _compiled(formula: Node, variable: Symbol) -> Callable[..., Any]:
    return compile(formula, [variable])


StepSize = Scalar | Sequence[Scalar] | Schedule


def schedule(size: StepSize) -> Schedule:
    """A schedule from a number, a list of numbers, or a schedule."""
    match size:
        case int() | float() | Fraction():
            return FixedStep(size)
        case Sequence():
            return ListedSteps(tuple(size))
    return size


# --- what a method is given -------------------------------------------------------------------------


class NoStepError(MathError):
    """A step does not exist at this point: a singular Hessian, no minimum along a line."""


@dataclass(frozen=True, slots=True)
class Oracle:
    """The function to minimise as a method sees it: vectors in, vectors out.

    ``gradient`` maps a point (d,) to (d,), ``hessian`` to (d, d). ``number`` turns a parameter into the kind of
    number that the iteration computes with.
    """

    gradient: Callable[[Vector], Vector]
    hessian: Callable[[Vector], Vector] | None
    number: Callable[[Scalar], Any]
    exact: bool


@dataclass(frozen=True, slots=True)
class Move:
    """What one step makes: the new point, the new state, and the step size that was used."""

    point: Vector
    state: State
    step_size: Any


class Method(Protocol):
    """An update rule. ``exact`` says whether it can compute with fractions."""

    name: ClassVar[str]
    title: ClassVar[str]
    source: ClassVar[str]
    exact: ClassVar[bool]

    def start(self, point: Vector) -> State:
        """The state before the first step, by the names of the formulas."""

    def step(self, point: Vector, gradient: Vector, state: State, t: int, oracle: Oracle) -> Move:
        """Step t from ``point``, where the gradient is ``gradient``. Raises NoStepError where there is none."""


def _zeros(point: Vector) -> Vector:
    return point * 0


# --- rational methods -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plain:
    """Gradient descent: ``theta <- theta - alpha g`` (Cauchy 1847; GBC 4.3)."""

    step_size: StepSize = Fraction(1, 100)

    name: ClassVar[str] = "plain"
    title: ClassVar[str] = "gradient descent"
    source: ClassVar[str] = "Cauchy 1847; Goodfellow et al. 2016, section 4.3"
    exact: ClassVar[bool] = True

    def start(self, point: Vector) -> State:
        """No state."""
        return {}

    def step(self, point: Vector, gradient: Vector, state: State, t: int, oracle: Oracle) -> Move:
        """``theta <- theta - alpha g``."""
        alpha = oracle.number(schedule(self.step_size).at(t))
        return Move(point - alpha * gradient, {}, alpha)


@dataclass(frozen=True, slots=True)
class Momentum:
    """Heavy ball: ``v <- beta v + g``, ``theta <- theta - alpha v`` (Polyak 1964; GBC algorithm 8.2).

    GBC folds alpha into the velocity (theirs is -alpha v); for a fixed step size the iterates are the same.
    """

    step_size: StepSize = Fraction(1, 100)
    beta: Scalar = Fraction(9, 10)

    name: ClassVar[str] = "momentum"
    title: ClassVar[str] = "gradient descent with momentum"
    source: ClassVar[str] = "Polyak 1964; Goodfellow et al. 2016, algorithm 8.2"
    exact: ClassVar[bool] = True

    def start(self, point: Vector) -> State:
        """The velocity v is 0."""
        return {"v": _zeros(point)}

    def step(self, point: Vector, gradient: Vector, state: State, t: int, oracle: Oracle) -> Move:
        """``v <- beta v + g``, ``theta <- theta - alpha v``."""
        alpha, beta = oracle.number(schedule(self.step_size).at(t)), oracle.number(self.beta)
        velocity = beta * state["v"] + gradient
        return Move(point - alpha * velocity, {"v": velocity}, alpha)


@dataclass(frozen=True, slots=True)
class Nesterov:
    """Look ahead first: ``v <- beta v + grad C(theta - alpha beta v)``, ``theta <- theta - alpha v``.

    Nesterov 1983 with constant momentum, as in Sutskever et al. 2013 and GBC algorithm 8.3.
    """

    step_size: StepSize = Fraction(1, 100)
    beta: Scalar = Fraction(9, 10)

    name: ClassVar[str] = "nesterov"
    title: ClassVar[str] = "Nesterov's accelerated gradient"
    source: ClassVar[str] = "Nesterov 1983; Goodfellow et al. 2016, algorithm 8.3"
    exact: ClassVar[bool] = True

    def start(self, point: Vector) -> State:
        """The velocity v is 0; no step has looked ahead yet."""
        return {"v": _zeros(point), "lookahead": point, "lookahead_gradient": _zeros(point)}

    def step(self, point: Vector, gradient: Vector, state: State, t: int, oracle: Oracle) -> Move:
        """``v <- beta v + grad C(theta - alpha beta v)``, ``theta <- theta - alpha v``."""
        alpha, beta = oracle.number(schedule(self.step_size).at(t)), oracle.number(self.beta)
        ahead = point - alpha * beta * state["v"]
        slope = oracle.gradient(ahead)
        velocity = beta * state["v"] + slope
        return Move(
            point - alpha * velocity, {"v": velocity, "lookahead": ahead, "lookahead_gradient": slope}, alpha
        )


def _solve(matrix: Vector, right: Vector) -> Vector:
    """The solution of a linear system, with floats or fractions. NoStepError when the matrix is singular."""
    if matrix.dtype != object:
        try:
            return np.linalg.solve(matrix, right)
        except np.linalg.LinAlgError:
            raise NoStepError("the Hessian is singular") from None
    rows = np.column_stack([matrix, right])
    for i in range(len(rows)):
        pivot = next((j for j in range(i, len(rows)) if rows[j, i]), None)
        if pivot is None:
            raise NoStepError("the Hessian is singular")
        rows[[i, pivot]] = rows[[pivot, i]]
        rows[i] = rows[i] / rows[i, i]
        for j in range(len(rows)):
            if j != i:
                rows[j] = rows[j] - rows[j, i] * rows[i]
    return np.asarray(rows[:, -1])


@dataclass(frozen=True, slots=True)
class Newton:
    """Newton's method: ``theta <- theta - alpha H^-1 g`` with the Hessian H at theta (GBC 4.3.1, algorithm 8.8)."""

    step_size: StepSize = 1

    name: ClassVar[str] = "newton"
    title: ClassVar[str] = "Newton's method"
    source: ClassVar[str] = "Goodfellow et al. 2016, section 4.3.1 and algorithm 8.8"
    exact: ClassVar[bool] = True

    def start(self, point: Vector) -> State:
        """The direction of the last step, H^-1 g."""
        return {"direction": _zeros(point)}

    def step(self, point: Vector, gradient: Vector, state: State, t: int, oracle: Oracle) -> Move:
        """``theta <- theta - alpha H^-1 g``."""
        if oracle.hessian is None:
            raise DeriveError("Newton's method needs the Hessian")
        alpha = oracle.number(schedule(self.step_size).at(t))
        direction = _solve(oracle.hessian(point), gradient)
        return Move(point - alpha * direction, {"direction": direction}, alpha)


LINE_FACTORS = 40  # a minimum along the line farther than 4^40 gradients away, or nearer than 4^-40, is none
LINE_ROUNDS = 200  # more than bisection alone needs to reach neighbouring floats
LINE_TOLERANCE = 1e-10  # of the slope at the point: the cost is then within 1e-20 of its minimum, relatively


def _bracket(slope: Callable[[Any], Any]) -> tuple[Any, Any]:
    """Step sizes (low, high) with the cost falling at low and not (or not defined) at high; floats only.

    Growing from 1, or shrinking towards 0, by factors of 4: where the cost has several minima, an early one.
    """
    low, high = 0.25, 1.0
    for _ in range(LINE_FACTORS):
        falls_low, falls_high = slope(low) < 0, slope(high) < 0
        if falls_low and not falls_high:
            return low, high
        low, high = (high, 4 * high) if falls_high else (low / 4, low)
    raise NoStepError(f"the cost has no minimum along the line of steepest descent{' near the point' * (low < 1)}")


def _line_minimum(slope: Callable[[Any], Any]) -> Any:
    """A step size where the slope along the line crosses 0, by the Illinois method: exact at once on a quadratic."""
    low, high = _bracket(slope)
    below, above = slope(low), slope(high)
    enough = LINE_TOLERANCE * abs(slope(0.0))
    for _ in range(LINE_ROUNDS):
        secant = low + (high - low) * (below / (below - above)) if np.isfinite(above) else low
        middle = secant if low < secant < high else (low + high) / 2
        value = slope(middle)
        if abs(value) <= enough or high - low <= 1e-15 * high:
            break
        # an end that stays twice has its slope halved, so that it moves too
        if value < 0:
            low, below, above = middle, value, above / 2
        else:
            high, above, below = middle, value, below / 2
    return middle


def _exact_line_minimum(slope: Callable[[Any], Any]) -> Any:
    """The step size by one secant step, which is exact on a quadratic and refused elsewhere."""
    start, end = slope(Fraction(0)), slope(Fraction(1))
    if start >= end:
        raise NoStepError("the cost has no minimum along the line of steepest descent")
    alpha = start / (start - end)
    if slope(alpha):
        raise MathError("the exact step size along the line is a fraction only where the cost is quadratic")
    return alpha


@dataclass(frozen=True, slots=True)
class LineSearch:
    """Steepest descent with exact line search: ``alpha = argmin_a C(theta - a g)`` (Cauchy 1847; Boyd 2004, 9.2).

    The minimum is where the slope ``-g . grad C(theta - a g)`` is 0. On a quadratic with Hessian H this is
    ``alpha = g.g / g.Hg``; elsewhere the first crossing found by doubling and bisection. No step exists where the
    cost falls without bound along the line.
    """

    name: ClassVar[str] = "line-search"
    title: ClassVar[str] = "steepest descent with exact line search"
    source: ClassVar[str] = "Boyd and Vandenberghe 2004, sections 9.2 and 9.3"
    exact: ClassVar[bool] = True

    def start(self, point: Vector) -> State:
        """No state."""
        return {}

    def step(self, point: Vector, gradient: Vector, state: State, t: int, oracle: Oracle) -> Move:
        """``theta <- theta - alpha g`` with the best alpha; at a stationary point alpha is 0."""
        if not np.any(gradient):
            return Move(point, {}, oracle.number(0))

        def slope(alpha: Any) -> Any:
            return -(gradient @ oracle.gradient(point - alpha * gradient))

        alpha = _exact_line_minimum(slope) if oracle.exact else _line_minimum(slope)
        return Move(point - alpha * gradient, {}, alpha)


# --- methods with square roots ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AdaGrad:
    """``r <- r + g^2``, ``theta <- theta - alpha g / (delta + sqrt(r))`` (Duchi et al. 2011; GBC algorithm 8.4).

    delta is GBC's 1e-7; neither source fixes alpha, 0.01 is customary.
    """

    step_size: StepSize = Fraction(1, 100)
    delta: Scalar = 1e-7

    name: ClassVar[str] = "adagrad"
    title: ClassVar[str] = "AdaGrad"
    source: ClassVar[str] = "Duchi et al. 2011; Goodfellow et al. 2016, algorithm 8.4"
    exact: ClassVar[bool] = False

    def start(self, point: Vector) -> State:
        """The sum of squared gradients r is 0."""
        return {"r": _zeros(point)}

    def step(self, point: Vector, gradient: Vector, state: State, t: int, oracle: Oracle) -> Move:
        """``r <- r + g^2``, ``theta <- theta - alpha g / (delta + sqrt(r))``."""
        alpha = oracle.number(schedule(self.step_size).at(t))
        r = state["r"] + gradient * gradient
        return Move(point - alpha * gradient / (oracle.number(self.delta) + np.sqrt(r)), {"r": r}, alpha)


@dataclass(frozen=True, slots=True)
class RMSProp:
    """``r <- rho r + (1 - rho) g^2``, ``theta <- theta - alpha g / sqrt(delta + r)``.

    Hinton 2012 (lecture 6e of Neural Networks for Machine Learning: rho 0.9, alpha 0.001); GBC algorithm 8.5
    (delta 1e-6, inside the root).
    """

    step_size: StepSize = Fraction(1, 1000)
    rho: Scalar = Fraction(9, 10)
    delta: Scalar = 1e-6

    name: ClassVar[str] = "rmsprop"
    title: ClassVar[str] = "RMSProp"
    source: ClassVar[str] = "Hinton 2012, lecture 6e; Goodfellow et al. 2016, algorithm 8.5"
    exact: ClassVar[bool] = False

    def start(self, point: Vector) -> State:
        """The mean square gradient r is 0."""
        return {"r": _zeros(point)}

    def step(self, point: Vector, gradient: Vector, state: State, t: int, oracle: Oracle) -> Move:
        """``r <- rho r + (1 - rho) g^2``, ``theta <- theta - alpha g / sqrt(delta + r)``."""
        alpha, rho = oracle.number(schedule(self.step_size).at(t)), oracle.number(self.rho)
        r = rho * state["r"] + (1 - rho) * gradient * gradient
        return Move(point - alpha * gradient / np.sqrt(oracle.number(self.delta) + r), {"r": r}, alpha)


@dataclass(frozen=True, slots=True)
class Adam:
    """Adam with bias correction (Kingma and Ba 2015, algorithm 1; GBC algorithm 8.7).

    ``m <- beta1 m + (1 - beta1) g``, ``v <- beta2 v + (1 - beta2) g^2``, ``mhat = m / (1 - beta1^t)``,
    ``vhat = v / (1 - beta2^t)``, ``theta <- theta - alpha mhat / (sqrt(vhat) + epsilon)``; the paper's defaults.
    """

    step_size: StepSize = Fraction(1, 1000)
    beta1: Scalar = Fraction(9, 10)
    beta2: Scalar = Fraction(999, 1000)
    epsilon: Scalar = 1e-8

    name: ClassVar[str] = "adam"
    title: ClassVar[str] = "Adam"
    source: ClassVar[str] = "Kingma and Ba 2015, algorithm 1; Goodfellow et al. 2016, algorithm 8.7"
    exact: ClassVar[bool] = False

    def start(self, point: Vector) -> State:
        """The moments m and v are 0."""
        return {name: _zeros(point) for name in ("m", "v", "m_hat", "v_hat")}

    def step(self, point: Vector, gradient: Vector, state: State, t: int, oracle: Oracle) -> Move:
        """Both moments, their correction, and ``theta <- theta - alpha mhat / (sqrt(vhat) + epsilon)``."""
        alpha, epsilon = oracle.number(schedule(self.step_size).at(t)), oracle.number(self.epsilon)
        beta1, beta2 = oracle.number(self.beta1), oracle.number(self.beta2)
        m = beta1 * state["m"] + (1 - beta1) * gradient
        v = beta2 * state["v"] + (1 - beta2) * gradient * gradient
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        state = {"m": m, "v": v, "m_hat": m_hat, "v_hat": v_hat}
        return Move(point - alpha * m_hat / (np.sqrt(v_hat) + epsilon), state, alpha)


METHODS: dict[str, type[Method]] = {
    method.name: method for method in (Plain, Momentum, Nesterov, AdaGrad, RMSProp, Adam, Newton, LineSearch)
}
"""Every method by its name in a problem file; its fields are its parameters."""


# --- running ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stopped:
    """Why an iteration ended early: at which step, why, and the value.

    ``what`` is "point" or "gradient" when ``value`` is that vector and it is not finite or does not exist; "step"
    when no step can be made from the point ``value``; "size" when an exact number got longer than
    ``limits.VALUE_BITS``, and ``value`` is the last point that has not. ``reason`` says it in words.
    """

    step: int
    what: str
    value: Vector
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """An iteration: after n steps in d dimensions, row t belongs to theta_t.

    ``points`` and ``gradients`` have shape (n+1, d), ``costs`` (n+1,) when a cost was given, each of ``states``
    (n+1, d), ``step_sizes`` (n,). The arrays hold floats, or fractions (dtype object) of an exact run. ``stopped``
    says why there are fewer steps than asked for; a gradient that does not exist is a row of NaN, and a cost of an
    exact run that is not rational is None.
    """

    points: Vector
    gradients: Vector
    costs: Vector | None
    states: Mapping[str, Vector]
    step_sizes: Vector
    stopped: Stopped | None = None

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return len(self.points) - 1


@dataclass(slots=True)
class _Record:
    """A trace while it grows."""

    points: list[Vector]
    gradients: list[Vector] = field(default_factory=list)
    states: list[State] = field(default_factory=list)
    sizes: list[Any] = field(default_factory=list)


def _fraction(value: Scalar) -> Fraction:
    if isinstance(value, float):
        raise MathError(f"{value} is a float: an exact iteration computes with fractions")
    return Fraction(value)


def _float(value: Scalar) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _vector(values: Any, exact: bool) -> Vector:
    if not exact:
        return np.asarray(values, dtype=float)
    array = np.empty(np.shape(values), dtype=object)
    array[...] = values
    return array


def _finite(vector: Vector) -> bool:
    return vector.dtype == object or bool(np.isfinite(vector).all())


def _bounded(vector: Vector) -> Vector:
    if vector.dtype == object and max(map(bits, vector)) > limits.VALUE_BITS:
        raise LimitError(f"an exact number has more than {limits.VALUE_BITS} binary digits")
    return vector


def _callable(function: Callable[..., Any], exact: bool) -> Callable[[Vector], Vector]:
    return lambda point: _vector(function(*point), exact)


def _checked(steps: int) -> int:
    if steps < 1:
        raise DeriveError(f"the number of steps must be at least 1, not {steps}")
    if steps > limits.STEPS_MAXIMUM:
        raise LimitError(f"{steps} steps are too many: at most {limits.STEPS_MAXIMUM}")
    return steps


def _gradient_at(point: Vector, oracle: Oracle) -> tuple[Vector, str]:
    """The gradient and why it cannot be used; where it does not exist, NaN."""
    try:
        gradient = oracle.gradient(point)
    except MathError as error:
        return np.full(len(point), np.nan), error.message
    if gradient.shape != point.shape:
        raise DeriveError(f"the gradient has {gradient.size} components, the start {point.size}")
    return gradient, "" if _finite(gradient) else "the gradient is not finite"


def _advance(method: Method, record: _Record, t: int, oracle: Oracle) -> Stopped | None:
    """Make step t and append it, or say why it cannot be made."""
    point = record.points[-1]
    try:
        with np.errstate(all="ignore"):
            move = method.step(point, record.gradients[-1], record.states[-1], t, oracle)
        if not _finite(move.point):
            return Stopped(t, "point", move.point, "the new point is not finite")
        gradient, problem = _gradient_at(_bounded(move.point), oracle)
    except MathError as error:
        return Stopped(t, "step", point, error.message)
    except LimitError as error:
        return Stopped(t, "size", point, error.message)
    record.points.append(move.point)
    record.states.append(move.state)
    record.sizes.append(move.step_size)
    record.gradients.append(gradient)
    return Stopped(t, "gradient", gradient, problem) if problem else None


def _rational(cost: Callable[..., Any], point: Vector) -> Fraction | None:
    try:
        return Fraction(cost(*point))
    except (MathError, LimitError):
        return None


def _costs(cost: Callable[..., Any] | None, points: Vector, exact: bool) -> Vector | None:
    if cost is None:
        return None
    return _vector([_rational(cost, point) for point in points], True) if exact else _vector(cost(*points.T), False)


def _trace(record: _Record, cost: Callable[..., Any] | None, exact: bool, stopped: Stopped | None) -> Trace:
    points = np.array(record.points)
    states = {name: np.array([state[name] for state in record.states]) for name in record.states[0]}
    sizes = np.array(record.sizes, dtype=object if exact else float)
    return Trace(points, np.array(record.gradients), _costs(cost, points, exact), states, sizes, stopped)


def _begin(method: Method, oracle: Oracle, start: Sequence[Scalar]) -> _Record:
    if oracle.exact and not method.exact:
        raise DeriveError(f"{method.title} takes square roots: its iterates are not fractions")
    point = _vector([oracle.number(x) for x in start], oracle.exact)
    if not _finite(point):
        raise MathError("the start is not finite")
    gradient, problem = _gradient_at(point, oracle)
    if problem:
        raise MathError(f"the iteration cannot begin: at the start {problem}")
    return _Record([point], [gradient], [method.start(point)])


def run(
    method: Method,
    gradient: Callable[..., Any],
    start: Sequence[Scalar],
    steps: int,
    *,
    cost: Callable[..., Any] | None = None,
    hessian: Callable[..., Any] | None = None,
    exact: bool = False,
) -> Trace:
    """``steps`` steps of a method from ``start`` (d numbers).

    ``gradient`` is called with the d coordinates and gives d numbers, ``hessian`` d rows of d, ``cost`` one number
    (without ``exact`` it must accept arrays). With ``exact`` they are given fractions and give fractions, and the
    start and the method's parameters must be fractions or integers. An iterate that is not finite, a gradient that
    does not exist and a step that cannot be made end the iteration; :attr:`Trace.stopped` says where and why.

    Errors: MathError when not even the gradient at the start exists; DeriveError for a method that has no
    exact form, a missing Hessian, too short a list of step sizes, a gradient of the wrong length, steps below 1;
    LimitError for more than ``limits.STEPS_MAXIMUM`` steps.
    """
    _checked(steps)
    number: Callable[[Scalar], Any] = _fraction if exact else _float
    oracle = Oracle(_callable(gradient, exact), hessian and _callable(hessian, exact), number, exact)
    record = _begin(method, oracle, start)
    stopped = None
    for t in range(1, steps + 1):
        stopped = _advance(method, record, t, oracle)
        if stopped:
            break
    return _trace(record, cost, exact, stopped)
