"""The Typst source of a document: the same content as ``tex.py``, for the embedded compiler.

``pdf.py`` calls :func:`source` where there is no TeX. All words go in as string literals, all formulas come from the
printer; ``templates/document.typ.j2`` holds the look. A new block is a row in :func:`_views` and a branch there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from derive.documents import _escape, _table, _widths
from derive.documents._figures import Drawn, draw_all
from derive.documents._pieces import TypstNotation
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
    statement_room,
)
from derive.documents._template import environment
from derive.documents._tree import (
    Block,
    Document,
    Grid,
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
from derive.write.text import text
from derive.write.typst import typst

FIGURE_SUFFIX = ".svg"

View = dict[str, Any]
_NOTATION = TypstNotation()

MARKS = {
    Status.PROVED: "#proved", Status.CHECKED: "#checked", Status.ASSUMED: "#assumed", Status.UNDECIDED: "#undecided",
}


def source(shown: Document, folder: Path, stem: str) -> tuple[str, list[Path]]:
    """The Typst source and the figures drawn for it below ``folder``, which it names relative to that folder."""
    drawn = draw_all(shown, folder, stem, FIGURE_SUFFIX)
    pages = [_page(page, drawn, folder) for page in shown.pages]
    single = len(pages) == 1 and shown.pages[0].title.strip() == shown.title.strip()
    made = _template().render(title=shown.title, pages=pages, single=single, header=cut(shown.title))
    return made, list(drawn.values())


@cache
def _template() -> Any:
    filters = {"text": _escape.typst, "words": _escape.typst_words, "string": _escape.typst_string}
    return environment(**filters).from_string_of("document.typ.j2")


# --- views: what the template is given -----------------------------------------------------------------


def _page(page: Page, drawn: Drawn, folder: Path) -> View:
    return {
        "title": page.title,
        "statements": [_statement(s) for s in page.statements],
        "blocks": [view for block in page.blocks for view in _views(block, drawn, folder)],
        "outcome": [[_outcome_row(row) for row in box] for box in boxes(page.outcome.rows)] if page.outcome else [],
        "summary": _summary(page.summary) if page.summary else "",
    }


def _views(block: Block, drawn: Drawn, folder: Path) -> list[View]:
    match block:
        case Section(words):
            return [{"kind": "section", "text": prose(words)}]
        case Text(words, remark):
            return [{"kind": "remark" if remark else "text", "text": prose(words)}]
        case Rows(rows):
            return [{"kind": "rows", "lines": _lines(rows, ROOM)}]
        case Grid():
            return _grid(block)
        case Picture():
            return [_picture(block, "/" + drawn[block.number].relative_to(folder).as_posix())]


def _statement(statement: Statement) -> View:
    return {"label": statement.label, "items": [prose(item, statement_room(item)) for item in statement.items]}


def prose(words: Prose, room: float = INLINE) -> str:
    """Running text: words as literals, formulas inline; those wider than the room in em are displayed."""
    return "".join(_inline(part, room) if isinstance(part, Node) else _escape.typst(part) for part in words)


def _inline(node: Node, room: float) -> str:
    """Fractions stay at full size in running text; only in tables (no room given) they are set small."""
    tall = room > 0 and _widths.height(node) >= _widths.FRACTION
    if room and _widths.width(node, 0 if tall else 1) > room:
        return f"#chain(({''.join(f'{line}, ' for line in _lines(displayed(node), ROOM - 4))}));"
    return formula(node, f"display({_NOTATION.whole(node)})" if tall else typst(node))


def formula(node: Node, written: str) -> str:
    """An inline formula that says itself in words to those who cannot see it."""
    return f"#math.equation(alt: {_escape.typst_string(text(node))}, ${written}$);"


def _lines(rows: Sequence[Row], room: float) -> list[str]:
    return [_line(line) for line in aligned(rows, room)[0]]


def _line(line: AlignedLine) -> str:
    """One line as the dictionary that the template's ``chain`` takes."""
    sign = f"{_NOTATION.printer.signs[line.sign]} " if line.sign else ""
    right = _NOTATION.line(line.right, line.continued)
    right = sign + (_NOTATION.fitted(right, line.room) if line.room else right)
    left = f"$display({_NOTATION.line(line.left)})$" if line.left else ""
    mark = MARKS.get(line.mark, "") if line.mark else ""
    why = _escape.typst_words(line.reason)
    return (
        f"(left: [{left}], right: [$display({right})$], indent: {line.indent}, why: {why}, "
        f"mark: [{mark}], last: {str(line.last).lower()})"
    )


def _outcome_row(row: Row | Text) -> View:
    if isinstance(row, Text):
        return {"text": prose(row.prose, statement_room(row.prose)), "lines": []}
    return {"text": "", "lines": _lines((row,), BOX_ROOM)}


def _picture(block: Picture, file: str) -> View:
    figure = block.figure
    return {"kind": "picture", "file": file, "alt": figure.alt, "caption": prose(figure.caption),
            "number": block.number}


def _summary(summary: Summary) -> str:
    return "".join(f"{MARKS[p]};" if isinstance(p, Status) else _escape.typst(p) for p in summary.parts)


# --- tables ---------------------------------------------------------------------------------------------


def _grid(block: Grid) -> list[View]:
    grids, size = _table.fitted(block, LINE)
    return [_table_view(grid, _table.SIZES[size], i) for i, grid in enumerate(grids)]


def _table_view(grid: Grid, size: float, part: int) -> View:
    columns = _table.columns(grid)
    return {
        "kind": "table",
        "size": size,
        "number": grid.number,
        "caption": prose(grid.caption) if part == 0 else "continued",
        "long": len(grid.rows) > LONG_TABLE,
        "columns": len(columns),
        "align": ", ".join("right" if c.right else "left" for c in columns),
        "header": [_head_cell(cell, c) for cell, c in zip(grid.header, columns, strict=True)],
        "rows": [[_cell(cell, c) for cell, c in zip(row, columns, strict=True)] for row in grid.rows],
    }


def _head_cell(cell: Prose, column: _table.Column) -> str:
    return f"table.cell(align: {'center' if column.right else 'left'})[{prose(cell, 0)}]"


def _cell(cell: Prose, column: _table.Column) -> str:
    number = _table.number_text(cell)
    if number is None:
        return f"[{prose(cell, 0)}]"
    missing = _table.padding(cell, column.places) if column.right else ""
    minus = "−" if number[0] in "-−" else ""
    return f"[{_escape.typst(minus + number.lstrip('-−'))}" + (f'#hide("{missing}")]' if missing else "]")
