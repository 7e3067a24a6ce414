r"""Moodle XML: a category for each item below that of the worksheet, in it a question for each person's variant.

A number is a ``numerical`` question, one choice a ``multichoice``, an order a ``matching`` question, what a person has
to read an ``essay``, nothing to answer a ``description``. Several gaps on one page are one ``cloze`` question. What
Moodle cannot have inside one (an order, and what is to be read, all of it in one essay) is a question of its own beside
it, in a category of its own, so that a quiz can draw one at random from each. Formulas are LaTeX between ``\(`` and
``\)``, which Moodle sets with MathJax; the derivation is the general feedback, and figures are inside the file.

What is right in a field of a cloze question must be worth whole marks, and Moodle takes their sum for the mark of the
question, whatever else is said of it. So all marks of a file, of every question, are the points times one number, which
makes those of the fields whole (:class:`_Marks`): 1 where the points are whole. Its categories tell that number, and
the points that a question drawn at random is to get, which Moodle cannot know. The format is documented as "Moodle XML
format" and "Embedded Answers (Cloze) question type" on docs.moodle.org.
"""

from __future__ import annotations

import base64
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import lcm
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

from derive import files
from derive.documents._figures import FOLDER, Drawn
from derive.documents._tree import Page
from derive.steps import Prose
from derive.worksheets._papers import Papers
from derive.worksheets._words import points_text, told, words
from derive.worksheets.courses._pages import (
    Fields,
    arranged,
    drawn,
    figures,
    has_line,
    options,
    paragraph,
    solution,
    task,
)
from derive.worksheets.courses._questions import (
    Choice,
    Manual,
    Number,
    Numbers,
    Order,
    Part,
    Question,
    asked,
    numeral,
)
from derive.worksheets.courses._xml import HEAD, element, said, title
from derive.worksheets.model import Worksheet

SUMMARY = "Moodle XML: questions of all types, with the derivation as feedback"

PENALTY = "0.3333333"  # for each further try, where a quiz allows them; Moodle's own
RIGHT = 100  # percent
ESSAY = "essay"
LINES = 10  # of the field for an essay
UPLOAD = 8_000_000  # bytes of a file, about; hosts of Moodle take from 2 to 100 MB at once
SCALE_MOST = 1_000  # marks for a point; Moodle has no marks from 100,000 on

_PLUGIN_FILE = "@@PLUGINFILE@@/"
_GAP_LIKE = re.compile(r"\{(?=#|[0-9]*:)")
_MARK = re.compile("\ue000([0-9]+)\ue001")  # no person's words hold these: views leave them out
_POINTS = re.compile("\ue002([0-9]+)/([0-9]+)([wm])\ue003")  # marks, which are known when all has been written
_CLOZE_SIGNS = re.compile(r"[\\{}~#=%&\"':]")


def write(sheet: Worksheet, papers: Sequence[Papers], folder: Path, stem: str) -> list[Path]:
    """Write ``<stem>.xml``, and ``<stem>-2.xml`` and so on for what is more than :data:`UPLOAD`; returns the paths.

    Raises OutputError, and RefutedError when a step is refuted.
    """
    marks = _Marks(sheet.language)
    with ExitStack() as stack:
        categories: dict[tuple[str, ...], tuple[IO[str], list[int]]] = {}
        for student, exercises in papers:
            for exercise in exercises:
                for place, question in _questions(asked(sheet, student, exercise)):
                    if place not in categories:
                        new = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", newline=""))
                        categories[place] = new, []
                    stream, sizes = categories[place]
                    sizes.append(stream.write(question + "\n"))
                    marks.see(place, question)
        made = _Files(folder, stem, stack)
        for place, (stream, sizes) in categories.items():
            stream.seek(0)
            made.begin(_category((sheet.title, *place), marks.told(place)))
            for size in sizes:
                made.add(marks.put(stream.read(size)))
        return made.ended()


@dataclass
class _Files:
    """The files of a quiz, each of them whole: what does not fit into one goes on in the next, in its category."""

    folder: Path
    stem: str
    stack: ExitStack
    paths: list[Path] = field(default_factory=list)
    streams: list[IO[bytes]] = field(default_factory=list)
    category: str = ""
    told: bool = False
    room: int = 0

    def begin(self, category: str) -> None:
        """What follows belongs to a category."""
        self.category, self.told = category, False

    def add(self, question: str) -> None:
        """A question."""
        if not self.streams or len(question.encode()) > self.room:
            self._next()
        self._put(question if self.told else self.category + question)
        self.told = True

    def ended(self) -> list[Path]:
        """The files, which are whole now; one at least."""
        if not self.streams:
            self._next()
        for stream in self.streams:
            stream.write(b"</quiz>\n")
        return self.paths

    def _next(self) -> None:
        number = f"-{len(self.paths) + 1}" if self.paths else ""
        self.paths.append(self.folder / f"{self.stem}{number}.xml")
        temporary = self.stack.enter_context(files.replacing(self.paths[-1]))
        self.streams.append(self.stack.enter_context(temporary.open("wb")))
        self.room, self.told = UPLOAD, False
        self._put(HEAD + "<quiz>\n")

    def _put(self, text: str) -> None:
        data = text.encode()
        self.room -= len(data)
        self.streams[-1].write(data)


def _category(place: Sequence[str], about: str) -> str:
    """What all questions after it belong to; a slash in a name is doubled."""
    names = [title(name).replace("/", "//").strip() or "?" for name in place]
    path = "/".join(["$course$/top", *names])
    made = element("question", element("category", said("text", path)),
                   element("info", said("text", about), format="html"), type="category")
    return made + "\n"


# --- marks ------------------------------------------------------------------------------------------------


def _points(points: Fraction, whole: bool = False) -> str:
    """The place of a mark; ``whole`` is that of a field of a cloze question."""
    return f"\ue002{points.numerator}/{points.denominator}{'w' if whole else 'm'}\ue003"


@dataclass
class _Marks:
    """The marks of a file: the points times the least number that makes those of fields whole, at most SCALE_MOST.

    Beyond that the marks of fields are rounded, to a thousandth of a point.
    """

    language: str
    scale: int = 1
    seen: dict[tuple[str, ...], set[Fraction]] = field(default_factory=dict)

    def see(self, place: tuple[str, ...], question: str) -> None:
        """A question of a category is in the file."""
        found = [(Fraction(int(a), int(b)), kind == "w") for a, b, kind in _POINTS.findall(question)]
        self.scale = min(SCALE_MOST, lcm(self.scale, *(points.denominator for points, whole in found if whole)))
        self.seen.setdefault(place, set()).add(sum((points for points, _ in found), Fraction(0)))

    def put(self, line: str) -> str:
        """A line with its marks."""
        return _POINTS.sub(self._mark, line)

    def _mark(self, found: re.Match[str]) -> str:
        mark = Fraction(int(found[1]), int(found[2])) * self.scale
        return str(max(1, round(mark))) if found[3] == "w" else numeral(mark)

    def told(self, place: tuple[str, ...]) -> str:
        """What a teacher has to know of the marks of a category, as HTML."""
        points = sorted(self.seen[place])
        if not any(points):
            return ""
        least, most = points_text(points[0]), points_text(points[-1])
        known = words("marks", points=most) if least == most else words("marks between", least=least, most=most)
        said_ = [known] if self.scale == 1 else [known, words("marks scaled", scale=self.scale)]
        return "".join(f"<p>{escape(line.told(self.language))}</p>" for line in said_)


# --- which questions an exercise makes --------------------------------------------------------------------


def _questions(question: Question) -> Iterator[tuple[tuple[str, ...], str]]:
    """The questions of an exercise, each with its category below that of the sheet; their marks are places yet."""
    together = [part for part in question.judged if not isinstance(part.judged, Order)]
    with drawn(question) as (pictures, folder):
        writer = _Writer(question, pictures, folder)
        if not question.parts:
            yield (question.item,), writer.description()
        if together:
            yield (question.item,), writer.single(together[0]) if _is_single(together) else writer.cloze(together)
        for part in question.judged:
            if part not in together:
                yield _beside(question, f"({part.gap.label})"), writer.single(part, part.gap.label)
        if question.manual:
            yield _beside(question, ESSAY), writer.essay(question.manual)


def _beside(question: Question, name: str) -> tuple[str, ...]:
    """The category of a question that is not in one with the others."""
    return (question.item,) if len(question.judged) == 0 or len(question.parts) == 1 else (question.item, name)


def _is_single(parts: Sequence[Part]) -> bool:
    return len(parts) == 1 and (not isinstance(parts[0].judged, Numbers) or len(parts[0].judged.cells) == 1)


# --- a question -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Writer:
    """Writes an exercise, whose figures have been drawn below ``folder``, as questions."""

    question: Question
    drawn: Drawn
    folder: Path

    def _views(self, **fields: str) -> Fields:
        return Fields(self.drawn, self.folder, options(self.question), latex=True, images=_PLUGIN_FILE, styled=False,
                      fields=fields)

    def _prose(self, prose: Prose) -> str:
        return self._views().prose(prose)

    def description(self) -> str:
        """Nothing is asked."""
        shown = task(self._views(), self.question, ())
        return self._question("description", shown, Fraction(0), "", ())

    def single(self, part: Part, name: str = "") -> str:
        """A question of one gap."""
        shown = task(self._views(), self.question, (part,)) + self._prompt(part)
        kind, rest = self._rest(part)
        return self._question(kind, shown, part.gap.points, name if len(self.question.parts) > 1 else "", rest)

    def _prompt(self, part: Part) -> str:
        """What is said after the page: what is asked here, unless that is told there, and how numbers are written."""
        prompt = "" if has_line(self.question, part) else paragraph(self._views(), part.prompt)
        return prompt + (self._decimals() if isinstance(part.judged, Numbers) else "")

    def _decimals(self) -> str:
        return paragraph(self._views(), told((words("decimals"),), self.question.language))

    def _rest(self, part: Part) -> tuple[str, list[str]]:
        """The type of a question, and what it has besides what all have."""
        match part.judged:
            case Numbers() as numbers:
                one = numbers.cells[0]
                answers = [self._number(one, RIGHT), *(self._number(n, 0, why) for n, why in numbers.wrong)]
                return "numerical", [*answers, said("unitgradingtype", "0"), said("showunits", "3")]
            case Choice() as choice:
                return "multichoice", self._choice(choice)
            case Order(items) as order:
                lines = [self._line(item, place) for item, place in zip(items, order.positions, strict=True)]
                return "matching", [said("shuffleanswers", "false"), *lines]
        raise AssertionError(part)

    def _number(self, number: Number, fraction: int, feedback: str = "") -> str:
        tolerance = said("tolerance", number.tolerance)
        return element("answer", said("text", number.text), self._feedback(feedback), tolerance,
                       fraction=str(fraction), format="moodle_auto_format")

    def _choice(self, choice: Choice) -> list[str]:
        right = numeral(Fraction(round(Fraction(RIGHT * 10**5, len(choice.right))), 10**5))
        wrong = "0" if not choice.several else "-" + right
        answers = [
            element("answer", said("text", self._prose(item)), self._feedback(choice.reasons.get(k, "")),
                    fraction=right if k in choice.right else wrong, format="html")
            for k, item in enumerate(choice.items)
        ]
        single = "false" if choice.several else "true"
        return [said("single", single), said("shuffleanswers", "false"), said("answernumbering", "abc"), *answers]

    def _line(self, item: Prose, place: int) -> str:
        return element("subquestion", said("text", self._prose(item)), element("answer", said("text", str(place))),
                       format="html")

    def essay(self, parts: Sequence[Part]) -> str:
        """What a person reads, all of an exercise in one question; whoever grades is told the right answers."""
        views = self._views()
        prompts = [paragraph(views, prompt) for prompt in dict.fromkeys(part.prompt for part in parts)]
        several = len(self.question.parts) > 1
        right = [
            paragraph(views, (f"({part.gap.label}) " if several else "", *answer.answer))
            for part in parts if isinstance(answer := part.judged, Manual)
        ]
        rest = [
            said("responseformat", "editor"), said("responserequired", "0"), said("responsefieldlines", str(LINES)),
            said("attachments", "1"), said("attachmentsrequired", "0"),
            element("graderinfo", said("text", "".join(right)), format="html"),
            element("responsetemplate", said("text", ""), format="html"),
        ]
        shown = task(views, self.question, parts) + "".join(prompts)
        points = sum((part.gap.points for part in parts), Fraction(0))
        return self._question("essay", shown, points, ESSAY if self.question.judged else "", rest)

    def _feedback(self, words: str) -> str:
        return element("feedback", said("text", self._views().words(words)), format="html")

    def cloze(self, parts: Sequence[Part]) -> str:
        """A question of several gaps, each of which is inside the text."""
        codes: list[str] = []

        def kept(code: str) -> str:
            codes.append(code)
            return f"\ue000{len(codes) - 1}\ue001"

        fields = {p.gap.label: arranged(_rows(p.judged, [kept(c) for c in self._codes(p)])) for p in parts}
        views = self._views(**{p.gap.label: fields[p.gap.label] for p in parts if isinstance(p.judged, Numbers)})
        shown = task(views, self.question, parts)
        below = [paragraph(views, p.prompt, f"{' = ' if isinstance(p.judged, Numbers) else ' '}{fields[p.gap.label]}")
                 for p in parts if p.gap.label not in views.placed]
        note = self._decimals() if any(isinstance(p.judged, Numbers) for p in parts) else ""
        safe = _GAP_LIKE.sub("&#123;", shown + note + "".join(below))
        text = _MARK.sub(lambda found: codes[int(found[1])], safe)
        return self._question("cloze", text, None, "", ())

    def _codes(self, part: Part) -> list[str]:
        """The code of each field of a part."""
        worth = [_points(share, whole=True) for share in part.shares]
        match part.judged:
            case Numbers() as numbers:
                return [self._number_code(n, numbers, w) for n, w in zip(numbers.cells, worth, strict=True)]
            case Choice() as choice:
                return [self._choice_code(choice, worth[0])]
        raise AssertionError(part)

    def _number_code(self, number: Number, numbers: Numbers, weight: str) -> str:
        wrong = [f"~{n.text}:{n.tolerance}{self._cloze_feedback(why)}" for n, why in numbers.wrong]
        return f"{{{weight}:NUMERICAL:={number.text}:{number.tolerance}{''.join(wrong)}}}"

    def _choice_code(self, choice: Choice, weight: str) -> str:
        plain = all(isinstance(part, str) for item in choice.items for part in item)
        kind = "MULTIRESPONSE" if choice.several else "MULTICHOICE" if plain else "MULTICHOICE_V"
        answers = [
            ("=" if k in choice.right else "") + protected(self._prose(item))
            + self._cloze_feedback(choice.reasons.get(k, "")) for k, item in enumerate(choice.items)
        ]
        return f"{{{weight}:{kind}:{'~'.join(answers)}}}"

    def _cloze_feedback(self, words: str) -> str:
        return f"#{protected(self._views().words(words))}" if words else ""

    # --- what all have -----------------------------------------------------------------------------------

    @cached_property
    def _derivation(self) -> str:
        return solution(self._views(), self.question)

    def _question(
        self, kind: str, text: str, points: Fraction | None, name: str, rest: Iterable[str],
    ) -> str:
        question = self.question
        shown = self._derivation if question.parts else ""
        tags = [question.item, question.student.id, question.exercise.mode]
        called = f"{question.title} ({name})" if name else question.title
        number = f"{question.name}-{name}" if name else question.name
        return element(
            "question",
            element("name", said("text", title(called))),
            self._with_files("questiontext", text, question.paper),
            self._with_files("generalfeedback", shown, question.solution) if shown
            else element("generalfeedback", said("text", ""), format="html"),
            *([said("defaultgrade", _points(points))] if points is not None else []),
            said("penalty", PENALTY), said("hidden", "0"), said("idnumber", number),
            *rest,
            element("tags", *(element("tag", said("text", title(tag))) for tag in tags)),
            type=kind,
        )

    def _with_files(self, name: str, text: str, page: Page) -> str:
        """A text with its figures."""
        inside = [
            element("file", base64.b64encode(path.read_bytes()).decode(), name=path.name, path=f"/{FOLDER}/",
                    encoding="base64")
            for path in figures(page, self.drawn)
        ]
        return element(name, said("text", text), *inside, format="html")


def _rows(judged: object, codes: Sequence[str]) -> list[list[str]]:
    """The fields of a part in the rows of its numbers."""
    if not isinstance(judged, Numbers):
        return [list(codes)]
    rest = iter(codes)
    return [[next(rest) for _ in row] for row in judged.rows]


def protected(html: str) -> str:
    """HTML inside an answer of a cloze question: every sign that has a meaning there by its number."""
    return _CLOZE_SIGNS.sub(lambda found: f"&#{ord(found[0])};", html)
