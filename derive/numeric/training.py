r"""Training a network by stochastic gradient descent with gradients that somebody derived.

:func:`train` is the loop: it is given the steps (:class:`derive.numeric.programs.Training`, which runs derived
formulas), test data and :class:`Settings`, and gives a :class:`Course`. The kind ``train`` calls it.

A step is ``v = w - alpha g``; an L2 penalty ``lambda/2 |w|^2`` adds ``lambda w`` to ``g``; an L1 penalty
``lambda |w|_1`` is followed by soft-thresholding, ``w = sign(v) max(|v| - alpha lambda, 0)`` (the proximal step:
Parikh and Boyd, Proximal Algorithms, 2014, section 6.5.2). Shuffled every epoch (Goodfellow et al. 2016, 8.1.3); early
stopping as their algorithm 7.1.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.errors import DeriveError
from derive.numeric.programs import Training
from derive.tree import Symbol

Array = NDArray[np.float64]
Tell = Callable[[int, int], None]
Data = Mapping[Symbol, Array]
Norms = tuple[Mapping[Symbol, float], Mapping[Symbol, float]]
TELL_SECONDS = 0.1  # between two reports of how far it is


@dataclass(frozen=True)
class Settings:
    """How to train. ``batch`` 0 is all samples at once.

    ``stop_loss`` ends the training once the training loss is so small; ``patience`` after so many epochs without a
    smaller test loss, going back to the best. ``keep_zero``: a weight that L1 has made 0 stays 0. ``seconds`` bounds
    the time.
    """

    learning_rate: float
    epochs: int
    batch: int = 0
    l1: float = 0.0
    l2: float = 0.0
    keep_zero: bool = False
    stop_loss: float | None = None
    patience: int | None = None
    seconds: float = math.inf


@dataclass(frozen=True, slots=True)
class Divergence:
    """The step (from 1) and its epoch after which the loss was not finite any more, and the last finite loss."""

    step: int
    epoch: int
    value: float
    last: float


@dataclass(frozen=True, eq=False)
class Course:
    """A training. ``train_loss`` and ``test_loss`` have shape (epochs + 1,), the first before any step.

    ``ended`` is "epochs", "loss", "patience", "time", "interrupted" or "diverged"; ``chosen`` the epoch whose
    parameters are given. ``norms`` are those of the gradients over all training data at the start and at the end.
    """

    parameters: Mapping[Symbol, Array]
    train_loss: Array
    test_loss: Array
    ended: str
    chosen: int
    norms: Norms
    diverged: Divergence | None = None

    @property
    def epochs(self) -> int:
        """How many epochs were completed."""
        return len(self.train_loss) - 1

    def reached(self, loss: float) -> int | None:
        """The first epoch whose training loss is at most so large."""
        found = np.flatnonzero(self.train_loss <= loss)
        return int(found[0]) if len(found) else None


# --- starting values --------------------------------------------------------------------------------


def _uniform(generator: np.random.Generator, shape: tuple[int, int]) -> Array:
    return generator.uniform(-0.5, 0.5, shape)


def _glorot(generator: np.random.Generator, shape: tuple[int, int]) -> Array:
    bound = math.sqrt(6 / sum(shape))
    return generator.uniform(-bound, bound, shape)


def _he(generator: np.random.Generator, shape: tuple[int, int]) -> Array:
    return math.sqrt(2 / shape[1]) * generator.standard_normal(shape)


@dataclass(frozen=True)
class Initial:
    """How weights of shape (units, inputs) are drawn, what the biases start from, and that in words."""

    draw: Callable[[np.random.Generator, tuple[int, int]], Array]
    bias: float
    about: str


INITIALS: Mapping[str, Initial] = {
    "playground": Initial(_uniform, 0.1, "weights uniform between −0.5 and 0.5, biases 0.1, as in the playground"),
    "glorot": Initial(_glorot, 0.0, "weights uniform within √(6/(inputs + units)) of 0 (Glorot and Bengio 2010)"),
    "he": Initial(_he, 0.0, "normal weights with variance 2/inputs (He et al. 2015)"),
}
"""The ways to begin, by name."""


# --- the loop ---------------------------------------------------------------------------------------


class _LostError(Exception):
    """Ends an epoch at the step after which the loss is not finite."""


@dataclass(slots=True)
class _Run:
    """A training while it goes on. ``weights`` is the part of all parameters that is penalised."""

    steps: Training
    weights: Array
    test: Data
    settings: Settings
    generator: np.random.Generator
    train_loss: list[float] = field(default_factory=list)
    test_loss: list[float] = field(default_factory=list)
    began: float = field(default_factory=time.process_time)

    def measure(self) -> bool:
        """Remember both losses; whether the training loss is finite."""
        train, test = self.steps.loss(), self.steps.loss(self.test)
        if not math.isfinite(train):
            return False
        self.train_loss.append(train)
        self.test_loss.append(test)
        return True

    def epoch(self, order: NDArray[np.intp]) -> None:
        """Go through all training data once."""
        update = self.update if self.settings.l1 or self.settings.l2 else None
        self.steps.epoch(self.settings.learning_rate, order, update)

    def update(self) -> None:
        """A step with a penalty."""
        weights, change, rate = self.weights, self.steps.gradient, self.settings.learning_rate
        if self.settings.l2:
            change[: weights.size] += self.settings.l2 * weights
        change *= rate
        alive: Any = (weights != 0) if self.settings.keep_zero else None
        self.steps.theta -= change
        if self.settings.l1:
            soft_threshold(weights, rate * self.settings.l1)
            if alive is not None:
                weights *= alive

    def norms(self) -> Mapping[Symbol, float]:
        """The norm of the gradient by each parameter over all training data."""
        _, found = self.steps.network.loss_and_gradients({**self.steps.values, **self.steps.data})
        return {symbol: float(np.linalg.norm(g)) for symbol, g in found.items()}

    def divergence(self, before: Array, order: NDArray[np.intp]) -> Divergence:
        """Make the steps of the last epoch once more, to see after which the loss is lost."""
        self.steps.theta[:] = before
        batch = self.settings.batch or len(order)
        epoch, value, last = len(self.train_loss), math.nan, self.train_loss[-1]
        step = (epoch - 1) * math.ceil(len(order) / batch)

        def watched() -> None:
            nonlocal step, value, last
            self.update()
            step += 1
            value = self.steps.loss()
            if not math.isfinite(value):
                raise _LostError
            last = value

        with suppress(_LostError):
            self.steps.epoch(self.settings.learning_rate, order, watched)
        return Divergence(step, epoch, value, last)

    def ended(self) -> str:
        """Why to stop after this epoch; nothing to go on."""
        settings, epoch = self.settings, len(self.train_loss) - 1
        if settings.stop_loss is not None and self.train_loss[-1] <= settings.stop_loss:
            return "loss"
        if settings.patience is not None and epoch - int(np.argmin(self.test_loss)) >= settings.patience:
            return "patience"
        if epoch >= settings.epochs:
            return "epochs"
        return "time" if time.process_time() - self.began > settings.seconds else ""


def soft_threshold(values: Array, amount: float) -> None:
    """``sign(v) max(|v| - amount, 0)``, in place."""
    size = np.abs(values)
    size -= amount
    np.maximum(size, 0.0, out=size)
    np.copysign(size, values, out=values)


def train(
    steps: Training, penalised: int, test: Data, settings: Settings, generator: np.random.Generator,
    tell: Tell | None = None,
) -> Course:
    """Train from the parameters that the steps begin with, of which the first ``penalised`` numbers are weights.

    Equal arguments and a generator in the same state give the same course, unless ``settings.seconds`` ends it. Ctrl-C
    ends it after the last whole epoch. ``tell`` is told now and then how many epochs are done. DeriveError for
    settings that make no sense.
    """
    check(settings, steps.samples)
    run = _Run(steps, steps.theta[:penalised], test, settings, generator)
    with np.errstate(all="ignore"):
        return _course(run, tell or (lambda done, total: None))


def check(settings: Settings, samples: int) -> None:
    """DeriveError for settings that make no sense with so many samples to train with."""
    if not (settings.learning_rate > 0 and math.isfinite(settings.learning_rate)):
        raise DeriveError(f"a learning rate of {settings.learning_rate:g} does not train", "0.03 is usual")
    if settings.l1 < 0 or settings.l2 < 0:
        raise DeriveError("a penalty is not negative", "l1 = 0.01")
    if settings.batch > samples:
        raise DeriveError(f"a batch of {settings.batch} is more than the {samples} samples to train with",
                          "batch = 10 is usual; batch = 0 takes all samples at once")


def _course(run: _Run, tell: Tell) -> Course:
    theta, settings = run.steps.theta, run.settings
    if not run.measure():
        return _result(run, "diverged", ({}, {}), Divergence(0, 0, run.steps.loss(), math.nan))
    first, best, ended, lost = run.norms(), theta.copy(), "", None
    lowest, told = run.test_loss[0], time.monotonic()
    before, whole = theta.copy(), 1
    try:
        while not ended:
            order = run.generator.permutation(run.steps.samples)
            before[:] = theta
            whole = len(run.test_loss)
            run.epoch(order)
            if not run.measure():
                ended, lost = "diverged", run.divergence(before, order)
                theta[:] = before
                break
            if settings.patience is not None and run.test_loss[-1] < lowest:
                lowest, best[:] = run.test_loss[-1], theta
            ended = run.ended()
            if (now := time.monotonic()) - told > TELL_SECONDS or ended:
                told = now
                tell(len(run.train_loss) - 1, settings.epochs)
    except KeyboardInterrupt:
        ended = "interrupted"
        if len(run.test_loss) == whole:  # inside an epoch: back to its beginning
            theta[:] = before
            del run.train_loss[whole:]
    if settings.patience is not None and lost is None:
        theta[:] = best
    return _result(run, ended, (first, run.norms()), lost)


def _result(run: _Run, ended: str, norms: Norms, lost: Divergence | None) -> Course:
    train_loss, test_loss = np.array(run.train_loss), np.array(run.test_loss)
    chosen = len(train_loss) - 1
    if run.settings.patience is not None and len(test_loss):
        chosen = int(np.argmin(test_loss))
    parameters = {symbol: values.copy() for symbol, values in run.steps.values.items()}
    return Course(parameters, train_loss, test_loss, ended, chosen, norms, lost)
