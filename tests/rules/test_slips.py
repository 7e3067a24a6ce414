"""The table of slips: each is named and explained, can be made, is false somewhere, and is no right rule.

"False somewhere" is shown twice: by the oracle's numbers and by the verifier, on random instances. What the verifier
does not judge yet stands in ``BEYOND``; there it must at least not call the slip true.
"""

from collections.abc import Callable
from random import Random

import pytest
from mpmath import mp

from derive.read.latex import read
from derive.rules import algebra, calculus, forms
from derive.rules.slips import SLIPS, Slip, slipped
from derive.steps import Context, Status
from derive.tree import (
    ONE,
    TWO,
    At,
    Call,
    Component,
    Derivative,
    Expectation,
    Given,
    GradientOf,
    Indexed,
    Integral,
    Matrix,
    Negative,
    Node,
    Norm,
    Number,
    Optimum,
    Power,
    Product,
    ProductOver,
    Quotient,
    Relation,
    Root,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
    children,
    number,
    part_at,
    replace_at,
    walk,
)
from derive.verify import equal
from derive.write.latex import latex
from tests.rules.drawing import filled, function, matrix, templates
from tests.rules.oracle import World, compare, truth

BY_NAME = {slip.name: slip for slip in SLIPS}
RIGHT = (*calculus.CALCULUS, *algebra.ALGEBRA, *forms.FORMS)

I, J, N = (Symbol(letter) for letter in "ijn")  # noqa: E741
W, X, Y, A = (Symbol(letter) for letter in "wxya")
CX, CY, CA = Symbol("X"), Symbol("Y"), Symbol("A")
P, Q = Symbol("p"), Symbol("q")
ETA = Symbol("eta")


def x(index: Node) -> Node:
    return Indexed(X, (index,))


def over(body: Node, low: str = "1", high: Node = N) -> SumOver:
    return SumOver(body, I, Number(low), high)


def mean(body: Node) -> Node:
    return Expectation("E", (body,))


def variance(body: Node) -> Node:
    return Expectation("Var", (body,))


def square(random: Random) -> Matrix:
    return matrix(random, 2, 2)


def inverse(node: Node) -> Node:
    return Power(node, Negative(ONE))


def whole_matrix(random: Random) -> Matrix:
    """A matrix of numbers, for what depends on entries in no simple way."""
    return Matrix(tuple(tuple(number(random.randint(-4, 5)) for _ in range(3)) for _ in range(2)))


def vector(random: Random) -> Vector:
    return Vector((function(random, 0), function(random, 0)))


SOFT = Call("softmax", (Symbol("z"),))
OF_VECTORS = {
    "matrix of a quadratic form taken for symmetric", "transpose lost in the gradient of least squares",
    "Kronecker delta of the softmax lost",
}  # fmt: skip
VECTORS = {
    W: "vector 2", X: "vector 2", Y: "vector 3", CX: "matrix 3 x 2", CA: "matrix 2 x 2", Symbol("z"): "vector 3",
}  # fmt: skip

# instances that no law in letters describes: a function of the random source each
MADE: dict[str, Callable[[Random], Node]] = {
    "inner derivative lost": lambda r: Derivative(Call(r.choice(["sin", "tanh", "sigma"]), (read("x^2 + a x"),)), X),
    "inner derivative of a power lost": lambda r: filled(read(r"\frac{d}{dx} (3 u)^2"), r),
    "inner derivative of an exponential lost": lambda r: filled(read(r"\frac{d}{dx} e^{3 u + x^2}"), r),
    "inner derivative of a root lost": lambda r: filled(read(r"\frac{d}{dx} \sqrt{3 u + x^2}"), r),
    "differentiated by the wrong variable": lambda r: Derivative(read("x^2 y + 3 y"), r.choice([X, Y]), partial=True),
    "Kronecker delta of the softmax lost": lambda r: r.choice([
        read(r"\frac{\partial}{\partial s} \frac{e^s}{e^s + e^t}"),
        Derivative(Component(SOFT, (ONE,)), Indexed(Symbol("z"), (r.choice((ONE, TWO)),)), partial=True),
    ]),
    "point put in before differentiating": lambda r: At(Derivative(Product((X, function(r))), X), ((X, TWO),)),
    "not evaluated at the point": lambda r: At(function(r), ((X, TWO),)),
    "sum kept though one index is meant": lambda r: Derivative(over(Power(x(I), TWO), high=Number("4")), x(TWO)),
    "product of the integrals": lambda r: Integral(Product((X, read(r.choice(["x", "x^2", "e^x"])))), X, ONE, TWO),
    "limits of integration swapped": lambda r: Integral(read(r.choice(["x", "x^2", "e^x"])), X, ONE, TWO),
    "derivative taken inside the function": lambda r: Derivative(read(r.choice([r"\sin(x^2)", r"\sqrt{x + a}"])), X),
    "second derivative as a square": lambda r: Derivative(read(r.choice(["x^3", "e^{2 x}", r"\sin(x)"])), X, 2),
    "term cancelled as if it were a factor": lambda r: filled(read(r.choice([
        r"\frac{u + w}{v + w}", r"\frac{u + w}{u}", r"\frac{u}{u + w}", r"\frac{u v + w}{u}"])), r),
    "minus sign lost": lambda r: filled(read("u - v"), r),
    "minus taken into the power": lambda r: filled(read("-u^2"), r),
    "minus kept outside an even power": lambda r: filled(read("(-u)^2"), r),
    "powers multiplied by multiplying exponents": lambda r: filled(read("u^2 u^3"), r),
    "powers divided by dividing exponents": lambda r: filled(read(r"\frac{u^6}{u^2}"), r),
    "negative exponent as a negative number": lambda r: filled(read("u^{-2}"), r),
    "root as a reciprocal": lambda r: filled(read(r.choice([r"\sqrt{u}", r"(u^2 + 1)^{\frac{1}{2}}"])), r),
    "power zero as zero": lambda r: filled(read("u^0"), r),
    "absolute value dropped": lambda r: filled(read(r.choice([r"\sqrt{u^2}", r"\left|u\right|"])), r),
    "exponent taken out of a power of the logarithm": lambda r: filled(read(r"\log(u^2 + 1)^3"), r),
    "logarithm to base 10": lambda r: filled(read(r"\log(u^2 + 1)"), r),
    "logarithm to base 2": lambda r: filled(read(r"\log(u^2 + 1)"), r),
    "base of the logarithm forgotten": lambda r: filled(read(r"\log_2(u^2 + 1)"), r),
    "logarithm of a sum as a sum": lambda r: filled(read(r"\log(u^2 + e^v)"), r),
    "function of a sum term by term": lambda r: Call(r.choice(["sin", "exp", "sigma"]), (Sum((X, function(r))),)),
    "factor taken out of a function": lambda r: Call(r.choice(["sin", "tanh", "exp"]), (Product((TWO, function(r))),)),
    "transposed product in the old order": lambda r: Transpose(Product((square(r), square(r)))),
    "inverse of a product in the old order": lambda r: inverse(Product((square(r), square(r)))),
    "inverse of a sum term by term": lambda r: inverse(Sum((square(r), square(r)))),
    "determinant of a sum as a sum": lambda r: Call("det", (Sum((square(r), square(r))),)),
    "one factor out of a determinant": lambda r: Call("det", (Product((Number("3"), square(r))),)),
    "determinant with a plus": lambda r: Call("det", (square(r),)),
    "trace of a product as a product": lambda r: Call("tr", (Product((square(r), square(r))),)),
    "order of the Gram matrix swapped": lambda r: (lambda m: Product((Transpose(m), m)))(square(r)),
    "order of a matrix product swapped": lambda r: Product((square(r), square(r))),
    "transpose lost": lambda r: Transpose(square(r)),
    "matrix product entry by entry": lambda r: Product((square(r), square(r))),
    "rows and columns swapped": lambda r: r.choice((square(r), whole_matrix(r))),
    "matrix of a quadratic form taken for symmetric": lambda r: GradientOf(Product((Transpose(X), CA, X)), (X,)),
    "transpose lost in the gradient of least squares": lambda r: GradientOf(
        Power(Norm(Sum((Product((CA, X)), Negative(W)))), TWO), (X,)),
    "norm of a sum as a sum": lambda r: r.choice((
        Norm(Sum((vector(r), vector(r)))), Call("abs", (Sum((X, Negative(function(r)))),)))),
    "square of the norm lost": lambda r: Power(Norm(vector(r)), TWO),
    "sum of a constant as one of it": lambda r: over(function(r)),
    "product of a constant as one of it": lambda r: ProductOver(function(r), I, ONE, N),
    "square of a sum as a sum of squares": lambda r: Power(over(x(I)), TWO),
    "sum of squares as a square of the sum": lambda r: over(Power(x(I), TWO)),
    "sum of products as a product of sums": lambda r: over(Product((x(I), Indexed(Y, (I,))))),
    "factor taken once out of a product": lambda r: ProductOver(Product((A, x(I))), I, ONE, N),
    "logarithm of a sum as a sum of logarithms": lambda r: Call("log", (over(Power(x(I), TWO)),)),
    "exponential of a sum as a sum of exponentials": lambda r: Power(read("e"), over(x(I))),
    "sum ends one term early": lambda r: over(r.choice((x(I), Product((A, x(I)))))),
    "sum starts at the wrong index": lambda r: over(Power(Sum((I, X)), TWO)),
    "indices swapped": lambda r: Indexed(A, (I, J)),
    "one over n lost": lambda r: r.choice((Product((Quotient(ONE, N), over(x(I)))), Quotient(over(x(I)), N))),
    "expectation of a product as a product": lambda r: mean(Product((CX, CY))),
    "expectation taken inside a function": lambda r: mean(r.choice((
        Power(CX, TWO), Call("sin", (CX,)), Power(read("e"), CX), Quotient(ONE, CX)))),
    "variance of a multiple without the square": lambda r: variance(Product((Number("3"), CX))),
    "covariance forgotten": lambda r: variance(Sum((CX, CY))),
    "square of the mean forgotten": lambda r: variance(CX),
    "terms of the variance swapped": lambda r: variance(CX),
    "arguments of the divergence swapped": lambda r: Call("KL", (Given((P,), (Q,), "||"),)),
    "condition and event swapped": lambda r: Expectation("P", (Given(
        (Relation((CX, Number("0")), (">",)),), (Relation((CY, Number("0")), (">",)),)),)),
    "ascent instead of descent": lambda r: Sum((W, Negative(Product((ETA, function(r)))))),
    "learning rate forgotten": lambda r: Sum((Vector((X, Y)), Negative(Product((Number("0.1"), vector(r)))))),
    "minimum and maximum of a problem confused": lambda r: Optimum("argmin", Power(Sum((X, A)), TWO), (X,)),
    "decimal point moved": lambda r: Product((Number("0.25"), function(r))),
    "rounded too early": lambda r: Product((Number("0.25"), function(r))),
    "denominator written as a decimal": lambda r: Product((Quotient(ONE, Number("4")), function(r))),
    "exponent taken as a factor": lambda r: filled(read("u^3"), r),
    "added instead of multiplied": lambda r: Product((Number("3"), Number("4"), function(r))),
    "multiplied instead of added": lambda r: Sum((Number("3"), number(r.randint(4, 9)))),
    "difference the wrong way round": lambda r: filled(read("u - v"), r),
    "coefficient lost": lambda r: Product((Number("3"), function(r))),
    "term lost": lambda r: filled(read("u + e^v"), r),
    "entries swapped": lambda r: r.choice((vector(r), Call("max", (X, TWO)))),
}  # fmt: skip

# equations: what is asked is whether both have the same solutions; last a number that solves one of them only
EQUATIONS = {
    "negative root lost": ("x^2 = 4", r"x = \sqrt{4}", -2),
    "divided by the unknown": (r"x \left(x - 3\right) = 0", "x - 3 = 0", 0),
    "sign kept on the other side": ("x + 3 = 5", "x = 5 + 3", 2),
    "inequality not turned round": ("-x < 2", "x < -2", 1),
}

BEYOND = {"minimum and maximum of a problem confused"}
"""Slips on notation that the verifier does not decide."""


def contexts(slip: Slip) -> Context:
    """The declarations under which the instances of a slip have a meaning."""
    return Context(VECTORS if slip.name in OF_VECTORS else {P: "density", Q: "density"})


def instances(slip: Slip, random: Random, count: int) -> list[tuple[Node, Node]]:
    """Random expressions in which somebody may make the slip, and what they would write, at the top."""
    if slip.name in MADE:
        nodes = [MADE[slip.name](random) for _ in range(count)]
    else:
        found = templates(slip)
        nodes = [filled(found[k % len(found)], random) for k in range(count)]
    places = [(node, part, path) for node in nodes for path, part in paths(node)]
    made = [(node, path, slip.apply(part)) for node, part, path in places]
    return [(node, replace_at(node, path, new)) for node, path, new in made if new is not None]


def paths(node: Node, path: tuple[int, ...] = ()) -> list[tuple[tuple[int, ...], Node]]:
    return [(path, node), *(found for k, c in enumerate(children(node)) for found in paths(c, (*path, k)))]


FALSE = [pytest.param(slip, id=slip.name) for slip in SLIPS if slip.name not in EQUATIONS]


def test_there_are_many_slips_and_each_has_its_own_name():
    names = [slip.name for slip in SLIPS]
    assert len(names) >= 45
    assert len(set(names)) == len(names)
    assert not set(names) & {rule.name for rule in RIGHT}


@pytest.mark.parametrize("slip", [pytest.param(slip, id=slip.name) for slip in SLIPS])
def test_each_slip_is_named_and_explained(slip):
    assert slip.wrong and slip.name == slip.name.strip() and slip.law and "=" in slip.law
    assert slip.reason.endswith(".") and len(slip.reason) > 30
    assert slip.distorts and slip.distorts not in BY_NAME


def test_right_rules_are_not_marked_wrong():
    assert not any(rule.wrong for rule in RIGHT)


@pytest.mark.parametrize("slip", FALSE)
def test_each_slip_is_false_somewhere(slip):
    random, false, refuted = Random(slip.name), 0, 0
    context = contexts(slip)
    for k, (node, made) in enumerate(instances(slip, random, 6)):
        opinion = compare(node, made, context, 4, seed=k, enough=2)
        verdict = equal(node, made, context).status
        if opinion.equal is False:
            assert verdict not in (Status.PROVED, Status.CHECKED), f"{latex(node)} -> {latex(made)}"
            assert not any(rule.apply(node) == made for rule in RIGHT), f"a right rule makes {latex(made)} as well"
        elif opinion.equal is True:
            assert verdict is not Status.REFUTED, f"{latex(node)} -> {latex(made)}"
        false += opinion.equal is False
        refuted += verdict is Status.REFUTED
    assert false, f"no instance of {slip.name} has another value"
    assert refuted or slip.name in BEYOND, f"no instance of {slip.name} is refuted"


@pytest.mark.parametrize("name", EQUATIONS)
def test_slips_with_equations_lose_or_change_solutions(name):
    *texts, point = EQUATIONS[name]
    before, after = map(read, texts)
    assert BY_NAME[name].apply(before) == after
    assert truth(before, World({X: mp.mpf(point)})) != truth(after, World({X: mp.mpf(point)}))
    assert equal(before, after, Context()).status not in (Status.PROVED, Status.CHECKED)


# --- what a slip makes, and where it is not made ----------------------------------------------------------

ROWS = [
    ("product of the derivatives", r"\frac{d}{dx} (x \sin x)", r"\frac{d x}{dx} \frac{d}{dx} \sin x"),
    ("inner derivative lost", r"\frac{d}{dx} \sin(2 x)", r"\cos(2 x)"),
    ("minus of the exponent lost", r"\frac{d}{dx} e^{-x}", r"e^{-x} \frac{d x}{dx}"),
    ("power of a sum term by term", "(a - b)^2", "a^2 - b^2"),
    ("fraction split in the denominator", r"\frac{1}{a + b}", r"\frac{1}{a} + \frac{1}{b}"),
    ("term cancelled as if it were a factor", r"\frac{x + 1}{x + 2}", r"\frac{1}{2}"),
    ("term cancelled as if it were a factor", r"\frac{x + 1}{x}", "1"),
    ("sign lost when the bracket was opened", "-(a + b - c)", "-a + b - c"),
    ("only the first term multiplied", "2 (x + 1)", "2 x + 1"),
    ("exponential of a sum as a sum", "e^{a + b}", "e^a + e^b"),
    ("logarithm of a product as a product", r"\log(a b)", r"\log(a) \log(b)"),
    ("absolute value dropped", r"\sqrt{x^2}", "x"),
    ("minus taken into the power", "-x^2", "(-x)^2"),
    ("logistic function taken for odd", r"\sigma(-x)", r"-\sigma(x)"),
    ("decimal point moved", "0.25", "2.5"),
    ("decimal point moved", "12.5", "125"),
    ("decimal point moved", "0.05", "0.5"),
    ("rounded too early", "0.349", "0.3"),
    ("denominator written as a decimal", r"\frac{1}{4}", "0.4"),
    ("exponent taken as a factor", "(-3)^2", r"2 \cdot (-3)"),
    ("added instead of multiplied", r"3 \cdot 9", "3 + 9"),
    ("multiplied instead of added", "4 + 27", r"4 \cdot 27"),
    ("difference the wrong way round", "1 - 31", "31 - 1"),
    ("coefficient lost", "2 x y", "x y"),
    ("term lost", "a + b - c", "a + b"),
    ("entries swapped", "(1, 9)", "(9, 1)"),
    ("sum ends one term early", r"\sum_{k=1}^{n} k", r"\sum_{k=1}^{n-1} k"),
    ("ascent instead of descent", r"x - \eta y", r"x + \eta y"),
    ("determinant with a plus", r"\det\begin{bmatrix} a & b \\ c & d \end{bmatrix}", "a d + b c"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "before", "after"), ROWS)
def test_rows(name, before, after):
    assert BY_NAME[name].apply(read(before)) == read(after)


NOT_MADE = [
    ("inner derivative lost", r"\frac{d}{dx} \sin(x)"),
    ("inner derivative of a power lost", r"\frac{d}{dx} x^2"),
    ("inner derivative of an exponential lost", r"\frac{d}{dx} e^x"),
    ("logarithm of the base lost", r"\frac{d}{dx} e^x"),
    ("power rule on an exponential", r"\frac{d}{dx} x^2"),
    ("power rule on base and exponent", r"\frac{d}{dx} x^2"),
    ("derivative of a constant kept", r"\frac{d}{dx} x"),
    ("power of a sum term by term", "(a b)^2"),
    ("minus taken into the power", "-x^3"),
    ("minus kept outside an even power", "(-x)^3"),
    ("absolute value dropped", r"\sqrt[3]{x^3}"),
    ("order of a matrix product swapped", "x y"),
    ("transposed product in the old order", "x y"),
    ("ascent instead of descent", "x - 2 y"),
    ("decimal point moved", "25"),
    ("rounded too early", "0.3"),
    ("rounded too early", "0.30"),
    ("denominator written as a decimal", r"\frac{1}{1}"),
    ("exponent taken as a factor", "e^2"),
    ("exponent taken as a factor", "x^n"),
    ("added instead of multiplied", "3 x"),
    ("multiplied instead of added", "x + 3"),
    ("multiplied instead of added", "3 - 4"),
    ("difference the wrong way round", "a + b"),
    ("coefficient lost", "x y"),
    ("entries swapped", "(1, 2, 3)"),
    ("sum of a constant as one of it", r"\sum_{k=1}^{n} k"),
    ("indices swapped", "x"),
    ("even function taken for odd", r"\sin(-x)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "formula"), NOT_MADE)
def test_where_a_slip_is_not_made(name, formula):
    made = BY_NAME[name].apply(read(formula))
    assert made is None or made == read(formula)


def test_all_places_are_found():
    tree = read(r"(a + b)^2 + (c + d)^2")
    found = [made for slip, _, made in slipped(tree) if slip.name == "power of a sum term by term"]
    assert found == [read("a^2 + b^2 + (c + d)^2"), read("(a + b)^2 + c^2 + d^2")]


@pytest.mark.parametrize("formula", [
    r"\frac{d}{dx} \left(\sin(2x) e^{-x}\right)", r"\frac{x+1}{x+2} - (x-3)^2", r"-2 (x+1)^2", r"\log(x y) - 0.25",
    r"\begin{bmatrix} x & 1 \\ x^2 & y \end{bmatrix} (1, x)",
])  # fmt: skip
def test_a_slip_changes_its_place_and_nothing_else(formula):
    tree = read(formula)
    seen = list(slipped(tree))
    assert seen
    for slip, path, made in seen:
        part = part_at(tree, path)
        new = slip.apply(part)
        assert made != tree and new is not None
        assert latex(made)
        if type(new) not in (Sum, Product):
            assert made == replace_at(tree, path, new)
        assert not any(isinstance(c, type(p)) for p in walk(made) if isinstance(p, Product) for c in p.factors)


def test_leaves_without_a_point_offer_nothing():
    assert list(slipped(X)) == [] == list(slipped(Number("3")))


def test_a_root_of_another_degree_is_not_a_square_root():
    assert BY_NAME["2 below the root lost"].apply(Derivative(Root(X, Number("3")), X)) is None
