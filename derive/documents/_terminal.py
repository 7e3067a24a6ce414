"""The derivation in a terminal: Unicode mathematics, aligned, legible in 80 columns.

The command line shows :func:`render` with rich, which leaves colours out where the output is no terminal or
``NO_COLOR`` is set; ``text.py`` puts the same into a file. A new block is a row in :func:`_block`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console, Group, RenderableType
from rich.containers import Lines
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text as RichText

from derive.documents import _table
from derive.documents._escape import visible
from derive.documents._languages import LANGUAGES, Language, language
from derive.documents._layout import Measure
from derive.documents._pieces import TextNotation
from derive.documents._rows import AlignedLine, aligned, displayed, punctuated
from derive.documents._tree import (
    Block,
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
    letter,
    page,
    sign_text,
)
from derive.steps import Derivation, Prose, Status
from derive.tree import Node
from derive.write.text import text

WIDTH = 80
INDENT = 2  # before every derivation
STEP = 2  # one indentation of a broken row
INLINE = 0.75  # of the width: the widest formula that stays in running text
LABEL = 7  # "Given", "Find", and as much as the longest label needs
ENGLISH = LANGUAGES["en"]

MARKS = {
    Status.PROVED: ("✓", "green"), Status.CHECKED: ("≈", "yellow"), Status.ASSUMED: ("·", "cyan"),
    Status.UNDECIDED: ("?", "bold magenta"), Status.REFUTED: ("✗", "bold red"),
}
"""The mark of each verdict and its colour; the mark says it without the colour."""

_NOTATION = TextNotation()

_NO_BREAK = "\u00a0"
_HELD = "\ue000"
"""Stands for a no-break space while words are broken into lines: rich breaks them at every space."""


class Line(RichText):
    """Words that are not broken at a no-break space."""

    def copy(self) -> Line:
        """The same once more."""
        return Line(self.plain, self.style, justify=self.justify, overflow=self.overflow, no_wrap=self.no_wrap,
                    end=self.end, tab_size=self.tab_size, spans=[*self.spans])

    def __add__(self, other: object) -> Line:
        if not isinstance(other, str | RichText):
            return NotImplemented
        made = self.copy()
        made.append(other)
        return made

    def wrap(self, console: Console, width: int, **options: Any) -> Lines:
        """The lines of a width; ``options`` as rich takes them."""
        if _NO_BREAK not in self.plain:
            return super().wrap(console, width, **options)
        held = super().copy()
        held.plain = self.plain.replace(_NO_BREAK, _HELD)
        lines = held.wrap(console, width, **options)
        for line in lines:
            line.plain = line.plain.replace(_HELD, _NO_BREAK)
        return lines


def _sign_width(sign: str) -> float:
    return len(_NOTATION.plain[sign]) if sign in _NOTATION.plain else cell_len(sign_text(sign)) + 2


MEASURE = Measure(
    node=lambda node: cell_len(text(node)),
    sign=_sign_width,
    bracket=lambda height: 1,
    head=lambda node: cell_len(_NOTATION.head(node)),
    inline=True,
    atom=12,
)


def render(
    derivation: Derivation, width: int = WIDTH, detail: str = "normal", told: Language = ENGLISH,
) -> RenderableType:
    """One derivation for a console of that many columns. Raises RefutedError when a step is refuted."""
    return _page(page(derivation, detail), width, told)


def lines(shown: Document, options: Options | None = None) -> list[str]:
    """What the terminal shows of a sheet, without colours, line by line; each fits into :data:`WIDTH` columns.

    All spaces are plain ones, as people look for them.
    """
    options = options or Options()
    told = language(options.language)
    title = visible(shown.title)
    console = Console(file=io.StringIO(), width=WIDTH, color_system=None, force_terminal=False, highlight=False)
    console.print(Line(title, overflow="fold"), "=" * min(WIDTH, cell_len(title)), sep="\n")
    for part in _front(shown, told):
        console.print(part)
    for one in shown.pages:
        console.print(_page(one, WIDTH, told))
    if options.footer:
        console.print(Line(visible(options.footer), overflow="fold"))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().replace(_NO_BREAK, " ").splitlines()]


FILL_IN = "_" * 24


def _front(shown: Document, told: Language) -> Iterator[RenderableType]:
    """The lines of the sheet's head, one below the other."""
    if shown.front:
        yield ""
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="bold", no_wrap=True, max_width=WIDTH // 2)
        grid.add_column(overflow="fold")
        for what, words in shown.front:
            said = told.day(words) if what == "date" else words
            grid.add_row(Line(visible(told.front(what))), Line(visible(said) or FILL_IN))
        yield grid
        yield ""


def _page(shown: Page, width: int, told: Language) -> RenderableType:
    parts: list[RenderableType] = [Rule(Line(visible(shown.title), style="bold"), align="left", style="dim")]
    label = max([LABEL, *(cell_len(told.said(s.label)) + 2 for s in shown.statements)])
    parts += [_statement(s, width, label, told) for s in shown.statements]
    parts += [part for block in shown.blocks for part in _block(block, width, told)]
    if shown.outcome is not None:
        parts += ["", _outcome(shown.outcome, width, told)]
    if shown.summary is not None:
        parts.append(_summary(shown.summary, told))
    return Group(*parts, "")


# --- blocks --------------------------------------------------------------------------------------------


def _block(block: Block, width: int, told: Language) -> Iterator[RenderableType]:
    match block:
        case Section(words):
            yield Line(f"\n{prose(words, told)}", style="bold")
        case Text(words, remark):
            lead = Line(f"{told['remark']} ", style="italic") if remark else Line()
            edge = 2 * INDENT if remark else 0
            yield Padding(Group(*_paragraph(words, width - 2 * edge, told, lead)), (1, edge, 0, edge))
        case Rows(rows):
            yield ""
            yield from _rows(rows, width)
        case Grid():
            yield from _grid(block, width, told)
        case Picture():
            yield _caption("figure", block.number, block.figure.caption, told)
        case Code(lines, caption, number):
            yield _caption("listing", number, caption, told)
            yield ""
            yield Padding(Line("\n".join(lines), overflow="fold"), (0, 0, 0, INDENT))
        case Room() | Choices():
            yield from _to_fill_in(block, width, told)


def _to_fill_in(block: Room | Choices, width: int, told: Language) -> Iterator[RenderableType]:
    """Lines to write on, or possibilities with their boxes."""
    yield ""
    match block:
        case Room(count, label):
            yield from _paragraph(label, width, told)
            yield from [Line("\n" + " " * INDENT + "_" * (width - 2 * INDENT), style="dim")] * count
        case Choices(items):
            grid = Table.grid(padding=(0, 1, 0, 0))
            for _ in range(2):
                grid.add_column(no_wrap=True)
            grid.add_column()
            room = width - INDENT - CHOICE
            for i, item in enumerate(items):
                grid.add_row(_box(block, i), Line(f"{letter(i)})"), Group(*_paragraph(item, room, told)))
            yield Padding(grid, (0, 0, 0, INDENT))


CHOICE = 10  # columns of the box and the letter


def _box(block: Choices, place: int) -> Line:
    """A box to tick, or one for a number."""
    if block.numbered:
        number = str(block.numbers[place]) if place < len(block.numbers) else ""
        return Line(f"[{number.rjust(3)}]")
    return Line("[x]" if place in block.ticked else "[ ]")


def _caption(kind: str, number: int, caption: Prose, told: Language) -> Line:
    return Line(f"\n{told[kind].format(number=number)} {prose(caption, told)}", style="dim")


def prose(words: Prose, told: Language = ENGLISH) -> str:
    """Running text with its formulas on the line."""
    return "".join(text(part) if isinstance(part, Node) else visible(told.said(part)) for part in words)


def _paragraph(words: Prose, width: int, told: Language, lead: Line | None = None) -> Iterator[Line]:
    """Running text; a formula too wide for it stands on lines of its own."""
    line = lead or Line()

    def wide(node: Node) -> bool:
        return cell_len(text(node)) > INLINE * width

    for part, mark in punctuated(words, wide):
        if isinstance(part, Node) and wide(part):
            if line.plain.strip():
                yield line
            yield from _rows(displayed(part, mark), width)
            line = Line()
        else:
            said = prose((part,), told)
            line = line + Line(said if line.plain or isinstance(part, Node) else said.lstrip())
    if line.plain.strip():
        yield line


def _statement(statement: Statement, width: int, label: int, told: Language) -> RenderableType:
    """What is given or asked, with ``label`` columns for what it is."""
    grid = Table.grid(padding=(0, 0))
    grid.add_column(width=label, style="bold", no_wrap=True)
    grid.add_column(width=max(10, width - label))
    for i, item in enumerate(statement.items):
        said = visible(told.said(statement.label)) if i == 0 else ""
        grid.add_row(Line(said), Group(*_paragraph(item, width - label, told)))
    return grid


def statement(before: Node, sign: str, after: Node, width: int = WIDTH) -> RenderableType:
    """Two sides and what stands between them, in as many lines as they need."""
    return Group(*_rows((Row(before, sign, after),), width))


def _rows(rows: Sequence[Row], width: int) -> Iterator[Line]:
    lines, column = aligned(rows, width - INDENT - 2, MEASURE, STEP)
    for line in lines:
        yield from _line(line, int(column), width)


def _line(line: AlignedLine, column: int, width: int) -> Iterator[Line]:
    """One line of mathematics, its reason at the right edge, or below where both do not fit."""
    left = _NOTATION.line(line.left)
    sign = f"{sign_text(line.sign)} " if line.sign else ""
    gap = " " if column and line.sign else ""
    below = "" if line.sign or not column else " " * 3  # what continues a row stands below its right side
    lead = " " * (INDENT + column - cell_len(left)) + left + gap + below
    lead += " " * (STEP * line.indent)
    right = sign + _NOTATION.line(line.right, line.continued) + line.after
    folded = _folded(right, width - cell_len(lead), len(sign) + STEP)
    leads = [lead, *[" " * cell_len(lead)] * (len(folded) - 1)]
    *before, shown = [Line(start + part, overflow="fold") for start, part in zip(leads, folded, strict=True)]
    yield from before
    why = _why(line)
    if not why:
        yield shown
        return
    room = width - shown.cell_len - why.cell_len
    if room >= 2:
        yield shown + Line(" " * room) + why
    else:
        yield shown
        yield from _wrapped(why, width)


_ENDS = (("; ", 1), ("], ", 2), (" + ", 0), (" - ", 0), (", ", 1), (" ", 0))
"""Where a folded line may end, best first, and how much of that stays on it."""


def _folded(words: str, room: int, indent: int) -> list[str]:
    """A formula that has no place to break, as lines of a room, ended at one of :data:`_ENDS`."""
    lines: list[str] = []
    while cell_len(words) > room > 2 * indent:
        start = set_cell_size(words, room)
        least = max(indent + 1, room // 3)
        ends = (start.rfind(mark, least) + kept for mark, kept in _ENDS)
        end = next((end for end in ends if end > least), len(start))
        lines.append(words[:end].rstrip())
        words = " " * indent + words[end:].lstrip()
    return [*lines, words]


def _why(line: AlignedLine) -> Line:
    why = Line(prose(line.why), style="dim italic")
    if line.mark is not None:
        sign, colour = MARKS[line.mark]
        why = why + Line(f" {sign}", style=colour)
    elif line.why:
        why = why + Line("  ")
    return why


def _wrapped(why: Line, width: int) -> Iterator[Line]:
    """A reason on lines of its own, flush right."""
    console = Console(width=width)
    for part in why.wrap(console, max(20, width - 4 * INDENT)):
        part.rstrip()
        yield Line(" " * max(0, width - part.cell_len)) + part


def _outcome(outcome: Outcome, width: int, told: Language) -> RenderableType:
    inner: list[RenderableType] = []
    for row in outcome.rows:
        inner += _paragraph(row.prose, width - 4, told) if isinstance(row, Text) else _rows((row,), width - 4)
    return Panel(Group(*inner), title=told["result"], title_align="left", border_style="dim", width=width)


def _summary(summary: Summary, told: Language) -> RenderableType:
    words = Line()
    for part in summary.parts(told):
        words += Line(*MARKS[part]) if isinstance(part, Status) else Line(part, style="dim")
    return words


# --- tables ----------------------------------------------------------------------------------------------


def _grid(block: Grid, width: int, told: Language) -> Iterator[RenderableType]:
    """The table; one too wide for the terminal is split by columns, the first repeated.

    Before that, long values without a variable give way to their decimals.
    """
    heads, columns, cells, widths = _measured(block)
    if sum(widths) > width - INDENT + 2:
        block = _table.with_decimals(block, lambda cell: cell_len(prose(cell)), width / len(block.header))
        heads, columns, cells, widths = _measured(block)
    yield _caption("table", block.number, block.caption, told)
    for group in _groups(widths, width):
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
        for i in group:
            table.add_column(Line(_justified(heads[i], widths[i] - 2, columns[i].right)), no_wrap=True)
        for row in cells:
            table.add_row(*(Line(_justified(row[i], widths[i] - 2, columns[i].right)) for i in group))
        yield Padding(table, (0, 0, 0, INDENT))


def _measured(block: Grid) -> tuple[list[str], Sequence[_table.Column], list[list[str]], list[int]]:
    """A table's heads, columns, cells and the widths of its columns with the gap."""
    columns = _table.columns(block)
    cells = [[_cell(c, column) for c, column in zip(row, columns, strict=True)] for row in block.rows]
    heads = [prose(head) for head in block.header]
    widths = [max(map(cell_len, (head, *(row[i] for row in cells)))) + 2 for i, head in enumerate(heads)]
    return heads, columns, cells, widths


def _justified(cell: str, width: int, right: bool) -> str:
    """Padded here, because rich strips the blanks that align decimals."""
    return " " * (width - cell_len(cell)) + cell if right else cell


def _groups(widths: Sequence[int], width: int) -> list[list[int]]:
    groups: list[list[int]] = [[0]]
    for i in range(1, len(widths)):
        if len(groups[-1]) > 1 and sum(widths[j] for j in (*groups[-1], i)) > width - INDENT:
            groups.append([0])
        groups[-1].append(i)
    return groups


def _cell(cell: Prose, column: _table.Column) -> str:
    number = _table.number_text(cell)
    if number is None:
        return prose(cell).replace("−", "-")
    shown = number.replace("−", "-")
    return shown + " " * len(_table.padding(number, column.places)) if column.right else shown
