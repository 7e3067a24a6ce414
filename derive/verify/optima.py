"""Optima: whether two functions have the same minimisers, and what a least value is.

``argmin f = argmin g`` is proved where ``g = a f + c`` with a > 0 and a, c free of the variables, exactly over the
field, also after increasing functions have been taken off (``exp``, ``log`` of what is positive, roots, odd powers,
even powers of what is nowhere negative); ``argmax f`` is ``argmin -f``. It is refuted by finite sets of parameters
where the functions are arbitrary ones or families of numbers, and by the unique minimiser of a convex quadratic
function at which the other one has a slope. The least value of a convex quadratic function is put in by
:func:`with_least_values`; others are generators of the field (:mod:`extremes`). Anything else is undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from flint import arb_mat

from derive.declarations import Declaration
from derive.steps import Status, Verdict, Witness
from derive.tree import (
    TWO,
    ZERO,
    Call,
    Component,
    E,
    Entrywise,
    Indexed,
    Inner,
    Negative,
    Node,
    Norm,
    Number,
    Optimum,
    Power,
    Product,
    ProductOver,
    Quotient,
    Relation,
    Root,
    Sum,
    Symbol,
    Transpose,
    map_children,
    number,
    numeric,
    substitute,
    times,
    total,
    unsigned,
    whole,
)
from derive.verify.assumptions import assuming
from derive.verify.balls import precision
from derive.verify.cases import proof
from derive.verify.conditions import conditions
from derive.verify.convert import Converter, sign_of
from derive.verify.core import Density, DerivativeAt, Provided, free_symbols, fresh, is_opaque, parts, set_over, walk
from derive.verify.domains import with_counts
from derive.verify.equality import equality
from derive.verify.extremes import VALUES
from derive.verify.field import Element, Poly
from derive.verify.inequality import inequality
from derive.verify.refute import Points, decimal, decimal_text
from derive.verify.requirements import Sight, at_sight
from derive.verify.signals import Clock, Unclear, Undecidable, Undefined
from derive.verify.systems import reduced
from derive.verify.tangent import interval_of, is_smooth, slope, slope_at
from derive.verify.wording import nonzero, positive

if TYPE_CHECKING:
    from derive.verify.field import Field
    from derive.verify.meaning import Meaning

Domains = Mapping[Symbol, str]
Judge = Callable[[Node, Node], Verdict]

_MODELS = 10  # points or models at which minimisers are compared
_BITS = 128
_GRID = tuple(Fraction(n) for n in range(5))
_VARIABLES = 4  # of a quadratic function
_STRIPPED = 6  # increasing functions taken off
ARGUMENTS = frozenset({"argmin", "argmax"})


class Objective(NamedTuple):
    """A function that is minimised, what had to be positive to write it so."""

    node: Node
    positive: tuple[Node, ...] = ()


# --- equal minimisers ------------------------------------------------------------------------------------------


def same_minimisers(
    before: Optimum, after: Optimum, domains: Domains, clock: Clock, equal: Judge, held: Sequence[Relation] = ()
) -> Verdict:
    """The verdict on ``argmin f = argmin g``, unfolded and over the same variables.

    ``equal`` judges equations; ``held`` are conditions on other letters, that they are members of sets.
    """
    variables = before.variables
    if before.where != after.where:
        return Verdict(Status.UNDECIDED, detail="the variables are restricted differently")
    f, g = (_minimised(o) for o in (before, after))
    taken = _Atoms(variables)
    atoms = taken.put_in(f), taken.put_in(g)
    found = _proved(*atoms, (*variables, *taken.letters.values()), {**domains, **taken.domains()}, clock)
    if found is not None:
        return found
    if taken.letters:
        verdict = equal(f, g)
        if verdict.status is Status.PROVED:
            return verdict
        return Verdict(Status.UNDECIDED, detail="no method for these minimisers")
    for condition in held:
        f, g = Provided(f, condition), Provided(g, condition)
    return _refuted(f, g, before, domains, clock) or Verdict(Status.UNDECIDED, detail="no method for these minimisers")


def _minimised(optimum: Optimum) -> Node:
    return optimum.body if optimum.operator == "argmin" else Negative(optimum.body)


def _proved(f: Node, g: Node, variables: Sequence[Symbol], domains: Domains, clock: Clock) -> Verdict | None:
    names = frozenset(variables)
    for first, second in product(_variants(f, names, domains, clock), _variants(g, names, domains, clock)):
        if _is_increasing(first.node, second.node, names, domains, clock):
            needed: tuple[str, ...] = tuple(map(positive, dict.fromkeys((*first.positive, *second.positive))))
            if (first.node, second.node) == (f, g):
                needed = conditions(f, g, domains, clock)
            return Verdict(Status.PROVED, "increasing function", condition=needed)
    return None


def _is_increasing(f: Node, g: Node, variables: frozenset[Symbol], domains: Domains, clock: Clock) -> bool:
    """Whether ``g = a f + c`` with a > 0, and both free of the variables."""
    if f == g:
        return True

    sizes = _Sizes()
    first, second = sizes.put_in(f), sizes.put_in(g)
    names = variables | set(sizes.letters.values())

    def goal(converter: Converter, _: Element) -> bool:
        return _is_affine(converter, converter.element(first), converter.element(second), names)

    try:
        known = {**domains, **dict.fromkeys(sizes.letters.values(), "nonnegative")}
        found = proof(first, second, known, clock, goal, closed=False)
        if found is not None and found.cells == 1:  # in several cases a and c may be others in each
            return not found.except_where
        found = proof(f, g, domains, clock) if _has_kinks(f) and _has_kinks(g) else None
    except Undecidable:
        return False
    return found is not None and not found.except_where


class _Sizes:
    """Absolute values as letters, which may be any: what holds for them holds for the absolute values."""

    def __init__(self) -> None:
        self.letters: dict[Node, Symbol] = {}

    def put_in(self, node: Node) -> Node:
        """The expression with a letter for every absolute value."""
        if isinstance(node, Call) and node.name == "abs" and not node.order:
            return self.letters.setdefault(node, Symbol("the size", str(len(self.letters))))
        return map_children(node, self.put_in)


def _has_kinks(node: Node) -> bool:
    return any(isinstance(p, Call) and p.name in ("abs", "sign", "max", "min", "relu") for p in walk(node))


def _is_affine(converter: Converter, f: Element, g: Element, variables: frozenset[Symbol]) -> bool:
    field = converter.field
    places = [i for i in field.used(*f) if not field.kernels[i].symbols.isdisjoint(variables)]
    slopes = ((_slope(field, f, i), i) for i in places)
    slope, place = next(((s, i) for s, i in slopes if not s.top.is_zero()), (field.zero, 0))
    if slope.top.is_zero():
        return field.symbols(f).isdisjoint(variables) and field.symbols(g).isdisjoint(variables)
    factor = field.canonical(field.over(_slope(field, g, place), slope))
    rest = field.minus(g, field.times(factor, f))
    if not (field.symbols(factor) | field.symbols(rest)).isdisjoint(variables):
        return False
    return sign_of(converter, factor)[0] > 0 and all(_never_zero(converter, p, f, g) for p in factor)


def _never_zero(converter: Converter, p: Poly, f: Element, g: Element) -> bool:
    """Whether a polynomial vanishes nowhere, or only where one of two quotients has no value."""
    below = {str(part) for e in (f, g) for part, _ in converter.field.factors(e.bottom)[1]}
    return all(converter.signs.sign(part)[1] or str(part) in below for part, _ in converter.field.factors(p)[1])


def _slope(field: Field, e: Element, place: int) -> Element:
    """The derivative of a rational function by one of its generators."""

    def by(p: Poly) -> Poly:
        return p.derivative(place)

    top = field.product(by(e.top), e.bottom) - field.product(e.top, by(e.bottom))
    return field.fraction(top, field.product(e.bottom, e.bottom))


# --- increasing functions -------------------------------------------------------------------------------------


def _variants(node: Node, variables: frozenset[Symbol], domains: Domains, clock: Clock) -> list[Objective]:
    """Functions with the same minimisers: with increasing functions taken off, and the logarithm of a product."""
    found = [Objective(node)]
    current = Objective(node)
    for _ in range(_STRIPPED):
        stripped = _stripped(current, variables, domains, clock)
        if stripped is None:
            break
        current = stripped
        found.append(current)
    inner = unsigned(current.node)
    if isinstance(inner, (ProductOver, Product, Power, Quotient)):
        logarithm: Node = Call("log", (inner,))
        signed = Negative(logarithm) if isinstance(current.node, Negative) else logarithm
        needed = () if _is_positive(inner, domains, clock) else (inner,)
        found.append(Objective(signed, (*current.positive, *needed)))
    return found


def _stripped(
    objective: Objective, variables: frozenset[Symbol], domains: Domains, clock: Clock
) -> Objective | None:
    """One increasing function less, or a decreasing one with the sign turned."""
    node, sign = objective.node, 1
    while isinstance(node, Negative):
        node, sign = node.operand, -sign
    found = _outermost(node, variables, domains, clock)
    if found is None:
        return None
    inner, turned, positive = found
    signed = inner if sign * turned > 0 else Negative(inner)
    return Objective(signed, (*objective.positive, *positive))


def _outermost(
    node: Node, variables: frozenset[Symbol], domains: Domains, clock: Clock
) -> tuple[Node, int, tuple[Node, ...]] | None:
    """What stands inside an increasing (1) or decreasing (-1) function, and what that needs to be positive."""
    match node:
        case Power(base, exponent) if base == E or (numeric(base) or 0) > 1:
            return exponent, 1, ()
        case Call("exp", (u,), 0):
            return u, 1, ()
        case Call("log", (u,), 0):
            return u, 1, () if _is_positive(u, domains, clock) else (u,)
        case Call("abs", (u,), 0):
            return Power(u, TWO), 1, ()
        case Root(u, degree) if (n := whole(degree)) is not None and n > 0:
            return u, 1, ()
        case Power(u, exponent) if (n := whole(exponent)) is not None and n > 1:
            if n % 2 or inequality(u, ZERO, ">=", domains, clock).status is Status.PROVED:
                return u, 1, ()
        case Sum(terms):
            kept = [t for t in terms if _depends(t, variables)]
            return (total(kept), 1, ()) if kept and len(kept) < len(terms) else None
        case Product(factors):
            return _without_factors(factors, variables, domains)
        case Quotient(top, bottom) if not _depends(bottom, variables):
            sign = _sign(bottom, domains)
            return (top, sign, ()) if sign else None
        case Quotient(top, bottom) if not _depends(top, variables) and (sign := _sign(top, domains)):
            return bottom, -sign, () if _is_positive(bottom, domains, clock) else (bottom,)
    return None


def _without_factors(
    factors: tuple[Node, ...], variables: frozenset[Symbol], domains: Domains
) -> tuple[Node, int, tuple[Node, ...]] | None:
    kept = [f for f in factors if _depends(f, variables)]
    sign = 1
    for f in factors:
        sign *= 1 if f in kept else _sign(f, domains)
    return (times(kept), sign, ()) if kept and len(kept) < len(factors) and sign else None


def _depends(node: Node, variables: frozenset[Symbol]) -> bool:
    return any(p in variables for p in walk(node))


def _sign(node: Node, domains: Domains) -> int:
    """1 or -1 where that is clear at first sight."""
    value = numeric(node)
    if value is not None:
        return (value > 0) - (value < 0)
    if isinstance(node, Negative):
        return -_sign(node.operand, domains)
    return 1 if at_sight(node, domains) is Sight.POSITIVE else 0


def _is_positive(node: Node, domains: Domains, clock: Clock) -> bool:
    return inequality(node, ZERO, ">", domains, clock).status is Status.PROVED


# --- parts that are no scalars ----------------------------------------------------------------------------------


class _Atoms:
    """Norms, inner products and the like that depend on the variables, each as one letter."""

    def __init__(self, variables: Sequence[Symbol]) -> None:
        self.variables = frozenset(variables)
        self.letters: dict[Node, Symbol] = {}

    def put_in(self, node: Node) -> Node:
        """The expression with a letter for each such part."""
        match node:
            case Norm(operand, Number("2")):
                return self._letter(Norm(operand))
            case Norm() | Inner() | Transpose() | Component() | Entrywise():
                return self._letter(node)
            case Product(factors) if any(isinstance(f, Transpose) for f in factors):
                return self._letter(node)
            case Call(_, args) if any(isinstance(p, (Transpose, Norm)) for a in args for p in walk(a)):
                return Call(node.name, tuple(self.put_in(a) for a in args), node.order)
        return map_children(node, self.put_in)

    def _letter(self, node: Node) -> Symbol:
        if node not in self.letters:
            self.letters[node] = Symbol("the length", str(len(self.letters)))
        return self.letters[node]

    def domains(self) -> dict[Symbol, str]:
        """What is known of the letters."""
        return {s: "nonnegative" if isinstance(n, Norm) else "real" for n, s in self.letters.items()}


# --- counter-examples -------------------------------------------------------------------------------------------


def _refuted(f: Node, g: Node, optimum: Optimum, domains: Domains, clock: Clock) -> Verdict | None:
    variables = optimum.variables
    try:
        points = Points(_tabled(f), _tabled(g), domains, clock)
        points.models.independent = True
        for k, point in zip(range(_MODELS), points.points(_MODELS), strict=False):
            clock.check()
            with precision(_BITS):
                found = _differ(points, k, point, optimum)
            if found is not None:
                shown = found.point if points.models or points.symbols else ()
                return Verdict(Status.REFUTED, "finite models", witness=replace(found, point=shown))
        if not _is_free_form((f, g), variables):
            return _by_quadratic(f, g, variables, domains, clock) or _by_quadratic(g, f, variables, domains, clock)
    except (Undecidable, Undefined, Unclear):
        return None
    return None


def _differ(points: Points, k: int, point: dict[Symbol, Fraction], optimum: Optimum) -> Witness | None:
    """The minimisers over finitely many parameters, where they are certainly different."""
    if not _is_free_form((points.a, points.b), optimum.variables):
        return None
    grid = _grid(points, k, optimum)
    sides = [_least(points, k, point, node, optimum.variables, grid) for node in (points.a, points.b)]
    if None in sides or sides[0] == sides[1]:
        return None
    texts = ["{" + ", ".join(_shown(values) for values in sorted(side or ())) + "}" for side in sides]
    outer = [(s.plain, decimal_text(v)) for s, v in point.items() if s not in optimum.variables]
    names = ", ".join(s.plain for s in optimum.variables)
    ranges = "{" + ", ".join(map(str, grid[0])) + "}"
    return Witness((*outer, (names, ranges)), *texts)


def _shown(values: tuple[Fraction, ...]) -> str:
    return str(values[0]) if len(values) == 1 else "(" + ", ".join(map(str, values)) + ")"


def _grid(points: Points, k: int, optimum: Optimum) -> list[Sequence[Fraction]]:
    found = set_over(optimum.where)
    if found is not None and points.models:
        return [points.models.model(k).members(found)] * len(optimum.variables)
    return [_GRID] * len(optimum.variables)


def _least(
    points: Points, k: int, point: dict[Symbol, Fraction], node: Node, variables: Sequence[Symbol],
    grid: list[Sequence[Fraction]],
) -> frozenset[tuple[Fraction, ...]] | None:  # fmt: skip
    """The parameters with the least value; None where the balls do not tell."""
    values: dict[tuple[Fraction, ...], Any] = {}
    for at in product(*grid):
        here = {**point, **dict(zip(variables, at, strict=True))}
        try:
            evaluation = points.evaluation(here, k)
            evaluation.any_index = True
            values[at] = evaluation.value(node)
        except (Undefined, Unclear):
            return None
    least = [at for at, v in values.items() if not any(bool(w < v) for w in values.values())]
    if len(least) != 1 and not all(values[at].is_exact() for at in least):
        return None
    return frozenset(least)


def _tabled(node: Node) -> Node:
    """Unknown functions as tables of numbers, which are others in each model."""
    if is_opaque(node) and isinstance(node, Call) and not node.order:
        return Indexed(Symbol(node.name, font="rm"), tuple(map(_tabled, node.args)))
    return map_children(node, _tabled)


def _is_free_form(nodes: Sequence[Node], variables: Sequence[Symbol]) -> bool:
    """Whether variables are used only as arguments of arbitrary functions and laws, and as indices of families."""
    return all(_is_free(n, frozenset(variables)) for n in nodes)


def _is_free(node: Node, variables: frozenset[Symbol]) -> bool:
    if isinstance(node, Symbol):
        return node not in variables
    if is_opaque(node) and isinstance(node, Call) and not node.order:
        return all(a in variables or _is_free(a, variables) for a in node.args)
    if isinstance(node, Density):
        return all(a in variables or _is_free(a, variables) for a in (*node.values, *node.params))
    if isinstance(node, Indexed):
        return all(a in variables or _is_free(a, variables) for a in node.indices)
    if isinstance(node, DerivativeAt):
        return not _depends(node, variables)
    return all(_is_free(c, variables) for c in parts(node))


# --- quadratic functions ----------------------------------------------------------------------------------------


def _by_quadratic(
    f: Node, g: Node, variables: Sequence[Symbol], domains: Domains, clock: Clock
) -> Verdict | None:
    """The unique minimiser of a convex quadratic f, where g is differentiable and has a slope: it is none of g's."""
    if len(variables) > _VARIABLES or any(domains.get(v, "real") != "real" for v in variables):
        return None
    if not _is_quadratic(f, variables, domains, clock):
        return None
    points = Points(f, g, domains, clock)
    for k, point in zip(range(_MODELS), points.points(_MODELS), strict=False):
        clock.check()
        with precision(_BITS):
            try:
                found = _not_stationary(points, k, point, f, g, variables)
            except (Undefined, Unclear, ZeroDivisionError):
                continue
        if found is not None:
            return Verdict(Status.REFUTED, "quadratic function", witness=found)
    return None


def _derivative(node: Node, first: Symbol, second: Symbol | None = None) -> Node:
    inner = fresh(0, "d")
    once = DerivativeAt(substitute(node, {first: inner}), inner, 1, first)
    if second is None:
        return once
    outer = fresh(1, "d")
    return DerivativeAt(substitute(once, {second: outer}), outer, 1, second)


def _is_quadratic(f: Node, variables: Sequence[Symbol], domains: Domains, clock: Clock) -> bool:
    """Whether all second derivatives are free of the variables."""
    names = frozenset(variables)

    def goal(converter: Converter, element: Element) -> bool:
        found = (
            converter.derivative(converter.derivative(converter.element(f), a), b) for a in variables for b in variables
        )
        return all(converter.field.symbols(e).isdisjoint(names) for e in found)

    try:
        return proof(f, f, domains, clock, goal) is not None
    except Undecidable:
        return False


def _not_stationary(
    points: Points, k: int, point: dict[Symbol, Fraction], f: Node, g: Node, variables: Sequence[Symbol]
) -> Witness | None:
    at = {**point, **dict.fromkeys(variables, Fraction(0))}
    here = points.evaluation(at, k)
    hessian = [[here.value(_derivative(f, a, b)) for b in variables] for a in variables]
    if not all(arb_mat([row[:n] for row in hessian[:n]]).det() > 0 for n in range(1, len(variables) + 1)):
        return None
    slope = [[-here.value(_derivative(f, a))] for a in variables]
    solved = arb_mat(hessian).solve(arb_mat(slope))
    minimiser = {v: solved[i, 0] for i, v in enumerate(variables)}
    there = points.evaluation(at, k)
    there.bindings.update(minimiser)
    slopes = [there.value(_derivative(g, v)) for v in variables]
    steep = next((s for s in slopes if not s.contains(0)), None)
    if steep is None:
        return None
    shown = [(s.plain, decimal_text(v)) for s, v in point.items() if s not in variables]
    shown += [(f"minimiser {v.plain}", decimal(b, 6)) for v, b in minimiser.items()]
    return Witness(tuple(shown), "slope 0", f"slope {decimal(steep, 6)}")


# --- minimisers and least values that are given -------------------------------------------------------------------


def is_minimiser(optimum: Optimum, value: Node, domains: Domains, clock: Clock) -> Verdict:
    """The verdict on ``argmin f = v``: f is strictly convex and has no slope at v, or it has one within its domain."""
    if len(optimum.variables) != 1 or optimum.where is not None:
        return Verdict(Status.UNDECIDED, detail="no method for this minimiser")
    (variable,) = optimum.variables
    declared = interval_of(variable, domains)
    if declared is None:
        return Verdict(Status.UNDECIDED, detail="the minimiser may lie at an end of the domain")
    if (outside := _outside(value, declared, domains, clock)) is not None:
        return outside
    flat = equality(slope_at(_minimised(optimum), variable, value), ZERO, domains, clock)
    if flat.status is Status.REFUTED:
        return replace(flat, method="the slope there is not zero")
    for f, needed in _variants(_minimised(optimum), frozenset({variable}), domains, clock):
        there = equality(slope_at(f, variable, value), ZERO, domains, clock)
        if needed or there.status is not Status.PROVED or not _has_no_pole(f, variable, domains, clock):
            continue
        if inequality(slope(f, variable, 2), ZERO, ">", domains, clock).status is Status.PROVED:
            return Verdict(Status.PROVED, "strictly convex, no slope", condition=flat.condition)
        if _falls_and_rises(f, variable, value, domains, clock):
            return Verdict(Status.PROVED, "falls, then rises", condition=flat.condition)
    curvature = _curvature(_minimised(optimum), variable, domains, clock)
    if flat.status is Status.PROVED and curvature is not None:
        every = dict.fromkeys((*flat.condition, nonzero(curvature)))
        return replace(flat, method="strictly convex, no slope", condition=tuple(every))
    lower = inequality(substitute(_minimised(optimum), {variable: value}), _minimised(optimum), "<=", domains, clock)
    if lower.status is Status.REFUTED:
        return replace(lower, method="another value is less")
    return Verdict(Status.UNDECIDED, detail="not shown to be strictly convex")


def _curvature(f: Node, variable: Symbol, domains: Domains, clock: Clock) -> Node | None:
    """The second derivative of a quadratic function, which has no slope somewhere, where it is nowhere negative."""
    if not _is_quadratic(f, (variable,), domains, clock):
        return None
    found = substitute(_derivative(f, variable, variable), {variable: ZERO})
    if inequality(found, ZERO, ">=", domains, clock).status is not Status.PROVED:
        return None
    short = _radical(reduced(found, domains, clock))
    return None if short == ZERO else short


def _radical(node: Node) -> Node:
    """What vanishes where an expression does, without a number in front and an exponent."""
    match node:
        case Product((Number(), *rest)):
            return _radical(times(rest))
        case Power(base, Number()):
            return base
    return node


def _falls_and_rises(f: Node, variable: Symbol, value: Node, domains: Domains, clock: Clock) -> bool:
    """Whether the slope has no other sign than that of the distance from a place.

    f is smooth, and of one letter, so it is constant nowhere unless it is so everywhere.
    """
    if free_symbols(f) != {variable} or free_symbols(value):
        return False
    away = Product((Sum((variable, Negative(value))), slope(f, variable)))
    rises = inequality(away, ZERO, ">=", domains, clock).status is Status.PROVED
    return rises and equality(slope(f, variable), ZERO, domains, clock).status is Status.REFUTED


def _outside(value: Node, declared: Declaration, domains: Domains, clock: Clock) -> Verdict | None:
    """The verdict where a value is not certainly inside the ends of a domain."""
    for end, sign in ((declared.low, ">"), (declared.high, "<")):
        if end is None:
            continue
        within = inequality(value, number(end), sign, domains, clock)
        if within.status is Status.PROVED:
            continue
        if free_symbols(value):  # where it is outside there may be no minimiser at all
            break
        at_least = within if (declared.open_low if sign == ">" else declared.open_high) else inequality(
            value, number(end), sign + "=", domains, clock)
        if at_least.status is Status.REFUTED:
            return replace(at_least, method="outside the domain")
        break
    else:
        return None
    return Verdict(Status.UNDECIDED, detail="the minimiser may lie at an end of the domain")


def _has_no_pole(f: Node, variable: Symbol, domains: Domains, clock: Clock) -> bool:
    """Whether f has a value in the whole interval: behind a pole it may fall without end.

    What is needed of other letters alone is a condition on the whole statement.
    """

    def proved(a: Node, b: Node, sign: str) -> bool:
        return inequality(a, b, sign, domains, clock).status is Status.PROVED

    return is_smooth(f, domains, proved, frozenset({variable}))


def with_least_values(node: Node, domains: Domains, clock: Clock) -> Node:
    """The expression with the least values of convex quadratic functions of one variable put in."""
    if isinstance(node, Optimum) and node.operator in VALUES and len(node.variables) == 1 and node.where is None:
        return _least_of_quadratic(node, domains, clock) or node
    return map_children(node, lambda c: with_least_values(c, domains, clock))


def _least_of_quadratic(node: Optimum, domains: Domains, clock: Clock) -> Node | None:
    (variable,) = node.variables
    f = node.body if VALUES[node.operator] > 0 else Negative(node.body)
    if not _is_quadratic(f, node.variables, domains, clock):
        return None
    curvature = _derivative(f, variable, variable)
    if inequality(substitute(curvature, {variable: ZERO}), ZERO, ">", domains, clock).status is not Status.PROVED:
        return None
    at_zero: dict[Node, Node] = {variable: ZERO}
    slope = substitute(_derivative(f, variable), at_zero)
    return substitute(node.body, {variable: Negative(Quotient(slope, substitute(curvature, at_zero)))})


def optimum(before: Node, after: Node, meaning: Meaning, clock: Clock, equal: Judge) -> Verdict:
    """The verdict on an equation one of whose sides is a set of minimisers."""
    first, second = (before, after) if _is_argument(before) else (after, before)
    assert isinstance(first, Optimum)
    domains = meaning.context.domains
    if not isinstance(second, Optimum):
        with meaning.blocking(*first.variables):
            unfolded = _unfolded(first, meaning)
        value = meaning.unfold(second)
        body, value = meaning.settled([unfolded.body, value])
        return is_minimiser(replace(unfolded, body=body), value, with_counts(domains, body, value), clock)
    if not _is_argument(second):
        return Verdict(Status.UNDECIDED, detail="minimisers on one side, a value on the other")
    renamed = _renamed(second, first.variables)
    if renamed is None:
        return Verdict(Status.UNDECIDED, detail="the optima are over different variables")
    with meaning.blocking(*first.variables):
        sides = [_unfolded(o, meaning) for o in (first, renamed)]
    f, g = meaning.settled([s.body for s in sides])
    bodies, held = _peeled([f, g])
    inside = {r.sides[0]: r for r in held if r.sides[0] in first.variables}
    where = next(iter(inside.values()), sides[0].where)
    pair = [replace(s, body=body, where=where if inside else s.where) for s, body in zip(sides, bodies, strict=True)]
    outer = [r for r in held if r.sides[0] not in first.variables]
    found = same_minimisers(pair[0], pair[1], with_counts(domains, *bodies), clock, equal, outer)
    return assuming(found, bodies, meaning.taken(), meaning.context)


def _peeled(nodes: list[Node]) -> tuple[list[Node], list[Relation]]:
    """Expressions without the conditions around them, and these."""
    found: dict[Relation, None] = {}
    inner = []
    for node in nodes:
        while isinstance(node, Provided):
            found[node.condition] = None
            node = node.body
        inner.append(node)
    return inner, list(found)


def _is_argument(node: Node) -> bool:
    return isinstance(node, Optimum) and node.operator in ARGUMENTS


def concerns_minimisers(*nodes: Node) -> bool:
    """Whether a side is a set of minimisers."""
    return any(_is_argument(n) for n in nodes)


def _unfolded(node: Optimum, meaning: Meaning) -> Optimum:
    where = None if node.where is None else meaning.unfold(node.where)
    return Optimum(node.operator, meaning.unfold(node.body), node.variables, where)


def _renamed(node: Optimum, variables: tuple[Symbol, ...]) -> Optimum | None:
    """The optimum over other names for its variables."""
    if set(node.variables) == set(variables):
        return Optimum(node.operator, node.body, variables, node.where)
    inside = {p for p in walk(node.body) if isinstance(p, Symbol)}
    if len(node.variables) != len(variables) or inside & set(variables):
        return None
    put_in: dict[Node, Node] = dict(zip(node.variables, variables, strict=True))
    where = None if node.where is None else substitute(node.where, put_in)
    return Optimum(node.operator, substitute(node.body, put_in), variables, where)
