"""No kind of node is forgotten: each printer, the widths, JSON, SymPy's text and the random trees know every one."""

from __future__ import annotations

import inspect
import json
import random

import pytest
import sympy

from derive import tree as t
from derive.documents._widths import height, width
from derive.saved import pack, unpack
from derive.tree import Node
from derive.write.latex import latex
from derive.write.mathml import mathml
from derive.write.sympy import identifier, to_sympy, to_text
from derive.write.text import text
from derive.write.typst import typst
from tests.trees import random_tree
from tests.write.meaning import of_tree
from tests.write.rows import GAPS, ROWS

KINDS = frozenset(kind for _, kind in inspect.getmembers(t, inspect.isclass) if issubclass(kind, Node)) - {Node}
with_rows = pytest.mark.parametrize("tree", [row[0] for row in (*ROWS, *GAPS)], ids=latex)


def kinds(*trees: Node) -> set[type[Node]]:
    return {type(node) for tree in trees for node in t.walk(tree)}


def test_the_rows_show_every_kind() -> None:
    assert kinds(*(row[0] for row in (*ROWS, *GAPS))) == KINDS


def test_random_trees_hold_every_kind_that_means_something() -> None:
    source = random.Random(0)
    assert kinds(*(random_tree(source, 5) for _ in range(400))) == KINDS - {t.Hole}


@with_rows
def test_everything_that_writes_knows_it(tree: Node) -> None:
    for printer in (latex, typst, text, mathml):
        assert printer(tree)
    assert width(tree) > 0
    assert height(tree) in range(4)
    assert of_tree(tree) is not None


@with_rows
def test_json_carries_it_unchanged(tree: Node) -> None:
    assert unpack(json.loads(json.dumps(pack(tree)))) == tree


@with_rows
def test_sympy_reads_its_text(tree: Node) -> None:
    for kind in kinds(tree) & {t.Dots, t.Hole}:
        with pytest.raises(ValueError, match=f"no word for {kind.__name__}"):
            to_text(tree)
        return
    names = {identifier(n): sympy.Symbol(identifier(n)) for n in t.walk(tree) if isinstance(n, t.Symbol)}
    assert sympy.sympify(to_text(tree), locals=names) is not None
    assert to_sympy(tree) is not None


@pytest.mark.parametrize("write", [width, of_tree, to_text])
def test_a_kind_that_is_not_known_is_refused(write) -> None:
    with pytest.raises((TypeError, ValueError), match="Unknown"):
        write(_Unknown())


class _Unknown(Node):
    __slots__ = ()
