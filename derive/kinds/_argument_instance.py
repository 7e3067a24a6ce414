r"""A numeric instance of an argument: numbers put into every line, so that all lines can be seen to agree.

Called by the kinds ``argument`` and ``inequality`` for their field :data:`INSTANCE`, a table of

- densities: ``p = ['1/4', '3/4']`` over the support, or ``'p(x | \theta)' = '\theta^x (1 - \theta)^{1 - x}'``;
- ``support``: the values of the random quantities; those in the data, or 0, 1, 2, ..., when not given;
- data: ``x = [1, 0, 1, 1]`` for x_1, x_2, ... or x^(1), x^(2), ...; an empirical density follows from them;
- candidates: ``'\theta' = ['1/4', '1/2']`` for the variable of an argmin or argmax;
- numbers: ``'\lambda' = 2``.

Means become finite sums, members numbers, and an optimum is looked for among the candidates. This is no proof and is
not used as one: it is arithmetic that a reader can follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import isclose
from typing import Any

from derive.declarations import EMPIRICAL, declaration
from derive.errors import DeriveError, MathError, RefutedError
from derive.goals import simple
from derive.kinds._by_hand import rounded
from derive.numeric.value import value_of
from derive.problem import Field
from derive.read.fields import Spelled, symbol, type_name, written_number
from derive.read.latex import Names, read
from derive.rules._densities import value_at
from derive.steps import Heading, Paragraph, Part, Prose, Table
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Expectation,
    Given,
    Indexed,
    Integral,
    Negative,
    Node,
    Optimum,
    ProductOver,
    Quotient,
    Relation,
    Set,
    SumOver,
    Symbol,
    Vector,
    drawn,
    free_symbols,
    map_children,
    number,
    numeric,
    substitute,
    times,
    total,
    walk,
)
from derive.write.text import text

INSTANCE = Field("instance", "any", "numbers to put into every line: densities, data, candidates for the optimum",
                 example=r"{x = [1, 0, 1, 1], 'p(x | \theta)' = '\theta^x (1 - \theta)^{1 - x}', '\theta' = ['1/4']}")
CANDIDATES_MOST = 8
_CLOSE = 1e-9


@dataclass
class Instance:
    """What is put in. Densities are values over the support, or a formula of the variable and the parameters."""

    support: tuple[Node, ...] = ()
    tables: dict[str, tuple[Node, ...]] = field(default_factory=dict)
    formulas: dict[str, tuple[tuple[Symbol, ...], Node]] = field(default_factory=dict)
    lists: dict[Symbol, tuple[Node, ...]] = field(default_factory=dict)
    values: dict[Symbol, Node] = field(default_factory=dict)
    said: list[Node] = field(default_factory=list)


# --- what is given ------------------------------------------------------------------------------------


def instance_of(given: Any, domains: Mapping[Symbol, str]) -> Instance:
    """The instance of a field. DeriveError, with the key, for what does not fit."""
    if not isinstance(given, Mapping):
        raise DeriveError(f"instance: expected a table, found {type_name(given)}", "instance = {x = [1, 0, 1]}")
    densities = frozenset(s.plain for s, said in domains.items() if declaration(said).kind == "density")
    names = Names(labels=True, densities=densities, functions=densities)
    found = Instance()
    for key, value in given.items():
        if key == "support":
            found.support = _numbers(value, key, names)
            found.said.append(Set(found.support))
        else:
            _put(found, key, value, names)
    _supported(found, domains)
    return found


def _put(found: Instance, key: str, value: Any, names: Names) -> None:
    about = read(key, names) if "(" in key else symbol(key)
    put: Node
    match about:
        case Symbol() if about.plain in names.densities:
            found.tables[about.plain] = _numbers(value, key, names)
            put = Vector(found.tables[about.plain])
        case Symbol() if isinstance(value, list | tuple):
            found.lists[about] = _numbers(value, key, names)
            put = Vector(found.lists[about])
        case Symbol():
            put = found.values[about] = _number(value, key, names)
        case Call(name, (Symbol() as x,), 0):
            put = _formula(value, key, names)
            found.formulas[name] = (x,), put
        case Call(name, (Given((Symbol() as x,), parameters, _),), 0) if all(isinstance(p, Symbol) for p in parameters):
            put = _formula(value, key, names)
            found.formulas[name] = (x, *(p for p in parameters if isinstance(p, Symbol))), put
        case _:
            raise DeriveError(f"instance: {key} is neither a letter nor a density", r"'p(x | \theta)' = '…'")
    found.said.append(Relation((about, put), ("=",)))


def _supported(found: Instance, domains: Mapping[Symbol, str]) -> None:
    """The support where none is given, and the empirical densities of the data."""
    empirical = [s.plain for s, said in domains.items() if said == EMPIRICAL and s.plain not in found.tables]
    variables = [letters[0] for letters, _ in found.formulas.values()]
    data = next((found.lists[x] for x in variables if x in found.lists), next(iter(found.lists.values()), ()))
    if not found.support:
        sizes = {len(t) for t in found.tables.values()}
        values = sorted({v for item in data if (v := numeric(item)) is not None})
        counted = [Fraction(k) for k in range(max(sizes, default=0))]
        chosen = values if values and (empirical or len(values) in sizes) else counted
        found.support = tuple(map(number, chosen))
    for name in empirical if data else ():
        shares = [Fraction(sum(numeric(x) == numeric(v) for x in data), len(data) or 1) for v in found.support]
        found.tables[name] = tuple(map(number, shares))
    for name, table in found.tables.items():
        _checked(name, table, found.support)


def _checked(name: str, table: Sequence[Node], support: Sequence[Node]) -> None:
    if len(table) != len(support):
        raise DeriveError(f"instance: {name} has {len(table)} probabilities, the support {len(support)} values")
    values = [numeric(simple(p)) for p in table]
    if any(v is None or v < 0 for v in values) or sum(v or 0 for v in values) != 1:
        raise DeriveError(f"instance: {name} is no distribution", "its probabilities are not negative and sum to 1")


def _numbers(value: Any, key: str, names: Names) -> tuple[Node, ...]:
    if not isinstance(value, list | tuple) or not value:
        raise DeriveError(f"instance: {key}: expected a list of numbers, found {type_name(value)}", f"{key} = [0, 1]")
    return tuple(_number(item, key, names) for item in value)


def _number(value: Any, key: str, names: Names) -> Node:
    node = _formula(value, key, names)
    exact = numeric(simple(node))
    if exact is None and any(isinstance(part, Symbol | Call) for part in walk(node)):
        raise DeriveError(f"instance: {key}: {text(node)} is no number")
    return node


def _formula(value: Any, key: str, names: Names) -> Node:
    if isinstance(value, Spelled) or (isinstance(value, int) and not isinstance(value, bool)):
        return written_number(value)
    if isinstance(value, float):
        return written_number(Spelled(repr(value)))
    if isinstance(value, str):
        return read(value, names)
    raise DeriveError(f"instance: {key}: expected a number or a formula, found {type_name(value)}")


# --- put in -------------------------------------------------------------------------------------------


def put_in(node: Node, found: Instance) -> Node:
    """The expression with the instance put in: sums for means, numbers for letters."""
    match node:
        case Symbol():
            return found.values.get(node, node)
        case SumOver(body, index, lower, upper, None) | ProductOver(body, index, lower, upper, None):
            items = [put_in(b, found) for b in _members(body, index, lower, upper, found)]
            return total(items) if isinstance(node, SumOver) else times(items)
        case Integral(body, x, None, None):
            return total([put_in(substitute(body, {x: v}), found) for v in found.support])
        case Expectation("E", (body,), (Relation((Symbol() as x, law), ("~",)),)):
            return _mean(body, x, law, found)
        case Call("KL" | "D_KL", (Given((p,), (q,), "||"),), 0):
            x = _variable(p)
            return _mean(Call("log", (Quotient(value_at(p, x), value_at(q, x)),)), x, p, found)
        case Call("H", (p,), 0) | Call("H", (p, _), 0) if _density(node.args[-1], found):
            x = _variable(p)
            return Negative(_mean(Call("log", (value_at(node.args[-1], x),)), x, p, found))
        case Call(name, _, 0) if name in found.tables or name in found.formulas:
            return _value(node, found)
    if isinstance(node, Symbol | Indexed) and node in found.values:
        return found.values[node]
    return map_children(node, lambda part: put_in(part, found))


def _members(body: Node, index: Symbol, lower: Node | None, upper: Node | None, found: Instance) -> list[Node]:
    """The terms of a sum over the data, or over the support."""
    if lower is None and upper is None:
        return [substitute(body, {index: v}) for v in found.support]
    members = {n: Symbol(n.base.name, font=n.base.font) for n in walk(body)
               if isinstance(n, Indexed) and n.indices == (index,)}
    lists = {n: found.lists[letter] for n, letter in members.items() if letter in found.lists}
    known = None if upper is None else numeric(put_in(upper, found))
    count = int(known) if known is not None else min(map(len, lists.values()), default=0)
    if not count or lower != ONE or any(len(items) < count for items in lists.values()):
        raise DeriveError(f"instance: the members that {text(index)} counts are not given", "x = [1, 0, 1]")
    if isinstance(upper, Symbol):
        found.values[upper] = number(count)
    return [substitute(body, {**{m: items[k] for m, items in lists.items()}, index: number(k + 1)})
            for k in range(count)]


def _mean(body: Node, x: Symbol, law: Node, found: Instance) -> Node:
    terms = []
    for value in found.support:
        share = simple(_value(value_at(law, x), found, value, x))
        if share != ZERO:
            terms.append(times([share, put_in(substitute(body, {x: value}), found)]))
    return total(terms)


def _value(density: Node, found: Instance, value: Node | None = None, x: Symbol | None = None) -> Node:
    """The value of a density at a number and parameters."""
    if value is not None and x is not None:
        density = substitute(density, {x: value})
    match density:
        case Call(name, (Given((at,), parameters, _),), 0) if name in found.formulas:
            letters, body = found.formulas[name]
            return put_in(substitute(body, dict(zip(letters, (at, *parameters), strict=True))), found)
        case Call(name, (at,), 0) if name in found.formulas and len(found.formulas[name][0]) == 1:
            return put_in(substitute(found.formulas[name][1], {found.formulas[name][0][0]: at}), found)
        case Call(name, (at,), 0) if name in found.tables:
            here = numeric(simple(put_in(at, found)))
            place = next((k for k, v in enumerate(found.support) if numeric(v) == here), None)
            if place is not None:
                return found.tables[name][place]
    raise DeriveError(f"instance: the value {text(density)} is not given", "give the density over the support")


def _density(node: Node, found: Instance) -> bool:
    name = node.plain if isinstance(node, Symbol) else node.name if isinstance(node, Call) else ""
    return name in found.tables or name in found.formulas


def _variable(density: Node) -> Symbol:
    match density:
        case Call(_, (Symbol() as x,), 0) | Call(_, (Given((Symbol() as x,), _, _),), 0):
            return x
    return Symbol("x")


# --- told ---------------------------------------------------------------------------------------------


def told(claims: Iterable[Relation], found: Instance) -> list[Part]:
    """A table for each claim. RefutedError where two lines of an equality differ."""
    claims = list(claims)
    parts: list[Part] = [Heading(("With numbers",)), Paragraph(_said(claims, found))]
    for claim in claims:
        first = claim.sides[0]
        parts += _optima(claim, found) if isinstance(first, Optimum) else _values(claim, found)
    return parts


def _said(claims: Sequence[Relation], found: Instance) -> Prose:
    """What is put in, candidates as a set."""
    variables = {v for claim in claims for side in claim.sides if isinstance(side, Optimum) for v in side.variables}
    random = (x for claim in claims for n in walk(claim) if isinstance(n, Expectation) for x in drawn(n.over))
    quantity = next(random, Symbol("x"))
    prose: list[str | Node] = []
    for node in found.said:
        match node:
            case Relation((Symbol() as letter, Vector(items)), _) if letter in variables:
                node = Relation((letter, Set(items)), ("in",))
            case Set():
                node = Relation((quantity, node), ("in",))
        prose += [", " if prose else "Put in: ", node]
    return (*prose, ".")


def _values(claim: Relation, found: Instance) -> list[Part]:
    """The values of every line, for each candidate of a letter in it."""
    letter = next((s for s in _letters(claim, found)), None)
    if letter is None:
        values = [_number_of(put_in(side, found), side) for side in claim.sides]
        _compared(claim, values)
        rows = tuple(((side,), _shown(value)) for side, value in zip(claim.sides, values, strict=True))
        return [Table((("line",), ("value",)), rows, ("The value of every line.",))]
    columns = []
    for candidate in found.lists[letter]:
        values = [_number_of(put_in(substitute(s, {letter: candidate}), found), s) for s in claim.sides]
        _compared(claim, values)
        columns.append(values)
    lines = tuple(((side,), *(_shown(c[k]) for c in columns)) for k, side in enumerate(claim.sides))
    header: list[Prose] = [(Relation((letter, c), ("=",)),) for c in found.lists[letter]]
    return [Table((("line",), *header), lines, ("The value of every line.",))]


def _letters(claim: Relation, found: Instance) -> list[Symbol]:
    """The letters with several values in a claim that are not data."""
    data = {variable for (variable, *_), _ in found.formulas.values()}
    data |= {Symbol(n.base.name, font=n.base.font) for n in walk(claim) if isinstance(n, Indexed)}
    inside = set().union(*map(free_symbols, claim.sides))
    return [letter for letter in found.lists if letter in inside and letter not in data]


def _compared(claim: Relation, values: Sequence[Node]) -> None:
    for k, sign in enumerate(claim.signs):
        _in_order(values[k], sign, values[k + 1], claim.sides[k : k + 2])


def _in_order(a: Node, sign: str, b: Node, sides: Sequence[Node]) -> None:
    x, y = value_of(a), value_of(b)
    same = isclose(x, y, rel_tol=_CLOSE, abs_tol=_CLOSE)
    if not {"=": same, "<=": same or x < y, ">=": same or x > y}.get(sign, True):
        raise RefutedError(f"with the numbers of the instance {text(Relation(tuple(sides), (sign,)))} is false: "
                           f"{text(rounded(a))} and {text(rounded(b))}")


def _optima(claim: Relation, found: Instance) -> list[Part]:
    """The values of every line at the candidates, and where the best of them is taken."""
    variable, candidates = _candidates(claim, found)
    rows: list[tuple[Prose, ...]] = []
    best: list[frozenset[int]] = []
    for side in claim.sides:
        if not isinstance(side, Optimum):
            raise DeriveError(f"instance: {text(side)} is no optimum like the lines before")
        values = [_at_candidate(side, variable, c, found) for c in candidates]
        best.append(_best(side, values))
        where: list[str | Node] = []
        for k in sorted(best[-1]):
            where += [", " if where else "", candidates[k]]
        rows.append(((side.body,), *map(_shown, values), (side.operator + " ", *where)))
    for k, sign in enumerate(claim.signs):
        if sign == "=" and best[k] != best[k + 1]:
            raise RefutedError(f"with the numbers of the instance line {k + 2} has other optima than line {k + 1}")
    columns: list[Prose] = [(Relation((variable, c), ("=",)),) for c in candidates]
    same = "; the best is the same in all of them" if len(set(best)) == 1 else ""
    return [Table((("function",), *columns, ("taken at",)), tuple(rows),
                  (f"Every line at the candidates, and the best of them{same}.",))]


def _candidates(claim: Relation, found: Instance) -> tuple[Symbol, tuple[Node, ...]]:
    first = claim.sides[0]
    assert isinstance(first, Optimum)
    if len(first.variables) != 1 or first.variables[0] not in found.lists:
        names = ", ".join(s.plain for s in first.variables)
        raise DeriveError(f"instance: there are no candidates for {names}", r"'\theta' = ['1/4', '1/2', '3/4']")
    candidates = found.lists[first.variables[0]]
    if len(candidates) > CANDIDATES_MOST:
        raise DeriveError(f"instance: {len(candidates)} candidates are too many: at most {CANDIDATES_MOST}")
    return first.variables[0], candidates


def _at_candidate(side: Optimum, variable: Symbol, candidate: Node, found: Instance) -> Node:
    renamed: dict[Node, Node] = dict.fromkeys(side.variables if len(side.variables) == 1 else (variable,), candidate)
    return _number_of(put_in(substitute(side.body, renamed), found), side)


def _best(side: Optimum, values: Sequence[Node]) -> frozenset[int]:
    floats = [value_of(v) for v in values]
    best = (min if side.operator in ("argmin", "min") else max)(floats)
    return frozenset(k for k, v in enumerate(floats) if isclose(v, best, rel_tol=_CLOSE, abs_tol=1e-300))


def _number_of(node: Node, line: Node) -> Node:
    """The exact value where it is rational, else the expression."""
    try:
        exact = numeric(simple(node))
        if exact is None:
            value_of(node)
        return node if exact is None else number(exact)
    except (MathError, ZeroDivisionError) as error:
        raise DeriveError(f"instance: {text(line)} has no value with these numbers: {error}",
                          "choose other numbers") from error


def _shown(value: Node) -> Prose:
    if numeric(value) is None:
        return (rounded(value),)
    return (value,)
