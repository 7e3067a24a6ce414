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
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

from derive.documents import _table, _widths
from derive.documents._figures import Drawn
from derive.documents._frames import FittedGrid, FittedPicture, Frame, Lines, Shown, frames
from derive.documents._languages import Language, Word, language
from derive.documents._layout import RUNNING, Line, broken
from derive.documents._pieces import Notation
from derive.documents._rows import (
    A4,
    KEPT,
    LONG_TABLE,
    AlignedLine,
    Rooms,
    aligned,
    boxes,
    displayed,
    punctuated,
    statement_room,
)
from derive.documents._tree import (
    Block,
    Cell,
    Choices,
    Code,
    Document,
    Grid,
    Options,
    Outcome,
    Page,
    Picture,
    Room,
    Row,
    Rows,
    Section,
    Statement,
    Summary,
    Text,
    cut,
    letter,
    plain,
)
from derive.steps import Prose, Status
from derive.tree import Node

PLAIN_OPTIONS = Options()
LABEL = 3.2  # em: "Given"
SMALL = 0.82  # the size of what stands at the margin, of the text's
MARGIN = 0.45  # of a line: the widest formula there
FITS = 0.84  # of a line: what is wider at the margin takes several lines
HEADER_CHARACTERS = 60  # of the title that fit in the page header
WHO_CHARACTERS, BESIDE_WHO = 26, 38  # of the name and of the number, and then of the title beside them

View = dict[str, Any]
"""What a template is given for one part of the document, by the names that the template uses."""


@dataclass(frozen=True)
class Views(ABC):
    """The views of a document whose figures have been drawn below ``folder``; ``rooms`` is how wide its lines are.

    ``notation`` writes formulas. ``marks`` are the signs of the verdicts, ``mark_end`` is what ends one in running
    text. ``sizes`` are the font sizes :data:`_table.SIZES`, spelled. ``root`` stands before a figure's path, which
    is relative to the folder.
    """

    drawn: Drawn
    folder: Path
    options: Options = PLAIN_OPTIONS
    rooms: Rooms = A4

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
    def part(self, line: Line, continued: bool) -> str:
        """A part of a formula at the margin that had to be broken; it is not broken again."""

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

    def settable(self, words: str) -> bool:
        """Whether there are letters for words that have little room, such as a name in the header."""
        return True

    def after(self, mark: str) -> str:
        """The punctuation of the sentence a displayed formula stands in, within the formula."""
        return mark

    def cell(self, words: str) -> str:
        """A cell of a table, from its finished text."""
        return words

    def alternative(self, words: str) -> str:
        """A figure's alternative text; the template escapes it where it has to."""
        return words

    # --- the words that documents have of their own ----------------------------------------------------

    @property
    def language(self) -> Language:
        """The language that was asked for. Raises DeriveError when there is no such one."""
        return language(self.options.language)

    def say(self, key: str) -> str:
        """A fixed word, escaped."""
        return self.words(self.language[key])

    def filled(self, key: str, **values: str) -> str:
        """Fixed words, escaped, with finished text in their placeholders."""
        return "".join(self.words(before) + (values[name] if name else "") for before, name in self.language.parts(key))

    # --- the document and its pages --------------------------------------------------------------------

    def document(self, shown: Document) -> View:
        """All that the template is given. A problem that is alone and has the sheet's title is not headed again."""
        single = len(shown.pages) == 1 and shown.pages[0].title.strip() == shown.title.strip()
        front = [(what, self.language.day(words) if what == "date" else words) for what, words in shown.front]
        person = [cut(words, WHO_CHARACTERS) for what, words in front
                  if what in ("name", "number") and words.strip() and self.settable(words)]
        title = cut(self.options.header or shown.title, BESIDE_WHO if person else HEADER_CHARACTERS)
        return {
            "title": shown.title,
            "header": title,
            "person": ", ".join(person),
            "footer": self.options.footer,
            "front": [self._line_of_front(what, words) for what, words in front],
            "label_width": self._label_width(shown),
            "single": single,
            "pages": self._pages(shown),
            "rooms": self.rooms,
            "language": self.options.language,
            "say": self.say,
            "filled": self.filled,
        }

    def _label_width(self, shown: Document) -> float:
        """The em that what stands before the statements takes, in bold."""
        labels = (self.language.said(s.label) for page in shown.pages for s in page.statements)
        return round(max([LABEL, *(1.2 * _widths.text_width(label) for label in labels)]), 1)

    def _line_of_front(self, what: str, words: str) -> View:
        """A line of the sheet's head; what says itself has no label."""
        plain = what in ("course", "author", "date") and words.strip()
        label = "" if plain else self.words(self.language.front(what))
        return {"what": what, "label": label, "words": self.words(words) if words.strip() else "", "plain": words}

    def _pages(self, shown: Document) -> list[View]:
        """The problems, or their frames where the style has slides."""
        if not self.rooms.height:
            return [self.page(page) for page in shown.pages]
        found = [frame for page in shown.pages for frame in frames(page, self.rooms)]
        return [{**self.frame(frame), "number": i} for i, frame in enumerate(found, 1)]

    def frame(self, frame: Frame) -> View:
        """One frame of slides: a page, with the slide from which on each of its blocks and lines is seen."""
        blocks = [
            {**view, "at": at[0], "lines_at": at, "kept": False, "leads": False}
            for block, at in zip(frame.blocks, frame.seen(), strict=True) for view in self._on_frame(block)
        ]
        page = Page("", frame.statements, (), frame.outcome, frame.summary)
        return {**self.page(page), "title": self.prose(frame.title, 0), "plain": plain(frame.title), "blocks": blocks,
                "continued": frame.continued, "opens": frame.opens, "slides": frame.slides}

    def _on_frame(self, block: Shown) -> list[View]:
        match block:
            case Lines(lines):
                return [{"kind": "rows", "lines": self._written(lines)}]
            case FittedGrid(grid, size, part):
                return [self._grid(grid, self.sizes[size], part)]
            case FittedPicture(picture, room):
                return [{**self._picture(picture), "room": round(room, 2)}]
        return self.blocks(block)

    def page(self, page: Page) -> View:
        """One problem."""
        return {
            "title": page.title,
            "statements": [self._statement(s) for s in page.statements],
            "blocks": _kept([view for block in page.blocks for view in self.blocks(block)], not page.outcome),
            "outcome": self._outcome(page.outcome) if page.outcome else [],
            "summary": self._summary(page.summary) if page.summary else "",
        }

    def _statement(self, statement: Statement) -> View:
        items = [self.prose(i, statement_room(i, self.rooms)) for i in statement.items]
        return {"label": self.words(self.language.said(statement.label)), "items": items}

    def _outcome(self, outcome: Outcome) -> list[list[View]]:
        return [[self._outcome_row(row) for row in box] for box in boxes(outcome.rows, self.rooms.box)]

    def _outcome_row(self, row: Row | Text) -> View:
        if isinstance(row, Text):
            return {"text": self.prose(row.prose, statement_room(row.prose, self.rooms)), "lines": []}
        return {"text": "", "lines": self.lines((row,), self.rooms.box)}

    def _summary(self, summary: Summary) -> str:
        parts = summary.parts(self.language)
        return "".join(self.sign(p) + self.mark_end if isinstance(p, Status) else self.words(p) for p in parts)

    # --- blocks ----------------------------------------------------------------------------------------

    def blocks(self, block: Block) -> list[View]:
        """The views of a block: one, but for a table that had to be split; none for a program to run."""
        match block:
            case Section(words):
                return [{"kind": "section", "text": self.prose(words)}]
            case Text(words, remark):
                short = _table.prose_width(words) <= self.rooms.line
                return [{"kind": "remark" if remark else "text", "text": self.prose(words), "short": short}]
            case Rows(rows):
                return [{"kind": "rows", "lines": self.lines(rows, self.rooms.formula)}]
            case Grid():
                parts, size = _table.fitted(block, self.rooms.line)
                return [self._grid(grid, self.sizes[size], i, found) for i, (grid, found) in enumerate(parts)]
            case Picture():
                return [self._picture(block)]
            case Code(lines, caption, number):
                shown = [self.code(line) for line in lines]
                return [{"kind": "code", **self.captioned("listing", number, caption), "lines": shown}]
            case Cell():
                return []
            case Room(lines, label):
                return [{"kind": "room", "lines": max(0, lines), "label": self.prose(label)}]
            case Choices():
                return [{"kind": "choices", "numbered": block.numbered, "items": self._choices(block)}]

    def captioned(self, kind: str, number: int, caption: Prose) -> View:
        """The number, what stands before the caption, such as ``Table 2.``, and the caption."""
        return {"number": number, "label": self.filled(kind, number=str(number)), "caption": self.prose(caption)}

    def _choices(self, block: Choices) -> list[View]:
        return [
            {"letter": letter(i), "text": self.prose(item, statement_room(item, self.rooms)),
             "ticked": i in block.ticked, "number": block.numbers[i] if i < len(block.numbers) else ""}
            for i, item in enumerate(block.items)
        ]

    def _picture(self, block: Picture) -> View:
        return {
            "kind": "picture",
            **self.captioned("figure", block.number, block.figure.caption),
            "file": self.root + self.drawn[block.number].relative_to(self.folder).as_posix(),
            "alt": self.alternative(block.figure.alt),
        }

    def _grid(self, grid: Grid, size: str, part: int, known: Sequence[_table.Column] = ()) -> View:
        columns = known or _table.columns(grid)
        return {
            "kind": "table",
            **self.captioned("table", grid.number, grid.caption if part == 0 else (Word("continued"),)),
            "size": size,
            "header": [self.head_cell(self.prose(h, 0), c) for h, c in zip(grid.header, columns, strict=True)],
            "rows": [[self._cell(cell, c) for cell, c in zip(row, columns, strict=True)] for row in grid.rows],
            "long": len(grid.rows) > LONG_TABLE,
            **self.columns(columns),
        }

    def _cell(self, cell: Prose, column: _table.Column) -> str:
        number = _table.number_text(cell)
        if number is None:
            return self.cell(self.prose(cell, 0))
        return self.cell(self.number(number, _table.padding(number, column.places) if column.right else ""))

    # --- running text and lines ------------------------------------------------------------------------

    def prose(self, words: Prose, room: float | None = None) -> str:
        """Running text: words escaped, formulas inline; those wider than the room in em are displayed.

        Room 0 is for the cells of tables: nothing is displayed there and fractions are set small.
        """
        if len(words) == 1 and isinstance(words[0], str):
            return self.words(self.language.said(words[0]))
        room = self.rooms.inline if room is None else room
        marked = punctuated(words, lambda node: self._wide(node, room))
        told = self.language
        return "".join(self._inline(part, mark, room) if isinstance(part, Node) else self.words(told.said(part))
                       for part, mark in marked)

    def _wide(self, node: Node, room: float) -> bool:
        """Whether a formula is displayed."""
        return room > 0 and _widths.width(node, 0 if _widths.height(node) >= _widths.FRACTION else 1) > room

    def _inline(self, node: Node, mark: str, room: float) -> str:
        if self._wide(node, room):
            return self.display(self.lines(displayed(node, mark), self.rooms.formula - 4))
        return self.formula(node, room > 0 and _widths.height(node) >= _widths.FRACTION)

    def lines(self, rows: Sequence[Row], room: float) -> list[Any]:
        """The lines of aligned rows in a room in em."""
        found, _ = aligned(rows, room)
        return self._written(found)

    def _written(self, lines: Sequence[AlignedLine]) -> list[Any]:
        return [self.line(line, i == len(lines) - 1) for i, line in enumerate(lines)]

    def right_side(self, line: AlignedLine) -> str:
        """What stands right of a line's alignment, but for its indentation: the relation and the formula."""
        sign = f"{self.notation.printer.signs[line.sign]} " if line.sign else ""
        right = self.notation.line(line.right, line.continued)
        return sign + (self.notation.fitted(right, line.room) if line.room else right) + self.after(line.after)

    def margin(self, line: AlignedLine) -> str:
        """The reason and the conditions of a line, their formulas inline, a wide one in parts that fit."""
        return "".join(self._in_margin(part) for part in line.why)

    def _in_margin(self, part: str | Node) -> str:
        room = MARGIN * self.rooms.line / SMALL
        if isinstance(part, str) or RUNNING.node(part) <= room:
            return self.prose((part,), 0)
        return " ".join(self.part(line, i > 0) for i, line in enumerate(broken(part, room, room, RUNNING)))

    def long(self, line: AlignedLine) -> bool:
        """Whether the reason of a line takes several lines."""
        return SMALL * _table.prose_width(line.why) > FITS * self.rooms.line

    def mark(self, line: AlignedLine) -> str:
        """The sign of a line's verdict, or nothing."""
        return self.sign(line.mark) if line.mark else ""

    def sign(self, status: Status) -> str:
        """The sign of a verdict."""
        return self.marks.get(status, "")


_ASKED = ("choices", "room")
"""What answers are given in."""


def _kept(blocks: list[View], ends: bool) -> list[View]:
    """The blocks of a page, each told whether it is ``kept`` on the page on which the next one begins.

    That are a sentence before its formula, a question with all that is displayed in it before what is asked for, a
    single line below a heading and, where nothing follows the blocks, the last but one before a single line. ``leads``
    are words whose formula follows; ``asks`` is what belongs to a question.
    """
    below: View = {"kind": "", "asks": False}
    for above, block in reversed([*pairwise([below, *blocks])]):
        after, small = below["kind"], _small(block, KEPT)
        block["asks"] = block["kind"] in _ASKED or (below["asks"] and (small or after in _ASKED))
        last = ends and below is blocks[-1] and _small(below, 1)
        kept = small and (below["asks"] or (last and _small(block, 1)))
        match block["kind"]:
            case "room":
                block["kept"] = last
            case "text":
                headed = above["kind"] == "section" and _small(block, 1) and after != ""
                block |= {"kept": kept or headed or after in ("rows", *_ASKED), "leads": after == "rows"}
            case "rows":
                block["kept"] = kept
        below = block
    return blocks


def _small(block: View, lines: int) -> bool:
    """Whether a block is words in one line, or a formula of so few lines."""
    match block["kind"]:
        case "text":
            return bool(block["short"])
        case "rows":
            return len(block["lines"]) <= lines
    return False
