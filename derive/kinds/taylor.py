r"""Taylor polynomials: the derivatives, their values at the centre, the coefficients, the polynomial, the error."""

from __future__ import annotations

from collections.abc import Mapping
from math import factorial
from typing import Any

from derive.errors import DeriveError, MathError
from derive.goals import derivative, end_of, simplify, through, undifferentiated
from derive.kinds._shared import applied, context_of, derivative_of, stated, value_steps
from derive.limits import DERIVATIVE_ORDER, PLOT_POINTS
from derive.numeric.evaluate import compile as compiled
from derive.numeric.value import value_of
from derive.problem import Field, Problem
from derive.rules import forms
from derive.rules.monomials import factors_of
from derive.steps import (
    Chain,
    Definition,
    Derivation,
    Figure,
    Formula,
    Heading,
    Paragraph,
    Part,
    Prose,
    Result,
    Step,
    Table,
)
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    numeric,
    times,
    total,
    walk,
)
from derive.write.numbers import approximate
from derive.write.text import text

SUMMARY = "Taylor polynomial of a function about a point, with its error"

FIELDS = (
    Field("function", "function", "the function to expand", required=True, example=r"'f(x) = \frac{1}{1+e^{-x}}'"),
    Field("centre", "number", "the point about which to expand", default=ZERO, example="0"),
    Field("order", "integer", "the order of the polynomial; 3 when nothing is said", least=0, most=DERIVATIVE_ORDER,
          example="3"),
    Field("terms", "integer", "instead of an order: how many non-zero terms", least=1, most=8, example="3"),
    Field("interval", "numbers", "where the error is looked at; one to either side of the centre when not given",
          example="[-1, 1]"),
    Field("next", "boolean", "whether the next non-zero term is found, as an estimate of the error", default=True,
          example="true"),
    Field("figure", "boolean", "whether to draw the function, the polynomial and the error", default=True,
          example="true"),
)


def solve(problem: Problem) -> Derivation:
    """The derivation: derivatives one after the other, values, coefficients, polynomial, error."""
    given = problem.given
    function: Definition = given["function"]
    if len(function.parameters) != 1:
        raise DeriveError("a Taylor polynomial is taken of a function of one variable", "name the others with numbers")
    expansion = _Expansion(function, given["centre"])
    wanted = given.get("terms")
    order = expansion.until_terms(wanted) if wanted else 3 if given.get("order") is None else given["order"]
    expansion.until(order)
    parts = expansion.parts(order)
    polynomial, made = _polynomial(expansion, order)
    parts += made
    more, results = _remainder(expansion, order, polynomial, given)
    error, error_results = _error(expansion, polynomial, order, given)
    parts += more + error
    return Derivation(
        problem.title, problem.kind, ((stated(function),),), (_asked(order, expansion),), tuple(parts),
        (
            *expansion.results(order),
            Result("Taylor polynomial", polynomial, expansion.name(order)),
            *results,
            *error_results,
        ),
        context_of(dict(problem.domains), function),
    )


def _asked(order: int, expansion: _Expansion) -> Prose:
    place = Relation((expansion.variable, expansion.centre), ("=",))
    return (f"the Taylor polynomial of order {order} about ", place)


class _Expansion:
    """The derivatives of a function, made as they are needed, and their values at the centre."""

    def __init__(self, function: Definition, centre: Node) -> None:
        self.function, self.centre = function, centre
        self.variable = function.parameters[0]
        self.forms: list[Node] = [function.body]
        self.chains: list[tuple[Step, ...]] = [()]
        self.evaluations: list[tuple[Step, ...]] = []
        self.values: list[Node] = []
        self._evaluate()

    def _evaluate(self) -> None:
        form = self.forms[-1]
        try:
            steps = value_steps(form, [(self.variable, self.centre)])
        except MathError as error:
            order = len(self.forms) - 1
            what = "value" if order == 0 else f"derivative of order {order}"
            raise MathError(f"the function has no {what} at the centre: {error}") from error
        self.evaluations.append(tuple(steps))
        self.values.append(end_of(form, steps))

    def until(self, order: int) -> None:
        """Make every derivative up to an order."""
        while len(self.forms) <= order:
            start = derivative_of(self.forms[-1], self.variable)
            steps = derivative(start)
            form = end_of(start, steps)
            if undifferentiated(form):
                raise DeriveError("no rule differentiates a part of this function")
            self.forms.append(form)
            self.chains.append(tuple(steps))
            self._evaluate()

    def until_terms(self, wanted: int) -> int:
        """The order at which so many terms are not zero."""
        for order in range(DERIVATIVE_ORDER + 1):
            self.until(order)
            if sum(v != ZERO for v in self.values) == wanted:
                return order
        raise DeriveError(f"there are fewer than {wanted} non-zero terms up to order {DERIVATIVE_ORDER}")

    def coefficient(self, n: int) -> Node:
        """The value of the n-th derivative over n factorial."""
        value = Quotient(self.values[n], Number(str(factorial(n))))
        return end_of(value, simplify(value))

    def left(self, n: int) -> Node:
        """The n-th derivative at the centre, as it is written."""
        return Call(self.function.name.plain, (self.centre,), n)

    def parts(self, order: int) -> list[Part]:
        """The derivatives and their values, told one order at a time."""
        statement = Relation((self.name(order), self.general(order)), ("=",))
        parts: list[Part] = [Paragraph((f"The Taylor polynomial of order {order} is",)), Formula(statement)]
        for n in range(order + 1):
            if self.chains[n]:
                parts += [Heading((f"Derivative of order {n}",)), Chain(self.chains[n], applied(self.function, n))]
            parts.append(Chain(self.evaluations[n], self.left(n)))
        parts.append(self._table(order))
        return parts

    def general(self, order: int) -> Node:
        """The polynomial with the derivatives at the centre not yet evaluated."""
        return total([self.written(n, self.left(n)) for n in range(order + 1)])

    def name(self, order: int) -> Call:
        """``T_3(x)``."""
        return Call(f"T_{order}", (self.variable,))

    def distance(self) -> Node:
        """``x - a``, or the variable itself about zero."""
        if numeric(self.centre) == 0:
            return self.variable
        if isinstance(self.centre, Negative):
            return Sum((self.variable, self.centre.operand))
        return Sum((self.variable, Negative(self.centre)))

    def power(self, n: int) -> Node:
        """The distance from the centre to a power; one for the zeroth."""
        if n == 0:
            return ONE
        return self.distance() if n == 1 else Power(self.distance(), Number(str(n)))

    def written(self, n: int, value: Node) -> Node:
        """A term with a value over its factorial, not worked out."""
        factor = Quotient(value, Number(str(factorial(n)))) if n > 1 else value
        return times([factor, self.power(n)]) if n else factor

    def term(self, n: int) -> Node:
        """A term worked out."""
        whole = Product((self.coefficient(n), self.power(n))) if n else self.coefficient(n)
        return end_of(whole, simplify(whole))

    def next_term(self, order: int) -> int | None:
        """The order of the next term that is not zero, among the next four."""
        for n in range(order + 1, min(order + 4, DERIVATIVE_ORDER) + 1):
            self.until(n)
            if self.values[n] != ZERO:
                return n
        return None

    def _table(self, order: int) -> Table:
        rows = tuple(
            (
                (Number(str(n)),),
                (self.left(n),),
                (self.values[n],),
                (Number(str(factorial(n))),),
                (self.coefficient(n),),
            )
            for n in range(order + 1)
        )
        header: tuple[Prose, ...] = (
            (Symbol("k"),), ("derivative at the centre",), ("value",), ("factorial",), ("coefficient",),
        )
        return Table(header, rows, ("The coefficients of the Taylor polynomial of ", applied(self.function), "."))

    def results(self, order: int) -> list[Result]:
        """Derivatives, values and coefficients as results."""
        name, x = self.function.name.plain, self.variable.plain
        derivatives = [
            Result(f"{name}{_primes(n)}({x})", self.forms[n], applied(self.function, n), shown=False)
            for n in range(1, order + 1)
        ]
        values = Result("derivatives at the centre", tuple(self.values[: order + 1]), shown=False)
        coefficients = Result("coefficients", tuple(self.coefficient(n) for n in range(order + 1)), shown=False)
        return [*derivatives, values, coefficients]


def _primes(n: int) -> str:
    return "'" * n if n <= 3 else f"^({n})"


def _polynomial(expansion: _Expansion, order: int) -> tuple[Node, list[Part]]:
    """The values put into the general form, then the coefficients worked out."""
    general = expansion.general(order)
    filled = total([expansion.written(n, expansion.values[n]) for n in range(order + 1)])
    steps = [Step(general, filled, "put in the values", "Each derivative at the centre is a number.")]
    terms = [expansion.term(n) for n in range(order + 1) if expansion.values[n] != ZERO]
    result = total(terms)
    if result != filled:
        steps.append(Step(filled, result, "work out the coefficients", "Fractions are reduced, zero terms dropped."))
    return result, [Heading(("The polynomial",)), Chain(tuple(steps), expansion.name(order))]


def _remainder(
    expansion: _Expansion, order: int, polynomial: Node, given: Mapping[str, Any]
) -> tuple[list[Part], list[Result]]:
    """The remainder in Lagrange's form and the next term that is not zero."""
    xi = Symbol("xi")
    rest = times([
        Quotient(Call(expansion.function.name.plain, (xi,), order + 1), Number(str(factorial(order + 1)))),
        *factors_of(expansion.power(order + 1)),
    ])
    left = Sum((applied(expansion.function), Negative(expansion.name(order))))
    parts: list[Part] = [
        Heading(("The error",)),
        Paragraph(("By Taylor's theorem there is a point ", xi, " between the centre and ", expansion.variable,
                   " with")),
        Formula(Relation((left, rest), ("=",))),
    ]
    n = expansion.next_term(order) if given["next"] else None
    if n is None:
        return parts, []
    term = expansion.term(n)
    parts.append(Paragraph(("Close to the centre the error is about the next term that is not zero, ", term, ".")))
    return parts, [Result(f"next coefficient c{n}", expansion.coefficient(n), shown=False)]


def _error(
    expansion: _Expansion, polynomial: Node, order: int, given: Mapping[str, Any]
) -> tuple[list[Part], list[Result]]:
    """The largest error on an interval, found on a fine grid, and the figure."""
    low, high = _interval(expansion, given.get("interval"))
    worst, at = _largest(expansion, polynomial, value_of(low), value_of(high))
    if worst <= _ROUNDING:
        return [Paragraph(("On this interval the polynomial and the function differ by no more than rounding.",))], []
    name = f"largest error on [{text(low)}, {text(high)}]"
    place = approximate(at, 4)
    parts: list[Part] = [Paragraph((
        f"On the interval [{text(low)}, {text(high)}] the largest error found on a fine grid is about ",
        approximate(worst, 4),
        ", at ", Relation((expansion.variable, place), ("~=",)), ".",
    ))]
    if given["figure"]:
        parts.append(_figure(expansion, polynomial, order, value_of(low), value_of(high)))
    return parts, [Result(name, None, number=worst, shown=False)]


_ROUNDING = 1e-13  # what double precision leaves of a difference that is zero


def _interval(expansion: _Expansion, given: Any) -> tuple[Node, Node]:
    if given:
        if len(given) != 2 or value_of(given[0]) >= value_of(given[1]):
            raise DeriveError("an interval is two numbers, the smaller one first", "for instance interval = [-1, 1]")
        return given[0], given[1]
    for width in (ONE, Quotient(ONE, TWO), Quotient(ONE, Number("4")), Quotient(ONE, Number("10"))):
        shifted = [Sum((expansion.centre, Negative(width))), Sum((expansion.centre, width))]
        low, high = (end_of(node, simplify(node)) for node in shifted)
        if _continuous(expansion, value_of(low), value_of(high)):
            break
    return low, high


def _continuous(expansion: _Expansion, low: float, high: float) -> bool:
    """Whether no denominator vanishes or changes its sign between two points, and every value is finite."""
    import numpy as np

    x = np.linspace(low, high, 10 * PLOT_POINTS + 1)
    for node in [expansion.function.body, *_divisors(expansion.function.body)]:
        values = np.broadcast_to(compiled(node, [expansion.variable])(x), x.shape)
        if not np.isfinite(values).all():
            return False
        if node is not expansion.function.body and (values.min() <= 0 <= values.max()):
            return False
    return True


def _divisors(body: Node) -> list[Node]:
    """The denominators of a function, those inside definitions such as the tangent's included."""
    steps = through(body, (forms.DEFINITIONS, forms.TRIGONOMETRY))
    return [n.denominator for n in walk(end_of(body, steps)) if isinstance(n, Quotient)]


def _largest(expansion: _Expansion, polynomial: Node, low: float, high: float) -> tuple[float, float]:
    """The largest distance on ten times the plotted points, and where."""
    import numpy as np

    x = np.linspace(low, high, 10 * PLOT_POINTS + 1)
    difference = compiled(Sum((expansion.function.body, Negative(polynomial))), [expansion.variable])
    gap = np.abs(np.broadcast_to(difference(x), x.shape))
    if not np.isfinite(gap).all() or not _continuous(expansion, low, high):
        raise MathError("the function has a pole or no value in the interval", "choose another: interval = [a, b]")
    place = int(gap.argmax())
    return float(gap[place]), float(x[place])


def _figure(expansion: _Expansion, polynomial: Node, order: int, low: float, high: float) -> Figure:
    from derive.figures.error_plot import describe

    centre = value_of(expansion.centre)
    span = max(high - centre, centre - low)
    data = {
        "function": expansion.function.body,
        "polynomials": [{"node": polynomial, "label": expansion.name(order)}],
        "variable": expansion.variable,
        "centre": centre,
        "range": [centre - 2 * span, centre + 2 * span] if _defined(expansion, centre - 2 * span) else [low, high],
        "name": expansion.function.name.plain,
    }
    caption: Prose = (applied(expansion.function), " and ", expansion.name(order), ", and the distance between them.")
    return Figure("error_plot", data, caption, describe(data), "error")


def _defined(expansion: _Expansion, x: float) -> bool:
    try:
        value_of(expansion.function.body, {expansion.variable: x})
    except MathError:
        return False
    return True
