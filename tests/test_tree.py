"""What nodes keep of themselves, and what the engine remembers of tables, says what a walk would say."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings

from derive import engine
from derive.read.latex import read
from derive.rules import algebra
from derive.tree import Node, Number, Product, Sum, Symbol, free_symbols, kinds, map_children, walk
from tests.trees import expressions


def anew(node: Node) -> Node:
    """The same expression made of new nodes, none of which keeps anything."""
    return replace(map_children(node, anew))  # type: ignore[type-var]


@settings(max_examples=60, deadline=None)
@given(expressions())
def test_what_a_node_keeps_is_what_a_new_one_finds(node: Node) -> None:
    first = hash(node), kinds(node), free_symbols(node)
    other = anew(node)
    assert other is not node and other == node
    assert (hash(other), kinds(other), free_symbols(other)) == first == (hash(node), kinds(node), free_symbols(node))
    assert kinds(node) == {type(part) for part in walk(node)}


@settings(max_examples=20, deadline=None)
@given(expressions())
def test_nothing_that_a_node_keeps_is_written_with_it(node: Node) -> None:
    assert pickle.dumps(anew(node)) == (hash(node), kinds(node), pickle.dumps(anew(node)))[2]
    assert pickle.loads(pickle.dumps(node)) == node


@settings(max_examples=60, deadline=None)
@given(expressions())
def test_a_table_does_to_an_expression_what_it_does_the_first_time(node: Node) -> None:
    table = (*algebra.ARITHMETIC,)  # of which nothing is known yet
    assert engine.phase(anew(node), table) == engine.phase(node, algebra.ARITHMETIC)
    assert engine.innermost(node, table) == engine.innermost(node, algebra.ARITHMETIC)


def test_tables_are_told_apart_however_many_there_are() -> None:
    node, names = read("2 \\cdot 3 + 1 \\cdot x"), set[str]()
    for k in range(2 * engine.TABLES):
        step = engine.phase(node, (*(algebra.PRODUCTS if k % 2 else algebra.EXPAND),))
        names.add("" if step is None else step.rule)
        assert engine.phase(node, (*algebra.VECTORS,)) is None
    assert len(engine._BOOKS) <= engine.TABLES and len(names) == 2


@pytest.mark.parametrize("node", [Symbol("x"), Number("2")])
def test_leaves_are_left_alone(node: Node) -> None:
    assert engine.phase(node, algebra.ALGEBRA) is None
    assert engine.spliced(Sum((Sum((node, node)), Product((node, node))))) == Sum((node, node, Product((node, node))))
