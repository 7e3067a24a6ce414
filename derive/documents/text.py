"""The plain text file: what the terminal shows, without colours, in 80 columns.

``_terminal.py`` sets the lines.
"""

from __future__ import annotations

from pathlib import Path

from derive import files
from derive.documents._terminal import lines
from derive.documents._tree import Document, Options, writing

SUFFIX = ".txt"


def write_document(shown: Document, folder: Path, stem: str, options: Options | None = None) -> list[Path]:
    """Write ``<stem>.txt``; returns its path. Raises as :func:`derive.documents.tex.write`."""
    written = "\n".join(lines(shown, options or Options())).strip() + "\n"
    return [files.write_text(folder / f"{stem}{SUFFIX}", written)]


write = writing(write_document)
