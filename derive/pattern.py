r"""Matching a law's left side against a written expression, and building its right side.

A law is an ordinary expression in which letters stand for parts:

===========  ==================================================
``u v w``    anything
``c``        anything that does not depend on the variable ``x``
``n``        a written number
``x``        the variable of differentiation
===========  ==================================================

``D(u)`` stands for the derivative of ``u`` with respect to the variable. Called by :mod:`derive.rules`;
a pattern is matched exactly as written, without reordering: laws about any number of terms are functions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from derive.tree import Call, Derivative, Node, Symbol, children, free_symbols, map_children, numeric

Bindings = dict[str, Node]
X = Symbol("x")


@cache
def pattern(latex: str) -> Node:
    """Read a law's side; the result is shared, so reading each costs once in a process."""
    from derive.read.latex import Names, read

    return _with_derivatives(read(latex, Names(functions=frozenset({"D"}))))


def _with_derivatives(node: Node) -> Node:
    node = map_children(node, _with_derivatives)
    match node:
        case Call("D", (body,)):
            return Derivative(body, X)
    return node


def match(template: Node, node: Node, variable: Symbol | None = None) -> Bindings | None:
    """The parts that make ``template`` the same as ``node``, or None.

    ``variable`` is what ``x`` stands for; it is taken from the first derivative met when not given.
    """
    found: Bindings = {} if variable is None else {"x": variable}
    return found if _match(template, node, found) else None


def _match(template: Node, node: Node, found: Bindings) -> bool:
    if isinstance(template, Symbol) and template.name in _LETTERS and not template.sub:
        return _bind(template.name, node, found)
    if isinstance(template, Derivative):
        if not isinstance(node, Derivative) or node.order != template.order:
            return False
        return _bind("x", node.variable, found) and _match(template.body, node.body, found)
    if type(template) is not type(node):
        return False
    ours, theirs = children(template), children(node)
    if not ours:
        return template == node
    if _heading(template) != _heading(node):
        return False
    return len(ours) == len(theirs) and all(_match(a, b, found) for a, b in zip(ours, theirs, strict=True))


def _heading(node: Node) -> object:
    """What two nodes of one type must share besides their parts."""
    return (node.name, node.order) if isinstance(node, Call) else type(node)


def _bind(letter: str, node: Node, found: Bindings) -> bool:
    if letter in found:
        return found[letter] == node
    if not _LETTERS[letter](node, found):
        return False
    found[letter] = node
    return True


def _is_constant(node: Node, found: Bindings) -> bool:
    return "x" in found and found["x"] not in free_symbols(node)


_LETTERS: dict[str, Callable[[Node, Bindings], bool]] = {
    "u": lambda node, found: True,
    "v": lambda node, found: True,
    "w": lambda node, found: True,
    "c": _is_constant,
    "n": lambda node, found: numeric(node) is not None,
    "x": lambda node, found: isinstance(node, Symbol),
}


def build(template: Node, found: Mapping[str, Node], like: Derivative | None = None) -> Node:
    """The right side of a law with its letters replaced; derivatives are written as in ``like``."""
    if isinstance(template, Symbol):
        return found.get(template.name, template) if not template.sub else template
    if isinstance(template, Derivative):
        variable = found["x"]
        assert isinstance(variable, Symbol)
        partial = like.partial if like is not None else False
        return Derivative(build(template.body, found, like), variable, template.order, partial)
    return map_children(template, lambda c: build(c, found, like))
