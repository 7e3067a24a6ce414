"""Moodle XML: valid, every answer in it the gap's, numbers judged at their bounds, people's words only words."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction
from functools import cache
from html import unescape

import pytest
import xmlschema

from derive import choices
from derive.documents._tree import Row, Rows, Text
from derive.tree import Call, Hole, Matrix, Negative, Number, Sum, Symbol, Vector
from derive.worksheets.courses import moodle
from derive.worksheets.courses._questions import Choice, Manual, Numbers, Order, number
from derive.worksheets.courses.moodle import protected
from derive.worksheets.model import Mistake, Student
from tests.worksheets.courses import (
    HOSTILE,
    MODES,
    PROBLEMS,
    SCHEMAS,
    cloze_fields,
    moodle_accepts,
    one_gap,
    only,
    paper,
    questions,
    written,
)
from tests.worksheets.exercises import PROBLEMS as ALL

UNIT = Fraction(1, 10**9)
X = Symbol("x")


@cache
def schema():
    return xmlschema.XMLSchema11(SCHEMAS / "moodle.xsd")


def quiz(path):
    return ET.parse(path).getroot()


def asked_in(root):
    return [q for q in root if q.get("type") != "category"]


def text(question, name="questiontext"):
    return question.findtext(f"{name}/text")


@pytest.mark.parametrize("problem", PROBLEMS)
def test_all_modes_are_valid(problem, tmp_path):
    sheet, papers = paper((problem,))
    root = quiz(written("moodle", sheet, papers, tmp_path))
    assert [str(error) for error in schema().iter_errors(root)] == []
    assert {q.get("type") for q in root} >= {"category", "cloze", "multichoice", "matching", "essay", "description"}


def test_a_category_for_each_item(tmp_path):
    sheet, papers = paper(PROBLEMS[:1])
    root = quiz(written("moodle", sheet, papers, tmp_path))
    names = [q.findtext("category/text") for q in root if q.get("type") == "category"]
    assert len(names) == len(set(names))
    for mode in MODES:
        assert f"$course$/top/A sheet/{PROBLEMS[0]}-{mode}" in names


def test_people_of_one_item_are_in_one_category(tmp_path):
    sheet, ((_, made),) = only("choice")
    papers = [(Student(name), made) for name in ("1", "2", "3")]
    root = quiz(written("moodle", sheet, papers, tmp_path))
    assert [q.get("type") for q in root] == ["category", *["multichoice"] * 3]
    assert len({q.findtext("idnumber") for q in asked_in(root)}) == 3


@pytest.mark.parametrize("wrong", [
    lambda q: q.set("type", "shortanswer"), lambda q: q.remove(q.find("idnumber")), lambda q: q.remove(q.find("name")),
    lambda q: q.append(ET.Element("script")), lambda q: q.find("answer").set("fraction", "101"),
    lambda q: q.find("questiontext").set("format", "markdown"), lambda q: q.insert(0, q.find("tags")),
    lambda q: setattr(q.find("penalty"), "text", "much"), lambda q: [q.remove(a) for a in q.findall("answer")],
])  # fmt: skip
def test_a_wrong_file_is_refused(wrong, tmp_path):
    root = quiz(written("moodle", *only("choice"), tmp_path))
    assert schema().is_valid(root)
    wrong(asked_in(root)[0])
    assert not schema().is_valid(root)


def test_two_questions_with_one_id_are_refused(tmp_path):
    root = quiz(written("moodle", *only("choice"), tmp_path))
    root.append(asked_in(root)[0])
    assert not schema().is_valid(root)


# --- answers ----------------------------------------------------------------------------------------------


def fields_of(part, question):
    """The numbers and choices of a part as the file has them: a list of what each field accepts."""
    match part.judged:
        case Numbers() as numbers:
            return [cell.text for cell in numbers.cells]
        case Choice(right=right):
            return list(right)
    raise AssertionError(question)


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("mode", ["blank", "fading", "true-false"])
def test_the_fields_of_a_cloze_question_are_the_gaps(mode, problem, tmp_path):
    sheet, papers = only(mode, problem)
    (question,) = questions(sheet, papers)
    cloze = asked_in(quiz(written("moodle", sheet, papers, tmp_path)))[0]
    assert cloze.get("type") == "cloze"
    found = cloze_fields(text(cloze))
    expected = {}
    for part in question.judged:
        for k, (share, right) in enumerate(zip(part.shares, fields_of(part, question), strict=True)):
            expected[part.gap.label, k] = (share, right, part.judged)
    assert len(found) == len(expected)
    ratio = {Fraction(weight) / share for (weight, _, _), (share, _, _) in zip(found, in_order(expected, text(cloze)),
                                                                                strict=True)}
    assert len(ratio) == 1
    for (_, kind, answers), (_, right, judged) in zip(found, in_order(expected, text(cloze)), strict=True):
        (only_right,) = [k for k, (is_right, _, _) in enumerate(answers) if is_right]
        if kind == "NUMERICAL":
            assert answers[only_right][1].split(":")[0] == right
        else:
            assert only_right == right and len(answers) == len(judged.items)


def in_order(expected, shown):
    """The expected fields as they come on the page: numbers in their places first, what is chosen below."""
    numbers = [row for row in expected.values() if isinstance(row[2], Numbers)]
    others = [row for row in expected.values() if not isinstance(row[2], Numbers)]
    return [*numbers, *others]


def test_formulas_inside_a_cloze_answer_come_out_as_they_were(tmp_path):
    sheet, papers = only("fading")
    (question,) = questions(sheet, papers)
    (chosen,) = [part for part in question.judged if isinstance(part.judged, Choice)][:1]
    found = cloze_fields(text(asked_in(quiz(written("moodle", sheet, papers, tmp_path)))[0]))
    answers = next(a for _, kind, a in found if kind == "MULTICHOICE_V")
    for (_, said, feedback), k in zip(answers, range(len(chosen.judged.items)), strict=True):
        assert said.startswith("\\(") and said.endswith("\\)") and said.count("{") == said.count("}")
        assert feedback == unescape(chosen.judged.reasons.get(k, ""))


@pytest.mark.parametrize("words", ["a}b~c#d=e%f", "&lt; & \\} \\# {1:NM:=1}", "%50%", "=x", "~", "\\frac{1}{2}"])
def test_what_is_protected_reads_back(words):
    assert not set("{}~=%\\\"") & set(protected(words))
    assert unescape(protected(words)) == words


@pytest.mark.parametrize("answer", ["3", "1/3", "0.5", "-12.25", "0.0012345", "123456.5", "22/7", "0.1235"])
def test_numbers_at_the_tolerance(answer):
    one = number(Fraction(answer))
    assert moodle_accepts(one.text, one.tolerance, one.low) and moodle_accepts(one.text, one.tolerance, one.high)
    away = UNIT * max(1, abs(one.value))
    assert not moodle_accepts(one.text, one.tolerance, one.high + away)
    assert not moodle_accepts(one.text, one.tolerance, one.low - away)


def test_a_question_of_one_number(tmp_path):
    wrong = Mistake(Negative(Number("2.5")), "minus sign lost", "Look at the sign.")
    root = quiz(written("moodle", *one_gap(Number("2.5"), wrong), tmp_path))
    assert schema().is_valid(root)
    (found,) = asked_in(root)
    assert found.get("type") == "numerical"
    assert [(a.get("fraction"), a.findtext("text"), a.findtext("tolerance"), a.findtext("feedback/text") or "")
            for a in found.iter("answer")] == [
        ("100", "2.5", "0.005", ""), ("0", "-2.5", "0.005", "Minus sign lost. Look at the sign."),
    ]


def test_a_matrix_is_asked_entry_by_entry(tmp_path):
    matrix = Matrix(((Number("1"), Number("0.25")), (Negative(Number("3")), Number("0"))))
    (found,) = asked_in(quiz(written("moodle", *one_gap(matrix), tmp_path)))
    fields = cloze_fields(text(found))
    assert [answers[0][1] for _, _, answers in fields] == ["1:0", "0.25:0.0005", "-3:0", "0:0"]
    assert len({weight for weight, _, _ in fields}) == 1


def test_points_of_a_third_are_shared_exactly(tmp_path):
    sheet, ((student, (made,)),) = one_gap(Vector((Number("1"), Number("2"), Number("3"))))
    first = replace(made.gaps[0], points=Fraction(1))
    second = replace(first, label="2", answer=Number("4"), points=Fraction(5))
    papers = [(student, (replace(made, gaps=(first, second)),))]
    (found,) = asked_in(quiz(written("moodle", sheet, papers, tmp_path)))
    assert sorted(weight for weight, _, _ in cloze_fields(text(found))) == [1, 1, 1, 15]


def mark(question):
    """What Moodle takes for the mark of a question: of a cloze question the sum of its weights."""
    if question.get("type") == "cloze":
        return Fraction(sum(weight for weight, _, _ in cloze_fields(text(question))))
    return Fraction(question.findtext("defaultgrade"))


def item_of(question):
    return question.findtext("tags/tag/text")


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_marks_of_a_file_are_its_points_times_one_number(problem, tmp_path):
    sheet, papers = paper((problem,))
    root = quiz(written("moodle", sheet, papers, tmp_path))
    marks = {}
    for found in asked_in(root):
        marks[item_of(found)] = marks.get(item_of(found), 0) + mark(found)
    points = {e.variant.item.id: sum((g.points for g in e.gaps), Fraction(0)) for _, made in papers for e in made}
    (scale,) = {marks[name] / points[name] for name in marks if points[name]}
    assert scale.denominator == 1
    told = [q.findtext("info/text") for q in root if q.get("type") == "category"]
    assert [f"{scale} times the points" in info for info in told if info] == [scale != 1] * len([t for t in told if t])


def test_whole_points_are_the_marks(tmp_path):
    sheet, ((student, (made,)),) = one_gap(Vector((Number("1"), Number("2"))))
    gaps = tuple(replace(made.gaps[0], label=str(k), answer=answer, points=Fraction(points))
                 for k, answer, points in ((1, Vector((Number("1"), Number("2"))), 2), (2, Number("4"), 3), (3, X, 1)))
    root = quiz(written("moodle", sheet, [(student, (replace(made, gaps=gaps),))], tmp_path))
    assert {q.get("type"): mark(q) for q in asked_in(root)} == {"cloze": 5, "essay": 1}
    told = [q.findtext("info/text") for q in root if q.get("type") == "category"]
    assert ["worth 5\u00a0points" in told[0], "worth 1\u00a0point:" in told[1]] == [True, True]
    assert not any("times" in info for info in told)


def test_marks_that_no_number_makes_whole_are_near_and_never_nothing(tmp_path):
    sheet, ((student, (made,)),) = one_gap(Number("1"))
    shares = [Fraction(1, 1009), Fraction(1, 1013), 6 - Fraction(1, 1009) - Fraction(1, 1013)]
    gaps = tuple(replace(made.gaps[0], label=str(k), answer=Number(str(k)), points=part)
                 for k, part in enumerate(shares, 1))
    (found,) = asked_in(quiz(written("moodle", sheet, [(student, (replace(made, gaps=gaps),))], tmp_path)))
    assert sorted(weight for weight, _, _ in cloze_fields(text(found))) == [1, 1, 5998]


def test_variants_of_other_points_are_told(tmp_path):
    sheet, ((_, (made,)),) = one_gap(Number("1"))
    papers = [(Student(str(k)), (replace(made, gaps=(replace(made.gaps[0], points=Fraction(k)),)),)) for k in (2, 5)]
    root = quiz(written("moodle", replace(sheet, language="de"), papers, tmp_path))
    assert "mindestens 2\u00a0Punkte, höchstens 5\u00a0Punkte" in root.findtext("question/info/text")


def test_no_line_for_what_is_asked_in_another_question(tmp_path):
    sheet, papers = only("blank")
    (question,) = questions(sheet, papers)
    found = {q.get("type"): text(q) for q in asked_in(quiz(written("moodle", sheet, papers, tmp_path)))}
    manual = [part.gap.label for part in question.manual]
    assert len(manual) == 2 and all(f"\\mathrm{{{label}}}" not in found["cloze"] for label in manual)
    assert all(f"\\mathrm{{{part.gap.label}}}" not in found["essay"] for part in question.judged)
    assert all(f"\\mathrm{{{label}}}" in found["essay"] for label in manual)


def test_a_line_that_another_one_needs_stays(tmp_path):
    sheet, ((student, (made,)),) = one_gap(Number("7"))
    gaps = (made.gaps[0], replace(made.gaps[0], label="2", answer=X))
    place, value = Hole(6, "1"), Hole(6, "2")
    for left, stays in ((Call("f", (place,)), True), (X, False)):
        rows = (Rows((Row(X, "=", place),)), Rows((Row(left, "=", value),)), Text(("hint for 2",)))
        page = replace(made.page, blocks=rows)
        root = quiz(written("moodle", sheet, [(student, (replace(made, page=page, gaps=gaps),))], tmp_path))
        first, essay = asked_in(root)
        assert ("\\mathrm{1}" in text(essay)) is stays
        assert "\\mathrm{2}" not in text(first) and "hint for 2" not in text(first) and "hint for 2" in text(essay)


def test_the_order_of_lines(tmp_path):
    sheet, papers = only("order-the-steps")
    (question,) = questions(sheet, papers)
    (found,) = asked_in(quiz(written("moodle", sheet, papers, tmp_path)))
    (part,) = question.parts
    assert isinstance(part.judged, Order)
    positions = [int(line.findtext("answer/text")) for line in found.iter("subquestion")]
    assert sorted(positions) == list(range(1, len(positions) + 1))
    assert [positions.index(k) for k in range(1, len(positions) + 1)] == list(part.judged.right)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_one_choice(problem, tmp_path):
    sheet, papers = only("choice", problem)
    (question,) = questions(sheet, papers)
    (found,) = asked_in(quiz(written("moodle", sheet, papers, tmp_path)))
    (part,) = question.parts
    assert [a.get("fraction") for a in found.iter("answer")] == [
        "100" if k in part.judged.right else "0" for k in range(len(part.judged.items))
    ]
    assert [a.findtext("feedback/text") or "" for a in found.iter("answer")] == [
        part.judged.reasons.get(k, "") for k in range(len(part.judged.items))
    ]
    assert found.findtext("defaultgrade") == "6" and found.findtext("single") == "true"


def test_what_a_person_reads_is_one_essay_with_its_answers(tmp_path):
    sheet, papers = only("blank")
    (question,) = questions(sheet, papers)
    essays = [q for q in asked_in(quiz(written("moodle", sheet, papers, tmp_path))) if q.get("type") == "essay"]
    manual = [part for part in question.parts if isinstance(part.judged, Manual)]
    assert len(manual) == 2 and len(essays) == 1
    assert mark(essays[0]) == 8 * sum(part.gap.points for part in manual)  # a matrix of four entries for half a point
    info = essays[0].findtext("graderinfo/text")
    assert "(1) " in info and "(2) " in info and "bmatrix" in info
    assert "bmatrix" not in text(essays[0])


def test_the_feedback_is_the_derivation_with_its_figures(tmp_path):
    sheet, papers = only("choice")
    (found,) = asked_in(quiz(written("moodle", sheet, papers, tmp_path)))
    feedback = found.find("generalfeedback")
    assert feedback.findtext("text").count("<tr>") > 5
    (file,) = feedback.findall("file")
    assert base64.b64decode(file.text).startswith(b"\x89PNG")
    assert f'src="@@PLUGINFILE@@{file.get("path")}{file.get("name")}"' in feedback.findtext("text")


def test_no_formula_is_compared_as_characters(tmp_path):
    found = written("moodle", *paper(), tmp_path).read_text(encoding="utf-8")
    assert "SHORTANSWER" not in found and "shortanswer" not in found and "{1:SA" not in found


# --- people's words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["choice", "true-false", "blank", "worked"])
def test_words_of_people_are_only_words(mode, tmp_path):
    sheet, papers = only(mode, title=HOSTILE, page=HOSTILE, student=Student(HOSTILE, HOSTILE))
    root = quiz(written("moodle", sheet, papers, tmp_path))
    assert [str(error) for error in schema().iter_errors(root)] == []
    plain_sheet, plain_papers = only(mode)
    plain = quiz(written("moodle", plain_sheet, plain_papers, tmp_path / "plain"))
    for hostile, harmless in zip(asked_in(root), asked_in(plain), strict=True):
        assert "<script" not in text(hostile)
        assert len(cloze_fields(text(hostile))) == len(cloze_fields(text(harmless)))
        assert "<script>alert(1)</script>" in hostile.findtext("name/text")


def test_words_in_the_page_make_no_field_and_no_formula(tmp_path):
    sheet, ((student, (made,)),) = only("true-false")
    page = replace(made.page, blocks=(Text((HOSTILE,)), *made.page.blocks))
    papers = [(student, (replace(made, page=page),))]
    (found,) = asked_in(quiz(written("moodle", sheet, papers, tmp_path)))
    shown = text(found)
    assert len(cloze_fields(shown)) == len(made.gaps)
    assert not re.search(r"\{#|\{1:SHORT", shown) and "\\(x" not in shown and "<script>" not in shown
    assert "{1:SHORTANSWER:=x}" in unescape(shown)


def test_the_same_input_gives_the_same_bytes(tmp_path):
    sheet, papers = paper(PROBLEMS[:1])
    first = written("moodle", sheet, papers, tmp_path / "a").read_bytes()
    assert written("moodle", sheet, iter(papers), tmp_path / "b").read_bytes() == first


def test_nothing_is_left_behind_but_the_file(tmp_path):
    path = written("moodle", *only("choice"), tmp_path)
    assert list(tmp_path.iterdir()) == [path] and path.name == "class.xml"


def test_what_is_too_large_for_one_file_goes_on_in_others(tmp_path, monkeypatch):
    sheet, papers = paper(PROBLEMS)
    whole = quiz(written("moodle", sheet, papers, tmp_path / "whole"))
    monkeypatch.setattr(moodle, "UPLOAD", 60_000)
    paths = moodle.write(sheet, papers, tmp_path / "parts", "class")
    assert [path.name for path in paths] == ["class.xml", *(f"class-{k}.xml" for k in range(2, len(paths) + 1))]
    assert len(paths) > 2 and sorted(paths) == sorted((tmp_path / "parts").iterdir())
    roots = [quiz(path) for path in paths]
    assert in_categories(roots) == in_categories([whole])
    for path, root in zip(paths, roots, strict=True):
        assert [str(error) for error in schema().iter_errors(root)] == []
        assert root[0].get("type") == "category" and root[-1].get("type") != "category"
        assert path.stat().st_size < 60_000 + 1_000 or len(asked_in(root)) == 1


def in_categories(roots):
    found = []
    for root in roots:
        for question in root:
            if question.get("type") == "category":
                place = question.findtext("category/text")
            else:
                found.append((place, ET.tostring(question)))
    return found


@pytest.mark.slow
def test_every_kind_of_problem_is_valid(tmp_path):
    root = quiz(written("moodle", *paper(ALL), tmp_path))
    assert [str(error) for error in schema().iter_errors(root)] == []
    assert len(asked_in(root)) >= 5 * len(ALL)


def test_course_systems_say_what_they_are():
    names = choices.names("worksheets.courses")
    assert names == ["answers", "canvas", "moodle", "qti"]
    assert all(choices.load("worksheets.courses", name).SUMMARY for name in names)


def test_a_gap_in_several_places_is_one_field(tmp_path):
    sheet, ((student, (made,)),) = one_gap(Number("7"))
    hole = Hole(6, made.gaps[0].label)
    rows = tuple(Rows((Row(X, "=", right),)) for right in (Sum((hole, X)), hole, hole))
    page = replace(made.page, blocks=(*rows, Text((hole, " again"))))
    (found,) = asked_in(quiz(written("moodle", sheet, [(student, (replace(made, page=page),))], tmp_path)))
    assert found.get("type") == "numerical" and text(found).count("hspace") == 4
    two = replace(made.gaps[0], label="2", answer=Number("8"))
    papers = [(student, (replace(made, page=page, gaps=(made.gaps[0], two)),))]
    (found,) = asked_in(quiz(written("moodle", sheet, papers, tmp_path)))
    assert [answers[0][1] for _, _, answers in cloze_fields(text(found))] == ["7:0", "8:0"]
    assert text(found).count("hspace") == 3  # inside a formula, and where it stands again
