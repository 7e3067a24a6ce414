"""Optima of sums with one term for every member of a family, under one linear constraint, for every length.

``p = argmax sum phi(p_k)`` over ``sum psi(p_k) = c`` beside an equation for every member and the constraint: by a
member only one term of each sum depends, so ``phi'(p_j) - m psi'(p_j) = 0`` says for every j what the multipliers do,
whatever the length is, and the function is strictly convex where phi is. Called by :mod:`multipliers`, whose argument
this is with a Hessian that is diagonal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from derive.declarations import declaration
from derive.steps import Context, Status, Verdict
from derive.tree import (
    ONE,
    ZERO,
    Indexed,
    Negative,
    Node,
    Optimum,
    Relation,
    Sum,
    SumOver,
    Symbol,
    free_symbols,
    map_children,
    number,
    substitute,
    times,
    walk,
)
from derive.verify.inequality import inequality
from derive.verify.meaning import Meaning
from derive.verify.signals import Clock
from derive.verify.systems import derivative, reduced, relations

EXISTS = "there is an optimum"
"""What a necessary condition of an optimum needs to say anything, where the function is not strictly convex."""
Equivalent = Callable[[Node, Node], Verdict]


def separable(
    optimum: Optimum, other: Node, onward: bool, back: bool, context: Context, clock: Clock, equivalent: Equivalent,
    scales: Sequence[Fraction],
) -> Verdict | None:  # fmt: skip
    """A proof that the optimum satisfies the equations (onward) and that what satisfies them is the optimum (back).

    None where the sums or the equations are not of this form, or where nothing is shown. A multiplier may be any of
    the ``scales`` times the author's.
    """
    terms = _terms(optimum)
    statements = relations(other)
    if terms is None or len(statements) != 2:
        return None
    gain, load, constraint = terms
    letters = free_symbols(other) - free_symbols(optimum) - {optimum.variables[0]}
    index, multiplier = _letters(statements, optimum.variables[0], letters)
    slopes = _slopes(optimum, gain, load, context, clock)
    if index is None or multiplier is None or slopes is None or (back and not slopes[2]):
        return None
    for scale in scales:
        pull = times([number(scale), multiplier, slopes[1]])
        stationary = Relation((_at(Sum((slopes[0], Negative(pull))), optimum.variables[0], index), ZERO), ("=",))
        for mine, rest in (statements, statements[::-1]):
            found = [equivalent(mine, stationary), equivalent(rest, constraint)]
            if all(v.status is Status.PROVED for v in found):
                method = "Lagrange multipliers" if onward else "strictly convex, linear constraints"
                needed = () if slopes[2] else (EXISTS,)
                return replace(found[0], method=method, detail="", condition=(*found[0].condition, *needed))
    return None


_MEMBER, _PLACE = Symbol("the member"), Symbol("the place")


def _terms(optimum: Optimum) -> tuple[Node, Node, Relation] | None:
    """The term of the function that is minimised, the term of the constraint, and the constraint."""
    match optimum:
        case Optimum(operator, body, (family,), Relation((SumOver() as load, total), ("=",)) as constraint):
            sign = 1 if operator == "argmin" else -1
            while isinstance(body, Negative):
                body, sign = body.operand, -sign
            if not isinstance(body, SumOver) or body.upper != load.upper or family in free_symbols(total):
                return None
            made = [_term(each, family) for each in (body, load)]
            if made[0] is None or made[1] is None:
                return None
            return made[0] if sign > 0 else Negative(made[0]), made[1], constraint
    return None


def _term(node: SumOver, family: Symbol) -> Node | None:
    """One term with letters for the index and for the member, where it uses no other member."""
    if node.lower != ONE or node.where is not None or not isinstance(node.upper, Symbol):
        return None
    body = substitute(node.body, {Indexed(family, (node.index,)): _MEMBER, node.index: _PLACE})
    return None if family in free_symbols(body) or _PLACE in free_symbols(node) else body


def _letters(
    statements: Sequence[Relation], family: Symbol, letters: frozenset[Symbol]
) -> tuple[Symbol | None, Symbol | None]:
    """The index of the equation for every member, and the multiplier."""
    indices = {i for s in statements for p in walk(s) if isinstance(p, Indexed) and p.base == family for i in p.indices}
    index = {s for s in letters if s in indices}
    rest = letters - index
    return (next(iter(index)) if len(index) == 1 else None, next(iter(rest)) if len(rest) == 1 else None)


def _slopes(
    optimum: Optimum, gain: Node, load: Node, context: Context, clock: Clock
) -> tuple[Node, Node, bool] | None:
    """The derivatives of both terms by the member, and whether the first is strictly convex; the second is linear."""
    said = declaration(context.domains.get(optimum.variables[0], "real"))
    ends = (said.low is not None and not said.open_low) or (said.high is not None and not said.open_high)
    if said.kind != "number" or said.whole or said.nonzero or ends:
        return None
    domains = {**context.domains, _MEMBER: said.text, _PLACE: "positive integer"}
    names: dict[Symbol, Symbol] = {}
    meaning = Meaning(replace(context, domains=domains), clock)
    made = [meaning.unfold(_plain(term, names)) for term in (gain, load)]
    domains |= {letter: context.domains.get(name, "real") for name, letter in names.items()}
    first, second = (reduced(derivative(term, _MEMBER), domains, clock) for term in made)
    if reduced(derivative(second, _MEMBER), domains, clock) != ZERO:
        return None
    curvature = reduced(derivative(first, _MEMBER), domains, clock)
    convex = inequality(curvature, ZERO, ">", domains, clock).status is Status.PROVED
    back: dict[Node, Node] = {letter: Indexed(name, (_PLACE,)) for name, letter in names.items()}
    return substitute(first, back), substitute(second, back), convex


def _plain(node: Node, names: dict[Symbol, Symbol]) -> Node:
    """Members of other families at the same place as letters."""
    match node:
        case Indexed(base, (place,)) if place == _PLACE:
            return names.setdefault(base, Symbol("the other", str(len(names))))
    return map_children(node, lambda c: _plain(c, names))


def _at(node: Node, family: Symbol, index: Symbol) -> Node:
    return substitute(node, {_MEMBER: Indexed(family, (index,)), _PLACE: index})
