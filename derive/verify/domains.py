"""Points of the declared domain at which statements are tried.

The numbers are drawn from a fixed sequence: the same statement is always tried at the same points. Most have
short binary fractions, so that they are exact as balls and short as decimals, come at the scales 1, 3, 8 and 20
with both signs, whole and not, at zero, at and near the ends of the domain, and lie on both sides of every switch
(an ``|u|``, a ``max``, a case). A few have a large prime as denominator, for ``sin(64 pi x)`` is zero at the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from random import Random

from derive.declarations import Declaration, declaration
from derive.tree import (
    Call,
    Cases,
    E,
    Indexed,
    Negative,
    Node,
    Power,
    ProductOver,
    Relation,
    Root,
    Sum,
    SumOver,
    Symbol,
    whole,
)
from derive.verify.core import free_symbols, stem
from derive.verify.survey import Survey

Point = dict[Symbol, Fraction]

_SCALES = (1, 3, 1, 8, 3, 20)
_SEED = 20_240_229
_ROUGH = (10_007, 1_000_003)  # prime denominators
_NEAR = Fraction(1, 256)  # of an interval's length, or of 1: close to an end


def whole_symbols(domains: Mapping[Symbol, str]) -> frozenset[Symbol]:
    """The symbols that are declared whole numbers."""
    return frozenset(s for s, d in domains.items() if declaration(d).whole)


def variables(*nodes: Node) -> list[Symbol]:
    """The free symbols that need a number, in a fixed order; not those that only name an indexed family."""
    return ordered(Survey(nodes).symbols)


def ordered(symbols: Iterable[Symbol]) -> list[Symbol]:
    """Symbols in the order in which they get their numbers."""
    return sorted(symbols, key=lambda s: (s.plain, repr(s)))


def with_counts(domains: Mapping[Symbol, str], *nodes: Node) -> dict[Symbol, str]:
    """The domains, where a symbol in the bound of a sum counts terms: a positive integer unless declared."""
    return dict(counted(domains, Survey(nodes)))


def counted(domains: Mapping[Symbol, str], survey: Survey) -> Mapping[Symbol, str]:
    """The same for what one walk has found."""
    factorials = [n for n in survey.nodes if isinstance(n, Call) and n.name == "factorial"]
    if not survey.kinds & _COUNTING and not factorials:
        return domains
    result = dict(domains)
    for part in survey.nodes:
        if isinstance(part, (SumOver, ProductOver)) and part.upper is not None:
            for symbol in free_symbols(part.upper):
                if "integer" not in result.get(symbol, ""):
                    result[symbol] = "positive integer"
        if isinstance(part, Indexed):
            for symbol in frozenset().union(*map(free_symbols, part.indices)):
                result.setdefault(symbol, "positive integer")
    for part in factorials:
        for symbol in free_symbols(part):
            result.setdefault(symbol, "nonnegative integer")
    for symbol in survey.symbols:
        family = stem(symbol)
        if family is not None and family in domains:
            result.setdefault(symbol, domains[family])
    return result


_COUNTING = frozenset({SumOver, ProductOver, Indexed})


def points(symbols: Sequence[Symbol], domains: Mapping[Symbol, str], count: int) -> Iterator[Point]:
    """Points of the domain, the tamest first. With no symbols, the one empty point."""
    if not symbols:
        yield {}
        return
    for k in range(count):
        yield {s: _drawn(domains.get(s, "real"), k, place) for place, s in enumerate(symbols)}


def rough_points(symbols: Sequence[Symbol], domains: Mapping[Symbol, str]) -> Iterator[Point]:
    """Points of the domain whose coordinates have a large prime as denominator, whole ones excepted."""
    for prime in _ROUGH if symbols else ():
        yield {s: _rough(domains.get(s, "real"), prime, place) for place, s in enumerate(symbols)}


@lru_cache(maxsize=1024)
def _rough(domain: str, prime: int, place: int) -> Fraction:
    declared = declaration(domain)
    value = _number(Random(f"{_SEED} {prime} {place}"), domain, 3, 0)
    moved = value + Fraction(1 + place, 2 * prime)
    return moved if not declared.whole and declared.allows(moved) else value


@lru_cache(maxsize=4096)
def _drawn(domain: str, k: int, place: int) -> Fraction:
    """The number of the symbol in some place at the k-th point."""
    return _number(Random(f"{_SEED} {k} {place}"), domain, _SCALES[k % len(_SCALES)], k)


def family_member(domains: Mapping[Symbol, str], round_: int, base: Symbol, indices: tuple[int, ...]) -> Fraction:
    """The number of a member of an indexed family; the same for the same indices in the same round."""
    random = Random(f"{_SEED} {round_} {base.plain} {indices}")
    return _number(random, domains.get(base, "real"), _SCALES[round_ % len(_SCALES)], 0)


def _number(random: Random, domain: str, scale: int, k: int) -> Fraction:
    size = Fraction(random.randint(1, 8 * scale), 8) + Fraction(random.randint(0, 7), 64)
    sign = random.choice((1, -1))
    if k % 4 == 3:
        size = Fraction(random.randint(1, scale))
    declared = declaration(domain)
    if k % 7 == 5 and declared.allows(Fraction(0)):
        return Fraction(0)
    low, high = declared.low, declared.high
    if k in _AT_ENDS and (end := _AT_ENDS[k](declared)) is not None:
        return end
    if declared.whole:
        return Fraction(sign * random.randint(0, scale)) if low is None else low + random.randint(0, 4)
    if low is not None and high is not None:
        return low + (high - low) * Fraction(random.randint(1, 63), 64)
    if low is None and high is None:
        return sign * size
    return low + size if low is not None else (high or Fraction(0)) - size


def _lower_end(declared: Declaration) -> Fraction | None:
    """The lower end, or a number close to it where it is open; None where there is none."""
    if declared.low is None or declared.allows(declared.low):
        return declared.low
    return None if declared.whole else declared.low + _near(declared)


def _upper_end(declared: Declaration) -> Fraction | None:
    if declared.high is None or declared.allows(declared.high):
        return declared.high
    return None if declared.whole else declared.high - _near(declared)


def _near(declared: Declaration) -> Fraction:
    return _NEAR if declared.low is None or declared.high is None else _NEAR * (declared.high - declared.low)


_AT_ENDS = {4: _lower_end, 6: _upper_end}
"""The points that lie at an end of the domain: all coordinates do that have one."""


# --- both sides of every switch -----------------------------------------------------------------------


def switches(survey: Survey) -> list[Node]:
    """Expressions whose sign decides which formula holds, or whether there is a value."""
    if not survey.kinds & _SWITCHING:
        return []
    return list(dict.fromkeys(s for p in survey.nodes for s in _switches_of(p)))


_SWITCHING = frozenset({Call, Root, Power, Cases})


def _switches_of(node: Node) -> Iterator[Node]:
    match node:
        case Call("abs" | "log", (u,)) | Root(u):
            yield u
        case Power(u, exponent) if whole(exponent) is None and u != E:
            yield u
        case Call("max" | "min", (first, *others)):
            yield from (Sum((other, Negative(first))) for other in others)
        case Cases(branches):
            for _, condition in branches:
                if isinstance(condition, Relation):
                    pairs = zip(condition.sides, condition.sides[1:], strict=False)
                    yield from (Sum((a, Negative(b))) for a, b in pairs)


