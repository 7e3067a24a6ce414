"""Where the text files that come with derive are: document templates, shipped problems, shipped worksheets.

In a checkout they are the folders ``templates/`` and ``problems/`` beside the package; in an installed
wheel they travel inside it under ``derive/_data``. Documents ask for templates, the command line for
problems. A new shipped file needs nothing here.
"""

from __future__ import annotations

from pathlib import Path

from derive.errors import DeriveError

_PACKAGE = Path(__file__).resolve().parent
WORKSHEETS = "worksheets"  # a folder of problems/, apart from the problems that can be solved as they are
_PLACES = (_PACKAGE / "_data", _PACKAGE.parent)


def folder(name: str) -> Path:
    """The folder ``templates`` or ``problems``. Raises :class:`DeriveError` when it did not come along."""
    for place in _PLACES:
        if (place / name).is_dir():
            return place / name
    raise DeriveError(f"derive's folder '{name}' is missing", "install derive again; its files are incomplete")


def template(name: str) -> str:
    """The text of a document template, for instance ``document.tex.j2``."""
    try:
        return (folder("templates") / name).read_text(encoding="utf-8")
    except OSError as error:
        raise DeriveError(f"the template '{name}' is missing", "install derive again") from error


def problem_files() -> dict[str, Path]:
    """The shipped problem files by name (``sheets/s0-gradient-descent``), in order; none of those of worksheets."""
    top = folder("problems")
    found = sorted(path for path in top.rglob("*.toml") if path.parent != top / WORKSHEETS)
    return {path.relative_to(top).with_suffix("").as_posix(): path for path in found}


def worksheets() -> Path:
    """The folder of the shipped worksheets: sheet files, problems with letters that are drawn, and a roster."""
    return folder("problems") / WORKSHEETS


def problem_file(name: str) -> Path | None:
    """A shipped problem by its name, with or without its folder and ``.toml``; None when there is none."""
    wanted = name.removesuffix(".toml")
    files = problem_files()
    if wanted in files:
        return files[wanted]
    matches = [path for path in files.values() if path.stem == wanted]
    return matches[0] if len(matches) == 1 else None
