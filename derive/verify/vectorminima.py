"""Minimisers over a vector of any length: ``argmin_w ||X w - y||^2 + lambda ||w||^2 = (X^T X + lambda I)^{-1} X^T y``.

The minimiser of a convex function that has a gradient everywhere is where the gradient vanishes: at v alone where the
function is strictly convex, or where ``grad f = 0`` says the same as ``w = v`` (:mod:`abstract`). The statement is
false where the gradient at v is certainly not zero, and where another vector has a lesser value. Called by
:mod:`derive.verify` before :mod:`optima`, whose argument this is for one number.

Source: Boyd and Vandenberghe, Convex Optimization (2004), sections 3.1.3 and 3.2; a new rule of convexity is a case of
:func:`curvature`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from derive.declarations import declaration
from derive.steps import Context, Status, Verdict
from derive.tree import (
    TWO,
    ZERO,
    At,
    Call,
    Component,
    E,
    GradientOf,
    Inner,
    Negative,
    Node,
    Norm,
    Number,
    Optimum,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    SumOver,
    Symbol,
    Transpose,
    children,
    free_symbols,
    map_children,
    substitute,
)
from derive.verify.definite import definiteness
from derive.verify.requirements import Sight, at_sight

Judge = Callable[[Node, Node, str], Verdict]
"""What judges a statement ``before relation after``."""


def vector_minimiser(before: Node, after: Node, context: Context, judge: Judge) -> Verdict | None:
    """The verdict on ``argmin f = v`` for a vector without restrictions; None for another statement."""
    optimum, value = (before, after) if isinstance(before, Optimum) else (after, before)
    match optimum:
        case Optimum("argmin" | "argmax" as operator, body, (variable,), None):
            pass
        case _:
            return None
    if declaration(context.domains.get(variable, "real")).kind != "vector" or isinstance(value, Optimum):
        return None
    f = _with_definitions(body if operator == "argmin" else Negative(body), context)
    found = _by_gradient(f, variable, value, curvature(f, variable, _with_sides(context.domains)), judge)
    if found is None and (lower := judge(substitute(f, {variable: value}), f, "<=")).status is Status.REFUTED:
        found = replace(lower, method="another value is less")
    return found or Verdict(Status.UNDECIDED, detail="no method for this minimiser")


def _by_gradient(f: Node, variable: Symbol, value: Node, curved: Sight, judge: Judge) -> Verdict | None:
    """The verdict on a convex function by its gradient; None for another function, or where that does not decide."""
    if curved is Sight.UNKNOWN:
        return None
    slope = GradientOf(f, (variable,))
    there = judge(At(slope, ((variable, value),)), ZERO, "=")
    if there.status is Status.REFUTED:
        return replace(there, method="the slope there is not zero")
    if there.status is not Status.PROVED or curved is not Sight.POSITIVE:
        there = judge(Relation((slope, ZERO), ("=",)), Relation((variable, value), ("=",)), "<=>")
    return replace(there, method="convex, no slope", detail="") if there.status is Status.PROVED else None


def _with_definitions(node: Node, context: Context) -> Node:
    """The expression with what is defined put in."""
    for definition in context.definitions:
        letters = definition.parameters
        if isinstance(node, Call) and (node.name, len(node.args)) == (definition.name.plain, len(letters)):
            put_in: dict[Node, Node] = dict(zip(letters, node.args, strict=True))
            return _with_definitions(substitute(definition.body, put_in), context)
        if node == definition.name and not letters:
            return _with_definitions(definition.body, context)
    return map_children(node, lambda part: _with_definitions(part, context))


def _with_sides(domains: Mapping[Symbol, str]) -> dict[Symbol, str]:
    """The domains, with the lengths of vectors and the sides of matrices, which are positive."""
    sides = {Symbol(side) for text in domains.values() for side in declaration(text).shape if not side.isdigit()}
    return {**dict.fromkeys(sides, "positive integer"), **domains}


def curvature(f: Node, variable: Symbol, domains: Mapping[Symbol, str]) -> Sight:
    """POSITIVE for a function of a vector that is strictly convex by how it is written, NONNEGATIVE for a convex one.

    Both have a gradient everywhere; of another function nothing is known.
    """

    def of(node: Node) -> Sight:
        return curvature(node, variable, domains)

    if _is_affine(f, variable):
        return Sight.NONNEGATIVE
    match f:
        case Sum(terms):
            seen = list(map(of, terms))
            return max(seen) if min(seen) else Sight.UNKNOWN
        case Negative(Negative(u)):
            return of(u)
        case Negative(Sum(terms)):
            return of(Sum(tuple(map(Negative, terms))))
        case SumOver(body, index) if index != variable:
            return min(of(body), Sight.NONNEGATIVE)  # there may be no term
        case Quotient(top, bottom):
            return of(top) if _is_positive(bottom, variable, domains) else Sight.UNKNOWN
        case Power(Norm(u, None | Number("2")), exponent) | Power(u, exponent) if exponent == TWO:
            return _of_square(u, variable)
        case Power(base, u) if base == E:
            return min(of(u), Sight.NONNEGATIVE)
        case Call("exp", (u,), 0):
            return min(of(u), Sight.NONNEGATIVE)
        case Call("log" | "ln", (Sum(terms),), 0):
            return Sight(all(_is_log_affine(t, variable, domains) for t in terms))
        case Inner(left, right) if left == right:
            return _of_square(left, variable)
        case Product(factors):
            return _of_product(list(factors), variable, domains)
    return Sight.UNKNOWN


def _of_square(u: Node, variable: Symbol) -> Sight:
    """Of the squared length of an affine function: strictly convex where that is the variable itself, but moved."""
    if not _is_affine(u, variable):
        return Sight.UNKNOWN
    terms = u.terms if isinstance(u, Sum) else (u,)
    moved = [t for t in terms if not _is_free(t, variable)]
    return Sight.POSITIVE if moved in ([variable], [Negative(variable)]) else Sight.NONNEGATIVE


def _of_product(factors: list[Node], variable: Symbol, domains: Mapping[Symbol, str]) -> Sight:
    """A positive number times a convex function, and ``u^T M u`` for a semidefinite M."""
    while factors and _is_positive(factors[0], variable, domains):
        factors = factors[1:]
    if len(factors) == 1:
        return curvature(factors[0], variable, domains)
    if len(factors) < 2 or factors[0] != Transpose(factors[-1]):
        return Sight.UNKNOWN
    middle = factors[1:-1]
    square = _of_square(factors[-1], variable)
    if not middle:
        return square
    form = middle[0] if len(middle) == 1 else Product(tuple(middle))
    definite = definiteness(form, lambda s: _declared(s, domains), domains)
    return min(definite, square) if _is_free(form, variable) else Sight.UNKNOWN


def _is_positive(node: Node, variable: Symbol, domains: Mapping[Symbol, str]) -> bool:
    return _is_free(node, variable) and at_sight(node, domains) is Sight.POSITIVE


def _declared(symbol: Symbol, domains: Mapping[Symbol, str]) -> Sight | None:
    found = declaration(domains.get(symbol, "real"))
    if found.kind == "number":
        return Sight.POSITIVE if symbol == Symbol("I") and symbol not in domains else None
    return Sight.POSITIVE if "positive definite" in found.properties else Sight.UNKNOWN


def _is_log_affine(node: Node, variable: Symbol, domains: Mapping[Symbol, str]) -> bool:
    """Whether a term is a positive number or ``e`` to something affine: the logarithm of a sum of them is convex."""
    match node:
        case Power(base, u) if base == E:
            return _is_affine(u, variable)
        case Call("exp", (u,), 0):
            return _is_affine(u, variable)
    return _is_positive(node, variable, domains)


def _is_affine(node: Node, variable: Symbol) -> bool:
    """Whether an expression is a linear function of the variable and something free of it."""
    match node:
        case Symbol():
            return True
        case Sum(terms):
            return all(_is_affine(t, variable) for t in terms)
        case Negative(u) | Transpose(u) | Component(u, _):
            return _is_affine(u, variable)
        case SumOver(body, index):
            return index != variable and _is_affine(body, variable)
        case Quotient(top, bottom):
            return _is_affine(top, variable) and _is_free(bottom, variable)
        case Product() | Inner():
            depending = [p for p in children(node) if not _is_free(p, variable)]
            return len(depending) <= 1 and all(_is_affine(p, variable) for p in depending)
    return _is_free(node, variable)


def _is_free(node: Node, variable: Symbol) -> bool:
    return variable not in free_symbols(node)
