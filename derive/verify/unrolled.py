"""Statements about families and vectors of any length, written out for one: so many terms, one name a member.

``sum_{k=1}^K p_k = 1`` with ``p_j = 1/K`` becomes, for three members, ``p_1 + p_2 + p_3 = 1`` with ``p_1 = 1/3``,
``p_2 = 1/3`` and ``p_3 = 1/3``: an equation with an open index says so for every member. What is proved for such an
instance is a check of the statement, and what fails for it is a counter-example. Called by :mod:`multipliers` and for
systems of equations by :func:`derive.verify.verify_step`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

from derive.declarations import Declaration, declaration
from derive.steps import Context, Status, Verdict
from derive.tree import (
    ONE,
    Derivative,
    GradientOf,
    Indexed,
    Matrix,
    Node,
    Number,
    Optimum,
    ProductOver,
    Relation,
    Statements,
    SumOver,
    Symbol,
    free_symbols,
    map_children,
    number,
    substitute,
    times,
    total,
    walk,
    whole,
)
from derive.verify.core import counted, member
from derive.verify.equality import weakest

Own = dict[Symbol, tuple[tuple[Symbol, ...], ...]]
"""The members of families, and the entries of vectors and matrices, row by row."""

SIZES = (2, 3)
"""How many members the instances have."""


def families(*nodes: Node) -> frozenset[Symbol]:
    """The families whose members are indexed by an expression."""
    return frozenset(p.base for n in nodes for p in walk(n) if isinstance(p, Indexed) and len(p.indices) == 1)


def lengths(*nodes: Node) -> frozenset[Symbol]:
    """The letters that say how far sums and products go."""
    uppers = (p.upper for n in nodes for p in walk(n) if isinstance(p, SumOver | ProductOver))
    return frozenset(u for u in uppers if isinstance(u, Symbol))


def with_indices(nodes: Sequence[Node], context: Context) -> list[Node]:
    """The statements with labels as indices: the j of ``n_j`` where ``p_j`` stands for every member."""
    names = families(*nodes)
    letters = {s.plain for n in nodes for s in _open(n, names)}
    kept = {*context.domains, *(d.name for d in context.definitions)}
    loose = {p for n in nodes for p in walk(n) if isinstance(p, Symbol) and p.sub in letters and p not in kept}
    made: dict[Node, Node] = {s: Indexed(replace(s, sub=""), (Symbol(s.sub),)) for s in loose}
    return [substitute(n, made) for n in nodes] if made else list(nodes)


def unrolled(nodes: Sequence[Node], size: int, context: Context) -> tuple[list[Node], Context] | None:
    """The statements for families, vectors and matrices with so many members, or None where no length is a letter.

    The members are symbols, declared as their family is; the entries of vectors and matrices are real numbers.
    """
    arrays = _arrays(nodes, context)
    names, counts = families(*nodes) - arrays.keys(), lengths(*nodes)
    counts |= {Symbol(side) for said in arrays.values() for side in said.shape if side.isalpha()}
    if not (names or arrays) or not counts or context.definitions:
        return None
    own: Own = {name: tuple((_member(name, k),) for k in range(1, size + 1)) for name in names}
    values: dict[Node, Node] = dict.fromkeys(counts, number(size))
    each = [_for_every_index(substitute(n, values), names, size) for n in nodes]
    own |= {name: _entries(name, said, size) for name, said in arrays.items()}
    domains = {s: d for s, d in context.domains.items() if s not in own and s not in counts}
    domains |= {m: context.domains[name] for name in names if name in context.domains for (m,) in own[name]}
    return [_written(n, own) for n in each], replace(context, domains=domains)


def _arrays(nodes: Sequence[Node], context: Context) -> dict[Symbol, Declaration]:
    """The vectors and matrices that occur, whose entries may be any numbers."""
    said = {s: declaration(d) for s, d in context.domains.items()}
    used = {p for n in nodes for p in walk(n) if isinstance(p, Symbol)}
    return {
        s: d for s, d in said.items()
        if s in used and d.kind in ("vector", "matrix") and d.shape and d.properties <= {"symmetric"}
    }  # fmt: skip


def _entries(name: Symbol, said: Declaration, size: int) -> tuple[tuple[Symbol, ...], ...]:
    """The rows of a vector or matrix of entries; a letter for a side is the size."""
    sides = [int(s) if s.isdigit() else size for s in said.shape]
    if len(sides) == 1:
        return tuple((replace(name, sub=str(k)),) for k in range(1, sides[0] + 1))
    symmetric = "symmetric" in said.properties
    places = [[(i, j) for j in range(1, sides[1] + 1)] for i in range(1, sides[0] + 1)]
    return tuple(
        tuple(replace(name, sub=",".join(map(str, sorted(p) if symmetric else p))) for p in row) for row in places
    )


def checked(verdicts: Sequence[Verdict]) -> Verdict:
    """What verdicts on the instances of :data:`SIZES` say of every length."""
    worst = weakest(list(verdicts))
    if worst.status is not Status.PROVED:
        return worst
    many = " and ".join(map(str, SIZES))
    return replace(worst, status=Status.CHECKED, detail=f"proved for {many} members", condition=())


def in_general(before: Node, after: Node) -> tuple[Node, Node]:
    """Both statements with what the first says of every member put in: after ``p_j = u`` every ``p_k`` is u."""
    items = before.items if isinstance(before, Statements) else (before,)
    for item in items:
        match item:
            case Relation((Indexed(base, (Symbol() as index,)), value), ("=",)) if base not in free_symbols(value):
                rest = [_with_value(other, base, index, value) for other in items if other != item]
                kept = Statements((item, *rest)) if rest else item
                return kept, _with_value(after, base, index, value)
    return before, after


def _with_value(node: Node, base: Symbol, index: Symbol, value: Node) -> Node:
    match node:
        case Indexed(name, (place,)) if name == base:
            return substitute(value, {index: place})
        case Derivative() | GradientOf():
            return node
    return map_children(node, lambda c: _with_value(c, base, index, value))


def _member(name: Symbol, k: int) -> Symbol:
    made = member(name, (number(k),))
    return made if made is not None else Symbol(name.name, str(k), name.sup, name.accent, name.font)


def _for_every_index(node: Node, names: frozenset[Symbol], size: int) -> Node:
    """A relation with open indices as one for each of their values."""
    if isinstance(node, Statements):
        items = tuple(_for_every_index(item, names, size) for item in node.items)
        return Statements(tuple(_flat(items)), node.sign)
    letters = sorted(_open(node, names), key=lambda s: s.plain)
    if not letters or not isinstance(node, Relation):
        return node
    chosen = product(range(1, size + 1), repeat=len(letters))
    each = [substitute(node, dict(zip(letters, map(number, values), strict=True))) for values in chosen]
    return Statements(tuple(each))


def _flat(items: Sequence[Node]) -> Iterator[Node]:
    for item in items:
        yield from item.items if isinstance(item, Statements) else (item,)


def _open(node: Node, names: frozenset[Symbol]) -> frozenset[Symbol]:
    """Letters that are indices and not bound."""
    indices = (i for p in walk(node) if isinstance(p, Indexed) and p.base in names for i in p.indices)
    return frozenset(s for i in indices for s in free_symbols(i)) & free_symbols(node)


def _written(node: Node, own: Own) -> Node:
    """Sums and products term by term, and members by their names."""
    match node:
        case SumOver(body, index, lower, upper, None) | ProductOver(body, index, lower, upper, None) if (
            lower == ONE and isinstance(upper, Number) and (last := whole(upper)) is not None
        ):
            terms = [_written(substitute(body, {index: number(k)}), own) for k in range(1, last + 1)]
            return total(terms) if isinstance(node, SumOver) else times(terms)
        case Indexed(base, (place,)) if base in own and isinstance(k := counted(place), Number):
            return _member(base, int(k.value))
        case Derivative(body, variable, order, partial):
            by = _written(variable, own)
            inner = _written(body, own)
            return Derivative(inner, by, order, partial) if isinstance(by, Symbol | Indexed) else node
        case GradientOf(body, variables, order):
            return GradientOf(_written(body, own), _members(variables, own), order)
        case Optimum(operator, body, variables, where):
            found = None if where is None else _written(where, own)
            return Optimum(operator, _written(body, own), _members(variables, own), found)
        case Symbol() if node in own:
            return Matrix(own[node])
    return map_children(node, lambda c: _written(c, own))


def _members(variables: Sequence[Symbol], own: Own) -> tuple[Symbol, ...]:
    return tuple(m for v in variables for row in own.get(v, ((v,),)) for m in row)
