r"""Letters as indices that only the whole statement shows: ``x_k`` beside ``x_i``, ``w_k`` where w_1, w_2, w_3 stand.

The two sides of a statement and the definitions are read one by one, so that ``x_k`` on one side is a label while the
sum on the other has the family ``x_i``: :func:`with_members` makes it a member. Where members are written out
(``z = w_1 x_1 + w_2 x_2``), a statement about ``\partial z/\partial w_k`` is one for each of them:
:func:`for_each_member` has it judged for every k that there is. Called by :func:`derive.verify.verify_step`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from derive.declarations import declaration
from derive.steps import Context, Status, Verdict, Witness
from derive.tree import (
    Derivative,
    GradientOf,
    Indexed,
    Node,
    Number,
    ProductOver,
    Relation,
    SumOver,
    Symbol,
    bound_symbols,
    children,
    free_symbols,
    kinds,
    map_children,
    number,
    walk,
    whole,
)
from derive.verify.core import counted, member, put_in
from derive.verify.equality import weakest
from derive.verify.shapes import stem_of
from derive.verify.wording import said

Judge = Callable[[Node, Node], Verdict]
Labels = tuple[int, ...]

_KRONECKER = Symbol("delta")
_MEMBERS = 16  # statements that one with open indices stands for
_TERMS = 50  # of a sum between numbers whose members are looked at


class _UnclearError(Exception):
    """Which members there are cannot be told."""


# --- one family, one spelling ------------------------------------------------------------------------------


def with_members(before: Node, after: Node, context: Context) -> tuple[Node, Node]:
    """The sides with labels such as the k of ``x_k`` as indices, where the other side or a definition indexes x."""
    sides, bodies = (before, after), [d.body for d in context.definitions]
    if not any(Indexed in kinds(n) for n in (*sides, *bodies)):
        return sides
    loose = {p for n in sides for p in walk(n) if isinstance(p, Symbol) and _letter(p)}
    if not loose:
        return sides
    families = {p.base for n in (*sides, *bodies) for p in walk(n) if isinstance(p, Indexed) and len(p.indices) == 1}
    bound = {s for n in sides for p in walk(n) for s in bound_symbols(p)}
    defined = (s for d in context.definitions for s in (d.name, *d.parameters))
    kept = bound.union(context.domains, defined)
    members = {s: Indexed(stem_of(s), (Symbol(s.sub),)) for s in loose if stem_of(s) in families and s not in kept}
    return (_put_in(before, members), _put_in(after, members)) if members else sides


def _letter(symbol: Symbol) -> bool:
    return len(symbol.sub) == 1 and symbol.sub.isalpha()


def _put_in(node: Node, names: Mapping[Symbol, Node]) -> Node:
    """Other names for names, also where a derivative is taken by one."""
    if isinstance(node, Symbol):
        return names.get(node, node)
    if isinstance(node, GradientOf) and len(node.variables) == 1:
        made = names.get(node.variables[0])
        if isinstance(made, Indexed):
            return Derivative(_put_in(node.body, names), made, node.order)
    return map_children(node, lambda c: _put_in(c, names))


# --- members that are written out ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Open:
    """Letters that stand for indices: which whole numbers each may be."""

    values: Mapping[Symbol, tuple[int, ...]]
    differentiated: bool

    def conditions(self) -> tuple[str, ...]:
        return tuple(said(Relation((number(v[0]), s, number(v[-1])), ("<=", "<="))) for s, v in self.values.items())

    def choices(self) -> Iterator[dict[Symbol, int]]:
        for chosen in product(*self.values.values()):
            yield dict(zip(self.values, chosen, strict=True))


def for_each_member(before: Node, after: Node, context: Context, judge: Judge) -> Verdict | None:
    """The verdict on a statement with indices for members that are written out; None where there are none.

    By a member that does not occur a derivative is 0, so such a statement is never judged as it stands. Others are:
    ``h_k = \\sigma(z_k)`` may speak of a further name.
    """
    try:
        found = _open_letters(before, after, context)
    except (_UnclearError, RecursionError):
        return None
    if found is None:
        return None
    as_it_stands = None if found.differentiated else judge(before, after)
    if as_it_stands is not None and as_it_stands.status is Status.PROVED:
        return as_it_stands
    verdict = _for_all(before, after, found, judge)
    if as_it_stands is None or verdict.status is not Status.UNDECIDED or as_it_stands.status is Status.UNDECIDED:
        return verdict
    letters = ", ".join(s.plain for s in found.values)
    return Verdict(Status.UNDECIDED, detail=f"whether {letters} is an index is not said")


def _for_all(before: Node, after: Node, letters: _Open, judge: Judge) -> Verdict:
    verdicts = []
    for chosen in letters.choices():
        verdict = judge(_at(before, chosen), _at(after, chosen))
        if verdict.status is Status.REFUTED:
            return replace(verdict, witness=_at_index(verdict.witness, chosen))
        verdicts.append(verdict)
    worst = weakest(verdicts)
    return replace(worst, condition=tuple(dict.fromkeys((*worst.condition, *letters.conditions()))))


def _at_index(witness: Witness | None, chosen: Mapping[Symbol, int]) -> Witness | None:
    if witness is None:
        return None
    return replace(witness, point=(*((s.plain, str(k)) for s, k in chosen.items()), *witness.point))


def _open_letters(before: Node, after: Node, context: Context) -> _Open | None:
    """The letters below what is differentiated by, or below a name of a defined family."""
    names = {d.name for d in context.definitions}
    free = [found for n in (before, after) for found in _free_names(n, frozenset())]
    by = {name for name, differentiated in free if differentiated}
    families = {stem_of(s) for s in names if _parts(s) and all(p.isdigit() for p in _parts(s))}
    families |= set(_summed(before)) | set(_summed(after))
    heads = [name for name, _ in free if name in by or (name not in names and _base(name) in families)]
    if not heads:
        return None
    bodies = [d.body for d in context.definitions]
    defined = names.union(context.domains, *map(free_symbols, bodies))
    values: dict[Symbol, tuple[int, ...]] = {}
    for head in heads:
        pattern = _pattern(head)
        base = _base(head)
        if head in defined or any(isinstance(s, Symbol) and s in names for s in pattern) or base in names:
            return None
        if declaration(context.domains.get(base, "real")).kind != "number":
            return None
        grid = set(_members(base, pattern, (*_differentiated(before), *_differentiated(after), *bodies, *names)))
        if not _ranges(pattern, grid, values):
            return None
    if len(list(product(*values.values()))) > _MEMBERS or len({len(v) for v in values.values()} - {1}) == 0:
        return None
    return _Open(values, bool(by)) if _all_known(before, after, values, defined) else None


def _free_names(node: Node, bound: frozenset[Symbol]) -> Iterator[tuple[Symbol | Indexed, bool]]:
    """The names with a letter as an index that nothing binds there, and whether something is differentiated by them."""
    if isinstance(node, (Symbol, Indexed)):
        if (pattern := _pattern(node)) and bound.isdisjoint(pattern):
            yield node, False
        return
    for variable in _variables(node):
        if (pattern := _pattern(variable)) and bound.isdisjoint(pattern):
            yield variable, True
    inside = bound | bound_symbols(node)
    for child in children(node):
        yield from _free_names(child, inside)


def _summed(node: Node) -> Iterator[Symbol]:
    """The families whose members are added up between numbers."""
    for part in walk(node) if SumOver in kinds(node) else ():
        if isinstance(part, SumOver) and part.upper is not None and whole(part.upper) is not None:
            yield from (p.base for p in walk(part.body) if isinstance(p, Indexed) and part.index in p.indices)


def _base(name: Symbol | Indexed) -> Symbol:
    return name.base if isinstance(name, Indexed) else stem_of(name)


def _variables(node: Node) -> tuple[Symbol | Indexed, ...]:
    match node:
        case Derivative(_, variable):
            return (variable,)
        case GradientOf(_, variables):
            return variables
    return ()


def _differentiated(node: Node) -> Iterator[Node]:
    """What stands in a side but for the names that derivatives are taken by."""
    if isinstance(node, (Derivative, GradientOf)):
        yield from _differentiated(node.body)
    elif not children(node) or isinstance(node, (Indexed, SumOver, ProductOver)):
        yield node
    else:
        for child in children(node):
            yield from _differentiated(child)


def _parts(symbol: Symbol) -> list[str]:
    """The indices in a label: of ``w_{2,k}``, and of ``w_{2k}``, where they are single signs; none in a word."""
    label = symbol.sub
    if symbol.sup or not label.replace(",", "").isalnum():
        return []
    return label.split(",") if "," in label else [label] if label.isdigit() else list(label)


def _pattern(node: Symbol | Indexed) -> tuple[Node, ...]:
    """The indices of a name, where one of them is a letter and all are letters or numbers; else none."""
    if isinstance(node, Indexed):
        indices = node.indices if not node.base.sub and not node.base.sup else ()
        return indices if _is_open(indices) else ()
    parts = _parts(node)
    if not all(p.isdigit() or len(p) == 1 for p in parts):
        return ()
    indices = tuple(Number(p) if p.isdigit() else Symbol(p) for p in parts)
    return indices if _is_open(indices) else ()


def _is_open(indices: Iterable[Node]) -> bool:
    every = list(indices)
    return any(isinstance(i, Symbol) for i in every) and all(isinstance(i, (Symbol, Number)) for i in every)


def _ranges(pattern: tuple[Node, ...], grid: set[Labels], values: dict[Symbol, tuple[int, ...]]) -> bool:
    """Notes what each letter of a pattern may be; False where this is not one range for each."""
    fitting = {g for g in grid if all(whole(i) in (None, k) for i, k in zip(pattern, g, strict=True))}
    ranges = [tuple(sorted({g[k] for g in fitting})) for k in range(len(pattern))]
    if not fitting or fitting != set(product(*ranges)):
        return False
    for letter, range_ in zip(pattern, ranges, strict=True):
        if isinstance(letter, Symbol):
            if range_ != tuple(range(range_[0], range_[-1] + 1)) or values.get(letter, range_) != range_:
                return False
            values[letter] = range_
    return True


def _members(base: Symbol, own: tuple[Node, ...], nodes: Iterable[Node]) -> Iterator[Labels]:
    """The numbers of the members of a family that occur; raises where one has a letter that runs to a letter."""
    for node in nodes:
        yield from _within(node, base, own, {})


def _within(node: Node, base: Symbol, own: tuple[Node, ...], known: Mapping[Symbol, Node]) -> Iterator[Labels]:
    many = len(own)
    match node:
        case Symbol() if node.sub and stem_of(node) == base:
            parts = list(node.sub) if many > 1 and "," not in node.sub else node.sub.split(",")
            if len(parts) == many and all(p.isdigit() for p in parts):
                yield tuple(int(p) for p in parts)
        case Indexed(family, indices) if family == base:
            labels = [whole(counted(put_in(i, known))) for i in indices]
            if len(labels) == many and None in labels and indices == own:
                return
            if len(labels) != many or None in labels:
                raise _UnclearError
            yield tuple(k for k in labels if k is not None)
        case SumOver(body, index, lower, upper, None) | ProductOver(body, index, lower, upper, None):
            ends = [None if end is None else whole(put_in(end, known)) for end in (lower, upper)]
            if not any(isinstance(p, Indexed) and p.base == base for p in walk(body)):
                return
            if ends[0] is None or ends[1] is None or ends[1] - ends[0] >= _TERMS:
                raise _UnclearError
            for k in range(ends[0], ends[1] + 1):
                yield from _within(body, base, own, {**known, index: number(k)})
        case _:
            for child in children(node):
                yield from _within(child, base, own, known)


def _all_known(before: Node, after: Node, values: Mapping[Symbol, object], defined: Iterable[Symbol]) -> bool:
    """Whether every label with one of the letters can be read as indices."""
    names = set(defined)
    letters = {s.name for s in values}
    for part in (p for n in (before, after) for p in walk(n)):
        if isinstance(part, Symbol) and not letters.isdisjoint(part.sub) and (part in names or not _pattern(part)):
            return False
    return True


def _at(node: Node, chosen: Mapping[Symbol, int]) -> Node:
    """A side for one choice of the letters."""
    match node:
        case Symbol():
            if node in chosen:
                return number(chosen[node])
            pattern = _pattern(node)
            if not any(i in chosen for i in pattern):
                return node
            indices = tuple(_at(i, chosen) for i in pattern)
            if stem_of(node) == _KRONECKER and len(indices) == 2:
                return Indexed(_KRONECKER, indices)
            joined = "," if "," in node.sub or not all(isinstance(i, Number) for i in indices) else ""
            return replace(node, sub=joined.join(i.text if isinstance(i, Number) else _name(i) for i in indices))
        case Indexed(base, indices):
            made = tuple(counted(_at(i, chosen)) for i in indices)
            return member(base, made) or Indexed(base, made)
        case GradientOf(body, (variable,), order):
            at = _at(variable, chosen)
            return GradientOf(_at(body, chosen), (at,), order) if isinstance(at, Symbol) else node
    inside = {s: k for s, k in chosen.items() if s not in bound_symbols(node)}
    return map_children(node, lambda c: _at(c, inside))


def _name(index: Node) -> str:
    return index.name if isinstance(index, Symbol) else ""
