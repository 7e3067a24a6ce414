"""Every shipped problem in every format, in one folder with an index page: ``derive gallery``.

Each problem file becomes a folder of its documents and a card of the index: the picture of its first page, what kind of
problem it is, what was verified, and links to the formats. The index is one HTML file that needs no network; a
problem that could not be solved or written is named on it, not left out.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from derive import choices, files, resources
from derive.errors import DeriveError
from derive.pool import Done
from derive.steps import Status

INDEX = "index.html"
FIRST_PAGE = "page.png"
DOTS = 64  # per inch, of the picture of a first page: 530 pixels wide, sharp on a fine screen
TEMPLATE = "gallery.html.j2"
SECONDS = 600.0  # for one file with all its problems and formats


@dataclass(frozen=True, slots=True)
class Job:
    """One problem file, the folder of the gallery, and the formats wanted."""

    name: str
    path: Path
    folder: Path
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one problem file. Paths are relative to the gallery's folder; verdicts are counts of steps."""

    name: str
    title: str
    kinds: tuple[str, ...] = ()
    documents: Mapping[str, str] = field(default_factory=dict)
    page: str = ""
    verdicts: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[str, ...] = ()


def jobs(folder: Path, formats: Sequence[str] = (), only: Sequence[str] = ()) -> list[Job]:
    """A job for each shipped problem file whose name has one of ``only`` in it.

    Formats are all that can be written here, unless some are named. Raises DeriveError when no shipped problem has
    such a name.
    """
    wanted = tuple(formats) or tuple(name for name in choices.names("documents") if not tool_missing(name))
    found = [Job(name, path, folder, wanted) for name, path in resources.problem_files().items()
             if not only or any(word.casefold() in name.casefold() for word in only)]
    if not found:
        raise DeriveError(f"no shipped problem is called {' or '.join(only)}", "derive list shows them")
    return found


def tool_missing(name: str) -> str:
    """The program that a format needs and that is not installed; empty where nothing is missing."""
    tool: str = getattr(choices.load("documents", name), "TOOL", "")
    return "" if not tool or shutil.which(tool) else tool


def build(job: Job) -> Entry:
    """Solve one problem file and write its documents below the gallery's folder. Runs in a process of its own."""
    from derive.batch import Batch
    from derive.documents._tree import Options

    told: list[DeriveError] = []
    batch = Batch(told.append, seconds=SECONDS)
    solved = batch.solve(job.path)
    place = job.folder / job.name
    written: dict[str, str] = {}
    page = ""
    for name in job.formats if solved.derivations else ():
        try:
            document, *_ = choices.load("documents", name).write(
                solved.title, solved.derivations, place, place.name, Options())
            written[name] = document.relative_to(job.folder).as_posix()
        except DeriveError as error:
            told.append(error)
    if solved.derivations:
        try:
            page = _first_page(solved.title, solved.derivations, place).relative_to(job.folder).as_posix()
        except DeriveError as error:
            told.append(error)
    kinds = tuple(dict.fromkeys(d.kind for d in solved.derivations))
    return Entry(job.name, solved.title, kinds, written, page, batch.verdicts(), tuple(map(str, told)))


def entry_of(done: Done) -> Entry:
    """The entry of a finished job; one that was stopped or died has nothing but its error."""
    return done.value or Entry(done.argument.name, done.argument.path.stem, errors=(str(done.error),))


def _first_page(title: str, derivations: Sequence[Any], place: Path) -> Path:
    """A small picture of the first page."""
    from derive.documents import _typst
    from derive.documents._engines import typst_pictures
    from derive.documents._tree import document

    source, _ = _typst.source(document(title, derivations), files.make_folder(place), place.name)
    return files.write_bytes(place / FIRST_PAGE, typst_pictures(source, place, DOTS)[0])


# --- the index --------------------------------------------------------------------------------------


def write_index(folder: Path, entries: Sequence[Entry]) -> Path:
    """The index page, the problems of one kind together."""
    from derive.documents._escape import html
    from derive.documents._template import environment

    template = environment(words=html).get_template(TEMPLATE)
    groups = [{"kind": kind, "summary": summary, "entries": [_card(e) for e in own]}
              for kind, summary, own in _groups(entries)]
    totals = Counter[str]()
    for entry in entries:
        totals.update(entry.verdicts)
    text = template.render(groups=groups, count=len(entries), verdicts=_told(totals), formats=_formats(entries))
    return files.write_text(folder / INDEX, text)


def _groups(entries: Sequence[Entry]) -> Iterator[tuple[str, str, list[Entry]]]:
    """The kinds in alphabetical order, sheets with several kinds before them, and last what could not be solved."""
    def of(test: Callable[[Entry], bool]) -> list[Entry]:
        return [entry for entry in entries if test(entry)]

    if several := of(lambda e: len(e.kinds) > 1):
        yield "sheets", "several kinds of problem on one sheet", several
    for kind in sorted({e.kinds[0] for e in entries if len(e.kinds) == 1}):
        yield kind, choices.load("kinds", kind).SUMMARY, of(lambda e, kind=kind: e.kinds == (kind,))  # type: ignore[misc]
    if unsolved := of(lambda e: not e.kinds):
        yield "not solved", "what could not be read or solved", unsolved


def _card(entry: Entry) -> dict[str, object]:
    return {"name": entry.name, "title": entry.title, "page": entry.page, "documents": entry.documents,
            "verdicts": _told(entry.verdicts), "errors": entry.errors}


def _told(verdicts: Mapping[str, int]) -> str:
    """``12 steps: 11 proved, 1 checked``."""
    total = sum(verdicts.values())
    parts = ", ".join(f"{verdicts[s.value]:,} {s.value}" for s in Status if verdicts.get(s.value))
    return f"{total:,} step{'' if total == 1 else 's'}{': ' if parts else ''}{parts}"


def _formats(entries: Sequence[Entry]) -> list[str]:
    return sorted({name for entry in entries for name in entry.documents})
