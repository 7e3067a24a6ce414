"""The laws of gradients through vectors and matrices: each against the verifier and against differences in NumPy."""

from collections.abc import Mapping

import numpy as np
import pytest

from derive import equal
from derive.declarations import declaration
from derive.read.declared import Declared, stated
from derive.read.latex import read
from derive.rules.matrices import LAWS, Law, pulled_back
from derive.rules.shapes import NUMBER, Shapes, ShapesError, domain_of, shape_of, spoken
from derive.steps import Status
from derive.tree import ONE, Derivative, GradientOf, Node, Relation, Symbol
from derive.write.text import text
from tests.rules import arrays
from tests.rules.arrays import differences

STATEMENTS = [(law, statement) for law in LAWS for statement in law.statements]
GRADIENTS = [(law, s) for law, s in STATEMENTS if s.startswith((r"\nabla", r"\frac{\partial}"))]
SIDES = {"n": 4, "m": 3, "d": 2, "k": 5}


def _declared(lines: tuple[str, ...]) -> Declared:
    declared = Declared()
    for line in dict.fromkeys(lines):
        name, _, says = line.partition(": ")
        declared.add(stated(name, says))
    return declared


def _shapes(law: Law) -> Shapes:
    domains = _declared(law.declare).domains()
    return Shapes({s: shape for s, says in domains.items() if (shape := shape_of(says)) is not None})


def _parts(law: Law, statement: str) -> tuple[Node, Symbol, Node]:
    """What is differentiated, by what, and the gradient."""
    node = read(statement, _declared(law.declare).names())
    assert isinstance(node, Relation)
    match node.sides:
        case (GradientOf(body, (by,)), value) | (Derivative(body, Symbol() as by), value):
            return body, by, value
    raise AssertionError(statement)


@pytest.mark.parametrize(("law", "statement"), STATEMENTS, ids=lambda x: getattr(x, "name", x))
def test_the_verifier_proves_every_law(law, statement):
    left, _, right = statement.rpartition(" = ")
    verdict = equal(left, right, declare=list(dict.fromkeys(law.declare)))
    assert verdict.status is Status.PROVED, str(verdict)


@pytest.mark.parametrize(("law", "statement"), GRADIENTS, ids=lambda x: getattr(x, "name", x))
def test_a_law_makes_what_it_states(law, statement):
    body, by, value = _parts(law, statement)
    pulled = pulled_back(body, ONE, by, _shapes(law))
    assert pulled is not None
    assert law.name in [used.name for used in pulled.laws]
    left, right = text(pulled.value), text(value)
    if left != right:
        assert equal(pulled.value, value, declare=list(dict.fromkeys(law.declare))).status is Status.PROVED


@pytest.mark.parametrize(("law", "statement"), GRADIENTS, ids=lambda x: getattr(x, "name", x))
def test_differences_agree_with_every_law(law, statement):
    body, by, value = _parts(law, statement)
    domains = _declared(law.declare).domains()
    values = _random(domains)
    numeric = differences(body, values, by)
    exact = np.broadcast_to(arrays.value(value, values), numeric.shape)
    np.testing.assert_allclose(exact, numeric, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("law", "statement"), GRADIENTS, ids=lambda x: getattr(x, "name", x))
def test_shapes_are_those_of_the_values(law, statement):
    _, by, value = _parts(law, statement)
    shapes = _shapes(law)
    found = arrays.value(value, _random(_declared(law.declare).domains())).shape
    assert found == tuple(SIDES.get(side, side) for side in shapes.of(by))
    stated = (SIDES.get(side, side) for side in shapes.of(value))
    assert all(side in (None, length) for side, length in zip(stated, found, strict=True))


def _random(domains: Mapping[Symbol, str]) -> dict[Symbol, np.ndarray]:
    rng = np.random.default_rng(7)
    found = {Symbol(side): np.array([[float(length)]]) for side, length in SIDES.items()}
    for symbol, says in domains.items():
        sides = [SIDES[s] for s in declaration(says).shape]
        found[symbol] = rng.uniform(0.3, 1.4, (*sides, 1, 1)[:2])  # positive: logarithms and roots have values
    return found


@pytest.mark.parametrize(
    ("left", "wrong"),
    [
        (r"\nabla_x \langle u, W x + b \rangle", "W u"),
        (r"\nabla_W \langle u, W x + b \rangle", r"x u^\top"),
        (r"\nabla_b \langle u, W x + b \rangle", "2 u"),
        (r"\nabla_z \langle u, \sigma(z) \rangle", r"u \odot \sigma(z)"),
        (r"\nabla_z \langle u, \operatorname{softmax}(z) \rangle", r"\operatorname{softmax}(z) \odot u"),
        (r"\nabla_v \langle u, \frac{z}{v} \rangle", r"\frac{u \odot z}{v \odot v}"),
    ],
)  # fmt: skip
def test_the_verifier_does_not_prove_slips(left, wrong):
    declare = ["W: matrix m x d", "x: vector d", "b: vector m", "u: vector m", "z: vector m", "v: vector m"]
    assert equal(left, wrong, declare=declare).status is not Status.PROVED


def test_a_formula_without_a_law_is_left_alone():
    shapes = Shapes({Symbol("A"): ("n", "n")})
    body = read(r"\operatorname{rank}(A)", Declared().names())
    assert pulled_back(body, ONE, Symbol("A"), shapes) is None


# --- shapes ---------------------------------------------------------------------------------------------

SHAPED = [
    ("W x + b", ("m", 1)),
    (r"X W^\top + \mathbf{1} b^\top", ("n", "m")),
    (r"x^\top x", NUMBER),
    (r"x x^\top", ("d", "d")),
    (r"\operatorname{diag}(x)", ("d", "d")),
    (r"1 - x \odot x", ("d", 1)),
    (r"\frac{x}{x^\top x}", ("d", 1)),
    (r"\|W\|_F^2", NUMBER),
    (r"\sum_{i=1}^{d} x_i", NUMBER),
    (r"\operatorname{softmax}(X)", ("n", "d")),
    (r"\operatorname{logsumexp}(x)", NUMBER),
]
LETTERS = ("W: matrix m x d", "x: vector d", "b: vector m", "X: matrix n x d")


@pytest.mark.parametrize(("formula", "shape"), SHAPED)
def test_shapes_of_formulas(formula, shape):
    declared = _declared(LETTERS)
    shapes = Shapes({s: shape_of(says) for s, says in declared.domains().items()})
    assert shapes.of(read(formula, declared.names())) == shape


@pytest.mark.parametrize("formula", ["W b", "x + b", r"x \odot b", r"X W", r"\frac{x}{b}", r"\langle x, b \rangle"])
def test_what_does_not_fit_names_both_shapes(formula):
    declared = _declared(LETTERS)
    shapes = Shapes({s: shape_of(says) for s, says in declared.domains().items()})
    with pytest.raises(ShapesError) as error:
        shapes.of(read(formula, declared.names()))
    assert all(spoken(shape) in str(error.value) for shape in error.value.shapes)


@pytest.mark.parametrize("says", ["vector 3", "matrix 4 x 3", "vector n", "matrix n x d"])
def test_a_shape_is_declared_as_it_was(says):
    assert domain_of(shape_of(says)) == says
