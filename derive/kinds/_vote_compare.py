"""Bootstrap samples; accuracies compared by their errors; why a comparison with leaked rows says little.

Called by the kind ``vote``.

Source for out-of-bag samples: Breiman, "Random forests", Machine Learning 45 (2001).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from derive.errors import DeriveError
from derive.kinds._metrics_worked import quantity
from derive.read import fields
from derive.steps import Chain, Heading, Level, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import (
    INFINITY,
    ONE,
    Call,
    E,
    Limit,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    number,
    numeric,
)
from derive.write.numbers import approximate

Told = tuple[list[Part], list[Result]]

N = Symbol("n")
DRAWS = (2, 5, 10, 20, 100, 1_000, 10_000)


# --- bootstrap ----------------------------------------------------------------------------------------


def bootstrap(n: int) -> Told:
    """The probability that a sample is in no draw of a bootstrap sample, its limit, and how many are left out."""
    missed = Power(Sum((ONE, Negative(Quotient(ONE, N)))), N)
    draws = " rows with replacement. One draw misses a given row with probability "
    words: Prose = ("A bootstrap sample draws ", N, " times from ", N, draws, missed.base, ", and all ", N,
                    " independent draws with")
    chain, result = quantity("out-of-bag probability", Symbol("q", "n"), missed, {N: number(n)})
    count, left = quantity("expected out-of-bag rows", Symbol("m", "n"), Product((N, missed)), {N: number(n)})
    parts: list[Part] = [Heading(("Bootstrap and out-of-bag rows",)), Paragraph(words), chain,
                         Paragraph((f"Of {n:,} rows so many are expected to be left out of the bag:",)), count,
                         *_limit(missed), _draws()]
    return parts, [result, left, Result("limit of the out-of-bag probability", Power(E, Negative(ONE)))]


def _limit(missed: Power) -> list[Part]:
    """(1 - 1/n)^n tends to 1/e."""
    exponent = Product((N, Call("ln", (missed.base,))))
    start = Limit(missed, N, INFINITY)
    opened = Limit(Power(E, exponent), N, INFINITY)
    inside = Power(E, Limit(exponent, N, INFINITY))
    end = Power(E, Negative(ONE))
    steps = (
        Step(start, opened, "write as a power of e", "A power is e to the exponent times the logarithm of the base."),
        Step(opened, inside, "continuity", "The exponential is continuous.", level=Level.CALCULUS),
        Step(inside, end, "known limit", "ln(1 - 1/n) is -1/n, but for what tends to zero faster.",
             level=Level.CALCULUS),
        Step(end, approximate(0.36787944117144233), "round", "To 6 significant digits.", "~=", Level.ARITHMETIC),
    )
    return [Paragraph(("For many rows it hardly depends on their number:",)), Chain(steps)]


def _draws() -> Table:
    header: tuple[Prose, ...] = ((N,), ("out of the bag",), ("in the bag",))
    rows = tuple(
        ((f"{n:,}",), (approximate(float(share)),), (approximate(float(1 - share)),))
        for n in DRAWS for share in [(1 - Fraction(1, n)) ** n if n <= 100 else Fraction((1 - 1 / n) ** n)]
    )
    return Table(header, rows, ("The probability that a row is out of the bag, and in it.",))


# --- accuracies compared ------------------------------------------------------------------------------


def accuracies(table: Any) -> dict[str, Node]:
    """The accuracies by their names. DeriveError for what is no share."""
    if not isinstance(table, Mapping) or not table:
        raise DeriveError("accuracies: expected a table of names and accuracies",
                          'accuracies = {experts = 0.88, "direct forest" = 0.805}')
    return {str(name): share(value, f"accuracies: {name}") for name, value in table.items()}


def share(value: Any, what: str) -> Node:
    """A number from 0 to 1, as it is written. DeriveError for others."""
    try:
        node = fields.number(value)
    except DeriveError as error:
        raise DeriveError(f"{what}: {error.message}", error.hint) from error
    found = numeric(node)
    if found is None or not 0 <= found <= 1:
        raise DeriveError(f"{what}: expected a number from 0 to 1", "88 % is 0.88")
    return node


def measured(found: Mapping[str, Node]) -> list[Prose]:
    """The accuracies with their letters, as they are given."""
    return [(f"measured accuracy of {name}: ", Relation((Symbol("a", str(k)), value), ("=",)))
            for k, (name, value) in enumerate(found.items(), 1)]


def compared(found: Mapping[str, Node], base: Node | None) -> Told:
    """Error rates, the relative error reduction of each against the last, and what is gained over the base rate."""
    names = list(found)
    right = [Symbol("a", str(k)) for k in range(1, len(names) + 1)]
    wrong = [Symbol("e", str(k)) for k in range(1, len(names) + 1)]
    known: dict[Symbol, Node] = dict(zip(right, found.values(), strict=True))
    told: list[str | Node] = []
    for name, a in zip(names, right, strict=True):
        told += [", " if told else "The accuracies: ", a, f" of {name}"]
    parts: list[Part] = [Heading(("The errors compared",)), Paragraph((*told, ". The error rates are"))]
    results: list[Result] = []
    for name, a, e in zip(names, right, wrong, strict=True):
        chain, result = quantity(f"error rate of {name}", e, Sum((ONE, Negative(a))), known)
        parts.append(chain)
        results.append(result)
        known[e] = chain.steps[-1].after
    for i in range(len(names) - 1):
        more, made = _reduction(names[i], names[-1], wrong[i], wrong[-1], known)
        parts, results = parts + more, results + made
    if base is not None:
        more, made = _over_base(names, right, known, base)
        parts, results = parts + more, results + made
    return parts, results


def _reduction(name: str, other: str, e: Symbol, reference: Symbol, known: Mapping[Symbol, Node]) -> Told:
    if numeric(known[reference]) == 0:
        words = f"{other[0].upper()}{other[1:]} makes no errors, so there are none to be reduced."
        return [Paragraph((words,), remark=True)], []
    label = Symbol("r", e.sub)
    formula = Quotient(Sum((reference, Negative(e))), reference)
    chain, result = quantity(f"relative error reduction of {name}", label, formula, known)
    saved = numeric(result.value) if isinstance(result.value, Node) else None
    verb = "more" if saved is not None and saved < 0 else "fewer"
    end: Prose = ("So ", f"{name} makes ", approximate(abs(Fraction(saved or 0)) * 100, 4),
                  f" % {verb} errors than {other}.")
    return [Paragraph((f"Relative to {other}, the share of its errors that {name} avoids:",)), chain,
            Paragraph(end)], [result]


def _over_base(names: list[str], right: list[Symbol], known: Mapping[Symbol, Node], base: Node) -> Told:
    letter = Symbol("b")
    parts: list[Part] = [Paragraph(("Always predicting the more frequent class is right at the base rate ", letter,
                                    " = ", base, ". What is gained over it:"))]
    results: list[Result] = []
    for name, a in zip(names, right, strict=True):
        chain, result = quantity(f"gain of {name} over the base rate", Symbol("g", a.sub), Sum((a, Negative(letter))),
                                 {**known, letter: base})
        parts.append(chain)
        results.append(result)
        gain = numeric(result.value) if isinstance(result.value, Node) else None
        if gain is not None and gain <= 0:
            parts.append(Paragraph((f"{name[0].upper()}{name[1:]}{_NOTHING}",)))
    return parts, results


_NOTHING = " has learned nothing that shows in its accuracy: the constant prediction is as good or better."


# --- the leak -----------------------------------------------------------------------------------------


def leak(table: Any, found: Mapping[str, Node], base: Node | None) -> Told:
    """What a measured accuracy says where a share of the test rows was seen in training. DeriveError for no table."""
    if not isinstance(table, Mapping) or "share" not in table or (extra := set(table) - {"share", "seen", "of"}):
        wrong = f", found {', '.join(sorted(extra))}" if isinstance(table, Mapping) and "share" in table else ""
        raise DeriveError(f"leak: expected share, and seen and of where wanted{wrong}",
                          "leak = {share = 0.8, seen = 0.9}")
    name = str(table.get("of") or next(iter(found)))
    if name not in found:
        raise DeriveError(f'leak: of: there is no accuracy of "{name}"', f"there are those of {', '.join(found)}")
    seen_share = share(table["share"], "leak: share")
    if numeric(seen_share) == 1:
        raise DeriveError("leak: share: where all test rows were seen, nothing is known of new ones")
    return _model(name, found[name], seen_share, table.get("seen"), base)


S, MEASURED, SEEN, NEW = Symbol("s"), Symbol("a"), Symbol("a", "seen"), Symbol("a", "new")


def leaked(table: Mapping[str, Any]) -> Prose:
    """What is known of a leak, with its letters."""
    on_seen: Prose = ()
    if table.get("seen") is not None:
        on_seen = (", answered with the accuracy ", Relation((SEEN, share(table["seen"], "leak: seen")), ("=",)))
    of = f" of {table['of']}" if table.get("of") else ""
    seen = Relation((S, share(table["share"], "leak: share")), ("=",))
    return ("share of the test rows", of, " seen in training: ", seen, *on_seen)


def _model(name: str, measured: Node, seen_share: Node, seen: Any, base: Node | None) -> Told:
    mixture = Sum((Product((S, SEEN)), Product((Sum((ONE, Negative(S))), NEW))))
    words: Prose = (
        "Experts that were trained on rows of the later test have seen their answers. Let the share ", S,
        " of the test rows be seen; on them the accuracy is ", SEEN, ", on new rows ", NEW,
        ". The test then measures a mixture of both, ", MEASURED, " = ", mixture, ", and not ", NEW, ". The bias is",
    )
    bias = Sum((mixture, Negative(NEW)))
    tidy = Product((S, Sum((SEEN, Negative(NEW)))))
    parts: list[Part] = [Heading(("Why a leak breaks the comparison",)), Paragraph(words),
                         Chain((Step(bias, tidy, "factor"),), Sum((MEASURED, Negative(NEW)))), Paragraph((_BIAS,))]
    formula = Quotient(Sum((MEASURED, Negative(Product((S, SEEN))))), Sum((ONE, Negative(S))))
    known: dict[Symbol, Node] = {MEASURED: measured, S: seen_share}
    results: list[Result] = []
    if seen is not None:
        known[SEEN] = share(seen, "leak: seen")
        chain, result = quantity(f"accuracy of {name} on new rows", NEW, formula, known)
        parts.append(chain)
        results.append(result)
        value = numeric(result.value) if isinstance(result.value, Node) else None
        if value is not None and not 0 <= value <= 1:
            raise DeriveError("leak: these numbers cannot be: the accuracy on new rows would be "
                              f"{float(value):.4g}", "choose another share or another accuracy of the seen rows")
    if base is not None and numeric(seen_share):
        more, found = _break_even(known, base)
        parts, results = parts + more, results + found
    return [*parts, Paragraph((_PROTOCOL,))], results


def _break_even(known: Mapping[Symbol, Node], base: Node) -> Told:
    """How well seen rows must be answered for new ones to be answered no better than by the most frequent class."""
    letter = Symbol("b")
    formula = Quotient(Sum((MEASURED, Negative(Product((Sum((ONE, Negative(S))), letter))))), S)
    chain, result = quantity("accuracy on seen rows that leaves the base rate for new ones", SEEN, formula,
                             {MEASURED: known[MEASURED], S: known[S], letter: base})
    told = ", that is with nothing learned for new rows, the same accuracy would be measured when seen rows have"
    words: Prose = ("With ", Relation((NEW, letter), ("=",)), told)
    return [Paragraph(words), chain], [result]


_BIAS = ("It is positive as soon as seen rows are answered better than new ones, which is what training does, and a "
         "forest on the raw data has no such rows: the two accuracies measure different things. Solved for the new "
         "rows:")

_PROTOCOL = ("Without a leak: split once into training and test rows before anything is trained; train the experts on "
             "training rows only, and take the meta-features of the training rows from experts that did not see them "
             "(cross-validation); train both forests on the same rows and test both on the same untouched rows.")
