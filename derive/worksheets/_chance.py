"""Chance that comes out the same in every version of Python.

All of it is taken from ``random.random()``, the only method of :class:`random.Random` whose sequence Python promises to
keep for a seed; ``randrange``, ``shuffle`` and ``sample`` have changed before. Called by the draws and by modes.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

Item = TypeVar("Item")
RANGE_MOST = 10**9  # numbers in a range; a double tells that many apart many times over


def below(random: Random, count: int) -> int:
    """A whole number from 0 to below ``count``, each as likely as another."""
    return int(random.random() * count)


def between(random: Random, low: int, high: int) -> int:
    """A whole number of a range with both its ends."""
    return low + below(random, high - low + 1)


def one_of(random: Random, items: Sequence[Item]) -> Item:
    """One of some things."""
    return items[below(random, len(items))]


def shuffled(random: Random, items: Sequence[Item]) -> list[Item]:
    """The same things in an order of chance (Fisher and Yates)."""
    mixed = list(items)
    for i in range(len(mixed) - 1, 0, -1):
        j = below(random, i + 1)
        mixed[i], mixed[j] = mixed[j], mixed[i]
    return mixed


def several_below(random: Random, count: int, below_: int) -> list[int]:
    """So many different whole numbers from 0 to below a bound, in order, each set as likely as another (Floyd)."""
    found: set[int] = set()
    for top in range(below_ - count, below_):
        drawn = below(random, top + 1)
        found.add(top if drawn in found else drawn)
    return sorted(found)
