"""Taking a term apart and writing it again: the value stays, and writing it again comes to rest."""

import random

import pytest
from hypothesis import given, settings

from derive.read.latex import read
from derive.rules.monomials import build, split
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
