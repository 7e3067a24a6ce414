"""Lines that work numbers out: what each does to them is what it is called."""

import pytest

from derive.kinds._by_hand import Style, worked
from derive.kinds._operations import LINES
from derive.read.latex import read
from derive.steps import Context
from derive.worksheets._moves import move
from derive.write.text import text

LINE_BY_LINE = [
    (r"\frac{10}{5}", [("2", "divide")]),
    (r"\frac{2}{10}", [("1/5", "reduce the fraction")]),
    (r"\frac{0.8}{4}", [("0.2", "divide")]),
    (r"\frac{1}{\frac{20}{3}}", [("3/20", "divide")]),
    (r"\frac{1.12}{0.19}", [("112/19", "write with whole numbers")]),
    (r"\frac{6 e}{4}", [("(3e)/2", "reduce the fraction"), ("4.07742", "round")]),
    (r"\frac{1}{\sqrt{2}}", [("√(2)/2", "rationalise the denominator"), ("0.707107", "round")]),
    (r"\left|-0.2\right|", [("0.2", "absolute value of a number")]),
    (r"\left|-\frac{1}{5}\right|", [("1/5", "absolute value of a number")]),
    (r"\max(2, 3) \cdot 2", [("6", "work out")]),
    ("3^2 + 2^2", [("9 + 4", "work out the powers"), ("13", "add")]),
    (r"\sqrt{16}", [("4", "work out the root")]),
    ("-(-3)", [("3", "signs")]),
    (r"3 \cdot 2^2 - 1", [("12 - 1", "multiply"), ("11", "subtract")]),
    (r"2 \cdot 3 + \frac{8}{4}", [("6 + 2", "multiply and divide"), ("8", "add")]),
    (r"(3 \cdot 2, \frac{4}{6})", [("(6, 2/3)", "multiply and divide")]),
    # signs before a zero are no line of their own
    ("(0 - 0, 2.4 - 0.48)", [("(0, 1.92)", "subtract")]),
    (r"1 - 0 \cdot \log(2)", [("1 - 0", "multiply"), ("1", "subtract")]),
    (r"0 \cdot \log(2) - \log(2)", [("0 - log(2)", "multiply"), ("-log(2)", "subtract"), ("-0.693147", "round")]),
    (r"-0 \cdot 2 - \log(2)", [("0 - log(2)", "multiply"), ("-log(2)", "subtract"), ("-0.693147", "round")]),
    # what is no subtraction
    ("-1 + 3", [("2", "add")]),
    ("2 - 3 + 4", [("3", "add")]),
    ("(1 - 3, 2 + 4)", [("(-2, 6)", "add")]),
]


@pytest.mark.parametrize(("formula", "lines"), LINE_BY_LINE)
def test_a_line_is_called_what_is_done_in_it(formula, lines):
    assert [(text(s.after), s.rule) for s in worked(read(formula))] == lines


@pytest.mark.parametrize(("formula", "lines"), LINE_BY_LINE)
def test_every_line_has_a_reason_and_a_name_that_is_known(formula, lines):
    known = {*LINES[0], *LINES[1], "round"}
    assert all(s.reason and s.rule in known for s in worked(read(formula)))


def test_a_fraction_that_ends_becomes_a_decimal_by_a_line_of_its_own():
    lines = worked(read(r"\frac{2}{10}"), Style(decimals=True))
    assert [(text(s.after), s.rule) for s in lines] == [("1/5", "reduce the fraction"), ("0.2", "as decimals")]


@pytest.mark.parametrize(("right", "wrong", "expected"), [
    (r"2 \cdot 3 + \frac{8}{4}", r"2 \cdot 3 + 8", "6 + 8"),  # a line of another name of the same group
    ("5 - 2", "5 + 2", "7"),
])  # fmt: skip
def test_with_other_numbers_the_same_line_is_worked_out(right, wrong, expected):
    step = worked(read(right))[0]
    found = move(step, Context())
    assert found is not None and text(found(read(wrong))) == expected
