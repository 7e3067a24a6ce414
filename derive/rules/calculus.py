r"""The rules of differentiation, in the order they are tried.

Every rule takes a :class:`~derive.tree.Derivative` and gives an expression whose derivatives are of smaller
parts, so that applying them ends. Laws about any number of terms or factors are small functions. Called
by :mod:`derive.goals` through the engine.
"""

from __future__ import annotations

from derive.functions import FUNCTIONS
from derive.pattern import build, pattern
from derive.rules import Rule, law, on
from derive.rules.functions import DERIVATIVES, FUNCTION_RULES
from derive.steps import Level
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Cases,
    Derivative,
    E,
    Indexed,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Root,
    Sum,
    Symbol,
    Vector,
    depends_on,
    free_symbols,
    number,
    numeric,
    times,
)


@on(Derivative)
def _constant(node: Node) -> Node | None:
    match node:
        case Derivative(body, variable) if _fixed(body, variable) and not _has_unknown(body):
            return ZERO
    return None


def _has_unknown(body: Node) -> bool:
    """A matrix keeps its shape; everything else without the variable is a plain constant."""
    return isinstance(body, (Matrix, Vector))


@on((Derivative, Vector), (Derivative, Matrix))
def _componentwise(node: Node) -> Node | None:
    match node:
        case Derivative(Vector(items), variable, order, partial):
            return Vector(tuple(Derivative(item, variable, order, partial) for item in items))
        case Derivative(Matrix(rows), variable, order, partial):
            return Matrix(tuple(tuple(Derivative(item, variable, order, partial) for item in row) for row in rows))
    return None


@on(Derivative)
def _repeated(node: Node) -> Node | None:
    match node:
        case Derivative(body, variable, order, partial) if order > 1:
            return Derivative(Derivative(body, variable, 1, partial), variable, order - 1, partial)
    return None


@on((Derivative, Sum))
def _sum(node: Node) -> Node | None:
    """``D(u + v - w) = D(u) + D(v) - D(w)``, all terms at once."""
    match node:
        case Derivative(Sum(terms), variable, 1, partial):
            return Sum(tuple(_of_term(term, variable, partial) for term in terms))
    return None


def _of_term(term: Node, variable: Symbol | Indexed, partial: bool) -> Node:
    if isinstance(term, Negative):
        return Negative(Derivative(term.operand, variable, 1, partial))
    return Derivative(term, variable, 1, partial)


@on((Derivative, Product), (Derivative, Quotient))
def _constant_factor(node: Node) -> Node | None:
    """Factors that do not depend on the variable are taken out together."""
    match node:
        case Derivative(Product(factors), variable, 1, partial):
            fixed = [f for f in factors if _fixed(f, variable)]
            rest = [f for f in factors if not _fixed(f, variable)]
            if fixed and rest:
                return times([*fixed, Derivative(times(rest), variable, 1, partial)])
        case Derivative(Quotient(top, bottom), variable, 1, partial) if _fixed(bottom, variable):
            return _divided(Derivative(top, variable, 1, partial), top, bottom, variable)
        case Derivative(Quotient(Product(factors), bottom), variable, 1, partial):
            fixed = [f for f in factors if _fixed(f, variable)]
            rest = [f for f in factors if not _fixed(f, variable)]
            if fixed and rest:
                return times([*fixed, Derivative(Quotient(times(rest), bottom), variable, 1, partial)])
    return None


def _divided(derivative: Derivative, top: Node, bottom: Node, variable: Symbol | Indexed) -> Node:
    """``D(u/c)`` as ``D(u)/c``, or with the constant in front where ``u`` is itself long."""
    if isinstance(top, Sum):
        return Product((Quotient(ONE, bottom), derivative))
    return Quotient(derivative, bottom)


@on((Derivative, Product))
def _product(node: Node) -> Node | None:
    """``D(u v w) = D(u) v w + u D(v) w + u v D(w)``: one factor at a time, however many there are."""
    match node:
        case Derivative(Product(factors), variable, 1, partial):
            terms = []
            for i, factor in enumerate(factors):
                parts = (*factors[:i], Derivative(factor, variable, 1, partial), *factors[i + 1 :])
                terms.append(Product(parts))
            return Sum(tuple(terms))
    return None


@on((Derivative, Quotient))
def _reciprocal(node: Node) -> Node | None:
    """``D(c/v) = -c D(v)/v^2``."""
    match node:
        case Derivative(Quotient(top, bottom), variable, 1, partial) if _fixed(top, variable):
            inner = Derivative(bottom, variable, 1, partial)
            return Negative(Quotient(inner if top == ONE else Product((top, inner)), Power(bottom, Number("2"))))
    return None


@on((Derivative, Power))
def _power_of_variable(node: Node) -> Node | None:
    match node:
        case Derivative(Power(base, exponent), variable, 1) if base == variable and _fixed(exponent, variable):
            return Product((exponent, _lowered(base, exponent)))
    return None


def _fixed(node: Node, variable: Symbol | Indexed) -> bool:
    return not depends_on(node, variable)


@on((Derivative, Power))
def _power_of_function(node: Node) -> Node | None:
    match node:
        case Derivative(Power(base, exponent), variable, 1, partial) if _fixed(exponent, variable):
            return Product((exponent, _lowered(base, exponent), Derivative(base, variable, 1, partial)))
    return None


def _lowered(base: Node, exponent: Node) -> Node:
    """The power with its exponent lowered by one; a first power is the base."""
    value = numeric(exponent)
    if value == 2:
        return base
    return Power(base, Sum((exponent, Negative(ONE))) if value is None else number(value - 1))


@on((Derivative, Negative), (Derivative, Product), (Derivative, Quotient))
def _linear(node: Node) -> Node | None:
    """``D(c x) = c``, also for ``-x``, ``x c`` and ``x/c``."""
    match node:
        case Derivative(Negative(operand), variable, 1) if operand == variable:
            return Negative(ONE)
        case Derivative(Negative(operand), variable, 1, partial):
            slope = _linear(Derivative(operand, variable, 1, partial))
            return None if slope is None else Negative(slope)
        case Derivative(Product(factors), variable, 1) if factors.count(variable) == 1:
            rest = [f for f in factors if f != variable]
            return times(rest) if all(_fixed(f, variable) for f in rest) else None
        case Derivative(Quotient(top, bottom), variable, 1) if top == variable and _fixed(bottom, variable):
            return Quotient(ONE, bottom)
    return None


@on((Derivative, Power))
def _exponential(node: Node) -> Node | None:
    match node:
        case Derivative(Power(base, exponent) as whole, variable, 1, partial) if _fixed(base, variable):
            inner = [] if exponent == variable else [Derivative(exponent, variable, 1, partial)]
            return times([whole, *([] if base == E else [Call("log", (base,))]), *inner])
    return None


@on((Derivative, Root))
def _root(node: Node) -> Node | None:
    match node:
        case Derivative(Root(radicand, degree) as whole, variable, 1, partial) if numeric(degree) == 2:
            top = ONE if radicand == variable else Derivative(radicand, variable, 1, partial)
            return Quotient(top, Product((Number("2"), whole)))
        case Derivative(Root(radicand, degree), variable, 1, partial):
            return Derivative(Power(radicand, Quotient(ONE, degree)), variable, 1, partial)
    return None


@on((Derivative, "log"))
def _logarithm_to_base(node: Node) -> Node | None:
    match node:
        case Derivative(Call("log", (argument, base), 0), variable, 1, partial) if _fixed(base, variable):
            top = ONE if argument == variable else Derivative(argument, variable, 1, partial)
            return Quotient(top, Product((argument, Call("log", (base,)))))
    return None


@on((Derivative, Power))
def _power_with_variable_exponent(node: Node) -> Node | None:
    """``D(u^v) = u^v D(v log u)``: logarithmic differentiation."""
    match node:
        case Derivative(Power(base, exponent) as whole, variable, 1, partial):
            return Product((whole, Derivative(Product((exponent, Call("log", (base,)))), variable, 1, partial)))
    return None


@on((Derivative, "max"), (Derivative, "min"))
def _maximum(node: Node) -> Node | None:
    """A maximum or minimum of two is the larger or smaller one's derivative, away from a tie."""
    match node:
        case Derivative(Call("max" | "min" as name, (a, b), 0), variable, 1, partial):
            first, second = Derivative(a, variable, 1, partial), Derivative(b, variable, 1, partial)
            larger, smaller = Relation((a, b), (">",)), Relation((a, b), ("<",))
            first_wins, second_wins = (larger, smaller) if name == "max" else (smaller, larger)
            return Cases(((first, _variable_first(first_wins)), (second, _variable_first(second_wins))))
    return None


@on((Derivative, "max"), (Derivative, "min"))
def _several(node: Node) -> Node | None:
    """``max(u, v, w)`` is ``max(u, max(v, w))``."""
    match node:
        case Derivative(Call("max" | "min" as name, (first, *rest), 0), variable, 1, partial) if len(rest) > 1:
            return Derivative(Call(name, (first, Call(name, tuple(rest)))), variable, 1, partial)
    return None


_MIRROR = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _variable_first(condition: Relation) -> Relation:
    """``0 > x`` is written ``x < 0``."""
    left, right = condition.sides
    if free_symbols(left) or not free_symbols(right):
        return condition
    return Relation((right, left), (_MIRROR[condition.signs[0]],))


@on((Derivative, Cases))
def _cases(node: Node) -> Node | None:
    match node:
        case Derivative(Cases(branches), variable, 1, partial):
            return Cases(tuple((Derivative(value, variable, 1, partial), _opened(when)) for value, when in branches))
    return None


_OPEN = {"<=": "<", ">=": ">"}


def _opened(condition: Node | None) -> Node | None:
    """At the seam a derivative needs its own argument, so the branches are taken as open."""
    match condition:
        case Relation(sides, signs):
            return Relation(sides, tuple(_OPEN.get(sign, sign) for sign in signs))
    return condition


def _unfold(name: str, definition: str) -> Rule:
    """A function without its own row is differentiated by its definition."""

    @on((Derivative, name))
    def apply(node: Node) -> Node | None:
        match node:
            case Derivative(Call(called, (inner,), 0), variable, 1, partial) if called == name:
                return Derivative(build(pattern(definition), {"u": inner}), variable, 1, partial)
        return None

    function = FUNCTIONS[name]
    return Rule(
        f"definition of the {function.title}", f"{function.latex}(u) = {definition}",
        "The function is replaced by its definition.", apply, Level.CALCULUS,
    )


CALCULUS: tuple[Rule, ...] = (
    Rule("vector rule", r"D((u, v)) = (D(u), D(v))", "A vector is differentiated component by component.",
         _componentwise, Level.CALCULUS),
    Rule("higher derivative", r"\frac{d^2}{dx^2} u = D(D(u))", "The second derivative is the derivative of the first.",
         _repeated, Level.CALCULUS),
    Rule("constant rule", "D(c) = 0", "What does not depend on the variable has derivative zero.",
         _constant, Level.CALCULUS),
    law("derivative of the variable", "D(x)", "1", "The variable has derivative one."),
    Rule("linear term", "D(c x) = c", "The derivative of a multiple of the variable is its coefficient.",
         _linear, Level.CALCULUS),
    law("sign rule", "D(-u)", "-D(u)", "A minus sign is a constant factor."),
    Rule("sum rule", "D(u + v) = D(u) + D(v)", "A sum is differentiated term by term.", _sum, Level.CALCULUS),
    Rule("constant factor rule", "D(c u) = c D(u)", "A constant factor stays.", _constant_factor, Level.CALCULUS),
    Rule("product rule", "D(u v) = D(u) v + u D(v)", "Differentiate one factor at a time.", _product, Level.CALCULUS),
    Rule("reciprocal rule", r"D(\frac{1}{v}) = -\frac{D(v)}{v^2}",
         "Minus the derivative of the denominator over its square.", _reciprocal, Level.CALCULUS),
    law("quotient rule", r"D(\frac{u}{v})", r"\frac{D(u) v - u D(v)}{v^2}",
        "Derivative of the top times the bottom, minus the other way round, over the bottom squared."),
    Rule("power rule", r"D(x^c) = c x^{c-1}", "The exponent comes down and is lowered by one.",
         _power_of_variable, Level.CALCULUS),
    Rule("power rule, chain rule", r"D(u^c) = c u^{c-1} D(u)",
         "The exponent comes down, times the derivative of the base.", _power_of_function, Level.CALCULUS),
    Rule("exponential, chain rule", r"D(e^u) = e^u D(u)",
         "The exponential is its own derivative, times the derivative of the exponent.", _exponential, Level.CALCULUS),
    Rule("root, chain rule", r"D(\sqrt{u}) = \frac{D(u)}{2 \sqrt{u}}", "A root is a power with exponent one half.",
         _root, Level.CALCULUS, "u > 0"),
    Rule("logarithm to a base, chain rule", r"D(\log_c(u)) = \frac{D(u)}{u \log(c)}",
         "The logarithm to another base is the natural one divided by that of the base.",
         _logarithm_to_base, Level.CALCULUS),
    *FUNCTION_RULES,
    Rule("logarithmic differentiation", r"D(u^v) = u^v D(v \log(u))",
         "With u^v = e^{v log u}, the derivative is u^v times that of v log u.",
         _power_with_variable_exponent, Level.CALCULUS, "u > 0"),
    Rule("maximum of several", r"D(\max(u, v, w)) = D(\max(u, \max(v, w)))",
         "The largest of several is the larger of one and the largest of the others.", _several, Level.CALCULUS),
    Rule("maximum rule", r"D(\max(u, v)) = D(u) for u > v, D(v) for u < v",
         "Away from a tie, the larger one is differentiated.", _maximum, Level.CALCULUS,
         kink="where the two are equal"),
    Rule("cases rule", "case by case", "Each branch is differentiated inside its own interval.",
         _cases, Level.CALCULUS, kink="where one case ends and the next begins"),
    *(_unfold(name, f.definition) for name, f in FUNCTIONS.items()
      if f.definition and name not in DERIVATIVES),
)
