r"""The slips made with exponentials, logarithms and other functions.

Rows of :data:`derive.rules.slips.SLIPS`.
"""

from __future__ import annotations

from derive.rules import Action
from derive.rules.slips._rows import (
    Slip,
    first,
    signed,
    slip,
    spread,
    wrong_law,
)
from derive.tree import (
    ONE,
    Call,
    E,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    times,
)


def _other_base(base: str) -> Action:
    def apply(node: Node) -> Node | None:
        match node:
            case Call("log" | "ln", (u,), 0):
                return Call("log", (u, Number(base)))
        return None

    return apply


def _base_forgotten(node: Node) -> Node | None:
    match node:
        case Call("log", (u, _), 0):
            return Call("log", (u,))
    return None


def _exponent_split(node: Node) -> Node | None:
    """``e^{u v} = e^u e^v``."""
    match node:
        case Power(base, Product(factors)) if base == E:
            return Product(tuple(Power(E, f) for f in factors))
    return None


def _power_of_log(node: Node) -> Node | None:
    match node:
        case Power(Call("log" | "ln", (_,), 0) as inner, exponent):
            return Product((exponent, inner))
    return None


def _logs_subtracted(node: Node) -> Node | None:
    match node:
        case Quotient(Call("log" | "ln" as name, (_,), 0), Call(other, (_,), 0)) if name == other:
            return Sum((node.numerator, Negative(node.denominator)))
    return None


_LINEAR = ("sin", "cos", "tan", "tanh", "sigma", "exp", "softplus", "relu", "arctan", "sinh", "cosh")


def _function_of_sum(node: Node) -> Node | None:
    match node:
        case Call(name, (Sum(terms),), 0) if name in _LINEAR:
            return Sum(tuple(signed(lambda t: Call(name, (t,)), t) for t in terms))
    return None


def _factor_out_of_function(node: Node) -> Node | None:
    match node:
        case Call(name, (Product((Number() as factor, *rest)),), 0) if name in _LINEAR:
            return Product((factor, Call(name, (times(rest),))))
    return None


def _sign_out_of_even(node: Node) -> Node | None:
    match node:
        case Call("cos" | "cosh" | "abs" as name, (Negative(u),), 0):
            return Negative(Call(name, (u,)))
    return None


def _swapped_name(pairs: dict[str, str]) -> Action:
    def apply(node: Node) -> Node | None:
        match node:
            case Call(name, args, 0) if name in pairs:
                return Call(pairs[name], args)
        return None

    return apply


def _sign_of_exponent_lost(node: Node) -> Node | None:
    """``1/(1 + e^{-u})`` written with ``e^u``: one definition of sigma mixed with the other."""
    match node:
        case Call("sigma", (u,), 0):
            return Quotient(ONE, Sum((ONE, Power(E, u))))
    return None


FUNCTIONS: tuple[Slip, ...] = (
    slip("exponential of a sum as a sum", "combine powers", "e^{u + v} = e^u + e^v",
         "A sum in the exponent becomes a product: e^{0 + 0} is 1, not 2.", spread("e^u", Sum)),
    slip("exponential of a product as a product", "power of a power", "e^{u v} = e^u e^v",
         "A product in the exponent is a power of a power; adding exponents makes a product.", _exponent_split),
    slip("logarithm of a sum as a sum", "logarithm of a product", r"\log(u + v) = \log(u) + \log(v)",
         "A logarithm turns products into sums and leaves sums alone: log(1 + 1) is not 0.",
         first(spread(r"\log(u)", Sum), spread(r"\ln(u)", Sum))),
    slip("logarithm of a product as a product", "logarithm of a product", r"\log(u v) = \log(u) \log(v)",
         "A product becomes a sum: log(1 e) is 1, not 0.",
         first(spread(r"\log(u)", Product), spread(r"\ln(u)", Product))),
    wrong_law("logarithm of a quotient as a quotient", "logarithm of a quotient", r"\log(\frac{u}{v})",
              r"\frac{\log(u)}{\log(v)}",
              "A quotient becomes a difference: log(e/1) is 1, and log 1 = 0 cannot divide."),
    slip("quotient of logarithms as a difference", "logarithm of a quotient",
         r"\frac{\log(u)}{\log(v)} = \log(u) - \log(v)",
         "The difference is the logarithm of a quotient, not a quotient of logarithms.", _logs_subtracted),
    slip("exponent taken out of a power of the logarithm", "logarithm of a power", r"\log(u)^n = n \log(u)",
         "Only an exponent inside the logarithm comes to the front: (log e)^2 is 1, not 2.", _power_of_log),
    slip("logarithm to base 10", "natural logarithm", r"\log(u) = \log_{10}(u)",
         "In calculus log is the natural one: a calculator's log is smaller by the factor 2.303.", _other_base("10")),
    slip("logarithm to base 2", "natural logarithm", r"\log(u) = \log_2(u)",
         "Nats and bits differ by the factor log 2 = 0.693: check with log e = 1.", _other_base("2")),
    slip("base of the logarithm forgotten", "logarithm to a base", r"\log_v(u) = \log(u)",
         "To another base divide by the logarithm of that base: log_2 8 is 3, log 8 is 2.08.", _base_forgotten),
    slip("function of a sum term by term", "addition formula", "f(u + v) = f(u) + f(v)",
         "Only multiples of the variable are additive: the cosine of 0 + 0 is 1, not 2.", _function_of_sum),
    slip("factor taken out of a function", "double angle", r"\sin(2 u) = 2 \sin(u)",
         "A factor of the argument is not a factor of the value: no sine is larger than 1.", _factor_out_of_function),
    slip("even function taken for odd", "even function", r"\cos(-u) = -\cos(u)",
         "The cosine and the absolute value drop the sign: at 0 the cosine is 1.", _sign_out_of_even),
    wrong_law("logistic function taken for odd", "symmetry of the logistic function", r"\sigma(-u)", r"-\sigma(u)",
              r"It is symmetric about the height one half, so sigma(-u) = 1 - sigma(u); it is never negative."),
    slip("sign in the logistic function lost", "definition of the logistic function",
         r"\sigma(u) = \frac{1}{1 + e^{u}}", "The exponent carries a minus sign: sigma rises.",
         _sign_of_exponent_lost),
    slip("maximum and minimum confused", "maximum", r"\max(u, v) = \min(u, v)",
         "Put in two numbers: the maximum is the larger one.", _swapped_name({"max": "min", "min": "max"})),
    slip("sine and cosine confused", "sine", r"\sin(u) = \cos(u)", "At 0 the sine is 0 and the cosine is 1.",
         _swapped_name({"sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh"})),
)
