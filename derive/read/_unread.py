r"""Commands that people write and that have no node: each is refused with what to write instead.

A row of :data:`UNREAD` goes when the construct is read.
"""

from __future__ import annotations

from derive.read._parser import Parser
from derive.tree import Node

_ARGMIN = "argmin and argmax are not read"
_INTEGRALS = "write one \\int for each variable"

UNREAD: dict[str, tuple[str, str]] = {
    r"\|": ("norms are not read", "write the square of a norm as a sum of squares"),
    r"\langle": ("inner products are not read", "write the sum, or a product with \\top"),
    r"\odot": ("elementwise products are not read", ""),
    r"\otimes": ("tensor products are not read", ""),
    r"\circ": ("compositions and degrees are not read", "write f(g(x))"),
    r"\mid": ("conditions are not read", "for an absolute value write |x|"),
    r"\sim": ("distributions are not read", ""),
    r"\arg": (_ARGMIN, ""),
    r"\argmin": (_ARGMIN, ""),
    r"\argmax": (_ARGMIN, ""),
    r"\underset": (_ARGMIN, ""),
    r"\sup": ("suprema are not read", ""),
    r"\inf": ("infima are not read", ""),
    r"\Pr": ("probabilities are not read", ""),
    r"\pm": ("two values at once are not read", "write the two formulas"),
    r"\mp": ("two values at once are not read", "write the two formulas"),
    r"\dots": ("an ellipsis is not read", "write the sum with \\sum"),
    r"\over": ("\\over is not read", "write \\frac{…}{…}"),
    r"\atop": ("\\atop is not read", ""),
    r"\choose": ("binomial coefficients are not read", ""),
    r"\binom": ("binomial coefficients are not read", ""),
    r"\iint": ("multiple integrals are read one by one", _INTEGRALS),
    r"\iiint": ("multiple integrals are read one by one", _INTEGRALS),
    r"\oint": ("contour integrals are not read", ""),
    r"\not": ("crossed-out signs are not read", "write \\ne"),
    r"\notin": ("\\notin is not read", ""),
    r"\partial": ("a round d stands in a fraction", "write \\frac{\\partial u}{\\partial x}"),
    r"\lfloor": ("rounding down is not read", ""),
    r"\lceil": ("rounding up is not read", ""),
    r"\mapsto": ("\\mapsto is not read", "write f(x) = …"),
    r"\emptyset": ("the empty set is not read", ""),
    r"\forall": ("quantifiers are not read", ""),
    r"\exists": ("quantifiers are not read", ""),
}


def refuse(p: Parser) -> Node:
    """The refusal of a row."""
    problem, hint = UNREAD[p.token.key]
    raise p.fail(problem, hint)
