"""A small class and its sheet, which are made quickly."""

from __future__ import annotations

from pathlib import Path

from derive.worksheets.making import Order
from derive.worksheets.model import Worksheet
from derive.worksheets.sheets import read_sheet

SHEET = r"""
title = "Parabolas"
seed = "test"
[[item]]
id = "slope"
points = 2
mode = "blank"
[item.problem]
title = "A slope"
kind = "derivative"
[item.problem.given]
function = 'f(x) = a x^2 + b'
figure = false
[item.draw]
a = {integers = [2, 900]}
b = {integers = [1, 900]}
"""

ROSTER = """id,name
s1,Ada Lovelace
s2,Grace Hopper
s3,Emmy Noether
"""

QUICK = Order(("text",), workers=0)


def sheet(folder: Path, text: str = SHEET) -> Worksheet:
    """The sheet, from a file of a folder."""
    path = folder / "parabolas.toml"
    path.write_text(text, encoding="utf-8")
    return read_sheet(path)


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder but those that nobody looks at."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and path.relative_to(folder).parts[0] != ".derive"}
