"""Integrals over an infinite range, by numerical quadrature: agreement is a check and never a proof.

The rigorous enclosures of :mod:`balls` need a bounded range. Here mpmath's double-exponential quadrature gives a value
without an error bound, so a difference refutes nothing. Called by :mod:`equality` when nothing else decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import arb

from derive.steps import Status, Verdict
from derive.tree import INFINITY, Integral, Negative, Node, Symbol, free_symbols, map_children, substitute, walk
from derive.verify.balls import Evaluation
from derive.verify.convert import Converter
from derive.verify.field import Field, Needs
from derive.verify.signals import Clock, Infeasible, Restart, Split, Unclear, Undecidable, Undefined
from derive.verify.trees import tree

_DIGITS = 15
_WORKING = 30
_ENDS = {INFINITY, Negative(INFINITY)}
_ATTEMPTS = 12


def unbounded(node: Node) -> list[Integral]:
    """The integrals over an infinite range in an expression, each once."""
    found = [n for n in walk(node) if isinstance(n, Integral) and {n.lower, n.upper} & _ENDS]
    return list(dict.fromkeys(found))


def closed(node: Node, domains: Mapping[Symbol, str], clock: Clock) -> Node:
    """The expression with the closed forms of integrals over an infinite range put in, where they are known."""
    if isinstance(node, Integral) and {node.lower, node.upper} & _ENDS:
        found = _closed(node, domains, clock)
        if found is not None and not unbounded(found):
            return found
    return map_children(node, lambda c: closed(c, domains, clock))


def _closed(node: Node, domains: Mapping[Symbol, str], clock: Clock) -> Node | None:
    needs = Needs(24)
    for _ in range(_ATTEMPTS):
        field = Field(needs, clock)
        try:
            return tree(field, Converter(field, domains).element(node))
        except Restart:
            continue
        except (Undecidable, Undefined, Split, Infeasible):
            return None
    return None


def quadrature(a: Node, b: Node, clock: Clock) -> Verdict:
    """Whether two constants agree when their infinite integrals are computed numerically."""
    integrals = list(dict.fromkeys([*unbounded(a), *unbounded(b)]))
    if free_symbols(a) | free_symbols(b):
        return Verdict(Status.UNDECIDED, detail="an integral over an infinite range, with letters in it")
    letters = {integral: Symbol("integral", str(i)) for i, integral in enumerate(integrals)}
    try:
        point = {letters[i]: _value(i, clock) for i in integrals}
        evaluation = Evaluation(point, clock=clock)
        values = [evaluation.value(substitute(side, dict(letters.items()))) for side in (a, b)]
    except (Unclear, Undefined, ValueError, ZeroDivisionError) as error:
        return Verdict(Status.UNDECIDED, detail=f"no value by quadrature ({type(error).__name__})")
    if abs(float(values[0].mid()) - float(values[1].mid())) > 10.0**-_DIGITS * max(1.0, abs(float(values[1].mid()))):
        return Verdict(Status.UNDECIDED, "quadrature", "numerical quadrature does not agree, without an error bound")
    return Verdict(Status.CHECKED, "quadrature", f"numerical quadrature agrees to {_DIGITS} digits")


def _value(integral: Integral, clock: Clock) -> Fraction:
    """The integral by mpmath, to twice the digits compared."""
    import mpmath

    with mpmath.workdps(_WORKING):

        def integrand(x: Any) -> Any:
            clock.check()
            evaluation = Evaluation({}, clock=clock)
            evaluation.bindings[integral.variable] = arb(mpmath.nstr(x, _WORKING))
            try:
                return mpmath.mpf(evaluation.value(integral.body).mid().str(_WORKING, radius=False))
            except Unclear:  # far out in the tails, beyond the range of numbers
                return mpmath.mpf(0)

        ends = [_end(integral.lower, -mpmath.inf), _end(integral.upper, mpmath.inf)]
        value, error = mpmath.quad(integrand, ends, error=True)
        if error > mpmath.mpf(10) ** -_DIGITS:
            raise Undecidable("quadrature does not converge")
        return Fraction(mpmath.nstr(value, _WORKING))


def _end(node: Node | None, infinite: Any) -> Any:
    import mpmath

    if node is None or node in _ENDS:
        return infinite
    return mpmath.mpf(Evaluation({}).value(node).mid().str(_WORKING, radius=False))
