"""From an exercise to what a course system can judge: numbers, choices, an order, and what a person has to read.

Every course system takes :func:`asked` and writes the parts in its own format. A right answer is never called wrong:
formulas are never compared as strings of characters. What each gap becomes is decided here, once:

* numbers (but lines of a derivation with mistakes to choose from, where these are not written as numbers), and vectors
  and matrices of numbers entry by entry, which share the points exactly. Whole numbers that are not rounded must be
  met; of others is accepted what is right to three significant digits (half a unit of the third one, either way). Where
  a foreseen wrong answer lies so near, only what is less than half as far away as that is accepted;
* a formula becomes a choice between the right answer and the mistakes that were verified to be wrong and do not stand
  on the page already; their order is drawn from the exercise's own chance. Without such mistakes, or where the mode
  does not want them offered, a person judges it;
* what is to be chosen or put in order stays so;
* a result that is the only right one by a convention (the sign of an eigenvector, an order, how steps are counted) is
  judged where the exercise says that convention; a person judges it where it does not, and where two gaps that are
  called the same have different answers.

A new kind of part is a dataclass here, a case in :func:`_judged`, and a case in each course system.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from derive.documents._tree import Choices, Document, Page, Room, Text, as_node, page, renumbered
from derive.steps import Prose
from derive.tree import Hole, Matrix, Negative, Node, Relation, Vector, free_symbols, numeric
from derive.tree import Number as Written
from derive.worksheets import drawing
from derive.worksheets._chance import shuffled
from derive.worksheets._digests import digest
from derive.worksheets._names import cleaned
from derive.worksheets._words import told, translated, words
from derive.worksheets.keys import answer
from derive.worksheets.mistakes import value_at
from derive.worksheets.model import Exercise, Gap, Mistake, Student, Worksheet
from derive.worksheets.modes._labels import posed, without, worded
from derive.worksheets.modes._rooms import hole
from derive.worksheets.modes._visible import counted, holes_in, page_texts

DIGITS = 3  # significant digits that a number has to be right to
NAME, HASH = 36, 8  # characters of an id in a name, hexadecimal digits that tell names apart
_PRECISE = 15  # digits of a number that is written; a double has no more


# --- what can be judged -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """A number, and from where to where an answer is accepted, both ends included."""

    value: Fraction
    low: Fraction
    high: Fraction

    @property
    def text(self) -> str:
        """The number as a decimal: exact where it ends within 15 digits."""
        return numeral(self.value)

    @property
    def tolerance(self) -> str:
        """How far from the number an answer may be, as a decimal."""
        return numeral(self.high - self.value, ROUND_CEILING)

    @property
    def bounds(self) -> tuple[str, str]:
        """The least and the greatest number that is accepted, as decimals."""
        return numeral(self.low, ROUND_FLOOR), numeral(self.high, ROUND_CEILING)

    def accepts(self, value: Fraction) -> bool:
        """Whether an answer is right."""
        return self.low <= value <= self.high


def numeral(value: Fraction, rounding: str = ROUND_HALF_UP) -> str:
    """A decimal as every course system reads it: ``-0.25``, ``1E-9``; whole numbers exact, others to 15 digits."""
    if value.denominator == 1:
        return str(value.numerator)
    written = Context(prec=_PRECISE, rounding=rounding).divide(Decimal(value.numerator), Decimal(value.denominator))
    written = written.normalize(Context(prec=_PRECISE))
    return f"{written:f}" if written.adjusted() >= -_PRECISE else f"{written:E}"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers to write, row by row: one, or the entries of a vector (a row or a column) or of a matrix.

    ``wrong`` are wrong answers to a single number that were foreseen, with what went wrong.
    """

    rows: tuple[tuple[Number, ...], ...]
    wrong: tuple[tuple[Number, str], ...] = ()

    @property
    def cells(self) -> tuple[Number, ...]:
        """All of them, row by row."""
        return tuple(cell for row in self.rows for cell in row)


@dataclass(frozen=True, slots=True)
class Choice:
    """Possibilities, the places of the right ones, and what went wrong where another is taken."""

    items: tuple[Prose, ...]
    right: tuple[int, ...]
    reasons: Mapping[int, str] = field(default_factory=dict)

    @property
    def several(self) -> bool:
        """Whether more than one is right."""
        return len(self.right) > 1


@dataclass(frozen=True, slots=True)
class Order:
    """Lines to put in order; ``right`` are their places from the first to the last."""

    items: tuple[Prose, ...]
    right: tuple[int, ...]

    @property
    def positions(self) -> tuple[int, ...]:
        """For each line, as it stands, the number it is to get, from 1."""
        return tuple(self.right.index(k) + 1 for k in range(len(self.items)))


@dataclass(frozen=True, slots=True)
class Manual:
    """What a person has to read; ``answer`` is the right one."""

    answer: Prose


Judged = Numbers | Choice | Order | Manual


@dataclass(frozen=True, slots=True)
class Part:
    """A gap as a course system asks it: what is judged, what stands before it, and where on the page it is.

    ``block`` is the place on the page of what is chosen from, None where that is not there.
    """

    gap: Gap
    judged: Judged
    prompt: Prose = ()
    block: int | None = None

    @property
    def shares(self) -> tuple[Fraction, ...]:
        """The points: of numbers of each, exactly equal parts."""
        count = len(self.judged.cells) if isinstance(self.judged, Numbers) else 1
        return (self.gap.points / count,) * count


@dataclass(frozen=True, slots=True)
class Question:
    """An exercise with what a course system needs of it, in the worksheet's language.

    ``name`` is unique in the worksheet and stays the same: letters, digits and dashes. ``solution`` is the page of the
    derivation. The figures of both pages are counted together.
    """

    student: Student
    exercise: Exercise
    name: str
    paper: Page
    solution: Page
    parts: tuple[Part, ...]
    language: str = "en"

    @property
    def judged(self) -> tuple[Part, ...]:
        """The parts that need no person."""
        return tuple(part for part in self.parts if not isinstance(part.judged, Manual))

    @property
    def manual(self) -> tuple[Part, ...]:
        """The parts that a person has to read."""
        return tuple(part for part in self.parts if isinstance(part.judged, Manual))

    @property
    def item(self) -> str:
        """The id of the item that it is a variant of."""
        return self.exercise.variant.item.id

    @property
    def title(self) -> str:
        """What the question is called: the problem, and whose variant it is."""
        return f"{self.paper.title} ({self.student.id})"

    @property
    def pages(self) -> tuple[Page, ...]:
        """What is shown: where nothing is asked the derivation is the task itself."""
        return (self.paper, self.solution) if self.parts else (self.paper,)

    @property
    def document(self) -> Document:
        """All pages, for drawing their figures."""
        return Document(self.paper.title, self.pages)


def asked(sheet: Worksheet, student: Student, exercise: Exercise) -> Question:
    """An exercise as a question, in the worksheet's language. Raises RefutedError when a step is refuted."""
    solution = replace(page(exercise.variant.derivation), statements=())
    document = Document(exercise.page.title, (exercise.page, solution))
    paper, solution = translated(renumbered(document), sheet.language).pages
    name = unique(exercise.variant.item.id, exercise.variant.item.version, student)
    parts = tuple(_told(part, sheet.language) for part in _parts(sheet, student, exercise))
    return Question(student, exercise, name, paper, solution, parts, sheet.language)


def unique(item: str, version: int, student: Student) -> str:
    """A name for a person's variant of an item, at most 90 characters: readable, and never another's."""
    readable = [cleaned(word)[:NAME].strip("-") for word in (item, student.id)]
    return "-".join([*filter(None, readable), digest(item, version, student.id)[:HASH]])


def _told(part: Part, language: str) -> Part:
    """A part with its own words in a language."""
    judged = part.judged
    match judged:
        case Choice(items) | Order(items):
            judged = replace(judged, items=tuple(told(item, language) for item in items))
        case Manual(right):
            judged = Manual(told(right, language))
    return replace(part, judged=judged, prompt=told(part.prompt, language))


# --- the parts of an exercise -----------------------------------------------------------------------------


def _parts(sheet: Worksheet, student: Student, exercise: Exercise) -> Iterator[Part]:
    random = drawing.chance(sheet, exercise.variant.item, student, "courses")
    texts = page_texts(exercise.page)
    judged = []
    for gap in exercise.gaps:
        shown = [mistake for mistake in gap.mistakes if not counted(mistake.wrong, texts)]
        order = shuffled(random, range(1 + len(shown)))  # drawn for every gap, so that no gap changes another's
        judged.append(_judged(gap, exercise, [None, *shown], order))
    rooms = _rooms(exercise)
    for gap, found in zip(exercise.gaps, judged, strict=True):
        block, whole = _place(exercise.page, gap)
        yield Part(gap, found, () if whole else _prompt(exercise, gap, found, rooms.get(gap.label, ())), block)


def _rooms(exercise: Exercise) -> dict[str, Prose]:
    """What is said at the room to write in of each gap that has nothing else on the page, where there is as much."""
    holes = {hole.label for hole in holes_in(exercise.page.blocks)}
    labels = [gap.label for gap in exercise.gaps if not gap.choices and gap.label not in holes]
    said = [block.label for block in exercise.page.blocks if isinstance(block, Room)]
    return dict(zip(labels, said, strict=True)) if len(labels) == len(said) else {}


def _judged(gap: Gap, exercise: Exercise, answers: Sequence[Mistake | None], order: Sequence[int]) -> Judged:
    """What can be judged at a gap; ``answers`` are the right one, None, and wrong ones, ``order`` is drawn."""
    if gap.choices:
        numbered = any(isinstance(b, Choices) and b.numbered and b.items == gap.choices for b in exercise.page.blocks)
        if numbered:
            return Order(gap.choices, gap.right)
        return Choice(gap.choices, gap.right, {k: _reason(mistake) for k, mistake in gap.shown.items()})
    right = gap.answer
    if right is None:
        return Manual(answer(gap, exercise))
    if _is_open(gap, exercise):
        return Manual((right,))
    numbers = _numbers(right, gap.mistakes)
    if numbers is not None and (is_written(right) or not gap.mistakes or not gap.offered):
        return numbers
    if len(answers) < 2 or not gap.offered:
        return Manual((right,))
    mixed = [answers[k] for k in order]
    items = tuple((right if mistake is None else mistake.wrong,) for mistake in mixed)
    reasons = {k: _reason(mistake) for k, mistake in enumerate(mixed) if mistake is not None}
    return Choice(items, (mixed.index(None),), reasons)


def _is_open(gap: Gap, exercise: Exercise) -> bool:
    """Whether other answers are as right, since the exercise does not say by what this one is the only one."""
    if gap.step is not None or not gap.question:
        return False
    named = [r for r in exercise.variant.derivation.results
             if r.shown and gap.question == ((r.label,) if r.label is not None else (r.name,))]
    if len({r.name for r in named}) < len(named):  # minima at two places
        return True
    said = ["".join(part for part in item if isinstance(part, str))
            for statement in exercise.page.statements for item in statement.items]
    return any(r.convention and as_node(r.value) == gap.answer and not any(r.convention in line for line in said)
               for r in named)


def _reason(mistake: Mistake) -> str:
    return f"{mistake.slip[:1].upper()}{mistake.slip[1:]}. {mistake.reason}"


def _place(shown: Page, gap: Gap) -> tuple[int | None, bool]:
    """Where on the page that stands which is chosen from, and whether it is what this gap alone is chosen from."""
    for k, block in enumerate(shown.blocks):
        if isinstance(block, Choices) and gap.choices and gap.choices == block.items:
            return k, True
        if isinstance(block, Choices) and gap.choices and gap.question in block.items:
            return k, False
    return None, False


def _prompt(exercise: Exercise, gap: Gap, found: Judged, room: Prose) -> Prose:
    """What is said before the answer, where that is not on the page."""
    several = len(exercise.gaps) > 1
    label = f"({gap.label}) " if several else ""
    match found:
        case Manual() if several and _is_visible(exercise.page, gap):
            return (*room, *([" "] if room else []), words("asked here", label=gap.label))
        case Manual():
            return room
        case Choice() if not gap.choices:
            inside = gap.step is not None or not gap.question
            asks = (words("what follows"),) if inside else (*_asks(exercise, gap), " = ?")
            return (label, *(room or asks))
        case Numbers() | Choice():
            return (label, *(room or _asks(exercise, gap)))
    return ()


def _asks(exercise: Exercise, gap: Gap) -> Prose:
    """What a gap asks for, which tells the answer of no other one: the value at the point that is asked for there."""
    known = posed(exercise.page)
    kept = [(other.answer, hole(other.answer, other.label)) for other in exercise.gaps
            if other.label != gap.label and other.answer is not None and other.answer not in known]
    asked: list[str | Node] = []
    for part in gap.question:
        asked += worded(part, kept) if isinstance(part, str) else [part if part in known else without(part, kept)]
    return tuple(asked)


def _is_visible(shown: Page, gap: Gap) -> bool:
    """Whether a gap is named on the page: by a blank, or at the beginning of a paragraph."""
    words_ = (block.prose[0] for block in shown.blocks if isinstance(block, Text) and block.prose)
    named = any(isinstance(first, str) and first.startswith(f"({gap.label})") for first in words_)
    return named or any(hole.label == gap.label for hole in holes_in(shown.blocks))


# --- numbers ----------------------------------------------------------------------------------------------


def is_written(node: Node) -> bool:
    """Whether an answer is nothing but numbers as they are written, so that a decimal says the same."""
    match node:
        case Vector(items):
            return all(map(is_written, items))
        case Matrix(rows):
            return all(is_written(entry) for row in rows for entry in row)
        case Relation(sides, signs) if set(signs) <= {"=", "~="}:
            return any(numeric(side) is not None for side in sides)
    return numeric(node) is not None


def value(node: Node) -> Fraction | None:
    """The value of an expression without letters; of ``a = b`` and ``a ~= b`` that of the first side. Else None."""
    exact = numeric(node)
    if exact is not None:
        return exact
    if isinstance(node, Relation) and set(node.signs) <= {"=", "~="}:
        values = [value(side) for side in node.sides]
        return values[0] if None not in values else None
    if free_symbols(node) or isinstance(node, Vector | Matrix | Relation | Hole):
        return None
    found = value_at(node)
    return Fraction(found[0]) if found is not None and len(found) == 1 else None


def number(found: Fraction, wrong: Sequence[Fraction] = (), rounded: bool = False) -> Number:
    """A number with what is accepted for it, where some values near it are known to be wrong.

    ``rounded`` says of a whole one that it is so by rounding: a probability of 1.00000.
    """
    if found.denominator == 1 and not rounded:
        return Number(found, found, found)
    half = min([_unit(found) / 2, *(abs(found - other) / 2 for other in wrong if other != found)])
    return Number(found, found - half, found + half)


def _unit(found: Fraction) -> Fraction:
    """One unit of the last digit that has to be right."""
    if not found:
        return Fraction(10) ** (1 - DIGITS)
    first = Context(prec=_PRECISE).divide(Decimal(found.numerator), Decimal(found.denominator)).adjusted()
    return Fraction(10) ** (first - DIGITS + 1)


def is_rounded(node: Node) -> bool:
    """Whether a number is written with decimal places, or is the first side of a relation that is."""
    match node:
        case Relation((first, *_)):
            return is_rounded(first)
        case Negative(operand):
            return is_rounded(operand)
        case Written(text=digits):
            return "." in digits
    return False


def _numbers(right: Node, mistakes: Sequence[Mistake]) -> Numbers | None:
    """An answer as numbers to write, or None when it is not made of numbers."""
    match right:
        case Vector(items):
            rows: tuple[tuple[Node, ...], ...] = (items,)
        case Matrix(rows):
            pass
        case _:
            return _single(right, mistakes)
    cells = [[value(entry) for entry in row] for row in rows]
    if any(cell is None for row in cells for cell in row):
        return None
    return Numbers(tuple(
        tuple(number(cell, (), is_rounded(entry)) for cell, entry in zip(found, row, strict=True) if cell is not None)
        for found, row in zip(cells, rows, strict=True)
    ))


def _single(right: Node, mistakes: Sequence[Mistake]) -> Numbers | None:
    found = value(right)
    if found is None:
        return None
    known = [(other, mistake) for mistake in mistakes if (other := value(mistake.wrong)) is not None]
    one = number(found, [other for other, _ in known], is_rounded(right))
    wrong = [(number(other, [found]), _reason(mistake)) for other, mistake in known if not one.accepts(other)]
    return Numbers(((one,),), tuple(wrong))
