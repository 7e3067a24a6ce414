"""The Word document, and the XHTML that it is made from: well-formed, every formula in it, words only words."""

import re
import shutil
import xml.etree.ElementTree as ET
import zipfile

import pytest

from derive import api
from derive.documents import docx
from derive.documents._figures import draw_all
from derive.documents._tree import Choices, Document, Options, Page, Room, Rows, document
from derive.documents._xhtml import XhtmlViews, body
from derive.errors import ToolMissingError
from derive.tree import Hole, Symbol
from derive.write.mathml import NAMESPACE

from .samples import ALL, descent

MATH = f"{{{NAMESPACE}}}math"
WORD_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"
needs_pandoc = pytest.mark.skipif(shutil.which("pandoc") is None, reason="pandoc is not installed")


def tree(views, page):
    return ET.fromstring(f"<body>{body(views, page)}</body>")


def views(shown, folder, **more):
    return XhtmlViews(draw_all(shown, folder, "sheet", ".svg"), folder, **more)


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("latex", [False, True])
def test_a_page_is_well_formed_and_every_line_is_in_it(make, latex, tmp_path):
    shown = document("A sheet", [make()], "full")
    (page,) = shown.pages
    found = tree(views(shown, tmp_path, latex=latex), page)
    lines = sum(len(block.rows) for block in page.blocks if isinstance(block, Rows))
    assert sum(1 for _ in found.iter("tr")) >= lines
    assert (found.find(f".//{MATH}") is None) == latex
    assert ("\\(" in "".join(found.itertext())) == latex
    assert {e.tag for e in found.iter() if not e.tag.startswith(f"{{{NAMESPACE}")} <= ALLOWED


ALLOWED = {"body", "h3", "p", "strong", "em", "ul", "li", "blockquote", "table", "colgroup", "col", "thead", "tbody",
           "tr", "th", "td", "img", "pre", "br"}


def test_room_choices_and_holes(tmp_path):
    blocks = (Room(3, ("Your answer",)), Choices((("one",), (Hole(3, "a"),)), frozenset({1})),
              Choices((("first",),), numbered=True))
    page = Page("T", (), blocks, None, None)
    words = "".join(tree(views(Document("T", (page,)), tmp_path), page).itertext())
    assert words.count("\N{BALLOT BOX}") == words.count("\N{BALLOT BOX WITH CHECK}") == 1
    assert "Your answer" in words


def test_words_are_only_words(tmp_path):
    bad = "<script>alert(1)</script> & \\(x\\) ]]>"
    page = Page(bad, (), (Room(1, (bad, Symbol("x"))),), None, None)
    found = tree(views(Document(bad, (page,)), tmp_path), page)
    assert found.find(".//script") is None
    assert "<script>" in "".join(found.itertext())


def test_without_pandoc_it_is_said_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ToolMissingError, match="pandoc is not installed"):
        docx.write("A sheet", [descent()], tmp_path, "sheet")
    assert not list(tmp_path.iterdir())


@needs_pandoc
def test_word_gets_every_formula_as_its_own(tmp_path):
    derivations = [descent(), *api.solve("s0-p3-2-jacobian")]
    shown = document("A sheet", derivations)
    wanted = len(re.findall("<math ", docx.source(shown, draw_all(shown, tmp_path, "x", ".png"), tmp_path, Options())))
    (path,) = docx.write("A sheet", derivations, tmp_path, "sheet")
    (again,) = docx.write("A sheet", derivations, tmp_path / "again", "sheet")
    with zipfile.ZipFile(path) as archive:
        found = ET.fromstring(archive.read("word/document.xml"))
        pictures = [name for name in archive.namelist() if name.startswith("word/media/")]
    assert sum(1 for _ in found.iter(WORD_MATH)) == wanted
    assert len(pictures) == len(list(tmp_path.glob("figures/*.png")))
    assert path.read_bytes() == again.read_bytes()


@needs_pandoc
def test_a_title_that_is_a_tag_is_text(tmp_path):
    title = "<b>bold</b> \\input{x} & <script>"
    shown = Document(title, (Page("one", (), (), None, None), Page("two", (), (), None, None)), (("name", "A & <B>"),))
    (path,) = docx.write_document(shown, tmp_path, "sheet", Options())
    with zipfile.ZipFile(path) as archive:
        words = "".join(ET.fromstring(archive.read("word/document.xml")).itertext())
    assert "<b>bold</b> \\input{x} & <script>" in words
    assert "A & <B>" in words
