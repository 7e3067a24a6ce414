"""What a proved statement still needs, in words and formulas: ``x > 0``, ``x ≠ 0``.

A need is reported when the declared domain does not already give it and only one of the two sides has it: an
equation that divides by x on both sides says nothing new by "x ≠ 0".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from derive.declarations import declaration
from derive.tree import Node, Symbol
from derive.verify.cases import learn_positive
from derive.verify.convert import Converter
from derive.verify.domains import whole_symbols
from derive.verify.field import Element, Field, Key, Needs, Poly
from derive.verify.requirements import Need, Requirement, open_needs, requirements
from derive.verify.signals import Clock, Infeasible, Restart, Split, Undecidable, Undefined
from derive.verify.trees import tree
from derive.verify.wording import positive, signed

_ATTEMPTS = 12
_SHOWN = 4  # conditions in one verdict
_SIGNS = {Need.POSITIVE: ">", Need.NONNEGATIVE: ">=", Need.NONZERO: "!="}

Wanted = dict[Key, tuple[Poly, Need]]
"""What must hold of polynomials."""


def conditions(
    a: Node, b: Node, domains: Mapping[Symbol, str], clock: Clock, assumed: Sequence[Node] = ()
) -> tuple[str, ...]:
    """What is ``assumed`` to be positive, and the further conditions that one side of ``a = b`` needs alone."""
    own = map(positive, assumed)
    return (*own, *_needed(a, b, domains, clock, [Requirement(n, Need.POSITIVE) for n in assumed]))


def _needed(
    a: Node, b: Node, domains: Mapping[Symbol, str], clock: Clock, assumed: list[Requirement]
) -> tuple[str, ...]:
    whole = whole_symbols(domains)
    needed = [open_needs(requirements(side, whole), domains) for side in (a, b)]
    if set(needed[0]) == set(needed[1]):
        return ()
    needs = Needs(16)
    for _ in range(_ATTEMPTS):
        try:
            return _Scribe(Field(needs, clock), domains).difference(needed[0], needed[1], assumed)
        except Restart:
            continue
        except Undecidable:
            return ()
    return ()


class _Scribe:
    """Conditions as signs of polynomials over one field."""

    def __init__(self, field: Field, domains: Mapping[Symbol, str]) -> None:
        self.field, self.domains = field, domains

    def difference(
        self, first: list[Requirement], second: list[Requirement], assumed: list[Requirement]
    ) -> tuple[str, ...]:
        """What one list asks for and neither the other nor what is assumed implies."""
        known = self._wanted(assumed)
        wanted = [self._wanted(first), self._wanted(second)]
        found: Wanted = {}
        for mine, other in (wanted, wanted[::-1]):
            other = {**other, **known}
            knowing = self._knowing(other)
            for key, (poly, need) in mine.items():
                if not self._implied(knowing, other, poly, need):
                    found[key] = poly, need
        return tuple(signed(self._node(p), _SIGNS[need]) for p, need in found.values())[:_SHOWN]

    def _node(self, poly: Poly) -> Node:
        return tree(self.field, Element(poly, self.field.unit))

    def _wanted(self, needed: list[Requirement]) -> Wanted:
        """The needs that the declared domain leaves open."""
        converter = Converter(self.field, self.domains)
        result: Wanted = {}
        for requirement in needed:
            try:
                element = converter.element(requirement.node)
            except (Split, Undefined):
                continue
            for poly, need in self._open(converter, element, requirement.need):
                known = result.get(Key(poly), (poly, need))[1]
                result[Key(poly)] = poly, need if known is need else Need.POSITIVE
        return result

    def _open(self, converter: Converter, element: Element, need: Need) -> list[tuple[Poly, Need]]:
        """The factors that decide whether the need is met and whose sign the domain does not give."""
        if element.top.is_zero():
            return []
        odd, result, sign = self.field.unit, [], 1
        for poly in element:
            content, parts = self.field.factors(poly)
            sign *= -1 if content < 0 else 1
            for part, times in parts:
                part = self._simpler(converter, part)
                found, strict = converter.signs.sign(part)
                if times % 2 and need is not Need.NONZERO and not (found and (strict or need is Need.NONNEGATIVE)):
                    odd = odd * part
                elif not strict and need is not Need.NONNEGATIVE and not self._is_nonzero(part):
                    result.append((part if part.leading_coefficient() > 0 else -part, Need.NONZERO))
                sign *= found if found and times % 2 else 1
        if not odd.is_one():
            result.append((odd * sign, need))
        return result

    def _is_nonzero(self, part: Poly) -> bool:
        """Whether a symbol is declared not to be zero."""
        kernel = self.field.kernels[self.field.used(part)[0]]
        alone = len(part) == 1 and part.total_degree() == 1 and kernel.kind == "symbol"
        return alone and declaration(self.domains.get(kernel.data, "real")).nonzero

    def _simpler(self, converter: Converter, part: Poly) -> Poly:
        """A polynomial that vanishes at the same places, with the same sign: what stands below a root."""
        larger, strict = converter.signs.dominant(part)
        if larger is not None and strict:
            return larger
        if (norm := self._norm(converter, part)) is not None:
            return norm
        places = self.field.used(part)
        kernel = self.field.kernels[places[0]]
        alone = len(part) == 1 and len(places) == 1
        if alone and kernel.kind == "log" and converter.signs.sign(kernel.inner[0].top)[0] > 0:
            return kernel.inner[0].top - self.field.unit  # log u has the sign of u - 1
        if alone and kernel.kind == "root":
            return self._simpler(converter, kernel.inner[0].top) if kernel.symbols else part
        return part

    def _norm(self, converter: Converter, part: Poly) -> Poly | None:
        """``x - 1`` for ``sqrt x - 1``, where ``sqrt x + 1`` cannot vanish, with the sign of the part."""
        degrees = part.degrees()
        for place, (degree, _) in self.field.relations.items():
            if degree != 2 or degrees[place] != 1 or len(part) < 2:
                continue
            conjugate = self.field.mirrored(part, place)
            sign, strict = converter.signs.sign(conjugate)
            if strict:
                norm = self.field.reduced(part * conjugate) * sign
                parts = self.field.factors(norm)[1]
                return norm if len(parts) == 1 and parts[0][1] == 1 else None
        return None

    def _knowing(self, wanted: Wanted) -> Converter:
        """A converter that takes the other side's needs as facts."""
        converter = Converter(self.field, self.domains)
        positive = [(Element(p, self.field.unit), need) for p, need in wanted.values() if need is not Need.NONZERO]
        try:
            while any(learn_positive(converter, e, need is Need.POSITIVE) for e, need in positive):
                pass
        except Infeasible:
            pass
        return converter

    def _implied(self, knowing: Converter, other: Wanted, poly: Poly, need: Need) -> bool:
        """Whether the other side's needs imply this one."""
        sign, strict = 1, True
        never_zero = self._factors(p for p, n in other.values() if n is not Need.NONNEGATIVE)
        same = other.get(Key(poly))
        if same is not None and same[1] in (need, Need.POSITIVE):
            return True
        for part, times in self.field.factors(poly)[1]:
            found, certain = knowing.signs.sign(part)
            strict = strict and (certain or Key(part) in never_zero)
            sign *= found if times % 2 else 1
        sign *= 1 if self.field.factors(poly)[0] > 0 else -1
        if need is Need.NONZERO:
            return strict
        return sign > 0 and (strict or need is Need.NONNEGATIVE)

    def _factors(self, polys: Iterable[Poly]) -> set[Key]:
        return {Key(part) for p in polys for part, _ in self.field.factors(p)[1]}
