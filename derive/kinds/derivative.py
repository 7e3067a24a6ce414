r"""Derivatives of a function of one variable: any order, to a requested form, with values and properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from derive.errors import DeriveError, MathError
from derive.goals import derivative, end_of, in_terms_of, undifferentiated
from derive.kinds._properties import PROPERTIES, properties
from derive.kinds._shared import (
    applied,
    context_of,
    defined_at,
    derivative_of,
    leg_parts,
    route,
    stated,
    value_steps,
)
from derive.limits import DERIVATIVE_ORDER
from derive.problem import Field, Problem
from derive.rules.calculus import CALCULUS
from derive.solving import interval
from derive.steps import (
    Chain,
    Definition,
    Derivation,
    Figure,
    Heading,
    Paragraph,
    Part,
    Prose,
    Result,
    Step,
)
from derive.tree import Call, Node, Relation, Symbol, free_symbols
from derive.write.text import text

SUMMARY = "derivative of a function of one variable, in named steps"

FIELDS = (
    Field("function", "function", "the function to differentiate", required=True,
          example=r"'f(x) = \frac{1}{1+e^{-x}}'"),
    Field("variable", "symbol", "the variable; the function's first one when not given", example="'x'"),
    Field("order", "integer", "how many times to differentiate", default=1, least=1, most=DERIVATIVE_ORDER,
          example="1"),
    Field("to", "formula", "the form in which the (last) derivative is wanted",
          example=r"'\sigma(x)(1-\sigma(x))'"),
    Field("in_terms_of", "formulas", "functions in which the derivative is to be written",
          example=r"['\sigma(x)']"),
    Field("at", "numbers", "points at which the derivatives are evaluated", default=(), example="[0, 1]"),
    Field("properties", "choices_list", "what to find out about the function", default=(),
          choices=tuple(PROPERTIES), example='["extrema", "symmetry"]'),
    Field("figure", "boolean", "whether to draw the function and its derivative", default=True, example="true"),
)


def solve(problem: Problem) -> Derivation:
    """The derivation: one chain a derivative, then the form, the values and the properties asked for."""
    given = problem.given
    function: Definition = given["function"]
    variable = _variable(function, given.get("variable"))
    function = Definition(function.name, (variable,), function.body)
    parts, results, forms = _orders(function, variable, given["order"])
    last, more = _asked_form(function, forms[-1], given)
    parts += more
    if more:
        forms[-1] = last
        results[-1] = replace(results[-1], shown=False)
        results.append(Result(f"{_name(function, given['order'])} in the asked form", last,
                              applied(function, given["order"])))
    value_parts, value_results = _values(function, variable, forms, given["at"])
    property_parts, property_results, marks = properties(
        function, variable, given["properties"], forms, problem.domains
    )
    parts += value_parts + property_parts
    if given["figure"] and not free_symbols(function.body) - {variable}:
        domain = problem.domains.get(variable, "real")
        parts.append(_figure(function, variable, forms, given["at"], marks, domain))
    return Derivation(
        problem.title, problem.kind, _given(function), _asked(function, given), tuple(parts),
        (*results, *value_results, *property_results), context_of(dict(problem.domains), function),
    )


def _variable(function: Definition, asked: Symbol | None) -> Symbol:
    """The variable asked for, else the function's only one; x for a constant."""
    known = function.parameters or tuple(sorted(free_symbols(function.body), key=lambda s: s.plain))
    if asked is not None:
        return asked
    if len(known) > 1:
        names = ", ".join(s.plain for s in known)
        raise DeriveError(
            f"the function has several variables ({names})",
            "name one with variable = '…', or use kind = \"gradient\"",
        )
    return known[0] if known else Symbol("x")


def _given(function: Definition) -> tuple[Prose, ...]:
    return ((stated(function),),)


def _asked(function: Definition, given: Mapping[str, Any]) -> tuple[Prose, ...]:
    order, points = given["order"], given["at"]
    asked: list[Prose] = [("the derivative " if order == 1 else "the derivatives up to ", applied(function, order))]
    if given.get("to") is not None:
        asked[0] = (*asked[0], " in the form ", given["to"])
    if points:
        asked.append(("the values at ", *_listed(function.parameters[0], points)))
    if given["properties"]:
        asked.append((", ".join(PROPERTIES[p].title for p in given["properties"]),))
    return tuple(asked)


def _listed(variable: Symbol, points: Sequence[Node]) -> Prose:
    prose: list[str | Node] = []
    for point in points:
        prose += [", "] if prose else []
        prose.append(Relation((variable, point), ("=",)))
    return tuple(prose)


def _name(function: Definition, order: int) -> str:
    primes = "'" * order if order <= 3 else f"^({order})"
    return f"{function.name.plain}{primes}({function.parameters[0].plain})"


def _orders(function: Definition, variable: Symbol, order: int) -> tuple[list[Part], list[Result], list[Node]]:
    """A chain for each derivative up to the order; also the function itself and its derivatives as expressions."""
    parts: list[Part] = []
    results: list[Result] = []
    forms: list[Node] = [function.body]
    for n in range(1, order + 1):
        start = derivative_of(forms[-1], variable)
        steps = derivative(start)
        forms.append(end_of(start, steps))
        if undifferentiated(forms[-1]):
            raise DeriveError("no rule differentiates a part of this function", "write the part with known functions")
        if order > 1:
            parts.append(Heading((_ORDINALS.get(n, f"{n}th") + " derivative",)))
        parts += [Chain(tuple(steps), applied(function, n)), *_exceptions(steps)]
        results.append(Result(_name(function, n), forms[-1], applied(function, n)))
    return parts, results, forms


_ORDINALS = {1: "First", 2: "Second", 3: "Third"}
_CONDITIONS = {rule.name: rule.kink for rule in CALCULUS if rule.kink}


def _exceptions(steps: Sequence[Step]) -> list[Part]:
    """A remark where a rule that was used has points at which it does not hold."""
    names = dict.fromkeys(f.rule for s in steps for f in (s.steps or (s,)))
    kinks = [(name, _CONDITIONS[name]) for name in names if name in _CONDITIONS]
    return [Paragraph((_KINK.format(*kink),), remark=True) for kink in kinks]


_KINK = (
    "The rule “{}” does not hold {}: there the two one-sided derivatives may differ, and then the function is not "
    "differentiable. Programs use a subgradient at such a point, by convention the value 0; any number between the two "
    "one-sided derivatives is one."
)


def _asked_form(function: Definition, node: Node, given: Mapping[str, Any]) -> tuple[Node, list[Part]]:
    """The derivative in the target form and in terms of the asked functions, with the parts that lead there."""
    parts: list[Part] = []
    left = applied(function, given["order"])
    for call in given.get("in_terms_of") or ():
        written = in_terms_of(node, call) if isinstance(call, Call) else None
        if written is None:
            hint = "" if isinstance(call, Call) else "name a function with its argument, such as \\sigma(x)"
            raise DeriveError(f"the derivative cannot be written with {text(call)} alone", hint)
        parts += leg_parts(written, left)
        node = written.value
    target = given.get("to")
    if target is not None and target != node:
        legs = route(node, target)
        parts += [part for i, leg in enumerate(legs) for part in leg_parts(leg, left if i == 0 else None)]
        node = target
    return node, parts


def _values(
    function: Definition, variable: Symbol, forms: Sequence[Node], points: Sequence[Node]
) -> tuple[list[Part], list[Result]]:
    parts: list[Part] = []
    results: list[Result] = []
    if points:
        parts.append(Heading(("Values",)))
    for point in points:
        for n, form in enumerate(forms):
            left = Call(function.name.plain, (point,), n)
            if n and not _has_value(form, variable, point):
                parts.append(Paragraph(("There is no value ", left, ": the formula for it does not hold there.")))
                continue
            steps = value_steps(form, [(variable, point)])
            parts.append(Chain(tuple(steps), left))
            name = _name(function, n).replace(f"({variable.plain})", f"({text(point)})")
            results.append(Result(name, end_of(form, steps), left, shown=n > 0))
    return parts, results


def _has_value(form: Node, variable: Symbol, point: Node) -> bool:
    """Whether a derivative's formula gives a value at a point; a kink has none although the function has."""
    try:
        defined_at(form, [(variable, point)])
    except MathError:
        return False
    return True


def _figure(
    function: Definition,
    variable: Symbol,
    forms: Sequence[Node],
    points: Sequence[Node],
    marks: Sequence[object],
    domain: str,
) -> Figure:
    shown = [0, 1] if len(forms) == 2 else range(min(len(forms), 4))
    curves = [{"node": forms[n], "label": applied(function, n), **({"of": forms[0]} if n else {})} for n in shown]
    marked = _marks(forms[0], variable, points, marks)
    data = {"curves": curves, "variable": variable, "range": _range(domain), "points": marked}
    from derive.figures.function_plot import describe

    names: list[str | Node] = []
    for n in shown:
        names += [" and " if n == shown[-1] else ", "] if names else []
        names.append(applied(function, n))
    return Figure("function_plot", data, ("The graphs of ", *names, "."), describe(data), "graph")


def _range(domain: str) -> list[float] | None:
    """The ends of a declared interval; None lets the picture choose."""
    ends = interval(domain)
    return [float(end) for end in ends] if ends else None


def _marks(
    body: Node, variable: Symbol, points: Sequence[Node], marks: Sequence[object]
) -> list[object]:
    from derive.numeric.value import value_of

    values = [(value_of(p), p) for p in points]
    return [*marks, *({"x": x, "y": value_of(body, {variable: x}), "label": ""} for x, _ in values)]
