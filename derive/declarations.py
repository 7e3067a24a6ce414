"""What a symbol may be declared as: one grammar for problem files, the command line and the verifier.

``real`` (the default), ``positive``, ``negative``, ``nonnegative``, ``nonpositive``, ``nonzero``, ``integer``,
``positive integer``, ``nonnegative integer``, ``probability``; an interval ``(0, 1)``, ``[0, inf)``;
``vector``, ``vector n``, ``vector 3``; ``matrix``, ``matrix 3x2``, ``matrix m x n``, with ``symmetric``,
``invertible``, ``orthogonal``, ``diagonal`` or ``positive definite`` before it (then square, one number is enough);
``probability vector k`` (entries not negative that sum to 1), ``one-hot vector k`` (a single 1), and matrices of such
rows; ``density``; ``function``; ``set``.

A context carries declarations as texts (:attr:`derive.steps.Context.domains`); :func:`declaration` says what such a
text means. A new word is a row of a table below; whoever needs to know of it asks the :class:`Declaration`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache

from derive.errors import DeriveError


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared of a symbol. ``text`` is the normal spelling.

    ``kind`` is ``number``, ``vector``, ``matrix``, ``density``, ``function`` or ``set``. A number lies between ``low``
    and ``high`` (None is no bound), an open end excluded; it is ``whole`` or not, ``nonzero`` or not. ``shape`` holds
    the sides of a vector (one) or matrix (two) as written, digits or a name, and is empty when they are not given;
    ``properties`` are those of a matrix, or that a vector (every row of a matrix) is one of probabilities.
    """

    text: str
    kind: str = "number"
    low: Fraction | None = None
    high: Fraction | None = None
    open_low: bool = True
    open_high: bool = True
    whole: bool = False
    nonzero: bool = False
    shape: tuple[str, ...] = ()
    properties: frozenset[str] = frozenset()

    @property
    def square(self) -> bool:
        """Whether a property makes the matrix square."""
        return bool(self.properties - set(_OF_ROWS))

    def allows(self, value: Fraction | float) -> bool:
        """Whether a number is of this domain; a whole one is not asked to be so exactly when it is a float."""
        if self.kind != "number" or (self.nonzero and value == 0):
            return False
        if isinstance(value, Fraction) and self.whole and value.denominator != 1:
            return False
        above = self.low is None or value > self.low or (value == self.low and not self.open_low)
        return above and (self.high is None or value < self.high or (value == self.high and not self.open_high))


_ZERO, _ONE = Fraction(0), Fraction(1)
_NUMBERS = {
    row.text: row
    for row in (
        Declaration("real"),
        Declaration("positive", low=_ZERO),
        Declaration("negative", high=_ZERO),
        Declaration("nonnegative", low=_ZERO, open_low=False),
        Declaration("nonpositive", high=_ZERO, open_high=False),
        Declaration("nonzero", nonzero=True),
        Declaration("integer", whole=True),
        Declaration("positive integer", low=_ONE, open_low=False, whole=True),
        Declaration("nonnegative integer", low=_ZERO, open_low=False, whole=True),
        Declaration("probability", low=_ZERO, high=_ONE, open_low=False, open_high=False),
    )
}
EMPIRICAL = "empirical density"
"""The density of a sample: a mass of one over the number of samples at each of them."""
_OTHERS = {kind: Declaration(kind, kind) for kind in ("vector", "matrix", "density", "function", "set")}
_OTHERS[EMPIRICAL] = Declaration(EMPIRICAL, "density")
_ALIASES = {
    "": "real", "natural": "positive integer", "natural number": "positive integer", "whole": "integer",
    "non-negative": "nonnegative", "non-positive": "nonpositive", "non-zero": "nonzero",
    "non-negative integer": "nonnegative integer", "distribution": "density", "column vector": "vector",
    "empirical distribution": "empirical density", "real number": "real", "number": "real",
}  # fmt: skip
_OF_ROWS = ("probability", "one-hot")
PROPERTIES = ("symmetric", "invertible", "orthogonal", "diagonal", "positive definite", *_OF_ROWS)
"""What may stand before ``matrix``; the last two before ``vector`` as well."""

WORDS = (*_NUMBERS, *_OTHERS)
"""The declarations that are words; intervals, shapes and properties of matrices come besides."""

_END = r"\s*([-+]?(?:inf|\d+(?:\.\d+)?(?:/\d+)?))\s*"
_INTERVAL = re.compile(rf"(?:open interval\s*)?([(\[]){_END},{_END}([)\]])")
_SIDE = r"(\d{1,4}|[A-Za-z](?:_?[A-Za-z0-9]+)?)"
_SHAPED = re.compile(
    rf"(?P<properties>(?:(?:{'|'.join(PROPERTIES)})\s+)*)(?P<kind>vector|matrix)"
    rf"(?:\s+{_SIDE}(?:\s*(?:x|×|\*|by)\s*{_SIDE})?)?"
)
_HINT = (
    f"a symbol is declared as one of: {', '.join(_NUMBERS)}; an interval such as (0, 1] or [0, inf); "
    "vector n; probability vector n; matrix m x n; density; empirical density; function; set"
)


@lru_cache(maxsize=1024)
def declaration(text: str) -> Declaration:
    """What a declaration means. DeriveError, with the nearest one, for a text that is none."""
    plain = " ".join(text.split())
    plain = _ALIASES.get(plain, plain)
    found = _NUMBERS.get(plain) or _OTHERS.get(plain) or _interval(plain) or _shaped(plain)
    if found is None:
        near = get_close_matches(plain, WORDS, 1)
        raise DeriveError(f"{plain!r} is not a domain", f'did you mean "{near[0]}"?' if near else _HINT)
    return found


def _interval(text: str) -> Declaration | None:
    found = _INTERVAL.fullmatch(text)
    if found is None:
        return None
    opening, first, second, closing = found.groups()
    low, high = _end(first), _end(second)
    if first == "inf" or first == "+inf" or second == "-inf" or (low is not None and high is not None and low >= high):
        raise DeriveError(f"the interval {text} is empty", "the smaller end stands first")
    open_low, open_high = opening == "(" or low is None, closing == ")" or high is None
    shown = f"{'(' if open_low else '['}{first}, {second}{')' if open_high else ']'}"
    return Declaration(shown, low=low, high=high, open_low=open_low, open_high=open_high)


def _end(text: str) -> Fraction | None:
    try:
        return None if text.lstrip("+-") == "inf" else Fraction(text)
    except ZeroDivisionError:
        raise DeriveError(f"{text} is no number", "the ends of an interval are numbers, inf or -inf") from None


def _shaped(text: str) -> Declaration | None:
    found = _SHAPED.fullmatch(text)
    if found is None:
        return None
    properties = frozenset(name for name in PROPERTIES if name in found["properties"])
    kind, (first, second) = found["kind"], found.groups()[2:]
    if kind == "vector":
        if properties - set(_OF_ROWS) or second is not None:
            raise DeriveError(f"{text!r} is not a domain", "a vector has a length and nothing else: vector n")
        length = () if first is None else (first,)
        return Declaration(_words(properties, kind, length), kind, shape=length, properties=properties)
    if second is None and first is not None:
        if not properties - set(_OF_ROWS):
            raise DeriveError(f"{text!r} is not a domain", f"a matrix has two sides: matrix {first} x {first}")
        second = first
    if (square := sorted(properties - set(_OF_ROWS))) and first != second:
        raise DeriveError(f"{text!r} is not a domain", f"a matrix that is {square[0]} is square")
    shape = () if first is None or second is None else (first, second)
    return Declaration(_words(properties, kind, shape), kind, shape=shape, properties=properties)


def _words(properties: frozenset[str], kind: str, shape: tuple[str, ...]) -> str:
    """The normal spelling."""
    return " ".join([*(name for name in PROPERTIES if name in properties), kind, " x ".join(shape)]).rstrip()
