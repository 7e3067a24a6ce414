"""What is drawn: of the right kind, within its range, and the same for the same chance in every version of Python."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.read.fields import Spelled
from derive.steps import Value
from derive.tree import Negative, Number, Quotient, Symbol, numeric
from derive.worksheets import _chance, _matrices, draws
from derive.worksheets.model import Draw, Student

ANYBODY = Student("1")
SEEDS = st.integers(0, 2**64)


def drawn(kind: str, options: Any, seed: int = 0, columns: dict[str, str] | None = None) -> draws.Drawn:
    return draws.drawn(Draw("x", kind, options), Random(seed), Student("1", "", columns or {}))


def numbers(value: Value) -> list[Fraction]:
    """Every number of a value, in order."""
    if isinstance(value, tuple):
        return [x for part in value for x in numbers(part)]
    exact = numeric(value)
    assert exact is not None
    return [exact]


# --- every kind ------------------------------------------------------------------------------------------


@given(SEEDS, st.integers(-20, 20), st.integers(0, 20))
def test_integers(seed: int, low: int, width: int) -> None:
    [value] = numbers(drawn("integers", [low, low + width], seed).value)
    assert low <= value <= low + width and value.denominator == 1


@given(SEEDS)
def test_numbers_that_are_left_out(seed: int) -> None:
    [value] = numbers(drawn("integers", {"integers": [-2, 2], "without": [0, 7, 2]}, seed).value)
    assert value in (-2, -1, 1)


def test_every_number_of_a_range_is_drawn() -> None:
    found = {numbers(drawn("integers", {"integers": [-2, 2], "without": [0]}, seed).value)[0] for seed in range(200)}
    assert found == {-2, -1, 1, 2}


@given(SEEDS)
def test_decimals(seed: int) -> None:
    options = {"decimals": [Spelled("-0.5"), Spelled("0.5")], "places": 2, "without": [Spelled("0.25")]}
    [value] = numbers(drawn("decimals", options, seed).value)
    assert abs(value) <= Fraction(1, 2) and (value * 100).denominator == 1 and value != Fraction(1, 4)


@given(SEEDS)
def test_rationals(seed: int) -> None:
    [value] = numbers(drawn("rationals", {"rationals": [-5, 5], "denominators": [2, 4]}, seed).value)
    assert value.denominator in (2, 3, 4) and abs(value.numerator) <= 5


@given(SEEDS)
def test_permutations(seed: int) -> None:
    assert sorted(numbers(drawn("permutation", 5, seed).value)) == [1, 2, 3, 4, 5]
    assert sorted(drawn("permutation", ["x", "y", 3], seed).raw, key=str) == [3, "x", "y"]


@given(SEEDS, st.integers(1, 5), st.integers(5, 12), st.booleans())
def test_distributions(seed: int, outcomes: int, parts: int, zeros: bool) -> None:
    options = {"distribution": outcomes, "denominator": parts, "zeros": zeros}
    found = numbers(drawn("distribution", options, seed).value)
    assert len(found) == outcomes and sum(found) == 1
    assert all(p * parts == int(p * parts) and (p > 0 or (zeros and p == 0)) for p in found)


def test_every_distribution_is_drawn() -> None:
    found = {tuple(numbers(drawn("distribution", {"distribution": 3, "denominator": 4}, s).value)) for s in range(99)}
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    assert found == {(half, quarter, quarter), (quarter, half, quarter), (quarter, quarter, half)}


@given(SEEDS, st.booleans())
def test_points(seed: int, distinct: bool) -> None:
    options = {"points": 6, "in": [[-3, 3], [0, Spelled("0.5")]], "places": 1, "distinct": distinct}
    value = drawn("points", options, seed).value
    assert isinstance(value, tuple) and len(value) == 6
    assert len(set(value)) == 6 or not distinct
    for point in value:
        x, y = numbers(point)
        assert -3 <= x <= 3 and 0 <= y <= Fraction(1, 2) and (y * 10).denominator == 1


def test_a_single_range_gives_plain_numbers() -> None:
    made = drawn("points", {"points": 4, "in": [0, 9]})
    assert len(numbers(made.value)) == 4 and made.raw == [int(x) for x in numbers(made.value)]


SQUARE = [(), ("invertible",), ("symmetric",), ("positive definite",), ("nice eigenvalues",),
          ("symmetric", "invertible"), ("symmetric", "nice eigenvalues"), ("invertible", "nice eigenvalues")]


NICE = [("nice eigenvalues",), ("symmetric", "nice eigenvalues"), ("positive definite", "nice eigenvalues"),
        ("symmetric", "invertible", "nice eigenvalues")]


@pytest.mark.parametrize(("size", "properties"), [*((n, p) for n in (2, 3) for p in SQUARE),
                                                  *((n, p) for n in (4, 5, 6, 9) for p in NICE)])
def test_matrices(properties: tuple[str, ...], size: int) -> None:
    import numpy as np

    for seed in range(8 if size < 4 else 3):
        options = {"matrix": [size], "entries": [-4, 4], "properties": list(properties)}
        entries = [int(x) for x in numbers(drawn("matrix", options, seed).value)]
        matrix = np.array(entries, float).reshape(size, size)
        values = np.linalg.eigvals(matrix)
        assert np.abs(matrix).max() <= 4
        if "invertible" in properties:
            assert abs(np.linalg.det(matrix)) > 0.5
        if {"symmetric", "positive definite"} & set(properties):
            assert (matrix == matrix.T).all()
        if "positive definite" in properties:
            assert values.real.min() > 0
        if "nice eigenvalues" in properties:
            assert abs(values - values.real.round()).max() < 1e-4
            assert matrix.any() and (matrix != np.diag(np.diag(matrix))).any()


@pytest.mark.parametrize("properties", NICE[:3])
def test_large_matrices_with_nice_eigenvalues_of_a_range(properties: tuple[str, ...]) -> None:
    wanted = _matrices.Wanted(6, 6, -5, 5, frozenset(properties), (1, 4))
    for seed in range(3):
        found = _matrices.whole_eigenvalues(_matrices.draw(Random(seed), wanted))
        assert found is not None and len(found) == 6 and all(1 <= value <= 4 for value in found)


@pytest.mark.parametrize(("low", "high", "eigenvalues", "properties"), [
    (0, 0, None, ("symmetric", "nice eigenvalues")), (-5, 5, (2, 2), ("symmetric", "nice eigenvalues")),
    (-5, 5, (50, 60), ("nice eigenvalues",)), (-5, 5, (-3, -1), ("positive definite", "nice eigenvalues")),
])
def test_large_matrices_that_there_are_not(
    low: int, high: int, eigenvalues: tuple[int, int] | None, properties: tuple[str, ...], monkeypatch: Any
) -> None:
    monkeypatch.setattr(_matrices, "TRIES", 30)
    with pytest.raises(DeriveError, match=f"no 4 x 4 matrix with entries from {low} to {high} was found"):
        _matrices.draw(Random(0), _matrices.Wanted(4, 4, low, high, frozenset(properties), eigenvalues))


SIGNS = st.dictionaries(st.integers(0, 4), st.sampled_from([1, -1]), min_size=3, max_size=4)


@settings(max_examples=40)
@given(st.lists(st.integers(-6, 6), min_size=15, max_size=15), SIGNS)
def test_a_reflection_keeps_the_eigenvalues(entries: list[int], v: dict[int, int]) -> None:
    take = iter(entries)
    rows = [[0] * 5 for _ in range(5)]
    for i in range(5):
        for j in range(i, 5):
            rows[i][j] = rows[j][i] = len(v) ** 2 * next(take)
    made = _matrices._reflected(rows, v)
    assert made is not None and _matrices._reflected(made, v) == rows
    assert all(made[i][j] == made[j][i] for i in range(5) for j in range(5))
    before, after = (_matrices.characteristic(tuple(map(tuple, matrix))) for matrix in (rows, made))
    assert before == after


def test_eigenvalues_of_a_range() -> None:
    options = {"matrix": [3, 3], "entries": [-9, 9], "properties": ["nice eigenvalues"], "eigenvalues": [1, 3]}
    for seed in range(10):
        entries = [int(x) for x in numbers(drawn("matrix", options, seed).value)]
        found = _matrices.whole_eigenvalues(tuple(tuple(entries[i : i + 3]) for i in (0, 3, 6)))
        assert found is not None and all(1 <= value <= 3 for value in found)


@given(st.lists(st.integers(-6, 6), min_size=9, max_size=9))
def test_determinant_and_characteristic_polynomial_agree(entries: list[int]) -> None:
    matrix = tuple(tuple(entries[i : i + 3]) for i in (0, 3, 6))
    coefficients = _matrices.characteristic(matrix)
    assert coefficients[-1] == -_matrices.determinant(matrix)
    assert coefficients[1] == -(entries[0] + entries[4] + entries[8])


def test_a_matrix_that_is_not_square() -> None:
    value = drawn("matrix", {"matrix": [2, 3], "entries": [0, 1]}).value
    assert isinstance(value, tuple) and [len(row) for row in value if isinstance(row, tuple)] == [3, 3]


CHOICES = [
    ([2], Number("2"), 2), ([-3], Negative(Number("3")), -3), ([Spelled("0.10")], Number("0.10"), Spelled("0.10")),
    (["1/2"], Quotient(Number("1"), Number("2")), "1/2"), (["momentum"], Symbol("momentum", font="rm"), "momentum"),
    (["line-search"], Symbol("linesearch", font="rm"), "line-search"), ([[1, 2]], (Number("1"), Number("2")), [1, 2]),
]


@pytest.mark.parametrize(("items", "value", "raw"), CHOICES)
def test_choices(items: list[Any], value: Value, raw: Any) -> None:
    assert drawn("choice", items) == draws.Drawn(value, raw)


# --- what is known of a person -----------------------------------------------------------------------------

DAYS = [
    ("16.03.2001", "", [1, 6]), ("2001-03-16", "", [1, 6]), ("1.3.2001", "", [0, 1]), ("16.03.", "", [1, 6]),
    ("05-16", "", [1, 6]), ("29.02.2000", "", [2, 9]), (" 16.03.01 ", "", [1, 6]), ("02-29", "", [2, 9]),
    ("03/16/2001", "month/day/year", [1, 6]), ("16/03/2001", "day/month/year", [1, 6]),
    ("16. 3. 2001", "day. month. year", [1, 6]),
]


@pytest.mark.parametrize(("cell", "format_", "digits"), DAYS)
def test_birthdays(cell: str, format_: str, digits: list[int]) -> None:
    options = {"birthday": "born", "format": format_}
    assert drawn("birthday", options, columns={"born": cell}).raw == digits


NO_DAYS = [
    ("03/16/2001", "", "no birthday", "format"), ("16 March", "", "no birthday", "16.03.2001"),
    ("30.02.2001", "", "no day of the calendar", "correct"), ("29.02.2001", "", "no day of the calendar", "correct"),
    ("16.03.2001", "month/day/year", "no birthday", "month/day/year"), ("", "", "is empty", "fill it in"),
]


@pytest.mark.parametrize(("cell", "format_", "says", "hint"), NO_DAYS)
def test_what_is_no_birthday(cell: str, format_: str, says: str, hint: str) -> None:
    with pytest.raises(DeriveError, match=says) as caught:
        drawn("birthday", {"birthday": "born", "format": format_}, columns={"born": cell})
    assert hint in caught.value.hint


@given(SEEDS)
def test_nobody_in_particular_has_some_birthday(seed: int) -> None:
    tens, ones = drawn("birthday", "born", seed).raw
    assert 1 <= 10 * tens + ones <= 31


WEIGHTS = [("3", 3), ("-0.50", Spelled("-0.5")), ("3/4", "3/4"), ("−2", -2), ("4/2", 2)]


@pytest.mark.parametrize(("cell", "raw"), WEIGHTS)
def test_a_number_of_the_roster(cell: str, raw: Any) -> None:
    assert drawn("column", "weight", columns={"weight": cell}).raw == raw


@pytest.mark.parametrize(("columns", "says"), [
    ({"weight": "heavy"}, "'heavy', which is no number"), ({"wieght": "3"}, 'no column "weight"'),
    ({"weight": "0,5"}, "no number"), ({"weight": "1/0"}, "no number"), ({}, "no roster"),
])
def test_what_is_no_number_of_the_roster(columns: dict[str, str], says: str) -> None:
    with pytest.raises(DeriveError, match=says):
        drawn("column", "weight", columns=columns)


@pytest.mark.parametrize(("cell", "hint"), [
    ("70,5", "write 70.5; a decimal comma is read where semicolons"), ("1.234,5", "write 1234.5: nothing between"),
    ("1,234.5", "write 1234.5"), ("1.234.567", "write 1234567:"), ("1 234", "write 1234:"), ("1 234,50", "1234.50"),
    ("12'345.6", "12345.6"), ("heavy", "write 3, 0.25 or 3/4"), ("1,2,3", "write 3, 0.25 or 3/4"),
])
def test_what_to_write_instead(cell: str, hint: str) -> None:
    with pytest.raises(DeriveError, match="no number") as caught:
        drawn("column", "weight", columns={"weight": cell})
    assert hint in caught.value.hint


# --- chance ------------------------------------------------------------------------------------------------


def test_the_same_chance_gives_these_numbers_in_every_version_of_python() -> None:
    random = Random(2026)
    assert [_chance.below(random, 100) for _ in range(5)] == RECORDED["below"]
    assert _chance.shuffled(random, range(8)) == RECORDED["shuffled"]
    assert _chance.several_below(random, 4, 20) == RECORDED["several"]
    assert [drawn(kind, options, 7).raw for kind, options in EACH] == RECORDED["draws"]


EACH: list[tuple[str, Any]] = [
    ("integers", [-9, 9]), ("decimals", [0, 1]), ("rationals", {"rationals": [-5, 5], "denominators": [2, 5]}),
    ("choice", [2, 3, -3]), ("permutation", 5), ("matrix", {"matrix": [2, 2], "properties": ["nice eigenvalues"]}),
    ("points", {"points": 3, "in": [[0, 9], [0, 9]]}), ("distribution", {"distribution": 3, "denominator": 8}),
    ("birthday", "born"),
]
RECORDED: dict[str, Any] = {
    "below": [11, 50, 51, 86, 10],
    "shuffled": [0, 7, 6, 2, 5, 3, 4, 1],
    "several": [4, 10, 12, 19],
    "draws": [
        -3, "0.3", "-1/2", 2, [3, 4, 5, 1, 2], [[5, 0], [4, 1]], [[3, 1], [6, 0], [5, 3]], ["1/4", "5/8", "1/8"],
        [1, 1],
    ],
}


@given(SEEDS, st.integers(0, 12), st.integers(0, 12))
def test_several_different_numbers(seed: int, count: int, more: int) -> None:
    found = _chance.several_below(Random(seed), count, count + more)
    assert found == sorted(set(found)) and len(found) == count
    assert all(0 <= x < count + more for x in found)


# --- what cannot be drawn ----------------------------------------------------------------------------------

REFUSED = [
    ("integer", [1, 5], 'no draw "integer"', 'did you mean "integers"'),
    ("integers", [5, 1], "the range is empty", "smaller"),
    ("integers", [1], "two ends", "[1, 5]"),
    ("integers", [1, Spelled("2.5")], "whole numbers", "[1, 5]"),
    ("integers", [0, 10**10], "too large", ""),
    ("integers", "many", "many", ""),
    ("integers", {"integers": [0, 1], "without": [0, 1]}, "nothing is left", "larger"),
    ("integers", {"integers": [0, 1], "witout": [0]}, 'unknown key "witout"', "without"),
    ("decimals", {"decimals": [0, Spelled("0.25")], "places": 1}, "at most 1 decimals", ""),
    ("rationals", [1, 2], 'key "denominators" is missing', "denominators"),
    ("rationals", {"rationals": [1, 2], "denominators": [0, 2]}, "from 1", ""),
    ("rationals", {"rationals": [2, 2], "denominators": [2, 2]}, "no such fraction", ""),
    ("choice", [], "a list of things", "choice"),
    ("choice", 3, "a list of things", "choice"),
    ("permutation", 0, "how many numbers", ""),
    ("matrix", [2, 3, 4], "rows and columns", ""),
    ("matrix", {"matrix": [2, 3], "properties": ["symmetric"]}, "square matrices", ""),
    ("matrix", {"matrix": [2], "properties": ["symetric"]}, "symetric", 'did you mean "symmetric"'),
    ("matrix", {"matrix": [2], "entries": [-3, 0], "properties": ["positive definite"]}, "positive diagonal", "5"),
    ("matrix", {"matrix": [2], "entries": [0, 0], "properties": ["invertible"]}, "was found with: invertible", "widen"),
    ("points", {"points": 9, "in": [[0, 2], [0, 2]]}, "from 18 places or more, and the ranges have 9", "= false"),
    ("points", {"points": 5, "in": [0, 6]}, "from 10 places or more, and the ranges have 7", "larger"),
    ("points", 3, 'key "in" is missing', ""),
    ("distribution", {"distribution": 5, "denominator": 4}, "too few for 5 outcomes", "zeros"),
    ("birthday", {"birthday": "born", "format": "month/year"}, "no way to write a date", "month/day/year"),
    ("birthday", {"birthday": "born", "format": "dd.mm"}, "no way to write a date", "month/day/year"),
    ("column", 3, "expected text", ""),
]


@pytest.mark.parametrize(("kind", "options", "says", "hint"), REFUSED)
def test_what_cannot_be_drawn(kind: str, options: Any, says: str, hint: str) -> None:
    with pytest.raises(DeriveError) as caught:
        draws.settings(Draw("x", kind, options))
    assert says in str(caught.value) and hint in str(caught.value)


@pytest.mark.parametrize("kind", draws.DRAWS)
def test_every_kind_can_be_drawn_as_its_keys_say(kind: str) -> None:
    import tomllib

    row = draws.DRAWS[kind]
    options = {f.key: tomllib.loads(f"x = {f.example}", parse_float=Spelled)["x"] for f in row.fields if f.example}
    made = draws.trial(Draw("x", kind, options))
    assert made == draws.trial(Draw("x", kind, options))
    assert draws.written(made.value) == made.raw
