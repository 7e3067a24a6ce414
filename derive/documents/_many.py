r"""Many PDFs quickly: many documents in one run of TeX, and one Typst compiler for all.

Whole classes are set with :func:`many_pdfs` (:mod:`derive.worksheets.making` calls it). TeX spends more time on loading
its packages than on a page, so the bodies of documents whose preambles agree are set one after another by one run, and
the pages are dealt out to files of their own. Each document has its page numbers, its labels and anchors (``\docid`` in
the template), its bookmarks, its title and its language. What differs between documents may stand in the preamble only
on lines that begin like :data:`OWN_LINES`.

"page n of m" asks for m before it is known. Documents of one class are alike, so that one of each length is set first,
and its number of pages holds room for that of the others. The place of m is marked in the PDF, and the true number put
there when the pages are dealt out; where it has more or fewer digits, the document is set once more. This needs nothing
but the documents of the call: equal calls give equal bytes. (The bytes of one PDF depend on the others of its call:
fonts hold the signs that all of them use.)

A document that TeX cannot set takes no other down: it is set alone, and its error stands in its place.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from derive.documents._engines import (
    TexError,
    copy_figures,
    copy_named,
    run_once,
    run_tex,
    run_typst,
    tex_missing,
    tex_program,
)
from derive.errors import DeriveError, LimitError, ToolMissingError

TOGETHER = 40  # documents in one run of TeX; more gain nothing, and an error costs a whole run
ALIKE = 0.1  # documents whose lengths differ by such a share are guessed to have as many pages
ATTEMPTS = 6  # runs for the page numbers of one chunk before its documents are set alone
OWN_LINES = (r"\hypersetup{", r"\fancyhead", r"\fancyfoot")
"""How lines of a preamble begin that may differ between documents of one run; they may stand after it as well."""

_BEGIN, _END = "\\begin{document}", "\\end{document}"
_STARTED = re.compile(r"^derive: document (\d+) begins$", re.MULTILINE)
_PAGES = re.compile(r"^derive: (document|sample) (\d+) has (\d+) pages$", re.MULTILINE)
_COUNTED = re.compile(rb"(?<=/PageCount BMC)(.*?)(?=EMC)", re.DOTALL)
_SHOWN = re.compile(rb"(?<=\()\d+(?=\))")  # the letters of what TeX sets are between brackets, their kerns are not
_BOOKMARK = re.compile(r"^\\BOOKMARK \[-?\d+\]\[-?\]\{([^{}]*)\}\{(.*)\}\{[^{}]*\}%", re.MULTILINE)
_CONFUSED = re.compile(r"There were (undefined references|multiply-defined labels)")
r"""Labels that do not begin with ``\docid``: such documents are set alone."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document to be set: its whole source, the folder its figures are named from, its title, author and language.

    ``figures`` are the files that are read below ``folder``; ``name`` is what messages call the document; ``engine`` is
    what its source is for, ``tex`` or ``typst``. ``beside`` is the folder of its template, if that is somebody's own.
    """

    text: str
    folder: Path
    figures: tuple[Path, ...] = ()
    title: str = ""
    language: str = ""
    name: str = "a document"
    engine: str = "tex"
    author: str = ""
    beside: Path | None = None


Result = bytes | DeriveError
"""A PDF, or why there is none."""


def many_pdfs(sources: Sequence[Source]) -> list[Result]:
    """The PDFs of many documents, in order, each by its engine; an error in place of one that cannot be set.

    Raises :class:`~derive.errors.ToolMissingError` when the engine is not installed.
    """
    by_tex = [i for i, source in enumerate(sources) if source.engine == "tex"]
    results = {i: _typst(source) for i, source in enumerate(sources) if source.engine != "tex"}
    results |= zip(by_tex, _many_by_tex([sources[i] for i in by_tex]), strict=True)
    return [results[i] for i in range(len(sources))]


def _many_by_tex(sources: Sequence[Source]) -> list[Result]:
    if sources and tex_program() is None:
        raise tex_missing()
    results: dict[int, Result] = {}
    for chunk in _chunks(sources):
        results |= zip(chunk, _set_together([sources[i] for i in chunk]), strict=True)
    return [results[i] for i in range(len(sources))]


# --- Typst --------------------------------------------------------------------------------------------


def _typst(source: Source) -> Result:
    try:
        return run_typst(source.text, source.folder, source.figures, source.beside)
    except ToolMissingError:
        raise
    except DeriveError as error:
        return error


# --- TeX: which documents go together -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Parts:
    """A source taken apart: the preamble it shares with others, its own lines of it, and its body."""

    preamble: str
    own: str
    body: str


def _parts(text: str) -> _Parts | None:
    """None for a source that has not one beginning and one end."""
    if text.count(_BEGIN) != 1 or text.count(_END) != 1:
        return None
    preamble, _, rest = text.partition(_BEGIN)
    lines = preamble.splitlines(keepends=True)
    own = [line for line in lines if line.lstrip().startswith(OWN_LINES)]
    return _Parts("".join(line for line in lines if line not in own), "".join(own), rest.partition(_END)[0])


def _chunks(sources: Sequence[Source]) -> Iterator[list[int]]:
    """The places of the documents of each run: those with one preamble, in order."""
    groups: dict[str | int, list[int]] = {}
    for i, source in enumerate(sources):
        parts = _parts(source.text)
        groups.setdefault(parts.preamble if parts else i, []).append(i)
    for group in groups.values():
        for start in range(0, len(group), TOGETHER):
            yield group[start : start + TOGETHER]


def _set_together(sources: Sequence[Source]) -> list[Result]:
    parts = [_parts(source.text) for source in sources]
    whole = [part for part in parts if part is not None]
    if len(sources) == 1 or len(whole) < len(sources):
        return [_alone(source) for source in sources]
    return _Run(sources, whole).results()


def _alone(source: Source) -> Result:
    """One document by itself, as ``pdf.py`` sets it."""
    try:
        with tempfile.TemporaryDirectory(prefix="derive-") as name:
            place = Path(name)
            copy_figures(source.figures, source.folder, place)
            path = place / "document.tex"
            path.write_text(source.text, encoding="utf-8")
            figures = [place / figure.relative_to(source.folder) for figure in source.figures]
            return described(run_tex(path, figures, source.beside), source)
    except TexError as error:
        return TexError(error.message.replace(str(path), source.name), error.hint)
    except LimitError as error:
        return error


# --- TeX: one run ---------------------------------------------------------------------------------------


class _FailedError(Exception):
    """A run stopped in the document ``place``; None where nothing says in which."""

    def __init__(self, place: int | None) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True, slots=True)
class _Output:
    """What a run gives: the PDF of all its documents, the pages before them, those of each, what each was told to have,
    and hyperref's list of bookmarks."""

    pdf: bytes
    before: int
    pages: dict[int, int]
    told: dict[int, int]
    bookmarks: str


class _Run:
    """Documents with one preamble. They are known by their places in ``sources``."""

    def __init__(self, sources: Sequence[Source], parts: Sequence[_Parts]) -> None:
        self.sources, self.parts = sources, parts
        self.done: dict[int, Result] = {}
        self.pages: dict[int, int] = {}

    def results(self) -> list[Result]:
        places = range(len(self.sources))
        with tempfile.TemporaryDirectory(prefix="derive-") as name:
            folder = Path(name)
            for i, source in enumerate(self.sources):
                copy_named(source.text, source.beside, folder)
                copy_figures(source.figures, source.folder, folder / _folder(i))
            for _ in range(ATTEMPTS):
                missing = [i for i in places if i not in self.done]
                if not missing:
                    break
                self._set(folder, missing)
        for i in places:
            if i not in self.done:
                self.done[i] = _alone(self.sources[i])
        return [self.done[i] for i in places]

    def _set(self, folder: Path, places: Sequence[int]) -> None:
        """Set documents, and keep those whose number of pages has as many digits as they were told."""
        try:
            run = self._tex(folder, places)
            self.pages |= run.pages
            fitting = {i: self.sources[i] for i in places if len(str(run.pages[i])) == len(str(run.told[i]))}
            self.done |= _split(run, places, fitting)
        except _FailedError as error:
            for i in places if error.place is None else [error.place]:
                self.done[i] = _alone(self.sources[i])

    def _tex(self, folder: Path, places: Sequence[int]) -> _Output:
        """One run over some documents, after samples of those whose number of pages is not known."""
        samples = self._samples([i for i in places if i not in self.pages])
        alike = {i: self._nearest(i, samples) for i in places if i not in self.pages}
        documents = "".join(self._document(i, alike.get(i)) for i in places)
        text = self.parts[places[0]].preamble + _HEAD + "".join(map(self._sample, samples)) + documents
        try:
            pdf, log, bookmarks = run_once(folder, text + _END + "\n")
        except TexError as error:
            started = _STARTED.findall(error.log)
            raise _FailedError(int(started[-1]) if started else None) from error
        except LimitError as error:
            raise _FailedError(None) from error
        found = {(what, int(place)): int(count) for what, place, count in _PAGES.findall(log)}
        pages = {i: found[what, i] for what, i in found if what == "document"}
        if pages.keys() != set(places) or _CONFUSED.search(log):
            raise _FailedError(None)
        told = {i: found["sample", alike[i]] if i in alike else self.pages[i] for i in places}
        return _Output(pdf, sum(found["sample", i] for i in samples), pages, told, bookmarks)

    def _samples(self, places: Sequence[int]) -> list[int]:
        """The first document of each length."""
        samples: list[int] = []
        for i in places:
            if not any(self._apart(i, j) <= ALIKE * max(self._length(i), self._length(j)) for j in samples):
                samples.append(i)
        return samples

    def _nearest(self, i: int, samples: Sequence[int]) -> int:
        return min(samples, key=lambda j: (self._apart(i, j), j))

    def _apart(self, i: int, j: int) -> int:
        return abs(self._length(i) - self._length(j))

    def _length(self, i: int) -> int:
        return len(self.parts[i].body)

    def _sample(self, i: int) -> str:
        r"""A document that is set for its number of pages only, which is ``\pagesof{i}`` from then on."""
        counted = f"\\expandafter\\xdef\\csname pagesof{i}\\endcsname{{\\the\\numexpr\\value{{page}}-1\\relax}}"
        return self._body(i, "sample", f"s{i}.", "", counted)

    def _document(self, i: int, sample: int | None) -> str:
        """A document that is told to have as many pages as a sample; as it had before where there is none."""
        pages = self.pages[i] if sample is None else f"\\csname pagesof{sample}\\endcsname"
        return self._body(i, "document", f"d{i}.", f"\\known{{{pages}}}")

    def _body(self, i: int, what: str, key: str, known: str, counted: str = "") -> str:
        """A document's part of the common source."""
        part = self.parts[i]
        return (
            f"\\begingroup\\typeout{{derive: document {i} begins}}\\renewcommand{{\\docid}}{{{key}}}\n"
            f"{known}\\graphicspath{{{{{_folder(i)}/}}}}\\restart\n{part.own}{part.body}\n\\clearpage{counted}\n"
            f"\\typeout{{derive: {what} {i} has \\the\\numexpr\\value{{page}}-1\\relax\\space pages}}\\endgroup\n"
        )


_HEAD = r"""
\providecommand{\docid}{}\providecommand{\graphicspath}[1]{}
\ifdefined\hypersetup\hypersetup{pageanchor=false}\fi
\newcommand{\known}[1]{\expandafter\xdef\csname r@\docid lastpage\endcsname{{}{\noexpand\counted{#1}}{}{}{}}}
\newcommand{\counted}[1]{\pdfincludechars\font{0123456789}\pdfliteral direct{/PageCount BMC}#1\pdfliteral direct{EMC}}
\newcommand{\restart}{\setcounter{page}{1}\setcounter{section}{0}\setcounter{subsection}{0}%
  \setcounter{footnote}{0}\setcounter{equation}{0}\setcounter{figure}{0}\setcounter{table}{0}}
\begin{document}
\providecommand{\theHsection}{}\renewcommand{\theHsection}{\docid\arabic{section}}
\providecommand{\theHsubsection}{}\renewcommand{\theHsubsection}{\theHsection.\arabic{subsection}}
"""


def _folder(i: int) -> str:
    return f"d{i}"


# --- TeX: taking the pages apart -------------------------------------------------------------------------


def _split(run: _Output, places: Sequence[int], wanted: Mapping[int, Source]) -> dict[int, Result]:
    """The PDFs of the documents that are wanted, of a run over the documents at ``places``."""
    import pikepdf

    with pikepdf.open(io.BytesIO(run.pdf)) as whole:
        ends = list(accumulate((run.pages[i] for i in places), initial=run.before))[1:]
        if len(whole.pages) != ends[-1]:
            raise _FailedError(None)
        marks = _bookmarks(whole, run.bookmarks)
        ranges = {i: range(end - run.pages[i], end) for i, end in zip(places, ends, strict=True)}
        for i in wanted:
            if run.told[i] != run.pages[i]:
                _recount(whole, ranges[i], run, i)
        return {i: _part(whole, ranges[i], marks, source) for i, source in wanted.items()}


def _recount(whole: Any, pages: range, run: _Output, i: int) -> None:
    """Put the number of pages of a document in place of the one it was told, which has as many digits."""
    for page in pages:
        whole.pages[page].contents_coalesce()
        content = whole.pages[page].Contents
        content.write(_COUNTED.sub(lambda mark: _counted(mark[0], run, i), content.read_bytes()))


def _counted(shown: bytes, run: _Output, i: int) -> bytes:
    """What is drawn for the number of pages, with the true number; TeX may have drawn each digit by itself."""
    if b"".join(_SHOWN.findall(shown)) != b"%d" % run.told[i]:
        raise _FailedError(i)
    digits = iter(str(run.pages[i]))
    return _SHOWN.sub(lambda drawn: "".join(next(digits) for _ in drawn[0]).encode(), shown)


@dataclass(frozen=True, slots=True)
class _Bookmark:
    """A title, the page it leads to, and the height there."""

    title: str
    page: int
    top: float | None


def _part(whole: Any, pages: range, marks: Iterable[_Bookmark], source: Source) -> bytes:
    """Some pages as a file of their own."""
    import pikepdf

    with pikepdf.new() as part:
        part.pages.extend(whole.pages[pages.start : pages.stop])
        with part.open_outline() as outline:
            outline.root.extend(
                pikepdf.OutlineItem(mark.title, mark.page - pages.start, "XYZ", top=mark.top)
                for mark in marks if mark.page in pages
            )
        part.docinfo["/Creator"] = pikepdf.String("derive")
        part.docinfo["/Producer"] = pikepdf.String(str(whole.docinfo.get("/Producer", "pdfTeX")))
        return _described(part, source)


def described(made: bytes, source: Source) -> bytes:
    """A PDF by TeX that tells whose it is in all letters; hyperref is given ASCII, in which no letter is a command."""
    import pikepdf

    with pikepdf.open(io.BytesIO(made)) as pdf:
        return _described(pdf, source)


def _described(pdf: Any, source: Source) -> bytes:
    import pikepdf

    pdf.docinfo["/Title"] = pikepdf.String(str(source.title))
    if source.author:
        pdf.docinfo["/Author"] = pikepdf.String(source.author)
    if source.language:
        pdf.Root.Lang = pikepdf.String(source.language)
    pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
    buffer = io.BytesIO()
    pdf.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return buffer.getvalue()


def _bookmarks(whole: Any, written: str) -> list[_Bookmark]:
    """All bookmarks of a run, in order; those of lower levels like those of the first.

    ``written`` is what hyperref keeps of them for its next run, which there is not: titles and names of places.
    """
    import pikepdf

    if "/Names" not in whole.Root or "/Dests" not in whole.Root.Names:
        return []
    numbers = {page.objgen: i for i, page in enumerate(whole.pages)}
    names = pikepdf.NameTree(whole.Root.Names.Dests)
    found: list[_Bookmark] = []
    for name, title in _BOOKMARK.findall(written):
        place: Any = names.get(name)
        place = place.get("/D") if isinstance(place, pikepdf.Dictionary) else place
        if place is None or place[0].objgen not in numbers:
            continue
        top = float(place[3]) if len(place) > 3 and place[1] == "/XYZ" else None
        found.append(_Bookmark(str(pikepdf.Object.parse(f"({title})".encode())), numbers[place[0].objgen], top))
    return found
