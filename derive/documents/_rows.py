"""Aligned derivations: the rows of a chain as the lines that stand on the page.

Every format hands its rows and its room to :func:`aligned` and writes what comes back. The left side stands in its
own column; where it is too wide for that, it gets lines of its own and the relations are indented below it. The
reason and the verdict belong to the last line of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from derive.documents._layout import PAPER, Line, Measure, Stack, Whole, broken, line_width
from derive.documents._tree import Row, Text
from derive.documents._widths import FRACTION, height, text_width
from derive.steps import Prose, Status
from derive.tree import Matrix, Node, Relation, walk

LINE = 41.5  # em of running text in a line: 160 mm at 10.95 pt
ROOM = 39.8  # what is left for a formula after its indentation
BOX_ROOM = 37.5  # inside the result box
INLINE = 22.0  # the widest formula that stays in running text
LONG_TABLE = 32  # rows after which a table may run over pages
LEFT_SHARE = 0.3  # of the room: what a left side may take for itself
KEPT = 8  # lines of a row that stay on one page
ALONE = 2  # a row of so few lines looks lost at the top or the bottom of a page
NEARLY = 0.88  # of the room: a line estimated wider might be too wide when set


@dataclass(frozen=True, slots=True)
class Rooms:
    """What there is room for in lines of running text of so many em.

    ``height`` is what there is room for on one slide, in em; 0 where pages follow each other.
    """

    line: float = LINE
    height: float = 0.0

    @property
    def formula(self) -> float:
        """A displayed formula, after its indentation."""
        return self.line - (LINE - ROOM)

    @property
    def box(self) -> float:
        """A formula inside the result box."""
        return self.line - (LINE - BOX_ROOM)

    @property
    def inline(self) -> float:
        """A formula that stays in running text."""
        return self.line * INLINE / LINE


A4 = Rooms()

@dataclass(frozen=True, slots=True)
class AlignedLine:
    """One line: what stands left of the alignment, the relation, what stands right of it.

    ``indent`` counts steps of indentation right of the alignment. A page may end after ``last``.
    ``continued`` goes on with the right side of the line before. ``room`` is what ``right`` may take where it is
    estimated to take nearly all of it, else 0. ``why`` is the reason and the conditions. ``after`` is punctuation that
    follows ``right``. ``finer`` are the row's finer rows, with its last line. ``ends`` its row.
    """

    left: Line
    sign: str
    right: Line
    indent: int = 0
    why: Prose = ()
    mark: Status | None = None
    last: bool = True
    room: float = 0.0
    continued: bool = False
    after: str = ""
    finer: tuple[Row, ...] = ()
    ends: bool = True


def aligned(
    rows: Sequence[Row], room: float, measure: Measure = PAPER, step: float = 1.5,
) -> tuple[tuple[AlignedLine, ...], float]:
    """The lines of some rows in a room, and the width of the left column; ``step`` is one indentation."""
    rows = [part for row in rows for part in separated(row, room, measure)]
    widths = [measure.node(row.left) for row in rows if row.left is not None]
    column = max(widths, default=0.0)
    setting = _Setting(room, measure, step, column)
    hangs = column > LEFT_SHARE * room
    found = [list(setting.hanging(row) if hangs else setting.beside(row)) for row in rows]
    return tuple(_kept_together(found)), 0.0 if hangs else column


def _kept_together(rows: Sequence[Sequence[AlignedLine]]) -> Iterator[AlignedLine]:
    """A short first row stays with the second, a short last one with the one before: neither alone on a page.

    A page may end inside a row that is long, but not after its first line nor before its last.
    """
    high = [sum(map(_lines_high, lines)) for lines in rows]
    for i, lines in enumerate(rows):
        glued = (i == 0 and high[0] <= ALONE) or (i == len(rows) - 2 and high[-1] <= ALONE)
        inside = range(1, len(lines) - 2) if high[i] > KEPT else range(0)
        for j, line in enumerate(lines):
            last = j in inside or (line.last and (not glued or i == len(rows) - 1))
            yield line if line.last == last else replace(line, last=last)


def _lines_high(line: AlignedLine) -> int:
    """How many lines a line is high: a fraction in several lines counts them all."""
    if len(line.right) == 1 and isinstance(line.right[0], Whole):
        return 1
    return max((len(p.top) + len(p.bottom) for p in line.right if isinstance(p, Stack)), default=1)


def separated(row: Row, room: float, measure: Measure = PAPER) -> Iterator[Row]:
    """A displayed relation that is too wide for one line becomes one row a sign."""
    node = row.right
    if row.sign or row.left is not None or not isinstance(node, Relation) or measure.node(node) <= room:
        yield row
        return
    last = len(node.signs) - 1
    for i, (sign, side) in enumerate(zip(node.signs, node.sides[1:], strict=True)):
        left = node.sides[0] if i == 0 else None
        yield replace(row, left=left, sign=sign, right=side) if i == last else Row(left, sign, side)


@dataclass(frozen=True, slots=True)
class _Setting:
    room: float
    measure: Measure
    step: float
    column: float

    def beside(self, row: Row) -> Iterator[AlignedLine]:
        """The left side in its column, the right side broken in what remains."""
        room = self.room - self.column - self._sign(row)
        left: Line = (Whole(row.left),) if row.left is not None else ()
        yield from self._right(row, left, room, 0)

    def hanging(self, row: Row) -> Iterator[AlignedLine]:
        """The left side on lines of its own, the relation indented below it."""
        if row.left is not None:
            for i, line in enumerate(broken(row.left, self.room, self.room - self.step, self.measure)):
                room = self._tight(line, self.room - self.step)
                yield AlignedLine((), "", line, min(i, 1), last=False, room=room, continued=i > 0, ends=False)
        indent = 1 if row.sign else 0
        yield from self._right(row, (), self.room - indent * self.step - self._sign(row), indent)

    def _right(self, row: Row, left: Line, room: float, indent: int) -> Iterator[AlignedLine]:
        lines = broken(row.right, room, room - self.step, self.measure)
        for i, line in enumerate(lines):
            ends = i == len(lines) - 1
            yield AlignedLine(
                left if i == 0 else (), row.sign if i == 0 else "", line, indent + (i > 0),
                row.why if ends else (), row.mark if ends else None, ends,
                self._tight(line, room if i == 0 else room - self.step), i > 0,
                row.after if ends else "", row.finer if ends else (), ends,
            )

    def _tight(self, line: Line, room: float) -> float:
        """The room, where a line is estimated to take nearly all of it."""
        if len(line) == 1 and isinstance(line[0], Whole) and not line[0].room:
            return room if self.measure.node(line[0].node) > NEARLY * room else 0.0
        shrunk = any(isinstance(piece, Whole) and piece.room for piece in line)
        return room if line_width(line, self.measure) > NEARLY * room and not (shrunk and len(line) == 1) else 0.0

    def _sign(self, row: Row) -> float:
        return self.measure.sign(row.sign) if row.sign else 0.0


BOX_HEIGHT = 36.0  # lines of text that a box which cannot break across pages may take


def boxes(rows: Sequence[Row | Text], room: float = BOX_ROOM) -> list[list[Row | Text]]:
    """The rows of a result box of a width in em, in as many boxes as pages can hold."""
    if len(rows) == 1:
        return [list(rows)]
    found: list[list[Row | Text]] = [[]]
    left = BOX_HEIGHT
    for row in rows:
        need = _height_in_box(row, room)
        if need > left and found[-1]:
            found.append([])
            left = BOX_HEIGHT
        found[-1].append(row)
        left -= need
    return found


def _height_in_box(row: Row | Text, room: float) -> float:
    if isinstance(row, Text):
        return 1.5
    lines, _ = aligned((row,), room)
    tallest = max(height(side) for side in (row.left, row.right) if side is not None)
    return len(lines) * (1.6 if tallest < FRACTION else 2.8) + _matrix_lines(row.right)


def _matrix_lines(node: Node) -> float:
    return max((1.3 * len(n.rows) for n in walk(node) if isinstance(n, Matrix)), default=0.0)


def statement_room(words: Prose, rooms: Rooms = A4) -> float:
    """What a formula may take inside a line of a statement without being displayed: what the words leave."""
    others = sum(text_width(part) for part in words if isinstance(part, str))
    return max(rooms.inline, rooms.formula - 6 - others)


def displayed(node: Node, mark: str = "") -> tuple[Row, ...]:
    """A formula by itself as rows; ``mark`` is the punctuation that ends its last line."""
    return (Row(None, "", node, after=mark),)


PUNCTUATION = ".,;:"


def punctuated(words: Prose, wide: Callable[[Node], bool]) -> Iterator[tuple[str | Node, str]]:
    """The parts of running text, each wide formula with the punctuation that the words after it begin with."""
    taken = ""
    for i, part in enumerate(words):
        following = words[i + 1] if i + 1 < len(words) else ""
        if isinstance(part, str):
            yield (part.removeprefix(taken).lstrip() if taken else part), ""
            taken = ""
        elif isinstance(following, str) and following[:1] in tuple(PUNCTUATION) and wide(part):
            taken = following[0]
            yield part, taken
        else:
            yield part, ""
