"""PDF with both engines: the same content, bounded, deterministic, with clear errors."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pikepdf
import pytest

from derive import limits
from derive.documents import _engines, _typst, pdf
from derive.documents._engines import TexError, first_error, run_tex, run_typst
from derive.documents._tree import Options, document
from derive.errors import DeriveError, LimitError, ToolMissingError
from derive.files import OutputError
from tests.documents.samples import ALL, descent, jacobian, long_rows, sigmoid

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")


def words(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, timeout=30)
    return done.stdout.decode()


@pytest.mark.parametrize("make", ALL)
def test_typst_sets_every_sample(make: object, tmp_path: Path) -> None:
    paths = pdf.write("Sheet", [make()], tmp_path, "sheet", Options(engine="typst"))  # type: ignore[operator]
    assert paths == [tmp_path / "sheet.pdf"]
    assert paths[0].read_bytes().startswith(b"%PDF")


@needs_poppler
def test_a_typst_page_says_what_it_should(tmp_path: Path) -> None:
    said = words(pdf.write("The sheet", [sigmoid(), descent()], tmp_path, "sheet", Options(engine="typst"))[0])
    for expected in ("The sheet", "page 1 of", "Given", "Find", "reciprocal rule", "Remark.", "Result", "Table 1.",
                     "Verification: 11 steps: 7 proved", "2 checked"):  # fmt: skip
        assert expected in said


@needs_poppler
@needs_tex
def test_both_engines_say_the_same(tmp_path: Path) -> None:
    sheet = [sigmoid(), descent(), jacobian()]
    said = [
        sorted(re.findall(r"[A-Za-z]{4,}", words(pdf.write("S", sheet, tmp_path / e, "s", Options(engine=e))[0])))
        for e in ("tex", "typst")
    ]
    assert said[0] == said[1]


@needs_tex
@pytest.mark.parametrize("engine", ["tex", "typst"])
def test_equal_input_gives_equal_bytes(engine: str, tmp_path: Path) -> None:
    made = [
        pdf.write("Sheet", [sigmoid()], tmp_path / name, "sheet", Options(engine=engine))[0].read_bytes()
        for name in ("a", "b")
    ]
    assert made[0] == made[1]


@needs_tex
@pytest.mark.parametrize("engine", ["tex", "typst"])
def test_a_file_tells_its_title_and_author_in_all_letters(engine: str, tmp_path: Path) -> None:
    options = Options(engine=engine, author="Jane Müller & Co, \\input{x}", language="de")
    path, *_ = pdf.write("Größe (α) \\write18", [sigmoid()], tmp_path, "sheet", options)
    with pikepdf.open(path) as made:
        assert str(made.docinfo.Author) == "Jane Müller & Co, \\input{x}"
        assert str(made.docinfo.Title) == "Größe (α) \\write18"
        assert str(made.Root.Lang) == "de"
        assert made.Root.ViewerPreferences.DisplayDocTitle


@needs_tex
def test_with_tex_the_source_stays(tmp_path: Path) -> None:
    paths = pdf.write("Sheet", [sigmoid()], tmp_path, "sheet", Options(engine="tex"))
    assert [p.name for p in paths] == ["sheet.pdf", "sheet.tex"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["sheet.pdf", "sheet.tex"]


# --- engines -------------------------------------------------------------------------------------------


def test_auto_takes_tex_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "tex_program", lambda: "/somewhere/pdflatex")
    assert pdf.engine(Options()) == "tex"
    monkeypatch.setattr(pdf, "tex_program", lambda: None)
    assert pdf.engine(Options()) == "typst"


def test_tex_that_is_asked_for_and_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "tex_program", lambda: None)
    with pytest.raises(ToolMissingError) as caught:
        pdf.engine(Options(engine="tex"))
    assert caught.value.exit_code == 4
    assert "--engine typst" in str(caught.value)


def test_an_engine_that_does_not_exist() -> None:
    with pytest.raises(DeriveError, match="no engine 'word'"):
        pdf.engine(Options(engine="word"))


def test_running_tex_where_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(_engines, "tex_program", lambda: None)
    with pytest.raises(ToolMissingError):
        run_tex(tmp_path / "x.tex", [])


def test_the_first_error_of_a_log() -> None:
    log = "stuff\n! Undefined control sequence.\nl.12 \\nosuch\n          {x}\n! Emergency stop.\n"
    assert first_error(log) == r"Undefined control sequence. l.12 \nosuch"
    assert "no error" in first_error("")


def tex_file(folder: Path, body: str) -> Path:
    path = folder / "doc.tex"
    path.write_text(rf"\documentclass{{article}}\begin{{document}}{body}\end{{document}}", encoding="utf-8")
    return path


@needs_tex
def test_tex_errors_name_the_line_and_the_file(tmp_path: Path) -> None:
    path = tex_file(tmp_path, "first\n\n\\nosuchcommand")
    with pytest.raises(TexError) as caught:
        run_tex(path, [])
    assert "Undefined control sequence" in str(caught.value)
    assert "l.3" in str(caught.value)
    assert str(path) in str(caught.value)


@needs_tex
def test_tex_reads_nothing_outside_its_folder(tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere" / "secret.txt"
    outside.parent.mkdir()
    outside.write_text("hidden", encoding="utf-8")
    with pytest.raises(TexError):
        run_tex(tex_file(tmp_path, rf"\input{{{outside}}}"), [])


@needs_tex
def test_tex_runs_no_program(tmp_path: Path) -> None:
    run_tex(tex_file(tmp_path, r"\immediate\write18{touch ran}x"), [])
    assert [p.name for p in tmp_path.iterdir()] == ["doc.tex"]


@needs_tex
def test_an_endless_tex_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(LimitError, match="stopped after"):
        run_tex(tex_file(tmp_path, r"\def\x{\x}\x"), [], seconds=0.7)


@needs_tex
def test_a_tex_that_writes_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TEX_FILE_BYTES", 200_000)
    body = r"\newwrite\f\immediate\openout\f=big.txt \def\x{\immediate\write\f{01234567890123456789}\x}\x"
    with pytest.raises(TexError):
        run_tex(tex_file(tmp_path, body), [], seconds=20)


@pytest.mark.parametrize("engine", ["tex", "typst"])
def test_a_folder_that_cannot_be_written(engine: str, tmp_path: Path) -> None:
    if engine == "tex" and shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot write"):
        pdf.write("Sheet", [sigmoid()], tmp_path / "file" / "below", "sheet", Options(engine=engine))


# --- Typst ---------------------------------------------------------------------------------------------


def test_typst_errors_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(DeriveError, match="Typst could not set the document: ") as caught:
        run_typst("#nosuchfunction()", tmp_path)
    assert "\n" not in caught.value.message


def test_typst_has_a_title_and_texts_for_formulas(tmp_path: Path) -> None:
    source, figures = _typst.source(document("Sheet & title", [sigmoid()]), tmp_path, "sheet")
    assert figures == []
    assert '#set document(title: "Sheet & title", date: none)' in source
    assert "alt: \"σ'(x)\"" in source


def test_the_sample_of_long_rows_fits_the_page_in_typst(tmp_path: Path) -> None:
    source, _ = _typst.source(document("S", [long_rows()]), tmp_path, "s")
    assert "#fitto(" in source
    assert run_typst(source, tmp_path).startswith(b"%PDF")
