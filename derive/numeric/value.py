"""The numeric value of an expression without letters, for ordering, checking that it exists, and plotting."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache

from derive.errors import MathError
from derive.numeric.evaluate import compile as compiled
from derive.tree import Node, Symbol


def value_of(node: Node, values: Mapping[Symbol, float] | None = None) -> float:
    """The value in double precision. MathError when it is not a finite number."""
    values = values or {}
    value = _constant(node) if not values else float(compiled(node, list(values))(*values.values()))
    if not math.isfinite(value):
        raise MathError("the value is not a finite number")
    return value


@lru_cache(maxsize=4096)
def _constant(node: Node) -> float:
    """The same numbers are ordered, rounded and checked again and again."""
    return float(compiled(node, [])())
