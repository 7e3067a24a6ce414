r"""Laws that change the form of an expression when a goal asks for it: never applied to simplify.

Definitions written out, one fraction, lowest terms, factors, logarithms and trigonometric functions taken
apart. Each table is a phase (see :mod:`derive.rules.algebra`). Called by :mod:`derive.goals`.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm

from derive.errors import LimitError, MathError
from derive.functions import FUNCTIONS
from derive.pattern import build as build_pattern
from derive.pattern import pattern
from derive.rules import Rule, law, on, rational
from derive.rules.monomials import Monomial, arranged, build, is_exponential, join, split, terms_of
from derive.steps import Level
from derive.tree import (
    ONE,
    Call,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
)

# --- definitions ------------------------------------------------------------------------------------


def _definition(name: str) -> Rule:
    function = FUNCTIONS[name]

    @on((Call, name))
    def apply(node: Node) -> Node | None:
        match node:
            case Call(called, (argument,), 0) if called == name:
                return build_pattern(pattern(function.definition), {"u": argument})
        return None

    return Rule(
        f"definition of the {function.title}", rf"{function.latex}(u) = {function.definition}",
        f"The {function.title} is written out.", apply, Level.ALGEBRA,
    )


@on((Call, "max"), (Call, "min"))
def _absolute(node: Node) -> Node | None:
    """``max(u, v) = (u + v + |u - v|)/2``, and with a minus sign the minimum."""
    match node:
        case Call("max" | "min" as name, (u, v), 0):
            size = Call("abs", (Sum((u, Negative(v))),))
            return Quotient(Sum((u, v, size if name == "max" else Negative(size))), pattern("2"))
    return None


DEFINITIONS: tuple[Rule, ...] = (
    *(_definition(name) for name, f in FUNCTIONS.items() if f.definition and name not in ("tan", "sign")),
    law("logarithm to a base", r"\log_v(u)", r"\frac{\log(u)}{\log(v)}",
        "Every logarithm is a natural one over another.", Level.ALGEBRA),
    Rule("maximum by absolute value", r"\max(u, v) = \frac{u + v + \left|u - v\right|}{2}",
         "The larger one is the mean plus half the distance.", _absolute, Level.ALGEBRA),
)

TRIGONOMETRY: tuple[Rule, ...] = (
    law("tangent", r"\tan(u)", r"\frac{\sin(u)}{\cos(u)}", "The tangent is sine over cosine.", Level.ALGEBRA),
    law("double angle", r"\sin(2 u)", r"2 \sin(u) \cos(u)", "The sine of twice an angle.", Level.ALGEBRA),
    law("double angle", r"\cos(2 u)", r"\cos(u)^2 - \sin(u)^2", "The cosine of twice an angle.", Level.ALGEBRA),
    law("addition formula", r"\sin(u + v)", r"\sin(u) \cos(v) + \cos(u) \sin(v)", "The sine of a sum.", Level.ALGEBRA),
    law("addition formula", r"\cos(u + v)", r"\cos(u) \cos(v) - \sin(u) \sin(v)", "The cosine of a sum.",
        Level.ALGEBRA),
)

@on((Call, "log"), (Call, "ln"))
def _log_of_product(node: Node) -> Node | None:
    match node:
        case Call("log" | "ln" as name, (Product(factors),), 0):
            return Sum(tuple(Call(name, (f,)) for f in factors))
    return None


@on((Call, "log"), (Call, "ln"))
def _exponential_out_of_log(node: Node) -> Node | None:
    """``log(1 + e^x) = x + log(e^{-x} + 1)``: the first of the exponentials in a fixed order comes out."""
    match node:
        case Call("log" | "ln" as name, (Sum() as inside,), 0):
            monomials = [split(t) for t in terms_of(inside)]
            bases = sorted({b for m in monomials for b in m.powers if is_exponential(b)}, key=repr)
            largest = max([m.powers.get(b, Fraction(0)) for b in bases] for m in monomials)
            if not any(largest):
                return None
            factor = Monomial(powers={b: e for b, e in zip(bases, largest, strict=True) if e})
            inner = sorted((m.times(factor, -1) for m in monomials), key=lambda m: bool(m.powers))
            rest = join([build(m) for m in inner])
            return Sum((build_exponent(factor), Call(name, (rest,))))
    return None


def build_exponent(monomial: Monomial) -> Node:
    """The exponent of a product of exponentials."""
    made = build(monomial)
    return made.exponent if isinstance(made, Power) else ONE


LOGARITHMS: tuple[Rule, ...] = (
    law("logarithm of a reciprocal", r"\log(\frac{1}{v})", r"-\log(v)", "The logarithm of one over is minus it.",
        Level.ALGEBRA, "v > 0"),
    law("logarithm of a quotient", r"\log(\frac{u}{v})", r"\log(u) - \log(v)", "A quotient becomes a difference.",
        Level.ALGEBRA, "u > 0 and v > 0"),
    law("logarithm of a power", r"\log(u^n)", r"n \log(u)", "The exponent comes to the front.", Level.ALGEBRA, "u > 0"),
    law("logarithm of a root", r"\log(\sqrt{u})", r"\frac{1}{2} \log(u)", "A root is a power one half.",
        Level.ALGEBRA, "u > 0"),
    Rule("take an exponential out of the logarithm", r"\log(e^u + v) = u + \log(1 + e^{-u} v)",
         "A common factor of the argument becomes a term.", _exponential_out_of_log, Level.ALGEBRA),
    Rule("logarithm of a product", r"\log(u v) = \log(u) + \log(v)", "A product becomes a sum.",
         _log_of_product, Level.ALGEBRA, "u > 0 and v > 0"),
)


# --- fractions --------------------------------------------------------------------------------------


@on(Sum)
def common_denominator(node: Node) -> Node | None:
    """A sum with fractions as one fraction over the least common denominator, not yet multiplied out."""
    if not isinstance(node, Sum):
        return None
    monomials = [split(t) for t in terms_of(node)]
    shared = _denominator(monomials)
    if not shared.powers:
        return None
    tops = [build(m.times(shared)) for m in monomials]
    return Quotient(join(tops), build(shared))


def _denominator(monomials: list[Monomial]) -> Monomial:
    shared = Monomial(Fraction(lcm(*(m.coefficient.denominator for m in monomials))))
    for monomial in monomials:
        for base, exponent in monomial.powers.items():
            if isinstance(exponent, Fraction) and exponent < 0 and not is_exponential(base):
                old = shared.powers.get(base, Fraction(0))
                shared.powers[base] = max(old, -exponent) if isinstance(old, Fraction) else old
    return shared


def _rationally(function: str) -> Rule:
    """A law of :mod:`derive.rules.rational` as a rule for a whole sum, product or fraction."""
    name, shown, reason = _RATIONAL[function]
    compute = getattr(rational, function)

    @on(Sum, Product, Quotient, Negative, Power)
    def apply(node: Node) -> Node | None:
        if not isinstance(node, (Sum, Product, Quotient, Negative, Power)):
            return None
        try:
            made: Node = compute(node)
        except (LimitError, MathError):
            return None
        return None if made == node or _reorders(node, made) else made

    return Rule(name, shown, reason, apply, Level.ALGEBRA)


def _reorders(node: Node, made: Node) -> bool:
    """Whether nothing happened but that letters changed places."""
    monomial = split(node)
    return build(monomial) == node and arranged(monomial) == made


_RATIONAL = {
    "lowest_terms": ("reduce to lowest terms", r"\frac{u w}{v w} = \frac{u}{v}",
                     "Multiplied out over one denominator; common factors cancel."),
    "factors": ("factor", "u w + v w = (u + v) w", "Sums are written as products, also above and below a bar."),
}

COMMON_DENOMINATOR: tuple[Rule, ...] = (
    Rule("common denominator", r"\frac{u}{v} + w = \frac{u + w v}{v}", "All terms are put over one denominator.",
         common_denominator, Level.ALGEBRA),
)
LOWEST_TERMS: tuple[Rule, ...] = (_rationally("lowest_terms"),)
FACTORS: tuple[Rule, ...] = (_rationally("factors"),)

FORMS: tuple[Rule, ...] = (
    *DEFINITIONS, *TRIGONOMETRY, *LOGARITHMS, *COMMON_DENOMINATOR, *LOWEST_TERMS, *FACTORS,
)
