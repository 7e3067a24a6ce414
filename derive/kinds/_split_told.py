"""Impurities and gains worked out in lines, candidates in a table, the tree told and drawn.

Called by the kind ``split``. A criterion is a row of :data:`CRITERIA`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from derive.kinds._by_hand import rounding
from derive.kinds._graph_values import Numbers
from derive.kinds._metrics_worked import condensed, quantity, written
from derive.kinds._shared import ROWS_GIVEN
from derive.kinds._split_given import Cell, Data, node_of
from derive.kinds._split_search import Branch, Counts, Split, best, impurity
from derive.networks import many
from derive.numeric.exact import exact
from derive.steps import Chain, Figure, Heading, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import ONE, TWO, ZERO, Call, Negative, Node, Power, Product, Quotient, Sum, Symbol, number
from derive.write.numbers import approximate

Told = tuple[list[Part], list[Result]]

CHAINS_MOST = 10  # candidates whose impurity is written out; the others stand in the table
ROWS_MOST = 40  # of the table of candidates


@dataclass(frozen=True, slots=True)
class Criterion:
    """A measure of how mixed the classes are: its letter, its name, what it says."""

    letter: str
    title: str
    about: str


CRITERIA = {
    "gini": Criterion("G", "Gini's impurity", "how often two rows drawn with replacement are of different classes"),
    "entropy": Criterion("H", "the entropy in bits", "how many yes-or-no questions the class of a row needs"),
}


def measure_of(criterion: str, shares: Sequence[Node]) -> Node:
    """The formula of a criterion in the shares of the classes; a class without rows has no term."""
    if criterion == "gini":
        return Sum((ONE, *(Negative(Power(p, TWO)) for p in shares)))
    terms = [Negative(Product((p, Call("log", (p, TWO))))) for p in shares]
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def _shares(counts: Counts) -> list[Node]:
    """The shares as written fractions of numbers; 1 of 1 where a side is pure."""
    total = number(sum(counts))
    return [Quotient(number(c), total) for c in counts if c]


def numeric_measure(criterion: str, counts: Counts) -> Node:
    """The criterion of some counts, numbers put in; the entropy of a single class is 0."""
    if criterion == "entropy" and sum(map(bool, counts)) == 1:
        return ZERO
    return measure_of(criterion, _shares(counts))


def _valued(node: Node) -> list[Step]:
    """From numbers to their value: in fractions where it is one, else rounded at once."""
    if exact(node, {}) is None:
        return [rounding(node)]
    return condensed(Numbers({}).worked(node))


def _letters(criterion: str, counts: Counts) -> tuple[Node, dict[Symbol, Node]]:
    """The criterion in the letters n_k of the classes' rows and n of all, with their values."""
    n = Symbol("n")
    known: dict[Symbol, Node] = {Symbol("n", str(k)): number(c) for k, c in enumerate(counts, 1) if c}
    formula = measure_of(criterion, [Quotient(s, n) for s in known])
    return formula, {**known, n: number(sum(counts))}


# --- the data -----------------------------------------------------------------------------------------


def data_parts(data: Data) -> list[Part]:
    """The rows, where an exercise can show them."""
    if len(data) > ROWS_GIVEN:
        return []
    header: tuple[Prose, ...] = (("row",), *((name,) for name in data.features), (data.target,))
    columns = [*([_cell(v) for v in values] for values in data.features.values()),
               [(data.classes[label],) for label in data.labels]]
    rows = tuple(((str(k),), *row) for k, row in enumerate(zip(*columns, strict=True), 1))
    return [Heading(("The data",)), Table(header, rows, ("The rows, each with its class.",), given=True)]


def _cell(value: Cell) -> Prose:
    return (value if isinstance(value, str) else node_of(value),)


# --- the first split ----------------------------------------------------------------------------------


def root_parts(data: Data, splits: Sequence[Split]) -> Told:
    """Before any split, after each candidate, and the best one: by both criteria."""
    counts = data.counts(tuple(range(len(data))))
    parts: list[Part] = [Heading(("Before the split",)), Paragraph(_classes(data, counts))]
    results: list[Result] = []
    for criterion, row in CRITERIA.items():
        formula, known = _letters(criterion, counts)
        chain, result = quantity(f"{criterion} before the split", Symbol(row.letter), formula, known)
        parts += [Paragraph((f"{row.title[0].upper()}{row.title[1:]}: {row.about}.",)), chain]
        results.append(result)
    parts += [Heading(("Every split",)), Paragraph((_SPLITS,)), _table(data, splits, counts)]
    for criterion in CRITERIA:
        more, found = _best_parts(criterion, splits, counts)
        parts, results = parts + more, results + found
    return [*parts, *_agree(splits)], results


_SPLITS = ("A number is split halfway between neighbouring values, a category from all others. After a split the "
           "impurity is the mean of both sides, weighted by their rows; the gain is what it falls by.")


def _classes(data: Data, counts: Counts) -> Prose:
    told: list[str | Node] = [f"Of {many(len(data), 'row')}, "]
    for k, (name, count) in enumerate(zip(data.classes, counts, strict=True), 1):
        told += [", " if k > 1 else "", Symbol("n", str(k)), f" = {count} are of the class {name}"]
    return tuple(w for w in (*told, ".") if w)


def _table(data: Data, splits: Sequence[Split], counts: Counts) -> Table:
    header: tuple[Prose, ...] = (("",), ("split",), ("yes",), ("no",), (Symbol("G"), " after"), ("gain",),
                                 (Symbol("H"), " after"), ("gain",))
    rows = [(k, s) for k, s in enumerate(splits, 1)]
    note = ""
    if len(rows) > ROWS_MOST:
        rows = sorted(sorted(rows, key=lambda row: row[1].impurity("gini"))[:ROWS_MOST])
        note = f" The best {ROWS_MOST} of {len(splits)}."
    names = ", ".join(data.classes)
    caption = f"All splits; yes and no are the rows of {names} on each side.{note}"
    return Table(header, tuple(_row(k, s, counts) for k, s in rows), (caption,))


def _row(k: int, split: Split, counts: Counts) -> tuple[Prose, ...]:
    yes, no = (" + ".join(map(str, side)) for side in split.sides)
    cells: list[Prose] = [(str(k),), (split.test.words,), (yes,), (no,)]
    for criterion in CRITERIA:
        after = split.impurity(criterion)
        cells += [(approximate(after, 4),), (approximate(_gain(counts, split, criterion), 4),)]
    return tuple(cells)


def _gain(counts: Counts, split: Split, criterion: str) -> Fraction | float:
    gain = impurity(counts, criterion) - split.impurity(criterion)
    return gain if isinstance(gain, Fraction) or abs(gain) > 1e-12 else 0.0


def _best_parts(criterion: str, splits: Sequence[Split], counts: Counts) -> Told:
    """The splits worked out, and the gain of the best."""
    row, found = CRITERIA[criterion], best(splits, criterion)
    split = found[0]
    shown = list(splits) if len(splits) <= CHAINS_MOST else [split]
    parts: list[Part] = [Heading((f"The splits by {row.title}",))]
    parts += [_after(criterion, s, Symbol(row.letter, str(splits.index(s) + 1))) for s in shown]
    if len(shown) < len(splits):
        parts.append(Paragraph((f"The other {len(splits) - 1} in the same way; the table has their values.",)))
    words = f"The least impurity has the split {split.test.words}"
    if len(found) > 1:
        words += f", and equally {', '.join(s.test.words for s in found[1:])}; the first is taken"
    parts.append(Paragraph((f"{words}. Its gain is",)))
    chain, gain = _gain_chain(criterion, split, counts, Symbol(row.letter, str(splits.index(split) + 1)))
    return [*parts, chain], [
        Result(f"best split by {criterion}", None, number=split.test.words),
        Result(f"{criterion} after the best split", gain[0], shown=False, number=float(split.impurity(criterion))),
        Result(f"gain by {criterion}", gain[1], chain.left, number=float(_gain(counts, split, criterion))),
    ]


def mixture(criterion: str, split: Split) -> Node:
    """The weighted impurity of both sides, numbers put in."""
    total = number(len(split.yes) + len(split.no))
    terms = [Product((Quotient(number(sum(side)), total), numeric_measure(criterion, side))) for side in split.sides]
    return Sum(tuple(terms))


def _after(criterion: str, split: Split, label: Symbol) -> Chain:
    return Chain(tuple(_valued(mixture(criterion, split))), label)


def _gain_chain(criterion: str, split: Split, counts: Counts, after: Symbol) -> tuple[Chain, tuple[Node, Node]]:
    """The impurity before less that after."""
    row = CRITERIA[criterion]
    before = Symbol(row.letter)
    formula = Sum((before, Negative(after)))
    value, left = _gain(counts, split, criterion), split.impurity(criterion)
    if isinstance(value, Fraction) and isinstance(left, Fraction):
        whole = impurity(counts, criterion)
        assert isinstance(whole, Fraction)
        chain, _ = quantity("gain", Symbol("gain", row.letter), formula, {before: written(whole), after: written(left)})
        return chain, (written(left), written(value))
    meaning = {before: numeric_measure(criterion, counts), after: mixture(criterion, split)}
    numbers = Numbers(meaning)
    put = numbers.put_in(formula)
    steps = (Step(formula, put, "put in", "Both entropies."),
             Step(put, approximate(float(value)), "round", "To 6 significant digits.", "~="))
    return Chain(steps, Symbol("gain", row.letter), numbers.where(formula)), (
        approximate(float(left)), approximate(float(value)))


def _agree(splits: Sequence[Split]) -> list[Part]:
    first, second = (best(splits, c)[0] for c in CRITERIA)
    if first == second:
        return [Paragraph((f"Both criteria choose {first.test.words}.",))]
    words = f"The criteria disagree: Gini's impurity chooses {first.test.words}, the entropy {second.test.words}."
    return [Paragraph((words,))]


# --- the tree -----------------------------------------------------------------------------------------


def tree_parts(data: Data, tree: Branch, criterion: str, drawn: bool) -> Told:
    """Further splits worked out, the leaves in a table, the picture, and how many rows the tree gets right."""
    row = CRITERIA[criterion]
    parts: list[Part] = [Heading(("The tree",)), Paragraph((_GREEDY.format(row.title),))]
    inner = [b for b in tree.walk() if b.split is not None]
    for branch in inner[1:]:
        parts += _inner(data, branch, criterion)
    leaves = [b for b in tree.walk() if b.split is None]
    parts.append(_leaves(data, leaves))
    if drawn:
        parts.append(_figure(data, tree, criterion))
    right = sum(leaf.counts[leaf.majority] for leaf in leaves)
    n, letter = Symbol("n"), Symbol("r")
    chain, result = quantity("training accuracy", Symbol("accuracy"), Quotient(letter, n),
                             {letter: number(right), n: number(len(data))})
    words: Prose = ("Each leaf predicts its most frequent class, which is right for ", letter, " of the ", n,
                    " rows that the tree was grown from:")
    return [*parts, Paragraph(words), chain], [
        Result("leaves", number(len(leaves)), shown=False), result]


_GREEDY = ("Each side is split again by {}, as long as it holds several classes. A split is chosen for itself, without "
           "looking further down.")


def _inner(data: Data, branch: Branch, criterion: str) -> list[Part]:
    """A further split of the tree: its rows, the best split, the gain."""
    assert branch.split is not None
    row = CRITERIA[criterion]
    counts = " + ".join(map(str, branch.counts))
    words = f"Where {' and '.join(branch.path)}: {counts} rows of {', '.join(data.classes)}."
    equal = f" It is one of {branch.equal} equally good ones." if branch.equal > 1 else ""
    best_words = f"The best split is {branch.split.test.words}.{equal}"
    first = _valued(numeric_measure(criterion, branch.counts))
    return [Paragraph((words,)), Chain(tuple(first), Symbol(row.letter, "before")), Paragraph((best_words,)),
            _after(criterion, branch.split, Symbol(row.letter, "after"))]


def _leaves(data: Data, leaves: Sequence[Branch]) -> Table:
    header: tuple[Prose, ...] = (("leaf",), ("where",), ("rows",), ("predicted",), ("wrong",))
    rows = tuple(
        ((str(k),), (" and ".join(leaf.path) or "everywhere",), (" + ".join(map(str, leaf.counts)),),
         (data.classes[leaf.majority],), (str(len(leaf.rows) - leaf.counts[leaf.majority]),))
        for k, leaf in enumerate(leaves, 1)
    )
    return Table(header, rows, (f"The leaves; rows of {', '.join(data.classes)}.",))


def _figure(data: Data, tree: Branch, criterion: str) -> Figure:
    from derive.figures.decision_tree import describe

    drawn = {"tree": _drawn(data, tree, criterion), "classes": list(data.classes)}
    return Figure("decision_tree", drawn, ("The tree: a row goes left where the test holds.",), describe(drawn), "tree")


def _drawn(data: Data, branch: Branch, criterion: str) -> dict[str, object]:
    letter = CRITERIA[criterion].letter
    made: dict[str, object] = {"counts": list(branch.counts), "impurity": f"{letter} = "
                               f"{float(impurity(branch.counts, criterion)):.3g}"}
    if branch.split is None or branch.yes is None or branch.no is None:
        return {**made, "class": data.classes[branch.majority]}
    return {**made, "test": branch.split.test.words, "yes": _drawn(data, branch.yes, criterion),
            "no": _drawn(data, branch.no, criterion)}
