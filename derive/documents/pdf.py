"""The PDF: from pdflatex where that is installed, else from the embedded Typst compiler.

The command line calls :func:`write`. With TeX the ``.tex`` file is written first and stays; with Typst the source
is made from the same document tree and not kept. Both show the same content.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from derive import files
from derive.documents import _escape, tex
from derive.documents._engines import run_tex, run_typst, tex_missing, tex_program
from derive.documents._many import Source, described
from derive.documents._remarks import remark_letters, unset, words_of
from derive.documents._tree import Document, Options, writing
from derive.errors import DeriveError

SUFFIX = ".pdf"


def engine(options: Options, shown: Document | None = None) -> str:
    """The engine that ``options`` amount to on this machine: ``tex`` or ``typst``, for this document if one is given.

    ``auto`` is TeX where it is installed, but Typst for a document with letters that only Typst has. Raises
    :class:`ToolMissingError` when TeX is asked for and is not there.
    """
    match options.engine:
        case "auto":
            return "tex" if tex_program() and not (shown and any(map(_escape.only_typst, words_of(shown)))) else "typst"
        case "tex" if not tex_program():
            raise tex_missing()
        case "tex" | "typst":
            return options.engine
    raise DeriveError(f"there is no engine '{options.engine}'", "choose auto, tex or typst")


def settled(options: Options) -> Options:
    """The options with ``auto`` only where there is something to choose from. Raises as :func:`engine`."""
    found = engine(options)
    return options if options.engine == "auto" and found == "tex" else replace(options, engine=found)


def write_document(shown: Document, folder: Path, stem: str, options: Options | None = None) -> list[Path]:
    """Write ``<stem>.pdf`` with the engine of :func:`engine`; returns the paths written, the PDF first.

    With TeX the ``.tex`` file and its figures are among them. Raises as :func:`derive.documents.tex.write`, and
    :class:`~derive.documents._engines.TexError` with TeX's first error line; the ``.tex`` file then stays.
    """
    options = options or Options()
    made = source(shown, folder, stem, options)
    if made.engine == "tex":
        written = folder / f"{stem}{tex.SUFFIX}"
        pdf = described(run_tex(written, made.figures, made.beside), made)
        return [files.write_bytes(folder / f"{stem}{SUFFIX}", pdf), written, *made.figures]
    pdf = run_typst(made.text, files.make_folder(folder), made.figures, made.beside)
    return [files.write_bytes(folder / f"{stem}{SUFFIX}", pdf), *made.figures]


write = writing(write_document)


def source(shown: Document, folder: Path, stem: str, options: Options) -> Source:
    """What is set by the engine of :func:`engine`, its figures drawn below a folder; for :func:`_many.many_pdfs`."""
    from derive.documents import _typst

    chosen = engine(options, shown)
    if chosen == "tex":
        written, *figures = tex.write_document(shown, folder, stem, options)
        text = written.read_text(encoding="utf-8")
    else:
        remark_letters(shown, f"{stem}{SUFFIX}", _escape.typst_instead)
        text, figures = _typst.source(shown, folder, stem, options)
    title, language, beside = str(shown.title), options.language, options.template
    return Source(text, folder, tuple(figures), title, language, stem, chosen, shown.author, beside)


def letters_missing(shown: Document, options: Options) -> tuple[tuple[str, str], ...]:
    """The letters that the PDF of a document would not have, each with what is printed in its place."""
    by_tex = engine(options, shown) == "tex"
    return unset(words_of(shown), _escape.tex_instead if by_tex else _escape.typst_instead)
