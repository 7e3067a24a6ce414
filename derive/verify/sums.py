"""Sums with symbolic bounds or over a set, as generators with a normal form.

Every bounded sum is shifted to start at 1. A sum is split term by term; what does not depend on the index goes in
front; a sum within a sum becomes one over several indices; ``[i = k]`` puts k in for i when k is in range; a law is
summed out over what nothing else depends on; indices that no factor connects are summed apart; a sum of ones is
counted; polynomials and geometric terms have closed forms (:mod:`series`). What is left is one generator: its
indices in canonical order, each of its members the least of those that exchanging equal indices gives.

A sum has a value where its upper bound is at most one below its lower one (then it is empty).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce
from itertools import groupby, permutations, product
from typing import NamedTuple

from derive.tree import ONE, Call, Negative, Node, Sum, Symbol, number, substitute
from derive.verify.bound import Bound, provisional
from derive.verify.brackets import Brackets
from derive.verify.core import DISCRETE, INDICES, UNSTATED, fresh, is_fresh, is_index, is_set, walk
from derive.verify.densities import density
from derive.verify.field import Element, Kernel, Poly, key_of
from derive.verify.kernels import Kernels
from derive.verify.series import closed_form, offset
from derive.verify.signals import Undecidable, Undefined
from derive.verify.trees import tree

_INDICES = 4  # of one sum
_EDGES = 12  # terms split off at an end
_WRITTEN_OUT = 40  # terms of a sum between numbers


class Binder(NamedTuple):
    """An index: from 1 to ``upper``, or over the set ``space``."""

    name: Symbol
    upper: Element | None
    space: Node | None = None


Binders = tuple[Binder, ...]


class Sums(Bound):
    """Sums over one field.

    ``facts`` are the keys of elements that the statement takes to be nowhere negative, and memberships of sets.
    """

    def __init__(
        self,
        kernels: Kernels,
        convert: Callable[[Node], Element],
        differentiate: Callable[[Element, Symbol], Element],
        brackets: Brackets,
    ) -> None:
        super().__init__(kernels, convert, differentiate, brackets)
        self.facts: set[str] = set()

    def bounded(self, body: Node, index: Symbol, lower: Element, upper: Element, where: Node | None) -> Element:
        """A sum of a tree from ``lower`` to ``upper``."""
        field = self.field
        if where is None and (terms := self._few(body, index, lower, upper)) is not None:
            return reduce(field.plus, map(self.convert, terms), field.zero)
        name = provisional(body, "pi")
        start, restriction = self._start(lower)
        inner = self._shifted(body, index, name, start)
        if restriction:
            inner = field.times(inner, self.brackets.compared(field.minus(self.element(name), restriction[0]), ">="))
        if where is not None:
            inner = field.times(inner, self.brackets.of(self._moved(where, index, name, start), self.convert))
        endless = self.is_infinite(Binder(name, upper))
        count = upper if endless else field.plus(field.minus(upper, start), field.one)
        return self.linear((Binder(name, count),), inner)

    def _few(self, body: Node, index: Symbol, lower: Element, upper: Element) -> list[Node] | None:
        """The terms between numbers, where factorials need the index itself: ``(5 - i)!`` at 5."""
        first, last = self.field.rational(lower), self.field.rational(upper)
        if first is None or last is None or not first - 1 <= last < first + _WRITTEN_OUT or first.denominator != 1:
            return None
        if not any(isinstance(p, Call) and p.name == "factorial" for p in walk(body)):
            return None
        return [substitute(body, {index: number(k)}) for k in range(int(first), int(last) + 1)]

    def over_set(self, body: Node, index: Symbol, space: Node, where: Node | None) -> Element:
        """A sum of a tree over a set."""
        counted = isinstance(space, Symbol) and is_set(space) and space.sub.startswith(INDICES)
        name = provisional(body, "pi" if counted or is_index(index) else "pv")
        inner = self.convert(substitute(body, {index: name}))
        if where is not None:
            inner = self.field.times(inner, self.brackets.of(substitute(where, {index: name}), self.convert))
        return self.linear((Binder(name, None, space),), inner)

    def element(self, name: Symbol) -> Element:
        """The generator of a name."""
        return self.convert(name)

    def _start(self, lower: Element) -> tuple[Element, list[Element]]:
        """Where the sum is counted from; a lower bound that depends on another index becomes a bracket."""
        if self.is_infinite(Binder(fresh(0), lower)):
            raise Undecidable("a sum from minus infinity")
        inner = [s for s in self.field.symbols(lower) if is_fresh(s)]
        if not inner:
            return lower, []
        rest = lower
        for s in inner:
            rest = self.put_in(rest, s, self.field.one)
        start = self.field.rational(rest)
        if start is None or any(self._slope(lower, s) != 1 for s in inner):
            raise Undecidable("a lower bound that depends on another index")
        return rest, [self.field.plus(self.field.minus(lower, rest), self.field.one)]

    def _moved(self, node: Node, index: Symbol, name: Symbol, start: Element) -> Node:
        if start == self.field.one:
            return substitute(node, {index: name})
        value = self.field.rational(start)
        first = tree(self.field, start) if value is None else number(value - 1)
        moved = (name, first) if value is not None else (name, first, Negative(ONE))
        return substitute(node, {index: Sum(moved)})

    def _shifted(self, body: Node, index: Symbol, name: Symbol, start: Element) -> Element:
        return self.convert(self._moved(body, index, name, start))

    # --- term by term -----------------------------------------------------------------------------------

    def linear(self, binders: Binders, body: Element) -> Element:
        """A sum split term by term."""
        field = self.field
        field.clock.check()
        body = self.brackets.tidy(body)
        if body.top.is_zero():
            return field.zero
        names = frozenset(b.name for b in binders)
        outside, inside = self.divided(body.bottom, names)
        whole, rest = (field.nought, body.top) if inside.is_one() else divmod(body.top, inside)
        result = self._terms(binders, names, whole, field.unit)
        result = field.plus(result, self._terms(binders, names, rest, inside))
        return field.over(result, field.polynomial(outside))

    def _terms(self, binders: Binders, names: frozenset[Symbol], top: Poly, inside: Poly) -> Element:
        """The sum of the terms of ``top``, each over ``inside``, which all depends on the indices."""
        field, result = self.field, self.field.zero
        for powers, coefficient in zip(top.monoms(), top.coeffs(), strict=True):
            front, rest = self.separated(powers, names)
            value = self._member(binders, field.fraction(rest, inside))
            result = field.plus(result, field.times(field.polynomial(front * coefficient), value))
        return result

    def _holds_bracket(self, p: Poly) -> bool:
        return any(self.field.kernels[i].kind == "bracket" for i in self.field.used(p))

    def _member(self, binders: Binders, member: Element, settled: bool = False) -> Element:
        """A sum of one term: the first law that applies, else a generator."""
        for law in (self._flattened, self._selected, self._summed_out, self._counted, self._apart):
            found = law(binders, member)
            if found is not None:
                return found
        if len(binders) == 1:
            return self._single(binders[0], member)
        return self._generator(binders, member) if settled else self._several(binders, member)

    # --- sums within sums -------------------------------------------------------------------------------

    def _flattened(self, binders: Binders, member: Element) -> Element | None:
        """The sum of a product with sums as one over all their indices."""
        names = frozenset(b.name for b in binders)
        degrees = member.top.degrees()
        for place in self.field.used(member.top):
            kernel = self.field.kernels[place]
            if kernel.kind != "sum" or kernel.symbols.isdisjoint(names):
                continue
            times = int(degrees[place])
            if len(binders) + len(kernel.data) * times > _INDICES or any(map(self.is_infinite, binders)):
                continue
            rest = self.field.fraction(member.top / self.field.generators[place] ** times, member.bottom)
            found = self._merged(binders, kernel, rest)
            if found is None:
                continue
            all_binders, body = found
            if times > 1:
                itself = self.field.polynomial(self.field.generators[place] ** (times - 1))
                body = self.field.times(body, itself)
            return self.linear(all_binders, body)
        return None

    def _merged(self, binders: Binders, kernel: Kernel, rest: Element) -> tuple[Binders, Element] | None:
        free = (k for k in range(_INDICES * 2) if not any(b.name.sub == str(k) for b in binders))
        put_in: dict[Node, Node] = {}
        added, factor = [], self.field.one
        for inner in binders_of(kernel):
            name = fresh(next(free), "wi" if is_index(inner.name) else "wv")
            put_in[inner.name] = name
            upper = inner.upper
            if upper is not None and self.is_infinite(inner):
                return None
            if upper is not None:
                limited = self._limited(upper, name, binders)
                if limited is None:
                    return None
                upper, within = limited
                factor = self.field.times(factor, within)
            added.append(Binder(name, upper, inner.space))
        body = self.renamed(kernel.inner[2], put_in)
        return (*binders, *added), self.field.times(rest, self.field.times(factor, body))

    def _limited(self, upper: Element, name: Symbol, binders: Binders) -> tuple[Element, Element] | None:
        """An upper bound that depends on outer indices as the largest of them, and a bracket."""
        outer = [b for b in binders if b.name in self.field.symbols(upper)]
        if not outer:
            return upper, self.field.one
        largest = upper
        for b in outer:
            slope = self._slope(upper, b.name)
            if slope not in (1, -1) or b.upper is None:
                return None
            largest = self.put_in(largest, b.name, b.upper if slope == 1 else self.field.one)
        return largest, self.brackets.compared(self.field.minus(upper, self.element(name)), ">=")

    def _slope(self, element: Element, name: Symbol) -> int | None:
        """The whole factor before a name in a polynomial that is linear in it."""
        place = self.field.used(self.element(name).top)[0]
        if not element.bottom.is_one() or int(element.top.degrees()[place]) != 1:
            return None
        slope = element.top.derivative(place)
        return int(slope.leading_coefficient()) if slope.is_constant() else None

    # --- brackets ---------------------------------------------------------------------------------------

    def _selected(self, binders: Binders, member: Element) -> Element | None:
        """``[i = k]`` selects one term, when k is certainly in range."""
        for place in self.field.used(member.top):
            kernel = self.field.kernels[place]
            if kernel.kind != "bracket" or kernel.data != "=":
                continue
            for binder in reversed(binders):
                value = self._solved(kernel.inner[0], binder.name)
                if value is None or not (self._in_range(value, binder, binders) or self._has_mass(member, binder)):
                    continue
                rest = self.field.fraction(member.top / self.field.generators[place], member.bottom)
                others = tuple(b for b in binders if b is not binder)
                try:
                    chosen = self.put_in(rest, binder.name, value)
                except Undefined:
                    raise Undecidable("a term of the sum has no value") from None
                return self.linear(others, chosen) if others else chosen
        return None

    def _solved(self, u: Element, name: Symbol) -> Element | None:
        slope = self._slope(u, name) if name in self.field.symbols(u) else None
        if slope not in (1, -1):
            return None
        rest = self.field.minus(u, self.field.scaled(self.element(name), slope))
        return self.field.scaled(rest, -slope) if name not in self.field.symbols(rest) else None

    def _in_range(self, value: Element, binder: Binder, binders: Binders) -> bool:
        field = self.field
        other = next((b for b in binders if value == self.element(b.name)), None)
        if other is not None:
            return (other.upper, other.space) == (binder.upper, binder.space)
        if binder.upper is None:
            return member_fact(value, binder.space) in self.facts
        ends = field.minus(value, field.one), field.minus(binder.upper, value)
        return all(key_of(e) in self.facts or self._nowhere_negative(e) for e in ends)

    def _has_mass(self, member: Element, binder: Binder) -> bool:
        """Whether a term has the probability of the value as a factor, which is zero where it is no value."""
        name = binder.space.sub if isinstance(binder.space, Symbol) and is_set(binder.space) else ""
        if not name.startswith((DISCRETE, UNSTATED)):
            return False
        own = self.element(binder.name)
        kernels = [self.field.kernels[i] for i in self.field.used(member.top)]
        return any(k.kind == "density" and own in k.inner for k in kernels)

    def _nowhere_negative(self, element: Element) -> bool:
        if element.top.is_zero():
            return True
        signs = self.kernels.signs
        return signs.sign(element.top)[0] * signs.sign(element.bottom)[0] > 0

    # --- laws, counts, parts ----------------------------------------------------------------------------

    def _summed_out(self, binders: Binders, member: Element) -> Element | None:
        """The sum of a law over a quantity that nothing else depends on."""
        degrees = member.top.degrees()
        for binder in binders:
            if binder.space is None or self.depends(member.bottom, (binder.name,)):
                continue
            places = [i for i in self.field.used(member.top) if binder.name in self.field.kernels[i].symbols]
            if len(places) != 1 or degrees[places[0]] != 1:
                continue
            margin = self._margin(self.field.kernels[places[0]], binder.name)
            if margin is None:
                continue
            rest = self.field.fraction(member.top / self.field.generators[places[0]], member.bottom)
            others = tuple(b for b in binders if b is not binder)
            value = self.field.times(rest, margin)
            return self.linear(others, value) if others else value
        return None

    def _margin(self, kernel: Kernel, name: Symbol) -> Element | None:
        if kernel.kind != "density":
            return None
        _, slots, orders = kernel.data
        own = self.element(name)
        at = [k for k, e in enumerate(kernel.inner) if name in self.field.symbols(e)]
        if len(at) != 1 or at[0] >= len(slots) or kernel.inner[at[0]] != own or orders[at[0]]:
            return None
        k = at[0]
        inner = [e for j, e in enumerate(kernel.inner) if j != k]
        data = (kernel.data[0], slots[:k] + slots[k + 1 :], orders[:k] + orders[k + 1 :])
        return density(self.kernels, data, inner)

    def _counted(self, binders: Binders, member: Element) -> Element | None:
        """An index that the term does not depend on is counted."""
        used = self.field.symbols(member)
        unused = [b for b in binders if b.name not in used]
        if not unused:
            return None
        count = self.field.one
        for b in unused:
            count = self.field.times(count, self.count(b))
        others = tuple(b for b in binders if b.name in used)
        return self.field.times(count, self.linear(others, member) if others else member)

    def count(self, binder: Binder) -> Element:
        """How many values an index takes."""
        if binder.upper is None:
            data = binder.space
            symbols = frozenset({data}) if isinstance(data, Symbol) else frozenset()
            return self.field.generator(Kernel("size", data=data, symbols=symbols), ("size", data))
        if self.is_infinite(binder):
            raise Undecidable("an infinite sum of constants")
        return binder.upper

    def is_infinite(self, binder: Binder) -> bool:
        """Whether a sum runs to infinity."""
        upper = binder.upper
        kernels = [] if upper is None else [self.field.kernels[i] for i in self.field.used(*upper)]
        return any(k.kind == "opaque" for k in kernels)

    def _apart(self, binders: Binders, member: Element) -> Element | None:
        """A product of sums, where no factor connects the indices."""
        if len(binders) < 2:
            return None
        parts = self._connected(binders, member)
        if len(parts) < 2:
            return None
        result = self.field.one
        for group, factor in parts:
            result = self.field.times(result, self.linear(group, factor))
        return result

    def _factors(self, member: Element) -> Iterator[Element]:
        degrees = member.top.degrees()
        for place in self.field.used(member.top):
            yield self.field.polynomial(self.field.generators[place] ** int(degrees[place]))
        if not member.bottom.is_constant():
            for part, times in self.field.factors(member.bottom)[1]:
                yield Element(self.field.unit, part**times)

    def _connected(self, binders: Binders, member: Element) -> list[tuple[Binders, Element]]:
        groups: list[tuple[frozenset[Symbol], Element]] = []
        for factor in self._factors(member):
            names = frozenset(b.name for b in binders) & self.field.symbols(factor)
            joined = [g for g in groups if g[0] & names]
            groups = [g for g in groups if not g[0] & names]
            for others, value in joined:
                names, factor = names | others, self.field.times(factor, value)
            groups.append((names, factor))
        return [(tuple(b for b in binders if b.name in names), factor) for names, factor in groups]

    # --- one index --------------------------------------------------------------------------------------

    def _single(self, binder: Binder, member: Element) -> Element:
        if binder.upper is None or self.is_infinite(binder):
            found = None if binder.upper is None else closed_form(self, member, binder.name, None)
            return self._generator((binder,), member) if found is None else found
        count = self.field.rational(binder.upper)
        if count is not None and count < 0:
            raise Undefined
        if count is not None and count.denominator == 1 and 0 <= count <= _WRITTEN_OUT:
            return self._written_out(member, binder.name, self.field.zero, int(count))
        found = closed_form(self, member, binder.name, binder.upper)
        if found is not None:
            return found
        try:
            return self._moved_to_zero(binder, member) or self._cut(binder, member) or self._turned(binder, member)
        except Undefined:  # a term at an end has no value: the sum stays as it is written
            return self._generator((binder,), member)

    def _written_out(self, member: Element, name: Symbol, start: Element, count: int) -> Element:
        """The terms after ``start``, one by one."""
        result = self.field.zero
        for k in range(1, count + 1):
            at = self.field.plus(start, self.field.number(k))
            result = self.field.plus(result, self.put_in(member, name, at))
        return result

    def _ends(self, member: Element, name: Symbol, start: Element, count: int) -> Element:
        """The terms from ``start + 1`` to ``start + count``; minus those after it when count is negative."""
        if count >= 0:
            return self._written_out(member, name, start, count)
        below = self.field.plus(start, self.field.number(count))
        return self.field.scaled(self._written_out(member, name, below, -count), -1)

    def _moved_to_zero(self, binder: Binder, member: Element) -> Element | None:
        """``x_{i+1}`` as ``x_i``, with the terms at the ends."""
        shift = offset(self, member, binder.name)
        if not shift or abs(shift) > _EDGES or binder.upper is None:
            return None
        field = self.field
        moved = self.put_in(member, binder.name, field.minus(self.element(binder.name), field.number(shift)))
        upper = field.plus(binder.upper, field.number(shift))
        front = self._ends(moved, binder.name, field.zero, shift)
        return field.minus(self.linear((Binder(binder.name, upper),), moved), front)

    def _cut(self, binder: Binder, member: Element) -> Element | None:
        """A sum to n + 2 as one to n and two terms."""
        assert binder.upper is not None
        field, upper = self.field, binder.upper
        if not upper.bottom.is_one():
            return None
        more = int(upper.top[(0,) * field.needs.room])
        if not more or abs(more) > _EDGES:
            return None
        rest = field.minus(upper, field.number(more))
        ends = self._ends(member, binder.name, rest, more)
        return field.plus(self.linear((Binder(binder.name, rest),), member), ends)

    def _turned(self, binder: Binder, member: Element) -> Element:
        """The sum read from its end, where that has no bound in its terms."""
        field, upper = self.field, binder.upper
        assert upper is not None
        if not field.symbols(upper).isdisjoint(field.symbols(member)):
            last = field.minus(field.plus(upper, field.one), self.element(binder.name))
            turned = self.put_in(member, binder.name, last)
            if field.symbols(upper).isdisjoint(field.symbols(turned)):
                return self.linear((binder,), turned)
        return self._generator((binder,), member)

    # --- several indices --------------------------------------------------------------------------------

    def _several(self, binders: Binders, member: Element) -> Element:
        """The least of the terms that exchanging equal indices gives; with conditions, the mean of several least."""
        ordered = sorted(binders, key=self._signature)
        names = [fresh(self.height(member) + k, "i" if is_index(b.name) else "v") for k, b in enumerate(ordered)]
        canonical = tuple(Binder(n, b.upper, b.space) for n, b in zip(names, ordered, strict=True))
        condition, rest = self._conditions(member)
        forms: dict[str, list[dict[Node, Node]]] = {}
        for order in self._exchanges(ordered):
            put_in: dict[Node, Node] = {b.name: n for b, n in zip(order, names, strict=True)}
            forms.setdefault(key_of(self.renamed(rest, put_in)), []).append(put_in)
        least = forms[min(forms)]
        if condition is None:
            return self._generator(canonical, self.renamed(rest, least[0]))
        total = self.field.zero
        for put_in in least:
            total = self.field.plus(total, self.renamed(condition, put_in))
        mean = self.field.over(total, self.field.number(len(least)))
        body = self.brackets.tidy(self.field.times(mean, self.renamed(rest, least[0])))
        return self._settled(canonical, body)

    def _settled(self, binders: Binders, body: Element) -> Element:
        """A sum whose indices are in order: a generator for each term that has no further law."""
        result = self.field.zero
        for powers, coefficient in zip(body.top.monoms(), body.top.coeffs(), strict=True):
            front, rest = self.separated(powers, frozenset(b.name for b in binders))
            outside, inside = self.divided(body.bottom, frozenset(b.name for b in binders))
            member = self.field.fraction(rest, inside)
            value = self._member(binders, member, settled=self._holds_bracket(rest))
            result = self.field.plus(result, self.field.times(self.field.fraction(front * coefficient, outside), value))
        return result

    def _signature(self, binder: Binder) -> str:
        return repr(binder.space) if binder.upper is None else key_of(binder.upper)

    def _exchanges(self, ordered: list[Binder]) -> Iterator[list[Binder]]:
        groups = [list(g) for _, g in groupby(ordered, key=self._signature)]
        for orders in product(*(permutations(g) for g in groups)):
            yield [b for order in orders for b in order]

    def _conditions(self, member: Element) -> tuple[Element | None, Element]:
        """The brackets of a term, and the rest of it."""
        factor = self.field.unit
        for place in self.field.used(member.top):
            if self.field.kernels[place].kind == "bracket":
                factor = factor * self.field.generators[place]
        if factor.is_one():
            return None, member
        return self.field.polynomial(factor), self.field.fraction(member.top / factor, member.bottom)

    def _generator(self, binders: Binders, body: Element) -> Element:
        field = self.field
        if len(binders) == 1:
            mark = "i" if is_index(binders[0].name) else "v"
            name = fresh(self.height(body), mark)
            if name != binders[0].name:
                body = self.renamed(body, {binders[0].name: name})
            binders = (Binder(name, binders[0].upper, binders[0].space),)
        if self._holds_bracket(body.bottom):
            raise Undecidable("a condition in a denominator")
        body = field.canonical(body)
        uppers = [field.one if b.upper is None else b.upper for b in binders]
        names = frozenset(b.name for b in binders)
        sets = frozenset(b.space for b in binders if isinstance(b.space, Symbol))
        symbols = field.symbols(*uppers) | (field.symbols(body) - names) | sets
        data = tuple((b.name, b.space) for b in binders)
        inner = (field.one, uppers[0], body, *uppers[1:])
        return field.generator(Kernel("sum", inner, data=data, symbols=symbols), ("sum", data, key_of(*inner)))

    # --- derivatives ------------------------------------------------------------------------------------

    def derivative(self, kernel: Kernel, x: Symbol) -> Element:
        """Term by term; the bounds may not depend on x."""
        binders = binders_of(kernel)
        if any(b.upper is not None and x in self.field.symbols(b.upper) for b in binders):
            raise Undecidable("the number of terms depends on the variable")
        return self.linear(binders, self.differentiate(kernel.inner[2], x))


def binders_of(kernel: Kernel) -> Binders:
    """The indices of a sum's generator."""
    uppers = (kernel.inner[1], *kernel.inner[3:])
    rows = zip(kernel.data, uppers, strict=True)
    return tuple(Binder(name, upper if space is None else None, space) for (name, space), upper in rows)


def member_fact(value: Element, space: Node | None) -> str:
    """The fact that a value is in a set."""
    return f"{key_of(value)} in {space!r}"
