"""The package for Canvas: valid, scored as it should be, one variant of every question drawn for each student."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from urllib.parse import unquote

import pytest
from lxml import etree

from derive.tree import Call, Negative, Number, Quotient, Vector
from derive.worksheets.courses._questions import Choice, Manual, Numbers, Order
from derive.worksheets.model import Mistake, Student
from tests.worksheets.courses import (
    HOSTILE,
    PROBLEMS,
    C,
    assert_valid,
    canvas_field,
    canvas_kind,
    canvas_quiz,
    canvas_score,
    entries,
    one_gap,
    only,
    paper,
    questions,
    schema,
    written,
)
from tests.worksheets.exercises import PROBLEMS as ALL

KINDS = {"numerical_question", "multiple_choice_question", "matching_question", "essay_question", "text_only_question"}


def items(path):
    return {item.get("ident"): item for item in canvas_quiz(path).iter(f"{C}item")}


def one(sheet, papers, folder):
    (item,) = items(written("canvas", sheet, papers, folder)).values()
    return item


@pytest.mark.parametrize("problem", PROBLEMS)
def test_all_modes_are_valid(problem, tmp_path):
    path = written("canvas", *paper((problem,)), tmp_path)
    for name, data in entries(path).items():
        if name.endswith(".xml"):
            kind = {"imsmanifest.xml": "imscc.xsd", "assessment_meta.xml": "canvas.xsd"}
            assert_valid(schema(kind.get(name.split("/")[-1], "qti12.xsd")), data)
    assert {canvas_kind(item) for item in items(path).values()} == KINDS


@pytest.mark.parametrize(("tag", "change"), [
    ("item", lambda n: n.attrib.pop("ident")), ("item", lambda n: n.getparent().append(etree.Element(f"{C}script"))),
    ("fieldlabel", lambda n: setattr(n, "text", "colour")), ("respcondition", lambda n: n.remove(n[0])),
    ("varequal", lambda n: n.attrib.pop("respident")), ("render_choice", lambda n: [n.remove(c) for c in list(n)]),
    ("setvar", lambda n: n.set("action", "Multiply")), ("mattext", lambda n: n.set("texttype", "application/exe")),
    ("selection_number", lambda n: setattr(n, "text", "2")), ("itemfeedback", lambda n: n.getparent().insert(0, n)),
])  # fmt: skip
def test_a_wrong_file_is_refused(tag, change, tmp_path):
    root = canvas_quiz(written("canvas", *only("choice"), tmp_path))
    assert schema("qti12.xsd").validate(root)
    change(next(root.iter(f"{C}{tag}")))
    assert not schema("qti12.xsd").validate(root)


def test_the_package_holds_what_it_names(tmp_path):
    path = written("canvas", *paper(), tmp_path)
    manifest = etree.fromstring(entries(path)["imsmanifest.xml"])
    named = [node.get("href") for node in manifest.iter("{*}file")]
    assert sorted([*named, "imsmanifest.xml"]) == sorted(entries(path))
    images = {name for name in named if name.endswith(".png")}
    shown = "".join(node.text for node in canvas_quiz(path).iter(f"{C}mattext"))
    assert images and all(f'src="%24IMS-CC-FILEBASE%24/{name}"' in shown for name in images)


def test_one_variant_of_each_question_is_drawn(tmp_path):
    sheet, ((_, made),) = only("true-false")
    papers = [(Student(name), made) for name in ("1", "2", "3")]
    quiz = canvas_quiz(written("canvas", sheet, papers, tmp_path))
    groups = [section for section in quiz.iter(f"{C}section") if section.get("ident") != "root_section"]
    assert len(groups) == len(made[0].gaps)
    for group, gap in zip(groups, made[0].gaps, strict=True):
        assert group.findtext(f".//{C}selection_number") == "1"
        assert Fraction(group.findtext(f".//{C}points_per_item")) == gap.points
        assert len(group.findall(f"{C}item")) == 3


def test_the_points_of_the_quiz_are_those_of_the_sheet(tmp_path):
    sheet, papers = paper()
    path = written("canvas", sheet, papers, tmp_path)
    (meta,) = [data for name, data in entries(path).items() if name.endswith("assessment_meta.xml")]
    points = sum(q.exercise.points for q in questions(sheet, papers) if q.parts)
    assert Fraction(etree.fromstring(meta).findtext("{*}points_possible")) == points


# --- scores -----------------------------------------------------------------------------------------------


def right(part, place):
    """What somebody who knows it all answers."""
    match part.judged:
        case Numbers() as numbers:
            return {"response1": numbers.cells[place].text}
        case Choice(right=places):
            return {"response1": [f"c{k + 1}" for k in places]}
        case Order() as order:
            return {f"response_line{k}": [f"n{n}"] for k, n in enumerate(order.positions, 1)}
    raise AssertionError(part)


def test_right_answers_give_all_points(tmp_path):
    sheet, papers = paper()
    found = items(written("canvas", sheet, papers, tmp_path))
    seen = set()
    for question in questions(sheet, papers):
        for part in question.judged:
            for place, share in enumerate(part.shares):
                name = f"{question.name}-{part.gap.label}"
                ident = f"{name}-{place + 1}" if isinstance(part.judged, Numbers) else name
                item = found[ident]
                assert canvas_score(item, right(part, place)) == pytest.approx(100)
                assert canvas_score(item, {}) == 0
                assert Fraction(canvas_field(item, "points_possible")) == share
                seen.add(ident)
        if question.manual:
            assert canvas_kind(found[f"{question.name}-essay"]) == "essay_question"
            seen.add(f"{question.name}-essay")
        if not question.parts:
            seen.add(question.name)
    assert seen == set(found)


def test_a_wrong_choice_gives_nothing_and_is_told_what_went_wrong(tmp_path):
    sheet, papers = only("choice")
    (question,) = questions(sheet, papers)
    item = one(sheet, papers, tmp_path)
    told = {node.get("ident"): "".join(node.itertext()) for node in item.iter(f"{C}itemfeedback")}
    for place, why in question.parts[0].judged.reasons.items():
        assert canvas_score(item, {"response1": [f"c{place + 1}"]}) == 0
        assert why.replace("'", "&#x27;") == told[f"c{place + 1}_fb"]
    assert "general_fb" in told


def test_half_an_order_is_half_right(tmp_path):
    sheet, papers = only("order-the-steps")
    (question,) = questions(sheet, papers)
    item = one(sheet, papers, tmp_path)
    responses = right(question.parts[0], 0)
    first = next(iter(responses))
    share = Fraction(100, len(responses))
    assert float(canvas_score(item, {first: responses[first]})) == pytest.approx(float(share))


@pytest.mark.parametrize(("answer", "accepted", "refused"), [
    (Number("3"), ["3", "3.0"], ["3.001", "2.999", "-3"]),
    (Number("0.1235"), ["0.123", "0.124"], ["0.1229", "0.1241"]),
    (Quotient(Number("1"), Number("3")), ["0.333"], ["0.33", "0.334"]),
    (Negative(Number("0.5")), ["-0.5", "-0.5005"], ["0.5", "-0.501", "-0.46"]),
])  # fmt: skip
def test_numbers_at_the_tolerance(answer, accepted, refused, tmp_path):
    item = one(*one_gap(answer), tmp_path)
    assert [canvas_score(item, {"response1": given}) for given in accepted] == [100] * len(accepted)
    assert [canvas_score(item, {"response1": given}) for given in refused] == [0] * len(refused)


def test_a_vector_is_a_question_for_each_entry(tmp_path):
    found = items(written("canvas", *one_gap(Vector((Number("1"), Number("2")))), tmp_path))
    assert [canvas_field(item, "points_possible") for item in found.values()] == ["3", "3"]
    assert ["[1, 1]" in "".join(item.itertext()) for item in found.values()] == [True, False]


def test_numbers_are_never_compared_as_characters(tmp_path):
    kinds = {canvas_kind(item) for item in items(written("canvas", *paper(), tmp_path)).values()}
    assert not kinds & {"short_answer_question", "fill_in_multiple_blanks_question"}
    mistake = Mistake(Number("8"), "slip", "Why.")
    assert canvas_kind(one(*one_gap(Number("4"), mistake), tmp_path)) == "numerical_question"


def test_what_a_person_reads_shows_no_answer_in_the_question(tmp_path):
    sheet, papers = only("blank")
    (question,) = questions(sheet, papers)
    assert any(isinstance(part.judged, Manual) for part in question.parts)
    (essay,) = [i for i in items(written("canvas", sheet, papers, tmp_path)).values()
                if canvas_kind(i) == "essay_question"]
    assert "bmatrix" not in essay.findtext(f"{C}presentation/{C}material/{C}mattext")


def test_formulas_are_what_canvas_sets(tmp_path):
    item = one(*only("choice"), tmp_path)
    shown = item.findtext(f"{C}presentation/{C}material/{C}mattext")
    images = list(etree.fromstring(f"<div>{shown}</div>").iter("img"))
    assert images
    for image in images:
        source = image.get("src").removeprefix("/equation_images/")
        assert unquote(unquote(source)) == image.get("data-equation-content")
        assert image.get("alt") == f"LaTeX: {image.get('title')}"


# --- people's words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["choice", "true-false", "fading", "worked", "order-the-steps"])
def test_words_of_people_are_only_words(mode, tmp_path):
    sheet, papers = only(mode, title=HOSTILE, page=HOSTILE, student=Student(HOSTILE, HOSTILE))
    path = written("canvas", sheet, papers, tmp_path)
    root = canvas_quiz(path)
    assert schema("qti12.xsd").validate(root)
    assert all("<script" not in node.text for node in root.iter(f"{C}mattext"))
    assert root[0].get("title").startswith("<script>alert(1)</script> & ]]>")


def test_the_same_input_gives_the_same_bytes(tmp_path):
    sheet, papers = paper()
    first = written("canvas", sheet, papers, tmp_path / "a").read_bytes()
    assert written("canvas", sheet, papers, tmp_path / "b").read_bytes() == first


@pytest.mark.slow
def test_every_kind_of_problem_is_valid(tmp_path):
    path = written("canvas", *paper(ALL), tmp_path)
    schema("qti12.xsd").assertValid(canvas_quiz(path))
    assert {canvas_kind(item) for item in items(path).values()} == KINDS


def test_variants_with_other_gaps_than_most_are_left_out(tmp_path):
    sheet, ((_, (made,)),) = one_gap(Number("4"))
    first = made.gaps[0]
    two = (replace(first, points=Fraction(2)), replace(first, label="2", points=Fraction(4)))
    papers = [(Student(name), (replace(made, gaps=gaps),)) for name, gaps in (
        ("a", (first,)), ("b", two), ("c", two), ("d", (replace(first, points=Fraction(5)),)))]
    path = written("canvas", sheet, papers, tmp_path)
    sections = [s for s in canvas_quiz(path).iter(f"{C}section") if s.get("ident").startswith("group")]
    assert [len(list(s.iter(f"{C}item"))) for s in sections] == [2, 2]
    assert [s.findtext(f".//{C}points_per_item") for s in sections] == ["2", "4"]
    (meta,) = [data for name, data in entries(path).items() if name.endswith("assessment_meta.xml")]
    assert b"<points_possible>6</points_possible>" in meta


def test_a_question_tells_no_answer_of_another_gap(tmp_path):
    sheet, ((student, (made,)),) = one_gap(Number("4"))
    point = Vector((Number("31"), Number("87")))
    gaps = (replace(made.gaps[0], answer=point), replace(made.gaps[0], label="2", question=(Call("L", point.items),)))
    found = items(written("canvas", sheet, [(student, (replace(made, gaps=gaps),))], tmp_path))
    shown = ["".join(item.find(f"{C}presentation").itertext()) for item in found.values()]
    assert len(shown) == 3 and not any("87" in words for words in shown)
