r"""The LaTeX document: a ``.tex`` file that compiles untouched with a small TeX, and its figures.

The command line calls :func:`write`; ``pdf.py`` compiles what it writes. ``_views.py`` turns the document tree into
what ``templates/document.tex.j2`` shows; :class:`_TexViews` spells it: formulas from the printer, words through the
escape filter. No text of a person reaches the file unescaped. A new block is a case in ``_views.py`` and a branch
in the template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from derive import files
from derive.documents import _escape, _table
from derive.documents._figures import Drawn, draw_all
from derive.documents._frames import Frame
from derive.documents._layout import Line
from derive.documents._pieces import Notation, TexNotation
from derive.documents._remarks import remark_letters
from derive.documents._rows import AlignedLine
from derive.documents._template import look
from derive.documents._tree import Document, Options, Page, plain, writing
from derive.documents._views import PLAIN_OPTIONS, View, Views
from derive.steps import Status
from derive.tree import Node
from derive.write.latex import latex

SUFFIX = ".tex"
FIGURE_SUFFIX = ".pdf"


def write_document(shown: Document, folder: Path, stem: str, options: Options | None = None) -> list[Path]:
    """Write ``<stem>.tex`` and its figures into a folder; returns their paths, the document first.

    Raises :class:`~derive.errors.RefutedError` when a step is refuted, before anything is written, and
    :class:`~derive.files.OutputError` when the folder cannot be written.
    """
    options = options or Options()
    remark_letters(shown, f"{stem}{SUFFIX}", _escape.tex_instead)
    drawn = draw_all(shown, folder, stem, FIGURE_SUFFIX)
    path = files.write_text(folder / f"{stem}{SUFFIX}", source(shown, drawn, folder, options))
    return [path, *drawn.values()]


write = writing(write_document)


def source(shown: Document, drawn: Drawn, folder: Path, options: Options = PLAIN_OPTIONS) -> str:
    """The LaTeX source of a document whose figures have been drawn below ``folder``."""
    found = look("tex", options)
    return found.render(_TexViews(drawn, folder, options, found.rooms).document(shown))


class _TexViews(Views):
    """LaTeX."""

    notation: ClassVar[Notation] = TexNotation()
    marks: ClassVar[Mapping[Status, str]] = {
        Status.PROVED: r"\proved", Status.CHECKED: r"\checked", Status.ASSUMED: r"\assumed",
        Status.UNDECIDED: r"\undecided",
    }
    mark_end = "{}"
    sizes = (r"\normalsize", r"\small", r"\footnotesize", r"\scriptsize")

    def document(self, shown: Document) -> View:
        told = {"pdf_title": _escape.ascii_words(shown.title), "author": _escape.ascii_words(shown.author)}
        return {**super().document(shown), **told}

    def page(self, page: Page) -> View:
        return {**super().page(page), "pdf_title": _escape.ascii_words(page.title)}

    def frame(self, frame: Frame) -> View:
        return {**super().frame(frame), "pdf_title": _escape.ascii_words(plain(frame.title))}

    def alternative(self, words: str) -> str:
        return _escape.ascii_words(words)

    # --- running text and lines ------------------------------------------------------------------------

    def words(self, words: str) -> str:
        return _escape.tex(words)

    def settable(self, words: str) -> bool:
        return "[U+" not in _escape.tex(words)

    def code(self, line: str) -> str:
        return _escape.tex_code(line)

    def formula(self, node: Node, tall: bool) -> str:
        return rf"$\displaystyle {self.notation.whole(node)}$" if tall else f"${latex(node)}$"

    def part(self, line: Line, continued: bool) -> str:
        return rf"\mbox{{${self.notation.line(line, continued)}$}}"

    def display(self, lines: Sequence[View]) -> str:
        body = "\n".join(f"  {line['left']} &{line['right']}{line['end']}" for line in lines)
        return f"\n\\begin{{align*}}\n{body}\n\\end{{align*}}\n"

    def line(self, line: AlignedLine, final: bool) -> View:
        """The columns of an ``align*`` and how the line ends: with a star where a page must not."""
        return {
            "left": self.notation.line(line.left),
            "right": r"\quad " * line.indent + self.right_side(line),
            "why": self.margin(line),
            "long": self.long(line),
            "mark": self.mark(line),
            "end": "" if final else r" \\" if line.last else r" \\*",
        }

    # --- tables ----------------------------------------------------------------------------------------

    def columns(self, columns: Sequence[_table.Column]) -> View:
        return {"format": "".join("r" if c.right else "l" for c in columns)}

    def head_cell(self, words: str, column: _table.Column) -> str:
        return rf"\multicolumn{{1}}{{c}}{{{words}}}" if column.right else f"{{}}{words}"  # a bracket is no option

    def number(self, text: str, missing: str) -> str:
        return f"${text.replace('−', '-')}$" + (rf"\phantom{{${missing}$}}" if missing else "")
