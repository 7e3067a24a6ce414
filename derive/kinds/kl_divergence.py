r"""The Kullback-Leibler divergence: of two tables of probabilities term by term, of two named families by derivation.

Both directions, whether they differ, and the unit: nats, bits and base 10 side by side. Tables are the business of
:mod:`derive.kinds._divergence_table`, families that of :mod:`derive.kinds._divergence_named`, normal
distributions of vectors that of :mod:`derive.kinds._divergence_multivariate`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from derive.errors import DeriveError, about
from derive.goals import derivative, end_of
from derive.kinds._divergence_multivariate import is_multivariate, solve_multivariate
from derive.kinds._divergence_table import INDEX, Direction, direction, member_term
from derive.kinds._entropy_exact import BASES, collected, powers_of, scaled, written
from derive.kinds._entropy_given import (
    Distribution,
    as_table,
    is_complete,
    is_named,
    same_length,
    stated,
    table,
)
from derive.kinds._entropy_units import units
from derive.kinds._properties import properties
from derive.kinds._shared import derivative_of
from derive.numeric.value import value_of
from derive.problem import Field, Problem
from derive.steps import (
    Chain,
    Context,
    Definition,
    Derivation,
    Figure,
    Formula,
    Heading,
    Level,
    Paragraph,
    Part,
    Prose,
    Result,
    Status,
    Step,
)
from derive.tree import (
    INFINITY,
    Call,
    Node,
    Number,
    Relation,
    Sum,
    SumOver,
    Symbol,
    free_symbols,
    from_plain,
    numeric,
    total,
)
from derive.verify import verify_step

TITLE = "KL divergence"
SUMMARY = "the Kullback–Leibler divergence in both directions, of tables or of named families, in nats, bits, base 10"

FIELDS = (
    Field("p", "any", "probabilities, a sample, a named family, or mean and covariance", required=True,
          example="['1/2', '1/2']"),
    Field("q", "any", "the same for the second one", required=True, example=r"'Bernoulli(\theta)'"),
    Field("outcomes", "any", "names of the outcomes", default=(), example="['heads', 'tails']"),
    Field("names", "symbols", "how the two are written", default=(Symbol("p"), Symbol("q")),
          example=r"['\hat{p}', 'q']"),
    Field("directions", "choice", "which directions are worked out", default="both", choices=("both", "first")),
    Field("base", "choice", "the unit of the result box; all units are told", default="nats", choices=BASES),
    Field("minimise", "symbol", "a parameter for which the divergence of p from q is least", example=r"'\theta'"),
)


def solve(problem: Problem) -> Derivation:
    """The divergence of the first from the second and, where asked, back.

    DeriveError for what is no distribution, for tables of different lengths, for a family with parameters outside
    their domains, and for a parameter to minimise over that does not occur.
    """
    names = problem.given["names"]
    with about("names"):
        if len(names) != 2:
            raise DeriveError("names: two are needed, one for p and one for q")
    if is_multivariate(problem):
        return solve_multivariate(problem)
    if is_named(problem.given["p"]) and is_named(problem.given["q"]):
        from derive.kinds._divergence_named import solve_named

        return _with_least(problem, solve_named(problem))
    return _of_tables(problem)


def _of_tables(problem: Problem) -> Derivation:
    p, q = _tables(problem)
    domains = {**p.domains, **q.domains, **problem.domains}
    both = problem.given["directions"] == "both" and all(is_complete(d, domains) for d in (p, q))
    context = Context(domains, (*_definitions(p, q), *_definitions(q, p)))
    forth = direction(p, q)
    found = [forth, direction(q, p)] if both else [forth]
    asked: list[Prose] = [(d.quantity.label,) for d in found]
    parts: list[Part] = [Formula(Relation((forth.quantity.label, _definition(p, q)), ("=",)),
                                 "definition; natural logarithm, so in nats")]
    for one in found:
        new = [part for part in one.parts if part not in parts]  # what was remarked once is not remarked again
        parts += [Heading((one.quantity.label,)), *new] if both else new
    results = [r for one in found for r in one.results(problem.given["base"])]
    if both:
        parts += _compared(p, q, found, context)
    parts += units([d.quantity for d in found])
    if problem.given["minimise"] is not None:
        with about("minimise"):
            variable = problem.given["minimise"]
            more, least = _least(variable, (forth.quantity.name, forth.value), _split(forth, variable), domains)
        parts += more
        results += least
        asked.append(("its least value over ", problem.given["minimise"]))
    parts += _figure(p, q, forth)
    return Derivation(problem.title, problem.kind, (stated(p), stated(q)), tuple(asked), tuple(parts), tuple(results),
                      context)


def _tables(problem: Problem) -> tuple[Distribution, Distribution]:
    given, (first, second) = problem.given, problem.given["names"]
    outcomes = given["outcomes"]
    with about("outcomes"):
        if not isinstance(outcomes, list | tuple) or not all(isinstance(o, str) for o in outcomes):
            raise DeriveError("outcomes: expected a list of names in quotes", "outcomes = ['heads', 'tails']")
    if is_named(given["p"]):
        q = table(given["q"], second, "q", outcomes, problem.file, problem.domains)
        return as_table(given["p"], first, "p", q.outcomes), q
    p = table(given["p"], first, "p", outcomes, problem.file, problem.domains)
    if is_named(given["q"]):
        return p, as_table(given["q"], second, "q", p.outcomes)
    q = table(given["q"], second, "q", outcomes, problem.file, problem.domains)
    same_length(p, q)
    return p, q


def _definitions(p: Distribution, other: Distribution) -> tuple[Definition, ...]:
    """What ``p_1`` and so on are, where they are not letters of the problem themselves."""
    members = {d.name for d in p.definitions}
    return p.definitions if members.isdisjoint(p.letters | other.letters) else ()


def _definition(p: Distribution, q: Distribution) -> SumOver:
    return SumOver(member_term(p.name, q.name), INDEX)


# --- both directions -----------------------------------------------------------------------------------


def _compared(p: Distribution, q: Distribution, found: Sequence[Direction], context: Context) -> list[Part]:
    """Whether the two directions have the same value, shown by the exact values."""
    one, other = (d.value for d in found)
    parts: list[Part] = [Heading(("Both directions",))]
    labels = [d.quantity.label for d in found]
    if INFINITY in (one, other):
        text = "Both are infinite." if one == other else "One is infinite, the other is not."
        return [*parts, Paragraph((text,))]
    letters = free_symbols(one) | free_symbols(other)
    if letters or math.isclose(value_of(one), value_of(other)):
        verdict = verify_step(one, other, "=", context)
        if verdict.status is Status.PROVED:
            step = Step(one, other, "equal", "Both exact values are the same.", level=Level.ALGEBRA)
            return [*parts, Chain((step,)), Paragraph(_same(p, q))]
        if letters:
            return [*parts, Paragraph(_differ_somewhere(labels, verdict.witness))]
    sign = ">" if value_of(one) > value_of(other) else "<"
    step = Step(one, other, "compare", "Two different numbers: the divergence is not symmetric.", sign, Level.ALGEBRA)
    return [*parts, Chain((step,)), Paragraph(("The divergence is not symmetric: ", Relation(tuple(labels), ("!=",)),
                                               "."))]


def _same(p: Distribution, q: Distribution) -> Prose:
    if p.probabilities == q.probabilities:
        return ("Both are zero, for ", Relation((p.name, q.name), ("=",)), ".")
    claim = ". So it is not true that both directions differ whenever the two distributions do."
    meant = " That the divergence is not symmetric says only that some pairs differ."
    different = Relation((p.name, q.name), ("!=",))
    return ("Here both directions have the same value although ", different, claim + meant)


def _differ_somewhere(labels: Sequence[Node], witness: object) -> Prose:
    point = getattr(witness, "point", ())
    if not point:
        return ("Whether both directions agree is not decided here.",)
    where: list[str | Node] = []
    for name, value in point:
        where += [", " if where else "", Relation((from_plain(name), Number(value)), ("=",))]
    values = f": there they are {getattr(witness, 'left', '')} and {getattr(witness, 'right', '')}."
    return ("The two differ, for instance at ", *where, values)


# --- the least divergence ------------------------------------------------------------------------------


def _with_least(problem: Problem, done: Derivation) -> Derivation:
    """A derivation about families, with the least value of the first divergence where that is asked for."""
    variable = problem.given["minimise"]
    if variable is None:
        return done
    first = next(r for r in done.results if r.name.endswith("in nats"))
    assert isinstance(first.value, Node)
    with about("minimise"):
        more, least = _least(variable, (first.name, first.value), None, done.context.domains)
    asked: Prose = ("its least value over ", variable)
    return replace(done, asked=(*done.asked, asked), parts=(*done.parts, *more), results=(*done.results, *least))


def _least(
    variable: Symbol, named: tuple[str, Node], split: Node | None, domains: Mapping[Symbol, str]
) -> tuple[list[Part], list[Result]]:
    """Where a divergence (``named`` and its value) is least over a parameter: derivative, its zero, second derivative.

    ``split`` is the same value with what does not depend on the parameter set apart, where that is known.
    """
    from derive.write.text import text

    name, value = named
    if variable not in free_symbols(value):
        raise DeriveError(f"minimise: {text(variable)} does not occur in {name}",
                          "name a letter of the probabilities, or a parameter")
    function = Definition(Symbol("D"), (variable,), value)
    opening: list[Part] = []
    if split is not None:
        function = Definition(Symbol("D"), (variable,), split)
        step = Step(value, split, "logarithm of a quotient", "What does not depend on the parameter is set "
                    "apart.", level=Level.ALGEBRA)
        opening = [Chain((step,), Call("D", (variable,)))]
    start = derivative_of(function.body, variable)
    steps = derivative(start)
    first = Chain(tuple(steps), Call("D", (variable,), 1))
    forms = [function.body, end_of(start, steps)]
    parts, results = _collected(*properties(function, variable, ["extrema"], forms, domains)[:2])
    told = Paragraph(("As a function of ", variable, " the divergence is written ", Call("D", (variable,)), "."))
    heading = Heading(("The least divergence",))
    return [heading, told, *opening, first, *parts[1:]], results


def _collected(parts: list[Part], results: list[Result]) -> tuple[list[Part], list[Result]]:
    """The least value with its logarithms collected, where that makes it shorter."""
    least = results[-1] if results else None
    if least is None or not isinstance(least.value, Sum) or least.label is None:
        return parts, results
    steps = collected(least.value, least.value.terms)
    if not steps:
        return parts, results
    return [*parts, Chain(tuple(steps), least.label)], [*results[:-1], replace(least, value=steps[-1].after)]


def _split(found: Direction, variable: Symbol) -> Node | None:
    """The divergence as minus the entropy plus the cross-entropy; None where p depends on the parameter or has letters.
    """
    fixed: list[tuple[Fraction, Fraction]] = []
    moving: list[Node] = []
    for term in found.terms:
        p, q = numeric(term.p), numeric(term.q)
        if p is None:
            return None
        if p and q is not None:
            fixed.append((p, p / q))
        elif p:
            fixed.append((p, p))
            moving.append(scaled(-p, Call("log", (term.q,))))
    constant = written(powers_of(fixed))
    if constant is None or not moving:
        return None
    return total([*moving, *(constant.terms if isinstance(constant, Sum) else (constant,))])


# --- figure ---------------------------------------------------------------------------------------------


def _figure(p: Distribution, q: Distribution, forth: Direction) -> list[Part]:
    if p.letters | q.letters:
        return []
    from derive.figures.distributions_plot import describe
    from derive.write.text import text

    data = {
        "bars": [[value_of(u) for u in d.probabilities] for d in (p, q)],
        "labels": [p.name, q.name],
        "outcomes": [o if isinstance(o, str) else text(o) for o in p.outcomes],
        "terms": [math.inf if t.value == INFINITY else value_of(t.value) for t in forth.terms],
        "sum": "contribution",
    }
    caption: Prose = ("The probabilities of ", p.name, " and ", q.name, ", and below what each outcome adds to ",
                      forth.quantity.label, ".")
    return [Figure("distributions_plot", data, caption, describe(data), "distributions")]
