r"""The slips made in differentiating and integrating: lost factors, product and quotient rule, the wrong variable.

Rows of :data:`derive.rules.slips.SLIPS`.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.rules import Action
from derive.rules.calculus import CALCULUS
from derive.rules.slips._rows import (
    MINUS_ONE,
    Slip,
    slip,
    spread,
    wrong_law,
)
from derive.steps import Level
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    At,
    Call,
    Component,
    Derivative,
    E,
    Indexed,
    Integral,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    SumOver,
    Symbol,
    children,
    depends_on,
    free_symbols,
    times,
    walk,
)


def _inner_lost(fits: Callable[[Node], bool]) -> Action:
    """The right rule for a composed function, with the derivative of its argument left out."""

    def apply(node: Node) -> Node | None:
        match node:
            case Derivative(body, variable, 1) if fits(body) and not _plain_in(body, variable):
                made = next((m for rule in _COMPOSED if (m := rule.apply(node)) is not None), None)
                return None if made is None else _without_derivatives(made)
        return None

    return apply


_COMPOSED = tuple(rule for rule in CALCULUS if "chain rule" in rule.name)


def _plain_in(body: Node, variable: Symbol | Indexed) -> bool:
    """Whether the argument is the variable itself, or does not depend on it."""
    return variable in children(body) or not depends_on(body, variable)


def _without_derivatives(node: Node) -> Node | None:
    match node:
        case Product(factors) if any(isinstance(f, Derivative) for f in factors):
            return times([f for f in factors if not isinstance(f, Derivative)])
        case Quotient(Derivative(), bottom):
            return Quotient(ONE, bottom)
    return None


_CONSTANT_FACTOR = next(rule for rule in CALCULUS if rule.name == "constant factor rule")


def _constant_factor_lost(node: Node) -> Node | None:
    made = _CONSTANT_FACTOR.apply(node)
    return None if made is None else next((p for p in children(made) if isinstance(p, Derivative)), None)


def _constant_factor_as_zero(node: Node) -> Node | None:
    return None if _CONSTANT_FACTOR.apply(node) is None else ZERO


def _base_lost(node: Node) -> Node | None:
    match node:
        case Derivative(Power(base, exponent) as whole, variable, 1, partial) if (
            base != E and not depends_on(base, variable) and depends_on(exponent, variable)
        ):
            return Product((whole, Derivative(exponent, variable, 1, partial)))
    return None


def _power_rule_on(fits: Callable[[bool, bool], bool]) -> Action:
    """The power rule where the exponent depends on the variable; ``fits`` is asked whether the base does."""

    def apply(node: Node) -> Node | None:
        match node:
            case Derivative(Power(base, exponent), variable, 1, partial) if (
                fits(depends_on(base, variable), depends_on(exponent, variable))
            ):
                lowered = Power(base, Sum((exponent, MINUS_ONE)))
                inner = base if depends_on(base, variable) else exponent
                return Product((exponent, lowered, Derivative(inner, variable, 1, partial)))
        return None

    return apply


def _exponent_stays_up(node: Node) -> Node | None:
    match node:
        case Derivative(Power(base, exponent), variable, 1, partial) if (
            exponent != TWO and depends_on(base, variable) and not depends_on(exponent, variable)
        ):
            return Product((Power(base, Sum((exponent, MINUS_ONE))), Derivative(base, variable, 1, partial)))
    return None


def _other_variable(node: Node) -> Node | None:
    match node:
        case Derivative(body, Symbol() as variable, order, partial):
            others = sorted(free_symbols(body) - {variable}, key=lambda s: s.plain)
            return Derivative(body, others[0], order, partial) if others else None
    return None


def _derivative_inside(node: Node) -> Node | None:
    match node:
        case Derivative(Call(name, (u,), 0), variable, 1, partial) if name not in ("det", "tr", "rank"):
            return Call(name, (Derivative(u, variable, 1, partial),))
        case Derivative(Root(u, degree), variable, 1, partial):
            return Root(Derivative(u, variable, 1, partial), degree)
        case Derivative(Power(base, u), variable, 1, partial) if base == E:
            return Power(E, Derivative(u, variable, 1, partial))
    return None


def _second_as_square(node: Node) -> Node | None:
    match node:
        case Derivative(body, variable, 2, partial):
            return Power(Derivative(body, variable, 1, partial), TWO)
        case Derivative(Derivative(body, inner, 1, partial), variable, 1) if inner == variable:
            return Power(Derivative(body, variable, 1, partial), TWO)
    return None


def _kronecker_lost(node: Node) -> Node | None:
    """A softmax value as one fraction, or as a component of the softmax of a vector."""
    match node:
        case Derivative(Component(Call("softmax", args), (_,)) as part, Indexed(_, (k,)), 1):
            return Negative(Product((part, Component(Call("softmax", args), (k,)))))
        case Derivative(Quotient(top, Sum(terms) as bottom), variable, 1, partial) if top in terms:
            return Negative(Quotient(Product((top, Derivative(bottom, variable, 1, partial))), Power(bottom, TWO)))
    return None


def _point_before(node: Node) -> Node | None:
    match node:
        case At(Derivative()):
            return ZERO
    return None


def _not_at_the_point(node: Node) -> Node | None:
    return node.body if isinstance(node, At) else None


def _index_not_fixed(node: Node) -> Node | None:
    match node:
        case Derivative(SumOver(body, index) as over, Indexed(base, (k,)) as variable, 1, partial) if k != index:
            if Indexed(base, (index,)) in set(walk(body)):
                inner = Derivative(body, Indexed(variable.base, (index,)), 1, partial)
                return SumOver(inner, index, over.lower, over.upper, over.where)
    return None


def _integral_of_product(node: Node) -> Node | None:
    match node:
        case Integral(Product(factors), variable, lower, upper) if all(depends_on(f, variable) for f in factors):
            return Product(tuple(Integral(f, variable, lower, upper) for f in factors))
    return None


def _limits_swapped(node: Node) -> Node | None:
    match node:
        case Integral(body, variable, lower, upper) if lower is not None and upper is not None:
            return Integral(body, variable, upper, lower)
    return None


_D = Level.CALCULUS

DERIVATIVES: tuple[Slip, ...] = (
    slip("inner derivative lost", "chain rule", "D(f(u)) = f'(u)",
         "The derivative of the argument is missing as a factor: sin(2x) has slope 2 at 0, not 1.",
         _inner_lost(lambda body: isinstance(body, Call)), _D),
    slip("inner derivative of a power lost", "power rule, chain rule", "D(u^c) = c u^{c-1}",
         "The base is itself a function and its derivative is a factor: (2x)^2 = 4x^2 has derivative 8x, not 4x.",
         _inner_lost(lambda body: isinstance(body, Power) and body.base != E), _D),
    slip("inner derivative of an exponential lost", "exponential, chain rule", "D(e^u) = e^u",
         "The derivative of the exponent is missing as a factor: e^{2x} = e^x e^x has slope 2 at 0, not 1.",
         _inner_lost(lambda body: isinstance(body, Power) and body.base == E), _D),
    slip("inner derivative of a root lost", "root, chain rule", r"D(\sqrt{u}) = \frac{1}{2 \sqrt{u}}",
         "The derivative of what stands below the root is missing: the root of 4x is twice the root of x.",
         _inner_lost(lambda body: isinstance(body, Root)), _D),
    wrong_law("minus of the exponent lost", "exponential, chain rule", "D(e^{-u})", "e^{-u} D(u)",
              "The exponent's minus sign is part of the inner derivative: e^{-x} falls, so its derivative is negative.",
              _D),
    slip("product of the derivatives", "product rule", "D(u v) = D(u) D(v)",
         "One factor at a time is differentiated and the results are added: x times x has derivative 2x, not 1.",
         spread("D(u)", Product), _D),
    wrong_law("quotient of the derivatives", "quotient rule", r"D(\frac{u}{v})", r"\frac{D(u)}{D(v)}",
              "A fraction needs the quotient rule: x^2/x = x has derivative 1, not 2x.", _D),
    wrong_law("quotient rule with its terms swapped", "quotient rule", r"D(\frac{u}{v})",
              r"\frac{u D(v) - D(u) v}{v^2}",
              "The derivative of the numerator comes first: x/1 has derivative 1, not -1.", _D),
    wrong_law("quotient rule with a plus", "quotient rule", r"D(\frac{u}{v})", r"\frac{D(u) v + u D(v)}{v^2}",
              "The two terms of the numerator are subtracted: 1/x falls for positive x.", _D),
    wrong_law("quotient rule without the square", "quotient rule", r"D(\frac{u}{v})", r"\frac{D(u) v - u D(v)}{v}",
              "The denominator is squared: x/2 has derivative 1/2, not 1.", _D),
    wrong_law("minus of the reciprocal lost", "reciprocal rule", r"D(\frac{c}{v})", r"\frac{c D(v)}{v^2}",
              "A fraction gets smaller when its denominator grows: 1/x has a negative derivative.", _D),
    wrong_law("exponent not lowered", "power rule", "D(u^c)", "c u^c D(u)",
              "The exponent comes down and one less stays: x^2 has derivative 2x, not 2x^2.", _D),
    wrong_law("exponent raised", "power rule", "D(u^c)", "c u^{c + 1} D(u)",
              "The exponent gets one smaller, also when it is negative: x^{-1} has derivative -x^{-2}.", _D),
    slip("exponent does not come down", "power rule", "D(u^c) = u^{c-1} D(u)",
         "The old exponent is a factor: x^3 grows three times as fast as x at 1.", _exponent_stays_up, _D),
    wrong_law("factor 2 of the square lost", "power rule", "D(u^2)", "u D(u)",
              "A square brings down a factor 2: from 1 to 1.1, x^2 grows by 0.21, about twice the step.", _D),
    wrong_law("integrated instead of differentiated", "power rule", "D(u^c)", r"\frac{u^{c + 1}}{c + 1}",
              "That is an antiderivative: differentiating lowers the exponent.", _D),
    slip("power rule on an exponential", "exponential, chain rule", "D(c^u) = u c^{u-1} D(u)",
         "The power rule is for a variable in the base; here it is in the exponent: 2^x never has derivative 0 at 0.",
         _power_rule_on(lambda base, exponent: exponent and not base), _D),
    slip("power rule on base and exponent", "logarithmic differentiation", "D(u^v) = v u^{v-1} D(u)",
         "The exponent changes too and gives a second term: write u^v as e^{v log u}.",
         _power_rule_on(lambda base, exponent: exponent and base), _D),
    slip("logarithm of the base lost", "exponential, chain rule", "D(c^u) = c^u D(u)",
         "Only e^x is its own derivative: 2^x = e^{x log 2} has the factor log 2.", _base_lost, _D),
    wrong_law("base of the logarithm ignored", "logarithm to a base, chain rule", r"D(\log_c(u))", r"\frac{D(u)}{u}",
              "Only the natural logarithm has derivative 1/x: log_2 x = log x / log 2 has the factor 1/log 2.", _D),
    wrong_law("derivative of a constant kept", "constant rule", "D(c)", "c",
              "What does not depend on the variable does not change: its derivative is 0.", _D),
    wrong_law("derivative of a constant as one", "constant rule", "D(c)", "1",
              "Only the variable itself has derivative 1; another letter is a constant here.", _D),
    slip("constant factor lost", "constant factor rule", "D(c u) = D(u)",
         "A constant factor stays: 3x rises by 3 for each unit, not by 1.", _constant_factor_lost, _D),
    slip("constant factor taken for a constant term", "constant factor rule", "D(c u) = 0",
         "A constant vanishes as a term, not as a factor: 3x has derivative 3, not 0.", _constant_factor_as_zero, _D),
    slip("differentiated by the wrong variable", "partial derivative",
         r"\frac{\partial u}{\partial x} = \frac{\partial u}{\partial y}",
         "The letter below is the one that changes; all others are held fixed.", _other_variable, _D),
    wrong_law("minus of the cosine lost", "cosine, chain rule", r"D(\cos(u))", r"\sin(u) D(u)",
              "The cosine falls after 0, so its derivative is minus the sine.", _D),
    wrong_law("sine with a minus", "sine, chain rule", r"D(\sin(u))", r"-\cos(u) D(u)",
              "The sine rises at 0, so its derivative there is 1: the minus belongs to the cosine.", _D),
    wrong_law("logistic function as its own derivative", "logistic function, chain rule", r"D(\sigma(u))",
              r"\sigma(u) D(u)",
              "The factor 1 - sigma is missing: for large x the slope tends to 0, sigma itself to 1.", _D),
    wrong_law("logistic derivative with one factor", "logistic function, chain rule", r"D(\sigma(u))",
              r"(1 - \sigma(u)) D(u)", "The factor sigma is missing: the slope at 0 is 1/4, not 1/2.", _D),
    wrong_law("square of the hyperbolic tangent lost", "hyperbolic tangent, chain rule", r"D(\tanh(u))",
              r"(1 - \tanh(u)) D(u)", "The tangent is squared: tanh is odd, so its derivative must be even.", _D),
    wrong_law("rectifier as its own derivative", "rectified linear unit, chain rule",
              r"D(\operatorname{ReLU}(u))",
              r"\operatorname{ReLU}(u) D(u)", "The slope of ReLU is 1 on the right of 0 and 0 on the left.", _D),
    wrong_law("derivative of an absolute value without its sign", "absolute value, chain rule",
              r"D(\left|u\right|)", "D(u)",
              "Left of 0 the absolute value falls: its derivative is sign(u) times that of u.", _D),
    wrong_law("2 below the root lost", "root, chain rule", r"D(\sqrt{u})", r"\frac{D(u)}{\sqrt{u}}",
              "The exponent one half comes down: the root has slope 1/2 at 1.", _D),
    slip("derivative taken inside the function", "chain rule", "D(f(u)) = f(D(u))",
         "The outer function is differentiated as well: log(x) has derivative 1/x, not log(1).",
         _derivative_inside, _D),
    slip("second derivative as a square", "higher derivative", "D(D(u)) = D(u)^2",
         "The second derivative is the derivative of the first, not its square: x has second derivative 0.",
         _second_as_square, _D),
    slip("Kronecker delta of the softmax lost", "derivative of the softmax",
         r"\frac{\partial p_i}{\partial z_k} = -p_i p_k",
         "Where the numerator depends on the variable it is differentiated too: the term p_i is missing when i = k.",
         _kronecker_lost, _D),
    slip("point put in before differentiating", "substitute", r"D(u)|_{x = a} = D(u|_{x = a}) = 0",
         "First differentiate, then put in the point: at a point everything is constant.", _point_before, _D),
    slip("not evaluated at the point", "substitute", "u|_{x = a} = u",
         "The value at the point was asked for: the variable is still there.", _not_at_the_point, _D),
    slip("sum kept though one index is meant", "sum rule",
         r"\frac{\partial}{\partial x_k} \sum_i f(x_i) = \sum_i f'(x_i)",
         "Only the term with i = k depends on x_k; all the others have derivative 0.", _index_not_fixed, _D),
    slip("product of the integrals", "integration by parts", r"\int u v = \int u \int v",
         "Integrals may be taken of terms, not of factors: from 0 to 1, x times x gives 1/3, not 1/4.",
         _integral_of_product, _D),
    slip("limits of integration swapped", "definite integral", r"\int_a^b u = \int_b^a u",
         "Upper limit minus lower limit: swapping them changes the sign.", _limits_swapped, _D),
)
