"""Definitions: what a name stands for is put in before anything is judged."""

import pytest

import derive
from derive.steps import Context, Definition, Status
from derive.tree import Call, Derivative, Gradient, Number, Symbol
from derive.verify import equal
from tests.verify.statements import verdict

COST = r"C(\theta_1,\theta_2)=2\theta_1^2+3\theta_1\theta_2"


@pytest.mark.parametrize(
    ("before", "after", "definitions"),
    [
        ("f(3)", "9", ["f(x)=x^2"]),
        ("f'(x)", "2x", ["f(x)=x^2"]),
        ("f'(3)", "6", ["f(x)=x^2"]),
        ("f''(y+1)", "6y+6", ["f(x)=x^3"]),
        (r"\nabla C(1,9)", "(31,3)", [COST]),
        (r"\nabla C", r"(4\theta_1+3\theta_2,3\theta_1)", [COST]),
        (r"\frac{\partial C}{\partial\theta_1}", r"4\theta_1+3\theta_2", [COST]),
        (r"\frac{\partial C}{\partial\theta_1}", "0+31", [COST, r"\theta_1=1", r"\theta_2=9"]),
        (r"\frac{d}{dx}\frac{1}{1+e^{-x}}", "s(1-s)", [r"s=\sigma(x)"]),
        (r"\frac{dy}{dh}", "y(1-y)", ["h=wx+b", r"y=\sigma(h)"]),
        (r"\frac{dy}{dw}", "xy(1-y)", ["h=wx+b", r"y=\sigma(h)"]),
        ("f(g(x))", r"\sin(x)^2", ["f(x)=x^2", r"g(x)=\sin(x)"]),
        ("f(y)", "x+y", ["f(t)=x+t"]),
        (r"\sum_{i=1}^3 x_i", "6", ["x_1=1", "x_2=2", "x_3=3"]),
    ],
)
def test_definitions_are_put_in(before, after, definitions):
    found = verdict(before, "=", after, "", *definitions)
    assert found.status == "proved", found


def test_the_derivative_of_a_defined_quantity_is_not_zero():
    found = verdict(r"\frac{\partial C}{\partial\theta_1}", "=", "0", "", COST)
    assert found.status == "refuted"


def test_a_parameter_does_not_capture_a_symbol_of_the_argument():
    assert verdict("f(x+t)", "=", "x(x+t)", "", "f(t)=x t").status == "proved"
    assert verdict("f'(t)", "=", "x", "", "f(x)=x^2").status == "refuted"


def test_an_index_is_not_captured():
    # the sum's own i is another than the i that is put in
    found = verdict(r"f(i)", "=", r"i\sum_{j=1}^{2} j", "", r"f(a)=\sum_{i=1}^{2} a i")
    assert found.status == "proved"


def test_the_derivative_with_respect_to_a_member_of_a_family_is_undecided():
    found = verdict(r"\frac{\partial}{\partial x}\sum_{i=1}^n x_i", "=", "0")
    assert found.status == "undecided"


def test_a_name_defined_by_itself_is_undecided():
    context = Context({}, (Definition(Symbol("a"), (), Symbol("a")),))
    assert equal(Symbol("a"), Number("1"), context).status == "undecided"


def test_a_declared_function_is_no_constant():
    function = Symbol("C")
    found = equal(Derivative(function, Symbol("x")), Call("C", (Symbol("x"),)), Context())
    assert found.status == "undecided"


def test_a_plain_symbol_is_a_constant():
    assert equal(Derivative(Symbol("c"), Symbol("x")), Number("0"), Context()).status == "proved"


def test_the_gradient_of_an_unknown_function_is_undecided():
    assert equal(Gradient("C"), Number("0"), Context()).status == "undecided"


@pytest.mark.parametrize(
    ("before", "definitions"),
    [
        (r"\frac{\partial L}{\partial x_1}", [r"L=\sum_{i=1}^n x_i"]),
        (r"\frac{\partial}{\partial x_1}\sum_{i=1}^n x_i^2", []),
        (r"\nabla L", [r"L(x_1,x_2)=\sum_{i=1}^n x_i"]),
    ],
)
def test_a_member_of_a_summed_family_is_no_constant(before, definitions):
    after = "(0,0)" if "nabla" in before else "0"
    assert verdict(before, "=", after, "", *definitions).status in ("refuted", "undecided")


def test_a_family_summed_between_numbers_is_differentiated():
    found = verdict(r"\frac{\partial L}{\partial x_1}", "=", "2x_1", "", r"L=\sum_{i=1}^3 x_i^2")
    assert found.status == "proved"


@pytest.mark.parametrize("claim", [r"\frac{1}{2x}", "0", "2x"])
def test_a_letter_by_what_is_defined_by_it_is_not_decided(claim):
    """Whether x is held fixed or follows y is not said."""
    assert derive.equal(r"\frac{dx}{dy}", claim, define="y = x^2").status is Status.UNDECIDED
