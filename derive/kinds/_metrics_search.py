"""Which counts a printed precision and recall can come from: a search over all that the rounding allows.

Called by the kind ``metrics``. A printed number stands for every value within half a unit of its last digit, both ends
included, for programs round a half in both ways.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from derive.errors import LimitError
from derive.numeric.evaluate import compile as compiled
from derive.numeric.metrics import FN, FP, METRICS, TN, TP, Counts, value
from derive.tree import Number

SOLUTIONS_MOST = 5_000  # in all; what has more is printed too coarsely to say anything

SLACK = 1e-9

ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Printed:
    """A share as it is printed: its digits, and whether it is in percent."""

    digits: Number
    percent: bool

    @property
    def value(self) -> Fraction:
        """The share itself."""
        return self.digits.value / 100 if self.percent else self.digits.value

    @property
    def bounds(self) -> tuple[Fraction, Fraction]:
        """Between which values the unrounded share lies."""
        places = len(self.digits.text.partition(".")[2]) + 2 * self.percent
        half = Fraction(1, 2 * 10**places)
        return max(Fraction(0), self.value - half), min(ONE, self.value + half)

    def holds(self, share: Fraction | None) -> bool:
        """Whether a share is printed so."""
        low, high = self.bounds
        return share is not None and low <= share <= high


Row = Mapping[str, Printed]
"""A row's measures by their names; precision and recall are among them."""


def row_counts(row: Row, positives: Sequence[int], samples: int) -> dict[int, list[Counts]]:
    """The counts of ``samples`` predictions that are printed as a row says, by the number of positives.

    LimitError where there are more than :data:`SOLUTIONS_MOST`.
    """
    found: dict[int, list[Counts]] = {}
    total = 0
    for size in positives:
        fitting = [c for c in _candidates(row, size, samples) if _fits(c, row)]
        total += len(fitting)
        if total > SOLUTIONS_MOST:
            raise LimitError(f"more than {SOLUTIONS_MOST:,} counts are printed so: the rounding is too coarse",
                             "give the number of positives, or measures with more digits")
        if fitting:
            found[size] = fitting
    return found


def _fits(counts: Counts, row: Row) -> bool:
    """Whether the measures besides precision and recall are printed so too."""
    others = [(name, printed) for name, printed in row.items() if name not in SEARCHED]
    return all(_near(name, printed, counts) and printed.holds(value(name, counts)) for name, printed in others)


@cache
def _quick(name: str) -> Callable[..., Any]:
    """A measure in double precision."""
    return compiled(METRICS[name].formula, (TP, FP, FN, TN))


def _near(name: str, printed: Printed, counts: Counts) -> bool:
    """Whether a measure is so at all, but for rounding errors: exact values take their time."""
    with np.errstate(all="ignore"):
        share = float(_quick(name)(counts.tp, counts.fp, counts.fn, counts.tn))
    low, high = printed.bounds
    return not math.isfinite(share) or low - SLACK <= share <= high + SLACK


SEARCHED = ("precision", "recall")


def _candidates(row: Row, positives: int, samples: int) -> Iterator[Counts]:
    """Counts with so many positives whose precision and recall are printed as the row says."""
    low, high = row["recall"].bounds
    for found in range(math.ceil(positives * low), math.floor(positives * high) + 1):
        for wrong in _wrong(row["precision"], found, samples - positives):
            yield Counts(found, wrong, positives - found, samples - positives - wrong)


def _wrong(precision: Printed, found: int, negatives: int) -> range:
    """How many false positives there may be beside so many true ones; 0 of 0 has no precision."""
    low, high = precision.bounds
    if not found:
        return range(1, negatives + 1) if not low else range(0)
    least = math.ceil(found / high - found) if high else negatives + 1
    most = min(negatives, math.floor(found / low - found)) if low else negatives
    return range(max(0, least), most + 1)


def common(rows: Sequence[Mapping[int, Sequence[Counts]]]) -> list[int]:
    """The numbers of positives with which every row has counts."""
    return sorted(set(rows[0]).intersection(*rows[1:])) if rows else []
