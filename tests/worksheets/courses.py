"""Papers of every mode for the tests of course systems, schemas to validate with, and graders that read the files."""

from __future__ import annotations

import os
import re
import zipfile
from dataclasses import replace
from fractions import Fraction
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from lxml import etree

from derive import choices
from derive.errors import DeriveError
from derive.worksheets.courses._questions import Choice, Numbers, Order, asked
from derive.worksheets.model import Student, Worksheet
from tests.worksheets.exercises import exercise

MODES = ("blank", "worked", "fading", "spot-the-error", "order-the-steps", "choice", "true-false")
PROBLEMS = ("s0-p3-2-jacobian", "kl-divergence-two-coins")
SCHEMAS = Path(__file__).parent / "schemas"
HOSTILE = "<script>alert(1)</script> & ]]> \"' \\(x\\) $$y$$ {1:SHORTANSWER:=x} {#1} ~=%50%} ✓ \x00\uffff"

OFFICIAL = os.environ.get("DERIVE_SCHEMAS", "")
needs_official = pytest.mark.skipif(not OFFICIAL, reason="DERIVE_SCHEMAS names no folder with the schemas of IMS")


@cache
def exercises(problems=PROBLEMS, seed=1):
    """Every mode of some problems, each an item of its own."""
    found = []
    for name in problems:
        for mode in MODES:
            try:
                made = exercise(mode, name, seed)
            except DeriveError:
                continue  # not every problem has every mode
            item = replace(made.variant.item, id=f"{name}-{mode}")
            found.append(replace(made, variant=replace(made.variant, item=item)))
    return tuple(found)


def paper(problems=PROBLEMS, student=None, **more):
    """A sheet with the exercises of one person."""
    made = exercises(problems)
    items = tuple(e.variant.item for e in made)
    return Worksheet("A sheet", "seed", items, **more), [(student or made[0].variant.student, made)]


def only(mode, problem=PROBLEMS[0], title="A sheet", student=None, page=None, **options):
    """A sheet with one exercise."""
    made = exercise(mode, problem, 1, **options)
    if page is not None:
        made = replace(made, page=replace(made.page, title=page))
    student = student or Student("4711", "Ada Lovelace")
    return Worksheet(title, "seed", (made.variant.item,)), [(student, (made,))]


def one_gap(answer, *mistakes, mode="blank", problem=PROBLEMS[0]):
    """A sheet with one exercise of one gap with an answer of ours."""
    sheet, ((student, (made,)),) = only(mode, problem)
    gap = replace(made.gaps[0], answer=answer, mistakes=mistakes, choices=(), right=(), shown={}, points=Fraction(6))
    return sheet, [(student, (replace(made, gaps=(gap,)),))]


def written(system, sheet, papers, folder):
    (path,) = choices.load("worksheets.courses", system).write(sheet, papers, folder, "class")
    return path


def questions(sheet, papers):
    return [asked(sheet, student, e) for student, made in papers for e in made]


def entries(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@cache
def schema(name):
    return etree.XMLSchema(etree.parse(SCHEMAS / name))


@cache
def official(name):
    return etree.XMLSchema(etree.parse(next(Path(OFFICIAL).rglob(name))))


def assert_valid(found, data):
    found.assertValid(etree.fromstring(data))


# --- answers ----------------------------------------------------------------------------------------------


def right_answers(part):
    """What somebody who knows it all gives to each field of a part."""
    match part.judged:
        case Numbers() as numbers:
            return [cell.text for cell in numbers.cells]
        case Choice() | Order() as judged:
            return [judged.right]
    return []


# --- Moodle -----------------------------------------------------------------------------------------------

_FIELD = re.compile(r"\{([0-9]*):(NUMERICAL|MULTICHOICE_V|MULTICHOICE|MULTIRESPONSE):((?:[^}\\]|\\.)*)\}", re.DOTALL)


def cloze_fields(text):
    """The fields of a cloze question: their weights, kinds, and answers (whether right, text, feedback)."""
    found = []
    for weight, kind, inside in _FIELD.findall(text):
        answers = []
        for answer in inside.split("~"):
            body, _, feedback = re.sub(r"&#(\d+);", lambda m: f"\ue000{m[1]};", answer).partition("#")
            body, feedback = (unescape(part.replace("\ue000", "&#")) for part in (body, feedback))
            answers.append((body.startswith("="), body.removeprefix("="), feedback))
        found.append((int(weight), kind, answers))
    return found


def moodle_accepts(answer, tolerance, given):
    """Whether Moodle takes a number for right: within the tolerance, and a little for the rounding of doubles."""
    answer, tolerance, given = float(answer), abs(float(tolerance)), float(given)
    margin = tolerance + 1e-14 * max(tolerance, abs(answer), 1e-14)
    return answer - margin <= given <= answer + margin


# --- QTI 2.1 ----------------------------------------------------------------------------------------------

Q = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"


def local(node):
    return etree.QName(node).localname


class Item:
    """An item that computes its outcomes from responses, as the specification says."""

    def __init__(self, data):
        self.root = etree.fromstring(data)
        self.declared = {d.get("identifier"): d for d in self.root.iter(f"{Q}responseDeclaration")}

    def correct(self, name):
        values = [v.text for v in self.declared[name].iter(f"{Q}value")]
        return values[0] if self.declared[name].get("cardinality") == "single" and values else values or None

    def score(self, **responses):
        """The points and the feedback."""
        self.values = {**responses, "SCORE": 0.0, "FEEDBACK": []}
        for rule in self.root.find(f"{Q}responseProcessing"):
            if local(rule) == "setOutcomeValue":
                self.set(rule)
            else:
                test, then = rule.find(f"{Q}responseIf")
                if self.true(test):
                    self.set(then)
        return self.values["SCORE"], self.values["FEEDBACK"]

    def set(self, rule):
        (made,) = rule
        variable, base = made
        old, new = self.values[variable.get("identifier")], self.value(base)
        self.values[rule.get("identifier")] = old + new if local(made) == "sum" else [*old, new]

    def value(self, node):
        match local(node):
            case "variable":
                return self.values.get(node.get("identifier"))
            case "correct":
                return self.correct(node.get("identifier"))
            case "baseValue":
                return float(node.text) if node.get("baseType") == "float" else node.text
        raise AssertionError(node)

    def true(self, node):
        name, parts = local(node), list(node)
        if name == "and":
            return all(map(self.true, parts))
        if name == "not":
            return not self.true(parts[0])
        values = list(map(self.value, parts))
        match name:
            case "isNull":
                return values[0] is None
            case "gte":
                return values[0] is not None and float(values[0]) >= values[1]
            case "lte":
                return values[0] is not None and float(values[0]) <= values[1]
            case "match":
                if any(isinstance(value, list) for value in values) and self.unordered(parts):
                    return sorted(values[0] or []) == sorted(values[1] or [])
                return values[0] == values[1]
            case "member":
                return values[0] in (values[1] or [])
        raise AssertionError(name)

    def unordered(self, parts):
        names = [p.get("identifier") for p in parts if local(p) == "variable"]
        return self.declared[names[0]].get("cardinality") == "multiple"


# --- Canvas -----------------------------------------------------------------------------------------------

C = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"


def canvas_quiz(path):
    """The quiz of a package."""
    (name,) = [n for n in entries(path) if n.endswith(".xml") and n.split("/")[-1] not in
               ("imsmanifest.xml", "assessment_meta.xml")]
    return etree.fromstring(entries(path)[name])


def canvas_kind(item):
    return canvas_field(item, "question_type")


def canvas_field(item, label):
    return next(f.findtext(f"{C}fieldentry") for f in item.iter(f"{C}qtimetadatafield")
                if f.findtext(f"{C}fieldlabel") == label)


def canvas_score(item, responses):
    """The percentage of an item, from responses by their names: a number, or the chosen labels."""
    score = Fraction(0)
    for rule in item.iter(f"{C}respcondition"):
        if all(_canvas_true(test, responses) for test in rule.find(f"{C}conditionvar")):
            change = rule.find(f"{C}setvar")
            if change is not None:
                score = (score if change.get("action") == "Add" else 0) + Fraction(change.text)
            if rule.get("continue") == "No":
                break
    return score


def _canvas_true(test, responses):
    given = responses.get(test.get("respident"))
    match local(test):
        case "other":
            return True
        case "and":
            return all(_canvas_true(t, responses) for t in test)
        case "or":
            return any(_canvas_true(t, responses) for t in test)
        case "not":
            return not _canvas_true(test[0], responses)
        case "vargte":
            return given is not None and float(given) >= float(test.text)
        case "varlte":
            return given is not None and float(given) <= float(test.text)
        case "varequal" if isinstance(given, str):
            return float(given) == float(test.text)
        case "varequal":
            return test.text in (given or ())
    raise AssertionError(test)
