"""What the functions of :data:`derive.functions.FUNCTIONS` mean: the definition column, read once each."""

from __future__ import annotations

from functools import cache

from derive.functions import FUNCTIONS
from derive.tree import Node, Symbol

ARGUMENT = Symbol("u")
"""The argument in every definition."""


@cache
def definition(name: str) -> Node | None:
    """The meaning of a known function as an expression in ``u``; None for a primitive or an unknown name."""
    row = FUNCTIONS.get(name)
    if row is None or not row.definition:
        return None
    from derive.read.latex import read  # the reader needs Lark: only when a definition is wanted

    return read(row.definition)
