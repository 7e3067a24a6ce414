"""Programs against evaluate.compile, NumPy written by hand, and finite differences."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.backward import Backward
from derive.errors import DeriveError
from derive.functions import FUNCTIONS
from derive.graph import graph
from derive.kinds import _backward_matrix, _backward_scalar
from derive.losses import BATCH, LOSSES, UNIT, written
from derive.networks import ACTIVATIONS, from_sizes
from derive.numeric import _formulas, programs
from derive.numeric.evaluate import FORMS, compile
from derive.numeric.programs import Network, Training, over_data, side_lengths
from derive.read.latex import Names, read
from derive.steps import Definition
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Cases,
    Entrywise,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    Symbol,
    Transpose,
    Vector,
    substitute,
)

X, Y, W, U = Symbol("x"), Symbol("y"), Symbol("w"), Symbol("u")
POINTS = np.array([-3.3, -1.2, -0.4, 0.3, 0.6, 1.7, 4.1])


def tree(text: str) -> Node:
    return read(text, Names(labels=True))


def name(text: str) -> Symbol:
    found = tree(text)
    assert isinstance(found, Symbol)
    return found


def quantities(*equations: str) -> list[Definition]:
    pairs = (equation.split("=", 1) for equation in equations)
    return [Definition(name(left.strip()), (), tree(right.strip())) for left, right in pairs]


def values_of(formula: Node, x: np.ndarray, **parameters: float) -> np.ndarray:
    """A formula of x and of parameters for each x."""
    names = {Symbol(key): ZERO for key in parameters}
    return over_data((), formula, names, {X: x}).values(list(parameters.values()), formula)


def network_of(*equations: str, loss: str = "L", gradients: dict[str, str] | None = None, **domains: str) -> Network:
    wanted = {name(k): tree(v) for k, v in (gradients or {}).items()}
    return Network(quantities(*equations), wanted, {name(k): v for k, v in domains.items()}, tree(loss))


def differences(function, point: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """Central differences by every entry."""
    found = np.zeros_like(point)
    for place in np.ndindex(*point.shape):
        up, down = point.copy(), point.copy()
        up[place] += step
        down[place] -= step
        found[place] = (function(up) - function(down)) / (2 * step)
    return found


# --- formulas of numbers over data -------------------------------------------------------------------


@pytest.mark.parametrize(
    "formula",
    [
        "2x^2 + 3x - w", r"\frac{1}{1 + e^{-w x}}", "x^{-3}", "-x^2 - 1", r"\left|x\right|", r"\sqrt[3]{x}",
        r"\sqrt[5]{x}", r"\sqrt[4]{x^2}", r"\log_2(x^2)", r"\max(0, x, 1)", r"\min(x, w)", r"2^x \pi", "(x x)^{1/2}",
        r"\begin{cases} x & x > 0 \\ x^2 & x \le 0 \end{cases}",
        r"\begin{cases} x & -1 < x < 1 \\ w & x \ge 1 \end{cases}",
        r"\sum_{k=1}^{3} x^k", r"\prod_{k=1}^{3} (x + k)", r"x^w", "x^7", "w^2 w", r"\frac{w}{x} - \frac{x}{w}", "3 w",
        r"\sigma(x) (1 - \sigma(x))", r"-(-x)", "0 x", r"-(w - x) - (x - w) 2", r"\mathbb{1}[x > w]",
    ],
)  # fmt: skip
def test_a_formula_has_the_values_of_compile(formula):
    node = tree(formula)
    expected = compile(node, [X, W])(POINTS, 0.7)
    assert np.allclose(values_of(node, POINTS, w=0.7), expected, rtol=1e-13, atol=1e-15, equal_nan=True)


ENTRYWISE = [row.name for row in FUNCTIONS.values() if row.name in FORMS and row.arity < 2 and row.name != "sign"]


@pytest.mark.parametrize("function", ENTRYWISE)
def test_a_function_has_the_values_of_compile(function):
    node = Call(function, (X,))
    x = np.concatenate([POINTS, POINTS / 7])
    expected = compile(node, [X])(x)
    assert np.allclose(values_of(node, x), expected, rtol=1e-12, atol=1e-16, equal_nan=True)


@pytest.mark.parametrize("function", _formulas._SLOPES)
def test_a_derivative_has_the_values_of_differences(function):
    x = np.array([-2.1, -0.3, 0.4, 1.9]) if function != "ln" else np.array([0.3, 1.9])
    step = 1e-6
    expected = (values_of(Call(function, (X,)), x + step) - values_of(Call(function, (X,)), x - step)) / (2 * step)
    assert values_of(Call(function, (X,), 1), x) == pytest.approx(expected, rel=1e-7, abs=1e-9)


@st.composite
def formulas(draw, depth: int = 4) -> Node:
    """Formulas of x, w and u whose values stay small."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from([X, W, U, ONE, Number("0.5"), Number("2"), Number("3")]))
    part = formulas(depth - 1)
    match draw(st.sampled_from(["sum", "product", "quotient", "negative", "power", "call", "root", "cases"])):
        case "sum":
            return Sum(tuple(draw(st.lists(part, min_size=2, max_size=3))))
        case "product":
            return Product(tuple(draw(st.lists(part, min_size=2, max_size=3))))
        case "quotient":
            return Quotient(draw(part), Sum((Number("4"), Power(draw(part), Number("2")))))
        case "negative":
            return Negative(draw(part))
        case "power":
            return Power(Call("tanh", (draw(part),)), Number(draw(st.sampled_from("2345"))))
        case "call":
            return Call(draw(st.sampled_from(["sigma", "tanh", "sin", "relu", "softplus", "arctan"])), (draw(part),))
        case "root":
            return Root(Sum((ONE, Power(draw(part), Number("2")))))
    return Cases(((draw(part), Relation((draw(part), ZERO), (">",))), (draw(part), None)))


@given(formulas(), st.floats(-1.5, 1.5), st.floats(-1.5, 1.5))
@settings(max_examples=40, deadline=None)
def test_values_and_means_are_those_of_compile(formula, w, u):
    x = np.linspace(-1.3, 1.2, 23)
    objective = over_data((), formula, {W: formula, U: ONE}, {X: x})
    expected = compile(formula, [X, W, U])(x, w, u)
    scale = 1 + np.abs(expected).max()
    assert np.allclose(objective.values([w, u], formula), expected, rtol=1e-9, atol=1e-9 * scale)
    loss, gradient = objective.loss_and_gradient([w, u])
    assert np.allclose([loss, *gradient], [expected.mean(), expected.mean(), 1], rtol=1e-9, atol=1e-9 * scale)


# --- the mean loss and its gradient ---------------------------------------------------------------------

CHAIN = [r"h_1 = \sigma(w_0 x)", r"h_2 = \sigma(w_1 h_1)", "p = w_2 h_2", "L = (p - y)^2"]
WEIGHTS = [Symbol("w", str(k)) for k in range(3)]


def chain() -> Backward:
    return _backward_scalar.backward(graph(quantities(*CHAIN)), Symbol("L"), WEIGHTS)


def data(samples: int) -> dict[Symbol, np.ndarray]:
    x = np.random.default_rng(3).normal(size=samples)
    return {X: x, Y: 1 / (1 + np.exp(-x))}


def by_hand(theta, x, y):
    h1 = 1 / (1 + np.exp(-theta[0] * x))
    h2 = 1 / (1 + np.exp(-theta[1] * h1))
    error = theta[2] * h2 - y
    d2 = 2 * error * theta[2] * h2 * (1 - h2)
    d1 = d2 * theta[1] * h1 * (1 - h1)
    return np.mean(error**2), np.array([np.mean(d1 * x), np.mean(d2 * h1), np.mean(2 * error * h2)])


@pytest.mark.parametrize("samples", [1, 7, programs.BLOCK - 1, programs.BLOCK, programs.BLOCK + 1, 50_001])
def test_loss_and_gradient_are_those_by_hand(samples):
    made, columns = chain(), data(samples)
    objective = over_data(made.program, made.output, made.gradients, columns)
    for theta in ([0.3, -0.7, 1.2], [0, 0, 0], [-2, 3, 0.5]):
        loss, gradient = objective.loss_and_gradient(theta)
        expected = by_hand(theta, *columns.values())
        assert loss == pytest.approx(expected[0], rel=1e-12)
        assert np.allclose(gradient, expected[1], rtol=1e-10, atol=1e-15)
        assert objective.loss(theta) == loss


def test_the_result_is_the_same_to_the_last_bit():
    made, columns = chain(), data(5 * programs.BLOCK + 17)
    found = [
        over_data(made.program, made.output, made.gradients, columns).loss_and_gradient([0.3, -0.7, 1.2])
        for _ in range(2)
    ]
    assert found[0][0] == found[1][0]
    assert np.array_equal(found[0][1], found[1][1])


def test_a_second_point_does_not_see_the_first():
    made, columns = chain(), data(9_000)
    objective = over_data(made.program, made.output, made.gradients, columns)
    first = objective.loss_and_gradient([0.3, -0.7, 1.2])
    objective.loss_and_gradient([math.inf, math.nan, 1e300])
    again = objective.loss_and_gradient([0.3, -0.7, 1.2])
    assert first[0] == again[0]
    assert np.array_equal(first[1], again[1])


def test_a_gradient_is_not_written_over_later():
    made = chain()
    objective = over_data(made.program, made.output, made.gradients, data(100))
    _, gradient = objective.loss_and_gradient([0.3, -0.7, 1.2])
    kept = gradient.copy()
    objective.loss_and_gradient([1, 1, 1])
    assert np.array_equal(gradient, kept)


def test_data_are_not_changed():
    made, columns = chain(), data(5_000)
    before = {s: a.copy() for s, a in columns.items()}
    objective = over_data(made.program, made.output, made.gradients, columns)
    objective.loss_and_gradient([0.3, -0.7, 1.2])
    objective.values([0.3, -0.7, 1.2], Symbol("p"))
    assert all(np.array_equal(columns[s], before[s]) for s in columns)


def test_predictions_are_given_by_name():
    made, columns = chain(), data(programs.BLOCK + 5)
    objective = over_data(made.program, made.output, made.gradients, columns)
    h1 = 1 / (1 + np.exp(-0.3 * columns[X]))
    assert objective.values([0.3, -0.7, 1.2], Symbol("p")) == pytest.approx(1.2 / (1 + np.exp(0.7 * h1)), rel=1e-13)


def test_what_does_not_depend_on_data_is_its_own_mean():
    penalty = tree(r"\frac{1}{2} w^2")
    loss, gradient = over_data((), penalty, {W: W}, {X: POINTS}).loss_and_gradient([3.0])
    assert (loss, list(gradient)) == (4.5, [3.0])
    both = Sum((penalty, X))
    assert over_data((), both, {W: W}, {X: POINTS}).loss([3.0]) == pytest.approx(4.5 + POINTS.mean(), rel=1e-14)


def test_overflow_and_missing_values_do_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert over_data((), tree("e^{w x}"), {W: ONE}, {X: POINTS}).loss([1e6]) == math.inf
        assert math.isnan(over_data((), tree(r"\ln(w x)"), {W: ONE}, {X: POINTS}).loss([1.0]))
        assert math.isnan(over_data((), tree(r"\frac{w}{w} - x"), {W: ONE}, {X: POINTS}).loss([0.0]))
        assert over_data((), tree("w x^2"), {W: ONE}, {X: POINTS * 1e155}).loss([-1.0]) == -math.inf


@pytest.mark.parametrize("function", ["sigma", "softplus", "tanh", "swish", "gelu", "elu"])
def test_the_tails_are_finite_and_right(function):
    x = np.array([-1e4, -700.0, -40.0, 40.0, 700.0, 1e4])
    expected = compile(Call(function, (X,)), [X])(x)
    assert np.isfinite(expected).all()
    assert np.allclose(values_of(Call(function, (X,)), x), expected, rtol=1e-12, atol=5e-308)


def test_nothing_times_the_logarithm_of_nothing_is_nothing():
    entropy = tree(r"-x \ln(x) - (1 - x) \ln(1 - x)")
    assert list(values_of(entropy, np.array([0.0, 1.0, 0.5]))) == pytest.approx([0, 0, math.log(2)])


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (r"\begin{cases} 1 & x > 0 \\ 0 & x < 0 \end{cases}", 0),
        (r"\begin{cases} 1 & x > 0 \\ 0.01 & x < 0 \end{cases}", 0.01),
        (r"\operatorname{sign}(x)", 0),
        (r"\begin{cases} 1 & x > 1 \\ 0 & x < -1 \end{cases}", math.nan),
    ],
)
def test_at_a_corner_the_derivative_is_the_one_of_libraries(formula, expected):
    (value,) = values_of(tree(formula), np.zeros(1))
    assert value == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("program", "loss", "columns", "message"),
    [
        ([], "x + v", {X: [1, 2]}, "v has no value"),
        (["h = v x"], "h", {X: [1, 2]}, "h: v has no value"),
        ([], "x + y", {X: [1, 2], Y: [1]}, "the columns have different lengths: x has 2, y has 1"),
        ([], "x", {X: []}, "at least one of at least one number"),
        ([], "x", {X: [[1, 2]]}, "at least one of at least one number"),
        ([], "x", {}, "at least one of at least one number"),
        ([], r"\sum_{k=1}^{n} x^k", {X: [1, 2]}, "whole-number bounds"),
        ([], r"\frac{d}{dx} x^2", {X: [1, 2]}, "derive it first"),
        ([], "x_1", {X: [1, 2]}, "x_1 has no value"),
    ],
)
def test_what_cannot_be_run_is_refused(program, loss, columns, message):
    with pytest.raises(DeriveError, match=message):
        over_data(quantities(*program), tree(loss), {W: W}, columns).loss([1.0])


def test_the_number_of_parameters_is_checked():
    with pytest.raises(DeriveError, match="there are 1 parameters, not 2"):
        over_data((), tree("w x"), {W: X}, {X: POINTS}).loss([1, 2])


# --- vectors and matrices -------------------------------------------------------------------------------

RNG = np.random.default_rng(5)
A, B, C = RNG.normal(size=(4, 3)), RNG.normal(size=(3, 5)), RNG.normal(size=(4, 3))
V, Z, K = RNG.normal(size=3), RNG.normal(size=4), 2.5
DOMAINS = {"A": "matrix n x m", "B": "matrix m x k", "C": "matrix n x m", "v": "vector m", "z": "vector n"}
GIVEN = {"A": A, "B": B, "C": C, "v": V, "z": Z, "c": K}


def matrix_value(formula: str) -> np.ndarray:
    domains = {name(k): d for k, d in DOMAINS.items()}
    return Network((), {}, domains, ONE).values({name(k): a for k, a in GIVEN.items()}, tree(formula))[0]


def _softmax(rows):
    weights = np.exp(rows)
    return weights / weights.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("A B", A @ B), ("A v", A @ V), (r"z^\top A v", Z @ A @ V), (r"z v^\top", np.outer(Z, V)),
        (r"B^\top A^\top z", B.T @ (A.T @ Z)), (r"A^\top C", A.T @ C), ("c A - C", K * A - C), ("2 A", 2 * A),
        (r"A \odot C", A * C), (r"A + \mathbf{1} v^\top", A + V), (r"A + z \mathbf{1}^\top", A + Z[:, None]),
        (r"A^\top \mathbf{1}", A.sum(0)), (r"A \mathbf{1}", A.sum(1)), (r"\mathbf{1}^\top A \mathbf{1}", A.sum()),
        (r"\mathbf{1}^\top A", A.sum(0)[None]), (r"\mathbf{1}_{n}^\top \mathbf{1}_{n}", 4),
        (r"\mathbf{1}_n^\top (A + \mathbf{1} v^\top)", (A + V).sum(0)[None]),
        (r"(z \mathbf{1}_{m}^\top) v", Z * V.sum()), (r"(\mathbf{1} v^\top) B + A B", V @ B + A @ B),
        (r"A \mathbf{1}_m \mathbf{1}_k^\top", np.repeat(A.sum(1)[:, None], 5, 1)),
        (r"\mathbf{1} \mathbf{1}^\top - A \odot A", 1 - A * A), ("1 - A", 1 - A), (r"A \odot (1 - A)", A * (1 - A)),
        (r"\tanh(A)^2", np.tanh(A) ** 2), (r"\sigma(A)", 1 / (1 + np.exp(-A))), ("v^2", V**2), ("-A", -A),
        (r"\frac{A}{n}", A / 4), (r"\frac{1}{n m} A", A / 12), (r"\frac{A}{C}", A / C),
        (r"\frac{2 (A - C)}{n}", (A - C) / 2), (r"v^\top v A", V @ V * A), (r"A + v^\top v", A + V @ V),
        (r"\frac{A}{v^\top v}", A / (V @ V)), (r"(v^\top v)^2", (V @ V) ** 2), (r"\sqrt{v^\top v}", math.sqrt(V @ V)),
        (r"\|v\|_2^2", V @ V), (r"\|v\|", np.linalg.norm(V)), (r"\|v\|_1", np.abs(V).sum()),
        (r"\|A\|_F^2", (A * A).sum()),
        (r"\|v\|_\infty", np.abs(V).max()), (r"\langle v, A^\top z \rangle", V @ (A.T @ Z)),
        (r"\langle A, C \rangle", (A * C).sum()), (r"\operatorname{tr}(A C^\top)", (A * C).sum()),
        (r"\operatorname{softmax}(A)", _softmax(A)), (r"\operatorname{softmax}(v)", _softmax(V)),
        (r"\operatorname{logsumexp}(v)", np.log(np.exp(V).sum())), (r"\operatorname{diag}(v)", np.diag(V)),
        (r"\operatorname{logsumexp}(A)", np.log(np.exp(A).sum(1))), (r"I_n A", A),
        (r"\operatorname{diag}(v) B", V[:, None] * B),
        (r"\operatorname{diag}(v) - v v^\top", np.diag(V) - np.outer(V, V)), (r"(A + \mathbf{0}) v", A @ V),
        (r"\sum_{i=1}^{n} \sum_{j=1}^{m} (A_{ij} - C_{ij})^2", ((A - C) ** 2).sum()),
        (r"\sum_{i=1}^{n} \sum_{j=1}^{m} A_{ij}", A.sum()),
        (r"\sum_{i=1}^{n} \sum_{j=1}^{m} -3 A_{ij} z_i", -3 * (A * Z[:, None]).sum()),
        (r"\sum_{i=1}^{n} \sum_{j=1}^{m} A_{ij} v_j", (A * V).sum()), (r"\sum_{j=1}^{m} v_j^2", (V**2).sum()),
        (r"\sum_{j=1}^{m} \sum_{i=1}^{n} A_{ij} C_{ij}", (A * C).sum()),
        (r"\sum_{i=1}^{n} \sum_{j=1}^{m} v_j", 4 * V.sum()), ("v_2", V[1]), ("A_{32}", A[2, 1]),
        (r"\sum_{i=1}^{n} \ln(\sum_{j=1}^{m} e^{A_{ij}})", np.log(np.exp(A).sum(1)).sum()),
        (r"\sum_{j=1}^{m} A_{2,j}", A[1].sum()), (r"\sum_{i=1}^{n} A_{i,2} z_i", A[:, 1] @ Z),
        (r"\sum_{k=1}^{3} c^k", K + K**2 + K**3), (r"\max(0, A)", np.maximum(A, 0)),
        (r"e^{-\frac{A \odot A}{2}}", np.exp(-A * A / 2)),
    ],
)  # fmt: skip
def test_a_formula_of_matrices_has_its_value(formula, expected):
    found = matrix_value(formula)
    assert np.allclose(found, np.asarray(expected, dtype=float), rtol=1e-12, atol=1e-14)
    assert found.size == 1 or found.shape == np.broadcast_shapes(found.shape, np.shape(expected))


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("A C", "a 4×3 matrix cannot be multiplied by a 4×3 matrix"),
        ("A + B", "a sum: a 4×3 matrix and a 3×5 matrix do not fit"),
        (r"v \odot z", "a product entry by entry: a column of 3 and a column of 4 do not fit"),
        ("A + v", "a sum"), ("A^2", "write H ⊙ H"),
        (r"\sum_{i=1}^{m} \sum_{j=1}^{n} A_{ij}", "has 4 terms, its entries are 3"),
        (r"\sum_{i=1}^{n} A_{ii}", "diagonal"), ("v_4", "there is no entry 4 in a column of 3"),
        ("c_1", "c_1 has no value"),
        (r"\mathbf{1}^\top \mathbf{1}", "how long a vector of ones"),
        (r"\operatorname{diag}(A)", "diag needs a vector"), (r"\operatorname{tr}(A)", "tr needs a square matrix"),
        (r"\sum_{i=2}^{n} z_i", "must run from 1"), ("A_2", "a matrix has two"),
        (r"\det(A^\top A)", "no numeric form for arrays"),
    ],
)  # fmt: skip
def test_a_formula_that_does_not_fit_is_refused(formula, message):
    with pytest.raises(DeriveError, match=message):
        matrix_value(formula)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ({"A": (4, 3), "C": (5, 3)}, "C is 5×3, its side n should be 4 as in A"),
        ({"A": (4,)}, "A is declared as matrix n x m, given: 4"),
        ({"c": (2,)}, "c is declared as a number, given: 2"),
        ({"v": (3, 1)}, "v is declared as vector m, given: 3×1"),
        ({"A": (2, 2, 2)}, "A is declared as matrix n x m, given: 2×2×2"),
    ],
)
def test_an_array_of_another_shape_is_refused(shapes, message):
    with pytest.raises(DeriveError, match=message):
        side_lengths({name(k): d for k, d in DOMAINS.items()}, {name(k): s for k, s in shapes.items()})


_SIDES = {"n": 2, "m": 3}
_LEAVES: dict[tuple[str, str], list[Node]] = {
    ("n", "m"): [name("A"), Transpose(name("B")), Product((name("z"), Transpose(Symbol("1", "m", font="bold"))))],
    ("m", "n"): [name("B"), Transpose(name("A")), Product((Symbol("1", "m", font="bold"), Transpose(name("z"))))],
    ("n", "n"): [name("D"), Transpose(name("D"))],
    ("m", "m"): [Product((name("v"), Transpose(name("v")))), Product((name("B"), name("A")))],
    ("m", "1"): [name("v"), Symbol("1", "m", font="bold")],
    ("n", "1"): [name("z"), Symbol("1", "n", font="bold")],
}
_SHAPED = {"A": (2, 3), "B": (3, 2), "D": (2, 2), "v": (3,), "z": (2,), "c": ()}


@st.composite
def matrices(draw, rows: str, columns: str, depth: int = 3) -> Node:
    """Formulas of a shape; their vectors of ones have their lengths."""
    if depth == 0:
        return draw(st.sampled_from(_LEAVES[rows, columns]))
    part, below = matrices(rows, columns, depth - 1), depth - 1
    match draw(st.sampled_from(["leaf", "sum", "difference", "entrywise", "scaled", "product", "turned"])):
        case "sum":
            return Sum((draw(part), draw(part)))
        case "difference":
            return Sum((draw(part), Negative(draw(part))))
        case "entrywise":
            return Entrywise((draw(part), draw(part)))
        case "scaled":
            return Product((name("c"), draw(part)))
        case "product":
            inner = draw(st.sampled_from(["n", "m"]))
            return Product((draw(matrices(rows, inner, below)), draw(matrices(inner, columns, below))))
        case "turned" if columns != "1":
            return Transpose(draw(matrices(columns, rows, below)))
    return draw(st.sampled_from(_LEAVES[rows, columns]))


def _written_out(formula: Node) -> tuple[Node, list[Symbol]]:
    """A formula with all matrices entry by entry, and the names of the entries, row by row."""
    found: dict[Node, Node] = {Symbol("1", side, font="bold"): Vector((ONE,) * k) for side, k in _SIDES.items()}
    entries: list[Symbol] = []
    for letter, shape in _SHAPED.items():
        rows, columns = (*shape, 1, 1)[:2]
        names = [[Symbol(letter, f"{i},{j}") for j in range(columns)] for i in range(rows)]
        entries += [s for row in names for s in row]
        found[name(letter)] = Matrix(tuple(map(tuple, names))) if shape else names[0][0]
    return substitute(formula, found), entries


@given(st.one_of(*(matrices(*shape) for shape in _LEAVES)), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_formulas_of_matrices_have_the_values_of_compile(formula, seed):
    rng = np.random.default_rng(seed)
    given_arrays = {name(k): rng.normal(size=shape) for k, shape in _SHAPED.items()}
    domains = {"A": "matrix n x m", "B": "matrix m x n", "D": "matrix n x n", "v": "vector m", "z": "vector n"}
    network = Network((), {}, {name(k): d for k, d in domains.items()}, formula)
    explicit, entries = _written_out(formula)
    expected = compile(explicit, entries)(*np.concatenate([a.ravel() for a in given_arrays.values()]))
    (found,) = network.values(given_arrays, formula)
    assert np.allclose(found, expected, rtol=1e-10, atol=1e-10 * (1 + np.abs(expected).max()))


def test_values_for_other_shapes_and_again():
    network = network_of(loss=r"A^\top \mathbf{1}", A="matrix n x m")
    for rows in (2, 5, 2):
        array = RNG.normal(size=(rows, 3))
        assert network.values({name("A"): array}, network.loss)[0] == pytest.approx(array.sum(0))


def test_a_softmax_does_not_overflow():
    network = network_of(loss=r"\operatorname{softmax}(A)", A="matrix n x m")
    (found,) = network.values({name("A"): [[1000.0, 0.0], [-1e5, -1e5]]}, network.loss)
    assert found == pytest.approx(np.array([[1, 0], [0.5, 0.5]]))


# --- gradients of networks --------------------------------------------------------------------------------


def perceptron(activation: str, loss: str, last: str = "", penalty: str = "") -> Network:
    """Two layers over a batch, with the gradients that are derived."""
    row = LOSSES[loss]
    names = {"prediction": name("P"), "target": name("Y"), "units": name("m"), "samples": name("n")}
    output = Call(last, (name("Z_2"),)) if last else tree("1 Z_2")
    measured = written(row, BATCH, names)
    made = [
        *quantities(r"Z_1 = X W_1^\top + \mathbf{1} b_1^\top"),
        Definition(name("H"), (), Call(activation, (name("Z_1"),))),
        *quantities(r"Z_2 = H W_2^\top + \mathbf{1} b_2^\top"),
        Definition(name("P"), (), output),
        Definition(name("L"), (), Sum((measured, tree(penalty))) if penalty else measured),
    ]
    domains = {
        "X": "matrix n x d", "Y": "matrix n x m", "W_1": "matrix h x d", "b_1": "vector h", "W_2": "matrix m x h",
        "b_2": "vector m",
    }  # fmt: skip
    declared = {name(k): v for k, v in domains.items()}
    parameters = [name(k) for k in ("W_1", "b_1", "W_2", "b_2")]
    found = _backward_matrix.backward(graph(made), declared, name("L"), parameters)
    return Network(found.program, found.gradients, found.domains, name("L"))


def arrays(units: int = 4, outputs: int = 2, samples: int = 6, seed: int = 1) -> dict[Symbol, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = {"W_1": (units, 3), "b_1": (units,), "W_2": (outputs, units), "b_2": (outputs,), "X": (samples, 3)}
    targets = rng.integers(0, 2, (samples, outputs)).astype(float)
    return {**{name(k): rng.normal(size=s) for k, s in shapes.items()}, name("Y"): targets}


def agrees_with_differences(network: Network, point: dict[Symbol, np.ndarray]) -> None:
    _, gradients = network.loss_and_gradients(point)
    for symbol, gradient in gradients.items():

        def loss(changed, symbol=symbol):
            return float(network.values({**point, symbol: changed}, network.loss)[0])

        expected = differences(loss, point[symbol])
        assert gradient.shape == point[symbol].shape
        assert np.allclose(gradient, expected, rtol=1e-5, atol=1e-7 * (1 + np.abs(expected).max())), symbol


@pytest.mark.parametrize(
    "activation", ["tanh", "sigma", "relu", "lrelu", "elu", "gelutanh", "swish", "softplus", "gelu"]
)
def test_the_gradient_of_a_network_agrees_with_differences(activation):
    assert activation in ACTIVATIONS.values()
    agrees_with_differences(perceptron(activation, "squared error"), arrays())


@pytest.mark.parametrize(
    ("loss", "last"),
    [("binary cross-entropy", "sigma"), ("binary cross-entropy with logits", ""), ("hinge", ""),
     ("categorical cross-entropy", "softmax"), ("mean squared error", "softmax")],
)  # fmt: skip
def test_the_gradient_of_a_loss_agrees_with_differences(loss, last):
    agrees_with_differences(perceptron("tanh", loss, last), arrays())


def test_the_gradient_of_a_penalty_agrees_with_differences():
    network = perceptron("tanh", "squared error", penalty=r"\frac{\lambda}{2} \|W_1\|_F^2")
    agrees_with_differences(network, {**arrays(), name(r"\lambda"): np.array(0.3)})


@given(st.integers(1, 5), st.integers(1, 3), st.integers(1, 7), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_every_size_of_layer_and_batch(units, outputs, samples, seed):
    agrees_with_differences(_TANH, arrays(units, outputs, samples, seed))


_TANH = perceptron("tanh", "binary cross-entropy", "sigma")


def test_unit_by_unit_and_in_matrices_are_the_same():
    point = arrays(units=2, outputs=1, samples=9)
    net = from_sizes([3, 2, 1], ["tanh", "sigmoid"])
    names = {"prediction": net.outputs[0], "target": name("y")}
    loss = Definition(name("L"), (), written(LOSSES["binary cross-entropy"], UNIT, names))
    made = _backward_scalar.backward(net.graph(loss), loss.name, net.parameters)
    columns = dict(zip((*net.inputs, name("y")), (*point[name("X")].T, point[name("Y")][:, 0]), strict=True))
    matrices = [point[name(k)] for k in ("W_1", "W_2", "b_1", "b_2")]
    found = over_data(made.program, made.output, made.gradients, columns).loss_and_gradient(np.concatenate(
        [a.ravel() for a in matrices]
    ))  # fmt: skip
    expected_loss, expected = _TANH.loss_and_gradients(point)
    flat = np.concatenate([expected[name(k)].ravel() for k in ("W_1", "W_2", "b_1", "b_2")])
    assert found[0] == pytest.approx(expected_loss, rel=1e-12)
    assert np.allclose(found[1], flat, rtol=1e-10, atol=1e-14)


# --- training ----------------------------------------------------------------------------------------------


def hand_step(point: dict[Symbol, np.ndarray], x: np.ndarray, y: np.ndarray, rate: float) -> None:
    """A step of gradient descent on the tanh network with cross-entropy, in place."""
    w1, b1, w2, b2 = (point[name(k)] for k in ("W_1", "b_1", "W_2", "b_2"))
    h = np.tanh(x @ w1.T + b1)
    d2 = (1 / (1 + np.exp(-(h @ w2.T + b2))) - y) / len(x)
    d1 = d2 @ w2 * (1 - h * h)
    for parameter, gradient in zip((w1, b1, w2, b2), (d1.T @ x, d1.sum(0), d2.T @ h, d2.sum(0)), strict=True):
        parameter -= rate * gradient


def training_of(point: dict[Symbol, np.ndarray], batch: int) -> Training:
    parameters = {s: a for s, a in point.items() if s.name not in "XY"}
    return Training(_TANH, parameters, {name("X"): point[name("X")], name("Y"): point[name("Y")]}, batch)


@pytest.mark.parametrize(("samples", "batch"), [(20, 5), (23, 5), (3, 8), (5, 1), (1, 1)])
def test_epochs_are_those_by_hand(samples, batch):
    point = arrays(samples=samples)
    training = training_of(point, batch)
    x, y = point[name("X")].copy(), point[name("Y")].copy()
    for k in range(3):
        order = np.random.default_rng(k).permutation(samples)
        training.epoch(0.1, order)
        for low in range(0, samples, batch):
            rows = order[low : low + batch]
            hand_step(point, x[rows], y[rows], 0.1)
    for symbol, value in training.values.items():
        assert np.allclose(value, point[symbol], rtol=1e-11, atol=1e-13)


def test_more_batches_than_are_bound_at_once(monkeypatch):
    many = training_of(arrays(samples=23), 2)
    monkeypatch.setattr(programs, "WINDOW", 3)
    few = training_of(arrays(samples=23), 2)
    for training in (few, many):
        training.epoch(0.1)
    assert np.array_equal(few.theta, many.theta)


def test_a_sample_that_does_not_exist_is_refused():
    with pytest.raises(IndexError):
        training_of(arrays(samples=6), 2).epoch(0.1, np.array([0, 6]))


def test_start_values_are_copied_and_results_are_live():
    point = arrays()
    kept = point[name("W_1")].copy()
    training = training_of(point, 3)
    training.epoch(0.5)
    assert np.array_equal(point[name("W_1")], kept)
    assert not np.array_equal(training.values[name("W_1")], kept)
    assert np.shares_memory(training.values[name("W_1")], training.theta)


def test_another_update_may_be_given():
    point = arrays(samples=6)
    plain, own = training_of(point, 3), training_of(point, 3)
    plain.epoch(0.2)

    def update() -> None:
        own.theta[...] -= 0.2 * own.gradient

    own.epoch(0, update=update)
    assert own.theta == pytest.approx(plain.theta, rel=1e-14)


def test_loss_and_outputs_with_the_parameters_as_they_are():
    point = arrays(samples=8)
    training = training_of(point, 4)
    before = training.loss()
    for _ in range(30):
        training.epoch(0.5)
    now = {**point, **training.values}
    assert training.loss() < before
    assert training.loss() == pytest.approx(_TANH.loss_and_gradients(now)[0], rel=1e-13)
    x = RNG.normal(size=(3, 3))
    (found,) = training.outputs({name("X"): x}, name("P"))
    h = np.tanh(x @ now[name("W_1")].T + now[name("b_1")])
    assert found == pytest.approx(1 / (1 + np.exp(-(h @ now[name("W_2")].T + now[name("b_2")]))), rel=1e-12)


def test_two_trainings_from_one_start_are_equal_to_the_last_bit():
    runs = [training_of(arrays(samples=30), 7) for _ in range(2)]
    for training in runs:
        for k in range(5):
            training.epoch(0.3, np.random.default_rng(k).permutation(30))
    assert np.array_equal(runs[0].theta, runs[1].theta)


def test_two_parameters_with_the_same_gradient():
    network = network_of(
        r"L = \|v + z\|_2^2", gradients={"v": "2 (v + z)", "z": "2 (v + z)"}, X="matrix n x k", v="vector m",
        z="vector m",
    )  # fmt: skip
    training = Training(network, {name("v"): [1.0, 2.0], name("z"): [0.0, 1.0]}, {name("X"): [[1.0]]}, 1)
    training.epoch(0.25)
    assert list(training.theta) == [0.5, 0.5, -0.5, -0.5]


def test_a_gradient_that_is_a_parameter_or_a_constant():
    network = network_of(
        "L = c", gradients={"A": "A", "v": r"\mathbf{1}", "w": "1"}, X="matrix n x k", A="matrix d x h", v="vector m"
    )
    start = {name("A"): np.ones((2, 3)), name("v"): np.zeros(2), name("w"): 5.0}
    training = Training(network, start, {name("X"): [[1.0]]}, 1)
    training.epoch(0.5)
    assert list(training.theta) == [0.5] * 6 + [-0.5] * 2 + [4.5]


def test_a_gradient_whose_entries_are_all_the_same_has_its_parameters_shape():
    network = network_of(r"L = \mathbf{1}^\top v", gradients={"v": r"\mathbf{1}"}, v="vector m")
    loss, gradients = network.loss_and_gradients({name("v"): np.array([1.0, 2.0, 4.0])})
    assert loss == 7
    assert list(gradients[name("v")]) == [1, 1, 1]


def test_a_run_that_diverges_gives_what_is_not_finite_and_does_not_warn():
    training = training_of(arrays(samples=10), 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(5):
            training.epoch(1e308)
        assert not np.isfinite(training.theta).all()
        assert not math.isfinite(training.loss())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": np.zeros((5, 3))}, "the same number of rows: X has 5, Y has 6"),
        ({"W_1": np.zeros((4, 2))}, "X is 6×3, its side d should be 2 as in W_1|W_1 .*side d"),
        ({"b_1": np.zeros(3)}, "side h should be"),
        ({"W_3": np.zeros(3)}, "different names: W_3"),
    ],
)
def test_a_training_that_does_not_fit_is_refused(change, message):
    point = {**arrays(), **{name(k): a for k, a in change.items()}}
    with pytest.raises(DeriveError, match=message):
        training_of(point, 6).epoch(0.1)


def test_a_gradient_of_another_shape_is_refused():
    network = network_of("L = c", gradients={"v": "A v"}, A="matrix n x m", v="vector m")
    training = Training(network, {name("v"): np.ones(2)}, {name("A"): np.ones((3, 2))}, 3)
    with pytest.raises(DeriveError, match="the gradient by v is a column of 3, v is 2"):
        training.epoch(0.1)


def test_an_empty_batch_is_refused():
    with pytest.raises(DeriveError, match="at least one sample, not 0"):
        training_of(arrays(), 0)
