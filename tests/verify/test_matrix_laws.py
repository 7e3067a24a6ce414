"""Random identities of matrices are never refuted, mutated ones never proved; gradients against a second opinion."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derive.steps import Context, Status
from derive.tree import GradientOf, Node, Product, Sum, Symbol, Transpose, walk
from derive.verify import verify_step
from tests.verify.matrixoracle import DOMAINS, Shape, agree, expression, mutated, same

CONTEXT = Context(DOMAINS)
SHAPES: list[Shape] = [("n", "n"), ("m", "n"), ("n", "1"), ("1", "1")]
X = Symbol("x")
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
seeds = st.integers(0, 10**9)


def _rewriting(seed: int) -> tuple[Node, Node, Random]:
    random = Random(seed)
    before = expression(random, random.choice(SHAPES), 3)
    return before, same(before, random, 6), random


def rewritten_is_not_refuted(seed: int) -> Status:
    before, after, _ = _rewriting(seed)
    found = verify_step(before, after, "=", CONTEXT)
    assert found.status in (Status.PROVED, Status.UNDECIDED), (found, before, after)
    return found.status


def mutated_is_not_proved(seed: int) -> Status:
    before, after, random = _rewriting(seed)
    after = mutated(after, random)
    found = verify_step(before, after, "=", CONTEXT)
    holds = agree(before, after)
    assert found.status is not (Status.REFUTED if holds else Status.PROVED), (found, before, after)
    assert holds or found.status is not Status.CHECKED
    return found.status


@QUICK
@given(seeds)
def test_rewritten_expressions_are_never_refuted(seed):
    rewritten_is_not_refuted(seed)


@QUICK
@given(seeds)
def test_mutated_expressions_are_never_proved(seed):
    mutated_is_not_proved(seed)


@QUICK
@given(seeds)
def test_the_gradient_of_a_quadratic_form(seed):
    random = Random(seed)
    middle, linear = expression(random, ("n", "n"), 2), expression(random, ("n", "1"), 2)
    if any(s == X for n in (middle, linear) for s in _symbols(n)):
        return
    body = Sum((Product((Transpose(X), middle, X)), Product((Transpose(linear), X))))
    slope = Sum((Product((Sum((middle, Transpose(middle))), X)), linear))
    assert verify_step(GradientOf(body, (X,)), slope, "=", CONTEXT).status is Status.PROVED
    wrong = mutated(slope, random)
    found = verify_step(GradientOf(body, (X,)), wrong, "=", CONTEXT)
    assert (found.status is Status.PROVED) == agree(slope, wrong), found


def _symbols(node: Node) -> list[Node]:
    return [p for p in walk(node) if isinstance(p, Symbol)]


@pytest.mark.slow
def test_many_statements_are_judged_and_most_are_decided():
    rewritten = [rewritten_is_not_refuted(seed) for seed in range(1500)]
    slips = [mutated_is_not_proved(seed) for seed in range(1500)]
    assert rewritten.count(Status.PROVED) >= 0.97 * len(rewritten)
    assert slips.count(Status.REFUTED) >= 0.75 * len(slips)  # the rest are slips that change nothing
