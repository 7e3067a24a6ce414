"""Inequalities: numbers are compared as balls, expressions by exact signs, else tried at points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from derive.steps import Status, Verdict
from derive.tree import Matrix, Node, Symbol
from derive.verify.balls import COMPARISONS, NEGATED, has_unknowns
from derive.verify.cases import proof
from derive.verify.convert import Converter, sign_of
from derive.verify.core import free_symbols
from derive.verify.field import Element
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
        if found.status is Status.CHECKED and by_tangent(a, b, sign, domains, clock, _prover(domains, clock)):
            return Verdict(Status.PROVED, "least value of a convex function")
    except Undecidable as outcome:
        return Verdict(Status.UNDECIDED, detail=str(outcome))
    return found


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
        found, certain = sign_of(converter, difference)
        return found in _WANTED[sign] and (certain or not strict)

    return goal


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
