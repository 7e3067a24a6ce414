"""The page for a browser: one file, nothing asked of a network, sound markup, words only words."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.documents import _escape, _svg, html
from derive.documents._layout import Close, Head, Open, Sign, Tail, Whole
from derive.documents._mathml import MathNotation
from derive.documents._tree import Options
from derive.errors import RefutedError
from derive.steps import Chain, Derivation, Figure, Paragraph
from derive.tree import Call, Derivative, Expectation, Integral, Matrix, Node, Relation, SumOver, Symbol
from derive.write.mathml import mathml

from .samples import ALL, REFUTED, SIGMOID, X, add, conditional, descent, jacobian, long_rows, n, sigmoid, steps

_VOID = {"meta", "link", "br", "img", "hr", "input"}
_PICTURE = Figure("cost_curve", {"costs": [4.0, 2.0, 1.0], "name": "C"}, ("The cost.",), 'falls from "4" to 1 & <on>')


class Page(HTMLParser):
    """The elements of a page; an end that closes nothing is an error."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute of {tag} stands twice"
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data: str) -> None:
        self.words.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, tag: str) -> str:
        return "".join(words for where, words in self.words if where == tag)


def written(derivations: list[Derivation], folder: Path, detail: str = "normal", title: str = "The sheet") -> str:
    (path,) = html.write(title, derivations, folder, "x", Options(detail=detail))
    assert list(folder.iterdir()) == [path]
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("detail", ["brief", "normal", "full"])
@pytest.mark.parametrize("make", ALL)
def test_the_markup_is_sound(make: object, detail: str, tmp_path: Path) -> None:
    page = Page(written([make()], tmp_path, detail))  # type: ignore[operator]
    names = [a["id"] for _, a in page.elements if "id" in a]
    assert len(names) == len(set(names))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(a.get("scope") in ("col", "row") for a in page.all("th"))
    assert page.all("html")[0]["lang"] == "en"
    assert all(a.get("title") and a.get("aria-label") for a in page.all("span") if "mark" in (a.get("class") or ""))


def test_nothing_is_asked_of_a_network(tmp_path: Path) -> None:
    text = written([descent(), jacobian()], tmp_path)
    page = Page(text)
    used = {tag for tag, _ in page.elements}
    assert not used & {"script", "link", "img", "iframe", "object", "base", "form"}
    links = [a[name] for _, a in page.elements for name in ("href", "src", "xlink:href") if name in a]
    assert links and all((link or "").startswith("#") for link in links)
    assert "url(" not in re.sub(r"url\(#", "", text) and "@import" not in text
    (policy,) = [a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_links_lead_to_problems(tmp_path: Path) -> None:
    page = Page(written([descent(), jacobian()], tmp_path))
    names = {a["id"] for a in page.all("section") if "id" in a}
    assert {(a["href"] or "")[1:] for a in page.all("a")} == names


NASTY = '<script>alert(1)</script> "><img src=x onerror=1> &amp; \\input{x} $x$ ﷺ שלום ✨'


def test_words_are_only_words(tmp_path: Path) -> None:
    derivation = replace(sigmoid(), title=NASTY, text=NASTY, parts=(Paragraph((NASTY,)), *sigmoid().parts))
    page = Page(written([derivation, derivation], tmp_path, title=NASTY))
    assert not page.all("script") and not page.all("img")
    assert page.text("title") == NASTY
    assert page.text("h2").count(NASTY) == 2
    assert page.text("dd").count(NASTY) == 2


@given(st.text(max_size=80))
def test_no_word_leaves_its_place(words: str) -> None:
    made = _escape.html(words)
    assert not set(made) & set("<>\"'")
    assert not any(ord(c) < 32 for c in made)


def test_steps_unfold_to_finer_ones(tmp_path: Path) -> None:
    """At any detail the finest steps are on the page, deeper at a lower one."""
    (first, second) = steps(SIGMOID, ("rewrite", X), ("again", n(1)))
    fine = steps(SIGMOID, ("finest of all", n(2)), ("and on", X))
    derivation = replace(sigmoid(), parts=(Chain((replace(first, steps=fine), second)),))
    depth = {}
    for detail in ("brief", "normal", "full"):
        text = written([derivation], tmp_path / detail, detail)
        depth[detail] = _deepest(text)
        assert text.count("finest of all") == 1
    assert depth == {"brief": 2, "normal": 1, "full": 0}


def _deepest(text: str) -> int:
    """How many ``details`` stand in each other."""
    depth = deepest = 0
    for tag in re.findall("<(/?)details", text):
        depth += -1 if tag else 1
        deepest = max(deepest, depth)
    return deepest


def test_a_figure_is_in_the_page_with_its_words(tmp_path: Path) -> None:
    derivation = replace(sigmoid(), parts=(_PICTURE, _PICTURE))
    page = Page(written([derivation], tmp_path))
    pictures = page.all("svg")
    assert [p["aria-label"] for p in pictures] == [_PICTURE.alt] * 2
    assert all(p["role"] == "img" and "viewbox" in p and "width" not in p for p in pictures)
    targets = Counter((a["href"] or "").split("-")[0] for a in page.all("use"))
    assert set(targets) == {"#f1", "#f2"}
    names = {a["id"] for _, a in page.elements if "id" in a}
    assert {(a["href"] or "")[1:] for a in page.all("use")} <= names


def test_ids_and_what_refers_to_them_get_the_prefix() -> None:
    source = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9pt" '
        'viewBox="0 0 9 9"><metadata>who</metadata><defs><path id="a" d="M0 0"/></defs>'
        '<g clip-path="url(#b)"><use xlink:href="#a"/></g></svg>'
    )
    assert _svg.inline(source, "p-", 'x "y"') == (
        '<svg viewBox="0 0 9 9" role="img" aria-label="x &quot;y&quot;"><defs><path id="p-a" d="M0 0" /></defs>'
        '<g clip-path="url(#p-b)"><use href="#p-a" /></g></svg>'
    )


def test_a_refuted_step_writes_nothing(tmp_path: Path) -> None:
    false = Derivation("False", "test", (), (), (Chain(steps(X, ("no", n(1)), verdict=REFUTED)),), ())
    with pytest.raises(RefutedError):
        html.write("T", [false], tmp_path, "x")
    assert not list(tmp_path.iterdir())


def test_sixty_formulas_are_a_small_file(tmp_path: Path) -> None:
    lines = [Chain(steps(SIGMOID, *((f"rule {i}", SIGMOID) for i in range(10))), Call("f", (X,))) for _ in range(6)]
    text = written([replace(sigmoid(), parts=tuple(lines))], tmp_path)
    assert text.count("<math") > 60
    assert len(text.encode()) < 300_000


@pytest.mark.parametrize(
    ("node", "head"),
    [
        (Call("log", (X,)), "<mi>log</mi><mo>&#x2061;</mo>"),
        (Call("f", (X,), 1), "<msup><mi>f</mi><mo>′</mo></msup><mo>&#x2061;</mo>"),
        (Derivative(X, X), "<mfrac>"),
        (Integral(X, X, n(0), n(1)), "<msubsup><mo>∫</mo>"),
        (SumOver(X, Symbol("i"), n(1), Symbol("n")), "<munderover><mo>∑</mo>"),
        (Expectation("E", (X,), ()), "<mi>𝔼</mi>"),
    ],
)
def test_what_stands_before_a_bracket_has_no_body(node: Node, head: str) -> None:
    written = MathNotation().line((Head(node),))
    assert head in written
    assert not written.endswith("<mn>0</mn>") and "[" not in written
    assert "<mi>d</mi>" not in written or isinstance(node, Derivative)


def test_a_bracket_that_closes_on_another_line_has_its_own_size() -> None:
    notation = MathNotation()
    line = notation.line((Open("(", 2), Whole(X), Sign("+"), Whole(X), Close(")", 2, n(3))))
    assert line.count('minsize="2.3em"') == 2 and "<msup>" in line
    assert notation.line((Sign("-"), Whole(X))) == "<mo>−</mo><mi>x</mi>"
    assert notation.line((Sign("-"), Whole(X)), True) == '<mo form="infix">−</mo><mi>x</mi>'
    assert notation.line((Tail(Integral(X, X)),)).endswith("<mrow><mi>d</mi><mi>x</mi></mrow>")


def test_what_cannot_be_broken_is_set_smaller() -> None:
    wide = Matrix((tuple(Symbol("a", str(i)) for i in range(40)),))
    assert '<mstyle mathsize="' in MathNotation().line((Whole(wide, 30.0),))
    assert "<mstyle" not in MathNotation().line((Whole(X, 30.0),))


def test_long_rows_are_broken_and_indented(tmp_path: Path) -> None:
    text = written([long_rows()], tmp_path)
    assert 'style="margin-left: 1em"' in text


def test_conditions_are_formulas_in_the_margin(tmp_path: Path) -> None:
    page = written([conditional()], tmp_path)
    assert f'class="why">cancel ({mathml(Relation((add(X, n(-1)), n(0)), ("!=",)))}, the square of ' in page
    assert "50 % of y_1 ≠ 0)" in page
