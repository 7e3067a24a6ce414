"""Markdown that GitHub and pandoc read alike: escaped words, formulas without Markdown's signs, figures beside."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.documents import _escape, markdown
from derive.documents._markdown import MarkdownNotation, fenced, safe
from derive.errors import RefutedError
from derive.steps import Chain, Derivation, Figure, Listing, Paragraph, Table
from derive.tree import Call, Matrix, Node, Relation, Set, Vector

from .samples import ALL, REFUTED, X, Y, conditional, n, sigmoid, steps


def written(derivations: list[Derivation], folder: Path, title: str = "The sheet") -> str:
    path, *_ = markdown.write(title, derivations, folder, "x")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("plain words, (and) more: good!", "plain words, (and) more: good!"),
        ("50 % & more_of {this} $x$ #1", r"50 % &amp; more\_of \{this\} \$x\$ \#1"),
        ("<script>", "&lt;script&gt;"),
        ("[a](b) ![c](d)", r"\[a\](b) !\[c\](d)"),
        ("*a* `b` ~c~ ^d^ a|b \\input @who", r"\*a\* \`b\` \~c\~ \^d\^ a\|b \\input \@who"),
        ("- no list", r"\- no list"),
        ("+ no list", r"\+ no list"),
        ("12. no list", r"12\. no list"),
        ("12) no list", r"12\) no list"),
        ("2-1 and 3.5", "2-1 and 3.5"),
        ("two\nlines\x1b[1m", r"two lines\[1m"),
    ],
)
def test_words(words: str, made: str) -> None:
    assert _escape.markdown(words) == made


@given(st.text(max_size=60))
def test_words_open_nothing(words: str) -> None:
    made = re.sub(r"\\.", "", _escape.markdown(words))
    assert not set(made) & set("`*_[]|$<>\n")


@given(st.text(max_size=60))
def test_words_in_a_formula_are_no_commands(words: str) -> None:
    assert not set(_escape.in_formula(words)) & set("\\{}$&#%_^~<|*`\n")


@pytest.mark.parametrize(
    ("node", "made"),
    [
        (Set((X, Y)), r"\lbrace x, y\rbrace"),
        (Call("abs", (X,)), r"\left\vert x\right\vert"),
        (Relation((X, Y), ("<",)), r"x \lt y"),
        (Vector((X, Y)), "(x, y)"),
        (Matrix(((X, Y), (n(1), n(2)))), r"\begin{bmatrix} x & y \\ 1 & 2 \end{bmatrix}"),
    ],
)
def test_formulas(node: Node, made: str) -> None:
    assert re.sub(r" +", " ", MarkdownNotation().whole(node)) == made


def test_what_markdown_would_unescape_is_not_there() -> None:
    assert safe(r"a\,b\;c\{d\}\|e\| |f| * \operatorname*{arg\,min} \\ g\!h") == (
        r"a~b~c\lbrace d\rbrace \Vert e\Vert  \vert f\vert  \ast  \operatorname*{arg~min} \\ gh"
    )


@pytest.mark.parametrize("make", ALL)
def test_every_dollar_is_closed(make: object, tmp_path: Path) -> None:
    text = written([make()], tmp_path)  # type: ignore[operator]
    blocks = re.sub(r"\n[> ]*\$\$", "\n$$", text).split("\n$$\n")
    assert len(blocks) % 2 == 1
    for block in blocks[1::2]:
        assert block.strip().startswith(r"\begin{aligned}") and block.strip().endswith(r"\end{aligned}")
        assert "$" not in block and not re.search(r"(?<!\\)\\[{}|,;: !]", block)
        assert block.count("{") == block.count("}")
    for block in blocks[::2]:
        for line in block.split("\n"):
            plain = line.replace(r"\$", "")
            assert plain.count("$") % 2 == 0
            for formula in plain.split("$")[1::2]:
                assert formula == formula.strip() != ""


def test_tables_have_a_cell_for_every_column(tmp_path: Path) -> None:
    table = Table((("a|b",), (X,)), ((("c | d",), (Call("abs", (X,)),)), (("",), (n("-1.5"),))), ("Caption.",))
    text = written([replace(sigmoid(), parts=(table,))], tmp_path)
    rows = [line for line in text.split("\n") if line.startswith("|")]
    assert rows[1] == "| :--- | ---: |"
    assert len(rows) == 4
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 3 for row in rows)
    assert "**Table 1.** Caption." in text


def test_figures_are_files_beside(tmp_path: Path) -> None:
    figure = Figure("cost_curve", {"costs": [2.0, 1.0], "name": "C"}, ("The cost.",), "falls [from] 2", "costs")
    path, picture = markdown.write("T", [replace(sigmoid(), parts=(figure,))], tmp_path, "x")
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert rf"![falls \[from\] 2]({picture.relative_to(tmp_path).as_posix()})" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("line", ["``` no end", "x = '````'", "plain"])
def test_a_listing_does_not_end_its_fence(line: str) -> None:
    first, *inside, last = fenced([line], "python").split("\n")
    assert inside == [line]
    assert first == f"{last}python" and last not in line


def test_headings_and_listings(tmp_path: Path) -> None:
    one = replace(sigmoid(), parts=(Listing("x = 1", ("One.",)), Paragraph(("- not a list",))))
    text = written([one, one], tmp_path, "#1 \\write18 <b>")
    assert text.startswith("# \\#1 \\\\write18 &lt;b&gt;\n")
    assert "## 2. Derivative of the logistic function\n" in text
    assert "```python\nx = 1\n```" in text
    assert "\n\\- not a list\n" in text


def test_a_refuted_step_writes_nothing(tmp_path: Path) -> None:
    false = Derivation("False", "test", (), (), (Chain(steps(X, ("no", n(1)), verdict=REFUTED)),), ())
    with pytest.raises(RefutedError):
        markdown.write("T", [false], tmp_path, "x")
    assert not list(tmp_path.iterdir())


def test_conditions_are_formulas_between_the_words(tmp_path: Path) -> None:
    page = written([conditional()], tmp_path)
    assert r"&&\text{cancel (}x - 1 \ne 0\text{, the square of }A_{1}\text{ is invertible, 50 ％ of" in page
    assert r"&&\text{(}x - 1 \ne 0\text{) ≈}" in page
