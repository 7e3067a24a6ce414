import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from derive import api, choices
from derive.batch import Batch, Solved
from derive.cli import cli, main
from derive.errors import DeriveError, LimitError, RefutedError, ToolMissingError
from derive.read import problems
from derive.read.skeleton import problem_file
from derive.steps import Chain, Derivation, Status, Step, Verdict
from derive.tree import ONE
from derive.worksheet_cli import worksheet

GOOD = """title = "A power"
kind = "derivative"
[given]
function = 'f(x) = x^2'
figure = false
"""

SHEET = """title = "A sheet"
[[problem]]
title = "The square"
kind = "derivative"
[problem.given]
function = 'f(x) = x^2'
figure = false
[[problem]]
title = "The cube"
kind = "derivative"
[problem.given]
function = 'f(x) = x^3'
figure = false
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def wrote(place):
    return sorted(p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file())


def python(code, **more):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, **more)


# --- help ----------------------------------------------------------------------------------------

HELPS = [[], *([name] for name in cli.list_commands(click.Context(cli))),
         *(["worksheet", name] for name in worksheet.commands)]


@pytest.mark.parametrize("command", HELPS, ids=" ".join)
def test_help_fits_a_terminal_and_nothing_of_it_is_cut(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "\\b " not in shown  # click's mark of lines that stay as they are
    assert not [line for line in shown.splitlines() if line.startswith("  ") and line.endswith("...")]


# --- quick to start ------------------------------------------------------------------------------

HEAVY = ("sympy", "numpy", "scipy", "matplotlib", "flint", "rich", "jinja2", "typst", "lark", "derive.tree")


@pytest.mark.parametrize("code", ["import derive", "import derive.cli; derive.cli.main(['--help'])"])
def test_nothing_heavy_is_imported_before_it_is_needed(code):
    done = python(f"import sys; {code}; print([m for m in {HEAVY} if m in sys.modules])")
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_public_face():
    code = """
import derive.tree, derive.steps
from derive.steps import Step
import derive
assert callable(derive.steps) and callable(derive.solve), derive.steps
assert derive.Derivation.__name__ == "Derivation" and derive.Verdict.__name__ == "Verdict"
from derive import steps
import derive.api, derive.read.texts
from derive.read import texts
assert callable(steps) and callable(derive.steps) and callable(derive.equal) and callable(texts.read_text)
assert callable(derive.formula) and derive.formula("x").name == "x"
"""
    done = python(code)
    assert (done.returncode, done.stderr) == (0, "")


# --- the Python functions ------------------------------------------------------------------------


def test_solve_takes_a_file_a_text_and_a_problem(tmp_path):
    import derive

    path = tmp_path / "sheet.toml"
    path.write_text(SHEET)
    titles = ["The square", "The cube"]
    assert [d.title for d in derive.solve(path)] == titles
    assert [d.title for d in derive.solve(str(path))] == titles
    assert [d.title for d in derive.solve(SHEET)] == titles
    assert [d.title for d in derive.solve(problems.read_text(SHEET).problems[0])] == titles[:1]


def test_solve_refuses_a_sheet_with_a_mistake():
    with pytest.raises(DeriveError, match="unknown key"):
        api.solve(SHEET + "more = 1")


def test_a_derivation_shows_itself():
    bundle = api.steps(r"\frac{d}{dx} x^2")._repr_mimebundle_()
    assert "2x" in bundle["text/plain"]
    assert r"\begin{align*}" in bundle["text/latex"]
    assert "text/plain" in Verdict(Status.PROVED)._repr_mimebundle_()


@pytest.mark.parametrize(("expression", "kind"), [
    (r"\frac{d}{dx} x^2", "derivative"), (r"\frac{d^2}{dx^2} x^3", "derivative"),
    (r"x + \frac{d}{dx} x^2", "expression"),
    (r"\frac{x^2 - 1}{x - 1}", "expression"), ("(x+1)^2 = x^2 + 2x + 1", "identity"),
])
def test_what_an_expression_asks_for(expression, kind):
    assert api.problem_of(expression, None, (), {}, {}).kind == kind


def test_steps_reach_a_form_and_a_value():
    derivation = api.steps(r"\frac{d}{dx} \frac{1}{1+e^{-x}}", r"\sigma(x)(1-\sigma(x))", at={"x": 0})
    assert derivation.status() is Status.PROVED
    assert len(derivation.results) > 2


def test_slow_problems_are_stopped():
    start = time.monotonic()
    with pytest.raises(LimitError, match="The title: too slow"), api.bounded(0.05, "The title"):
        while time.monotonic() < start + 10:
            with_the_usual_care()
    with api.bounded(0.05, "quick"):
        pass
    time.sleep(0.1)
    assert signal.getitimer(signal.ITIMER_REAL) == signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_waiting_for_the_processor_is_not_work():
    start = time.monotonic()
    with api.bounded(0.2, "The title"):
        while time.monotonic() < start + 0.3:
            with_the_usual_care()


def with_the_usual_care():
    try:
        time.sleep(0.01)
    except Exception as error:
        raise AssertionError("an alarm must not look like an ordinary error") from error


# --- solve ---------------------------------------------------------------------------------------


def test_solving_a_file_writes_and_shows(place, capsys):
    (place / "power.toml").write_text(GOOD)
    assert main(["solve", "power.toml"]) == 0
    assert wrote(place / "output") == ["power/power.pdf", "power/power.tex"]
    out = capsys.readouterr().out
    for part in ("A power", "power rule", "output/power/power.tex", "1 problem, ", " proved"):
        assert part in out


def test_quiet_says_what_was_written(place, capsys):
    (place / "power.toml").write_text(GOOD)
    assert main(["solve", "power.toml", "-q", "-o", "there", "--format", "tex"]) == 0
    out = capsys.readouterr().out
    assert "power rule" not in out
    assert "there/power.tex" in out


def test_json_is_all_there_is_on_stdout(place, capsys):
    (place / "sheet.toml").write_text(SHEET)
    assert main(["solve", "sheet.toml", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["schema"] == "derive/1"
    assert [p["title"] for p in said["problems"]] == ["The square", "The cube"]
    assert {"title", "kind", "results", "steps", "verdicts", "files"} <= said["problems"][0].keys()
    assert wrote(place) == ["sheet.toml"]


def test_json_with_a_folder_names_the_files(place, capsys):
    (place / "power.toml").write_text(GOOD)
    assert main(["solve", "power.toml", "--json", "-o", "there", "--format", "tex"]) == 0
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert [Path(f).name for f in problem["files"]] == ["power.tex"]
    assert wrote(place / "there") == ["power.tex"]


def test_only_some_problems(place, capsys):
    (place / "sheet.toml").write_text(SHEET)
    assert main(["solve", "sheet.toml", "--json", "--only", "cube"]) == 0
    assert [p["title"] for p in json.loads(capsys.readouterr().out)["problems"]] == ["The cube"]
    assert main(["solve", "sheet.toml", "--json", "--only", "1"]) == 0
    assert [p["title"] for p in json.loads(capsys.readouterr().out)["problems"]] == ["The square"]
    assert main(["solve", "sheet.toml", "--only", "circle"]) == 2
    assert "The square" in capsys.readouterr().err


def test_several_files_get_a_folder_each(place):
    for name in ("a", "b"):
        (place / name).mkdir()
        (place / name / "power.toml").write_text(GOOD)
    assert main(["solve", "a/power.toml", "b", "-o", "out", "--format", "tex", "-q"]) == 0
    assert wrote(place / "out") == ["power-2/power.tex", "power/power.tex"]


def test_one_wrong_problem_does_not_keep_the_others(place, capsys):
    (place / "sheet.toml").write_text(SHEET.replace("'f(x) = x^3'", "'f(x) = x^3 +'"))
    assert main(["solve", "sheet.toml", "--format", "tex"]) == 5
    said = capsys.readouterr()
    assert "sheet.toml:12: function: " in said.err
    assert "1 problem" in said.out
    assert wrote(place / "output") == ["sheet/sheet.tex"]


def test_wrong_files_are_told_one_after_another(place, capsys):
    (place / "bad.toml").write_text("title = ")
    (place / "good.toml").write_text(GOOD)
    assert main(["solve", "bad.toml", "good.toml", "-q", "--format", "tex"]) == 5
    assert "bad.toml:1: this is not TOML" in capsys.readouterr().err
    assert wrote(place / "output") == ["good/good.tex"]


@pytest.mark.parametrize(("arguments", "says"), [
    (["solve"], "Missing argument"),
    (["solve", "nothing-of-that-name"], "there is no such file"),
    (["solve", "power.toml", "--format", "doc"], "'doc' is not one of"),
    (["solve", "power.toml", "-o", "power.toml"], "is a file"),
    (["solve", "power.toml", "-o", "power.toml/out"], "cannot write"),
    (["solve", "power.toml", "--engine", "word"], "word"),
    (["solve", "."], "no problem files"),
    (["steps", "x +"], "^"),
    (["steps", "x^2", "--at", "x"], "should look like"),
    (["steps", "x^2 = x^2", "--at", "x=1"], "not evaluated"),
    (["steps", "x^2", "--where", "x=postive"], 'did you mean "positive"'),
    (["steps", "x^2", "--where", "x + y < 1"], "no domain that can be declared"),
    (["notation", "x"], "unexpected extra argument"),
    (["new", "gradent"], "there is no kind"),
    (["frobnicate"], "No such command"),
])
def test_bad_usage_and_input(place, capsys, arguments, says):
    (place / "power.toml").write_text(GOOD)
    (place / "empty").mkdir()
    if arguments[-1] == ".":
        os.chdir("empty")
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert "Traceback" not in said.err


def test_a_missing_tool(place, capsys, monkeypatch):
    (place / "power.toml").write_text(GOOD)
    monkeypatch.setenv("PATH", str(place))
    assert main(["solve", "power.toml", "--engine", "tex", "-q"]) == 4
    assert "pdflatex is not installed" in capsys.readouterr().err
    assert wrote(place / "output") == ["power/power.tex"]


# --- what can happen on the way ------------------------------------------------------------------


@pytest.mark.parametrize(("raised", "code", "says"), [
    (KeyboardInterrupt(), 130, "interrupted"),
    (MemoryError(), 2, "too large"),
    (RecursionError(), 2, "too large"),
    (OSError(28, "No space left on device", "file"), 2, "file: No space left on device"),
    (ZeroDivisionError("oh\nmore"), 70, "error in derive itself (ZeroDivisionError: oh)"),
])
def test_no_traceback_whatever_happens(place, capsys, monkeypatch, raised, code, says):
    (place / "power.toml").write_text(GOOD)

    def fail(*arguments):
        raise raised

    monkeypatch.setattr(api, "solve_problem", fail)
    assert main(["solve", "power.toml"]) == code
    said = capsys.readouterr()
    assert says in said.err
    assert "Traceback" not in said.err
    assert wrote(place) == ["power.toml"]


def test_debug_shows_the_traceback(place, monkeypatch):
    (place / "power.toml").write_text(GOOD)
    monkeypatch.setattr(api, "solve_problem", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["--debug", "solve", "power.toml"])


def test_a_reader_that_goes_away():
    with subprocess.Popen(
        [sys.executable, "-m", "derive", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def derivation(status, title="T"):
    step = Step(ONE, ONE, "rule", verdict=Verdict(status))
    return Derivation(title, "derivative", (), (), (Chain((step,)),), ())


@pytest.mark.parametrize(("outcomes", "code"), [
    ([Status.PROVED], 0),
    ([Status.CHECKED, Status.ASSUMED], 0),
    ([Status.PROVED, Status.UNDECIDED], 3),
    ([Status.PROVED, Status.REFUTED], 1),
    ([Status.REFUTED, DeriveError("x")], 1),
    ([RefutedError("x")], 1),
    ([DeriveError("x")], 2),
    ([ToolMissingError("x"), DeriveError("x")], 4),
    ([Status.PROVED, DeriveError("x")], 5),
    ([Status.UNDECIDED, DeriveError("x")], 5),
])
def test_exit_codes(monkeypatch, outcomes, code):
    told = []
    batch = Batch(told.append)
    batch.solved.append(Solved(Path("x"), "x"))
    rest = iter(outcomes)

    def solve(problem, seconds):
        outcome = next(rest)
        if isinstance(outcome, Exception):
            raise outcome
        return derivation(outcome)

    monkeypatch.setattr(api, "solve_problem", solve)
    (problem,) = problems.read_text(GOOD).problems
    for _ in outcomes:
        batch.solve_problem(problem, batch.solved[0])
    assert batch.exit_code() == code
    assert len(told) == sum(o is Status.REFUTED or isinstance(o, Exception) for o in outcomes)


def test_a_refuted_step_is_told_and_nothing_is_written(place, capsys, monkeypatch):
    (place / "power.toml").write_text(GOOD)
    monkeypatch.setattr(api, "solve_problem", lambda *arguments: derivation(Status.REFUTED, "The wrong one"))
    assert main(["solve", "power.toml"]) == 1
    assert "The wrong one: a step is false" in capsys.readouterr().err
    assert wrote(place) == ["power.toml"]


def test_what_keeps_every_format_from_being_written_is_told_once(place, capsys):
    (place / "power.toml").write_text(GOOD)
    (place / "there").write_text("a file")
    assert main(["solve", "power.toml", "-q", "-o", "there/below", "--format", "json,text,tex"]) == 2
    assert capsys.readouterr().err.count("there/below") == 1


# --- steps, list, new ----------------------------------------------------------------------------


def test_steps(capsys):
    assert main(["steps", r"\frac{d}{dx} x^2"]) == 0
    assert "power rule" in capsys.readouterr().out
    assert main(["steps", r"\frac{d}{dx} x^2", "--tex"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(r"\begin{align*}")
    assert out.rstrip().endswith(r"\end{align*}")
    assert main(["steps", r"\frac{d}{dx} x^2", "--json", "--at", "x=3"]) == 0
    assert "6" in [r["sympy"] for r in json.loads(capsys.readouterr().out)["problems"][0]["results"]]


def test_what_is_known_of_the_letters(capsys):
    assert main(["steps", r"\frac{d}{dx} \log x", "--where", "x > 0", "--at", "x=2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["problems"][0]["context"]["domains"] == {"x": "positive"}


@pytest.mark.parametrize("arguments", [[], ["--markdown"]])
def test_the_notation(arguments, capsys):
    assert main(["notation", *arguments]) == 0
    out = capsys.readouterr().out
    assert r"\frac" in out
    assert r"\sum" in out


def test_a_false_equation(capsys):
    assert main(["steps", "(x+1)^2 = x^2 + 1"]) == 1
    assert capsys.readouterr().err


def test_list_names_every_kind_and_shipped_problem(capsys):
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    for kind in choices.names("kinds"):
        assert kind in out
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("kind", choices.names("kinds"))
def test_a_new_problem_can_be_solved_as_it_is(kind, capsys):
    assert main(["new", kind]) == 0
    text = capsys.readouterr().out
    assert text == problem_file(kind)
    assert [d.kind for d in api.solve(text)] == [kind]


def test_new_leaves_existing_files_alone(place, capsys):
    assert main(["new", "derivative", "-o", "mine.toml"]) == 0
    assert (place / "mine.toml").read_text() == problem_file("derivative")
    assert main(["new", "derivative", "-o", "mine.toml"]) == 2
    assert "exists" in capsys.readouterr().err


def test_a_saved_derivation_is_verified_again(place, capsys):
    (place / "power.toml").write_text(GOOD)
    assert main(["solve", "power.toml", "-q", "-o", ".", "--format", "json"]) == 0
    saved = place / "power.json"
    assert main(["verify", "power.json"]) == 0
    assert "A power: 1 step: 1 proved" in capsys.readouterr().out
    saved.write_text(saved.read_text().replace('"after": "2 x"', '"after": "3 x"'))
    assert main(["verify", "power.json"]) == 1
    out = capsys.readouterr().out
    assert "power rule: refuted" in out
    assert "left side" in out
    assert main(["verify", "power.toml"]) == 2
    assert main(["verify", "nothing.json"]) == 2
