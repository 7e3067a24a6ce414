"""The Typst source of a document: the same content as ``tex.py``, for the embedded compiler.

``pdf.py`` calls :func:`source` where there is no TeX. All words go in as string literals, all formulas come from the
printer; ``templates/document.typ.j2`` holds the look. A new block is a case in ``_views.py`` and a branch there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from derive.documents import _escape, _table
from derive.documents._figures import draw_all
from derive.documents._layout import Line
from derive.documents._pieces import Notation, TypstNotation
from derive.documents._rows import AlignedLine
from derive.documents._template import look
from derive.documents._tree import Document, Options
from derive.documents._views import PLAIN_OPTIONS, View, Views
from derive.steps import Status
from derive.tree import Node
from derive.write.text import text
from derive.write.typst import typst

FIGURE_SUFFIX = ".svg"


def source(
    shown: Document, folder: Path, stem: str, options: Options = PLAIN_OPTIONS,
) -> tuple[str, list[Path]]:
    """The Typst source and the figures drawn for it below ``folder``, which it names relative to that folder."""
    drawn = draw_all(shown, folder, stem, FIGURE_SUFFIX)
    found = look("typ", options)
    made = found.render(_TypstViews(drawn, folder, options, found.rooms).document(shown))
    return made, list(drawn.values())


class _TypstViews(Views):
    """Typst; the folder of the document is the root that its compiler is given."""

    notation: ClassVar[Notation] = TypstNotation()
    marks: ClassVar[Mapping[Status, str]] = {
        Status.PROVED: "#proved", Status.CHECKED: "#checked", Status.ASSUMED: "#assumed",
        Status.UNDECIDED: "#undecided",
    }
    mark_end = ";"
    sizes = tuple(str(size) for size in _table.SIZES)
    root = "/"

    # --- running text and lines ------------------------------------------------------------------------

    def words(self, words: str) -> str:
        return _escape.typst(words)

    def code(self, line: str) -> str:
        return _escape.typst_string(line)

    def formula(self, node: Node, tall: bool) -> str:
        """An inline formula that says itself in words to those who cannot see it."""
        written = f"display({self.notation.whole(node)})" if tall else typst(node)
        return f"#math.equation(alt: {_escape.typst_string(text(node))}, ${written}$);"

    def part(self, line: Line, continued: bool) -> str:
        return f"#box[${self.notation.line(line, continued)}$];"

    def display(self, lines: Sequence[str]) -> str:
        return f"#chain(({''.join(f'{line}, ' for line in lines)}));"

    def after(self, mark: str) -> str:
        return f' "{mark}"' if mark else ""

    def line(self, line: AlignedLine, final: bool) -> str:
        """One line as the dictionary that the template's ``chain`` takes."""
        left = f"$display({self.notation.line(line.left)})$" if line.left else ""
        return (
            f"(left: [{left}], right: [$display({self.right_side(line)})$], indent: {line.indent}, "
            f"why: [{self.margin(line)}], mark: [{self.mark(line)}], last: {str(line.last).lower()})"
        )

    # --- tables ----------------------------------------------------------------------------------------

    def columns(self, columns: Sequence[_table.Column]) -> View:
        return {"columns": len(columns), "align": ", ".join("right" if c.right else "left" for c in columns)}

    def head_cell(self, words: str, column: _table.Column) -> str:
        return f"table.cell(align: {'center' if column.right else 'left'})[{words}]"

    def cell(self, words: str) -> str:
        return f"[{words}]"

    def number(self, text: str, missing: str) -> str:
        minus = "−" if text[0] in "-−" else ""
        return _escape.typst(minus + text.lstrip("-−")) + (f'#hide("{missing}")' if missing else "")
