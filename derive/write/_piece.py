"""What the walk hands from a part to the whole: its text, and how loosely it binds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How tightly a written form binds, loosest first."""

    STATEMENTS = 0
    IMPLICATION = 1
    RELATION = 2
    CASES = 3
    SUM = 4  # also a leading minus
    OPEN = 5  # a sum over an index, a limit, an integral, an optimum: takes in all that follows
    PRODUCT = 6
    FACTOR = 7  # may stand in a product, but not below an exponent
    ATOM = 8


@dataclass(frozen=True, slots=True)
class Piece:
    """A written part. ``tall`` when it is higher than a line, so that its brackets must grow."""

    text: str
    level: Level = Level.ATOM
    tall: bool = False
