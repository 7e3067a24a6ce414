r"""The rules of arguments: what may be done under argmin, an expectation, a sum over data; densities; inequalities.

Called by :mod:`derive.arguing`, which looks for a way from one line to the next and also reads each row from right to
left, so a row states its law in one direction only. A law whose two sides are not equal names its relation; such a row
is applied to a whole line or to a term of it, never inside another function. Side conditions are not looked at here:
the verifier holds every step against exact models and prints what it needs.

Sources: Cover and Thomas, Elements of Information Theory (2nd ed., 2006), chapters 2 and 8; Boyd and Vandenberghe,
Convex Optimization (2004), section 4.1.3 (equivalent problems).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from derive.rules import Action, Rule
from derive.rules._densities import DENSITY_NAMES, is_density, law_of, value_at, variable_of
from derive.rules.bounds import EQUALITY as EQUALITY
from derive.rules.bounds import INEQUALITIES
from derive.rules.forms import LOGARITHMS
from derive.rules.interchange import INTERCHANGE
from derive.rules.multipliers import LETTERS, MULTIPLIERS
from derive.rules.multipliers import NAME as MULTIPLIER
from derive.rules.multipliers import rules as multipliers
from derive.rules.substitutions import SUBSTITUTIONS
from derive.rules.substitutions import rules as substitutions
from derive.steps import Level
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Derivative,
    E,
    Expectation,
    Given,
    GradientOf,
    Indexed,
    Integral,
    Negative,
    Node,
    Norm,
    Number,
    Optimum,
    Power,
    Product,
    ProductOver,
    Quotient,
    Relation,
    Root,
    Sum,
    SumOver,
    Symbol,
    bound_symbols,
    drawn,
    free_symbols,
    negated,
    numeric,
    substitute,
    times,
    total,
    unsigned,
    walk,
)

LOGARITHM = frozenset({"log", "ln"})
FLIPPED = {"argmax": "argmin", "argmin": "argmax"}
X = Symbol("x")


# --- optima -----------------------------------------------------------------------------------------


def _under(change: Callable[[Node, frozenset[Symbol]], Node | None]) -> Action:
    """A rule about the body of an argmin or argmax: ``change`` sees it and the variables."""

    def apply(node: Node) -> Node | None:
        match node:
            case Optimum("argmax" | "argmin" as operator, body, variables, where):
                made = change(body, frozenset(variables))
                return None if made is None else Optimum(operator, made, variables, where)
        return None

    return apply


def _logarithm_taken(body: Node, variables: frozenset[Symbol]) -> Node | None:
    """Of a product, a power, an exponential or a density: what a logarithm makes simpler."""
    if isinstance(body, Product | ProductOver | Power | Quotient) or is_density(body):
        return Call("log", (body,))
    return None


def _exponential_taken(body: Node, variables: frozenset[Symbol]) -> Node | None:
    return None if _is_exponential(body) else Power(E, body)


def _is_exponential(node: Node) -> bool:
    return isinstance(node, Power) and node.base == E


def _root_taken(body: Node, variables: frozenset[Symbol]) -> Node | None:
    return None if isinstance(body, Root) else Root(body)


def _square_taken(body: Node, variables: frozenset[Symbol]) -> Node | None:
    """Of an absolute value the square; of what is not negative it is the root, read the other way."""
    match body:
        case Call("abs", (u,), 0) | Norm(u, Number("2")):
            return Power(u if isinstance(body, Call) else body, TWO)
    return None


def _reciprocal_turned(node: Node) -> Node | None:
    match node:
        case Optimum("argmax" | "argmin" as operator, Quotient(top, bottom), variables, where) if (
            variables_in(bottom, variables) and not variables_in(top, variables)
        ):
            return Optimum(FLIPPED[operator], bottom, variables, where)
    return None


def variables_in(node: Node, variables: Iterable[Symbol]) -> frozenset[Symbol]:
    """Those of the variables that occur freely."""
    return frozenset(variables) & free_symbols(node)


def _negative_factor(node: Node, negative: Collection[Symbol] | None = None) -> Node | None:
    """A letter dropped as a factor and the optimum turned; ``negative`` are the letters known to be, None for any."""
    match node:
        case Optimum("argmax" | "argmin" as operator, Product(factors), variables, where):
            dropped = [f for f in factors if isinstance(f, Symbol) and f not in variables]
            kept = [f for f in factors if f not in dropped]
            if len(dropped) == 1 and kept and (negative is None or dropped[0] in negative):
                return Optimum(FLIPPED[operator], times(kept), variables, where)
    return None


def _without_constants(body: Node, variables: frozenset[Symbol]) -> Node | None:
    if not isinstance(body, Sum):
        return None
    kept = [t for t in body.terms if not variables.isdisjoint(free_symbols(t))]
    return total(kept) if kept and len(kept) < len(body.terms) else None


def _without_factors(body: Node, variables: frozenset[Symbol]) -> Node | None:
    """Positive factors gone; which are positive the verifier knows: numbers and letters may be."""
    match body:
        case Product(factors):
            kept = [f for f in factors if not variables.isdisjoint(free_symbols(f))]
            dropped = [f for f in factors if variables.isdisjoint(free_symbols(f))]
            if kept and dropped and all((numeric(f) or 1) > 0 for f in dropped):
                return times(kept)
        case Quotient(top, bottom) if top != ONE and variables.isdisjoint(free_symbols(bottom)):
            return top
    return None


def _average_of_sum(body: Node, variables: frozenset[Symbol]) -> Node | None:
    """A sum over the data as an average."""
    match body:
        case SumOver(_, _, Number("1"), Symbol() as count, None) if count not in variables:
            return Product((Quotient(ONE, count), body))
    return None


def _sign_flipped(node: Node) -> Node | None:
    match node:
        case Optimum("argmax" | "argmin" as operator, body, variables, where):
            made = _opposite(body)
            return None if made is None else Optimum(FLIPPED[operator], made, variables, where)
    return None


def _opposite(body: Node) -> Node | None:
    """The body with the other sign, where it is written with a minus sign throughout."""
    match body:
        case Negative(operand):
            return operand
        case Sum(terms) if all(isinstance(t, Negative) for t in terms):
            return Sum(tuple(t.operand for t in terms if isinstance(t, Negative)))
    return None


_EXPONENTIAL = r"\arg\max_\theta f(\theta) = \arg\max_\theta e^{f(\theta)}"
_ROOT = r"\arg\max_\theta f(\theta) = \arg\max_\theta \sqrt{f(\theta)}"
_SQUARE = r"\arg\min_\theta |f(\theta)| = \arg\min_\theta f(\theta)^2"

OPTIMA: tuple[Rule, ...] = (
    Rule("increasing function", r"\arg\max_\theta f(\theta) = \arg\max_\theta \log f(\theta)",
         "The logarithm is increasing, so it leaves the order of values, and with it the place of the largest, "
         "unchanged.", _under(_logarithm_taken), Level.ARGUMENT, "f(θ) > 0"),
    Rule("increasing function", _EXPONENTIAL,
         "The exponential function is increasing, so it leaves the order of values unchanged.",
         _under(_exponential_taken), Level.ARGUMENT),
    Rule("increasing function", _ROOT,
         "The root is increasing where it is defined, so it leaves the order of values unchanged.",
         _under(_root_taken), Level.ARGUMENT, "f(θ) ≥ 0"),
    Rule("increasing function", _SQUARE,
         "The square of what is not negative is increasing, so it leaves the order of values unchanged.",
         _under(_square_taken), Level.ARGUMENT),
    Rule("decreasing function", r"\arg\min_\theta \frac{c}{f(\theta)} = \arg\max_\theta f(\theta)",
         "One over a positive value falls where the value grows, so the least becomes the largest.",
         _reciprocal_turned, Level.ARGUMENT, "f(θ) > 0 and c > 0"),
    Rule("constant term", r"\arg\min_\theta (f(\theta) + c) = \arg\min_\theta f(\theta)",
         "A term that does not depend on the variable shifts all values alike.", _under(_without_constants),
         Level.ARGUMENT, "c does not depend on θ"),
    Rule("positive factor", r"\arg\min_\theta c f(\theta) = \arg\min_\theta f(\theta)",
         "A positive factor stretches all values alike.", _under(_without_factors), Level.ARGUMENT,
         "c > 0 does not depend on θ"),
    Rule("positive factor", r"\arg\max_\theta \sum_{i=1}^n u_i = \arg\max_\theta \frac{1}{n} \sum_{i=1}^n u_i",
         "A positive factor stretches all values alike.", _under(_average_of_sum), Level.ARGUMENT,
         "c > 0 does not depend on θ"),
    Rule("negative factor", r"\arg\min_\theta c f(\theta) = \arg\max_\theta f(\theta)",
         "A negative factor turns the order of the values round, so the least becomes the largest.", _negative_factor,
         Level.ARGUMENT, "c < 0 does not depend on θ"),
    Rule("sign flipped", r"\arg\min_\theta (-f(\theta)) = \arg\max_\theta f(\theta)",
         "The least value of the negative is taken where the value itself is largest.", _sign_flipped, Level.ARGUMENT),
)


# --- logarithms of products over an index -------------------------------------------------------------


def _log_of_product_over(node: Node) -> Node | None:
    match node:
        case Call(name, (ProductOver(body, index, lower, upper, where),), 0) if name in LOGARITHM:
            return SumOver(Call(name, (body,)), index, lower, upper, where)
    return None


def _log_of_power(node: Node) -> Node | None:
    match node:
        case Call(name, (Power(base, exponent),), 0) if name in LOGARITHM:
            return exponent if base == E else Product((exponent, Call(name, (base,))))
    return None


def _ratio_turned(node: Node) -> Node | None:
    match node:
        case Negative(Call(name, (Quotient(top, bottom),), 0)) if name in LOGARITHM and top != ONE:
            return Call(name, (Quotient(bottom, top),))
    return None


def _ratio_reversed(node: Node) -> Node | None:
    match node:
        case Call(name, (Quotient(top, bottom),), 0) if name in LOGARITHM and top != ONE:
            return Negative(Call(name, (Quotient(bottom, top),)))
    return None


def _log_of_one(node: Node) -> Node | None:
    match node:
        case Call(name, (Number("1"),), 0) if name in LOGARITHM:
            return ZERO
    return None


LOGS: tuple[Rule, ...] = (
    Rule("ratio turned round", r"-\log\frac{u}{v} = \log\frac{v}{u}",
         "The logarithm of the reciprocal is minus the logarithm.", _ratio_turned, Level.ALGEBRA, "u > 0 and v > 0"),
    Rule("ratio turned round", r"\log\frac{u}{v} = -\log\frac{v}{u}",
         "The logarithm of the reciprocal is minus the logarithm.", _ratio_reversed, Level.ALGEBRA, "u > 0 and v > 0"),
    Rule("logarithm of one", r"\log 1 = 0", "Nothing is the logarithm of one.", _log_of_one, Level.ARITHMETIC),
    Rule("logarithm of a product", r"\log \prod_i u_i = \sum_i \log u_i", "A product becomes a sum.",
         _log_of_product_over, Level.ALGEBRA, "every factor is positive"),
    *(rule for rule in LOGARITHMS if rule.name in ("logarithm of a product", "logarithm of a quotient",
                                                  "logarithm of a reciprocal")),
    Rule("logarithm of a power", r"\log(u^v) = v \log(u)", "The exponent comes to the front.", _log_of_power,
         Level.ALGEBRA, "u > 0"),
)


# --- linearity ----------------------------------------------------------------------------------------


def _parts(node: Node) -> tuple[Node, Callable[[Node], Node], frozenset[Symbol]] | None:
    """The body of an expectation, sum or integral, the same around another body, and what it binds."""
    match node:
        case Expectation("E", (body,), over) if not isinstance(body, Given):
            return body, lambda b: Expectation("E", (b,), over), frozenset(drawn(over))
        case SumOver(body, index, lower, upper, where):
            return body, lambda b: SumOver(b, index, lower, upper, where), frozenset({index})
        case Integral(body, variable, lower, upper):
            return body, lambda b: Integral(b, variable, lower, upper), frozenset({variable})
    return None


def _additive(node: Node) -> Node | None:
    found = _parts(node)
    if found is None or not isinstance(found[0], Sum):
        return None
    terms, around = found[0].terms, found[1]
    return Sum(tuple(Negative(around(t.operand)) if isinstance(t, Negative) else around(t) for t in terms))


def _homogeneous(node: Node) -> Node | None:
    """Constant factors and signs in front."""
    found = _parts(node)
    if found is None:
        return None
    body, around, bound = found
    match body:
        case Negative(operand):
            return Negative(around(operand))
        case Product(factors) if bound:
            fixed = [f for f in factors if bound.isdisjoint(free_symbols(f))]
            rest = [f for f in factors if not bound.isdisjoint(free_symbols(f))]
            if fixed and rest:
                return Product((*fixed, around(times(rest))))
        case Quotient(top, bottom) if bound and bound.isdisjoint(free_symbols(bottom)) and top != ONE:
            return Quotient(around(top), bottom)
    return None


def _of_constant(node: Node) -> Node | None:
    match node:
        case Expectation("E", (body,), over) if not isinstance(body, Given):
            bound = frozenset(drawn(over))
            if bound and bound.isdisjoint(free_symbols(body)):
                return body
    return None


def _sign_inside(node: Node) -> Node | None:
    """A sign in front goes into the bracket, to where a rule may need it."""
    if isinstance(node, Negative) and (found := _parts(node.operand)) is not None and not isinstance(found[0], Sum):
        body, around, _ = found
        return around(negated(body))
    return None


def _deviation(node: Node) -> Node | None:
    """E[u - E[u]] = 0."""
    match node:
        case Expectation("E", (Sum((first, Negative(second))),), over) if second == Expectation("E", (first,), over):
            return ZERO
    return None


LINEARITY: tuple[Rule, ...] = (
    Rule("mean of a deviation", r"\mathbb{E}[u - \mathbb{E}[u]] = 0", "Deviations from the mean balance out.",
         _deviation, Level.ALGEBRA),
    Rule("linearity", r"-\mathbb{E}[u] = \mathbb{E}[-u]", "A sign may stand in front of the mean or inside it.",
         _sign_inside, Level.ALGEBRA),
    Rule("linearity", r"\mathbb{E}[u + v] = \mathbb{E}[u] + \mathbb{E}[v]",
         "The mean (the sum, the integral) of a sum is taken term by term.", _additive, Level.ALGEBRA),
    Rule("linearity", r"\mathbb{E}[c u] = c \mathbb{E}[u]", "A constant factor comes to the front.", _homogeneous,
         Level.ALGEBRA),
    Rule("mean of a constant", r"\mathbb{E}[c] = c", "What is not random is its own mean.", _of_constant,
         Level.ALGEBRA),
)


# --- densities ----------------------------------------------------------------------------------------


def _divergence_opened(node: Node) -> Node | None:
    match node:
        case Call("KL" | "D_KL", (Given((p,), (q,), "||"),), 0):
            variable = variable_of(p) or variable_of(q) or X
            top, bottom = (value_at(d, variable) for d in (p, q))
            law = law_of(p)
            return Expectation("E", (Call("log", (Quotient(top, bottom),)),), (Relation((variable, law), ("~",)),))
    return None


def _expectation_written(kind: type[Integral] | type[SumOver]) -> Action:
    def apply(node: Node) -> Node | None:
        match node:
            case Expectation("E", (body,), (Relation((Symbol() as x, Symbol() as law), ("~",)),)):
                return kind(_joined(Call(law.plain, (x,)), body), x)
            case Expectation("E", (body,), (Relation((Symbol() as x, Call() as law), ("~",)),)):
                return kind(_joined(law, body), x)
        return None

    return apply


def _joined(first: Node, body: Node) -> Product:
    return Product((first, *(body.factors if isinstance(body, Product) else (body,))))


def _bayes(node: Node) -> Node | None:
    """p(a | b) = p(b | a) p(a)/p(b), for one letter on either side."""
    match node:
        case Call(name, (Given((a,), (b,), "|"),), 0) if is_density(node):
            turned = Call(name, (Given((b,), (a,), "|"),))
            return Quotient(Product((turned, Call(name, (a,)))), Call(name, (b,)))
    return None


def _joint(node: Node) -> Node | None:
    match node:
        case Call(name, (a, b), 0) if is_density(node):
            return Product((Call(name, (Given((b,), (a,), "|"),)), Call(name, (a,))))
    return None


def _joint_other_way(node: Node) -> Node | None:
    match node:
        case Call(name, (a, b), 0) if is_density(node):
            return Product((Call(name, (Given((a,), (b,), "|"),)), Call(name, (b,))))
    return None


def _entropy_opened(node: Node) -> Node | None:
    """The entropy of one law, the cross-entropy of two."""
    match node:
        case Call("H", (p,), 0) if _is_law(p):
            return _mean_log(p, p)
        case Call("H", (p, q), 0) if _is_law(p) and _is_law(q):
            return _mean_log(p, q)
    return None


def _is_law(node: Node) -> bool:
    return is_density(node) or (isinstance(node, Symbol) and node.plain in DENSITY_NAMES)


def _mean_log(p: Node, q: Node) -> Node:
    variable = variable_of(p) or variable_of(q) or X
    body = Call("log", (value_at(q, variable),))
    return Negative(Expectation("E", (body,), (Relation((variable, law_of(p)), ("~",)),)))


DENSITIES: tuple[Rule, ...] = (
    Rule("definition of the entropy", r"H(p, q) = -\mathbb{E}_{x \sim p}[\log q(x)]",
         "The entropy is the mean of minus the logarithm of the density; with two densities it is the cross-entropy, "
         "the mean under the first of the logarithm of the second.", _entropy_opened, Level.ARGUMENT),
    Rule("definition of the divergence", r"\operatorname{KL}(p \| q) = \mathbb{E}_{x \sim p}[\log \frac{p(x)}{q(x)}]",
         "The Kullback–Leibler divergence is the mean of the logarithm of the ratio, under the first density.",
         _divergence_opened, Level.ARGUMENT),
    Rule("mean as an integral", r"\mathbb{E}_{x \sim p}[u(x)] = \int p(x) u(x) \, dx",
         "The mean under a density is the integral of the values times the density.", _expectation_written(Integral),
         Level.CALCULUS),
    Rule("mean as a sum", r"\mathbb{E}_{x \sim p}[u(x)] = \sum_x p(x) u(x)",
         "The mean under a mass function is the sum of the values times their probabilities.",
         _expectation_written(SumOver), Level.CALCULUS),
    Rule("Bayes' rule", r"p(a | b) = \frac{p(b | a) p(a)}{p(b)}", "Both sides times p(b) are the joint density.",
         _bayes, Level.ARGUMENT, "p(b) > 0"),
    Rule("product rule of probability", r"p(a, b) = p(b | a) p(a)", "The joint density, one after the other.", _joint,
         Level.ARGUMENT, "p(a) > 0"),
    Rule("product rule of probability", r"p(a, b) = p(a | b) p(b)", "The joint density, one after the other.",
         _joint_other_way, Level.ARGUMENT, "p(b) > 0"),
)


def _normalised(node: Node) -> Node | None:
    """The mass of a density is 1: ∑_x p(x), ∫ p(x) dx, and the mean of a ratio whose denominator is the law's own."""
    match node:
        case SumOver(body, index, None, None, None) if variable_of(body) == index and is_density(body):
            return ONE
        case Integral(body, variable) if variable_of(body) == variable and is_density(body):
            return ONE
        case Expectation("E", (Quotient(top, bottom),), (Relation((Symbol() as x, law), ("~",)),)) if (
            is_density(top) and variable_of(top) == x == variable_of(bottom) and law_of(bottom) == law
        ):
            return ONE
    return None


NORMALISATION: tuple[Rule, ...] = (
    Rule("normalisation", r"\sum_x p(x) = 1", "All probabilities add up to 1; so does the mean of q(x)/p(x) under p.",
         _normalised, Level.ARGUMENT, "p(x) > 0 wherever q(x) > 0"),
)


# --- laws that are not equalities ---------------------------------------------------------------------


def _large_numbers(node: Node) -> Node | None:
    """(1/n) Σ f(x_i) ≈ E[f(x)], under the law p of the data, written as x ~ p*."""
    return _mean_of_average(node, DATA)


def _mean_of_average(node: Node, law: Symbol) -> Node | None:
    """The mean under a law in place of the average over samples x_i or x^{(i)}."""
    match node:
        case Product((Quotient(Number("1"), n), SumOver(body, index, Number("1"), upper, None))) if upper == n:
            found = _member(body, index)
            if found is not None:
                single = Symbol(found.base.name, font=found.base.font)
                inner = substitute(body, {found: single})
                if index not in free_symbols(inner):
                    return Expectation("E", (inner,), (Relation((single, law), ("~",)),))
    return None


DATA = Symbol("p", sup="*")
"""The density that the data come from."""
SAMPLE = Symbol("p", accent="hat")
"""The empirical density of the data."""


def _member(body: Node, index: Symbol) -> Indexed | None:
    """The only family whose members the index counts."""
    found = {n for n in walk(body) if isinstance(n, Indexed) and n.indices == (index,)}
    return found.pop() if len(found) == 1 else None



BOUNDS: tuple[Rule, ...] = (
    Rule("mean over the sample", r"\frac{1}{n} \sum_{i=1}^{n} f(x_i) = \mathbb{E}_{x \sim \hat{p}}[f(x)]",
         "The empirical density has the mass 1/n at every sample, so a mean under it is the average.",
         lambda node: _mean_of_average(node, SAMPLE), Level.ARGUMENT),
    Rule("law of large numbers", r"\frac{1}{n} \sum_{i=1}^{n} f(x_i) \approx \mathbb{E}_{x \sim p^*}[f(x)]",
         "The average over many independent samples is near the mean.", _large_numbers, Level.ARGUMENT,
         "the xᵢ are independent samples of p*", relation="~="),
    *INEQUALITIES,
)


def _zero_terms(node: Node) -> Node | None:
    match node:
        case Sum(terms) if ZERO in terms:
            return total([t for t in terms if t != ZERO])
    return None


def _bracket_opened(node: Node) -> Node | None:
    """A sum within a sum joins it; a minus sign in front of it goes to every term."""
    match node:
        case Sum(terms) if any(isinstance(unsigned(t), Sum) for t in terms):
            return Sum(tuple(u for t in terms for u in _with_sign(t)))
        case Negative(Sum()):
            return Sum(_with_sign(node))
        case Negative(Negative(inner)):
            return inner
    return None


def _with_sign(term: Node) -> tuple[Node, ...]:
    match term:
        case Negative(Sum(inner)):
            return tuple(negated(t) for t in inner)
        case Sum(inner):
            return inner
        case Negative(Negative(inner)):
            return (inner,)
    return (term,)


def _cancelled(node: Node) -> Node | None:
    """Two terms that differ in their sign only."""
    if not isinstance(node, Sum):
        return None
    for k, term in enumerate(node.terms):
        other = negated(term)
        if other in node.terms:
            gone = {k, node.terms.index(other)}
            return total([t for j, t in enumerate(node.terms) if j not in gone])
    return None


def _square_opened(node: Node) -> Node | None:
    """The square of a sum of two parts; parts that belong together are bracketed by the line before."""
    match node:
        case Power(Sum((first, second)), Number("2")):
            sign, other = (True, second.operand) if isinstance(second, Negative) else (False, second)
            cross = Product((TWO, first, other))
            return Sum((Power(first, TWO), Negative(cross) if sign else cross, Power(other, TWO)))
    return None


def _zero_factor(node: Node) -> Node | None:
    return ZERO if isinstance(node, Product) and ZERO in node.factors else None


TIDY: tuple[Rule, ...] = (
    Rule("square of a sum", "(u + v)^2 = u^2 + 2 u v + v^2", "Every part with every part.", _square_opened,
         Level.ALGEBRA),
    Rule("factor zero", "0 u = 0", "A product with a factor zero is zero.", _zero_factor, Level.ARITHMETIC),
    Rule("open the bracket", "-(u - v) = -u + v", "The sign goes to every term.", _bracket_opened, Level.ARITHMETIC),
    Rule("terms cancel", "u - u = 0", "The two terms differ only in their sign.", _cancelled, Level.ARITHMETIC),
    Rule("drop zeros", "u + 0 = u", "Adding nothing changes nothing.", _zero_terms, Level.ARITHMETIC),
)

ARGUMENTS: tuple[Rule, ...] = (
    *OPTIMA, *LOGS, *LINEARITY, *DENSITIES, *NORMALISATION, *INTERCHANGE, *SUBSTITUTIONS, *BOUNDS, *MULTIPLIERS,
    *TIDY,
)  # fmt: skip
"""Every rule of an argument, in the order tried."""


def _has_optimum_of(*kinds: type[Node]) -> Callable[[Node], bool]:
    return lambda node: isinstance(node, Optimum) and isinstance(node.body, kinds)


NEEDS: Mapping[str, Callable[[Node], bool]] = {
    "mean as an integral": lambda node: isinstance(node, Integral),
    "mean as a sum": lambda node: isinstance(node, SumOver),
    _EXPONENTIAL: lambda node: isinstance(node, Optimum) and _is_exponential(node.body),
    _ROOT: _has_optimum_of(Root),
    _SQUARE: _has_optimum_of(Call, Norm),
    "decreasing function": _has_optimum_of(Quotient),
    MULTIPLIER: lambda node: isinstance(node, Optimum) and node.where is not None,
    "derivative through the logarithm": lambda node: isinstance(node, Derivative | GradientOf),
}
"""Rules, by name or law, that lead nowhere unless one of both lines has such a part."""


def knowing(table: Iterable[Rule], negative: Collection[Symbol], goal: Node = ZERO) -> list[Rule]:
    """The rules of the table, with only the ``negative`` letters taken for negative factors.

    Multipliers, indices and new variables get letters of the ``goal`` before the usual ones.
    """
    rows = list(table)
    made = [
        replace(rule, apply=lambda node: _negative_factor(node, negative)) if rule.name == "negative factor" else rule
        for rule in rows
        if (negative or rule.name != "negative factor") and rule.law not in _LETTERED
    ]
    wanted = {rule.law for rule in rows}
    return [*made, *(rule for rule in _with_letters(goal) if rule.law in wanted)]


_LETTERED = frozenset(rule.law for rule in (*MULTIPLIERS, *SUBSTITUTIONS))


def _with_letters(goal: Node) -> Iterator[Rule]:
    """The rows that bring in letters, with those of a line."""
    parts = list(walk(goal))
    places = (i for p in parts if isinstance(p, Indexed) for i in p.indices)
    indices = sorted({s for i in places for s in free_symbols(i)}, key=_name)
    letters = sorted(free_symbols(goal) - set(indices), key=_name)
    bound = sorted({s for p in parts if isinstance(p, Integral | Expectation) for s in bound_symbols(p)}, key=_name)
    yield from substitutions(bound)
    yield from multipliers((*letters, *LETTERS), indices)


def _name(letter: Symbol) -> str:
    return letter.plain


def named(names: Iterable[str]) -> tuple[Rule, ...]:
    """The rules with the given names, in the order of the table."""
    wanted = {n.casefold() for n in names}
    return tuple(rule for rule in ARGUMENTS if rule.name.casefold() in wanted)
