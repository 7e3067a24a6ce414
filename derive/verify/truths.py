"""Points at which one relation holds and another does not: what refutes ``=>`` and ``<=>`` between equations.

``x(x - 3) = 0 <=> x - 3 = 0`` is false, for at x = 0 only the left side holds. Equations hold at few points, so these
are small whole numbers and halves, and the numbers written in the statement. Called by :mod:`equations` when it has
no proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice, product

from derive.declarations import declaration
from derive.steps import Witness
from derive.tree import Node, Number, Relation, Symbol
from derive.verify.balls import COMPARISONS, Evaluation, has_unknowns, precision
from derive.verify.core import number_value
from derive.verify.domains import ordered, whole_symbols
from derive.verify.refute import decimal_text
from derive.verify.signals import Clock, Unclear, Undecidable, Undefined
from derive.verify.survey import Survey

_SMALL = [Fraction(n, 2) for n in (0, 2, -2, 4, -4, 6, -6, 1, -1, 8, -8, 10, -10, 3, -3, 20, -20)]
_MOST = 400  # points that are tried
_WRITTEN = 12  # numbers taken from the statement
_BITS = 128


def exception(
    before: Relation, after: Relation, both: bool, domains: Mapping[Symbol, str], clock: Clock
) -> Witness | None:
    """A point of the domain where ``before`` holds and ``after`` does not; with ``both``, or the other way round."""
    first, second = Survey([before]), Survey([after])
    signs = {*before.signs, *after.signs}
    if first.symbols != second.symbols or not signs <= COMPARISONS.keys() or has_unknowns(before, after):
        return None
    symbols = ordered(first.symbols)
    candidates = [_candidates(domains.get(s, "real"), [*first.nodes, *second.nodes]) for s in symbols]
    for values in islice(product(*candidates), _MOST):
        clock.check()
        point = dict(zip(symbols, values, strict=True))
        held = _truths(before, after, point, whole_symbols(domains), clock)
        if held is not None and held[0] != held[1] and (held[0] or both):
            shown = tuple((s.plain, decimal_text(v)) for s, v in point.items())
            return Witness(shown, *("true" if h else "false" for h in held))
    return None


def _candidates(domain: str, nodes: list[Node]) -> list[Fraction]:
    written = [number_value(n.text) for n in nodes if isinstance(n, Number)][:_WRITTEN]
    declared = declaration(domain)
    return [v for v in dict.fromkeys([*_SMALL, *_signed(written)]) if declared.allows(v)]


def _signed(numbers: list[Fraction]) -> Iterator[Fraction]:
    for number in numbers:
        yield number
        yield -number


def _truths(
    before: Relation, after: Relation, point: dict[Symbol, Fraction], whole: frozenset[Symbol], clock: Clock
) -> tuple[bool, bool] | None:
    """Whether each relation holds, where both certainly do or do not."""
    with precision(_BITS):
        here = Evaluation(point, None, whole, clock)
        try:
            return here.holds(before), here.holds(after)
        except (Undefined, Unclear, Undecidable):
            return None
