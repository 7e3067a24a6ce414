"""Squared error against cross-entropy of a sigmoid output."""

from math import exp

import pytest

from derive.api import solve_problem
from derive.errors import DeriveError
from derive.kinds.loss_comparison import LOSSES, Y, Z
from derive.numeric.value import value_of
from derive.read.problems import make
from derive.steps import Figure, Status
from derive.write.text import text


@pytest.fixture(scope="module", params=[0, 1])
def solved(request):
    return request.param, solve_problem(make("loss-comparison", {"label": request.param, "at": [-5]}))


def shown(derivation, name):
    return text(next(r.value for r in derivation.results if r.name == name))


def test_every_step_is_proved(solved):
    assert solved[1].status() is Status.PROVED


def test_saturation(solved):
    label, derivation = solved
    limits = [shown(derivation, f"limit of the gradient of the {loss.title} at {end}infinity")
              for loss in LOSSES for end in "-+"]
    assert limits == (["0", "0", "-1", "0"] if label else ["0", "0", "0", "1"])


def test_ratio_at_a_point(solved):
    value = next(r.value for r in solved[1].results if r.name == "ratio at a point")
    assert value_of(value) == pytest.approx(exp(5) / (1 + exp(5)) ** 2)


def test_both_signs_of_the_second_derivative_are_shown(solved):
    signs = {step.relation for step in solved[1].steps() if step.rule == "sign of a number"}
    assert signs == {"<", ">"}


def test_one_figure(solved):
    assert [p.drawing for p in solved[1].parts if isinstance(p, Figure)] == ["function_plot"]


@pytest.mark.parametrize("loss", LOSSES, ids=lambda x: x.title)
@pytest.mark.parametrize(("z", "y"), [(-3.0, 1.0), (0.4, 0.0), (2.0, 1.0)])
def test_gradients_against_differences(loss, z, y):
    step = 1e-5
    above, below = (value_of(loss.function.body, {Z: z + d, Y: y}) for d in (step, -step))
    assert value_of(loss.gradient, {Z: z, Y: y}) == pytest.approx((above - below) / (2 * step), rel=1e-6)


@pytest.mark.parametrize("label", [2, -1, "0.5"])
def test_other_labels_are_refused(label):
    with pytest.raises(DeriveError, match="must be 0 or 1"):
        solve_problem(make("loss-comparison", {"label": label}))
