import math
from fractions import Fraction

import numpy as np
import pytest

from derive.errors import DeriveError
from derive.figures import _data, _scale, _style
from derive.read.latex import read
from derive.tree import Call, Symbol

X = Symbol("x")


@pytest.mark.parametrize(
    "formula",
    [
        r"\frac{1}{1 + e^{-x}}", r"\sqrt[3]{x}", r"\left|x\right|", r"\theta_1", r"\hat{y}", r"\log_2(x)", "0.25x^2",
        r"\operatorname{ReLU}(x)", r"\mathbf{x}", r"\frac{\sin(x)}{x}", r"\pi", r"-\infty",
    ],
)  # fmt: skip
def test_ordinary_formulas_can_be_set(formula):
    text = _style.math_text(read(formula))
    assert text is not None and text.startswith("$") and text.endswith("$")


def test_symbols_with_all_their_marks_can_be_set():
    for symbol in (Symbol("x", sup="(0)"), Symbol("theta", "t", "*"), Symbol("y", "1,2", accent="hat", font="bold")):
        assert _style.math_text(symbol)
    assert _style.math_text(Call("f", (X,), 2)) == "$f′′(x)$"


def test_what_cannot_be_set_or_is_too_wide_gets_its_name():
    cases = read(r"\begin{cases} x & x > 0 \\ 0 & x \le 0 \end{cases}")
    assert _style.math_text(cases) is None
    assert _style.label(cases, "ramp") == "ramp"
    assert _style.label(read(r"\begin{bmatrix} 1 & x \\ x & 1 \end{bmatrix}"), "A") == "A"
    assert _style.label(read(" + ".join(f"{k}x^{{{k}}}" for k in range(2, 30))), "p") == "p"
    assert _style.label(None, "curve 1") == "curve 1"


def test_every_function_can_be_a_label():
    from derive.functions import FUNCTIONS

    for name in FUNCTIONS:
        assert _style.math_text(Call(name, (X,))), name


def test_factors_keep_their_distance_from_functions():
    assert _style.math_text(read(r"r\cos(x)")) == r"$r\,\cos(x)$"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("costs $5", r"costs \$5"),
        ("from $5 to $6", r"$5 to $"),
        (r"$\frac{x$", r"\$\frac{x\$"),
        ("$x^2$", "$x^2$"),
        ("two\nlines", "two lines"),
        (r"\input{x}", r"\input{x}"),
    ],
)
def test_text_is_taken_literally_unless_it_is_mathematics(text, shown):
    assert shown in _style.plain_text(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"), (-1.5, "−1.5"), (1e5, r"$10^{5}$"), (-1e-7, r"$-10^{-7}$"), (2.5e8, r"$2.5 \cdot 10^{8}$"),
        (math.inf, r"$\infty$"), (math.nan, "undefined"), (1234.0, "1234"), (-0.0, "0"),
    ],
)  # fmt: skip
def test_numbers_in_pictures(value, text):
    assert _style.number_label(value) == text


def test_numbers_may_be_fractions_of_any_size():
    assert _data.numbers([Fraction(1, 4), 3, "2.5"], "costs") == [0.25, 3, 2.5]
    assert _data.numbers([10**400, -(10**400)], "costs") == [math.inf, -math.inf]
    with pytest.raises(DeriveError, match="numbers as its costs"):
        _data.numbers([None], "costs")


def test_an_interval_without_width_gets_some():
    assert _data.padded(2.0, 2.0) == (1.0, 3.0)
    assert _data.padded(0.0, 0.0) == (-1.0, 1.0)
    assert _data.padded(0.0, 1.0, 0.1) == (-0.1, 1.1)


def test_ends_that_differ_late_are_told_apart():
    assert _data.range_text(0.0, 1.0) == "from 0 to 1"
    assert _data.range_text(1.0, 1.0 + 1e-9) == "from 1 to 1.000000001"


def test_long_lines_are_thinned_but_keep_their_ends():
    kept = _data.thinned(1_000_001)
    assert len(kept) == _data.DRAWN and kept[0] == 0 and kept[-1] == 1_000_000
    assert _data.thinned(5).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("threshold", [0.0, 1.0, 1e-3])
def test_a_scale_has_an_inverse(threshold):
    scale = _scale.Scale(-1e9, 1e6, threshold)
    values = np.array([-1e9, -3.0, -1e-4, 0.0, 0.5, 1e6])
    assert scale.inverse(scale.forward(values)) == pytest.approx(values, rel=1e-9)
    assert (np.diff(scale.grid(50)) > 0).all()


@pytest.mark.parametrize("values", [[1, -3, 1e8], [1e-30, 1e30], [-5, -1e200], [0, 0], [1e-300, -1e-300]])
def test_the_ticks_of_a_symmetric_scale_are_few_and_inside(values):
    scale = _scale.symmetric_scale(np.array(values, dtype=float))
    ticks = scale.ticks()
    assert 1 <= len(ticks) <= 12
    assert all(scale.low <= t <= scale.high for t in ticks)
    assert scale.low < min(values) and scale.high > max(values)


def test_labels_are_told_apart_by_more_digits_or_by_differences():
    assert _scale.distinct([1.0, 2.0]) == (0.0, ["1", "2"])
    assert _scale.distinct([1.0001, 1.0002]) == (0.0, ["1.0001", "1.0002"])
    base, labels = _scale.distinct([2 + 1e-9, 2 + 3e-9])
    assert base == pytest.approx(2) and len(set(labels)) == 2
    assert _scale.less("C", 2.0) == "C $-$ 2"
    assert _scale.less("C", -2.0) == "C $+$ 2"
