"""Declared sides with hundreds of entries: proved for every length or not decided, and quickly."""

import time

import pytest

import derive
from derive.limits import CHECK_SECONDS
from derive.steps import Status

NAMES = ["x: vector 784", "y: vector 128", "W: matrix 128x784", "b: vector 128"]
LOSS = [r"L = \frac12 \|W x + b - y\|^2"]

ROWS = [
    (r"\nabla_W L", r"(W x + b - y) x^\top", Status.PROVED),
    (r"\nabla_x L", r"W^\top (W x + b - y)", Status.PROVED),
    (r"\nabla_W L", r"2 (W x + b - y) x^\top", Status.UNDECIDED),
    ("W x", "x", Status.REFUTED),
    (r"\det(W W^\top)", "0", Status.UNDECIDED),
    (r"W^\top W x", r"W^\top (W x)", Status.PROVED),
]


@pytest.mark.parametrize(("left", "right", "status"), ROWS)
def test_large_matrices_are_judged_for_every_length(left, right, status):
    assert derive.equal(left, right, declare=NAMES, define=LOSS).status is status


def test_they_are_not_written_out():
    start = time.thread_time()
    derive.equal(r"\det(W W^\top)", "0", declare=NAMES)
    assert time.thread_time() - start < 2 * CHECK_SECONDS


def test_small_ones_are_still_refuted_entry_by_entry():
    names = ["x: vector 3", "y: vector 2", "W: matrix 2x3", "b: vector 2"]
    verdict = derive.equal(r"\nabla_W L", r"2 (W x + b - y) x^\top", declare=names, define=LOSS)
    assert verdict.status is Status.REFUTED
