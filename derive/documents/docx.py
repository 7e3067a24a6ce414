"""The Word document: made by pandoc, where that is installed, with formulas that Word can edit.

The command line calls :func:`write`. pandoc reads the page as XHTML with MathML (``_xhtml.py``), turns the formulas
into Word's own and takes the figures in; it runs in a folder of its own and sees nothing else.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from derive import files, limits
from derive.documents import _escape
from derive.documents._figures import Drawn, draw_all
from derive.documents._rows import Rooms
from derive.documents._tree import Document, Options, writing
from derive.documents._views import View
from derive.documents._xhtml import FILL_IN, XhtmlViews, body
from derive.errors import DeriveError, LimitError, ToolMissingError

SUFFIX = ".docx"
FIGURE_SUFFIX = ".png"
TOOL = "pandoc"
PAGE = Rooms(34.0)  # em of 12 pt in a line of pandoc's page, and a little for another font
_EPOCH = "0"  # the date that pandoc believes it is, so that equal input gives equal bytes


def write_document(shown: Document, folder: Path, stem: str, options: Options | None = None) -> list[Path]:
    """Write ``<stem>.docx``, with the figures inside; returns its path.

    Raises as :func:`derive.documents.tex.write`, and :class:`ToolMissingError` where there is no pandoc.
    """
    options = options or Options()
    require(options)
    with tempfile.TemporaryDirectory(prefix="derive-") as name:
        place = Path(name)
        drawn = draw_all(shown, place, stem, FIGURE_SUFFIX)
        (place / "page.html").write_text(source(shown, drawn, place, options), encoding="utf-8")
        _run_pandoc(place, shown.title, options.language)
        made = _sober((place / f"page{SUFFIX}").read_bytes())
    return [files.write_bytes(folder / f"{stem}{SUFFIX}", made)]


write = writing(write_document)


def require(options: Options) -> None:
    """Raises :class:`ToolMissingError` where there is no pandoc."""
    if shutil.which(TOOL) is None:
        raise ToolMissingError("pandoc is not installed, which Word documents need",
                               "install pandoc (pandoc.org), or choose another format")


def source(shown: Document, drawn: Drawn, folder: Path, options: Options) -> str:
    """What pandoc reads: the XHTML of a document whose figures have been drawn below ``folder``."""
    views = XhtmlViews(drawn, folder, options, PAGE)
    view = views.document(shown)
    front = " \N{EM SPACE}".join(map(_line_of_front, view["front"]))
    pages = "\n".join(body(views, page, 2 if view["single"] else 3, headed=not view["single"]) for page in shown.pages)
    head = f"<head><title>{_escape.html(shown.title)}</title></head>"
    return f"<html>{head}<body>\n{f'<p>{front}</p>' if front else ''}\n{pages}\n</body></html>"


_COLOUR = re.compile(rb'<w:color [^>]*w:themeColor="accent1"[^>]*/>')


def _sober(made: bytes) -> bytes:
    """The document with headings in the colour of its text."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            new.writestr(entry, _COLOUR.sub(b"", part) if entry.filename == "word/styles.xml" else part)
    return written.getvalue()


def _line_of_front(line: View) -> str:
    return f"<strong>{line['label']}</strong> {line['words'] or FILL_IN}" if line["label"] else str(line["words"])


def _run_pandoc(place: Path, title: str, language: str) -> None:
    command = [TOOL, "page.html", "-f", "html", "-t", "docx", "-o", f"page{SUFFIX}", f"--metadata=lang:{language}"]
    try:
        done = subprocess.run(command, cwd=place, env={**os.environ, "SOURCE_DATE_EPOCH": _EPOCH}, check=False,
                              capture_output=True, text=True, timeout=limits.TEX_SECONDS)
    except subprocess.TimeoutExpired:
        raise LimitError(f"pandoc was stopped after {limits.TEX_SECONDS:g} s") from None
    if done.returncode:
        raise DeriveError(f"pandoc could not make the document: {done.stderr.strip().splitlines()[-1:]}")
