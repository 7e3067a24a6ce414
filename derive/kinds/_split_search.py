"""Candidate splits of some rows, how mixed both sides are, and the tree that grows from the best ones.

Called by the kind ``split``; exact where Gini's impurity is used, in double precision for the entropy.

Source: Breiman, Friedman, Olshen and Stone, Classification and Regression Trees (1984), chapter 2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from derive.kinds._split_given import Cell, Data, name_of

EQUAL = 1e-12  # impurities that differ by less are taken for equal

Counts = tuple[int, ...]
Rows = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """A question to a row: whether a feature is at most a number, or is a category."""

    feature: str
    value: Cell

    def holds(self, cell: Cell) -> bool:
        """The answer for a value of the feature."""
        if isinstance(self.value, str) or isinstance(cell, str):
            return cell == self.value
        return cell <= self.value

    @property
    def words(self) -> str:
        """``x ≤ 2.5``, or ``colour = red``."""
        return f"{self.feature} {'=' if isinstance(self.value, str) else '≤'} {name_of(self.value)}"


@dataclass(frozen=True, slots=True)
class Split:
    """A test with the rows for which it holds and those for which it does not."""

    test: Test
    yes: Rows
    no: Rows
    sides: tuple[Counts, Counts]

    def impurity(self, criterion: str) -> Fraction | float:
        """The mean impurity of both sides, weighted by their rows."""
        total = len(self.yes) + len(self.no)
        first, second = (impurity(side, criterion) * Fraction(sum(side), total) for side in self.sides)
        return first + second


def impurity(counts: Counts, criterion: str) -> Fraction | float:
    """Gini's impurity, exactly, or the entropy in bits."""
    total = sum(counts)
    shares = [Fraction(c, total) for c in sorted(counts) if c]
    if criterion == "gini":
        return 1 - sum(p * p for p in shares)
    return -sum(float(p) * math.log2(p) for p in shares) + 0.0


def candidates(data: Data, rows: Rows) -> list[Split]:
    """Every split of some rows: halfway between neighbouring values, or one category against the others."""
    return [_split(data, rows, test) for name, column in data.features.items()
            for test in _tests(name, [column[r] for r in rows])]


def _tests(name: str, values: Sequence[Cell]) -> Iterator[Test]:
    categories = sorted({v for v in values if isinstance(v, str)})
    numbers = sorted({v for v in values if not isinstance(v, str)})
    yield from (Test(name, (a + b) / 2) for a, b in pairwise(numbers))
    if len(categories) > 1:
        yield from (Test(name, c) for c in (categories[:1] if len(categories) == 2 else categories))


def _split(data: Data, rows: Rows, test: Test) -> Split:
    column = data.features[test.feature]
    yes = tuple(r for r in rows if test.holds(column[r]))
    no = tuple(r for r in rows if not test.holds(column[r]))
    return Split(test, yes, no, (data.counts(yes), data.counts(no)))


def best(splits: Sequence[Split], criterion: str) -> list[Split]:
    """The splits with the least impurity, in order; several where they are equal."""
    values = [s.impurity(criterion) for s in splits]
    least = min(values)
    return [s for s, v in zip(splits, values, strict=True) if v - least < EQUAL]


@dataclass(frozen=True, slots=True)
class Branch:
    """A node of the tree: its rows by class; the best split and what follows, where it is split."""

    rows: Rows
    counts: Counts
    path: tuple[str, ...]
    split: Split | None = None
    equal: int = 0
    yes: Branch | None = None
    no: Branch | None = None

    def walk(self) -> Iterator[Branch]:
        """This node, then those below it, the answers yes first."""
        yield self
        for child in (self.yes, self.no):
            if child is not None:
                yield from child.walk()

    @property
    def majority(self) -> int:
        """The most frequent class, of equally frequent ones the first."""
        return max(range(len(self.counts)), key=lambda k: self.counts[k])


def grow(data: Data, rows: Rows, criterion: str, depth: int, least: int, path: tuple[str, ...] = ()) -> Branch:
    """The tree of at most so many levels, split greedily; a side has at least ``least`` rows."""
    counts = data.counts(rows)
    splits = [] if depth == 0 or max(counts) == len(rows) else [
        s for s in candidates(data, rows) if min(len(s.yes), len(s.no)) >= least]
    if not splits:
        return Branch(rows, counts, path)
    found = best(splits, criterion)
    split = found[0]
    yes = grow(data, split.yes, criterion, depth - 1, least, (*path, split.test.words))
    no = grow(data, split.no, criterion, depth - 1, least, (*path, f"not {split.test.words}"))
    return Branch(rows, counts, path, split, len(found), yes, no)
