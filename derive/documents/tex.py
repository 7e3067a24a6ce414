r"""The LaTeX document: a ``.tex`` file that compiles untouched with a small TeX, and its figures.

The command line calls :func:`write`; ``pdf.py`` compiles what it writes. This module turns the document tree into
what ``templates/document.tex.j2`` shows: formulas from the printer, words through the escape filter, rows broken by
``_layout``. No text of a person reaches the file unescaped. A new block is a row in :func:`_view` and a branch in
the template.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from derive import files
from derive.documents import _escape, _table, _widths
from derive.documents._figures import Drawn, draw_all
from derive.documents._pieces import TexNotation
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
    Options,
    Page,
    Picture,
    Row,
    Rows,
    Section,
    Statement,
    Summary,
    Text,
    cut,
    document,
)
from derive.steps import Derivation, Prose, Status
from derive.tree import Node
from derive.write.latex import latex

SUFFIX = ".tex"
FIGURE_SUFFIX = ".pdf"

View = dict[str, Any]
_NOTATION = TexNotation()

MARKS = {
    Status.PROVED: r"\proved", Status.CHECKED: r"\checked", Status.ASSUMED: r"\assumed",
    Status.UNDECIDED: r"\undecided",
}


def write(
    sheet_title: str, derivations: Sequence[Derivation], folder: Path, stem: str, options: Options | None = None,
) -> list[Path]:
    """Write ``<stem>.tex`` and its figures into a folder; returns their paths, the document first.

    Raises :class:`~derive.errors.RefutedError` when a step is refuted, before anything is written, and
    :class:`~derive.files.OutputError` when the folder cannot be written.
    """
    options = options or Options()
    shown = document(sheet_title, derivations, options.detail)
    drawn = draw_all(shown, folder, stem, FIGURE_SUFFIX)
    path = files.write_text(folder / f"{stem}{SUFFIX}", source(shown, drawn, folder))
    return [path, *drawn.values()]


def source(shown: Document, drawn: Drawn, folder: Path) -> str:
    """The LaTeX source of a document whose figures have been drawn below ``folder``."""
    pages = [_page(page, drawn, folder) for page in shown.pages]
    single = len(pages) == 1 and shown.pages[0].title.strip() == shown.title.strip()
    text: str = _template().render(
        title=shown.title, pages=pages, single=single, header=cut(shown.title), pdf_title=_ascii(shown.title),
    )
    return text


@cache
def _template() -> Any:
    return environment(tex=_escape.tex).from_string_of("document.tex.j2")


# --- views: what the template is given -----------------------------------------------------------------


def _page(page: Page, drawn: Drawn, folder: Path) -> View:
    return {
        "title": page.title,
        "pdf_title": _ascii(page.title),
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
            return [{"kind": "rows", "lines": lines(rows, ROOM)}]
        case Grid():
            return _grid(block)
        case Picture():
            return [_picture(block, drawn[block.number].relative_to(folder).as_posix())]


def _statement(statement: Statement) -> View:
    return {"label": statement.label, "items": [prose(item, statement_room(item)) for item in statement.items]}


def prose(words: Prose, room: float = INLINE) -> str:
    """Running text: words escaped, formulas inline; those wider than the room in em are displayed."""
    return "".join(_inline(part, room) if isinstance(part, Node) else _escape.tex(part) for part in words)


def _inline(node: Node, room: float) -> str:
    """Fractions stay at full size in running text; only in tables (no room given) they are set small."""
    tall = room > 0 and _widths.height(node) >= _widths.FRACTION
    if room and _widths.width(node, 0 if tall else 1) > room:
        return display(node)
    return rf"$\displaystyle {_NOTATION.whole(node)}$" if tall else f"${latex(node)}$"


def display(node: Node) -> str:
    """A formula displayed inside running text, broken where it must be."""
    body = "\n".join(_source_line(line) for line in lines(displayed(node), ROOM - 4))
    return f"\n\\begin{{align*}}\n{body}\n\\end{{align*}}\n"


def lines(rows: Sequence[Row], room: float) -> list[View]:
    """The lines of aligned rows, ready for an ``align*``."""
    found, _ = aligned(rows, room)
    views = [_line(line) for line in found]
    for view, following in zip(views, [*found[1:], None], strict=True):
        view["end"] = "" if following is None else r" \\" if view["last"] else r" \\*"
    return views


def _line(line: AlignedLine) -> View:
    sign = f"{_NOTATION.printer.signs[line.sign]} " if line.sign else ""
    indent = r"\quad " * line.indent
    right = _NOTATION.line(line.right, line.continued)
    return {
        "left": _NOTATION.line(line.left),
        "right": indent + sign + (_NOTATION.fitted(right, line.room) if line.room else right),
        "why": _escape.tex(line.reason),
        "mark": MARKS.get(line.mark, "") if line.mark else "",
        "last": line.last,
    }


def _source_line(view: View) -> str:
    return f"  {view['left']} &{view['right']}{view['end']}"


def _outcome_row(row: Row | Text) -> View:
    if isinstance(row, Text):
        return {"text": prose(row.prose, statement_room(row.prose)), "lines": []}
    return {"text": "", "lines": lines((row,), BOX_ROOM)}


def _picture(block: Picture, file: str) -> View:
    figure = block.figure
    return {"kind": "picture", "file": file, "alt": _ascii(figure.alt), "caption": prose(figure.caption),
            "number": block.number}


def _summary(summary: Summary) -> str:
    return "".join(MARKS[p] + "{}" if isinstance(p, Status) else _escape.tex(p) for p in summary.parts)


# --- tables ---------------------------------------------------------------------------------------------

_SIZE_COMMANDS = (r"\normalsize", r"\small", r"\footnotesize", r"\scriptsize")


def _grid(block: Grid) -> list[View]:
    grids, size = _table.fitted(block, LINE)
    return [_table_view(grid, _SIZE_COMMANDS[size], i) for i, grid in enumerate(grids)]


def _table_view(grid: Grid, size: str, part: int) -> View:
    columns = _table.columns(grid)
    return {
        "kind": "table",
        "size": size,
        "number": grid.number,
        "caption": prose(grid.caption) if part == 0 else "continued",
        "format": "".join("r" if c.right else "l" for c in columns),
        "header": [_head_cell(cell, c) for cell, c in zip(grid.header, columns, strict=True)],
        "rows": [[_cell(cell, c) for cell, c in zip(row, columns, strict=True)] for row in grid.rows],
        "long": len(grid.rows) > LONG_TABLE,
    }


def _head_cell(cell: Prose, column: _table.Column) -> str:
    return rf"\multicolumn{{1}}{{c}}{{{prose(cell, 0)}}}" if column.right else prose(cell, 0)


def _cell(cell: Prose, column: _table.Column) -> str:
    number = _table.number_text(cell)
    if number is None:
        return prose(cell, 0)
    missing = _table.padding(cell, column.places) if column.right else ""
    return f"${number.replace('−', '-')}$" + (rf"\phantom{{${missing}$}}" if missing else "")


# --- words that TeX's PDF strings take -----------------------------------------------------------------


def _ascii(words: str) -> str:
    """Words for bookmarks, the PDF's title and alternative texts: letters, digits and harmless marks only."""
    plain = _escape.plain(words)
    return "".join(c if c.isalnum() or c in " .,:;!?()+-=*/'" else " " for c in plain).strip()
