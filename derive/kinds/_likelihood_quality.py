r"""How good an estimator is: Fisher information, the Cramér–Rao bound, bias and variance.

Called by the kind ``maximum-likelihood`` for the families whose mean and variance are known. The information of one
observation is minus the mean of the second derivative of its log-density; the mean is taken by linearity, in the
moments of the family. What is biased and how much is derived for the mean of the data and for the mean square
deviation; for a curved function of the mean Jensen's inequality says in which direction.

Source: Casella and Berger, Statistical Inference (2nd ed., 2002), section 7.3.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.engine import once
from derive.errors import DeriveError
from derive.goals import end_of, simple, simplify, through
from derive.kinds._likelihood_given import INDEX, Model, equals
from derive.kinds._likelihood_log import Work
from derive.kinds._likelihood_stage import derived, estimated
from derive.kinds._partials import reduced
from derive.kinds._shared import value_steps
from derive.rules import algebra, forms
from derive.rules.likelihoods import LOGARITHM_APART, MOMENTS_APART
from derive.rules.monomials import factors_of
from derive.solving import UnsolvedError
from derive.steps import Chain, Definition, Formula, Heading, Level, Paragraph, Part, Result, Status, Step
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
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
    negated,
    size,
    substitute,
    times,
    walk,
)
from derive.verify import verify_step

INFORMATION = "I"
REGULAR_NOT = frozenset({"uniform", "Laplace"})
"""Families whose log-density has no second derivative everywhere, or whose support moves with the parameter."""


def quality(work: Work) -> None:
    """Information and bias of every estimator for which they are derived here."""
    if work.model.moments is None:
        return
    for variable in work.model.unknown:
        information = _information(work, variable)
        _bias(work, variable, information)


# --- the information --------------------------------------------------------------------------------


def random(model: Model) -> Symbol:
    """The random variable of which a datum is a value: ``X``."""
    return Symbol(model.variable.name.upper())


def _information(work: Work, variable: Symbol) -> Node | None:
    """The information of one observation about one parameter, told; None where it is not derived."""
    model = work.model
    if model.family is None or model.family.name in REGULAR_NOT:
        return None
    name = random(model)
    if name in model.parameters:
        return None
    density = substitute(model.density, {model.variable: name})
    body = Call("log", (density,))
    apart = through(body, (LOGARITHM_APART, algebra.ARITHMETIC, algebra.SUMS))
    try:
        first = derived(work, end_of(body, apart), variable)
        second = derived(work, end_of(body, [*apart, *first]), variable)
    except (DeriveError, UnsolvedError):
        return None
    curve = end_of(body, [*apart, *first, *second])
    mean = _mean(work, Expectation("E", (Negative(curve),), (name,)), name)
    if mean is None:
        return None
    steps, value = mean
    log_density = Call("log", (Call("f", (name,)),))
    work.domains[name] = model.support.value
    work.add(
        Heading(("Fisher information about ", variable)),
        Paragraph(("For one observation ", name, " the log-density and its derivatives are",)),
        Chain(tuple(apart), log_density),
        Chain(tuple(first), Derivative(log_density, variable, 1, True)),
        Chain(tuple(second), Derivative(log_density, variable, 2, True)),
        Paragraph(("The information is the mean of minus the second derivative, taken by linearity",)),
        *steps,
    )
    whole = simple(Product((model.size, value)))
    reciprocal = Quotient(ONE, whole)
    steps_to_bound = simplify(reciprocal)
    bound = end_of(reciprocal, steps_to_bound)
    name_of_whole = Call(f"{INFORMATION}_{model.size.name}", (variable,))
    work.add(
        Paragraph(("The data carry ", model.size, (" times this. By the Cramér–Rao inequality no unbiased estimator "
                   "of "), variable, " has a smaller variance than its reciprocal:")),
        Formula(equals(name_of_whole, whole)),
        Chain(tuple(steps_to_bound), Quotient(ONE, name_of_whole)),
    )
    work.results.append(Result(f"Fisher information about {variable.plain}", value, Call(INFORMATION, (variable,))))
    work.results.append(Result(f"Cramér–Rao bound for {variable.plain}", bound, shown=False))
    return value


def _mean(work: Work, start: Expectation, name: Symbol) -> tuple[list[Part], Node] | None:
    """The mean of an expression in the first two moments, as chains, and its value; None where others are needed."""
    model = work.model
    assert model.moments is not None
    steps = through(start, (MOMENTS_APART, algebra.ARITHMETIC, algebra.SUMS))
    end = end_of(start, steps)
    square = Expectation("E", (Power(name, TWO),), (name,))
    single = Expectation("E", (name,), (name,))
    wanted = {single: (Symbol("m", "1"), model.moments[0]),
              square: (Symbol("m", "2"), Sum((model.moments[1], Power(model.moments[0], TWO))))}
    found = [n for n in wanted if contains(end, n)]
    if any(isinstance(n, Expectation) and n not in wanted for n in walk(end)):
        return None
    names: dict[Node, Node] = {n: wanted[n][0] for n in found}
    named = substitute(end, names)
    definitions = tuple(Definition(wanted[n][0], (), n) for n in found)
    parts: list[Part] = []
    if named != end:
        steps.append(Step(end, named, "names for the moments", "The means of X and of its square get letters."))
    parts.append(Chain(tuple(steps), None, definitions))
    if not found:
        return parts, named
    told: list[str | Node] = []
    for n in found:
        told += [", " if told else "", equals(n, wanted[n][1])]
    lines = value_steps(named, [wanted[n] for n in found])
    lines += factored(work, end_of(named, lines))
    parts += [Paragraph((f"For the {model.title} ", *told, ":")), Chain(tuple(lines))]
    return parts, end_of(named, lines)


def factored(work: Work, node: Node) -> list[Step]:
    """One fraction of products, with positive factors where the domains say which are."""
    step = once(node, forms.FACTORS)
    if step is None or size(step.after) > size(node):
        return []
    turned = _positive(work, step.after)
    if turned == step.after:
        return [step]
    return [step, Step(step.after, turned, "sign into the bracket", "Both brackets differ in their sign.",
                       level=Level.ARITHMETIC)]


def _positive(work: Work, node: Node) -> Node:
    """A negative factor in the denominator of a negative fraction turned round: ``-1/(p - 1)`` as ``1/(1 - p)``."""
    match node:
        case Negative(Quotient(top, bottom)):
            for factor in factors_of(bottom):
                if isinstance(factor, Sum) and len(factor.terms) == 2 and _below_zero(work, factor):
                    first, second = factor.terms
                    turned = Sum((negated(second), negated(first)))
                    return Quotient(top, times([turned if f is factor else f for f in factors_of(bottom)]))
    return node


def _below_zero(work: Work, node: Node) -> bool:
    return verify_step(node, ZERO, "<", work.context).status is Status.PROVED


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


def _of_squares(work: Work, variable: Symbol, squares: Definition) -> None:
    """The mean of the mean square deviation, about the known mean or about that of the data."""
    model = work.model
    assert model.moments is not None
    mean, variance = model.moments
    about = substitute(squares.body, {})
    from_data = contains(about, model.mean)
    work.add(Heading(("Bias of the estimator of ", Power(variable, TWO))))
    if not from_data:
        work.add(Paragraph(("Every squared deviation has the mean ", variance, ", so the mean of ",
                            Quotient(squares.name, model.size), " is ", variance, (": it is unbiased. Its root is "
                            "concave, so by Jensen's inequality the root is too small on average."))))
        work.results.append(Result(f"bias of the estimator of {variable.plain}^2", ZERO, shown=False))
        return
    opened = Sum((model.over(Power(model.member, TWO)), Negative(Product((model.size, Power(model.mean, TWO))))))
    one, all_ = Sum((variance, Power(mean, TWO))), Sum((Quotient(variance, model.size), Power(mean, TWO)))
    start = Sum((one, Negative(Sum((Quotient(variance, model.size), Power(mean, TWO))))))
    factor = Product((Quotient(Sum((model.size, Negative(ONE))), model.size), variance))
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
              Expectation("E", (Power(estimated(variable), TWO),))),
        Paragraph(("It is too small on average, by the factor ", Quotient(Sum((model.size, Negative(ONE))), model.size),
                   ": the mean of the data lies closer to them than the true mean. Divided by ",
                   Sum((model.size, Negative(ONE))), " instead of ", model.size, (" the sum gives an unbiased "
                   "estimator."))),
    )
    work.results.append(Result(f"mean of the estimator of {variable.plain}^2", factor,
                               Expectation("E", (Power(estimated(variable), TWO),))))

