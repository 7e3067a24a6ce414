"""The Markdown file: text that GitHub and pandoc set with its formulas, and the figures beside it.

``_markdown.py`` spells the blocks; a new one is a case there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from derive import files
from derive.documents import _escape
from derive.documents._figures import draw_all
from derive.documents._markdown import MarkdownViews, blocks, closing, head, heading, opening
from derive.documents._tree import Document, Options, writing
from derive.documents._views import View

SUFFIX = ".md"
FIGURE_SUFFIX = ".png"


def write_document(shown: Document, folder: Path, stem: str, options: Options | None = None) -> list[Path]:
    """Write ``<stem>.md`` and its figures; returns their paths, the document first. Raises as ``tex.write``."""
    drawn = draw_all(shown, folder, stem, FIGURE_SUFFIX)
    pieces = _pieces(MarkdownViews(drawn, folder, options or Options()).document(shown))
    path = files.write_text(folder / f"{stem}{SUFFIX}", "\n\n".join(piece for piece in pieces if piece) + "\n")
    return [path, *drawn.values()]


write = writing(write_document)


def _pieces(view: View) -> Iterator[str]:
    """The document, piece by piece."""
    yield from head(view)
    level = 2 if view["single"] else 3
    for number, page in enumerate(view["pages"], 1):
        if not view["single"]:
            yield heading(2, f"{number}. {_escape.markdown(page['title'])}")
        yield from opening(page)
        yield from blocks(page["blocks"], level)
        yield from closing(page, level, view["say"]("result"))
    if view["footer"]:
        yield _escape.markdown(view["footer"])
