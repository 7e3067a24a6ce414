"""Steps between equations: ``2x - 4 = 0  <=>  x = 2``.

``implication(before, after, both)`` proves that one follows from the other where the numerators of the two
differences have a quotient that cannot vanish (divide by ``e^x``, bring to the other side), or where ``after``
is solved for symbols: every value is put in and proved to satisfy ``before``, and no other solution is left,
by counting (a polynomial of degree n in a generator that takes each value once has at most n; one with numbers
as coefficients exactly its real roots; a linear system of full rank one).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flint import fmpq, fmpq_mat

from derive.steps import Status, Verdict, Witness
from derive.tree import ZERO, Call, Negative, Node, Relation, Set, Sum, Symbol, substitute, times
from derive.verify.balls import Evaluation, precision
from derive.verify.cases import room
from derive.verify.conditions import conditions
from derive.verify.convert import Converter, sign_of
from derive.verify.core import free_symbols
from derive.verify.equality import rows_of, scalars, weakest
from derive.verify.field import Element, Field, Key, Needs, Poly
from derive.verify.refute import decimal
from derive.verify.signals import Clock, Infeasible, Restart, Split, Unclear, Undecidable, Undefined
from derive.verify.signs import outside, real_roots, univariate
from derive.verify.truths import exception

Domains = Mapping[Symbol, str]
_ATTEMPTS = 12
_INJECTIVE = frozenset({"exp", "log", "erf", "arctan", "arcsin", "root"})  # generators that take each value once
_EQUAL = frozenset({"=", "===", "in", ":="})


@dataclass(frozen=True, slots=True)
class Solved:
    """``after`` as values of symbols: each solution gives every one of ``unknowns`` a value."""

    unknowns: tuple[Symbol, ...]
    solutions: tuple[tuple[Node, ...], ...]


def implication(before: Node, after: Node, both: bool, domains: Domains, clock: Clock) -> Verdict:
    """The verdict on ``before => after``, with ``both`` on ``<=>``, for relations in the core language."""
    if before == after:
        return Verdict(Status.PROVED, "identical")
    if not isinstance(before, Relation) or not isinstance(after, Relation):
        return Verdict(Status.UNDECIDED, detail="one side is no equation")
    try:
        found = _implication(before, after, both, domains, clock)
    except (Undecidable, Undefined, Infeasible, Split) as outcome:
        detail = str(outcome) if isinstance(outcome, Undecidable) else "the solutions depend on signs"
        found = Verdict(Status.UNDECIDED, "equations", detail)
    if found.status is not Status.UNDECIDED:
        return found
    witness = exception(_as_equation(before), _as_equation(after), both, domains, clock)
    return found if witness is None else Verdict(Status.REFUTED, "equations", "only one side holds", witness=witness)


def _implication(before: Relation, after: Relation, both: bool, domains: Domains, clock: Clock) -> Verdict:
    before = _as_equation(before)
    if _undone(before, after):
        return Verdict(Status.PROVED, "exact")
    proportional = _proportional(before, _as_equation(after), both, domains, clock)
    if proportional is not None:
        return proportional
    if not {*before.signs, *after.signs} <= _EQUAL:
        return Verdict(Status.UNDECIDED, "equations", "no method for these equations")
    if (solved := _solved(after)) is not None:
        return _solutions(differences(before), solved, both, domains, clock)
    if (solved := _solved(before)) is not None:
        equations = differences(_as_equation(after))
        judge = _solutions_both_ways if both else _put_in
        return judge(equations, solved, domains, clock)
    return Verdict(Status.UNDECIDED, "equations", "no method for these equations")


def _as_equation(relation: Relation) -> Relation:
    """``u in {v, w}`` says that ``(u - v)(u - w) = 0``."""
    match relation:
        case Relation((unknown, Set(values)), ("in",)):
            return Relation((times([Sum((unknown, Negative(v))) for v in values]), ZERO), ("=",))
    return relation


def _undone(before: Relation, after: Relation) -> bool:
    """``log(u) = log(v)`` and ``u = v``: a function that takes each value once, taken off both sides."""
    match before, after:
        case (Relation((Call(f, (u,), 0), Call(g, (v,), 0)), ("=",)), Relation((x, y), ("=",))):
            return f == g and f in _INJECTIVE and (u, v) == (x, y)
    return False


# --- proportional equations ----------------------------------------------------------------------------


def _proportional(before: Relation, after: Relation, both: bool, domains: Domains, clock: Clock) -> Verdict | None:
    first, second = differences(before), differences(after)
    if len(first) != len(second) or _kinds(before) != _kinds(after):
        return None
    turns = [in_field([a, b], domains, clock, lambda c, e: quotient_holds(c, e, _kinds(before)[0], both))
             for a, b in zip(first, second, strict=True)]
    if not all(turns):
        return None
    needed = dict.fromkeys(c for a, b in zip(first, second, strict=True) for c in conditions(a, b, domains, clock))
    return Verdict(Status.PROVED, "exact", condition=tuple(needed))


def _kinds(relation: Relation) -> list[str]:
    """The signs, all that state equality as one."""
    return ["=" if sign in _EQUAL else sign for sign in relation.signs]


def quotient_holds(converter: Converter, elements: list[Element], sign: str, both: bool) -> bool:
    """Whether the differences are the same up to a factor that vanishes nowhere (and is positive for ``<``)."""
    a, b = elements
    if a.top.is_zero() or b.top.is_zero():
        return bool(a.top.is_zero() and b.top.is_zero())
    if sign == "=" and _zero_factors(converter, a.top) == _zero_factors(converter, b.top):
        return True  # a product is zero where one of its factors is, however often it stands there
    ratio = converter.field.canonical(converter.field.over(a, b))
    above, never_zero = sign_of(converter, ratio)
    if not never_zero:
        return False  # b = a/ratio must vanish wherever a does
    if both and not sign_of(converter, converter.field.over(converter.field.one, ratio))[1]:
        return False
    return sign in ("=", "!=") or above > 0


def _zero_factors(converter: Converter, top: Poly) -> set[Key]:
    """The different irreducible factors that can vanish, up to a sign."""
    return {Key(part) for part, _ in converter.field.factors(top)[1] if not all(converter.signs.sign(part))}


def in_field(nodes: list[Node], domains: Domains, clock: Clock, question: Any) -> Any:
    """Ask a question about expressions as elements of one field, in one case of signs."""
    needs = Needs(room(*nodes))
    for _ in range(_ATTEMPTS):
        try:
            converter = Converter(Field(needs, clock), domains)
            return question(converter, [converter.element(n) for n in nodes])
        except Restart:
            clock.check()
    raise Undecidable("the generators do not settle")


def differences(relation: Relation) -> list[Node]:
    """``left - right`` for every equation of a chain, entry by entry."""
    result: list[Node] = []
    for left, right in zip(relation.sides, relation.sides[1:], strict=False):
        first, second = rows_of(left), rows_of(right)
        if second == ((ZERO,),):
            second = tuple(tuple(ZERO for _ in row) for row in first)
        if [len(r) for r in first] != [len(r) for r in second]:
            raise Undecidable("an equation between different shapes")
        pairs = [(x, y) for r, s in zip(first, second, strict=True) for x, y in zip(r, s, strict=True)]
        result += [x if y == ZERO else Sum((x, Negative(y))) for x, y in pairs]
    return result


# --- solved equations ------------------------------------------------------------------------------------


def _solved(after: Relation) -> Solved | None:
    if len(after.sides) != 2 or after.signs[0] not in _EQUAL:
        return None
    left, right = after.sides
    unknowns = tuple(e for row in rows_of(left) for e in row)
    if not all(isinstance(u, Symbol) for u in unknowns):
        return None
    symbols = tuple(u for u in unknowns if isinstance(u, Symbol))
    values = right.items if isinstance(right, Set) else tuple(e for row in rows_of(right) for e in row)
    if any(s in free_symbols(v) for s in symbols for v in values):
        return None
    if len(symbols) == 1:
        return Solved(symbols, tuple((v,) for v in values))
    if len(values) != len(symbols):
        return None
    return Solved(symbols, (values,))


def _put_in(equations: list[Node], solved: Solved, domains: Domains, clock: Clock) -> Verdict:
    """Whether every solution satisfies every equation."""
    checks = []
    for values in solved.solutions:
        put_in: dict[Node, Node] = dict(zip(solved.unknowns, values, strict=True))
        checks += [scalars(substitute(e, put_in), ZERO, domains, clock) for e in equations]
    return weakest(checks)


def _solutions_both_ways(equations: list[Node], solved: Solved, domains: Domains, clock: Clock) -> Verdict:
    return _solutions(equations, solved, True, domains, clock)


def _solutions(equations: list[Node], solved: Solved, both: bool, domains: Domains, clock: Clock) -> Verdict:
    satisfied = _put_in(equations, solved, domains, clock)
    if satisfied.status is Status.REFUTED and both:
        return Verdict(Status.REFUTED, "equations", "the value does not satisfy the equation",
                       witness=satisfied.witness)
    missing = _missing(equations, solved, domains, clock)
    if isinstance(missing, Witness):
        return Verdict(Status.REFUTED, "equations", "a solution is missing", witness=missing)
    if satisfied.status in (Status.REFUTED, Status.UNDECIDED):
        return Verdict(Status.UNDECIDED, "equations", "the value is not shown to satisfy the equation")
    if missing is None or satisfied.status is not Status.PROVED:
        if not both:
            return Verdict(Status.CHECKED, "equations", "each solution satisfies it")
        return Verdict(Status.UNDECIDED, "equations", "each value satisfies it; that there are no others is not shown")
    return Verdict(Status.PROVED, "equations", "each solution satisfies it, and there are no others",
                   satisfied.condition)


def _missing(equations: list[Node], solved: Solved, domains: Domains, clock: Clock) -> Witness | bool | None:
    """False: no other solution; a witness: another one; None: not known."""
    values = [v for solution in solved.solutions for v in solution]

    def question(converter: Converter, elements: list[Element]) -> Witness | bool | None:
        tops = [e.top for e in elements]
        if len(solved.unknowns) > 1:
            return False if _full_rank(converter, tops, solved.unknowns) else None
        return _others(converter, tops, solved.unknowns[0], values)

    return in_field(equations, domains, clock, question)  # type: ignore[no-any-return]


def _full_rank(converter: Converter, tops: list[Poly], unknowns: tuple[Symbol, ...]) -> bool:
    """Whether linear equations with numbers as coefficients have at most one solution."""
    field = converter.field
    places = [field.used(converter.symbol(u).top)[0] for u in unknowns]
    rows = []
    for top in tops:
        slopes = [top.derivative(p) for p in places]
        if not all(s.is_constant() for s in slopes):
            return False
        rows.append([fmpq(int(s.leading_coefficient()) if len(s) else 0) for s in slopes])
    return int(fmpq_mat(rows).rank()) == len(unknowns)


def _others(converter: Converter, tops: list[Poly], x: Symbol, values: list[Node]) -> Witness | bool | None:
    """Solutions of one equation in one unknown beside the given ones, which satisfy it."""
    if len(tops) != 1 or tops[0].is_zero():
        return None
    with precision(256):
        given = _distinct_balls(values)
        most = 0
        for part, _ in converter.field.factors(tops[0])[1]:
            count = _most_solutions(converter, part, x)
            roots = _numeric_roots(converter, part, x)
            if roots is not None and given is not None:
                missing = next((r for r in roots if not any(r.overlaps(v) for v in given)), None)
                if missing is not None:
                    return Witness(((x.plain, decimal(missing, 6)),), "0", "a solution")
            if count is None:
                return None
            most += count
    distinct = len(values) if given is None else len(given)
    return False if most <= (distinct if given is not None else min(distinct, 1)) else None


def _distinct_balls(values: list[Node]) -> list[Any] | None:
    """The values as numbers, each once; None when they depend on symbols or cannot be told apart."""
    try:
        balls = [Evaluation({}).value(v) for v in values]
    except (Unclear, Undefined, Undecidable):
        return None
    kept: list[Any] = []
    for ball in balls:
        if not any(ball.overlaps(other) for other in kept):
            kept.append(ball)
    return kept


def _most_solutions(converter: Converter, part: Poly, x: Symbol) -> int | None:
    """A bound on the number of solutions of an irreducible factor; None when there is no bound."""
    sign, strict = converter.signs.sign(part)
    if sign and strict:
        return 0
    roots = _numeric_roots(converter, part, x)
    if roots is not None:
        return len(roots)
    field = converter.field
    places = [i for i in field.used(part) if x in field.kernels[i].symbols]
    if len(places) != 1:
        return None
    kernel = field.kernels[places[0]]
    if kernel.kind != "symbol" and not _takes_values_once(converter, kernel.kind, kernel.inner, x):
        return None
    return int(part.degrees()[places[0]])


def _numeric_roots(converter: Converter, part: Poly, x: Symbol) -> list[Any] | None:
    """The real roots in the domain of a polynomial in the unknown alone; None for another."""
    places = converter.field.used(part)
    if len(places) != 1 or converter.field.kernels[places[0]].data != x:
        return None
    within = converter.signs.range(places[0])
    return [r for r, _ in real_roots(univariate(part, places[0])) if not outside(r, within)]


def _takes_values_once(converter: Converter, kind: str, inner: tuple[Element, ...], x: Symbol) -> bool:
    """Whether a generator is a strictly monotonic function of a linear function of the unknown."""
    if kind not in _INJECTIVE:
        return False
    slope = converter.derivative(inner[0], x)
    return converter.field.rational(slope) not in (None, 0)
