"""What the command line says: complaints, progress, derivations, and the last lines of a run.

Called by :mod:`derive.cli` alone. Complaints and progress go to stderr, everything else to stdout. Colours and the
spinner are for terminals only. What is heavy is imported where it is used.
"""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from derive.errors import DeriveError

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.status import Status as Spinner

    from derive.batch import Batch
    from derive.echo import Echo
    from derive.questions import Question
    from derive.read.texts import Line, Text
    from derive.saved import Saved
    from derive.steps import Derivation, Step, Verdict
    from derive.tree import Node

WIDEST = 120  # columns; longer lines are hard to read
BAR = 24  # columns of a progress bar
QUIET_SECONDS = 5.0  # a run shorter than this says nothing on its way


def complain(error: DeriveError) -> None:
    """A message on stderr, with its hint."""
    click.echo(click.style("error: ", fg="red", bold=True) + error.message, err=True)
    if error.hint:
        click.echo(click.style("  hint: ", fg="cyan") + error.hint.replace("\n", "\n  "), err=True)


def note(words: str) -> None:
    """On stderr, what a person should know of a run in which nothing went wrong."""
    click.echo(click.style("note: ", fg="yellow", bold=True) + words, err=True)


class Progress:
    """Says on stderr what is being done, once that takes long; on a terminal with a spinner."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.spinner: Spinner | None = None

    def __call__(self, text: str) -> None:
        """Say it."""
        if sys.stderr.isatty():
            self._spin(text)
        elif time.monotonic() - self.start > QUIET_SECONDS:
            click.echo(f"{text} ...", err=True)

    def _spin(self, text: str) -> None:
        from rich.console import Console
        from rich.text import Text

        self.stop()
        self.spinner = Console(stderr=True).status(Text(text))
        self.spinner.start()

    def bar(self, text: str, done: int, total: int) -> None:
        """Show how far something is, beside the spinner; nothing where there is none."""
        if self.spinner is None:
            return
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        shown = Table.grid(padding=(0, 1))
        shown.add_row(Text(text), ProgressBar(total, done, width=BAR), Text(f"{done:,} of {total:,}"))
        self.spinner.update(shown)

    def stop(self) -> None:
        """Remove the spinner."""
        if self.spinner is not None:
            self.spinner.stop()
            self.spinner = None


class Counting:
    """How many of many jobs are done, on stderr: on a terminal a bar with the time left, else nothing but complaints.

    Used as a context manager.
    """

    def __init__(self, what: str, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(BAR), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task(what, total=total)

    def __enter__(self) -> Counting:
        """Show the bar."""
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the bar."""
        self._progress.stop()

    def reached(self, what: str, done: int, total: int) -> None:
        """So many of so many are done: a listener of :func:`derive.progress.heard`."""
        self._progress.update(self._task, description=what, completed=done, total=total)

    def one(self, name: str = "", errors: Iterable[str] = ()) -> None:
        """One more is done; what went wrong with it is said above the bar."""
        self._progress.advance(self._task)
        for error in errors:
            self._progress.console.print(f"{name}: {error}", markup=False, highlight=False, soft_wrap=True)


# --- derivations ---------------------------------------------------------------------------------


def show(derivations: Iterable[Derivation], detail: str, language: str = "en") -> None:
    """The derivations in Unicode, coloured on a terminal."""
    from rich.console import Console

    from derive.documents._languages import language as words
    from derive.documents._terminal import WIDTH, render

    width = min(columns(), WIDEST) if sys.stdout.isatty() else WIDTH
    console = Console(width=width, highlight=False)
    for derivation in derivations:
        with console.capture() as capture:
            console.print(render(derivation, width, detail, words(language)))
        lines = capture.get().rstrip().split("\n")
        click.echo("\n".join(line.rstrip() for line in lines) + "\n", color=True)


def print_tex(derivations: Iterable[Derivation], detail: str) -> None:
    """The displays of the derivations as LaTeX."""
    from derive.display import snippet

    for derivation in derivations:
        click.echo(snippet(derivation, detail))


def print_json(batch: Batch) -> None:
    """The derivations of all files and, beside the schema's keys, what went wrong."""
    from derive.documents.json import as_json, dumps

    data = as_json([])
    for solved in batch.solved:
        data["problems"] += as_json(solved.derivations, map(relative, solved.files))["problems"]
    if batch.errors():
        data["errors"] = [{"message": error.message, "hint": error.hint} for error in batch.errors()]
    click.echo(dumps(data), nl=False)


# --- answers --------------------------------------------------------------------------------------


SIDES = ("left side", "right side")


def show_answer(asked: Question, verdict: Verdict) -> None:
    """The statement as it was read, what is known, the verdict, the counter-example."""
    from derive.documents._terminal import MARKS, statement

    width = min(columns(), WIDEST)
    _print(statement(asked.before, asked.relation, asked.after, width), width)
    for line in _known(asked):
        _wrapped(line, width)
    mark, colour = MARKS[verdict.status]
    method = f" ({verdict.method})" if verdict.method else ""
    click.echo(f"\n{click.style(f'{mark} {verdict.status}', fg=colour.split()[-1], bold=True)}{method}")
    if verdict.condition:
        _wrapped(f"where {', '.join(verdict.condition)}", width)
    if verdict.detail:
        _wrapped(verdict.detail, width)
    if verdict.witness is not None:
        click.echo("  a counter-example:")
        values = zip(SIDES, (verdict.witness.left, verdict.witness.right), strict=True)
        _rows([*verdict.witness.point, *values], width, "    ")


def _known(asked: Question) -> list[str]:
    """What is declared, defined and given beside it, a line each."""
    from derive.write.text import text

    said = [f"{text(symbol)} {_is(says)}" for symbol, says in asked.context.domains.items()]
    others = [text(other) for other in asked.others]
    lines = [f"for {', '.join([*said, *others])}"] if said or others else []
    return [*lines, *(f"with {text(d.equation)}" for d in asked.context.definitions)]


def _is(says: str) -> str:
    return f"in {says}" if says[0] in "([" else says


def _wrapped(words: str, width: int, indent: str = "  ") -> None:
    click.echo("\n".join(_lines(words, width, indent, indent + "  ")))


def _lines(words: str, width: int, first: str, rest: str) -> list[str]:
    return textwrap.wrap(words, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


def _rows(rows: Iterable[tuple[str, str]], width: int, indent: str = "  ") -> None:
    """Names and values in two columns; a long value goes on below itself."""
    from rich.cells import cell_len

    rows = list(rows)
    room = max((cell_len(name) for name, _ in rows), default=0)
    for name, value in rows:
        start = f"{indent}{name}{' ' * (room - cell_len(name))}  "
        rest = " " * cell_len(start)
        click.echo("\n".join(_lines(value, width, start, rest)) or start)


def _print(shown: RenderableType, width: int) -> None:
    from rich.console import Console

    console = Console(width=width, highlight=False, color_system=None)
    with console.capture() as capture:
        console.print(shown)
    click.echo("\n".join(line.rstrip() for line in capture.get().rstrip().split("\n")))


def print_answer_json(asked: Question, verdict: Verdict) -> None:
    """The question and its verdict: schema ``derive/equal/1``."""
    from derive.documents.json import definition_text, dumps, verdict_data
    from derive.write.latex import latex

    click.echo(dumps({
        "schema": "derive/equal/1",
        "before": latex(asked.before), "relation": asked.relation, "after": latex(asked.after),
        "domains": {latex(symbol): says for symbol, says in asked.context.domains.items()},
        "conditions": [latex(other) for other in asked.others],
        "definitions": [definition_text(d) for d in asked.context.definitions],
        "verdict": verdict_data(verdict),
    }), nl=False)


# --- how formulas are read ------------------------------------------------------------------------


def show_echo(told: Echo, remark: str = "") -> None:
    """A formula as it was read: as text, LaTeX, SymPy, its names, its tree."""
    from derive.echo import UNWRITTEN

    width = min(columns(), WIDEST)
    rows = [("text", told.text), ("LaTeX", told.latex), ("SymPy", told.sympy or UNWRITTEN)]
    _rows([*rows, ("", remark)] if remark else rows, width)
    if told.names:
        click.echo("\nnames")
        _rows(told.names, width)
    click.echo("\ntree")
    for line in told.outline:
        click.echo(f"  {line}")


def print_echo_json(told: Echo, remark: str = "") -> None:
    """The same as JSON: schema ``derive/read/1``; the tree as ``derive.saved.pack`` writes it."""
    from derive.documents.json import dumps
    from derive.saved import pack

    data = {
        "schema": "derive/read/1", "text": told.text, "latex": told.latex, "sympy": told.sympy or None,
        "names": [{"name": name, "meaning": meaning} for name, meaning in told.names], "tree": pack(told.node),
    }
    click.echo(dumps(data | ({"remark": remark} if remark else {})), nl=False)


def show_text(found: Text) -> None:
    """The formulas of a text with line and column, each as it is read or why not; a chain is indented."""
    width = min(columns(), WIDEST)
    edge = max((len(_place(line)) for line in found.lines()), default=0)
    chains = {id(line): chain for chain in found.chains for line in chain.lines}
    before: Line | None = None
    for line in found.lines():
        chain = chains[id(line)]
        goes_on = line is not chain.lines[0]
        if goes_on and before is not None and chains[id(before)] is not chain:
            click.echo(f"{'':>{edge}}  (from {_place(chain.lines[0])})")
        _show_line(line, f"{_place(line):>{edge}}  {'  ' if goes_on else ''}", width)
        before = line
    refused = len(found.errors())
    read = f"{len(found.lines()) - refused} read" + (f", {refused} not read" if refused else "")
    click.echo(f"{counted(len(found.lines()), 'line')} in {counted(len(found.formulas()), 'formula')}: {read}")


def _place(line: Line) -> str:
    return f"{line.line}:{line.column}"


def _show_line(line: Line, start: str, width: int) -> None:
    sign = f"{_sign(line.sign)} " if line.sign else ""
    if line.error is None and line.node is not None:
        rest = " " * (len(start) + len(sign) + 2)
        shown = _text_of(line.node)
        click.echo("\n".join(_lines(shown, width, start + sign, rest)))
    elif line.error is not None:
        where = f" (at {line.error.line}:{line.error.column})" if (line.error.line, line.error.column) != (
            line.line, line.column) else ""
        click.echo(start + click.style("not read", fg="red", bold=True) + f": {line.error.problem}{where}")
        click.echo(textwrap.indent(line.error.picture, " " * len(start)))
        if line.error.hint:
            _wrapped(f"hint: {line.error.hint}", width, " " * (len(start) + 2))


def _text_of(node: Node) -> str:
    from derive.echo import shown
    from derive.write.text import text

    return shown(text, node)


def _sign(sign: str) -> str:
    from derive.documents._tree import sign_text

    return sign_text(sign)


def print_text_json(found: Text) -> None:
    """The formulas of a text: schema ``derive/text/1``."""
    from derive.documents.json import dumps

    chains = {id(line): number for number, chain in enumerate(found.chains, 1) for line in chain.lines}
    lines = [
        _line_data(line) | {"chain": chains[id(line)], "display": formula.display}
        for formula in found.formulas() for line in formula.lines
    ]
    click.echo(dumps({"schema": "derive/text/1", "file": found.file, "lines": lines}), nl=False)


def _line_data(line: Line) -> dict[str, object]:
    data: dict[str, object] = {"line": line.line, "column": line.column, "sign": line.sign, "source": line.latex}
    if line.node is not None:
        data["text"] = _text_of(line.node)
    if line.error is not None:
        error = line.error
        data["error"] = {
            "line": error.line, "column": error.column, "message": error.problem, "hint": error.hint,
        }
    return data


# --- the end of a run ----------------------------------------------------------------------------


def summary(batch: Batch) -> None:
    """What was written, and the verdicts of all steps."""
    files = [file for solved in batch.solved for file in solved.files]
    if files:
        click.echo("Wrote")
    for file in files:
        click.echo(f"  {relative(file)}")
    if "undecided" in batch.verdicts():
        click.echo("Not decided")
    for derivation in batch.derivations():
        _doubts(derivation, "undecided")
    if batch.derivations():
        click.echo(f"{counted(len(batch.derivations()), 'problem')}, {verdicts(batch.verdicts())}")


def _doubts(derivation: Derivation, *statuses: str) -> None:
    """The steps with one of these verdicts."""
    for step in derivation.all_steps():
        if step.verdict is not None and step.verdict.status in statuses:
            click.echo("\n".join(f"  {line}" for line in _doubt(step)))


def verdicts(counts: dict[str, int]) -> str:
    """``12 steps: 11 proved, 1 checked``."""
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    return f"{counted(sum(counts.values()), 'step')}: {told or 'none'}"


def verified(saved: Saved) -> None:
    """The verdicts of one saved problem, and every step that is not proved."""
    click.echo(f"{saved.derivation.title}: {verdicts(saved.verdicts())}")
    _doubts(saved.derivation, "checked", "assumed", "undecided", "refuted")
    for reason in saved.unread:
        click.echo(f"  not read: {reason}")


def _doubt(step: Step) -> list[str]:
    from derive.write.text import text

    rule = f"{step.rule}: " if step.rule else ""  # a saved file may have no names of rules
    lines = [f"{text(step.before)} {step.relation} {text(step.after)}", f"  {rule}{step.verdict}"]
    witness = step.verdict.witness if step.verdict else None
    if witness is not None:
        point = ", ".join(f"{name} = {value}" for name, value in witness.point)
        lines.append(f"  at {point}: left side {witness.left}, right side {witness.right}")
    return lines


def counted(number: int, noun: str) -> str:
    """``1 problem``, ``1,000 problems``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def relative(path: Path) -> str:
    """A path as seen from here, where it lies below."""
    with suppress(ValueError, OSError):
        return str(path.resolve().relative_to(Path.cwd()))
    return str(path)


def table(heading: str, rows: Sequence[tuple[str, str]]) -> None:
    """Names and what they are, wrapped to the terminal."""
    formatter = click.HelpFormatter(width=min(columns(), WIDEST))
    with formatter.section(heading):
        formatter.write_dl(rows or [("none", "")], col_max=40)
    click.echo(formatter.getvalue())


def columns() -> int:
    """How wide the terminal is."""
    return get_terminal_size().columns
