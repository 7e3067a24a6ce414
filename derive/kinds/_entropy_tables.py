r"""Entropies of tables of probabilities: of one, between two, of probabilities assigned to what happened.

Called by the kind ``entropy``. Each function gives the parts that derive a quantity and the quantity itself, in nats;
the kind tells all units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from derive.goals import simple
from derive.kinds._by_hand import rounding
from derive.kinds._divergence_table import INDEX, LONG, divergence_of
from derive.kinds._entropy_exact import (
    Quantity,
    collected,
    decimal_of,
    multiple,
    powers_of,
    prose_of,
    quotient_of,
    scaled,
    written,
)
from derive.kinds._entropy_given import Distribution
from derive.rules.monomials import join
from derive.steps import Chain, Formula, Level, Paragraph, Part, Prose, Step, Table
from derive.tree import (
    INFINITY,
    ONE,
    ZERO,
    Call,
    E,
    Indexed,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    SumOver,
    Symbol,
    free_symbols,
    number,
    numeric,
    total,
)
from derive.write.text import text


@dataclass
class Derived:
    """A quantity with the parts that derive it."""

    quantity: Quantity
    parts: list[Part] = field(default_factory=list)


def _log(u: Node) -> Call:
    return Call("log", (u,))


def entropy_label(*names: Node) -> Call:
    """``H(p)``, ``H(p, q)``."""
    return Call("H", names)


def cross_entropy(p: Distribution, q: Distribution | None = None) -> Derived:
    """``H(p, q) = -sum p_i log q_i``; without q the entropy of p itself."""
    other = q or p
    names = (p.name,) if q is None else (p.name, q.name)
    label = entropy_label(*names)
    kind = "entropy" if q is None else "cross-entropy"
    name = f"H({', '.join(map(text, names))})"
    general = Negative(SumOver(_member(p, other), INDEX))
    parts: list[Part] = [
        Formula(Relation((label, general), ("=",)), f"definition of the {kind}; natural logarithm, so in nats"),
        _table(p, other, q is not None),
    ]
    pairs = [(a, b) for a, b in zip(p.probabilities, other.probabilities, strict=True) if numeric(a) != 0]
    impossible = [o for o, a, b in zip(p.outcomes, p.probabilities, other.probabilities, strict=True)
                  if numeric(a) != 0 and numeric(b) == 0]
    if impossible:
        parts.append(Paragraph((
            "The outcome ", impossible[0], " has a positive probability under ", p.name,
            " and the probability 0 under ", other.name, ": the sum is infinite.",
        )))
        return Derived(Quantity(label, name, INFINITY), parts)
    steps = _sum(p, other, pairs)
    parts.append(Chain(tuple(steps), label))
    if len(pairs) < len(p.probabilities):
        t = Symbol("t")
        parts.append(Paragraph(("An outcome of probability 0 adds nothing: ", Relation((Product((t, _log(t))), ZERO),
                                ("->",)), " as ", Relation((t, ZERO), ("->",)), "."), remark=True))
    exact = next((s.after for s in reversed(steps) if s.relation == "="), steps[0].before)
    return Derived(Quantity(label, name, exact, _powers(pairs)), parts)


def _powers(pairs: Sequence[tuple[Node, Node]]) -> dict[int, Fraction] | None:
    numbers = [(numeric(a), numeric(b)) for a, b in pairs]
    if any(a is None or b is None for a, b in numbers):
        return None
    return powers_of((-a, b) for a, b in numbers if a is not None and b is not None)


def _member(p: Distribution, q: Distribution) -> Product:
    return Product((Indexed(p.name, (INDEX,)), _log(Indexed(q.name, (INDEX,)))))


def _term(a: Node, b: Node) -> Node:
    """``-a log(b)``, simplified."""
    first, second = numeric(a), numeric(b)
    if first is not None and second is not None:
        return ZERO if second == 1 else multiple(first, 1 / second)
    log = _log(simple(b))
    return scaled(-first, log) if first is not None else Negative(Product((a, log)))


def _table(p: Distribution, q: Distribution, both: bool) -> Table:
    header: list[Prose] = [("outcome",), (Indexed(p.name, (INDEX,)),)]
    header += [(Indexed(q.name, (INDEX,)),)] if both else []
    rows = []
    for outcome, a, b in zip(p.outcomes, p.probabilities, q.probabilities, strict=True):
        value = ZERO if numeric(a) == 0 else INFINITY if numeric(b) == 0 else _term(a, b)
        shown: list[Prose] = [(outcome,), (a,)]
        rows.append((*shown, *([(b,)] if both else []), prose_of(value, decimal_of(value))))
    caption: Prose = ("What each outcome contributes, in nats.",)
    return Table((*header, (Negative(_member(p, q)),)), tuple(rows), caption)


def _sum(p: Distribution, q: Distribution, pairs: Sequence[tuple[Node, Node]]) -> list[Step]:
    """From the definition to the exact sum and its decimal."""
    opened = total([Negative(_log(b) if a == ONE else Product((a, _log(b)))) for a, b in pairs])
    values = [_term(a, b) for a, b in pairs]
    simplified = join([v for v in values if v != ZERO]) if any(v != ZERO for v in values) else ZERO
    steps: list[Step] = []
    start: Node = opened
    members = {d.member(k) for d in (p, q) for k in range(1, len(p.probabilities) + 1)}
    if len(pairs) == len(p.probabilities) and members.isdisjoint(p.letters | q.letters):
        start = Negative(SumOver(_member(p, q), INDEX, ONE, number(len(pairs))))
        if len(pairs) <= LONG:
            steps.append(Step(start, opened, "put in", "The probabilities of all outcomes.", level=Level.ALGEBRA))
            start = opened
    if simplified != start and (len(pairs) <= LONG or not steps):
        rule = "logarithm of a reciprocal" if len(pairs) <= LONG else "put in"
        steps.append(Step(start, simplified, rule, "Minus the logarithm is that of the reciprocal.",
                          level=Level.ALGEBRA))
    return [*steps, *finished(steps[-1].after if steps else start, bool(steps))]


def finished(node: Node, has_steps: bool = True) -> list[Step]:
    """From a sum of logarithms to its short form and its decimal."""
    terms = node.terms if isinstance(node, Sum) else (node,)
    steps = collected(node, terms)
    end = steps[-1].after if steps else node
    if not free_symbols(end) and numeric(end) is None:
        steps.append(rounding(end))
    if not steps and not has_steps:
        steps.append(Step(node, node, "identical", level=Level.ARITHMETIC))
    return steps


def assigned(probabilities: Sequence[Node]) -> Derived:
    """The mean of ``-log q`` over cases, q what a model gave to what then happened."""
    q, n = Symbol("q"), number(len(probabilities))
    label = Symbol("H")
    count = Symbol("n")
    general = Negative(Product((Quotient(ONE, count), SumOver(_log(Indexed(q, (INDEX,))), INDEX, ONE, count))))
    costs = [INFINITY if numeric(u) == 0 else _term(ONE, u) for u in probabilities]
    rows = tuple(((str(k),), (u,), prose_of(cost, decimal_of(cost)))
                 for k, (u, cost) in enumerate(zip(probabilities, costs, strict=True), 1))
    parts: list[Part] = [
        Formula(Relation((label, general), ("=",)), "mean cross-entropy of the cases, in nats"),
        Table((("case",), (Indexed(q, (INDEX,)),), (Negative(_log(Indexed(q, (INDEX,)))),)), rows,
              ("What the model gave to the outcome that happened, and its cost in nats.",)),
    ]
    if any(numeric(u) == 0 for u in probabilities):
        parts.append(Paragraph(("What happened had the probability 0 under the model: the cost is infinite.",)))
        return Derived(Quantity(label, "cross-entropy", INFINITY), parts)
    opened = Quotient(total([Negative(_log(u)) for u in probabilities]), n)
    values = costs
    inner = join([v for v in values if v != ZERO]) if any(v != ZERO for v in values) else ZERO
    steps: list[Step] = []
    if len(probabilities) <= LONG and Quotient(inner, n) != opened:
        steps.append(Step(opened, Quotient(inner, n), "logarithm of a reciprocal", "", level=Level.ALGEBRA))
    here = steps[-1].after if steps else opened
    powers = powers_of((Fraction(-1, len(probabilities)), v) for v in map(numeric, probabilities) if v)
    short = written(powers)
    if short is not None and short != here:
        steps.append(Step(here, short, "logarithm laws", "Sums and multiples of logarithms become one logarithm.",
                          level=Level.ALGEBRA))
        here = short
    steps += finished(here, bool(steps))
    parts.append(Chain(tuple(steps), label))
    exact = next((s.after for s in reversed(steps) if s.relation == "="), here)
    return Derived(Quantity(label, "cross-entropy", exact, powers), parts)


def perplexity(found: Quantity) -> tuple[list[Part], Node] | None:
    """``e^H``: how many equally likely outcomes would be as uncertain. None with letters and where it is infinite."""
    if found.value == INFINITY or free_symbols(found.value):
        return None
    start = Power(E, found.value)
    steps: list[Step] = []
    exact = _power_of(found)
    if exact is not None:
        steps.append(Step(start, exact, "exponential of a logarithm", "The exponential undoes the logarithm.",
                          level=Level.ALGEBRA))
    end = exact or start
    if numeric(end) is None:
        steps.append(rounding(end))
    if not steps:
        return None
    meant = (": the number of equally likely outcomes that would be as uncertain. It does not depend on the unit: 2 to "
             "the power of the bits is the same.")
    words: Prose = ("The perplexity is the exponential of it, ", Power(E, found.label), meant)
    return [Paragraph(words), Chain(tuple(steps), Power(E, found.label))], end


def _power_of(found: Quantity) -> Node | None:
    """``r^c`` where the quantity is ``c log(r)``."""
    if found.value == ZERO:
        return ONE
    pair = quotient_of(found.value)
    if pair is None:
        return None
    coefficient, ratio = pair
    if coefficient.denominator == 1:
        return number(ratio ** int(coefficient)) if abs(coefficient) < 12 else None
    return Power(number(ratio), number(coefficient))


def decomposition(p: Distribution, q: Distribution, own: Quantity, cross: Quantity) -> Derived | None:
    """``KL(p || q) = H(p, q) - H(p)``."""
    if INFINITY in (own.value, cross.value):
        return None
    label = divergence_of(p.name, q.name)
    start = Sum((cross.value, Negative(own.value)))
    powers = None
    steps: list[Step] = []
    if own.powers is not None and cross.powers is not None:
        powers = {k: c for k in {*own.powers, *cross.powers}
                  if (c := cross.powers.get(k, Fraction(0)) - own.powers.get(k, Fraction(0)))}
        powers = dict(sorted(powers.items()))
        short = written(powers)
        if short is not None:
            steps.append(Step(start, short, "logarithm laws", "Both are sums of logarithms.", level=Level.ALGEBRA))
    else:
        plain = simple(start)
        if plain != start:
            steps.append(Step(start, plain, "simplify", "", level=Level.ALGEBRA))
    end = steps[-1].after if steps else start
    steps += finished(end, bool(steps))
    named = Sum((cross.label, Negative(own.label)))
    exact = next((s.after for s in reversed(steps) if s.relation == "="), start)
    words: Prose = ("The cross-entropy exceeds the entropy by the divergence: ",
                    Relation((label, named), ("=",)), ".")
    quantity = Quantity(label, f"KL({text(p.name)} || {text(q.name)})", exact, powers)
    return Derived(quantity, [Paragraph(words), Chain(tuple(steps), label)])
