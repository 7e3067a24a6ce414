"""Drawing the figures of a document into its folder, each once.

Formats ask :func:`draw_all` for their own kind of file: PDF for LaTeX, SVG for Typst and HTML, PNG for Markdown and
notebooks. The pictures themselves are the files of ``derive/figures``; each has ``draw(data, path)``, which writes the
kind of file that the path's suffix names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from derive import choices
from derive.documents._tree import Document, Picture
from derive.errors import DeriveError
from derive.files import write_bytes
from derive.steps import Figure

Drawn = dict[int, Path]
"""The file of each figure, by its number in the sheet."""

FOLDER = "figures"

_ALREADY: dict[Path, str] = {}  # what this process has drawn: TeX's document and its PDF share their figures

REMEMBERED = 32  # pictures, 50 kB each: people of one class often have the same
_RECENT: dict[tuple[str, str], bytes] = {}  # files by the hash of what they show, the latest last


def pictures(shown: Document) -> Iterator[Picture]:
    """The figures of a document, in order."""
    return (block for page in shown.pages for block in page.blocks if isinstance(block, Picture))


def draw_all(shown: Document, folder: Path, stem: str, suffix: str) -> Drawn:
    """Draw every figure as ``figures/<stem>-<number>-<name><suffix>``; returns the files by number."""
    return {p.number: _draw(p.figure, folder / FOLDER / _file_name(p, stem, suffix)) for p in pictures(shown)}


def _file_name(picture: Picture, stem: str, suffix: str) -> str:
    """A name of letters, digits and dashes, which every tool takes as it is."""
    words = f"{stem}-{picture.number}-{picture.figure.name}"
    return re.sub(r"[^A-Za-z0-9]+", "-", words).strip("-") + suffix


def _draw(figure: Figure, path: Path) -> Path:
    digest = hashlib.sha256(repr((figure.drawing, figure.data)).encode()).hexdigest()
    if _ALREADY.get(path) == digest and path.exists():
        return path
    content = _RECENT.pop((digest, path.suffix), None)
    if content is None:
        content = _drawn(figure, path)
    else:
        write_bytes(path, content)
    _RECENT[digest, path.suffix] = content
    if len(_RECENT) > REMEMBERED:
        del _RECENT[next(iter(_RECENT))]
    _ALREADY[path] = digest
    return path


def _drawn(figure: Figure, path: Path) -> bytes:
    """Draw a figure; returns its file's content."""
    try:
        drawing = choices.load("figures", figure.drawing)
    except KeyError:
        known = ", ".join(choices.names("figures")) or "none"
        raise DeriveError(f"there is no drawing called '{figure.drawing}'", f"there are: {known}") from None
    drawing.draw(figure.data, path)
    return path.read_bytes()
