"""Measures of classifiers: from a confusion matrix or predictions, and counts recovered from printed measures.

What is given is checked in :mod:`derive.kinds._metrics_given`; :mod:`derive.kinds._metrics_worked` works a measure
out, :mod:`derive.kinds._metrics_classes` tells of several classes, :mod:`derive.kinds._metrics_recovered` of printed
numbers.
A new measure is a row of :data:`derive.numeric.metrics.METRICS`.
"""

from __future__ import annotations

import math
from typing import Any

from derive.errors import DeriveError
from derive.kinds._metrics_classes import AVERAGED, averaged, counts_table, overall
from derive.kinds._metrics_given import Given, given_counts
from derive.kinds._metrics_recovered import Asked, asked, recovered, stated
from derive.kinds._metrics_worked import measure
from derive.kinds._shared import context_of
from derive.networks import many
from derive.numeric.metrics import METRICS, against_rest
from derive.problem import Field, Problem
from derive.steps import Derivation, Figure, Heading, Paragraph, Part, Prose, Result, Table

SUMMARY = "accuracy, precision, recall, F1 and others from a confusion matrix; counts behind printed measures"

FIELDS = (
    Field("confusion", "any", "the confusion matrix: a row for each true class, a column for each predicted one",
          example="[[41, 2], [39, 418]]"),
    Field("counts", "any", "instead of it the four counts", example="{TP = 41, FP = 39, FN = 2, TN = 418}"),
    Field("actual", "any", "instead of it the true classes of some samples", example="['cat', 'dog', 'cat']"),
    Field("predicted", "any", "beside actual: the predicted classes", example="['cat', 'cat', 'cat']"),
    Field("data", "any", "instead of it a CSV file with a class in each of two columns, and their names",
          example="{file = 'test.csv', actual = 'y', predicted = 'y_hat'}"),
    Field("classes", "any", "the names of the classes, in the order of the rows", example="['fraud', 'no fraud']"),
    Field("positive", "any", "which of two classes is the positive one; 1 beside 0, else the first", example="'fraud'"),
    Field("measures", "choices_list", "the measures that are worked out", choices=tuple(METRICS),
          example="['precision', 'recall']"),
    Field("printed", "any", "printed measures, a list for each, from which counts are recovered",
          example="{precision = [51.2, 18.8], recall = [95.3, 100.0]}"),
    Field("counts_from", "choices_list", "which of them are of the same sample; all when not given",
          choices=tuple(METRICS), example="['precision', 'recall']"),
    Field("samples", "integer", "printed: how many samples were tested", least=1, most=10_000, example="500"),
    Field("positives", "integer", "printed: how many of them are positive", least=1, most=10_000, example="43"),
    Field("same_positives", "boolean", "printed: whether all rows were tested on the same samples", default=True,
          example="true"),
    Field("rows", "text", "printed: what a row is", default="row", example='"epoch"'),
    Field("figure", "boolean", "whether to draw the confusion matrix, and curves of printed measures", default=True,
          example="true"),
)
STARTER = ("confusion", "classes")


def solve(problem: Problem) -> Derivation:
    """Measures of the counts, counts of printed measures, or both.

    DeriveError where neither is given and for counts, predictions and measures that cannot be used.
    """
    counts, printed = given_counts(problem.given, problem.file), asked(problem.given)
    if counts is None and printed is None:
        raise DeriveError("nothing is given that could be measured",
                          "give confusion, counts, actual and predicted, data, or printed")
    parts: list[Part] = []
    results: list[Result] = []
    given: list[Prose] = []
    wanted: list[Prose] = []
    if counts is not None:
        given += _stated(counts)
        more, found = _measured(counts, problem.given)
        parts, results = parts + more, results + found
        wanted.append(("the measures of the predictions",))
    if printed is not None:
        more, found = recovered(printed)
        curves = [_curves(printed)] if problem.given["figure"] and len(printed.rows) > 1 else []
        parts, results = [*parts, *more, *curves], results + found
        given += stated(printed)
        wanted += [("F1",), ("the counts behind the printed numbers",)]
    return Derivation(problem.title, problem.kind, tuple(given), tuple(wanted), tuple(parts), tuple(results),
                      context_of(dict(problem.domains)))


def _stated(given: Given) -> list[Prose]:
    """Where the counts come from, and which class the measures are about."""
    words: list[Prose] = [(f"{given.words}, {many(given.samples, 'sample')}",)]
    if given.positive is not None and given.classes != NAMELESS:
        words.append((f"the positive class is {given.classes[given.positive]}",))
    return words


NAMELESS = ("positive", "negative")  # what the classes are called where nothing but the four counts is given


def _measured(given: Given, asked_for: Any) -> tuple[list[Part], list[Result]]:
    parts = [*_matrix(given), *([_figure(given)] if asked_for["figure"] else [])]
    if given.positive is not None:
        more, results = _two(given, asked_for["measures"] or tuple(METRICS))
    else:
        more, results = _many(given, asked_for["measures"])
    return [*parts, *more], results


def _matrix(given: Given) -> list[Part]:
    header: tuple[Prose, ...] = (("",), *((f"predicted {name}",) for name in given.classes))
    rows = tuple(((name,), *((f"{int(n):,}",) for n in row)) for name, row in
                 zip(given.classes, given.matrix, strict=True))
    return [Heading(("Confusion matrix",)),
            Table(header, rows, ("A row for the true class, a column for the predicted one.",), given=True)]


def _figure(given: Given) -> Figure:
    from derive.figures.confusion_matrix import describe

    data = {"counts": [[int(n) for n in row] for row in given.matrix], "classes": list(given.classes)}
    return Figure("confusion_matrix", data, ("Confusion matrix; the shade is the share of the true class.",),
                  describe(data), "confusion")


def _curves(printed: Asked) -> Figure:
    from derive.figures.metric_curves import describe

    shares = {name: [float(row[name].value) for row in printed.rows] for name in printed.names}
    if "F1" not in shares:
        shares["F1"] = [_harmonic_mean(p, r) for p, r in zip(shares["precision"], shares["recall"], strict=True)]
    data = {"curves": [{"name": n, "values": v} for n, v in shares.items()], "rows": printed.word}
    return Figure("metric_curves", data, (f"The printed measures and their F1 in each {printed.word}.",),
                  describe(data), "measures")


def _harmonic_mean(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else math.nan


def _two(given: Given, metrics: tuple[str, ...]) -> tuple[list[Part], list[Result]]:
    """The measures of two classes."""
    assert given.positive is not None
    counts = against_rest(given.matrix, given.positive)
    told = ("true positives", "false positives", "false negatives", "true negatives")
    named = given.classes != NAMELESS
    words: list[str | Any] = [f"Positive is {given.classes[given.positive]}. "] if named else []
    for k, (symbol, count) in enumerate(zip(counts.values.items(), told, strict=True)):
        words += [", " if k else "There are ", f"{count} ", symbol[0], " = ", symbol[1]]
    parts: list[Part] = [Heading(("Measures",)), Paragraph((*words, "."))]
    results: list[Result] = []
    for name in metrics:
        more, found = measure(name, counts)
        parts += [Paragraph((f"{name[0].upper()}{name[1:]}: {METRICS[name].about}.",)), *more]
        results += found
    return parts, results


def _many(given: Given, metrics: tuple[str, ...] | None) -> tuple[list[Part], list[Result]]:
    """The measures of several classes."""
    parts, results = overall(given)
    more, found = averaged(given, metrics or AVERAGED)
    return [*parts, *counts_table(given), *more], [*results, *found]
