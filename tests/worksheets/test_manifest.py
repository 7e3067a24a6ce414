"""The record of a folder: what is in it, whose it is, and one run at a time."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from derive.errors import DeriveError
from derive.files import OutputError
from derive.worksheets._manifest import Head, Record, claimed, opened

ADA = Record(
    "s1", "s1", "abc", "Ada", {"id": "s1"}, ("tex",), {"s1.tex": "0"}, ("seed",), ({"id": "x"},), {"proved": 3},
)
BOB = Record("s2", "s2", "abd", error="no numbers", exit_code=2)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "out"


def begun(folder, *records):
    with opened(folder, "sheet.toml") as manifest:
        manifest.begin(Head("sheet.toml", stems=("s1", "s2")), [])
        for record in records:
            manifest.add(record)


def test_what_is_added_is_read_again(folder):
    begun(folder, ADA, BOB)
    with opened(folder, "sheet.toml") as manifest:
        assert list(manifest.records.values()) == [ADA, BOB]
        assert manifest.head.stems == ("s1", "s2")
        assert manifest.damaged == 0


def test_the_last_line_of_a_person_holds(folder):
    begun(folder, ADA, replace(ADA, content="new"))
    with opened(folder, "sheet.toml") as manifest:
        assert manifest.records["s1"].content == "new"


def test_a_line_is_on_the_disk_when_the_next_begins(folder):
    with opened(folder, "sheet.toml") as manifest:
        manifest.begin(Head("sheet.toml"), [])
        manifest.add(ADA)
        assert json.loads(manifest.path.read_bytes().splitlines()[-1])["student"] == "s1"


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_line_that_was_cut_off_loses_that_line_only(folder, cut):
    begun(folder, ADA, BOB)
    path = folder / "manifest.jsonl"
    path.write_bytes(path.read_bytes()[:-cut - 1])
    with opened(folder, "sheet.toml") as manifest:
        assert list(manifest.records) == ["s1"]
        assert manifest.damaged == 1
        manifest.begin(manifest.head, manifest.records.values())
        manifest.add(BOB)
    with opened(folder, "sheet.toml") as manifest:
        assert list(manifest.records) == ["s1", "s2"]


@pytest.mark.parametrize("line", [
    b"[]", b'"text"', b"{}", b'{"student": 3, "stem": "a", "content": ""}', b"\xff\xfe", b'{"student": "a"',
    b'{"student": "a", "stem": "a", "content": "", "files": {"../../etc/passwd": ""}}',
    b'{"student": "a", "stem": "a", "content": "", "files": {"/etc/passwd": ""}}',
])  # fmt: skip
def test_damaged_lines_are_not_believed(folder, line):
    begun(folder, ADA)
    with (folder / "manifest.jsonl").open("ab") as stream:
        stream.write(line + b"\n")
    with opened(folder, "sheet.toml") as manifest:
        assert list(manifest.records) == ["s1"]
        assert manifest.damaged == 1


def test_a_file_of_somebody_else_by_that_name(folder):
    folder.mkdir()
    (folder / "manifest.jsonl").write_text("my notes\n")
    with pytest.raises(DeriveError, match="left as it is"), opened(folder, "sheet.toml"):
        pass
    assert (folder / "manifest.jsonl").read_text() == "my notes\n"


def test_the_folder_of_another_sheet(folder):
    begun(folder, ADA)
    with pytest.raises(DeriveError, match=r"holds the worksheets of sheet\.toml"), opened(folder, "other.toml"):
        pass


FAILED = Record("s1", "s1", "abc", error="no numbers were found", exit_code=5)


def test_a_folder_that_another_sheet_left_empty_is_free(folder):
    begun(folder, FAILED)
    with opened(folder, "other.toml") as manifest:
        assert manifest.head.sheet == "other.toml" and not manifest.records and not manifest.foreign()
        manifest.begin(Head("other.toml"), [])
    with opened(folder, "other.toml"):
        pass


@pytest.mark.parametrize("name", ["s1.tex", "s2-key.pdf"])
def test_a_folder_with_a_file_that_was_not_recorded_yet_is_not_free(folder, name):
    begun(folder, FAILED)
    (folder / name).write_text("a worksheet")
    with pytest.raises(DeriveError, match=r"holds the worksheets of sheet\.toml"), opened(folder, "other.toml"):
        pass
    assert (folder / name).read_text() == "a worksheet"


def test_a_folder_with_a_damaged_line_or_files_of_the_class_is_not_free(folder):
    begun(folder, FAILED)
    path = folder / "manifest.jsonl"
    whole = path.read_bytes()
    for more in (b"{}\n", whole.splitlines()[1].replace(b'"files":{}', b'"files":{"s1.tex":"ab"}') + b"\n"):
        path.write_bytes(whole + more)
        with pytest.raises(DeriveError, match="holds the worksheets"), opened(folder, "other.toml"):
            pass


def test_one_run_at_a_time(folder):
    refused = pytest.raises(DeriveError, match=f"process {os.getpid()}\\) is writing")
    with opened(folder, "sheet.toml"), refused, opened(folder, "sheet.toml"):
        pass
    with opened(folder, "sheet.toml"):
        pass


def test_a_lock_ends_with_the_process_that_holds_it(folder):
    code = f"""
import os
from pathlib import Path
from derive.worksheets._manifest import opened
with opened(Path({str(folder)!r}), "sheet.toml"):
    os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    assert done.returncode == -9
    with opened(folder, "sheet.toml"):
        pass


def test_a_full_disk_leaves_whole_lines(folder, monkeypatch):
    def full(stream):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with opened(folder, "sheet.toml") as manifest:
        manifest.begin(Head("sheet.toml"), [])
        manifest.add(ADA)
        before = manifest.path.read_bytes()
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full)
            with pytest.raises(OutputError, match="No space left on device"):
                manifest.add(BOB)
        assert manifest.path.read_bytes() == before
        manifest.add(BOB)
        assert len(manifest.path.read_bytes().splitlines()) == 3


@pytest.mark.parametrize(("name", "ours"), [
    ("s1.tex", True), ("s1-key.tex", True), ("figures/s1-1-path.pdf", True), ("figures/s1-key-1-path.pdf", True),
    ("a-b.pdf", True), ("figures/a-b-2-costs.png", True),
    ("notes.txt", False), ("s1x.tex", False), ("a.tex", False), ("figures/s2-1-path.pdf", False),
    ("figures/s1.pdf", False), ("other/s1.tex", False), ("s1-old.tex", False),
])  # fmt: skip
def test_whose_file_it_is(name, ours):
    assert claimed(name, frozenset({"s1", "a-b"})) is ours


def test_what_was_not_finished_is_removed_and_nothing_else(folder):
    begun(folder, ADA)
    (folder / "figures").mkdir()
    for name in (".writing-x.tex", "figures/.writing-y.pdf", "notes.txt"):
        (folder / name).write_text("")
    with opened(folder, "sheet.toml") as manifest:
        manifest.tidy()
        assert manifest.foreign() == ["notes.txt"]
    assert not (folder / ".writing-x.tex").exists()
    assert not (folder / "figures/.writing-y.pdf").exists()
