"""Many documents in one run: each its own pages, numbers, title and bookmarks; one that fails takes none down."""

import io
import shutil
from dataclasses import replace

import pytest

from derive.documents import _many
from derive.documents._engines import run_once
from derive.documents._many import Source, many_pdfs
from derive.errors import DeriveError

pikepdf = pytest.importorskip("pikepdf")
needs_tex = pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")

PREAMBLE = r"""\documentclass{article}
\usepackage[hidelinks]{hyperref}
\hypersetup{pdftitle={TITLE}}
\newcommand{\docid}{}
\makeatletter
\newcommand{\ofpages}{\@ifundefined{r@\docid lastpage}{}{/\pageref*{\docid lastpage}}}
\makeatother
\pdfcompresslevel=0 \pdfobjcompresslevel=0
"""


def source(folder, pages, body="", title="one", preamble=PREAMBLE):
    marks = "".join(rf"\section{{S ü}}\markbox{{\thepage\ofpages}}{body}\newpage" for _ in range(pages))
    preamble = preamble.replace("TITLE", title) + "\\newcommand{\\markbox}[1]{\\typeout{MARK #1}\\special{pdf: #1}#1}\n"
    text = f"{preamble}\\begin{{document}}\n{marks}\\label{{\\docid lastpage}}\\end{{document}}\n"
    return Source(text, folder, (), title, "en", title)


class Words(str):
    """A title that a document says in its language is no plain str."""


def parts(pdf):
    return pikepdf.open(io.BytesIO(pdf))


def words(pdf):
    """What the pages show: the text operators of their streams."""
    with parts(pdf) as opened:
        return [
            "".join(
                bytes(piece).decode("latin-1")
                for operands, operator in pikepdf.parse_content_stream(page)
                if str(operator) == "TJ"
                for piece in operands[0]
                if isinstance(piece, pikepdf.String)
            )
            for page in opened.pages
        ]


@needs_tex
def test_each_document_has_its_pages_numbers_title_language_and_bookmarks(tmp_path):
    counts = [1, 3, 2]
    sources = [source(tmp_path, n, title=f"title {n} ä") for n in counts]
    made = many_pdfs([replace(s, title=Words(s.title)) for s in sources])
    for n, pdf in zip(counts, made, strict=True):
        shown = words(pdf)
        assert len(shown) == n
        assert all(f"{k}/{n}" in page for k, page in enumerate(shown, 1))
        with parts(pdf) as opened, opened.open_outline() as outline:
            assert str(opened.docinfo["/Title"]) == f"title {n} ä"
            assert str(opened.Root.Lang) == "en"
            assert isinstance(opened.docinfo["/Title"], pikepdf.String)
            targets = [item.destination[0].objgen for item in outline.root]
            assert targets == [page.objgen for page in opened.pages]
            assert {item.title for item in outline.root} == {"S ü"}


def looped(folder, pages):
    """A document whose source is as long for one page as for 99; the second number has a font of its own."""
    body = (
        rf"\count255={pages:02} \loop\markbox{{\thepage\ofpages}}{{\ttfamily\ofpages}}\newpage"
        r"\advance\count255-1 \ifnum\count255>0\repeat\label{\docid lastpage}"
    )
    return replace(source(folder, 0), text=source(folder, 0).text.replace(r"\label{\docid lastpage}", body))


@needs_tex
@pytest.mark.parametrize(
    ("counts", "runs"),
    [
        ([2, 2, 2], 1),
        ([2, 5, 1], 1),  # the true number takes the place of the sample's
        ([9, 3, 12, 11], 2),  # two more digits need more room
        ([12, 11, 3], 2),
    ],
)
def test_documents_of_one_length_may_have_other_numbers_of_pages(tmp_path, monkeypatch, counts, runs):
    seen = []
    monkeypatch.setattr(_many, "run_once", lambda *given: seen.append(given) or run_once(*given))
    for n, pdf in zip(counts, many_pdfs([looped(tmp_path, n) for n in counts]), strict=True):
        assert words(pdf) == [f"{k}/{n}/{n}{k}" for k in range(1, n + 1)]
    assert len(seen) == runs


@needs_tex
@pytest.mark.slow
def test_equal_calls_give_equal_bytes(tmp_path):
    sources = [source(tmp_path, n) for n in (2, 1)]
    assert many_pdfs(sources) == many_pdfs(sources)


@needs_tex
@pytest.mark.slow
def test_a_document_that_cannot_be_set_has_its_error_and_the_others_their_pages(tmp_path):
    sources = [source(tmp_path, 1), source(tmp_path, 1, r"\notthere", "broken"), source(tmp_path, 2)]
    first, wrong, last = many_pdfs(sources)
    assert len(words(first)) == 1 and len(words(last)) == 2
    assert isinstance(wrong, DeriveError) and "broken" in str(wrong) and "Undefined control sequence" in str(wrong)


@needs_tex
@pytest.mark.slow
@pytest.mark.parametrize("body", [r"{", r"\begin{center}", r"\endinput", r"\iffalse"])
def test_a_document_that_is_left_open_takes_no_other_down(tmp_path, body):
    sources = [source(tmp_path, 1), source(tmp_path, 1, body, "open"), source(tmp_path, 2)]
    first, _, last = many_pdfs(sources)
    assert ["1/1" in page for page in words(first)] == [True]
    assert ["/2" in page for page in words(last)] == [True, True]


@needs_tex
@pytest.mark.slow
def test_a_document_that_never_ends_is_stopped_and_takes_no_other_down(tmp_path, monkeypatch):
    once, alone = _many.run_once, _many.run_tex
    monkeypatch.setattr(_many, "run_once", lambda *a: once(*a, seconds=2))
    monkeypatch.setattr(_many, "run_tex", lambda *a: alone(*a, seconds=2))
    sources = [source(tmp_path, 1), source(tmp_path, 1, r"\def\x{\x}\x", "endless")]
    first, endless = many_pdfs(sources)
    assert len(words(first)) == 1 and isinstance(endless, DeriveError) and "stopped" in str(endless)


@needs_tex
def test_settings_of_one_document_do_not_reach_the_next(tmp_path):
    loud = source(tmp_path, 1, r"\renewcommand{\thepage}{WRONG}\setcounter{section}{7}\small")
    plain = source(tmp_path, 1)
    shown = words(many_pdfs([loud, plain])[1])
    assert "1/1" in shown[0] and "WRONG" not in shown[0] and "8" not in shown[0]


def test_documents_with_other_preambles_go_to_other_runs_and_titles_are_no_difference(tmp_path):
    other = PREAMBLE.replace("article", "report")
    sources = [source(tmp_path, 1, title="a"), source(tmp_path, 1, preamble=other), source(tmp_path, 1, title="b")]
    assert list(_many._chunks(sources)) == [[0, 2], [1]]


def test_a_text_that_is_no_whole_document_goes_alone(tmp_path):
    sources = [source(tmp_path, 1), source(tmp_path, 1), Source("nothing", tmp_path)]
    assert list(_many._chunks(sources)) == [[0, 1], [2]]


@needs_tex
def test_each_document_reads_its_own_figures_of_the_same_name(tmp_path):
    sources = []
    for n in (1, 2):
        folder = tmp_path / str(n)
        (folder / "figures").mkdir(parents=True)
        with pikepdf.new() as picture:
            picture.add_blank_page(page_size=(10 * n, 10))
            picture.save(folder / "figures" / "a.pdf")
        made = source(folder, 1, r"\includegraphics{figures/a.pdf}", preamble=PREAMBLE + "\\usepackage{graphicx}\n")
        sources.append(Source(made.text, folder, (folder / "figures" / "a.pdf",)))
    widths = []
    for pdf in many_pdfs(sources):
        with parts(pdf) as opened:
            form = next(iter(opened.pages[0].Resources.XObject.values()))
            widths.append(float(form.BBox[2]))
    assert widths == [10, 20]


def test_typst_sets_each_and_an_error_stands_in_the_place_of_the_wrong_one(tmp_path):
    first, wrong, last = many_pdfs([Source(t, tmp_path, engine="typst") for t in ("one", "#nothing()", "#pagebreak()")])
    assert isinstance(wrong, DeriveError)
    with parts(first) as one, parts(last) as two:
        assert (len(one.pages), len(two.pages)) == (1, 2)


def test_typst_reads_a_figure_again_that_was_drawn_again(tmp_path):
    picture, made = tmp_path / "a.svg", Source('#image("/a.svg")', tmp_path, engine="typst")
    seen = set()
    for width in (10, 20):
        picture.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="9"></svg>')
        seen.add(many_pdfs([made])[0])
    assert len(seen) == 2
