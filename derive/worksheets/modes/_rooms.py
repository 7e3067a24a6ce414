"""How much room a person needs to write: estimated from what the solution takes."""

from __future__ import annotations

from derive.documents._tree import chain_rows
from derive.documents._widths import FRACTION, height, width
from derive.steps import Chain, Derivation, Table
from derive.tree import Hole, Matrix, Node, kinds, walk

LEAST, MOST = 4, 36  # lines: less is no room, more is another page
LINE = 32.0  # em of a line of the page that a formula fills
_HAND = 1.3  # times as wide as print
_BORDER = 2  # em
_WIDEST = 24  # em of a gap; a longer answer goes on below it


def lines(derivation: Derivation) -> int:
    """How many lines of a page somebody fills with the solution."""
    total = 0.0
    for part in derivation.parts:
        match part:
            case Chain():
                total += sum(_lines(row.right) for row in chain_rows(part))
            case Table(rows=rows):
                total += len(rows) + 1
    return max(LEAST, min(MOST, round(total)))


def _lines(node: Node) -> float:
    """The lines that a formula takes: more for fractions and matrices, and where it goes on in the next line."""
    rows = max(n.shape[0] for n in walk(node) if isinstance(n, Matrix)) if Matrix in kinds(node) else 1
    tall = 1.5 if height(node) >= FRACTION else 1.0
    return max(tall, float(rows)) * max(1.0, width(node) / LINE)


def hole(answer: Node, label: str) -> Hole:
    """A gap that an answer fits into when it is written by hand, in steps of 3 em so that its width says little."""
    wanted = _HAND * width(answer) + _BORDER
    return Hole(min(_WIDEST, max(6, 3 * -(-int(wanted + 0.999) // 3))), label)
