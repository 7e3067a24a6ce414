r"""The Kullback-Leibler divergence of two tables of probabilities, one direction: terms, sum, exact value.

Called by the kind ``kl-divergence``. An outcome that p gives no mass adds nothing, one that only q gives none makes the
divergence infinite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from derive.goals import simple
from derive.kinds._by_hand import rounding
from derive.kinds._entropy_exact import (
    Quantity,
    collected,
    decimal_of,
    multiple,
    powers_of,
    prose_of,
    quotient_of,
    scaled,
)
from derive.kinds._entropy_given import Distribution
from derive.steps import Chain, Level, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import (
    INFINITY,
    ONE,
    ZERO,
    Call,
    Given,
    Indexed,
    Node,
    Product,
    Quotient,
    Relation,
    SumOver,
    Symbol,
    free_symbols,
    number,
    numeric,
    total,
)
from derive.write.text import text

LONG = 8  # more terms are not written out in a line; the table has them
INDEX = Symbol("i")


@dataclass(frozen=True)
class Term:
    """One outcome's part: both probabilities, as written ``p log(p/q)`` and simplified; None where it is infinite."""

    outcome: Node | str
    p: Node
    q: Node
    written: Node
    value: Node


@dataclass
class Direction:
    """One direction, derived: the parts, and the quantity."""

    quantity: Quantity
    terms: tuple[Term, ...]
    parts: list[Part] = field(default_factory=list)

    @property
    def value(self) -> Node:
        """The divergence in nats."""
        return self.quantity.value

    def results(self, base: str) -> list[Result]:
        """The divergence in every unit, and the contributions."""
        name = self.quantity.name
        more = [Result(f"contribution of {_plain(t.outcome)} to {name}", t.value, shown=False) for t in self.terms]
        return [*self.quantity.results(base), *more]


def _plain(outcome: Node | str) -> str:
    return outcome if isinstance(outcome, str) else text(outcome)


def divergence_of(p: Node, q: Node) -> Call:
    """``KL(p || q)``."""
    return Call("KL", (Given((p,), (q,), "||"),))


def member_term(p: Symbol, q: Symbol) -> Product:
    """``p_i log(p_i/q_i)``."""
    a, b = Indexed(p, (INDEX,)), Indexed(q, (INDEX,))
    return Product((a, Call("log", (Quotient(a, b),))))


def direction(p: Distribution, q: Distribution) -> Direction:
    """The divergence of the first from the second."""
    terms = tuple(_term(o, a, b) for o, a, b in zip(p.outcomes, p.probabilities, q.probabilities, strict=True))
    label = divergence_of(p.name, q.name)
    name = f"KL({text(p.name)} || {text(q.name)})"
    parts: list[Part] = [_table(p, q, terms)]
    infinite = [t for t in terms if t.value == INFINITY]
    if infinite:
        parts.append(Paragraph((
            "The outcome ", infinite[0].outcome, " has a positive probability under ", p.name,
            " and the probability 0 under ", q.name, ". Its term is infinite, and so is the sum: ",
            Relation((label, INFINITY), ("=",)), ".",
        )))
        return Direction(Quantity(label, name, INFINITY), terms, parts)
    steps = _sum(p, q, terms)
    parts += [Chain(tuple(steps), label), *_remarks(terms)]
    exact = next((s.after for s in reversed(steps) if s.relation == "="), steps[0].before)
    numbers = [quotient_of(t.written) for t in terms if t.p != ZERO]
    powers = None if None in numbers else powers_of(n for n in numbers if n is not None)
    return Direction(Quantity(label, name, exact, powers), terms, parts)


def _term(outcome: Node | str, p: Node, q: Node) -> Term:
    if p == ZERO or numeric(p) == 0:
        return Term(outcome, ZERO, q, ZERO, ZERO)
    if q == ZERO or numeric(q) == 0:
        return Term(outcome, p, ZERO, INFINITY, INFINITY)
    log = Call("log", (Quotient(p, q),))
    written = log if p == ONE else Product((p, log))
    return Term(outcome, p, q, written, _value(p, q))


def _value(p: Node, q: Node) -> Node:
    first, second = numeric(p), numeric(q)
    if first is not None and second is not None:
        return ZERO if first == second else multiple(first, first / second)
    log = Call("log", (simple(Quotient(p, q)),))
    return scaled(first, log) if first is not None else Product((p, log))


def _table(p: Distribution, q: Distribution, terms: Sequence[Term]) -> Table:
    header: tuple[Prose, ...] = (
        ("outcome",), (Indexed(p.name, (INDEX,)),), (Indexed(q.name, (INDEX,)),), (member_term(p.name, q.name),),
    )
    rows = tuple(((t.outcome,), (t.p,), (t.q,), prose_of(t.value, decimal_of(t.value))) for t in terms)
    caption: Prose = ("What each outcome contributes to ", divergence_of(p.name, q.name), ", in nats.")
    return Table(header, rows, caption)


def _sum(p: Distribution, q: Distribution, terms: Sequence[Term]) -> list[Step]:
    """From the definition to the exact sum and its decimal."""
    counted = [t for t in terms if t.p != ZERO]
    written, values = total([t.written for t in counted]), _total([t.value for t in counted])
    steps: list[Step] = []
    start: Node = written
    members = {d.member(k) for d in (p, q) for k in range(1, len(terms) + 1)}
    if len(counted) == len(terms) and members.isdisjoint(p.letters | q.letters):
        start = SumOver(member_term(p.name, q.name), INDEX, ONE, number(len(terms)))
        if len(terms) <= LONG:
            steps.append(Step(start, written, "put in", "The probabilities of all outcomes.", level=Level.ALGEBRA))
            start = written
    if values != start and (len(terms) <= LONG or not steps):
        steps.append(Step(start, values, "simplify", "The quotients are worked out.", level=Level.ARITHMETIC))
    end = steps[-1].after if steps else start
    steps += collected(end, [t.written for t in counted])
    end = steps[-1].after if steps else start
    if not free_symbols(end) and numeric(end) is None:
        steps.append(rounding(end))
    return steps or [Step(start, end, "identical", level=Level.ARITHMETIC)]


def _total(values: Sequence[Node]) -> Node:
    from derive.rules.monomials import join

    return join([v for v in values if v != ZERO]) if any(v != ZERO for v in values) else ZERO


def _remarks(terms: Sequence[Term]) -> list[Part]:
    parts: list[Part] = []
    empty = [t.outcome for t in terms if t.p == ZERO]
    if empty:
        parts.append(Paragraph((
            "An outcome of probability 0 adds nothing: ", Relation((Product((Symbol("t"), Call("log", (Symbol("t"),)))),
                                                                    ZERO), ("->",)),
            " as ", Relation((Symbol("t"), ZERO), ("->",)), ".",
        ), remark=True))
    if any(_is_negative(t) for t in terms):
        parts.append(Paragraph((
            "A single term may be negative, where the first probability is the smaller one; only their sum never is.",
        ), remark=True))
    return parts


def _is_negative(term: Term) -> bool:
    p, q = numeric(term.p), numeric(term.q)
    return p is not None and q is not None and 0 < p < q


