"""What the kind ``metrics`` is given, checked: a confusion matrix, four counts, or classes and predictions.

Called by the kind. Every way of giving it ends in one :class:`Given`; a new way is a row of :data:`WAYS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.errors import DeriveError, LimitError, about
from derive.networks import many
from derive.numeric.metrics import confusion
from derive.read.columns import MISSING, Cells, read_cells
from derive.read.fields import Spelled, nearest, type_name

CLASSES_MOST = 20
COUNT_MOST = 10**12

Matrix = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Given:
    """Counts of shape (classes, classes), a row for the true class; ``positive`` is a class where there are two."""

    matrix: Matrix
    classes: tuple[str, ...]
    positive: int | None
    words: str

    @property
    def samples(self) -> int:
        """How many predictions were counted."""
        return int(self.matrix.sum())


def given_counts(given: Mapping[str, Any], file: str) -> Given | None:
    """The counts; None where no way of giving them was used.

    DeriveError, about its key, for several ways at once and for what cannot be counted.
    """
    used = [key for key in WAYS if given[key] is not None]
    if not used:
        return None
    if len(used) > 1:
        raise DeriveError(f"{' and '.join(used)} are both given", "the counts come from one of them")
    with about(used[0]):
        matrix, classes, words = WAYS[used[0]](given, file)
    with about("classes"):
        classes = _named(given["classes"], classes, used[0])
    with about("positive"):
        positive = _positive(given["positive"], classes)
    if not matrix.sum():
        raise DeriveError(f"{used[0]}: all counts are 0: nothing was predicted", "give the counts of a test")
    return Given(matrix, classes, positive, words)


# --- ways of giving the counts ------------------------------------------------------------------------

Counted = tuple[Matrix, tuple[str, ...], str]


def _matrix(given: Mapping[str, Any], _: str) -> Counted:
    rows = given["confusion"]
    if not isinstance(rows, list) or len(rows) < 2 or not all(isinstance(row, list) for row in rows):
        raise DeriveError("confusion: expected a row of counts for each of at least two classes",
                          "confusion = [[41, 2], [39, 418]]")
    for k, row in enumerate(rows, 1):
        if len(row) != len(rows):
            raise DeriveError(f"confusion: row {k} has {len(row)} counts for {len(rows)} classes",
                              "a confusion matrix has a row for each true class, a column for each predicted one")
    _few(len(rows))
    counts = [[_count(cell, f"confusion: row {k}, column {j}") for j, cell in enumerate(row, 1)]
              for k, row in enumerate(rows, 1)]
    names = tuple(f"class {k}" for k in range(1, len(rows) + 1))
    return np.array(counts, dtype=np.int64), names, f"a confusion matrix of {len(rows)} classes"


_COUNTS = ("TP", "FP", "FN", "TN")


def _four(given: Mapping[str, Any], _: str) -> Counted:
    table = given["counts"]
    if not isinstance(table, Mapping) or set(table) != set(_COUNTS):
        raise DeriveError("counts: expected the four counts TP, FP, FN and TN",
                          "counts = {TP = 41, FP = 39, FN = 2, TN = 418}")
    tp, fp, fn, tn = (_count(table[key], f"counts: {key}") for key in _COUNTS)
    return np.array([[tp, fn], [fp, tn]], dtype=np.int64), ("positive", "negative"), "the four counts"


def _lists(given: Mapping[str, Any], _: str) -> Counted:
    actual, predicted = given["actual"], given["predicted"]
    if predicted is None:
        raise DeriveError("actual: the classes are given and no predictions", "predicted = ['cat', 'dog', …]")
    for key, values in (("actual", actual), ("predicted", predicted)):
        if not isinstance(values, list) or not values:
            raise DeriveError(f"{key}: expected a list of classes", f"{key} = ['cat', 'dog', 'cat']")
    return _counted([_label(v) for v in actual], [_label(v) for v in predicted], given["classes"],
                    many(len(actual), "prediction"))


def _file(given: Mapping[str, Any], file: str) -> Counted:
    table = given["data"]
    keys = ("file", "actual", "predicted")
    if not isinstance(table, Mapping) or set(table) != set(keys) or not all(isinstance(v, str) for v in table.values()):
        raise DeriveError(f"data: expected the names {', '.join(keys)}",
                          "data = {file = 'test.csv', actual = 'y', predicted = 'y_hat'}")
    name = table["file"]
    cells = read_cells(Path(name) if Path(name).is_absolute() else Path(file).parent / name)
    actual, predicted = (_classes(cells, table[key]) for key in keys[1:])
    return _counted(actual, predicted, given["classes"],
                    f"{many(len(actual), 'prediction')} of the file {Path(name).name}")


def _classes(cells: Cells, name: str) -> list[str]:
    """The classes in a column: words as they are, numbers without what is only spelling (1 and 1.0 are one class)."""
    words = cells.column(name)
    for (line, _), word in zip(cells.rows, words, strict=True):
        if word.casefold() in NO_CLASS:
            raise DeriveError(f"{cells.file}:{line}: the value of {name} is missing",
                              "leave out the line, or fill in a class: a missing value is not guessed")
    try:
        return [f"{float(word):g}" for word in words]
    except ValueError:
        return list(words)


NO_CLASS = MISSING - {"none"}  # which may well be a class


WAYS: dict[str, Callable[[Mapping[str, Any], str], Counted]] = {
    "confusion": _matrix, "counts": _four, "actual": _lists, "data": _file,
}
"""How the counts can be given: the key, and what makes the counts of it."""


def _counted(actual: Sequence[str], predicted: Sequence[str], classes: Any, words: str) -> Counted:
    """Predictions counted; the classes in the order in which they are given, else in that of their names."""
    names = tuple(map(_label, classes)) if isinstance(classes, list) else _ordered({*actual, *predicted})
    places = {name: k for k, name in enumerate(names)}
    wrong = next((name for name in (*actual, *predicted) if name not in places), None)
    if wrong is not None:
        raise DeriveError(f'"{wrong}" is none of the classes {", ".join(names)}', nearest(wrong, names))
    if len(names) < 2:
        raise DeriveError(f'all are of one class, "{names[0]}": there is nothing to tell apart',
                          "name all classes: classes = ['cat', 'dog']")
    _few(len(names))
    return confusion([places[n] for n in actual], [places[n] for n in predicted], len(names)), names, words


def _ordered(names: set[str]) -> tuple[str, ...]:
    """Numbers by size, else by the alphabet."""
    try:
        return tuple(sorted(names, key=float))
    except ValueError:
        return tuple(sorted(names))


# --- single values ------------------------------------------------------------------------------------


def _few(classes: int) -> None:
    if classes > CLASSES_MOST:
        raise LimitError(f"{classes} classes are too many to be written out: at most {CLASSES_MOST}")


def _count(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise DeriveError(f"{where}: expected a whole number, found {type_name(value)}", "counts say how many")
    if value < 0:
        raise DeriveError(f"{where}: a count cannot be negative, found {value}")
    if value > COUNT_MOST:
        raise LimitError(f"{where}: a count of at most {COUNT_MOST:_}")
    return value


def _label(value: Any) -> str:
    """The name of a class: a text, or a whole number."""
    if isinstance(value, bool) or not isinstance(value, str | int) or isinstance(value, Spelled):
        raise DeriveError(f"expected classes, texts or whole numbers, found {type_name(value)}")
    return str(value)


def _named(given: Any, names: tuple[str, ...], way: str) -> tuple[str, ...]:
    """The names of the classes as given."""
    if given is None:
        return names
    if not isinstance(given, list) or len(given) != len(names):
        raise DeriveError(f"classes: expected a list of {len(names)} names, one for each row",
                          "classes = ['cat', 'dog']")
    if way == "counts":
        raise DeriveError("classes: TP, FP, FN and TN have no further classes", "leave them out")
    named = tuple(map(_label, given))
    if len(set(named)) < len(named):
        raise DeriveError("classes: two classes have the same name")
    return named


def _positive(given: Any, classes: tuple[str, ...]) -> int | None:
    """Which of two classes is the positive one: the one that is named, else 1 beside 0 or -1, else the first."""
    if len(classes) > 2:
        if given is not None:
            raise DeriveError(f"positive: with {len(classes)} classes each is measured against the rest",
                              "leave it out")
        return None
    if given is None:
        return classes.index("1") if set(classes) in ({"0", "1"}, {"-1", "1"}) else 0
    if _label(given) not in classes:
        raise DeriveError(f'positive: "{given}" is none of the classes {", ".join(classes)}')
    return classes.index(_label(given))
