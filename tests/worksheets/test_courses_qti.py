"""The QTI 2.1 package: valid, scored as it should be by whoever reads it, the same bytes every time."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain

import pytest
from lxml import etree

from derive.tree import Negative, Number, Quotient, Vector
from derive.worksheets.courses._questions import Choice, Manual, Numbers
from derive.worksheets.model import Mistake, Student
from tests.worksheets.courses import (
    HOSTILE,
    OFFICIAL,
    PROBLEMS,
    Item,
    Q,
    assert_valid,
    entries,
    needs_official,
    official,
    one_gap,
    only,
    paper,
    questions,
    right_answers,
    schema,
    written,
)
from tests.worksheets.exercises import PROBLEMS as ALL


def files(path):
    """The items, the test, and the manifest."""
    found = entries(path)
    items = {name: data for name, data in found.items() if name.startswith("items/") and name.endswith(".xml")}
    return items, found["test.xml"], found["imsmanifest.xml"]


def item_of(sheet, papers, folder):
    items, _, _ = files(written("qti", sheet, papers, folder))
    (data,) = items.values()
    return Item(data)


def responses(question, given=right_answers):
    """Answers to every part by the names of its fields."""
    found = {}
    for k, part in enumerate(question.parts, 1):
        answers = given(part)
        if isinstance(part.judged, Numbers):
            names = [f"G{k}"] if len(answers) == 1 else [f"G{k}-{j}" for j in range(1, len(answers) + 1)]
            found |= dict(zip(names, answers, strict=True))
        elif answers:
            chosen = [f"C{place + 1}" for place in answers[0]]
            found[f"G{k}"] = chosen[0] if isinstance(part.judged, Choice) and not part.judged.several else chosen
    return found


@pytest.mark.parametrize("problem", PROBLEMS)
def test_all_modes_are_valid(problem, tmp_path):
    items, test, manifest = files(written("qti", *paper((problem,)), tmp_path))
    for data in (*items.values(), test):
        assert_valid(schema("qti21.xsd"), data)
    assert_valid(schema("imscp.xsd"), manifest)


@needs_official
@pytest.mark.parametrize("problem", PROBLEMS)
def test_all_modes_are_valid_for_the_schemas_of_ims(problem, tmp_path):
    items, test, manifest = files(written("qti", *paper((problem,)), tmp_path))
    for data in (*items.values(), test):
        assert_valid(official("imsqti_v2p1p1.xsd"), data)
    assert_valid(official("imscp_v1p1.xsd"), manifest)


@pytest.mark.parametrize(("tag", "change"), [
    ("responseDeclaration", lambda n: n.set("identifier", "other")),
    ("responseDeclaration", lambda n: n.set("baseType", "number")),
    ("itemBody", lambda n: n.append(etree.Element(f"{Q}script"))),
    ("itemBody", lambda n: n.append(etree.Element(f"{Q}span"))),
    ("simpleChoice", lambda n: n.attrib.pop("identifier")),
    ("simpleChoice", lambda n: n.set("onclick", "alert(1)")),
    ("choiceInteraction", lambda n: n.attrib.pop("responseIdentifier")),
    ("choiceInteraction", lambda n: n.set("shuffle", "perhaps")),
    ("responseProcessing", lambda n: n.getparent().insert(0, n)),
    ("responseIf", lambda n: n.remove(n[0])),
    ("modalFeedback", lambda n: n.set("showHide", "blink")),
])  # fmt: skip
def test_a_wrong_item_is_refused(tag, change, tmp_path):
    root = item_of(*only("choice"), tmp_path).root
    assert schema("qti21.xsd").validate(root)
    change(next(root.iter(f"{Q}{tag}")))
    assert not schema("qti21.xsd").validate(root)


@pytest.mark.parametrize("change", [
    lambda r: r.set("type", "virus"), lambda r: r.attrib.pop("identifier"), lambda r: r.remove(r[0]),
    lambda r: r[-1].set("identifierref", "nobody"),
])  # fmt: skip
def test_a_wrong_manifest_is_refused(change, tmp_path):
    _, _, manifest = files(written("qti", *only("choice", PROBLEMS[1]), tmp_path))
    root = etree.fromstring(manifest)
    assert schema("imscp.xsd").validate(root)
    change(root[-1][0])
    assert not schema("imscp.xsd").validate(root)


def test_the_package_holds_what_it_names(tmp_path):
    path = written("qti", *paper(), tmp_path)
    _, test, manifest = files(path)
    named = [node.get("href") for node in etree.fromstring(manifest).iter("{*}file")]
    assert sorted([*named, "imsmanifest.xml"]) == sorted(entries(path))
    assert {node.get("href") for node in etree.fromstring(test).iter(f"{Q}assessmentItemRef")} <= set(named)
    for name, data in files(path)[0].items():
        for image in etree.fromstring(data).iter(f"{Q}img"):
            assert f"{name.rsplit('/', 1)[0]}/{image.get('src')}" in named


def test_one_of_all_variants_of_an_item_is_drawn(tmp_path):
    sheet, ((_, made),) = only("choice")
    papers = [(Student(name), made) for name in ("1", "2", "3")]
    items, test, _ = files(written("qti", sheet, papers, tmp_path))
    (section,) = etree.fromstring(test).iter(f"{Q}assessmentSection")
    assert section.find(f"{Q}selection").get("select") == "1"
    assert len(section.findall(f"{Q}assessmentItemRef")) == len(items) == 3


# --- scores -----------------------------------------------------------------------------------------------


def test_right_answers_give_all_points_that_are_judged_and_none_give_none(tmp_path):
    sheet, papers = paper()
    items, _, _ = files(written("qti", sheet, papers, tmp_path))
    for question in questions(sheet, papers):
        item = Item(items[f"items/{question.name}.xml"])
        points = sum((part.gap.points for part in question.judged), Fraction(0))
        score, feedback = item.score(**responses(question))
        assert score == pytest.approx(float(points))
        empty, told = item.score()
        assert empty == 0 and told == (["SOLUTION"] if question.parts else [])
        assert not question.parts or "SOLUTION" in feedback


def test_the_right_answers_that_the_file_tells_are_the_gaps(tmp_path):
    sheet, papers = paper()
    items, _, _ = files(written("qti", sheet, papers, tmp_path))
    for question in questions(sheet, papers):
        item = Item(items[f"items/{question.name}.xml"])
        told = {name: item.correct(name) for name in item.declared}
        assert {name: right for name, right in told.items() if right is not None} == responses(question)
        assert len(told) == sum(len(part.judged.cells) if isinstance(part.judged, Numbers) else 1
                                for part in question.parts)


def test_a_wrong_choice_is_told_what_went_wrong(tmp_path):
    sheet, papers = only("choice")
    (question,) = questions(sheet, papers)
    item = item_of(sheet, papers, tmp_path)
    (part,) = question.parts
    messages = {node.get("identifier"): "".join(node.itertext()) for node in item.root.iter(f"{Q}modalFeedback")}
    for place, why in part.judged.reasons.items():
        score, shown = item.score(G1=f"C{place + 1}")
        assert score == 0 and why in [messages[name] for name in shown]


@pytest.mark.parametrize(("answer", "right", "wrong"), [
    (Number("3"), ["3", "3.0"], ["3.001", "2.999", "-3"]),
    (Number("0.1235"), ["0.123", "0.124", "0.1235"], ["0.1229", "0.1241", "0.12"]),
    (Quotient(Number("1"), Number("3")), ["0.333", "0.33333333333"], ["0.33", "0.334"]),
    (Negative(Number("0.5")), ["-0.5", "-0.5005"], ["0.5", "-0.501", "-0.46"]),
])  # fmt: skip
def test_numbers_at_the_tolerance(answer, right, wrong, tmp_path):
    item = item_of(*one_gap(answer), tmp_path)
    assert [item.score(G1=given)[0] for given in right] == [6.0] * len(right)
    assert [item.score(G1=given)[0] for given in wrong] == [0.0] * len(wrong)


def test_each_entry_of_a_vector_has_its_share(tmp_path):
    item = item_of(*one_gap(Vector((Number("1"), Number("2"), Number("3")))), tmp_path)
    assert item.score(**{"G1-1": "1", "G1-2": "5", "G1-3": "3"})[0] == pytest.approx(4)


def test_a_foreseen_wrong_number_is_told_what_went_wrong(tmp_path):
    item = item_of(*one_gap(Number("4"), Mistake(Number("8"), "factor", "Half of it.")), tmp_path)
    score, shown = item.score(G1="8")
    assert score == 0 and shown[:1] == ["G1-W1"]
    assert item.score(G1="4") == (6.0, ["SOLUTION"])


def test_what_a_person_reads_tells_the_answer_to_whoever_grades(tmp_path):
    sheet, papers = only("spot-the-error")
    (question,) = questions(sheet, papers)
    assert isinstance(question.parts[1].judged, Manual)
    item = item_of(sheet, papers, tmp_path)
    (rubric,) = item.root.iter(f"{Q}rubricBlock")
    assert rubric.get("view") == "scorer" and rubric.find(".//{*}math") is not None
    assert len(list(item.root.iter(f"{Q}extendedTextInteraction"))) == 1


# --- people's words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["choice", "true-false", "fading", "worked"])
def test_words_of_people_are_only_words(mode, tmp_path):
    sheet, papers = only(mode, title=HOSTILE, page=HOSTILE, student=Student(HOSTILE, HOSTILE))
    items, test, manifest = files(written("qti", sheet, papers, tmp_path))
    for data in (*items.values(), test):
        assert_valid(schema("qti21.xsd"), data)
        assert etree.fromstring(data).get("title").startswith("<script>alert(1)</script> & ]]>")
    assert_valid(schema("imscp.xsd"), manifest)


def test_the_same_input_gives_the_same_bytes(tmp_path):
    sheet, papers = paper()
    first = written("qti", sheet, papers, tmp_path / "a").read_bytes()
    assert written("qti", sheet, chain(papers), tmp_path / "b").read_bytes() == first


@pytest.mark.slow
def test_every_kind_of_problem_is_valid_and_scored(tmp_path):
    sheet, papers = paper(ALL)
    items, test, _ = files(written("qti", sheet, papers, tmp_path))
    assert_valid(schema("qti21.xsd"), test)
    for question in questions(sheet, papers):
        data = items[f"items/{question.name}.xml"]
        assert_valid(schema("qti21.xsd"), data)
        if OFFICIAL:
            assert_valid(official("imsqti_v2p1p1.xsd"), data)
        points = sum((part.gap.points for part in question.judged), Fraction(0))
        assert Item(data).score(**responses(question))[0] == pytest.approx(float(points))
