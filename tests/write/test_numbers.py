from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import MathError
from derive.tree import INFINITY, Negative
from derive.write.latex import latex
from derive.write.numbers import approximate, decimal_text, fixed_text, half_up, scientific


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(1, 3), "0.333333"),
        (Fraction(2, 3), "0.666667"),
        (Fraction(1, 2), "0.5"),
        (Fraction(1, 2) + Fraction(1, 10**9), "0.500000"),
        (0.1, "0.1"),
        (0.1 + 0.2, "0.300000"),
        (Fraction(-1, 200), "-0.005"),
        (0, "0"),
        (-0.0, "0"),
        (9.9999999, "10.0000"),
        (123456789, "123456789"),
        (123456789.5, "1.23457e+08"),
        (10**20, "1e+20"),
        (0.00012345678, "0.000123457"),
        (-1.2345678e-7, "-1.23457e-07"),
        (5e-324, "4.94066e-324"),
    ],
)
def test_decimal_text(value, expected):
    assert decimal_text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Fraction(1, 3), "0.333"),
        (Fraction(-1, 3), "-0.333"),
        (0.0000123, r"1.23 \cdot 10^{-5}"),
        (Fraction(-1, 10**7), "-10^{-7}"),
        (123456.0, "123456"),
        (123456.5, r"1.23 \cdot 10^{5}"),
        (float("inf"), r"\infty"),
    ],
)
def test_approximate(value, expected):
    assert latex(approximate(value, 3)) == expected


def test_infinity_has_a_node_but_no_decimals():
    assert approximate(float("-inf")) == Negative(INFINITY)
    for value in (float("inf"), float("nan")):
        with pytest.raises(MathError, match="not a finite number"):
            decimal_text(value)
    with pytest.raises(MathError):
        approximate(float("nan"))


def test_columns_have_fixed_places():
    assert [fixed_text(v, 2) for v in (1, Fraction(1, 3), -0.005, 2.675, -1e-9)] == [
        "1.00", "0.33", "-0.01", "2.67", "0.00",
    ]  # fmt: skip
    assert fixed_text(Fraction(5, 2), 0) == "3"


def test_halves_go_away_from_zero():
    assert [half_up(Fraction(n, 2)) for n in (-3, -1, 0, 1, 3)] == [-2, -1, 0, 1, 2]


@given(st.fractions(), st.integers(1, 12))
def test_scientific_rounds_the_exact_value(value, significant):
    mantissa, exponent = scientific(value, significant)
    with localcontext(prec=significant, rounding=ROUND_HALF_UP):
        expected = Decimal(value.numerator) / Decimal(value.denominator)
    assert Decimal(mantissa).scaleb(exponent) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_seventeen_digits_tell_every_float(value):
    assert float(decimal_text(value, 17)) == value
