"""What is printed as LaTeX reads back as the same tree: reader after printer is the identity."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings

from derive.errors import LimitError
from derive.functions import FUNCTIONS as KNOWN
from derive.read.latex import Names, read
from derive.tree import (
    TWO,
    Call,
    Component,
    Entrywise,
    Gradient,
    Indexed,
    Matrix,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    Vector,
    walk,
)
from derive.write.latex import latex
from tests.trees import DENSITIES, FAMILIES, FUNCTIONS, MATRICES, expressions, random_tree
from tests.write.rows import ROWS

x, y = Symbol("x"), Symbol("y")
NAMES = Names(functions=FUNCTIONS, indexed=FAMILIES, labels=True, densities=DENSITIES, matrices=MATRICES)
"""What the random trees use besides the known functions."""


def declared(tree: Node) -> Names:
    """What somebody who reads one row must know of its names."""
    nodes = list(walk(tree))
    return Names(
        symbols=frozenset(n.plain for n in nodes if isinstance(n, Symbol) and "'" in n.sup),
        others=True,
        functions=frozenset(n.name for n in nodes if isinstance(n, (Call, Gradient)) and n.name not in KNOWN),
        indexed=frozenset(n.plain for n in nodes if isinstance(n, Indexed)),
        labels=True,
        densities=DENSITIES,
        matrices=MATRICES,
    )


def reads_back(tree: Node, names: Names = NAMES) -> bool:
    """Asserts that a tree reads back; False when it is refused as too large, such as a tower of exponents."""
    written = latex(tree, names.functions | names.densities)
    try:
        assert read(written, names) == tree, written
    except LimitError:
        return False
    return True


def test_a_thousand_random_trees_read_back():
    source = random.Random(0)
    assert sum(reads_back(random_tree(source)) for _ in range(1_000)) > 950


@pytest.mark.slow
@given(expressions())
@settings(max_examples=1_000, deadline=None)
def test_trees_that_shrink_read_back(tree):
    reads_back(tree)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_many_random_trees_read_back(seed):
    source = random.Random(seed)
    assert sum(reads_back(random_tree(source, 5)) for _ in range(10_000)) > 9_000


BEFORE = (
    *map(Symbol, ("x", "p", "f", "h", "A", "E", "P", "W", "loss", "theta", "sigma", "Sigma", "Phi", "mu", "ell")),
    Symbol("A", "1"), Symbol("x", "1"), Symbol("y", accent="hat"), Symbol("W", font="bold"), Symbol("L", font="cal"),
    Power(Symbol("A"), TWO), Transpose(Symbol("A")), Symbol("theta", sup="*"), Symbol("x", sup="(0)"),
)  # fmt: skip
IN_BRACKETS = (
    Sum((x, y)), Sum((x, Negative(y))), Product((x, y)), Negative(x), Power(Sum((x, y)), TWO), Entrywise((x, y)),
    Power(Quotient(x, y), TWO), SumOver(x, Symbol("i")), Vector((x, y)), Call("factorial", (Sum((x, y)),)),
    Component(Product((x, y)), (Symbol("i"),)), Matrix(((x, y), (y, x))),
)  # fmt: skip


@pytest.mark.parametrize("right", IN_BRACKETS, ids=latex)
@pytest.mark.parametrize("left", BEFORE, ids=latex)
def test_a_name_before_a_bracket_reads_back_as_a_factor(left, right):
    """Without any declaration: a dot stands where the name could be a function's."""
    assert reads_back(Product((left, right)), Names(labels=True))


@pytest.mark.parametrize("tree", [row[0] for row in ROWS], ids=latex)
def test_rows_read_back(tree):
    assert reads_back(tree, declared(tree))
