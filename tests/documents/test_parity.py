"""Every formula, table, figure and verdict of the document tree is in every format, as that format writes it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from derive import api, choices
from derive.documents import _escape, _table, _typst
from derive.documents import docx as docx_format
from derive.documents import html as html_format
from derive.documents import json as json_format
from derive.documents import markdown as markdown_format
from derive.documents import notebook as notebook_format
from derive.documents import tex as tex_format
from derive.documents import text as text_format
from derive.documents._figures import draw_all
from derive.documents._languages import LANGUAGES
from derive.documents._layout import PAPER, RUNNING, Line, Measure, Stack, Whole, broken
from derive.documents._markdown import MARKS, MarkdownNotation
from derive.documents._mathml import MathNotation
from derive.documents._pieces import Notation, TexNotation, TextNotation, TypstNotation
from derive.documents._rows import BOX_ROOM, LINE, ROOM, aligned, displayed
from derive.documents._terminal import INDENT, MEASURE, STEP, WIDTH
from derive.documents._terminal import MARKS as TEXT_MARKS
from derive.documents._tree import (
    Choices,
    Code,
    Document,
    Grid,
    Options,
    Outcome,
    Picture,
    Room,
    Row,
    Rows,
    Section,
    Text,
    document,
    letter,
)
from derive.documents._views import MARGIN, SMALL
from derive.documents._widths import width
from derive.documents._xhtml import REASONS
from derive.steps import Derivation, Prose, Status
from derive.tree import Node
from derive.write.latex import latex
from derive.write.mathml import MathML
from derive.write.text import text
from derive.write.typst import typst

from .samples import ALL, conditional, descent, jacobian, sigmoid, worksheet

FULL = Options(detail="full")


@dataclass(frozen=True)
class Format:
    """How a format is read back: its text, how it writes a formula, words, marks, and how wide its lines are.

    Of its lines ``reasons`` is the part that a chain leaves beside its formulas.
    """

    written: Callable[[Document, Path], str]
    notation: Notation
    inline: Callable[[Node], str]
    words: Callable[[str], str]
    mark: Callable[[Status], str]
    alternative: Callable[[str], str] | None
    label: Callable[[str, int], str]
    room: Callable[[str, int], bool]
    box: Callable[[Choices, int], str]
    measure: Measure = PAPER
    rooms: tuple[float, float, float] = (ROOM, ROOM - 4, BOX_ROOM)
    line: float = LINE
    reasons: float = 0.0
    step: float = 1.5
    in_formula: Callable[[str], str] | None = None
    whole_margin: bool = False

    def margin(self, words: str) -> str:
        """Words of a reason."""
        return (self.in_formula or self.words)(words)


def _file(module: object) -> Callable[[Document, Path], str]:
    def written(shown: Document, folder: Path) -> str:
        path, *_ = module.write_document(shown, folder, "sheet", FULL)  # type: ignore[attr-defined]
        return str(path.read_text(encoding="utf-8"))

    return written


def _notebook(shown: Document, folder: Path) -> str:
    cells = json.loads(_file(notebook_format)(shown, folder))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells)


def _typst_source(shown: Document, folder: Path) -> str:
    return _typst.source(shown, folder, "sheet", FULL)[0]


def _docx_source(shown: Document, folder: Path) -> str:
    drawn = draw_all(shown, folder, "sheet", docx_format.FIGURE_SUFFIX)
    return docx_format.source(shown, drawn, folder, FULL)


def _tex_mark(status: Status) -> str:
    return rf"\{status}"


def _tex_label(kind: str, number: int) -> str:
    return rf"\{kind.lower()}caption{{{kind} {number}.}}"


def _typst_label(kind: str, number: int) -> str:
    said = f'#"{kind} ";{number}#".";'
    return f"*{said}*" if kind == "Listing" else f"caption([{said}],"


def _bold_label(kind: str, number: int) -> str:
    return f"**{kind} {number}.**"


def _tex_box(block: Choices, place: int) -> str:
    cross = r"$\times$" if place in block.ticked else ""
    box = rf"\numberbox{{{_number(block, place)}}}" if block.numbered else rf"\tickbox{{{cross}}}"
    return rf"\item[{box}\enspace{{}}{letter(place)})]"


def _typst_box(block: Choices, place: int) -> str:
    box = f'numberbox("{_number(block, place)}")' if block.numbered else \
        f"tickbox({str(place in block.ticked).lower()})"
    return rf"({box}, [{letter(place)}\)]"


def _html_box(block: Choices, place: int) -> str:
    inside = _number(block, place) if block.numbered else "×" if place in block.ticked else ""
    return f">{inside or '&nbsp;'}</span><span>{letter(place)})</span>"


def _docx_box(block: Choices, place: int) -> str:
    number = _number(block, place)
    box = (f"[{number}]" if number else "[ ]") if block.numbered else "☑" if place in block.ticked else "☐"
    return f"<p>\u2003{box} {letter(place)})"


def _markdown_box(block: Choices, place: int) -> str:
    number, blank = _number(block, place), r"\_" * 4
    ticked = "[x]" if place in block.ticked else "[ ]"
    return f"- {(f'**{number}**' if number else blank) if block.numbered else ticked} {letter(place)}\\)"


def _text_box(block: Choices, place: int) -> str:
    inside = _number(block, place) if block.numbered else "x" if place in block.ticked else ""
    return f"[{inside}] {letter(place)})"


def _number(block: Choices, place: int) -> str:
    return str(block.numbers[place]) if block.numbers else ""


def _lines(pattern: str) -> Callable[[str, int], bool]:
    """Whether there are as many lines to write on as there should be."""
    return lambda written, lines: len(re.findall(pattern, written, re.MULTILINE)) == lines


def _tex_room(written: str, lines: int) -> bool:
    return "}" + r"\writeline " * lines + r"\par}" in written.replace(r"\nopagebreak ", " ")


def _html_room(written: str, lines: int) -> bool:
    return f"{'<div></div>' * lines}</div>" in written


def _typst_room(written: str, lines: int) -> bool:
    return re.search(rf"#room\(.*, {lines}\)", written) is not None


def _empty_cell(written: str, lines: int) -> bool:
    return "\n\n\n\n" in f"{written}\n\n"


MARKDOWN, WORD = MarkdownNotation(), docx_format.PAGE
FORMATS = {
    "tex": Format(_file(tex_format), TexNotation(), latex, _escape.tex, _tex_mark, None, _tex_label,
                  _tex_room, _tex_box),
    "typst": Format(_typst_source, TypstNotation(), typst, _escape.typst, lambda s: f"[#{s}]", _escape.typst_string,
                    _typst_label, _typst_room, _typst_box),
    "html": Format(
        _file(html_format), MathNotation(), lambda node: MathML().write(node), _escape.html,
        lambda s: f'class="mark {s}"', _escape.html, lambda kind, number: f"<b>{kind} {number}.</b>",
        _html_room, _html_box,
    ),
    "docx": Format(
        _docx_source, MathNotation(), lambda node: MathML().write(node), _escape.html, MARKS.__getitem__, _escape.html,
        lambda kind, number: f"<strong>{kind} {number}.</strong>", _lines("<p>\u2003</p>"), _docx_box,
        rooms=(WORD.formula, WORD.formula - 4, WORD.box), line=WORD.line, reasons=REASONS,
    ),
    "markdown": Format(
        _file(markdown_format), MARKDOWN, MARKDOWN.whole, _escape.markdown, MARKS.__getitem__, _escape.markdown,
        _bold_label, _lines(r"^\*\*\*$"), _markdown_box, in_formula=_escape.in_formula, whole_margin=True,
    ),
    "notebook": Format(
        _notebook, MARKDOWN, MARKDOWN.whole, _escape.markdown, MARKS.__getitem__, _escape.markdown, _bold_label,
        _empty_cell, _markdown_box, in_formula=_escape.in_formula, whole_margin=True,
    ),
    "text": Format(
        _file(text_format), TextNotation(), text, str, lambda s: TEXT_MARKS[s][0], None, "{} {}.".format,
        _lines(r"^ +_{70,}$"), _text_box, MEASURE,
        (WIDTH - INDENT - 2, WIDTH - INDENT - 2, WIDTH - INDENT - 6), STEP, whole_margin=True,
    ),
}  # fmt: skip


def test_every_format_is_held_against_the_tree() -> None:
    held = {*FORMATS, "json"} - {"typst"} | {"pdf", "docx"}  # what is made of their sources has tests of its own
    assert held == set(choices.names("documents"))


SHIPPED = ("s0-p3-1-gradient-descent", "s3-p1i-backpropagation", "taylor-tanh", "layers-lenet")


def _shown(name: str) -> Document:
    made = {"sigmoid": sigmoid, "descent": descent, "jacobian": jacobian, "conditional": conditional}
    if name == "worksheet":
        return worksheet()
    return document("A sheet", [made[name]()] if name in made else api.solve(name), "full")


def _squeezed(written: str) -> str:
    """Without blanks, line ends and the frames of boxes."""
    return re.sub(r"[\s│╭╮╰╯─]+", "", written)


def _wholes(line: Line) -> Iterator[Node]:
    for piece in line:
        if isinstance(piece, Whole):
            yield piece.node
        elif isinstance(piece, Stack):
            for inner in (*piece.top, *piece.bottom):
                yield from _wholes(inner)


def _in_lines(rows: tuple[Row, ...], room: float, form: Format) -> Iterator[Node]:
    """The unbroken formulas of aligned rows."""
    reasons = form.reasons if any(row.why or row.mark for row in rows) else 0.0
    lines, _ = aligned(rows, room - reasons, form.measure, form.step)
    for line in lines:
        yield from _wholes(line.left)
        yield from _wholes(line.right)


def _proses(shown: Document) -> Iterator[Prose]:
    """Running text, cells and captions."""
    for page in shown.pages:
        for statement in page.statements:
            yield from statement.items
        for block in page.blocks:
            match block:
                case Section(words) | Text(words):
                    yield words
                case Grid(header, rows, caption):
                    yield caption
                    yield from header
                    yield from (cell for row in rows for cell in row if _table.number_text(cell) is None)
                case Picture(figure):
                    yield figure.caption
                case Code(caption=caption):
                    yield caption
                case Room(label=label):
                    yield label
                case Choices(items):
                    yield from items
        yield from (row.prose for row in _outcome(page.outcome) if isinstance(row, Text))


def _outcome(outcome: Outcome | None) -> tuple[Row | Text, ...]:
    return outcome.rows if outcome is not None else ()


def _all_rows(shown: Document, form: Format) -> Iterator[tuple[tuple[Row, ...], float]]:
    """The aligned rows, with the room that they have."""
    for page in shown.pages:
        yield from ((block.rows, form.rooms[0]) for block in page.blocks if isinstance(block, Rows))
        yield from (((row,), form.rooms[2]) for row in _outcome(page.outcome) if isinstance(row, Row))


def _in_margin(rows: tuple[Row, ...], form: Format, found: str) -> Iterator[Node]:
    """The formulas of the reasons and conditions, whole or in the parts that fit; their words are looked for."""
    for part in (part for row in rows for part in row.why):
        if isinstance(part, str):
            assert _squeezed(form.margin(part)) in found, part
        elif form.whole_margin or width(part, 1) <= MARGIN * form.line / SMALL:
            yield part
        else:
            room = MARGIN * form.line / SMALL
            yield from (node for line in broken(part, room, room, RUNNING) for node in _wholes(line))


@pytest.mark.parametrize("name", ["sigmoid", "descent", "jacobian", "worksheet", "conditional",
                                  *(pytest.param(s, marks=pytest.mark.slow) for s in SHIPPED)])
@pytest.mark.parametrize("kind", FORMATS)
def test_all_of_the_tree_is_in_the_format(kind: str, name: str, tmp_path: Path) -> None:
    form, shown = FORMATS[kind], _shown(name)
    found = _squeezed(form.written(shown, tmp_path))

    def spelled(node: Node) -> set[str]:
        return {_squeezed(form.notation.whole(node)), _squeezed(form.inline(node))}

    def count(node: Node) -> int:
        return max(found.count(s) for s in spelled(node))

    wanted = Counter(node for rows, room in _all_rows(shown, form) for node in _in_lines(rows, room, form))
    for words in _proses(shown):
        for part in words:
            if isinstance(part, str):
                rest = part[1:].lstrip()  # a mark may have gone into the formula before it
                assert any(_squeezed(form.words(shown_part)) in found for shown_part in (part, rest)), part
            elif count(part):
                wanted[part] += 1
            else:
                wanted.update(_in_lines(displayed(part), form.rooms[1], form))
    for rows, _ in _all_rows(shown, form):
        wanted.update(_in_margin(rows, form, found))
    assert not {text(node): times for node, times in wanted.items() if count(node) < times}

    blocks = [block for page in shown.pages for block in page.blocks]
    for block in blocks:
        match block:
            case Grid(rows=rows, number=number):
                assert _squeezed(form.label("Table", number)) in found
                cells = [_table.number_text(cell) for row in rows for cell in row]
                digits = Counter(cell.lstrip("-−") for cell in cells if cell)
                assert all(found.count(cell) >= times for cell, times in digits.items())
            case Picture(figure, number):
                assert _squeezed(form.label("Figure", number)) in found
                assert form.alternative is None or _squeezed(form.alternative(figure.alt)) in found
            case Code(number=number):
                assert _squeezed(form.label("Listing", number)) in found
            case Room(lines=lines):
                assert form.room(form.written(shown, tmp_path), lines)
            case Choices():
                boxes = [form.box(block, i) for i in range(len(block.items))]
                assert all(found.count(_squeezed(box)) >= times for box, times in Counter(boxes).items())
    for what, words in shown.front:
        told = LANGUAGES["en"].day(words) if words.strip() else LANGUAGES["en"].front(what)
        assert _squeezed(form.words(told)) in found, what
    marks = Counter(row.mark for block in blocks if isinstance(block, Rows) for row in block.rows if row.mark)
    for status, times in marks.items():
        assert found.count(_squeezed(form.mark(status))) >= times


@pytest.mark.parametrize("make", ALL)
def test_json_has_every_step_with_its_verdict(make: Callable[[], Derivation]) -> None:
    derivation = make()
    (problem,) = json_format.as_json([derivation])["problems"]
    told = json.dumps(problem, ensure_ascii=False)
    functions = frozenset(problem["context"]["functions"])
    for step in derivation.all_steps():
        assert json.dumps(latex(step.after, functions), ensure_ascii=False) in told
    assert told.count('"status"') == sum(1 for step in derivation.all_steps() if step.verdict is not None)


def test_a_formula_that_is_missing_is_noticed(tmp_path: Path) -> None:
    """The comparison can fail: nothing of another derivation is found in the page."""
    found = _squeezed(FORMATS["html"].written(document("A sheet", [sigmoid()]), tmp_path))
    rows = [node for rows, room in _all_rows(document("A sheet", [jacobian()], "full"), FORMATS["html"])
            for node in _in_lines(rows, room, FORMATS["html"])]
    missing = [node for node in rows if _squeezed(FORMATS["html"].notation.whole(node)) not in found]
    assert len(missing) > len(rows) / 2
