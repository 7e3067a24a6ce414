r"""A page as plain XHTML: what Word (by pandoc) and course systems take in, without styles and scripts.

:class:`XhtmlViews` spells words and lines; :func:`body` puts a page together. Only the elements that QTI allows in the
body of an item are used, every piece is well-formed XML, and nothing is said by a style alone. Formulas are MathML, or
LaTeX between ``\(`` and ``\)`` for systems that set it with MathJax (``latex=True``). A new block is a case in
:func:`_block`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from derive.documents import _escape, _table
from derive.documents._layout import Line
from derive.documents._markdown import MARKS, MarkdownNotation
from derive.documents._mathml import MathNotation
from derive.documents._pieces import Notation
from derive.documents._rows import AlignedLine, aligned
from derive.documents._tree import Block, Code, Grid, Page, Row, sign_text
from derive.documents._views import View, Views
from derive.steps import Status
from derive.tree import Node
from derive.write.mathml import NAMESPACE

INDENT = "\N{EM SPACE}"
FILL_IN = "_" * 24
TALL_BOX, BOX, TICKED = "[\N{EM SPACE}]", "\N{BALLOT BOX}", "\N{BALLOT BOX WITH CHECK}"
HIDDEN = "\N{FIGURE SPACE}"  # as wide as a digit
SIGN, REASONS = 1.8, 8.6  # em that a chain leaves for its relation signs, and beside the formulas


@dataclass(frozen=True)
class XhtmlViews(Views):
    """XHTML with MathML, or with LaTeX where ``latex`` is set; ``images`` stands before the path of every figure.

    ``styled`` cells say how wide their column is and which side they are set to.
    """

    latex: bool = False
    images: str = ""
    styled: bool = True

    notation: ClassVar[Notation] = MathNotation()
    marks: ClassVar[Mapping[Status, str]] = MARKS
    sizes = ("",) * len(_table.SIZES)
    _tex: ClassVar[Notation] = MarkdownNotation()

    def blocks(self, block: Block) -> list[View]:
        """As in any notation, but for tables, which are never split, and listings, which are kept whole."""
        match block:
            case Grid():
                return [self._grid(block, "", 0)]
            case Code(language=language):
                return [{**view, "language": language} for view in super().blocks(block)]
        return super().blocks(block)

    # --- running text and lines ------------------------------------------------------------------------

    def words(self, words: str) -> str:
        return _escape.html(words)

    def code(self, line: str) -> str:
        return _escape.html_code(line)

    def formula(self, node: Node, tall: bool) -> str:
        """A formula in running text."""
        return self._math((self._tex if self.latex else self.notation).whole(node), tall)

    def _math(self, inside: str, tall: bool = True) -> str:
        if self.latex:
            size = r"\displaystyle " if tall else ""
            return rf"\({size}{_escape.html(inside)}\)" if inside else ""
        inside = f'<mstyle displaystyle="true">{inside}</mstyle>' if tall else inside
        return f'<math xmlns="{NAMESPACE}">{inside}</math>'

    def _line(self, line: Line, continued: bool = False) -> str:
        return (self._tex if self.latex else self.notation).line(line, continued)

    def right_side(self, line: AlignedLine) -> str:
        """The formula right of the relation; what has to be shrunk on paper may be as wide as it is."""
        return self._line(line.right, line.continued) + self.after(line.after)

    def after(self, mark: str) -> str:
        return mark if self.latex or not mark else f"<mtext>{mark}</mtext>"

    def part(self, line: Line, continued: bool) -> str:
        return self._math(self._line(line, continued), tall=False)

    def display(self, lines: Sequence[View]) -> str:
        return "".join(f"<br/>{INDENT}{line['left']} {line['sign']} {line['right']}" for line in lines) + "<br/>"

    def lines(self, rows: Sequence[Row], room: float) -> list[View]:
        """As in any notation, but for reasons, which have a column of their own beside the formulas."""
        reasons = REASONS if any(row.why or row.mark for row in rows) else 0.0
        found, left = aligned(rows, room - reasons)
        shares = [max(2, round(100 * part / self.rooms.line)) for part in (left, SIGN, reasons)]
        widths = (shares[0], shares[1], 100 - sum(shares), shares[2])
        return [{**line, "widths": widths} for line in self._written(found)]

    def line(self, line: AlignedLine, final: bool) -> View:
        return {
            "left": self._math(self._line(line.left)) if line.left else "",
            "sign": self.words(sign_text(line.sign)),
            "right": INDENT * round(line.indent) + self._math(self.right_side(line)),
            "why": self.margin(line),
            "mark": self.mark(line),
        }

    # --- tables ----------------------------------------------------------------------------------------

    def columns(self, columns: Sequence[_table.Column]) -> View:
        total = sum(column.width + _table.GAP for column in columns)
        widths = [max(4, round(100 * (column.width + _table.GAP) / total)) for column in columns]
        return {"right": [column.right and self.styled for column in columns], "widths": widths if self.styled else []}

    def head_cell(self, words: str, column: _table.Column) -> str:
        return words

    def number(self, text: str, missing: str) -> str:
        return text.replace("-", "−") + HIDDEN * len(missing)


# --- a page ------------------------------------------------------------------------------------------


def body(views: XhtmlViews, page: Page, level: int = 3, headed: bool = False) -> str:
    """A page as XHTML; its headings are of a level. ``headed`` puts its title before it, one level above."""
    view = views.page(page)
    return "\n".join(_pieces(views, view, level, headed))


def _pieces(views: XhtmlViews, view: View, level: int, headed: bool) -> Iterator[str]:
    if headed:
        yield f"<h{level - 1}>{_escape.html(view['title'])}</h{level - 1}>"
    for statement in view["statements"]:
        yield f"<p><strong>{statement['label']}</strong></p>"
        yield f"<ul>{''.join(f'<li>{item}</li>' for item in statement['items'])}</ul>"
    for block in view["blocks"]:
        yield from _block(views, block, level)
    if view["outcome"]:
        yield f"<h{level}>{views.say('result')}</h{level}>"
    for box in view["outcome"]:
        for row in box:
            yield f"<p>{row['text']}</p>" if row["text"] else chain(row["lines"], views.styled)
    if view["summary"]:
        yield f"<p><em>{view['summary']}</em></p>"


def blocks(views: XhtmlViews, shown: Sequence[Block], level: int = 3) -> str:
    """Some blocks as XHTML."""
    return "\n".join(piece for block in shown for view in views.blocks(block) for piece in _block(views, view, level))


def _block(views: XhtmlViews, view: View, level: int) -> Iterator[str]:
    match view["kind"]:
        case "section":
            yield f"<h{level}>{view['text']}</h{level}>"
        case "text":
            yield f"<p>{view['text']}</p>"
        case "remark":
            yield f"<blockquote><p><em>{views.say('remark')}</em> {view['text']}</p></blockquote>"
        case "rows":
            yield chain(view["lines"], views.styled)
        case "table":
            yield _caption(view)
            yield _grid(view)
        case "picture":
            alt = _escape.html(view["alt"])
            yield f'<p><img src="{views.images}{_escape.html(view["file"])}" alt="{alt}"/></p>'
            yield _caption(view)
        case "code":
            yield _caption(view)
            yield f"<pre>{chr(10).join(view['lines'])}</pre>"
        case "room":
            yield f"<p>{view['label']}</p>"
            yield "".join(f"<p>{INDENT}</p>" for _ in range(view["lines"]))
        case "choices":
            yield from (f"<p>{INDENT}{_box(item, view['numbered'])}</p>" for item in view["items"])


def _box(item: View, numbered: bool) -> str:
    number = f"[{item['number']}]" if item["number"] else TALL_BOX
    box = number if numbered else TICKED if item["ticked"] else BOX
    return f"{box} {item['letter']}) {item['text']}"


def _caption(view: View) -> str:
    return f"<p><strong>{view['label']}</strong> {view['caption']}</p>"


def chain(lines: Sequence[View], styled: bool = True) -> str:
    """Aligned lines: a table without a head, with the reasons in its last column; a formula alone is a paragraph."""
    if not any(line[part] for line in lines for part in ("left", "sign", "why", "mark")):
        return "".join(f"<p>{INDENT}{line['right']}</p>" for line in lines)
    rows = "".join(_chain_row(line, styled) for line in lines)
    return f"<table>{_widths(lines[0]['widths'] if styled else ())}<tbody>{rows}</tbody></table>"


def _chain_row(line: View, styled: bool) -> str:
    cells = f"<td>{line['sign']}</td><td>{line['right']}</td><td>{_why(line)}</td>"
    return f"<tr><td{_side(styled)}>{line['left']}</td>{cells}</tr>"


def _why(line: View) -> str:
    return " ".join(filter(None, (f"<em>{line['why']}</em>" if line["why"] else "", line["mark"])))


def _grid(view: View) -> str:
    head = _cells("th", view["header"], view["right"])
    rows = "".join(f"<tr>{_cells('td', row, view['right'])}</tr>" for row in view["rows"])
    return f"<table>{_widths(view['widths'])}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _widths(shares: Sequence[int]) -> str:
    """How wide columns are, in percent of the line."""
    columns = "".join(f'<col style="width: {share}%"/>' for share in shares)
    return f"<colgroup>{columns}</colgroup>" if columns else ""


def _cells(tag: str, cells: Sequence[str], right: Sequence[bool]) -> str:
    return "".join(f"<{tag}{_side(side)}>{cell}</{tag}>" for cell, side in zip(cells, right, strict=True))


def _side(right: bool) -> str:
    return ' style="text-align: right"' if right else ""
