"""Derivatives are proved by the verifier's own derivation, and agree with differences of the function."""

from random import Random

import pytest
from mpmath import mp

from derive.steps import Context
from derive.tree import Call, Derivative, E, Negative, Node, Number, Power, Product, Quotient, Root, Sum, Symbol, number
from derive.verify import equal
from tests.verify.oracle import NoValueError, X, Y, expression, value
from tests.verify.statements import verdict

DERIVATIVES = [
    (r"\sigma(x)", r"\sigma(x)(1-\sigma(x))"),
    (r"\tanh(x)", r"1-\tanh^2(x)"),
    (r"x^x", r"x^x(\log(x)+1)"),
    (r"x^{\sin(x)}", r"x^{\sin(x)}(\cos(x)\log(x)+\frac{\sin(x)}{x})"),
    (r"\sqrt[3]{x}", r"\frac{1}{3}x^{-2/3}"),
    (r"\arcsin(x)", r"\frac{1}{\sqrt{1-x^2}}"),
    (r"\arccos(x)", r"-\frac{1}{\sqrt{1-x^2}}"),
    (r"\arctan(x)", r"\frac{1}{1+x^2}"),
    (r"\operatorname{artanh}(x)", r"\frac{1}{1-x^2}"),
    (r"\operatorname{arcosh}(x)", r"\frac{1}{\sqrt{x^2-1}}"),
    (r"|x|", r"\frac{x}{|x|}"),
    (r"\max(0,x)", r"\begin{cases}1&x>0\\0&x<0\end{cases}"),
    (r"\operatorname{ELU}(x)", r"\begin{cases}1&x>0\\e^x&x<0\end{cases}"),
    (r"\operatorname{GELU}(x)", r"\Phi(x)+x\frac{1}{\sqrt{2\pi}}e^{-x^2/2}"),
    (r"\operatorname{softplus}(x)", r"\sigma(x)"),
    (r"\operatorname{swish}(x)", r"\sigma(x)+x\sigma(x)(1-\sigma(x))"),
    (r"\log(\cos(x))", r"-\tan(x)"),
    (r"\log|x|", r"\frac{1}{x}"),
    (r"\log_{10}(x)", r"\frac{1}{x\log(10)}"),
    (r"2^x", r"2^x\log(2)"),
    (r"f(g(x))", r"f'(g(x))g'(x)"),
    (r"f(x)g(x)", r"f'(x)g(x)+f(x)g'(x)"),
    (r"\int_0^x e^{-t^2}\,dt", r"e^{-x^2}"),
    (r"c", "0"),
]


@pytest.mark.parametrize(("function", "derivative"), DERIVATIVES)
def test_derivative_is_proved(function, derivative):
    found = verdict(rf"\frac{{d}}{{dx}}[{function}]", "=", derivative)
    assert found.status == "proved", found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"\sigma''(x)", r"\sigma(x)(1-\sigma(x))(1-2\sigma(x))"),
        (r"\frac{d^3}{dx^3}\log(x)", r"\frac{2}{x^3}"),
        (r"\frac{d^2}{dx^2}e^{-x^2}", r"(4x^2-2)e^{-x^2}"),
        (r"\frac{\partial^2}{\partial x\partial y}(x^2y^3)", "6xy^2"),
        (r"\frac{\partial}{\partial x}\frac{\partial}{\partial y}e^{xy}", r"e^{xy}(1+xy)"),
        (r"\left.\frac{d}{dx}x^3\right|_{x=2}", "12"),
        (r"\left.\frac{d}{dx}|x|\right|_{x=-2}", "-1"),
        (r"\left.\frac{d}{dx}\sigma(x)\right|_{x=0}", r"\frac{1}{4}"),
        (r"\sigma'(2x+1)", r"\sigma(2x+1)(1-\sigma(2x+1))"),
        (r"\operatorname{ReLU}'(z)", r"\begin{cases}1&z>0\\0&z<0\end{cases}"),
        (r"\operatorname{ReLU}'(3z)", r"\begin{cases}1&z>0\\0&z<0\end{cases}"),
    ],
)
def test_higher_and_partial_derivatives_at_points(before, after):
    found = verdict(before, "=", after)
    assert found.status == "proved", found


def test_the_value_claimed_at_a_kink_becomes_a_condition():
    found = verdict(r"\frac{d}{dx}\max(0,x)", "=", r"\begin{cases}1&x>0\\0&x\le 0\end{cases}")
    assert found.status == "proved"
    assert found.condition == ("x ≠ 0",)


# --- random functions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("after", "status"), [
    (r"m \operatorname{sign}(a) + 2 n a", "proved"), (r"m \operatorname{sign}(b) + 2 n a", "refuted"),
])
def test_constants_with_kinks_do_not_multiply_the_cases(after, status):
    letters = "abcdefgh"
    absolute, squares = "+".join(f"|{c}|" for c in letters), "+".join(f"{c}^2" for c in letters)
    whole = rf"\frac{{\partial}}{{\partial a}}(m({absolute}) + n({squares}))"
    assert verdict(whole, "=", after).status.value == status


def slope(node: Node, x: Symbol) -> Node:
    """The derivative by the schoolbook's rules, as the test's own candidate."""
    match node:
        case Number():
            return Number("0")
        case Symbol():
            return Number("1" if node == x else "0")
        case Sum(terms):
            return Sum(tuple(slope(t, x) for t in terms))
        case Product((u, v)):
            return Sum((Product((slope(u, x), v)), Product((u, slope(v, x)))))
        case Negative(u):
            return Negative(slope(u, x))
        case Quotient(u, v):
            top = Sum((Product((slope(u, x), v)), Negative(Product((u, slope(v, x))))))
            return Quotient(top, Power(v, Number("2")))
        case Power(base, exponent) if base == E:
            return Product((node, slope(exponent, x)))
        case Power(base, Number() as n):
            return Product((n, Power(base, number(n.value - 1)), slope(base, x)))
        case Root(u):
            return Quotient(slope(u, x), Product((Number("2"), node)))
        case Call("max", (u, v)):
            sign = Call("sign", (Sum((u, Negative(v))),))
            return Sum((_half(slope(u, x), sign, 1), _half(slope(v, x), sign, -1)))
        case Call(name, (u,)):
            return Product((_outer(name, u), slope(u, x)))
    raise NotImplementedError(node)


def _half(inner: Node, sign: Node, side: int) -> Node:
    factor = Sum((Number("1"), sign if side > 0 else Negative(sign)))
    return Quotient(Product((inner, factor)), Number("2"))


def _outer(name: str, u: Node) -> Node:
    one, square = Number("1"), Number("2")
    sigma = Call("sigma", (u,))
    return {
        "log": Quotient(one, u),
        "sin": Call("cos", (u,)),
        "cos": Negative(Call("sin", (u,))),
        "tanh": Sum((one, Negative(Power(Call("tanh", (u,)), square)))),
        "sigma": Product((sigma, Sum((one, Negative(sigma))))),
        "abs": Call("sign", (u,)),
        "arctan": Quotient(one, Sum((one, Power(u, square)))),
        "softplus": sigma,
        "relu": Quotient(Sum((one, Call("sign", (u,)))), square),
        "swish": Sum((sigma, Product((u, sigma, Sum((one, Negative(sigma))))))),
    }[name]


def _numeric_slope(node: Node, at: dict[Symbol, object]) -> object:
    return mp.diff(lambda t: value(node, {**at, X: t}), at[X])


def _is_slope(function: Node, claimed: Node) -> bool | None:
    """Whether a claimed derivative agrees with differences of the function; None when there are no values."""
    seen, random = 0, Random(5)
    with mp.workdps(60):
        for _ in range(12):
            at = {s: mp.mpf(random.randint(-200, 200)) / 64 for s in (X, Y)}
            try:
                wanted, found = _numeric_slope(function, at), value_with_sign(claimed, at)
            except (NoValueError, OverflowError, ZeroDivisionError):
                continue
            if abs(wanted - found) > mp.mpf(10) ** -15 * max(1, abs(wanted), abs(found)):
                return False
            seen += 1
    return True if seen > 2 else None


def value_with_sign(node: Node, at: dict[Symbol, object]) -> object:
    from tests.verify import oracle

    oracle.FUNCTIONS["sign"] = mp.sign
    return value(node, at)


@pytest.mark.parametrize("seed", range(60))
def test_random_derivatives_are_never_refuted_and_mostly_proved(seed):
    function = expression(Random(seed), 3)
    found = equal(Derivative(function, X), slope(function, X), Context())
    assert found.status != "refuted", found
    if found.status == "proved":
        assert _is_slope(function, slope(function, X)) in (True, None)


@pytest.mark.parametrize("seed", range(60))
def test_wrong_derivatives_are_never_proved(seed):
    from tests.verify.oracle import mutated

    function = expression(Random(seed), 3)
    wrong = mutated(slope(function, X), Random(seed))
    found = equal(Derivative(function, X), wrong, Context())
    if found.status == "proved":
        assert _is_slope(function, wrong) in (True, None)
    if found.status == "refuted":
        assert _is_slope(function, wrong) in (False, None) or found.witness is not None
