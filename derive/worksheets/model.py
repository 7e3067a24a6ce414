"""The values that a worksheet is made of, from the sheet file to what is handed out and graded.

Everything is frozen and made of trees, words and fractions, so that it can go to another process and be compared.
Readers make :class:`Worksheet` and :class:`Student`, drawing makes a :class:`Variant`, a mode makes an
:class:`Exercise` of it; keys, documents and course systems take exercises and know no mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from derive.documents._tree import Page
from derive.problem import Problem
from derive.steps import Derivation, Prose, Step, Value
from derive.tree import Node


@dataclass(frozen=True, slots=True)
class Student:
    """A person who gets a sheet. ``columns`` are all cells of the roster's row, by the names of the columns."""

    id: str
    name: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A problem before its numbers are drawn: the table of the problem file and the declarations of its sheet.

    ``file`` and ``line`` say where it stands, for messages.
    """

    table: Mapping[str, Any]
    symbols: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Draw:
    """What is drawn for one name: the kind of draw (a row of ``draws.DRAWS``) and what the sheet file says of it.

    The name is a key of the problem's ``[given]``, which gets the value, or a letter of its formulas, which the value
    takes the place of.
    """

    name: str
    kind: str
    options: Any = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """What a drawn problem or its derived answer must satisfy, by the name and in the words of the sheet file."""

    name: str
    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One problem of a worksheet.

    A person's numbers depend on the sheet's seed, ``id``, ``version`` and the person's id, and on nothing else: not on
    the order of items, not on who else is there. ``options`` are the mode's, converted by its ``FIELDS``.
    """

    id: str
    source: Source
    points: Fraction = Fraction(1)
    draws: tuple[Draw, ...] = ()
    conditions: tuple[Condition, ...] = ()
    mode: str = "blank"
    options: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1
    line: int = 0


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A sheet file. ``id_column`` and ``name_columns`` are the roster's; ``front`` is printed at the head."""

    title: str
    seed: str
    items: tuple[Item, ...]
    id_column: str = "id"
    name_columns: tuple[str, ...] = ("name",)
    front: tuple[tuple[str, str], ...] = ()
    language: str = "en"
    style: str = "article"
    file: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """One person's problem: the numbers that were drawn, the problem with them, and its verified derivation."""

    item: Item
    student: Student
    values: Mapping[str, Value]
    problem: Problem
    derivation: Derivation
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer that people really give: what it looks like, the slip that leads there, and how to see it.

    It was verified to be wrong. ``lost`` are the points it costs.
    """

    wrong: Node
    slip: str
    reason: str
    lost: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something to fill in or to choose: ``label`` names it on the sheet and in every key.

    ``answer`` is the right answer; where there is something to choose from, ``choices`` are the possibilities and
    ``right`` the places of the right ones, in the order they are to be given. ``hints`` are, by level, the rule's name,
    its statement, and how the answer begins or where to start from. ``mistakes`` are the wrong answers that were
    foreseen; of a choice by the place in ``choices`` that shows it (``shown``). ``step`` is the step of the derivation
    that was blanked. ``offered`` says whether a course system may offer the mistakes beside the right answer to choose
    from; else they are for whoever grades.
    """

    label: str
    answer: Node | None
    points: Fraction
    question: Prose = ()
    rule: str = ""
    hints: tuple[Prose, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    choices: tuple[Prose, ...] = ()
    right: tuple[int, ...] = ()
    shown: Mapping[int, Mistake] = field(default_factory=dict)
    step: Step | None = None
    offered: bool = True


@dataclass(frozen=True, slots=True)
class Exercise:
    """A variant as it is handed out: the page that the person sees, and what is to be filled in.

    ``page`` shows no verdict and no step that is asked for. The full solution is the page of the variant's derivation.
    """

    variant: Variant
    mode: str
    page: Page
    gaps: tuple[Gap, ...]

    @property
    def points(self) -> Fraction:
        """What can be earned in the exercise; the gaps share it out. Where nothing is asked, that is nothing."""
        return self.variant.item.points if self.gaps else Fraction(0)
