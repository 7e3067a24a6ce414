"""The training loop, on least squares, whose gradient everybody knows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.api import read_formula
from derive.errors import DeriveError
from derive.numeric import training
from derive.numeric.programs import Network, Training
from derive.numeric.training import INITIALS, Settings, soft_threshold, train
from derive.steps import Definition
from derive.tree import Symbol

X, Y, W, R, L = map(Symbol, "XywrL")
DECLARED = ["X: matrix n x 2", "y: vector n", "w: vector 2", "r: vector n"]


def formula(text):
    return read_formula(text, declare=DECLARED)


NETWORK = Network(
    [Definition(R, (), formula("X w - y")), Definition(L, (), formula(r"\frac{1}{2 n} \|r\|_2^2"))],
    {W: formula(r"\frac{1}{n} X^\top r")},
    {X: "matrix n x 2", Y: "vector n", W: "vector 2", R: "vector n"}, L,
)
INPUTS = np.random.default_rng(1).normal(size=(40, 2))
TARGETS = INPUTS @ [2.0, -1.0] + 0.1 * np.random.default_rng(2).normal(size=40)


def trained(tell=None, seed=0, start=(0.5, 0.5), **given):
    options = {"learning_rate": 0.1, "epochs": 30, "batch": 10} | given
    steps = Training(NETWORK, {W: np.array(start)}, {X: INPUTS[:30], Y: TARGETS[:30]}, options["batch"] or 30)
    test = {X: INPUTS[30:], Y: TARGETS[30:]}
    return train(steps, 2, test, Settings(**options), np.random.default_rng(seed), tell)


def loss(w):
    return 0.5 * np.mean((INPUTS[:30] @ w - TARGETS[:30]) ** 2)


def test_losses_before_and_after_every_epoch():
    course = trained()
    assert course.epochs == 30 and course.ended == "epochs" and course.chosen == 30
    assert len(course.train_loss) == len(course.test_loss) == 31
    assert course.train_loss[0] == pytest.approx(loss(np.array([0.5, 0.5])))
    assert course.train_loss[-1] == pytest.approx(loss(course.parameters[W]))
    assert course.parameters[W] == pytest.approx([2, -1], abs=0.1)


def by_hand(step, epochs, w=(0.5, 0.5)):
    w = np.array(w)
    for _ in range(epochs):
        w = step(w, INPUTS[:30].T @ (INPUTS[:30] @ w - TARGETS[:30]) / 30)
    return w


STEPS = {
    "plain": ({}, lambda w, g: w - 0.1 * g),
    "L2": ({"l2": 0.3}, lambda w, g: (1 - 0.1 * 0.3) * w - 0.1 * g),
    "L1": ({"l1": 0.7}, lambda w, g: np.sign(w - 0.1 * g) * np.maximum(np.abs(w - 0.1 * g) - 0.07, 0)),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_over_all_samples_is_the_formula(name):
    options, step = STEPS[name]
    assert trained(batch=0, epochs=7, **options).parameters[W] == pytest.approx(by_hand(step, 7))


@given(st.floats(-5, 5), st.floats(0, 3))
def test_soft_thresholding_minimises_the_penalised_square(v, amount):
    values = np.array([v])
    soft_threshold(values, amount)
    others = np.linspace(-6, 6, 2001)
    cost = lambda w: 0.5 * (w - v) ** 2 + amount * np.abs(w)  # noqa: E731
    assert cost(values[0]) <= cost(others).min() + 1e-12


def test_a_weight_that_is_zero_stays_zero_only_where_that_is_asked():
    start = (0.0, 0.0)
    assert np.all(trained(start=start, l1=1e-3, keep_zero=True).parameters[W] == 0)
    assert np.all(trained(start=start, l1=1e-3).parameters[W] != 0)


def test_equal_seeds_give_equal_courses():
    assert np.array_equal(trained(seed=3).train_loss, trained(seed=3).train_loss)
    assert not np.array_equal(trained(seed=3).train_loss, trained(seed=4).train_loss)


def test_it_stops_at_a_small_loss():
    course = trained(stop_loss=0.1, epochs=500)
    assert course.ended == "loss" and course.train_loss[-1] <= 0.1 < course.train_loss[-2]
    assert course.reached(0.1) == course.epochs and course.reached(-1) is None


def test_patience_goes_back_to_the_best_epoch():
    course = trained(patience=3, epochs=500, learning_rate=0.3)
    assert course.ended == "patience"
    assert course.chosen == np.argmin(course.test_loss) == course.epochs - 3
    assert course.train_loss[course.chosen] == pytest.approx(loss(course.parameters[W]))


@pytest.mark.parametrize("batch", [0, 10])
def test_a_diverging_run_names_the_step_and_the_value(batch):
    course = trained(learning_rate=1e6, epochs=500, batch=batch)
    lost = course.diverged
    assert course.ended == "diverged" and not math.isfinite(lost.value) and math.isfinite(lost.last)
    steps = 3 if batch else 1
    assert (lost.epoch - 1) * steps < lost.step <= lost.epoch * steps
    assert np.isfinite(course.parameters[W]).all() and np.isfinite(course.train_loss).all()


def test_an_interruption_keeps_whole_epochs():
    def tell(done, total):
        if done == 5:
            raise KeyboardInterrupt

    training.TELL_SECONDS, before = -1.0, training.TELL_SECONDS
    try:
        course = trained(tell)
    finally:
        training.TELL_SECONDS = before
    assert course.ended == "interrupted" and course.epochs == 5
    assert course.train_loss[-1] == pytest.approx(loss(course.parameters[W]))
    assert np.array_equal(course.train_loss, trained(epochs=5).train_loss)


def test_an_interruption_inside_an_epoch_goes_back_to_its_beginning(monkeypatch):
    calls = []
    measured = training._Run.measure

    def interrupted(run):
        calls.append(run)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return measured(run)

    monkeypatch.setattr(training._Run, "measure", interrupted)
    course = trained()
    assert course.ended == "interrupted" and course.epochs == 2
    assert course.train_loss[-1] == pytest.approx(loss(course.parameters[W]))


def test_the_time_is_bounded():
    assert trained(seconds=0.0, epochs=1000).ended == "time"


def test_it_tells_how_far_it_is():
    told = []
    trained(lambda done, total: told.append((done, total)))
    assert told[-1] == (30, 30)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"learning_rate": 0}, "learning rate"), ({"learning_rate": math.inf}, "learning rate"), ({"l1": -1}, "penalty"),
     ({"batch": 31}, "batch of 31")],
)
def test_settings_that_make_no_sense(options, message):
    with pytest.raises(DeriveError, match=message):
        trained(**options)


@pytest.mark.parametrize("name", INITIALS)
def test_starting_values(name):
    found = INITIALS[name].draw(np.random.default_rng(1), (300, 200))
    assert found.shape == (300, 200) and abs(found.mean()) < 0.01
    deviation = {"playground": 1 / math.sqrt(12), "glorot": math.sqrt(2 / 500), "he": math.sqrt(2 / 200)}[name]
    assert found.std() == pytest.approx(deviation, rel=0.02)
