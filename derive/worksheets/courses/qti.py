"""QTI 2.1 content package: an item for each person's variant, and a test that draws one for each problem.

All gaps of an exercise are in one item, each worth its points: numbers are text entries whose value must lie between
two bounds, choices and orders are compared with the right ones, what a person has to read is an extended text whose
answer is told to whoever grades. The derivation, and what went wrong in a wrong choice, are modal feedback. Formulas
are MathML. The vocabulary is that of the IMS Question and Test Interoperability Assessment Test, Section and Item
Information Model 2.1 and of IMS Content Packaging 1.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from derive.documents._figures import FOLDER, Drawn
from derive.steps import Prose
from derive.worksheets._papers import Papers
from derive.worksheets._words import told, words
from derive.worksheets.courses._pages import (
    Fields,
    arranged,
    drawn,
    figures,
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
from derive.worksheets.courses._xml import Package, element, package, said, title
from derive.worksheets.model import Worksheet

SUMMARY = "QTI 2.1 package: an item for each variant, one drawn for each problem"

NAMESPACE = "http://www.imsglobal.org/xsd/imsqti_v2p1"
CONTENT = "http://www.imsglobal.org/xsd/imscp_v1p1"
ITEM_TYPE, TEST_TYPE = "imsqti_item_xmlv2p1", "imsqti_test_xmlv2p1"
ITEMS, TEST = "items", "test.xml"
ENTRY, LINES = "12", "10"  # characters of a field for a number, lines of a field for a text

_SOLUTION = "SOLUTION"


def write(sheet: Worksheet, papers: Sequence[Papers], folder: Path, stem: str) -> list[Path]:
    """Write ``<stem>.zip``; returns its path. Raises OutputError, and RefutedError when a step is refuted."""
    path = folder / f"{stem}.zip"
    sections: dict[str, tuple[str, list[str]]] = {}
    resources: list[str] = []
    with package(path) as made:
        for student, exercises in papers:
            for exercise in exercises:
                question = asked(sheet, student, exercise)
                sections.setdefault(question.item, (question.paper.title, []))[1].append(question.name)
                resources.append(_add_item(made, question))
        made.add_xml(TEST, (_test(sheet, sections),))
        names = [name for _, found in sections.values() for name in found]
        made.add_xml("imsmanifest.xml", (_manifest(resources, names),))
    return [path]


# --- the package ------------------------------------------------------------------------------------------


def _add_item(made: Package, question: Question) -> str:
    """An item and its figures; the resource that names them."""
    href = f"{ITEMS}/{question.name}.xml"
    with drawn(question) as (pictures, folder):
        made.add_xml(href, (_Writer(question, pictures, folder).item(),))
        images = [path for page in question.pages for path in figures(page, pictures)]
        names = [f"{ITEMS}/{FOLDER}/{path.name}" for path in images]
        for name, path in zip(names, images, strict=True):
            made.add(name, path.read_bytes())
    listed = [element("file", href=name) for name in (href, *names)]
    return element("resource", *listed, identifier=identifier(question.name), type=ITEM_TYPE, href=href)


def identifier(name: str) -> str:
    """A name as XML takes it: never beginning with a digit."""
    return f"i-{name}"


def _test(sheet: Worksheet, sections: dict[str, tuple[str, list[str]]]) -> str:
    """A section for each item of the worksheet, of which each candidate gets one variant."""
    made = [
        element("assessmentSection", element("selection", select="1"),
                *(element("assessmentItemRef", identifier=identifier(name), href=f"{ITEMS}/{name}.xml")
                  for name in names),
                identifier=f"section-{k}", title=title(heading) or "?", visible="true")
        for k, (heading, names) in enumerate(sections.values(), 1)
    ]
    part = element("testPart", *made, identifier="part-1", navigationMode="nonlinear", submissionMode="individual")
    total = element("setOutcomeValue", element("sum", element("testVariables", variableIdentifier="SCORE")),
                    identifier="SCORE")
    return element("assessmentTest", _outcome("SCORE", "0"), part, element("outcomeProcessing", total),
                   xmlns=NAMESPACE, identifier="test", title=title(sheet.title) or "?", toolName="derive")


def _manifest(resources: Sequence[str], names: Sequence[str]) -> str:
    metadata = element("metadata", said("schema", "QTIv2.1 Package"), said("schemaversion", "1.0.0"))
    needed = [element("dependency", identifierref=identifier(name)) for name in names]
    test = element("resource", element("file", href=TEST), *needed, identifier="test", type=TEST_TYPE, href=TEST)
    return element("manifest", metadata, element("organizations"), element("resources", test, *resources),
                   xmlns=CONTENT, identifier="manifest")


def _outcome(name: str, value: str) -> str:
    default = element("defaultValue", said("value", value))
    return element("outcomeDeclaration", default, identifier=name, cardinality="single", baseType="float")


# --- an item ----------------------------------------------------------------------------------------------


@dataclass
class _Writer:
    """Writes an exercise as an item. ``feedback`` are the messages about wrong answers, by their identifiers."""

    question: Question
    drawn: Drawn
    folder: Path
    feedback: dict[str, str] = field(default_factory=dict)

    def _views(self, **fields: str) -> Fields:
        return Fields(self.drawn, self.folder, options(self.question), styled=False,
                      fields=fields)

    def item(self) -> str:
        parts = [(f"G{k}", part) for k, part in enumerate(self.question.parts, 1)]
        declared = [declaration for name, part in parts for declaration in _declarations(name, part)]
        processing = [rule for name, part in parts for rule in self._rules(name, part)]
        shown = element("setOutcomeValue", element("multiple", _variable("FEEDBACK"), _base("identifier", _SOLUTION)),
                        identifier="FEEDBACK")
        points = sum((part.gap.points for part in self.question.parts), Fraction(0))
        outcomes = [
            _outcome("SCORE", "0"), _outcome("MAXSCORE", numeral(points)),
            element("outcomeDeclaration", identifier="FEEDBACK", cardinality="multiple", baseType="identifier"),
        ]
        messages = [_modal(name, said("p", words_)) for name, words_ in self.feedback.items()]
        if parts:
            processing.append(shown)
            messages.insert(0, _modal(_SOLUTION, solution(self._views(), self.question)))
        return element(
            "assessmentItem", *declared, *outcomes, element("itemBody", self._body(parts)),
            element("responseProcessing", *processing), *messages,
            xmlns=NAMESPACE, identifier=identifier(self.question.name), title=title(self.question.title),
            xml__lang=self.question.language, adaptive="false", timeDependent="false", toolName="derive",
        )

    # --- what is seen ------------------------------------------------------------------------------------

    def _body(self, parts: Sequence[tuple[str, Part]]) -> str:
        fields = {part.gap.label: _entries(name, part.judged) for name, part in parts
                  if isinstance(part.judged, Numbers)}
        views = self._views(**fields)
        shown = task(views, self.question, self.question.parts)
        below = [self._below(name, part) for name, part in parts if part.gap.label not in views.placed]
        note = paragraph(views, told((words("decimals"),), self.question.language)) if fields else ""
        return shown + note + "".join(below)

    def _below(self, name: str, part: Part) -> str:
        """What stands below the page, with what is said before it."""
        views = self._views()
        prompt = element("prompt", views.prose(part.prompt)) if part.prompt else ""
        match part.judged:
            case Numbers() as numbers:
                return paragraph(views, part.prompt, f" = {_entries(name, numbers)}")
            case Choice(items) as choice:
                most = "0" if choice.several else "1"
                return element("choiceInteraction", prompt, *self._choices(items), responseIdentifier=name,
                               shuffle="false", maxChoices=most)
            case Order(items):
                return element("orderInteraction", prompt, *self._choices(items), responseIdentifier=name,
                               shuffle="false")
            case Manual(answer):
                rubric = element("rubricBlock", paragraph(views, answer), view="scorer")
                return rubric + element("extendedTextInteraction", prompt, responseIdentifier=name,
                                        expectedLines=LINES)

    def _choices(self, items: Sequence[Prose]) -> Iterator[str]:
        for k, item in enumerate(items):
            yield element("simpleChoice", self._views().prose(item), identifier=_place(k))

    # --- what it is worth --------------------------------------------------------------------------------

    def _rules(self, name: str, part: Part) -> Iterator[str]:
        """The conditions that give points, and those that tell what went wrong."""
        match part.judged:
            case Numbers() as numbers:
                for variable, cell, share in zip(_names(name, numbers), numbers.cells, part.shares, strict=True):
                    yield _if(_between(variable, cell), _add("SCORE", "float", numeral(share)))
                for number, why in numbers.wrong:
                    right = _between(name, numbers.cells[0])
                    yield _if(element("and", element("not", right), _between(name, number)), self._tell(name, why))
            case Choice() | Order() as judged:
                right = element("match", _variable(name), element("correct", identifier=name))
                yield _if(right, _add("SCORE", "float", numeral(part.gap.points)))
                if isinstance(judged, Choice):
                    for k, why in judged.reasons.items():
                        chosen = "member" if judged.several else "match"
                        yield _if(element(chosen, _base("identifier", _place(k)), _variable(name)),
                                  self._tell(name, why))

    def _tell(self, name: str, why: str) -> str:
        """The message for a wrong answer is shown."""
        key = f"{name}-W{len(self.feedback) + 1}"
        self.feedback[key] = why
        return _add("FEEDBACK", "identifier", key)


def _declarations(name: str, part: Part) -> Iterator[str]:
    """What answers there are to a part, and the right one."""
    match part.judged:
        case Numbers() as numbers:
            for variable, cell in zip(_names(name, numbers), numbers.cells, strict=True):
                yield _declared(variable, "single", "float", (cell.text,))
        case Choice(right=right) as choice:
            yield _declared(name, "multiple" if choice.several else "single", "identifier", map(_place, right))
        case Order(right=right):
            yield _declared(name, "ordered", "identifier", map(_place, right))
        case Manual():
            yield _declared(name, "single", "string", ())


def _declared(name: str, cardinality: str, base: str, right: Sequence[str] | Iterator[str]) -> str:
    values = [said("value", value) for value in right]
    correct = [element("correctResponse", *values)] if values else []
    return element("responseDeclaration", *correct, identifier=name, cardinality=cardinality, baseType=base)


def _names(name: str, numbers: Numbers) -> list[str]:
    """The variables of a part: its own name where it is one number."""
    count = len(numbers.cells)
    return [name] if count == 1 else [f"{name}-{k}" for k in range(1, count + 1)]


def _entries(name: str, numbers: Numbers) -> str:
    rest = iter(_names(name, numbers))
    return arranged([[element("textEntryInteraction", responseIdentifier=next(rest), expectedLength=ENTRY)
                      for _ in row] for row in numbers.rows])


def _place(k: int) -> str:
    return f"C{k + 1}"


def _variable(name: str) -> str:
    return element("variable", identifier=name)


def _base(kind: str, value: str) -> str:
    return said("baseValue", value, baseType=kind)


def _between(name: str, number: Number) -> str:
    """Whether what was written is accepted; nothing written is not."""
    low, high = number.bounds
    given = element("not", element("isNull", _variable(name)))
    return element("and", given, element("gte", _variable(name), _base("float", low)),
                   element("lte", _variable(name), _base("float", high)))


def _add(name: str, kind: str, value: str) -> str:
    """A value is added to an outcome: to a number as a summand, to a list as a member."""
    together = "sum" if kind == "float" else "multiple"
    return element("setOutcomeValue", element(together, _variable(name), _base(kind, value)), identifier=name)


def _if(condition: str, then: str) -> str:
    return element("responseCondition", element("responseIf", condition, then))


def _modal(name: str, content: str) -> str:
    return element("modalFeedback", content, outcomeIdentifier="FEEDBACK", showHide="show", identifier=name)
