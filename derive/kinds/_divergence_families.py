r"""What the divergence of named families needs to know of each: its log density in terms, and the means of those terms.

A row of :data:`LOG_DENSITIES` writes ``log f(x)`` as ``sum c log(a) + sum d T(x)`` with constants c, a, d in the
parameters and statistics T of the outcome; :data:`MEANS` says under which families the mean of a statistic has a closed
form. Called by :mod:`derive.kinds._divergence_named`; a family of :mod:`derive.distributions` becomes usable by a row.

Source: Gil, Alajaji and Linder, Rényi divergence measures for commonly used univariate continuous distributions (2013);
Cover and Thomas, Elements of Information Theory (2nd ed., 2006), table 17.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from derive.distributions import Family, X, read_formula
from derive.goals import simple
from derive.tree import (
    ONE,
    PI,
    TWO,
    ZERO,
    Call,
    E,
    Integral,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    SumOver,
    Symbol,
    contains,
    map_children,
    numeric,
    substitute,
    times,
    total,
    walk,
)


@dataclass(frozen=True, slots=True)
class LogDensity:
    """``log f(x)``: ``logs`` pair a factor with what the logarithm is of, ``terms`` a factor with a statistic."""

    logs: tuple[tuple[str, str], ...]
    terms: tuple[tuple[str, str], ...]


LOG_DENSITIES: Mapping[str, LogDensity] = {
    "normal": LogDensity((("-1", r"\sqrt{2 \pi}"), ("-1", r"\sigma")), ((r"-\frac{1}{2 \sigma^2}", r"(x - \mu)^2"),)),
    "Laplace": LogDensity((("-1", "2 b"),), ((r"-\frac{1}{b}", r"|x - \mu|"),)),
    "exponential": LogDensity((("1", r"\lambda"),), ((r"-\lambda", "x"),)),
    "uniform": LogDensity((("-1", "b - a"),), ()),
    "gamma": LogDensity(
        ((r"\alpha", r"\beta"), ("-1", r"\Gamma(\alpha)")), ((r"\alpha - 1", r"\log(x)"), (r"-\beta", "x")),
    ),
    "beta": LogDensity(
        (("1", r"\Gamma(\alpha + \beta)"), ("-1", r"\Gamma(\alpha)"), ("-1", r"\Gamma(\beta)")),
        ((r"\alpha - 1", r"\log(x)"), (r"\beta - 1", r"\log(1 - x)")),
    ),
    "Bernoulli": LogDensity((), ((r"\log(p)", "x"), (r"\log(1 - p)", "1 - x"))),
    "binomial": LogDensity(
        (), (("1", r"\log(\operatorname{binom}(n, x))"), (r"\log(p)", "x"), (r"\log(1 - p)", "n - x")),
    ),
    "geometric": LogDensity((("1", "p"),), ((r"\log(1 - p)", "x - 1"),)),
    "Poisson": LogDensity((), ((r"-\lambda", "1"), (r"\log(\lambda)", "x"), ("-1", r"\log(x!)"))),
}  # fmt: skip
"""The families whose log density is written in terms."""


# --- means of statistics -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Named:
    """A family with its parameters."""

    family: Family
    items: tuple[Node, ...]

    def put(self, formula: Node) -> Node:
        """A formula of the family with these parameters."""
        put_in: dict[Node, Node] = dict(zip((p.symbol for p in self.family.parameters), self.items, strict=True))
        return _without_empty(substitute(formula, put_in))

    def read(self, latex: str) -> Node:
        """The same for LaTeX."""
        return self.put(read_formula(latex))

    @property
    def density(self) -> Node:
        """The density at x."""
        return self.put(self.family.formula)

    @property
    def mean(self) -> Node:
        """The mean."""
        return self.put(self.family.mean_formula)

    @property
    def variance(self) -> Node:
        """The variance."""
        return self.put(self.family.variance_formula)

    @property
    def law(self) -> Call:
        """``N(mu, sigma^2)``: how the law is written behind a ~."""
        name = LAWS[self.family.name]
        if name == "N":
            return Call(name, (self.items[0], _square(self.items[1])))
        return Call(name, self.items)


def _without_empty(node: Node) -> Node:
    """The formula without the zeros and ones that numbers for its letters left behind: ``x - 0``, ``1 x``."""
    node = map_children(node, _without_empty)
    match node:
        case Sum(terms) if any(t in (ZERO, Negative(ZERO)) for t in terms):
            return total([t for t in terms if t not in (ZERO, Negative(ZERO))])
        case Sum(terms) if all(numeric(t) is not None for t in terms):
            return simple(node)
        case Product(factors) if ONE in factors:
            return times([f for f in factors if f != ONE])
        case Quotient(top, bottom) if bottom == ONE:
            return top
        case Power(base, exponent) if ONE in (base, exponent):
            return base
        case Negative(Negative(operand)):
            return operand
    return node


def _square(u: Node) -> Node:
    return Power(u, TWO) if isinstance(u, Symbol) else simple(Power(u, TWO))


LAWS: Mapping[str, str] = {
    "normal": "N", "Laplace": "Laplace", "exponential": "Exp", "uniform": "U", "gamma": "Ga", "beta": "Beta",
    "Bernoulli": "Bernoulli", "binomial": "Bin", "geometric": "Geom", "Poisson": "Pois",
}  # fmt: skip
"""How each law is written, as the verifier knows it."""


def mean_of(statistic: Node, under: Named) -> Node | None:
    """The mean of a statistic under a family; None where it has no closed form here."""
    if not contains(statistic, X):
        return statistic
    for fits, row in MEANS:
        if fits(statistic):
            found = row(statistic, under)
            if found is not None:
                return found
    return None


def _linear(statistic: Node, under: Named) -> Node:
    return substitute(statistic, {X: under.mean})


def _is_linear(statistic: Node) -> bool:
    return statistic == X or (isinstance(statistic, Sum) and all(
        t in (X, Negative(X)) or not contains(t, X) for t in statistic.terms
    ))


def _is_square(statistic: Node) -> bool:
    return isinstance(statistic, Power) and statistic.exponent == TWO and _is_linear(statistic.base)


def _squared(statistic: Node, under: Named) -> Node:
    """Around a centre: the variance, and the square of the distance of the mean from the centre."""
    assert isinstance(statistic, Power)
    distance = substitute(statistic.base, {X: under.mean})
    if simple(distance) == Number("0"):
        return under.variance
    return Sum((under.variance, Power(distance, TWO)))


def _is_distance(statistic: Node) -> bool:
    return isinstance(statistic, Call) and statistic.name == "abs"


def _distance(statistic: Node, under: Named) -> Node | None:
    assert isinstance(statistic, Call)
    distance = substitute(statistic.args[0], {X: under.mean})
    none = simple(distance) == Number("0")
    far = Call("abs", (distance,))
    match under.family.name:
        case "Laplace":
            b = under.items[1]
            return b if none else Sum((far, Product((b, Power(E, Negative(Quotient(far, b)))))))
        case "normal":
            s = under.items[1]
            middle = Product((s, Root(Quotient(TWO, PI))))
            if none:
                return middle
            bell = Power(E, Negative(Quotient(Power(distance, TWO), Product((TWO, Power(s, TWO))))))
            tail = Call("erf", (Quotient(distance, Product((s, Root(TWO)))),))
            return Sum((Product((middle, bell)), Product((distance, tail))))
    return None


def _digamma(u: Node) -> Node:
    return Call("digamma", (u,))


def _is_log(of: Callable[[Node], bool]) -> Callable[[Node], bool]:
    return lambda s: isinstance(s, Call) and s.name == "log" and of(s.args[0])


def _log(statistic: Node, under: Named) -> Node | None:
    match under.family.name, under.items:
        case "gamma", (a, b):
            return Sum((_digamma(a), Negative(Call("log", (b,)))))
        case "exponential", (rate,):
            return Sum((_digamma(ONE), Negative(Call("log", (rate,)))))
        case "beta", (a, b):
            return Sum((_digamma(a), Negative(_digamma(simple(Sum((a, b)))))))
        case "uniform", (a, b):
            return _log_between(a, b)
    return None


def _log_between(a: Node, b: Node) -> Node:
    """The mean of the logarithm between two ends: that of ``x log x - x`` at both, over their distance."""
    upper = Call("log", (b,))
    if a == ZERO:
        return Sum((upper, Negative(ONE)))
    parts = Sum((Product((b, upper)), Negative(Product((a, Call("log", (a,)))))))
    return Sum((Quotient(parts, Sum((b, Negative(a)))), Negative(ONE)))


def _log_of_rest(statistic: Node, under: Named) -> Node | None:
    match under.family.name, under.items:
        case "beta", (a, b):
            return Sum((_digamma(b), Negative(_digamma(simple(Sum((a, b)))))))
    return None


MEANS: Sequence[tuple[Callable[[Node], bool], Callable[[Node, Named], Node | None]]] = (
    (_is_linear, _linear),
    (_is_square, _squared),
    (_is_distance, _distance),
    (_is_log(lambda u: u == X), _log),
    (_is_log(lambda u: isinstance(u, Sum) and Negative(X) in u.terms), _log_of_rest),
)
"""Which statistics have which mean."""


def written_mean(statistic: Node, under: Named) -> Node:
    """The mean of a statistic as the sum or integral that it is."""
    low, high = (under.put(end) for end in under.family.bounds)
    body = times([under.density, statistic])
    return SumOver(body, X, low, high) if under.family.discrete else Integral(body, X, low, high)


def outcome_domain(family: Family) -> str:
    """The domain of an outcome, for the verifier."""
    return {
        "real": "real", "positive": "positive", "unit interval": "(0, 1)", "interval": "real", "two values": "real",
        "counts": "nonnegative integer", "positive counts": "positive integer", "counts to n": "nonnegative integer",
    }[family.support]  # fmt: skip


def uses(statistic: Node, name: str) -> bool:
    """Whether a function occurs in a statistic."""
    return any(isinstance(n, Call) and n.name == name for n in walk(statistic))
