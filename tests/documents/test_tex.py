"""The LaTeX document: what it holds, and that a stock small TeX sets it without a complaint."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from derive import choices, files
from derive.documents import _figures, tex
from derive.documents._tree import Options
from derive.errors import DeriveError, RefutedError
from derive.steps import Chain, Derivation, Figure, Paragraph, Result, Step, Table
from derive.tree import Symbol
from tests import pages
from tests.documents.samples import ALL, LONG, REFUTED, X, conditional, descent, long_rows, n, sigmoid

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")

SMALL_TEX = {
    "inputenc", "fontenc", "lmodern", "amsmath", "amssymb", "bm", "geometry", "graphicx", "xcolor", "booktabs",
    "longtable", "fancyhdr", "hyperref",
}  # fmt: skip


def written(folder: Path, *derivations: Derivation, title: str = "Sheet", detail: str = "normal") -> str:
    paths = tex.write(title, derivations, folder, "sheet", Options(detail))
    return paths[0].read_text(encoding="utf-8")


def compiled(folder: Path) -> str:
    """TeX's log after two runs, as a person would run it."""
    for _ in range(2):
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "sheet.tex"]
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    log = (folder / "sheet.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log[-1500:]
    return log


def complaints(log: str) -> list[str]:
    wide = [f"{width} pt" for width in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log) if float(width) > 5]
    return [*wide, *re.findall(r"LaTeX Warning: .*undefined.*", log), *re.findall(r"^! .*", log, re.MULTILINE)]


def test_only_packages_of_a_small_tex(tmp_path: Path) -> None:
    source = written(tmp_path, sigmoid())
    loaded = re.findall(r"\\usepackage(?:\[[^]]*\])?\{([^}]*)\}", source)
    assert {name for names in loaded for name in names.split(",")} <= SMALL_TEX
    assert r"\IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}{}" in source


def test_a_chain_is_aligned_with_reason_and_mark(tmp_path: Path) -> None:
    source = written(tmp_path, sigmoid())
    assert r"\sigma'(x) &= \dfrac{d}{dx}\left[\frac{1}{1 + e^{-x}}\right] \\" in source
    assert r"\why{definition of the logistic function}{\proved}" in source


def test_conditions_are_formulas_in_the_margin(tmp_path: Path) -> None:
    lines = [line for line in written(tmp_path, conditional()).splitlines() if "why{" in line and "&" in line]
    assert r"\why{cancel ($x - 1 \ne 0$, the square of $A_{1}$ is invertible, 50 \% of y\_1 " in lines[0]
    assert r"\why{($x - 1 \ne 0$)}{\checked}" in lines[1]
    assert r"\longwhy{the logarithm of a product (\mbox{$" in lines[2]  # too wide for one line, and broken by hand
    assert r"\mbox{$x - 1" not in lines[2]


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    first, second = (written(tmp_path / name, *(make() for make in ALL)) for name in ("a", "b"))
    assert first == second


def test_words_of_people_are_escaped(tmp_path: Path) -> None:
    source = written(tmp_path, long_rows(), title=r"\input{secret} & $x$")
    assert r"\input{secret}" not in source
    assert r"\textbackslash{}input\{secret\} \& \$x\$" in source


def test_a_single_problem_with_the_sheets_title_has_no_second_heading(tmp_path: Path) -> None:
    assert r"\section{" not in written(tmp_path, sigmoid(), title=sigmoid().title)
    assert r"\section{" in written(tmp_path, sigmoid(), title="Another title")


def test_full_detail_shows_finer_steps_and_brief_fewer(tmp_path: Path) -> None:
    lengths = [written(tmp_path, sigmoid(), detail=d).count(r"\why") for d in ("brief", "normal", "full")]
    assert lengths == sorted(lengths)
    assert len(set(lengths)) == 3


def test_a_refuted_document_is_not_written(tmp_path: Path) -> None:
    false = Derivation("T", "k", (), (), (Chain((Step(n(1), n(2), "wrong", verdict=REFUTED),)),), ())
    with pytest.raises(RefutedError):
        written(tmp_path, sigmoid(), false)
    assert not list(tmp_path.iterdir())


def test_the_decimals_of_a_table_line_up(tmp_path: Path) -> None:
    source = written(tmp_path, descent())
    assert r"$29$\phantom{$.00$} \\" in source
    assert r"$2106.8$\phantom{$000$}" in source


# --- figures -------------------------------------------------------------------------------------------


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A drawing called ``sketch`` that remembers what it drew."""
    drawn: list[Path] = []

    def draw(data: Mapping[str, object], path: Path) -> None:
        drawn.append(path)
        files.write_bytes(path, _PDF if path.suffix == ".pdf" else _SVG)

    def load(folder: str, name: str) -> object:
        if name != "sketch":
            raise KeyError(name)
        return SimpleNamespace(draw=draw)

    monkeypatch.setattr(choices, "load", load)
    monkeypatch.setattr(_figures, "_ALREADY", {})
    return drawn


_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Resources<<>>>>endobj\n"
    b"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \n"
    b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n180\n%%EOF\n"
)
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><path d="M0 0L200 100"/></svg>'


def pictured(drawing_name: str = "sketch", data: object = 1) -> Derivation:
    figure = Figure(drawing_name, {"a": data}, ("The graph of ", X, " & more."), "A line that rises.", "the graph_1")
    return Derivation("T", "k", (), (), (figure,), ())


def test_a_figure_is_drawn_once_and_named_safely(tmp_path: Path, drawing: list[Path]) -> None:
    source = written(tmp_path, pictured())
    assert "{figures/sheet-1-the-graph-1.pdf}" in source
    assert "alt={A line that rises.}" in source
    assert (tmp_path / "figures" / "sheet-1-the-graph-1.pdf").exists()
    written(tmp_path, pictured())
    assert len(drawing) == 1
    written(tmp_path, pictured(data=2))
    assert len(drawing) == 2


def test_a_drawing_that_does_not_exist(tmp_path: Path, drawing: list[Path]) -> None:
    with pytest.raises(DeriveError, match="no drawing called 'other'"):
        written(tmp_path, pictured("other"))


@needs_tex
def test_a_document_with_a_figure_compiles(tmp_path: Path, drawing: list[Path]) -> None:
    written(tmp_path, pictured())
    assert complaints(compiled(tmp_path)) == []


# --- compiling -----------------------------------------------------------------------------------------


@needs_tex
@pytest.mark.parametrize("make", ALL)
def test_every_sample_compiles_without_a_complaint(make: object, tmp_path: Path) -> None:
    written(tmp_path, make())  # type: ignore[operator]
    assert complaints(compiled(tmp_path)) == []


@needs_tex
@pytest.mark.slow
@pytest.mark.parametrize("detail", ["brief", "full"])
def test_all_samples_compile_at_every_detail(detail: str, tmp_path: Path) -> None:
    written(tmp_path, *(make() for make in ALL), detail=detail)
    assert complaints(compiled(tmp_path)) == []


@needs_tex
def test_empty_parts_and_odd_file_names_compile(tmp_path: Path) -> None:
    parts = (Paragraph(()), Paragraph(("",), remark=True), Chain(()), Table((("a",), ("b",)), ()), Table((), ()))
    odd = Derivation("", "k", ((),), (("",),), parts, (Result("", None),))
    (path,) = tex.write("", [odd, odd], tmp_path, "my sheet #1 %&{}")
    path.rename(tmp_path / "sheet.tex")
    assert complaints(compiled(tmp_path)) == []


@needs_tex
def test_many_results_and_wide_tables_compile(tmp_path: Path) -> None:
    results = tuple(Result(f"r{i}", LONG if i % 5 == 0 else n(i), Symbol("r", str(i))) for i in range(40))
    header = tuple((f"a heading {i}",) for i in range(11))
    rows = tuple(tuple((f"words {i} {j}",) for i in range(11)) for j in range(3))
    parts = (Table(header, rows, ("Wide words.",)), Paragraph(("Formulas ", LONG, " and more ", LONG, ".")))
    written(tmp_path, Derivation("Many", "k", ((LONG,),), ((LONG,),), parts, results))
    assert complaints(compiled(tmp_path)) == []


@pytest.mark.parametrize(
    ("line", "count"),
    [
        (r"Overfull \vbox (72.76079pt too high) has occurred while \output is active []", 1),
        (r"Overfull \hbox (5.1pt too wide) in paragraph at lines 3--4", 1),
        (r"Overfull \vbox (4.9pt too high) has occurred while \output is active []", 0),
    ],
)
def test_a_line_below_the_paper_is_a_complaint(line: str, count: int) -> None:
    assert len(list(pages.complaints_of(f"[7]\n{line}\n[8]"))) == count
