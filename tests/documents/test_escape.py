"""Words of people in documents: printed exactly, and nothing else happens."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.documents import _escape
from derive.documents._engines import run_typst

PLAIN = re.compile(r"[A-Za-z0-9 .,:;!?()\[\]/+=*'-]*")
needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("plain words", "plain words"),
        (r"50 % & more_of {this} $x$ #1", r"50 \% \& more\_of \{this\} \$x\$ \#1"),
        (r"\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        ("a^b~c", r"a\textasciicircum{}b\textasciitilde{}c"),
        ("a < b > c", r"a \textless{} b \textgreater{} c"),
        ("θ₁ ≤ π²", r"\ensuremath{\theta}\ensuremath{{}_{1}} \ensuremath{\le} \ensuremath{\pi}\ensuremath{{}^{2}}"),
        ("−1.606", r"\ensuremath{-}1.606"),
        ("2 × 3", r"2 \ensuremath{\times} 3"),
        ("Nguyễn Thị", r"Nguy\~{\^{e}}n Th\d{i}"),
        ("naïve Köhler", r"na\"{i}ve K\"{o}hler"),
        ("“quoted” – so…", r"``quoted'' -- so\dots{}"),
        ('say "a b", ("c")', "say ``a b'', (``c'')"),
        ('"', "''"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("\x00\x1b[31m", "[31m"),
        ("中", r"\texttt{[U+4E2D]}\allowbreak{}"),
        ("עדה", "".join(rf"\texttt{{[U+05{c}]}}\allowbreak{{}}" for c in ("E2", "D3", "D4"))),
        ("Ada 🎓❤\ufe0f", r"Ada \texttt{[graduation cap]}\allowbreak{}\texttt{[heavy black heart]}\allowbreak{}"),
        ("x\u202ey\u200dz", "xyz"),
        ("ﬁ 𝐱", "fi x"),
    ],
)
def test_tex(words: str, written: str) -> None:
    assert _escape.tex(words) == written


def test_typst_is_one_string_literal() -> None:
    assert _escape.typst('say "hi" \\ #let x') == '#"say “hi” \\\\ #let x";'
    assert _escape.typst('the "') + _escape.typst('" of 5" it\'s') == '#"the “";#"” of 5” it’s";'  # around a formula
    assert _escape.typst_string('say "hi"') == '"say \\"hi\\""'


def test_what_has_no_glyph_is_shown_by_its_code_point_in_both() -> None:
    assert "[U+4E2D]" in _escape.tex("中")
    assert "[U+4E2D]" in _escape.typst("中")


@pytest.mark.parametrize("name", [
    "Иван", "עדה", "عبد", "Ἀλέξης", "Արամ", "გიორგი", "अमित", "Nguyễn", "مریم\u200cها", "Gęś", "Ștefan", "Đức", "Þór",
])  # fmt: skip
def test_typst_has_fonts_for_more_scripts(name: str) -> None:
    assert _escape.typst_string(name) == f'"{name}"'


@pytest.mark.parametrize(("letters", "by_tex", "by_typst"), [
    ("Müller ß π ½ ≤ “x” 𝐱 ﬁ", [], []), ("Nguyễn", [], []), ("ęș", ["e", "s"], []), ("ế ả ứ", ["a", "ú"], []),
    ("Đ中", ["[U+0110]", "[U+4E2D]"], ["[U+4E2D]"]), ("🎓\ufe0f", ["[graduation cap]"], ["[graduation cap]"]),
])  # fmt: skip
def test_what_is_printed_instead_of_letters_that_fonts_lack(
    letters: str, by_tex: list[str], by_typst: list[str],
) -> None:
    assert [shown for c in _escape.foreign([letters]) if (shown := _escape.tex_instead(c))] == by_tex
    assert [shown for c in _escape.foreign([letters]) if (shown := _escape.typst_instead(c))] == by_typst


def test_the_letters_of_words_are_told_once() -> None:
    assert _escape.foreign(["aé\u0301 e\u0301", "plain", "é\u202e"]) == ["é", "\u0301"]


def test_a_picture_is_told_by_its_name_where_there_is_no_font_for_it() -> None:
    assert _escape.typst_string("Ada 🎓") == '"Ada [graduation cap]"'


def test_pages_and_terminals_keep_joiners_but_nothing_that_turns_the_text_around() -> None:
    for shown in (_escape.html, _escape.markdown, _escape.visible):
        assert shown("مریم\u200cها \u202e👩\u200d💻\x1b(0;x\x07") == "مریم\u200cها 👩\u200d💻(0;x"


def test_plain_keeps_what_ascii_has() -> None:
    assert _escape.plain("Köhler's θ₁ 中") == "Kohler's theta 1"


@given(words=st.text(max_size=60))
def test_no_command_of_the_writer_reaches_tex(words: str) -> None:
    """Outside the commands of the table nothing is left that TeX acts on."""
    written = _escape.tex(words)
    rest = re.sub(r"\\ensuremath\{(?:[^{}]|\{[^{}]*\})*\}|\\texttt\{\[[A-Za-z0-9 +-]+\]\}", "", written)
    rest = re.sub(r"(\\[\"'`^~=.uvHcdbkr]\{){2,}[A-Za-z]\}+", "", rest)
    rest = re.sub(r"\\[a-zA-Z]+\{\}|\\[\\\"'`^~=.uvHcdbkr]\{[A-Za-z]\}|\\[{}$&#%_,]|~", "", rest)
    assert not set(rest) & set("\\{}$&#%_^")


@given(words=st.text(max_size=60))
def test_plain_words_are_harmless(words: str) -> None:
    assert _escape.plain(words).isascii()


@needs_tex
@pytest.mark.parametrize("encoding", [r"\usepackage[T1]{fontenc}", ""])
def test_tex_sets_every_character_that_it_is_given(encoding: str, tmp_path: Path) -> None:
    """All of Latin, Greek, arrows and operators, in one run, without an error."""
    codes = (*range(32, 0x250), *range(0x370, 0x400), *range(0x2010, 0x22FF))
    characters = [chr(i) for i in codes if chr(i).isprintable()]
    body = "\n\n".join(_escape.tex("".join(characters[i : i + 40])) for i in range(0, len(characters), 40))
    packages = encoding + r"\usepackage{amsmath,amssymb}"
    source = rf"\documentclass{{article}}{packages}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "all.tex").write_text(source, encoding="utf-8")
    command = ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-800:]


@given(words=st.text(max_size=40))
def test_typst_sets_any_words(words: str) -> None:
    literal = _escape.typst_string(words)
    assert literal.startswith('"')
    assert not re.search(r'(?<!\\)(?:\\\\)*"', literal[1:-1])


def test_typst_runs_nothing_of_the_words(tmp_path: Path) -> None:
    words = r'#read("/etc/passwd") $x$ *bold* \ "quoted" #panic("no")'
    assert run_typst(_escape.typst(words), tmp_path).startswith(b"%PDF")
