"""The command line: ``derive solve``, ``steps``, ``equal``, ``read``, ``notation``, ``list``, ``new``, ``verify``,
and the group ``worksheet`` of :mod:`derive.worksheet_cli`.

Reads arguments, calls :mod:`derive.batch` and the documents, and chooses the exit code: 0 everything verified,
1 something refuted, 2 bad usage or input, 3 something undecided, 4 a tool is missing, 5 some problems of a batch
could not be solved, 70 an error in derive itself, 130 interrupted, 141 nobody reads the output. A new command is a
function here; what is heavy is imported inside it, so that ``derive --help`` stays quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import derive._collector  # noqa: F401  before what is heavy
from derive import choices, messages
from derive.errors import DeriveError

if TYPE_CHECKING:
    from derive.batch import Batch, Solved

DETAILS = ("brief", "normal", "full")
ENGINES = ("auto", "tex", "typst")
LANGUAGES = ("en", "de", "fr", "es")
USUAL_FORMATS = ("tex", "pdf")
OUTPUT = Path("output")

INTERNAL_ERROR = 70
INTERRUPTED = 130
PIPE_CLOSED = 141


ELSEWHERE = {"worksheet": "derive.worksheet_cli"}
"""Groups of commands that have a module of their own, which is imported when it is asked for; they are called alike."""


class _Group(click.Group):
    """Finds the commands of other modules.

    Keeps click from ending the program itself when the reader of our output goes away.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in ELSEWHERE:
            found: click.Command = getattr(import_module(ELSEWHERE[cmd_name]), cmd_name)
            return found
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
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
    derive equal '\\sqrt{x^2}' 'x' --where 'x > 0'
    """


_detail = click.option("--detail", type=click.Choice(DETAILS), default="normal", show_default=True,
                       help="How many of the steps are shown.")


# --- solve ---------------------------------------------------------------------------------------


def listed(folder: str) -> Callable[[click.Context, click.Parameter, str | None], tuple[str, ...] | None]:
    """How an option such as ``tex,pdf`` becomes a tuple; each must be one of the choices of a folder."""

    def read(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...] | None:
        if value is None:
            return None
        asked = tuple(dict.fromkeys(name.strip().lower() for name in value.split(",") if name.strip()))
        known = choices.names(folder)
        for name in asked:
            if name not in known:
                raise click.BadParameter(f"{name!r} is not one of {', '.join(known)}.")
        return asked

    return read


_formats = listed("documents")


def look(command: Callable[..., int]) -> Callable[..., int]:
    """The options of how documents look; the command gets them by the names that they have in ``Options``."""
    for option in reversed((
        click.option("--style", default="article", show_default=True, metavar="NAME",
                     help="The look: article, handout, slides, slides-handout (no overlays), or one of your own."),
        click.option("--author", default="", metavar="NAME", help="Printed at the head."),
        click.option("--course", default="", metavar="NAME", help="Printed at the head."),
        click.option("--date", default="", metavar="DATE", help="Printed at the head; 2026-11-21 in words."),
        click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True,
                     help="Of the fixed words; rules and sentences stay English."),
        click.option("--template", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="DIR",
                     help="A folder with templates of your own."),
    )):
        command = option(command)
    return command


@cli.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="Where to write (default: output/NAME of the file).")
@click.option("--format", "formats", callback=_formats, metavar="LIST",
              help="What to write, for instance tex,pdf,json (default: tex,pdf).")
@click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True, help="What makes the PDF.")
@_detail
@look
@click.option("--only", multiple=True, metavar="NAME", help="Only problems with this in their title, or this number.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; write files only with -o or --format.")
@click.option("-q", "--quiet", is_flag=True, help="Do not show the derivation, only what was written.")
def solve(
    files: tuple[str, ...], output: Path | None, formats: tuple[str, ...] | None, engine: str, detail: str,
    only: tuple[str, ...], as_json: bool, quiet: bool, **looks: Any,
) -> int:
    """Solve problem files, or shipped problems by name.

    Writes LaTeX, PDF and figures, and shows each derivation.
    """
    from derive.batch import Batch
    from derive.documents._remarks import remarked, sentences
    from derive.documents._template import checked
    from derive.documents._tree import Options
    from derive.progress import heard

    options = checked(Options(detail, engine, **looks))
    paths = [path for name in files for path in _problem_files(name)]
    progress = messages.Progress()
    batch = Batch(messages.complain, progress, only)
    with heard(progress.bar) as course, remarked() as remarks:
        for path, folder in zip(paths, _folders(paths, output), strict=True):
            solved = batch.solve(path)
            if solved.derivations and (output or formats or not as_json):
                progress(f"{path.name}: writing")
                _write(batch, solved, folder, formats or USUAL_FORMATS, options)
            progress.stop()
            if not (as_json or quiet):
                messages.show(solved.derivations, detail, options.language)
            if course.interrupted:
                break
    if only and not batch.derivations() and not batch.errors():
        raise click.UsageError(f"no problem matches --only {' '.join(only)}; there are:\n{_titles(paths)}")
    for words in sentences(remarks):
        messages.note(words)
    if as_json:
        messages.print_json(batch)
    else:
        messages.summary(batch)
    if course.interrupted:
        click.echo("interrupted; this is what was reached by then", err=True)
        return INTERRUPTED
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


def _write(batch: Batch, solved: Solved, folder: Path, formats: Sequence[str], options: object) -> None:
    """Write a file's documents. What cannot be written is told; the other formats are still tried."""
    for name in formats:
        module = choices.load("documents", name)
        try:
            written = module.write(solved.title, solved.derivations, folder, solved.path.stem, options)
        except DeriveError as error:
            batch.failed_to_write(error)
        else:
            solved.files += [file for file in written if file not in solved.files]


def _titles(paths: Sequence[Path]) -> str:
    from derive.read.problems import titles

    return "\n".join(f"  {title}" for path in paths for title in titles(path))


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
@click.option("--where", multiple=True, metavar="CONDITIONS", help="What is known: 'x > 0, n positive integer'.")
@click.option("--tex", is_flag=True, help="Print LaTeX.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_detail
def steps(
    expression: str, to: str | None, in_terms_of: tuple[str, ...], at: dict[str, list[str]],
    where: tuple[str, ...], tex: bool, as_json: bool, detail: str,
) -> int:
    r"""Derive one expression, for instance '\frac{d}{dx} x^2'.

    A derivative is taken, an equation is shown, anything else is simplified.
    """
    from derive import api
    from derive.batch import Batch, Solved

    batch = Batch(messages.complain)
    solved = Solved(Path(), "")
    batch.solved.append(solved)
    batch.solve_problem(api.problem_of(expression, to, in_terms_of, at, where), solved)
    if as_json:
        messages.print_json(batch)
    elif tex:
        messages.print_tex(solved.derivations, detail)
    else:
        messages.show(solved.derivations, detail)
    return batch.exit_code()


# --- equal, read, notation -----------------------------------------------------------------------


_FORMULAS = {"ignore_unknown_options": True}  # so that -x is a formula


def _formula(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """A formula may begin with a minus; two of them are an option that does not exist."""
    if value is not None and value.startswith("--"):
        raise click.NoSuchOption(value.partition("=")[0], ctx=context)
    return value


def _known(command: Callable[..., int]) -> Callable[..., int]:
    """The options that say what is known of the letters."""
    where = click.option("--where", multiple=True, metavar="CONDITIONS",
                         help="What holds: 'x > 0, n positive integer, 0 < a < 1'. May come several times.")
    define = click.option("--define", multiple=True, metavar="DEFINITION", help="A function or value: 'f(x) = x^2'.")
    declare = click.option("--declare", multiple=True, metavar="NAMES", help="What names are: 'W: matrix 3x2'.")
    return where(define(declare(command)))


@cli.command(context_settings=_FORMULAS)
@click.argument("a", callback=_formula)
@click.argument("b", required=False, callback=_formula)
@_known
@click.option("--relation", default="=", metavar="SIGN", help="What to judge instead of equality: <=, <, =>, <=>, ~=.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def equal(
    a: str, b: str | None, where: tuple[str, ...], define: tuple[str, ...], declare: tuple[str, ...], relation: str,
    as_json: bool,
) -> int:
    """Judge whether A equals B, or whether 'A = B' is true.

    \b
    derive equal '\\tanh(x)' '2\\sigma(2x) - 1'
    derive equal '\\sqrt{x^2}' 'x' --where 'x > 0'
    derive equal 'x^2 + 1' '2x' --relation '>='

    Shows the statement as it was read, the verdict, what it needs, and a counter-example with the values of both
    sides. Ends with 0 when proved or checked, 1 when refuted, 3 when undecided.
    """
    from derive import questions
    from derive.batch import exit_code

    asked = questions.question(a, b, where=where, define=define, declare=declare, relation=relation)
    verdict = questions.answer(asked)
    if as_json:
        messages.print_answer_json(asked, verdict)
    else:
        messages.show_answer(asked, verdict)
    return exit_code([verdict.status])


READERS = ("derive", "latex2sympy2")
TEXT_SUFFIXES = (".md", ".markdown", ".tex", ".ltx", ".latex", ".txt")


@cli.command(context_settings=_FORMULAS)
@click.argument("what", metavar="FORMULA|FILE", callback=_formula)
@_known
@click.option("--reader", type=click.Choice(READERS), default="derive", show_default=True,
              help="What reads the formula; latex2sympy2 must be installed, and is not believed by the verifier.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def read(
    what: str, where: tuple[str, ...], define: tuple[str, ...], declare: tuple[str, ...], reader: str, as_json: bool,
) -> int:
    """Show how a formula, or each formula of a text, is read.

    Of a formula: its text, LaTeX and SymPy form, what each name was taken for, and the tree. Of a file (.md, .tex,
    .txt): every formula with line and column, and how it is read or why not.
    """
    path = Path(what)
    if path.suffix.lower() in TEXT_SUFFIXES and "\\" not in what:
        return _read_text(path, where, define, declare, as_json)
    from derive import questions
    from derive.echo import echo

    remark = ""
    if reader == "derive":
        node, names, context = questions.formula(what, where=where, define=define, declare=declare)
        told = echo(node, names, context.domains)
    else:
        if where or define or declare:
            raise click.UsageError(f"{reader} knows no declarations: leave out --where, --define and --declare")
        node, remark = questions.foreign(what)
        told = echo(node)
    if as_json:
        messages.print_echo_json(told, remark)
    else:
        messages.show_echo(told, remark)
    return 0


def _read_text(
    path: Path, where: tuple[str, ...], define: tuple[str, ...], declare: tuple[str, ...], as_json: bool,
) -> int:
    """The formulas of a file. Ends with 2 when none could be read, 5 when some could not."""
    from derive import questions
    from derive.batch import FAILURES
    from derive.read import texts

    found = texts.read_file(path, questions.names(where=where, define=define, declare=declare))
    if as_json:
        messages.print_text_json(found)
    else:
        messages.show_text(found)
    refused = len(found.errors())
    if not refused:
        return 0
    return FAILURES if refused < len(found.lines()) else DeriveError.exit_code


@cli.command()
@click.option("--markdown", is_flag=True, help="Print Markdown, as in the documentation.")
def notation(markdown: bool) -> int:
    """Show the notation that is read, with examples."""
    from derive.read import notation as page
    from derive.write.text import text

    width = min(messages.columns(), messages.WIDEST)
    click.echo((page.markdown(text) if markdown else page.text(width, text)).rstrip())
    return 0


# --- gallery -------------------------------------------------------------------------------------


@cli.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), default=OUTPUT / "gallery",
              show_default=True, metavar="DIR", help="Where to write.")
@click.option("--format", "formats", callback=_formats, metavar="LIST", help="Only these formats (default: all).")
@click.option("--only", multiple=True, metavar="NAME", help="Only shipped problems with this in their name.")
@click.option("--workers", type=click.IntRange(1), metavar="N", help="How many processes (default: one a core).")
def gallery(output: Path, formats: tuple[str, ...] | None, only: tuple[str, ...], workers: int | None) -> int:
    """Build all shipped problems in all formats, with an index page."""
    from derive import gallery as building
    from derive.batch import FAILURES
    from derive.pool import finished

    jobs = building.jobs(output, formats or (), only)
    entries = []
    with messages.Counting("shipped problems", len(jobs)) as counting:
        for done in finished(building.build, jobs, workers, seconds=building.SECONDS):
            entry = building.entry_of(done)
            entries.append(entry)
            counting.one(entry.name, entry.errors)
    index = building.write_index(output, sorted(entries, key=lambda entry: entry.name))
    for name in () if formats else choices.names("documents"):
        if tool := building.tool_missing(name):
            click.echo(f"without {name}: {tool} is not installed", err=True)
    click.echo(f"Wrote {index}: {messages.counted(len(entries), 'problem file')}")
    return FAILURES if any(entry.errors for entry in entries) else 0


# --- list, new, verify ---------------------------------------------------------------------------


@cli.command("list")
def list_() -> int:
    """List the kinds of problem and the shipped problems."""
    from derive import resources
    from derive.read.problems import titles

    kinds = [(name, choices.load("kinds", name).SUMMARY) for name in choices.names("kinds")]
    files = resources.problem_files().items()
    shipped = [(name.rpartition("/")[2], "".join(titles(path)[:1])) for name, path in files]
    messages.table("Kinds of problem (derive new KIND)", kinds)
    messages.table("Problems that come with derive (derive solve NAME)", shipped)
    return 0


@cli.command()
@click.argument("kind")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write to a file instead of the screen.")
def new(kind: str, output: Path | None) -> int:
    """Print a problem file to edit, with a comment on every key."""
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


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
def verify(file: Path) -> int:
    """Verify a saved derivation again, without the rules.

    FILE is one that derive solve --format json has written. The verdicts in it are not believed.
    """
    from derive.batch import exit_code
    from derive.saved import reverify

    problems = reverify(file)
    for saved in problems:
        messages.verified(saved)
    return exit_code(name for saved in problems for name, count in saved.verdicts().items() if count)


# --- the program ---------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code. Nothing that is foreseen shows a traceback."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    _say_what_can_be_said()
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


def _say_what_can_be_said() -> None:
    """Where the output's encoding has no Greek letters, question marks stand for them instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _run(arguments: Sequence[str]) -> int:
    try:
        return int(cli.main(list(arguments), prog_name="derive", standalone_mode=False) or 0)
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except DeriveError as error:
        messages.complain(error)
        return error.exit_code
    except BrokenPipeError:
        raise
    except (OSError, RecursionError, MemoryError) as error:
        messages.complain(DeriveError(_system_error(error)))
    return DeriveError.exit_code


def _system_error(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or 'the output'}: {error.strerror or error}"
    return "the problem is too large"


def _pipe_closed() -> int:
    """The reader of our output went away; there is nobody to complain to, not even at the end of the program."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED
