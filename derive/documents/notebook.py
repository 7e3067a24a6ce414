"""The Jupyter notebook: the derivation as Markdown, its figures inside, its numbers as cells that run.

Text comes from ``_markdown.py``. A program of the derivation (:class:`derive.steps.Program`, or a listing that runs)
becomes a code cell; the cells of a problem run from the top to the bottom with NumPy and SciPy. The file is written
by the format's own rules (nbformat 4.5, https://nbformat.readthedocs.io), which take less than the library for them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from derive import files
from derive.documents import _escape
from derive.documents._figures import draw_all
from derive.documents._markdown import MarkdownViews, blocks, captioned, closing, head, heading, opening
from derive.documents._tree import Block, Cell, Document, Options, writing
from derive.documents._views import View

SUFFIX = ".ipynb"
FIGURE_SUFFIX = ".png"

Data = dict[str, Any]

_METADATA: Data = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"},
}


def write_document(shown: Document, folder: Path, stem: str, options: Options | None = None) -> list[Path]:
    """Write ``<stem>.ipynb``, with nothing beside it; returns its path. Raises as ``tex.write``."""
    with tempfile.TemporaryDirectory() as name:
        drawn = draw_all(shown, Path(name), stem, FIGURE_SUFFIX)
        cells = list(_cells(_NotebookViews(drawn, Path(name), options or Options()).document(shown)))
    for number, cell in enumerate(cells):
        cell["id"] = _identifier(number, cell)
    notebook = {"cells": cells, "metadata": _METADATA | {"title": shown.title}, "nbformat": 4, "nbformat_minor": 5}
    text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
    return [files.write_text(folder / f"{stem}{SUFFIX}", text)]


write = writing(write_document)


class _NotebookViews(MarkdownViews):
    """Markdown, and programs to run."""

    def blocks(self, block: Block) -> list[View]:
        """As in Markdown; a program with the words before it."""
        if isinstance(block, Cell):
            return [{"kind": "cell", "text": self.prose(block.words), "code": block.code}]
        views = super().blocks(block)
        return [view | self._attached(view) if view["kind"] == "picture" else view for view in views]

    def _attached(self, view: View) -> View:
        """A picture as an attachment of its cell."""
        data = (self.folder / view["file"]).read_bytes()
        name = Path(view["file"]).name
        return {"file": f"attachment:{name}", "attached": {name: {"image/png": base64.b64encode(data).decode("ascii")}}}


def _cells(view: View) -> Iterator[Data]:
    """The notebook's cells: a problem's head, then its blocks, a cell for each run of text; an empty one is room."""
    yield _text(list(head(view)))
    level = 2 if view["single"] else 3
    for number, page in enumerate(view["pages"], 1):
        title = [] if view["single"] else [heading(2, f"{number}. {_escape.markdown(page['title'])}")]
        pieces = [*title, *opening(page)]
        if pieces:
            yield _text(pieces)
        for block in page["blocks"]:
            yield from _block(block, level)
        if end := list(closing(page, level, view["say"]("result"))):
            yield _text(end)
    if view["footer"]:
        yield _text([_escape.markdown(view["footer"])])


def _block(view: View, level: int) -> Iterator[Data]:
    match view:
        case {"kind": "cell", "text": text, "code": code}:
            yield _text([text])
            yield _code(code)
        case {"kind": "code", "runs": str(code)} if code:
            yield _text([captioned(view)])
            yield _code(code)
        case {"kind": "room", "label": str(label)}:
            if label:
                yield _text([label])
            yield _text([])
        case {"kind": "picture"}:
            yield _text(blocks([view], level)) | {"attachments": view["attached"]}
        case _:
            yield _text(blocks([view], level))


def _text(pieces: Sequence[str] | Iterator[str]) -> Data:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines("\n\n".join(pieces))}


def _code(code: str) -> Data:
    """A cell that has not been run yet."""
    source = _lines(code.rstrip())
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": source}


def _lines(text: str) -> list[str]:
    """Text as the format keeps it: lines with their ends."""
    return text.splitlines(keepends=True)


def _identifier(number: int, cell: Data) -> str:
    """An id that is the same for the same content at the same place."""
    return hashlib.sha256(f"{number} {cell['source']}".encode()).hexdigest()[:12]
