"""No verdict takes longer than it may: statements that are large, deep or grow when they are expanded."""

import time
from random import Random

import pytest

from derive.limits import CHECK_SECONDS, NESTING, PARTS
from derive.steps import Context
from derive.tree import (
    ONE,
    TWO,
    Call,
    Cases,
    Derivative,
    E,
    Matrix,
    Negative,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    Symbol,
    depth,
    size,
    walk,
)
from derive.verify import equal
from tests.verify.oracle import expression, mutated, same

LETTERS = [Symbol(c) for c in "abcdxyz"]
SWITCHING = ["abs", "relu", "lrelu", "elu"]
SMOOTH = ["sigma", "tanh", "softplus", "swish", "gelu", "sin", "cos", "exp", "arctan", "arsinh", "log", "erf"]
GRACE = 0.3  # between two looks at the clock, on a busy machine


def leaf(random):
    return random.choice([*LETTERS, Number(str(random.randint(1, 99))), Number("0.1")])


def tower(random):
    """Functions within functions."""
    node = leaf(random)
    for _ in range(random.randint(5, NESTING - 5)):
        name = random.choice(SMOOTH + SWITCHING)
        inner = random.choice([node, Sum((node, leaf(random))), Product((leaf(random), node))])
        node = Call(name, (inner,)) if random.random() < 0.7 else Power(E, Quotient(inner, TWO))
    return node


def network(random):
    """Layers of sums of activations."""
    name, width = random.choice(SMOOTH + SWITCHING), random.randint(2, 4)
    layer = [Symbol("x", str(k)) for k in range(width)]
    for depth_ in range(random.randint(1, 3)):
        weights = [[Symbol("w", f"{depth_},{i},{j}") for j in range(width)] for i in range(width)]
        layer = [Call(name, (Sum(tuple(Product((w, u)) for w, u in zip(row, layer, strict=True))),)) for row in weights]
    return Sum(tuple(layer))


def fraction(random):
    """A continued fraction."""
    node = leaf(random)
    for _ in range(random.randint(4, 20)):
        node = Quotient(leaf(random), Sum((leaf(random), random.choice([node, Power(node, TWO)]))))
    return node


def power(random):
    terms = tuple(Product((leaf(random), leaf(random))) for _ in range(random.randint(2, 7)))
    return Power(Sum(terms), Number(str(random.randint(2, 60))))


def roots(random):
    node = leaf(random)
    for _ in range(random.randint(2, 12)):
        node = Root(Sum((random.choice([ONE, leaf(random)]), node)), Number(str(random.choice([2, 2, 3, 4]))))
    return Sum((node, random.choice([Root(leaf(random)), Call("log", (node,))])))


def switching(random):
    """Maxima of maxima, and cases."""
    items = [Sum((leaf(random), Product((leaf(random), leaf(random))))) for _ in range(random.randint(3, 9))]
    node = Call(random.choice(["max", "min"]), tuple(items))
    for item in items[: random.randint(1, 6)]:
        condition = Relation((item, leaf(random)), (random.choice(["<", "<=", ">"]),))
        node = Cases(((Call("abs", (Sum((node, item)),)), condition), (node, None)))
    return node


def determinant(random):
    n = random.randint(3, 7)
    entry = random.choice([leaf, lambda r: Power(E, leaf(r)), lambda r: Call("sin", (leaf(r),))])
    return Call("det", (Matrix(tuple(tuple(entry(random) for _ in range(n)) for _ in range(n))),))


def slope(random):
    return Derivative(random.choice([tower, network, fraction, roots])(random), Symbol("x"), random.randint(1, 4))


def wave(random):
    """Angles with many turns."""
    angle = Product((Number(str(random.randint(2, 90))), Sum(tuple(leaf(random) for _ in range(random.randint(1, 5))))))
    return Product((Call("sin", (angle,)), Power(Call("cos", (Quotient(angle, Number("7")),)), Number("5"))))


def large(random):
    parts = tuple(expression(random, random.randint(4, 7)) for _ in range(random.randint(1, 4)))
    return Sum(parts) if len(parts) > 1 else parts[0]


SHAPES = [tower, network, fraction, power, roots, switching, determinant, slope, wave, large]


def statement(seed):
    """Two sides, equal or with a slip, within the reader's limits."""
    random = Random(seed)
    while True:
        a = SHAPES[seed % len(SHAPES)](random)
        b = same(a, random, random.randint(1, 5))
        b = mutated(b, random) if random.random() < 0.5 else Sum((b, leaf(random), Negative(leaf(random))))
        if all(size(n) <= PARTS and depth(n) <= 3 * NESTING and _is_sound(n) for n in (a, b)):
            return a, b


def _is_sound(node):
    """Whether every derivative is still by a symbol: a slip may have changed that."""
    return all(isinstance(p.variable, Symbol) for p in walk(node) if isinstance(p, Derivative))


def seconds(seed):
    a, b = statement(seed)
    start = time.thread_time()  # the clock of the verifier: what else the machine does is not counted
    equal(a, b, Context())
    return time.thread_time() - start


@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_a_hard_statement_is_judged_in_time(shape):
    assert seconds(shape) < CHECK_SECONDS + GRACE


@pytest.mark.slow
@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_hard_statements_are_judged_in_time(shape):
    slow = {seed: took for seed in range(shape, 400, len(SHAPES)) if (took := seconds(seed)) > CHECK_SECONDS + GRACE}
    assert not slow
