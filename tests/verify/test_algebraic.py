"""The zero test for numbers made of roots and of sines of fractions of pi."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive.read.latex import read
from derive.steps import Context
from derive.tree import Negative, Number, Power, Product, Root, Sum, number
from derive.verify.algebraic import is_zero
from derive.verify.meaning import Meaning
from derive.verify.signals import Clock


def zero(text):
    clock = Clock(2)
    return is_zero(Meaning(Context(), clock).unfold(read(text)), clock)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"\sqrt{3+2\sqrt{2}}-1-\sqrt{2}", True),
        (r"\sqrt{3+2\sqrt{2}}+1-\sqrt{2}", False),
        (r"\sqrt{5-2\sqrt{6}}-\sqrt{2}+\sqrt{3}", False),
        (r"\sqrt[3]{2+\sqrt{5}}+\sqrt[3]{2-\sqrt{5}}-1", True),
        (r"(\sqrt{2}-1)^{-3}-7-5\sqrt{2}", True),
        (r"\cos\frac{\pi}{7}-\cos\frac{2\pi}{7}+\cos\frac{3\pi}{7}-\frac{1}{2}", True),
        (r"\sin\frac{\pi}{7}-\sin\frac{2\pi}{7}+\sin\frac{3\pi}{7}-\frac{1}{2}", False),
        (r"\cot\frac{\pi}{24}-\sqrt{2}-\sqrt{3}-2-\sqrt{6}", True),
        (r"\frac{1+2^{-900}}{3}-\frac{1}{3}", False),
        (r"|\sqrt{2}-2|-2+\sqrt{2}", True),
        (r"\max(\sqrt{2},\frac{3}{2})-\frac{3}{2}", True),
        (r"\pi-\frac{355}{113}", None),
        (r"e-e", None),
        (r"2^{\sqrt{2}}-2^{\sqrt{2}}", None),
        (r"\sin(1)-\sin(1)", None),
        (r"\cos\frac{\pi}{1009}-\cos\frac{\pi}{1009}", None),
        (r"\sqrt{-1}", None),
    ],
)
def test_rows(text, found):
    assert zero(text) is found


SMALL = st.integers(1, 40)


@settings(max_examples=60, deadline=None)
@given(SMALL, SMALL, st.integers(0, 30))
def test_a_denested_root_and_its_neighbours(p, q, digits):
    square = Sum((number(p * p + q), Product((number(2 * p), Root(number(q))))))  # (p + sqrt q)^2
    difference = Sum((Root(square), Negative(number(p)), Negative(Root(number(q)))))
    assert is_zero(difference, Clock(2)) is True
    moved = Sum((difference, Power(Number("10"), Negative(number(digits)))))
    assert is_zero(moved, Clock(2)) is False


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(2, 30), min_size=2, max_size=4, unique=True))
def test_sums_of_different_square_roots_are_not_whole(radicands):
    assume(all(round(n**0.5) ** 2 != n for n in radicands))
    roots = [Root(number(n)) for n in radicands]
    nearest = round(sum(n**0.5 for n in radicands))
    assert is_zero(Sum((*roots, Negative(number(nearest)))), Clock(2)) is False
