"""The options of a layer as they stand in a problem file, converted and checked; one converter for each type.

An option is a row of a layer type's ``options``. A new type of option is a function here and a row of
:data:`CONVERTERS`. What does not fit raises :class:`~derive.errors.DeriveError`; the layer adds its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

from derive.architectures.activations import SPELLINGS
from derive.errors import DeriveError
from derive.read.fields import Spelled
from derive.read.latex import read
from derive.tree import Call, Node, Number, Relation, Vector, entries, free_symbols, number, numeric, walk, whole

SIZE_MOST = 10**9  # a layer with more units fits no computer


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its key, its type (a row of :data:`CONVERTERS`), the default, what it may also be called."""

    key: str
    type: str
    default: Any = None
    required: bool = False
    spellings: tuple[str, ...] = ()


def size(value: Any) -> Node:
    """A whole number from 1 on, or a formula such as ``'d'`` or ``'2d'``."""
    if isinstance(value, bool) or not isinstance(value, int | str) or isinstance(value, Spelled):
        raise DeriveError(f"expected a whole number or a letter, found {value!r}")
    node = number(value) if isinstance(value, int) else read(value)
    if any(isinstance(part, Relation | Vector | Call) for part in walk(node)):
        raise DeriveError(f"expected a size such as 64 or 'd', found {value!r}")
    if not free_symbols(node):
        amount = whole(node)
        if amount is None:
            raise DeriveError(f"a size is a whole number, not {value!r}")
        if not 1 <= amount <= SIZE_MOST:
            raise DeriveError(f"a size is a number from 1 to {SIZE_MOST:,}, not {value}")
    return node


def sizes(value: Any) -> tuple[Node, ...]:
    """One size for all axes, or one for each."""
    if isinstance(value, list):
        return tuple(size(item) for item in value)
    if isinstance(value, str) and not isinstance(value, Spelled):
        parts = entries(read(value))
        return (size(value),) if parts is None else tuple(map(_checked, parts))
    return (size(value),)


def _checked(node: Node) -> Node:
    amount = whole(node)
    if not free_symbols(node) and (amount is None or amount < 1):
        raise DeriveError("a size is a whole number from 1 on")
    return node


def _plain_sizes(value: Any) -> tuple[int, ...]:
    """Sizes without letters: kernels, strides and dilations."""
    found = [whole(node) for node in sizes(value)]
    if any(amount is None for amount in found):
        raise DeriveError(f"expected whole numbers without letters, found {value!r}")
    return tuple(amount for amount in found if amount is not None)


def _rate(value: Any) -> str:
    """A number from 0 to below 1, as it is spelled."""
    amount = _number(value)
    if not 0 <= amount < 1:
        raise DeriveError(f"a rate is a number from 0 to below 1, not {value}")
    return str(value)


def _positive(value: Any) -> str:
    if not _number(value) > 0:
        raise DeriveError(f"expected a number greater than 0, not {value}")
    return str(value)


def _number(value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | Spelled):
        raise DeriveError(f"expected a number, found {value!r}")
    found = numeric(Number(str(value).lstrip("-"))) if "e" not in str(value).lower() else Fraction(str(value))
    return -found if found is not None and str(value).startswith("-") else found or Fraction(0)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise DeriveError(f"expected true or false, found {value!r}")
    return value


def _padding(value: Any) -> str | int:
    """``same``, ``valid``, or how many zeros are put on each side."""
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value <= SIZE_MOST:
            raise DeriveError(f"a padding is a number from 0 on, not {value}")
        return value or "valid"
    return named(value, ("same", "valid"), "padding", " or a number of zeros on each side")


def _activation(value: Any) -> str:
    if not isinstance(value, str) or value.strip().casefold().replace("-", "_") not in SPELLINGS:
        known = sorted(set(SPELLINGS.values()))
        hint = near(str(value), SPELLINGS) or f"known: {', '.join(known)}"
        raise DeriveError(f"there is no activation {value!r}", hint)
    return SPELLINGS[value.strip().casefold().replace("-", "_")]


def named(value: Any, known: Iterable[str], what: str, more: str = "") -> str:
    """One of some words. DeriveError names the nearest."""
    known = tuple(known)
    if isinstance(value, str) and value.strip().casefold() in known:
        return value.strip().casefold()
    hint = near(str(value), known) or f"{what} is {' or '.join(known)}{more}"
    raise DeriveError(f"there is no {what} {value!r}", hint)


def near(word: str, known: Iterable[str]) -> str:
    """A hint with the nearest known word, or nothing."""
    folded = {k.casefold(): k for k in known}
    close = get_close_matches(word.casefold(), folded, n=1, cutoff=0.5)
    return f'did you mean "{folded[close[0]]}"?' if close else ""


CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "size": size,
    "sizes": _plain_sizes,
    "rate": _rate,
    "positive": _positive,
    "flag": _flag,
    "padding": _padding,
    "activation": _activation,
}
"""How the value of an option becomes what a layer works with."""
