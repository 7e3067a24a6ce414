r"""Statements about the derivatives of stored quantities, decided without putting everything into everything.

:func:`through_names` takes a statement such as ``\delta_1 = \delta_2 w_2 h_1 (1 - h_1)``, writes its derivatives by the
chain rule over direct users (:mod:`quantities`), as few of them as it can, and asks for a proof in which all other
names are free letters: what holds for all values of a name holds for the one that it has. Such a form is never a reason
to call a statement false. For that numbers go through the computation in order (:class:`_Numbers`), one formula at a
time, so that a wrong line about the tenth layer costs no more than ten lines. Called by
:func:`derive.verify.verify_step`; None where it decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from derive.errors import DeriveError
from derive.limits import PARTS
from derive.steps import Context, Status, Verdict, Witness
from derive.tree import (
    ONE,
    At,
    Call,
    Cases,
    Component,
    Derivative,
    E,
    GradientOf,
    Indexed,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Symbol,
    free_symbols,
    map_children,
    times,
    walk,
    whole,
)
from derive.verify.balls import Evaluation, precision
from derive.verify.domains import Point, ordered, points, whole_symbols
from derive.verify.matrices import written_out
from derive.verify.matrixmodels import Model, compared, has_unknown_functions
from derive.verify.meaning import Meaning
from derive.verify.quantities import Quantities, concerned
from derive.verify.refute import agree, decimal, decimal_text
from derive.verify.shapes import Clash, fitting
from derive.verify.signals import Clock, TooLarge, Unclear, Undecidable, Undefined
from derive.verify.wording import rewritten

METHOD, STORED = "chain rule through names", "stored quantities"

Judge = Callable[[Node, Node, Context, Clock], Verdict]

_REMEMBERED = 64  # contexts
_FACTORS = 8  # of a product that is proved as it stands
_LIKELY = 2  # forms of a statement in which most true ones are proved
_POINTS = 6
_BITS = (64, 160, 1024)
_known: dict[tuple[int, int], tuple[Context, _Numbers | None]] = {}
"""The quantities of the last contexts, by the identity of their parts: a derivation asks once for every step."""


def through_names(before: Node, after: Node, context: Context, clock: Clock, judge: Judge) -> Verdict | None:
    """The verdict on an equation with derivatives of defined names; None where this way decides nothing."""
    if not concerned(before, after, context.definitions):
        return None
    numbers = _of(context)
    if numbers is None:
        return None
    try:
        sides = numbers.quantities.opened(before), numbers.quantities.opened(after)
        return _decided(sides, numbers, clock, judge)
    except (Undecidable, DeriveError, Clash, RecursionError):
        return None


def _of(context: Context) -> _Numbers | None:
    key = id(context.definitions), id(context.domains)
    if key not in _known:
        if len(_known) > _REMEMBERED:
            _known.clear()
        try:
            _known[key] = context, _Numbers(Quantities(context))
        except (Undecidable, DeriveError, Clash, RecursionError):
            _known[key] = context, None
    return _known[key][1]


# --- proof --------------------------------------------------------------------------------------------------


def _decided(sides: tuple[Node, Node], numbers: _Numbers, clock: Clock, judge: Judge) -> Verdict | None:
    """The first unconditional proof, else the first with a condition; a counter-example where the likely forms fail."""
    tried: set[tuple[Node, Node]] = set()
    conditional = None
    method = METHOD if _derivatives(sides, numbers.quantities) else STORED
    for k, form in enumerate(_forms(sides, numbers.quantities)):
        if k == _LIKELY and conditional is None and method == METHOD:
            refuted = numbers.verdict(*sides, clock)
            if refuted is not None:
                return refuted
        if form in tried or sum(1 for n in form for _ in walk(n)) > PARTS:
            continue
        tried.add(form)
        needed = _proof(*form, numbers.quantities, clock, judge)
        if needed is None:
            continue
        found = Verdict(Status.PROVED, method, condition=_as_written(needed, numbers.quantities))
        if not needed:
            return found
        conditional = conditional or found
    return conditional


def _proof(
    left: Node, right: Node, quantities: Quantities, clock: Clock, judge: Judge
) -> tuple[str, ...] | None:
    """The conditions of a proof of one form of the statement, product by product where many factors fall apart."""
    own = clock.half()
    many = quantities.scalar and len(_factors(left)) > _FACTORS
    pairs = _separated(left, right) if many else [(left, right)]
    for equations in (pairs, [(left, right)]):
        found = [judge(a, b, _context(quantities, a, b), own) for a, b in equations]
        if all(f.status is Status.PROVED for f in found):
            return tuple(dict.fromkeys(c for f in found for c in f.condition))
        if len(pairs) == 1:
            break
    return None


def _separated(left: Node, right: Node) -> list[tuple[Node, Node]]:
    """Equations of products that have no letter in common, which together say that the sides are equal."""
    factors = [(f, side) for side, node in enumerate((left, right)) for f in _factors(node)]
    groups: list[tuple[set[Symbol], list[tuple[Node, int]]]] = []
    for factor, side in factors:
        letters, members = set(free_symbols(factor)), [(factor, side)]
        for group in [g for g in groups if g[0] & letters]:
            groups.remove(group)
            letters, members = letters | group[0], [*group[1], *members]
        groups.append((letters, members))
    return [(times([f for f, s in ms if s == 0]), times([f for f, s in ms if s == 1])) for _, ms in groups]


def _factors(node: Node) -> list[Node]:
    """The factors of a product of products; a number belongs to the factor behind it."""
    found: list[Node] = []
    numbers: list[Node] = []
    for factor in _flat(node):
        numbers.append(factor)
        if free_symbols(factor):
            found.append(times(numbers))
            numbers = []
    return [*found[:-1], times([*found[-1:], *numbers])] if numbers else found


def _flat(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        match stack.pop():
            case Product(factors):
                stack += reversed(factors)
            case Negative(u):
                yield Negative(ONE)
                stack.append(u)
            case factor:
                yield factor


def _forms(sides: tuple[Node, Node], quantities: Quantities) -> Iterator[tuple[Node, Node]]:
    """The statement with more and more put in: derivatives by what is nearest to the inputs first."""
    for kept in _kept(sides, quantities):
        opened = [_with_derivatives(side, quantities, kept) for side in sides]
        for names in (_curved, _between) if _derivatives(sides, quantities) else (_latest, _curved):
            values = names(opened, sides, quantities)
            left, right = (put_in(side, values) for side in opened)
            yield left, right


def _derivatives(sides: tuple[Node, ...], quantities: Quantities) -> list[Symbol]:
    found = (p for n in sides for p in walk(n) if isinstance(p, Symbol) and p in quantities.of)
    return list(dict.fromkeys(found))


def _kept(sides: tuple[Node, Node], quantities: Quantities) -> Iterator[frozenset[Symbol]]:
    """The derivatives in a statement that stay letters: those on both sides, all but the one nearest to the inputs, the
    last one, none."""
    present = _derivatives(sides, quantities)
    common = frozenset(_derivatives(sides[:1], quantities)).intersection(_derivatives(sides[1:], quantities))
    if common:
        yield common
    later = frozenset(s for s in present if any(_is_before(t, s, quantities) for t in present))
    yield later
    yield frozenset(s for s in later if not any(_is_before(s, t, quantities) for t in later))
    yield frozenset()


def _is_before(one: Symbol, other: Symbol, quantities: Quantities) -> bool:
    """Whether two derivatives are of the same quantity, the first by something nearer to the inputs."""
    (of, by), (also, later) = quantities.of[one], quantities.of[other]
    return one != other and of == also and later in quantities.reached_from(by)


def _with_derivatives(side: Node, quantities: Quantities, kept: frozenset[Symbol]) -> Node:
    """A side with the formulas of its derivatives put in, down to the letters that are kept."""
    made: dict[Symbol, Node] = {}
    sizes: dict[Symbol, int] = {}

    def make(symbol: Symbol) -> None:
        stack = [symbol]
        while stack:
            value = quantities.values[stack[-1]]
            missing = [s for s in _open(value) if s not in made]
            if missing:
                stack += missing
                continue
            done = stack.pop()
            if done not in made:
                made[done] = put_in(value, {s: made[s] for s in _open(value)})
                sizes[done] = sum(sizes.get(p, 1) for p in walk(value) if isinstance(p, Symbol))
                if sizes[done] > PARTS:
                    raise TooLarge("too large")

    def _open(value: Node) -> list[Symbol]:
        return [s for s in _derivatives((value,), quantities) if s not in kept]

    for symbol in _open(side):
        make(symbol)
    return put_in(side, made)


def _curved(opened: list[Node], sides: tuple[Node, ...], quantities: Quantities) -> dict[Symbol, Node]:
    """The formulas of the names that occur, where these are no polynomials: an activation, a quotient."""
    formulas = quantities.graph.formulas
    names = {s for n in opened for s in free_symbols(n)}
    return {s: formulas[s] for s in names if s in formulas and not _is_polynomial(formulas[s])}


def _between(opened: list[Node], sides: tuple[Node, ...], quantities: Quantities) -> dict[Symbol, Node]:
    """The formulas of all names that depend on what is differentiated by, put into each other."""
    by = {quantities.of[s][1] for s in _derivatives(sides, quantities)}
    moving = frozenset().union(*(quantities.reached_from(v) - {v} for v in by)) if by else frozenset()
    formulas = quantities.graph.formulas
    used = {s for n in opened for s in free_symbols(n)}
    made: dict[Symbol, Node] = {}
    needed = {s for u in used & moving for s in quantities.needed_for(u)} & moving
    for name in (n for n in formulas if n in needed):
        made[name] = put_in(formulas[name], made)
        if sum(1 for _ in walk(made[name])) > PARTS:
            raise TooLarge("too large")
    return made


def _latest(opened: list[Node], sides: tuple[Node, ...], quantities: Quantities) -> dict[Symbol, Node]:
    """The formulas of the names on which no other name in the statement depends."""
    formulas = quantities.graph.formulas
    used = {s for n in opened for s in free_symbols(n)}
    earlier = {s for u in used if u in formulas for s in quantities.needed_for(u) - {u}}
    return {s: formulas[s] for s in used - earlier if s in formulas}


def _is_polynomial(node: Node) -> bool:
    for part in walk(node):
        match part:
            case Call() | Root() | Cases() | Power(base=Power()):
                return False
            case Quotient(_, bottom) if free_symbols(bottom):
                return False
            case Power(base, exponent) if base == E or (whole(exponent) or -1) < 0:
                return False
    return True


def put_in(node: Node, values: Mapping[Symbol, Node]) -> Node:
    """Values for names; into a derivative only after it was taken."""
    match node:
        case Symbol():
            return values.get(node, node)
        case Derivative() | GradientOf():
            found = tuple((s, values[s]) for s in _in_order(node) if s in values)
            return At(node, found) if found else node
        case At(body, where):
            return At(body, tuple((s, put_in(v, values)) for s, v in where))
        case Indexed(base, indices) if base in values:
            return Component(values[base], tuple(put_in(i, values) for i in indices))
    return map_children(node, lambda c: put_in(c, values))


def _in_order(node: Node) -> list[Symbol]:
    free = free_symbols(node)
    return list(dict.fromkeys(p for p in walk(node) if isinstance(p, Symbol) and p in free))


def _context(quantities: Quantities, *sides: Node) -> Context:
    """The declarations of the letters in a form of the statement, and the functions."""
    letters = {p for n in sides for p in walk(n) if isinstance(p, Symbol)}
    if quantities.scalar:
        known = {s: quantities.domains.get(quantities.written_as.get(s, s)) for s in letters}
        inputs = {s: d for s, d in known.items() if d is not None and s not in quantities.values}
        return Context(inputs, quantities.functions)
    return Context({s: d for s, d in quantities.known.items() if s in letters}, quantities.functions)


def _as_written(needed: tuple[str, ...], quantities: Quantities) -> tuple[str, ...]:
    """Conditions with the names as they were written."""
    original: dict[Node, Node] = {Symbol(name): symbol for name, symbol in quantities.original().items()}
    return tuple(rewritten(condition, original) for condition in needed)


# --- numbers ------------------------------------------------------------------------------------------------


class _Numbers:
    """Numbers through a computation in order; what was computed at a point is kept for the next statement."""

    def __init__(self, quantities: Quantities) -> None:
        self.quantities = quantities
        self.formulas: dict[Symbol, Node] = {}
        self.at: dict[tuple[int, int], Evaluation] = {}
        self.domains: dict[Symbol, str] = {}

    def verdict(self, before: Node, after: Node, clock: Clock) -> Verdict | None:
        """Refuted with a counter-example; None where the sides agree or have no numbers."""
        if has_unknown_functions(before, after, *self.quantities.values.values()):
            return None
        if not self.quantities.scalar:
            return _with_models(before, after, self.quantities, clock)
        return self._with_balls(before, after, clock)

    # --- numbers only -------------------------------------------------------------------------------------

    def _with_balls(self, before: Node, after: Node, clock: Clock) -> Verdict | None:
        sides = [self._core(n, clock) for n in (before, after)]
        if any(isinstance(p, Indexed) for n in (*sides, *self.quantities.values.values()) for p in walk(n)):
            return None
        for k, point in enumerate(self._points(sides)):
            clock.check()
            witness = self._tried(k, point, sides, clock)
            if witness is not None:
                return Verdict(Status.REFUTED, "number balls", witness=witness)
        return None

    def _points(self, sides: list[Node]) -> Iterator[Point]:
        quantities = self.quantities
        given = {*quantities.graph.inputs, *(s for n in sides for s in free_symbols(n))}
        free = ordered(s for s in given if s not in quantities.values and not s.name.startswith("#"))
        self.domains = {s: quantities.domains.get(quantities.written_as.get(s, s), "real") for s in free}
        return points(free, self.domains, _POINTS)

    def _tried(self, k: int, point: Point, sides: list[Node], clock: Clock) -> Witness | None:
        for bits in _BITS:
            with precision(bits):
                here = self._evaluation(k, bits, point, clock)
                try:
                    left, right = (here.value(n) for n in sides)
                except (Undefined, Undecidable):
                    return None
                except Unclear:
                    continue
                holds = agree(left, right)
                if holds is False:
                    return self._witness(point, left, right)
                if holds:
                    return None
        return None

    def _evaluation(self, k: int, bits: int, point: Point, clock: Clock) -> Evaluation:
        """All quantities and derivatives at a point, one after the other."""
        here = Evaluation(point, whole=whole_symbols(self.domains), clock=clock)
        old = self.at.get((k, bits))
        if old is not None and all(old.bindings.get(s) == v for s, v in here.bindings.items()):
            here.bindings = {**old.bindings, **here.bindings}
        for symbol, node in self.quantities.values.items():
            if symbol not in here.bindings:
                try:
                    here.bindings[symbol] = here.value(self._formula(symbol, node, clock))
                except (Undefined, Undecidable, Unclear):
                    continue
        self.at[k, bits] = here
        return here

    def _formula(self, symbol: Symbol, node: Node, clock: Clock) -> Node:
        if symbol not in self.formulas:
            self.formulas[symbol] = self._core(node, clock)
        return self.formulas[symbol]

    def _core(self, node: Node, clock: Clock) -> Node:
        return written_out(Meaning(Context({}, self.quantities.functions), clock).unfold(node))

    def _witness(self, point: Point, left: Any, right: Any) -> Witness:
        for digits in (6, 12, 24, 60):
            texts = decimal(left, digits), decimal(right, digits)
            if texts[0] != texts[1]:
                break
        original = self.quantities.written_as
        shown = ((original.get(s, s).plain, decimal_text(v)) for s, v in point.items())
        return Witness(tuple(shown), *texts)


# --- vectors and matrices -----------------------------------------------------------------------------------


def _with_models(before: Node, after: Node, quantities: Quantities, clock: Clock) -> Verdict | None:
    """The same with small matrices of the declared shapes."""
    preparation = quantities.preparation
    prepared = {s: preparation.prepared(n) for s, n in quantities.values.items()}
    sides = [preparation.prepared(n) for n in (before, after)]
    equations = [Relation((s, n), ("=",)) for s, n in prepared.items()]
    found, _ = fitting([*equations, Relation(tuple(sides), ("=",))], preparation)
    if not found:
        return None
    shapes = found[0][1]
    if shapes.lenient or shapes.numbers_added or shapes.unknown_sizes or found[0][0].conditions():
        return None
    for k in range(_POINTS):
        model = Model(shapes, preparation.domains, k, clock)
        for bits in _BITS:
            with precision(bits):
                try:
                    for symbol, node in prepared.items():
                        model.bindings[symbol] = model.rows(node)
                    left, right = model.rows(sides[0]), model.rows(sides[1])
                except Undefined:
                    break
                except Unclear:
                    continue
                holds = compared(left, right, agree, False)
                if holds is False and compared(left, [list(c) for c in zip(*right, strict=True)], agree, False):
                    return None  # the other layout
                if holds is False:
                    return Verdict(Status.REFUTED, "small matrices", witness=model.witness(left, right))
                if holds:
                    break
    return None
