r"""One parameter at a time: the score, where it vanishes, and why the log-likelihood is largest there.

Called by the kind ``maximum-likelihood``. With several parameters the first is estimated whatever the others are, put
into the log-likelihood, and the rest follow: the largest value over all is the largest of the largest values. What the
second derivative is, and where it is negative, is derived and its sign shown by the verifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.declarations import declaration
from derive.engine import once, run
from derive.errors import LimitError
from derive.goals import end_of, simple, simplify, through, undifferentiated
from derive.kinds._likelihood_given import equals
from derive.kinds._likelihood_log import Work, name_sums, used
from derive.kinds._partials import reduced
from derive.kinds._shared import listed, value_steps
from derive.rules import algebra, forms, rational
from derive.rules.calculus import CALCULUS
from derive.rules.indices import DIFFERENTIATION, EMPTY
from derive.rules.likelihoods import SUMS_APART, naming
from derive.rules.monomials import join
from derive.solving import UnsolvedError, equivalent, solve_for_zero
from derive.steps import Chain, Definition, Heading, Level, Paragraph, Prose, Result, Status, Step
from derive.tree import (
    ZERO,
    At,
    Derivative,
    Negative,
    Node,
    Power,
    Quotient,
    Relation,
    Root,
    Sum,
    SumOver,
    Symbol,
    contains,
    free_symbols,
    negated,
    number,
    numeric,
    substitute,
    walk,
)
from derive.verify import verify_step
from derive.write.text import text

_RULES = (*DIFFERENTIATION, *EMPTY, *CALCULUS)


ONE_KNOWN = "with a number in place of a parameter, or one of them in estimate, there may be a closed form"


class NoEstimatorError(UnsolvedError):
    """The score equation has no closed form by the laws that are built in."""


def estimated(symbol: Symbol) -> Symbol:
    r"""``\hat{θ}``."""
    return Symbol(symbol.name, symbol.sub, symbol.sup, "hat", symbol.font)


def derived(work: Work, body: Node, variable: Symbol) -> list[Step]:
    """The derivative of an expression in sums over the data: differentiated, then the sums taken apart again."""
    start = Derivative(body, variable, 1, len(work.model.unknown) > 1)
    fine = run(start, [lambda n: once(n, _RULES)])
    end = end_of(start, fine)
    if undifferentiated(end):
        raise NoEstimatorError(f"no rule differentiates a part of {text(body)}", "write the part with known functions")
    return [_term_by_term(start, end, fine), *tidied(work, end)] if fine else tidied(work, end)


def _term_by_term(start: Node, end: Node, fine: Sequence[Step]) -> Step:
    """The whole differentiation as one line; its single rules stand inside it."""
    if len(fine) == 1:
        return fine[0]
    return Step(start, end, "differentiate term by term", "By the sum rule, and each term by its own rule.",
                level=Level.CALCULUS, steps=tuple(fine))


def tidied(work: Work, node: Node) -> list[Step]:
    """Sums over the data taken apart and named, like terms collected."""
    return through(node, (SUMS_APART, naming(work.model.mean), algebra.ARITHMETIC, algebra.SUMS, algebra.FACTORING))


# --- the score and its zero -------------------------------------------------------------------------


def score(work: Work, variable: Symbol) -> Node:
    """The derivative of the log-likelihood by one parameter, told."""
    steps = derived(work, work.body, variable)
    end = end_of(work.body, steps)
    named = name_sums(work, end, work.model.unknown)
    if named != end:
        steps.append(Step(end, named, "names for the sums", "Sums of the data alone get letters."))
    work.add(Chain(tuple(steps), score_name(work, variable), used(work, steps)))
    return named


def score_name(work: Work, variable: Symbol, order: int = 1) -> Derivative:
    """``dℓ/dθ``, with round d where there are several parameters."""
    return Derivative(work.name, variable, order, len(work.model.unknown) > 1)


def maximise(work: Work, variable: Symbol) -> Node:
    """Estimate one parameter and show that it is a maximum; its estimator, in the letters of the statistics.

    NoEstimatorError where the score equation is not solved.
    """
    score_word = ", the score," if work.what == "log-likelihood" else ""
    work.add(Paragraph((f"The derivative of the {work.what}{score_word} is",)))
    slope = score(work, variable)
    work.add(Paragraph(("At a maximum inside the domain it is zero:",)))
    estimate = _zero(work, slope, variable)
    _second_order(work, slope, variable, estimate)
    return estimate


def _zero(work: Work, slope: Node, variable: Symbol) -> Node:
    """The only zero of the score in the domain, with the steps to it."""
    try:
        lines, found = _solved(slope, variable, work)
    except (UnsolvedError, LimitError) as error:
        raise NoEstimatorError(f"the score equation for {text(variable)} has no solution by the laws that are built "
                               f"in: {error}", ONE_KNOWN) from error
    tidy = sign_tidied(found)
    if tidy != found:
        lines[-1] = replace(lines[-1], after=equals(variable, tidy), steps=())
    work.add(Chain(tuple(lines)))
    return tidy


def sign_tidied(node: Node) -> Node:
    """A fraction with fewer minus signs: ``-(1 - a)/b`` as ``(a - 1)/b``, ``-a/(-b - 2)`` as ``a/(b + 2)``."""
    match node:
        case Negative(Quotient(Sum() as top, bottom)) if _mostly_negative(top):
            return Quotient(_turned(top), bottom)
        case Negative(Quotient(top, Sum() as bottom)) if _mostly_negative(bottom):
            return Quotient(top, _turned(bottom))
        case Quotient(Sum() as top, Sum() as bottom) if _mostly_negative(top) and _mostly_negative(bottom):
            return Quotient(_turned(top), _turned(bottom))
    return node


def _mostly_negative(node: Sum) -> bool:
    return 2 * sum(isinstance(t, Negative) for t in node.terms) > len(node.terms) or (
        len(node.terms) == 2 and isinstance(node.terms[1], Negative) and numeric(node.terms[0]) is not None)


def _turned(node: Sum) -> Node:
    return join([negated(t) for t in node.terms])


def _solved(slope: Node, variable: Symbol, work: Work) -> tuple[list[Step], Node]:
    try:
        solved = solve_for_zero(slope, variable, work.domains.get(variable, "real"))
    except UnsolvedError:
        return _by_power(slope, variable)
    inside = [(k, x) for k, x in enumerate(solved.solutions) if _allowed(x, variable, work)]
    if len(inside) != 1 or len(solved.branches) != 1:
        raise UnsolvedError(f"it has {len(inside)} solutions in the domain" if inside else "it has no solution there")
    return [*solved.opening, *solved.branches[0]], inside[0][1]


def _allowed(value: Node, variable: Symbol, work: Work) -> bool:
    """Whether a solution is not certainly outside a domain of positive numbers."""
    if work.domains.get(variable) != "positive":
        return True
    return verify_step(value, ZERO, "<=", work.context).status is not Status.PROVED


def _by_power(slope: Node, variable: Symbol) -> tuple[list[Step], Node]:
    """An equation that says what a power of a positive unknown is: isolated, then the positive root."""
    top = once(slope, forms.FACTORS)
    found = rational.coefficients(_numerator(top.after if top else slope), variable)
    if found is None or len(found[2]) != 2 or min(found[2]) != 0 or found[0] != variable or found[1] != 1:
        raise UnsolvedError("an equation in several powers of the unknown is left")
    power = max(found[2])
    value = simple(Negative(Quotient(found[2][0], found[2][power])))
    equation = equals(slope, ZERO)
    isolated = equals(Power(variable, number(power)), value)
    root = simple(Root(value, number(power)))
    return [
        equivalent(equation, isolated, "isolate the power", "Multiplied out and solved for the power."),
        equivalent(isolated, equals(variable, root), "take the positive root", "The unknown is positive."),
    ], root


def _numerator(node: Node) -> Node:
    match node:
        case Negative(operand):
            return Negative(_numerator(operand))
        case Quotient(top, _):
            return top
    return node


# --- the second derivative --------------------------------------------------------------------------


def _second_order(work: Work, slope: Node, variable: Symbol, estimate: Node) -> None:
    """That the zero is the place of the largest value."""
    steps = derived(work, slope, variable)
    second = end_of(slope, steps)
    domains = work.context
    everywhere = verify_step(second, ZERO, "<", domains.including(*work.where))
    if everywhere.status is Status.PROVED:
        steps.append(Step(second, ZERO, "sign", "Every term has this sign on the domain.", "<", Level.ARGUMENT))
        work.add(Paragraph(("The second derivative",)), Chain(tuple(steps), score_name(work, variable, 2), work.where))
        words: Prose = (f"It is negative everywhere: the {work.what} is concave in ", variable,
                        ", and its only stationary point is where it is largest.")
        work.add(Paragraph(words))
        return
    there = value_steps(second, [(variable, estimate)])
    end = end_of(second, there)
    there += reduced(end)
    end = end_of(second, there)
    negative = Step(end, ZERO, "sign", "Every factor has a known sign.", "<", Level.ARGUMENT)
    bar = At(score_name(work, variable, 2), ((variable, estimate),))
    work.add(
        Paragraph(("The second derivative",)), Chain(tuple(steps), score_name(work, variable, 2)),
        Paragraph(("at this place is",)), Chain((*there, negative), bar, work.where),
        Paragraph((("It is negative, so this is a strict local maximum; as the only stationary point on an interval it "
                   "is the place of the largest value."),)),
    )


# --- several parameters -----------------------------------------------------------------------------


def in_turn(work: Work, unknown: Sequence[Symbol]) -> None:
    """Every parameter in an order in which each estimator needs no later one; the estimators are put together."""
    left = list(unknown)
    last: NoEstimatorError | None = None
    while left:
        for variable in left:
            saved = (list(work.parts), list(work.statistics), dict(work.domains))
            try:
                _one(work, variable, left)
            except NoEstimatorError as error:
                last = error
                work.parts, work.statistics, work.domains = saved
                continue
            left.remove(variable)
            break
        else:
            assert last is not None
            raise last


def _one(work: Work, variable: Symbol, left: Sequence[Symbol]) -> None:
    if len(work.model.unknown) > 1:
        work.add(Heading(("The estimator of ", variable)))
    estimate = maximise(work, variable)
    if free_symbols(estimate) & set(left) - {variable}:
        raise NoEstimatorError(f"the estimator of {text(variable)} needs that of another parameter", ONE_KNOWN)
    work.estimates[variable] = estimate
    if len(left) > 1:
        put_in_estimate(work, variable, estimate)


def put_in_estimate(work: Work, variable: Symbol, estimate: Node) -> None:
    """The log-likelihood with the estimator found, whatever the others are."""
    body = substitute(work.body, {variable: estimate})
    named = name_sums(work, body, work.model.unknown)
    rest = [s for s in work.model.unknown if s not in work.estimates]
    work.add(Paragraph(("This holds whatever ", rest[0], " is. With ", equals(estimated(variable), estimate),
                        " put in, the log-likelihood is a function of what is left:")))
    steps = [Step(At(work.body, ((variable, estimate),)), body, "put in", "The estimator found.", level=Level.ALGEBRA)]
    if named != body:
        steps.append(Step(body, named, "names for the sums", "Sums of the data alone get letters."))
    work.add(Chain(tuple(steps), None, used(work, steps)))
    work.body = named


def assumed(work: Work) -> None:
    """Which signs of sums were used, and when they do not hold."""
    used_here = [d.name for d in work.statistics if any(contains(e, d.name) for e in work.estimates.values())]
    signs = [(s, _bounds(s, work)) for s in used_here]
    stated = [bounds for _, bounds in signs if bounds is not None]
    if not stated:
        return
    ends = any(s == work.model.mean for s, bounds in signs if bounds is not None)
    why = "all data lie at one end of the support" if ends else "every term of the sum is zero"
    end = f", which fails only where {why}: then the likelihood has no largest value."
    work.add(Paragraph(("This uses ", *listed(stated), end), remark=True))


def _bounds(name: Symbol, work: Work) -> Node | None:
    """What the domain of a sum says beyond what the support says by itself."""
    domain = work.domains.get(name, "real")
    if domain in ("real", "nonnegative", "probability") or domain.startswith("["):
        return None
    if name == work.model.mean and domain == work.model.support.value:
        return None
    if domain in ("positive", "negative"):
        return Relation((name, ZERO), (">" if domain == "positive" else "<",))
    declared = declaration(domain)
    assert declared.low is not None
    if declared.high is None:
        return Relation((name, number(declared.low)), (">",))
    return Relation((number(declared.low), name, number(declared.high)), ("<", "<"))


def told_results(work: Work) -> None:
    """Each estimator with its letters written out again, as a result."""
    letters: dict[Node, Node] = {d.name: d.body for d in work.statistics if d.name != work.model.mean}
    earlier: list[Definition] = []  # a sum may hold the estimate of another parameter
    for variable, estimate in work.estimates.items():
        written = substitute(substitute(estimate, letters), {d.body: d.name for d in earlier})
        name = estimated(variable)
        if written != estimate:
            steps = [Step(estimate, written, "put back", "What the letter stands for.", level=Level.ALGEBRA)]
            if not any(isinstance(n, SumOver) for n in walk(written)):
                steps += simplify(written)
            written = sign_tidied(end_of(estimate, steps))
            if written != steps[-1].after:
                steps[-1] = replace(steps[-1], after=written, steps=())
            where = [d for d in work.statistics if contains(estimate, d.name)]
            where += [d for d in earlier if contains(written, d.name)]
            work.add(Chain(tuple(steps), name, tuple(where)))
        if not isinstance(estimate, Symbol):
            earlier.append(Definition(name, (), estimate))
        kind = "estimator" if work.what == "log-likelihood" else "MAP estimator"
        work.results.append(Result(f"{kind} of {variable.plain}", written, name))
