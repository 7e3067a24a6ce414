"""What may hang or eat memory is stopped, and the parent goes on."""


from derive.bounded import run_bounded
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


def test_an_antiderivative_is_a_proposal_that_differentiates_to_the_function():
    function = read(r"\frac{e^{-x}}{(1+e^{-x})^2}")
    found = antiderivative(function, X)
    assert equal(Derivative(found, X), function, Context()).status is Status.PROVED


def test_no_antiderivative_is_no_answer():
    assert antiderivative(read(r"e^{e^{x^2}} \sin(x)"), X) is None
