"""Functions of which a zero of the slope is the least value: those that are convex in one letter.

``f >= 0`` follows where f is convex in a letter on the whole interval of its domain, has no slope at some place, and is
not negative there: ``e^x - x - 1`` at 0, the divergence of two coins p and q at p = q. The place is a short number or
another letter of the same domain. Nothing is concluded for a function that has no value at some places of the interval:
it may fall without end behind a pole. Called by :mod:`inequality` for what no exact sign shows, and by :mod:`optima`.

Source: Boyd and Vandenberghe, Convex Optimization (2004), section 3.1.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from derive.declarations import Declaration, declaration
from derive.steps import Status
from derive.tree import (
    ZERO,
    Call,
    Constant,
    E,
    Indexed,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    SumOver,
    Symbol,
    number,
    substitute,
    whole,
)
from derive.verify.core import DerivativeAt, free_symbols, fresh, walk
from derive.verify.domains import whole_symbols
from derive.verify.equality import equality
from derive.verify.requirements import Need, open_needs, requirements
from derive.verify.signals import Clock

_LETTERS = 3  # of a statement
_PLACES = tuple(Fraction(n, d) for n, d in ((0, 1), (1, 1), (1, 2), (-1, 1), (2, 1), (1, 4)))
_SMOOTH = (Number, Symbol, Constant, Sum, Negative, Product, Quotient, Power, Root, SumOver, Indexed)
_FUNCTIONS = frozenset({"exp", "log", "sin", "cos", "arctan", "erf"})
_SIGNS = {Need.POSITIVE: ">", Need.NONNEGATIVE: ">=", Need.NONZERO: "!="}
Domains = Mapping[Symbol, str]
Proved = Callable[[Node, Node, str], bool]
"""Whether an inequality between two expressions is proved, by exact signs."""


def by_tangent(a: Node, b: Node, sign: str, domains: Domains, clock: Clock, proved: Proved) -> bool:
    """Whether ``a sign b`` follows from the least value of their difference."""
    larger, smaller = (a, b) if sign in (">", ">=") else (b, a)
    if sign == "!=" or len(free_symbols(a) | free_symbols(b)) > _LETTERS:
        return False
    f = Sum((larger, Negative(smaller)))
    if not is_smooth(f, domains, proved):
        return False
    letters = sorted(free_symbols(f), key=lambda s: s.plain)
    return any(_least_there(f, s, letters, sign, domains, clock, proved) for s in letters)


def _least_there(
    f: Node, letter: Symbol, letters: list[Symbol], sign: str, domains: Domains, clock: Clock, proved: Proved
) -> bool:
    if interval_of(letter, domains) is None or not proved(slope(f, letter, 2), ZERO, ">="):
        return False
    for place in _places(letter, letters, domains):
        clock.check()
        lowest = substitute(f, {letter: place})
        strict = sign in ("<", ">")
        if not proved(lowest, ZERO, ">") and (
            strict or equality(lowest, ZERO, domains, clock).status is not Status.PROVED
        ):
            continue
        if equality(slope_at(f, letter, place), ZERO, domains, clock).status is Status.PROVED:
            return True
    return False


def _places(letter: Symbol, letters: list[Symbol], domains: Domains) -> Iterator[Node]:
    """Members of the letter's domain."""
    own = domains.get(letter, "real")
    yield from (s for s in letters if s != letter and domains.get(s, "real") == own)
    declared = declaration(own)
    yield from (number(v) for v in _PLACES if declared.allows(v))


def interval_of(letter: Symbol, domains: Domains) -> Declaration | None:
    """The domain of a letter, where that is an interval of real numbers."""
    declared = declaration(domains.get(letter, "real"))
    return declared if declared.kind == "number" and not declared.whole and not declared.nonzero else None


def is_smooth(f: Node, domains: Domains, proved: Proved, letters: frozenset[Symbol] | None = None) -> bool:
    """Whether an expression has a value, and no kink, everywhere in the declared domain.

    With ``letters`` only for these: what is needed of others alone is left out.
    """
    def concerns(node: Node) -> bool:
        return letters is None or not letters.isdisjoint(free_symbols(node))

    if not all(isinstance(p, _SMOOTH) or (isinstance(p, Call) and p.name in _FUNCTIONS) or not concerns(p)
               for p in walk(f)):
        return False
    integers = whole_symbols(domains)
    bodies = (p.body for p in walk(f) if isinstance(p, SumOver))  # what is needed below a sum is asked for each term
    needed = open_needs((r for part in (f, *bodies) for r in requirements(part, integers)), domains)
    return all(proved(r.node, ZERO, _SIGNS[r.need]) for r in needed if concerns(r.node)) and all(
        proved(u, ZERO, ">") for u in _with_cusps(f) if concerns(u))


def _with_cusps(f: Node) -> Iterator[Node]:
    """What is raised to a broken power, which has a cusp or an end where it vanishes."""
    for p in walk(f):
        match p:
            case Root(radicand):
                yield radicand
            case Power(base, exponent) if base != E and whole(exponent) is None:
                yield base


def slope(f: Node, letter: Symbol, order: int = 1) -> Node:
    """A derivative by a letter."""
    return slope_at(f, letter, letter, order)


def slope_at(f: Node, letter: Symbol, place: Node, order: int = 1) -> Node:
    """A derivative by a letter at a place."""
    inner = fresh(0, "d")
    return DerivativeAt(substitute(f, {letter: inner}), inner, order, place)
