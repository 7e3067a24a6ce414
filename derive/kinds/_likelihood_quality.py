r"""How good an estimator is: bias and variance, held against the Cramér–Rao bound.

Called by the kind ``maximum-likelihood`` for the families whose mean and variance are known. The bound is that of
:mod:`_likelihood_information`. What is biased and how much is derived for the mean of the data and for the mean square
deviation; for a curved function of the mean Jensen's inequality says in which direction.

Source: Casella and Berger, Statistical Inference (2nd ed., 2002), section 7.3.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.goals import end_of, simple, simplify, through
from derive.kinds._likelihood_given import INDEX, equals
from derive.kinds._likelihood_information import information, information_matrix, random
from derive.kinds._likelihood_log import Work
from derive.kinds._likelihood_stage import derived, estimated
from derive.kinds._partials import reduced
from derive.kinds._shared import value_steps
from derive.rules import algebra
from derive.steps import Chain, Definition, Formula, Heading, Level, Paragraph, Result, Status, Step
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Derivative,
    Expectation,
    Indexed,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Root,
    Sum,
    SumOver,
    Symbol,
    contains,
    free_symbols,
)
from derive.verify import verify_step


def quality(work: Work) -> None:
    """Information and bias of every estimator for which they are derived here."""
    if work.model.moments is None:
        return
    found: dict[Symbol, Node] = {}
    for variable in work.model.unknown:
        about = information(work, variable)
        found |= {} if about is None else {variable: about}
        _bias(work, variable, about)
    if len(found) == len(work.model.unknown) == 2:
        information_matrix(work, found)


# --- bias -------------------------------------------------------------------------------------------


def _bias(work: Work, variable: Symbol, information: Node | None) -> None:
    """The mean of the estimator, where it is one of the forms that are treated here."""
    estimate = work.estimates[variable]
    squares = _square_sum(work, estimate)
    if free_symbols(estimate) <= {work.model.mean, *_known(work)} and contains(estimate, work.model.mean):
        _of_mean(work, variable, estimate, information)
    elif squares is not None:
        _of_squares(work, variable, squares)


def _known(work: Work) -> set[Symbol]:
    return {s for s in work.domains if s not in work.model.unknown and s not in {d.name for d in work.statistics}}


def _of_mean(work: Work, variable: Symbol, estimate: Node, information: Node | None) -> None:
    """A function of the mean of the data: unbiased where it is linear, else Jensen's inequality."""
    model = work.model
    assert model.moments is not None
    mean, letter = model.moments[0], model.mean
    sample = Indexed(random(model), (INDEX,))
    average = Quotient(SumOver(sample, INDEX, ONE, model.size), model.size)
    opened = Quotient(SumOver(Expectation("E", (sample,)), INDEX, ONE, model.size), model.size)
    capital = Symbol(letter.name.upper(), accent="bar")
    work.add(
        Heading(("Bias of the estimator of ", variable)),
        Paragraph(("The mean of the data, as a random variable ", capital, ", has by linearity the mean",)),
        Chain((Step(Expectation("E", (average,)), opened, "linearity", "The mean of a sum is taken term by term."),)),
    )
    every = Quotient(SumOver(mean, INDEX, ONE, model.size), model.size)
    lines = simplify_sum(every)
    work.add(Paragraph(("Every ", sample, " has the mean ", mean, " of the distribution:")), Chain(tuple(lines)))
    slope = end_of(estimate, derived(work, estimate, letter))
    if letter not in free_symbols(slope):
        there = value_steps(estimate, [(letter, mean)])
        _unbiased(work, variable, estimate, there, slope, information)
        return
    second = derived(work, slope, letter)
    curve = end_of(slope, second)
    for relation, word, way, size_ in ((">", "convex", "above", "large"), ("<", "concave", "below", "small")):
        if verify_step(curve, ZERO, relation, work.context).status is Status.PROVED:
            sign = Step(curve, ZERO, "sign", "Every factor has a known sign.", relation, Level.ARGUMENT)
            there = value_steps(estimate, [(letter, mean)])
            work.add(
                Paragraph((f"The estimator is a {word} function of the mean of the data:",)),
                Chain((*second, sign), Derivative(estimate, letter, 2, True)),
                Paragraph((f"By Jensen's inequality its mean lies {way} its value at the mean, which is",)),
                Chain(tuple(there)),
                Paragraph(((f"The estimator is biased: on average it is too {size_}"
                           "; the bias disappears as the number of data grows."),)),
            )
            work.results.append(Result(f"bias of the estimator of {variable.plain}", None,
                                       number="positive" if way == "above" else "negative"))
            return


def simplify_sum(node: Node) -> list[Step]:
    """The mean of the same number n times."""
    from derive.rules.likelihoods import SUMS_APART

    return through(node, (SUMS_APART, algebra.ARITHMETIC, algebra.SUMS))


def _unbiased(
    work: Work, variable: Symbol, estimate: Node, there: Sequence[Step], slope: Node, information: Node | None,
) -> None:
    """A linear function of the mean: its mean and its variance, held against the bound."""
    model = work.model
    assert model.moments is not None
    name = Expectation("E", (estimated(variable),))
    if there:
        work.add(Paragraph(("The estimator is linear in it, so its mean is",)), Chain(tuple(there), name))
    work.add(Paragraph((equals(name, variable), ": the estimator is unbiased.")))
    work.results.append(Result(f"bias of the estimator of {variable.plain}", ZERO, shown=False))
    start = Quotient(Product((Power(slope, TWO), model.moments[1])), model.size)
    lines = [*simplify(start)]
    lines += reduced(end_of(start, lines))
    variance = end_of(start, lines)
    left = Expectation("Var", (estimated(variable),))
    work.add(Paragraph(("The variances of independent data add up, so that of their mean is the ", model.size,
                        "-th part of one, and the estimator has the variance",)),
             Chain(tuple(lines), left) if lines else Formula(equals(left, start)))
    work.results.append(Result(f"variance of the estimator of {variable.plain}", variance, left, shown=False))
    if information is None:
        return
    bound = Quotient(ONE, Product((model.size, information)))
    if verify_step(variance, bound, "=", work.context).status is Status.PROVED:
        step = Step(variance, bound, "equal to the bound", "Both are the same expression in the parameters.")
        work.add(Chain((step,), left), Paragraph((("This is the Cramér–Rao bound: no unbiased estimator has a smaller "
                                                  "variance. The estimator is efficient."),)))


# --- the mean square deviation ----------------------------------------------------------------------


def _square_sum(work: Work, estimate: Node) -> Definition | None:
    """The sum of squared deviations of which the estimator is a root or a part."""
    inner = estimate.radicand if isinstance(estimate, Root) else estimate
    for d in work.statistics:
        squares = isinstance(d.body, SumOver) and isinstance(d.body.body, Power)
        if squares and inner == Quotient(d.name, work.model.size):
            return d
    return None


_JENSEN = " Its root is concave, so by Jensen's inequality the root is too small on average."


def _of_squares(work: Work, variable: Symbol, squares: Definition) -> None:
    """The mean of the mean square deviation, about the known mean or about that of the data."""
    model = work.model
    assert model.moments is not None
    mean, variance = model.moments
    rooted = isinstance(work.estimates[variable], Root)
    about: Node = Power(variable, TWO) if rooted else variable
    words = f"{variable.plain}^2" if rooted else variable.plain
    work.add(Heading(("Bias of the estimator of ", about)))
    if not contains(squares.body, model.mean):
        work.add(Paragraph(("Every squared deviation has the mean ", variance, ", so the mean of ",
                            Quotient(squares.name, model.size), " is ", variance, ": it is unbiased.",
                            *((_JENSEN,) if rooted else ()))))
        work.results.append(Result(f"bias of the estimator of {words}", ZERO, shown=False))
        return
    opened = Sum((model.over(Power(model.member, TWO)), Negative(Product((model.size, Power(model.mean, TWO))))))
    one, all_ = Sum((variance, Power(mean, TWO))), Sum((Quotient(variance, model.size), Power(mean, TWO)))
    start = Sum((one, Negative(Sum((Quotient(variance, model.size), Power(mean, TWO))))))
    factor = Product((Quotient(Sum((model.size, Negative(ONE))), model.size), variance))
    hat = estimated(variable)
    name = Expectation("E", (Power(hat, TWO) if rooted else hat,))
    capital, average = random(model), Symbol(random(model).name, accent="bar")
    middle = simple(Sum((variance, Negative(Quotient(variance, model.size)))))
    work.add(
        Paragraph(("Multiplied out, the sum of the squared deviations is",)),
        Chain((Step(squares.body, opened, "multiply out", "The deviations from the mean add up to zero."),), None,
              (model.mean_defined,)),
        Paragraph(("A variance is the mean square minus the square of the mean, and the mean of the data has the ",
                   model.size, "-th part of the variance:")),
        Formula(equals(Expectation("E", (Power(capital, TWO),)), one)),
        Formula(equals(Expectation("E", (Power(average, TWO),)), all_)),
        Paragraph(("So the mean of the mean square deviation ", Quotient(squares.name, model.size), " is")),
        Chain((Step(start, middle, "terms cancel", "The squares of the mean cancel."),
               Step(middle, factor, "factor out", "The common factor is the variance.")),
              name),
        Paragraph(("It is too small on average, by the factor ", Quotient(Sum((model.size, Negative(ONE))), model.size),
                   ": the mean of the data lies closer to them than the true mean. Divided by ",
                   Sum((model.size, Negative(ONE))), " instead of ", model.size, (" the sum gives an unbiased "
                   "estimator."))),
    )
    work.results.append(Result(f"mean of the estimator of {words}", factor, name))

