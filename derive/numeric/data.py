r"""Columns of numbers made by distributions and formulas: the data that a model is fitted to or trained on.

A column is drawn from a distribution, ``normal``, ``uniform(-1, 1)``, ``bernoulli(\sigma(2x - 1))``, computed by a
formula in the columns before it, ``2x + 1 + e``, or listed. The parameters of a distribution are formulas in earlier
columns too. Columns are made in the order in which they are given, so a seed fixes them all. Called by the kinds that
fit and train. A new distribution is a row of :data:`DISTRIBUTIONS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive import limits
from derive.errors import DeriveError, LimitError
from derive.numeric.evaluate import compile as compiled
from derive.read import fields
from derive.read.fields import Spelled, nearest, type_name
from derive.read.latex import Names, read
from derive.steps import Prose
from derive.tree import Node, Relation, Symbol, free_symbols

Array = NDArray[np.float64]
Random = Any
"""A ``numpy.random.Generator`` or a ``RandomState``: the methods that are called here they have in common."""

LEGACY = "legacy"
DEFAULT = "default"
GENERATORS = (DEFAULT, LEGACY)
SEED_MOST = 2**32 - 1


def source(name: str, seed: int) -> Random:
    """Random numbers from a seed: ``default`` is ``numpy.random.default_rng``, ``legacy`` is ``numpy.random.seed``.

    DeriveError for another name, or a seed that is not from 0 to 2^32 - 1.
    """
    if name not in GENERATORS:
        hint = nearest(name, GENERATORS) or f"known are {', '.join(GENERATORS)}"
        raise DeriveError(f'there is no random generator "{name}"', hint)
    if not 0 <= seed <= SEED_MOST:
        raise DeriveError(f"the seed {seed} is not a whole number from 0 to {SEED_MOST:,}")
    return np.random.RandomState(seed) if name == LEGACY else np.random.default_rng(seed)


# --- distributions ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Distribution:
    """A distribution: its title, its parameters with their defaults (None: must be given), and what is drawn.

    ``draw`` is called with the random source, the number of values, and an array or a number for each parameter;
    ``sound`` says of the parameters whether they make sense, ``wants`` what they should be.
    """

    name: str
    title: str
    parameters: Mapping[str, float | None]
    draw: Callable[..., Any]
    sound: Callable[..., Any] = lambda *parameters: True
    wants: str = ""


def _whole(random: Random, n: int, low: Any, high: Any) -> Any:
    """Whole numbers from low to high, both included."""
    return np.floor(random.uniform(low, np.asarray(high) + 1.0, n))


_ROWS = (
    Distribution(
        "normal", "normal distribution", {"mean": 0.0, "deviation": 1.0},
        lambda r, n, mean, deviation: r.normal(mean, deviation, n),
        lambda mean, deviation: deviation >= 0, "the deviation is not negative",
    ),
    Distribution(
        "uniform", "uniform distribution", {"low": 0.0, "high": 1.0},
        lambda r, n, low, high: r.uniform(low, high, n),
        lambda low, high: low <= high, "low is not above high",
    ),
    Distribution(
        "exponential", "exponential distribution", {"mean": 1.0},
        lambda r, n, mean: r.exponential(mean, n),
        lambda mean: mean >= 0, "the mean is not negative",
    ),
    Distribution(
        "laplace", "Laplace distribution", {"mean": 0.0, "scale": 1.0},
        lambda r, n, mean, scale: r.laplace(mean, scale, n),
        lambda mean, scale: scale >= 0, "the scale is not negative",
    ),
    Distribution(
        "bernoulli", "Bernoulli distribution (0 or 1)", {"p": None},
        lambda r, n, p: r.binomial(1, p, n),
        lambda p: (p >= 0) & (p <= 1), "p is a probability",
    ),
    Distribution(
        "poisson", "Poisson distribution", {"mean": None},
        lambda r, n, mean: r.poisson(mean, n),
        lambda mean: mean >= 0, "the mean is not negative",
    ),
    Distribution(
        "whole", "whole numbers, equally likely", {"low": None, "high": None}, _whole,
        lambda low, high: low <= high, "low is not above high",
    ),
    Distribution(
        "grid", "evenly spaced numbers", {"low": None, "high": None},
        lambda r, n, low, high: np.linspace(low, high, n),
        lambda low, high: np.ndim(low) == np.ndim(high) == 0, "the ends are numbers",
    ),
)  # fmt: skip

DISTRIBUTIONS: Mapping[str, Distribution] = {row.name: row for row in _ROWS}
"""What a column can be drawn from; ``grid`` draws nothing but evenly spaced values with both ends."""

_CALLED = re.compile(r"\s*([a-z]{3,})\s*(?:\((.*)\))?\s*", re.DOTALL)


# --- columns ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Column:
    """A column of n numbers, its name, and in words where it comes from."""

    name: Symbol
    values: Array
    origin: Prose


def columns(given: Mapping[str, Any], n: int | None, random: Random) -> tuple[Column, ...]:
    """The columns, in order: a text is a distribution or a formula, a list stands for itself, a number is repeated.

    ``n`` is the number of rows; None where lists give it. DeriveError, naming the column, for what cannot be read,
    unknown names, lists of other lengths and values that are not finite; LimitError for too many rows.
    """
    count = _count(given, n)
    made: dict[Symbol, Column] = {}
    for key, value in given.items():
        name = _name(key)
        if name in made:
            raise DeriveError(f"data: {name.plain} is given twice")
        try:
            column = _column(name, value, {s: c.values for s, c in made.items()}, count, random)
        except DeriveError as error:
            raise DeriveError(f"data: {key}: {error.message}", error.hint) from error
        _finite(column)
        made[name] = column
    return tuple(made.values())


def _name(key: str) -> Symbol:
    if key == "e":
        raise DeriveError("data: e is the number 2.718…, no column", "call the column u, or r")
    return fields.symbol(key)


def _count(given: Mapping[str, Any], n: int | None) -> int:
    """The number of rows."""
    lengths = {key: len(value) for key, value in given.items() if isinstance(value, list | tuple)}
    if n is None and not lengths:
        raise DeriveError("data: how many rows are made is not said", "n = 1_000")
    first, count = next(iter(lengths.items())) if n is None else ("n", n)
    for key, length in lengths.items():
        if length != count:
            other = f"n is {count:,}" if first == "n" else f"{first} has {count:,}"
            raise DeriveError(f"data: {key} has {length:,} numbers, {other}", "every column has a number for each row")
    if count < 1:
        raise DeriveError("data: there are no rows", "n is at least 1")
    if count > limits.DATA_ROWS:
        raise LimitError(f"data: {count:,} rows are too many: at most {limits.DATA_ROWS:,}")
    return count


def _column(name: Symbol, value: Any, known: Mapping[Symbol, Array], n: int, random: Random) -> Column:
    if isinstance(value, list | tuple):
        return Column(name, np.array([as_float(item) for item in value]), ("listed",))
    if isinstance(value, str) and not isinstance(value, Spelled):
        called = _CALLED.fullmatch(value)
        if called:
            return _drawn(name, called[1], called[2], known, n, random)
        node = _formula(value, known)
        return Column(name, _evaluated(node, known, n), (Relation((name, node), ("=",)),))
    node = fields.number(Spelled(repr(value)) if isinstance(value, float) else value)
    return Column(name, np.full(n, as_float(value)), (Relation((name, node), ("=",)),))


def as_float(value: Any) -> float:
    """A number of a problem file, or of Python. DeriveError for anything else."""
    return float(value) if isinstance(value, float) else float(compiled(fields.number(value), ())())


def _drawn(
    name: Symbol, word: str, inside: str | None, known: Mapping[Symbol, Array], n: int, random: Random,
) -> Column:
    """A column from a distribution."""
    row = DISTRIBUTIONS.get(word)
    if row is None:
        hint = nearest(word, DISTRIBUTIONS) or f"known are {', '.join(DISTRIBUTIONS)}"
        raise DeriveError(f'there is no distribution "{word}"', hint)
    nodes = [_formula(part, known) for part in _split(inside or "")]
    named = list(row.parameters.items())
    missing = [key for key, default in named[len(nodes) :] if default is None]
    if missing or len(nodes) > len(named):
        example = ", ".join(key for key, _ in named)
        raise DeriveError(f"{word} takes {len(named)} parameters, {len(nodes)} are given" if len(nodes) > len(named)
                          else f"{word} needs its parameter {missing[0]}", f"{word}({example})")
    values = [_evaluated(node, known, n) if free_symbols(node) else _evaluated(node, known, 1)[0] for node in nodes]
    every = [*values, *(default for _, default in named[len(nodes) :])]
    if not np.all(row.sound(*every)):
        raise DeriveError(f"{word}({inside}) cannot be drawn from: {row.wants}")
    drawn = np.asarray(row.draw(random, n, *every), dtype=float)
    return Column(name, drawn, (name, *_told(row, nodes)))


def _told(row: Distribution, nodes: Sequence[Node]) -> Prose:
    """``: normal distribution with mean 0 and deviation 1``."""
    words: list[str | Node] = [f": {row.title}"]
    for i, (key, default) in enumerate(row.parameters.items()):
        words += [" with " if i == 0 else " and ", f"{key} "]
        words.append(nodes[i] if i < len(nodes) else fields.number(Spelled(f"{default:g}")))
    return tuple(words)


def _split(inside: str) -> list[str]:
    """The parameters between the brackets: parted at commas that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(inside):
        depth += (c in "([{") - (c in ")]}")
        if c == "," and depth == 0:
            parts.append(inside[start:i])
            start = i + 1
    last = inside[start:]
    return [*parts, last] if last.strip() or parts else []


def _formula(text: str, known: Mapping[Symbol, Array]) -> Node:
    """A formula in earlier columns."""
    node = read(text, Names(labels=True))
    if isinstance(node, Relation):
        raise DeriveError("expected a formula, found a relation", "write what the column is equal to")
    unknown = sorted(s.plain for s in free_symbols(node) - known.keys())
    if unknown:
        before = ", ".join(s.plain for s in known) or "none"
        raise DeriveError(f"{', '.join(unknown)} is no column before it", f"columns before it: {before}")
    return node


def _evaluated(node: Node, known: Mapping[Symbol, Array], n: int) -> Array:
    """The formula's value in each row."""
    used = [s for s in known if s in free_symbols(node)]
    value = compiled(node, used)(*(known[s] for s in used))
    return np.array(np.broadcast_to(value, (n,)))


def _finite(column: Column) -> None:
    """DeriveError, naming the row, for a value that does not exist."""
    wrong = np.flatnonzero(~np.isfinite(column.values))
    if len(wrong):
        raise DeriveError(f"data: {column.name.plain} has no finite value in row {wrong[0] + 1:,}",
                          "choose another formula or another distribution")


def listed(value: Any, what: str) -> Mapping[str, Any]:
    """A table of columns. DeriveError for anything else."""
    if not isinstance(value, Mapping):
        raise DeriveError(f"{what}: expected a table of columns, found {type_name(value)}",
                          "[given.data] with n, seed, and a line for each column")
    return value
