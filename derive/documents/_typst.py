"""The Typst source of a document: the same content as ``tex.py``, for the embedded compiler.

``pdf.py`` calls :func:`source` where there is no TeX. All words go in as string literals, all formulas come from the
printer; ``templates/document.typ.j2`` holds the look. A new block is a case in ``_views.py`` and a branch there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from derive.documents import _escape, _table, _widths
from derive.documents._engines import CUT
from derive.documents._figures import draw_all
from derive.documents._layout import Line
from derive.documents._pieces import Notation, TextNotation, TypstNotation
from derive.documents._rows import AlignedLine
from derive.documents._template import look
from derive.documents._tree import Document, Grid, Options
from derive.documents._views import PLAIN_OPTIONS, View, Views
from derive.steps import Prose, Status
from derive.tree import Hole, Node, walk
from derive.write.text import text
from derive.write.typst import typst

FIGURE_SUFFIX = ".svg"
LOWERED = 0.75  # em from the base line of a line of text at the top of a cell to the line of a gap there
_SPOKEN = TextNotation()


def source(
    shown: Document, folder: Path, stem: str, options: Options = PLAIN_OPTIONS,
) -> tuple[str, list[Path]]:
    """The Typst source and the figures drawn for it below ``folder``, which it names relative to that folder."""
    drawn = draw_all(shown, folder, stem, FIGURE_SUFFIX)
    found = look("typ", options)
    with _widths.all_letters():
        view = _TypstViews(drawn, folder, options, found.rooms).document(shown)
    whole = options.template is None and not found.rooms.height
    made = found.render({**view, "cut": CUT if whole else ""})
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
        return f"#{_equation(written, text(node))};"

    def part(self, line: Line, continued: bool) -> str:
        return f"#box({_equation(self.notation.line(line, continued), _SPOKEN.line(line, continued))});"

    def display(self, lines: Sequence[str]) -> str:
        return f"#chain(({''.join(f'{line}, ' for line in lines)}));"

    def after(self, mark: str) -> str:
        return f' "{mark}"' if mark else ""

    def line(self, line: AlignedLine, final: bool) -> str:
        """One line as the dictionary that the template's ``chain`` takes; its formulas are not broken again."""
        left = _unbroken(self.notation.line(line.left), _SPOKEN.line(line.left)) if line.left else "none"
        right = _unbroken(self.right_side(line), _said(line))
        why = f"[{self.margin(line)}]" if line.why else "none"
        mark = f"[{self.mark(line)}]" if line.mark else "none"
        return (
            f"(left: {left}, right: {right}, indent: {line.indent}, why: {why}, long: {str(self.long(line)).lower()}, "
            f"mark: {mark}, last: {str(line.last).lower()})"
        )

    # --- tables ----------------------------------------------------------------------------------------

    def columns(self, columns: Sequence[_table.Column]) -> View:
        return {"columns": len(columns), "align": ", ".join("right" if c.right else "left" for c in columns)}

    def _grid(self, grid: Grid, size: str, part: int, known: Sequence[_table.Column] = ()) -> View:
        """Beside a gap, which is high, the other cells of a row are lowered to its line."""
        view = super()._grid(grid, size, part, known)
        for row, written in zip(grid.rows, view["rows"], strict=True):
            if any(map(_gap, row)):
                written[:] = [
                    text if _gap(cell) else f"pad(top: {LOWERED}em, {text})"
                    for cell, text in zip(row, written, strict=True)
                ]
        return view

    def head_cell(self, words: str, column: _table.Column) -> str:
        return f"table.cell(align: {'center' if column.right else 'left'})[{words}]"

    def cell(self, words: str) -> str:
        return f"[{words}]"

    def number(self, text: str, missing: str) -> str:
        minus = "−" if text[0] in "-−" else ""
        return _escape.typst(minus + text.lstrip("-−")) + (f'#hide("{missing}")' if missing else "")


def _gap(cell: Prose) -> bool:
    """Whether there is a gap in a cell of a table."""
    return any(isinstance(node, Hole) for part in cell if isinstance(part, Node) for node in walk(part))


# --- formulas for those who cannot see them ----------------------------------------------------------


def _equation(written: str, spoken: str) -> str:
    """A formula in code, with the words that are read aloud in its place."""
    return f"math.equation(alt: {_escape.typst_string(spoken)}, ${written}$)"


def _unbroken(written: str, spoken: str) -> str:
    """A displayed formula: what is one sign to Typst is in one line."""
    return _equation(f'class("normal", display({written}))', spoken)


def _said(line: AlignedLine) -> str:
    """What stands right of a line's alignment, in plain text."""
    sign = f"{_SPOKEN.printer.signs[line.sign]} " if line.sign else ""
    return sign + _SPOKEN.line(line.right, line.continued) + line.after
