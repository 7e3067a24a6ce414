"""Antiderivatives, proposed by SymPy and never believed: the caller proves one by differentiating it.

SymPy is handed an object built from the tree (no text reaches it) and runs in a child process that is stopped after
:data:`derive.limits.CHECK_SECONDS` times five. Called by kinds.
"""

from __future__ import annotations

from derive.limits import CHECK_SECONDS
from derive.tree import Node, Symbol


def antiderivative(node: Node, variable: Symbol) -> Node | None:
    """A function whose derivative SymPy says is ``node``; None when it finds none in time or none we can write."""
    from derive.bounded import run_bounded

    found = run_bounded(_propose, node, variable, seconds=5 * CHECK_SECONDS)
    return found if isinstance(found, Node) else None


def _propose(node: Node, variable: Symbol) -> Node | None:
    import sympy

    from derive.write.sympy import from_sympy, to_sympy

    primitive = sympy.integrate(to_sympy(node), to_sympy(variable))
    if primitive.has(sympy.Integral):
        return None
    return from_sympy(primitive)
