"""The table that Keras prints for a model, read from pasted text, and compared with the computed one.

``model.summary()`` of old Keras separates rows by lines of ``_`` or ``=``, new Keras draws boxes and may break a cell
over lines. :func:`read_summary` takes both; a cell that is not there is None. :func:`compare` names every cell that is
wrong or missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from derive.architectures.network import Network, Place
from derive.errors import DeriveError
from derive.tree import Node, whole

TEXT_MOST = 100_000  # characters of a pasted table


@dataclass(frozen=True, slots=True)
class Printed:
    """A row as printed: name, type (which may be cut off), shape without the batch, number of parameters."""

    name: str
    type: str
    shape: tuple[int, ...] | None
    parameters: int | None


@dataclass(frozen=True, slots=True)
class Summary:
    """The printed rows, and the printed totals by ``total``, ``trainable`` and ``non-trainable``."""

    rows: tuple[Printed, ...]
    totals: dict[str, int] = field(default_factory=dict)


_BORDER = re.compile(r"^[\s_=━─┏┓┗┛┣┫┳┻╋├┤┬┴┼┡┩╇└┘┴+|-]*$")
_ROW = re.compile(r"([A-Za-z]\w*)…?\s*\(([A-Za-z]\w*)\.{0,3}…?\)?")
_SHAPE = re.compile(r"\[?\(\s*(?:None|\?|-1)\s*((?:,\s*\d+\s*)*),?\s*\)\]?|(?:multiple|\?)")
_COUNT = re.compile(r"(?<![\w(,.])(\d{1,3}(?:,\d{3})+|\d+)(?![\w).])")
_TOTAL = re.compile(r"^\W*(non-trainable|trainable|total)\s+params:\s*([\d,]+)", re.IGNORECASE)


def read_summary(text: str) -> Summary:
    """The rows and totals of a pasted table. DeriveError where there is no row in it."""
    if len(text) > TEXT_MOST:
        raise DeriveError(f"the pasted table is too long: at most {TEXT_MOST:,} characters")
    lines = text.splitlines()
    totals = {m[1].lower(): int(m[2].replace(",", "")) for m in map(_TOTAL.match, lines) if m}
    rows = [row for block in _blocks(lines) for row in [_row(block)] if row is not None]
    rows = [row for row in rows if row.type != "InputLayer"]
    if not rows:
        raise DeriveError("the pasted table has no row such as dense (Dense)  (None, 64)  704",
                          "paste what model.summary() prints")
    return Summary(tuple(rows), totals)


def _blocks(lines: Sequence[str]) -> Iterator[str]:
    """The text of each row: a line with a name begins one, what follows in the same box belongs to it."""
    current: list[str] = []
    for line in lines:
        border = bool(_BORDER.match(line))
        begins = bool(re.match(r"^[\s│┃|]*[A-Za-z]\w*…?\s*(\(|\s|│|┃|$)", line)) and not _TOTAL.match(line)
        if current and (border or (begins and "│" not in line) or _TOTAL.match(line)):
            yield _joined(current)
            current = []
        if not border and not _TOTAL.match(line) and (begins or current):
            current.append(line)
    if current:
        yield _joined(current)


def _joined(lines: Sequence[str]) -> str:
    """A row's lines cell by cell, so that a cell broken over lines is whole again."""
    if "│" not in lines[0] and "┃" not in lines[0]:
        return " ".join(line.strip() for line in lines)
    split = [[cell.strip() for cell in re.split("[│┃]", line.strip().strip("│┃"))] for line in lines]
    widest = max(map(len, split))
    return "  ".join(" ".join(row[i] for row in split if i < len(row)) for i in range(widest))


def _row(block: str) -> Printed | None:
    found = _ROW.search(block)
    if found is None or found[1] == "Layer":
        return None
    rest = block[found.end():]
    shape = _SHAPE.search(rest)
    sizes = tuple(map(int, re.findall(r"\d+", shape[1]))) if shape and shape[1] is not None else None
    counts = _COUNT.search(rest[: shape.start()] + " " + rest[shape.end():] if shape else rest)
    return Printed(found[1], found[2], sizes, int(counts[1].replace(",", "")) if counts else None)


# --- comparison -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """A cell that is wrong or missing: its row, what it holds, what is printed (None for nothing), what is right."""

    row: str
    cell: str
    printed: object
    right: tuple[Node, ...] | Node | str


def compare(summary: Summary, network: Network) -> list[Finding]:
    """Every wrong or missing cell. DeriveError where there are not as many rows as the network has layers."""
    if len(summary.rows) != len(network.places):
        raise DeriveError(
            f"the pasted table has {len(summary.rows)} rows, but the network has {len(network.places)} layers"
            + _first_difference(summary, network), "give one row for each layer, in the same order")
    pairs = zip(summary.rows, network.places, strict=True)
    return [finding for row, place in pairs for finding in _cells(row, place)]


def _first_difference(summary: Summary, network: Network) -> str:
    for i, (row, place) in enumerate(zip(summary.rows, network.places, strict=False), 1):
        if not _same_type(row, place):
            return f"; the first that differs is number {i}: {row.name} ({row.type}) against {place.name}"
    return ""


def _same_type(row: Printed, place: Place) -> bool:
    return any(known.lower().startswith(row.type.lower()) for known in (place.layer.type, *place.layer.spellings))


def _cells(row: Printed, place: Place) -> Iterator[Finding]:
    if not _same_type(row, place):
        yield Finding(row.name, "type", row.type, place.layer.type)
    if row.shape is None or tuple(map(whole, place.outputs)) != row.shape:
        yield Finding(row.name, "output shape", row.shape, place.outputs)
    count = place.parameters()
    if not place.again and (row.parameters is None or whole(count) != row.parameters):
        yield Finding(row.name, "parameters", row.parameters, count)
