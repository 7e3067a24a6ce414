import json
import re
import shlex
from pathlib import Path

import pytest

import derive
from derive import api, questions
from derive.cli import main
from derive.errors import DeriveError
from derive.steps import Status
from derive.tree import Power, Symbol
from derive.tree import number as whole


@pytest.mark.parametrize(("a", "b", "known", "status"), [
    (r"\sigma(-x)", r"1 - \sigma(x)", {}, Status.PROVED),
    ("(a+b)^2", "a^2 + b^2", {}, Status.REFUTED),
    (r"\sqrt{x^2}", "x", {"where": "x > 0"}, Status.PROVED),
    (r"\sqrt{x^2}", "x", {"where": {"x": "positive"}}, Status.PROVED),
    (r"\sqrt{x^2}", "x", {"where": ["x real"]}, Status.REFUTED),
    ("f(2)", "4", {"define": "f(x) = x^2"}, Status.PROVED),
    ("g(2)", "5", {"define": ["f(x) = x^2", "g(x) = f(x) + 1"]}, Status.PROVED),
    ("s^2", "9", {"define": "s = 3"}, Status.PROVED),
    ("x_1 + x_2", "3", {"define": "x = (1, 2)"}, Status.PROVED),
    ("x_3", "3", {"define": "x = (1, 2)"}, Status.UNDECIDED),
    ("|x_i|", "x_i", {"where": "x_i > 0"}, Status.PROVED),
    (r"|x^{(i)}|", r"x^{(i)}", {"declare": r"x^{(i)} positive"}, Status.PROVED),
    (r"(W x)^\top", r"x^\top W^\top", {"where": "W matrix m x n, x vector n"}, Status.PROVED),
    ("f(x) + 1", "1 + f(x)", {"declare": "f function"}, Status.PROVED),
    ("e x", "x e", {"declare": "e real"}, Status.PROVED),
    ("x^2 + 1", "2x", {"relation": ">="}, Status.PROVED),
    ("x^2", "x", {"relation": r"\ge"}, Status.REFUTED),
    ("x = 2", "2x = 4", {"relation": "<=>"}, Status.PROVED),
    ("x(x + 1) = x^2 + x", None, {}, Status.PROVED),
    ("x^2 >= 0", None, {}, Status.PROVED),
])
def test_verdicts(a, b, known, status):
    assert derive.equal(a, b, **known).status is status


def test_nodes_as_well_as_texts():
    x = Symbol("x")
    assert derive.equal(Power(x, whole(2)), "x x").status is Status.PROVED
    assert derive.formula("x^2") == Power(x, whole(2))
    assert derive.formula("f(x)", declare="f function").name == "f"


def test_what_it_needs_and_the_counter_example():
    verdict = derive.equal(r"\frac{x^2 - 1}{x - 1}", "x + 1")
    assert verdict.condition
    verdict = derive.equal("(a+b)^2", "a^2 + b^2")
    assert {name for name, _ in verdict.witness.point} == {"a", "b"}
    assert verdict.witness.left != verdict.witness.right


# --- conditions that no domain can say --------------------------------------------------------------------


def answered(a, b, where, relation="="):
    return questions.answer(questions.question(a, b, where=where, relation=relation))


@pytest.mark.parametrize(("a", "b", "where", "relation"), [
    ("|x - y|", "x - y", "x > y", "="), ("|x - y|", "y - x", r"x \le y", "="),
    ("n^2", "n", "n integer, n >= 2", ">"), ("x + y", "y + x", "x + y < 1", "="),
])
def test_a_proof_under_such_a_condition(a, b, where, relation):
    verdict = answered(a, b, where, relation)
    assert (verdict.status, verdict.condition) == (Status.PROVED, ())


@pytest.mark.parametrize(("a", "b", "where", "holds"), [
    ("x", "y", "x + y < 1", lambda x, y: x + y < 1), ("|x - y|", "y - x", "x > y", lambda x, y: x > y),
    ("x y", "y", "x > 3 y", lambda x, y: x > 3 * y), ("x^2 y", "y x", "x != 1, y > x", lambda x, y: x != 1 and y > x),
])
def test_a_counter_example_is_one_where_the_condition_holds(a, b, where, holds):
    verdict = answered(a, b, where)
    assert verdict.status is Status.REFUTED
    assert holds(**{name: float(value) for name, value in verdict.witness.point})


def test_a_condition_may_apply_what_is_declared():
    verdict = derive.equal("|f(x)|", "f(x)", declare="f function", where="f(x) > 0")
    assert verdict.status is not Status.REFUTED


def test_without_one_nothing_is_claimed():
    verdict = answered("|x + y - z - w|", "x + y - z - w", "x + y > z + w")
    assert verdict.status is Status.UNDECIDED
    assert "false without the condition" in verdict.detail


def test_a_condition_that_is_granted_is_not_asked_for():
    assert answered(r"\frac{x - 1}{x - 1}", "1", r"x \ne 1").status is Status.PROVED


# --- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "known", "says"), [
    (("x +", "1"), {}, "^"), (("x", None), {}, "nothing to compare it with"), (("a = b = c", None), {}, "a chain"),
    (("x", "1"), {"relation": "~"}, "the relation '~' is not known"), (("x", "1"), {"define": "3"}, "defines nothing"),
    (("x", "1"), {"define": "x^2"}, "defines nothing"), (("x", "1"), {"where": "x > 0, x < -1"}, "contradicts"),
    (("C(1, 2)", "1"), {"declare": "C real"}, 'C is declared "real" (--declare C real)'),
    (("x", "1"), {"define": "x = -1", "where": "x > 0"}, "x is defined as -1 here, but declared"),
    (("x", "1"), {"define": ["f(x) = x", "f(x) = 2x"]}, "f is defined here, and in another way"),
    (("x", "1"), {"define": r"W = \begin{bmatrix} 1 & 2 \end{bmatrix}", "declare": "W matrix 2x2"}, "1 row"),
    (("x", "1"), {"where": {"x": "positve"}}, 'did you mean "positive"'),
])
def test_refusals(arguments, known, says):
    with pytest.raises(DeriveError) as refusal:
        api.equal(*arguments, **known)
    assert says in str(refusal.value)


# --- the command ------------------------------------------------------------------------------------------


def test_the_command_shows_statement_verdict_and_counter_example(capsys):
    assert main(["equal", "(a+b)^2", "a^2+b^2", "--where", "a > 0"]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "  (a + b)² = a² + b²"
    assert out[1] == "  for a positive"
    assert out[3] == "✗ refuted (number balls)"
    assert [line.split()[0] for line in out[5:]] == ["a", "b", "left", "right"]


@pytest.mark.parametrize(("arguments", "code"), [
    (["x + x", "2x"], 0), (["x", "2x"], 1), (["x +", "2x"], 2), (["x", "2x", "--where", "x >"], 2), (["x"], 2),
    (["|x + y - z - w|", "x + y - z - w", "--where", "x + y > z + w"], 3), (["-x", "-x"], 0), (["x = x", "--josn"], 2),
    (["x", "x", "x"], 2),
])
def test_exit_codes(arguments, code, capsys):
    assert main(["equal", *arguments]) == code
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    assert bool(said.out) == (code != 2)


def test_eighty_columns(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    left = " + ".join(rf"\frac{{1}}{{1 + e^{{-{k}x}}}}" for k in range(1, 9))
    right = "8 - " + " - ".join(rf"\frac{{1}}{{1 + e^{{{k}x}}}}" for k in range(1, 9))
    for arguments in (["equal", left, right], ["equal", left, right + "+ 1"], ["read", left]):
        main([*arguments, "--where", "x > 0"])
        assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_json(capsys):
    assert main(["equal", r"\sqrt{x^2}", "x", "--where", "x > -1, x + y < 1", "--define", "f(x) = x", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["schema"] == "derive/equal/1"
    assert said["domains"] == {"x": "(-1, inf)"}
    assert said["conditions"] == ["x + y < 1"]
    assert said["definitions"] == ["f(x) = x"]
    assert said["verdict"]["status"] == "refuted"
    assert set(said["verdict"]["witness"]["point"]) == {"x", "y"}


def test_how_a_formula_is_read(capsys):
    formula = r"C(x) = \sum_{i=1}^n x_i \sigma(w) e^{y}"
    assert main(["read", formula, "--declare", "C: function", "--where", "y > 0"]) == 0
    out = capsys.readouterr().out
    told = {line.split()[0]: line.split(maxsplit=1)[1] for line in out.split("names\n")[1].splitlines()[:9] if line}
    assert told["C"] == "a function"
    assert told["y"] == "positive"
    assert told["i"] == "the index of a sum"
    assert told["n"] == "a positive integer"
    assert told["σ"] == "logistic function"
    assert told["e"].startswith("the constant")
    assert "  Relation =\n    Call C\n      Symbol x\n    SumOver\n" in out


def test_how_a_formula_is_read_as_json(capsys):
    from derive.saved import unpack

    assert main(["read", r"\frac{1}{x}", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["schema"], said["text"], said["sympy"]) == ("derive/read/1", "1/x", "1/x")
    assert unpack(said["tree"]) == derive.formula(r"\frac{1}{x}")
    assert said["names"] == [{"name": "x", "meaning": "a real number"}]


def test_a_formula_that_is_not_read(capsys):
    assert main(["read", r"\frac{1}{x"]) == 2
    assert main(["read", "x", "--reader", "latex2sympy2", "--where", "x > 0"]) == 2
    assert "knows no declarations" in capsys.readouterr().err


@pytest.mark.parametrize(("formula", "name", "meaning"), [
    (r"\|w\|_2^2", "w", "a vector or a matrix"), (r"x^\top y", "x", "a vector or a matrix"),
    (r"\mathbb{E}_{x \sim p}[x]", "p", "a density"), (r"\mathbb{E}_{x \sim p}[x]", "x", "a random quantity"),
    (r"\mathrm{KL}(p \| q)", "q", "a density"), (r"\int_0^1 t\,dt", "t", "the variable of an integral"),
])
def test_what_a_name_is_taken_for_by_its_place(formula, name, meaning, capsys):
    assert main(["read", formula, "--json"]) == 0
    assert {"name": name, "meaning": meaning} in json.loads(capsys.readouterr().out)["names"]


def test_the_other_reader_is_shown_and_not_believed(capsys, monkeypatch):
    from derive import latex2sympy

    monkeypatch.setattr(latex2sympy, "missing", lambda: "latex2sympy2 is not installed")
    assert main(["read", "x^2", "--reader", "latex2sympy2"]) == 4
    assert "pip install" in capsys.readouterr().err
    wrong = latex2sympy.Reading(derive.formula("x + 1"), "x + 1")
    monkeypatch.setattr(latex2sympy, "read", lambda written: wrong)
    assert main(["read", "x + 2", "--reader", "latex2sympy2"]) == 0
    assert "derive reads x + 2 (not the same)" in capsys.readouterr().out
    assert main(["read", "1 + x", "--reader", "latex2sympy2"]) == 0
    assert "derive reads the same" in capsys.readouterr().out


def test_a_file_with_formulas(tmp_path, capsys):
    path = tmp_path / "work.md"
    path.write_text("Let $f(x) = x^2$.\n\n$$ f(2)\n= 4 $$\n\n$$ = \\frac{1 $$\n", encoding="utf-8")
    assert main(["read", str(path)]) == 5
    out = capsys.readouterr().out.splitlines()
    assert out[0].split() == ["1:6", "f(x)", "=", "x²"]
    assert out[1].split() == ["3:4", "f(2)", "=", "4"]
    assert out[2].split()[:3] == ["6:6", "not", "read:"]
    assert out[-1] == "3 lines in 3 formulas: 2 read, 1 not read"
    assert main(["read", str(path), "--json"]) == 5
    said = json.loads(capsys.readouterr().out)
    assert [line["chain"] for line in said["lines"]] == [1, 2, 2]
    assert said["lines"][2]["error"]["line"] == 6


@pytest.mark.parametrize(("content", "code", "says"), [
    (b"\xff\xfe", 2, "not UTF-8"), (None, 2, "no such file"), (b"$x$", 0, ""), (b"nothing", 0, ""), (b"$$ x", 2, ""),
])
def test_files_that_cannot_be_read(tmp_path, capsys, content, code, says):
    path = tmp_path / "work.tex"
    if content is not None:
        path.write_bytes(content)
    assert main(["read", str(path)]) == code
    assert says in capsys.readouterr().err


README = Path(derive.__file__).parent.parent / "README.md"


@pytest.mark.skipif(not README.exists(), reason="the README is not here")
def test_the_readme_shows_what_the_command_says(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    shown = re.findall(r"```console\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    runs = [run for block in shown for run in block.split("$ derive ")[1:]]
    assert runs
    for run in runs:
        command, _, printed = run.partition("\n")
        main(shlex.split(command))
        assert capsys.readouterr().out == printed
