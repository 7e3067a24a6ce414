"""Slides: the pages of a document tree as frames, each with one idea and no more than there is room for.

``_views.py`` asks :func:`frames` when a style says how high its slides are. The statement is the first frame of a
problem, every heading opens one; a chain that is too high for one frame goes on in the next, which begins with the
line that it goes on from; tables and programs are cut between their rows. Pictures and tables stand alone. What comes
one after the other is uncovered one after the other: :meth:`Frame.seen` numbers the slides of a frame.

Heights are estimated like widths, in em of running text and rather too high: a template sets what still is too high
for its frame a little smaller. A new block needs a case in :func:`_things`, a formula that is higher than its parts
one in :func:`node_height`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import ceil

from derive.documents import _table
from derive.documents._layout import PAPER, Close, Head, Line, Open, Stack, Tail, Whole, line_width
from derive.documents._rows import LEFT_SHARE, AlignedLine, Rooms, aligned, separated, statement_room
from derive.documents._tree import (
    Block,
    Cell,
    Choices,
    Code,
    Grid,
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
)
from derive.documents._widths import FRACTION, height, text_width
from derive.steps import Prose
from derive.tree import (
    Call,
    Cases,
    Derivative,
    Hole,
    Indexed,
    Integral,
    Limit,
    Matrix,
    Node,
    Optimum,
    Power,
    ProductOver,
    Quotient,
    Root,
    SumOver,
    children,
)

LINE_HIGH = 1.28  # em from one line of running text to the next
PARAGRAPH = 0.55  # between two paragraphs
JOT = 0.45  # between two lines of a chain
AROUND = 1.0  # above and below a chain, a table or a box
REASON, REASON_SIZE = 4.2, 0.84  # what stands around a reason in its line, and how small it is set
CODE_LINE = 1.1
ROOM_LINE = 2.1  # a line to write on
PICTURE = 0.7  # of the frame: what a picture takes at least
CARRIED = 0.34  # of the frame: what the line that a chain goes on from may take


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a chain that stand on one frame; the first ``carried`` of them stood on the one before, too."""

    lines: tuple[AlignedLine, ...]
    carried: int = 0


@dataclass(frozen=True, slots=True)
class FittedGrid:
    """Rows of a table whose size was found for all of them: an index into :data:`_table.SIZES`."""

    grid: Grid
    size: int
    part: int


@dataclass(frozen=True, slots=True)
class FittedPicture:
    """A picture that may be so many em high with its caption."""

    picture: Picture
    room: float


Shown = Block | Lines | FittedGrid | FittedPicture


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: ``opens`` where its heading is new, ``continued`` where it is said again for what did not fit."""

    title: Prose
    statements: tuple[Statement, ...] = ()
    blocks: tuple[Shown, ...] = ()
    outcome: Outcome | None = None
    summary: Summary | None = None
    opens: bool = False
    continued: bool = False

    def seen(self) -> list[tuple[int, ...]]:
        """The slide from which on each line of a block is seen; of all but chains, the only line is the whole."""
        seen: list[tuple[int, ...]] = []
        for i, block in enumerate(self.blocks):
            last = seen[-1][-1] if seen else 0
            with_text = i > 0 and _leads(self.blocks[i - 1])
            seen.append(tuple(_seen(block, last if with_text else last + 1)))
        return seen

    @property
    def slides(self) -> int:
        """How many slides the frame has: the result comes last, what is given is there from the first on."""
        seen = self.seen()
        before = seen[-1][-1] if seen else int(bool(self.statements))
        return max(1, before + (self.outcome is not None))


def _leads(block: Shown) -> bool:
    """Whether a sentence goes on in the block that follows."""
    if not isinstance(block, Text) or block.remark or not block.prose:
        return False
    end = block.prose[-1]
    return not (isinstance(end, str) and end.rstrip().endswith((".", "!", "?")))


def _seen(block: Shown, first: int) -> Iterator[int]:
    if not isinstance(block, Lines):
        yield first
        return
    number = first
    for i, line in enumerate(block.lines):
        yield number
        number += line.ends and i >= block.carried - 1


def frames(page: Page, rooms: Rooms) -> list[Frame]:
    """The frames of a problem."""
    found = [*_statement_frames(page, rooms)]
    for title, blocks in _sections(page):
        found += _packed(title, blocks, rooms)
    found += _results(page, rooms)
    found = _joined(found, rooms)
    last = replace(found[-1], summary=page.summary) if found else Frame((page.title,), summary=page.summary)
    return _opening([*found[:-1], last])


def _opening(found: Sequence[Frame]) -> list[Frame]:
    """Which frames open a heading: those whose title is not that of the frame before."""
    before = [(), *(frame.title for frame in found)]
    return [replace(frame, opens=frame.title != old) for old, frame in zip(before, found, strict=False)]


def _sections(page: Page) -> Iterator[tuple[Prose, list[Block]]]:
    """The blocks below each heading; those before the first one stand below the title of the problem."""
    title: Prose = (page.title,)
    blocks: list[Block] = []
    for block in page.blocks:
        if isinstance(block, Section):
            yield title, blocks
            title, blocks = block.text, []
        elif not isinstance(block, Cell):
            blocks.append(block)
    yield title, blocks


# --- what is given, and the results --------------------------------------------------------------------


def _statement_frames(page: Page, rooms: Rooms) -> Iterator[Frame]:
    """What is given and asked: on one frame, if there is room for it."""
    items = [(s.label, item) for s in page.statements for item in s.items]
    room = replace(rooms, line=rooms.line - 5)
    frame: list[tuple[str, Prose]] = []
    left = rooms.height
    first = True
    for label, item in items:
        need = _item_height(item, room)
        if frame and need > left:
            yield Frame((page.title,), _statements(frame), continued=not first)
            frame, left, first = [], rooms.height, False
        frame.append((label, item))
        left -= need
    if frame:
        yield Frame((page.title,), _statements(frame), continued=not first)


def _statements(items: Sequence[tuple[str, Prose]]) -> tuple[Statement, ...]:
    labels = list(dict.fromkeys(label for label, _ in items))
    return tuple(Statement(label, tuple(item for said, item in items if said == label)) for label in labels)


def _item_height(item: Prose, rooms: Rooms) -> float:
    return prose_height(item, rooms, statement_room(item, rooms)) + PARAGRAPH


def _results(page: Page, rooms: Rooms) -> Iterator[Frame]:
    """The boxes with the results, each on a frame of its own."""
    box: list[Row | Text] = []
    left = rooms.height - BOX
    first = True
    for row in page.outcome.rows if page.outcome is not None else ():
        need = _row_in_box(row, rooms)
        if box and need > left:
            yield Frame((page.title,), outcome=Outcome(tuple(box)), continued=not first)
            box, left, first = [], rooms.height - BOX, False
        box.append(row)
        left -= need
    if box:
        yield Frame((page.title,), outcome=Outcome(tuple(box)), continued=not first)


BOX = 4.0  # the frame of a result box, its heading, and the line on the verification


def _joined(found: Sequence[Frame], rooms: Rooms) -> list[Frame]:
    """A result stands below the end of its derivation where there is room for it."""
    joined: list[Frame] = []
    for frame in found:
        before = joined[-1] if joined else None
        if (frame.outcome is not None and before is not None and before.blocks and before.outcome is None
                and _frame_height(before, rooms) + _box_height(frame.outcome, rooms) <= rooms.height):
            joined[-1] = replace(before, outcome=frame.outcome)
        else:
            joined.append(frame)
    return joined


def _box_height(outcome: Outcome, rooms: Rooms) -> float:
    return BOX + sum(_row_in_box(row, rooms) for row in outcome.rows)


def _row_in_box(row: Row | Text, rooms: Rooms) -> float:
    if isinstance(row, Text):
        return _item_height(row.prose, rooms)
    return 0.3 + sum(line_height(line, rooms) for line in aligned((row,), rooms.box)[0])


def _frame_height(frame: Frame, rooms: Rooms) -> float:
    things = [thing for block in frame.blocks for thing in _things(block, rooms)]
    return _title_height(frame.title, rooms) + _height(things) if things else rooms.height


# --- packing ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Thing:
    """What is not divided: a block, a row of a chain or some of its lines, with its height.

    ``with_next`` is for the frame of what comes after it. ``chain`` are the lines to repeat where a frame begins
    within a chain. ``within`` one it goes on.
    """

    height: float
    block: Shown
    with_next: bool = False
    chain: tuple[AlignedLine, ...] = ()
    chain_height: float = 0.0
    within: bool = False


@dataclass(slots=True)
class _Packing:
    """Frames as they fill."""

    room: float
    done: list[list[_Thing]] = field(default_factory=list)

    def put(self, things: Sequence[_Thing]) -> None:
        """Put things that stay together on the last frame, or on a new one."""
        last = self.done[-1] if self.done else []
        if not last or _height([*last, *things]) > self.room:
            self.done.append(self._carried(things))
        else:
            last.extend(things)

    def _carried(self, things: Sequence[_Thing]) -> list[_Thing]:
        first = things[0]
        if not first.chain or first.chain_height + _height(things) > self.room:
            return list(things)
        carried = Lines(first.chain, len(first.chain))
        return [_Thing(first.chain_height, carried), *things]


def _height(things: Sequence[_Thing]) -> float:
    """Things below each other, with the room around chains."""
    gaps = sum(AROUND for a, b in pairwise(things) if not b.within and isinstance(b.block, Lines))
    return sum(t.height for t in things) + gaps


def _packed(title: Prose, blocks: Sequence[Block], rooms: Rooms) -> Iterator[Frame]:
    """The frames below one heading."""
    packing = _Packing(rooms.height - _title_height(title, rooms))
    waiting: list[_Thing] = []
    for block in blocks:
        for thing in _things(block, rooms):
            if waiting and _height([*waiting, thing]) > packing.room:
                packing.put(waiting)
                waiting = []
            waiting.append(thing)
            if not thing.with_next:
                packing.put(waiting)
                waiting = []
    if waiting:
        packing.put(waiting)
    for i, things in enumerate(packing.done):
        left = packing.room - _height([t for t in things if not isinstance(t.block, Picture)]) - AROUND
        shown = (FittedPicture(b, left) if isinstance(b, Picture) else b for b in _merged(things))
        yield Frame(title, blocks=tuple(shown), continued=i > 0)


def _merged(things: Sequence[_Thing]) -> Iterator[Shown]:
    """The blocks of a frame: the lines of one chain are one block again."""
    chain: list[AlignedLine] = []
    carried = 0
    for thing in things:
        if isinstance(thing.block, Lines):
            if chain and not thing.within:
                yield Lines(tuple(chain), carried)
                chain, carried = [], 0
            chain += thing.block.lines
            carried += thing.block.carried
            continue
        if chain:
            yield Lines(tuple(chain), carried)
            chain, carried = [], 0
        yield thing.block
    if chain:
        yield Lines(tuple(chain), carried)


def _things(block: Shown, rooms: Rooms) -> Iterator[_Thing]:
    """A block in parts that are not divided."""
    match block:
        case Text(words):
            yield _Thing(prose_height(words, rooms) + PARAGRAPH, block, with_next=_leads(block))
        case Rows(rows):
            yield from _rows(rows, rooms)
        case Lines(lines):
            yield _Thing(sum(line_height(line, rooms) for line in lines), block)
        case Grid():
            yield from _tables(block, rooms)
        case Picture():
            yield _Thing(PICTURE * rooms.height, block)
        case FittedPicture():
            yield _Thing(rooms.height, block)
        case FittedGrid(fitted, size):
            yield _Thing(_grid_height(fitted, size, rooms), block)
        case Code():
            yield from _programs(block, rooms)
        case Room(lines, label):
            yield _Thing(prose_height(label, rooms) + min(lines * ROOM_LINE, rooms.height / 2), block)
        case Choices(items):
            high = sum(_item_height(item, rooms) for item in items)
            yield _Thing(high + AROUND, block)


def _rows(rows: Sequence[Row], rooms: Rooms) -> Iterator[_Thing]:
    """The rows of a chain; one that is higher than a frame line by line."""
    single = [part for row in rows for part in separated(row, rooms.formula)]
    lines, _ = aligned(single, rooms.formula)
    groups = list(_by_row(lines))
    for i, group in enumerate(groups):
        high = [line_height(line, rooms) for line in group]
        carried = _carried(single[:i], rooms) if i and not single[i].left else ()
        chain_height = sum(line_height(line, rooms) for line in carried)
        if sum(high) <= rooms.height:
            stays = i < len(groups) - 1 and i in (0, len(groups) - 2)  # neither the first nor the last is alone
            yield _Thing(sum(high), Lines(tuple(group)), stays, carried, chain_height, within=i > 0)
            continue
        for j, (line, tall) in enumerate(zip(group, high, strict=True)):
            yield _Thing(tall, Lines((line,)), within=i > 0 or j > 0, with_next=j == 0 and len(group) > 1)


def _by_row(lines: Sequence[AlignedLine]) -> Iterator[list[AlignedLine]]:
    row: list[AlignedLine] = []
    for line in lines:
        row.append(line)
        if line.ends:
            yield row
            row = []


def _carried(before: Sequence[Row], rooms: Rooms) -> tuple[AlignedLine, ...]:
    """The line that a chain goes on from: its left side and the last right side, if one relation leads there."""
    start = max((i for i, row in enumerate(before) if row.left is not None), default=0)
    left, sign = before[start].left, before[-1].sign
    if not sign:
        return ()
    same = all(row.sign == sign for row in before[start:])
    narrow = left is not None and PAPER.node(left) <= LEFT_SHARE * rooms.formula
    row = Row(left if same and narrow else None, sign, before[-1].right)
    lines, _ = aligned((row,), rooms.formula)
    return lines if sum(line_height(line, rooms) for line in lines) <= CARRIED * rooms.height else ()


def _tables(grid: Grid, rooms: Rooms) -> Iterator[_Thing]:
    """A table in as many parts as frames can hold."""
    parts, size = _table.fitted(grid, rooms.line)
    scale = _table.SIZES[size]
    for i, (fitted, _) in enumerate(parts):
        head = _grid_height(replace(fitted, rows=()), size, rooms)
        chunks: list[list[tuple[Prose, ...]]] = [[]]
        left = rooms.height - head
        for row in fitted.rows:
            need = _cells_height(row, scale)
            if need > left and chunks[-1]:
                chunks.append([])
                left = rooms.height - head
            chunks[-1].append(row)
            left -= need
        for j, chunk in enumerate(_balanced(chunks)):
            part = replace(fitted, rows=tuple(chunk))
            yield _Thing(_grid_height(part, size, rooms), FittedGrid(part, size, i + j))


def _grid_height(grid: Grid, size: int, rooms: Rooms) -> float:
    cells = (grid.header, *grid.rows)
    around = AROUND + 0.5 + prose_height(grid.caption, rooms)
    return around + sum(_cells_height(row, _table.SIZES[size]) for row in cells)


def _balanced(chunks: Sequence[Sequence[tuple[Prose, ...]]]) -> Iterator[Sequence[tuple[Prose, ...]]]:
    """Nearly equally many rows a frame where all rows are alike: no frame has a single last row."""
    rows = [row for chunk in chunks for row in chunk]
    share = ceil(len(rows) / len(chunks))
    if not all(len(chunk) >= share for chunk in chunks[:-1]):
        yield from chunks
        return
    for start in range(0, len(rows), share) or (0,):
        yield rows[start : start + share]


def _cells_height(cells: Sequence[Prose], scale: float) -> float:
    tall = max((node_height(part, 1) for cell in cells for part in cell if isinstance(part, Node)), default=1.0)
    return scale * max(LINE_HIGH, tall + 0.25) + 0.1


def _programs(code: Code, rooms: Rooms) -> Iterator[_Thing]:
    most = max(1, int((rooms.height - prose_height(code.caption, rooms) - AROUND) / CODE_LINE))
    for start in range(0, len(code.lines), most) or (0,):
        lines = code.lines[start : start + most]
        high = len(lines) * CODE_LINE + prose_height(code.caption, rooms) + AROUND
        yield _Thing(high, replace(code, lines=lines))


# --- heights ---------------------------------------------------------------------------------------------


def _title_height(title: Prose, rooms: Rooms) -> float:
    """What a title takes beyond its first line."""
    wide = 1.25 * _table.prose_width(title)
    return max(0, ceil(wide / rooms.line) - 1) * 1.2 * LINE_HIGH


def prose_height(words: Prose, rooms: Rooms, room: float | None = None) -> float:
    """Running text: its lines, and the formulas that are displayed within it because they are wider than ``room``."""
    room = rooms.inline if room is None else room
    flowing, displayed, tallest = 0.0, 0.0, LINE_HIGH
    for part in words:
        if isinstance(part, str):
            flowing += text_width(part)
            continue
        wide = PAPER.node(part)
        if wide > room:
            lines, _ = aligned((Row(None, "", part),), rooms.formula - 4)
            displayed += sum(line_height(line, rooms) for line in lines) + AROUND + LINE_HIGH
        else:
            flowing += wide
            tallest = max(tallest, node_height(part, 0 if height(part) >= FRACTION else 1) + 0.15)
    lines_of_text = max(1, ceil(1.08 * flowing / rooms.line)) if flowing else 0
    return displayed + (tallest + (lines_of_text - 1) * (LINE_HIGH + (tallest - LINE_HIGH) / 2) if flowing else 0.0)


def line_height(line: AlignedLine, rooms: Rooms) -> float:
    """One line of a chain, with its reason where that does not stand beside it."""
    tall = max(LINE_HIGH, _pieces_height(line.left), _pieces_height(line.right)) + JOT
    reason = REASON_SIZE * _table.prose_width(line.why)
    wide = line_width(line.left, PAPER) + line_width(line.right, PAPER) + 1.5 * line.indent
    if reason and wide + reason + REASON > rooms.line:
        tall += ceil(reason / (0.52 * rooms.line)) * REASON_SIZE * LINE_HIGH
    return tall


_BRACKETS = (1.0, 1.1, 2.2, 3.0)
"""How high a bracket is around what :func:`_widths.height` says is so tall."""


def _pieces_height(line: Line) -> float:
    return max((_piece_height(piece) for piece in line), default=1.0)


def _piece_height(piece: object) -> float:
    match piece:
        case Whole(node):
            return node_height(node)
        case Stack(top, bottom):
            return 0.4 + sum(max(1.3, _pieces_height(part) + 0.2) for part in (*top, *bottom))
        case Open(_, tall):
            return _BRACKETS[tall]
        case Close(_, tall, exponent):
            return _BRACKETS[tall] + (0.4 if exponent is not None else 0.0)
        case Head(node):
            return _OPERATORS.get(type(node), 1.2)
        case Tail(node):
            return 1.4
    return 1.0


_OPERATORS: dict[type[Node], float] = {
    SumOver: 3.1, ProductOver: 3.1, Integral: 2.4, Limit: 1.8, Optimum: 2.0, Derivative: 2.3,
}
"""How high an operator is by itself when it is displayed."""


def node_height(node: Node, style: int = 0) -> float:
    """The height in em of a formula, displayed (style 0), in running text (1) or in a script (2)."""
    scale = (1.0, 1.0, 0.74)[min(style, 2)]
    match node:
        case Quotient(top, bottom):
            inner = min(style + 1, 2)
            return node_height(top, inner) + node_height(bottom, inner) + 0.3 * scale
        case Power(base, exponent):
            raised = node_height(exponent, 2)
            return node_height(base, style) + max(0.2, raised - 0.35) * scale
        case Matrix(rows):
            return sum(max(1.25, 0.2 + max(node_height(cell, 1) for cell in row)) for row in rows) + 0.3
        case Cases(branches):
            return sum(max(1.3, 0.25 + node_height(value, 1)) for value, _ in branches) + 0.2
        case Root(radicand):
            return node_height(radicand, style) + 0.25 * scale
        case Hole():
            return 2.0
        case Indexed():
            return 1.15 * scale
        case Call("binom", args):
            return sum(node_height(arg, min(style + 1, 2)) for arg in args) + 0.3
        case SumOver() | ProductOver() | Integral() | Limit() | Optimum() | Derivative() if style == 0:
            return max(_OPERATORS[type(node)], *(node_height(part, 0) for part in children(node)))
    return max((node_height(part, style) for part in children(node)), default=scale)
