r"""The families of distributions that a problem may name: one row each.

What a family is, and nothing derived from it: its density (or mass), its support, its parameters with their domains,
its mean and variance. Kinds about likelihoods, divergences and entropies take a family by its name; the tests hold
every row against numeric integration or summation: the density is normalised and has the mean and variance stated. A
new family is a row. Formulas are LaTeX in ``x`` and the parameters' names.

Source: Casella and Berger, Statistical Inference (2nd ed., 2002), table of common distributions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from derive.errors import DeriveError
from derive.tree import Node, Symbol

SUPPORTS: Mapping[str, tuple[str, str]] = {
    "real": (r"-\infty", r"\infty"),
    "positive": ("0", r"\infty"),
    "unit interval": ("0", "1"),
    "interval": ("a", "b"),
    "two values": ("0", "1"),
    "counts": ("0", r"\infty"),
    "positive counts": ("1", r"\infty"),
    "counts to n": ("0", "n"),
    "classes": ("1", "K"),
}
"""The least and the largest value of each support, in the parameters' names."""


@dataclass(frozen=True)
class Parameter:
    """A parameter: its name as LaTeX, its domain (:mod:`derive.declarations`), and what it is in words."""

    latex: str
    domain: str
    title: str

    @property
    def symbol(self) -> Symbol:
        """The name as a symbol."""
        made = read_formula(self.latex)
        assert isinstance(made, Symbol)
        return made


@dataclass(frozen=True)
class Family:
    """A family. ``density`` is a mass where ``discrete``; ``fixed`` are parameters that are known, not estimated."""

    name: str
    title: str
    notation: str
    parameters: tuple[Parameter, ...]
    support: str
    density: str
    mean: str
    variance: str
    discrete: bool = False
    fixed: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()

    @property
    def bounds(self) -> tuple[Node, Node]:
        """The ends of the support, in the parameters' names."""
        low, high = SUPPORTS[self.support]
        return read_formula(low), read_formula(high)

    @property
    def formula(self) -> Node:
        """The density or mass at ``x``, on the support."""
        return read_formula(self.density)

    @property
    def mean_formula(self) -> Node:
        """The mean, in the parameters' names."""
        return read_formula(self.mean)

    @property
    def variance_formula(self) -> Node:
        """The variance, in the parameters' names."""
        return read_formula(self.variance)


X = Symbol("x")

_ROWS = (
    Family(
        "Bernoulli", "Bernoulli distribution", r"\operatorname{Bernoulli}(p)",
        (Parameter("p", "(0, 1)", "probability of 1"),), "two values",
        r"p^x (1 - p)^{1 - x}", "p", "p (1 - p)", True, spellings=("coin",),
    ),
    Family(
        "binomial", "binomial distribution", r"\operatorname{Bin}(n, p)",
        (Parameter("n", "positive integer", "number of trials"), Parameter("p", "(0, 1)", "probability of success")),
        "counts to n", r"\operatorname{binom}(n, x) p^x (1 - p)^{n - x}", "n p", "n p (1 - p)", True, ("n",),
    ),
    Family(
        "geometric", "geometric distribution (number of trials)", r"\operatorname{Geom}(p)",
        (Parameter("p", "(0, 1)", "probability of success"),), "positive counts",
        r"(1 - p)^{x - 1} p", r"\frac{1}{p}", r"\frac{1 - p}{p^2}", True,
    ),
    Family(
        "Poisson", "Poisson distribution", r"\operatorname{Pois}(\lambda)",
        (Parameter(r"\lambda", "positive", "rate"),), "counts",
        r"\frac{\lambda^x e^{-\lambda}}{x!}", r"\lambda", r"\lambda", True,
    ),
    Family(
        "exponential", "exponential distribution", r"\operatorname{Exp}(\lambda)",
        (Parameter(r"\lambda", "positive", "rate"),), "positive",
        r"\lambda e^{-\lambda x}", r"\frac{1}{\lambda}", r"\frac{1}{\lambda^2}",
    ),
    Family(
        "normal", "normal distribution", r"\mathcal{N}(\mu, \sigma^2)",
        (Parameter(r"\mu", "real", "mean"), Parameter(r"\sigma", "positive", "standard deviation")), "real",
        r"\frac{1}{\sqrt{2 \pi} \sigma} e^{-\frac{(x - \mu)^2}{2 \sigma^2}}", r"\mu", r"\sigma^2",
        spellings=("gaussian", "gauss"),
    ),
    Family(
        "Laplace", "Laplace distribution", r"\operatorname{Laplace}(\mu, b)",
        (Parameter(r"\mu", "real", "centre"), Parameter("b", "positive", "scale")), "real",
        r"\frac{1}{2 b} e^{-\frac{|x - \mu|}{b}}", r"\mu", "2 b^2",
    ),
    Family(
        "uniform", "uniform distribution", r"\operatorname{U}(a, b)",
        (Parameter("a", "real", "lower end"), Parameter("b", "real", "upper end")), "interval",
        r"\frac{1}{b - a}", r"\frac{a + b}{2}", r"\frac{(b - a)^2}{12}",
    ),
    Family(
        "gamma", "gamma distribution (shape and rate)", r"\operatorname{Gamma}(\alpha, \beta)",
        (Parameter(r"\alpha", "positive", "shape"), Parameter(r"\beta", "positive", "rate")), "positive",
        r"\frac{\beta^\alpha}{\Gamma(\alpha)} x^{\alpha - 1} e^{-\beta x}",
        r"\frac{\alpha}{\beta}", r"\frac{\alpha}{\beta^2}",
    ),
    Family(
        "beta", "beta distribution", r"\operatorname{Beta}(\alpha, \beta)",
        (Parameter(r"\alpha", "positive", "first shape"), Parameter(r"\beta", "positive", "second shape")),
        "unit interval",
        r"\frac{\Gamma(\alpha + \beta)}{\Gamma(\alpha) \Gamma(\beta)} x^{\alpha - 1} (1 - x)^{\beta - 1}",
        r"\frac{\alpha}{\alpha + \beta}", r"\frac{\alpha \beta}{(\alpha + \beta)^2 (\alpha + \beta + 1)}",
    ),
)  # fmt: skip

FAMILIES: Mapping[str, Family] = {row.name: row for row in _ROWS}
"""The families by name. The multivariate normal and the categorical distribution are vectors' and tables' business."""


def family_named(text: str) -> Family:
    """The family that a word means. DeriveError, with the known ones, for another word."""
    from derive.read.fields import nearest

    wanted = text.casefold().removesuffix(" distribution").strip()
    for row in _ROWS:
        if wanted in (row.name.casefold(), *row.spellings):
            return row
    hint = nearest(text, FAMILIES) or f"known are {', '.join(FAMILIES)}"
    raise DeriveError(f'there is no family of distributions "{text}"', hint)


@cache
def read_formula(latex: str) -> Node:
    """A row's formula as a tree."""
    from derive.read.latex import Names, read

    return read(latex, Names(labels=True))
