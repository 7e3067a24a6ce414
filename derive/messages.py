"""What the command line says: complaints, progress, derivations, and the last lines of a run.

Called by :mod:`derive.cli` alone. Complaints and progress go to stderr, everything else to stdout. Colours and the
spinner are for terminals only. What is heavy is imported where it is used.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING

import click

from derive.errors import DeriveError

if TYPE_CHECKING:
    from rich.status import Status as Spinner

    from derive.batch import Batch
    from derive.saved import Saved
    from derive.steps import Derivation, Step

WIDEST = 120  # columns; longer lines are hard to read
QUIET_SECONDS = 5.0  # a run shorter than this says nothing on its way


def complain(error: DeriveError) -> None:
    """A message on stderr, with its hint."""
    click.echo(click.style("error: ", fg="red", bold=True) + error.message, err=True)
    if error.hint:
        click.echo(click.style("  hint: ", fg="cyan") + error.hint.replace("\n", "\n  "), err=True)


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

    def stop(self) -> None:
        """Remove the spinner."""
        if self.spinner is not None:
            self.spinner.stop()
            self.spinner = None


# --- derivations ---------------------------------------------------------------------------------


def show(derivations: Iterable[Derivation], detail: str) -> None:
    """The derivations in Unicode, coloured on a terminal."""
    from rich.console import Console

    from derive.documents.terminal import WIDTH, render

    width = min(columns(), WIDEST) if sys.stdout.isatty() else WIDTH
    console = Console(width=width, highlight=False)
    for derivation in derivations:
        with console.capture() as capture:
            console.print(render(derivation, width, detail))
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
        click.echo(f"{_counted(len(batch.derivations()), 'problem')}, {verdicts(batch.verdicts())}")


def _doubts(derivation: Derivation, *statuses: str) -> None:
    """The steps with one of these verdicts."""
    for step in derivation.all_steps():
        if step.verdict is not None and step.verdict.status in statuses:
            click.echo("\n".join(f"  {line}" for line in _doubt(step)))


def verdicts(counts: dict[str, int]) -> str:
    """``12 steps: 11 proved, 1 checked``."""
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    return f"{_counted(sum(counts.values()), 'step')}: {told or 'none'}"


def verified(saved: Saved) -> None:
    """The verdicts of one saved problem, and every step that is not proved."""
    click.echo(f"{saved.derivation.title}: {verdicts(saved.verdicts())}")
    _doubts(saved.derivation, "checked", "assumed", "undecided", "refuted")
    for reason in saved.unread:
        click.echo(f"  not read: {reason}")


def _doubt(step: Step) -> list[str]:
    from derive.write.text import text

    lines = [f"{text(step.before)} {step.relation} {text(step.after)}", f"  {step.rule}: {step.verdict}"]
    witness = step.verdict.witness if step.verdict else None
    if witness is not None:
        point = ", ".join(f"{name} = {value}" for name, value in witness.point)
        lines.append(f"  at {point}: left side {witness.left}, right side {witness.right}")
    return lines


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


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
