"""Derivatives of stored quantities: backpropagation's lines are proved without nesting, wrong ones refuted."""

import time
from dataclasses import dataclass, field
from math import exp, isclose, prod, tanh

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import equal
from derive.steps import Context, Definition, Status
from derive.tree import (
    ONE,
    TWO,
    Call,
    Derivative,
    Entrywise,
    GradientOf,
    Negative,
    Node,
    Norm,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    Transpose,
    times,
    total,
)
from derive.verify import verify_step
from derive.verify.chainrule import METHOD

HALF = Quotient(ONE, TWO)
L = Symbol("L")


def judged(before, after, declare=(), define=()):
    return equal(before, after, declare=list(declare), define=list(define))


RECURRENT = [
    "z_1=w x_1", r"h_1=\tanh(z_1)", "z_2=w x_2+u h_1", r"h_2=\tanh(z_2)", "z_3=w x_3+u h_2", r"h_3=\tanh(z_3)",
    r"L=\frac12(h_3-y)^2+\frac12(h_2-t)^2",
]  # fmt: skip
LOGISTIC = ["z=w h+b", r"p=\sigma(z)", r"L=-(y\ln p+(1-y)\ln(1-p))"]
RECTIFIED = ["z_1=w_1 x", r"h_1=\max(0,z_1)", "z_2=w_2 h_1", r"L=\frac12(z_2-y)^2"]
SHARES = ["s=e^{z_1}+e^{z_2}", r"p_1=\frac{e^{z_1}}{s}", r"p_2=\frac{e^{z_2}}{s}", r"L=-\ln p_1"]
SUMMED = [r"m=\frac1n\sum_{i=1}^n x_i", "L=m^2"]
BY_SHARED = r"\frac{\partial L}{\partial z_3}h_2+\frac{\partial L}{\partial z_2}h_1"
LINKS = (("z_3", "h_2"), ("h_2", "z_2"), ("z_2", "h_1"), ("h_1", "z_1"))
FACTORS = "".join(rf"\frac{{\partial {a}}}{{\partial {b}}}" for a, b in LINKS)
BY_CHAIN = r"\frac{\partial L}{\partial p}\frac{\partial p}{\partial z}\frac{\partial z}{\partial w}"
SQUARE = r"\frac{\partial}{\partial w}[h_3^2]"
DIRECT = ["h=v^2", "L=h v"]
NUMBERS = [
    (r"\partial L/\partial u", BY_SHARED, RECURRENT, "proved"),
    (r"\partial L/\partial u", BY_SHARED.partition("+")[0], RECURRENT, "refuted"),
    (r"\partial L/\partial h_2", "h_2-t+(h_3-y)(1-h_3^2)u", RECURRENT, "proved"),
    (r"\partial L/\partial h_2", "(h_3-y)(1-h_3^2)u", RECURRENT, "refuted"),
    (r"\partial L/\partial w",
     r"\frac{\partial L}{\partial z_3}x_3+\frac{\partial L}{\partial z_2}x_2+\frac{\partial L}{\partial z_1}x_1",
     RECURRENT, "proved"),
    (r"\partial z_3/\partial z_1", "u^2(1-h_2^2)(1-h_1^2)", RECURRENT, "proved"),
    (r"\partial z_3/\partial z_1", "u(1-h_2^2)(1-h_1^2)", RECURRENT, "refuted"),
    (r"\partial z_3/\partial z_1", FACTORS, RECURRENT, "proved"),
    (SQUARE, r"2h_3(1-h_3^2)(x_3+u\frac{\partial h_2}{\partial w})", RECURRENT, "proved"),
    (SQUARE, r"2h_3(1-h_3^2)(x_3+u\frac{\partial h_2}{\partial x_2})", RECURRENT, "refuted"),
    (r"\partial L/\partial z", "p-y", LOGISTIC, "proved"),
    (r"\partial L/\partial w", "(p-y)h", LOGISTIC, "proved"),
    (r"\partial L/\partial w", "(p-y)w", LOGISTIC, "refuted"),
    (r"\partial L/\partial p", r"\frac{p-y}{p(1-p)}", LOGISTIC, "proved"),
    (r"\partial L/\partial w", BY_CHAIN, LOGISTIC, "proved"),
    (r"\partial L/\partial w_1", r"(z_2-y)w_2\operatorname{ReLU}'(z_1)x", RECTIFIED, "proved"),
    (r"\partial L/\partial w_1", r"(z_2-y)w_2\mathbb{1}[z_1>0]x", RECTIFIED, "proved"),
    (r"\partial L/\partial w_1", r"(z_2-y)w_2x", RECTIFIED, "refuted"),
    (r"\partial L/\partial z_1", "p_1-1", SHARES, "proved"),
    (r"\partial p_1/\partial z_2", "-p_1 p_2", SHARES, "proved"),
    (r"\partial p_1/\partial z_2", "p_1 p_2", SHARES, "refuted"),
    (r"\partial L/\partial v", "h+2v^2", DIRECT, "proved"),
    (r"\partial L/\partial v", "3v^2", DIRECT, "proved"),
    (r"\partial L/\partial v", "h", DIRECT, "refuted"),
    (r"\partial L/\partial h", "v", DIRECT, "proved"),
    (r"\partial L/\partial q", "0", DIRECT, "proved"),
    (r"\partial L/\partial x_1", "0", SUMMED, "refuted"),  # x_1 is one of the x_i
    (r"\partial L/\partial m", "2m", SUMMED, "proved"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "define", "status"), NUMBERS)
def test_derivatives_of_stored_numbers(before, after, define, status):
    left = rf"\frac{{{before.replace('/', '}{')}}}" if before.startswith(r"\partial") else before
    found = judged(left, after, (), define)
    assert found.status == status, found


PERCEPTRON = [
    "W: matrix m x n", "V: matrix k x m", "x: vector n", "z: vector m", "h: vector m", "o: vector k", "y: vector k",
    "b: vector m",
]  # fmt: skip
LAYERS = ["z=Wx+b", r"h=\sigma(z)", "o=Vh", r"L=\frac12\|o-y\|^2"]
CELL = [
    "W: matrix m x d", "U: matrix m x m", "y: vector m", "h_0: vector m",
    *(f"{a}_{k}: vector m" for a in "zh" for k in (1, 2, 3)), *(f"x_{k}: vector d" for k in (1, 2, 3)),
]  # fmt: skip
UNROLLED = [
    "z_1=W x_1+U h_0", r"h_1=\tanh(z_1)", "z_2=W x_2+U h_1", r"h_2=\tanh(z_2)", "z_3=W x_3+U h_2", r"h_3=\tanh(z_3)",
    r"L=\frac12\|h_3-y\|^2",
]  # fmt: skip
BATCH = [
    "X: matrix n x d", "W: matrix m x d", "V: matrix k x m", "Z: matrix n x m", "H: matrix n x m", "O: matrix n x k",
    "Y: matrix n x k", "b: vector m",
]  # fmt: skip
BATCHED = [r"Z=XW^\top+\mathbf{1}b^\top", r"H=\sigma(Z)", r"O=HV^\top", r"L=\frac{1}{2n}\|O-Y\|_F^2"]
ATTENTION = ["S: matrix n x k", "U: matrix n x k", "A: matrix n x k"]
WEIGHTED = [r"A=\operatorname{softmax}(S)", r"L=\operatorname{tr}(U^\top A)"]
SHARED = ["y: probability vector k", "p: vector k", "o: vector k"]
CROSS_ENTROPY = [r"p=\operatorname{softmax}(o)", r"L=-y^\top\ln p"]
ROWS = ["Y: probability matrix n x k", "P: matrix n x k", "Z: matrix n x k"]
CROSS_ENTROPIES = [r"P=\operatorname{softmax}(Z)", r"L=-\frac1n\mathbf{1}^\top(Y\odot\ln P)\mathbf{1}"]
ALL = r"(\nabla_{z_3}L)h_2^\top+(\nabla_{z_2}L)h_1^\top+(\nabla_{z_1}L)h_0^\top"
MATRICES = [
    (r"\nabla_z L", r"\nabla_h L\odot\sigma'(z)", PERCEPTRON, LAYERS, "proved"),
    (r"\nabla_z L", r"(V^\top(o-y))\odot h\odot(1-h)", PERCEPTRON, LAYERS, "proved"),
    (r"\nabla_z L", r"(V^\top(o-y))\odot h", PERCEPTRON, LAYERS, "refuted"),
    (r"\nabla_W L", r"(\nabla_z L)x^\top", PERCEPTRON, LAYERS, "proved"),
    (r"\nabla_W L", r"x(\nabla_z L)^\top", PERCEPTRON, LAYERS, "undecided"),  # the other layout
    (r"\frac{\partial L}{\partial W_{ij}}", r"(\nabla_z L)_i x_j", PERCEPTRON, LAYERS, "proved"),
    (r"\frac{\partial o}{\partial x}", r"V\operatorname{diag}(h\odot(1-h))W", PERCEPTRON, LAYERS, "proved"),
    (r"\frac{\partial o}{\partial x}",
     r"\frac{\partial o}{\partial h}\frac{\partial h}{\partial z}\frac{\partial z}{\partial x}",
     PERCEPTRON, LAYERS, "proved"),
    (r"\nabla_U L", ALL, CELL, UNROLLED, "proved"),
    (r"\nabla_U L", ALL.rpartition("+")[0], CELL, UNROLLED, "refuted"),
    (r"\nabla_{z_1}L", r"(U^\top\nabla_{z_2}L)\odot(1-h_1\odot h_1)", CELL, UNROLLED, "proved"),
    (r"\nabla_O L", r"\frac1n(O-Y)", BATCH, BATCHED, "proved"),
    (r"\nabla_Z L", r"((\nabla_O L)V)\odot H\odot(1-H)", BATCH, BATCHED, "proved"),
    (r"\nabla_W L", r"(\nabla_Z L)^\top X", BATCH, BATCHED, "proved"),
    (r"\nabla_b L", r"(\nabla_Z L)^\top\mathbf{1}", BATCH, BATCHED, "proved"),
    (r"\nabla_b L", r"2(\nabla_Z L)^\top\mathbf{1}", BATCH, BATCHED, "refuted"),
    (r"\nabla_S L", r"A\odot(U-((A\odot U)\mathbf{1})\mathbf{1}^\top)", ATTENTION, WEIGHTED, "proved"),
    (r"\nabla_S L", r"A\odot(U-A\odot U)", ATTENTION, WEIGHTED, "refuted"),
    (r"A\mathbf{1}", r"\mathbf{1}", ATTENTION, WEIGHTED, "proved"),
    (r"\nabla_o L", "p-y", SHARED, CROSS_ENTROPY, "proved"),
    (r"\nabla_o L", "p-y", ["y: one-hot vector k", *SHARED[1:]], CROSS_ENTROPY, "proved"),
    (r"\nabla_o L", "p-y", ["y: vector k", *SHARED[1:]], CROSS_ENTROPY, "refuted"),
    (r"\nabla_Z L", r"\frac1n(P-Y)", ROWS, CROSS_ENTROPIES, "proved"),
    (r"\nabla_Z L", r"\frac1n(P-Y)", ["Y: matrix n x k", *ROWS[1:]], CROSS_ENTROPIES, "refuted"),
    (r"\nabla_P L", r"-\frac1n\frac{Y}{P}", ROWS, CROSS_ENTROPIES, "proved"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "declare", "define", "status"), MATRICES)
def test_derivatives_of_stored_vectors_and_matrices(before, after, declare, define, status):
    found = judged(before, after, declare, define)
    assert found.status == status, found


# --- deep chains ---------------------------------------------------------------------------------------------


def chain(depth: int) -> Context:
    """``z_k = w_k h_{k-1}, h_k = sigma(z_k)``, half the square of the error, and a letter for every derivative."""
    made: list[Definition] = []
    before: Symbol = Symbol("x")
    for k in range(1, depth + 1):
        z, h = Symbol("z", str(k)), Symbol("h", str(k))
        made += [Definition(z, (), Product((Symbol("w", str(k)), before))), Definition(h, (), Call("sigma", (z,)))]
        before = h
    made.append(Definition(L, (), Product((HALF, Power(Sum((before, Negative(Symbol("y")))), TWO)))))
    letters = [Definition(delta(k), (), Derivative(L, Symbol("z", str(k)), 1, True)) for k in range(1, depth + 1)]
    return Context({}, (*made, *letters))


def delta(k: int) -> Symbol:
    return Symbol("delta", str(k))


def line(k: int) -> tuple[Node, ...]:
    """The factors of delta_k."""
    h = Symbol("h", str(k))
    return delta(k + 1), Symbol("w", str(k + 1)), h, Sum((ONE, Negative(h)))


@pytest.mark.parametrize("k", [1, 20, 39])
def test_a_line_about_forty_layers(k):
    context, factors = chain(40), line(k)
    found = verify_step(delta(k), times(factors), "=", context)
    assert (found.status, found.method) == (Status.PROVED, METHOD)
    for dropped in range(len(factors)):
        wrong = times(factors[:dropped] + factors[dropped + 1 :])
        assert verify_step(delta(k), wrong, "=", context).status is Status.REFUTED


@pytest.mark.slow
def test_the_time_grows_with_the_depth_and_no_faster():
    def seconds(depth: int) -> float:
        context, start = chain(depth), time.perf_counter()
        for k in range(1, depth):
            assert verify_step(delta(k), times(line(k)), "=", context).status is Status.PROVED
        return time.perf_counter() - start

    seconds(5)
    assert min(seconds(40) for _ in range(3)) < 8 * min(seconds(10) for _ in range(3))


# --- random computations ---------------------------------------------------------------------------------------


@dataclass
class Computation:
    """Quantities v_1, v_2, … of inputs, each with its slopes as the reverse sweep of this test writes them."""

    quantities: list[Definition] = field(default_factory=list)
    slopes: list[dict[Symbol, list[tuple[Node, ...]]]] = field(default_factory=list)

    def add(self, body: Node, slopes: dict[Symbol, list[tuple[Node, ...]]]) -> Symbol:
        name = Symbol("v", str(len(self.quantities) + 1))
        self.quantities.append(Definition(name, (), body))
        self.slopes.append(slopes)
        return name

    def adjoint(self, by: Symbol) -> list[tuple[Node, ...]]:
        """The factors of every term of the derivative of the last quantity: one for each path to a direct user."""
        last = self.quantities[-1].name
        return [
            factors if user.name == last else (barred(user.name), *factors)
            for user, slopes in zip(self.quantities, self.slopes, strict=True)
            for factors in slopes.get(by, [])
        ]

    def context(self) -> Context:
        last = self.quantities[-1].name
        letters = (Definition(barred(q.name), (), Derivative(last, q.name, 1, True)) for q in self.quantities[:-1])
        return Context({}, (*self.quantities, *letters))

    def values(self, numbers: dict[Symbol, float]) -> dict[Symbol, float]:
        """All quantities, then all adjoints, as floating-point numbers."""
        for q in self.quantities:
            numbers[q.name] = value(q.body, numbers)
        for q in reversed(self.quantities[:-1]):
            numbers[barred(q.name)] = sum(prod(value(f, numbers) for f in term) for term in self.adjoint(q.name))
        return numbers


def barred(symbol: Symbol) -> Symbol:
    return Symbol(symbol.name, symbol.sub, accent="bar")


def value(node: Node, numbers: dict[Symbol, float]) -> float:
    match node:
        case Number():
            return float(node.value)
        case Symbol():
            return numbers[node]
        case Sum(terms):
            return sum(value(t, numbers) for t in terms)
        case Product(factors):
            return prod(value(f, numbers) for f in factors)
        case Negative(u):
            return -value(u, numbers)
        case Power(u, n):
            return value(u, numbers) ** value(n, numbers)
        case Call("tanh", (u,)):
            return tanh(value(u, numbers))
        case Call("sigma", (u,)):
            return 1 / (1 + exp(-value(u, numbers)))
    raise AssertionError(node)


INPUTS = [Symbol(*pair) for pair in (("x", "1"), ("x", "2"), ("w", ""), ("u", ""))]


def _grow(made: Computation, operation: str, a: Symbol, b: Symbol) -> None:
    me = Symbol("v", str(len(made.quantities) + 1))
    rest = Sum((ONE, Negative(me)))
    bent = Sum((ONE, Negative(Power(me, TWO))))
    body, slopes = {
        "sigma": (Call("sigma", (a,)), {a: [(me, rest)]}),
        "tanh": (Call("tanh", (a,)), {a: [(bent,)]}),
        "square": (Power(a, TWO), {a: [(TWO, a)]}),
        "sum": (Sum((a, b)), {a: [(ONE,)], b: [(ONE,)]} if a != b else {a: [(ONE,), (ONE,)]}),
        "product": (Product((a, b)), {a: [(b,)], b: [(a,)]} if a != b else {a: [(a,), (a,)]}),
    }[operation]
    made.add(body, slopes)


@st.composite
def computations(draw: st.DrawFn) -> Computation:
    made = Computation()
    for _ in range(draw(st.integers(2, 9))):
        known = [*INPUTS, *(q.name for q in made.quantities), *(q.name for q in made.quantities[-2:])]
        operation = draw(st.sampled_from(["sigma", "tanh", "square", "sum", "product", "product", "sum"]))
        _grow(made, operation, draw(st.sampled_from(known)), draw(st.sampled_from(known)))
    return made


@given(computations(), st.data())
@settings(max_examples=25, deadline=None)
def test_a_reverse_sweep_is_proved_and_with_a_factor_dropped_it_is_not(made, data):
    last, context = made.quantities[-1].name, made.context()
    by = data.draw(st.sampled_from([*INPUTS, *(q.name for q in made.quantities[:-1])]))
    left = Derivative(last, by, 1, True) if by in INPUTS or data.draw(st.booleans()) else barred(by)
    terms = made.adjoint(by)
    found = verify_step(left, total([times(t) for t in terms]), "=", context)
    assert found.status is Status.PROVED, found
    if not terms:
        return
    place = data.draw(st.integers(0, len(terms) - 1))
    factor = data.draw(st.integers(0, len(terms[place]) - 1))
    wrong = [*terms]
    wrong[place] = terms[place][:factor] + terms[place][factor + 1 :]
    numbers = made.values({s: 0.3 + 0.17 * k for k, s in enumerate(INPUTS)})
    right, other = (sum(prod(value(f, numbers) for f in t) for t in ts) for ts in (terms, wrong))
    if not isclose(right, other, rel_tol=1e-6, abs_tol=1e-9):
        found = verify_step(left, total([times(t) for t in wrong]), "=", context)
        assert found.status in (Status.REFUTED, Status.UNDECIDED), found


STACKS = st.lists(st.sampled_from(["dense", "shared", "tanh", "sigma", "skip", "gate"]), min_size=1, max_size=5)


def test_a_reverse_sweep_over_a_few_vectors():
    swept(["shared", "sigma", "shared", "gate", "skip"])


@pytest.mark.slow
@given(STACKS)
@settings(max_examples=40, deadline=None)
def test_a_reverse_sweep_over_vectors(operations):
    swept(operations)


def swept(operations):
    """Square layers, some with one matrix in several places, some added to or multiplied with what came before."""
    declared = {Symbol("U"): "matrix n x n", Symbol("x"): "vector n", Symbol("y"): "vector n"}
    quantities: list[Definition] = []
    pulled: dict[Symbol, list[Node]] = {}
    by_shared: list[Node] = []
    here = Symbol("x")
    for k, operation in enumerate(operations, 1):
        me, weights, bar = Symbol("v", str(k)), Symbol("W", str(k)), barred(Symbol("v", str(k)))
        declared |= {me: "vector n", bar: "vector n", weights: "matrix n x n"}
        bent = (me, Sum((ONE, Negative(me)))) if operation == "sigma" else (Sum((ONE, Negative(Entrywise((me, me))))),)
        match operation:
            case "dense" | "shared":
                matrix = weights if operation == "dense" else Symbol("U")
                body, back = Product((matrix, here)), [(here, Product((Transpose(matrix), bar)))]
                by_shared += [Product((bar, Transpose(here)))] if operation == "shared" else []
            case "skip":
                body, back = Sum((here, Symbol("x"))), [(here, bar), (Symbol("x"), bar)]
            case "gate":
                body = Entrywise((here, Symbol("x")))
                back = [(here, Entrywise((bar, Symbol("x")))), (Symbol("x"), Entrywise((bar, here)))]
            case _:
                body, back = Call(operation, (here,)), [(here, Entrywise((bar, *bent)))]
        for of, term in back:
            pulled.setdefault(of, []).append(term)
        quantities.append(Definition(me, (), body))
        here = me
    end = Power(Norm(Sum((here, Negative(Symbol("y"))))), TWO)
    quantities.append(Definition(L, (), Product((HALF, end))))
    letters = [Definition(barred(q.name), (), GradientOf(L, (q.name,))) for q in quantities[:-1]]
    context = Context(declared, (*quantities, *letters))
    claims = {GradientOf(L, (of,)): total(terms) for of, terms in pulled.items()}
    claims[barred(here)] = Sum((here, Negative(Symbol("y"))))
    if by_shared:
        claims[GradientOf(L, (Symbol("U"),))] = total(by_shared)
    for left, right in claims.items():
        assert verify_step(left, right, "=", context).status is Status.PROVED
        doubled = Product((TWO, right))
        assert verify_step(left, doubled, "=", context).status is Status.REFUTED


def test_a_derivative_through_ten_layers_written_out():
    context, k = chain(10), 10
    factors: list[Node] = [Sum((Symbol("h", "10"), Negative(Symbol("y"))))]
    for k in range(10, 0, -1):
        h = Symbol("h", str(k))
        factors += [h, Sum((ONE, Negative(h))), Symbol("w", str(k)) if k > 1 else Symbol("x")]
    left = Derivative(L, Symbol("w", "1"), 1, True)
    assert verify_step(left, times(factors), "=", context).status is Status.PROVED
    assert verify_step(left, times(factors[:-1]), "=", context).status is Status.REFUTED
