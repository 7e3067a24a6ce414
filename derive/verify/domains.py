"""Points of the declared domain at which statements are tried.

The numbers are drawn from a fixed sequence: the same statement is always tried at the same points. They have
short binary fractions, so that they are exact as balls and short as decimals, come at the scales 1, 3, 8 and 20
with both signs, whole and not, at zero, and lie on both sides of every switch (an ``|u|``, a ``max``, a case).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from random import Random

from derive.declarations import declaration
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
    children,
)
from derive.verify.core import free_symbols, walk, whole

Point = dict[Symbol, Fraction]

_SCALES = (1, 3, 1, 8, 3, 20)
_SEED = 20_240_229


def whole_symbols(domains: Mapping[Symbol, str]) -> frozenset[Symbol]:
    """The symbols that are declared whole numbers."""
    return frozenset(s for s, d in domains.items() if declaration(d).whole)


def variables(*nodes: Node) -> list[Symbol]:
    """The free symbols that need a number, in a fixed order; not those that only name an indexed family."""
    found = frozenset().union(*map(free_symbols, nodes))
    families = {p.base for n in nodes for p in walk(n) if isinstance(p, Indexed)}
    alone = {p for n in nodes for p in _outside_families(n)}
    return sorted((s for s in found if s not in families or s in alone), key=lambda s: (s.plain, repr(s)))


def _outside_families(node: Node) -> Iterator[Symbol]:
    if isinstance(node, Symbol):
        yield node
    parts: Sequence[Node] = node.indices if isinstance(node, Indexed) else children(node)
    for part in parts:
        yield from _outside_families(part)


def with_counts(domains: Mapping[Symbol, str], *nodes: Node) -> dict[Symbol, str]:
    """The domains, where a symbol in the bound of a sum counts terms: a positive integer unless declared."""
    result = dict(domains)
    for node in nodes:
        for part in walk(node):
            if isinstance(part, (SumOver, ProductOver)) and part.upper is not None:
                for symbol in free_symbols(part.upper):
                    if "integer" not in result.get(symbol, ""):
                        result[symbol] = "positive integer"
            if isinstance(part, Indexed):
                for symbol in frozenset().union(*map(free_symbols, part.indices)):
                    result.setdefault(symbol, "positive integer")
    return result


def points(symbols: Sequence[Symbol], domains: Mapping[Symbol, str], count: int) -> Iterator[Point]:
    """Points of the domain, the tamest first. With no symbols, the one empty point."""
    if not symbols:
        yield {}
        return
    for k in range(count):
        yield {s: _drawn(domains.get(s, "real"), k, place) for place, s in enumerate(symbols)}


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
    if declared.whole:
        return Fraction(sign * random.randint(0, scale)) if low is None else low + random.randint(0, 4)
    if low is not None and high is not None:
        return low + (high - low) * Fraction(random.randint(1, 63), 64)
    if low is None and high is None:
        return sign * size
    return low + size if low is not None else (high or Fraction(0)) - size


# --- both sides of every switch -----------------------------------------------------------------------


def switches(*nodes: Node) -> list[Node]:
    """Expressions whose sign decides which formula holds, or whether there is a value."""
    return list(dict.fromkeys(s for n in nodes for p in walk(n) for s in _switches_of(p)))


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


