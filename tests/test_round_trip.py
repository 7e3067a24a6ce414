"""What is printed as LaTeX reads back as the same tree: reader after printer is the identity."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import assume, given, settings

from derive.errors import FormulaError, LimitError
from derive.read.latex import Names, read
from derive.tree import Node, Number, Relation, Symbol, Vector, walk
from derive.write.latex import latex
from tests.trees import expressions, random_tree
from tests.write.rows import ROWS

# what the trees of tests/trees.py and the rows use besides the known functions
NAMES = Names(functions=frozenset({"C", "f", "hat_f_1"}), indexed=frozenset({"r"}), labels=True)
ROW_NAMES = Names(functions=frozenset({"C", "f", "hat_f_1"}), labels=True)

x = Symbol("x")


def _is_interval(node: Node) -> bool:
    return isinstance(node, Relation) and any(
        sign == "in" and isinstance(side, Vector) for sign, side in zip(node.signs, node.sides[1:], strict=True)
    )


# correct LaTeX that the reader does not read yet: an example, and which nodes to leave out of the random trees.
# A row whose example is read makes the suite fail; delete it then.
GAPS: dict[str, tuple[Node, Callable[[Node], bool]]] = {
    "coordinates behind an element sign are an interval": (
        Relation((x, Vector((Number("0"), Number("1")))), ("in",)), _is_interval,
    ),
}  # fmt: skip


def is_read(tree: Node) -> bool:
    return not any(gap(node) for node in walk(tree) for _, gap in GAPS.values())


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
        if is_read(tree):
            with suppress(LimitError):  # a tower of exponents is refused as too large, which is no misreading
                assert_reads_back(tree)


@pytest.mark.parametrize("tree", [row[0] for row in ROWS if is_read(row[0])], ids=latex)
def test_rows_read_back(tree):
    assert_reads_back(tree, ROW_NAMES)


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.xfail(raises=(AssertionError, FormulaError), strict=True)
def test_gaps_of_the_reader(gap):
    assert_reads_back(GAPS[gap][0])
