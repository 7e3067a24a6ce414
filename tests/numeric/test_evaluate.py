import math

import numpy as np
import pytest

from derive.errors import DeriveError, LimitError
from derive.functions import FUNCTIONS
from derive.numeric import evaluate
from derive.numeric.evaluate import compile
from derive.read.latex import read
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    At,
    Call,
    Cases,
    Derivative,
    Indexed,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    ProductOver,
    Relation,
    Root,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
)

X, Y, U = Symbol("x"), Symbol("y"), Symbol("u")
POINTS = np.array([-3.3, -1.2, -0.4, 0.3, 0.6, 1.7, 4.1])
THREE = Number("3")


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (r"2x^2 + 3x", lambda x: 2 * x**2 + 3 * x),
        (r"\frac{1}{1 + e^{-x}}", lambda x: 1 / (1 + np.exp(-x))),
        (r"x^{-3}", lambda x: x**-3),
        (r"-x^2 - 1", lambda x: -(x**2) - 1),
        (r"\left|x\right|", np.abs),
        (r"\sqrt[3]{x}", np.cbrt),
        (r"\sqrt[5]{x}", lambda x: np.sign(x) * np.abs(x) ** 0.2),
        (r"\sqrt[4]{x^2}", lambda x: np.sqrt(np.abs(x))),
        (r"\log_2(x^2)", lambda x: np.log2(x**2)),
        (r"\max(0, x, 1)", lambda x: np.maximum(x, 1)),
        (r"\min(x, 1)", lambda x: np.minimum(x, 1)),
        (r"\begin{cases} x & x > 0 \\ x^2 & x \le 0 \end{cases}", lambda x: np.where(x > 0, x, x**2)),
        (r"2^x \pi", lambda x: 2**x * np.pi),
        (r"(x \cdot x)^{1/2}", np.abs),
        (r"\operatorname{erf}(x)", np.vectorize(math.erf)),
    ],
)
def test_a_formula_has_its_values(formula, expected):
    assert compile(read(formula), [X])(POINTS) == pytest.approx(expected(POINTS), rel=1e-13)


@pytest.mark.parametrize("name", [row.name for row in FUNCTIONS.values() if row.definition])
def test_a_stable_form_agrees_with_the_definition(name):
    by_definition = compile(read(FUNCTIONS[name].definition), [U])(POINTS)
    assert np.allclose(compile(Call(name, (U,)), [U])(POINTS), by_definition, rtol=1e-11, equal_nan=True)


@pytest.mark.parametrize("row", FUNCTIONS.values(), ids=lambda row: row.name)
def test_every_function_has_a_numeric_form(row):
    arguments: tuple[Node, ...] = (X,) * max(row.arity, 1)
    if row.name in evaluate.MATRIX_FORMS:
        arguments = (Matrix(((X, ONE), (ONE, TWO))),)
    if row.name == "indicator":
        arguments = (Relation((X, ONE), ("<",)),)
    call = Call(row.name, arguments)
    if row.name in evaluate.VECTOR_FORMS:
        assert compile(Call(row.name, (Vector((X, ONE)),)), [X])(0.5).shape[0] == 2
    elif row.name in ("KL", "D_KL", "vec"):
        with pytest.raises(DeriveError, match=row.name):
            compile(call, [X])
    else:
        assert compile(call, [X])(0.5).shape == ()


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        (r"5!", 120.0),
        (r"0!", 1.0),
        (r"\binom{6}{2}", 15.0),
        (r"\lfloor -1.5 \rfloor", -2.0),
        (r"\lceil -1.5 \rceil", -1.0),
        (r"\mathbb{1}[2 > 1] + \mathbb{1}[1 > 2]", 1.0),
        (r"\|(3, -4)\|", 5.0),
        (r"\|(3, -4)\|_1", 7.0),
        (r"\|(3, -4)\|_\infty", 4.0),
        (r"\langle (1, 2), (3, 4) \rangle", 11.0),
        (r"\operatorname{softmax}((0, 0, 0))", [1 / 3] * 3),
        (r"\operatorname{softmax}((800, 0))", [1.0, 0.0]),
        (r"\operatorname{logsumexp}((800, 800))", 800 + math.log(2)),
        (r"\operatorname{diag}((1, 2))", [[1.0, 0.0], [0.0, 2.0]]),
        (r"\begin{bmatrix}1 & 2\end{bmatrix} \odot \begin{bmatrix}3 & 4\end{bmatrix}", [[3.0, 8.0]]),
    ],
)
def test_the_notation_of_vectors_and_counting(formula, value):
    assert np.allclose(compile(read(formula), [])(), value, rtol=1e-14)


def test_a_factorial_of_no_whole_number_has_no_value():
    assert math.isnan(compile(read("x!"), [X])(0.5)) and math.isnan(compile(read("x!"), [X])(-1.0))


def test_a_function_without_a_form_of_its_own_works_from_its_definition(monkeypatch):
    monkeypatch.delitem(evaluate.FORMS, "swish")
    assert compile(Call("swish", (Power(X, TWO),)), [X])(2.0) == pytest.approx(4 / (1 + math.exp(-4)))


@pytest.mark.parametrize(
    ("name", "point", "value"),
    [
        ("sigma", -800.0, 0.0),
        ("sigma", -40.0, math.exp(-40)),
        ("sigma", 800.0, 1.0),
        ("softplus", 800.0, 800.0),
        ("softplus", -40.0, math.exp(-40)),
        ("tanh", 800.0, 1.0),
        ("gelu", -10.0, -10 * 7.619853024160527e-24),
        ("elu", -1e-12, -1e-12),
        ("elu", 1000.0, 1000.0),
        ("swish", -1000.0, 0.0),
    ],
)
def test_values_far_out_are_accurate(name, point, value):
    assert float(compile(Call(name, (X,)), [X])(point)) == pytest.approx(value, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(
    ("formula", "point"), [(r"\log x", -1.0), (r"\sqrt x", -1.0), (r"x^{1/3}", -8.0), (r"\operatorname{sign}(x)", 0.0)]
)
def test_what_is_not_real_is_nan_without_a_warning(formula, point):
    assert math.isnan(float(compile(read(formula), [X])(point)))


def test_poles_and_overflow_are_infinite():
    assert float(compile(read(r"\frac{1}{x}"), [X])(0.0)) == math.inf
    assert float(compile(read("e^{x}"), [X])(1e4)) == math.inf
    assert float(compile(Power(Number("10"), Number("2000")), [])()) == math.inf


def test_a_case_that_does_not_hold_anywhere_is_nan():
    node = Cases(((ONE, Relation((ZERO, X, ONE), ("<", "<="))),))
    assert compile(node, [X])([-1, 0.5, 1, 2]).tolist() == pytest.approx([math.nan, 1, 1, math.nan], nan_ok=True)


def test_the_value_has_the_shape_of_the_arguments():
    grid = np.ones((4, 1)), np.ones(3)
    assert compile(Sum((X, Y)), [X, Y])(*grid).shape == (4, 3)
    assert compile(THREE, [X, Y])(*grid).shape == (4, 3)
    assert compile(Vector((X, ONE)), [X, Y])(*grid).shape == (2, 4, 3)
    assert compile(Matrix(((X, Y, ONE), (ONE, X, Y))), [X, Y])(*grid).shape == (2, 3, 4, 3)
    assert compile(Matrix(((X,), (Y,))), [X, Y])(1.0, 2.0).tolist() == [1.0, 2.0]
    assert compile(Matrix(((ONE, TWO), (TWO, ONE))), [X])(np.ones(5)).shape == (2, 2, 5)


def test_the_value_is_a_new_array():
    points = np.ones(3)
    compile(X, [X])(points)[0] = 5
    assert points[0] == 1
    constant = compile(Number("7"), [X])
    constant(points)[:] = 0
    assert constant(points).tolist() == [7, 7, 7]


def test_matrices_multiply_add_invert_and_transpose():
    a, v = Matrix(((X, ONE), (TWO, Y))), Vector((X, Y))
    values = np.array([2.0, 3.0]), np.array([5.0, 7.0])
    plain = [np.array([[x, 1], [2, y]]) for x, y in zip(*values, strict=True)]
    vectors = np.column_stack(values)

    def check(node: Node, expected: list) -> None:
        got = np.moveaxis(compile(node, [X, Y])(*values), -1, 0)
        assert got == pytest.approx(np.array(expected))

    check(Product((a, v)), [m @ w for m, w in zip(plain, vectors, strict=True)])
    check(Product((TWO, a, a)), [2 * m @ m for m in plain])
    check(Sum((a, Negative(Transpose(a)))), [m - m.T for m in plain])
    check(Power(a, Negative(ONE)), [np.linalg.inv(m) for m in plain])
    check(Power(a, THREE), [m @ m @ m for m in plain])
    check(Call("det", (a,)), [np.linalg.det(m) for m in plain])
    check(Call("tr", (a,)), [np.trace(m) for m in plain])
    check(Call("rank", (a,)), [2, 2])
    check(Product((Transpose(v), v)), [[w @ w] for w in vectors])


def test_a_singular_matrix_has_no_inverse():
    assert np.isnan(compile(Power(Matrix(((ONE, ONE), (ONE, ONE))), Negative(ONE)), [X])(1.0)).all()


def test_sums_bars_and_families_are_written_out():
    i = Symbol("i")
    members = [Symbol("x", str(k)) for k in (1, 2, 3)]
    node = SumOver(Product((i, Power(Indexed(X, (i,)), TWO))), i, ONE, THREE)
    assert compile(node, members)(1.0, 2.0, 3.0) == 1 + 8 + 27
    assert compile(ProductOver(Sum((X, i)), i, ONE, THREE), [X])(0.0) == 6
    assert compile(At(Power(X, TWO), ((X, THREE),)), [])() == 9


def test_equal_parts_are_computed_once():
    calls = []
    evaluate.FORMS["counted"] = lambda u: (calls.append(1), u)[1]
    FUNCTIONS["counted"] = FUNCTIONS["sin"]
    try:
        part = Call("counted", (Sum((X, ONE)),))
        assert compile(Product((part, Power(part, TWO), part)), [X])(1.0) == 16
    finally:
        del evaluate.FORMS["counted"], FUNCTIONS["counted"]
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (Sum((X, Y)), "y has no value"),
        (Call("f", (X,)), "the function f has no numeric value"),
        (Call("sin", (X,), 1), "sin'"),
        (Derivative(X, X), "derive it first"),
        (SumOver(X, Symbol("i"), ONE, X), "whole-number bounds"),
        (Sum((X, Vector((X, X)))), "different shapes"),
        (Product((Vector((X, X)), Vector((X, X)))), "cannot be multiplied"),
        (Call("sin", (Vector((X, X)),)), "a number is needed"),
        (Call("det", (X,)), "square matrix"),
        (Call("det", (Vector((X, X)),)), "square matrix"),
        (Power(Matrix(((X, X), (X, X))), X), "square matrix"),
        (Cases(((X, X),)), "must be a comparison"),
        (Root(Vector((X, X))), "a number is needed"),
    ],
)
def test_what_has_no_numeric_value_is_refused(node, message):
    with pytest.raises(DeriveError, match=message):
        compile(node, [X])


def test_too_long_a_sum_is_too_large():
    with pytest.raises(LimitError):
        compile(SumOver(X, Symbol("i"), ONE, Number("9999999999")), [X])


def test_the_number_of_arguments_is_checked():
    with pytest.raises(DeriveError, match="takes 1 numbers, not 2"):
        compile(X, [X])(1.0, 2.0)
