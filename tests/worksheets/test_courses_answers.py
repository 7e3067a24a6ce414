"""The answers as CSV, and all course systems made by the command."""

from __future__ import annotations

import csv
from fractions import Fraction
from pathlib import Path

import pytest

from derive import resources
from derive.cli import main
from derive.worksheets.model import Student
from derive.write.latex import latex
from derive.write.text import text
from tests.worksheets.courses import (
    HOSTILE,
    assert_valid,
    entries,
    only,
    paper,
    questions,
    schema,
    written,
)


def rows(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_row_for_each_gap_with_its_answer(tmp_path):
    sheet, papers = paper()
    found = rows(written("answers", sheet, papers, tmp_path))
    expected = [(q, part) for q in questions(sheet, papers) for part in q.parts]
    assert len(found) == len(expected)
    for row, (question, part) in zip(found, expected, strict=True):
        assert (row["id"], row["problem"], row["gap"]) == (question.student.id, question.item, part.gap.label)
        assert Fraction(row["points"]) == part.gap.points
        if part.gap.answer is not None and not part.gap.choices:
            assert row["answer"].lstrip("'") == text(part.gap.answer)
            assert row["latex"].lstrip("'") == latex(part.gap.answer)
        elif part.gap.choices:
            assert row["answer"][0] == "abcdefgh"[part.judged.right[0]]


def test_numbers_are_there_as_decimals(tmp_path):
    found = {row["gap"]: row for row in rows(written("answers", *only("blank"), tmp_path))}
    assert found["3"]["decimal"].split("; ")[:2] == ["2", "-2"]
    assert float(found["4"]["decimal"]) == pytest.approx(8 + 2 * 2.718281828459045)
    assert found["1"]["decimal"] == ""


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", HOSTILE, 'a"b;c,d\ne'])
def test_no_cell_is_a_formula_of_a_spreadsheet(words, tmp_path):
    found = rows(written("answers", *only("choice", student=Student(words, words)), tmp_path))
    for row in found:
        assert row["id"].lstrip("'") == row["name"].lstrip("'") == words
        for name, cell in row.items():
            assert cell[:1] not in ("=", "+", "@", "\t", "\r")
            assert cell[:1] != "-" or name == "decimal"


def test_the_same_input_gives_the_same_bytes(tmp_path):
    first = written("answers", *paper(), tmp_path / "a").read_bytes()
    assert written("answers", *paper(), tmp_path / "b").read_bytes() == first


@pytest.mark.slow
def test_the_command_makes_them_all_for_a_class(tmp_path):
    place = Path(str(resources.worksheets()))
    order = ["worksheet", "make", str(place / "worksheet-3.toml"), "--roster", str(place / "class.csv"), "-o",
             str(tmp_path), "--format", "text", "--course", "moodle,qti,canvas,answers"]
    assert main(order) == 0
    people = len((place / "class.csv").read_text(encoding="utf-8").splitlines()) - 1
    found = rows(tmp_path / "class" / "answers.csv")
    assert len({row["id"] for row in found}) == people
    assert {row["problem"] for row in found} == {"gradient-descent", "jacobian", "divergence"}
    items = entries(tmp_path / "class" / "qti.zip")
    assert sum(name.startswith("items/") and name.endswith(".xml") for name in items) == 3 * people
    for name, data in items.items():
        if name.endswith(".xml"):
            assert_valid(schema("imscp.xsd" if name == "imsmanifest.xml" else "qti21.xsd"), data)
    assert (tmp_path / "class" / "moodle.xml").stat().st_size and (tmp_path / "class" / "canvas.zip").stat().st_size
    assert (tmp_path / "class" / "answers.txt").exists()
