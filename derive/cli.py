"""The command line: ``derive solve``, ``steps``, ``list``, ``new``, ``verify``.

Reads arguments, calls :mod:`derive.batch`, :mod:`derive.api` and the documents, says what happened, and chooses
the exit code: 0 everything verified, 1 something refuted, 2 bad usage or input, 3 something undecided, 4 a tool
is missing, 5 some problems of a batch could not be solved, 70 an error in derive itself, 130 interrupted. A new
command is a function here; what is heavy is imported inside it, so that ``derive --help`` stays quick.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from derive import choices
from derive.errors import DeriveError

if TYPE_CHECKING:
    from derive.batch import Batch, Solved
    from derive.steps import Derivation

DETAILS = ("brief", "normal", "full")
ENGINES = ("auto", "tex", "typst")
USUAL_FORMATS = ("tex", "pdf")
OUTPUT = Path("output")

INTERNAL_ERROR = 70
INTERRUPTED = 130
PIPE_CLOSED = 141
QUIET_SECONDS = 2.0  # a run shorter than this says nothing on its way


class _Group(click.Group):
    """Keeps click from ending the program itself when the reader of our output goes away."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except BrokenPipeError as error:
            raise _PipeClosedError from error


class _PipeClosedError(Exception):
    """Nobody reads what we write, as in ``derive list | head -1``."""


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="derive")
@click.option("--debug", is_flag=True, help="Show Python's traceback when derive itself fails.")
def cli(debug: bool) -> None:
    """Step-by-step derivations for machine learning, every step verified.

    \b
    derive new gradient > mine.toml      a problem file to edit
    derive solve mine.toml               LaTeX, PDF and figures in output/mine/
    derive steps '\\frac{d}{dx} x^2'      one expression
    """


_detail = click.option("--detail", type=click.Choice(DETAILS), default="normal", show_default=True,
                       help="How many of the steps are shown.")


# --- solve ---------------------------------------------------------------------------------------


def _formats(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """``tex,pdf`` as a tuple; each must be one of the formats that exist."""
    if value is None:
        return None
    asked = tuple(dict.fromkeys(name.strip().lower() for name in value.split(",") if name.strip()))
    known = choices.names("documents")
    for name in asked:
        if name not in known:
            raise click.BadParameter(f"{name!r} is not one of {', '.join(known)}.")
    return asked


@cli.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Where to write (default: output/NAME of the file).")
@click.option("--format", "formats", callback=_formats, metavar="LIST",
              help="What to write, for instance tex,pdf,json (default: tex,pdf).")
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True, help="What makes the PDF.")
@_detail
@click.option("--only", multiple=True, metavar="NAME", help="Only problems with this in their title, or this number.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; write files only with -o or --format.")
@click.option("-q", "--quiet", is_flag=True, help="Do not show the derivation, only what was written.")
def solve(
    files: tuple[str, ...], output: Path | None, formats: tuple[str, ...] | None, engine: str, detail: str,
    only: tuple[str, ...], as_json: bool, quiet: bool,
) -> int:
    """Solve problem files, or shipped problems by name.

    Writes LaTeX, PDF and figures, and shows each derivation.
    """
    from derive.batch import Batch, Solved

    paths = [path for name in files for path in _problem_files(name)]
    progress = _Progress()
    batch = Batch(_complain, progress, only)
    for path, folder in zip(paths, _folders(paths, output), strict=True):
        solved = batch.solve(path)
        if output or formats or not as_json:
            progress(f"writing {folder}")
            _write(batch, solved, folder, formats or USUAL_FORMATS, engine, detail)
        progress.stop()
        if not (as_json or quiet):
            _show(solved.title, solved.derivations, detail)
    if only and not batch.derivations() and not batch.errors():
        raise click.UsageError(f"no problem matches --only {' '.join(only)}; there are:\n{_titles(paths)}")
    if as_json:
        _print_json(batch)
    else:
        _summary(batch)
    return batch.exit_code()


def _problem_files(name: str) -> list[Path]:
    """A file, the problem files of a folder, or the shipped problem of that name."""
    from derive.api import find

    path = find(name)
    found = sorted(path.rglob("*.toml")) if path.is_dir() else [path]
    if not found:
        raise DeriveError(f"{path}: there are no problem files (*.toml) in this folder")
    return found


def _folders(paths: Sequence[Path], output: Path | None) -> list[Path]:
    """Where each file's documents go: its own folder, unless the only file was given one."""
    if output and len(paths) == 1:
        return [output]
    folders: list[Path] = []
    for path in paths:
        wanted = (output or OUTPUT) / path.stem
        number = 2
        while wanted in folders:
            wanted = (output or OUTPUT) / f"{path.stem}-{number}"
            number += 1
        folders.append(wanted)
    return folders


def _write(
    batch: Batch, solved: Solved, folder: Path, formats: Sequence[str], engine: str, detail: str
) -> None:
    """Write a file's documents. What cannot be written is told; the other formats are still tried."""
    from derive.documents._tree import Options

    for name in formats if solved.derivations else ():
        try:
            written = choices.load("documents", name).write(
                solved.title, solved.derivations, folder, solved.path.stem, Options(detail, engine)
            )
        except DeriveError as error:
            batch.failed_to_write(error)
        else:
            solved.files += [file for file in written if file not in solved.files]


def _print_tex(derivations: Sequence[Derivation], detail: str) -> None:
    from derive.display import snippet

    for derivation in derivations:
        click.echo(snippet(derivation, detail))


def _titles(paths: Sequence[Path]) -> str:
    from derive.read.problems import titles

    return "\n".join(f"  {title}" for path in paths for title in titles(path))


def _summary(batch: Batch) -> None:
    """What was written, and the verdicts of all steps."""
    files = [file for solved in batch.solved for file in solved.files]
    if files:
        click.echo("Wrote")
        for file in files:
            click.echo(f"  {_relative(file)}")
    _say_verdicts(batch.verdicts(), len(batch.derivations()))


def _say_verdicts(verdicts: dict[str, int], problems: int) -> None:
    if not problems:
        return
    told = ", ".join(f"{count} {name}" for name, count in verdicts.items() if count)
    noun = "problem" if problems == 1 else "problems"
    click.echo(f"{problems} {noun}, {sum(verdicts.values())} steps: {told or 'none verified'}")


def _relative(path: Path) -> str:
    with suppress(ValueError, OSError):
        return str(path.resolve().relative_to(Path.cwd()))
    return str(path)


class _Progress:
    """Says on stderr what is being done, once that takes long; on a terminal with a spinner."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.status: object = None

    def __call__(self, text: str) -> None:
        if sys.stderr.isatty():
            self._spin(text)
        elif time.monotonic() - self.start > QUIET_SECONDS:
            click.echo(f"{text} ...", err=True)

    def _spin(self, text: str) -> None:
        from rich.console import Console

        self.stop()
        self.status = Console(stderr=True).status(text)
        self.status.start()  # type: ignore[attr-defined]

    def stop(self) -> None:
        """Remove the spinner."""
        if self.status is not None:
            self.status.stop()  # type: ignore[attr-defined]
            self.status = None


# --- steps ---------------------------------------------------------------------------------------


def _pairs(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, list[str]]:
    """``x=0`` options as a mapping; a name may come several times."""
    found: dict[str, list[str]] = {}
    for text in values:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise click.BadParameter(f"{text!r} should look like x=...")
        found.setdefault(name, []).append(value)
    return found


@cli.command()
@click.argument("expression")
@click.option("--to", metavar="FORM", help=r"The form to reach, for instance '\sigma(x)(1-\sigma(x))'.")
@click.option("--in-terms-of", multiple=True, metavar="PART", help=r"Write the answer with this, such as '\sigma(x)'.")
@click.option("--at", multiple=True, callback=_pairs, metavar="X=VALUE", help="Evaluate the answer there.")
@click.option("--where", multiple=True, callback=_pairs, metavar="X=DOMAIN", help="Declare a symbol: 'x=positive'.")
@click.option("--tex", is_flag=True, help="Print LaTeX.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_detail
def steps(
    expression: str, to: str | None, in_terms_of: tuple[str, ...], at: dict[str, list[str]],
    where: dict[str, list[str]], tex: bool, as_json: bool, detail: str,
) -> int:
    r"""Derive one expression, for instance '\frac{d}{dx} x^2'.

    A derivative is taken, an equation is shown, anything else is simplified.
    """
    from derive import api
    from derive.batch import Batch, Solved

    batch = Batch(_complain)
    solved = Solved(Path(), "")
    batch.solved.append(solved)
    domains = {name: values[-1] for name, values in where.items()}
    batch.solve_problem(api.problem_of(expression, to, in_terms_of, at, domains), solved)
    if as_json:
        _print_json(batch)
    elif tex:
        _print_tex(solved.derivations, detail)
    else:
        _show("", solved.derivations, detail)
    return batch.exit_code()


# --- list, new, verify ---------------------------------------------------------------------------


@cli.command("list")
def list_() -> int:
    """List the kinds of problem, and the problems that come with derive."""
    from derive import resources
    from derive.read.problems import titles

    kinds = [(name, choices.load("kinds", name).SUMMARY) for name in choices.names("kinds")]
    _say_list("Kinds of problem (derive new KIND)", kinds)
    files = resources.problem_files().items()
    shipped = [(name.rpartition("/")[2], "".join(titles(path)[:1])) for name, path in files]
    _say_list("Problems that come with derive (derive solve NAME)", shipped)
    return 0


def _say_list(heading: str, rows: Sequence[tuple[str, str]]) -> None:
    """Names and what they are, wrapped to the terminal."""
    formatter = click.HelpFormatter(width=min(click.get_current_context().terminal_width or _width(), 100))
    with formatter.section(heading):
        formatter.write_dl(rows or [("none", "")], col_max=36)
    click.echo(formatter.getvalue())


def _width() -> int:
    from shutil import get_terminal_size

    return get_terminal_size().columns


@cli.command()
@click.argument("kind")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write to a file instead of the screen.")
def new(kind: str, output: Path | None) -> int:
    """Print a problem file of a KIND to start from, with a comment on every key."""
    from derive import files
    from derive.read.skeleton import problem_file

    known = choices.names("kinds")
    if kind not in known:
        raise click.UsageError(f"there is no kind {kind!r}; kinds are {', '.join(known)}")
    if output is None:
        click.echo(problem_file(kind), nl=False)
    elif output.exists():
        raise DeriveError(f"{output} exists and is left as it is", "choose another name")
    else:
        files.write_text(output, problem_file(kind))
        click.echo(f"Wrote {output}; now: derive solve {output}")
    return 0


# --- the program ---------------------------------------------------------------------------------


def _complain(error: DeriveError) -> None:
    """A message on stderr, with its hint."""
    click.echo(click.style("error: ", fg="red", bold=True) + error.message, err=True)
    if error.hint:
        click.echo(click.style("  hint: ", fg="cyan") + error.hint.replace("\n", "\n  "), err=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code. Nothing that is foreseen shows a traceback."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except (BrokenPipeError, _PipeClosedError):
        return _pipe_closed()
    except Exception as error:
        if "--debug" in arguments[:1]:
            raise
        said = f"{type(error).__name__}: {error}".split("\n")[0][:300]
        click.echo(f"error in derive itself ({said}); please report it with the output of derive --debug ...", err=True)
        return INTERNAL_ERROR
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        return int(cli.main(list(arguments), prog_name="derive", standalone_mode=False) or 0)
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except DeriveError as error:
        _complain(error)
        return error.exit_code
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        _complain(DeriveError(f"{error.filename or 'output'}: {error.strerror or error}"))
    except (RecursionError, MemoryError):
        _complain(DeriveError("the problem is too large"))
    return DeriveError.exit_code


def _pipe_closed() -> int:
    """The reader of our output went away; there is nobody to complain to, not even at the end of the program."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED
