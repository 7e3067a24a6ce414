"""Taking a term apart and writing it again: the value stays, and writing it again comes to rest."""

import random

import pytest
from hypothesis import given, settings

from derive.goals import shape, simplify
from derive.read.latex import read
from derive.rules.monomials import arranged, build, split
from derive.steps import Context, Status
from derive.tree import Symbol
from derive.verify import equal
from tests.trees import expressions, random_tree

POSITIVE = Context(dict.fromkeys(map(Symbol, "xyabc"), "positive"))

ROWS = [
    (r"2x \cdot 3y", "6 x y"),
    ("x x^2", "x^3"),
    (r"\frac{6x}{4}", r"\frac{3 x}{2}"),
    (r"0.5 \cdot 0.5 x", "0.25 x"),
    (r"\frac{x}{y} \frac{y}{z}", r"\frac{x}{z}"),
    (r"e^x e^{-2x}", "e^{-x}"),
    (r"\sqrt{12} x", r"2 \sqrt{3} x"),
    (r"\sqrt{x} \sqrt{x}", "x"),
    (r"(x+1) x", "x (x+1)"),
    (r"-(-x)", "x"),
    (r"\frac{1}{2} (x+1)", r"\frac{1}{2} (x+1)"),
    (r"(2x)^3", "8 x^3"),
    (r"x^0", "1"),
    # what must not come together
    (r"\sqrt{x^2}", r"\sqrt{x^2}"),
    (r"x^a x", "x^{a+1}"),
    (r"(x^2)^{\frac{1}{2}}", r"(x^2)^{\frac{1}{2}}"),
]


@pytest.mark.parametrize(("written", "expected"), ROWS)
def test_rows(written, expected):
    if written == r"(x^2)^{\frac{1}{2}}":  # the root of a square is not its base; it may be written as a root
        assert build(split(read(written))) in (read(written), read(r"\sqrt{x^2}"))
    else:
        assert equal(build(split(read(written))), read(expected), POSITIVE).status is Status.PROVED


ARRANGED = [
    ("6 y x", "6 x y"),
    ("3 z x^2 y", "3 x^2 y z"),
    ("2 c b a", "2 a b c"),
    ("x a", "a x"),
    (r"2 x \theta", r"2 \theta x"),
    (r"3 \theta_2 \theta_1", r"3 \theta_1 \theta_2"),
    ("w_{10} w_9", "w_9 w_{10}"),
    (r"\frac{y x}{b a}", r"\frac{x y}{a b}"),
    (r"y \sin(x) x", r"x y \sin(x)"),
    (r"y x e^{y x}", r"x y e^{y x}"),
    # where no order is customary letters stay as they were met
    (r"n \lambda", r"n \lambda"),
    (r"\lambda n", r"\lambda n"),
    ("y_1 p_2", "y_1 p_2"),
    ("y x_1", "y x_1"),
    ("w_2 h_1", "w_2 h_1"),
    # matrices do not change places
    ("x B A", "x B A"),
    (r"\mathbf{y} x", r"\mathbf{y} x"),
]


@pytest.mark.parametrize(("written", "expected"), ARRANGED)
def test_letters_stand_in_their_customary_order_where_we_make_a_term(written, expected):
    assert arranged(split(read(written))) == read(expected)


@given(expressions(full=False))
@settings(max_examples=200, deadline=None)
def test_arranging_only_changes_the_order(tree):
    assert shape(arranged(split(tree))) == shape(build(split(tree)))


@pytest.mark.parametrize(("written", "end"), [
    ("y x", "y x"),
    ("b a + 1", "b a + 1"),
    ("y x + z x + 1 - 1", "y x + z x"),
    ("y (b + c) x", "x y (b + c)"),  # the bracket moves, so the term is one that we made
    (r"3 y \cdot 2 x", "6 x y"),
    ("y x + 2 y x", "3 x y"),
    ("y x + 2 x (x + y) - 2 x^2", "3 x y"),
])
def test_what_a_person_wrote_keeps_its_order(written, end):
    steps = simplify(read(written))
    assert (steps[-1].after if steps else read(written)) == read(end)


@given(expressions(full=False))
@settings(max_examples=300, deadline=None)
def test_writing_again_and_again_comes_to_rest(tree):
    for _ in range(6):
        before, tree = tree, build(split(tree))
        if tree == before:
            return
    pytest.fail(f"still changing: {before} to {tree}")


def test_the_value_stays():
    source = random.Random(4)
    for _ in range(150):
        tree = random_tree(source, 3, full=False)
        assert equal(tree, build(split(tree)), POSITIVE).status is not Status.REFUTED
