r"""Means under laws with a name, where theorems give them: of powers of the letter, its logarithm, a distance.

:func:`mean` takes an expression in the core language apart into terms ``c x^k``, ``c x^k log x``, ``c x^k log(1 - x)``
and ``c |x - m|`` with c free of the letter, and puts in the mean of each: Euler's integrals ``∫ x^(s-1) e^(-b x) =
G(s)/b^s`` and ``∫ x^(s-1) (1 - x)^(t-1) = G(s) G(t)/G(s + t)``, their derivatives by s and t for the logarithms,
factorial moments of counts. What is no such term is left to sums and integrals. Called by :mod:`laws`. A new law is a
row of :data:`LAWS`.

Source: Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions (2nd ed., 1994), chapters 13, 17, 19, 24 and
25; Johnson, Kemp and Kotz, Univariate Discrete Distributions (3rd ed., 2005), chapters 3 to 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb, factorial

from derive.tree import (
    ONE,
    PI,
    TWO,
    ZERO,
    Call,
    E,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    Symbol,
    contains,
    number,
    numeric,
    times,
    total,
)
from derive.verify.factorials import partitions
from derive.verify.signals import Undecidable

_DEGREE = 8  # of a power whose mean is put in
_TERMS = 400


@dataclass(frozen=True, slots=True)
class Term:
    """``coefficient x^power`` times at most one factor: ``log``, ``rest`` (log(1 - x)), ``far`` (|x - centre|)."""

    coefficient: Node
    power: int = 0
    factor: str = ""
    centre: Node = ZERO


Moment = Callable[[Sequence[Node], Term], Node | None]
"""The mean of a term without its coefficient under a law with the given parameters; None where it is not known."""


class _OtherError(Exception):
    """The expression is no sum of such terms."""


def mean(law: str, parameters: Sequence[Node], body: Node, letter: Symbol) -> Node | None:
    """The mean of ``body``; None for a law that is not known here or a body with other terms in it.

    Undecidable where the parameters are numbers that are none of the law.
    """
    row = LAWS.get(law)
    if row is None or len(parameters) != len(row.domains):
        return None
    for parameter, domain in zip(parameters, row.domains, strict=True):
        value = numeric(parameter)
        if value is not None and not domain(value):
            raise Undecidable(f"a parameter of {law} that it cannot have")
    try:
        terms = _terms(body, letter)
    except _OtherError:
        return None
    found: list[Node] = []
    for term in terms:
        moment = row.moment(parameters, term)
        if moment is None:
            return None
        found.append(times([term.coefficient, moment]))
    return total(found)


# --- taking apart --------------------------------------------------------------------------------------------


def _terms(node: Node, x: Symbol) -> list[Term]:
    if not contains(node, x):
        return [Term(node)]
    match node:
        case Symbol():
            return [Term(ONE, 1)]
        case Sum(items):
            return [term for item in items for term in _terms(item, x)]
        case Negative(operand):
            return [_scaled(Negative(ONE), term) for term in _terms(operand, x)]
        case Product(factors):
            return _product([_terms(f, x) for f in factors])
        case Quotient(top, bottom) if not contains(bottom, x):
            return [_scaled(Quotient(ONE, bottom), term) for term in _terms(top, x)]
        case Power(base, Number() as exponent) if exponent.value.denominator == 1 and exponent.value <= _DEGREE:
            return _product([_terms(base, x)] * int(exponent.value))
        case Call("log", (inside,), 0):
            return [Term(ONE, 0, _of_logarithm(inside, x))]
        case Call("abs", (inside,), 0):
            return [_distance(inside, x)]
    raise _OtherError


def _of_logarithm(inside: Node, x: Symbol) -> str:
    if inside == x:
        return "log"
    if isinstance(inside, Sum) and set(inside.terms) == {ONE, Negative(x)}:
        return "rest"
    raise _OtherError


def _distance(inside: Node, x: Symbol) -> Term:
    if inside == x:
        return Term(ONE, 0, "far")
    if isinstance(inside, Sum) and x in inside.terms:
        rest = [t for t in inside.terms if t != x]
        if len(rest) == len(inside.terms) - 1 and not any(contains(t, x) for t in rest):
            return Term(ONE, 0, "far", Negative(total(rest)))
    raise _OtherError


def _scaled(c: Node, term: Term) -> Term:
    return Term(times([c, term.coefficient]), term.power, term.factor, term.centre)


def _product(factors: Sequence[list[Term]]) -> list[Term]:
    result = [Term(ONE)]
    for terms in factors:
        result = [_multiplied(a, b) for a in result for b in terms]
        if len(result) > _TERMS:
            raise _OtherError
    return result


def _multiplied(a: Term, b: Term) -> Term:
    if (a.factor and b.factor) or a.power + b.power > _DEGREE:
        raise _OtherError
    special = a if a.factor else b
    return Term(times([a.coefficient, b.coefficient]), a.power + b.power, special.factor, special.centre)


# --- the means -----------------------------------------------------------------------------------------------


def _plus(a: Node, k: int) -> Node:
    return Sum((a, number(k))) if k else a


def _rising(a: Node, k: int) -> Node:
    """``a (a + 1) ... (a + k - 1)``."""
    return times([_plus(a, j) for j in range(k)])


def _minus(a: Node, b: Node) -> Node:
    return Sum((a, Negative(b)))


def _digamma(a: Node) -> Node:
    return Call("digamma", (a,))


def _gamma(parameters: Sequence[Node], term: Term) -> Node | None:
    a, b = parameters
    power = Quotient(_rising(a, term.power), Power(b, number(term.power)))
    if term.factor == "log":
        return Product((power, _minus(_digamma(_plus(a, term.power)), Call("log", (b,)))))
    return power if not term.factor else None


def _beta(parameters: Sequence[Node], term: Term) -> Node | None:
    a, b = parameters
    both = _plus(Sum((a, b)), term.power)
    power = Quotient(_rising(a, term.power), _rising(Sum((a, b)), term.power))
    match term.factor:
        case "log":
            return Product((power, _minus(_digamma(_plus(a, term.power)), _digamma(both))))
        case "rest":
            return Product((power, _minus(_digamma(b), _digamma(both))))
    return power if not term.factor else None


def _about(centre: Node, term: Term, central: Callable[[int], Node]) -> Node:
    """The mean of a power from the central moments, of which the odd ones vanish."""
    parts = [
        times([number(comb(term.power, j)), Power(centre, number(term.power - j)), central(j)])
        if j < term.power else central(j)
        for j in range(0, term.power + 1, 2)
    ]
    return total(parts)


def _normal(parameters: Sequence[Node], term: Term) -> Node | None:
    centre, variance = parameters
    if term.factor == "far" and not term.power:
        far = _minus(centre, term.centre)
        bell = Power(E, Negative(Quotient(Power(far, TWO), Product((TWO, variance)))))
        tail = Call("erf", (Quotient(far, Root(Product((TWO, variance)))),))
        return Sum((Product((Root(Quotient(Product((TWO, variance)), PI)), bell)), Product((far, tail))))
    if term.factor:
        return None

    def central(j: int) -> Node:
        odd = factorial(j) // (2 ** (j // 2) * factorial(j // 2))
        return Product((number(odd), Power(variance, number(j // 2)))) if j else ONE

    return _about(centre, term, central)


def _laplace(parameters: Sequence[Node], term: Term) -> Node | None:
    centre, scale = parameters
    if term.factor == "far" and not term.power:
        far = Call("abs", (_minus(centre, term.centre),))
        return Sum((far, Product((scale, Power(E, Negative(Quotient(far, scale)))))))
    if term.factor:
        return None
    return _about(centre, term, lambda j: Product((number(factorial(j)), Power(scale, number(j)))) if j else ONE)


def _by_factorial_moments(term: Term, moment: Callable[[int], Node]) -> Node | None:
    """The mean of ``x^k`` from those of ``x (x - 1) ... (x - j + 1)``."""
    if term.factor:
        return None
    return total([times([number(partitions(term.power, j)), moment(j)]) for j in range(term.power + 1)
                  if partitions(term.power, j)])


def _poisson(parameters: Sequence[Node], term: Term) -> Node | None:
    return _by_factorial_moments(term, lambda j: Power(parameters[0], number(j)))


def _binomial(parameters: Sequence[Node], term: Term) -> Node | None:
    n, p = parameters
    return _by_factorial_moments(
        term, lambda j: times([*(_minus(n, number(i)) if i else n for i in range(j)), Power(p, number(j))])
    )


def _geometric(parameters: Sequence[Node], term: Term) -> Node | None:
    """Of the number of trials: ``E[x (x - 1) ... (x - j + 1)] = j! (1 - p)^(j - 1)/p^j``."""
    (p,) = parameters

    def moment(j: int) -> Node:
        top = Product((number(factorial(j)), Power(_minus(ONE, p), number(j - 1))))
        return Quotient(top, Power(p, number(j))) if j else ONE

    return _by_factorial_moments(term, moment)


def _uniform(parameters: Sequence[Node], term: Term) -> Node | None:
    a, b = parameters
    if term.factor:
        return None
    n = number(term.power + 1)
    return Quotient(_minus(Power(b, n), Power(a, n)), Product((n, _minus(b, a))))


def _exponential(parameters: Sequence[Node], term: Term) -> Node | None:
    return _gamma((ONE, parameters[0]), term)


def _any(value: object) -> bool:
    return True


def _positive(value: object) -> bool:
    return value > 0  # type: ignore[operator]


def _share(value: object) -> bool:
    return 0 < value <= 1  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Law:
    """What numbers each parameter may be, and the mean of a term."""

    domains: tuple[Callable[[object], bool], ...]
    moment: Moment


_ROWS: Mapping[tuple[str, ...], Law] = {
    ("N", "Normal", "Gaussian"): Law((_any, _positive), _normal),
    ("Laplace",): Law((_any, _positive), _laplace),
    ("Gamma", "Ga"): Law((_positive, _positive), _gamma),
    ("Beta", "Be"): Law((_positive, _positive), _beta),
    ("Exp", "Exponential"): Law((_positive,), _exponential),
    ("Pois", "Poisson", "Poi"): Law((_positive,), _poisson),
    ("Bin", "Binomial"): Law((_positive, _share), _binomial),
    ("Geom", "Geometric"): Law((_share,), _geometric),
    ("U", "Unif", "Uniform"): Law((_any, _any), _uniform),
}
LAWS: Mapping[str, Law] = {name: law for names, law in _ROWS.items() for name in names}
"""The laws by their names: normal by mean and variance, gamma by shape and rate, exponential by its rate."""

