"""QTI 1.2 as Canvas imports it: one quiz that draws for each student one variant of every question of every problem.

Canvas has no question with several numbers that are compared as numbers (its blanks compare characters, which would
call ``0.50`` wrong), so every gap, and every entry of a vector, is a question that shows the whole page; what has to be
read is one essay. All variants of a gap are a group from which one is drawn, with the group's points. As everybody
gets a question of each group, all variants of a problem must have the same gaps with the same points: of a problem
whose variants differ in these, those are taken that are alike most often. The derivation
is the general feedback, shown after every answer. Formulas are images that Canvas makes of their LaTeX, with that as
the alternative text. The vocabulary is that of the IMS Question and Test Interoperability ASI 1.2 and of Canvas's own
``assessment_meta.xml``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from typing import IO
from urllib.parse import quote

from derive.documents import _escape
from derive.documents._figures import FOLDER, Drawn
from derive.steps import Prose
from derive.worksheets._digests import digest
from derive.worksheets._papers import Papers
from derive.worksheets._words import told, words
from derive.worksheets.courses._pages import (
    Fields,
    drawn,
    elsewhere,
    figures,
    has_line,
    options,
    paragraph,
    solution,
    task,
)
from derive.worksheets.courses._questions import (
    Choice,
    Number,
    Numbers,
    Order,
    Part,
    Question,
    asked,
    numeral,
)
from derive.worksheets.courses._xml import Package, around, element, package, plain, said, title
from derive.worksheets.model import Worksheet

SUMMARY = "QTI 1.2 package for Canvas: a quiz that draws a variant of every question"

NAMESPACE = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
META = "http://canvas.instructure.com/xsd/cccv1p0"
CONTENT = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"
FILES = "%24IMS-CC-FILEBASE%24/"  # what Canvas puts the folder of the course's files for

REMEMBERED = 2_000  # formulas: the questions of an exercise show the same ones

_FEEDBACK = "general_fb"
_RESPONSE = "response1"


@dataclass(frozen=True)
class _Formulas(Fields):
    """HTML whose formulas Canvas sets itself."""

    latex: bool = True

    def _math(self, inside: str, tall: bool = True) -> str:
        if not inside:
            return ""
        return _image(rf"\displaystyle {inside}" if tall else inside)


@lru_cache(maxsize=REMEMBERED)
def _image(latex: str) -> str:
    """The image that Canvas makes of a formula, by an address with the formula quoted twice."""
    told_ = _escape.html(latex)
    source = quote(quote(latex, safe=""), safe="")
    return (f'<img class="equation_image" title="{told_}" src="/equation_images/{source}" alt="LaTeX: {told_}" '
            f'data-equation-content="{told_}"/>')


# --- the package ------------------------------------------------------------------------------------------

_Key = tuple[str, Fraction]
"""What the variants of a question have in common: the gap or the entry, and the points."""

_Span = tuple[int, int]
"""Where a question is among those that are kept, and how long it is."""


@dataclass
class _Kept:
    """The questions of all variants in one file: of each item, by what they ask for and what that is worth."""

    stream: IO[bytes]
    titles: dict[str, str] = field(default_factory=dict)
    variants: dict[str, dict[tuple[_Key, ...], list[list[_Span]]]] = field(default_factory=dict)

    def keep(self, question: Question, items: Iterable[tuple[_Key, str]]) -> None:
        """Keep the questions of a variant."""
        keys, spans = [], []
        for key, item in items:
            data = plain(item).encode() + b"\n"
            keys.append(key)
            spans.append((self.stream.tell(), len(data)))
            self.stream.write(data)
        self.titles.setdefault(question.item, question.paper.title)
        self.variants.setdefault(question.item, {}).setdefault(tuple(keys), []).append(spans)

    def groups(self) -> Iterator[tuple[str, Fraction, list[_Span]]]:
        """The groups, each with its heading, its points and its questions: of an item those of most variants."""
        for item, alike in self.variants.items():
            keys = max(alike, key=lambda found: len(alike[found]))
            for k, (name, points) in enumerate(keys):
                heading = f"{self.titles[item]} ({name})" if name else self.titles[item]
                yield heading, points, [spans[k] for spans in alike[keys]]

    def read(self, span: _Span) -> str:
        """A question."""
        self.stream.seek(span[0])
        return self.stream.read(span[1]).decode()


def write(sheet: Worksheet, papers: Sequence[Papers], folder: Path, stem: str) -> list[Path]:
    """Write ``<stem>.zip``; returns its path. Raises OutputError, and RefutedError when a step is refuted."""
    path = folder / f"{stem}.zip"
    ident = f"g{digest(sheet.title, sheet.seed)[:32]}"
    with package(path) as made, tempfile.TemporaryFile() as stream:
        kept = _Kept(stream)
        for student, exercises in papers:
            for exercise in exercises:
                question = asked(sheet, student, exercise)
                kept.keep(question, _items(made, question))
        images = list(made.names)
        made.add_xml(f"{ident}/{ident}.xml", _assessment(sheet, ident, kept))
        total = sum((points for _, points, _ in kept.groups()), Fraction(0))
        made.add_xml(f"{ident}/assessment_meta.xml", (_meta(sheet, ident, total),))
        made.add_xml("imsmanifest.xml", (_manifest(ident, images),))
    return [path]


def _assessment(sheet: Worksheet, ident: str, kept: _Kept) -> Iterator[str]:
    """The quiz, piece by piece: a section for each group, from which one question is drawn."""
    attempts = element("qtimetadata", _entry("cc_maxattempts", "1"))
    root = around("section", ident="root_section")
    quiz = around("assessment", attempts, ident=ident, title=title(sheet.title) or "?")
    whole = around("questestinterop", xmlns=NAMESPACE)
    yield from (whole[0], quiz[0], root[0])
    for k, (heading, points, spans) in enumerate(kept.groups(), 1):
        worth = element("selection_extension", said("points_per_item", numeral(points)))
        drawing = element("selection_ordering", element("selection", said("selection_number", "1"), worth))
        section = around("section", drawing, ident=f"group-{k}", title=title(heading))
        yield section[0]
        yield from map(kept.read, spans)
        yield section[1]
    yield from (root[1], quiz[1], whole[1])


def _meta(sheet: Worksheet, ident: str, points: Fraction) -> str:
    """What Canvas wants to know of a quiz besides."""
    lines = [
        said("title", title(sheet.title) or "?"), said("description", ""), said("shuffle_answers", "false"),
        said("scoring_policy", "keep_highest"), said("quiz_type", "assignment"),
        said("points_possible", numeral(points)), said("show_correct_answers", "true"), said("allowed_attempts", "1"),
        said("one_question_at_a_time", "false"), said("cant_go_back", "false"), said("available", "false"),
    ]
    return element("quiz", *lines, xmlns=META, identifier=ident)


def _manifest(ident: str, images: Sequence[str]) -> str:
    metadata = element("metadata", said("schema", "IMS Content"), said("schemaversion", "1.1.3"))
    meta = f"{ident}/assessment_meta.xml"
    resources = [
        element("resource", element("file", href=f"{ident}/{ident}.xml"),
                element("dependency", identifierref=f"{ident}-meta"), identifier=ident, type="imsqti_xmlv1p2"),
        element("resource", element("file", href=meta), identifier=f"{ident}-meta", href=meta,
                type="associatedcontent/imscc_xmlv1p1/learning-application-resource"),
        *(element("resource", element("file", href=name), identifier=f"image-{k}", type="webcontent", href=name)
          for k, name in enumerate(images, 1)),
    ]
    return element("manifest", metadata, element("organizations"), element("resources", *resources), xmlns=CONTENT,
                   identifier=f"{ident}-manifest")


# --- the questions of an exercise -------------------------------------------------------------------------


def _items(made: Package, question: Question) -> Iterator[tuple[_Key, str]]:
    """The questions of an exercise, with the groups they belong to; its figures are added to the package."""
    with drawn(question) as (pictures, folder):
        writer = _Writer(question, pictures, folder)
        if not question.parts:
            yield ("", Fraction(0)), writer.text_only()
        for part in question.judged:
            for name, share, item in writer.items(part):
                yield (name, share), item
        if question.manual:
            points = sum((part.gap.points for part in question.manual), Fraction(0))
            name = ", ".join(part.gap.label for part in question.manual)
            yield (name, points), writer.essay(question.manual, points)
        for path in chain.from_iterable(figures(page, pictures) for page in question.pages):
            made.add(f"{FOLDER}/{path.name}", path.read_bytes())


@dataclass(frozen=True)
class _Writer:
    """Writes the questions of an exercise whose figures have been drawn below ``folder``."""

    question: Question
    drawn: Drawn
    folder: Path
    _shown: dict[frozenset[int | None], str] = field(default_factory=dict)

    def _views(self) -> Fields:
        return _Formulas(self.drawn, self.folder, options(self.question), images=FILES, styled=False)

    def _task(self, parts: Sequence[Part]) -> str:
        """What is seen; it is the same for all gaps that have no place of their own on the page."""
        left = frozenset(part.block for part in parts).union(elsewhere(self.question, parts))
        if left not in self._shown:
            self._shown[left] = task(self._views(), self.question, parts)
        return self._shown[left]

    def _html(self, text: str) -> str:
        return element("material", said("mattext", text, texttype="text/html"))

    def items(self, part: Part) -> Iterator[tuple[str, Fraction, str]]:
        """The questions of a part: one, but for entries of a vector, each with what it is called and its points."""
        name = part.gap.label
        match part.judged:
            case Numbers() as numbers:
                for k, (cell, share) in enumerate(zip(numbers.cells, part.shares, strict=True), 1):
                    called = name if len(numbers.cells) == 1 else f"{name}, {_entry_name(numbers, k)}"
                    yield called, share, self._number(part, cell, called, share, k)
            case Choice() as choice:
                yield name, part.gap.points, self._choice(part, choice)
            case Order() as order:
                yield name, part.gap.points, self._order(part, order)

    def text_only(self) -> str:
        """Nothing is asked."""
        shown = self._task(())
        return self._item("", "text_only_question", Fraction(0), (), element("presentation", self._html(shown)), "")

    def essay(self, parts: Sequence[Part], points: Fraction) -> str:
        """What a person reads; Canvas has no place for the right answer but the feedback."""
        prompts = [paragraph(self._views(), prompt) for prompt in dict.fromkeys(part.prompt for part in parts)]
        shown = self._html(self._task(parts) + "".join(prompts))
        label = element("response_label", ident="answer1", rshuffle="No")
        field = _response("response_str", element("render_fib", label))
        manual = _condition(element("other"), "")
        return self._item("essay", "essay_question", points, (), element("presentation", shown, field), manual)

    # --- each kind ---------------------------------------------------------------------------------------

    def _number(self, part: Part, cell: Number, called: str, points: Fraction, place: int) -> str:
        views = self._views()
        language = self.question.language
        prompt = () if has_line(self.question, part) else (*part.prompt, " ")
        below = paragraph(views, (*prompt, *told((words("asked here", label=called),), language)))
        below += paragraph(views, told((words("decimals"),), language))
        shown = self._html(self._task((part,)) + below)
        field = _response("response_str", element("render_fib", element("response_label", ident="answer1"),
                                                  fibtype="Decimal"))
        low, high = cell.bounds
        between = element("vargte", low, respident=_RESPONSE) + element("varlte", high, respident=_RESPONSE)
        exact = said("varequal", cell.text, respident=_RESPONSE)
        accepted = element("or", exact, element("and", between)) if low == high else between
        return self._item(f"{part.gap.label}-{place}", "numerical_question", points, ("answer1",),
                          element("presentation", shown, field), _condition(accepted, _set("Set", Fraction(100))))

    def _choice(self, part: Part, choice: Choice) -> str:
        kind, cardinality = (("multiple_answers_question", "Multiple") if choice.several
                             else ("multiple_choice_question", "Single"))
        idents = [f"c{k}" for k in range(1, len(choice.items) + 1)]
        labels = [self._label(ident, item) for ident, item in zip(idents, choice.items, strict=True)]
        field = _response("response_lid", element("render_choice", *labels), cardinality)
        told_ = [self._reason(idents[k], why) for k, why in choice.reasons.items()]
        tests = [_test(ident, k in choice.right or not choice.several) for k, ident in enumerate(idents)]
        right = element("and", *tests) if choice.several else tests[choice.right[0]]
        messages = "".join(_feedback(f"{idents[k]}_fb", self._views().words(why)) for k, why in choice.reasons.items())
        return self._item(part.gap.label, kind, part.gap.points, idents, self._presented(part, field),
                          "".join(told_) + _condition(right, _set("Set", Fraction(100))), messages)

    def _order(self, part: Part, order: Order) -> str:
        count = len(order.items)
        numbers = [f"n{k}" for k in range(1, count + 1)]
        labels = [element("response_label", element("material", said("mattext", str(k), texttype="text/plain")),
                          ident=ident) for k, ident in enumerate(numbers, 1)]
        lines = [f"line{k}" for k in range(1, count + 1)]
        fields = [
            element("response_lid", self._html(self._views().prose(item)), element("render_choice", *labels),
                    ident=f"response_{line}", rcardinality="Single")
            for line, item in zip(lines, order.items, strict=True)
        ]
        share = Fraction(100, count)
        rules = [
            _condition(said("varequal", f"n{place}", respident=f"response_{line}"), _set("Add", share), "")
            for line, place in zip(lines, order.positions, strict=True)
        ]
        return self._item(part.gap.label, "matching_question", part.gap.points, lines,
                          self._presented(part, "".join(fields)), "".join(rules))

    def _presented(self, part: Part, field: str) -> str:
        shown = self._task((part,)) + paragraph(self._views(), part.prompt)
        return element("presentation", self._html(shown), field)

    def _label(self, ident: str, item: Prose) -> str:
        return element("response_label", self._html(self._views().prose(item)), ident=ident)

    def _reason(self, ident: str, why: str) -> str:
        shown = element("displayfeedback", feedbacktype="Response", linkrefid=f"{ident}_fb")
        return _condition(said("varequal", ident, respident=_RESPONSE), shown, "Yes")

    # --- what all have -----------------------------------------------------------------------------------

    def _item(
        self, name: str, kind: str, points: Fraction, answers: Sequence[str], presentation: str, rules: str,
        messages: str = "",
    ) -> str:
        ident = "-".join(filter(None, (self.question.name, name)))
        metadata = element("itemmetadata", element(
            "qtimetadata", _entry("question_type", kind), _entry("points_possible", numeral(points)),
            _entry("original_answer_ids", ",".join(answers)),
            _entry("assessment_question_identifierref", f"{ident}-bank"),
        ))
        if not rules:
            return element("item", metadata, presentation, ident=ident, title=title(self.question.title))
        shown = element("displayfeedback", feedbacktype="Response", linkrefid=_FEEDBACK)
        outcome = element("decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal")
        processing = element("resprocessing", element("outcomes", outcome),
                             _condition(element("other"), shown, "Yes"), rules)
        return element("item", metadata, presentation, processing, self._derivation, messages, ident=ident,
                       title=title(self.question.title))

    @cached_property
    def _derivation(self) -> str:
        return _feedback(_FEEDBACK, solution(self._views(), self.question))


def _entry_name(numbers: Numbers, place: int) -> str:
    """The place of an entry: its row and its column."""
    columns = len(numbers.rows[0])
    row, column = divmod(place - 1, columns)
    return f"[{row + 1}, {column + 1}]"


def _entry(label: str, value: str) -> str:
    return element("qtimetadatafield", said("fieldlabel", label), said("fieldentry", value))


def _response(kind: str, render: str, cardinality: str = "Single") -> str:
    return element(kind, render, ident=_RESPONSE, rcardinality=cardinality)


def _condition(test: str, then: str, goes_on: str = "No") -> str:
    """What follows from an answer; a condition that adds up says nothing of going on."""
    more = {"continue_": goes_on} if goes_on else {}
    return element("respcondition", element("conditionvar", test), then, **more)


def _test(ident: str, right: bool) -> str:
    chosen = said("varequal", ident, respident=_RESPONSE)
    return chosen if right else element("not", chosen)


def _set(action: str, percent: Fraction) -> str:
    return said("setvar", numeral(percent), action=action, varname="SCORE")


def _feedback(ident: str, html: str) -> str:
    material = element("material", said("mattext", html, texttype="text/html"))
    return element("itemfeedback", element("flow_mat", material), ident=ident)
