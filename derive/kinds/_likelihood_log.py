r"""From the likelihood of a sample to its logarithm in sums of the data, each under a name of its own.

Called by the kind ``maximum-likelihood``. The product over the data becomes a sum, the sum is taken term by term, and
every sum that is left gets a letter with the sign that the support gives it: afterwards the log-likelihood is an
ordinary function of the parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from derive.goals import end_of, free_letter, through
from derive.kinds._likelihood_given import INDEX, Model, equals
from derive.rules import algebra
from derive.rules.likelihoods import LOGARITHM_APART, SUMS_APART, naming
from derive.rules.monomials import factors_of
from derive.steps import Chain, Context, Definition, Formula, Level, Paragraph, Part, Result, Status, Step
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Dots,
    Indexed,
    Node,
    Number,
    Power,
    Product,
    ProductOver,
    Sum,
    SumOver,
    Symbol,
    Vector,
    contains,
    free_symbols,
    map_children,
    numeric,
    substitute,
    walk,
)
from derive.verify import verify_step

LOG_LIKELIHOOD = Symbol("ell")
RATIO = Symbol("r")


@dataclass
class Work:
    """The derivation as far as it is: the parts told, and the log-likelihood ``body`` in the named sums.

    ``statistics`` are the named sums in the order in which they came, the mean of the data first. ``domains`` holds
    those of all letters; ``estimates`` the estimators found, in the statistics. ``name`` and ``what`` are how
    ``body`` is called;
    ``median`` the letter for the median of the data, where an estimator needs it.
    """

    model: Model
    body: Node = ZERO
    name: Symbol = LOG_LIKELIHOOD
    what: str = "log-likelihood"
    median: Symbol | None = None
    parts: list[Part] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    statistics: list[Definition] = field(default_factory=list)
    domains: dict[Symbol, str] = field(default_factory=dict)
    estimates: dict[Symbol, Node] = field(default_factory=dict)

    @property
    def context(self) -> Context:
        """The domains, for the verifier."""
        return Context(dict(self.domains), ())

    @property
    def where(self) -> tuple[Definition, ...]:
        """What a chain needs to know about signs: a mean of counts up to n lies below n."""
        trials = self._trials()
        if trials is None:
            return ()
        return (Definition(self.model.mean, (), Product((trials, RATIO))),)

    def _trials(self) -> Node | None:
        family = self.model.family
        if family is None or family.support != "counts to n" or numeric(self.model.parameters[0]) is not None:
            return None
        return self.model.parameters[0]

    def add(self, *parts: Part) -> None:
        """Tell more."""
        self.parts += parts


def started(model: Model, closed: bool = False) -> Work:
    """The likelihood, and its logarithm in named sums.

    ``closed``: the data may all lie at an end of the support, because a prior keeps the estimate away from it.
    """
    work = Work(model, domains={**model.domains, model.size: "positive integer"})
    work.domains[model.variable] = model.support.value
    domain = _mean_domain(model)
    work.domains[model.mean] = _closed(domain, model) if closed else domain
    if work.where:
        work.domains[RATIO] = "(0, 1)"
    _likelihood(work)
    _logarithm(work)
    return work


def _closed(domain: str, model: Model) -> str:
    """The domain of the mean where all data may lie at an end of the support."""
    if domain == "positive":
        return "nonnegative" if model.support.value == "nonnegative integer" else domain
    return domain if domain == "real" else f"[{domain[1:-1]}{')' if 'inf' in domain else ']'}"


def _mean_domain(model: Model) -> str:
    """Where the mean of the data lies, unless all of them are at an end of the support."""
    if model.family is not None and model.family.support == "counts to n":
        trials = numeric(model.parameters[0])
        return model.support.mean if trials is None else f"(0, {trials})"
    return model.support.mean


def called(name: Symbol, unknown: Sequence[Symbol]) -> Call:
    """``L(μ, σ)``."""
    return Call(name.plain, tuple(unknown))


def _likelihood(work: Work) -> None:
    model = work.model
    body = ProductOver(substitute(model.density, {model.variable: model.member}), INDEX, ONE, model.size)
    first, last = Symbol(model.variable.name, "1"), Indexed(model.variable, (model.size,))
    work.add(
        Paragraph(("The data ", Vector((first, Dots(), last)), (" are independent, so their joint density is the "
                   "product of the single ones. As a function of what is not known it is the likelihood:"))),
        Formula(equals(called(Symbol("L"), model.unknown), body)),
    )
    work.body = Call("log", (body,))


def _logarithm(work: Work) -> None:
    """The logarithm taken apart, then its sums named."""
    model = work.model
    steps = through(work.body, (LOGARITHM_APART, SUMS_APART, naming(model.mean), algebra.ARITHMETIC, algebra.SUMS))
    work.add(Paragraph((("The logarithm is increasing, so the likelihood and its logarithm are largest at the same "
                        "place:"),)))
    steps += _factored(end_of(work.body, steps))
    end = end_of(work.body, steps)
    named = name_sums(work, end, model.unknown)
    if named != end:
        steps.append(Step(end, named, "names for the sums", "Sums of the data alone get letters.", level=Level.ALGEBRA))
    work.add(Chain(tuple(steps), called(LOG_LIKELIHOOD, model.unknown), used(work, steps)))
    work.body = named


def _factored(node: Node) -> list[Step]:
    """A common factor in front of the brackets within the terms: ``n - n x̄`` as ``n (1 - x̄)``."""
    if not isinstance(node, Sum):
        return []
    made = Sum(tuple(_brackets_factored(term) for term in node.terms))
    return [] if made == node else [Step(node, made, "factor out", "A common factor comes to the front.")]


def _brackets_factored(node: Node) -> Node:
    node = map_children(node, _brackets_factored)
    match node:
        case Sum():
            return algebra.factored(node) or node
        case Product(factors) if any(isinstance(f, Product) for f in factors):
            return Product(tuple(g for f in factors for g in factors_of(f)))
    return node


def used(work: Work, steps: Sequence[Step]) -> tuple[Definition, ...]:
    """What the letters for sums in some steps stand for; the mean of the data is known from its first use."""
    if any(contains(s.after, work.model.mean) for s in steps) and work.model.mean_defined not in work.statistics:
        work.statistics.insert(0, work.model.mean_defined)
    return tuple(d for d in work.statistics if any(contains(n, d.name) for s in steps for n in (s.before, s.after)))


# --- names for sums ---------------------------------------------------------------------------------


def name_sums(work: Work, node: Node, unknown: Sequence[Symbol]) -> Node:
    """The expression with a letter for every sum over the data without unknown parameters; they join the statistics."""
    for part in dict.fromkeys(n for n in walk(node) if isinstance(n, SumOver)):
        if free_symbols(part) & set(unknown):
            continue
        known = next((d for d in work.statistics if d.body == part), None)
        if known is None:
            letter = _letter(work, node, part)
            known = Definition(letter, (), part)
            work.statistics.append(known)
            work.domains[letter] = _sign(work, part)
        node = substitute(node, {part: known.name})
    return node


def _letter(work: Work, node: Node, part: SumOver) -> Symbol:
    """Q for a sum of squares, C for a constant that no parameter multiplies, else S."""
    squares = isinstance(part.body, Power) and part.body.exponent == Number("2")
    constant = isinstance(node, Sum) and any(part in (t, getattr(t, "operand", None)) for t in node.terms)
    taken = Vector((node, *work.domains, *(d.name for d in work.statistics)))
    return free_letter(taken, Symbol("Q" if squares else "C" if constant else "S"))


def _sign(work: Work, part: SumOver) -> str:
    """The domain of a sum by the sign of its terms, where the support fixes it; zero only in cases that are refused."""
    model = work.model
    body = substitute(part.body, {model.member: model.variable})
    for relation, domain in ((">=", "positive"), ("<=", "negative")):
        if verify_step(body, ZERO, relation, work.context).status is Status.PROVED:
            return domain
    return "real"

