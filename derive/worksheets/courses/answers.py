"""The answers of all as a table for a spreadsheet: a row for each gap of each person (CSV, UTF-8).

Choices are answered by their letters, lines by the letters in their order. No cell is taken for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from derive import files
from derive.documents._tree import letter
from derive.steps import Prose
from derive.tree import Node
from derive.worksheets._papers import Papers
from derive.worksheets._words import amount
from derive.worksheets.courses._questions import Choice, Manual, Numbers, Order, Part, asked
from derive.worksheets.keys import inert
from derive.worksheets.model import Worksheet
from derive.write.latex import latex
from derive.write.text import text

SUMMARY = "the answers of all as CSV"

HEADER = ("id", "name", "problem", "gap", "answer", "latex", "decimal", "points", "rule")


def write(sheet: Worksheet, papers: Sequence[Papers], folder: Path, stem: str) -> list[Path]:
    """Write ``<stem>.csv``; returns its path. Raises OutputError."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    for student, exercises in papers:
        for exercise in exercises:
            for part in asked(sheet, student, exercise).parts:
                cells = (student.id, student.name, exercise.variant.item.id, part.gap.label, *_answer(part))
                said = [*map(inert, cells), _decimal(part), amount(part.gap.points), inert(part.gap.rule)]
                writer.writerow(said)
    return [files.write_text(folder / f"{stem}.csv", out.getvalue())]


def _answer(part: Part) -> tuple[str, str]:
    """The answer as text and as LaTeX; a choice is told by its letter and by what it says."""
    gap = part.gap
    match part.judged:
        case Choice(items, right) if gap.choices:
            letters = ", ".join(map(letter, right))
            return f"{letters}) {'; '.join(_told(items[k]) for k in right)}", _formulas([items[k] for k in right])
        case Order(_, right):
            return ", ".join(map(letter, right)), ""
        case Manual(answer) if gap.answer is None:
            return _told(answer), _formulas([answer])
    return (text(gap.answer), latex(gap.answer)) if gap.answer is not None else ("", "")


def _told(prose: Prose) -> str:
    return "".join(text(part) if isinstance(part, Node) else part for part in prose).strip()


def _formulas(proses: Sequence[Prose]) -> str:
    return "; ".join(latex(part) for prose in proses for part in prose if isinstance(part, Node))


def _decimal(part: Part) -> str:
    """The numbers of an answer as decimals, which no spreadsheet can take for anything else."""
    return "; ".join(cell.text for cell in part.judged.cells) if isinstance(part.judged, Numbers) else ""
