r"""The picture of two named families: both densities with the integrand, or the bars of both masses with the terms.

Letters get example values, which the caption states. Called by the kinds ``kl-divergence`` and ``entropy``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from derive.distributions import X
from derive.errors import MathError
from derive.kinds._divergence_families import Named
from derive.kinds._entropy_exact import Quantity
from derive.numeric.value import value_of
from derive.steps import Figure, Part, Prose
from derive.tree import INFINITY, Call, Node, Number, Product, Quotient, Relation, Symbol, substitute

_EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "real": ("0", "1", "2"),
    "positive": ("1", "2", "3", "5"),
    "(0, 1)": ("0.3", "0.6", "0.8", "0.1"),
    "positive integer": ("6", "7"),
}
BARS_MOST = 25
_TAIL = 1e-3


def example_of(named: Sequence[Named]) -> dict[Symbol, Node] | None:
    """Values for the letters, different for different letters; None where the families have ends that are letters."""
    found: dict[Symbol, Node] = {}
    taken: dict[str, int] = {}
    written = {item for one in named for item in one.items}
    for one in named:
        for parameter, item in zip(one.family.parameters, one.items, strict=True):
            if not isinstance(item, Symbol) or item in found:
                continue
            if one.family.support == "interval":
                return None
            values = [v for v in _EXAMPLES[parameter.domain] if Number(v) not in written]
            k = taken.get(parameter.domain, 0)
            found[item] = Number(values[k % len(values)])
            taken[parameter.domain] = k + 1
    return found


def figure(named: Sequence[Named], names: Sequence[Symbol], quantity: Quantity) -> list[Part]:
    """The picture; none where the letters have no example values."""
    values = example_of(named)
    if values is None:
        return []
    from derive.figures.distributions_plot import describe

    put_in: dict[Node, Node] = dict(values.items())
    densities = [substitute(one.density, put_in) for one in named]
    numbers = [Named(one.family, tuple(substitute(i, put_in) for i in one.items)) for one in named]
    try:
        made = _bars if named[0].family.discrete else _curves
        data = made(numbers, densities, names, quantity)
        words = describe(data)
    except (MathError, ValueError, ZeroDivisionError, OverflowError):
        return []
    shown: Prose = ()
    if values:
        pairs = [Relation((a, b), ("=",)) for a, b in values.items()]
        shown = (" with ", *(part for k, pair in enumerate(pairs) for part in ((", ", pair) if k else (pair,))))
    one, several = ("mass", "masses") if named[0].family.discrete else ("density", "densities")
    what = several if len(named) > 1 else one
    below: Prose = (", and below what each outcome adds to ", quantity.label) if _has_terms(named, quantity) else ()
    caption: Prose = (f"The {what} of ", *_names(names), *shown, *below, ".")
    return [Figure("distributions_plot", data, caption, words, "distributions")]


def _has_terms(named: Sequence[Named], quantity: Quantity) -> bool:
    """Whether the quantity is a divergence with a finite value, whose terms can be drawn."""
    divergence = isinstance(quantity.label, Call) and quantity.label.name == "KL"
    return len(named) > 1 and divergence and quantity.value != INFINITY


def _names(names: Sequence[Symbol]) -> Prose:
    return tuple(part for k, name in enumerate(names) for part in ((" and ", name) if k else (name,)))


def _ends(named: Named) -> tuple[float, float]:
    """The support, its infinite ends cut where the density has become small."""
    low, high = (value_of(named.put(end)) if end not in (INFINITY,) and not _infinite(end) else None
                 for end in named.family.bounds)
    mean, deviation = value_of(named.mean), math.sqrt(value_of(named.variance))
    return (mean - 4 * deviation if low is None else low, mean + 4 * deviation if high is None else high)


def _infinite(end: Node) -> bool:
    return any(n == INFINITY for n in (end, getattr(end, "operand", None)))


def _term(densities: Sequence[Node]) -> Node:
    p, q = densities
    return Product((p, Call("log", (Quotient(p, q),))))


def _curves(named: Sequence[Named], densities: Sequence[Node], names: Sequence[Symbol],
            quantity: Quantity) -> dict[str, object]:
    ends = [_ends(one) for one in named]
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    room = 0.1 * (high - low) if any(one.family.support == "interval" for one in named) else 0.0
    data: dict[str, object] = {
        "curves": [{"node": _cut(one, d), "label": Call(n.plain, (X,))}
                   for one, d, n in zip(named, densities, names, strict=True)],
        "variable": X, "range": [low - room, high + room],
    }
    if _has_terms(named, quantity):
        data["integrand"] = {"node": _cut(named[0], _term(densities)), "label": "integrand"}
    return data


def _cut(named: Named, body: Node) -> Node:
    """The body on the support, zero outside an interval."""
    from derive.tree import ZERO, Cases

    low, high = (named.put(end) for end in named.family.bounds)
    if _infinite(low) and _infinite(high):
        return body
    sides = [n for n in (None if _infinite(low) else low, X, None if _infinite(high) else high) if n is not None]
    return Cases(((body, Relation(tuple(sides), ("<=",) * (len(sides) - 1))), (ZERO, None)))


def _bars(named: Sequence[Named], densities: Sequence[Node], names: Sequence[Symbol],
          quantity: Quantity) -> dict[str, object]:
    ends = [_ends(one) for one in named]
    low = max(0, int(min(e[0] for e in ends)))
    high = min(math.ceil(max(e[1] for e in ends)), low + BARS_MOST)
    places = list(range(low, high + 1))

    def mass(one: Named, body: Node, k: int) -> float:
        first, last = _ends(one)
        return value_of(body, {X: float(k)}) if first <= k and (k <= last or _infinite(one.family.bounds[1])) else 0.0

    data: dict[str, object] = {
        "bars": [[mass(one, d, k) for k in places] for one, d in zip(named, densities, strict=True)],
        "labels": list(names),
        "outcomes": [str(k) for k in places],
    }
    if _has_terms(named, quantity):
        data["terms"] = [mass(named[0], _term(densities), k) for k in places]
        data["sum"] = "contribution"
    return data


