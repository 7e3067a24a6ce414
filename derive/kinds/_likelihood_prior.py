r"""Maximum a posteriori: the log-likelihood plus the logarithm of a prior, and the posterior of conjugate pairs.

Called by the kind ``maximum-likelihood`` where a prior is given. That the posterior of a conjugate pair is the family
named is shown: the logarithms of both differ by something whose derivative by the parameter is zero.

Source: Murphy, Probabilistic Machine Learning: An Introduction (2022), section 4.6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from derive.distributions import FAMILIES, Family, Parameter, X
from derive.errors import DeriveError
from derive.goals import end_of, simple, through
from derive.kinds._likelihood_given import SUPPORTS, Model, equals, written_family
from derive.kinds._likelihood_log import Work, called
from derive.kinds._likelihood_numbers import Numbers
from derive.kinds._shared import listed
from derive.rules import algebra
from derive.rules.likelihoods import LOGARITHM_APART
from derive.rules.monomials import terms_of
from derive.steps import Chain, Definition, Formula, Heading, Level, Paragraph, Result, Step
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Derivative,
    Negative,
    Node,
    Optimum,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
    free_symbols,
    numeric,
    substitute,
    total,
)
from derive.write.text import text

POSTERIOR = Symbol("ell", "post")

Parameters = Callable[[Model, tuple[Node, ...]], tuple[Node, ...]]


def _count(model: Model) -> Node:
    return Product((model.size, model.mean))


def _beta_bernoulli(model: Model, prior: tuple[Node, ...]) -> tuple[Node, ...]:
    count = _count(model)
    return Sum((prior[0], count)), Sum((prior[1], model.size, Negative(count)))


def _beta_binomial(model: Model, prior: tuple[Node, ...]) -> tuple[Node, ...]:
    count = _count(model)
    return Sum((prior[0], count)), Sum((prior[1], Product((model.size, model.parameters[0])), Negative(count)))


def _beta_geometric(model: Model, prior: tuple[Node, ...]) -> tuple[Node, ...]:
    return Sum((prior[0], model.size)), Sum((prior[1], _count(model), Negative(model.size)))


def _gamma_poisson(model: Model, prior: tuple[Node, ...]) -> tuple[Node, ...]:
    return Sum((prior[0], _count(model))), Sum((prior[1], model.size))


def _gamma_exponential(model: Model, prior: tuple[Node, ...]) -> tuple[Node, ...]:
    return Sum((prior[0], model.size)), Sum((prior[1], _count(model)))


def _normal_normal(model: Model, prior: tuple[Node, ...]) -> tuple[Node, ...]:
    """Precisions add up, and the means are weighted with them."""
    noise = Power(model.parameters[1], TWO)
    spread = Power(prior[1], TWO)
    precision = Sum((Quotient(ONE, spread), Quotient(model.size, noise)))
    weighted = Sum((Quotient(prior[0], spread), Quotient(_count(model), noise)))
    return Quotient(weighted, precision), Quotient(ONE, Root(precision))


@dataclass(frozen=True, slots=True)
class Conjugate:
    """A pair whose posterior is of the prior's family, with the parameters that it has."""

    likelihood: str
    prior: str
    parameters: Parameters
    unknown: int = 0


_ROWS = (
    Conjugate("Bernoulli", "beta", _beta_bernoulli),
    Conjugate("binomial", "beta", _beta_binomial, 1),
    Conjugate("geometric", "beta", _beta_geometric),
    Conjugate("Poisson", "gamma", _gamma_poisson),
    Conjugate("exponential", "gamma", _gamma_exponential),
    Conjugate("normal", "normal", _normal_normal),
)
CONJUGATES: Mapping[tuple[str, str], Conjugate] = {(row.likelihood, row.prior): row for row in _ROWS}
"""Conjugate pairs by the names of both families; ``unknown`` is the place of the parameter that has the prior."""

_SHAPES = frozenset({"first shape", "second shape", "shape"})
_DOMAINS: Mapping[str, frozenset[str]] = {
    "unit interval": frozenset({"(0, 1)"}),
    "positive": frozenset({"positive"}),
    "real": frozenset({"real"}),
}
"""The domains that a parameter with a prior of some support has."""


@dataclass(frozen=True, slots=True)
class Prior:
    """A prior density of one parameter."""

    family: Family
    items: tuple[Node, ...]
    variable: Symbol
    density: Node


def given_prior(model: Model, written: str) -> Prior:
    """The prior. DeriveError for several unknown parameters, and for a prior whose support is not their domain."""
    if len(model.unknown) != 1:
        raise DeriveError("prior: a prior is for one parameter, and there are several to estimate",
                          "give numbers for the others, or name the one in estimate")
    family, items = written_family(written)
    variable = model.unknown[0]
    domain = model.domains.get(variable, "real")
    if domain not in _DOMAINS.get(family.support, frozenset()):
        fitting = ", ".join(f.name for f in FAMILIES.values() if domain in _DOMAINS.get(f.support, frozenset()))
        raise DeriveError(f"prior: the {family.title} lives on {SUPPORTS[family.support].words}, and "
                          f"{text(variable)} is declared {domain}", f"fitting priors: {fitting}")
    used = set(model.domains) | {model.size, model.mean, model.variable}
    clash = next((s for item in items for s in free_symbols(item) if s in used), None)
    if clash is not None:
        raise DeriveError(f"prior: {text(clash)} is used already", r"choose other letters, such as 'beta(a, b)'")
    put_in: dict[Node, Node] = {p.symbol: item for p, item in zip(family.parameters, items, strict=True)}
    density = substitute(substitute(family.formula, put_in), {X: variable})
    if any(numeric(item) is not None for item in items):
        density = simple(density)
    return Prior(family, items, variable, density)


def with_prior(work: Work, prior: Prior) -> None:
    """The log-posterior in place of the log-likelihood, and the posterior's family where it is known."""
    variable = prior.variable
    for parameter, item in zip(prior.family.parameters, prior.items, strict=True):
        if isinstance(item, Symbol):
            shape = parameter.title in _SHAPES
            work.domains.setdefault(item, "(1, inf)" if shape else parameter.domain)
    name = Call("pi", (variable,))
    body = Call("log", (prior.density,))
    steps = through(body, (LOGARITHM_APART, algebra.ARITHMETIC, algebra.SUMS))
    both = Sum((*terms_of(work.body), *terms_of(end_of(body, steps))))
    kept = total([t for t in both.terms if variable in free_symbols(t)])
    start, goal = (Optimum("argmax", n, (variable,)) for n in (both, kept))
    drop = Step(start, goal, "constant term", "What does not depend on the parameter changes no order.",
                level=Level.ARGUMENT)
    work.add(
        Heading(("With a prior",)),
        Paragraph((f"The parameter has a {prior.family.title} as its prior:",)),
        Formula(equals(name, prior.density)),
        Chain(tuple(steps), Call("log", (name,))),
        Paragraph((("By Bayes' rule the posterior density is the likelihood times the prior, divided by a number that "
                   "does not depend on "), variable, (". So the posterior is largest where the sum of the logarithms "
                   "is:"))),
    )
    if kept != both:
        work.add(Chain((drop,)))
    work.add(Formula(equals(called(POSTERIOR, (variable,)), kept), "without constants"))
    work.body, work.name, work.what = kept, POSTERIOR, "log-posterior"
    _family_of_posterior(work, prior)


def _family_of_posterior(work: Work, prior: Prior) -> None:
    """The posterior by its name, for a conjugate pair; a beta or gamma posterior in parameters of its own."""
    items = posterior_items(work.model, prior)
    if items is None:
        return
    shapes = prior.family.support != "real"
    letters: tuple[Node, ...] = tuple(_updated(work, parameter, item) for parameter, item in
                                      zip(prior.family.parameters, prior.items, strict=True)) if shapes else items
    kernel = _kernel(prior, letters)
    pairs = zip(letters, items, strict=True)
    definitions = tuple(Definition(letter, (), item) for letter, item in pairs if isinstance(letter, Symbol))
    told: Paragraph = Paragraph((
        (f"This is the logarithm of a {prior.family.title} again, up to a constant: the prior is conjugate. Its "
        "parameters are "), *listed([*map(_stated, definitions)] or items), "." if shapes else ", since"))
    if shapes:
        step = Step(work.body, kernel, "parameters of the posterior", "Terms with the same logarithm are collected.")
        work.statistics = [d for d in work.statistics if any(d.name in free_symbols(n) for n in (work.body, *items))]
        work.statistics += definitions
        work.add(told, Chain((step,), called(POSTERIOR, (prior.variable,)), definitions))
        work.body = kernel
    else:
        start = Derivative(Sum((work.body, Negative(kernel))), prior.variable, 1, True)
        step = Step(start, ZERO, "differ by a constant", "The derivative of a constant is zero.", level=Level.CALCULUS)
        work.add(told, Chain((step,), None, (work.model.mean_defined,)))
    for parameter, item in zip(prior.family.parameters, items, strict=True):
        work.results.append(Result(f"posterior {parameter.title}", item, shown=False))


def _stated(definition: Definition) -> Node:
    return equals(definition.name, definition.body)


def _updated(work: Work, parameter: Parameter, item: Node) -> Symbol:
    """The letter of a posterior parameter, ``α_n``; a shape is above 1 as the prior's is."""
    base = item if isinstance(item, Symbol) and not item.sub else parameter.symbol
    letter = Symbol(base.name, work.model.size.name)
    known = numeric(item)
    above = parameter.title in _SHAPES and (known is None or known >= 1)
    work.domains[letter] = "(1, inf)" if above else "positive"
    return letter


def _kernel(prior: Prior, items: tuple[Node, ...]) -> Node:
    """The logarithm of a density of the prior's family, without what does not depend on the parameter."""
    put_in: dict[Node, Node] = {p.symbol: item for p, item in zip(prior.family.parameters, items, strict=True)}
    body = Call("log", (substitute(substitute(prior.family.formula, put_in), {X: prior.variable}),))
    whole = end_of(body, through(body, (LOGARITHM_APART, algebra.ARITHMETIC, algebra.SUMS)))
    return total([t for t in terms_of(whole) if prior.variable in free_symbols(t)])


def posterior_items(model: Model, prior: Prior) -> tuple[Node, ...] | None:
    """The parameters of the posterior, where the pair is conjugate."""
    row = CONJUGATES.get((model.family.name if model.family else "", prior.family.name))
    if row is None or model.parameters[row.unknown] != prior.variable:
        return None
    return row.parameters(model, prior.items)


def posterior_with_data(numbers: Numbers, prior: Prior) -> None:
    """The posterior's parameters and its mean in numbers."""
    work = numbers.work
    items = posterior_items(work.model, prior)
    if items is None or any(free_symbols(item) for item in prior.items):
        return
    values = tuple(simple(numbers.put_in(item)) for item in items)
    put_in: dict[Node, Node] = {p.symbol: v for p, v in zip(prior.family.parameters, values, strict=True)}
    mean = simple(substitute(prior.family.mean_formula, put_in))
    work.add(Paragraph((f"The posterior is the {prior.family.title} with the parameters ", *listed(values),
                        "; its mean is ", mean, ".")))
    work.results.append(Result("posterior mean from the data", mean, shown=False))
