r"""What formulas read as, what is refused and where.

``READ`` holds texts with their tree, ``SAME`` texts that read as the same tree, ``REFUSED`` texts that cannot be
read, with ``‸`` before the character that the refusal points at, and words of its message.
"""

import pytest

from derive.errors import FormulaError, LimitError
from derive.read.latex import Names, read, read_definition
from derive.steps import Definition
from derive.tree import (
    INFINITY,
    ONE,
    PI,
    TWO,
    ZERO,
    At,
    Call,
    Cases,
    Derivative,
    E,
    Gradient,
    Indexed,
    Integral,
    Limit,
    Matrix,
    Negative,
    Number,
    Power,
    Product,
    ProductOver,
    Quotient,
    Relation,
    Root,
    Set,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
)

a, b, c, d, f, i, j, n, t, u, w, x, y, z, A, C, T, X = (Symbol(letter) for letter in "abcdfijntuwxyzACTX")
theta, theta_1, theta_2 = Symbol("theta"), Symbol("theta", "1"), Symbol("theta", "2")
bold_w, bold_x = Symbol("w", font="bold"), Symbol("x", font="bold")
three, four, half = Number("3"), Number("4"), Quotient(ONE, TWO)
DECLARED = Names(functions=frozenset({"f", "f_1", "C", "u", "KL", "e"}), indexed=frozenset({"r"}), labels=True)


def minus(node):
    return Negative(node)


def plus(*terms):
    return Sum(terms)


def times(*factors):
    return Product(factors)


def squared(node):
    return Power(node, TWO)


def equals(*sides):
    return Relation(sides, ("=",) * (len(sides) - 1))


def call(name, *args, order=0):
    return Call(name, args, order)


def positive(node, sign=">"):
    return Relation((node, ZERO), (sign,))


READ = {
    # numbers
    "2": TWO,
    ".25": Number(".25"),
    "0.10": Number("0.10"),
    "-1.5": minus(Number("1.5")),
    # sums and signs
    "x + y - 2": plus(x, y, minus(TWO)),
    "-x + y": plus(minus(x), y),
    "-a b": minus(times(a, b)),
    "-x^2": minus(squared(x)),
    "a - (b + c)": plus(a, minus(plus(b, c))),
    "a - (-b)": plus(a, minus(minus(b))),
    "a + (b - c)": plus(a, plus(b, minus(c))),
    # products
    "2xy": times(TWO, x, y),
    "ad - bc": plus(times(a, d), minus(times(b, c))),
    r"4 \cdot 1 + 3 \cdot 9": plus(times(four, ONE), times(three, Number("9"))),
    "2 (1)": times(TWO, ONE),
    "-3(4)": minus(times(three, four)),
    "4(-1.5)": times(four, minus(Number("1.5"))),
    r"x \cdot -3": times(x, minus(three)),
    "(a + b)(b + 1)": times(plus(a, b), plus(b, ONE)),
    "(x + 1)3(-y)": times(plus(x, ONE), three, minus(y)),
    "x(y + 1)": times(x, plus(y, ONE)),
    r"2\theta(x + 1)": times(TWO, theta, plus(x, ONE)),
    # quotients
    r"\frac{x + 1}{2}": Quotient(plus(x, ONE), TWO),
    r"\frac12 z": times(half, z),
    r"\frac xy": Quotient(x, y),
    r"-\frac{1}{8}": minus(Quotient(ONE, Number("8"))),
    "a/b": Quotient(a, b),
    "2x/y": Quotient(times(TWO, x), y),
    r"a/b \cdot c": times(Quotient(a, b), c),
    "x/-2": Quotient(x, minus(TWO)),
    r"\frac{d}{2}": Quotient(d, TWO),
    r"\frac{d x}{2}": Quotient(times(d, x), TWO),
    # powers and roots
    "x^2": squared(x),
    "x^{10}": Power(x, Number("10")),
    "x^2y": times(squared(x), y),
    "2^{n + 1}": Power(TWO, plus(n, ONE)),
    "(x^2)^3": Power(squared(x), three),
    "{x^2}^3": Power(squared(x), three),
    "e^x": Power(E, x),
    "e^{-x}": Power(E, minus(x)),
    "e^xe^y": times(Power(E, x), Power(E, y)),
    "e^{(x)}": Power(E, x),
    r"x^\frac12": Power(x, half),
    r"\sqrt{x}": Root(x),
    r"\sqrt[3]{x + 1}": Root(plus(x, ONE), three),
    r"\sqrt x y": times(Root(x), y),
    r"\sqrt(x + 1)": Root(plus(x, ONE)),
    # constants
    r"2 + e": plus(TWO, E),
    r"\pi r": times(PI, Symbol("r")),
    "pi": PI,
    r"-\infty": minus(INFINITY),
    # names
    "theta + alpha": plus(theta, Symbol("alpha")),
    r"\theta_1^2": squared(theta_1),
    "x^2_1": squared(Symbol("x", "1")),
    "x_{i,j}": Symbol("x", "i,j"),
    "x_{ij}": Symbol("x", "ij"),
    "z_{2_1}": Symbol("z", "2,1"),
    r"\theta_{\mathrm{old}}": Symbol("theta", "old"),
    r"x_{\text{max}}": Symbol("x", "max"),
    r"x_\theta": Symbol("x", "theta"),
    "p^*": Symbol("p", sup="*"),
    r"\theta_1^{*}": Symbol("theta", "1", "*"),
    "w^{[2]}_{1}": Symbol("w", "1", "[2]"),
    "w_{i,j}^{[2]}": Symbol("w", "i,j", "[2]"),
    r"\hat{y}_1": Symbol("y", "1", accent="hat"),
    r"\hat{\theta}_{MLE}": Symbol("theta", "MLE", accent="hat"),
    r"\bar x + \tilde{x} + \vec{x} + \dot x": plus(*(Symbol("x", accent=k) for k in ("bar", "tilde", "vec", "dot"))),
    r"\mathbf{w}": bold_w,
    r"\boldsymbol{\theta}": Symbol("theta", font="bold"),
    r"\hat{\mathbf{w}}": Symbol("w", accent="hat", font="bold"),
    r"\mathcal{L}": Symbol("L", font="cal"),
    r"\mathrm{MLE}": Symbol("MLE"),
    r"\mathrm{x}": Symbol("x", font="rm"),
    r"\theta_{t-1}": Indexed(theta, (plus(t, minus(ONE)),)),
    r"\theta_{t-1}^2": squared(Indexed(theta, (plus(t, minus(ONE)),))),
    r"w_{t-1}^{[2]}": Indexed(Symbol("w", sup="[2]"), (plus(t, minus(ONE)),)),
    # known functions
    r"\sin(x)": call("sin", x),
    r"\sin 2x \cos y": times(call("sin", times(TWO, x)), call("cos", y)),
    r"\sin x^2": call("sin", squared(x)),
    r"\sin(x)^2": squared(call("sin", x)),
    r"\sin^2 x + \cos^2(x)": plus(squared(call("sin", x)), squared(call("cos", x))),
    r"\log(a) b": times(call("log", a), b),
    r"\log^2 x": squared(call("log", x)),
    r"\log_2(x)": call("log", x, TWO),
    r"\log_{10} x": call("log", x, Number("10")),
    r"\ln|x|": call("ln", call("abs", x)),
    r"\log\frac{x}{y}": call("log", Quotient(x, y)),
    r"\exp(-x)": call("exp", minus(x)),
    r"\max(0, x)": call("max", ZERO, x),
    r"\max\{0, x\}": call("max", ZERO, x),
    r"\max[0, \{6 + 1\}]": call("max", ZERO, plus(Number("6"), ONE)),
    r"\sin x \cdot y": times(call("sin", x), y),
    r"\sigma(x)(1 - \sigma(x))": times(call("sigma", x), plus(ONE, minus(call("sigma", x)))),
    r"\sigma'(x)": call("sigma", x, order=1),
    r"\sigma(x) - \sigma^2(x)": plus(call("sigma", x), minus(squared(call("sigma", x)))),
    r"\sigma^2 x": times(squared(Symbol("sigma")), x),
    r"\tanh^{(4)}(x)": call("tanh", x, order=4),
    r"\Phi(x) + \Phi": plus(call("Phi", x), Symbol("Phi")),
    r"\operatorname{abs}'(x)": call("abs", x, order=1),
    r"\sin{x} + 1": plus(call("sin", x), ONE),
    r"\sin{\left(x \right)} y": times(call("sin", x), y),
    # bars
    "|x||y|": times(call("abs", x), call("abs", y)),
    "||x| - 1|": call("abs", plus(call("abs", x), minus(ONE))),
    r"|\frac{|x|}{2}|": call("abs", Quotient(call("abs", x), TWO)),
    "2|x|": times(TWO, call("abs", x)),
    # brackets
    "(1, 9)": Vector((ONE, Number("9"))),
    "[1, 0]": Vector((ONE, ZERO)),
    r"(0, \frac{1}{2})": Vector((ZERO, half)),
    "[a + b]": plus(a, b),
    r"\{a + b\}": plus(a, b),
    r"\{1, 2\}": Set((ONE, TWO)),
    # derivatives
    r"\frac{d}{dx}\left[x^2\right]": Derivative(squared(x), x),
    r"\frac{d}{dx} x^2": Derivative(squared(x), x),
    r"\frac{d}{dx} x^2 + 1": plus(Derivative(squared(x), x), ONE),
    r"\frac{d}{dx}(1 + x)^{-1}": Derivative(Power(plus(ONE, x), minus(ONE)), x),
    r"\frac{d}{dx}[x] y": times(Derivative(x, x), y),
    r"\frac{d^2}{dx^2}[x^3]": Derivative(Power(x, three), x, 2),
    r"\frac{dy}{dx}": Derivative(y, x),
    r"\frac{d^2 y}{dx^2}": Derivative(y, x, 2),
    r"\frac{d\sigma(x)}{dx}": Derivative(call("sigma", x), x),
    r"\frac{d}{dx}\frac{d}{dy}[u]": Derivative(Derivative(u, y), x),
    r"\frac{\partial}{\partial \theta_1}[\theta_1]": Derivative(theta_1, theta_1, partial=True),
    r"\frac{\partial (a + b)(b + 1)}{\partial b}": Derivative(times(plus(a, b), plus(b, ONE)), b, partial=True),
    r"\frac{\partial^2 C}{\partial\theta_1^2}": Derivative(C, theta_1, 2, True),
    r"\frac{\partial^2 C}{\partial\theta_1 \partial\theta_2}":
        Derivative(Derivative(C, theta_2, 1, True), theta_1, 1, True),
    r"D_x[x^2]": Derivative(squared(x), x),
    r"\nabla C(1, 9)": Gradient("C", (ONE, Number("9"))),
    r"\nabla C": Gradient("C"),
    r"\left. x y \right|_{x = 0}": At(times(x, y), ((x, ZERO),)),
    r"\left. x y \right|_{x = 1, y = 2}": At(times(x, y), ((x, ONE), (y, TWO))),
    r"\frac{dy}{dx}\Big|_{x = 0}": At(Derivative(y, x), ((x, ZERO),)),
    # integrals, sums, products, limits
    r"\int x^2 \,dx": Integral(squared(x), x),
    r"\int_0^1 x \,dx + 1": plus(Integral(x, x, ZERO, ONE), ONE),
    r"\int_{-\infty}^\infty e^{-x^2} \,dx": Integral(Power(E, minus(squared(x))), x, minus(INFINITY), INFINITY),
    r"\int \frac{dx}{1 + x^2}": Integral(Quotient(ONE, plus(ONE, squared(x))), x),
    r"\int \frac{dx}{x} + 1": plus(Integral(Quotient(ONE, x), x), ONE),
    r"\int dx": Integral(ONE, x),
    r"\int_a^b c d \,dx": Integral(times(c, d), x, a, b),
    r"\int\int x y \,dx\,dy": Integral(Integral(times(x, y), x), y),
    r"\sum_{i=1}^{n} x_i y_i": SumOver(times(Indexed(x, (i,)), Indexed(y, (i,))), i, ONE, n),
    r"\sum_{i=1}^n (x_i - 1)^2 + 1": plus(SumOver(squared(plus(Indexed(x, (i,)), minus(ONE))), i, ONE, n), ONE),
    r"\sum_{i=1}^n \sum_{j=1}^n x_{ij}": SumOver(SumOver(Indexed(x, (i, j)), j, ONE, n), i, ONE, n),
    r"\sum_{i,j=1}^n x_{i,j}": SumOver(SumOver(Indexed(x, (i, j)), j, ONE, n), i, ONE, n),
    r"\sum_{i=1}^n x_{i+1}": SumOver(Indexed(x, (plus(i, ONE),)), i, ONE, n),
    r"\sum_{i=1}^n -x_i": SumOver(minus(Indexed(x, (i,))), i, ONE, n),
    r"\sum_i x_{\text{min}}": SumOver(Symbol("x", "min"), i),
    r"\prod_{i=1}^n i": ProductOver(i, i, ONE, n),
    r"\lim_{x \to 0} \frac{\sin x}{x}": Limit(Quotient(call("sin", x), x), x, ZERO),
    r"\lim_{x\to -\infty} e^x": Limit(Power(E, x), x, minus(INFINITY)),
    r"\lim_{x \to a + 1} x": Limit(x, x, plus(a, ONE)),
    r"\lim_{x \to 0^+} x": Limit(x, x, ZERO, "+"),
    r"\lim_{x \to 0^{-}} x": Limit(x, x, ZERO, "-"),
    r"\lim_{x \downarrow 0} x": Limit(x, x, ZERO, "+"),
    # matrices
    r"\begin{bmatrix} a & b \\ c & d \end{bmatrix}": Matrix(((a, b), (c, d))),
    r"\begin{pmatrix} x \\ y \end{pmatrix}": Matrix(((x,), (y,))),
    r"\begin{array}{c|c} 1 & 2 \end{array}": Matrix(((ONE, TWO),)),
    r"\left(\begin{array}{cc} 1 & -2 \\ \end{array}\right)": Matrix(((ONE, minus(TWO)),)),
    r"\det\begin{bmatrix} x \end{bmatrix}": call("det", Matrix(((x,),))),
    r"\begin{bmatrix} x \end{bmatrix}^{-1}": Power(Matrix(((x,),)), minus(ONE)),
    r"A^\top": Transpose(A),
    r"X^T X": times(Transpose(X), X),
    r"\theta^T x": times(Transpose(theta), x),
    r"(Xw - y)^T": Transpose(plus(times(X, w), minus(y))),
    r"\mathbf{w}^\top \mathbf{x}": times(Transpose(bold_w), bold_x),
    r"(x, y)^{\mathrm{T}}": Transpose(Vector((x, y))),
    "2^T": Power(TWO, T),
    # cases
    r"\begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}": Cases(((x, positive(x)), (ZERO, positive(x, "<=")))),
    r"\begin{cases} x, & x > 0, \\ 0, & \text{otherwise.} \end{cases}": Cases(((x, positive(x)), (ZERO, None))),
    r"\begin{cases} 1 & 0 < x < 2 \\ 0 & \text{sonst} \end{cases}":
        Cases(((ONE, Relation((ZERO, x, TWO), ("<", "<"))), (ZERO, None))),
    # relations
    "a = b = c": equals(a, b, c),
    r"a < b \le c": Relation((a, b, c), ("<", "<=")),
    r"x \in \{1, 2\}": Relation((x, Set((ONE, TWO))), ("in",)),
    r"x \in \{1\}": Relation((x, Set((ONE,))), ("in",)),
    r"x \in \mathbb{R}": Relation((x, Symbol("R", font="bb")), ("in",)),
    r"a = b \Rightarrow b = a": Relation((equals(a, b), equals(b, a)), ("=>",)),
    r"x \approx 2 \Leftrightarrow y \ne 3":
        Relation((Relation((x, TWO), ("~=",)), Relation((y, three), ("!=",))), ("<=>",)),
    r"a := b": Relation((a, b), (":=",)),
    r"a \propto b \equiv c \to z": Relation((a, b, c, z), ("propto", "===", "->")),
}  # fmt: skip

READ_DECLARED = {
    "f(x)": call("f", x),
    "f''(x)": call("f", x, order=2),
    "f^{(4)}(x)": call("f", x, order=4),
    "f_1'(x)": call("f_1", x, order=1),
    "f'_1(x)": call("f_1", x, order=1),
    "f^2(x)": squared(call("f", x)),
    "f(x)(x + 1)": times(call("f", x), plus(x, ONE)),
    r"f \cdot (x)": times(f, x),
    r"C(\theta_1, \theta_2)": call("C", theta_1, theta_2),
    "C((1, 2))": call("C", Vector((ONE, TWO))),
    "u(x)|_{x = 1}": At(call("u", x), ((x, ONE),)),
    r"\frac{\partial C}{\partial\theta_1}": Derivative(C, theta_1, partial=True),
    r"\frac{df}{dx}": Derivative(f, x),
    r"\frac{d f(x)}{dx}": Derivative(call("f", x), x),
    r"\frac{\partial e}{\partial c}": Derivative(Symbol("e"), c, partial=True),
    r"\theta_1^{(0)}": Symbol("theta", "1", "(0)"),
    "x^{(k+1)}": Symbol("x", sup="(k+1)"),
    r"\sum_{i=1}^n x^{(i)}": SumOver(Indexed(Symbol("x", sup="()"), (i,)), i, ONE, n),
    "x^{(i)T} y": times(Transpose(Symbol("x", sup="(i)")), y),
    "r_1": Indexed(Symbol("r"), (ONE,)),
    "r_{t-1,j}": Indexed(Symbol("r"), (plus(t, minus(ONE)), j)),
    "KL(x, y)": call("KL", x, y),
}

SAME = [
    (r"\frac{1}{2}", r"\tfrac12", r"\dfrac{1}2", r"\cfrac 1 2", "1/2", r"1 \div 2", "{1}/{2}"),
    ("1000", r"1{,}000", r"1\,000"),
    (r"2 \cdot x", r"2 \times x", "2 * x", "2·x", "2×x", "2x", r"2\,x", "2~x", "2\n x", "2\u00a0x", r"2\ast x"),
    ("x - y", "x − y", "x – y", "x-y"),
    ("x^2", "x^{2}", "x²", "{x}^2", "(x)^2", "$x^2$", "$$x^2$$", r"\[x^2\]", "x^2.", "x^2,", r"\boxed{x^2}"),
    (r"\sigma(x)", "sigma(x)", "σ(x)", r"\sigma\left(x\right)", r"\sigma[x]", r"sigma\ (x)", r"\mathrm{sigmoid}(x)",
     r"\operatorname{sigmoid}(x)", r"\sigma\bigl(x\bigr)", r"\sigma \{x\}"),
    (r"\operatorname{ReLU}(x)", "ReLU(x)", "relu(x)", r"\mathrm{ReLU}(x)", r"\text{ReLU}(x)",
     r"\operatorname*{ReLU}(x)"),
    (r"\max(0, x)", "max(0,x)", r"max\[0, x\]", r"\max\left\{0, x\right\}"),
    (r"\sin(x)", r"\sin x", "sin x", "sin(x)", r"\sin\,x", r"\sin{x}", r"\sin\left[x\right]", r"\sin\{x\}"),
    (r"\arctan(x)", "atan(x)", "arctan x"),
    (r"\left|x\right|", "|x|", r"\lvert x \rvert", r"\vert x\vert", r"\big| x \big|", "∣x∣", "abs(x)"),
    (r"\frac{d}{dx}[x]", r"\frac{\mathrm{d}}{\mathrm{d}x}[x]", r"\frac d{dx}\left[x\right]",
     r"\frac{\text{d}}{\text{d} x}(x)", r"\frac{d}{d x} x", r"\frac{d}{dx}\{x\}", r"\frac{d x}{d x}"),
    (r"\frac{\partial^2 u}{\partial x^2}", r"\frac{\partial^{2}}{\partial x\,\partial x}[u]", r"\frac{∂^2u}{∂x^2}"),
    (r"\int x\,dx", r"\int x \,\mathrm{d}x", "∫ x dx", r"\int\limits x dx", r"\int xdx", r"\displaystyle\int x\;dx"),
    (r"\int_0^1 x\,dx", r"\int^1_0 x\,dx", r"\int\limits_{0}^{1} x dx"),
    (r"\sum_{i=1}^n i", r"\sum^n_{i = 1} i", r"\sum\limits_{i=1}^{n} i", "∑_{i=1}^n i"),
    (r"\lim_{x\to\infty} x", r"\lim_{x \rightarrow \infty} x", r"\lim\limits_{x\to\infty} x", r"\lim_{x → ∞} x"),
    ("x \\le y", r"x \leq y", r"x \leqslant y", "x <= y", "x ≤ y"),
    (r"a \Rightarrow b", r"a \implies b", "a => b", "a ⇒ b"),
    (r"a \ne b", r"a \neq b", "a ≠ b"),
    (r"\begin{vmatrix} 1 & 2 \\ 3 & 4 \end{vmatrix}", r"\det\begin{bmatrix} 1 & 2 \\ 3 & 4 \end{bmatrix}",
     r"\left|\begin{matrix} 1 & 2 \\ 3 & 4 \end{matrix}\right|",
     r"\det(\begin{pmatrix} 1 & 2 \\[2pt] 3 & 4\end{pmatrix})"),
    (r"A^\top", "A^T", r"A^{\top}", r"A^{T}", r"A^\mathrm{T}", r"A^{\mathsf T}", r"A^\intercal", "A^⊤"),
    (r"\begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}",
     r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{else} \end{cases}",
     r"\begin{cases} x, & \text{if $x > 0$}, \\ 0 & \end{cases}",
     r"\begin{cases} x \text{ if } x > 0 \\ 0 \text{ otherwise} \end{cases}",
     r"\begin{dcases} x & \text{for } x > 0 \\ 0 & \text{otherwise} \\ \end{dcases}"),
    ("a = b = c", r"\begin{aligned} a &= b \\ &= c \end{aligned}", r"\begin{align*} a =& b \\ =& c \end{align*}",
     r"\begin{split} a &= b && \text{by the chain rule} \\ &= c \tag{1} \end{split}",
     r"a = b = c \quad \text{(chain rule)}", r"a = b = c \qquad (2)", r"a = b = c. \text{ done}"),
    ("a = b + c", r"\begin{aligned} a &= b \\ &\quad + c \end{aligned}", r"\begin{aligned} a = \\ b + c \end{aligned}"),
    (r"\hat{y}", r"\hat y", r"\widehat{y}"),
    (r"e^{x}", r"\mathrm{e}^x", r"e^x", "{e}^{x}"),
    (r"\left. x y \right|_{x = 1, y = 2}", r"\left. x y\right|_{(x, y) = (1, 2)}"),
    ("x_1", "x_{1}", "x₁"),
    ("x^{-12}", "x⁻¹²"),
    (r"\sqrt{x}", "√x", r"\sqrt x", r"\sqrt[2]{x}"),
    ("(1, 2)", r"\left( 1, 2 \right)", r"\bigl(1,2\bigr)", r"\lparen 1, 2\rparen"),
    ("αβ", r"\alpha\beta", "alpha beta", r"\alpha \cdot \beta"),
    ("φ + ϕ + ε + ϵ", r"\varphi + \phi + \varepsilon + \epsilon"),
]  # fmt: skip

REFUSED = {
    # what can be read in two ways
    "a/b ‸c": "two ways",
    "a/b‸/c": "two ways",
    "1/2‸x": "two ways",
    "x^‸10": "braces",
    "x_‸10": "braces",
    "x_‸max": "braces",
    r"\log_‸10 x": "braces",
    r"\sqrt‸12": "braces",
    r"x^‸pi": "braces",
    "2 ‸3": "a number beside",
    "x‸2": "a number beside",
    "x^{2}‸3": "a number beside",
    r"2‸\frac13": "mixed number",
    "‸3e5": "two ways",
    "‸1e-3": "two ways",
    r"\sin‸^{-1}(x)": "arcsin",
    r"\sin x ‸(1 + y)": "how far",
    r"\sin x ‸/ y": "how far",
    r"\sin{x}‸^2": "how far",
    r"\sin{x} ‸y": "how far",
    r"\frac{d}{dx} ‸x y": "how far",
    r"\frac{d}{dx} ‸x \cdot y": "how far",
    r"\frac{d}{dx}‸(x)(y)": "how far",
    r"\frac{d}{dx}‸[x]^2": "how far",
    r"\frac{d‸a + 1}{db}": "how far",
    r"D_x ‸x": "how far",
    "x^2 + 3x‸|_{x = 1}": "how far",
    r"(1 + r)^‸T": "transpose",
    r"x^‸{(i)T}": "transpose",
    r"A^‸{-T}": "transpose",
    r"\log‸^T x": "transpose",
    r"x_‸\cdot y": "subscript",
    "x^‸{(0)}": "a label or a power",
    "x^‸{(n+1)}": "a label or a power",
    r"\frac{dy}{dx}‸(1)": "at a point or a product",
    r"\mathbf{a} ‸\times \mathbf{b}": "product of vectors",
    r"\mathbf{a} ‸\cdot \vec{b}": "product of vectors",
    "1 + ‸dx": "differential",
    r"\frac{‸\Delta y}{\Delta x}": "difference",
    # names that look applied, words that are none
    "‸f(x)": "not declared as a function",
    "1 + ‸f'(x)": "declare f as a function",
    "‸p(x)": "not declared as a function",
    "‸y(0) = 1": "not declared as a function",
    "‸x(1, 2)": "not declared as a function",
    "f^‸{(4)}(x)": "declare f as a function",
    r"‸\sigma_1(z + 1)": "not declared as a function",
    r"‸\mathrm{foo}(x + 1)": "not declared as a function",
    r"‸\operatorname{foo} x": "not known",
    "‸sofmax(x)": "not declared",
    "‸sinx": "around sin",
    "‸xln(y)": "around ln",
    "‸sqrt(x)": r"\sqrt",
    "2‸loss": "not declared",
    "‸MSE": "not declared",
    r"\frac{‸TP}{TP + FP}": "the name TP is not declared",
    "‸acc = 1": "the name acc is not declared",
    "‸x'": "a prime",
    "‸(x^2)'": "a prime",
    # brackets
    "x‸)": "never opened",
    "(x‸": "not closed",
    "(x‸]": "closed by",
    r"\left[ x \right‸)": "closed by",
    r"\left( x ‸)": r"\right)",
    "(0, 1‸]": "intervals",
    "(1‸; 2)": "comma",
    "(1, ‸)": "expected a number",
    "|x‸": "absolute value",
    "(x | y‸)": "function's brackets",
    # derivatives, integrals, sums
    r"\frac{‸\partial (b)}{b}": "below the bar",
    r"\frac{‸d^2y}{dx}": "order",
    r"\frac{d^n y}{dx^‸n}": "whole number",
    r"\frac{\partial ‸e}{\partial b}": "a constant is differentiated",
    r"\frac{d}{d‸e}[x]": "is a constant",
    r"\frac{d}{dx}‸": "what is to be differentiated",
    r"\int x‸": "differential",
    r"‸\int dx x": "behind its differential",
    r"‸\sum_{m=1}^m x": "its own limit",
    r"‸\sum x": "the index",
    r"\sum_i \exp(z)‸_i": "subscript",
    r"\lim_{x ‸= 0} x": r"\to",
    r"\lim ‸x": r"\lim_{x \to 0}",
    r"\left. x \right|_{‸2 = x}": "a name",
    r"\left. x \right|_{x ‸\to 2}": "'='",
    # environments
    r"\begin{bmatrix} 1 & 2 \\ 3 ‸\end{bmatrix}": "different lengths",
    r"\begin{bmatrix} 1 ‸\end{pmatrix}": "closed by",
    r"\begin{cases} x, ‸x > 0 \end{cases}": "the condition",
    r"\begin{cases} 1 & \text{otherwise} \\ ‸2 & x > 0 \end{cases}": "all other values",
    r"\begin{cases} 1 & \text{perhaps if} ‸x > 0 \end{cases}": "begins with if",
    r"\begin{cases} 1 & ‸\text{maybe} x > 0 \end{cases}": "words",
    r"3 ‸\text{done}": "words",
    r"\begin{align} x &= 1 \\ ‸y + 2 \end{align}": "no statement",
    r"\begin{align} x &= 1 \\ ‸- y &= 2 \end{align}": "begin a statement",
    r"\begin{align} x &= 1 & y &= 2 \\ &‸= 3 \end{align}": "which of the statements",
    r"1 + ‸\begin{aligned} x \end{aligned}": "whole formula",
    r"‸\begin{tikzpicture} x \end{tikzpicture}": "tikzpicture",
    # signs
    "a -‸- b": "two signs",
    "a + ‸-b": "two signs",
    "a *‸* 2": "two times signs",
    "x‸^2^3": "two exponents",
    "‸2(x = 1)": "a relation",
    r"\frac{‸(a = b)}{2}": "a relation",
    "‸= x": "relation sign",
    "x =‸": "the end of the formula",
    "‸": "empty",
    "‸  ": "empty",
    # what is known and not read
    r"1 ‸\over 2": r"\frac",
    "x‸!!": "double factorials",
    "x^2‸!": "what the factorial is of",
    r"x ‸\pm 1": "two values",
    r"2(x ‸\mid y)": "function's brackets",
    r"‸\partial x": "round d",
    r"x ‸\text{ if } x > 0": "words",
    # commands and characters that are no mathematics
    r"‸\input{x}": r"the command \input is not read",
    r"‸\write18{ls}": r"the command \write is not read",
    r"‸\def\x{1}": r"the command \def is not read",
    r"‸\sni x": r"did you mean \sin",
    "50‸%": "unexpected character",
    "x‸#": "unexpected character",
    "x‸\\": "unexpected character",
    "a‸\x00b": "U+0000",
    "a‸\u200bb": "ZERO WIDTH SPACE",
    "a‸\u202eb": "RIGHT-TO-LEFT OVERRIDE",
    "‸а + b": "Latin keyboard",  # a Cyrillic letter
    "‸ο": "Latin keyboard",  # omicron
    "‸ｘ": "write x",
    "‸\frac{1}{2}": "single quotes",
    "2‸\theta": "single quotes",
    "x‸\nabla": "single quotes",
    "‸\beta": "single quotes",
    "‸\rho": "single quotes",
    "1,‸000": r"1{,}000",
    "(1,‸000)": r"1{,}000",
    r"1{‸,}5": "with a point",
}  # fmt: skip

REFUSED_DECLARED = {
    "f‸^{-1}(x)": "two ways",
    "f^{(‸n)}(x)": "whole number",
    "‸f' + 1": "needs its argument",
}


@pytest.mark.parametrize("text", READ)
def test_reads(text):
    assert read(text) == READ[text]


@pytest.mark.parametrize("text", READ_DECLARED)
def test_reads_declared_names(text):
    assert read(text, DECLARED) == READ_DECLARED[text]


@pytest.mark.parametrize(("text", "other"), [(row[0], other) for row in SAME for other in row[1:]])
def test_reads_the_same(text, other):
    assert read(other) == read(text)


@pytest.mark.parametrize("marked", REFUSED)
def test_refuses(marked):
    assert REFUSED[marked] in refusal(marked)


@pytest.mark.parametrize("marked", REFUSED_DECLARED)
def test_refuses_with_declared_names(marked):
    assert REFUSED_DECLARED[marked] in refusal(marked, DECLARED)


def refusal(marked, names=None):
    """The message with which a text is refused at its mark."""
    text = marked.replace("‸", "")
    with pytest.raises(FormulaError) as caught:
        read(text, names)
    assert caught.value.position == marked.index("‸"), str(caught.value)
    return str(caught.value)


# --- bounds ------------------------------------------------------------------------------------------

NESTED = {
    "round brackets": ("(", ")"),
    "sized brackets": (r"\left(", r"\right)"),
    "braces": ("{", "}"),
    "exponents": ("x^{", "}"),
    "roots": (r"\sqrt{", "}"),
    "fractions": (r"\frac{1}{", "}"),
    "functions": (r"\sin(", ")"),
    "absolute values": (r"\left|", r"\right|"),
}


@pytest.mark.parametrize("name", NESTED)
def test_forty_levels_are_read_and_no_more(name):
    opening, closing = NESTED[name]
    read(opening * 40 + "x" + closing * 40)
    with pytest.raises(LimitError, match="40 levels"):
        read(opening * 41 + "x" + closing * 41)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 1_000 + ")" * 1_000, "(" * 2_000, "{" * 2_000, "x^{" * 600, r"\sqrt" * 400 + "x", r"\hat" * 400 + "x",
        r"\sin" * 400 + "x", r"\frac" * 400, "|" * 2_000, r"\sum_i" * 300 + "x", r"\frac{d}{dx}" * 150 + "x",
        r"\begin{matrix}" * 100, r"\left(" * 300, r"\int" * 400, r"\lim_{x\to 0}" * 100, r"\mathbf{" * 200,
    ],
)  # fmt: skip
def test_nesting_without_end_is_too_large_or_unfinished(text):
    with pytest.raises((LimitError, FormulaError)):
        read(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x" * 2_001, "2001 characters"),
        ("(" * 3_000 + "x" + ")" * 3_000, "6001 characters"),
        ("-x" * 1_000, "parts"),
        ("9" * 61, "61 digits"),
        ("9^{9^{9^9}}", "exponent"),
        ("2^{2049}", "exponent"),
        ("x^{-2049}", "exponent"),
        (r"2^{10 \cdot 1000}", "exponent"),
        (r"2^{\frac{1}{0.0001}}", "exponent"),
        (r"2^{\max(1, 9999)}", "exponent"),
        (r"\sqrt[9999]{x}", "exponent"),
        ("(10^{50})^{2000}", "bits"),
        ("99999999^{2000}", "bits"),
        (r"\frac{d^{13}}{dx^{13}}[x]", "order"),
        (r"\frac{d^{99999999}}{dx^{99999999}}[x]", "order"),
        (r"\sigma^{(13)}(x)", "order"),
        (r"\begin{bmatrix}" + "&".join("x" * 13) + r"\end{bmatrix}", "12 rows"),
    ],
)  # fmt: skip
def test_too_large(text, words):
    with pytest.raises(LimitError, match=words):
        read(text)


@pytest.mark.parametrize(
    "text",
    ["2^{2048}", "x^{2048}", "10^{400}", "9" * 60, "0^{-1}", r"2^{\frac{1}{0}}", "e^{-5000}", r"(-2)^{\frac{1}{2}}",
     r"\sqrt[3]{-8}^{2}", "e^{e^{e^9}}", r"2^{\sin 3}", r"2^{\max(3)}",
     r"2^{\max'(3, 9999)}"],
)  # fmt: skip
def test_large_but_within_bounds(text):
    read(text)


# --- definitions and declared symbols ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "definition"),
    [
        ("f(x) = x^2", Definition(f, (x,), squared(x))),
        ("f = x^2", Definition(f, (), squared(x))),
        ("f(x) := x^2", Definition(f, (x,), squared(x))),
        (r"C(\theta_1, \theta_2) = \theta_1", Definition(C, (theta_1, theta_2), theta_1)),
        (r"f_1\left(x\right) = x", Definition(Symbol("f", "1"), (x,), x)),
        (r"\hat{y}(x) = x", Definition(Symbol("y", accent="hat"), (x,), x)),
        (r"\sigma(x) = x", Definition(Symbol("sigma"), (x,), x)),
        (r"\operatorname{loss}(w) = w", Definition(Symbol("loss"), (w,), w)),
        (r"\begin{aligned} f(x) &= x \\ &+ 1 \end{aligned}", Definition(f, (x,), plus(x, ONE))),
    ],
)
def test_reads_definitions(text, definition):
    assert read_definition(text) == definition


@pytest.mark.parametrize("text", ["x^2", "x^2 = 4", "2 = x", "a + b = c", "x < y", r"\sin(x) = 0"])
def test_other_formulas_are_no_definitions(text):
    assert read_definition(text) == read(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("f(x) = x = y", "one = sign"),
        ("f = f + 1", "defined by itself"),
        ("f(x) =", "expected a formula"),
        ("f(x, x) = x", "same name"),
        ("f(x) = (x", "not closed"),
        ("f(x = 2", "not declared"),
    ],
)
def test_refuses_definitions(text, words):
    with pytest.raises(FormulaError, match=words):
        read_definition(text)


DECLARED_SYMBOLS = Names(symbols=frozenset({"e", "x", "y", "theta_1", "sigma", "i"}))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("e^x", Power(Symbol("e"), x)),
        (r"\frac{\partial e}{\partial x}", Derivative(Symbol("e"), x, partial=True)),
        ("x(y)", times(x, y)),
        ("xi", times(x, i)),
        (r"\sigma(x + 1)", times(Symbol("sigma"), plus(x, ONE))),
        (r"\int_0^1 t \,dt", Integral(t, t, ZERO, ONE)),
        (r"\sum_{j=1}^3 j x", SumOver(times(j, x), j, ONE, three)),
        (r"\lim_{z \to 0} z", Limit(z, z, ZERO)),
        (r"\left. e \right|_{e = 1}", At(Symbol("e"), ((Symbol("e"), ONE),))),
        ("2 pi", times(TWO, PI)),
    ],
)
def test_declared_symbols(text, tree):
    assert read(text, DECLARED_SYMBOLS) == tree


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("x + ‸z", "declare it"),
        (r"‸\theta_2 + 1", "did you mean theta_1"),
        (r"\sum_{i=1}^‸n x", "the name n is not declared"),
        (r"\int_0^1 t \,dt + ‸t", "the name t is not declared"),
    ],
)
def test_undeclared_symbols_are_refused(marked, words):
    assert words in refusal(marked, DECLARED_SYMBOLS)


def test_a_declared_d_is_no_differential():
    names = Names(symbols=frozenset("dx"))
    assert read("dx", names) == times(d, x)
    assert read(r"\frac{\mathrm{d}}{\mathrm{d}x}[d]", names) == Derivative(d, x)
    assert "declared as a symbol" in refusal(r"\frac{‸d}{d x}[x]", names)


def test_a_declared_parameter_may_occur():
    found = read_definition("f(t) = t x", DECLARED_SYMBOLS)
    assert found == Definition(f, (t,), times(t, x))


@pytest.mark.parametrize(
    "text", [r"h(1-h)", r"h_1(1-h_1)", r"h^{(1)} \left(1 - h^{(1)}\right)", r"f(1-f)", r"\sigma(1-\sigma)"]
)
def test_what_stands_bare_in_its_bracket_is_a_factor(text):
    node = read(text, Names(labels=True))
    assert isinstance(node, Product) and isinstance(node.factors[0], Symbol)


@pytest.mark.parametrize("text", [r"h(1-x)", r"f(1-f(x))", r"g(g)", r"f(x+1)"])
def test_an_undeclared_function_before_a_bracket_is_refused(text):
    with pytest.raises(FormulaError, match="not declared as a function"):
        read(text)
