"""Measures of classifiers: values against the definitions, recovered counts against all counts, and what is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.api import solve_problem
from derive.errors import DeriveError
from derive.kinds._metrics_search import Printed, row_counts
from derive.numeric.metrics import METRICS, Counts
from derive.numeric.metrics import value as exact_value
from derive.read.problems import make, read_text
from derive.steps import Figure, Paragraph, Status, Table
from derive.tree import Number, numeric


def solved(**values):
    return solve_problem(make("metrics", {"figure": False, **values}))


def result(derivation, name):
    return next(r for r in derivation.results if r.name == name)


def value(derivation, name):
    return numeric(result(derivation, name).value)


def words(derivation):
    return " ".join("".join(t for t in p.text if isinstance(t, str))
                    for p in derivation.parts if isinstance(p, Paragraph))


EPOCHS = """
kind = "metrics"
[given]
rows = "epoch"
samples = 500
{more}
[given.printed]
accuracy = [89.4, 63.9, 67.0, 78.0, 92.5, 81.3, 68.7, 88.9, 93.4, 90.6]
precision = [51.2, 18.8, 20.5, 28.6, 59.2, 35.2, 21.3, 48.3, 60.9, 52.4]
recall = [95.3, 100.0, 100.0, 97.7, 97.7, 100.0, 100.0, 100.0, 97.7, 100.0]
"""


def epochs(more='counts_from = ["precision", "recall"]'):
    (problem,) = read_text(EPOCHS.format(more=more)).problems
    return solve_problem(problem)


TWO = [  # of the counts TP 90, FP 198, FN 10, TN 9702
    ("accuracy", Fraction(612, 625)), ("error rate", Fraction(13, 625)), ("precision", Fraction(5, 16)),
    ("recall", Fraction(9, 10)), ("specificity", Fraction(49, 50)), ("false positive rate", Fraction(1, 50)),
    ("F1", Fraction(45, 97)), ("balanced accuracy", Fraction(47, 50)),
]


def test_the_measures_of_two_classes_are_exact_fractions():
    done = solved(counts={"TP": 90, "FP": 198, "FN": 10, "TN": 9702})
    assert done.status() is Status.PROVED
    for name, expected in TWO:
        assert value(done, name) == expected
    assert result(done, "Matthews correlation").number == pytest.approx(0.5235402)


@pytest.mark.parametrize(("more", "positive"), [
    ({}, Fraction(41, 80)), ({"positive": "fraud"}, Fraction(41, 80)), ({"positive": "none"}, Fraction(418, 420))])
def test_the_positive_class_can_be_chosen(more, positive):
    done = solved(confusion=[[41, 2], [39, 418]], classes=["fraud", "none"], measures=["precision"], **more)
    assert value(done, "precision") == positive


def test_of_the_classes_zero_and_one_one_is_positive():
    done = solved(actual=[0, 0, 1, 1, 1], predicted=[0, 1, 1, 1, 0], measures=["precision", "specificity"])
    assert value(done, "precision") == Fraction(2, 3)
    assert value(done, "specificity") == Fraction(1, 2)


UNDEFINED = [
    ({"TP": 0, "FP": 0, "FN": 3, "TN": 5}, "precision", "nothing was predicted to be positive"),
    ({"TP": 0, "FP": 2, "FN": 0, "TN": 5}, "recall", "nothing is positive"),
    ({"TP": 3, "FP": 0, "FN": 1, "TN": 0}, "specificity", "nothing is negative"),
    ({"TP": 0, "FP": 0, "FN": 0, "TN": 5}, "F1", "nothing is positive or was predicted to be"),
    ({"TP": 3, "FP": 1, "FN": 0, "TN": 0}, "Matthews correlation", "nothing was predicted to be negative"),
]


@pytest.mark.parametrize(("counts", "measure", "why"), UNDEFINED)
def test_a_measure_that_does_not_exist_is_said_to(counts, measure, why):
    done = solved(counts=counts, measures=[measure])
    assert result(done, measure).value is None
    assert why in words(done)


def test_several_classes_have_macro_micro_and_weighted_means():
    done = solved(confusion=[[13, 0, 0], [0, 10, 6], [0, 1, 8]], classes=["a", "b", "c"])
    assert done.status() is Status.PROVED
    assert value(done, "precision of b") == Fraction(10, 11)
    assert value(done, "macro recall") == (1 + Fraction(5, 8) + Fraction(8, 9)) / 3
    assert value(done, "weighted recall") == value(done, "micro F1") == value(done, "accuracy") == Fraction(31, 38)
    assert result(done, "Matthews correlation").number == pytest.approx(0.745822, abs=1e-6)


def test_a_class_that_is_never_predicted_leaves_no_macro_precision():
    done = solved(confusion=[[2, 0, 0], [1, 0, 1], [0, 0, 3]], measures=["precision"])
    assert result(done, "precision of class 2").value is None
    assert not any(r.name == "macro precision" for r in done.results)
    assert value(done, "micro precision") == Fraction(5, 7)


def test_all_of_one_class_has_no_correlation():
    done = solved(confusion=[[4, 1, 1], [0, 0, 0], [0, 0, 0]], measures=["recall"])
    assert result(done, "Matthews correlation").value is None


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=3, max_size=12))
def test_the_matrix_of_predictions_is_their_count(pairs):
    actual, predicted = ([names[i] for names in ["abc"] for i in column] for column in zip(*pairs, strict=True))
    done = solved(actual=actual, predicted=predicted, classes=["a", "b", "c"], measures=["recall"])
    assert value(done, "accuracy") == Fraction(sum(i == j for i, j in pairs), len(pairs))


def test_predictions_come_from_a_file(tmp_path):
    (tmp_path / "test.csv").write_text("y,told\n1,1\n0,1\n0,0\n1,0\n")
    file = tmp_path / "p.toml"
    file.write_text('kind = "metrics"\n[given]\nmeasures = ["precision"]\n'
                    'data = {file = "test.csv", actual = "y", predicted = "told"}\n')
    (problem,) = read_text(file.read_text(), str(file)).problems
    assert value(solve_problem(problem), "precision") == Fraction(1, 2)


def _from_file(tmp_path, text):
    (tmp_path / "test.csv").write_text(text)
    file = tmp_path / "p.toml"
    file.write_text('kind = "metrics"\n[given]\nmeasures = ["accuracy"]\n'
                    'data = {file = "test.csv", actual = "animal", predicted = "told"}\n')
    (problem,) = read_text(file.read_text(), str(file)).problems
    return solve_problem(problem)


@pytest.mark.parametrize("text", [
    "id,animal,told\n1,cat,cat\n2,dog,cat\n3,dog,dog\n4,hen,hen\n",
    'animal;told\n"cat" ; cat\ndog;cat\n\ndog;dog\nhen;hen\n',
    "animal,told\n0,0\n1,0\n1.0,1\n2,2\n",
])
def test_classes_in_a_file_are_words_or_numbers(tmp_path, text):
    assert value(_from_file(tmp_path, text), "accuracy") == Fraction(3, 4)


@pytest.mark.parametrize(("text", "message"), [
    ("animal,told\ncat,cat\ndog,\n", r"csv:3: the value of told is missing"),
    ("animal,told\ncat,cat\ndog\n", r"csv:3: 1 values for 2 columns"),
    ("animal,said\ncat,cat\n", 'no column "told"'),
    ("animal,told\n", "column names and no data"),
    ("", "has no data"),
])
def test_files_of_classes_that_are_refused(tmp_path, text, message):
    with pytest.raises(DeriveError, match=message):
        _from_file(tmp_path, text)


def test_a_heat_map_is_drawn():
    done = solved(confusion=[[41, 2], [39, 418]], figure=True)
    assert [p.drawing for p in done.parts if isinstance(p, Figure)] == ["confusion_matrix"]


# --- printed measures ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_ten_epochs_have_one_solution_each():
    done = epochs()
    assert done.status() is Status.PROVED
    assert value(done, "positives") == 43
    rows = [[float(numeric(v)) for v in row] for row in result(done, "table").value]
    assert rows[0] == [1, 89.4, 51.2, 95.3, 66.6124, 41, 39, 2, 66.6667]
    assert rows[9] == [10, 90.6, 52.4, 100.0, 68.7664, 43, 39, 0, 68.8]
    assert "no epoch has the printed one" in words(done)


def test_measures_of_different_samples_fit_no_counts():
    done = epochs("")
    assert result(done, "counts").number == "none fit"
    assert 'counts_from = ["precision", "recall"]' in words(done)


def test_several_solutions_are_counted_and_none_is_chosen():
    done = solved(printed={"precision": [0.5], "recall": [0.5]}, samples=12)
    assert any(isinstance(p, Table) for p in done.parts)
    assert not any(r.name == "table" for r in done.results)


def test_the_number_of_positives_can_be_known():
    done = solved(printed={"precision": [0.75], "recall": [0.6]}, samples=20, positives=5)
    assert [numeric(result(done, f"{n}, row 1").value) for n in ("tp", "fp", "fn")] == [3, 1, 2]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_the_search_finds_the_counts_that_were_printed(tp, fp, fn, tn):
    counts = Counts(tp, fp, fn, tn)
    row = {name: Printed(Number(f"{float(exact_value(name, counts)):.2f}"), False) for name in ("precision", "recall")}
    total = tp + fp + fn + tn
    found = row_counts(row, range(1, total + 1), total)
    assert counts in found[tp + fn]
    assert all(row["precision"].holds(exact_value("precision", c)) for own in found.values() for c in own)


def test_the_search_misses_nothing():
    row = {"precision": Printed(Number("0.6"), False), "recall": Printed(Number("0.3"), False)}
    found = {c for own in row_counts(row, range(1, 13), 12).values() for c in own}
    every = {Counts(a, b, c, 12 - a - b - c) for a in range(13) for b in range(13 - a) for c in range(13 - a - b)}
    assert found == {c for c in every if all(row[n].holds(exact_value(n, c)) for n in row)}


def test_a_half_may_have_been_rounded_either_way():
    assert Printed(Number("51.2"), True).holds(Fraction(41, 80))
    assert Printed(Number("51.3"), True).holds(Fraction(41, 80))
    assert not Printed(Number("51.4"), True).holds(Fraction(41, 80))


# --- refusals -----------------------------------------------------------------------------------------

REFUSED = [
    ({}, "nothing is given"),
    ({"confusion": [[1, 2], [3, 4]], "counts": {"TP": 1}}, "both given"),
    ({"confusion": [[1, 2]]}, "at least two classes"),
    ({"confusion": [[1, 2], [3]]}, "row 2 has 1 counts for 2 classes"),
    ({"confusion": [[1, -2], [3, 4]]}, "row 1, column 2: a count cannot be negative"),
    ({"confusion": [[1, 2.5], [3, 4]]}, "expected a whole number"),
    ({"confusion": [[0, 0], [0, 0]]}, "all counts are 0"),
    ({"confusion": [[1] * 21] * 21}, "too many"),
    ({"confusion": [[1, 2], [3, 4]], "classes": ["a"]}, "a list of 2 names"),
    ({"confusion": [[1, 2], [3, 4]], "classes": ["a", "a"]}, "the same name"),
    ({"confusion": [[1, 2], [3, 4]], "positive": "c"}, '"c" is none of the classes'),
    ({"confusion": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "positive": "a"}, "each is measured against the rest"),
    ({"counts": {"TP": 1, "FP": 2}}, "the four counts"),
    ({"actual": ["a", "b"]}, "no predictions"),
    ({"actual": ["a", "b"], "predicted": ["a"]}, "2 true classes for 1 predictions"),
    ({"actual": ["a", "b"], "predicted": ["a", "c"], "classes": ["a", "b"]}, '"c" is none of the classes'),
    ({"actual": ["a", "a"], "predicted": ["a", "a"]}, "all are of one class"),
    ({"data": {"file": "nowhere.csv", "actual": "y", "predicted": "z"}}, "No such file"),
    ({"data": {"file": "nowhere.csv"}}, "expected the names"),
    ({"printed": {"precision": [50]}}, "without recall"),
    ({"printed": {"precision": [50], "recal": [50]}}, 'no measure "recal"'),
    ({"printed": {"precision": [50], "recall": [50, 60]}}, "different lengths"),
    ({"printed": {"precision": [50], "recall": [150]}}, "between 0 and 100"),
    ({"printed": {"precision": [50], "recall": [-1]}}, "between 0 and 1"),
    ({"printed": {"precision": [50], "recall": [50]}, "counts_from": ["recall"]}, "without precision"),
    ({"printed": {"precision": [50], "recall": [50]}, "counts_from": ["precision", "recall", "F1"]}, "is not printed"),
    ({"printed": {"precision": [50], "recall": [50]}, "samples": 5, "positives": 6}, "6 of 5 samples"),
    ({"printed": {"precision": [0], "recall": [0]}, "samples": 1000}, "too coarse"),
]


@pytest.mark.parametrize(("values", "message"), REFUSED)
def test_what_cannot_be_measured_is_refused(values, message):
    with pytest.raises(DeriveError, match=message.replace("(", r"\(")):
        solved(**values)


def test_every_measure_has_a_value_or_a_reason():
    for counts in ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1)):
        done = solved(counts=dict(zip(("TP", "FP", "FN", "TN"), counts, strict=True)))
        assert [r.name for r in done.results] == list(METRICS)
