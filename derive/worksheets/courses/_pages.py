"""The pages of a question as XHTML, with the fields for answers in the place of its gaps.

Every course system makes :class:`Fields` of how it writes formulas and fields, and takes the task from :func:`task` and
the derivation, which is the feedback, from :func:`solution`. A field that is a line of text stands where the gap does;
what is chosen from or written at length stands below.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from derive import files
from derive.documents._figures import Drawn, draw_all, pictures
from derive.documents._layout import Whole
from derive.documents._rows import AlignedLine
from derive.documents._tree import Block, Document, Options, Page, Room, Row, Rows, Text
from derive.documents._views import View
from derive.documents._xhtml import INDENT, XhtmlViews, blocks, body
from derive.steps import Prose
from derive.tree import Hole, Node
from derive.worksheets.courses._questions import Numbers, Part, Question
from derive.worksheets.modes._visible import holes_in

LEVEL = 4  # of headings: the system's own page has those above
FIGURE_SUFFIX = ".png"

_NUMBERED = re.compile(r"\(([0-9]+)\) ")
_DELIMITER = re.compile(r"\\(?=[(\[])|\$(?=\$)")


@dataclass(frozen=True)
class Fields(XhtmlViews):
    """XHTML in which a gap that stands alone is a field: ``fields`` by its label, once; elsewhere it is a blank."""

    fields: Mapping[str, str] = field(default_factory=dict)
    placed: set[str] = field(default_factory=set)

    def words(self, words: str) -> str:
        """Words, in which nothing is taken for the beginning of a formula where formulas are LaTeX."""
        escaped = super().words(words)
        return _DELIMITER.sub(lambda found: f"{found[0]}<span></span>", escaped) if self.latex else escaped

    def formula(self, node: Node, tall: bool) -> str:
        return self._field(node) or super().formula(node, tall)

    def line(self, line: AlignedLine, final: bool) -> View:
        view = super().line(line, final)
        match line.right:
            case (Whole(Hole() as hole),):
                here = self._field(hole)
                return {**view, "right": INDENT * round(line.indent) + here + line.after} if here else view
        return view

    def _field(self, node: Node) -> str:
        if not isinstance(node, Hole) or node.label in self.placed or node.label not in self.fields:
            return ""
        self.placed.add(node.label)
        return self.fields[node.label]


@contextmanager
def drawn(question: Question) -> Iterator[tuple[Drawn, Path]]:
    """The figures of a question, in a folder that is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="derive-") as name, files.unsaved():
        folder = Path(name)
        yield draw_all(question.document, folder, question.name, FIGURE_SUFFIX), folder


def figures(page: Page, drawn: Drawn) -> list[Path]:
    """The files of the figures on a page."""
    return [drawn[picture.number] for picture in pictures(Document("", (page,)))]


def options(question: Question) -> Options:
    """What views of a question are made with."""
    return Options(language=question.language)


def task(views: Fields, question: Question, parts: Iterable[Part]) -> str:
    """What the student sees before the fields that stand below it.

    What ``parts`` are chosen from is left out, and so are the answer lines of gaps that are asked in another question.
    """
    page = question.paper
    parts = list(parts)
    left = {part.block for part in parts}.union(elsewhere(question, parts))
    pieces = [body(views, replace(page, blocks=(), outcome=None, summary=None), LEVEL)]
    pieces += [
        blocks(views, (block,), LEVEL)
        for k, block in enumerate(page.blocks) if k not in left and not isinstance(block, Room)
    ]
    pieces.append(body(views, replace(page, statements=(), blocks=()), LEVEL))
    return "\n".join(filter(None, pieces))


def elsewhere(question: Question, parts: Sequence[Part]) -> set[int]:
    """The places of the answer lines that no field or prompt for ``parts`` belongs to, with the hints below them.

    A line stays where another one that stays names its gap: the value *at* the point that is asked for there. What is
    chosen from needs no line.
    """
    asked = {part.gap.label: part.gap for part in question.parts}
    blocks = question.paper.blocks
    lines = {k: label for k, block in enumerate(blocks)
             if (label := _answered(block)) in asked and (asked[label].step is None or asked[label].choices)}
    kept = {part.gap.label for part in parts if not part.gap.choices}
    while more := {hole.label for k, label in lines.items() if label in kept for hole in holes_in([blocks[k]])} - kept:
        kept |= more
    left = {k for k, label in lines.items() if label not in kept}
    hints = {k + 1 for k in left if k + 1 < len(blocks) and k + 1 not in lines and isinstance(blocks[k + 1], Text)}
    return left | hints


def has_line(question: Question, part: Part) -> bool:
    """Whether the page says by an answer line what number is asked for."""
    return isinstance(part.judged, Numbers) and part.gap.label in map(_answered, question.paper.blocks)


def _answered(block: Block) -> str:
    """The label of the gap for whose answer a block is nothing but the line."""
    match block:
        case Rows((Row(right=Hole(label=label)),)):
            return label
        case Text((str(), Hole(label=label))):
            return label
        case Text((*_, str(before), Hole(label=label), str(), str())) if before.endswith(": "):
            return label
        case Text((str(named), *_)) if found := _NUMBERED.match(named):
            return found[1]
    return ""


def solution(views: XhtmlViews, question: Question) -> str:
    """The derivation."""
    return body(views, question.solution, LEVEL)


def paragraph(views: XhtmlViews, prose: Prose, after: str = "") -> str:
    """A paragraph, or nothing where there is nothing to say."""
    inside = views.prose(prose) + after
    return f"<p>{inside}</p>" if inside.strip() else ""


def arranged(fields: Iterable[Iterable[str]]) -> str:
    """The fields of numbers in one line: those of a vector in brackets, the rows of a matrix below each other."""
    rows = [list(row) for row in fields]
    if rows and len(rows) == len(rows[0]) == 1:
        return rows[0][0]
    lines = map(", ".join, rows)
    return f"({f'<br/>{INDENT}'.join(lines)})"
