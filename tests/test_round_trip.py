"""What is printed as LaTeX reads back as the same tree: reader after printer is the identity."""

import random

import pytest
from hypothesis import given, settings

from derive.read.latex import Names, read
from derive.tree import Node
from derive.write.latex import latex
from tests.trees import expressions, random_tree
from tests.write.rows import ROWS

# what the trees of tests/trees.py and the rows use besides the known functions
NAMES = Names(functions=frozenset({"C", "f", "hat_f_1"}), indexed=frozenset({"r"}), labels=True)
ROW_NAMES = Names(functions=frozenset({"C", "f", "hat_f_1"}), labels=True)


def assert_reads_back(tree: Node, names: Names = NAMES) -> None:
    written = latex(tree)
    assert read(written, names) == tree, written


@given(expressions())
@settings(max_examples=1_000)
def test_random_trees_read_back(tree):
    assert_reads_back(tree)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_many_random_trees_read_back(seed):
    source = random.Random(seed)
    for _ in range(10_000):
        assert_reads_back(random_tree(source, 5))


@pytest.mark.parametrize("tree", [row[0] for row in ROWS], ids=latex)
def test_rows_read_back(tree):
    assert_reads_back(tree, ROW_NAMES)
