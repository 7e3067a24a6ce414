"""Forms that a derivation runs towards, equations solved, limits taken: rows, and what is given up on honestly."""

import random

import pytest

from derive.engine import spliced
from derive.errors import DeriveError
from derive.goals import derivative, end_of, in_terms_of, reach, reversed_steps, simple, simplify
from derive.limiting import at_infinity
from derive.read.latex import read
from derive.solving import UnsolvedError, solve_for_zero
from derive.steps import Chain, Context, Derivation, Status
from derive.tree import Call, Derivative, Symbol
from derive.verify import equal, verify
from tests.trees import random_tree

X = Symbol("x")

SIMPLE = [
    ("2 x + 3 x", "5 x"),
    (r"\frac{x^2}{x}", "x"),
    (r"4 \cdot 1 + 3 \cdot 9", "31"),
    (r"(1, 9) - 1 \cdot (31, 3)", "(-30, 6)"),
    (r"(2, 9) - 0.1 (35, 6)", "(-1.5, 8.4)"),
    (r"\frac{2x}{4} + \frac{x}{2}", "x"),
    (r"e^{\log(3)}", "3"),
    (r"\sin(x)^2 + \cos(x)^2 + 1", "2"),
    (r"x(x+1) - x^2", "x"),
    (r"x", "x"),
    (r"x + y", "x + y"),
]


@pytest.mark.parametrize(("written", "expected"), SIMPLE)
def test_simple_forms(written, expected):
    assert simple(read(written)) == read(expected)


def proved(start, steps):
    done = verify(Derivation("", "", (), (), (Chain(tuple(steps)),), (), Context()))
    assert done.status() is Status.PROVED
    return end_of(start, steps)


REACHED = [
    (r"\frac{e^{-x}}{(1+e^{-x})^2}", r"\sigma(x)(1-\sigma(x))"),
    (r"\frac{e^{-x}}{(1+e^{-x})^2}", r"\sigma(x)-\sigma(x)^2"),
    (r"\sigma(-x)", r"1-\sigma(x)"),
    (r"\frac{1}{x} + \frac{1}{y}", r"\frac{x+y}{x y}"),
    (r"(x+y)^2", r"x^2 + 2 x y + y^2"),
    (r"\log(x^2 y)", r"2\log(x) + \log(y)"),
    (r"\tanh(x)", r"2\sigma(2x) - 1"),
    (r"\frac{4}{(e^x+e^{-x})^2}", r"1 - \tanh(x)^2"),
    (r"\cosh(x)^2 - \sinh(x)^2", "1"),
    (r"y + x", "x + y"),
]


@pytest.mark.parametrize(("start", "target"), REACHED)
def test_a_form_is_reached_and_ends_as_written(start, target):
    node, wanted = read(start), read(target)
    for leg in reach(node, wanted):
        context = Context(dict.fromkeys(map(Symbol, "xy"), "positive"), leg.where)
        done = verify(Derivation("", "", (), (), (Chain(tuple(leg.steps)),), (), context))
        assert done.status() is Status.PROVED
        assert all(step.before == node for step in leg.steps[:1])
        node = end_of(node, leg.steps)
    assert node == wanted


@pytest.mark.parametrize(("start", "target"), [("x", "y"), (r"\sigma(x)", r"\sigma(-x)"), ("x^2", "2 x")])
def test_a_false_target_is_not_reached(start, target):
    assert reach(read(start), read(target)) is None


def test_what_a_function_cannot_express_is_given_up():
    call = read(r"\sigma(x)")
    assert isinstance(call, Call)
    assert in_terms_of(read(r"x e^{-x}"), call) is not None  # the letter x beside it is allowed
    assert in_terms_of(read(r"\sin(x)"), call) is None


def test_steps_read_backwards_start_at_the_end():
    steps = simplify(read(r"2 x + 3 x - x + 0"))
    back = reversed_steps(steps)
    assert back[0].before == steps[-1].after
    assert back[-1].after == steps[0].before


SOLVED = [
    ("2x - 4", ["2"]),
    ("x^2 - 4", ["-2", "2"]),
    ("x^2 + 1", []),
    ("x^3 - 3x", ["-\\sqrt{3}", "0", "\\sqrt{3}"]),
    (r"e^{-x}(1-x)", ["1"]),
    (r"e^{2x} - 3e^{x} + 2", ["0", r"\log(2)"]),
    (r"\log(x) + 1", [r"e^{-1}"]),
    (r"\frac{1-x^2}{(x^2+1)^2}", ["-1", "1"]),
    (r"\sigma(x)(1-\sigma(x))(1-2\sigma(x))", ["0"]),
]


@pytest.mark.parametrize(("equation", "solutions"), SOLVED)
def test_equations_are_solved_in_verified_steps(equation, solutions):
    solved = solve_for_zero(read(equation), X)
    assert len(solved.solutions) == len(solutions)
    for found, expected in zip(solved.solutions, solutions, strict=True):
        assert equal(found, read(expected), Context()).status is Status.PROVED
    for steps in (solved.opening, *solved.branches):
        done = verify(Derivation("", "", (), (), (Chain(tuple(steps)),), (), Context()))
        assert done.status() is Status.PROVED


@pytest.mark.parametrize(("equation", "product", "rule"), [
    ("12 x", "x", "divide by a factor"),
    ("-2 x e^{-x^2}", "x e^{-x^2}", "divide by a factor"),
    ("0.2 x", "x", "divide by a factor"),
    (r"\frac{x}{2}", "x", "clear denominators"),
    ("12 x^2", "x", "zero of a power"),
    ("(x - 1)^2", "1 - x", "zero of a power"),
    (r"\frac{x - 1}{x^2 + 1}", "1 - x", "numerator is zero"),
    ("x^2 - 1", "(1 - x) (x + 1)", "factor"),
    (r"\frac{x^2 - 1}{x}", "(1 - x) (x + 1)", "factor"),
])
def test_a_reason_says_how_an_equation_became_a_product(equation, product, rule):
    first = solve_for_zero(read(equation), X).opening[0]
    assert (first.after.sides[0], first.rule) == (read(product), rule)


@pytest.mark.parametrize("equation", [r"x + e^x", r"\sin(x) - x", "x^5 - x - 1"])
def test_what_the_laws_do_not_solve_is_said(equation):
    with pytest.raises(UnsolvedError):
        solve_for_zero(read(equation), X)


LIMITS = [
    (r"\sigma(x)", 1, "1"),
    (r"\sigma(x)", -1, "0"),
    (r"\tanh(x)", 1, "1"),
    (r"\frac{2x^2+1}{x^2-x}", 1, "2"),
    (r"\frac{1}{1+x^2}", -1, "0"),
]


@pytest.mark.parametrize(("function", "sign", "value"), LIMITS)
def test_limits_at_infinity(function, sign, value):
    steps = at_infinity(read(function), X, sign)
    assert steps[-1].after == read(value)


@pytest.mark.parametrize("function", [r"x", r"\sin(x)", r"x e^{-x}"])
def test_limits_outside_the_laws_are_not_claimed(function):
    assert at_infinity(read(function), X, 1) is None


def test_derivatives_of_random_functions_are_never_refuted():
    source = random.Random(11)
    for _ in range(60):
        tree = random_tree(source, 3, full=False)
        try:
            steps = derivative(Derivative(tree, X))
        except DeriveError:
            continue
        verdict = equal(Derivative(tree, X), end_of(Derivative(tree, X), steps), Context())
        assert verdict.status is not Status.REFUTED, tree


def test_brackets_that_a_step_leaves_inside_a_product_vanish():
    assert spliced(read("x (y z) + (x + y)")) == read("x y z + x + y")
