"""What a proved statement still needs, as short text: ``x > 0``, ``x ≠ 0``.

A need is reported when the declared domain does not already give it and only one of the two sides has it: an
equation that divides by x on both sides says nothing new by "x ≠ 0".
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.tree import Node, Symbol
from derive.verify.convert import Converter
from derive.verify.domains import whole_symbols
from derive.verify.field import Element, Field, Needs, Poly
from derive.verify.requirements import Need, Requirement, requirements
from derive.verify.signals import Clock, Restart, Split, Undecidable, Undefined
from derive.verify.trees import tree

_ATTEMPTS = 12
_SHOWN = 4  # conditions in one verdict
_SIGNS = {Need.POSITIVE: ">", Need.NONNEGATIVE: "≥", Need.NONZERO: "≠"}
_STRONGER = {Need.NONZERO: (Need.POSITIVE,), Need.NONNEGATIVE: (Need.POSITIVE,), Need.POSITIVE: ()}

Condition = tuple[str, Need]


def conditions(a: Node, b: Node, domains: Mapping[Symbol, str], clock: Clock) -> tuple[str, ...]:
    """The conditions that one side of ``a = b`` needs and the other does not."""
    whole = whole_symbols(domains)
    needed = [requirements(side, whole) for side in (a, b)]
    if not (needed[0] or needed[1]) or set(needed[0]) == set(needed[1]):
        return ()
    needs = Needs(16)
    for _ in range(_ATTEMPTS):
        try:
            scribe = _Scribe(Converter(Field(needs, clock), domains))
            first, second = (scribe.conditions(n) for n in needed)
            return _difference(first, second)
        except Restart:
            continue
        except Undecidable:
            return ()
    return ()


def _difference(first: dict[Condition, str], second: dict[Condition, str]) -> tuple[str, ...]:
    found = {c: t for one, other in ((first, second), (second, first)) for c, t in one.items() if not _given(c, other)}
    return tuple(t for c, t in found.items() if not any((c[0], n) in found for n in _STRONGER[c[1]]))[:_SHOWN]


def _given(condition: Condition, by: dict[Condition, str]) -> bool:
    key, need = condition
    return any((key, n) in by for n in (need, *_STRONGER[need]))


class _Scribe:
    """Conditions on irreducible factors, as text."""

    def __init__(self, converter: Converter) -> None:
        self.converter, self.field, self.signs = converter, converter.field, converter.signs

    def conditions(self, needed: list[Requirement]) -> dict[Condition, str]:
        result: dict[Condition, str] = {}
        for requirement in needed:
            try:
                element = self.converter.element(requirement.node)
            except (Split, Undefined):
                continue
            for poly, need in self._open(element, requirement.need):
                text = f"{node_text(self._tree(poly))} {_SIGNS[need]} 0"
                result[str(poly), need] = text
        return result

    def _tree(self, poly: Poly) -> Node:
        return tree(self.field, Element(poly, self.field.unit))

    def _open(self, element: Element, need: Need) -> list[tuple[Poly, Need]]:
        """The factors that decide whether the need is met and whose sign the domain does not give."""
        odd, even, sign = [], [], 1
        for poly in element:
            if poly.is_zero():
                return []
            content, parts = self.field.factors(poly)
            sign *= -1 if content < 0 else 1
            for part, times in parts:
                found, strict = self.signs.sign(part)
                if times % 2 and need is not Need.NONZERO and not (found and (strict or need is Need.NONNEGATIVE)):
                    odd.append(part)
                elif not strict and need is not Need.NONNEGATIVE:
                    even.append(part)
                sign *= found or 1
        result = [(p, Need.NONZERO) for p in even]
        if odd:
            product = self.field.unit * sign
            for part in odd:
                product = product * part
            result.append((product, need))
        return result


def zero_text(node: Node) -> str:
    """``x ≠ 0`` for the boundary x."""
    return f"{node_text(node)} ≠ 0"


def node_text(node: Node) -> str:
    """A short expression as text."""
    from derive.write.text import text

    return text(node)
