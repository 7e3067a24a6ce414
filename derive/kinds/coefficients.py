r"""A network matched to a linear (or generalised linear) model: which coefficients its weights amount to.

The units are put into one another from the output down, the result is multiplied out and collected by the variables,
and compared with the model term by term. Linear units give a linear model again; an activation at the output alone
gives a generalised linear model (logistic regression with a sigmoid); one on a hidden unit is refused by name. With
``activations`` the units are given without any, and those that make the network the model are found first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derive.errors import DeriveError, about
from derive.goals import PLAIN, end_of, simple, through
from derive.kinds._activation_search import WORDS, result, search, told
from derive.kinds._shared import context_of, leg_parts, route
from derive.problem import Field, Problem
from derive.rules import algebra
from derive.steps import Chain, Definition, Derivation, Formula, Heading, Level, Paragraph, Part, Prose, Result, Step
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Negative,
    Node,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    free_symbols,
    substitute,
)
from derive.write.text import text

SUMMARY = "the coefficients of a linear or logistic model that a network amounts to"

FIELDS = (
    Field("units", "formulas", "the units in order, the output last", required=True,
          example=r"['z_1 = w_1 X_1 + w_3 X_2', 'z_2 = w_2 X_1 + w_4 X_2', '\hat{y} = w_5 z_1 + w_6 z_2']"),
    Field("model", "formula", "the model, with a coefficient for each variable", required=True,
          example=r"'\beta_1 X_1 + \beta_2 X_2'"),
    Field("activations", "choices_list", "activations to be tried on every unit; the units are given without",
          default=(), choices=tuple(WORDS), example="['linear', 'sigmoid']"),
    Field("variables", "formulas", "the variables by which to collect", required=True, example="['X_1', 'X_2']"),
)


@dataclass(frozen=True, slots=True)
class _Output:
    """A linear expression and the activation around it, ``""`` where there is none."""

    inside: Node
    activation: str

    def around(self, node: Node) -> Node:
        """The activation of another expression."""
        return Call(self.activation, (node,)) if self.activation else node


def solve(problem: Problem) -> Derivation:
    """Substitute, multiply out, collect, compare; one result for each coefficient and one for the output.

    DeriveError when a hidden unit is not linear, when the activations of network and model differ, or when the
    network has a term for which the model has no coefficient; errors of the search as in
    :func:`derive.kinds._activation_search.search`.
    """
    given = problem.given
    with about("variables"):
        variables = _variables(given["variables"])
    with about("units"):
        sums = _units(given["units"], variables)
    model = _opened(given["model"])
    parts: list[Part] = []
    results: list[Result] = []
    networks = [sums]
    if given["activations"]:
        names = _model_coefficients(model.inside, variables)
        with about("activations"):
            tried = search(sums, given["activations"], variables, model.activation,
                           lambda units: _match(units, model, variables, names))
        parts += told(sums, tried, given["model"])
        fitting = [a for a in tried if not a.because]
        results += [result(sums, a) for a in fitting]
        networks = [a.units for a in fitting[:1]]
    for units in networks:
        with about("units"):
            match = _match(units, model, variables)
        parts += [*_told(units, match), *_compared(units, model, match)]
        results += [Result(m.name.plain, m.body, m.name) for m in match.coefficients]
        whole = match.output.around(match.composed[-1])
        results.append(Result(units[-1].name.plain, whole, units[-1].name, shown=False))
    hidden = networks[0][:-1] if networks else ()
    return Derivation(
        problem.title, problem.kind, tuple((_equation(u),) for u in sums), _asked(given), tuple(parts), tuple(results),
        context_of(dict(problem.domains), *hidden),
    )


@dataclass(frozen=True)
class _Match:
    """A network that is the model: the output with unit after unit put in, multiplied out in steps, by variable."""

    output: _Output
    composed: list[Node]
    expanded: Node
    steps: list[Step]
    found: dict[Symbol | None, Node]
    coefficients: list[Definition]


def _match(
    units: Sequence[Definition], model: _Output, variables: Sequence[Symbol],
    names: Mapping[Symbol | None, Symbol] | None = None,
) -> _Match:
    """The match; DeriveError where the network is not the model."""
    output = _opened(units[-1].body)
    _same_activation(output, model)
    _all_linear([*units[:-1], Definition(units[-1].name, (), output.inside)], variables)
    if names is None:
        names = _model_coefficients(model.inside, variables)
    composed = _composed(output.inside, units[:-1])
    expanded, steps = _expanded(composed)
    found = _by_variable(expanded, variables)
    return _Match(output, composed, expanded, steps, found, _matched(names, found))


def _asked(given: Mapping[str, Any]) -> tuple[Prose, ...]:
    coefficients: Prose = ("the coefficients of the model ", given["model"])
    if not given["activations"]:
        return (coefficients,)
    words = " or ".join(given["activations"])
    search_ = f"for each unit an activation, {words}, with which the network is the model "
    return (search_, given["model"]), coefficients


# --- what is given ----------------------------------------------------------------------------------


def _variables(given: Iterable[Node]) -> tuple[Symbol, ...]:
    found = tuple(given)
    symbols = tuple(v for v in found if isinstance(v, Symbol))
    if not symbols or len(symbols) != len(found) or len(set(symbols)) != len(symbols):
        raise DeriveError("the variables must be different letters", "write variables = ['X_1', 'X_2']")
    return symbols


def _units(given: Sequence[Node], variables: Sequence[Symbol]) -> tuple[Definition, ...]:
    """The units as definitions; each may use only those before it."""
    units: list[Definition] = []
    for node in given:
        match node:
            case Relation((Symbol() as name, body), ("=",)):
                units.append(Definition(name, (), body))
            case _:
                raise DeriveError(f"{text(node)} does not define a unit", "write 'z_1 = w_1 X_1 + w_2 X_2'")
    if not units:
        raise DeriveError("there are no units", "name at least the output: units = ['y = w_1 X_1']")
    for i, unit in enumerate(units):
        later = {u.name for u in units[i:]} & free_symbols(unit.body)
        if later:
            raise DeriveError(f"the unit {text(unit.name)} uses {text(min(later, key=lambda s: s.plain))}, "
                              "which is defined by it or after it", "order the units from input to output")
        if unit.name in variables or unit.name in {u.name for u in units[:i]}:
            raise DeriveError(f"the name {text(unit.name)} is given twice", "give each unit its own letter")
    return tuple(units)


def _opened(node: Node) -> _Output:
    match node:
        case Call(name, (inside,), 0):
            return _Output(inside, name)
    return _Output(node, "")


def _same_activation(output: _Output, model: _Output) -> None:
    if output.activation != model.activation:
        ends, wants = (o.activation or "no activation" for o in (output, model))
        raise DeriveError(f"the network ends with {ends}, the model with {wants}", "give both the same last function")


def _all_linear(units: Sequence[Definition], variables: Sequence[Symbol]) -> None:
    """DeriveError that names the first unit which is no linear function of what depends on the variables."""
    varying = set(variables)
    for unit in units:
        if not _linear(unit.body, varying):
            raise DeriveError(
                f"the unit {text(unit.name)} = {text(unit.body)} is not linear, so the network is no linear model",
                "make every hidden unit linear; only the output may have an activation",
            )
        if free_symbols(unit.body) & varying:
            varying.add(unit.name)


def _linear(node: Node, varying: set[Symbol]) -> bool:
    if not free_symbols(node) & varying:
        return True
    match node:
        case Symbol():
            return True
        case Negative(inside):
            return _linear(inside, varying)
        case Sum(terms):
            return all(_linear(t, varying) for t in terms)
        case Quotient(top, bottom):
            return not free_symbols(bottom) & varying and _linear(top, varying)
        case Product(factors):
            dependent = [f for f in factors if free_symbols(f) & varying]
            return len(dependent) == 1 and _linear(dependent[0], varying)
    return False


# --- coefficients -----------------------------------------------------------------------------------


def _by_variable(node: Node, variables: Sequence[Symbol]) -> dict[Symbol | None, Node]:
    """The coefficient of each variable, and under None the terms without any; the node is multiplied out."""
    collected: dict[Symbol | None, list[Node]] = {}
    for term in node.terms if isinstance(node, Sum) else (node,):
        present = [v for v in variables if v in free_symbols(term)]
        if len(present) > 1:
            raise DeriveError(f"the term {text(term)} has several variables", "the network must be linear in them")
        variable = present[0] if present else None
        coefficient = term if variable is None else simple(substitute(term, {variable: ONE}))
        collected.setdefault(variable, []).append(coefficient)
    sums = {v: terms[0] if len(terms) == 1 else Sum(tuple(terms)) for v, terms in collected.items()}
    return {v: sums[v] for v in (*variables, None) if v in sums and sums[v] != ZERO}


@about("model")
def _model_coefficients(model: Node, variables: Sequence[Symbol]) -> dict[Symbol | None, Symbol]:
    if isinstance(model, Relation):
        raise DeriveError(f"the model {text(model)} is a relation", "give its right side alone")
    if not _linear(model, set(variables)):
        hint = r"write '\beta_1 X_1 + \beta_2 X_2'"
        raise DeriveError(f"the model {text(model)} is not linear in the variables", hint)
    names: dict[Symbol | None, Symbol] = {}
    for variable, coefficient in _by_variable(model, variables).items():
        if not isinstance(coefficient, Symbol) or coefficient in names.values():
            raise DeriveError(f"{text(coefficient)} is not a coefficient of its own",
                              "give each variable of the model one letter as its coefficient")
        names[variable] = coefficient
    return names


def _matched(names: Mapping[Symbol | None, Symbol], found: Mapping[Symbol | None, Node]) -> list[Definition]:
    """Each coefficient of the model with what stands in its place in the network; zero where nothing does."""
    for variable, node in found.items():
        if variable not in names:
            what = f"{text(node)} times {text(variable)}" if variable else f"the constant term {text(node)}"
            raise DeriveError(f"the network has {what}, the model nothing of the kind", "add a coefficient for it")
    return [Definition(name, (), found.get(variable, ZERO)) for variable, name in names.items()]


# --- the derivation ---------------------------------------------------------------------------------


def _composed(inside: Node, hidden: Sequence[Definition]) -> list[Node]:
    """The output, then with one unit after another put in, from the last to the first."""
    forms = [inside]
    for unit in reversed(hidden):
        put = substitute(forms[-1], {unit.name: unit.body})
        if put != forms[-1]:
            forms.append(put)
    return forms


def _expanded(composed: Sequence[Node]) -> tuple[Node, list[Step]]:
    steps = through(composed[-1], (*PLAIN, algebra.EXPAND))
    return end_of(composed[-1], steps), steps


def _told(units: Sequence[Definition], match: _Match) -> list[Part]:
    put = [Step(a, b, "put in a unit", "The unit's formula for its letter.")
           for a, b in itertools.pairwise(match.composed)]
    left = None if match.output.activation else units[-1].name
    opening: Prose = ("Every unit is put into the output and the result is multiplied out.",)
    if match.output.activation:
        opening = (("The activation of the output stays outside. In what it is applied to, every unit is put in and "
                   "the result is multiplied out."),)
    parts: list[Part] = [Heading(("The network as one formula",)), Paragraph(opening)]
    lines = (*put, *match.steps)
    return [*parts, Chain(lines, left)] if lines else parts


def _compared(units: Sequence[Definition], model: _Output, match: _Match) -> list[Part]:
    """Collected by the variables, then term by term the model's."""
    found, output = match.found, match.output
    terms = tuple(c if v is None else v if c == ONE else Product((c, v)) for v, c in found.items())
    collected = terms[0] if len(terms) == 1 else Sum(terms) if terms else ZERO
    parts: list[Part] = [Heading(("Comparison with the model",))]
    if collected != match.expanded:
        parts += [p for leg in route(match.expanded, collected) for p in leg_parts(leg)]
    parts.append(Paragraph(("This has the form of the model when the coefficients are",)))
    parts += [Formula(_equation(m)) for m in match.coefficients]
    whole = Step(output.around(collected), output.around(model.inside), "compare coefficients",
                 "With these names for the coefficients.", level=Level.ALGEBRA)
    parts.append(Chain((whole,), units[-1].name, tuple(match.coefficients)))
    return [*parts, Paragraph(_conclusion(output))]


def _conclusion(output: _Output) -> Prose:
    match output.activation:
        case "":
            return (("All units are linear, so the network is a linear regression: the hidden units add weights, but "
                    "no new functions."),)
        case "sigma":
            return (("The hidden units are linear and the output is a sigmoid, so the network is a logistic "
                    "regression: its output is the probability of the class 1."),)
    return (("The hidden units are linear and only the output has an activation, so the network is a generalised "
            "linear model."),)


def _equation(definition: Definition) -> Relation:
    return Relation((definition.name, definition.body), ("=",))
