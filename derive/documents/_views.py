"""From the document tree to what a template is given: one walk for every notation that has a template.

``tex.py``, ``_typst.py`` and ``html.py`` render their template with :meth:`Views.document`; ``_markdown.py`` joins
the views without one. Which blocks become which views is decided here; how words, formulas, lines, marks and the
cells of tables are spelled is decided by a subclass. A new notation is a subclass that sets the class variables,
writes the abstract methods and overrides the few others whose answer does not suit it. A new block is a case in
:meth:`Views.blocks` and a branch in each template.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from derive.documents import _table, _widths
from derive.documents._figures import Drawn
from derive.documents._pieces import Notation
from derive.documents._rows import (
    BOX_ROOM,
    INLINE,
    LINE,
    LONG_TABLE,
    ROOM,
    AlignedLine,
    aligned,
    boxes,
    displayed,
    punctuated,
    statement_room,
)
from derive.documents._tree import (
    Block,
    Cell,
    Code,
    Document,
    Grid,
    Outcome,
    Page,
    Picture,
    Row,
    Rows,
    Section,
    Statement,
    Summary,
    Text,
    cut,
)
from derive.steps import Prose, Status
from derive.tree import Node

View = dict[str, Any]
"""What a template is given for one part of the document, by the names that the template uses."""


@dataclass(frozen=True)
class Views(ABC):
    """The views of a document whose figures have been drawn below ``folder``.

    ``notation`` writes formulas. ``marks`` are the signs of the verdicts, ``mark_end`` is what ends one in running
    text. ``sizes`` are the font sizes :data:`_table.SIZES`, spelled. ``root`` stands before a figure's path, which
    is relative to the folder.
    """

    drawn: Drawn
    folder: Path

    notation: ClassVar[Notation]
    marks: ClassVar[Mapping[Status, str]]
    mark_end: ClassVar[str] = ""
    sizes: ClassVar[Sequence[str]]
    root: ClassVar[str] = ""

    # --- what a notation must say ----------------------------------------------------------------------

    @abstractmethod
    def words(self, words: str) -> str:
        """Words of running text, escaped."""

    @abstractmethod
    def formula(self, node: Node, tall: bool) -> str:
        """A formula in running text; a tall one has fractions, which are to be at full size."""

    @abstractmethod
    def line(self, line: AlignedLine, final: bool) -> Any:
        """One line of an aligned derivation, as the template takes it; ``final`` when none follows."""

    @abstractmethod
    def code(self, line: str) -> str:
        """A line of a program, every character and blank of it."""

    @abstractmethod
    def display(self, lines: Sequence[Any]) -> str:
        """A formula displayed inside running text, from its lines; the words after it begin a new line."""

    @abstractmethod
    def columns(self, columns: Sequence[_table.Column]) -> View:
        """How a table's columns are set, as further entries of the table's view."""

    @abstractmethod
    def head_cell(self, words: str, column: _table.Column) -> str:
        """The cell of a table's header, from its finished text."""

    @abstractmethod
    def number(self, text: str, missing: str) -> str:
        """A decimal number in a table, with invisible room for the digits it lacks to its column's places."""

    def after(self, mark: str) -> str:
        """The punctuation of the sentence a displayed formula stands in, within the formula."""
        return mark

    def cell(self, words: str) -> str:
        """A cell of a table, from its finished text."""
        return words

    def alternative(self, words: str) -> str:
        """A figure's alternative text; the template escapes it where it has to."""
        return words

    # --- the document and its pages --------------------------------------------------------------------

    def document(self, shown: Document) -> View:
        """All that the template is given. A problem that is alone and has the sheet's title is not headed again."""
        single = len(shown.pages) == 1 and shown.pages[0].title.strip() == shown.title.strip()
        pages = [self.page(page) for page in shown.pages]
        return {"title": shown.title, "header": cut(shown.title), "single": single, "pages": pages}

    def page(self, page: Page) -> View:
        """One problem."""
        return {
            "title": page.title,
            "statements": [self._statement(s) for s in page.statements],
            "blocks": [view for block in page.blocks for view in self.blocks(block)],
            "outcome": self._outcome(page.outcome) if page.outcome else [],
            "summary": self._summary(page.summary) if page.summary else "",
        }

    def _statement(self, statement: Statement) -> View:
        return {"label": statement.label, "items": [self.prose(i, statement_room(i)) for i in statement.items]}

    def _outcome(self, outcome: Outcome) -> list[list[View]]:
        return [[self._outcome_row(row) for row in box] for box in boxes(outcome.rows)]

    def _outcome_row(self, row: Row | Text) -> View:
        if isinstance(row, Text):
            return {"text": self.prose(row.prose, statement_room(row.prose)), "lines": []}
        return {"text": "", "lines": self.lines((row,), BOX_ROOM)}

    def _summary(self, summary: Summary) -> str:
        return "".join(self.marks[p] + self.mark_end if isinstance(p, Status) else self.words(p) for p in summary.parts)

    # --- blocks ----------------------------------------------------------------------------------------

    def blocks(self, block: Block) -> list[View]:
        """The views of a block: one, but for a table that had to be split; none for a program to run."""
        match block:
            case Section(words):
                return [{"kind": "section", "text": self.prose(words)}]
            case Text(words, remark):
                return [{"kind": "remark" if remark else "text", "text": self.prose(words)}]
            case Rows(rows):
                return [{"kind": "rows", "lines": self.lines(rows, ROOM)}]
            case Grid():
                grids, size = _table.fitted(block, LINE)
                return [self._grid(grid, self.sizes[size], i) for i, grid in enumerate(grids)]
            case Picture():
                return [self._picture(block)]
            case Code(lines, caption, number):
                shown = [self.code(line) for line in lines]
                return [{"kind": "code", "number": number, "caption": self.prose(caption), "lines": shown}]
            case Cell():
                return []

    def _picture(self, block: Picture) -> View:
        return {
            "kind": "picture",
            "number": block.number,
            "file": self.root + self.drawn[block.number].relative_to(self.folder).as_posix(),
            "alt": self.alternative(block.figure.alt),
            "caption": self.prose(block.figure.caption),
        }

    def _grid(self, grid: Grid, size: str, part: int) -> View:
        columns = _table.columns(grid)
        return {
            "kind": "table",
            "number": grid.number,
            "size": size,
            "caption": self.prose(grid.caption) if part == 0 else "continued",
            "header": [self.head_cell(self.prose(h, 0), c) for h, c in zip(grid.header, columns, strict=True)],
            "rows": [[self._cell(cell, c) for cell, c in zip(row, columns, strict=True)] for row in grid.rows],
            "long": len(grid.rows) > LONG_TABLE,
            **self.columns(columns),
        }

    def _cell(self, cell: Prose, column: _table.Column) -> str:
        number = _table.number_text(cell)
        if number is None:
            return self.cell(self.prose(cell, 0))
        return self.cell(self.number(number, _table.padding(cell, column.places) if column.right else ""))

    # --- running text and lines ------------------------------------------------------------------------

    def prose(self, words: Prose, room: float = INLINE) -> str:
        """Running text: words escaped, formulas inline; those wider than the room in em are displayed.

        Room 0 is for the cells of tables: nothing is displayed there and fractions are set small.
        """
        marked = punctuated(words, lambda node: self._wide(node, room))
        return "".join(self._inline(part, mark, room) if isinstance(part, Node) else self.words(part)
                       for part, mark in marked)

    def _wide(self, node: Node, room: float) -> bool:
        """Whether a formula is displayed."""
        return room > 0 and _widths.width(node, 0 if _widths.height(node) >= _widths.FRACTION else 1) > room

    def _inline(self, node: Node, mark: str, room: float) -> str:
        if self._wide(node, room):
            return self.display(self.lines(displayed(node, mark), ROOM - 4))
        return self.formula(node, room > 0 and _widths.height(node) >= _widths.FRACTION)

    def lines(self, rows: Sequence[Row], room: float) -> list[Any]:
        """The lines of aligned rows in a room in em."""
        found, _ = aligned(rows, room)
        return [self.line(line, i == len(found) - 1) for i, line in enumerate(found)]

    def right_side(self, line: AlignedLine) -> str:
        """What stands right of a line's alignment, but for its indentation: the relation and the formula."""
        sign = f"{self.notation.printer.signs[line.sign]} " if line.sign else ""
        right = self.notation.line(line.right, line.continued)
        return sign + (self.notation.fitted(right, line.room) if line.room else right) + self.after(line.after)

    def mark(self, line: AlignedLine) -> str:
        """The sign of a line's verdict, or nothing."""
        return self.marks.get(line.mark, "") if line.mark else ""
