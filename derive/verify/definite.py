"""Which matrices are certainly positive definite or semidefinite by how they are written: ``X^T X + lambda I``.

Called by :mod:`abstract`, for a positive definite matrix has an inverse, and by :mod:`vectorminima`, for its quadratic
form is convex. A new form is a case of :func:`definiteness`.

Source: Horn and Johnson, Matrix Analysis (2013), section 7.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from derive.tree import Node, Power, Product, Quotient, Sum, Symbol, Transpose, whole
from derive.verify.requirements import Sight, at_sight

OfLetter = Callable[[Symbol], Sight | None]
"""What is declared of a letter for a matrix; None for one that is no matrix."""


def definiteness(node: Node, of_letter: OfLetter, domains: Mapping[Symbol, str]) -> Sight:
    """POSITIVE for a definite matrix, NONNEGATIVE for a semidefinite one, else UNKNOWN."""
    match node:
        case Symbol():
            return of_letter(node) or Sight.UNKNOWN
        case Sum(terms):
            seen = [definiteness(t, of_letter, domains) for t in terms]
            return max(seen) if min(seen) else Sight.UNKNOWN
        case Product(factors):
            return _of_product(list(factors), of_letter, domains)
        case Quotient(top, bottom):
            above = definiteness(top, of_letter, domains)
            return above if at_sight(bottom, domains) is Sight.POSITIVE else Sight.UNKNOWN
        case Power(base, exponent) if whole(exponent) == -1:
            return Sight.POSITIVE if definiteness(base, of_letter, domains) is Sight.POSITIVE else Sight.UNKNOWN
    return Sight.UNKNOWN


def _of_product(factors: list[Node], of_letter: OfLetter, domains: Mapping[Symbol, str]) -> Sight:
    """A number times a matrix, and ``A^T M A`` for a semidefinite M, or none in the middle."""
    front = Sight.POSITIVE
    while factors and _is_number(factors[0], of_letter) and (sight := at_sight(factors[0], domains)):
        front, factors = min(front, sight), factors[1:]
    if len(factors) == 1:
        return min(front, definiteness(factors[0], of_letter, domains))
    inner = Sight.POSITIVE
    while len(factors) > 1 and factors[0] in (Transpose(factors[-1]), _untransposed(factors[-1])):
        factors, inner = factors[1:-1], Sight.NONNEGATIVE
    if inner is Sight.POSITIVE or len(factors) > 1:
        return Sight.UNKNOWN
    return min(front, inner, definiteness(factors[0], of_letter, domains)) if factors else min(front, inner)


def _untransposed(node: Node) -> Node | None:
    return node.operand if isinstance(node, Transpose) else None


def _is_number(node: Node, of_letter: OfLetter) -> bool:
    """Whether nothing in a factor is a matrix or vector: what is not known to be a number is none."""
    match node:
        case Symbol():
            return of_letter(node) is None
        case Transpose():
            return False
    return all(_is_number(part, of_letter) for part in _parts(node))


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Product(parts) | Sum(parts):
            return parts
        case Quotient(top, bottom):
            return top, bottom
        case Power(base, exponent):
            return base, exponent
    return ()
