"""Sizes and options as Python text, for the listings."""

from __future__ import annotations

import keyword
from collections.abc import Sequence

from derive.tree import Node, Symbol, free_symbols, substitute, whole
from derive.write.sympy import to_text


def size_text(node: Node) -> str:
    """A size: a number, a variable, or a formula in variables."""
    amount = whole(node)
    if amount is not None:
        return str(amount)
    safe = substitute(node, {s: Symbol(variable(s)) for s in free_symbols(node)})
    written = to_text(safe).replace("ceiling(", "ceil(")
    return f"int({written})" if "/" in written else written


def variable(symbol: Symbol) -> str:
    """A letter as the name of a Python variable."""
    return symbol.plain + "_" if keyword.iskeyword(symbol.plain) else symbol.plain


def tuple_text(values: Sequence[object]) -> str:
    """``(1, 2)``, ``(3,)``."""
    inside = ", ".join(map(str, values))
    return f"({inside},)" if len(values) == 1 else f"({inside})"


def lone(values: Sequence[int]) -> str:
    """One number where all are the same, as frameworks let people write it."""
    return str(values[0]) if len(set(values)) == 1 else tuple_text(values)


def call(name: str, *arguments: str, **options: str | None) -> str:
    """A call; options that are None are left out."""
    named = [f"{key}={value}" for key, value in options.items() if value is not None]
    return f"{name}({', '.join([*arguments, *named])})"
