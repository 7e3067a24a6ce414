"""The JSON schema ``derive/1``: exactly its keys, numbers where there are numbers, readable again."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from derive.documents.json import as_json, dumps, write
from derive.errors import RefutedError
from derive.steps import Chain, Definition, Derivation, Result, Step, Value
from derive.tree import E, Matrix, Quotient, Relation, Root, Symbol, Vector
from tests.documents.samples import ALL, PROVED, REFUTED, S, X, Y, add, column, n, sigmoid


def result(value: Value | None, number: object = None) -> dict[str, object]:
    one = Derivation("T", "k", (), (), (), (Result("r", value, number=number),))
    found: dict[str, object] = as_json([one])["problems"][0]["results"][0]
    return found


def test_the_schema() -> None:
    data = as_json([sigmoid()], [Path("a.tex"), "b.pdf"])
    assert set(data) == {"schema", "problems"}
    assert data["schema"] == "derive/1"
    (problem,) = data["problems"]
    assert set(problem) == {"title", "kind", "results", "steps", "listings", "verdicts", "files", "context"}
    assert problem["files"] == ["a.tex", "b.pdf"]
    assert problem["verdicts"] == {"proved": 11}
    assert set(problem["results"][0]) == {"name", "latex", "sympy", "value"}
    step = problem["steps"][1]
    assert set(step) == {"before", "after", "relation", "rule", "reason", "verdict", "steps"}
    assert len(step["steps"]) == 3
    assert step["verdict"] == {"status": "proved", "method": "exact"}
    assert step["relation"] == "="
    assert problem["context"]["domains"] == {"x": "real"}
    assert problem["context"]["definitions"] == [r"\sigma(x) = \frac{1}{1 + e^{-x}}"]


@pytest.mark.parametrize(
    ("value", "latex", "sympy", "number"),
    [
        (n(3), "3", "3", 3),
        (n("-1.5"), "-1.5", "-3/2", -1.5),
        (Quotient(n(1), n(4)), r"\frac{1}{4}", "1/4", 0.25),
        (Root(n(2)), r"\sqrt{2}", "sqrt(2)", math.sqrt(2)),
        (add(n(8), E), "8 + e", "8 + exp(1)", 8 + math.e),
        (X, "x", "x", None),
        ((n(1), n(2)), "(1, 2)", ["1", "2"], [1, 2]),
        (Vector((X, n(2))), "(x, 2)", ["x", "2"], None),
        (column(n(1), n(9)), r"\begin{bmatrix} 1 \\ 9 \end{bmatrix}", ["1", "9"], [1, 9]),
        (
            Matrix(((n(1), n(0)), (E, n(0)))), r"\begin{bmatrix} 1 & 0 \\ e & 0 \end{bmatrix}",
            [["1", "0"], ["exp(1)", "0"]], [[1, 0], [math.e, 0]],
        ),
        (((X, Y), (n(0), n(1))), r"\begin{bmatrix} x & y \\ 0 & 1 \end{bmatrix}", [["x", "y"], ["0", "1"]], None),
        (Quotient(n(1), n(0)), r"\frac{1}{0}", "1/0", None),
        (Relation((X, n(0)), ("=",)), "x = 0", "Eq(x, 0)", None),
    ],
)  # fmt: skip
def test_results(value: Value, latex: str, sympy: object, number: object) -> None:
    found = result(value)
    assert found["latex"] == latex
    assert found["sympy"] == sympy
    assert found["value"] == (pytest.approx(number) if isinstance(number, float) else number)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0.5, 0.5), (Fraction(1, 4), 0.25), (Fraction(6, 2), 3), (True, True), ((1, 2.5), [1, 2.5]),
        (np.float64(2.5), 2.5), (np.array([[1.0, 2.0]]), [[1.0, 2.0]]), (math.inf, None), (math.nan, None),
        ([1.0, math.nan], None), (n(7), 7), ("words", None), (10**400, 10**400), (Fraction(10**400, 3), None),
    ],
)  # fmt: skip
def test_given_numbers_replace_values(number: object, shown: object) -> None:
    assert result(X, number)["value"] == shown


def test_no_value_at_all() -> None:
    assert result(None) == {"name": "r", "latex": None, "sympy": None, "value": None}


@pytest.mark.parametrize("make", ALL)
def test_it_is_json(make: object) -> None:
    data = as_json([make()])  # type: ignore[operator]
    assert json.loads(dumps(data)) == data


def test_definitions_of_a_chain_stand_in_its_steps() -> None:
    chain = Chain((Step(S, X, "r", verdict=PROVED),), where=(Definition(S, (), X),))
    data = as_json([Derivation("T", "k", (), (), (chain,), ())])
    assert data["problems"][0]["steps"][0]["where"] == ["s = x"]


def test_a_witness_and_conditions_are_told() -> None:
    step = Step(n(1), n(2), "r", verdict=REFUTED)
    data = as_json([Derivation("T", "k", (), (), (Chain((step,)),), ())])
    assert data["problems"][0]["steps"][0]["verdict"] == {
        "status": "refuted", "method": "number balls",
        "witness": {"point": {"x": "0.5"}, "left": "1.25", "right": "0.75"},
    }  # fmt: skip


def test_written_as_a_file(tmp_path: Path) -> None:
    (path,) = write("The sheet", [sigmoid()], tmp_path, "sheet")
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data["title"] == "The sheet"
    assert data["problems"][0]["files"] == [str(path)]


def test_a_refuted_derivation_is_not_written(tmp_path: Path) -> None:
    false = Derivation("T", "k", (), (), (Chain((Step(n(1), n(2), "wrong", verdict=REFUTED),)),), ())
    with pytest.raises(RefutedError):
        write("S", [false], tmp_path, "sheet")
    assert not list(tmp_path.iterdir())


def test_symbols_with_marks_have_names_that_sympy_takes() -> None:
    assert result(Symbol("theta", "1", "(0)"))["sympy"] is not None
