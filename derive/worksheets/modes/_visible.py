"""What can be read on a page, and how an answer is kept from standing there a second time.

An answer *stands* on a page where it is written as a formula of its own: a side of a line, a cell, a formula in the
text, one side of an equation. An answer that tells something (:func:`tells`) also must not be part of a longer formula
or of a sentence; the number 2 is, everywhere, and gives nothing away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from derive.documents._tree import Block, Choices, Code, Grid, Page, Picture, Room, Row, Rows, Section, Text, plain
from derive.steps import Prose
from derive.tree import (
    Call,
    Gradient,
    Hole,
    Node,
    Relation,
    Statements,
    Sum,
    Vector,
    contains,
    entries,
    map_children,
    numeric,
    walk,
)
from derive.write.text import text

_PARTS_THAT_TELL = 4  # nodes: -2y has as many
_DIGITS_THAT_TELL = 3
_DECIMAL = re.compile(r"\d+\.\d+")
_SIGNED = re.compile(r"(?P<sign>[-−]?)(?P<number>\d+\.\d+)")
_HALF = 0.5 + 1e-9  # units of the last place that rounding moves a number by
PRINTED = 8_192  # formulas whose text is remembered; some megabytes


def tells(answer: Node) -> bool:
    """Whether an answer is long enough that meeting it in another formula is no accident."""
    if numeric(answer) is not None:
        return sum(c.isdigit() for c in printed(answer)) >= _DIGITS_THAT_TELL
    return sum(1 for _ in walk(answer)) >= _PARTS_THAT_TELL


@lru_cache(maxsize=PRINTED)
def printed(node: Node) -> str:
    """A formula as text; the same ones are looked at again and again."""
    return text(node)


# --- reading ----------------------------------------------------------------------------------------------


def formulas(prose: Prose) -> Iterator[Node]:
    """The formulas in running text."""
    return (part for part in prose if isinstance(part, Node))


def standing(node: Node) -> Iterator[Node]:
    """A formula, and what stands in it by itself: the sides of an equation, the items of a list."""
    yield node
    match node:
        case Relation(parts) | Statements(parts):
            for part in parts:
                yield from standing(part)


def nodes_of(block: Block) -> Iterator[Node]:
    """The formulas of a block; of a figure those that it is told to draw."""
    match block:
        case Rows(rows):
            for row in rows:
                yield from (side for side in (row.left, row.right) if side is not None)
        case Picture(figure):
            yield from formulas(figure.caption)
            yield from _nodes_in(figure.data)
        case Code(caption=caption):
            yield from formulas(caption)
        case _:
            for prose in proses_of(block):
                yield from formulas(prose)


def proses_of(block: Block) -> Iterator[Prose]:
    """The texts of a block, cell by cell."""
    match block:
        case Section(prose) | Text(prose) | Room(_, prose):
            yield prose
        case Grid(header, rows, caption):
            yield from header
            for row in rows:
                yield from row
            yield caption
        case Choices(items):
            yield from items
        case Picture(figure):
            yield figure.caption
            yield (figure.alt,)
        case Code(lines, caption):
            yield caption
            yield ("\n".join(lines),)
        case Rows(rows):
            yield from ((plain(row.why),) for row in rows)


def _nodes_in(value: object) -> Iterator[Node]:
    match value:
        case Node():
            yield value
        case dict():
            for part in value.values():
                yield from _nodes_in(part)
        case list() | tuple():
            for part in value:
                yield from _nodes_in(part)


def texts_of(blocks: Iterable[Block]) -> list[tuple[list[str], list[str]]]:
    """Of each block what stands there by itself, and all that is written in it, printed."""
    return [_texts(list(nodes_of(block)), [s for p in proses_of(block) for s in p if isinstance(s, str)])
            for block in blocks]


def page_texts(page: Page) -> list[tuple[list[str], list[str]]]:
    """The same for a whole page, first its title and the problem as it is posed."""
    items = [(page.title,), *(item for statement in page.statements for item in statement.items)]
    posed = _texts([n for item in items for n in formulas(item)], [s for i in items for s in i if isinstance(s, str)])
    return [posed, *texts_of(page.blocks)]


def alone(page: Page) -> frozenset[str]:
    """What stands by itself on a page, printed."""
    return frozenset(line for lines, _ in page_texts(page) for line in lines)


def _texts(nodes: list[Node], strings: list[str]) -> tuple[list[str], list[str]]:
    alone = [printed(part) for node in nodes for part in standing(node)]
    return alone, [*(printed(node) for node in nodes), *strings]


def counted(answer: Node, texts: Iterable[tuple[list[str], list[str]]]) -> int:
    """How often an answer stands in printed text."""
    if not tells(answer):
        wanted = printed(answer)
        return sum(alone.count(wanted) for alone, _ in texts)
    return met(answer, texts)


def met(answer: Node, texts: Iterable[tuple[list[str], list[str]]]) -> int:
    """How often an answer is met in printed text, however short it is, also inside other formulas."""
    wanted = printed(answer)
    lines = [line for _, lines in texts for line in lines if wanted in line]
    return sum(len(_written(wanted).findall(line)) for line in lines)


@lru_cache(maxsize=PRINTED)
def _written(wanted: str) -> re.Pattern[str]:
    """A printed formula where no letter, digit or exponent goes on before or after it."""
    return re.compile(rf"(?<![\w.]){re.escape(wanted)}(?![\w.]\w|\w)")


# --- numbers written otherwise ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Decimal:
    """A printed decimal without its sign, and by how much the number that it was rounded from may differ."""

    written: str
    value: float
    margin: float

    def is_rounded(self, value: Fraction) -> bool:
        """Whether it may be this number, rounded; a sign is not looked at."""
        return abs(self.value - abs(float(value))) <= self.margin


def decimals(lines: Iterable[str]) -> list[Decimal]:
    """The decimals in printed lines that have three digits or more, one for each time that they stand there."""
    found = (written for line in lines for written in _DECIMAL.findall(line))
    return [
        Decimal(written, float(written), _HALF * 10.0 ** -len(written.partition(".")[2]))
        for written in found if len(written.replace(".", "").lstrip("0")) >= _DIGITS_THAT_TELL
    ]


def told_otherwise(answer: Node, shown: Sequence[Decimal], cells: Container[str]) -> bool:
    """Whether an answer can be read off numbers and cells in which it is not written as it is.

    That is a fraction beside its decimal, or a vector or a sum whose parts stand by themselves. ``shown`` are the
    decimals on the page with the answer's own, ``cells`` what stands in its tables.
    """
    if isinstance(answer, Sum):
        parts = [printed(term) for term in answer.terms if tells(term)]
        return bool(parts) and all(part in cells for part in parts)
    own = decimals([printed(answer)])
    pieces = {part: value for part in entries(answer) or (answer,)
              if (value := numeric(part)) is not None and value % 1}
    if entries(answer) is None:
        written = {decimal.written for decimal in own}
        return any(d.is_rounded(value) and d.written not in written for value in pieces.values() for d in shown)
    short = {part for part in pieces if _DECIMAL.search(printed(part)) and not decimals([printed(part)])}
    return bool(pieces) and all(printed(part) in cells for part in short) and all(
        sum(d.is_rounded(value) for d in shown) > sum(d.is_rounded(value) for d in own)
        for part, value in pieces.items() if part not in short
    )


# --- hiding -----------------------------------------------------------------------------------------------


def hidden(block: Block, answer: Node, gap: Hole) -> Block:
    """The block with a gap wherever the answer stands in it; a table of data stays as it is."""
    inside = tells(answer)

    def in_node(node: Node) -> Node:
        return _hidden_in(node, answer, gap) if inside else _hidden_alone(node, answer, gap)

    def in_prose(prose: Prose) -> Prose:
        return _hidden_in_prose(prose, answer, gap, in_node)

    def in_cell(cell: Prose) -> Prose:
        return tuple(gap if _is_rounded(part, answer) else part for part in in_prose(cell))

    match block:
        case Rows(rows):
            return Rows(tuple(_hidden_in_row(row, in_node) for row in rows))
        case Grid(given=True):
            return block
        case Grid(header, rows, caption):
            cells = tuple(tuple(in_cell(cell) for cell in row) for row in rows)
            return replace(block, header=tuple(map(in_prose, header)), rows=cells, caption=in_prose(caption))
        case Section(prose):
            return Section(in_prose(prose))
        case Text(prose):
            return replace(block, prose=in_prose(prose))
    return block


def _is_rounded(part: str | Node, answer: Node) -> bool:
    """Whether a part of a cell is the number that is asked for, written otherwise."""
    value = numeric(answer)
    if value is None or not (isinstance(part, str) or numeric(part) is not None):
        return False
    found = _SIGNED.fullmatch(part.strip() if isinstance(part, str) else printed(part))
    return found is not None and bool(found["sign"]) == (value < 0) and any(
        decimal.is_rounded(value) for decimal in decimals([found["number"]])
    )


def _hidden_in_row(row: Row, in_node: Callable[[Node], Node]) -> Row:
    return replace(row, left=None if row.left is None else in_node(row.left), right=in_node(row.right))


def _hidden_in(node: Node, answer: Node, gap: Hole) -> Node:
    if node == answer:
        return gap
    return _taken_at(node, answer, gap) or map_children(node, lambda part: _hidden_in(part, answer, gap))


def not_taken_at(node: Node, answer: Node, gap: Hole) -> Node:
    """A formula with a gap in place of the answer where something is taken at it, and nowhere else."""
    return _taken_at(node, answer, gap) or map_children(node, lambda part: not_taken_at(part, answer, gap))


def _taken_at(node: Node, answer: Node, gap: Hole) -> Node | None:
    """What is taken at an answer, which may be a point, with a gap there."""
    match node:
        case Call(name, args) if Vector(args) == answer or args == (answer,):
            return Call(name, (gap,), node.order)
        case Gradient(name, args) if Vector(args) == answer:
            return Gradient(name, (gap,))
    return None


def _hidden_alone(node: Node, answer: Node, gap: Hole) -> Node:
    if node == answer:
        return gap
    match node:
        case Relation() | Statements():
            return map_children(node, lambda part: _hidden_alone(part, answer, gap))
    return node


def _hidden_in_prose(prose: Prose, answer: Node, gap: Hole, in_node: Callable[[Node], Node]) -> Prose:
    made: list[str | Node] = []
    for part in prose:
        if isinstance(part, Node):
            made.append(in_node(part))
        elif tells(answer):
            made += _split(part, _written(printed(answer)), gap)
        else:
            made += [gap] if part.strip() == printed(answer) else [part]
    return tuple(made)


def _split(words: str, wanted: re.Pattern[str], gap: Hole) -> Iterator[str | Node]:
    end = 0
    if not wanted.search(words):
        yield words  # as it is: it may be a word that knows its languages
        return
    for found in wanted.finditer(words):
        if found.start() > end:
            yield words[end : found.start()]
        yield gap
        end = found.end()
    if end < len(words):
        yield words[end:]


def holes_in(blocks: Iterable[Block]) -> Iterator[Hole]:
    """Every gap in the formulas of blocks."""
    return (part for block in blocks for node in nodes_of(block) for part in walk(node) if isinstance(part, Hole))


def mentions(block: Block, answers: Iterable[Node]) -> bool:
    """Whether a figure or a program shows an answer, in words, in what it draws or as a number."""
    answers = list(answers)
    printed = texts_of([block])
    if any(counted(answer, printed) for answer in answers):
        return True
    parts = [part for node in nodes_of(block) for part in walk(node)]
    numbers = {value for part in parts if (value := numeric(part)) is not None} | set(_numbers_in(block))
    pieces = [piece for answer in answers for piece in (entries(answer) or (answer,))]
    if any(value is not None and float(value) in numbers for value in map(numeric, pieces)):
        return True
    return any(contains(node, answer) for node in nodes_of(block) for answer in answers if tells(answer))


def _numbers_in(block: Block) -> Iterator[float]:
    if isinstance(block, Picture):
        yield from _floats(block.figure.data)


def _floats(value: object) -> Iterator[float]:
    match value:
        case bool():
            return
        case int() | float():
            yield float(value)
        case dict():
            for part in value.values():
                yield from _floats(part)
        case list() | tuple():
            for part in value:
                yield from _floats(part)
