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
from derive.documents import html as html_format
from derive.documents import json as json_format
from derive.documents import markdown as markdown_format
from derive.documents import notebook as notebook_format
from derive.documents import tex as tex_format
from derive.documents import text as text_format
from derive.documents._layout import PAPER, Line, Measure, Stack, Whole
from derive.documents._markdown import MARKS, MarkdownNotation
from derive.documents._mathml import MathNotation
from derive.documents._pieces import Notation, TexNotation, TextNotation, TypstNotation
from derive.documents._rows import BOX_ROOM, ROOM, aligned, displayed
from derive.documents._terminal import INDENT, MEASURE, STEP, WIDTH
from derive.documents._terminal import MARKS as TEXT_MARKS
from derive.documents._tree import Code, Document, Grid, Options, Outcome, Picture, Row, Rows, Section, Text, document
from derive.steps import Derivation, Prose, Status
from derive.tree import Node
from derive.write.latex import latex
from derive.write.mathml import MathML
from derive.write.text import text
from derive.write.typst import typst

from .samples import ALL, descent, jacobian, sigmoid

FULL = Options(detail="full")


@dataclass(frozen=True)
class Format:
    """How a format is read back: its text, how it writes a formula, words, marks, and how wide its lines are."""

    written: Callable[[list[Derivation], Path], str]
    notation: Notation
    inline: Callable[[Node], str]
    words: Callable[[str], str]
    mark: Callable[[Status], str]
    alternative: Callable[[str], str] | None
    label: Callable[[str, int], str]
    measure: Measure = PAPER
    rooms: tuple[float, float, float] = (ROOM, ROOM - 4, BOX_ROOM)
    step: float = 1.5


def _file(module: object) -> Callable[[list[Derivation], Path], str]:
    def written(derivations: list[Derivation], folder: Path) -> str:
        path, *_ = module.write("A sheet", derivations, folder, "sheet", FULL)  # type: ignore[attr-defined]
        return str(path.read_text(encoding="utf-8"))

    return written


def _notebook(derivations: list[Derivation], folder: Path) -> str:
    cells = json.loads(_file(notebook_format)(derivations, folder))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells)


def _typst_source(derivations: list[Derivation], folder: Path) -> str:
    return _typst.source(document("A sheet", derivations, "full"), folder, "sheet")[0]


def _tex_mark(status: Status) -> str:
    return rf"\{status}"


def _tex_label(kind: str, number: int) -> str:
    return rf"\{kind.lower()}caption{{{number}}}"


def _typst_label(kind: str, number: int) -> str:
    return f"*Listing {number}.*" if kind == "Listing" else f'caption("{kind}", {number},'


def _bold_label(kind: str, number: int) -> str:
    return f"**{kind} {number}.**"


MARKDOWN = MarkdownNotation()
FORMATS = {
    "tex": Format(_file(tex_format), TexNotation(), latex, _escape.tex, _tex_mark, None, _tex_label),
    "typst": Format(_typst_source, TypstNotation(), typst, _escape.typst, lambda s: f"[#{s}]", _escape.typst_string,
                    _typst_label),
    "html": Format(
        _file(html_format), MathNotation(), lambda node: MathML().write(node), _escape.html,
        lambda s: f'class="mark {s}"', _escape.html, lambda kind, number: f"<b>{kind} {number}.</b>",
    ),
    "markdown": Format(
        _file(markdown_format), MARKDOWN, MARKDOWN.whole, _escape.markdown, MARKS.__getitem__, _escape.markdown,
        _bold_label,
    ),
    "notebook": Format(
        _notebook, MARKDOWN, MARKDOWN.whole, _escape.markdown, MARKS.__getitem__, _escape.markdown, _bold_label,
    ),
    "text": Format(
        _file(text_format), TextNotation(), text, str, lambda s: TEXT_MARKS[s][0], None, "{} {}.".format, MEASURE,
        (WIDTH - INDENT - 2, WIDTH - INDENT - 2, WIDTH - INDENT - 6), STEP,
    ),
}  # fmt: skip


def test_every_format_is_held_against_the_tree() -> None:
    held = {*FORMATS, "json"} - {"typst"} | {"pdf"}  # what the engines make of their sources is in test_pdf.py
    assert held == set(choices.names("documents"))


SHIPPED = ("s0-p3-1-gradient-descent", "s3-p1i-backpropagation", "taylor-tanh", "layers-lenet")


def _derivations(name: str) -> list[Derivation]:
    made = {"sigmoid": sigmoid, "descent": descent, "jacobian": jacobian}
    return [made[name]()] if name in made else api.solve(name)


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
    lines, _ = aligned(rows, room, form.measure, form.step)
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
        yield from (row.prose for row in _outcome(page.outcome) if isinstance(row, Text))


def _outcome(outcome: Outcome | None) -> tuple[Row | Text, ...]:
    return outcome.rows if outcome is not None else ()


def _all_rows(shown: Document, form: Format) -> Iterator[tuple[tuple[Row, ...], float]]:
    """The aligned rows, with the room that they have."""
    for page in shown.pages:
        yield from ((block.rows, form.rooms[0]) for block in page.blocks if isinstance(block, Rows))
        yield from (((row,), form.rooms[2]) for row in _outcome(page.outcome) if isinstance(row, Row))


@pytest.mark.parametrize("name", ["sigmoid", "descent", "jacobian", *(pytest.param(s, marks=pytest.mark.slow)
                                                                    for s in SHIPPED)])
@pytest.mark.parametrize("kind", FORMATS)
def test_all_of_the_tree_is_in_the_format(kind: str, name: str, tmp_path: Path) -> None:
    form, derivations = FORMATS[kind], _derivations(name)
    shown = document("A sheet", derivations, "full")
    found = _squeezed(form.written(derivations, tmp_path))

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
    found = _squeezed(FORMATS["html"].written([sigmoid()], tmp_path))
    rows = [node for rows, room in _all_rows(document("A sheet", [jacobian()], "full"), FORMATS["html"])
            for node in _in_lines(rows, room, FORMATS["html"])]
    missing = [node for node in rows if _squeezed(FORMATS["html"].notation.whole(node)) not in found]
    assert len(missing) > len(rows) / 2
