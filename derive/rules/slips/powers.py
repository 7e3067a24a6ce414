r"""The slips made with powers, roots, fractions, brackets and signs.

Rows of :data:`derive.rules.slips.SLIPS`.
"""

from __future__ import annotations

from derive.rules.slips._rows import Slip, even, first, is_matrix, signed, slip, spread, without, wrong_law
from derive.tree import (
    ONE,
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
    negated,
    numeric,
    times,
    total,
    unsigned,
)


def _middle_without_2(node: Node) -> Node | None:
    match node:
        case Power(Sum((u, v)), Number("2")):
            middle = Product((unsigned(u), unsigned(v)))
            minus = isinstance(u, Negative) != isinstance(v, Negative)
            return Sum((Power(unsigned(u), TWO), Negative(middle) if minus else middle, Power(unsigned(v), TWO)))
    return None


def _cancelled_term(node: Node) -> Node | None:
    """A term that stands above and below is struck out."""
    match node:
        case Quotient(Sum(terms), Sum(below)):
            shared = next((t for t in terms if t in below), None)
            if shared is not None and len(terms) > 1 and len(below) > 1:
                top, bottom = (without(side, side.index(shared)) for side in (terms, below))
                return Quotient(total(top), total(bottom))
        case Quotient(Sum(terms), bottom) if bottom in terms:
            return total(without(terms, terms.index(bottom)))
        case Quotient(top, Sum(below)) if top in below:
            return Quotient(ONE, total(without(below, below.index(top))))
        case Quotient(Sum((Product(factors), *rest)), bottom) if bottom in factors:
            return total([times(without(factors, factors.index(bottom))), *rest])
    return None


def _fractions_added_across(node: Node) -> Node | None:
    match node:
        case Sum((Quotient(u, v), Quotient(w, z))):
            return Quotient(Sum((u, w)), Sum((v, z)))
    return None


def _upside_down(node: Node) -> Node | None:
    return Quotient(node.denominator, node.numerator) if isinstance(node, Quotient) else None


def _divided_by_fraction(node: Node) -> Node | None:
    match node:
        case Quotient(u, Quotient(v, w)):
            return Quotient(u, Product((v, w)))
    return None


def _sign_in_bracket_lost(node: Node) -> Node | None:
    """``-(u + v) = -u + v``: only the first sign is changed."""
    match node:
        case Negative(Sum((first, *rest))):
            return Sum((negated(first), *rest))
    return None


def _first_term_only(node: Node) -> Node | None:
    """``u (v + w) = u v + w``."""
    match node:
        case Product((*front, Sum((first, *rest)))) if front:
            return Sum((signed(lambda t: Product((*front, t)), first), *rest))
    return None


def _minus_lost(node: Node) -> Node | None:
    return node.operand if isinstance(node, Negative) and numeric(node) != 0 else None


def _minus_added(node: Node) -> Node | None:
    """The last term that is added is subtracted."""
    match node:
        case Sum((*front, last)) if not isinstance(last, Negative):
            return Sum((*front, Negative(last)))
    return None


def _minus_into_power(node: Node) -> Node | None:
    match node:
        case Negative(Power(base, exponent)) if even(exponent):
            return Power(Negative(base), exponent)
    return None


def _minus_out_of_power(node: Node) -> Node | None:
    match node:
        case Power(Negative(base), exponent) if even(exponent):
            return Negative(Power(base, exponent))
    return None


def _power_of_one_factor(node: Node) -> Node | None:
    """``(u v)^n = u v^n``."""
    match node:
        case Power(Product((*front, last)), exponent) if not is_matrix(node.base):
            return Product((*front, Power(last, exponent)))
    return None


def _power_before_product(node: Node) -> Node | None:
    """``2 u^n`` computed as ``(2 u)^n``."""
    match node:
        case Product((Number() as factor, Power(base, exponent))) if base != E and numeric(exponent) is not None:
            return Power(Product((factor, base)), exponent)
    return None


def _exponents_multiplied(node: Node) -> Node | None:
    match node:
        case Product((Power(u, m), Power(v, n))) if u == v:
            return Power(u, Product((m, n)))
    return None


def _exponents_divided(node: Node) -> Node | None:
    match node:
        case Quotient(Power(u, m), Power(v, n)) if u == v:
            return Power(u, Quotient(m, n))
    return None


def _negative_exponent(node: Node) -> Node | None:
    match node:
        case Power(base, Negative(exponent)):
            return Negative(Power(base, exponent))
    return None


def _root_as_reciprocal(node: Node) -> Node | None:
    match node:
        case Power(base, Quotient(Number("1"), bottom)):
            return Quotient(ONE, Power(base, bottom))
        case Root(radicand, degree):
            return Quotient(ONE, Power(radicand, degree))
    return None


def _zero_exponent(node: Node) -> Node | None:
    match node:
        case Power(_, exponent) if numeric(exponent) == 0:
            return ZERO
    return None


def _root_of_square(node: Node) -> Node | None:
    match node:
        case Root(Power(base, exponent), degree) if exponent == degree and even(degree):
            return base
        case Call("abs", (u,), 0):
            return u
    return None


POWERS: tuple[Slip, ...] = (
    slip("power of a sum term by term", "binomial formula", "(u + v)^n = u^n + v^n",
         "The mixed terms are missing: (1 + 1)^2 is 4, not 2.", spread("u^n", Sum)),
    slip("factor 2 of the mixed term lost", "binomial formula", "(u + v)^2 = u^2 + u v + v^2",
         "The mixed term occurs twice: (1 + 1)^2 is 4, not 3.", _middle_without_2),
    slip("root of a sum term by term", "root of a product", r"\sqrt{u + v} = \sqrt{u} + \sqrt{v}",
         "Roots go with products, not with sums: the root of 9 + 16 is 5, not 7.",
         first(spread(r"\sqrt{u}", Sum), spread(r"\sqrt[n]{u}", Sum))),
    slip("fraction split in the denominator", "common denominator", r"\frac{w}{u + v} = \frac{w}{u} + \frac{w}{v}",
         "Only a numerator may be split: 1/(1 + 1) is 1/2, not 2.", spread(r"\frac{w}{u}", Sum)),
    slip("fractions added across", "common denominator", r"\frac{u}{v} + \frac{w}{z} = \frac{u + w}{v + z}",
         "Fractions are first brought to one denominator: 1/2 + 1/2 is 1, not 2/4.", _fractions_added_across),
    slip("term cancelled as if it were a factor", "cancel common factors", r"\frac{u + w}{v + w} = \frac{u}{v}",
         "Only a factor of the whole numerator and the whole denominator cancels: (1 + 2)/(3 + 2) is not 1/3.",
         _cancelled_term),
    slip("fraction upside down", "fraction", r"\frac{u}{v} = \frac{v}{u}",
         "Numerator and denominator changed places: the result is the reciprocal.", _upside_down),
    slip("divided by a fraction without turning it over", "divide by a fraction",
         r"\frac{u}{v/w} = \frac{u}{v w}",
         "Dividing by a fraction multiplies by its reciprocal: 1/(1/2) is 2, not 1/2.", _divided_by_fraction),
    slip("sign lost when the bracket was opened", "multiply out", "-(u + v) = -u + v",
         "The minus sign belongs to every term of the bracket.", _sign_in_bracket_lost),
    slip("only the first term multiplied", "multiply out", "u (v + w) = u v + w",
         "The factor multiplies every term of the bracket: 2(1 + 1) is 4, not 3.", _first_term_only),
    slip("minus sign lost", "sign", "-u = u", "A minus sign was dropped from one line to the next.", _minus_lost),
    slip("minus sign added", "sign", "u + v = u - v", "A plus became a minus from one line to the next.",
         _minus_added),
    slip("minus taken into the power", "order of operations", "-u^2 = (-u)^2",
         "The power comes before the sign: -3^2 is -9.", _minus_into_power),
    slip("minus kept outside an even power", "order of operations", "(-u)^2 = -u^2",
         "The sign is squared as well: (-3)^2 is 9.", _minus_out_of_power),
    slip("power on the last factor only", "power of a product", "(u v)^n = u v^n",
         "Every factor of the bracket is raised: (2 times 3)^2 is 36, not 18.", _power_of_one_factor),
    slip("product before the power", "order of operations", "2 u^n = (2 u)^n",
         "The power comes before the product: 2 times 3^2 is 18, not 36.", _power_before_product),
    wrong_law("power of a power with exponents added", "power of a power", "(u^v)^w", "u^{v + w}",
              "Exponents are multiplied here: (2^3)^2 is 64, not 32."),
    slip("powers multiplied by multiplying exponents", "combine powers", "u^m u^n = u^{m n}",
         "Exponents are added here: 2^2 2^3 is 32, not 64.", _exponents_multiplied),
    slip("powers divided by dividing exponents", "combine powers", r"\frac{u^m}{u^n} = u^{m/n}",
         "Exponents are subtracted here: 2^6/2^2 is 16, not 8.", _exponents_divided),
    slip("negative exponent as a negative number", "negative exponent", "u^{-n} = -u^n",
         "A negative exponent means one over: 2^{-1} is 1/2, not -2.", _negative_exponent),
    slip("root as a reciprocal", "root as a power", r"u^{\frac{1}{n}} = \frac{1}{u^n}",
         "The exponent one over n is a root, the exponent minus n a reciprocal: 4^{1/2} is 2.", _root_as_reciprocal),
    slip("power zero as zero", "power zero", "u^0 = 0", "A product of no factors is 1: 2^1 / 2 = 2^0 = 1.",
         _zero_exponent),
    slip("absolute value dropped", "root of a square", r"\sqrt{u^2} = u",
         "A root is never negative: for u = -3 the left side is 3.", _root_of_square),
)
