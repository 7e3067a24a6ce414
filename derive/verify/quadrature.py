"""Infinite sums and integrals by numerical summation and quadrature: agreement is a check and never a proof.

The rigorous enclosures of :mod:`balls` need a bounded range. Here mpmath's double-exponential quadrature, or adding
terms until they are small, gives a value without an error bound, so a difference refutes nothing. Where both
sides seem to differ, rigorous enclosures (:mod:`enclosures`) refute. Letters take values at points of their domain.
Called by :mod:`equality` when nothing else decides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import islice
from typing import Any

from flint import acb, arb

from derive.steps import Status, Verdict
from derive.tree import (
    INFINITY,
    Call,
    Cases,
    Derivative,
    Gradient,
    GradientOf,
    Integral,
    Negative,
    Node,
    SumOver,
    Symbol,
    bound_symbols,
    children,
    contains,
    free_symbols,
    map_children,
    number,
    substitute,
    walk,
)
from derive.verify.balls import Evaluation, has_unknowns, precision
from derive.verify.complexballs import Integrand
from derive.verify.convert import Converter
from derive.verify.core import DerivativeAt
from derive.verify.core import free_symbols as written
from derive.verify.domains import Point, points, whole_symbols
from derive.verify.enclosures import Endless
from derive.verify.field import Field, Needs
from derive.verify.refute import witness
from derive.verify.requirements import Need, requirements
from derive.verify.signals import Assume, Clock, Infeasible, Restart, Split, TooSlow, Unclear, Undecidable, Undefined
from derive.verify.trees import tree

_DIGITS = 20
_WORKING = 26
_BITS = 160
_BITS_ENCLOSED = 64
_ENOUGH = 2  # points with letters at which both sides must agree
_TRIED = 8
_ADDED = 5_000  # terms of a sum
_PLACES = 40  # at which the sign of a divisor is looked at
_SMALL = 4  # terms in a row that are small
_ENDS = {INFINITY, Negative(INFINITY)}
_ATTEMPTS = 12
_KINKED = frozenset({"abs", "max", "min"})


def closed(a: Node, b: Node, domains: Mapping[Symbol, str], clock: Clock) -> tuple[Node, Node, tuple[Symbol, ...]]:
    """Both sides with the closed forms of infinite sums and integrals put in, where they are known.

    With the symbols that are taken to be positive, for where one of them is not, something has no value.
    """
    known: dict[Node, Node] = {}
    assumed: list[Symbol] = []
    for part in dict.fromkeys([*numeric_only(a), *numeric_only(b)]):
        value = _closed(part, domains, clock, assumed)
        if value is not None and not numeric_only(value):
            known[part] = value
    return _replaced(a, known), _replaced(b, known), tuple(assumed)


def _closed(node: Node, domains: Mapping[Symbol, str], clock: Clock, assumed: list[Symbol]) -> Node | None:
    needs = Needs(24)
    for _ in range(_ATTEMPTS):
        field = Field(needs, clock)
        try:
            within = {**domains, **dict.fromkeys(assumed, "positive")}
            return tree(field, Converter(field, within, assuming=True).element(node))
        except Restart:
            continue
        except Assume as missing:
            if not isinstance(missing.node, Symbol) or missing.node in assumed or missing.node in domains:
                return None
            assumed.append(missing.node)
        except (Undecidable, Undefined, Split, Infeasible):
            return None
    return None


def numeric_only(node: Node) -> list[Integral | SumOver]:
    """The outermost parts that balls do not enclose: infinite sums and integrals, integrands without a value at an end.
    """
    match node:
        case Integral(_, _, lower, upper) if lower is not None and upper is not None:
            return [node] if {lower, upper} & _ENDS or _is_singular(node) else []
        case SumOver(upper=upper) if upper == INFINITY:
            return [node]
    return list(dict.fromkeys(part for child in children(node) for part in numeric_only(child)))


def _is_singular(node: Integral) -> bool:
    """Whether the integrand has a kink, or no value at an end, all letters being one half."""
    if any(isinstance(n, Call) and n.name in _KINKED and contains(n, node.variable) for n in walk(node.body)):
        return True
    for end in (node.lower, node.upper):
        assert end is not None
        try:
            place = Evaluation(dict.fromkeys(free_symbols(end), Fraction(1, 2))).value(end)
            evaluation = Evaluation(dict.fromkeys(free_symbols(node.body), Fraction(1, 2)))
            evaluation.bindings[node.variable] = place
            evaluation.value(node.body)
            if not Integrand(node.body, node.variable, evaluation.bindings, None)(acb(place), False).is_finite():
                return True
        except (Undefined, Unclear, ZeroDivisionError):
            return True
        except Undecidable:
            return False
    return False


def quadrature(a: Node, b: Node, domains: Mapping[Symbol, str], clock: Clock) -> Verdict:
    """Whether two sides agree when their infinite sums and integrals are computed numerically, at some points."""
    parts = list(dict.fromkeys([*numeric_only(a), *numeric_only(b)]))
    if _bound_from_outside((a, b), parts):
        return Verdict(Status.UNDECIDED, detail="an infinite sum or integral under a derivative or a limit")
    symbols = sorted(written(a) | written(b), key=lambda s: s.plain)
    tried = islice(points(symbols, domains, _TRIED), _TRIED) if symbols else iter([{}])
    agreeing, enough, reason = 0, _ENOUGH if symbols else 1, "no value by quadrature"
    for point in tried:
        try:
            agrees = _agree_at(a, b, parts, point, clock)
        except TooSlow as error:  # what agreed in the time there was is told
            enough, reason = 1, str(error)
            break
        except (Unclear, Undefined, Undecidable, ValueError, ZeroDivisionError, OverflowError) as error:
            reason = str(error) or f"no value by quadrature ({type(error).__name__})"
            if agreeing == 0 and (found := _differing(a, b, point, domains, clock)).status is Status.REFUTED:
                return found
            continue
        if not agrees:
            return _differing(a, b, point, domains, clock)
        agreeing += 1
        if agreeing == enough:
            break
    if agreeing < enough:
        return Verdict(Status.UNDECIDED, detail=reason)
    what = "summation" if any(isinstance(part, SumOver) for part in parts) else "quadrature"
    where = f" at {agreeing} point{'s' if agreeing > 1 else ''}" if symbols else ""
    return Verdict(Status.CHECKED, what, f"numerical {what} agrees to {_DIGITS} digits{where}")


def _bound_from_outside(sides: Sequence[Node], parts: Sequence[Node]) -> bool:
    """Whether a part depends on a letter that something around it varies: one value of it is then not enough."""
    return any(
        free_symbols(part) & _varied(outer)
        for side in sides for outer in walk(side) for part in parts if outer != part and contains(outer, part)
    )


def _varied(node: Node) -> frozenset[Symbol]:
    """The letters that a node binds or differentiates by."""
    match node:
        case DerivativeAt(variable=Symbol() as variable):
            return frozenset({variable})
        case Derivative(variable=variable):
            return free_symbols(variable)
        case GradientOf(body, variables):
            return frozenset(variables) or free_symbols(body)
        case Gradient():
            return frozenset(n for n in walk(node) if isinstance(n, Symbol))
    return bound_symbols(node)


def _differing(a: Node, b: Node, point: Point, domains: Mapping[Symbol, str], clock: Clock) -> Verdict:
    """The verdict where both sides seem to differ at a point: refuted where rigorous enclosures do not meet."""
    seems = Verdict(Status.UNDECIDED, "quadrature", "numerical quadrature does not agree, without an error bound")
    if has_unknowns(a, b):
        return seems
    try:
        with precision(_BITS_ENCLOSED):
            left, right = (Endless(point, None, whole_symbols(domains), clock).value(side) for side in (a, b))
            if left.overlaps(right):
                return seems
            return Verdict(Status.REFUTED, "number balls", witness=witness(point, {}, left, right))
    except (Unclear, Undefined, Undecidable, ValueError, OverflowError):
        return seems


def _agree_at(
    a: Node, b: Node, parts: Sequence[Integral | SumOver], point: Mapping[Symbol, Fraction], clock: Clock
) -> bool:
    put_in: dict[Node, Node] = {symbol: number(value) for symbol, value in point.items()}
    letters: dict[Node, Node] = {part: Symbol("integral", str(i)) for i, part in enumerate(parts)}
    values: dict[Symbol, Fraction] = {}
    for part, letter in letters.items():
        there = substitute(part, put_in)
        assert isinstance(letter, Symbol)
        values[letter] = _series(there, clock) if isinstance(there, SumOver) else _value(there, clock)
    with precision(_BITS):
        evaluation = Evaluation(values, clock=clock)
        left, right = (evaluation.value(substitute(_replaced(side, letters), put_in)).mid() for side in (a, b))
        return bool(abs(left - right) <= arb(10) ** -_DIGITS * (1 + abs(right)))


def _replaced(node: Node, values: Mapping[Node, Node]) -> Node:
    return values[node] if node in values else map_children(node, lambda child: _replaced(child, values))


def _series(node: SumOver, clock: Clock) -> Fraction:
    """An infinite sum term by term, until terms are small and falling."""
    assert node.lower is not None
    first = Evaluation({}, clock=clock).value(node.lower).unique_fmpz()
    if first is None:
        raise Undecidable("a sum from a number that is not whole")
    result, before, small = arb(0), arb(0), 0
    with precision(_BITS):
        body = _function(node.body, node.index, clock)
        for k in range(int(first), int(first) + _ADDED):
            term = body(arb(k))
            result += term
            tiny = abs(term.mid()) <= arb(10) ** -_WORKING * (1 + abs(result.mid()))
            small = small + 1 if tiny and abs(term.mid()) <= abs(before.mid()) else 0
            before = term
            if small == _SMALL:
                return Fraction(result.mid().str(_WORKING, radius=False))
    raise Undecidable("the sum does not converge fast enough")


def _value(integral: Node, clock: Clock) -> Fraction:
    """The integral by mpmath, to more digits than are compared; split where an absolute value has its kink."""
    import mpmath

    assert isinstance(integral, Integral)
    with mpmath.workdps(_WORKING), precision(_BITS):
        body = _function(integral.body, integral.variable, clock)

        def integrand(x: Any) -> Any:
            try:
                return _float(body(_ball(x)))
            except (Unclear, Undefined):  # far out in the tails, beyond the range of numbers
                return mpmath.mpf(0)

        low, high = _end(integral.lower, -mpmath.inf), _end(integral.upper, mpmath.inf)
        ends = sorted([low, *_kinks(integral), high], reverse=bool(high < low))
        if _has_pole(integral, float(ends[0]), float(ends[-1])):
            raise Undecidable("the integrand may have a pole within the range")
        if ends == [-mpmath.inf, mpmath.inf]:  # both halves must converge
            ends.insert(1, mpmath.mpf(0))
        value, error = mpmath.quad(integrand, ends, error=True)
        if error > mpmath.mpf(10) ** -_DIGITS:
            raise Undecidable("quadrature does not converge")
        return Fraction(mpmath.nstr(value, _WORKING))


def _has_pole(integral: Integral, low: float, high: float) -> bool:
    """Whether something that must not be zero has both signs within the range: quadrature may step over the pole."""
    divisors = [r.node for r in requirements(integral.body) if r.need is Need.NONZERO]
    for node in (n for n in divisors if integral.variable in free_symbols(n)):
        signs = set()
        for x in _spread(min(low, high), max(low, high)):
            with suppress(Unclear, Undefined, Undecidable):
                value = Evaluation({integral.variable: Fraction(x)}).value(node)
                signs |= {bool(value > 0)} if not value.contains(0) else set()
        if len(signs) > 1:
            return True
    return False


def _spread(low: float, high: float) -> list[float]:
    """Places within a range, also far out where it has no end."""
    shares = [(k + 0.5) / _PLACES for k in range(_PLACES)]
    if math.isinf(low) and math.isinf(high):
        return [math.tan(math.pi * (t - 0.5)) for t in shares]
    if math.isinf(high):
        return [low + t / (1 - t) for t in shares]
    return [high - t / (1 - t) for t in shares] if math.isinf(low) else [low + (high - low) * t for t in shares]


def _function(body: Node, variable: Symbol, clock: Clock) -> Callable[[Any], Any]:
    """The body as a function of balls; what does not depend on the variable is worked out once."""
    evaluation = Evaluation({}, clock=clock)
    body = _shared(body, {})
    for part in _without(body, variable):
        evaluation.value(part)
    fixed = dict(evaluation.memo)

    def value(x: Any) -> Any:
        clock.check()
        evaluation.memo = dict(fixed)
        evaluation.bindings[variable] = x
        return evaluation.value(body)

    return value


def _shared(node: Node, seen: dict[Node, Node]) -> Node:
    """The same tree with equal parts as one object, which is worked out once."""
    return seen.setdefault(node, map_children(node, lambda child: _shared(child, seen)))


def _without(node: Node, variable: Symbol) -> Iterator[Node]:
    """The largest parts that are free of a letter; what binds letters of its own and cases are not looked into."""
    if variable not in free_symbols(node):
        yield node
    elif not isinstance(node, Cases) and not _varied(node):
        for child in children(node):
            yield from _without(child, variable)


def _ball(x: Any) -> Any:
    """An mpmath number as a ball, exactly."""
    sign, mantissa, exponent, _ = x._mpf_
    return arb((-mantissa if sign else mantissa, exponent))


def _float(ball: Any) -> Any:
    """The middle of a ball as an mpmath number."""
    import mpmath

    mantissa, exponent = ball.mid().man_exp()
    return mpmath.ldexp(mpmath.mpf(int(mantissa)), int(exponent))


def _kinks(integral: Integral) -> list[Any]:
    """The zeros of what stands in absolute values and is linear in the variable."""
    import mpmath

    found = set()
    for node in walk(integral.body):
        if isinstance(node, Call) and node.name == "abs" and integral.variable in free_symbols(node):
            at = [Evaluation({integral.variable: Fraction(k)}).value(node.args[0]) for k in (0, 1)]
            root = at[0] / (at[0] - at[1])
            if root.is_finite():
                found.add(mpmath.mpf(root.mid().str(_WORKING, radius=False)))
    low, high = sorted((_end(integral.lower, -mpmath.inf), _end(integral.upper, mpmath.inf)))
    return [x for x in found if low < x < high]


def _end(node: Node | None, infinite: Any) -> Any:
    import mpmath

    if node is None or node in _ENDS:
        return infinite
    return mpmath.mpf(Evaluation({}).value(node).mid().str(_WORKING, radius=False))
