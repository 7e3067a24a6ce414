"""What is printed as LaTeX reads back as the same tree: reader after printer is the identity."""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, given, settings

from derive.read.latex import Names, read
from derive.tree import Node, Relation, Vector, walk
from derive.write.latex import latex
from tests.trees import expressions, random_tree
from tests.write.rows import ROWS

# what the trees of tests/trees.py and the rows use besides the known functions
NAMES = Names(functions=frozenset({"C", "f", "hat_f_1"}), indexed=frozenset({"r"}), labels=True)
ROW_NAMES = Names(functions=frozenset({"C", "f", "hat_f_1"}), labels=True)


def is_read(tree: Node) -> bool:
    """Not ``x in (0, 1)``: the reader refuses it, since it might be an interval."""
    return not any(_says_in_a_vector(node) for node in walk(tree))


def _says_in_a_vector(node: Node) -> bool:
    if not isinstance(node, Relation):
        return False
    return any(s == "in" and isinstance(v, Vector) for s, v in zip(node.signs, node.sides[1:], strict=True))


def assert_reads_back(tree: Node, names: Names = NAMES) -> None:
    written = latex(tree)
    assert read(written, names) == tree, written


@given(expressions())
@settings(max_examples=1_000, deadline=None)
def test_random_trees_read_back(tree):
    assume(is_read(tree))
    assert_reads_back(tree)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_many_random_trees_read_back(seed):
    source = random.Random(seed)
    for _ in range(10_000):
        tree = random_tree(source, 5)
        if is_read(tree) and len(latex(tree)) < 2_000:
            assert_reads_back(tree)


@pytest.mark.parametrize("tree", [row[0] for row in ROWS if is_read(row[0])], ids=latex)
def test_rows_read_back(tree):
    assert_reads_back(tree, ROW_NAMES)
