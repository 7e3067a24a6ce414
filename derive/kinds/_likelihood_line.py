r"""Linear regression with one input and an intercept: the normal equations solved in letters, then with the data.

Called by the kind ``maximum-likelihood``.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2nd ed., 2009), section 3.2.
"""

from __future__ import annotations

from fractions import Fraction

from derive.errors import DeriveError
from derive.goals import through
from derive.kinds._by_hand import EXACT, Style, has_decimals
from derive.kinds._likelihood_given import INDEX, equals, exactly
from derive.kinds._likelihood_numbers import as_number, value_lines
from derive.kinds._likelihood_pairs import (
    DOMAINS,
    ELL,
    SHOWN,
    SIGMA,
    SIZE,
    X_BAR,
    X_I,
    Y_BAR,
    Y_I,
    Z_I,
    B,
    W,
    finished,
    given_pairs,
    minus,
    over,
    partial,
)
from derive.kinds._likelihood_stage import estimated
from derive.numeric.value import value_of
from derive.problem import Problem
from derive.rules import algebra
from derive.rules.likelihoods import LOGARITHM_APART, SUMS_APART
from derive.solving import equivalent
from derive.steps import (
    Chain,
    Context,
    Definition,
    Derivation,
    Formula,
    Heading,
    Level,
    Paragraph,
    Part,
    Prose,
    Result,
    Step,
)
from derive.tree import (
    ONE,
    PI,
    TWO,
    ZERO,
    Call,
    Derivative,
    E,
    Negative,
    Node,
    Number,
    Power,
    Product,
    ProductOver,
    Quotient,
    Root,
    Sum,
    SumOver,
    Symbol,
    total,
)

S_XX, S_XY, RSS = Symbol("S", "xx"), Symbol("S", "xy"), Symbol("Q")
RESIDUAL = minus(minus(Y_I, Product((W, X_I))), B)


def line(problem: Problem) -> Derivation:
    """The normal equations solved in letters, then with the data.

    DeriveError for fewer than three data or for data on a line: then there is no estimate of the deviation.
    """
    domains = DOMAINS | {S_XX: "positive", RSS: "positive"}
    context = Context(dict(domains) | dict(problem.domains))
    pairs = given_pairs(problem)
    parts: list[Part] = []
    _linear_likelihood(parts)
    _intercept(parts)
    _slope(parts)
    deviation(parts)
    slope, intercept = Quotient(S_XY, S_XX), minus(Y_BAR, Product((estimated(W), X_BAR)))
    results = [
        Result("estimator of w", Quotient(_cross(), _squares()), estimated(W)),
        Result("estimator of b", intercept, estimated(B)),
        Result("estimator of sigma", Root(Quotient(RSS, SIZE)), estimated(SIGMA)),
    ]
    if pairs is not None:
        _linear_numbers(pairs, slope, parts, results)
    model: Prose = ("linear regression: ", Y_I, " is normal with the mean ", Z_I, " and the deviation ", SIGMA)
    return finished(problem, model, pairs, parts, results, context)


def _squares() -> SumOver:
    return over(Power(minus(X_I, X_BAR), TWO))


def _cross() -> SumOver:
    return over(Product((minus(X_I, X_BAR), minus(Y_I, Y_BAR))))


def _means() -> tuple[Definition, Definition]:
    return Definition(X_BAR, (), Quotient(over(X_I), SIZE)), Definition(Y_BAR, (), Quotient(over(Y_I), SIZE))


def _residual() -> Sum:
    return Sum((Y_I, Negative(Product((W, X_I))), Negative(B)))


def _linear_likelihood(parts: list[Part]) -> None:
    density = Product((Quotient(ONE, Product((Root(Product((TWO, PI))), SIGMA))),
                       Power(E, Negative(Quotient(Power(_residual(), TWO), Product((TWO, Power(SIGMA, TWO))))))))
    body = Call("log", (ProductOver(density, INDEX, ONE, SIZE),))
    steps = through(body, (LOGARITHM_APART, SUMS_APART, algebra.ARITHMETIC, algebra.SUMS))
    parts += [
        Paragraph(("The data are independent, each normal about the line, so the log-likelihood is",)),
        Chain(tuple(steps), Call(ELL.plain, (W, B, SIGMA))),
        Paragraph(("Only the last term depends on ", W, " and ", B, (", and it is largest where the sum of the squared "
                   "residuals is smallest: maximum likelihood is least squares, whatever "), SIGMA, " is.")),
    ]


def _body(squares: Node) -> Node:
    return Negative(Quotient(squares, Product((TWO, Power(SIGMA, TWO)))))


def _intercept(parts: list[Part]) -> None:
    squares = over(Power(_residual(), TWO))
    sums = Quotient(over(_residual()), Power(SIGMA, TWO))
    short = Quotient(Product((SIZE, Sum((Y_BAR, Negative(Product((W, X_BAR))), Negative(B))))), Power(SIGMA, TWO))
    solved = equals(B, minus(Y_BAR, Product((W, X_BAR))))
    second = Negative(Quotient(SIZE, Power(SIGMA, TWO)))
    parts += [
        Heading(("The intercept",)),
        Chain((Step(Derivative(_body(squares), B, 1, True), sums, "derivative under the sum, chain rule",
                    "Each square by its own.", level=Level.CALCULUS),
               Step(sums, short, "mean of the data", "Each sum is the number of data times a mean.")),
              partial(B), _means()),
        Chain((equivalent(equals(short, ZERO), solved, "isolate", "Solved for the intercept."),)),
        Chain((Step(Derivative(short, B, 1, True), second, "linear term", "The term with the intercept.",
                    level=Level.CALCULUS),
               Step(second, ZERO, "sign", "Both letters are positive.", "<", Level.ARGUMENT)), partial(B, B)),
        Paragraph(("The line goes through the point of the means, whatever its slope.",)),
    ]


def _slope(parts: list[Part]) -> None:
    through_means = minus(Y_BAR, Product((W, X_BAR)))
    before = over(Power(Sum((Y_I, Negative(Product((W, X_I))), Negative(through_means))), TWO))
    centred = over(Power(minus(minus(Y_I, Y_BAR), Product((W, minus(X_I, X_BAR)))), TWO))
    named = Quotient(minus(S_XY, Product((W, S_XX))), Power(SIGMA, TWO))
    sums = (Definition(S_XX, (), _squares()), Definition(S_XY, (), _cross()))
    second = Negative(Quotient(S_XX, Power(SIGMA, TWO)))
    parts += [
        Heading(("The slope",)),
        Paragraph(("With this intercept put in, the residuals are those of the deviations from the means:",)),
        Chain((Step(before, centred, "collect", "Every quantity with its own mean."),), None, _means()),
        Paragraph(("so the derivative of the log-likelihood by the slope is",)),
        Chain((Step(Derivative(_body(centred), W, 1, True), named, "derivative under the sum, chain rule",
                    "The sums of squares and of products get letters.", level=Level.CALCULUS),), partial(W),
              (*_means(), *sums)),
        Chain((equivalent(equals(named, ZERO), equals(W, Quotient(S_XY, S_XX)), "isolate", "Solved for the slope."),)),
        Chain((Step(Derivative(named, W, 1, True), second, "linear term", "The term with the slope.",
                    level=Level.CALCULUS),
               Step(second, ZERO, "sign", "Not all inputs are the same.", "<", Level.ARGUMENT)), partial(W, W)),
    ]


def deviation(parts: list[Part], size: Symbol = SIZE) -> None:
    """The deviation of the errors, given the least sum of squared residuals."""
    body = minus(Negative(Product((size, Call("log", (SIGMA,))))), Quotient(RSS, Product((TWO, Power(SIGMA, TWO)))))
    slope = minus(Quotient(RSS, Power(SIGMA, Number("3"))), Quotient(size, SIGMA))
    square, root = equals(Power(SIGMA, TWO), Quotient(RSS, size)), equals(SIGMA, Root(Quotient(RSS, size)))
    parts += [
        Heading(("The deviation",)),
        Paragraph(("With the least sum of squared residuals ", RSS, ", what depends on ", SIGMA, " is largest where")),
        Chain((Step(Derivative(body, SIGMA, 1, True), slope, "derivative term by term", "The logarithm and the power.",
                    level=Level.CALCULUS),), partial(SIGMA)),
        Chain((equivalent(equals(slope, ZERO), square, "isolate the power", "Multiplied out."),
               equivalent(square, root, "take the positive root", "A deviation is positive."))),
        Paragraph(("The slope is positive below this value and negative above it, so it is a maximum.",)),
    ]


def _linear_numbers(
    pairs: tuple[tuple[Node, ...], tuple[Node, ...]], slope: Node, parts: list[Part], results: list[Result],
) -> None:
    """Sums, slope, intercept and deviation with the data."""
    style = Style(decimals=True) if has_decimals([*pairs[0], *pairs[1]]) else EXACT
    n = len(pairs[0])
    x, y = ([exactly(item) for item in side] for side in pairs)
    mean_x, mean_y = sum(x, Fraction(0)) / n, sum(y, Fraction(0)) / n
    s_xx = sum(((a - mean_x) ** 2 for a in x), Fraction(0))
    s_xy = sum(((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)), Fraction(0))
    w = s_xy / s_xx
    b = mean_y - w * mean_x
    q = sum(((v - w * u - b) ** 2 for u, v in zip(x, y, strict=True)), Fraction(0))
    if q == 0:
        raise DeriveError("data: all points lie on a line, so the deviation has no estimate: the likelihood grows "
                          "without end as it goes to zero", "give at least three points that are not on a line")
    parts.append(Heading(("With the data",)))
    short = n <= SHOWN

    def write(value: Fraction) -> Node:
        return as_number(value, style)

    rows: tuple[tuple[Symbol, Node, Fraction], ...] = (
        (X_BAR, Quotient(total(pairs[0]), Number(str(n))), mean_x),
        (Y_BAR, Quotient(total(pairs[1]), Number(str(n))), mean_y),
        (S_XX, total([Power(minus(a, write(mean_x)), TWO) for a in pairs[0]]), s_xx),
        (S_XY, total([Product((minus(a, write(mean_x)), minus(c, write(mean_y))))
                      for a, c in zip(*pairs, strict=True)]), s_xy),
        (estimated(W), Quotient(write(s_xy), write(s_xx)), w),
        (estimated(B), minus(write(mean_y), Product((write(w), write(mean_x)))), b),
        (RSS, total([Power(Sum((c, Negative(Product((write(w), a))), Negative(write(b)))), TWO)
                     for a, c in zip(*pairs, strict=True)]), q),
    )
    for name, start, value in rows:
        end = write(value)
        long = not short and name in (X_BAR, Y_BAR, S_XX, S_XY, RSS)
        if long or start == end:
            parts.append(Formula(equals(name, end)))
        else:
            parts.append(Chain((Step(start, end, "work out the numbers", "Exactly.", level=Level.ARITHMETIC),), name))
    root = Root(Quotient(write(q), Number(str(n))))
    lines = value_lines(root, style)
    parts.append(Chain(tuple(lines), estimated(SIGMA)))
    root = lines[0].after if isinstance(lines[0].after, Root) else root
    results += [
        Result("w from the data", write(w), estimated(W)), Result("b from the data", write(b), estimated(B)),
        Result("sigma from the data", root, estimated(SIGMA), number=value_of(root)),
    ]
