"""A class gets its worksheets: each person all files or a reason, the same bytes each time, nobody's files touched."""

from __future__ import annotations

import contextlib
import csv
import errno
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import files, limits
from derive.errors import DeriveError, ToolMissingError
from derive.files import OutputError
from derive.steps import Chain, Status, Verdict
from derive.worksheets import _papers, _person, _shared, drawing, gate, making
from derive.worksheets._digests import digest
from derive.worksheets._manifest import opened
from derive.worksheets._names import stems
from derive.worksheets.making import issue, make
from derive.worksheets.model import Student
from derive.worksheets.rosters import anonymous
from tests.worksheets.classes import QUICK, SHEET, contents, sheet


@pytest.fixture
def paper(tmp_path):
    return sheet(tmp_path)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def records(folder):
    lines = (folder / "manifest.jsonl").read_text().splitlines()[1:]
    return {data["student"]: data for data in map(json.loads, lines)}


# --- everybody -----------------------------------------------------------------------------------


def test_everybody_has_a_sheet_and_a_key(paper, out):
    report = make(paper, anonymous(3), out, QUICK)
    assert report.made == ["001", "002", "003"]
    assert report.exit_code() == 0
    assert report.verdicts["proved"] > 0
    assert report.files == 6
    for name in report.made:
        values = records(out)[name]["items"][0]["values"]
        shown, key = (out / f"{name}.txt").read_text(), (out / f"{name}-key.txt").read_text()
        assert name in shown
        assert values["a"] in shown
        assert str(2 * int(values["a"])) in key


def test_what_is_for_the_class(paper, out):
    report = make(paper, anonymous(2), out, QUICK)
    names = [path.relative_to(out / "class").as_posix() for path in report.shared]
    assert names == ["answers.txt", "grading.txt", "errors.txt", "grading.csv"]
    rows = list(csv.reader(io.StringIO((out / "class/grading.csv").read_text())))
    assert [row[0] for row in rows] == ["id", "001", "002"]
    assert all(len(row) == len(rows[0]) for row in rows)


def test_without_keys_there_are_none(paper, out):
    report = make(paper, anonymous(1), out, replace(QUICK, key=False))
    assert report.shared == []
    assert [name for name in contents(out) if not name.startswith(".")] == ["001.txt", "manifest.jsonl"]


@pytest.mark.slow
def test_the_same_bytes_each_time_and_in_any_process(paper, out, tmp_path):
    make(paper, anonymous(4), out, QUICK)
    first = contents(out)
    make(paper, anonymous(4), out, QUICK)
    assert contents(out) == first
    make(paper, anonymous(4), tmp_path / "other", replace(QUICK, workers=2))
    assert contents(tmp_path / "other") == first


def test_the_report_is_in_the_order_of_the_roster_whoever_is_ready_first(paper, out, monkeypatch):
    results = making.results
    monkeypatch.setattr(making, "results", lambda *arguments: (done for done in [*results(*arguments)][::-1]))
    assert make(paper, anonymous(3), out, QUICK).made == ["001", "002", "003"]
    assert gate.check(paper, anonymous(3), QUICK).report.made == ["001", "002", "003"]


def test_another_person_changes_nobody(paper, out):
    make(paper, [Student("a"), Student("c")], out, QUICK)
    before = contents(out)
    make(paper, [Student("a"), Student("b"), Student("c")], out, QUICK)
    after = contents(out)
    assert all(after[name] == before[name] for name in ("a.txt", "c.txt", "a-key.txt", "c-key.txt"))
    assert "b.txt" in after


def test_two_students_with_one_id(paper, out):
    with pytest.raises(DeriveError, match="several students have the id x"):
        make(paper, [Student("x"), Student("x")], out, QUICK)
    assert not out.exists()


# --- names of files ------------------------------------------------------------------------------


@pytest.mark.parametrize(("ids", "expected"), [
    (["12345", "s-1"], ["12345", "s-1"]),
    (["a_b"], ["a-b"]),
    (["Müller"], ["Muller"]),
    (["../../etc/passwd"], ["etc-passwd"]),
])  # fmt: skip
def test_names_of_files_are_like_the_ids(ids, expected):
    assert list(stems(ids).values()) == expected


@pytest.mark.parametrize("ids", [
    ["a_b", "a.b"], ["a", "A"], ["x", "x-key"], ["x-KEY"], ["con", "NUL", "com1"], ["", "–", "😀", "אבג"],
    ["a" * 100, "a" * 101], ["a/b", "a-b", "a\\b", "a b"],
])  # fmt: skip
def test_ids_whose_files_would_have_one_name_are_told_apart(ids):
    found = stems(ids)
    assert len({stem.casefold() for stem in found.values()}) == len(ids)
    assert not any(stem.casefold().endswith("-key") or stem.casefold() in ("con", "nul", "") for stem in found.values())


def test_an_id_that_is_a_name_keeps_it():
    assert stems(["a_b", "a-b"])["a-b"] == "a-b"
    assert stems(["a_b", "a-b"])["a_b"] == stems(["a-b", "x", "a_b"])["a_b"] != "a-b"


@settings(max_examples=50)
@given(st.lists(st.text(max_size=8), unique=True, max_size=8))
def test_any_ids_have_names_of_their_own(ids):
    found = list(stems(ids).values())
    assert len({stem.casefold() for stem in found}) == len(ids)
    assert all(stem and stem.replace("-", "").isascii() and stem.replace("-", "").isalnum() for stem in found)


# --- going on ------------------------------------------------------------------------------------


def again(paper, out, people, **more):
    return make(paper, people, out, replace(QUICK, resume=True, **more))


def test_nothing_is_made_twice(paper, out):
    make(paper, anonymous(3), out, QUICK)
    before = contents(out)
    report = again(paper, out, anonymous(3))
    assert (report.made, report.kept) == ([], ["001", "002", "003"])
    assert report.verdicts["proved"] > 0
    assert contents(out) == before


def test_what_is_missing_or_changed_is_made_again(paper, out):
    make(paper, anonymous(4), out, QUICK)
    before = contents(out)
    (out / "002.txt").unlink()
    (out / "003-key.txt").write_text("changed")
    (out / ".derive/papers/004").write_bytes(b"changed")
    report = again(paper, out, anonymous(5))
    assert (report.made, report.kept) == (["002", "003", "004", "005"], ["001"])
    after = contents(out)
    assert all(after[name] == before[name] for name in before if name[0] == "0")


def test_files_for_the_class_are_made_again_when_one_is_missing(paper, out):
    make(paper, anonymous(2), out, QUICK)
    before = contents(out)
    (out / "class/answers.txt").unlink()
    assert again(paper, out, anonymous(2)).made == []
    assert contents(out) == before


@pytest.mark.parametrize("change", [
    ('seed = "test"', 'seed = "other"'), ("points = 2", "points = 3"), ("[2, 900]", "[2, 899]"),
    ("A slope", "The slope"),
])  # fmt: skip
def test_another_sheet_is_made_again(out, tmp_path, change):
    make(sheet(tmp_path), anonymous(2), out, QUICK)
    assert again(sheet(tmp_path, SHEET.replace(*change)), out, anonymous(2)).made == ["001", "002"]


def test_a_comment_or_another_place_is_no_change(out, tmp_path):
    make(sheet(tmp_path), anonymous(2), out, QUICK)
    (tmp_path / "moved").mkdir()
    moved = sheet(tmp_path / "moved", "# a comment\n\n" + SHEET)
    assert again(moved, out, anonymous(2)).made == []


def test_another_row_of_the_roster_is_that_persons_alone(paper, out):
    make(paper, [Student("a", "Ada"), Student("b", "Bob")], out, QUICK)
    assert again(paper, out, [Student("a", "Ada L."), Student("b", "Bob")]).made == ["a"]


def test_another_format_is_added(paper, out):
    make(paper, anonymous(1), out, QUICK)
    assert again(paper, out, anonymous(1), formats=("markdown",)).made == ["001"]
    assert {"001.txt", "001.md"} <= set(contents(out))
    assert again(paper, out, anonymous(1), formats=("markdown", "text")).made == []


def test_a_sheet_with_other_numbers_does_not_leave_the_old_one_there(out, tmp_path):
    make(sheet(tmp_path), anonymous(2), out, replace(QUICK, formats=("text", "markdown")))
    (out / "002.md").write_text("my remarks")
    make(sheet(tmp_path, SHEET.replace('"test"', '"other"')), anonymous(2), out, QUICK)
    assert not (out / "001.md").exists()
    assert (out / "002.md").read_text() == "my remarks"


def test_people_who_left_the_roster(paper, out):
    make(paper, anonymous(3), out, QUICK)
    report = again(paper, out, anonymous(2))
    assert report.left == ["003"]
    assert (out / "003.txt").exists()
    assert again(paper, out, anonymous(3)).made == []


def test_one_is_issued_again(paper, out):
    people = [Student("a", "Ada", {"id": "a", "name": "Ada"}), Student("b", "Bob", {"id": "b", "name": "Bob"})]
    make(paper, people, out, QUICK)
    before = contents(out)
    (out / "a.txt").write_text("lost")
    report = issue(paper, "a", out, replace(QUICK, resume=True))
    assert report.made == ["a"]
    assert contents(out) == before
    with pytest.raises(DeriveError, match="knows nobody with the id c"):
        issue(paper, "c", out, QUICK)


def test_one_with_another_row_is_issued_again(paper, out):
    make(paper, [Student("a", "Ada"), Student("b", "Bob")], out, QUICK)
    issue(paper, Student("a", "Ada Lovelace"), out, replace(QUICK, resume=True))
    assert "Ada Lovelace" in (out / "a.txt").read_text()


# --- what goes wrong -----------------------------------------------------------------------------


def test_one_who_cannot_be_given_a_worksheet_is_a_line_and_the_others_are_done(out, tmp_path):
    with_column = SHEET.replace("b = {integers = [1, 900]}", 'b = {column = "weight"}')
    people = [Student(n, "", {"weight": w}) for n, w in (("a", "3"), ("b", "heavy"), ("c", "5"))]
    report = make(sheet(tmp_path, with_column), people, out, QUICK)
    assert report.made == ["a", "c"]
    assert report.exit_code() == 5
    (student, reason, *_), = report.failures
    assert student.id == "b"
    assert "slope" in reason
    assert "weight" in reason
    assert records(out)["b"]["error"] == reason
    assert not (out / "b.txt").exists()


def test_nobody_can_be_given_one(out, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "WORKSHEET_TRIES", 20)
    impossible = SHEET + "[item.when]\nsmall = 'a < 1'\n"
    report = make(sheet(tmp_path, impossible), anonymous(2), out, QUICK)
    assert report.made == []
    assert report.exit_code() == 2
    assert all("small" in failure.reason for failure in report.failures)


@pytest.fixture
def few_tries(monkeypatch):
    monkeypatch.setattr(limits, "WORKSHEET_TRIES", 20)


NEVER = SHEET + "[item.when]\napart = 'a > 100'\nsmall = 'a < 1'\n"  # fails at one or the other


def test_what_holds_for_nobody_is_not_tried_for_all(out, tmp_path, few_tries):
    report = make(sheet(tmp_path, NEVER), anonymous(40), out, QUICK)
    assert [f.student.id for f in report.failures] == ["001", "002", "003", "004", "005", "006"]
    assert {f.cause for f in report.failures} == {"slope: small"}
    assert len({f.reason for f in report.failures}) > 1  # how often it failed differs
    assert (report.made, report.untried, report.shared) == ([], 34, [])
    assert report.exit_code() == 2
    assert again(sheet(tmp_path, NEVER), out, anonymous(40)).untried == 34
    assert len(again(sheet(tmp_path), out, anonymous(8)).made) == 8


def test_so_few_are_all_tried(out, tmp_path, few_tries):
    assert make(sheet(tmp_path, NEVER), anonymous(5), out, QUICK).untried == 0


def test_who_has_a_worksheet_already_is_hope_for_the_others(out, tmp_path, few_tries):
    hard = sheet(tmp_path, SHEET + "[item.when]\nsmall = 'a < 40'\n")
    people = anonymous(60)
    report = make(hard, people, out, QUICK)
    made = [student for student in people if student.id in report.made]
    never = [student for student in people if student.id not in report.made]
    assert made and len(never) > 6
    fresh = tmp_path / "fresh"
    assert again(hard, fresh, never).untried == len(never) - 6
    make(hard, made[:1], fresh, QUICK)
    assert again(hard, fresh, [*made[:1], *never]).untried == 0


@pytest.mark.parametrize("weight", ["heavy", "-1"])
def test_a_roster_whose_first_lines_are_bad_stops_nothing(out, tmp_path, weight):
    with_column = SHEET.replace("b = {integers = [1, 900]}", 'b = {column = "weight"}') + "[item.when]\nc = 'b > 0'\n"
    people = [Student(f"{k}", "", {"weight": weight if k < 8 else "3"}) for k in range(10)]
    report = make(sheet(tmp_path, with_column), people, out, QUICK)
    assert (report.made, report.untried) == (["8", "9"], 0)
    assert not any(failure.cause for failure in report.failures)


def test_undecided_steps_of_the_first_ones_stop_nothing(paper, out, monkeypatch):
    monkeypatch.setattr(drawing, "variant", with_verdict(Status.UNDECIDED, *(f"00{k}" for k in range(1, 8))))
    report = make(paper, anonymous(9), out, QUICK)
    assert (report.made, report.untried) == (["008", "009"], 0)


def test_an_undecided_step_is_handed_out_only_when_accepted(paper, out, monkeypatch):
    monkeypatch.setattr(drawing, "variant", with_verdict(Status.UNDECIDED, "001"))
    report = make(paper, anonymous(2), out, QUICK)
    assert (report.made, report.exit_code()) == (["002"], 3)
    assert not (out / "001.txt").exists()
    accepted = make(paper, anonymous(2), out, replace(QUICK, accept=True))
    assert (accepted.made, accepted.exit_code()) == (["001", "002"], 0)
    assert accepted.verdicts["undecided"] == 1


@pytest.mark.parametrize("accept", [False, True])
def test_a_false_step_is_never_handed_out(paper, out, monkeypatch, accept):
    monkeypatch.setattr(drawing, "variant", with_verdict(Status.REFUTED, "001"))
    report = make(paper, anonymous(2), out, replace(QUICK, accept=accept))
    assert (report.made, report.exit_code()) == (["002"], 1)


def with_verdict(status, *names):
    """Drawing as it is, but that the first step of some students has this verdict."""
    real = drawing.variant

    def variant(sheet, item, student, **more):
        found = real(sheet, item, student, **more)
        if student.id not in names:
            return found
        parts = list(found.derivation.parts)
        at = next(i for i, part in enumerate(parts) if isinstance(part, Chain))
        first, *rest = parts[at].steps
        parts[at] = replace(parts[at], steps=(replace(first, verdict=Verdict(status), steps=()), *rest))
        return replace(found, derivation=replace(found.derivation, parts=tuple(parts)))

    return variant


def test_files_of_other_people_are_left_alone_and_told(paper, out):
    out.mkdir()
    (out / "notes.txt").write_text("mine")
    (out / "002.txt").write_text("mine too")
    (out / "004.txt").symlink_to("nowhere")
    report = make(paper, anonymous(4), out, QUICK)
    assert report.made == ["001", "003"]
    assert report.exit_code() == 5
    assert "002.txt is in the way" in report.failures[0][1]
    assert report.foreign == ["002.txt", "004.txt", "notes.txt"]
    assert (out / "004.txt").is_symlink()
    assert (out / "notes.txt").read_text() == "mine"
    assert (out / "002.txt").read_text() == "mine too"
    (out / "002.txt").unlink()
    assert again(paper, out, anonymous(3)).made == ["002"]


def test_a_large_class_has_its_answers_in_several_files(paper, out, monkeypatch):
    monkeypatch.setattr(_shared, "GROUP", 2)
    order = replace(QUICK, workers=0, courses=("answers",))
    make(paper, anonymous(5), out, order)
    found = {path.name for path in (out / "class").iterdir()}
    assert found >= {"answers.txt", "answers-2.txt", "answers-3.txt", "grading-3.txt", "errors.txt", "answers.csv"}
    assert "errors-2.txt" not in found
    said = [(out / "class" / name).read_text() for name in ("answers.txt", "answers-2.txt", "answers-3.txt")]
    people = [[name for name in ("001", "002", "003", "004", "005") if name in text] for text in said]
    assert people == [["001"], ["002", "003"], ["004", "005"]]
    make(paper, anonymous(2), out, replace(order, courses=()))
    left = {path.name for path in (out / "class").iterdir()}
    assert left == {"answers.txt", "grading.txt", "errors.txt", "grading.csv"}


def test_files_for_the_class_of_other_people_do_not_stay(paper, out):
    order = replace(QUICK, courses=("answers",))
    make(paper, anonymous(2), out, order)
    other = replace(QUICK, formats=("markdown",))
    make(paper, anonymous(2), out, other)  # the same class in another format besides
    assert {"answers.txt", "answers.md", "answers.csv"} <= {path.name for path in (out / "class").iterdir()}
    assert again(paper, out, anonymous(2), formats=("markdown",)).made == []
    (out / "class/answers.txt").write_text("my remarks")
    make(paper, anonymous(3), out, other)
    names = {path.name for path in (out / "class").iterdir()}
    assert names == {"answers.md", "grading.md", "errors.md", "grading.csv", "answers.txt"}
    assert (out / "class/answers.txt").read_text() == "my remarks"
    before = contents(out)
    assert again(paper, out, anonymous(3), formats=("markdown",)).made == []
    assert contents(out) == before


def test_what_a_format_needs_is_told_before_there_is_a_folder(paper, out, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(ToolMissingError, match="pandoc is not installed"):
        make(paper, anonymous(1), out, replace(QUICK, formats=("docx",)))
    assert not out.exists()


def test_a_folder_for_the_class_that_is_not_ours(paper, out):
    (out / "class").mkdir(parents=True)
    (out / "class" / "answers.txt").write_text("mine")
    with pytest.raises(DeriveError, match="was not made by derive"):
        make(paper, anonymous(1), out, QUICK)
    assert (out / "class" / "answers.txt").read_text() == "mine"


def test_a_full_disk_is_told_and_what_was_done_is_kept(paper, out, monkeypatch):
    real = files.write_bytes

    def full(path, data):
        if path.name == "003-key.txt":
            raise OutputError(f"cannot write {path}: {os.strerror(errno.ENOSPC)}")
        return real(path, data)

    with monkeypatch.context() as patched:
        patched.setattr(files, "write_bytes", full)
        with pytest.raises(OutputError, match="No space left on device") as caught:
            make(paper, anonymous(4), out, QUICK)
        assert "--resume" in caught.value.hint
    assert list(records(out)) == ["001", "002"]
    report = again(paper, out, anonymous(4))
    assert (report.made, report.kept) == (["003", "004"], ["001", "002"])
    assert report.exit_code() == 0


def test_a_missing_tool_is_told_before_the_work(paper, out, monkeypatch):
    monkeypatch.setattr("derive.documents.pdf.tex_program", lambda: None)
    with pytest.raises(ToolMissingError):
        make(paper, anonymous(1), out, replace(QUICK, formats=("pdf",), options=_person.Options(engine="tex")))
    assert not out.exists()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs TeX")
@pytest.mark.slow
def test_pdfs_that_are_set_together_have_the_same_bytes_when_some_are_made_again(paper, out):
    order = replace(QUICK, formats=("pdf",), key=False, options=_person.Options(engine="tex"), workers=2)
    make(paper, anonymous(9), out, order)
    before = contents(out)
    assert all(before[f"{n:03}.pdf"].startswith(b"%PDF") for n in range(1, 10))
    (out / "005.pdf").unlink()
    report = make(paper, anonymous(9), out, replace(order, resume=True))
    assert "005" in report.made
    assert len(report.made) < 9
    assert contents(out) == before


@pytest.mark.slow
def test_pdfs_of_typst_have_the_same_bytes_each_time(paper, out):
    order = replace(QUICK, formats=("pdf",), options=_person.Options(engine="typst"))
    make(paper, anonymous(2), out, order)
    before = contents(out)
    issue(paper, "001", out, QUICK)
    assert contents(out) == before


def test_a_worker_with_another_derive_is_refused(paper):
    with pytest.raises(DeriveError, match="another version of derive"):
        _person.made_elsewhere(_person.Task(paper, engine="other"), [])


# --- what is kept --------------------------------------------------------------------------------


def test_what_is_kept_comes_back(paper):
    person = _person.Person(Student("a", "Ada"), "a")
    made, = _person.made(_person.Task(paper, ("text",)), [person])
    student, exercises = _papers.unpacked(made.papers, "")
    assert student == person.student
    assert exercises[0].variant == drawing.variant(paper, paper.items[0], student)


class _Evil:
    def __reduce__(self):
        return os.system, ("exit 1",)


@pytest.mark.parametrize("value", [_Evil(), os.system, subprocess.run, make, Path("x")])
def test_nothing_in_kept_files_is_executed(value):
    with pytest.raises(DeriveError, match="not a value of a worksheet"):
        _papers.unpacked(_papers.sealed([value], "x"), "x")


def test_the_papers_of_something_else_are_not_read():
    data = _papers.packed((Student("a"), ()), "x")
    assert _papers.unpacked(data, "x") == (Student("a"), ())
    for other, content in ((data, "y"), (data + b"1", "x"), (data[:-1], "x"), (b"", "x")):
        with pytest.raises(DeriveError, match="changed"):
            _papers.unpacked(other, content)


def test_kept_files_that_were_changed_are_not_used(paper, out):
    make(paper, anonymous(2), out, QUICK)
    (out / ".derive/papers/001").write_bytes(_papers.packed((Student("001"), ()), "other"))
    (out / "class/answers.txt").unlink()
    assert again(paper, out, anonymous(2)).made == ["001"]


@pytest.mark.parametrize(("a", "b"), [
    (("ab", "c"), ("a", "bc")), ((1,), ("1",)), ((["a"], "b"), (["a", "b"],)), ((None,), ("None",)),
    ((Student("a"),), (Student("b"),)), (({"x": 1},), ({"x": 2},)),
])  # fmt: skip
def test_different_things_have_different_digests(a, b):
    assert digest(*a) != digest(*b)


def test_the_order_of_a_table_is_no_difference():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


# --- killed in the middle ------------------------------------------------------------------------


MANY = 24
linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes as Linux shows them")


def command(out, *more):
    return [sys.executable, "-m", "derive", "worksheet", "make", str(out.parent / "parabolas.toml"), "--variants",
            str(MANY), "-o", str(out), "--format", "text,markdown", "--workers", "2", *more]


@contextlib.contextmanager
def started(out, *more):
    """A run of the program, when some are done and others are not; it does not outlive the block."""
    with subprocess.Popen(command(out, *more), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            end = time.monotonic() + 100
            path = out / "manifest.jsonl"
            while not path.exists() or path.read_bytes().count(b"\n") < 4:
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < end
                time.sleep(0.005)
            yield process
        finally:
            process.kill()


def finished(process):
    out, err = process.communicate(timeout=200)
    return process.returncode, out, err


def children(pid):
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


@pytest.mark.slow
def test_killed_in_the_middle_and_gone_on(paper, out, tmp_path):
    whole = make(paper, anonymous(MANY), tmp_path / "whole", replace(QUICK, formats=("text", "markdown"), workers=2))
    assert whole.exit_code() == 0
    with started(out) as process:
        process.send_signal(signal.SIGKILL)
        assert finished(process)[0] == -signal.SIGKILL
    expected = contents(tmp_path / "whole")
    for name, data in contents(out).items():  # nothing is there by half but under a name that says so
        assert name == "manifest.jsonl" or ".writing-" in name or data == expected[name]
    done = subprocess.run(command(out, "--resume", "--json"), capture_output=True, text=True, timeout=200, check=True)
    report = json.loads(done.stdout)
    assert len(report["kept"]) >= 3
    assert len(report["made"]) + len(report["kept"]) == MANY
    assert contents(out) == expected


@linux
@pytest.mark.slow
def test_a_killed_worker_loses_nothing(paper, out, tmp_path):
    make(paper, anonymous(MANY), tmp_path / "whole", replace(QUICK, formats=("text", "markdown"), workers=2))
    with started(out) as process:
        workers = [worker for server in children(process.pid) for worker in children(server)]
        assert workers
        os.kill(workers[0], signal.SIGKILL)
        code, _, err = finished(process)
    assert (code, err) == (0, "")
    assert contents(out) == contents(tmp_path / "whole")


@pytest.mark.slow
def test_a_second_run_into_the_folder_is_refused(paper, out):
    with opened(out, "parabolas.toml"):
        second = subprocess.run(command(out), capture_output=True, text=True, timeout=100, check=False)
    assert second.returncode == 2
    assert f"another run (process {os.getpid()}) is writing into" in second.stderr
    assert subprocess.run(command(out), capture_output=True, timeout=200, check=False).returncode == 0


@pytest.mark.slow
def test_interrupted_by_ctrl_c(paper, out):
    with started(out) as process:
        process.send_signal(signal.SIGINT)
        code, _, err = finished(process)
    assert code == 130
    assert "--resume goes on" in err
    assert "Traceback" not in err
