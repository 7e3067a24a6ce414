r"""Linear regression with a design matrix: score, normal equations, Hessian, quality; then with numbers, exactly.

Called by the kind ``maximum-likelihood`` for several inputs. Columns of X that depend on one another are an answer: the
weights are then not determined, and the direction in which they are not is shown.

Source: Hastie, Tibshirani and Friedman, The Elements of Statistical Learning (2nd ed., 2009), section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from derive.errors import DeriveError
from derive.kinds._by_hand import EXACT, SIGNIFICANT, Style, digits, rounded
from derive.kinds._exact_matrices import as_column, as_matrix, as_rows, of_rows, solution
from derive.kinds._likelihood_design import (
    ELL,
    SHOWN,
    SIGMA,
    Design,
    Sides,
    W,
    X,
    Y,
    finished,
    given_design,
    shown_data,
    sides,
)
from derive.kinds._likelihood_given import equals
from derive.kinds._likelihood_line import RSS, deviation
from derive.kinds._likelihood_matrices import by_laws, chained, tabled
from derive.kinds._likelihood_numbers import value_lines
from derive.kinds._likelihood_stage import estimated
from derive.kinds._pca_data import inner
from derive.numeric.value import value_of
from derive.problem import Problem
from derive.rules.monomials import factors_of
from derive.solving import equivalent
from derive.steps import (
    Chain,
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
    Table,
)
from derive.tree import (
    TWO,
    ZERO,
    Call,
    Derivative,
    Expectation,
    GradientOf,
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
    Transpose,
    Vector,
    number,
    substitute,
    total,
)
from derive.write.numbers import approximate

_FORM = r"-\frac{1}{2 \sigma^2} \|y - X w\|_2^2"
_SCORE = r"\frac{1}{\sigma^2} X^\top (y - X w)"
_SOLVED = r"(X^\top X)^{-1} X^\top y"
_PROJECTION = r"\mathbf{I} - X (X^\top X)^{-1} X^\top"
_ERROR = Symbol("epsilon")
_DIRECTION = Symbol("v")
_INVERSE = "The product of both is the unit matrix."
INVERSE_DIGITS = 6  # of the longest number in an inverse that is worth writing
WEIGHT_DIGITS = 8  # the same of a weight or a sum; longer ones are rounded
DOMAINS = (("v", "d"), ("epsilon", "n"))


def least_squares(problem: Problem) -> Derivation:
    """The estimators in letters, then with numbers.

    DeriveError for data that the model fits without error: then there is no estimate of the deviation.
    """
    letters = sides(problem)
    design = given_design(problem)
    parts: list[Part] = []
    results: list[Result] = []
    _likelihood(letters, parts)
    _normal_equations(letters, parts)
    _curvature(letters, parts)
    deviation(parts, letters.rows)
    results += [
        Result("estimator of w", letters.put(_SOLVED), estimated(W)),
        Result("estimator of sigma", letters.put(r"\sqrt{\frac{Q}{n}}"), estimated(SIGMA)),
    ]
    if problem.given["quality"]:
        _information(letters, parts, results)
        _bias(letters, parts, results)
    if design is not None:
        parts += [Heading(("With the data",)), *shown_data(design)]
        told = _Numbers(design, letters, parts, results)
        (told.solved if design.dependent is None else told.undetermined)()
    domains = {**letters.domains(problem, *DOMAINS), RSS: "positive", estimated(W): f"vector {letters.columns.plain}"}
    model: Prose = ("linear regression: ", Y, " is normal with the mean ", letters.put("X w"),
                    ", its entries are independent with the deviation ", SIGMA)
    return finished(problem, model, design, (parts, results), domains)


# --- with letters -----------------------------------------------------------------------------------


def _likelihood(letters: Sides, parts: list[Part]) -> None:
    put = letters.put
    density = put(rf"(2 \pi)^{{-\frac{{n}}{{2}}}} \sigma^{{-n}} e^{{{_FORM}}}")
    logs = put(r"-\frac{n}{2} \log(2 \pi) - n \log(\sigma) - \frac{1}{2 \sigma^2} \|y - X w\|_2^2")
    parts += [
        Paragraph(("A row of the matrix ", X, (" holds the inputs of a datum. The data are independent and each is "
                   "normal about its mean, so their joint density is a product, in which the squared residuals are "
                   "added up. As a function of "), W, " and ", SIGMA, " it is the likelihood:")),
        Formula(equals(Call("L", (W, SIGMA)), density)),
        Paragraph(("The log-likelihood is",)),
        chained(Call("log", (density,)),
                [(logs, "laws of logarithms", "Of a product, of powers, and of an exponential.")],
                Call(ELL.plain, (W, SIGMA))),
        Paragraph(("Only the last term depends on ", W, (", and it is largest where the sum of the squared residuals "
                   "is smallest: maximum likelihood is least squares, whatever "), SIGMA, " is.")),
    ]


def _normal_equations(letters: Sides, parts: list[Part]) -> None:
    put = letters.put
    score = put(_SCORE)
    normal = equals(put(r"X^\top X w"), put(r"X^\top y"))
    parts += [
        Heading(("The weights",)),
        Paragraph(("The score is the gradient by ", W, ":")),
        by_laws(put(_FORM), W, letters.shapes, score, "Twos cancel.", GradientOf(ELL, (W,))),
        Paragraph(("It is zero where the residuals are orthogonal to every column of ", X, ":")),
        Chain((equivalent(equals(score, ZERO), normal, "normal equations", "Multiplied out."),
               equivalent(normal, equals(W, put(_SOLVED)), "multiply by the inverse",
                          "The matrix is invertible where the columns of X are independent."))),
    ]


def _curvature(letters: Sides, parts: list[Part]) -> None:
    put = letters.put
    hessian = put(r"-\frac{1}{\sigma^2} X^\top X")
    square = put(r"-\frac{1}{\sigma^2} \|X v\|_2^2")
    parts += [
        Paragraph(("The Hessian is",)),
        chained(GradientOf(put(_SCORE), (W,)), [(hessian, "linear map", "Only one term depends on w.")],
                GradientOf(ELL, (W,), 2), level=Level.CALCULUS),
        Paragraph(("and for every vector ", _DIRECTION)),
        Chain((Step(put(r"v^\top (-\frac{1}{\sigma^2} X^\top X) v"), square, "squared norm", "The norm of X v."),
               Step(square, ZERO, "sign", "A square is not negative.", "<=", Level.ARGUMENT))),
        Paragraph(("It is zero only where ", equals(put("X v"), ZERO), ", which for independent columns is only ",
                   equals(_DIRECTION, ZERO), (": the Hessian is negative definite, the log-likelihood strictly "
                   "concave in "), W, ", and the solution is where it is largest.")),
    ]


def _information(letters: Sides, parts: list[Part], results: list[Result]) -> None:
    """The whole information matrix about weights and deviation, and the bound."""
    put = letters.put
    mixed = Derivative(GradientOf(ELL, (W,)), SIGMA, 1, True)
    own = put(r"-n \log(\sigma) - \frac{1}{2 \sigma^2} \|y - X w\|_2^2")
    curve = put(r"\frac{n}{\sigma^2} - \frac{3}{\sigma^4} \|y - X w\|_2^2")
    mean, whole = put(r"\frac{n}{\sigma^2} - \frac{3}{\sigma^4} n \sigma^2"), put(r"-\frac{2 n}{\sigma^2}")
    bound = put(r"\sigma^2 \cdot (X^\top X)^{-1}")
    zero = put(r"-\frac{2}{\sigma^3} X^\top (X w - X w)")
    matrix = Matrix(((put(r"\frac{1}{\sigma^2} X^\top X"), ZERO), (ZERO, put(r"\frac{2 n}{\sigma^2}"))))
    parts += [
        Heading(("Fisher information",)),
        Paragraph(("The information is the mean of minus the second derivatives. By ", W,
                   " twice they are constant, as found above. By both")),
        chained(Derivative(put(_SCORE), SIGMA, 1, True),
                [(put(r"-\frac{2}{\sigma^3} X^\top (y - X w)"), "power", "The rest does not depend on it.")], mixed,
                level=Level.CALCULUS),
        Paragraph(("whose mean is zero, since ", equals(Expectation("E", (Y,)), put("X w")), ":")),
        chained(zero, [(ZERO, "terms cancel", "Both are the same.")], Expectation("E", (mixed,))),
        Paragraph(("By ", SIGMA, " twice")),
        chained(Derivative(own, SIGMA, 2, True), [(curve, "second derivative", "The logarithm and the power, twice.")],
                Derivative(ELL, SIGMA, 2, True), level=Level.CALCULUS),
        Paragraph(("and the sum of the squared errors has the mean ", put(r"n \sigma^2"), ":")),
        chained(mean, [(whole, "collect", "The powers cancel.")], Expectation("E", (Derivative(ELL, SIGMA, 2, True),))),
        Paragraph(("So the information matrix about ", W, " and ", SIGMA, " has two blocks,")),
        Formula(equals(Call("I", (W, SIGMA)), matrix)),
        Paragraph(("and its inverse has the inverses of both. That of the first is ", bound, ":")),
        chained(Product((*factors_of(put(r"\frac{1}{\sigma^2} X^\top X")), *factors_of(bound))),
                [(Symbol("I", letters.columns.plain), "inverse matrix", "Numbers and matrices cancel.")]),
        Paragraph(("By the Cramér–Rao inequality no unbiased estimator of ", W, (" has a smaller covariance: the "
                   "difference is positive semidefinite."))),
    ]
    results += [
        Result("Fisher information", matrix, Call("I", (W, SIGMA)), shown=False),
        Result("Cramér–Rao bound for w", bound, shown=False),
    ]


def _bias(letters: Sides, parts: list[Part], results: list[Result]) -> None:
    """The weights are unbiased and reach the bound; the sum of squared residuals is too small."""
    put = letters.put
    hat, covariance = estimated(W), put(r"\sigma^2 \cdot (X^\top X)^{-1}")
    given = Definition(Y, (), put(r"X w + \epsilon"))
    inverse = put(r"(X^\top X)^{-1} X^\top")
    residual = put(rf"({_PROJECTION}) (X w + \epsilon)")
    short = put(rf"({_PROJECTION}) \epsilon")
    start = Expectation("E", (put(rf"\epsilon^\top ({_PROJECTION}) \epsilon"),))
    outer = Expectation("E", (put(r"\epsilon \epsilon^\top"),))
    traced = substitute(put(rf"\operatorname{{tr}}(({_PROJECTION}) Z)"), {Symbol("Z"): outer})
    known = put(rf"\operatorname{{tr}}(({_PROJECTION}) (\sigma^2 \cdot \mathbf{{I}}))")
    counted = put(r"(n - d) \sigma^2")
    parts += [
        Heading(("Bias and covariance",)),
        Paragraph(("With ", equals(Y, given.body), ", where the errors ", _ERROR,
                   " have the mean 0 and the covariance ", put(r"\sigma^2 \cdot \mathbf{I}"), ",")),
        chained(put(_SOLVED), [(put(r"w + (X^\top X)^{-1} X^\top \epsilon"), "multiply out",
                                "The inverse cancels in the first term.")], hat, given),
        Paragraph(("The mean of the second term is zero: the estimator is unbiased. Its covariance is",)),
        chained(Product((*factors_of(inverse), *factors_of(put(r"(\sigma^2 \cdot \mathbf{I}) X (X^\top X)^{-1}")))),
                [(covariance, "inverse matrix", "The inverse cancels.")], Expectation("Cov", (hat,))),
        Paragraph(("which is the Cramér–Rao bound: the estimator is efficient. The residuals are",)),
        chained(residual, [(short, "terms cancel", "The matrix takes X to 0.")]),
        Paragraph(("and ", put(rf"P = {_PROJECTION}"), (" is symmetric and its own square. So their sum of squares has "
                   "the mean"),)),
        chained(start, [(traced, "mean of a quadratic form", "A number is its own trace.")],
                Expectation("E", (RSS,))),
        Paragraph(("that is, with the covariance of the errors,",)),
        chained(known, [(counted, "trace of a projection", "The trace of the product is the number of columns.")]),
        Paragraph(("Divided by ", letters.rows, " it is too small on average; divided by ", put("n - d"),
                   " it is an unbiased estimator of ", Power(SIGMA, TWO), ".")),
    ]
    results += [
        Result("bias of the estimator of w", ZERO, shown=False),
        Result("covariance of the estimator of w", covariance, Expectation("Cov", (hat,)), shown=False),
        Result("mean of the sum of squared residuals", counted, Expectation("E", (RSS,)), shown=False),
    ]


# --- with numbers -----------------------------------------------------------------------------------


@dataclass
class _Numbers:
    """The numbers put in."""

    design: Design
    letters: Sides
    parts: list[Part]
    results: list[Result]

    @property
    def _style(self) -> Style:
        return Style(decimals=True) if self.design.decimals else EXACT

    def _products(self) -> tuple[tuple[tuple[Fraction, ...], ...], tuple[Fraction, ...]]:
        x = of_rows(self.design.rows)
        y = of_rows([value] for value in self.design.values)
        return as_rows(x.transpose() * x), tuple(row[0] for row in as_rows(x.transpose() * y))

    def _told_products(self) -> None:
        square, right = self._products()
        write = self.design.write
        matrix = Matrix(tuple(tuple(map(write, row)) for row in square))
        column = as_column(map(write, right))
        where = (self.design.matrix, self.design.column)
        self.parts += [
            Paragraph(("The sums of products in the normal equations are",)),
            self._chain(Product((Transpose(X), X)), matrix, "matrix product", "Columns times columns.", where[:1]),
            self._chain(Product((Transpose(X), Y)), column, "matrix product", "Columns times data.", where),
        ]

    def _chain(self, start: Node, end: Node, rule: str, reason: str, where: tuple[Definition, ...] = ()) -> Part:
        if self.design.size > SHOWN and where:
            return Formula(equals(start, end))
        return Chain((Step(start, end, rule, reason, level=Level.ARITHMETIC),), None, where)

    def solved(self) -> None:
        """Full column rank: the weights, the residuals, the deviation."""
        self._told_products()
        square, right = self._products()
        write = self.design.write
        inverse = of_rows(square).inv()
        weights = tuple(row[0] for row in as_rows(inverse * of_rows([value] for value in right)))
        matrix = Matrix(tuple(tuple(map(write, row)) for row in square))
        column, found = as_column(map(write, right)), self.design.vector(weights)
        made = as_matrix(inverse)
        long = digits(found) > WEIGHT_DIGITS
        if digits(made) > INVERSE_DIGITS:
            self._in_one_step(matrix, found, column)
        else:
            self.parts += [
                Paragraph(("The columns of ", X, " are independent, so the matrix has an inverse:")),
                Chain((Step(Power(matrix, number(-1)), made, "inverse matrix", _INVERSE, level=Level.ARITHMETIC),),
                      Power(Product((Transpose(X), X)), number(-1))),
                Paragraph(("and the weights are",)),
                Chain((Step(Product((made, column)), as_column(found.items), "matrix product",
                            "Rows times the column.", level=Level.ARITHMETIC),), estimated(W)),
            ]
        self.results.append(Result("w from the data", rounded(found) if long else found, estimated(W),
                                   number=[float(w) for w in weights] if long else None))
        self._residuals(weights)
        self._deviation(weights)

    def _in_one_step(self, matrix: Matrix, found: Vector, column: Matrix) -> None:
        """The solution of the normal equations where the inverse is too long to be written; rounded if it is long."""
        start, end = Product((Power(matrix, number(-1)), column)), as_column(found.items)
        step = Step(start, end, "solve the equations", "One solution.", level=Level.ARITHMETIC)
        if digits(found) > WEIGHT_DIGITS:
            step = replace(step, after=rounded(end), relation="~=")
        self.parts += [
            Paragraph(("The columns of ", X, " are independent, so the normal equations have one solution:")),
            Chain((step,), estimated(W)),
        ]

    def _fitted(self, weights: tuple[Fraction, ...]) -> list[Fraction]:
        return [inner(row, weights) for row in self.design.rows]

    def _residuals(self, weights: tuple[Fraction, ...]) -> None:
        if self.design.size > SHOWN:
            return
        short, i = self.design.decimals, Symbol("i")
        y, hat = Symbol("y", "i"), Symbol("y", "i", accent="hat")
        columns = (i, *self.design.headings, y, hat, Sum((y, Negative(hat))))
        header: tuple[Prose, ...] = tuple((column,) for column in columns)
        rows: list[tuple[Prose, ...]] = [
            ((str(k),), *((x,) for x in row), (target,), (tabled(fit, short),),
             (tabled(value - fit, short),))
            for k, (row, target, value, fit) in enumerate(zip(
                self.design.inputs.nodes, self.design.targets, self.design.values, self._fitted(weights),
                strict=True), 1)
        ]
        self.parts.append(Table(header, tuple(rows), ("Fitted values and residuals.",)))

    def _deviation(self, weights: tuple[Fraction, ...]) -> None:
        write = self.design.write
        gaps = [value - fit for value, fit in zip(self.design.values, self._fitted(weights), strict=True)]
        rss = inner(gaps, gaps)
        if rss == 0:
            raise DeriveError("data: the model fits all data without error, so the deviation has no estimate: the "
                              "likelihood grows without end as it goes to zero",
                              "give more data than weights, not all of them on the fitted plane")
        end = write(rss)
        start = total([Power(write(gap), TWO) for gap in gaps])
        letters, count = Root(Quotient(RSS, self.letters.rows)), Number(str(self.design.size))
        if digits(end) > WEIGHT_DIGITS:
            self._rounded_deviation(rss, letters, count)
            return
        if self.design.size > SHOWN or digits(start) > WEIGHT_DIGITS:
            self.parts += [Paragraph(("The sum of the squared residuals is",)), Formula(equals(RSS, end))]
        else:
            self.parts.append(Chain((Step(start, end, "work out the numbers", "Exactly.", level=Level.ARITHMETIC),),
                                    RSS))
        root = Root(write(rss / self.design.size))
        lines = [Step(letters, root, "put in", "The numbers under the root.", level=Level.ARITHMETIC),
                 *value_lines(root, self._style)]
        where = (Definition(RSS, (), end), Definition(self.letters.rows, (), count))
        self.parts.append(Chain(tuple(lines), estimated(SIGMA), where))
        last = lines[-1].before if lines[-1].relation == "~=" else lines[-1].after
        self.results.append(Result("sigma from the data", last, estimated(SIGMA), number=value_of(root)))

    def _rounded_deviation(self, rss: Fraction, letters: Node, count: Node) -> None:
        """The deviation from a sum that is too long to be written exactly."""
        short = approximate(rss, 4 + SIGNIFICANT)
        root = Root(Quotient(short, count))
        where = (Definition(RSS, (), short), Definition(self.letters.rows, (), count))
        self.parts += [
            Paragraph(("The sum of the squared residuals is",)), Formula(Relation((RSS, short), ("~=",))),
            Chain((Step(letters, rounded(root), "put in and round", f"To {SIGNIFICANT} significant digits.", "~=",
                        Level.ARITHMETIC),), estimated(SIGMA), where),
        ]
        value = float(rss / self.design.size) ** 0.5
        self.results.append(Result("sigma from the data", rounded(root), estimated(SIGMA), number=value))

    def undetermined(self) -> None:
        """The columns depend on one another: which direction has no influence, and one solution."""
        direction = self.design.dependent
        assert direction is not None
        self._told_products()
        square, right = self._products()
        found = solution(square, right)
        assert found is not None  # the normal equations always have one
        write = self.design.write
        one, column = as_column(map(write, direction)), as_column(map(write, right))
        zero = as_column([ZERO] * self.design.size)
        matrix = Matrix(tuple(tuple(map(write, row)) for row in square))
        weights = self.design.vector(found)
        t = Symbol("t")
        shifted = self.letters.put("X (w + t v)")
        self.parts += [
            Paragraph(("The columns of ", X, " depend on one another: with ", equals(_DIRECTION, self.design.vector(
                direction)),)),
            self._chain(Product((X, _DIRECTION)), zero, "matrix product", "Rows times the vector.",
                        (self.design.matrix, Definition(_DIRECTION, (), one))),
            Paragraph(("so ", equals(shifted, self.letters.put("X w")), " for every number ", t, (": weights that "
                       "differ by a multiple of this vector have the same likelihood. There is no single estimate of "
                       ), W, ". One of the solutions of the normal equations is")),
            self._chain(Product((matrix, as_column(weights.items))), column, "matrix product",
                        "The solution put into the equations."),
            Paragraph(("and the others are",)),
            Formula(equals(estimated(W), total([weights, Product((t, self.design.vector(direction)))]))),
            Paragraph((("The fitted values are the same for all of them. An input that the others determine can be "
                        "left out, or a penalty added."),)),
        ]
        self.results += [
            Result("one of the weights of largest likelihood", weights, estimated(W), convention="any of them"),
            Result("direction without influence", self.design.vector(direction), _DIRECTION, convention="any multiple"),
        ]
        self._residuals(found)
        self._deviation(found)
