"""The verifier knows nothing of what makes the steps: not by its imports, not by the names in a saved file."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import derive
from derive.cli import main
from derive.documents.json import write
from derive.resources import problem_files
from derive.saved import load, reverify
from derive.steps import Status

PACKAGE = Path(derive.__file__).parent
MAKERS = ("derive.rules", "derive.kinds", "derive.engine", "derive.goals", "derive.pattern", "derive.solving",
          "derive.limiting", "derive.integrating", "derive.numeric", "derive.api", "derive.batch")  # fmt: skip
"""What makes steps, or knows what does."""


# --- by imports --------------------------------------------------------------------------------------------


def modules() -> dict[str, Path]:
    """Every module of the package by its name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = ("derive", *path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


@cache
def syntax(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


@cache
def imported(name: str) -> tuple[str, ...]:
    """What a module imports anywhere in its text, inside functions too: modules, and names in them."""
    found: list[str] = []
    for node in ast.walk(syntax(name)):
        match node:
            case ast.Import(names=names):
                found += (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                assert level == 0, f"{name} has a relative import"
                found += (part for alias in names for part in (module or "", f"{module}.{alias.name}"))
    return tuple(found)


def reached(start: str) -> set[str]:
    """The modules of the package that a module needs, whatever it imports included.

    The top of the package is not looked into: what its functions import when they are called is not needed.
    """
    seen: set[str] = set()
    stack = [start]
    while stack:
        name = stack.pop()
        if name not in seen and name in MODULES and name != "derive":
            seen.add(name)
            stack.extend(imported(name))
    return seen


VERIFIER = sorted(name for name in MODULES if name == "derive.verify" or name.startswith("derive.verify."))


def makers_in(names: set[str]) -> list[str]:
    return sorted(n for n in names if any(n == m or n.startswith(f"{m}.") for m in MAKERS))


@pytest.mark.parametrize("name", VERIFIER)
def test_the_verifier_reaches_nothing_that_makes_steps(name):
    assert not makers_in(reached(name))


@pytest.mark.parametrize("name", VERIFIER)
def test_the_verifier_does_not_use_the_top_of_the_package(name):
    """There ``derive.steps`` is a function that solves."""
    for node in ast.walk(syntax(name)):
        assert not (isinstance(node, ast.Name) and node.id == "derive")
        if isinstance(node, ast.ImportFrom) and node.module == "derive":
            assert not {alias.name for alias in node.names} & set(derive.__all__)


def test_the_walk_over_imports_would_find_them():
    assert "derive.rules.calculus" in makers_in(reached("derive.goals"))
    assert "derive.rules.slips" not in reached("derive.verify")
    assert {"derive.tree", "derive.steps", "derive.verify.field"} <= reached("derive.verify")
    assert len(VERIFIER) > 10


@pytest.mark.parametrize("name", VERIFIER)
def test_the_verifier_imports_nothing_by_a_computed_name(name):
    names = {node.id for node in ast.walk(syntax(name)) if isinstance(node, ast.Name)}
    assert not names & {"import_module", "__import__", "eval", "exec"}


def test_rules_do_not_ask_the_verifier():
    for name in MODULES:
        if name.startswith(("derive.rules", "derive.engine", "derive.goals")):
            assert not [n for n in reached(name) if n.startswith("derive.verify")], name


def test_steps_tell_the_verifier_no_rule():
    """The verdict on a step is asked for with both sides, the relation and the context, and nothing else."""
    from inspect import signature

    from derive.verify import verify_step

    assert list(signature(verify_step).parameters) == ["before", "after", "relation", "context"]
    for name in VERIFIER:
        attributes = {node.attr for node in ast.walk(syntax(name)) if isinstance(node, ast.Attribute)}
        assert "rule" not in attributes, name


# --- by saved files --------------------------------------------------------------------------------------------

NAMES = ["s2-6-2a-sigmoid-derivative", "gradient-descent-momentum", "identity-tanh-by-sigmoid", "log-base-two"]


def steps_of(data: Any) -> Iterator[dict[str, Any]]:
    """Every step of a saved file, finer ones included."""
    stack = [step for problem in data["problems"] for step in problem["steps"]]
    while stack:
        step = stack.pop()
        yield step
        stack.extend(step["steps"])


def saved(name: str, folder: Path) -> Path:
    """A shipped problem solved and written as JSON."""
    path = next(path for key, path in problem_files().items() if key.rpartition("/")[2] == name)
    return write("Sheet", derive.solve(path), folder, name)[0]


def changed(path: Path, **keys: str | None) -> Path:
    """The file with keys of every step replaced, or taken away where None is given."""
    data = json.loads(path.read_text(encoding="utf-8"))
    for step in steps_of(data):
        for key, value in keys.items():
            if value is None:
                del step[key]
            else:
                step[key] = value
    made = path.with_name(f"changed-{path.name}")
    made.write_text(json.dumps(data), encoding="utf-8")
    return made


def verdicts(path: Path) -> list[Any]:
    return [step.verdict for problem in reverify(path) for step in problem.derivation.all_steps()]


WITHOUT_MAKERS = """
import sys
for name in {makers!r}:
    sys.modules[name] = None  # to import it is an ImportError
from pathlib import Path
from derive.saved import reverify
for problem in reverify(Path({path!r})):
    print(problem.verdicts())
"""


def test_a_file_is_verified_where_nothing_that_makes_steps_can_be_imported(tmp_path):
    path = saved(NAMES[0], tmp_path)
    code = WITHOUT_MAKERS.format(makers=[m for m in MAKERS if m != "derive.batch"], path=str(path))
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=PACKAGE.parent)
    assert told.returncode == 0, told.stderr
    (problem,) = reverify(path)
    assert told.stdout.strip() == str(problem.verdicts()) and problem.verdicts()["proved"] > 5


@pytest.mark.parametrize("name", NAMES)
def test_without_the_names_of_the_rules_the_verdicts_are_the_same(name, tmp_path):
    path = saved(name, tmp_path)
    before = verdicts(path)
    assert before and all(v.status is Status.PROVED for v in before)
    assert verdicts(changed(path, rule=None, reason=None, verdict=None)) == before
    assert verdicts(changed(path, rule="", reason="")) == before
    assert verdicts(changed(path, rule="quotient rule", reason="Because.")) == before


def test_a_file_without_rules_is_verified_on_the_command_line(tmp_path, capsys):
    path = changed(saved(NAMES[0], tmp_path), rule=None, reason=None, verdict=None)
    assert main(["verify", str(path)]) == 0
    assert "proved" in capsys.readouterr().out
    assert not any(step.rule or step.reason for problem in load(path) for step in problem.derivation.all_steps())


TAMPERED = [(NAMES[0], " + 1"), (NAMES[0], r" + 10^{-12}"), (NAMES[2], r" \cdot 2"), (NAMES[3], " - x")]


@pytest.mark.parametrize(("name", "added"), TAMPERED)
def test_a_tampered_step_is_refuted_with_exit_code_1(name, added, tmp_path, capsys):
    path = changed(saved(name, tmp_path), rule=None, reason=None)
    data = json.loads(path.read_text(encoding="utf-8"))
    step = next(s for s in data["problems"][0]["steps"] if s["relation"] == "=")
    step["after"] = f"({step['after']}){added}"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert main(["verify", str(path)]) == 1
    said = capsys.readouterr().out
    assert "1 refuted" in said and "left side" in said and "right side" in said


def test_a_tampered_finer_step_is_refuted_though_the_line_is_true(tmp_path, capsys):
    path = changed(saved(NAMES[0], tmp_path), rule=None, reason=None)
    data = json.loads(path.read_text(encoding="utf-8"))
    fine = next(s for problem in data["problems"] for line in problem["steps"] for s in line["steps"])
    fine["after"] = f"({fine['after']}) + 1"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert main(["verify", str(path)]) == 1
    assert "1 refuted" in capsys.readouterr().out


def test_a_verdict_in_the_file_is_not_believed(tmp_path):
    path = saved(NAMES[3], tmp_path)
    data = json.loads(path.read_text(encoding="utf-8"))
    for step in steps_of(data):
        step["verdict"] = {"status": "refuted", "method": "number balls"}
    path.write_text(json.dumps(data), encoding="utf-8")
    assert main(["verify", str(path)]) == 0
