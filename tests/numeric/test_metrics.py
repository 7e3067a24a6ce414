"""Measures of classifiers, as exact values of counts."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.numeric.metrics import METRICS, Counts, against_rest, confusion, value

COUNT = st.integers(0, 60)
COUNTS = st.builds(Counts, COUNT, COUNT, COUNT, COUNT)


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("accuracy", Fraction(7, 10)), ("error rate", Fraction(3, 10)), ("precision", Fraction(3, 4)),
        ("recall", Fraction(3, 5)), ("specificity", Fraction(4, 5)), ("false positive rate", Fraction(1, 5)),
        ("F1", Fraction(2, 3)), ("balanced accuracy", Fraction(7, 10)),
    ],
)
def test_values(metric, expected):
    assert value(metric, Counts(tp=3, fp=1, fn=2, tn=4)) == expected


@pytest.mark.parametrize(
    ("metric", "counts"),
    [
        ("accuracy", Counts(0, 0, 0, 0)), ("precision", Counts(0, 0, 2, 3)), ("recall", Counts(0, 2, 0, 3)),
        ("F1", Counts(0, 0, 0, 5)), ("specificity", Counts(1, 0, 1, 0)),
    ],
)
def test_what_does_not_exist(metric, counts):
    assert value(metric, counts) is None


def test_a_correlation_that_is_no_fraction():
    assert value("Matthews correlation", Counts(3, 1, 2, 4)) is None
    assert value("Matthews correlation", Counts(5, 0, 0, 5)) == 1


@given(COUNTS)
def test_f1_is_the_harmonic_mean_of_precision_and_recall(counts):
    precision, recall = value("precision", counts), value("recall", counts)
    if precision and recall:
        assert value("F1", counts) == 2 / (1 / precision + 1 / recall)


@given(COUNTS)
def test_rates_that_add_up_to_one(counts):
    for one, other in (("accuracy", "error rate"), ("specificity", "false positive rate")):
        first, second = value(one, counts), value(other, counts)
        assert (first is None) == (second is None)
        assert first is None or first + second == 1


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=40))
def test_the_confusion_matrix_counts_every_prediction_once(pairs):
    actual, predicted = zip(*pairs, strict=True)
    matrix = confusion(actual, predicted, 3)
    assert matrix.sum() == len(pairs)
    for k in range(3):
        counts = against_rest(matrix, k)
        assert counts.tp == sum(a == p == k for a, p in pairs)
        assert counts.fn + counts.tp == actual.count(k)
        assert counts.fp + counts.tp == predicted.count(k)
        assert counts.tp + counts.fp + counts.fn + counts.tn == len(pairs)


@pytest.mark.parametrize(
    ("actual", "predicted", "message"), [([0], [0, 1], "1 true classes for 2"), ([0], [2], "no class 2"),
                                         ([-1], [0], "no class -1")],
)
def test_what_is_refused(actual, predicted, message):
    with pytest.raises(DeriveError, match=message):
        confusion(actual, predicted, 2)


def test_every_row_is_named_and_explained():
    assert all(row.name == name and row.about and row.formula for name, row in METRICS.items())
    assert np.array_equal(confusion([1, 0, 1], [1, 1, 0], 2), [[0, 1], [1, 1]])
