import math
import random
import subprocess
import sys
from fractions import Fraction

import pytest
import sympy
from hypothesis import HealthCheck, assume, given, settings

from derive import tree as t
from derive.functions import FUNCTIONS
from derive.tree import (
    ONE,
    PI,
    TWO,
    ZERO,
    Call,
    Derivative,
    E,
    Indexed,
    Matrix,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    SumOver,
    Symbol,
    Vector,
)  # fmt: skip
from derive.write.sympy import from_sympy, identifier, to_sympy, to_text, written_out
from tests.trees import SYMBOLS, expressions, random_tree
from tests.write.evaluate import FUNCTIONS as FLOATS
from tests.write.evaluate import evaluate

x, y, C, i, n = (Symbol(c) for c in "xyCin")
theta_1 = Symbol("theta", "1")
x_is_0 = ((x, ZERO),)
POINT = {symbol: 0.3 + 0.17 * k for k, symbol in enumerate(SYMBOLS)}
LOCALS = {identifier(s): sympy.Symbol(identifier(s), real=True) for s in SYMBOLS}
NO_NODE = (sympy.zoo, sympy.I, sympy.Or, sympy.And)  # in branches that are not taken
VALUES = {LOCALS[identifier(s)]: value for s, value in POINT.items()}


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (Number("0.1"), "1/10"),
        (Product((Number("0.25"), x)), "(1/4)*x"),
        (Number("3"), "3"),
        (theta_1, "theta_1"),
        (Symbol("lambda"), "lamda"),
        (Symbol("lambda", "1"), "lamda_1"),
        (Symbol("in"), "in_"),
        (Symbol("y", accent="hat"), "y_hat"),
        (Symbol("x", sup="(0)"), "x_sup_0"),
        (Symbol("w", "i,j"), "w_i_j"),
        (Power(E, Negative(x)), "exp(-x)"),
        (E, "exp(1)"),
        (PI, "pi"),
        (t.INFINITY, "oo"),
        (Call("log", (x,)), "log(x)"),
        (Call("log", (x, TWO)), "log(x, 2)"),
        (Call("max", (ZERO, x)), "Max(0, x)"),
        (Call("abs", (x,)), "Abs(x)"),
        (Call("sigma", (x,)), "1/(1 + exp(-x))"),
        (Call("relu", (x,)), "Max(0, x)"),
        (Call("elu", (x,)), "Piecewise((x, x > 0), (exp(x) - 1, x <= 0))"),
        (Root(x), "sqrt(x)"),
        (Root(x, Number("3")), "root(x, 3)"),
        (Sum((x, Negative(Negative(y)))), "x - (-y)"),
        (Sum((x, Negative(Sum((x, y))))), "x - (x + y)"),
        (Negative(Power(x, TWO)), "-x**2"),
        (Power(Negative(x), TWO), "(-x)**2"),
        (Power(Power(x, TWO), TWO), "(x**2)**2"),
        (Power(x, Quotient(ONE, TWO)), "x**(1/2)"),
        (Quotient(Product((TWO, x)), Product((TWO, y))), "(2*x)/(2*y)"),
        (Product((TWO, Negative(x))), "2*(-x)"),
        (t.Cases(((x, Relation((x, ZERO), (">",))), (ZERO, None))), "Piecewise((x, x > 0), (0, True))"),
        (Relation((ZERO, x, ONE), ("<", "<=")), "And(0 < x, x <= 1)"),
        (Relation((x, y), ("=",)), "Eq(x, y)"),
        (Relation((x, y), ("~=",)), "Function('approximately')(x, y)"),
        (Matrix(((ONE, x), (y, TWO))), "Matrix([[1, x], [y, 2]])"),
        (Vector((ONE, x)), "Matrix([[1], [x]])"),
        (t.Transpose(Vector((ONE, x))), "transpose(Matrix([[1], [x]]))"),
        (t.Transpose(Symbol("A")), "Function('transposed')(A)"),
        (Call("det", (Matrix(((ONE,),)),)), "det(Matrix([[1]]))"),
        (Call("rank", (Matrix(((ONE,),)),)), "Matrix.rank(Matrix([[1]]))"),
        (Call("det", (Symbol("A"),)), "Function('det')(A)"),
        (t.Set((Negative(ONE), ONE)), "FiniteSet(-1, 1)"),
        (Call("C", (x, y)), "Function('C')(x, y)"),
        (Derivative(Power(x, TWO), x, 2), "Derivative(x**2, (x, 2))"),
        (Derivative(C, theta_1, 1, True), "Derivative(Function('C')(theta_1), (theta_1, 1))"),
        (Call("f", (x,), 2), "Derivative(Function('f')(x), (x, 2))"),
        (Call("f", (ZERO,), 1), "Subs(Derivative(Function('f')(u_0), (u_0, 1)), u_0, 0)"),
        (t.At(Derivative(Power(x, TWO), x), x_is_0), "Subs(Derivative(x**2, (x, 1)), (x,), (0,))"),
        (t.Gradient("C"), "grad_C"),
        (t.Gradient("C", (ONE, TWO)), "Function('grad_C')(1, 2)"),
        (SumOver(Indexed(x, (i,)), i, ONE, n), "Sum(Indexed('x', i), (i, 1, n))"),
        (SumOver(x, i), "Function('sum_over_i')(x)"),
        (t.Integral(x, x, ZERO, ONE), "Integral(x, (x, 0, 1))"),
        (t.Integral(x, x), "Integral(x, x)"),
        (t.Limit(x, x, ZERO), "Limit(x, x, 0, '+-')"),
        (t.Limit(x, x, ZERO, "-"), "Limit(x, x, 0, '-')"),
        (Call("factorial", (n,)), "factorial(n)"),
        (Call("binom", (n, i)), "binomial(n, i)"),
        (Call("floor", (x,)), "floor(x)"),
        (Call("ceil", (x,)), "ceiling(x)"),
        (Call("indicator", (Relation((x, ZERO), (">",)),)), "Piecewise((1, x > 0), (0, True))"),
        (Call("indicator", (Relation((x, C), ("in",)),)), "Function('indicator')(Function('element')(x, C))"),
        (t.Interval(ZERO, ONE, right_open=True), "Interval(0, 1, False, True)"),
        (t.Norm(Vector((x, y))), "sqrt(x**2 + y**2)"),
        (t.Norm(Vector((x, y)), ONE), "Abs(x) + Abs(y)"),
        (t.Norm(Vector((x, y)), t.INFINITY), "Max(Abs(x), Abs(y))"),
        (t.Norm(x, TWO), "Function('norm_2')(x)"),
        (t.Norm(x, Symbol("F")), "Function('norm')(x, F)"),
        (t.Inner(Vector((x, y)), Vector((ONE, TWO))), "x*1 + y*2"),
        (t.Inner(x, y), "Function('inner')(x, y)"),
        (t.Inner(Vector((x, y)), x), "Function('inner')(Matrix([[x], [y]]), x)"),
        (t.Entrywise((Vector((x, y)), Vector((ONE, TWO)))), "Matrix([[x*1], [y*2]])"),
        (t.Entrywise((x, y)), "Function('hadamard')(x, y)"),
        (t.Component(Call("softmax", (x,)), (i,)), "Function('component')(Function('softmax')(x), i)"),
        (Call("p", (t.Given((x,), (theta_1,)),)), "Function('p')(Function('given')((x,), (theta_1,)))"),
        (t.Expectation("E", (x,), (Relation((x, C), ("~",)),)),
         "Function('Expectation')(x, Function('distributed')(x, C))"),
        (t.Optimum("argmin", Power(x, TWO), (x,)), "Function('ArgMin')(x**2, (x,))"),
        (t.Optimum("max", x, (x,), Relation((ZERO, x, ONE), ("<=", "<="))),
         "Function('Maximum')(x, (x,), And(0 <= x, x <= 1))"),
        (t.GradientOf(C, (x, y)), "Function('Gradient')(C, (x, y))"),
        (t.GradientOf(C, (), 2), "Function('Hessian')(C, ())"),
        (SumOver(x, i, ONE, n, Relation((i, n), ("!=",))), "Function('sum_over_i')(x, 1, n, Ne(i, n))"),
        (Derivative(Indexed(y, (n,)), Indexed(x, (i,)), 1, True),
         "Derivative(Function('y')(n, Indexed('x', i)), (Indexed('x', i), 1))"),
        (t.Statements((Relation((x, ONE), ("=",)), Relation((y, ONE), ("=",))), "or"), "Or(Eq(x, 1), Eq(y, 1))"),
        (Relation((x, y, ONE), ("~=", "<")), "Function('all_of')(Function('approximately')(x, y), y < 1)"),
        (Power(Symbol("R", font="bb"), Vector((n, n))), "Function('matrices')(R, n, n)"),
    ],
)  # fmt: skip
def test_text(node, expected):
    written = to_text(node)
    assert written == expected
    names = {identifier(s) for s in t.walk(node) if isinstance(s, Symbol)}
    sympy.sympify(written, locals={name: sympy.Symbol(name) for name in names})


@pytest.mark.parametrize("node", [Symbol(c) for c in ("S", "E", "I", "N", "O", "Q", "beta", "gamma", "zeta")])
def test_names_that_sympy_uses_are_read_as_declared(node):
    name = identifier(node)
    assert sympy.sympify(to_text(Sum((E, node))), locals={name: sympy.Symbol(name)}).free_symbols


def test_text_does_not_import_sympy():
    code = (
        "import sys; from derive.tree import *; from derive.write.sympy import to_text;"
        "to_text(Call('gelu', (Symbol('x'),))); sys.exit('sympy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _value(node):
    try:
        value = evaluate(node, POINT)
    except (ValueError, OverflowError, ZeroDivisionError):
        return None
    return value if math.isfinite(value) and 1e-6 < abs(value) < 1e6 else None


def _is_value(expr, value):
    return abs(complex(sympy.N(expr.subs(VALUES), 30)) - value) <= 1e-6 * (1 + abs(value))


def _agrees(tree, value):
    """Text, object and the way back all have the value of the tree."""
    expr = to_sympy(tree)
    return (
        _is_value(sympy.sympify(to_text(tree), locals=LOCALS), value)
        and _is_value(expr, value)
        and (expr.has(*NO_NODE) or abs(evaluate(from_sympy(expr), POINT) - value) <= 1e-6 * (1 + abs(value)))
    )


@given(expressions(depth=3, full=False))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_sympy_means_what_is_written(tree):
    value = _value(tree)
    assume(value is not None)
    assert _agrees(tree, value)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_sympy_means_what_many_trees_write(seed):
    source = random.Random(seed)
    trees = [tree for tree in (random_tree(source, 3, full=False) for _ in range(500)) if _value(tree) is not None]
    assert len(trees) > 200
    for tree in trees:
        assert _agrees(tree, _value(tree)), to_text(tree)


@pytest.mark.parametrize("name", sorted(set(FLOATS) & set(FUNCTIONS) - {"max", "min"}))
def test_each_function_is_the_one_of_the_field(name):
    node = Call(name, (Symbol("a"),))
    assert _agrees(node, _value(node))


@pytest.mark.parametrize("name", [name for name, row in FUNCTIONS.items() if row.definition])
def test_each_definition_leaves_only_the_argument(name):
    assert t.free_symbols(written_out(Call(name, (Sum((x, y)),)))) == {x, y}


s_x, s_y, s_t = sympy.symbols("x y theta_1")


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (-s_x / 2, Negative(Quotient(x, TWO))),
        (sympy.Rational(3, 2) * s_x, Quotient(Product((Number("3"), x)), TWO)),
        (sympy.Rational(-1, 2), Negative(Quotient(ONE, TWO))),
        (1 / s_x, Quotient(ONE, x)),
        (1 / s_x**2, Quotient(ONE, Power(x, TWO))),
        (s_x / s_y, Quotient(x, y)),
        (sympy.sqrt(s_x), Root(x)),
        (1 / sympy.sqrt(s_x), Quotient(ONE, Root(x))),
        (s_x ** sympy.Rational(1, 3), Root(x, Number("3"))),
        (sympy.exp(-s_x), Power(E, Negative(x))),
        (s_y * sympy.exp(-2 * s_x), Product((y, Power(E, Negative(Product((TWO, x))))))),
        (sympy.E, E),
        (sympy.pi, PI),
        (-sympy.oo, Negative(t.INFINITY)),
        (sympy.Float("0.125"), Number("0.125")),
        (s_t - s_x, Sum((theta_1, Negative(x)))),
        (sympy.log(s_x), Call("log", (x,))),
        (sympy.asin(s_x), Call("arcsin", (x,))),
        (sympy.Max(0, s_x), Call("max", (ZERO, x))),
        (sympy.Abs(s_x), Call("abs", (x,))),
        (sympy.Function("C")(s_x, s_t), Call("C", (x, theta_1))),
        (sympy.Piecewise((s_x, s_x > 0), (0, True)), t.Cases(((x, Relation((x, ZERO), (">",))), (ZERO, None)))),
        (sympy.Eq(s_x, s_y), Relation((x, y), ("=",))),
        (sympy.Matrix([[1, s_x]]), Matrix(((ONE, x),))),
        (sympy.FiniteSet(1, -1), t.Set((Negative(ONE), ONE))),
        (sympy.Derivative(sympy.Function("f")(s_x), s_x), Derivative(Call("f", (x,)), x)),
        (sympy.Integral(s_x, (s_x, 0, 1)), t.Integral(x, x, ZERO, ONE)),
        (sympy.Sum(s_x, (s_y, 1, s_t)), SumOver(x, y, ONE, theta_1)),
        (sympy.Symbol("lamda"), Symbol("lambda")),
        (sympy.factorial(s_x), Call("factorial", (x,))),
        (sympy.binomial(s_x, s_y), Call("binom", (x, y))),
        (sympy.floor(s_x), Call("floor", (x,))),
        (sympy.ceiling(s_x), Call("ceil", (x,))),
        (sympy.Interval(0, s_x, True, False), t.Interval(ZERO, x, True, False)),
        (sympy.KroneckerDelta(s_x, s_y), Call("indicator", (Relation((x, y), ("=",)),))),
    ],
)  # fmt: skip
def test_what_sympy_proposes_as_it_is_written(expr, expected):
    assert from_sympy(expr) == expected


def test_symbols_come_back_through_the_map():
    bold = Symbol("w", font="bold")
    assert from_sympy(sympy.Symbol("w") + 1, {"w": bold}) == Sum((bold, ONE))


@pytest.mark.parametrize("expr", [sympy.I, sympy.nan, sympy.zoo, sympy.besselj(0, s_x), sympy.Symbol("1 x")])
def test_what_the_tree_has_no_node_for_is_refused(expr):
    with pytest.raises(ValueError, match=r"no node|not a name"):
        from_sympy(expr)


def test_positive_symbols_simplify_as_such():
    assert to_sympy(Root(Power(x, TWO)), positive=frozenset({x})) == sympy.Symbol("x", positive=True)
    assert to_sympy(Root(Power(x, TWO))) == sympy.Abs(sympy.Symbol("x", real=True))


def test_numbers_are_exact():
    assert to_sympy(Number("0.1")) == sympy.Rational(1, 10)
    assert from_sympy(sympy.Rational(7, 3)) == t.number(Fraction(7, 3))
