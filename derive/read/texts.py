r"""Whole texts: Markdown or LaTeX in which formulas stand among words, as they are and with their places.

:func:`read_text` cuts a text into :class:`Prose` and :class:`Formula` parts whose sources put together are the text
again, character by character. A formula stands between ``$…$``, ``$$…$$``, ``\(…\)``, ``\[…\]`` or in an environment
(``align`` and the like). Its lines are read one by one; one that cannot be read carries its refusal, with the place in
the file, and the others are read all the same. Lines that continue each other are put together as :class:`Chain`: a
line that begins with a relation sign goes on with the chain before it. Code, comments, escaped dollars and verbatim
text are prose. A function that the text itself defines (``C(x, y) = …``) may be applied in all of it.

Called by the command line and by whoever judges a person's working. A new delimiter or
environment is a row in ``_delimiters.py``; what the lines of a formula are is said in ``_rows.py``.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from derive import limits
from derive.errors import DeriveError, FormulaError, LimitError
from derive.read import sources
from derive.read._delimiters import Scanner, Span
from derive.read._rows import Piece, pieces
from derive.read.fields import declaring
from derive.read.latex import Names, read, read_definition
from derive.steps import Definition
from derive.tree import Node

LATEX_SUFFIXES = frozenset({".tex", ".ltx", ".latex"})


class UnreadError(DeriveError):
    """A formula of a text that cannot be read: file, line and column (from 1), the problem, the line with a caret."""

    def __init__(self, file: str, line: int, column: int, problem: str, hint: str, picture: str) -> None:
        self.file, self.line, self.column, self.problem = file, line, column, problem
        self.picture = picture
        place = f"{file}:{line}:{column}" if file else f"{line}:{column}"
        super().__init__(f"{place}: {problem}\n{picture}", hint)


@dataclass(frozen=True, slots=True)
class Prose:
    """Words between formulas, as they stand in the text."""

    source: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a formula: its LaTeX, the relation sign that it begins with, and what it says or why it is not read.

    ``line`` and ``column`` (from 1) are those of its first character behind the sign. A line that is written over
    several lines of the file is one line here when it ends or goes on with an operator.
    """

    latex: str
    line: int
    column: int
    sign: str = ""
    node: Node | None = None
    error: UnreadError | None = None


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula with its delimiters as it stands in the text, and the lines in it."""

    source: str
    line: int
    column: int
    display: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """Lines that continue each other: all but the first begin with a relation sign."""

    lines: tuple[Line, ...]


Part = Prose | Formula


@dataclass(frozen=True, slots=True)
class Text:
    """A text: its parts in order, the chains of its formulas, the functions it defines itself."""

    file: str
    parts: tuple[Part, ...]
    chains: tuple[Chain, ...]
    definitions: tuple[Definition, ...] = ()

    def source(self) -> str:
        """The text again, character by character."""
        return "".join(part.source for part in self.parts)

    def formulas(self) -> tuple[Formula, ...]:
        """The formulas in order."""
        return tuple(part for part in self.parts if isinstance(part, Formula))

    def lines(self) -> tuple[Line, ...]:
        """The lines of all formulas in order."""
        return tuple(line for formula in self.formulas() for line in formula.lines)

    def errors(self) -> tuple[UnreadError, ...]:
        """The refusals, in order."""
        return tuple(line.error for line in self.lines() if line.error is not None)


def read_file(path: Path, names: Names | None = None) -> Text:
    """The text in a file. ProblemError where it is not there, too large or not UTF-8."""
    return read_text(sources.load(path), names, str(path))


def read_text(text: str, names: Names | None = None, file: str = "") -> Text:
    """A text with its formulas read; ``file`` is its name, whose suffix says whether it is LaTeX or Markdown.

    LimitError for more than :data:`derive.limits.FILE_BYTES` or :data:`derive.limits.FORMULAS_IN_TEXT`.
    """
    if len(text) > limits.FILE_BYTES:
        raise LimitError(f"{file or 'the text'} is too large: at most {limits.FILE_BYTES:,} characters")
    latex = _is_latex(text, file)
    spans = list(Scanner(text, latex).spans())
    if len(spans) > limits.FORMULAS_IN_TEXT:
        most = f"at most {limits.FORMULAS_IN_TEXT:,} are read"
        raise LimitError(f"{file or 'the text'} has {len(spans):,} formulas; {most}")
    reader = _Reader(text, file, names or Names())
    found = [pieces(text, span, reader.names, latex) for span in spans]
    definitions = reader.define(piece for several in found for piece in several)
    formulas = [reader.formula(span, several) for span, several in zip(spans, found, strict=True)]
    parts = tuple(reader.parts(spans, formulas))
    return Text(file, parts, tuple(_chains(parts)), definitions)


def _is_latex(text: str, file: str) -> bool:
    if Path(file).suffix.lower() in LATEX_SUFFIXES:
        return True
    return not Path(file).suffix and re.search(r"\\documentclass|\\begin\s*\{document\}", text) is not None


# --- reading ------------------------------------------------------------------------------------------------------


class _Reader:
    """Reads the formulas of one text: places, names, refusals."""

    def __init__(self, text: str, file: str, names: Names) -> None:
        self.text, self.file, self.names = text, file, names
        self.starts = [0, *(m.end() for m in re.finditer(r"\r\n|\n|\r", text))]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1; a byte order mark is no column."""
        line = bisect(self.starts, offset)
        column = offset - self.starts[line - 1] + 1
        return line, column - (line == 1 and self.text.startswith("\ufeff") and offset > 0)

    def define(self, pieces: Iterable[Piece]) -> tuple[Definition, ...]:
        """The functions that the text defines; from here on they may be applied."""
        found: list[Definition] = []
        for piece in pieces:
            if piece.sign or piece.problem or not _DEFINES.match(piece.text):
                continue
            try:
                made = read_definition(piece.text, declaring(self.names, found))
            except DeriveError:
                found += _head_only(piece.text, declaring(self.names, found))
                continue
            if isinstance(made, Definition) and made.parameters:
                found.append(made)
        self.names = declaring(self.names, found)
        return tuple(found)

    # --- parts ---

    def formula(self, span: Span, pieces: tuple[Piece, ...]) -> Formula:
        """The formula with its lines read."""
        line, column = self.place(span.start)
        lines = tuple(map(self._line, pieces))
        return Formula(self.text[span.start : span.end], line, column, span.display, lines)

    def parts(self, spans: list[Span], formulas: list[Formula]) -> Iterator[Part]:
        """Prose and formulas in order, nothing left out."""
        at = 0
        for span, formula in zip(spans, formulas, strict=True):
            if span.start > at:
                yield Prose(self.text[at : span.start], *self.place(at))
            yield formula
            at = span.end
        if at < len(self.text):
            yield Prose(self.text[at:], *self.place(at))

    def _line(self, piece: Piece) -> Line:
        latex = piece.text.strip()
        start = piece.start + len(piece.text) - len(piece.text.lstrip())
        made = Line(latex, *self.place(start), piece.sign)
        if piece.problem:
            return replace(made, error=self._refused(piece.start, piece.problem, ""))
        try:
            return replace(made, node=read(piece.text, self.names))
        except FormulaError as error:
            at = min(error.position, len(piece.text.rstrip()))  # what is missing is missed behind the last sign
            return replace(made, error=self._refused(piece.start + at, error.problem, error.hint))
        except DeriveError as error:
            return replace(made, error=self._refused(start, error.message, error.hint))

    def _refused(self, offset: int, problem: str, hint: str) -> UnreadError:
        line, column = self.place(offset)
        first = self.starts[line - 1]
        last = self.starts[line] if line < len(self.starts) else len(self.text)
        picture = FormulaError(self.text[first:last].rstrip("\r\n"), offset - first, "").picture(_PICTURE)
        return UnreadError(self.file, line, column, problem, hint, picture)


_PICTURE = 60  # columns of a line that is shown, so that it fits beside its place
_DEFINES = re.compile(r"[^=<>≤≥]*\)\s*(?:=|:=|\\coloneqq|\\equiv)")
_HEAD = re.compile(r"[^=]*\)\s*(?::=|=)")


def _head_only(text: str, names: Names) -> list[Definition]:
    """The left side of a definition whose right side is not read: the function is one all the same."""
    head = _HEAD.match(text)
    if head is None:
        return []
    try:
        made = read_definition(head[0] + " 0", names)
    except DeriveError:
        return []
    return [made] if isinstance(made, Definition) and made.parameters else []


# --- chains -------------------------------------------------------------------------------------------------------


_HEADING = re.compile(
    r"^[ \t>]*#{1,6}[ \t]|\\(?:(?:sub)*section|chapter|paragraph|part|question|begin)(?![A-Za-z])", re.MULTILINE
)


def _chains(parts: Iterable[Part]) -> Iterator[Chain]:
    """The lines that continue each other.

    A line with a relation sign before it goes on with the line before it in its formula; a displayed formula with the
    last displayed one of the same section, over words between; any with the formula that stands right before it.
    """
    found: list[list[Line]] = []
    latest, displayed, words, headed = -1, -1, "", False
    for part in parts:
        if isinstance(part, Prose):
            words, headed = words + part.source, headed or _HEADING.search(part.source) is not None
            continue
        for line in part.lines:
            near = latest if not words.strip(" \t\r\n>") else -1
            apart = part.display and line is part.lines[0] and displayed >= 0 and not headed
            before = displayed if apart else near
            if before < 0 or not line.sign:
                found.append([])
                before = len(found) - 1
            found[before].append(line)
            latest, words = before, ""
            if part.display:
                displayed, headed = before, False
    yield from (Chain(tuple(lines)) for lines in found)
