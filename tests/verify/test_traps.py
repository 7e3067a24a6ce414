"""False statements that sampling, floating point or careless laws take for true, and true ones they refuse."""

import pytest

from tests.verify.statements import verdict

FALSE = [
    (r"\sin(\pi x)", "0", ""),
    (r"|x|", "x", ""),
    (r"\sqrt{x^2}", "x", ""),
    (r"\sqrt{1-\sin^2(x)}", r"\cos(x)", ""),
    (r"\arcsin(\sin(x))", "x", ""),
    (r"(x+10^{-6})^2", r"x^2+2\cdot 10^{-6}x", ""),
    (r"x", r"x+10^{-40}", ""),
    (r"e^{-30x^2}", "0", ""),
    (r"\max(0,x-5)+\max(0,5-x)", "5-x", ""),
    (r"\max(0,x-500)", "0", ""),
    (r"|x-7|+|x+7|", r"14", ""),
    (r"\frac{1}{1+e^{-54}}", "1", ""),
    (r"\tanh(60)", r"\tanh(90)", ""),
    (r"\log_{10}(x)", r"\log(x)", "x: positive"),
    (r"\log(x+y)", r"\log(x)+\log(y)", "x: positive; y: positive"),
    (r"\max(0,wx)", r"w\max(0,x)", ""),
    (r"\sqrt{x+y}", r"\sqrt{x}+\sqrt{y}", ""),
    (r"(x+y)^{1000}", r"(x+y)^{1001}", ""),
    (r"\begin{cases}1&x>0\\0&x\le 0\end{cases}", r"\begin{cases}1&x\ge 0\\0&x<0\end{cases}", ""),
    (r"\frac{d}{dx}\sigma(x)", r"\sigma(x)(1+\sigma(x))", ""),
    (r"\frac{d}{dx}(x\sin(x))", r"\cos(x)", ""),
    (r"\int_0^1 x^2\,dx", r"\frac{1}{2}", ""),
    (r"\sum_{i=1}^n(x_i-m)^2", r"\sum_{i=1}^n x_i^2-2m\sum_{i=1}^n x_i+m^2", ""),
    (r"\operatorname{rank}\begin{bmatrix}1&2\\2&4\end{bmatrix}", "2", ""),
    (r"\begin{bmatrix}1&2\\3&4\end{bmatrix}", r"\begin{bmatrix}1&2\\3&5\end{bmatrix}", ""),
    (r"\begin{bmatrix}1&2\\3&4\end{bmatrix}", "(1,2)", ""),
    (r"x^{2n}", "x^n", "n: integer"),
    (r"\int_0^{2\pi}|\sin(x)|\,dx", "1", ""),
]


@pytest.mark.parametrize(("before", "after", "domains"), FALSE)
def test_false_statements_are_never_called_true(before, after, domains):
    found = verdict(before, "=", after, domains)
    assert found.status in ("refuted", "undecided"), found
    if r"\int_0^{2" not in before:
        assert found.status == "refuted"


def test_the_counter_example_is_shown_in_short_decimals():
    found = verdict("|x|", "=", "x")
    assert found.witness is not None
    ((name, at),) = found.witness.point
    assert name == "x"
    assert float(at) < 0
    assert float(found.witness.left) == -float(found.witness.right)
    assert len(at) < 9


def test_a_tiny_difference_is_shown_with_enough_digits():
    found = verdict("x", "=", "x+10^{-12}")
    assert found.witness is not None
    assert found.witness.left != found.witness.right


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"\log(-x)", r"\log(x)"),  # nowhere both defined
        (r"\log(-1)", r"\log(-1)+0"),
        (r"\frac{1}{0}", r"\frac{2}{0}"),
        (r"\frac{1}{x-x}", r"\frac{2}{x-x}"),
        (r"\sqrt{-1-x^2}", "5"),
        (r"\left.\frac{d}{dx}|x|\right|_{x=0}", "0"),  # a kink has no derivative
        (r"\left.\frac{d}{dx}\max(0,x)\right|_{x=0}", r"\frac{1}{2}"),
        (r"\left.\frac{d}{dx}\operatorname{LeakyReLU}(x)\right|_{x=0}", "0.1"),
    ],
)
def test_what_has_no_value_is_undecided(before, after):
    assert verdict(before, "=", after).status == "undecided"


def test_a_condition_that_holds_nowhere_does_not_make_a_proof():
    assert verdict(r"\sqrt{x}+\sqrt{-x}", "=", "5").status != "proved"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"\frac{d}{dx}(f(x)g(x))", r"f'(x)g'(x)"),
        (r"f(x+1)", "f(x)+1"),
    ],
)
def test_statements_about_unknown_functions_are_not_refuted(before, after):
    assert verdict(before, "=", after).status == "undecided"


def test_matrices_do_not_commute():
    assert verdict(r"\mathbf{A}\mathbf{B}", "=", r"\mathbf{B}\mathbf{A}").status == "refuted"
    assert verdict(r"X^\top Y", "=", r"Y X^\top").status == "undecided"


@pytest.mark.parametrize("relation", ["propto", "->"])
def test_relations_without_a_method_are_undecided(relation):
    assert verdict("x", relation, "y").status == "undecided"


def test_a_stated_assumption_is_assumed():
    assert verdict("x", ":=", "y").status == "assumed"
