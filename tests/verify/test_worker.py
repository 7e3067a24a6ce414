"""SymPy's opinion comes from a process that survives what it is asked."""

import time

import pytest

from derive.read.latex import read
from derive.tree import Call, Negative, Symbol
from derive.verify import worker
from tests.verify.statements import verdict


@pytest.fixture(scope="module", autouse=True)
def _stopped():
    yield
    worker.WORKER.stop()


@pytest.fixture(autouse=True)
def _ready():
    end = time.monotonic() + 20
    while not worker.WORKER.is_ready(end):
        assert time.monotonic() < end


def opinion(a, b, seconds=5.0, **domains):
    return worker.opinion(read(a), read(b), {Symbol(name): d for name, d in domains.items()}, seconds)


def test_sympy_agrees_with_what_it_can_simplify():
    assert opinion(r"\sin^2(x)+\cos^2(x)", "1")
    assert opinion(r"\sum_{i=1}^n i", r"\frac{n(n+1)}{2}", n="positive integer")
    assert not opinion(r"\sin^2(x)+\cos^2(x)", "2")


def test_a_hanging_question_is_no_opinion_and_the_next_is_answered():
    assert not opinion(r"\sin((x+y+z)^{300})", r"\cos((x+y+z)^{299}(x+y+z))", seconds=0.5)
    assert opinion("x+x", "2x")


def test_what_sympy_is_not_asked_about_is_no_opinion():
    unknown = Call("f", (Symbol("x"),))
    assert not worker.opinion(unknown, Negative(unknown), {}, 5.0)
    assert not opinion("x", "x+0", seconds=0)


def test_the_opinion_stands_beside_the_points_and_is_no_proof():
    found = verdict(r"x^{1/67}x^{66/67}", "=", "x", "x: positive")
    assert found.status == "checked"
    assert "points" in found.detail
    assert "SymPy" in found.method


def test_nobody_waits_for_the_worker_to_start():
    worker.WORKER.stop()
    assert not opinion("x+x", "2x", seconds=0.3)
