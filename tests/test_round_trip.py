"""What is printed as LaTeX reads back as the same tree: reader after printer is the identity."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings

from derive.errors import FormulaError
from derive.read.latex import Names, read
from derive.tree import At, Call, Cases, Node, Number, Power, Product, Relation, Symbol, walk
from derive.write.latex import latex
from tests.trees import expressions, random_tree
from tests.write.rows import ROWS

# what the trees of tests/trees.py and the rows use besides the known functions
NAMES = Names(functions=frozenset({"C", "f", "hat_f_1"}), indexed=frozenset({"r"}), labels=True)
ROW_NAMES = Names(functions=frozenset({"C", "f", "hat_f_1"}), labels=True)

x, word = Symbol("x"), Symbol("MLE")


def _is_word(node: Node) -> bool:
    return node == word


def _is_high_order(node: Node) -> bool:
    return isinstance(node, Call) and node.order > 3 and node.name != "f"


def _is_power_of_power(node: Node) -> bool:
    return isinstance(node, Power) and isinstance(node.base, Power)


def _is_power_before_bar(node: Node) -> bool:
    return isinstance(node, Product) and any(
        isinstance(a, Power) and a.base == Symbol("f") and latex(b).startswith(r"\left")
        for a, b in zip(node.factors, node.factors[1:], strict=False)
    )


# correct LaTeX that the reader does not read yet: an example, and which nodes to leave out of the random trees.
# A row whose example is read makes the suite fail; delete it then.
GAPS: dict[str, tuple[Node, Callable[[Node], bool]]] = {
    "a word in mathrm is the word itself": (word, _is_word),
    "a word begins a condition": (Cases(((x, Relation((word, x), ("<",))),)), _is_word),
    "the fourth derivative of a known function": (Call("tanh", (x,), 4), _is_high_order),
    "a bracketed power has a power": (Power(Power(x, Number("2")), Number("3")), _is_power_of_power),
    "the power of a function's name before a bar": (
        Product((Power(Symbol("f"), Number("2")), At(x, ((x, Number("0")),)))), _is_power_before_bar,
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
        if is_read(tree) and len(latex(tree)) < 2_000:
            assert_reads_back(tree)


@pytest.mark.parametrize("tree", [row[0] for row in ROWS if is_read(row[0])], ids=latex)
def test_rows_read_back(tree):
    assert_reads_back(tree, ROW_NAMES)


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.xfail(raises=(AssertionError, FormulaError), strict=True)
def test_gaps_of_the_reader(gap):
    assert_reads_back(GAPS[gap][0])
