r"""Entropy, cross-entropy, conditional entropy, mutual information, perplexity; of tables and of named families.

Natural logarithms throughout, so quantities are in nats; bits and base 10 are told beside them. One of four is given:
``p`` alone (its entropy), ``p`` and ``q`` (cross-entropy), ``joint`` (a table of two quantities), ``assigned`` (the
probabilities that a model gave to what happened).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from derive.errors import DeriveError, about
from derive.kinds._entropy_exact import BASES, Quantity
from derive.kinds._entropy_given import (
    Distribution,
    as_table,
    is_named,
    probability,
    same_length,
    stated,
    table,
)
from derive.kinds._entropy_joint import joint, joint_table
from derive.kinds._entropy_joint import stated as stated_joint
from derive.kinds._entropy_tables import assigned, cross_entropy, decomposition, perplexity
from derive.kinds._entropy_units import units
from derive.numeric.value import value_of
from derive.problem import Field, Problem
from derive.read.fields import type_name
from derive.steps import Context, Derivation, Figure, Heading, Part, Prose, Result
from derive.tree import E, Node, Power, Relation, Symbol, Vector, free_symbols, numeric
from derive.write.text import text

SUMMARY = "entropy, cross-entropy, conditional entropy, mutual information and perplexity, in nats, bits and base 10"

FIELDS = (
    Field("p", "any", "probabilities, a sample, or a named family", example="['1/2', '1/4', '1/4']"),
    Field("q", "any", "a second one, for the cross-entropy", example=r"'Bernoulli(\theta)'"),
    Field("joint", "any", "the joint probabilities of two quantities, row by row",
          example="[['1/2', '0'], ['1/4', '1/4']]"),
    Field("assigned", "any", "what a model gave to the outcomes that happened", example="[0.9, 0.6, 0.2]"),
    Field("outcomes", "any", "names of the outcomes", default=(), example="['heads', 'tails']"),
    Field("rows", "any", "names of the rows of a joint table", default=(), example="['dry', 'wet']"),
    Field("columns", "any", "names of its columns", default=(), example="['sun', 'clouds']"),
    Field("names", "symbols", "how the two are written", default=(Symbol("p"), Symbol("q")),
          example=r"['\hat{p}', 'q']"),
    Field("base", "choice", "the unit told first in the result box", default="nats", choices=BASES),
)


def solve(problem: Problem) -> Derivation:
    """The quantities of what is given. DeriveError for nothing or too much given, and for what is no distribution."""
    given = problem.given
    present = [key for key in ("p", "joint", "assigned") if given[key] is not None]
    if len(present) != 1 or (given["q"] is not None and present != ["p"]):
        raise DeriveError("an entropy needs p (with q for a cross-entropy), or joint, or assigned; one of the three",
                          "p = ['1/2', '1/2']")
    with about("names"):
        if len(given["names"]) != 2:
            raise DeriveError("names: two are needed, one for p and one for q")
    match present[0]:
        case "joint":
            return _of_joint(problem)
        case "assigned":
            return _of_assigned(problem)
    if is_named(given["p"]) and (given["q"] is None or is_named(given["q"])):
        from derive.kinds._entropy_named import solve_named

        return solve_named(problem)
    return _of_tables(problem)


def _names(value: Any, key: str) -> tuple[str, ...]:
    with about(key):
        if not isinstance(value, list | tuple) or not all(isinstance(o, str) for o in value):
            raise DeriveError(f"{key}: expected a list of names in quotes, found {type_name(value)}")
        return tuple(value)


def _of_tables(problem: Problem) -> Derivation:
    given, (first, second) = problem.given, problem.given["names"]
    p, q = _tables(problem, _names(given["outcomes"], "outcomes"), first, second)
    domains = {**p.domains, **(q.domains if q else {}), **problem.domains}
    own = cross_entropy(p)
    parts: list[Part] = [*([Heading((own.quantity.label,))] if q else []), *own.parts]
    found = [own.quantity]
    if q is not None:
        cross = cross_entropy(p, q)
        parts += [Heading((cross.quantity.label,)), *cross.parts]
        found.append(cross.quantity)
        gap = decomposition(p, q, own.quantity, cross.quantity)
        parts += gap.parts if gap else []
        found += [gap.quantity] if gap else []
    results = [r for one in found for r in one.results(given["base"])]
    asked: list[Prose] = [(one.label,) for one in found]
    last = found[1] if q is not None else found[0]
    _add_perplexity(last, parts, results)
    parts += units(found)
    parts += _figure(p, q)
    definitions = (*_definitions(p, q), *(_definitions(q, p) if q else ()))
    said = (stated(p), stated(q)) if q is not None else (stated(p),)
    return Derivation(problem.title, problem.kind, said, tuple(asked), tuple(parts), tuple(results),
                      Context(domains, definitions))


def _tables(problem: Problem, outcomes: tuple[str, ...], first: Symbol,
            second: Symbol) -> tuple[Distribution, Distribution | None]:
    given, file, domains = problem.given, problem.file, problem.domains
    if given["q"] is None:
        return table(given["p"], first, "p", outcomes, file, domains), None
    if is_named(given["p"]):
        q = table(given["q"], second, "q", outcomes, file, domains)
        return as_table(given["p"], first, "p", q.outcomes), q
    p = table(given["p"], first, "p", outcomes, file, domains)
    if is_named(given["q"]):
        return p, as_table(given["q"], second, "q", p.outcomes)
    q = table(given["q"], second, "q", outcomes, file, domains)
    same_length(p, q)
    return p, q


def _definitions(p: Distribution, other: Distribution | None) -> tuple[Any, ...]:
    letters = p.letters | (other.letters if other else frozenset())
    return p.definitions if {d.name for d in p.definitions}.isdisjoint(letters) else ()


def _add_perplexity(quantity: Quantity, parts: list[Part], results: list[Result]) -> None:
    found = perplexity(quantity)
    if found is None:
        return
    parts += [Heading(("Perplexity",)), *found[0]]
    results.append(Result("perplexity", found[1], Power(E, quantity.label)))


def _of_joint(problem: Problem) -> Derivation:
    given = problem.given
    rows, columns = (_names(given[key], key) for key in ("rows", "columns"))
    with about("joint"):
        found = joint_table(given["joint"], rows, columns, problem.domains)
    told = joint(found)
    told_first = f"in {given['base']}"
    results = [replace(r, shown=r.name.endswith(told_first)) for one in told.quantities for r in
               one.results(given["base"])]
    asked: tuple[Prose, ...] = tuple((one.label,) for one in told.quantities)
    parts = [*told.parts, *units(told.quantities)]
    return Derivation(problem.title, problem.kind, (stated_joint(found),), asked, tuple(parts), tuple(results),
                      Context(problem.domains))


def _of_assigned(problem: Problem) -> Derivation:
    with about("assigned"):
        items = _assigned(problem.given["assigned"], problem.domains)
    found = assigned(items)
    parts, results = list(found.parts), found.quantity.results(problem.given["base"])
    _add_perplexity(found.quantity, parts, results)
    parts += units([found.quantity])
    said: tuple[Prose, ...] = (("what the model gave to the outcomes: ",
                                Relation((Symbol("q"), Vector(tuple(items))), ("=",))),)
    return Derivation(problem.title, problem.kind, said, (("the mean cross-entropy and the perplexity",),),
                      tuple(parts), tuple(results), Context(problem.domains))


def _assigned(given: Any, domains: Mapping[Symbol, str]) -> list[Node]:
    """The probabilities that a model gave."""
    if not isinstance(given, list) or not given:
        raise DeriveError("assigned: expected a list of probabilities, with one for every case",
                          "assigned = [0.9, 0.6, 0.2]")
    items = [probability(item, f"assigned: item {k}", domains) for k, item in enumerate(given, 1)]
    if any(numeric(item) is None for item in items):
        raise DeriveError("assigned: the probabilities are numbers")
    return items


def _figure(p: Distribution, q: Distribution | None) -> list[Part]:
    shown = [d for d in (p, q) if d is not None]
    if any(free_symbols(u) for d in shown for u in d.probabilities):
        return []
    from derive.figures.distributions_plot import describe

    data = {
        "bars": [[value_of(u) for u in d.probabilities] for d in shown],
        "labels": [d.name for d in shown],
        "outcomes": [o if isinstance(o, str) else text(o) for o in p.outcomes],
    }
    caption: Prose = ("The probabilities of ", p.name, *((" and ", q.name) if q else ()), ".")
    return [Figure("distributions_plot", data, caption, describe(data), "distributions")]
