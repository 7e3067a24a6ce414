"""Styles, and templates of somebody's own: what they can replace, what they cannot reach, how mistakes are told."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from derive import files
from derive.cli import main
from derive.documents import html, pdf, tex
from derive.documents._many import Source, many_pdfs
from derive.documents._remarks import Unset, remarked, sentences
from derive.documents._template import TemplateMistakeError, checked, look, styles
from derive.documents._tree import Options, document
from derive.errors import DeriveError

from .samples import descent, long_rows, sigmoid, worksheet

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
Own = Callable[..., Path]
EXTENDS = '((* extends "derive/document.tex.j2" *))\n'


@pytest.fixture
def own(tmp_path: Path) -> Own:
    """A folder of templates by their names, ``__`` for the dot."""

    def made(**texts: str) -> Path:
        for name, text in texts.items():
            files.write_text(tmp_path / "own" / f"{name.replace('__', '.')}.j2", text)
        return tmp_path / "own"

    return made


def written(options: Options, folder: Path) -> str:
    return tex.write("A sheet", [sigmoid()], folder, "x", options)[0].read_text(encoding="utf-8")


# --- styles -------------------------------------------------------------------------------------------


def test_the_shipped_styles() -> None:
    assert {"article", "handout"} <= set(styles())
    assert not {"document", "chain", "gallery"} & set(styles())


@pytest.mark.parametrize("kind", ["tex", "typ", "html"])
def test_a_handout_is_not_an_article(kind: str) -> None:
    assert look(kind, Options(style="handout")).template.name == f"handout.{kind}.j2"
    assert look(kind, Options()).template.name == f"document.{kind}.j2"


def test_a_style_that_is_not_there() -> None:
    with pytest.raises(DeriveError, match="there is no style 'poster'") as error:
        checked(Options(style="poster"))
    assert "article" in str(error.value)


@pytest.mark.parametrize("engine", [pytest.param("tex", marks=[needs_tex, pytest.mark.slow]), "typst"])
def test_both_engines_set_a_handout(engine: str, tmp_path: Path) -> None:
    shown = replace(worksheet(), pages=(*worksheet().pages, *document("x", [descent()]).pages))
    options = Options(engine=engine, style="handout", language="de", header="Kopf & 100 %", footer="#Fuß $1$")
    path, *_ = pdf.write_document(shown, tmp_path, "x", options)
    assert path.read_bytes().startswith(b"%PDF")


def test_the_head_says_what_was_given(tmp_path: Path) -> None:
    options = Options(author="E. Noether", course="Rings & ideals", date="1921-03-01", language="de")
    shown = written(options, tmp_path)
    assert r"\headline{Rings \& ideals \quad E. Noether \quad 1. M\"{a}rz 1921}" in shown
    assert r"pdfauthor={E. Noether}" in shown and "pdflang={de}" in shown


# --- templates of one's own ----------------------------------------------------------------------------


def test_one_block_is_replaced(own: Own, tmp_path: Path) -> None:
    folder = own(document__tex=f"{EXTENDS}((* block title *))MY ((( title|tex )))((* endblock *))")
    shown = written(Options(template=folder), tmp_path)
    assert "MY A sheet" in shown and r"\LARGE" not in shown
    assert r"\why{definition of the logistic function}" in shown


def test_our_styles_stand_on_ones_own_document(own: Own, tmp_path: Path) -> None:
    folder = own(document__tex=f"{EXTENDS}((* block title *))MINE((* endblock *))")
    shown = written(Options(template=folder, style="handout"), tmp_path)
    assert "MINE" in shown and "10pt" in shown


def test_ones_own_style_with_narrow_lines_breaks_the_rows(own: Own, tmp_path: Path) -> None:
    folder = own(narrow__tex='((= line: 24em =))\n((* extends "document.tex.j2" *))')
    options = Options(template=folder, style="narrow")
    assert look("tex", options).rooms.line == 24.0
    lines = {style: tex.source(document("A", [long_rows()]), {}, tmp_path, replace(options, style=style)).count(r"\\")
             for style in ("article", "narrow")}
    assert lines["narrow"] > lines["article"]


def test_a_whole_template_needs_nothing_of_ours(own: Own, tmp_path: Path) -> None:
    folder = own(document__html="<p>((( title|words ))): ((( pages|length ))) ((( say('given') )))</p>")
    path, *_ = html.write("<b>", [sigmoid()], tmp_path, "x", Options(template=folder, language="fr"))
    assert path.read_text(encoding="utf-8") == "<p>&lt;b&gt;: 1 Données</p>"


PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
LOGO = {
    "tex": f"{EXTENDS}((* block title *))\\includegraphics{{logo.png}}\\includegraphics{{logo}}((* endblock *))",
    "typst": (
        '((* extends "derive/document.typ.j2" *))((* block title *))#image("logo.png", alt: "logo")((* endblock *))'
    ),
}


def with_logo(own: Own, folder: Path, engine: str, count: int) -> list[Source]:
    template = own(**{"document__tex" if engine == "tex" else "document__typ": LOGO[engine]})
    options = Options(engine=engine, template=template)
    return [pdf.source(document("x", [sigmoid()]), folder, str(i), options) for i in range(count)]


@pytest.mark.parametrize("engine", [pytest.param("tex", marks=[needs_tex, pytest.mark.slow]), "typst"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_logo_beside_a_template_is_found(engine: str, count: int, own: Own, tmp_path: Path) -> None:
    sources = with_logo(own, tmp_path / "out", engine, count)
    files.write_bytes(tmp_path / "own" / "logo.png", PICTURE)
    for found in many_pdfs(sources):
        assert isinstance(found, bytes) and b"/Image" in found


def test_a_link_beside_a_template_is_not_followed(own: Own, tmp_path: Path) -> None:
    sources = with_logo(own, files.make_folder(tmp_path / "out"), "typst", 1)
    (tmp_path / "own" / "logo.png").symlink_to(files.write_bytes(tmp_path / "far" / "logo.png", PICTURE))
    found, = many_pdfs(sources)
    assert isinstance(found, DeriveError) and "file not found" in str(found)


def test_a_folder_may_be_changed(own: Own, tmp_path: Path) -> None:
    options = Options(template=own(document__tex="one"))
    assert written(options, tmp_path) == "one"
    own(document__tex="two!")
    assert written(options, tmp_path) == "two!"


MISTAKES = {
    "a name that is not known": ("\n\n((( titel )))", ":3: 'titel' is undefined", "did you mean 'title'?"),
    "a name in a block": (EXTENDS + "((* block title *))\n((( page.titel )))\n((* endblock *))", ":3: ", ""),
    "a block that is not there": (EXTENDS + "((* block titel *))x((* endblock *))",
                                  ":2: there is no block 'titel' to replace", "did you mean 'title'?"),
    "a file that is not there": ('\n((* include "gone.tex.j2" *))', ":2: there is no template 'gone.tex.j2'", ""),
    "a tag that is not closed": ("x\n((* if title *))", ":2: ", ""),
    "a filter that is not there": ("((( title|shout )))", ":1: No filter named 'shout'", ""),
    "a filter of another notation": ("((( title|words )))", ":1: No filter named 'words'", ""),
    "arithmetic": ("a\nb\n((( 1 // 0 )))", ":3: ", ""),
    "itself": ('((* extends "document.tex.j2" *))', ": the template extends itself", "ours is called derive/document"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_with_file_and_line(name: str, own: Own, tmp_path: Path) -> None:
    text, said, hint = MISTAKES[name]
    folder = own(document__tex=text)
    with pytest.raises(TemplateMistakeError) as error:
        written(Options(template=folder), tmp_path)
    assert f"{folder / 'document.tex.j2'}{said}" in str(error.value)
    assert hint in str(error.value)


ATTACKS = (
    "((( ''.__class__.__mro__ )))",
    "((( say.__globals__ )))",
    "((( say.__func__.__globals__ )))",
    "((( say.__self__.folder )))",
    "((( cycler.__init__.__globals__.os.system('id') )))",
    "((( self.__init__.__globals__ )))",
    "((( pages.append(1) )))",
    "((( pages[0].clear() )))",
    "((( range(10**9)|list )))",
    "((( '{0.__class__}'.format(title) )))",
    '((* include "../../pyproject.toml" *))',
    '((* include "/etc/passwd" *))',
    '((* import "os" as os *))((( os.system("id") )))',
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_template_reaches_nothing(attack: str, own: Own, tmp_path: Path) -> None:
    with pytest.raises(TemplateMistakeError, match=r"document\.tex\.j2:1: "):
        written(Options(template=own(document__tex=attack)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_link_out_of_the_folder_is_not_followed(own: Own, tmp_path: Path) -> None:
    folder = own(document__tex='((* include "other.tex.j2" *))')
    (tmp_path / "secret").write_text("secret", encoding="utf-8")
    (folder / "other.tex.j2").symlink_to(tmp_path / "secret")
    with pytest.raises(TemplateMistakeError, match="there is no template"):
        written(Options(template=folder), tmp_path)


@pytest.mark.parametrize("text", [b"\xff\xfe", b"caf\xe9"])
def test_a_template_that_is_no_text(text: bytes, own: Own, tmp_path: Path) -> None:
    folder = own(document__tex="x")
    (folder / "document.tex.j2").write_bytes(text)
    with pytest.raises(TemplateMistakeError, match="UTF-8"):
        written(Options(template=folder), tmp_path)


def test_a_folder_without_templates(tmp_path: Path) -> None:
    with pytest.raises(DeriveError, match="there are no templates"):
        checked(Options(template=tmp_path))


def test_the_command_line_tells_it_before_it_solves(own: Own, capsys: pytest.CaptureFixture[str]) -> None:
    folder = own(document__tex="((* if *))")
    assert main(["solve", "s0-p3-1-gradient-descent", "--template", str(folder)]) == 2
    assert "document.tex.j2:1: " in capsys.readouterr().err
    assert main(["solve", "s0-p3-1-gradient-descent", "--style", "poster"]) == 2
    assert "there is no style 'poster'" in capsys.readouterr().err


# --- what is told of a run -----------------------------------------------------------------------------


@pytest.mark.parametrize(("names", "kind", "told"), [
    (("document.tex",), "tex", ""), (("document.tex",), "typ", "no document.typ.j2; PDFs by Typst"),
    (("document.tex",), "html", "no document.html.j2; pages"), (("document.html",), "tex", "no document.tex.j2; LaTeX"),
    (("document.tex", "document.typ"), "typ", ""), (("handout.tex", "document.typ"), "typ", ""),
    (("chain.html",), "html", ""), (("handout.typ",), "typ", "no document.typ.j2"),
])  # fmt: skip
def test_a_template_that_one_notation_does_not_have_is_told(
    names: tuple[str, ...], kind: str, told: str, tmp_path: Path,
) -> None:
    for name in names:
        text = "" if name == "chain.html" else f'((* extends "derive/{name}.j2" *))'
        files.write_text(tmp_path / f"{name}.j2", text)
    missing = look(kind, Options(template=tmp_path)).missing
    assert missing.startswith("the template has ") and told in missing if told else not missing
    assert not look(kind, Options()).missing


def test_each_thing_is_told_once_in_a_run(own: Own, tmp_path: Path) -> None:
    options = Options(template=own(document__tex=EXTENDS))
    with remarked() as remarks:
        for stem in ("x", "y"):
            html.write("李小 and Đ", [sigmoid()], tmp_path, stem, options)
            tex.write("李小 and Đ", [sigmoid()], tmp_path, stem, options)
            pdf.source(document("李小 and Đ", []), tmp_path, stem, replace(options, engine="typst"))
    said = sentences(remarks)
    assert [words.partition(";")[0] for words in said[:2]] == [
        "the template has no document.html.j2", "the template has no document.typ.j2"]
    assert said[2:] == [
        "x.tex, y.tex: the fonts do not have 李, 小, Đ; they are printed as [U+674E], [U+5C0F], [U+0110]",
        "x.pdf, y.pdf: the fonts do not have 李, 小; they are printed as [U+674E], [U+5C0F]"]
    tex.write("李", [sigmoid()], tmp_path, "x", options)  # where nobody listens nothing is kept
    assert sentences(remarks) == said


def test_of_many_letters_the_first_are_told() -> None:
    letters = tuple((chr(0x4E00 + i), f"[{i}]") for i in range(8))
    (said,) = sentences([Unset("x.pdf", letters)])
    assert said.startswith("x.pdf: the fonts do not have 一, 丁, 丂, 七, 丄 and 3 more; they are printed as [0], [1],")
    assert said.endswith(", [4] and 3 more")


@pytest.mark.slow
def test_the_command_line_tells_it_beside_its_output(
    own: Own, tmp_path: Path, capsys: pytest.CaptureFixture[str],
) -> None:
    folder = own(document__tex=EXTENDS)
    options = ["--template", str(folder), "--engine", "typst", "--format", "pdf", "-o", str(tmp_path / "o"), "--json"]
    assert main(["solve", "s0-p3-1-gradient-descent", *options]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["problems"]
    assert shown.err == "note: the template has no document.typ.j2; PDFs by Typst have derive's own look\n"
