r"""Two random quantities by the table of their joint probabilities: marginals, entropies, mutual information.

Called by the kind ``entropy``. The rows are the values of X, the columns those of Y.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from derive.errors import DeriveError
from derive.goals import simple
from derive.kinds._divergence_table import LONG
from derive.kinds._entropy_exact import Quantity, multiple, powers_of
from derive.kinds._entropy_given import OUTCOMES_MOST, probability, sums_to_one
from derive.kinds._entropy_tables import finished
from derive.read.fields import type_name
from derive.rules.monomials import join
from derive.steps import Chain, Heading, Level, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import (
    ONE,
    ZERO,
    Call,
    Given,
    Matrix,
    Negative,
    Node,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    numeric,
    total,
)

X, Y = Symbol("X"), Symbol("Y")
H_X, H_Y, H_XY = (Call("H", names) for names in ((X,), (Y,), (X, Y)))
H_Y_X, H_X_Y = (Call("H", (Given((a,), (b,), "|"),)) for a, b in ((Y, X), (X, Y)))
INFORMATION = Call("I", (Given((X,), (Y,), ";"),))


@dataclass(frozen=True)
class Joint:
    """The table: probabilities by row and column, the names of the values of X and of Y."""

    rows: tuple[tuple[Node, ...], ...]
    x: tuple[str, ...]
    y: tuple[str, ...]

    @property
    def cells(self) -> tuple[Node, ...]:
        """All entries, row by row."""
        return tuple(entry for row in self.rows for entry in row)


@dataclass
class Told:
    """What was found out: parts, quantities in the order of finding, results."""

    parts: list[Part] = field(default_factory=list)
    quantities: list[Quantity] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)


def joint_table(given: Any, rows: Sequence[str], columns: Sequence[str], domains: Mapping[Symbol, str]) -> Joint:
    """The checked table. DeriveError for rows of different lengths, for what is no probability, for another sum."""
    if not isinstance(given, list) or not given or not all(isinstance(row, list) and row for row in given):
        raise DeriveError(f"joint: expected rows of probabilities, found {type_name(given)}",
                          "joint = [['1/2', '0'], ['1/4', '1/4']]")
    if len({len(row) for row in given}) > 1:
        raise DeriveError("joint: the rows have different lengths",
                          "each row has one probability for every value of the second quantity")
    if len(given) * len(given[0]) > OUTCOMES_MOST:
        raise DeriveError(f"joint: more than {OUTCOMES_MOST} entries are too many")
    table = tuple(
        tuple(probability(item, f"joint: row {i}, column {j}", domains) for j, item in enumerate(row, 1))
        for i, row in enumerate(given, 1)
    )
    cells = [entry for row in table for entry in row]
    if any(numeric(entry) is None for entry in cells):
        raise DeriveError("joint: the probabilities of a joint table are numbers")
    sums_to_one(cells, "joint", domains)
    return Joint(table, _names(rows, len(table), "rows"), _names(columns, len(table[0]), "columns"))


def _names(names: Sequence[str], count: int, key: str) -> tuple[str, ...]:
    if not names:
        return tuple(str(k) for k in range(1, count + 1))
    if len(names) != count:
        raise DeriveError(f"{key}: there are {len(names)} names for {count} {key} of the joint table")
    return tuple(names)


def stated(given: Joint) -> Prose:
    """The table as a matrix, with what its rows and columns are."""
    rows, columns = ", ".join(given.x), ", ".join(given.y)
    return ("the joint probabilities of ", X, f" (rows: {rows}) and ", Y, f" (columns: {columns}) ", Matrix(given.rows))


def joint(given: Joint) -> Told:
    """Marginals, the five entropies, the mutual information, and how they hang together."""
    told = Told()
    row_sums = [simple(total(row)) for row in given.rows]
    column_sums = [simple(total(column)) for column in zip(*given.rows, strict=True)]
    told.parts += [Heading(("Marginals",)), _with_marginals(given, row_sums, column_sums)]
    _entropy(told, H_X, "H(X)", row_sums)
    _entropy(told, H_Y, "H(Y)", column_sums)
    _entropy(told, H_XY, "H(X, Y)", given.cells)
    _conditional(told, given, row_sums, (H_XY, H_X, H_Y_X), "H(Y | X)", (X, Y))
    columns = tuple(zip(*given.rows, strict=True))
    turned = Joint(columns, given.y, given.x)
    _conditional(told, turned, column_sums, (H_XY, H_Y, H_X_Y), "H(X | Y)", (Y, X))
    _information(told, given, row_sums, column_sums)
    _independence(told, given, row_sums, column_sums)
    return told


def _value(told: Told, label: Node) -> Quantity:
    return next(q for q in told.quantities if q.label == label)


def _with_marginals(given: Joint, row_sums: Sequence[Node], column_sums: Sequence[Node]) -> Table:
    header: tuple[Prose, ...] = (("",), *((name,) for name in given.y), ("p(x)",))
    rows: list[tuple[Prose, ...]] = [
        ((name,), *((entry,) for entry in row), (own,))
        for name, row, own in zip(given.x, given.rows, row_sums, strict=True)
    ]
    rows.append((("p(y)",), *((own,) for own in column_sums), (ONE,)))
    caption: Prose = ("The joint probabilities, rows for ", X, " and columns for ", Y, ", with their sums.")
    return Table(header, tuple(rows), caption)


def _terms(items: Sequence[Node]) -> list[tuple[Fraction, Fraction]]:
    values = [numeric(item) for item in items]
    return [(-v, v) for v in values if v]


def _sum_of(terms: Sequence[tuple[Fraction, Fraction]]) -> Node:
    made = [multiple(-c, 1 / r) for c, r in terms if r != 1]
    return join(made) if made else ZERO


def _entropy(told: Told, label: Node, name: str, items: Sequence[Node]) -> None:
    """``-sum p log p`` of some probabilities."""
    counted = [item for item in items if numeric(item)]
    opened = total([Negative(Product((item, Call("log", (item,))))) for item in counted])
    told.parts.append(Heading((label,)))
    _add(told, label, name, opened, _terms(items), len(counted) > LONG)


def _add(told: Told, label: Node, name: str, opened: Node, terms: Sequence[tuple[Fraction, Fraction]],
         long: bool = False) -> None:
    """A sum of logarithms brought to its short form and told."""
    start = _sum_of(terms) if long else opened
    steps: list[Step] = []
    if not long and _sum_of(terms) != opened:
        steps.append(Step(opened, _sum_of(terms), "logarithm of a reciprocal",
                          "Minus the logarithm is that of the reciprocal.", level=Level.ALGEBRA))
    here = steps[-1].after if steps else start
    steps += finished(here, bool(steps))
    exact = next((s.after for s in reversed(steps) if s.relation == "="), here)
    told.parts.append(Chain(tuple(steps), label))
    told.quantities.append(Quantity(label, name, exact, powers_of(terms)))


def _conditional(told: Told, given: Joint, sums: Sequence[Node], labels: tuple[Node, Node, Node], name: str,
                 letters: tuple[Symbol, Symbol]) -> None:
    """The conditional entropy from its definition, row by row; then by the chain rule, which gives the same."""
    joint_label, own, label = labels
    known, other = letters
    terms: list[tuple[Fraction, Fraction]] = []
    opened: list[Node] = []
    for row, whole in zip(given.rows, sums, strict=True):
        for entry in row:
            a, b = numeric(entry), numeric(whole)
            if a and b:
                terms.append((-a, a / b))
                opened.append(Negative(Product((entry, Call("log", (Quotient(entry, whole),))))))
    words = (f"For each value of {known.name} the probabilities of {other.name} given it are the entries over their "
             "sum; their logarithms are averaged over the table.")
    told.parts += [Heading((label,)), Paragraph((words,))]
    _add(told, label, name, total(opened), terms, len(opened) > LONG)
    difference = Sum((_value(told, joint_label).value, Negative(_value(told, own).value)))
    found = _value(told, label).value
    told.parts += [
        Paragraph(("The chain rule gives the same: ",
                   Relation((label, Sum((joint_label, Negative(own)))), ("=",)), ".")),
        Chain((Step(difference, found, "logarithm laws", "Both are sums of logarithms.", level=Level.ALGEBRA),),
              Sum((joint_label, Negative(own)))),
    ]


def _information(told: Told, given: Joint, row_sums: Sequence[Node], column_sums: Sequence[Node]) -> None:
    """The mutual information from its definition, and the three differences that it equals."""
    terms: list[tuple[Fraction, Fraction]] = []
    opened: list[Node] = []
    for row, a in zip(given.rows, row_sums, strict=True):
        for entry, b in zip(row, column_sums, strict=True):
            p, x, y = numeric(entry), numeric(a), numeric(b)
            if p and x and y:
                terms.append((p, p / (x * y)))
                opened.append(Product((entry, Call("log", (Quotient(entry, Product((a, b))),)))))
    told.parts.append(Heading((INFORMATION,)))
    words = "The mutual information is the divergence of the table from the product of its marginals."
    told.parts.append(Paragraph((words,)))
    values = [multiple(c, r) for c, r in terms if r != 1]
    start, simplified = total(opened), join(values) if values else ZERO
    steps = [Step(start, simplified, "simplify", "The quotients are worked out.", level=Level.ARITHMETIC)]
    if len(opened) > LONG:
        start, steps = simplified, []
    steps += finished(simplified, bool(steps))
    exact = next((s.after for s in reversed(steps) if s.relation == "="), simplified)
    told.parts.append(Chain(tuple(steps), INFORMATION))
    told.quantities.append(Quantity(INFORMATION, "I(X; Y)", exact, powers_of(terms)))
    told.parts.append(Paragraph(("The same three times over, as a difference of entropies:",)))
    for terms_of in ((H_X, H_Y, H_XY), (H_X, H_X_Y), (H_Y, H_Y_X)):
        plus = terms_of[:-1]
        named = Sum((*plus, Negative(terms_of[-1])))
        start = Sum((*(_value(told, t).value for t in plus), Negative(_value(told, terms_of[-1]).value)))
        told.parts.append(Chain((Step(start, exact, "logarithm laws", "Sums of logarithms.", level=Level.ALGEBRA),),
                                named))


def _independence(told: Told, given: Joint, row_sums: Sequence[Node], column_sums: Sequence[Node]) -> None:
    """Whether every entry is the product of its marginals."""
    for name, row, a in zip(given.x, given.rows, row_sums, strict=True):
        for other, entry, b in zip(given.y, row, column_sums, strict=True):
            step = Step(entry, Product((a, b)), "compare", "The entry and the product of its marginals.", "!=",
                        Level.ARITHMETIC)
            if numeric(entry) != (numeric(a) or 0) * (numeric(b) or 0):
                words = (f"X and Y are not independent: the entry of row {name} and column {other} is not the product "
                         "of its marginals.")
                told.parts += [Paragraph((words,)), Chain((step,))]
                return
    told.parts.append(Paragraph((
        "Every entry is the product of its marginals: X and Y are independent, and ",
        Relation((INFORMATION, ZERO), ("=",)), ".",
    )))


