"""Graphs of named quantities: who feeds whom, along which paths, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import DeriveError, LimitError
from derive.graph import Graph, graph, split
from derive.read.latex import read, read_definition
from derive.steps import Definition
from derive.tree import Number, Product, Sum, Symbol, substitute

A, B, C, D, E = (Symbol(n) for n in "abcde")


def _graph(*formulas: str) -> Graph:
    return graph([found for text in formulas if isinstance(found := read_definition(text), Definition)])


DIAMOND = ("c = a + b", "d = b + 1", "g = c d")


def test_who_feeds_whom():
    made = _graph(*DIAMOND)
    g = Symbol("g")
    assert made.inputs == (A, B)
    assert made.output == g
    assert made.arguments[g] == (C, D)
    assert made.users[B] == (C, D)
    assert made.users[g] == ()
    assert made.depth == {A: 0, B: 0, C: 1, D: 1, g: 2}
    assert made.paths(B, g) == [(B, C, g), (B, D, g)]
    assert made.paths(A, D) == []
    assert made.reaching(D) == {B, D}


def test_what_is_given_in_another_order_is_sorted():
    made = _graph("g = c d", "d = b + 1", "c = a + b")
    assert made.output == Symbol("g")
    assert set(list(made.formulas)[:2]) == {C, D}


def test_a_bound_letter_is_no_input():
    assert _graph(r"s = \sum_{i=1}^{n} i a").inputs == (A, Symbol("n"))


@pytest.mark.parametrize(
    ("formulas", "said"),
    [
        ((), "no nodes"),
        (("c = a + b", "c = a b"), "c is defined twice"),
        (("f(x) = x^2",), "has parameters"),
        (("c = d + 1", "d = c + 1"), "cycle: c → d → c"),
    ],
)
def test_what_is_no_graph_is_refused(formulas, said):
    with pytest.raises(DeriveError, match=said):
        _graph(*formulas)


def test_too_many_paths_are_not_listed():
    stages = ((f"y_{{{k}}} = 2 x_{{{k}}}", f"x_{{{k + 1}}} = x_{{{k}}} + y_{{{k}}}") for k in range(8))
    made = _graph(*(line for stage in stages for line in stage))
    assert len(made.paths(Symbol("x", "0"), Symbol("x", "3"))) == 8
    with pytest.raises(LimitError, match="more than 64 paths"):
        made.paths(Symbol("x", "0"), made.output)


def test_an_expression_is_split_into_its_operations():
    made = split(read("(a + b)(b + 1)"), E)
    assert [q.body for q in made.quantities] == [
        read("a + b"), read("b + 1"), Product((Symbol("v", "1"), Symbol("v", "2"))),
    ]  # fmt: skip
    assert made.output == E


def test_equal_parts_are_one_quantity():
    assert len(split(read(r"\sin(a b) + e^{a b}"), E).quantities) == 4


def test_names_that_occur_are_not_taken():
    assert Symbol("v", "1") not in split(read("v_1 (a + b)"), E).formulas


_LEAVES = st.sampled_from([A, B, C, Number("2")])
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.tuples(inner, inner).map(Sum) | st.tuples(inner, inner).map(Product),
    max_leaves=12,
)


@given(_TREES)
def test_putting_the_parts_back_gives_the_expression(expression):
    made = split(expression, E)
    values: dict = {}
    for quantity in made.quantities:
        values[quantity.name] = substitute(quantity.body, values)
    assert values[E] == expression


@given(_TREES)
def test_each_quantity_comes_after_what_it_uses(expression):
    made = split(expression, E)
    seen = set(made.inputs)
    for name, arguments in made.arguments.items():
        assert seen.issuperset(arguments)
        seen.add(name)
    assert all(made.depth[user] > made.depth[name] for name, users in made.users.items() for user in users)
