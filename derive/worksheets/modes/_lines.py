"""A derivation as lines on a student's page: without marks and verdicts, each line known by the step it shows.

Modes take the pieces of a derivation from :func:`sheet`, change lines, and put a page together with :func:`page`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from derive.documents._tree import DETAILS, Block, Grid, Outcome, Page, Row, Rows, Text, pieces, shown_steps
from derive.documents._tree import page as whole_page
from derive.problem import Field
from derive.steps import Chain, Context, Derivation, Step, Table

DETAIL = Field("detail", "choice", "how many of the steps are shown", default="normal", choices=DETAILS)


def filled(options: Mapping[str, Any], fields: Sequence[Field]) -> dict[str, Any]:
    """The options of a mode, with the default where nothing is said."""
    return {row.key: options.get(row.key, row.default) for row in fields}


@dataclass(frozen=True, slots=True)
class Line:
    """A line that shows a step: the block and the row where it stands, the step, and its chain with its context."""

    block: int
    row: int
    step: Step
    chain: Chain
    context: Context


@dataclass(frozen=True, slots=True)
class Sheet:
    """The blocks of a derivation without marks, and where in them the steps are, from first to last."""

    blocks: tuple[Block, ...]
    lines: tuple[Line, ...]


def sheet(derivation: Derivation, detail: str = "normal") -> Sheet:
    """All that a derivation shows at a detail, with no mark and nothing to unfold."""
    blocks: list[Block] = []
    lines: list[Line] = []
    for part, shown in pieces(derivation, detail):
        if isinstance(part, Chain) and shown and isinstance(shown[0], Rows):
            lines.extend(_lines(part, shown[0], len(blocks), derivation.context, detail))
        blocks.extend(map(unmarked, shown))
    return Sheet(tuple(blocks), tuple(lines))


def _lines(chain: Chain, rows: Rows, block: int, context: Context, detail: str) -> Iterator[Line]:
    steps = shown_steps(chain.steps, detail)
    head = len(rows.rows) - len(steps)  # the row that says only what is derived
    inside = context.including(*chain.where)
    for k, step in enumerate(steps):
        yield Line(block, head + k, step, chain, inside)


def unmarked(block: Block) -> Block:
    """The block without verdicts, and without the finer lines that could be unfolded."""
    if isinstance(block, Rows):
        return Rows(tuple(replace(row, mark=None, finer=()) for row in block.rows))
    return block


def unmarked_outcome(outcome: Outcome | None) -> Outcome | None:
    """The result box without verdicts."""
    if outcome is None:
        return None
    rows = (row if isinstance(row, Text) else replace(row, mark=None, finer=()) for row in outcome.rows)
    return Outcome(tuple(rows))


def page(derivation: Derivation, blocks: Sequence[Block], outcome: Outcome | None = None) -> Page:
    """A student's page: the problem as it is posed with its tables of data, these blocks, and no verification.

    Where the blocks show the tables of data themselves, as those of the whole solution do, none is put before them.
    """
    data = tuple(part for part in derivation.parts if isinstance(part, Table) and part.given)
    posed = whole_page(replace(derivation, parts=data))
    shown = any(isinstance(block, Grid) and block.given for block in blocks)
    return replace(posed, blocks=(*(() if shown else posed.blocks), *blocks), outcome=outcome, summary=None)


def question_page(derivation: Derivation, blocks: Sequence[Block]) -> Page:
    """A page that asks something else than the problem does: what is to be found there is not said."""
    return page(replace(derivation, asked=()), blocks)


def with_row(blocks: list[Block], line: Line, row: Row) -> None:
    """Put another row in the place of a line."""
    block = blocks[line.block]
    assert isinstance(block, Rows)
    blocks[line.block] = Rows((*block.rows[: line.row], row, *block.rows[line.row + 1 :]))


def row_at(blocks: Sequence[Block], line: Line) -> Row:
    """The row that shows a line."""
    block = blocks[line.block]
    assert isinstance(block, Rows)
    return block.rows[line.row]
