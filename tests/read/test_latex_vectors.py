r"""Norms, inner products, entries, gradients, sets, sums with conditions, labels: what is read and what is refused.

Rows as in ``test_latex.py``: ``‸`` stands before the character that a refusal points at.
"""

from dataclasses import replace

import pytest

from derive.errors import FormulaError, LimitError
from derive.read.latex import Names, read
from derive.tree import (
    INFINITY,
    ONE,
    TWO,
    ZERO,
    At,
    Call,
    Component,
    Derivative,
    Dots,
    Entrywise,
    Gradient,
    GradientOf,
    Indexed,
    Inner,
    Integral,
    Interval,
    Matrix,
    Negative,
    Norm,
    Number,
    Power,
    Product,
    ProductOver,
    Quotient,
    Relation,
    Set,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
)
from tests.read.test_latex import refusal

a, b, c, d, f, i, j, k, n, r, t, w, x, y, z, A, B, C, D, L, S, X = (Symbol(s) for s in "abcdfijknrtwxyzABCDLSX")
theta, Sigma, R = Symbol("theta"), Symbol("Sigma"), Symbol("R", font="bb")
ones = Symbol("1", font="bold")
half = Quotient(ONE, TWO)
WHOLES = Names(matrices=frozenset({"A", "B", "I", "x", "y"}), functions=frozenset({"f"}), indexed=frozenset({"x"}))


def squared(node):
    return Power(node, TWO)


def entry(base, *indices, sup=""):
    return Indexed(Symbol(base, sup=sup), indices)


def member(name, whole):
    return Relation((name, whole), ("in",))


READ = {
    # norms and inner products
    r"\|x\|_2^2": squared(Norm(x, TWO)),
    r"\|x\|^2_2": squared(Norm(x, TWO)),
    r"\|x\|_\infty": Norm(x, INFINITY),
    r"\|A\|_F": Norm(A, Symbol("F")),
    r"\|x\|\|y\|": Product((Norm(x), Norm(y))),
    r"\frac{\|x\|}{2}\|y\|": Product((Quotient(Norm(x), TWO), Norm(y))),
    r"\lVert x \lVert y \rVert_1 \rVert": Norm(Product((x, Norm(y, ONE)))),
    "||x| - |y||": Call("abs", (Sum((Call("abs", (x,)), Negative(Call("abs", (y,))))),)),
    "2||x||": Product((TWO, Norm(x))),
    r"\langle x, y \rangle^2": squared(Inner(x, y)),
    # entry by entry
    r"a \odot b \odot c": Entrywise((a, b, c)),
    r"a \circ b + c": Sum((Entrywise((a, b)), c)),
    r"A^\top x \odot y": Entrywise((Product((Transpose(A), x)), y)),
    r"2 a \odot b": Entrywise((Product((TWO, a)), b)),
    r"a \odot (b c)": Entrywise((a, Product((b, c)))),
    # entries
    r"\operatorname{softmax}(z)_i": Component(Call("softmax", (z,)), (i,)),
    "(A x)_i": Component(Product((A, x)), (i,)),
    "[A B]_{ij}": Component(Product((A, B)), (i, j)),
    r"(A^{-1})_{1,2}": Component(Power(A, Negative(ONE)), (ONE, TWO)),
    # gradients
    r"\nabla_w \|w\|^2": GradientOf(squared(Norm(w)), (w,)),
    r"\nabla_{w, b} L": GradientOf(L, (w, b)),
    r"\nabla_\theta L(\theta)": GradientOf(Call("L", (theta,)), (theta,)),
    r"\nabla_w L(w)^\top x": Product((Transpose(GradientOf(Call("L", (w,)), (w,))), x)),
    r"\nabla_x x^\top A x": GradientOf(Product((Transpose(x), A, x)), (x,)),
    r"\nabla_w \frac{1}{2} w^2": GradientOf(Product((half, squared(w))), (w,)),
    r"\nabla_w \frac{a}{2} \|w\|^2": GradientOf(Product((Quotient(a, TWO), squared(Norm(w)))), (w,)),
    r"\nabla_w \|w\|^2 + \|a\|^2": Sum((GradientOf(squared(Norm(w)), (w,)), squared(Norm(a)))),
    r"\nabla_w \|w\|^2 + \|w\| w": Sum((GradientOf(squared(Norm(w)), (w,)), Product((Norm(w), w)))),
    r"\nabla_w \log w": GradientOf(Call("log", (w,)), (w,)),
    r"\nabla^2 C(x)": GradientOf(Call("C", (x,)), (), 2),
    r"\nabla^2_x C": GradientOf(C, (x,), 2),
    r"\nabla (x^2 + y)": GradientOf(Sum((squared(x), y))),
    r"\nabla C(1, 2)": Gradient("C", (ONE, TWO)),
    r"\nabla C^\top x": Product((Transpose(Gradient("C")), x)),
    # derivatives
    r"\sum_k \frac{\partial L}{\partial x_k}": SumOver(Derivative(L, entry("x", k), 1, True), k),
    r"\partial_x C": Derivative(C, x, 1, True),
    r"\partial_{x} [x^2]": Derivative(squared(x), x, 1, True),
    r"\partial L / \partial w": Derivative(L, w, 1, True),
    r"\frac{d}{dx}(x + y)|_{x = 0}": At(Derivative(Sum((x, y)), x), ((x, ZERO),)),
    r"\frac{dy}{dx}\bigg\rvert_{x = 1}": At(Derivative(y, x), ((x, ONE),)),
    # integrals
    r"\iint x y \,dx\,dy": Integral(Integral(Product((x, y)), x), y),
    r"\int_\Omega x \,dx": Integral(x, x, Symbol("Omega")),
    # sets
    r"x \in [0, 1)": member(x, Interval(ZERO, ONE, right_open=True)),
    r"x \in (0, \infty)": member(x, Interval(ZERO, INFINITY, True, True)),
    r"x \in ]0, 1[": member(x, Interval(ZERO, ONE, True, True)),
    r"x \in \left(0, \frac{1}{2}\right]": member(x, Interval(ZERO, half, left_open=True)),
    r"x \in [0, 1]^d": member(x, Power(Interval(ZERO, ONE), d)),
    r"x \in \{1, \dots, n\}": member(x, Set((ONE, Dots(), n))),
    r"A \in \mathbb{R}^{n \times d}": member(A, Power(R, Vector((n, d)))),
    r"x \in \mathbb{R}^n": member(x, Power(R, n)),
    r"x \in \mathbb{R}^+": member(x, Symbol("R", sup="+", font="bb")),
    r"A \subseteq B": Relation((A, B), ("subset",)),
    # sums over sets and with conditions
    r"\sum_{x \in X} x": SumOver(x, x, where=member(x, X)),
    r"\prod_{i \in S} p_i": ProductOver(entry("p", i), i, where=member(i, S)),
    r"\sum_{j \ne i} x_j": SumOver(entry("x", j), j, where=Relation((j, i), ("!=",))),
    r"\sum_{i < j} x_i": SumOver(entry("x", i), i, where=Relation((i, j), ("<",))),
    r"\sum_i \sum_{j < i} a_{ij}":
        SumOver(SumOver(entry("a", i, j), j, where=Relation((j, i), ("<",))), i),
    r"\sum_{j=1}^n \sum_{i < j} x_i":
        SumOver(SumOver(entry("x", i), i, where=Relation((i, j), ("<",))), j, ONE, n),
    r"\sum_{i : y_i = 1} x_i": SumOver(entry("x", i), i, where=Relation((entry("y", i), ONE), ("=",))),
    r"\sum_{\substack{i = 1 \\ i \ne j}}^n x_i": SumOver(entry("x", i), i, ONE, n, Relation((i, j), ("!=",))),
    r"\sum_{i = 1, \dots, n} x_i": SumOver(entry("x", i), i, where=member(i, Set((ONE, Dots(), n)))),
    r"\sum_i x_i - \sum_i y_i": Sum((SumOver(entry("x", i), i), Negative(SumOver(entry("y", i), i)))),
    # whole numbers
    "n!": Call("factorial", (n,)),
    "2n!": Product((TWO, Call("factorial", (n,)))),
    "k!(n - k)!": Product((Call("factorial", (k,)), Call("factorial", (Sum((n, Negative(k))),)))),
    r"\binom{n}{k}": Call("binom", (n, k)),
    r"\tbinom nk": Call("binom", (n, k)),
    r"\lfloor x \rfloor + \left\lceil \frac{x}{2} \right\rceil":
        Sum((Call("floor", (x,)), Call("ceil", (Quotient(x, TWO),)))),
    # dots
    r"x_1 + \dots + x_n": Sum((entry("x", ONE), Dots(), entry("x", n))),
    r"x_1 \cdots x_n": Product((entry("x", ONE), Dots(), entry("x", n))),
    r"1 + 2 + ... + n": Sum((ONE, TWO, Dots(), n)),
    # one family, one spelling
    r"\theta_t = \theta_{t-1} - \theta_0": Relation(
        (entry("theta", t), Sum((entry("theta", Sum((t, Negative(ONE)))), Negative(entry("theta", ZERO))))), ("=",)
    ),
    r"\sum_i x_i = x_1 + x_2": Relation((SumOver(entry("x", i), i), Sum((entry("x", ONE), entry("x", TWO)))), ("=",)),
    r"\sum_i x_i + w_1": Sum((SumOver(entry("x", i), i), Symbol("w", "1"))),
    r"\sum_{i=1}^n x^{(i)}": SumOver(entry("x", i, sup="()"), i, ONE, n),
    r"\sum_{i=1}^n x_j^{(i)}": SumOver(entry("x", i, j, sup="()"), i, ONE, n),
    r"\prod_{k=1}^L A^{[k]}": ProductOver(entry("A", k, sup="[]"), k, ONE, L),
    r"w^{[k] \top} x": Product((Transpose(Symbol("w", sup="[k]")), x)),
    # matrices
    r"\mathbf{1}^\top x": Product((Transpose(ones), x)),
    r"A^{-\top}": Transpose(Power(A, Negative(ONE))),
    r"|\mathbf{A}|": Call("det", (Symbol("A", font="bold"),)),
    r"|\Sigma| \Sigma^{-1}": Product((Call("det", (Sigma,)), Power(Sigma, Negative(ONE)))),
    "|A|": Call("abs", (A,)),
    r"\begin{bmatrix} 1 & \cdots & n \end{bmatrix}": Matrix(((ONE, Dots(), n),)),
}  # fmt: skip

READ_WHOLES = {
    "|A|": Call("det", (A,)),
    "|A B|": Call("det", (Product((A, B)),)),
    "|x^T A x|": Call("abs", (Product((Transpose(x), A, x)),)),
    r"|A - \lambda I|": Call("det", (Sum((A, Negative(Product((Symbol("lambda"), Symbol("I")))))),)),
    "(x - y)^T A": Product((Transpose(Sum((x, Negative(y)))), A)),
    "A^{-T}": Transpose(Power(A, Negative(ONE))),
    "A(x y)": Product((A, Product((x, y)))),
    r"\frac{\partial L}{\partial x_k}": Derivative(L, entry("x", k), 1, True),
}

SAME = [
    (r"\|x\|", "||x||", r"\lVert x \rVert", r"\left\| x \right\|", r"\Vert x \Vert", "‖x‖",
     r"\left\lVert x \right\rVert"),
    (r"\langle x, y \rangle", r"\left\langle x, y\right\rangle", "⟨x, y⟩"),
    (r"a \odot b", "a ⊙ b"),
    (r"x \in \mathbb{R}^n", "x ∈ ℝ^n", "x ∈ ℝⁿ", r"x \in \mathbb R^{n}"),
    (r"\theta^\top x", "θᵀx", "θ⊤x", r"\theta^{\intercal}x"),
    (r"\hat{y}", "ŷ"),
    (r"\frac{1}{2} x", "½x"),
    (r"\sum_{i=1}^n x_i", "∑_{i=1}^n xᵢ"),
    (r"\lfloor x \rfloor", r"\left\lfloor x \right\rfloor", "⌊x⌋"),
    (r"\mathbf{x}", r"{\bf x}", r"\mathbf x"),
    (r"\{1, \dots, n\}", r"\{1, \ldots, n\}", "\\{1, ..., n\\}", "\\{1, …, n\\}"),
]

REFUSED = {
    r"a ‸\odot b c": "two signs",
    r"2 \cdot a ‸\odot b": "two signs",
    r"90^‸\circ": "degrees",
    r"\langle x ‸\rangle": "comma",
    r"\exp(z)‸_i": "a subscript belongs",
    "[x^2]‸_0^1": "limits or an index",
    "A^‸{new}": "label or a product",
    r"‸\nabla \cdot A": "divergences",
    r"\nabla_w ‸C(w) w": "how far the gradient",
    r"\nabla_w ‸C(w)^2": "how far the gradient",
    r"\nabla_w ‸\frac{w_1}{2} w": "how far the gradient",
    r"\nabla_w ‸\|w - a\|^2 + b \|w\|^2": "how far the gradient",
    r"\nabla_w ‸\|w - a\|^2 - \frac{b}{2} \|w\|": "how far the gradient",
    r"‸\partial x": "round d",
    r"\partial_{x ‸y} C": "one variable",
    r"‸\iint_D x dx dy": "over a region",
    r"‸\int_0^x x dx": "its own limit",
    r"x \in [0, 1‸": "end of the interval",
    r"x = [0, 1‸)": "closed by",
    r"‸\sum_{(x, y) \in D} x": "the index below",
    r"‸\Sigma_{i=1}^n x_i": r"\sum",
    r"‸|\mathbf{x}|": "bars around a vector",
    r"‸|\mathcal{D}|": "size of a set",
    r"A ‸\cup B": "unions",
    "‸y_{k+1}(x)": "family of functions",
}  # fmt: skip

REFUSED_WHOLES = {
    "A‸^{-1}_{ij}": "an entry or the whole",
    "‸|x|": "bars around a vector",
    "A^‸B": "can be a label",
    "‸(f + f)(x)": "bracket of functions",
    r"f ‸\circ A": "compositions",
    "A_{‸123}": "put a comma",
}


@pytest.mark.parametrize("text", READ)
def test_reads(text):
    assert read(text) == READ[text]


@pytest.mark.parametrize("text", READ_WHOLES)
def test_reads_declared_vectors_and_matrices(text):
    assert read(text, WHOLES) == READ_WHOLES[text]


@pytest.mark.parametrize(("text", "other"), [(row[0], other) for row in SAME for other in row[1:]])
def test_reads_the_same(text, other):
    assert read(other) == read(text)


@pytest.mark.parametrize("marked", REFUSED)
def test_refuses(marked):
    assert REFUSED[marked] in refusal(marked)


@pytest.mark.parametrize("marked", REFUSED_WHOLES)
def test_refuses_with_declared_vectors_and_matrices(marked):
    names = replace(WHOLES, indexed=frozenset({"A"}))
    assert REFUSED_WHOLES[marked] in refusal(marked, names)


@pytest.mark.parametrize(
    ("text", "words"),
    [("513!", "factorial"), ("(10^{9})!", "factorial"), (r"\binom{9999}{2}", "binomial"), ("2^{20!}", "exponent"),
     (r"2^{\lfloor 99999 \rfloor}", "exponent"), (r"2^{\binom{99}{50}}", "exponent")],
)  # fmt: skip
def test_too_large(text, words):
    with pytest.raises(LimitError, match=words):
        read(text)


def test_a_family_with_its_index_above_has_a_plain_name():
    assert read(r"\sum_i x^{(i)}").body.base.plain == "x_sup"
    assert read("x^{(j)}", Names(indexed=frozenset({"x_sup"}))) == entry("x", j, sup="()")
    assert read("x_k^{(j)}", Names(indexed=frozenset({"x_sup"}))) == entry("x", j, k, sup="()")


def test_a_number_stays_a_number_beside_a_family():
    assert read(r"\sum_i w_i x_i + \theta_{\text{old}}").terms[1] == Symbol("theta", "old")
    assert read(r"\hat{m}_t + m_{t-1}").terms[0] == Symbol("m", "t", accent="hat")


def test_two_digits_at_a_declared_matrix_are_two_indices():
    names = Names(matrices=frozenset({"A", "x"}), indexed=frozenset({"A", "x"}))
    assert read("A_{12}", names) == entry("A", ONE, TWO)
    assert read("x_{12}", names) == entry("x", Number("12"))


def test_letters_that_are_all_declared_are_a_product():
    declared = Names(matrices=frozenset("ABC"))
    assert read("ABC", declared) == Product((Symbol("A"), Symbol("B"), Symbol("C")))
    with pytest.raises(FormulaError, match="the name ABC is not declared"):
        read("ABC")
