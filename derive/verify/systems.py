"""Systems of equations: does one follow from another?

A system is a list of expressions that are zero. ``A => B`` is proved where every expression of B vanishes, or is zero
wherever one of A is, after the equations of A have been solved for letters, one after the other (each equation that
is linear in a letter, its logarithm or its exponential, with a coefficient that cannot vanish). Letters of B may be
chosen ("there are multipliers so that"): they are solved for in B itself.

It is refuted by a root of A, enclosed in number balls by Newton's method in intervals, at which an expression of B
is not zero whatever the chosen letters are. Called by :func:`derive.verify.verify_step` for lines with several
equations and by :mod:`multipliers`.

Source of the enclosure: Moore, Kearfott and Cloud, Introduction to Interval Analysis (2009), section 8.1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, islice
from typing import Any

from flint import arb, arb_mat

from derive.declarations import declaration
from derive.steps import Status, Verdict, Witness
from derive.tree import (
    ZERO,
    Call,
    Derivative,
    GradientOf,
    Indexed,
    Matrix,
    Node,
    Relation,
    Statements,
    Symbol,
    Vector,
    map_children,
    number,
    substitute,
    times,
)
from derive.verify.balls import Evaluation, precision
from derive.verify.conditions import conditions
from derive.verify.convert import Converter, sign_of
from derive.verify.core import DerivativeAt, free_symbols, fresh, walk
from derive.verify.domains import ordered, points, whole_symbols
from derive.verify.equality import equality, weakest
from derive.verify.equations import differences, in_field, quotient_holds
from derive.verify.field import Element, Field, Poly
from derive.verify.matrices import written_out
from derive.verify.refute import decimal, decimal_text
from derive.verify.signals import Clock, Infeasible, Split, Unclear, Undecidable, Undefined
from derive.verify.trees import tree

Domains = Mapping[Symbol, str]
System = list[Node]

_EQUATIONS = 12
_BITS = 160
_NEWTON = 60
_HALVED = 30
_POINTS = 6  # at which a root is looked for, for one choice of unknowns
_CHOICES = 8  # of unknowns
_OPEN = (Undecidable, Undefined, Infeasible, Split, ZeroDivisionError)


# --- statements as systems ----------------------------------------------------------------------------------------


def is_system(node: Node) -> bool:
    """Whether a statement is an equation, or several that hold together."""
    match node:
        case Relation(signs=signs):
            return set(signs) == {"="}
        case Statements(items, sign) if sign != "or":
            return all(is_system(item) for item in items)
    return False


def is_plural(node: Node) -> bool:
    """Whether a statement is more than one equation at sight: several, a chain, between vectors or gradients."""
    match node:
        case Statements():
            return True
        case Relation(sides):
            return len(sides) > 2 or any(isinstance(s, Vector | Matrix | GradientOf) for s in sides)
    return False


def relations(node: Node) -> list[Relation]:
    """The equations of a statement, which may be written in chains."""
    if isinstance(node, Statements):
        return [r for item in node.items for r in relations(item)]
    assert isinstance(node, Relation)
    return [Relation((a, b), ("=",)) for a, b in zip(node.sides, node.sides[1:], strict=False)]


def with_partials(node: Node) -> Node:
    """Gradients by several numbers as vectors of partial derivatives."""
    match node:
        case GradientOf(body, variables, 1) if len(variables) > 1:
            return Vector(tuple(Derivative(with_partials(body), v) for v in variables))
    return map_children(node, with_partials)


def system(node: Node) -> System:
    """A statement in the core language as expressions that are zero, entry by entry."""
    return [e for r in relations(node) for e in differences(_written_out(r))]


def as_scalar(node: Node) -> Node:
    """A number, also where it is written as a matrix with one entry."""
    made = written_out(node)
    return made.rows[0][0] if isinstance(made, Matrix) and made.shape == (1, 1) else made


def _written_out(relation: Relation) -> Relation:
    return Relation(tuple(map(written_out, relation.sides)), relation.signs)


# --- elimination --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Eliminated:
    """Letters with the values that equations give them, which use none of these letters, and what is left."""

    values: dict[Node, Node] = field(default_factory=dict)
    left: System = field(default_factory=list)

    def put_in(self, node: Node) -> Node:
        """The expression with the values."""
        return substitute(node, self.values)


def eliminated(equations: System, letters: Collection[Symbol] | None, domains: Domains, clock: Clock) -> Eliminated:
    """The equations solved for letters as far as they go; for any letter where ``letters`` is None."""
    found = Eliminated(left=list(equations))
    while True:
        clock.check()
        step = next(_solvable(found.left, letters, domains, clock), None)
        if step is None:
            return found
        place, letter, value = step
        rest = [e for k, e in enumerate(found.left) if k != place]
        found.values = {k: reduced(substitute(v, {letter: value}), domains, clock) for k, v in found.values.items()}
        found.values[letter] = reduced(value, domains, clock)
        found.left = [e for e in (reduced(substitute(e, {letter: value}), domains, clock) for e in rest) if e != ZERO]


def reduced(node: Node, domains: Domains, clock: Clock) -> Node:
    """The expression as the field writes it, which is short."""
    try:
        made: Node = in_field([node], domains, clock, lambda c, e: tree(c.field, c.field.canonical(e[0])))
    except _OPEN:
        return node
    return made


def _solvable(
    equations: System, letters: Collection[Symbol] | None, domains: Domains, clock: Clock
) -> Iterator[tuple[int, Symbol, Node]]:
    """An equation, a letter it can be solved for, and its value: plain coefficients and few letters first."""
    whole = whole_symbols(domains)
    for plain in (True, False):
        for place, equation in sorted(enumerate(equations), key=lambda pair: len(free_symbols(pair[1]))):
            for letter in ordered(free_symbols(equation)):
                if letter in whole or (letters is not None and letter not in letters):
                    continue
                value = _solved_for(equation, letter, plain, domains, clock)
                if value is not None:
                    yield place, letter, value


def _solved_for(equation: Node, letter: Symbol, plain: bool, domains: Domains, clock: Clock) -> Node | None:
    try:
        found: Node | None = in_field([equation], domains, clock, lambda c, e: _root(c, e[0], letter, plain))
    except _OPEN:
        return None
    return found


def _root(converter: Converter, element: Element, letter: Symbol, plain: bool) -> Node | None:
    """The value of a letter for which an element vanishes: of one in whose value, log or exp its top is linear."""
    algebra = converter.field
    places = [i for i in algebra.used(element.top) if letter in algebra.kernels[i].symbols]
    if len(places) != 1 or element.top.degrees()[places[0]] != 1 or places[0] in algebra.relations:
        return None
    kernel, coefficient = algebra.kernels[places[0]], element.top.derivative(places[0])
    if plain and algebra.rational(algebra.fraction(coefficient, element.bottom)) is None:
        return None
    if not sign_of(converter, Element(coefficient, algebra.unit))[1]:
        return None
    value = algebra.fraction(-_without(algebra, element.top, places[0]), coefficient)
    if kernel.kind == "symbol":
        return tree(algebra, algebra.canonical(value))
    alone = bool(kernel.inner) and tree(algebra, kernel.inner[0]) == letter
    if alone and kernel.kind == "log" and converter.signs.sign(kernel.inner[0].top)[0] > 0:  # it stands for log|x|
        return Call("exp", (tree(algebra, algebra.canonical(value)),))
    if alone and kernel.kind == "exp" and sign_of(converter, value) == (1, True):
        logarithm = Call("log", (tree(algebra, algebra.canonical(value)),))
        return logarithm if kernel.unit == 1 else times([number(1 / kernel.unit), logarithm])
    return None


def _without(algebra: Field, poly: Poly, place: int) -> Poly:
    """A polynomial at zero of one generator."""
    return poly - poly.derivative(place) * algebra.generators[place]


# --- following ----------------------------------------------------------------------------------------------------


def follows(
    before: System, after: System, domains: Domains, clock: Clock, chosen: Collection[Symbol] = ()
) -> Verdict | None:
    """A proof that all equations of ``after`` hold where those of ``before`` do; None where none is found.

    The ``chosen`` letters, which ``before`` does not use, may have any values that make it true.
    """
    if max(len(before), len(after)) > _EQUATIONS:
        return None
    needed: dict[str, None] = {}
    left = [e for e in after if not _one_by_one(e, before, domains, clock, needed)]
    if not left:
        return Verdict(Status.PROVED, "equations", condition=tuple(needed))
    known = eliminated(before, None, domains, clock)
    rest = [reduced(known.put_in(e), domains, clock) for e in left]
    made = eliminated(rest, chosen, domains, clock) if chosen else Eliminated(left=rest)
    if all(_vanishes(e, known.left, domains, clock, needed) for e in made.left):
        return Verdict(Status.PROVED, "elimination", condition=tuple(needed))
    return None


def _letters(equations: System) -> frozenset[Symbol]:
    return frozenset().union(*map(free_symbols, equations))


def _one_by_one(equation: Node, before: System, domains: Domains, clock: Clock, needed: dict[str, None]) -> bool:
    return any(_zero_where(equation, e, domains, clock, needed) for e in before)


def _vanishes(equation: Node, left: System, domains: Domains, clock: Clock, needed: dict[str, None]) -> bool:
    if equation == ZERO or _one_by_one(equation, left, domains, clock, needed):
        return True
    found = equality(equation, ZERO, domains, clock)
    needed |= dict.fromkeys(found.condition)
    return found.status is Status.PROVED


def _zero_where(equation: Node, known: Node, domains: Domains, clock: Clock, needed: dict[str, None]) -> bool:
    """Whether an expression is zero where another one is, and what that needs."""
    if not is_zero_where(equation, known, domains, clock):
        return False
    needed |= dict.fromkeys(conditions(known, equation, domains, clock))
    return True


def is_zero_where(equation: Node, known: Node, domains: Domains, clock: Clock) -> bool:
    """Whether an expression is zero where another one is, as elements of the field."""
    try:
        return bool(in_field([known, equation], domains, clock, lambda c, e: quotient_holds(c, e, "=", False)))
    except _OPEN:
        return False


# --- roots --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Root:
    """A root of a system: letters that were given values, and the enclosures of the others."""

    point: Mapping[Symbol, Fraction]
    balls: Mapping[Symbol, Any]

    def value(self, node: Node, more: Mapping[Symbol, Any] | None = None) -> Any:
        """An expression there. Unclear or Undefined where it has no value."""
        here = Evaluation(self.point)
        here.bindings.update(self.balls)
        here.bindings.update(more or {})
        return here.value(node)

    def shown(self, names: Collection[Symbol]) -> tuple[tuple[str, str], ...]:
        """The values of some letters as text."""
        given = [(s.plain, decimal_text(v)) for s, v in self.point.items() if s in names]
        return (*given, *((s.plain, decimal(b, 6)) for s, b in self.balls.items() if s in names))


def derivative(node: Node, letter: Symbol) -> Node:
    """The partial derivative by a letter, in the core language."""
    bound = fresh(0, "d")
    return DerivativeAt(substitute(node, {letter: bound}), bound, 1, letter)


def roots(
    equations: System, unknowns: Sequence[Symbol], letters: Collection[Symbol], domains: Domains, clock: Clock
) -> Iterator[Root]:
    """Roots by as many unknowns as equations, the other letters at points of their domain."""
    slopes = [[derivative(e, v) for v in unknowns] for e in equations]
    for point in points(ordered(letters), domains, _POINTS):
        clock.check()
        outer = {s: v for s, v in point.items() if s not in unknowns}
        with precision(_BITS):
            found = _newton(equations, slopes, unknowns, point, clock)
            if found is not None and all(_inside(b, domains.get(v, "real")) for v, b in found.items()):
                yield Root(outer, found)


def _newton(
    equations: System, slopes: list[list[Node]], unknowns: Sequence[Symbol], point: Mapping[Symbol, Fraction],
    clock: Clock,
) -> dict[Symbol, Any] | None:  # fmt: skip
    """Newton's method from a point, then an enclosure in which there is exactly one root."""
    outer = {s: v for s, v in point.items() if s not in unknowns}

    def at(values: Sequence[Any], nodes: Sequence[Node]) -> list[Any]:
        here = Evaluation(outer)
        here.bindings.update(zip(unknowns, values, strict=True))
        return [here.value(n) for n in nodes]

    def move(values: Sequence[Any], around: Sequence[Any]) -> list[Any]:
        jacobian = arb_mat([at(around, row) for row in slopes])
        solved = jacobian.solve(arb_mat([[v] for v in at(values, equations)]))
        return [v - solved[k, 0] for k, v in enumerate(values)]

    here = [arb(point[v].numerator) / point[v].denominator for v in unknowns]
    here = [v.mid() for v in here]
    try:
        for _ in range(_NEWTON):
            clock.check()
            there = [v.mid() for v in _damped(here, move(here, here), lambda values: at(values, equations))]
            close = all(abs(float(a - b)) <= 1e-30 * (1 + abs(float(b))) for a, b in zip(there, here, strict=True))
            here = there
            if close:
                break
        around = [arb(v.mid(), arb(1e-12) * (1 + abs(v))) for v in here]
        inside = move(here, around)
    except (ZeroDivisionError, ValueError, OverflowError, Unclear, Undefined):
        return None
    if not all(a.contains_interior(b) for a, b in zip(around, inside, strict=True)):
        return None
    return dict(zip(unknowns, inside, strict=True))


def _damped(here: Sequence[Any], there: Sequence[Any], value: Any) -> list[Any]:
    """A step, halved until the expressions have values."""
    share = arb(1)
    for _ in range(_HALVED):
        tried = [(a + share * (b.mid() - a)).mid() for a, b in zip(here, there, strict=True)]
        try:
            value(tried)
        except (Unclear, Undefined):
            share = share / 2
            continue
        return tried
    raise Undefined


def _inside(ball: Any, domain: str) -> bool:
    """Whether a ball certainly lies in a domain."""
    said = declaration(domain)
    if said.kind != "number" or said.whole or (said.nonzero and ball.contains(0)):
        return False
    above = said.low is None or bool(ball > arb(said.low.numerator) / said.low.denominator)
    return above and (said.high is None or bool(ball < arb(said.high.numerator) / said.high.denominator))


# --- counter-examples ---------------------------------------------------------------------------------------------


def exception(
    before: System, after: System, domains: Domains, clock: Clock,
    chosen: Collection[Symbol] = (), by: Collection[Symbol] | None = None,
) -> Witness | None:
    """A root of ``before`` at which an equation of ``after`` fails, whatever the ``chosen`` letters are.

    The root is one ``by`` these letters, where they are given; the others have any values.
    """
    if any(isinstance(p, Indexed) for e in (*before, *after) for p in walk(e)):
        return None  # members of a family of unknown length are no letters
    letters = (_letters(before) | _letters(after)) - set(chosen)
    whole = whole_symbols(domains)
    free = [s for s in ordered(letters) if s not in whole and (by is None or s in by)]
    for unknowns in islice(combinations(free, len(before)), _CHOICES):
        for root in roots(before, unknowns, letters, domains, clock):
            if fails(after, root, ordered(chosen)):
                return Witness(root.shown(letters), "true", "false")
    return None


def implied(ways: Sequence[tuple[System, System]], domains: Domains, clock: Clock) -> Verdict:
    """The verdict on each system of some pairs following from the other, for all values of all letters."""
    found = [follows(a, b, domains, clock) for a, b in ways]
    proved = [v for v in found if v is not None]
    if len(proved) == len(ways):
        return weakest(proved)
    for verdict, (a, b) in zip(found, ways, strict=True):
        witness = None if verdict is not None else exception(a, b, domains, clock)
        if witness is not None:
            return Verdict(Status.REFUTED, "equations", "only one side holds", witness=witness)
    return Verdict(Status.UNDECIDED, "equations", "the equations are not shown to follow")


def fails(equations: System, root: Root, chosen: Sequence[Symbol]) -> bool:
    """Whether equations that are linear in the chosen letters have certainly no solution at a root."""
    with precision(_BITS):
        try:
            return _fails(equations, root, chosen)
        except (Unclear, Undefined, Undecidable, ZeroDivisionError):
            return False


def _fails(equations: System, root: Root, chosen: Sequence[Symbol]) -> bool:
    own = [e for e in equations if not free_symbols(e) & set(chosen)]
    if any(not root.value(e).contains(0) for e in own):
        return True
    shared = [e for e in equations if e not in own]
    if not chosen or not all(_linear(e, chosen) for e in shared):
        return False
    nought = {s: arb(0) for s in chosen}
    rows = [[root.value(derivative(e, s), nought) for s in chosen] for e in shared]
    rest = [root.value(e, nought) for e in shared]
    for picked in islice(combinations(range(len(shared)), len(chosen)), _CHOICES):
        square = arb_mat([rows[i] for i in picked])
        if square.det().contains(0):
            continue
        solved = square.solve(arb_mat([[-rest[i]] for i in picked]))
        values = {s: solved[k, 0] for k, s in enumerate(chosen)}
        return any(not root.value(e, values).contains(0) for e in shared)
    return False


def _linear(equation: Node, chosen: Sequence[Symbol]) -> bool:
    """Whether an expression is linear in letters together: none of its slopes depends on them."""
    names = frozenset(chosen)

    def question(converter: Converter, elements: list[Element]) -> bool:
        slopes = [converter.derivative(elements[0], s) for s in chosen]
        return all(converter.field.symbols(s).isdisjoint(names) for s in slopes)

    try:
        return bool(in_field([equation], {}, Clock(1), question))
    except _OPEN:
        return False

