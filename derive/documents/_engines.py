"""Running pdfTeX and the embedded Typst compiler.

``pdf.py`` calls :func:`run_tex` with a finished ``.tex`` file and :func:`run_typst` with Typst source. TeX is a
program that reads and writes files as its input tells it to; it gets a temporary folder of its own, no shell, no
path outside that folder, a time limit and a limit on the size of what it writes.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from functools import cache
from pathlib import Path
from typing import Any

from derive import limits
from derive.bounded import at_most
from derive.errors import DeriveError, LimitError, ToolMissingError

RUNS = 3  # the second knows the number of pages; a third if that moved something
_JOB = "document"
_RERUN = re.compile(r"Rerun to get|Label\(s\) may have changed")
_EPOCH = "0"  # seconds; the date that TeX believes it is, so that equal input gives equal bytes


class TexError(DeriveError):
    """TeX stopped with an error; the message holds its first error line, ``log`` is the whole log."""

    log = ""


def tex_program() -> str | None:
    """The path of pdflatex, or None when it is not installed."""
    return shutil.which("pdflatex")


def tex_missing() -> ToolMissingError:
    """What to raise where TeX is asked for and :func:`tex_program` finds none."""
    return ToolMissingError("pdflatex is not installed", "use --engine typst, or install TeX Live")


def _needed_tex() -> str:
    program = tex_program()
    if program is None:
        raise tex_missing()
    return program


def copy_figures(figures: Iterable[Path], folder: Path, place: Path) -> None:
    """Copy figures that lie below a folder to the same places below another."""
    for figure in figures:
        target = place / figure.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(figure, target)


COMPLETED = (".pdf", ".png", ".jpg", ".jpeg", ".sty", ".cls", ".tex")  # files that TeX finds without their endings


def copy_named(text: str, beside: Path | None, place: Path) -> bool:
    """Copy what a document names of the files beside somebody's own templates, as a logo; whether there is any."""
    found = sorted(beside.iterdir()) if beside is not None else []
    plain = [p for p in found if p.is_file() and not p.is_symlink()]  # a link could lead out of the folder
    named = [p for p in plain if p.name in text or (p.suffix in COMPLETED and p.stem in text)]
    for path in named:
        shutil.copyfile(path, place / path.name)
    return bool(named)


def run_tex(
    source: Path, figures: Iterable[Path], beside: Path | None = None, seconds: float = limits.TEX_SECONDS,
) -> bytes:
    """Compile a ``.tex`` file with the figures it names, below its folder or ``beside`` its template; returns the PDF.

    Raises :class:`ToolMissingError` without pdflatex, :class:`TexError` with TeX's first error line (the source
    stays where it is), :class:`LimitError` when it runs too long.
    """
    program = _needed_tex()
    with tempfile.TemporaryDirectory(prefix="derive-") as name:
        place = Path(name)
        copy_named(source.read_text(encoding="utf-8"), beside, place)
        shutil.copyfile(source, place / f"{_JOB}.tex")
        copy_figures(figures, source.parent, place)
        for _ in range(RUNS):
            log = _run(program, place, source, seconds)
            if not _RERUN.search(log):
                break
        return (place / f"{_JOB}.pdf").read_bytes()


def run_once(place: Path, text: str, seconds: float = limits.TEX_SECONDS) -> tuple[bytes, str, str]:
    """One run over a source in a folder that TeX has for itself, without what earlier runs left there.

    Returns the PDF, the log and hyperref's list of bookmarks. Raises as :func:`run_tex`.
    """
    program = _needed_tex()
    for left in place.glob(f"{_JOB}.*"):
        left.unlink()
    source = place / f"{_JOB}.tex"
    source.write_text(text, encoding="utf-8")
    log = _run(program, place, source, seconds)
    bookmarks = place / f"{_JOB}.out"
    listed = bookmarks.read_text(encoding="utf-8", errors="replace") if bookmarks.exists() else ""
    return (place / f"{_JOB}.pdf").read_bytes(), log, listed


def _run(program: str, place: Path, source: Path, seconds: float) -> str:
    """One run; returns the log."""
    command = [program, "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", f"{_JOB}.tex"]
    process = subprocess.Popen(
        command, cwd=place, env=_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )
    _bound(process.pid)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise LimitError(f"TeX was stopped after {seconds:g} s; its source is {source}") from None
    finally:
        _end(process)
    log = place / f"{_JOB}.log"
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    if process.returncode != 0 or not (place / f"{_JOB}.pdf").exists():
        message = f"TeX could not set {source}: {first_error(text)}"
        error = TexError(message, "use --engine typst, or look into the .tex")
        error.log = text
        raise error
    return text


def _end(process: subprocess.Popen[bytes]) -> None:
    """No child stays behind, whatever happened."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _bound(process: int) -> None:
    """Limit the files that a process writes, where the system can limit a process from outside."""
    if hasattr(resource, "prlimit"):
        with suppress(ProcessLookupError):
            kind = resource.RLIMIT_FSIZE
            resource.prlimit(process, kind, at_most(limits.TEX_FILE_BYTES, resource.prlimit(process, kind)))


_KEPT = ("PATH", "HOME", "LANG", "TEXMFHOME", "TEXMFVAR", "TEXMFCONFIG", "TEXMFCNF", "TEXINPUTS", "SystemRoot")


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "openin_any": "p", "openout_any": "p", "shell_escape": "f", "SOURCE_DATE_EPOCH": _EPOCH,
        "FORCE_SOURCE_DATE": "1", "max_print_line": "1000",
    }


def first_error(log: str) -> str:
    """TeX's first error from its log: the message and the line it stopped at."""
    lines = log.splitlines()
    for i, line in enumerate(lines):
        if line.startswith("!"):
            place = next((found for found in lines[i + 1 : i + 12] if re.match(r"l\.\d+", found)), "")
            return f"{line[2:].strip()} {place.strip()}".strip()
    return "no error in its log; it may have been stopped"


# --- Typst ---------------------------------------------------------------------------------------------


FORGOTTEN = 2  # empty documents after each: the compiler keeps what one of the last ten needed, so of the last three
CUT = "//cut\n"
"""A line of a source, a comment, where a part of its body begins; no words hold one, for they have no lines."""

ACCESSIBLE = "ua-1"  # ISO 14289-1: tags, a language, a title, words for every formula and every picture


def run_typst(source: str, folder: Path, figures: Iterable[Path] = (), beside: Path | None = None) -> bytes:
    """Compile Typst source whose figures lie below ``folder``; returns the PDF. Only the built-in fonts are used.

    What the source names of the files ``beside`` its template is found too. The PDF keeps to PDF/UA-1 where it can;
    one that cannot, for a sign that has no letter, is tagged only.
    """
    with tempfile.TemporaryDirectory(prefix="derive-") if beside is not None else nullcontext() as name:
        if name is not None and copy_named(source, beside, Path(name)):
            copy_figures(figures, folder, Path(name))
            folder = Path(name)
        pdf = _accessible(_in_parts(source), folder)
    for _ in range(FORGOTTEN):
        _compiler().compile(input=b"", format="svg")
    return pdf


def _accessible(source: str, folder: Path) -> bytes:
    try:
        pdf: bytes = _compiled(source, folder, format="pdf", pdf_standards=[ACCESSIBLE])
    except RuntimeError:
        pdf = _typst(source, folder, format="pdf")
    return pdf


_DEFINED = re.compile(r"^#let ([\w-]+)", re.MULTILINE)


def _in_parts(source: str) -> str:
    """The source with its body as one string, whose parts are evaluated one by one.

    The compiler remembers how it has set what it sees again at the same place of the same source. Two documents of a
    class differ in that string alone, so that the second is set in about two thirds of the time of the first.
    """
    preamble, cut, body = source.partition(CUT)
    if not cut:
        return source
    names = dict.fromkeys(_DEFINED.findall(preamble))
    string = body.replace("\\", r"\\").replace('"', r"\"")
    return (
        f"{preamble}#let names = ({''.join(f'{name}: {name}, ' for name in names)})\n"
        f'#for part in "{string}".split("{CUT[:-1]}\\n") {{ eval(part, mode: "markup", scope: names) }}\n'
    )


def typst_pictures(source: str, folder: Path, dots: float) -> list[bytes]:
    """The pages of Typst source as PNG pictures with so many dots per inch."""
    pages = _typst(source, folder, format="png", ppi=dots)
    return pages if isinstance(pages, list) else [pages]


@cache
def _compiler() -> Any:
    """One compiler for all documents: it has read its fonts, and remembers what documents have in common."""
    try:
        import typst
    except ImportError:
        raise ToolMissingError("the Python package 'typst' is not installed", "pip install typst") from None
    return typst.Compiler(ignore_system_fonts=True)


def _compiled(source: str, folder: Path, **options: Any) -> Any:
    return _compiler().compile(input=source.encode(), root=str(folder), **options)


def _typst(source: str, folder: Path, **options: Any) -> Any:
    try:
        return _compiled(source, folder, **options)
    except RuntimeError as error:
        raise DeriveError(f"Typst could not set the document: {str(error).strip().splitlines()[0]}") from error
