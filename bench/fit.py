"""The two-layer fit of a million points with the derived gradient: ``python bench/fit.py``.

y = sigma(x) of a million normal x is fitted by w_2 sigma(w_1 sigma(w_0 x)), mean squared error, from zeros, by SciPy's
BFGS. The derived formulas are run by derive.numeric.programs. Beside them, in the same run:

* the whole fit as it is done without a gradient: a plain NumPy loss, SciPy's finite differences;
* one evaluation of loss and gradient by NumPy written by hand: as formulas, in place, and block by block;
* one evaluation by PyTorch's automatic differentiation on the CPU, where PyTorch is installed: in one thread, as the
  program runs, and in one for each core.

Alternatives are timed in turn and the least time of each is taken; what is printed are ratios.
"""

import os
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from derive.graph import graph
from derive.kinds._backward_scalar import backward
from derive.numeric.programs import Objective, over_data
from derive.read.latex import read
from derive.steps import Definition
from derive.tree import Symbol

Array = NDArray[np.float64]
Evaluation = Callable[[Array], tuple[float, Array]]

CORES = os.cpu_count() or 1
SAMPLES, SEED, ROUNDS, BLOCK = 1_000_000, 3, 40, 4_096
FORMULAS = {
    Symbol("h", "1"): r"\sigma(w_0 x)", Symbol("h", "2"): r"\sigma(w_1 h_1)",
    Symbol("p"): "w_2 h_2", Symbol("L"): "(p - y)^2",
}  # fmt: skip
WEIGHTS = [Symbol("w", str(k)) for k in range(3)]
POINT = np.array([0.3, -0.7, 1.2])


def data() -> tuple[Array, Array]:
    """The points and their targets, n numbers each."""
    np.random.seed(SEED)
    x = np.random.normal(0, 1, SAMPLES)
    return x, 1 / (1 + np.exp(-x))


def derived(x: Array, y: Array) -> Objective:
    """The formulas of backpropagation as a function of the weights."""
    network = graph([Definition(name, (), read(formula)) for name, formula in FORMULAS.items()])
    made = backward(network, Symbol("L"), WEIGHTS)
    return over_data(made.program, made.output, made.gradients, {Symbol("x"): x, Symbol("y"): y})


# --- by hand ----------------------------------------------------------------------------------------


def sheet(x: Array, y: Array) -> Callable[[Array], float]:
    """The loss as one writes it down."""

    def sigmoid(u: Array) -> Array:
        return 1 / (1 + np.exp(-u))

    return lambda w: float(np.mean((y - w[2] * sigmoid(w[1] * sigmoid(w[0] * x))) ** 2))


def as_formulas(x: Array, y: Array) -> Evaluation:
    """Loss and gradient as one writes them down."""

    def evaluate(w: Array) -> tuple[float, Array]:
        h1 = expit(w[0] * x)
        h2 = expit(w[1] * h1)
        error = w[2] * h2 - y
        d2 = 2 * error * w[2] * h2 * (1 - h2)
        d1 = d2 * w[1] * h1 * (1 - h1)
        return np.mean(error**2), np.array([np.mean(d1 * x), np.mean(d2 * h1), np.mean(2 * error * h2)])

    return evaluate


class InPlace:
    """Loss and gradient sums with buffers of one's own, sums of products as BLAS does them."""

    def __init__(self, size: int) -> None:
        self.h1, self.h2, self.e, self.t = (np.empty(size) for _ in range(4))

    def __call__(self, w: Array, x: Array, y: Array) -> Array:
        """The sums, shape (4,): of squared errors, and of the gradient."""
        h1, h2, e, t = (b[: len(x)] for b in (self.h1, self.h2, self.e, self.t))
        np.multiply(x, -w[0], h1)
        np.exp(h1, h1)
        np.add(h1, 1, h1)
        np.reciprocal(h1, h1)
        np.multiply(h1, -w[1], h2)
        np.exp(h2, h2)
        np.add(h2, 1, h2)
        np.reciprocal(h2, h2)
        np.multiply(h2, w[2], e)
        np.subtract(e, y, e)
        loss, by2 = e @ e, 2 * (e @ h2)
        np.subtract(1, h2, t)
        np.multiply(t, h2, t)
        np.multiply(t, e, t)
        by1 = 2 * w[2] * (t @ h1)
        np.multiply(t, h1, t)
        np.subtract(1, h1, h1)
        np.multiply(t, h1, t)
        return np.array([loss, 2 * w[2] * w[1] * (t @ x), by1, by2])


def in_place(x: Array, y: Array) -> Evaluation:
    """All data at once, nothing allocated."""
    return blocks_of(len(x), x, y)


def in_blocks(x: Array, y: Array) -> Evaluation:
    """As many data at once as the cache holds."""
    return blocks_of(BLOCK, x, y)


def blocks_of(size: int, x: Array, y: Array) -> Evaluation:
    """Loss and gradient over blocks of data."""
    sums = InPlace(size)

    def evaluate(w: Array) -> tuple[float, Array]:
        ends = range(0, len(x), size)
        found = np.sum([sums(w, x[k : k + size], y[k : k + size]) for k in ends], axis=0) / len(x)
        return found[0], found[1:]

    return evaluate


def by_torch(x: Array, y: Array, threads: int = 1) -> Evaluation:
    """PyTorch's automatic differentiation in double precision."""
    import torch  # type: ignore[import-not-found, unused-ignore]

    tx, ty = torch.from_numpy(x), torch.from_numpy(y)

    def evaluate(w: Array) -> tuple[float, Array]:
        torch.set_num_threads(threads)
        t = torch.tensor(w, requires_grad=True)
        loss = torch.mean((t[2] * torch.sigmoid(t[1] * torch.sigmoid(t[0] * tx)) - ty) ** 2)
        loss.backward()
        return loss.item(), t.grad.numpy()

    return evaluate


# --- timing -----------------------------------------------------------------------------------------


def least(*functions: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """The least seconds of each, timed in turn."""
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for function, own in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            own.append(time.perf_counter() - start)
    return [min(own) for own in times]


def evaluations(objective: Objective, x: Array, y: Array) -> None:
    """Print the cost of one evaluation against each alternative."""
    by_hand = {"as formulas": as_formulas(x, y), "in place": in_place(x, y), "in blocks": in_blocks(x, y)}
    made = dict(by_hand)
    if find_spec("torch"):
        made["PyTorch, 1 thread"] = by_torch(x, y)
        made[f"PyTorch, {CORES} threads"] = by_torch(x, y, CORES)
    loss, gradient = objective.loss_and_gradient(POINT)
    for name, evaluate in made.items():
        other = evaluate(POINT)
        assert np.allclose(loss, other[0], rtol=1e-10), name
        assert np.allclose(gradient, other[1], rtol=1e-8, atol=1e-14), name
    mine, *theirs = least(partial(objective.loss_and_gradient, POINT), *(partial(e, POINT) for e in made.values()))
    print(f"one evaluation of loss and gradient: {mine * 1e3:.1f} ms")
    for name, seconds in zip(made, theirs, strict=True):
        print(f"  {name:20}{seconds * 1e3:8.1f} ms, ratio {mine / seconds:.2f}")
    hand = min(theirs[: len(by_hand)])
    print(f"  ratio to the best by hand {mine / hand:.2f} (at most 1.3 is wanted)")
    if len(made) == len(by_hand):
        print("  PyTorch is not installed")


def fits(objective: Objective, x: Array, y: Array) -> None:
    """Print the time of the whole fit both ways."""
    plain, start = sheet(x, y), np.zeros(3)
    found = {}

    def ours() -> None:
        found["derived"] = minimize(objective.loss_and_gradient, start, jac=True)

    def theirs() -> None:
        found["differences"] = minimize(plain, start)

    def tighter() -> None:
        found["derived, gtol 1e-7"] = minimize(objective.loss_and_gradient, start, jac=True, options={"gtol": 1e-7})

    *mine, other = least(ours, tighter, theirs, rounds=2)
    reference = found["differences"].fun
    for (name, result), seconds in zip(found.items(), (*mine, other), strict=True):
        print(f"fit with {name:19}{seconds:7.2f} s, loss {result.fun:.12f}, {result.nit} iterations, "
              f"{result.nfev} losses")
        print(f"  {other / seconds:.2f} times as fast (at least 1.5 is wanted), loss {result.fun - reference:+.1e}")


def main() -> None:
    """Print all ratios."""
    x, y = data()
    objective = derived(x, y)
    evaluations(objective, x, y)
    fits(objective, x, y)


if __name__ == "__main__":
    main()
