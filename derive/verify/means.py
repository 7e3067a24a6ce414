"""``x̄`` as the mean of the family x, where a statement sums over x and defines no ``x̄``.

:func:`means` gives the definitions; :func:`derive.verify.verify_step` judges with them and lists them among the
conditions of its verdict.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.steps import Context, Definition
from derive.tree import ONE, Indexed, Negative, Node, Quotient, Sum, SumOver, Symbol, kinds, walk

_INDEX = Symbol("i")


def means(context: Context, *nodes: Node) -> tuple[Definition, ...]:
    """The definitions of the means that a statement names and nobody defines."""
    if not any(SumOver in kinds(n) for n in nodes):
        return ()
    barred = {p for n in nodes for p in walk(n) if isinstance(p, Symbol) and p.accent == "bar"}
    barred -= {d.name for d in context.definitions} | set(context.domains)
    found = (_mean(symbol, nodes) for symbol in sorted(barred, key=lambda s: s.plain))
    return tuple(d for d in found if d is not None)


def _mean(symbol: Symbol, nodes: tuple[Node, ...]) -> Definition | None:
    family = Symbol(symbol.name, symbol.sub, symbol.sup, "", symbol.font)
    ranges = {(s.lower, s.upper) for n in nodes for s in _sums_over(n, family)}
    if len(ranges) != 1:
        return None
    ((lower, upper),) = ranges
    total = SumOver(Indexed(family, (_INDEX,)), _INDEX, lower, upper)
    if lower is None or upper is None:
        return Definition(symbol, (), Quotient(total, SumOver(ONE, _INDEX)))
    count = upper if lower == ONE else Sum((upper, Negative(lower), ONE))
    return Definition(symbol, (), Quotient(total, count))


def _sums_over(node: Node, family: Symbol) -> Iterator[SumOver]:
    """The sums over the places of a family."""
    for part in walk(node):
        if not isinstance(part, SumOver) or part.where is not None:
            continue
        if any(isinstance(p, Indexed) and p.base == family and p.indices == (part.index,) for p in walk(part.body)):
            yield part
