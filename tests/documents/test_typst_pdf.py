"""PDFs by Typst: accessible, set in parts as in one piece, kept together on pages."""

from __future__ import annotations

import io
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from derive.documents import _engines, _escape, _typst, pdf
from derive.documents._many import Source, many_pdfs
from derive.documents._tree import (
    Block,
    Choices,
    Document,
    Grid,
    Options,
    Page,
    Picture,
    Room,
    Row,
    Rows,
    Section,
    Text,
    document,
)
from derive.documents._widths import all_letters, text_width
from derive.errors import DeriveError, ToolMissingError
from derive.steps import Figure
from derive.tree import Hole, Number, Product, Symbol
from tests.documents.samples import descent, jacobian, sigmoid, worksheet
from tests.documents.test_pdf import needs_poppler, needs_tex

pikepdf = pytest.importorskip("pikepdf")

TYPST = Options(engine="typst")


def written(shown: Document, folder: Path, options: Options = TYPST) -> bytes:
    return pdf.write_document(shown, folder, "sheet", options)[0].read_bytes()


def source(shown: Document, folder: Path) -> str:
    return _typst.source(shown, folder, "sheet", TYPST)[0]


def claims_accessibility(made: bytes) -> bool:
    with pikepdf.open(io.BytesIO(made)) as opened:
        return b"pdfuaid:part" in opened.Root.Metadata.read_bytes()


def tags(root: Any) -> Iterator[Any]:
    """The elements below one of the tree of tags."""
    below = root.get("/K", [])
    for part in [below] if isinstance(below, pikepdf.Dictionary) else below if isinstance(below, pikepdf.Array) else []:
        if isinstance(part, pikepdf.Dictionary) and "/S" in part:
            yield part
            yield from tags(part)


def test_texts_that_follow_each_other_are_paragraphs(tmp_path: Path) -> None:
    shown = Document("The sheet", (Page("A page", (), tuple(Text((f"Sentence {k}.",)) for k in range(4)), None, None),))
    with pikepdf.open(io.BytesIO(written(shown, tmp_path))) as opened:
        assert sum(tag.S == "/P" for tag in tags(opened.Root.StructTreeRoot)) >= 4


@needs_poppler
def test_a_row_that_is_too_long_ends_before_its_reason(tmp_path: Path) -> None:
    factors = Product(tuple(Symbol(letter) for letter in "abcdefghijklmnopqrstuvwxyzabcdefghijklmnop"))
    row = Row(Symbol("a"), "=", factors, "because it is so, and could not be otherwise")
    shown = Document("T", (Page("A", (), (Rows((row,)),), None, None),))
    (tmp_path / "row.pdf").write_bytes(written(shown, tmp_path))
    text = subprocess.run(["pdftotext", "-layout", tmp_path / "row.pdf", "-"], capture_output=True, text=True,
                          check=True).stdout
    lines = [line for line in text.splitlines() if "because" in line or "=" in line]
    assert ["because" in line for line in lines] == [False, True]
    assert lines[1].index("because") > len(lines[1]) / 3


# --- accessible ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "style"), [(sigmoid, "article"), (jacobian, "article"), (descent, "handout"), (sigmoid, "slides")])
def test_a_pdf_is_tagged_and_says_its_formulas_and_pictures(make: Any, style: str, tmp_path: Path) -> None:
    made = written(document("The sheet", [make()]), tmp_path, Options(engine="typst", style=style, language="en"))
    assert claims_accessibility(made)
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang) == "en"
        assert str(opened.docinfo["/Title"]) == "The sheet"
        assert opened.Root.ViewerPreferences.DisplayDocTitle
        found = list(tags(opened.Root.StructTreeRoot))
        kinds = {str(tag.S) for tag in found}
        assert {"/Formula", "/H1"} <= kinds
        assert ("/TH" in kinds) == (make is descent)
        assert all(str(tag.Alt).strip() for tag in found if tag.S == "/Formula")


@pytest.mark.slow  # the first figure loads the library that draws
def test_a_picture_says_what_it_shows(tmp_path: Path) -> None:
    figure = Figure("cost_curve", {"costs": [2.0, 1.0], "name": "C"}, ("The cost.",), "It falls.", "costs")
    made = written(Document("S", (Page("S", (), (Picture(figure, 1),), None, None),)), tmp_path)
    assert claims_accessibility(made)
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert [str(tag.Alt) for tag in tags(opened.Root.StructTreeRoot) if tag.S == "/Figure"] == ["It falls."]


def test_worksheets_are_accessible(tmp_path: Path) -> None:
    assert claims_accessibility(written(worksheet(), tmp_path))


def test_the_words_of_a_displayed_line_are_all_of_it(tmp_path: Path) -> None:
    row = Row(Symbol("y"), "=", Hole(4, "1"), "sum rule")
    shown = Document("S", (Page("S", (), (Rows((row,)),), None, None),))
    alt = re.findall(r'alt: "([^"]*)"', source(shown, tmp_path))
    assert alt[0] == "y"
    assert alt[1].startswith("= ")


@pytest.mark.parametrize("sign", ["中", "🧮"])
def test_a_sign_without_a_letter_costs_the_claim_and_not_the_pdf(sign: str, tmp_path: Path) -> None:
    head = '#set document(title: "a")\n#set text(lang: "en")\n'
    assert claims_accessibility(_engines.run_typst(head + "letters", tmp_path))
    made = _engines.run_typst(head + sign, tmp_path)
    assert not claims_accessibility(made)
    with pikepdf.open(io.BytesIO(made)) as opened:
        assert opened.Root.MarkInfo.Marked


# --- in parts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [sigmoid, descent])
def test_parts_are_set_as_the_whole(make: Any, tmp_path: Path) -> None:
    whole = source(document('A "sheet" \\ #1', [make(), sigmoid()]), tmp_path)
    parted = _engines._in_parts(whole)
    assert whole.count(_engines.CUT) > 5
    assert parted != whole
    assert _engines.typst_pictures(parted, tmp_path, 40) == _engines.typst_pictures(whole, tmp_path, 40)


def test_a_source_without_cuts_stays() -> None:
    assert _engines._in_parts("#let a = 1\nb") == "#let a = 1\nb"


def test_a_mistake_in_a_part_is_told(tmp_path: Path) -> None:
    with pytest.raises(DeriveError, match="Typst could not set the document: "):
        _engines.run_typst(f"#let a = 1\n{_engines.CUT}#a\n{_engines.CUT}#nosuchfunction()", tmp_path)


def test_words_do_not_cut(tmp_path: Path) -> None:
    words = "//cut\n//cut\r\n//cut"
    shown = Document(words, (Page("S", (), (Text((words,)),), None, None),))
    assert source(shown, tmp_path).count(_engines.CUT) == source(document("S", []), tmp_path).count(_engines.CUT) + 4
    assert written(shown, tmp_path).startswith(b"%PDF")


# --- pages ---------------------------------------------------------------------------------------------


def pages(made: bytes, folder: Path) -> list[str]:
    path = folder / "made.pdf"
    path.write_bytes(made)
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, timeout=30)
    return done.stdout.decode().split("\f")


@needs_poppler
@pytest.mark.parametrize("lines", range(18, 28, 3))
def test_choices_stand_on_one_page_with_what_asks_for_them(lines: int, tmp_path: Path) -> None:
    items = tuple((f"possibility {i}",) for i in range(6))
    row = Row(None, "", Symbol("z"))
    blocks = (Room(lines), Text(("Which of them follows?",)), Rows((row,)), Choices(items))
    found = pages(written(Document("S", (Page("S", (), blocks, None, None),)), tmp_path), tmp_path)
    where = [[i for i, page in enumerate(found) if words in page] for words in ("Which", *(i[0] for i in items))]
    assert where == [where[0]] * 7
    assert len(where[0]) == 1


ENGINES = [pytest.param(Options(engine="tex"), marks=[needs_tex, pytest.mark.slow]), TYPST]
STEPS = Rows((Row(Symbol("y"), "=", Number("11")), Row(None, "=", Number("22")), Row(None, "=", Number("33"))))
TOGETHER: Sequence[tuple[tuple[Block, ...], tuple[str, ...]]] = [
    ((Text(("It is",)), STEPS), ("It is", "11", "22")),
    ((Section(("With numbers",)), Text(("There is one.",)), STEPS), ("With numbers", "There is one", "11")),
    ((Section(("With numbers",)), Text(("There is one.",)), Text(("Then it",)), STEPS), ("With numbers", "Then it")),
    ((Text(("Which is wrong?",)), STEPS, Text(("line",)), Room(3, ("Say why.",)), Text(("end",))),
     ("Which is wrong", "11", "22", "33", "line", "Say why")),
    ((STEPS, Text(("first:",)), Text(("second:",))), ("first:", "second:")),
    ((Rows(STEPS.rows[:1]), Rows(STEPS.rows[1:2])), ("11", "22")),
]


@needs_poppler
@pytest.mark.parametrize("options", ENGINES)
@pytest.mark.parametrize(("blocks", "words"), TOGETHER)
def test_no_page_ends_between_what_belongs_together(
    blocks: tuple[Block, ...], words: tuple[str, ...], options: Options, tmp_path: Path,
) -> None:
    """Wherever on a page it begins."""
    for lines in range(19, 30, 2 if options is TYPST else 5):
        page = Page("S", (), (Room(lines), Text(("Above.",)), *blocks), None, None)
        found = pages(written(Document("S", (page,)), tmp_path, options), tmp_path)
        assert len([page for page in found if any(word in page for word in words)]) == 1


def test_only_the_cells_beside_a_gap_are_lowered(tmp_path: Path) -> None:
    grid = Grid((("a",), ("b",)), (((Number("1"),), (Hole(3, "1"),)), ((Number("2"),), (Number("3"),))), ("c",), 1)
    shown = source(Document("S", (Page("S", (), (grid,), None, None),)), tmp_path)
    assert shown.count("pad(top: ") == 1
    assert re.search(r'pad\(top: [\d.]+em, \[#"1";\]\), \[#math', shown)


# --- letters that only Typst has -----------------------------------------------------------------------


LETTERS: Sequence[tuple[str, bool]] = [
    ("مثال", True), ("Пример", True), ("דוגמה", True), ("Müller", False), ("plain", False), ("∇ α ≤", False),
    ("🧮", False), ("中", False), ("🧮 مثال", True), ("\ufe0f", False), ("", False),
]  # fmt: skip


@pytest.mark.parametrize(("words", "only"), LETTERS)
def test_auto_takes_typst_for_letters_that_tex_lacks(words: str, only: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _escape.only_typst(words) == only
    monkeypatch.setattr(pdf, "tex_program", lambda: "/somewhere/pdflatex")
    in_front = Document("S", (), (("name", words),))
    in_table = Document("S", (Page("S", (), (Grid((("a",),), (((words,),),), (), 1),), None, None),))
    for shown in (in_front, in_table):
        assert pdf.engine(Options(), shown) == ("typst" if only else "tex")
        assert pdf.engine(Options(engine="tex"), shown) == "tex"
        assert pdf.engine(Options(engine="typst"), shown) == "typst"


def test_what_is_settled_before_there_are_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "tex_program", lambda: "/somewhere/pdflatex")
    assert [pdf.settled(Options(engine=e)).engine for e in ("auto", "tex", "typst")] == ["auto", "tex", "typst"]
    monkeypatch.setattr(pdf, "tex_program", lambda: None)
    assert [pdf.settled(Options(engine=e)).engine for e in ("auto", "typst")] == ["typst", "typst"]
    with pytest.raises(ToolMissingError):
        pdf.settled(Options(engine="tex"))


def test_many_are_set_each_by_its_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from derive.documents import _many

    monkeypatch.setattr(_many, "tex_program", lambda: "/somewhere/pdflatex")
    monkeypatch.setattr(_many, "_set_together", lambda sources: [s.text.encode() for s in sources])
    monkeypatch.setattr(_many, "run_typst", lambda text, *_: b"typst " + text.encode())
    sources = [Source(str(i), tmp_path, engine="typst" if i in (1, 2) else "tex") for i in range(5)]
    assert many_pdfs(sources) == [b"0", b"typst 1", b"typst 2", b"3", b"4"]
    assert many_pdfs([]) == []


def test_words_are_as_wide_as_they_are_set() -> None:
    words = "مثال"
    spelled = text_width(words)
    with all_letters():
        assert text_width(words) < 0.7 * len(words)
        assert text_width("中") == pytest.approx(0.525 * len("[U+4E2D]"))
    assert text_width(words) == spelled > 3 * len(words)


def test_a_table_with_a_foreign_name_is_not_split_for_it(tmp_path: Path) -> None:
    name = "مثال تجريبي"
    grid = Grid((("name",), ("answer",)), (((name,), ("x" * 40,)), (("B",), ("y",))), ("c",), 1)
    shown = source(Document("S", (Page("S", (), (grid,), None, None),)), tmp_path)
    assert shown.count("table.header") == 1
