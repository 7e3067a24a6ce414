r"""Several trainings side by side: what this program gets beside what somebody printed, and whether claims hold.

Called by the kind ``train`` for a problem with ``runs``. A claim says that some runs have a smaller number in a column
than others; it is held against the printed numbers and against ours, and the pair that contradicts it is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.errors import DeriveError
from derive.kinds._shared import listed
from derive.kinds._train_results import BOUNDED, Section, boundary_figure, loss_figure, number_cell, result
from derive.kinds._train_run import Run
from derive.kinds._train_told import bound_parts, parameters_of, spoken
from derive.numeric.metrics import value
from derive.numeric.value import value_of
from derive.read.fields import number as read_number
from derive.read.fields import type_name
from derive.steps import Heading, Paragraph, Part, Prose, Result, Table
from derive.tree import Node, Number, number
from derive.write.numbers import decimal_text

GRID = 41  # values along each side of a small picture
DIGITS = 3
UNITS = {"epochs": " epochs", "train": " as training loss", "test": " as test loss"}
"""What a claim may be about, and how its numbers are spoken."""


@dataclass(frozen=True)
class Measured:
    """A number, or only that it is more than that (``above``)."""

    value: float
    above: bool = False

    def less(self, other: Measured) -> bool | None:
        """Whether it is smaller than another; None where that is not known."""
        if self.above:
            return False if not other.above and self.value >= other.value else None
        return self.value < other.value or (None if other.above else False)

    def __str__(self) -> str:
        return ("more than " if self.above else "") + decimal_text(self.value, DIGITS)


@dataclass(frozen=True)
class Line:
    """A run with its name and what it was printed to give."""

    name: str
    run: Run

    @property
    def printed(self) -> Mapping[str, Any]:
        """What somebody printed."""
        return self.run.configuration.printed

    def ours(self, column: str) -> Measured:
        """What this program gets: losses at the end; how many epochs it takes to the loss that is to be reached."""
        course = self.run.course
        if column == "epochs":
            found = self.reached
            return Measured(course.epochs, above=True) if found is None else Measured(found)
        losses = course.train_loss if column == "train" else course.test_loss
        return Measured(float(losses[course.chosen]))

    def theirs(self, column: str) -> Measured | None:
        """The printed number."""
        found = self.printed.get(column)
        return None if found is None else Measured(value_of(found))

    @property
    def left(self) -> tuple[Node, ...]:
        """The features that the first layer still uses."""
        return tuple(self.run.configuration.features[k] for k in self.run.kept())

    @property
    def reached(self) -> int | None:
        """The first epoch with the training loss that is to be reached; None for never."""
        return self.run.course.reached(self.run.configuration.reach)


def table_section(runs: Sequence[Run]) -> Section:
    """The table of all runs, with what was printed beside it, and the pictures."""
    lines = [Line(run.configuration.name, run) for run in runs]
    parts: list[Part] = [Heading(("The networks",)), _networks(lines), Heading(("What came out",)), _outcomes(lines)]
    parts += _remarks(lines)
    parts += _features([line for line in lines if line.run.configuration.settings.l1 or line.printed.get("features")])
    parts += _gradients([line for line in lines if line.run.configuration.hidden])
    named = [(line.name, line.run) for line in lines]
    parts += [loss_figure(named), boundary_figure(named, GRID)]
    results = [r for line in lines for r in _results(line)]
    return parts, results


def _results(line: Line) -> list[Result]:
    course = line.run.course
    return [
        Result(f"parameters: {line.name}", number(parameters_of(line.run.configuration.sizes))),
        result(f"training loss: {line.name}", float(course.train_loss[course.chosen]), shown=False),
        result(f"test loss: {line.name}", float(course.test_loss[course.chosen]), shown=False),
        Result(f"accuracy on the test points: {line.name}", _accuracy(line), shown=False),
    ]


def _accuracy(line: Line) -> Node:
    return number(value("accuracy", line.run.counts(line.run.test)) or 0)


def _gradients(lines: Sequence[Line]) -> list[Part]:
    """How large the gradients of the first and of the last layer are at the start; the bounds of the activations."""
    hidden = dict.fromkeys(name for line in lines for _, name in line.run.configuration.hidden)
    if len(hidden) < 2:
        return []
    header: tuple[Prose, ...] = (("run",), ("first layer",), ("last layer",), ("first by last",))
    rows = []
    for line in lines:
        norms = [line.run.course.norms[0].get(w) for w in line.run.batch.weights]
        first, last = norms[0], norms[-1]
        ratio = first / last if first is not None and last else None
        rows.append(((line.name,), number_cell(first, DIGITS), number_cell(last, DIGITS), number_cell(ratio, DIGITS)))
    caption = "The norm of the gradient by the first and by the last layer's weights at the start."
    return [Heading(("The size of the gradients",)), Paragraph((BOUNDED,)), *bound_parts(list(hidden)),
            Table(header, tuple(rows), (caption,))]


def _networks(lines: Sequence[Line]) -> Table:
    """Features, layers, activation, parameters."""
    header: tuple[Prose, ...] = (("run",), ("features",), ("layers",), ("hidden units",), ("parameters",))
    rows = []
    for line in lines:
        given = line.run.configuration
        features = [part for feature in given.features for part in (", ", feature)][1:]
        activations = ", ".join(dict.fromkeys(spoken(a) for _, a in given.hidden)) or "none"
        rows.append(((line.name,), tuple(features), ("–".join(map(str, given.sizes)),), (activations,),
                     (str(parameters_of(given.sizes)),)))
    caption = "What each run trains. A layer of m units with k inputs has k m + m parameters."
    return Table(header, tuple(rows), (caption,))


def _outcomes(lines: Sequence[Line]) -> Table:
    """Losses printed and ours, accuracy, epochs."""
    compared = any(line.printed for line in lines)
    header: list[Prose] = [("run",), ("epochs",)]
    reach = dict.fromkeys(decimal_text(line.run.configuration.reach, DIGITS) for line in lines)
    columns: list[Callable[[Line], Prose]] = [lambda line: (line.name,), lambda line: (str(line.run.course.epochs),)]
    for key, words in (("train", "training"), ("test", "test")):
        if compared:
            header.append((f"{key}: printed",))
            columns.append(_printed(key))
        header.append((f"{key}: here" if compared else f"{words} loss",))
        columns.append(_ours(key))
    header += [("accuracy",), ("reached at",)]
    columns.append(lambda line: (Number(f"{_share(line):.{DIGITS}f}"),))
    columns.append(lambda line: ("–" if line.reached is None else str(line.reached),))
    caption = ("Losses after the last epoch; the share of test points that are classified rightly; the first epoch "
               f"with a training loss of {' or '.join(reach)}.")
    return Table(tuple(header), tuple(tuple(column(line) for column in columns) for line in lines), (caption,))


def _printed(key: str) -> Callable[[Line], Prose]:
    return lambda line: (line.printed[key],) if key in line.printed else ("–",)


def _ours(key: str) -> Callable[[Line], Prose]:
    def cell(line: Line) -> Prose:
        if line.run.course.diverged is not None:
            return ("diverges",)
        return (Number(f"{line.ours(key).value:.{DIGITS}f}"),)

    return cell


def _share(line: Line) -> float:
    """The accuracy on the test points, of which there is at least one."""
    return float(value("accuracy", line.run.counts(line.run.test)) or 0)


def _remarks(lines: Sequence[Line]) -> list[Part]:
    """Runs that ended early, that differ much from what was printed, that learned nothing."""
    found: list[str] = []
    for line in lines:
        lost, settings = line.run.course.diverged, line.run.configuration.settings
        if lost is not None:
            found.append(f"{line.name} diverges: after step {lost.step} (epoch {lost.epoch}) the loss is "
                         f"{lost.value:g}; the learning rate {settings.learning_rate:g} is too large.")
        elif line.run.course.ended in ("interrupted", "time"):
            why = "was interrupted" if line.run.course.ended == "interrupted" else "ran out of time"
            found.append(f"{line.name} {why} after {line.run.course.epochs} of {settings.epochs} epochs.")
        if not line.run.kept():
            found.append(f"{line.name}: L1 has set all weights of the first layer to zero; the output is the same "
                         "everywhere.")
    return [Paragraph((text,), remark=True) for text in found] + _unlike(lines)


def _unlike(lines: Sequence[Line]) -> list[Part]:
    """Runs that learned where the printed one did not, and the other way round: half the loss at the start divides."""
    found: list[Part] = []
    for line in lines:
        theirs, ours = line.theirs("train"), line.ours("train")
        start = float(line.run.course.train_loss[0])
        if theirs is None or (theirs.value < start / 2) == (ours.value < start / 2):
            continue
        learned = "learned" if ours.value < theirs.value else "has not learned"
        words = (f"{line.name}: the printed training loss is {theirs}, here it is {ours} after as many epochs "
                 f"({decimal_text(start, DIGITS)} at the start). This run {learned}; the printed one is the opposite.")
        found.append(Paragraph((words,), remark=True))
    return found


def _features(lines: Sequence[Line]) -> list[Part]:
    """How much of each feature the first layer uses, and whether what was printed to be kept is that."""
    if len({line.run.configuration.features for line in lines}) != 1:
        return []
    features = lines[0].run.configuration.features
    header: tuple[Prose, ...] = (("run",), ("zero weights",), *((feature,) for feature in features))
    rows = []
    for line in lines:
        norms = np.linalg.norm(line.run.weights[0], axis=0)
        shares: list[Prose] = [(("0",) if norm == 0 else (Number(f"{norm:.2f}"),)) for norm in norms]
        total = sum(w.size for w in line.run.weights)
        rows.append(((line.name,), (f"{line.run.zeros()} of {total}",), *shares))
    caption = "The norm of the first layer's weights from each feature, and how many weights of all layers are zero."
    parts: list[Part] = [Table(header, tuple(rows), (caption,))]
    return [*parts, *(Paragraph(words, remark=True) for words in _unlike_features(lines))]


def _unlike_features(lines: Sequence[Line]) -> list[Prose]:
    """Where the features that are left are others than the printed ones; two runs that seem to be exchanged."""
    found: list[Prose] = []
    judged = [line for line in lines if line.run.configuration.settings.l1 and line.printed.get("features")]
    unlike = [line for line in judged if set(line.printed["features"]) != set(line.left)]
    for k, line in enumerate(unlike):
        printed = listed(line.printed["features"])
        left = listed(line.left) if line.left else ("none",)
        words: Prose = (f"{line.name}: printed to be kept are ", *printed, ", left here: ", *left, ".")
        others = [o for o in unlike[:k] if set(o.left) == set(line.printed["features"])
                  and set(o.printed["features"]) == set(line.left)]
        if others:
            words = (*words, f" The printed features of {line.name} and of {others[0].name} are exchanged.")
        found.append(words)
    return found


# --- claims -----------------------------------------------------------------------------------------


Named = list[tuple[str, Measured]]
"""Numbers with the names of the runs that have them."""


def claims_section(given: Any, runs: Sequence[Run]) -> list[Part]:
    """Each claim, whether it follows from the printed numbers, and whether from ours. DeriveError for a bad claim."""
    if given is None:
        return []
    if not isinstance(given, list):
        raise DeriveError(f"claims: expected a list of tables, found {type_name(given)}", _EXAMPLE)
    lines = [Line(run.configuration.name, run) for run in runs]
    parts: list[Part] = [Heading(("Claims",))]
    for k, claim in enumerate(given, 1):
        try:
            parts += _claim(claim, lines)
        except DeriveError as error:
            raise DeriveError(f"claim {k}: {error.message}", error.hint) from error
    return parts


_EXAMPLE = "claims = [{text = 'ReLU needs fewer epochs', column = 'epochs', smaller = [1], than = [2]}]"


def _claim(claim: Any, lines: Sequence[Line]) -> list[Part]:
    if not isinstance(claim, Mapping) or not {"text", "column", "smaller", "than"} <= set(claim):
        raise DeriveError("a claim has text, column, smaller and than", _EXAMPLE)
    column = claim["column"]
    if column not in UNITS:
        raise DeriveError(f"there is no column {column!r}", f"columns are {', '.join(UNITS)}")
    (few, ours_few), (many, ours_many) = (_sides(claim[key], column, lines) for key in ("smaller", "than"))
    told = [f"“{claim['text']}”", _judged("The printed numbers", few, many, column),
            _judged("Ours" if few or many else "The numbers", ours_few, ours_many, column)]
    return [Paragraph((" ".join(filter(None, told)),))]


def _sides(given: Any, column: str, lines: Sequence[Line]) -> tuple[Named, Named]:
    """The printed numbers and ours, of runs by their place, or numbers from elsewhere with a name."""
    theirs: Named = []
    ours: Named = []
    for item in given if isinstance(given, list) else [given]:
        if isinstance(item, int) and not isinstance(item, bool) and 1 <= item <= len(lines):
            line = lines[item - 1]
            printed = line.theirs(column)
            theirs += [] if printed is None else [(line.name, printed)]
            ours.append((line.name, line.ours(column)))
        elif isinstance(item, Mapping) and {"name", "printed"} <= set(item):
            theirs.append((str(item["name"]), Measured(value_of(read_number(item["printed"])))))
        else:
            raise DeriveError(f"{item!r} is neither the number of a run, 1 to {len(lines)}, nor one from elsewhere",
                              "{name = 'Table 1, spiral', printed = 0.051}")
    return theirs, ours


def _judged(words: str, few: Named, many: Named, column: str) -> str:
    """Whether every number of one side is smaller than every number of the other; nothing where none is known."""
    pairs = [(a, b, x, y, x.less(y)) for a, x in few for b, y in many]
    if not pairs:
        return ""
    wrong = [pair for pair in pairs if pair[4] is False]
    if wrong:
        a, b, x, y, _ = wrong[0]
        more = f", and so for {len(wrong) - 1} more of {len(pairs)} pairs" if len(wrong) > 1 else ""
        return f"{words} contradict it: {a} has {x}{UNITS[column]}, {b} has {y}{more}."
    open_ = sum(pair[4] is None for pair in pairs)
    if open_:
        return f"{words} leave it open: {open_} of {len(pairs)} pairs did not come so far."
    return f"{words} agree."
