"""Derivatives in index notation: the entry of a gradient is the derivative by an entry.

``dX_{ij}/dX_{kl}`` is 1 where the indices agree, ``dK = -K dS K`` for ``K = S^{-1}``, ``d det S`` is Jacobi's
``det S tr(S^{-1} dS)``, and functions follow the chain rule; the product rule does the rest. The entries of the
variable count as independent, also where it is symmetric (the usual convention; Petersen and Pedersen, The Matrix
Cookbook, section 2). Called by :mod:`matrixalgebra`; independent of the rules that derivations are made with.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.tree import Symbol
from derive.verify.contractions import FORMAL, Entries, Factor, Head, Mono, Networks, Poly, Scalar
from derive.verify.signals import Undecidable

if TYPE_CHECKING:
    from derive.verify.matrixalgebra import Algebra

EntriesAt = Callable[[tuple[int, ...]], Poly]
"""The entries of something at given indices."""
OfFactor = Callable[[str, tuple[int, ...]], Poly]
OfScalar = Callable[[str], Poly]


def derived(algebra: Algebra, p: Poly, key: str, by: tuple[int, ...]) -> Poly:
    """The derivative of a sum of terms by the entry ``by`` of the letter ``key``."""
    return _Derivation(algebra, key, by).of(p)


def replaced(algebra: Algebra, p: Poly, key: str, value: EntriesAt) -> Poly:
    """The sum of terms with a letter replaced everywhere."""
    return _Replacement(algebra, key, value).of(p)


def opened(net: Networks, mono: Mono) -> tuple[tuple[tuple[str, int], ...], list[Factor], list[tuple[int, object]]]:
    """A term with its summed indices made free, and the length of each."""
    scalars, factors = mono
    names: dict[int, int] = {}
    sides: list[tuple[int, object]] = []
    for key, slots in factors:
        for place, i in enumerate(slots):
            if i >= 0 and i not in names:
                names[i] = net.fresh()
                sides.append((names[i], net.heads[key].sides[place]))
    return scalars, [(key, tuple(names.get(i, i) for i in slots)) for key, slots in factors], sides


def closed(net: Networks, p: Poly, sides: list[tuple[int, object]]) -> Poly:
    """The indices that :func:`opened` made free are summed over again."""
    for index, side in sides:
        p = net.summed(p, index, side)  # type: ignore[arg-type]
    return p


class _TermByTerm:
    """What is done to a polynomial one term after the other: ``_mono`` says what becomes of a term."""

    def __init__(self, algebra: Algebra, key: str) -> None:
        self.algebra, self.net, self.key = algebra, algebra.net, key

    def of(self, p: Poly) -> Poly:
        """The whole polynomial."""
        result: Poly = {}
        for mono, c in p.items():
            result = self.net.plus(result, self.net.scaled(self._mono(mono), c))
        return result

    def _mono(self, mono: Mono) -> Poly:
        raise NotImplementedError


class _Derivation(_TermByTerm):
    def __init__(self, algebra: Algebra, key: str, by: tuple[int, ...]) -> None:
        super().__init__(algebra, key)
        self.by = by

    def _mono(self, mono: Mono) -> Poly:
        """The product rule."""
        scalars, factors, sides = opened(self.net, mono)
        result: Poly = {}
        for k, (key, n) in enumerate(scalars):
            slope = self._scalar(self.net.scalars[key])
            if slope:
                powers = dict((*scalars[:k], (key, n - 1), *scalars[k + 1 :]))
                rest = self.net.term(Fraction(n), powers, factors)
                result = self.net.plus(result, closed(self.net, self.net.times(rest, slope), sides))
        for k, (key, slots) in enumerate(factors):
            slope = self._factor(key, slots)
            if slope:
                rest = self.net.term(Fraction(1), dict(scalars), factors[:k] + factors[k + 1 :])
                result = self.net.plus(result, closed(self.net, self.net.times(rest, slope), sides))
        return result

    def _factor(self, key: str, slots: tuple[int, ...]) -> Poly:
        head = self.net.heads[key]
        if key == self.key:
            places = zip(head.sides, slots, self.by, strict=True)
            deltas: list[Factor] = [(self.net.delta(s), (i, j)) for s, i, j in places]
            return self.net.term(Fraction(1), {}, deltas)
        if head.kind == "inverse":
            return self._inverse(head, slots)
        if head.kind == "expectation" and self.of(head.inner):
            raise Undecidable("a derivative under an expectation")
        if head.applied is not None:
            inner = self.of(head.applied.inner)
            if not inner:
                return {}
            slope = self.net.times(self.algebra.derivative_of(head.applied, head.sides), inner)
            return self.net.renamed(slope, dict(zip(FORMAL, slots, strict=False)))
        return {}

    def _inverse(self, head: Head, slots: tuple[int, ...]) -> Poly:
        inner = self.of(head.inner)
        if not inner:
            return {}
        a, b = self.net.fresh(), self.net.fresh()
        left, right = self.net.entry(head.key, slots[0], a), self.net.entry(head.key, b, slots[1])
        product = self.net.times(self.net.times(left, self.net.renamed(inner, {-1: a, -2: b})), right)
        return self.net.scaled(closed(self.net, product, [(a, head.sides[0]), (b, head.sides[0])]), -1)

    def _scalar(self, scalar: Scalar) -> Poly:
        match scalar.kind:
            case "symbol":
                return self.net.constant(1) if scalar.key == self.key else {}
            case "network":
                return self._mono(((), scalar.factors))
            case "function":
                assert scalar.applied is not None
                inner = self.of(scalar.applied.inner)
                return self.net.times(self.algebra.derivative_of(scalar.applied, ()), inner) if inner else {}
            case "determinant":
                return self._determinant(scalar)
            case "side power" | "expectation" if self.of(scalar.inner):
                raise Undecidable(f"a derivative of a {scalar.kind}")
        return {}

    def _determinant(self, scalar: Scalar) -> Poly:
        """Jacobi's formula."""
        inner = self.of(scalar.inner)
        if not inner:
            return {}
        side = next(
            self.net.heads[k].sides[slots.index(i)]
            for _, factors in scalar.inner for k, slots in factors for i in slots if i < 0
        )  # fmt: skip
        a, b = self.algebra.index(side), self.algebra.index(side)
        inverse = self.algebra.inverse(Entries(self.net.renamed(scalar.inner, {-1: a, -2: b}), a, b))
        product = self.net.times(inverse.poly, self.net.renamed(inner, {-1: b, -2: a}))
        traced = closed(self.net, product, [(a, side), (b, side)])
        return self.net.times({(((scalar.key, 1),), ()): Fraction(1)}, traced)


class _Replacement(_TermByTerm):
    def __init__(self, algebra: Algebra, key: str, value: EntriesAt) -> None:
        super().__init__(algebra, key)
        self.value = value

    def _mono(self, mono: Mono) -> Poly:
        scalars, factors, sides = opened(self.net, mono)
        result = self.net.constant(1)
        for key, n in scalars:
            result = self.net.times(result, self._scalar(self.net.scalars[key], n))
        for key, slots in factors:
            result = self.net.times(result, self._factor(key, slots))
        return closed(self.net, result, sides)

    def _factor(self, key: str, slots: tuple[int, ...]) -> Poly:
        head = self.net.heads[key]
        if key == self.key:
            return self.value(slots)
        if head.kind == "inverse":
            return self._inverse(head, slots)
        if head.kind == "expectation" and self.of(head.inner) != head.inner:
            raise Undecidable("a value put in under an expectation")
        if head.applied is not None:
            self.algebra.sides.update(zip(FORMAL, head.sides, strict=False))
            inner = self.of(head.applied.inner)
            if inner != head.applied.inner:
                made = self.algebra.reapplied(head.applied, inner)
                return self.net.renamed(made, dict(zip(FORMAL, slots, strict=False)))
        return self.net.entry(key, *slots)

    def _inverse(self, head: Head, slots: tuple[int, ...]) -> Poly:
        inner = self.of(head.inner)
        if inner == head.inner:
            return self.net.entry(head.key, *slots)
        row, column = self.algebra.index(head.sides[0]), self.algebra.index(head.sides[0])
        made = self.algebra.inverse(Entries(self.net.renamed(inner, {-1: row, -2: column}), row, column))
        return self.net.renamed(made.poly, {row: slots[0], column: slots[1]})

    def _scalar(self, scalar: Scalar, n: int) -> Poly:
        match scalar.kind:
            case "symbol" if scalar.key == self.key:
                return self.algebra.power(self.value(()), Fraction(n))
            case "network":
                new = self._mono(((), scalar.factors))
                return self.algebra.power(new, Fraction(n))
            case "function":
                assert scalar.applied is not None
                inner = self.of(scalar.applied.inner)
                if inner != scalar.applied.inner:
                    return self.algebra.power(self.algebra.reapplied(scalar.applied, inner), Fraction(n))
            case "expectation" if self.of(scalar.inner) != scalar.inner:
                raise Undecidable("a value put in under an expectation")
            case "determinant":
                inner = self.of(scalar.inner)
                if inner != scalar.inner:
                    return self.algebra.power(self._determinant(inner, scalar), Fraction(n))
        return {(((scalar.key, n),), ()): Fraction(1)}

    def _determinant(self, inner: Poly, scalar: Scalar) -> Poly:
        side = next(
            self.net.heads[k].sides[slots.index(i)]
            for _, factors in inner for k, slots in factors for i in slots if i < 0
        )  # fmt: skip
        row, column = self.algebra.index(side), self.algebra.index(side)
        matrix = Entries(self.net.renamed(inner, {-1: row, -2: column}), row, column)
        return self.algebra.determinant(matrix, scalar.node or matrix_name())


def matrix_name() -> Symbol:
    """What stands for a matrix without a name in messages."""


    return Symbol("M")
