"""Sums of terms in index notation as numbers: what is left to the exact proof of :mod:`cases`.

At fixed free indices every connected part of a term is a number, whatever it is. :class:`Scalarised` writes it as a
letter of its own, the same for the same part, and functions of such parts as functions; so ``x x^T/(x^T x)`` becomes
``u/k`` and ``sigma'(z) = sigma(z)(1 - sigma(z))`` a statement about one number. What is proved of the letters holds of
the matrices; the converse is not true, so nothing is refuted this way. Called by :mod:`abstract`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from fractions import Fraction

from derive.tree import (
    Call,
    Component,
    Expectation,
    Indexed,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    SumOver,
    Symbol,
    Transpose,
    number,
    times,
    total,
)
from derive.tree import Root as RootOf
from derive.verify.contractions import FORMAL, Applied, Factor, Mono, Networks, Poly, Scalar, components
from derive.verify.shapes import Side, unmarked
from derive.verify.trees import raised
from derive.verify.wording import letter_of, rewritten


class Scalarised:
    """The letters that stand for the parts of terms, and what is known of their signs (``domains``)."""

    def __init__(self, net: Networks, domains: dict[Symbol, str]) -> None:
        self.net = net
        self.domains: dict[Symbol, str] = dict(domains)
        self.letters: dict[object, Symbol] = {}

    def node(self, p: Poly) -> Node:
        """The sum of terms as a scalar expression."""
        return total([self._term(mono, c) for mono, c in sorted(p.items())])

    def _term(self, mono: Mono, c: Fraction) -> Node:
        if c < 0:
            return Negative(self._term(mono, -c))
        scalars, factors = mono
        top = [raised(self._scalar(self.net.scalars[k]), n) for k, n in scalars if n > 0]
        bottom = [raised(self._scalar(self.net.scalars[k]), -n) for k, n in scalars if n < 0]
        top += _powers(self._part(part) for part in self._parts(factors))
        if c != 1 or not top:
            top.insert(0, number(c))
        return Quotient(times(top), times(bottom)) if bottom else times(top)

    def _parts(self, factors: tuple[Factor, ...]) -> list[tuple[Factor, ...]]:
        return components(factors)

    def _part(self, part: tuple[Factor, ...]) -> Node:
        if len(part) == 1:
            key, slots = part[0]
            applied = self.net.heads[key].applied
            if applied is not None and all(i < 0 for i in slots):
                return self._applied(applied, slots)
        canonical = self.net.numbered(part)
        positive = all(self.net.heads[k].positive for k, _ in canonical)
        return self._letter(canonical, "positive" if positive else "real", "part")

    def _letter(self, key: object, domain: str, name: str) -> Symbol:
        if key not in self.letters:
            made = self.letters[key] = Symbol(name, sub=str(len(self.letters) + 1))
            self.domains[made] = domain
        return self.letters[key]

    def readable(self, condition: str) -> str:
        """A condition with the parts written as they are: ``xᵀ x ≠ 0``."""
        return rewritten(condition, {letter: self._written(key) for key, letter in self.letters.items()})

    def _written(self, key: object) -> Node:
        if isinstance(key, str):
            scalar = self.net.scalars[key]
            if scalar.kind == "determinant":
                return Call("det", (_sum(self.net, scalar.inner),))
            return _network(self.net, scalar.factors)
        assert isinstance(key, tuple)
        return _network(self.net, key)

    def _scalar(self, scalar: Scalar) -> Node:
        match scalar.kind:
            case "symbol" if scalar.node is not None:
                return scalar.node
            case "side":
                symbol = Symbol(scalar.head)
                self.domains.setdefault(symbol, "positive integer")
                return symbol
            case "side power":
                self.domains.setdefault(Symbol(scalar.head), "positive integer")
                return Power(self.node(scalar.inner), Symbol(scalar.head))
            case "function" if scalar.applied is not None:
                return self._applied(scalar.applied, ())
        domain = "positive" if scalar.positive else "nonnegative" if scalar.nonnegative else "real"
        return self._letter(scalar.key, domain, "part")

    def _applied(self, applied: Applied, slots: tuple[int, ...]) -> Node:
        inner = self.node(self.net.renamed(applied.inner, dict(zip(FORMAL, slots, strict=False))))
        if applied.name != "power":
            return Call(applied.name, (inner,), applied.order)
        n, degree = applied.exponent.numerator, applied.exponent.denominator
        base = inner if degree == 1 else RootOf(inner, Number(str(degree)))
        power = raised(base, abs(n))
        return Quotient(Number("1"), power) if n < 0 else power


def under_the_sum(net: Networks, p: Poly, fresh: Callable[[Side], int]) -> Poly | None:
    """A sum of terms that are all sums over one index, with that index free; it is zero if the result is.

    The index is the one at which functions of entries stand. None where terms have no such index of one length.
    """
    opened_terms = [_opened_term(net, mono) for mono in p]
    sides = {side for term in opened_terms if term is not None for side in [term[2]] if side is not None}
    if len(sides) != 1 or None in opened_terms:
        return None
    (side,) = sides
    index = fresh(side)
    result: Poly = {}
    for term, c in zip(opened_terms, p.values(), strict=True):
        assert term is not None
        scalars, factors, own = term
        place = _summed_index(net, factors, side, own is not None)
        if place is None:
            return None
        moved = [(key, tuple(index if i == place else i for i in slots)) for key, slots in factors]
        result = net.plus(result, net.term(c, scalars, moved))
    return result


def _opened_term(net: Networks, mono: Mono) -> tuple[dict[str, int], list[Factor], Side | None] | None:
    """A term with one closed network opened if it has no open factors, and the side functions stand at."""
    scalars, factors = dict(mono[0]), list(mono[1])
    if not any(i >= 0 for _, slots in factors for i in slots):
        closed_ = [k for k, n in scalars.items() if n == 1 and net.scalars[k].factors]
        if not closed_:
            return None
        best = max(closed_, key=lambda k: any(net.heads[h].applied for h, _ in net.scalars[k].factors))
        scalars[best] = 0
        factors += net.scalars[best].factors
    return scalars, factors, _side_of_functions(net, factors)


def _side_of_functions(net: Networks, factors: list[Factor]) -> Side | None:
    for key, slots in factors:
        if net.heads[key].applied is not None and len(slots) == 1 and slots[0] >= 0:
            return net.heads[key].sides[0]
    return None


def _summed_index(net: Networks, factors: list[Factor], side: Side, with_functions: bool) -> int | None:
    """The summed index of that length, the one at which functions stand where there are any."""
    for key, slots in factors:
        if with_functions and net.heads[key].applied is None:
            continue
        for i, length in zip(slots, net.heads[key].sides, strict=True):
            if i >= 0 and length == side:
                return i
    return None


def _powers(factors: Iterable[Node]) -> list[Node]:
    """Equal factors as one power."""
    return [raised(factor, many) for factor, many in Counter(factors).items()]


# --- for a person --------------------------------------------------------------------------------------------


def _sum(net: Networks, p: Poly) -> Node:
    """A sum of terms for a person, as far as its terms are chains."""
    return total([_term(net, factors, c) for (_, factors), c in p.items()])


def _term(net: Networks, factors: tuple[Factor, ...], c: Fraction) -> Node:
    if c < 0:
        return Negative(_term(net, factors, -c))
    part = [_network(net, factors)] if factors else []
    return times(part if c == 1 and part else [number(c), *part])


def _network(net: Networks, factors: tuple[Factor, ...]) -> Node:
    """A part of a term for a person: ``wᵀ Xᵀ X w``, ``tr(A B)``, or else the sum over its entries."""
    return _chained(net, list(factors)) or _by_entries(net, factors)


def _chained(net: Networks, factors: list[Factor]) -> Node | None:
    """The factors in the order of a product from one vector to another or around a loop, where that says it all."""
    (key, slots), *others = factors
    if not others and len(slots) == 1 and slots[0] >= 0:  # summed over: all entries of a vector
        return Product((Transpose(Symbol("1", font="bold")), _factor(net, key)))
    met = Counter(i for _, slots in factors for i in slots)
    if any(len(slots) not in (1, 2) for _, slots in factors) or any(i < 0 or n != 2 for i, n in met.items()):
        return None
    ends = [f for f in factors if len(f[1]) == 1]
    start = ends[0] if ends else factors[0]
    first = _factor(net, start[0])
    chain = [Transpose(first) if ends else first]
    here, left = start[1][-1], [f for f in factors if f is not start]
    while left:
        found = next(f for f in left if here in f[1])
        left.remove(found)
        straight = found[1][0] == here
        factor = _factor(net, found[0])
        chain.append(factor if straight or net.heads[found[0]].symmetric else Transpose(factor))
        here = found[1][-1 if straight else 0]
    return times(chain) if ends else Call("tr", (times(chain),))


_PLACES = (Symbol("i"), Symbol("j"))
_SUMMED = "klmnpqrst"


def _by_entries(net: Networks, factors: tuple[Factor, ...]) -> Node:
    """The product of the entries, summed over the indices that are not those of the statement's own entries."""
    letters = {-1: _PLACES[0], -2: _PLACES[1]}
    summed = sorted({i for _, slots in factors for i in slots} - letters.keys())
    letters |= {i: Symbol(_SUMMED[k % len(_SUMMED)]) for k, i in enumerate(summed)}
    body = times(_powers(_entry(net, key, tuple(letters[i] for i in slots)) for key, slots in factors))
    for i in summed:
        body = SumOver(body, letters[i], None, None)
    return body


def _entry(net: Networks, key: str, places: tuple[Symbol, ...]) -> Node:
    whole = _factor(net, key)
    if not places or net.heads[key].applied is not None:
        return whole
    return Indexed(whole, places) if isinstance(whole, Symbol) else Component(whole, places)


def _factor(net: Networks, key: str) -> Node:
    """What a factor is an entry of, where its indices are left out."""
    head = net.heads[key]
    if head.applied is not None:
        return Call(head.applied.name, (_sum(net, head.applied.inner),))
    match head.kind:
        case "inverse":
            return Power(_factor(net, head.inverse) if head.inverse else _sum(net, head.inner), Negative(Number("1")))
        case "expectation":
            return Expectation("E", (_sum(net, head.inner),))
        case "delta":
            return Symbol("I")
        case "letter" if isinstance(head.letter, Symbol):
            return unmarked(head.letter)
    return letter_of(key.rpartition(" ")[2] if head.kind == "letter" else "i")
