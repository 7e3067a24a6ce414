"""The layered layout of a directed graph without cycles (after Sugiyama, Tagawa and Toda, 1981).

Nodes get layers by their longest path; an edge that passes layers gets a dummy in each of them; the order inside the
layers is improved by barycentres, keeping the one with the fewest crossings; places across are moved towards the
neighbours. Called by the pictures of graphs and networks; nothing here is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from derive.tree import Symbol

Key = Symbol | tuple[Symbol, Symbol, int]
"""A node, or the dummy of an edge in a layer."""

SWEEPS = 12  # over all layers, there and back
PULLS = 30  # of places towards their neighbours


@dataclass
class Layout:
    """``layers`` in order, with dummies; ``places`` across in units of a slot from 0; ``points`` is left to fill."""

    layers: list[list[Key]]
    places: dict[Key, float]
    arguments: dict[Symbol, list[Symbol]]
    users: dict[Symbol, list[Symbol]]
    dummies: dict[tuple[Symbol, Symbol], list[Key]]
    points: dict[Key, tuple[float, float]] = field(default_factory=dict)

    @property
    def breadth(self) -> float:
        """How many slots the widest layer spans."""
        return max(self.places.values()) + 1

    def next_place(self, name: Symbol, other: Symbol, leaving: bool) -> float:
        """The place across of what follows on the edge between two nodes, seen from the first."""
        ends = (name, other) if leaving else (other, name)
        chain = self.dummies[ends]
        following = (chain[0] if leaving else chain[-1]) if chain else other
        return self.places[following]


def layout(names: Sequence[Symbol], edges: Sequence[tuple[Symbol, Symbol]]) -> Layout:
    """The layout of a graph; ``names`` in an order in which an edge leads forward."""
    arguments: dict[Symbol, list[Symbol]] = {n: [a for a, b in edges if b == n] for n in names}
    users: dict[Symbol, list[Symbol]] = {n: [b for a, b in edges if a == n] for n in names}
    ranks = _ranks(names, arguments, users)
    layers: list[list[Key]] = [[n for n in names if ranks[n] == k] for k in range(max(ranks.values()) + 1)]
    dummies: dict[tuple[Symbol, Symbol], list[Key]] = {}
    links: list[tuple[Key, Key]] = []
    for a, b in edges:
        inner: list[Key] = [(a, b, k) for k in range(ranks[a] + 1, ranks[b])]
        dummies[a, b] = inner
        for key in inner:
            assert isinstance(key, tuple)
            layers[key[2]].append(key)
        chain: list[Key] = [a, *inner, b]
        links += pairwise(chain)
    layers = _ordered(layers, links)
    return Layout(layers, _placed(layers, links), arguments, users, dummies)


def _ranks(
    names: Sequence[Symbol], arguments: dict[Symbol, list[Symbol]], users: dict[Symbol, list[Symbol]]
) -> dict[Symbol, int]:
    ranks: dict[Symbol, int] = {}
    for name in names:
        ranks[name] = 1 + max((ranks[a] for a in arguments[name]), default=-1)
    for name in names:
        if not arguments[name] and users[name]:
            ranks[name] = min(ranks[u] for u in users[name]) - 1
    return ranks


Links = Sequence[tuple[Key, Key]]


def _ordered(layers: list[list[Key]], links: Links) -> list[list[Key]]:
    """The order with the fewest crossings among those that barycentres give."""
    best, fewest = layers, _crossings(layers, links)
    current = [list(layer) for layer in layers]
    for sweep in range(SWEEPS):
        there = sweep % 2 == 0
        for k in range(1, len(current)) if there else range(len(current) - 2, -1, -1):
            beside = current[k - 1 if there else k + 1]
            current[k] = _by_barycentre(current[k], beside, links)
        count = _crossings(current, links)
        if count < fewest:
            best, fewest = [list(layer) for layer in current], count
    return best


def _neighbours(key: Key, beside: Sequence[Key], links: Links) -> list[Key]:
    near = set(beside)
    return [b if a == key else a for a, b in links if key in (a, b) and (b if a == key else a) in near]


def _by_barycentre(layer: list[Key], beside: Sequence[Key], links: Links) -> list[Key]:
    at = {key: i for i, key in enumerate(beside)}

    def centre(item: tuple[int, Key]) -> float:
        near = [at[n] for n in _neighbours(item[1], beside, links)]
        return sum(near) / len(near) if near else item[0]

    return [key for _, key in sorted(enumerate(layer), key=centre)]


def _crossings(layers: Sequence[Sequence[Key]], links: Links) -> int:
    at = {key: (k, i) for k, layer in enumerate(layers) for i, key in enumerate(layer)}
    count = 0
    for k in range(len(layers) - 1):
        here = [(at[a][1], at[b][1]) for a, b in links if at[a][0] == k]
        count += sum((a - c) * (b - d) < 0 for i, (a, b) in enumerate(here) for c, d in here[i + 1 :])
    return count


def _placed(layers: Sequence[Sequence[Key]], links: Links) -> dict[Key, float]:
    """Places across, a slot apart at least (dummies half a slot), moved towards the mean of the neighbours."""
    places: dict[Key, float] = {}
    for layer in layers:
        middle = (len(layer) - 1) / 2
        places |= {key: i - middle for i, key in enumerate(layer)}
    near = {key: [b if a == key else a for a, b in links if key in (a, b)] for key in places}
    for pull in range(PULLS):
        for layer in layers if pull % 2 == 0 else reversed(layers):
            wanted = [sum(places[n] for n in near[key]) / len(near[key]) if near[key] else places[key] for key in layer]
            places |= dict(zip(layer, _spread(layer, wanted), strict=True))
    least = min(places.values())
    return {key: place - least for key, place in places.items()}


def _spread(layer: Sequence[Key], wanted: Sequence[float]) -> list[float]:
    """The places nearest to the wanted ones (least squares) that keep the order and the distances.

    With the distances taken off, that is isotonic regression: neighbours in the wrong order are pooled.
    """
    shift, shifts = 0.0, [0.0]
    for a, b in pairwise(layer):
        shift += 1.0 if isinstance(a, Symbol) and isinstance(b, Symbol) else 0.75
        shifts.append(shift)
    pools: list[tuple[float, int]] = []
    for target, moved in zip(wanted, shifts, strict=True):
        mean, count = target - moved, 1
        while pools and pools[-1][0] >= mean:
            above, size = pools.pop()
            mean, count = (above * size + mean * count) / (size + count), size + count
        pools.append((mean, count))
    flat = [mean for mean, count in pools for _ in range(count)]
    return [mean + moved for mean, moved in zip(flat, shifts, strict=True)]
