"""Least and greatest values as generators of the field: ``min_x (a f + c) = a min_x f + c`` for a > 0.

Called by :mod:`convert` for an :class:`~derive.tree.Optimum` that is a value. What is free of the variables stands in
front, the greatest value of f is minus the least one of -f, and the variables get names that nobody can write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from derive.tree import Node, Optimum, Symbol, substitute
from derive.verify.core import fresh, walk
from derive.verify.field import Element, Kernel, key_of
from derive.verify.signals import Undecidable

if TYPE_CHECKING:
    from derive.verify.convert import Converter

_VARIABLES = 8  # of one optimum
VALUES = {"min": 1, "inf": 1, "max": -1, "sup": -1}
"""The operators that give a value: 1 for a least one, -1 for a greatest one."""


def least_value(converter: Converter, node: Optimum) -> Element:
    """A least or greatest value: what is free of the variables in front, a generator for the rest."""
    if node.operator not in VALUES:
        raise Undecidable("a set of minimisers is no number")
    depth = sum(isinstance(p, Optimum) for p in walk(node.body))
    names = tuple(fresh(_VARIABLES * depth + k, "m") for k in range(len(node.variables)))
    put_in: dict[Node, Node] = dict(zip(node.variables, names, strict=True))
    where = None if node.where is None else substitute(node.where, put_in)
    constant, factor, core = _parts(converter, converter.element(substitute(node.body, put_in)), frozenset(names))
    if core.top.is_zero():
        return constant
    found, _ = converter.sign_of(factor)
    return _with_generator(converter, constant, factor, core, (VALUES[node.operator] * found, names, where))


def _parts(converter: Converter, body: Element, names: frozenset[Symbol]) -> tuple[Element, Element, Element]:
    """``c + a f`` with c and a free of the names; a has a certain sign and is not zero."""
    field = converter.field
    outside, inside = converter.sums.divided(body.bottom, names)
    free, rest = field.nought, field.nought
    for powers, coefficient in zip(body.top.monoms(), body.top.coeffs(), strict=True):
        term = field.ring.from_dict({powers: coefficient})
        if inside.is_one() and not converter.sums.depends(term, names):
            free = free + term
        else:
            rest = rest + term
    constant = field.fraction(free, outside)
    if rest.is_zero():
        return constant, field.one, field.zero
    front, core = converter.sums.divided(rest, names)
    factor = field.fraction(front, outside)
    if all(converter.sign_of(factor)):
        return constant, factor, field.fraction(core, inside)
    return constant, field.one, field.fraction(rest, field.product(inside, outside))


def _with_generator(
    converter: Converter, constant: Element, factor: Element, core: Element, data: tuple[int, tuple[Symbol, ...], Any]
) -> Element:
    """``c + a min f``; the greatest value is minus the least one of -f, and f has a canonical sign."""
    field, (sign, names, where) = converter.field, data
    least = field.canonical(core)
    if least.top.leading_coefficient() < 0:
        least, factor, sign = field.scaled(least, -1), field.scaled(factor, -1), -sign
    made = (sign, names, where)
    symbols = field.symbols(least) - frozenset(names)
    value = field.generator(Kernel("optimum", (least,), data=made, symbols=symbols), ("optimum", made, key_of(least)))
    return field.plus(constant, field.times(factor, value))
