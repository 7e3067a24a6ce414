"""Random statements about sums and moments, held against exact finite models that know nothing of the verifier."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.steps import Context
from derive.tree import contains
from derive.verify import equal
from tests.verify.finite import RANDOM, about_moments, about_sums, model, mutated, rewritten, value

MODELS = 12
CONTEXT = Context()
DRAWN = {"sums": about_sums, "moments": about_moments}


def _differ(a, b):
    return any(value(a, model(k)) != value(b, model(k)) for k in range(MODELS))


def _is_about_random_letters(kind, *nodes):
    """Without a capital letter in it, an operator takes the small ones for random, which the oracle does not."""
    return kind == "sums" or all(any(contains(n, letter) for letter in RANDOM) for n in nodes)


def _laws_keep_the_value(kind, seed):
    random = Random(seed)
    before = DRAWN[kind](random)
    after = rewritten(before, random)
    assert not _differ(before, after)
    if not _is_about_random_letters(kind, before, after):
        return
    found = equal(before, after, CONTEXT)
    assert found.status == "proved" or "too" in found.detail, (before, after, found)


def _changes_are_seen(kind, seed):
    random = Random(seed)
    before = DRAWN[kind](random)
    after = mutated(rewritten(before, random, 1), random)
    if not _is_about_random_letters(kind, before, after):
        return
    found = equal(before, after, CONTEXT)
    if _differ(before, after):
        assert found.status == "refuted" or "too" in found.detail, (before, after, found)
    else:
        assert found.status == "proved" or "too" in found.detail, (before, after, found)


@pytest.mark.parametrize("kind", DRAWN)
@settings(max_examples=8, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_laws_keep_the_value(kind, seed):
    _laws_keep_the_value(kind, seed)


@pytest.mark.parametrize("kind", DRAWN)
@settings(max_examples=8, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_changes_are_seen(kind, seed):
    _changes_are_seen(kind, seed)


@pytest.mark.slow
@pytest.mark.parametrize("kind", DRAWN)
def test_many_laws(kind):
    for seed in range(600):
        _laws_keep_the_value(kind, seed)


@pytest.mark.slow
@pytest.mark.parametrize("kind", DRAWN)
def test_many_changes(kind):
    for seed in range(600):
        _changes_are_seen(kind, seed)
