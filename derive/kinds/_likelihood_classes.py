r"""The categorical distribution: probabilities of classes from their counts, with a Lagrange multiplier.

Called by the kind ``maximum-likelihood`` for ``distribution = "categorical"``. The probabilities add up to 1, so the
log-likelihood is made largest under a constraint; it is concave and the constraint linear, so the only stationary point
of the Lagrangian is where it is largest.

Source: Boyd and Vandenberghe, Convex Optimization (2004), section 5.5.3.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from derive.engine import once, run
from derive.errors import DeriveError
from derive.goals import end_of, simplify
from derive.kinds._by_hand import rounding
from derive.kinds._likelihood_given import equals, exactly, read_data
from derive.kinds._likelihood_shares import DOMAINS as OF_SHARES
from derive.kinds._likelihood_shares import information_of_shares
from derive.kinds._likelihood_stage import estimated
from derive.kinds._shared import listed
from derive.numeric.value import value_of
from derive.problem import Problem
from derive.rules.likelihoods import LOGARITHM_APART
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
    Table,
)
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    Derivative,
    Indexed,
    Negative,
    Node,
    Power,
    Product,
    ProductOver,
    Quotient,
    Sum,
    SumOver,
    Symbol,
    number,
    numeric,
    total,
)
from derive.write.numbers import approximate
from derive.write.text import text

NAME = "categorical"
P, COUNT, MULTIPLIER = Symbol("p"), Symbol("n"), Symbol("lambda")
TOTAL = Symbol("N")
CLASSES, K, J = Symbol("K"), Symbol("k"), Symbol("j")
LOG_LIKELIHOOD, LAGRANGIAN = Symbol("ell"), Symbol("Lambda")
MOST = 40
LETTER, AMOUNT = Symbol("u"), Symbol("c")
DOMAINS = dict.fromkeys((P, MULTIPLIER, COUNT, TOTAL, LETTER, AMOUNT), "positive") | {CLASSES: "positive integer"}


def classes(problem: Problem) -> Derivation:
    """The estimator in letters, then with the counts. DeriveError for counts that are no whole numbers, or all zero."""
    counts = _counts(problem)
    context = Context(DOMAINS | OF_SHARES | dict(problem.domains))
    parts: list[Part] = []
    _likelihood(parts)
    _stationary(parts)
    estimate = Quotient(Indexed(COUNT, (J,)), TOTAL)
    name = Indexed(estimated(P), (J,))
    results = [Result("estimator of p_j", estimate, name)]
    if problem.given["quality"]:
        information_of_shares(CLASSES, TOTAL, parts, results)
    given: list[Prose] = [("categorical distribution: class ", K, " has the probability ", Indexed(P, (K,)))]
    if counts is not None:
        given.append(("counts: ", *listed([number(c) for c in counts])))
        _with_counts(counts, parts, results)
    asked: Prose = ("the maximum-likelihood estimators of the probabilities",)
    return Derivation(problem.title, problem.kind, tuple(given), (asked,), tuple(parts), tuple(results), context)


def _counts(problem: Problem) -> list[int] | None:
    """The counts of the classes: given, or counted in data of class numbers."""
    given: Any = problem.given["counts"]
    if given is None:
        data, _ = read_data(problem.given["data"], problem.file)
        return None if data is None else _counted([exactly(item) for item in data])
    nodes, _ = read_data(given, problem.file, "counts")
    assert nodes is not None
    values = [exactly(node) for node in nodes]
    for k, value in enumerate(values, 1):
        if value.denominator != 1 or value < 0:
            raise DeriveError(f"counts: item {k} is {text(nodes[k - 1])}, and a count is a whole number from 0")
    if len(values) < 2 or len(values) > MOST:
        raise DeriveError(f"counts: {len(values)} classes", f"give the counts of 2 to {MOST} classes")
    if not any(values):
        raise DeriveError("counts: all counts are zero, so the estimators do not exist: every parameter is as likely",
                          "give at least one observation")
    return [int(v) for v in values]


def _counted(values: list[Fraction]) -> list[int]:
    for k, value in enumerate(values, 1):
        if value.denominator != 1 or not 1 <= value <= MOST:
            raise DeriveError(f"data: item {k} is {value}, and a class is a whole number from 1 to {MOST}")
    return [values.count(Fraction(k)) for k in range(1, int(max(values)) + 1)]


def _over(body: Node) -> SumOver:
    return SumOver(body, K, ONE, CLASSES)


def _weighted() -> SumOver:
    """``Σ n_k log p_k``."""
    return _over(Product((Indexed(COUNT, (K,)), Call("log", (Indexed(P, (K,)),)))))


def _likelihood(parts: list[Part]) -> None:
    single = ProductOver(Power(Indexed(P, (K,)), Indexed(COUNT, (K,))), K, ONE, CLASSES)
    steps = run(Call("log", (single,)), [lambda n: once(n, LOGARITHM_APART)])
    parts += [
        Paragraph(("Class ", K, " was seen ", Indexed(COUNT, (K,)), " times, ",
                   equals(TOTAL, _over(Indexed(COUNT, (K,)))),
                   (" times in all. The observations are independent, so the likelihood is the product of their "
                   "probabilities, equal ones put together:"))),
        Formula(equals(Call("L", (P,)), single)),
        Paragraph(("Its logarithm is largest at the same place:",)),
        Chain(tuple(steps), Call(LOG_LIKELIHOOD.plain, (P,))),
    ]


def _stationary(parts: list[Part]) -> None:
    """The Lagrangian, its derivatives, the multiplier from the constraint, and the second derivatives."""
    own, mine = Indexed(P, (J,)), Indexed(COUNT, (J,))
    constraint = Sum((ONE, Negative(_over(Indexed(P, (K,))))))
    body = Sum((_weighted(), Product((MULTIPLIER, constraint))))
    slope = Sum((Quotient(mine, own), Negative(MULTIPLIER)))
    derived = Step(Derivative(body, own, 1, True), slope, "only one term survives",
                   "The other probabilities are variables of their own.", level=Level.CALCULUS)
    zero, solved = equals(slope, ZERO), equals(own, Quotient(mine, MULTIPLIER))
    everything = _over(Quotient(Indexed(COUNT, (K,)), MULTIPLIER))
    count = Definition(TOTAL, (), _over(Indexed(COUNT, (K,))))
    adds, first = equals(Quotient(TOTAL, MULTIPLIER), ONE), equals(MULTIPLIER, TOTAL)
    parts += [
        Paragraph(("The probabilities add up to 1. With a Lagrange multiplier ", MULTIPLIER, (" for this the "
                   "Lagrangian is"),)),
        Formula(equals(Call(LAGRANGIAN.plain, (P, MULTIPLIER)), body)),
        Paragraph(("and its derivative by one of the probabilities",)),
        Chain((derived,), Derivative(LAGRANGIAN, own, 1, True)),
        Paragraph(("At a stationary point it is zero:",)),
        Chain((equivalent(zero, solved, "isolate", "Solved for the probability."),)),
        Paragraph(("The constraint gives the multiplier, for the sum of these is",)),
        Chain((Step(everything, Quotient(TOTAL, MULTIPLIER), "sum of the counts",
                    "The multiplier is the same for every class."),), None, (count,)),
        Paragraph(("which is to be 1:",)),
        Chain((equivalent(adds, first, "isolate", "Solved for the multiplier."),)),
        Paragraph(("So every probability is estimated by the share of its class:",)),
        Formula(equals(Indexed(estimated(P), (J,)), Quotient(mine, TOTAL))),
        Heading(("Why this is a maximum",)),
    ]
    parts += _concave()


def _concave() -> list[Part]:
    """Each term is concave, a sum of concave functions is, and the constraint is linear."""
    start = Derivative(Product((AMOUNT, Call("log", (LETTER,)))), LETTER, 2, True)
    end = Negative(Quotient(AMOUNT, Power(LETTER, TWO)))
    steps = (Step(start, end, "second derivative", "The logarithm, twice.", level=Level.CALCULUS),
             Step(end, ZERO, "sign", "Both letters are positive.", "<", Level.ARGUMENT))
    return [
        Paragraph(("A term with a count ", AMOUNT, " and a probability ", LETTER, " has the second derivative")),
        Chain(steps),
        Paragraph((("so every term is concave in its probability, and their sum is concave. On the probabilities that "
                   "add up to 1, a convex set, the only stationary point of a concave function is where it is "
                   "largest."),)),
    ]


def _with_counts(counts: list[int], parts: list[Part], results: list[Result]) -> None:
    """The shares as a table, and the largest log-likelihood."""
    n = sum(counts)
    shares = [Fraction(c, n) for c in counts]
    rows: list[tuple[Prose, ...]] = [
        ((str(k),), (number(c),), (str(s),), (approximate(s),))
        for k, (c, s) in enumerate(zip(counts, shares, strict=True), 1)
    ]
    header: tuple[Prose, ...] = (("class",), ("count",), ("estimate",), ("decimal",))
    parts += [
        Heading(("With the counts",)),
        Table(header, tuple(rows), (f"The shares of {n} observations.",)),
    ]
    seen = [(c, s) for c, s in zip(counts, shares, strict=True) if c and s != 1]
    terms: list[Node] = [Product((number(c), Call("log", (number(s),)))) for c, s in seen]
    if 0 in counts:
        parts.append(Paragraph((("A class that was never seen gets the probability 0; its factor in the likelihood is "
                                "1, so its term is left out. A prior would keep it above 0."),)))
    body = total(terms)
    steps = simplify(body) if terms else []
    last = end_of(body, steps)
    if numeric(last) is None:
        steps.append(rounding(last))
    left = Call(LOG_LIKELIHOOD.plain, (estimated(P),))
    parts += [Paragraph(("The largest value of the log-likelihood is",)),
              Chain(tuple(steps), left) if steps else Formula(equals(left, body))]
    for k, share in enumerate(shares, 1):
        results.append(Result(f"p_{k} from the counts", number(share), Symbol("p", str(k), accent="hat")))
    results.append(Result("largest log-likelihood", last, left, number=value_of(body)))
