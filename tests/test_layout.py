"""The direction of things: who may import whom, and what stands at the top of the project."""

import ast
from pathlib import Path

import derive

PACKAGE = Path(derive.__file__).parent

# what may be imported by the modules of a folder (or by a single module), besides itself and Python's own
BASE = {"tree", "steps", "limits", "errors", "functions", "problem", "choices", "declarations"}
ALLOWED = {
    "tree": set(), "limits": set(), "errors": set(), "functions": set(),
    "choices": set(), "declarations": {"errors"},
    "steps": {"tree", "display"},
    "problem": {"tree", "steps"},
    "graph": {"tree", "steps", "limits", "errors"},
    "read": BASE,
    "write": BASE | {"read"},
    "pattern": {"tree", "read"},
    "rules": BASE | {"pattern", "rules"},
    "engine": BASE | {"pattern", "rules"},
    "distributions": BASE | {"read"},
    "verify": BASE | {"read", "write", "bounded", "graph", "distributions"},
    "numeric": BASE | {"read"},
}


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("derive"):
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {a.name.split(".")[1] for a in node.names if a.name.startswith("derive.")}
    return found


def _files(name: str) -> list[Path]:
    folder = PACKAGE / name
    return sorted(folder.glob("*.py")) if folder.is_dir() else [PACKAGE / f"{name}.py"]


def test_things_flow_one_way():
    wrong = {
        str(path.relative_to(PACKAGE)): sorted(_imports(path) - allowed - {name})
        for name, allowed in ALLOWED.items()
        for path in _files(name)
        if _imports(path) - allowed - {name}
    }
    assert not wrong


def test_the_verifier_knows_neither_rules_nor_kinds():
    for path in _files("verify"):
        assert not _imports(path) & {"rules", "kinds", "engine", "goals", "pattern", "solving", "limiting"}, path


def test_every_module_says_what_it_is():
    for path in PACKAGE.rglob("*.py"):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert docstring and docstring.strip(), f"{path} has no first paragraph"


def test_the_top_level_is_what_was_agreed():
    top = PACKAGE.parent
    if not (top / "pyproject.toml").exists():
        return
    folders = {p.name for p in top.iterdir() if p.is_dir() and not p.name.startswith(".")}
    built = {"build", "dist"} | {f for f in folders if f.endswith(".egg-info")}
    assert folders - built - {"__pycache__"} == {"derive", "templates", "problems", "output", "tests", "bench"}


def test_problems_are_nothing_but_problem_files_rosters_and_pictures_of_pages():
    problems = PACKAGE.parent / "problems"
    if problems.is_dir():
        kinds = {"worksheets": {".toml", ".csv"}, "pages": {".png"}}
        for folder in (problems, *filter(Path.is_dir, problems.rglob("*"))):
            found = {p.suffix for p in folder.iterdir() if p.is_file()}
            assert found <= kinds.get(folder.name, {".toml"}), folder
