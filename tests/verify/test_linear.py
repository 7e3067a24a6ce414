"""Contradictions between linear inequalities: held against linear programming and against points."""

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from derive.verify.linear import bounds, contradictory


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([({"a": 1, "b": -1}, 0, True), ({"b": 1, "c": -1}, 0, True), ({"c": 1, "a": -1}, 0, False)], True),
        ([({"a": 1, "b": -1}, 0, False), ({"b": 1, "a": -1}, 0, False)], False),
        ([({"a": 1, "b": -1}, 0, False), ({"b": 1, "a": -1}, 0, True)], True),
        ([({"a": 1}, 0, True), ({"b": 1}, 0, True)], False),
        ([({}, -1, False)], True),
        ([({}, 0, True)], True),
        ([({}, 0, False)], False),
        ([*bounds("x", 0, 1, True, False), ({"x": 1}, -1, False)], False),
        ([*bounds("x", 0, 1, True, True), ({"x": 1}, -1, False)], True),
    ],
)
def test_rows(rows, found):
    assert contradictory(rows) is found


COEFFICIENTS = st.lists(st.integers(-3, 3), min_size=3, max_size=3)
ROWS = st.lists(st.tuples(COEFFICIENTS, st.integers(-4, 4), st.booleans()), min_size=1, max_size=6)


def as_rows(rows):
    return [({k: c for k, c in enumerate(cs) if c}, constant, strict) for cs, constant, strict in rows]


@settings(max_examples=60, deadline=None)
@given(ROWS, st.lists(st.integers(-5, 5), min_size=3, max_size=3))
def test_what_a_point_satisfies_is_no_contradiction(rows, point):
    held = [(cs, c, s) for cs, c, s in rows if (v := numpy.dot(cs, point) + c) > 0 or (v == 0 and not s)]
    assert not contradictory(as_rows(held))


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_closed_systems_agree_with_linear_programming(rows):
    closed = [(cs, c, False) for cs, c, _ in rows]
    matrix, right = [[-x for x in cs] for cs, _, _ in closed], [c for _, c, _ in closed]
    infeasible = linprog([0, 0, 0], A_ub=matrix, b_ub=right, bounds=(None, None)).status == 2
    assert contradictory(as_rows(closed)) == infeasible
