import math
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive.errors import DeriveError, LimitError, MathError
from derive.numeric.evaluate import compile
from derive.numeric.exact import VALUES, exact, function
from derive.read.latex import read
from derive.tree import (
    ONE,
    TWO,
    Call,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
    Vector,
)

X, Y = Symbol("x"), Symbol("y")
F = Fraction


@pytest.mark.parametrize(
    ("formula", "x", "value"),
    [
        (r"2x^2 + 3x", F(-3, 2), F(0)),
        (r"0.1 x", F(3), F(3, 10)),
        (r"\frac{1}{x} - x^{-2}", F(2), F(1, 4)),
        (r"\sqrt{x}", F(9, 4), F(3, 2)),
        (r"\sqrt[3]{x}", F(-8), F(-2)),
        (r"\sqrt[5]{x}", F(32), F(2)),
        (r"x^{3/2}", F(4, 9), F(8, 27)),
        (r"x^{-1/2}", F(4), F(1, 2)),
        (r"\log_2(x)", F(1, 8), F(-3)),
        (r"e^{x}", F(0), F(1)),
        (r"e^{x - x}", F(5), F(1)),
        (r"\log(x)", F(1), F(0)),
        (r"\sigma(x)(1 - \sigma(x))", F(0), F(1, 4)),
        (r"\left|x\right| + \max(x, 2) + \min(x, 2)", F(-3), F(2)),
        (r"\begin{cases} x & x > 0 \\ x^2 & x \le 0 \end{cases}", F(-3), F(9)),
        (r"x \pi", F(0), F(0)),
        (r"\operatorname{LeakyReLU}(x)", F(-1), F(-1, 100)),
        (r"\operatorname{sign}(x)", F(-7), F(-1)),
        (r"x^0", F(0), F(1)),
    ],
)
def test_a_rational_value_is_exact(formula, x, value):
    assert exact(read(formula), {X: x}) == value


@pytest.mark.parametrize(
    ("formula", "x"),
    [
        (r"\sqrt{x}", 2), (r"e^{x}", 1), (r"\log(x)", 2), (r"\sin(x)", 1), (r"x \pi", 1), (r"x^{1/3}", 2),
        (r"2^{\sqrt{x}}", 2), (r"\begin{cases} 1 & e^{x} > 0 \\ 2 & e^{x} \le 0 \end{cases}", 1), (r"\log_2(x)", 3),
    ],
)  # fmt: skip
def test_an_irrational_value_is_none(formula, x):
    assert exact(read(formula), {X: F(x)}) is None


@pytest.mark.parametrize(
    ("formula", "x"),
    [
        (r"\frac{1}{x}", 0), (r"\frac{0}{x}", 0), (r"\frac{\pi}{x}", 0), (r"x^{-2}", 0), (r"\log(x)", 0),
        (r"\log(x)", -1), (r"\sqrt{x}", -1), (r"x^{1/2}", -4), (r"x^{-1/2}", 0), (r"\operatorname{sign}(x)", 0),
        (r"\log_x(2)", 1), (r"\begin{cases} x & x > 0 \end{cases}", -1),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_refused(formula, x):
    with pytest.raises(MathError):
        exact(read(formula), {X: F(x)})


def test_a_bound_is_too_large_and_never_slow():
    with pytest.raises(LimitError):
        exact(Power(X, Number("100000000")), {X: F(3)})
    with pytest.raises(LimitError):
        exact(Power(Power(X, Number("2000")), Number("2000")), {X: F(3)})
    assert exact(Power(X, Number("100000000")), {X: F(-1)}) == 1


def test_a_symbol_without_a_value_is_refused():
    with pytest.raises(DeriveError, match="y has no value"):
        exact(Sum((X, Y)), {X: F(1)})


def test_a_function_gives_numbers_vectors_and_matrices():
    half = Quotient(X, TWO)
    assert function(half, [X])(F(3)) == F(3, 2)
    assert function(Vector((X, half)), [X])(F(1)) == [F(1), F(1, 2)]
    assert function(Matrix(((X,), (half,))), [X])(F(1)) == [F(1), F(1, 2)]
    assert function(Matrix(((X, half), (ONE, X))), [X])(F(1)) == [[F(1), F(1, 2)], [F(1), F(1)]]
    with pytest.raises(MathError, match="at x = 2 is not a rational number"):
        function(Root(X), [X])(F(2))


@pytest.mark.parametrize(("name", "point"), [(name, point) for name, row in VALUES.items() for point in row])
def test_the_table_of_rational_values_is_true(name, point):
    assert float(compile(Call(name, (X,)), [X])(float(point))) == pytest.approx(float(VALUES[name][point]), abs=1e-15)


def _trees() -> st.SearchStrategy[Node]:
    leaves = st.one_of(st.just(X), st.just(Y), st.integers(0, 9).map(lambda n: Number(str(n))))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda t: Sum(tuple(t))),
            st.lists(inner, min_size=2, max_size=3).map(lambda t: Product(tuple(t))),
            st.builds(Quotient, inner, inner),
            st.builds(Negative, inner),
            st.builds(Power, inner, st.integers(0, 3).map(lambda n: Number(str(n)))),
            st.builds(lambda u: Call("abs", (u,)), inner),
            st.builds(lambda u, v: Call("max", (u, v)), inner, inner),
        ),
        max_leaves=12,
    )


@settings(max_examples=150, deadline=None)
@given(_trees(), st.fractions(-3, 3, max_denominator=8), st.fractions(-3, 3, max_denominator=8))
def test_exact_and_floating_values_agree(tree, x, y):
    try:
        value = exact(tree, {X: x, Y: y})
    except (MathError, LimitError):
        assume(False)
    got = float(compile(tree, [X, Y])(float(x), float(y)))
    assume(value is not None and abs(value) < 1e12 and math.isfinite(got))
    # cancellation may cost digits: only the magnitude of the parts bounds the error
    assert got == pytest.approx(float(value), rel=1e-6, abs=1e-3)
