"""The commands of worksheets: ``derive worksheet new``, ``list``, ``check``, ``make``, ``issue``.

Reads arguments, calls :mod:`derive.worksheets.making` and :mod:`derive.worksheets.gate`, and says what came of it.
Exit codes are those of :mod:`derive.cli`: 5 when some students have no worksheet and the others do. What is heavy is
imported inside the functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import click

from derive import choices, messages
from derive.cli import DETAILS, ENGINES, INTERRUPTED, OUTPUT, listed
from derive.errors import DeriveError
from derive.messages import counted

if TYPE_CHECKING:
    from derive.worksheets.gate import Check
    from derive.worksheets.making import Failure, Report
    from derive.worksheets.model import Student, Worksheet

COURSES = "worksheets.courses"
CHECKED = 30  # variants that are checked when nothing is said
SHOWN = 20  # lines of a list that is shown in full
SCHEMA = "derive/worksheets/1"

Command = Callable[..., int]


@click.group()
def worksheet() -> None:
    """Personal worksheets with keys, for a whole class.

    \b
    derive worksheet new > week3.toml
    derive worksheet check week3.toml --roster class.csv
    derive worksheet make week3.toml --roster class.csv -o week3 --format tex,pdf
    """


# --- options that several commands have ----------------------------------------------------------


def _for_whom(command: Command) -> Command:
    roster = click.option("--roster", type=click.Path(path_type=Path), metavar="FILE",
                          help="The class: a CSV file with a line for each student.")
    variants = click.option("--variants", type=click.IntRange(1, 100_000), metavar="N",
                            help="So many sheets without names instead.")
    return roster(variants(command))


def _who_works(command: Command) -> Command:
    workers = click.option("--workers", type=click.IntRange(0), metavar="N",
                           help="How many processes (default: one a core; 0: none but this one).")
    scheduler = click.option("--scheduler", default="", metavar="ADDRESS",
                             help="Work on a Dask cluster, for instance tcp://host:8786.")
    accept = click.option("--accept", is_flag=True, help="Take steps that could not be decided.")
    as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    return workers(scheduler(accept(as_json(command))))


_TEMPLATE = click.option("--template", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="DIR",
                         help="A folder of your own templates.")


def _is_the_sheets(context: click.Context, option: click.Parameter, value: str | None) -> None:
    """Refuse what other commands are told by an option, and a worksheet by its file."""
    if value is not None:
        raise click.UsageError(f"a worksheet says that itself: write {option.name} = '{value}' at the head of its file")


def _what_is_made(command: Command) -> Command:
    options = (
        click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
                     help="Where to write (default: output/NAME of the sheet)."),
        click.option("--format", "formats", callback=listed("documents"), default="tex,pdf", show_default=True,
                     metavar="LIST", help="What to write for each student."),
        click.option("--key/--no-key", default=True, show_default=True, help="Solutions and tables for grading too."),
        click.option("--course", "courses", callback=listed(COURSES), default="", metavar="LIST",
                     help="What course systems import, for instance moodle."),
        click.option("--engine", type=click.Choice(ENGINES), default="auto", show_default=True,
                     help="What makes the PDF."),
        click.option("--detail", type=click.Choice(DETAILS), default="normal", show_default=True,
                     help="How many of the steps are shown."),
        _TEMPLATE,
        *(click.option(f"--{name}", hidden=True, expose_value=False, callback=_is_the_sheets)
          for name in ("style", "language", "author", "date")),
    )
    for option in reversed(options):
        command = option(command)
    return command


_SHEET = click.argument("sheet", metavar="SHEET")


def _sheet(name: str, templates: Path | None = None) -> Worksheet:
    """A sheet file, or a shipped one by its name; ``templates`` may have styles of somebody's own."""
    from derive import resources
    from derive.worksheets.sheets import SheetError, read_sheet

    path = Path(name)
    shipped = resources.worksheets() / f"{name.removesuffix('.toml')}.toml"
    try:
        return read_sheet(shipped if not path.exists() and "/" not in name and shipped.exists() else path, templates)
    except SheetError as error:
        for mistake in error.errors[:-1]:
            messages.complain(mistake)
        raise error.errors[-1] from error


def _students(
    sheet: Worksheet, roster: Path | None, variants: int | None,
) -> tuple[Sequence[Student], Sequence[DeriveError]]:
    """The people of a roster and its mistakes, or people without names."""
    from derive.worksheets.rosters import anonymous, read_roster

    if roster is not None and variants is not None:
        raise click.UsageError("--roster and --variants exclude each other")
    if roster is not None:
        found = read_roster(roster, sheet)
        if not found.students:
            raise found.errors[0] if found.errors else DeriveError(f"{roster}: there is nobody on this roster")
        return found.students, found.errors
    if variants is None:
        raise click.UsageError("for whom? give --roster FILE or --variants N")
    return anonymous(variants), ()


def _prepare(workers: int | None, scheduler: str, formats: Sequence[str] = ()) -> None:
    """Let workers import what they need while this process imports what it needs and reads the files."""
    if workers != 0 and not scheduler:
        from derive import pool

        pool.prepare(["derive.worksheets._person", *(["derive.figures._ready"] if formats else ()),
                      *(f"derive.documents.{name}" for name in formats)])


@contextmanager
def _watched(what: str) -> Iterator[None]:
    """A bar with the time left while the block works, on a terminal."""
    from derive.progress import heard

    with messages.Counting(what, 0) as counting, heard(counting.reached):
        yield


# --- new and list --------------------------------------------------------------------------------


@worksheet.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write to a file instead of the screen.")
def new(output: Path | None) -> int:
    """Print a sheet file to edit, with a comment on every key."""
    from derive import files
    from derive.worksheets.skeleton import sheet_file

    if output is None:
        click.echo(sheet_file(), nl=False)
    elif output.exists():
        raise DeriveError(f"{output} exists and is left as it is", "choose another name")
    else:
        files.write_text(output, sheet_file())
        click.echo(f"Wrote {output}; now: derive worksheet check {output}")
    return 0


@worksheet.command("list")
def list_() -> int:
    """List modes, options, draws, conditions, and shipped worksheets."""
    from derive import resources
    from derive.read.problems import example_line
    from derive.worksheets.conditions import PHRASES
    from derive.worksheets.draws import DRAWS
    from derive.worksheets.sheets import MODES

    for heading, folder in (("Modes (mode = \"NAME\" in an item)", MODES),
                            ("Course systems (--course NAME)", COURSES)):
        messages.table(heading, [(name, choices.load(folder, name).SUMMARY) for name in choices.names(folder)])
    options = [(f"{name}: {field.key}", field.about) for name in choices.names(MODES)
               for field in choices.load(MODES, name).FIELDS]
    messages.table("Options of a mode (in [item.options])", options)
    drawn = [(name, f"{kind.about}: {{{example_line(kind.fields[0])}}}") for name, kind in DRAWS.items()]
    messages.table("Draws (in [item.draw])", drawn)
    messages.table("Conditions (in [item.when])", [(phrase.words, "") for phrase in PHRASES])
    place = resources.worksheets()
    shipped = [(path.stem, "") for path in sorted(place.glob("*.toml"))] if place.is_dir() else []
    messages.table("Worksheets that come with derive", shipped)
    return 0


# --- check ---------------------------------------------------------------------------------------


@worksheet.command()
@_SHEET
@_for_whom
@click.option("--sample", type=click.IntRange(1), metavar="K", help="Check only so many of the students.")
@_TEMPLATE
@_who_works
def check(
    sheet: str, roster: Path | None, variants: int | None, sample: int | None, template: Path | None,
    workers: int | None, scheduler: str, accept: bool, as_json: bool,
) -> int:
    """Draw, derive and verify all worksheets before anybody gets one.

    Ends with 0 when the sheet can be handed out, 1 when a step is false, 3 when one is not decided, 5 when some
    students would have none. Without --roster and --variants, 30 variants are checked.
    """
    _prepare(workers, scheduler)
    from derive.worksheets import gate
    from derive.worksheets.making import Order

    read = _sheet(sheet, template)
    if template is not None:
        from derive.documents._template import checked

        checked(_options(read, "auto", "normal", template))
    if roster is None and variants is None:
        variants = CHECKED
    students, rows = _students(read, roster, variants)
    order = Order((), workers=workers, scheduler=scheduler, accept=accept)
    with _watched("variants"):
        found = gate.check(read, gate.sample(read, students, sample), order, rows)
    _tell(found.report)
    if as_json:
        _print_json(_check_data(found))
    else:
        _show_check(found)
    return found.exit_code()


# --- make and issue ------------------------------------------------------------------------------


@worksheet.command()
@_SHEET
@_for_whom
@_what_is_made
@click.option("--resume", is_flag=True, help="Make only what is missing or changed.")
@_who_works
def make(
    sheet: str, roster: Path | None, variants: int | None, output: Path | None, formats: tuple[str, ...], key: bool,
    courses: tuple[str, ...], engine: str, detail: str, template: Path | None, resume: bool, workers: int | None,
    scheduler: str, accept: bool, as_json: bool,
) -> int:
    """Make the worksheets of a class, with keys.

    For each student the sheet and its key, for all the answers and tables. Files are named by the students' ids. The
    folder keeps a manifest; a run that was interrupted goes on with --resume, with the options of then where none are
    given.
    """
    folder = output or OUTPUT / Path(sheet).stem
    if resume:
        formats, key, courses, engine, detail, template = _as_before(folder)
    if not formats:
        raise click.UsageError(f"--format names nothing; there are {', '.join(choices.names('documents'))}")
    _prepare(workers, scheduler, formats)
    from derive.worksheets import making

    read = _sheet(sheet, template)
    students, rows = _students(read, roster, variants)
    order = making.Order(formats, key, courses, _options(read, engine, detail, template), workers, scheduler, resume,
                         accept)
    return _made(lambda: making.make(read, students, folder, order, rows), as_json)


def _as_before(folder: Path) -> tuple[Any, ...]:
    """The options of what is made as they were when the folder was filled, where the command line says nothing."""
    from click.core import ParameterSource

    from derive.worksheets._manifest import asked_for

    context, before = click.get_current_context(), asked_for(folder)
    return tuple(
        context.params[name] if before is None or context.get_parameter_source(name) is not ParameterSource.DEFAULT
        else getattr(before, name)
        for name in ("formats", "key", "courses", "engine", "detail", "template")
    )


@worksheet.command()
@_SHEET
@click.argument("name", metavar="ID")
@click.option("--roster", type=click.Path(path_type=Path), metavar="FILE",
              help="Where the student stands now (default: as when the worksheets were made).")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
              help="The folder (default: output/NAME of the sheet).")
@_who_works
def issue(
    sheet: str, name: str, roster: Path | None, output: Path | None, workers: int | None, scheduler: str,
    accept: bool, as_json: bool,
) -> int:
    """Make one student's worksheet again, by the id.

    In a folder that make has filled, with the formats of then.
    """
    from derive.worksheets import _manifest, making

    folder = output or OUTPUT / Path(sheet).stem
    before = _manifest.asked_for(folder)
    read = _sheet(sheet, before.template if before else None)
    who: Student | str = name
    if roster is not None:
        found = [student for student in _students(read, roster, None)[0] if student.id == name]
        if not found:
            raise DeriveError(f"{roster}: there is nobody with the id {_plain(name)}")
        who = found[0]
    order = making.Order(workers=workers, scheduler=scheduler, accept=accept)
    return _made(lambda: making.issue(read, who, folder, order), as_json)


def _options(sheet: Worksheet, engine: str, detail: str, template: Path | None) -> Any:
    from derive.documents._tree import Options

    return Options(detail, engine, sheet.language, sheet.style, template=template)


def _made(work: Callable[[], Report], as_json: bool) -> int:
    """Do the work, say what came of it."""
    from derive.worksheets.making import GO_ON

    try:
        with _watched("worksheets"):
            report = work()
    except KeyboardInterrupt:
        click.echo(f"interrupted; {GO_ON}", err=True)
        return INTERRUPTED
    _tell(report)
    if as_json:
        _print_json(_report_data(report))
    else:
        _show_report(report)
    return report.exit_code()


# --- what is said --------------------------------------------------------------------------------


def _tell(report: Report) -> None:
    """On stderr, what is not as it was asked for, though everybody has a worksheet."""
    for words in report.remarks:
        messages.note(_plain(words))


def _show_report(report: Report) -> None:
    assert report.folder is not None
    if report.made:
        click.echo(f"Wrote {counted(len(report.made), 'worksheet')} into {messages.relative(report.folder)}")
    if report.kept:
        click.echo(f"{counted(len(report.kept), 'worksheet')} had nothing to do")
    if report.shared:
        click.echo("For the class")
        _some(f"  {messages.relative(path)}" for path in report.shared)
    _show_failures(report)
    for error in report.unmade:
        messages.complain(error)
    if report.left:
        _wrapped(f"No longer on the roster, left as they are: {_named(report.left)}")
    if report.foreign:
        _wrapped(f"Not of these worksheets, left alone: {_named(report.foreign)}")
    click.echo(_verdicts(report))


def _wrapped(words: str, err: bool = False) -> None:
    width = min(messages.columns(), messages.WIDEST)
    click.echo("\n".join(wrap(words, width, subsequent_indent="  ", break_long_words=False)), err=err)


def _show_failures(report: Report) -> None:
    """Who has no worksheet and why, and the lines of the roster that could not be used."""
    if report.failures:
        click.echo(f"{counted(len(report.failures), 'student')} without a worksheet", err=True)
        _some((_indented(f"{who}: {reason}") for who, reason in _by_reason(report)), err=True)
    if report.untried:
        others = counted(report.untried, "other student")
        _wrapped(f"Not tried: {others}; so far all failed for the same reason", err=True)
    if report.rows:
        click.echo("Lines of the roster that cannot be used", err=True)
        _some(map(_indented, report.rows), err=True)


def _by_reason(report: Report) -> Iterator[tuple[str, str]]:
    """Who failed for a cause, each cause once; where it was told in different words, in those of one of them."""
    groups: dict[str, list[Failure]] = {}
    for failure in report.failures:
        groups.setdefault(failure.cause or failure.reason, []).append(failure)
    for failures in groups.values():
        one, names = failures[0].student, _named([failure.student.id for failure in failures])
        who = f"{one.id} {one.name}".rstrip() if len(failures) == 1 else names
        alike = len({failure.reason for failure in failures}) == 1
        yield who if alike else f"{who}; for instance {one.id}", failures[0].reason


def _verdicts(report: Report) -> str:
    from derive.steps import Status

    counts = {status.value: report.verdicts[status.value] for status in Status}
    return messages.verdicts(counts)


def _show_check(found: Check) -> None:
    report = found.report
    good = len(report.made)
    click.echo(f"{_plain(report.sheet.title)}: {good} of {counted(found.checked, 'worksheet')} can be handed out")
    _show_failures(report)
    for remark in found.remarks:
        _wrapped(f"Please look at {remark}")
    if any(item.spreads for item in found.items):
        _show_items(found)
    _show_same(found)
    for name, what in (("steps", "Most work"), ("widest", "Longest line")):
        if name in found.worst:
            student, item, size = found.worst[name]
            told = counted(size, "step") if name == "steps" else f"{size} em"
            click.echo(f"{what}: {_plain(student)}, {_plain(item)} ({told})")
    click.echo(_verdicts(report))
    if report.exit_code():
        click.echo("This worksheet is not released; see above.")


def _show_items(found: Check) -> None:
    """A line an item: refused draws, and least, median and most of each measure over the class."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from derive.worksheets.gate import MEASURES

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Item", overflow="fold")
    for heading in ("refused\ndraws", *MEASURES.values()):
        table.add_column(Text(heading), justify="right")
    for item in found.items:
        share = f"{item.refused} of {item.tries}" if item.tries else "-"
        cells = [f"{s.least}…{s.median}…{s.most}" if s.least < s.most else f"{s.most}" for s in item.spreads.values()]
        table.add_row(Text(_plain(item.id)), share, *cells)
    console = Console(width=min(messages.columns(), messages.WIDEST), highlight=False, color_system=None)
    with console.capture() as capture:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in capture.get().rstrip().split("\n")))


def _show_same(found: Check) -> None:
    if not found.drawn:
        click.echo("Nothing is drawn: everybody has the same numbers")
        return
    twins = sum(map(len, found.same))
    if twins:
        click.echo(f"{counted(twins, 'student')} share all their numbers with somebody else:")
        _some(f"  {_named(group)}" for group in found.same)
    elif len(found.report.made) > 1:
        click.echo("No two have the same numbers")


def _some(lines: Iterable[str], err: bool = False) -> None:
    """Lines, the first of them when there are many."""
    every = list(lines)
    for line in every[:SHOWN]:
        click.echo(line, err=err)
    if len(every) > SHOWN:
        click.echo(f"  and {len(every) - SHOWN:,} more", err=err)


def _indented(words: str) -> str:
    """Somebody's lines, each in from the edge and going on below itself."""
    width = min(messages.columns(), messages.WIDEST)
    return "\n".join("\n".join(wrap(_plain(line), width, initial_indent="  ", subsequent_indent="    ",
                                    break_on_hyphens=False, break_long_words=False)) for line in words.split("\n"))


def _named(names: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(map(_plain, names[:most]))
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def _plain(words: str) -> str:
    """Somebody's words without signs that control a terminal or turn the direction of writing."""
    return "".join(c if c.isprintable() else "�" for c in words)


# --- as JSON -------------------------------------------------------------------------------------


def _print_json(data: dict[str, Any]) -> None:
    from derive.documents.json import dumps

    click.echo(dumps(data), nl=False)


def _report_data(report: Report) -> dict[str, Any]:
    """Schema ``derive/worksheets/1``; what is known of each student is in the folder's manifest."""
    return {
        "schema": SCHEMA, "title": report.sheet.title, "folder": str(report.folder or ""),
        "made": report.made, "kept": report.kept, "files": report.files,
        "failures": [{"student": f.student.id, "name": f.student.name, "message": f.reason, "exit_code": f.exit_code}
                     for f in report.failures],
        "untried": report.untried, "rows": report.rows, "remarks": report.remarks,
        "shared": [str(path) for path in report.shared],
        "not_made": [error.message for error in report.unmade],
        "left": report.left, "foreign": report.foreign, "verdicts": dict(report.verdicts),
        "exit_code": report.exit_code(),
    }


def _check_data(found: Check) -> dict[str, Any]:
    data = _report_data(found.report)
    for key in ("folder", "files", "kept", "shared", "not_made", "left", "foreign"):
        del data[key]
    return data | {
        "checked": found.checked, "remarks": [*found.report.remarks, *found.remarks],
        "items": [{"id": item.id, "mode": item.mode, "draws": item.tries, "refused": item.refused} | {
            name: {"least": s.least, "median": s.median, "most": s.most} for name, s in item.spreads.items()
        } for item in found.items],
        "same": found.same,
        "worst": {name: {"student": student, "item": item, "size": size}
                  for name, (student, item, size) in found.worst.items()},
    }
