"""The plain text file: what the terminal shows, without colours, in 80 columns.

``_terminal.py`` sets the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from derive import files
from derive.documents._terminal import lines
from derive.documents._tree import Document, Options, sheet
from derive.steps import Derivation

SUFFIX = ".txt"


def write(
    sheet_title: str, derivations: Sequence[Derivation], folder: Path, stem: str, options: Options | None = None,
) -> list[Path]:
    """Write ``<stem>.txt``; returns its path. Raises as :func:`derive.documents.tex.write`."""
    options = options or Options()
    return write_document(sheet(sheet_title, derivations, options), folder, stem, options)


def write_document(shown: Document, folder: Path, stem: str, options: Options | None = None) -> list[Path]:
    """Write a document that is there already, as :func:`write` does."""
    written = "\n".join(lines(shown, options or Options())).strip() + "\n"
    return [files.write_text(folder / f"{stem}{SUFFIX}", written)]
