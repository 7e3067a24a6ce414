"""Functions whose least value is known: by a zero of the slope, or by what they tend to at an end of an interval.

``f >= 0`` follows where one letter runs over an interval on which f is smooth, and

* f has no slope at some place and is convex there and everywhere: ``e^x - x - 1`` at 0;
* or its slope changes its sign at that place only, from minus to plus: ``1/e - x e^{-x}`` at 1;
* or its slope has one sign, and f tends to nothing negative at the end that it rises from: ``x - sin x`` at 0;

and f is not negative at that place, which is asked in the same way with one letter less. The place is a short number,
a power of e, or made of another letter, in the letter's domain. Instead of both sides their logarithms may be compared.
Nothing is concluded for a function that has no value at some places of the interval: it may fall without end behind a
pole. Called by :mod:`inequality` for what no exact sign shows, and by :mod:`optima`.

Source: Boyd and Vandenberghe, Convex Optimization (2004), section 3.1.3, for the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from derive.declarations import Declaration, declaration
from derive.steps import Status
from derive.tree import (
    INFINITY,
    ONE,
    ZERO,
    Call,
    Constant,
    E,
    Indexed,
    Limit,
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

_LETTERS = 4  # of a statement
_PLACES = tuple(Fraction(n, d) for n, d in ((0, 1), (1, 1), (1, 2), (-1, 1), (2, 1), (1, 4), (3, 1), (4, 1)))
_POWERS = tuple(Power(E, number(Fraction(n, 2))) for n in (2, -2, 1, -1, 4, -4))
_FAR = Fraction(8)  # beyond them
_DEPTH = 3  # slopes whose sign is found in the same way
_SMOOTH = (Number, Symbol, Constant, Sum, Negative, Product, Quotient, Power, Root, SumOver, Indexed, DerivativeAt)
_FUNCTIONS = frozenset({"exp", "log", "sin", "cos", "arctan", "erf"})
_SIGNS = {Need.POSITIVE: ">", Need.NONNEGATIVE: ">=", Need.NONZERO: "!="}
Domains = Mapping[Symbol, str]
Proved = Callable[[Node, Node, str], bool]
"""Whether an inequality between two expressions is proved, by exact signs."""


def by_tangent(a: Node, b: Node, sign: str, domains: Domains, clock: Clock, proved: Proved) -> bool:
    """Whether ``a sign b`` follows from the least value of their difference, or of that of their logarithms."""
    if sign == "!=" or len(free_symbols(a) | free_symbols(b)) > _LETTERS:
        return False
    larger, smaller = (a, b) if sign in (">", ">=") else (b, a)
    least = _Least(domains, clock, proved, sign in ("<", ">"))
    if least.is_above(Sum((larger, Negative(smaller)))):
        return True
    if not any(map(_is_exponential, (larger, smaller))) or not all(proved(n, ZERO, ">") for n in (larger, smaller)):
        return False
    return least.is_above(Sum((Call("log", (larger,)), Negative(Call("log", (smaller,))))))


def _is_exponential(node: Node) -> bool:
    return any(isinstance(f, Power) and f.base == E for f in (node.factors if isinstance(node, Product) else (node,)))


@dataclass(frozen=True, slots=True)
class _Least:
    """Whether expressions are nowhere negative (``strict``: positive everywhere), by the least value in one letter."""

    domains: Domains
    clock: Clock
    proved: Proved
    strict: bool
    depth: int = _DEPTH

    def is_above(self, f: Node) -> bool:
        """Whether it is shown by one of the letters."""
        if not is_smooth(f, self.domains, self.proved):
            return False
        letters = sorted(free_symbols(f), key=lambda s: s.plain)
        return any(self._is_above_by(f, s, letters) for s in letters)

    def _is_above_by(self, f: Node, letter: Symbol, letters: list[Symbol]) -> bool:
        declared = interval_of(letter, self.domains)
        if declared is None:
            return False
        rises = slope(f, letter)
        for place in self._places(letter, declared, letters):
            self.clock.check()
            if self._is_zero(slope_at(f, letter, place)) and self._is_least(f, rises, letter, place):
                return self._is_above_at(f, letter, place)
        return self._is_above_from_an_end(f, rises, letter, declared)

    def _is_least(self, f: Node, rises: Node, letter: Symbol, place: Node) -> bool:
        """Whether a function without slope at a place is least there."""
        away = Product((Sum((letter, Negative(place))), rises))
        return self.proved(slope(f, letter, 2), ZERO, ">=") or self.proved(away, ZERO, ">=")

    def _is_above_at(self, f: Node, letter: Symbol, place: Node) -> bool:
        lowest = substitute(f, {letter: place})
        return self._is_proved(lowest) or (bool(free_symbols(lowest)) and self.is_above(lowest))

    def _is_proved(self, f: Node) -> bool:
        return self.proved(f, ZERO, ">") or (not self.strict and self._is_zero(f))

    def _is_zero(self, f: Node) -> bool:
        return equality(f, ZERO, self.domains, self.clock).status is Status.PROVED

    def _is_above_from_an_end(self, f: Node, rises: Node, letter: Symbol, declared: Declaration) -> bool:
        """Whether a function without a turn is above what it tends to at the end from which it rises."""
        ends = ((declared.low, Negative(INFINITY), "+", rises), (declared.high, INFINITY, "-", Negative(rises)))
        for end, beyond, side, away in ends:
            inner = fresh(0, "d")
            point, side = (beyond, "") if end is None else (number(end), side)
            lowest = Limit(substitute(f, {letter: inner}), inner, point, side)
            if self._rises(away, letter) and (self._is_zero(lowest) or self.proved(lowest, ZERO, ">=")):
                return True
        return False

    def _rises(self, slope: Node, letter: Symbol) -> bool:
        """Whether a slope is nowhere negative. For a strict rise it may vanish here and there, as it is analytic."""
        if self.strict and (self.proved(slope, ZERO, ">") or free_symbols(slope) - {letter}):
            return self.proved(slope, ZERO, ">")
        if not self.proved(slope, ZERO, ">=") and not (self.depth and self._deeper().is_above(slope)):
            return False
        return not self.strict or equality(slope, ZERO, self.domains, self.clock).status is Status.REFUTED

    def _deeper(self) -> _Least:
        return replace(self, strict=False, depth=self.depth - 1)

    def _places(self, letter: Symbol, declared: Declaration, letters: list[Symbol]) -> Iterator[Node]:
        """Members of the letter's domain."""
        yield from (number(v) for v in _PLACES if declared.allows(v))
        if declared.allows(1) and declared.allows(_FAR):
            yield from _POWERS
        others = (s for s in letters if s != letter)
        own = self.domains.get(letter, "real")
        yield from (made for s in others for made in self._made_of(s) if own == "real" or self._is_in(made, declared))

    def _made_of(self, other: Symbol) -> Iterator[Node]:
        yield from (other, Negative(other), Power(E, other))
        if self.proved(other, ZERO, ">"):
            yield from (Call("log", (other,)), Quotient(ONE, other))

    def _is_in(self, place: Node, declared: Declaration) -> bool:
        if declared.text == self.domains.get(place, "real"):  # type: ignore[call-overload]
            return True
        ends = ((declared.low, declared.open_low, ">"), (declared.high, declared.open_high, "<"))
        return all(end is None or self.proved(place, number(end), sign if is_open else sign + "=")
                   for end, is_open, sign in ends)


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
