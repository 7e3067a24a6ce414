"""An epoch of the 2-5-5-1 spiral network by derived formulas, and by hand: ``python bench/training.py``.

350 points on two spirals, tanh in the hidden layers, a sigmoid output, binary cross-entropy, batches of 10. The derived
gradients of derive.kinds._backward_matrix are run by derive.numeric.programs. Beside them, in the same run, the same
loop in NumPy by hand: as one writes the formulas down, and with every array allocated beforehand. All three begin at
the same weights and take the batches in the same order; that they end at the same weights is checked. Alternatives are
timed in turn, the least time of each is taken; what is printed are ratios.
"""

import time
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from derive.graph import graph
from derive.kinds._backward_matrix import backward
from derive.losses import BATCH, loss_named, written
from derive.numeric.programs import Network, Training
from derive.read.latex import Names, read
from derive.steps import Definition
from derive.tree import Symbol

Array = NDArray[np.float64]

POINTS, BATCH_SIZE, RATE, EPOCHS = 350, 10, 0.1, 300
SIZES = (2, 5, 5, 1)
FORMULAS = {
    Symbol("Z", "1"): r"X W_1^\top + \mathbf{1} b_1^\top", Symbol("H", "1"): r"\tanh(Z_1)",
    Symbol("Z", "2"): r"H_1 W_2^\top + \mathbf{1} b_2^\top", Symbol("H", "2"): r"\tanh(Z_2)",
    Symbol("Z", "3"): r"H_2 W_3^\top + \mathbf{1} b_3^\top", Symbol("P"): r"\sigma(Z_3)",
}  # fmt: skip
X, Y = Symbol("X"), Symbol("Y")
NAMES = {"prediction": Symbol("P"), "target": Y, "samples": Symbol("n"), "units": Symbol("m")}
PARAMETERS = [Symbol(letter, str(k)) for k in (1, 2, 3) for letter in "Wb"]


def spirals(generator: np.random.Generator) -> tuple[Array, Array]:
    """Points on two noisy spirals, shape (n, 2), and their classes, shape (n, 1)."""
    places = np.arange(POINTS)
    label = places % 2
    radius = 5 * places / POINTS
    angle = 1.75 * 2 * np.pi * places / POINTS + np.pi * label
    points = np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])
    return points + generator.normal(0, 0.1, points.shape), label[:, None].astype(float)


def start(generator: np.random.Generator) -> list[Array]:
    """Weights and biases, layer by layer."""
    return [a for fed, units in pairwise(SIZES) for a in (generator.normal(0, 0.5, (units, fed)), np.full(units, 0.1))]


def derived() -> Network:
    """The formulas of backpropagation over a batch."""
    names = Names(labels=True)
    definitions = [Definition(name, (), read(formula, names)) for name, formula in FORMULAS.items()]
    loss = Definition(Symbol("L"), (), written(loss_named("bce"), BATCH, NAMES))
    shapes = ["matrix h x d", "vector h", "matrix k x h", "vector k", "matrix m x k", "vector m"]
    domains = {**dict(zip(PARAMETERS, shapes, strict=True)), X: "matrix n x d", Y: "matrix n x m"}
    made = backward(graph([*definitions, loss]), domains, Symbol("L"), PARAMETERS)
    return Network(made.program, made.gradients, made.domains, made.output)


# --- by hand ----------------------------------------------------------------------------------------


def as_formulas(theta: Sequence[Array], x: Array, y: Array) -> Callable[[NDArray[np.intp]], None]:
    """The loop as one writes it down; weights change in place."""
    w1, b1, w2, b2, w3, b3 = theta

    def epoch(order: NDArray[np.intp]) -> None:
        xs, ys = x[order], y[order]
        for k in range(0, len(xs), BATCH_SIZE):
            xb, yb = xs[k : k + BATCH_SIZE], ys[k : k + BATCH_SIZE]
            h1 = np.tanh(xb @ w1.T + b1)
            h2 = np.tanh(h1 @ w2.T + b2)
            p = 1 / (1 + np.exp(-(h2 @ w3.T + b3)))
            d3 = (p - yb) / len(xb)
            d2 = d3 @ w3 * (1 - h2 * h2)
            d1 = d2 @ w2 * (1 - h1 * h1)
            gradients = (d1.T @ xb, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0))
            for parameter, gradient in zip(theta, gradients, strict=True):
                parameter -= RATE * gradient

    return epoch


def allocated(theta: Sequence[Array], x: Array, y: Array) -> Callable[[NDArray[np.intp]], None]:
    """The loop with every array allocated beforehand and all weights in one vector."""
    flat = np.concatenate([a.ravel() for a in theta])
    change = np.empty_like(flat)
    w1, b1, w2, b2, w3, b3 = _parts(flat, theta)
    g1, c1, g2, c2, g3, c3 = _parts(change, theta)
    h1, d1, t1, h2, d2, t2 = (np.empty((BATCH_SIZE, 5)) for _ in range(6))
    p, d3, ones = np.empty((BATCH_SIZE, 1)), np.empty((BATCH_SIZE, 1)), np.ones(BATCH_SIZE)

    def epoch(order: NDArray[np.intp]) -> None:
        xs, ys = x[order], y[order]
        for k in range(0, len(xs), BATCH_SIZE):
            xb, yb = xs[k : k + BATCH_SIZE], ys[k : k + BATCH_SIZE]
            np.tanh(np.add(np.dot(xb, w1.T, h1), b1, h1), h1)
            np.tanh(np.add(np.dot(h1, w2.T, h2), b2, h2), h2)
            np.exp(np.negative(np.add(np.dot(h2, w3.T, p), b3, p), p), p)
            np.reciprocal(np.add(p, 1.0, p), p)
            np.divide(np.subtract(p, yb, d3), BATCH_SIZE, d3)
            np.subtract(1.0, np.multiply(h2, h2, t2), t2)
            np.multiply(np.dot(d3, w3, d2), t2, d2)
            np.subtract(1.0, np.multiply(h1, h1, t1), t1)
            np.multiply(np.dot(d2, w2, d1), t1, d1)
            np.dot(d1.T, xb, g1), np.dot(ones, d1, c1)
            np.dot(d2.T, h1, g2), np.dot(ones, d2, c2)
            np.dot(d3.T, h2, g3), np.dot(ones, d3, c3)
            np.multiply(change, RATE, change)
            np.subtract(flat, change, flat)
        for own, new in zip(theta, (w1, b1, w2, b2, w3, b3), strict=True):
            own[...] = new

    return epoch


def _parts(flat: Array, like: Sequence[Array]) -> list[Array]:
    ends = pairwise(np.cumsum([0, *(a.size for a in like)]))
    return [flat[low:high].reshape(a.shape) for a, (low, high) in zip(like, ends, strict=True)]


# --- timing -----------------------------------------------------------------------------------------


def main() -> None:
    """Train all three, compare the weights, print the ratios."""
    x, y = spirals(np.random.default_rng(0))
    starts = [start(np.random.default_rng(1)) for _ in range(3)]
    training = Training(derived(), dict(zip(PARAMETERS, starts[0], strict=True)), {X: x, Y: y}, BATCH_SIZE)
    ways = {
        "derived": lambda order: training.epoch(RATE, order),
        "by hand, as formulas": as_formulas(starts[1], x, y),
        "by hand, allocated before": allocated(starts[2], x, y),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    orders = np.random.default_rng(2)
    before = training.loss()
    for _ in range(EPOCHS):
        order = orders.permutation(POINTS)
        for name, epoch in ways.items():
            begun = time.perf_counter()
            epoch(order)
            times[name].append(time.perf_counter() - begun)
    for parameter, *others in zip(training.values.values(), *starts[1:], strict=True):
        assert all(np.allclose(parameter, other, rtol=1e-6, atol=1e-9) for other in others)
    print(f"{EPOCHS} epochs of {POINTS} points in batches of {BATCH_SIZE}, 2-5-5-1: the loss fell from "
          f"{before:.4f} to {training.loss():.4f}")
    mine = min(times["derived"])
    for name, own in times.items():
        print(f"  {name:28}{min(own) * 1e3:8.2f} ms an epoch, ratio {mine / min(own):.2f}")
    print("  (at most 1 is wanted)")


if __name__ == "__main__":
    main()
