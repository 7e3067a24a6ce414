"""The experiment on scikit-learn's handwritten digits: accuracy over the number of components, without a leak.

The program is printed in the document. Where scikit-learn is installed exactly this program is run, by the same
Python, and what it prints becomes a table and a picture; elsewhere the document says that it was not. Called by the
kind ``pca``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from derive import limits
from derive.errors import DeriveError
from derive.steps import Figure, Heading, Listing, Paragraph, Part, Prose, Result, Table
from derive.tree import Node, Symbol, whole
from derive.write.numbers import approximate
from derive.write.text import text

PIXELS = 64  # a picture of the bundled digits has 8 x 8
MOST = 12  # numbers of components that are tried; a fit of all takes about a second each

PROGRAM = """\
import time

from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_validate
from sklearn.pipeline import make_pipeline

x, y = load_digits(return_X_y=True)
x = x / 16  # shades from 0 to 1
for k in {counts}:
    regression = LogisticRegression(max_iter=5000)
    model = make_pipeline(PCA(k, random_state=0), regression)
    runs = cross_validate(model, x, y, cv=5)
    score, seconds = runs["test_score"], runs["fit_time"].mean()
    share = PCA(k).fit(x).explained_variance_ratio_.sum()
    print(k, share, score.mean(), score.std(ddof=1), seconds)
"""

_LEAK = ("The components are computed inside the cross-validation, from the training part of each split: the pipeline "
         "does that. Components of all the data, computed once in advance, would let the test part into the training. "
         "The share of the variance is that of all the data.")


def tried(given: Sequence[Node] | None) -> tuple[int, ...]:
    """The numbers of components. DeriveError for what is no whole number from 1 to the number of pixels."""
    counts = tuple(whole(node) or 0 for node in given or ())
    for node, count in zip(given or (), counts, strict=True):
        if not 1 <= count <= PIXELS:
            raise DeriveError(f"digits: {text(node)} is no number of components",
                              f"whole numbers from 1 to {PIXELS}: a picture has {PIXELS} pixels")
    if len(counts) > MOST:
        raise DeriveError(f"digits: {len(counts)} numbers of components are too many", f"give at most {MOST}")
    return counts


def program(counts: Sequence[int]) -> str:
    """The program, which prints a line for each number of components: share, accuracy, its deviation, seconds."""
    return PROGRAM.format(counts=tuple(counts))


def digits(counts: Sequence[int]) -> tuple[list[Part], list[Result]]:
    """The listing, and what it printed where scikit-learn is installed; nothing where nothing is to be tried."""
    if not counts:
        return [], []
    parts: list[Part] = [
        Heading(("Components before a logistic regression",)), Paragraph((_LEAK,)),
        Listing(program(counts), ("Accuracy over the number of components on scikit-learn's digits.",)),
    ]
    rows = _printed(counts)
    if rows is None:
        told = "It was not run here: scikit-learn is not installed." if not _installed() else _FAILED
        return [*parts, Paragraph((told,), remark=True)], []
    return [*parts, _table(rows), _figure(rows)], [
        Result("accuracy by number of components", None, number=[row[2] for row in rows]),
        Result("explained variance by number of components", None, shown=False, number=[row[1] for row in rows]),
    ]


_FAILED = f"It was started and did not end within {limits.FIT_SECONDS:g} s, or ended with an error."


def _installed() -> bool:
    return find_spec("sklearn") is not None


def _printed(counts: Sequence[int]) -> list[list[float]] | None:
    """The numbers in the lines that the program prints; None where it cannot be run."""
    if not _installed():
        return None
    try:
        done = subprocess.run([sys.executable, "-P", "-c", program(counts)], capture_output=True, text=True, check=True,
                              timeout=limits.FIT_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return None
    return [[float(x) for x in line.split()] for line in done.stdout.splitlines()]


def _table(rows: Sequence[Sequence[float]]) -> Table:
    header: tuple[Prose, ...] = (("components",), ("explained variance",), ("accuracy",), ("standard deviation",),
                                 ("seconds for a fit",))
    shown: list[tuple[Prose, ...]] = [((str(int(k)),), *((approximate(x, 3),) for x in rest)) for k, *rest in rows]
    return Table(header, tuple(shown), ("Mean accuracy in a five-fold cross-validation.",))


def _figure(rows: Sequence[Sequence[float]]) -> Figure:
    from derive.figures.fit_plot import describe

    data = {"points": [[row[0], row[2]] for row in rows], "curves": [], "variable": Symbol("k"), "target": "accuracy"}
    return Figure("fit_plot", data, ("Accuracy over the number of components ", Symbol("k"), "."), describe(data),
                  "accuracy")
