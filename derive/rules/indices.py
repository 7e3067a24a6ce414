r"""Sums over an index and families ``x_i``: differentiated in index notation, then written out.

Called by kinds that derive in index notation before they put in sizes; these rows stand beside those of
:mod:`derive.rules.calculus`, before them. A new row takes a :class:`~derive.tree.SumOver` or a derivative with one in
it, or by a member of a family. Source of the index notation: Goodfellow, Bengio and Courville, Deep Learning (2016),
chapter 9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derive.limits import EXPANSION_TERMS
from derive.rules import Rule
from derive.steps import Level
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Derivative,
    Indexed,
    Negative,
    Node,
    Product,
    Relation,
    Sum,
    SumOver,
    Symbol,
    depends_on,
    free_symbols,
    map_children,
    number,
    numeric,
    substitute,
    times,
    total,
)


def whole(node: Node) -> int | None:
    """The value of an index that holds nothing but whole numbers, their sums and products; None for any other."""
    match node:
        case Sum(parts) | Product(parts):
            values = [whole(p) for p in parts]
            if any(v is None for v in values):
                return None
            known = [v for v in values if v is not None]
            return sum(known) if isinstance(node, Sum) else _product(known)
        case Negative(operand):
            inner = whole(operand)
            return None if inner is None else -inner
    value = numeric(node)
    return int(value) if value is not None and value.denominator == 1 else None


def _product(values: Sequence[int]) -> int:
    made = 1
    for value in values:
        made *= value
    return made


def member(base: Symbol, indices: Sequence[int]) -> Symbol:
    """A member of a family by its numbers, as a name of its own: ``x_2``, ``w_{0,1}``."""
    return Symbol(base.name, ",".join(map(str, indices)), base.sup, base.accent, base.font)


def _counted(node: Node) -> Node:
    """Indices that are numbers worked out, so that ``x_{2 \\cdot 1 - 1}`` is the name ``x_1``."""
    if isinstance(node, Indexed):
        values = [whole(i) for i in node.indices]
        known = [v for v in values if v is not None]
        return member(node.base, known) if len(known) == len(values) else node
    if isinstance(node, Call) and node.name == "indicator":
        return _decided(node) or node
    return map_children(node, _counted)


def _decided(node: Node) -> Node | None:
    """The indicator of an equation between numbers."""
    match node:
        case Call("indicator", (Relation((left, right), ("=",)),), 0):
            a, b = whole(left), whole(right)
            return None if a is None or b is None else number(int(a == b))
    return None


def put_in(node: Node, values: Mapping[Symbol, int]) -> Node:
    """Numbers for index letters, with the names and the indicators that this decides."""
    chosen: Mapping[Node, Node] = {symbol: number(value) for symbol, value in values.items()}
    return _counted(substitute(node, chosen))


# --- derivatives ------------------------------------------------------------------------------------


def _under_the_sum(node: Node) -> Node | None:
    match node:
        case Derivative(SumOver(body, index, lower, upper, where), variable, 1, partial):
            if index not in free_symbols(variable):
                return SumOver(Derivative(body, variable, 1, partial), index, lower, upper, where)
    return None


def _surviving_terms(node: Node) -> Node | None:
    r"""``D_{w_l}(\sum_k w_k u_k) = u_l``; where the index is an expression an indicator says which terms are left."""
    match node:
        case Derivative(SumOver() as body, Indexed() as variable, 1):
            return _survivors(body, variable, ())
    return None


def _survivors(node: Node, variable: Indexed, sums: tuple[SumOver, ...]) -> Node | None:
    """The derivative of a product under some sums, in which one factor is a member of the variable's family."""
    if isinstance(node, SumOver) and node.where is None and node.index not in free_symbols(variable):
        return _survivors(node.body, variable, (*sums, node))
    if not isinstance(node, Product):
        return None
    holding = [f for f in node.factors if depends_on(f, variable)]
    match holding:
        case [Indexed(_, indices)] if len(indices) == len(variable.indices):
            chosen: dict[Node, Node] = {}
            indicators: list[Node] = []
            for written, wanted in zip(indices, variable.indices, strict=True):
                if written in [s.index for s in sums] and written not in chosen:
                    chosen[written] = wanted
                elif written != wanted:
                    indicators.append(_indicator(written, wanted))
            body = substitute(times([*(f for f in node.factors if f not in holding), *indicators]), chosen)
            for over in reversed(sums):
                body = body if over.index in chosen else SumOver(body, over.index, over.lower, over.upper)
            return body
    return None


def _indicator(left: Node, right: Node) -> Node:
    return Call("indicator", (Relation((left, right), ("=",)),))


def _by_a_member(node: Node) -> Node | None:
    r"""``D_{x_j}(x_i)`` is one where the indices agree, else zero."""
    match node:
        case Derivative(Indexed(base, indices), Indexed(other, wanted), 1) if base == other:
            if len(indices) != len(wanted):
                return None
            return times([_indicator(a, b) for a, b in zip(indices, wanted, strict=True) if a != b])
    return None


# --- writing out ------------------------------------------------------------------------------------


def _written_out(node: Node) -> Node | None:
    """The terms of a sum between numbers one by one; those in which an indicator is zero are left out."""
    if not isinstance(node, SumOver) or node.where is not None or node.lower is None or node.upper is None:
        return None
    low, high = whole(node.lower), whole(node.upper)
    if low is None or high is None or high - low >= EXPANSION_TERMS:
        return None
    terms = [_decided_factors(put_in(node.body, {node.index: value})) for value in range(low, high + 1)]
    return total([t for t in terms if t != ZERO])


def _decided_factors(term: Node) -> Node:
    """A product without the indicators that have become one; zero where one has become zero."""
    if not isinstance(term, Product):
        return term
    return ZERO if ZERO in term.factors else times([f for f in term.factors if f != ONE])


DIFFERENTIATION: tuple[Rule, ...] = (
    Rule("only terms with the variable survive", r"D_{w_l}(\sum_k w_k u_k) = u_l",
         "Members of a family are variables of their own: a term with another one has derivative zero.",
         _surviving_terms, Level.CALCULUS, "the index is within the bounds of the sum"),
    Rule("derivative under the sum", r"D(\sum_i u_i) = \sum_i D(u_i)", "A sum is differentiated term by term.",
         _under_the_sum, Level.CALCULUS),
    Rule("derivative by a member", r"D_{x_j}(x_i) = \mathbb{1}[i = j]",
         "Members of a family are variables of their own: one for the same, zero for another.", _by_a_member,
         Level.CALCULUS),
)

EMPTY: tuple[Rule, ...] = (
    Rule("sum of zeros", r"\sum_i 0 = 0", "Zeros add up to zero.",
         lambda node: ZERO if isinstance(node, SumOver) and node.body == ZERO else None, Level.ARITHMETIC),
)

WRITING_OUT: tuple[Rule, ...] = (
    Rule("write out the sum", r"\sum_{k=0}^{2} u_k = u_0 + u_1 + u_2", "The terms one by one.", _written_out,
         Level.ALGEBRA),
)
