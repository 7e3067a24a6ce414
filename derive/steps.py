"""Derivations as values: verdicts, steps, and the parts a derivation is told in.

Kinds build a :class:`Derivation`, the verifier fills in verdicts (:func:`dataclasses.replace`), documents
print it, ``derive.saved`` writes and reads it as JSON. Everything is frozen and compared by value. The
module knows only the tree. A new part is a dataclass listed in :data:`Part`; it then needs a row in the
document builder and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Self

from derive.tree import Call, Node, Relation, Symbol

DISPLAYS: dict[str, Callable[[Derivation], str]] = {}
"""How a derivation shows itself in a notebook: a writer for each media type, put in by :mod:`derive.display`."""


class Status(StrEnum):
    """What is known about a step; a closed list, from certain to false."""

    PROVED = "proved"
    CHECKED = "checked"
    ASSUMED = "assumed"
    UNDECIDED = "undecided"
    REFUTED = "refuted"


class Level(IntEnum):
    """How large an idea a rule is; decides at which detail its steps are shown."""

    ARITHMETIC = 0
    ALGEBRA = 1
    CALCULUS = 2
    ARGUMENT = 3


@dataclass(frozen=True, slots=True)
class Witness:
    """A counter-example: the point, and the value of both sides there, as text to show."""

    point: tuple[tuple[str, str], ...]
    left: str
    right: str


Prose = tuple[str | Node, ...]
"""Running text with mathematics in it: strings are text, nodes are set as formulas."""


class Worded(str):
    """Plain text with the words and formulas that it is printed from.

    It is its text for whoever compares, sorts or saves it; only pages look at ``prose``.
    """

    __slots__ = ("prose",)
    prose: Prose

    def __new__(cls, text: str, prose: Prose) -> Self:
        """Words from their text and from what this is the text of."""
        worded = super().__new__(cls, text)
        worded.prose = prose
        return worded

    def __reduce__(self) -> tuple[type[Self], tuple[str, Prose]]:
        return type(self), (str(self), self.prose)


class Condition(Worded):
    """What a statement needs, as plain text (``x > 0``) and as it is printed."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier says of one step.

    ``method`` names how it was decided ("exact", "number balls", "stated", …); ``detail`` says why not, or
    how often it was checked; ``condition`` lists what the statement needs, each a :class:`Condition` or plain text.
    """

    status: Status
    method: str = ""
    detail: str = ""
    condition: tuple[str, ...] = ()
    witness: Witness | None = None

    def __str__(self) -> str:
        """``proved (exact) where x > 0``, for a person."""
        method = f" ({self.method})" if self.method else ""
        where = f" where {', '.join(self.condition)}" if self.condition else ""
        return f"{self.status}{method}{where}" + (f": {self.detail}" if self.detail else "")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows."""
        return {"text/plain": str(self)}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a derivation: ``before`` relation ``after``, by one named rule.

    ``steps`` are the finer steps it consists of; they lead from ``before`` to ``after`` one by one.
    """

    before: Node
    after: Node
    rule: str
    reason: str = ""
    relation: str = "="
    level: Level = Level.ALGEBRA
    verdict: Verdict | None = None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Definition:
    """``name(parameters) = body``; with no parameters, a quantity with that value."""

    name: Symbol
    parameters: tuple[Symbol, ...]
    body: Node

    @property
    def head(self) -> Node:
        """What it defines: a name, or a function of its parameters."""
        return Call(self.name.plain, self.parameters) if self.parameters else self.name

    @property
    def equation(self) -> Relation:
        """The equation that it is written as."""
        return Relation((self.head, self.body), ("=",))


@dataclass(frozen=True, slots=True)
class Context:
    """What the statements of a derivation may use.

    ``domains`` maps a symbol to a declared domain: ``real`` (the default), ``positive``, ``nonnegative``,
    ``integer``, ``positive integer``, or an open interval written ``(0, 1)``. ``definitions`` are put in by
    the verifier wherever the defined name appears.
    """

    domains: Mapping[Symbol, str] = field(default_factory=dict)
    definitions: tuple[Definition, ...] = ()

    def including(self, *definitions: Definition) -> Context:
        """The same context with further definitions."""
        return Context(self.domains, (*self.definitions, *definitions))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a problem's solution."""

    text: Prose


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. A ``remark`` is set apart from the derivation itself."""

    text: Prose
    remark: bool = False


@dataclass(frozen=True, slots=True)
class Formula:
    """A displayed formula that states something and is no step: a definition, the update rule."""

    node: Node
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """Consecutive steps set as one aligned derivation; ``left`` is the name of what is derived, if it has one.

    ``where`` are definitions that hold in this chain only (for instance ``s = sigma(x)``).
    """

    steps: tuple[Step, ...]
    left: Node | None = None
    where: tuple[Definition, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table: a header, rows of prose, a caption. Number columns are aligned at the decimal point.

    ``given`` says that it is data of the problem: an exercise shows it, whatever it shows of the solution.
    """

    header: tuple[Prose, ...]
    rows: tuple[tuple[Prose, ...], ...]
    caption: Prose = ()
    given: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture to draw: the name of a file in ``derive/figures``, what it is given, and words for it.

    ``data`` holds JSON values and trees. ``alt`` says in words what the picture shows.
    """

    drawing: str
    data: Mapping[str, object]
    caption: Prose
    alt: str
    name: str = "figure"


@dataclass(frozen=True, slots=True)
class Listing:
    """Program text, set line by line as it is; ``language`` is the name of its programming language.

    ``runs`` says that it is complete, with what programs (:class:`Program`) before it define.
    """

    code: str
    caption: Prose = ()
    language: str = "python"
    runs: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """A program that calculates numbers of the derivation anew and prints them, for formats that can be run.

    It needs NumPy and SciPy at most and what programs before it in the derivation define. ``words`` say what it does.
    Formats for reading leave it out.
    """

    code: str
    words: Prose


Part = Heading | Paragraph | Formula | Chain | Table | Figure | Listing | Program

Value = Node | tuple["Value", ...]
"""A quantity: an expression, a vector of them (a tuple), a matrix (a tuple of tuples)."""


@dataclass(frozen=True, slots=True)
class Result:
    """A quantity that was asked for, by the name a person would give it.

    ``label`` is how the name is set (for instance ``f'(x)``); ``shown`` puts it into the result box.
    ``number`` is the numeric value where it is not simply that of ``value``. ``convention`` says what makes the value
    the only right one, where others are as right without it: an order, a sign, how something is counted. The kind has
    these words in what is asked, too; where a question does not say them, no machine may judge its answer.
    """

    name: str
    value: Value | None
    label: Node | None = None
    shown: bool = True
    number: object = None
    convention: str = ""


@dataclass(frozen=True, slots=True)
class Derivation:
    """A solved problem: what was given and asked, how it is derived, and what came out.

    ``text`` is the problem's statement in words, where it has one; :class:`Worded` where there are formulas in it.
    """

    title: str
    kind: str
    given: tuple[Prose, ...]
    asked: tuple[Prose, ...]
    parts: tuple[Part, ...]
    results: tuple[Result, ...]
    context: Context = Context()
    text: str = ""

    def chains(self) -> Iterator[Chain]:
        """The chains of steps, in order."""
        return (p for p in self.parts if isinstance(p, Chain))

    def steps(self) -> Iterator[Step]:
        """Every step shown at normal detail, in order."""
        return (s for chain in self.chains() for s in chain.steps)

    def verdicts(self) -> dict[str, int]:
        """How many steps, finer ones included, carry each verdict, in the order of :class:`Status`."""
        counts = {status.value: 0 for status in Status}
        for step in self.all_steps():
            if step.verdict is not None:
                counts[step.verdict.status.value] += 1
        return counts

    def all_steps(self) -> Iterator[Step]:
        """Every step and every finer step."""
        stack = list(reversed(list(self.steps())))
        while stack:
            step = stack.pop()
            yield step
            stack.extend(reversed(step.steps))

    def status(self) -> Status:
        """The weakest verdict of any step; ``proved`` when there are no steps."""
        present = [s for s in Status if self.verdicts()[s.value]]
        return present[-1] if present else Status.PROVED

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows, in each of the forms that :data:`DISPLAYS` knows."""
        return {media: write(self) for media, write in DISPLAYS.items()}
