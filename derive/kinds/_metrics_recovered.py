"""Counts behind printed measures: F1 of the printed precision and recall, the counts they imply, F1 of the counts.

Called by the kind ``metrics``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from derive.errors import DeriveError, about
from derive.kinds._metrics_search import SEARCHED, Printed, Row, common, row_counts
from derive.kinds._metrics_worked import DIGITS, label_of, measure, quantity, shortened
from derive.kinds._shared import ROWS_GIVEN, listed
from derive.networks import many
from derive.numeric.metrics import FN, FP, METRICS, TP, Counts, value
from derive.read import fields
from derive.read.fields import nearest
from derive.steps import Chain, Definition, Heading, Paragraph, Part, Prose, Result, Step, Table
from derive.tree import Node, Number, Product, Quotient, Sum, Symbol, number, numeric
from derive.write.numbers import approximate

Told = tuple[list[Part], list[Result]]

SAMPLES = 1_000  # at most, where nothing is said
ROWS_MOST = 200
P, R = Symbol("P"), Symbol("R")
TWO = Number("2")


@dataclass(frozen=True, slots=True)
class Asked:
    """Printed measures row by row, what the rows are called, and what is known of the counts behind them.

    ``used`` are the measures that the counts are recovered from; ``same`` says that all rows have the same positives.
    """

    rows: tuple[Row, ...]
    word: str
    used: tuple[str, ...]
    samples: int | None
    positives: int | None
    same: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The printed measures."""
        return tuple(self.rows[0])


# --- what is given ------------------------------------------------------------------------------------


def asked(given: Mapping[str, Any]) -> Asked | None:
    """The checked value; None where nothing is printed.

    DeriveError for columns of different lengths, for what is no share, and without precision and recall.
    """
    if given["printed"] is None:
        return None
    with about("printed"):
        rows = _rows(given["printed"])
    used = tuple(given["counts_from"] or rows[0])
    with about("counts_from"):
        if missing := [name for name in used if name not in rows[0]]:
            raise DeriveError(f"counts_from: {', '.join(missing)} is not printed")
        if missing := [name for name in SEARCHED if name not in used]:
            raise DeriveError(f"counts_from: without {' and '.join(missing)} there are too many possible counts",
                              "counts are recovered from precision and recall, and from others besides")
    positives = given["positives"]
    if positives is not None and given["samples"] is not None and positives > given["samples"]:
        raise DeriveError(f"positives: {positives} of {given['samples']} samples")
    return Asked(rows, given["rows"], used, given["samples"], positives, given["same_positives"])


def _rows(table: Any) -> tuple[Row, ...]:
    if not isinstance(table, Mapping) or not table:
        raise DeriveError("printed: expected a list of numbers for each printed measure",
                          "printed = {precision = [51.2, 18.8], recall = [95.3, 100.0]}")
    for name in table:
        if name not in METRICS:
            raise DeriveError(f'printed: there is no measure "{name}"',
                              nearest(name, METRICS) or f"the measures are {', '.join(METRICS)}")
    if missing := [name for name in SEARCHED if name not in table]:
        raise DeriveError(f"printed: without {' and '.join(missing)} there are too many possible counts")
    columns = {name: _column(name, values) for name, values in table.items()}
    if len({len(c) for c in columns.values()}) > 1:
        sizes = ", ".join(f"{len(c)} of {name}" for name, c in columns.items())
        raise DeriveError(f"printed: the columns have different lengths: {sizes}", "each row has all measures")
    return tuple(dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))


def _column(name: str, values: Any) -> list[Printed]:
    if not isinstance(values, list) or not values:
        raise DeriveError(f"printed: {name}: expected a list of numbers", f"{name} = [51.2, 18.8]")
    if len(values) > ROWS_MOST:
        raise DeriveError(f"printed: {len(values)} rows are too many: at most {ROWS_MOST}")
    digits = [_digits(v, f"printed: {name}: row {k}") for k, v in enumerate(values, 1)]
    percent = any(d.value > 1 for d in digits)
    return [Printed(d, percent) for d in digits]


def _digits(given: Any, where: str) -> Number:
    try:
        node = fields.number(given)
    except DeriveError as error:
        raise DeriveError(f"{where}: {error.message}", error.hint) from error
    if not isinstance(node, Number) or node.value > 100:
        raise DeriveError(f"{where}: a share lies between 0 and 1, or between 0 and 100 %", "as it is printed: 51.2")
    return node


def stated(case: Asked) -> list[Prose]:
    """What is known in words; the numbers themselves stand in the table of :func:`recovered`."""
    each = f" in each {case.word}" if len(case.rows) > 1 else ""
    told: list[Prose] = [(f"{', '.join(case.names)} as printed, in {many(len(case.rows), case.word)}",)]
    if case.samples is not None:
        told.append((f"{many(case.samples, 'sample')}{each}",))
    if case.positives is not None:
        told.append((f"{case.positives} of them positive" if case.samples is not None else
                     f"{many(case.positives, 'positive sample')}{each}",))
    elif case.same and each:
        told.append((f"the same number of positive samples{each}",))
    if case.used != case.names:
        told.append((f"the counts to find are those that {_and(case.used)} were computed from",))
    return told


def _data(case: Asked) -> list[Part]:
    """The printed numbers, where an exercise can show them."""
    if len(case.rows) > ROWS_GIVEN:
        return []
    units = (" in %" if printed.percent else "" for printed in case.rows[0].values())
    header: tuple[Prose, ...] = ((case.word,), *((n + unit,) for n, unit in zip(case.names, units, strict=True)))
    rows: tuple[tuple[Prose, ...], ...] = tuple(
        ((str(k),), *((printed.digits,) for printed in row.values())) for k, row in enumerate(case.rows, 1)
    )
    return [Heading(("What is printed",)), Table(header, rows, ("The printed measures.",), given=True)]


# --- F1 of the printed measures -----------------------------------------------------------------------


def recovered(case: Asked) -> Told:
    """F1 of what is printed, row by row; the counts behind it, and F1 of these."""
    parts, results = _harmonic()
    parts = [*_data(case), *parts]
    rows = [_printed_f1(case, k) for k in range(1, len(case.rows) + 1)]
    parts += [Heading(("F1 of the printed precision and recall",)), *(r[0] for r in rows)]
    results += [r[1] for r in rows]
    more, found = _counts(case, [r[1] for r in rows])
    return [*parts, *more], [*results, *found]


def _harmonic() -> Told:
    """F1 from precision and recall, and from the counts."""
    precision, recall = (METRICS[name].formula for name in SEARCHED)
    mean = Quotient(TWO, Sum((Quotient(Number("1"), P), Quotient(Number("1"), R))))
    short = Quotient(Product((TWO, P, R)), Sum((P, R)))
    where = (Definition(P, (), precision), Definition(R, (), recall))
    steps = (
        Step(mean, short, "extend the fraction", "By P R."),
        Step(short, METRICS["F1"].formula, "put in precision and recall", "Both with TP, FP and FN; TP cancels."),
    )
    words: Prose = ("With the precision ", P, " and the recall ", R, ", F1 is their harmonic mean. In the counts, ",
                    P, " = ", precision, " and ", R, " = ", recall, " give")
    return [Heading(("F1",)), Paragraph(words), Chain(steps, Symbol("F", "1"), where)], []


def _printed_f1(case: Asked, k: int) -> tuple[Part, Result]:
    row = case.rows[k - 1]
    unit = any(row[name].percent for name in SEARCHED)
    name = f"F1 from printed precision and recall, {case.word} {k}{', in %' * unit}"
    label = label_of("F1", str(k))
    values = {P: _in(row["precision"], unit), R: _in(row["recall"], unit)}
    if not any(row[name].value for name in SEARCHED):
        words = (f"In {case.word} {k} both are 0, so there is no F1.",)
        return Paragraph(words, remark=True), Result(name, None, label, shown=False)
    formula = Quotient(Product((TWO, P, R)), Sum((P, R)))
    chain, result = quantity(name, label, formula, values)
    return (chain if k == 1 else shortened(chain)), replace(result, shown=False)


def _in(printed: Printed, percent: bool) -> Node:
    """A printed share in the unit of both."""
    return printed.digits if printed.percent == percent else number(printed.value * (100 if percent else 1))


# --- the counts ---------------------------------------------------------------------------------------


def _counts(case: Asked, harmonic: Sequence[Result]) -> Told:
    parts: list[Part] = [Heading(("The counts behind the printed numbers",)), _searched(case)]
    samples = case.samples or SAMPLES
    positives = range(1, samples + 1) if case.positives is None else [case.positives]
    rows = [{name: row[name] for name in case.used} for row in case.rows]
    found = [row_counts(row, positives, samples) for row in rows]
    if empty := [k for k, row in enumerate(found, 1) if not row]:
        return [*parts, *_none(case, empty)], [Result("counts", None, number="none fit")]
    if not case.same:
        chosen = [_only(row) for row in found]
        return _told(case, parts, chosen, harmonic, found)
    fitting = common(found)
    if not fitting:
        words = f"Each {case.word} alone has such counts, but no number of positives fits all of them."
        return [*parts, Paragraph((words,))], [Result("counts", None, number="none fit")]
    best = [p for p in fitting if all(len(row[p]) == 1 for row in found)]
    parts.append(_positives(case, fitting, best, found))
    results = [Result("possible numbers of positives", tuple(map(number, fitting)), shown=False)]
    if len(best) != 1:
        return [*parts, *_several(case, fitting, found)], results
    results.append(Result("positives", number(best[0]), Sum((TP, FN))))
    chosen = [row[best[0]][0] for row in found]
    more, made = _told(case, parts, chosen, harmonic, found)
    return more, [*results, *made]


def _searched(case: Asked) -> Part:
    words = ("A printed number stands for all values within half a unit of its last digit. Tried are all TP, FP and FN "
             f"with {'at most ' if case.samples is None else ''}{many(case.samples or SAMPLES, 'sample')}")
    words += f" and {case.positives} positives" if case.positives is not None else ""
    return Paragraph((f"{words}; those are kept whose {_and(case.used)} are printed so.",))


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _none(case: Asked, empty: Sequence[int]) -> list[Part]:
    """No counts fit: said, with what would."""
    rows = _and([str(k) for k in empty])
    words = f"No counts fit {case.word} {rows}"
    fewer = [name for name in case.used if name not in SEARCHED]
    if fewer:
        words += (f": {_and(case.used)} are not of one sample of this size. With counts_from = "
                  '["precision", "recall"] the others are left aside')
    return [Paragraph((f"{words}.",))]


def _only(found: Mapping[int, Sequence[Counts]]) -> Counts | None:
    counts = [c for own in found.values() for c in own]
    return counts[0] if len(counts) == 1 else None


def _positives(case: Asked, fitting: Sequence[int], best: Sequence[int], found: Sequence[Mapping[int, Any]]) -> Part:
    words: list[str | Node] = ["The same positives in every " + case.word + ": possible "]
    words += ["is " if len(fitting) == 1 else "are ", *listed([number(p) for p in fitting[:SHOWN]])]
    words += [f" and {len(fitting) - SHOWN} more"] if len(fitting) > SHOWN else []
    if len(best) == 1:
        words += [". With ", number(best[0]), f" there is exactly one solution for each {case.word}"]
        if len(fitting) > 1:
            words += [", with any other number several for some"]
    return Paragraph((*words, "."))


SHOWN = 8


def _several(case: Asked, fitting: Sequence[int], found: Sequence[Mapping[int, Sequence[Counts]]]) -> list[Part]:
    """Where the counts are not unique: how many there are for each number of positives."""
    header: tuple[Prose, ...] = (("positives",), *((f"{case.word} {k}",) for k in range(1, len(found) + 1)))
    rows = tuple(((str(p),), *((str(len(row[p])),) for row in found)) for p in fitting[:SHOWN])
    words = "So the counts are not determined: this many are printed so."
    if len(found) > SHOWN:
        return [Paragraph((words.replace(": this", ", and this").replace("printed so", "possible in some rows"),))]
    return [Paragraph((words,)), Table(header, rows, ("Possible counts for each number of positives.",))]


def _told(
    case: Asked, parts: list[Part], chosen: Sequence[Counts | None], harmonic: Sequence[Result],
    found: Sequence[Mapping[int, Sequence[Counts]]],
) -> Told:
    """The recovered counts worked out again, and everything in a table."""
    results: list[Result] = []
    for k, counts in enumerate(chosen, 1):
        if counts is None:
            total = sum(map(len, found[k - 1].values()))
            parts.append(Paragraph((f"For {case.word} {k} there are {total} solutions.",)))
        else:
            parts += _counted_f1(case, k, counts)
    parts += [*_table(case, chosen, harmonic), *_others(case, chosen)]
    if all(c is not None for c in chosen):
        results.append(_result(case, [c for c in chosen if c is not None], harmonic))
    results += [Result(f"{name}, {case.word} {k}", number(getattr(c, name)), shown=False)
                for k, c in enumerate(chosen, 1) if c is not None for name in ("tp", "fp", "fn")]
    results += [Result(f"F1 from the counts, {case.word} {k}", number(share), shown=False, number=float(share))
                for k, c in enumerate(chosen, 1) if c is not None and (share := value("F1", c)) is not None]
    return parts, results


def _counted_f1(case: Asked, k: int, counts: Counts) -> list[Part]:
    return measure("F1", counts, str(k), brief=k > 1)[0]


def _table(case: Asked, chosen: Sequence[Counts | None], harmonic: Sequence[Result]) -> list[Part]:
    header: tuple[Prose, ...] = ((case.word,), *((_short(n),) for n in case.names), ("F1",), (TP,), (FP,), (FN,),
                                 ("F1 of counts",))
    rows: tuple[tuple[Prose, ...], ...] = tuple(
        ((str(k),), *((printed.digits,) for printed in row.values()), (_f1_of(r, case.rows[k - 1]) or "–",),
         *((("–",),) * 3 if c is None else ((str(c.tp),), (str(c.fp),), (str(c.fn),))),
         _percent(None if c is None else value("F1", c)))
        for k, (row, r, c) in enumerate(zip(case.rows, harmonic, chosen, strict=True), 1)
    )
    words = "What is printed, F1 of it in %, the counts, and F1 of the counts in %."
    return [Table(header, rows, (words,))]


def _short(name: str) -> str:
    return _SHORT.get(name, name)


_SHORT = {"Matthews correlation": "MCC", "false positive rate": "FPR", "balanced accuracy": "balanced"}


def _percent(share: Any) -> Prose:
    """A share in percent."""
    return ("–",) if share is None else (approximate(Fraction(share) * 100, DIGITS),)


def _f1_of(result: Result, row: Row) -> Node | None:
    """F1 of what is printed, in percent; None where there is none."""
    share = numeric(result.value) if isinstance(result.value, Node) else None
    scale = 1 if any(row[name].percent for name in SEARCHED) else 100
    return None if share is None else approximate(share * scale, DIGITS)


def _result(case: Asked, chosen: Sequence[Counts], harmonic: Sequence[Result]) -> Result:
    """The table as one value: row, printed measures, F1 of them in %, TP, FP, FN, F1 of the counts in %."""
    rows: list[tuple[Node, ...]] = []
    for k, (row, result, c) in enumerate(zip(case.rows, harmonic, chosen, strict=True), 1):
        printed = [p.digits for p in row.values()]
        of_counts = value("F1", c) or Fraction(0)
        rows.append((number(k), *printed, _f1_of(result, row) or Symbol("none"),
                     number(c.tp), number(c.fp), number(c.fn), approximate(of_counts * 100, DIGITS)))
    return Result("table", tuple(rows), shown=False)


def _others(case: Asked, chosen: Sequence[Counts | None]) -> list[Part]:
    """The printed measures that were not used, held against the counts."""
    parts: list[Part] = []
    for name in (n for n in case.names if n not in case.used and case.samples is not None):
        shares = [None if c is None else value(name, c) for c in chosen]
        wrong = [k for k, (share, row) in enumerate(zip(shares, case.rows, strict=True), 1)
                 if share is not None and not row[name].holds(share)]
        if not wrong:
            parts.append(Paragraph((f"The counts also give the printed {name}.",)))
            continue
        share, printed = shares[wrong[0] - 1], case.rows[wrong[0] - 1][name]
        assert share is not None
        scale = 100 if printed.percent else 1
        first = (f"The printed {name} is of other data: in {case.word} {wrong[0]} these counts of {case.samples} "
                 "samples would give ")
        every = f"no {case.word} has the printed one" if len(wrong) == len(shares) else f"so in {len(wrong)} of them"
        words: Prose = (first, approximate(share * scale, 4), " where ", printed.digits, f" is printed, and {every}.")
        parts.append(Paragraph(words, remark=True))
    return parts
