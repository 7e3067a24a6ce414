"""Rosters: any CSV that people save, cells that are text and nothing else, and rows that cannot be used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import limits, resources
from derive.errors import DeriveError, ProblemError
from derive.read.columns import cells_of
from derive.worksheets import rosters
from derive.worksheets.model import Draw, Item, Source, Student, Worksheet
from derive.worksheets.rosters import Roster, anonymous, read_roster, roster_of

SHEET = Worksheet("t", "s", ())
PLAIN = "id,name,town\n1,A. Example,Nowhere\n2,B. Sample,Elsewhere\n"
EXPECTED = (Student("1", "A. Example", {"id": "1", "name": "A. Example", "town": "Nowhere"}),
            Student("2", "B. Sample", {"id": "2", "name": "B. Sample", "town": "Elsewhere"}))


def roster(text: str, sheet: Worksheet = SHEET) -> Roster:
    return roster_of(cells_of(text, "class.csv"), sheet)


@pytest.mark.parametrize("data", [
    PLAIN.encode(), b"\xef\xbb\xbf" + PLAIN.encode(), PLAIN.replace("\n", "\r\n").encode(),
    PLAIN.replace(",", ";").encode(), PLAIN.replace(",", "\t").encode(), PLAIN.rstrip("\n").encode(),
    PLAIN.replace("\n", "\n\n").encode(), PLAIN.replace("A. Example", '"A. Example"').encode(),
    PLAIN.replace(",", " , ").encode(), (PLAIN + " , ,\n").encode(),
])
def test_whatever_people_save(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    path.write_bytes(data)
    assert read_roster(path, SHEET) == Roster(EXPECTED)


NAMES = [
    "Percent % Placeholder", "Smith & Daughter", "Back\\slash", "🧮 Fiction", "تجريبي مثال", "日本 太郎", "O'Nobody",
    "F., the Second", r"\input{/etc/passwd}", "<script>alert(1)</script>", "#eval(1)", "$x$_^~{}", 'Q "Quote" Q',
    "=1+1",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_text(name: str) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    [student] = roster(f"id,name\n7,{quoted}\n").students
    assert student == Student("7", name, {"id": "7", "name": name})


def test_columns_that_the_sheet_names() -> None:
    sheet = Worksheet("t", "s", (), "number", ("first", "last"))
    text = "last;first;number;born\nExample;A.;007;16.03.2001\nSample;;008;\n"
    found = roster(text, sheet).students
    assert [(s.id, s.name) for s in found] == [("007", "A. Example"), ("008", "Sample")]
    assert found[0].columns["born"] == "16.03.2001"


def test_empty_cells_behind_the_last_column_are_nothing() -> None:
    found = roster("id,name\n1,A,\n2,B,,\n3,C\n4,D,,x\n")
    assert [(s.id, s.name, dict(s.columns)) for s in found.students] == [
        (id_, name, {"id": id_, "name": name}) for id_, name in (("1", "A"), ("2", "B"), ("3", "C"))
    ]
    assert [(e.line, e.message.partition(": ")[2]) for e in found.errors] == [(5, "4 cells for 2 columns")]


def test_bad_rows_are_told_with_their_lines_and_the_others_used() -> None:
    found = roster('id,name\n1,A\n,B\n2,"C\nD"\n3\n1,E\n4,F,G\n5,\n')
    assert [(s.id, s.name) for s in found.students] == [("1", "A"), ("2", "C D"), ("5", "")]
    assert [(e.line, e.message.partition(": ")[2]) for e in found.errors] == [
        (3, "the id is missing (column 'id')"), (6, "1 cell for 2 columns"),
        (7, 'the id "1" stands in line 2 too'), (8, "3 cells for 2 columns"),
    ]
    assert all(error.message.startswith("class.csv:") and error.hint for error in found.errors)


@pytest.mark.parametrize(("text", "says", "hint"), [
    ("number,name\n1,A\n", "no column \"id\"; its columns are 'number', 'name'", "[roster] id"),
    ("ID,name\n1,A\n", 'no column "id"', 'did you mean "ID"'),
    ("id,nmae\n1,A\n", 'no column "name"', 'did you mean "nmae"'),
    ("1,A\n2,B\n", "a number where the names of the columns belong", "column names"),
    ("id,name,name\n1,A,B\n", 'column "name" is there twice', "another name"),
    ("id,name\n", "no data", ""), ("", "no data", ""),
])
def test_rosters_that_cannot_be_used(text: str, says: str, hint: str) -> None:
    with pytest.raises(DeriveError) as caught:
        roster(text)
    assert says in str(caught.value) and hint in caught.value.hint


def test_files_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeriveError, match="No such file"):
        read_roster(tmp_path / "none.csv", SHEET)
    (tmp_path / "latin").write_bytes("id,name\n1,Müller\n".encode("latin-1"))
    with pytest.raises(DeriveError, match="UTF-8") as caught:
        read_roster(tmp_path / "latin", SHEET)
    assert "UTF-8" in caught.value.hint
    monkeypatch.setattr(limits, "ROSTER_ROWS", 1)
    with pytest.raises(DeriveError, match="too many"):
        roster(PLAIN)


@settings(max_examples=40)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1), min_size=1, max_size=5))
def test_what_csv_writes_is_what_is_read(names: list[str]) -> None:
    import csv
    import io

    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([("id", "name"), *((k, name) for k, name in enumerate(names, 1))])
    found = roster(stream.getvalue())
    assert [s.name for s in found.students] == [" ".join(name.split()) for name in names]


@pytest.mark.parametrize(("kind", "column"), [("birthday", "born"), ("column", "weight")])
def test_a_column_that_a_draw_wants_is_missed_once_at_its_line(kind: str, column: str) -> None:
    item = Item("p", Source({}), draws=(Draw("start", kind, column, 12),))
    sheet = replace(SHEET, items=(item,), file="sheet.toml")
    with pytest.raises(ProblemError, match=rf'sheet.toml:12: start: .*class.csv has no column "{column}"') as caught:
        roster(PLAIN, sheet)
    assert "town" in (caught.value.hint or "")
    assert len(roster(f"id,name,{column}\n1,A,3\n", sheet).students) == 1


# --- decimal commas -----------------------------------------------------------------------------------------------

WEIGHED = replace(SHEET, items=(Item("p", Source({}), draws=(Draw("m", "column", "weight", 3),)),), file="sheet.toml")


@pytest.mark.parametrize(("cell", "read"), [
    ("70,5", "70.5"), ("-0,25", "-0.25"), ("−1,5", "−1.5"), ("80", "80"), ("3/4", "3/4"), ("1.234,5", "1.234,5"),
    ("1,234", "1.234"), ("2.5", "2.5"), ("", ""), ("heavy", "heavy"), ("1,2,3", "1,2,3"),
])
def test_a_comma_between_semicolons_is_a_decimal_comma(cell: str, read: str) -> None:
    [student] = roster(f"id;name;weight\n1;A, B;{cell}\n", WEIGHED).students
    assert student == Student("1", "A, B", {"id": "1", "name": "A, B", "weight": read})


@pytest.mark.parametrize("text", [
    'id,name,weight\n1,A,"70,5"\n', "id\tname\tweight\n1\tA\t70,5\n",
])
def test_a_comma_in_another_roster_is_none(text: str) -> None:
    assert roster(text, WEIGHED).students[0].columns["weight"] == "70,5"


def test_only_what_is_drawn_as_a_number_is_changed() -> None:
    text = "id;name;weight\n1,5;A;70,5\n"
    assert roster(text).students[0].columns["weight"] == "70,5"
    assert roster(text, WEIGHED).students[0].id == "1,5"
    born = replace(WEIGHED, items=(Item("p", Source({}), draws=(Draw("m", "birthday", "weight", 3),)),))
    assert roster(text, born).students[0].columns["weight"] == "70,5"


@pytest.mark.parametrize(("cells", "refused"), [
    (("70,5", "1.234"), [3]), (("1,234", "70.5"), [2]), (("1,234", "1.234"), [2, 3]), (("1.234,5", "1.234"), [3]),
    (("70,5", "70.5"), []), (("1.234", "2.5"), []), (("1,234", "2,5"), []), (("70,5", "0.125"), []),
])
def test_what_may_be_thousands_is_refused(cells: tuple[str, ...], refused: list[int]) -> None:
    found = roster("id;name;weight\n" + "".join(f"{k};A;{cell}\n" for k, cell in enumerate(cells)), WEIGHED)
    assert [error.line for error in found.errors] == refused
    assert all("which of them is the decimal" in error.message and error.hint for error in found.errors)


@pytest.mark.parametrize("data", [None, b"", b"id,name\n"])
def test_a_hint_speaks_of_people(data: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "class.csv"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(DeriveError) as caught:
        read_roster(path, SHEET)
    assert caught.value.hint == rosters.PURPOSE


def test_nobody_in_particular() -> None:
    assert [s.id for s in anonymous(3)] == ["001", "002", "003"]
    assert anonymous(1001)[:3] == anonymous(3)
    assert anonymous(1001)[-1].id == "1001" and anonymous(0) == ()
    assert anonymous(1)[0] == Student("001")


def test_the_shipped_roster() -> None:
    from derive.worksheets.sheets import read_sheet

    folder = resources.worksheets()
    found = read_roster(folder / "class.csv", read_sheet(folder / "worksheet-3.toml"))
    assert not found.errors and len(found.students) == 12
    assert rosters.PURPOSE
    names = "".join(s.name for s in found.students)
    assert all(sign in names for sign in "%&\\🧮مü<$")
