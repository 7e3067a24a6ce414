"""Declared domains: the points lie in them, their ends belong or not, and what a statement needs is said."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.declarations import declaration
from derive.tree import Symbol
from derive.verify.domains import points, rough_points
from derive.verify.ranges import domain_interval
from tests.verify.statements import verdict

DOMAINS = [
    "real", "positive", "negative", "nonnegative", "nonpositive", "nonzero", "integer", "positive integer",
    "nonnegative integer", "probability", "(0, 1)", "[0, 1]", "(0, 1]", "[0, 1)", "[-2, 3/7)", "(2, inf)", "[2, inf)",
    "(-inf, -1)", "(-inf, -1]",
]  # fmt: skip
LETTERS = [Symbol(c) for c in "xyz"]


@given(st.lists(st.sampled_from(DOMAINS), min_size=1, max_size=3))
def test_points_lie_in_the_domain(texts):
    domains = dict(zip(LETTERS, texts, strict=False))
    found = [*points(list(domains), domains, 14), *rough_points(list(domains), domains)]
    assert all(declaration(domains[s]).allows(value) for point in found for s, value in point.items())
    assert len({tuple(point.values()) for point in found}) > 3


@pytest.mark.parametrize("text", DOMAINS)
def test_closed_ends_are_tried_and_open_ones_are_approached(text):
    declared, x = declaration(text), LETTERS[0]
    values = [point[x] for point in points([x], {x: text}, 14)]
    for end in (declared.low, declared.high):
        if end is not None:
            assert end in values if declared.allows(end) else min(abs(v - end) for v in values) < Fraction(1, 100)
    interval = domain_interval(text)
    assert all((interval.low is None or v >= interval.low) for v in values)


STEP = r"\begin{cases}1&x>0\\0&x\le 0\end{cases}"
ROWS = [
    (STEP, "1", "x: positive", "proved"),
    (STEP, "1", "x: nonnegative", "refuted"),  # at the end itself
    (STEP, "1", "x: (0, 1]", "proved"),
    (STEP, "1", "x: [0, 1)", "refuted"),
    (STEP, "0", "x: nonpositive", "proved"),
    (STEP, "0", "x: negative", "proved"),
    (STEP, "0", "x: (-inf, 0]", "proved"),
    (r"\begin{cases}0&x<1\\1&x\ge 1\end{cases}", "0", "x: [0, 1)", "proved"),
    (r"\begin{cases}0&x<1\\1&x\ge 1\end{cases}", "0", "x: probability", "refuted"),
    (r"\begin{cases}1&x=0\\0&x\ne 0\end{cases}", "0", "x: nonzero", "proved"),
    (r"\begin{cases}1&x=0\\0&x\ne 0\end{cases}", "0", "", "refuted"),
    (r"|x|", "x", "x: nonnegative", "proved"),
    (r"|x|", "-x", "x: nonpositive", "proved"),
    (r"|x|", "x", "x: [-1, inf)", "refuted"),
    (r"\max(x,1)", "1", "x: probability", "proved"),
    (r"\max(x,1)", "1", "x: (-inf, 1]", "proved"),
    (r"\max(x,1)", "1", "x: (0, 2]", "refuted"),
    (r"\max(x,2)", "x", "x: [2, inf)", "proved"),
    (r"\max(n,1)", "n", "n: positive integer", "proved"),
    (r"\max(n,1)", "n", "n: nonnegative integer", "refuted"),
    (r"\sqrt{(p-1)^2}+|p|", "1", "p: probability", "proved"),
    (r"\sqrt{x^2}", "-x", "x: negative", "proved"),
    (r"\sqrt{x^2y^2}", "xy", "x: negative; y: negative", "proved"),
    (r"\sqrt{x^2y^2}", "xy", "x: negative; y: positive", "refuted"),
    (r"x^{2n}", "|x|^{2n}", "n: integer", "proved"),
]


@pytest.mark.parametrize(("before", "after", "domains", "status"), ROWS)
def test_verdicts_at_the_ends(before, after, domains, status):
    found = verdict(before, "=", after, domains)
    assert found.status == status, found
    if found.witness:
        declared = {name.strip(): d for part in domains.split(";") if part for name, d in [part.split(":")]}
        assert all(declaration(declared.get(name, "real")).allows(Fraction(at)) for name, at in found.witness.point)


@pytest.mark.parametrize(
    ("before", "after", "domains", "conditions"),
    [
        (r"\frac{x}{|x|}", "1", "x: nonnegative", ("x ≠ 0",)),
        (r"\frac{x}{|x|}", "1", "x: positive", ()),
        (r"\frac{x}{x}", "1", "x: nonzero", ()),
        (r"\frac{xy}{x}", "y", "x: nonzero; y: nonzero", ()),
        (r"\sqrt{x}^2", "x", "", ("x ≥ 0",)),
        (r"\sqrt{x}^2", "x", "x: nonnegative", ()),
        (r"\sqrt{-x}^2", "-x", "x: nonpositive", ()),
        (r"\frac{1}{1/x}", "x", "", ("x ≠ 0",)),
        (r"\frac{1}{\sqrt{x}-1}", r"\frac{\sqrt{x}+1}{x-1}", "x: positive", ()),
        (r"\frac{p(1-p)}{p}", "1-p", "p: probability", ("p ≠ 0",)),
        (r"\frac{p(1-p)}{p}", "1-p", "p: (0, 1]", ()),
        (r"\log_2(x)\log_x(y)", r"\log_2(y)", "x: positive; y: positive", ("x - 1 ≠ 0",)),
        (r"\log_2(x)\log_x(y)", r"\log_2(y)", "x: (1, inf); y: positive", ()),
        (r"\tan(x)\cos(x)", r"\sin(x)", "x: (-1, 1)", ()),
        (r"\log(x^2)", r"2\log(-x)", "x: negative", ()),
        (r"\log(xy)", r"\log(x)+\log(y)", "x: nonzero; y: nonzero", ("x > 0", "y > 0")),
    ],
)
def test_what_a_statement_needs_beyond_the_domain_is_said(before, after, domains, conditions):
    found = verdict(before, "=", after, domains)
    assert found.status == "proved", found
    assert found.condition == conditions
