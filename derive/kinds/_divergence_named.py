r"""The divergence of two named families by derivation: the log ratio of the densities, its mean term by term.

Called by the kind ``kl-divergence``. The ratio is opened by the laws of logarithms into constants and statistics of the
outcome (:mod:`derive.kinds._divergence_families`), the mean is taken by linearity, the means of the statistics are put
in. Where the first family reaches outcomes that the second cannot have, the divergence is infinite; where that depends
on letters it is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import factorial

from derive.distributions import X
from derive.errors import DeriveError, about
from derive.goals import simple
from derive.kinds._by_hand import rounding
from derive.kinds._divergence_families import LOG_DENSITIES, Named, mean_of, outcome_domain, written_mean
from derive.kinds._divergence_figure import example_of, figure
from derive.kinds._divergence_table import divergence_of
from derive.kinds._entropy_exact import Quantity, rounding_of
from derive.kinds._entropy_given import domains_of, family_of
from derive.kinds._entropy_units import units
from derive.kinds._shared import listed
from derive.numeric.endless import endless_value
from derive.numeric.value import value_of
from derive.problem import Problem
from derive.rules.monomials import join
from derive.steps import (
    Chain,
    Context,
    Definition,
    Derivation,
    Formula,
    Heading,
    Level,
    Paragraph,
    Part,
    Prose,
    Status,
    Step,
)
from derive.tree import (
    INFINITY,
    ONE,
    ZERO,
    Call,
    Expectation,
    Integral,
    Negative,
    Node,
    Product,
    Quotient,
    Relation,
    Sum,
    SumOver,
    Symbol,
    contains,
    free_symbols,
    negated,
    number,
    numeric,
    substitute,
    times,
    total,
    whole,
)
from derive.verify import verify_step
from derive.write.text import text

_WHOLE = 20  # up to which Γ(n) is worked out

INFINITE = (INFINITY, Negative(INFINITY))


@dataclass
class Found:
    """One direction: the quantity, its parts, the conditions on letters under which it holds, and whether its value
    has a mean without closed form in it.
    """

    quantity: Quantity
    parts: list[Part] = field(default_factory=list)
    needs: tuple[Relation, ...] = ()
    is_open: bool = False


# --- log densities -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """A logarithm of densities as a sum: ``c log(a)`` without the outcome, and ``d T(x)``."""

    logs: tuple[tuple[Node, Node], ...]
    terms: tuple[tuple[Node, Node], ...]

    @property
    def constants(self) -> tuple[Node, ...]:
        """The summands without the outcome."""
        return flattened([*_joined(self.logs), *(c for c, statistic in self.terms if statistic == ONE)])

    @property
    def statistics(self) -> tuple[tuple[Node, Node], ...]:
        """The others, as what stands before a statistic and the statistic."""
        return tuple((c, s) for c, s in self.terms if s != ONE)

    def with_means(self, values: Sequence[Node]) -> Node:
        """The sum with values in the places of the statistics."""
        return join([*self.constants, *(product(c, v) for (c, _), v in zip(self.statistics, values, strict=True))])

    @property
    def node(self) -> Node:
        """The sum itself."""
        return self.with_means([s for _, s in self.statistics])


def opened(p: Named, q: Named | None = None) -> Opened:
    """``log p(x)``, or ``log(p(x)/q(x))`` with what both have in common gone."""
    own, other = LOG_DENSITIES[p.family.name], LOG_DENSITIES[q.family.name] if q else None
    logs = [(p.read(c), _plain(p.read(a))) for c, a in own.logs]
    terms = [(p.read(c), p.read(s)) for c, s in own.terms]
    if q is None or other is None:
        return Opened(tuple(logs), tuple(terms))
    return Opened(
        _without_common(logs, [(q.read(c), _plain(q.read(a))) for c, a in other.logs]),
        _without_common(terms, [(q.read(c), q.read(s)) for c, s in other.terms]),
    )


def _plain(node: Node) -> Node:
    """A constant with its numbers worked out: ``Γ(2 + 3)`` is 24, ``Γ(5/2)`` stays a value of the function."""
    if isinstance(node, Call):
        inside = tuple(simple(a) for a in node.args)
        n = whole(inside[0]) if node.name == "gammafunction" else None
        return number(factorial(n - 1)) if n is not None and 0 < n <= _WHOLE else Call(node.name, inside)
    return simple(node) if not free_symbols(node) else node


def _without_common(
    first: Sequence[tuple[Node, Node]], second: Sequence[tuple[Node, Node]]
) -> tuple[tuple[Node, Node], ...]:
    """The first pairs minus the second; pairs of one statistic become one."""
    found: list[tuple[Node, Node]] = []
    left = list(second)
    for c, statistic in first:
        same = next((pair for pair in left if pair[1] == statistic), None)
        if same is None:
            found.append((c, statistic))
            continue
        left.remove(same)
        difference = _difference(c, same[0])
        if difference != ZERO:
            found.append((difference, statistic))
    return (*found, *((_opposite(c), statistic) for c, statistic in left))


def _difference(c: Node, d: Node) -> Node:
    """``c - d``; of two logarithms that of the quotient."""
    match c, d:
        case Call("log", (u,)), Call("log", (v,)):
            return ZERO if u == v else Call("log", (_ratio(u, v),))
        case Negative(a), Negative(b):
            return simple(Sum((b, Negative(a))))
    return simple(Sum((c, Negative(d))))


def _ratio(u: Node, v: Node) -> Node:
    ratio = simple(Quotient(u, v))
    return ratio if not isinstance(ratio, Product) else Quotient(u, v)


def _opposite(c: Node) -> Node:
    match c:
        case Negative(operand):
            return operand
        case Sum():
            return simple(Negative(c))
    return Negative(c)


def _joined(logs: Sequence[tuple[Node, Node]]) -> list[Node]:
    """The logarithms with 1 and -1 before them as one, the others as they are."""
    above = [a for c, a in logs if numeric(c) == 1 and a != ONE]
    below = [a for c, a in logs if numeric(c) == -1 and a != ONE]
    found: list[Node] = []
    if above or below:
        whole = times(above) if not below else Quotient(times(above), times(below))
        value = _ratio(times(above), times(below)) if not any(isinstance(a, Call) for a in above + below) else whole
        if not above:
            found.append(Negative(Call("log", (_worked(times(below)),))))
        elif value != ONE:
            found.append(Call("log", (value,)))
    found += [product(c, Call("log", (a,))) for c, a in logs if numeric(c) not in (1, -1) and a != ONE]
    return found


def _worked(node: Node) -> Node:
    return simple(node) if not free_symbols(node) else node


def product(c: Node, statistic: Node) -> Node:
    """``c T`` as it is written: signs in front, ``-1/d`` as a divisor."""
    match c:
        case Negative(operand):
            inner = product(operand, statistic)
            return negated(inner)
        case Quotient(top, bottom) if top == ONE:
            return Quotient(statistic, bottom)
    if ONE in (c, statistic):
        return c if statistic == ONE else statistic
    return Product((statistic, c)) if isinstance(c, Call) else Product((c, statistic))


def flattened(terms: Sequence[Node]) -> tuple[Node, ...]:
    """The terms with the sums among them taken apart."""
    return tuple(t for term in terms for t in (term.terms if isinstance(term, Sum) else (term,)))


def worked(c: Node, value: Node) -> Node:
    """``c`` times a mean, simplified; a logarithm stays behind what stands before it."""
    if isinstance(c, Negative):
        return _opposite(worked(c.operand, value))
    if isinstance(c, Call):
        plain = simple(value)
        return ZERO if plain == ZERO else c if plain == ONE else Product((plain, c))
    return simple(product(c, value))


# --- supports ----------------------------------------------------------------------------------------


def covered(p: Named, q: Named, context: Context) -> tuple[bool, tuple[Relation, ...]]:
    """Whether all outcomes of the first are outcomes of the second, and on what conditions on letters."""
    (low, high), (least, most) = ([named.put(end) for end in named.family.bounds] for named in (p, q))
    needs: list[Relation] = []
    for inner, outer, sign in ((low, least, ">="), (high, most, "<=")):
        if outer in INFINITE or inner == outer:
            continue
        if inner in INFINITE:
            return False, ()
        if free_symbols(inner) | free_symbols(outer):
            if verify_step(inner, outer, sign, context).status is not Status.PROVED:
                needs.append(Relation((inner, outer), (sign,)))
        elif (value_of(inner) >= value_of(outer)) != (sign == ">=") and value_of(inner) != value_of(outer):
            return False, ()
    return True, tuple(needs)


# --- one direction -----------------------------------------------------------------------------------


def expectation(body: Node, law: Symbol) -> Expectation:
    """``E_{x ~ p}[...]``."""
    return Expectation("E", (body,), (Relation((X, law), ("~",)),))


@dataclass
class Averaged:
    """A mean by linearity: the steps, where they lead, and the means without closed form as sums or integrals."""

    steps: list[Step]
    value: Node
    left: dict[Node, Node] = field(default_factory=dict)

    @property
    def number(self) -> float | None:
        """The number that it comes to, where a mean is left and there are no letters."""
        written = substitute(self.value, self.left)
        return endless_value(written) if self.left and not free_symbols(written) else None

    def parts(self, label: Node) -> list[Part]:
        """The chain to the value and, where that is a number, its decimal; what is left is said and written out."""
        if self.left:
            self.steps += rounding_of(self.value, self.number) if self.number is not None else []
        elif not free_symbols(self.value) and numeric(self.value) is None:
            self.steps.append(rounding(self.value))
        chain = Chain(tuple(self.steps), label)
        if not self.left:
            return [chain]
        what = "no closed form is known here; it stays" if len(self.left) == 1 else (
            "no closed forms are known here; they stay")
        words: Prose = ("Of ", *listed(tuple(self.left)), f" {what} in the result:")
        return [chain, Paragraph(words), *(Chain(tuple(_written_out(m, w)), m) for m, w in self.left.items())]


def _written_out(mean: Node, written: Node) -> list[Step]:
    """A mean as its sum or integral, and the decimal of that where it has one."""
    steps = [Step(mean, written, "definition of the mean", "The values times their probabilities.")]
    return steps if free_symbols(written) else [*steps, *rounding_of(written, endless_value(written))]


def averaged(start: Node, sums: Opened, under: Named, law: Symbol, sign: int = 1) -> Averaged:
    """From the mean of a sum to its closed form, in which a mean that has none stays."""
    means, left = list[Node](), dict[Node, Node]()
    for _, statistic in sums.statistics:
        value = mean_of(statistic, under)
        if value is None:
            value = expectation(statistic, law)
            left[value] = written_mean(statistic, under)
        means.append(value)
    steps: list[Step] = []
    flip = (lambda u: u) if sign > 0 else Negative
    linear = sums.with_means([expectation(s, law) for _, s in sums.statistics])
    here = start
    for after, rule, reason in (
        (flip(linear), "linearity", "The mean of a sum is taken term by term; constants come out."),
        (flip(sums.with_means(means)), f"means under the {_titled(under)}", "What these means are is known."),
        (tidy(sums, means, sign), "simplify", "Each term is worked out."),
    ):
        if after != here:
            steps.append(Step(here, after, rule, reason, level=Level.ALGEBRA))
            here = after
    return Averaged(steps, here, left)


def _titled(named: Named) -> str:
    return named.family.title.partition(" (")[0]


def tidy(sums: Opened, means: Sequence[Node], sign: int = 1) -> Node:
    """The sum with each term worked out by itself and the numbers added."""
    means = [worked(c, m) for (c, _), m in zip(sums.statistics, means, strict=True)]
    flat = list(flattened([*sums.constants, *means]))
    if sign < 0:
        flat = [_opposite(t) for t in flat]
    logs = [t for t in flat if not _is_rational(t)]
    rest = simple(total([t for t in flat if _is_rational(t)])) if len(logs) < len(flat) else ZERO
    made = [*_counted(_counted(logs)), *([rest] if rest != ZERO else [])]
    if not made:
        return ZERO
    return join(_positive_first(flattened(made)))


def _counted(terms: Sequence[Node]) -> list[Node]:
    """Multiples of one term as one multiple: ``2 log(3) + log(3)`` is ``3 log(3)``, ``2 log(1/2)`` is ``-2 log(2)``."""
    groups: dict[Node, list[Node]] = {}
    for t in terms:
        groups.setdefault(_without_number(t), []).append(t)
    made = (group[0] if len(group) == 1 else simple(total(group)) for group in groups.values())
    return [t for t in made if t != ZERO]


def _without_number(term: Node) -> Node:
    """A term without its sign and the number before it."""
    match term:
        case Negative(operand):
            return _without_number(operand)
        case Product((first, *rest)) if rest and numeric(first) is not None:
            return times(rest)
    return term


def _positive_first(terms: Sequence[Node]) -> list[Node]:
    if not isinstance(terms[0], Negative):
        return list(terms)
    first = next((t for t in terms if not isinstance(t, Negative)), None)
    return list(terms) if first is None else [first, *(t for t in terms if t is not first)]


def _is_rational(term: Node) -> bool:
    return numeric(simple(term)) is not None if not free_symbols(term) else False


def direction(p: Named, q: Named, names: tuple[Symbol, Symbol], context: Context) -> Found:
    """The divergence of the first from the second."""
    label = divergence_of(*names)
    name = f"KL({text(names[0])} || {text(names[1])})"
    inside, needs = covered(p, q, context)
    if not inside:
        return Found(Quantity(label, name, INFINITY), [Paragraph(_infinite(p, q, names, label))])
    parts: list[Part] = []
    if needs:
        parts.append(Paragraph((
            "Every outcome of ", names[0], " must be one of ", names[1], ", that is ", *listed(needs),
            "; otherwise the divergence is infinite. Under that condition:",
        )))
    sums = opened(p, q)
    ratio = Call("log", (Quotient(p.density, q.density),))
    written = Call("log", (Quotient(*(Call(n.plain, (X,)) for n in names)),))
    if sums.node != ratio:
        reason = "Of a quotient, a product and a power; what both densities share is gone."
        parts.append(Chain((Step(ratio, sums.node, "laws of logarithms", reason, level=Level.ALGEBRA),), written))
    start = expectation(sums.node, names[0])
    found = averaged(start, sums, p, names[0])
    parts += found.parts(label)
    values = [Call(n.plain, (X,)) for n in names]
    body = Product((values[0], Call("log", (Quotient(values[0], values[1]),))))
    parts += confirmed(body, (p, q), names, found.value)
    return Found(Quantity(label, name, found.value, number=found.number), parts, needs, bool(found.left))


def confirmed(body: Node, named: Sequence[Named], names: Sequence[Symbol], value: Node) -> list[Part]:
    """The closed form beside the sum or integral itself, for the verifier to prove or to work out as numbers."""
    first = named[0]
    low, high = (first.put(end) for end in first.family.bounds)
    whole: Node = SumOver(body, X, low, high) if first.family.discrete else Integral(body, X, low, high)
    what = "sum" if first.family.discrete else "integral"
    reason = "The mean by its definition."
    step = Step(whole, value, "compare with the definition", reason, level=Level.ALGEBRA)
    where = tuple(Definition(name, (X,), one.density) for one, name in zip(named, names, strict=True))
    return [Paragraph((f"Written out, this is the {what} of the definition:",)), Chain((step,), None, where)]


def _infinite(p: Named, q: Named, names: tuple[Symbol, Symbol], label: Node) -> Prose:
    words = (f": the support of the {_titled(p)} is not part of that of the {_titled(q)}. There the ratio is infinite, "
             "and so is its mean: ")
    infinite = Relation((label, INFINITY), ("=",))
    return (names[0], " gives a positive probability to outcomes that are impossible under ", names[1], words, infinite,
            ".")


# --- the whole ---------------------------------------------------------------------------------------


def solve_named(problem: Problem) -> Derivation:
    """Both directions of two families. DeriveError for a mass beside a density."""
    given, names = problem.given, tuple(problem.given["names"])
    p, q = (Named(*family_of(given[key], key)) for key in ("p", "q"))
    for named, key in ((p, "p"), (q, "q")):
        check(named, key)
    with about("q"):
        if p.family.discrete != q.family.discrete:
            mass, density = (p, q) if p.family.discrete else (q, p)
            raise DeriveError(f"the {mass.family.title} has masses and the {density.family.title} a density: their "
                              "divergence is not defined", "take two families of the same sort")
    context = context_of(problem.domains, (p, q), names)
    found = [direction(p, q, names, context)]
    if given["directions"] == "both":
        found.append(direction(q, p, (names[1], names[0]), context))
    parts: list[Part] = [*densities((p, q), names), Formula(_definition(p, names, found[0].quantity.label),
                                                           "definition; natural logarithm, so in nats")]
    for one in found:
        parts += [Heading((one.quantity.label,)), *one.parts] if len(found) > 1 else one.parts
    parts += compared(found, (p, q), context) if len(found) > 1 else []
    parts += units([one.quantity for one in found])
    parts += figure((p, q), names, found[0].quantity)
    results = [r for one in found for r in one.quantity.results(given["base"])]
    said = tuple(stated(named, name) for named, name in zip((p, q), names, strict=True))
    asked: tuple[Prose, ...] = tuple((one.quantity.label,) for one in found)
    return Derivation(problem.title, problem.kind, said, asked, tuple(parts), tuple(results), context)


def check(named: Named, key: str) -> None:
    """DeriveError for a family without a row here, for x as a parameter, for ends in the wrong order."""
    with about(key):
        if named.family.name not in LOG_DENSITIES:
            raise DeriveError(f"{key}: divergences of the {named.family.title} are not derived here",
                              f"derived are {', '.join(LOG_DENSITIES)}")
        if any(contains(item, X) for item in named.items):
            raise DeriveError(f"{key}: a parameter is called x, like the outcome", "give it another letter")
        if named.family.support == "interval":
            _check_ends(named, key)


def _check_ends(named: Named, key: str) -> None:
    low, high = (numeric(item) for item in named.items)
    if low is not None and high is not None and low >= high:
        raise DeriveError(f"{key}: the lower end {text(named.items[0])} is not below the upper end "
                          f"{text(named.items[1])}", "exchange them")


def context_of(declared: Mapping[Symbol, str], named: Sequence[Named], names: Sequence[Symbol]) -> Context:
    """The domains of all letters and of the outcome, and which law each name stands for."""
    domains: dict[Symbol, str] = {}
    for one in named:
        domains |= domains_of(one.family, one.items)
    domains |= dict(declared)
    if len({outcome_domain(one.family) for one in named}) == 1:
        domains[X] = outcome_domain(named[0].family)
    else:
        domains[X] = outcome_domain(min(named, key=lambda one: _WIDTH[one.family.support]).family)
    return Context(domains, tuple(Definition(n, (), one.law) for n, one in zip(names, named, strict=True)))


_WIDTH = {"two values": 0, "counts to n": 1, "positive counts": 2, "counts": 3, "unit interval": 4, "interval": 5,
          "positive": 6, "real": 7}
"""The supports from narrow to wide: both densities have values where the narrower one has."""


def densities(named: Sequence[Named], names: Sequence[Symbol]) -> list[Part]:
    """``p(x) = ...`` for each, on its support."""
    return [
        Formula(Relation((Call(name.plain, (X,)), one.density), ("=",)), one.family.title)
        for one, name in zip(named, names, strict=True)
    ]


def stated(named: Named, name: Symbol) -> Prose:
    """``p = N(0, 1)`` in the list of what is given."""
    return (Relation((name, named.law), ("=",)), f", {named.family.title}")


def _definition(p: Named, names: Sequence[Symbol], label: Node) -> Relation:
    a, b = (Call(n.plain, (X,)) for n in names)
    return Relation((label, expectation(Call("log", (Quotient(a, b),)), names[0])), ("=",))


def compared(found: Sequence[Found], named: Sequence[Named], context: Context) -> list[Part]:
    """Whether both directions agree: exactly, or at example values."""
    one, other = (f.quantity.value for f in found)
    parts: list[Part] = [Heading(("Both directions",))]
    if INFINITY in (one, other):
        return [*parts, Paragraph(("Both are infinite." if one == other else
                                   "One direction is infinite and the other is not.",))]
    if any(f.is_open for f in found):
        return _compared_as_numbers(found)
    if verify_step(one, other, "=", context).status is Status.PROVED:
        step = Step(one, other, "equal", "Both directions have the same value.", level=Level.ALGEBRA)
        return [*parts, Chain((step,)), Paragraph(("Here both directions agree.",))]
    values = example_of(named)
    if values is None:
        return []
    put_in: dict[Node, Node] = dict(values.items())
    numbers = [substitute(n, put_in) for n in (one, other)]
    sign = ">" if value_of(numbers[0]) > value_of(numbers[1]) else "<"
    if value_of(numbers[0]) == value_of(numbers[1]):
        return []
    step = Step(numbers[0], numbers[1], "compare", "Two different numbers.", sign, Level.ALGEBRA)
    where: Prose = ("The divergence is not symmetric.",)
    if values:
        shown = [Relation((a, b), ("=",)) for a, b in values.items()]
        where = ("For instance with ", *_separated(shown), " the first direction is ", *_about(numbers[0]),
                 " and the second ", *_about(numbers[1]), ": the divergence is not symmetric.")
    return [*parts, Paragraph(where), Chain((step,))]


def _compared_as_numbers(found: Sequence[Found]) -> list[Part]:
    """Two directions of which one has a mean without closed form: by their decimals, where they have them."""
    quantities = [f.quantity for f in found]
    if not all(q.is_number for q in quantities):
        return []
    decimals = [rounding_of(q.value, q.number) for q in quantities]
    one, other = (steps[-1].after if steps else q.value for q, steps in zip(quantities, decimals, strict=True))
    if value_of(one) == value_of(other):
        return []
    sign = ">" if value_of(one) > value_of(other) else "<"
    step = Step(one, other, "compare", "Two different numbers.", sign, Level.ALGEBRA)
    words = ("Rounded, the first direction and the second are two different numbers: the divergence is not symmetric.",)
    return [Heading(("Both directions",)), Paragraph(words), Chain((step,))]


def _separated(items: Sequence[Node]) -> Prose:
    return tuple(part for k, item in enumerate(items) for part in ((", ", item) if k else (item,)))


def _about(node: Node) -> Prose:
    value = numeric(simple(node))
    return (simple(node),) if value is not None else ("about ", rounding(node).after)
