"""Program text in every format: each character and blank of it, long lines broken, numbers through the sheet."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.documents import _escape, json, pdf, tex, text
from derive.documents._tree import CODE_COLUMNS, Code, Options, code_lines, document
from derive.saved import pack, unpack
from derive.steps import Derivation, Listing, Paragraph
from derive.tree import Symbol

CODE = '''def f(x, y):
    """Quotes "double", 'single' and `back`."""
    if x <= y >> 2 and not x != y:  # 100 % & $5 ~ {a_b} ^ \\n | #
        return [x**2 -- y, x << 1,, "<<>>"]


print(f"{f(1, 2)}")
'''


def derivation(*codes: str) -> Derivation:
    listings = tuple(Listing(code, ("The function ", Symbol("f"), ".")) for code in codes)
    return Derivation("Code", "layers", (), (), (Paragraph(("Before.",)), *listings), ())


def blocks(*codes: str) -> list[Code]:
    return [b for p in document("T", [derivation(*codes)]).pages for b in p.blocks if isinstance(b, Code)]


def test_listings_are_numbered_and_keep_their_lines() -> None:
    first, second = blocks(CODE, "x = 1\n\n")
    assert (first.number, second.number) == (1, 2)
    assert list(first.lines) == CODE.rstrip().split("\n")
    assert second.lines == ("x = 1",)


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("a\tb", ["a   b"]),
        ("a\x00\x1b[0mb", ["a[0mb"]),
        ("x = 1   ", ["x = 1"]),
        ("", [""]),
        ("    f(" + ", ".join(["argument"] * 10) + ")",
         ["    f(argument, argument, argument, argument, argument, argument, \\",
          "        argument, argument, argument, argument)"]),
        ("x" * 80, ["x" * 74 + "\\", "    " + "x" * 6]),
    ],
)
def test_lines(code: str, lines: list[str]) -> None:
    assert list(code_lines(code)) == lines


@given(st.text(st.characters(codec="utf-8"), max_size=400))
def test_no_line_is_too_long_and_no_word_is_lost(code: str) -> None:
    lines = list(code_lines(code))
    assert max(map(len, lines)) <= CODE_COLUMNS
    kept = "".join(c for c in code.expandtabs(4) if c.isprintable() and not c.isspace())
    shown = "".join(c for line in lines for c in line if not c.isspace())
    assert shown.replace("\\", "") == kept.replace("\\", "")


def test_tex_says_every_character() -> None:
    assert _escape.tex_code('a  "b" <<--\'') == (
        r"a\ \ {\char34}b{\char34}\ {\char60}{\char60}-{}-{}\textquotesingle{}"
    )


def test_the_terminal_shows_it_as_it_is(tmp_path: Path) -> None:
    (path,) = text.write("T", [derivation(CODE)], tmp_path, "x")
    shown = path.read_text(encoding="utf-8")
    assert "Listing 1. The function f." in shown
    for line in CODE.rstrip().split("\n"):
        assert f"  {line}".rstrip() in shown.split("\n")


def test_json_has_the_whole_code() -> None:
    (problem,) = json.as_json([derivation(CODE)])["problems"]
    assert problem["listings"] == [{"caption": "The function f.", "language": "python", "code": CODE}]


def test_a_derivation_is_packed_with_its_listings() -> None:
    whole = derivation(CODE)
    assert unpack(pack(whole)) == whole
    assert unpack(pack(replace(whole, parts=()))) != whole


def _words(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True, timeout=60)
    return done.stdout.decode("utf-8")


needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")


@needs_pdftotext
@pytest.mark.slow
@pytest.mark.parametrize("engine", ["tex", "typst"])
def test_both_engines_print_the_same_code(tmp_path: Path, engine: str) -> None:
    if engine == "tex" and shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    file, *_ = pdf.write("T", [derivation(CODE)], tmp_path, "x", Options(engine=engine))
    printed = _words(file)
    for line in ('"""Quotes "double", \'single\' and `back`."""', "# 100 % & $5 ~ {a_b} ^ \\n | #", ',, "<<>>"]'):
        assert line in printed
    indented = next(line for line in printed.split("\n") if "return" in line)
    outer = next(line for line in printed.split("\n") if "def f" in line)
    assert len(indented) - len(indented.lstrip()) > len(outer) - len(outer.lstrip())


def test_the_source_has_no_verbatim_that_code_could_end(tmp_path: Path) -> None:
    source, *_ = tex.write("T", [derivation(r"\end{verbatim}\input{x}")], tmp_path, "x")
    assert r"\end{verbatim}" not in source.read_text(encoding="utf-8")
