r"""Markdown of a document, block by block: for the Markdown file, and for the text of a notebook.

:class:`MarkdownViews` spells words and formulas; :func:`opening`, :func:`blocks` and :func:`closing` put a page
together, each as pieces that may stand alone. Formulas are LaTeX between dollars, as GitHub, pandoc and Jupyter take
it. GitHub reads escapes of Markdown even inside a formula, so none of the signs that Markdown knows is left in one:
``\{`` is written ``\lbrace``. A new block is a case in :func:`blocks`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from textwrap import indent
from typing import ClassVar

from derive.documents import _escape, _table
from derive.documents._layout import Line
from derive.documents._pieces import Notation, TexNotation
from derive.documents._rows import AlignedLine
from derive.documents._tree import Block, Code, Grid, Text
from derive.documents._views import View, Views
from derive.steps import Status
from derive.tree import Node
from derive.write.latex import Latex

MARKS = {Status.PROVED: "✓", Status.CHECKED: "≈", Status.ASSUMED: "∘", Status.UNDECIDED: "?"}

_SAFE = {
    r"\{": r"\lbrace ", r"\}": r"\rbrace ", r"\|": r"\Vert ", r"\,": "~", r"\;": "~", r"\:": "~", r"\ ": "~", r"\!": "",
    "|": r"\vert ", "<": r"\lt ", ">": r"\gt ", "*": r"\ast ",
}  # fmt: skip
_UNSAFE = re.compile(r"\\operatorname\*|\\\\|\\[{}|,;: !]|[|<>*]")


def safe(latex: str) -> str:
    """LaTeX without the signs that Markdown would take for its own."""
    return _UNSAFE.sub(lambda found: _SAFE.get(found[0], found[0]), latex)


_STEP = r"\quad "


class _SafeLatex(Latex):
    """LaTeX whose relations are words."""

    signs: ClassVar = {**Latex.signs, "<": r"\lt", ">": r"\gt"}


class MarkdownNotation(TexNotation):
    """LaTeX as MathJax knows it, without the macros of derive's own documents."""

    def __init__(self) -> None:
        Notation.__init__(self, _SafeLatex())

    def line(self, line: Line, continued: bool = False) -> str:
        """One line, without the signs of Markdown and without a blank at its end, where pandoc reads no formula."""
        return safe(super().line(line, continued)).strip()

    def fitted(self, written: str, room: float) -> str:
        return written


class MarkdownViews(Views):
    """Markdown with LaTeX formulas."""

    notation: ClassVar[Notation] = MarkdownNotation()
    marks: ClassVar[Mapping[Status, str]] = MARKS
    sizes = ("",) * len(_table.SIZES)

    def blocks(self, block: Block) -> list[View]:
        """As in any notation, but for tables, which are never split, and listings, which are kept whole."""
        match block:
            case Grid():
                return [self._grid(block, "", 0)]
            case Code(language=language, runs=runs):
                return [{**view, "language": language, "runs": runs} for view in super().blocks(block)]
            case Text(remark=True):
                return [{**view, "lead": self.say("remark")} for view in super().blocks(block)]
        return super().blocks(block)

    # --- running text and lines ------------------------------------------------------------------------

    def words(self, words: str) -> str:
        return _escape.markdown(words)

    def code(self, line: str) -> str:
        return line

    def formula(self, node: Node, tall: bool) -> str:
        return f"${self.notation.whole(node)}$"

    def part(self, line: Line, continued: bool) -> str:
        return f"${self.notation.line(line, continued)}$"

    def display(self, lines: Sequence[str]) -> str:
        return f"\n\n{displayed(lines)}\n\n"

    def line(self, line: AlignedLine, final: bool) -> str:
        """A line of ``aligned``: the reason and the verdict stand in a column of their own."""
        left = self.notation.line(line.left)
        why = self.margin(line)
        return rf"{left} &{_STEP * line.indent}{self.right_side(line)}{f' &&{why}' if why else ''}".strip()

    def margin(self, line: AlignedLine) -> str:
        r"""The reason, the conditions and the verdict: words in ``\text``, formulas as they are."""
        mark = self.mark(line)
        shown = (*line.why, f" {mark}" if line.why else mark) if mark else line.why
        return "".join(
            rf"\text{{{_escape.in_formula(''.join(map(str, parts)))}}}" if worded
            else "".join(self.notation.whole(part) for part in parts if isinstance(part, Node))
            for worded, parts in groupby(shown, lambda part: isinstance(part, str))
        )

    # --- tables ----------------------------------------------------------------------------------------

    def columns(self, columns: Sequence[_table.Column]) -> View:
        return {"rules": ["---:" if c.right else ":---" for c in columns]}

    def head_cell(self, words: str, column: _table.Column) -> str:
        return words

    def number(self, text: str, missing: str) -> str:
        return f"${text.replace('−', '-')}$"

    def alternative(self, words: str) -> str:
        return _escape.markdown(words)


def displayed(lines: Sequence[str]) -> str:
    """Aligned lines as a displayed formula."""
    body = " \\\\\n".join(lines)
    return f"$$\n\\begin{{aligned}}\n{body}\n\\end{{aligned}}\n$$"


def heading(level: int, words: str) -> str:
    """A heading, from its finished text."""
    return f"{'#' * level} {words}"


def head(view: View) -> Iterator[str]:
    """The title and the lines of the sheet's head."""
    yield heading(1, _escape.markdown(view["title"]))
    plain = [line["words"] for line in view["front"] if not line["label"]]
    labelled = [f"**{line['label']}** {line['words'] or FILL_IN}" for line in view["front"] if line["label"]]
    yield from (between.join(lines) for between, lines in ((" · ", plain), ("   ", labelled)) if lines)


FILL_IN = r"\_" * 24
RULED = "&nbsp;\n\n***"  # a line to write on: a paragraph of nothing, and a rule


def opening(page: View) -> Iterator[str]:
    """What is given and asked."""
    for statement in page["statements"]:
        yield f"**{statement['label']}**"
        yield "\n".join(_item(item) for item in statement["items"])


def _item(words: str) -> str:
    """An item of a list, all of whose lines belong to it."""
    return f"- {indent(words.strip(), '  ').lstrip()}"


def blocks(views: Sequence[View], level: int) -> Iterator[str]:
    """The views of a page's blocks, each as a piece; its headings are of a level."""
    for view in views:
        yield from _block(view, level)


def _block(view: View, level: int) -> Iterator[str]:
    match view["kind"]:
        case "section":
            yield heading(level, view["text"])
        case "text":
            yield view["text"].strip()
        case "remark":
            yield indent(f"*{view['lead']}* {view['text'].strip()}", "> ", lambda line: True)
        case "rows":
            yield displayed(view["lines"])
        case "table":
            yield captioned(view)
            yield _grid(view)
        case "picture":
            yield f"![{view['alt']}]({view['file']})"
            yield captioned(view)
        case "code":
            yield captioned(view)
            yield fenced(view["lines"], view["language"])
        case "room":
            yield view["label"].strip()
            yield from [RULED] * view["lines"]
        case "choices":
            yield "\n".join(_choice(item, view["numbered"]) for item in view["items"])


def _choice(item: View, numbered: bool) -> str:
    """A line of a task list; one that is to be numbered has a place for that."""
    box = f"**{item['number']}**" if item["number"] else r"\_" * 4
    return _item(f"{box if numbered else '[x]' if item['ticked'] else '[ ]'} {item['letter']}\\) {item['text']}")


def captioned(view: View) -> str:
    """The caption of a table, a figure or a listing."""
    return f"**{view['label']}** {view['caption']}"


def _grid(view: View) -> str:
    rows = [view["header"], view["rules"], *view["rows"]]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def fenced(lines: Sequence[str], language: str) -> str:
    """A listing, in a fence that nothing in it ends."""
    longest = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *lines, fence])


def closing(page: View, level: int, result: str) -> Iterator[str]:
    """The results, below a heading that says so, and the verification line."""
    if page["outcome"]:
        yield heading(level, result)
    for box in page["outcome"]:
        for row in box:
            yield row["text"].strip() if row["text"] else displayed(row["lines"])
    if page["summary"]:
        yield f"*{page['summary']}*"

