"""Other forms of gradients: proved where they hold, refuted where they do not, refused where they are no equations."""

import pytest

from derive.api import solve_problem
from derive.errors import DeriveError
from derive.read.problems import read_text
from derive.steps import Status
from derive.write.text import text

SOFTMAX = r"""
title = "Softmax"
kind = "backpropagation"
[symbols]
z = "vector k"
[given]
nodes = ['s = \operatorname{softmax}(z)']
forms = [%s]
"""


def problem(*forms):
    return read_text(SOFTMAX % ", ".join(f"'{f}'" for f in forms)).problems[0]


def shown(derivation):
    return [s for s in derivation.all_steps() if s.rule == "another form"]


def test_each_equality_of_a_form_is_a_step_that_is_proved():
    form = r"\nabla_z L = s \odot u - (s^\top u) s = (\operatorname{diag}(s) - s s^\top) u"
    derivation = solve_problem(problem(form))
    assert [text(s.after) for s in shown(derivation)] == ["s ⊙ u - (sᵀ u) s", "(diag(s) - s sᵀ) u"]
    assert {s.verdict.status for s in shown(derivation)} == {Status.PROVED}
    assert text(next(r.value for r in derivation.results if "another form" in r.name)) == "(diag(s) - s sᵀ) u"


@pytest.mark.parametrize("wrong", [
    r"\nabla_z L = s \odot u", r"\nabla_z L = (\operatorname{diag}(s) + s s^\top) u", r"\nabla_z L = u - (s^\top u) s",
])
def test_a_wrong_form_is_refuted(wrong):
    derivation = solve_problem(problem(wrong))
    (step,) = shown(derivation)
    assert step.verdict.status is Status.REFUTED and step.verdict.witness is not None


@pytest.mark.parametrize(("form", "message"), [
    ("s", "s is no equation"),
    (r"\nabla_z L < u", "is no equation"),
    (r"\nabla_z L = \bar{q}", "names q̄, which stands for nothing here"),
])
def test_what_is_no_form_is_refused(form, message):
    with pytest.raises(DeriveError, match=message):
        solve_problem(problem(form))
