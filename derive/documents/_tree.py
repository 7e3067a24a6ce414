"""The document tree: what stands on the pages, before any format.

Every format asks :func:`document` for it and writes its blocks; what is shown at which detail, which steps
are merged, what the verification line says and whether a document may be written at all is decided here,
once, so that all formats say the same. A new :data:`derive.steps.Part` needs a row in :func:`_block`, a new
block a row in each format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from derive.documents._languages import LANGUAGES, Language, Word
from derive.errors import DeriveError, RefutedError
from derive.steps import (
    Chain,
    Condition,
    Definition,
    Derivation,
    Figure,
    Formula,
    Heading,
    Level,
    Listing,
    Paragraph,
    Part,
    Program,
    Prose,
    Result,
    Status,
    Step,
    Table,
    Value,
    Verdict,
    Worded,
)
from derive.tree import Matrix, Node, Relation, Vector, decimal, free_symbols, numeric
from derive.write.numbers import approximate
from derive.write.text import text

DETAILS = ("brief", "normal", "full")
ENGINES = ("auto", "tex", "typst")


@dataclass(frozen=True, slots=True)
class Options:
    """How much is shown (``brief``, ``normal``, ``full``), what makes the PDF (``auto``, ``tex``, ``typst``), the look.

    ``language`` is a row of :data:`~derive.documents._languages.LANGUAGES`; ``style`` names the templates that are
    used, ``<style>.tex.j2`` and so on; ``template`` is a folder of somebody's own. ``author``, ``course`` and ``date``
    stand at the head (a date written as ``2026-11-21`` in words of the language). ``header`` stands in the header of
    the pages in place of the title, ``footer`` in their footer.
    """

    detail: str = "normal"
    engine: str = "auto"
    language: str = "en"
    style: str = "article"
    author: str = ""
    course: str = ""
    date: str = ""
    header: str = ""
    footer: str = ""
    template: Path | None = None

    @property
    def front(self) -> tuple[tuple[str, str], ...]:
        """The lines of the head that were given."""
        lines = (("course", self.course), ("author", self.author), ("date", self.date))
        return tuple((what, words) for what, words in lines if words)


@dataclass(frozen=True, slots=True)
class Statement:
    """What was given or what is asked: a short label and its items."""

    label: str
    items: tuple[Prose, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading inside a problem."""

    text: Prose


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; a remark is set apart."""

    prose: Prose
    remark: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an aligned derivation: left side (or none), relation, right side, why, and its verdict.

    ``after`` is punctuation of the sentence that a displayed formula belongs to. ``finer`` are the rows of the steps
    that this one stands for at a higher detail, for formats that can unfold a line; empty when it stands for itself.
    ``needs`` are the conditions, as in a :class:`~derive.steps.Verdict`; they stand in brackets after the reason.
    """

    left: Node | None
    sign: str
    right: Node
    reason: str = ""
    mark: Status | None = None
    after: str = ""
    finer: tuple[Row, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def why(self) -> Prose:
        """The reason and the conditions, as a format prints them."""
        return tuple(_why(self.reason, self.needs))


def _why(reason: str, needs: Sequence[str]) -> Iterator[str | Node]:
    """``power rule (x > 0, n ≥ 1)``, conditions with their formulas where they have them."""
    if reason:
        yield reason
    for i, need in enumerate(needs):
        yield ", " if i else " (" if reason else "("
        yield from need.prose if isinstance(need, Condition) else (need,)
    if needs:
        yield ")"


@dataclass(frozen=True, slots=True)
class Rows:
    """Lines aligned at their relation signs; a displayed formula is a single row without a sign."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, with its number in the sheet; ``given`` as in :class:`derive.steps.Table`."""

    header: tuple[Prose, ...]
    rows: tuple[tuple[Prose, ...], ...]
    caption: Prose
    number: int
    given: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure, with its number in the sheet."""

    figure: Figure
    number: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result box: what was asked for, each as a name and a value."""

    rows: tuple[Row | Text, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The verification line: how many steps there are, how many have each verdict, and how many have none."""

    steps: int
    counts: tuple[tuple[Status, int], ...]
    missing: int = 0

    def parts(self, language: Language) -> Iterator[str | Status]:
        """Words, and after those of each verdict its mark, which they explain."""
        yield language.counted("steps", self.steps)
        between = language["of these"]
        for status, count in self.counts:
            yield f"{between}{language.counted(status.value, count)} "
            yield status
            if status is Status.CHECKED:
                yield language["not proved"]
            between = ", "
        if self.missing:
            yield between + language.counted("unverified", self.missing)
        yield "."

    @property
    def text(self) -> str:
        """The words in English, without the marks."""
        words = "".join("" if isinstance(part, Status) else part for part in self.parts(LANGUAGES["en"]))
        return words.replace(" ,", ",").replace(" .", ".").replace("  ", " ")


@dataclass(frozen=True, slots=True)
class Code:
    """The lines of a program, none longer than :data:`CODE_COLUMNS`, with their number in the sheet.

    ``runs`` is the program as it is where it can be run, else empty.
    """

    lines: tuple[str, ...]
    caption: Prose
    number: int
    language: str = "python"
    runs: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A program for formats that can be run, and words that say what it does; all others leave it out."""

    code: str
    words: Prose


@dataclass(frozen=True, slots=True)
class Room:
    """Empty room to write in, as high as so many lines; ``label`` says for what, and what it is worth."""

    lines: int
    label: Prose = ()


@dataclass(frozen=True, slots=True)
class Choices:
    """Possibilities, each with a box to tick and a letter; ``ticked`` are those that a key shows as right.

    With ``numbered`` the boxes are for numbers: the lines are to be put in order. ``numbers`` are those that a key
    writes there, one for each item.
    """

    items: tuple[Prose, ...]
    ticked: frozenset[int] = frozenset()
    numbered: bool = False
    numbers: tuple[int, ...] = ()


Block = Section | Text | Rows | Grid | Picture | Code | Cell | Room | Choices


@dataclass(frozen=True, slots=True)
class Page:
    """One problem, ready to be written."""

    title: str
    statements: tuple[Statement, ...]
    blocks: tuple[Block, ...]
    outcome: Outcome | None
    summary: Summary | None


@dataclass(frozen=True, slots=True)
class Document:
    """A sheet: its title and its problems.

    ``front`` are lines of its head: what they are, and their words. What they are is one of ``name``, ``number``,
    ``course``, ``date``, ``author``, ``points``, which is said in the document's language, or words of somebody's own.
    Empty words leave a line to write on. ``name`` and ``number`` stand in the header of every page, too.
    """

    title: str
    pages: tuple[Page, ...]
    front: tuple[tuple[str, str], ...] = ()

    @property
    def author(self) -> str:
        """Who wrote it, as the file is to tell: the words of the lines of its head that say so."""
        return ", ".join(words for what, words in self.front if what == "author")


def document(title: str, derivations: Sequence[Derivation], detail: str = "normal") -> Document:
    """The document of a sheet. Raises :class:`RefutedError` when any step is refuted."""
    numbers = _Numbers()
    return Document(title, tuple(page(d, detail, numbers) for d in derivations))


def sheet(title: str, derivations: Sequence[Derivation], options: Options) -> Document:
    """The document of a sheet with the detail and the head that were asked for. Raises as :func:`document`."""
    return replace(document(title, derivations, options.detail), front=options.front)


class WriteDocument(Protocol):
    """How a format writes a document: into a folder, under a stem; the paths written, the document first."""

    def __call__(self, shown: Document, folder: Path, stem: str, options: Options | None = None, /) -> list[Path]:
        """Write it."""


class Write(Protocol):
    """How a format writes the document of some derivations, as it writes any other."""

    def __call__(
        self, sheet_title: str, derivations: Sequence[Derivation], folder: Path, stem: str,
        options: Options | None = None, /,
    ) -> list[Path]:
        """Write it."""


def writing(write_document: WriteDocument) -> Write:
    """The ``write`` of a format, from its ``write_document``: the derivations' document is made first.

    It raises :class:`~derive.errors.RefutedError` when a step is refuted, before anything is written.
    """
    def write(
        sheet_title: str, derivations: Sequence[Derivation], folder: Path, stem: str, options: Options | None = None, /,
    ) -> list[Path]:
        options = options or Options()
        return write_document(sheet(sheet_title, derivations, options), folder, stem, options)

    return write


def page(derivation: Derivation, detail: str = "normal", numbers: _Numbers | None = None) -> Page:
    """The page of one derivation. Raises :class:`RefutedError` when a step is refuted."""
    refuse_refuted(derivation)
    blocks = tuple(b for _, shown in pieces(derivation, detail, numbers) for b in shown)
    return Page(
        derivation.title, _statements(derivation), blocks, _outcome(derivation), _summary(derivation),
    )


def pieces(
    derivation: Derivation, detail: str = "normal", numbers: _Numbers | None = None,
) -> list[tuple[Part, tuple[Block, ...]]]:
    """The parts of a derivation, each with the blocks that show it: what a page is made of, in order."""
    numbers = numbers or _Numbers()
    numbers.said = _Said()
    for prose in derivation.given:
        numbers.said.update(n for n in prose if isinstance(n, Node))
    return [(part, tuple(_blocks(part, detail, numbers))) for part in derivation.parts]


def renumbered(shown: Document) -> Document:
    """The same document with its figures, tables and listings counted through all pages, wherever these come from."""
    numbers = _Numbers()
    pages = (replace(p, blocks=tuple(_renumbered(b, numbers) for b in p.blocks)) for p in shown.pages)
    return replace(shown, pages=tuple(pages))


def _renumbered(block: Block, numbers: _Numbers) -> Block:
    match block:
        case Grid():
            return replace(block, number=numbers.next("table"))
        case Picture():
            return replace(block, number=numbers.next("figure"))
        case Code():
            return replace(block, number=numbers.next("listing"))
    return block


class _Said:
    """The statements that a problem has made; of ``n = 3`` and a later ``n = 5`` only the later one still holds."""

    def __init__(self) -> None:
        self._last: dict[Node, Node] = {}

    def update(self, nodes: Iterable[Node]) -> None:
        self._last.update((_subject(node), node) for node in nodes if isinstance(node, Relation))

    def __contains__(self, node: Node) -> bool:
        return self._last.get(_subject(node)) == node


def _subject(node: Node) -> Node:
    """What an equation says the value of; any other statement is about itself."""
    match node:
        case Relation((name, _), ("=",)):
            return name
    return node


@dataclass(slots=True)
class _Numbers:
    """The counters of figures, tables and listings through one sheet, and what the problem has already stated."""

    figure: int = 0
    table: int = 0
    listing: int = 0
    said: _Said = field(default_factory=_Said)

    def next(self, kind: str) -> int:
        value = int(getattr(self, kind)) + 1
        setattr(self, kind, value)
        return value


def plain(words: Prose) -> str:
    """Running text with its formulas as text."""
    return "".join(text(part) if isinstance(part, Node) else part for part in words)


def cut(words: str, most: int) -> str:
    """Words in at most so many characters."""
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def letter(place: int) -> str:
    """The letter of a choice, by its place from 0: ``a``, ``b``, … ``z``, ``aa``."""
    return (letter(place // 26 - 1) if place >= 26 else "") + chr(ord("a") + place % 26)


# --- refusing ------------------------------------------------------------------------------------


def refuse_refuted(derivation: Derivation) -> None:
    """Raise :class:`RefutedError`, naming the step, its point and both values, when a step is false."""
    for step in derivation.all_steps():
        if step.verdict is not None and step.verdict.status is Status.REFUTED:
            raise RefutedError(_refutation(derivation.title, step, step.verdict))


def _refutation(title: str, step: Step, verdict: Verdict) -> str:
    claim = f"{text(step.before)} {sign_text(step.relation)} {text(step.after)}"
    lines = [f"{title}: a step is false, so no document is written", f"  step: {claim}  ({step.rule})"]
    if verdict.witness is not None:
        at = ", ".join(f"{name} = {value}" for name, value in verdict.witness.point)
        lines.append(f"  at {at}:" if at else "  there:")
        lines.append(f"  left side {verdict.witness.left}, right side {verdict.witness.right}")
    if verdict.detail:
        lines.append(f"  {verdict.detail}")
    return "\n".join(lines)


_SIGN_TEXT = {
    "!=": "≠", "<=": "≤", ">=": "≥", "~=": "≈", "=>": "⇒", "<=>": "⇔", "===": "≡", "in": "∈", "propto": "∝",
    "->": "→",
}


def sign_text(sign: str) -> str:
    """A relation sign as one Unicode character where there is one."""
    return _SIGN_TEXT.get(sign, sign)


# --- parts to blocks -------------------------------------------------------------------------------


def _blocks(part: Part, detail: str, numbers: _Numbers) -> Iterator[Block]:
    match part:
        case Heading(words):
            yield Section(words)
        case Paragraph(words, remark):
            numbers.said.update(n for n in words if isinstance(n, Node))
            yield Text(words, remark)
        case Formula(node, reason):
            numbers.said.update((node,))
            yield Rows((Row(None, "", node, reason),))
        case Chain():
            yield from _chain(part, detail, numbers.said)
        case Table(header, rows, caption, given) if header:
            yield Grid(header, rows, caption, numbers.next("table"), given)
        case Figure():
            yield Picture(part, numbers.next("figure"))
        case Listing(code, caption, language, runs):
            yield Code(tuple(code_lines(code)), caption, numbers.next("listing"), language, code if runs else "")
        case Program(code, words):
            yield Cell(code, words)


CODE_COLUMNS = 76  # of a terminal with 80, and what a page of typewriter text holds at 10 pt


def code_lines(code: str) -> Iterator[str]:
    """The lines of a program without control characters; a long one goes on below, after a backslash."""
    for line in code.expandtabs(4).rstrip().split("\n"):
        rest = "".join(c for c in line.rstrip() if c.isprintable())
        lead = rest[: len(rest) - len(rest.lstrip())][: CODE_COLUMNS // 2]
        while len(rest) > CODE_COLUMNS:
            blank = rest.rfind(" ", len(lead) + 5, CODE_COLUMNS - 2)
            end = blank + 1 if blank > 0 else CODE_COLUMNS - 2
            yield f"{rest[:end].rstrip()} \\" if blank > 0 else f"{rest[:end]}\\"
            rest = f"{lead}    {rest[end:].lstrip()}"
        yield rest


def _chain(chain: Chain, detail: str, said: _Said) -> Iterator[Block]:
    rows = chain_rows(chain, detail)
    if rows:
        yield Rows(rows)
    stated = [definition.equation for definition in chain.where]
    new = [relation for relation in stated if relation not in said]
    said.update(new)
    if new:
        yield Text((Word("where"), *_listed(new), "."))


def head(definition: Definition) -> Node:
    """What a definition defines: a name, or a function of its parameters."""
    return definition.head


def _listed(nodes: Sequence[Node]) -> Iterator[str | Node]:
    for i, node in enumerate(nodes):
        if i:
            yield ", "
        yield node


def chain_rows(chain: Chain, detail: str = "normal") -> tuple[Row, ...]:
    """The lines of a chain at a detail: a name or the first expression, then one line a step.

    They are remembered: a person's sheet and its key show the same chains, some of them more than once.
    """
    known = _CHAIN_ROWS.get((id(chain), detail))
    if known is not None:
        return known[1]
    rows = tuple(_rows(shown_steps(chain.steps, detail), chain.left, detail))
    if len(_CHAIN_ROWS) >= REMEMBERED:
        _CHAIN_ROWS.clear()
    _CHAIN_ROWS[id(chain), detail] = chain, rows  # with the chain, so that no other gets its id
    return rows


REMEMBERED = 256  # chains whose lines are kept in mind: those of a few people
_CHAIN_ROWS: dict[tuple[int, str], tuple[Chain, tuple[Row, ...]]] = {}


def _rows(steps: Sequence[Step], name: Node | None, detail: str) -> Iterator[Row]:
    """A step that does not start where the one before ended starts its own left side."""
    end: Node | None = None
    for step in steps:
        if step.before == end:
            yield _step_row(None, step, detail)
        elif end is None and name is not None and name != step.before:
            yield Row(name, "=", step.before)
            yield _step_row(None, step, detail)
        else:
            yield _step_row(step.before, step, detail)
        end = step.after


def _step_row(left: Node | None, step: Step, detail: str) -> Row:
    verdict = step.verdict.status if step.verdict else None
    finer = tuple(_rows(step.steps, None, "full"))
    needs = step.verdict.condition if step.verdict else ()
    return Row(left, step.relation, step.after, _reason(step, detail), verdict, finer=finer, needs=needs)


def _reason(step: Step, detail: str) -> str:
    """The rule's name, at full detail with its explanation."""
    why = step.rule or step.reason
    return f"{why}: {step.reason}" if detail == "full" and step.reason and step.reason != why else why


# --- detail ----------------------------------------------------------------------------------------


def shown_steps(steps: Sequence[Step], detail: str) -> list[Step]:
    """The steps that are shown: milestones when brief, the finer steps when full."""
    match detail:
        case "brief":
            return _milestones(steps)
        case "full":
            return [fine for step in steps for fine in _finest(step)]
    return list(steps)


def _finest(step: Step) -> Iterator[Step]:
    if not step.steps:
        yield step
    for inner in step.steps:
        yield from _finest(inner)


def _milestones(steps: Sequence[Step]) -> list[Step]:
    """Runs of small steps become one, up to the next idea (calculus, argument) or the end of the chain.

    The steps of a run are the finer ones of the step that stands for it.
    """
    shown: list[Step] = []
    waiting: Step | None = None
    run: list[Step] = []
    for i, step in enumerate(steps):
        merged = _merged(waiting, step) if waiting is not None else step
        if waiting is not None and merged is None:
            shown.append(_standing(waiting, run))
        run = [*run, step] if waiting is not None and merged is not None else [step]
        waiting = merged or step
        if step.level >= Level.CALCULUS or i == len(steps) - 1:
            shown.append(_standing(waiting, run))
            waiting = None
    return shown


def _standing(step: Step, run: Sequence[Step]) -> Step:
    """The step that stands for a run of steps."""
    return replace(step, steps=tuple(run)) if len(run) > 1 else step


_JOINED = {
    frozenset({"="}): "=", frozenset({"=", "<"}): "<", frozenset({"=", "<="}): "<=", frozenset({"<", "<="}): "<",
    frozenset({"=", ">"}): ">", frozenset({"=", ">="}): ">=", frozenset({">", ">="}): ">",
    frozenset({"<"}): "<", frozenset({"<="}): "<=", frozenset({">"}): ">", frozenset({">="}): ">=",
    frozenset({"=", "~="}): "~=", frozenset({"~="}): "~=", frozenset({"<=>"}): "<=>", frozenset({"=>"}): "=>",
    frozenset({"=>", "<=>"}): "=>", frozenset({"=", "propto"}): "propto", frozenset({"propto"}): "propto",
}
"""The relation that two relations in a row amount to; a pair that is not here is never merged."""


def _merged(first: Step, second: Step) -> Step | None:
    """Two consecutive steps as one, or None when they do not follow on or their relations do not join."""
    relation = _JOINED.get(frozenset({first.relation, second.relation}))
    if relation is None or first.after != second.before:
        return None
    return Step(
        first.before, second.after, second.rule, second.reason, relation, max(first.level, second.level),
        _weaker(first.verdict, second.verdict),
    )


def _weaker(a: Verdict | None, b: Verdict | None) -> Verdict | None:
    if a is None or b is None:
        return None
    order = list(Status)
    worst = a if order.index(a.status) > order.index(b.status) else b
    conditions = tuple(dict.fromkeys((*a.condition, *b.condition)))
    return Verdict(worst.status, worst.method, worst.detail, conditions, worst.witness)


# --- the rest of the page --------------------------------------------------------------------------


def _statements(derivation: Derivation) -> tuple[Statement, ...]:
    words = derivation.text
    task: tuple[Prose, ...] = (words.prose if isinstance(words, Worded) else (words,),) if words else ()
    pairs = (("task", task), ("given", derivation.given), ("find", derivation.asked))
    return tuple(Statement(Word(label), items) for label, items in pairs if items)


def _outcome(derivation: Derivation) -> Outcome | None:
    rows = tuple(row for result in derivation.results if result.shown for row in _result_rows(result))
    return Outcome(rows) if rows else None


def _result_rows(result: Result) -> Iterator[Row | Text]:
    value = as_node(result.value)
    if value is None:
        yield Text((f"{result.name}: ", *_number_words(result.number)) if result.number is not None else (result.name,))
    elif result.label is None:
        yield Text((f"{result.name}: ", value))
    else:
        yield Row(result.label, "=", _with_decimals(value))


LARGE_DENOMINATOR = 100  # a fraction with a larger one says little without its decimals


def _with_decimals(value: Node) -> Node:
    """A number that is not read at a glance, with its decimals: ``8 + 2e`` becomes ``8 + 2e = about 13.4366``."""
    exact = numeric(value)
    if isinstance(value, (Matrix, Vector, Relation)) or free_symbols(value):
        return value
    if exact is not None and (decimal(exact) is not None or exact.denominator <= LARGE_DENOMINATOR):
        return value
    from derive.numeric.value import value_of  # NumPy is not needed for most pages

    try:
        return Relation((value, approximate(value_of(value) if exact is None else exact)), ("~=",))
    except (DeriveError, ArithmeticError, ValueError, TypeError, KeyError):
        return value


def _number_words(number: object) -> Prose:
    if isinstance(number, bool):
        return (Word("yes" if number else "no"),)
    return (f"{number:.6g}" if isinstance(number, float) else str(number),)


def as_node(value: Value | None) -> Node | None:
    """A result's value as one expression: a tuple becomes coordinates, a tuple of tuples a matrix."""
    if value is None or isinstance(value, Node):
        return value
    rows = [part for part in value if isinstance(part, tuple)]
    if rows and len(rows) == len(value):
        return Matrix(tuple(tuple(_nodes(row)) for row in rows))
    return Vector(tuple(_nodes(value)))


def _nodes(values: tuple[Value, ...]) -> Iterator[Node]:
    for value in values:
        node = as_node(value)
        if node is not None:
            yield node


def _summary(derivation: Derivation) -> Summary | None:
    """How many steps there are and what is known of them, each count with its mark; None without steps."""
    counts = derivation.verdicts()
    total = sum(1 for _ in derivation.all_steps())
    if not total:
        return None
    known = tuple((status, counts[status.value]) for status in Status if counts[status.value])
    return Summary(total, known, total - sum(counts.values()))


def verification(derivation: Derivation) -> str:
    """The verification line as plain words. Empty when there are no steps."""
    summary = _summary(derivation)
    return summary.text if summary else ""
