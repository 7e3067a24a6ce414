"""The picture of an unreadable formula: one line, a caret under the place, nothing invisible."""

import pytest

from derive.errors import FormulaError


@pytest.mark.parametrize(("text", "position", "line", "caret"), [
    ("x + )", 4, "x + )", 4),
    ("x\n+ )", 4, "x + )", 4),
    ("x\u200b+ y", 1, "x�+ y", 1),
    ("\u202ex + y", 0, "�x + y", 0),
    ("x", 1, "x", 1),
])
def test_the_caret_stands_under_the_place(text, position, line, caret):
    shown, marks = FormulaError(text, position, "no").picture().splitlines()
    assert shown == f"  {line}"
    assert marks.index("^") - 2 == caret


def test_a_long_formula_is_cut_around_the_place():
    picture = FormulaError("x + " * 100 + ")", 400, "no").picture()
    shown, marks = picture.splitlines()
    assert len(shown) <= 80 and shown.startswith("  …")
    assert shown[marks.index("^")] == ")"
