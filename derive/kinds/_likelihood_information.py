r"""Fisher information of one observation: about a parameter, and the whole matrix about several; Cramér–Rao bounds.

Called by :mod:`_likelihood_quality`. The information is minus the mean of the second derivatives of the log-density;
the mean is taken by linearity, in the moments of the family.

Source: Casella and Berger, Statistical Inference (2nd ed., 2002), section 7.3; for several parameters Lehmann and
Casella, Theory of Point Estimation (2nd ed., 1998), section 2.6.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.engine import once
from derive.errors import DeriveError
from derive.goals import end_of, simple, simplify, through
from derive.kinds._likelihood_given import Model, equals
from derive.kinds._likelihood_log import Work
from derive.kinds._likelihood_stage import derived
from derive.kinds._partials import reduced
from derive.kinds._shared import value_steps
from derive.rules import algebra, forms
from derive.rules.likelihoods import LOGARITHM_APART, MOMENTS_APART
from derive.rules.monomials import factors_of
from derive.solving import UnsolvedError
from derive.steps import Chain, Definition, Formula, Heading, Level, Paragraph, Part, Prose, Result, Status, Step
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Derivative,
    Expectation,
    Matrix,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    Vector,
    contains,
    negated,
    number,
    size,
    substitute,
    times,
    walk,
)
from derive.verify import verify_step

INFORMATION = "I"
REGULAR_NOT = frozenset({"uniform", "Laplace"})
"""Families whose log-density has no second derivative everywhere, or whose support moves with the parameter."""


def random(model: Model) -> Symbol:
    """The random variable of which a datum is a value: ``X``."""
    return Symbol(model.variable.name.upper())


def information(work: Work, variable: Symbol) -> Node | None:
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
    mean = mean_in_moments(work, Expectation("E", (Negative(curve),), (name,)), name)
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


def mean_in_moments(work: Work, start: Expectation, name: Symbol) -> tuple[list[Part], Node] | None:
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

# --- the matrix -------------------------------------------------------------------------------------


def information_matrix(work: Work, diagonal: Mapping[Symbol, Node]) -> None:
    """The information matrix of one observation about two parameters, and the bound that its inverse gives.

    ``diagonal`` is the information about each by itself. Nothing is told where the mixed derivative has no mean here.
    """
    first, second = work.model.unknown
    mixed = _mixed(work, first, second)
    if mixed is None:
        return
    size_ = work.model.size
    one = Matrix(((diagonal[first], mixed), (mixed, diagonal[second])))
    own, both = Call(INFORMATION, (first, second)), Call(f"{INFORMATION}_{size_.name}", (first, second))
    whole = Matrix(tuple(tuple(simple(Product((size_, entry))) for entry in row) for row in one.rows))
    bound = Matrix(tuple(tuple(simple(Quotient(entry, size_)) for entry in row) for row in _inverse(one).rows))
    start = Power(whole, number(-1))
    work.add(
        Paragraph(("Together these are the information matrix of one observation,",)),
        Formula(equals(own, one)),
        Paragraph(("and ", size_, (" times it is that of the data. By the Cramér–Rao inequality for several parameters "
                   "the covariance matrix of an unbiased estimator of "), Vector((first, second)), (" exceeds its "
                   "inverse by a positive semidefinite matrix:"))),
        Chain((Step(start, bound, "inverse matrix", "The product of both is the unit matrix."),),
              Power(both, number(-1))),
        Paragraph(_compared(first, second, mixed)),
    )
    work.results += [
        Result("Fisher information matrix", one, own),
        Result("Cramér–Rao bound for both", bound, Power(both, number(-1))),
    ]


def _mixed(work: Work, first: Symbol, second: Symbol) -> Node | None:
    """Minus the mean of the mixed second derivative, told; None where it has none in the moments."""
    name = random(work.model)
    body = Call("log", (substitute(work.model.density, {work.model.variable: name}),))
    apart = through(body, (LOGARITHM_APART, algebra.ARITHMETIC, algebra.SUMS))
    log_density = Call("log", (Call("f", (name,)),))
    start = end_of(body, apart)
    inner = derived(work, start, second)
    slope = end_of(start, inner)
    outer = derived(work, slope, first)
    mean = mean_in_moments(work, Expectation("E", (Negative(end_of(slope, outer)),), (name,)), name)
    if mean is None:
        return None
    steps, value = mean
    label = Derivative(Derivative(log_density, second, 1, True), first, 1, True)
    shown: Part = Chain(tuple(outer), label) if outer else Formula(equals(label, slope))
    work.add(
        Heading(("Fisher information matrix",)),
        Paragraph(("The mixed second derivative of the log-density is",)), shown,
        Paragraph(("and minus its mean",)), *steps,
    )
    return value


def _inverse(matrix: Matrix) -> Matrix:
    """The inverse of a symmetric matrix of two rows: the adjugate over the determinant."""
    (a, b), (_, d) = matrix.rows
    if b == ZERO:
        return Matrix(((simple(Quotient(ONE, a)), ZERO), (ZERO, simple(Quotient(ONE, d)))))
    determinant = Sum((Product((a, d)), Negative(Power(b, TWO))))
    entries = ((d, Negative(b)), (Negative(b), a))
    return Matrix(tuple(tuple(_short(Quotient(entry, determinant)) for entry in row) for row in entries))


def _short(node: Node) -> Node:
    """The simple form as one fraction."""
    node = simple(node)
    return end_of(node, reduced(node))


def _compared(first: Symbol, second: Symbol, mixed: Node) -> Prose:
    """What the other entry means for the bound of one parameter."""
    if mixed == ZERO:
        return ("The matrix is diagonal: not to know ", second, " makes the bound for ", first, (" no larger, and the "
                "other way round. The parameters are orthogonal."))
    return (("The entries on the diagonal bound both variances. They are larger than the bounds for each parameter "
             "alone, which hold where the other is known."),)
