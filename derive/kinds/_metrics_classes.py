"""Several classes: each against the rest, the means of the measures over the classes, the measures of all counts.

Called by the kind ``metrics``. The letters of class k are TP_k, FP_k, FN_k and TN_k; C_{j,k} counts how often class j
was taken for class k, t_k how often class k is true, p_k how often it is predicted.

Sources: Sokolova and Lapalme, Information Processing and Management 45 (2009), for macro and micro means; Gorodkin,
Computational Biology and Chemistry 28 (2004), for the correlation of several classes.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.kinds._metrics_given import Given
from derive.kinds._metrics_worked import label_of, measure, quantity
from derive.numeric.metrics import Counts, against_rest
from derive.steps import Heading, Paragraph, Part, Prose, Result, Table
from derive.tree import Negative, Node, Number, Power, Product, Quotient, Root, Sum, Symbol, number

AVERAGED = ("precision", "recall", "F1")

Told = tuple[list[Part], list[Result]]


def class_counts(given: Given) -> tuple[Counts, ...]:
    """The counts of each class against the rest."""
    return tuple(against_rest(given.matrix, k) for k in range(len(given.classes)))


def counts_table(given: Given) -> list[Part]:
    """TP, FP, FN and TN of each class, and how they are read off the matrix."""
    header: tuple[Prose, ...] = (("",), ("class",), *((Symbol(s),) for s in ("TP", "FP", "FN", "TN")))
    rows = tuple(
        ((str(k),), (name,), *((str(n),) for n in (c.tp, c.fp, c.fn, c.tn)))
        for k, (name, c) in enumerate(zip(given.classes, class_counts(given), strict=True), 1)
    )
    return [Heading(("Each class against the rest",)), Paragraph((_READ,)),
            Table(header, rows, ("The counts of each class against all others.",))]


_READ = ("For one class the entry on the diagonal counts the true positives, the rest of its row the false negatives, "
         "the rest of its column the false positives, and everything else the true negatives.")


def averaged(given: Given, metrics: Sequence[str]) -> Told:
    """Each measure of each class, then its macro mean, its weighted mean and the micro mean, of all counts together."""
    parts: list[Part] = []
    results: list[Result] = []
    counts = class_counts(given)
    for metric in metrics:
        parts.append(Heading((metric.capitalize(),)))
        found: list[Result] = []
        for k, (name, own) in enumerate(zip(given.classes, counts, strict=True), 1):
            more, made = measure(metric, own, str(k), f"{metric} of {name}", brief=k > 1, shown=False)
            parts, found = parts + more, found + made
        results += found
        if all(r.value is not None for r in found):
            more, made = _means(metric, [r.value for r in found], counts)  # type: ignore[misc]
        else:
            more, made = [Paragraph((_NO_MEAN.format(metric),), remark=True)], []
        parts, results = parts + more, results + made
        more, made = _micro(metric, counts)
        parts, results = parts + more, results + made
    return parts, results


_NO_MEAN = "So there is no mean of the {} over the classes."


def _means(metric: str, values: Sequence[Node], counts: Sequence[Counts]) -> Told:
    """The mean over the classes, and that with the classes weighted by how often they are true."""
    letters = [label_of(metric, str(k)) for k in range(1, len(values) + 1)]
    known = dict(zip(letters, values, strict=True))
    macro = Quotient(Sum(tuple(letters)), number(len(letters)))
    sizes = [number(c.tp + c.fn) for c in counts]
    total = number(sum(c.tp + c.fn for c in counts))
    weighted = Quotient(Sum(tuple(Product((n, s)) for n, s in zip(sizes, letters, strict=True))), total)
    parts: list[Part] = []
    results: list[Result] = []
    for name, formula in (("macro", macro), ("weighted", weighted)):
        chain, result = quantity(f"{name} {metric}", label_of(metric, name), formula, known)
        parts.append(chain)
        results.append(result)
    return parts, results


def _micro(metric: str, counts: Sequence[Counts]) -> Told:
    """The measure of the counts of all classes added up."""
    total = Counts(*(sum(getattr(c, key) for c in counts) for key in ("tp", "fp", "fn", "tn")))
    return measure(metric, total, "micro", f"micro {metric}")


# --- all classes at once ------------------------------------------------------------------------------


def overall(given: Given) -> Told:
    """Accuracy, error rate, balanced accuracy and the correlation of all classes."""
    size = len(given.classes)
    diagonal = [Symbol("C", f"{k},{k}") for k in range(1, size + 1)]
    known: dict[Symbol, Node] = {s: number(int(given.matrix[k, k])) for k, s in enumerate(diagonal)}
    n = Symbol("n")
    known[n] = number(given.samples)
    right, result = quantity("accuracy", label_of("accuracy"), Quotient(Sum(tuple(diagonal)), n), known)
    parts: list[Part] = [Heading(("All classes together",)), Paragraph((_DIAGONAL,)), right]
    more, found = _correlation(given)
    return [*parts, *more], [result, *found]


_DIAGONAL = "What is right stands on the diagonal; the accuracy is its share of all n predictions."


def _correlation(given: Given) -> Told:
    """Matthews's correlation for several classes; a paragraph where it does not exist."""
    size = range(1, len(given.classes) + 1)
    true = [Symbol("t", str(k)) for k in size]
    told = [Symbol("p", str(k)) for k in size]
    right, n = Symbol("c"), Symbol("n")
    known: dict[Symbol, Node] = {right: number(int(given.matrix.trace())), n: number(given.samples)}
    known |= {s: number(int(v)) for s, v in zip(true, given.matrix.sum(axis=1), strict=True)}
    known |= {s: number(int(v)) for s, v in zip(told, given.matrix.sum(axis=0), strict=True)}
    if any(int((sums**2).sum()) == given.samples**2 for sums in (given.matrix.sum(axis=0), given.matrix.sum(axis=1))):
        missing = Result("Matthews correlation", None, Symbol("MCC"), number="undefined")
        return [Paragraph((_NO_CORRELATION,), remark=True)], [missing]
    products = [Product((t, p)) for t, p in zip(true, told, strict=True)]
    top = Sum((Product((right, n)), *map(Negative, products)))
    bottom = Root(Product((_rest(n, told), _rest(n, true))))
    chain, result = quantity("Matthews correlation", Symbol("MCC"), Quotient(top, bottom), known)
    words: Prose = ("The correlation of prediction and truth, with ", right, " right ones, ", Symbol("t", "k"),
             " true ones of class ", Symbol("k"), " (the sum of its row) and ", Symbol("p", "k"),
             " predicted ones (of its column):")
    return [Paragraph(words), chain], [result]


_NO_CORRELATION = "The correlation of all classes does not exist: all is of one class, or was predicted to be."


def _rest(n: Symbol, sums: Sequence[Symbol]) -> Node:
    two = Number("2")
    return Sum((Power(n, two), *(Negative(Power(s, two)) for s in sums)))
