"""Relations that are no equations: proportional, member of, part of, much smaller, distributed as, tends to.

Each row of :data:`RELATIONS` judges ``before sign after`` in the core language. ``~`` states a model and is assumed.
What has no definite meaning (``<<``, an arrow, an ellipsis) is undecided, with the reason; but numbers that are not
even smaller are not much smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from derive.declarations import declaration
from derive.steps import Status, Verdict
from derive.tree import (
    INFINITY,
    Interval,
    Matrix,
    Negative,
    Node,
    Product,
    Quotient,
    Set,
    Symbol,
    Vector,
    entries,
    substitute,
)
from derive.verify.balls import precision
from derive.verify.cases import proof
from derive.verify.convert import Converter
from derive.verify.core import Density, Provided, free_symbols
from derive.verify.equality import equality, weakest
from derive.verify.field import Element
from derive.verify.inequality import inequality
from derive.verify.refute import Points, decimal
from derive.verify.signals import Clock, Unclear, Undecidable, Undefined

Domains = Mapping[Symbol, str]
Judge = Callable[[Node, Node, Domains, Clock], Verdict]

_INFINITE = frozenset({INFINITY, Negative(INFINITY)})
_NUMBERS = ("N", "Z", "Q", "R", "C")  # each a part of the next
_BITS = 128
_MODELS = 8


def _undecided(detail: str) -> Verdict:
    return Verdict(Status.UNDECIDED, detail=detail)


# --- proportional ---------------------------------------------------------------------------------------------


def proportional(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict:
    """``a ∝ b``: the quotient does not depend on what varies: the letters of a law before its bar, else anything."""
    varying = _varying(a)
    symbols = free_symbols(a) | free_symbols(b)
    if not symbols:
        return _undecided("numbers are always proportional")
    letters = varying or symbols

    def goal(converter: Converter, _: Element) -> bool:
        ratio = converter.field.canonical(converter.field.over(converter.element(a), converter.element(b)))
        return converter.field.symbols(ratio).isdisjoint(letters)

    try:
        found = proof(a, b, domains, clock, goal)
        if found is not None and not found.except_where:
            return Verdict(Status.PROVED, "exact")
    except (Undecidable, Undefined):
        pass
    if varying and (verdict := _not_proportional(a, b, varying, domains, clock)) is not None:
        return verdict
    return _undecided("in which letters the two sides are proportional is not said")


def _varying(node: Node) -> frozenset[Symbol]:
    """The letters that vary in a law: those before its bar."""
    while isinstance(node, Provided):
        node = node.body
    match node:
        case Quotient(Density(values=values), Density(values=given)):
            return frozenset(v for v in values if isinstance(v, Symbol) and v not in given)
        case Density(values=values):
            return frozenset(v for v in values if isinstance(v, Symbol))
    return frozenset()


def _not_proportional(
    a: Node, b: Node, letters: frozenset[Symbol], domains: Domains, clock: Clock
) -> Verdict | None:
    """A model in which the quotient differs at two values of a letter: ``a(x) b(y)`` is not ``a(y) b(x)``."""
    for letter in sorted(letters, key=lambda s: s.plain):
        other = Symbol(letter.name, letter.sub, letter.sup + "'", letter.accent, letter.font)
        turned = [substitute(n, {letter: other}) for n in (a, b)]
        verdict = equality(Product((a, turned[1])), Product((turned[0], b)), domains, clock)
        if verdict.status is Status.REFUTED:
            return Verdict(Status.REFUTED, verdict.method, "the quotient is not constant", witness=verdict.witness)
    return None


# --- members and parts ------------------------------------------------------------------------------------------


def member(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict:
    """``a in b`` for a number and an interval, a finite set or a set of numbers."""
    match b:
        case Interval():
            return _in_interval(a, b, domains, clock)
        case Vector() | Matrix() if not isinstance(a, (Vector, Matrix)) and len(ends := entries(b) or ()) == 2:
            return _in_interval(a, Interval(ends[0], ends[1], True, True), domains, clock)
        case Set(items):
            return _in_list(a, items, domains, clock)
        case Symbol(name, font="bb") if name in _NUMBERS:
            return _in_numbers(a, name, domains)
    return _undecided("what the set holds is not known")


def _in_interval(a: Node, b: Interval, domains: Domains, clock: Clock) -> Verdict:
    ends = []
    if b.lower not in _INFINITE:
        ends.append(inequality(b.lower, a, "<" if b.left_open else "<=", domains, clock))
    if b.upper not in _INFINITE:
        ends.append(inequality(a, b.upper, "<" if b.right_open else "<=", domains, clock))
    if not ends:
        return Verdict(Status.PROVED, "real numbers")
    return next((v for v in ends if v.status is Status.REFUTED), weakest(ends))


def _in_list(a: Node, items: tuple[Node, ...], domains: Domains, clock: Clock) -> Verdict:
    verdicts = [equality(a, item, domains, clock) for item in items]
    for verdict in verdicts:
        if verdict.status is Status.PROVED:
            return verdict
    if verdicts and not free_symbols(a) and all(v.status is Status.REFUTED for v in verdicts):
        return Verdict(Status.REFUTED, "number balls", "none of the members")
    return _undecided("the value is not shown to be one of the members")


def _in_numbers(a: Node, name: str, domains: Domains) -> Verdict:
    if name in ("R", "C"):
        return Verdict(Status.PROVED, "real numbers")
    value = _number(a)
    if value is not None:
        holds = name == "Q" or (value.denominator == 1 and (name == "Z" or value >= 0))
        return Verdict(Status.PROVED if holds else Status.REFUTED, "exact")
    if isinstance(a, Symbol) and a in domains:
        declared = declaration(domains[a])
        if declared.whole and (name in ("Z", "Q") or (declared.low is not None and declared.low >= 0)):
            return Verdict(Status.PROVED, "declared")
    return _undecided("whether this is a whole or a rational number is not known")


def _number(node: Node) -> Fraction | None:
    """The value of an expression that is a rational number at sight of the field."""
    if free_symbols(node):
        return None
    try:
        with precision(_BITS):
            value = Points(node, node, {}, Clock(1)).evaluation({}).value(node)
    except (Undecidable, Undefined, Unclear):
        return None
    return Fraction(decimal(value, 30)) if value.is_exact() and "e" not in decimal(value, 30) else None


def part(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict:
    """``a ⊆ b`` for finite sets, intervals and sets of numbers."""
    match a, b:
        case (Set(items), Set() | Interval() | Symbol()):
            verdicts = [member(item, b, domains, clock) for item in items]
            return next((v for v in verdicts if v.status is Status.REFUTED), weakest(verdicts))
        case (Symbol(x, font="bb"), Symbol(y, font="bb")) if x in _NUMBERS and y in _NUMBERS:
            holds = _NUMBERS.index(x) <= _NUMBERS.index(y)
            return Verdict(Status.PROVED if holds else Status.REFUTED, "sets of numbers")
        case (Interval(), Interval()):
            return _within(a, b, domains, clock)
        case (Interval(), Symbol("R" | "C", font="bb")):
            return Verdict(Status.PROVED, "real numbers")
    return _undecided("what the sets hold is not known")


def _within(a: Interval, b: Interval, domains: Domains, clock: Clock) -> Verdict:
    ends = []
    if b.lower not in _INFINITE:
        if a.lower in _INFINITE:
            return Verdict(Status.REFUTED, "ends", "the first interval has no end")
        ends.append(inequality(b.lower, a.lower, "<" if b.left_open and not a.left_open else "<=", domains, clock))
    if b.upper not in _INFINITE:
        if a.upper in _INFINITE:
            return Verdict(Status.REFUTED, "ends", "the first interval has no end")
        ends.append(inequality(a.upper, b.upper, "<" if b.right_open and not a.right_open else "<=", domains, clock))
    if not ends:
        return Verdict(Status.PROVED, "ends")
    return next((v for v in ends if v.status is Status.REFUTED), weakest(ends))


# --- relations without a definite meaning -----------------------------------------------------------------------


def _much(sign: str) -> Judge:
    def judge(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict:
        verdict = inequality(a, b, sign, domains, clock)
        if verdict.status is Status.REFUTED:
            return verdict
        return _undecided("how much is much is not said")

    return judge


def _arrow(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict:
    return _undecided("an arrow does not say what is approached and how")


def _modelled(a: Node, b: Node, domains: Domains, clock: Clock) -> Verdict:
    return Verdict(Status.ASSUMED, "stated")


RELATIONS: dict[str, Judge] = {
    "propto": proportional,
    "in": member,
    "subset": part,
    "<<": _much("<"),
    ">>": _much(">"),
    "->": _arrow,
    "~": _modelled,
}
"""How each of these relations is judged."""

