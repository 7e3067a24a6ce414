r"""Rules for the log-likelihood of a sample: a product's logarithm taken apart, sums over the data separated.

Called by the kind ``maximum-likelihood``, which runs them from the likelihood to a form in sums of the data alone. They
stand beside those of :mod:`derive.rules.arguments`, read from left to right only. A new row says one law about a sum
over an index, or about a logarithm; the tests hold every row against the verifier.

Source: Casella and Berger, Statistical Inference (2nd ed., 2002), sections 6.2 and 7.2.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from derive.rules import Rule
from derive.rules.arguments import LINEARITY, LOGS, TIDY
from derive.rules.forms import LOGARITHMS
from derive.rules.monomials import Exponent, Monomial, build, split
from derive.steps import Level
from derive.tree import (
    ONE,
    Expectation,
    Indexed,
    Node,
    Number,
    Power,
    Product,
    Sum,
    SumOver,
    Symbol,
    free_symbols,
    times,
)


def _of_letters(rule: Rule) -> Rule:
    """The same rule for arguments with letters only: ``log(2π)`` stays one number."""
    return replace(rule, apply=lambda node: rule.apply(node) if free_symbols(node) else None)


def _sum_of_constant(node: Node) -> Node | None:
    match node:
        case SumOver(body, index, Number("1"), Node() as upper, None) if index not in free_symbols(body):
            return times([upper, *([] if body == ONE else [body])])
    return None


def _factors_in_front(node: Node) -> Node | None:
    """What does not depend on the index, numbers and denominators too."""
    match node:
        case SumOver(body, index, lower, upper, where):
            term = split(body)
            rest = {b: e for b, e in term.powers.items() if _holds(b, e, index)}
            if not rest or (len(rest) == len(term.powers) and term.coefficient == 1):
                return None
            fixed = {b: e for b, e in term.powers.items() if b not in rest}
            inner = SumOver(build(Monomial(powers=rest)), index, lower, upper, where)
            return build(Monomial(term.coefficient, {**fixed, inner: Fraction(1)}, term.decimals))
    return None


def _holds(base: Node, exponent: Exponent, index: Symbol) -> bool:
    return index in free_symbols(base) or (isinstance(exponent, Node) and index in free_symbols(exponent))


def _square_of_deviation(node: Node) -> Node | None:
    """``E[(X - c)^2]`` in the moments of X."""
    match node:
        case Expectation("E", (Power(Sum(), Number("2")) as square,), over):
            opened = next(rule for rule in TIDY if rule.name == "square of a sum").apply(square)
            return None if opened is None else Expectation("E", (opened,), over)
    return None



LOGARITHM_APART: tuple[Rule, ...] = (
    *(_of_letters(rule) for rule in LOGS if rule.name.startswith("logarithm of a ")),
    *(rule for rule in LOGARITHMS if rule.name == "logarithm of a root"),
    *(rule for rule in TIDY if rule.name == "open the bracket"),
)
"""Logarithms of products over the data, of products, quotients, powers and roots."""

SUMS_APART: tuple[Rule, ...] = (
    *(rule for rule in LINEARITY if rule.law.startswith(r"\mathbb{E}[u + v]")),
    Rule("linearity", r"\sum_{i=1}^n c u_i = c \sum_{i=1}^n u_i",
         "What is the same for every sample comes to the front of the sum.", _factors_in_front),
    Rule("sum of a constant", r"\sum_{i=1}^n c = n c", "The same term n times.", _sum_of_constant),
    *(rule for rule in TIDY if rule.name == "open the bracket"),
)
"""A sum over the data as sums of what depends on them."""

MOMENTS_APART: tuple[Rule, ...] = (
    *(rule for rule in LINEARITY if rule.law.startswith((r"\mathbb{E}[u + v]", r"\mathbb{E}[c u]", r"\mathbb{E}[c]"))),
    Rule("square of a deviation", r"\mathbb{E}[(u - v)^2] = \mathbb{E}[u^2 - 2 u v + v^2]",
         "Every part with every part.", _square_of_deviation),
)
"""A mean as a sum of multiples of moments."""


def naming(mean: Symbol) -> tuple[Rule, ...]:
    r"""The rule that brings in the mean of the data under its name, ``\bar{x}`` for data ``x``."""

    def named(node: Node) -> Node | None:
        match node:
            case SumOver(Indexed(Symbol(name), (index,)), i, Number("1"), Node() as upper, None):
                return Product((upper, mean)) if index == i and name == mean.name else None
        return None

    return (Rule("mean of the data", r"\sum_{i=1}^n x_i = n \bar{x}",
                 "The sum is the number of data times their mean.", named, Level.ALGEBRA),)
