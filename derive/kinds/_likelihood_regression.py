r"""Linear and logistic regression as maximum likelihood: score, second derivatives, and the estimates with numbers.

Called by the kind ``maximum-likelihood`` for ``distribution = "linear regression"`` and ``"logistic regression"``, with
one input and an intercept. The normal equations of the linear model are solved in letters; the score of the logistic
model has no zero in closed form, so one Newton step (iteratively reweighted least squares) is worked out with numbers
and the rest is a table.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2nd ed., 2009), sections 3.2 and 4.4.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from derive.errors import DeriveError
from derive.goals import through
from derive.kinds._by_hand import EXACT, Style, has_decimals
from derive.kinds._likelihood_given import INDEX, equals, exactly, read_data
from derive.kinds._likelihood_numbers import as_number, value_lines
from derive.kinds._likelihood_stage import estimated
from derive.kinds._shared import listed
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
    Figure,
    Formula,
    Heading,
    Level,
    Paragraph,
    Part,
    Prose,
    Result,
    Step,
    Table,
)
from derive.tree import (
    ONE,
    PI,
    TWO,
    ZERO,
    Call,
    Derivative,
    E,
    Indexed,
    Matrix,
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
    Vector,
    decimal,
    number,
    numeric,
    total,
)
from derive.write.numbers import approximate
from derive.write.text import text

Array = NDArray[np.float64]

LINEAR, LOGISTIC = "linear regression", "logistic regression"
X, Y, W, B, SIGMA, SIZE = Symbol("x"), Symbol("y"), Symbol("w"), Symbol("b"), Symbol("sigma"), Symbol("n")
X_BAR, Y_BAR = Symbol("x", accent="bar"), Symbol("y", accent="bar")
X_I, Y_I = Indexed(X, (INDEX,)), Indexed(Y, (INDEX,))
ELL = Symbol("ell")
SHOWN = 12
NEWTON_MOST = 25
SETTLED = 1e-10
DOMAINS = {SIZE: "positive integer", SIGMA: "positive"}


def over(body: Node) -> SumOver:
    """The sum over the data."""
    return SumOver(body, INDEX, ONE, SIZE)


def _minus(a: Node, b: Node) -> Sum:
    return Sum((a, Negative(b)))


def _pairs(problem: Problem) -> tuple[tuple[Node, ...], tuple[Node, ...]] | None:
    """Inputs and targets. DeriveError for one without the other, and for lists of different lengths."""
    inputs, _ = read_data(problem.given["inputs"], problem.file, "inputs")
    targets, _ = read_data(problem.given["data"], problem.file)
    if inputs is None and targets is None:
        return None
    if inputs is None or targets is None:
        missing = "inputs" if inputs is None else "data"
        raise DeriveError(f"a regression with numbers needs both inputs and data, and {missing} is missing",
                          "inputs = [0, 1, 2] and data = [0, 0, 1], for instance")
    if len(inputs) != len(targets):
        raise DeriveError(f"{len(inputs)} inputs and {len(targets)} data", "give one datum for each input")
    if len(set(map(exactly, inputs))) < 2:
        raise DeriveError("inputs: all inputs are the same, so no slope can be estimated", "give different inputs")
    return inputs, targets


def _finished(
    problem: Problem, model: Prose, pairs: tuple[tuple[Node, ...], tuple[Node, ...]] | None, parts: list[Part],
    results: list[Result], context: Context,
) -> Derivation:
    given: list[Prose] = [model]
    if pairs is not None and len(pairs[0]) <= SHOWN:
        given += [("inputs: ", *listed(pairs[0])), ("data: ", *listed(pairs[1]))]
    asked: Prose = ("the maximum-likelihood estimators of ", W, " and ", B)
    return Derivation(problem.title, problem.kind, tuple(given), (asked,), tuple(parts), tuple(results), context)


# --- logistic regression ----------------------------------------------------------------------------

Z_I = Sum((Product((W, X_I)), B))
H_I = Call("sigma", (Z_I,))


def logistic(problem: Problem) -> Derivation:
    """Score and second derivatives in letters; with data Newton's method.

    DeriveError for data that are not 0 or 1, and for classes that a threshold separates: then the likelihood grows
    without a largest value.
    """
    context = Context(dict(DOMAINS) | dict(problem.domains))
    pairs = _pairs(problem)
    parts: list[Part] = []
    _logistic_likelihood(parts)
    _logistic_score(parts)
    results = [
        Result("score for w", over(Product((_minus(Y_I, H_I), X_I))), _partial(W)),
        Result("score for b", over(_minus(Y_I, H_I)), _partial(B)),
    ]
    if pairs is not None:
        _checked_classes(*pairs)
        _newton(problem, pairs, parts, results)
    model: Prose = ("logistic regression: ", Y_I, " is 1 with the probability ", H_I)
    return _finished(problem, model, pairs, parts, results, context)


def _partial(variable: Symbol, second: Symbol | None = None) -> Derivative:
    first = Derivative(ELL, variable, 1, True)
    if second is None:
        return first
    return Derivative(ELL, variable, 2, True) if second == variable else Derivative(first, second, 1, True)


def _logistic_likelihood(parts: list[Part]) -> None:
    single = Product((Power(H_I, Y_I), Power(_minus(ONE, H_I), _minus(ONE, Y_I))))
    body = Call("log", (ProductOver(single, INDEX, ONE, SIZE),))
    steps = through(body, (LOGARITHM_APART,))
    parts += [
        Paragraph(("A datum ", Y_I, " is 1 with the probability ", equals(Symbol("h", "i"), H_I), (" and else 0, "
                   "so its probability is the first factor below for 1 and the second for 0. The log-likelihood of "
                   "independent data is"),)),
        Chain(tuple(steps), Call(ELL.plain, (W, B))),
    ]


def _log_likelihood() -> Node:
    success = Product((Y_I, Call("log", (H_I,))))
    return over(Sum((success, Product((_minus(ONE, Y_I), Call("log", (_minus(ONE, H_I),)))))))


def _logistic_score(parts: list[Part]) -> None:
    z, y = Symbol("z"), Symbol("y")
    sigma = Call("sigma", (z,))
    one = Sum((Product((y, Call("log", (sigma,)))), Product((_minus(ONE, y), Call("log", (_minus(ONE, sigma),))))))
    middle = _minus(Product((y, _minus(ONE, sigma))), Product((_minus(ONE, y), sigma)))
    slope_h = Product((sigma, _minus(ONE, sigma)))
    reason = "The derivative of log σ is 1 - σ, that of log(1 - σ) is -σ."
    parts += [
        Heading(("The score",)),
        Paragraph(("For one datum, as a function of ", equals(z, Sum((Product((W, X)), B))), ":")),
        Chain((Step(Derivative(one, z, 1, True), middle, "derivative of the logarithms", reason, level=Level.CALCULUS),
               Step(middle, _minus(y, sigma), "multiply out and collect", "The products cancel."))),
        Paragraph(("By the chain rule the derivative by ", W, " has the factor ", X_I, " besides:")),
    ]
    for variable, factor in ((W, X_I), (B, None)):
        rest: Node = _minus(Y_I, H_I)
        body = over(rest if factor is None else Product((rest, factor)))
        parts.append(Chain((Step(Derivative(_log_likelihood(), variable, 1, True), body, "chain rule, derivative under "
                                 "the sum", "Each term by its own.", level=Level.CALCULUS),), _partial(variable)))
    parts += [
        Paragraph((("Both are to be zero: the residuals add up to zero, also when they are weighted with the inputs. "
                   "The unknowns stand inside the sigmoid, so there is no closed form; the second derivatives lead to "
                   "Newton's method. They follow from"),)),
        Chain((Step(Derivative(sigma, z), slope_h, "derivative of the sigmoid", "The sigmoid's own law.",
                    level=Level.CALCULUS),)),
        Paragraph(("and are",)),
    ]
    weight = Product((H_I, _minus(ONE, H_I)))
    entries: tuple[tuple[Symbol, Symbol, Node | None], ...] = (
        (W, W, Power(X_I, TWO)), (W, B, X_I), (B, B, None))
    for first, second, by in entries:
        slope = over(Product((_minus(Y_I, H_I), X_I)) if first == W else _minus(Y_I, H_I))
        items = [H_I, _minus(ONE, H_I), *([by] if by is not None else [])]
        value = Negative(over(Product(tuple(items))))
        parts.append(Chain((Step(Derivative(slope, second, 1, True), value, "chain rule, derivative under the sum",
                                 "Each term by its own.", level=Level.CALCULUS),), _partial(first, second)))
    parts.append(Paragraph((
        "Every weight ", weight, (" is positive, so minus the matrix of these is a sum of squares with such weights: "
        "the log-likelihood is concave, and a zero of the score is where it is largest."))))


def _checked_classes(inputs: Sequence[Node], targets: Sequence[Node]) -> None:
    """DeriveError for targets other than 0 and 1, and for separated classes."""
    for k, item in enumerate(targets, 1):
        if exactly(item) not in (0, 1):
            raise DeriveError(f"data: item {k} is {text(item)}, and a logistic regression wants 0 or 1")
    groups = [[exactly(x) for x, y in zip(inputs, targets, strict=True) if exactly(y) == c] for c in (0, 1)]
    if not all(groups):
        raise DeriveError("data: all data are of one class: the estimator does not exist, because the likelihood "
                          "has no largest value", "give data of both classes")
    low, high = groups
    if max(low) <= min(high) or max(high) <= min(low):
        raise DeriveError("data: a threshold of the input separates the two classes: the estimator does not exist, "
                          "because the likelihood grows with the slope without end",
                          "give data whose classes overlap, or add a penalty")


def _start(problem: Problem) -> tuple[Node, Node]:
    given = problem.given["start"]
    if not given:
        return ZERO, ZERO
    if len(given) != 2:
        raise DeriveError(f"start: {len(given)} numbers", "give two: the slope and the intercept, such as [0, 0]")
    return given[0], given[1]


def _newton(
    problem: Problem, pairs: tuple[tuple[Node, ...], tuple[Node, ...]], parts: list[Part], results: list[Result],
) -> None:
    """One step in a table with numbers, the rest in a table of iterations."""
    start = _start(problem)
    inputs, targets = ([exactly(n) for n in side] for side in pairs)
    h = _probabilities(start, pairs[0])
    weights: list[Fraction | float] = [p * (1 - p) for p in h]
    residuals = [y - p for y, p in zip(targets, h, strict=True)]
    _step_table(pairs, h, residuals, weights, parts)
    g = [sum(r * x for r, x in zip(residuals, inputs, strict=True)), sum(residuals)]
    m = [sum(s * x * x for s, x in zip(weights, inputs, strict=True)),
         sum(s * x for s, x in zip(weights, inputs, strict=True)), sum(weights)]
    gradient = Vector((_shown(g[0]), _shown(g[1])))
    matrix = Matrix(((_shown(m[0]), _shown(m[1])), (_shown(m[1]), _shown(m[2]))))
    determinant = m[0] * m[2] - m[1] * m[1]
    step = [(m[2] * g[0] - m[1] * g[1]) / determinant, (m[0] * g[1] - m[1] * g[0]) / determinant]
    after = [value_exact(s) + d for s, d in zip(start, step, strict=True)]
    direction, minus_h = Symbol("d"), Symbol("M")
    solution = Vector((_shown(step[0]), _shown(step[1])))
    column = Matrix(((solution.items[0],), (solution.items[1],)))
    exact_ = all(isinstance(v, Fraction | int) for v in (*g, *m))
    parts += [
        Paragraph((("The score there, and minus the matrix of second derivatives (the sums of the weights with the "
                    "squares of the inputs, the inputs, and 1), are"),)),
        Formula(equals(Symbol("g"), gradient)), Formula(equals(minus_h, matrix)),
        Paragraph(("Newton's step solves ", equals(Product((minus_h, direction)), Symbol("g")), ":")),
        Formula(equals(direction, solution)),
    ]
    if exact_:
        right = Matrix(((gradient.items[0],), (gradient.items[1],)))
        check = Step(Product((matrix, column)), right, "matrix product", "The step put into the equations.")
        parts += [Paragraph(("for",)), Chain((check,))]
    parts += [
        Paragraph(("so the first step leads to ", equals(Vector((W, B)), Vector((_shown(after[0]), _shown(after[1])))),
                   ".")),
    ]
    results += [Result("first Newton step", solution, direction), Result("after the first step",
                Vector((_shown(after[0]), _shown(after[1]))), Vector((W, B)))]
    _iterations(start, inputs, targets, parts, results, problem.given["figure"])


def value_exact(node: Node) -> Fraction | float:
    """A start's coordinate."""
    known = numeric(node)
    return value_of(node) if known is None else known


def _probabilities(start: tuple[Node, Node], inputs: Sequence[Node]) -> list[Fraction | float]:
    """The probabilities at the start; one half exactly where the sum is zero."""
    w, b = map(value_exact, start)
    sums = [w * exactly(x) + b for x in inputs]
    return [Fraction(1, 2) if z == 0 else 1 / (1 + float(np.exp(-float(z)))) for z in sums]


def _shown(value: Fraction | float) -> Node:
    """Exact where it is, else six digits."""
    if isinstance(value, float):
        return approximate(value)
    ended = decimal(Fraction(value))
    return ended if ended is not None and len(text(ended)) < 9 else number(value)


def _step_table(
    pairs: tuple[tuple[Node, ...], tuple[Node, ...]], h: Sequence[Fraction | float],
    residuals: Sequence[Fraction | float], weights: Sequence[Fraction | float], parts: list[Part],
) -> None:
    parts.append(Heading(("One Newton step with the data",)))
    if len(h) > SHOWN:
        return
    letters = [Symbol(c, "i") for c in ("x", "y", "h")]
    header: tuple[Prose, ...] = (
        (INDEX,), *((s,) for s in letters), (_minus(letters[1], letters[2]),),
        (Product((letters[2], _minus(ONE, letters[2]))),),
    )
    rows = [
        ((str(k),), (x,), (y,), (_shown(p),), (_shown(r),), (_shown(s),))
        for k, (x, y, p, r, s) in enumerate(zip(*pairs, h, residuals, weights, strict=True), 1)
    ]
    parts.append(Table(header, tuple(rows), ("Probabilities, residuals and weights at the start.",)))


def _iterations(
    start: tuple[Node, Node], inputs: Sequence[Fraction], targets: Sequence[Fraction], parts: list[Part],
    results: list[Result], figure: bool,
) -> None:
    """Newton's method to the end, in floating point. DeriveError where it does not settle."""
    x, y = np.array(inputs, dtype=float), np.array(targets, dtype=float)
    point = np.array([float(value_exact(s)) for s in start])
    rows: list[tuple[Prose, ...]] = []
    for k in range(NEWTON_MOST):
        h = 1 / (1 + np.exp(-(point[0] * x + point[1])))
        likelihood = float(np.sum(y * np.log(h) + (1 - y) * np.log1p(-h)))
        slope = np.array([np.sum((y - h) * x), np.sum(y - h)])
        rows.append(((str(k),), *((approximate(float(v)),) for v in (*point, likelihood)),
                     (approximate(float(np.linalg.norm(slope)), 3),)))
        if np.linalg.norm(slope) < SETTLED:
            break
        s = h * (1 - h)
        matrix = np.array([[np.sum(s * x * x), np.sum(s * x)], [np.sum(s * x), np.sum(s)]])
        point = point + np.linalg.solve(matrix, slope)
        if not np.isfinite(point).all():
            raise DeriveError("Newton's method runs away from this start", "start = [0, 0]")
    else:
        raise DeriveError("Newton's method does not settle from this start", "start = [0, 0]")
    size = Call("abs", (Symbol("g"),))
    header: tuple[Prose, ...] = (("step",), (W,), (B,), (ELL,), (size,))
    parts += [
        Paragraph(("Repeated, with weights computed anew each time, the steps settle after ", str(len(rows) - 1), ":")),
        Table(header, tuple(rows), ("Newton's method (iteratively reweighted least squares), in floating point.",)),
    ]
    results += [
        Result("w from the data", approximate(float(point[0])), estimated(W), number=float(point[0])),
        Result("b from the data", approximate(float(point[1])), estimated(B), number=float(point[1])),
        Result("largest log-likelihood", approximate(likelihood), Call(ELL.plain, (estimated(W), estimated(B))),
               number=likelihood),
    ]
    if figure:
        parts.append(_contours(inputs, targets, point))


def _contours(inputs: Sequence[Fraction], targets: Sequence[Fraction], point: Array) -> Figure:
    """Level lines of the log-likelihood in slope and intercept."""
    terms: list[Node] = []
    for x, y in zip(inputs, targets, strict=True):
        z: Node = Sum((Product((number(x), W)), B))
        terms.append(Call("log", (Call("sigma", (z if y else Negative(z),)),)))
    at = [float(v) for v in point]
    data = {"function": total(terms), "variables": (W, B), "path": [], "name": text(ELL),
            "stationary": [(*at, "maximum")]}
    caption: Prose = ("The log-likelihood and its maximum at ",
                      equals(Vector((W, B)), Vector(tuple(approximate(v) for v in at))), ".")
    return Figure("contour_path", data, caption, "Level lines of the log-likelihood with its maximum marked.",
                  "log-likelihood")


# --- linear regression ------------------------------------------------------------------------------

S_XX, S_XY, RSS = Symbol("S", "xx"), Symbol("S", "xy"), Symbol("Q")
RESIDUAL = _minus(_minus(Y_I, Product((W, X_I))), B)


def linear(problem: Problem) -> Derivation:
    """The normal equations solved in letters, then with the data.

    DeriveError for fewer than three data or for data on a line: then there is no estimate of the deviation.
    """
    domains = DOMAINS | {S_XX: "positive", RSS: "positive"}
    context = Context(dict(domains) | dict(problem.domains))
    pairs = _pairs(problem)
    parts: list[Part] = []
    _linear_likelihood(parts)
    _intercept(parts)
    _slope(parts)
    _deviation(parts)
    slope, intercept = Quotient(S_XY, S_XX), _minus(Y_BAR, Product((estimated(W), X_BAR)))
    results = [
        Result("estimator of w", Quotient(_cross(), _squares()), estimated(W)),
        Result("estimator of b", intercept, estimated(B)),
        Result("estimator of sigma", Root(Quotient(RSS, SIZE)), estimated(SIGMA)),
    ]
    if pairs is not None:
        _linear_numbers(pairs, slope, parts, results)
    model: Prose = ("linear regression: ", Y_I, " is normal with the mean ", Z_I, " and the deviation ", SIGMA)
    return _finished(problem, model, pairs, parts, results, context)


def _squares() -> SumOver:
    return over(Power(_minus(X_I, X_BAR), TWO))


def _cross() -> SumOver:
    return over(Product((_minus(X_I, X_BAR), _minus(Y_I, Y_BAR))))


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
    solved = equals(B, _minus(Y_BAR, Product((W, X_BAR))))
    second = Negative(Quotient(SIZE, Power(SIGMA, TWO)))
    parts += [
        Heading(("The intercept",)),
        Chain((Step(Derivative(_body(squares), B, 1, True), sums, "derivative under the sum, chain rule",
                    "Each square by its own.", level=Level.CALCULUS),
               Step(sums, short, "mean of the data", "Each sum is the number of data times a mean.")),
              _partial(B), _means()),
        Chain((equivalent(equals(short, ZERO), solved, "isolate", "Solved for the intercept."),)),
        Chain((Step(Derivative(short, B, 1, True), second, "linear term", "The term with the intercept.",
                    level=Level.CALCULUS),
               Step(second, ZERO, "sign", "Both letters are positive.", "<", Level.ARGUMENT)), _partial(B, B)),
        Paragraph(("The line goes through the point of the means, whatever its slope.",)),
    ]


def _slope(parts: list[Part]) -> None:
    through_means = _minus(Y_BAR, Product((W, X_BAR)))
    before = over(Power(Sum((Y_I, Negative(Product((W, X_I))), Negative(through_means))), TWO))
    centred = over(Power(_minus(_minus(Y_I, Y_BAR), Product((W, _minus(X_I, X_BAR)))), TWO))
    named = Quotient(_minus(S_XY, Product((W, S_XX))), Power(SIGMA, TWO))
    sums = (Definition(S_XX, (), _squares()), Definition(S_XY, (), _cross()))
    second = Negative(Quotient(S_XX, Power(SIGMA, TWO)))
    parts += [
        Heading(("The slope",)),
        Paragraph(("With this intercept put in, the residuals are those of the deviations from the means:",)),
        Chain((Step(before, centred, "collect", "Every quantity with its own mean."),), None, _means()),
        Paragraph(("so the derivative of the log-likelihood by the slope is",)),
        Chain((Step(Derivative(_body(centred), W, 1, True), named, "derivative under the sum, chain rule",
                    "The sums of squares and of products get letters.", level=Level.CALCULUS),), _partial(W),
              (*_means(), *sums)),
        Chain((equivalent(equals(named, ZERO), equals(W, Quotient(S_XY, S_XX)), "isolate", "Solved for the slope."),)),
        Chain((Step(Derivative(named, W, 1, True), second, "linear term", "The term with the slope.",
                    level=Level.CALCULUS),
               Step(second, ZERO, "sign", "Not all inputs are the same.", "<", Level.ARGUMENT)), _partial(W, W)),
    ]


def _deviation(parts: list[Part]) -> None:
    body = _minus(Negative(Product((SIZE, Call("log", (SIGMA,))))), Quotient(RSS, Product((TWO, Power(SIGMA, TWO)))))
    slope = _minus(Quotient(RSS, Power(SIGMA, Number("3"))), Quotient(SIZE, SIGMA))
    square, root = equals(Power(SIGMA, TWO), Quotient(RSS, SIZE)), equals(SIGMA, Root(Quotient(RSS, SIZE)))
    parts += [
        Heading(("The deviation",)),
        Paragraph(("With the least sum of squared residuals ", RSS, ", what depends on ", SIGMA, " is largest where")),
        Chain((Step(Derivative(body, SIGMA, 1, True), slope, "derivative term by term", "The logarithm and the power.",
                    level=Level.CALCULUS),), _partial(SIGMA)),
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
        (S_XX, total([Power(_minus(a, write(mean_x)), TWO) for a in pairs[0]]), s_xx),
        (S_XY, total([Product((_minus(a, write(mean_x)), _minus(c, write(mean_y))))
                      for a, c in zip(*pairs, strict=True)]), s_xy),
        (estimated(W), Quotient(write(s_xy), write(s_xx)), w),
        (estimated(B), _minus(write(mean_y), Product((write(w), write(mean_x)))), b),
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



