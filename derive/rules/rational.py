"""Rational functions: common denominator, lowest terms, factors, by exact polynomial arithmetic.

An expression is seen as a fraction of two polynomials over its *atoms* (letters, exponentials, roots, function
values); python-flint does the arithmetic. Called by :mod:`derive.rules.forms` for its laws and by
:mod:`derive.goals` to solve a definition for what it contains. The verifier has its own conversion and does not
import this one.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Any, TypeAlias

import flint

from derive.errors import LimitError, MathError
from derive.limits import EXPANSION_TERMS
from derive.rules.monomials import Monomial, arranged, build, join, split, terms_of
from derive.tree import (
    ONE,
    Call,
    Constant,
    E,
    Node,
    Power,
    Root,
    Sum,
    Symbol,
    contains,
    free_symbols,
    map_children,
    number,
)

Poly: TypeAlias = Any  # flint.fmpq_mpoly, which has no type stubs
Ring: TypeAlias = Any  # flint.fmpq_mpoly_ctx


@dataclass(frozen=True, slots=True)
class Atoms:
    """The atoms of an expression, each with the smallest power of it that occurs."""

    steps: dict[Node, Fraction]

    @property
    def ring(self) -> Ring:
        """Polynomials in the atoms, highest powers of the first ones first."""
        return flint.fmpq_mpoly_ctx.get([f"a{i}" for i in range(max(1, len(self.steps)))], "lex")


def atoms(*nodes: Node, upright: bool = False) -> Atoms:
    """The atoms of several expressions together.

    Exponentials that only occur inverted count as their inverse, so that ``1 + e^{-x}`` stays as it is; with
    ``upright`` they never do, so that equal expressions have the same atoms.
    """
    found: dict[Node, list[Fraction]] = {}
    for node in nodes:
        _gather(node, found)
    ordered = sorted(found.items(), key=lambda item: _weight(item[0]))
    return Atoms({base: _step(base, exponents, upright) for base, exponents in ordered})


def _weight(base: Node) -> int:
    return 0 if isinstance(base, Symbol) else 1 if not isinstance(base, Constant) else 2


def _gather(node: Node, found: dict[Node, list[Fraction]]) -> None:
    for term in terms_of(node):
        for base, exponent in split(term).powers.items():
            if isinstance(exponent, Fraction) and exponent.denominator == 1 and isinstance(base, Sum):
                _gather(base, found)
            elif isinstance(exponent, Fraction):
                found.setdefault(base, []).append(exponent)
            else:
                found.setdefault(Power(base, exponent), []).append(Fraction(1))


def _step(base: Node, exponents: list[Fraction], upright: bool) -> Fraction:
    size = Fraction(1, lcm(*(e.denominator for e in exponents)))
    inverted = isinstance(base, Power) and base.base == E and all(e <= 0 for e in exponents)
    inverted = inverted and not upright
    return -size if inverted else size


def fraction(node: Node, among: Atoms) -> tuple[Poly, Poly]:
    """Numerator and denominator, without a common factor.

    LimitError when they grow too large, MathError where a denominator is zero.
    """
    ring = among.ring
    top, bottom = ring.constant(0), ring.constant(1)
    for term in terms_of(node):
        above, below = _term(split(term), among)
        if below.is_zero():
            raise MathError("a denominator is zero")
        top, bottom = _lowest(top * below + above * bottom, bottom * below)
    return top, bottom


def _term(monomial: Monomial, among: Atoms) -> tuple[Poly, Poly]:
    ring = among.ring
    value = monomial.coefficient
    above, below = ring.constant(flint.fmpq(value.numerator, value.denominator)), ring.constant(1)
    for base, exponent in monomial.powers.items():
        if isinstance(exponent, Fraction) and exponent.denominator == 1 and isinstance(base, Sum):
            top, bottom = fraction(base, among)
            count = int(exponent)
        else:
            top, bottom = _generator(base, exponent, among), ring.constant(1)
            count = int(exponent / among.steps[base]) if isinstance(exponent, Fraction) else 1
        if count < 0:
            top, bottom, count = bottom, top, -count
        above, below = above * _power(top, count), below * _power(bottom, count)
        if len(above) > EXPANSION_TERMS or len(below) > EXPANSION_TERMS:
            raise LimitError("the multiplied-out expression has too many terms")
    return above, below


def _power(poly: Poly, count: int) -> Poly:
    if len(poly) > 1 and len(poly) ** min(count, 12) > EXPANSION_TERMS**2:
        raise LimitError("the multiplied-out expression has too many terms")
    return poly**count


def _generator(base: Node, exponent: Fraction | Node, among: Atoms) -> Poly:
    key = base if isinstance(exponent, Fraction) else Power(base, exponent)
    return among.ring.gens()[list(among.steps).index(key)]


def _lowest(top: Poly, bottom: Poly) -> tuple[Poly, Poly]:
    if bottom.is_zero():
        return top, bottom
    shared = top.gcd(bottom)
    if not shared.is_constant() and not shared.is_zero():
        top, bottom = top / shared, bottom / shared
    return top, bottom


# --- writing polynomials ----------------------------------------------------------------------------


def written(poly: Poly, among: Atoms) -> Node:
    """A polynomial as a sum; a constant first where that avoids a leading minus sign."""
    terms = [build(_monomial(exponents, value, among)) for exponents, value in poly.terms()]
    return join(terms)


def _monomial(exponents: tuple[int, ...], value: Any, among: Atoms) -> Monomial:
    made = Monomial(Fraction(int(value.p), int(value.q)))
    for (base, step), count in zip(among.steps.items(), exponents, strict=False):
        if count:
            made.multiply(base, step * int(count))
    return made


def lowest_terms(node: Node) -> Node:
    """The expression as one fraction of multiplied-out polynomials with whole coefficients, in lowest terms.

    Two expressions that are equal as rational functions of their atoms give the same tree.
    """
    among = atoms(node, upright=True)
    top, bottom = _whole(*fraction(node, among))
    above, below = written(top, among), written(bottom, among)
    return above if below == ONE else _over(above, below)


def factors(node: Node) -> Node:
    """The expression as one fraction of factored polynomials, in lowest terms."""
    among = atoms(node)
    return _ratio(*fraction(node, among), among)


def _factored(poly: Poly, among: Atoms) -> tuple[Monomial, bool]:
    """A polynomial as a monomial of its factors, each written with a positive first term; whether signs flipped."""
    content, parts = poly.factor()
    made = Monomial(Fraction(int(content.p), int(content.q)))
    flipped = False
    for part, count in parts:
        part, unit = _positive_first(part)
        flipped ^= unit < 0 and count % 2 == 1
        made = made.times(_as_monomial(part, among).raised(Fraction(int(count))))
    return made, flipped


def _as_monomial(part: Poly, among: Atoms) -> Monomial:
    node = written(part, among)
    return Monomial(powers={node: Fraction(1)}) if isinstance(node, Sum) else split(node)


def _positive_first(part: Poly) -> tuple[Poly, int]:
    """``1 - s`` rather than ``s - 1``: the term of lowest degree is positive."""
    *_, (_, lowest) = part.terms()
    return (-part, -1) if lowest < 0 else (part, 1)


def _whole(top: Poly, bottom: Poly) -> tuple[Poly, Poly]:
    """Both with whole coefficients without a common divisor, the denominator's first one positive."""
    scale = Fraction(1)
    for poly in (top, bottom):
        for _, value in poly.terms():
            scale *= Fraction(lcm((scale * Fraction(int(value.p), int(value.q))).denominator, 1))
    numbers = [int(Fraction(int(v.p), int(v.q)) * scale) for poly in (top, bottom) for _, v in poly.terms()]
    divisor = flint.fmpz(0)
    for n in numbers:
        divisor = divisor.gcd(flint.fmpz(n))
    sign = -1 if next(iter(bottom.terms()))[1] < 0 else 1
    by = flint.fmpq(scale.numerator * sign, scale.denominator * int(divisor or 1))
    return top * by, bottom * by


def _over(above: Node, below: Node) -> Node:
    return build(Monomial(powers={above: Fraction(1)}).times(Monomial(powers={below: Fraction(1)}), -1)) if isinstance(
        above, Sum
    ) else build(split(above).times(_whole_base(below), -1))


def _whole_base(node: Node) -> Monomial:
    return Monomial(powers={node: Fraction(1)}) if isinstance(node, Sum) else split(node)


# --- solving a definition ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Solution:
    """``unknown = value``, where the unknown is a power of one atom: ``e^{-x} = (1 - s)/s``."""

    base: Node
    exponent: Fraction
    value: Node

    @property
    def unknown(self) -> Node:
        """The unknown as it is written."""
        return build(Monomial(powers={self.base: self.exponent}))

    def power(self, exponent: Fraction | Node) -> Node | None:
        """What the atom to an exponent is, when that is a whole power of the unknown."""
        times_ = exponent / self.exponent if isinstance(exponent, Fraction) else Fraction(1, 2)
        if times_.denominator != 1:
            return None
        return self.value if times_ == 1 else Power(self.value, number(times_))


def solve_for_power(letter: Symbol, definition: Node) -> Solution | None:
    """Solve ``letter = definition`` for the one atom in it, when a power of that occurs linearly."""
    among = atoms(definition)
    if len(among.steps) != 1:
        return None
    base, step = next(iter(among.steps.items()))
    both = Atoms({base: step, letter: Fraction(1)})
    top, bottom = fraction(definition, both)
    equation = _generator(letter, Fraction(1), both) * bottom - top
    power = gcd(*(int(exponents[0]) for exponents, _ in equation.terms()))
    if power == 0 or any(int(exponents[0]) not in (0, power) for exponents, _ in equation.terms()):
        return None
    constant = both.ring.from_dict({e: v for e, v in equation.terms() if e[0] == 0})
    slope = both.ring.from_dict({(0, e[1]): v for e, v in equation.terms() if e[0] == power})
    return Solution(base, step * power, _ratio(-constant, slope, both))


def _ratio(top: Poly, bottom: Poly, among: Atoms) -> Node:
    top, bottom = _lowest(top, bottom)
    above, flipped = _factored(top, among)
    below, flipped_below = _factored(bottom, among)
    made = above.times(below, -1)
    made.coefficient *= -1 if flipped != flipped_below else 1
    return arranged(made)


def put_in(node: Node, solution: Solution) -> Node:
    """Powers of the unknown replaced; a sum in nothing else is replaced as a whole by what it comes to."""
    if isinstance(node, Sum) and set(atoms(node).steps) == {solution.base}:
        plain = Sum(tuple(_put_in_term(t, solution) for t in node.terms))
        return plain if contains(plain, solution.base) else factors(plain)
    return _put_in_term(node, solution)


def _put_in_term(node: Node, solution: Solution) -> Node:
    monomial = split(node) if isinstance(node, (Power, Symbol, Root, Call)) else None
    if monomial is not None and list(monomial.powers) == [solution.base] and monomial.coefficient == 1:
        replaced = solution.power(monomial.powers[solution.base])
        if replaced is not None:
            return replaced
    return map_children(node, lambda child: put_in(child, solution))


def coefficients(node: Node, variable: Symbol) -> tuple[Node, Fraction, dict[int, Node]] | None:
    """A polynomial in the one atom that contains the variable: the atom, its power, the coefficient of each degree.

    None when the expression has a denominator or when several atoms contain the variable.
    """
    among = atoms(node)
    containing = [base for base in among.steps if variable in free_symbols(base)]
    top, bottom = fraction(node, among)
    if len(containing) != 1 or not bottom.is_constant():
        return None
    place = list(among.steps).index(containing[0])
    by_degree: dict[int, Any] = {}
    for exponents, value in (top / bottom).terms():
        rest = tuple(0 if i == place else e for i, e in enumerate(exponents))
        by_degree.setdefault(int(exponents[place]), {})[rest] = value
    made = {degree: written(among.ring.from_dict(terms), among) for degree, terms in by_degree.items()}
    return containing[0], among.steps[containing[0]], made
