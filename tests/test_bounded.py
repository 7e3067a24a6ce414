"""What may hang or eat memory is stopped, and the parent goes on."""

import resource

import pytest

from derive.bounded import at_most, run_bounded
from derive.integrating import antiderivative
from derive.read.latex import read
from derive.steps import Context, Status
from derive.tree import Derivative, Symbol
from derive.verify import equal

X = Symbol("x")


def _forever():
    while True:
        pass


def test_an_answer_comes_back():
    assert run_bounded(lambda a, b: a + b, 2, 3, seconds=5) == 5


def test_a_hang_is_stopped():
    assert run_bounded(_forever, seconds=0.3) is None


def test_an_error_a_bomb_and_what_cannot_be_sent_are_no_answer():
    assert run_bounded(lambda: 1 / 0, seconds=5) is None
    assert run_bounded(lambda: bytearray(8 * 2**30), seconds=5) is None
    assert run_bounded(lambda: (lambda: None), seconds=5) is None


ENDLESS = resource.RLIM_INFINITY


@pytest.mark.parametrize(("present", "then"), [
    ((ENDLESS, ENDLESS), (100, 100)), ((50, ENDLESS), (50, 100)), ((150, 200), (100, 100)), ((50, 60), (50, 60)),
])
def test_a_limit_is_only_lowered(present, then):
    assert at_most(100, present) == then


def test_a_child_answers_below_limits_that_were_there():
    def below():
        resource.setrlimit(resource.RLIMIT_AS, (3 * 2**29, 3 * 2**29))
        return run_bounded(lambda: 6 * 7, seconds=5)

    assert run_bounded(below, seconds=5) == 42


def test_an_antiderivative_is_a_proposal_that_differentiates_to_the_function():
    function = read(r"\frac{e^{-x}}{(1+e^{-x})^2}")
    found = antiderivative(function, X)
    assert equal(Derivative(found, X), function, Context()).status is Status.PROVED


def test_no_antiderivative_is_no_answer():
    assert antiderivative(read(r"e^{e^{x^2}} \sin(x)"), X) is None
