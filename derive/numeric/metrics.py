r"""What a classifier got right: confusion matrices, and the measures made of their counts.

A measure is a row of :data:`METRICS`: its formula in the four counts of one class against the rest, so that kinds can
print it and work it out; :func:`value` gives its exact value. Called by the kinds that test classifiers.

Sources: Goodfellow, Bengio and Courville, Deep Learning (2016), section 11.1; Fawcett, "An introduction to ROC
analysis", Pattern Recognition Letters 27 (2006); Matthews, Biochimica et Biophysica Acta 405 (1975).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
from numpy.typing import NDArray

from derive.errors import DeriveError, MathError
from derive.numeric.exact import exact
from derive.tree import Node, Symbol, number

TP, FP, FN, TN = map(Symbol, ("TP", "FP", "FN", "TN"))


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one class against the rest: true and false positives, false and true negatives."""

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def values(self) -> dict[Symbol, Node]:
        """The counts by the letters of the formulas."""
        return {TP: number(self.tp), FP: number(self.fp), FN: number(self.fn), TN: number(self.tn)}


@dataclass(frozen=True, slots=True)
class Metric:
    """A measure: its names, its formula in TP, FP, FN and TN as LaTeX, and what it says."""

    name: str
    latex: str
    about: str

    @property
    def formula(self) -> Node:
        """The formula as a tree."""
        return _read(self.latex)


@cache
def _read(latex: str) -> Node:
    from derive.read.latex import read

    for letters in ("TP", "FP", "FN", "TN"):
        latex = latex.replace(letters, rf"\mathrm{{{letters}}}")
    return read(latex)


_ROWS = (
    Metric("accuracy", r"\frac{TP + TN}{TP + FP + FN + TN}", "the share of all predictions that are right"),
    Metric("error rate", r"\frac{FP + FN}{TP + FP + FN + TN}", "the share of all predictions that are wrong"),
    Metric("precision", r"\frac{TP}{TP + FP}", "the share of the predicted positives that are positive"),
    Metric("recall", r"\frac{TP}{TP + FN}", "the share of the positives that are found"),
    Metric("specificity", r"\frac{TN}{TN + FP}", "the share of the negatives that are found"),
    Metric("false positive rate", r"\frac{FP}{TN + FP}", "the share of the negatives that are taken for positive"),
    Metric("F1", r"\frac{2 TP}{2 TP + FP + FN}", "the harmonic mean of precision and recall"),
    Metric("balanced accuracy", r"\frac{1}{2} (\frac{TP}{TP + FN} + \frac{TN}{TN + FP})",
           "the mean of recall and specificity"),
    Metric("Matthews correlation", r"\frac{TP \cdot TN - FP \cdot FN}"
           r"{\sqrt{(TP + FP) (TP + FN) (TN + FP) (TN + FN)}}", "the correlation of prediction and truth"),
)

METRICS: Mapping[str, Metric] = {row.name: row for row in _ROWS}
"""The measures by name."""

USUAL = ("accuracy", "precision", "recall", "F1")
"""Those that are given when nothing else is asked."""


def value(metric: str, counts: Counts) -> Fraction | None:
    """The exact value; None where it does not exist (0 divided by 0) or is not rational."""
    try:
        return exact(METRICS[metric].formula, {s: Fraction(exact(n, {}) or 0) for s, n in counts.values.items()})
    except MathError:
        return None


def confusion(actual: Sequence[int], predicted: Sequence[int], classes: int) -> NDArray[np.int64]:
    """Counts of shape (classes, classes): a row for the true class, a column for the predicted one, from 0.

    DeriveError for lists of different lengths and for a class outside ``range(classes)``.
    """
    if len(actual) != len(predicted):
        raise DeriveError(f"{len(actual)} true classes for {len(predicted)} predictions")
    wrong = next((k for k in (*actual, *predicted) if not 0 <= k < classes), None)
    if wrong is not None:
        raise DeriveError(f"there is no class {wrong}", f"the classes are counted from 0 to {classes - 1}")
    counts = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(counts, (np.asarray(actual, dtype=int), np.asarray(predicted, dtype=int)), 1)
    return counts


def against_rest(matrix: NDArray[np.int64], positive: int) -> Counts:
    """The counts of one class against all others."""
    tp = int(matrix[positive, positive])
    fn, fp = int(matrix[positive].sum()) - tp, int(matrix[:, positive].sum()) - tp
    return Counts(tp, fp, fn, int(matrix.sum()) - tp - fp - fn)
