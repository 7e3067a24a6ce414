"""The README is true: its Python runs, its problem file is solved, and the derivation it shows is what is printed."""

import re
from pathlib import Path

import pytest

import derive
from derive.documents._terminal import render

README = Path(derive.__file__).parent.parent / "README.md"

if not README.exists():
    pytest.skip("the README is not here", allow_module_level=True)

BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def block(language: str) -> str:
    return next(text for name, text in BLOCKS if name == language and "law(" not in text)


def test_the_problem_file_gives_the_derivation_that_is_shown(capsys):
    from rich.console import Console

    (done,) = derive.solve(block("toml"))
    console = Console(width=80, color_system=None, force_terminal=False)
    console.print(render(done, 80, "normal"))
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    for line in block("text").splitlines():
        assert not line.strip() or line.split() in printed, line


def test_the_python_runs_and_says_what_it_says(monkeypatch):
    monkeypatch.chdir(README.parent)
    names: dict[str, object] = {}
    exec(compile(block("python"), "README", "exec"), names)
    assert names["done"].verdicts()["proved"] == int(re.search(r"'proved': (\d+)", block("python")).group(1))


def test_every_kind_and_command_is_named():
    from derive import choices
    from derive.cli import cli

    text = README.read_text(encoding="utf-8")
    assert all(f"\n| `{kind}` |" in text for kind in choices.names("kinds"))
    assert all(f"`derive {name}" in text for name in cli.commands)
    assert all(f"\n| `{name}` |" in text for name in choices.names("documents"))


def test_the_notation_is_what_the_reader_says():
    from derive.read.notation import markdown
    from derive.write.text import text as shown

    written = re.search("<!-- notation -->\n(.*)\n<!-- /notation -->", README.read_text(encoding="utf-8"), re.DOTALL)
    assert written is not None
    assert written[1] == markdown(shown).rstrip()  # derive notation --markdown


def test_its_pictures_are_there():
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    assert pictures
    assert all((README.parent / picture).is_file() for picture in pictures)
