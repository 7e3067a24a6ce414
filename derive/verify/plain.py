"""Whether a statement is one about numbers only, so that everything else need not be looked for.

Nine in ten statements hold no matrix, no sum over an index, no density and no expectation. :func:`is_plain` finds
that out in one walk, and :func:`derive.verify.verify_step` then goes straight to the judge. What it says no to is
only judged more slowly.
"""

from __future__ import annotations

from derive.declarations import declaration
from derive.errors import DeriveError
from derive.functions import FUNCTIONS
from derive.steps import Context, Definition
from derive.tree import (
    Call,
    Cases,
    Constant,
    Derivative,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    Symbol,
)
from derive.verify.core import PRIMITIVES, walk

_KINDS = frozenset(
    {Number, Symbol, Constant, Sum, Product, Quotient, Negative, Power, Root, Call, Cases, Relation, Derivative}
)
_FUNCTIONS = (PRIMITIVES - {"det", "rank"}) | {f.name for f in FUNCTIONS.values() if f.definition and f.arity == 1}
_ACCENTS = frozenset({"", "hat", "bar", "tilde"})


def is_plain(before: Node, after: Node, context: Context) -> bool:
    """Whether both sides are scalar expressions in numbers, and so is every definition."""
    nodes = [*walk(before), *walk(after)]
    for definition in context.definitions:
        if not _is_plain_function(definition):
            return False
        nodes += walk(definition.body)
    return _are_plain(nodes, {d.name.plain for d in context.definitions}) and _are_numbers(context)


def _is_plain_function(definition: Definition) -> bool:
    return bool(definition.parameters) and not definition.name.sub and not any(p.sub for p in definition.parameters)


def _are_plain(nodes: list[Node], defined: set[str]) -> bool:
    subscripts = derivatives = False
    for node in nodes:
        kind = type(node)
        if kind not in _KINDS:
            return False
        if isinstance(node, Symbol):
            if node.font or node.sup or node.accent not in _ACCENTS or node.name in defined:
                return False
            subscripts = subscripts or node.sub != ""
        elif isinstance(node, Call):
            if node.name not in _FUNCTIONS and node.name not in defined:
                return False
        elif kind is Derivative:
            derivatives = True
    return not (subscripts and derivatives)  # a variable x_1 may be a member of a family


def _are_numbers(context: Context) -> bool:
    try:
        return all(declaration(text).kind == "number" for text in context.domains.values())
    except DeriveError:
        return False
