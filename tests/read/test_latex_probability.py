r"""Probability, divergences, expectations, optima: what they read as, what is refused and where.

Rows as in ``test_latex.py``: ``‸`` stands before the character that a refusal points at.
"""

import pytest

from derive.read.latex import Names, read
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Dots,
    Expectation,
    Given,
    Indexed,
    Integral,
    Negative,
    Norm,
    Number,
    Optimum,
    Power,
    Product,
    Relation,
    Set,
    Statements,
    Sum,
    SumOver,
    Symbol,
    Vector,
)
from tests.read.test_latex import refusal

a, b, f, i, j, n, p, q, w, x, y, z, X, Y = (Symbol(letter) for letter in "abfijnpqwxyzXY")
theta, Theta, P, Q = Symbol("theta"), Symbol("Theta"), Symbol("P"), Symbol("Q")
p_star, p_model = Symbol("p", sup="*"), Symbol("p", "model")
DENSITIES = Names(
    functions=frozenset({"f", "Q"}), densities=frozenset({"p", "q", "p_sup_star", "p_model", "hat_p_data"})
)  # fmt: skip


def given(items, behind, sign="|"):
    return Given(tuple(items), tuple(behind), sign)


def drawn(name, density):
    return Relation((name, density), ("~",))


def expected(*args, over=(), operator="E"):
    return Expectation(operator, args, tuple(over))


def equals(left, right):
    return Relation((left, right), ("=",))


def minus(node):
    return Negative(node)


READ = {
    # what is given
    r"p(x \mid \theta)": Call("p", (given([x], [theta]),)),
    r"p(x, y | \theta, w)": Call("p", (given([x, y], [theta, w]),)),
    r"p(x; \theta)": Call("p", (given([x], [theta], ";"),)),
    "p(y = 1 | x)": Call("p", (given([equals(y, ONE)], [x]),)),
    "p(x | |y|)": Call("p", (given([x], [Call("abs", (y,))]),)),
    "p(|x| | y)": Call("p", (given([Call("abs", (x,))], [y]),)),
    "f(|x|)": Call("f", (Call("abs", (x,)),)),
    "f(2|x|)": Call("f", (Product((TWO, Call("abs", (x,)))),)),
    "f(|x||y|)": Call("f", (Product((Call("abs", (x,)), Call("abs", (y,)))),)),
    "f(||x||)": Call("f", (Norm(x),)),
    r"\exp(-a|x|)": Call("exp", (minus(Product((a, Call("abs", (x,))))),)),
    r"\log(x|\theta)": Call("log", (given([x], [theta]),)),
    r"\log p(x|\theta)": Call("log", (Call("p", (given([x], [theta]),)),)),
    "p^*(x)": Call("p_sup_star", (x,)),
    r"p_{model}(x)": Call("p_model", (x,)),
    "p_{m o d e l}": p_model,
    r"\hat{p}_{data}": Symbol("p", "data", accent="hat"),
    # divergences
    r"\mathrm{KL}(p \| q)": Call("KL", (given([p], [q], "||"),)),
    r"D_{KL}(p^* || q)": Call("D_KL", (given([p_star], [q], "||"),)),
    r"KL(p(x) || p(x|\theta))": Call("KL", (given([Call("p", (x,))], [Call("p", (given([x], [theta]),))], "||"),)),
    r"KL(x, y)": Call("KL", (x, y)),
    r"D_{KL} = 0": equals(Symbol("D", "KL"), ZERO),
    # expectations
    r"\mathbb{E}_{x \sim p}[f(x)]": expected(Call("f", (x,)), over=[drawn(x, p)]),
    r"\mathbb{E}[X \mid Y]": expected(given([X], [Y])),
    r"\mathbb{E}_{x, y \sim p}[x]": expected(x, over=[drawn(x, p), drawn(y, p)]),
    r"\mathbb{E}_{(x, y) \sim p}[x]": expected(x, over=[drawn(Vector((x, y)), p)]),
    r"\mathbb{E}_x[x]": expected(x, over=[x]),
    r"\mathbb{E}_{p(x)}[x]": expected(x, over=[Call("p", (x,))]),
    r"\mathbb{E}_{Y|X}[Y]": expected(Y, over=[given([Y], [X])]),
    r"\mathbb{E}[X]^2": Power(expected(X), TWO),
    r"\mathbb{E}[X]\mathbb{E}[Y]": Product((expected(X), expected(Y))),
    r"\mathbb{E}[XY] - E[X]": Sum((expected(Product((X, Y))), minus(expected(X)))),
    r"E_{x \sim p}(x)": expected(x, over=[drawn(x, p)]),
    r"\operatorname{Var}(X)": expected(X, operator="Var"),
    r"\operatorname{Cov}(X, Y)": expected(X, Y, operator="Cov"),
    r"\mathbb{P}(X > 0)": expected(Relation((X, ZERO), (">",)), operator="P"),
    r"\Pr(X > 0 \mid Y = 1)": expected(given([Relation((X, ZERO), (">",))], [equals(Y, ONE)]), operator="P"),
    r"P(X = 1)": expected(equals(X, ONE), operator="P"),
    # indicators
    r"\mathbb{1}[x > 0]": Call("indicator", (Relation((x, ZERO), (">",)),)),
    r"y \mathbb{1}_{x = 1}": Product((y, Call("indicator", (equals(x, ONE),)))),
    # distributions
    r"x \sim \mathcal{N}(0, 1)": drawn(x, Call("N", (ZERO, ONE))),
    # optima
    r"\arg\min_\theta f(\theta)": Optimum("argmin", Call("f", (theta,)), (theta,)),
    r"\max_i z_i": Optimum("max", Indexed(z, (i,)), (i,)),
    r"\max_{\theta \in \Theta} \theta": Optimum("max", theta, (theta,), Relation((theta, Theta), ("in",))),
    r"\min_{w, b} w b": Optimum("min", Product((w, b)), (w, b)),
    r"\max_{1 \le i \le n} z_i":
        Optimum("max", Indexed(z, (i,)), (i,), Relation((ONE, i, n), ("<=", "<="))),
    r"\max_{i = 1, \dots, n} z_i":
        Optimum("max", Indexed(z, (i,)), (i,), Relation((i, Set((ONE, Dots(), n))), ("in",))),
    r"\max_{\|w\| = 1} w": Optimum("max", w, (), equals(Norm(w), ONE)),
    r"\min_x \max_y x y": Optimum("min", Optimum("max", Product((x, y)), (y,)), (x,)),
    r"\arg\max_\theta \sum_{i=1}^n \log p(x_i|\theta)":
        Optimum("argmax", SumOver(Call("log", (Call("p", (given([Indexed(x, (i,))], [theta]),)),)), i, ONE, n),
                (theta,)),
    r"\max(0, x)": Call("max", (ZERO, x)),
    # how far an optimum reaches
    r"\arg\min_w w^2 + 3": Optimum("argmin", Sum((Power(w, TWO), Number("3"))), (w,)),
    r"\max_i z_i + 1": Sum((Optimum("max", Indexed(z, (i,)), (i,)), ONE)),
    r"\min_w w^2 + a + b w": Optimum("min", Sum((Power(w, TWO), a, Product((b, w)))), (w,)),
    r"1 + \max_x x": Sum((ONE, Optimum("max", x, (x,)))),
    r"2\max_x x = y": equals(Product((TWO, Optimum("max", x, (x,)))), y),
    r"\max_j z_j + \sum_j z_j": Sum((Optimum("max", Indexed(z, (j,)), (j,)), SumOver(Indexed(z, (j,)), j))),
}  # fmt: skip

SAME = [
    (r"\arg\min_\theta f(\theta)", r"\arg \min_{\theta} f(\theta)", r"arg \min_\theta f(\theta)",
     r"argmin_\theta f(\theta)", r"\operatorname{argmin}_\theta f(\theta)", r"\argmin_\theta f(\theta)",
     r"\operatorname*{arg\,min}_{\theta} f(\theta)",
     "\\operatorname{arg\nmin}_\\theta f(\\theta)", r"\underset{\theta}{\mathrm{argmin}} f(\theta)",
     r"\mathop{\mathrm{argmin}}_{\theta} \; f(\theta)", r"\underset{\theta}{\operatorname{arg\,min}} \quad f(\theta)",
     r"\text{argmin}_\theta f(\theta)", r"\text{arg min}_\theta f(\theta)", r"\arg\min\limits_\theta f(\theta)",
     r"\operatorname{ a r g m i n }_{ \theta } f ( \theta )"),
    (r"\mathrm{KL}(p \| q)", "KL(p || q)", "KL(p||q)", r"\mathrm{KL}(p \,\|\, q)", r"KL(p \parallel q)",
     r"KL[p \Vert q]", r"\operatorname{KL}\left(p \,\middle\|\, q\right)", r"\text{KL}(p \big\| q)", "KL(p ‖ q)",
     "KL(p | | q)"),
    (r"D_{KL}(p \| q)", r"D_{\mathrm{KL}}(p \| q)", r"D_\mathrm{KL}(p \| q)", r"D_{\text{KL}}(p \| q)",
     r"\mathrm{D}_{KL}(p \| q)", "D_{K L}(p || q)"),
    (r"\mathbb{E}_{x \sim p}[x]", r"\mathbb E_{x\sim p}\left[x\right]", r"\mathrm{E}_{x \sim p}[x]", r"E_{x \sim p}[x]",
     r"\operatorname{E}_{x \sim p}[x]", r"\mathop{\mathbb{E}}_{x \sim p}[x]", r"\underset{x \sim p}{\mathbb{E}}[x]",
     "𝔼_{x ∼ p}[x]", r"\mathbb{E}_{x\sim p}\{x\}"),
    (r"\operatorname{Var}(X)", "Var(X)", r"\mathrm{Var}[X]", r"\mathbb{V}[X]", r"\operatorname{var}(X)",
     r"\text{Var}(X)"),
    (r"\Pr(X > 0)", r"\mathbb{P}(X > 0)", r"P(X > 0)", r"\mathrm{P}[X > 0]", r"\operatorname{Pr}(X > 0)"),
    (r"p(x|y)", r"p(x \mid y)", r"p(x \,|\, y)", r"p\left(x \middle| y\right)", r"p(x \vert y)", r"p(x\big|y)"),
    (r"\mathbb{1}[x > 0]", r"\mathbf{1}_{\{x > 0\}}", r"\mathbb{I}(x > 0)", r"1_{x > 0}", r"I(x > 0)",
     r"\mathbb{1}\{x > 0\}", r"\mathds{1}_{x > 0}", "𝟙[x > 0]"),
]  # fmt: skip

EVIDENCE = {
    # the formula itself shows p to be a density
    "p(x) = p(x|y)": equals(Call("p", (x,)), Call("p", (given([x], [y]),))),
    r"x \sim p, p(x) = 1": Statements((drawn(x, p), equals(Call("p", (x,)), ONE))),
    r"\int p(x) dx": Integral(Call("p", (x,)), x),
    r"\mathbb{E}_p[p(x)]": expected(Call("p", (x,)), over=[p]),
    r"KL(p || q) + q(x)": Sum((Call("KL", (given([p], [q], "||"),)), Call("q", (x,)))),
    r"w(x|y)": Call("w", (given([x], [y]),)),
    "p(1 - p)": Product((p, Sum((ONE, minus(p))))),
}

REFUSED = {
    "‸p(x)": "not declared as a function",
    "‸E(X)": "expectation, a function or a factor",
    r"E + ‸E[X]": "something else",
    r"‸\mathbb{E} X": "in brackets",
    r"\max ‸z": "in brackets",
    r"‸\sup x": "the variable below",
    r"‸\arg x": "before min or max",
    r"‸\mathbb{1}": "needs its condition",
    r"‸\mathbb{1}[x]": "a condition",
    r"\sum_i x_i ‸+ y_i": "used behind its sum",
    r"\sum_k ‸p_k(x|y)": "family of functions",
    "‸|a|b|c|": "paired in two ways",
}


@pytest.mark.parametrize("text", READ)
def test_reads(text):
    assert read(text, DENSITIES) == READ[text]


@pytest.mark.parametrize(("text", "other"), [(row[0], other) for row in SAME for other in row[1:]])
def test_reads_the_same(text, other):
    assert read(other, Names(functions=frozenset({"f"}))) == read(text, Names(functions=frozenset({"f"})))


@pytest.mark.parametrize("text", EVIDENCE)
def test_the_formula_tells_what_is_not_declared(text):
    assert read(text) == EVIDENCE[text]


@pytest.mark.parametrize("marked", REFUSED)
def test_refuses(marked):
    assert REFUSED[marked] in refusal(marked)


UNCLEAR = {
    r"p(x‸|y|z)": "bars that part",
    r"\log p(x|y) ‸q(x|y)": "how far the function log reaches",
    r"\max_a f(a) ‸+ a_1": "how far the operator over a reaches",
    r"b + \max_a f(a) ‸- f(a)": "how far the operator over a reaches",
    r"‸\operatorname{Cov}(X, Y, a)": "takes 1 argument",
    r"p(x‸; y; z)": "second sign",
    r"‸\max_{i=1} z_i": "no first value",
    r"‸\mathbb{E}[X, Y]": "takes 1 argument",
    r"‸\sin(x = 1)": "a relation cannot be",
    r"‸Q^\pi(x)": "Q_sup_pi",
}


@pytest.mark.parametrize("text", UNCLEAR)
def test_refuses_with_declared_densities(text):
    assert UNCLEAR[text] in refusal(text, DENSITIES)


def test_declared_names_win():
    names = Names(symbols=frozenset("EIPx"))
    assert read("E[x]", names) == Product((Symbol("E"), x))
    assert read(r"\mathbb{E}[x]", names) == expected(x)
    assert read("P(x + 1)", names) == Product((P, Sum((x, ONE))))
    assert read("KL(x)", Names(functions=frozenset({"KL"}))) == Call("KL", (x,))


def test_an_accent_or_a_star_may_stand_anywhere_in_a_declared_name():
    names = Names(functions=frozenset({"p_star", "p_hat_data"}))
    assert read("p^*(x)", names) == Call("p_sup_star", (x,))
    assert read(r"\hat{p}_{data}(x)", names) == Call("hat_p_data", (x,))


def test_a_declared_function_may_have_the_variable_as_its_label():
    names = Names(functions=frozenset({"f_w"}))
    assert read(r"\min_w f_w(x)", names) == Optimum("min", Call("f_w", (x,)), (w,))
    assert "family of functions" in refusal(r"\min_w ‸f_w(x)")


def test_a_density_must_be_declared_where_everything_must():
    assert "the name p is not declared" in refusal("‸p(x|y)", Names(symbols=frozenset("xy")))
