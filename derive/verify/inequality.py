"""Inequalities: numbers are compared as balls, expressions by exact signs, else tried at points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import lcm
from typing import Any

from derive.steps import Status, Verdict
from derive.tree import (
    Call,
    Matrix,
    Negative,
    Node,
    Power,
    Product,
    Root,
    Symbol,
    number,
    numeric,
    substitute,
    whole,
)
from derive.verify.balls import COMPARISONS, NEGATED, has_unknowns
from derive.verify.cases import proof
from derive.verify.convert import Converter, sign_of
from derive.verify.core import free_symbols, walk
from derive.verify.field import Element, Field, Poly
from derive.verify.meanvalue import by_mean_value
from derive.verify.models import has_dimension, needs_density
from derive.verify.refute import Points
from derive.verify.signals import Clock, Undecidable
from derive.verify.special import failing
from derive.verify.tangent import by_tangent

SIGNS = ("<", "<=", ">", ">=", "!=")
_ENOUGH = 8
_WANTED = {"<": (-1,), "<=": (-1,), ">": (1,), ">=": (1,), "!=": (1, -1)}


def inequality(a: Node, b: Node, sign: str, domains: Mapping[Symbol, str], clock: Clock) -> Verdict:
    """The verdict on ``a sign b`` for two numbers."""
    if isinstance(a, Matrix) or isinstance(b, Matrix):
        return Verdict(Status.UNDECIDED, detail="an inequality between matrices")
    reason = ""
    if free_symbols(a) | free_symbols(b):
        try:
            if _is_certain(a, b, sign, domains, clock):
                return Verdict(Status.PROVED, "exact signs")
        except Undecidable as outcome:
            reason = str(outcome)
    try:
        found = _by_points(a, b, sign, domains, clock, reason)
        if found.status is Status.CHECKED:
            shown = next((name for name, argument in _ARGUMENTS if argument(a, b, sign, domains, clock)), "")
            return Verdict(Status.PROVED, shown) if shown else found
    except Undecidable as outcome:
        return Verdict(Status.UNDECIDED, detail=str(outcome))
    return found


def _by_tangent(a: Node, b: Node, sign: str, domains: Mapping[Symbol, str], clock: Clock) -> bool:
    return by_tangent(a, b, sign, domains, clock, _prover(domains, clock))


def _by_mean_value(a: Node, b: Node, sign: str, domains: Mapping[Symbol, str], clock: Clock) -> bool:
    def proved(a: Node, b: Node, sign: str) -> bool:
        return inequality(a, b, sign, domains, clock).status is Status.PROVED

    return by_mean_value(a, b, sign, domains, _prover(domains, clock), proved)


def _one_by_one(a: Node, b: Node, sign: str, domains: Mapping[Symbol, str], clock: Clock) -> bool:
    """Whether a side is the largest or smallest of several, or a size, and each of these is below or above."""
    if sign == "!=":
        return False
    smaller, larger = (a, b) if sign in ("<", "<=") else (b, a)
    below, above = _all_of(smaller, "max"), _all_of(larger, "min")
    sign = sign.replace(">", "<")
    return len(below) + len(above) > 2 and all(
        inequality(u, v, sign, domains, clock).status is Status.PROVED for u in below for v in above)


def _all_of(node: Node, name: str) -> tuple[Node, ...]:
    match node:
        case Call("abs", (inner,), 0) if name == "max":
            return inner, Negative(inner)
        case Call(same, args, 0) if same == name:
            return args
    return (node,)


def _without_roots(a: Node, b: Node, sign: str, domains: Mapping[Symbol, str], clock: Clock) -> bool:
    """Whether it holds with powers of new letters for letters below roots: ``t^2`` for x makes ``sqrt x`` be t."""
    degrees = dict[Symbol, int]()
    for part in (p for n in (a, b) for p in walk(n)):
        match part:
            case Root(radicand, degree) if (n := whole(degree)) is not None and n > 0:
                factors = radicand.factors if isinstance(radicand, Product) else (radicand,)
                degrees |= {s: lcm(degrees.get(s, 1), n) for s in factors if isinstance(s, Symbol)}
            case Power(Symbol() as s, exponent) if (value := numeric(exponent)) is not None and value.denominator > 1:
                degrees[s] = lcm(degrees.get(s, 1), value.denominator)
    taken = {s: Symbol("the root", s.plain) for s in degrees if domains.get(s) in _AS_THEIR_ROOTS}
    if not taken:
        return False
    values: dict[Node, Node] = {s: Power(letter, number(degrees[s])) for s, letter in taken.items()}
    known = {**domains, **{letter: domains[s] for s, letter in taken.items()}}
    opened = [substitute(side, values) for side in (a, b)]
    return inequality(opened[0], opened[1], sign, known, clock).status is Status.PROVED


_AS_THEIR_ROOTS = frozenset({"positive", "nonnegative"})
"""Domains that hold the roots of their members, and nothing else."""


_ARGUMENTS: tuple[tuple[str, Callable[[Node, Node, str, Mapping[Symbol, str], Clock], bool]], ...] = (
    ("least value", _by_tangent),
    ("one by one", _one_by_one),
    ("mean value theorem", _by_mean_value),
    ("least value", _without_roots),
)
"""What may prove an inequality that holds at all points tried."""


def _is_certain(a: Node, b: Node, sign: str, domains: Mapping[Symbol, str], clock: Clock) -> bool:
    """Whether exact signs show it. Undecidable where they do so, but not on the boundaries between cases."""
    found = proof(a, b, domains, clock, goal_of(sign), closed=sign in ("<=", ">="))
    if found is not None and found.except_where:
        raise Undecidable("not proved on the boundaries between cases")
    return found is not None


def _prover(domains: Mapping[Symbol, str], clock: Clock) -> Callable[[Node, Node, str], bool]:
    def proved(a: Node, b: Node, sign: str) -> bool:
        if not free_symbols(a) | free_symbols(b):
            return inequality(a, b, sign, domains, clock).status is Status.PROVED
        try:
            return _is_certain(a, b, sign, domains, clock)
        except Undecidable:
            return False

    return proved


def goal_of(sign: str) -> Callable[[Converter, Element], bool]:
    """Whether the sign of ``a - b`` is certain and the wanted one."""

    strict = sign not in ("<=", ">=")

    def goal(converter: Converter, difference: Element) -> bool:
        if difference.top.is_zero():
            return not strict
        found, certain = _sign_of(converter, difference)
        if not found and sign != "!=" and (power := _exponential(converter, difference)) is not None:
            return goal(converter, power)
        return found in _WANTED[sign] and (certain or not strict)

    return goal


def _sign_of(converter: Converter, difference: Element) -> tuple[int, bool]:
    """The sign of an element and whether it is strict, where need be by the logarithms of two terms."""
    found, certain = sign_of(converter, difference)
    below = converter.signs.sign(difference.bottom)[0]
    if found or below == 0:
        return found, certain
    above = Element(difference.top, converter.field.one.bottom)
    found, certain = sign_of(converter, above, lambda part: _by_any_means(converter, part))
    return found * below, certain


def _by_any_means(converter: Converter, poly: Poly) -> tuple[int, bool]:
    found = converter.signs.sign(poly)
    return found if found[0] else _by_logarithms(converter, poly)


def _by_logarithms(converter: Converter, poly: Poly) -> tuple[int, bool]:
    """The sign of a difference of two positive terms with exponentials: that of the difference of their logarithms."""
    field = converter.field
    terms = [field.ring.from_dict({powers: c}) for powers, c in zip(poly.monoms(), poly.coeffs(), strict=True)]
    if len(terms) != 2 or not any(field.kernels[place].kind == "exp" for place in field.used(poly)):
        return 0, False
    signs = [converter.signs.sign(term) for term in terms]
    if {sign for sign, _ in signs} != {1, -1} or not all(strict for _, strict in signs):
        return 0, False
    above, below = terms if signs[0][0] > 0 else terms[::-1]
    return sign_of(converter, converter.kernels.log_absolute(field.fraction(above, below)))


def _exponential(converter: Converter, difference: Element) -> Element | None:
    """``e^{n d} - 1``, which has the sign of the difference d, where n > 0 leaves no logarithm; None without one."""
    field = converter.field
    kernels = {field.kernels[place].kind for place in field.used(difference.top)}
    if "log" not in kernels or not difference.bottom.is_constant():
        return None
    whole = field.scaled(difference, int(difference.bottom.leading_coefficient()))
    power = field.minus(converter.kernels.exp(whole), field.one)
    return None if _has_logarithm(field, power) else power


def _has_logarithm(field: Field, element: Element) -> bool:
    used = [field.kernels[place] for place in field.used(*element)]
    return any(k.kind == "log" or any(_has_logarithm(field, inner) for inner in k.inner) for k in used if k.symbols)


def judge_of(sign: str) -> Callable[[Any, Any], bool | None]:
    """Whether two balls stand in the relation: True, False, or None where more digits are needed."""

    def judge(a: Any, b: Any) -> bool | None:
        if COMPARISONS[sign](a, b):
            return True
        return False if COMPARISONS[NEGATED[sign]](a, b) else None

    return judge


def _by_points(a: Node, b: Node, sign: str, domains: Mapping[Symbol, str], clock: Clock, reason: str) -> Verdict:
    points = Points(a, b, domains, clock)
    trial = points.trial(judge_of(sign))
    if trial.witness is None and trial.agreeing and (points.symbols or points.models):
        trial.witness = failing(points, judge_of(sign), sign, clock)
    if trial.witness is not None:
        if has_unknowns(a, b):
            return Verdict(Status.UNDECIDED, "number balls", "false for some choices of the unknown functions")
        if points.models.laws and needs_density(a, b):
            return Verdict(Status.UNDECIDED, "finite models", "fails for finitely many values, may hold for densities")
        return Verdict(Status.REFUTED, points.method, witness=trial.witness)
    if trial.agreeing and not (free_symbols(a) | free_symbols(b)) and not points.models and not points.survey.families:
        return Verdict(Status.PROVED, "number balls")
    if trial.agreeing < _ENOUGH:
        return Verdict(Status.UNDECIDED, "number balls", reason or "outside the domain")
    if points.models.laws and has_dimension(a, b):
        return Verdict(Status.UNDECIDED, "finite models", "holds for finitely many values, may fail for densities")
    if points.models:
        return Verdict(Status.CHECKED, points.method, f"holds on {trial.agreeing} of them")
    return Verdict(Status.CHECKED, "number balls", f"holds at {trial.agreeing} points")
