"""Bounds on differences of one function at two places: ``|g(x) - g(y)| <= L |x - y|`` where nowhere ``|g'| > L``.

The mean value theorem, for a function that is smooth on the interval that both letters run over, and a bound that is
free of them. Called by :mod:`inequality` for what no exact sign shows.

Source: Rudin, Principles of Mathematical Analysis (1976), theorem 5.10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from derive.tree import ONE, Call, Negative, Node, Product, Quotient, Sum, Symbol, substitute, times
from derive.verify.core import free_symbols
from derive.verify.tangent import Proved, interval_of, is_smooth, slope


def by_mean_value(a: Node, b: Node, sign: str, domains: Mapping[Symbol, str], exact: Proved, proved: Proved) -> bool:
    """Whether ``a sign b`` bounds the difference of a function at two letters by their distance.

    ``exact`` says whether exact signs show an inequality, ``proved`` whether anything does.
    """
    if sign not in ("<=", ">="):
        return False
    smaller, larger = (a, b) if sign == "<=" else (b, a)
    return any(_is_bound(smaller, factor, distance, domains, exact, proved) for factor, distance in _sizes(larger))


def _is_bound(
    smaller: Node, factor: Node, distance: Node, domains: Mapping[Symbol, str], exact: Proved, proved: Proved
) -> bool:
    match smaller, distance:
        case Call("abs", (Sum((g, Negative(other))),), 0), Sum((Symbol() as x, Negative(Symbol() as y))):
            pass
        case _:
            return False
    if x not in free_symbols(g):
        x, y = y, x
    fits = y not in free_symbols(g) and other == substitute(g, {x: y}) and free_symbols(factor).isdisjoint((x, y))
    if not fits or domains.get(x) != domains.get(y) or interval_of(x, domains) is None:
        return False
    steepness = slope(g, x)
    return is_smooth(g, domains, exact) and all(proved(factor, s, ">=") for s in (steepness, Negative(steepness)))


def _sizes(node: Node) -> Iterator[tuple[Node, Node]]:
    """Each ``L`` and ``u`` of ``L |u|``."""
    match node:
        case Call("abs", (inner,), 0):
            yield ONE, inner
        case Product(factors):
            for k, factor in enumerate(factors):
                rest = times([*factors[:k], *factors[k + 1 :]])
                yield from ((times([front, rest]), inner) for front, inner in _sizes(factor))
        case Quotient(top, bottom):
            yield from ((Quotient(front, bottom), inner) for front, inner in _sizes(top))
