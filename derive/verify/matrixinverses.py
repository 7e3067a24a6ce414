"""Inverses of sums in index notation: what ``K = (A + B)^{-1}`` is good for in a proof.

Two uses. :func:`reduced` rewrites with ``S K = I``: where the longest term of ``S`` stands beside ``K``, the two become
``I`` less the other terms times ``K``. :func:`vanishes` multiplies an equation through by ``S``, or strips an
invertible letter off its end, until nothing is left; both are equivalences, since what is multiplied by is
invertible. This proves Woodbury's identity, the push-through identity and the normal equations. Called by
:mod:`abstract`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.verify.contractions import Entries, Factor, Head, Mono, Networks, Poly
from derive.verify.matrixcalculus import closed, opened

if TYPE_CHECKING:
    from derive.verify.matrixalgebra import Algebra

_REWRITES = 200
_STATES = 24  # equations that are looked at
_SIZE = 60  # terms of one of them
_DEPTH = 5  # factors that an equation is multiplied through by


def reduced(net: Networks, p: Poly) -> Poly:
    """The sum of terms with inverses of sums used up where their longest term stands beside them."""
    if not any(_is_opaque(h) for h in net.heads.values()):
        return p
    done: Poly = {}
    waiting = list(p.items())
    for _ in range(_REWRITES):
        if not waiting:
            return done
        mono, c = waiting.pop()
        new = _rewritten(net, mono)
        if new is None:
            done = net.plus(done, {mono: c})
        else:
            waiting += [(m, c * d) for m, d in new.items()]
    return net.plus(done, _collected(net, waiting))


def _collected(net: Networks, terms: Iterable[tuple[Mono, Fraction]]) -> Poly:
    result: Poly = {}
    for mono, c in terms:
        result = net.plus(result, {mono: c})
    return result


def _is_opaque(head: Head) -> bool:
    return head.kind == "inverse" and not head.inverse


def has_opaque(net: Networks, p: Poly) -> bool:
    """Whether the inverse of a sum stands among the open factors."""
    return any(_is_opaque(net.heads[k]) for _, factors in p for k, _ in factors)


def _rewritten(net: Networks, mono: Mono) -> Poly | None:
    """One rewriting of a term, in its open factors or in one of its closed networks."""
    scalars, factors, sides = opened(net, mono)
    new = _rewritten_factors(net, factors, sides)
    if new is not None:
        return net.times(new, net.term(Fraction(1), dict(scalars), []))
    for key, n in scalars:
        inside = net.scalars[key].factors
        if n < 1 or not inside:
            continue
        _, factors, sides = opened(net, ((), inside))
        new = _rewritten_factors(net, factors, sides)
        if new is not None:
            rest = {**dict(scalars), key: n - 1}
            return net.times(new, net.term(Fraction(1), rest, list(mono[1])))
    return None


def _rewritten_factors(net: Networks, factors: list[Factor], sides: list[tuple[int, object]]) -> Poly | None:
    bound = {i for i, _ in sides}
    for k, (key, slots) in enumerate(factors):
        head = net.heads[key]
        lead = _leading(net, head)
        if lead is None:
            continue
        rest = factors[:k] + factors[k + 1 :]
        for near, far, straight in _orientations(head, slots):
            found = _Match(net, lead[1], rest, near, straight, bound).found()
            if found is not None:
                others, outer, gone = found
                new = _used(net, head, lead, near, far, outer, straight)
                left = [(i, side) for i, side in sides if i not in gone]
                return closed(net, net.times(net.term(Fraction(1), {}, others), new), left)
    return None


def _orientations(head: Head, slots: tuple[int, ...]) -> Iterator[tuple[int, int, bool]]:
    """The index beside which ``S`` stands, the other one, and whether it is ``S K`` (straight) or ``K S``."""
    a, b = slots
    yield a, b, True
    yield b, a, False
    if head.symmetric:
        yield b, a, True
        yield a, b, False


def _leading(net: Networks, head: Head) -> tuple[Mono, tuple[Factor, ...], Fraction] | None:
    """The longest term with a rational coefficient of what is inverted."""
    if not _is_opaque(head):
        return None
    usable = [m for m in head.inner if not m[0] and any(net.heads[k].kind != "delta" for k, _ in m[1])]
    if not usable:
        return None
    mono = max(usable, key=lambda m: (len(m[1]), m))
    return mono, mono[1], head.inner[mono]


def _used(
    net: Networks,
    head: Head,
    lead: tuple[Mono, tuple[Factor, ...], Fraction],
    near: int,
    far: int,
    outer: int,
    straight: bool,
) -> Poly:
    """``L K = (I - R K)/c`` for ``S = c L + R``, entry by entry."""
    rest = {m: c for m, c in head.inner.items() if m != lead[0]}
    names = {-1: outer, -2: near} if straight else {-1: near, -2: outer}
    key = (near, far) if straight else (far, near)
    product = net.times(net.renamed(rest, names), net.entry(head.key, *key))
    identity = net.entry(net.delta(head.sides[0]), outer, far)
    return net.scaled(net.minus(identity, closed(net, product, [(near, head.sides[0])])), 1 / lead[2])


class _Match:
    """Finds a term of ``S`` among factors, hanging on one index."""

    def __init__(
        self, net: Networks, pattern: tuple[Factor, ...], factors: list[Factor], near: int, straight: bool,
        bound: set[int],
    ) -> None:  # fmt: skip
        self.net, self.pattern, self.factors, self.bound = net, pattern, factors, bound
        self.near, self.inner, self.outer = near, (-2 if straight else -1), (-1 if straight else -2)

    def found(self) -> tuple[list[Factor], int, set[int]] | None:
        """The factors that are left, what the outer index is, and the summed indices that are used up."""
        if self.near not in self.bound:
            return None
        for names, used in self._extended({self.inner: self.near}, frozenset(), list(self.pattern)):
            if self.outer in names and self._is_closed(names, used):
                gone = {j for i, j in names.items() if i != self.outer}
                return [f for k, f in enumerate(self.factors) if k not in used], names[self.outer], gone
        return None

    def _extended(
        self, names: Mapping[int, int], used: frozenset[int], left: list[Factor]
    ) -> Iterator[tuple[Mapping[int, int], frozenset[int]]]:
        if not left:
            yield names, used
            return
        touching = next((f for f in left if any(i in names for i in f[1])), left[0])
        rest = [f for f in left if f is not touching]
        for k, (key, slots) in enumerate(self.factors):
            if key != touching[0] or k in used:
                continue
            ways = [slots, slots[::-1]] if self.net.heads[key].symmetric else [slots]
            for way in ways:
                joined = self._joined(names, touching[1], way)
                if joined is not None:
                    yield from self._extended(joined, used | {k}, rest)

    @staticmethod
    def _joined(names: Mapping[int, int], pattern: tuple[int, ...], slots: tuple[int, ...]) -> dict[int, int] | None:
        result = dict(names)
        for i, j in zip(pattern, slots, strict=True):
            if result.setdefault(i, j) != j:
                return None
        return result

    def _is_closed(self, names: Mapping[int, int], used: frozenset[int]) -> bool:
        """Whether the indices within the match, and the one shared with ``K``, occur nowhere else."""
        inside = [j for i, j in names.items() if i != self.outer]
        others = {i for k, f in enumerate(self.factors) if k not in used for i in f[1]}
        return len(set(names.values())) == len(names) and all(j in self.bound and j not in others for j in inside)


# --- equations multiplied through ---------------------------------------------------------------------------


def vanishes(net: Networks, p: Poly, free: tuple[int, ...]) -> bool:
    """Whether a sum of terms is zero, as far as multiplying through shows; ``free`` are its row and column."""
    return any(not state for state in equivalents(net, p, free))


def equivalents(net: Networks, p: Poly, free: tuple[int, ...]) -> Iterator[Poly]:
    """Equations ``q = 0`` that say the same as ``p = 0``."""
    start = reduced(net, p)
    yield start
    if not start or not has_opaque(net, start):
        return
    seen = {tuple(sorted(start.items()))}
    level = [start]
    for _ in range(_DEPTH):
        following = []
        for state in level:
            for new in _moves(net, state, free):
                mark = tuple(sorted(new.items()))
                if mark not in seen and len(seen) < _STATES and len(new) <= _SIZE:
                    seen.add(mark)
                    following.append(new)
                    yield new
        level = following


def _moves(net: Networks, p: Poly, free: tuple[int, ...]) -> Iterator[Poly]:
    """The equation multiplied through, on one of its ends, by what undoes a factor that stands there."""
    ends: dict[tuple[str, int, int], None] = {}
    for _, factors in p:
        for key, slots in factors:
            for i in free:
                if i in slots and len(slots) == 2 and slots[0] != slots[1]:
                    ends[key, slots.index(i), i] = None
    for key, place, i in sorted(ends, key=lambda e: (not _is_opaque(net.heads[e[0]]), e)):
        undo = _undoing(net, net.heads[key])
        if undo is not None and net.heads[key].sides[0] == net.heads[key].sides[1]:
            yield _multiplied(net, p, undo, place, i, net.heads[key].sides[0])


def multiples(
    algebra: Algebra, equation: Entries, keys: list[str]
) -> Iterator[tuple[Poly, int | None, int | None]]:
    """The left side of an equation, and its products with the matrices named, with their rows and columns."""
    net = algebra.net
    row, column = equation.row, equation.column
    yield equation.poly, row, column
    for key in keys:
        for place in (0, 1):
            near, far = net.heads[key].sides[place], net.heads[key].sides[1 - place]
            for i, is_row in ((row, True), (column, False)):
                if i is not None and algebra.sides[i] == near:
                    new = algebra.index(far)
                    slots = (i, new) if place == 0 else (new, i)
                    product = net.times(net.entry(key, *slots), equation.poly)
                    result = closed(net, product, [(i, near)])
                    yield result, *((new, column) if is_row else (row, new))


def _undoing(net: Networks, head: Head) -> Poly | None:
    """The inverse of a factor, at formal indices."""
    if head.orthogonal:
        return net.entry(head.key, -2, -1)
    if _is_opaque(head):
        return head.inner
    return net.entry(head.inverse, -1, -2) if head.inverse in net.heads else None


def _multiplied(net: Networks, p: Poly, undo: Poly, place: int, i: int, side: object) -> Poly:
    old = net.fresh()
    names = {-1: i, -2: old} if place == 0 else {-1: old, -2: i}
    product = net.times(net.renamed(undo, names), net.renamed(p, {i: old}))
    return reduced(net, closed(net, product, [(old, side)]))
