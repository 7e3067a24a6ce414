"""The commands of worksheets: what they print, what they refuse, what they end with."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib

import pytest

from derive import choices, limits, resources
from derive.cli import main
from derive.steps import Status
from derive.worksheets import drawing
from tests.worksheets.classes import ROSTER, SHEET, contents
from tests.worksheets.test_making import with_verdict


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to run in, with a sheet and a class."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "week.toml").write_text(SHEET)
    (tmp_path / "class.csv").write_text(ROSTER)
    return tmp_path


def run(*arguments):
    return main(["worksheet", *arguments])


def make(*arguments):
    return run("make", "week.toml", "--workers", "0", "--format", "text", *arguments)


# --- quick to start ------------------------------------------------------------------------------


def test_help_imports_nothing_heavy():
    heavy = ("sympy", "numpy", "scipy", "matplotlib", "flint", "rich", "jinja2", "typst", "distributed", "derive.tree")
    shown = f"print([m for m in {heavy} if m in sys.modules])"
    code = f"import sys, derive.cli; derive.cli.main(['worksheet', '--help']); {shown}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_group_is_among_the_commands(capsys):
    assert main(["--help"]) == 0
    assert "worksheet" in capsys.readouterr().out
    for command in ("new", "list", "check", "make", "issue"):
        assert run(command, "--help") == 0
        shown = capsys.readouterr().out
        assert max(map(len, shown.splitlines())) <= 80


# --- new and list --------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_new_sheet_is_a_sheet_that_can_be_made(place, capsys):
    assert run("new") == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 85
    table = tomllib.loads(text)
    assert table["item"][0]["mode"] in choices.names("worksheets.modes")
    assert run("new", "-o", "week.toml") == 2  # there is one already
    assert run("new", "-o", "new.toml") == 0
    assert run("check", "new.toml", "--variants", "3", "--workers", "0") == 0


def test_a_new_sheet_has_a_comment_on_every_key(capsys):
    from derive.worksheets import sheets
    from derive.worksheets.draws import DRAWS

    run("new")
    text = capsys.readouterr().out
    for key in (*sheets.KEYS, *sheets.ROSTER_KEYS, *sheets.ITEM_KEYS, *choices.names("worksheets.modes"), *DRAWS):
        assert key in text


def test_what_there_is(capsys):
    assert run("list") == 0
    shown = capsys.readouterr().out
    for name in (*choices.names("worksheets.modes"), "integers", "cost falls", "worksheet-3"):
        assert name in shown
    assert max(map(len, shown.splitlines())) <= 80


# --- check ---------------------------------------------------------------------------------------


def check(*arguments):
    return run("check", "week.toml", "--workers", "0", *arguments)


def test_a_good_sheet(place, capsys):
    assert check("--roster", "class.csv") == 0
    shown = capsys.readouterr().out
    assert "Parabolas: 3 of 3 worksheets can be handed out" in shown
    assert "No two have the same numbers" in shown
    assert "Most work: s" in shown
    assert "24 steps: 24 proved" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert contents(place).keys() == {"week.toml", "class.csv"}


def test_a_sample_is_the_same_each_time(place, capsys):
    assert check("--variants", "40", "--sample", "3", "--json") == 0
    first = json.loads(capsys.readouterr().out)
    assert check("--variants", "40", "--sample", "3", "--json") == 0
    assert json.loads(capsys.readouterr().out) == first
    assert first["checked"] == len(first["made"]) == 3


def test_twins_and_draws_that_were_refused(place, capsys):
    text = SHEET.replace("[2, 900]", "[2, 3]").replace("[1, 900]", "[1, 2]")
    (place / "week.toml").write_text(text + "[item.when]\napart = 'a != b'\n")
    assert check("--variants", "8", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert sum(map(len, found["same"])) >= 6  # eight people and three pairs of numbers
    item, = found["items"]
    assert item["refused"] == item["draws"] - 8 > 0
    assert item["steps"]["least"] <= item["steps"]["median"] <= item["steps"]["most"]
    assert found["worst"]["steps"]["size"] == item["steps"]["most"]
    assert check("--variants", "8") == 0
    assert "share all their numbers" in capsys.readouterr().out


def test_nothing_is_drawn(place, capsys):
    (place / "week.toml").write_text(SHEET.split("[item.draw]")[0])
    assert check("--variants", "2") == 0
    assert "Nothing is drawn" in capsys.readouterr().out


@pytest.mark.parametrize(("status", "more", "code"), [
    (Status.UNDECIDED, (), 3), (Status.UNDECIDED, ("--accept",), 0), (Status.REFUTED, (), 1),
    (Status.REFUTED, ("--accept",), 1), (Status.CHECKED, (), 0),
])  # fmt: skip
def test_what_is_not_verified_is_not_released(place, capsys, monkeypatch, status, more, code):
    monkeypatch.setattr(drawing, "variant", with_verdict(status, "s2"))
    assert check("--roster", "class.csv", *more) == code
    shown = capsys.readouterr()
    assert ("not released" in shown.out) is (code != 0)
    assert ("s2 Grace Hopper: slope: 1 step" in shown.err) is (code != 0)


def test_a_condition_that_never_holds_is_told_once(place, capsys, monkeypatch):
    monkeypatch.setattr(limits, "WORKSHEET_TRIES", 50)
    (place / "week.toml").write_text(SHEET + "[item.when]\nnever = 'a > 1000'\n")
    assert check("--variants", "20") != 0
    shown = capsys.readouterr()
    assert shown.err.count("never") == 1 and "001, 002, 003" in shown.err
    assert "Not tried: 14 other students" in shown.err
    assert check("--variants", "20", "--json") != 0
    assert json.loads(capsys.readouterr().out)["untried"] == 14


def test_a_condition_that_never_holds_is_told_once_by_make_too(place, capsys, monkeypatch):
    monkeypatch.setattr(limits, "WORKSHEET_TRIES", 50)
    (place / "week.toml").write_text(SHEET + "[item.when]\napart = 'a > 100'\nnever = 'a > 1000'\n")
    assert make("--variants", "200", "-o", "out") == 2
    shown = capsys.readouterr()
    assert shown.err.count('the condition "never" (a > 1000) failed in') == 1
    assert "001, 002, 003, 004, 005, 006; for instance 001: slope: no numbers" in shown.err
    assert "Not tried: 194 other students; so far all failed for the same reason" in shown.err
    assert "Wrote" not in shown.out
    assert make("--variants", "200", "-o", "out", "--json") == 2
    found = json.loads(capsys.readouterr().out)
    assert (found["untried"], len(found["failures"])) == (194, 6)


def test_words_about_other_numbers_are_told(place, capsys):
    text = SHEET.replace('kind = "derivative"', 'kind = "derivative"\ntext = "Differentiate at 3."')
    text = text.replace("figure = false", "figure = false\nat = [3]") + "at = {points = 1, in = [4, 9]}\n"
    (place / "week.toml").write_text(text)
    assert check("--variants", "3") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert 'Please look at slope: its text says "3", which was the value of at' in shown
    assert check("--variants", "3", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["remarks"]) == 1


# --- make and issue ------------------------------------------------------------------------------


def test_a_class(place, capsys):
    assert make("--roster", "class.csv", "-o", "out") == 0
    shown = capsys.readouterr().out
    assert "Wrote 3 worksheets into out" in shown
    assert "out/class/answers.txt" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "Emmy Noether" in (place / "out/s3.txt").read_text()
    assert make("--roster", "class.csv", "-o", "out", "--resume") == 0
    assert "3 worksheets had nothing to do" in capsys.readouterr().out


def test_going_on_takes_the_options_of_then(place, capsys):
    order = ("--variants", "2", "-o", "out", "--workers", "0")
    assert run("make", "week.toml", *order, "--format", "text,markdown", "--course", "answers", "--no-key") == 0
    before = contents(place / "out")
    (place / "out/001.md").unlink()
    assert run("make", "week.toml", *order, "--resume") == 0
    assert contents(place / "out") == before
    assert run("make", "week.toml", *order, "--resume", "--key", "--format", "text") == 0
    found = contents(place / "out").keys() - before.keys()
    assert {"001-key.txt", "class/answers.txt"} <= found and not any(name.endswith((".md", ".pdf")) for name in found)
    capsys.readouterr()
    assert run("make", "week.toml", *order[:3], "fresh", "--workers", "0", "--format", "text", "--resume") == 0


def test_where_it_goes_without_being_told(place):
    assert make("--variants", "1") == 0
    assert (place / "output/week/001.txt").exists()


def test_bad_lines_of_the_roster_are_told_and_the_others_are_done(place, capsys):
    (place / "class.csv").write_text("id,name\na,Ada\n,Nobody\na,Twin\nb,Bob\n")
    assert make("--roster", "class.csv", "-o", "out", "--json") == 5
    found = json.loads(capsys.readouterr().out)
    assert found["made"] == ["a", "b"]
    assert [row.split(": ")[0] for row in found["rows"]] == ["class.csv:3", "class.csv:4"]
    assert make("--roster", "class.csv", "-o", "out") == 5
    assert "class.csv:4" in capsys.readouterr().err


def test_one_is_issued_again(place, capsys):
    make("--roster", "class.csv", "-o", "out")
    before = contents(place / "out")
    (place / "out/s2.txt").unlink()
    assert run("issue", "week.toml", "s2", "-o", "out", "--workers", "0") == 0
    assert contents(place / "out") == before
    assert run("issue", "week.toml", "s9", "-o", "out") == 2
    assert "nobody with the id s9" in capsys.readouterr().err
    (place / "class.csv").write_text(ROSTER.replace("Grace", "G."))
    assert run("issue", "week.toml", "s2", "-o", "out", "--workers", "0", "--roster", "class.csv") == 0
    assert "G. Hopper" in (place / "out/s2.txt").read_text()


def test_a_style_of_ones_own(place, capsys):
    (place / "own").mkdir()
    template = place / "own/mine.html.j2"
    template.write_text("((* extends 'document.html.j2' *))")
    (place / "week.toml").write_text('style = "mine"\n' + SHEET)
    order = ("make", "week.toml", "--workers", "0", "--format", "html", "--variants", "1", "-o", "out")
    assert run(*order) == check() == 2
    assert capsys.readouterr().err.count("a style of your own comes with --template DIR") == 2
    assert not (place / "out").exists()
    assert run(*order, "--template", "own") == check("--variants", "1", "--template", "own") == 0
    before = contents(place / "out")
    (place / "out/001.html").unlink()
    assert run("issue", "week.toml", "001", "-o", "out", "--workers", "0") == 0
    assert contents(place / "out") == before
    template.write_text("((* extends 'document.html.j2' *))((* block nothing *))((* endblock *))")
    assert check("--template", "own") == 2
    assert "there is no block 'nothing' to replace" in capsys.readouterr().err


FOREIGN = "id,name\ns1,Ada\ns2,李小龙\ns3,Иван\ns4,王伟\n"


def test_names_that_no_font_has_are_told_before_and_after(place, capsys):
    """Once, on stderr, and as JSON among the remarks; where nothing is printed in a font there is nothing to tell."""
    told = ("the fonts do not have letters for s2 李小龙 (李, 小, 龙), s4 王伟 (王, 伟); "
            "they are printed as [U+674E], [U+5C0F], [U+9F99], [U+738B], [U+4F1F]")
    (place / "class.csv").write_text(FOREIGN, encoding="utf-8")
    assert run("check", "week.toml", "--roster", "class.csv", "--workers", "0") == 0
    assert capsys.readouterr().err == f"note: {told}\n"
    assert run("check", "week.toml", "--roster", "class.csv", "--workers", "0", "--json") == 0
    assert told in json.loads(capsys.readouterr().out)["remarks"]
    assert make("--roster", "class.csv", "-o", "text") == 0
    assert not capsys.readouterr().err
    (place / "class.csv").write_text("id,name\ns1,Ada\n", encoding="utf-8")
    assert run("check", "week.toml", "--roster", "class.csv", "--workers", "0") == 0
    assert not capsys.readouterr().err


@pytest.mark.slow
def test_what_the_pages_do_not_show_is_told_once_for_a_class(place, capsys):
    (place / "class.csv").write_text(FOREIGN, encoding="utf-8")
    (place / "own").mkdir()
    (place / "own" / "document.tex.j2").write_text('((* extends "derive/document.tex.j2" *))')
    asked = ("make", "week.toml", "--roster", "class.csv", "--template", "own", "--workers", "1", "--json")
    assert run(*asked, "--format", "pdf", "--engine", "typst", "-o", "typst") == 0
    shown = capsys.readouterr()
    notes = [line.removeprefix("note: ") for line in shown.err.splitlines()]
    assert notes == json.loads(shown.out)["remarks"]
    assert notes[0] == "the template has no document.typ.j2; PDFs by Typst have derive's own look"
    assert len(notes) == 2 and "s2 李小龙 (李, 小, 龙), s4 王伟 (王, 伟)" in notes[1] and "Иван" not in notes[1]
    assert run(*asked, "--format", "tex", "-o", "tex") == 0
    (note,) = json.loads(capsys.readouterr().out)["remarks"]
    assert "s2 李小龙 (李, 小, 龙), s3 Иван (И, в, а, н), s4 王伟" in note


def test_names_do_nothing_to_the_terminal(place, capsys):
    (place / "class.csv").write_text("id,name\n\x1b[31mred,Ada\nb\u202e,\u202eBob\n")
    (place / "week.toml").write_text(SHEET.replace("b = {integers = [1, 900]}", 'b = {column = "name"}'))
    make("--roster", "class.csv", "-o", "out")
    shown = capsys.readouterr()
    assert "\x1b" not in shown.err + shown.out
    assert "\u202e" not in shown.err + shown.out


@pytest.mark.parametrize(("arguments", "said"), [
    (("make", "week.toml"), "for whom?"),
    (("make", "week.toml", "--roster", "class.csv", "--variants", "3"), "exclude each other"),
    (("make", "week.toml", "--variants", "3", "--format", "docs"), "'docs' is not one of"),
    (("make", "week.toml", "--variants", "3", "--course", "none"), "'none' is not one of"),
    (("make", "week.toml", "--variants", "3", "--format", ","), "names nothing"),
    (("make", "none.toml", "--variants", "3"), "none.toml"),
    (("make", "week.toml", "--variants", "3", "--style", "slides"), "write style = 'slides' at the head of its file"),
    (("make", "week.toml", "--roster", "none.csv"), "none.csv"),
    (("check", "week.toml", "--variants", "0"), "--variants"),
    (("issue", "week.toml", "s1", "-o", "nowhere"), "there are no worksheets in nowhere"),
])  # fmt: skip
def test_bad_usage(place, capsys, arguments, said):
    assert run(*arguments) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""
    assert contents(place).keys() == {"week.toml", "class.csv"}


def test_every_mistake_of_a_sheet_is_told(place, capsys):
    (place / "week.toml").write_text(SHEET.replace("points = 2", 'points = "x"\nversion = 0'))
    assert make("--variants", "1", "-o", "out") == 2
    shown = capsys.readouterr().err
    assert "week.toml:6" in shown
    assert "week.toml:7" in shown
    assert not (place / "out").exists()


def test_without_the_library_a_cluster_is_a_missing_tool(place, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert make("--variants", "1", "-o", "out", "--scheduler", "tcp://127.0.0.1:1") == 4
    assert "derive[cluster]" in capsys.readouterr().err


@pytest.mark.slow
def test_the_same_with_processes(place, capsys):
    assert run("make", "week.toml", "--variants", "4", "--workers", "2", "--format", "text", "-o", "two") == 0
    assert make("--variants", "4", "-o", "one") == 0
    assert contents(place / "one") == contents(place / "two")


@pytest.mark.slow
def test_the_shipped_sheet_with_every_mode_is_made_for_the_shipped_roster(tmp_path, capsys):
    """The command of the README, in text; every step proved, and a sheet and a key for each of the roster."""
    roster = resources.worksheets() / "class.csv"
    ids = [line.partition(",")[0] for line in roster.read_text(encoding="utf-8").splitlines()[1:]]
    order = ("make", "all-modes", "--roster", str(roster), "-o", str(tmp_path / "all"), "--format", "text")
    assert run(*order, "--workers", "0") == 0
    names = {f"{name}{kind}.txt" for name in ids for kind in ("", "-key")}
    assert {path.name for path in (tmp_path / "all").glob("*.txt")} == names
    shown = capsys.readouterr().out
    assert f"Wrote {len(ids)} worksheets" in shown and re.search(r"([\d,]+) steps: \1 proved", shown)
