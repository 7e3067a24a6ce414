r"""The rules about derivatives under a mean, a sum or an integral, about means within means, and changes of variable.

Part of the table of :mod:`derive.rules.arguments`, whose conventions hold here: a row states its law in one direction,
the search reads it in both, and the verifier judges what comes out. A new row is a function from a node to what stands
in its place, with its condition in words.

Sources: Casella and Berger, Statistical Inference (2nd ed., 2002), section 2.4 (differentiating under an integral
sign), lemma 7.3.11 (the score has mean zero) and theorem 4.4.3 (the tower rule); Williams, Simple statistical
gradient-following algorithms, Machine Learning 8 (1992) (the log-derivative trick).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from derive.rules import Rule
from derive.rules._densities import density_of, is_density
from derive.steps import Level
from derive.tree import (
    INFINITY,
    ONE,
    ZERO,
    Call,
    Derivative,
    Expectation,
    Given,
    GradientOf,
    Indexed,
    Integral,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    Relation,
    Sum,
    SumOver,
    Symbol,
    free_symbols,
    from_plain,
    number,
    numeric,
    substitute,
    times,
    total,
    unsigned,
    walk,
)

LOGARITHMS = frozenset({"log", "ln"})


# --- derivatives ------------------------------------------------------------------------------------


def _derivative(node: Node) -> tuple[Node, frozenset[Symbol], Callable[[Node], Node]] | None:
    """The body of a first derivative or gradient, what it is taken by, and the same of another body."""
    match node:
        case Derivative(body, Symbol() | Indexed() as variable, 1):
            letter = variable.base if isinstance(variable, Indexed) else variable
            return body, frozenset({letter}), lambda b: replace(node, body=b)
        case GradientOf(body, variables, 1) if variables:
            return body, frozenset(variables), lambda b: replace(node, body=b)
    return None


def _interchanged(node: Node) -> Node | None:
    """The derivative inside a mean, sum or integral that does not depend on its variable but through the body."""
    found = _derivative(node)
    if found is None:
        return None
    body, variables, around = found
    match body:
        case Expectation("E", (inner,), over) if not isinstance(inner, Given) and not _depend(over, variables):
            return Expectation("E", (around(inner),), over)
        case SumOver(inner, index, lower, upper, None) if not _depend((lower, upper), variables | {index}):
            return SumOver(around(inner), index, lower, upper)
        case Integral(inner, variable, lower, upper) if not _depend((lower, upper), variables | {variable}):
            return Integral(around(inner), variable, lower, upper)
    return None


def _depend(nodes: tuple[Node | None, ...], variables: frozenset[Symbol]) -> bool:
    return any(n is not None and not variables.isdisjoint(free_symbols(n)) for n in nodes)


def _of_logarithm(node: Node) -> Node | None:
    """d log u = (d u)/u."""
    found = _derivative(node)
    if found is None:
        return None
    match found[0]:
        case Call(name, (u,), 0) if name in LOGARITHMS:
            return Quotient(found[2](u), u)
    return None


def _by_logarithm(node: Node) -> Node | None:
    """d p(x | θ) = p(x | θ) d log p(x | θ)."""
    found = _derivative(node)
    if found is None or not is_density(found[0]):
        return None
    return Product((found[0], found[2](Call("log", (found[0],)))))


def _of_constant(node: Node) -> Node | None:
    found = _derivative(node)
    return ZERO if found is not None and not _depend((found[0],), found[1]) else None


def _constant_factor(node: Node) -> Node | None:
    found = _derivative(node)
    if found is None or not isinstance(found[0], Product):
        return None
    fixed = [f for f in found[0].factors if not _depend((f,), found[1])]
    rest = [f for f in found[0].factors if _depend((f,), found[1])]
    return Product((*fixed, found[2](times(rest)))) if fixed and rest else None


def _score(node: Node) -> Node | None:
    """E[d log p(x | θ)] = 0 under p(x | θ) itself."""
    match node:
        case Expectation("E", (inner,), (Relation((Symbol(), law), ("~",)),)) if is_density(law):
            found = _derivative(inner)
            if found is not None and found[0] in (Call("log", (law,)), Call("ln", (law,))):
                return ZERO
    return None


def _trick(node: Node) -> Node | None:
    """d E[u(x)] = E[u(x) d log p(x | θ)] where only the law depends on θ."""
    found = _derivative(node)
    if found is None:
        return None
    body, variables, around = found
    match body:
        case Expectation("E", (inner,), (Relation((Symbol(), law), ("~",)),) as over) if (
            is_density(law) and _depend((law,), variables) and not _depend((inner,), variables)
        ):
            return Expectation("E", (times([inner, around(Call("log", (law,)))]),), over)
    return None


# --- means ------------------------------------------------------------------------------------------


def _tower(node: Node) -> Node | None:
    """The mean of a conditional mean: E_{y ~ p(y)}[E_{x ~ p(x | y)}[u]] and E[E[x | y]]."""
    match node:
        case Expectation("E", (Expectation("E", (Given((u,), _, "|"),), ()),), ()):
            return Expectation("E", (u,), ())
        case Expectation("E", (Expectation("E", (u,), (Relation((Symbol() as x, inner), ("~",)),)),),
                         (Relation((Symbol() as y, outer), ("~",)),)):  # fmt: skip
            name = inner.name if isinstance(inner, Call) else ""
            if inner == Call(name, (Given((x,), (y,), "|"),)) and density_of(outer, y) == Call(name, (y,)):
                return None if y in free_symbols(u) else Expectation("E", (u,), (_over(x, name, outer),))
    return None


def _over(x: Symbol, name: str, outer: Node) -> Relation:
    """``x ~ p`` or ``x ~ p(x)``, as the outer mean writes its own law."""
    return Relation((x, from_plain(name) if isinstance(outer, Symbol) else Call(name, (x,))), ("~",))


def _marginal(node: Node) -> Node | None:
    """The joint density with one of its letters summed or integrated out."""
    match node:
        case SumOver(Call(name, args, 0) as joint, letter, None, None, None) | Integral(
            Call(name, args, 0) as joint, letter, None, None
        ) if is_density(Call(name, (letter,))) and len(args) == 2 and letter in args and args[0] != args[1]:
            return Call(joint.name, tuple(a for a in args if a != letter))
    return None


# --- change of variable -----------------------------------------------------------------------------


def _shifted(node: Node) -> Node | None:
    """∫ f(k x + c) dx with u = k x + c, k a positive number; the limits go with it."""
    match node:
        case Integral(body, x, lower, upper):
            inner = next((p for p in walk(body) if _scale(p, x) is not None and p != x), None)
            if inner is None:
                return None
            u = next(s for s in (Symbol("u"), Symbol("v"), Symbol("s"), Symbol("t")) if s not in free_symbols(body))
            made = substitute(body, {inner: u})
            scale = _scale(inner, x)
            if x in free_symbols(made) or scale is None:
                return None
            ends = [None if end is None else _end(inner, x, end) for end in (lower, upper)]
            scaled = Integral(made, u, *ends)
            return scaled if scale == 1 else times([Quotient(ONE, Number(str(scale))), scaled])
    return None


def _end(inner: Node, x: Symbol, end: Node) -> Node:
    """Where u begins or ends; infinite ends stay where they are."""
    if end in (INFINITY, Negative(INFINITY)):
        return end
    made = substitute(inner, {x: end})
    match made:
        case Product((Number() as k, Number() as value)):
            return number((numeric(k) or 0) * (numeric(value) or 0))
        case Product(factors) if ZERO in factors:
            return ZERO
        case Product(factors) if ONE in factors:
            return times([f for f in factors if f != ONE])
        case Sum(terms) if ZERO in terms:
            return total([t for t in terms if t != ZERO])
    return made


def _scale(node: Node, x: Symbol) -> int | None:
    """The k of ``k x + c``, a positive whole number, as written."""
    match node:
        case Symbol() if node == x:
            return 1
        case Product((Number() as k, letter)) if letter == x and (value := numeric(k)) is not None and value > 0:
            return int(value) if value.denominator == 1 else None
        case Sum(terms):
            own = [t for t in terms if x in free_symbols(t)]
            return _scale(own[0], x) if len(own) == 1 else None
    return None


# --- factors ----------------------------------------------------------------------------------------


def _factor_cancelled(node: Node) -> Node | None:
    """p (u/p) = u."""
    match node:
        case Product(factors):
            for k, factor in enumerate(factors):
                if isinstance(factor, Quotient) and factor.denominator in factors[:k] + factors[k + 1 :]:
                    kept = list(factors)
                    kept[k] = factor.numerator
                    kept.remove(factor.denominator)
                    return times([f for f in kept if f != ONE] or [ONE])
    return None


def _sign_in_front(node: Node) -> Node | None:
    """u (-v) = -(u v)."""
    match node:
        case Product(factors) if any(isinstance(f, Negative) for f in factors):
            bare = times([unsigned(f) for f in factors])
            return Negative(bare) if sum(isinstance(f, Negative) for f in factors) % 2 else bare
    return None


def _sum_of_constant(node: Node) -> Node | None:
    match node:
        case SumOver(body, index, lower, Symbol() | Number() as upper, None) if (
            lower == ONE and index not in free_symbols(body)
        ):
            return upper if body == ONE else Product((upper, body))
    return None


INTERCHANGE: tuple[Rule, ...] = (
    Rule("interchange", r"\frac{d}{d\theta} \mathbb{E}[u] = \mathbb{E}\left[\frac{d}{d\theta} u\right]",
         "The derivative may be taken inside the mean (the sum, the integral).", _interchanged, Level.CALCULUS,
         "the law and the limits do not depend on θ, and near every θ the derivative is bounded by one function of x "
         "with a finite mean; a finite sum needs nothing"),
    Rule("derivative of a logarithm", r"\frac{d}{d\theta} \log u = \frac{1}{u} \frac{d}{d\theta} u",
         "The derivative of the logarithm is one over its argument, times the inner derivative.", _of_logarithm,
         Level.CALCULUS, "u > 0"),
    Rule("derivative through the logarithm",
         r"\frac{d}{d\theta} p(x | \theta) = p(x | \theta) \frac{d}{d\theta} \log p(x | \theta)",
         "The derivative of a logarithm, times what stands in it.", _by_logarithm, Level.CALCULUS, "p(x | θ) > 0"),
    Rule("derivative of a constant", r"\frac{d}{d\theta} c = 0", "What does not depend on the variable does not change "
         "with it.", _of_constant, Level.CALCULUS),
    Rule("constant factor", r"\frac{d}{d\theta} (c u) = c \frac{d}{d\theta} u",
         "A factor that does not depend on the variable comes to the front.", _constant_factor, Level.CALCULUS),
    Rule("mean of the score", r"\mathbb{E}_{x \sim p(x | \theta)}[\frac{d}{d\theta} \log p(x | \theta)] = 0",
         "It is the derivative of the total mass, which is 1 for every θ.", _score, Level.ARGUMENT,
         "p(x | θ) > 0 on a support that does not depend on θ, and derivative and integral may change places"),
    Rule("log-derivative trick", r"\frac{d}{d\theta} \mathbb{E}_{x \sim p(x | \theta)}[u(x)] = "
         r"\mathbb{E}_{x \sim p(x | \theta)}[u(x) \frac{d}{d\theta} \log p(x | \theta)]",
         "The derivative is taken inside the integral, where it is that of the density alone.", _trick, Level.ARGUMENT,
         "u does not depend on θ, p(x | θ) > 0 on a support that does not depend on θ, and derivative and integral may "
         "change places"),
    Rule("tower rule", r"\mathbb{E}[\mathbb{E}[x | y]] = \mathbb{E}[x]",
         "The mean of the conditional means is the mean.", _tower, Level.ARGUMENT, "x has a mean"),
    Rule("marginal density", r"\sum_y p(x, y) = p(x)",
         "What is summed or integrated out leaves the density of the rest.", _marginal, Level.ARGUMENT),
    Rule("change of variable", r"\int f(k x + c) \, dx = \frac{1}{k} \int f(u) \, du",
         "With u = k x + c there is du = k dx, and the limits go with it.", _shifted, Level.CALCULUS, "k > 0"),
    Rule("factors cancel", r"u \frac{v}{u} = v", "The factor stands above and below.", _factor_cancelled, Level.ALGEBRA,
         "u ≠ 0"),
    Rule("sign in front", "u (-v) = -u v", "The signs of the factors are that of the product.", _sign_in_front,
         Level.ARITHMETIC),
    Rule("sum of a constant", r"\sum_{k=1}^K c = K c", "There are K equal terms.", _sum_of_constant, Level.ALGEBRA),
)  # fmt: skip
"""The rows, in the order tried."""
