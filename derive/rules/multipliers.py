r"""Lagrange's multipliers as rules of arguments: an optimum under equations becomes a stationary point.

Part of the table of :mod:`derive.rules.arguments`, whose conventions hold here. ``v = argmin f(v)`` over ``g(v) = c``
becomes ``∇ (f - λ (g - c)) = 0`` with ``g = c``, written in any of the :data:`FORMS` and with either sign of the
multiplier; as an equivalence where the function is strictly convex and the constraint linear, else as a necessary
condition. A new form of the equations is a function from a :class:`Lagrangian` to a statement.

Source: Boyd and Vandenberghe, Convex Optimization (2004), sections 4.2.3 and 5.5.3.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from derive.rules import Action, Rule
from derive.steps import Level
from derive.tree import (
    ZERO,
    Derivative,
    GradientOf,
    Indexed,
    Negative,
    Node,
    Optimum,
    Product,
    Relation,
    Statements,
    Sum,
    Symbol,
    entries,
    free_symbols,
    total,
    walk,
)

NAME = "Lagrange multiplier"
LETTERS = (Symbol("lambda"), Symbol("mu"), Symbol("nu"))
INDICES = (Symbol("j"), Symbol("i"), Symbol("l"), Symbol("m"))
_PLACES = frozenset({"argmin", "argmax"})
_SIGNS = (1, -1, 0)
"""The multiplier taken away, added, and added with the constraint turned round: ``f + λ (c - g)``."""


@dataclass(frozen=True, slots=True)
class Lagrangian:
    """The function with its multipliers, by which letters it is differentiated, and the constraints as written.

    ``indices`` are letters for any member of a family, tried before the usual ones.
    """

    body: Node
    variables: tuple[Symbol, ...]
    multipliers: tuple[Symbol, ...]
    constraints: tuple[Relation, ...]
    indices: tuple[Symbol, ...] = ()

    @property
    def families(self) -> frozenset[Symbol]:
        """Those of the variables that stand for all members of a family."""
        return frozenset(p.base for p in walk(self.body) if isinstance(p, Indexed)) & set(self.variables)


Form = Callable[[Lagrangian], "Node | None"]


def _vanishes(node: Node) -> Relation:
    return Relation((node, ZERO), ("=",))


def _gradient(found: Lagrangian) -> Node:
    """The gradient by the variables is zero, and the constraints hold."""
    return Statements((_vanishes(GradientOf(found.body, found.variables)), *found.constraints))


def _whole_gradient(found: Lagrangian) -> Node:
    """The gradient by the variables and the multipliers is zero: by a multiplier it is the constraint."""
    return _vanishes(GradientOf(found.body, (*found.variables, *found.multipliers)))


def _partials(found: Lagrangian) -> Node | None:
    """The partial derivative by each variable is zero, by a family that of any member, and the constraints hold."""
    families = found.families
    used = {p for p in walk(found.body) if isinstance(p, Symbol)}
    index = next((s for s in (*found.indices, *INDICES) if s not in used), None)
    if index is None:
        return None
    by = [Indexed(v, (index,)) if v in families else v for v in found.variables]
    slopes = [_vanishes(Derivative(found.body, v, 1, True)) for v in by]
    return Statements((*slopes, *found.constraints))


FORMS: tuple[Form, ...] = (_gradient, _whole_gradient, _partials)
"""How the equations may be written."""


def _multiplied(form: Form, sign: int, letters: Sequence[Symbol], indices: tuple[Symbol, ...]) -> Action:
    def apply(node: Node) -> Node | None:
        match node:
            case Relation((point, Optimum() as optimum), ("=",)) | Relation((Optimum() as optimum, point), ("=",)):
                named = set(entries(point) or (point,))
                found = _lagrangian(optimum, sign, letters) if named == set(optimum.variables) else None
                return None if found is None else form(replace(found, indices=indices))
        return None

    return apply


def _lagrangian(optimum: Optimum, sign: int, letters: Sequence[Symbol]) -> Lagrangian | None:
    if optimum.operator not in _PLACES or not isinstance(optimum.where, Relation):
        return None
    constraints = _equations(optimum.where)
    used = free_symbols(optimum) | set(optimum.variables)
    free = [s for s in letters if s not in used][: len(constraints)]
    if not constraints or len(free) < len(constraints):
        return None
    terms = [_term(m, c, sign) for m, c in zip(free, constraints, strict=True)]
    first = optimum.body.terms if isinstance(optimum.body, Sum) else (optimum.body,)
    return Lagrangian(total([*first, *terms]), optimum.variables, tuple(free), constraints)


def _equations(where: Relation) -> tuple[Relation, ...]:
    """The constraints one by one; several are written as an equation between vectors."""
    if where.signs != ("=",):
        return ()
    sides = [entries(side) or (side,) for side in where.sides]
    if len(sides[0]) != len(sides[1]):
        return ()
    return tuple(Relation(pair, ("=",)) for pair in zip(*sides, strict=True))


def _term(multiplier: Symbol, constraint: Relation, sign: int) -> Node:
    left, right = constraint.sides
    if sign == 0:
        return Product((multiplier, _less(right, left)))
    product = Product((multiplier, _less(left, right)))
    return Negative(product) if sign > 0 else product


def _less(first: Node, second: Node) -> Node:
    """``first - second`` as one sum."""
    if second == ZERO:
        return first
    terms = first.terms if isinstance(first, Sum) else (first,)
    return Sum((*terms, Negative(second)))


_LAW = r"x = \arg\min_{x : g(x) = c} f(x) \implies \nabla_x (f(x) - \lambda (g(x) - c)) = 0"
_SURE = r"x = \arg\min_{x : g(x) = c} f(x) \iff \nabla_x (f(x) - \lambda (g(x) - c)) = 0"
_NECESSARY = (
    "At an optimum inside the domain no move along the constraint changes the function to first order, so its gradient "
    "is a multiple of that of the constraint."
)
_SUFFICIENT = (
    "At an optimum the gradient of the function is a multiple of that of the constraint; a strictly convex function "
    "under linear constraints has only one such point, and is least there."
)
_WHEN = (
    "f and g are differentiable on an open domain, and the gradient of g is not zero there",
    "f is strictly convex (for argmax strictly concave) on an open interval for every letter, and g is linear",
)


def rules(letters: Collection[Symbol] = LETTERS, indices: Collection[Symbol] = ()) -> Iterator[Rule]:
    """The rows, for multipliers and indices with these letters: the necessary condition, then the equivalence."""
    made = [_multiplied(form, sign, tuple(dict.fromkeys(letters)), tuple(indices)) for form in FORMS for sign in _SIGNS]
    for action in made:
        yield Rule(NAME, _LAW, _NECESSARY, action, Level.ARGUMENT, _WHEN[0], relation="=>")
    for action in made:
        yield Rule(NAME, _SURE, _SUFFICIENT, action, Level.ARGUMENT, _WHEN[1], relation="<=>")


MULTIPLIERS: tuple[Rule, ...] = tuple(rules())
"""The rows, with the usual letters."""
