"""Words of people at every place of a document, in every format: printed as they are, and nothing of them is done."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from derive.documents import _escape, _typst, html, markdown, notebook, pdf, tex, text
from derive.documents import json as json_format
from derive.documents._engines import run_typst
from derive.documents._tree import (
    Choices,
    Document,
    Grid,
    Options,
    Outcome,
    Page,
    Room,
    Row,
    Rows,
    Section,
    Statement,
    Text,
)

from .samples import PROVED, X

NASTY = (
    r"\input{/etc/passwd} \write18{id}",
    "<script>alert(1)</script> <b>&amp;",
    '#eval("1") #read("/etc/passwd") $x$',
    r"50 % & more_of {this} #1 ~^ \\",
    "((( title ))) ((* include 'x' *))",
    "[link](javascript:x) ![](y) `code` **bold** | a",
    "]]> --> </style> \" ' onload=\"x\"",
)
NAMES = ("Ada 🎓 Lovelace", "עדה לאבלייס", "Łukasz Żółć", "李明", "Nguyễn Thị Ánh", "مریم\u200cها", "O'Brien–Smith")
PLACES = 11  # where the words stand in a document


def everywhere(words: str) -> Document:
    """A document that has the words wherever a person may have written some."""
    blocks = (
        Section((words,)), Text((words,)), Rows((Row(X, "=", X, words, PROVED.status),)), Choices(((words,),)),
        Room(1, (words,)), Grid(((words,),), (((words,),),), (words,), 1),
    )
    page = Page(words, (Statement(words, ((words,),)),), blocks, Outcome((Text((words,)),)), None)
    return Document(words, (page, replace(page, title="other")), (("name", words), ("number", words), (words, words)))


def options(words: str) -> Options:
    return Options(author=words, course=words, header=words, footer=words)


class _Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.said = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.said += data


def said(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", (*NASTY, *NAMES))
def test_a_page_has_the_words_and_no_tag_of_theirs(words: str, tmp_path: Path) -> None:
    page = _Tags(said(html.write_document(everywhere(words), tmp_path, "x", options(words))[0]))
    plain = _Tags(said(html.write_document(everywhere("plain"), tmp_path, "y", options("plain"))[0]))
    assert page.tags == plain.tags and page.attributes == plain.attributes
    assert page.said.count(words) >= PLACES


@pytest.mark.parametrize("words", (*NASTY, *NAMES))
def test_latex_has_the_words_and_no_command_of_theirs(words: str, tmp_path: Path) -> None:
    source = said(tex.write_document(everywhere(words), tmp_path, "x", options(words))[0])
    assert source.count(_escape.tex(words)) >= PLACES
    if not words.isalpha() and words in NASTY:
        bare = source.replace(_escape.tex(words), "").replace(_escape.ascii_words(words), "")
        assert words not in bare and r"\input" not in bare and r"\write18" not in bare


def test_a_name_without_glyphs_leaves_the_header_to_the_number(tmp_path: Path) -> None:
    shown = replace(everywhere("plain"), front=(("name", "עדה"), ("number", "4711")))
    (header,) = re.findall(r"^\\fancyhead\[L\].*$", said(tex.write_document(shown, tmp_path, "x")[0]), re.MULTILINE)
    assert "{4711}" in header and "U+" not in header
    assert "[U+05E2]" in said(tmp_path / "x.tex")


@pytest.mark.parametrize("words", (*NASTY, *NAMES))
def test_markdown_and_notebooks_have_the_words(words: str, tmp_path: Path) -> None:
    shown = everywhere(words)
    page = said(markdown.write_document(shown, tmp_path, "x", options(words))[0])
    cells = json.loads(said(notebook.write_document(shown, tmp_path, "x", options(words))[0]))["cells"]
    for found in (page, "\n".join("".join(cell["source"]) for cell in cells)):
        assert found.count(_escape.markdown(words)) >= PLACES
        assert "<script" not in found


@pytest.mark.parametrize("words", (*NASTY, *NAMES, "\x1b]0;title\x07\x1b[31m red"))
def test_text_has_the_words_without_control_characters(words: str, tmp_path: Path) -> None:
    found = said(text.write_document(everywhere(words), tmp_path, "x", options(words))[0])
    squeezed = re.sub(r"[\s│╭╮╰╯─]+", "", found)
    assert squeezed.count(re.sub(r"\s+", "", _escape.visible(words))) >= PLACES
    assert all(c == "\n" or c.isprintable() or c == "\u200c" for c in found)


@pytest.mark.parametrize("words", (*NASTY, *NAMES))
def test_json_has_the_words_as_they_are(words: str, tmp_path: Path) -> None:
    told = json.loads(said(json_format.write_document(everywhere(words), tmp_path, "x", options(words))[0]))
    assert told["title"] == words and told["front"][0] == {"what": "name", "words": words}


def test_typst_sets_them_all(tmp_path: Path) -> None:
    """In one document, because a compiler is slow; what stands in a string is not run."""
    for words in (*NASTY, *NAMES):
        source, _ = _typst.source(everywhere(words), tmp_path, "x", options(words))
        assert source.count(_escape.typst_words(words)) >= PLACES
        assert run_typst(source, tmp_path).startswith(b"%PDF")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pdflatex") or not shutil.which("pdftotext"), reason="needs TeX and poppler")
@pytest.mark.parametrize("words", (*NASTY, *NAMES))
def test_tex_prints_them(words: str, tmp_path: Path) -> None:
    path, *_ = pdf.write_document(everywhere(words), tmp_path, "x", replace(options(words), engine="tex"))
    command = ["pdftotext", "-layout", str(path), "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    letters = re.findall(r"[A-Za-z0-9]{3,}", words)
    assert all(letter in done.stdout for letter in letters)
    assert words.isascii() or "root:" not in done.stdout
