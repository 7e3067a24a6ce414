r"""The lines of one formula of a text: rows, columns, remarks, and what goes on with what.

Called by :mod:`derive.read.texts` alone. Everything that is no formula (comments, ``&``, labels, line ends) is blanked
out place by place, so that an offset in a line is an offset in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derive.errors import DeriveError
from derive.read._delimiters import ENVIRONMENTS, WORDS, Span
from derive.read._parser import IMPLICATIONS, RELATIONS
from derive.read.names import Names
from derive.read.tokens import Token, tokens


@dataclass(frozen=True, slots=True)
class Piece:
    """A line to read: where it begins, its text with all that is no formula blanked out, its sign, or a refusal."""

    start: int
    text: str
    sign: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Cell:
    """A part of a formula between ``\\\\`` and columns; ``first`` of its row, ``marked`` by an ``&`` before it."""

    start: int
    end: int
    first: bool
    marked: bool


_STRUCTURE = re.compile(
    r"(?P<comment>%[^\n]*)|(?P<words>\\(?:short)?intertext\s*\{[^{}]*\})|(?P<begin>\\begin\s*\{[^{}]*\})"
    r"|(?P<end>\\end\s*\{[^{}]*\})|(?P<row>\\\\\*?(?:[ \t]*\[[^\]\n]*\])?|\\cr(?![A-Za-z])|\\newline(?![A-Za-z]))"
    r"|\\.|(?P<open>\{)|(?P<close>\})|(?P<column>&)",
    re.DOTALL,
)
_INNER = frozenset({"aligned", "alignedat", "split", "gathered", "multlined", "array", *ENVIRONMENTS})
_BEGIN = re.compile(r"\s*\\begin\s*\{\s*([A-Za-z]+)\*?\s*\}")
_OUTER = re.compile(r"\\begin\s*\{[^{}]*\}.*?\\end\s*\{[^{}]*\}", re.DOTALL)
_RELATION = re.compile(r"=|<|>|\\(?:le|leq|ge|geq|approx|equiv|Rightarrow|Leftrightarrow)(?![A-Za-z])")
_TWO_COLUMNS = frozenset({"align", "aligned", "alignat", "alignedat", "flalign"})
_ONE_FORMULA = frozenset({"multline", "multlined"})
_UNCOUNTED = re.compile(r"\\(?:label|tag\*?|ref|eqref)\s*\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])")
_REMARK = re.compile(
    rf"(?:{WORDS}|\\(?:q?quad|[,;:! ])|\\hspace\s*\{{[^{{}}]*\}}|[\s.,;()]"
    r"|\\(?:hfill|displaystyle|blacksquare|square|qed)(?![A-Za-z]))*"
)
_OPERATORS = frozenset({"+", "-", "*", "/", r"\pm", r"\mp", r"\odot", r"\circ"})
_SIGNS = {**RELATIONS, **IMPLICATIONS}


def _is_stack(inside: str) -> bool:
    """Whether an array is lines below each other, as scanned pages have them, and not a table of values."""
    columns = re.match(r"\s*\{\s*([lcr])\s*([lcr]*)\s*\}", inside)
    return columns is not None and (not columns[2] or _RELATION.search(_OUTER.sub("", inside)) is not None)


def _blank(text: str) -> str:
    return " " * len(text)


def pieces(text: str, span: Span, names: Names, latex: bool = False) -> tuple[Piece, ...]:
    """The lines of a formula, those that go on with the one before joined to it; in LaTeX, without comments."""
    if span.problem:
        return (Piece(span.start, "", problem=span.problem),)
    layout = _Layout(text, span, ("comment", "words") if latex else ("words",))
    found: list[_Raw] = []
    for cell in layout.cells():
        raw = _Raw(layout, cell, names)
        if raw.is_empty():
            continue
        if found and _goes_on(found[-1], raw, layout.environment):
            found[-1].join(raw)
        else:
            found.append(raw)
    if not found:
        return (Piece(span.start, "", problem="the formula is empty"),)
    return tuple(raw.piece() for raw in found)


class _Layout:
    """The text of one formula with comments and layout blanked out, place by place, and its cells."""

    def __init__(self, text: str, span: Span, left_out: tuple[str, ...]) -> None:
        self.offset, self.left_out = span.inner, left_out
        self.text = re.sub(r"[\n\r\t\f\v]", " ", self._masked(text[span.inner : span.inner_end]))
        self.environment = span.environment
        self.start, self.end = 0, len(self.text)
        if self.environment in ("alignat",):
            self._without_argument()
        while self._unwrapped():
            pass

    def _masked(self, text: str) -> str:
        """Without comments, words between lines, labels and numbers; quote marks of a Markdown quotation."""
        text = _STRUCTURE.sub(lambda m: _blank(m[0]) if m.lastgroup in self.left_out else m[0], text)
        text = _UNCOUNTED.sub(lambda m: _blank(m[0]), text)
        quoted = re.compile(r"(?<=\n)([ \t]*>)+")
        lines = text.split("\n")[1:]
        all_quoted = bool(lines) and all(re.match(r"[ \t]*>", line) for line in lines)
        return quoted.sub(lambda m: _blank(m[0]), text) if all_quoted else text

    def _without_argument(self) -> None:
        found = re.compile(r"\s*\{[^{}]*\}").match(self.text, self.start)
        if found:
            self.start = found.end()

    def _unwrapped(self) -> bool:
        """Step into an ``aligned`` that is the whole formula."""
        first = _BEGIN.match(self.text, self.start, self.end)
        if first is None or first[1] not in _INNER:
            return False
        depth, last = 1, None
        for found in _STRUCTURE.finditer(self.text, first.end(), self.end):
            depth += (found.lastgroup == "begin") - (found.lastgroup == "end")
            if depth == 0:
                last = found
                break
        if last is None or not re.fullmatch(r"[\s.,;]*", self.text[last.end() : self.end]):
            return False
        if first[1] == "array" and not _is_stack(self.text[first.end() : last.start()]):
            return False
        self.start, self.end, self.environment = first.end(), last.start(), first[1]
        if first[1] in ("alignat", "alignedat", "array"):
            self._without_argument()
        return True

    def cells(self) -> Iterator[_Cell]:
        """The parts between row ends, and between pairs of columns; the whole where brackets do not match."""
        depth, start, columns, first, marked = 0, self.start, 0, True, False
        found_cells: list[_Cell] = []
        for found in _STRUCTURE.finditer(self.text, self.start, self.end):
            depth += (found.lastgroup in ("begin", "open")) - (found.lastgroup in ("end", "close"))
            if depth < 0:
                break
            if depth or found.lastgroup not in ("row", "column"):
                continue
            if found.lastgroup == "column":
                columns += 1
                marked = marked or not self.text[start : found.start()].strip()
                if self.environment not in _TWO_COLUMNS or columns % 2:
                    continue
            found_cells.append(_Cell(start, found.start(), first, marked))
            start, marked = found.end(), False
            first = found.lastgroup == "row"
            columns = 0 if first else columns
        if depth:
            found_cells, start, first, marked = [], self.start, True, False
        yield from found_cells
        yield _Cell(start, self.end, first, marked)

    def without_columns(self, start: int, end: int) -> str:
        """The text of a part; alignment marks blanked out where they are no part of a matrix."""
        part = self.text[start:end]
        if not self.environment or self.environment in ("equation", "displaymath", "math", "gather"):
            return part
        depth, kept = 0, list(part)
        for found in _STRUCTURE.finditer(part):
            depth += (found.lastgroup in ("begin", "open")) - (found.lastgroup in ("end", "close"))
            if found.lastgroup == "column" and depth == 0:
                kept[found.start()] = " "
        return "".join(kept)


class _Raw:
    """A cell on its way to a line: its text blanked out place by place, and the signs at its ends."""

    def __init__(self, layout: _Layout, cell: _Cell, names: Names) -> None:
        self.cell = cell
        self.start = layout.offset + cell.start
        self.text = layout.without_columns(cell.start, cell.end)
        self.tokens = _tokens(self.text, names)
        while self.tokens and self.tokens[0].key == "gap":  # the space before a line that goes on
            self.text = _cut(self.text, self.tokens.pop(0))

    def is_empty(self) -> bool:
        """Whether nothing but remarks stands here."""
        return _REMARK.fullmatch(self.text) is not None

    def first(self) -> Token | None:
        return self.tokens[0] if self.tokens else None

    def opens(self) -> str:
        """The relation sign at the beginning."""
        first = self.first()
        return _SIGNS.get(first.key, "") if first else ""

    def ends_open(self) -> bool:
        """Whether a relation sign or an operator stands at the end, so that more must follow."""
        last = self.tokens[-1] if self.tokens else None
        return last is not None and (last.key in _SIGNS or last.key in _OPERATORS)

    def has_relation(self) -> bool:
        return any(token.key in _SIGNS for token in self.tokens)

    def join(self, other: _Raw) -> None:
        """Take in a cell that goes on with this one."""
        last, first = self.tokens[-1], other.first()
        if last.key in _SIGNS and first is not None and first.key in _SIGNS:
            self.text = _cut(self.text, last)  # a = at the end of a line and another at the beginning of the next
        gap = other.start - self.start - len(self.text)
        self.text += " " * gap + other.text
        self.tokens = [*self.tokens, *other.tokens]

    def piece(self) -> Piece:
        """The line to read, its sign taken off."""
        first, sign = self.first(), self.opens()
        if first is None or not sign:
            return Piece(self.start, self.text)
        return Piece(self.start, _cut(self.text, first), sign)


def _cut(text: str, token: Token) -> str:
    """The text with one sign blanked out."""
    end = token.at + len(token.text)
    return text[: token.at] + _blank(token.text) + text[end:]


def _tokens(text: str, names: Names) -> list[Token]:
    """The tokens without the end and remarks; none where a character is not read (the reader will say which)."""
    try:
        found = tokens(text, names)[:-1]
    except DeriveError:
        return []
    while found and found[-1].key in ("text", "gap", ",", ".", ";"):
        found.pop()
    return found


def _goes_on(before: _Raw, raw: _Raw, environment: str) -> bool:
    """Whether a cell goes on with the line before it: an operator at the end of that or at the beginning of this."""
    if not raw.cell.first or not raw.tokens or not before.tokens:
        return False
    if environment in _ONE_FORMULA or before.ends_open():
        return True
    key = raw.tokens[0].key
    if key not in _OPERATORS:
        return False
    return key != "-" or raw.cell.marked or not raw.has_relation()
