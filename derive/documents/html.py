"""The page for a browser: one file with everything in it, which asks no network for anything.

Formulas are MathML, figures are SVG inside the page, a step that stands for finer ones unfolds. The style follows a
dark screen and prints. ``_views.py`` turns the document tree into what ``templates/document.html.j2`` and
``chain.html.j2`` (aligned lines) show; :class:`_HtmlViews` spells it. Words go through the escape filter, and the
page forbids scripts and requests, so that a title that is a tag is only ever text. A new block is a case in
``_views.py`` and a branch in the template.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from derive import files
from derive.documents import _escape, _svg, _table
from derive.documents._figures import Drawn, draw_all
from derive.documents._layout import Line
from derive.documents._mathml import MathNotation
from derive.documents._pieces import Notation
from derive.documents._rows import AlignedLine
from derive.documents._template import Look, look
from derive.documents._tree import Document, Options, Picture, writing
from derive.documents._views import PLAIN_OPTIONS, View, Views
from derive.steps import Status
from derive.tree import Node
from derive.write.mathml import mathml

SUFFIX = ".html"
FIGURE_SUFFIX = ".svg"
UNFOLDED = 3  # em that what unfolds is set in


def write_document(shown: Document, folder: Path, stem: str, options: Options | None = None) -> list[Path]:
    """Write ``<stem>.html``, with nothing beside it; returns its path. Raises as :func:`derive.documents.tex.write`."""
    with tempfile.TemporaryDirectory() as name:
        drawn = draw_all(shown, Path(name), stem, FIGURE_SUFFIX)
        page = source(shown, drawn, Path(name), options or Options())
    return [files.write_text(folder / f"{stem}{SUFFIX}", page)]


write = writing(write_document)


def source(shown: Document, drawn: Drawn, folder: Path, options: Options = PLAIN_OPTIONS) -> str:
    """The page of a document whose figures have been drawn as SVG below ``folder``."""
    found = look("html", options)
    views = _HtmlViews(drawn, folder, options, found.rooms, look=found)
    return found.render({**views.document(shown), "chain": views.chain}).lstrip()


_SIGNS = {Status.PROVED: "✓", Status.CHECKED: "≈", Status.ASSUMED: "∘", Status.UNDECIDED: "?"}


@dataclass(frozen=True)
class _HtmlViews(Views):
    """HTML; ``look`` is where aligned lines find their template."""

    look: Look = field(kw_only=True)

    notation: ClassVar[Notation] = MathNotation()
    marks: ClassVar[Mapping[Status, str]] = _SIGNS
    sizes = tuple(f"{size}rem" for size in _table.SIZES)

    def _picture(self, block: Picture) -> View:
        drawing = self.drawn[block.number].read_text(encoding="utf-8")
        return {**super()._picture(block), "svg": _svg.inline(drawing, f"f{block.number}-", block.figure.alt)}

    # --- running text and lines ------------------------------------------------------------------------

    def words(self, words: str) -> str:
        return _escape.html(words)

    def code(self, line: str) -> str:
        return _escape.html_code(line)

    def formula(self, node: Node, tall: bool) -> str:
        return _math(self.notation.whole(node)) if tall else mathml(node)

    def part(self, line: Line, continued: bool) -> str:
        return f"<math>{self.notation.line(line, continued)}</math>"

    def after(self, mark: str) -> str:
        return f"<mtext>{mark}</mtext>" if mark else ""

    def display(self, lines: Sequence[View]) -> str:
        return self.chain(lines, "formula")

    def chain(self, lines: Sequence[View], label: str) -> str:
        """Aligned lines as they stand on the page; the label is a fixed word's key."""
        text: str = self.look.macros("chain.html.j2").chain(lines, self.say(label), self.say)
        return text

    def sign(self, status: Status) -> str:
        told = self.say(status.value)
        sign = super().sign(status)
        return f'<span class="mark {status}" role="img" title="{told}" aria-label="{told}">{sign}</span>'

    def line(self, line: AlignedLine, final: bool) -> View:
        """The cells of a line; ``finer`` are the lines that it unfolds into."""
        return {
            "left": _math(self.notation.line(line.left)) if line.left else "",
            "right": _math(self.right_side(line)),
            "indent": line.indent,
            "why": self.margin(line),
            "mark": self.mark(line),
            "finer": self.lines(line.finer, self.rooms.formula - UNFOLDED),
            "steps": self.words(self.language.counted("finer", len(line.finer))),
        }

    # --- tables ----------------------------------------------------------------------------------------

    def columns(self, columns: Sequence[_table.Column]) -> View:
        return {"aligned": [' class="number"' if c.right else "" for c in columns]}

    def head_cell(self, words: str, column: _table.Column) -> str:
        return words

    def number(self, text: str, missing: str) -> str:
        hidden = f'<span class="padding" aria-hidden="true">{missing}</span>' if missing else ""
        return text.replace("-", "−") + hidden


def _math(inside: str) -> str:
    """A formula in display style that stands in a line."""
    return f'<math displaystyle="true">{inside}</math>'
