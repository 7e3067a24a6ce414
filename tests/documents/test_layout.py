"""Long rows: every line within its room, nothing lost, broken where a person would break them."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from derive.documents._layout import PAPER, Close, Measure, Open, Sign, Stack, Whole, broken, line_width
from derive.documents._pieces import TexNotation, TextNotation, TypstNotation
from derive.documents._rows import BOX_HEIGHT, aligned, boxes, punctuated
from derive.documents._terminal import MEASURE
from derive.documents._tree import Row
from derive.tree import (
    Call,
    Cases,
    Derivative,
    Dots,
    Given,
    Indexed,
    Matrix,
    Negative,
    Node,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    SumOver,
    Symbol,
    Vector,
)
from derive.write.text import text
from tests.documents.samples import LONG, X, Y, add, eq, frac, monomial, mul, n, neg, power
from tests.trees import expressions

TEX, TEXT = TexNotation(), TextNotation()


def tex_lines(node: Node, room: float) -> list[str]:
    return [TEX.line(line, i > 0) for i, line in enumerate(broken(node, room, room))]


def test_what_fits_is_one_piece() -> None:
    assert broken(add(X, Y), 40, 40) == ((Whole(add(X, Y)),),)


def test_a_sum_breaks_before_its_signs() -> None:
    lines = tex_lines(LONG, 30)
    assert len(lines) > 2
    assert not lines[0].startswith(("{}", "+", "-"))
    assert all(line.startswith(("{} + ", "{} - ")) for line in lines[1:])


def test_a_leading_minus_is_a_sign_of_its_own() -> None:
    assert tex_lines(add(neg(X), *(monomial(i) for i in range(10))), 20)[0].startswith("-x")


def test_a_product_breaks_before_a_factor() -> None:
    node = mul(*(add(X, Y, n(i)) for i in range(1, 9)))
    lines = tex_lines(node, 20)
    assert len(lines) > 2
    assert all(line.startswith(r"{} \cdot ") for line in lines[1:])
    assert lines[0].count("(x + y") >= 2


def test_a_single_sum_among_factors_keeps_its_brackets() -> None:
    lines = tex_lines(mul(power(X, 2), add(*(power(Y, i) for i in range(2, 9)))), 16)
    joined = "".join(lines)
    assert joined.count("(") == joined.count(")") == 1


def test_a_relation_breaks_before_its_signs_first() -> None:
    lines = tex_lines(eq(X, add(X, Y), add(Y, X, n(1)), add(X, Y, n(2))), 8)
    assert [line.removeprefix("{} ")[0] for line in lines[1:]] == ["="] * (len(lines) - 1)


def test_a_comma_stays_at_the_end_of_its_line() -> None:
    lines = tex_lines(Vector(tuple(monomial(i) for i in range(9))), 20)
    assert all(line.endswith(",") for line in lines[:-1])


def test_brackets_opened_by_hand_match_in_size() -> None:
    pieces = [p for line in broken(power(LONG, 2), 30, 30) for p in line]
    opened = next(p for p in pieces if isinstance(p, Open))
    closed = next(p for p in pieces if isinstance(p, Close))
    assert (opened.bracket, opened.height) == ("(", closed.height)
    assert closed.exponent == n(2)


def test_an_operator_keeps_its_body_in_brackets() -> None:
    for node, start, end in (
        (Derivative(LONG, X), r"\dfrac{d}{dx}\bigl[", r"\bigr]"),
        (Call("log", (LONG,)), r"\log\bigl(", r"\bigr)"),
        (Call("f", (LONG,), 1), r"f'\bigl(", r"\bigr)"),
        (Call("abs", (LONG,)), r"\bigl|", r"\bigr|"),
    ):
        lines = tex_lines(node, 30)
        assert lines[0].startswith(start)
        assert lines[-1].endswith(end)


def test_a_wide_fraction_is_stacked_on_paper_and_slashed_in_a_terminal() -> None:
    node = frac(LONG, add(n(1), X))
    assert isinstance(broken(node, 30, 30)[0][0], Stack)
    lines = broken(node, 60, 60, MEASURE)
    assert Sign("/") in lines[-1]


def test_what_cannot_be_broken_is_given_its_room() -> None:
    wide = Matrix(((LONG, LONG),))
    (line,) = broken(wide, 30, 28)
    assert line == (Whole(wide, 30),)
    assert TEX.line(line).startswith(r"\fitto{30.0em}{\begin{bmatrix}")


def test_a_matrix_in_a_terminal_has_its_rows_on_lines() -> None:
    node = Matrix(tuple(tuple(monomial(i + j) for j in range(3)) for i in range(3)))
    lines = [TEXT.line(line) for line in broken(node, 50, 50, MEASURE)]
    assert len(lines) == 3
    assert "".join(lines).replace(" ", "") == text(node).replace(" ", "")


def test_no_crumb_is_left_for_the_last_line() -> None:
    widths = [line_width(line) for line in broken(LONG, 36, 36)]
    assert widths[-1] > 0.4 * max(widths)


def _bracketed_when_joined() -> list[Node]:
    """Factors that need brackets in a product, two of them on one line."""
    theta, slope = Symbol("theta", "1"), Call("sigma", (X,), 1)
    same = Call("indicator", (eq(X, X),))
    divergence = Given((Call("q", (X,)),), (Call("p", (Given((X,), (theta, Y), ";"),)),), "||")
    cases = Cases(((neg(X), Relation((X, X), (">",))), (Call("D_KL", (divergence,)), None)))
    ends = (Indexed(Symbol("r"), (index,)) for index in (n(1), Symbol("n")))
    dotted = mul(Product((next(ends), Dots(), next(ends))), neg(theta))
    left = neg(mul(Symbol("f"), Matrix(((slope, Call("p", (Given((X,), (theta,)),)), same),))))
    return [X, eq(left, mul(cases, dotted)), add(X, X), add(slope, SumOver(X, Symbol("k"), n(1), Symbol("n")))]


@pytest.mark.parametrize("room", [24.0, 30.0, 38.0])
@example(terms=_bracketed_when_joined())
@given(terms=st.lists(expressions(), min_size=4, max_size=12))
def test_lines_stay_within_their_room(room: float, terms: list[Node]) -> None:
    """Within half an em; what is shrunk or stacked is measured again when it is set."""
    for line in broken(Sum(tuple(terms)), room, room - 1):
        rigid = any(isinstance(p, Stack) or (isinstance(p, Whole) and p.room) for p in line)
        assert rigid or line_width(line) <= room + 0.5


@pytest.mark.parametrize("room", range(10, 40, 3))
def test_a_sum_over_an_index_never_takes_in_the_factors_of_the_next_line(room: int) -> None:
    over = SumOver(mul(*(power(Symbol("a", str(i)), 2) for i in range(5))), Symbol("k"), n(1), Symbol("n"))
    node = mul(*(power(Symbol("c", str(i)), 2) for i in range(6)), over, Symbol("d"), over)
    written = " ".join(tex_lines(node, room))
    before, after, _ = re.split(r"\\sum_\{k = 1\}\^\{n\}", written)
    assert before.endswith("(") or after.lstrip("\\big").startswith("l(")
    assert ")" in after[: after.index("d")]


def test_deep_nesting_takes_no_exponential_time() -> None:  # else this would not end
    node: Node = X
    for i in range(30):
        node = Call("log", (add(power(X, i + 1), mul(n(i + 2), Y), mul(Y, node)),))
    assert len(broken(node, 35, 33)) > 5


@given(terms=st.lists(expressions(), min_size=2, max_size=10))
def test_nothing_is_lost_or_added_by_breaking(terms: list[Node]) -> None:
    node = Sum(tuple(terms))
    lines = broken(node, 25, 23, MEASURE)
    letters = re.compile(r"[\w∂√∞]")
    together = " ".join(TEXT.line(line, i > 0) for i, line in enumerate(lines))
    assert sorted(letters.findall(together)) == sorted(letters.findall(text(node)))


@given(node=expressions())
def test_every_notation_writes_every_line(node: Node) -> None:
    for notation in (TEX, TEXT, TypstNotation()):
        for i, line in enumerate(broken(node, 6, 5)):
            written = re.sub(r"\\[{}]", "", notation.line(line, i > 0))
            if isinstance(notation, TextNotation):
                continue  # a set has its braces on two lines there
            assert written.count("{") == written.count("}")


# --- rows ------------------------------------------------------------------------------------------------


def test_left_sides_share_a_column() -> None:
    lines, column = aligned((Row(Call("f", (X,)), "=", X), Row(None, "=", Y)), 40)
    assert column == PAPER.node(Call("f", (X,)))
    assert [bool(line.left) for line in lines] == [True, False]


def test_a_wide_left_side_hangs() -> None:
    lines, column = aligned((Row(LONG, "=", X, "why"),), 40)
    assert column == 0
    assert lines[0].sign == ""
    assert (lines[-1].sign, lines[-1].indent, lines[-1].why) == ("=", 1, ("why",))


def test_a_long_displayed_relation_becomes_rows() -> None:
    lines, _ = aligned((Row(None, "", eq(Call("f", (X,)), LONG, mul(LONG, X)), "stated"),), 40)
    assert [line.sign for line in lines if line.sign] == ["=", "="]
    assert [line.why for line in lines if line.why] == [("stated",)]
    assert lines[-1].why == ("stated",)


def test_where_a_page_may_end() -> None:
    """Within no row, not after the first row, not before the last one."""
    lines, _ = aligned((Row(X, "=", LONG), Row(None, "=", X)), 30)
    assert [line.last for line in lines] == [False] * (len(lines) - 1) + [True]
    lines, _ = aligned(tuple(Row(X, "=", X) for _ in range(5)), 30)
    assert [line.last for line in lines] == [False, True, True, False, True]


def test_many_results_take_several_boxes() -> None:
    row = Row(Symbol("a"), "=", Matrix(((X,), (Y,), (X,))))
    found = boxes([row] * 40)
    assert sum(map(len, found)) == 40
    assert 2 < len(found) < 20
    assert BOX_HEIGHT > 0


def test_a_measure_decides_what_is_wide() -> None:
    thin = Measure(lambda node: 0.1, lambda sign: 0.1, lambda height: 0.1, lambda node: 0.1)
    assert len(broken(LONG, 1, 1, thin)) == 1


@pytest.mark.parametrize(
    ("node", "written"),
    [
        (Negative(Sum((X, Y))), "-(x + y)"),
        (Power(Sum((X, Y)), n(2)), "(x + y)^{2}"),
        (Product((n(2), X)), "2 x"),
        (Quotient(X, Y), r"\frac{x}{y}"),
        (Relation((X, Y), ("<=",)), r"x \le y"),
    ],
)
def test_whole_formulas_are_the_printers(node: Node, written: str) -> None:
    assert TEX.whole(node) == written


# --- fractions, page ends and punctuation ----------------------------------------------------------


def wide_fraction(terms: int) -> Node:
    inner = [power(add(X, n(i + 1)), 2) for i in range(terms)]
    return frac(mul(*inner), add(X, Y))


@pytest.mark.parametrize("terms", range(4, 12))
def test_a_coefficient_is_not_left_alone_before_a_wide_fraction(terms: int) -> None:
    node = add(neg(mul(Y, wide_fraction(terms))), neg(mul(add(n(1), neg(Y)), wide_fraction(terms))))
    lines = broken(node, 36.0, 36.0)
    assert all(any(isinstance(p, Stack) or "frac" in TEX.line((p,)) for p in line) for line in lines)
    assert not any(re.search(r"\\cdot *\\f(rac|itto)", written) for written in tex_lines(node, 36.0))


def test_a_factor_stays_beside_a_fraction_in_several_lines() -> None:
    (line,) = broken(mul(wide_fraction(11), power(add(X, n(1)), 6)), 36.0, 36.0)
    assert any(isinstance(piece, Stack) for piece in line)
    assert line_width(line) <= 36.0


def test_a_broken_fraction_on_a_line_is_bracketed_before_another_factor() -> None:
    node = mul(frac(LONG, n(24)), power(add(X, n(1)), 4))
    written = " ".join(TEXT.line(line, i > 0) for i, line in enumerate(broken(node, 50, 50, MEASURE)))
    assert "/ 24) · (x + 1)⁴" in written


def test_no_bracket_is_written_twice_after_a_broken_one() -> None:
    wide = frac(mul(LONG, add(X, n(1))), add(n(1), neg(Call("sigma", (add(X, Y),)))))
    node = mul(add(n(1), neg(Y)), wide)
    for room in range(30, 70, 4):
        written = " ".join(TEXT.line(line, i > 0) for i, line in enumerate(broken(node, room, room, MEASURE)))
        assert "((1 - σ" not in written


def test_a_page_may_end_inside_a_long_row_but_not_inside_a_short_one() -> None:
    long = add(*(power(add(X, n(i)), i + 2) for i in range(90)))
    lines, _ = aligned((Row(Y, "=", X), Row(None, "=", long)), 36.0)
    ends = [line.last for line in lines]
    assert len(lines) > 10
    assert not ends[0] and not ends[1] and not ends[-2] and ends[-1]
    assert all(ends[2:-2])
    short, _ = aligned((Row(Y, "=", LONG), Row(None, "=", X)), 36.0)
    assert not any(line.last for line in short[:-1])


@pytest.mark.parametrize("mark", [";", ",", "."])
def test_punctuation_goes_to_the_displayed_formula(mark: str) -> None:
    words = ("The next term is ", LONG, f"{mark} close to it")
    assert list(punctuated(words, lambda node: True)) == [(words[0], ""), (LONG, mark), ("close to it", "")]
    assert list(punctuated(words, lambda node: False)) == [(part, "") for part in words]
