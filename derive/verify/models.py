"""Finite models: sets without bounds get a few members, laws rational probabilities, free letters values in them.

A statement about expectations, densities or sums over an unnamed set is made for all of these, so a model in which
its sides differ is a counter-example; agreement on models is no proof. :class:`Models` looks at a statement once,
:meth:`Models.model` gives the k-th model (always the same for the same statement), :class:`Model` is asked by
:class:`~derive.verify.balls.Evaluation`. A law with parameters is a smooth family: each probability is a weight times
``1 + (parameter - number)^2``, over their sum.

Not every model is a counter-example: a statement about a quantity with a density, that uses both its values and
something that is not linear in the density (an entropy), may hold for densities only: :func:`needs_density`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

from derive.declarations import declaration
from derive.errors import DeriveError
from derive.tree import (
    ZERO,
    Cases,
    Indexed,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    SumOver,
    Symbol,
    number,
    numeric,
    whole,
)
from derive.verify.balls import Slots, added, ball, multiplied, reciprocal
from derive.verify.core import (
    CONTINUOUS,
    INDICES,
    RESTRICTED,
    UNNAMED,
    Bracket,
    Density,
    Provided,
    counted,
    free_symbols,
    is_fresh,
    is_set,
    parts,
    put_in,
    set_over,
    space,
    walk,
)
from derive.verify.signals import Undecidable

_SIZES = (2, 3, 2, 4, 3, 2, 1, 3, 2, 4, 2, 3, 2, 3)
_SEED = 7_411_203
_INDICES = 20  # values of an index that a letter is made to meet
_TABLE = 81  # entries of a law's table
_EMPTY = 5  # in every so many models one probability is zero
_SHOWN = 12  # entries of a table in a counter-example
STEEP = 1000  # from this model on, which only inequalities ask for, probabilities are far apart, values large or small
_VALUES = [Fraction(n) for n in (0, 1, -1, 2, 3, -2, 4)]

Point = dict[Symbol, Fraction]


class Models:
    """The finite models of one statement; falsy when it needs none.

    With ``independent``, a law is another one for each value of its parameters, and no smooth family.
    """

    def __init__(self, nodes: Sequence[Node], domains: Mapping[Symbol, str]) -> None:
        self.domains = {s.plain: text for s, text in domains.items()}
        self.laws: dict[str, dict[str, Symbol]] = {}
        for p in nodes:
            if isinstance(p, Density):
                self.laws.setdefault(p.name, {}).update(p.slots)
        self.sets = list(dict.fromkeys(p for p in nodes if is_set(p))) + [
            s for p in nodes if (s := set_over(getattr(p, "where", None))) is not None and not is_set(s)
        ]
        self.placed = _placements(nodes)
        self.compared = _compared(nodes)
        self.families = _families(nodes)
        self.numbers = _numbers(nodes)
        self.known: dict[int, Model] = {}
        self.independent = False

    def __bool__(self) -> bool:
        return bool(self.sets or self.laws or self.placed or self.compared)

    def model(self, k: int) -> Model:
        """The k-th model."""
        if k not in self.known:
            self.known[k] = Model(self, k)
        return self.known[k]


def _placements(nodes: Sequence[Node]) -> list[tuple[Symbol, Node | tuple[Node, Node]]]:
    """Free letters that the statement puts into a set or between bounds."""
    found: list[tuple[Symbol, Node | tuple[Node, Node]]] = []
    for p in nodes:
        if not isinstance(p, Provided):
            continue
        if (within := space(p.condition)) is not None and not is_fresh(within[0]):
            found.append(within)
        elif len(p.condition.sides) == 3:
            low, letter, high = p.condition.sides
            if isinstance(letter, Symbol) and not is_fresh(letter):
                found.append((letter, (low, high)))
    return list(dict.fromkeys(found))


def _compared(nodes: Sequence[Node]) -> list[Comparison]:
    """Free letters that an index of a sum is compared with: ``[i + k = j]``."""
    found: list[Comparison] = []
    for p in nodes:
        if not isinstance(p, SumOver) or (own := _range_of(p)) is None:
            continue
        for difference in (d for part in walk(p.body) for d in _differences(part)):
            if p.index in walk(difference):
                letters = sorted(free_symbols(difference), key=repr)
                found += [Comparison(letter, p.index, own, difference) for letter in letters]
    return list(dict.fromkeys(found))


def _differences(node: Node) -> Iterator[Node]:
    """What is 0 where a bracket or a case holds."""
    match node:
        case Bracket(operand, "="):
            yield operand
        case Relation((left, right), ("=",)):
            yield Sum((left, Negative(right)))


def _range_of(node: SumOver) -> Node | tuple[Node, Node] | None:
    if node.lower is not None and node.upper is not None:
        return node.lower, node.upper
    own = set_over(node.where)
    return own if isinstance(own, Symbol) and is_set(own) and own.sub.startswith(INDICES) else None


@dataclass(frozen=True)
class Comparison:
    """A letter, the index it is compared with, the index's set or bounds, and the difference that is asked to be 0."""

    letter: Symbol
    index: Symbol
    range: Node | tuple[Node, Node]
    difference: Node


def _families(nodes: Sequence[Node]) -> dict[Symbol, Symbol]:
    """The families whose members are values of random quantities, and the set of these values."""
    pairs = [pair for p in nodes if isinstance(p, Density) for pair in zip(p.values, p.slots, strict=True)]
    return {value.base: own for value, (_, own) in pairs if isinstance(value, Indexed)}


def _numbers(nodes: Sequence[Node]) -> dict[Symbol, set[Fraction]]:
    """The numbers that a statement takes for values of random quantities."""
    found: dict[Symbol, set[Fraction]] = {}
    for p in nodes:
        if isinstance(p, Density):
            for value, (_, own) in zip(p.values, p.slots, strict=True):
                if (said := numeric(value)) is not None:
                    found.setdefault(own, set()).add(said)
    return found


class Model:
    """One model."""

    def __init__(self, models: Models, k: int) -> None:
        self.models, self.k = models, k
        self.chosen: dict[Node, list[Fraction]] = {}
        self.tables: dict[tuple[str, Any], Table] = {}
        self.masses: dict[tuple[str, Slots, tuple[Fraction, ...]], Fraction] = {}

    def _random(self, *key: object) -> Random:
        return Random(f"{_SEED} {self.k} {key}")

    # --- sets ---------------------------------------------------------------------------------------------

    def members(self, space: Node) -> Sequence[Fraction]:
        """The members of a set: 1, 2, …, for indices, else different numbers of the declared domain."""
        if space not in self.chosen:
            self.chosen[space] = self._members(space)
        return self.chosen[space]

    def _members(self, space: Node) -> list[Fraction]:
        size = self._size(space)
        name = space.sub if isinstance(space, Symbol) and is_set(space) else ""
        if name.startswith(RESTRICTED):
            raise Undecidable("an optimum over infinitely many numbers")
        if name.startswith(INDICES):
            return [Fraction(n) for n in range(1, size + 1)]
        declared = self._declared(space)
        scale = Fraction(1) if self.k < STEEP else Fraction(64) if self.k % 2 else Fraction(1, 64)
        values = [scale * v for v in _VALUES]
        allowed = [v for v in values if declared is None or declared.allows(v)]
        if len(allowed) < size and declared is not None:
            allowed += [v for n in range(1, 9) if declared.allows(v := Fraction(n, 9)) and v not in allowed]
        written = self.models.numbers.get(space, set()) if isinstance(space, Symbol) else set()
        if len(written) > 1:  # all the values there are
            return sorted(written)
        others = [v for v in allowed if v not in written]
        return sorted([*written, *self._random("set", space).sample(others, min(size, len(others)))])

    def family(self, base: Symbol, indices: tuple[Any, ...]) -> Fraction | None:
        """The member of a family whose members are values of a random quantity."""
        own = self.models.families.get(base)
        return None if own is None else self._random("member", base, indices).choice(self.members(own))

    def _size(self, space: Node) -> int:
        size = _SIZES[self.k % len(_SIZES)]
        mine = [len(slots) for slots in self.models.laws.values() if space in slots.values()]
        most = max(mine, default=1)
        shift = self._random("size", space).choice((0, 0, 1)) if most < 3 else 0
        return min(size + shift, 4 if most < 3 else 2)

    def _declared(self, space: Node) -> Any:
        """The declared domain of the quantity whose values these are."""
        for slots in self.models.laws.values():
            for name, own in slots.items():
                if own == space and name in self.models.domains:
                    try:
                        found = declaration(self.models.domains[name])
                    except DeriveError:
                        continue
                    return found if found.kind == "number" else None
        return None

    def place(self, point: Point) -> Point:
        """The point with every letter that has to be in a set, or between bounds, in it."""
        if not self.models.placed and not self.models.compared:
            return point
        result = dict(point)
        if self.k % 2:
            self._meet(result)
        for letter, where in self.models.placed:
            if isinstance(where, tuple):
                ends = [self._bound(e, result) for e in where]
                if None not in ends and ends[0] <= ends[1]:  # type: ignore[operator]
                    low, high = int(ends[0]), int(ends[1])  # type: ignore[arg-type]
                    result[letter] = Fraction(self._random("index", letter).randint(low, high))
            else:
                result[letter] = self._random("letter", letter).choice(self.members(where))
        return result

    def _meet(self, point: Point) -> None:
        """Moves letters so that the brackets in sums are 1 somewhere; by chance they hardly ever are."""
        moved: set[Symbol] = set()
        pairs = self.models.compared
        for asked in self._random("met").sample(pairs, len(pairs)):
            values = self._values(asked, point)
            if asked.letter in moved or asked.letter not in point or not values:
                continue
            there = {**point, asked.index: self._random("met", asked.index).choice(values)}
            gaps = [self._gap(asked.difference, {**there, asked.letter: Fraction(v)}) for v in (0, 1)]
            if gaps[0] is None or gaps[1] is None or abs(gaps[1] - gaps[0]) != 1:
                continue
            value = Fraction(-gaps[0], gaps[1] - gaps[0])
            declared = declaration(self.models.domains.get(asked.letter.plain, "integer"))
            if declared.kind == "number" and declared.allows(value):
                point[asked.letter] = value
                moved.add(asked.letter)

    def _values(self, asked: Comparison, point: Point) -> Sequence[Fraction]:
        """The values of an index that is compared; none where its bounds are no numbers here."""
        if not isinstance(asked.range, tuple):
            return self.members(asked.range)
        ends = [self._bound(end, point) for end in asked.range]
        if ends[0] is None or ends[1] is None:
            return ()
        return [Fraction(k) for k in range(int(ends[0]), min(int(ends[1]), int(ends[0]) + _INDICES) + 1)]

    @staticmethod
    def _gap(difference: Node, point: Point) -> int | None:
        return whole(counted(put_in(difference, {s: number(v) for s, v in point.items()})))

    @staticmethod
    def _bound(node: Node, point: Point) -> Fraction | None:
        return point.get(node) if isinstance(node, Symbol) else numeric(node)

    # --- laws ---------------------------------------------------------------------------------------------

    def density(self, name: str, slots: Slots, values: Sequence[Fraction], params: Sequence[Any]) -> Any:
        """The probability of the values, the other quantities of the law summed out."""
        if not params:
            return ball(self._mass(name, slots, tuple(values)))
        table = self._table(name, params)
        wanted = dict(zip((n for n, _ in slots), values, strict=True))
        result: Any = ball(0)
        for row, weight in zip(table.rows, table.weights, strict=True):
            if all(row[table.names.index(n)] == v for n, v in wanted.items()):
                result = added(result, weight)
        return result

    def _mass(self, name: str, slots: Slots, values: tuple[Fraction, ...]) -> Fraction:
        """The same for a law without parameters, exactly."""
        key = (name, slots, values)
        if key not in self.masses:
            table = self._table(name, ())
            at = [table.names.index(n) for n, _ in slots]
            rows = zip(table.rows, table.weights, strict=True)
            found = (w for row, w in rows if all(row[i] == v for i, v in zip(at, values, strict=True)))
            self.masses[key] = sum(found, Fraction(0))
        return self.masses[key]

    def _table(self, name: str, params: Sequence[Any]) -> Table:
        slots = self.models.laws[name]
        rows = list(product(*(self.members(s) for s in slots.values())))
        if len(rows) > _TABLE:
            raise Undecidable("a law of too many quantities")
        at = [str(p) for p in params] if self.models.independent else []
        random = self._random("law", name, *at)
        fractions = [Fraction(random.randint(1, 9)) ** (4 if self.k >= STEEP else 1) for _ in rows]
        if self.k % _EMPTY == _EMPTY - 1 and len(rows) > 1:
            fractions[random.randrange(len(rows))] = Fraction(0)
        if not params:
            if (name, None) not in self.tables:
                total = sum(fractions)
                self.tables[name, None] = Table(list(slots), rows, [f / total for f in fractions])
            return self.tables[name, None]
        weights = [self._weight(random, f, params) for f in fractions]
        whole = weights[0]
        for w in weights[1:]:
            whole = added(whole, w)
        return Table(list(slots), rows, [multiplied(w, reciprocal(whole)) for w in weights])

    @staticmethod
    def _weight(random: Random, front: Fraction, params: Sequence[Any]) -> Any:
        result: Any = ball(1)
        for p in params:
            moved = added(p, ball(Fraction(random.randint(-6, 6), 2)))
            result = added(result, multiplied(moved, moved))
        return multiplied(ball(front), result)

    # --- for a person ---------------------------------------------------------------------------------------

    def shown(self) -> Iterator[tuple[str, str]]:
        """The model as names and values: probabilities, and the sets that no law tells of."""
        for (name, _), table in self.tables.items():
            for row, weight in list(zip(table.rows, table.weights, strict=True))[:_SHOWN]:
                inside = ", ".join(_shown_value(n, v) for n, v in zip(table.names, row, strict=True))
                yield f"{name}({inside})", str(weight)
        known = {s for slots in self.models.laws.values() for s in slots.values()}
        for found in self.chosen:
            if found not in known:
                name = found.plain if isinstance(found, Symbol) and not is_set(found) else "indices"
                yield name, "{" + ", ".join(map(str, self.chosen[found])) + "}"


def _shown_value(name: str, value: Fraction) -> str:
    return str(value) if name.isdigit() else f"{name}={value}"


class Table:
    """A law's probabilities for all values of its quantities."""

    def __init__(self, names: list[str], rows: list[tuple[Fraction, ...]], weights: list[Any]) -> None:
        self.names, self.rows, self.weights = names, rows, weights


# --- what a finite model cannot tell ----------------------------------------------------------------------


def needs_density(*nodes: Node) -> bool:
    """Whether a statement may hold for quantities with a density and fail for finitely many values."""
    found = [p for n in nodes for p in walk(n) if isinstance(p, SumOver) and _is_value_set(set_over(p.where))]
    if not found:
        return False
    if any(_has_point(p) for p in found):
        return True
    return any(_explicit(p.body, p.index) for p in found) and has_dimension(*nodes)


def has_dimension(*nodes: Node) -> bool:
    """Whether it matters in what unit the quantities with a density are measured: so it does for an entropy."""
    try:
        return len({_degree(n) for n in nodes if n != ZERO}) > 1
    except _Mixed:
        return True


def states_a_law(a: Node, b: Node) -> bool:
    """Whether an equation says what a law is, or names a number that belongs to it: ``p(x) = e^{-x}``, ``E[X] = m``.

    One side is free of laws, and the other is a law's value, or the free side has letters that only it has or that
    the law is asked at.
    """
    sides = [n for n in (a, b) if _holds_density(n)]
    if len(sides) != 1:
        return False
    law, formula = (a, b) if sides[0] is a else (b, a)
    if _is_value_of_law(law):
        return True
    letters = free_symbols(formula)
    at = {s for p in walk(law) if isinstance(p, Density) for v in (*p.values, *p.params) for s in free_symbols(v)}
    return bool(letters - free_symbols(law)) or bool(letters & at)


def _is_value_of_law(node: Node) -> bool:
    while isinstance(node, Provided):
        node = node.body
    match node:
        case Quotient(top, bottom):
            return isinstance(top, Density) and isinstance(bottom, Density)
    return isinstance(node, Density)


def _holds_density(node: Node) -> bool:
    return any(isinstance(p, Density) for p in walk(node))


def _is_value_set(found: Node | None) -> bool:
    return isinstance(found, Symbol) and is_set(found) and found.sub.startswith((CONTINUOUS, UNNAMED))


def _has_point(node: SumOver) -> bool:
    """Whether the values of a continuous quantity are compared: single values have no probability."""
    return any(isinstance(p, (Bracket, Cases)) for p in walk(node.body))


def _explicit(node: Node, letter: Symbol) -> bool:
    """Whether a value is used in another way than to ask a density or a table at it."""
    if isinstance(node, Symbol):
        return node == letter
    if isinstance(node, (Density, Indexed)):
        return any(_explicit(v, letter) for v in parts(node) if v != letter)
    return any(_explicit(c, letter) for c in parts(node))


# --- the dimension of densities ---------------------------------------------------------------------------


class _Mixed(Exception):  # noqa: N818  (an outcome, not an error)
    """Terms of different dimension are added, or a function is applied to something that has one."""


Degree = frozenset[tuple[Symbol, int]]
"""The powers of the unit in which each quantity is measured, the other way round: a density has degree 1."""
_NONE: Degree = frozenset()


def _degree(node: Node) -> Degree:
    """The dimension of an expression; what has the same on both sides is true in all units or in none."""
    match node:
        case Density(slots=slots):
            return _joined([(s, 1) for _, s in slots if _is_value_set(s)])
        case Product(factors):
            return _joined([pair for f in factors for pair in _degree(f)])
        case Quotient(top, bottom):
            return _joined([*_degree(top), *((s, -n) for s, n in _degree(bottom))])
        case Negative(operand) | Provided(operand):
            return _degree(operand)
        case Sum(terms):
            found = {_degree(t) for t in terms if t != ZERO}
            if len(found) > 1:
                raise _Mixed
            return found.pop() if found else _NONE
        case Power(base, exponent) if (n := numeric(exponent)) is not None and n.denominator == 1:
            return _joined([(s, m * int(n)) for s, m in _degree(base)])
        case SumOver(body, _, where=where):
            own = set_over(where)
            unit = [(own, -1)] if isinstance(own, Symbol) and _is_value_set(own) else []
            return _joined([*_degree(body), *unit])
    if any(_degree(c) for c in parts(node)):
        raise _Mixed
    return _NONE


def _joined(pairs: list[tuple[Symbol, int]]) -> Degree:
    total: dict[Symbol, int] = {}
    for symbol, n in pairs:
        total[symbol] = total.get(symbol, 0) + n
    return frozenset((s, n) for s, n in total.items() if n)
