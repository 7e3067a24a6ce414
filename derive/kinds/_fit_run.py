"""Fits run by SciPy: the mean loss and its derived gradient over all data, and what each run came to.

Called by the fit kind. Nothing symbolic happens here: the formulas that were derived are compiled and handed to
``scipy.optimize.minimize`` as a function that returns loss and gradient together (``jac=True``).
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive import progress
from derive.backward import Backward
from derive.errors import DeriveError
from derive.numeric.programs import Objective, over_data
from derive.tree import Symbol, free_symbols

Array = NDArray[np.float64]
def objective_of(made: Backward, columns: Mapping[Symbol, Array]) -> Objective:
    """The mean loss and its gradient over data, by the derived formulas; of the columns those that occur in them."""
    used = {s for d in made.program for s in free_symbols(d.body)}
    return over_data(made.program, made.output, made.gradients, {s: a for s, a in columns.items() if s in used})


# --- one run ----------------------------------------------------------------------------------------


@dataclass(eq=False)
class Run:
    """A run of the minimiser. ``course`` are the losses at the start and after each iteration.

    ``ended`` says in a few words how it ended; ``finished`` whether the method was content, ``lost`` whether it met a
    loss that is not finite. ``largest`` is the largest entry of the gradient there, in absolute value.
    """

    start: tuple[float, ...]
    point: Array
    loss: float
    largest: float
    iterations: int
    losses: int
    gradients: int
    ended: str
    finished: bool
    course: list[float] = field(default_factory=list)
    interrupted: bool = False
    lost: bool = False


class _StoppedError(Exception):
    """A run cannot go on; says why."""


class _LostError(_StoppedError):
    """A loss or a gradient that is not finite."""


@dataclass
class _Watch:
    """What a run has seen: every loss by its point, the points after each iteration, the evaluations."""

    objective: Objective
    derived: bool
    deadline: float
    seen: dict[bytes, float] = field(default_factory=dict)
    points: list[Array] = field(default_factory=list)
    calls: int = 0

    def __call__(self, point: Array) -> Any:
        self.calls += 1
        ask = self.objective.loss_and_gradient
        loss, gradient = ask(point) if self.derived else (self.objective.loss(point), np.zeros(1))
        if not (np.isfinite(loss) and np.isfinite(gradient).all()):
            raise _LostError(_where(self, point, loss))
        self.seen[point.tobytes()] = loss
        return (loss, gradient) if self.derived else loss

    def after(self, point: Array) -> None:
        """Called by the method after each iteration."""
        self.points.append(np.array(point))
        if time.process_time() > self.deadline:
            raise _StoppedError(f"stopped after iteration {len(self.points)}: the fits took too long")

    def course(self, start: Array) -> list[float]:
        """The losses at the start and after each iteration."""
        return [self.seen[p.tobytes()] for p in (start, *self.points) if p.tobytes() in self.seen]


def _where(watch: _Watch, point: Array, loss: float) -> str:
    names = ", ".join(f"{s.plain} = {x:.6g}" for s, x in zip(watch.objective.parameters, point, strict=True))
    what = "the loss has no value" if np.isnan(loss) else "the loss is too large" if not np.isfinite(loss) else (
        "the gradient is not finite")
    return f"stopped in iteration {len(watch.points) + 1}: {what} at {names}"


@dataclass(frozen=True)
class Asked:
    """What is asked of ``scipy.optimize.minimize``: the method, its tolerance (None: its own), and its options."""

    method: str = "BFGS"
    tolerance: float | None = None
    options: Mapping[str, float] = field(default_factory=dict)


def check(asked: Asked) -> None:
    """DeriveError for an option that the method does not have."""
    from scipy.optimize import OptimizeWarning, minimize

    options = dict(asked.options)
    with warnings.catch_warnings():
        warnings.simplefilter("error", OptimizeWarning)
        try:
            minimize(_bowl, np.zeros(1), jac=True, method=asked.method, tol=asked.tolerance, options=options)
        except (OptimizeWarning, TypeError, ValueError) as error:
            told = ", ".join(options)
            raise DeriveError(f"{asked.method} does not take these options: {told}", str(error)) from error


def _bowl(point: Array) -> tuple[float, Array]:
    return float(point @ point), 2 * point


def minimise(
    objective: Objective, start: Sequence[float], asked: Asked, derived: bool = True, deadline: float = np.inf,
) -> Run:
    """One run from a start, with the derived gradient or with the minimiser's own finite differences.

    A run that meets a loss that is not finite, one that is interrupted, and one that is not through at ``deadline``
    (of ``time.process_time``), ends where it last was.
    """
    from scipy.optimize import minimize

    watch, first = _Watch(objective, derived, deadline), np.array(start, dtype=float)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = minimize(watch, first, jac=True if derived else None, method=asked.method, tol=asked.tolerance,
                             callback=watch.after, options=dict(asked.options))
    except _StoppedError as stop:
        run = _cut_short(watch, first, str(stop))
        run.lost = isinstance(stop, _LostError)
        return run
    except KeyboardInterrupt:
        progress.interrupt()
        run = _cut_short(watch, first, f"interrupted in iteration {len(watch.points) + 1}")
        run.interrupted = True
        return run
    loss, gradient = objective.loss_and_gradient(found.x)
    gradients = watch.calls if derived else int(found.get("njev", 0))
    return Run(
        tuple(map(float, start)), np.array(found.x), loss, float(np.abs(gradient).max()), int(found.nit),
        int(found.nfev), gradients, _ended(found), bool(found.success), watch.course(first),
    )


def _cut_short(watch: _Watch, first: Array, why: str) -> Run:
    """What a run that did not end by itself has reached: the point after its last whole iteration."""
    point = watch.points[-1] if watch.points else first
    loss = watch.seen.get(point.tobytes(), np.nan)
    return Run(tuple(map(float, first)), point, float(loss), np.nan, len(watch.points), watch.calls, watch.calls, why,
               False, watch.course(first))


def _ended(found: Any) -> str:
    """Why the method stopped, in words of a person."""
    message = str(found.message).casefold()
    return next((said for sign, said in _MESSAGES if sign in message), message.replace("_", " "))


_MESSAGES = (
    ("reached limit", "bound on iterations reached"),
    ("max. number of function evaluations", "bound on evaluations reached"),
    ("maximum number of iterations", "bound on iterations reached"), ("iteration limit", "bound on iterations reached"),
    ("precision loss", "no lower point found along the line (rounding)"),
    ("abnormal", "no lower point found along the line"),
)


# --- at a point -------------------------------------------------------------------------------------


STEP = 6e-6
"""The relative step of central differences: the cube root of the rounding error of a double."""


def hessian(objective: Objective, point: Array) -> Array:
    """The matrix of second derivatives, shape (d, d), by central differences of the derived gradient."""
    columns = []
    for k, x in enumerate(point):
        h = STEP * max(1.0, abs(x))
        moved = [point.copy(), point.copy()]
        moved[0][k] += h
        moved[1][k] -= h
        up, down = (objective.loss_and_gradient(p)[1] for p in moved)
        columns.append((up - down) / (moved[0][k] - moved[1][k]))
    matrix = np.array(columns)
    return np.asarray((matrix + matrix.T) / 2)


NEWTON_ROUNDS = 12
CONTENT = 1e-15  # a gradient so small against the largest curvature is rounding
FAR = 0.3  # a longer step, against the size of the point, leads to no point near it


def refined(objective: Objective, point: Array) -> tuple[Array, float, Array, Array]:
    """A stationary point by Newton's method from a point near it: point, loss, gradient, Hessian.

    A step that does not make the gradient smaller is not made, nor one that leads far away: where the Hessian is
    singular, and where the loss has its lowest value at infinity, the point stays.
    """
    point = np.array(point)
    loss, gradient = objective.loss_and_gradient(point)
    with np.errstate(all="ignore"):
        for _ in range(NEWTON_ROUNDS):
            matrix = hessian(objective, point)
            if not np.isfinite(matrix).all() or np.abs(gradient).max() <= CONTENT * max(np.abs(matrix).max(), 1e-30):
                break
            move = np.linalg.lstsq(matrix, -gradient, rcond=1e-12)[0]
            if np.linalg.norm(move) > FAR * (1 + np.linalg.norm(point)):
                break
            there = point + move
            new_loss, new_gradient = objective.loss_and_gradient(there)
            if not (np.isfinite(new_loss) and np.abs(new_gradient).max() < 0.9 * np.abs(gradient).max()):
                break
            point, loss, gradient = there, new_loss, new_gradient
        else:
            matrix = hessian(objective, point)
    return point, loss, gradient, matrix


def subsampled(columns: Mapping[Symbol, Array], rows: int) -> Mapping[Symbol, Array]:
    """The first rows of the data: drawn rows are in no order; of a file every k-th row is taken."""
    count = len(next(iter(columns.values())))
    if count <= rows:
        return columns
    chosen = np.linspace(0, count - 1, rows).round().astype(int)
    return {s: a[chosen] for s, a in columns.items()}


def central_differences(objective: Objective, point: Array) -> Array:
    """The gradient at a point by central differences of the loss, shape (d,)."""
    found = np.empty_like(point)
    for k, x in enumerate(point):
        h = STEP * max(1.0, abs(x))
        up, down = point.copy(), point.copy()
        up[k] += h
        down[k] -= h
        found[k] = (objective.loss(up) - objective.loss(down)) / (up[k] - down[k])
    return found

