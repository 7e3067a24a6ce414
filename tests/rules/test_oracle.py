"""The oracle is right where the answer is known, and silent where there is none."""

import pytest
from mpmath import mp

from derive.read.latex import Names, read
from derive.steps import Context
from derive.tree import (
    Call,
    Component,
    Derivative,
    Expectation,
    Given,
    GradientOf,
    Indexed,
    Negative,
    Norm,
    Number,
    Optimum,
    Power,
    Product,
    ProductOver,
    Relation,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
)
from tests.rules.oracle import DIGITS, NoValueError, UnknownError, World, close, compare, value

X, Y, Z, I, N = (Symbol(letter) for letter in "xyzin")  # noqa: E741
TWO, ONE = Number("2"), Number("1")

EQUAL = [
    (r"\frac{d}{dx} \sin(2x)", r"2 \cos(2x)"),
    (r"\frac{d^2}{dx^2} e^{-x^2}", "(4 x^2 - 2) e^{-x^2}"),
    (r"\frac{d^3}{dx^3} \log(x^2 + 1)", r"\frac{4 x (x^2 - 3)}{(x^2 + 1)^3}"),
    (r"\frac{\partial}{\partial y} \frac{\partial}{\partial x} [x^2 y^3]", "6 x y^2"),
    (r"\sum_{k=1}^{n} k", r"\frac{n (n + 1)}{2}"),
    (r"\prod_{k=1}^{4} k", "24"),
    (r"\int_0^1 x^2 dx", r"\frac{1}{3}"),
    (r"\left. \frac{d}{dx} x^3 \right|_{x = 2}", "12"),
    (r"\det\begin{bmatrix} x & 1 \\ 2 & y \end{bmatrix}", "x y - 2"),
    (r"\begin{bmatrix} x & 1 \\ 2 & y \end{bmatrix} (1, x)", "(2 x, 2 + x y)"),
    (r"\sqrt[3]{-8}", "-2"),
    (r"\begin{cases} x & x > 0 \\ -x & x \le 0 \end{cases}", r"\left|x\right|"),
    (r"\operatorname{GELU}(x)", r"x \Phi(x)"),
    (r"\log_2(8)", "3"),
    (r"\cosh(x^4 + 50)^2 - \sinh(x^4 + 50)^2", "1"),
    (r"f'(x)", r"\frac{d}{dx} f(x)"),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_equal(one, other):
    names = Names(functions=frozenset({"f"}))
    assert compare(read(one, names), read(other, names), Context()).equal is True


MEANS = [
    (r"E_{x \sim p}[E_{x \sim p}[x] - t]", r"E_{x \sim p}[x] - t", True),
    (r"E_{x \sim p}[(E_{x \sim p}[x] - t)^2]", r"E_{x \sim p}[x - t]^2", True),
    (r"E_{x \sim p}[x^2]", r"E_{x \sim p}[x]^2", False),
    (r"E_{x \sim p}[x]", r"E_{x \sim q}[x]", False),
    (r"E_{x \sim p}[x] + E_{x \sim q}[2 x]", r"E_{x \sim p}[x] + 2 E_{x \sim q}[x]", True),
    (r"E_x[x]", r"E_{x \sim p}[x]", True),
]


@pytest.mark.parametrize(("one", "other", "equal"), MEANS)
def test_means_bind_their_letter_and_each_density_is_another(one, other, equal):
    assert compare(read(one), read(other), Context()).equal is equal


MATRICES = [
    ("symmetric matrix 2x2", r"A^\top", "A", True),
    ("matrix 2x2", r"A^\top", "A", False),
    ("orthogonal matrix 2x2", r"A^\top A", r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}", True),
    ("diagonal matrix 2x2", r"A^\top", "A", True),
    ("probability vector 3", r"(1, 1, 1)^\top A", "1", True),
    ("one-hot vector 3", r"A^\top A", "1", True),
    ("probability vector 3", r"A^\top A", "1", False),
    ("positive definite matrix 2x2", r"\left|\det A\right|", r"\det A", True),
]


@pytest.mark.parametrize(("declared", "one", "other", "equal"), MATRICES)
def test_matrices_have_what_is_declared(declared, one, other, equal):
    context = Context(domains={Symbol("A"): declared})
    names = Names(matrices=frozenset({"A"}))
    assert compare(read(one, names), read(other, names), context).equal is equal



DIFFERENT = [
    ("(x + y)^2", "x^2 + y^2"), (r"\sqrt{x^2}", "x"), ("x", "x + 10^{-15}"), (r"\frac{d}{dx} e^{-x}", "e^{-x}"),
    ("10^6", "10^6 + 10^{-40}"), ("(x, y)", "(y, x)"), ("(x, y)", "(x, y, 0)"), (r"\tanh(x)", r"\sigma(x)"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different(one, other):
    assert compare(read(one), read(other), Context()).equal is False


@pytest.mark.parametrize("formula", [r"\log(-x^2 - 1)", r"\frac{1}{x - x}", r"\arcsin(2 + x^2)", r"\sqrt{-1}"])
def test_nothing_is_said_where_there_is_no_value(formula):
    assert compare(read(formula), read("x"), Context()).equal is None


def test_domains_are_kept_to():
    formula = read(r"\sqrt{x^2}")
    assert compare(formula, X, Context({X: "positive"})).equal is True
    assert compare(formula, Negative(X), Context({X: "negative"})).equal is True
    assert compare(read(r"\cos(\pi n)"), read("(-1)^n"), Context({N: "integer"})).equal is True


JOINT = tuple((mp.mpf(1) / 4, {X: mp.mpf(a), Y: mp.mpf(b)}) for a, b in ((1, 1), (1, 2), (-1, 2), (3, 5)))
WORLD = World({Z: mp.mpf(3)}, joint=JOINT, grid=tuple(map(mp.mpf, (-2, -1, 0, 1, 2))), length=3)
POSITIVE = Relation((X, Number("0")), (">",))

VALUES = [
    (Expectation("E", (X,)), 1),
    (Expectation("E", (Product((X, Y)),)), 4),
    (Expectation("Var", (X,)), 2),
    (Expectation("Cov", (X, Y)), mp.mpf(3) / 2),
    (Expectation("P", (POSITIVE,)), mp.mpf(3) / 4),
    (Expectation("P", (Given((Relation((Y, TWO), (">=",)),), (POSITIVE,)),)), mp.mpf(2) / 3),
    (Expectation("E", (Given((Y,), (POSITIVE,)),)), mp.mpf(8) / 3),
    (Optimum("argmin", Power(Sum((X, Negative(ONE))), TWO), (X,)), 1),
    (Optimum("max", Negative(Power(X, TWO)), (X,), Relation((X, Number("0")), ("!=",))), -1),
    (SumOver(I, I), 6),
    (SumOver(I, I, where=Relation((I, TWO), ("!=",))), 4),
    (ProductOver(I, I, ONE, Number("0")), 1),
    (Norm(Vector((Z, Number("4")))), 5),
    (Norm(Vector((Z, Negative(Number("4")))), ONE), 7),
    (Component(Call("softmax", (Vector((Z, Z)),)), (ONE,)), mp.mpf(1) / 2),
]


@pytest.mark.parametrize(("node", "expected"), VALUES)
def test_values(node, expected):
    with mp.workdps(40):
        assert abs(value(node, WORLD) - expected) < mp.mpf(10) ** -12


def test_a_derivative_by_an_entry_and_by_a_vector():
    softmax = Component(Call("softmax", (Z,)), (ONE,))
    context = Context({Z: "vector 3"})
    own = Derivative(softmax, Indexed(Z, (ONE,)))
    assert compare(own, Product((softmax, Sum((ONE, Negative(softmax))))), context).equal is True
    other = Derivative(softmax, Indexed(Z, (TWO,)))
    assert compare(other, Negative(Product((softmax, Component(Call("softmax", (Z,)), (TWO,))))), context).equal is True
    form = Product((Transpose(Z), Z))
    assert compare(GradientOf(form, (Z,)), Product((TWO, Z)), context).equal is True
    family = Derivative(SumOver(Power(Indexed(X, (I,)), TWO), I, ONE, Number("3")), Indexed(X, (TWO,)))
    assert compare(family, Product((TWO, Indexed(X, (TWO,)))), Context()).equal is True


def test_errors():
    with pytest.raises(UnknownError, match="antiderivative"):
        value(read(r"\int x dx"), WORLD)
    with pytest.raises(NoValueError), mp.workdps(DIGITS):
        value(read(r"\frac{1}{0}"), WORLD)
    assert not close(mp.mpf(1), mp.mpf(1) + mp.mpf(10) ** -14)


def test_a_member_may_be_named_as_a_symbol_elsewhere():
    names = Names(indexed=frozenset({"w", "x"}))
    slope = read(r"\frac{\partial}{\partial w_{l}}\left[\sum_{k} w_{k} x_{k}\right] + 0 w_2", names)
    assert compare(slope, read("x_{l}", names), Context()).equal is True


@pytest.mark.parametrize(("one", "other"), [
    (r"E_{x \sim p}[\log p(x)]", r"E_{x \sim p}[2 \log p(x)]"),
    (r"\sum_{k} w_k \mathbf{1}[i + k = j]", r"\sum_{k} w_k \mathbf{1}[i - k = j + 1000]"),
])
def test_what_the_oracle_cannot_tell(one, other):
    assert compare(read(one), read(other), Context()).equal is None
