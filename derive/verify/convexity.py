r"""What convexity says: Jensen's inequality, the tangent of the logarithm, Gibbs' inequality, Cauchy and Schwarz's.

The mean of a convex function is at least the function of the mean; the logarithm lies below its tangent at 1; and what
holds at every point holds for the means over the same law. A mean is an expectation, an average over n members, or a
sum or integral whose weights are a density or declared to be a probability vector.

Called by :func:`derive.verify.verify_step` for ``≤`` and ``≥`` before the general methods, which know only finite
models of an unnamed law. A law is a row of :data:`_LAWS`: it sees both sides of ``≤`` as written and says whether they
are this law. A function whose curvature has one sign on its whole domain is a row of :data:`CURVED`.

Sources: Cover and Thomas, Elements of Information Theory (2nd ed., 2006), theorems 2.6.2, 2.6.3 and 2.6.4; Hardy,
Littlewood and Pólya, Inequalities (2nd ed., 1952), theorems 7 and 181.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from derive.declarations import declaration
from derive.steps import Context, Status, Verdict
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    E,
    Expectation,
    Given,
    Indexed,
    Integral,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    SumOver,
    Symbol,
    times,
    total,
)
from derive.verify.norms import NORM_LAWS

CURVED = {"log": -1, "ln": -1, "exp": 1, "softplus": 1, "abs": 1}
"""Functions that are convex (1) or concave (-1) wherever they are defined."""
_FLIPPED = {"<=": ">=", ">=": "<="}
_LOGARITHMS = frozenset({"log", "ln"})
Domains = Mapping[Symbol, str]


def by_convexity(before: Node, after: Node, relation: str, context: Context) -> Verdict | None:
    """Proved where ``before relation after`` is one of these laws as written, else None."""
    if relation not in _FLIPPED:
        return None
    small, large = (before, after) if relation == "<=" else (after, before)
    return _at_most(small, large, context)


def _at_most(small: Node, large: Node, context: Context) -> Verdict | None:
    match small, large:
        case Negative(left), Negative(right):
            return _at_most(right, left, context)
        case Negative(left), right if right == ZERO:
            return _at_most(ZERO, left, context)
        case Expectation("E", (left,), over), Expectation("E", (right,), same) if over == same and over:
            if (found := _at_most(left, right, context)) is not None:
                return found
    name = next((name for name, law in _LAWS.items() if law(small, large, context)), None)
    if name is not None:
        return Verdict(Status.PROVED, name)
    rest = _without_common_terms(small, large)
    return None if rest is None else _at_most(*rest, context)


def _without_common_terms(small: Node, large: Node) -> tuple[Node, Node] | None:
    """Both sides without the terms that they share; None where they share none."""
    left, right = ([*n.terms] if isinstance(n, Sum) else [n] for n in (small, large))
    shared = [t for t in dict.fromkeys(left) if t in right and t != ZERO]
    for t in shared:
        left.remove(t)
        right.remove(t)
    return (total(left), total(right)) if shared else None


# --- means --------------------------------------------------------------------------------------------


class _Mean(NamedTuple):
    """What is averaged, and how: two means with the same ``how`` are over the same law."""

    how: object
    body: Node


def _means(node: Node, domains: Domains) -> list[_Mean]:
    """The ways in which an expression is a mean."""
    match node:
        case Expectation("E", (body,), over) if not isinstance(body, Given):
            return [_Mean(over, body)]
        case SumOver(Product(factors), index, lower, upper, None) if lower == ONE:
            weights = [f for f in factors if _is_weight(f, index, upper, domains)]
            return [_Mean((w, index, upper), _without(factors, w)) for w in weights]
        case SumOver(Product(factors), x, None, None, None) | Integral(Product(factors), x, None, None):
            weights = [f for f in factors if _is_value(f, x, domains)]
            return [_Mean((w, x, type(node)), _without(factors, w)) for w in weights]
        case Product((Quotient() as share, SumOver(body, index, lower, upper, None))) if _is_share(share, lower, upper):
            return [_Mean((share, index, upper), body)]
        case Quotient(SumOver(body, index, lower, upper, None), count) if lower == ONE and count == upper:
            return [_Mean((Quotient(ONE, count), index, upper), body)]
    return []


def _is_weight(node: Node, index: Symbol, upper: Node | None, domains: Domains) -> bool:
    match node:
        case Indexed(base, (place,)) if place == index:
            said = declaration(domains.get(base, ""))
            length = upper.plain if isinstance(upper, Symbol) else getattr(upper, "text", "")
            return said.kind == "vector" and "probability" in said.properties and said.shape == (length,)
    return False


def _is_value(node: Node, x: Symbol, domains: Domains) -> bool:
    """Whether it is the value p(x) or p(x | y) of a density."""
    match node:
        case Call(name, (first,), 0):
            about = first.items if isinstance(first, Given) else (first,)
            kinds = {s.plain: declaration(domain).kind for s, domain in domains.items()}
            return about == (x,) and kinds.get(name) == "density"
    return False


def _is_share(share: Quotient, lower: Node | None, upper: Node | None) -> bool:
    return lower == ONE and upper is not None and share == Quotient(ONE, upper)


def _without(factors: tuple[Node, ...], one: Node) -> Node:
    kept = list(factors)
    kept.remove(one)
    return times(kept)


# --- laws ---------------------------------------------------------------------------------------------


def _jensen(small: Node, large: Node, context: Context) -> bool:
    """``E f(u) <= f(E u)`` of a concave f, and the other way round of a convex one."""
    for mean, image, sign in ((small, large, -1), (large, small, 1)):
        curved = _curved(image)
        if curved is None or curved[0] != sign:
            continue
        inner = _means(curved[2], context.domains)
        for how, body in _means(mean, context.domains):
            found = _curved(body)
            if found is None or found[:2] != curved[:2]:
                continue
            if _Mean(how, found[2]) in inner:
                return True
            if curved[1] == "log" and _is_reweighted(how, found[2], curved[2], context):
                return True
    return False


def _is_reweighted(how: object, inside: Node, plain: Node, context: Context) -> bool:
    """``Σ_z T`` for the mean of ``T/q(z)`` where z is drawn from q and T is a product of densities."""
    match how, inside:
        case (Call() as weight, Symbol() as x, kind), Quotient(top, bottom) if weight == bottom:
            made = SumOver(top, x) if kind is SumOver else Integral(top, x)
            factors = top.factors if isinstance(top, Product) else (top,)
            return plain == made and all(isinstance(f, Call) and _is_density(f, context) for f in factors)
    return False


def _curved(node: Node) -> tuple[int, str, Node] | None:
    """The sign of the curvature of the outermost function, the function, and its argument."""
    match node:
        case Call(name, (argument,), 0) if name in CURVED:
            return CURVED[name], "log" if name in _LOGARITHMS else name, argument
        case Power(base, exponent) if base == E:
            return 1, "exp", exponent
        case Power(base, exponent) if exponent == TWO:
            return 1, "square", base
    return None


def _tangent(small: Node, large: Node, context: Context) -> bool:
    """``log u <= u - 1``."""
    match small:
        case Call("log" | "ln", (u,), 0):
            return large == Sum((u, Negative(ONE)))
    return False


def _square(small: Node, large: Node, context: Context) -> bool:
    """``0 <= u^2``, and for means of it; with an exponent of 2 the base of a real expression is real."""
    match large:
        case Power(_, exponent) | Expectation("E", (Power(_, exponent),), _):
            return small == ZERO and exponent == TWO
    return False


def _schwarz(small: Node, large: Node, context: Context) -> bool:
    """``(Σ a b)^2 <= Σ a^2 Σ b^2``, and the same of means."""
    match small:
        case Power(SumOver(Product((a, b)), index, lower, upper, None), exponent) if exponent == TWO:
            made: tuple[Node, ...] = tuple(SumOver(Power(u, TWO), index, lower, upper) for u in (a, b))
        case Power(Expectation("E", (Product((a, b)),), over), exponent) if exponent == TWO and over:
            made = tuple(Expectation("E", (Power(u, TWO),), over) for u in (a, b))
        case _:
            return False
    return large in (Product(made), Product(made[::-1]))


def _gibbs(small: Node, large: Node, context: Context) -> bool:
    """``0 <= KL(p || q)``, ``H(p) <= H(p, q)``, and ``E_p log q <= E_p log p``, also as one logarithm or difference."""
    if _is_gain(small, large, context):
        return True
    match small, large:
        case _, Call("KL" | "D_KL", (Given((p,), (q,), "||"),), 0) if small == ZERO:
            return _is_density(p, context) and _is_density(q, context) and _same_quantity(p, q)
        case Call("H", (p,), 0), Call("H", (same, q), 0) if p == same and not _is_defined("H", context):
            return _is_density(p, context) and _is_density(q, context)
    return False


def _same_quantity(p: Node, q: Node) -> bool:
    """Whether two densities are of the same quantity: ``q(z)`` and ``p(z | x)``, not ``q(z)`` and ``p(x, z)``."""
    return not (isinstance(p, Call) and isinstance(q, Call)) or _about(p) == _about(q)


def _about(node: Call) -> tuple[Node, ...]:
    """What a density is of, without what is given."""
    first = node.args[0] if len(node.args) == 1 else None
    return first.items if isinstance(first, Given) else node.args


def _is_gain(small: Node, large: Node, context: Context) -> bool:
    """Whether it is ``E_p log q <= E_p log p`` or the sign of the mean of ``log p/q``."""
    if large == ZERO or small == ZERO:
        turned = small != ZERO
        for how, body in _means(small if turned else large, context.domains):
            if (ratio := _log_ratio(body)) is not None:
                top, bottom = ratio
                return _are_laws(how, *((bottom, top) if turned else (top, bottom)), context)
        return False
    for how, body in _means(small, context.domains):
        for same, other in _means(large, context.domains):
            match body, other:
                case Call("log" | "ln", (q,), 0), Call("log" | "ln", (p,), 0) if how == same:
                    if _are_laws(how, p, q, context):
                        return True
    return False


def _log_ratio(body: Node) -> tuple[Node, Node] | None:
    """What stands above and below in ``log(a/b)`` or ``log a - log b``."""
    match body:
        case Call("log" | "ln", (Quotient(top, bottom),), 0):
            return top, bottom
        case Sum((Call("log" | "ln", (top,), 0), Negative(Call("log" | "ln", (bottom,), 0)))):
            return top, bottom
    return None


def _are_laws(how: object, own: Node, other: Node, context: Context) -> bool:
    """Whether a mean is taken under the law whose value is ``own``, and ``other`` is the value of a law there."""
    match how:
        case (Relation((Symbol() as x, Symbol(name) as law), ("~",)),):
            fits = own == Call(name, (x,)) and _is_density(law, context)
        case (Call() as weight, Symbol() as x, _):
            fits = own == weight
        case (Indexed() as weight, Symbol() as index, upper):
            return own == weight and _is_weight(other, index, upper, context.domains)  # type: ignore[arg-type]
        case _:
            return False
    return fits and _is_value(other, x, context.domains) and _is_density(other, context)


def _is_density(node: Node, context: Context) -> bool:
    name = node.plain if isinstance(node, Symbol) else node.name if isinstance(node, Call) else ""
    kinds = {s.plain: declaration(domain).kind for s, domain in context.domains.items()}
    return kinds.get(name) == "density" and not _is_defined(name, context)


def _is_defined(name: str, context: Context) -> bool:
    return any(d.name.plain == name for d in context.definitions)


def _entropy_bound(small: Node, large: Node, context: Context) -> bool:
    """``-Σ_{k=1}^K p_k log p_k <= log K`` for probabilities p_k."""
    match large:
        case Call("log" | "ln" as logarithm, (count,), 0):
            return any(_is_self_information(mean, logarithm, count) for mean in _weighted_logs(small, context.domains))
    return False


def _entropy_sign(small: Node, large: Node, context: Context) -> bool:
    """``0 <= -Σ_{k=1}^K p_k log p_k`` for probabilities p_k."""
    means = _weighted_logs(large, context.domains) if small == ZERO else []
    return any(_is_self_information(mean, name, None) for mean in means for name in _LOGARITHMS)


def _collision(small: Node, large: Node, context: Context) -> bool:
    """``1/K <= Σ_{k=1}^K p_k^2 <= 1`` for probabilities p_k."""
    for squares, other, bound in ((small, large, "above"), (large, small, "below")):
        match squares:
            case SumOver(Power(weight, exponent), index, lower, upper, None) if exponent == TWO and lower == ONE:
                end = ONE if bound == "above" else None if upper is None else Quotient(ONE, upper)
                if _is_weight(weight, index, upper, context.domains) and other == end:
                    return True
    return False


def _weighted_logs(node: Node, domains: Domains) -> list[_Mean]:
    if isinstance(node, Negative):
        return [_Mean(how, Negative(body)) for how, body in _means(node.operand, domains)]
    return _means(node, domains)


def _is_self_information(mean: _Mean, logarithm: str, count: Node | None) -> bool:
    """Whether it is the mean of ``-log p_k`` over ``count`` probabilities, or any number of them."""
    match mean:
        case _Mean((Indexed() as weight, _, upper), body) if count in (None, upper):
            return body in (Negative(Call(logarithm, (weight,))), Call(logarithm, (Quotient(ONE, weight),)))
    return False


_LAWS: Mapping[str, Callable[[Node, Node, Context], bool]] = {
    "Jensen's inequality": _jensen,
    "tangent of a concave function": _tangent,
    "a square is not negative": _square,
    "Cauchy–Schwarz inequality": _schwarz,
    "Gibbs' inequality": _gibbs,
    "entropy is largest for equal probabilities": _entropy_bound,
    "entropy is not negative": _entropy_sign,
    "squares of probabilities": _collision,
    **NORM_LAWS,
}
