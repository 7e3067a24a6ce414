"""Index notation with symbolic bounds: sums of products of entries, in a normal form.

``(A B)_{rc}`` is ``sum_k A_{rk} B_{kc}``. A :data:`Poly` is a sum of such terms: a rational coefficient, powers of
scalars, and factors with indices. Negative indices are free (rows, columns, written ones), the others are summed over
the whole range. Transposes are the order of indices, traces closed loops, ``diag`` and ``⊙`` an index that occurs
three times; so all of linear algebra without inverses is decided by renaming the summed indices canonically.

Simplified on the way: Kronecker deltas, ``A A^{-1}``, ``Q^T Q``, products of exponentials, ``x_i x_i^{-1}``. Closed
parts of a term become scalars. Made by :mod:`matrixalgebra`; a new kind of factor is a :class:`Head`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import permutations

from derive.limits import EXPANSION_TERMS
from derive.tree import Node
from derive.verify.shapes import Side
from derive.verify.signals import Clock, TooLarge, Undecidable

Factor = tuple[str, tuple[int, ...]]
"""A head's key and the indices of the entry."""
Mono = tuple[tuple[tuple[str, int], ...], tuple[Factor, ...]]
"""Powers of scalars, and the factors in canonical order with their summed indices numbered canonically."""
Poly = dict[Mono, Fraction]

UNIT: Mono = ((), ())
FORMAL = (-1, -2, -3, -4, -5, -6)
"""The free indices of what stands inside a function or an inverse."""
_FIRST_FREE = -10
_MOST_INDICES = 3  # of a function of entries: its argument is written in every order of them
_LEAVES = 48  # numberings that are compared when the indices of a term look alike
_FACTORS = 40  # of one term


@dataclass(frozen=True, slots=True)
class Applied:
    """A function applied to an expression: its name, the primes, or for ``power`` the exponent."""

    name: str
    inner: Poly
    order: int = 0
    exponent: Fraction = Fraction(1)

    def __hash__(self) -> int:
        return hash((self.name, self.order, self.exponent, len(self.inner)))


@dataclass(frozen=True, slots=True)
class Head:
    """What a factor is an entry of.

    ``kind``: ``letter``, ``delta``, ``inverse`` of the matrix ``inner``, ``function``, ``expectation`` of ``inner``,
    ``position`` (the index itself). ``sides`` are the lengths of its indices. ``inverse`` is the key of its inverse
    where it has one. The sum of ``shares`` over the last index is 1.
    """

    key: str
    kind: str
    sides: tuple[Side, ...]
    symmetric: bool = False
    orthogonal: bool = False
    positive: bool = False
    definite: bool = False
    inverse: str = ""
    inner: Poly = field(default_factory=dict, hash=False, compare=False)
    applied: Applied | None = None
    letter: Node | None = None
    shares: bool = False


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number without indices: a symbol, a side, a closed network, a determinant, a function of scalars.

    ``positive`` and ``nonnegative`` tell its sign where it is known.
    """

    key: str
    kind: str
    node: Node | None = None
    factors: tuple[Factor, ...] = ()
    head: str = ""
    inner: Poly = field(default_factory=dict, hash=False, compare=False)
    applied: Applied | None = None
    positive: bool = False
    nonnegative: bool = False


@dataclass(frozen=True, slots=True)
class Entries:
    """The entry in row ``row`` and column ``column`` as a sum of terms; None where there is only one."""

    poly: Poly
    row: int | None = None
    column: int | None = None


class Networks:
    """The heads and scalars of one statement, and the arithmetic of its sums of terms."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.heads: dict[str, Head] = {}
        self.scalars: dict[str, Scalar] = {}
        self.keys: dict[object, str] = {}
        self.canonical: dict[tuple[Factor, ...], tuple[Factor, ...]] = {}
        self.free = _FIRST_FREE

    def fresh(self) -> int:
        """A free index that occurs nowhere."""
        self.free -= 1
        return self.free

    def interned(self, mark: str, value: object) -> str:
        """A short key for a value, the same for the same value."""
        return self.keys.setdefault((mark, value), f"{mark}{len(self.keys)}")

    def head(self, head: Head) -> str:
        """The head's key, once it is known here."""
        return self.heads.setdefault(head.key, head).key

    def delta(self, side: Side) -> str:
        """The head of the identity matrix."""
        return self.head(Head(f"δ{side}", "delta", (side, side), symmetric=True))

    # --- arithmetic -----------------------------------------------------------------------------------------

    def constant(self, value: Fraction | int) -> Poly:
        """A rational number."""
        return {UNIT: Fraction(value)} if value else {}

    def scalar(self, scalar: Scalar) -> Poly:
        """A scalar as a sum of one term."""
        self.scalars.setdefault(scalar.key, scalar)
        return {(((scalar.key, 1),), ()): Fraction(1)}

    def entry(self, key: str, *indices: int) -> Poly:
        """An entry with free indices."""
        return self.term(Fraction(1), {}, [(key, indices)])

    def plus(self, p: Poly, q: Poly) -> Poly:
        """``p + q``."""
        result = dict(p)
        for mono, c in q.items():
            value = result.get(mono, Fraction(0)) + c
            if value:
                result[mono] = value
            else:
                result.pop(mono, None)
        return result

    def scaled(self, p: Poly, factor: Fraction | int) -> Poly:
        """A rational multiple."""
        return {mono: c * factor for mono, c in p.items()} if factor else {}

    def minus(self, p: Poly, q: Poly) -> Poly:
        """``p - q``."""
        return self.plus(p, self.scaled(q, -1))

    def times(self, p: Poly, q: Poly) -> Poly:
        """The product at equal free indices."""
        if len(p) * len(q) > EXPANSION_TERMS:
            raise TooLarge("too large")
        result: Poly = {}
        for (scalars, factors), c in p.items():
            self.clock.check()
            shift = _next(factors)
            for (others, more), d in q.items():
                moved = [(key, tuple(i + shift if i >= 0 else i for i in slots)) for key, slots in more]
                powers = Counter(dict(scalars))
                for key, n in others:
                    powers[key] += n
                result = self.plus(result, self.term(c * d, powers, [*factors, *moved]))
        return result

    def raised(self, p: Poly, n: int) -> Poly:
        """A power at equal free indices, n not negative."""
        result = self.constant(1)
        for _ in range(n):
            result = self.times(result, p)
        return result

    def renamed(self, p: Poly, names: Mapping[int, int]) -> Poly:
        """Free indices renamed all at once."""
        if all(a == b for a, b in names.items()):
            return p
        return self._mapped(p, names)

    def summed(self, p: Poly, index: int, side: Side) -> Poly:
        """The sum over all values of a free index."""
        result: Poly = {}
        for (scalars, factors), c in p.items():
            bound = _next(factors)
            used = any(index in slots for _, slots in factors)
            moved = [(key, tuple(bound if i == index else i for i in slots)) for key, slots in factors]
            extra = [] if used else [(self.delta(side), (bound, bound))]
            result = self.plus(result, self.term(c, dict(scalars), [*moved, *extra]))
        return result

    def _mapped(self, p: Poly, names: Mapping[int, int]) -> Poly:
        result: Poly = {}
        for (scalars, factors), c in p.items():
            moved = [(key, tuple(names.get(i, i) for i in slots)) for key, slots in factors]
            result = self.plus(result, self.term(c, dict(scalars), moved))
        return result

    def free_in(self, p: Poly) -> list[int]:
        """The free indices that occur, the oldest first."""
        return sorted({i for _, factors in p for _, slots in factors for i in slots if i < 0}, reverse=True)

    # --- the normal form of a term --------------------------------------------------------------------------

    def term(self, coefficient: Fraction, scalars: Mapping[str, int], factors: Sequence[Factor]) -> Poly:
        """One term in normal form (or none, or a multiple of 1)."""
        if len(factors) > _FACTORS:
            raise TooLarge("too large")
        contracted, sides = self._contracted(list(factors))
        powers = Counter(dict(scalars))
        for side in sides:
            if isinstance(side, int):
                coefficient *= side
            else:
                powers[self.side(side)] += 1
        open_ = []
        for component in components(contracted):
            if any(i < 0 for _, slots in component for i in slots):
                open_.append(component)
            else:
                powers[self._closed(component)] += 1
        mono = (tuple(sorted((k, n) for k, n in powers.items() if n)), self._numbered(open_))
        return {mono: coefficient} if coefficient else {}

    def side(self, side: str) -> str:
        """The key of a side's length as a scalar."""
        key = f"side {side}"
        self.scalars.setdefault(key, Scalar(key, "side", head=side, positive=True))
        return key

    def _closed(self, component: tuple[Factor, ...]) -> str:
        factors = self.numbered(component)
        key = self.interned("n", factors)
        if key not in self.scalars:
            positive = all(self.heads[k].positive for k, _ in factors)
            self.scalars[key] = Scalar(
                key, "network", factors=factors, positive=positive, nonnegative=self._is_mirrored(factors)
            )
        return key

    def _numbered(self, components: list[tuple[Factor, ...]]) -> tuple[Factor, ...]:
        """The open parts side by side, in a fixed order, their summed indices numbered through."""
        result: list[Factor] = []
        start = 0
        for part in sorted(self.numbered(c) for c in components):
            result += [(key, tuple(i + start if i >= 0 else i for i in slots)) for key, slots in part]
            start += _next(part)
        return tuple(result)

    def _contracted(self, factors: list[Factor]) -> tuple[list[Factor], list[Side]]:
        """Deltas, inverses, exponentials and reciprocals used up; and the sides of the sums of 1 that remain."""
        sides: list[Side] = []
        while True:
            new = self._without_delta(factors, sides)
            if new is None:
                new = self._cancelled(factors)
            if new is None:
                new = self._merged(factors)
            if new is None:
                new = self._summed_to_one(factors)
            if new is None:
                return factors, sides
            factors = new

    def _without_delta(self, factors: list[Factor], sides: list[Side]) -> list[Factor] | None:
        for k, (key, slots) in enumerate(factors):
            if self.heads[key].kind != "delta":
                continue
            a, b = sorted(slots)
            rest = factors[:k] + factors[k + 1 :]
            if a == b:
                if a >= 0 and not any(a in other for _, other in rest):
                    sides.append(self.heads[key].sides[0])
                return rest
            if b >= 0:  # the summed index is the other one
                return [(name, tuple(a if i == b else i for i in other)) for name, other in rest]
            if any(a in other for _, other in rest):  # both are free: entries are written with the older one
                return [(name, tuple(b if i == a else i for i in other)) for name, other in rest] + [factors[k]]
        return None

    def _cancelled(self, factors: list[Factor]) -> list[Factor] | None:
        """``A A^{-1}`` and ``Q^T Q`` become a delta."""
        times = Counter(i for _, slots in factors for i in slots)
        for k, (key, slots) in enumerate(factors):
            head = self.heads[key]
            if not head.inverse and not head.orthogonal:
                continue
            for j, (other, more) in enumerate(factors):
                ends = self._inverse_ends(head, slots, other, more, times) if j != k else None
                if ends is not None:
                    rest = [f for i, f in enumerate(factors) if i not in (j, k)]
                    return [*rest, (self.delta(head.sides[0]), ends)]
        return None

    def _inverse_ends(
        self, head: Head, slots: tuple[int, ...], other: str, more: tuple[int, ...], times: Mapping[int, int]
    ) -> tuple[int, int] | None:
        """The outer indices of two adjacent factors that are inverse to each other."""
        for p, q in ((0, 1), (1, 0)):
            shared = slots[p]
            if shared < 0 or times[shared] != 2 or shared not in more:
                continue
            place = more.index(shared)
            turned = place == q or head.symmetric
            if head.inverse == other and turned:
                return slots[q], more[1 - place]
            if head.orthogonal and other == head.key and (place == p or head.symmetric):
                return slots[q], more[1 - place]
        return None

    def _summed_to_one(self, factors: list[Factor]) -> list[Factor] | None:
        """``sum_j y_j = 1`` of probabilities, and ``sum_j e_{ij}`` times its own reciprocal at i."""
        times = Counter(i for _, slots in factors for i in slots)
        for k, (key, slots) in enumerate(factors):
            head = self.heads[key]
            if head.shares and slots[-1] >= 0 and times[slots[-1]] == 1:
                return [*factors[:k], *factors[k + 1 :], *self._unity(slots[:-1], head.sides[:-1])]
            total = self._total_below(head)
            for j, (other, more) in enumerate(factors) if total is not None else ():
                if total is not None and other == total[0] and _is_sum(more, total[1], slots, times):
                    rest = [f for i, f in enumerate(factors) if i not in (j, k)]
                    return [*rest, *self._unity(slots, head.sides)]
        return None

    def _total_below(self, head: Head) -> Factor | None:
        """The one factor whose sum a reciprocal is the reciprocal of."""
        applied = head.applied
        if applied is None or applied.name != "power" or applied.exponent != -1 or len(applied.inner) != 1:
            return None
        (((scalars, factors), c),) = applied.inner.items()
        return factors[0] if c == 1 and not scalars and len(factors) == 1 else None

    def _merged(self, factors: list[Factor]) -> list[Factor] | None:
        """``e^u e^v = e^{u+v}`` and ``x x^{-1} = 1`` at the same indices."""
        seen: dict[tuple[int, ...], list[int]] = {}
        for k, (key, slots) in enumerate(factors):
            ordered = tuple(sorted(slots)) if self.heads[key].symmetric else slots
            for j in seen.get(ordered, ()):
                new = self._together(factors[j], factors[k])
                if new is not None:
                    return [*(f for i, f in enumerate(factors) if i not in (j, k)), *new]
            seen.setdefault(ordered, []).append(k)
        return None

    def _together(self, one: Factor, other: Factor) -> list[Factor] | None:
        first, second = self.heads[one[0]].applied, self.heads[other[0]].applied
        if first is not None and second is not None and first.name == second.name == "exp":
            return self._exponentials(one, other)
        for power, base in ((second, one), (first, other)):
            if power is not None and power.name == "power" and power.exponent == -1:
                places = FORMAL[: len(base[1])]
                if power.inner == self.entry(base[0], *places):
                    return self._unity(base[1], self.heads[base[0]].sides)
        return None

    def _exponentials(self, one: Factor, other: Factor) -> list[Factor] | None:
        heads = self.heads[one[0]], self.heads[other[0]]
        assert heads[0].applied is not None
        assert heads[1].applied is not None
        inner = self.plus(heads[0].applied.inner, heads[1].applied.inner)
        unity = self._unity(one[1], heads[0].sides)
        if not inner:
            return unity
        if self.free_in(inner) != list(FORMAL[: len(one[1])]):
            return None
        return [*unity, (self._function_head(Applied("exp", inner), heads[0].sides, True), one[1])]

    def _unity(self, indices: tuple[int, ...], sides: tuple[Side, ...]) -> list[Factor]:
        """1 at these indices, so that a sum over them still counts."""
        return [(self.delta(s), (i, i)) for i, s in zip(indices, sides, strict=True)]

    # --- functions and inverses -----------------------------------------------------------------------------

    def _function_head(self, applied: Applied, sides: tuple[Side, ...], positive: bool) -> str:
        key = self.interned("f", (applied.name, applied.order, applied.exponent, frozen(applied.inner)))
        symmetric = len(sides) == 2 and self.renamed(applied.inner, {-1: -2, -2: -1}) == applied.inner
        return self.head(Head(key, "function", sides, symmetric, positive=positive, applied=applied))

    def function(self, applied: Applied, sides: Mapping[int, Side], positive: bool = False) -> Poly:
        """A function of an expression as one opaque factor, or one scalar where no index is free.

        ``sides`` are the lengths of the free indices of the inner expression.
        """
        free = self.free_in(applied.inner)
        if len(free) > _MOST_INDICES:
            raise Undecidable("a function with more than three indices")
        if not free:
            key = self.interned("s", (applied.name, applied.order, applied.exponent, frozen(applied.inner)))
            return self.scalar(Scalar(key, "function", applied=applied, positive=positive))
        best = min(
            ((frozen(inner), order) for order in permutations(free) for inner in [self._formal(applied.inner, order)]),
            key=lambda pair: repr(pair[0]),
        )
        inner = dict(best[0])
        made = Applied(applied.name, inner, applied.order, applied.exponent)
        key = self._function_head(made, tuple(sides[i] for i in best[1]), positive)
        return self.entry(key, *best[1])

    def _formal(self, p: Poly, order: Sequence[int]) -> Poly:
        return self.renamed(p, dict(zip(order, FORMAL, strict=False)))

    def inverse(self, p: Poly, row: int, column: int, side: Side, symbol: str = "") -> Poly:
        """The inverse of a matrix as one opaque factor; a leading coefficient is taken out.

        It is the same factor for ``S``, ``2S`` and, with its indices turned, ``S^T``.
        """
        if not p:
            raise Undecidable("the inverse of zero")
        ways = [(self._formal(p, (row, column)), True), (self._formal(p, (column, row)), False)]
        inner, straight = min(ways, key=lambda way: repr(_monic(way[0])))
        lead = inner[min(inner)]
        inner = self.scaled(inner, 1 / lead)
        symmetric = _monic(ways[0][0]) == _monic(ways[1][0])
        key = self.interned("K", frozen(inner))
        self.head(Head(key, "inverse", (side, side), symmetric, inner=inner))
        return self.scaled(self.entry(key, *((row, column) if straight else (column, row))), 1 / lead)

    # --- canonical numbering --------------------------------------------------------------------------------

    def numbered(self, component: tuple[Factor, ...]) -> tuple[Factor, ...]:
        """A connected part with its summed indices numbered canonically, its factors in a fixed order."""
        found = self.canonical.get(component)
        if found is None:
            numbering = _Numbering(component, {k: self.heads[k].symmetric for k, _ in component})
            found = self.canonical[component] = numbering.best()
        return found

    def _is_mirrored(self, factors: tuple[Factor, ...]) -> bool:
        """Whether the network is certainly a sum of squares: equal on both sides of an index or a definite matrix."""
        times = Counter(i for _, slots in factors for i in slots)
        cuts = [(i, i, factors) for i, n in times.items() if n == 2]
        for k, (key, slots) in enumerate(factors):
            if self.heads[key].definite and slots[0] != slots[1]:
                cuts.append((slots[0], slots[1], factors[:k] + factors[k + 1 :]))
        return any(self._halves_agree(*cut) for cut in cuts)

    def _halves_agree(self, a: int, b: int, factors: tuple[Factor, ...]) -> bool:
        """Whether the factors fall into two equal parts, one that hangs on a and one on b."""
        parts = components((key, tuple(FORMAL[0] if i in (a, b) else i for i in slots)) for key, slots in factors)
        return len(parts) == 2 and self.numbered(parts[0]) == self.numbered(parts[1])


class _Numbering:
    """The canonical numbering of one connected network: colours refined, and ties tried in every way."""

    def __init__(self, factors: tuple[Factor, ...], symmetric: Mapping[str, bool]) -> None:
        self.factors, self.symmetric = factors, symmetric
        self.bound = sorted({i for _, slots in factors for i in slots if i >= 0})
        self.left = _LEAVES

    def best(self) -> tuple[Factor, ...]:
        """The least of the writings that differ only in the numbers of the summed indices."""
        return min(self._writings(self._refined(dict.fromkeys(self.bound, 0))))

    def _writings(self, colours: dict[int, int]) -> Iterator[tuple[Factor, ...]]:
        groups = Counter(colours.values())
        tied = [c for c, n in sorted(groups.items()) if n > 1]
        if not tied or self.left <= 0:
            self.left -= 1
            ranks = {i: k for k, i in enumerate(sorted(self.bound, key=lambda i: (colours[i], i)))}
            yield self._written(ranks)
            return
        for index in (i for i in self.bound if colours[i] == tied[0]):
            yield from self._writings(self._refined({**colours, index: len(colours) + 1}))

    def _written(self, ranks: Mapping[int, int]) -> tuple[Factor, ...]:
        moved = ((key, tuple(ranks.get(i, i) for i in slots)) for key, slots in self.factors)
        return tuple(sorted((key, tuple(sorted(s)) if self.symmetric[key] else s) for key, s in moved))

    def _refined(self, colours: dict[int, int]) -> dict[int, int]:
        classes = len(set(colours.values()))
        while classes < len(colours):
            signs = {i: (colours[i], self._around(i, colours)) for i in self.bound}
            ranks = {sign: k for k, sign in enumerate(sorted(set(signs.values())))}
            colours = {i: ranks[signs[i]] for i in self.bound}
            if len(ranks) == classes:
                break
            classes = len(ranks)
        return colours

    def _around(self, index: int, colours: Mapping[int, int]) -> tuple[tuple[str, int, tuple[int, ...]], ...]:
        """What an index sees: the factors it stands in, where, and the colours beside it."""
        seen = []
        for key, slots in self.factors:
            if index in slots:
                beside = tuple(colours.get(i, i) for i in slots)
                even = self.symmetric[key]
                places = [0] if even else [k for k, i in enumerate(slots) if i == index]
                seen += [(key, place, tuple(sorted(beside)) if even else beside) for place in places]
        return tuple(sorted(seen))


def _is_sum(slots: tuple[int, ...], form: tuple[int, ...], at: tuple[int, ...], times: Mapping[int, int]) -> bool:
    """Whether indices are those of a form at given free ones, the others summed over and nowhere else."""
    return all(
        i == at[FORMAL.index(place)] if place < 0 else i >= 0 and times[i] == 1
        for i, place in zip(slots, form, strict=True)
    )


def _next(factors: Iterable[Factor]) -> int:
    """The first number that no summed index has."""
    return 1 + max((i for _, slots in factors for i in slots if i >= 0), default=-1)


def frozen(p: Poly) -> tuple[tuple[Mono, Fraction], ...]:
    """A sum of terms as a hashable value."""
    return tuple(sorted(p.items()))


def _monic(p: Poly) -> tuple[tuple[Mono, Fraction], ...]:
    lead = p[min(p)]
    return frozen({mono: c / lead for mono, c in p.items()})


def components(factors: Iterable[Factor]) -> list[tuple[Factor, ...]]:
    """The factors grouped by the summed indices they share; each without any stands alone."""
    groups: list[tuple[set[int], list[Factor]]] = []
    for factor in factors:
        mine = {i for i in factor[1] if i >= 0}
        joined = [factor]
        rest = []
        for bound, members in groups:
            if bound & mine:
                mine |= bound
                joined = members + joined
            else:
                rest.append((bound, members))
        groups = [*rest, (mine, joined)]
    return [tuple(members) for _, members in groups]
