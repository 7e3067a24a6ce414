"""Decimals for people: rounded honestly, from the exact value.

Tables, result boxes and figures call these. A decimal is rounded half up in the decimals of the exact value (a
float is the binary fraction that it is), never through a chain of roundings. Digits that are shown but rounded
keep their zeros; a value that ends within the digits asked for is shown without padding, so ``0.5`` is exactly a
half and ``0.500000`` is not. A float ends where the text reads back as the same float: ``0.1``.
"""

from __future__ import annotations

import math
from fractions import Fraction

from derive.errors import MathError
from derive.tree import INFINITY, Negative, Node, Number, Power, Product

SMALLEST_EXPONENT = -4  # 0.00012 is still read at a glance, 0.000012 is not
EXACT_DIGITS = 15  # a whole number of more digits is shown rounded


def _exact(value: Fraction | float) -> Fraction:
    if isinstance(value, float) and not math.isfinite(value):
        raise MathError(f"not a finite number: {value}")
    return Fraction(value)


def half_up(value: Fraction) -> int:
    """The nearest whole number; of two equally near ones the one further from zero."""
    size = math.floor(abs(value) + Fraction(1, 2))
    return -size if value < 0 else size


def _exponent(size: Fraction) -> int:
    """The power of ten of the first digit of a positive number."""
    guess = len(str(size.numerator)) - len(str(size.denominator))
    return guess if size >= Fraction(10) ** guess else guess - 1


def _mantissa(value: Fraction, significant: int) -> tuple[int, int]:
    """Digits of the rounded value as a whole number, and the power of ten of the first of them."""
    exponent = _exponent(abs(value))
    digits = half_up(abs(value) / Fraction(10) ** (exponent - significant + 1))
    return (digits // 10, exponent + 1) if digits == 10**significant else (digits, exponent)


def _pointed(digits: str, places: int) -> str:
    """A point put before the last ``places`` digits."""
    padded = digits.rjust(places + 1, "0")
    return f"{padded[:-places]}.{padded[-places:]}" if places > 0 else padded


def fixed_text(value: Fraction | float, places: int) -> str:
    """A number with a fixed count of decimal places, for columns: ``fixed_text(2.675, 2)`` is ``2.67``.

    MathError when the value is not finite.
    """
    exact = _exact(value)
    scaled = half_up(exact * 10**places)
    return ("-" if scaled < 0 else "") + _pointed(str(abs(scaled)), places)


def scientific(value: Fraction | float, significant: int = 6) -> tuple[str, int]:
    """Mantissa and power of ten: ``("1.23", -5)``; the mantissa without padding when it is exact.

    MathError when the value is not finite. Zero is ``("0", 0)``.
    """
    exact = _exact(value)
    if not exact:
        return "0", 0
    digits, exponent = _mantissa(exact, significant)
    text = ("-" if exact < 0 else "") + _pointed(str(digits), significant - 1)
    return _trimmed(text) if _ends(f"{text}e{exponent}", value) else text, exponent


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _ends(text: str, value: Fraction | float) -> bool:
    """Whether the digits shown are the whole number, not a rounding of it."""
    return float(text) == value if isinstance(value, float) else Fraction(text) == value


def _plain(value: Fraction | float, significant: int) -> str | None:
    """The number without a power of ten, or None when it would need zeros that are no digits of it."""
    exact = _exact(value)
    if exact.denominator == 1 and abs(exact) < 10**EXACT_DIGITS:
        return str(exact.numerator)
    digits, exponent = _mantissa(exact, significant)
    if not SMALLEST_EXPONENT <= exponent < significant:
        return None
    text = ("-" if exact < 0 else "") + _pointed(str(digits), significant - 1 - exponent)
    return _trimmed(text) if _ends(text, value) else text


def decimal_text(value: Fraction | float, significant: int = 6) -> str:
    """A number as text, rounded to significant digits: ``0.333333``, ``0.5``, ``1.23457e-07``.

    Whole numbers of up to 15 digits are shown in full. MathError when the value is not finite.
    """
    plain = _plain(value, significant)
    if plain is not None:
        return plain
    mantissa, exponent = scientific(value, significant)
    return f"{mantissa}e{exponent:+03d}"


def _signed(text: str) -> Node:
    return Negative(Number(text[1:])) if text.startswith("-") else Number(text)


def approximate(value: Fraction | float, digits: int = 6) -> Node:
    r"""The same number as a node: ``0.333333``, ``-1.23 \cdot 10^{-7}``.

    Infinity is the constant; MathError for what is not a number.
    """
    if isinstance(value, float) and math.isinf(value):
        return INFINITY if value > 0 else Negative(INFINITY)
    plain = _plain(value, digits)
    if plain is not None:
        return _signed(plain)
    mantissa, exponent = scientific(value, digits)
    power = Power(Number("10"), _signed(str(exponent)))
    product = power if mantissa.lstrip("-") == "1" else Product((Number(mantissa.lstrip("-")), power))
    return Negative(product) if value < 0 else product
