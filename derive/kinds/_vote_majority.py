r"""Majority votes: the binomial sum of independent experts, experts of different skill, experts who follow one another.

Called by the kind ``vote``. P_n is the probability that more than half of n experts are right; of an even number the
draws count half, as if a coin decided.

Sources: Condorcet, Essai (1785); Hansen and Salamon, IEEE Transactions PAMI 12 (1990), for ensembles; Hoeffding,
Journal of the American Statistical Association 58 (1963), for the bound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from derive.kinds._by_hand import EXACT_DIGITS, digits
from derive.kinds._graph_values import Numbers
from derive.kinds._metrics_worked import condensed, quantity, written
from derive.numeric.exact import exact
from derive.rules.algebra import SUBSTITUTION
from derive.steps import Chain, Definition, Heading, Level, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import (
    ONE,
    TWO,
    ZERO,
    Call,
    E,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    SumOver,
    Symbol,
    decimal,
    number,
    numeric,
    substitute,
)
from derive.write.numbers import approximate

Told = tuple[list[Part], list[Result]]

WRITTEN_MOST = 9  # terms of a sum that is written out
EXPANDED_MOST = 9  # experts, up to whom the sum is multiplied out in p
SIZES = (1, 3, 5, 7, 11, 21, 51, 101)

P, N, K, C = Symbol("p"), Symbol("n"), Symbol("k"), Symbol("c")
HALF = Quotient(ONE, TWO)


# --- the probability itself ---------------------------------------------------------------------------


def majority(n: int, p: Fraction) -> Fraction:
    """The probability that most of n independent experts are right, exactly; a draw counts half."""
    wins = sum((_term(n, k, p) for k in range(n // 2 + 1, n + 1)), Fraction(0))
    return wins + _term(n, n // 2, p) / 2 if n % 2 == 0 else wins


def _term(n: int, k: int, p: Fraction) -> Fraction:
    return math.comb(n, k) * p**k * (1 - p) ** (n - k)


def name_of(n: int) -> Symbol:
    """P_n, the probability of a right majority."""
    return Symbol("P", str(n))


def binomial_sum(n: int, p: Node = P) -> Node:
    """The sum as it is written, with a draw's half where n is even."""
    body = Product((Call("binom", (number(n), K)), Power(p, K), Power(Sum((ONE, Negative(p))), _less(n, K))))
    total: Node = SumOver(body, K, number(n // 2 + 1), number(n))
    return total if n % 2 else Sum((total, Product((HALF, _written(n, n // 2, p)))))


def _less(n: int, k: Node) -> Node:
    return Sum((number(n), Negative(k)))


def _written(n: int, k: int, p: Node) -> Node:
    """A term with its coefficient worked out, powers 0 and 1 left out."""
    factors: list[Node] = [number(math.comb(n, k))] if math.comb(n, k) > 1 else []
    for base, power in ((p, k), (Sum((ONE, Negative(p))), n - k)):
        if power:
            factors.append(base if power == 1 else Power(base, number(power)))
    return factors[0] if len(factors) == 1 else Product(tuple(factors))


def _sum(terms: Sequence[Node]) -> Node:
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def _terms(n: int, p: Node) -> Node:
    """All terms written out."""
    terms = [_written(n, k, p) for k in range(n // 2 + 1, n + 1)]
    return _sum([*terms, Product((HALF, _written(n, n // 2, p)))] if n % 2 == 0 else terms)


# --- independent experts ------------------------------------------------------------------------------


def independent(n: int, p: Node) -> Told:
    """The sum, written out, its value or polynomial, against one expert, and for many experts."""
    value = numeric(p)
    parts: list[Part] = [Heading(("The majority of independent experts",)), Paragraph(_meaning(n))]
    if value is None:
        more, results = _in_letters(n, p)
    else:
        more, results = _in_numbers(n, p, value)
    return [*parts, *more], results


def _meaning(n: int) -> Prose:
    least = n // 2 + 1
    words: list[str | Node] = ["Each of ", number(n), " experts is right with probability ", P,
                               ", independently of the others. Exactly ", K, " of them are right with probability ",
                               Product((Call("binom", (number(n), K)), Power(P, K),
                                        Power(Sum((ONE, Negative(P))), _less(n, K)))),
                               ", and the majority is right when at least ", number(least), " are"]
    if n % 2 == 0:
        words += ["; at a draw, ", number(n // 2), " against ", number(n // 2), ", a coin decides"]
    return (*words, ":")


def _opened(n: int, p: Node) -> list[Step]:
    """The sum written out, where that is short."""
    if n - n // 2 > WRITTEN_MOST:
        return []
    return [Step(binomial_sum(n, p), _terms(n, p), "write out the sum", "One term for each number of right experts.")]


def _in_numbers(n: int, p: Node, value: Fraction) -> Told:
    start = binomial_sum(n)
    opened = _opened(n, P)
    last = opened[-1].after if opened else start
    put = substitute(last, {P: p})
    steps = [*opened, Step(last, put, SUBSTITUTION[0].name, "The accuracy is put in.", level=Level.ARITHMETIC)]
    exact_value = majority(n, value)
    steps += _valued(put, exact_value)
    chain = Chain(tuple(steps), name_of(n), (Definition(P, (), p),))
    result = Result("probability of a right majority", written(exact_value), name_of(n), number=float(exact_value))
    more, found = _against_one(n, p, value, exact_value)
    parts = [chain, *more, *_bound(n, p, value), *_sizes(value)]
    return parts, [result, *found]


def _valued(put: Node, value: Fraction) -> list[Step]:
    """From the sum of numbers to its value, rounded where its digits are many."""
    shown = decimal(value) or number(value)
    if digits(shown) <= EXACT_DIGITS:
        return [Step(put, shown, "work out", "Powers and products first, then the sum.", level=Level.ARITHMETIC)]
    return [Step(put, approximate(value), "round", "To 6 significant digits.", "~=", Level.ARITHMETIC)]


def _against_one(n: int, p: Node, value: Fraction, together: Fraction) -> Told:
    """What the vote gains over one expert, and how the error changes."""
    gain = together - value
    difference = Sum((name_of(n), Negative(P)))
    steps: list[Step] = []
    start: Node = difference
    shown = decimal(together) or number(together)
    if digits(shown) <= EXACT_DIGITS:
        start = Sum((shown, Negative(p)))
        steps = [Step(difference, start, SUBSTITUTION[0].name, level=Level.ARITHMETIC)]
    steps += _valued(start, gain)
    where = (Definition(P, (), p), Definition(name_of(n), (), binomial_sum(n)))
    words = {True: "The vote is better than one expert:", False: "The vote is worse than one expert:"}[gain > 0]
    if not gain:
        words = "The vote is as good as one expert:"
    return [Paragraph((words,)), Chain(tuple(steps), None, where)], [
        Result("gain of the vote over one expert", written(gain), difference, number=float(gain))]


def _bound(n: int, p: Node, value: Fraction) -> list[Part]:
    """What happens for ever more experts, and how fast."""
    if value == Fraction(1, 2):
        return [Paragraph(("With ", P, " = ", HALF, " the vote stays at ", HALF, ", however many experts there are.",))]
    goes = "1" if value > Fraction(1, 2) else "0"
    side = "more" if value > Fraction(1, 2) else "less"
    words: Prose = (
        "For ever more experts the share of right votes tends to ", P, " by the law of large numbers, and ", P, " is ",
        f"{side} than ", HALF, ": so the probability of a right majority tends to ", Number(goes),
        ". Hoeffding's inequality says how fast: ",
    )
    wrong = Sum((ONE, Negative(name_of(n)))) if value > Fraction(1, 2) else name_of(n)
    if n % 2 == 0:
        return [Paragraph((*words[:-1], "."))]
    distance = Sum((p, Negative(HALF)))
    bound = Power(E, Negative(Product((TWO, number(n), Power(distance, TWO)))))
    size = 2 * n * (value - Fraction(1, 2)) ** 2
    steps = (Step(wrong, bound, "Hoeffding's inequality", "The share of right votes is far from its mean.", "<=",
                  Level.ARGUMENT),
             Step(bound, approximate(math.exp(-size)), "round", "To 6 significant digits.", "~=", Level.ARITHMETIC))
    return [Paragraph(words), Chain(steps, None, (Definition(name_of(n), (), binomial_sum(n, p)),))]


def _sizes(value: Fraction) -> list[Part]:
    header: tuple[Prose, ...] = ((N,), (Symbol("P", "n"),), (Sum((ONE, Negative(Symbol("P", "n")))),))
    rows = tuple(((str(n),), (approximate(majority(n, value)),), (approximate(1 - majority(n, value)),)) for n in SIZES)
    return [Table(header, rows, ("The vote of more and more experts: right and wrong.",))]


# --- with a letter for the accuracy -------------------------------------------------------------------


def _polynomial(n: int) -> list[Fraction]:
    """The coefficients of P_n in powers of p, from 0 up."""
    found = [Fraction(0)] * (n + 1)
    for k in range(n // 2 if n % 2 == 0 else n // 2 + 1, n + 1):
        share = Fraction(1, 2) if 2 * k == n else Fraction(1)
        for j in range(n - k + 1):
            found[k + j] += share * math.comb(n, k) * math.comb(n - k, j) * (-1) ** j
    return found


def _as_node(coefficients: Sequence[Fraction], letter: Node) -> Node:
    """A polynomial, highest power last."""
    terms: list[Node] = []
    for power, c in enumerate(coefficients):
        if c:
            factors = [letter if power == 1 else Power(letter, number(power))] if power else []
            size = number(abs(c))
            body: Node = size if not factors else factors[0] if abs(c) == 1 else Product((size, *factors))
            terms.append(Negative(body) if c < 0 else body)
    return _sum(terms) if terms else ZERO


def _divided(coefficients: Sequence[Fraction], root: Fraction) -> list[Fraction]:
    """The polynomial divided by p minus a root of it (Horner)."""
    quotient: list[Fraction] = []
    carry = Fraction(0)
    for c in reversed(coefficients):
        carry = c + carry * root
        quotient.append(carry)
    assert quotient.pop() == 0
    return quotient[::-1]


def _in_letters(n: int, p: Node) -> Told:
    start = binomial_sum(n, p)
    steps = _opened(n, p)
    if n > EXPANDED_MOST or not isinstance(p, Symbol):
        value = steps[-1].after if steps else start
        return [Chain(tuple(steps), name_of(n))] if steps else [], [
            Result("probability of a right majority", value, name_of(n))]
    polynomial = _polynomial(n)
    value = _as_node(polynomial, p)
    steps.append(Step(steps[-1].after, value, "multiply out", "Like powers are collected."))
    parts: list[Part] = [Chain(tuple(steps), name_of(n)), *_factored(n, polynomial, p)]
    return parts, [Result("probability of a right majority", value, name_of(n))]


def _factored(n: int, polynomial: list[Fraction], p: Symbol) -> list[Part]:
    """P_n - p in factors, which shows for which p the vote is better."""
    difference = list(polynomial)
    difference += [Fraction(0)] * (2 - len(difference))
    difference[1] -= 1
    if not any(difference):
        return [Paragraph((f"A vote of {n} is as good as one expert.",))]
    rest = _divided(_divided(_divided(difference, Fraction(0)), Fraction(1)), Fraction(1, 2))
    rest = [-c / 2 for c in rest]  # p (p - 1) (p - 1/2) = -p (1 - p) (2 p - 1) / 2
    while rest and not rest[-1]:
        rest.pop()
    factors: list[Node] = [p, Sum((ONE, Negative(p))), Sum((Product((TWO, p)), Negative(ONE)))]
    other = _as_node(rest, p)
    if other != ONE:
        factors.append(other)
    start = Sum((name_of(n), Negative(p)))
    steps = (Step(start, _as_node(difference, p), "put in", ""),
             Step(_as_node(difference, p), Product(tuple(factors)), "factor", "It vanishes at 0, 1/2 and 1."))
    where = (Definition(name_of(n), (), _as_node(polynomial, p)),)
    words: list[str | Node] = ["For ", p, " between ", ZERO, " and ", ONE, " all factors but ", factors[2],
                               " are positive: the vote is better than one expert exactly where ", p, " > ", HALF,
                               ", and worse where ", p, " < ", HALF, "."]
    parts: list[Part] = [Paragraph(("Against one expert:",)), Chain(steps, None, where)]
    if other != ONE:
        parts.append(Chain((Step(other, ZERO, "positive", "For all p between 0 and 1.", ">"),)))
    return [*parts, Paragraph(tuple(words))]


# --- experts of different skill -----------------------------------------------------------------------


def different(values: Sequence[Node]) -> Told:
    """The vote of experts with different accuracies: every set of right experts that is a majority."""
    n = len(values)
    letters = [Symbol("p", str(k)) for k in range(1, n + 1)]
    terms: list[Node] = []
    for size in range(n, n // 2, -1):
        for right in combinations(range(n), size):
            factors = [s if k in right else Sum((ONE, Negative(s))) for k, s in enumerate(letters)]
            terms.append(Product(tuple(factors)))
    known = dict(zip(letters, values, strict=True))
    chain, result = quantity("probability of a right majority", name_of(n), _sum(terms), known)
    best = max(numeric(v) or Fraction(0) for v in values)
    value = exact(Numbers(known).put_in(_sum(terms)), {}) or Fraction(0)
    gain = value - best
    words = ("The experts have different accuracies. Each set of right experts that is a majority adds the product of "
             "the accuracies of those who are right and of the error rates of those who are wrong:")
    says = "better than" if gain > 0 else "as good as" if not gain else "worse than"
    end: Prose = (f"The vote is {says} the best expert: ", approximate(value), " against ", approximate(best), ".")
    return [Heading(("The majority of independent experts",)), Paragraph((words,)), chain, Paragraph(end)], [
        result, Result("gain of the vote over the best expert", written(gain), shown=False, number=float(gain))]


# --- experts who follow one another -------------------------------------------------------------------


def correlated(n: int, p: Node, together: Node) -> Told:
    """With probability c all follow one common vote, else they are independent."""
    c = numeric(together)
    single = numeric(p)
    letter = together if isinstance(together, Symbol) else C
    accuracy = p if isinstance(p, Symbol) else P
    name, vote = Symbol("P", f"{n},c"), name_of(n)
    formula = Sum((Product((letter, accuracy)), Product((Sum((ONE, Negative(letter))), vote))))
    parts: list[Part] = [Heading(("Experts who follow one another",)),
                         Paragraph(("With probability ", letter, _COMMON, accuracy, _ALONE))]
    results: list[Result] = []
    if c is not None and single is not None:
        value = majority(n, single)
        mixed = c * single + (1 - c) * value
        known = {letter: together, accuracy: p, vote: decimal(value) or number(value)}
        short = digits(known[vote]) <= EXACT_DIGITS
        steps = condensed(Numbers(known).steps(formula), put=True) if short else _valued(formula, mixed)
        where = tuple(Definition(s, (), binomial_sum(n, accuracy) if s == vote else v) for s, v in known.items())
        parts.append(Chain(tuple(steps), name, where))
        results.append(Result("probability of a right majority of correlated experts", written(mixed), name,
                              number=float(mixed)))
    else:
        opened = Sum((Product((letter, accuracy)), Product((Sum((ONE, Negative(letter))), binomial_sum(n, accuracy)))))
        step = Step(formula, opened, "put in", "The vote of independent experts.")
        parts.append(Chain((step,), name, (Definition(vote, (), binomial_sum(n, accuracy)),)))
        results.append(Result("probability of a right majority of correlated experts", opened, name))
    return [*parts, *_correlation(letter, accuracy), *_limit(letter, accuracy, c, single)], results


_COMMON = " all experts give one common answer, right with probability "
_ALONE = "; otherwise they vote independently. So"


def _correlation(letter: Node, accuracy: Node) -> list[Part]:
    """What c means: the correlation of two experts."""
    both = Sum((Product((letter, accuracy)), Product((Sum((ONE, Negative(letter))), Power(accuracy, TWO)))))
    spread = Product((accuracy, Sum((ONE, Negative(accuracy)))))
    start = Quotient(Sum((both, Negative(Power(accuracy, TWO)))), spread)
    middle = Quotient(Product((letter, accuracy, Sum((ONE, Negative(accuracy))))), spread)
    steps = (Step(start, middle, "factor", "The terms with the square cancel but for a share."),
             Step(middle, letter, "cancel", ""))
    words: Prose = ("Two experts are both right with probability ", both,
                    "; the covariance of their being right, by its variance ", spread, ", is their correlation:")
    return [Paragraph(words), Chain(steps, Symbol("rho"))]


def _limit(letter: Node, accuracy: Node, c: Fraction | None, p: Fraction | None) -> list[Part]:
    """Where the vote of ever more correlated experts ends."""
    words: list[str | Node] = ["So more experts do not help without end. With ", accuracy, " > ", HALF,
                               " the vote of the independent ones tends to 1, and the whole to ",
                               Sum((Product((letter, accuracy)), ONE, Negative(letter)))]
    if c is not None and p is not None:
        if p <= Fraction(1, 2):
            return []
        words += [" = ", approximate(c * p + 1 - c)]
    return [Paragraph((*words, "."))]
