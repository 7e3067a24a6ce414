"""CSV files of numbers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import DeriveError, LimitError
from derive.read import columns
from derive.read.columns import columns_of, read_columns

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("text", "names", "values"),
    [
        ("x,y\n1,2\n3,4\n", ("x", "y"), ((1, 3), (2, 4))),
        ("x;y\n1;2.5\n", ("x", "y"), ((1,), (2.5,))),
        ("x\ty\n-1e3\t2\n\n", ("x", "y"), ((-1000,), (2,))),
        ("1, 2\n3, 4", ("column 1", "column 2"), ((1, 3), (2, 4))),
        ('"a, b",c\n1,2\n', ("a, b", "c"), ((1,), (2,))),
        ("x\n5\n", ("x",), ((5,),)),
    ],
)
def test_what_is_read(text, names, values):
    found = columns_of(text)
    assert (found.names, found.values, len(found)) == (names, values, len(values[0]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no data"),
        ("x,y\n", "no data"),
        ("x,y\n1,2\n3\n", ":3: 1 values for 2 columns"),
        ("x,y\n1,\n", ":2: the value of y is missing"),
        ("x,y\n1,2\nNA,4\n", ":3: the value of x is missing"),
        ("x,y\n1,nan\n", "value of y is missing"),
        ("x,y\n1,two\n", ':2: y is "two"'),
        ("x,y\n1,inf\n", "no number"),
        ("x,y\n1,1_000\n", "no number"),
    ],
)
def test_what_is_refused_says_where(text, message):
    with pytest.raises(DeriveError, match=message):
        columns_of(text)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=20))
def test_numbers_come_back_as_they_were_written(rows):
    found = columns_of("a,b\n" + "".join(f"{x!r},{y!r}\n" for x, y in rows))
    assert list(zip(*found.values, strict=True)) == rows


def test_a_column_by_its_name(tmp_path):
    file = tmp_path / "data.csv"
    file.write_bytes("\ufeffx,y\n1,2\n".encode())
    found = read_columns(file)
    assert found.column("x") == (1.0,)
    with pytest.raises(DeriveError, match='no column "z"'):
        found.column("z")


def test_columns_that_are_not_wanted_may_be_words(tmp_path):
    file = tmp_path / "data.csv"
    file.write_text("name,y\nann,1\nbob,2.5\n", encoding="utf-8")
    assert read_columns(file, ["y"]).column("y") == (1.0, 2.5)
    with pytest.raises(DeriveError, match=r'data\.csv:2: name is "ann"'):
        read_columns(file, ["name"])
    with pytest.raises(DeriveError, match='no column "z"'):
        read_columns(file, ["z"])


def test_files_that_cannot_be_read(tmp_path, monkeypatch):
    with pytest.raises(DeriveError, match="No such file"):
        read_columns(tmp_path / "nothing.csv")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DeriveError, match="UTF-8"):
        read_columns(tmp_path / "binary.csv")
    (tmp_path / "large.csv").write_text("1,2\n")
    monkeypatch.setattr(columns.limits, "TABLE_BYTES", 3)
    with pytest.raises(LimitError, match="larger than 3 bytes"):
        read_columns(tmp_path / "large.csv")


def test_numbers_are_finite():
    assert all(map(math.isfinite, columns_of("1e308,2\n").values[0]))
