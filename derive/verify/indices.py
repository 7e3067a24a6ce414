"""Sums and products over an index, and derivatives by a member of an indexed family, in the core language.

Called by :class:`~derive.verify.meaning.Meaning`. A sum between numbers is written out; one without bounds runs over
a set (:mod:`sets`); a condition below the sign (``j != i``, ``i < j``) stays a condition, and says that the letter it
compares with is in range. ``d/dx_k`` of an expression is its derivative by h at h = 0 with ``x_i + h [i = k]`` put in
for ``x_i``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from derive.limits import EXPANSION_TERMS
from derive.tree import (
    ZERO,
    Call,
    Dots,
    Indexed,
    Negative,
    Node,
    Optimum,
    Product,
    ProductOver,
    Relation,
    Set,
    Statements,
    Sum,
    SumOver,
    Symbol,
    bound_symbols,
    children,
    kinds,
    map_children,
    number,
    numeric,
    substitute,
    times,
    total,
    walk,
    whole,
)
from derive.tree import free_symbols as free_letters
from derive.verify.core import (
    RESTRICTED,
    Bracket,
    DerivativeAt,
    Provided,
    is_fresh,
    restrictions,
    set_of,
    set_over,
    space,
)
from derive.verify.sets import of_letter, used_at
from derive.verify.signals import TooLarge, Undecidable

if TYPE_CHECKING:
    from derive.verify.meaning import Meaning

_WRITTEN_OUT = 200  # terms of a sum between numbers that are written out
Repeated = SumOver | ProductOver


# --- pairs of indices --------------------------------------------------------------------------------------


def pair_sums(nodes: tuple[Node, ...]) -> frozenset[Node]:
    """The sums such as that over ``i < j`` whose other letter has no other meaning: they run over both."""
    added = (p for n in nodes if SumOver in kinds(n) for p in walk(n))
    if not any(isinstance(p, SumOver) and p.where is not None and p.lower is None for p in added):
        return frozenset()
    found = [pair for n in nodes for pair in _with_binders(n, frozenset()) if _other(pair[0]) is not None]
    rest = [_without(n, {p for p, _ in found}) for n in nodes]
    free = {s for n in rest for s in free_letters(n)}
    return frozenset(p for p, bound in found if _other(p) not in free | bound)


def _with_binders(node: Node, bound: frozenset[Symbol]) -> Iterator[tuple[SumOver, frozenset[Symbol]]]:
    """The sums of an expression, and the letters that are bound around them."""
    if isinstance(node, SumOver):
        yield node, bound
    inside = bound | bound_symbols(node)
    for child in children(node):
        yield from _with_binders(child, inside)


def _other(node: SumOver) -> Symbol | None:
    """The letter that an index without bounds is compared with."""
    if node.lower is not None or not isinstance(node.where, Relation):
        return None
    sides = node.where.sides[1:3] if len(node.where.sides) == 4 else node.where.sides
    if len(sides) != 2 or not set(node.where.signs) <= {"<", "<=", ">", ">=", "!="}:
        return None
    return next((s for s in sides if isinstance(s, Symbol) and s != node.index), None) if node.index in sides else None


def _without(node: Node, taken: set[SumOver]) -> Node:
    return ZERO if node in taken else map_children(node, lambda c: _without(c, taken))


def _as_two(node: SumOver) -> SumOver:
    """A sum over pairs as one within another."""
    other = _other(node)
    assert other is not None and isinstance(node.where, Relation)
    if len(node.where.sides) == 4:
        low, first, second, high = node.where.sides
        inner = Relation((first, second), node.where.signs[1:2])
        return SumOver(SumOver(node.body, node.index, low, high, inner), other, low, high)
    return SumOver(SumOver(node.body, node.index, None, None, node.where), other)


# --- sums and products -------------------------------------------------------------------------------------


def repeated(meaning: Meaning, node: Repeated) -> Node:
    """A sum or product in the core language."""
    if isinstance(node, SumOver) and node in meaning.pairs:
        two = _as_two(node)
        meaning.sets.join([of_letter(two.index), of_letter(node.index)])
        pairs, meaning.pairs = meaning.pairs, meaning.pairs - {node}
        result = repeated(meaning, two)
        meaning.pairs = pairs
        return result
    node = _with_bounds(node)
    if isinstance(found := _literal(node), tuple):
        return _listed(meaning, node, found)
    if node.lower is None or node.upper is None:
        return _over_set(meaning, node)
    lower, upper = meaning.unfold(node.lower), meaning.unfold(node.upper)
    first, last = whole(lower), whole(upper)
    if first is not None and last is not None:
        return _listed(meaning, node, _numbers(first, last))
    inner, bound, where = _opened(meaning, node)
    if not _has_fresh(lower, upper):
        meaning.sets.bounded(used_at(inner, bound), lower, upper)
    made: Node = type(node)(inner, bound, lower, upper, where)
    for letter in _compared(inner, restrictions(where), bound) - meaning.blocked:
        made = Provided(made, Relation((lower, letter, upper), ("<=", "<=")))
    return made


def _has_fresh(*nodes: Node) -> bool:
    return any(is_fresh(s) for node in nodes for s in _symbols(node))


def _symbols(node: Node) -> Iterator[Symbol]:
    return (p for p in walk(node) if isinstance(p, Symbol))


def _with_bounds(node: Repeated) -> Repeated:
    """``1 <= i <= n`` and ``i in {1, ..., n}`` below the sign as bounds."""
    match node.where:
        case Relation((low, Symbol() as index, high), ("<=", "<=")) if index == node.index:
            return type(node)(node.body, node.index, low, high)
        case Relation((Symbol() as index, Set((low, *_, Dots(), high))), ("in",)) if index == node.index:
            return type(node)(node.body, node.index, low, high)
    return node


def _literal(node: Repeated) -> tuple[Node, ...] | None:
    """The members of a written set that an index runs over."""
    match node.where:
        case Relation((Symbol() as index, Set(items)), ("in",)) if index == node.index:
            if any(numeric(i) is None for i in items):
                raise Undecidable("a set whose members are no numbers")
            return items
    return None


def _numbers(first: int, last: int) -> tuple[Node, ...]:
    if last - first >= min(_WRITTEN_OUT, EXPANSION_TERMS):
        raise TooLarge("too large")
    return tuple(number(k) for k in range(first, last + 1))


def _listed(meaning: Meaning, node: Repeated, values: tuple[Node, ...]) -> Node:
    terms = [t for v in values if (t := _term(meaning, node, v)) is not None]
    return total(terms) if isinstance(node, SumOver) else times(terms)


def _term(meaning: Meaning, node: Repeated, value: Node) -> Node | None:
    """The term at a value; with a condition below the sign, the value where it holds."""
    meaning.clock.check()
    term = meaning.unfold(substitute(node.body, {node.index: value}))
    for condition in restrictions(node.where):
        at = meaning.unfold(substitute(condition, {node.index: value}))
        if not isinstance(at, Relation) or len(at.sides) != 2:
            raise Undecidable("a condition below a sum")
        difference = [numeric(s) for s in at.sides]
        if None not in difference:
            if not _HOLDS[at.signs[0]](difference[0], difference[1]):
                return None
            continue
        raise Undecidable("a condition on an index that is no number")
    return term


_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "!=": lambda a, b: a != b, "=": lambda a, b: a == b, "in": lambda a, b: True,
}  # fmt: skip


def _opened(meaning: Meaning, node: Repeated) -> tuple[Node, Symbol, Node | None]:
    """The body and the condition with a new index."""
    with meaning.blocking(node.index):
        inner = meaning.unfold(node.body)
        where = None if node.where is None else meaning.unfold(node.where)
    bound = meaning.fresh()
    put_in: dict[Node, Node] = {node.index: bound}
    if where is not None:
        where = substitute(where, put_in)
    return meaning.indexed_by(inner, node.index, bound), bound, where


def _over_set(meaning: Meaning, node: Repeated) -> Node:
    """A sum over all values of an index, or over a named set."""
    inner, bound, where = _opened(meaning, node)
    found = set_over(where)
    if found is None:
        found = meaning.sets.join([of_letter(node.index), *used_at(inner, bound)])
        meaning.note_summed(inner, bound, node.index)
    elif not isinstance(found, Symbol):
        raise Undecidable("a sum over a set that is no name")
    own = Relation((bound, found), ("in",))
    rest = restrictions(where)
    made: Node = type(node)(inner, bound, None, None, Statements((own, *rest), "and") if rest else own)
    for letter in _compared(inner, rest, bound) - meaning.blocked:
        made = Provided(made, Relation((letter, found), ("in",)))
    return made


def _compared(inner: Node, relations: list[Relation], bound: Symbol) -> frozenset[Symbol]:
    """The letters that an index is compared with, by a condition below the sign, Kronecker's delta or an indicator."""
    found: set[Symbol] = set()
    for relation in relations:
        if bound in relation.sides and set(relation.signs) == {"!="}:
            found |= {s for s in relation.sides if isinstance(s, Symbol) and s != bound}
    for part in walk(inner):
        match part:
            case Bracket(Sum((Symbol() as a, Negative(Symbol() as b))), "=") if bound in (a, b) and a != b:
                found.add(a if b == bound else b)
            case Relation((Symbol() as a, Symbol() as b), ("=",)) if bound in (a, b) and a != b:
                found.add(a if b == bound else b)
    return frozenset(s for s in found if not is_fresh(s))


# --- optima --------------------------------------------------------------------------------------------------


def optimal(meaning: Meaning, node: Optimum) -> Node:
    """A least or greatest value: over finitely many numbers a maximum of a list, else with new names."""
    if len(node.variables) == 1 and (values := _values(meaning, node)) is not None:
        (letter,) = node.variables
        terms = tuple(meaning.unfold(substitute(node.body, {letter: v})) for v in values)
        return Call({"inf": "min", "sup": "max"}.get(node.operator, node.operator), terms)
    with meaning.blocking(*node.variables):
        inner = meaning.unfold(node.body)
        where = None if node.where is None else meaning.unfold(node.where)
    put_in: dict[Node, Node] = {v: meaning.fresh() for v in node.variables}
    inner, where = substitute(inner, put_in), None if where is None else substitute(where, put_in)
    names = tuple(n for n in put_in.values() if isinstance(n, Symbol))
    declared = [meaning.context.domains.get(v, "real") for v in node.variables]
    match where:
        case Relation((low, index, high), ("<=", "<=")) if names == (index,) and not _has_fresh(low, high):
            meaning.sets.bounded(used_at(inner, names[0]), low, high)
    if where is None and any(text != "real" for text in declared):
        where = Relation((names[0], set_of(f"{RESTRICTED}{' '.join(declared)}")), ("in",))
    if where is None and len(names) == 1 and (used := list(used_at(inner, names[0]))):
        found = meaning.sets.join([of_letter(node.variables[0]), *used])
        where = Relation((names[0], found), ("in",))
    return Optimum(node.operator, inner, names, where)


def _values(meaning: Meaning, node: Optimum) -> tuple[Node, ...] | None:
    """The numbers that a variable takes, where they are written."""
    if node.operator not in ("min", "max", "inf", "sup"):
        return None
    as_sum = _with_bounds(SumOver(node.body, node.variables[0], None, None, node.where))
    if (found := _literal(as_sum)) is not None:
        return found
    if as_sum.lower is None or as_sum.upper is None:
        return None
    ends = [whole(meaning.unfold(e)) for e in (as_sum.lower, as_sum.upper)]
    return None if ends[0] is None or ends[1] is None else _numbers(ends[0], ends[1])


# --- derivatives by members of families ----------------------------------------------------------------------


def has_members(body: Node, base: Symbol) -> bool:
    """Whether members of a family occur whose index is an expression."""
    return any(isinstance(p, Indexed) and p.base == base for p in walk(body))


def by_member(meaning: Meaning, inner: Node, base: Symbol, at: tuple[Node, ...], order: int) -> Node:
    """The derivative of an unfolded body by the member of a family at some indices."""
    h = meaning.fresh()
    mover = _Mover(base, at, h)
    made: Node = DerivativeAt(mover.moved(inner), h, order, ZERO)
    for condition in mover.conditions:
        if not meaning.blocked.intersection(_symbols(condition)):
            made = Provided(made, condition)
    return made


class _Mover:
    """``x_i + h [i = k]`` for every member of a family; notes that k is in the range of the sums over i."""

    def __init__(self, base: Symbol, at: tuple[Node, ...], h: Symbol) -> None:
        self.base, self.at, self.h = base, at, h
        self.conditions: dict[Relation, None] = {}

    def moved(self, node: Node) -> Node:
        match node:
            case Indexed(base, indices) if base == self.base and len(indices) == len(self.at):
                return self._shifted(node, indices)
            case Symbol() if (own := self._own(node)) is not None:
                return self._shifted(node, own)
            case SumOver() | ProductOver():
                self._note(node)
        return map_children(node, self.moved)

    def _own(self, symbol: Symbol) -> tuple[Node, ...] | None:
        """The indices of ``x_1`` as a member of x."""
        if Symbol(symbol.name, "", symbol.sup, symbol.accent, symbol.font) != self.base:
            return None
        texts = symbol.sub.split(",")
        numbers = all(t.removeprefix("-").isdigit() for t in texts) and len(texts) == len(self.at)
        return tuple(number(int(t)) for t in texts) if numbers else None

    def _shifted(self, node: Node, indices: tuple[Node, ...]) -> Node:
        brackets = [Bracket(Sum((i, Negative(k))), "=") for i, k in zip(indices, self.at, strict=True)]
        return Sum((node, Product((self.h, *brackets))))

    def _note(self, node: Repeated) -> None:
        for part in walk(node.body):
            if not (isinstance(part, Indexed) and part.base == self.base and len(part.indices) == len(self.at)):
                continue
            for i, k in zip(part.indices, self.at, strict=True):
                if i == node.index:
                    self._in_range(node, k)

    def _in_range(self, node: Repeated, k: Node) -> None:
        if node.lower is not None and node.upper is not None:
            if not _has_fresh(node.lower, node.upper):
                self.conditions[Relation((node.lower, k, node.upper), ("<=", "<="))] = None
        elif (found := set_over(node.where)) is not None:
            self.conditions[Relation((k, found), ("in",))] = None


def is_condition_on_letters(condition: Relation) -> bool:
    """Whether a condition is one on letters that a person wrote, between bounds that a person wrote."""
    return space(condition) is None and not any(is_fresh(s) for s in _symbols(condition))
