"""The terminal: aligned, within its width, marks without colours, no colours where none are wanted."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console, Group

from derive.documents import _terminal as terminal
from derive.documents import text as text_file
from derive.errors import RefutedError
from derive.steps import Chain, Derivation, Paragraph, Step, Table
from derive.tree import Call, Cases, Matrix, Node, Relation, Symbol
from tests.documents.samples import ALL, LONG, REFUTED, X, conditional, descent, mul, n, neg, sigmoid


def shown(derivation: Derivation, width: int = 80, detail: str = "normal", **options: object) -> list[str]:
    file = io.StringIO()
    console = Console(file=file, width=width, **options)  # type: ignore[arg-type]
    console.print(terminal.render(derivation, width, detail))
    return file.getvalue().splitlines()


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_every_line_fits(make: object, width: int) -> None:
    assert all(cell_len(line) <= width for line in shown(make(), width))  # type: ignore[operator]


def test_relation_signs_are_aligned_and_reasons_at_the_right_edge() -> None:
    lines = [line for line in shown(sigmoid()) if line.endswith("✓")]
    assert len(lines) >= 7
    assert {cell_len(line) for line in lines if "=" in line} == {80}
    assert {line.index("=") for line in lines[:4]} == {8}


def test_the_whole_page_is_there() -> None:
    said = "\n".join(shown(descent()))
    for words in ("Given  C(θ₁, θ₂) = 2θ₁² + 3θ₁ θ₂", "Find   three steps", "Step 1", "Table 1.", "Remark. The Hessian",
                  "Result", "Verification: 11 steps: 7 proved ✓, 2 checked ≈", "modelling assumption ·",
                  "nothing is known ?"):  # fmt: skip
        assert words in said


def test_the_decimals_of_a_table_line_up() -> None:
    norms = ("31.1448", "136.0294", "615.1683", "2106.8")
    rows = [line for line in shown(descent()) if any(norm in line for norm in norms)]
    assert len(rows) == 4
    assert len({line.index(".") for line in rows}) == 1


def test_a_wide_table_repeats_its_first_column() -> None:
    lines = shown(next(make for make in ALL if make.__name__ == "long_rows")())
    assert sum("column 0" in line for line in lines) > 1


def test_no_colours_without_a_terminal() -> None:
    assert "\x1b" not in "".join(shown(sigmoid()))


def test_no_colours_when_none_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    coloured = "".join(shown(sigmoid(), force_terminal=True))
    assert "\x1b[32m" not in coloured
    assert "✓" in coloured


def test_colours_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[32m" in "".join(shown(sigmoid(), force_terminal=True, color_system="standard"))


def test_words_are_no_markup() -> None:
    title = "[bold]title[/bold] [red]"
    one = Derivation(title, "k", (("[link]", n(1)),), (), (), ())
    assert title in "\n".join(shown(one))


def test_a_refuted_step_is_refused() -> None:
    false = Derivation("T", "k", (), (), (Chain((Step(n(1), n(2), "wrong", verdict=REFUTED),)),), ())
    with pytest.raises(RefutedError):
        terminal.render(false)


def test_the_same_as_a_text_file(tmp_path: Path) -> None:
    (path,) = text_file.write("The sheet", [sigmoid(), descent()], tmp_path, "sheet")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert path.name == "sheet.txt"
    assert lines[:2] == ["The sheet", "========="]
    assert all(cell_len(line) <= 80 and line == line.rstrip() for line in lines)
    assert "\x1b" not in "".join(lines)


def test_brief_is_shorter_and_full_longer() -> None:
    lengths = [len(shown(sigmoid(), detail=detail)) for detail in ("brief", "normal", "full")]
    assert lengths == sorted(lengths)
    assert len(set(lengths)) == 3


def alone(*parts: object) -> list[str]:
    lines = shown(Derivation("T", "k", (), (), parts, ()))  # type: ignore[arg-type]
    return [line.rstrip() for line in lines]


@pytest.mark.parametrize(
    "value",
    [
        Call("det", (Matrix(tuple(tuple(mul(n(1000 + i), X) for _ in range(6)) for i in range(6))),)),
        Cases(tuple((mul(n(i + 100), LONG), Relation((X, n(i)), ("<",))) for i in range(3))),
    ],
)  # fmt: skip
def test_what_cannot_be_broken_is_continued_below_its_beginning(value: Node) -> None:
    lines = [line for line in alone(Chain((Step(Symbol("y"), value, "rule"),))) if line][1:-1]
    assert len(lines) > 2
    assert all(line.startswith("       ") for line in lines[1:])


def test_punctuation_ends_a_displayed_formula() -> None:
    lines = alone(Paragraph(("The term is ", LONG, "; close to it.")))
    assert any(line.endswith(";") for line in lines)
    assert "close to it." in lines


def test_one_minus_in_a_table() -> None:
    cells = (((n(1),),), ((neg(n(2)),),), (("−3.5",),), ((mul(neg(n(2)), X),),))
    assert "−" not in "".join(alone(Table((("value",),), cells, ("Numbers.",))))


def test_long_values_of_a_table_become_decimals() -> None:
    value = mul(*(Call("sigma", (n(i),)) for i in range(1, 16)))
    lines = alone(Table((("k",), ("value",), ("again",)), (((n(1),), (value,), (value,)),), ("Values.",)))
    assert sum("Table 1" in line for line in lines) == 1
    assert any("rounded" in line for line in lines)
    assert any(line.count("0.595973") == 2 for line in lines)


def test_conditions_stand_at_the_edge_or_below() -> None:
    lines = shown(conditional())
    assert any(line.endswith("(x - 1 ≠ 0) ≈") and "=" in line for line in lines)
    below = next(i for i, line in enumerate(lines) if "cancel (x - 1 ≠ 0," in line)
    assert lines[below - 1].strip() == "(x² - 1)/(x - 1) = x + 1"
    assert lines[below].endswith("50 % of y_1 ≠ 0) ✓")


@pytest.mark.parametrize("width", [20, 24, 31, 40])
def test_a_no_break_space_ends_no_line(width: int) -> None:
    file = io.StringIO()
    words = terminal.Line("What is it, and why? ") + terminal.Line("(2.5\u00a0points)", style="bold") + " here as well"
    Console(file=file, width=width).print(Group(words))
    lines = file.getvalue().splitlines()
    assert len(lines) > 1 and sum("(2.5\u00a0points)" in line for line in lines) == 1
    assert all(cell_len(line) <= width for line in lines)
